//! The house stands in one direction: what each module may use, where frames are collected, who may print.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::files_below;

/// What everything may lean on.
const GROUND: &[&str] = &["error", "time", "progress", "report::number"];

/// Each module, and what it may use besides itself: whole modules, or single parts of one.
const MAY_USE: &[(&str, &[&[&str]])] = &[
    ("report::number", &[]),
    ("progress", &[]),
    ("error", &[&["report::number"]]),
    ("time", &[&["error", "report::number"]]),
    ("stats", &[]),
    ("plan", &[GROUND]),
    ("config", &[GROUND, &["plan"]]),
    ("dataset", &[GROUND, &["config"]]),
    ("source", &[GROUND, &["config", "dataset"]]),
    ("inspect", &[GROUND, &["config", "source"]]),
    ("ingest", &[GROUND, &["config", "dataset", "source"]]),
    ("doctor", &[GROUND, &["config", "dataset", "source"]]),
    ("engine", &[GROUND, &["config", "dataset"]]),
    ("findings", &[GROUND, &["engine::results", "dataset::schema"]]),
    ("report", &[GROUND, &["dataset::schema", "engine::results", "findings"]]),
    ("metrics", &[GROUND, &["config", "dataset::schema", "engine", "findings", "plan", "report::model", "stats"]]),
    ("check", &[GROUND, &["config", "dataset::files", "engine", "findings", "metrics", "report"]]),
    (
        "comparison",
        &[GROUND, &["dataset::schema", "engine::results", "findings", "report::model", "report::words", "stats"]],
    ),
    ("dictionary", &[GROUND, &["comparison", "dataset::schema", "findings", "metrics"]]),
    // It reads what is on disk through the engine; what the tables mean stands in the files.
    ("query", &[GROUND, &["dataset", "engine"]]),
    ("simulate", &[&["error", "time", "report::number"]]),
    ("cli", &[&["check", "config", "dictionary", "error", "metrics", "plan", "query", "simulate", "source"]]),
    (
        "app",
        &[
            GROUND,
            &[
                "check",
                "comparison",
                "config",
                "dataset",
                "dictionary",
                "doctor",
                "engine",
                "findings",
                "ingest",
                "inspect",
                "metrics",
                "plan",
                "query",
                "report",
                "simulate",
                "source",
                "stats",
            ],
        ],
    ),
    ("lib", &[]),
    ("main", &[&["cli", "commands", "terminal"]]),
    ("commands", &[&["app", "cli", "error", "simulate", "terminal"]]),
    ("terminal", &[&["cli", "error", "progress"]]),
];

/// Files of more than [`LONG`] lines, and why each is better in one piece.
const LONG_FOR_A_REASON: &[(&str, &str)] = &[
    ("cli.rs", "every command and option with its help: one list"),
    ("config.rs", "as written, as meant and the checks between them, read side by side"),
    ("dataset/merge.rs", "one algorithm: cursors, groups and the rule that settles them"),
    ("dataset/schema.rs", "the tables as data: one list"),
    ("dataset/timeline.rs", "one pure function from facts to spells, a third of it tests"),
    ("metrics/leniency/model.rs", "the fits and the tables that follow from them, one after another"),
    ("metrics/leniency/words.rs", "the wording of one metric in one place"),
    ("metrics/time_to_decision/words.rs", "the wording of one metric in one place"),
    ("stats/rasch.rs", "one model: its equations and what they give"),
    ("simulate/lever_warehouse.rs", "the tables of one extract, one after another"),
    ("report/sample.rs", "one report with everything in it, for tests"),
];
const LONG: usize = 400;
const TOO_LONG: usize = 800;

struct Source {
    /// Its path below `src`.
    name: String,
    /// Its text without tests and comments.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<Source> = files_below(&root)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            Source { code: code_of(&text), lines: text.lines().count(), name }
        })
        .collect();
    assert!(all.len() > 80, "only {} files were found", all.len());
    all
}

impl Source {
    /// Files that are compiled for tests alone.
    fn is_test(&self) -> bool {
        let file = self.name.rsplit('/').next().unwrap();
        file == "tests.rs" || file == "testing.rs" || file == "sample.rs" || file.ends_with("_tests.rs")
    }

