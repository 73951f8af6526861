//! What may be asked: one statement that reads, over the tables of the catalogue and nothing else.

use crate::error::{Error, Result, pages};
use crate::report::number::harmless;

/// Functions of the SQL dialect that would read other files. They are refused wherever they stand, comments and
/// quoted text included: where one of them is mentioned, no reading of the text can be mistaken about it.
const READERS: &[&str] = &["read_csv", "read_parquet", "read_ipc", "read_json", "read_ndjson"];

/// Words behind which rows come in no order of their own.
const UNSETTLING: &[&str] = &["group", "distinct", "join", "union", "intersect", "except", "exists"];

/// A query that may be run.
#[derive(Debug)]
pub(super) struct Statement {
    tokens: Vec<Token>,
}

/// A word of a query or an opening bracket, and how many brackets are open around it.
#[derive(Debug)]
struct Token {
    text: String,
    is_quoted: bool,
    depth: usize,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(word)
    }
}

impl Statement {
    /// Reads a query, and refuses what is no question about the tables.
    pub(super) fn of(sql: &str) -> Result<Self> {
        let lower = sql.to_lowercase();
        if let Some(reader) = READERS.iter().find(|reader| mentions(&lower, reader)) {
            return Err(Error::new(
                &pages::QUERY_READS,
                format!("a query is about the dataset and the results, so `{reader}` is refused"),
            )
            .help("`looplens query --tables` lists the tables; other files are for DuckDB or polars"));
        }
        let tokens = tokens(sql);
        let Some(first) = tokens.iter().find(|token| !token.is("(")) else {
            return Err(Error::new(&pages::QUERY_WORDS, "the query is empty").help(EXAMPLE));
        };
        if first.is("select") || first.is("with") {
            return Ok(Self { tokens });
        }
        let error = Error::new(
            &pages::QUERY_READS,
            format!(
                "a query only reads: it begins with SELECT or WITH, not with {}",
                harmless(&first.text.to_uppercase())
            ),
        );
        let asks_for_names = ["show", "describe", "explain", "pragma"].iter().any(|word| first.is(word));
        Err(error.help(if asks_for_names {
            "`looplens query --tables` lists the tables, `looplens query '.schema TABLE'` their columns"
        } else {
            EXAMPLE
        }))
    }

    /// Whether the rows of the answer come in no order of their own, and none is asked for.
    pub(super) fn is_unsettled(&self) -> bool {
        let pairs = || self.tokens.windows(2);
        let ordered = pairs().any(|pair| matches!(pair, [a, b] if a.depth == 0 && a.is("order") && b.is("by")));
        let selected = self
            .tokens
            .windows(3)
            .any(|three| matches!(three, [a, b, c] if a.is("in") && b.is("(") && (c.is("select") || c.is("with"))));
        let unsettled = |token: &Token| UNSETTLING.iter().any(|word| token.is(word));
        !ordered && (selected || self.tokens.iter().any(unsettled))
    }

    /// The names that the query gives to queries of its own: `WITH name AS (...)`.
    pub(super) fn own_names(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().enumerate().filter_map(|(at, token)| {
            let mut after =
                self.tokens.get(at + 1..)?.iter().filter(|next| !next.is("materialized") && !next.is("not"));
            if !token.is("as") || !after.next()?.is("(") {
                return None;
            }
            let before = self.tokens.get(..at)?.iter().rev();
            let mut names = before.filter(|own| own.depth == token.depth && !own.is("("));
            names.next().map(|own| own.text.as_str())
        })
    }
}

const EXAMPLE: &str =
    "such as: looplens query \"SELECT segment, median_days FROM time_to_decision WHERE clock = 'applied'\"";

/// Whether a text holds a name that is not part of a longer one.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The words, quoted names and opening brackets of a query; comments and quoted text are left out.
fn tokens(sql: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        let mut push = |text: String, is_quoted| found.push(Token { text, is_quoted, depth });
        match c {
            '\'' => while rest.next().is_some_and(|next| next != c) {},
            '"' | '`' => push(rest.by_ref().take_while(|next| *next != c).collect(), true),
            '-' if rest.peek() == Some(&'-') => while rest.next().is_some_and(|next| next != '\n') {},
            '/' if rest.peek() == Some(&'*') => {
                let mut last = ' ';
                for next in rest.by_ref().skip(1) {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
            }
            '(' => {
                push("(".to_owned(), false);
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            c if c.is_alphabetic() || c == '_' => {
                let mut text = String::from(c);
                while let Some(next) = rest.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    text.push(next);
                }
                push(text, false);
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsettled(sql: &str) -> bool {
        Statement::of(sql).is_ok_and(|statement| statement.is_unsettled())
    }

    #[test]
    fn only_questions_pass() {
        for sql in [
            "SELECT 1",
            "  -- a remark\n/* and another */ select 1",
            "(SELECT 1)",
            "with a as (select 1) select * from a",
        ] {
            assert!(Statement::of(sql).is_ok(), "{sql}");
        }
        for sql in [
            "",
            "DROP TABLE loops",
            "insert into a values (1)",
            "CREATE TABLE a AS SELECT 1",
            "-- SELECT\nDELETE FROM a",
            "TRUNCATE a",
            "COPY a TO 'b'",
            "ATTACH 'x'",
            "SHOW TABLES",
        ] {
            assert!(Statement::of(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn functions_that_read_files_are_refused_however_they_are_written() {
        for sql in [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM \"READ_Parquet\" ('x')",
            "SELECT * FROM `read_ipc`('x')",
            "SELECT E'\\'' , * FROM read_json('x') -- '",
            "SELECT /* /* */ * FROM read_ndjson('x') /* */",
        ] {
            assert!(Statement::of(sql).is_err(), "{sql}");
        }
        assert!(Statement::of("SELECT already_read_csv_files FROM a").is_ok());
    }

    #[test]
    fn the_names_of_its_own_queries_are_found() {
        let names = |sql: &str| Statement::of(sql).map(|own| own.own_names().map(str::to_owned).collect::<Vec<_>>());
        let sql = "WITH a AS (SELECT 1 AS (x)), \"b c\"(d, e) as /* x */ (select 2), f AS NOT MATERIALIZED (SELECT 3) SELECT 4 AS g";
        assert!(names(sql).is_ok_and(|found| ["a", "b c", "f"].iter().all(|own| found.contains(&(*own).to_owned()))));
        assert!(names("SELECT a AS b, count(*) FROM c").is_ok_and(|found| found.is_empty()));
    }

    #[test]
    fn rows_are_settled_where_nothing_else_orders_them() {
        assert!(!unsettled("SELECT * FROM findings"));
        assert!(unsettled("SELECT a, count(*) FROM t GROUP BY a"));
        assert!(!unsettled("SELECT a, count(*) FROM t GROUP BY a ORDER BY a"));
        assert!(unsettled("SELECT * FROM (SELECT * FROM t ORDER BY a) JOIN u USING (a)"));
        assert!(!unsettled("SELECT 'group by' FROM t -- group"));
        assert!(!unsettled("SELECT * FROM findings WHERE level IN ('act', 'look')"));
        assert!(unsettled("SELECT * FROM a WHERE b IN (SELECT b FROM c)"));
    }
}
