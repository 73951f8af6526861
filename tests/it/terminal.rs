//! The person at the terminal, and the scripts that stand in for one.

use std::fs;
use std::process::Stdio;

use crate::support::{Ran, Scene, Tables, current, hashes};

const SUBCOMMANDS: &[&str] = &[
    "run",
    "ingest",
    "analyze",
    "check",
    "whatif",
    "doctor",
    "init",
    "schema",
    "explain",
    "list",
    "plans",
    "simulate",
    "completions",
    "man",
];

#[test]
fn help_has_examples_and_exit_statuses_and_every_command_has_its_own() {
    let scene = Scene::new();
    let long = scene.run(&["--help"]).fine().out;
    for fragment in
        ["Examples:", "looplens run ", "--out out", "Exit statuses: 0 fine", "2 wrong usage", "3\nbad", "4 the env"]
    {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&long).contains(&flat(fragment)), "no `{fragment}` in\n{long}");
    }
    for command in SUBCOMMANDS {
        assert!(long.contains(&format!("\n  {command}")), "{command} is not listed");
        let help = scene.run(&[command, "--help"]).fine();
        assert!(help.out.contains("Usage: looplens ") && help.out.contains(command), "{command}: {}", help.out);
        assert!(help.err.is_empty());
    }
    assert_eq!(scene.run(&["--version"]).fine().out, format!("looplens {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(scene.run(&[]).status, Some(2), "no command at all is wrong usage");
}

#[test]
fn quiet_says_nothing_about_success_and_still_answers_questions() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    for args in [
        &["simulate", "--loops", "5", "--out", "sim", "--quiet"][..],
        &["init", "--quiet"],
        &["ingest", "good", "--dataset", "data", "--quiet"],
        &["analyze", "--dataset", "data", "--out", "out", "-q"],
        &["run", "good", "--out", "out2", "--quiet"],
    ] {
        let ran = scene.run(args).fine();
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""), "{args:?}");
    }
    assert!(!scene.run(&["schema", "--quiet"]).fine().out.is_empty());
    let ran = scene.run(&["ingest", "nowhere", "--dataset", "data", "--quiet"]);
    assert!(ran.status == Some(2) && ran.err.starts_with("error: "), "failures are always told: {ran:?}");
}

#[test]
fn a_pipe_gets_plain_text_and_no_progress() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    let ran = scene.run(&["run", "good", "--out", "out"]).fine();
    assert!(
        ran.out.starts_with("Read 200 records of 4 files (tables): 200 kept, 0 replaced, 0 rejected.\n"),
        "{}",
        ran.out
    );
    for fragment in ["Loops 40: 40 decided", "Median time to decision 31.0 days", "Report: out/report.html"] {
        assert!(ran.out.contains(fragment), "no `{fragment}` in\n{}", ran.out);
    }
    assert_eq!(ran.err, "", "progress in a pipe");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\r'), "{ran:?}");
    let failed = scene.run(&["run", "nowhere", "--out", "out"]);
    assert!(!failed.err.contains('\u{1b}'), "{failed:?}");
    let failed = scene.run(&["run", "nowhere", "--out", "out", "--color", "always"]);
    assert!(failed.err.starts_with("\u{1b}["), "{failed:?}");
}

#[test]
fn verbose_says_which_source_was_recognised_and_why() {
    for (format, why) in [("tables", "tables applications"), ("greenhouse-v1", ""), ("greenhouse-v3", "")] {
        let scene = Scene::new();
        scene.simulate(format, 5, "export");
        let ran = scene.run(&["ingest", "export", "--dataset", "data", "-v"]).fine();
        assert!(ran.err.contains(&format!("recognised {format}: {why}")), "{}", ran.err);
    }
}