    /// The top-level module; `report::number` stands for itself, since everything leans on it.
    fn module(&self) -> &str {
        match self.name.as_str() {
            "report/number.rs" => "report::number",
            name => name.split('/').next().unwrap().trim_end_matches(".rs"),
        }
    }

    /// Paths below `crate::` or `looplens::`, two segments deep.
    fn uses(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for marker in ["crate::", "looplens::"] {
            for (at, _) in self.code.match_indices(marker) {
                let before = self.code[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                for tail in alternatives(&self.code[at + marker.len()..]) {
                    for path in first_two(&tail) {
                        used.insert(path);
                    }
                }
            }
        }
        used
    }
}

/// `{a, b::c}` as `a` and `b::c`; anything else as itself.
fn alternatives(text: &str) -> Vec<String> {
    let Some(inside) = text.strip_prefix('{') else { return vec![text.to_owned()] };
    let (mut depth, mut out) = (0, vec![String::new()]);
    for c in inside.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => out.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                out.last_mut().unwrap().push(c);
            }
        }
    }
    out.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

fn first_two(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let first = word(path);
    match path[first.len()..].strip_prefix("::") {
        Some(rest) => alternatives(rest).iter().map(|item| format!("{first}::{}", word(item))).collect(),
        None => vec![first],
    }
}

/// The text without its tests module and without comments.
fn code_of(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            while lines.peek().is_some_and(|next| next.starts_with("#[")) {
                lines.next();
            }
            if lines.peek().is_some_and(|next| next.contains("mod ") && next.ends_with('{')) {
                break;
            }
            lines.next();
            continue;
        }
        if !line.trim_start().starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let rules: BTreeMap<&str, Vec<&str>> = MAY_USE.iter().map(|(module, lists)| (*module, lists.concat())).collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for source in sources().iter().filter(|source| !source.is_test()) {
        let module = source.module();
        let allowed = rules.get(module).unwrap_or_else(|| panic!("{} is in no rule", source.name));
        for path in source.uses() {
            let top = path.split("::").next().unwrap();
            let own = path == module || top == module;
            seen += 1;
            if !own && !allowed.iter().any(|one| *one == path || *one == top) {
                wrong.push(format!("{} uses {path}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "only {seen} uses were found");
}

#[test]
fn frames_are_collected_in_one_place() {
    for source in sources() {
        let place = source.name == "engine/run.rs";
        assert_eq!(source.code.contains(".collect_with_engine("), place, "{}", source.name);
        let frames = source.code.contains("DataFrame") || source.code.contains(".collect_schema(");
        assert!(!frames || source.name.starts_with("engine/"), "{} handles collected frames", source.name);
        // A `reduce` builds a lazy frame and nothing else.
        if let Some((_, rest)) = source.code.split_once("\nfn reduce(") {
            let body = rest.split("\n}\n").next().unwrap();
            assert!(!body.contains(".collect"), "{}: reduce collects", source.name);
        }
    }
}

#[test]
fn only_the_terminal_talks() {
    for source in sources() {
        for word in ["println!", "eprintln!", "print!(", "dbg!("] {
            assert!(!source.code.contains(word), "{} has {word}", source.name);
        }
        let streams = source.code.contains("io::stdout()") || source.code.contains("io::stderr()");
        assert!(!streams || source.name == "terminal.rs", "{} writes to the terminal", source.name);
    }
}

#[test]
fn files_stay_short_enough_to_be_read() {
    let reasons: BTreeMap<&str, &str> = LONG_FOR_A_REASON.iter().copied().collect();
    let all = sources();
    for source in &all {
        assert!(source.lines <= TOO_LONG, "{} has {} lines: split it", source.name, source.lines);
        let excused = reasons.contains_key(source.name.as_str());
        assert!(
            source.lines <= LONG || excused,
            "{} has {} lines: split it, or say here why it is better in one piece",
            source.name,
            source.lines
        );
    }
    for (name, _) in LONG_FOR_A_REASON {
        assert!(all.iter().any(|source| source.name == *name && source.lines > LONG), "{name} is not long any more");
    }
    assert!(all.iter().any(|source| source.name == "main.rs" && source.lines <= 80), "main.rs does too much");
}
