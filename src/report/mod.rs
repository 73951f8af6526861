//! Reports: one model, pure renderers. To add a format, write one file and add one line to [`FORMATS`].

pub mod chart;
pub mod html;
pub mod json;
pub mod markdown;
pub mod model;
pub mod number;
pub mod words;
pub mod xlsx;

#[cfg(test)]
pub(crate) mod sample;

use model::Report;

/// A report format.
#[derive(Debug)]
pub struct Format {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// The file it writes below OUT.
    pub file: &'static str,
    /// For whom it is.
    pub summary: &'static str,
    /// The renderer: model in, bytes out.
    pub render: fn(&Report<'_>) -> crate::error::Result<Vec<u8>>,
}

/// Every report format, in the order they are written.
pub const FORMATS: &[&Format] = &[&html::FORMAT, &markdown::FORMAT, &json::FORMAT, &xlsx::FORMAT];

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in this folder without being a format.
    const OTHERS: [&str; 6] = ["chart", "mod", "model", "number", "sample", "words"];

    #[test]
    fn formats_are_named_once_and_in_kebab_case() {
        for (at, format) in FORMATS.iter().enumerate() {
            assert!(
                !format.id.is_empty() && format.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                format.id
            );
            assert!(!format.summary.is_empty() && !format.summary.ends_with('.'), "{}", format.summary);
            for other in &FORMATS[..at] {
                assert_ne!(format.id, other.id);
                assert_ne!(format.file, other.file);
            }
        }
    }

    #[test]
    fn every_file_of_this_folder_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report");
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<String> =
            files.filter_map(|name| Some(name.strip_suffix(".rs")?.replace('_', "-"))).collect();
        found.retain(|name| !OTHERS.contains(&name.as_str()));
        found.sort_unstable();
        let mut registered: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
        registered.sort_unstable();
        assert_eq!(found, registered);
    }

    #[test]
    fn every_format_renders_the_sample_the_same_way_twice() {
        for format in FORMATS {
            let bytes = (format.render)(&sample::report()).unwrap_or_default();
            assert!(bytes.len() > 1_000, "{}", format.id);
            assert_eq!(bytes, (format.render)(&sample::report()).unwrap_or_default(), "{}", format.id);
        }
    }
}
