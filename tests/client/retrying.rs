//! Calls that are made again, and what is told in the end.

use crate::peer::{Broken, Peer, RESET, block_on};
use callcontainer::client::{CallError, Cloud, Framing, ResponseError, Retried, RetryError};
use callcontainer::embedded_hal::delay::DelayNs;
use callcontainer::{ErrorCode, Method, Reply, Request, embedded_hal_async};

/// Remembers what it was asked to wait for, in milliseconds.
#[derive(Default)]
pub struct Waits(pub Vec<u64>);

impl DelayNs for Waits {
    fn delay_ns(&mut self, nanoseconds: u32) {
        *self.0.last_mut().unwrap() += u64::from(nanoseconds) / 1_000_000;
    }

    fn delay_ms(&mut self, milliseconds: u32) {
        self.0.push(milliseconds.into());
    }
}

impl embedded_hal_async::delay::DelayNs for Waits {
    async fn delay_ns(&mut self, _: u32) {
        panic!("the client waits for milliseconds");
    }

    async fn delay_ms(&mut self, milliseconds: u32) {
        self.0.push(milliseconds.into());
    }
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPeer;

pub type Outcome = Result<Result<u16, Option<i32>>, RetryError<NoPeer, CallError<Broken>>>;

fn outcome(result: Retried<Reply<'_>, NoPeer, CallError<Broken>>) -> Outcome {
    result.map(|reply| match reply {
        Reply::Response(response) => Ok(response.status()),
        Reply::Failure(failure) => Err(failure.code().map(|code| code.0)),
    })
}

/// Makes a call over connections that are made when they are needed.
pub fn call_over<const W: usize>(
    cloud: &mut Cloud<'static, Peer, W>,
    request: &Request<'_>,
    waits: &mut Waits,
    asynchronous: bool,
    connect: &mut dyn FnMut() -> Option<(Peer, Framing<'static>)>,
) -> Outcome {
    let mut buffer = [0; 256];
    let mut connect = |cloud: &mut Cloud<'static, Peer, W>| {
        let (peer, framing) = connect().ok_or(NoPeer)?;
        cloud.init(peer, framing);
        Ok(())
    };
    outcome(if asynchronous {
        block_on(cloud.retrying_async(waits, async |cloud| connect(cloud)).call_async(request, &mut buffer))
    } else {
        cloud.retrying(waits, connect).call(request, &mut buffer)
    })
}

/// Makes a call over the connections that come one after the other, blocking and async, and says what came of it, which
/// waits there were, and how many envelopes went out.
fn call(method: Method, connections: &[Option<Peer>]) -> (Outcome, Vec<u64>, usize) {
    let request = Request::new("/").with_env("e").with_method(method).with_call_id("7");
    let run = |asynchronous: bool| {
        let mut made = connections.iter().cloned();
        let mut waits = Waits::default();
        let mut cloud = Cloud::<Peer, 64>::new(0);
        let mut connect = || made.next().flatten().map(|peer| (peer, Framing::LINE));
        let outcome = call_over(&mut cloud, &request, &mut waits, asynchronous, &mut connect);
        let sent = cloud
            .take()
            .map_or(0, |peer| peer.written.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count());
        (outcome, waits.0, sent)
    };
    let blocking = run(false);
    assert_eq!(run(true), blocking);
    blocking
}

fn failure(code: i32) -> String {
    format!("{{\"errCode\":{code},\"errMsg\":\"cloud.callContainer:fail\",\"callID\":\"7\"}}\n")
}

const SUCCESS: &str = "{\"statusCode\":200,\"callID\":\"7\"}\n";

/// A peer that gives these replies, each with a read of its own.
fn peer(replies: &[&str]) -> Option<Peer> {
    Some(replies.iter().fold(Peer::default(), |peer, reply| peer.then(reply).later()))
}

#[test]
fn a_call_waits_for_a_connection_three_times() {
    let ready = peer(&[SUCCESS]);
    for missing in 0..=3 {
        let connections = [vec![None; missing], vec![ready.clone()]].concat();
        assert_eq!(call(Method::Post, &connections), (Ok(Ok(200)), vec![300; missing], 1), "{missing}");
    }
    let connections = [vec![None; 4], vec![ready]].concat();
    assert_eq!(call(Method::Post, &connections), (Err(RetryError::Connect(NoPeer)), vec![300; 3], 0));
}

#[test]
fn a_gateway_that_is_not_initialised_is_asked_three_times_again() {
    let not_yet = failure(-1);
    for times in 0..=4 {
        let mut replies = vec![not_yet.as_str(); times];
        replies.push(SUCCESS);
        let result = if times < 4 { Ok(200) } else { Err(Some(-1)) };
        let again = times.min(3);
        assert_eq!(call(Method::Post, &[peer(&replies)]), (Ok(result), vec![300; again], again + 1));
    }
}

/// The advice for every code with a name, and for some without one, with every method.
#[test]
fn only_what_may_run_twice_is_made_again() {
    let idempotent = [Method::Options, Method::Get, Method::Head, Method::Put, Method::Delete, Method::Trace];
    for method in [&idempotent[..], &[Method::Post, Method::Connect]].concat() {
        for code in [102_002, -405_005, -405_010] {
            let replies = [&failure(code), SUCCESS];
            let expected =
                if idempotent.contains(&method) { (Ok(Ok(200)), vec![], 2) } else { (Ok(Err(Some(code))), vec![], 1) };
            assert_eq!(call(method, &[peer(&replies)]), expected, "{method:?} {code}");
            // Once only.
            let (outcome, waits, _) = call(method, &[peer(&[&failure(code), &failure(code), SUCCESS])]);
            assert_eq!((outcome, waits), (Ok(Err(Some(code))), expected.1));
        }
        assert_eq!(call(method, &[peer(&[&failure(-405_015), SUCCESS])]), (Ok(Ok(200)), vec![60_000], 2));
        for code in [102_005, 40_097, -501_000, -501_001, -606_001, -606_002, -601_034, 7] {
            assert_eq!(call(method, &[peer(&[&failure(code), SUCCESS])]), (Ok(Err(Some(code))), vec![], 1));
        }
    }
}

#[test]
fn what_made_a_call_again_makes_no_endless_row() {
    let (first, second) = (failure(-1), failure(102_002));
    let replies = [first.as_str(), &second, SUCCESS];
    assert_eq!(call(Method::Get, &[peer(&replies)]), (Ok(Err(Some(102_002))), vec![300], 2));
    let replies = [second.as_str(), &first, &first, &first, &first];
    assert_eq!(call(Method::Get, &[peer(&replies)]), (Ok(Err(Some(-1))), vec![300, 300], 4));
}

/// The service may have run.
#[test]
fn what_fails_with_its_connection_is_made_again_if_it_may_run_twice() {
    let broken = || Peer::new("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").then_fails(RESET);
    let framed = |more: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{more}\r\n{SUCCESS}", SUCCESS.len());
    let framing = Framing::http("h", None).unwrap();
    for (method, expected) in [(Method::Get, 4), (Method::Post, 1)] {
        let request = Request::new("/").with_env("e").with_call_id("7").with_method(method);
        let (mut waits, mut cloud, mut made) = (Waits::default(), Cloud::<Peer, 128>::new(0), 0);
        let mut call = |cloud: &mut Cloud<'static, Peer, 128>, connect: &mut dyn FnMut() -> Option<Peer>| {
            call_over(cloud, &request, &mut waits, false, &mut || connect().map(|peer| (peer, framing)))
        };
        let result = call(&mut cloud, &mut || {
            made += 1;
            Some(broken())
        });
        assert_eq!((result, made), (Err(RetryError::Call(CallError::Io(RESET))), expected), "{method:?}");
        // The gateway closes after each reply: every call has a connection of its own.
        for _ in 0..3 {
            made = 0;
            let result = call(&mut cloud, &mut || {
                made += 1;
                Some(Peer::new(framed("Connection: close\r\n")))
            });
            assert_eq!((result, made), (Ok(Ok(200)), 1));
        }
        assert_eq!(call(&mut cloud, &mut || None), Err(RetryError::Connect(NoPeer)));
        // A connection that can be used again is used again.
        cloud.init(Peer::new(framed("")).later().then(framed("")), framing);
        for _ in 0..2 {
            assert_eq!(call(&mut cloud, &mut || panic!("there is one")), Ok(Ok(200)));
        }
        assert_eq!(waits.0.len(), expected - 1 + 3);
    }
}

