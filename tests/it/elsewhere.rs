//! What looplens writes, opened with what analysts have: DuckDB, polars, pandas, Spark, and the notebooks.
//!
//! The libraries come from PyPI into a virtual environment below the target folder, in the versions that
//! `notebooks/requirements.txt` names. Where Python or the packages cannot be had, a test says so and passes, unless
//! `LOOPLENS_ANALYST=required`. Spark is large and slow to start, so it is opened only with `LOOPLENS_SPARK=1`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::Scene;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Python of the virtual environment; made once for all tests.
fn python() -> Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| environment("analyst-venv", "notebooks/requirements.txt")).clone()
}

/// A virtual environment with what a file of requirements names; one that was made before is taken as it is.
fn environment(name: &str, requirements: &str) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join(name);
    let python = folder.join("bin/python");
    let wanted = fs::read_to_string(root().join(requirements)).unwrap();
    let stamp = folder.join("looplens-requirements.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let base = std::env::var_os("LOOPLENS_PYTHON").unwrap_or_else(|| "python3".into());
    tried(Command::new(base).args(["-m", "venv", "--clear"]).arg(&folder), "no virtual environment can be made")?;
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
        "--timeout",
        "20",
    ]);
    tried(install.args(["--requirement", requirements]).current_dir(root()), "the packages cannot be installed")?;
    fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn tried(command: &mut Command, otherwise: &str) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{otherwise}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = said.lines().rev().take(3).collect();
    Err(format!("{otherwise}: {}", last.into_iter().rev().collect::<Vec<_>>().join(" | ")))
}

/// The Python to test with; none where it cannot be had and nobody insists. What is left out is said on the terminal
/// itself, since a test that passes keeps its own output to itself.
fn ready(python: Result<PathBuf, String>) -> Option<PathBuf> {
    match python {
        Ok(python) => Some(python),
        Err(why) if std::env::var("LOOPLENS_ANALYST").is_ok_and(|value| value == "required") => panic!("{why}"),
        Err(why) => {
            leave_out(&why);
            None
        }
    }
}

fn leave_out(why: &str) {
    let _ = writeln!(std::io::stderr(), "left out: {why}");
}

/// A run of the sample with its additive tables, in `out`.
fn sample() -> Scene {
    let scene = Scene::new();
    let export = root().join("data-samples/tables");
    scene.run(&["run", export.to_str().unwrap(), "--out", "out", "--additive"]).fine();
    scene
}

fn passes(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn every_table_opens_in_duckdb_polars_and_pandas_as_documented() {
    let Some(python) = ready(python()) else { return };
    let scene = sample();
    let said = passes(
        Command::new(python)
            .arg(root().join("tests/analyst/elsewhere.py"))
            .arg(env!("CARGO_BIN_EXE_looplens"))
            .arg(scene.path("out"))
            .args(["duckdb", "polars", "pandas"]),
    );
    assert_eq!(said.lines().filter(|line| line.ends_with(", 0 differences")).count(), 3, "{said}");
}

#[test]
fn every_table_opens_in_spark_as_documented() {
    if !std::env::var("LOOPLENS_SPARK").is_ok_and(|value| value == "1") {
        leave_out("Spark; set LOOPLENS_SPARK=1 to install and open it");
        return;
    }
    let Some(python) = ready(environment("spark-venv", "tests/analyst/requirements-spark.txt")) else { return };
    let scene = sample();
    let said = passes(
        Command::new(python)
            .current_dir(scene.path("out"))
            .arg(root().join("tests/analyst/elsewhere.py"))
            .arg(env!("CARGO_BIN_EXE_looplens"))
            .arg(scene.path("out"))
            .arg("spark"),
    );
    assert!(said.contains(", 0 differences"), "{said}");
}

#[test]
fn every_notebook_runs_from_top_to_bottom_and_shows_what_it_shows() {
    let Some(python) = ready(python()) else { return };
    let scene = sample();
    let said = passes(
        Command::new(python)
            .arg(root().join("notebooks/run.py"))
            .arg("--check")
            .env("LOOPLENS_OUT", scene.path("out"))
            .env("LOOPLENS", env!("CARGO_BIN_EXE_looplens"))
            .env("IPYTHONDIR", scene.path("ipython")),
    );
    assert_eq!(said.lines().filter(|line| line.contains(": ran")).count(), 4, "{said}");
}

#[test]
fn committed_notebooks_have_outputs_and_are_small() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("notebooks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "ipynb") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.len() < 300_000, "{} has {} bytes", path.display(), text.len());
        let notebook: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cells = notebook["cells"].as_array().unwrap();
        let code = cells.iter().filter(|cell| cell["cell_type"] == "code");
        let shown: Vec<&serde_json::Value> = code.flat_map(|cell| cell["outputs"].as_array().unwrap()).collect();
        assert!(
            shown.iter().any(|output| output["data"]["image/png"].is_string()),
            "{} shows no chart",
            path.display()
        );
        assert!(shown.iter().all(|output| output["output_type"] != "error"), "{} shows an error", path.display());
        assert!(cells.iter().all(|cell| cell["metadata"].as_object().unwrap().is_empty()), "{}", path.display());
        assert!(!text.contains("/home/") && !text.contains("/tmp/") && !text.contains("/root/"), "{}", path.display());
    }
    assert_eq!(seen, 4);
}
