#![allow(clippy::unwrap_used, reason = "a failed test should say where")]

use super::*;
use crate::findings::Level;
use crate::report::model::Report;

fn measure(id: &str, value: f64, half: f64) -> Measure {
    Measure {
        id: id.to_owned(),
        label: format!("Figure {id}"),
        is_headline: true,
        unit: Unit::Days,
        better: Better::Lower,
        looks_back: false,
        value: Some(value),
        low: Some(value - half),
        high: Some(value + half),
        n: Some(120),
        method: "made up".to_owned(),
        status: Status::Ok,
        reason: None,
    }
}

fn known(id: &str) -> Known {
    Known { id: id.to_owned(), level: Level::Look, statement: format!("{id} was found") }
}

fn side(quarter: &str, measures: Vec<Measure>, findings: &[&str]) -> Side {
    let quarter = Quarter::parse(quarter);
    Side {
        name: quarter.unwrap().to_string(),
        quarter,
        // Long after all of it.
        as_of: Some(Quarter::parse("2029Q1").unwrap().start()),
        calendar: "every day".to_owned(),
        window_quarters: 4,
        measures,
        findings: findings.iter().map(|id| known(id)).collect(),
        ..Side::default()
    }
}

fn words(now: Measure, before: Measure) -> (Verdict, String) {
    let of = compare(&side("2026Q3", vec![now], &[]), &side("2026Q2", vec![before], &[]));
    let change = of.changes.first().unwrap();
    (change.verdict, change.words.clone())
}

#[test]
fn a_change_reads_as_people_say_it() {
    let (verdict, text) = words(measure("a", 20.0, 1.0), measure("a", 17.0, 1.0));
    assert_eq!((verdict, text.as_str()), (Verdict::Worse, "3.0 days slower than 2026Q2 (95 % interval 1.6 to 4.4)"));
    let (verdict, text) = words(measure("a", 17.0, 1.0), measure("a", 20.0, 1.0));
    assert_eq!((verdict, text.as_str()), (Verdict::Better, "3.0 days faster than 2026Q2 (95 % interval 1.6 to 4.4)"));
    let (verdict, text) = words(measure("a", 17.5, 2.0), measure("a", 17.0, 1.0));
    assert_eq!(verdict, Verdict::Noise);
    assert_eq!(text, "no more than noise: 0.50 days slower than 2026Q2 (95 % interval 1.7 faster to 2.7 slower)");
    let share = |value: f64| Measure {
        unit: Unit::Share,
        better: Better::Neither,
        low: Some(value - 0.02),
        high: Some(value + 0.02),
        ..measure("s", value, 0.0)
    };
    let (verdict, text) = words(share(0.66), share(0.58));
    assert_eq!(verdict, Verdict::Changed);
    assert_eq!(text, "8.0 percentage points higher than 2026Q2 (95 % interval 5.2 to 11)");
}

#[test]
fn an_end_that_is_not_reached_is_said_and_the_other_still_tells() {
    let open = |value: f64| Measure { high: None, ..measure("a", value, 1.0) };
    let (verdict, text) = words(open(20.0), measure("a", 17.0, 1.0));
    assert_eq!((verdict, text.as_str()), (Verdict::Worse, "3.0 days slower than 2026Q2 (95 % interval 1.6 or more)"));
    let (verdict, text) = words(measure("a", 20.0, 1.0), open(17.0));
    assert_eq!(verdict, Verdict::CannotTell);
    assert!(text.contains("no verdict: one of the two has no interval"), "{text}");
}

#[test]
fn what_has_no_number_has_no_difference_but_a_reason() {
    let none = |reason: &str| Measure {
        value: None,
        low: None,
        high: None,
        status: Status::NotEstimable,
        reason: Some(reason.to_owned()),
        ..measure("a", 0.0, 0.0)
    };
    let found = compare(
        &side("2026Q3", vec![none("too few loops"), measure("new", 1.0, 0.5), measure("was none", 1.0, 0.5)], &[]),
        &side("2026Q2", vec![measure("a", 1.0, 0.5), Measure { id: "was none".into(), ..none("nothing closed") }], &[]),
    );
    let reasons: Vec<_> = found.changes.iter().map(|change| change.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons, ["too few loops", "there was no such number", "nothing closed"]);
    for change in &found.changes {
        assert_eq!((change.verdict, change.difference, change.q_value), (Verdict::CannotTell, None, None));
        assert_eq!(change.status, Status::NotEstimable);
        assert!(change.words.starts_with("cannot be compared with 2026Q2: "), "{}", change.words);
    }
    assert_eq!(found.summary, ["No figure can be compared with 2026Q2."]);
}

