//! The page in a real browser: headless Chromium looks at the report of every sample, at three widths and on paper,
//! sorts and filters its tables, and says what went wrong. `LOOPLENS_BROWSER=required` fails where there is no Chromium;
//! without it the test then says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::samples;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Longer than this no page takes.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Debug, Deserialize)]
struct Seen {
    problems: Vec<String>,
    #[serde(default)]
    tables: usize,
    #[serde(default)]
    filtered: usize,
    #[serde(default)]
    pictures: usize,
}

#[expect(clippy::print_stderr, reason = "a test that is passed over should say so")]
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|p| p.is_file());
    let required = std::env::var("LOOPLENS_BROWSER").is_ok_and(|value| value == "required");
    assert!(found.is_some() || !required, "there is no Chromium, and LOOPLENS_BROWSER=required asks for one");
    if found.is_none() {
        eprintln!("not looked at: there is no Chromium here");
    }
    found
}

/// What the browser writes to its output when it opens a page; it asks no network for anything.
fn browse(chromium: &Path, place: &Path, more: &[&str], page: &Path) -> String {
    let profile = format!("--user-data-dir={}", place.join("profile").display());
    let told = place.join("told");
    let mut child = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"])
        .args(["--hide-scrollbars", &profile])
        .args(more)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&told).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if started.elapsed() > PATIENCE => {
                child.kill().unwrap();
                panic!("the browser did not come to an end in {PATIENCE:?}");
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    assert!(status.success(), "the browser ended with {status}");
    std::fs::read_to_string(told).unwrap()
}

/// The harness with pages in it; nothing in them can end its script.
fn harness(pages: &[(String, String)]) -> String {
    let pages = serde_json::to_string(pages).unwrap().replace('<', "\\u003c");
    let script = include_str!("browser/harness.js").replace("</script>", "<\\/script>");
    format!("<!doctype html><meta charset=\"utf-8\"><body><script>const pages = {pages};\n{script}</script></body>")
}

fn verdict(dom: &str) -> BTreeMap<String, Seen> {
    let text = dom.split("<pre id=\"verdict\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let text =
        text.unwrap_or_else(|| panic!("the browser left no verdict: {}", dom.chars().take(300).collect::<String>()));
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap()
}

fn look(chromium: &Path, pages: &[(String, String)]) -> BTreeMap<String, Seen> {
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("harness.html");
    std::fs::write(&page, harness(pages)).unwrap();
    verdict(&browse(chromium, place.path(), &["--virtual-time-budget=120000", "--dump-dom"], &page))
}

#[test]
fn the_page_of_every_sample_holds_at_every_width_and_on_paper_and_its_tables_sort_and_filter() {
    let Some(chromium) = chromium() else { return };
    let page = |folder: &Path| std::fs::read_to_string(folder.join("report.html")).unwrap();
    let pages: Vec<(String, String)> = samples::runs().iter().map(|run| (run.folder.clone(), page(&run.out))).collect();
    let seen = look(&chromium, &pages);
    assert_eq!(seen.len(), pages.len());
    for (sample, seen) in &seen {
        assert!(seen.problems.is_empty(), "{sample}: {:#?}", seen.problems);
        assert!(seen.tables > 5 && seen.filtered > 2 && seen.pictures > 5, "{sample}: {seen:?}");
    }

    let place = tempfile::tempdir().unwrap();
    let (pdf, printed) = (place.path().join("report.pdf"), place.path().join("report.html"));
    std::fs::write(&printed, &pages[0].1).unwrap();
    browse(
        &chromium,
        place.path(),
        &["--no-pdf-header-footer", &format!("--print-to-pdf={}", pdf.display())],
        &printed,
    );
    let bytes = std::fs::read(&pdf).unwrap();
    let count = bytes.windows(11).filter(|window| window == b"/Type /Page").count();
    assert!(bytes.starts_with(b"%PDF") && count > 5, "{count} pages");
}

#[test]
fn a_page_that_is_broken_on_purpose_is_found_out() {
    let Some(chromium) = chromium() else { return };
    let page = "<!doctype html><html lang=\"en\"><head><title>x</title></head><body><h1>x</h1><h3>jump</h3>\
                <div style=\"width:900px\">wide</div><table class=\"sortable\"><thead><tr><th>a</th></tr></thead>\
                <tbody><tr><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td></tr></tbody></table>\
                <img src=\"http://127.0.0.1:9/nowhere.png\"><script>console.error('spoken'); undefined.thing</script></body></html>";
    let seen = look(&chromium, &[("broken".to_owned(), page.to_owned())]);
    let problems = seen["broken"].problems.join("\n");
    for expected in
        ["jumps from 1 to 3", "without caption", "wide at 360", "wide at 768", "no button to sort", "skip link"]
    {
        assert!(problems.contains(expected), "{expected} is not in: {problems}");
    }
    for expected in ["error: spoken", "undefined", "asked for http://127.0.0.1:9/nowhere.png"] {
        assert!(problems.contains(expected), "{expected} is not in: {problems}");
    }
}
