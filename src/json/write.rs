//! Writes JSON in its one shortest form.
//!
//! It knows how a string, an integer and a value are written. It must never know what they stand for, nor what the
//! bytes go into.

use super::scan;
use super::simd;
use super::sink::{LEAST_ROOM, LengthSink, Place, Sink, SliceSink, Source};
use super::string;
use super::text::{Segment, Text};
use super::walk::is_space;

/// Writes a string with its quotes.
pub(crate) fn string(sink: &mut impl Sink, text: Text<'_>) {
    sink.put(b"\"");
    content(sink, text);
    sink.put(b"\"");
}

/// Writes the content of a string: only what must be escaped is, and in the shortest way (RFC 8259, section 7).
#[inline]
pub(crate) fn content(sink: &mut impl Sink, text: Text<'_>) {
    sink.put_long(Content(text));
}

/// The content of a string.
#[derive(Clone, Copy)]
struct Content<'a>(Text<'a>);

impl Source for Content<'_> {
    #[inline]
    fn put_all(self, sink: &mut impl Sink) {
        if let Some(plain) = self.0.as_bytes() {
            return escape(sink, plain);
        }
        for segment in self.0.segments() {
            put_segment(sink, segment);
        }
    }

    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool {
        loop {
            let rest = self.0.as_raw().get(place.at..).unwrap_or_default();
            let room = sink.room();
            let len = if self.0.as_bytes().is_some() {
                let near = rest.get(..room).unwrap_or(rest);
                // What is not plain takes at most so much room for each byte.
                let len = scan::plain(near).max(near.len().min(room / LEAST_ROOM));
                escape(sink, near.get(..len).unwrap_or_default());
                len
            } else {
                let mut segments = Text::from_span(rest, true).segments();
                match segments.next() {
                    None => 0,
                    Some(Segment::Run(run)) => {
                        let run = run.get(..room).unwrap_or(run);
                        sink.put(run);
                        run.len()
                    }
                    Some(Segment::Char(_)) if room < LEAST_ROOM => 0,
                    Some(segment) => {
                        put_segment(sink, segment);
                        segments.position()
                    }
                }
            };
            place.at = place.at.wrapping_add(len);
            if len == 0 {
                return rest.is_empty();
            }
        }
    }
}

fn put_segment(sink: &mut impl Sink, segment: Segment<'_>) {
    match segment {
        // What stands unescaped beside an escape stood so in an envelope.
        Segment::Run(run) => sink.put(run),
        Segment::Char(character) => escape(sink, character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

impl Text<'_> {
    /// Length in bytes that the text takes in an envelope, without the quotes around it.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut sink = LengthSink::default();
        content(&mut sink, *self);
        sink.len
    }
}

/// Writes the bytes of a string that is not escaped. They may begin or end within a character.
pub(crate) fn escape(sink: &mut impl Sink, text: &[u8]) {
    let (read, written) = simd::escape(text, sink.place());
    sink.wrote(written);
    let mut rest = text.get(read..).unwrap_or_default();
    loop {
        let mut end = 0_usize;
        // The run goes on over characters of several bytes, which need no escape either.
        let special = loop {
            end = end.wrapping_add(scan::plain(rest.get(end..).unwrap_or_default()));
            match rest.get(end) {
                Some(0x80..) => end = end.wrapping_add(1),
                other => break other.copied(),
            }
        };
        let Some((run, after)) = rest.split_at_checked(end) else { return };
        sink.put(run);
        let Some(special) = special else { return };
        let short = match special {
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0C => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => special,
            _ => 0,
        };
        if short == 0 {
            let digit = special & 0x0F;
            let digit = if digit < 10 { digit | b'0' } else { digit.wrapping_add(b'a' - 10) };
            sink.put(&[b'\\', b'u', b'0', b'0', (special >> 4) | b'0', digit]);
        } else {
            sink.put(&[b'\\', short]);
        }
        rest = after.get(1..).unwrap_or_default();
    }
}

/// Writes an integer in decimal.
pub(crate) fn integer(sink: &mut impl Sink, value: i32) {
    let mut rest = value.unsigned_abs();
    decimal(sink, value < 0, || {
        let digit = rest % 10;
        rest /= 10;
        (digit as u8, rest > 0)
    });
}

/// The same of 64 bits, the sign apart.
#[cfg(feature = "serde-json-core-v0_7")]
pub(crate) fn long_integer(sink: &mut impl Sink, negative: bool, magnitude: u64) {
    let mut rest = magnitude;
    decimal(sink, negative, || {
        let digit = rest % 10;
        rest /= 10;
        (digit as u8, rest > 0)
    });
}

/// Writes a number whose digits `next` gives, the last one first, and says whether there are more.
fn decimal(sink: &mut impl Sink, negative: bool, mut next: impl FnMut() -> (u8, bool)) {
    // The longest number of 64 bits, and its sign.
    let mut text = [0_u8; 21];
    let mut len = 0_usize;
    let mut more = true;
    for slot in text.iter_mut().rev() {
        len = len.wrapping_add(1);
        if more {
            let digit;
            (digit, more) = next();
            *slot = b'0' | digit;
            if more || negative {
                continue;
            }
        } else {
            *slot = b'-';
        }
        break;
    }
    sink.put(text.get(text.len().saturating_sub(len)..).unwrap_or_default());
}

/// Writes a validated value without the white space between its tokens.
pub(crate) fn compact(sink: &mut impl Sink, valid: &[u8]) {
    sink.put_long(Compact(valid));
}

/// A validated value, or a part of one, without the white space between its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a>(pub(crate) &'a [u8]);

impl<'a> Compact<'a> {
    /// The next bytes without white space, at most so many; `None` at the end.
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
                // A backslash stays with what it escapes.
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
