//! Leniency on data that cannot tell it, or only just: every table says so with a reason, the section and the findings
//! say it in words, and nothing is a number that means nothing.

use std::collections::BTreeMap;
use std::fs;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{Ran, Row, Scene, cell, file_rows};

/// A score: candidate, stage, interviewer, dimension, score.
type Score = (usize, &'static str, usize, &'static str, f64);

/// Scores of loops that opened one after another in the first half of 2026.
struct Case {
    scores: Vec<Score>,
    config: String,
}

/// What the program made of it.
struct Answer {
    tables: BTreeMap<String, Vec<Row>>,
    section: String,
}

const TABLES: [&str; 14] = [
    "interviewer_leniency",
    "variance_components",
    "reliability",
    "score_categories",
    "rater_effects",
    "leniency_by_quarter",
    "agreement",
    "interviewer_links",
    "weak_links",
    "calibration_plan",
    "shadow_calibration",
    "leniency_consequences",
    "adjusted_scores",
    "scores_used",
];

fn export(scores: &[Score]) -> (String, String) {
    let mut applications = "application_id,candidate_id,applied_at\n".to_owned();
    let mut cards = "application_id,stage,interviewer_id,dimension,score,submitted_at\n".to_owned();
    let loops = scores.iter().map(|score| score.0).max().unwrap_or(0);
    let day = |candidate: usize| format!("2026-{:02}-{:02}", 1 + candidate % 180 / 30, 1 + candidate % 28);
    for candidate in 0..=loops {
        applications += &format!("app-{candidate},can-{candidate},{}T08:00:00Z\n", day(candidate));
    }
    for (candidate, stage, interviewer, dimension, score) in scores {
        let at = day(*candidate);
        cards += &format!("app-{candidate},{stage},person-{interviewer},{dimension},{score},{at}T18:00:00Z\n");
    }
    (applications, cards)
}

impl Case {
    fn of(scores: Vec<Score>) -> Self {
        Self { scores, config: String::new() }
    }

    fn answer(&self) -> Answer {
        let scene = Scene::new();
        let (applications, cards) = export(&self.scores);
        scene.write("export/applications.csv", applications);
        scene.write("export/scorecards.csv", cards);
        scene.write("looplens.toml", &self.config);
        scene.run(&["run", "export", "--out", "out", "--quiet", "--only", "leniency"]).fine();
        Answer::read(&scene)
    }
}

impl Answer {
    fn read(scene: &Scene) -> Self {
        let tables: BTreeMap<String, Vec<Row>> = TABLES
            .iter()
            .chain(&["findings"])
            .map(|name| ((*name).to_owned(), file_rows(&scene.path(&format!("out/tables/{name}.parquet")))))
            .collect();
        let report = fs::read_to_string(scene.path("out/report.md")).unwrap();
        let from = report.find("## Who scores high or low").expect("the report has the section");
        let section = report[from + 3..].split("\n## ").next().unwrap().to_owned();
        let answer = Self { tables, section };
        answer.is_sane();
        answer
    }

    fn rows(&self, table: &str) -> &[Row] {
        &self.tables[table]
    }

    /// Whatever the data: no figure that is none, a reason wherever there is no estimate, and no estimate there.
    fn is_sane(&self) {
        for word in ["NaN", "nan", "inf", "-0.00 "] {
            let shown = self.section.split(|c: char| c.is_whitespace() || "(),;".contains(c)).any(|part| part == word);
            assert!(!shown, "{word}: {}", self.section);
        }
        for (name, rows) in self.tables.iter().filter(|(name, _)| *name != "findings") {
            for row in rows {
                for value in row.values().filter_map(|text| text.parse::<f64>().ok()) {
                    assert!(value.is_finite(), "{name}: {row:?}");
                }
                let estimates = [
                    "leniency",
                    "sd",
                    "variance",
                    "value",
                    "generalizability",
                    "dependability",
                    "spread",
                    "share_changed",
                    "verdict",
                    "shift",
                    "adjusted_score",
                    "difference",
                ];
                if cell(row, "status") == "not_estimable" {
                    assert!(!cell(row, "reason").is_empty(), "{name} gives no reason: {row:?}");
                    let found: Vec<&&str> = estimates.iter().filter(|column| row.contains_key(**column)).collect();
                    assert!(found.is_empty(), "{name} has an estimate that there is not: {found:?} {row:?}");
                }
                if cell(row, "status") == "thin" {
                    assert!(!matches!(cell(row, "verdict"), "lenient" | "severe"), "{name}: {row:?}");
                }
            }
        }
    }

