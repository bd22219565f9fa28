//! Decoding a reply that comes in reads of 4 KiB against decoding the same bytes in one slice, both by this crate.

use crate::contest::Contest;
use crate::inputs::{Answer, Body};
use crate::pairs::{Runner, Turns};
use crate::table::OURS;
use callcontainer::stream::{DecodeStep, Event, Field, ReplyDecoder};
use callcontainer::{Data, Reply};
use std::hint::black_box;

/// Bytes of a read, and of the window.
const READ: usize = 4096;

pub fn replies(answers: &[Answer]) -> Contest<'_> {
    let envelopes: Vec<&[u8]> = answers.iter().map(|answer| answer.envelope.as_slice()).collect();
    let mut room = vec![0; envelopes.iter().map(|envelope| envelope.len()).max().unwrap_or(0)];
    for answer in answers {
        let (mut body, mut streamed) = (Vec::new(), Vec::new());
        whole(&answer.envelope, &mut room, |all| body.extend_from_slice(all)).expect("the envelope is valid");
        assert!(!body.is_empty() && is_body(&body, answer), "{}: the slice's body is another", answer.name);
        decode(&answer.envelope, |piece| streamed.extend_from_slice(piece)).expect("the envelope is valid");
        assert!(body == streamed, "{}: the stream's body is another", answer.name);
    }
    let mut turns = Turns::new(envelopes.clone());
    let ours = Runner {
        side: OURS,
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |envelope| {
                let mut length = 0;
                black_box(whole(black_box(*envelope), &mut room, |all| length += all.len()).is_ok());
                black_box(length);
            })
        }),
    };
    let mut turns = Turns::new(envelopes.clone());
    let streamed = Runner {
        side: "callcontainer_stream",
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |envelope| {
                let mut length = 0;
                black_box(decode(black_box(*envelope), |piece| length += piece.len()).is_ok());
                black_box(length);
            })
        }),
    };
    Contest::new(envelopes, ours, vec![streamed])
}

/// Decodes an envelope that is there as a whole and hands over the body: text and JSON as they stand, bytes decoded.
#[inline(always)]
fn whole(envelope: &[u8], room: &mut [u8], mut body: impl FnMut(&[u8])) -> Result<(), callcontainer::Error> {
    if let Reply::Response(response) = Reply::decode(envelope)? {
        match response.data() {
            Data::None => {}
            Data::Text(text) => body(text.as_raw()),
            Data::Json(json) => body(json.as_bytes()),
            Data::Bytes(bytes) => body(black_box(bytes.decode(room)?)),
        }
    }
    Ok(())
}

/// Decodes an envelope in reads and hands over the body as it comes, in the same form.
#[inline(always)]
fn decode(envelope: &[u8], mut body: impl FnMut(&[u8])) -> Result<(), callcontainer::Error> {
    let mut decoder = ReplyDecoder::<READ>::new().with_length(envelope.len());
    let mut rest = envelope;
    loop {
        match decoder.step()? {
            DecodeStep::More => {
                let window = decoder.window();
                let (read, after) = rest.split_at(rest.len().min(window.len()));
                window[..read.len()].copy_from_slice(read);
                decoder.commit(read.len());
                rest = after;
            }
            DecodeStep::Event(Event::Json { json, .. }) => body(json),
            DecodeStep::Event(Event::Text { field: Field::Data, text, .. }) => body(text.as_raw()),
            DecodeStep::Event(Event::Bytes { bytes, .. }) => body(bytes),
            DecodeStep::Event(_) => {}
            DecodeStep::End => return Ok(()),
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
