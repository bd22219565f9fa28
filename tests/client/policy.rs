//! When and how often a call is made again, by another policy than the document's, and with other calls than plain
//! ones.

use crate::http::sized;
use crate::peer::{Broken, Peer, RESET, block_on};
use crate::retrying::{NoPeer, Waits};
use callcontainer::client::{CallError, Cause, Cloud, Framing, ResponseError, Retries, RetryError};
use callcontainer::stream::{Body, Outcome, WriteCause, WriteError};
use callcontainer::{ErrorCode, Method, Reply, Request, embedded_io};
use std::convert::Infallible;

const SUCCESS: &str = r#"{"statusCode":200,"callID":"7"}"#;
const NOT_YET: &str = r#"{"errCode":-1,"errMsg":"cloud.callContainer:fail","callID":"7"}"#;

fn request(method: Method) -> Request<'static> {
    Request::new("/").with_env("e").with_call_id("7").with_method(method)
}

fn http() -> Framing<'static> {
    Framing::http("h", None).unwrap()
}

#[test]
fn waits_double_up_to_the_most_and_a_longer_advice_counts() {
    let gone = CallError::<Broken>::NotReusable;
    let waits = |mut retries: Retries| {
        std::iter::from_fn(|| retries.next(&gone, Method::Post)).map(u64::from).collect::<Vec<_>>()
    };
    assert_eq!(waits(Retries::new()), [300; 3]);
    assert_eq!(waits(Retries::default().at_most(5)), [300; 5]);
    assert_eq!(waits(Retries::new().at_most(0)), [0; 0]);
    assert_eq!(waits(Retries::backoff(100, 900).at_most(6)), [300, 300, 400, 800, 900, 900]);
    assert_eq!(waits(Retries::backoff(1000, 60_000)).len(), 10);
    let longest = waits(Retries::backoff(1, u32::MAX).at_most(u8::MAX));
    assert_eq!((longest.len(), longest[254]), (255, u64::from(u32::MAX)));
    let busy = Err::<(), _>(CallError::<Broken>::NotReusable);
    assert_eq!(Retries::backoff(500, 500).next(&busy, Method::Get), Some(500));
}

#[test]
fn a_connection_that_cannot_be_made_is_tried_again_whatever_the_method() {
    let mut retries = Retries::backoff(100, 1000).at_most(4);
    let waits = std::array::from_fn(|_| retries.next_connection());
    assert_eq!(waits, [Some(300), Some(300), Some(400), Some(800), None]);
    assert_eq!(retries.made(), 4);
}

/// What each error says of each method.
#[test]
fn only_what_cannot_have_run_is_of_any_method() {
    let at = |written| CallError::Write(WriteError { cause: WriteCause::Io(RESET), written });
    let nothing = |written| CallError::Write(WriteError { cause: WriteCause::WriteZero, written });
    let cases: [(CallError<Broken, Broken>, bool, bool); 12] = [
        (CallError::NotInitialised, true, true),
        (CallError::NotReusable, true, true),
        (at(0), true, true),
        (nothing(0), true, true),
        (at(1), false, true),
        (nothing(1), false, true),
        (CallError::Write(WriteError { cause: WriteCause::Body(RESET), written: 0 }), false, false),
        (CallError::NoAnswer(None), false, true),
        (CallError::NoAnswer(Some(RESET)), false, true),
        (CallError::Io(RESET), false, true),
        (CallError::UnexpectedEof, false, true),
        (CallError::ForeignReply, false, false),
    ];
    for (error, any, idempotent) in cases {
        let mut of_any = Retries::new().of_any_method();
        assert_eq!(Retries::new().next(&error, Method::Post).is_some(), any, "{error:?}");
        assert_eq!(Retries::new().next(&error, Method::Get).is_some(), idempotent, "{error:?}");
        assert_eq!(of_any.next(&error, Method::Post).is_some(), idempotent, "{error:?}");
    }
}

