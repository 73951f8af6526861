//! Do scores given in knowledge of others lie closer together than those given without? The contrast of blind and
//! exposed pairs within panels.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::estimate::{Interval, Z_95, two_sided_p};

/// Mean squared differences of the pairs of one panel, by class. Differences within a panel hold nothing of the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Panel {
    /// Panels are compared within a stratum only, such as a stage.
    pub stratum: u32,
    /// Pairs of which neither could know the other.
    pub blind_pairs: i64,
    /// Pairs of which at least one could know the other.
    pub exposed_pairs: i64,
    /// Mean squared difference of the blind pairs.
    pub blind: Option<f64>,
    /// Mean squared difference of the exposed pairs.
    pub exposed: Option<f64>,
}

impl Panel {
    /// A panel from its pairs: whether exposed, and the squared difference.
    pub fn of(stratum: u32, pairs: impl IntoIterator<Item = (bool, f64)>) -> Self {
        let (mut sums, mut counts) = ([0.0; 2], [0_i64; 2]);
        for (exposed, square) in pairs {
            sums[usize::from(exposed)] += square;
            counts[usize::from(exposed)] += 1;
        }
        let mean = |class: usize| (counts[class] > 0).then(|| sums[class] / counts[class] as f64);
        Self { stratum, blind_pairs: counts[0], exposed_pairs: counts[1], blind: mean(0), exposed: mean(1) }
    }

    fn of_class(&self, exposed: bool) -> Option<f64> {
        if exposed { self.exposed } else { self.blind }
    }
}

/// One class over all panels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// Panels with such pairs.
    pub panels: i64,
    /// Pairs.
    pub pairs: i64,
    /// Mean over panels of their mean squared difference, in squared score points, strata weighted alike in both classes.
    pub mean: f64,
}

/// Exposed against blind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Blind pairs.
    pub blind: Class,
    /// Exposed pairs.
    pub exposed: Class,
    /// Mean squared difference of exposed over that of blind pairs; below 1 where exposed scores lie closer.
    pub ratio: f64,
    /// Its 95 % interval, normal on the logarithm with the panel as the cluster.
    pub interval: Interval,
    /// The logarithm of the ratio over its standard error.
    pub z: f64,
    /// Two-sided p-value of `z`.
    pub p: f64,
    /// Panels of strata with fewer than two panels of either class, which cannot be compared within.
    pub left_out: i64,
}

/// Why there is no contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoContrast {
    /// No pair of two cards.
    #[error("no two interviewers scored the same candidate in one stage")]
    NoPairs,
    /// Everything was given in knowledge of others.
    #[error("no stage has two panels with scores given without knowledge of each other")]
    NoBlind,
    /// Nothing was.
    #[error("no stage has two panels with scores that could be given in knowledge of others")]
    NoExposed,
    /// Both, but never in one stratum.
    #[error("no stage has both kinds of panels twice")]
    NeverTogether,
    /// All scores of a class agree, so a ratio has no interval.
    #[error("the scores of one kind never differ within a panel")]
    NoDifference,
}

/// The sums of one stratum. Squared deviations and products follow once means are known.
#[derive(Debug, Clone, Copy, Default)]
struct Stratum {
    panels: [f64; 2],
    pairs: [i64; 2],
    mean: [f64; 2],
    /// Variance of the mean of each class, and their covariance through panels that have both.
    variance: [f64; 2],
    covariance: f64,
    weight: f64,
}

impl Stratum {
    fn of(panels: &[&Panel]) -> Option<Self> {
        let mut out = Self::default();
        for class in [false, true] {
            let at = usize::from(class);
            let values = || panels.iter().filter_map(|panel| panel.of_class(class));
            let n = values().count() as f64;
            if n < 2.0 {
                return None;
            }
            let mean = values().sum::<f64>() / n;
            let square: f64 = values().map(|value| (value - mean).powi(2)).sum();
            out.panels[at] = n;
            out.mean[at] = mean;
            out.variance[at] = square / (n - 1.0) / n;
            out.pairs[at] =
                panels.iter().map(|panel| if class { panel.exposed_pairs } else { panel.blind_pairs }).sum();
        }
        let both = panels.iter().filter_map(|panel| Some((panel.blind?, panel.exposed?)));
        let products: f64 = both.map(|(blind, exposed)| (blind - out.mean[0]) * (exposed - out.mean[1])).sum();
        let [b, e] = out.panels;
        out.covariance = products / ((b - 1.0) * b * (e - 1.0) * e).sqrt();
        out.weight = b * e / (b + e);
        Some(out)
    }
}

