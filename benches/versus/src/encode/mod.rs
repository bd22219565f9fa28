//! Encoding: the sides, a file each, and what they do alike.
//!
//! Each side is given the same parts and writes the same bytes, which is asserted before time is taken. The parts are
//! borrowed; JSON in the body has been validated before, by the side itself, and is written as it stands; bytes are turned
//! into base64 while time is taken, by this crate itself or by the crate base64.

use crate::contest::Contest;
use crate::inputs::{Answer, Body, Call};
use crate::pairs::{Runner, Turns};
use crate::table::OURS;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use callcontainer::{REPLY_LIMIT, Reply, Request, Response};
use std::hint::black_box;

mod model;
mod serde_json;
mod serde_json_core;
mod sonic_rs;

use model::Library;

/// Memory to write into, which is kept from one envelope to the next.
pub struct Buffer {
    /// As long as any envelope, or with room for it.
    bytes: Vec<u8>,
    written: usize,
}

impl Buffer {
    fn new() -> Self {
        Self { bytes: vec![0; REPLY_LIMIT], written: 0 }
    }

    fn envelope(&self) -> &[u8] {
        &self.bytes[..self.written]
    }
}

/// All sides on requests of one input.
pub fn requests(calls: &[Call]) -> Contest<'_> {
    let ours = side(OURS, calls.iter().map(|call| (call, call.body.data())), |(call, data), buffer| {
        let request = Request::new(call.path)
            .with_env(call.env)
            .with_service(call.service)
            .with_method(call.method)
            .with_headers(&call.headers)
            .with_timeout(call.timeout)
            .with_call_id(call.call_id)
            .with_data(*data);
        buffer.written = black_box(request).encode(&mut buffer.bytes).expect("the request is valid").len();
    });
    let others = vec![
        request_side::<serde_json::SerdeJson>(calls),
        request_side::<sonic_rs::SonicRs>(calls),
        request_side::<serde_json_core::SerdeJsonCore>(calls),
    ];
    Contest::new(calls.iter().map(|call| call.envelope.as_slice()).collect(), ours, others)
}

/// All sides on replies of one input.
pub fn replies(answers: &[Answer]) -> Contest<'_> {
    let ours = side(OURS, answers.iter().map(|answer| (answer, answer.body.data())), |(answer, data), buffer| {
        let response = Response::new(answer.status)
            .with_headers(&answer.headers)
            .with_cookies(&answer.cookies)
            .with_call_id(answer.call_id)
            .with_data(*data);
        let reply = Reply::from(black_box(response));
        buffer.written = reply.encode(&mut buffer.bytes).expect("the reply is valid").len();
    });
    let others = vec![
        reply_side::<serde_json::SerdeJson>(answers),
        reply_side::<sonic_rs::SonicRs>(answers),
        reply_side::<serde_json_core::SerdeJsonCore>(answers),
    ];
    Contest::new(answers.iter().map(|answer| answer.envelope.as_slice()).collect(), ours, others)
}

fn request_side<L: Library>(calls: &[Call]) -> Runner<'_> {
    let parts = calls.iter().map(|call| (call, Prepared::<L>::new(&call.body)));
    side(L::NAME, parts, |(call, body), buffer| {
        let (data, native_buffers) = body.members();
        let request = model::Request {
            config: model::Config { env: call.env },
            path: call.path,
            service: call.service,
            method: call.method.as_str(),
            header: model::Headers(&call.headers),
            timeout: call.timeout,
            call_id: call.call_id,
            data,
            native_buffers,
        };
        L::write(&black_box(request), buffer);
    })
}

fn reply_side<L: Library>(answers: &[Answer]) -> Runner<'_> {
    let parts = answers.iter().map(|answer| (answer, Prepared::<L>::new(&answer.body)));
    side(L::NAME, parts, |(answer, body), buffer| {
        let (data, native_buffers) = body.members();
        let reply = model::Reply {
            status_code: answer.status,
            header: model::Headers(&answer.headers),
            cookies: &answer.cookies,
            call_id: answer.call_id,
            data,
            native_buffers,
        };
        L::write(&black_box(reply), buffer);
    })
}

/// What has an envelope.
trait HasEnvelope {
    fn envelope(&self) -> &[u8];
}

impl HasEnvelope for Call {
    fn envelope(&self) -> &[u8] {
        &self.envelope
    }
}

impl HasEnvelope for Answer {
    fn envelope(&self) -> &[u8] {
        &self.envelope
    }
}

/// A side that writes each envelope as it should be.
fn side<'i, E: HasEnvelope + 'i, B: 'i>(
    name: &'static str,
    parts: impl Iterator<Item = (&'i E, B)>,
    mut write: impl FnMut(&mut (&'i E, B), &mut Buffer) + 'i,
) -> Runner<'i> {
    let mut buffer = Buffer::new();
    let mut parts: Vec<(&E, B)> = parts.collect();
    for part in &mut parts {
        write(part, &mut buffer);
        let right = buffer.envelope() == part.0.envelope();
        assert!(right, "{name} writes {}", String::from_utf8_lossy(buffer.envelope()));
    }
    let mut turns = Turns::new(parts);
    Runner {
        side: name,
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |part| {
                write(part, &mut buffer);
                black_box(buffer.envelope());
            })
        }),
    }
}

/// A body as a library takes it.
enum Prepared<'i, L: Library> {
    Text(&'i str),
    Json(L::Json<'i>),
    Bytes { bytes: &'i [u8], base64: Vec<u8> },
}

impl<'i, L: Library> Prepared<'i, L> {
    fn new(body: &'i Body) -> Self {
        match body {
            Body::Text(text) => Self::Text(text),
            Body::Json(json) => Self::Json(L::json(json)),
            Body::Bytes(bytes) => Self::Bytes { bytes, base64: vec![0; bytes.len().div_ceil(3) * 4] },
        }
    }

    /// The members `data` and `__nativeBuffers__`.
    #[inline(always)]
    fn members(&mut self) -> (Option<model::Data<'_, L::Json<'i>>>, Option<[model::NativeBuffer<'_>; 1]>) {
        match self {
            Self::Text(text) => (Some(model::Data::Text(text)), None),
            Self::Json(json) => (Some(model::Data::Json(json)), None),
            Self::Bytes { bytes, base64 } => {
                let length = BASE64_STANDARD.encode_slice(bytes, base64).expect("there is room");
                // The library checks again what is ASCII: it takes a string from nobody but a `str`.
                let base64 = std::str::from_utf8(&base64[..length]).expect("base64 is ASCII");
                (None, Some([model::NativeBuffer { key: "data", base64 }]))
            }
        }
    }
}
