//! Encoding: the sides, a file each, and what they do alike.
//!
//! Each side is given the same parts and writes the same bytes, which is asserted before time is taken. The parts are
//! borrowed; JSON in the body has been validated before, by the side itself, and is written as it stands; bytes are turned
//! into base64 while time is taken, by this crate itself or by the crate base64.

use crate::contest::Contest;
use crate::inputs::{Answer, Body, Call};
use crate::pairs::{Runner, time_each};
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

/// All sides on a request.
pub fn requests(call: &Call) -> Contest<'_> {
    let data = call.body.data();
    let ours = side(OURS, &call.envelope, move |buffer| {
        let request = Request::new(call.path)
            .with_env(call.env)
            .with_service(call.service)
            .with_method(call.method)
            .with_headers(&call.headers)
            .with_timeout(call.timeout)
            .with_call_id(call.call_id)
            .with_data(data);
        buffer.written = black_box(request).encode(&mut buffer.bytes).expect("the request is valid").len();
    });
    let others = vec![
        request_side::<serde_json::SerdeJson>(call),
        request_side::<sonic_rs::SonicRs>(call),
        request_side::<serde_json_core::SerdeJsonCore>(call),
    ];
    Contest::new(&call.envelope, ours, others)
}

/// All sides on a reply.
pub fn replies(answer: &Answer) -> Contest<'_> {
    let data = answer.body.data();
    let ours = side(OURS, &answer.envelope, move |buffer| {
        let response = Response::new(answer.status)
            .with_headers(&answer.headers)
            .with_cookies(&answer.cookies)
            .with_call_id(answer.call_id)
            .with_data(data);
        let reply = Reply::from(black_box(response));
        buffer.written = reply.encode(&mut buffer.bytes).expect("the reply is valid").len();
    });
    let others = vec![
        reply_side::<serde_json::SerdeJson>(answer),
        reply_side::<sonic_rs::SonicRs>(answer),
        reply_side::<serde_json_core::SerdeJsonCore>(answer),
    ];
    Contest::new(&answer.envelope, ours, others)
}

fn request_side<L: Library>(call: &Call) -> Runner<'_> {
    let mut body = Prepared::<L>::new(&call.body);
    side(L::NAME, &call.envelope, move |buffer| {
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

fn reply_side<L: Library>(answer: &Answer) -> Runner<'_> {
    let mut body = Prepared::<L>::new(&answer.body);
    side(L::NAME, &answer.envelope, move |buffer| {
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

/// A side that writes the envelope as it should be.
fn side<'i>(name: &'static str, envelope: &[u8], mut write: impl FnMut(&mut Buffer) + 'i) -> Runner<'i> {
    let mut buffer = Buffer::new();
    write(&mut buffer);
    assert!(buffer.envelope() == envelope, "{name} writes {}", String::from_utf8_lossy(buffer.envelope()));
    Runner {
        side: name,
        leaves_out: "-".to_owned(),
        time: Box::new(move |times| {
            time_each(times, || {
                write(&mut buffer);
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
