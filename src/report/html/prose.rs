//! Metric documentation as HTML: a subset of Markdown, `##` headings, paragraphs, `-` lists, `code` and
//! *emphasis*. Everything else is text and is escaped.

use std::fmt::Write;

use crate::report::number;

/// Longer lines of documentation do not exist; a cut keeps a mistake small.
const LONGEST_LINE: usize = 4_000;

/// The documentation as HTML. Headings start at the given level of the page.
pub(super) fn html(markdown: &str, level: u8) -> String {
    let mut out = String::new();
    let mut block = Block::None;
    for line in markdown.lines() {
        let line = line.trim();
        if line.is_empty() {
            block.close(&mut out);
        } else if let Some(heading) = line.strip_prefix('#') {
            block.close(&mut out);
            let heading = heading.trim_start_matches('#').trim();
            let _ = writeln!(out, "<h{level}>{}</h{level}>", inline(heading));
        } else if let Some(item) = line.strip_prefix("- ") {
            match block {
                Block::List => out.push_str("</li>\n<li>"),
                _ => {
                    block.close(&mut out);
                    out.push_str("<ul>\n<li>");
                    block = Block::List;
                }
            }
            out.push_str(&inline(item));
        } else {
            match block {
                // A line that goes on where the last one ended.
                Block::List | Block::Paragraph => out.push(' '),
                Block::None => {
                    out.push_str("<p>");
                    block = Block::Paragraph;
                }
            }
            out.push_str(&inline(line));
        }
    }
    block.close(&mut out);
    out
}

#[derive(Clone, Copy)]
enum Block {
    None,
    Paragraph,
    List,
}

impl Block {
    fn close(&mut self, out: &mut String) {
        out.push_str(match self {
            Block::None => "",
            Block::Paragraph => "</p>\n",
            Block::List => "</li>\n</ul>\n",
        });
        *self = Block::None;
    }
}

/// Escaped text with `code` and *emphasis*; an unpaired sign stays as it is.
pub(super) fn inline(text: &str) -> String {
    let text = number::visible(text, LONGEST_LINE);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['`', '*']) {
        let (before, from) = rest.split_at(at);
        out.push_str(&escape(before));
        let (sign, tag) = if from.starts_with('`') { ('`', "code") } else { ('*', "em") };
        let inner = from[1..].find(sign).map(|end| &from[1..=end]).filter(|inner| is_marked(inner, sign));
        match inner {
            Some(inner) => {
                let _ = write!(out, "<{tag}>{}</{tag}>", escape(inner));
                rest = &from[inner.len() + 2..];
            }
            None => {
                out.push(sign);
                rest = &from[1..];
            }
        }
    }
    out.push_str(&escape(rest));
    out
}

/// `a * b * c` is multiplication; emphasis touches its word on both sides.
fn is_marked(inner: &str, sign: char) -> bool {
    !inner.is_empty() && (sign == '`' || inner.trim() == inner)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subset_becomes_markup_and_all_else_stays_text() {
        let markdown = "One `a<b` line\nthat *goes* on: 2 * 3 * 4.\n\n## A <heading>\n- first\n  and more\n- second\n\n<script>x</script> `open";
        assert_eq!(
            html(markdown, 3),
            "<p>One <code>a&lt;b</code> line that <em>goes</em> on: 2 * 3 * 4.</p>\n<h3>A &lt;heading&gt;</h3>\n\
             <ul>\n<li>first and more</li>\n<li>second</li>\n</ul>\n<p>&lt;script&gt;x&lt;/script&gt; `open</p>\n"
        );
    }
}
