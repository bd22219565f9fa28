//! Sizes that do not fit do not compile, and the compiler says why in a sentence.
//!
//! trybuild would compare all that the compiler says, which changes with the compiler, with the components installed
//! beside it and with each line of the library that it quotes. So here it is told to write down what the compiler
//! says, outside of the package, and this looks for the sentence in that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOO_MUCH_FOR_A_REQUEST: &str = "a request envelope holds at most 102400 bytes: choose a smaller N";
const TOO_MUCH_FOR_A_REPLY: &str = "a reply envelope holds at most 1024000 bytes: choose a smaller N";

/// Each file that must not compile, and the sentence that the compiler must say.
const CASES: [(&str, &str); 7] = [
    ("request_buffer", TOO_MUCH_FOR_A_REQUEST),
    ("request_decode", TOO_MUCH_FOR_A_REQUEST),
    ("reply_buffer", TOO_MUCH_FOR_A_REPLY),
    ("reply_decode", TOO_MUCH_FOR_A_REPLY),
    (
        "bounded_request",
        "the buffer is smaller than the greatest length of this request: choose N of at least MAX_ENCODED_LEN",
    ),
    (
        "bounded_reply",
        "the buffer is smaller than the greatest length of this reply: choose N of at least MAX_ENCODED_LEN",
    ),
    ("request_capacity", "a capacity is larger than the limit of its part: no envelope could reach it"),
];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail")
}

/// Where the copies of the sources go, and beside them what the compiler says of each.
fn copies() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail")
}

#[test]
fn what_does_not_fit_does_not_compile() {
    let _ = fs::remove_dir_all(copies());
    fs::create_dir_all(copies()).unwrap();
    for (name, _) in CASES {
        let file = format!("{name}.rs");
        fs::copy(sources().join(&file), copies().join(&file)).unwrap();
    }

    let this = std::env::current_exe().unwrap();
    let outcome = Command::new(this)
        .args(["--ignored", "--exact", "compile", "--nocapture"])
        .env("TRYBUILD", "overwrite")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout) + String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}");

    for (name, sentence) in CASES {
        let said = fs::read_to_string(copies().join(name).with_extension("stderr")).unwrap();
        // A bar stands before each line of source that the compiler quotes; that the sentence is there says nothing.
        assert!(said.lines().any(|line| line.contains(sentence) && !line.contains('|')), "{name}: {said}");
        let errors = said.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 1, "{name} has more than one thing wrong: {said}");
    }

    // No file is forgotten above. One is there to compile.
    let files = fs::read_dir(sources()).unwrap().count();
    assert_eq!(files, CASES.len() + 1);
}

#[test]
#[ignore = "the other test runs this one, with an environment of its own"]
fn compile() {
    if std::env::var_os("TRYBUILD").is_none() {
        return;
    }
    let cases = trybuild::TestCases::new();
    // The compiler looks at a size when it generates code for it. It is because of this file, which has to run, that
    // trybuild builds the others instead of only checking their types.
    cases.pass(sources().join("at_the_limit.rs"));
    for (name, _) in CASES {
        cases.compile_fail(copies().join(name).with_extension("rs"));
    }
}
