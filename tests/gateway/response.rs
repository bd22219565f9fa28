use super::cost;
use super::responses::{Call, answer, answer_in, answer_to_parts, assert_refused, http, reply};
use callcontainer::gateway::{HttpReader, Refusal};
use callcontainer::{ErrorCode, Json, Method, Reply, Request, ResponseType, Text};
use std::error::Error;
use std::fmt::Write as _;

/// The envelope of a call that wants JSON.
#[track_caller]
fn envelope(response: &[u8]) -> String {
    String::from_utf8(answer(&Call::default(), response).unwrap().envelope).unwrap()
}

/// What becomes of a body.
#[track_caller]
fn data(call: &Call, body: &[u8]) -> Option<serde_json::Value> {
    let response = [&http("", b"")[..], body].concat();
    let envelope = answer(call, &response).unwrap().envelope;
    let mut value: serde_json::Value = serde_json::from_slice(&envelope).unwrap();
    let value = value.as_object_mut().unwrap();
    value.remove("data").or_else(|| value.remove("__nativeBuffers__").map(|buffers| buffers[0]["base64"].clone()))
}

#[test]
fn a_whole_reply() {
    let response = b"HTTP/1.1 201 Created\r\n\
        Content-Type: application/json\r\n\
        Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n\
        Vary: Origin\r\n\
        Connection: keep-alive, X-Secret\r\n\
        X-Secret: 1\r\n\
        vary:  Accept\t\r\n\
        set-cookie: b=\"2\"\r\n\
        Content-Length: 16\r\n\
        \r\n\
        { \"id\":\n[7, 8] }";
    let call = Call { call_id: Some("17-0.5"), ..Call::default() };
    let answer = answer(&call, response).unwrap();
    assert_eq!(
        String::from_utf8(answer.envelope).unwrap(),
        r#"{"statusCode":201,"header":{"Content-Type":"application/json","Vary":"Origin, Accept","Content-Length":"16"},"cookies":["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT","b=\"2\""],"callID":"17-0.5","data":{"id":[7,8]}}"#
    );
    assert_eq!(answer.status, 201);
    assert!(answer.keeps_alive);
}

