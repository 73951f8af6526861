//! Loop plans on the command line, and the process audit from an export to its tables.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::{Row, Scene, cell, file_rows};

/// A hand-made history: what each loop did is told by one line of rounds.
#[derive(Default)]
struct History {
    applications: String,
    decisions: String,
    interviews: String,
    scorecards: String,
    loops: usize,
}

/// One round of a loop: stage, day, minutes, interviewers.
struct Held<'a> {
    stage: &'a str,
    kind: &'a str,
    day: u32,
    minutes: u32,
    people: &'a [&'a str],
    status: &'a str,
    /// Hours from the start of the round to the card; no card where it is missing.
    card_after: Option<u32>,
}

fn held<'a>(stage: &'a str, day: u32, minutes: u32, people: &'a [&'a str]) -> Held<'a> {
    Held { stage, kind: "live", day, minutes, people, status: "done", card_after: Some(2) }
}

/// A time so many days after the first of January.
fn instant(day: u32, hour: u32, minute: u32) -> String {
    let date = jiff::civil::date(2026, 1, 1).saturating_add(jiff::Span::new().days(day + hour / 24));
    format!("{date}T{:02}:{minute:02}:00Z", hour % 24)
}

impl History {
    /// Adds a loop that starts `offset` days into the year.
    fn add(&mut self, offset: u32, decision: &str, decided_on: u32, rounds: &[Held<'_>]) {
        let id = format!("app-{:04}", self.loops);
        self.loops += 1;
        let _ = writeln!(self.applications, "{id},{}", instant(offset, 8, 0));
        if !decision.is_empty() {
            let _ = writeln!(self.decisions, "{id},{decision},{}", instant(offset + decided_on, 18, 0));
        }
        for (n, round) in rounds.iter().enumerate() {
            let day = offset + round.day;
            let (start, end) = (instant(day, 10, 0), instant(day, 10 + round.minutes / 60, round.minutes % 60));
            let _ = writeln!(
                self.interviews,
                "itv-{id}-{n},{id},{},{},{start},{end},{},{}",
                round.stage,
                round.kind,
                round.people.join(";"),
                round.status
            );
            let Some(after) = round.card_after.filter(|_| round.kind != "debrief" && round.status == "done") else {
                continue;
            };
            for person in round.people {
                for dimension in ["craft", "drive"] {
                    let _ = writeln!(
                        self.scorecards,
                        "{id},{},{person},{dimension},3,card-{id}-{n}-{person},itv-{id}-{n},{}",
                        round.stage,
                        instant(day, 10 + after, 30)
                    );
                }
            }
        }
    }

    fn write(&self, scene: &Scene) {
        for (name, header, text) in [
            ("applications", "application_id,applied_at", &self.applications),
            ("decisions", "application_id,decision,decided_at", &self.decisions),
            (
                "interviews",
                "interview_id,application_id,stage,kind,starts_at,ends_at,interviewer_ids,status",
                &self.interviews,
            ),
            (
                "scorecards",
                "application_id,stage,interviewer_id,dimension,score,scorecard_id,interview_id,submitted_at",
                &self.scorecards,
            ),
        ] {
            if !text.is_empty() {
                scene.write(&format!("export/{name}.csv"), format!("{header}\n{text}"));
            }
        }
    }
}

fn audit(scene: &Scene, config: &str) -> BTreeMap<String, Row> {
    scene.write("looplens.toml", config);
    scene.run(&["run", "export", "--out", "out", "--only", "process-audit"]).fine();
    checklist(&scene.path("out"))
}

/// The checklist by item, and by item and round.
fn checklist(out: &Path) -> BTreeMap<String, Row> {
    let rows = file_rows(&out.join("tables/process_audit.parquet"));
    assert!(!rows.is_empty());
    rows.into_iter()
        .map(|row| {
            let subject = cell(&row, "subject").to_owned();
            let key = if subject == "loop" {
                cell(&row, "item").to_owned()
            } else {
                format!("{}:{subject}", cell(&row, "item"))
            };
            (key, row)
        })
        .collect()
}

#[track_caller]
fn expect(rows: &BTreeMap<String, Row>, key: &str, state: &str, fragment: &str) {
    let row = rows.get(key).unwrap_or_else(|| panic!("{key} is not in {:?}", rows.keys()));
    let said = ["evidence", "reason", "needs"].map(|name| cell(row, name)).join(" | ");
    assert_eq!(cell(row, "state"), state, "{key}: {said}");
    assert!(said.contains(fragment), "{key}: no `{fragment}` in {said}");
}

const OURS: &str = "\
name = 'ours'
title = 'Our loop'

[role]
deliverables = ['the first release']

[days]
most = 10
alarm = 20

[rule]
reject_below = 2
advance_from = 3
since = 2026-01-15

[rubric]
levels = 2
dimensions = ['Craft', 'Drive', 'Calm']
[rubric.anchors]
Craft = ['no', 'yes']
Drive = ['no', 'yes']

[[rounds]]
id = 'call'
name = 'Call'
question = 'Shall we talk?'
minutes = [25, 35]
panel = 1
covers = ['time-zones']

[[rounds]]
id = 'craft'
name = 'Craft talk'
question = 'Can they do it?'
minutes = 60
panel = [2]

[[rounds]]
id = 'task'
name = 'Task'
question = 'Do they do it?'
kind = 'take_home'
minutes = [1, 240]
paid = false
";

/// Forty loops: twenty as planned with an offer, ten rejected after the call, ten that leave the craft talk out.
fn forty() -> History {
    let mut history = History::default();
    let task = |day| Held { kind: "take_home", card_after: None, people: &["c"], ..held("Task", day, 600, &[]) };
    for n in 0..20 {
        // In every second one, the second card of the craft talk comes after the debrief.
        let late = n % 2 == 1;
        history.add(
            n,
            "offer",
            if n < 5 { 30 } else { 9 },
            &[
                held("Call", 1, 30, &["a"]),
                Held { card_after: Some(if late { 60 } else { 2 }), ..held("Craft talk", 3, 60, &["a", "b"]) },
                Held { kind: "debrief", ..held("Debrief", 5, 30, &["a", "b"]) },
                task(6),
            ],
        );
    }
    for n in 20..30 {
        history.add(
            n,
            "reject",
            2,
            &[Held { status: "cancelled", ..held("Call", 0, 30, &["a"]) }, held("Call", 1, 50, &["a"])],
        );
    }
    for n in 30..40 {
        history.add(n, "offer", 9, &[held("Call", 1, 30, &["a"]), task(6)]);
    }
    history
}

#[test]
fn a_plan_of_ones_own_is_judged_item_by_item() {
    let scene = Scene::new();
    forty().write(&scene);
    scene.write("ours.toml", OURS);
    let rows = audit(&scene, "[plan]\nfile = 'ours.toml'\n");
    // What only the plan says.
    expect(&rows, "role-deliverables", "met", "the plan has 1 deliverable");
    expect(&rows, "round-questions", "met", "3 rounds with a question of its own each");
    expect(&rows, "time-zones", "met", "the plan has it in \"Call\"");
    expect(&rows, "work-sample-paid:task", "not_met", "does not pay for up to 240 minutes");
    expect(&rows, "work-sample-length:task", "met", "up to 240 minutes");
    expect(&rows, "anchored-rubric", "not_met", "no anchors for \"Calm\"");
    expect(&rows, "rubric-scored", "not_met", "no scores on \"Calm\"");
    expect(&rows, "production-readiness", "not_visible", "covers = [\"production\"]");
    expect(&rows, "async-round", "not_visible", "covers = [\"writing\"]");
    // Ten of the thirty whole loops left a round out; Wilson's interval of 20 of 30 is 49 % to 81 %.
    expect(&rows, "loop-as-planned", "not_met", "20 of 30 loops: 67 %, 95 % interval 49 % to 81 %; 10 left rounds out");
    expect(&rows, "round-held:call", "met", "30 of 30 loops: 100 %");
    expect(&rows, "round-held:craft", "not_met", "20 of 30 loops");
    expect(&rows, "round-held:task", "met", "30 of 30 loops");
    // Forty calls were held, ten of them for 50 minutes.
    expect(
        &rows,
        "round-duration:call",
        "not_met",
        "30 of 40 sittings: 75 %, 95 % interval 60 % to 86 %; the median is 30 minutes",
    );
    expect(&rows, "round-duration:craft", "met", "20 of 20 sittings");
    expect(&rows, "panel-size:call", "met", "40 of 40 sittings");
    expect(
        &rows,
        "panel-size:craft",
        "met",
        "20 of 20 sittings: 100 %, 95 % interval 84 % to 100 %; the median is 2 interviewers",
    );
    expect(&rows, "scores-before-debrief", "not_met", "10 of 20 debriefs: 50 %");
    expect(&rows, "rubric-filled", "met", "80 of 80 scorecards");
    // The first loops were decided before the rule: 2026-01-15 is the fourteenth day.
    expect(&rows, "rule-set", "met", "40 of 40 decisions");
    // Five of thirty took 29 days from their first round; the others eight.
    expect(
        &rows,
        "loop-days",
        "not_visible",
        "25 of 30 loops: 83 %, 95 % interval 66 % to 93 %; the median is 8.3 days; 5 took more than 20 days",
    );
    expect(&rows, "loop-days", "not_visible", "would tell, if the share stays as it is");
    expect(&rows, "shadow-rounds", "not_visible", "Export the role of each person");

    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    let told: Vec<[&str; 5]> = paths
        .iter()
        .map(|row| ["path", "against_plan", "skipped", "loops", "rework_loops"].map(|name| cell(row, name)))
        .collect();
    assert_eq!(
        told,
        [
            ["(all loops)", "", "", "40", "10"],
            ["call > craft > task", "as_planned", "", "20", "0"],
            ["call", "as_planned", "", "10", "10"],
            ["call > task", "differs", "craft", "10", "0"],
        ]
    );
    // Half an hour, two people for an hour, two for half an hour; work at home costs nobody's hours.
    assert_eq!(cell(&paths[1], "hours_per_loop"), "3.5");
    assert_eq!(cell(&paths[0], "total_hours"), format!("{:?}", 20.0 * 3.5 + 10.0 * 50.0 / 60.0 + 10.0 * 0.5));
    assert_eq!(cell(&paths[0], "cancelled"), "10");

    let findings = file_rows(&scene.path("out/tables/findings.parquet"));
    let of = |code: &str| {
        findings.iter().filter(|row| cell(row, "code") == code).map(|row| cell(row, "id")).collect::<Vec<_>>()
    };
    let not_met: BTreeSet<&str> = of("process-not-met").into_iter().collect();
    assert!(not_met.contains("scores-before-debrief:loop") && not_met.contains("round-held:craft"), "{not_met:?}");
    assert_eq!(of("rework"), ["rework:all"]);
    let report = std::fs::read_to_string(scene.path("out/report.md")).unwrap();
    assert!(report.contains("held against the plan ours"), "{report}");
}

#[test]
fn stages_that_a_plan_does_not_know_are_named_and_can_be_mapped() {
    let scene = Scene::new();
    let mut history = forty();
    for text in [&mut history.interviews, &mut history.scorecards] {
        *text = text.replace("Craft talk", "Stage B");
    }
    history.write(&scene);
    scene.write("ours.toml", OURS);
    let rows = audit(&scene, "[plan]\nfile = 'ours.toml'\n");
    expect(&rows, "round-held:craft", "not_visible", "it may be one of \"Stage B\"");
    expect(&rows, "panel-size:craft", "not_visible", "[plan.stages] \"stage\" = \"round\"");
    expect(&rows, "round-questions", "not_met", "stages that are no round of the plan: \"Stage B\"");
    let findings = file_rows(&scene.path("out/tables/findings.parquet"));
    assert!(findings.iter().any(|row| cell(row, "id") == "unknown-stages:plan"), "{findings:?}");
    let stages = file_rows(&scene.path("out/tables/plan_stages.parquet"));
    let told: Vec<[&str; 4]> =
        stages.iter().map(|row| ["stage", "round", "how", "status"].map(|name| cell(row, name))).collect();
    assert_eq!(
        told,
        [
            ["Call", "call", "name", "ok"],
            ["Task", "task", "name", "ok"],
            ["Stage B", "(none)", "unknown", "not_estimable"],
            ["(no stage)", "craft", "", "not_estimable"],
        ]
    );
    let rows = audit(&scene, "[plan]\nfile = 'ours.toml'\n[plan.stages]\n'Stage B' = 'craft'\n");
    expect(&rows, "round-held:craft", "not_met", "20 of 30 loops");
    expect(&rows, "round-questions", "met", "3 rounds");
    let rows = audit(&scene, "[plan]\nfile = 'ours.toml'\n[plan.stages]\n'Stage B' = 'ignore'\n");
    expect(&rows, "round-held:craft", "not_met", "0 of 30 loops");
}

#[test]
fn without_a_plan_what_needs_one_is_not_visible_and_the_rest_is_judged() {
    let scene = Scene::new();
    forty().write(&scene);
    let rows = audit(&scene, "");
    for item in ["role-deliverables", "round-questions", "loop-as-planned", "round-held", "panel-size", "loop-days"] {
        expect(&rows, item, "not_visible", "[plan]");
    }
    expect(&rows, "scores-before-debrief", "not_met", "10 of 20 debriefs");
    expect(&rows, "rubric-filled", "met", "80 of 80 scorecards");
    assert!(rows.values().all(|row| cell(row, "plan").is_empty()));
    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    assert_eq!(cell(&paths[1], "path"), "Call > Craft talk > Task");
    assert!(paths.iter().all(|row| cell(row, "against_plan").is_empty()));
}

#[test]
fn what_the_data_does_not_hold_is_not_visible_and_never_a_zero() {
    let scene = Scene::new();
    scene.write("ours.toml", OURS);
    let config = "[plan]\nfile = 'ours.toml'\n";
    // No times at all, no lengths, no debrief.
    let mut history = forty();
    let without_times = |text: &str| {
        let line = |line: &str| {
            let cells: Vec<&str> = line
                .split(',')
                .map(|cell| if cell.contains("T1") || cell.contains("T0") { "" } else { cell })
                .collect();
            cells.join(",")
        };
        text.lines().filter(|text| !text.contains("debrief")).map(line).map(|line| line + "\n").collect::<String>()
    };
    for text in [&mut history.applications, &mut history.decisions, &mut history.interviews, &mut history.scorecards] {
        *text = without_times(text);
    }
    history.write(&scene);
    let rows = audit(&scene, config);
    expect(&rows, "round-duration:call", "not_visible", "no interview of this round tells its length");
    expect(&rows, "scores-before-debrief", "not_visible", "no debrief is on record");
    expect(&rows, "rule-set", "not_visible", "no decision has a time");
    expect(&rows, "loop-days", "not_visible", "");
    expect(&rows, "panel-size:craft", "met", "20 of 20");
    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    assert!(paths.iter().all(|row| cell(row, "out_of_order").is_empty()), "no order without times: {paths:?}");
    assert!(paths.iter().all(|row| cell(row, "median_days").is_empty()));
    assert_eq!(cell(&paths[0], "hours_per_loop"), "", "no hours without lengths");
    assert_eq!(cell(&paths[0], "uncosted"), "60");
    for row in rows.values().filter(|row| cell(row, "state") == "not_visible") {
        assert!(
            cell(row, "status") != "ok" && !cell(row, "reason").is_empty() && !cell(row, "needs").is_empty(),
            "{row:?}"
        );
    }

    // Applications alone.
    let scene = Scene::new();
    scene.write("ours.toml", OURS);
    History { applications: forty().applications, ..History::default() }.write(&scene);
    let rows = audit(&scene, config);
    for row in rows.values() {
        let only_the_plan = cell(row, "n").is_empty() && cell(row, "status") == "ok";
        assert!(only_the_plan || cell(row, "status") == "not_estimable", "{row:?}");
        assert!(!row.contains_key("share"), "{row:?}");
    }
    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    assert_eq!((paths.len(), cell(&paths[0], "status")), (1, "not_estimable"));
}

#[test]
fn panels_of_one_and_few_loops_are_no_ground_for_a_verdict_on_more() {
    let scene = Scene::new();
    let mut history = History::default();
    for n in 0..3 {
        history.add(n, "offer", 9, &[held("Call", 1, 30, &["a"]), held("Craft talk", 3, 60, &["a"])]);
    }
    history.write(&scene);
    scene.write("ours.toml", OURS);
    let rows = audit(&scene, "[plan]\nfile = 'ours.toml'\n");
    expect(&rows, "panel-size:craft", "not_visible", "0 of 3 sittings");
    expect(&rows, "panel-size:craft", "not_visible", "fewer than 10 cases");
    expect(&rows, "panel-size:craft", "not_visible", "About 10 sittings would tell");
    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    let hidden = paths.iter().find(|row| cell(row, "path") == "call > craft").unwrap();
    assert!(cell(hidden, "reason").contains("to protect people") && !hidden.contains_key("loops"), "{hidden:?}");
}

#[test]
fn watching_counts_where_it_comes_before_the_first_own_round() {
    let scene = Scene::new();
    let (mut interviews, mut seats, mut applications) = (String::new(), String::new(), String::new());
    let mut round = |n: usize, day: &str, seat: &[(&str, &str)]| {
        let _ = writeln!(applications, "app-{n},{day}T08:00:00Z");
        let _ = writeln!(interviews, "itv-{n},app-{n},Call,live,{day}T10:00:00Z,{day}T10:30:00Z,done");
        for (person, role) in seat {
            let _ = writeln!(seats, "app-{n},itv-{n},{person},{role}");
        }
    };
    round(0, "2025-01-01", &[("old", "interviewer")]);
    // Twelve new interviewers; only two watched first, one watched afterwards.
    for n in 1..=12 {
        let name = format!("new{n}");
        if n <= 2 {
            round(100 + n, "2025-09-01", &[("old", "interviewer"), (&name, "shadow")]);
        }
        round(n, "2025-10-01", &[(&name, "interviewer")]);
        if n == 3 {
            round(200, "2025-11-01", &[("old", "interviewer"), (&name, "shadow")]);
        }
    }
    scene.write("export/applications.csv", format!("application_id,applied_at\n{applications}"));
    let header = "interview_id,application_id,stage,kind,starts_at,ends_at,status";
    scene.write("export/interviews.csv", format!("{header}\n{interviews}"));
    scene.write("export/panel_members.csv", format!("application_id,interview_id,interviewer_id,role\n{seats}"));
    let rows = audit(&scene, "");
    expect(&rows, "shadow-rounds", "not_met", "2 of 12 new interviewers");
}

#[test]
fn the_command_lists_shows_and_checks_plans() {
    let scene = Scene::new();
    let list = scene.run(&["plans", "list"]).fine().out;
    for name in ["six-stage", "four-stage", "five-stage", "paid-project"] {
        assert!(list.contains(&format!("{name} ")), "{list}");
        let shown = scene.run(&["plans", "show", name]).fine().out;
        scene.write("shown.toml", &shown);
        let checked = scene.run(&["plans", "check", "shown.toml"]).fine().out;
        assert!(checked.starts_with("shown.toml is a plan: "), "{checked}");
        assert!(checked.contains("Not declared, so the audit cannot judge it: deliverables ([role])"), "{checked}");
    }
    assert_eq!(scene.run(&["plans", "show", "seven-stage"]).status, Some(2));

    scene.write("bad.toml", "name = 'bad'\ntitle = 'Bad'\n[[rounds]]\nid = 'A'\nname = 'A'\npanel = 0\n");
    let bad = scene.run(&["plans", "check", "bad.toml"]);
    assert_eq!(bad.status, Some(2));
    assert_eq!(
        bad.err,
        "error: the plan has 2 problems:\n    \
         line 4, rounds[1].id: small letters, digits and hyphens only, and not `ignore`\n    \
         line 6, rounds[1].panel: the least is 1 or more, and no more than the most\n  \
         where: bad.toml\n  help:  `looplens plans show six-stage` prints a whole plan to start from\n  \
         more:  looplens explain E2010\n"
    );
    let missing = scene.run(&["plans", "check", "nowhere.toml"]);
    assert!(missing.status == Some(2) && missing.err.contains("cannot read the plan"), "{missing:?}");

    forty().write(&scene);
    scene.ingest("export");
    scene.write(
        "ours.toml",
        OURS.replace("'Task'", "'Errand'").replace("'task'", "'errand'").replace("kind = 'take_home'\n", ""),
    );
    let checked = scene.run(&["plans", "check", "ours.toml", "--dataset", "data"]).fine().out;
    for fragment in ["craft (by name)", "no round; name one under [plan.stages]", "1 no stage is: errand."] {
        assert!(checked.contains(fragment), "no `{fragment}` in\n{checked}");
    }
    assert!(!checked.contains("Debrief"), "debriefs are no round: {checked}");
}

#[test]
fn a_configuration_with_a_bad_plan_stops_before_anything_is_read() {
    let scene = Scene::new();
    forty().write(&scene);
    scene.write("ours.toml", "name = 'ours'\ntitle = 'Ours'\n[[rounds]]\nid = 'a'\nname = 'A'\nkind = 'phone'\n");
    scene.write("looplens.toml", "[plan]\nfile = 'ours.toml'\n");
    let ran = scene.run(&["run", "export", "--out", "out"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("line 6, rounds[1].kind: `phone` is not one of live, async, take_home"), "{}", ran.err);
    assert!(!scene.path("out").exists());
}

/// A second way to the same figures: straight from the lines of the files.
#[test]
fn the_figures_of_a_sample_are_those_counted_from_its_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tables");
    let scene = Scene::new();
    scene.run(&["run", folder.to_str().unwrap(), "--out", "out", "--only", "process-audit"]).fine();
    let as_of = serde_json::from_slice::<Value>(&std::fs::read(scene.path("out/run.json")).unwrap()).unwrap();
    let as_of = as_of["as_of"].as_str().unwrap().to_owned();

    let tables = crate::exports::Tables::read(&folder).0;
    let lines = |table: &str, names: &[&str]| -> Vec<Vec<String>> {
        let places: Vec<usize> = names.iter().map(|name| tables[table].column(name)).collect();
        tables[table].rows.iter().map(|row| places.iter().map(|at| row[*at].clone()).collect()).collect()
    };
    let known: BTreeSet<String> = lines("applications", &["application_id"]).into_iter().flatten().collect();
    let (mut called_off, mut missed): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut held: BTreeSet<String> = BTreeSet::new();
    let mut begins: BTreeMap<String, String> = BTreeMap::new();
    let mut debriefs: BTreeMap<String, String> = BTreeMap::new();
    for row in lines("interviews", &["application_id", "interview_id", "kind", "status", "starts_at"]) {
        let [application, interview, kind, status, starts] = &row[..] else { unreachable!() };
        if !known.contains(application) || *starts > as_of {
            continue;
        }
        match (kind.as_str(), status.as_str()) {
            ("debrief", "done") => {
                debriefs.insert(application.clone(), starts.clone());
            }
            ("debrief", _) => {}
            (_, "cancelled") => called_off.push(application.clone()),
            (_, "no_show") => missed.push(application.clone()),
            _ => {
                held.insert(application.clone());
                begins.insert(interview.clone(), starts.clone());
            }
        }
    }
    // A line of a later edit has a later time than the card itself.
    let mut first: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in lines("scorecards", &["scorecard_id", "application_id", "interview_id", "role", "submitted_at"]) {
        let own = first.entry(row[0].clone()).or_insert_with(|| row.clone());
        if row[4] < own[4] {
            own.clone_from(&row);
        }
    }
    let mut late: BTreeSet<String> = BTreeSet::new();
    for card in first.values() {
        let [_, application, interview, role, submitted] = &card[..] else { unreachable!() };
        let Some(debrief) = debriefs.get(application).filter(|_| role == "interviewer") else { continue };
        if begins.get(interview).is_some_and(|begins| begins <= debrief) && submitted > debrief {
            late.insert(application.clone());
        }
    }
    // Paths are those of loops that held a round.
    let of_paths = |all: &[String]| all.iter().filter(|application| held.contains(*application)).count();
    let (called_off, missed) = (of_paths(&called_off), of_paths(&missed));
    assert!(debriefs.len() > 40 && !late.is_empty() && called_off > 20 && missed > 2);
    let rows = checklist(&scene.path("out"));
    let debrief = &rows["scores-before-debrief"];
    let found = ["n", "as_expected"].map(|name| cell(debrief, name).to_owned());
    assert_eq!(found, [debriefs.len().to_string(), (debriefs.len() - late.len()).to_string()]);
    let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
    let found = ["cancelled", "no_shows"].map(|name| cell(&paths[0], name).to_owned());
    assert_eq!(found, [called_off.to_string(), missed.to_string()]);
}

/// Every sample has a checklist, paths and stages; the simulated loop is that of the plan with six stages.
#[test]
fn every_sample_is_audited() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
    let told: toml::Table = toml::from_str(&std::fs::read_to_string(folder.join("samples.toml")).unwrap()).unwrap();
    for sample in told["sample"].as_array().unwrap() {
        let name = sample["folder"].as_str().unwrap();
        let own = folder.join(name);
        let scene = Scene::new();
        let mut arguments: Vec<String> =
            ["run", &own.display().to_string(), "--out", "out", "--only", "process-audit"].map(str::to_owned).to_vec();
        for argument in sample.get("arguments").and_then(toml::Value::as_array).into_iter().flatten() {
            arguments.push(argument.as_str().unwrap().replace("{folder}", &own.display().to_string()));
        }
        scene.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).fine();
        let rows = checklist(&scene.path("out"));
        let plans: BTreeSet<&str> = rows.values().map(|row| cell(row, "plan")).collect();
        assert_eq!(plans, BTreeSet::from(["six-stage"]), "{name}");
        assert!(rows.values().all(|row| cell(row, "plan_from") == "assumed"), "{name}");
        expect(&rows, "rule-set", "not_visible", "only assumed");
        // All but the last round are held before a later one in every simulated loop.
        for round in ["screening", "technical-screen", "work-sample", "async-collaboration", "design-review"] {
            let row = &rows[&format!("round-held:{round}")];
            assert!(cell(row, "state") != "not_met", "{name}: {row:?}");
        }
        let paths = file_rows(&scene.path("out/tables/loop_paths.parquet"));
        let truth: Value = serde_json::from_slice(&std::fs::read(own.join("truth.json")).unwrap()).unwrap();
        let loops: i64 = cell(&paths[0], "loops").parse().unwrap();
        assert!(loops > 30 && loops <= sample["loops"].as_integer().unwrap(), "{name}: {loops}");
        assert!(paths.len() > 4 && cell(&paths[0], "status") == "ok", "{name}: {paths:?}");
        // No more cancelled appointments are found than were planted.
        let kinds = truth["messy_records"].as_array().unwrap();
        let planted = kinds.iter().find(|kind| kind["kind"] == "cancelled_interview").unwrap();
        // A source that does not tell of them has no figure, rather than none.
        let cancelled = cell(&paths[0], "cancelled");
        let planted = planted["count"].as_i64().unwrap_or(i64::MAX);
        assert!(cancelled.is_empty() || (1..=planted).contains(&cancelled.parse().unwrap()), "{name}: {cancelled}");
        let stages = file_rows(&scene.path("out/tables/plan_stages.parquet"));
        let found = stages.iter().filter(|row| cell(row, "status") == "ok").count();
        assert!(found >= 5, "{name}: {stages:?}");
    }
}
