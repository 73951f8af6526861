//! The samples of the guide: commands parse, configurations load, marked blocks run.

use clap::CommandFactory;
use clap::error::ErrorKind;
use looplens::check::policy;
use looplens::cli::Cli;
use looplens::config::Config;
use looplens::plan::Plan;

use super::{documents, errors, root};
use crate::support::{Ran, Scene};

/// What the shell would hand over of a line, up to a comment, a pipe or a redirection.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#' | '|' | '>' | '&' | ';') if word.is_none() => break,
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_of_a_sample_is_one_that_the_program_takes() {
    let mut seen = 0;
    for document in documents() {
        for block in document.blocks.iter().filter(|block| block.language == "sh") {
            let syntax = Ran::of(std::process::Command::new("bash").args(["-n", "-c", &block.text]));
            assert_eq!(syntax.err, "", "{}:{}", document.name(), block.line);
            let joined = block.text.replace("\\\n", " ");
            for line in joined.lines().filter(|line| line.starts_with("looplens ")) {
                seen += 1;
                if let Err(error) = Cli::command().try_get_matches_from(words(line)) {
                    let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
                    assert!(is_answer, "{}:{}: `{line}`: {error}", document.name(), block.line);
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} commands were found");
}

#[test]
fn every_command_named_in_a_sentence_exists() {
    let known = Cli::command();
    for document in documents() {
        for span in document.prose.split('`').skip(1).step_by(2) {
            let Some(word) = span.strip_prefix("looplens ").and_then(|rest| rest.split([' ', '\n']).next()) else {
                continue;
            };
            let is_command = word.chars().all(|c| c.is_ascii_lowercase());
            assert!(!is_command || known.find_subcommand(word).is_some(), "{}: `{span}`", document.name());
        }
    }
}

#[test]
fn every_configuration_and_plan_of_a_sample_loads() {
    let mut seen = 0;
    // Some name a plan of one's own, which stands beside the configuration.
    let scene = Scene::new();
    scene.write("our-plan.toml", scene.run(&["plans", "show", "six-stage"]).fine().out);
    let beside = scene.path("looplens.toml").display().to_string();
    for document in documents() {
        for block in document.blocks.iter().filter(|block| block.language == "toml") {
            let place = format!("{}:{}", document.name(), block.line);
            seen += 1;
            if block.mark == "plan" {
                Plan::parse(&block.text, &place).unwrap_or_else(|error| panic!("{place}: {error}"));
                continue;
            }
            let config = Config::parse(&block.text, &beside).unwrap_or_else(|error| panic!("{place}: {error}"));
            policy::mean(&config.check, &place).unwrap_or_else(|error| panic!("{error}"));
        }
    }
    assert!(seen > 15, "only {seen} samples were found");
}

#[test]
fn blocks_that_are_marked_run_from_top_to_bottom() {
    let mut seen = 0;
    for document in documents() {
        let blocks = document.blocks.iter().filter(|block| block.mark == "run");
        let script: String = blocks.map(|block| block.text.as_str()).collect();
        if script.is_empty() {
            continue;
        }
        seen += 1;
        let scene = Scene::new();
        std::os::unix::fs::symlink(root().join("data-samples"), scene.path("data-samples")).unwrap();
        let ran = Ran::of(&mut errors::shell(&scene, &format!("set -euo pipefail\n{script}")));
        assert_eq!(ran.status, Some(0), "{}: {}{}", document.name(), ran.out, ran.err);
    }
    assert!(seen >= 3, "only {seen} pages have blocks that run");
}
