//! Numbers as people and programs write them.

use std::borrow::Cow;

use crate::config::Decimal;

/// How the numbers of an export are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers(pub(super) Decimal);

impl Numbers {
    /// Reads a number. Where the comma marks decimals, a point may group thousands, so it is refused.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        let value = match self.0 {
            Decimal::Point => text.parse(),
            Decimal::Comma if text.contains('.') => return None,
            Decimal::Comma => text.replace(',', ".").parse(),
        };
        value.ok().filter(|value: &f64| value.is_finite())
    }

    /// Reads a whole number, which spreadsheets and data frames write as `3.0` too.
    pub(super) fn whole(self, text: &str) -> Option<i64> {
        let as_float = || self.read(text).filter(|value| value.fract() == 0.0 && value.abs() < 1e15);
        text.parse().ok().or_else(|| as_float().map(|value| value as i64))
    }

    /// Writes a number that a file holds as a number, in the way in which its texts write theirs.
    pub(super) fn write(self, value: f64) -> String {
        let text = value.to_string();
        match self.0 {
            Decimal::Point => text,
            Decimal::Comma => text.replace('.', ","),
        }
    }

    /// A number of a file's own, already written with a point.
    pub(super) fn rewrite(self, text: &str) -> Cow<'_, str> {
        match self.0 {
            Decimal::Point => Cow::Borrowed(text),
            Decimal::Comma => Cow::Owned(text.replace('.', ",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: Numbers = Numbers(Decimal::Point);
    const COMMA: Numbers = Numbers(Decimal::Comma);

    #[test]
    fn the_decimal_mark_is_declared_not_guessed() {
        assert_eq!((POINT.read("3.5"), POINT.read("3,5")), (Some(3.5), None));
        assert_eq!((COMMA.read("3,5"), COMMA.read("3"), COMMA.read("1.250")), (Some(3.5), Some(3.0), None));
        assert_eq!((POINT.read("NaN"), POINT.read("inf")), (None, None));
    }

    #[test]
    fn whole_numbers_may_carry_an_empty_fraction() {
        assert_eq!((POINT.whole("45"), POINT.whole("45.0"), POINT.whole("45.5")), (Some(45), Some(45), None));
        assert_eq!((COMMA.whole("45,0"), COMMA.whole("45.0")), (Some(45), None));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for numbers in [POINT, COMMA] {
            assert_eq!(numbers.read(&numbers.write(3.25)), Some(3.25));
            assert_eq!(numbers.write(1042.0), "1042");
        }
        assert_eq!((POINT.rewrite("3.5"), COMMA.rewrite("3.5")), ("3.5".into(), "3,5".into()));
    }
}
