//! Replies over HTTP.

use crate::peer::{Peer, RESET};
use crate::seen::{Seen, WAYS, Way, call};
use callcontainer::client::{CallError, Cloud, Framing, HEAD_LIMIT, HttpError};
use callcontainer::{ErrorKind, REPLY_LIMIT, Reply, Request, Response};
use std::error::Error;
use std::sync::LazyLock;

static REQUEST: LazyLock<Request<'_>> =
    LazyLock::new(|| Request::new("/orders").with_env("prod-01").with_call_id("7-0.5"));
const REPLY: &str = r#"{"statusCode":201,"callID":"7-0.5","data":{"id":7,"note":"a \"b\" 好"}}"#;

fn http() -> Framing<'static> {
    Framing::http("gateway.internal:8080", Some("s3cret")).unwrap()
}

fn reply() -> Seen {
    Seen {
        status: Some(201),
        call_id: Some("7-0.5".to_owned()),
        data: r#"{"id":7,"note":"a \"b\" 好"}"#.into(),
        ..Seen::default()
    }
}

pub fn sized(envelope: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{envelope}", envelope.len())
}

/// A chunked body whose chunks have these sizes, over and over.
fn chunked(envelope: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut http = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut rest = envelope;
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        http.extend(format!("{:x};ext=\"x\"\r\n", chunk.len()).bytes());
        http.extend(chunk);
        http.extend(b"\r\n");
        if chunk.is_empty() {
            break;
        }
        if rest.is_empty() {
            http.extend(b"0\r\nTrailer: x\r\n\r\n");
            break;
        }
    }
    http
}

fn cloud(peer: Peer) -> Cloud<'static, Peer, 256> {
    let mut cloud = Cloud::new(0);
    assert!(cloud.init(peer, http()).is_none());
    cloud
}

/// Every way to receive gives this, however the bytes come.
fn every_way(http: impl AsRef<[u8]>, expected: &Result<Seen, CallError<crate::peer::Broken>>, ready: bool) {
    let http = http.as_ref();
    for way in WAYS {
        for gives in [0, 1, 2, 3, 7, 64] {
            let mut peer = Peer::new(http).giving(gives);
            peer.waits = true;
            peer.interrupts = gives == 3;
            let mut cloud = cloud(peer);
            let seen = call(&mut cloud, &REQUEST, way);
            assert_eq!(&seen, expected, "{way:?} {gives} {}", String::from_utf8_lossy(http));
            assert_eq!(cloud.is_ready(), ready, "{way:?} {gives} {}", String::from_utf8_lossy(http));
            if !ready {
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NotReusable));
            }
        }
    }
}

#[test]
fn a_reply_is_the_same_however_it_is_framed_and_cut() {
    let good = &Ok(reply());
    every_way(sized(REPLY), good, true);
    every_way(sized(REPLY).replace("OK", ""), good, true);
    every_way(sized(REPLY).replace("200", "500"), good, true);
    every_way(
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{REPLY}", REPLY.len()),
        good,
        false,
    );
    every_way(format!("HTTP/1.1 200 OK\r\n\r\n{REPLY}"), good, false);
    every_way(format!("HTTP/1.0 200 OK\r\n\r\n{REPLY}"), good, false);
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    every_way(format!("{interim}{}", sized(REPLY)), good, true);
    for size in 1..=REPLY.len() + 1 {
        every_way(chunked(REPLY.as_bytes(), &[size]), good, true);
    }
    every_way(chunked(REPLY.as_bytes(), &[1, 30, 2, 64]), good, true);
}

#[test]
fn failures_come_through() {
    let failure = r#"{"errCode":-501000,"errMsg":"cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: 7-0.5)","callID":"7-0.5"}"#;
    let seen = Seen {
        code: Some(-501_000),
        call_id: Some("7-0.5".to_owned()),
        err_msg: Some(
            "cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: 7-0.5)".to_owned(),
        ),
        ..Seen::default()
    };
    every_way(sized(failure), &Ok(seen.clone()), true);
    every_way(sized(failure).replace("200", "401"), &Ok(seen), true);
}

