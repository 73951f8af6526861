//! Metrics: one file per question. To add one, write its file and add one line to [`METRICS`].

pub mod adjusted;
pub mod cards;
pub mod consensus_drift;
pub mod hygiene;
pub mod leniency;
pub mod overrides;
pub mod process_audit;
pub mod record;
pub mod rows;
pub mod score_outcome;
pub mod segments;
pub mod slow_loops;
pub mod source_quality;
pub mod stage_redundancy;
pub mod time_to_decision;
pub mod waits;
pub mod wording;

use crate::engine::metric::{Context, Metric};
use crate::engine::run::Results;
use crate::findings::Finding;
use crate::report::model::{Figure, Measure, Section};
use crate::time::Quarter;

/// A metric with what it says: its findings, and its part of the report.
#[derive(Debug)]
pub struct Question {
    /// The metric.
    pub metric: Metric,
    /// What is worth acting on. Sees the results of all metrics.
    pub judge: fn(&Results, &Context<'_>) -> Vec<Finding>,
    /// The part of the report. Words and layout only: every number in it comes from a result table.
    pub present: fn(&Results, &Context<'_>) -> Presented,
}

/// A metric's part of the report.
#[derive(Debug)]
pub struct Presented {
    /// Sentences for the first paragraph.
    pub summary: Vec<String>,
    /// Headline figures.
    pub figures: Vec<Figure>,
    /// The numbers that can be compared with other periods and runs: those behind the figures, and those that may stand
    /// behind one elsewhere.
    pub measures: Vec<Measure>,
    /// Numbers by the quarter in which loops opened, whatever the period: what the trend is made of.
    pub quarters: Vec<(Quarter, Measure)>,
    /// The section.
    pub section: Section,
}

impl Presented {
    /// Adds a headline figure with the number behind it, so that it can be compared.
    pub fn headline(&mut self, figure: Figure, measure: Measure) {
        let measure = Measure { label: figure.label.clone(), is_headline: true, ..measure };
        match self.measures.iter_mut().find(|other| other.id == measure.id) {
            Some(same) => *same = measure,
            None => self.measures.push(measure),
        }
        self.figures.push(figure);
    }
}

/// Every metric, in the order they are computed and reported.
pub const METRICS: &[&Question] = &[
    &time_to_decision::QUESTION,
    &waits::QUESTION,
    &slow_loops::QUESTION,
    &leniency::QUESTION,
    &stage_redundancy::QUESTION,
    &overrides::QUESTION,
    &consensus_drift::QUESTION,
    &hygiene::QUESTION,
    &score_outcome::QUESTION,
    &source_quality::QUESTION,
    &process_audit::QUESTION,
];

/// The metric with a given name.
pub fn by_id(id: &str) -> Option<&'static Metric> {
    METRICS.iter().map(|question| &question.metric).find(|metric| metric.id == id)
}

/// The questions of these ids, all of them where none is named, in the order of the registry.
pub fn chosen(ids: &[String]) -> Vec<&'static Question> {
    METRICS.iter().filter(|question| ids.is_empty() || ids.iter().any(|id| id == question.metric.id)).copied().collect()
}

/// The metrics behind some questions, in the order of the registry: their own, and those whose results they read.
pub fn behind(questions: &[&Question]) -> Vec<&'static Metric> {
    let mut wanted: Vec<&str> = questions.iter().map(|question| question.metric.id).collect();
    // What a metric needs stands before it, so that one way back is enough.
    for question in METRICS.iter().rev() {
        if wanted.contains(&question.metric.id) {
            wanted.extend(question.metric.needs);
        }
    }
    METRICS.iter().map(|question| &question.metric).filter(|metric| wanted.contains(&metric.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::metric::HEADINGS;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut ids: Vec<&str> = METRICS.iter().map(|question| question.metric.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), METRICS.len());
        assert!(ids.iter().all(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn what_a_metric_needs_stands_before_it_and_is_computed_with_it() {
        for (place, question) in METRICS.iter().enumerate() {
            let before: Vec<&str> = METRICS.iter().take(place).map(|question| question.metric.id).collect();
            assert!(question.metric.needs.iter().all(|id| before.contains(id)), "{}", question.metric.id);
        }
        let ids = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
            behind(&chosen(&only)).iter().map(|metric| metric.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&["waits"]), ["waits"]);
        assert_eq!(ids(&["consensus-drift", "waits"]), ["waits", "leniency", "overrides", "consensus-drift"]);
        assert_eq!(ids(&[]).len(), METRICS.len());
    }

    #[test]
    fn every_metric_is_documented_under_the_same_headings() {
        for metric in METRICS.iter().map(|question| &question.metric) {
            let found: Vec<&str> = metric.doc.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(found, HEADINGS, "{}", metric.id);
        }
    }

    #[test]
    fn every_file_of_the_folder_is_registered() -> std::io::Result<()> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/metrics");
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().replace(".rs", "").replace('_', "-");
            let known = METRICS.iter().any(|question| question.metric.id == name)
                || matches!(&*name, "adjusted" | "cards" | "mod" | "record" | "rows" | "segments" | "wording");
            assert!(known, "{name} is not registered");
        }
        Ok(())
    }

    #[test]
    fn table_names_are_unique_and_columns_documented() {
        let mut names: Vec<&str> =
            METRICS.iter().flat_map(|question| question.metric.tables).map(|table| table.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for table in METRICS.iter().flat_map(|question| question.metric.tables) {
            assert!(table.columns.iter().all(|column| !column.meaning.is_empty()), "{}", table.name);
        }
    }
}
