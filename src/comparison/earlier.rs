//! The numbers and findings of an earlier run, out of its `report.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Side;
use crate::engine::results::Status;
use crate::error::{Error, Result, pages};
use crate::findings::Level;
use crate::report::model::{Better, Known, Measure, Unit};
use crate::report::number::harmless;
use crate::time::{Instant, Quarter};

/// The version of `report.json` that is understood.
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Document {
    format: String,
    version: u32,
    period: String,
    as_of: Option<String>,
    measures: Option<Vec<Written>>,
    findings: Vec<Finding>,
    provenance: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Head {
    format: String,
}

#[derive(Deserialize)]
struct Written {
    id: String,
    label: String,
    unit: String,
    looks_back: bool,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: Option<i64>,
    method: String,
    status: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Finding {
    id: String,
    level: String,
    statement: String,
}

/// Reads an earlier report: its `report.json`, the `run.json` beside it, or the folder that holds both.
pub fn read(path: &Path) -> Result<Side> {
    let path = report_of(path)?;
    let bytes = std::fs::read(&path).map_err(|error| Error::unreadable("read the earlier report", &path, &error))?;
    let refused = |what: String, help: &str| Error::new(&pages::EARLIER_REPORT, what).at(&path).help(help);
    let again = "make it again with `looplens analyze`, and name its report.json";
    let document: Document = serde_json::from_slice(&bytes)
        .map_err(|error| refused(format!("this is no report.json of looplens: {error}"), again))?;
    if document.format != "looplens-report" || document.version != VERSION {
        let what = format!("this is version {} of {}", document.version, harmless(&document.format));
        return Err(refused(
            format!("{what}, and only version {VERSION} of looplens-report can be compared with"),
            again,
        ));
    }
    let measures = document
        .measures
        .ok_or_else(|| refused("the earlier report holds no numbers to compare with".to_owned(), again))?;
    let quarter = Quarter::parse(&document.period);
    let as_of = document.as_of.as_deref().and_then(|text| Instant::parse_bound(text).ok());
    let known = as_of.and_then(Instant::date).map(|date| format!(" as known on {date}")).unwrap_or_default();
    let stated = |name: &str| document.provenance.get(name).cloned().unwrap_or_default();
    Ok(Side {
        name: format!("{}{known}", harmless(&document.period)),
        quarter,
        is_other_run: true,
        as_of,
        calendar: stated("calendar"),
        configuration: stated("configuration"),
        window_quarters: 0,
        measures: measures.into_iter().filter_map(measure).collect(),
        findings: document.findings.into_iter().filter_map(finding).collect(),
    })
}

/// `run.json` is the record of a run and holds no numbers; they are in the report beside it.
fn report_of(path: &Path) -> Result<PathBuf> {
    if path.is_dir() {
        return Ok(path.join("report.json"));
    }
    let is_record = path.file_name().is_some_and(|name| name == "run.json") || {
        let bytes = std::fs::read(path).map_err(|error| Error::unreadable("read the earlier report", path, &error))?;
        serde_json::from_slice::<Head>(&bytes).is_ok_and(|head| head.format == "looplens-run")
    };
    if !is_record {
        return Ok(path.to_path_buf());
    }
    let beside = path.with_file_name("report.json");
    if beside.is_file() {
        return Ok(beside);
    }
    Err(Error::new(
        &pages::EARLIER_REPORT,
        "run.json is the record of a run; the numbers are in its report.json, which is not beside it",
    )
    .at(path)
    .help("name the report.json of that run"))
}

/// A number whose unit or status is none of this version's is left out, as if the earlier run had not known it.
fn measure(written: Written) -> Option<Measure> {
    let unit = Unit::ALL.into_iter().find(|unit| unit.word() == written.unit)?;
    let statuses = [Status::Ok, Status::Thin, Status::NotEstimable];
    let status = statuses.into_iter().find(|status| status.word() == written.status)?;
    let Written { id, label, looks_back, value, low, high, n, method, reason, .. } = written;
    let better = Better::Neither;
    Some(Measure {
        id,
        label,
        is_headline: false,
        unit,
        better,
        looks_back,
        value,
        low,
        high,
        n,
        method,
        status,
        reason,
    })
}

fn finding(written: Finding) -> Option<Known> {
    let level = [Level::Act, Level::Look, Level::Note].into_iter().find(|level| level.word() == written.level)?;
    Some(Known { id: written.id, level, statement: written.statement })
}
