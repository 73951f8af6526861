//! Random draws from one named stream, and the working hours that appointments keep.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::planted::Wait;
use crate::time::{DAY, Instant, MINUTE, SECOND};

/// One stream of random numbers. A stream depends on the seed and its own number only, so whatever it
/// feeds can be generated alone, in any order, with the same result.
#[derive(Debug)]
pub(crate) struct Draw {
    generator: ChaCha8Rng,
    /// The second normal deviate of the last pair.
    spare: Option<f64>,
}

/// Beyond the stream of every possible loop.
const ASIDE: u64 = 1 << 32;

impl Draw {
    /// A loop's second stream, for what only some formats write down: the story's own draws stay as they are.
    pub(crate) fn aside(seed: u64, index: u64) -> Self {
        Self::stream(seed, ASIDE + index)
    }

    pub(crate) fn stream(seed: u64, number: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(number);
        Self { generator, spare: None }
    }

    /// Uniform on [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform on 0..count; `count` must not be zero.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count - 1)
    }

    /// The position in which the cumulative sum of `shares` passes a uniform draw.
    pub(crate) fn weighted(&mut self, shares: impl Iterator<Item = f64>) -> usize {
        let target = self.unit();
        let (mut sum, mut last) = (0.0, 0);
        for (position, share) in shares.enumerate() {
            sum += share;
            last = position;
            if target < sum {
                break;
            }
        }
        last
    }

    /// Box and Muller's pair, one at a time.
    pub(crate) fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let deviate = match self.spare.take() {
            Some(deviate) => deviate,
            None => {
                let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
                let (sine, cosine) = (std::f64::consts::TAU * self.unit()).sin_cos();
                self.spare = Some(radius * sine);
                radius * cosine
            }
        };
        mean + sd * deviate
    }

    /// A log-normal wait in microseconds, to the second and at least a minute.
    pub(crate) fn wait(&mut self, wait: Wait, factor: f64) -> i64 {
        let days = wait.median_days * factor * self.normal(0.0, wait.log_sd).exp();
        micros(days).max(MINUTE)
    }

    /// The next half hour at or after `at` on a weekday between 9 and 17 o'clock. What falls outside
    /// moves to a random half hour of the next working day, so that mornings are not crowded.
    pub(crate) fn working_slot(&mut self, at: Instant) -> Instant {
        const HALF_HOUR: i64 = 30 * MINUTE;
        const SLOTS: usize = 16;
        let at = (at.0 + HALF_HOUR - 1).div_euclid(HALF_HOUR) * HALF_HOUR;
        let (mut day, minutes) = (at.div_euclid(DAY), at.rem_euclid(DAY) / MINUTE);
        if is_weekday(day) && (9 * 60..17 * 60).contains(&minutes) {
            return Instant(at);
        }
        if minutes >= 17 * 60 {
            day += 1;
        }
        while !is_weekday(day) {
            day += 1;
        }
        Instant(day * DAY + 9 * 60 * MINUTE + self.below(SLOTS) as i64 * HALF_HOUR)
    }
}

/// Fractional days as microseconds, to the whole second: exports carry no finer times.
pub(crate) fn micros(days: f64) -> i64 {
    (days * 86_400.0).round() as i64 * SECOND
}

/// Whether a day, counted from the Thursday 1970-01-01, is one of Monday to Friday.
fn is_weekday(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_slot_is_a_half_hour_in_working_hours_and_never_earlier() {
        let mut draw = Draw::stream(1, 1);
        for _ in 0..2_000 {
            let at = Instant(micros(draw.between(20_000.0, 20_030.0)));
            let slot = draw.working_slot(at);
            assert!(slot >= at && slot.0 - at.0 < 4 * DAY);
            assert!(is_weekday(slot.0 / DAY));
            assert!((9 * 60..17 * 60).contains(&(slot.0 % DAY / MINUTE)));
            assert_eq!(slot.0 % (30 * MINUTE), 0);
        }
    }

    #[test]
    fn streams_repeat_and_differ() {
        let first = |seed, number| Draw::stream(seed, number).unit();
        assert_eq!(first(7, 1), first(7, 1));
        assert_ne!(first(7, 1), first(7, 2));
        assert_ne!(first(7, 1), first(8, 1));
    }

    #[test]
    fn normal_draws_have_the_asked_moments() {
        let mut draw = Draw::stream(3, 1);
        let values: Vec<f64> = (0..20_000).map(|_| draw.normal(2.0, 0.5)).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((mean - 2.0).abs() < 0.02 && (variance - 0.25).abs() < 0.01);
    }
}