/// The hook sees each attempt that is repeated, in order, and decides.
#[test]
fn a_hook_sees_each_repetition_and_can_end_them() {
    for asynchronous in [false, true] {
        let mut seen = Vec::new();
        let mut comes =
            [None, Some(Peer::new("")), Some(Peer::new(sized(NOT_YET)).later().then(sized(NOT_YET))), None].into_iter();
        let (mut cloud, mut waits, mut buffer) = (Cloud::<Peer, 128>::new(0), Waits::default(), [0; 256]);
        let mut connect = |cloud: &mut Cloud<'_, Peer, 128>| {
            cloud.init(comes.next().unwrap().ok_or(NoPeer)?, http());
            Ok(())
        };
        let hook = |attempt: &callcontainer::client::Attempt<'_, NoPeer, Broken>| {
            let cause = match attempt.cause {
                Cause::Connect(NoPeer) => "connect".to_owned(),
                Cause::Call(error) => error.to_string(),
                _ => "advice".to_owned(),
            };
            seen.push((attempt.number, cause, attempt.wait_ms));
            (attempt.number < 4).then(|| attempt.wait_ms + attempt.number)
        };
        let retries = Retries::backoff(500, 4000);
        let call = request(Method::Get);
        let result = if asynchronous {
            let calls = cloud.retrying_async(&mut waits, async |cloud| connect(cloud));
            block_on(calls.with_retries(retries).with_hook(hook).call_async(&call, &mut buffer))
        } else {
            cloud.retrying(&mut waits, connect).with_retries(retries).with_hook(hook).call(&call, &mut buffer)
        };
        // The reply of the last attempt is given back when the hook ends it.
        assert!(matches!(result, Ok(Reply::Failure(failure)) if failure.code() == Some(ErrorCode::NOT_INITIALISED)));
        let ended = "the connection ended before an answer came";
        let expected = [(1, "connect", 500), (2, ended, 1000), (3, "advice", 2000), (4, "advice", 4000)];
        assert_eq!(seen, expected.map(|(number, cause, wait)| (number, cause.to_owned(), wait)));
        assert_eq!(waits.0, [501, 1002, 2003]);
    }
}

#[test]
fn a_jittered_wait_is_between_half_and_the_whole() {
    let mut cloud = Cloud::<Peer, 64>::new(0);
    let mut waits = Waits::default();
    for wait in [1_u32, 2, 300, u32::MAX] {
        let result = cloud
            .retrying(&mut waits, |_| Err::<(), _>(NoPeer))
            .with_retries(Retries::backoff(wait, wait).at_most(1))
            .with_hook(|attempt| {
                let whole = attempt.wait_ms;
                let jittered: Vec<_> =
                    [0, 1, whole / 2, whole, u32::MAX].iter().map(|random| attempt.jittered(*random)).collect();
                assert!(jittered.iter().all(|wait| (whole / 2..=whole).contains(wait)), "{jittered:?}");
                assert!(jittered.contains(&(whole / 2)));
                Some(0)
            })
            .call(&request(Method::Get), &mut []);
        assert_eq!(result.map(|_| ()), Err(RetryError::Connect(NoPeer)));
    }
}

/// A connection that is made again in place, as a socket with borrowed buffers is.
#[test]
fn a_connection_is_made_again_in_place() {
    for asynchronous in [false, true] {
        let mut cloud = Cloud::<Peer, 128>::new(0);
        assert!(cloud.connection().is_none());
        assert!(cloud.init_unconnected(Peer::new(""), http()).is_none());
        assert!(!cloud.is_ready());
        assert!(matches!(cloud.start(&request(Method::Get)), Err(CallError::NotReusable)));
        let (mut waits, mut made) = (Waits::default(), 0);
        for method in [Method::Post, Method::Get, Method::Post] {
            let mut connect = |cloud: &mut Cloud<'_, Peer, 128>| {
                made += 1;
                if made == 1 {
                    return Err(NoPeer);
                }
                *cloud.connection().unwrap() = Peer::new(sized(SUCCESS));
                Ok(())
            };
            let mut buffer = [0; 256];
            let call = request(method);
            let result = if asynchronous {
                let mut calls = cloud.retrying_async(&mut waits, async |cloud| connect(cloud));
                block_on(calls.call_async(&call, &mut buffer)).map(|_| ())
            } else {
                cloud.retrying(&mut waits, connect).call(&call, &mut buffer).map(|_| ())
            };
            // The second `POST` meets a connection that has ended, and may have run.
            let lost = method == Method::Post && made == 3;
            let expected = if lost { Err(RetryError::Call(CallError::NoAnswer(None))) } else { Ok(()) };
            assert_eq!(result, expected, "{method:?} {made}");
        }
        assert_eq!((made, &waits.0), (3, &vec![300]));
    }
}

