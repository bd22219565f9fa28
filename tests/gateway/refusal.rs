use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorCode, ErrorKind, Failure, Reply, Request, Text};
use proptest::option;
use proptest::prelude::*;
use std::error::Error as _;

/// The envelope, written into a buffer of just the length that is said, a larger one and one that is a byte too small.
#[track_caller]
pub(super) fn envelope(refusal: &Refusal, call_id: Option<Text<'_>>) -> String {
    let length = refusal.encoded_len(call_id);
    let mut buffer = vec![0xAA; length];
    assert_eq!(refusal.encode(call_id, &mut buffer).unwrap().len(), length);
    let mut larger = vec![0xAA; length + 3];
    assert_eq!(refusal.encode(call_id, &mut larger).unwrap(), buffer);
    assert_eq!(larger[length..], [0xAA; 3]);
    let too_small = Error::new(ErrorKind::BufferTooSmall, length - 1);
    assert_eq!(refusal.encode(call_id, &mut larger[..length - 1]), Err(too_small));
    assert_eq!(refusal.encode(call_id, &mut []), Err(Error::new(ErrorKind::BufferTooSmall, 0)));
    String::from_utf8(buffer).unwrap()
}

/// What a client reads in it: code, text and ID of the call.
#[track_caller]
pub(super) fn assert_read_back(envelope: &str, code: ErrorCode, text: &str, call_id: Option<&str>) {
    let Ok(Reply::Failure(failure)) = Reply::decode(envelope.as_bytes()) else { panic!("no failure: {envelope}") };
    let decoded = |text: Text<'_>| text.to_string();
    assert_eq!(failure.code(), Some(code), "{envelope}");
    assert_eq!(failure.message().code(), Some(code), "{envelope}");
    assert_eq!(failure.call_id().map(decoded).as_deref(), call_id, "{envelope}");
    assert_eq!(failure.message().text().to_string(), text, "{envelope}");
}

#[test]
fn a_whole_envelope() {
    let refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host");
    assert_eq!(
        envelope(&refusal, Some(Text::new("17-0.5"))),
        r#"{"errCode":-501000,"errMsg":"cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: 17-0.5)","callID":"17-0.5"}"#
    );
    assert_eq!(
        envelope(&refusal, None),
        r#"{"errCode":-501000,"errMsg":"cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host"}"#
    );
    let refusal = Refusal::from(Error::new(ErrorKind::InvalidMethod, 48));
    assert_eq!(
        envelope(&refusal, Some(Text::new("17-0.5"))),
        r#"{"errCode":102005,"errMsg":"cloud.callContainer:fail Error: errCode: 102005 | errMsg: 无效的 HTTP Method: a method that the platform does not know at byte 48 (callId: 17-0.5)","callID":"17-0.5"}"#
    );
}

#[test]
fn what_a_refusal_says() {
    let refusal = Refusal::new(ErrorCode(7), "message");
    assert_eq!((refusal.code(), refusal.message(), refusal.cause()), (ErrorCode(7), "message", None));
    assert!(std::error::Error::source(&refusal).is_none());
    assert_eq!(refusal.to_string(), "7 message");
    let error = Error::new(ErrorKind::MissingPath, 12);
    let refusal = Refusal::from(error);
    assert_eq!(refusal.code(), ErrorCode(-501_000));
    assert_eq!((refusal.message(), refusal.cause()), ("Path access permission error", Some(error)));
    assert_eq!(refusal.to_string(), "-501000 Path access permission error: no path at byte 12");
    assert_eq!(refusal.source().and_then(<dyn std::error::Error>::downcast_ref), Some(&error));
    assert!(Refusal::new(ErrorCode(7), "message").source().is_none());
}

