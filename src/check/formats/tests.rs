#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test should say where")]

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::check::sample::{checked, hostile};
use crate::check::verdict::{State, Verdict};

const VERDICTS: [Verdict; 3] = [Verdict::Forbidden, Verdict::Passed, Verdict::CannotTell];

fn shown(format: &str, verdict: Verdict) -> String {
    (by_id(format).unwrap().render)(&checked(verdict)).unwrap()
}

/// An element of XML.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }

    fn all(&self, name: &str) -> Vec<&Element> {
        let below = self.children.iter().flat_map(|child| child.all(name));
        self.children.iter().filter(|child| child.name == name).chain(below).collect()
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').unwrap_or_else(|| panic!("a bare & in {text}")) + at;
        out.push_str(match &rest[at + 1..end] {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            other => panic!("an entity &{other};"),
        });
        rest = &rest[end + 1..];
    }
    out + rest
}

/// Reads XML of elements, attributes in double quotes and text; anything else fails the test.
fn parse(xml: &str) -> Element {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    assert!(body.chars().all(|c| c == '\n' || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')), "{body}");
    let mut stack = vec![Element::default()];
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        stack.last_mut().unwrap().text += &unescaped(&rest[..at]);
        assert!(!rest[..at].contains('>'), "a bare > before {}", &rest[at..]);
        let end = rest[at..].find('>').unwrap() + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let done = stack.pop().unwrap();
            assert_eq!(done.name, name);
            stack.last_mut().unwrap().children.push(done);
            continue;
        }
        let is_empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "<{name}");
        let mut element = Element { name: name.to_owned(), ..Element::default() };
        while let Some((key, more)) = attributes.split_once("=\"") {
            let (value, more) = more.split_once('"').unwrap();
            assert!(element.attributes.insert(key.trim().to_owned(), unescaped(value)).is_none(), "{key} twice");
            attributes = more;
        }
        assert!(attributes.trim().is_empty(), "{attributes}");
        if is_empty {
            stack.last_mut().unwrap().children.push(element);
        } else {
            stack.push(element);
        }
    }
    assert!(rest.trim().is_empty() && stack.len() == 1, "{rest}");
    stack.pop().unwrap()
}

#[test]
fn formats_are_named_once_and_every_file_is_one() {
    for (at, format) in FORMATS.iter().enumerate() {
        assert!(format.id.bytes().all(|b| b.is_ascii_lowercase()), "{}", format.id);
        assert!(!format.summary.is_empty() && !format.summary.ends_with('.'));
        for other in &FORMATS[..at] {
            assert!(format.id != other.id && format.file != other.file, "{}", format.id);
        }
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/check/formats");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
    found.retain(|name| name != "mod" && name != "tests");
    found.sort_unstable();
    let mut registered: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    registered.sort_unstable();
    assert_eq!(found, registered);
}

/// The verdict that a format tells, and how many things it reports as forbidden.
fn told(format: &str, text: &str) -> (String, usize) {
    match format {
        "text" | "github" => {
            let line = text.lines().find_map(|line| line.strip_prefix("Verdict: ")).unwrap();
            let errors = if format == "github" {
                let errors = text.lines().filter(|line| line.starts_with("::error ")).count();
                let more = text.lines().find_map(|line| line.strip_prefix("::error title=Forbidden::"));
                let more = more.and_then(|line| line.split(' ').next()).map(|n| n.parse::<usize>().unwrap());
                more.map_or(errors, |more| errors - 1 + more)
            } else {
                text.matches("at most 21 days allowed.").count()
            };
            (line.split('.').next().unwrap().replace(' ', "_"), errors)
        }
        "markdown" => {
            let (_, rest) = text.split_once("**Verdict: ").unwrap();
            let found = text.lines().filter(|line| line.starts_with("- `")).count();
            (rest.split('.').next().unwrap().replace(' ', "_"), found)
        }
        "json" => {
            let value: Value = serde_json::from_str(text).unwrap();
            let found = value["rules"].as_array().unwrap().iter().map(|rule| rule["found"].as_array().unwrap().len());
            assert_eq!(value["exit_status"], if value["verdict"] == "forbidden" { 1 } else { 0 });
            (value["verdict"].as_str().unwrap().to_owned(), found.sum())
        }
        "junit" => {
            let root = parse(text);
            let verdict = root.all("property").into_iter().find(|one| one.attributes["name"] == "verdict").unwrap();
            let lines = root.all("failure").into_iter().map(|failure| failure.text.lines().count() - 1);
            (verdict.attributes["value"].clone(), lines.sum())
        }
        "sarif" => {
            let value: Value = serde_json::from_str(text).unwrap();
            let run = &value["runs"][0];
            (run["properties"]["verdict"].as_str().unwrap().to_owned(), run["results"].as_array().unwrap().len())
        }
        other => panic!("how does {other} tell its verdict?"),
    }
}

#[test]
fn every_format_tells_the_same_verdict_and_as_many_forbidden_things() {
    for verdict in VERDICTS {
        let model = checked(verdict);
        let found: usize = model.rules.iter().map(|ruled| ruled.found.len()).sum();
        assert_eq!(found > 0, verdict == Verdict::Forbidden);
        for format in FORMATS {
            let expected = (verdict.word().to_owned(), found);
            assert_eq!(told(format.id, &shown(format.id, verdict)), expected, "{}", format.id);
        }
    }
}

#[test]
fn the_same_check_gives_the_same_bytes() {
    for format in FORMATS {
        assert_eq!(shown(format.id, Verdict::Forbidden), shown(format.id, Verdict::Forbidden), "{}", format.id);
    }
}

#[test]
fn no_format_lets_hidden_characters_through() {
    for format in FORMATS {
        let text = shown(format.id, Verdict::Forbidden);
        // The one that is put in on purpose parts signs that would mean something.
        let bad = text.chars().find(|c| c.is_control() && *c != '\n' || number::is_hidden(*c) && *c != '\u{200b}');
        assert_eq!(bad, None, "{}: {text}", format.id);
        assert!(text.ends_with('\n') && !text.contains("NaN") && !text.contains("inf "), "{}", format.id);
    }
}

#[test]
fn names_from_the_data_give_no_command_to_a_build_server() {
    for format in ["text", "github"] {
        let text = shown(format, Verdict::Forbidden);
        assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
        for line in text.lines().map(str::trim_start).filter(|line| line.starts_with("::")) {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command));
            assert!(format == "github" && known, "{line}");
        }
    }
}

