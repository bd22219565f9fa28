//! simd-json: its tape, over a copy that it may write into.
//!
//! The library unescapes in place, so each time it needs the envelope anew. The copies are made outside the time taken:
//! as many as stay in the first cache, so that they are nearer than what the other sides read; of a large envelope one.
//! They have the padding that lets the library read them where they are.

use super::fields::{Field, Take, Touch};
use super::key::Key;
use super::{Decode, Kind};
use crate::pairs::Turns;
use serde_json::Value as Json;
use simd_json::prelude::*;
use simd_json::tape::Value;
use simd_json::{Buffers, INPUT_PADDING, Tape};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Bytes of copies that are prepared at a time, unless one is larger.
const CACHE: usize = 16 * 1024;

pub struct SimdJson {
    buffers: Buffers,
    tape: Tape<'static>,
}

impl Default for SimdJson {
    fn default() -> Self {
        Self { buffers: Buffers::default(), tape: Tape::null() }
    }
}

impl Decode for SimdJson {
    const NAME: &'static str = "simd_json";

    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Request, &mut padded(envelope), take)
    }

    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Reply, &mut padded(envelope), take)
    }

    fn ready(envelope: &[u8]) -> Vec<u8> {
        padded(envelope)
    }

    fn time(&mut self, kind: Kind, envelopes: &mut Turns<Vec<u8>>, times: u32) -> Duration {
        let copies = (CACHE / envelopes.next().len()).max(1);
        let mut room = vec![Vec::new(); copies];
        let mut time = Duration::ZERO;
        let mut left = times as usize;
        while left > 0 {
            for copy in &mut room {
                copy.clone_from(envelopes.next());
            }
            let start = Instant::now();
            for copy in room.iter_mut().take(left) {
                let mut touch = Touch::default();
                let valid = self.parse(kind, black_box(copy), &mut touch);
                black_box((touch.sum(), valid));
            }
            time += start.elapsed();
            left = left.saturating_sub(copies);
        }
        time
    }
}

fn padded(envelope: &[u8]) -> Vec<u8> {
    let mut copy = envelope.to_vec();
    copy.resize(envelope.len() + INPUT_PADDING, 0);
    copy
}

impl SimdJson {
    #[inline(always)]
    fn parse(&mut self, kind: Kind, padded: &mut [u8], take: &mut impl Take) -> Option<()> {
        let length = padded.len() - INPUT_PADDING;
        let mut tape = std::mem::replace(&mut self.tape, Tape::null()).reset();
        let parsed = simd_json::fill_tape_padded(padded, length, &mut self.buffers, &mut tape);
        let result = parsed.ok().and_then(|()| envelope(kind, tape.as_value(), take));
        self.tape = tape.reset();
        result
    }
}

#[inline(always)]
fn envelope(kind: Kind, value: Value<'_, '_>, take: &mut impl Take) -> Option<()> {
    let lookup = match kind {
        Kind::Request => Key::of_request,
        Kind::Reply => Key::of_reply,
    };
    for (key, value) in &value.as_object()? {
        match lookup(key) {
            Key::Text(field) => take.text(field, value.as_str()?.as_bytes()),
            Key::Number(field) => take.number(field, value.as_i64()?),
            Key::Config => {
                for (key, value) in &value.as_object()? {
                    if key == "env" {
                        take.text(Field::Env, value.as_str()?.as_bytes());
                    }
                }
            }
            Key::Header => {
                for (name, value) in &value.as_object()? {
                    take.header(name.as_bytes(), value.as_str()?.as_bytes());
                }
            }
            Key::Cookies => {
                for cookie in &value.as_array()? {
                    take.cookie(cookie.as_str()?.as_bytes());
                }
            }
            Key::Data => take.parsed_body(|| json(value)),
            Key::NativeBuffers => {
                for buffer in &value.as_array()? {
                    for (key, value) in &buffer.as_object()? {
                        match key {
                            "base64" => take.parsed_body(|| json(value)),
                            "key" if value.as_str()? != "data" => return None,
                            _ => {}
                        }
                    }
                }
            }
            Key::Other => {}
        }
    }
    Some(())
}

/// The value in a form that can be compared.
fn json(value: Value<'_, '_>) -> Json {
    if let Some(object) = value.as_object() {
        return object.iter().map(|(key, value)| (key.to_owned(), json(value))).collect();
    }
    if let Some(array) = value.as_array() {
        return array.iter().map(json).collect();
    }
    if let Some(text) = value.as_str() {
        return text.into();
    }
    if let Some(boolean) = value.as_bool() {
        return boolean.into();
    }
    if let Some(number) = value.as_i64() {
        return number.into();
    }
    match value.as_u64() {
        Some(number) => number.into(),
        None => value.as_f64().map_or(Json::Null, Json::from),
    }
}
