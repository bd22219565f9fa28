//! A case that is ready to be measured: this crate, the other sides, and how fast the memory itself is.

use crate::pairs::{self, Effort, Runner, Turns};
use crate::table::Line;
use std::hint::black_box;

/// The sides of one case.
pub struct Contest<'i> {
    /// Of an envelope, on average.
    bytes: usize,
    ours: Runner<'i>,
    others: Vec<Runner<'i>>,
}

impl<'i> Contest<'i> {
    /// The references of memory speed on the same bytes join the other sides.
    pub fn new(envelopes: Vec<&'i [u8]>, ours: Runner<'i>, mut others: Vec<Runner<'i>>) -> Self {
        let bytes = envelopes.iter().map(|envelope| envelope.len()).sum::<usize>() / envelopes.len();
        others.push(memcpy(envelopes.clone()));
        others.push(simdutf8(envelopes));
        Self { bytes, ours, others }
    }

    /// Measures every other side against ours. Ours is told as it ran beside the first.
    pub fn run(mut self, case: &str, effort: Effort) -> Vec<Line> {
        let mut lines = Vec::new();
        for other in &mut self.others {
            let pair = pairs::measure(&mut self.ours, other, effort);
            if lines.is_empty() {
                lines.push(line(case, self.bytes, &self.ours, pair.first, 1.0));
            }
            lines.push(line(case, self.bytes, other, pair.second, pair.ratio));
        }
        lines
    }
}

fn line(case: &str, bytes: usize, runner: &Runner<'_>, ns: f64, ratio: f64) -> Line {
    Line {
        case: case.to_owned(),
        side: runner.side.to_owned(),
        ns,
        gigabytes: bytes as f64 / ns,
        ratio,
        leaves_out: runner.leaves_out.clone(),
    }
}

fn memcpy(envelopes: Vec<&[u8]>) -> Runner<'_> {
    let mut room = vec![0; envelopes.iter().map(|envelope| envelope.len()).max().unwrap_or(0)];
    let mut turns = Turns::new(envelopes);
    Runner {
        side: "memcpy",
        leaves_out: "everything: it copies the bytes".to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |envelope| {
                room[..envelope.len()].copy_from_slice(black_box(*envelope));
                black_box(&room);
            })
        }),
    }
}

fn simdutf8(envelopes: Vec<&[u8]>) -> Runner<'_> {
    let mut turns = Turns::new(envelopes);
    Runner {
        side: "simdutf8",
        leaves_out: "everything but UTF-8".to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |envelope| {
                black_box(simdutf8::basic::from_utf8(black_box(*envelope)).is_ok());
            })
        }),
    }
}