#[test]
fn commands_for_github_are_one_line_each_and_escaped() {
    let text = shown("github", Verdict::Forbidden);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert!(commands.len() > 9, "{text}");
    for command in &commands {
        let (head, message) = command[2..].split_once("::").unwrap();
        let (_, properties) = head.split_once(' ').unwrap();
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "title"].contains(&name) && !value.contains(':'), "{property}");
        }
        for (at, _) in message.match_indices('%') {
            assert!(["%25", "%0D", "%0A"].iter().any(|code| message[at..].starts_with(code)), "{message}");
        }
    }
    let errors = commands.iter().filter(|line| line.starts_with("::error ")).count();
    assert_eq!(errors, 10, "more than ten would not be shown");
    assert!(
        commands[0].starts_with("::error file=ci/our policy.toml,line=100,title=Forbidden%3A median-days::"),
        "{}",
        commands[0]
    );
    assert!(
        commands.iter().any(|line| line.starts_with("::warning "))
            && commands.iter().any(|line| line.starts_with("::notice "))
    );
}

#[test]
fn markdown_holds_no_markup_of_the_data() {
    let text = shown("markdown", Verdict::Forbidden);
    for bad in
        ["<script", "<img", "![x]", "link](https", "click](https", "@everyone`", "</failure>", "\n# heading", "\n::"]
    {
        assert!(!text.contains(bad), "`{bad}` in {text}");
    }
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(cells(line), 3, "{line}");
    }
}

/// What the schema of Ant's JUnit task asks for. Its file is not part of this repository, so what it says is stated
/// here: elements, their order, required attributes and their types.
#[test]
fn junit_has_the_elements_and_attributes_of_its_schema_in_order() {
    let pattern = regex::Regex::new("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$").unwrap();
    for verdict in VERDICTS {
        let document = parse(&shown("junit", verdict));
        let [root] = document.children.as_slice() else { panic!("one root") };
        assert_eq!((root.name.as_str(), root.attributes.len(), root.names()), ("testsuites", 0, vec!["testsuite"]));
        let suite = &root.children[0];
        let keys: Vec<&str> = suite.attributes.keys().map(String::as_str).collect();
        let expected =
            ["errors", "failures", "hostname", "id", "name", "package", "skipped", "tests", "time", "timestamp"];
        assert_eq!(keys, expected);
        let time = &suite.attributes["timestamp"];
        assert!(pattern.is_match(time), "{time}");
        let count = |name: &str| suite.attributes[name].parse::<usize>().unwrap();
        let cases = suite.all("testcase");
        assert_eq!(
            [count("tests"), count("failures"), count("skipped"), count("errors"), count("id"), count("time")],
            [cases.len(), suite.all("failure").len(), suite.all("skipped").len(), 0, 0, 0]
        );
        let mut order = suite.names();
        assert_eq!((order.remove(0), order.pop(), order.pop()), ("properties", Some("system-err"), Some("system-out")));
        assert!(!order.is_empty() && order.iter().all(|name| *name == "testcase"), "{order:?}");
        for property in suite.all("property") {
            assert!(property.attributes.len() == 2 && !property.attributes["name"].is_empty());
            assert!(property.attributes.contains_key("value"));
        }
        for case in cases {
            assert_eq!(case.attributes.keys().collect::<Vec<_>>(), ["classname", "name", "time"]);
            assert!(case.children.len() <= 1, "a case is one of passed, skipped, failed");
            for child in &case.children {
                match child.name.as_str() {
                    "failure" => {
                        assert!(child.attributes["type"] == "forbidden" && child.attributes.contains_key("message"))
                    }
                    "skipped" => assert!(child.children.is_empty() && child.text.is_empty()),
                    other => panic!("{other} in a test case"),
                }
            }
        }
    }
}

