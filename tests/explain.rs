//! The explanations: that none is missing, and that each says what it is about; and places in envelopes.
#![cfg(all(feature = "explain", feature = "gateway"))]

use base64::prelude::{BASE64_STANDARD, Engine as _};
use callcontainer::explain::{
    Advice, Confidence, Explanation, Finding, Language, OPEN_CODES, OPEN_STATUSES, OWN, Overhead, PLATFORM, Part,
    Place, Spent, Subject, What, put_refusal,
};
use callcontainer::gateway::Refusal;
use callcontainer::{Data, Error, ErrorCode, ErrorKind, Failure, Method, Reply, Request};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn name(subject: Subject) -> String {
    let mut name = String::new();
    subject.put_name(&mut name).unwrap();
    name
}

fn of_message(message: &str) -> Subject {
    Subject::of_failure(&Failure::from_err_msg(message))
}

// ---------------------------------------------------------------- the table

/// What is known of the platform: codes, messages, and how sure they are.
const FACTS: [(i32, &str, Confidence); 15] = [
    (-1, "Cloud API isn't enabled, please call wx.cloud.init first", Confidence::Documented),
    (102_002, "请求超时", Confidence::Documented),
    (102_005, "无效的 HTTP Method", Confidence::Documented),
    (40_097, "system error", Confidence::Documented),
    (-501_000, "Path access permission error", Confidence::Documented),
    (-501_000, "Authorization mismatch uin", Confidence::Documented),
    (-501_000, "Invalid host", Confidence::Observed),
    (-501_001, "resource system error", Confidence::Documented),
    (-606_001, "请求包大小超过 100KB", Confidence::Documented),
    (-606_002, "响应包大小超过 1MB", Confidence::Documented),
    (-601_034, "没有权限，请先开通云开发或者云托管", Confidence::Observed),
    (-405_005, "exceed max poll retry", Confidence::Observed),
    (-405_010, "result expired", Confidence::Observed),
    (-405_015, "exceed max client request count", Confidence::Observed),
    (-501_000, "", Confidence::Documented),
];

#[test]
fn every_fact_is_explained_with_its_confidence() {
    for (code, message, confidence) in FACTS {
        let subject = Subject::of_code(ErrorCode(code), message);
        let Subject::Platform(entry) = subject else { panic!("{code} {message}: {subject:?}") };
        assert_eq!(entry.code, Some(ErrorCode(code)));
        assert_eq!(subject.explanation().meaning().confidence(), confidence, "{code} {message}");
        // The message is enough, unless others say so too.
        let is_own = entry.message == message || entry.code.and_then(ErrorCode::message) == Some(message);
        if is_own && !message.is_empty() && code != ErrorCode::ILLEGAL_PARAMETER.0 {
            let Subject::Platform(told) = of_message(message) else { panic!("{message}") };
            assert_eq!(told.code, Some(ErrorCode(code)), "{message}");
        }
        // A failure with this message in it is explained by the same entry.
        let failure =
            of_message(&format!("cloud.callContainer:fail Error: errCode: {code} | errMsg: {message} (callId: 1)"));
        assert_eq!(name(failure), name(subject));
    }
    // Nothing in the table is without a fact, but for the code -1 around other errors.
    for entry in PLATFORM {
        let known = FACTS
            .iter()
            .any(|(code, message, _)| entry.code == Some(ErrorCode(*code)) && message.starts_with(entry.message));
        assert!(known || entry.code.is_none(), "{entry:?}");
    }
}

#[test]
fn every_constant_of_the_crate_is_explained() {
    let source = read("src/envelope/code.rs");
    let mut count = 0;
    for line in source.lines().filter(|line| line.trim_start().starts_with("pub const ") && line.contains("Self(")) {
        let number = line.split_once("Self(").unwrap().1.split_once(')').unwrap().0.replace('_', "");
        let code = ErrorCode(number.parse().unwrap());
        assert!(matches!(Subject::of_code(code, ""), Subject::Platform(_)), "{line}");
        count += 1;
    }
    assert_eq!(count, 12);
    assert!(matches!(Subject::of_code(ErrorCode(7), "Invalid host"), Subject::UnknownCode(ErrorCode(7))));
}

#[test]
fn the_three_reasons_of_one_code_are_told_apart() {
    let texts = ["Path access permission error", "Authorization mismatch uin", "invalid HOST", "new"];
    let remedies = texts.map(|text| {
        let subject = of_message(&format!("errCode: -501000 | errMsg: {text}"));
        assert!(name(subject).starts_with("-501000"));
        subject.explanation().remedy().text(Language::Chinese)
    });
    assert!(remedies[0].contains("encodeURIComponent"));
    assert!(remedies[1].contains("resourceAppid"));
    assert!(remedies[2].contains("服务名称"));
    assert!(remedies[3].contains("errMsg"));
    // The trace may be the only place that says so.
    let traced =
        of_message("cloud.callContainer:fail -501000 denied (trace: 9:1:1 start->9:1:2 error (Invalid host), abort)");
    assert_eq!(name(traced), "-501000 Invalid host");
}