/// A body that is read again from its beginning, and a reply that is taken as it comes.
#[test]
fn bodies_and_streams_are_made_again_as_a_whole() {
    let body = [7; 300];
    for asynchronous in [false, true] {
        for method in [Method::Put, Method::Post] {
            let cut = &sized(SUCCESS)[..50];
            let mut comes = [Peer::new(cut), Peer::new(sized(SUCCESS))].into_iter();
            let (mut cloud, mut waits) = (Cloud::<Peer, 128>::new(0), Waits::default());
            let mut connect = |cloud: &mut Cloud<'_, Peer, 128>| {
                cloud.init(comes.next().ok_or(NoPeer)?, http());
                Ok(())
            };
            let call = request(method);
            let mut runs = 0;
            let result: Result<Outcome, RetryError<NoPeer, CallError<Broken>>> = if asynchronous {
                block_on(cloud.retrying_async(&mut waits, async |cloud| connect(cloud)).run_async(async |cloud| {
                    runs += 1;
                    let mut call = cloud.start_from(&call, Body::bytes(300))?;
                    call.send_from_async(&mut body.as_slice()).await?;
                    let mut reply = call.stream();
                    while reply.next_event_async().await?.is_some() {}
                    Ok(reply.outcome().unwrap())
                }))
            } else {
                cloud.retrying(&mut waits, connect).run(|cloud| {
                    runs += 1;
                    let mut call = cloud.start_from(&call, Body::bytes(300))?;
                    call.send_from(&mut body.as_slice())?;
                    let mut reply = call.stream();
                    while reply.next_event()?.is_some() {}
                    Ok(reply.outcome().unwrap())
                })
            };
            if method == Method::Put {
                assert_eq!((result, runs), (Ok(Outcome::Response { status: 200 }), 2));
            } else {
                assert_eq!((result, runs), (Err(RetryError::Call(CallError::UnexpectedEof)), 1));
            }
        }
    }
}

/// A `POST` that was answered is not made again because of what follows it.
#[test]
fn what_belongs_together_is_made_again_only_if_all_of_it_may_be() {
    let run = |methods: [Method; 2], retries: Retries| {
        let mut comes = [Peer::new(sized(SUCCESS)), Peer::new(sized(SUCCESS)).later().then(sized(SUCCESS))].into_iter();
        let (mut cloud, mut waits, mut runs) = (Cloud::<Peer, 128>::new(0), Waits::default(), 0);
        let result = cloud
            .retrying(&mut waits, |cloud| comes.next().ok_or(NoPeer).map(|peer| _ = cloud.init(peer, http())))
            .with_retries(retries)
            .run(|cloud| {
                runs += 1;
                for method in methods {
                    cloud.call(&request(method), &mut [0; 256])?;
                }
                Ok::<_, CallError<Broken>>(())
            });
        (result, runs)
    };
    let (get, post) = (Method::Get, Method::Post);
    let lost = Err(RetryError::Call(CallError::NoAnswer(None)));
    assert_eq!(run([get, get], Retries::new()), (Ok(()), 2));
    assert_eq!(run([get, post], Retries::new()), (lost, 1));
    assert_eq!(run([post, get], Retries::new()), (lost, 1));
    assert_eq!(run([post, post], Retries::new()), (lost, 1));
    assert_eq!(run([post, get], Retries::new().of_any_method()), (Ok(()), 2));
}

