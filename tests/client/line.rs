//! Replies on a line.

use crate::peer::{Broken, OVERRUN, Peer, RESET, block_on, poll_for};
use crate::retrying::{NoPeer, Waits};
use crate::seen::{Seen, WAYS, Way, call, collected, streamed_on};
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::line::{Check, Line};
use callcontainer::stream::Body;
use callcontainer::{Data, Error, ErrorKind, Json, Method, REPLY_LIMIT, Request};
use std::sync::LazyLock;

static FIRST: LazyLock<Request<'_>> = LazyLock::new(|| REQUEST.with_call_id("first"));
const FIRST_REPLY: &str = "{\"statusCode\":200,\"callID\":\"first\"}\n";
static REQUEST: LazyLock<Request<'_>> = LazyLock::new(|| Request::new("/orders").with_env("prod-01").with_call_id("7"));
const REPLY: &str = "{\"statusCode\":201,\"callID\":\"7\",\"data\":[1, 2]}\n";

fn reply() -> Seen {
    Seen { status: Some(201), call_id: Some("7".to_owned()), data: b"[1, 2]".to_vec(), ..Seen::default() }
}

fn cloud(peer: Peer) -> Cloud<'static, Peer, 64> {
    let mut cloud = Cloud::new(0);
    cloud.init(peer, Framing::LINE);
    cloud
}

/// One whose first call has been made and answered, so that it is in step.
fn in_step(peer: Peer) -> Cloud<'static, Peer, 64> {
    let mut first = Peer::new(FIRST_REPLY).later();
    first.comes.extend(peer.comes);
    let mut cloud = cloud(Peer { comes: first.comes, ..peer });
    assert_eq!(call(&mut cloud, &FIRST, Way::Collected).unwrap().call_id.as_deref(), Some("first"));
    cloud
}

/// Every way to receive, with every size of reads.
fn every_way(check: impl Fn(Way, usize)) {
    for way in WAYS {
        for gives in [0, 1, 2, 3, 7] {
            check(way, gives);
        }
    }
}

#[test]
fn a_reply_is_a_line_however_it_is_cut() {
    every_way(|way, gives| {
        let mut peer = Peer::new(REPLY).giving(gives);
        peer.waits = true;
        let mut cloud = in_step(peer);
        assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()), "{way:?} {gives}");
        assert!(cloud.is_ready());
        let written = cloud.take().unwrap().written;
        // Whatever an earlier run has left unfinished ends first. In step, nothing is.
        let lines: Vec<_> = written.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 4, "{}", written.escape_ascii());
        assert!(lines[0].is_empty() && lines[3].is_empty());
        assert_eq!(Request::decode(lines[1]).unwrap().call_id().unwrap(), "first");
        assert_eq!(Request::decode(lines[2]).unwrap(), *REQUEST);
    });
}

#[test]
fn what_is_read_behind_a_reply_puts_the_next_call_on_a_line_of_its_own() {
    for way in [Way::Collected, Way::CollectedAsync] {
        for (behind, own_line) in [("", 0), ("{", 1), ("\n", 1), (FIRST_REPLY, 1)] {
            let mut cloud = in_step(Peer::new(format!("{REPLY}{behind}")).later().then(format!("\n{FIRST_REPLY}")));
            assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()), "{way:?} {behind:?}");
            let second = call(&mut cloud, &FIRST, way);
            // In step, the line that is empty is passed over too.
            assert_eq!(second.unwrap().call_id.as_deref(), Some("first"), "{way:?} {behind:?}");
            let written = cloud.take().unwrap().written;
            let empty = written.split(|byte| *byte == b'\n').filter(|line| line.is_empty()).count();
            // One before the first call of all, and one behind the last.
            assert_eq!(empty, 2 + own_line, "{}", written.escape_ascii());
        }
    }
}