#[test]
fn every_word_of_the_open_api_is_explained() {
    // Those that are known. The set is open.
    for word in [
        "SERVICE_NOT_FOUND",
        "SERVICE_TIMEOUT",
        "SERVICE_FORBIDDEN",
        "SERVICE_NOT_READY",
        "SERVICE_VERSION_NOT_FOUND",
        "SERVICE_ENDPOINT_NOT_FOUND",
        "SERVICE_LB_STATUS_ABNORMAL",
        "SERVICE_RESOURCE_NOT_FOUND",
        "SERVICE_CHARGE_OVERDUE",
        "MISSING_CREDENTIALS",
        "INVALID_CREDENTIALS",
    ] {
        let body = format!(r#"{{"code":"{word}","message":"no","requestId":"1"}}"#);
        assert_eq!(What::detect(body.as_bytes()), What::Message);
        assert_eq!(name(of_message(&body)), word);
        // As the client of this crate tells it, with the code that comes nearest.
        let failure = format!("cloud.callContainer:fail Error: errCode: -501000 | errMsg: {word}: no, requestId 1");
        assert_eq!(name(of_message(&failure)), word);
    }
    for status in [401, 402, 403, 404, 408, 423, 429, 451, 502, 503, 504] {
        assert_eq!(name(of_message(&format!("HTTP status {status}, and no reply"))), format!("HTTP {status}"));
    }
    assert_eq!((OPEN_CODES.len(), OPEN_STATUSES.len()), (11, 11));
    assert!(matches!(of_message("HTTP status 99999"), Subject::NoCode));
}

#[test]
fn every_text_is_there_once_in_both_languages() {
    let mut all: Vec<(String, &Explanation)> = Vec::new();
    let mut add = |subject: Subject| all.push((format!("{subject:?}"), subject.explanation()));
    PLATFORM.iter().for_each(|entry| add(Subject::Platform(entry)));
    OPEN_CODES.iter().for_each(|entry| add(Subject::Open(entry)));
    OPEN_STATUSES.iter().for_each(|entry| add(Subject::Status(entry)));
    ErrorKind::ALL.iter().for_each(|kind| add(Subject::Kind(*kind)));
    OWN.iter().for_each(|own| add(Subject::Own(own)));
    add(Subject::UnknownCode(ErrorCode(7)));
    add(Subject::NoCode);
    assert_eq!(all.len(), PLATFORM.len() + 22 + OWN.len() + ErrorKind::ALL.len() + 2);

    let is_chinese = |text: &str| text.chars().any(|character| matches!(character, '\u{4e00}'..='\u{9fff}'));
    for language in Language::ALL {
        let mut texts = BTreeMap::new();
        let mut check = |what: &str, text: &'static str| {
            assert!(text.trim() == text && text.chars().count() >= 6, "{what}: {text:?}");
            assert_eq!(is_chinese(text), language == Language::Chinese, "{what}: {text:?}");
            assert!(!text.contains("  "), "{what}: {text:?}");
            assert_eq!(text.ends_with('。'), language == Language::Chinese, "{what}: {text:?}");
            assert_eq!(text.ends_with('.'), language == Language::English, "{what}: {text:?}");
            if let Some(other) = texts.insert(text, what.to_owned()) {
                panic!("{what} and {other}: {text}");
            }
        };
        for (what, explanation) in &all {
            for sentence in [explanation.meaning(), explanation.cause(), explanation.remedy()] {
                check(what, sentence.text(language));
            }
        }
        for advice in Advice::ALL {
            check("advice", advice.sentence().text(language));
        }
        let mut expected = BTreeMap::new();
        for kind in ErrorKind::ALL {
            let text = Place::new(b"", Error::new(*kind, 0)).expected(language);
            assert!(!text.is_empty() && !text.ends_with(['.', '。']), "{kind:?}");
            if !matches!(kind, ErrorKind::UnexpectedByte | ErrorKind::UnexpectedEnd) {
                assert_eq!(expected.insert(text, kind), None, "{text}");
            }
        }
        let names = Confidence::ALL.map(|confidence| confidence.words().text(language));
        assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)));
    }
}

#[test]
fn the_advice_is_that_of_the_code() {
    for entry in PLATFORM {
        let Some(code) = entry.code else { continue };
        let [post, get] =
            [Method::Post, Method::Get].map(|method| code.retry(method).map(|retry| (retry.delay_ms, retry.at_most)));
        let advice = entry.explanation.advice();
        let expected = match advice {
            Advice::SoonAnyMethod => (Some((300, 3)), Some((300, 3))),
            Advice::AfterMinute => (Some((60_000, 1)), Some((60_000, 1))),
            Advice::OnceIfIdempotent => (None, Some((0, 1))),
            Advice::Unsure | Advice::Never => (None, None),
            other => panic!("{other:?} is not for codes"),
        };
        assert_eq!((post, get), expected, "{code}");
    }
}