/// A call that is refused because the connection has ended does not make the `POST` before it any less answered.
#[test]
fn a_post_is_not_made_again_because_its_connection_is_of_no_more_use() {
    let closes = || Peer::new(sized(SUCCESS).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    let (mut cloud, mut waits, mut runs) = (Cloud::<Peer, 128>::new(0), Waits::default(), 0);
    let result = cloud.retrying(&mut waits, |cloud| Ok::<_, NoPeer>(_ = cloud.init(closes(), http()))).run(|cloud| {
        runs += 1;
        cloud.call(&request(Method::Post), &mut [0; 256])?;
        cloud.call(&request(Method::Get), &mut [0; 256])?;
        Ok::<_, CallError<Broken>>(())
    });
    assert_eq!((result, runs), (Err(RetryError::Call(CallError::NotReusable)), 1));
}

/// What the connecting closure calls is no part of what is repeated.
#[test]
fn a_call_that_comes_with_the_connection_does_not_keep_another_from_being_repeated() {
    let mut comes = [Peer::new(sized(SUCCESS)), Peer::new(sized(SUCCESS)).later().then(sized(SUCCESS))].into_iter();
    let (mut cloud, mut waits) = (Cloud::<Peer, 128>::new(0), Waits::default());
    let connect = |cloud: &mut Cloud<'_, Peer, 128>| {
        cloud.init(comes.next().ok_or(NoPeer)?, http());
        cloud.call(&request(Method::Post), &mut [0; 256]).map_or(Err(NoPeer), |_| Ok(()))
    };
    let mut buffer = [0; 256];
    let result = cloud.retrying(&mut waits, connect).call(&request(Method::Get), &mut buffer);
    assert!(result.is_ok(), "{result:?}");
}

/// A call of the connecting closure that leaves its connection in an unknown state: another is made, and no reply to
/// the one is taken for that to the other.
#[test]
fn a_connection_that_is_lost_while_it_is_made_is_not_used() {
    let timed_out = Broken(embedded_io::ErrorKind::TimedOut);
    let login = |status: u16| sized(&format!("{{\"statusCode\":{status}}}"));
    let comes =
        [Peer::default().then_fails(timed_out).then(login(202)), Peer::new(login(202)).later().then(login(200))];
    for asynchronous in [false, true] {
        let mut comes = comes.clone().into_iter();
        let (mut cloud, mut waits, mut buffer) = (Cloud::<Peer, 128>::new(0), Waits::default(), [0; 256]);
        let mut connect = |cloud: &mut Cloud<'_, Peer, 128>| {
            cloud.init(comes.next().ok_or(NoPeer)?, http());
            let _ = cloud.call(&request(Method::Post), &mut [0; 256]);
            Ok::<_, NoPeer>(())
        };
        let call = request(Method::Get);
        let reply = if asynchronous {
            block_on(cloud.retrying_async(&mut waits, async |cloud| connect(cloud)).call_async(&call, &mut buffer))
        } else {
            cloud.retrying(&mut waits, connect).call(&call, &mut buffer)
        };
        let Ok(Reply::Response(response)) = reply else { panic!("{reply:?}") };
        assert_eq!((response.status(), &waits.0[..]), (200, &[300][..]));
    }
}

/// A read that is made again after it has failed has its answer: the connection was not closed before the call.
#[test]
fn an_answer_after_an_error_is_an_answer() {
    let timed_out = Broken(embedded_io::ErrorKind::TimedOut);
    let not_yet = sized(NOT_YET).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let mut comes = [Peer::default().then_fails(timed_out).then(not_yet), Peer::new(sized(SUCCESS))].into_iter();
    let (mut cloud, mut waits) = (Cloud::<Peer, 128>::new(0), Waits::default());
    let connect =
        |cloud: &mut Cloud<'_, Peer, 128>| comes.next().ok_or(NoPeer).map(|peer| _ = cloud.init(peer, http()));
    let outcome = cloud.retrying(&mut waits, connect).run(|cloud| {
        let mut reply = cloud.start(&request(Method::Get))?.stream();
        loop {
            match reply.next_event() {
                Err(CallError::NoAnswer(Some(error))) if error == timed_out => {}
                Ok(Some(_)) => {}
                Ok(None) => return Ok(reply.outcome().unwrap()),
                Err(error) => return Err(error),
            }
        }
    });
    assert_eq!((outcome, waits.0), (Ok(Outcome::Response { status: 200 }), vec![300]));
}

