//! Connections that end, or fail, at every byte of a call and of its answer: when the call is made again on another,
//! and what is told when it is not.

use crate::http::sized;
use crate::peer::{Broken, OVERRUN, Peer, RESET};
use crate::retrying::{NoPeer, Outcome, Waits, call_over};
use callcontainer::client::{CallError, Cloud, Framing, RetryError};
use callcontainer::stream::{WriteCause, WriteError};
use callcontainer::{Json, Method, Request};
use std::collections::VecDeque;

const FIRST: &str = r#"{"statusCode":200,"callID":"first"}"#;
const REPLY: &str = r#"{"statusCode":201,"callID":"7","data":[1,2]}"#;
const METHODS: [Method; 4] = [Method::Get, Method::Put, Method::Post, Method::Connect];

fn request(method: Method) -> Request<'static> {
    let request = Request::new("/").with_env("e").with_method(method).with_call_id("7");
    if method == Method::Get { request } else { request.with_data(Json::new(r#"{"n":1}"#).unwrap().into()) }
}

fn framed(framing: Framing<'_>, envelope: &str) -> String {
    if format!("{framing:?}") == "Line" { format!("{envelope}\n") } else { sized(envelope) }
}

fn framings() -> [Framing<'static>; 2] {
    [Framing::http("gateway", Some("s3cret")).unwrap(), Framing::LINE]
}

/// What comes of the first read or write that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nothing comes any more, nothing is taken.
    Ends,
    Fails(Broken),
}

const FAULTS: [Fault; 4] = [
    Fault::Ends,
    Fault::Fails(RESET),
    Fault::Fails(OVERRUN),
    Fault::Fails(Broken(callcontainer::embedded_io::ErrorKind::TimedOut)),
];

impl Fault {
    const fn error(self) -> Option<Broken> {
        match self {
            Self::Ends => None,
            Self::Fails(error) => Some(error),
        }
    }

    /// A line goes on behind what does not say that it is gone.
    fn is_end(self, framing: Framing<'_>) -> bool {
        matches!(self, Self::Ends | Self::Fails(RESET)) || format!("{framing:?}") != "Line"
    }
}

/// What came of a call.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    outcome: Outcome,
    waits: Vec<u64>,
    connections: usize,
    /// How often the call went out whole on each connection.
    sent: Vec<usize>,
    is_ready: bool,
}

/// Makes the call over these connections, blocking and async, which is the same. With `first`, the first of them serves
/// that call before.
fn make(framing: Framing<'static>, method: Method, first: bool, connections: &dyn Fn() -> Vec<Peer>) -> Made {
    let run = |asynchronous: bool| {
        let peers = connections();
        let records: Vec<_> = peers.iter().map(|peer| peer.record.clone()).collect();
        let mut peers: VecDeque<_> = peers.into();
        let mut made = 0;
        let mut connect = || {
            made += 1;
            peers.pop_front().map(|peer| (peer, framing))
        };
        let mut waits = Waits::default();
        let mut cloud = Cloud::<Peer, 128>::new(0);
        if first {
            let first = Request::new("/").with_env("e").with_call_id("first");
            assert_eq!(call_over(&mut cloud, &first, &mut waits, false, &mut connect), Ok(Ok(200)));
        }
        let request = request(method);
        let outcome = call_over(&mut cloud, &request, &mut waits, asynchronous, &mut connect);
        let mut envelope = [0; 256];
        let envelope = request.encode(&mut envelope).unwrap();
        let times = |record: &[u8]| record.windows(envelope.len()).filter(|window| *window == envelope).count();
        let sent = records.iter().map(|record| times(&record.borrow())).collect();
        Made { outcome, waits: waits.0, connections: made, sent, is_ready: cloud.is_ready() }
    };
    let blocking = run(false);
    assert_eq!(run(true), blocking);
    blocking
}

/// A peer that has served a call, if it has, and gives so much more.
fn peer(framing: Framing<'static>, first: bool, comes: &str) -> Peer {
    let peer = if first { Peer::new(framed(framing, FIRST)).later() } else { Peer::default() };
    Peer { waits: true, ..peer.then(comes) }
}

fn with_fault(peer: Peer, fault: Fault) -> Peer {
    match fault {
        Fault::Ends => peer,
        Fault::Fails(error) => peer.then_fails(error),
    }
}

