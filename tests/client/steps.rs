//! A call without I/O does what the drivers do, byte for byte, wherever it is cut.

use crate::http::sized;
use crate::peer::Peer;
use callcontainer::client::{CallError, ClientStep, Cloud, Detached, Framing};
use callcontainer::stream::Body;
use callcontainer::{Method, Request};
use std::convert::Infallible;

const REPLY: &str = r#"{"statusCode":200,"header":{"a":"b"},"callID":"7","data":"a text that is longer than the window is, so that it comes in pieces: é\n"}"#;
const WRONG: &str = r#"{"statusCode":200,"callID":"7","data":tru}"#;
const FOREIGN: &str = r#"{"statusCode":200,"callID":"8"}"#;
const FAILURE: &str = r#"{"errCode":-1,"errMsg":"no","callID":"7"}"#;

/// What is seen of a call: what went out, the events, how it ended, how many bytes were left, and whether another call is
/// possible.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    written: Vec<u8>,
    events: Vec<String>,
    result: Result<(), CallError<String>>,
    unread: usize,
    is_ready: bool,
}

fn told<E: std::fmt::Debug>(error: CallError<E>) -> CallError<String> {
    match error {
        CallError::NoAnswer(error) => CallError::NoAnswer(error.map(|error| format!("{error:?}"))),
        CallError::UnexpectedEof => CallError::UnexpectedEof,
        CallError::Http(error) => CallError::Http(error),
        CallError::Reply(error) => CallError::Reply(error),
        CallError::ForeignReply => CallError::ForeignReply,
        other => panic!("{other:?}"),
    }
}

fn driven(framing: Framing<'static>, request: &Request<'_>, body: &[u8], comes: &[u8], most: usize) -> Seen {
    let mut cloud = Cloud::<_, 64>::new(0);
    cloud.init(Peer { takes: most, gives: most, ..Peer::new(comes) }, framing);
    let mut events = Vec::new();
    let mut call = cloud.start_from(request, Body::bytes(body.len())).unwrap();
    call.send_from(&mut Peer::new(body).giving(most)).unwrap();
    let mut reply = call.stream();
    let result = loop {
        match reply.next_event() {
            Ok(Some(event)) => events.push(format!("{event:?}")),
            Ok(None) => break Ok(()),
            Err(error) => break Err(told(error)),
        }
    };
    let (is_ready, peer) = (cloud.is_ready(), cloud.take().unwrap());
    Seen { written: peer.written, events, result, unread: peer.comes.len(), is_ready }
}

