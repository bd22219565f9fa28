//! What the crate sets out to reach, held against a table.
//!
//! It is for people: numbers differ from machine to machine, and nothing fails here.

use crate::table::{Line, OURS};
use std::fmt::Write;

/// The sides that are not written in Rust, or are no libraries.
const NOT_RUST: [&str; 4] = [ON_DEMAND, DOM, "memcpy", "simdutf8"];
const ON_DEMAND: &str = "simdjson_ondemand";
const DOM: &str = "simdjson_dom";

/// Against whom a target stands.
enum Rival {
    /// The fastest of the sides that are written in Rust.
    FastestRust,
    Side(&'static str),
}

/// Cases that begin with this have at least this ratio against that rival.
struct Target(&'static str, Rival, f64);

const TARGETS: [Target; 17] = [
    Target("decode_request/small", Rival::FastestRust, 3.0),
    Target("decode_request/small", Rival::Side(ON_DEMAND), 2.0),
    Target("decode_request/object95k", Rival::FastestRust, 2.0),
    Target("decode_request/object95k", Rival::Side(ON_DEMAND), 1.0),
    Target("decode_request/chinese95k", Rival::FastestRust, 2.0),
    Target("decode_request/chinese95k", Rival::Side(ON_DEMAND), 1.0),
    Target("decode_reply/object950k", Rival::FastestRust, 2.0),
    Target("decode_reply/object950k", Rival::Side(ON_DEMAND), 1.0),
    Target("decode_request/escaped95k", Rival::FastestRust, 2.5),
    Target("decode_request/escaped95k", Rival::Side(DOM), 1.0),
    Target("decode_request/text95k", Rival::FastestRust, 1.0),
    Target("decode_request/text95k", Rival::Side(ON_DEMAND), 1.0),
    Target("decode_request/text95k", Rival::Side(DOM), 1.0),
    Target("encode_request/", Rival::FastestRust, 2.0),
    Target("encode_reply/", Rival::FastestRust, 2.0),
    Target("stream_reply/object", Rival::Side(STREAM), STREAM_LEAST),
    Target("stream_reply/text", Rival::Side(STREAM), STREAM_LEAST),
];

/// Here the rival is this crate too, and the target is how fast it is beside the slice decoder.
const STREAM: &str = "callcontainer_stream";
const STREAM_LEAST: f64 = 0.7;

/// A line for each target and case that the table has.
pub fn report(lines: &[Line]) -> String {
    let mut report = String::new();
    let mut cases: Vec<&str> = lines.iter().map(|line| line.case.as_str()).collect();
    cases.dedup();
    for Target(prefix, rival, least) in TARGETS {
        for case in cases.iter().filter(|case| case.starts_with(prefix)) {
            let others = lines.iter().filter(|line| line.case == *case && line.side != OURS);
            let nearest = others
                .filter(|line| match rival {
                    Rival::FastestRust => !NOT_RUST.contains(&line.side.as_str()),
                    Rival::Side(side) => line.side == side,
                })
                .min_by(|one, two| one.ratio.total_cmp(&two.ratio));
            let Some(Line { side, ratio, .. }) = nearest else { continue };
            let reached = if side == STREAM { 1.0 / ratio } else { *ratio };
            let verdict = if reached >= least { "pass" } else { "FAIL" };
            writeln!(report, "{verdict}\t{case}\t{reached:.2} against {side}, at least {least}").expect("a string");
        }
    }
    report
}
