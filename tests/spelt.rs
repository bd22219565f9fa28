//! What is documented as a number, as a list or byte by byte, spelt out once more: no expectation here is read from the
//! table that it is about.

use callcontainer::stream::{Body, EncodeStep, Encoder};
use callcontainer::{
    Bytes, Data, DataType, Error, ErrorCode, ErrorKind, Failure, Json, Method, Reply, Request, Response, ResponseType,
    Text, Timeout,
};

#[test]
fn limits() {
    assert_eq!(callcontainer::REQUEST_LIMIT, 102_400);
    assert_eq!(callcontainer::REPLY_LIMIT, 1_024_000);
    assert_eq!(callcontainer::TIMEOUT_LIMIT, 15_000);
    assert_eq!(callcontainer::DEPTH_LIMIT, 128);
    assert_eq!(callcontainer::HEADERS_LIMIT, 64);
    assert_eq!(callcontainer::NAME_LIMIT, 128);
    assert_eq!(callcontainer::PATH_LIMIT, 8192);
    assert_eq!(callcontainer::line::CHECK_LEN, 9);
    #[cfg(feature = "client")]
    assert_eq!(callcontainer::client::HEAD_LIMIT, 16_384);
    #[cfg(feature = "gateway")]
    assert_eq!(
        (callcontainer::gateway::HttpReader::HEAD_LIMIT, callcontainer::gateway::HttpReader::BUFFER),
        (32_768, 1_056_768)
    );
}

/// Through the encoder of slices, and through windows of two sizes.
#[track_caller]
fn assert_request(request: &Request<'_>, expected: &str) {
    let mut buffer = [0; 1024];
    assert_eq!(request.encode(&mut buffer).map(str::from_utf8), Ok(Ok(expected)));
    assert_eq!(request.encoded_len(), Ok(expected.len()));
    assert_eq!(drained(Encoder::<64>::request(request).unwrap()), expected);
    assert_eq!(drained(Encoder::<300>::request(request).unwrap()), expected);
}

fn drained<const W: usize>(mut encoder: Encoder<'_, W>) -> String {
    let mut wire = Vec::new();
    while let EncodeStep::Write(bytes) = encoder.step().unwrap() {
        wire.extend_from_slice(bytes);
        let count = bytes.len();
        encoder.wrote(count);
    }
    String::from_utf8(wire).unwrap()
}

