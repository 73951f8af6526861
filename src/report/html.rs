//! One self-contained page for people: it reads without a network and without scripts.
//!
//! The template escapes everything, after hidden characters were made visible; only what this module builds as
//! markup itself (style, script, pictures, method) passes unescaped. `view` turns the model into what the
//! template shows.

mod prose;
mod view;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, escape_formatter};

use super::model::Report;
use super::{Format, number};
use crate::error::{Error, Result, pages};

/// The page.
pub const FORMAT: Format = Format {
    id: "html",
    file: "report.html",
    summary: "one page for people, complete in itself: what to do first, the questions, the pictures, the methods",
    render,
};

/// No text of a report is longer; a longer one comes from broken data and is cut.
const LONGEST_TEXT: usize = 4_000;

/// The name decides that the template engine escapes for HTML.
const TEMPLATE: &str = "report.html";

fn render(report: &Report<'_>) -> Result<Vec<u8>> {
    page(report).map(String::into_bytes).map_err(|error| {
        Error::new(&pages::DEFECT, format!("the page could not be made: {error:#}")).help("please report this as a bug")
    })
}

fn page(report: &Report<'_>) -> std::result::Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(|out, state, value| match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => escape_formatter(out, state, &Value::from(unbroken(number::visible(text, LONGEST_TEXT)))),
        None => escape_formatter(out, state, value),
    });
    env.add_template(TEMPLATE, include_str!("html/template.html"))?;
    env.get_template(TEMPLATE)?.render(view::page(report))
}

/// A number and its sign stay on one line.
fn unbroken(text: String) -> String {
    if text.contains(" %") || text.contains("q ") {
        text.replace(" %", "\u{a0}%").replace("q = ", "q\u{a0}=\u{a0}").replace("q < ", "q\u{a0}<\u{a0}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