    /// Nothing about leniency can be told, and everything says so.
    fn tells_nothing_because(&self, reason: &str) {
        for table in ["variance_components", "interviewer_leniency", "reliability", "rater_effects"] {
            let rows = self.rows(table);
            assert!(!rows.is_empty(), "{table} is empty");
            for row in rows {
                assert_eq!(cell(row, "status"), "not_estimable", "{table}: {row:?}");
                assert!(cell(row, "reason").contains(reason), "{table}: {row:?}");
            }
        }
        for table in ["leniency_by_quarter", "leniency_consequences", "adjusted_scores"] {
            for row in self.rows(table) {
                assert_eq!(cell(row, "status"), "not_estimable", "{table}: {row:?}");
            }
        }
        assert!(self.rows("calibration_plan").is_empty());
        assert!(self.section.contains(&format!("Cannot tell: {reason}")), "{}", self.section);
        let findings = self.codes();
        for code in ["leniency-spread", "undependable-decisions", "rater-effects", "models-disagree", "weak-links"] {
            assert!(!findings.contains(&code), "{code}");
        }
    }

    fn codes(&self) -> Vec<&str> {
        self.rows("findings").iter().map(|row| cell(row, "code")).collect()
    }

    fn used(&self, name: &str) -> i64 {
        let row = self.rows("scores_used").iter().find(|row| cell(row, "use") == name).unwrap();
        cell(row, "scores").parse().unwrap()
    }

    fn component(&self, name: &str) -> &Row {
        let is_it = |row: &&Row| cell(row, "model") == "random" && cell(row, "component") == name;
        self.rows("variance_components").iter().find(is_it).unwrap()
    }

    fn number(row: &Row, column: &str) -> f64 {
        cell(row, column).parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
    }
}

const DIMENSIONS: [&str; 3] = ["craft", "clarity", "ownership"];

/// Loops whose interviewers are drawn by `panel`: a stage and an interviewer for each card. Scores 1 to 4 with planted
/// leniency: the lower half of the interviewers is severe, the upper half lenient by `spread` each.
fn history(
    seed: u64,
    loops: usize,
    people: usize,
    spread: f64,
    panel: impl Fn(usize, &mut ChaCha8Rng) -> Vec<(&'static str, usize)>,
) -> Vec<Score> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut scores = Vec::new();
    for candidate in 0..loops {
        let wobble = |size: f64, random: &mut ChaCha8Rng| {
            // Near enough to normal.
            size * ((0..6).map(|_| random.random_range(0.0..1.0)).sum::<f64>() - 3.0) / 0.5_f64.sqrt()
        };
        let quality = wobble(0.6, &mut random);
        for (stage, person) in panel(candidate, &mut random) {
            let lenient = if 2 * person >= people { spread } else { -spread };
            let card = quality + lenient + wobble(0.2, &mut random);
            for dimension in DIMENSIONS {
                let score = (2.5 + card + wobble(0.5, &mut random)).round().clamp(1.0, 4.0);
                scores.push((candidate, stage, person, dimension, score));
            }
        }
    }
    scores
}