/// Each member by itself, and each default, in every form it can be given in: it is left out.
#[test]
fn a_request_is_written_byte_by_byte() {
    let bare = Request::new("/").with_env("e");
    let around = |member: &str| format!(r#"{{"config":{{"env":"e"}},"path":"/",{member}}}"#);
    let escaped = |text| Text::from_escaped(text).unwrap();
    for (request, expected) in [
        (bare, r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (Request::new("/a?b=c").with_resource_env("r"), r#"{"resourceEnv":"r","path":"/a?b=c"}"#.to_owned()),
        (
            bare.with_resource("a", "r"),
            r#"{"config":{"env":"e"},"resourceAppid":"a","resourceEnv":"r","path":"/"}"#.to_owned(),
        ),
        (bare.with_service("s"), r#"{"config":{"env":"e"},"path":"/","service":"s"}"#.to_owned()),
        (
            bare.with_service("s").with_headers(&[("x-Wx-Service", "s")]),
            around(r#""header":{"x-Wx-Service":"s"}"#),
        ),
        (bare.with_headers(&[]), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_headers(&[("A", ""), ("b", "\t1")]), around(r#""header":{"A":"","b":"\t1"}"#)),
        (bare.with_method(Method::Get), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_method(Method::Options), around(r#""method":"OPTIONS""#)),
        (bare.with_method(Method::Head), around(r#""method":"HEAD""#)),
        (bare.with_method(Method::Post), around(r#""method":"POST""#)),
        (bare.with_method(Method::Put), around(r#""method":"PUT""#)),
        (bare.with_method(Method::Delete), around(r#""method":"DELETE""#)),
        (bare.with_method(Method::Trace), around(r#""method":"TRACE""#)),
        (bare.with_method(Method::Connect), around(r#""method":"CONNECT""#)),
        (bare.with_timeout(1), around(r#""timeout":1"#)),
        (bare.with_timeout(15_000), around(r#""timeout":15000"#)),
        (bare.with_data_type(DataType::Json), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_data_type(DataType::from("json")), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_data_type(DataType::Other("json".into())), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (
            bare.with_data_type(DataType::Other(escaped(r"js\u006fn"))),
            r#"{"config":{"env":"e"},"path":"/"}"#.to_owned(),
        ),
        (bare.with_data_type(DataType::Other("JSON".into())), around(r#""dataType":"JSON""#)),
        (bare.with_data_type(DataType::Other("text".into())), around(r#""dataType":"text""#)),
        (bare.with_data_type(DataType::Other("jso".into())), around(r#""dataType":"jso""#)),
        (bare.with_response_type(ResponseType::Text), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_response_type(ResponseType::ArrayBuffer), around(r#""responseType":"arraybuffer""#)),
        (bare.with_call_id("7"), around(r#""callID":"7""#)),
        (bare.with_data(Data::None), r#"{"config":{"env":"e"},"path":"/"}"#.to_owned()),
        (bare.with_data("".into()), around(r#""data":"""#)),
        (bare.with_data("a\"\\/\u{8}\u{c}\n\r\t\u{b}\u{1f}\u{7f}é".into()), {
            around("\"data\":\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u000b\\u001f\u{7f}é\"")
        }),
        (bare.with_data(Json::new("{ }").unwrap().into()), around(r#""data":{}"#)),
        (bare.with_data(Json::new(" \"\\u0041\" ").unwrap().into()), around(r#""data":"A""#)),
        (bare.with_data(Json::new("null").unwrap().into()), around(r#""data":null"#)),
        (
            bare.with_data(Data::Bytes(Bytes::new(&[]))),
            around(r#""__nativeBuffers__":[{"key":"data","base64":""}]"#),
        ),
        (
            bare.with_data(Data::Bytes(Bytes::new(b"\xff\xfe"))),
            around(r#""__nativeBuffers__":[{"key":"data","base64":"//4="}]"#),
        ),
        (
            Request::new("/p")
                .with_data("d".into())
                .with_call_id("7")
                .with_response_type(ResponseType::ArrayBuffer)
                .with_data_type(DataType::Other("text".into()))
                .with_timeout(9)
                .with_headers(&[("h", "v")])
                .with_method(Method::Put)
                .with_service("s")
                .with_resource("a", "r")
                .with_env("e"),
            concat!(
                r#"{"config":{"env":"e"},"resourceAppid":"a","resourceEnv":"r","path":"/p","service":"s","method":"PUT","#,
                r#""header":{"h":"v"},"timeout":9,"dataType":"text","responseType":"arraybuffer","callID":"7","data":"d"}"#
            )
            .to_owned(),
        ),
    ] {
        assert_request(&request, &expected);
    }
}

/// A timeout that has no effect is none, and is not written: 0, and what is more than the platform waits.
#[test]
fn a_timeout_is_written_if_it_has_an_effect() {
    for (timeout, milliseconds) in [
        ("0", None),
        ("1", Some(1)),
        ("14999", Some(14_999)),
        ("15000", Some(15_000)),
        ("15001", None),
        ("4294967295", None),
        ("4294967296", None),
        ("99999999999999999999999", None),
    ] {
        let envelope = format!(r#"{{"config":{{"env":"e"}},"path":"/","timeout":{timeout}}}"#);
        let request = Request::decode(envelope.as_bytes()).unwrap();
        assert_eq!(request.timeout().milliseconds(), milliseconds, "{timeout}");
        let written = milliseconds.map_or(String::new(), |number| format!(r#","timeout":{number}"#));
        assert_request(&request, &format!(r#"{{"config":{{"env":"e"}},"path":"/"{written}}}"#));
    }
    assert_eq!(Request::new("/").timeout(), Timeout::default());
    assert_eq!(Timeout::default().milliseconds(), None);
}

#[test]
fn a_reply_is_written_byte_by_byte() {
    let bare = Response::new(200);
    let around = |member: &str| format!(r#"{{"statusCode":200,{member}}}"#);
    let escaped = |text| Text::from_escaped(text).unwrap();
    let headers = [("A", "b")];
    for (response, expected) in [
        (bare, r#"{"statusCode":200}"#.to_owned()),
        (Response::new(100), r#"{"statusCode":100}"#.to_owned()),
        (Response::new(999), r#"{"statusCode":999}"#.to_owned()),
        (bare.with_headers(&[]).with_cookies(&[]), r#"{"statusCode":200}"#.to_owned()),
        (bare.with_headers(&headers), around(r#""header":{"A":"b"}"#)),
        (bare.with_cookies(&["a=1", ""]), around(r#""cookies":["a=1",""]"#)),
        (bare.with_call_id("7"), around(r#""callID":"7""#)),
        (bare.with_err_msg("cloud.callContainer:ok"), r#"{"statusCode":200}"#.to_owned()),
        (bare.with_err_msg(escaped(r"cloud.callContainer\u003aok")), r#"{"statusCode":200}"#.to_owned()),
        (bare.with_err_msg("cloud.callContainer:OK"), around(r#""errMsg":"cloud.callContainer:OK""#)),
        (bare.with_err_msg(""), around(r#""errMsg":"""#)),
        (bare.with_data("".into()), around(r#""data":"""#)),
        (
            Response::new(404)
                .with_data(Data::Bytes(Bytes::new(b"d")))
                .with_err_msg("m")
                .with_call_id("7")
                .with_cookies(&["c"])
                .with_headers(&headers),
            concat!(
                r#"{"statusCode":404,"header":{"A":"b"},"cookies":["c"],"callID":"7","errMsg":"m","#,
                r#""__nativeBuffers__":[{"key":"data","base64":"ZA=="}]}"#
            )
            .to_owned(),
        ),
    ] {
        let reply = Reply::from(response);
        let mut buffer = [0; 1024];
        assert_eq!(reply.encode(&mut buffer).map(str::from_utf8), Ok(Ok(expected.as_str())));
        assert_eq!(drained(Encoder::<64>::reply(&reply).unwrap()), expected);
    }
    for status in [0, 99, 1000, u16::MAX] {
        let error = Reply::from(Response::new(status)).encode(&mut [0; 64]).map(drop);
        assert_eq!(error, Err(Error::new(ErrorKind::InvalidStatus, 0)), "{status}");
    }
    for (failure, expected) in [
        (Failure::new(ErrorCode(-1), "m"), r#"{"errCode":-1,"errMsg":"m"}"#),
        (Failure::new(ErrorCode(0), ""), r#"{"errCode":0,"errMsg":""}"#),
        (
            Failure::new(ErrorCode(i32::MIN), "m").with_call_id("7"),
            r#"{"errCode":-2147483648,"errMsg":"m","callID":"7"}"#,
        ),
        (Failure::from_err_msg("cloud:fail -5 x (callId: 9)"), r#"{"errMsg":"cloud:fail -5 x (callId: 9)"}"#),
    ] {
        let reply = Reply::from(failure);
        let mut buffer = [0; 1024];
        assert_eq!(reply.encode(&mut buffer).map(str::from_utf8), Ok(Ok(expected)));
        assert_eq!(drained(Encoder::<64>::reply(&reply).unwrap()), expected);
    }
    let errno = Reply::decode(br#"{"errno":5,"errMsg":"m"}"#).unwrap();
    let mut buffer = [0; 64];
    assert_eq!(errno.encode(&mut buffer), Ok(&br#"{"errCode":5,"errMsg":"m"}"#[..]));
}

/// Every code that advice is given for, wherever it stands; and codes around each that none is given for.
#[test]
fn the_innermost_code_gives_the_advice() {
    let advice = [
        (-1, Some((300, 3)), Some((300, 3))),
        (-405_015, Some((60_000, 1)), Some((60_000, 1))),
        (102_002, Some((0, 1)), None),
        (-405_005, Some((0, 1)), None),
        (-405_010, Some((0, 1)), None),
        (102_005, None, None),
        (40_097, None, None),
        (-501_000, None, None),
        (-501_001, None, None),
        (-606_001, None, None),
        (-606_002, None, None),
        (-601_034, None, None),
        (102_001, None, None),
        (102_003, None, None),
        (-405_004, None, None),
        (-405_006, None, None),
        (-405_009, None, None),
        (-405_011, None, None),
        (-405_014, None, None),
        (-405_016, None, None),
        (-2, None, None),
        (0, None, None),
        (1, None, None),
    ];
    let given = |failure: Failure<'_>, method| failure.retry(method).map(|retry| (retry.delay_ms, retry.at_most));
    for (code, idempotent, other) in advice {
        let inner = [
            format!("cloud.callContainer:fail {code} m"),
            format!("cloud.callContainer:fail Error: cloud:fail {code} m (callId: 7)"),
            format!("cloud.callContainer:fail Error: errCode: {code} | errMsg: m"),
            format!("errCode: {code} ｜ errMsg: m"),
            format!("all failed:, Error: cloud.callContainer:fail Error: errCode: {code} | errMsg: m"),
            // The innermost of several.
            format!("cloud.callContainer:fail 102005 Error: errCode: -405015 | errMsg: cloud:fail {code} m"),
        ];
        for method in Method::ALL {
            let expected = if matches!(method, Method::Post | Method::Connect) { other } else { idempotent };
            for message in &inner {
                // Without a code of its own, or with -1, which may wrap another, the one inside counts.
                assert_eq!(given(Failure::from_err_msg(message.as_str()), method), expected, "{method:?} {message}");
                let wrapped = Failure::new(ErrorCode(-1), message.as_str());
                assert_eq!((given(wrapped, method), wrapped.code()), (expected, Some(ErrorCode(-1))), "{message}");
                // Any other code of its own counts, whatever the text says.
                for (own, idempotent, other) in advice.into_iter().filter(|(own, ..)| *own != -1) {
                    let expected = if matches!(method, Method::Post | Method::Connect) { other } else { idempotent };
                    let failure = Failure::new(ErrorCode(own), message.as_str());
                    assert_eq!(given(failure, method), expected, "{method:?} {own} {message}");
                }
            }
            for message in ["", "m", "cloud.callContainer:fail m"] {
                assert_eq!(given(Failure::new(ErrorCode(code), message), method), expected, "{method:?} {code}");
                assert_eq!(given(Failure::from_err_msg(message), method), None);
            }
        }
    }
}

/// Where a body from elsewhere is not what was said, to the byte, however it comes and through any window.
#[test]
fn a_body_that_is_not_what_was_said_is_told_at_its_byte() {
    use ErrorKind::{BodyLength, InvalidUtf8, TrailingData, UnexpectedByte};
    let long = "x".repeat(300);
    let quotes = "\"".repeat(40);
    let list = format!("[{}1]", "1,".repeat(100));
    let cut = &list[..list.len() - 1];
    for (source, body, kind, offset) in [
        // It ends early.
        (&b""[..], Body::text(1), BodyLength, 0),
        (b"abc", Body::text(4), BodyLength, 3),
        (long.as_bytes(), Body::text(301), BodyLength, 300),
        (b"", Body::bytes(1), BodyLength, 0),
        (b"ab", Body::bytes(3), BodyLength, 2),
        (b"abc", Body::bytes(4), BodyLength, 3),
        (long.as_bytes(), Body::bytes(301), BodyLength, 300),
        (b"1", Body::json(2), BodyLength, 1),
        (cut.as_bytes(), Body::json(list.len()), BodyLength, cut.len()),
        // It takes more room than was said: behind the bytes that have none.
        (b"a\"", Body::text(2), BodyLength, 2),
        (b"\x01", Body::text(5), BodyLength, 1),
        ("aé".as_bytes(), Body::text(2), BodyLength, 2),
        (quotes.as_bytes(), Body::text(79), BodyLength, 40),
        (b"[1,2]", Body::json(4), BodyLength, 4),
        // White space takes no room, and what is behind the end of the value is something else.
        (b"[1, 2]  x", Body::json(9), TrailingData, 8),
        (b"[1,]", Body::json(4), UnexpectedByte, 3),
        (b"ab\xff", Body::text(3), InvalidUtf8, 2),
    ] {
        for size in [1, 2, 5, usize::MAX] {
            let shown = format!("{} {body:?} in reads of {size}", source.escape_ascii());
            let request = Request::new("/").with_env("e");
            assert_eq!(
                refused(Encoder::<64>::request_from(&request, body).unwrap(), source, size),
                (kind, offset),
                "{shown}"
            );
            assert_eq!(
                refused(Encoder::<512>::request_from(&request, body).unwrap(), source, size),
                (kind, offset),
                "{shown}"
            );
            let reply = Reply::from(Response::new(200));
            assert_eq!(
                refused(Encoder::<99>::reply_from(&reply, body).unwrap(), source, size),
                (kind, offset),
                "{shown}"
            );
        }
    }
}

/// What is wrong, where, when the body comes in reads of this size.
fn refused<const W: usize>(mut encoder: Encoder<'_, W>, mut source: &[u8], size: usize) -> (ErrorKind, usize) {
    let error = loop {
        match encoder.step() {
            Err(error) => break error,
            Ok(EncodeStep::Done) => panic!("all of it was written"),
            Ok(EncodeStep::Write(bytes)) => {
                let count = bytes.len();
                encoder.wrote(count);
            }
            Ok(EncodeStep::Read(window)) => {
                let count = window.len().min(size).min(source.len());
                window[..count].copy_from_slice(&source[..count]);
                source = &source[count..];
                if let Err(error) = encoder.read(count) {
                    break error;
                }
            }
        }
    };
    assert_eq!(encoder.step(), Err(error));
    (error.kind(), error.offset())
}

/// Owned storage of just the length that is needed, of one byte less, and of none.
#[cfg(feature = "heapless-v0_9")]
#[test]
fn heapless_storage_takes_what_fits() {
    use callcontainer::heapless::{String, Vec};
    fn text<const N: usize>(text: Text<'_>) -> Result<String<N>, Error> {
        text.to_heapless()
    }
    let too_small = |room| Error::new(ErrorKind::BufferTooSmall, room);
    let plain = Text::new("a好\n");
    assert_eq!(text::<5>(plain).as_deref(), Ok("a好\n"));
    assert_eq!(text::<9>(plain).as_deref(), Ok("a好\n"));
    assert_eq!(text::<4>(plain), Err(too_small(4)));
    assert_eq!(text::<0>(plain), Err(too_small(0)));
    assert_eq!(text::<0>(Text::new("")).as_deref(), Ok(""));
    // Escapes are gone: it is the decoded length that counts.
    let escaped = Text::from_escaped(r"\u0061\ud83d\ude00\n\/").unwrap();
    assert_eq!(text::<7>(escaped).as_deref(), Ok("a😀\n/"));
    assert_eq!(text::<6>(escaped), Err(too_small(6)));

    let json = Json::new("[1, 2]").unwrap();
    assert_eq!(json.to_heapless::<6>().as_deref(), Ok("[1, 2]"));
    assert_eq!(json.to_heapless::<5>(), Err(too_small(5)));

    let bytes = [Bytes::new(&[0, 255, 7, 9]), Bytes::from_base64("AP8HCQ==").unwrap()];
    for bytes in bytes {
        let all: Result<Vec<u8, 4>, Error> = bytes.to_heapless();
        assert_eq!(all.as_deref(), Ok(&[0, 255, 7, 9][..]));
        assert_eq!(bytes.to_heapless::<5>().map(|all| all.len()), Ok(4));
        assert_eq!(bytes.to_heapless::<3>(), Err(too_small(3)));
    }

    const CALL: &str = r#"{"config":{"env":"e"},"path":"/"}"#;
    const SHORTER: usize = CALL.len() - 1;
    let request = Request::new("/").with_env("e");
    assert_eq!(request.encode_heapless::<{ CALL.len() }>().as_deref(), Ok(CALL.as_bytes()));
    assert_eq!(request.encode_heapless::<100>().as_deref(), Ok(CALL.as_bytes()));
    assert_eq!(request.encode_heapless::<SHORTER>(), Err(too_small(SHORTER)));
    let wrong = Request::new("no slash").with_env("e").encode_heapless::<100>();
    assert_eq!(wrong.map(drop), Err(Error::new(ErrorKind::InvalidPath, 0)));

    const ANSWER: &str = r#"{"statusCode":204}"#;
    let reply = Reply::from(Response::new(204));
    assert_eq!(reply.encode_heapless::<{ ANSWER.len() }>().as_deref(), Ok(ANSWER.as_bytes()));
    assert_eq!(reply.encode_heapless::<17>(), Err(too_small(17)));
}