#[test]
fn every_code_of_the_platform() {
    for (code, message) in [
        (-1, "Cloud API isn't enabled, please call wx.cloud.init first"),
        (102_002, "请求超时"),
        (102_005, "无效的 HTTP Method"),
        (40_097, "system error"),
        (-501_000, "Path access permission error"),
        (-501_000, "Authorization mismatch uin"),
        (-501_000, "Invalid host"),
        (-501_001, "resource system error"),
        (-606_001, "请求包大小超过 100KB"),
        (-606_002, "响应包大小超过 1MB"),
        (-601_034, "没有权限，请先开通云开发或者云托管"),
        (-405_005, "exceed max poll retry"),
        (-405_010, "result expired"),
        (-405_015, "exceed max client request count"),
        (0, "zero"),
        (i32::MIN, "a \"quoted\" \\ message"),
        (i32::MAX, "(with parentheses)"),
    ] {
        let refusal = Refusal::new(ErrorCode(code), message);
        assert_read_back(&envelope(&refusal, None), ErrorCode(code), message, None);
        let call_id = Some(Text::new("1700000000000-0.25"));
        assert_read_back(&envelope(&refusal, call_id), ErrorCode(code), message, Some("1700000000000-0.25"));
    }
}

#[test]
fn every_error_in_a_request() {
    for kind in ErrorKind::ALL {
        let (code, message) = match kind {
            ErrorKind::RequestTooLarge => (-606_001, "请求包大小超过 100KB"),
            ErrorKind::ReplyTooLarge => (-606_002, "响应包大小超过 1MB"),
            ErrorKind::InvalidMethod => (102_005, "无效的 HTTP Method"),
            ErrorKind::MissingPath | ErrorKind::InvalidPath => (-501_000, "Path access permission error"),
            // Those are no errors in a request.
            ErrorKind::BufferTooSmall | ErrorKind::BodyLength => (-501_001, "resource system error"),
            _ => (40_097, "system error"),
        };
        for offset in [0, 7, 102_400, usize::MAX] {
            let error = Error::new(*kind, offset);
            let refusal = Refusal::from(error);
            assert_eq!((refusal.code(), refusal.message()), (ErrorCode(code), message), "{kind:?}");
            assert_eq!(refusal.cause(), Some(error));
            let source = std::error::Error::source(&refusal).and_then(|source| source.downcast_ref());
            assert_eq!(source, Some(&error));
            let text = format!("{message}: {kind} at byte {offset}");
            assert_eq!(refusal.to_string(), format!("{code} {text}"));
            assert_read_back(&envelope(&refusal, Some(Text::new("1-0.5"))), ErrorCode(code), &text, Some("1-0.5"));
            assert_read_back(&envelope(&refusal, None), ErrorCode(code), &text, None);
        }
    }
}