#[test]
fn a_reply_that_is_cut_short_is_never_a_result() {
    let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{}", sized(REPLY));
    for whole in [sized(REPLY).into_bytes(), chunked(REPLY.as_bytes(), &[9]), interim.into_bytes()] {
        for length in 0..whole.len() {
            let expected = if length == 0 { CallError::NoAnswer(None) } else { CallError::UnexpectedEof };
            for way in WAYS {
                for gives in [0, 5] {
                    let mut cloud = cloud(Peer::new(&whole[..length]).giving(gives));
                    assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{length} {way:?}");
                    assert!(!cloud.is_ready());
                }
            }
        }
    }
    // Where the end of the connection is the end of the reply, the envelope itself tells.
    let whole = format!("HTTP/1.1 200 OK\r\n\r\n{REPLY}");
    for length in whole.len() - REPLY.len()..whole.len() {
        for way in WAYS {
            let mut cloud = cloud(Peer::new(&whole.as_bytes()[..length]));
            let error = call(&mut cloud, &REQUEST, way).unwrap_err();
            assert!(matches!(error, CallError::Reply(error) if error.kind() == ErrorKind::UnexpectedEnd), "{error:?}");
            assert!(!cloud.is_ready());
        }
    }
}

#[test]
fn a_connection_that_fails_at_any_byte_is_told() {
    let whole = sized(REPLY);
    for length in 0..whole.len() {
        let expected = if length == 0 { CallError::NoAnswer(Some(RESET)) } else { CallError::Io(RESET) };
        for way in WAYS {
            let mut cloud = cloud(Peer::new(&whole.as_bytes()[..length]).then_fails(RESET));
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{length} {way:?}");
            assert!(!cloud.is_ready());
        }
        // A streamed reply goes on where the connection does.
        let peer = Peer::new(&whole.as_bytes()[..length]).then_fails(RESET).then(&whole.as_bytes()[length..]);
        let mut cloud = cloud(peer);
        let mut stream = cloud.start(&REQUEST).unwrap().stream();
        let mut failed = 0;
        loop {
            match stream.next_event() {
                Ok(None) => break,
                Ok(Some(_)) => {}
                Err(error) => {
                    assert_eq!(error, expected);
                    failed += 1;
                }
            }
        }
        assert_eq!(failed, 1);
        assert!(cloud.is_ready());
    }
}

#[test]
fn what_comes_behind_a_reply_is_never_taken_for_the_next() {
    let forged = r#"{"statusCode":200,"callID":"7-0.5","data":"forged"}"#;
    for junk in ["\r\n", "x", "HTTP/1.1 200 OK\r\n\r\n", &sized(forged), "\0\0"] {
        every_way_with_junk(&sized(REPLY), junk);
        every_way_with_junk(&String::from_utf8(chunked(REPLY.as_bytes(), &[20])).unwrap(), junk);
    }
}

/// The junk is there when the end of the reply is read, or it is not and lies in wait.
fn every_way_with_junk(http: &str, junk: &str) {
    for way in WAYS {
        for gives in [0, 1] {
            let mut cloud = cloud(Peer::new(format!("{http}{junk}")).giving(gives));
            assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()), "{way:?}");
            // Read along with the reply, it is seen.
            assert_eq!(cloud.is_ready(), gives == 1, "{way:?} {gives} {junk:?}");
            let other = REQUEST.with_call_id("8-0.5");
            let again = call(&mut cloud, &other, way);
            assert!(again.is_err(), "{way:?} {gives} {junk:?} {again:?}");
        }
    }
}

#[test]
fn a_reply_to_another_call_is_an_error() {
    for id in ["7-0.50", "7-0.", "", "8", "7-0.5\\u0030", "x7-0.5", &"y".repeat(128)] {
        let envelope = REPLY.replace("7-0.5", id);
        every_way(sized(&envelope), &Err(CallError::ForeignReply), true);
        every_way(chunked(envelope.as_bytes(), &[11]), &Err(CallError::ForeignReply), true);
    }
    // Behind the body too, and whatever the letter is written as.
    let late = r#"{"statusCode":200,"data":"x","callID":"8"}"#;
    every_way(sized(late), &Err(CallError::ForeignReply), true);
    let own = REPLY.replace("7-0.5", r"\u0037-0\u002e5");
    every_way(sized(&own), &Ok(reply()), true);
    // A failure of the gateway before it has read the call has none.
    let none = r#"{"errCode":-606001,"errMsg":"too large"}"#;
    let seen = Seen { code: Some(-606_001), err_msg: Some("too large".to_owned()), ..Seen::default() };
    every_way(sized(none), &Ok(seen), true);
}

