//! Makes a call over HTTP through a window of 512 bytes: encodes the request, receives the reply whole, and decodes it.

#![no_std]
#![no_main]

use board::{Scratch, Work, bytes, finish, measure, same};
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::embedded_io::{ErrorType, Read, Write};
use callcontainer::{Json, Method, Reply, Request};
use core::convert::Infallible;
use images::{is, is_some};

/// The longest read and write, as of a network chip.
const PIECE: usize = 64;

#[unsafe(link_section = ".scratch")]
static SENT: Scratch<1024> = Scratch::new();
#[unsafe(link_section = ".scratch")]
static REPLY: Scratch<{ 96 * 1024 }> = Scratch::new();

/// Gives the answer at hand, and keeps what is sent.
struct Connection {
    answer: &'static [u8],
    sent: &'static mut [u8],
    sent_len: usize,
}

impl ErrorType for Connection {
    type Error = Infallible;
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let size = buffer.len().min(PIECE).min(self.answer.len());
        if let (Some((piece, rest)), Some(room)) = (self.answer.split_at_checked(size), buffer.get_mut(..size)) {
            room.copy_from_slice(piece);
            self.answer = rest;
        }
        Ok(size)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        if let Some(room) = self.sent.get_mut(self.sent_len..).and_then(|rest| rest.get_mut(..piece.len())) {
            room.copy_from_slice(piece);
            self.sent_len = self.sent_len.wrapping_add(piece.len());
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

struct Made {
    reply: Result<Reply<'static>, CallError<Infallible>>,
    sent: &'static [u8],
    is_ready: bool,
}

fn call(answer: &'static [u8]) -> Option<Made> {
    // SAFETY: what was taken before has been looked at.
    let (sent, buffer) = unsafe { (SENT.take(), REPLY.take()) };
    let mut cloud = Cloud::<_, 512>::new(0);
    let framing = Framing::http("gateway.local", Some("s3cret")).ok()?;
    cloud.init(Connection { answer, sent, sent_len: 0 }, framing);
    let call = Request::new("/api/orders?page=2")
        .with_env("prod-01")
        .with_service("shop")
        .with_method(Method::Post)
        .with_headers(&[("content-type", "application/json"), ("X-Trace", "7f2c")])
        .with_timeout(5000)
        .with_call_id("1700000000000-0.25")
        .with_data(Json::new(r#"{"id":7,"name":"two apples","paid":true}"#).ok()?.into());
    let reply = cloud.call(&call, buffer);
    let is_ready = cloud.is_ready();
    let Connection { sent, sent_len, .. } = cloud.take()?;
    Some(Made { reply, sent: sent.get(..sent_len)?, is_ready })
}

#[unsafe(link_section = ".check")]
fn is_right(made: &Option<Made>, answer: &'static [u8]) -> bool {
    let Some(Made { reply: Ok(Reply::Response(response)), sent, is_ready }) = made else { return false };
    let small = same(answer, images::small_http_reply());
    let envelope = if small { images::small_reply() } else { images::large_reply() };
    (response.status() == 200)
        & response
            .headers()
            .iter()
            .nth(1)
            .is_some_and(|(name, value)| is(name, bytes!(b"x-request-id")) & is(value, bytes!(b"b7")))
        & is_some(response.call_id(), bytes!(b"1700000000000-0.25"))
        & images::is_json(response.data(), envelope, images::REPLY_HEAD)
        & same(sent, images::client_sends())
        & *is_ready
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: call, is_right, small: images::small_http_reply(), large: images::large_http_reply() }))
}
