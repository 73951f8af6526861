//! The only formatter of numbers, and the guard that makes foreign text harmless.

/// Foreign text for a terminal, a log or an error: control and direction-changing characters are shown as
/// escapes, and a long text is cut, so that a hostile name can neither move the cursor nor flood a screen.
pub fn harmless(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if hidden {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A whole number with thin thousands separators: `12 345`.
pub fn count(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if value < 0 { format!("−{out}") } else { out }
}

/// Days with the digits that matter: one decimal below 100, none above.
pub fn days(value: f64) -> String {
    signed(value, if value.abs() < 99.95 { 1 } else { 0 })
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
    if value < 0.001 { "< 0.001".to_owned() } else { format!("{value:.3}") }
}

/// `1 loop`, `2 loops`.
pub fn plural(value: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

fn signed(value: f64, decimals: usize) -> String {
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
        assert_eq!(days(-0.04), "0.0");
        assert_eq!(days(123.4), "123");
        assert_eq!(percent(0.0314), "3.1 %");
        assert_eq!(p_value(0.0), "< 0.001");
        assert_eq!(plural(1, "loop", "loops"), "1 loop");
    }
}