#[test]
fn thin_numbers_are_shown_without_a_verdict() {
    let thin = Measure { status: Status::Thin, reason: Some("12 closed loops".into()), ..measure("a", 30.0, 1.0) };
    let (verdict, text) = words(thin, measure("a", 17.0, 1.0));
    assert_eq!(verdict, Verdict::CannotTell);
    assert_eq!(text, "13.0 days slower than 2026Q2 (95 % interval 11.6 to 14.4); no verdict: 12 closed loops");
}

#[test]
fn with_many_figures_a_lone_small_p_is_no_more_than_noise() {
    let many = |first: f64| {
        let rest = (0..19).map(|at| measure(&format!("f{at}"), 17.0, 1.0));
        std::iter::once(measure("a", first, 1.0)).chain(rest).collect::<Vec<_>>()
    };
    let found = compare(&side("2026Q3", many(18.6), &[]), &side("2026Q2", many(17.0), &[]));
    let first = found.changes.first().unwrap();
    assert!(first.low.unwrap() > 0.0 && first.q_value.unwrap() > CLEAR);
    assert_eq!(first.verdict, Verdict::Noise);
    assert!(
        first.words.starts_with("no more than noise, with 20 figures compared: 1.6 days slower"),
        "{}",
        first.words
    );
    // Alone it would be clear.
    assert_eq!(words(measure("a", 18.6, 1.0), measure("a", 17.0, 1.0)).0, Verdict::Worse);
}

#[test]
fn findings_are_new_persisting_or_resolved_by_their_identity() {
    let mut now = side("2026Q3", Vec::new(), &["a", "b"]);
    now.findings[0].statement = "a as it stands now".to_owned();
    let found = compare(&now, &side("2026Q2", Vec::new(), &["c", "a"]));
    let ids = |known: &[Known]| known.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found.new), ["b"]);
    assert_eq!(ids(&found.resolved), ["c"]);
    assert_eq!(found.persisting.first().unwrap().statement, "a as it stands now");
    assert_eq!(found.summary.last().unwrap(), "Findings: 1 new, 1 persisting, 1 resolved.");
}

#[test]
fn what_makes_a_comparison_lame_is_said() {
    let remark =
        |now: &Side, before: &Side, part: &str| compare(now, before).remarks.iter().any(|remark| remark.contains(part));
    let back = || vec![Measure { looks_back: true, ..measure("a", 1.0, 0.5) }];
    let now = side("2026Q3", back(), &[]);
    assert!(remark(&now, &side("2026Q2", back(), &[]), "look back over several quarters"));
    assert!(!remark(&now, &side("2025Q3", back(), &[]), "look back over several quarters"));
    let own = |quarter: &str| side(quarter, vec![measure("a", 1.0, 0.5)], &[]);
    assert!(!remark(&own("2026Q3"), &own("2026Q2"), "too wide"));
    let other = Side { is_other_run: true, configuration: "another".into(), ..own("2026Q3") };
    assert!(remark(&own("2026Q3"), &other, "some of the same loops"));
    assert!(remark(&own("2026Q3"), &other, "2026Q3 was computed with another configuration"));
    let fresh = Side { as_of: Some(Quarter::parse("2026Q4").unwrap().start()), ..own("2026Q3") };
    assert!(remark(&fresh, &own("2026Q2"), "Loops opened in 2026Q3 have been seen for less time"));
    assert!(!remark(&own("2026Q3"), &own("2026Q2"), "seen for less time"));
    let business = Side { calendar: "business days".into(), ..own("2026Q2") };
    let change = compare(&own("2026Q3"), &business).changes.remove(0);
    assert_eq!(change.difference, None);
    assert!(change.reason.unwrap().contains("another calendar"));
}

