//! Extracts of data warehouses and tables of unknown layout, from the command line.

use crate::support::{Scene, current};

/// A small extract of Greenhouse's tables: ten loops, each with an interview, a card and an end.
fn warehouse(scene: &Scene, folder: &str) {
    let rows = |header: &str, row: &dyn Fn(u32) -> String| {
        let rows: Vec<String> = (1..=10).map(row).collect();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let application = rows("id,candidate_id,job_id,status,applied_at,rejected_at,rejection_reason_id", &|n| {
        format!("{n},{},5,rejected,2026-01-{n:02} 09:00:00.000,2026-02-{n:02} 09:00:00.000,{}", n + 900, 7 + n % 2)
    });
    let scorecard =
        rows("id,application_id,interview,submitted_at,submitted_by_user_id,overall_recommendation", &|n| {
            format!("{},{n},Onsite,2026-01-{:02} 12:00:00.000,{},yes", n + 200, n + 10, 30 + n % 3)
        });
    let attribute = rows("index,scorecard_id,name,rating", &|n| format!("0,{},Craft,mixed", n + 200));
    let reasons = "id,name,type_name\n7,Too junior,We rejected them\n8,Took another job,They rejected us\n";
    for (name, text) in [
        ("application.csv", application.as_str()),
        ("scorecard.csv", &scorecard),
        ("scorecard_attribute.csv", &attribute),
        ("rejection_reason.csv", reasons),
        ("job.csv", "id,name\n5,Engineer\n"),
    ] {
        scene.write(&format!("{folder}/{name}"), text);
    }
}

#[test]
fn a_warehouse_extract_names_its_preset_and_is_read_with_it() {
    let scene = Scene::new();
    warehouse(&scene, "extract");
    let ran = scene.run(&["run", "extract", "--out", "out"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(ran.err.contains("data warehouse") && ran.err.contains("--preset greenhouse-warehouse"), "{}", ran.err);

    let ran = scene.run(&["run", "extract", "--out", "out", "--preset", "greenhouse-warehouse"]).fine();
    assert!(
        ran.out.starts_with("Read 33 records of 5 files (tables): 33 kept, 0 replaced, 0 rejected.\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("Loops 10: 5 decided, 5 withdrawn, 0 open"), "{}", ran.out);

    // The same through the configuration, which is part of what an ingest is known by.
    scene.write("looplens.toml", "preset = \"greenhouse-warehouse\"\n");
    scene.run(&["ingest", "extract", "--dataset", "by-key"]).fine();
    scene.run(&["ingest", "extract", "--dataset", "by-flag", "--preset", "greenhouse-warehouse"]).fine();
    let print = |dataset: &str| current(&scene.path(dataset)).manifest.configuration;
    assert_eq!(print("by-key"), print("by-flag"));
    let again = scene.run(&["ingest", "extract", "--dataset", "by-key"]).fine();
    assert!(again.out.contains("Nothing changed"), "{}", again.out);
}

#[test]
fn a_preset_that_is_written_for_editing_reads_the_same() {
    let scene = Scene::new();
    warehouse(&scene, "extract");
    scene.run(&["init", "mine.toml", "--preset", "greenhouse-warehouse"]).fine();
    let ran = scene.run(&["run", "extract", "--out", "out", "--config", "mine.toml"]).fine();
    assert!(ran.out.contains("33 kept, 0 replaced, 0 rejected"), "{}", ran.out);
    let listed = scene.run(&["list", "presets"]).fine().out;
    assert!(listed.contains("greenhouse-warehouse") && listed.contains("lever-warehouse"), "{listed}");
}

#[test]
fn a_preset_is_refused_for_another_source_and_for_a_folder_of_something_else() {
    let scene = Scene::new();
    warehouse(&scene, "extract");
    let args = ["run", "extract", "--out", "out", "--preset", "lever-warehouse", "--source", "greenhouse-v3"];
    let ran = scene.run(&args);
    assert!(ran.status == Some(2) && ran.err.contains("leave out --source"), "{ran:?}");
    scene.write("other/opportunities.csv", "id,name\n1,x\n");
    let ran = scene.run(&["run", "other", "--out", "out", "--preset", "greenhouse-warehouse"]);
    assert!(ran.status == Some(3) && ran.err.contains("none of the tables"), "{ran:?}");
}

#[test]
fn a_proposal_reads_the_tables_it_was_made_from() {
    let scene = Scene::new();
    let rows = |row: &dyn Fn(u32) -> String| (1..=20).map(row).collect::<Vec<_>>().join("\n");
    scene.write(
        "mine/people applying.csv",
        format!("App ID,Applied on\n{}\n", rows(&|n| format!("A-{n:03},{:02}/03/2026", n + 8))),
    );
    let verdicts = rows(&|n| format!("A-{n:03},{},2026-04-{n:02}", ["Hired", "No go"][n as usize % 2]));
    scene.write("mine/verdicts.csv", format!("Application,Verdict,Decided on\n{verdicts}\n"));
    let ran = scene.run(&["init", "--from", "mine"]).fine();
    assert!(ran.out.contains("Wrote looplens.toml with a proposal"), "{}", ran.out);
    // What only a person can tell: the words.
    let proposal = std::fs::read_to_string(scene.path("looplens.toml")).unwrap();
    let ran = scene.run(&["run", "mine", "--out", "out"]);
    assert!(ran.status == Some(3) && ran.err.contains("words of decisions without a meaning"), "{proposal}\n{ran:?}");
    let told = proposal
        .replace("# \"Hired\" = \"\"", "\"Hired\" = \"offer\"")
        .replace("# \"No go\" = \"\"", "\"No go\" = \"reject\"");
    scene.write("looplens.toml", told);
    let ran = scene.run(&["run", "mine", "--out", "out"]).fine();
    assert!(
        ran.out.contains("Read 40 records of 2 files (tables): 40 kept") && ran.out.contains("Loops 20: 20 decided"),
        "{}",
        ran.out
    );
}
