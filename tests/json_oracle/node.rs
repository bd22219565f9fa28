use super::generate::{self, damage, edits};
use super::values::samples;
use super::{check_value, oracle};
use base64::prelude::{BASE64_STANDARD, Engine};
use callcontainer::ErrorKind;
use proptest::prelude::*;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// Reads a text in base64 on each line, and writes a line for it: whether `JSON.parse` takes it.
const SCRIPT: &str = r#"
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const takes = (line) => {
    try {
        JSON.parse(utf8.decode(Buffer.from(line, 'base64')));
        return 'yes';
    } catch {
        return 'no';
    }
};
const lines = require('fs').readFileSync(0, 'latin1').split('\n').slice(0, -1);
process.stdout.write(lines.map((line) => takes(line) + '\n').join(''));
"#;

/// Whether Node.js takes each of these texts for JSON; `None`, and a word about it, where there is no Node.js of a known
/// age.
#[allow(clippy::explicit_write)] // the harness catches what `eprintln!` prints
fn judged(texts: &[Vec<u8>]) -> Option<Vec<bool>> {
    let version = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        writeln!(io::stderr(), "skipped: no Node.js of version 20 or later").unwrap();
        return None;
    }
    let mut node = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it has said its version");
    let lines: String = texts.iter().map(|text| BASE64_STANDARD.encode(text) + "\n").collect();
    // It reads to the end before it writes.
    node.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    let verdicts: Vec<_> = output.stdout.split(|byte| *byte == b'\n').map(|verdict| verdict == b"yes").collect();
    assert_eq!(verdicts.len(), texts.len() + 1);
    Some(verdicts[..texts.len()].to_vec())
}

/// The platform's callers and many of its services are JavaScript: what their JSON takes is taken, but for nesting too
/// deep and for a string alone that is no text, and what it refuses is refused.
#[test]
fn what_node_takes_is_taken() {
    let whole = samples(generate::value(), 600).into_iter().map(|value| value.text.into_bytes());
    let damaged =
        samples((generate::value(), edits()), 1500).into_iter().map(|(value, edits)| damage(&value.text, &edits));
    let strings = samples(prop_oneof![generate::string(), generate::broken_string()], 500).into_iter();
    let strings = strings.flat_map(|string| {
        let kinds = [string.clone(), format!("[{string}]"), format!("{{{string}: {string}}}")];
        kinds.map(String::into_bytes)
    });
    let texts: Vec<_> = whole.chain(damaged).chain(strings).collect();
    let Some(verdicts) = judged(&texts) else { return };
    let (mut taken, mut with_halves) = (0, 0);
    for (text, is_json) in texts.iter().zip(verdicts) {
        let shown = text.escape_ascii();
        match check_value(text) {
            Ok(_) => assert!(is_json, "taken, but not by Node.js: {shown}"),
            Err(error) if error.kind() == ErrorKind::LoneSurrogate => {
                assert!(text.trim_ascii_start().starts_with(b"\""), "{error}: {shown}");
            }
            Err(error) => assert!(!is_json || error.kind() == ErrorKind::TooDeep, "{error}, but Node.js takes {shown}"),
        }
        taken += usize::from(is_json);
        with_halves += usize::from(is_json && !oracle::lone_surrogates(text).is_empty());
    }
    assert!(taken > 1500 && texts.len() - taken > 700 && with_halves > 500, "{taken}, {with_halves}");
}
