//! Invented names and words, with the few that break careless readers.

use super::draw::Draw;

const FIRST: [&str; 36] = [
    "Ana", "Jürgen", "Chloé", "Łukasz", "Søren", "Nadia", "Mateo", "Priya", "Kofi", "Yuki", "Leïla", "Tomás", "Ingrid",
    "Omar", "Siobhán", "Dmitri", "Amara", "Wei", "Fatima", "Jonas", "Zoë", "Rafael", "Mina", "Björn", "Esther", "Hugo",
    "Noor", "Paulo", "Renée", "Ivan", "Aisha", "Marek", "Lucía", "Tariq", "Hana", "Felix",
];
const LAST: [&str; 36] = [
    "Álvarez",
    "Müller",
    "O'Neill",
    "Nguyen",
    "Kowalski",
    "Haddad",
    "Okafor",
    "Tanaka",
    "Silva",
    "Jensen",
    "Dubois",
    "Petrov",
    "Fernández",
    "Ødegård",
    "Rossi",
    "Novák",
    "Sharma",
    "Cohen",
    "Lindqvist",
    "Mensah",
    "Yılmaz",
    "Costa",
    "van der Berg",
    "Schäfer",
    "Moreau",
    "Kim",
    "Ibrahim",
    "Santos",
    "Horváth",
    "Wójcik",
    "Laurent",
    "Bauer",
    "Castro",
    "Mori",
    "Ferreira",
    "Adeyemi",
];
/// A list separator, a spreadsheet formula, markup and a quotation mark: what a name may hold in the wild.
const HOSTILE: [(&str, &str); 4] =
    [("Lee", "Park, Jr."), ("=Max", "Sum"), ("<b>Bo</b>", "Strand"), ("Jo \"Ace\"", "Quill")];
/// One name in this many is hostile.
const HOSTILE_EVERY: usize = 150;

/// A person's first and last name.
pub(crate) type Name = (&'static str, &'static str);

/// Draws a name.
pub(crate) fn name(draw: &mut Draw) -> Name {
    if draw.below(HOSTILE_EVERY) == 0 {
        HOSTILE[draw.below(HOSTILE.len())]
    } else {
        (FIRST[draw.below(FIRST.len())], LAST[draw.below(LAST.len())])
    }
}

/// Number of different observations.
pub(crate) const NOTES: usize = 6;

/// An observation on a card. It names the candidate, as people do, so that redaction has work to do.
pub(crate) fn note(number: usize, candidate: Name) -> String {
    let (first, _) = candidate;
    match number % NOTES {
        0 => format!("{first} asked about failure modes before writing any code."),
        1 => format!("Clear structure, good examples; {first} named the trade-off unprompted."),
        2 => "Needed two hints, then recovered.".into(),
        3 => format!("{first} said \"it depends\", but on what?\nFollow up in the design round."),
        4 => "=Strong on detail, weaker on scope.".into(),
        _ => format!("<i>Would work with {first} again.</i>"),
    }
}
