//! Identifiers of neutral tables: cards without one, and the people of a panel in one cell.

/// A card without an id of its own is known by who scored whom in which stage.
pub(super) fn card_id(application: &str, stage: &str, interviewer: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [application, stage, interviewer] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let mut number = 0_u64;
    for byte in hasher.finalize().as_bytes().iter().take(8) {
        number = number << 8 | u64::from(*byte);
    }
    format!("card-{number:020}")
}

/// The people of a panel, separated by `;` or `|`; by `,` only where no part has a space, since a comma can
/// be part of a name.
pub(super) fn split_people(text: &str) -> impl Iterator<Item = &str> {
    let separators: &[char] = if text.contains([';', '|']) {
        &[';', '|']
    } else if text.split(',').all(|part| !part.trim().contains(' ')) {
        &[',']
    } else {
        &[';']
    };
    text.split(separators).map(str::trim).filter(|person| !person.is_empty())
}

/// An id as it was before a spreadsheet or a data frame took it for a number: `1042.0` is `1042`.
pub(super) fn plain(text: &str) -> &str {
    match text.strip_suffix(".0") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// A cell of a column: an id without what a spreadsheet added to it, anything else as it is.
pub(super) fn plain_in<'t>(column: &str, text: &'t str) -> &'t str {
    if column.ends_with("_id") || column.ends_with("_by") { plain(text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_became_a_number_is_the_same_id() {
        for same in ["1042", "1042.0"] {
            assert_eq!(plain(same), "1042");
        }
        for other in ["A1042.0", ".0", "10.42.0", "1042.00"] {
            assert_eq!(plain(other), other);
        }
    }
}