#[test]
fn junit_gives_back_the_names_it_was_given_made_visible() {
    let document = parse(&shown("junit", Verdict::Forbidden));
    let texts: String = document.all("failure").into_iter().map(|failure| failure.text.as_str()).collect();
    let model = checked(Verdict::Forbidden);
    let subjects: Vec<&str> =
        model.rules.iter().flat_map(|ruled| &ruled.found).map(|found| found.subject.as_str()).collect();
    assert!(hostile().iter().all(|name| subjects.contains(name)), "every hostile name is in the sample");
    for subject in subjects {
        let seen = number::visible(subject, LONGEST_TEXT).replace('\u{ffff}', "\u{fffd}");
        assert!(texts.contains(&seen), "{seen}");
    }
}

/// What SARIF 2.1.0 asks for of the objects that are used. Its schema is not part of this repository, so what it says
/// of them is stated here: required properties, allowed values, and no property that it does not know.
#[test]
fn sarif_has_the_properties_of_its_schema() {
    let only = |object: &Value, known: &[&str]| {
        for key in object.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key} in {object}");
        }
    };
    let message = |object: &Value| assert!(object["text"].as_str().is_some_and(|text| !text.is_empty()), "{object}");
    for verdict in VERDICTS {
        let log: Value = serde_json::from_str(&shown("sarif", verdict)).unwrap();
        only(&log, &["$schema", "version", "runs"]);
        assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&Value::from("2.1.0"), 1));
        let run = &log["runs"][0];
        only(run, &["tool", "automationDetails", "columnKind", "invocations", "results", "properties"]);
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&run["columnKind"].as_str().unwrap()));
        let driver = &run["tool"]["driver"];
        only(&run["tool"], &["driver"]);
        only(driver, &["name", "version", "semanticVersion", "rules"]);
        assert_eq!(driver["name"], "looplens");
        let rules = driver["rules"].as_array().unwrap();
        assert_eq!(rules.len(), checked(verdict).rules.len());
        for rule in rules {
            let known =
                ["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"];
            only(rule, &known);
            ["shortDescription", "fullDescription", "help"].iter().for_each(|part| message(&rule[part]));
            assert_eq!(rule["defaultConfiguration"]["level"], "error");
            assert!(rule["name"].as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric()));
        }
        let invocation = &run["invocations"][0];
        only(invocation, &["executionSuccessful", "exitCode", "exitCodeDescription", "toolExecutionNotifications"]);
        assert_eq!(invocation["executionSuccessful"], true);
        assert_eq!(invocation["exitCode"], verdict.exit_status() as u8);
        let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notes.len(), checked(verdict).count(State::Skipped));
        for note in notes {
            only(note, &["level", "message", "associatedRule"]);
            assert_eq!(note["level"], "note");
            message(&note["message"]);
            let at = note["associatedRule"]["index"].as_u64().unwrap() as usize;
            assert_eq!(rules[at]["id"], note["associatedRule"]["id"]);
        }
        for result in run["results"].as_array().unwrap() {
            let known =
                ["ruleId", "ruleIndex", "kind", "level", "message", "locations", "partialFingerprints", "properties"];
            only(result, &known);
            assert_eq!((&result["kind"], &result["level"]), (&Value::from("fail"), &Value::from("error")));
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
            message(&result["message"]);
            assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
            for location in result["locations"].as_array().unwrap() {
                only(location, &["physicalLocation", "logicalLocations"]);
                let place = &location["physicalLocation"];
                assert_eq!(place["artifactLocation"]["uri"], "ci/our%20policy.toml");
                assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
                for logical in location["logicalLocations"].as_array().unwrap() {
                    only(logical, &["name", "fullyQualifiedName", "kind"]);
                }
            }
        }
    }
}

#[test]
fn sarif_names_no_file_where_there_is_none_and_links_to_nothing() {
    let mut model = checked(Verdict::Forbidden);
    model.policy = None;
    let log: Value = serde_json::from_str(&(sarif::FORMAT.render)(&model).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let location = &result["locations"][0];
        assert!(location.get("physicalLocation").is_none() && location["logicalLocations"][0]["name"].is_string());
        let text = result["message"]["text"].as_str().unwrap();
        for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '[' | ']')) {
            assert!(text[..at].ends_with('\\'), "a bare {c} in {text}");
        }
    }
    assert!(!results.is_empty());
}

#[test]
fn lines_for_a_terminal_read_well() {
    insta::assert_snapshot!(shown("text", Verdict::Forbidden));
}

#[test]
fn the_summary_of_a_job_reads_well() {
    insta::assert_snapshot!(shown("markdown", Verdict::Forbidden));
}
