//! Calls as they go out, to a peer that takes as little as it likes.

use crate::peer::{Broken, OVERRUN, Peer, RESET, block_on, poll_for};
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::stream::{Body, WriteCause, WriteError};
use callcontainer::{ErrorKind, Json, Method, REQUEST_LIMIT, Request};
use std::error::Error;

const REPLY: &str = r#"{"statusCode":204,"callID":"7"}"#;

fn request() -> Request<'static> {
    Request::new("/orders")
        .with_env("prod-01")
        .with_method(Method::Post)
        .with_call_id("7")
        .with_data(Json::new(r#"{"item":"a \"b\" 好","count":[1,2,3]}"#).unwrap().into())
}

fn envelope() -> Vec<u8> {
    let mut buffer = [0; 1024];
    request().encode(&mut buffer).unwrap().to_vec()
}

/// Checked by the compiler.
static STATIC: Framing<'static> = match Framing::http("gateway.internal", None) {
    Ok(http) => match http.with_path("/gw/v1?stage=prod") {
        Ok(http) => match http.with_headers(HEADERS) {
            Ok(http) => http,
            Err(_) => panic!(),
        },
        Err(_) => panic!(),
    },
    Err(_) => panic!(),
};
const HEADERS: &[(&str, &str)] = &[("x-api-key", "k3y\tor two"), ("X-Empty", ""), ("Authorization", "Basic abc=")];

/// The framings, each with what a call looks like in it.
fn framings() -> [(Framing<'static>, Vec<u8>, String); 4] {
    let http = |path: &str, lines: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: gateway.internal\r\n{lines}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            envelope().len()
        );
        [head.as_bytes(), &envelope()].concat()
    };
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{REPLY}", REPLY.len());
    [
        (Framing::LINE, [b"\n", &envelope()[..], b"\n"].concat(), format!("{REPLY}\n")),
        (
            Framing::http("gateway.internal", Some("s3cret")).unwrap(),
            http("/", "Authorization: Bearer s3cret\r\n"),
            reply.clone(),
        ),
        (Framing::http("gateway.internal", None).unwrap(), http("/", ""), reply.clone()),
        (
            STATIC,
            http("/gw/v1?stage=prod", "x-api-key: k3y\tor two\r\nX-Empty: \r\nAuthorization: Basic abc=\r\n"),
            reply,
        ),
    ]
}