/// Nobody knows what a line has seen before. A reply as a whole waits for its own; a streamed one tells of each that is
/// another, and goes on.
#[test]
fn what_comes_before_the_reply_is_passed_over() {
    let others = [
        "\n",
        "\n\n\r\n",
        "boot: ready\n",
        "\0\u{fe}\n",
        "s\":1}\n",
        "{\"statusCode\":200,\"callID\":\"6\",\"data\":\"late\"}\n",
        "{\"statusCode\":200}\n",
        "{\"errMsg\":\"too large\",\"errCode\":-606001}\n",
        "{\"statusCode\":200,\"data\":{\"statusCode\":201,\"callID\":\"7\"}}\n",
        "{\"statusCode\":201,\"callID\":\"7\"\n",
        "[[[[\n",
        &"x".repeat(1000),
    ];
    for other in others {
        let other = if other.ends_with('\n') { other.to_owned() } else { format!("{other}\n") };
        for times in [1, 3] {
            let comes = format!("{}{REPLY}", other.repeat(times));
            every_way(|way, gives| {
                let mut cloud = cloud(Peer::new(&comes).giving(gives));
                let seen = match way {
                    Way::Collected | Way::CollectedAsync => call(&mut cloud, &REQUEST, way),
                    _ => streamed_on(&mut cloud, &REQUEST),
                };
                assert_eq!(seen, Ok(reply()), "{way:?} {gives} {comes:?}");
                assert!(cloud.is_ready());
            });
        }
    }
}

#[test]
fn a_reply_without_the_id_of_the_call_is_none() {
    for other in
        [r#"{"statusCode":201}"#, r#"{"statusCode":201,"callID":"6"}"#, r#"{"errMsg":"cloud.callContainer:fail -1 x"}"#]
    {
        every_way(|way, gives| {
            let mut cloud = in_step(Peer::new(format!("{other}\n")).giving(gives));
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::ForeignReply), "{way:?} {gives} {other}");
            assert!(cloud.is_ready());
        });
    }
}

#[test]
fn a_reply_that_is_none_is_told_and_the_next_call_finds_its_own() {
    for (line, kind, offset) in [
        ("", ErrorKind::UnexpectedEnd, 0),
        ("boot", ErrorKind::UnexpectedByte, 0),
        (r#"{"statusCode":201,"callID":"7""#, ErrorKind::UnexpectedEnd, 30),
        (r#"{"statusCode":20,"callID":"7"}"#, ErrorKind::InvalidStatus, 14),
        (r#"{"statusCode":201,"callID":"7"} x"#, ErrorKind::TrailingData, 32),
    ] {
        every_way(|way, gives| {
            // Where the line is empty, it is what comes behind it that counts.
            let (line, next) = if line.is_empty() { ("\r", "") } else { (line, REPLY) };
            let mut cloud = in_step(Peer::new(format!("{line}\n{next}")).giving(gives));
            let error = call(&mut cloud, &REQUEST, way).unwrap_err();
            let CallError::Reply(error) = error else { panic!("{way:?} {gives} {line:?} {error:?}") };
            let expected = if line == "\r" { (ErrorKind::UnexpectedEnd, 1) } else { (kind, offset) };
            assert_eq!((error.kind(), error.offset()), expected, "{way:?} {gives} {line:?}");
            assert!(cloud.is_ready());
        });
    }
    // What is left of the broken one is not the next one.
    let mut cloud =
        in_step(Peer::new(r#"{"statusCode":2x,"callID":"7","data":["#).later().then(b"1]}\n").then(REPLY).giving(5));
    assert!(matches!(call(&mut cloud, &REQUEST, Way::Streamed), Err(CallError::Reply(_))));
    assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), Ok(reply()));
}

#[test]
fn a_line_that_is_cut_short_is_never_a_result() {
    for length in 0..REPLY.len() {
        for way in WAYS {
            let mut cloud = in_step(Peer::new(&REPLY[..length]).giving(5));
            let expected = if length == 0 { CallError::NoAnswer(None) } else { CallError::UnexpectedEof };
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{length} {way:?}");
            assert!(!cloud.is_ready());
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NotReusable));
            for error in [RESET, OVERRUN] {
                let mut cloud =
                    in_step(Peer::new(&REPLY[..length]).then_fails(error).then(b"\n").then(REPLY).giving(5));
                let expected = if length == 0 { CallError::NoAnswer(Some(error)) } else { CallError::Io(error) };
                assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{length} {way:?}");
                // The line may go on, unless it is gone: the rest of it belongs to the call that failed.
                assert_eq!(cloud.is_ready(), error == OVERRUN);
                let next = if error == OVERRUN { Ok(reply()) } else { Err(CallError::NotReusable) };
                assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), next, "{length} {way:?}");
            }
        }
    }
}

