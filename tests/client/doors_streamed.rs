//! Replies without a gateway, as streams: what is told piece by piece is what the whole reply says.

use crate::doors::{Answered, any_answer, cloud, domain, open_api};
use crate::peer::{Broken, OVERRUN, Peer, block_on, poll_for};
use crate::told::Told;
use callcontainer::client::{CallError, ClientStep, Cloud, Detached, Framing, ReplyStream};
use callcontainer::embedded_io::{BufRead, Read};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{
    Data, DataKind, DataType, ErrorCode, ErrorKind, Failure, Method, REPLY_LIMIT, Reply, Request, ResponseType, Text,
};
use proptest::prelude::*;

/// How a stream is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Blocking,
    Async,
    /// Each future is dropped where it waits for the second time.
    Dropped,
    /// The body comes from a reader.
    Reader,
    /// Without I/O.
    Steps,
}

const WAYS: [Way; 5] = [Way::Blocking, Way::Async, Way::Dropped, Way::Reader, Way::Steps];

/// What is told, or why nothing is, and whether another call is possible.
type Seen = (Result<Told, String>, bool);

/// Streams the answer in pieces of at most so many bytes; 0 stands for any number.
fn streamed<const W: usize>(
    http: &[u8],
    request: &Request<'_>,
    framing: Framing<'static>,
    gives: usize,
    way: Way,
) -> Seen {
    if way == Way::Steps {
        return stepped::<W>(http, request, framing, gives);
    }
    let mut peer = Peer::new(http).giving(gives);
    peer.waits = true;
    let mut cloud = cloud::<W>(peer, framing);
    let told = told_of(&mut cloud.start(request).unwrap().stream(), way);
    (told.map_err(|error| format!("{error:?}")), cloud.is_ready())
}

fn told_of(reply: &mut ReplyStream<'_, Peer>, way: Way) -> Result<Told, CallError<Broken>> {
    let mut told = Told::default();
    loop {
        let next = match way {
            Way::Async => block_on(reply.next_event_async()),
            Way::Dropped => {
                let Some(next) = poll_for(reply.next_event_async(), 2) else { continue };
                next
            }
            _ => reply.next_event(),
        };
        let Some(event) = next? else { break };
        let is_data = matches!(event, Event::Data(_));
        told.take(event);
        if is_data && way == Way::Reader {
            let (mut body, mut piece) = (reply.body(), [0; 7]);
            while let count @ 1.. = body.read(&mut piece)? {
                told.add(&piece[..count]);
            }
        }
    }
    told.outcome = reply.outcome();
    assert!(told.text.is_empty());
    Ok(told)
}

fn stepped<const W: usize>(http: &[u8], request: &Request<'_>, framing: Framing<'static>, gives: usize) -> Seen {
    let mut cloud = Cloud::<_, W>::new(0);
    cloud.init(Detached, framing);
    let mut told = Told::default();
    let mut comes = http;
    let mut reply = cloud.start(request).unwrap().stream();
    for turn in 0.. {
        let error = match reply.step() {
            Ok(ClientStep::Write(bytes)) => {
                let count = bytes.len();
                reply.wrote(count);
                continue;
            }
            // Looking again changes nothing.
            Ok(ClientStep::Read(_)) if turn % 3 == 0 => continue,
            Ok(ClientStep::Read(room)) => {
                assert!(!room.is_empty());
                let most = if gives == 0 { room.len() } else { gives.min(room.len()) };
                let (now, later) = comes.split_at(most.min(comes.len()));
                room[..now.len()].copy_from_slice(now);
                comes = later;
                let Err(error) = reply.read(now.len()) else { continue };
                error
            }
            Ok(ClientStep::Event(event)) => {
                told.take(event);
                continue;
            }
            Ok(ClientStep::End) => break,
            Ok(other) => panic!("{other:?}"),
            Err(error) => error,
        };
        return (Err(format!("{error:?}")), cloud.is_ready());
    }
    told.outcome = reply.outcome();
    (Ok(told), cloud.is_ready())
}

