//! A dataset held against a policy: compute, judge once, then show the verdict in every format asked for.

use std::path::{Path, PathBuf};

use super::{Wanted, analysis};
use crate::check::baseline::Baseline;
use crate::check::formats::{self, Format};
use crate::check::judge::{Evidence, everything, judge};
use crate::check::policy;
use crate::check::verdict::Checked;
use crate::config::Config;
use crate::config::check::line_of;
use crate::dataset::files::{create_folder, write_atomically};
use crate::dataset::store::Store;
use crate::error::{Error, ExitStatus, Result, pages};
use crate::progress::Progress;
use crate::report::number::harmless;

/// What is checked, and how the verdict is shown.
pub struct Check<'a> {
    /// The dataset.
    pub dataset: &'a Path,
    /// The configuration with the policy.
    pub policy: Option<&'a Path>,
    /// The formats, by name.
    pub formats: &'a [String],
    /// A file for one format, a folder for several.
    pub out: Option<&'a Path>,
    /// What is known and accepted.
    pub baseline: Option<&'a Path>,
    /// Where what there is now is written, to be accepted from now on.
    pub write_baseline: Option<&'a Path>,
    /// What is computed.
    pub wanted: Wanted,
}

/// Checks a dataset; gives what is to be printed, and the status that the verdict ends with.
pub fn check(job: &Check<'_>, progress: &dyn Progress) -> Result<(String, ExitStatus)> {
    let mut config = Config::load(job.policy, None)?;
    let local = Path::new("looplens.toml");
    let file = job.policy.or(Some(local).filter(|local| local.is_file()));
    let name = file.map_or("built-in defaults".to_owned(), |file| file.display().to_string());
    let held = policy::mean(&config.check, &name)?;
    let asked = analysis::Asked::of(&mut config, &job.wanted)?;
    let missing: Vec<String> = policy::dimensions(&held)
        .into_iter()
        .filter(|kind| !config.report.by.iter().any(|own| own == kind))
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        config.set_by(config.report.by.iter().cloned().chain(missing).collect());
    }
    let targets = targets(job)?;
    let known = job.baseline.map(Baseline::read).transpose()?;
    let store = Store::at(job.dataset);
    store.existing()?;
    for target in &targets {
        target.prepare()?;
    }
    let computed = analysis::compute(&store, &config, &asked, progress)?;
    let evidence = Evidence { results: &computed.results, findings: &computed.findings, config: &config };
    let baseline = match job.write_baseline {
        Some(path) => {
            let baseline = everything(&held, &evidence);
            baseline.write(path)?;
            Some(baseline)
        }
        None => known,
    };
    let mut checked = judge(&held, &evidence, baseline.as_ref());
    checked.as_of = computed.known;
    checked.period = computed.context.period.map(|period| period.to_string());
    point(&mut checked, file);
    show(&checked, &targets)
}

/// The policy file, and the line of each rule in it. A file outside of the working folder is not named: readers of the
/// formats could not find it, and its path is about the machine.
fn point(checked: &mut Checked, file: Option<&Path>) {
    use std::path::Component;
    let inside =
        file.filter(|file| file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)));
    let Some(file) = inside else { return };
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let parts = file.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    checked.policy = Some(parts.collect::<Vec<_>>().join("/"));
    for ruled in &mut checked.rules {
        ruled.line = Some(line_of(&text, ruled.held.rule.id).unwrap_or(1));
    }
}

/// A format and where it goes; nowhere means that it is printed.
struct Target {
    format: &'static Format,
    path: Option<PathBuf>,
}

impl Target {
    /// Makes sure that it can be written, before anything expensive is done.
    fn prepare(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            create_folder(folder)?;
        }
        let probe = path.with_extension("probe");
        write_atomically(&probe, b"")?;
        let _ = std::fs::remove_file(&probe);
        Ok(())
    }
}

fn targets(job: &Check<'_>) -> Result<Vec<Target>> {
    let mut wanted: Vec<&'static Format> = Vec::new();
    for id in job.formats {
        let format = formats::by_id(id)
            .ok_or_else(|| Error::new(&pages::UNKNOWN_NAME, format!("there is no format `{}`", harmless(id))))?;
        if !wanted.iter().any(|other| other.id == format.id) {
            wanted.push(format);
        }
    }
    let ends_as_folder = |out: &Path| out.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    match (wanted.as_slice(), job.out) {
        ([format], None) => Ok(vec![Target { format, path: None }]),
        ([format], Some(out)) => {
            let into = out.is_dir() || ends_as_folder(out);
            let path = if into { out.join(format.file) } else { out.to_path_buf() };
            Ok(vec![Target { format, path: Some(path) }])
        }
        (several, out) => {
            if let Some(out) = out.filter(|out| out.exists() && !out.is_dir()) {
                return Err(
                    Error::new(&pages::CHECK_OUTPUT, "several formats go into a folder, and this is a file").at(out)
                );
            }
            let to = |format: &'static Format| {
                if format.is_printed {
                    return Ok(Target { format, path: None });
                }
                let out = out.ok_or_else(|| {
                    Error::new(&pages::CHECK_OUTPUT, format!("{} cannot be printed among other formats", format.id))
                        .help("name a folder with --out DIR")
                })?;
                Ok(Target { format, path: Some(out.join(format.file)) })
            };
            several.iter().map(|format| to(format)).collect()
        }
    }
}

/// Writes what goes to files, and gives what is printed. The status is the verdict's, whatever the formats.
fn show(checked: &Checked, targets: &[Target]) -> Result<(String, ExitStatus)> {
    let mut printed = String::new();
    for target in targets {
        let text = (target.format.render)(checked)?;
        match &target.path {
            Some(path) => write_atomically(path, text.as_bytes())?,
            None => printed.push_str(&text),
        }
    }
    Ok((printed, checked.verdict.exit_status()))
}
