//! The samples: made by the simulator to the byte, and each the whole job, most without a flag. Their parameters,
//! the flags and the figures expected of them are in `data-samples/samples.toml`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use looplens::metrics::METRICS;
use looplens::report::FORMATS;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    folder: String,
    loops: i64,
    seed: u64,
    source: String,
    decided: i64,
    withdrawn: i64,
    open: i64,
    /// What `looplens run` has to be told besides; `{folder}` stands for the sample's own.
    #[serde(default)]
    arguments: Vec<String>,
}

#[derive(Deserialize)]
struct Samples {
    sample: Vec<Sample>,
}

impl Sample {
    fn folder(&self) -> PathBuf {
        folder().join(&self.folder)
    }

    /// The arguments of the whole job over it, where it lies in `folder`.
    fn run(&self, folder: &str, out: &str) -> Vec<String> {
        let told = self.arguments.iter().map(|argument| argument.replace("{folder}", folder));
        let job = ["run", folder, "--out", out].map(str::to_owned);
        job.into_iter().chain(told).collect()
    }

    /// The command that made it, but for the folder it goes to.
    fn simulate(&self) -> String {
        format!("simulate --loops {} --seed {} --format {} --out", self.loops, self.seed, self.folder)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples")
}

fn samples() -> Vec<Sample> {
    let text = std::fs::read_to_string(folder().join("samples.toml")).unwrap();
    toml::from_str::<Samples>(&text).unwrap().sample
}

/// Runs the program in `place`, where no configuration lies.
fn looplens<S: AsRef<OsStr>>(place: &Path, arguments: &[S], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_looplens"));
    command.args(arguments).current_dir(place).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let typed: Vec<_> = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect();
    assert!(output.status.success(), "looplens {}: {}\n{said}", typed.join(" "), output.status);
    output
}

/// Every file below `root` but for those of `without`, by its path there.
fn files(root: &Path, without: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                if name != without {
                    folders.push(path);
                }
            } else {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Compares two folders without printing megabytes when they differ.
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert!(!left.is_empty(), "{what}: no files");
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "{what}");
    let differing: Vec<&String> =
        left.iter().filter(|(name, bytes)| right[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{what}: these files differ: {differing:?}");
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// One sample, and what the whole job over it said and left behind.
pub(crate) struct SampleRun {
    pub(crate) folder: String,
    pub(crate) out: PathBuf,
    said: String,
}

/// Every sample, run once for all tests that look at what it leaves behind.
pub(crate) fn runs() -> &'static [SampleRun] {
    static RUNS: OnceLock<Vec<SampleRun>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir_all(&place).unwrap();
        let run = |sample: Sample| {
            let said = looplens(&place, &sample.run(sample.folder().to_str().unwrap(), &sample.folder), &[]);
            let said = String::from_utf8(said.stdout).unwrap();
            SampleRun { out: place.join(&sample.folder), folder: sample.folder, said }
        };
        samples().into_iter().map(run).collect()
    })
}

#[test]
fn every_sample_is_what_the_simulator_writes() {
    for sample in samples() {
        let temporary = tempfile::tempdir().unwrap();
        let command = sample.simulate();
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("made");
        looplens(temporary.path(), &arguments, &[]);
        assert_same(&files(&sample.folder(), ""), &files(&temporary.path().join("made"), ""), &sample.folder);
    }
}

#[test]
fn every_format_of_the_simulator_has_a_sample() {
    let formats: Vec<&str> = looplens::simulate::FORMATS.iter().map(|format| format.id).collect();
    let samples = samples();
    assert_eq!(formats, samples.iter().map(|sample| sample.folder.as_str()).collect::<Vec<_>>());
}