/// What came of other replies is no answer, and what may be one is.
#[test]
fn a_line_that_ends_behind_other_replies_has_not_answered() {
    let others = ["\n", "boot\n", FIRST_REPLY, "boot\n\n{\"statusCode\":200}\n"];
    for other in others {
        for (begun, expected) in [("", CallError::NoAnswer(None)), ("{", CallError::UnexpectedEof)] {
            every_way(|way, gives| {
                let mut cloud = cloud(Peer::new(format!("{other}{begun}")).giving(gives));
                let seen = match way {
                    Way::Collected | Way::CollectedAsync => call(&mut cloud, &REQUEST, way),
                    _ => streamed_on(&mut cloud, &REQUEST),
                };
                assert_eq!((seen, cloud.is_ready()), (Err(expected), false), "{way:?} {gives} {other:?} {begun:?}");
            });
        }
    }
    // The rest of a line that was under way is no answer either.
    let mut cloud = in_step(Peer::new("{\"statusCode\"").then_fails(OVERRUN).then(":201,"));
    assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), Err(CallError::Io(OVERRUN)));
    assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), Err(CallError::NoAnswer(None)));
}

/// A call that is given up, at any byte of its reply: the next one is not answered by what is left of it.
#[test]
fn a_call_that_is_given_up_answers_no_other() {
    let late = FIRST_REPLY.replace("}", ",\"data\":\"a late one\"}");
    for given_up in 0..2 * late.len() {
        let mut peer = Peer::new(&late).then(REPLY).giving(1);
        peer.waits = true;
        let mut cloud = cloud(peer);
        {
            let mut buffer = [0; 256];
            let _ = poll_for(cloud.call_async(&FIRST, &mut buffer), given_up);
        }
        assert!(cloud.is_ready());
        let mut buffer = [0; 256];
        let reply = block_on(cloud.call_async(&REQUEST, &mut buffer)).map(|reply| collected(&reply));
        assert_eq!(reply, Ok(self::reply()), "{given_up}");
    }
}

#[test]
fn a_line_that_has_no_room_is_told_and_the_next_call_finds_its_own() {
    for room in 0..REPLY.len() - 1 {
        for gives in [0, 1, 5] {
            let second = REPLY.replace("\"7\"", "\"8\"");
            let mut cloud = in_step(Peer::new(REPLY).later().then(second).giving(gives));
            let mut buffer = vec![0; room];
            let error = cloud.call(&REQUEST, &mut buffer).unwrap_err();
            let CallError::<Broken>::Reply(error) = error else { panic!("{error:?}") };
            assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, room), "{gives}");
            assert!(cloud.is_ready());
            let seen = call(&mut cloud, &REQUEST.with_call_id("8"), Way::Collected).unwrap();
            assert_eq!(seen.call_id.as_deref(), Some("8"));
        }
    }
}

/// A call that is sent twice on a line is answered twice: the second answer is not taken for that of the next call.
#[test]
fn what_is_answered_twice_does_not_disturb_the_next_call() {
    for asynchronous in [false, true] {
        let timed_out = crate::peer::Broken(callcontainer::embedded_io::ErrorKind::TimedOut);
        let failure = "{\"errCode\":-1,\"errMsg\":\"no\",\"callID\":\"7\"}\n";
        for first in [REPLY, failure] {
            let peer = Peer::default().then_fails(timed_out).then(first).later().then(REPLY).later().then(REPLY);
            let mut cloud = Cloud::<_, 64>::new(0).with_env("e");
            let mut waits = crate::retrying::Waits::default();
            let mut connect = || None;
            cloud.init(peer.later().then(r#"{"statusCode":204,"callID":"8"}"#).then("\n"), Framing::LINE);
            for (id, status) in [("7", 201), ("8", 204)] {
                let request = Request::new("/").with_call_id(id);
                let outcome = crate::retrying::call_over(&mut cloud, &request, &mut waits, asynchronous, &mut connect);
                assert_eq!(outcome, Ok(Ok(status)), "{id} after {first}");
            }
        }
    }
}

/// As before, when the line was lost in between and taken up again: what was answered late is late on the new one.
#[test]
fn what_is_answered_twice_on_a_line_made_again_does_not_disturb_the_next_call() {
    let mut cloud = cloud(Peer::default().then_fails(RESET));
    assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), Err(CallError::NoAnswer(Some(RESET))));
    cloud.init(Peer::new(REPLY).later().then(REPLY).later().then(FIRST_REPLY), Framing::LINE);
    assert_eq!(call(&mut cloud, &REQUEST, Way::Collected), Ok(reply()));
    let seen = call(&mut cloud, &FIRST, Way::Collected).unwrap();
    assert_eq!(seen.call_id.as_deref(), Some("first"));
}

