//! Scores of neutral tables on their declared scale.

use super::rows::Refused;
use crate::config::Scale;
use crate::source::clean::UNKNOWN_LABEL;
use crate::source::greenhouse::OVERALL;

/// A score in thousandths of a rubric point, turned round where 1 is best; `value` is what the text means.
pub(super) fn thousandths(
    text: &str,
    value: Option<f64>,
    scale: Option<Scale>,
) -> std::result::Result<i64, Refused<'_>> {
    let Some(value) = value.filter(|value| value.abs() < 1e12) else {
        return Err((if is_word(text) { "unknown_score" } else { "bad_number" }, "score", Some(text)));
    };
    let value = match scale {
        None => value,
        Some(scale) => {
            let steps = (value - scale.min) / scale.step;
            if value < scale.min || value > scale.max || (steps - steps.round()).abs() > 1e-6 {
                return Err(("off_scale", "score", Some(text)));
            }
            if scale.reversed { scale.min + scale.max - value } else { value }
        }
    };
    Ok((value * 1000.0).round() as i64)
}

/// Whether a text is a word of a scale, which can be mapped, rather than a number in another way, or prose.
fn is_word(text: &str) -> bool {
    text.contains(char::is_alphabetic)
        && text.parse::<f64>().is_err()
        && text.chars().count() <= LONGEST_WORD
        && text.split_whitespace().count() <= MOST_PARTS
}

/// `Strongly recommend to hire` is a word of a scale.
const LONGEST_WORD: usize = 32;
const MOST_PARTS: usize = 4;

/// How far scores lie apart where no scale is declared, so that two scales in one column do not go unnoticed.
#[derive(Debug, Default)]
pub(super) struct Spread {
    small: u64,
    large: u64,
}

impl Spread {
    /// The highest score, in thousandths, of the scales that people fill in by hand, and a score beyond all of them.
    const SMALL: i64 = 5_000;
    const LARGE: i64 = 10_000;

    pub(super) fn learn(&mut self, score_milli: Option<i64>, scale: Option<Scale>) {
        if let (Some(score), None) = (score_milli, scale) {
            self.small += u64::from((1..=Self::SMALL).contains(&score));
            self.large += u64::from(score > Self::LARGE);
        }
    }

    /// What to say if both kinds stand in one file.
    pub(super) fn remark(self) -> Option<&'static str> {
        (self.small > 0 && self.large > 0).then_some(
            "scores up to 5 and scores above 10 stand in one file: if that is two scales, declare one ([tables.scale]) \
             and keep the other out",
        )
    }
}

/// The overall recommendation: its level, how many levels its scale has, and why there is no level.
///
/// A number is a level of a scale that is not told; the words that hiring systems write are one of four levels.
pub(super) fn recommended(text: Option<&str>) -> (Option<i64>, Option<i64>, Option<&'static str>) {
    let Some(text) = text else { return (None, None, Some("not_given")) };
    if text.eq_ignore_ascii_case("no_decision") {
        return (None, Some(OVERALL.levels), Some("no_decision"));
    }
    if let Ok(level) = text.parse() {
        return (Some(level), None, None);
    }
    match OVERALL.labels.iter().find(|(label, _)| label.eq_ignore_ascii_case(text)) {
        Some((_, level)) => (Some(*level), Some(OVERALL.levels), None),
        None => (None, None, Some(UNKNOWN_LABEL)),
    }
}

pub(super) fn scale_name(scale: Option<Scale>) -> String {
    scale.map_or_else(|| "undeclared".to_owned(), |s| format!("declared {} to {} by {}", s.min, s.max, s.step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Decimal;
    use crate::source::tables::numbers::Numbers;

    fn read(text: &str, scale: Option<Scale>) -> std::result::Result<i64, Refused<'_>> {
        thousandths(text, Numbers(Decimal::Point).read(text), scale)
    }

    #[test]
    fn words_can_be_mapped_and_numbers_in_another_way_cannot() {
        assert_eq!(read("Strong yes", None), Err(("unknown_score", "score", Some("Strong yes"))));
        for none in ["3,5", "4/5", "Hesitated badly over sharding, then recovered", "inf"] {
            assert_eq!(read(none, None), Err(("bad_number", "score", Some(none))));
        }
    }

    #[test]
    fn scores_keep_to_their_scale() {
        let quarter = Some(Scale { min: 0.25, max: 10.0, step: 0.25, reversed: false });
        assert_eq!(read("6.5", quarter), Ok(6500));
        assert_eq!(read("6.6", quarter), Err(("off_scale", "score", Some("6.6"))));
        assert_eq!(read("12", None), Ok(12_000));
        assert_eq!(read("NaN", None), Err(("bad_number", "score", Some("NaN"))));
    }

    #[test]
    fn a_reversed_scale_is_turned_round() {
        let reversed = Some(Scale { min: 1.0, max: 4.0, step: 1.0, reversed: true });
        assert_eq!(read("1", reversed), Ok(4000));
    }

    #[test]
    fn a_recommendation_in_words_is_one_of_four_levels() {
        assert_eq!(recommended(Some("strong_yes")), (Some(4), Some(4), None));
        assert_eq!(recommended(Some("Definitely_Not")), (Some(1), Some(4), None));
        assert_eq!(recommended(Some("no_decision")), (None, Some(4), Some("no_decision")));
        assert_eq!(recommended(Some("3")), (Some(3), None, None));
        assert_eq!(recommended(Some("perhaps")), (None, None, Some("unknown_label")));
        assert_eq!(recommended(None), (None, None, Some("not_given")));
    }
}