#[test]
fn the_readme_of_the_samples_has_their_commands() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for sample in samples() {
        let line = format!("    looplens {} data-samples/{}\n", sample.simulate(), sample.folder);
        assert!(readme.contains(&line), "data-samples/README.md lacks: {line}");
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{}/` |", sample.folder)));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| {} |", sample.loops))), "{}: {row:?}", sample.folder);
        // Whoever has to say more than where the sample is finds the whole command.
        let run = sample.run(&format!("data-samples/{}", sample.folder), "out").join(" ");
        assert!(sample.arguments.is_empty() || readme.contains(&format!("    looplens {run}\n")), "{run}");
    }
}

#[test]
fn the_samples_stay_small() {
    let files = files(&folder(), "");
    let bytes: usize = files.values().map(Vec::len).sum();
    // Nine formats, of which Ashby repeats its form and its users in every record.
    assert!(bytes < 5_500_000, "{bytes} bytes");
    // An extract of a warehouse is a folder of some twenty small tables.
    assert!(files.len() < 200, "{} files", files.len());
}

#[test]
fn every_sample_runs_as_it_is_told_to() {
    for (sample, SampleRun { out, said, .. }) in samples().into_iter().zip(runs()) {
        let Sample { loops, decided, withdrawn, open, .. } = sample;
        let counts = format!("Loops {loops}: {decided} decided, {withdrawn} withdrawn, {open} open.");
        assert!(said.contains(&counts), "{}: {counts}\n{said}", sample.folder);

        let run = json(&out.join("run.json"));
        let inputs = run["inputs"].as_array().unwrap();
        assert_eq!(inputs.len(), 1);
        assert_eq!(inputs[0]["source"], sample.source.as_str());
        for account in inputs.iter().chain(run["ledger"].as_array().unwrap()) {
            let number = |name: &str| account[name].as_u64().unwrap();
            assert_eq!(
                number("read"),
                number("kept") + number("replaced") + number("rejected"),
                "{}: {account}",
                sample.folder
            );
        }
        assert!(inputs[0]["kept"].as_u64().unwrap() > 0);

        let written = files(out, "dataset");
        for format in FORMATS {
            assert!(written[format.file].len() > 1_000, "{}: {}", sample.folder, format.file);
        }
        let report = json(&out.join("report.json"));
        let schema = serde_json::from_str(looplens::report::json::SCHEMA).unwrap();
        let problems = crate::json_schema::problems(&schema, &report);
        assert!(problems.is_empty(), "{}: {problems:#?}", sample.folder);
        // A number that is shown first can be compared with that of another period.
        for figure in report["figures"].as_array().unwrap() {
            let has_number = figure["value"].as_str().unwrap().contains(|c: char| c.is_ascii_digit());
            let behind = |one: &&Value| one["is_headline"] == true && one["label"] == figure["label"];
            let measure = report["measures"].as_array().unwrap().iter().find(behind);
            assert!(!has_number || measure.is_some_and(|one| one["value"].is_number()), "{}: {figure}", sample.folder);
        }
        for table in METRICS.iter().flat_map(|question| question.metric.tables) {
            assert!(
                written.contains_key(&format!("tables/{}.parquet", table.name)),
                "{}: {}",
                sample.folder,
                table.name
            );
        }
    }
}

/// The planted truth is beside each sample, so what a run counts can be held against it.
#[test]
fn the_figures_are_those_of_the_planted_truth() {
    for sample in samples() {
        let counts = &json(&sample.folder().join("truth.json"))["counts"];
        let number = |name: &str| counts[name].as_i64().unwrap();
        assert_eq!(sample.decided, number("offers") + number("rejections"), "{}", sample.folder);
        assert_eq!(sample.withdrawn, number("withdrawals"), "{}", sample.folder);
        assert_eq!(sample.open, number("open"), "{}", sample.folder);
        assert_eq!(sample.loops, sample.decided + sample.withdrawn + sample.open, "{}", sample.folder);
    }
}

#[test]
fn the_same_export_and_key_give_the_same_bytes_on_any_number_of_threads() {
    let threads: [&[(&str, &str)]; 2] = [&[("POLARS_MAX_THREADS", "1")], &[("POLARS_MAX_THREADS", "4")]];
    // The ways in which files are read: delimited text, arrays of nested records, arrays of flat ones, workbooks.
    let ways = ["tables", "greenhouse-v1", "greenhouse-v3", "spreadsheet"];
    let chosen: Vec<Sample> = samples().into_iter().filter(|sample| ways.contains(&&*sample.folder)).collect();
    assert_eq!(chosen.len(), ways.len());
    for sample in chosen {
        let temporary = tempfile::tempdir().unwrap();
        let mut first = None;
        for (at, variables) in threads.iter().enumerate() {
            let name = format!("out-{at}");
            let private = temporary.path().join(&name).join("dataset/private");
            if at > 0 {
                std::fs::create_dir_all(&private).unwrap();
                std::fs::copy(temporary.path().join("out-0/dataset/private/key"), private.join("key")).unwrap();
            }
            looplens(temporary.path(), &sample.run(sample.folder().to_str().unwrap(), &name), variables);
            let written = files(&temporary.path().join(&name), "dataset");
            match &first {
                None => first = Some(written),
                Some(first) => assert_same(first, &written, &format!("{}, {variables:?}", sample.folder)),
            }
        }
    }
}