fn strata(panels: &[Panel]) -> Vec<Vec<&Panel>> {
    let mut sorted: Vec<&Panel> = panels.iter().filter(|panel| panel.blind_pairs + panel.exposed_pairs > 0).collect();
    // A stable sort: within a stratum the order of the input stands.
    sorted.sort_by_key(|panel| panel.stratum);
    sorted.chunk_by(|a, b| a.stratum == b.stratum).map(<[&Panel]>::to_vec).collect()
}

/// The contrast over all panels: `Σ w ē / Σ w b̄` over strata with `ē` and `b̄` the means over panels of the two classes
/// and `w` the weight of Mantel and Haenszel (1959). Its logarithm has the variance
/// `Σ w² (Var ē + R² Var b̄ − 2 R Cov) / (R Σ w b̄)²`; with one stratum and without panels of both kinds this is the sum
/// over classes of `variance / (panels · mean²)`.
pub fn contrast(panels: &[Panel]) -> Result<Contrast, NoContrast> {
    let groups = strata(panels);
    let (mut blind, mut exposed, mut left_out) = (0.0, 0.0, 0);
    let mut used: Vec<Stratum> = Vec::with_capacity(groups.len());
    for group in &groups {
        match Stratum::of(group) {
            Some(stratum) => {
                blind += stratum.weight * stratum.mean[0];
                exposed += stratum.weight * stratum.mean[1];
                used.push(stratum);
            }
            None => left_out += group.len() as i64,
        }
    }
    if used.is_empty() {
        let has = |exposed: bool| {
            groups.iter().any(|group| group.iter().filter(|panel| panel.of_class(exposed).is_some()).count() > 1)
        };
        return Err(match (groups.is_empty(), has(false), has(true)) {
            (true, ..) => NoContrast::NoPairs,
            (_, true, true) => NoContrast::NeverTogether,
            (_, false, _) => NoContrast::NoBlind,
            _ => NoContrast::NoExposed,
        });
    }
    if !(blind > 0.0 && exposed > 0.0) {
        return Err(NoContrast::NoDifference);
    }
    let ratio = exposed / blind;
    let variance: f64 = used
        .iter()
        .map(|s| s.weight.powi(2) * (s.variance[1] + ratio * ratio * s.variance[0] - 2.0 * ratio * s.covariance))
        .sum();
    let error = variance.max(0.0).sqrt() / exposed;
    if !(error > 0.0 && error.is_finite()) {
        return Err(NoContrast::NoDifference);
    }
    let z = ratio.ln() / error;
    let weight: f64 = used.iter().map(|stratum| stratum.weight).sum();
    let class = |at: usize, sum: f64| Class {
        panels: used.iter().map(|stratum| stratum.panels[at] as i64).sum(),
        pairs: used.iter().map(|stratum| stratum.pairs[at]).sum(),
        mean: sum / weight,
    };
    Ok(Contrast {
        blind: class(0, blind),
        exposed: class(1, exposed),
        ratio,
        interval: Interval::new((ratio.ln() - Z_95 * error).exp(), (ratio.ln() + Z_95 * error).exp()),
        z,
        p: two_sided_p(z).unwrap_or(1.0),
        left_out,
    })
}

/// How many times labels are shuffled.
pub const SHUFFLES: usize = 1_999;
/// More panels than this leave nothing to be gained over the normal approximation.
pub const MOST_SHUFFLED: usize = 5_000;
/// Any fixed number: the same panels give the same p-value.
const SEED: u64 = 0x64_72_69_66_74;