fn cloud(framing: Framing<'static>, peer: Peer) -> Cloud<'static, Peer, 64> {
    let mut cloud = Cloud::new(0);
    cloud.init(peer, framing);
    cloud
}

#[test]
fn a_call_is_sent_once_however_often_it_is_asked_for() {
    for (framing, bytes, reply) in framings() {
        let mut cloud = cloud(framing, Peer::new(&reply));
        let record = cloud.connection().unwrap().record.clone();
        let mut call = cloud.start(&request()).unwrap();
        for _ in 0..3 {
            call.send().unwrap();
            assert_eq!(*record.borrow(), bytes, "{framing:?}");
        }
        assert!(call.receive(&mut [0; 256]).is_ok());
        assert_eq!(*record.borrow(), bytes, "{framing:?}");
    }
}

#[test]
fn a_call_is_the_same_bytes_however_few_are_taken() {
    for (framing, bytes, reply) in framings() {
        for takes in [0, 1, 2, 7, 63, 64] {
            for interrupts in [false, true] {
                let peer = || Peer { takes, interrupts, waits: true, ..Peer::new(&reply) };
                let mut buffer = [0; 256];
                let mut blocking = cloud(framing, peer());
                assert!(blocking.call(&request(), &mut buffer).is_ok());
                let mut dropped = cloud(framing, peer());
                {
                    // Each future is dropped when it waits for the second time.
                    let mut call = dropped.start(&request()).unwrap();
                    assert_eq!((call.encoded_len(), call.sent()), (bytes.len(), 0));
                    while poll_for(call.send_async(), 2).is_none() {}
                    assert_eq!(call.sent(), bytes.len());
                    call.send().unwrap();
                    assert!(call.receive(&mut buffer).is_ok());
                }
                for peer in [blocking.take().unwrap(), dropped.take().unwrap()] {
                    assert_eq!(peer.written.escape_ascii().to_string(), bytes.escape_ascii().to_string());
                    assert_eq!(peer.flushed, bytes.len(), "flushed once it is whole");
                }
            }
        }
    }
}

/// The head is what a parser of HTTP makes of it, and the rest the envelope.
#[test]
fn a_call_over_http_is_one_request() {
    let paths = ["/", "/", "/gw/v1?stage=prod"];
    for ((_, bytes, _), path) in framings().into_iter().skip(1).zip(paths) {
        let mut headers = [httparse::EMPTY_HEADER; 8];
        let mut parsed = httparse::Request::new(&mut headers);
        let length = parsed.parse(&bytes).unwrap().unwrap();
        assert_eq!((parsed.method, parsed.path, parsed.version), (Some("POST"), Some(path), Some(1)));
        let length_said = parsed.headers.iter().find(|header| header.name == "Content-Length").unwrap().value;
        assert_eq!(length_said, (bytes.len() - length).to_string().as_bytes());
        assert_eq!(Request::decode(&bytes[length..]).unwrap(), request());
    }
}

#[test]
fn a_write_that_fails_at_any_byte_says_how_far_it_came() {
    for (framing, bytes, reply) in framings() {
        for after in 0..bytes.len() {
            for how in [Some(RESET), Some(OVERRUN), None] {
                let cause = how.map_or(WriteCause::WriteZero, WriteCause::Io);
                let mut cloud = cloud(framing, Peer { breaks: Some((after, how)), ..Peer::new(&reply) });
                let mut buffer = [0; 256];
                let error = cloud.call(&request(), &mut buffer).unwrap_err();
                assert_eq!(error, CallError::Write(WriteError { cause, written: after }));
                // Over HTTP nothing more can be said on it. A line that is not gone is ended by the next call.
                let goes_on = reply.ends_with('\n') && how == Some(OVERRUN);
                assert_eq!(cloud.is_ready(), goes_on);
                let error = cloud.start(&request()).err();
                assert_eq!(error, (!goes_on).then_some(CallError::NotReusable));
                let mut peer = cloud.take().unwrap();
                assert_eq!(peer.written, bytes[..after]);
                if goes_on {
                    peer.breaks = None;
                    cloud.init(peer, framing);
                    assert!(cloud.call(&request(), &mut buffer).is_ok());
                    let written = cloud.take().unwrap().written;
                    let last = written.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap();
                    assert_eq!(last, envelope());
                }
            }
        }
    }
}

/// What cannot be sent whole is not begun.
#[test]
fn nothing_is_sent_of_what_is_refused() {
    let long = "x".repeat(REQUEST_LIMIT);
    let cases = [
        (Request::new("no-slash").with_env("e"), ErrorKind::InvalidPath),
        (Request::new("/"), ErrorKind::MissingEnv),
        (Request::new("/").with_env("e").with_headers(&[("a", "b\r\nc: d")]), ErrorKind::InvalidHeaderValue),
        (Request::new("/").with_env("e").with_data(long.as_str().into()), ErrorKind::RequestTooLarge),
    ];
    for (request, kind) in cases {
        for (framing, _, _) in framings() {
            let mut cloud = cloud(framing, Peer::default());
            let mut buffer = [0; 256];
            let error = cloud.call(&request, &mut buffer).unwrap_err();
            assert!(matches!(error, CallError::Request(error) if error.kind() == kind), "{error:?} {kind:?}");
            let source = error.source().and_then(<dyn Error>::downcast_ref::<callcontainer::Error>);
            assert_eq!(source.map(callcontainer::Error::kind), Some(kind));
            assert!(cloud.is_ready());
            assert!(cloud.take().unwrap().written.is_empty());
        }
    }
    // The limit is that of the envelope, not of what stands around it.
    let around = Request::new("/").with_env("e").with_call_id("7").with_data("".into());
    let room = REQUEST_LIMIT - around.encoded_len().unwrap();
    for (framing, _, reply) in framings() {
        let mut cloud = cloud(framing, Peer::new(&reply));
        let mut buffer = [0; 256];
        assert!(cloud.call(&around.with_data(long[..room].into()), &mut buffer).is_ok());
        assert!(cloud.start(&around.with_data(long[..=room].into())).is_err());
    }
}

#[test]
fn a_token_or_host_cannot_break_the_head() {
    for bad in ["", " ", "a b", "a\r\nX: y", "a\n", "\0", "好", "a\u{7f}"] {
        for (host, token) in [(bad, Some("s3cret")), ("h", Some(bad)), (bad, None)] {
            let error = Framing::http(host, token).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidHeaderValue, "{bad:?}");
            assert_eq!(error.offset(), bad.bytes().take_while(u8::is_ascii_graphic).count());
        }
    }
    let framing = Framing::http("gateway.internal", Some("s3cret")).unwrap();
    let framing = framing.with_path("/?key=s3cret").unwrap().with_headers(&[("x-api-key", "s3cret")]).unwrap();
    assert_eq!(format!("{framing:?}"), r#"Http { host: "gateway.internal", .. }"#);
}

/// Every byte at every place of a path, of a name and of a value.
#[test]
fn a_path_or_header_cannot_break_the_head() {
    let http = Framing::http("h", None).unwrap();
    let wrong =
        |result: Result<Framing<'_>, callcontainer::Error>| result.err().map(|error| (error.kind(), error.offset()));
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    for byte in 0..0x80_u8 {
        let c = char::from(byte);
        for (path, at) in [(format!("/{c}"), 1), (format!("/a{c}b"), 2)] {
            let expected = (!byte.is_ascii_graphic() || byte == b'#').then_some((ErrorKind::InvalidPath, at));
            assert_eq!(wrong(http.with_path(&path)), expected, "{path:?}");
        }
        for (name, at) in [(format!("{c}"), 0), (format!("x{c}"), 1), (format!("x{c}y"), 1)] {
            let expected = (!is_token(byte)).then_some((ErrorKind::InvalidHeaderName, at));
            assert_eq!(wrong(http.with_headers(&[("a", "b"), (&name, "v")])), expected, "{name:?}");
        }
        for (value, at, inside) in
            [(format!("{c}"), 0, false), (format!("x{c}"), 1, false), (format!("x{c}y"), 1, true)]
        {
            let fits = byte.is_ascii_graphic() || inside && matches!(byte, b' ' | b'\t');
            let expected = (!fits).then_some((ErrorKind::InvalidHeaderValue, at));
            assert_eq!(wrong(http.with_headers(&[("a", &value)])), expected, "{value:?}");
        }
    }
    for path in ["", "a", "好", "http://h/"] {
        assert_eq!(wrong(http.with_path(path)), Some((ErrorKind::InvalidPath, 0)), "{path:?}");
    }
    assert_eq!(wrong(http.with_path("/好")), Some((ErrorKind::InvalidPath, 1)));
    assert_eq!(wrong(http.with_headers(&[("", "v")])), Some((ErrorKind::InvalidHeaderName, 0)));
    assert_eq!(wrong(http.with_headers(&[("x", "a好")])), Some((ErrorKind::InvalidHeaderValue, 1)));
    assert_eq!(wrong(http.with_headers(&[("x", "a  ")])), Some((ErrorKind::InvalidHeaderValue, 2)));
}

#[test]
fn what_framing_sets_cannot_be_set() {
    let names = "Connection Content-Length Content-Type Expect Host HTTP2-Settings Keep-Alive Proxy-Connection TE Trailer \
                 Transfer-Encoding Upgrade Authorization";
    for token in [None, Some("t")] {
        let http = Framing::http("h", token).unwrap();
        for name in names.split(' ') {
            for name in [name.to_owned(), name.to_lowercase(), name.to_uppercase()] {
                let headers = [("x", "y"), (name.as_str(), "1")];
                let result = http.with_headers(&headers);
                if token.is_none() && name.eq_ignore_ascii_case("authorization") {
                    assert!(result.is_ok());
                } else {
                    let error = result.unwrap_err();
                    assert_eq!((error.kind(), error.offset()), (ErrorKind::ForbiddenHeader, 0), "{name}");
                }
                assert!(http.with_headers(&[(&format!("{name}s"), "1")]).is_ok());
                assert!(http.with_headers(&[(&format!("x{name}"), "1")]).is_ok());
                assert!(name.len() == 2 || http.with_headers(&[(&name[..name.len() - 1], "1")]).is_ok());
            }
        }
    }
    // A line has neither a path nor headers.
    let line = Framing::LINE.with_path("/gw").unwrap().with_headers(&[("a", "b")]).unwrap();
    assert_eq!(format!("{line:?}"), "Line");
}

/// A body from a reader is that of the call, of the length that was said, or no whole call goes out.
#[test]
fn a_body_comes_from_a_reader() {
    let bodies: [(&[u8], Body); 3] = [
        (br#"{"count":[1,2]}"#, Body::json(15)),
        (b"text \" \n", Body::text(b"text \\\" \\n".len())),
        (&[0xA5; 100], Body::bytes(100)),
    ];
    for (framing, _, reply) in framings() {
        for (bytes, body) in bodies {
            let request = Request::new("/").with_env("e").with_call_id("7");
            for gives in [0, 1, 7] {
                let mut expected = None;
                for wait in [false, true] {
                    let mut cloud = cloud(framing, Peer { waits: wait, takes: 5, ..Peer::new(&reply) });
                    let mut call = cloud.start_from(&request, body).unwrap();
                    let mut reader = Peer { waits: wait, interrupts: wait, ..Peer::new(bytes).giving(gives) };
                    // What stands behind bytes is somebody else's.
                    let more = if body == Body::bytes(100) { "more" } else { "" };
                    reader = reader.then(more);
                    if wait {
                        while poll_for(call.send_from_async(&mut reader), 2).map(Result::unwrap).is_none() {}
                    } else {
                        call.send_from(&mut reader).unwrap();
                    }
                    assert_eq!(reader.comes.len(), more.len());
                    let mut buffer = [0; 256];
                    assert!(block_on(call.receive_async(&mut buffer)).is_ok());
                    let written = cloud.take().unwrap().written;
                    let start = written.iter().position(|byte| *byte == b'{').unwrap();
                    let data = Request::decode(written[start..].trim_ascii_end()).unwrap().data();
                    let mut room = [0; 128];
                    match data {
                        callcontainer::Data::Json(json) => assert_eq!(json.as_bytes(), bytes),
                        callcontainer::Data::Text(text) => {
                            assert_eq!(text.decode(&mut room).unwrap().as_bytes(), bytes);
                        }
                        callcontainer::Data::Bytes(data) => assert_eq!(data.decode(&mut room).unwrap(), bytes),
                        callcontainer::Data::None => panic!("no data"),
                    }
                    assert_eq!(*expected.get_or_insert_with(|| written.clone()), written);
                }
            }
            // One that ends early, one that fails, one that was not given at all.
            for cut in 0..bytes.len() {
                let mut cloud = cloud(framing, Peer::new(&reply));
                let mut call = cloud.start_from(&request, body).unwrap();
                let mut reader = Peer::new(&bytes[..cut]);
                let error = call.send_from(&mut reader).unwrap_err();
                let CallError::<Broken, Broken>::Write(WriteError { cause, written }) = error else {
                    panic!("{error:?}")
                };
                let WriteCause::Envelope(cause) = cause else { panic!("{cause:?}") };
                assert_eq!(cause.kind(), ErrorKind::BodyLength);
                assert_eq!(error.source().and_then(<dyn Error>::downcast_ref), Some(&cause));
                assert_eq!(written, cloud.take().unwrap().written.len());
                let mut cloud = self::cloud(framing, Peer::new(&reply));
                let mut call = cloud.start_from(&request, body).unwrap();
                let mut reader = Peer::new(&bytes[..cut]).then_fails(RESET).then(&bytes[cut..]);
                let error = call.send_from(&mut reader).unwrap_err();
                assert!(
                    matches!(error, CallError::Write(WriteError { cause: WriteCause::Body(RESET), .. })),
                    "{error:?}"
                );
                // To call again goes on.
                call.send_from(&mut reader).unwrap();
                assert!(call.receive(&mut [0; 256]).is_ok());
            }
            let mut cloud = cloud(framing, Peer::new(&reply));
            let error = cloud.start_from(&request, body).unwrap().receive(&mut [0; 256]).unwrap_err();
            assert!(matches!(error, CallError::Write(WriteError { cause: WriteCause::Envelope(_), .. })), "{error:?}");
            let mut cloud = self::cloud(framing, Peer::new(&reply));
            let error = cloud.start_from(&request.with_data("x".into()), body).err().unwrap();
            assert!(matches!(error, CallError::Request(error) if error.kind() == ErrorKind::DataConflict), "{error:?}");
        }
    }
}

#[test]
fn a_call_before_init_says_what_the_platform_says() {
    let mut cloud = Cloud::<'_, Peer, 64>::new(0);
    assert!(!cloud.is_ready());
    let mut buffer = [0; 256];
    let error = cloud.call(&request(), &mut buffer).unwrap_err();
    assert_eq!(error, CallError::NotInitialised);
    assert_eq!(error.to_string(), "Cloud API isn't enabled, please call wx.cloud.init first");
    assert_eq!(error.code(), Some(callcontainer::ErrorCode::NOT_INITIALISED));
    let retry = error.retry(Method::Post).unwrap();
    assert_eq!((retry.delay_ms, retry.at_most), (300, 3));
}

/// What an instance is made with goes into calls that name no resource of their own.
#[test]
fn an_instance_calls_the_environment_of_another_app() {
    let call = |request: &Request<'_>| {
        let mut cloud = Cloud::<_, 64>::new(0).with_resource("WXAAA", "shared-01");
        cloud.init(Peer::new(format!("{REPLY}\n")), Framing::LINE);
        cloud.call(request, &mut [0; 256]).map(drop).unwrap();
        let written = cloud.take().unwrap().written;
        let request = Request::decode(written.trim_ascii()).unwrap();
        (request.resource_appid().map(|text| text.to_string()), request.target_env().map(|text| text.to_string()))
    };
    let owned = |appid: Option<&str>, env: &str| (appid.map(str::to_owned), Some(env.to_owned()));
    let request = Request::new("/").with_call_id("7");
    assert_eq!(call(&request), owned(Some("WXAAA"), "shared-01"));
    assert_eq!(call(&request.with_env("own-01")), owned(Some("WXAAA"), "own-01"));
    assert_eq!(call(&request.with_resource("WXCCC", "c-01")), owned(Some("WXCCC"), "c-01"));
}

/// What a cloud gives to a call goes out as if the call had said it itself: the same bytes, whichever way it is made.
#[test]
fn what_a_call_is_given_is_written_where_it_belongs() {
    let bare = Request::new("/orders?x=1").with_method(Method::Post).with_data("tea".into());
    let full = bare.with_service("shop").with_headers(&[("X-A", "1")]).with_timeout(5000).with_data_type("text".into());
    let requests = [
        bare,
        full,
        full.with_env("said-01"),
        full.with_resource("WXCCC", "c-01"),
        full.with_resource_env("c-01"),
        full.with_resource_appid("WXCCC"),
        full.with_call_id("mine"),
    ];
    for env in [None, Some("own-01")] {
        for resource in [None, Some(("WXAAA", "shared-01"))] {
            for request in requests {
                let mut said = request;
                // Where both are given, the resource counts.
                if let (None, None, Some((appid, env))) = (said.resource_appid(), said.resource_env(), resource) {
                    said = said.with_resource(appid, env);
                }
                if let (None, Some(env)) = (said.target_env(), env) {
                    said = said.with_env(env);
                }
                if said.call_id().is_none() {
                    said = said.with_call_id("00000000000000ff");
                }
                let mut buffer = [0; 512];
                for way in 0..4 {
                    let mut cloud = Cloud::new(255);
                    if let Some(env) = env {
                        cloud = cloud.with_env(env);
                    }
                    if let Some((appid, env)) = resource {
                        cloud = cloud.with_resource(appid, env);
                    }
                    let given = sent(cloud, &request, way);
                    assert_eq!(given, sent(Cloud::new(255), &said, way), "{way} {request:?}");
                    match said.encode(&mut buffer) {
                        Ok(envelope) => assert_eq!(given.1.trim().as_bytes(), envelope),
                        Err(error) => assert_eq!(given, (Some(CallError::Request(error)), String::new())),
                    }
                }
            }
        }
    }
}

/// Makes a call to which no answer comes, in one of four ways: what is wrong with it, and what was sent.
fn sent(
    mut cloud: Cloud<'static, Peer, 64>,
    request: &Request<'static>,
    way: usize,
) -> (Option<CallError<Broken>>, String) {
    cloud.init(Peer { waits: true, takes: 5, ..Peer::default() }, Framing::LINE);
    let mut buffer = [0; 64];
    let error = match way {
        0 => cloud.call(request, &mut buffer).err(),
        1 => block_on(cloud.call_async(request, &mut buffer)).err(),
        2 => cloud.start(request).and_then(|mut call| call.send()).err(),
        _ => cloud.start(request).and_then(|call| call.stream().next_event().map(drop)).err(),
    };
    let error = error.filter(|error| *error != CallError::NoAnswer(None));
    (error, String::from_utf8(cloud.take().unwrap().written).unwrap())
}

/// It counts, and is checked, as what the request says itself.
#[test]
fn what_a_call_is_given_keeps_to_the_rules() {
    let refused = |error: CallError<Broken>| match error {
        CallError::Request(error) => Some(error.kind()),
        _ => None,
    };
    let longest = "e".repeat(128);
    let call = Request::new("/");
    for (env, kind) in [
        (longest.clone(), None),
        (longest + "e", Some(ErrorKind::TooLong)),
        ("e\n".to_owned(), Some(ErrorKind::InvalidName)),
    ] {
        let mut cloud = Cloud::<_, 64>::new(0).with_env(&env);
        cloud.init(Peer::default(), Framing::LINE);
        // One that the call does not need does no harm.
        assert!(cloud.start(&call.with_env("own-01")).is_ok());
        assert_eq!(cloud.start(&call).err().and_then(refused), kind);
        assert_eq!(refused(cloud.call(&call, &mut []).unwrap_err()), kind);
    }
    // The limit is that of the whole.
    let around = Request::new("/").with_call_id("7").with_env("prod-01").with_data("".into()).encoded_len().unwrap();
    let long = "x".repeat(REQUEST_LIMIT - around + 1);
    let mut cloud = Cloud::<_, 64>::new(0).with_env("prod-01");
    cloud.init(Peer::default(), Framing::LINE);
    let call = |data| Request::new("/").with_call_id("7").with_data(data);
    assert!(cloud.start(&call(long[1..].into())).is_ok());
    let error = cloud.start(&call(long.as_str().into())).err().unwrap();
    assert!(matches!(error, CallError::Request(error) if error.kind() == ErrorKind::RequestTooLarge));
}

/// What it is made with is checked as what a request says, and does not hide what is wrong with the request.
#[test]
fn an_instance_of_another_app_checks_its_calls() {
    for (resource, request, kind) in [
        (("WX\u{7f}", "shared-01"), Request::new("/"), ErrorKind::InvalidName),
        (("WXAAA", "shared 01\n"), Request::new("/"), ErrorKind::InvalidName),
        (("WXAAA", "shared-01"), Request::new("no-slash"), ErrorKind::InvalidPath),
        (("WXAAA", "shared-01"), Request::new("/").with_service("\0"), ErrorKind::InvalidName),
        (("WXAAA", "shared-01"), Request::new("/").with_resource_appid("WXCCC"), ErrorKind::MissingEnv),
    ] {
        let mut cloud = Cloud::<_, 64>::new(0).with_resource(resource.0, resource.1);
        cloud.init(Peer::new(REPLY), Framing::LINE);
        let error = cloud.call(&request, &mut [0; 256]).unwrap_err();
        assert!(matches!(error, CallError::Request(error) if error.kind() == kind), "{resource:?}: {error:?}");
        let error = cloud.start(&request).err().unwrap();
        assert!(matches!(error, CallError::Request(error) if error.kind() == kind), "{resource:?}: {error:?}");
        assert!(cloud.is_ready() && cloud.take().unwrap().written.is_empty());
    }
}
