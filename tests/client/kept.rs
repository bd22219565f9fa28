//! What becomes of the connection beside what is returned: how much of it is read, at which byte a verdict is told, and
//! whether the next call can be made on it. The same for each way to make a call.

use crate::http::sized;
use crate::peer::{Broken, Item, OVERRUN, Peer, RESET, block_on, poll_for};
use crate::seen::{Result, WAYS, Way, call};
use callcontainer::client::{CallError, Cloud, Framing, HEAD_LIMIT, HttpError};
use callcontainer::line::Check;
use callcontainer::stream::{WriteCause, WriteError};
use callcontainer::{Error, ErrorKind, Json, Method, REPLY_LIMIT, Reply, Request};
use std::sync::LazyLock;

static REQUEST: LazyLock<Request<'_>> = LazyLock::new(|| Request::new("/").with_env("e").with_call_id("7"));
const REPLY: &str = r#"{"statusCode":200,"callID":"7","data":"own"}"#;
/// What lies behind a reply, and is nobody's business yet.
const BEHIND: &str = "HTTP/1.1 299 Next\r\n\r\n";

fn http() -> Framing<'static> {
    Framing::http("gateway", None).unwrap()
}

#[cfg(feature = "gateway")]
fn framings_of_http() -> Vec<Framing<'static>> {
    vec![http(), crate::doors::domain(), crate::doors::open_api()]
}

#[cfg(not(feature = "gateway"))]
fn framings_of_http() -> Vec<Framing<'static>> {
    vec![http()]
}