/// So many different interviewers out of a range, all in one stage.
fn panel(
    size: usize,
    people: std::ops::Range<usize>,
    stage: &'static str,
    random: &mut ChaCha8Rng,
) -> Vec<(&'static str, usize)> {
    let mut met = Vec::new();
    while met.len() < size {
        let person = random.random_range(people.clone());
        if !met.contains(&(stage, person)) {
            met.push((stage, person));
        }
    }
    met
}

fn ordinary(seed: u64) -> Vec<Score> {
    history(seed, 120, 10, 0.4, |_, random| panel(3, 0..10, "Onsite", random))
}

#[test]
fn ordinary_data_tells_who_is_lenient() {
    let answer = Case::of(ordinary(1)).answer();
    assert_eq!(cell(answer.component("interviewer"), "status"), "ok");
    let verdicts: Vec<&str> = answer.rows("interviewer_leniency").iter().map(|row| cell(row, "verdict")).collect();
    assert!(verdicts.iter().filter(|verdict| **verdict == "lenient").count() >= 3, "{verdicts:?}");
    assert!(verdicts.iter().filter(|verdict| **verdict == "severe").count() >= 3, "{verdicts:?}");
    assert!(answer.codes().contains(&"leniency-spread"));
    assert_eq!(answer.used("used"), 120 * 9);
    assert_eq!(answer.rows("rater_effects").len(), 70);
}

#[test]
fn one_interviewer_cannot_be_compared() {
    let answer = Case::of(history(2, 60, 1, 0.0, |_, _| vec![("Screen", 0)])).answer();
    answer.tells_nothing_because("only one interviewer gave scores");
}

#[test]
fn one_card_for_each_candidate_compares_nobody() {
    let answer = Case::of(history(3, 150, 8, 0.4, |_, random| panel(1, 0..8, "Screen", random))).answer();
    answer.tells_nothing_because("no candidate was scored by two interviewers");
    assert!(!answer.codes().contains(&"interviewers-apart"), "{:?}", answer.codes());
}

#[test]
fn one_score_for_everything_tells_nothing() {
    let mut scores = ordinary(4);
    scores.iter_mut().for_each(|score| score.4 = 3.0);
    let answer = Case::of(scores).answer();
    answer.tells_nothing_because("the scores do not vary");
    assert_eq!(answer.rows("score_categories").len(), 1);
}

#[test]
fn interviewers_seen_once_have_no_estimate_of_their_own() {
    // Each of 120 interviewers files one card; two of them meet each candidate.
    let once = history(5, 60, 120, 0.3, |candidate, _| vec![("Onsite", 2 * candidate), ("Onsite", 2 * candidate + 1)]);
    Case::of(once).answer().tells_nothing_because("0 interviewers who share two candidates or more with others");
    // Among ordinary ones, only those seen once go without.
    let mut mixed = ordinary(6);
    mixed.extend(DIMENSIONS.map(|dimension| (0, "Onsite", 77, dimension, 4.0)));
    let answer = Case::of(mixed).answer();
    let told = answer.rows("interviewer_leniency").iter().filter(|row| cell(row, "status") == "ok").count();
    let none: Vec<&Row> =
        answer.rows("interviewer_leniency").iter().filter(|row| cell(row, "status") == "not_estimable").collect();
    assert_eq!((told, none.len()), (10, 1));
    assert_eq!(cell(none[0], "reason"), "fewer than 5 cards");
}

