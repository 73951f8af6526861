//! Names that differ in case, punctuation or the order of their words only.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text;

/// The words of a name, without case and punctuation, in alphabetical order.
fn core(name: &str) -> Vec<String> {
    let mut words: Vec<String> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.sort();
    words
}

/// Writes each group of names that are alike as commented lines, towards the most frequent one.
pub(super) fn propose(out: &mut String, what: &str, section: &str, names: BTreeMap<String, u64>) {
    let mut groups: BTreeMap<Vec<String>, Vec<(String, u64)>> = BTreeMap::new();
    for (name, times) in names {
        groups.entry(core(&name)).or_default().push((name, times));
    }
    let mut lines = String::new();
    for (_, mut group) in groups.into_iter().filter(|(core, group)| !core.is_empty() && group.len() > 1) {
        group.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
        let Some((kept, _)) = group.first().cloned() else { continue };
        for (name, times) in group.iter().skip(1) {
            let _ = writeln!(lines, "# {} = {}  # {times} rows", text(name), text(&kept));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "\n# Names of {what} that may be the same one: only you can tell.\n{section}");
        out.push_str(&lines);
    }
}
