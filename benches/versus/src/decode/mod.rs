//! The sides that decode, a file each.
//!
//! A side is written as its library's own documentation would have it done when every nanosecond counts: buffers are kept
//! from one envelope to the next where the library can use them again, and strings are borrowed where it can lend them.

use crate::fields::{Take, Touch};
use std::hint::black_box;
use std::time::{Duration, Instant};

mod callcontainer;
mod hifijson;
mod jiter;
mod key;
mod model;
mod picojson;
mod serde_json;
mod serde_json_core;
mod simd_json;
#[cfg(feature = "simdjson")]
mod simdjson;
mod sonic_rs;

pub use self::callcontainer::CallContainer;
pub use self::hifijson::Hifijson;
pub use self::jiter::Jiter;
pub use self::picojson::Picojson;
pub use self::serde_json::SerdeJson;
pub use self::serde_json_core::SerdeJsonCore;
pub use self::simd_json::SimdJson;
#[cfg(feature = "simdjson")]
pub use self::simdjson::{Dom, OnDemand};
pub use self::sonic_rs::SonicRs;

/// Which envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Reply,
}

/// A library that decodes envelopes.
pub trait Decode {
    const NAME: &'static str;

    /// Decodes a request and hands over its fields; `None` when the library refuses it.
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()>;

    /// The same for a reply.
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()>;

    #[inline(always)]
    fn decode(&mut self, kind: Kind, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        match kind {
            Kind::Request => self.request(envelope, take),
            Kind::Reply => self.reply(envelope, take),
        }
    }

    /// The time that decoding takes this many times. What a library needs done beforehand (a copy that it may write
    /// into, bytes of padding) is done by this function, outside the time that it takes.
    fn time(&mut self, kind: Kind, envelope: &[u8], times: u32) -> Duration {
        time_each(times, || {
            let mut touch = Touch::default();
            let valid = self.decode(kind, black_box(envelope), &mut touch);
            black_box((touch.sum(), valid));
        })
    }
}

/// The time that a function takes this many times.
pub fn time_each(times: u32, mut function: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        function();
    }
    start.elapsed()
}
