//! The pages of errors: each is used, and its example is what the program prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use looplens::error::pages::{PAGES, Page};

use super::{COMMAND, assert_generated, is_blessing, root};
use crate::support::{Scene, files_below};

/// Errors that no command brings about on every machine: their examples are not run.
const NOT_BROUGHT_ABOUT: &[(&str, &str)] = &[
    ("E2006", "there is no newer version"),
    ("E2022", "a dataset without scores has no stages to drop either"),
    ("E2024", "a configuration of so many lookups would fill the page"),
    ("E3012", "no crate here encrypts workbooks"),
    ("E4001", "a file has to go while it is read"),
    ("E4002", "root is allowed everything"),
    ("E4003", "a disk has to be full"),
    ("E4005", "two processes have to run at a time"),
    ("E4009", "memory has to run out"),
    ("E4010", "not every system has /dev/full"),
    ("E4011", "a defect that can be brought about is repaired"),
];

/// A shell in the folder of a scene, in which `looplens` is the program.
pub(super) fn shell(scene: &Scene, script: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_looplens")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(scene.path("")).env_remove("NO_COLOR").env_remove("COLUMNS");
    command.env("PATH", format!("{}:{path}", program.display())).stdin(std::process::Stdio::null());
    command
}

/// The commands of an example with what they print.
fn played(page: &Page, hiring: &Path) -> Option<String> {
    let example = example(page.body);
    if !example.starts_with("$ ") {
        return None;
    }
    let scene = Scene::new();
    std::os::unix::fs::symlink(root().join("data-samples"), scene.path("data-samples")).unwrap();
    if example.contains("hiring") {
        let copied = Command::new("cp").arg("-a").arg(hiring).arg(scene.path("hiring")).status().unwrap();
        assert!(copied.success());
    }
    let mut out = String::new();
    for command in example.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let printed = shell(&scene, &format!("exec 2>&1\n{command}")).output().unwrap();
        out += &format!("$ {command}\n{}", String::from_utf8(printed.stdout).unwrap());
    }
    Some(out)
}

fn example(body: &str) -> &str {
    let (_, rest) = body.split_once("```text\n").unwrap();
    rest.split("```").next().unwrap()
}

#[test]
fn examples_on_pages_of_errors_are_what_the_program_prints() {
    let scene = Scene::new();
    let samples = root().join("data-samples/tables");
    scene.run(&["ingest", samples.to_str().unwrap(), "--dataset", "hiring"]).fine();
    let hiring = scene.path("hiring");
    let (todo, wrong) = (Mutex::new(PAGES.iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(page) = { todo.lock().unwrap().next() } {
            let is_excused = NOT_BROUGHT_ABOUT.iter().any(|(code, _)| *code == page.code);
            let more = format!("looplens explain {}\n", page.code);
            match played(page, &hiring) {
                None if !is_excused => wrong.lock().unwrap().push(format!("{}: the example is no command", page.code)),
                None if !example(page.body).ends_with(&more) => {
                    wrong.lock().unwrap().push(format!("{}: the example does not end with its code", page.code));
                }
                None => {}
                Some(played) => {
                    if !played.ends_with(&more) {
                        wrong.lock().unwrap().push(format!("{}: another error: {played}", page.code));
                    } else if played != example(page.body) && !is_blessing() {
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{}: it prints\n{played}write it with: {COMMAND}", page.code));
                    }
                    let path = root().join(format!("src/error/pages/{}.md", page.code));
                    if is_blessing() {
                        assert_generated(&path, &page.body.replace(example(page.body), &played));
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_of_an_error_is_used_and_named_only_where_it_exists() {
    let list = fs::read_to_string(root().join("src/error/pages.rs")).unwrap();
    let rows = list.lines().filter_map(|line| {
        let mut parts = line.trim().splitn(3, ' ');
        let (name, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let code = rest.strip_prefix('"')?.get(..5)?;
        code.starts_with('E').then(|| (name.to_owned(), code.to_owned()))
    });
    let names: BTreeMap<String, String> = rows.collect();
    assert_eq!(names.len(), PAGES.len());
    let code: String = files_below(&root().join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("error/pages.rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for (name, number) in &names {
        let path = format!("pages::{name}");
        let used = code.split(&path).skip(1);
        let used = used.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')).count();
        assert!(used > 0, "{number} ({name}) is the page of no error");
    }
}
