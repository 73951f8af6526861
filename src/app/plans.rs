//! Loop plans on the command line: which there are, what one says, and whether a file is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use arrow::array::{Array, RecordBatch, StringArray};

use crate::dataset::parquet;
use crate::dataset::store::Store;
use crate::error::Result;
use crate::plan::matching::{Stage, matches};
use crate::plan::{BUILTIN, Kind, Plan, unknown};
use crate::report::number::{count, harmless, plural};

/// The plans that ship with the program.
pub fn plans() -> Result<String> {
    let mut text = String::new();
    for builtin in BUILTIN {
        let plan = Plan::builtin(builtin.id)?;
        let rounds: Vec<&str> = plan.rounds.iter().map(|round| round.id.as_str()).collect();
        let _ = writeln!(text, "{:<14}{}\n{:14}{}\n", plan.name, plan.about, "", rounds.join(" > "));
    }
    text.push_str(
        "`looplens plans show NAME` prints one; [plan] in looplens.toml names the one that data is held against.\n",
    );
    Ok(text)
}

/// The text of a plan that ships with the program.
pub fn show_plan(name: &str) -> Result<String> {
    let found = BUILTIN.iter().find(|builtin| builtin.id == name).ok_or_else(|| unknown(name))?;
    Ok(found.text.to_owned())
}

/// Reads a plan's file and says what it holds, what it leaves open, and which rounds a dataset's stages are.
pub fn check_plan(file: &Path, dataset: Option<&Path>) -> Result<String> {
    let plan = Plan::load(file)?;
    let mut text = format!(
        "{} is a plan: {}, {}.\n",
        file.display(),
        harmless(&plan.title),
        plural(plan.rounds.len() as i64, "round", "rounds")
    );
    for round in &plan.rounds {
        let question = round.question.as_deref().unwrap_or("(no question)");
        let _ = writeln!(text, "  {:<22}{}", round.id, harmless(question));
    }
    let open = undeclared(&plan);
    if !open.is_empty() {
        let _ = writeln!(text, "Not declared, so the audit cannot judge it: {}.", open.join("; "));
    }
    if let Some(dataset) = dataset {
        stages_of(&plan, dataset, &mut text)?;
    }
    Ok(text)
}

/// What a plan could say and does not.
fn undeclared(plan: &Plan) -> Vec<String> {
    let without = |what: &str, lacks: &dyn Fn(&crate::plan::Round) -> bool| {
        let rounds: Vec<&str> =
            plan.rounds.iter().filter(|round| lacks(round)).map(|round| round.id.as_str()).collect();
        (!rounds.is_empty()).then(|| format!("{what} of {}", rounds.join(", ")))
    };
    let whole = |is_there: bool, what: &str| (!is_there).then(|| what.to_owned());
    let at_home = |round: &crate::plan::Round| round.kind == Some(Kind::TakeHome);
    [
        whole(!plan.deliverables.is_empty(), "deliverables ([role])"),
        whole(plan.days.is_some(), "days ([days])"),
        whole(plan.rule.is_some(), "the rule ([rule])"),
        whole(!plan.rubric.dimensions.is_empty(), "dimensions ([rubric])"),
        whole(!plan.rubric.anchors.is_empty(), "anchors ([rubric.anchors])"),
        without("the question", &|round| round.question.is_none()),
        without("the length", &|round| round.minutes.is_none()),
        without("the panel", &|round| round.panel.is_none() && round.kind == Some(Kind::Live)),
        without("the pay", &|round| at_home(round) && round.paid.is_none()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn stages_of(plan: &Plan, dataset: &Path, text: &mut String) -> Result<()> {
    let found = in_dataset(dataset)?;
    if found.is_empty() {
        text.push_str("The dataset names no stages.\n");
        return Ok(());
    }
    let matched = matches(plan, &BTreeMap::new(), &found);
    let _ = writeln!(text, "Stages of the dataset:");
    for (stage, found) in found.iter().zip(&matched) {
        let round = found.round.and_then(|round| plan.rounds.get(round));
        let is = round.map_or("no round; name one under [plan.stages], or `ignore`".to_owned(), |round| {
            format!("{} (by {})", round.id, found.how.word())
        });
        let _ = writeln!(text, "  {:<34}{}: {is}", harmless(&stage.name), plural(stage.weight, "record", "records"));
    }
    let held: BTreeSet<usize> = matched.iter().filter_map(|found| found.round).collect();
    let missing: Vec<&str> =
        (0..plan.rounds.len()).filter(|at| !held.contains(at)).map(|at| plan.rounds[at].id.as_str()).collect();
    if !missing.is_empty() {
        let _ = writeln!(text, "{} no stage is: {}.", count(missing.len() as i64), missing.join(", "));
    }
    Ok(())
}

/// The stages of interviews and scorecards, debriefs left out.
fn in_dataset(dataset: &Path) -> Result<Vec<Stage>> {
    let generation = Store::at(dataset).existing()?;
    let mut seen: BTreeMap<String, (i64, BTreeMap<Kind, i64>)> = BTreeMap::new();
    let mut debriefs: BTreeMap<String, i64> = BTreeMap::new();
    for opened in generation.manifest.partitions() {
        for (table, columns) in [("interviews", &["stage", "kind"][..]), ("scorecards", &["stage"])] {
            let Some(path) = generation.file(table, opened) else { continue };
            for batch in parquet::read(&path, columns)? {
                let batch = batch?;
                for row in 0..batch.num_rows() {
                    let Some(stage) = text_at(&batch, "stage", row) else { continue };
                    let kind = text_at(&batch, "kind", row);
                    if kind.as_deref() == Some("debrief") {
                        *debriefs.entry(stage).or_default() += 1;
                        continue;
                    }
                    let (records, kinds) = seen.entry(stage).or_default();
                    *records += 1;
                    if let Some(kind) = kind.as_deref().and_then(Kind::parse) {
                        *kinds.entry(kind).or_default() += 1;
                    }
                }
            }
        }
    }
    let stages = seen.into_iter().filter(|(name, (records, _))| debriefs.get(name).is_none_or(|n| n <= records));
    Ok(stages
        .map(|(name, (weight, kinds))| {
            let kind = kinds.iter().max_by_key(|(kind, count)| (**count, std::cmp::Reverse(**kind)));
            Stage { name, kind: kind.map(|(kind, _)| *kind), weight }
        })
        .collect())
}

fn text_at(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(name)?.as_any().downcast_ref::<StringArray>()?;
    (!column.is_null(row)).then(|| column.value(row).to_owned())
}