fn cloud<const W: usize>(framing: Framing<'static>, peer: Peer) -> Cloud<'static, Peer, W> {
    let mut cloud = Cloud::new(0);
    assert!(cloud.init(peer, framing).is_none());
    cloud
}

/// How many bytes nobody has read.
fn unread<const W: usize>(cloud: &mut Cloud<'static, Peer, W>) -> usize {
    let comes = &cloud.connection().unwrap().comes;
    comes.iter().filter(|item| matches!(item, Item::Byte(_))).count()
}

/// The bytes, in reads of one, of a few, and of whatever there is up to the end of them; then what lies behind.
fn peers(bytes: &[u8], behind: &str) -> [Peer; 3] {
    let one = Peer { waits: true, ..Peer::new(bytes).then(behind).giving(1) };
    let few = Peer { interrupts: true, ..Peer::new(bytes).later().then(behind).giving(5) };
    [one, few, Peer::new(bytes).later().then(behind)]
}

/// Each way to call comes to this, has read just these bytes, and leaves the connection ready, or not.
#[track_caller]
fn each_way(framing: Framing<'static>, bytes: &[u8], expected: impl Fn(&Result) -> bool, is_ready: bool) {
    for way in WAYS {
        for (at, peer) in peers(bytes, BEHIND).into_iter().enumerate() {
            let mut cloud = cloud::<64>(framing, peer);
            let result = call(&mut cloud, &REQUEST, way);
            let shown = format!("{framing:?} {way:?} {at} {}", bytes[..bytes.len().min(400)].escape_ascii());
            assert!(expected(&result), "{result:?} {shown}");
            assert_eq!(unread(&mut cloud), BEHIND.len(), "{shown}");
            assert_eq!(cloud.is_ready(), is_ready, "{shown}");
        }
    }
}

/// The bytes up to the mark, which the verdict is told at, and all of them.
fn marked(text: &str) -> (Vec<u8>, Vec<u8>) {
    let (before, behind) = text.split_once('➤').unwrap();
    (before.into(), [before, behind].concat().into())
}

#[test]
fn a_reply_is_read_to_its_end_and_no_further() {
    let len = REPLY.len();
    let chunked =
        |head: &str| format!("{head}\r\n5\r\n{}\r\n{:X}\r\n{}\r\n0\r\n\r\n", &REPLY[..5], len - 5, &REPLY[5..]);
    for (reply, is_ready) in [
        (sized(REPLY), true),
        (sized(REPLY).replace("1.1", "1.0"), false),
        (sized(REPLY).replace("1.1 200 OK", "1.0 200 OK\r\nConnection: keep-alive"), true),
        (sized(REPLY).replace("OK", "OK\r\nConnection: close"), false),
        (sized(REPLY).replace("OK", "OK\r\nConnection: keep-alive, CLOSE"), false),
        (format!("HTTP/1.1 100 Continue\r\n\r\n{}", sized(REPLY)), true),
        (format!("HTTP/1.1 103 Early\r\nConnection: close\r\n\r\n{}", sized(REPLY)), true),
        (chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"), true),
        (chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"), false),
        (
            chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n").replace("\r\n0\r\n", "\r\n0;x=y\r\nA: b\r\n"),
            true,
        ),
    ] {
        for framing in framings_of_http() {
            each_way(
                framing,
                reply.as_bytes(),
                |result| result.as_ref().is_ok_and(|seen| seen.status == Some(200)),
                is_ready,
            );
        }
    }
    // Where only the end of the connection ends it, all of it is read.
    for way in WAYS {
        let mut cloud = cloud::<64>(http(), Peer::new(format!("HTTP/1.1 200 OK\r\n\r\n{REPLY}   ")));
        assert!(call(&mut cloud, &REQUEST, way).is_ok());
        assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, false), "{way:?}");
    }
}

/// A reply is an envelope, whatever the status; what is none is told by its status, unless that is 200.
#[test]
fn every_status_without_an_envelope_is_told_and_the_connection_kept() {
    for status in 200..=599_u16 {
        let with = |body: &str| sized(body).replace("200 OK", &format!("{status} X"));
        if [204, 304].contains(&status) {
            let expected = Err(CallError::Status { status, retry_after: None });
            let head = format!("HTTP/1.1 {status} X\r\n\r\n");
            each_way(http(), head.as_bytes(), |result| *result == expected, true);
            continue;
        }
        let told = |error| {
            if status == 200 { CallError::Reply(error) } else { CallError::Status { status, retry_after: None } }
        };
        for (body, kind, offset) in [
            ("", ErrorKind::UnexpectedEnd, 0),
            ("OK", ErrorKind::UnexpectedByte, 0),
            ("<p>created</p>", ErrorKind::UnexpectedByte, 0),
            (r#"{"id":7}"#, ErrorKind::MissingField, 7),
        ] {
            let expected = Err(told(Error::new(kind, offset)));
            let bytes = with(body);
            let ways = if status % 100 < 2 || status < 300 { &WAYS[..] } else { &WAYS[..2] };
            for way in ways {
                let mut cloud = cloud::<64>(http(), Peer::new(&bytes).then(BEHIND).giving(1));
                assert_eq!(call(&mut cloud, &REQUEST, *way), expected, "{bytes}");
                assert_eq!((unread(&mut cloud), cloud.is_ready()), (BEHIND.len(), true), "{bytes}");
            }
        }
        let mut cloud = cloud::<64>(http(), Peer::new(with(REPLY)));
        assert_eq!(call(&mut cloud, &REQUEST, Way::Streamed).unwrap().status, Some(200));
        assert!(cloud.is_ready());
    }
}

/// Replies that are none, one of each kind, with the error.
fn wrong_replies() -> Vec<(Vec<u8>, Error)> {
    use ErrorKind as K;
    let with = |member: &str| format!(r#"{{"statusCode":200,"callID":"7",{member}}}"#).into_bytes();
    let headers = |count: usize| (0..count).map(|at| format!("\"h{at}\":\"\"")).collect::<Vec<_>>().join(",");
    let wrong = vec![
        (br#"{"statusCode":200,"callID":"7""#.to_vec(), K::UnexpectedEnd),
        (br#"{"statusCode":200,,"data":1}"#.to_vec(), K::UnexpectedByte),
        (with(r#""data":nul"#), K::InvalidLiteral),
        (with(r#""data":01"#), K::InvalidNumber),
        (with(r#""data":"\x and more""#), K::InvalidEscape),
        (with(r#""data":"\ud800 and more""#), K::LoneSurrogate),
        (with("\"data\":\"\t and more\""), K::ControlCharacter),
        ([&with(r#""data":""#)[..39], b"\xff and more\"}"].concat(), K::InvalidUtf8),
        (with(&format!(r#""data":{}"#, "[".repeat(128))), K::TooDeep),
        ([&with(r#""data":1"#)[..], b" x and more"].concat(), K::TrailingData),
        (with(r#""header":[]"#), K::WrongType),
        (with(r#""errMsg":"a","errMsg":"b""#), K::DuplicateKey),
        (br#"{"callID":"7"}"#.to_vec(), K::MissingField),
        (br#"{"callID":"7","statusCode":20}"#.to_vec(), K::InvalidStatus),
        (with(r#""header":{"a b":"c"}"#), K::InvalidHeaderName),
        (with(r#""header":{"a":"b\n"}"#), K::InvalidHeaderValue),
        (with(r#""header":{"a":"b","A":"c"}"#), K::DuplicateHeader),
        (with(&format!(r#""header":{{{}}}"#, headers(65))), K::TooManyHeaders),
        (with(&format!(r#""header":{{"{}":""}}"#, "n".repeat(129))), K::TooLong),
        (with(r#""__nativeBuffers__":[{"key":"data","base64":"A"}]"#), K::InvalidBase64),
        (with(r#""data":1,"__nativeBuffers__":[{"key":"data","base64":"AA=="}]"#), K::DataConflict),
    ];
    let told = |(envelope, kind): (Vec<u8>, K)| {
        let error = Reply::decode(&envelope).unwrap_err();
        assert_eq!(error.kind(), kind, "{}", envelope.escape_ascii());
        (envelope, error)
    };
    wrong.into_iter().map(told).collect()
}

/// After an error, the rest of the reply is read, and the next call finds its own.
#[test]
fn a_wrong_reply_over_http_is_drained() {
    for (envelope, error) in wrong_replies() {
        let expected = CallError::Reply(error);
        let sized =
            [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", envelope.len()).as_bytes(), &envelope].concat();
        let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in envelope.chunks(9) {
            chunked.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        chunked.extend(b"0\r\n\r\n");
        for bytes in [sized, chunked] {
            each_way(http(), &bytes, |result| *result == Err(expected), true);
            // It is told once more, and nothing more is read for it.
            for asynchronous in [false, true] {
                let peer = Peer::new(&bytes).then(self::sized(REPLY)).giving(1);
                let mut cloud = cloud::<64>(http(), peer);
                let mut stream = cloud.start(&REQUEST).unwrap().stream();
                for _ in 0..3 {
                    let error = loop {
                        let next = if asynchronous { block_on(stream.next_event_async()) } else { stream.next_event() };
                        match next {
                            Ok(event) => assert!(event.is_some(), "no end"),
                            Err(error) => break error,
                        }
                    };
                    assert_eq!(error, expected);
                    assert_eq!(stream.outcome(), None);
                }
                assert_eq!(unread(&mut cloud), self::sized(REPLY).len());
                assert!(call(&mut cloud, &REQUEST, Way::Streamed).is_ok());
                assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true));
            }
        }
    }
}

fn in_step(framing: Framing<'static>, peer: Peer, ending: impl Fn(&str) -> Vec<u8>) -> Cloud<'static, Peer, 64> {
    let mut first = Peer::new(ending(&REPLY.replace('7', "first"))).later();
    first.comes.extend(peer.comes);
    let mut cloud = cloud::<64>(framing, Peer { comes: first.comes, ..peer });
    assert!(call(&mut cloud, &REQUEST.with_call_id("first"), Way::Collected).is_ok());
    cloud
}

fn bare(envelope: &str) -> Vec<u8> {
    format!("{envelope}\n").into()
}

fn checked(envelope: &str) -> Vec<u8> {
    [envelope.as_bytes(), &Check::of(envelope.as_bytes()).trailer(), b"\n"].concat()
}

/// On a line, a whole reply is told at its newline, and a streamed one at the byte that is wrong. What is left of the line
/// is not the next reply.
#[test]
fn a_wrong_reply_on_a_line_is_told_and_left() {
    for (envelope, error) in wrong_replies() {
        let expected = Err(CallError::Reply(error));
        // Up to the byte without which it might still be a reply.
        let is_wrong = |bytes: &usize| {
            Reply::decode(&envelope[..*bytes]).is_err_and(|error| error.kind() != ErrorKind::UnexpectedEnd)
        };
        let told = (0..=envelope.len()).find(is_wrong).unwrap_or(envelope.len() + 1);
        for way in WAYS {
            let line = [&envelope, &b"\n"[..]].concat();
            let peer = Peer::new(&line).then(bare(REPLY)).giving(1);
            let mut cloud = in_step(Framing::LINE, peer, bare);
            assert_eq!(call(&mut cloud, &REQUEST, way), expected, "{way:?}");
            let read = line.len() + bare(REPLY).len() - unread(&mut cloud);
            let at = if matches!(way, Way::Collected | Way::CollectedAsync) { line.len() } else { told };
            assert_eq!(read, at, "{way:?} {}", line.escape_ascii());
            assert!(cloud.is_ready());
            // So does the same stream: one line is one error.
            if way == Way::Streamed {
                let mut cloud = in_step(Framing::LINE, Peer::new(&line).then(&line).then(bare(REPLY)).giving(1), bare);
                let mut stream = cloud.start(&REQUEST).unwrap().stream();
                let mut errors = Vec::new();
                loop {
                    match stream.next_event() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(error) => errors.push(error),
                    }
                }
                assert_eq!(errors, vec![expected.clone().unwrap_err(); 2], "{}", line.escape_ascii());
                assert!(cloud.is_ready());
            }
            // The next call passes over what is left.
            assert!(call(&mut cloud, &REQUEST, way).is_ok(), "{way:?} {}", line.escape_ascii());
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true), "{way:?}");
        }
    }
}

/// Each error of HTTP is told at the byte that shows it, and ends the connection.
#[test]
fn what_is_no_http_is_told_at_its_byte() {
    let many = |count: usize| "HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
    let aside = |len: usize| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}", "x".repeat(len));
    let long = |len: usize| format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(len - 20));
    for (text, error) in [
        ("S➤SH-2.0".to_owned(), HttpError::Head),
        ("HTTP/2➤ 200 OK\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.2➤ 200 OK\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 0➤99 X\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 200 OK\n➤Content-Length: 0\n\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 200 OK\r\n ➤a: b\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 200 OK\r\na ➤: b\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 200 OK\r\na: \0➤\r\n".to_owned(), HttpError::Head),
        ("HTTP/1.1 101 Switching\r\n\r\n➤more".to_owned(), HttpError::Switched),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n➤{}".to_owned(), HttpError::Length),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n➤{}".to_owned(), HttpError::Length),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n➤{}".to_owned(), HttpError::Length),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx➤\r\n".to_owned(), HttpError::Chunk),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{x➤\r\n".to_owned(), HttpError::Chunk),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001➤\r\n".to_owned(), HttpError::Chunk),
        (format!("{}x➤xx", aside(4095)), HttpError::ChunkTooLong),
        (format!("{}y➤yy", long(HEAD_LIMIT - 1)), HttpError::HeadTooLong),
        (format!("{}➤{}", many(17), many(1)), HttpError::TooManyInterim),
    ] {
        let (told, whole) = marked(&text);
        for framing in framings_of_http() {
            for way in WAYS {
                let mut cloud = cloud::<64>(framing, Peer::new(&whole).giving(1));
                let shown = format!("{framing:?} {way:?} {}", &text[..text.len().min(200)]);
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::Http(error)), "{shown}");
                assert_eq!(whole.len() - unread(&mut cloud), told.len(), "{shown}");
                assert!(!cloud.is_ready());
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NotReusable));
                assert_eq!(whole.len() - unread(&mut cloud), told.len(), "nothing is read on it: {shown}");
            }
        }
    }
}

/// A connection that is gone while a call goes out may have been answered: the answer is read, if any of the call is out.
/// Otherwise nothing is read.
#[test]
fn only_what_may_be_an_answer_is_read_behind_a_write_that_failed() {
    let refusal = r#"{"errCode":-606001,"errMsg":"too large"}"#;
    for asynchronous in [false, true] {
        for after in 0..80 {
            for how in [Some(RESET), Some(OVERRUN), None] {
                for framing in [http(), Framing::LINE] {
                    let is_line = format!("{framing:?}") == "Line";
                    let answer = if is_line { bare(refusal) } else { sized(refusal).into_bytes() };
                    let peer = Peer { breaks: Some((after, how)), ..Peer::new(&answer).later().then(BEHIND) };
                    let mut cloud = cloud::<64>(framing, peer);
                    if after >= cloud.start(&REQUEST).unwrap().encoded_len() {
                        continue;
                    }
                    let way = if asynchronous { Way::CollectedAsync } else { Way::Collected };
                    let result = call(&mut cloud, &REQUEST, way);
                    let is_read = !is_line && how == Some(RESET) && after > 0;
                    let shown = format!("{framing:?} {after} {how:?} {result:?}");
                    assert_eq!(result.is_ok(), is_read, "{shown}");
                    let left = if is_read { 0 } else { answer.len() };
                    assert_eq!(unread(&mut cloud), left + BEHIND.len(), "{shown}");
                    assert_eq!(cloud.is_ready(), is_line && how == Some(OVERRUN), "{shown}");
                }
            }
        }
    }
}

/// What is wrong with an answer says more than that the call could not be written. What is no answer says nothing.
#[test]
fn what_is_wrong_with_an_answer_is_told_before_a_write_that_failed() {
    let lost: CallError<Broken> = CallError::Write(WriteError { cause: WriteCause::Io(RESET), written: 30 });
    let status = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno".to_owned();
    for (answer, expected) in [
        (status.clone(), CallError::Status { status: 413, retry_after: None }),
        (
            status.replace("\r\n\r\n", "\r\nRetry-After: 7\r\n\r\n"),
            CallError::Status { status: 413, retry_after: Some(7) },
        ),
        ("SMTP ready\r\n\r\n".to_owned(), CallError::Http(HttpError::Head)),
        (sized(r#"{"errCode":x}"#), CallError::Reply(Error::new(ErrorKind::UnexpectedByte, 11))),
        (sized(r#"{"errCode":1,"errMsg":"","callID":"other"}"#), CallError::ForeignReply),
        // A response is none to half an envelope.
        (sized(r#"{"statusCode":200}"#), lost),
        (String::new(), lost),
        ("HTTP/1.1 413 Too".to_owned(), lost),
    ] {
        for way in [Way::Collected, Way::CollectedAsync] {
            let peer = Peer { breaks: Some((30, Some(RESET))), ..Peer::new(answer.as_bytes()).later() };
            let mut cloud = cloud::<64>(http(), peer);
            assert_eq!(call(&mut cloud, &REQUEST, way).map(drop), Err(expected), "{way:?} {answer}");
        }
    }
}

/// Kinds of errors that say that a connection is gone: a line is lost with it. Behind every other kind it goes on.
#[test]
fn a_line_is_lost_with_its_connection() {
    use callcontainer::embedded_io::ErrorKind as Kind;
    for (kind, is_gone) in [
        (Kind::BrokenPipe, true),
        (Kind::ConnectionAborted, true),
        (Kind::ConnectionReset, true),
        (Kind::NotConnected, true),
        (Kind::Other, false),
        (Kind::NotFound, false),
        (Kind::PermissionDenied, false),
        (Kind::ConnectionRefused, false),
        (Kind::AddrInUse, false),
        (Kind::AddrNotAvailable, false),
        (Kind::AlreadyExists, false),
        (Kind::InvalidInput, false),
        (Kind::InvalidData, false),
        (Kind::TimedOut, false),
        (Kind::Unsupported, false),
        (Kind::OutOfMemory, false),
        (Kind::WriteZero, false),
    ] {
        let error = Broken(kind);
        for framing in [Framing::LINE, Framing::CHECKED_LINE, http()] {
            let is_line = format!("{framing:?}").contains("Line");
            for way in WAYS {
                let mut cloud = cloud::<64>(framing, Peer::new("").then_fails(error));
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NoAnswer(Some(error))), "{kind:?}");
                assert_eq!(cloud.is_ready(), is_line && !is_gone, "{framing:?} {way:?} {kind:?}");
                let peer = Peer { breaks: Some((3, Some(error))), ..Peer::default() };
                let mut cloud = self::cloud::<64>(framing, peer);
                assert!(matches!(call(&mut cloud, &REQUEST, way), Err(CallError::Write(_))), "{kind:?}");
                assert_eq!(cloud.is_ready(), is_line && !is_gone, "{framing:?} {way:?} {kind:?}");
            }
        }
    }
}

/// A stream of an answer at a door ends with what is wrong in its head: where the head ends is not looked for.
#[cfg(feature = "gateway")]
#[test]
fn what_is_wrong_in_the_head_of_an_answer_is_told_in_its_line() {
    for framing in [crate::doors::domain(), crate::doors::open_api()] {
        for way in [Way::Streamed, Way::StreamedAsync, Way::StreamedDropped, Way::Read, Way::ReadAsync] {
            let lines = |count: usize| (0..count).map(|at| format!("A{at}: b\r\n")).collect::<String>();
            for (before, kind) in
                [(format!("{}: b\r\n", "n".repeat(129)), ErrorKind::TooLong), (lines(65), ErrorKind::TooManyHeaders)]
            {
                let head = format!("HTTP/1.1 200 OK\r\n{before}");
                let behind = format!("{}Content-Length: 1\r\n\r\nx", "B: c\r\n".repeat(30));
                let mut cloud = cloud::<64>(framing, Peer::new(head).then(&behind).giving(1));
                let error = call(&mut cloud, &REQUEST, way).unwrap_err();
                assert!(matches!(error, CallError::Reply(error) if error.kind() == kind), "{error:?}");
                assert!(unread(&mut cloud) >= behind.len() - 9, "{way:?} {kind:?}: {} left", unread(&mut cloud));
                assert!(!cloud.is_ready(), "{way:?} {kind:?}");
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NotReusable));
            }
        }
    }
}

/// A reply of just as many bytes as there may be, behind which spaces go on.
fn filled(bytes: usize) -> Vec<u8> {
    let mut reply = REPLY.as_bytes().to_vec();
    reply.resize(bytes, b' ');
    reply
}

/// The bytes behind the limit are not waited for, and the last one within it is taken.
#[test]
fn a_reply_that_is_too_large_is_told_at_the_first_byte_too_many() {
    let too_large = Err(CallError::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    let chunk =
        |length: usize| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n").into_bytes();
    let until_close = || b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    for way in WAYS {
        // As large as may be.
        let whole = [head(REPLY_LIMIT), filled(REPLY_LIMIT)].concat();
        let mut cloud = cloud::<64>(http(), Peer::new(whole).later().then(BEHIND));
        assert!(call(&mut cloud, &REQUEST, way).is_ok());
        assert_eq!((unread(&mut cloud), cloud.is_ready()), (BEHIND.len(), true), "{way:?}");
        for begin in [head(REPLY_LIMIT + 9), chunk(REPLY_LIMIT + 9), until_close()] {
            let peer = Peer::new([begin, filled(REPLY_LIMIT)].concat()).later().then(" ").later().then("        ");
            let mut cloud = self::cloud::<64>(http(), peer);
            assert_eq!(call(&mut cloud, &REQUEST, way), too_large, "{way:?}");
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (8, false), "{way:?}");
        }
        // The same on a line: it is not read to its end, and the next call passes over what is left of it.
        for (framing, held, end) in
            [(Framing::LINE, 0, bare as fn(&str) -> Vec<u8>), (Framing::CHECKED_LINE, 9, checked)]
        {
            let line = end(str::from_utf8(&filled(REPLY_LIMIT)).unwrap());
            let mut cloud = in_step(framing, Peer::new(line).later().then(BEHIND), end);
            assert!(call(&mut cloud, &REQUEST, way).is_ok(), "{framing:?} {way:?}");
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (BEHIND.len(), true), "{framing:?} {way:?}");

            let long = filled(REPLY_LIMIT + held);
            let peer = Peer::new(long).later().then(" ").later().then("more").later().then("\n").then(end(REPLY));
            let mut cloud = in_step(framing, peer, end);
            assert_eq!(call(&mut cloud, &REQUEST, way), too_large, "{framing:?} {way:?}");
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (5 + end(REPLY).len(), true), "{framing:?} {way:?}");
            assert!(call(&mut cloud, &REQUEST, way).is_ok(), "{framing:?} {way:?}");
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true), "{framing:?} {way:?}");
        }
    }
}

/// Over HTTP, what has no room is read to its end; on a line it is told at once.
#[test]
fn a_reply_without_room_is_told_when_it_is_known() {
    for room in 0..REPLY.len() {
        for asynchronous in [false, true] {
            let call = |cloud: &mut Cloud<'static, Peer, 64>| {
                let mut buffer = vec![0; room];
                let result = if asynchronous {
                    block_on(cloud.call_async(&REQUEST, &mut buffer))
                } else {
                    cloud.call(&REQUEST, &mut buffer)
                };
                let error = result.map(drop).unwrap_err();
                assert_eq!(error, CallError::<Broken>::Reply(Error::new(ErrorKind::BufferTooSmall, room)));
            };
            let mut cloud = self::cloud::<64>(http(), Peer::new(sized(REPLY)).then(BEHIND).giving(1));
            call(&mut cloud);
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (BEHIND.len(), true), "{room}");
            for (framing, held, end) in
                [(Framing::LINE, 0, bare as fn(&str) -> Vec<u8>), (Framing::CHECKED_LINE, 9, checked)]
            {
                let mut cloud = in_step(framing, Peer::new(end(REPLY)).then(end(REPLY)).giving(1), end);
                call(&mut cloud);
                let read = 2 * end(REPLY).len() - unread(&mut cloud);
                assert_eq!((read, cloud.is_ready()), (room + held + 1, true), "{framing:?} {room}");
                assert!(self::call(&mut cloud, &REQUEST, Way::Collected).is_ok());
                assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true), "{framing:?} {room}");
            }
        }
    }
}

/// A stream that is dropped anywhere before its end: an HTTP connection is of no more use, and on a line the next call
/// finds its own.
#[test]
fn a_stream_that_is_dropped_before_its_end() {
    let reply = r#"{"statusCode":200,"header":{"a":"b"},"callID":"7","data":[1,2],"cookies":["c"]}"#;
    for (framing, end) in [
        (http(), (|envelope: &str| sized(envelope).into_bytes()) as fn(&str) -> Vec<u8>),
        (Framing::LINE, bare),
        (Framing::CHECKED_LINE, checked),
    ] {
        let is_line = format!("{framing:?}").contains("Line");
        for events in 0.. {
            let peer = Peer::new(end(reply)).then(end(&REPLY.replace('7', "8"))).giving(1);
            let mut cloud = in_step(framing, peer, end);
            let mut stream = cloud.start(&REQUEST).unwrap().stream();
            let mut has_ended = false;
            for _ in 0..events {
                has_ended = stream.next_event().unwrap().is_none();
            }
            // A call that has not begun has taken nothing away.
            assert_eq!(cloud.is_ready(), is_line || has_ended || events == 0, "{framing:?} {events}");
            if is_line && events > 0 {
                // What is left of the one is not the other.
                let seen = call(&mut cloud, &REQUEST.with_call_id("8"), Way::Collected);
                assert_eq!(seen.unwrap().call_id.as_deref(), Some("8"), "{framing:?} {events}");
                assert_eq!(unread(&mut cloud), 0);
            }
            if has_ended {
                assert!(events > 5);
                break;
            }
        }
    }
}

/// A future that is dropped at any time: while it writes, and while it reads.
#[test]
fn a_call_that_is_given_up_leaves_no_http_connection_ready() {
    for polls in 1.. {
        let peer = Peer { waits: true, takes: 9, gives: 9, ..Peer::new(sized(REPLY)) };
        let mut cloud = cloud::<64>(http(), peer);
        let mut buffer = [0; 128];
        let is_done = poll_for(cloud.call_async(&REQUEST, &mut buffer), polls).is_some();
        assert_eq!(cloud.is_ready(), is_done, "{polls}");
        let mut buffer = [0; 128];
        let again = cloud.call(&REQUEST, &mut buffer).err();
        assert_eq!(again, Some(if is_done { CallError::NoAnswer(None) } else { CallError::NotReusable }), "{polls}");
        if is_done {
            assert!(polls > 20);
            break;
        }
    }
}

/// What comes behind a reply of another call, and behind one whose connection has failed.
#[test]
fn a_foreign_reply_is_read_to_its_end() {
    let foreign = REPLY.replace('7', "8");
    each_way(http(), sized(&foreign).as_bytes(), |result| *result == Err(CallError::ForeignReply), true);
    for way in WAYS {
        let mut cloud = in_step(Framing::LINE, Peer::new(bare(&foreign)).then(bare(REPLY)).giving(1), bare);
        assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::ForeignReply), "{way:?}");
        assert!(cloud.is_ready());
        assert!(call(&mut cloud, &REQUEST, way).is_ok(), "{way:?}");
        assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true), "{way:?}");
    }
    // The same call once more is answered twice in the end: the second answer is not that of the next call.
    for way in [Way::Collected, Way::CollectedAsync] {
        let other = REPLY.replace('7', "9");
        let peer = Peer::new(bare(&foreign)).later().then(bare(REPLY)).later().then(bare(REPLY)).then(bare(&other));
        let mut cloud = in_step(Framing::LINE, peer, bare);
        assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::ForeignReply), "{way:?}");
        assert!(call(&mut cloud, &REQUEST, way).is_ok(), "{way:?}");
        let seen = call(&mut cloud, &REQUEST.with_call_id("9"), way);
        assert_eq!(seen.unwrap().call_id.as_deref(), Some("9"), "{way:?}");
        assert_eq!((unread(&mut cloud), cloud.is_ready()), (0, true), "{way:?}");
    }
    // What fails once is read no further by the call that failed.
    for framing in [http(), Framing::LINE] {
        for way in WAYS {
            let mut cloud = cloud::<64>(framing, Peer::new("").then_fails(RESET).then(BEHIND));
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NoAnswer(Some(RESET))), "{way:?}");
            assert_eq!((unread(&mut cloud), cloud.is_ready()), (BEHIND.len(), false), "{framing:?} {way:?}");
        }
    }
}

/// At the service itself, what was not read of a call may lie in front of the next one.
#[cfg(feature = "gateway")]
#[test]
fn a_refusal_at_a_door_ends_the_connection_of_a_call_with_a_body() {
    for framing in [crate::doors::domain(), crate::doors::open_api()] {
        for status in [200, 201, 204, 299, 304, 399, 400, 401, 404, 499, 500, 599_u16] {
            let length = if matches!(status, 204 | 304) { 0 } else { 2 };
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{}", &"hi"[..length]);
            for (method, data, sends_body) in [
                (Method::Get, "", false),
                (Method::Get, "x", false),
                (Method::Post, "", false),
                (Method::Post, "x", true),
                (Method::Post, "[1]", status >= 400),
                (Method::Put, "[1]", status >= 400),
                (Method::Delete, "x", true),
            ] {
                let request = REQUEST.with_method(method);
                let json = || Json::new(data).unwrap().into();
                let request = match data {
                    "" => request,
                    "[1]" => request.with_data(json()),
                    text => request.with_data(text.into()),
                };
                if method == Method::Get && !data.is_empty() {
                    continue;
                }
                for way in WAYS {
                    let mut cloud = cloud::<64>(framing, Peer::new(&answer).then(BEHIND).giving(1));
                    let seen = call(&mut cloud, &request, way);
                    assert_eq!(seen.map(|seen| seen.status), Ok(Some(status)), "{way:?} {method:?} {status}");
                    assert_eq!(unread(&mut cloud), BEHIND.len(), "{way:?} {method:?} {status}");
                    // Text is sent with `Connection: close`: it may be taken for a request. JSON of a `POST` is not.
                    let is_ready = !sends_body;
                    assert_eq!(cloud.is_ready(), is_ready, "{framing:?} {way:?} {method:?} {status}");
                }
            }
        }
    }
}

/// What comes along with the end of an answer is not the next one, at a door as through a gateway.
#[test]
fn what_comes_along_with_an_answer_ends_its_connection() {
    for framing in framings_of_http() {
        for way in WAYS {
            for (behind, apart) in [("x", false), (BEHIND, false), ("x", true), ("", false)] {
                let chunks = format!(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{REPLY}\r\n0\r\n\r\n",
                    REPLY.len()
                );
                for answer in [sized(REPLY), chunks] {
                    let peer = Peer::new(answer);
                    let peer = if apart { peer.later().then(behind) } else { peer.then(behind) };
                    let mut cloud = cloud::<512>(framing, peer);
                    assert!(call(&mut cloud, &REQUEST, way).is_ok());
                    // The buffer for a whole reply, and a window of this size, take what lies behind too.
                    let is_alone = apart || behind.is_empty();
                    let is_taken = !is_alone && unread(&mut cloud) < behind.len();
                    assert_eq!(cloud.is_ready(), !is_taken, "{framing:?} {way:?} {behind:?}");
                    assert!(is_alone || is_taken, "{framing:?} {way:?} {behind:?}");
                }
            }
        }
    }
}

// ---------------------------------------------------------------- counts that are too large

/// A connection that has taken or given all there was room for, and says so with a number that is too large.
struct Boaster(Peer, usize);

impl Boaster {
    fn boast(&self, count: usize, room: usize) -> usize {
        if count == room { count.saturating_add(self.1) } else { count }
    }
}

impl callcontainer::embedded_io::ErrorType for Boaster {
    type Error = Broken;
}

impl callcontainer::embedded_io::Read for Boaster {
    fn read(&mut self, buffer: &mut [u8]) -> std::result::Result<usize, Broken> {
        let count = self.0.read(buffer)?;
        Ok(self.boast(count, buffer.len()))
    }
}

impl callcontainer::embedded_io::Write for Boaster {
    fn write(&mut self, bytes: &[u8]) -> std::result::Result<usize, Broken> {
        let count = self.0.write(bytes)?;
        Ok(self.boast(count, bytes.len()))
    }

    fn flush(&mut self) -> std::result::Result<(), Broken> {
        self.0.flush()
    }
}

impl callcontainer::embedded_io_async::Read for Boaster {
    async fn read(&mut self, buffer: &mut [u8]) -> std::result::Result<usize, Broken> {
        callcontainer::embedded_io::Read::read(self, buffer)
    }
}

impl callcontainer::embedded_io_async::Write for Boaster {
    async fn write(&mut self, bytes: &[u8]) -> std::result::Result<usize, Broken> {
        callcontainer::embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> std::result::Result<(), Broken> {
        callcontainer::embedded_io::Write::flush(self)
    }
}

/// It counts as all there was room for: what goes out, what comes in and what is left are as ever.
#[test]
fn a_count_that_is_too_large_counts_as_the_whole() {
    use callcontainer::stream::Body;
    let data = "0123456789".repeat(30);
    let envelope = REPLY.replace("own", &data);
    let request = REQUEST.with_method(Method::Post);
    let mut framings = vec![
        (http(), sized(&envelope).into_bytes()),
        (Framing::LINE, bare(&envelope)),
        (Framing::CHECKED_LINE, checked(&envelope)),
    ];
    framings.extend(framings_of_http().into_iter().skip(1).map(|framing| (framing, sized(&data).into_bytes())));
    for (framing, bytes) in framings {
        for streams in [false, true] {
            for asynchronous in [false, true] {
                let mut all = Vec::new();
                for more in [0, 1, 64, usize::MAX] {
                    let peer = Peer::new(&bytes).later().then(BEHIND);
                    let mut cloud = Cloud::<_, 64>::new(0);
                    cloud.init(Boaster(peer, more), framing);
                    let mut call = cloud.start_from(&request, Body::text(data.len())).unwrap();
                    let len = call.encoded_len();
                    let mut reader = Boaster(Peer::new(&data).later().then(BEHIND), more);
                    if asynchronous {
                        block_on(call.send_from_async(&mut reader)).unwrap();
                    } else {
                        call.send_from(&mut reader).unwrap();
                    }
                    assert_eq!((call.sent(), reader.0.comes.len()), (len, BEHIND.len() + 1), "{framing:?} {more}");
                    let mut seen = String::new();
                    if streams {
                        let mut stream = call.stream();
                        loop {
                            let next =
                                if asynchronous { block_on(stream.next_event_async()) } else { stream.next_event() };
                            let Some(event) = next.unwrap() else { break };
                            seen += &format!("{event:?}");
                        }
                    } else {
                        // Where an envelope comes, it fills the buffer.
                        let more = if bytes.ends_with(data.as_bytes()) { 60 } else { 0 };
                        let mut buffer = vec![0; envelope.len() + more];
                        let reply = if asynchronous {
                            block_on(call.receive_async(&mut buffer))
                        } else {
                            call.receive(&mut buffer)
                        };
                        seen = format!("{:?}", reply.unwrap());
                    }
                    let is_ready = cloud.is_ready();
                    let peer = cloud.take().unwrap().0;
                    assert_eq!(peer.written.len(), len, "{framing:?} {more}");
                    all.push((seen, is_ready, peer.written, peer.comes.len()));
                }
                assert!(all.iter().all(|one| *one == all[0]), "{framing:?} {streams} {asynchronous}: {all:?}");
            }
        }
    }
}
