//! Writes JSON in its one shortest form.
//!
//! It knows how a string, an integer and a value are written. It must never know what they stand for, nor what the
//! bytes go into.

use super::scan;
use super::simd;
use super::sink::{LEAST_ROOM, Place, Sink, SliceSink, Source};
use super::string;
use super::text::{Segment, Text};
use super::walk::is_space;

/// Bytes in a machine word: 4 on a Cortex-M, 8 on most hosts.
const WORD: usize = size_of::<usize>();
/// A word with `byte` in each of its bytes.
const fn splat(byte: u8) -> usize {
    usize::from_ne_bytes([byte; WORD])
}

/// Writes a string with its quotes, and says whether it is known to be of printable characters alone that need no
/// escape. Of a string that is not written, nothing is known.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn string(sink: &mut impl Sink, text: Text<'_>) -> bool {
    if let Some(len) = sink.place().and_then(|room| quote(text.as_bytes()?, room, copy)) {
        sink.wrote(len);
        return true;
    }
    any_string(sink, text)
}

/// The same of any string. Kept apart, so that the common case stays small.
#[inline(never)]
fn any_string(sink: &mut impl Sink, text: Text<'_>) -> bool {
    sink.put(b"\"");
    content(sink, text);
    sink.put(b"\"");
    false
}

/// Writes a string with its quotes at once, where `copy` copies all of it and there is room, and says how long it is then.
/// Most strings of an envelope are such, and short.
#[inline]
pub(crate) fn quote(plain: &[u8], room: &mut [u8], copy: fn(&[u8], &mut [u8]) -> usize) -> Option<usize> {
    let len = plain.len().checked_add(2)?;
    let (opening, room) = room.get_mut(..len)?.split_first_mut()?;
    let (closing, room) = room.split_last_mut()?;
    if copy(plain, room) < plain.len() {
        return None;
    }
    (*opening, *closing) = (b'"', b'"');
    Some(len)
}

/// The longest string that [`quote_short`] writes.
pub(crate) const SHORT: usize = 32;
/// Room for such a string with its quotes.
pub(crate) const SHORT_QUOTED: usize = SHORT + 2;

/// As [`quote`], of a short string: all of it, or none.
#[inline]
pub(crate) fn quote_short(plain: &[u8], room: &mut [u8; SHORT_QUOTED]) -> Option<usize> {
    let (opening, room) = room.split_first_mut()?;
    if plain.len() > SHORT || !copy_short(plain, room.first_chunk_mut()?) {
        return None;
    }
    (*opening, *room.get_mut(plain.len())?) = (b'"', b'"');
    plain.len().checked_add(2)
}

/// Copies a short string, if all of it is printable and needs no escape. What is written behind it does not count.
#[inline(never)]
fn copy_short(plain: &[u8], room: &mut [u8; SHORT]) -> bool {
    simd::copy_short(plain, room).unwrap_or_else(|| copy_in_words(plain, room) == plain.len())
}

/// Copies leading bytes that are printable and need no escape, as far as there is room, and says how many. They need not
/// be all that are, and what it writes behind them does not count.
#[inline]
pub(crate) fn copy(text: &[u8], room: &mut [u8]) -> usize {
    simd::copy(text, room).unwrap_or_else(|| copy_in_words(text, room))
}

/// As [`copy`], of letters, digits and hyphens alone, all of which there have to be, and perhaps few: otherwise nothing may
/// count. Most names of headers are made of these. Not all tokens are, and no bytes are no token.
#[inline]
pub(crate) fn copy_token(text: &[u8], room: &mut [u8]) -> usize {
    simd::copy_token(text, room).unwrap_or_else(|| copy_token_in_words(text, room))
}

/// As [`copy_token`], in words: all, or none.
#[cfg_attr(target_pointer_width = "64", inline(never))]
#[cfg_attr(not(target_pointer_width = "64"), inline)]
fn copy_token_in_words(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    let (words, rest) = text.as_chunks::<WORD>();
    let (places, places_left) = room.as_chunks_mut::<WORD>();
    for (word, place) in words.iter().zip(places) {
        *place = *word;
        if !is_token(usize::from_le_bytes(*word)) {
            return 0;
        }
    }
    let mut last = splat(b'a');
    for (byte, place) in rest.iter().zip(places_left) {
        *place = *byte;
        last = last << 8 | usize::from(*byte);
    }
    if is_token(last) { text.len() } else { 0 }
}