/// As before, when a call that was never sent came in between.
#[test]
fn what_is_answered_twice_around_a_call_that_was_not_sent_does_not_disturb_the_next_call() {
    let timed_out = Broken(callcontainer::embedded_io::ErrorKind::TimedOut);
    for asynchronous in [false, true] {
        let comes = Peer::default().then_fails(timed_out).then(REPLY).later().then(REPLY).later().then(FIRST_REPLY);
        let mut cloud = cloud(comes);
        let way = if asynchronous { Way::CollectedAsync } else { Way::Collected };
        assert_eq!(call(&mut cloud, &REQUEST, way), Err(CallError::NoAnswer(Some(timed_out))));
        let wrong = Request::new("no path").with_env("e").with_call_id("8");
        assert!(matches!(call(&mut cloud, &wrong, way), Err(CallError::Request(_))));
        assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()));
        let seen = call(&mut cloud, &FIRST, way).unwrap();
        assert_eq!(seen.call_id.as_deref(), Some("first"));
    }
}

fn checked_cloud(peer: Peer) -> Cloud<'static, Peer, 64> {
    let mut cloud = Cloud::new(0);
    cloud.init(peer, Framing::CHECKED_LINE);
    cloud
}

/// A line with its check.
fn checked(line: &str) -> Vec<u8> {
    let envelope = line.trim_end_matches('\n').as_bytes();
    [envelope, &Check::of(envelope).trailer(), b"\n"].concat()
}

/// One whose first call has been made and answered, so that it is in step.
fn checked_in_step(peer: Peer) -> Cloud<'static, Peer, 64> {
    let mut first = Peer::new(checked(FIRST_REPLY)).later();
    first.comes.extend(peer.comes);
    let mut cloud = checked_cloud(Peer { comes: first.comes, ..peer });
    assert_eq!(call(&mut cloud, &FIRST, Way::Collected).unwrap().call_id.as_deref(), Some("first"));
    cloud
}

/// Asserts that nothing of this line is taken for the reply, in step or not, and that the next line is.
#[track_caller]
fn assert_refused(line: &[u8], ways: &[Way], gives: usize) {
    for way in ways {
        let next = checked(&REPLY.replace('1', "8"));
        let mut cloud = checked_in_step(Peer::new(line).giving(gives));
        let seen = call(&mut cloud, &REQUEST, *way);
        assert!(seen.is_err(), "{way:?} {gives} {}: {seen:?}", line.escape_ascii());
        let mut cloud = checked_cloud(Peer::new([line, b"\n", &next].concat()).giving(gives));
        let seen = match way {
            Way::Collected | Way::CollectedAsync => call(&mut cloud, &REQUEST, *way),
            _ => streamed_on(&mut cloud, &REQUEST),
        };
        assert_eq!(seen.map(|seen| seen.data), Ok(b"[8, 2]".to_vec()), "{way:?} {gives} {}", line.escape_ascii());
        assert!(cloud.is_ready());
    }
}

#[test]
fn a_checked_reply_is_a_line_with_a_check_however_it_is_cut() {
    every_way(|way, gives| {
        let mut peer = Peer::new(checked(REPLY)).giving(gives);
        (peer.waits, peer.takes) = (true, gives);
        let mut cloud = checked_in_step(peer);
        assert_eq!(call(&mut cloud, &REQUEST, way), Ok(reply()), "{way:?} {gives}");
        assert!(cloud.is_ready());
        let written = cloud.take().unwrap().written;
        let lines: Vec<_> = written.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 4, "{}", written.escape_ascii());
        assert!(lines[0].is_empty() && lines[3].is_empty());
        let request = |line| Request::decode(Line::new(line).checked_envelope().unwrap()).unwrap();
        assert_eq!(request(lines[1]).call_id().unwrap(), "first");
        assert_eq!(request(lines[2]), *REQUEST);
    });
}

/// The check is no part of the reply: neither of what fits into the buffer, nor of what a reply may take.
#[test]
fn a_check_takes_no_room() {
    for gives in [0, 1, 5] {
        let mut cloud = checked_in_step(Peer::new(checked(REPLY)).giving(gives));
        let mut buffer = vec![0; REPLY.len() - 1];
        let seen = cloud.call(&REQUEST, &mut buffer).map(|reply| collected(&reply));
        assert_eq!(seen, Ok(reply()), "{gives}");
    }
    let begin = r#"{"statusCode":200,"callID":"7","data":""#;
    for (over, way) in [0, 1].into_iter().flat_map(|over| WAYS.map(|way| (over, way))) {
        let long = format!("{begin}{}\"}}", "x".repeat(REPLY_LIMIT + over - begin.len() - 2));
        let mut cloud = checked_in_step(Peer::new(checked(&long)));
        match call(&mut cloud, &REQUEST, way) {
            Ok(seen) => assert_eq!((over, seen.data.len()), (0, REPLY_LIMIT - begin.len() - 2)),
            Err(error) => {
                assert_eq!(error, CallError::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)), "{way:?}");
                assert_eq!(over, 1);
            }
        }
    }
}

