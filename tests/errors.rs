//! Every error, and at which byte: a table for each way, then each rule against all that may break it.

use callcontainer::line::Line;
use callcontainer::stream::{Body, EncodeStep, Encoder, Replies, Requests};
use callcontainer::{
    Bytes, DEPTH_LIMIT, Data, DataType, Error, ErrorCode, ErrorKind, Failure, HEADERS_LIMIT, Json, Method, NAME_LIMIT,
    PATH_LIMIT, REPLY_LIMIT, REQUEST_LIMIT, Reply, ReplyBuffer, Request, RequestBuffer, Response, ResponseType,
    TIMEOUT_LIMIT, Text, Timeout,
};
use std::collections::HashSet;

#[path = "stream/collect.rs"]
mod collect;
#[path = "stream/kit.rs"]
mod kit;
#[path = "json_vectors/level.rs"]
mod level;

// ---------------------------------------------------------------- tools

/// Stands before the byte that an error should name, and is taken out.
const MARK: char = '➤';

/// An envelope and the offset of its mark.
fn marked(text: &str) -> (Vec<u8>, usize) {
    let offset = text.find(MARK).unwrap_or_else(|| panic!("no mark in {text}"));
    let envelope = text.replacen(MARK, "", 1);
    assert!(!envelope.contains(MARK), "two marks in {text}");
    (envelope.into_bytes(), offset)
}

/// A request that lacks nothing, with this member more. It ends where the member ends.
fn request_with(member: &str) -> String {
    format!(r#"{{"config":{{"env":"e"}},"path":"/",{member}}}"#)
}

fn reply_with(member: &str) -> String {
    format!(r#"{{"statusCode":200,{member}}}"#)
}

/// Decodes a slice, and makes sure that a stream says the same, whatever the sizes of window and reads.
fn decode_request(envelope: &[u8]) -> Result<Request<'_>, Error> {
    kit::check::<Requests>(envelope);
    Request::decode(envelope)
}

fn decode_reply(envelope: &[u8]) -> Result<Reply<'_>, Error> {
    kit::check::<Replies>(envelope);
    Reply::decode(envelope)
}

fn request_error(envelope: &[u8]) -> Error {
    match decode_request(envelope) {
        Err(error) => error,
        Ok(request) => panic!("{} is {request:?}", String::from_utf8_lossy(envelope)),
    }
}

fn reply_error(envelope: &[u8]) -> Error {
    match decode_reply(envelope) {
        Err(error) => error,
        Ok(reply) => panic!("{} is {reply:?}", String::from_utf8_lossy(envelope)),
    }
}

#[track_caller]
fn assert_request_error(text: &str, kind: ErrorKind) {
    let (envelope, offset) = marked(text);
    assert_eq!(request_error(&envelope), Error::new(kind, offset), "{text}");
}

#[track_caller]
fn assert_reply_error(text: &str, kind: ErrorKind) {
    let (envelope, offset) = marked(text);
    assert_eq!(reply_error(&envelope), Error::new(kind, offset), "{text}");
}

#[track_caller]
fn assert_request(text: &str) {
    if let Err(error) = decode_request(text.as_bytes()) {
        panic!("{error} of {text}");
    }
}

#[track_caller]
fn assert_reply(text: &str) {
    if let Err(error) = decode_reply(text.as_bytes()) {
        panic!("{error} of {text}");
    }
}

/// The text with its first character as an escape.
fn escaped(text: &str) -> String {
    let first = text.chars().next().unwrap();
    format!("\\u{:04x}{}", u32::from(first), &text[first.len_utf8()..])
}

// ---------------------------------------------------------------- the tables

/// What is wrong with the JSON itself, wherever it stands. Each is the start of an envelope up to a value, and
/// replaces that value and what follows.
const JSON: [(&str, ErrorKind); 46] = {
    use ErrorKind::*;
    [
        ("➤", UnexpectedEnd),
        (" \n➤", UnexpectedEnd),
        ("➤,", UnexpectedByte),
        ("➤:1}", UnexpectedByte),
        ("➤}", UnexpectedByte),
        ("➤]}", UnexpectedByte),
        ("➤'a'}", UnexpectedByte),
        ("➤+1}", UnexpectedByte),
        ("➤.5}", UnexpectedByte),
        ("➤\u{feff}1}", UnexpectedByte),
        ("➤\u{b}1}", UnexpectedByte),
        ("➤NaN}", UnexpectedByte),
        ("➤Infinity}", UnexpectedByte),
        ("➤undefined}", UnexpectedByte),
        ("[1,➤]}", UnexpectedByte),
        ("[➤,1]}", UnexpectedByte),
        ("[1➤:2]}", UnexpectedByte),
        ("[1 ➤2]}", UnexpectedByte),
        ("[1➤}", UnexpectedByte),
        ("[1➤", UnexpectedEnd),
        ("{➤1:2}}", UnexpectedByte),
        ("{\"a\"➤,1}}", UnexpectedByte),
        ("{\"a\" ➤1}}", UnexpectedByte),
        ("{\"a\":1,➤}}", UnexpectedByte),
        ("{➤,\"a\":1}}", UnexpectedByte),
        ("{\"a\":1➤]}", UnexpectedByte),
        ("{\"a\"➤", UnexpectedEnd),
        ("{\"a\":1,➤", UnexpectedEnd),
        ("0➤1}", InvalidNumber),
        ("-➤}", InvalidNumber),
        ("-➤a}", InvalidNumber),
        ("1.➤}", InvalidNumber),
        ("1.5e➤}", InvalidNumber),
        ("1e+➤,", InvalidNumber),
        ("-0➤0}", InvalidNumber),
        ("1➤x}", UnexpectedByte),
        ("0➤x10}", UnexpectedByte),
        ("tru➤}", InvalidLiteral),
        ("tru➤E}", InvalidLiteral),
        ("f➤oo}", InvalidLiteral),
        ("nul➤,", InvalidLiteral),
        ("nul➤", UnexpectedEnd),
        ("true➤x}", UnexpectedByte),
        ("1 ➤\"a\":2}", UnexpectedByte),
        ("1}➤}", TrailingData),
        ("1} \n➤0", TrailingData),
    ]
};

/// What is wrong with a string, wherever it stands: the string from its opening quote on.
const STRINGS: [(&str, ErrorKind); 17] = {
    use ErrorKind::*;
    [
        ("\"➤", UnexpectedEnd),
        ("\"/a➤", UnexpectedEnd),
        ("\"/\\➤", UnexpectedEnd),
        ("\"/\\u00➤", UnexpectedEnd),
        ("\"/\\ud83d➤", UnexpectedEnd),
        ("\"/\\ud83d\\➤", UnexpectedEnd),
        ("\"/a➤\n\"", ControlCharacter),
        ("\"/a➤\t\"", ControlCharacter),
        ("\"/➤\u{0}\"", ControlCharacter),
        ("\"/中文中文中文➤\u{1f}\"", ControlCharacter),
        ("\"/12345678➤\u{1}2345678\"", ControlCharacter),
        ("\"/\\➤x\"", InvalidEscape),
        ("\"/\\➤'\"", InvalidEscape),
        ("\"/\\➤U0041\"", InvalidEscape),
        ("\"/\\u➤g000\"", InvalidEscape),
        ("\"/\\u004➤\"", InvalidEscape),
        ("\"/\\u00➤+1\"", InvalidEscape),
    ]
};

/// What is wrong with a string that is a text, as `lone-surrogate`, and right in a value that nobody reads.
const HALVES: [&str; 7] = [
    "\"/a➤\\ud83d\"",
    "\"/a➤\\udc00\"",
    "\"/a➤\\ud83dx\"",
    "\"/a➤\\ud83d\\n\"",
    "\"/a➤\\ud83d\\u0041\"",
    "\"/a➤\\ud83d\\ud83d\\ude00\"",
    "\"/\\ud83d\\ude00➤\\ude00\"",
];

