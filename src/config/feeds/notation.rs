//! How paths are written; the notation itself is explained beside what it means.

use super::{Only, Origin, Path, Step, Way};

/// Reads a path. The empty text is a path that leads nowhere: the column is not read.
pub fn parse(text: &str) -> Result<Path, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    split(text, "|").into_iter().map(way).collect()
}

fn way(text: &str) -> Result<Way, String> {
    let mut parts = split(text, "->").into_iter();
    let first = parts.next().unwrap_or_default().trim();
    let quoted = |mark: char| first.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    let origin = match (quoted('\''), quoted('"')) {
        (Some(text), _) => Origin::Constant(text.to_owned()),
        (_, Some(name)) => Origin::Column(name.to_owned()),
        _ if first.is_empty() => return Err("has an alternative that names no column".to_owned()),
        _ => Origin::Column(first.to_owned()),
    };
    Ok(Way { origin, steps: parts.map(step).collect::<Result<_, _>>()? })
}

fn step(text: &str) -> Result<Step, String> {
    let wrong = || format!("leads through `{}`, which should read table.column or table[key].column", text.trim());
    let word = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (table, inside, column) = match text.split_once('[') {
        Some((table, rest)) => {
            let (inside, column) = rest.split_once(']').ok_or_else(wrong)?;
            (table, inside, column.trim().strip_prefix('.').ok_or_else(wrong)?)
        }
        None => {
            let (table, column) = text.split_once('.').ok_or_else(wrong)?;
            (table, "id", column)
        }
    };
    let mut parts = inside.split(',');
    let mut step = Step {
        table: word(table).ok_or_else(wrong)?,
        key: parts.next().and_then(word).ok_or_else(wrong)?,
        only: Vec::new(),
        after: None,
        column: word(column).ok_or_else(wrong)?,
    };
    for part in parts {
        if let Some(column) = part.trim().strip_prefix("after ") {
            step.after = Some(word(column).ok_or_else(wrong)?);
        } else {
            let (column, meant) = part.split_once('=').ok_or_else(wrong)?;
            let (column, is_this) = column.strip_suffix('!').map_or((column, true), |column| (column, false));
            let column = word(column).ok_or_else(wrong)?;
            step.only.push(Only { column, word: word(meant).ok_or_else(wrong)?, is_this });
        }
    }
    Ok(step)
}

/// The parts between separators that stand in no quotes.
fn split<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut from, mut quote) = (0, None);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let c = rest.chars().next().unwrap_or(' ');
        match quote {
            Some(mark) if mark == c => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if rest.starts_with(separator) => {
                parts.push(text.get(from..at).unwrap_or_default());
                at += separator.len();
                from = at;
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should say where")]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_columns_constants_and_tables() {
        let path = parse("\"a | b\" | id -> offer[application_id, status = accepted].job_id -> job.name | 'x -> y'");
        let path = path.unwrap();
        let step = |table: &str, key: &str, only: Option<(&str, &str)>, column: &str| Step {
            table: table.to_owned(),
            key: key.to_owned(),
            only: only
                .map(|(column, word)| Only { column: column.to_owned(), word: word.to_owned(), is_this: true })
                .into_iter()
                .collect(),
            after: None,
            column: column.to_owned(),
        };
        let offer = step("offer", "application_id", Some(("status", "accepted")), "job_id");
        let expected = [
            Way { origin: Origin::Column("a | b".to_owned()), steps: Vec::new() },
            Way { origin: Origin::Column("id".to_owned()), steps: vec![offer, step("job", "id", None, "name")] },
            Way { origin: Origin::Constant("x -> y".to_owned()), steps: Vec::new() },
        ];
        assert_eq!(path, expected);
        let next = parse("id -> history[person, after at].at").unwrap();
        assert_eq!(next[0].steps[0].after.as_deref(), Some("at"));
        let others = &parse("id -> reason[id, type = a, text != Hired].text").unwrap()[0].steps[0].only;
        assert_eq!(others.iter().map(|only| only.is_this).collect::<Vec<_>>(), [true, false]);
        assert_eq!(others[1].column, "text");
        assert_eq!(parse(" ").unwrap(), Vec::new());
    }

    #[test]
    fn a_path_that_cannot_be_read_says_which_step() {
        for (text, told) in
            [("a -> job", "`job`"), ("a -> job[id]name", "table[key].column"), ("a | ", "names no column")]
        {
            assert!(parse(text).unwrap_err().contains(told), "{text}");
        }
    }
}