/// The advice in the outcome of a stream counts.
#[test]
fn the_outcome_of_a_stream_is_advice() {
    let peer = Peer::new(sized(NOT_YET)).later().then(sized(SUCCESS));
    let (mut cloud, mut waits) = (Cloud::<Peer, 128>::new(0), Waits::default());
    cloud.init(peer, http());
    let outcome = cloud.retrying(&mut waits, |_| Err::<(), _>(NoPeer)).run(|cloud| {
        let mut reply = cloud.start(&request(Method::Post))?.stream();
        while reply.next_event()?.is_some() {}
        Ok::<_, CallError<Broken>>(reply.outcome().unwrap())
    });
    assert_eq!((outcome, waits.0), (Ok(Outcome::Response { status: 200 }), vec![300]));
}

#[test]
fn callbacks_tell_why_there_is_no_connection() {
    let (mut cloud, mut waits, mut told) = (Cloud::<Peer, 128>::new(0), Waits::default(), Vec::new());
    cloud.retrying(&mut waits, |_| Err::<(), _>(NoPeer)).call_then(
        &request(Method::Get),
        &mut [0; 64],
        |_| panic!("there is no connection"),
        |failed: &RetryError<NoPeer, ResponseError<'_, Broken>>| told.push(failed.to_string()),
        |result| assert!(matches!(result, Err(RetryError::Connect(NoPeer)))),
    );
    assert_eq!(told, ["connecting failed with NoPeer"]);
}

/// Blocking and async, the callbacks tell what came of the last attempt, each once.
#[test]
fn callbacks_tell_what_came_of_repetitions() {
    for asynchronous in [false, true] {
        let (mut cloud, mut waits) = (Cloud::<Peer, 128>::new(0), Waits::default());
        let told = std::cell::RefCell::new(Vec::new());
        let connect = |cloud: &mut Cloud<'static, Peer, 128>| {
            cloud.init(Peer::new(sized(NOT_YET)).later().then(sized(SUCCESS)), http());
            Ok::<_, NoPeer>(())
        };
        let (request, mut buffer) = (request(Method::Get), [0; 256]);
        let success =
            |response: &callcontainer::Response<'_>| told.borrow_mut().push(format!("success {}", response.status()));
        let fail = |failed: &RetryError<NoPeer, ResponseError<'_, Broken>>| panic!("{failed}");
        let complete =
            |result: Result<&callcontainer::Response<'_>, &RetryError<NoPeer, ResponseError<'_, Broken>>>| {
                told.borrow_mut().push(format!("complete {}", result.is_ok()));
            };
        if asynchronous {
            let mut retrying = cloud.retrying_async(&mut waits, async |cloud| connect(cloud));
            block_on(retrying.call_then_async(&request, &mut buffer, success, fail, complete));
        } else {
            cloud.retrying(&mut waits, connect).call_then(&request, &mut buffer, success, fail, complete);
        }
        assert_eq!(
            (told.into_inner(), waits.0),
            (vec!["success 200".to_owned(), "complete true".to_owned()], vec![300])
        );
    }
}

/// A peer that notes its deadlines.
struct Timed(Peer, Vec<u32>);

impl embedded_io::ErrorType for Timed {
    type Error = Broken;
}

impl embedded_io::Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        self.0.read(buffer)
    }
}

impl embedded_io::Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        assert!(!self.1.is_empty(), "the deadline is set before the first byte");
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.0.flush()
    }
}

impl callcontainer::client::Deadline for Timed {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.1.push(milliseconds);
    }
}

