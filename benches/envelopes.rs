//! What the codec, the gateway and the stream decoder cost on the envelopes of `inputs`, a group for each of the ways.
//!
//! `cargo bench` measures all; `cargo bench -- decode_request` one group, `cargo bench -- --test` runs each once.

#[allow(dead_code, reason = "`versus` measures more")]
mod inputs;
mod times;

use callcontainer::gateway::{Caller, Env, HttpRequest, Permission, Relation};
use callcontainer::stream::{DecodeStep, Event, Field, ReplyDecoder};
use callcontainer::{Data, Error, REPLY_LIMIT, Reply, Request};
use criterion::{Criterion, criterion_group, criterion_main};
use inputs::{answers, calls};
use std::hint::black_box;
use times::{Times, criterion};

fn decode_request(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "decode_request");
    for call in calls() {
        times.measure(call.name, call.envelope.len(), || Request::decode(black_box(&call.envelope)).is_ok());
    }
}

fn decode_reply(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "decode_reply");
    for answer in answers() {
        times.measure(answer.name, answer.envelope.len(), || Reply::decode(black_box(&answer.envelope)).is_ok());
    }
}

fn encode_request(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "encode_request");
    let mut buffer = vec![0; REPLY_LIMIT];
    for call in calls() {
        let request = call.request();
        times.measure(call.name, call.envelope.len(), || black_box(&request).encode(&mut buffer).is_ok());
    }
}

fn encode_reply(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "encode_reply");
    let mut buffer = vec![0; REPLY_LIMIT];
    for answer in answers() {
        let reply = answer.reply();
        times.measure(answer.name, answer.envelope.len(), || black_box(&reply).encode(&mut buffer).is_ok());
    }
}

/// Of a decoded reply, as a gateway passes one on: what needs escapes has them, and keeps those that it needs.
fn recode_reply(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "recode_reply");
    let mut buffer = vec![0; REPLY_LIMIT];
    for answer in answers() {
        let reply = Reply::decode(&answer.envelope).expect("the envelope is valid");
        times.measure(answer.name, answer.envelope.len(), || black_box(&reply).encode(&mut buffer).is_ok());
    }
}

/// From the decoded request to the HTTP request that the service receives.
fn http_request(criterion: &mut Criterion) {
    let env = Env::new("prod-01-7gkz3l", "wx9c1f", &["shop"]);
    let permission = Permission::new(&env, "shop", Relation::Own);
    let caller = Caller::new("wx9c1f", "oABCD-1234567890", "wx_client")
        .with_unionid("o6_bmasdasdsad6_2sgVt7hMZOPfL")
        .with_address("203.0.113.7");
    let mut times = Times::new(criterion, "http_request");
    let mut buffer = vec![0; REPLY_LIMIT];
    for call in calls() {
        let request = Request::decode(&call.envelope).expect("the envelope is valid");
        times.measure(call.name, call.envelope.len(), || {
            let http = HttpRequest::new(black_box(&request), &permission, Some(&caller), "shop.internal");
            http.is_ok_and(|http| http.encode(&mut buffer).is_ok())
        });
    }
}

/// The stream decoder, in reads as large as its window, beside the slice decoder on the same bytes. All hand over the
/// body: text and JSON as they stand, bytes decoded.
fn stream_reply(criterion: &mut Criterion) {
    let mut room = vec![0; REPLY_LIMIT];
    for answer in answers() {
        let mut times = Times::new(criterion, &format!("stream_reply/{}", answer.name));
        let (envelope, length) = (&answer.envelope, answer.envelope.len());
        let body = slice(envelope, &mut room);
        assert!(body.is_ok_and(|length| length > 0), "{}: no body", answer.name);
        times.measure("slice", length, || slice(black_box(envelope), &mut room) == body);
        times.measure("reads_of_4096", length, || stream::<4096>(black_box(envelope)) == body);
        times.measure("reads_of_512", length, || stream::<512>(black_box(envelope)) == body);
    }
}

/// Decodes a reply that is there as a whole, and says how long its body is.
fn slice(envelope: &[u8], room: &mut [u8]) -> Result<usize, Error> {
    let Reply::Response(response) = Reply::decode(envelope)? else { return Ok(0) };
    Ok(match response.data() {
        Data::None => 0,
        Data::Text(text) => text.as_raw().len(),
        Data::Json(json) => json.as_bytes().len(),
        Data::Bytes(bytes) => black_box(bytes.decode(room)?).len(),
    })
}

/// Decodes a reply that comes in reads of this many bytes, and says how long its body is.
fn stream<const READ: usize>(envelope: &[u8]) -> Result<usize, Error> {
    let mut decoder = ReplyDecoder::<READ>::new().with_length(envelope.len());
    let mut rest = envelope;
    let mut body = 0;
    loop {
        match decoder.step()? {
            DecodeStep::More => {
                let window = decoder.window();
                let (read, after) = rest.split_at(rest.len().min(window.len()));
                window[..read.len()].copy_from_slice(read);
                decoder.commit(read.len());
                rest = after;
            }
            DecodeStep::Event(Event::Json { json, .. }) => body += json.len(),
            DecodeStep::Event(Event::Text { field: Field::Data, text, .. }) => body += text.as_raw().len(),
            DecodeStep::Event(Event::Bytes { bytes, .. }) => body += bytes.len(),
            DecodeStep::Event(_) => {}
            DecodeStep::End => return Ok(body),
        }
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = decode_request, decode_reply, encode_request, encode_reply,
    recode_reply, http_request, stream_reply
}
criterion_main!(benches);
