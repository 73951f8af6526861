//! A plan as it is written: everything that is wrong with it at once, each problem with its line and field.

use regex::Regex;
use toml::de::DeTable;

use super::fields::{Fields, Problems};
use super::rule::{DecisionRule, Each};
use super::{Days, Kind, Plan, PlanRule, Round, Rubric, SHARE, TOLERANCE, TOPICS};
use crate::report::number::harmless;
use crate::time::Instant;

/// Reads a plan, or says all that is wrong with it, in the order of its lines.
pub(super) fn read(text: &str) -> Result<Plan, Vec<String>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut problems = Problems { text, list: Vec::new() };
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        problems.list.push((at, format!("not TOML: {}", error.message().replace('\n', ", "))));
    }
    let mut fields = Fields { path: String::new(), at: 0, table: root.get_ref(), known: Vec::new() };
    let plan = plan(&mut fields, &mut problems);
    fields.finish(&mut problems);
    if problems.list.is_empty() { Ok(plan) } else { Err(problems.told()) }
}

fn is_kebab(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

const KEBAB: &str = "small letters, digits and hyphens only";

fn plan(fields: &mut Fields<'_, '_>, problems: &mut Problems<'_>) -> Plan {
    let name = fields.needed("name", problems);
    if !name.is_empty() && !is_kebab(&name) {
        fields.wrong("name", KEBAB, problems);
    }
    let title = fields.needed("title", problems);
    let about = fields.text("about", problems).unwrap_or_default();
    let mut deliverables = Vec::new();
    if let Some(mut role) = fields.table("role", problems) {
        deliverables = role.texts("deliverables", problems).into_iter().map(|(_, text)| text).collect();
        role.finish(problems);
    }
    let days = fields.table("days", problems).and_then(|inner| days(inner, problems));
    let rule = fields.table("rule", problems).and_then(|inner| rule(inner, problems));
    let rubric = fields.table("rubric", problems).map(|inner| rubric(inner, problems)).unwrap_or_default();
    let mut shadow_rounds = None;
    if let Some(mut interviewers) = fields.table("interviewers", problems) {
        shadow_rounds = interviewers.whole("shadow_rounds", problems);
        if shadow_rounds.is_some_and(|rounds| rounds < 1) {
            interviewers.wrong("shadow_rounds", "1 or more", problems);
        }
        interviewers.finish(problems);
    }
    let (mut share, mut tolerance) = (SHARE, TOLERANCE);
    if let Some(mut audit) = fields.table("audit", problems) {
        share = audit.number("share", problems).unwrap_or(share);
        tolerance = audit.number("tolerance", problems).unwrap_or(tolerance);
        if !(share > 0.5 && share <= 1.0) {
            audit.wrong("share", "above 0.5, and 1 at most", problems);
        }
        if !(tolerance > 0.0 && tolerance < share) {
            audit.wrong("tolerance", "above 0, and below the share", problems);
        }
        audit.finish(problems);
    }
    let mut rounds: Vec<Round> = Vec::new();
    for mut inner in fields.tables("rounds", problems) {
        let read = round(&mut inner, &rubric.dimensions, problems);
        no_other(&inner, &read, &rounds, problems);
        inner.finish(problems);
        rounds.push(read);
    }
    if rounds.is_empty() && fields.place("rounds") == fields.at {
        fields.wrong("rounds", "missing: a plan has one [[rounds]] for each round", problems);
    }
    Plan { name, title, about, deliverables, days, rule, rubric, shadow_rounds, share, tolerance, rounds }
}

/// What a round may not share with one before it.
fn no_other(fields: &Fields<'_, '_>, round: &Round, before: &[Round], problems: &mut Problems<'_>) {
    for other in before {
        let of = if other.id.is_empty() { &other.name } else { &other.id };
        if !round.id.is_empty() && round.id == other.id {
            fields.wrong("id", format!("`{}` stands for another round already", harmless(of)), problems);
        }
        if round.question.is_some() && round.question == other.question {
            fields.wrong("question", format!("the round `{}` asks the same", harmless(of)), problems);
        }
        if let Some(stage) = round.stages.iter().find(|stage| other.stages.contains(stage)) {
            let what = format!("`{}` is the round `{}` already", harmless(stage), harmless(of));
            fields.wrong("stages", what, problems);
        }
    }
}

fn days(mut fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<Days> {
    let most = fields.number("most", problems);
    let alarm = fields.number("alarm", problems);
    match most {
        None if fields.place("most") == fields.at => fields.wrong("most", "missing", problems),
        Some(most) if most <= 0.0 => fields.wrong("most", "above 0", problems),
        _ => {}
    }
    if alarm.zip(most).is_some_and(|(alarm, most)| alarm < most) {
        fields.wrong("alarm", "no less than days.most", problems);
    }
    fields.finish(problems);
    Some(Days { most: most?, alarm })
}

fn rule(mut fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Option<PlanRule> {
    let reject_below = fields.number("reject_below", problems);
    let advance_from = fields.number("advance_from", problems);
    for (key, value) in [("reject_below", reject_below), ("advance_from", advance_from)] {
        if value.is_none() && fields.place(key) == fields.at {
            fields.wrong(key, "missing", problems);
        }
    }
    if reject_below.zip(advance_from).is_some_and(|(reject, advance)| advance < reject) {
        fields.wrong("advance_from", "no less than rule.reject_below", problems);
    }
    let since = match fields.get("since").map(|value| value.get_ref()) {
        None => None,
        Some(value) => {
            let text = value.as_str().map(str::to_owned).or_else(|| value.as_datetime().map(ToString::to_string));
            let instant = text.and_then(|text| first_instant(&text));
            if instant.is_none() {
                fields.wrong("since", "not a date; write 2026-09-30", problems);
            }
            instant
        }
    };
    let usual = DecisionRule::default();
    let each = match fields.text("each", problems).as_deref() {
        None | Some("dimension") => Each::Dimension,
        Some("score") => Each::Score,
        Some(word) => {
            fields.wrong("each", format!("`{}` is not one of dimension, score", harmless(word)), problems);
            usual.each
        }
    };
    let core = fields.texts("core", problems).into_iter().map(|(_, text)| text).collect();
    let low = fields.number("low", problems).unwrap_or(usual.low);
    fields.finish(problems);
    let rule = DecisionRule { reject_below: reject_below?, advance_from: advance_from?, each, core, low };
    Some(PlanRule { rule, since })
}

/// The first instant of a day, or the instant itself.
fn first_instant(text: &str) -> Option<Instant> {
    match text.parse::<jiff::civil::Date>() {
        Ok(day) => Instant::parse_bound(&format!("{day}T00:00:00Z")).ok(),
        Err(_) => Instant::parse_bound(text).ok(),
    }
}

fn rubric(mut fields: Fields<'_, '_>, problems: &mut Problems<'_>) -> Rubric {
    let levels = fields.whole("levels", problems);
    if levels.is_some_and(|levels| levels < 2) {
        fields.wrong("levels", "2 or more", problems);
    }
    let dimensions: Vec<String> = fields.texts("dimensions", problems).into_iter().map(|(_, text)| text).collect();
    let mut anchors: Vec<(String, Vec<String>)> = Vec::new();
    if let Some(inner) = fields.table("anchors", problems) {
        for (dimension, value) in inner.table {
            let (at, path) = (dimension.span().start, inner.path(dimension.get_ref()));
            let texts: Option<Vec<String>> = value
                .get_ref()
                .as_array()
                .and_then(|list| list.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect());
            let Some(texts) = texts else {
                problems.push(at, &path, "a list with what each level looks like, the lowest first");
                continue;
            };
            if levels.is_some_and(|levels| texts.len() as i64 != levels) {
                let what = format!("{} levels are described, of {}", texts.len(), levels.unwrap_or_default());
                problems.push(at, &path, what);
            }
            if !dimensions.is_empty() && !dimensions.iter().any(|own| own == dimension.get_ref()) {
                problems.push(at, &path, "rubric.dimensions has no such dimension");
            }
            anchors.push((dimension.get_ref().to_string(), texts));
        }
    }
    fields.finish(problems);
    Rubric { levels, dimensions, anchors }
}

fn round(fields: &mut Fields<'_, '_>, rubric: &[String], problems: &mut Problems<'_>) -> Round {
    let id = fields.needed("id", problems);
    if !id.is_empty() && (!is_kebab(&id) || id == super::matching::IGNORE) {
        fields.wrong("id", format!("{KEBAB}, and not `{}`", super::matching::IGNORE), problems);
    }
    let name = fields.needed("name", problems);
    let question = fields.text("question", problems);
    let kind = fields.text("kind", problems).and_then(|word| {
        let kind = Kind::parse(&word);
        if kind.is_none() {
            let words: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
            fields.wrong("kind", format!("`{}` is not one of {}", harmless(&word), words.join(", ")), problems);
        }
        kind
    });
    let minutes = fields.range("minutes", problems).map(|(least, most)| match most {
        Some(most) => (least, most),
        None => (1, least),
    });
    let panel = fields.range("panel", problems);
    let sessions = fields.range("sessions", problems).map_or((1, 1), |(least, most)| (least, most.unwrap_or(i64::MAX)));
    let optional = fields.flag("optional", problems).unwrap_or(false);
    let paid = fields.flag("paid", problems);
    let mut dimensions = Vec::new();
    for (at, name) in fields.texts("dimensions", problems) {
        if !rubric.is_empty() && !rubric.contains(&name) {
            let what = format!("`{}` is not one of rubric.dimensions", harmless(&name));
            problems.push(at, &fields.path("dimensions"), what);
        }
        dimensions.push(name);
    }
    let mut covers = Vec::new();
    for (at, word) in fields.texts("covers", problems) {
        match TOPICS.iter().find(|(own, _)| *own == word) {
            Some((_, topic)) => covers.push(*topic),
            None => {
                let words: Vec<&str> = TOPICS.iter().map(|(word, _)| *word).collect();
                let what = format!("`{}` is not one of {}", harmless(&word), words.join(", "));
                problems.push(at, &fields.path("covers"), what);
            }
        }
    }
    let stages = fields.texts("stages", problems).into_iter().map(|(_, stage)| stage).collect();
    let mut patterns = Vec::new();
    for (at, text) in fields.texts("patterns", problems) {
        match Regex::new(&format!("(?i){text}")) {
            Ok(pattern) => patterns.push(pattern),
            Err(_) => {
                let what = format!("`{}` is not a regular expression", harmless(&text));
                problems.push(at, &fields.path("patterns"), what);
            }
        }
    }
    Round { id, name, question, kind, minutes, panel, sessions, optional, paid, dimensions, covers, stages, patterns }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]
mod tests {
    use super::super::rule::Each;
    use super::super::{Plan, PlanRule};

    #[test]
    fn everything_wrong_is_told_at_once_with_its_line_and_field() {
        let text = "\
name = 'Our Plan'
colour = 'red'

[days]
most = 0
alarm = '21'

[rule]
reject_below = 3
advance_from = 2
since = 'last year'

[rubric]
levels = 4
dimensions = ['craft']
[rubric.anchors]
craft = ['poor', 'good']
drive = ['a', 'b', 'c', 'd']

[[rounds]]
id = 'screen'
name = 'Screen'
question = 'Why?'
kind = 'phone'
minutes = [60, 30]

[[rounds]]
id = 'screen'
name = 'Screen again'
question = 'Why?'
panel = 'two'
covers = ['writing', 'singing']
patterns = ['(open']
optional = 1
";
        let told = Plan::parse(text, "ours.toml").unwrap_err().to_string();
        assert_eq!(
            told,
            "\
the plan has 17 problems:
    line 1, name: small letters, digits and hyphens only
    line 1, title: missing
    line 2, colour: there is no such key; there are name, title, about, role, days, rule, rubric, interviewers, audit, rounds
    line 5, days.most: above 0
    line 6, days.alarm: a number is wanted, not text
    line 10, rule.advance_from: no less than rule.reject_below
    line 11, rule.since: not a date; write 2026-09-30
    line 17, rubric.anchors.craft: 2 levels are described, of 4
    line 18, rubric.anchors.drive: rubric.dimensions has no such dimension
    line 24, rounds[1].kind: `phone` is not one of live, async, take_home
    line 25, rounds[1].minutes: the least is 1 or more, and no more than the most
    line 28, rounds[2].id: `screen` stands for another round already
    line 30, rounds[2].question: the round `screen` asks the same
    line 31, rounds[2].panel: a whole number, or a list of the least and the most
    line 32, rounds[2].covers: `singing` is not one of writing, production, time-zones
    line 33, rounds[2].patterns: `(open` is not a regular expression
    line 34, rounds[2].optional: true or false is wanted, not a whole number
  where: ours.toml
  help:  `looplens plans show six-stage` prints a whole plan to start from
  more:  looplens explain E2010"
        );
    }

    #[test]
    fn broken_toml_and_an_empty_file_are_told_too() {
        let told = Plan::parse("name = \n[[rounds]\n", "x.toml").unwrap_err().to_string();
        assert!(told.contains("line 1, not TOML: ") && told.contains("line 2, not TOML: "), "{told}");
        let told = Plan::parse("", "x.toml").unwrap_err().to_string();
        for fragment in ["line 1, name: missing", "title: missing", "rounds: missing: a plan has one [[rounds]]"] {
            assert!(told.contains(fragment), "{told}");
        }
        let told = Plan::parse("rounds = 3\nname = 'a'\ntitle = 'b'\n", "x.toml").unwrap_err().to_string();
        assert!(told.contains("line 1, rounds: write each as a [[rounds]] of its own"), "{told}");
    }

    #[test]
    fn one_number_is_exact_and_a_list_has_ends() {
        let text = "\
name = 'a'
title = 'A'
[rule]
reject_below = 2
advance_from = 3.5
since = 2026-01-05
each = 'score'
core = ['craft']
[[rounds]]
id = 'one'
name = 'One'
panel = 2
minutes = 30
[[rounds]]
id = 'two'
name = 'Two'
panel = [2]
minutes = [180]
sessions = [2, 3]
";
        let plan = Plan::parse(text, "x.toml").unwrap();
        let [one, two] = &plan.rounds[..] else { panic!("two rounds") };
        assert_eq!((one.panel, one.minutes, one.sessions), (Some((2, Some(2))), Some((30, 30)), (1, 1)));
        assert_eq!((two.panel, two.minutes, two.sessions), (Some((2, None)), Some((1, 180)), (2, 3)));
        let PlanRule { rule, since } = plan.rule.unwrap();
        assert_eq!((rule.each, rule.low, rule.core.as_slice()), (Each::Score, 2.0, &["craft".to_owned()][..]));
        assert_eq!(since.unwrap().to_rfc3339(), "2026-01-05T00:00:00Z");
        assert_eq!((rule.reject_below, rule.advance_from), (2.0, 3.5));
    }
}