/// The p-value of the contrast from shuffling which panels are exposed, within strata: `(1 + s) / (1 + SHUFFLES)` with `s` the
/// shuffles whose log ratio is at least as far from 0. Holds its level in small samples, where every panel is of one
/// kind. `None` where a panel has pairs of both kinds, where there are more than [`MOST_SHUFFLED`], or without a contrast.
pub fn shuffled_p(panels: &[Panel]) -> Option<f64> {
    let groups: Vec<Vec<&Panel>> = strata(panels).into_iter().filter(|group| Stratum::of(group).is_some()).collect();
    let pure = groups.iter().flatten().all(|panel| panel.blind.is_some() != panel.exposed.is_some());
    let count: usize = groups.iter().map(Vec::len).sum();
    if !pure || count == 0 || count > MOST_SHUFFLED {
        return None;
    }
    // Blind panels first in each stratum; a shuffle deals the values anew.
    let mut dealt: Vec<(Vec<f64>, usize)> = groups
        .iter()
        .map(|group| {
            let of = |exposed: bool| group.iter().filter_map(move |panel| panel.of_class(exposed));
            (of(false).chain(of(true)).collect(), of(false).count())
        })
        .collect();
    let log_ratio = |dealt: &[(Vec<f64>, usize)]| {
        let (mut blind, mut exposed) = (0.0, 0.0);
        for (values, first) in dealt {
            let (b, e) = (*first as f64, (values.len() - first) as f64);
            let (seen, rest) = values.split_at(*first);
            blind += seen.iter().sum::<f64>() / b * (b * e / (b + e));
            exposed += rest.iter().sum::<f64>() / e * (b * e / (b + e));
        }
        (exposed / blind).ln().abs()
    };
    let observed = log_ratio(&dealt);
    if !observed.is_finite() {
        return None;
    }
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let mut as_far = 0;
    for _ in 0..SHUFFLES {
        dealt.iter_mut().for_each(|(values, _)| values.shuffle(&mut dice));
        // Not a number only where all fell to one side, which is as far as can be.
        let far = log_ratio(&dealt);
        as_far += usize::from(far.is_nan() || far >= observed - 1e-12);
    }
    Some((1.0 + as_far as f64) / (1.0 + SHUFFLES as f64))
}

