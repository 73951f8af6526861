//! The pages of the reference, written by the registries of the program.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use clap::CommandFactory;
use looplens::app::{self, Form};
use looplens::check::{RULES, Rule, policy};
use looplens::cli::Cli;
use looplens::config::TEMPLATE;
use looplens::error::pages::PAGES;
use looplens::error::{EXIT_STATUSES, ExitStatus};
use looplens::metrics::METRICS;
use looplens::source::SOURCES;

use super::{assert_generated, is_blessing, root};
use crate::support::files_below;

/// Every generated page: its path below `docs/src/reference`, and its text.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec![
        ("metrics.md".to_owned(), metrics()),
        ("dictionary.md".to_owned(), app::schema(Form::Markdown, false).trim_end().to_owned() + "\n"),
        ("import.md".to_owned(), import()),
        ("configuration.md".to_owned(), configuration()),
        ("policy.md".to_owned(), rules()),
        ("command-line.md".to_owned(), command_line()),
        ("errors.md".to_owned(), errors()),
    ];
    for metric in METRICS.iter().map(|question| &question.metric) {
        pages.push((format!("metrics/{}.md", metric.id), app::explain(metric.id).unwrap()));
    }
    for page in PAGES {
        pages.push((format!("errors/{}.md", page.code), app::explain(page.code).unwrap()));
    }
    pages
}

fn metrics() -> String {
    let mut out = String::from(
        "# Methods\n\nOne page per metric: what it measures, why it matters, how it is computed, when it misleads, and where the \
         method is from. `looplens explain` prints the same text.\n\n| metric | question | tables |\n| --- | --- | --- |\n",
    );
    for metric in METRICS.iter().map(|question| &question.metric) {
        let tables: Vec<String> = metric.tables.iter().map(|table| format!("`{}`", table.name)).collect();
        let (title, question) = (metric.title, metric.question);
        let _ = writeln!(out, "| [{title}](metrics/{}.md) | {question} | {} |", metric.id, tables.join(", "));
    }
    out
}

fn import() -> String {
    let sources: Vec<String> = SOURCES.iter().map(|source| format!("- `{}`: {}", source.id, source.summary)).collect();
    format!(
        "# Sources, and the import contract\n\n{}\n\n## Neutral tables\n\nA folder of files with these names and columns; \
         `*` marks what is required. Times are RFC 3339, epochs, or in a declared pattern and zone; a date alone is a day.\n\n{}",
        sources.join("\n"),
        app::schema(Form::Markdown, true)
    )
}

fn configuration() -> String {
    format!(
        "# The configuration\n\nEvery key with its default, as `looplens init` writes it. Remove what you do not change.\n\n\
         ```toml\n{TEMPLATE}```\n"
    )
}

fn rules() -> String {
    let mut out = String::from(
        "# The policy of the check\n\nEvery rule of `looplens check`, for `[check.rules]` of the configuration. A rule is written as a limit, as \
         `true` or `false`, or as a table:\n\n```toml\n[check.rules]\nmedian-days = 28\nnew-findings = false\n\
         wait-share = { limit = 0.3, decide = \"point\", by = [\"all\", \"department\"] }\n```\n\n\
         - `decide = \"sure\"`: the rule is broken when the whole 95 % interval lies beyond the limit. `\"point\"`: when the figure does.\n\
         - `by`: all loops together (`all`), or each department, level, location, source, job_id.\n\
         - `only`, `except`: what the rule looks at, by name.\n\n\
         What the data cannot tell is skipped: it neither passes nor fails.\n",
    );
    for rule in RULES {
        let _ = write!(
            out,
            "\n## {}\n\n{} {}\n\n- **Reads:** `{}` of the table `{}`.\n- **Looks at segments:** {}.\n- **What to do:** {}\n",
            rule.id,
            title(rule),
            policy::summary(rule),
            rule.figure,
            rule.table,
            if rule.segments { "yes, with `by`" } else { "no" },
            rule.advice
        );
    }
    out
}

fn title(rule: &Rule) -> String {
    let mut letters = rule.title.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str() + ".")
}

fn command_line() -> String {
    let mut out = String::from("# The command line\n\nWhat `looplens --help` and `looplens COMMAND --help` print.\n");
    let mut command = Cli::command().term_width(100).bin_name("looplens");
    command.build();
    help(&mut out, &mut command, 2);
    out
}

fn help(out: &mut String, command: &mut clap::Command, depth: usize) {
    let name = command.get_bin_name().unwrap_or("looplens").to_owned();
    let text = command.render_long_help().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let _ = write!(out, "\n{} {name}\n\n```text\n{}\n```\n", "#".repeat(depth), lines.join("\n").trim_end());
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        help(out, sub, 2);
    }
}

fn errors() -> String {
    let mut out = String::from(
        "# Errors\n\nEvery message says what is wrong, where, and what to do, and ends with the name of its page; `looplens explain E2004` prints it. \
         The first digit is the exit status.\n\n| status | meaning |\n| ---: | --- |\n",
    );
    for (status, meaning) in EXIT_STATUSES {
        let _ = writeln!(out, "| {} | {meaning} |", *status as u8);
    }
    for status in [ExitStatus::Usage, ExitStatus::Input, ExitStatus::Environment] {
        let _ = write!(out, "\n## Status {}: {}\n\n", status as u8, status.meaning());
        for page in PAGES.iter().filter(|page| page.kind.exit_status() == status) {
            let _ = writeln!(out, "- [{}](errors/{}.md): {}", page.code, page.code, page.title);
        }
    }
    out
}

/// The part of the summary between its headings that lists the reference.
fn summary() -> String {
    let mut out = String::from("- [Methods](reference/metrics.md)\n");
    for metric in METRICS.iter().map(|question| &question.metric) {
        let _ = writeln!(out, "  - [{}](reference/metrics/{}.md)", metric.title, metric.id);
    }
    out += "- [Data dictionary](reference/dictionary.md)\n- [Sources and import contract](reference/import.md)\n\
            - [Configuration](reference/configuration.md)\n- [Policy of the check](reference/policy.md)\n\
            - [Command line](reference/command-line.md)\n- [Errors](reference/errors.md)\n";
    for page in PAGES {
        let _ = writeln!(out, "  - [{}: {}](reference/errors/{}.md)", page.code, page.title, page.code);
    }
    out
}

#[test]
fn the_reference_of_the_guide_is_what_the_program_says() {
    let folder = root().join("docs/src/reference");
    let pages = pages();
    for (name, text) in &pages {
        assert!(!text.contains("<!--"), "{name} has a comment that would be taken for a mark");
        assert_generated(&folder.join(name), text);
    }
    let known: BTreeSet<_> = pages.iter().map(|(name, _)| folder.join(name)).collect();
    for file in files_below(&folder).into_iter().filter(|file| !known.contains(file)) {
        assert!(is_blessing(), "{} is generated by nothing", file.display());
        fs::remove_file(file).unwrap();
    }
    let path = root().join("docs/src/SUMMARY.md");
    let old = fs::read_to_string(&path).unwrap();
    let (before, rest) = old.split_once("# Reference\n").unwrap();
    let (_, after) = rest.split_once("# Growing it\n").unwrap();
    assert_generated(&path, &format!("{before}# Reference\n\n{}\n# Growing it\n{after}", summary()));
}