/// What the whole reply says, or why there is none.
fn whole(http: &[u8], request: &Request<'_>, framing: Framing<'static>) -> Result<Told, String> {
    let mut buffer = vec![0; 2 * http.len() + 1_100_000];
    let mut cloud = cloud::<64>(Peer::new(http), framing);
    cloud.call(request, &mut buffer).map(|reply| Told::of(&reply)).map_err(|error| format!("{error:?}"))
}

fn check<const W: usize>(answer: &Answered, framing: Framing<'static>, gives: usize, way: Way) {
    let request = answer.request();
    let text = format!("{W} {gives} {way:?} {}", answer.http.escape_ascii());
    let (told, is_ready) = streamed::<W>(&answer.http, &request, framing, gives, way);
    // What is longer than what is looked at is taken for JSON if it begins like that.
    let is_long = answer.body_len > W - 32;
    match (answer.through_gateway(), told) {
        (Some((envelope, keeps_alive)), Ok(mut told)) => {
            // Headers that `Connection` lists are told.
            let head = answer.http.to_ascii_lowercase();
            let is_listed = head.windows(15).any(|place| place == b"connection: x-b");
            told.combine(if is_listed { &["x-b"] } else { &[] });
            assert_eq!(told, Told::of(&Reply::decode(&envelope).unwrap()), "{text}");
            assert!(is_ready == keeps_alive || (answer.surplus && is_ready), "{text}");
        }
        (Some((envelope, _)), Err(error)) => {
            let Reply::Response(response) = Reply::decode(&envelope).unwrap() else { panic!("{text}") };
            let may_be_json = answer.data_type == "json" && answer.response_type == ResponseType::Text;
            assert!(is_long && may_be_json && error.starts_with("Reply("), "{error} {text}");
            assert!(matches!(response.data(), Data::Text(_) | Data::Json(_)), "{text}");
        }
        (None, told) => assert_eq!(told.err(), whole(&answer.http, &request, framing).err(), "{text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_stream_tells_what_a_gateway_makes_of_an_answer(answer in any_answer(), gives in 0..70_usize, way in 0..5_usize) {
        let way = |at: usize| WAYS[(way + at) % 5];
        check::<64>(&answer, domain(), gives, way(0));
        check::<64>(&answer, open_api(), 1, way(1));
        check::<80>(&answer, open_api(), gives, way(1));
        check::<128>(&answer, domain(), gives, way(2));
        check::<512>(&answer, open_api(), gives, way(3));
        check::<2048>(&answer, domain(), gives, way(4));
    }
}

fn get() -> Request<'static> {
    Request::new("/").with_call_id("7-0.5")
}

