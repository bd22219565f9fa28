//! Whatever a peer sends, in whatever pieces, a call ends in one result: the same blocking and async, collected and
//! streamed, and that of a model which looks at all that was sent at once.
//!
//! Over HTTP the model is that of the answers of containers; on a line it is the first whole line that is a reply with
//! the `callID` of the call, and has a check where there are checks. What a service sends, with no gateway in between, is
//! the business of the [doors](doors).

use crate::container::read;
use crate::cuts::Cuts;
use crate::doors;
use arbitrary::Arbitrary;
use callcontainer::client::{Call, CallError, Cloud, Framing, HEAD_LIMIT, HttpError};
use callcontainer::line::{Check, Line};
use callcontainer::{Reply, Request, embedded_io, embedded_io_async};
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) const CALL_ID: &str = "17-0.5";
/// The smallest window.
const WINDOW: usize = 64;

/// Who is called, and what comes of it.
#[derive(Arbitrary, Debug)]
pub enum Input<'a> {
    Gateway(Sent<'a>),
    Service(doors::Exchange<'a>),
}

impl Input<'_> {
    pub fn check(&self) {
        match self {
            Self::Gateway(sent) => sent.check(),
            Self::Service(exchange) => exchange.check(),
        }
    }
}

/// What is around what a gateway sends, and how it comes.
#[derive(Arbitrary, Debug)]
pub struct Sent<'a> {
    how: u8,
    cuts: u32,
    sent: &'a [u8],
}

/// What comes of a call: the reply, written again.
type Came = Result<Vec<u8>, CallError<Infallible>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Blocking,
    Async,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    Http,
    Line,
    CheckedLine,
}

impl Wire {
    fn is_line(self) -> bool {
        self != Self::Http
    }
}

impl Sent<'_> {
    fn check(&self) {
        let wire = match self.how & 17 {
            1 => Wire::Line,
            17 => Wire::CheckedLine,
            _ => Wire::Http,
        };
        let sent = self.frame(wire);
        let whole = collected(&sent, wire, Cuts::WHOLE, Style::Blocking);
        for (cuts, style) in [
            (Cuts::BYTES, Style::Blocking),
            (Cuts::new(self.cuts), Style::Blocking),
            (Cuts::new(self.cuts), Style::Async),
        ] {
            assert_eq!(collected(&sent, wire, cuts, style), whole, "{style:?}: {}", sent.escape_ascii());
        }
        for (cuts, style) in
            [(Cuts::WHOLE, Style::Blocking), (Cuts::BYTES, Style::Async), (Cuts::new(self.cuts), Style::Blocking)]
        {
            let streams = streamed(&sent, wire, cuts, style);
            assert_eq!(streams, whole.is_ok(), "{style:?}: {}", sent.escape_ascii());
        }
        let expected = if wire.is_line() { on_a_line(&sent, wire) } else { over_http(&sent) };
        match (&whole, expected) {
            (Ok(envelope), Some(expected)) => assert_eq!(envelope, &expected, "{}", sent.escape_ascii()),
            (Err(_), None) => {}
            (Err(CallError::Http(HttpError::HeadTooLong)), Some(_)) if sent.len() > HEAD_LIMIT => {}
            (_, expected) => panic!("{whole:?} instead of {expected:?}: {}", sent.escape_ascii()),
        }
    }

    /// What is sent, inside something that leads further than bytes of any kind would.
    fn frame(&self, wire: Wire) -> Vec<u8> {
        let reply = match self.how >> 1 & 3 {
            0 => return self.sent.to_vec(),
            1 => self.sent.to_vec(),
            2 => [br#"{"statusCode":200,"callID":"17-0.5","data":"#, self.sent, b"}"].concat(),
            _ => [br#"{"callID":""#, self.sent, br#"","statusCode":404}"#].concat(),
        };
        if wire.is_line() {
            let noise: &[u8] = if self.how & 8 == 8 { b"\r\n{}\n" } else { b"" };
            let check = Check::of(&reply).trailer();
            let check = if wire == Wire::CheckedLine { &check[..] } else { b"" };
            return [noise, &reply, check, b"\n"].concat();
        }
        if self.how & 8 == 8 {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len());
            return [head.as_bytes(), &reply].concat();
        }
        let mut framed =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in reply.chunks(1 + usize::from(self.how >> 4)) {
            framed.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            framed.extend_from_slice(chunk);
            framed.extend_from_slice(b"\r\n");
        }
        framed.extend_from_slice(b"0\r\n\r\n");
        framed
    }
}

/// The `callID` that a reply has as a member.
fn member(envelope: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(envelope).ok()?;
    value.get("callID").and_then(|id| id.as_str()).map(str::to_owned)
}

