//! Decoding: the sides, a file each, and what they do alike.
//!
//! A side is written as its library's own documentation would have it done when every nanosecond counts: buffers are kept
//! from one envelope to the next where the library can use them again, and strings are borrowed where it can lend them.
//! Each hands over the same fields, which is asserted before time is taken, and is given damaged envelopes to find out
//! what it leaves out.

use crate::contest::Contest;
use crate::inputs::{self, Answer, Call};
use crate::pairs::time_each;
use case::Case;
use fields::{Take, Touch};
use std::hint::black_box;
use std::time::Duration;

mod callcontainer;
mod case;
mod fields;
mod hifijson;
mod jiter;
mod key;
mod model;
mod picojson;
mod probe;
mod serde_json;
mod serde_json_core;
mod simd_json;
#[cfg(feature = "simdjson")]
mod simdjson;
mod sonic_rs;

/// Which envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Reply,
}

/// All sides on a request.
pub fn requests(call: &Call) -> Contest<'_> {
    contest(&Case::of_call(call))
}

/// All sides on a reply.
pub fn replies(answer: &Answer) -> Contest<'_> {
    contest(&Case::of_answer(answer))
}

fn contest<'i>(case: &Case<'i>) -> Contest<'i> {
    let text = matches!(case.body, inputs::Body::Text(_));
    let ours = case.side(callcontainer::CallContainer);
    assert_eq!(ours.leaves_out, "-", "this crate leaves nothing out");
    let others = vec![
        case.side(serde_json::SerdeJson),
        case.side(sonic_rs::SonicRs),
        case.side(simd_json::SimdJson::default()),
        case.side(serde_json_core::SerdeJsonCore { text }),
        case.side(picojson::Picojson::default()),
        case.side(jiter::Jiter::default()),
        case.side(hifijson::Hifijson),
        #[cfg(feature = "simdjson")]
        case.side(simdjson::OnDemand::default()),
        #[cfg(feature = "simdjson")]
        case.side(simdjson::Dom::default()),
    ];
    Contest::new(case.envelope, ours, others)
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