#[test]
fn two_scales_are_not_pooled() {
    let scene = Scene::new();
    let (applications, cards) = export(&ordinary(7));
    scene.write("main/applications.csv", applications);
    scene.write("main/scorecards.csv", cards);
    scene.write("looplens.toml", "[tables.scale]\nname = 'four'\nmin = 1\nmax = 4\nstep = 1\n");
    scene.run(&["ingest", "main", "--dataset", "data", "--quiet"]).fine();
    let main: Ran =
        scene.run(&["analyze", "--dataset", "data", "--out", "out", "--quiet", "--only", "leniency"]).fine();
    assert!(main.err.is_empty());
    let alone = Answer::read(&scene);
    let other: Vec<Score> = history(8, 30, 10, 0.4, |_, random| panel(2, 0..10, "Onsite", random))
        .into_iter()
        .map(|(candidate, stage, person, dimension, score)| (200 + candidate, stage, person, dimension, 20.0 * score))
        .collect();
    let (applications, cards) = export(&other);
    let applications = applications.lines().filter(|line| !(0..200).any(|n| line.starts_with(&format!("app-{n},"))));
    scene.write("other/applications.csv", applications.map(|line| format!("{line}\n")).collect::<String>());
    scene.write("other/scorecards.csv", cards);
    scene.write("looplens.toml", "[tables.scale]\nname = 'hundred'\nmin = 0\nmax = 100\nstep = 20\n");
    scene.run(&["ingest", "other", "--dataset", "data", "--quiet"]).fine();
    scene.run(&["analyze", "--dataset", "data", "--out", "out", "--quiet", "--only", "leniency"]).fine();
    let both = Answer::read(&scene);
    assert_eq!((both.used("used"), both.used("other_scale")), (120 * 9, 30 * 6));
    assert!(both.section.contains("180 on another scale than most"), "{}", both.section);
    let leniencies = |answer: &Answer| -> Vec<(String, String)> {
        let pair = |row: &Row| (cell(row, "interviewer_id").to_owned(), cell(row, "leniency").to_owned());
        answer.rows("interviewer_leniency").iter().map(pair).collect()
    };
    assert_eq!(leniencies(&alone), leniencies(&both), "scores on another scale change nothing");
}

#[test]
fn a_reversed_scale_turns_leniency_round() {
    let scale = "[tables.scale]\nname = 'four'\nmin = 1\nmax = 4\nstep = 1\n";
    let plain = Case { scores: ordinary(9), config: scale.to_owned() }.answer();
    let turned = ordinary(9).into_iter().map(|(candidate, stage, person, dimension, score)| {
        // 1 is best here.
        (candidate, stage, person, dimension, 5.0 - score)
    });
    let reversed = Case { scores: turned.collect(), config: format!("{scale}reversed = true\n") }.answer();
    let variances = |answer: &Answer| {
        ["candidate", "interviewer", "card", "residual"].map(|name| cell(answer.component(name), "variance").to_owned())
    };
    assert_eq!(variances(&plain), variances(&reversed));
    let leniencies = |answer: &Answer| -> Vec<String> {
        answer.rows("interviewer_leniency").iter().map(|row| cell(row, "leniency").to_owned()).collect()
    };
    assert_eq!(leniencies(&plain), leniencies(&reversed));
    assert_eq!(plain.codes(), reversed.codes());
}

#[test]
fn quarter_steps_are_steps() {
    let whole = Case::of(ordinary(10)).answer();
    let fine = ordinary(10)
        .into_iter()
        .map(|(candidate, stage, person, dimension, score)| (candidate, stage, person, dimension, 6.0 + score / 4.0));
    let fine = Case::of(fine.collect()).answer();
    let sd = |answer: &Answer| Answer::number(answer.component("interviewer"), "sd");
    // The criterion is flat where the search stops.
    assert!((sd(&whole) / sd(&fine) - 4.0).abs() < 1e-5, "{} {}", sd(&whole), sd(&fine));
    let shown: Vec<f64> = fine.rows("score_categories").iter().map(|row| Answer::number(row, "score")).collect();
    assert_eq!(shown, [6.25, 6.5, 6.75, 7.0]);
}

