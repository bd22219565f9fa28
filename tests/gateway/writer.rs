//! HTTP requests on their way to a writer that is slow, full, broken or interrupted.

use super::check::{ENV, encoded, permission};
use callcontainer::embedded_io::{Error, ErrorKind, ErrorType, Write};
use callcontainer::gateway::{HttpRequest, Relation};
use callcontainer::stream::{WriteCause, WriteError};
use callcontainer::{Method, Request, embedded_io_async};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Does as it is told, one answer for each write, the last one for all that follow.
struct Writer {
    answers: Vec<Answer>,
    taken: Vec<u8>,
    flushed: usize,
}

#[derive(Clone, Copy)]
enum Answer {
    Take(usize),
    Fail(ErrorKind),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken(ErrorKind);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Broken {}

impl Error for Broken {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

impl ErrorType for Writer {
    type Error = Broken;
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let answer = if self.answers.len() > 1 { self.answers.remove(0) } else { self.answers[0] };
        match answer {
            Answer::Take(most) => {
                let taken = most.min(bytes.len());
                self.taken.extend_from_slice(&bytes[..taken]);
                Ok(taken)
            }
            Answer::Fail(kind) => Err(Broken(kind)),
        }
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.flushed += 1;
        Ok(())
    }
}

impl embedded_io_async::Write for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        Write::flush(self)
    }
}

fn writer(answers: &[Answer]) -> Writer {
    Writer { answers: answers.to_vec(), taken: Vec::new(), flushed: 0 }
}

/// What a future gives that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

/// Runs `check` with a request whose parts are all longer than the window: target, headers and body.
fn with_long_request(check: impl FnOnce(&HttpRequest<'_>, Vec<u8>)) {
    let (path, value, body) = (format!("/{}?q=名", "a".repeat(300)), "v".repeat(200), vec![0xA5; 1000]);
    let headers = [("x-long", value.as_str())];
    let request = Request::new(&path).with_env(ENV.id).with_method(Method::Post).with_headers(&headers);
    let request = request.with_data(body.as_slice().into());
    let permission = permission(Relation::Public);
    let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
    check(&http, encoded(&http));
}

#[test]
fn a_writer_may_be_slow_and_interrupted() {
    with_long_request(|http, expected| {
        let answers = [Answer::Take(1), Answer::Fail(ErrorKind::Interrupted), Answer::Take(3)];
        let (mut blocking, mut asynchronous) = (writer(&answers), writer(&answers));
        http.encoder::<64>().write_to(&mut blocking).unwrap();
        now(http.encoder::<64>().write_to_async(&mut asynchronous)).unwrap();
        for writer in [blocking, asynchronous] {
            assert_eq!((writer.taken, writer.flushed), (expected.clone(), 1));
        }
    });
}

#[test]
fn a_writer_that_fails_is_gone_on_with() {
    with_long_request(|http, expected| {
        let cases = [
            (Answer::Fail(ErrorKind::BrokenPipe), WriteCause::Io(Broken(ErrorKind::BrokenPipe))),
            (Answer::Take(0), WriteCause::WriteZero),
        ];
        for (answer, cause) in cases {
            for before in [0, 1, 63, 64, 65, expected.len() - 1] {
                let mut answers = vec![Answer::Take(1); before];
                answers.extend([answer, Answer::Take(usize::MAX)]);
                let mut encoder = http.encoder::<64>();
                let mut blocking = writer(&answers);
                let error = encoder.write_to(&mut blocking).unwrap_err();
                assert_eq!((error.cause, error.written), (cause, before));
                encoder.write_to(&mut blocking).unwrap();
                assert_eq!((blocking.taken, blocking.flushed), (expected.clone(), 1));

                let mut encoder = http.encoder::<64>();
                let mut asynchronous = writer(&answers);
                let error = now(encoder.write_to_async(&mut asynchronous)).unwrap_err();
                assert_eq!((error.cause, error.written), (cause, before));
                now(encoder.write_to_async(&mut asynchronous)).unwrap();
                assert_eq!((asynchronous.taken, asynchronous.flushed), (expected.clone(), 1));
            }
        }
    });
}

#[test]
fn what_has_failed_is_said() {
    let said = |cause: WriteCause<u8, char>| WriteError { cause, written: 7 }.to_string();
    assert_eq!(said(WriteCause::Io(5)), "the writer failed with 5 after 7 bytes");
    assert_eq!(said(WriteCause::WriteZero), "the writer takes nothing more after 7 bytes");
    assert_eq!(said(WriteCause::Body('x')), "the reader of the body failed with 'x' after 7 bytes");
    let error = callcontainer::Json::new("1 2").unwrap_err();
    assert_eq!(said(WriteCause::Envelope(error)), format!("in the body, {error} after 7 bytes"));
}