/// Bodies that come piece by piece, and a writer that takes as little: the check is that of the bytes that were
/// written.
#[test]
fn a_check_behind_a_body_that_is_supplied_separately() {
    let samples: Vec<u8> = (0..1000_u32).map(|sample| sample.to_le_bytes()[0]).collect();
    let text = "\"\\\u{1}中\n".repeat(50);
    let json = format!("[{}\"\n\"]", "12 , ".repeat(60)).replace("\"\n\"", "\"x\"");
    let request = REQUEST.with_method(callcontainer::Method::Post);
    let compact = Json::new(&json).unwrap().encoded_len();
    let escaped = r#""\\\u0001中\n"#.replacen('"', "\\\"", 1).repeat(50).len();
    for (body, bytes) in [
        (Body::bytes(samples.len()), &samples[..]),
        (Body::text(escaped), text.as_bytes()),
        (Body::json(compact), json.as_bytes()),
    ] {
        for takes in [0, 1, 3, 64] {
            let peer = Peer { takes, waits: true, interrupts: true, ..Peer::new(checked(REPLY)) };
            let mut cloud = checked_cloud(peer);
            let mut call = cloud.start_from(&request, body).unwrap();
            let total = call.encoded_len();
            let mut source = Peer { comes: Peer::new(bytes).comes, gives: takes, ..Peer::default() };
            block_on(call.send_from_async(&mut source)).unwrap();
            assert_eq!(call.sent(), total);
            let mut buffer = [0; 256];
            call.receive(&mut buffer).unwrap();
            let written = cloud.take().unwrap().written;
            assert_eq!(written.len(), total);
            let line = written.strip_prefix(b"\n").unwrap().strip_suffix(b"\n").unwrap();
            let sent = Request::decode(Line::new(line).checked_envelope().unwrap()).unwrap();
            match sent.data() {
                Data::Bytes(sent) => assert_eq!(sent.decode(&mut vec![0; samples.len()]).unwrap(), samples),
                Data::Text(sent) => assert_eq!(sent, *text),
                Data::Json(sent) => assert_eq!(sent.as_str().replace(' ', ""), json.replace(' ', "")),
                Data::None => panic!(),
            }
        }
    }
}

/// A write that fails at any byte of the line, the check among them: what was written is the beginning of the line, and
/// what failed is tried again.
#[test]
fn a_checked_call_that_fails_has_sent_what_comes_first() {
    let whole = checked(str::from_utf8(REQUEST.encode(&mut [0; 128]).unwrap()).unwrap());
    for room in 0..=whole.len() {
        let mut cloud = checked_cloud(Peer { breaks: Some((room, Some(OVERRUN))), ..Peer::new(checked(REPLY)) });
        let mut call = cloud.start(&REQUEST).unwrap();
        let CallError::Write(error) = call.send().unwrap_err() else { panic!() };
        assert_eq!((error.written, call.sent()), (room, room));
        let mut buffer = [0; 256];
        assert!(matches!(call.receive(&mut buffer), Err(CallError::Write(_))));
        let written = cloud.take().unwrap().written;
        assert_eq!(written, [b"\n", &whole[..]].concat()[..room]);
    }
}

#[test]
fn every_flipped_bit_of_a_reply_is_an_error() {
    let line = checked(REPLY);
    let length = line.len() - 1;
    for bit in 0..8 * length {
        let mut changed = line[..length].to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed.push(b'\n');
        let gives = [0, 1, 5, 63][bit % 4];
        assert_refused(&changed, &WAYS, gives);
    }
    // The newline itself: the line goes on, and then the connection has ended.
    for bit in 0..8 {
        let mut changed = line.clone();
        changed[length] ^= 1 << bit;
        assert_refused(&changed, &WAYS, 0);
    }
}

