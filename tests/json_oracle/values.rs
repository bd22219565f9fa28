use super::generate::{self, Sample, space, wrap};
use super::{check_reply, check_request, check_value, model::decoded};
use callcontainer::{Data, Error, ErrorKind, Json, Reply, Request, Text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// The value as `data`, with this white space around it, before the other members or behind them.
fn requests(value: &str, before: &str, behind: &str) -> [String; 2] {
    [
        format!(r#"{{"data":{before}{value}{behind},"config":{{"env":"e"}},"path":"/"}}"#),
        format!(r#"{{"config":{{"env":"e"}},"path":"/","data":{before}{value}{behind}}}"#),
    ]
}

fn replies(value: &str, before: &str, behind: &str) -> [String; 2] {
    [
        format!(r#"{{"data":{before}{value}{behind},"statusCode":200}}"#),
        format!(r#"{{"statusCode":200,"data":{before}{value}{behind}}}"#),
    ]
}

fn check_data(data: Data<'_>, value: &Sample) {
    match data {
        Data::Text(text) => {
            assert_eq!(decoded(text), serde_json::from_str::<String>(&value.text).unwrap());
            assert_eq!(text.as_raw().len() + 2, value.text.len());
        }
        Data::Json(json) => {
            assert_eq!(json.as_str(), value.text);
            assert_eq!(json.encoded_len(), value.compact.len());
        }
        other => panic!("{other:?}"),
    }
}

/// Checks a value by itself and in envelopes, and that it is encoded in its shortest form.
fn check_everywhere(value: &Sample, before: &str, behind: &str) {
    let text = [before, &value.text, behind].concat();
    let json = check_value(text.as_bytes()).unwrap();
    assert_eq!(json, Json::new(&value.compact).unwrap());
    assert_eq!(json.encoded_len(), value.compact.len());
    for envelope in requests(&value.text, before, behind) {
        check_data(check_request(envelope.as_bytes()).unwrap().data(), value);
    }
    for envelope in replies(&value.text, before, behind) {
        let Reply::Response(response) = check_reply(envelope.as_bytes()).unwrap() else { panic!("no response") };
        check_data(response.data(), value);
    }
    let request = Request::new("/").with_env("e").with_data(Data::Json(json));
    let mut buffer = vec![0; request.encoded_len().unwrap()];
    let encoded = request.encode(&mut buffer).unwrap();
    // A string is text, which is written in the shortest way, as serde_json does; anything else stays as it is.
    let string = serde_json::from_str::<String>(&value.text).map(|string| serde_json::to_string(&string).unwrap());
    let [_, expected] = requests(string.as_ref().unwrap_or(&value.compact), "", "");
    assert_eq!(std::str::from_utf8(encoded).unwrap(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_value_is_read(value in generate::value(), before in space(), behind in space()) {
        check_everywhere(&value, before, behind);
    }

    #[test]
    fn any_number_is_read(number in generate::number(), before in space(), behind in space()) {
        check_everywhere(&Sample::from(number), before, behind);
    }

    #[test]
    fn any_string_is_read(string in generate::string(), before in space(), behind in space()) {
        let expected: String = serde_json::from_str(&string).unwrap();
        let content = &string[1..string.len() - 1];
        let text = Text::from_escaped(content).unwrap();
        prop_assert_eq!(decoded(text), &*expected);
        prop_assert_eq!(text, &*expected);
        prop_assert_eq!(text.as_str().is_none(), content.contains('\\'));
        check_everywhere(&Sample::from(string), before, behind);
    }

    #[test]
    fn any_request_is_read(envelope in generate::request()) {
        let _ = check_request(envelope.as_bytes());
    }

    #[test]
    fn any_reply_is_read(envelope in generate::reply()) {
        let _ = check_reply(envelope.as_bytes());
    }
}

proptest! {
    // Deep texts are slow to judge.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(80) })]

    /// Around the limit, which is 127 levels by itself and in an envelope.
    #[test]
    fn any_depth_is_told(value in generate::value(), levels in vec(any::<bool>(), 118..132)) {
        let value = wrap(value, &levels);
        match check_value(value.text.as_bytes()) {
            Ok(_) => check_everywhere(&value, "", " "),
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::TooDeep);
                for envelope in requests(&value.text, "", " ") {
                    prop_assert_eq!(check_request(envelope.as_bytes()).unwrap_err().kind(), ErrorKind::TooDeep);
                }
                for envelope in replies(&value.text, "", " ") {
                    prop_assert_eq!(check_reply(envelope.as_bytes()).unwrap_err().kind(), ErrorKind::TooDeep);
                }
            }
        }
    }
}

#[test]
fn every_escape_is_read() {
    for code in 0..=0xFFFF_u16 {
        for escape in [format!(r"\u{code:04x}"), format!(r"\u{code:04X}")] {
            match (char::from_u32(code.into()), Text::from_escaped(&escape)) {
                (Some(character), Ok(text)) => assert_eq!(decoded(text), character.to_string()),
                (None, Err(error)) => assert_eq!(error, Error::new(ErrorKind::LoneSurrogate, 0), "{escape}"),
                (character, outcome) => panic!("{escape}: {character:?}, but {outcome:?}"),
            }
        }
        if code < 0x80 {
            check_everywhere(&Sample::from(format!(r#""\u{code:04x}""#)), "", "");
        }
    }
    for half in 0..0x400 {
        for (high, low) in [(half, 0), (half, 0x3FF), (0, half), (0x3FF, half)] {
            let escape = format!(r"\u{:04x}\u{:04X}", 0xD800 + high, 0xDC00 + low);
            let character = char::from_u32(0x1_0000 + (high << 10) + low).unwrap();
            assert_eq!(decoded(Text::from_escaped(&escape).unwrap()), character.to_string());
        }
    }
}

/// In long texts, where many bytes are looked at together: with digits of both cases, at several places.
#[test]
fn every_pair_of_escapes_is_read_in_a_long_text() {
    for high in 0xD800..0xDC00_u32 {
        let low = 0xDC00 + ((high * 7) & 0x3FF);
        let character = char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)).unwrap();
        let halves =
            [format!(r"\u{high:04x}"), format!(r"\u{high:04X}"), format!(r"\u{low:04x}"), format!(r"\u{low:04X}")];
        for (before, (one, other)) in [(0, (0, 2)), (70, (1, 3)), (131, (0, 3)), (250, (1, 2))] {
            let (before, behind) = ("x".repeat(before), "y".repeat(300));
            let pair = format!("{before}{}{}{behind}", halves[one], halves[other]);
            assert_eq!(decoded(Text::from_escaped(&pair).unwrap()), format!("{before}{character}{behind}"));
            for half in [&halves[one], &halves[other]] {
                let error = Text::from_escaped(&format!("{before}{half}{behind}")).unwrap_err();
                assert_eq!(error, Error::new(ErrorKind::LoneSurrogate, before.len()), "{half}");
            }
        }
    }
}

/// The same texts every time, so that what they are worth can be counted.
pub fn samples<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn most_random_envelopes_are_valid() {
    let requests = samples(generate::request(), 200);
    let accepted = requests.iter().filter(|envelope| check_request(envelope.as_bytes()).is_ok()).count();
    assert!((150..200).contains(&accepted), "{accepted} of 200");
    let replies = samples(generate::reply(), 200);
    let accepted: Vec<_> = replies.iter().filter_map(|envelope| check_reply(envelope.as_bytes()).ok()).collect();
    assert!((150..200).contains(&accepted.len()), "{} of 200", accepted.len());
    let responses = accepted.iter().filter(|reply| matches!(reply, Reply::Response(_))).count();
    assert!(responses > 20 && accepted.len() - responses > 20, "{responses} of {}", accepted.len());
}

#[test]
fn random_values_are_of_every_shape() {
    let values = samples(generate::value(), 1_000);
    let count = |is: fn(&str) -> bool| values.iter().filter(|value| is(&value.text)).count();
    assert!(count(|text| text.starts_with('{')) > 30);
    assert!(count(|text| text.starts_with('[')) > 30);
    assert!(count(|text| text.starts_with('"')) > 5);
    assert!(count(|text| text.starts_with(['-', '1', '2'])) > 5);
    assert!(count(|text| text.contains("\\ud") || text.contains("\\uD")) > 10);
    assert!(count(|text| !text.is_ascii()) > 50);
    assert!(values.iter().filter(|value| value.text.len() > value.compact.len()).count() > 100);
}
