//! Decoding: the sides, a file each, and what they do alike.
//!
//! A side is written as its library's own documentation would have it done when every nanosecond counts: buffers are kept
//! from one envelope to the next where the library can use them again, and strings are borrowed where it can lend them.
//! Each hands over the same fields, which is asserted before time is taken, and is given damaged envelopes to find out
//! what it leaves out.

use crate::contest::Contest;
use crate::inputs::{self, Answer, Call};
use crate::pairs::Turns;
use case::{Case, Cases};
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

/// All sides on requests of one input.
pub fn requests(calls: &[Call]) -> Contest<'_> {
    contest(calls.iter().map(Case::of_call).collect())
}

/// All sides on replies of one input.
pub fn replies(answers: &[Answer]) -> Contest<'_> {
    contest(answers.iter().map(Case::of_answer).collect())
}

fn contest<'i>(cases: Vec<Case<'i>>) -> Contest<'i> {
    let case = Cases(cases);
    let text = case.0.iter().all(|case| matches!(case.body, inputs::Body::Text(_)));
    let ours = case.side(callcontainer::CallContainer::default());
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
    Contest::new(case.0.iter().map(|case| case.envelope).collect(), ours, others)
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

    /// An envelope as the library needs it, with bytes of padding for example. Made outside the time taken.
    fn ready(envelope: &[u8]) -> Vec<u8> {
        envelope.to_vec()
    }

    /// The time that decoding takes this many times, of envelopes that are [`ready`](Decode::ready).
    fn time(&mut self, kind: Kind, envelopes: &mut Turns<Vec<u8>>, times: u32) -> Duration {
        envelopes.time(times, |envelope| {
            let mut touch = Touch::default();
            let valid = self.decode(kind, black_box(envelope), &mut touch);
            black_box((touch.sum(), valid));
        })
    }
}
