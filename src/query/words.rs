//! What is told about tables, and what is wrong with a query.

use std::fmt::Write as _;

use super::catalogue::{Catalogue, From, Listed};
use crate::engine::sql::{Wrong, named_tables};
use crate::error::{Error, pages};
use crate::report::number::{count, harmless, visible};

/// How wide the texts beside the names are.
const WIDE: usize = 84;
/// A whole list of columns in an error.
const LONG: usize = 2_000;

/// All tables with their rows and what one row is.
pub(super) fn tables(catalogue: &Catalogue) -> String {
    let mut out = String::new();
    let longest = |pick: fn(&Listed) -> usize| catalogue.tables.iter().map(pick).max().unwrap_or(0);
    let name = longest(|listed| listed.table.name.chars().count());
    let rows = longest(|listed| count(listed.rows as i64).chars().count()).max(4);
    for from in [From::Dataset, From::Results, From::Additive] {
        let mut listed = catalogue.tables.iter().filter(|listed| listed.from == from).peekable();
        if listed.peek().is_none() {
            continue;
        }
        let head = from.word();
        let blank = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{blank}{head:<name$}  {:>rows$}  one row is", "rows");
        for listed in listed {
            let lines = wrapped(&listed.about);
            let mut lines = lines.iter();
            let first = lines.next().map_or("", String::as_str);
            let _ =
                writeln!(out, "  {:<name$}{:>rows$}  {first}", harmless(&listed.table.name), count(listed.rows as i64));
            for line in lines {
                let _ = writeln!(out, "  {:<name$}{:>rows$}  {line}", "", "");
            }
        }
    }
    out.push_str("\n`looplens query '.schema TABLE'` tells the columns of one.\n");
    out
}

/// The columns of tables with their types and meanings.
pub(super) fn columns(tables: &[&Listed]) -> String {
    let mut out = String::new();
    for listed in tables {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "{} ({}, {} rows): {}",
            harmless(&listed.table.name),
            listed.from.word(),
            count(listed.rows as i64),
            visible(&listed.about, LONG)
        );
        let wide = listed.table.columns.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for ((name, ty), meaning) in listed.table.columns.iter().zip(&listed.meanings) {
            let lines = wrapped(meaning);
            let mut lines = lines.iter();
            let first = lines.next().map_or("", String::as_str);
            let line = format!("  {:<wide$}  {:<15}  {first}", harmless(name), ty.name());
            let _ = writeln!(out, "{}", line.trim_end());
            for line in lines {
                let _ = writeln!(out, "  {:<wide$}  {:<15}  {line}", "", "");
            }
        }
    }
    out
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let text = visible(text, LONG);
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.chars().count() + word.chars().count() < WIDE => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What is wrong with a query, and what to do about it.
pub(super) fn error(wrong: Wrong, sql: &str, catalogue: &Catalogue) -> Error {
    match wrong {
        Wrong::NoTable(name) => no_table(&name, catalogue),
        Wrong::NoColumn(name) => no_column(&name, sql, catalogue),
        Wrong::SameName(name) => {
            Error::new(&pages::QUERY_WORDS, format!("two columns of the answer are called `{}`", harmless(&name)))
                .help("name one with AS")
        }
        Wrong::Syntax(said) => syntax(&said, sql),
        Wrong::Impossible(said) => {
            Error::new(&pages::QUERY_WORDS, format!("the query cannot be answered: {}", harmless(&said)))
                .help("the dialect is polars SQL; `looplens schema --ddl duckdb` gives the same tables to DuckDB")
        }
        Wrong::Failed(error) => error,
    }
}

/// There is no such table.
pub(super) fn no_table(name: &str, catalogue: &Catalogue) -> Error {
    let near = nearest(name, catalogue.tables.iter().map(|listed| listed.table.name.as_str()));
    let help = "`looplens query --tables` lists the tables; results need --out, a dataset --dataset";
    let help = near.map_or(help.to_owned(), |near| format!("did you mean `{near}`? {help}"));
    Error::new(&pages::QUERY_NAME, format!("there is no table `{}`", harmless(name))).help(help)
}

