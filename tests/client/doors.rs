//! Calls without a gateway: what goes out is what a gateway would pass on, and what comes back is the reply that it would
//! have made.

use crate::peer::{Peer, block_on};
use crate::retrying::{Waits, call_over};
use callcontainer::client::{CallError, ClientStep, Cloud, Detached, Framing, HttpError, OpenApiHost, ReplyStream};
use callcontainer::embedded_io::Read as _;
use callcontainer::gateway::{Env, HttpReader, HttpRequest, Permission, Relation};
use callcontainer::stream::{Body, WriteCause, WriteError};
use callcontainer::{
    Data, DataType, ErrorCode, ErrorKind, Failure, Json, Method, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request,
    ResponseType, Text,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub const HOST: &str = "shop.example";

pub fn domain() -> Framing<'static> {
    Framing::domain(HOST).unwrap()
}

pub fn open_api() -> Framing<'static> {
    Framing::open_api("prod-01.api.tcloudbasegateway.com", "shop", "t0k.en").unwrap()
}

pub fn cloud<const W: usize>(peer: Peer, framing: Framing<'static>) -> Cloud<'static, Peer, W> {
    let mut cloud = Cloud::new(0);
    assert!(cloud.init(peer, framing).is_none());
    cloud
}

/// What is written for a call, or why nothing is.
fn sent(request: &Request<'_>, framing: Framing<'static>) -> Result<Vec<u8>, ErrorKind> {
    let mut cloud = cloud::<64>(Peer::new("HTTP/1.1 204 No Content\r\n\r\n"), framing);
    let result = cloud.call(request, &mut [0; 256]).map(|reply| assert!(matches!(reply, Reply::Response(_))));
    let written = cloud.take().unwrap().written;
    match result {
        Ok(()) => Ok(written),
        Err(CallError::Request(error)) => {
            assert!(written.is_empty());
            Err(error.kind())
        }
        Err(error) => panic!("{error}"),
    }
}

/// What a gateway passes on for the call of another client.
fn passed_on(request: &Request<'_>) -> Option<Vec<u8>> {
    let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
    let permission = Permission::new(&env, "shop", Relation::Public);
    let request = request.with_env("prod-01");
    let http = HttpRequest::new(&request, &permission, None, HOST).ok()?;
    let mut buffer = vec![0; http.encoded_len()];
    Some(http.encode(&mut buffer).unwrap().to_vec())
}

#[test]
fn a_call_goes_out_as_a_gateway_would_pass_it_on() {
    let json = |text| Data::from(Json::new(text).unwrap());
    let headers: [&[(&str, &str)]; 4] = [
        &[],
        &[("Cookie", "a=1"), ("X-A", "好")],
        &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        &[("Content-Type", "text/plain"), ("Authorization", "Basic QQ==")],
    ];
    let data = [
        Data::None,
        Data::from(""),
        Data::from("GET / HTTP/1.1\r\n\r\n"),
        Data::from(&b"\0\xff\r\n"[..]),
        json(r#"{"a":[1,{"b":null}],"q":"x y&z","é":true}"#),
        json(" [1, 2 ] "),
        json("null"),
        json("7"),
        json(r#""\ud83d\ude00""#),
        json(r#"{"a":"\ud83d"}"#),
    ];
    let mut count = (0, 0);
    for method in Method::ALL {
        for path in ["/", "/a b?q=1&q=2#x".replace(' ', "+").as_str(), "/好/%41?é=\"<>"] {
            for headers in headers {
                for data in data {
                    let request = Request::new(path).with_method(method).with_headers(headers).with_data(data);
                    let direct = sent(&request, domain());
                    assert_eq!(direct.as_ref().ok(), passed_on(&request).as_ref(), "{request:?} {direct:?}");
                    let (all, refused) = &mut count;
                    *all += 1;
                    *refused += usize::from(direct.is_err());
                }
            }
        }
    }
    assert_eq!(count.0, 8 * 3 * 4 * 10);
    assert!(count.1 > 300 && count.1 < 700, "{count:?}");
}

#[test]
fn the_open_api_adds_the_service_and_the_token() {
    let request = Request::new("/orders?page=2").with_data(Json::new(r#"{"size":3}"#).unwrap().into());
    let written = sent(&request, open_api()).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "GET /v1/cloudrun/shop/orders?page=2&size=3 HTTP/1.1\r\n\
         Host: prod-01.api.tcloudbasegateway.com\r\n\
         Accept-Encoding: identity\r\n\
         Authorization: Bearer t0k.en\r\n\
         content-type: application/json\r\n\r\n"
    );
    let debug = format!("{:?} {:?}", open_api(), domain());
    assert_eq!(
        debug,
        r#"OpenApi { host: "prod-01.api.tcloudbasegateway.com", .. } Domain { host: "shop.example", .. }"#
    );
}

#[test]
fn nothing_is_sent_that_nobody_would_take_out() {
    let names = [
        "X-WX-OPENID",
        "x_wx_openid",
        "X.Wx-Source",
        "x_wx_service",
        "X-WX-EXCLUDE-CREDENTIALS",
        "X-Forwarded-For",
        "x_real_ip",
        "Host",
        "Content-Length",
        "transfer_encoding",
        "Connection",
        "Accept-Encoding",
        "Expect",
        "Proxy",
        "Referer",
    ];
    for name in names {
        let headers = [("x-a", "1"), (name, "1")];
        let request = Request::new("/").with_headers(&headers[..]);
        assert_eq!(sent(&request, domain()), Err(ErrorKind::ForbiddenHeader), "{name}");
        assert_eq!(sent(&request, open_api()), Err(ErrorKind::ForbiddenHeader), "{name}");
    }
    let request = Request::new("/").with_headers(&[("AUTHORIZATION", "Bearer mine")][..]);
    assert_eq!(sent(&request, open_api()), Err(ErrorKind::ForbiddenHeader));
    assert!(sent(&request, domain()).is_ok());
    for method in [Method::Connect, Method::Trace] {
        assert_eq!(sent(&Request::new("/").with_method(method), open_api()), Err(ErrorKind::InvalidMethod));
    }
    assert_eq!(sent(&Request::new("/").with_data("x".into()), open_api()), Err(ErrorKind::WrongType));
    let request = Request::new("/").with_headers(&[("a", "b\r\nc: d")][..]);
    assert_eq!(sent(&request, domain()), Err(ErrorKind::InvalidHeaderValue));
    assert_eq!(sent(&Request::new("/a b"), domain()), Err(ErrorKind::InvalidPath));
    assert_eq!(sent(&Request::new("a"), domain()), Err(ErrorKind::InvalidPath));
}

#[test]
fn no_path_leaves_the_service() {
    let leaving = [
        "/..",
        "/.",
        "/../other/x",
        "/a/../../../other",
        "/a/./b",
        "/%2e%2E/other",
        "/.%2e/other",
        "/a/%2e./",
        "/..%2fother",
        "/a%2F..%5cother",
        "/..\\other",
        "/..;x/other",
        "/a/..?x",
        "/a/..#x",
        "/..%3fx",
        "/a/.%23x",
        "/..%00x",
        "/%252e%252E/other",
        "/%25%32e%25%32E/other",
        "/%%32e%%32E/other",
        "/a%25252f..",
    ];
    for path in leaving {
        assert_eq!(sent(&Request::new(path), open_api()), Err(ErrorKind::InvalidPath), "{path}");
        let escaped: String = path.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let escaped = Text::from_escaped(&escaped).unwrap();
        assert_eq!(sent(&Request::new(escaped), open_api()), Err(ErrorKind::InvalidPath), "{path}");
        // A host of its own has nothing to leave.
        assert!(sent(&Request::new(path), domain()).is_ok(), "{path}");
    }
    for (path, offset) in [("/..", 0), ("/a/./b", 2), ("//../x", 1), ("/a%2F..%5cother", 4), ("/\\.", 1)] {
        let mut cloud = cloud::<64>(Peer::new(""), open_api());
        let Err(CallError::Request(error)) = cloud.call(&Request::new(path), &mut [0; 64]) else { panic!("{path}") };
        assert_eq!(error.offset(), offset, "{path}");
    }
    for path in [
        "/",
        "/...",
        "/..a",
        "/a..",
        "/.well-known/x",
        "/a?x=/../y",
        "/a#/..",
        "/%2",
        "/%2e%2e%2e",
        "/%zz..",
        "//",
        "/%25",
        "/%25zz",
        "/%252",
        "/%252e%252e%252e",
        "/%25%32%65%25%32%65%25%32%65",
    ] {
        assert!(sent(&Request::new(path), open_api()).is_ok(), "{path}");
    }
}

#[test]
fn a_call_may_name_its_service() {
    let target = |request: &Request<'_>, framing| {
        sent(request, framing).map(|written| {
            let head = String::from_utf8(written).unwrap();
            assert!(!head.to_lowercase().contains("x-wx-service"), "{head}");
            head.split(' ').nth(1).unwrap().to_owned()
        })
    };
    let (base, named) = (Request::new("/a"), [("X-Wx-Service", "pay"), ("b", "c")]);
    let escaped = Text::from_escaped("p\\u0061y").unwrap();
    for request in [base.with_service("pay"), base.with_headers(&named[..]), base.with_service(escaped)] {
        assert_eq!(target(&request, open_api()).as_deref(), Ok("/v1/cloudrun/pay/a"));
        assert_eq!(target(&request, domain()).as_deref(), Ok("/a"));
    }
    assert_eq!(target(&base, open_api()).as_deref(), Ok("/v1/cloudrun/shop/a"));
    let long = "a".repeat(60);
    assert_eq!(target(&base.with_service(long.as_str()), open_api()), Ok(format!("/v1/cloudrun/{long}/a")));
    for name in ["a", "a/b", "..", "1a", "a-", "a b", "é", &"a".repeat(61), &("a".repeat(60) + "1"), &"a".repeat(128)]
    {
        assert_eq!(target(&base.with_service(name), open_api()), Err(ErrorKind::InvalidName), "{name}");
    }
    // Each character at each place: a letter, then letters, digits, `_` and `-`, then a letter or digit.
    for character in (0x20..0x7F_u8).map(char::from) {
        for (name, allowed) in [
            (format!("{character}bc"), character.is_ascii_alphabetic()),
            (format!("a{character}c"), character.is_ascii_alphanumeric() || matches!(character, '_' | '-')),
            (format!("ab{character}"), character.is_ascii_alphanumeric()),
        ] {
            assert_eq!(target(&base.with_service(name.as_str()), open_api()).is_ok(), allowed, "{name}");
        }
    }
}

#[test]
fn names_and_hosts_keep_their_rules() {
    let wrong =
        |name: &str| Framing::open_api(HOST, name, "t").map(|_| ()).map_err(|error| (error.kind(), error.offset()));
    let long = format!("a{}b", "-".repeat(58));
    for name in ["ab", "a1", "A-9", "a_b-c", &long] {
        assert_eq!(wrong(name), Ok(()), "{name}");
    }
    let longer = format!("a{}b", "-".repeat(59));
    let cases = [
        ("", 0),
        ("a", 0),
        ("1a", 0),
        ("-a", 0),
        ("a-", 1),
        ("a_", 1),
        ("a/b", 1),
        ("a b", 1),
        ("aé", 1),
        (&longer, 60),
    ];
    for (name, offset) in cases {
        assert_eq!(wrong(name), Err((ErrorKind::InvalidName, offset)), "{name}");
    }
    for host in ["", "a b", "a\r\nb", "é"] {
        assert_eq!(Framing::domain(host).unwrap_err().kind(), ErrorKind::InvalidHeaderValue);
        assert_eq!(Framing::open_api(host, "shop", "t").unwrap_err().kind(), ErrorKind::InvalidHeaderValue);
        assert_eq!(Framing::open_api(HOST, "shop", host).unwrap_err().kind(), ErrorKind::InvalidHeaderValue);
    }
    for env in ["", "-a", "a-", "a.b", "a b", "a\r\n", "é", "a/"] {
        assert_eq!(OpenApiHost::new(env).unwrap_err().kind(), ErrorKind::InvalidName, "{env}");
    }
    let longest = "e".repeat(63);
    assert_eq!(OpenApiHost::abroad(&longest).unwrap().as_str(), format!("{longest}.api.intl.tcloudbasegateway.com"));
    assert_eq!(OpenApiHost::new(&"e".repeat(64)).unwrap_err().kind(), ErrorKind::TooLong);
}

/// An answer of a service, and the call that it answers.
#[derive(Clone, Debug)]
pub struct Answered {
    pub method: Method,
    pub data_type: &'static str,
    pub response_type: ResponseType,
    pub data: Data<'static>,
    pub http: Vec<u8>,
    pub body_len: usize,
    /// Something came behind it.
    pub surplus: bool,
}

impl Answered {
    pub fn request(&self) -> Request<'_> {
        Request::new("/")
            .with_method(self.method)
            .with_data_type(DataType::Other(Text::new(self.data_type)))
            .with_response_type(self.response_type)
            .with_data(self.data)
            .with_call_id("7-0.5")
    }

    /// The reply of a gateway, if it makes one, and whether it uses the connection again.
    pub fn through_gateway(&self) -> Option<(Vec<u8>, bool)> {
        let request = self.request();
        let mut memory = vec![0; HttpReader::BUFFER + 100_000];
        let mut reader = HttpReader::new(&request, &mut memory);
        let mut rest = &self.http[..];
        loop {
            let window = reader.window();
            let len = rest.len().min(window.len());
            window[..len].copy_from_slice(&rest[..len]);
            rest = &rest[len..];
            if reader.commit(len).ok()? {
                break;
            }
        }
        let keeps_alive = reader.keeps_alive();
        let response = reader.finish(request.call_id()).ok()?;
        let mut envelope = vec![0; response.encoded_len()];
        response.encode(&mut envelope).unwrap();
        Some((envelope, keeps_alive))
    }

    /// The client alone comes to the same, in pieces of any size, with a buffer that is no larger than it must be.
    fn check<const W: usize>(&self, framing: Framing<'static>, gives: usize) {
        let expected = self.through_gateway();
        let mut peer = Peer::new(&self.http).giving(gives);
        peer.waits = true;
        let mut cloud = cloud::<W>(peer, framing);
        let head = self.http.len();
        let mut buffer = vec![0xAA; head + expected.as_ref().map_or(1_100_000, |(envelope, _)| envelope.len())];
        let request = self.request();
        let reply = if gives.is_multiple_of(2) {
            cloud.call(&request, &mut buffer).ok()
        } else {
            block_on(cloud.call_async(&request, &mut buffer)).ok()
        };
        let text = self.http.escape_ascii();
        match &expected {
            Some((envelope, keeps_alive)) => {
                assert_eq!(reply, Some(Reply::decode(envelope).unwrap()), "{text}");
                // A surplus that has not been read yet is not known.
                assert!(cloud.is_ready() == *keeps_alive || (self.surplus && cloud.is_ready()), "{text}");
            }
            None => assert_eq!(reply, None, "{text}"),
        }
    }
}

pub fn any_answer() -> impl Strategy<Value = Answered> {
    let line = select(vec![
        "X-A: 1",
        "x-a:  2\t",
        "X-A:",
        "Set-Cookie: a=1; Path=/",
        "set-cookie: b=\"2\", c",
        "Content-Type: text/plain",
        "Connection: x-b, close",
        "Connection: keep-alive",
        "X-B: gone",
        "Proxy-Status: gone",
        "Content-Encoding: identity",
        "Content-Encoding: gzip",
        "X-C: \\ \"é\"",
        "X-D: \u{7f}",
        "TE: gone",
        "Location: /elsewhere",
        "X-Request-Id: r-1",
    ]);
    let body = select(vec![
        &b""[..], b" ", b"{}", b"{\"id\": 7}", b" [1 , 2]\n", b"null", b"7", b"\"text\"", b"\"a\\\"\\u597d\"", b"\"\\ud83d\"",
        b"\xef\xbb\xbf{\"bom\":1}", b"\xef\xbb\xbftext", b"\xef\xbb\xbf\"bom\"", b"\xef\xbb\xbf", b"plain \"quoted\"\r\n\\",
        b"{\"broken\":\"\xff\"}", b"\"\xe5\xa5\"", b"broken \xf0\x90\x80 \x80\xe5", b"{\"half\":", b"{} {}",
        b"{\"code\":\"A\",\"message\":\"b\",\"requestId\":7}", b"\0\x01\xfe\xff",
        "好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好\u{1f600}\u{1f600}\u{1f600}\u{1f600}".as_bytes(),
        b"0123456789abcdef\x80\x80\x80\x80\x800123456789abcdef\xf0\x9f\x98\xff\xf0\x9f\x980123456789\x01\x02\x03\"\"\"\"\"\"",
    ]);
    let body = prop_oneof![8 => body.prop_map(<[u8]>::to_vec), 2 => vec(any::<u8>(), 0..300), 1 => vec(select(vec![b'[', b'"', b'\\', 0xE5, 0xA5, 0xBD, 0xF0, 0x9F, 0x80, b'a', b' ']), 0..200)];
    let status = select(vec![200_u16, 200, 201, 204, 301, 304, 404, 500, 503, 999]);
    let framing = select(vec![0_u8, 0, 1, 2]);
    let call = (
        select(vec![Method::Get, Method::Post, Method::Put, Method::Head, Method::Delete]),
        select(vec!["json", "json", "text", ""]),
        select(vec![ResponseType::Text, ResponseType::Text, ResponseType::ArrayBuffer]),
        any::<bool>(),
    );
    let interim = select(vec![
        "",
        "",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
    ]);
    let surplus = select(vec!["", "", "", "x"]);
    (call, status, vec(line, 0..8), framing, body, interim, surplus, 1..40_usize).prop_map(
        |((method, data_type, response_type, has_data), status, lines, framing, body, interim, surplus, chunk)| {
            let mut http = format!("{interim}HTTP/1.1 {status} Reason\r\n").into_bytes();
            for line in &lines {
                // Each character as a byte: so some are not UTF-8.
                http.extend(line.chars().map(|character| character as u8));
                http.extend(b"\r\n");
            }
            match framing {
                0 => http.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes()),
                1 => http.extend(b"Transfer-Encoding: chunked\r\n\r\n"),
                _ => http.extend(b"\r\n"),
            }
            if method != Method::Head && !matches!(status, 204 | 304) {
                if framing == 1 {
                    for piece in body.chunks(chunk) {
                        http.extend(format!("{:x};x\r\n", piece.len()).bytes());
                        http.extend(piece);
                        http.extend(b"\r\n");
                    }
                    http.extend(b"0\r\nTrailer: x\r\n\r\n");
                } else {
                    http.extend(&body);
                }
                http.extend(surplus.bytes());
            }
            let with_body = has_data && !matches!(method, Method::Get | Method::Head);
            let data = if with_body { Data::from(Json::new("{}").unwrap()) } else { Data::None };
            Answered {
                method,
                data_type,
                response_type,
                data,
                http,
                body_len: body.len(),
                surplus: !surplus.is_empty(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn an_answer_is_what_a_gateway_makes_of_it(answer in any_answer(), gives in 0..20_usize) {
        answer.check::<64>(domain(), gives);
        answer.check::<512>(open_api(), gives);
    }
}

#[test]
fn a_buffer_takes_what_the_envelope_takes() {
    let bodies = ["plain \"text\" \u{1}".to_owned(), "{\"id\":7}".to_owned(), "好".repeat(100), String::new()];
    for body in bodies {
        for response_type in [ResponseType::Text, ResponseType::ArrayBuffer] {
            let http = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
            let answer = Answered {
                method: Method::Get,
                data_type: "json",
                response_type,
                data: Data::None,
                http,
                body_len: body.len(),
                surplus: false,
            };
            let (envelope, _) = answer.through_gateway().unwrap();
            let request = answer.request();
            // The head, and what takes its place: all of the envelope before the content of the body.
            let end_of = |bytes: &[u8], end: &[u8]| {
                bytes.windows(end.len()).position(|place| place == end).map(|at| at + end.len())
            };
            let head = end_of(&answer.http, b"\r\n\r\n").unwrap();
            let before = end_of(&envelope, b"\"data\":").or(end_of(&envelope, b"\"base64\":\"")).unwrap();
            let least = envelope.len().max(head + before);
            for size in 0..least + 3 {
                let mut cloud = cloud::<64>(Peer::new(&answer.http), domain());
                let mut buffer = vec![0; size];
                let result = cloud.call(&request, &mut buffer);
                if size >= least {
                    assert_eq!(result.unwrap(), Reply::decode(&envelope).unwrap());
                } else if let Err(error) = result {
                    assert!(
                        matches!(error, CallError::Reply(error) if error.kind() == ErrorKind::BufferTooSmall),
                        "{size} {error}"
                    );
                } else {
                    assert!(size >= envelope.len());
                }
                // The rest was dropped, and the next answer would be the next call's.
                assert!(cloud.is_ready());
            }
        }
    }
}

/// The failure that comes of this answer of the platform, or the status of a response.
fn failed(status: u16, body: &str, framing: Framing<'static>) -> Result<(Option<ErrorCode>, String), u16> {
    let http = format!("HTTP/1.1 {status} X\r\nX-Request-Id: r-1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut cloud = cloud::<64>(Peer::new(http), framing);
    let mut buffer = [0; 1024];
    let request = Request::new("/").with_call_id("7");
    let result = match cloud.call(&request, &mut buffer).unwrap() {
        Reply::Failure(failure) => {
            assert_eq!(failure.call_id().unwrap(), "7");
            Ok((failure.code(), failure.err_msg().to_string()))
        }
        Reply::Response(response) => {
            assert_eq!(response.headers().get("x-request-id").unwrap(), "r-1");
            Err(response.status())
        }
    };
    assert!(cloud.is_ready());
    result
}

#[test]
fn an_error_object_of_the_platform_is_a_failure() {
    let object = |code: &str| format!(r#" {{"code":"{code}", "message":"it \"is\" 好","requestId":"r-1"}} "#);
    let cases = [
        ("SERVICE_TIMEOUT", 504, Some(ErrorCode::REQUEST_TIMEOUT)),
        ("SERVICE_NOT_READY", 503, Some(ErrorCode::NOT_INITIALISED)),
        ("INVALID_CREDENTIALS", 401, Some(ErrorCode::ACCESS_DENIED)),
        ("MISSING_CREDENTIALS", 401, Some(ErrorCode::ACCESS_DENIED)),
        ("SERVICE_FORBIDDEN", 403, Some(ErrorCode::ACCESS_DENIED)),
        ("SERVICE_NOT_FOUND", 404, Some(ErrorCode::ACCESS_DENIED)),
        ("SERVICE_LB_STATUS_ABNORMAL", 502, Some(ErrorCode::CLOUD_SYSTEM_ERROR)),
        ("EXCEED_RATELIMIT", 429, Some(ErrorCode::TOO_MANY_REQUESTS)),
        ("SERVICE_CHARGE_OVERDUE", 402, None),
        ("SERVICE_DISABLED", 423, Some(ErrorCode::NOT_ACTIVATED)),
        ("ANYTHING_ELSE", 451, None),
    ];
    for (code, status, expected) in cases {
        let (found, err_msg) = failed(status, &object(code), open_api()).unwrap();
        assert_eq!(found, expected, "{code}");
        let text = format!("{code}: it \"is\" 好, requestId r-1");
        let message = match expected {
            Some(number) => format!("cloud.callContainer:fail Error: errCode: {number} | errMsg: {text}"),
            None => format!("cloud.callContainer:fail Error: {text}"),
        };
        assert_eq!(err_msg, message);
        let failure = Failure::from_err_msg(Text::new(&err_msg));
        assert_eq!(failure.message().text(), text.as_str());
        // At its own door, a service may say the same.
        assert_eq!(failed(status, &object(code), domain()), Err(status));
    }
    let retry = |status, code: &str, method| {
        let http = object(code);
        let http = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{http}", http.len());
        let mut cloud = cloud::<64>(Peer::new(http), open_api());
        let mut buffer = [0; 1024];
        let reply = cloud.call(&Request::new("/").with_method(method), &mut buffer).unwrap();
        reply.retry(method).map(|retry| (retry.delay_ms, retry.at_most))
    };
    assert_eq!(retry(429, "X", Method::Post), Some((60_000, 1)));
    assert_eq!(retry(503, "SERVICE_NOT_READY", Method::Post), Some((300, 3)));
    assert_eq!(retry(401, "INVALID_CREDENTIALS", Method::Get), None);
    assert_eq!(retry(504, "SERVICE_TIMEOUT", Method::Get), Some((0, 1)));
    assert_eq!(retry(504, "SERVICE_TIMEOUT", Method::Post), None);
}

#[test]
fn any_other_answer_is_that_of_the_service() {
    let bodies = [
        r#"{"code":"SERVICE_TIMEOUT","message":"m"}"#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r","more":1}"#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":7}"#,
        // Valid as far as the three members go.
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r""#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r"]"#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r",}"#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r"}}"#,
        "{\"code\":\"SERVICE_TIMEOUT\",\"message\":\"m\",\"requestId\":\"\u{1}\"}",
        r#"{"code":1,"message":"m","requestId":"r"}"#,
        r#"{"code":"A","code":"B","message":"m","requestId":"r"}"#,
        r#"{"code":"\ud83d","message":"m","requestId":"r"}"#,
        r#"["code","message","requestId"]"#,
        r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r"} x"#,
        "{}",
        "SERVICE_TIMEOUT",
        "",
    ];
    for body in bodies {
        assert_eq!(failed(404, body, open_api()), Err(404), "{body}");
    }
    let object = r#"{"code":"SERVICE_TIMEOUT","message":"m","requestId":"r"}"#;
    for status in [200, 302, 399, 600, 999] {
        assert_eq!(failed(status, object, open_api()), Err(status));
    }
    assert!(failed(400, object, open_api()).is_ok());
    assert!(failed(599, object, open_api()).is_ok());
}

#[test]
fn limits_hold() {
    // The whole request counts.
    let fixed = sent(&Request::new("/").with_method(Method::Post).with_data("".into()), domain()).unwrap().len();
    // The length takes four digits more, and `Connection: close` comes with the text.
    let most = REQUEST_LIMIT - fixed - "00000".len() - "Connection: close\r\n".len();
    let text = "x".repeat(most + 1);
    let post = |len: usize| Request::new("/").with_method(Method::Post).with_data(text[..len].into());
    assert_eq!(sent(&post(most), domain()).unwrap().len(), REQUEST_LIMIT);
    assert_eq!(sent(&post(most + 1), domain()), Err(ErrorKind::RequestTooLarge));

    let call = |body: &[u8]| {
        let mut http = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        let head = http.len();
        http.extend(body);
        let mut cloud = cloud::<512>(Peer::new(http), domain());
        let mut buffer = vec![0; REPLY_LIMIT + head + 100];
        let request = Request::new("/").with_call_id("7");
        cloud.call(&request, &mut buffer).map(|reply| match reply {
            Reply::Response(response) => response.data().len(),
            Reply::Failure(_) => 0,
        })
    };
    let around = br#"{"statusCode":200,"header":{"Content-Length":"1000000"},"callID":"7","data":""}"#.len();
    let body = vec![b'x'; REPLY_LIMIT - around];
    assert_eq!(call(&body), Ok(body.len()));
    let body = vec![b'x'; REPLY_LIMIT - around + 1];
    assert!(matches!(call(&body), Err(CallError::Reply(error)) if error.kind() == ErrorKind::ReplyTooLarge));
    let body = vec![b'x'; REPLY_LIMIT + 1];
    assert!(matches!(call(&body), Err(CallError::Reply(error)) if error.kind() == ErrorKind::ReplyTooLarge));
}

#[test]
fn what_is_no_http_is_refused() {
    let call = |http: &str| {
        let mut cloud = cloud::<64>(Peer::new(http), open_api());
        let result = cloud.call(&Request::new("/"), &mut [0; 4096]).map(|_| ());
        assert!(!cloud.is_ready());
        result
    };
    assert_eq!(call("{}"), Err(CallError::Http(HttpError::Head)));
    assert_eq!(call(""), Err(CallError::NoAnswer(None)));
    assert_eq!(call("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), Err(CallError::UnexpectedEof));
    let lines = "a: b\r\n".repeat(129);
    assert_eq!(call(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n")), Err(CallError::Http(HttpError::TooManyHeaders)));
    let coded = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(call(coded), Err(CallError::Http(HttpError::Coded)));
}

/// The body of a call from elsewhere: its kind and length, and its bytes as they are read.
fn supplied<'d>(data: &Data<'d>) -> Option<(Body, Vec<u8>)> {
    match data {
        Data::None => None,
        Data::Text(text) => {
            let plain = text.chars().collect::<String>();
            Some((Body::text(text.encoded_len()).with_plain_len(plain.len()), plain.into_bytes()))
        }
        Data::Json(json) => Some((Body::json(json.encoded_len()), json.as_bytes().to_vec())),
        Data::Bytes(bytes) => {
            let plain = bytes.decode(&mut [0; 512]).unwrap().to_vec();
            Some((Body::bytes(plain.len()), plain))
        }
    }
}

#[test]
fn a_body_from_elsewhere_goes_out_as_the_same_data() {
    let json = |text| Data::from(Json::new(text).unwrap());
    let long = "好\"\n\u{1}".repeat(40);
    let bytes = [0, 255, b'"'].repeat(100);
    let all = [
        Data::from(""),
        Data::from("plain"),
        Data::from(long.as_str()),
        Data::from(&b""[..]),
        Data::from(&bytes[..]),
        json(r#"{"a":[1,{"b":null}],"q":"x y&z","\u00e9":true}"#),
        json(" [1, 2 ] "),
        json("7"),
    ];
    let mut sent_both = 0;
    for method in Method::ALL {
        for headers in [&[][..], &[("content-type", "application/x-www-form-urlencoded")], &[("Content-Type", "a/b")]] {
            for data in &all {
                for framing in [domain(), open_api()] {
                    let bare = Request::new("/a?b=%20").with_method(method).with_headers(headers);
                    let (body, plain) = supplied(data).unwrap();
                    for way in 0..3 {
                        let mut cloud = cloud::<64>(Peer::new("HTTP/1.1 204 No Content\r\n\r\n"), framing);
                        let mut reader = plain.as_slice();
                        let mut call = match cloud.start_from(&bare, body) {
                            Ok(call) => call,
                            Err(CallError::Request(error)) => {
                                // JSON in a query or a form is not sent as it is.
                                let is_json = matches!(data, Data::Json(_));
                                let whole = sent(&bare.with_data(*data), framing);
                                assert!(whole == Err(error.kind()) || is_json && error.kind() == ErrorKind::WrongType);
                                continue;
                            }
                            Err(error) => panic!("{error}"),
                        };
                        let len = call.encoded_len();
                        match way {
                            0 => call.send_from(&mut reader).unwrap(),
                            1 => block_on(call.send_from_async(&mut reader)).unwrap(),
                            _ => {}
                        }
                        let written = if way < 2 {
                            assert!(call.receive(&mut [0; 256]).is_ok());
                            cloud.take().unwrap().written
                        } else {
                            in_steps(call.stream(), &mut reader)
                        };
                        assert!(reader.trim_ascii().is_empty());
                        assert_eq!(len, written.len());
                        assert_eq!(Ok(written), sent(&bare.with_data(*data), framing), "{bare:?} {data:?}");
                        sent_both += 1;
                    }
                }
            }
        }
    }
    assert!(sent_both > 300, "{sent_both}");
}

/// Sends a call in steps, with the body from a reader. Returns what is written.
fn in_steps(mut stream: ReplyStream<'_, Peer>, reader: &mut &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    loop {
        match stream.step().unwrap() {
            ClientStep::Write(bytes) => {
                wire.extend_from_slice(&bytes[..1]);
                stream.wrote(1);
            }
            ClientStep::ReadBody(room) => {
                let count = reader.read(room).unwrap();
                stream.read_body(count).unwrap();
            }
            step => panic!("{step:?}"),
        }
        if wire.len() == stream.call().encoded_len() {
            return wire;
        }
    }
}

#[test]
fn a_body_that_is_not_as_announced_is_cut_off() {
    let request = Request::new("/").with_method(Method::Post);
    let cases: [(&[u8], Body, ErrorKind, usize); 8] = [
        (b"ab", Body::text(3), ErrorKind::BodyLength, 2),
        (b"a\nb", Body::text(4), ErrorKind::BodyLength, 3),
        (b"", Body::bytes(1), ErrorKind::BodyLength, 0),
        (b"ab\xff", Body::text(3), ErrorKind::InvalidUtf8, 2),
        (b"[1,2", Body::json(5), ErrorKind::BodyLength, 4),
        (b"[1,]..", Body::json(6), ErrorKind::UnexpectedByte, 3),
        (b"[1, 2]", Body::json(6), ErrorKind::BodyLength, 6),
        (b"\"a\"", Body::json(3), ErrorKind::WrongType, 0),
    ];
    for (mut bytes, body, kind, offset) in cases {
        let mut cloud = cloud::<64>(Peer::new(""), domain());
        let error = cloud.start_from(&request, body).unwrap().send_from(&mut bytes).unwrap_err();
        let CallError::Write(WriteError { cause: WriteCause::Envelope(error), .. }) = error else { panic!("{error}") };
        assert_eq!((error.kind(), error.offset()), (kind, offset));
        assert!(!cloud.is_ready());
    }
    // No more is read than belongs to the body.
    let mut cloud = cloud::<64>(Peer::new("HTTP/1.1 204 No Content\r\n\r\n"), domain());
    let mut bytes: &[u8] = b"abcd";
    let mut call = cloud.start_from(&request, Body::bytes(3)).unwrap();
    call.send_from(&mut bytes).unwrap();
    assert!(call.receive(&mut [0; 256]).is_ok());
    assert_eq!(bytes, b"d");
}

#[test]
fn a_body_from_elsewhere_counts_as_it_is_sent() {
    let request = Request::new("/").with_method(Method::Post);
    let mut cloud = cloud::<64>(Peer::new(""), domain());
    let around = |cloud: &mut Cloud<'_, _, 64>| cloud.start_from(&request, Body::bytes(99_999)).unwrap().encoded_len();
    let fits = REQUEST_LIMIT - (around(&mut cloud) - 99_999) - 1;
    for (len, is_fine) in [(fits, true), (fits + 1, false), (usize::MAX, false)] {
        assert_eq!(cloud.start_from(&request, Body::bytes(len)).is_ok(), is_fine, "{len}");
        // What it would take in an envelope does not matter.
        let text = Body::text(usize::MAX).with_plain_len(len);
        assert_eq!(cloud.start_from(&request, text).is_ok(), is_fine, "{len}");
    }
    assert!(matches!(
        cloud.start_from(&request.with_data("x".into()), Body::bytes(1)),
        Err(CallError::Request(error)) if error.kind() == ErrorKind::DataConflict
    ));
    assert!(matches!(
        cloud.start_from(&request, Body::json(0)),
        Err(CallError::Request(error)) if error.kind() == ErrorKind::UnexpectedEnd
    ));
}

#[test]
fn every_other_way_to_call_goes_the_same_way() {
    let answer = |status: u16, body: &str| {
        let wait = if body.contains("SOON") { "7" } else { "3600" };
        let wait = if body.contains("SOON") || body.contains("HOUR") {
            format!("Retry-After: {wait}\r\n")
        } else {
            String::new()
        };
        format!("HTTP/1.1 {status} X\r\n{wait}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let error = |code: &str| format!(r#"{{"code":"{code}","message":"m","requestId":"r"}}"#);
    // What the platform says decides whether a call is repeated.
    let cases = [
        (503, "SERVICE_NOT_READY", Ok(200), vec![300]),
        (504, "SERVICE_TIMEOUT", Ok(200), vec![]),
        (429, "EXCEED_RATELIMIT", Ok(200), vec![60_000]),
        (429, "SOON", Ok(200), vec![7_000]),
        (429, "IN AN HOUR", Err(Some(ErrorCode::TOO_MANY_REQUESTS.0)), vec![]),
        (401, "INVALID_CREDENTIALS", Err(Some(ErrorCode::ACCESS_DENIED.0)), vec![]),
    ];
    for (at, (status, code, expected, expected_waits)) in cases.into_iter().enumerate() {
        // Something comes behind the error, so there is another connection for the next attempt.
        let mut answers = vec![answer(200, "there"), answer(status, &error(code)) + "x"];
        let mut waits = Waits::default();
        let mut connect = || answers.pop().map(|answer| (Peer::new(answer), open_api()));
        let mut cloud = Cloud::<_, 64>::new(0);
        let retried = call_over(&mut cloud, &Request::new("/"), &mut waits, at.is_multiple_of(2), &mut connect);
        assert_eq!((retried, waits.0), (Ok(expected), expected_waits), "{code}");
    }

    let mut cloud = cloud::<64>(Peer::new(answer(201, "hi")), domain());
    let (mut buffer, told) = ([0; 256], std::cell::RefCell::new(Vec::new()));
    cloud.call_then(
        &Request::new("/"),
        &mut buffer,
        |response| told.borrow_mut().push(response.status()),
        |_| told.borrow_mut().push(0),
        |result| told.borrow_mut().push(u16::from(result.is_ok())),
    );
    assert_eq!(told.into_inner(), [201, 1]);
}

#[cfg(feature = "serde")]
#[test]
fn a_value_goes_out_as_the_body_and_another_comes_back() {
    let mut cloud = cloud::<64>(Peer::new("HTTP/1.1 201 X\r\nContent-Length: 8\r\n\r\n{\"id\":7}"), domain());
    let (mut buffer, mut scratch) = ([0; 256], [0; 64]);
    let request = Request::new("/orders").with_method(Method::Post);
    let order = std::collections::BTreeMap::from([("count", 2)]);
    let (placed, response) = cloud
        .call_typed::<_, std::collections::BTreeMap<String, u32>>(&request, &order, &mut buffer, &mut scratch)
        .unwrap();
    assert_eq!((placed["id"], response.status()), (7, 201));
    assert!(cloud.take().unwrap().written.ends_with(b"Content-Length: 11\r\n\r\n{\"count\":2}"));
}

/// A service that refuses a body need not wait for all of it: what it has answered is the response, as in a gateway, and
/// the connection is not used again.
#[test]
fn an_answer_before_the_call_is_out_is_the_response() {
    let json = Json::new("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27]").unwrap();
    for framing in [domain(), open_api()] {
        for status in [200, 401, 413] {
            let peer = || Peer {
                breaks: Some((128, Some(crate::peer::RESET))),
                ..Peer::new(format!("HTTP/1.1 {status} X\r\nContent-Length: 7\r\n\r\ntoo big"))
            };
            let request = Request::new("/").with_method(Method::Put).with_data(json.into());
            let mut buffer = [0; 256];
            let answered = |reply: Result<Reply<'_>, CallError<crate::peer::Broken>>| match reply.unwrap() {
                Reply::Response(response) => {
                    assert_eq!((response.status(), response.data()), (status, Data::from("too big")));
                }
                Reply::Failure(failure) => panic!("{failure:?}"),
            };
            let mut cloud = cloud::<64>(peer(), framing);
            answered(cloud.call(&request, &mut buffer));
            assert!(!cloud.is_ready());
            let mut cloud = self::cloud::<64>(peer(), framing);
            answered(block_on(cloud.call_async(&request, &mut buffer)));
            let mut cloud = self::cloud::<64>(peer(), framing);
            answered(cloud.start(&request).unwrap().receive(&mut buffer));
            // Nothing but what says that the service has answered makes up for a call that is not out.
            let cut = Peer { comes: peer().comes.into_iter().take(20).collect(), ..peer() };
            let mut cloud = self::cloud::<64>(cut, framing);
            assert!(matches!(cloud.call(&request, &mut buffer), Err(CallError::Write(_))));
        }
    }
}

/// What is to be written has the token in it, and a step may be logged.
#[test]
fn no_step_shows_what_is_written() {
    for framing in [open_api(), Framing::http("gateway", Some("t0k.en")).unwrap()] {
        let mut cloud = Cloud::<_, 512>::new(0);
        cloud.init(Detached, framing);
        let request = Request::new("/").with_env("prod-01");
        let mut stream = cloud.start(&request).unwrap().stream();
        let step = stream.step().unwrap();
        let ClientStep::Write(bytes) = &step else { panic!("{step:?}") };
        let token = format!("{:?}", b"t0k.en");
        assert!(format!("{bytes:?}").contains(token.trim_matches(['[', ']'])));
        assert_eq!(format!("{step:?}"), format!("Write({})", bytes.len()));
    }
}