/// Envelopes that are no requests.
const REQUESTS: &[(&str, ErrorKind)] = {
    use ErrorKind::*;
    &[
        // The envelope itself.
        ("➤", UnexpectedEnd),
        (" \t➤", UnexpectedEnd),
        ("➤[]", WrongType),
        ("➤\"{}\"", WrongType),
        ("➤null", WrongType),
        ("➤7", WrongType),
        ("➤\u{feff}{}", UnexpectedByte),
        (r#"{"path":"/","config":{"env":"e"}} ➤{}"#, TrailingData),
        // What it lacks.
        ("{➤}", MissingEnv),
        (r#"{"path":"/" ➤}"#, MissingEnv),
        (r#"{"path":"/","config":{}➤}"#, MissingEnv),
        (r#"{"path":"/","config":{"Env":"e"},"resourceAppid":"a"➤}"#, MissingEnv),
        (r#"{"config":{"env":"e"}➤}"#, MissingPath),
        (r#"{"resourceEnv":"e","Path":"/"➤}"#, MissingPath),
        // The path.
        (r#"{"path":➤"","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"➤a","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"➤\u0061","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"➤http://a/","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"➤ /","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"/a➤ b","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"/中\"文➤\u0020","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"/a➤\r\n","config":{"env":"e"}}"#, InvalidPath),
        (r#"{"path":"\/a➤\u0000","config":{"env":"e"}}"#, InvalidPath),
        ("{\"path\":\"/a➤\u{7f}\",\"config\":{\"env\":\"e\"}}", InvalidPath),
        // The other parts.
        (r#"{"method":➤"PATCH"}"#, InvalidMethod),
        (r#"{"method":➤""}"#, InvalidMethod),
        (r#"{"method":➤" GET"}"#, InvalidMethod),
        (r#"{"method":➤"GET\u0000"}"#, InvalidMethod),
        (r#"{"method":➤"GE"}"#, InvalidMethod),
        (r#"{"method":➤"\u0047ETGETGETGETGETGETGET"}"#, InvalidMethod),
        (r#"{"responseType":➤"Text"}"#, InvalidResponseType),
        (r#"{"responseType":➤"arraybuffer "}"#, InvalidResponseType),
        (r#"{"responseType":➤""}"#, InvalidResponseType),
        (r#"{"timeout":➤1.0}"#, InvalidTimeout),
        (r#"{"timeout":➤1e3}"#, InvalidTimeout),
        (r#"{"timeout":➤-1}"#, InvalidTimeout),
        (r#"{"timeout":➤-99999999999999999999}"#, InvalidTimeout),
        (r#"{"config":{"env":"a➤\n"}}"#, InvalidName),
        (r#"{"resourceEnv":"➤\u007f"}"#, InvalidName),
        (r#"{"dataType":"js\u006fn➤\t"}"#, InvalidName),
        // Headers.
        (r#"{"header":{➤"":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"a➤ b":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"a➤:":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"➤é":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"\u0041➤\n":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"a":"b➤\r\nC: d"}}"#, InvalidHeaderValue),
        (r#"{"header":{"a":"b\t➤\u0000"}}"#, InvalidHeaderValue),
        (r#"{"header":{"X-WX-SERVICE":"a➤\t"}}"#, InvalidName),
        (r#"{"header":{"a":1,"b":2,➤"A":3}}"#, DuplicateHeader),
        (r#"{"header":{"a":1,➤"\u0041":3}}"#, DuplicateHeader),
        (r#"{"header":{"\u0061":1,➤"A":3}}"#, DuplicateHeader),
        (r#"{"header":{➤"Referer":"a"}}"#, ForbiddenHeader),
        (r#"{"header":{"a":"b",➤"\u0072eFERER":"a"}}"#, ForbiddenHeader),
        (r#"{"service":"a","header":{"X-WX-SERVICE":➤"b"}}"#, ServiceConflict),
        (r#"{"service":"a","header":{"x-wx-\u0073ervice":➤"A"}}"#, ServiceConflict),
        (r#"{"header":{"X-WX-SERVICE":7},"service": ➤"8"}"#, ServiceConflict),
        (r#"{"header":{"X-WX-SERVICE":""},"service":➤"8"}"#, ServiceConflict),
        (r#"{"service":"8","header":{"X-WX-SERVICE":➤88}}"#, ServiceConflict),
        // Native buffers.
        (r#"{"__nativeBuffers__":[{➤}]}"#, MissingField),
        (r#"{"__nativeBuffers__":[{"key":"data" ➤}]}"#, MissingField),
        (r#"{"__nativeBuffers__":[{"base64":"","Key":"data"➤}]}"#, MissingField),
        (r#"{"__nativeBuffers__":[{"key":➤"body","base64":""}]}"#, InvalidBufferKey),
        (r#"{"__nativeBuffers__":[{"key":➤"","base64":""}]}"#, InvalidBufferKey),
        (r#"{"__nativeBuffers__":[{"base64":"➤="}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"A➤"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AAA➤"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AA=➤"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AB➤=="}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AAAA➤-AAA"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AAA=➤AAAA"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"AA\u0041A➤\n"}]}"#, InvalidBase64),
        (r#"{"__nativeBuffers__":[{"base64":"\/A➤中"}]}"#, InvalidBase64),
        (r#"{"data":1,"__nativeBuffers__":[➤{"key":"data","base64":""}]}"#, DataConflict),
        (r#"{"data":null,"__nativeBuffers__":[ ➤{}]}"#, DataConflict),
        (r#"{"__nativeBuffers__":[{"key":"data","base64":""}],➤"data":1}"#, DataConflict),
        (r#"{"__nativeBuffers__":[{"key":"data","base64":""}, ➤{"key":"data","base64":""}]}"#, DuplicateKey),
        (r#"{"__nativeBuffers__":[{"key":"data","base64":""}],➤"__nativeBuffers__":[]}"#, DuplicateKey),
    ]
};

/// Envelopes that are no replies.
const REPLIES: &[(&str, ErrorKind)] = {
    use ErrorKind::*;
    &[
        ("➤", UnexpectedEnd),
        ("➤[]", WrongType),
        ("➤true", WrongType),
        (r#"{"statusCode":200}➤x"#, TrailingData),
        ("{➤}", MissingField),
        (r#"{"data":1➤}"#, MissingField),
        (r#"{"errCode":0➤}"#, MissingField),
        (r#"{"errCode":7,"statusCode":200 ➤}"#, MissingField),
        (r#"{"statusCode":200,"errno":-7➤}"#, MissingField),
        (r#"{"statusCode":➤99}"#, InvalidStatus),
        (r#"{"statusCode":➤1000}"#, InvalidStatus),
        (r#"{"statusCode":➤0}"#, InvalidStatus),
        (r#"{"statusCode":➤-200}"#, InvalidStatus),
        (r#"{"statusCode":➤200.0}"#, InvalidStatus),
        (r#"{"statusCode":➤2e2}"#, InvalidStatus),
        (r#"{"statusCode":➤65736}"#, InvalidStatus),
        (r#"{"statusCode":➤4294967496}"#, InvalidStatus),
        (r#"{"statusCode":➤18446744073709551816}"#, InvalidStatus),
        (r#"{"errCode":➤2147483648}"#, InvalidErrorCode),
        (r#"{"errCode":➤-2147483649}"#, InvalidErrorCode),
        (r#"{"errCode":➤1.5}"#, InvalidErrorCode),
        (r#"{"errno":➤1e3}"#, InvalidErrorCode),
        (r#"{"errno":➤4294967296}"#, InvalidErrorCode),
        (r#"{"errno":➤99999999999999999999}"#, InvalidErrorCode),
        (r#"{"callID":"a➤\n"}"#, InvalidName),
        (r#"{"header":{➤"":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"a➤\u0020":"a"}}"#, InvalidHeaderName),
        (r#"{"header":{"a":"➤\u0001"}}"#, InvalidHeaderValue),
        (r#"{"header":{"a":"","b":"",➤"A":""}}"#, DuplicateHeader),
        (r#"{"__nativeBuffers__":[{"key":"data"➤}]}"#, MissingField),
        (r#"{"__nativeBuffers__":[{"key":➤"Data"}]}"#, InvalidBufferKey),
        (r#"{"__nativeBuffers__":[{"base64":"AAA➤*"}]}"#, InvalidBase64),
        (r#"{"data":"","__nativeBuffers__":[➤{"key":"data","base64":""}]}"#, DataConflict),
        (r#"{"__nativeBuffers__":[{"key":"data","base64":""}],➤"data":""}"#, DataConflict),
        (r#"{"__nativeBuffers__":[{"key":"data","base64":""},➤{}]}"#, DuplicateKey),
    ]
};

/// Requests that cannot be encoded. The offset is that in the part, or the limit.
fn refused_requests(mut row: impl FnMut(&str, Request<'_>, ErrorKind, usize)) {
    use ErrorKind::*;
    let fine = Request::new("/").with_env("e");
    row("no environment", Request::new("/"), MissingEnv, 0);
    row("no environment but an appid", Request::new("/").with_service("s"), MissingEnv, 0);
    row("no path", Request::new("").with_env("e"), InvalidPath, 0);
    row("no slash", Request::new("a").with_env("e"), InvalidPath, 0);
    row("a space", Request::new("/中 ").with_env("e"), InvalidPath, 4);
    row("a newline", Request::new("/a\r\n").with_env("e"), InvalidPath, 2);
    row("env", fine.with_env("ab\n"), InvalidName, 2);
    row("resourceAppid", fine.with_resource("\u{7f}", "e"), InvalidName, 0);
    row("resourceEnv", fine.with_resource("", "e\0"), InvalidName, 1);
    row("service", fine.with_service("中\t"), InvalidName, 3);
    row("callID", fine.with_call_id("\u{1f}"), InvalidName, 0);
    row("dataType", fine.with_data_type(DataType::from("text\n")), InvalidName, 4);
    row("escaped dataType", fine.with_data_type(Text::from_escaped(r"a\u0041b\n").unwrap().into()), InvalidName, 8);
    row("no header name", fine.with_headers(&[("a", ""), ("", "")]), InvalidHeaderName, 0);
    row("a header name", fine.with_headers(&[("ab ", "")]), InvalidHeaderName, 2);
    row("a header value", fine.with_headers(&[("ab", "\t\n")]), InvalidHeaderValue, 1);
    row("a service in a header", fine.with_headers(&[("X-wx-service", "a\t")]), InvalidName, 1);
    row("a header twice", fine.with_headers(&[("ab", ""), ("b", ""), ("aB", "")]), DuplicateHeader, 0);
    row("referer", fine.with_headers(&[("REFERER", "")]), ForbiddenHeader, 0);
    row("two services", fine.with_service("a").with_headers(&[("X-WX-SERVICE", "b")]), ServiceConflict, 0);
    row("a service or none", fine.with_service("").with_headers(&[("X-WX-SERVICE", "b")]), ServiceConflict, 0);
    row("a long timeout", fine.with_timeout(TIMEOUT_LIMIT + 1), TimeoutTooLong, 0);
    row("the longest timeout", fine.with_timeout(u32::MAX), TimeoutTooLong, 0);
    let long = "a".repeat(NAME_LIMIT + 1);
    row("a long env", fine.with_env(&long), TooLong, NAME_LIMIT);
    row("a long appid", fine.with_resource(&long, ""), TooLong, NAME_LIMIT);
    row("a long resourceEnv", fine.with_resource("", &long), TooLong, NAME_LIMIT);
    row("a long service", fine.with_service(&long), TooLong, NAME_LIMIT);
    row("a long callID", fine.with_call_id(&long), TooLong, NAME_LIMIT);
    row("a long dataType", fine.with_data_type(long.as_str().into()), TooLong, NAME_LIMIT);
    row("a long header name", fine.with_headers(&[(&*long, "")]), TooLong, NAME_LIMIT);
    row("a long service in a header", fine.with_headers(&[("x-wx-service", &*long)]), TooLong, NAME_LIMIT);
    let path = format!("/{}", "a".repeat(PATH_LIMIT));
    row("a long path", Request::new(&path).with_env("e"), TooLong, PATH_LIMIT);
    let names = (0..=HEADERS_LIMIT).map(|number| number.to_string()).collect::<Vec<_>>();
    let headers = names.iter().map(|name| (name.as_str(), "")).collect::<Vec<_>>();
    row("many headers", fine.with_headers(&headers), TooManyHeaders, 0);
    let text = "a".repeat(REQUEST_LIMIT);
    row("much data", fine.with_data(text.as_str().into()), RequestTooLarge, REQUEST_LIMIT);
    row("much data when escaped", fine.with_data("\0".repeat(17_100).as_str().into()), RequestTooLarge, REQUEST_LIMIT);
}

/// Replies that cannot be encoded.
fn refused_replies(mut row: impl FnMut(&str, Reply<'_>, ErrorKind, usize)) {
    use ErrorKind::*;
    let fine = Response::new(200);
    let failure = Failure::new(ErrorCode(1), "m");
    for status in [0, 99, 1000, u16::MAX] {
        row("a status", Response::new(status).into(), InvalidStatus, 0);
    }
    row("callID", fine.with_call_id("a\n").into(), InvalidName, 1);
    row("callID of a failure", failure.with_call_id("\r").into(), InvalidName, 0);
    let long = "é".repeat(NAME_LIMIT / 2) + "a";
    row("a long callID", fine.with_call_id(&long).into(), TooLong, NAME_LIMIT);
    row("a long callID of a failure", failure.with_call_id(&long).into(), TooLong, NAME_LIMIT);
    row("a header name", fine.with_headers(&[("a\u{7f}", "")]).into(), InvalidHeaderName, 1);
    row("a header value", fine.with_headers(&[("a", "中\0")]).into(), InvalidHeaderValue, 3);
    row("a header twice", fine.with_headers(&[("a", ""), ("A", "")]).into(), DuplicateHeader, 0);
    let long = "a".repeat(NAME_LIMIT + 1);
    row("a long header name", fine.with_headers(&[(&*long, "")]).into(), TooLong, NAME_LIMIT);
    let names = (0..=HEADERS_LIMIT).map(|number| number.to_string()).collect::<Vec<_>>();
    let headers = names.iter().map(|name| (name.as_str(), "")).collect::<Vec<_>>();
    row("many headers", fine.with_headers(&headers).into(), TooManyHeaders, 0);
    let text = "a".repeat(REPLY_LIMIT);
    row("much data", fine.with_data(text.as_str().into()).into(), ReplyTooLarge, REPLY_LIMIT);
    row("a long errMsg", Failure::new(ErrorCode(1), &text).into(), ReplyTooLarge, REPLY_LIMIT);
    row("many cookies", fine.with_cookies(&vec!["\0"; 120_000]).into(), ReplyTooLarge, REPLY_LIMIT);
}

/// Decodes and encodes everything in the tables, and checks that no kind is left.
#[test]
fn every_kind_is_reached_at_its_byte() {
    let mut reached = HashSet::new();
    let mut check = |what: &str, found: Error, kind, offset| {
        assert_eq!(found, Error::new(kind, offset), "{what}");
        reached.insert(kind);
    };

    for (text, kind) in REQUESTS {
        let (envelope, offset) = marked(text);
        check(text, request_error(&envelope), *kind, offset);
    }
    for (text, kind) in REPLIES {
        let (envelope, offset) = marked(text);
        check(text, reply_error(&envelope), *kind, offset);
    }
    for (text, kind) in JSON {
        for key in ["data", "unknown"] {
            let start = format!(r#"{{"config":{{"env":"e"}},"path":"/","{key}": "#);
            let (envelope, offset) = marked(&(start + text));
            check(text, request_error(&envelope), kind, offset);
            let (envelope, offset) = marked(&(format!(r#"{{"statusCode":200,"{key}":"#) + text));
            check(text, reply_error(&envelope), kind, offset);
        }
    }
    for (text, kind) in STRINGS {
        let (envelope, offset) = marked(&format!("{{{text}"));
        check(text, request_error(&envelope), kind, offset);
        check(text, reply_error(&envelope), kind, offset);
        // Nothing is wrong with the string as a path but what is wrong with it as a string.
        for start in [r#"{"path":"#, r#"{"data":"#, r#"{"unknown":[{"#, r#"{"unknown":[{"":"#] {
            let (envelope, offset) = marked(&format!("{start}{text}"));
            check(text, request_error(&envelope), kind, offset);
        }
        for start in [r#"{"errMsg":"#, r#"{"cookies":["#, r#"{"data":[{"#] {
            let (envelope, offset) = marked(&format!("{start}{text}"));
            check(text, reply_error(&envelope), kind, offset);
        }
    }
    for text in HALVES {
        for start in [r#"{"#, r#"{"path":"#, r#"{"data":"#] {
            let (envelope, offset) = marked(&format!("{start}{text}"));
            check(text, request_error(&envelope), ErrorKind::LoneSurrogate, offset);
        }
        for start in [r#"{"#, r#"{"errMsg":"#, r#"{"cookies":["#, r#"{"data":"#] {
            let (envelope, offset) = marked(&format!("{start}{text}"));
            check(text, reply_error(&envelope), ErrorKind::LoneSurrogate, offset);
        }
    }
    // Bytes that no text can hold.
    for broken in [
        b"\x80".as_slice(),
        b"\xBF\xBF",
        b"\xC0\x80",
        b"\xC1\xBF",
        b"\xC3\"",
        b"\xE0\x9F\x80",
        b"\xE4\xB8\"",
        b"\xED\xA0\x80",
        b"\xF0\x8F\xBF\xBF",
        b"\xF0\x9F\x98\"",
        b"\xF4\x90\x80\x80",
        b"\xF5\x80\x80\x80",
        b"\xFF",
    ] {
        for before in ["", "a", "\u{7f}中文😀é", "\\u0041中", "12345678"] {
            for start in [r#"{"path":"/"#, r#"{""#, r#"{"data":""#, r#"{"data":{""#, r#"{"unknown":[""#] {
                // A path may not hold DEL.
                let before = if start.contains('/') { before.trim_start_matches('\u{7f}') } else { before };
                let envelope = [start.as_bytes(), before.as_bytes(), broken, b"\"}"].concat();
                let offset = start.len() + before.len();
                check("UTF-8", request_error(&envelope), ErrorKind::InvalidUtf8, offset);
            }
        }
        let envelope = [br#"{"errMsg":""#, broken, b"\"}"].concat();
        check("UTF-8", reply_error(&envelope), ErrorKind::InvalidUtf8, 11);
    }

    let mut buffer = vec![0; REQUEST_LIMIT + 1];
    refused_requests(|what, request, kind, offset| {
        check(what, request.encoded_len().unwrap_err(), kind, offset);
        check(what, request.validate().unwrap_err(), kind, offset);
        check(what, request.encode(&mut buffer).unwrap_err(), kind, offset);
        // A buffer that is too small does not hide it.
        check(what, request.encode(&mut []).unwrap_err(), kind, offset);
        let mut own = Box::new(RequestBuffer::<64>::new());
        own.encode(&Request::new("/").with_env("e")).unwrap();
        check(what, own.encode(&request).unwrap_err(), kind, offset);
        assert!(own.as_bytes().is_empty(), "{what}");
    });
    let mut buffer = vec![0; REPLY_LIMIT + 1];
    refused_replies(|what, reply, kind, offset| {
        check(what, reply.encoded_len().unwrap_err(), kind, offset);
        check(what, reply.validate().unwrap_err(), kind, offset);
        check(what, reply.encode(&mut buffer).unwrap_err(), kind, offset);
        check(what, reply.encode(&mut []).unwrap_err(), kind, offset);
        let mut own = Box::new(ReplyBuffer::<64>::new());
        own.encode(&Response::new(200).into()).unwrap();
        check(what, own.encode(&reply).unwrap_err(), kind, offset);
        assert!(own.as_bytes().is_empty(), "{what}");
    });
    let small = RequestBuffer::<38>::new().encode(&Request::new("/").with_env("prod-01")).unwrap_err();
    check("a small buffer", small, ErrorKind::BufferTooSmall, 38);
    let small = ReplyBuffer::<17>::new().encode(&Response::new(204).into()).unwrap_err();
    check("a small buffer", small, ErrorKind::BufferTooSmall, 17);

    let deep = request_with(&format!(r#""data":{}"#, "[".repeat(DEPTH_LIMIT)));
    let offset = deep.rfind('[').unwrap();
    check("depth", request_error(deep.as_bytes()), ErrorKind::TooDeep, offset);

    let request = Request::new("/").with_env("e");
    let mut encoder = Encoder::<64>::request_from(&request, Body::text(2)).unwrap();
    while let Ok(EncodeStep::Write(bytes)) = encoder.step() {
        let len = bytes.len();
        encoder.wrote(len);
    }
    check("a body that ends early", encoder.read(0).unwrap_err(), ErrorKind::BodyLength, 0);
    check("a wrong check", Line::new(b"{}#00000000").envelope().unwrap_err(), ErrorKind::InvalidCheck, 2);
    check("no check", Line::new(b"{\"valve\":0}").checked_envelope().unwrap_err(), ErrorKind::InvalidCheck, 2);

    let left = ErrorKind::ALL.iter().filter(|kind| !reached.contains(kind)).collect::<Vec<_>>();
    assert!(left.is_empty(), "{left:?}");
}

/// What is not an envelope is refused in the same words.
#[test]
fn parts_by_themselves_tell_the_same_errors() {
    for (text, kind) in STRINGS.into_iter().chain(HALVES.map(|text| (text, ErrorKind::LoneSurrogate))) {
        let (json, offset) = marked(text);
        assert_eq!(Json::from_bytes(&json).unwrap_err(), Error::new(kind, offset), "{text}");
        let span = std::str::from_utf8(&json).unwrap();
        assert_eq!(Json::new(span).unwrap_err(), Error::new(kind, offset), "{text}");
        // Without its quotes a text may end anywhere but inside an escape.
        let span = span.strip_prefix('"').unwrap();
        match Text::from_escaped(span) {
            // Nothing can follow.
            Err(error) if span.ends_with("\\ud83d") => {
                assert_eq!(error, Error::new(ErrorKind::LoneSurrogate, 1), "{text}");
            }
            Err(error) => assert_eq!(error, Error::new(kind, offset - 1), "{text}"),
            Ok(_) => assert!(kind == ErrorKind::UnexpectedEnd && !span.contains('\\'), "{text}"),
        }
    }
    for (text, kind) in JSON {
        // What is left of the envelope around it is trailing data here, unless it was wrong before.
        let (json, offset) = marked(text);
        let error = Json::from_bytes(&json).unwrap_err();
        match kind {
            ErrorKind::TrailingData => assert_eq!(error, Error::new(kind, 1), "{text}"),
            ErrorKind::UnexpectedByte if matches!(text, "1➤x}" | "0➤x10}" | "true➤x}" | "1 ➤\"a\":2}") => {
                assert_eq!(error, Error::new(ErrorKind::TrailingData, offset), "{text}");
            }
            _ => assert_eq!(error, Error::new(kind, offset), "{text}"),
        }
    }
    assert_eq!(Text::from_escaped("a\"b").unwrap_err(), Error::new(ErrorKind::UnexpectedByte, 1));
    assert_eq!(Text::from_escaped("\\n\\\"\"").unwrap_err(), Error::new(ErrorKind::UnexpectedByte, 4));
    assert_eq!(Json::new("").unwrap_err(), Error::new(ErrorKind::UnexpectedEnd, 0));
    assert_eq!(Json::new("1 2").unwrap_err(), Error::new(ErrorKind::TrailingData, 2));
    assert_eq!(Json::new("{}}").unwrap_err(), Error::new(ErrorKind::TrailingData, 2));
    for (text, offset) in [
        ("A", 1),
        ("AA", 2),
        ("AA=", 3),
        ("=", 0),
        ("A=", 1),
        ("AB==", 2),
        ("AAB=", 3),
        ("A A=", 1),
        ("AA==A", 4),
        ("AA===", 4),
        ("_", 0),
    ] {
        assert_eq!(Bytes::from_base64(text).unwrap_err(), Error::new(ErrorKind::InvalidBase64, offset), "{text}");
    }
    let body = b"\xEF\xBB\xBFabc\xFF";
    for data_type in [DataType::Json, "text".into()] {
        let error = Data::from_body(body, data_type, ResponseType::Text).unwrap_err();
        assert_eq!(error, Error::new(ErrorKind::InvalidUtf8, 6));
    }
}

// ---------------------------------------------------------------- duplicates

const REQUEST_MEMBERS: [(&str, &str); 13] = [
    ("config", r#"{"env":"e"}"#),
    ("resourceAppid", r#""a""#),
    ("resourceEnv", r#""e""#),
    ("path", r#""/""#),
    ("service", r#""s""#),
    ("method", r#""GET""#),
    ("header", "{}"),
    ("data", "null"),
    ("__nativeBuffers__", "[]"),
    ("timeout", "1"),
    ("dataType", r#""json""#),
    ("responseType", r#""text""#),
    ("callID", r#""1""#),
];

const REPLY_MEMBERS: [(&str, &str); 9] = [
    ("statusCode", "200"),
    ("header", "{}"),
    ("cookies", "[]"),
    ("data", "null"),
    ("__nativeBuffers__", "[]"),
    ("callID", r#""1""#),
    ("errMsg", r#""m""#),
    ("errCode", "0"),
    ("errno", "0"),
];

#[test]
fn a_known_key_that_stands_twice_is_refused() {
    let assert = |check: &dyn Fn(&str, ErrorKind), key: &str, value: &str, before: &str, after: &str| {
        for first in [key.to_owned(), escaped(key)] {
            for second in [key.to_owned(), escaped(key)] {
                for between in ["", r#""other":[{}],"#] {
                    let members = format!(r#""{first}":{value},{between} ➤"{second}" :{value}"#);
                    check(&format!("{before}{members}{after}"), ErrorKind::DuplicateKey);
                }
            }
        }
    };
    for (key, value) in REQUEST_MEMBERS {
        assert(&assert_request_error, key, value, "{", "}");
    }
    for (key, value) in REPLY_MEMBERS {
        assert(&assert_reply_error, key, value, "{", "}");
    }
    assert(&assert_request_error, "env", r#""e""#, r#"{"config":{"#, "}}");
    for (key, value) in [("key", r#""data""#), ("base64", r#""""#)] {
        assert(&assert_request_error, key, value, r#"{"__nativeBuffers__":[{"#, "}]}");
        assert(&assert_reply_error, key, value, r#"{"__nativeBuffers__":[{"#, "}]}");
    }
    // What is known in one place is not in another, and what is unknown may stand as often as it likes.
    assert_request(&request_with(
        r#""env":1,"env":2,"verbose":1,"verbose":2,"statusCode":0,"statusCode":0,"Path":1,"Path":2,"":1,"":2"#,
    ));
    assert_request(r#"{"config":{"path":1,"path":2,"env":"e","Env":1,"Env":1},"path":"/","data":{"path":1,"path":2}}"#);
    assert_request(&request_with(
        r#""__nativeBuffers__":[{"key":"data","base64":"","env":1,"env":2,"data":1,"data":2}]"#,
    ));
    assert_reply(&reply_with(r#""path":1,"path":2,"config":1,"config":1,"":1,"":2"#));
}

// ---------------------------------------------------------------- types

/// A value of each type, by the letter that stands for the type.
const VALUES: [(char, &str); 7] =
    [('o', "{}"), ('a', "[]"), ('s', r#""""#), ('n', "7"), ('b', "true"), ('b', "false"), ('0', "null")];

/// Every place of a value, up to the value, with the types that may stand there.
const REQUEST_PLACES: [(&str, &str, &str); 18] = [
    ("", "o", ""),
    (r#"{"config":"#, "o", "}"),
    (r#"{"config":{"env":"#, "s", "}}"),
    (r#"{"resourceAppid":"#, "s", "}"),
    (r#"{"resourceEnv":"#, "s", "}"),
    (r#"{"path":"#, "s", "}"),
    (r#"{"service":"#, "s", "}"),
    (r#"{"method":"#, "s", "}"),
    (r#"{"header":"#, "o", "}"),
    (r#"{"header":{"a":"#, "snb", "}}"),
    (r#"{"header":{"X-WX-SERVICE":"#, "snb", "}}"),
    (r#"{"data":"#, "oasnb0", "}"),
    (r#"{"unknown":"#, "oasnb0", "}"),
    (r#"{"__nativeBuffers__":"#, "a", "}"),
    (r#"{"timeout":"#, "n", "}"),
    (r#"{"dataType":"#, "s", "}"),
    (r#"{"responseType":"#, "s", "}"),
    (r#"{"callID":"#, "s", "}"),
];

const BUFFER_PLACES: [(&str, &str, &str); 4] = [
    (r#"{"__nativeBuffers__":["#, "o", "]}"),
    (r#"{"__nativeBuffers__":[{"key":"#, "s", "}]}"),
    (r#"{"__nativeBuffers__":[{"base64":"#, "s", "}]}"),
    (r#"{"__nativeBuffers__":[{"unknown":"#, "oasnb0", "}]}"),
];

const REPLY_PLACES: [(&str, &str, &str); 13] = [
    ("", "o", ""),
    (r#"{"statusCode":"#, "n", "}"),
    (r#"{"header":"#, "o", "}"),
    (r#"{"header":{"a":"#, "snb", "}}"),
    (r#"{"header":{"referer":"#, "snb", "}}"),
    (r#"{"cookies":"#, "a", "}"),
    (r#"{"cookies":["#, "s", "]}"),
    (r#"{"cookies":["a","#, "s", "]}"),
    (r#"{"data":"#, "oasnb0", "}"),
    (r#"{"unknown":"#, "oasnb0", "}"),
    (r#"{"callID":"#, "s", "}"),
    (r#"{"errMsg":"#, "s", "}"),
    (r#"{"errCode":"#, "n", "}"),
];

#[test]
fn every_type_in_every_place() {
    let decode_request = |envelope: &[u8]| decode_request(envelope).err();
    let decode_reply = |envelope: &[u8]| decode_reply(envelope).err();
    let check = |decode: &dyn Fn(&[u8]) -> Option<Error>, (before, types, after): (&str, &str, &str)| {
        for (letter, value) in VALUES {
            for space in ["", " \n"] {
                let envelope = format!("{before}{space}{value}{after}");
                let error = decode(envelope.as_bytes());
                let wrong = Some(Error::new(ErrorKind::WrongType, before.len() + space.len()));
                // Where the type is right, something else may be wrong or missing.
                assert_eq!(error == wrong, !types.contains(letter), "{error:?} of {envelope}");
                assert!(
                    error == wrong || error.is_none_or(|error| error.kind() != ErrorKind::WrongType),
                    "{error:?} of {envelope}"
                );
            }
        }
    };
    REQUEST_PLACES.into_iter().chain(BUFFER_PLACES).for_each(|place| check(&decode_request, place));
    let errno = (r#"{"errno":"#, "n", "}");
    REPLY_PLACES.into_iter().chain(BUFFER_PLACES).chain([errno]).for_each(|place| check(&decode_reply, place));
}

// ---------------------------------------------------------------- hostile bytes

/// Where a text with rules stands: in an envelope, and in a request that is built.
struct Place {
    before: &'static str,
    after: &'static str,
    build: fn(Request<'static>, &'static str) -> Request<'static>,
    wrong: ErrorKind,
    allowed: fn(u8) -> bool,
}

const PLACES: [Place; 10] = {
    const fn name(byte: u8) -> bool {
        byte >= b' ' && byte != 0x7F
    }
    const fn place(
        before: &'static str,
        after: &'static str,
        build: fn(Request<'static>, &'static str) -> Request<'static>,
    ) -> Place {
        Place { before, after, build, wrong: ErrorKind::InvalidName, allowed: name }
    }
    fn leaked(name: &'static str, value: &'static str) -> &'static [(&'static str, &'static str)] {
        Box::leak(Box::new([(name, value)]))
    }
    fn token(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
    }
    [
        Place {
            before: r#"{"resourceEnv":"e","path":"/"#,
            after: r#""}"#,
            build: |_, text| Request::new(&*Box::leak(format!("/{text}").into_boxed_str())).with_env("e"),
            wrong: ErrorKind::InvalidPath,
            allowed: |byte| byte > b' ' && byte != 0x7F,
        },
        place(r#"{"path":"/","config":{"env":""#, r#""}}"#, |request, text| request.with_env(text)),
        place(r#"{"path":"/","resourceEnv":"e","resourceAppid":""#, r#""}"#, |request, text| {
            request.with_resource(text, "e")
        }),
        place(r#"{"path":"/","resourceEnv":""#, r#""}"#, |request, text| request.with_resource("", text)),
        place(r#"{"path":"/","resourceEnv":"e","service":""#, r#""}"#, |request, text| request.with_service(text)),
        place(r#"{"path":"/","resourceEnv":"e","header":{"X-wx-SERVICE":""#, r#""}}"#, |request, text| {
            request.with_headers(leaked("x-WX-service", text))
        }),
        place(r#"{"path":"/","resourceEnv":"e","callID":""#, r#""}"#, |request, text| request.with_call_id(text)),
        place(r#"{"path":"/","resourceEnv":"e","dataType":""#, r#""}"#, |request, text| {
            request.with_data_type(DataType::Other(Text::new(text)))
        }),
        Place {
            before: r#"{"path":"/","resourceEnv":"e","header":{""#,
            after: r#"":""}}"#,
            build: |request, text| request.with_headers(leaked(text, "")),
            wrong: ErrorKind::InvalidHeaderName,
            allowed: token,
        },
        Place {
            before: r#"{"path":"/","resourceEnv":"e","header":{"a":""#,
            after: r#""}}"#,
            build: |request, text| request.with_headers(leaked("a", text)),
            wrong: ErrorKind::InvalidHeaderValue,
            allowed: |byte| byte == b'\t' || (byte >= b' ' && byte != 0x7F),
        },
    ]
};

/// Each byte of ASCII, and a few that are not, in each place: raw, escaped, and in a request that is built.
#[test]
fn hostile_bytes_are_refused_wherever_they_stand() {
    for place in PLACES {
        let token = place.wrong == ErrorKind::InvalidHeaderName;
        let others = ['\u{80}', '\u{85}', '\u{a0}', '\u{2028}', '中', '😀', '\u{feff}'];
        for character in ('\0'..='\u{7f}').chain(others) {
            let allowed = if character.is_ascii() { (place.allowed)(character as u8) } else { !token };
            let expected = |offset: usize| (!allowed).then_some(Error::new(place.wrong, offset));

            let units =
                character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            for start in ["", "a", "123456", "12345678901234567"] {
                let envelope = format!("{}{start}{units}b{}", place.before, place.after);
                let offset = place.before.len() + start.len();
                assert_eq!(decode_request(envelope.as_bytes()).err(), expected(offset), "{envelope:?}");

                let text: &'static str = Box::leak(format!("{start}{character}b").into_boxed_str());
                let request = (place.build)(Request::new("/").with_env("e"), text);
                let slash = usize::from(place.wrong == ErrorKind::InvalidPath);
                assert_eq!(request.encoded_len().err(), expected(start.len() + slash), "{text:?}");
                assert_eq!(request.encode(&mut [0; 256]).err(), expected(start.len() + slash), "{text:?}");
                // A service is looked at even where it is not written.
                let headers = [("X-WX-Service", "shop")];
                let request = request.with_service(text).with_headers(&headers);
                assert_eq!(request.encode(&mut [0; 256]).err(), request.encoded_len().err(), "{text:?}");

                // As it stands, a control character is no JSON at all, and a quote or backslash is no longer itself.
                if !matches!(character, '"' | '\\') {
                    let envelope = format!("{}{text}{}", place.before, place.after);
                    let control = Some(Error::new(ErrorKind::ControlCharacter, offset));
                    let expected = if character < ' ' { control } else { expected(offset) };
                    assert_eq!(decode_request(envelope.as_bytes()).err(), expected, "{envelope:?}");
                }
            }
        }
    }
    // In a reply the same rules hold where there are any, and texts of the service may say what they like.
    for character in ('\0'..='\u{7f}').chain(['\u{85}', '中']) {
        let units = character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
        for (before, kind, allowed) in [
            (r#"{"statusCode":200,"callID":""#, ErrorKind::InvalidName, character >= ' ' && character != '\u{7f}'),
            (
                r#"{"statusCode":200,"header":{"x-wx-service":""#,
                ErrorKind::InvalidHeaderValue,
                (character >= ' ' && character != '\u{7f}') || character == '\t',
            ),
            (r#"{"statusCode":200,"errMsg":""#, ErrorKind::WrongType, true),
            (r#"{"statusCode":200,"data":""#, ErrorKind::WrongType, true),
            (r#"{"statusCode":200,"cookies":[""#, ErrorKind::WrongType, true),
        ] {
            let after = if before.contains("header") {
                "}"
            } else if before.contains('[') {
                "]"
            } else {
                ""
            };
            let envelope = format!("{before}a{units}\"{after}}}");
            let expected = (!allowed).then_some(Error::new(kind, before.len() + 1));
            assert_eq!(decode_reply(envelope.as_bytes()).err(), expected, "{envelope}");
        }
    }
}

/// Of several things that are wrong in one string, the first is told, be it a matter of JSON or of the part.
#[test]
fn the_first_wrong_byte_is_told() {
    use ErrorKind::*;
    assert_request_error("{\"path\":\"/a➤ \u{0}\"}", InvalidPath);
    assert_request_error("{\"path\":\"/a➤\u{0} \"}", ControlCharacter);
    assert_request_error("{\"path\":\"➤a\u{0}\"}", InvalidPath);
    assert_request_error(r#"{"path":"/a➤ \x"}"#, InvalidPath);
    assert_request_error(r#"{"path":"/a\➤x "}"#, InvalidEscape);
    assert_request_error(r#"{"path":"/a➤\u0020\ud800"}"#, InvalidPath);
    assert_request_error(r#"{"path":"/a➤\ud800\u0020"}"#, LoneSurrogate);
    assert_request_error("{\"path\":\"/a➤ ", InvalidPath);
    assert_request_error("{\"header\":{\"a➤ \u{1}\":1}}", InvalidHeaderName);
    assert_request_error("{\"header\":{\"a\":\"➤\u{7f}\u{1}\"}}", InvalidHeaderValue);
    assert_request_error("{\"callID\":\"➤\u{7f}\u{1}\"}", InvalidName);
    assert_request_error("{\"__nativeBuffers__\":[{\"base64\":\"A➤ \u{1}\"}]}", InvalidBase64);
    assert_request_error("{\"__nativeBuffers__\":[{\"base64\":\"A➤\u{1} \"}]}", ControlCharacter);
    let name = "a".repeat(NAME_LIMIT);
    assert_request_error(&format!("{{\"service\":\"{name}➤a\u{0}\"}}"), TooLong);
    assert_request_error(&format!("{{\"service\":\"{name}➤\u{0}a\"}}"), ControlCharacter);
    let envelope = [b"{\"path\":\"/ \xFF\"}".as_slice()].concat();
    assert_eq!(request_error(&envelope), Error::new(InvalidPath, 10));
    // Of several members, the first.
    assert_request_error(r#"{"path":➤1,"path":"/","#, WrongType);
    assert_request_error(r#"{"method":➤"x","path":1}"#, InvalidMethod);
    assert_reply_error(r#"{"errCode":➤1.5,"statusCode":1}"#, InvalidErrorCode);
}

// ---------------------------------------------------------------- lone surrogates

/// Contents of strings in which the escape behind the mark is half of a surrogate pair.
fn halves() -> impl Iterator<Item = String> {
    let halves = ["\\ud800", "\\uDBFF", "\\udc00", "\\uDfFf"];
    let followed = ["", "x", "\\n", "\\u0041", "\\ud83d", "\\ud83d\\ude00", "/", "中", "\\\\udc00", "\\\"\\udc00"];
    let before = ["", "a", "\\ud83d\\ude00", "中\\\\", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"];
    let pairs = halves.into_iter().flat_map(move |half| followed.map(|follow| (half, follow)));
    pairs.flat_map(move |(half, follow)| before.map(|before| format!("{before}➤{half}{follow}")))
}

/// In what is read: names and texts.
#[test]
fn half_of_a_surrogate_pair_is_refused_in_every_text() {
    let request_places = [
        ("{\"", "\":1}"),
        ("{\"path\":\"/", "\"}"),
        ("{\"config\":{\"", "\":1}}"),
        ("{\"config\":{\"env\":\"", "\"}}"),
        ("{\"resourceAppid\":\"", "\"}"),
        ("{\"resourceEnv\":\"", "\"}"),
        ("{\"service\":\"", "\"}"),
        ("{\"method\":\"", "\"}"),
        ("{\"header\":{\"a\":\"", "\"}}"),
        ("{\"header\":{\"X-WX-SERVICE\":\"", "\"}}"),
        ("{\"data\":\"", "\"}"),
        ("{\"__nativeBuffers__\":[{\"", "\":1}]}"),
        ("{\"__nativeBuffers__\":[{\"key\":\"", "\"}]}"),
        ("{\"dataType\":\"", "\"}"),
        ("{\"responseType\":\"", "\"}"),
        ("{\"callID\":\"", "\"}"),
    ];
    let reply_places = [
        ("{\"", "\":1}"),
        ("{\"errMsg\":\"", "\"}"),
        ("{\"cookies\":[\"", "\"]}"),
        ("{\"callID\":\"", "\"}"),
        ("{\"header\":{\"a\":\"", "\"}}"),
        ("{\"data\":\"", "\"}"),
    ];
    let mut seen = 0;
    for content in halves() {
        for (open, close) in request_places {
            assert_request_error(&format!("{open}{content}{close}"), ErrorKind::LoneSurrogate);
        }
        for (open, close) in reply_places {
            assert_reply_error(&format!("{open}{content}{close}"), ErrorKind::LoneSurrogate);
        }
        let (json, offset) = marked(&format!("  \"{content}\" "));
        assert_eq!(Json::from_bytes(&json).unwrap_err(), Error::new(ErrorKind::LoneSurrogate, offset), "{content}");
        let span = std::str::from_utf8(&json).unwrap().trim().trim_matches('"');
        assert_eq!(Text::from_escaped(span).unwrap_err(), Error::new(ErrorKind::LoneSurrogate, offset - 3));
        seen += 1;
    }
    assert_eq!(seen, 4 * 10 * 5);
    // The name of a header may hold neither half nor whole; base64 neither.
    assert_request_error(r#"{"header":{"➤\ud800":1}}"#, ErrorKind::LoneSurrogate);
    assert_request_error(r#"{"header":{"➤\ud83d\ude00":1}}"#, ErrorKind::InvalidHeaderName);
    assert_request_error(r#"{"__nativeBuffers__":[{"base64":"AA➤\udc00"}]}"#, ErrorKind::LoneSurrogate);
    assert_request_error(r#"{"__nativeBuffers__":[{"base64":"AA➤\ud83d\ude00"}]}"#, ErrorKind::InvalidBase64);
    assert_request(&request_with(r#""data":"\ud83d\ude00\uD83D\uDE00\ud800\udc00\udbff\udfff\ud7ff\ue000""#));
}

/// In what nobody reads: inside JSON that is `data`, as a string and as a name, and in the values of unknown keys.
#[test]
fn half_of_a_surrogate_pair_is_kept_in_what_nobody_reads() {
    let data =
        [("[\"", "\"]"), ("{\"", "\":1}"), ("{\"a\":\"", "\"}"), ("[[{\"a\":[1,\"", "\",{}]}]]"), ("[ \"", "\" ,\t1]")];
    let unknown = [
        ("\"unknown\":\"", "\""),
        ("\"unknown\":[{\"", "\":[]}]"),
        ("\"config\":{\"env\":\"e\",\"unknown\":\"", "\"}"),
        ("\"resourceEnv\":\"e\",\"config\":{\"unknown\":{\"", "\":\"\"}}"),
        ("\"__nativeBuffers__\":[{\"key\":\"data\",\"unknown\":\"", "\",\"base64\":\"\"}]"),
        ("\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"\",\"unknown\":[\"", "\"]}]"),
    ];
    for content in halves() {
        let content = content.replace(MARK, "");
        for (open, close) in data {
            let json = format!("{open}{content}{close}");
            let kept = Json::new(&json).unwrap();
            assert_eq!(kept.as_str(), json);
            assert_eq!(kept.encoded_len(), json.replace(" \"", "\"").replace("\" ", "\"").replace('\t', "").len());
            let request = request_with(&format!("\"data\":{json}"));
            let request = decode_request(request.as_bytes()).unwrap();
            assert_eq!(request.data(), Data::Json(kept));
            let reply = reply_with(&format!("\"data\":{json}"));
            let Ok(Reply::Response(response)) = decode_reply(reply.as_bytes()) else { panic!("{reply}") };
            assert_eq!(response.data(), Data::Json(kept));
            assert_eq!(Data::from_body(json.as_bytes(), DataType::Json, ResponseType::Text), Ok(Data::Json(kept)));
            // It is written as it was read.
            let mut buffer = vec![0; request.encoded_len().unwrap()];
            assert_eq!(Request::decode(request.encode(&mut buffer).unwrap()), Ok(request));
            // What is wrong behind it is found where it is.
            assert_request_error(&format!("{{\"data\":{open}{content}➤\n{close}}}"), ErrorKind::ControlCharacter);
            assert_reply_error(&format!("{{\"data\":{open}{content}\\➤x{close}}}"), ErrorKind::InvalidEscape);
            assert_reply_error(&format!("{{\"data\":{open}{content}\\u12➤x4{close}}}"), ErrorKind::InvalidEscape);
            assert_reply_error(&format!("{{\"data\":{open}{content}➤"), ErrorKind::UnexpectedEnd);
        }
        for (open, close) in unknown {
            let member = format!("{open}{content}{close}");
            let path =
                if member.contains("env\":") { "\"path\":\"/\"" } else { "\"path\":\"/\",\"resourceEnv\":\"e\"" };
            let path = if member.contains("resourceEnv") { "\"path\":\"/\"" } else { path };
            assert_request(&format!("{{{path},{member}}}"));
            assert_request(&format!("{{{member},{path}}}"));
            if !open.contains("config") {
                assert_reply(&reply_with(&member));
            }
        }
        // A string that is the whole is a text, and this is none: the body is the text as it stands.
        let body = format!("\"{content}\"");
        let text = Data::from_body(body.as_bytes(), DataType::Json, ResponseType::Text).unwrap();
        assert_eq!(text, Data::from(body.as_str()));
    }
    // Not an escape, but the bytes of one: never UTF-8.
    for half in [b"\xED\xA0\x80".as_slice(), b"\xED\xBF\xBF"] {
        let start = br#"{"statusCode":200,"data":["\ud83d"#;
        let envelope = [&start[..], half, b"\"]}"].concat();
        assert_eq!(reply_error(&envelope), Error::new(ErrorKind::InvalidUtf8, start.len()));
    }
}

// ---------------------------------------------------------------- limits

#[test]
fn nesting_ends_at_128_levels() {
    assert_eq!(DEPTH_LIMIT, 128);
    // The levels that are there before the value, and how each kind of nesting opens and closes.
    let places = [
        (1, r#"{"config":{"env":"e"},"path":"/","data":"#, "}"),
        (1, r#"{"config":{"env":"e"},"path":"/","unknown":"#, "}"),
        (2, r#"{"path":"/","config":{"env":"e","unknown":"#, "}}"),
        (2, r#"{"path":"/","config":{"env":"e"},"data":["#, "]}"),
        (3, r#"{"config":{"env":"e"},"path":"/","__nativeBuffers__":[{"key":"data","base64":"","unknown":"#, "}]}"),
    ];
    for (levels, before, after) in places {
        for (open, close) in [("[", "]"), ("{\"\":", "}"), (" [ ", " ] "), ("[0,{\"a\":1,\"b\":", "}]")] {
            let each = open.matches(['[', '{']).count();
            // With these the limit is reached, or missed by less than one of them.
            let most = (DEPTH_LIMIT - levels) / each;
            let nested = |count: usize| format!("{before}{}7{}{after}", open.repeat(count), close.repeat(count));
            assert_request(&nested(most));
            let envelope = nested(most + 1);
            // The bracket that opens level 129.
            let brackets = envelope[before.len()..].match_indices(['[', '{']).map(|(at, _)| at + before.len());
            let offset = brackets.into_iter().nth(DEPTH_LIMIT - levels).unwrap();
            assert_eq!(request_error(envelope.as_bytes()), Error::new(ErrorKind::TooDeep, offset), "{envelope}");
        }
    }
    // However deep, and however it goes on.
    let deep = reply_with(&format!(r#""data":{}"#, "[".repeat(100_000)));
    let offset = deep.find('[').unwrap() + DEPTH_LIMIT - 1;
    assert_eq!(reply_error(deep.as_bytes()), Error::new(ErrorKind::TooDeep, offset));

    // A value of its own has one level less than an envelope, and then fits into one.
    let deepest = "[".repeat(DEPTH_LIMIT - 1) + &"]".repeat(DEPTH_LIMIT - 1);
    let json = Json::new(&deepest).unwrap();
    let mut buffer = [0; 512];
    let request = Request::new("/").with_env("e").with_data(json.into());
    assert_eq!(decode_request(request.encode(&mut buffer).unwrap()).unwrap(), request);
    let reply = Reply::from(Response::new(200).with_data(json.into()));
    assert_eq!(decode_reply(reply.encode(&mut buffer).unwrap()).unwrap(), reply);
    assert_eq!(Json::new(&format!("[{deepest}]")).unwrap_err(), Error::new(ErrorKind::TooDeep, DEPTH_LIMIT - 1));
    // As many values beside each other as there is room for are no depth.
    assert_reply(&reply_with(&format!(r#""data":[{}[]]"#, "[],{},".repeat(10_000))));
}

#[test]
fn there_may_be_64_headers() {
    let member = |count: usize, more: &str| {
        let headers = (0..count).map(|number| format!(r#""H{number}":{number}"#)).collect::<Vec<_>>().join(",");
        format!(r#""header":{{{headers}{more}}}"#)
    };
    assert_eq!(HEADERS_LIMIT, 64);
    for header in [r#""Another":1"#, r#""h0":1"#, r#""Referer":1"#, r#""":1"#, r#""X-WX-SERVICE":[]"#] {
        let more = format!(",\n➤{header}");
        assert_request_error(&request_with(&member(64, &more)), ErrorKind::TooManyHeaders);
        if !header.contains("Referer") {
            assert_reply_error(&reply_with(&member(64, &more)), ErrorKind::TooManyHeaders);
        }
    }
    let text = request_with(&member(64, ""));
    let request = decode_request(text.as_bytes()).unwrap();
    assert_eq!(request.headers().len(), 64);
    assert_eq!(request.headers().get("h63").unwrap(), "63");
    let mut buffer = [0; 2048];
    assert_eq!(decode_request(request.encode(&mut buffer).unwrap()).unwrap(), request);
    let text = reply_with(&member(64, ""));
    let Reply::Response(response) = decode_reply(text.as_bytes()).unwrap() else { panic!() };
    assert_eq!(response.headers().len(), 64);
    // Cookies are no headers.
    assert_reply(&reply_with(&format!(r#""cookies":[{}""]"#, "\"\",".repeat(1000))));
}

#[test]
fn names_and_paths_are_as_long_as_they_may_be() {
    assert_eq!((NAME_LIMIT, PATH_LIMIT), (128, 8192));
    for place in PLACES {
        let (limit, slash) = match place.wrong {
            ErrorKind::InvalidPath => (PATH_LIMIT - 1, 1),
            ErrorKind::InvalidHeaderValue => continue,
            _ => (NAME_LIMIT, 0),
        };
        let full = "a".repeat(limit);
        assert_request(&format!("{}{full}{}", place.before, place.after));
        for over in ["➤b", "➤\\u0062", "➤bbbb", "➤b "] {
            assert_request_error(&format!("{}{full}{over}{}", place.before, place.after), ErrorKind::TooLong);
        }
        // Escapes count as what they stand for.
        let escapes = "\\u0061".repeat(limit);
        assert_request(&format!("{}{escapes}{}", place.before, place.after));
        assert_request_error(&format!("{}{escapes}➤b{}", place.before, place.after), ErrorKind::TooLong);

        let request = (place.build)(Request::new("/").with_env("e"), Box::leak(full.clone().into_boxed_str()));
        request.encoded_len().unwrap();
        let request = (place.build)(Request::new("/").with_env("e"), Box::leak((full + "b").into_boxed_str()));
        assert_eq!(request.encoded_len().unwrap_err(), Error::new(ErrorKind::TooLong, limit + slash));

        if place.wrong != ErrorKind::InvalidHeaderName {
            // It is bytes that count. A character that does not fit whole does not fit.
            let chinese = "中".repeat(limit / 3) + &"a".repeat(limit % 3);
            assert_request(&format!("{}{chinese}{}", place.before, place.after));
            assert_request_error(&format!("{}{chinese}➤中{}", place.before, place.after), ErrorKind::TooLong);
            assert_request_error(&format!("{}{chinese}➤\\u4e2d{}", place.before, place.after), ErrorKind::TooLong);
            let almost = "a".repeat(limit - 1);
            let text = format!("{}{almost}➤\\ud83d\\ude00{}", place.before, place.after);
            assert_request_error(&text, ErrorKind::TooLong);
            let text = format!("{}{almost}😀{}", place.before, place.after);
            let error = Error::new(ErrorKind::TooLong, place.before.len() + limit);
            assert_eq!(request_error(text.as_bytes()), error);
        }
    }
    let name = "a".repeat(NAME_LIMIT);
    for (before, after) in [(r#""callID":""#, r#"""#), (r#""header":{""#, r#"":1}"#)] {
        assert_reply(&reply_with(&format!("{before}{name}{after}")));
        assert_reply_error(&reply_with(&format!("{before}{name}➤b{after}")), ErrorKind::TooLong);
    }
    // What has no limit of its own may be long.
    let long = "1".repeat(50_000);
    assert_request(&request_with(&format!(r#""header":{{"a":"{long}","b":{long}}}"#)));
    assert_reply(&reply_with(&format!(r#""errMsg":"{long}","cookies":["{long}"],"{long}":{long}"#)));
}

/// What names a service is a name, whether it stands in quotes or not.
#[test]
fn a_number_that_names_a_service_is_as_long_as_a_name_may_be() {
    let digits = "1".repeat(NAME_LIMIT);
    assert_request(&request_with(&format!(r#""header":{{"X-WX-SERVICE":{digits}}}"#)));
    assert_request_error(&request_with(&format!(r#""header":{{"X-WX-SERVICE":{digits}➤1}}"#)), ErrorKind::TooLong);
}

#[test]
fn envelopes_are_as_large_as_they_may_be() {
    assert_eq!((REQUEST_LIMIT, REPLY_LIMIT), (102_400, 1_024_000));
    let padded = |text: &str, length: usize| {
        let mut envelope = text.as_bytes().to_vec();
        envelope.resize(length, b' ');
        envelope
    };
    let request = request_with(r#""callID":"1""#);
    decode_request(&padded(&request, REQUEST_LIMIT)).unwrap();
    let too_large = padded(&request, REQUEST_LIMIT + 1);
    let error = Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT);
    assert_eq!(request_error(&too_large), error);
    for limit in [REQUEST_LIMIT, REQUEST_LIMIT + 1, usize::MAX] {
        assert_eq!(Request::decode_within(&too_large, limit).unwrap_err(), error);
        Request::decode_within(&too_large[..REQUEST_LIMIT], limit).unwrap();
    }
    let reply = reply_with(r#""callID":"1""#);
    decode_reply(&padded(&reply, REPLY_LIMIT)).unwrap();
    let too_large = padded(&reply, REPLY_LIMIT + 1);
    let error = Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT);
    assert_eq!(reply_error(&too_large), error);
    for limit in [REPLY_LIMIT, REPLY_LIMIT + 1, usize::MAX] {
        assert_eq!(Reply::decode_within(&too_large, limit).unwrap_err(), error);
        Reply::decode_within(&too_large[..REPLY_LIMIT], limit).unwrap();
    }
    // Before anything is looked at.
    assert_eq!(request_error(&vec![b'x'; REQUEST_LIMIT + 1]).kind(), ErrorKind::RequestTooLarge);
    assert_eq!(reply_error(&vec![b'x'; REPLY_LIMIT + 1]).kind(), ErrorKind::ReplyTooLarge);
    assert_eq!(Request::decode_within(b"x", 0).unwrap_err(), Error::new(ErrorKind::RequestTooLarge, 0));
    assert_eq!(Reply::decode_within(b"", 0).unwrap_err(), Error::new(ErrorKind::UnexpectedEnd, 0));

    // A limit of one's own, at run time and for the compiler.
    const EXACT: usize = 32;
    let request = br#"{"resourceEnv":"e","path":"/a"}   "#;
    Request::decode_within(&request[..EXACT], EXACT).unwrap();
    Request::decode_bounded::<EXACT>(&request[..EXACT]).unwrap();
    let error = Error::new(ErrorKind::RequestTooLarge, EXACT);
    assert_eq!(Request::decode_within(&request[..EXACT + 1], EXACT).unwrap_err(), error);
    assert_eq!(Request::decode_bounded::<EXACT>(&request[..EXACT + 1]).unwrap_err(), error);
    let reply = br#"{"statusCode":200,"errMsg":""}    "#;
    Reply::decode_within(&reply[..EXACT], EXACT).unwrap();
    Reply::decode_bounded::<EXACT>(&reply[..EXACT]).unwrap();
    let error = Error::new(ErrorKind::ReplyTooLarge, EXACT);
    assert_eq!(Reply::decode_within(&reply[..EXACT + 1], EXACT).unwrap_err(), error);
    assert_eq!(Reply::decode_bounded::<EXACT>(&reply[..EXACT + 1]).unwrap_err(), error);

    // Encoding ends at the same byte.
    let fine = Request::new("/").with_env("e");
    let empty = fine.with_data("".into()).encoded_len().unwrap();
    let text = "a".repeat(REQUEST_LIMIT - empty + 1);
    let mut buffer = vec![0; REQUEST_LIMIT + 10];
    let largest = fine.with_data(text[1..].into());
    assert_eq!(largest.encoded_len(), Ok(REQUEST_LIMIT));
    assert_eq!(largest.validate(), Ok(()));
    let envelope = largest.encode(&mut buffer).unwrap();
    assert_eq!(envelope.len(), REQUEST_LIMIT);
    assert_eq!(decode_request(envelope).unwrap(), largest);
    let error = Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT);
    assert_eq!(fine.with_data(text.as_str().into()).encoded_len(), Err(error));
    assert_eq!(fine.with_data(text.as_str().into()).validate(), Err(error));
    assert_eq!(fine.with_data(text.as_str().into()).encode(&mut buffer), Err(error));

    let fine = Response::new(200);
    let empty = Reply::from(fine.with_data("".into())).encoded_len().unwrap();
    let text = "a".repeat(REPLY_LIMIT - empty + 1);
    let mut buffer = vec![0; REPLY_LIMIT + 10];
    let largest = Reply::from(fine.with_data(text[1..].into()));
    assert_eq!(largest.encoded_len(), Ok(REPLY_LIMIT));
    let envelope = largest.encode(&mut buffer).unwrap();
    assert_eq!(envelope.len(), REPLY_LIMIT);
    assert_eq!(decode_reply(envelope).unwrap(), largest);
    let error = Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT);
    assert_eq!(Reply::from(fine.with_data(text.as_str().into())).encoded_len(), Err(error));
    assert_eq!(Reply::from(fine.with_data(text.as_str().into())).validate(), Err(error));
    assert_eq!(Reply::from(fine.with_data(text.as_str().into())).encode(&mut buffer), Err(error));
}

#[test]
fn numbers_are_as_large_as_they_may_be() {
    for (timeout, expected) in [
        ("0", Timeout::NotSet),
        ("1", Timeout::Milliseconds(1)),
        ("15000", Timeout::Milliseconds(15_000)),
        ("15001", Timeout::NoEffect),
        ("4294967295", Timeout::NoEffect),
        ("4294967296", Timeout::NoEffect),
        ("4294967297", Timeout::NoEffect),
        ("9223372036854775807", Timeout::NoEffect),
        ("9223372036854775808", Timeout::NoEffect),
        ("18446744073709551616", Timeout::NoEffect),
        ("18446744073709551617", Timeout::NoEffect),
        ("340282366920938463463374607431768211457", Timeout::NoEffect),
    ] {
        let text = request_with(&format!(r#""timeout":{timeout}"#));
        assert_eq!(decode_request(text.as_bytes()).unwrap().timeout(), expected, "{timeout}");
    }
    for status in [100, 101, 200, 599, 999] {
        let text = format!(r#"{{"statusCode":{status}}}"#);
        let Reply::Response(response) = decode_reply(text.as_bytes()).unwrap() else { panic!() };
        assert_eq!(response.status(), status);
    }
    for code in [i32::MIN, i32::MIN + 1, -1, 1, i32::MAX - 1, i32::MAX] {
        for key in ["errCode", "errno"] {
            let text = format!(r#"{{"{key}":{code},"errMsg":"m"}}"#);
            let Reply::Failure(failure) = decode_reply(text.as_bytes()).unwrap() else { panic!() };
            assert_eq!(failure.code(), Some(ErrorCode(code)));
        }
    }
}

/// Whatever is cut off, the end comes too early, and the offset says where.
#[test]
fn the_start_of_an_envelope_is_no_envelope() {
    let request = r#" {"config" : {"env":"e", "x":[1.5e-7, true]},"path":"/中\ud83d\ude00😀","service":"s","method":"PUT",
        "header":{"a":"b","c":1.5,"d":false,"X-WX-SERVICE":"s"},"data":{"a":[null,"\n"]},"timeout":15000,
        "dataType":"text","responseType":"arraybuffer","callID":"1"}"#;
    decode_request(request.as_bytes()).unwrap();
    for end in 0..request.len() {
        let start = &request.as_bytes()[..end];
        assert_eq!(
            request_error(start),
            Error::new(ErrorKind::UnexpectedEnd, end),
            "{}",
            String::from_utf8_lossy(start)
        );
    }
    let reply = r#"{"statusCode":200,"header":{"a":1},"cookies":["a=1"],"callID":"1","errMsg":"m","errCode":0,"errno":-5,
        "__nativeBuffers__":[{"key":"data","base64":"\/\/8="}]}"#;
    decode_reply(reply.as_bytes()).unwrap();
    for end in 0..reply.len() {
        let start = &reply.as_bytes()[..end];
        assert_eq!(reply_error(start), Error::new(ErrorKind::UnexpectedEnd, end), "{}", String::from_utf8_lossy(start));
    }
}

// ---------------------------------------------------------------- headers

fn header_object(names: &[String]) -> String {
    names.iter().map(|name| format!(r#""{name}":1"#)).collect::<Vec<_>>().join(",")
}

#[test]
fn names_of_headers_that_are_almost_the_same_are_not() {
    let names = [
        "a",
        "aa",
        "aaa",
        "b",
        "ab",
        "ba",
        "aab",
        "aba",
        "baa",
        "a-b",
        "a_b",
        "a.b",
        "a'b",
        "a`b",
        "a1",
        "a2",
        "1a",
        "^",
        "~",
        "|",
        "!",
        "A!",
        "x-wx-service",
        "x-wx-servic",
        "x-wx-services",
        "xwx-service",
        "referer1",
        "refere",
        "refererr",
        "-referer",
        "content-type",
        "content-types",
        "ontent-type",
        "contenttype",
        "content_type",
    ];
    let names = names.map(str::to_owned);
    assert_request(&request_with(&format!(r#""header":{{{}}}"#, header_object(&names))));
    for name in &names {
        for twin in [name.clone(), name.to_ascii_uppercase(), escaped(name), escaped(&name.to_ascii_uppercase())] {
            let object = header_object(&names);
            let text = request_with(&format!(r#""header":{{{object},➤"{twin}":2}}"#));
            assert_request_error(&text, ErrorKind::DuplicateHeader);
            let text = reply_with(&format!(r#""header":{{{object},➤"{twin}":2}}"#));
            assert_reply_error(&text, ErrorKind::DuplicateHeader);
            // The first may be the escaped one.
            let names = names.iter().filter(|other| *other != name).cloned().collect::<Vec<_>>();
            let text = reply_with(&format!(r#""header":{{"{twin}":2,{},➤"{name}":1}}"#, header_object(&names)));
            assert_reply_error(&text, ErrorKind::DuplicateHeader);
        }
    }
    // What differs by 0x20 as letters do, and is no letter, is not the same.
    let names = ["^", "~", "a^", "a~", "^~", "~^"].map(str::to_owned);
    assert_reply(&reply_with(&format!(r#""header":{{{}}}"#, header_object(&names))));
    // A reply may say where it was referred from.
    assert_reply(&reply_with(r#""header":{"Referer":"a"}"#));
}

/// The name of a header is told from 63 others by few bits first. Names that have those bits in common are not the
/// same for that, and the one that is the same is still found among them.
#[test]
fn names_of_headers_that_look_alike_are_told_apart() {
    // Names with the same length, and the same letters at the start, in the middle and at the end.
    let by_place = (0..HEADERS_LIMIT).map(|number| format!("XaaYaaZ{number:04}PaaQaaR")).collect::<Vec<_>>();
    let by_sum = (0..HEADERS_LIMIT).map(|number| {
        let (low, high) = (number % 8, number / 8);
        let digits = [low, 7 - low, high, 7 - high].map(|digit| char::from_digit(digit as u32, 10).unwrap());
        format!("x{}x", digits.iter().collect::<String>())
    });
    for names in [by_place, by_sum.collect(), names_of_one_tag(), names_of_one_hash()] {
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), HEADERS_LIMIT);
        let object = header_object(&names);
        assert_request(&request_with(&format!(r#""header":{{{object}}}"#)));
        assert_reply(&reply_with(&format!(r#""header":{{{object}}}"#)));
        let pairs = names.iter().map(|name| (name.as_str(), "1")).collect::<Vec<_>>();
        let mut buffer = [0; 8192];
        let request = Request::new("/").with_env("e").with_headers(&pairs);
        assert_eq!(decode_request(request.encode(&mut buffer).unwrap()).unwrap(), request);

        for place in [0, 1, 31, 62] {
            // In the place of the last stands one of the others, in other letters.
            let mut names = names.clone();
            let twin = names[place].to_ascii_uppercase();
            names.pop();
            let object = header_object(&names);
            for twin in [twin.clone(), escaped(&twin)] {
                let text = request_with(&format!(r#""header":{{{object},➤"{twin}":1}}"#));
                assert_request_error(&text, ErrorKind::DuplicateHeader);
            }
            names.push(twin);
            let pairs = names.iter().map(|name| (name.as_str(), "1")).collect::<Vec<_>>();
            let error = Request::new("/").with_env("e").with_headers(&pairs).encoded_len().unwrap_err();
            assert_eq!(error, Error::new(ErrorKind::DuplicateHeader, 0));
        }
    }
}

/// 64 names that a tag of 16 bits made of length and letters at the end, in the middle and at a third cannot tell
/// apart: they differ elsewhere.
fn names_of_one_tag() -> Vec<String> {
    (0..HEADERS_LIMIT).map(|number| format!("a{:02}bbbbbbbbbbbb{:02}z", number, 99 - number)).collect()
}

/// 64 names that the twelve bits of the decoder's own tag cannot tell apart: found by trying.
fn names_of_one_hash() -> Vec<String> {
    let mut buckets = vec![Vec::new(); 1 << 12];
    for number in 0_u32.. {
        let name = format!("h{number:x}");
        let tag =
            name.bytes().fold(0_u32, |tag, byte| (tag ^ u32::from(byte)).wrapping_mul(0x9E37_79B1).rotate_left(7));
        let bucket = &mut buckets[(tag >> 20) as usize];
        bucket.push(number);
        if bucket.len() == HEADERS_LIMIT {
            return bucket.iter().map(|number| format!("h{number:x}")).collect();
        }
    }
    unreachable!("a bucket of 4 096 is full long before");
}

// ---------------------------------------------------------------- how errors look

#[test]
fn names_and_texts_of_kinds_are_their_own() {
    let names = ErrorKind::ALL.iter().map(|kind| kind.name()).collect::<HashSet<_>>();
    let texts = ErrorKind::ALL.iter().map(ErrorKind::to_string).collect::<HashSet<_>>();
    assert_eq!((names.len(), texts.len()), (ErrorKind::ALL.len(), ErrorKind::ALL.len()));
    for kind in ErrorKind::ALL {
        // The name is that of the variant, so that a log leads to the documentation.
        let mut kebab = String::new();
        for character in format!("{kind:?}").chars() {
            if character.is_ascii_uppercase() && !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.extend(character.to_lowercase());
        }
        assert_eq!(kind.name(), kebab);
        let text = kind.to_string();
        assert!(!text.is_empty() && text.trim() == text && !text.contains(char::is_control), "{text:?}");
        assert!(!text.ends_with('.') && !text.starts_with(char::is_uppercase), "{text:?}");
        assert_eq!(Error::new(*kind, 12).to_string(), format!("{text} at byte 12"));
        let error: &dyn std::error::Error = &Error::new(*kind, usize::MAX);
        assert!(error.source().is_none());
    }
    assert!(size_of::<Error>() <= 2 * size_of::<usize>());
}

#[test]
fn kinds_have_the_codes_of_the_platform() {
    for kind in ErrorKind::ALL {
        let code = match kind {
            ErrorKind::BufferTooSmall | ErrorKind::BodyLength => None,
            ErrorKind::RequestTooLarge => Some(-606_001),
            ErrorKind::ReplyTooLarge => Some(-606_002),
            ErrorKind::InvalidMethod => Some(102_005),
            ErrorKind::MissingPath | ErrorKind::InvalidPath => Some(-501_000),
            _ => Some(40_097),
        };
        assert_eq!(kind.platform_code(), code.map(ErrorCode), "{kind:?}");
        assert_eq!(Error::new(*kind, 7).platform_code(), kind.platform_code());
    }
}

/// Headers of a reply keep fewer rules than those of a request, so they are checked when they become such.
#[test]
fn headers_of_a_reply_in_a_request() {
    use ErrorKind::*;
    let headers_of = |header: &str| {
        let envelope = format!(r#"{{"statusCode":200,"header":{{{header}}}}}"#).leak();
        let Reply::Response(response) = Reply::decode(envelope.as_bytes()).unwrap() else { panic!() };
        response.headers()
    };
    let request = Request::new("/").with_env("e");
    let with = |header: &str| request.with_headers(headers_of(header)).validate();
    assert_eq!(with(r#""a":"1","Referer":"x""#), Err(Error::new(ForbiddenHeader, 0)));
    assert_eq!(with(r#""\u0072eferer":"x""#), Err(Error::new(ForbiddenHeader, 0)));
    assert_eq!(with(r#""a":"1","X-Wx-Service":"a\tb""#), Err(Error::new(InvalidName, 1)));
    let long = "s".repeat(NAME_LIMIT + 1);
    assert_eq!(with(&format!(r#""X-Wx-Service":"{long}""#)), Err(Error::new(TooLong, NAME_LIMIT)));
    assert_eq!(with(r#""a":"b\tc","X-Wx-Service":"s""#), Ok(()));
    let conflict = request.with_headers(headers_of(r#""X-Wx-Service":"s""#)).with_service("t");
    assert_eq!(conflict.validate(), Err(Error::new(ServiceConflict, 0)));
}

/// However an escaped text is cut, what comes of it is the content of a string.
#[test]
fn a_part_of_a_text_is_a_text() {
    let text = Text::from_escaped(r#"a\"b\u0041\ud83d\ude00\\n é"#).unwrap();
    let raw = core::str::from_utf8(text.as_raw()).unwrap();
    let starts = text.char_indices().map(|(at, _)| at).chain([raw.len()]).collect::<HashSet<_>>();
    for start in 0..=raw.len() {
        for end in start..=raw.len() {
            let Some(part) = text.slice(start..end) else {
                assert!(!starts.contains(&start) || !starts.contains(&end), "{start} {end}");
                continue;
            };
            let reply = Reply::from(Response::new(200).with_data(part.into()));
            let mut buffer = [0; 256];
            let found = Reply::decode(reply.encode(&mut buffer).unwrap()).unwrap();
            assert_eq!(found, reply, "{start} {end}");
        }
    }
}

/// What is written is read, methods in any letter case, and nothing else is.
#[test]
fn names_are_parsed() {
    for method in Method::ALL {
        assert_eq!(method.to_string().parse(), Ok(method));
        assert_eq!(method.as_str().to_lowercase().parse(), Ok(method));
        assert_eq!(format!("{method:>9}").trim_start(), method.as_str());
    }
    for wrong in ["", "GETS", "GE", " GET", "PATCH"] {
        assert_eq!(wrong.parse::<Method>(), Err(Error::new(ErrorKind::InvalidMethod, 0)), "{wrong}");
    }
    for response_type in [ResponseType::Text, ResponseType::ArrayBuffer] {
        assert_eq!(response_type.to_string().parse(), Ok(response_type));
    }
    for wrong in ["", "Text", "TEXT", "arrayBuffer", "text "] {
        assert_eq!(wrong.parse::<ResponseType>(), Err(Error::new(ErrorKind::InvalidResponseType, 0)), "{wrong}");
    }
    assert_eq!(DataType::Json.to_string(), "json");
    assert_eq!(DataType::from(Text::from_escaped(r"te\u0078t").unwrap()).to_string(), "text");
}

/// The tests above take the widest registers of the processor. So it is with those that every processor has.
#[test]
fn the_same_at_the_baseline() {
    level::at(&["baseline"], "the_same_at_the_baseline", || {
        every_kind_is_reached_at_its_byte();
        a_known_key_that_stands_twice_is_refused();
        every_type_in_every_place();
        the_first_wrong_byte_is_told();
        nesting_ends_at_128_levels();
        there_may_be_64_headers();
        names_and_paths_are_as_long_as_they_may_be();
        numbers_are_as_large_as_they_may_be();
        the_start_of_an_envelope_is_no_envelope();
        names_of_headers_that_look_alike_are_told_apart();
    });
}
