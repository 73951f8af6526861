//! Laws that hold for every set of loops, tried on random ones.
#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use proptest::prelude::*;

use super::{Cause, Competing, End, Event, LifeTable, Spell, Survival, Weight, gray_test, log_rank};

const CLOSE: f64 = 1e-12;

fn end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Decided), Just(End::Withdrawn), Just(End::Open)]
}

/// Any spell, late and invalid ones included.
fn any_spell() -> impl Strategy<Value = Spell> {
    let entry = prop_oneof![3 => Just(0_i64), 1 => 0_i64..12];
    (entry, 0_i64..30, end(), 0_i64..5).prop_map(|(entry, exit, end, count)| Spell { entry, exit, end, count })
}

fn undelayed() -> impl Strategy<Value = Vec<Spell>> {
    let spell = (0_i64..30, end(), 1_i64..5).prop_map(|(exit, end, count)| Spell { entry: 0, exit, end, count });
    prop::collection::vec(spell, 1..40)
}

proptest! {
    #[test]
    fn shuffling_changes_nothing(
        (spells, shuffled) in prop::collection::vec(any_spell(), 0..40)
            .prop_flat_map(|spells| (Just(spells.clone()), Just(spells).prop_shuffle())),
    ) {
        prop_assert_eq!(LifeTable::from_spells(&spells), LifeTable::from_spells(&shuffled));
    }

    #[test]
    fn shards_merge_into_the_whole(
        spells in prop::collection::vec((any_spell(), 0_usize..4), 0..60),
    ) {
        let whole = LifeTable::from_spells(&spells.iter().map(|(spell, _)| *spell).collect::<Vec<_>>());
        let shard = |wanted: usize| {
            let own = spells.iter().filter(|(_, shard)| *shard == wanted).map(|(spell, _)| *spell);
            LifeTable::from_spells(&own.collect::<Vec<_>>())
        };
        let forth = (0..4).fold(LifeTable::default(), |sum, wanted| sum.merge(&shard(wanted)));
        let back = (0..4).fold(LifeTable::default(), |sum, wanted| shard(wanted).merge(&sum));
        prop_assert_eq!(&forth, &whole);
        prop_assert_eq!(&back, &whole);
    }

    #[test]
    fn every_event_happens_to_a_loop_at_risk(spells in prop::collection::vec(any_spell(), 0..40)) {
        let table = LifeTable::from_spells(&spells);
        for row in &table.rows {
            prop_assert!(row.at_risk >= row.decided + row.withdrawn + row.censored);
            prop_assert_eq!(table.at(row.time), *row);
            let at_risk: i64 = spells
                .iter()
                .filter(|s| (s.entry < row.time || s.entry == 0) && s.entry <= s.exit && row.time <= s.exit)
                .map(|s| s.count)
                .sum();
            prop_assert_eq!(row.at_risk, at_risk);
        }
    }

    #[test]
    fn the_three_shares_sum_to_one_and_the_mean_times_to_tau(
        spells in prop::collection::vec(any_spell(), 1..40), tau in 1_i64..30,
    ) {
        let table = LifeTable::from_spells(&spells);
        let (both, survival) = (Competing::estimate(&table), Survival::estimate(&table, Event::Closed));
        prop_assert_eq!(both.steps.len(), survival.steps.len());
        for (step, closed) in both.steps.iter().zip(&survival.steps) {
            prop_assert!((step.decided.share + step.withdrawn.share + closed.survival.value - 1.0).abs() < CLOSE);
            prop_assert!(step.decided.variance >= -CLOSE && step.withdrawn.variance >= -CLOSE);
        }
        if let Some(mean) = both.mean_times(tau) {
            prop_assert!((mean.open + mean.decided + mean.withdrawn - tau as f64).abs() < CLOSE * tau as f64);
            let restricted = survival.restricted_mean(tau).unwrap().mean.value;
            prop_assert!((mean.open - restricted).abs() < CLOSE * tau as f64);
        }
    }

    #[test]
    fn curves_fall_and_lie_inside_their_bands(spells in prop::collection::vec(any_spell(), 1..40)) {
        let survival = Survival::estimate(&LifeTable::from_spells(&spells), Event::Closed);
        let mut before = 1.0;
        for step in &survival.steps {
            let now = step.survival;
            prop_assert!(now.value <= before && now.value >= 0.0);
            if let (Some(low), Some(high)) = (now.interval.low, now.interval.high) {
                prop_assert!(0.0 <= low && low <= now.value && now.value <= high && high <= 1.0);
            }
            before = now.value;
        }
        for p in [0.1, 0.5, 0.9] {
            let quantile = survival.quantile(p);
            if let (Some(low), Some(time)) = (quantile.interval.low, quantile.time) {
                prop_assert!(low <= time);
            }
            if let Some(high) = quantile.interval.high {
                prop_assert!(quantile.time.unwrap() <= high);
            }
        }
    }

    #[test]
    fn twice_the_loops_halve_the_variance(spells in undelayed(), tau in 1_i64..30) {
        let twice: Vec<Spell> = spells.iter().map(|spell| Spell { count: 2 * spell.count, ..*spell }).collect();
        let (one, two) = (LifeTable::from_spells(&spells), LifeTable::from_spells(&twice));
        let curves = [&one, &two].map(|table| Survival::estimate(table, Event::Closed));
        for (a, b) in curves[0].steps.iter().zip(&curves[1].steps) {
            prop_assert!((a.survival.value - b.survival.value).abs() < CLOSE);
            if let (Some(a), Some(b)) = (a.survival.std_error, b.survival.std_error) {
                prop_assert!((a * a - 2.0 * b * b).abs() < CLOSE);
            }
        }
        let shares = [&one, &two].map(Competing::estimate);
        for (a, b) in shares[0].steps.iter().zip(&shares[1].steps) {
            prop_assert!((a.decided.variance - 2.0 * b.decided.variance).abs() < CLOSE);
        }
        if let (Some(a), Some(b)) = (curves[0].restricted_mean(tau), curves[1].restricted_mean(tau)) {
            let (a, b) = (a.mean.std_error.unwrap(), b.mean.std_error.unwrap());
            prop_assert!((a * a - 2.0 * b * b).abs() < CLOSE * (tau * tau) as f64);
        }
    }

    #[test]
    fn incidence_without_a_competitor_is_the_complement_of_survival(spells in undelayed()) {
        let spells: Vec<Spell> = spells
            .into_iter()
            .map(|spell| if spell.end == End::Withdrawn { Spell { end: End::Open, ..spell } } else { spell })
            .collect();
        let table = LifeTable::from_spells(&spells);
        let (survival, both) = (Survival::estimate(&table, Event::Decided), Competing::estimate(&table));
        for (closed, step) in survival.steps.iter().zip(&both.steps) {
            let decided = both.within(Cause::Decided, closed.time).unwrap();
            prop_assert!((decided.value - (1.0 - closed.survival.value)).abs() < CLOSE);
            if let Some(std_error) = closed.survival.std_error {
                prop_assert!((step.decided.variance - std_error * std_error).abs() < CLOSE);
            }
        }
    }

    #[test]
    fn tests_do_not_depend_on_the_order_of_groups(a in undelayed(), b in undelayed(), c in undelayed()) {
        let [a, b, c] = [a, b, c].map(|spells| LifeTable::from_spells(&spells));
        let pairs = [
            (
                log_rank(&[&a, &b, &c], Event::Decided, Weight::LogRank),
                log_rank(&[&b, &c, &a], Event::Decided, Weight::LogRank),
            ),
            (gray_test(&[&a, &b, &c], Cause::Decided), gray_test(&[&b, &c, &a], Cause::Decided)),
        ];
        for (one, two) in pairs {
            // Near a singular variance rounding may decide whether there is a result.
            if let (Ok(one), Ok(two)) = (one, two) {
                let (seen, expected) = (one.observed.iter().sum::<f64>(), one.expected.iter().sum::<f64>());
                prop_assert!((seen - expected).abs() < 1e-9 * seen);
                prop_assert_eq!(one.df, two.df);
                prop_assert!((one.statistic - two.statistic).abs() < 1e-6 * one.statistic.max(1.0));
                prop_assert!((0.0..=1.0).contains(&one.p));
            }
        }
    }
}