/// Row by row: `dataType`, `responseType`, the byte order mark and what is not UTF-8.
#[test]
fn what_a_body_becomes() {
    let json = Call::default();
    let text = Call { data_type: "text", ..json };
    let empty = Call { data_type: "", ..json };
    let upper = Call { data_type: "JSON", ..json };
    let bytes = Call { response_type: ResponseType::ArrayBuffer, ..json };
    let bytes_as_text = Call { data_type: "text", ..bytes };
    let is = |text: &str| Some(serde_json::Value::from(text));
    let base64 = |bytes: &[u8]| is(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes));
    let bom = "\u{feff}";
    for (body, value) in [
        (&br#"{"a":1}"#[..], serde_json::json!({"a": 1})),
        (b" [1 ,\r\n2.50]\t", serde_json::json!([1, 2.5])),
        (b"7", serde_json::json!(7)),
        (b" null ", serde_json::json!(null)),
        (b"true", serde_json::json!(true)),
        (br#" "a\u0041\n" "#, serde_json::json!("aA\n")),
        // What is not UTF-8 stands in a string.
        (
            b"{\"a\xff\":\"\xe4\xb8\",\"b\": \"\xf0\x9f\x98\x80\xed\xa0\x80\"}",
            serde_json::json!({"a\u{fffd}": "\u{fffd}", "b": "😀\u{fffd}\u{fffd}\u{fffd}"}),
        ),
        (b"\"\xff\\n\xc3\"", serde_json::json!("\u{fffd}\n\u{fffd}")),
        (b" [ \"\x80\" , 1 ]\n", serde_json::json!(["\u{fffd}", 1])),
    ] {
        let lossy = String::from_utf8_lossy(body);
        let marked = [bom.as_bytes(), body].concat();
        for body in [body, &marked] {
            assert_eq!(data(&json, body), Some(value.clone()), "{lossy}");
            for call in [&text, &empty, &upper] {
                assert_eq!(data(call, body), is(&lossy));
            }
            for call in [&bytes, &bytes_as_text] {
                assert_eq!(data(call, body), base64(body));
            }
        }
    }
    for body in [
        // No JSON, and no error.
        &b""[..],
        b" ",
        b"hello",
        b"{\"a\":1",
        b"{\"a\":1}}",
        b"{\"a\":1} x",
        b"{'a':1}",
        b"[1,]",
        b"01",
        b"nul",
        b"\"a",
        b"\"a\nb\"",
        b"<p>\"\\\x00\x1f\x7f</p>\r\n",
        "文😀\u{feff}\u{2028}".as_bytes(),
        // Not UTF-8, and no JSON either when that is replaced.
        b"\xff",
        b"{\"a\":1}\xff",
        b"\xff{\"a\":1}",
        b"{\xff\"a\":1}",
        b"[1\xff]",
        b"[tru\xff]",
        b"\"\xff",
        b"\"\\\xff\"",
        b"\"\\u12\xff\"",
        b"\"\\ud83d\xff\"",
        b"\"\xff\"\"",
        b"{\"\xff\" 1}",
        b"abc\xe4\xb8\xad\xe4\xb8",
        b"\xf0\x9f\x98 \xf0\x9f\xf0 \xc0\xaf \xf4\x90\x80\x80 \xed\xbf\xbf",
        // Strings that are no texts.
        br#""\ud83d""#,
        br#" "a\udc00\ud83d" "#,
        b"\"\\udc00\xff\"",
        b"\"\xff\\ud83d\\ude00\\ude00\"",
    ] {
        let lossy = String::from_utf8_lossy(body);
        for call in [&json, &text, &upper] {
            assert_eq!(data(call, body), is(&lossy));
            assert_eq!(data(call, &[bom.as_bytes(), body].concat()), is(&lossy));
            // Only one mark goes.
            let twice = [bom.as_bytes(), bom.as_bytes(), body].concat();
            assert_eq!(data(call, &twice), is(&format!("{bom}{lossy}")));
        }
        assert_eq!(data(&bytes, body), base64(body));
    }
    // Inside JSON half of a surrogate pair is kept as it stands, beside what is not UTF-8 too.
    for (body, expected) in [
        (&br#"{"code":0,"name":"\ud83d"}"#[..], r#"{"code":0,"name":"\ud83d"}"#),
        (br#" { "\uDC00" : [ "\ud83d\ud83d\ude00" ] } "#, r#"{"\uDC00":["\ud83d\ud83d\ude00"]}"#),
        (b"[\"\\ud83d\xff\",\"\xe4\xb8\\ude00\"]", "[\"\\ud83d\u{fffd}\",\"\u{fffd}\\ude00\"]"),
    ] {
        let marked = [bom.as_bytes(), body].concat();
        for body in [body, &marked] {
            assert!(envelope(&http("", body)).ends_with(&format!(",\"data\":{expected}}}")), "{expected}");
            let text = String::from_utf8_lossy(body);
            assert_eq!(data(&Call { data_type: "text", ..json }, body), is(text.trim_start_matches(bom)));
            assert_eq!(data(&bytes, body), base64(body));
        }
    }
    // 126 levels and one more fit beside the envelope's own; then it is text.
    for (depth, is_json) in [(126, true), (127, true), (128, false), (5000, false)] {
        let body = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(envelope(&http("", body.as_bytes())).ends_with("]}"), is_json, "{depth}");
    }
}

#[test]
fn a_response_without_a_body_has_an_empty_one() {
    for (method, response) in [
        (Method::Get, "HTTP/1.1 204 No Content\r\n\r\n"),
        (Method::Get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        (Method::Get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (Method::Get, "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (Method::Head, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        (Method::Head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (Method::Head, "HTTP/1.1 404 Not Found\r\n\r\n"),
    ] {
        let call = Call { method, ..Call::default() };
        let text = String::from_utf8(answer(&call, response.as_bytes()).unwrap().envelope).unwrap();
        assert!(text.ends_with(r#","data":""}"#), "{text}");
        let call = Call { response_type: ResponseType::ArrayBuffer, ..call };
        let text = String::from_utf8(answer(&call, response.as_bytes()).unwrap().envelope).unwrap();
        assert!(text.ends_with(r#""__nativeBuffers__":[{"key":"data","base64":""}]}"#), "{text}");
    }
}

#[test]
fn headers_that_pass_and_headers_that_do_not() {
    let header = |lines: &str| {
        let envelope = envelope(&http(lines, b""));
        let Ok(Reply::Response(response)) = Reply::decode(envelope.as_bytes()) else { panic!("{envelope}") };
        let quoted = |text: Text<'_>| serde_json::to_string(&text.to_string()).unwrap();
        let members = response.headers().iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    for name in [
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Upgrade",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authentication-Info",
        "Proxy-Anything",
        "Set-Cookie",
    ] {
        for name in [name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
            assert_eq!(header(&format!("A: 1\r\n{name}: x\r\nB: 2\r\n")), r#"{"A":"1","B":"2"}"#, "{name}");
        }
    }
    for name in ["Proxy", "Keep-Alives", "TEA", "X-WX-SERVICE", "Set-Cookie2", "Content-Encodings", "Server", "Date"] {
        assert_eq!(header(&format!("{name}: x\r\n")), format!(r#"{{"{name}":"x"}}"#));
    }
    assert_eq!(header(""), "{}");
    assert_eq!(envelope(&http("", b"")), r#"{"statusCode":200,"data":""}"#);
    // Repeated names, in the letter case and the place of the first.
    assert_eq!(header("b: 1\r\nX-A: 2\r\nB: 3\r\nx-a:\r\nX-a: 4\r\n"), r#"{"b":"1, 3","X-A":"2, , 4"}"#);
    // What the service says is about the connection.
    assert_eq!(
        header("A: 1\r\nB: 2\r\nConnection: b ,close\r\nconnection: c\r\nC: 3\r\nD: 4\r\n"),
        r#"{"A":"1","D":"4"}"#
    );
    let many = (0..20).fold(String::from("Connection: close"), |list, at| list + &format!(", N{at}")) + "\r\n";
    assert_eq!(header(&(many + "n14: 1\r\nn15: 2\r\n")), r#"{"n15":"2"}"#);
    // A length that is said again is said once.
    let lengths = "A: 1\r\nContent-Length: 0, 0 ,0\r\nB: 2\r\ncontent-length: 0\r\n";
    assert_eq!(header(lengths), r#"{"A":"1","Content-Length":"0","B":"2"}"#);
    // Every byte that a value may hold, and what is not UTF-8.
    assert_eq!(
        header("A: \t \"\\/\u{e9}文😀\u{80}\t.\r\n"),
        r#"{"A":"\"\\/é文😀\u0080\t."}"#.replace("\\u0080", "\u{80}")
    );
    let response =
        [b"HTTP/1.1 200 OK\r\nA: \xe9\xff \xe4\xb8\r\na: \xad\r\nSet-Cookie: \xf0\x9f\r\nContent-Length: 0\r\n\r\n"];
    assert_eq!(
        envelope(response[0]),
        "{\"statusCode\":200,\"header\":{\"A\":\"\u{fffd}\u{fffd} \u{fffd}, \u{fffd}\",\"Content-Length\":\"0\"},\"cookies\":[\"\u{fffd}\"],\"data\":\"\"}"
    );
}

#[test]
fn headers_have_the_limits_of_a_reply() {
    let lines = |count: usize, same: usize, cookies: usize| {
        let mut lines = String::new();
        (0..count).for_each(|at| write!(lines, "X-{at}: {at}\r\n").unwrap());
        (0..same).for_each(|at| write!(lines, "x-0: {at}\r\n").unwrap());
        (0..cookies).for_each(|at| write!(lines, "Set-Cookie: {at}\r\n").unwrap());
        [format!("HTTP/1.1 200 OK\r\n{lines}\r\n").as_bytes(), b""].concat()
    };
    let too_many = "resource system error: more than 64 headers at byte 0";
    let too_many_lines = "resource system error: an HTTP head with too many lines";
    let call = Call::default();
    for (count, same, cookies) in [(64, 0, 0), (64, 64, 0), (64, 0, 64), (1, 127, 0), (0, 0, 128)] {
        assert!(answer(&call, &lines(count, same, cookies)).is_ok());
        let total = count + same + cookies;
        assert_refused(&call, &lines(count, same, cookies + 129 - total), -501_001, too_many_lines);
    }
    assert_refused(&call, &lines(65, 0, 0), -501_001, too_many);
    assert_refused(&call, &lines(65, 0, 63), -501_001, too_many);
    let named = |name: &str| http(&format!("{name}: 1\r\n"), b"");
    assert!(answer(&call, &named(&"n".repeat(128))).is_ok());
    let too_long = "resource system error: a part longer than its limit at byte 128";
    assert_refused(&call, &named(&"n".repeat(129)), -501_001, too_long);
    // What does not pass may be as long as it likes.
    assert!(answer(&call, &named(&("proxy-".to_owned() + &"n".repeat(200)))).is_ok());
    let head = |len: usize| {
        let start = "HTTP/1.1 204 No Content\r\nA: ";
        format!("{start}{}\r\n\r\n", "x".repeat(len - start.len() - 4)).into_bytes()
    };
    assert!(answer(&call, &head(HttpReader::HEAD_LIMIT)).is_ok());
    let too_long = "resource system error: an HTTP head that is too long";
    assert_refused(&call, &head(HttpReader::HEAD_LIMIT + 1), -501_001, too_long);
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n";
    let total = [hints.as_bytes(), &head(HttpReader::HEAD_LIMIT - hints.len())].concat();
    assert!(answer(&call, &total).is_ok());
    let total = [hints.as_bytes(), &head(HttpReader::HEAD_LIMIT - hints.len() + 1)].concat();
    assert_refused(&call, &total, -501_001, too_long);
}

/// Who compresses what nobody asked to be compressed gets no garbage through as text.
#[test]
fn nothing_is_decoded() {
    let refused = "resource system error: a content coding that nobody asked for";
    let text = Call { data_type: "text", ..Call::default() };
    let bytes = Call { response_type: ResponseType::ArrayBuffer, ..Call::default() };
    let head = Call { method: Method::Head, ..Call::default() };
    for coding in ["gzip", "br", "GZIP", "identity, gzip", "gzip,", "identity;q=1", "x"] {
        let response = http(&format!("Content-encoding: {coding}\r\n"), b"\x1f\x8b\x08");
        assert_refused(&Call::default(), &response, -501_001, refused);
        assert_refused(&text, &response, -501_001, refused);
        let answered = String::from_utf8(answer(&bytes, &response).unwrap().envelope).unwrap();
        assert!(
            answered.contains(&format!(r#""Content-encoding":"{coding}""#)) && answered.contains("H4sI"),
            "{answered}"
        );
        assert!(answer(&head, &response[..response.len() - 3]).is_ok());
        assert!(answer(&text, &http(&format!("Content-encoding: {coding}\r\n"), b"")).is_ok());
    }
    for coding in ["identity", "Identity", "", " ", "identity, IDENTITY", ",", "identity,"] {
        assert!(answer(&text, &http(&format!("Content-Encoding: {coding}\r\n"), b"x")).is_ok(), "{coding}");
    }
    // An empty JSON string is text that is not empty.
    assert_refused(&Call::default(), &http("Content-Encoding: gzip\r\n", b"\"\""), -501_001, refused);
    let twice = http("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", b"x");
    assert_refused(&text, &twice, -501_001, refused);
}

#[test]
fn what_is_no_response_is_a_system_error() {
    let call = Call::default();
    let assert_fault = |response: &str, fault: &str| {
        assert_refused(&call, response.as_bytes(), -501_001, &format!("resource system error: {fault}"));
        let refusal = answer(&call, response.as_bytes()).unwrap_err();
        let error = refusal.http_error().unwrap();
        assert_eq!(error.to_string(), fault);
        assert_eq!(refusal.source().and_then(<dyn Error>::downcast_ref), Some(&error));
        assert_eq!(refusal.cause(), None);
    };
    let ok = "HTTP/1.1 200 OK\r\n";
    for (response, fault) in [
        ("", "an HTTP response that is cut short"),
        ("\0", "an answer that is not HTTP/1.1"),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/2 200\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 99 OK\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\n\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nA: b\nSet-Cookie: x\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: x\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx", "an answer that is not HTTP/1.1"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "a switch to another protocol"),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "an HTTP body of uncertain length"),
    ] {
        assert_fault(response, fault);
    }
    for (rest, fault) in [
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", "an HTTP body of uncertain length"),
        ("Content-Length: 1, 01\r\n\r\nx", "an HTTP body of uncertain length"),
        (
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "an HTTP body of uncertain length",
        ),
        ("Content-Length: +1\r\n\r\nx", "an HTTP body of uncertain length"),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "an HTTP body of uncertain length"),
        ("Transfer-Encoding: chunked\r\n\r\nx", "a broken chunk"),
        ("Transfer-Encoding: chunked\r\n\r\n1\nx", "a broken chunk"),
        ("Content-Length: 2\r\n\r\nx", "an HTTP response that is cut short"),
        ("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", "an HTTP response that is cut short"),
    ] {
        assert_fault(&format!("{ok}{rest}"), fault);
    }
    let interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(17);
    assert_fault(&interim, "too many interim HTTP responses");
    let aside = format!("{ok}Transfer-Encoding: chunked\r\n\r\n1;{}\r\nx", "x".repeat(5000));
    assert_fault(&aside, "chunk extensions and trailers that are too long");
}

#[test]
fn a_reply_has_its_limit() {
    const LIMIT: usize = callcontainer::REPLY_LIMIT;
    let too_large = "响应包大小超过 1MB: a reply envelope longer than its limit at byte 1024000";
    let call = Call { call_id: Some("17-0.5"), ..Call::default() };
    let around = reply(&call, b"").len();
    let body = vec![b'a'; LIMIT - around];
    assert_eq!(reply(&call, &body).len(), LIMIT);
    assert_refused(&call, &http("", &[&body[..], b"a"].concat()), -606_002, too_large);
    // What is escaped or replaced takes more room than it had.
    let quotes = vec![b'"'; (LIMIT - around) / 2];
    assert_eq!(reply(&call, &quotes).len(), around + quotes.len() * 2);
    assert_refused(&call, &http("", &[&quotes[..], b"\"\""].concat()), -606_002, too_large);
    let broken = vec![0xFF; (LIMIT - around) / 3];
    assert_eq!(reply(&call, &broken).len(), around + broken.len() * 3);
    assert_refused(&call, &http("", &[&broken[..], b"\xff\xff"].concat()), -606_002, too_large);
    // White space takes none.
    let json = [b"[".to_vec(), vec![b' '; LIMIT], b"]".to_vec()].concat();
    assert_eq!(reply(&call, &json).len(), around);
    // Bytes take four thirds.
    let bytes = Call { response_type: ResponseType::ArrayBuffer, ..call };
    let around = reply(&bytes, b"").len();
    let body = vec![7; (LIMIT - around) / 4 * 3];
    assert_eq!(reply(&bytes, &body).len(), around + (LIMIT - around) / 4 * 4);
    assert_refused(&bytes, &http("", &[&body[..], b"1"].concat()), -606_002, too_large);
}

/// A response that does not fit into the buffer is refused as soon as that is known.
#[test]
fn a_buffer_has_its_limit_too() {
    let too_large = Refusal::new(ErrorCode::RESPONSE_TOO_LARGE, "响应包大小超过 1MB");
    let call = Call::default();
    let response = http("Content-Length: 5\r\n", b"hello");
    assert!(answer_in(&call, &[&response], response.len()).is_ok());
    for size in response.len() - 5..response.len() {
        assert_eq!(answer_in(&call, &[&response], size).unwrap_err(), too_large);
        // The head alone tells.
        let head = &response[..response.len() - 5];
        assert_eq!(answer_in(&call, &[head], size).unwrap_err(), too_large);
    }
    let head_too_long = answer_in(&call, &[&response], response.len() - 6).unwrap_err();
    assert_eq!(head_too_long.to_string(), "-501001 resource system error: an HTTP head that is too long");
    for length in ["1024001", "4294967296", "18446744073709551615"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        assert_eq!(answer_in(&call, &[head.as_bytes()], 4096).unwrap_err(), too_large);
    }
    // Chunks are put together, so their framing takes no room for long; the last byte of room stays free for the end.
    let chunked = http("Transfer-Encoding: chunked\r\n", &[&b"1\r\nx\r\n".repeat(500)[..], b"0\r\n\r\n"].concat());
    let head = chunked.len() - 500 * 6 - 5;
    let pieces: Vec<&[u8]> = chunked.chunks(1).collect();
    assert_eq!(answer_in(&call, &pieces, head + 501).unwrap(), answer(&call, &chunked).unwrap());
    assert_eq!(answer_in(&call, &pieces, head + 500).unwrap_err(), too_large);
    let until_close = b"HTTP/1.1 200 OK\r\n\r\nhello";
    assert!(answer_in(&call, &[until_close], until_close.len() + 1).is_ok());
    assert_eq!(answer_in(&call, &[until_close], until_close.len()).unwrap_err(), too_large);
}

/// After a refusal nothing that comes is taken for a response, and after a response nothing for more of it.
#[test]
fn what_is_over_is_over() {
    let request = Request::new("/").with_env("prod-01");
    for (first, code) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx", -501_001),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", -606_002),
        ("x", -501_001),
    ] {
        let mut buffer = [0; 1024];
        let mut reader = HttpReader::new(&request, &mut buffer);
        reader.window()[..first.len()].copy_from_slice(first.as_bytes());
        let refusal = reader.commit(first.len()).unwrap_err();
        assert_eq!(refusal.code(), ErrorCode(code));
        assert!(reader.window().is_empty());
        for len in [0, 1, 5, usize::MAX] {
            assert_eq!(reader.commit(len), Err(refusal));
        }
        assert!(!reader.keeps_alive());
        assert_eq!(reader.finish(None).unwrap_err(), refusal);
    }
    let mut buffer = [0; 64];
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    let mut reader = HttpReader::new(&request, &mut buffer);
    reader.window()[..response.len()].copy_from_slice(response);
    assert!(!reader.keeps_alive());
    assert_eq!(reader.commit(response.len()), Ok(true));
    assert!(reader.window().is_empty());
    for len in [0, 1, usize::MAX] {
        assert_eq!(reader.commit(len), Ok(true));
    }
    assert!(reader.keeps_alive());
    assert_eq!(reader.finish(None).unwrap().status(), 200);
    // A response that is not whole is none.
    let mut reader = HttpReader::new(&request, &mut buffer);
    assert_eq!(reader.commit(response.len() - 1), Ok(false));
    let refusal = reader.finish(None).unwrap_err();
    assert_eq!(refusal.to_string(), "-501001 resource system error: an HTTP response that is cut short");
}

#[test]
fn what_follows_a_response_spoils_the_connection() {
    let call = Call::default();
    let keeps = |response: &[u8]| answer(&call, response).unwrap().keeps_alive;
    let length = http("Content-Length: 1\r\n", b"x");
    assert!(keeps(&length));
    assert!(!keeps(&[&length[..], b"\r\n"].concat()));
    assert!(!keeps(&[&length[..], b"HTTP/1.1 200 OK\r\n\r\n"].concat()));
    let chunked = http("Transfer-Encoding: chunked\r\n", b"1\r\nx\r\n0\r\n\r\n");
    assert!(keeps(&chunked));
    assert!(!keeps(&[&chunked[..], b"0"].concat()));
    // A body behind the head of what has none was announced, and may come late: it is what follows, though it is not there.
    for (method, status, spoils) in
        [(Method::Get, 204, true), (Method::Get, 304, true), (Method::Head, 200, true), (Method::Get, 200, false)]
    {
        let call = Call { method, ..Call::default() };
        let keeps = |lines: &str| {
            let response = format!("HTTP/1.1 {status} A\r\n{lines}\r\n");
            // Without a body where one has to be, there is no response.
            answer(&call, response.as_bytes()).is_ok_and(|answer| answer.keeps_alive)
        };
        assert!(!keeps("Content-Length: 1\r\n"));
        assert!(!keeps("Content-Length: 18446744073709551615\r\n"));
        assert!(!keeps("Transfer-Encoding: chunked\r\n"));
        assert!(keeps("Content-Length: 0\r\n"));
        assert!(keeps("Content-Length: 00\r\n"));
        assert_eq!(keeps(""), spoils, "{status}");
    }
    assert!(!keeps(b"HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\nx"));
    assert!(!keeps(b"HTTP/1.1 200 OK\r\n\r\nx"));
    assert!(!keeps(&http("Connection: close\r\nContent-Length: 1\r\n", b"x")));
    assert!(keeps(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx"));
    assert!(!keeps(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"));
}

/// What the service has not read of the call would be the beginning of the next request.
#[test]
fn a_connection_on_which_a_body_was_turned_away_is_not_used_again() {
    let json = Json::new(r#"{"a":1}"#).unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let call = Request::new("/").with_env("prod-01").with_service("shop");
    let with_body = call.with_data(json.into());
    for (request, spoils) in [
        (with_body.with_method(Method::Post), true),
        (with_body.with_method(Method::Put), true),
        (with_body.with_method(Method::Post).with_headers(&form), true),
        // It goes into the query.
        (with_body, false),
        (call.with_method(Method::Post), false),
        (call.with_method(Method::Head), false),
        (call, false),
    ] {
        for status in [200, 201, 302, 399, 400, 401, 404, 405, 413, 500, 501, 599, 999] {
            let response = format!("HTTP/1.1 {status} A\r\nContent-Length: 0\r\n\r\n");
            let mut buffer = [0; 128];
            let mut reader = HttpReader::new(&request, &mut buffer);
            reader.window()[..response.len()].copy_from_slice(response.as_bytes());
            assert_eq!(reader.commit(response.len()), Ok(true));
            assert_eq!(reader.keeps_alive(), !(spoils && status >= 400), "{status} {request:?}");
        }
    }
}

#[test]
fn the_call_id_is_that_of_the_call() {
    let response = http("", b"x");
    let with = |call_id| {
        let call = Call { call_id, ..Call::default() };
        String::from_utf8(answer(&call, &response).unwrap().envelope).unwrap()
    };
    assert!(with(Some("a\"b é (c)")).contains(r#","callID":"a\"b é (c)","data""#));
    let long = "x".repeat(129);
    for refused in ["\r\n", "\0", &long] {
        assert_eq!(with(Some(refused)), with(None));
    }
    // One that is still escaped, as it comes in an envelope.
    let envelope = br#"{"config":{"env":"e"},"path":"/","callID":"a\u0041\u00e9"}"#;
    let request = Request::decode(envelope).unwrap();
    let mut buffer = [0; 256];
    let mut reader = HttpReader::new(&request, &mut buffer);
    let len = response.len();
    reader.window()[..len].copy_from_slice(&response);
    assert_eq!(reader.commit(len), Ok(false));
    assert_eq!(reader.commit(0), Ok(true));
    let mut out = [0; 256];
    let out = reader.finish(request.call_id()).unwrap().encode(&mut out).unwrap();
    assert!(String::from_utf8_lossy(out).contains(r#""callID":"aAé""#));
    assert_eq!(request.call_id(), Some(Text::new("aAé")));
}

/// However hostile a response is, it takes time in proportion to its length.
#[test]
fn hostile_responses_take_linear_time() {
    let call = Call::default();
    // Read a byte at a time.
    let slowly = |http: &[u8]| {
        assert!(answer_in(&call, &http.chunks(1).collect::<Vec<_>>(), HttpReader::BUFFER).is_ok());
    };
    let linear = |name: &str, run: &dyn Fn(&[u8]), response: &dyn Fn(usize) -> Vec<u8>| {
        let [long, short] = [response(8), response(1)];
        cost::is_linear(name, || run(&long), || run(&short));
    };
    let chunks = |times: usize| [&b"1\r\nx\r\n".repeat(5000 * times)[..], b"0\r\n\r\n"].concat();
    linear("one byte a chunk", &slowly, &|times| http("Transfer-Encoding: chunked\r\n", &chunks(times)));
    let whole = |http: &[u8]| assert!(answer(&call, http).is_ok());
    for (name, (before, piece, after)) in [
        ("text that is not UTF-8", (&b""[..], &b"\xff\xff\xff"[..], &b""[..])),
        ("JSON that is not UTF-8", (b"[\"", b"\xe4\xe4\xe4", b"\"]")),
        ("what is to be escaped", (b"", b"\\\"\xff", b"")),
    ] {
        linear(name, &whole, &|times| http("", &[before, &piece.repeat(12_500 * times), after].concat()));
    }
    // A head as long as it may be, with as many lines and names as there may be, all listed by Connection, and one with
    // nothing in it.
    let mut lines = String::from("Connection: ");
    (0..2000).for_each(|at| write!(lines, "n{at},").unwrap());
    lines.push_str("\r\n");
    (0..62).for_each(|at| write!(lines, "name-{at}: {}\r\n", "v".repeat(150)).unwrap());
    (0..62).for_each(|at| write!(lines, "Name-{}: {}\r\n", 61 - at, "\u{fffd}".repeat(30)).unwrap());
    let head = http(&lines, b"");
    assert!((24_000..HttpReader::HEAD_LIMIT).contains(&head.len()), "{}", head.len());
    let plain = http(&format!("A: {}\r\n", "v".repeat(lines.len())), b"");
    cost::holds("a head", (|| slowly(&head), head.len()), (|| slowly(&plain), plain.len()), 20.0);
}

/// A response as it came, for a caller that speaks HTTP itself.
#[test]
fn the_parts_of_a_response() {
    let lines = "X-A: 1\r\nconnection: close, X-Hop \r\nx-a:\t2 \r\nX-HOP: 3\r\nConnection: other,,x-last\r\nX-Last: 4\r\n\
                 Set-Cookie: a=1\r\nKeep-Alive: 5\r\nPROXY-anything: 6\r\nTE: 7\r\nTrailer: 8\r\nUpgrade: 9\r\n\
                 Set-Cookie: b=2\r\n";
    for (framing, body) in
        [("Content-Length: 4\r\n", "b\0\u{e9}"), ("Transfer-Encoding: chunked\r\n", "4\r\nb\0\u{e9}\r\n0\r\n\r\n")]
    {
        let bytes = format!("HTTP/1.1 100 \r\nX-B: 1\r\n\r\nHTTP/1.1 599 Mine\r\n{lines}{framing}\r\n{body}");
        for at in 0..bytes.len() {
            let (call, mut buffer) = (Request::new("/"), [0; 1024]);
            let mut reader = HttpReader::new(&call, &mut buffer);
            for piece in [&bytes.as_bytes()[..at], &bytes.as_bytes()[at..]] {
                if !piece.is_empty() {
                    reader.window()[..piece.len()].copy_from_slice(piece);
                    reader.commit(piece.len()).unwrap();
                }
            }
            let parts = reader.finish_parts().unwrap();
            assert_eq!((parts.status(), parts.body()), (599, "b\0\u{e9}".as_bytes()));
            let mut expected = vec![("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")];
            if framing.starts_with("Content") {
                expected.push(("Content-Length", "4"));
            }
            assert!(parts.headers().eq(expected.iter().map(|(name, value)| (*name, value.as_bytes()))), "{framing}");
        }
        // Before its end there are none.
        let (call, mut buffer) = (Request::new("/"), [0; 1024]);
        let mut reader = HttpReader::new(&call, &mut buffer);
        let cut = &bytes.as_bytes()[..bytes.len() - 1];
        reader.window()[..cut.len()].copy_from_slice(cut);
        assert!(!reader.commit(cut.len()).unwrap());
        assert_eq!(reader.finish_parts().unwrap_err().code(), ErrorCode::CLOUD_SYSTEM_ERROR);
    }
}

/// What a reader would have refused is refused, whatever stack has read it.
#[test]
fn parts_that_contradict_themselves() {
    use callcontainer::gateway::HttpError::{self, Head, Length, Switched};
    const NO_LINES: &[(&str, &str)] = &[];
    let to = |method| Call { method, ..Call::default() };
    let made = |method, status, lines: &[(&str, &str)], body: &str| {
        answer_to_parts(&to(method), status, lines, body.as_bytes())
    };
    type Case<'a> = (Method, u16, &'a [(&'a str, &'a str)], &'a str, Option<HttpError>);
    let cases: &[Case<'_>] = &[
        (Method::Get, 199, NO_LINES, "", Some(Head)),
        (Method::Get, 100, NO_LINES, "", Some(Head)),
        (Method::Get, 101, NO_LINES, "", Some(Switched)),
        (Method::Get, 0, NO_LINES, "", Some(Head)),
        (Method::Get, 1000, NO_LINES, "", Some(Head)),
        (Method::Get, 200, NO_LINES, "", None),
        (Method::Get, 999, NO_LINES, "", None),
        (Method::Get, 200, &[(":status", "200")], "", Some(Head)),
        (Method::Get, 200, &[("", "a")], "", Some(Head)),
        (Method::Get, 200, &[("a b", "a")], "", Some(Head)),
        (Method::Get, 200, &[("a", "a\r\nb: c")], "", Some(Head)),
        (Method::Get, 200, &[("a", "a\0")], "", Some(Head)),
        (Method::Get, 200, &[("a", "\ta\u{e9}\t")], "", None),
        (Method::Get, 200, &[("content-length", "2")], "no", None),
        (Method::Get, 200, &[("content-length", " 2\t")], "no", None),
        (Method::Get, 200, &[("content-length", "3")], "no", Some(Length)),
        (Method::Get, 200, &[("content-length", "1")], "no", Some(Length)),
        (Method::Get, 200, &[("content-length", "02")], "no", None),
        (Method::Get, 200, &[("content-length", "2"), ("Content-Length", "2 ,2")], "no", None),
        (Method::Get, 200, &[("content-length", "2"), ("Content-Length", "02")], "no", Some(Length)),
        (Method::Get, 200, &[("content-length", "+2")], "no", Some(Length)),
        (Method::Get, 200, &[("content-length", "")], "", Some(Length)),
        (Method::Get, 200, &[("content-length", "2,")], "no", Some(Length)),
        (Method::Get, 200, &[("content-length", "18446744073709551616")], "no", Some(Length)),
        (Method::Get, 200, &[("transfer-encoding", "Chunked")], "no", None),
        (Method::Get, 200, &[("transfer-encoding", "gzip, chunked")], "no", Some(Length)),
        (Method::Get, 200, &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], "no", Some(Length)),
        (Method::Get, 200, &[("transfer-encoding", "chunked"), ("content-length", "2")], "no", Some(Length)),
        (Method::Head, 200, &[("content-length", "7")], "", None),
        (Method::Head, 200, &[("content-length", "18446744073709551615")], "", None),
        (Method::Head, 200, &[("content-length", "7")], "7777777", Some(Length)),
        (Method::Head, 200, NO_LINES, "7", Some(Length)),
        (Method::Get, 204, NO_LINES, "7", Some(Length)),
        (Method::Get, 304, &[("content-length", "7")], "", None),
        (Method::Get, 304, &[("content-length", "1")], "7", Some(Length)),
    ];
    for (method, status, lines, body, refused) in cases {
        let made = made(*method, *status, lines, body);
        let error = made.err().map(|refusal| refusal.http_error().expect("of the response"));
        assert_eq!(error, *refused, "{method} {status} {lines:?} {body}");
    }
    let many = |count: usize| made(Method::Get, 200, &vec![("set-cookie", "a=1"); count], "");
    assert!(many(128).is_ok());
    assert_eq!(many(129).unwrap_err().http_error(), Some(HttpError::TooManyHeaders));
}

/// A count that is larger than the window counts as all of it, in the head and in the body.
#[test]
fn a_count_larger_than_the_window_counts_as_the_whole() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    let head = bytes.len() - 10;
    for more in [0, 1, usize::MAX] {
        // The buffer is full with the last byte; the head comes with it, or before.
        for first in [bytes.len(), head, head + 3, 5] {
            let mut buffer = vec![0; bytes.len()];
            let request = Request::new("/");
            let mut reader = HttpReader::new(&request, &mut buffer);
            let mut rest = &bytes[..];
            let mut size = first;
            loop {
                let window = reader.window();
                assert!(!window.is_empty(), "{more} {first}");
                let count = size.min(window.len());
                window[..count].copy_from_slice(&rest[..count]);
                let told = if count == window.len() { count.saturating_add(more) } else { count };
                rest = &rest[count..];
                size = usize::MAX;
                if reader.commit(told).unwrap() {
                    break;
                }
            }
            assert!(rest.is_empty() && reader.keeps_alive(), "{more} {first}");
            let parts = reader.finish_parts().unwrap();
            assert_eq!((parts.status(), parts.body()), (200, &b"0123456789"[..]), "{more} {first}");
        }
    }
}