/// Whether all bytes of a word are letters, digits or hyphens.
///
/// In lower case they keep what sets them apart from all but control characters, and no other byte below 0x80 carries
/// anything over.
#[inline]
const fn is_token(word: usize) -> bool {
    let lower = word | splat(0x20);
    let letters = lower.wrapping_add(splat(0x80 - b'a')) & !lower.wrapping_add(splat(0x7F - b'z'));
    let digits = lower.wrapping_add(splat(0x80 - b'0')) & !lower.wrapping_add(splat(0x7F - b'9'));
    let hyphens = !(lower ^ splat(b'-')).wrapping_add(splat(0x7F));
    let no_control = word.wrapping_add(splat(0x60));
    (letters | digits | hyphens) & no_control & !word & splat(0x80) == splat(0x80)
}

/// As [`copy`], in words.
#[cfg_attr(target_pointer_width = "64", inline(never))]
#[cfg_attr(not(target_pointer_width = "64"), inline)]
fn copy_in_words(text: &[u8], room: &mut [u8]) -> usize {
    let mut at = 0_usize;
    for (word, place) in text.chunks_exact(WORD).zip(room.chunks_exact_mut(WORD)) {
        let Ok(word) = <[u8; WORD]>::try_from(word) else { break };
        place.copy_from_slice(&word);
        let special = special(usize::from_le_bytes(word));
        if special != 0 {
            return at.wrapping_add((special.trailing_zeros() >> 3) as usize);
        }
        at = at.wrapping_add(WORD);
    }
    let rest = text.get(at..).unwrap_or_default();
    let place = room.get_mut(at..).unwrap_or_default();
    for (byte, place) in rest.iter().zip(place) {
        if is_escaped(*byte) || *byte == 0x7F {
            break;
        }
        *place = *byte;
        at = at.wrapping_add(1);
    }
    at
}

/// The high bit of each byte that must be escaped, or is DEL. The lowest one is right, those above it need not be.
///
/// What is below 0x80 gets it by subtracting what it is less than, and only such a byte borrows from the next; or by
/// adding one, which no byte of UTF-8 carries over. To flip bit 1 swaps 0x20 and 0x22, the space and the quote, and
/// leaves what is less below them.
#[inline]
const fn special(word: usize) -> usize {
    let low_or_quote = (word ^ splat(b' ' ^ b'"')).wrapping_sub(splat(b' ' + 1));
    let backslash = (word ^ splat(b'\\')).wrapping_sub(splat(1));
    let delete = word.wrapping_add(splat(1));
    (low_or_quote | backslash | delete) & !word & splat(0x80)
}

/// Whether a byte must be escaped in a string.
const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\')
}

/// Writes the content of a string: only what must be escaped is, and in the shortest way (RFC 8259, section 7).
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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
        let mut sink = SliceSink::default();
        content(&mut sink, *self);
        sink.len()
    }
}

/// Writes the bytes of a string that is not escaped. They may begin or end within a character.
pub(crate) fn escape(sink: &mut impl Sink, text: &[u8]) {
    let (read, written) = simd::escape(text, sink.place().unwrap_or_default());
    sink.wrote(written);
    let mut rest = text.get(read..).unwrap_or_default();
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
                    // The run goes on over characters of several bytes, which need no escape either.
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

/// Writes a byte that must be escaped, in the shortest way.
#[inline]
fn escape_byte(sink: &mut impl Sink, byte: u8) {
    let Some(short) = short_escape(byte) else {
        let digit = byte & 0x0F;
        let digit = if digit < 10 { digit | b'0' } else { digit.wrapping_add(b'a' - 10) };
        return sink.put(&[b'\\', b'u', b'0', b'0', (byte >> 4) | b'0', digit]);
    };
    sink.put(&[b'\\', short]);
}

/// What stands behind the backslash for a byte that has an escape of a single letter or sign.
#[inline]
pub(in crate::json) const fn short_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        b'"' | b'\\' => byte,
        _ => return None,
    })
}

/// Writes an integer in decimal.
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) fn integer(sink: &mut impl Sink, value: i32) {
    match sink.place().and_then(|room| digits(value, room)) {
        Some(len) => sink.wrote(len),
        None => any_integer(sink, value),
    }
}