#[test]
fn each_call_has_its_deadline() {
    let peer = (0..4).fold(Peer::default(), |peer, _| peer.then(sized(SUCCESS)).later());
    let mut cloud = Cloud::<_, 128>::new(0).with_deadlines();
    cloud.init(Timed(peer, Vec::new()), http());
    let call = request(Method::Get);
    cloud.call(&call, &mut [0; 64]).unwrap();
    cloud.call(&call.with_timeout(20), &mut [0; 64]).unwrap();
    let mut reply = cloud.start(&call.with_timeout(30)).unwrap().stream();
    while reply.next_event().unwrap().is_some() {}
    let calls = cloud.retrying(&mut Waits::default(), |_| Ok::<_, Infallible>(())).call(&call, &mut [0; 64]).is_ok();
    assert!(calls);
    assert_eq!(cloud.connection().unwrap().1, [16_000, 1020, 1030, 16_000]);

    // The platform gives a call more time than a gateway.
    let peer = (0..3).fold(Peer::default(), |peer, _| peer.then(sized("{}")).later());
    cloud.init(Timed(peer, Vec::new()), Framing::domain("shop.example").unwrap());
    cloud.call(&call, &mut [0; 256]).unwrap();
    cloud.call(&call.with_timeout(20), &mut [0; 256]).unwrap();
    let mut reply = cloud.start(&call).unwrap().stream();
    while reply.next_event().unwrap().is_some() {}
    assert_eq!(cloud.connection().unwrap().1, [61_000, 1020, 61_000]);
}

/// A gateway that says nothing, or a byte now and then: the deadline is that of the whole call.
#[cfg(feature = "std")]
#[test]
fn a_socket_waits_no_longer_than_the_call() {
    use callcontainer::client::{Deadline as _, StdTcp};
    use std::io::Write;
    use std::time::{Duration, Instant};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut silent = listener.accept().unwrap().0;
        let mut slow = listener.accept().unwrap().0;
        for byte in sized(SUCCESS).bytes() {
            if slow.write_all(&[byte]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(60));
        }
        let _ = silent.write_all(b"late");
    });
    let mut cloud = Cloud::<_, 512>::new(0).with_deadlines();
    let call = request(Method::Get).with_timeout(300);
    for _ in ["silent", "slow"] {
        cloud.init(StdTcp::connect(address, 5000).unwrap(), http());
        let start = Instant::now();
        let error = cloud.call(&call, &mut [0; 256]).unwrap_err();
        assert_eq!(embedded_io::Error::kind(&error), embedded_io::ErrorKind::TimedOut, "{error}");
        assert!(start.elapsed() >= Duration::from_millis(1300));
        assert!(!cloud.is_ready());
    }
    // The deadline is one for what is sent too, to somebody who reads nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut full = StdTcp::connect(listener.local_addr().unwrap(), 5000).unwrap();
    let _unread = listener.accept().unwrap();
    full.set_deadline(300);
    let (told, failed) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let error =
            std::iter::repeat_with(|| embedded_io::Write::write(&mut full, &[0; 1 << 16])).find_map(Result::err);
        told.send(error)
    });
    let error = failed.recv_timeout(Duration::from_secs(60)).expect("it does not wait for ever").unwrap();
    assert_eq!(embedded_io::Error::kind(&error), embedded_io::ErrorKind::TimedOut, "{error}");
    // Nobody is there any more.
    assert!(StdTcp::connect("127.0.0.1:1", 500).is_err());
    assert!(StdTcp::connect("no such name", 500).is_err());
}