/// Each framing, fresh and used, with each method and each fault.
fn each_case(check: impl Fn(Framing<'static>, bool, Method, Fault)) {
    for framing in framings() {
        for first in [false, true] {
            for method in METHODS {
                for fault in FAULTS {
                    check(framing, first, method, fault);
                }
            }
        }
    }
}

#[test]
fn an_answer_that_ends_at_any_byte() {
    each_case(|framing, first, method, fault| {
        let reply = framed(framing, REPLY);
        for came in 0..reply.len() {
            let connections = || {
                let ended = with_fault(peer(framing, first, &reply[..came]), fault);
                vec![ended, peer(framing, false, &reply), peer(framing, false, &reply)]
            };
            let ends = fault.is_end(framing);
            let again = method.is_idempotent();
            let error = match (came, fault.error()) {
                (0, error) => CallError::NoAnswer(error),
                (_, None) => CallError::UnexpectedEof,
                (_, Some(error)) => CallError::Io(error),
            };
            // A line that goes on is used once more, and ends then, without a byte.
            let waits = match (again, ends, first) {
                (false, _, _) => 0,
                (true, true, first) => usize::from(!(first && came == 0)),
                (true, false, first) => 1 + usize::from(!first),
            };
            let expected = Made {
                outcome: if again { Ok(Ok(201)) } else { Err(RetryError::Call(error)) },
                waits: vec![300; waits],
                connections: if again { 2 } else { 1 },
                sent: vec![if again && !ends { 2 } else { 1 }, usize::from(again), 0],
                is_ready: again || !ends,
            };
            let made = make(framing, method, first, &connections);
            assert_eq!(made, expected, "{framing:?} first {first} {method:?} {fault:?} {came}");
        }
    });
}

#[test]
fn a_call_whose_writing_fails_at_any_byte() {
    each_case(|framing, first, method, fault| {
        let reply = framed(framing, REPLY);
        // How long what goes out is, before the call and with it, as a connection that works sees it.
        let whole = |first: bool, calls: bool| {
            let works = || vec![peer(framing, first, &reply)];
            let record = std::cell::RefCell::new(Vec::new());
            let keep = || {
                let peers = works();
                record.replace(peers.iter().map(|peer| peer.record.clone()).collect());
                peers
            };
            make(framing, method, first, &keep);
            let len = record.borrow()[0].borrow().len();
            if calls { len } else { len - call_len(framing, method, first) }
        };
        let (start, end) = (whole(first, false), whole(first, true));
        for after in start..end {
            let written = after - start;
            let connections = || {
                let broken = Peer { breaks: Some((after, fault.error())), ..peer(framing, first, &reply) };
                vec![broken, peer(framing, false, &reply), peer(framing, false, &reply)]
            };
            let ends = fault.is_end(framing);
            let again = written == 0 || method.is_idempotent();
            let cause = fault.error().map_or(WriteCause::WriteZero, WriteCause::Io);
            let made = make(framing, method, first, &connections);
            // On a line the envelope may be out, and its newline missing.
            let part = made.sent[0];
            assert!(part == 0 || written == end - start - 1);
            // A line that goes on takes nothing, however often it is tried.
            let written = if again && !ends { 0 } else { written };
            let error = RetryError::Call(CallError::Write(WriteError { cause, written }));
            let waits = if ends { usize::from(!first) } else { 3 };
            let expected = Made {
                outcome: if again && ends { Ok(Ok(201)) } else { Err(error) },
                waits: vec![300; if again { waits } else { 0 }],
                connections: if again && ends { 2 } else { 1 },
                sent: vec![part, usize::from(again && ends), 0],
                is_ready: again || !ends,
            };
            assert_eq!(made, expected, "{framing:?} first {first} {method:?} {fault:?} {written}");
        }
    });
}

/// Bytes of the call as it goes out.
fn call_len(framing: Framing<'static>, method: Method, in_step: bool) -> usize {
    let mut cloud = Cloud::<_, 128>::new(0);
    cloud.init(peer(framing, in_step, ""), framing);
    if in_step {
        let first = Request::new("/").with_env("e").with_call_id("first");
        assert!(cloud.call(&first, &mut [0; 256]).is_ok());
    }
    cloud.start(&request(method)).unwrap().encoded_len()
}

/// A connection that is new is replaced too, after a wait.
#[test]
fn a_call_is_made_again_at_once_on_one_more_connection_only() {
    for framing in framings() {
        let reply = framed(framing, REPLY);
        let none = || vec![peer(framing, true, ""), peer(framing, false, ""), peer(framing, false, &reply)];
        let made = make(framing, Method::Get, true, &none);
        assert_eq!((made.outcome, made.waits, made.sent), (Ok(Ok(201)), vec![300], vec![1, 1, 1]), "{framing:?}");

        // So is one that has served since.
        let not_yet = framed(framing, r#"{"errCode":-1,"errMsg":"cloud.callContainer:fail","callID":"7"}"#);
        let served = || vec![peer(framing, true, ""), peer(framing, false, &not_yet), peer(framing, false, &reply)];
        let made = make(framing, Method::Get, true, &served);
        assert_eq!((made.outcome, made.waits), (Ok(Ok(201)), vec![300; 2]), "{framing:?}");
        assert_eq!(made.sent, [1, 2, 1]);

        // One that is used for the first time by this call counts as one that has served.
        let served = || vec![peer(framing, false, &not_yet), peer(framing, false, &reply)];
        let made = make(framing, Method::Get, false, &served);
        assert_eq!((made.outcome, made.waits, made.sent), (Ok(Ok(201)), vec![300], vec![2, 1]), "{framing:?}");
        let made = make(framing, Method::Post, false, &served);
        let lost = Err(RetryError::Call(CallError::NoAnswer(None)));
        assert_eq!((made.outcome, made.waits, made.sent), (lost, vec![300], vec![2, 0]));
    }
}

/// It does not count among the calls that are made again by advice.
#[test]
fn what_is_made_again_at_once_leaves_the_advice_as_it_is() {
    for framing in framings() {
        let late = framed(framing, r#"{"errCode":102002,"errMsg":"cloud.callContainer:fail","callID":"7"}"#);
        let both = || vec![peer(framing, true, ""), peer(framing, false, &late).later().then(framed(framing, REPLY))];
        let made = make(framing, Method::Get, true, &both);
        assert_eq!((made.outcome, made.waits, made.sent), (Ok(Ok(201)), vec![], vec![1, 2]), "{framing:?}");
        // When no other connection can be had, it is as ever.
        let made = make(framing, Method::Get, true, &|| vec![peer(framing, true, "")]);
        assert_eq!((made.outcome, made.waits), (Err(RetryError::Connect(NoPeer)), vec![300; 3]), "{framing:?}");
        assert_eq!(made.connections, 5);
    }
}

/// What stands in front of a gateway says so in its own words.
#[test]
fn a_gateway_that_is_away_is_asked_again() {
    let page = |status: u16, after: &str| format!("HTTP/1.1 {status} Any\r\n{after}Content-Length: 6\r\n\r\n<html>");
    let closing =
        |status: u16, after: &str| page(status, after).replace("<html>", "").replace(": 6", ": 0\r\nConnection: close");
    let framing = Framing::http("gateway", None).unwrap();
    let reply = sized(REPLY);
    let seconds = [
        ("", None, 0),
        ("Retry-After: 0\r\n", Some(0), 0),
        ("Retry-After: 7\r\n", Some(7), 7_000),
        ("Retry-After: 90\r\n", Some(90), 90_000),
        ("Retry-After: 3599\r\n", Some(3599), 3_599_000),
        ("Retry-After: 3600\r\n", Some(3600), 3_600_000),
        ("Retry-After: 4294968\r\n", Some(4_294_968), u32::MAX.into()),
        ("Retry-After: 99999999999\r\n", Some(u32::MAX), u32::MAX.into()),
        ("Retry-After: Wed, 01 Jan 2025 00:00:00 GMT\r\n", None, 0),
    ];
    for (method, status, (after, retry_after, wait)) in METHODS.into_iter().flat_map(|method| {
        let statuses = [400, 404, 408, 429, 500, 501, 502, 503, 504, 505];
        statuses.into_iter().flat_map(move |status| seconds.into_iter().map(move |after| (method, status, after)))
    }) {
        // With 429 the call has not run.
        let again = (status == 429 || method.is_idempotent() && matches!(status, 408 | 502..=504))
            && retry_after.is_none_or(|seconds| seconds < 3600);
        let error = Err(RetryError::Call(CallError::Status { status, retry_after }));
        let outcome = if again { Ok(Ok(201)) } else { error };
        let wait = if status == 429 && retry_after.is_none() { 60_000 } else { wait };
        let waits = vec![wait; usize::from(again && wait > 0)];
        let keeping = || vec![peer(framing, false, &page(status, after)).later().then(&reply)];
        let made = make(framing, method, false, &keeping);
        assert_eq!(
            (&made.outcome, &made.waits, made.connections),
            (&outcome, &waits, 1),
            "{method:?} {status} {after}"
        );
        let closing = || vec![peer(framing, false, &closing(status, after)), peer(framing, false, &reply)];
        let made = make(framing, method, false, &closing);
        let connections = 1 + usize::from(again);
        assert_eq!((made.outcome, made.waits, made.connections), (outcome, waits.clone(), connections));
        // Once only.
        let page = page(status, after);
        let twice = || vec![peer(framing, false, &page).later().then(&page).later().then(&reply)];
        let made = make(framing, method, false, &twice);
        assert_eq!((made.outcome, made.waits), (error, waits), "{method:?} {status} {after}");
    }
    // An envelope is one whatever the status.
    let refused = sized(r#"{"errCode":-501000,"errMsg":"Invalid host","callID":"7"}"#).replace("200", "503");
    let made = make(framing, Method::Get, false, &|| vec![peer(framing, false, &refused)]);
    assert_eq!((made.outcome, made.waits), (Ok(Err(Some(-501_000))), vec![]));
}