/// Runs the program on a pseudo-terminal, where `script` of util-linux is there to make one.
fn on_a_terminal(scene: &Scene, command: &str, no_color: Option<&str>) -> Option<String> {
    let line = format!("{} {command}", env!("CARGO_BIN_EXE_looplens"));
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(scene.path("")).stdin(Stdio::null()).env_remove("NO_COLOR");
    if let Some(value) = no_color {
        script.env("NO_COLOR", value);
    }
    let output = script.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn colours_are_for_terminals_whose_owner_wants_them() {
    let scene = Scene::new();
    let command = "ingest nowhere --dataset data";
    let Some(coloured) = on_a_terminal(&scene, command, None) else {
        #[allow(clippy::print_stderr, reason = "a test that is left out should say so")]
        {
            eprintln!("left out: `script` is not installed, so there is no pseudo-terminal");
        }
        return;
    };
    assert!(coloured.contains("\u{1b}[1m") && coloured.contains("error"), "{coloured:?}");
    assert!(on_a_terminal(&scene, command, Some("")).unwrap().contains("\u{1b}["), "an empty NO_COLOR means nothing");
    assert!(!on_a_terminal(&scene, command, Some("1")).unwrap().contains("\u{1b}[1m"));
    let never = on_a_terminal(&scene, &format!("{command} --color never"), None).unwrap();
    assert!(never.contains("error: cannot read") && !never.contains("\u{1b}[1m"), "{never:?}");
}

#[test]
fn a_reader_that_went_away_is_no_failure_and_a_full_device_is_one() {
    let scene = Scene::new();
    for args in [&["schema"][..], &["man"], &["completions", "bash"], &["--help"]] {
        let mut child = scene.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let output = scene.command(&["schema"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be printed"));
    }
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let scene = Scene::new();
    for (shell, sign) in
        [("bash", "complete -F _looplens"), ("zsh", "#compdef looplens"), ("fish", "complete -c looplens")]
    {
        let script = scene.run(&["completions", shell]).fine().out;
        assert!(script.contains(sign), "{shell}");
        for command in SUBCOMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("greenhouse-v3"), "{shell}: allowed values");
    }
    let manual = scene.run(&["man"]).fine().out;
    assert!(manual.contains(".TH looplens 1") && manual.contains(".SH NAME"));
    for command in SUBCOMMANDS {
        assert!(manual.contains(&format!("looplens\\-{command}(1)")), "{command}");
    }
    assert!(manual.contains("Exit statuses"), "the manual lacks the exit statuses");
}

#[test]
fn the_configuration_that_init_writes_states_the_defaults() {
    let scene = Scene::new();
    scene.export("good", &Tables::good());
    let text = scene.run(&["init", "-"]).fine().out;
    assert!(text.lines().filter(|line| line.starts_with('#')).count() > 15, "it is commented");
    scene.write("stated.toml", &text);
    scene.run(&["ingest", "good", "--dataset", "stated", "--config", "stated.toml"]).fine();
    scene.run(&["ingest", "good", "--dataset", "silent"]).fine();
    let configuration = |dataset: &str| current(&scene.path(dataset)).manifest.configuration;
    assert_eq!(configuration("stated"), configuration("silent"));
    let ran = scene.run(&["init"]).fine();
    assert!(ran.out.contains("looplens.toml"));
    assert_eq!(fs::read_to_string(scene.path("looplens.toml")).unwrap(), text);
    let again = scene.run(&["init"]);
    assert!(again.status == Some(2) && again.err.contains("--force"), "{again:?}");
    scene.run(&["init", "--force"]).fine();
}

#[test]
fn everything_listed_is_there_and_explained() {
    let scene = Scene::new();
    let listed = |what: &str| -> Vec<String> {
        let text = scene.run(&["list", what]).fine().out;
        text.lines()
            // A summary that is longer than a line goes on below itself.
            .filter(|line| !line.starts_with(' '))
            .map(|line| {
                let (id, about) = line.split_once(' ').unwrap();
                assert!(about.trim().len() > 15, "{what} {id} says nothing about itself");
                id.to_owned()
            })
            .collect()
    };
    assert_eq!(listed("sources")[0], "tables");
    assert!(listed("formats").len() >= 3);
    let metrics = listed("metrics");
    assert!(metrics.contains(&"time-to-decision".to_owned()), "{metrics:?}");
    for metric in metrics {
        let text = scene.run(&["explain", &metric]).fine().out;
        assert!(text.starts_with("# ") && text.contains("## Tables") && text.len() > 600, "{metric}: {text}");
    }
}

#[test]
fn the_same_dataset_gives_the_same_bytes_whatever_the_thread_count() {
    let scene = Scene::new();
    scene.simulate("tables", 60, "export");
    scene.ingest("export");
    let mut all = Vec::new();
    for threads in ["1", "4"] {
        // Without the cache, so that both compute.
        let _ = fs::remove_dir_all(scene.path("data/cache"));
        let out = format!("out-{threads}");
        Ran::of(scene.command(&["analyze", "--dataset", "data", "--out", &out]).env("POLARS_MAX_THREADS", threads))
            .fine();
        all.push(hashes(&scene.path(&out), |_| true));
    }
    assert!(all[0].len() > 8, "{:?}", all[0]);
    assert_eq!(all[0], all[1]);
}
