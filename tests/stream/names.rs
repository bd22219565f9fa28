//! Known names, however they are written, and what is only nearly one: slice and stream know them alike.

use crate::kit::{self, Way};
use callcontainer::stream::{Replies, Requests};
use callcontainer::{ErrorKind, Reply, Request};

const REQUEST: &[&str] = &[
    "config",
    "resourceAppid",
    "resourceEnv",
    "path",
    "service",
    "method",
    "header",
    "data",
    "dataType",
    "__nativeBuffers__",
    "timeout",
    "responseType",
    "callID",
];
const REPLY: &[&str] =
    &["statusCode", "header", "cookies", "data", "__nativeBuffers__", "callID", "errMsg", "errCode", "errno"];

/// Ways to write a name, with its quotes and its colon.
fn ways(name: &str) -> Vec<String> {
    let escaped: String = name.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let last = name.len() - 1;
    let one = |at: usize| format!("\"{}\\u{:04X}{}\":", &name[..at], name.as_bytes()[at], &name[at + 1..]);
    vec![
        format!("\"{name}\":"),
        format!("\"{name}\" :"),
        format!("\"{name}\"\n\t: "),
        format!("\"{escaped}\":"),
        one(0),
        one(last),
        one(3.min(last)),
    ]
}

/// What is another name, and nothing but that.
fn others(name: &str) -> Vec<String> {
    let mut others = vec![
        format!("\"{name}\\\":\":"),
        format!("\"{name}\\\"\":"),
        format!("\"{name}:\":"),
        format!("\"{name}{name}\":"),
        format!("\" {name}\":"),
        format!("\"{name}\\u0000\":"),
        format!("\"{}\":", name.to_uppercase()),
        "\"\":".to_owned(),
    ];
    for at in 0..name.len() {
        others.push(format!("\"{}\":", &name[..at]));
        others.push(format!("\"{}{}\":", &name[..at], &name[at + 1..]));
        others.push(format!("\"{}~{}\":", &name[..at], &name[at + 1..]));
    }
    others
}

/// Each way to write each name has the value of the wrong type refused, and each other name has not.
fn all<D: Way>(names: &[&str], around: [&str; 2], verdict: impl Fn(&str) -> Option<ErrorKind>) {
    for name in names {
        for way in ways(name) {
            // What may stand under `data` may be anything.
            let value = if *name == "data" { "nul" } else { "null" };
            let envelope = format!("{}{way}{value}{}", around[0], around[1]);
            let expected = if *name == "data" { ErrorKind::InvalidLiteral } else { ErrorKind::WrongType };
            let known = verdict(&envelope);
            assert!(known == Some(expected) || known == Some(ErrorKind::DuplicateKey), "{known:?}: {envelope}");
            kit::check::<D>(envelope.as_bytes());
        }
        for other in others(name) {
            if names.iter().any(|name| other == format!("\"{name}\":")) {
                continue;
            }
            let envelope = format!("{}{other}null{}", around[0], around[1]);
            assert_eq!(verdict(&envelope), None, "{envelope}");
            kit::check::<D>(envelope.as_bytes());
        }
    }
}

#[test]
fn of_requests() {
    let verdict = |envelope: &str| Request::decode(envelope.as_bytes()).err().map(|error| error.kind());
    all::<Requests>(REQUEST, [r#"{"config":{"env":"e"},"path":"/","#, "}"], verdict);
}

#[test]
fn of_replies() {
    let verdict = |envelope: &str| Reply::decode(envelope.as_bytes()).err().map(|error| error.kind());
    all::<Replies>(REPLY, [r#"{"statusCode":200,"#, "}"], verdict);
}

#[test]
fn of_what_is_inside() {
    let verdict = |envelope: &str| Request::decode(envelope.as_bytes()).err().map(|error| error.kind());
    all::<Requests>(&["env"], [r#"{"path":"/","config":{"env":"e","#, "}}"], verdict);
    let around = [r#"{"config":{"env":"e"},"path":"/","__nativeBuffers__":[{"key":"data","base64":"","#, "}]}"];
    all::<Requests>(&["key", "base64"], around, verdict);
}
