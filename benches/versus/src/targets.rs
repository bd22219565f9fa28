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

/// The least ratio of a kind of case: against the fastest in Rust, On-Demand, and the DOM.
struct Goal(&'static [&'static str], [f64; 3]);

/// What is decoded, by the name of the input, whichever way it goes.
const GOALS: [Goal; 6] = [
    Goal(&["small"], [2.2, 2.0, 1.7]),
    Goal(&["object95k", "chinese95k", "object950k"], [2.2, 1.2, 2.0]),
    Goal(&["text95k", "ascii95k", "hanzi95k", "text950k"], [2.5, 1.3, 2.0]),
    Goal(&["escaped95k"], [5.0, 1.5, 5.0]),
    Goal(&["bytes95k"], [3.0, 3.0, 3.0]),
    Goal(&MIDDLE, [2.0, 1.2, 1.7]),
];

const MIDDLE: [&str; 15] = [
    "object1k",
    "chinese1k",
    "text1k",
    "escaped1k",
    "bytes1k",
    "object4k",
    "chinese4k",
    "text4k",
    "escaped4k",
    "bytes4k",
    "object16k",
    "chinese16k",
    "text16k",
    "escaped16k",
    "bytes16k",
];

/// Here the rival is this crate too, and the target is how fast it is beside the slice decoder.
const STREAM: &str = "callcontainer_stream";
const STREAM_LEAST: f64 = 0.8;

/// The least ratio of encoding a text against the fastest in Rust.
const ENCODE_TEXT: f64 = 1.5;

/// A line for each target and case that the table has.
pub fn report(lines: &[Line]) -> String {
    let mut report = String::new();
    let mut cases: Vec<&str> = lines.iter().map(|line| line.case.as_str()).collect();
    cases.dedup();
    for case in cases {
        for (rival, least) in targets(case) {
            let others = lines.iter().filter(|line| line.case == case && line.side != OURS);
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

/// The rivals of a case, and the least ratio against each.
fn targets(case: &str) -> Vec<(Rival, f64)> {
    let (group, input) = case.split_once('/').unwrap_or((case, ""));
    match group {
        "decode_request" | "decode_reply" => {
            let goal = GOALS.iter().find(|Goal(inputs, _)| inputs.contains(&input));
            goal.map_or_else(Vec::new, |Goal(_, [rust, on_demand, dom])| {
                vec![(Rival::FastestRust, *rust), (Rival::Side(ON_DEMAND), *on_demand), (Rival::Side(DOM), *dom)]
            })
        }
        "encode_request" | "encode_reply" if input.starts_with("text") => vec![(Rival::FastestRust, ENCODE_TEXT)],
        "stream_reply" => vec![(Rival::Side(STREAM), STREAM_LEAST)],
        _ => Vec::new(),
    }
}