#[test]
fn the_words_stand_behind_the_figures_they_are_about() {
    let comparison = compare(
        &side("2026Q3", vec![measure("a", 20.0, 1.0), measure("b", 5.0, 1.0)], &["x"]),
        &side("2026Q2", vec![measure("a", 17.0, 1.0), measure("b", 5.1, 1.0)], &[]),
    );
    let figure = |label: &str, note: Option<&str>| crate::report::model::Figure {
        label: label.to_owned(),
        value: "20 days".to_owned(),
        interval: None,
        note: note.map(str::to_owned),
    };
    let mut report = Report {
        title: "t".into(),
        period: "2026Q3".into(),
        as_of: None,
        summary: vec!["First.".into()],
        figures: vec![figure("Figure a", Some("120 loops")), figure("Figure b", None), figure("Other", None)],
        measures: Vec::new(),
        trend: None,
        comparisons: Vec::new(),
        findings: Vec::new(),
        sections: Vec::new(),
        account: Default::default(),
        provenance: Vec::new(),
        tables: &[],
    };
    let table = table(std::slice::from_ref(&comparison));
    tell(&mut report, comparison);
    assert_eq!(
        report.figures[0].note.as_deref(),
        Some("120 loops; 3.0 days slower than 2026Q2 (95 % interval 1.6 to 4.4)")
    );
    assert_eq!(report.figures[1].note.as_deref(), Some("against 2026Q2 no more than noise"));
    assert_eq!(report.figures[2].note, None);
    assert_eq!(report.summary[1], "Against 2026Q2: Figure a: 3.0 days slower (95 % interval 1.6 to 4.4).");
    assert_eq!(report.comparisons.len(), 1);
    let row = table.rows.first().unwrap();
    assert_eq!(table.get(row, "verdict").as_text(), Some("worse"));
    assert_eq!(table.get(row, "difference").number(), Some(3.0));
    assert_eq!(table.get(row, "n_before").number(), Some(120.0));
}

/// A period against itself, drawn again: the share of changes called clear stays near what is promised.
#[test]
fn two_draws_of_the_same_truth_are_rarely_called_a_change() {
    use rand::{Rng, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(8);
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    // The sum of twelve uniform draws is normal enough for this.
    let mut normal = || (0..12).map(|_| unit()).sum::<f64>() - 6.0;
    let half = crate::stats::estimate::Z_95;
    let mut called = 0;
    for _ in 0..2_000 {
        let draw = |shift: f64| (0..6).map(|at| measure(&format!("f{at}"), 20.0 + shift, half)).collect::<Vec<_>>();
        let jitter = |mut measures: Vec<Measure>, normal: &mut dyn FnMut() -> f64| {
            for measure in &mut measures {
                let by = normal();
                measure.value = measure.value.map(|value| value + by);
                measure.low = measure.low.map(|low| low + by);
                measure.high = measure.high.map(|high| high + by);
            }
            measures
        };
        let now = side("2026Q3", jitter(draw(0.0), &mut normal), &[]);
        let before = side("2026Q2", jitter(draw(0.0), &mut normal), &[]);
        let any = compare(&now, &before).changes.iter().any(|change| change.verdict != Verdict::Noise);
        called += i32::from(any);
    }
    // One in twenty comparisons of nothing, give or take four standard errors.
    assert!((60..=140).contains(&called), "{called} of 2000");
}

#[test]
fn what_is_counted_has_a_difference_but_no_verdict() {
    let items = |value: f64| Measure { unit: Unit::Items, low: None, high: None, ..measure("items", value, 0.0) };
    let (verdict, text) = words(items(9.0), items(7.0));
    assert_eq!(
        (verdict, text.as_str()),
        (Verdict::CannotTell, "2 more than 2026Q2; no verdict: it is counted, not estimated")
    );
    assert_eq!(words(items(7.0), items(7.0)).0, Verdict::CannotTell);
}
