//! Which table of the contract a file looks like, and which of its columns is which.

use super::profile::Profile;
use crate::source::tables::Import;

/// From here on a guess is written rather than commented out.
pub(super) const LIKELY: f64 = 0.75;
/// Below this a guess is none.
const POSSIBLE: f64 = 0.5;

/// One column of the contract and the file's own that looks like it.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    /// The column of the contract.
    pub(super) column: &'static str,
    /// The place of the file's own.
    pub(super) own: usize,
    /// How much alike they are, 1 the most.
    pub(super) score: f64,
    /// What speaks against it.
    pub(super) doubt: Option<String>,
}

/// How a file fits a table.
#[derive(Debug)]
pub(super) struct Fit {
    /// The guesses, the best first.
    pub(super) guesses: Vec<Guess>,
    /// How well it fits as a whole.
    pub(super) total: f64,
    /// Whether it is worth proposing.
    pub(super) is_convincing: bool,
}

/// Other names of the contract's columns, as words.
const NAMES: &[(&str, &[&str])] = &[
    ("application_id", &["application", "app id", "loop id", "candidacy id", "case id", "case"]),
    ("candidate_id", &["candidate", "applicant", "applicant id", "person id"]),
    ("job_id", &["req id", "requisition id", "position id", "vacancy id"]),
    ("job_title", &["job", "position", "role", "job name", "title", "vacancy"]),
    ("department", &["team", "dept", "function", "org", "category"]),
    ("level", &["seniority", "grade", "job level"]),
    ("location", &["office", "site", "city"]),
    ("source", &["channel", "origin", "sourced from", "source channel"]),
    ("hiring_manager_id", &["hiring manager", "manager"]),
    ("recruiter_id", &["recruiter"]),
    ("applied_at", &["applied", "applied on", "application date", "date applied", "created at"]),
    ("closed_at", &["closed", "closed on", "archived at", "end date"]),
    ("decision", &["outcome", "result", "verdict", "final decision", "disposition"]),
    ("decided_at", &["decision date", "decided", "decided on", "date of decision"]),
    ("decided_by", &["decider", "decision maker"]),
    ("reason", &["rejection reason", "decision reason"]),
    ("offer_outcome", &["offer status", "offer result"]),
    ("interview_id", &["interview", "event id", "meeting id"]),
    ("stage", &["round", "step", "interview stage", "interview type", "phase", "stage name"]),
    ("scheduled_at", &["scheduled", "booked at", "scheduled on"]),
    ("starts_at", &["start", "start time", "starts", "interview date", "interview start"]),
    ("ends_at", &["end", "end time", "ends", "interview end"]),
    ("interviewer_ids", &["interviewers", "panel", "panelists"]),
    ("planned_minutes", &["duration", "minutes", "length", "duration minutes"]),
    ("meant_dimensions", &["focus", "focus attributes", "dimensions tested", "competencies tested"]),
    ("interviewer_id", &["interviewer", "interviewer email", "rater", "assessor", "reviewer", "evaluator"]),
    ("dimension", &["competency", "attribute", "criterion", "criteria", "skill", "question", "trait"]),
    ("score", &["rating", "points", "mark", "grade", "value"]),
    ("scorecard_id", &["card id", "feedback id", "form id", "scorecard"]),
    ("submitted_at", &["submitted", "submitted on", "feedback date", "completed at", "date"]),
    ("note", &["comment", "comments", "notes", "feedback", "observation", "remarks"]),
    ("recommendation", &["overall", "overall recommendation", "overall rating", "hire recommendation"]),
    ("event", &["activity", "action", "event type", "event name", "what"]),
    ("at", &["time", "timestamp", "date", "when", "time complete", "complete timestamp"]),
    ("actor_id", &["actor", "resource", "user", "done by"]),
    ("outcome", &["measure", "metric", "outcome name", "kind"]),
    ("value", &["result", "outcome value", "score", "rating"]),
    ("rated_by", &["rater", "manager", "assessor"]),
    ("person_id", &["user id", "employee id", "interviewer id"]),
    ("status", &["state"]),
];

/// Other names of the contract's tables.
const TABLES: &[(&str, &[&str])] = &[
    ("applications", &["candidates", "applicants", "loops", "cases", "pipeline"]),
    ("decisions", &["outcomes of loops", "dispositions", "results"]),
    ("interviews", &["schedule", "interview events", "meetings", "calendar"]),
    ("panel_members", &["panel", "panelists", "interviewers"]),
    ("cards", &["scorecard summary", "feedback forms"]),
    ("scorecards", &["feedback", "ratings", "scores", "evaluations", "reviews"]),
    ("events", &["log", "event log", "history", "activity", "stage history", "activities"]),
    ("outcomes", &["performance", "reviews of hires", "hr outcomes"]),
    ("people", &["users", "employees", "staff"]),
];

