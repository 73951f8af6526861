//! The script that makes a release, tried with the program of the tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::Scene;

#[test]
fn a_release_holds_the_program_its_manual_the_licences_and_a_bill_of_materials() {
    let scene = Scene::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut release = Command::new("python3");
    release.arg(root.join(".ci/release")).arg(scene.path("dist"));
    // A small stand-in answers as the program does, so that nothing large is packed. It has no symbols to strip.
    let stand_in = scene.write("looplens", format!("#!/bin/sh\nexec {} \"$@\"\n", env!("CARGO_BIN_EXE_looplens")));
    let strip = scene.write("tools/strip", "#!/bin/sh\n");
    for script in [&stand_in, &strip] {
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    release.env("PATH", format!("{}:{path}", scene.path("tools").display())).env("LOOPLENS_BINARY", &stand_in);
    let Ok(ran) = release.output() else {
        #[allow(clippy::print_stderr, reason = "a test that is left out should say so")]
        {
            eprintln!("left out: python3 is not installed, and the script is written in it");
        }
        return;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    let made: Vec<String> = fs::read_dir(scene.path("dist"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let one =
        |ending: &str| made.iter().find(|name| name.ends_with(ending)).unwrap_or_else(|| panic!("{ending}: {made:?}"));
    let sums = fs::read_to_string(scene.path("dist/SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), made.len() - 1, "a file has no checksum");

    let packed = fs::File::open(scene.path("dist").join(one(".tar.gz"))).unwrap();
    let mut archive = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut archive).unwrap();
    let holds = |text: &str| archive.windows(text.len()).any(|window| window == text.as_bytes());
    for member in
        ["bin/looplens", "LICENSE-MIT", "README.md", "LICENSES-OF-CRATES.txt", "share/man/man1/looplens-whatif.1"]
    {
        assert!(holds(member), "{member} is not in the archive");
    }
    assert!(holds("complete -F _looplens") && holds("#compdef looplens"), "completions are missing");

    let bill: Value = serde_json::from_slice(&fs::read(scene.path("dist").join(one(".cdx.json"))).unwrap()).unwrap();
    assert_eq!((bill["bomFormat"].as_str(), bill["specVersion"].as_str()), (Some("CycloneDX"), Some("1.5")));
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|one| one["name"] == name);
    assert!(components.len() > 100 && named("polars").is_some() && named("arrow").is_some());
    assert!(named("insta").is_none(), "what only tests need is not released");
    for component in components {
        assert!(component["hashes"][0]["content"].as_str().is_some_and(|sum| sum.len() == 64), "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    assert_eq!(bill["dependencies"].as_array().unwrap().len(), components.len() + 1);
}
