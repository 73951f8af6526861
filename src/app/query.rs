//! Questions in SQL: the tables that there are, the answer, and where it goes.

use std::path::Path;

use crate::dataset::files::write_atomically;
use crate::error::{Error, Result, pages};
use crate::query::{self, Catalogue, Shown};
use crate::report::number::{harmless, plural};

/// How many rows a terminal is shown unless all are asked for.
const SHOWN: usize = 50;
/// The folder whose results are asked where none is named: the README's.
const USUAL: &str = "out";

/// What is asked, of what, and how it is answered.
pub struct Query<'a> {
    /// The query, `.tables` or `.schema TABLE`.
    pub sql: &'a str,
    /// The dataset.
    pub dataset: Option<&'a Path>,
    /// The folder of an analysis.
    pub out: Option<&'a Path>,
    /// The format, by name.
    pub format: &'a str,
    /// The file the answer goes to.
    pub output: Option<&'a Path>,
    /// Whether a terminal is shown every row.
    pub all: bool,
}

/// Answers a query; gives what is to be printed.
pub fn query(job: &Query<'_>) -> Result<String> {
    let format = query::format(job.format)
        .ok_or_else(|| Error::new(&pages::UNKNOWN_NAME, format!("there is no format `{}`", harmless(job.format))))?;
    if matches!(format.shown, Shown::File(_)) && job.output.is_none() {
        return Err(unprintable(format.id));
    }
    let usual = Path::new(USUAL);
    let out = match (job.dataset, job.out) {
        (None, None) if usual.join("tables").is_dir() => Some(usual),
        (None, None) => {
            return Err(Error::new(
                &pages::NOTHING_TO_ASK,
                "there is nothing to ask: no folder is named, and there are no results in `out`",
            )
            .help("name the folder of an analysis with --out OUT, a dataset with --dataset DIR, or both"));
        }
        (_, out) => out,
    };
    let catalogue = Catalogue::open(job.dataset, out)?;
    if let Some(text) = query::about(&catalogue, job.sql) {
        return text;
    }
    let answer = query::ask(&catalogue, job.sql)?;
    match (&format.shown, job.output) {
        (Shown::Text(render), None) => return render(&answer, (!job.all).then_some(SHOWN)),
        (Shown::Text(render), Some(file)) => write_atomically(file, render(&answer, None)?.as_bytes())?,
        (Shown::File(write), Some(file)) => write(&answer, file)?,
        (Shown::File(_), None) => return Err(unprintable(format.id)),
    }
    let file = job.output.map(|file| file.display().to_string()).unwrap_or_default();
    Ok(format!("Wrote {} to {file}\n", plural(answer.num_rows() as i64, "row", "rows")))
}

fn unprintable(format: &str) -> Error {
    Error::new(&pages::ANSWER_FORMAT, format!("{format} cannot be printed")).help("name a file with --output FILE")
}
