//! The only formatter of numbers, and the guard that makes foreign text harmless.

/// What stands in for a number that does not exist, so that no page ever shows `NaN`.
pub const NO_NUMBER: &str = "–";

/// Foreign text for a terminal, a log or an error: control and direction-changing characters are shown as
/// escapes, and a long text is cut, so that a hostile name can neither move the cursor nor flood a screen.
pub fn harmless(text: &str) -> String {
    visible(text, 200)
}

/// Like [`harmless`], for whole paragraphs, with the length to cut at.
pub fn visible(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(longest));
    for (count, c) in text.chars().enumerate() {
        if count == longest {
            out.push('…');
            break;
        }
        if c.is_control() || is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a character is invisible or changes the direction of the text around it.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a program that reads cells as formulas would take a text for one.
pub fn is_like_a_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '|', '%'])
}

/// A whole number with thin thousands separators: `12 345`.
pub fn count(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if value < 0 { format!("−{out}") } else { out }
}

/// Days with the digits that matter: two decimals below 1, one below 100, none above.
pub fn days(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 0.995 || v == 0.0 => 1,
        _ => 2,
    };
    signed(value, decimals)
}

/// A declared number of days: without decimals where it has none.
pub fn days_plain(value: f64) -> String {
    if value.fract() == 0.0 { signed(value, 0) } else { days(value) }
}

/// A share in per cent: one decimal below 10 %, none above.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = if value != 0.0 && value.abs() < 9.95 { 1 } else { 0 };
    format!("{} %", signed(value, decimals))
}

/// A general figure with three significant digits at least.
pub fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.0995 || v == 0.0 => 2,
        _ => 3,
    };
    signed(value, decimals)
}

/// A p- or q-value: never printed as zero.
pub fn p_value(value: f64) -> String {
    if !value.is_finite() {
        NO_NUMBER.to_owned()
    } else if value < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{value:.3}")
    }
}

/// A q-value as it stands in a sentence: `q = 0.012`, `q < 0.001`.
pub fn q_value(value: f64) -> String {
    stated('q', value)
}

/// A p-value or the like as it stands in a sentence: `p = 0.012`, `p < 0.001`.
pub fn stated(letter: char, value: f64) -> String {
    let text = p_value(value);
    if text.starts_with('<') { format!("{letter} {text}") } else { format!("{letter} = {text}") }
}

/// An interval in words, its ends already formatted: `17 to 21 days`; a missing end is `or more`, `or less`.
pub fn range(low: Option<&str>, high: Option<&str>, unit: &str) -> Option<String> {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}{unit}")),
        (Some(low), None) => Some(format!("{low}{unit} or more")),
        (None, Some(high)) => Some(format!("{high}{unit} or less")),
        (None, None) => None,
    }
}

/// A label of an axis whose labels are `step` apart: as many decimals as the step needs, and no more.
pub fn tick(value: f64, step: f64) -> String {
    if !value.is_finite() {
        return NO_NUMBER.to_owned();
    }
    if step >= 1.0 && value.abs() < 9e15 {
        return count(value.round() as i64);
    }
    let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
    signed(value, decimals)
}

/// `1 loop`, `2 loops`.
pub fn plural(value: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

fn signed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NO_NUMBER.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if value < 0.0 && !zero { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_move_the_cursor() {
        assert_eq!(harmless("a\x1b[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(harmless(&"x".repeat(500)).chars().count(), 201);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(-12), "−12");
        assert_eq!(days(-0.04), "−0.04");
        assert_eq!(days(-0.004), "0.00");
        assert_eq!(days(0.0), "0.0");
        assert_eq!(days(123.4), "123");
        assert_eq!(percent(0.0314), "3.1 %");
        assert_eq!(p_value(0.0), "< 0.001");
        assert_eq!(plural(1, "loop", "loops"), "1 loop");
        assert_eq!(q_value(0.0121), "q = 0.012");
        assert_eq!(q_value(1e-9), "q < 0.001");
    }

    #[test]
    fn an_interval_reads_as_words_even_with_an_open_end() {
        assert_eq!(range(Some("17"), Some("21"), "days").as_deref(), Some("17 to 21 days"));
        assert_eq!(range(Some("17"), None, "days").as_deref(), Some("17 days or more"));
        assert_eq!(range(None, Some("21"), "").as_deref(), Some("21 or less"));
        assert_eq!(range(None, None, "days"), None);
    }

    #[test]
    fn axis_labels_have_the_decimals_of_their_step() {
        assert_eq!(tick(0.30000000000000004, 0.1), "0.3");
        assert_eq!(tick(-0.5, 0.5), "−0.5");
        assert_eq!(tick(2000.0, 500.0), "2\u{202f}000");
    }

    #[test]
    fn what_is_no_number_is_never_printed_as_one() {
        for format in [days, figure, percent, p_value, q_value] {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert!(!format(value).contains(['N', 'i']), "{}", format(value));
            }
        }
    }
}
