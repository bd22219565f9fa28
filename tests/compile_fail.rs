//! Sizes that do not fit do not compile, and the compiler says why in a sentence.
//!
//! The compiler looks at a size when it generates code for it, so each file is built to the end, and not only checked.
//! Of what the compiler says, only the sentence counts: the rest changes with the compiler, with the components
//! installed beside it and with each line of the library that it quotes.

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

/// Whether a file compiles to what is then in this folder, and what the compiler says.
fn compile(file: &Path, folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--cap-lints=allow", "--color=never"])
        .args(arguments)
        .arg("--out-dir")
        .arg(folder)
        .arg("-L")
        .arg(folder)
        .arg(file)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_does_not_fit_does_not_compile() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();

    // Without features the library needs nothing beside it, so this needs no cargo.
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let (compiles, said) = compile(&library, &folder, &["--crate-name=callcontainer", "--crate-type=lib"]);
    assert!(compiles, "{said}");
    let program = |name: &str| {
        let file = sources().join(name).with_extension("rs");
        compile(&file, &folder, &["--crate-type=bin", "--extern=callcontainer"])
    };

    let (compiles, said) = program("at_the_limit");
    assert!(compiles, "{said}");
    let built = folder.join(format!("at_the_limit{}", std::env::consts::EXE_SUFFIX));
    assert!(Command::new(built).status().unwrap().success());

    for (name, sentence) in CASES {
        let (compiles, said) = program(name);
        assert!(!compiles, "{name} compiles");
        // A bar stands before each line of source that the compiler quotes; that the sentence is there says nothing.
        assert!(said.lines().any(|line| line.contains(sentence) && !line.contains('|')), "{name}: {said}");
        let errors =
            said.lines().filter(|line| line.starts_with("error") && !line.starts_with("error: aborting")).count();
        assert_eq!(errors, 1, "{name} has more than one thing wrong: {said}");
    }

    // No file is forgotten above. One is there to compile.
    let files = fs::read_dir(sources()).unwrap().count();
    assert_eq!(files, CASES.len() + 1);
}