#[test]
fn what_is_wrong_with_real_envelopes() {
    for (envelope, code, text) in [
        (r#"{"config":{"env":"e"}}"#, -501_000, "Path access permission error: no path at byte 21"),
        (
            r#"{"config":{"env":"e"},"path":"/a b"}"#,
            -501_000,
            "Path access permission error: a path that does not start with /, holds a space or control character, or leaves its service at byte 32",
        ),
        (
            r#"{"config":{"env":"e"},"path":"/","method":"PATCH"}"#,
            102_005,
            "无效的 HTTP Method: a method that the platform does not know at byte 42",
        ),
        (r#"{"path":"/"}"#, 40_097, "system error: neither config.env nor resourceEnv at byte 11"),
        (r#"{"path":"#, 40_097, "system error: the end of the text before the end of the JSON value at byte 8"),
    ] {
        let error = Request::decode(envelope.as_bytes()).unwrap_err();
        assert_read_back(&self::envelope(&Refusal::from(error), None), ErrorCode(code), text, None);
    }
    let error = Request::decode(&[b' '; 102_401]).unwrap_err();
    let text = "请求包大小超过 100KB: a request envelope longer than its limit at byte 102400";
    assert_read_back(&envelope(&Refusal::from(error), None), ErrorCode(-606_001), text, None);
}

/// Each of these may be a `callID`, so it comes back.
#[test]
fn call_ids_that_come_back() {
    let long = "é".repeat(64);
    let quotes = "\"".repeat(128);
    for call_id in [
        "1700000000000-0.123456789",
        "",
        "7",
        "a\"b\\c/d",
        "\"",
        "\\",
        "\\u0041",
        &quotes,
        &long,
        "a b",
        "é 名 😀",
        "\u{80}\u{85}\u{2028}\u{feff}\u{10ffff}",
        "errCode: 7",
        "| errMsg: x",
        "all failed:, Error: ",
        "trace: x",
    ] {
        let refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host");
        let written = envelope(&refusal, Some(Text::new(call_id)));
        assert_read_back(&written, ErrorCode::ACCESS_DENIED, "Invalid host", Some(call_id));
        let value = serde_json::from_str::<serde_json::Value>(&written).unwrap();
        let message =
            format!("cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: {call_id})");
        assert_eq!(value, serde_json::json!({ "errCode": -501_000, "errMsg": message, "callID": call_id }));
    }
}

/// The text stays what it is, whatever parentheses are in the ID of the call, and nothing in it passes for another tail.
#[test]
fn call_ids_with_parentheses() {
    let refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host");
    for call_id in
        ["(a)", "a(b)c(d(e))", ")", "(", "a)b", "a(b", "))", "((", ")(", "x) (callId: y", "x) (trace: y", "x(trace: y)"]
    {
        let written = envelope(&refusal, Some(Text::new(call_id)));
        assert_read_back(&written, ErrorCode::ACCESS_DENIED, "Invalid host", Some(call_id));
        let Ok(Reply::Failure(failure)) = Reply::decode(written.as_bytes()) else { panic!("no failure: {written}") };
        let message = failure.message();
        assert!(message.call_id().is_none_or(|found| found == call_id), "{written}");
        assert_eq!(message.trace(), None, "{written}");
    }
}

/// None of these may be a `callID`, so the envelope says nothing of it.
#[test]
fn call_ids_that_are_left_out() {
    let long = "x".repeat(129);
    let wide = format!("x{}", "é".repeat(64));
    for call_id in [&long, &wide, "\n", "a\r\nb", "\t", "\0", "\u{1f}", "\u{7f}", "17-0.5\u{8}"] {
        let refusal = Refusal::from(Error::new(ErrorKind::MissingPath, 3));
        let without = envelope(&refusal, None);
        assert_eq!(envelope(&refusal, Some(Text::new(call_id))), without, "{call_id:?}");
        let text = "Path access permission error: no path at byte 3";
        assert_read_back(&without, ErrorCode::ACCESS_DENIED, text, None);
    }
    // Escapes hide nothing, and make nothing longer than it is.
    let refusal = Refusal::new(ErrorCode(7), "x");
    for escaped in [r"\n", r"\u0000", r"a\u007f", r"17\t5"] {
        let call_id = Text::from_escaped(escaped).unwrap();
        assert_eq!(envelope(&refusal, Some(call_id)), envelope(&refusal, None), "{escaped}");
    }
    let at_limit = r"\u0041".repeat(128);
    let written = envelope(&refusal, Some(Text::from_escaped(&at_limit).unwrap()));
    assert_read_back(&written, ErrorCode(7), "x", Some(&"A".repeat(128)));
    let over = r"\u0041".repeat(129);
    assert_eq!(envelope(&refusal, Some(Text::from_escaped(&over).unwrap())), envelope(&refusal, None));
}

#[test]
fn the_longest_is_short() {
    let quotes = "\"".repeat(128);
    for kind in ErrorKind::ALL {
        let refusal = Refusal::from(Error::new(*kind, usize::MAX));
        assert!(refusal.encoded_len(Some(Text::new(&quotes))) < 1024, "{kind:?}");
    }
}

proptest! {
    /// Whatever is refused reads back, and is what the crate's own failure would be.
    #[test]
    fn any_refusal_reads_back(
        kind in proptest::sample::select(ErrorKind::ALL),
        offset in any::<usize>(),
        call_id in option::of("[^()\\p{C}\\p{Z}]{1,20}"),
    ) {
        let refusal = Refusal::from(Error::new(kind, offset));
        let written = envelope(&refusal, call_id.as_deref().map(Text::new));
        let text = format!("{}: {kind} at byte {offset}", refusal.message());
        assert_read_back(&written, refusal.code(), &text, call_id.as_deref());
        let tail = call_id.as_ref().map(|call_id| format!(" (callId: {call_id})")).unwrap_or_default();
        let message = format!("cloud.callContainer:fail Error: errCode: {} | errMsg: {text}{tail}", refusal.code());
        let failure = Failure::new(refusal.code(), &message);
        let reply = Reply::from(call_id.as_ref().map_or(failure, |call_id| failure.with_call_id(call_id)));
        let mut buffer = [0; 2048];
        prop_assert_eq!(reply.encode(&mut buffer).unwrap(), written.as_bytes());
    }
}
