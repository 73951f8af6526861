//! What a long run tells about itself. The library calls it; only the program shows anything.

/// Receives progress.
pub trait Progress: Sync {
    /// A phase begins; `total` is its size in `unit`, where it is known.
    fn phase(&self, name: &str, total: Option<u64>, unit: Unit);
    /// The phase has come further by so many units.
    fn advance(&self, by: u64);
    /// Something worth knowing at `-v`.
    fn detail(&self, text: &str);
}

/// What a phase is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes read.
    Bytes,
    /// Partitions, loops or other things counted one by one.
    Items,
}

/// Tells nobody.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: &str, _: Option<u64>, _: Unit) {}
    fn advance(&self, _: u64) {}
    fn detail(&self, _: &str) {}
}