#[test]
fn callbacks_are_called_once_each_and_complete_last() {
    let told = |cloud: &mut Cloud<'_, Peer, 64>, asynchronous: bool| {
        let log = std::cell::RefCell::new(Vec::new());
        let request = Request::new("/").with_env("e").with_call_id("7");
        let mut buffer = [0; 256];
        let success =
            |response: &callcontainer::Response<'_>| log.borrow_mut().push(format!("success {}", response.status()));
        let fail = |failed: &ResponseError<'_, Broken>| {
            log.borrow_mut().push(format!("fail {:?} {failed}", failed.code().map(|code| code.0)));
        };
        let complete = |result: Result<&callcontainer::Response<'_>, &ResponseError<'_, Broken>>| {
            log.borrow_mut().push(format!("complete {}", result.is_ok()));
        };
        if asynchronous {
            block_on(cloud.call_then_async(&request, &mut buffer, success, fail, complete));
        } else {
            cloud.call_then(&request, &mut buffer, success, fail, complete);
        }
        log.into_inner()
    };
    for asynchronous in [false, true] {
        let mut cloud = Cloud::new(0);
        let message = ErrorCode::NOT_INITIALISED.message().unwrap();
        assert_eq!(told(&mut cloud, asynchronous), [format!("fail Some(-1) {message}"), "complete false".to_owned()]);
        let refused = failure(-501_000);
        cloud.init(peer(&[SUCCESS, &refused]).unwrap(), Framing::LINE);
        assert_eq!(told(&mut cloud, asynchronous), ["success 200", "complete true"]);
        assert_eq!(told(&mut cloud, asynchronous), ["fail Some(-501000) cloud.callContainer:fail", "complete false"]);
        let ended = "fail None the connection ended before an answer came";
        assert_eq!(told(&mut cloud, asynchronous), [ended, "complete false"]);
    }
}

/// Whether to call again is what the failure or the error itself says.
#[test]
fn what_callbacks_are_told_has_the_advice() {
    let failure = callcontainer::Failure::from_err_msg("cloud.callContainer:fail -1 system error");
    let busy = callcontainer::Failure::from_err_msg("cloud.callContainer:fail 102002 timeout");
    for method in [Method::Get, Method::Post] {
        for failure in [failure, busy] {
            assert_eq!(ResponseError::<Broken>::Failure(failure).retry(method), failure.retry(method));
        }
        for error in [CallError::NotInitialised, CallError::Io(RESET), CallError::Request(error_of_a_value())] {
            assert_eq!(ResponseError::Call(error).retry(method), error.retry(method));
        }
    }
    assert!(ResponseError::<Broken>::Failure(failure).retry(Method::Post).is_some());
    assert!(ResponseError::<Broken>::Failure(busy).retry(Method::Get).is_some());
    assert_eq!(ResponseError::<Broken>::Failure(busy).retry(Method::Post), None);
}

fn error_of_a_value() -> callcontainer::Error {
    callcontainer::Json::new("1 2").unwrap_err()
}