/// A query of its own is named as a table is, and would be taken for it.
pub(super) fn taken(name: &str) -> Error {
    let name = harmless(name);
    Error::new(&pages::QUERY_WORDS, format!("`{name}` is the name of a table already"))
        .help(format!("call what WITH makes something else, such as `my_{name}`"))
}

/// There is no such command.
pub(super) fn no_command(word: &str) -> Error {
    Error::new(&pages::QUERY_NAME, format!("there is no `{}`", harmless(word)))
        .help("`.tables` lists the tables, `.schema` and `.schema TABLE` tell their columns")
}

fn no_column(name: &str, sql: &str, catalogue: &Catalogue) -> Error {
    let used = named_tables(sql);
    let used: Vec<&Listed> = used.iter().filter_map(|name| catalogue.get(name)).collect();
    let near = nearest(name, used.iter().flat_map(|listed| listed.table.columns.iter().map(|(name, _)| name.as_str())));
    let mut help = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let lists: Vec<String> = used
        .iter()
        .map(|listed| {
            let names: Vec<&str> = listed.table.columns.iter().map(|(name, _)| name.as_str()).collect();
            format!("`{}` has {}", listed.table.name, names.join(", "))
        })
        .collect();
    help.push_str(&lists.join("; "));
    Error::new(&pages::QUERY_NAME, format!("there is no column `{}`", harmless(name))).help(visible(&help, LONG))
}

/// A message such as `Expected: an expression, found: FROM at Line: 1, Column: 8`.
fn syntax(said: &str, sql: &str) -> Error {
    let (what, place) = said.rsplit_once(" at Line: ").unwrap_or((said, ""));
    let error = Error::new(
        &pages::QUERY_WORDS,
        format!(
            "the query is not SQL: {}",
            harmless(
                &what.replacen("Expected:", "expected", 1).replacen("found:", "found", 1).replacen("EOF", "the end", 1)
            )
        ),
    );
    let Some((line, column)) = place.split_once(", Column: ") else {
        return if what.ends_with("EOF") { error.place("the end of the query") } else { error };
    };
    let text = line.parse::<usize>().ok().and_then(|line| sql.lines().nth(line.saturating_sub(1))).unwrap_or_default();
    let from = column.trim().parse::<usize>().unwrap_or(1).saturating_sub(1);
    let rest: String = text.chars().skip(from).take(40).collect();
    let rest = if rest.is_empty() { "the end".to_owned() } else { format!("`{rest}`") };
    error.place(format!("line {line}, column {}: {rest}", column.trim()))
}

/// The name that takes the fewest changes of letters to get to, if they are few.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let asked: Vec<char> = name.to_lowercase().chars().take(64).collect();
    let close = names
        .map(|own| {
            let letters: Vec<char> = own.chars().collect();
            // Who writes `median` means `median_days`.
            let begun = asked.len() > 2 && letters.starts_with(&asked);
            (if begun { 1 } else { changes(&asked, &letters) }, letters.len(), own)
        })
        .min()?;
    (close.0 <= 1 + asked.len() / 3).then_some(close.2)
}

/// Levenshtein's distance.
fn changes(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut last = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(b) {
            let replaced = last + usize::from(from != to);
            last = *slot;
            left = replaced.min(*slot + 1).min(left + 1);
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_right_one() {
        let names = ["scores", "scorecards", "loops", "time_to_decision"];
        assert_eq!(nearest("score", names.into_iter()), Some("scores"));
        assert_eq!(nearest("Loops", names.into_iter()), Some("loops"));
        assert_eq!(nearest("time_to_decisoin", names.into_iter()), Some("time_to_decision"));
        assert_eq!(nearest("time", names.into_iter()), Some("time_to_decision"));
        assert_eq!(nearest("payroll", names.into_iter()), None);
    }

    #[test]
    fn the_distance_counts_changes() {
        let distance = |a: &str, b: &str| changes(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn a_syntax_error_names_its_place() {
        let error = syntax("Expected: an expression, found: FROM at Line: 2, Column: 3", "SELECT\n  FROM loops");
        assert_eq!(error.place.as_deref(), Some("line 2, column 3: `FROM loops`"));
        assert!(error.what.ends_with("expected an expression, found FROM"), "{}", error.what);
    }
}