#[test]
fn the_client_gives_an_id_to_a_call_that_has_none() {
    let request = Request::new("/").with_env("e");
    for way in WAYS {
        let mut peer = Peer::new(sized(r#"{"statusCode":204,"callID":"00000000000000ff"}"#));
        peer.comes.extend(Peer::new(sized(r#"{"statusCode":204,"callID":"0000000000000100"}"#)).comes);
        peer.comes.extend(Peer::new(sized(r#"{"statusCode":204,"callID":"00000000000000ff"}"#)).comes);
        peer.gives = 1;
        let mut cloud = Cloud::<_, 64>::new(255);
        cloud.init(peer, http());
        assert_eq!(call(&mut cloud, &request, way).unwrap().status, Some(204));
        assert_eq!(call(&mut cloud, &request, way).unwrap().status, Some(204));
        // That of the first call does for no other.
        assert_eq!(call(&mut cloud, &request, way), Err(CallError::ForeignReply));
        let written = cloud.take().unwrap().written;
        let envelope = br#"{"config":{"env":"e"},"path":"/","callID":"00000000000000ff"}"#;
        assert!(written.windows(envelope.len()).any(|window| window == envelope));
        assert_eq!(call(&mut cloud, &request, way), Err(CallError::NotInitialised));
    }
}

#[test]
fn what_is_no_envelope_is_told_and_the_connection_kept_where_it_can_be() {
    let kind = |http: Vec<u8>, ready: bool| {
        let mut kinds = Vec::new();
        for way in WAYS {
            for gives in [0, 1, 13] {
                let mut cloud = cloud(Peer::new(&http).giving(gives));
                kinds.push(call(&mut cloud, &REQUEST, way).unwrap_err());
                assert_eq!(cloud.is_ready(), ready, "{}", String::from_utf8_lossy(&http));
            }
        }
        assert!(kinds.iter().all(|kind| *kind == kinds[0]), "{kinds:?}");
        kinds[0]
    };
    let reply = |error: CallError<_>| match error {
        CallError::Reply(error) => (error.kind(), error.offset()),
        other => panic!("{other:?}"),
    };
    assert_eq!(reply(kind(sized("").into(), true)), (ErrorKind::UnexpectedEnd, 0));
    assert_eq!(reply(kind(sized("{}").into(), true)), (ErrorKind::MissingField, 1));
    assert_eq!(reply(kind(sized("[]").into(), true)), (ErrorKind::WrongType, 0));
    assert_eq!(reply(kind(chunked(b"{\"statusCode\":20}", &[3]), true)), (ErrorKind::InvalidStatus, 14));
    assert_eq!(reply(kind(sized(&format!("{REPLY}x")).into(), true)), (ErrorKind::TrailingData, REPLY.len()));
    let status = |status, retry_after| CallError::Status { status, retry_after };
    let html = "<html>Bad Gateway</html>";
    assert_eq!(kind(sized(html).replace("200", "502").into(), true), status(502, None));
    // What it says has no room.
    let long = sized(&html.repeat(20)).replace("200", "502");
    for gives in [0, 1, 13] {
        let mut cloud = cloud(Peer::new(&long).giving(gives));
        let error = cloud.call(&REQUEST, &mut [0; 64]).unwrap_err();
        assert_eq!((error, cloud.is_ready()), (status(502, None), true));
    }
    assert_eq!(kind(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(), true), status(404, None));
    for (lines, seconds) in [
        ("Retry-After: 120", Some(120)),
        ("retry-after:\t0 ", Some(0)),
        ("RETRY-AFTER: 007", Some(7)),
        ("Retry-After: 4294967295", Some(u32::MAX)),
        ("Retry-After: 4294967296", Some(u32::MAX)),
        ("Retry-After: 18446744073709551615", Some(u32::MAX)),
        ("Retry-After: 5\r\nRetry-After: 90\r\nRetry-After: 7", Some(90)),
        ("Retry-After: Wed, 01 Jan 2025 00:00:00 GMT\r\nRetry-After: 3", Some(3)),
        ("Retry-After: Wed, 01 Jan 2025 00:00:00 GMT", None),
        ("Retry-After: 18446744073709551616", None),
        ("Retry-After:", None),
        ("Retry-After: -1", None),
        ("Retry-After: 1.5", None),
        ("Retry-After: 1 2", None),
        ("Retry-After: 1, 2", None),
        ("X-Retry-After: 1", None),
        ("Retry-Afte: 1\r\nRetry-Afterr: 2", None),
    ] {
        let http = format!("HTTP/1.1 503 Busy\r\n{lines}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(kind(http.clone().into(), true), status(503, seconds), "{lines:?}");
        // That of an interim response does not count.
        let interim =
            format!("HTTP/1.1 103 Early Hints\r\n{lines}\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(kind(interim.into(), true), status(503, None), "{lines:?}");
    }
    // No more of it is read than a reply can have.
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{}", " ".repeat(REPLY_LIMIT + 5000));
    assert_eq!(reply(kind_of(long.into_bytes())), (ErrorKind::ReplyTooLarge, REPLY_LIMIT));

    let long_extension = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}", "x".repeat(5000));
    for (bytes, expected) in [
        ("SSH-2.0-OpenSSH\r\n", HttpError::Head),
        ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", HttpError::Head),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", HttpError::Switched),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", HttpError::Length),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", HttpError::Length),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", HttpError::Chunk),
        (&long_extension, HttpError::ChunkTooLong),
        (&format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(HEAD_LIMIT)), HttpError::HeadTooLong),
        (&format!("HTTP/1.1 200 OK\r\n{}\r\n", "X:\r\n".repeat(HEAD_LIMIT / 4)), HttpError::HeadTooLong),
        (&"HTTP/1.1 100 Continue\r\n\r\n".repeat(99), HttpError::TooManyInterim),
    ] {
        let error = kind(bytes.into(), false);
        assert_eq!(error, CallError::Http(expected), "{bytes}");
        assert_eq!(error.source().and_then(<dyn Error>::downcast_ref), Some(&expected));
    }
}

#[test]
fn a_head_may_be_as_long_as_it_may() {
    assert_eq!(HEAD_LIMIT, 16_384);
    let head = sized(REPLY).len() - REPLY.len();
    let behind = |lines: &str| format!("HTTP/1.1 200 OK\r\n{lines}{}", &sized(REPLY)[17..]);
    let lines = |length: usize| {
        let spare = length - head;
        behind(&("X:\r\n".repeat(spare / 4 - 1) + &format!("X:{}\r\n", "y".repeat(spare % 4))))
    };
    let long = |length: usize| behind(&format!("X:{}\r\n", "y".repeat(length - head - 4)));
    let interim = |count: usize| "HTTP/1.1 100 Continue\r\n\r\n".repeat(count) + &sized(REPLY);
    let interim_and_long = |length: usize| {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(9);
        format!("{interim}{}", long(length - interim.len()))
    };
    let pairs = [
        (lines(HEAD_LIMIT), lines(HEAD_LIMIT + 1), HttpError::HeadTooLong),
        (long(HEAD_LIMIT), long(HEAD_LIMIT + 1), HttpError::HeadTooLong),
        (interim_and_long(HEAD_LIMIT), interim_and_long(HEAD_LIMIT + 1), HttpError::HeadTooLong),
        (interim(16), interim(17), HttpError::TooManyInterim),
    ];
    for (longest, longer, error) in pairs {
        every_way(&longest, &Ok(reply()), true);
        every_way(&longer, &Err(CallError::Http(error)), false);
    }
}

/// 534 bytes and 40 lines, as a network in front of a gateway sends them.
#[test]
fn a_head_passes_through_any_window() {
    let mut lines = vec![
        "Date: Wed, 01 Jan 2025 00:00:00 GMT".to_owned(),
        "Content-Type: application/json; charset=utf-8".to_owned(),
        format!("Content-Length: {}", REPLY.len()),
        "Connection: keep-alive, X-A-Very-Long-Option-That-Nobody-Has-Ever-Heard-Of, TE".to_owned(),
        "Strict-Transport-Security: max-age=15724800".to_owned(),
        "X-Request-ID: 4f3c2b1a09f8e7d6".to_owned(),
        "CF-Cache-Status: DYNAMIC".to_owned(),
    ];
    lines.extend((7..39).map(|number| format!("X-{number}:")));
    let length: usize = lines.iter().map(|line| line.len() + 2).sum();
    lines.insert(3, format!("Via: {}", "v".repeat(534 - 17 - 2 - length - 7)));
    let head = format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", lines.join("\r\n"));
    assert_eq!((head.len(), lines.len()), (534, 40));
    let http = head + REPLY;
    every_way(&http, &Ok(reply()), true);
    for way in WAYS {
        for gives in 0..70 {
            let mut cloud = Cloud::<_, 64>::new(0);
            cloud.init(Peer::new(&http).giving(gives), self::http());
            assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()), "{way:?} {gives}");
            assert!(cloud.is_ready());
        }
    }
    // The last option closes.
    every_way(http.replace(", TE", ", close"), &Ok(reply()), false);
}

/// The same for what is too long to be read in small pieces.
fn kind_of(http: Vec<u8>) -> CallError<crate::peer::Broken> {
    let mut kinds = Vec::new();
    for way in [Way::Collected, Way::Streamed, Way::ReadAsync] {
        let mut cloud = cloud(Peer::new(&http));
        kinds.push(call(&mut cloud, &REQUEST, way).unwrap_err());
        assert!(!cloud.is_ready());
    }
    assert!(kinds.iter().all(|kind| *kind == kinds[0]), "{kinds:?}");
    kinds[0]
}

#[test]
fn a_reply_without_room_leaves_the_connection_clean() {
    for (http, name) in [(sized(REPLY).into_bytes(), "sized"), (chunked(REPLY.as_bytes(), &[5]), "chunked")] {
        for room in 0..REPLY.len() {
            for gives in [0, 1, 50] {
                let mut cloud = cloud(Peer::new(&http).later().then(&http).giving(gives));
                let mut buffer = vec![0; room];
                let error = cloud.call(&REQUEST, &mut buffer).unwrap_err();
                let CallError::Reply(error) = error else { panic!("{error:?}") };
                assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, room), "{name} {gives}");
                assert!(cloud.is_ready(), "{name} {room} {gives}");
                assert!(cloud.call(&REQUEST, &mut [0; 256]).is_ok(), "{name} {room} {gives}");
            }
        }
        let mut buffer = vec![0; REPLY.len()];
        let mut cloud = cloud(Peer::new(&http).giving(1));
        assert!(cloud.call(&REQUEST, &mut buffer).is_ok());
        assert!(cloud.is_ready());
    }
}

/// Replies of the greatest length come whole through small windows.
#[test]
fn a_megabyte_comes_through_small_windows() {
    let around = Reply::from(Response::new(200).with_call_id("7-0.5").with_data("".into())).encoded_len().unwrap();
    let text = "好a\"".chars().cycle().take(380_000).collect::<String>();
    let length = REPLY_LIMIT - around;
    let plain = "x".repeat(length);
    let array = format!("[{}1]", "\"好\", ".repeat(100_000));
    let bytes = vec![0xA5; (REPLY_LIMIT - around - 64) / 4 * 3];
    let datas: [callcontainer::Data<'_>; 4] = [
        plain.as_str().into(),
        text.as_str().into(),
        callcontainer::Json::new(&array).unwrap().into(),
        bytes.as_slice().into(),
    ];
    for data in datas {
        let reply = Reply::from(Response::new(200).with_call_id("7-0.5").with_data(data));
        let mut buffer = vec![0; REPLY_LIMIT];
        let envelope = reply.encode(&mut buffer).unwrap();
        let expected = crate::seen::collected(&Reply::decode(envelope).unwrap());
        let sized =
            [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", envelope.len()).as_bytes(), envelope].concat();
        let chunks = chunked(envelope, &[1000, 1, 8192]);
        macro_rules! windows {
            ($($window:literal)*) => {$(
                for http in [&sized, &chunks] {
                    for way in [Way::Collected, Way::Streamed, Way::Read] {
                        let mut cloud = Cloud::<_, $window>::new(0);
                        cloud.init(Peer::new(http).giving(1000), http_framing());
                        assert_eq!(call(&mut cloud, &REQUEST, way).unwrap(), expected);
                        assert!(cloud.is_ready());
                    }
                }
            )*};
        }
        windows!(64 256 512);
    }
}

fn http_framing() -> Framing<'static> {
    http()
}