/// Each error that is none of an envelope, with what it says; `what` is the type.
#[cfg(all(feature = "client", feature = "serde"))]
fn other_errors() -> Vec<(String, &'static Explanation, bool)> {
    use callcontainer::client::CallError as Call;
    use callcontainer::gateway::HttpError as Http;
    use callcontainer::stream::{WriteCause, WriteError};
    use callcontainer::typed::ErrorKind as Typed;
    let calls: [Call<u8>; 7] = [
        Call::NotInitialised,
        Call::NotReusable,
        Call::Write(WriteError { written: 1, cause: WriteCause::WriteZero }),
        Call::NoAnswer(Some(7)),
        Call::Io(7),
        Call::UnexpectedEof,
        Call::ForeignReply,
    ];
    let http = [
        Http::Head,
        Http::HeadTooLong,
        Http::TooManyHeaders,
        Http::TooManyInterim,
        Http::Switched,
        Http::Length,
        Http::Chunk,
        Http::ChunkTooLong,
        Http::Truncated,
        Http::Coded,
    ];
    let typed = [
        Typed::Custom,
        Typed::WrongType,
        Typed::InvalidValue,
        Typed::InvalidLength(3),
        Typed::UnknownVariant,
        Typed::UnknownField,
        Typed::MissingField("a"),
        Typed::DuplicateField("a"),
        Typed::TrailingElements,
        Typed::OutOfRange,
        Typed::ScratchTooSmall,
        Typed::BufferTooSmall,
        Typed::KeyNotString,
        Typed::TooDeep,
        Typed::OutOfTurn,
    ];
    let calls = calls.map(|error| (error.to_string(), error.explanation(), true));
    let http = http.map(|error| (error.to_string(), error.explanation(), true));
    let typed = typed.map(|error| (error.to_string(), error.explanation(), false));
    calls.into_iter().chain(http).chain(typed).collect()
}

#[cfg(all(feature = "client", feature = "serde"))]
#[test]
fn every_other_error_is_explained_and_recognised() {
    use callcontainer::client::CallError as Call;
    let errors = other_errors();
    assert_eq!(errors.len(), OWN.len());
    for ((says, explanation, told), own) in errors.iter().zip(OWN) {
        assert!(std::ptr::eq(*explanation, &raw const own.explanation), "{says}: {}", own.name);
        assert!(says.contains(own.says), "{says}: {own:?}");
        // In what somebody pastes it is the same, whatever stands before it.
        if !own.says.is_empty() {
            let subject = of_message(&format!("thread 'main': {says}"));
            // Ordinary words are not taken for it.
            assert_eq!(name(subject) == own.name, *told, "{}", own.name);
        }
    }
    let wrong = Error::new(ErrorKind::TooDeep, 1);
    assert_eq!(Call::<u8>::Request(wrong).explanation(), ErrorKind::TooDeep.explanation());
    assert_eq!(Call::<u8>::Reply(wrong).explanation(), ErrorKind::TooDeep.explanation());
    let status = |status| Call::<u8>::Status { status, retry_after: None };
    assert_eq!(status(503).explanation().advice(), Advice::OnceIfIdempotent);
    assert_eq!(status(599).explanation(), Subject::NoCode.explanation());
    // Whether to call again is what the error itself says.
    for error in [
        Call::<u8>::NotInitialised,
        Call::NotReusable,
        Call::NoAnswer(None),
        Call::Io(1),
        Call::UnexpectedEof,
        Call::ForeignReply,
        status(408),
        status(429),
        status(502),
        status(503),
        status(504),
        status(401),
        Call::Reply(Error::new(ErrorKind::InvalidCheck, 0)),
        Call::Reply(wrong),
    ] {
        let [post, get] =
            [Method::Post, Method::Get].map(|method| error.retry(method).map(|retry| (retry.delay_ms, retry.at_most)));
        let expected = match error.explanation().advice() {
            Advice::SoonAnyMethod => (Some((300, 3)), Some((300, 3))),
            Advice::SoonIfIdempotent => (None, Some((300, 3))),
            Advice::AfterMinute => (Some((60_000, 1)), Some((60_000, 1))),
            Advice::OnceIfIdempotent => (None, Some((0, 1))),
            Advice::Unsure | Advice::Never => (None, None),
            other => panic!("{other:?}"),
        };
        assert_eq!((post, get), expected, "{error:?}");
    }
}

