//! How often the tests of independence ring without a fire, and how often they find one. Simulated panels with known
//! influence go through `looplens::stats`; the table is written to `benches/drift_study.md`:
//!
//! `cargo bench --bench drift_study > benches/drift_study.md`
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a study prints its table, and stops where it cannot"
)]

use looplens::stats::anchor::{after_against_before, over_draws};
use looplens::stats::exposure::{self, contrast, shuffled_p};
use looplens::stats::funnel::{LEVELS, limits};
use looplens::stats::order::successive;
use looplens::stats::panel_test::{Deviation, Pooled};
use looplens::stats::proportion::wilson;
use looplens::stats::revision::{Direction, direction, sign_test, spread};
use looplens::stats::trend::of_shares;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Simulated histories per row.
const TIMES: usize = 2_000;
/// Standard deviations of candidates, leniency and everything else, in rubric points.
const CANDIDATE: f64 = 0.7;
const LENIENCY: f64 = 0.25;
const NOISE: f64 = 0.65;
const INTERVIEWERS: usize = 25;
/// Cards of a panel.
const CARDS: usize = 4;

/// What happens in panels.
#[derive(Clone, Copy, Default)]
struct World {
    panels: usize,
    /// Share of panels whose cards can be known to each other.
    exposed: f64,
    /// Share of the way to the mean of the cards before, in exposed panels.
    running: f64,
    /// Share of the way to the first interviewer's card, who is the hiring manager, for those who come after.
    manager: f64,
    /// The last two cards of each panel come after the debrief, and go so far to the mean of the first two.
    talk: Option<f64>,
    /// How much later lenient people come.
    lenient_late: f64,
    /// Whether leniency is subtracted.
    adjusted: bool,
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// One panel in order of submission: scores on the rubric less leniency, who is the manager, and whether it is exposed.
struct Panel {
    scores: Vec<f64>,
    manager: usize,
    is_exposed: bool,
    /// From this card on they came after the debrief.
    talked: usize,
}

impl Panel {
    fn knew(&self, i: usize, j: usize) -> bool {
        self.is_exposed || i.max(j) >= self.talked
    }
}

fn history(world: &World, dice: &mut Dice) -> Vec<Panel> {
    let leniency: Vec<f64> = (0..INTERVIEWERS).map(|_| LENIENCY * dice.normal()).collect();
    (0..world.panels)
        .map(|_| {
            let candidate = 2.5 + CANDIDATE * dice.normal();
            let mut people: Vec<usize> = Vec::new();
            while people.len() < CARDS {
                let who = (dice.unit() * INTERVIEWERS as f64) as usize;
                if !people.contains(&who) {
                    people.push(who);
                }
            }
            let mut order: Vec<(f64, usize)> = people
                .iter()
                .enumerate()
                .map(|(seat, who)| (dice.normal() + world.lenient_late * leniency[*who] / LENIENCY, seat))
                .collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let is_exposed = dice.unit() < world.exposed;
            let mut opinions: Vec<f64> = Vec::new();
            let mut manager = None;
            let mut scores = Vec::new();
            for (place, (_, seat)) in order.iter().enumerate() {
                let who = people[*seat];
                let mut own = candidate + leniency[who] + NOISE * dice.normal();
                if is_exposed && place > 0 {
                    let mean = opinions.iter().sum::<f64>() / place as f64;
                    own += world.running * (mean - own);
                }
                if let Some(talk) = world.talk.filter(|_| place >= 2) {
                    let mean = opinions.iter().take(2).sum::<f64>() / 2.0;
                    own += talk * (mean - own);
                }
                if let Some(manager) = manager {
                    let theirs: f64 = opinions[manager];
                    own += world.manager * (theirs - own);
                }
                if *seat == 0 {
                    manager = Some(place);
                }
                opinions.push(own);
                scores.push(own.round().clamp(1.0, 4.0) - if world.adjusted { leniency[who] } else { 0.0 });
            }
            let talked = if world.talk.is_some() { 2 } else { CARDS };
            Panel { scores, manager: manager.unwrap_or(0), is_exposed, talked }
        })
        .collect()
}

fn square(a: f64, b: f64) -> f64 {
    (a - b).powi(2)
}

/// Whether each test says so at 5 %, in the direction of influence.
struct Rings {
    exposure: bool,
    shuffled: bool,
    order: bool,
    manager: bool,
    first: bool,
    majority: bool,
}

fn rings(panels: &[Panel]) -> Rings {
    let pairs: Vec<exposure::Panel> = panels
        .iter()
        .map(|panel| {
            let s = &panel.scores;
            let pairs = (0..s.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
            exposure::Panel::of(0, pairs.map(|(i, j)| (panel.knew(i, j), square(s[i], s[j]))))
        })
        .collect();
    let found = contrast(&pairs).ok();
    let closer = found.is_some_and(|found| found.ratio < 1.0);
    let pooled =
        |of: &dyn Fn(&Panel) -> Option<Deviation>| Pooled::of(&panels.iter().filter_map(of).collect::<Vec<_>>());
    let draws = |pooled: Pooled| pooled.deviation < 0.0 && pooled.p().is_some_and(|p| p <= 0.05);
    Rings {
        exposure: closer && found.is_some_and(|found| found.p <= 0.05),
        shuffled: closer && shuffled_p(&pairs).is_some_and(|p| p <= 0.05),
        order: draws(pooled(&|panel| successive(CARDS, |i, j| square(panel.scores[i], panel.scores[j])))),
        manager: draws(pooled(&|panel| {
            let others: Vec<usize> = (0..CARDS).filter(|at| *at != panel.manager).collect();
            let theirs = panel.scores[panel.manager];
            let gaps: Vec<f64> = others.iter().map(|at| (panel.scores[*at] - theirs).abs()).collect();
            let after: Vec<bool> = others.iter().map(|at| *at > panel.manager).collect();
            after_against_before(&gaps, &after)
        })),
        first: draws(pooled(&|panel| {
            let gaps: Vec<f64> = (1..CARDS).map(|at| (panel.scores[at] - panel.scores[0]).abs()).collect();
            let after: Vec<bool> = (1..CARDS).map(|at| at >= panel.talked).collect();
            after_against_before(&gaps, &after)
        })),
        majority: draws(pooled(&|panel| {
            let after: Vec<bool> = (0..CARDS).map(|at| at >= panel.talked).collect();
            over_draws(&after, |late| {
                let of = |wanted: bool| (0..CARDS).filter(move |at| late[*at] == wanted).map(|at| panel.scores[at]);
                let mean = of(false).sum::<f64>() / of(false).count() as f64;
                Some(of(true).map(|score| (score - mean).abs()).sum::<f64>() / of(true).count() as f64)
            })
        })),
    }
}

fn share(hits: usize, of: usize) -> String {
    let found = wilson(hits as i64, of as i64).unwrap();
    format!("{:.3} ({:.3} to {:.3})", found.share, found.low, found.high)
}

fn influence(dice: &mut Dice) {
    println!(
        "\n## Influence on first scores: share of histories in which a test says so at 5 %, two-sided, in its direction\n"
    );
    println!(
        "Without influence 0.025 is expected of each. Panels of {CARDS}; half of them exposed unless it says otherwise.\n"
    );
    println!(
        "| what happens | panels | exposure | exposure, shuffled | order | hiring manager | first card | majority |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let calm = World { exposed: 0.5, adjusted: true, ..World::default() };
    let talk = |pull: f64| World { exposed: 0.0, talk: Some(pull), ..calm };
    let rows: [(&str, World, &[usize]); 11] = [
        ("nothing", calm, &[40, 100, 200]),
        ("lenient people come late, leniency left in", World { lenient_late: 1.0, adjusted: false, ..calm }, &[100]),
        ("lenient people come late, leniency subtracted", World { lenient_late: 1.0, ..calm }, &[100]),
        ("exposed cards go 25 % to the mean of those before", World { running: 0.25, ..calm }, &[40, 100, 200]),
        ("exposed cards go 50 % to the mean of those before", World { running: 0.5, ..calm }, &[40, 100, 200]),
        ("all cards go 25 % to the mean of those before", World { running: 0.25, exposed: 1.0, ..calm }, &[100, 200]),
        ("all cards go 50 % to the mean of those before", World { running: 0.5, exposed: 1.0, ..calm }, &[100, 200]),
        ("the last two cards come after the debrief, without influence", talk(0.0), &[40, 100, 200]),
        ("the last two go 25 % to the mean of the first two", talk(0.25), &[40, 100, 200]),
        ("the last two go 50 % to the mean of the first two", talk(0.5), &[40, 100, 200]),
        ("cards after the manager's go 50 % to it", World { manager: 0.5, ..calm }, &[40, 100, 200]),
    ];
    for (what, world, sizes) in rows {
        for panels in sizes {
            let world = World { panels: *panels, ..world };
            let found: Vec<Rings> = (0..TIMES).map(|_| rings(&history(&world, dice))).collect();
            let of = |test: fn(&Rings) -> bool| share(found.iter().filter(|rings| test(rings)).count(), TIMES);
            let or = |applies: bool, share: String| if applies { share } else { "–".to_owned() };
            let contrast = world.exposed < 1.0;
            println!(
                "| {what} | {panels} | {} | {} | {} | {} | {} | {} |",
                or(contrast, of(|r| r.exposure)),
                // Panels of both kinds of pairs cannot be shuffled.
                or(contrast && world.talk.is_none(), of(|r| r.shuffled)),
                of(|r| r.order),
                of(|r| r.manager),
                or(world.talk.is_some(), of(|r| r.first)),
                or(world.talk.is_some(), of(|r| r.majority))
            );
        }
    }
}

fn revisions(dice: &mut Dice) {
    println!("\n## Changed scores\n");
    println!(
        "100 panels of {CARDS}; one card in five, or one in each panel, is given anew. Share of histories in which a test says so at 5 %.\n"
    );
    println!("| what happens | changes toward the others | sign test | spread of panels, signs flipped |");
    println!("| --- | --- | --- | --- |");
    for (what, pull, furthest) in [
        ("any card given anew, without influence", 0.0, false),
        ("the card furthest from the others given anew, without influence", 0.0, true),
        ("any card given anew, half-way to the others", 0.5, false),
    ] {
        let (mut toward, mut away, mut told, mut fell) = (0, 0, 0, 0);
        for _ in 0..TIMES {
            let (mut own_toward, mut own_away) = (0, 0);
            let mut panels = Vec::new();
            for _ in 0..100 {
                let candidate = 2.5 + CANDIDATE * dice.normal();
                let rate = |dice: &mut Dice| (candidate + NOISE * dice.normal()).round().clamp(1.0, 4.0);
                let before: Vec<f64> = (0..CARDS).map(|_| rate(dice)).collect();
                let mut after = before.clone();
                let total: f64 = before.iter().sum();
                let others = |at: usize| (total - before[at]) / (CARDS as f64 - 1.0);
                let far = |at: &usize| (before[*at] - others(*at)).abs();
                let furthest_card = (0..CARDS).max_by(|a, b| far(a).total_cmp(&far(b))).unwrap();
                for at in 0..CARDS {
                    let looks_again = if furthest { at == furthest_card } else { dice.unit() < 0.2 };
                    if !looks_again {
                        continue;
                    }
                    let others = others(at);
                    let own = candidate + NOISE * dice.normal();
                    after[at] = (own + pull * (others - own)).round().clamp(1.0, 4.0);
                    if after[at] != before[at] {
                        match direction(before[at], after[at], Some(others)) {
                            Direction::Toward => own_toward += 1,
                            Direction::Away => own_away += 1,
                            Direction::Neither => {}
                        }
                    }
                }
                panels.push((before, after));
            }
            toward += own_toward;
            away += own_away;
            told += usize::from(sign_test(own_toward, own_away).is_some_and(|test| test.p <= 0.05 && test.share > 0.5));
            let spread = spread(&panels).unwrap();
            fell += usize::from(spread.after < spread.before && spread.p.is_some_and(|p| p <= 0.05));
        }
        let all = (toward + away) as usize;
        println!("| {what} | {} | {} | {} |", share(toward as usize, all), share(told, TIMES), share(fell, TIMES));
    }
}

fn rates(dice: &mut Dice) {
    println!("\n## Rates\n");
    println!(
        "Nobody and no quarter differs. Share of units outside of the limits, and of histories with a trend at 5 %.\n"
    );
    println!("| true rate | cards of a unit | outside 95 | outside 99.8 | trend over 8 quarters |");
    println!("| --- | --- | --- | --- | --- |");
    for (rate, n) in [(0.02, 20), (0.1, 20), (0.1, 60), (0.3, 20), (0.3, 60)] {
        let (mut warned, mut beyond, mut trends) = (0, 0, 0);
        let [warning, control] = LEVELS.map(|level| limits(rate, n, level).unwrap());
        for _ in 0..TIMES {
            let mut quarters = Vec::new();
            for quarter in 0..8 {
                let hits = (0..n).filter(|_| dice.unit() < rate).count() as i64;
                let seen = hits as f64 / n as f64;
                warned += usize::from(seen < warning.low || seen > warning.high);
                beyond += usize::from(seen < control.low || seen > control.high);
                quarters.push((f64::from(quarter), hits, n));
            }
            trends += usize::from(of_shares(&quarters).is_some_and(|trend| trend.p <= 0.05));
        }
        println!(
            "| {rate} | {n} | {} | {} | {} |",
            share(warned, 8 * TIMES),
            share(beyond, 8 * TIMES),
            share(trends, TIMES)
        );
    }
}

fn main() {
    println!("# Independence of scores: false alarms and power\n");
    println!(
        "Written by `cargo bench --bench drift_study > benches/drift_study.md`; {TIMES} simulated histories per row, fixed seed;"
    );
    println!(
        "shares carry their 95 % Wilson interval. Scores are rounded to 1 to 4; standard deviations: candidates {CANDIDATE},"
    );
    println!("leniency {LENIENCY} ({INTERVIEWERS} interviewers), everything else {NOISE}.");
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(20_260_930));
    influence(&mut dice);
    revisions(&mut dice);
    rates(&mut dice);
}