fn http(status: u16, lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut http = format!("HTTP/1.1 {status} X\r\n{lines}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    http.extend(body);
    http
}

/// What windows of all sizes see, with the size.
fn all_windows(
    http: &[u8],
    request: &Request<'_>,
    framing: Framing<'static>,
    gives: usize,
    way: Way,
) -> [(usize, Result<Told, String>); 5] {
    let combined = |(told, _): Seen| {
        told.map(|mut told| {
            told.combine(&[]);
            told
        })
    };
    [
        (64, combined(streamed::<64>(http, request, framing, gives, way))),
        (80, combined(streamed::<80>(http, request, framing, gives, way))),
        (128, combined(streamed::<128>(http, request, framing, gives, way))),
        (512, combined(streamed::<512>(http, request, framing, gives, way))),
        (2048, combined(streamed::<2048>(http, request, framing, gives, way))),
    ]
}

/// All windows and ways come to what the whole reply says, in pieces of every size up to this.
fn agrees(http: &[u8], request: &Request<'_>, most: usize) -> Result<Told, String> {
    let expected = whole(http, request, domain());
    for gives in 0..=most {
        let way = WAYS[gives % 5];
        for (window, seen) in all_windows(http, request, domain(), gives, way) {
            assert_eq!(seen, expected, "{window} {gives} {way:?} {}", http.escape_ascii());
        }
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn whatever_comes_is_told_as_the_whole_reply_says_or_refused(
        answer in any_answer(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop_oneof![3 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)],
        gives in 0..70_usize,
    ) {
        let mut http = answer.http.clone();
        for (at, byte) in changes {
            let at = at.index(http.len());
            http[at] = byte;
        }
        if let Some(cut) = cut {
            http.truncate(cut.index(http.len()));
        }
        let request = answer.request();
        for framing in [domain(), open_api()] {
            let expected = whole(&http, &request, framing);
            for (window, seen) in all_windows(&http, &request, framing, gives, WAYS[gives % 5]) {
                let text = format!("{window} {}", http.escape_ascii());
                match (&expected, seen) {
                    (Ok(expected), Ok(seen)) => {
                        assert_eq!((seen.status, &seen.data), (expected.status, &expected.data), "{text}");
                        assert_eq!((&seen.cookies, &seen.outcome), (&expected.cookies, &expected.outcome), "{text}");
                    }
                    (Ok(_), Err(error)) => {
                        assert!(http.len() > window - 32 && error.starts_with("Reply("), "{error} {text}");
                    }
                    (Err(_), seen) => assert!(seen.is_err(), "{text}"),
                }
            }
        }
    }
}

#[test]
fn an_answer_that_is_cut_short_is_none() {
    let lines = "X-A: b c\r\nSet-Cookie: d\r\n";
    let bodies = [
        &b"{\"id\":[7, 8, \"\xe5\xa5\xbd\"]}"[..],
        b"plain \xe5\xa5\xbd text that is longer than a window looks ahead",
    ];
    for body in bodies {
        let mut chunked = format!("HTTP/1.1 200 X\r\n{lines}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        for piece in body.chunks(5) {
            chunked.extend(format!("{:x}\r\n", piece.len()).bytes());
            chunked.extend([piece, b"\r\n"].concat());
        }
        chunked.extend(b"0\r\n\r\n");
        for http in [http(200, lines, body), chunked] {
            for request in [get(), get().with_response_type(ResponseType::ArrayBuffer)] {
                assert!(agrees(&http, &request, 20).is_ok());
                for cut in 0..http.len() {
                    let error = agrees(&http[..cut], &request, 4).unwrap_err();
                    assert_eq!(error, if cut == 0 { "NoAnswer(None)" } else { "UnexpectedEof" });
                }
            }
        }
    }
}

#[test]
fn lines_are_told_wherever_they_are_cut() {
    let spaces = " ".repeat(300);
    let mix = " \t".repeat(70);
    let values = [
        String::new(),
        "  \t ".into(),
        format!("a{spaces}b{spaces}"),
        format!("\t{spaces}\ta\t\tb {mix}c\t \t \t "),
        "好 é \u{1f600} \" \\ \u{80}".into(),
        "x".repeat(1000),
        "好".repeat(300),
        ", a,,b ,".into(),
    ];
    let mut lines = String::new();
    for (at, value) in values.iter().enumerate() {
        lines += &format!("Name-{at}:{value}\r\nset-COOKIE: {value}\r\nX-Same: {value}\r\n");
    }
    let names = [
        "Proxy-",
        "proxy-anything-that-is-longer-than-others",
        "Trailer",
        "Keep-Alive",
        "transfer-encodings",
        "set-cookies",
    ];
    for name in names {
        lines += &format!("{name}: {name}\r\n");
    }
    lines += &format!("{}: longest\r\n", "n".repeat(128));
    let told = agrees(&http(200, &lines, "hi"), &get(), 40).unwrap();
    assert_eq!(told.headers.len(), values.len() + 1 + 2 + 1 + 1, "{:?}", told.headers);
    assert_eq!(told.cookies.len(), values.len());
    assert_eq!(told.headers[0], ("name-0".into(), String::new()));
    assert_eq!(told.cookies[2], format!("a{spaces}b"));

    // The same without UTF-8.
    let head = b"HTTP/1.1 200 X\r\nA: \xe5\xa5\xbd\xe5 \xe5\xa5 \xff\xf0\x9f\x98\t\xf0\x9f\x98\x80\xc2\x80\x80\xed\xa0\x80\xf4\x90\xe5\r\nSet-Cookie:\xe5\r\n\r\n";
    let told = agrees(head, &get(), 40).unwrap();
    assert_eq!(told.headers[0].1.matches('\u{fffd}').count(), 11, "{told:?}");
    assert_eq!(told.cookies, ["\u{fffd}"]);

    // A longer mix of blanks behind a value may be told as a part of it.
    let line = format!("A: b{}\r\n", " \t".repeat(1000));
    for (window, told) in all_windows(&http(200, &line, "hi"), &get(), domain(), 1, Way::Blocking) {
        let (_, value) = &told.unwrap().headers[0];
        assert_eq!(value.trim_end_matches([' ', '\t']), "b", "{window}");
    }
}

#[test]
fn a_head_has_limits() {
    let expected = |lines: &str, error: &str| {
        let http = http(200, lines, "hi");
        let whole = whole(&http, &get(), domain());
        assert_eq!(whole.clone().err().unwrap_or_default(), error);
        for gives in [0, 1, 7] {
            for (window, seen) in all_windows(&http, &get(), domain(), gives, WAYS[gives % 5]) {
                assert_eq!(seen, whole, "{window} {gives}");
            }
        }
    };
    // The length is a header too.
    let lines = |count: usize| (0..count).map(|at| format!("A{at}: {at}\r\n")).collect::<String>();
    expected(&lines(63), "");
    expected(&lines(64), "Reply(Error { kind: TooManyHeaders, offset: 0 })");
    let cookies = "Set-Cookie: a=b\r\n".repeat(127);
    expected(&cookies, "");
    expected(&(cookies + "TE: x\r\n"), "Http(TooManyHeaders)");
    expected(&format!("{}: x\r\n", "n".repeat(128)), "");
    expected(&format!("{}: x\r\n", "n".repeat(129)), "Reply(Error { kind: TooLong, offset: 128 })");
    let fixed = http(200, "A: \r\n", "hi").len() - 2;
    expected(&format!("A: {}\r\n", "x".repeat(16 * 1024 - fixed)), "");
    expected(&format!("A: {}\r\n", "x".repeat(16 * 1024 - fixed + 1)), "Http(HeadTooLong)");
    expected("A b: c\r\n", "Http(Head)");
    expected("Content-Length: 7\r\n", "Http(Length)");

    // Lines of one name count each.
    let http = http(200, &"A: x\r\n".repeat(64), "hi");
    assert!(whole(&http, &get(), domain()).is_ok());
    for (_, seen) in all_windows(&http, &get(), domain(), 0, Way::Blocking) {
        assert_eq!(seen.unwrap_err(), "Reply(Error { kind: TooManyHeaders, offset: 0 })");
    }
}

#[test]
fn text_is_told_wherever_it_is_cut() {
    let parts = [
        &b"plain"[..],
        b"\xe5\xa5\xbd",
        b"\xe5\xa5",
        b"\xf0\x9f\x98\x80",
        b"\xf0\x9f",
        b"\xff",
        b"\"\\\n\0",
        b"\xc2",
        b"{",
    ];
    let mut body = Vec::new();
    for (first, second) in parts.iter().flat_map(|first| parts.iter().map(move |second| (first, second))) {
        body.extend([*first, *second].concat());
    }
    for len in (0..body.len()).rev().step_by(7) {
        agrees(&http(200, "", &body[len..]), &get(), 9).unwrap();
        let bytes = get().with_response_type(ResponseType::ArrayBuffer);
        let told = agrees(&http(200, "", &body[len..]), &bytes, 9).unwrap();
        assert_eq!(told.data, Some((DataKind::Bytes, body[len..].to_vec())));
    }
}

/// The length of what is told, and of the longest piece.
fn told_len(http: &[u8], request: &Request<'_>) -> Result<(usize, usize), CallError<Broken>> {
    let mut cloud = cloud::<512>(Peer::new(http), domain());
    let mut reply = cloud.start(request).unwrap().stream();
    let (mut len, mut longest) = (0, 0);
    while let Some(event) = reply.next_event()? {
        let more = match event {
            Event::Text { field: Field::Data, text, .. } => text.decoded_len(),
            Event::Json { json, .. } => json.len(),
            Event::Bytes { bytes, .. } => bytes.len(),
            _ => 0,
        };
        len += more;
        longest = longest.max(more);
    }
    assert!(cloud.is_ready());
    Ok((len, longest))
}

#[test]
fn the_longest_reply_passes_through_a_small_window() {
    let around = |data: &str, len: usize| {
        format!(r#"{{"statusCode":200,"header":{{"Content-Length":"{len}"}},"callID":"7-0.5",{data}}}"#).len()
    };
    let too_large = |result: Result<_, CallError<Broken>>| {
        assert!(
            matches!(result, Err(CallError::Reply(error)) if error.kind() == ErrorKind::ReplyTooLarge),
            "{result:?}"
        );
    };
    let most = REPLY_LIMIT - around(r#""data":"""#, 1_000_000);
    let text = vec![b'x'; most + 1];
    assert!(matches!(told_len(&http(200, "", &text[1..]), &get()), Ok((len, 300..)) if len == most));
    too_large(told_len(&http(200, "", &text), &get()));
    let controls = vec![1; most / 6 + 2];
    too_large(told_len(&http(200, "", &controls), &get()));

    let most = REPLY_LIMIT - around(r#""data":"#, 1_000_000);
    let json = |len: usize| format!("[{}1]", "1,".repeat((len - 3) / 2) + &" ".repeat((len - 3) % 2)).into_bytes();
    assert!(matches!(told_len(&http(200, "", json(most)), &get()), Ok((len, 384..)) if len == most));
    too_large(told_len(&http(200, "", json(most + 1)), &get()));

    let bytes = get().with_response_type(ResponseType::ArrayBuffer);
    let around = around(r#""__nativeBuffers__":[{"key":"data","base64":""}]"#, 700_000);
    let most = (REPLY_LIMIT - around) / 4 * 3;
    let body = vec![0xFE; most + 1];
    assert!(matches!(told_len(&http(200, "", &body[1..]), &bytes), Ok((len, 200..)) if len == most));
    too_large(told_len(&http(200, "", &body), &bytes));
    too_large(told_len(&http(200, "", vec![b'x'; REPLY_LIMIT + 1]), &get()));
}

#[test]
fn no_body_becomes_anything_but_the_body() {
    let long = "1,".repeat(3000);
    let tails = [
        r#","errCode":-1,"errMsg":"no""#,
        r#","callID":"8""#,
        "}",
        r#"},"errCode":-1,"errMsg":"no"}"#,
        ",",
        " x",
        "[]",
        "\"",
    ];
    for start in [format!("[{long}1]"), format!("\"{long}\"")] {
        for tail in tails {
            let http = http(200, "", start.clone() + tail);
            let expected = whole(&http, &get(), domain()).unwrap();
            for gives in [0, 1, 100] {
                for (window, seen) in all_windows(&http, &get(), domain(), gives, WAYS[gives % 5]) {
                    // A whole body that is no JSON is text. So it is for a call that does not ask for JSON.
                    assert!(seen.clone().unwrap_err().starts_with("Reply("), "{window} {tail} {seen:?}");
                }
            }
            let text = get().with_data_type(DataType::Other(Text::new("text")));
            for (_, seen) in all_windows(&http, &text, domain(), 0, Way::Blocking) {
                assert_eq!(seen.as_ref(), Ok(&expected));
            }
        }
        for tail in ["", " ", "\r\n\t"] {
            let http = http(200, "", start.clone() + tail);
            agrees(&http, &get(), 5).unwrap();
        }
    }
    // What is skipped is still only the body.
    for tail in tails {
        let mut cloud = cloud::<64>(Peer::new(http(200, "", format!("[{long}1]{tail}"))), domain());
        let request = get();
        let mut reply = cloud.start(&request).unwrap().stream();
        let error = loop {
            match reply.next_event() {
                Ok(Some(event)) => assert!(!matches!(event, Event::ErrCode(_)), "{tail}"),
                Ok(None) => panic!("{tail}"),
                Err(error) => break error,
            }
            reply.skip();
        };
        assert!(matches!(error, CallError::Reply(_)));
        assert_eq!(reply.outcome(), None);
        // The rest was dropped.
        assert!(cloud.is_ready());
    }
}

#[test]
fn json_is_taken_for_what_it_is() {
    let long = "好".repeat(2000);
    let bodies = [
        format!(" \u{feff}[\"{long}\"]"),
        format!("\u{feff} {{\"a\":\"{long}\\ud83d\"}} "),
        format!("\"{long}\\ud83d\\ude00\\n\""),
        // Each window ends within an escape.
        format!("\"{}\"", "\\u597d".repeat(1500)),
        format!("\"123{}\"", "\\u597d".repeat(1500)),
        format!("\"{}\"", "\\ud83d\\ude00".repeat(800)),
        // Half a pair is no text, and is seen to be none where it is looked at.
        format!("\"\\ud83d{long}\""),
        format!("\"\\ud83d\" {}", " ".repeat(3000)),
        format!("{}1{}", "[".repeat(127), "]".repeat(127)),
        "[".repeat(128) + &long,
        format!("{{\"a\" {long}"),
        format!("123 {long}"),
        format!("-12.5e-3{}", " ".repeat(2100)),
        format!("true{}", " ".repeat(2100)),
        format!("trueish {long}"),
    ];
    for body in bodies {
        let http = http(200, "", &body);
        let expected = whole(&http, &get(), domain()).unwrap();
        for gives in [0, 1, 2, 3, 100] {
            for (window, seen) in all_windows(&http, &get(), domain(), gives, WAYS[gives % 5]) {
                // The end of the first ones is found out too late.
                if seen.is_ok() || window > 600 || !body.contains("[[[") {
                    assert_eq!(seen.as_ref(), Ok(&expected), "{window} {gives} {}", &body[..20]);
                }
            }
        }
    }
    // Where it is looked at, invalid UTF-8 in strings is replaced; behind that it is an error.
    let broken = |before: usize| [&b"[\""[..], &vec![b'x'; before], b"\xe5\"", &vec![b' '; 3000], b"]"].concat();
    let early = http(200, "", broken(20));
    agrees(&early, &get(), 40).unwrap();
    for (window, seen) in all_windows(&http(200, "", broken(2030)), &get(), domain(), 0, Way::Blocking) {
        assert!(seen.unwrap_err().contains("InvalidUtf8"), "{window}");
    }
}

/// What is told of an error of the platform.
fn failed<const W: usize>(status: u16, body: &str, request: &Request<'_>, gives: usize, way: Way) -> Told {
    let (told, is_ready) = streamed::<W>(&http(status, "X-Request-Id: r-1\r\n", body), request, open_api(), gives, way);
    assert!(is_ready);
    let mut told = told.unwrap();
    told.combine(&[]);
    assert_eq!(told.headers[0], ("x-request-id".into(), "r-1".into()));
    assert_eq!((told.status, told.call_id.as_str()), (Some(status), "7-0.5"));
    told
}

#[test]
fn an_error_object_of_the_platform_is_a_failure() {
    let cases = [
        ("SERVICE_TIMEOUT", 504, Some(ErrorCode::REQUEST_TIMEOUT)),
        ("SERVICE_NOT_READY", 503, Some(ErrorCode::NOT_INITIALISED)),
        ("EXCEED_RATELIMIT", 429, Some(ErrorCode::TOO_MANY_REQUESTS)),
        ("ANYTHING_ELSE", 451, None),
    ];
    let requests = [
        get(),
        get().with_data_type(DataType::Other(Text::new("text"))),
        get().with_response_type(ResponseType::ArrayBuffer),
    ];
    for (code, status, expected) in cases {
        let body = format!(r#" {{"code":"{code}", "message":"it \"is\" 好\u0001","requestId":"r-1"}} "#);
        let mut buffer = [0; 1024];
        let mut cloud = cloud::<64>(Peer::new(http(status, "", &body)), open_api());
        let request = get();
        let Reply::Failure(failure) = cloud.call(&request, &mut buffer).unwrap() else { panic!("{code}") };
        for request in &requests {
            for gives in 0..30 {
                let way = WAYS[gives % 5];
                for told in [
                    failed::<128>(status, &body, request, gives, way),
                    failed::<512>(status, &body, request, gives, way),
                    failed::<2048>(status, &body, request, gives, way),
                ] {
                    assert_eq!(told.outcome, Some(Outcome::Failure { code: expected }), "{code} {way:?}");
                    assert_eq!((told.code, &told.data), (expected, &None));
                    assert_eq!(failure.err_msg(), told.err_msg.as_str());
                }
            }
            // It does not fit into a smaller window.
            for gives in [0, 1, 30] {
                let told = failed::<64>(status, &body, request, gives, WAYS[gives % 5]);
                assert_eq!(told.outcome, Some(Outcome::Response { status }));
                let (_, data) = told.data.unwrap();
                assert!(String::from_utf8(data).unwrap().contains(code));
            }
        }
        let small = r#"{"code":"","message":"","requestId":""}"#;
        assert!(matches!(failed::<80>(status, small, &get(), 3, Way::Reader).outcome, Some(Outcome::Failure { .. })));
        let message = Failure::from_err_msg(Text::new(&failure.err_msg().to_string())).code();
        assert_eq!(message, expected);
    }
    for (status, body) in [(399, r#"{"code":"A","message":"b","requestId":"c"}"#), (404, r#"{"code":"A"}"#), (500, "")]
    {
        let told = failed::<512>(status, body, &get(), 5, Way::Async);
        assert_eq!(told.outcome, Some(Outcome::Response { status }));
    }
}

#[test]
fn a_coded_body_is_refused_however_much_of_it_is_seen() {
    // The second does not fit into what the smallest window looks at.
    for body in ["\"\"".to_owned(), format!("\u{feff} \"\"{}", " ".repeat(40))] {
        let http = http(200, "Content-Encoding: gzip\r\n", body);
        assert_eq!(agrees(&http, &get(), 5), Err("Http(Coded)".into()));
    }
    assert!(agrees(&http(200, "Content-Encoding: gzip\r\n", "\u{feff}"), &get(), 5).is_ok());
}

#[test]
fn text_that_is_no_json_is_told_before_it_ends() {
    let begun = "HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nhel";
    let mut cloud = cloud::<2048>(Peer::new(begun).then_fails(OVERRUN).then("lo").then_fails(OVERRUN), domain());
    let request = get();
    let mut reply = cloud.start(&request).unwrap().stream();
    loop {
        if let Event::Data(kind) = reply.next_event().unwrap().unwrap() {
            assert_eq!(kind, DataKind::Text);
            break;
        }
    }
    // After an error of the connection, it goes on.
    assert!(matches!(reply.next_event(), Err(CallError::Io(OVERRUN))));
    assert!(matches!(reply.next_event(), Err(CallError::Io(OVERRUN))));
    assert!(matches!(reply.next_event(), Err(CallError::UnexpectedEof)));
    assert!(matches!(reply.next_event(), Err(CallError::UnexpectedEof)));
    assert!(!cloud.is_ready());
}

#[test]
fn a_body_is_skipped_or_read_in_part() {
    for (body, response_type) in [
        ("x".repeat(5000), ResponseType::Text),
        (format!("[{}1]", "1,".repeat(2500)), ResponseType::Text),
        ("x".repeat(5000), ResponseType::ArrayBuffer),
    ] {
        let request = get().with_response_type(response_type);
        let answers = [http(200, "A: b\r\n", &body), http(204, "", "")].concat();
        let mut cloud = cloud::<80>(Peer::new(answers).giving(33), domain());
        let mut reply = cloud.start(&request).unwrap().stream();
        assert_eq!(reply.outcome(), None);
        while !matches!(reply.next_event().unwrap().unwrap(), Event::Data(_)) {}
        let mut reader = reply.body();
        assert_eq!(reader.fill_buf().unwrap()[0], body.as_bytes()[0]);
        reader.consume(1);
        let mut some = [0; 100];
        reader.read_exact(&mut some).unwrap();
        assert_eq!(some, body.as_bytes()[1..101]);
        assert_eq!(reply.next_event().unwrap(), None);
        assert_eq!(reply.outcome(), Some(Outcome::Response { status: 200 }));
        assert_eq!(reply.next_event().unwrap(), None);
        // The same async: what is left of the body is not told as an event.
        let peer = Peer { waits: true, ..Peer::new(http(200, "A: b\r\n", &body)).giving(33) };
        let mut cloud = self::cloud::<80>(peer, domain());
        let mut reply = cloud.start(&request).unwrap().stream();
        block_on(async {
            while !matches!(reply.next_event_async().await.unwrap().unwrap(), Event::Data(_)) {}
            let mut some = [0; 101];
            callcontainer::embedded_io_async::Read::read_exact(&mut reply.body(), &mut some).await.unwrap();
            assert_eq!(some, body.as_bytes()[..101]);
            assert_eq!(reply.next_event_async().await.unwrap(), None);
        });
        assert_eq!(reply.outcome(), Some(Outcome::Response { status: 200 }));
    }
    // The next answer follows on the same connection.
    let answers = Peer::new(http(200, "A: b\r\n", "{}")).later().then(http(201, "", "[1]"));
    let mut cloud = cloud::<64>(Peer { gives: 3, ..answers }, domain());
    for status in [200, 201] {
        let request = get();
        let told = told_of(&mut cloud.start(&request).unwrap().stream(), Way::Blocking).unwrap();
        assert_eq!(told.outcome, Some(Outcome::Response { status }));
        assert!(cloud.is_ready());
    }
    // A body that the service may leave unread ends the connection.
    let mut cloud = self::cloud::<64>(Peer::new(http(413, "", "no")), domain());
    let request = get().with_method(Method::Post).with_data(callcontainer::Json::new("{}").unwrap().into());
    let told = told_of(&mut cloud.start(&request).unwrap().stream(), Way::Async).unwrap();
    assert_eq!(told.outcome, Some(Outcome::Response { status: 413 }));
    assert!(!cloud.is_ready());
}

/// How long an error object may be, exactly: where only what comes behind it ends it, that takes room too.
#[test]
fn an_error_object_fits_or_is_a_response() {
    for (len, lines, behind, is_failure) in [
        (96, "Content-Length: 96", "", true),
        (97, "Content-Length: 97", "", false),
        (95, "Connection: close", "", true),
        (96, "Connection: close", "", false),
        (95, "Transfer-Encoding: chunked", "\r\n0\r\n\r\n", true),
        (96, "Transfer-Encoding: chunked", "\r\n0\r\n\r\n", false),
    ] {
        let start = r#"{"code":"A","requestId":"r","message":""#;
        let object = format!("{start}{}\"}}", "m".repeat(len - start.len() - 2));
        let before = if behind.is_empty() { String::new() } else { format!("{len:x}\r\n") };
        let http = format!("HTTP/1.1 404 X\r\n{lines}\r\n\r\n{before}{object}{behind}");
        for gives in [0, 1, 7] {
            let mut cloud = cloud::<128>(Peer::new(&http).giving(gives), open_api());
            let request = get();
            let mut reply = cloud.start(&request).unwrap().stream();
            while reply.next_event().unwrap().is_some() {}
            let failed = matches!(reply.outcome(), Some(Outcome::Failure { .. }));
            assert_eq!(failed, is_failure, "{len} {lines} {gives}");
        }
    }
}