#[test]
fn a_second_card_for_the_same_candidate_is_no_second_opinion() {
    // Two interviewers of the same candidates; each files cards in two stages.
    let twice = history(11, 60, 10, 0.3, |_, random| {
        let mut met = panel(2, 0..10, "Screen", random);
        met.push(("Onsite", met[0].1));
        met
    });
    let answer = Case::of(twice).answer();
    assert_eq!(cell(answer.component("interviewer"), "status"), "ok");
    assert_eq!(answer.rows("adjusted_scores").len(), 120);
    // The same person alone, twice per candidate, is still one interviewer.
    let alone = history(12, 60, 1, 0.0, |_, _| vec![("Screen", 0), ("Onsite", 0)]);
    Case::of(alone).answer().tells_nothing_because("only one interviewer gave scores");
    // And two cards of one person on each candidate compare nobody.
    let pairs = history(13, 60, 6, 0.0, |candidate, _| vec![("Screen", candidate % 6), ("Onsite", candidate % 6)]);
    Case::of(pairs).answer().tells_nothing_because("no candidate was scored by two interviewers");
}

#[test]
fn recommendations_stand_in_where_there_are_no_scores() {
    let scene = Scene::new();
    let (applications, _) = export(&ordinary(14));
    let mut cards = "scorecard_id,application_id,stage,interviewer_id,recommendation,submitted_at\n".to_owned();
    let mut overall: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for (candidate, _, person, _, score) in ordinary(14) {
        overall.entry((candidate, person)).or_default().push(score);
    }
    let words = ["definitely_not", "no", "yes", "strong_yes"];
    for ((candidate, person), scores) in overall {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let word = words[(mean.round() as usize - 1).min(3)];
        cards +=
            &format!("card-{candidate}-{person},app-{candidate},Onsite,person-{person},{word},2026-06-30T18:00:00Z\n");
    }
    scene.write("export/applications.csv", applications);
    scene.write("export/cards.csv", cards);
    scene.run(&["run", "export", "--out", "out", "--quiet", "--only", "leniency"]).fine();
    let answer = Answer::read(&scene);
    assert_eq!(answer.used("used"), 360);
    assert_eq!(cell(answer.component("interviewer"), "status"), "ok");
    assert!(answer.section.contains("overall recommendations"), "{}", answer.section);
    let halo = answer.rows("rater_effects").iter().filter(|row| cell(row, "effect") == "halo");
    assert!(halo.clone().count() == 10 && halo.into_iter().all(|row| cell(row, "status") == "not_estimable"));
}

#[test]
fn two_parts_are_compared_within_each_and_it_is_said() {
    let apart = history(15, 160, 16, 0.4, |candidate, random| {
        if candidate % 2 == 0 {
            panel(3, 4..12, "Onsite", random)
        } else {
            let odd: Vec<usize> = [0, 1, 2, 3, 12, 13, 14, 15].to_vec();
            panel(3, 0..8, "Onsite", random).into_iter().map(|(stage, at)| (stage, odd[at])).collect()
        }
    });
    let answer = Case::of(apart).answer();
    assert_eq!(answer.rows("interviewer_links").len(), 2);
    assert!(answer.codes().contains(&"interviewers-apart"));
    let rows = answer.rows("interviewer_leniency");
    assert!(rows.iter().all(|row| cell(row, "method").contains("within candidates, since some interviewers share")));
    for part in ["1", "2"] {
        let own: Vec<f64> = rows
            .iter()
            .filter(|row| cell(row, "component") == part)
            .map(|row| Answer::number(row, "leniency"))
            .collect();
        assert_eq!(own.len(), 8);
        // Each part has a zero of its own.
        assert!(own.iter().sum::<f64>().abs() < 0.05, "{own:?}");
        assert!(own.iter().any(|leniency| *leniency > 0.2) && own.iter().any(|leniency| *leniency < -0.2));
    }
    let plan = answer.rows("calibration_plan");
    assert!(plan.iter().any(|row| cell(row, "purpose").contains("connect")));
    assert!(answer.section.contains("fall into 2 groups that share no candidate"), "{}", answer.section);
}

