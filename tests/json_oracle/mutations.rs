use super::generate::{self, damage, edits};
use super::values::samples;
use super::{check_reply, check_request, check_value};
use callcontainer::{ErrorKind, Text};
use proptest::prelude::*;

/// Envelopes with this value as `data`, which may be anything.
fn embed(before: &str, value: &[u8], behind: &str) -> Vec<u8> {
    [before.as_bytes(), value, behind.as_bytes()].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(800) })]

    #[test]
    fn a_damaged_value_is_judged_alike(value in generate::value(), edits in edits()) {
        let value = damage(&value.text, &edits);
        let _ = check_value(&value);
        let _ = check_request(&embed(r#"{"config":{"env":"e"},"path":"/","data":"#, &value, "}"));
        let _ = check_request(&embed(r#"{"verbose":"#, &value, r#","path":"/","resourceEnv":"e"}"#));
        let _ = check_reply(&embed(r#"{"data":"#, &value, r#","statusCode":200}"#));
        let _ = check_reply(&embed(r#"{"statusCode":200,"":"#, &value, "}"));
    }

    #[test]
    fn a_damaged_request_is_judged_alike(envelope in generate::request(), edits in edits()) {
        let _ = check_request(&damage(&envelope, &edits));
    }

    #[test]
    fn a_damaged_reply_is_judged_alike(envelope in generate::reply(), edits in edits()) {
        let _ = check_reply(&damage(&envelope, &edits));
    }

    /// The content of a string is judged like the string.
    #[test]
    fn damaged_content_is_judged_alike(string in generate::string(), edits in edits()) {
        let content = damage(&string[1..string.len() - 1], &edits);
        let quoted = embed("\"", &content, "\"");
        let oracle = serde_json::from_slice::<String>(&quoted);
        if let Ok(content) = std::str::from_utf8(&content) {
            match (Text::from_escaped(content), oracle) {
                (Ok(text), Ok(oracle)) => prop_assert_eq!(text, &*oracle),
                (Err(error), Err(_)) if error.kind() == ErrorKind::UnexpectedByte => {
                    prop_assert_eq!(content.as_bytes()[error.offset()], b'"');
                }
                (Err(error), Err(_)) if error.kind() == ErrorKind::UnexpectedEnd => {
                    prop_assert_eq!(error.offset(), content.len());
                }
                (Err(error), Err(_)) => {
                    let expected = check_value(&quoted).unwrap_err();
                    prop_assert_eq!((error.kind(), error.offset() + 1), (expected.kind(), expected.offset()));
                }
                (ours, oracle) => prop_assert!(false, "{:?}, but {:?}", ours, oracle),
            }
        }
    }
}

/// Random damage reaches every error of JSON, and leaves some texts valid.
#[test]
fn damage_is_of_every_kind() {
    let values = samples((generate::value().prop_map(|value| value.text), edits()), 1500);
    // Half of a surrogate pair does damage to a text alone.
    let strings = samples((generate::string(), edits()), 300);
    let texts = values.iter().chain(&strings);
    let outcomes: Vec<_> = texts.map(|(text, edits)| damage(text, edits)).collect();
    let outcomes: Vec<_> = outcomes.iter().map(|text| check_value(text).map_err(|error| error.kind())).collect();
    assert!(outcomes.iter().filter(|outcome| outcome.is_ok()).count() > 100);
    for kind in [
        ErrorKind::UnexpectedEnd,
        ErrorKind::UnexpectedByte,
        ErrorKind::InvalidNumber,
        ErrorKind::InvalidLiteral,
        ErrorKind::ControlCharacter,
        ErrorKind::InvalidEscape,
        ErrorKind::LoneSurrogate,
        ErrorKind::InvalidUtf8,
        ErrorKind::TrailingData,
    ] {
        let count = outcomes.iter().filter(|outcome| matches!(outcome, Err(other) if *other == kind)).count();
        assert!(count >= 3, "{kind:?}: {count}");
    }
}
