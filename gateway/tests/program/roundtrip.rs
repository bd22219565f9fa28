use std::process::{Command, Stdio};

use super::harness::example;

/// The first thing that a newcomer runs.
#[test]
fn all_calls_go_as_they_should() {
    let output = Command::new(example("roundtrip")).stdin(Stdio::null()).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert_eq!(printed.matches("\nok    ").count(), 8, "{printed}");
    assert_eq!(printed.matches("\n== ").count(), 8, "{printed}");
    assert_eq!(printed.matches("\nsaw   nothing\n").count(), 2, "{printed}");
    assert!(!printed.contains("WRONG"), "{printed}");
    for shown in ["x-wx-openid: o-alice", "x-wx-from-openid: o-bob", "GET /items?page=2&", "\"errCode\":-606001"] {
        assert!(printed.contains(shown), "{shown}: {printed}");
    }
}