/// A valid reply, written again.
fn written(envelope: &[u8]) -> Option<Vec<u8>> {
    let reply = Reply::decode(envelope).ok()?;
    Some(again(&reply))
}

pub(crate) fn again(reply: &Reply<'_>) -> Vec<u8> {
    // It cannot be encoded where it grows beyond its limit, which nothing here is near to.
    let mut buffer = vec![0; reply.encoded_len().unwrap()];
    reply.encode(&mut buffer).unwrap().to_vec()
}

fn over_http(sent: &[u8]) -> Option<Vec<u8>> {
    // A line has four bytes at least.
    let (_, (), body, _) = read(sent, false, HEAD_LIMIT / 4, |_| Some(()))?;
    let envelope = written(&body)?;
    member(&body).is_none_or(|id| id == CALL_ID).then_some(envelope)
}

fn on_a_line(sent: &[u8], wire: Wire) -> Option<Vec<u8>> {
    let end = sent.iter().rposition(|byte| *byte == b'\n')?;
    sent[..end].split(|byte| *byte == b'\n').find_map(|line| {
        let line = if wire == Wire::CheckedLine { Line::new(line).checked_envelope().ok()? } else { line };
        let envelope = written(line)?;
        (member(line)? == CALL_ID).then_some(envelope)
    })
}

/// Begins a call to a peer, and hands it on.
fn call<T>(sent: &[u8], wire: Wire, cuts: Cuts, with: impl FnOnce(Call<'_, Peer<'_>>) -> T) -> T {
    let framing = match wire {
        Wire::Http => Framing::http("gateway", None).unwrap(),
        Wire::Line => Framing::LINE,
        Wire::CheckedLine => Framing::CHECKED_LINE,
    };
    let mut cloud = Cloud::<_, WINDOW>::new(0);
    cloud.init(Peer::new(sent, cuts), framing);
    let request = Request::new("/").with_env("e").with_call_id(CALL_ID);
    let came = with(cloud.start(&request).unwrap());
    let is_ready = cloud.is_ready();
    let has_ended = cloud.take().unwrap().has_ended;
    // A line is ready until it ends.
    assert!(if wire.is_line() { is_ready != has_ended } else { !(is_ready && has_ended) });
    came
}

fn collected(sent: &[u8], wire: Wire, cuts: Cuts, style: Style) -> Came {
    let mut buffer = vec![0xAA; sent.len() + 1];
    call(sent, wire, cuts, |call| {
        let reply = match style {
            Style::Blocking => call.receive(&mut buffer)?,
            Style::Async => block_on(call.receive_async(&mut buffer))?,
        };
        Ok(again(&reply))
    })
}

/// Whether a reply comes to a good end, piece by piece.
fn streamed(sent: &[u8], wire: Wire, cuts: Cuts, style: Style) -> bool {
    call(sent, wire, cuts, |call| {
        let mut stream = call.stream();
        loop {
            let event = match style {
                Style::Blocking => stream.next_event(),
                Style::Async => block_on(stream.next_event_async()),
            };
            match event {
                Ok(Some(_)) => {}
                Ok(None) => return stream.outcome().is_some(),
                // The reply may be on the next line.
                Err(CallError::ForeignReply | CallError::Reply(_)) if wire.is_line() => {}
                Err(_) => return false,
            }
        }
    })
}

/// Sends what it has, and takes whatever it is sent.
pub(crate) struct Peer<'a> {
    rest: &'a [u8],
    cuts: Cuts,
    /// It was asked for more than it has.
    has_ended: bool,
    /// What it has been sent.
    written: Vec<u8>,
}

impl<'a> Peer<'a> {
    pub(crate) const fn new(rest: &'a [u8], cuts: Cuts) -> Self {
        Self { rest, cuts, has_ended: false, written: Vec::new() }
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// How much of what it sends has not been taken.
    pub(crate) const fn unread(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn into_written(self) -> Vec<u8> {
        self.written
    }
}

impl embedded_io::ErrorType for Peer<'_> {
    type Error = Infallible;
}

impl embedded_io::Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buffer.is_empty(), "a read into nothing");
        let available = buffer.len().min(self.rest.len());
        let count = if available == 0 { 0 } else { self.cuts.take(available) };
        self.has_ended |= count == 0;
        let (piece, rest) = self.rest.split_at(count);
        buffer[..count].copy_from_slice(piece);
        self.rest = rest;
        Ok(count)
    }
}

impl embedded_io::Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let count = self.cuts.take(bytes.len());
        self.written.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Peer<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        wait().await;
        embedded_io::Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Peer<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        wait().await;
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Is ready the second time.
async fn wait() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}
