//! The module `examples/wx`: the code of Mini Programs, run by Node.js against the built gateway.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Says why a test is skipped, where the harness does not hide it.
#[allow(clippy::explicit_write)] // the harness catches what `eprintln!` prints
fn skip(why: &str) {
    writeln!(io::stderr(), "skipped: {why}").unwrap();
}

/// Says that a test is skipped, unless there is a Node.js that has what the module needs.
fn node_is_there() -> bool {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 20) {
        return true;
    }
    skip("no Node.js of version 20 or later");
    false
}

/// Runs a file of tests, with the folder of the document that it may need.
#[track_caller]
fn run(file: &str, seed: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(root.join("tests/wx").join(file))
        .env("GATEWAY", env!("CARGO_BIN_EXE_callcontainer-gateway"))
        .env("SEED", seed)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    // A file without tests succeeds too.
    assert!(printed.contains("fail 0") && !printed.contains("pass 0"), "{printed}");
}

#[test]
fn the_module() {
    if node_is_there() {
        run("module.test.mjs", Path::new("."));
    }
}

#[test]
fn lines_as_mini_programs_have_them() {
    if node_is_there() {
        run("lines.test.mjs", Path::new("."));
    }
}

/// The platform's own document is not part of this repository.
#[test]
fn the_code_of_the_platforms_document() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds");
    if !seed.is_dir() {
        skip(&format!("no {}, where the platform's document would be", seed.display()));
    } else if node_is_there() {
        run("seed.test.mjs", &seed);
    }
}
