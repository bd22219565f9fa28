//! Writes strings. Only what must be escaped is escaped, in the shortest form (RFC 8259, section 7).

use super::super::byte::{is_escaped, short_escape};
use super::super::scan;
use super::super::simd;
use super::super::sink::{LEAST_ROOM, Place, Sink, SliceSink, Source};
use super::super::text::{Segment, Text};
use super::copy::{copy, quote};
use crate::target::WIDE;

/// Writes a string with its quotes, and returns whether it is known to be printable and to need no escape. For a string
/// that does not fit, the result is `false`.
#[inline(never)]
pub(crate) fn string(sink: &mut impl Sink, text: Text<'_>) -> bool {
    if let Some(len) = sink.place().and_then(|room| quote(text.as_bytes()?, room, copy)) {
        sink.wrote(len);
        return true;
    }
    any_string(sink, text)
}

/// Writes any string with its quotes. Kept apart, so that the common case stays small.
#[inline(never)]
fn any_string(sink: &mut impl Sink, text: Text<'_>) -> bool {
    sink.put(b"\"");
    content(sink, text);
    sink.put(b"\"");
    false
}

/// Writes the content of a string. Only what must be escaped is escaped, in the shortest form (RFC 8259, section 7).
#[inline(never)]
pub(crate) fn content(sink: &mut impl Sink, text: Text<'_>) {
    sink.put_long(Content(text));
}

/// The content of a string.
#[derive(Clone, Copy)]
pub(crate) struct Content<'a>(pub(crate) Text<'a>);

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
                // A byte that is not plain takes at most this much room.
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
        // What is unescaped next to an escape was unescaped in an envelope.
        Segment::Run(run) => sink.put(run),
        // A way of its own takes half the time, and 200 bytes on a Cortex-M3.
        Segment::Char(character) if WIDE => match u8::try_from(character) {
            Ok(byte) if is_escaped(byte) => escape_byte(sink, byte),
            _ => sink.put(character.encode_utf8(&mut [0; 4]).as_bytes()),
        },
        Segment::Char(character) => escape(sink, character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

impl Text<'_> {
    /// Returns the length in bytes that the text takes in an envelope, without the quotes around it.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut sink = SliceSink::default();
        content(&mut sink, *self);
        sink.len()
    }
}

/// The length from which a text that is too short for blocks is written sixteen bytes at a time.
const SIXTEENS_PAY: usize = 8;

/// Writes the bytes of an unescaped text, and escapes what must be escaped. The bytes may begin or end within a
/// character.
pub(crate) fn escape(sink: &mut impl Sink, text: &[u8]) {
    let (read, written) = simd::escape(text, sink.place().unwrap_or_default());
    sink.wrote(written);
    let mut rest = text.get(read..).unwrap_or_default();
    // At the end of a longer text, most runs are long enough to be copied; a shorter one does not pay.
    if simd::IS_BLOCKS && read == 0 && rest.len() >= SIXTEENS_PAY {
        let (read, written) = simd::escape_rest(rest, sink.place().unwrap_or_default());
        sink.wrote(written);
        rest = rest.get(read..).unwrap_or_default();
    }
    loop {
        let copied = copy(rest, sink.place().unwrap_or_default());
        sink.wrote(copied);
        rest = rest.get(copied..).unwrap_or_default();
        match rest.split_first() {
            None => return,
            Some((special, after)) if is_escaped(*special) => {
                escape_byte(sink, *special);
                rest = after;
            }
            // It is DEL, or there is no room.
            _ => {
                let mut end = 0_usize;
                loop {
                    end = end.wrapping_add(scan::plain(rest.get(end..).unwrap_or_default()));
                    // The run continues over multi-byte characters, which need no escape either.
                    if rest.get(end).is_none_or(|byte| is_escaped(*byte)) {
                        break;
                    }
                    end = end.wrapping_add(1);
                }
                let (run, after) = rest.split_at_checked(end).unwrap_or_default();
                sink.put(run);
                rest = after;
            }
        }
    }
}

/// Writes the shortest escape of a byte that must be escaped.
#[inline]
fn escape_byte(sink: &mut impl Sink, byte: u8) {
    let Some(short) = short_escape(byte) else {
        let digit = byte & 0x0F;
        let digit = if digit < 10 { digit | b'0' } else { digit.wrapping_add(b'a' - 10) };
        return sink.put(&[b'\\', b'u', b'0', b'0', (byte >> 4) | b'0', digit]);
    };
    sink.put(&[b'\\', short]);
}
