//! A TOML table whose keys are asked for one by one, and the problems found on the way, each with its line and field.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::number::harmless;

/// What is wrong with a text.
pub(super) struct Problems<'s> {
    pub(super) text: &'s str,
    /// Where in the text, and what.
    pub(super) list: Vec<(usize, String)>,
}

impl Problems<'_> {
    pub(super) fn push(&mut self, at: usize, field: &str, what: impl std::fmt::Display) {
        self.list.push((at, format!("{}: {what}", harmless(field))));
    }

    pub(super) fn told(mut self) -> Vec<String> {
        self.list.sort_by_key(|(at, _)| *at);
        let line = |at: usize| self.text.get(..at).unwrap_or("").matches('\n').count() + 1;
        self.list.iter().map(|(at, what)| format!("line {}, {what}", line(*at))).collect()
    }
}

type Value<'i> = Spanned<DeValue<'i>>;

/// A table whose keys are asked for one by one; those that nobody asked for are problems.
pub(super) struct Fields<'t, 'i> {
    /// Where it stands among other tables.
    pub(super) path: String,
    /// Where it stands in the text.
    pub(super) at: usize,
    /// The table.
    pub(super) table: &'t DeTable<'i>,
    /// The keys that were asked for.
    pub(super) known: Vec<&'static str>,
}

impl<'t, 'i> Fields<'t, 'i> {
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn get(&mut self, key: &'static str) -> Option<&'t Value<'i>> {
        self.known.push(key);
        self.table.iter().find(|(own, _)| own.get_ref() == key).map(|(_, value)| value)
    }

    /// Where a key stands, or its table if it is missing.
    pub(super) fn place(&self, key: &str) -> usize {
        self.table.iter().find(|(own, _)| own.get_ref() == key).map_or(self.at, |(own, _)| own.span().start)
    }

    pub(super) fn wrong(&self, key: &str, what: impl std::fmt::Display, problems: &mut Problems<'_>) {
        problems.push(self.place(key), &self.path(key), what);
    }

    pub(super) fn text(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<String> {
        let value = self.get(key)?;
        let text = value.get_ref().as_str().map(|text| text.trim().to_owned());
        match text {
            Some(text) if !text.is_empty() => return Some(text),
            Some(_) => self.wrong(key, "empty", problems),
            None => self.wrong(key, kind_wanted("text in quotes", value), problems),
        }
        None
    }

    pub(super) fn needed(&mut self, key: &'static str, problems: &mut Problems<'_>) -> String {
        let found = self.text(key, problems);
        if found.is_none() && self.place(key) == self.at {
            self.wrong(key, "missing", problems);
        }
        found.unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(key, kind_wanted("true or false", value), problems);
        }
        flag
    }

    pub(super) fn number(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<f64> {
        let value = self.get(key)?;
        let number = number_of(value.get_ref());
        if number.is_none() {
            self.wrong(key, kind_wanted("a number", value), problems);
        }
        number
    }

    pub(super) fn whole(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<i64> {
        let value = self.get(key)?;
        let whole = whole_of(value.get_ref());
        if whole.is_none() {
            self.wrong(key, kind_wanted("a whole number", value), problems);
        }
        whole
    }

    pub(super) fn texts(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Vec<(usize, String)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(key, kind_wanted("a list of texts", value), problems);
            return Vec::new();
        };
        let mut out = Vec::new();
        for (n, item) in list.iter().enumerate() {
            match item.get_ref().as_str() {
                Some(text) if !text.trim().is_empty() => out.push((item.span().start, text.trim().to_owned())),
                Some(_) => problems.push(item.span().start, &format!("{}[{}]", self.path(key), n + 1), "empty"),
                None => {
                    let what = kind_wanted("text in quotes", item);
                    problems.push(item.span().start, &format!("{}[{}]", self.path(key), n + 1), what);
                }
            }
        }
        out
    }

    /// A whole number that stands for both ends, or a list of the least and, where there is one, the most.
    pub(super) fn range(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<(i64, Option<i64>)> {
        let value = self.get(key)?;
        let range = match value.get_ref() {
            DeValue::Integer(_) => whole_of(value.get_ref()).map(|only| (only, Some(only))),
            DeValue::Array(list) => match list.iter().map(|item| whole_of(item.get_ref())).collect::<Vec<_>>()[..] {
                [Some(least)] => Some((least, None)),
                [Some(least), Some(most)] => Some((least, Some(most))),
                _ => None,
            },
            _ => None,
        };
        let Some((least, most)) = range else {
            self.wrong(key, "a whole number, or a list of the least and the most", problems);
            return None;
        };
        if least < 1 || most.is_some_and(|most| most < least) {
            self.wrong(key, "the least is 1 or more, and no more than the most", problems);
            return None;
        }
        range
    }

    pub(super) fn table(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<Fields<'t, 'i>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, kind_wanted("a table", value), problems);
            return None;
        };
        Some(Fields { path: self.path(key), at: self.place(key), table, known: Vec::new() })
    }

    pub(super) fn tables(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Vec<Fields<'t, 'i>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let tables = value.get_ref().as_array().map(|list| {
            list.iter()
                .enumerate()
                .filter_map(|(n, item)| {
                    let table = item.get_ref().as_table()?;
                    let path = format!("{}[{}]", self.path(key), n + 1);
                    Some(Fields { path, at: item.span().start, table, known: Vec::new() })
                })
                .collect::<Vec<_>>()
        });
        let all = value.get_ref().as_array().map(|list| list.len());
        match tables {
            Some(tables) if Some(tables.len()) == all => tables,
            _ => {
                self.wrong(key, format!("write each as a [[{key}]] of its own"), problems);
                Vec::new()
            }
        }
    }

    /// Says which keys nobody knows.
    pub(super) fn finish(self, problems: &mut Problems<'_>) {
        for (key, _) in self.table {
            if !self.known.contains(&key.get_ref().as_ref()) {
                let what = format!("there is no such key; there are {}", self.known.join(", "));
                problems.push(key.span().start, &self.path(key.get_ref()), what);
            }
        }
    }
}

fn kind_wanted(wanted: &str, value: &Value<'_>) -> String {
    format!(
        "{wanted} is wanted, not {}",
        match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    )
}

fn whole_of(value: &DeValue<'_>) -> Option<i64> {
    let whole = value.as_integer()?;
    i64::from_str_radix(whole.as_str(), whole.radix()).ok()
}

fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
        _ => whole_of(value).map(|whole| whole as f64),
    };
    number.filter(|number| number.is_finite())
}
