//! Writes JSON in its one shortest form.
//!
//! It knows how a string, an integer and a value are written. It must never know what they stand for, nor what the
//! bytes go into.

use super::scan;
use super::sink::{LengthSink, Sink};
use super::string;
use super::text::{Segment, Text};

/// Writes a string with its quotes.
pub(crate) fn string(sink: &mut impl Sink, text: Text<'_>) {
    sink.put(b"\"");
    content(sink, text);
    sink.put(b"\"");
}

/// Writes the content of a string: only what must be escaped is, and in the shortest way (RFC 8259, section 7).
pub(crate) fn content(sink: &mut impl Sink, text: Text<'_>) {
    if let Some(plain) = text.as_bytes() {
        return escape(sink, plain);
    }
    for segment in text.segments() {
        match segment {
            // What stands unescaped beside an escape stood so in an envelope.
            Segment::Run(run) => sink.put(run),
            Segment::Char(character) => escape(sink, character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
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

fn escape(sink: &mut impl Sink, text: &[u8]) {
    let mut rest = text;
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
    let mut digits = [0_u8; 11];
    let mut rest = value.unsigned_abs();
    let mut len = 0_usize;
    for slot in digits.iter_mut().rev() {
        if len > 0 && rest == 0 {
            if value < 0 {
                *slot = b'-';
                len = len.wrapping_add(1);
            }
            break;
        }
        // A remainder of ten fits in a byte.
        *slot = b'0' | (rest % 10) as u8;
        rest /= 10;
        len = len.wrapping_add(1);
    }
    sink.put(digits.get(digits.len().saturating_sub(len)..).unwrap_or_default());
}

/// Writes a validated value without the white space between its tokens.
pub(crate) fn compact(sink: &mut impl Sink, valid: &[u8]) {
    let mut rest = valid;
    while let Some((first, after)) = rest.split_first() {
        let len = match first {
            b' ' | b'\n' | b'\r' | b'\t' => {
                rest = after;
                continue;
            }
            b'"' => string::end(after).map_or(rest.len(), |(end, _)| end.wrapping_add(2)),
            _ => rest.iter().position(|byte| matches!(byte, b'"' | b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len()),
        };
        let Some((run, after)) = rest.split_at_checked(len) else { return };
        sink.put(run);
        rest = after;
    }
}
