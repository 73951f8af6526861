//! The guide is what the program is: generated pages equal their source, links lead somewhere, samples work.

mod errors;
mod generated;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::files_below;

/// Set to 1, the tests write what is generated instead of comparing it.
const BLESS: &str = "LOOPLENS_BLESS";
/// The command that does so.
const COMMAND: &str = "LOOPLENS_BLESS=1 cargo test --locked --test it docs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_blessing() -> bool {
    std::env::var_os(BLESS).is_some_and(|value| value == "1")
}

/// Holds a generated file to what it should be, or writes it.
fn assert_generated(path: &Path, wanted: &str) {
    let found = fs::read_to_string(path).unwrap_or_default();
    if found == wanted {
        return;
    }
    if is_blessing() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, wanted).unwrap();
        return;
    }
    let line = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    panic!(
        "{} is not what the program says, from line {}:\n  found  {:?}\n  wanted {:?}\nwrite it anew with: {COMMAND}",
        path.strip_prefix(root()).unwrap().display(),
        line + 1,
        found.lines().nth(line),
        wanted.lines().nth(line),
    );
}

/// A Markdown file with what is checked about it.
struct Document {
    path: PathBuf,
    /// The text without its fenced blocks.
    prose: String,
    blocks: Vec<Block>,
    /// What links can name: the headings, as mdBook and GitHub write them.
    anchors: Vec<String>,
}

/// A fenced block.
struct Block {
    /// The word behind the fence.
    language: String,
    /// The comment on the line before, such as `run` of `<!-- run -->`.
    mark: String,
    text: String,
    line: usize,
}

impl Document {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let mut document = Self { path, prose: String::new(), blocks: Vec::new(), anchors: Vec::new() };
        let mut open: Option<Block> = None;
        let mut mark = String::new();
        for (at, line) in text.lines().enumerate() {
            match (open.take(), line.trim_start().strip_prefix("```")) {
                (Some(block), Some(_)) => document.blocks.push(block),
                (Some(mut block), None) => {
                    block.text += line;
                    block.text.push('\n');
                    open = Some(block);
                }
                (None, Some(language)) => {
                    let (language, mark) = (language.trim().to_owned(), std::mem::take(&mut mark));
                    open = Some(Block { language, mark, text: String::new(), line: at + 1 });
                }
                (None, None) => {
                    let comment = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                    mark = comment.unwrap_or_default().to_owned();
                    let heading = line.trim_start_matches('#');
                    if heading.len() < line.len() && heading.starts_with(' ') {
                        document.anchors.push(anchor(heading.trim()));
                    }
                    document.prose += line;
                    document.prose.push('\n');
                }
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", document.path.display());
        document
    }

    fn name(&self) -> String {
        self.path.strip_prefix(root()).unwrap().display().to_string()
    }

    /// The targets of links.
    fn links(&self) -> Vec<&str> {
        self.prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// README.md, and every page of the guide.
fn documents() -> Vec<Document> {
    let pages = files_below(&root().join("docs/src")).into_iter();
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let all: Vec<Document> = std::iter::once(root().join("README.md")).chain(pages).map(Document::read).collect();
    assert!(all.len() > 60, "only {} documents were found", all.len());
    all
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let all = documents();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in &all {
        let mut wrong_here = |target: &str, why: &str| wrong.push(format!("{}: {target}: {why}", document.name()));
        let is_page = document.path.starts_with(root().join("docs/src"));
        for target in document.links() {
            if target.starts_with("http") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { document.path.clone() } else { document.path.parent().unwrap().join(file) };
            let Ok(path) = path.canonicalize() else {
                wrong_here(target, "there is no such file");
                continue;
            };
            if is_page && !path.starts_with(root().canonicalize().unwrap().join("docs/src")) {
                wrong_here(target, "a page of the guide cannot lead out of it");
            }
            let aim = all.iter().find(|other| other.path.canonicalize().is_ok_and(|own| own == path));
            if !heading.is_empty() && !aim.is_some_and(|aim| aim.anchors.iter().any(|anchor| anchor == heading)) {
                wrong_here(target, "there is no such heading");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "only {seen} links were found");
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = Document::read(root().join("docs/src/SUMMARY.md"));
    let links = summary.links();
    for document in documents() {
        let Ok(page) = document.path.strip_prefix(root().join("docs/src")) else { continue };
        let page = page.display().to_string();
        assert!(page == "SUMMARY.md" || links.contains(&page.as_str()), "{page} is in no list: {COMMAND}");
    }
}