/// How a file of this stem and these columns fits a table.
pub(super) fn fit(table: &'static Import<'static>, stem: &str, columns: &[Profile]) -> Fit {
    let mut pairs: Vec<Guess> = Vec::new();
    for column in table.columns {
        for (own, profile) in columns.iter().enumerate() {
            let alike = alike(&profile.name, column, NAMES);
            if alike < POSSIBLE {
                continue;
            }
            let doubt = against(column, profile);
            let score = if doubt.is_some() { alike * 0.6 } else { alike };
            if score >= POSSIBLE * 0.6 {
                pairs.push(Guess { column, own, score, doubt });
            }
        }
    }
    pairs.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut guesses: Vec<Guess> = Vec::new();
    for pair in pairs {
        if !guesses.iter().any(|taken| taken.own == pair.own || taken.column == pair.column) {
            guesses.push(pair);
        }
    }
    let score = |column: &str| guesses.iter().find(|guess| guess.column == column).map_or(0.0, |guess| guess.score);
    let required: f64 = table.columns.iter().take(table.required).map(|column| score(column)).sum();
    let optional: f64 = table.columns.iter().skip(table.required).map(|column| score(column)).sum();
    let covered = required / table.required as f64;
    let named = alike(stem, table.name, TABLES);
    let is_convincing = covered >= 0.6 || (named >= LIKELY && covered >= 0.3);
    // A table is told by what it needs; among those that need little, by what else is there and by its name.
    let total = covered * (1.0 + 0.2 * required + 0.15 * optional) + named;
    Fit { guesses, total, is_convincing }
}

/// How much alike a name is to one of the contract's, or to one of its other names.
fn alike(own: &str, meant: &str, others: &[(&str, &[&str])]) -> f64 {
    let own = words(own);
    let others = others.iter().find(|(name, _)| *name == meant).map_or(&[][..], |(_, others)| others);
    // Another name is a little less certain than the name itself.
    let by_other = others.iter().map(|other| 0.95 * overlap(&own, &words(other))).fold(0.0, f64::max);
    overlap(&own, &words(meant)).max(by_other)
}

/// The words of a name in any way of writing: `Interviewer Email`, `interviewer_email`, `interviewerEmail`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    let singular = |word: String| match word.strip_suffix('s') {
        Some(stem) if stem.len() > 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word,
    };
    words.into_iter().filter(|word| !word.is_empty()).map(singular).collect()
}

/// Shared words by all words.
fn overlap(a: &[String], b: &[String]) -> f64 {
    let shared = a.iter().filter(|word| b.contains(word)).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// What the cells of a column say against its being this one.
fn against(column: &str, profile: &Profile) -> Option<String> {
    if profile.filled == 0 {
        return Some("every cell looked at is empty".to_owned());
    }
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let says = |share: f64, what: &str| Some(format!("only {} of its cells are {what}", percent(share)));
    match column {
        _ if column.ends_with("_at") || column == "at" => {
            let share = profile.times_share();
            if share < 0.8 { says(share, "times") } else { None }
        }
        "score" | "value" => {
            let share = profile.share(profile.numbers);
            if share < 0.8 && !profile.recurs() { says(share, "numbers, and they are no vocabulary") } else { None }
        }
        "planned_minutes" | "revision" => {
            let share = profile.share(profile.numbers);
            if share < 0.8 { says(share, "numbers") } else { None }
        }
        "decision" | "event" | "stage" | "dimension" | "kind" | "status" | "role" | "offer_outcome" | "outcome" => {
            (!profile.recurs()).then(|| "its values hardly recur, as words of a list would".to_owned())
        }
        "application_id" | "candidate_id" | "interview_id" | "scorecard_id" if profile.times_share() > 0.5 => {
            Some("its cells are times".to_owned())
        }
        "application_id" | "interview_id"
            if !profile.is_unique() && profile.recurs() && profile.share(profile.ids) < 0.5 =>
        {
            Some("its values look like words rather than identifiers".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_however_they_are_written() {
        for (own, meant, at_least) in [
            ("Application ID", "application_id", 1.0),
            ("applicationId", "application_id", 1.0),
            ("Interviewer Email", "interviewer_id", 0.9),
            ("Round", "stage", 0.9),
            ("Rating", "score", 0.9),
        ] {
            assert!(alike(own, meant, NAMES) >= at_least, "{own}");
        }
        assert!(alike("Favourite colour", "application_id", NAMES) < POSSIBLE);
    }
}