/// Writes an integer of three to eight digits where there is room, unless it is negative, and says how long it is then.
/// Nearly all are such. On a processor with words of 64 bits only: any other has nothing to gain from it.
#[inline]
pub(crate) fn digits(value: i32, room: &mut [u8]) -> Option<usize> {
    if !cfg!(target_pointer_width = "64") {
        return None;
    }
    match value {
        // A status, the length of which shall be known before its digits are.
        100..1000 => {
            let digits = [value / 100, value / 10 % 10, value % 10].map(|digit| b'0' | digit as u8);
            *room.first_chunk_mut()? = digits;
            Some(digits.len())
        }
        1000..100_000_000 => {
            let digits = eight_digits(value as u32);
            // Zeros before the number are left out.
            let zeros = (digits.trailing_zeros() >> 3) as usize;
            let room = room.get_mut(..8_usize.wrapping_sub(zeros))?;
            let first = digits >> (zeros << 3) | ZEROS;
            let last = digits >> 32 | ZEROS;
            *room.first_chunk_mut()? = (first as u32).to_le_bytes();
            *room.last_chunk_mut()? = (last as u32).to_le_bytes();
            Some(room.len())
        }
        _ => None,
    }
}

/// Eight digits of zero, the first one lowest.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The digits of a number below 100,000,000, a byte for each, the first one lowest.
///
/// All come at once: the number is halved to two of four digits each, these to two of two, and these to one. To multiply
/// by 10486 and drop 20 bits is to divide by 100, of what is below 10000; by 103 and 10 bits, to divide by 10, of what is
/// below 100.
#[inline]
const fn eight_digits(value: u32) -> u64 {
    let fours = (value / 10_000) as u64 | ((value % 10_000) as u64) << 32;
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16;
    let tens = (twos.wrapping_mul(103) >> 10) & 0x000F_000F_000F_000F;
    tens | twos.wrapping_sub(tens.wrapping_mul(10)) << 8
}

/// Writes an integer in decimal, digit by digit.
#[inline(never)]
pub(crate) fn any_integer(sink: &mut impl Sink, value: i32) {
    let mut rest = value.unsigned_abs();
    decimal(sink, value < 0, || {
        let digit = rest % 10;
        rest /= 10;
        (digit as u8, rest > 0)
    });
}

/// The same of 64 bits, the sign apart.
#[cfg(feature = "serde")]
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

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec;

    #[test]
    fn digits_are_those_of_the_number() {
        let powers = (0..=9).map(|power| 10_i32.pow(power));
        let values =
            powers.flat_map(|power| (power - 2..power + 2).chain((0..power).step_by(power as usize / 999 + 1)));
        for value in values.chain([i32::MIN, i32::MAX]) {
            let expected = std::format!("{value}");
            let mut room = [0xAA; 12];
            let written = digits(value, &mut room);
            let possible = cfg!(target_pointer_width = "64") && (100..100_000_000).contains(&value);
            assert_eq!(written, possible.then_some(expected.len()), "{value}");
            if let Some(len) = written {
                assert_eq!(&room[..len], expected.as_bytes());
                assert!(room[len..].iter().all(|byte| *byte == 0xAA), "what follows is left alone");
                assert_eq!(digits(value, &mut room[1..len]), None);
            }
        }
    }

    #[test]
    fn a_token_is_copied_whole_or_not_at_all() {
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=0xFF {
                    let mut text = vec![b"aZ0-9zA"[len % 7]; len];
                    text[place] = byte;
                    let fine = byte.is_ascii_alphanumeric() || byte == b'-';
                    for room in [0, place, len, len + 1] {
                        for (copy, most) in
                            [(copy_token as fn(&[u8], &mut [u8]) -> usize, 32), (copy_token_in_words, 64)]
                        {
                            let mut copied = vec![0xAA; room];
                            let whole = copy(&text, &mut copied) == len;
                            assert!(if fine && room >= len && len <= most {
                                whole
                            } else {
                                !whole || len > 32 && fine
                            });
                            assert!(!whole || copied[..len] == text);
                            assert!(copied.iter().skip(len).all(|byte| *byte == 0xAA), "what follows is left alone");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_copied_is_printable_and_needs_no_escape() {
        for len in 0..40 {
            for place in 0..len {
                for byte in 0..=0xFE {
                    let mut text = vec![b"a~ \x80"[len % 4]; len];
                    text[place] = byte;
                    let refused = byte < 0x20 || b"\"\\\x7F".contains(&byte);
                    let leading = if refused { place } else { len };
                    for room in [0, place, len, len + 1] {
                        let mut copied = vec![0xAA; room];
                        assert_eq!(copy_in_words(&text, &mut copied), leading.min(room), "{}", text.escape_ascii());
                        assert_eq!(copied[..leading.min(room)], text[..leading.min(room)]);
                        let mut copied = vec![0xAA; room];
                        let most = copy(&text, &mut copied);
                        assert!(most <= leading && (refused || room < len || most == len), "{}", text.escape_ascii());
                        assert_eq!(copied[..most], text[..most]);
                        assert!(copied.iter().skip(len).all(|byte| *byte == 0xAA), "what follows is left alone");
                    }
                }
            }
        }
    }
}