/// How many independent opinions the `cards` of an exposed panel are worth: `n / (1 + (n − 1) ρ)` with `ρ = 1 − ratio`,
/// no less than 0. `None` for a ratio that is none.
pub fn independent_opinions(cards: f64, ratio: f64) -> Option<f64> {
    let shared = (1.0 - ratio).clamp(0.0, 1.0);
    (cards >= 1.0 && ratio.is_finite() && ratio >= 0.0).then(|| cards / (1.0 + (cards - 1.0) * shared))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a missing value fails the test")]
    use proptest::prelude::*;

    use super::*;

    fn blind(stratum: u32, value: f64) -> Panel {
        Panel::of(stratum, [(false, value)])
    }

    fn exposed(stratum: u32, value: f64) -> Panel {
        Panel::of(stratum, [(true, value)])
    }

    #[test]
    fn one_stratum_worked_by_hand() {
        let panels = [blind(0, 1.0), blind(0, 3.0), exposed(0, 0.5), exposed(0, 1.5)];
        let found = contrast(&panels).unwrap();
        assert_eq!((found.blind.mean, found.exposed.mean, found.ratio), (2.0, 1.0, 0.5));
        // Variances 2 and 0.5 over two panels each: 1/4 + 0.25/1 on the logarithm.
        let error = (0.25_f64 + 0.25).sqrt();
        assert!((found.z - 0.5_f64.ln() / error).abs() < 1e-14);
        assert!((found.interval.low.unwrap() - (0.5_f64.ln() - Z_95 * error).exp()).abs() < 1e-14);
    }

    #[test]
    fn stages_that_differ_are_no_exposure() {
        // In either stage both kinds differ alike; pooled without strata the ratio would be far from 1.
        let spread = |stratum, scale: f64, kinds: [usize; 2]| {
            let values = [0.5, 1.0, 1.5];
            let of = move |exposed: bool, times: usize| {
                (0..times * 3).map(move |at| Panel::of(stratum, [(exposed, scale * values[at % 3])]))
            };
            of(false, kinds[0]).chain(of(true, kinds[1]))
        };
        let panels: Vec<Panel> = spread(0, 1.0, [6, 2]).chain(spread(1, 5.0, [2, 6])).collect();
        let found = contrast(&panels).unwrap();
        assert!((found.ratio - 1.0).abs() < 1e-12 && found.p > 0.99);
        let one: Vec<Panel> = panels.iter().map(|panel| Panel { stratum: 0, ..*panel }).collect();
        assert!(contrast(&one).unwrap().p < 0.05);
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        assert_eq!(contrast(&[]).unwrap_err(), NoContrast::NoPairs);
        assert_eq!(contrast(&[exposed(0, 1.0), exposed(0, 2.0)]).unwrap_err(), NoContrast::NoBlind);
        assert_eq!(contrast(&[blind(0, 1.0), blind(0, 2.0), exposed(0, 1.0)]).unwrap_err(), NoContrast::NoExposed);
        let apart = [blind(0, 1.0), blind(0, 2.0), exposed(1, 1.0), exposed(1, 2.0)];
        assert_eq!(contrast(&apart).unwrap_err(), NoContrast::NeverTogether);
        let same = [blind(0, 0.0), blind(0, 0.0), exposed(0, 1.0), exposed(0, 2.0)];
        assert_eq!(contrast(&same).unwrap_err(), NoContrast::NoDifference);
        assert_eq!((shuffled_p(&same), shuffled_p(&[])), (None, None));
    }

    #[test]
    fn panels_of_both_kinds_share_what_is_their_own() {
        // The same panels differ much in both kinds: the ratio is sharper than that of unrelated panels.
        let sizes = [0.2, 0.6, 1.0, 1.4, 1.8, 2.2];
        let both: Vec<Panel> = sizes.iter().map(|s| Panel::of(0, [(false, *s), (true, 0.8 * s + 0.05)])).collect();
        let apart: Vec<Panel> = sizes.iter().flat_map(|s| [blind(0, *s), exposed(0, 0.8 * s + 0.05)]).collect();
        let (both, apart) = (contrast(&both).unwrap(), contrast(&apart).unwrap());
        assert_eq!(both.ratio, apart.ratio);
        assert!(both.z.abs() > 5.0 * apart.z.abs());
    }

    #[test]
    fn shuffling_finds_what_is_there_and_nothing_else() {
        let value = |at: usize| 0.4 + (at * 7 % 11) as f64 / 5.0;
        let far: Vec<Panel> = (0..24)
            .flat_map(|at| [blind(at % 2, value(at as usize)), exposed(at % 2, 0.3 * value(at as usize))])
            .collect();
        assert_eq!(shuffled_p(&far), Some(1.0 / (1.0 + SHUFFLES as f64)));
        assert!(contrast(&far).unwrap().p < 1e-4);
        let near: Vec<Panel> = (0..24).flat_map(|at| [blind(0, value(at)), exposed(0, value(at + 5))]).collect();
        assert!(shuffled_p(&near).unwrap() > 0.3);
        assert_eq!(shuffled_p(&near), shuffled_p(&near));
    }

    #[test]
    fn exposed_opinions_are_worth_fewer() {
        assert_eq!(independent_opinions(4.0, 1.0), Some(4.0));
        assert_eq!(independent_opinions(4.0, 1.7), Some(4.0));
        assert_eq!(independent_opinions(4.0, 0.0), Some(1.0));
        assert!((independent_opinions(4.0, 0.5).unwrap() - 1.6).abs() < 1e-15);
        assert_eq!(independent_opinions(4.0, f64::NAN), None);
    }

    proptest! {
        #[test]
        fn swapping_the_kinds_turns_the_ratio_over(
            panels in prop::collection::vec((0_u32..3, 0.1..4.0_f64, any::<bool>()), 4..40),
        ) {
            let of = |swap: bool| panels.iter().map(|(s, v, e)| Panel::of(*s, [(*e != swap, *v)])).collect::<Vec<_>>();
            match (contrast(&of(false)), contrast(&of(true))) {
                (Ok(one), Ok(other)) => {
                    prop_assert!((one.ratio * other.ratio - 1.0).abs() < 1e-9);
                    prop_assert!((one.z + other.z).abs() < 1e-6 * (1.0 + one.z.abs()));
                }
                (one, other) => prop_assert!(one.is_err() && other.is_err()),
            }
        }

        #[test]
        fn the_size_of_a_point_changes_nothing(
            panels in prop::collection::vec((0_u32..3, 0.1..4.0_f64, any::<bool>()), 6..40), scale in 0.1..10.0_f64,
        ) {
            let of = |scale: f64| panels.iter().map(|(s, v, e)| Panel::of(*s, [(*e, *v * scale)])).collect::<Vec<_>>();
            if let (Ok(one), Ok(other)) = (contrast(&of(1.0)), contrast(&of(scale))) {
                prop_assert!((one.ratio - other.ratio).abs() < 1e-9 * one.ratio);
                prop_assert!((one.p - other.p).abs() < 1e-6);
            }
        }
    }
}
