//! What a file holds, where its name follows the endpoint it was fetched from in one of many spellings.

use crate::source::files::{Export, InputFile};

/// What a name holds, of its letters in lower case: `application.list`, `Application_List` and
/// `application-list` are all `applicationlist`.
pub(in crate::source) type Kind = fn(&str) -> Option<&'static str>;

/// The export with its files named by what they hold; files of other names keep theirs.
pub(in crate::source) fn renamed(export: &Export, kind: Kind) -> Export {
    let mut export = export.clone();
    for file in &mut export.files {
        if let Some(kind) = kind_of(file, kind) {
            kind.clone_into(&mut file.stem);
        }
    }
    export
}

/// A file that is named by a page number, or by the identifier of what it was fetched for, holds what its
/// folder is named after.
fn kind_of(file: &InputFile, kind: Kind) -> Option<&'static str> {
    if let Some(known) = kind(&letters(&file.stem)) {
        return Some(known);
    }
    for part in file.relative.rsplit('/') {
        if let Some(known) = kind(&letters(part)) {
            return Some(known);
        }
        if !is_uuid(stem(part)) && !says_nothing(&letters(stem(part))) {
            return None;
        }
    }
    None
}

/// The identifiers that a path tells: of what the file, or the folder it is in, was fetched for.
pub(in crate::source) fn ids_in_path(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').map(stem).filter(|part| is_uuid(part))
}

fn stem(part: &str) -> &str {
    part.split('.').next().unwrap_or_default()
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn says_nothing(letters: &str) -> bool {
    matches!(letters, "" | "page" | "part" | "chunk" | "batch" | "data" | "index" | "response" | "results")
}

/// Whether a text has the shape of a UUID.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::record::testing::folder;

    const ID: &str = "6a1f0c5e-7d0b-4f7e-9f64-0b1c2d3e4f50";

    #[test]
    fn a_name_says_the_same_in_every_spelling() {
        let kind: Kind = |letters| match letters {
            "applicationlist" | "applications" => Some("applications"),
            "applicationinfo" => Some("application_info"),
            _ => None,
        };
        let names = [
            ("application.list.json", "applications"),
            ("Application_List-page-3.json", "applications"),
            ("applications/page-0001.json", "applications"),
            (&format!("application.info/{ID}.json"), "application_info"),
            (&format!("application-info/{ID}/page-1.json"), "application_info"),
            (&format!("{ID}/application.info.json"), "application_info"),
            ("application.info/readme.json", "readme"),
        ];
        let files: Vec<(&str, &[u8])> = names.iter().map(|(name, _)| (*name, b"[]".as_slice())).collect();
        let export = renamed(&folder(&files).1, kind);
        for (name, stem) in names {
            let file = export.files.iter().find(|file| file.relative == name);
            assert_eq!(file.map(|file| file.stem.as_str()), Some(stem), "{name}");
        }
        assert_eq!(ids_in_path(&format!("a/{ID}/feedback.json")).collect::<Vec<_>>(), [ID]);
        assert_eq!(ids_in_path(&format!("a/{ID}.json.gz")).collect::<Vec<_>>(), [ID]);
        assert_eq!(ids_in_path("application/0001.json").count(), 0);
    }
}