/// Counts that say that all there was room for has been moved say so with this much more.
fn stepped(
    framing: Framing<'static>,
    request: &Request<'_>,
    body: &[u8],
    comes: &[u8],
    most: usize,
    more: usize,
) -> Seen {
    let mut cloud = Cloud::<_, 64>::new(0);
    cloud.init(Detached, framing);
    let (mut written, mut events) = (Vec::new(), Vec::new());
    let mut reply = cloud.start_from(request, Body::bytes(body.len())).unwrap().stream();
    let (mut body, mut comes) = (body, comes);
    let give = |from: &mut &[u8], room: &mut [u8]| {
        let (now, later) = from.split_at(from.len().min(room.len()).min(most));
        room[..now.len()].copy_from_slice(now);
        *from = later;
        now.len()
    };
    let all = |count: usize, room: usize| if count == room { count.saturating_add(more) } else { count };
    let mut idle = 0;
    let result: Result<(), CallError<Infallible>> = loop {
        // Looking again changes nothing, as long as nothing is done.
        idle += 1;
        match reply.step() {
            Ok(ClientStep::Write(bytes)) => {
                let count = if idle % 3 == 0 { 0 } else { most.min(bytes.len()) };
                written.extend_from_slice(&bytes[..count]);
                let count = all(count, bytes.len());
                reply.wrote(count);
            }
            Ok(ClientStep::ReadBody(_) | ClientStep::Read(_)) if idle % 3 == 0 => {}
            Ok(ClientStep::ReadBody(room)) => {
                let count = all(give(&mut body, room), room.len());
                reply.read_body(count).unwrap();
            }
            Ok(ClientStep::Read(room)) => {
                let count = all(give(&mut comes, room), room.len());
                if let Err(error) = reply.read(count) {
                    break Err(error);
                }
            }
            Ok(ClientStep::Event(event)) => events.push(format!("{event:?}")),
            Ok(ClientStep::End) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    Seen { written, events, result: result.map_err(told), unread: comes.len(), is_ready: cloud.is_ready() }
}

#[test]
fn steps_and_drivers_see_the_same() {
    let body: Vec<_> = (0..200).collect();
    let request = Request::new("/").with_env("e").with_call_id("7").with_method(Method::Put);
    let http = Framing::http("h", None).unwrap();
    for envelope in [REPLY, WRONG, FOREIGN, FAILURE, ""] {
        let framed = [(http, sized(envelope)), (Framing::LINE, format!("{envelope}\n")), (http, "nonsense".into())];
        for (framing, comes) in framed {
            for cut in (0..=comes.len()).step_by(7).chain([comes.len()]) {
                for most in [1, 2, 13, 1000] {
                    let comes = &comes.as_bytes()[..cut];
                    let expected = driven(framing, &request, &body, comes, most);
                    for more in [0, 1, usize::MAX] {
                        let seen = stepped(framing, &request, &body, comes, most, more);
                        assert_eq!(seen, expected, "{envelope} {framing:?} {cut} {most} {more}");
                    }
                }
            }
        }
    }
}

/// The body ends early, or is not what was announced.
#[test]
fn a_body_that_is_not_as_announced_leaves_the_call_unfinished() {
    let request = Request::new("/").with_env("e").with_call_id("7").with_method(Method::Put);
    let mut cloud = Cloud::<_, 64>::new(0);
    cloud.init(Detached, Framing::http("h", None).unwrap());
    let mut reply = cloud.start_from(&request, Body::bytes(10)).unwrap().stream();
    let mut written = Vec::new();
    let error = loop {
        match reply.step().unwrap() {
            ClientStep::Write(bytes) => {
                written.extend_from_slice(bytes);
                let count = bytes.len();
                reply.wrote(count);
            }
            ClientStep::ReadBody(_) => break reply.read_body(0).unwrap_err(),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(error, CallError::Write(failed) if failed.written == written.len()), "{error:?}");
    assert!(matches!(reply.step(), Err(again) if again == error));
    assert!(!written.ends_with(b"}"));
}

#[test]
fn a_step_behind_the_last_changes_nothing() {
    let request = Request::new("/").with_env("e").with_call_id("7");
    let over = |framing: Framing<'static>, comes: &[u8]| {
        let mut cloud = Cloud::<_, 64>::new(0);
        cloud.init(Detached, framing);
        let mut reply = cloud.start(&request).unwrap().stream();
        let mut comes = comes;
        let mut ends = 0;
        while ends < 2 {
            match reply.step() {
                Ok(ClientStep::Write(bytes)) => {
                    let count = bytes.len();
                    reply.wrote(count);
                }
                Ok(ClientStep::Read(room)) => {
                    let count = comes.len().min(room.len());
                    room[..count].copy_from_slice(&comes[..count]);
                    comes = &comes[count..];
                    let _ = reply.read(count);
                }
                Ok(ClientStep::End) | Err(_) => ends += 1,
                Ok(_) => {}
            }
        }
        cloud.is_ready()
    };
    let http = Framing::http("gw", None).unwrap();
    assert!(over(http, sized(FAILURE).as_bytes()));
    assert!(!over(http, &[]));
    assert!(over(Framing::LINE, format!("{FAILURE}\n").as_bytes()));
    assert!(!over(Framing::LINE, &[]));
}