/// What refuses a call need not wait for all of it: what it has said counts, and the connection is not used again.
#[test]
fn an_answer_that_comes_before_the_call_is_out_is_taken() {
    let refused = sized(r#"{"errCode":-601034,"errMsg":"no","callID":"7"}"#);
    let page = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!".to_owned();
    let body = "a body that is longer than the window is".repeat(9);
    let call = request(Method::Put).with_data(body.as_str().into());
    for (asynchronous, starts) in [(false, false), (false, true), (true, false), (true, true)] {
        for (answer, expected) in [
            (&refused, Ok(Err(Some(-601_034)))),
            (&page, Err(CallError::Status { status: 413, retry_after: None })),
            (&String::new(), Err(CallError::Write(WriteError { cause: WriteCause::Io(RESET), written: 100 }))),
            // A success of what was not sent is none.
            (&sized(SUCCESS), Err(CallError::Write(WriteError { cause: WriteCause::Io(RESET), written: 100 }))),
            (&page[..20].to_owned(), Err(CallError::Write(WriteError { cause: WriteCause::Io(RESET), written: 100 }))),
        ] {
            let peer = Peer { breaks: Some((100, Some(RESET))), ..Peer::new(answer) }.then_fails(RESET);
            let (mut cloud, mut buffer) = (Cloud::<Peer, 128>::new(0), [0; 256]);
            cloud.init(peer, http());
            let result = match (asynchronous, starts) {
                (true, false) => block_on(cloud.call_async(&call, &mut buffer)),
                (false, false) => cloud.call(&call, &mut buffer),
                (true, true) => block_on(cloud.start(&call).unwrap().receive_async(&mut buffer)),
                (false, true) => cloud.start(&call).unwrap().receive(&mut buffer),
            };
            let result = result.map(|reply| match reply {
                Reply::Response(response) => Ok(response.status()),
                Reply::Failure(failure) => Err(failure.code().map(|code| code.0)),
            });
            assert_eq!(result, expected, "{answer} {asynchronous} {starts}");
            assert!(!cloud.is_ready());
        }
    }
}

#[test]
fn the_ids_of_calls_can_go_on_elsewhere() {
    let mut cloud = Cloud::<Peer, 128>::new(7);
    cloud.init(Peer::new(r#"{"statusCode":200,"callID":"0000000000000007"}"#).then("\n"), Framing::LINE);
    cloud.call(&Request::new("/").with_env("e"), &mut [0; 64]).unwrap();
    assert_eq!(cloud.next_call(), 8);
    cloud.set_next_call(0xABC);
    assert_eq!(cloud.next_call(), 0xABC);
    cloud.init(Peer::new(r#"{"statusCode":200,"callID":"0000000000000abc"}"#).then("\n"), Framing::LINE);
    cloud.call(&Request::new("/").with_env("e"), &mut [0; 64]).unwrap();
}

/// A connection of which it is known whether it has ended, and how often that was asked.
struct Known(Peer, bool, usize);

impl embedded_io::ErrorType for Known {
    type Error = Broken;
}

impl embedded_io::Read for Known {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        self.0.read(buffer)
    }
}

impl embedded_io::Write for Known {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        assert!(!self.1, "nothing is written to what has ended");
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.0.flush()
    }
}

impl embedded_io::ReadReady for Known {
    fn read_ready(&mut self) -> Result<bool, Broken> {
        self.2 += 1;
        if self.1 { Err(RESET) } else { Ok(false) }
    }
}

#[test]
fn a_connection_that_has_been_closed_is_not_written_to() {
    let peer = || Peer::new(sized(SUCCESS)).later().then(sized(SUCCESS));
    let mut cloud = Cloud::<Known, 128>::new(0).with_idle_check();
    cloud.init(Known(peer(), false, 0), http());
    let (call, mut buffer) = (request(Method::Post), [0; 64]);
    cloud.call(&call, &mut buffer).unwrap();
    assert!(cloud.is_ready());
    cloud.connection().unwrap().1 = true;
    assert!(matches!(cloud.call(&call, &mut buffer), Err(CallError::NotReusable)));
    assert!(!cloud.is_ready());
    // It is made anew before anything is sent, so that a `POST` is not lost, and nobody waits.
    let (mut made, mut waits) = (0, Waits::default());
    for _ in 0..3 {
        let reply = cloud
            .retrying(&mut waits, |cloud| {
                made += 1;
                cloud.init(Known(peer(), false, 0), http());
                Ok::<_, NoPeer>(())
            })
            .call(&call, &mut buffer);
        assert!(reply.is_ok());
        cloud.connection().unwrap().1 = true;
    }
    assert_eq!((made, waits.0), (3, vec![]));
    // On a line anything may come at any time, before the first call and behind one that has been answered.
    let line = |id: &str| Known(Peer::new(format!("{SUCCESS}\n").replace('7', id)), false, 0);
    cloud.init(line("7"), Framing::LINE);
    cloud.connection().unwrap().1 = true;
    assert!(cloud.start(&call).is_ok());
    cloud.init(line("8"), Framing::LINE);
    cloud.call(&call.with_call_id("8"), &mut buffer).unwrap();
    cloud.connection().unwrap().1 = true;
    assert!(cloud.start(&call).is_ok() && cloud.is_ready());
}

/// The gateway closes a connection that the connecting closure has used already: it is not taken for a new one.
#[test]
fn a_connection_that_is_closed_while_it_is_made_is_not_used() {
    let mut comes = [sized(r#"{"statusCode":202}"#), sized(r#"{"statusCode":202}"#)].into_iter();
    let (mut cloud, mut waits, mut made) = (Cloud::<Known, 128>::new(0).with_idle_check(), Waits::default(), 0);
    let connect = |cloud: &mut Cloud<'_, Known, 128>| {
        made += 1;
        let peer = Peer::new(comes.next().ok_or(NoPeer)?).later().then(sized(SUCCESS));
        cloud.init(Known(peer, false, 0), http());
        cloud.call(&request(Method::Post), &mut [0; 256]).map_err(|_| NoPeer)?;
        cloud.connection().ok_or(NoPeer)?.1 = made == 1;
        // Whether this can be made is told by the call behind it.
        let _ = cloud.start(&request(Method::Get)).map(drop);
        // What has been seen once is not seen again, such as a reset.
        cloud.connection().ok_or(NoPeer)?.1 = false;
        Ok::<_, NoPeer>(())
    };
    let mut buffer = [0; 256];
    let reply = cloud.retrying(&mut waits, connect).call(&request(Method::Get), &mut buffer);
    assert!(reply.is_ok(), "{reply:?}");
    assert_eq!((made, waits.0), (2, vec![300]));
}

#[cfg(feature = "std")]
#[test]
fn a_socket_knows_whether_it_has_ended() {
    use callcontainer::client::StdTcp;
    use embedded_io::{Read as _, ReadReady as _};
    use std::io::Write as _;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = StdTcp::connect(listener.local_addr().unwrap(), 5000).unwrap();
    let mut other = listener.accept().unwrap().0;
    assert!(!socket.read_ready().unwrap());
    other.write_all(b"x").unwrap();
    while !socket.read_ready().unwrap() {}
    let mut buffer = [0; 8];
    assert_eq!(socket.read(&mut buffer).unwrap(), 1);
    assert!(!socket.read_ready().unwrap());
    drop(other);
    while !socket.read_ready().unwrap() {}
    assert_eq!(socket.read(&mut buffer).unwrap(), 0);
}

/// Asking may be a system call or three.
#[test]
fn each_call_asks_once_whether_its_connection_has_ended() {
    let comes = (0..5).fold(Peer::default(), |peer, _| peer.then(sized(SUCCESS)).later());
    let mut cloud = Cloud::<Known, 128>::new(0).with_idle_check();
    cloud.init(Known(comes, false, 0), http());
    let (call, mut waits) = (request(Method::Get), Waits::default());
    cloud.call(&call, &mut [0; 64]).unwrap();
    let mut calls = cloud.retrying(&mut waits, |_| Err::<(), _>(NoPeer));
    calls.call(&call, &mut [0; 64]).unwrap();
    let twice = |cloud: &mut Cloud<'_, Known, 128>| {
        cloud.call(&call, &mut [0; 64])?;
        cloud.call(&call, &mut [0; 64]).map(|_| ())
    };
    calls.run(twice).unwrap();
    cloud.call(&call, &mut [0; 64]).unwrap();
    assert_eq!(cloud.connection().unwrap().2, 5);
}

/// Whatever it calls.
#[test]
fn a_connection_that_cannot_be_made_is_tried_again_whatever_was_called_for_it() {
    let (mut made, mut waits, mut buffer) = (0, Waits::default(), [0; 64]);
    let mut cloud = Cloud::<Peer, 128>::new(0);
    let connect = |cloud: &mut Cloud<'_, Peer, 128>| {
        made += 1;
        cloud.init((0..3).fold(Peer::default(), |peer, _| peer.then(sized(SUCCESS)).later()), http());
        for method in [Method::Post, Method::Get] {
            cloud.call(&request(method), &mut [0; 64]).map_err(|_| NoPeer)?;
        }
        if made < 3 {
            cloud.take();
            return Err(NoPeer);
        }
        Ok(())
    };
    let result = cloud.retrying(&mut waits, connect).call(&request(Method::Post), &mut buffer).is_ok();
    assert!(result);
    assert_eq!((made, waits.0), (3, vec![300, 300]));
}