/// What a gateway of this crate puts behind the platform's message says more than the code.
#[test]
fn what_a_gateway_adds_is_explained() {
    for kind in ErrorKind::ALL {
        let mut buffer = [0; 1024];
        let envelope = Refusal::from(Error::new(*kind, 17)).encode(None, &mut buffer).unwrap();
        let Reply::Failure(failure) = Reply::decode(envelope).unwrap() else { panic!() };
        assert_eq!(name(Subject::of_failure(&failure)), kind.name());
    }
    assert_eq!(name(of_message("errCode: -501001 | errMsg: resource system error: a broken chunk")), "http-chunk");
    assert_eq!(name(of_message("errCode: 40097 | errMsg: system error at byte 3")), "40097 system error");
}

// ---------------------------------------------------------------- messages

#[test]
fn each_shape_of_a_message_is_explained() {
    for (message, expected) in [
        (
            "cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时 (callId: 1-0.5) (trace: 9:1:1 start->9:1:2 timeout, abort)",
            "102002 请求超时",
        ),
        (
            "cloud.callContainer:fail Error: errCode: -606001  ｜ errMsg: 请求包大小超过 100KB",
            "-606001 请求包大小超过 100KB",
        ),
        ("cloud.callContainer:fail -405005 exceed max poll retry (callId: 1-0.5)", "-405005 exceed max poll retry"),
        (
            "errCode: -1  | errMsg: Error: cloud.callContainer:fail Error: cloud:fail -405015 exceed max client request count, retry after 60s",
            "-405015",
        ),
        (
            "errCode: -1  | errMsg: Cloud API isn't enabled, please call wx.cloud.init first\n请先调用 wx.cloud.init",
            "-1 Cloud API isn't enabled",
        ),
        ("cloud.callContainer:fail Error: Invalid host (callId: 1-0.5)", "-501000 Invalid host"),
        ("cloud.callContainer:fail Error: something new (callId: 1-0.5)", "-"),
        (
            "all failed:, Error: cloud.callContainer:fail Error: errCode: -501000 | errMsg: Authorization mismatch uin",
            "-501000 Authorization mismatch uin",
        ),
        ("TypeError: wx.cloud.callContainer is not a function", "callContainer is not a function"),
        ("errCode: 987654 | errMsg: what", "987654"),
    ] {
        assert_eq!(name(of_message(message)), expected, "{message}");
    }
    // The number of the reply counts, too.
    let failure = Failure::new(ErrorCode(-1), "cloud.callContainer:fail -405010 result expired");
    assert_eq!(name(Subject::of_failure(&failure)), "-405010 result expired");
}

#[test]
fn a_long_message_takes_no_time() {
    let message = "x".repeat(1_000_000);
    assert!(matches!(of_message(&message), Subject::NoCode));
}

/// A message of the platform is found among the first 4 096 characters, and ends there at the latest.
#[test]
fn a_message_is_found_near_the_beginning() {
    let text = "exceed max poll retry";
    for (before, found) in [(0, true), (4096 - text.len(), true), (4096 - text.len() + 1, false)] {
        let subject = of_message(&format!("{}{text}", "好".repeat(before)));
        assert_eq!(!matches!(subject, Subject::NoCode), found, "{before}");
    }
}

// ---------------------------------------------------------------- places

#[derive(Debug, PartialEq)]
struct Shown {
    line: usize,
    column: usize,
    before: String,
    at: String,
    after: String,
    member: String,
    expected: &'static str,
}

fn shown(place: &Place<'_>) -> Shown {
    let text = |put: &dyn Fn(&mut String) -> std::fmt::Result| {
        let mut text = String::new();
        put(&mut text).unwrap();
        text
    };
    Shown {
        line: place.line(),
        column: place.column(),
        before: text(&|out| place.put_before(out)),
        at: text(&|out| place.put_at(out)),
        after: text(&|out| place.put_after(out)),
        member: text(&|out| place.put_member(out)),
        expected: place.expected(Language::English),
    }
}

#[track_caller]
fn check_request(envelope: &str, before: &str, at: &str, member: &str, expected: &str) {
    let error = Request::decode(envelope.as_bytes()).unwrap_err();
    let place = Place::new(envelope.as_bytes(), error);
    let found = shown(&place);
    assert_eq!((found.before.as_str(), found.at.as_str()), (before, at), "{error}");
    assert_eq!((found.member.as_str(), found.expected), (member, expected), "{error}");
}

