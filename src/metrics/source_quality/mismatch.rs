//! What a domain mismatch costs: candidates whose specialism is the role's against those whose is not.

use super::tables::DOMAIN_MISMATCH;
use super::{Data, Loop, standing_of};
use crate::engine::results::{Cell, ResultTable, Status};
use crate::metrics::rows::{all, limits, standing, text};
use crate::stats::benjamini_hochberg;
use crate::stats::estimate::{Interval, two_sided_p};
use crate::stats::means::{mean_of, welch};
use crate::stats::proportion::{Proportion, newcombe, wilson};

/// The measure of what a loop takes, which is neither better nor worse.
pub(super) const ROUNDS_HELD: &str = "rounds_held";

/// One measure of matching against mismatching candidates.
struct Cost {
    measure: String,
    matching: Option<f64>,
    mismatching: Option<f64>,
    difference: Option<(f64, Interval, Option<f64>)>,
    n: [usize; 2],
}

pub(super) fn table(loops: &[Loop<'_>], data: &Data<'_>) -> ResultTable {
    let mut out = ResultTable::new(&DOMAIN_MISMATCH);
    let of = |word: &str| loops.iter().filter(|own| own.fit == Some(word)).collect::<Vec<_>>();
    let (matching, mismatching) = (of("match"), of("mismatch"));
    let means = |measure: &str, a: Vec<f64>, b: Vec<f64>| Cost {
        measure: measure.to_owned(),
        matching: mean_of(&a).map(|found| found.value),
        mismatching: mean_of(&b).map(|found| found.value),
        difference: welch(&a, &b)
            .map(|found| (found.value, found.interval, found.std_error.and_then(|se| two_sided_p(found.value / se)))),
        n: [a.len(), b.len()],
    };
    let shares = |measure: String, a: (i64, i64), b: (i64, i64)| {
        let (first, second) = (wilson(a.0, a.1), wilson(b.0, b.1));
        let difference = first.zip(second).map(|(first, second)| {
            let found = newcombe(&first, &second);
            let pooled = (a.0 + b.0) as f64 / (a.1 + b.1) as f64;
            let error = (pooled * (1.0 - pooled) * (1.0 / a.1 as f64 + 1.0 / b.1 as f64)).sqrt();
            let p = if error > 0.0 { two_sided_p(found.difference / error) } else { None };
            (found.difference, Interval::new(found.low, found.high), p)
        });
        let value = |share: Option<Proportion>| share.map(|share| share.share);
        Cost {
            measure,
            matching: value(first),
            mismatching: value(second),
            difference,
            n: [a.1 as usize, b.1 as usize],
        }
    };
    let mut costs = vec![means("first_round_mean", data.first_round(&matching), data.first_round(&mismatching))];
    for (round, stage) in data.people.stages().enumerate() {
        let (a, b) = (data.passed(&matching, round), data.passed(&mismatching, round));
        costs.push(shares(format!("pass_through: {}", stage.name), a, b));
    }
    let pair = |of: &[Option<bool>]| (data.flags(&matching, of), data.flags(&mismatching, of));
    let (a, b) = pair(&data.offers);
    costs.push(shares("offer_rate".to_owned(), a, b));
    if let Some((outcome, _)) = &data.outcome {
        let measure = format!("outcome: {}", outcome.name);
        costs.push(means(&measure, data.outcomes(&matching), data.outcomes(&mismatching)));
    }
    costs.push(means(ROUNDS_HELD, data.rounds_held(&matching), data.rounds_held(&mismatching)));
    let able = |cost: &Cost| cost.n.iter().all(|n| *n >= data.smallest);
    let p = |cost: &Cost| cost.difference.and_then(|(_, _, p)| p).filter(|_| able(cost));
    let q = benjamini_hochberg(&costs.iter().map(p).collect::<Vec<_>>());
    for (cost, q) in costs.iter().zip(q) {
        let fewest = cost.n[0].min(cost.n[1]);
        let (status, reason) = match standing_of(fewest, data.smallest) {
            _ if matching.is_empty() && mismatching.is_empty() => {
                (Status::NotEstimable, Some("specialisms of candidates and roles are not on record".to_owned()))
            }
            (status, reason) => (status, reason.map(|reason| format!("{reason} on one side"))),
        };
        let mut cells = all().to_vec();
        cells.extend([
            ("measure", text(&cost.measure)),
            ("matching", Cell::Int(cost.n[0] as i64)),
            ("mismatching", Cell::Int(cost.n[1] as i64)),
        ]);
        if status != Status::NotEstimable {
            cells.extend([
                ("match_value", Cell::float(cost.matching)),
                ("mismatch_value", Cell::float(cost.mismatching)),
            ]);
            if let Some((value, ends, p)) = cost.difference {
                cells.push(("difference", Cell::float(value)));
                cells.extend(limits(ends, ["difference_low", "difference_high"]));
                cells.extend([("p_value", Cell::float(p)), ("q_value", Cell::float(q))]);
            }
        }
        let method = format!("Welch and Newcombe, match less mismatch; {}", data.people.window);
        cells.extend(standing((cost.n[0] + cost.n[1]) as i64, method, status, reason));
        out.push(cells);
    }
    out
}
