//! Reads a reply envelope through a window of 512 bytes, and keeps its body: the connection gives 64 bytes at a time.

#![no_std]
#![no_main]

use board::{Scratch, Work, bytes, finish, measure, same};
use callcontainer::embedded_io::{ErrorType, Read};
use callcontainer::stream::{Event, Field, Outcome, ReadError, ReplyDecoder};
use core::convert::Infallible;

/// The longest read, as of a serial port that is looked at now and then.
const READ: usize = 64;

/// The body goes where a firmware would have its flash or its display.
#[unsafe(link_section = ".scratch")]
static BODY: Scratch<{ 96 * 1024 }> = Scratch::new();

/// A few texts of the reply that a firmware may want to keep.
#[derive(Default)]
struct Kept {
    request_id: [u8; 8],
    request_id_len: usize,
    call_id: [u8; 24],
    call_id_len: usize,
}

struct Received {
    outcome: Option<Outcome>,
    kept: Kept,
    texts: u32,
    body: &'static [u8],
}

struct Connection(&'static [u8]);

impl ErrorType for Connection {
    type Error = Infallible;
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let size = buffer.len().min(READ).min(self.0.len());
        if let (Some((piece, rest)), Some(room)) = (self.0.split_at_checked(size), buffer.get_mut(..size)) {
            room.copy_from_slice(piece);
            self.0 = rest;
        }
        Ok(size)
    }
}

/// Puts a piece behind what is in a buffer already.
fn append(buffer: &mut [u8], len: &mut usize, piece: &[u8]) {
    if let Some(room) = buffer.get_mut(*len..).and_then(|rest| rest.get_mut(..piece.len())) {
        room.copy_from_slice(piece);
        *len = len.wrapping_add(piece.len());
    }
}

fn receive(envelope: &'static [u8]) -> Result<Received, ReadError<Infallible>> {
    // SAFETY: what was taken before has been looked at.
    let buffer = unsafe { BODY.take() };
    let mut connection = Connection(envelope);
    let mut decoder = ReplyDecoder::<512>::new().with_length(envelope.len());
    let (mut kept, mut texts, mut len) = (Kept::default(), 0_u32, 0);
    let mut is_request_id = false;
    while let Some(event) = decoder.next(&mut connection)? {
        match event {
            Event::Json { json, .. } => append(buffer, &mut len, json),
            Event::Text { field, text, .. } => {
                texts = texts.wrapping_add(1);
                let raw = text.as_raw().as_ref();
                match field {
                    Field::HeaderName => is_request_id = text == *"x-request-id",
                    Field::HeaderValue if is_request_id => append(&mut kept.request_id, &mut kept.request_id_len, raw),
                    Field::CallId => append(&mut kept.call_id, &mut kept.call_id_len, raw),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let body = buffer.get(..len).unwrap_or_default();
    Ok(Received { outcome: decoder.outcome(), kept, texts, body })
}

#[unsafe(link_section = ".check")]
fn is_right(received: &Result<Received, ReadError<Infallible>>, envelope: &'static [u8]) -> bool {
    let Ok(Received { outcome, kept, texts, body }) = received else { return false };
    let expected = envelope.get(images::REPLY_HEAD..envelope.len().wrapping_sub(1));
    (*outcome == Some(Outcome::Response { status: 200 }))
        & kept.request_id.get(..kept.request_id_len).is_some_and(|id| same(id, bytes!(b"b7")))
        & kept.call_id.get(..kept.call_id_len).is_some_and(|id| same(id, bytes!(b"1700000000000-0.25")))
        // Two headers, a cookie, the call ID and the message.
        & (*texts == 7)
        & expected.is_some_and(|expected| same(body, expected))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: receive, is_right, small: images::small_reply(), large: images::large_reply() }))
}
