//! The command itself: a newcomer's two lines, and its exit codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn perps(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_perps"))
        .args(arguments)
        .output();
    output.expect("runs")
}

struct Files {
    dir: PathBuf,
    before: String,
    events: String,
}

impl Files {
    fn exported(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // What an earlier run has left there is not of this one.
        let _ = std::fs::remove_dir_all(&dir);
        let shown = dir.display().to_string();
        let demo = [
            "demo",
            "--coins",
            "HYPE,XPL",
            "--counterparties",
            "30",
            "--export",
            &shown,
            "--export-losses",
            "1",
        ];
        let output = perps(&demo);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("cargo perps verify-receipt --before"),
            "{text}"
        );
        let count = std::fs::read_dir(&dir).expect("is there").count();
        assert_eq!(count, 2, "one loss");
        Self {
            before: dir.join("wave-1-HYPE.before.json").display().to_string(),
            events: dir.join("wave-1-HYPE.events.json").display().to_string(),
            dir,
        }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.dir.join(name);
        std::fs::write(&path, text).expect("writes");
        path.display().to_string()
    }
}

fn verify(before: &str, events: &str, more: &[&str]) -> (Option<i32>, String) {
    let mut arguments = vec!["verify-receipt", "--before", before, "--events", events];
    arguments.extend(more);
    let output = perps(&arguments);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn what_the_demo_exports_is_verified_and_a_forgery_is_named() {
    let files = Files::exported("verify-clean");
    let json = files.dir.join("report.out").display().to_string();
    let (code, text) = verify(&files.before, &files.events, &["--json", &json]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("are as defined"), "{text}");
    let report = std::fs::read_to_string(&json).expect("is written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("is JSON");
    assert_eq!(report["deviations"], serde_json::json!([]));

    let events = std::fs::read_to_string(&files.events).expect("is there");
    let forged = events.replacen(
        r#"{"key":"rank","value":"2"}"#,
        r#"{"key":"rank","value":"1"}"#,
        1,
    );
    assert_ne!(forged, events);
    let forged = files.write("forged.json", &forged);
    let (code, text) = verify(&files.before, &forged, &["--json", &json]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("2 -> 1: its place among those asked"),
        "{text}"
    );
    let report = std::fs::read_to_string(&json).expect("is written");
    assert!(report.contains(r#""kind": "rank""#), "{report}");
}

#[test]
fn bad_input_is_told_apart_from_deviations() {
    let files = Files::exported("verify-bad");
    let (before, events) = (files.before.as_str(), files.events.as_str());
    let empty = files.write("empty.json", "[]");
    for (before, events, what) in [
        (before, empty.as_str(), "nothing to verify"),
        (events, events, "no state"),
        (before, before, "no list of events"),
        ("missing.json", events, "cannot read missing.json"),
    ] {
        let (code, text) = verify(before, events, &[]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.starts_with("error: ") && text.contains(what), "{text}");
    }
    let (code, text) = verify(before, events, &["--before", before]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("2 --before and 1 --events"), "{text}");
    // Numbers that would overflow are refused before anything is worked out.
    let state = std::fs::read_to_string(before).expect("is there");
    let mut state: serde_json::Value = serde_json::from_str(&state).expect("is JSON");
    state["accounts"][0]["cash"] = serde_json::json!(i128::MAX.to_string());
    let absurd = files.write("absurd.json", &state.to_string());
    let (code, text) = verify(&absurd, events, &[]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cash is out of range"), "{text}");
}

#[cfg(unix)]
#[test]
fn what_needs_a_node_is_passed_to_the_program_beside() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("beside");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("is made");
    let perps = dir.join("perps");
    std::fs::hard_link(env!("CARGO_BIN_EXE_perps"), &perps).expect("is linked");
    let run = || {
        let output = Command::new(&perps)
            .args(["watch", "7", "--node", "http://x", "--help"])
            .output();
        let output = output.expect("runs");
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    };
    let (code, text) = run();
    assert_eq!(code, Some(1));
    assert!(
        text.contains("cargo build --release --package perps-chain"),
        "{text}"
    );
    let other = dir.join("perps-chain");
    // A stand-in that says what it was called with.
    std::os::unix::fs::symlink("/bin/echo", &other).expect("is linked");
    assert_eq!(
        run(),
        (Some(0), "watch 7 --node http://x --help\n".to_owned())
    );
}
