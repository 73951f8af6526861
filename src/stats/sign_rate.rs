//! Which of many shrunken effects have a sign that can be told (Stephens, 2017).

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The local false sign rate of an effect: the chance that its sign is the other one, given its standard deviation of
/// prediction. A t-distribution stands in for the normal one, since the variances were estimated from so many
/// units. `None` where there is no deviation.
pub fn local_false_sign_rate(value: f64, sd: f64, df: f64) -> Option<f64> {
    if !(sd > 0.0 && df >= 1.0) {
        return None;
    }
    Some(StudentsT::new(0.0, 1.0, df).ok()?.sf((value / sd).abs()))
}

/// Which effects to flag: the largest set, surest first, whose mean rate is at most `share`, so that among the flagged
/// no more than this share is expected to have the wrong sign.
pub fn flagged(rates: &[Option<f64>], share: f64) -> Vec<bool> {
    let mut order: Vec<(f64, usize)> = rates.iter().enumerate().filter_map(|(at, rate)| Some(((*rate)?, at))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut flags = vec![false; rates.len()];
    let mut sum = 0.0;
    for (count, (rate, at)) in order.into_iter().enumerate() {
        sum += rate;
        if sum > share * (count + 1) as f64 {
            break;
        }
        flags[at] = true;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_are_flagged_while_their_mean_rate_allows() {
        let rates = [Some(0.2), Some(0.001), None, Some(0.04), Some(0.06)];
        assert_eq!(flagged(&rates, 0.05), [false, true, false, true, true]);
        assert_eq!(flagged(&[Some(0.2)], 0.05), [false]);
    }

    #[test]
    fn no_effect_is_a_coin_toss_and_no_deviation_tells_nothing() {
        assert_eq!(local_false_sign_rate(0.0, 1.0, 20.0), Some(0.5));
        assert_eq!(local_false_sign_rate(1.0, 0.0, 20.0), None);
    }
}
