//! Replies on a line.

use crate::peer::{Broken, OVERRUN, Peer, RESET, block_on, poll_for};
use crate::seen::{Seen, WAYS, Way, call, collected, streamed_on};
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::{ErrorKind, Request};
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
