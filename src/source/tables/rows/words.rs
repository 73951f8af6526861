//! What the words of a column mean.

use super::Reader;
use crate::source::Sink;
use crate::source::ledger::redact;

impl<'c> Reader<'c> {
    /// What a word of a column means, where words are declared for it and this is one of them.
    pub(super) fn meaning(&self, column: &str, word: &str) -> Option<&'c str> {
        self.config.tables.words(self.import.name, column)?.meaning(word)
    }

    /// A word as it is meant: itself where no words are declared for the column, missing where it is none of
    /// those declared. That one is reported, and the row kept without it.
    pub(super) fn meant<'a>(&self, column: &'static str, cell: Option<&'a str>) -> Option<&'a str>
    where
        'c: 'a,
    {
        let word = cell?;
        let Some(words) = self.config.tables.words(self.import.name, column) else { return cell };
        let meaning = words.meaning(word);
        if meaning.is_none() {
            self.unknown.borrow_mut().push((column, word.to_owned()));
        }
        meaning.filter(|meaning| !meaning.is_empty())
    }

    /// Reports the labels of the last row that nothing covers, each with the line that would.
    pub(super) fn tell_unknown(&self, sink: &mut dyn Sink) {
        for (column, label) in self.unknown.take() {
            sink.ledger().unknown_label(self.file, column, &label);
            let shown = Some(redact(&label)).filter(|shown| *shown == label);
            let line = format!(
                "labels of {column} without a meaning are kept as missing; to give one: \
                 [tables.{}.values.{column}] \"{}\" = \"...\"",
                self.import.name,
                shown.as_deref().unwrap_or("the label")
            );
            sink.ledger().remark(self.file, line);
        }
    }
}
