//! Writes a value without the white space between its tokens.

use super::super::byte::is_space;
use super::super::sink::{Place, Sink, SliceSink, Source};
use super::super::string;

/// Writes a validated value without the white space between its tokens.
pub(crate) fn compact(sink: &mut impl Sink, valid: &[u8]) {
    sink.put_long(Compact(valid));
}

/// A validated value, or a part of one, without the white space between its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a>(pub(crate) &'a [u8]);

impl<'a> Compact<'a> {
    /// Returns the next bytes without white space, at most `room` of them; `None` at the end.
    pub(crate) fn run(self, place: &mut Place, room: usize) -> Option<&'a [u8]> {
        loop {
            let rest = self.0.get(place.at..)?;
            let first = rest.first()?;
            if !place.in_string && is_space(*first) {
                place.at = place.at.wrapping_add(1);
                continue;
            }
            if room == 0 {
                return Some(&[]);
            }
            let near = rest.get(..room).unwrap_or(rest);
            let opening = usize::from(!place.in_string && *first == b'"');
            let len = if place.in_string || opening > 0 {
                let end = string::end(near.get(opening..).unwrap_or_default());
                place.in_string = end.is_none();
                // A backslash is not separated from what it escapes.
                let cut = || near.len().wrapping_sub(near.iter().rev().take_while(|byte| **byte == b'\\').count() & 1);
                end.map_or_else(cut, |(end, _)| end.wrapping_add(opening).wrapping_add(1))
            } else {
                near.iter().position(|byte| *byte == b'"' || is_space(*byte)).unwrap_or(near.len())
            };
            place.at = place.at.wrapping_add(len);
            return near.get(..len);
        }
    }
}

impl Source for Compact<'_> {
    fn put_all(self, sink: &mut impl Sink) {
        let mut place = Place::default();
        while let Some(run) = self.run(&mut place, usize::MAX) {
            sink.put(run);
        }
    }

    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool {
        while let Some(run) = self.run(place, sink.room()) {
            sink.put(run);
            if run.is_empty() {
                return false;
            }
        }
        true
    }
}
