//! Decoding a reply that comes in reads of 4 KiB against decoding the same bytes in one slice, both by this crate.

use crate::contest::Contest;
use crate::inputs::{Answer, Body};
use crate::pairs::{Runner, time_each};
use crate::table::OURS;
use callcontainer::Reply;
use callcontainer::stream::{Event, Field, Next, ReplyDecoder};
use std::hint::black_box;

/// Bytes of a read, and of the window.
const READ: usize = 4096;

pub fn replies(answer: &Answer) -> Contest<'_> {
    let envelope = answer.envelope.as_slice();
    let ours = Runner {
        side: OURS,
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            time_each(times, || {
                black_box(Reply::decode(black_box(envelope)).is_ok());
            })
        }),
    };
    let mut body = Vec::new();
    decode(envelope, |piece| body.extend_from_slice(piece)).expect("the envelope is valid");
    assert!(!body.is_empty() && is_body(&body, answer), "{}: the stream's body is another", answer.name);
    let streamed = Runner {
        side: "callcontainer_stream",
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            time_each(times, || {
                let mut length = 0;
                black_box(decode(black_box(envelope), |piece| length += piece.len()).is_ok());
                black_box(length);
            })
        }),
    };
    Contest::new(envelope, ours, vec![streamed])
}

/// Decodes an envelope in reads and hands over the body as it comes: text and JSON as they stand, bytes decoded.
#[inline(always)]
fn decode(envelope: &[u8], mut body: impl FnMut(&[u8])) -> Result<(), callcontainer::Error> {
    let mut decoder = ReplyDecoder::<READ>::new().with_length(envelope.len());
    let mut rest = envelope;
    loop {
        match decoder.step()? {
            Next::More => {
                let window = decoder.window();
                let (read, after) = rest.split_at(rest.len().min(window.len()));
                window[..read.len()].copy_from_slice(read);
                decoder.commit(read.len());
                rest = after;
            }
            Next::Event(Event::Json { json, .. }) => body(json),
            Next::Event(Event::Text { field: Field::Data, text, .. }) => body(text.as_raw()),
            Next::Event(Event::Bytes { bytes, .. }) => body(bytes),
            Next::Event(_) => {}
            Next::End => return Ok(()),
        }
    }
}

/// Whether a body that came in pieces is the answer's.
fn is_body(body: &[u8], answer: &Answer) -> bool {
    match &answer.body {
        Body::Json(json) => body == json.as_bytes(),
        Body::Bytes(bytes) => body == bytes,
        Body::Text(text) => {
            let quoted = [b"\"".as_slice(), body, b"\""].concat();
            serde_json::from_slice::<String>(&quoted).is_ok_and(|body| body == *text)
        }
    }
}
