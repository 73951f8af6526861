//! The pages of errors: for each kind of error what it means, why it happens, what to do, and an example. To add one,
//! write `pages/CODE.md` under the same headings and add one line to the list below.
//!
//! The first digit of a code is the exit status; a code is stable, and a retired one is not used again.

use std::fmt::Write as _;

use super::Kind;

/// One page.
#[derive(Debug)]
pub struct Page {
    /// Its name, such as `E2004`; stable.
    pub code: &'static str,
    /// The family of its errors.
    pub kind: Kind,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Markdown under the headings of [`HEADINGS`].
    pub body: &'static str,
}

/// The headings of every page, in order.
pub const HEADINGS: [&str; 4] = ["What it means", "Why it happens", "What to do", "Example"];

impl Page {
    /// The page as `looplens explain` prints it.
    pub fn text(&self) -> String {
        let mut text = format!("# {}: {}\n\n{}", self.code, self.title, self.body);
        let _ =
            write!(text, "\nExit status {}: {}.\n", self.kind.exit_status() as u8, self.kind.exit_status().meaning());
        text
    }
}

/// The page of a code, in small or capital letters.
pub fn by_code(code: &str) -> Option<&'static Page> {
    PAGES.iter().copied().find(|page| page.code.eq_ignore_ascii_case(code))
}

macro_rules! pages {
    ($($name:ident $kind:ident $code:literal $title:literal;)*) => {
        $(
            #[doc = concat!($code, ": ", $title, ".")]
            pub const $name: Page =
                Page { code: $code, kind: Kind::$kind, title: $title, body: include_str!(concat!("pages/", $code, ".md")) };
        )*

        /// Every page, in the order of the codes.
        pub const PAGES: &[&Page] = &[$(&$name),*];
    };
}

pages! {
    COMMAND_LINE Usage "E2001" "the command line cannot be read";
    UNKNOWN_NAME Usage "E2002" "there is nothing of that name";
    NOT_A_TIME Usage "E2003" "this is not a time that can be meant";
    NO_DATASET Usage "E2004" "there is no dataset here";
    NOT_A_DATASET Usage "E2005" "the folder holds something else";
    NEWER_DATASET Usage "E2006" "the dataset was written by a newer looplens";
    UNREADABLE Usage "E2007" "a file or folder that was named cannot be read";
    CONFIG_UNREADABLE Usage "E2008" "the configuration is not written as looplens reads it";
    CONFIG_PROBLEMS Usage "E2009" "the configuration says something that cannot be meant";
    PLAN_PROBLEMS Usage "E2010" "the loop plan says something that cannot be meant";
    POLICY_PROBLEMS Usage "E2011" "the policy of the check cannot be meant";
    NOT_A_BASELINE Usage "E2012" "the baseline cannot be read";
    WRONG_PRESET Usage "E2013" "the preset does not fit";
    DATASET_FOR_EXPORT Usage "E2014" "this is a dataset, not an export";
    OUT_INSIDE_EXPORT Usage "E2015" "the output would lie inside the export";
    IN_THE_WAY Usage "E2016" "there is something already";
    NO_LOOPS Usage "E2017" "no loop opened in that quarter";
    COMPARE_WITH_WHAT Usage "E2018" "there is nothing to compare with";
    EARLIER_REPORT Usage "E2019" "the earlier report cannot be compared with";
    CHECK_OUTPUT Usage "E2020" "the verdict cannot be written that way";
    WHATIF_STAGES Usage "E2021" "the loop cannot be changed in that way";
    NO_SCORES Usage "E2022" "the dataset holds no scores";
    SIMULATION Usage "E2023" "the history cannot be simulated like that";
    TOO_MANY_COLUMNS Usage "E2024" "too many columns of one file are asked for";
    QUERY_READS Usage "E2025" "a query only reads the tables";
    QUERY_WORDS Usage "E2026" "the query cannot be answered";
    QUERY_NAME Usage "E2027" "there is no table or column of that name";
    NOTHING_TO_ASK Usage "E2028" "there is nothing to ask";
    ANSWER_FORMAT Usage "E2029" "the answer cannot be printed";
    NO_FILES Input "E3001" "the export holds no file that could be read";
    NO_SOURCE Input "E3002" "no source recognises the export";
    TWO_SOURCES Input "E3003" "the folder looks like two exports";
    WAREHOUSE Input "E3004" "the folder is an extract of a data warehouse";
    NO_RECORDS Input "E3005" "the export holds no record of that source";
    TOO_MANY_REJECTS Input "E3006" "too many records cannot be used";
    BROKEN_JSON Input "E3007" "the JSON breaks off or is damaged";
    OPEN_QUOTE Input "E3008" "a quote in a text file is not closed";
    DAMAGED_FILE Input "E3009" "a file of the export is damaged";
    ENCODING Input "E3010" "the file is not in UTF-8";
    WORKBOOK Input "E3011" "the workbook cannot be read";
    WORKBOOK_LOCKED Input "E3012" "the workbook is protected by a password";
    NO_HEADER Input "E3013" "no line names the columns";
    MISSING_COLUMN Input "E3014" "a column that is needed is not there";
    AMBIGUOUS_COLUMN Input "E3015" "two columns could be meant";
    NO_TABLE Input "E3016" "the folder holds none of the tables";
    NOT_FOUND Environment "E4001" "a file or folder is not there";
    NOT_ALLOWED Environment "E4002" "the system does not allow it";
    NO_SPACE Environment "E4003" "the disk is full";
    FILE_SYSTEM Environment "E4004" "the file system failed";
    LOCKED Environment "E4005" "another looplens is writing the dataset";
    DAMAGED_DATASET Environment "E4006" "a file of the dataset is damaged";
    DAMAGED_KEY Environment "E4007" "the dataset's key is damaged";
    DAMAGED_NAMES Environment "E4008" "the directory of interviewers is damaged";
    COMPUTATION Environment "E4009" "a table could not be handled";
    OUTPUT Environment "E4010" "the result cannot be printed";
    DEFECT Environment "E4011" "looplens has a defect";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_begin_with_the_exit_status() {
        let codes: BTreeSet<&str> = PAGES.iter().map(|page| page.code).collect();
        assert_eq!(codes.len(), PAGES.len());
        for page in PAGES {
            let start = format!("E{}", page.kind.exit_status() as u8);
            assert!(page.code.len() == 5 && page.code.starts_with(&start), "{}", page.code);
            assert!(page.code[1..].bytes().all(|byte| byte.is_ascii_digit()), "{}", page.code);
        }
    }

    #[test]
    fn every_page_has_the_same_headings_and_an_example() {
        for page in PAGES {
            let found: Vec<&str> = page.body.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(found, HEADINGS, "{}", page.code);
            for part in page.body.split("## ").skip(1) {
                assert!(part.len() > 60, "{} says too little: {part}", page.code);
            }
            assert!(page.body.contains("```text\n"), "{} has no example", page.code);
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_page() -> std::io::Result<()> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/error/pages");
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            assert!(by_code(name.trim_end_matches(".md")).is_some(), "{name} is in no list");
        }
        Ok(())
    }
}