#[test]
fn interviewers_of_one_stage_are_compared_within_it() {
    // Screeners meet everybody in pairs, final interviewers too; nobody sits in both stages.
    let nested = history(16, 120, 12, 0.3, |_, random| {
        let mut met = panel(2, 0..6, "Screen", random);
        met.extend(panel(2, 6..12, "Final", random));
        met
    });
    let answer = Case::of(nested).answer();
    let links = &answer.rows("interviewer_links")[0];
    assert_eq!((cell(links, "one_stage_only"), cell(links, "interviewers")), ("12", "12"));
    assert!(
        answer.section.contains("12 interviewers can be compared within their own stage only"),
        "{}",
        answer.section
    );
    // The lower six are severe and the upper six lenient, which looks like an easier stage: nothing of it shows.
    let leniencies: Vec<f64> =
        answer.rows("interviewer_leniency").iter().map(|row| Answer::number(row, "leniency")).collect();
    assert!(leniencies.iter().all(|leniency| leniency.abs() < 0.25), "{leniencies:?}");
}

#[test]
fn where_nobody_differs_zero_is_no_certainty() {
    let answer = Case::of(history(20, 120, 10, 0.0, |_, random| panel(3, 0..10, "Onsite", random))).answer();
    let variance = Answer::number(answer.component("interviewer"), "variance");
    assert_eq!(variance, 0.0, "this seed has no variance between interviewers");
    for row in answer.rows("interviewer_leniency") {
        assert_eq!((cell(row, "verdict"), cell(row, "pev_sd")), ("not_distinguishable", ""), "{row:?}");
        assert!(Answer::number(row, "sd") > 0.0, "what the variance may be keeps the interval open: {row:?}");
        assert!(Answer::number(row, "leniency_low") < 0.0 && Answer::number(row, "leniency_high") > 0.0);
    }
    assert!(answer.rows("leniency_consequences").iter().all(|row| cell(row, "status") == "not_estimable"));
    assert!(!answer.codes().contains(&"leniency-spread"));
}

#[test]
fn a_group_that_hangs_by_one_candidate_is_named_with_whom_to_pair() {
    let mut loose = history(17, 160, 16, 0.3, |candidate, random| {
        if candidate % 2 == 0 { panel(3, 0..8, "Onsite", random) } else { panel(3, 8..16, "Onsite", random) }
    });
    for person in [0, 8] {
        loose.extend(DIMENSIONS.map(|dimension| (160, "Onsite", person, dimension, 3.0)));
    }
    let answer = Case::of(loose).answer();
    let weak = answer.rows("weak_links");
    assert_eq!((cell(&weak[0], "kind"), cell(&weak[0], "hinge_id")), ("one_candidate", "app-160"));
    let sides = (cell(&weak[0], "interviewers"), cell(&weak[0], "rest"));
    assert_eq!(sides, ("8", "8"));
    assert!(answer.codes().contains(&"weak-links"), "{:?}", answer.codes());
    let pair = (cell(&weak[0], "interviewer_id"), cell(&weak[0], "with_interviewer_id"));
    let planned =
        answer.rows("calibration_plan").iter().find(|row| cell(row, "purpose").contains("strengthen")).unwrap();
    assert_eq!((cell(planned, "interviewer_id"), cell(planned, "with_interviewer_id")), pair);
    assert!(Answer::number(&answer.rows("interviewer_links")[0], "connectivity") < 0.05);
}

#[test]
fn no_scores_at_all_is_said() {
    let scene = Scene::new();
    let (applications, _) = export(&[(0, "Screen", 0, "craft", 1.0)]);
    scene.write("export/applications.csv", applications);
    scene.run(&["run", "export", "--out", "out", "--quiet", "--only", "leniency"]).fine();
    let answer = Answer::read(&scene);
    assert!(answer.section.contains("Cannot tell") || answer.section.contains("No scores"), "{}", answer.section);
    for table in ["variance_components", "reliability"] {
        assert!(answer.rows(table).iter().all(|row| cell(row, "status") == "not_estimable"), "{table}");
    }
}