#[test]
fn every_truncated_reply_is_an_error() {
    let line = checked(REPLY);
    let line = &line[..line.len() - 1];
    for cut in 1..line.len() {
        // Something is missing at the end, at the beginning, or in between.
        assert_refused(&[&line[..cut], b"\n"].concat(), &WAYS, cut % 4);
        assert_refused(&[&line[cut..], b"\n"].concat(), &WAYS, cut % 4);
        assert_refused(&[&line[..cut - 1], &line[cut..], b"\n"].concat(), &WAYS, cut % 4);
        assert_refused(&[&line[..cut], &line[cut - 1..], b"\n"].concat(), &WAYS, cut % 4);
    }
    assert_refused(&[line, b"0\n"].concat(), &WAYS, 0);
    assert_refused(&[line, b"\r\n"].concat(), &WAYS, 0);
    // And the end of the connection is none of the line.
    for length in 0..=line.len() {
        for way in WAYS {
            let mut cloud = checked_in_step(Peer::new(&line[..length]).giving(5));
            let expected = if length == 0 { CallError::NoAnswer(None) } else { CallError::UnexpectedEof };
            assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{length} {way:?}");
        }
    }
}

#[test]
fn a_reply_without_a_check_is_none_for_who_checks() {
    let envelope = REPLY.trim_end();
    for (line, offset) in [
        (REPLY.to_owned(), envelope.len() - 9),
        (format!("{envelope}#00000000\n"), envelope.len()),
        ("{}\n".to_owned(), 0),
        ("#00000001\n".to_owned(), 0),
    ] {
        every_way(|way, gives| {
            let mut cloud = checked_in_step(Peer::new(&line).giving(gives));
            let error = call(&mut cloud, &REQUEST, way).unwrap_err();
            // What is streamed may turn out to be wrong before its end.
            let expected = CallError::Reply(Error::new(ErrorKind::InvalidCheck, offset));
            assert_eq!(error, expected, "{way:?} {gives} {line:?}");
            assert!(cloud.is_ready());
        });
        assert_refused(line.as_bytes(), &WAYS, 0);
    }
    // And one with a check is none for who does not expect it.
    every_way(|way, gives| {
        let mut cloud = in_step(Peer::new(checked(REPLY)).giving(gives));
        let expected = CallError::Reply(Error::new(ErrorKind::TrailingData, envelope.len()));
        assert_eq!(call(&mut cloud, &REQUEST, way), Err(expected), "{way:?} {gives}");
    });
}

/// Noise does not last: what may run twice is made again, and the late answers to it disturb no other call.
#[test]
fn a_call_whose_answer_was_noise_is_made_again() {
    for (method, sent) in [(Method::Get, 2), (Method::Post, 1)] {
        let mut noise = checked(REPLY);
        noise[20] ^= 1;
        let (mut waits, mut buffer) = (Waits::default(), [0; 256]);
        let mut cloud = checked_in_step(Peer::new(noise).later().then(checked(REPLY)));
        let before = cloud.connection().unwrap().written.len();
        let request = REQUEST.with_method(method);
        let result = cloud.retrying(&mut waits, |_| Err::<(), _>(NoPeer)).call(&request, &mut buffer);
        assert_eq!((result.is_ok(), waits.0.len()), (sent == 2, sent - 1), "{method:?}");
        let written = &cloud.connection().unwrap().written[before..];
        assert_eq!(written.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), sent);
    }
}

/// Noise, bare replies and replies to other calls come first, and are passed over.
#[test]
fn what_comes_before_a_checked_reply_is_passed_over() {
    let first = checked(FIRST_REPLY);
    let others = [
        &b"\n"[..],
        b"\n\n\r\n",
        b"boot: ready\n",
        b"#\n",
        b"#00000000\n",
        REPLY.as_bytes(),
        &first,
        &first[..first.len() - 3],
        &checked("noise"),
        &checked("{\"statusCode\":200}"),
        &[b'x'; 1000],
    ];
    for other in others {
        let comes = [other, b"\n", other, b"\n", &checked(REPLY)].concat();
        every_way(|way, gives| {
            let mut cloud = checked_cloud(Peer::new(&comes).giving(gives));
            let seen = match way {
                Way::Collected | Way::CollectedAsync => call(&mut cloud, &REQUEST, way),
                _ => streamed_on(&mut cloud, &REQUEST),
            };
            assert_eq!(seen, Ok(reply()), "{way:?} {gives} {}", comes.escape_ascii());
        });
    }
}

#[test]
fn the_framings_have_names() {
    assert_eq!(format!("{:?} {:?}", Framing::LINE, Framing::CHECKED_LINE), "Line CheckedLine");
}
