//! simdjson, a C++ library, On-Demand and DOM: what `simdjson.cpp` does, called from here.
//!
//! The library reads past the end of what it is given, so it has a copy of the envelope with padding, which is made outside
//! the time taken.

use super::fields::{Field, Take, Touch};
use super::{Decode, Kind};
use crate::pairs::Turns;
use std::ffi::{c_char, c_void};
use std::hint::black_box;
use std::time::Duration;

/// The fields in the order of their numbers.
const FIELDS: [Field; 14] = [
    Field::Env,
    Field::ResourceAppid,
    Field::ResourceEnv,
    Field::Path,
    Field::Service,
    Field::Method,
    Field::Timeout,
    Field::DataType,
    Field::ResponseType,
    Field::CallId,
    Field::StatusCode,
    Field::ErrMsg,
    Field::ErrCode,
    Field::Errno,
];

#[derive(Clone, Copy)]
#[repr(C)]
struct Slice {
    data: *const c_char,
    length: usize,
}

impl Slice {
    const EMPTY: Self = Self { data: std::ptr::null(), length: 0 };

    /// # Safety
    /// The slice must have been written for the envelope last decoded.
    #[inline(always)]
    unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the library lends what it wrote until the next envelope, and no pointer that it wrote is null.
        unsafe { std::slice::from_raw_parts(self.data.cast(), self.length) }
    }
}

/// The same as in `simdjson.cpp`.
#[repr(C)]
struct Fields {
    texts_there: u32,
    numbers_there: u32,
    headers: u32,
    cookies: u32,
    body_there: u32,
    texts: [Slice; 14],
    numbers: [i64; 14],
    names: [Slice; 64],
    values: [Slice; 64],
    cookie: [Slice; 64],
    body: Slice,
}

impl Fields {
    fn empty() -> Box<Self> {
        Box::new(Self {
            texts_there: 0,
            numbers_there: 0,
            headers: 0,
            cookies: 0,
            body_there: 0,
            texts: [Slice::EMPTY; 14],
            numbers: [0; 14],
            names: [Slice::EMPTY; 64],
            values: [Slice::EMPTY; 64],
            cookie: [Slice::EMPTY; 64],
            body: Slice::EMPTY,
        })
    }

    /// Hands over everything but the body.
    #[inline(always)]
    fn hand_over(&self, take: &mut impl Take) {
        // SAFETY: the bits and counts name what was written for this envelope.
        unsafe {
            for (number, field) in FIELDS.into_iter().enumerate() {
                if self.texts_there >> number & 1 == 1 {
                    take.text(field, self.texts[number].bytes());
                }
                if self.numbers_there >> number & 1 == 1 {
                    take.number(field, self.numbers[number]);
                }
            }
            for number in 0..self.headers as usize {
                take.header(self.names[number].bytes(), self.values[number].bytes());
            }
            for cookie in &self.cookie[..self.cookies as usize] {
                take.cookie(cookie.bytes());
            }
        }
    }
}

unsafe extern "C" {
    safe fn versus_simdjson_padding() -> usize;
    safe fn versus_on_demand_new() -> *mut c_void;
    fn versus_on_demand_delete(side: *mut c_void);
    fn versus_on_demand(
        side: *mut c_void,
        data: *const c_char,
        length: usize,
        is_request: bool,
        fields: *mut Fields,
    ) -> bool;
    safe fn versus_dom_new() -> *mut c_void;
    fn versus_dom_delete(side: *mut c_void);
    fn versus_dom(side: *mut c_void, data: *const c_char, length: usize, is_request: bool, fields: *mut Fields)
    -> bool;
    fn versus_dom_body(side: *mut c_void, json: *mut Slice);
}

/// An envelope with the padding behind it.
fn padded(envelope: &[u8]) -> Vec<u8> {
    let mut bytes = envelope.to_vec();
    bytes.resize(envelope.len() + versus_simdjson_padding(), 0);
    bytes
}

/// The length of an envelope that has padding behind it.
#[inline(always)]
fn length(padded: &[u8]) -> usize {
    padded.len() - versus_simdjson_padding()
}

pub struct OnDemand {
    side: *mut c_void,
    fields: Box<Fields>,
}

impl Default for OnDemand {
    fn default() -> Self {
        Self { side: versus_on_demand_new(), fields: Fields::empty() }
    }
}

impl Drop for OnDemand {
    fn drop(&mut self) {
        // SAFETY: it came from `versus_on_demand_new`, and goes but once.
        unsafe { versus_on_demand_delete(self.side) }
    }
}

impl OnDemand {
    #[inline(always)]
    fn parse(&mut self, kind: Kind, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        // SAFETY: the side is alive, the padding stands behind the length, and the fields are laid out alike.
        let parsed = unsafe {
            versus_on_demand(
                self.side,
                envelope.as_ptr().cast(),
                length(envelope),
                kind == Kind::Request,
                &mut *self.fields,
            )
        };
        if !parsed {
            return None;
        }
        self.fields.hand_over(take);
        if self.fields.body_there != 0 {
            // SAFETY: the body was written for this envelope.
            take.body(unsafe { self.fields.body.bytes() });
        }
        Some(())
    }
}

impl Decode for OnDemand {
    const NAME: &'static str = "simdjson_ondemand";

    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Request, &padded(envelope), take)
    }

    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Reply, &padded(envelope), take)
    }

    fn ready(envelope: &[u8]) -> Vec<u8> {
        padded(envelope)
    }

    fn time(&mut self, kind: Kind, envelopes: &mut Turns<Vec<u8>>, times: u32) -> Duration {
        envelopes.time(times, |envelope| {
            let mut touch = Touch::default();
            let valid = self.parse(kind, black_box(envelope), &mut touch);
            black_box((touch.sum(), valid));
        })
    }
}

pub struct Dom {
    side: *mut c_void,
    fields: Box<Fields>,
}

impl Default for Dom {
    fn default() -> Self {
        Self { side: versus_dom_new(), fields: Fields::empty() }
    }
}

impl Drop for Dom {
    fn drop(&mut self) {
        // SAFETY: it came from `versus_dom_new`, and goes but once.
        unsafe { versus_dom_delete(self.side) }
    }
}

impl Dom {
    #[inline(always)]
    fn parse(&mut self, kind: Kind, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        // SAFETY: the side is alive, the padding stands behind the length, and the fields are laid out alike.
        let parsed = unsafe {
            versus_dom(self.side, envelope.as_ptr().cast(), length(envelope), kind == Kind::Request, &mut *self.fields)
        };
        if !parsed {
            return None;
        }
        self.fields.hand_over(take);
        if self.fields.body_there != 0 {
            take.parsed_body(|| {
                let mut json = Slice::EMPTY;
                // SAFETY: the side is alive and holds the body of this envelope; the text is lent until the next one.
                let text = unsafe {
                    versus_dom_body(self.side, &mut json);
                    json.bytes()
                };
                serde_json::from_slice(text).expect("simdjson writes JSON")
            });
        }
        Some(())
    }
}

impl Decode for Dom {
    const NAME: &'static str = "simdjson_dom";

    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Request, &padded(envelope), take)
    }

    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.parse(Kind::Reply, &padded(envelope), take)
    }

    fn ready(envelope: &[u8]) -> Vec<u8> {
        padded(envelope)
    }

    fn time(&mut self, kind: Kind, envelopes: &mut Turns<Vec<u8>>, times: u32) -> Duration {
        envelopes.time(times, |envelope| {
            let mut touch = Touch::default();
            let valid = self.parse(kind, black_box(envelope), &mut touch);
            black_box((touch.sum(), valid));
        })
    }
}