#[test]
fn a_place_is_shown() {
    check_request(r#"{"config":{"env":7}}"#, r#"{"config":{"env":"#, "7", "config.env", "a string");
    check_request(r#"{"header":[]}"#, r#"{"header":"#, "[", "header", "an object");
    check_request(r#"{"header":{"A":null}}"#, r#"{"header":{"A":"#, "n", "header.A", "a string, a number or a boolean");
    check_request(r#"{"timeout":"1"}"#, r#"{"timeout":"#, "\"", "timeout", "a whole number of milliseconds");
    check_request("[]", "", "[", "", "an object");
    check_request("{'path'", "{", "'", "", "a name in double quotes, or }");
    check_request(r#"{"path":"/",}"#, r#"{"path":"/","#, "}", "path", "a name in double quotes");
    check_request(r#"{"path" "/"}"#, r#"{"path" "#, "\"", "path", "a colon");
    check_request(r#"{"data":{"items":[1,2,x]}}"#, r#"{"data":{"items":[1,2,"#, "x", "data.items[2]", "a value");
    check_request(r#"{"data":[[],[}"#, r#"{"data":[[],["#, "}", "data[1][0]", "a value, or ]");
    check_request(r#"{"data":[1 2"#, r#"{"data":[1 "#, "2", "data[0]", "a comma, or ]");
    check_request(r#"{"data":{"a":1;"#, r#"{"data":{"a":1"#, ";", "data.a", "a comma, or }");
    check_request(r#"{"data":"abc"#, r#"{"data":"abc"#, "", "data", "the rest of a string, and its closing quote");
    check_request(r#"{"path":"/a b"}"#, r#"{"path":"/a"#, " ", "path", "a path that begins with / and has no spaces");
    // A column is a character, whichever it is.
    for before in ["a", "\u{7f}", "é", "好", "\u{80}", "\u{bf}", "😀", "\u{10ffff}"] {
        let text = format!("{{\n\"{before}\" 1");
        let error = Request::decode(text.as_bytes()).unwrap_err();
        assert_eq!(
            (shown(&Place::new(text.as_bytes(), error)).line, shown(&Place::new(text.as_bytes(), error)).column),
            (2, 5)
        );
    }
    // Names deeper than those that are named.
    let deep = format!("{}x", r#"{"a":"#.repeat(40));
    let error = Request::decode(deep.as_bytes()).unwrap_err();
    assert_eq!(shown(&Place::new(deep.as_bytes(), error)).member, format!("{}a…", "a.".repeat(15)));
}

#[test]
fn what_each_member_is_to_be_is_told() {
    let number = "a whole number";
    for (name, wanted) in [
        ("statusCode", number),
        ("errCode", number),
        ("errno", number),
        ("timeout", "a whole number of milliseconds"),
        ("config", "an object"),
        ("header", "an object"),
        ("cookies", "an array of strings"),
        ("__nativeBuffers__", "an array with at most one object"),
        ("path", "a string"),
    ] {
        let envelope = format!(r#"{{"{name}":true}}"#);
        let at = envelope.find("true").unwrap();
        let place = Place::new(envelope.as_bytes(), Error::new(ErrorKind::WrongType, at));
        assert_eq!(place.expected(Language::English), wanted, "{name}");
    }
}

#[test]
fn a_caret_stands_right_under_wide_characters_and_tabs() {
    for (text, offset, columns, line, column) in [
        ("你好x", 6, 4, 1, 3),
        ("\t\tx", 2, 4, 1, 3),
        ("😀x", 4, 2, 1, 2),
        ("a\r\n茶 x", 7, 3, 2, 3),
        // Written as an escape: a terminal would obey it.
        ("\u{1b}x", 1, 6, 1, 2),
        ("\u{202e}x", 3, 8, 1, 2),
        ("e\u{301}x", 3, 1, 1, 3),
    ] {
        let place = Place::new(text.as_bytes(), Error::new(ErrorKind::UnexpectedByte, offset));
        assert_eq!(shown(&place).at, "x", "{text:?}");
        assert_eq!(place.columns_before(), columns, "{text:?}");
        assert_eq!((place.line(), place.column()), (line, column), "{text:?}");
    }
    let place = Place::new(b"ab\xff\xfec", Error::new(ErrorKind::InvalidUtf8, 2));
    let found = shown(&place);
    assert_eq!((found.before.as_str(), found.at.as_str(), found.after.as_str()), ("ab", "\\xff", "\\xfec"));
}

#[test]
fn a_long_line_is_cut_on_both_sides() {
    let text = format!("{}X{}", "茶".repeat(30_000), "水".repeat(30_000));
    let place = Place::new(text.as_bytes(), Error::new(ErrorKind::UnexpectedByte, 90_000));
    let found = shown(&place);
    assert_eq!((found.before.as_str(), found.at.as_str()), (format!("…{}", "茶".repeat(18)).as_str(), "X"));
    assert_eq!(found.after, format!("{}…", "水".repeat(17)));
    assert_eq!((place.columns_before(), place.column()), (37, 30_001));
}

/// Nothing that is wrong in any way, cut anywhere, shown at any byte, does any harm.
#[test]
fn any_place_in_any_text_can_be_shown() {
    for (_, input, _) in vectors().into_iter().filter(|(_, input, _)| input.len() < 400) {
        for offset in 0..=input.len() + 1 {
            let place = Place::new(&input, Error::new(ErrorKind::UnexpectedByte, offset));
            let found = shown(&place);
            let width = found.before.chars().count() + found.at.chars().count() + found.after.chars().count();
            assert!(width < 400 && !found.before.contains(char::is_control), "{found:?}");
        }
    }
}

proptest! {
    /// Neither does anything else, whatever it is taken for.
    #[test]
    fn any_bytes_can_be_looked_at(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[{}\\[\\]:,\"\\\\a1 茶\u{1f600}u\\n-]{0,80}".prop_map(String::into_bytes),
        ],
        offset in 0_usize..220,
    ) {
        shown(&Place::new(&text, Error::new(ErrorKind::WrongType, offset)));
        let detected = What::detect(&text);
        for what in [detected, What::Request, What::Reply, What::Message] {
            match what.read(&text, what.limit()) {
                Ok(finding) => {
                    finding.put_seen(&mut String::new()).unwrap();
                    prop_assert!(finding.subject().is_none_or(|subject| !name(subject).is_empty()));
                }
                Err(error) => {
                    let place = Place::new(&text, error);
                    prop_assert!(place.line() <= text.len() + 1 && place.column() <= text.len() + 1);
                    prop_assert!(!place.expected(Language::Chinese).is_empty());
                }
            }
        }
        let spent = Spent::of(&text, Data::None);
        let sum: usize = Part::ALL.iter().map(|part| spent.part(*part)).sum();
        prop_assert_eq!(sum, text.len());
    }
}

// ---------------------------------------------------------------- envelopes

/// What the vectors are, their bytes, and whether they are valid.
fn vectors() -> Vec<(What, Vec<u8>, bool)> {
    let list: Value = serde_json::from_str(&read("vectors/vectors.json")).unwrap();
    let vectors = list.as_array().unwrap().iter().filter_map(|vector| {
        let what = match vector["what"].as_str().unwrap() {
            "request" => What::Request,
            "reply" => What::Reply,
            "message" => What::Message,
            _ => return None,
        };
        let input = if let Some(text) = vector["text"].as_str() {
            text.as_bytes().to_vec()
        } else if let Some(base64) = vector["base64"].as_str() {
            BASE64_STANDARD.decode(base64).unwrap()
        } else {
            let parts = vector["parts"].as_array().unwrap().iter();
            let part = |part: &Value| part["text"].as_str().unwrap().repeat(part["times"].as_u64().unwrap() as usize);
            parts.map(part).collect::<String>().into_bytes()
        };
        Some((what, input, vector.get("value").is_some()))
    });
    let vectors: Vec<_> = vectors.collect();
    assert!(vectors.len() > 500);
    vectors
}

#[test]
fn the_bytes_of_an_envelope_are_all_spent_on_something() {
    let mut count = 0;
    for (what, input, valid) in vectors() {
        if what == What::Message || !valid {
            continue;
        }
        let spent = what.read(&input, what.limit()).unwrap().spent(&input);
        let sum: usize = Part::ALL.iter().map(|part| spent.part(*part)).sum();
        assert_eq!((sum, spent.total()), (input.len(), input.len()), "{}", input.escape_ascii());
        let escapes = spent.overhead(Overhead::Escapes);
        assert!(spent.overhead(Overhead::NeedlessEscapes) <= escapes && escapes < input.len());
        count += 1;
    }
    assert!(count > 100);
}

#[test]
fn bytes_are_spent_on_what_they_are_for() {
    let envelope = br#" {"config":{"env":"e"}, "header" : {"A": "\u4f60\""} ,"path":"\/","__nativeBuffers__":[{"key":"data","base64":"efvPNA=="}]}"#;
    let request = Request::decode(envelope).unwrap();
    let spent = Spent::of(envelope, request.data());
    assert_eq!(spent.part(Part::Headers), br#""header" : {"A": "\u4f60\""}"#.len());
    assert_eq!(spent.part(Part::Path), br#""path":"\/""#.len());
    assert_eq!(spent.part(Part::Data), br#""__nativeBuffers__":[{"key":"data","base64":"efvPNA=="}]"#.len());
    assert_eq!(spent.overhead(Overhead::Base64), 4);
    assert_eq!(spent.overhead(Overhead::Escapes), 3 + 1 + 1);
    assert_eq!(spent.overhead(Overhead::NeedlessEscapes), 3 + 1);
    assert_eq!(spent.overhead(Overhead::Spaces), 6);
    let emoji = br#"{"statusCode":200,"data":["\ud83d\ude00","\ud83d"]}"#;
    let Reply::Response(response) = Reply::decode(emoji).unwrap() else { panic!() };
    assert_eq!(Spent::of(emoji, response.data()).overhead(Overhead::Escapes), 8);
}

/// The names are those that a program reads too.
#[test]
fn what_bytes_and_explanations_are_called() {
    assert_eq!(Confidence::ALL.map(Confidence::name), ["documented", "observed", "inferred"]);
    let parts = ["data", "headers", "cookies", "path", "errMsg", "the rest"];
    assert_eq!(Part::ALL.map(|part| part.words().text(Language::English)), parts);
    let overheads = ["more for escapes", "of these needless", "more for base64", "white space"];
    assert_eq!(Overhead::ALL.map(|overhead| overhead.words().text(Language::English)), overheads);
}

/// Which escapes cost how many bytes, and which of them could be left out: those of a character that may stand for itself.
#[test]
fn each_escape_costs_what_it_is_longer() {
    for (escape, more, is_needless) in [
        (r"\u0000", 5, false),
        (r"\u001f", 5, false),
        (r"\u0020", 5, true),
        (r"\u0021", 5, true),
        (r"\u0022", 5, false),
        (r"\u0023", 5, true),
        (r"\u005b", 5, true),
        (r"\u005C", 5, false),
        (r"\u005d", 5, true),
        (r"\u007f", 5, true),
        (r"\u0080", 4, true),
        (r"\u07ff", 4, true),
        (r"\u0800", 3, true),
        (r"\ud7ff", 3, true),
        (r"\ud800", 0, false),
        (r"\udbffx", 0, false),
        (r"\udc00", 0, false),
        (r"\udfff", 0, false),
        (r"\ue000", 3, true),
        (r"\uffff", 3, true),
        (r"\ud800\udc00", 8, true),
        (r"\udbff\udfff", 8, true),
        (r"\/", 1, true),
        (r"\\", 1, false),
        (r#"\""#, 1, false),
        (r"\n", 1, false),
    ] {
        let envelope = format!(r#"{{"statusCode":200,"data":["{escape}"]}}"#);
        let Reply::Response(response) = Reply::decode(envelope.as_bytes()).unwrap() else { panic!() };
        let spent = Spent::of(envelope.as_bytes(), response.data());
        let overheads = [Overhead::Escapes, Overhead::NeedlessEscapes].map(|overhead| spent.overhead(overhead));
        assert_eq!(overheads, [more, if is_needless { more } else { 0 }], "{escape}");
    }
}

#[test]
fn a_language_is_taken_from_a_tag() {
    let expected = |tag: &str| {
        let mut characters = tag.chars();
        let zh = characters.by_ref().take(2).collect::<String>().eq_ignore_ascii_case("zh");
        if zh && !characters.next().is_some_and(|next| next.is_ascii_alphanumeric()) {
            Language::Chinese
        } else {
            Language::English
        }
    };
    let all = || (0..0x80_u8).map(char::from);
    let tags = all().flat_map(|one| all().map(move |two| format!("{one}{two}")));
    let longer = all().flat_map(|three| ["zh", "ZH", "zH", "Zh", "za", "ah"].map(|zh| format!("{zh}{three}CN")));
    for tag in tags.chain(longer).chain(["", "z", "zh-Hant-TW", "zho"].map(str::to_owned)) {
        assert_eq!(Language::from_tag(&tag), expected(&tag), "{tag:?}");
    }
    assert_eq!([Language::English, Language::Chinese].map(|language| language.tag()), ["en", "zh"]);
}

/// What is wrong with an envelope stays wrong. Only noise on a line passes.
#[test]
fn no_kind_of_error_passes_but_noise() {
    for kind in ErrorKind::ALL {
        let advice = if *kind == ErrorKind::InvalidCheck { Advice::SoonIfIdempotent } else { Advice::Never };
        assert_eq!(kind.explanation().advice(), advice, "{kind:?}");
    }
}

#[test]
fn what_a_text_is_is_told() {
    for (what, folder) in
        [(What::Request, "envelopes/request"), (What::Reply, "envelopes/reply"), (What::Message, "messages")]
    {
        let folder = Path::new(ROOT).join("examples").join(folder);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 5);
        for file in files {
            let text = fs::read(&file).unwrap();
            assert_eq!(What::detect(&text), what, "{}", file.display());
            assert!(what.read(&text, what.limit()).is_ok());
        }
    }
    assert_eq!(What::detect(b"{errMsg: \"cloud.callContainer:fail\"}"), What::Message);
    assert_eq!(What::detect(b" {"), What::Request);
    assert_eq!(What::detect(b""), What::Message);
    assert_eq!(What::detect(br#"{"data":{"errMsg":1},"path":"/"}"#), What::Request);
    // By a single member, with its quotes as in an envelope or without them as in a console.
    for (name, quoted, bare) in [
        ("statusCode", What::Reply, None),
        ("cookies", What::Reply, Some(What::Reply)),
        ("errMsg", What::Reply, Some(What::Message)),
        ("errCode", What::Reply, Some(What::Message)),
        ("errno", What::Reply, Some(What::Message)),
        ("path", What::Request, Some(What::Request)),
        ("config", What::Request, Some(What::Request)),
        ("method", What::Request, Some(What::Request)),
        ("resourceAppid", What::Request, Some(What::Request)),
        ("resourceEnv", What::Request, Some(What::Request)),
        ("service", What::Request, Some(What::Request)),
        ("timeout", What::Request, Some(What::Request)),
    ] {
        assert_eq!(What::detect(format!("{{\"{name}\":1}}").as_bytes()), quoted, "{name}");
        if let Some(bare) = bare {
            assert_eq!(What::detect(format!("{{{name}:1}}").as_bytes()), bare, "{name}");
        }
    }
}

fn seen(what: What, text: &str) -> (String, Vec<&'static str>) {
    let finding = what.read(text.as_bytes(), what.limit()).unwrap();
    let mut values = String::new();
    finding.put_seen(&mut values).unwrap();
    (values, finding.seen().map(|words| words.text(Language::English)).collect())
}

#[test]
fn what_a_mini_program_sees_is_told() {
    let (values, notes) = seen(What::Reply, r#"{"statusCode":502,"data":"x"}"#);
    assert_eq!(values, r#"res.statusCode = 502, res.errMsg = "cloud.callContainer:ok""#);
    assert!(notes.iter().any(|note| note.contains("The status is the service's own")), "{notes:?}");
    assert!(notes.contains(&"res.data is a string."));
    let (values, _) = seen(What::Reply, r#"{"errCode":-5,"errMsg":"a\u202eb\n"}"#);
    assert_eq!(values, r#"err.errCode = -5, err.errMsg = "a\u{202e}b\n""#);
    let (values, notes) = seen(
        What::Request,
        r#"{"resourceAppid":"a","resourceEnv":"e","path":"/","timeout":20000,"dataType":"text","header":{"X-WX-OPENID":"me"},"data":{}}"#,
    );
    assert_eq!((values.as_str(), notes.len()), ("", 6), "{notes:?}");
    for (members, told) in [
        (r#""dataType":"json""#, "res.data will be what JSON.parse makes of the answer"),
        (r#""responseType":"text""#, "res.data will be what JSON.parse makes of the answer"),
        (r#""dataType":"text""#, "res.data will be the text of the answer as it is"),
        (r#""dataType":"other""#, "res.data will be the text of the answer as it is"),
        (r#""responseType":"arraybuffer""#, "res.data will be an ArrayBuffer"),
    ] {
        let (_, notes) = seen(What::Request, &format!(r#"{{"config":{{"env":"e"}},"path":"/",{members}}}"#));
        assert_eq!(notes.iter().filter(|note| note.starts_with("res.data will")).count(), 1, "{notes:?}");
        assert!(notes.iter().any(|note| note.starts_with(told)), "{members}: {notes:?}");
    }
    for (method, content_type, data, has) in [
        ("POST", "application/json", "{}", None),
        ("POST", "application/x-www-form-urlencoded; a", "{}", Some("form")),
        ("GET", "application/json", "{}", Some("query")),
        ("GET", "application/json", "\"\"", Some("refused")),
    ] {
        let text = format!(
            r#"{{"config":{{"env":"e"}},"service":"s","path":"/","method":"{method}","header":{{"Content-Type":"{content_type}"}},"data":{data}}}"#
        );
        let (_, notes) = seen(What::Request, &text);
        assert_eq!(notes.len(), if has.is_some() { 2 } else { 1 }, "{notes:?}");
        assert!(has.is_none_or(|word| notes[0].contains(word)), "{notes:?}");
    }
}

#[test]
fn a_refusal_is_that_of_a_gateway() {
    for kind in ErrorKind::ALL {
        let mut told = String::new();
        put_refusal(Error::new(*kind, 3), &mut told).unwrap();
        if kind.platform_code().is_some() {
            let refusal = Refusal::from(Error::new(*kind, 3));
            assert_eq!(told, format!("err.errCode = {}, {}", refusal.code(), refusal.message()));
        } else {
            assert_eq!(told, "");
        }
    }
}

#[test]
fn a_message_is_read_as_from_an_editor() {
    let Ok(Finding::Failure(failure)) = What::Message.read("\u{feff} errCode: 5 | errMsg: x \n".as_bytes(), 100) else {
        panic!()
    };
    assert_eq!(failure.err_msg(), "errCode: 5 | errMsg: x");
    assert_eq!(What::Message.read(b"caf\xe9", 100).unwrap_err(), Error::new(ErrorKind::InvalidUtf8, 3));
    assert_eq!(What::Message.read(b"longer", 5).unwrap_err(), Error::new(ErrorKind::TooLong, 5));
}
