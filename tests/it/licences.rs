//! Every dependency may be used and passed on under the licences that `deny.toml` allows, and none comes from
//! outside the registry. Works offline: it reads what `cargo` has on disk for this platform.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use std::iter::Peekable;
use std::path::Path;
use std::process::Command;
use std::str::SplitWhitespace;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let policy: toml::Table = toml::from_str(&text).unwrap();
    let allow = policy["licenses"]["allow"].as_array().unwrap();
    allow.iter().map(|licence| licence.as_str().unwrap().to_owned()).collect()
}

fn output(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
    output.stdout
}

/// What the package depends on here, itself included.
fn packages() -> Vec<Value> {
    let rustc = String::from_utf8(output("rustc", &["-vV"])).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host];
    let mut metadata: Value = serde_json::from_slice(&output(&cargo, &arguments)).unwrap();
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("cargo metadata without packages: {other}"),
    }
}

/// Whether an expression of licences can be met with the allowed ones; an error where it cannot be read.
fn satisfied(expression: &str, allowed: &[String]) -> Result<bool, String> {
    // Older manifests write `MIT/Apache-2.0` for a choice.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = either(&mut words, allowed)?;
    words.next().map_or(Ok(met), |word| Err(format!("`{word}` is left over in `{expression}`")))
}

type Words<'w> = Peekable<SplitWhitespace<'w>>;

fn either(words: &mut Words<'_>, allowed: &[String]) -> Result<bool, String> {
    let mut met = both(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed)?;
    }
    Ok(met)
}

fn both(words: &mut Words<'_>, allowed: &[String]) -> Result<bool, String> {
    let mut met = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed)?;
    }
    Ok(met)
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> Result<bool, String> {
    match words.next() {
        Some("(") => {
            let met = either(words, allowed)?;
            words.next_if_eq(&")").map(|_| met).ok_or_else(|| "a bracket is not closed".to_owned())
        }
        Some(licence) if !matches!(licence, ")" | "AND" | "OR" | "WITH") => {
            let mut name = licence.to_owned();
            if words.next_if_eq(&"WITH").is_some() {
                name = format!("{name} WITH {}", words.next().ok_or("an exception is not named")?);
            }
            Ok(allowed.contains(&name))
        }
        other => Err(format!("a licence is missing before {other:?}")),
    }
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let allowed = allowed();
    let packages = packages();
    assert!(packages.len() > 100, "{} packages", packages.len());
    let mut refused = Vec::new();
    for package in &packages {
        let licence = package["license"].as_str().unwrap_or("");
        match satisfied(licence, &allowed) {
            Ok(true) => {}
            Ok(false) => refused.push(format!("{} {}: {licence}", package["name"], package["version"])),
            Err(why) => refused.push(format!("{} {}: {why}", package["name"], package["version"])),
        }
    }
    assert!(refused.is_empty(), "not allowed by deny.toml:\n{}", refused.join("\n"));
}

#[test]
fn every_dependency_comes_from_the_registry() {
    for package in packages() {
        let source = &package["source"];
        let own = package["name"] == "looplens" && source.is_null();
        assert!(own || source.as_str().is_some_and(|source| source.starts_with("registry+")), "{}", package["name"]);
    }
}

#[test]
fn our_own_licences_are_beside_the_manifest() {
    for (file, words) in
        [("LICENSE-MIT", "Permission is hereby granted"), ("LICENSE-APACHE", "Version 2.0, January 2004")]
    {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(words), "{file}");
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("Unlicense/MIT", true),
        ("MIT AND (GPL-3.0-only OR ISC)", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), Ok(expected), "{expression}");
    }
    for broken in ["", "MIT OR", "(MIT", "MIT ISC", "MIT)"] {
        assert!(satisfied(broken, &allowed).is_err(), "{broken}");
    }
}
