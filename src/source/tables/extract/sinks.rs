//! Sinks between a reading and the real one.

use crate::error::Result;
use crate::source::files::InputFile;
use crate::source::ledger::{FileId, Ledger};
use crate::source::tables::SOURCE;
use crate::source::{Row, Sink};

/// A sink for what a record gives besides the row that it is counted by.
pub(super) struct Along<'s> {
    sink: &'s mut dyn Sink,
    file: FileId,
    /// Counts nobody needs: the record was counted before.
    ledger: Ledger,
}

impl<'s> Along<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, file: FileId) -> Self {
        let mut ledger = Ledger::default();
        let nowhere = InputFile {
            path: std::path::PathBuf::new(),
            relative: String::new(),
            stem: String::new(),
            layout: crate::source::files::Layout::Json,
            bytes: 0,
        };
        ledger.open(SOURCE.id, &nowhere, "");
        Self { sink, file, ledger }
    }

    /// Passes on what was told, and gives why rows were refused.
    pub(super) fn close(self) -> Vec<String> {
        let rejects = self.sink.ledger().take_over(self.file, self.ledger);
        rejects.map(|reject| format!("{} in {}", reject.reason, reject.field.unwrap_or_default())).collect()
    }
}

impl Sink for Along<'_> {
    fn deliver(&mut self, _file: FileId, row: Row, _counted: bool) -> Result<()> {
        self.sink.deliver(self.file, row, false)
    }
    fn name(&mut self, person_id: &str, name: &str) {
        self.sink.name(person_id, name);
    }
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
    fn advance(&mut self, _bytes: u64) {}
}

/// A sink for what is told when a file is read again.
pub(in crate::source::tables) struct Unheard(pub(in crate::source::tables) Ledger);

impl Sink for Unheard {
    fn deliver(&mut self, _file: FileId, _row: Row, _counted: bool) -> Result<()> {
        Ok(())
    }
    fn name(&mut self, _person_id: &str, _name: &str) {}
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.0
    }
    fn advance(&mut self, _bytes: u64) {}
}
