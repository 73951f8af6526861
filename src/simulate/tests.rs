//! The laws of the generator, and the planted quantities found again in what it tells.

use std::path::Path;

use super::history::story;
use super::mess::Mess;
use super::planted::{DEBRIEF, FINAL, PLANTED, ROUNDS, Wait};
use super::story::{LoopStory, Mark, Status, Verdict};
use super::world::{SALES, World};
use super::*;
use crate::time::{DAY, Instant};

pub(super) fn options(loops: u64, seed: u64, format: &'static Format, out: &Path) -> Options {
    Options { loops, seed, format, out: out.to_owned(), until: Options::UNTIL, years: Options::YEARS, set: Vec::new() }
}

pub(super) fn world(loops: u64, seed: u64) -> World {
    World::new(&options(loops, seed, FORMATS[0], Path::new(""))).unwrap()
}

pub(super) fn stories(world: &World) -> Vec<LoopStory> {
    (0..world.loops).map(|index| story(world, index)).collect()
}

/// Every file below a folder with its bytes, sorted by path.
pub(super) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder_now) = open.pop() {
        for entry in std::fs::read_dir(folder_now).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn days(from: Instant, to: Instant) -> f64 {
    (to.0 - from.0) as f64 / DAY as f64
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_does_not() {
    for format in FORMATS {
        let write = |seed| {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("history");
            let summary = simulate(&options(60, seed, format, &out), &mut |_| {}).unwrap();
            let files = contents(&out);
            assert_eq!(summary.files as usize, files.len() - 1, "{format:?}");
            let bytes: usize = files.iter().filter(|(name, _)| name != TRUTH_FILE).map(|(_, bytes)| bytes.len()).sum();
            assert_eq!(summary.bytes as usize, bytes, "{format:?}");
            files
        };
        assert_eq!(write(5), write(5), "{format:?}");
        assert_ne!(write(5), write(6), "{format:?}");
    }
}

#[test]
fn format_ids_are_unique_kebab_case_and_found_again() {
    for item in FORMATS {
        assert!(item.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        assert_eq!(FORMATS.iter().filter(|other| other.id == item.id).count(), 1);
        assert_eq!(format(item.id).map(|found| found.id), Some(item.id));
    }
    assert!(format("paper").is_none());
}

#[test]
fn a_loop_does_not_depend_on_the_loops_told_before_it() {
    let world = world(300, 11);
    let all = stories(&world);
    for index in [299, 0, 150, 7] {
        assert_eq!(story(&world, index), all[index as usize]);
    }
    assert!(all.windows(2).all(|pair| pair[0].applied_at <= pair[1].applied_at));
}

#[test]
fn what_is_kept_in_memory_does_not_grow_without_end() {
    let world = world(Options::MOST_LOOPS, 1);
    assert!(world.people.len() <= 2_200 && world.jobs.len() <= 400);
    let last = story(&world, Options::MOST_LOOPS - 1);
    assert!(last.applied_at < world.export && last.cards.len() < 16 && last.interviews.len() < 16);
}

#[test]
fn nothing_but_appointments_lies_after_the_export() {
    let world = world(3_000, 2);
    let mut planned = 0;
    for story in stories(&world) {
        let before = |at: Instant| assert!(at <= world.export, "loop {}", story.index);
        before(story.last_activity_at());
        story.interviews.iter().for_each(|interview| before(interview.scheduled_at));
        story.interviews.iter().filter(|i| i.status == Status::Done).for_each(|i| before(i.ends_at));
        story.cards.iter().for_each(|card| before(card.updated_at()));
        story.decision.iter().for_each(|decision| before(decision.at));
        story.outcome.iter().for_each(|outcome| before(outcome.at));
        planned += story.interviews.iter().filter(|i| i.status == Status::Planned).count();
    }
    assert!(planned > 0);
}

#[test]
fn times_are_in_order_except_where_mess_was_planted() {
    let world = world(4_000, 3);
    for story in stories(&world) {
        let messes = story.messes(&world);
        let planted = |kind| messes.iter().any(|(mess, count)| *mess == kind && *count > 0);
        for visit in &story.visits {
            assert!(visit.entered >= story.applied_at && visit.left.is_none_or(|left| left >= visit.entered));
        }
        for interview in &story.interviews {
            assert!(story.applied_at <= interview.availability_at || interview.stage == DEBRIEF);
            assert!(interview.availability_at <= interview.scheduled_at || interview.stage == DEBRIEF);
            assert!(interview.scheduled_at <= interview.starts_at && interview.starts_at < interview.ends_at);
        }
        let early = story
            .cards
            .iter()
            .any(|card| card.submitted_at.is_some_and(|at| at < story.interviews[card.interview].ends_at));
        assert_eq!(early, planted(Mess::OutOfOrderScorecard), "loop {}", story.index);
        let decided_early = story.decision.as_ref().is_some_and(|decision| decision.recorded_at < story.applied_at);
        assert_eq!(decided_early, planted(Mess::DecisionBeforeApplication), "loop {}", story.index);
    }
}

#[test]
fn loops_end_in_every_way_and_some_are_open() {
    let world = world(5_000, 4);
    let all = stories(&world);
    let share = |test: &dyn Fn(&LoopStory) -> bool| all.iter().filter(|s| test(s)).count() as f64 / 5_000.0;
    let ended = |verdict| share(&|s| s.decision.as_ref().is_some_and(|d| d.verdict == verdict));
    let shares =
        [ended(Verdict::Offer), ended(Verdict::Reject), ended(Verdict::Withdrawn), share(&|s| s.decision.is_none())];
    assert!((0.06..0.25).contains(&shares[0]), "offers {}", shares[0]);
    assert!((0.55..0.9).contains(&shares[1]), "rejections {}", shares[1]);
    assert!((0.04..0.2).contains(&shares[2]), "withdrawals {}", shares[2]);
    assert!((0.005..0.05).contains(&shares[3]), "open {}", shares[3]);
}

#[test]
fn planted_medians_of_waits_are_found_again() {
    let world = world(8_000, 5);
    let all: Vec<LoopStory> = stories(&world)
        .into_iter()
        .filter(|s| s.decision.as_ref().is_none_or(|d| d.verdict != Verdict::Withdrawn))
        .collect();
    let near = |values: Vec<f64>, wait: Wait, factor: f64, what: &str| {
        let (count, found) = (values.len() as f64, median(values));
        // Four standard errors of a log-normal median, and the censoring of the last weeks.
        let tolerance = 4.0 * 1.2533 * wait.log_sd / count.sqrt() + 0.02;
        let ratio = found / (wait.median_days * factor);
        assert!(ratio.ln().abs() < tolerance, "{what}: {found} over {count}, planted {}", wait.median_days * factor);
    };
    for (stage, round) in ROUNDS.iter().enumerate() {
        let waits = |slower: bool| {
            let entered = |s: &LoopStory| s.visits.iter().find(|v| v.stage == stage).map(|v| v.entered);
            all.iter()
                .filter_map(|s| Some((entered(s)?, s.interviews.iter().find(|i| i.stage == stage)?.scheduled_at)))
                .filter(|(from, _)| (*from >= world.slower_at) == slower)
                .map(|(from, to)| days(from, to))
                .collect::<Vec<_>>()
        };
        near(waits(false), round.to_schedule, 1.0, round.stage);
        near(waits(true), round.to_schedule, PLANTED.schedule_change_factor, round.stage);
    }
    let cards = all.iter().flat_map(|s| s.cards.iter().map(move |card| (s, card))).filter_map(|(s, card)| {
        let ended = s.interviews[card.interview].ends_at;
        card.submitted_at.filter(|at| *at > ended).map(|at| days(ended, at))
    });
    near(cards.collect(), PLANTED.to_scorecard, 1.0, "scorecard");
    for sales in [false, true] {
        let waits = all.iter().filter(|s| (world.jobs[s.job].department == SALES) == sales).filter_map(|s| {
            let debrief = s.interviews.iter().find(|i| i.stage == DEBRIEF)?;
            Some(days(debrief.ends_at, s.decision.as_ref()?.at))
        });
        let factor = if sales { PLANTED.sales_decision_factor } else { 1.0 };
        near(waits.collect(), PLANTED.to_decision, factor, "decision");
    }
}

#[test]
fn planted_leniency_is_found_again_among_people_who_scored_the_same_candidate() {
    // Within a panel the candidate cancels out, so the slope of score differences on planted leniency
    // differences is one, less what the ends of the rubric and the debrief pull take away.
    let world = world(20_000, 6);
    let (mut product, mut square, mut pairs) = (0.0, 0.0, 0);
    for story in stories(&world) {
        let independent: Vec<_> = story.cards.iter().filter(|card| card.stage == FINAL && !card.orphan).collect();
        for (n, first) in independent.iter().enumerate() {
            for second in &independent[n + 1..] {
                let (Some(a), Some(b)) = (first.mean(), second.mean()) else { continue };
                let gap = world.people[first.person].leniency - world.people[second.person].leniency;
                product += gap * (a - b);
                square += gap * gap;
                pairs += 1;
            }
        }
    }
    let slope = product / square;
    assert!(pairs > 5_000 && (0.6..0.95).contains(&slope), "slope {slope} over {pairs} pairs");
}

#[test]
fn rounds_that_measure_the_same_thing_agree_most_and_outcomes_follow_ability() {
    let world = world(20_000, 7);
    let all = stories(&world);
    let correlation = |pairs: &[(f64, f64)]| {
        let n = pairs.len() as f64;
        let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
        let sum = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
        let covariance = sum(&|p| (p.0 - mx) * (p.1 - my));
        (
            covariance / (sum(&|p| (p.0 - mx).powi(2)) * sum(&|p| (p.1 - my).powi(2))).sqrt(),
            covariance / sum(&|p| (p.0 - mx).powi(2)),
        )
    };
    let between = |a: usize, b: usize| {
        let mean = |s: &LoopStory, stage| s.cards.iter().find(|card| card.stage == stage && !card.orphan)?.mean();
        correlation(&all.iter().filter_map(|s| Some((mean(s, a)?, mean(s, b)?))).collect::<Vec<_>>()).0
    };
    let same = between(1, 4);
    for (a, b) in [(0, 1), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4)] {
        assert!(same > between(a, b) + 0.1, "{same} against {} for {a} and {b}", between(a, b));
    }
    let rated: Vec<(f64, f64)> =
        all.iter().filter_map(|s| Some((s.candidate.ability, f64::from(s.outcome.as_ref()?.performance)))).collect();
    let slope = correlation(&rated).1;
    assert!((slope - PLANTED.outcome_slope).abs() < 0.1, "slope {slope} over {}", rated.len());
}

#[test]
fn cards_after_the_debrief_are_closer_to_the_first_one() {
    let world = world(30_000, 8);
    let (mut blind, mut exposed) = (Vec::new(), Vec::new());
    for story in stories(&world) {
        let Some(debrief) = story.interviews.iter().find(|i| i.stage == DEBRIEF) else { continue };
        let mut cards: Vec<_> = story.cards.iter().filter(|c| c.stage == FINAL && !c.shadow && !c.orphan).collect();
        cards.retain(|card| card.submitted_at.is_some());
        cards.sort_by_key(|card| card.submitted_at);
        let [first, second] = cards[..] else { continue };
        let (Some(a), Some(b)) = (first.mean(), second.mean()) else { continue };
        let late = |at: Option<Instant>| at.is_some_and(|at| at > debrief.ends_at);
        match (late(first.submitted_at), late(second.submitted_at)) {
            (false, false) => blind.push((a - b).powi(2)),
            (false, true) => exposed.push((a - b).powi(2)),
            _ => {}
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let ratio = (mean(&exposed) / mean(&blind)).sqrt();
    assert!(exposed.len() > 150, "{}", exposed.len());
    assert!((0.58..0.85).contains(&ratio), "ratio {ratio} over {} and {}", exposed.len(), blind.len());
}

#[test]
fn mess_is_sown_at_its_rate() {
    let world = world(20_000, 9);
    let all = stories(&world);
    let mut counts = [0_u64; mess::PLANS.len()];
    for (kind, count) in all.iter().flat_map(|story| story.messes(&world)) {
        counts[kind as usize] += count;
    }
    let cards = all.iter().flat_map(|s| &s.cards).filter(|card| card.marks != [Mark::Blank; 4]).count() as f64;
    let rejections = all.iter().filter_map(|s| s.decision.as_ref()).filter(|d| d.verdict == Verdict::Reject).count();
    for (kind, chances) in [
        (Mess::DraftScorecard, cards),
        (Mess::NoDecisionRating, 4.0 * cards),
        (Mess::NoDecisionRecommendation, cards),
        (Mess::DuplicateApplication, 20_000.0),
        (Mess::DuplicateScorecard, cards),
        (Mess::ProxySubmission, cards),
        (Mess::OrphanScorecard, 20_000.0),
        (Mess::ProspectApplication, 20_000.0),
        (Mess::DecisionBeforeApplication, rejections as f64),
    ] {
        let (found, expected) = (counts[kind as usize] as f64, kind.rate() * chances);
        assert!((found - expected).abs() < 5.0 * expected.sqrt() + 2.0, "{kind:?}: {found}, expected {expected}");
    }
    for kind in [
        Mess::CancelledInterview,
        Mess::NoShowInterview,
        Mess::OutOfOrderScorecard,
        Mess::ShadowScorecard,
        Mess::RenamedStageVisit,
    ] {
        assert!(counts[kind as usize] > 0, "{kind:?}");
    }
}

#[test]
fn deleted_copies_are_drawn_apart_at_their_rate_and_before_the_export() {
    let world = world(6_000, 9);
    let (mut cards, mut deleted) = (0.0, 0.0);
    for story in stories(&world) {
        let found = mess::deletions(&world, &story, &mut draw::Draw::aside(world.seed, story.index));
        assert_eq!(found.len(), story.cards.len());
        for (card, at) in story.cards.iter().zip(found) {
            cards += f64::from(u8::from(card.submitted_at.is_some() && !card.orphan));
            deleted += f64::from(u8::from(at.is_some()));
            assert!(
                at.is_none_or(|at| card.submitted_at.is_some_and(|submitted| submitted < at) && at <= world.export)
            );
        }
    }
    let expected = mess::DELETED_SCORECARD.rate * cards;
    assert!((deleted - expected).abs() < 5.0 * expected.sqrt(), "{deleted}, expected {expected}");
}

#[test]
fn a_used_folder_and_impossible_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "x").unwrap();
    let refused = |change: &dyn Fn(&mut Options)| {
        let mut options = options(1, 1, FORMATS[0], folder.path());
        change(&mut options);
        simulate(&options, &mut |_| {}).is_err()
    };
    assert!(refused(&|_| {}));
    assert!(refused(&|options| options.years = 0));
    assert!(refused(&|options| options.loops = u64::MAX));
}

#[test]
fn an_empty_history_is_still_an_export() {
    for format in FORMATS {
        let folder = tempfile::tempdir().unwrap();
        let summary = simulate(&options(0, 1, format, &folder.path().join("new")), &mut |_| {}).unwrap();
        assert!(summary.files > 0 && summary.open == 0, "{format:?}");
    }
}

#[cfg(unix)]
#[test]
fn files_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new");
    simulate(&options(5, 1, FORMATS[0], &out), &mut |_| {}).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o700);
    assert!(contents(&out).iter().all(|(name, _)| mode(&out.join(name)) == 0o600));
}
