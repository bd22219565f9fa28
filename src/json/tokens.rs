//! Walks token by token over a value that is too short for blocks to pay off.
//!
//! Knows what most values look like: no white space, no exponents. For all others, and for invalid ones, it gives no
//! answer.

use super::byte::is_plain;
use super::scan;
use super::simd::{self, unprintable_bits};
use super::string::{self, Stop};

/// In longer texts, blocks gain more than they cost.
const BRIEF: usize = 256;

/// Returns what follows the value that begins here, if the value is short, ends here as well, and looks like most.
/// Returns nothing if there are no blocks.
#[inline]
pub(super) fn behind_value(text: &[u8]) -> Option<&[u8]> {
    if !simd::IS_BLOCKS || text.len() > BRIEF { None } else { behind_any_value(text) }
}

#[inline(never)]
pub(super) fn behind_any_value(text: &[u8]) -> Option<&[u8]> {
    match text.first()? {
        b'{' | b'[' => behind_container(text),
        b'"' => behind_string(text.get(1..)?),
        first => {
            let behind = text.get(behind_scalar(text, *first, 0)?..)?;
            // A number may continue in another form.
            matches!(behind, [b',' | b'}' | b']', ..]).then_some(behind)
        }
    }
}

/// Returns what follows the object or array that begins here, as [`behind_value`] does.
#[inline(always)]
fn behind_container(text: &[u8]) -> Option<&[u8]> {
    let mut strings = Strings::new(text);
    let mut at = 1_usize;
    let mut closing = closing(*text.first()?);
    if text.get(at)? == &closing {
        return text.get(2..);
    }
    // One bit for each bracket around the innermost, the lowest for the nearest: 1 for a brace. A marker bit of one is
    // above them.
    let mut around = 1_u32;
    loop {
        // After an opening bracket or a comma.
        let mut byte = *text.get(at)?;
        if closing == b'}' {
            if byte != b'"' {
                return None;
            }
            at = strings.behind_name(at.wrapping_add(1))?;
            byte = *text.get(at)?;
        }
        at = match byte {
            b'"' => strings.behind(at.wrapping_add(1)),
            b'{' | b'[' => {
                let inner = at.wrapping_add(1);
                if text.get(inner)? != &self::closing(byte) {
                    // There may be too many levels for a word. The depth limit is higher than that wherever a value may
                    // occur.
                    if around.leading_zeros() == 0 {
                        return None;
                    }
                    around = around << 1 | u32::from(closing >> 5 & 1);
                    closing = self::closing(byte);
                    at = inner;
                    continue;
                }
                inner.wrapping_add(1)
            }
            _ => behind_scalar(text, byte, at)?,
        };
        // After a value.
        loop {
            let byte = *text.get(at)?;
            at = at.wrapping_add(1);
            if byte == b',' {
                break;
            }
            if byte != closing {
                return None;
            }
            if around == 1 {
                return text.get(at..);
            }
            closing = b']' | (around as u8 & 1) << 5;
            around >>= 1;
        }
    }
}

/// Returns the bracket that closes this one.
#[inline(always)]
const fn closing(opening: u8) -> u8 {
    opening.wrapping_add(2)
}

/// Finds where the strings of a text end. It examines many bytes at once, so the end of one string leads quickly to the
/// end of the next.
struct Strings<'a> {
    text: &'a [u8],
    /// Start of the bytes that have been examined.
    from: usize,
    /// One bit for each of them that is not printable, or is `"` or `\`.
    stops: u32,
}

/// Bytes examined at once.
const AT_ONCE: usize = 32;

impl<'a> Strings<'a> {
    #[inline(always)]
    fn new(text: &'a [u8]) -> Self {
        Self { text, from: 0, stops: stops(text).unwrap_or(!0) }
    }

    /// Returns the position after the string whose content begins here, or a position beyond the text if there is none.
    #[inline(always)]
    fn behind(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            let place = at.wrapping_sub(self.from);
            if place < AT_ONCE {
                let stops = self.stops >> place;
                if stops != 0 {
                    at = at.wrapping_add(stops.trailing_zeros() as usize);
                    break;
                }
                at = self.from.wrapping_add(AT_ONCE);
            }
            // The last bytes are examined together with some before them.
            self.from = at.min(self.text.len().wrapping_sub(AT_ONCE));
            match self.text.get(self.from..).and_then(stops) {
                Some(stops) if at < self.text.len() => self.stops = stops,
                _ => break,
            }
        }
        if self.text.get(at) == Some(&b'"') { at.wrapping_add(1) } else { self.behind_other(start) }
    }

    /// Returns the same as [`behind`](Strings::behind) for a string that is not known to be printable.
    #[cold]
    #[inline(never)]
    fn behind_other(&self, start: usize) -> usize {
        let behind = self.text.get(start..).and_then(behind_string);
        behind.map_or(usize::MAX, |behind| self.text.len().wrapping_sub(behind.len()))
    }

    /// Returns the position after the name whose content begins here, and its colon.
    #[inline(always)]
    fn behind_name(&mut self, start: usize) -> Option<usize> {
        let behind = self.behind(start);
        (self.text.get(behind)? == &b':').then_some(behind.wrapping_add(1))
    }
}

/// Returns the stops among the first bytes, if there are enough bytes.
#[inline(always)]
fn stops(text: &[u8]) -> Option<u32> {
    let (sixteens, _) = text.first_chunk::<AT_ONCE>()?.as_chunks();
    Some(sixteens.iter().rev().fold(0, |bits, sixteen| bits << 16 | u32::from(unprintable_bits(sixteen))))
}

/// Returns what follows the string whose opening quote precedes this text.
#[inline(never)]
fn behind_string(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.iter();
    loop {
        match scan::skip_special(&mut rest)? {
            b'"' => return Some(rest.as_slice()),
            byte if is_plain(byte) => {}
            _ => break,
        }
    }
    let content = string::content(text);
    if content.stop == Stop::Quote { text.get(content.len.wrapping_add(1)..) } else { None }
}

/// Returns the position after the number or literal that begins here with `first`, if it is one.
#[inline(always)]
fn behind_scalar(text: &[u8], first: u8, start: usize) -> Option<usize> {
    let behind = start.wrapping_add(1);
    match first {
        b'0' => behind_fraction(text, behind),
        b'1'..=b'9' => behind_fraction(text, behind_digits(text, behind)),
        b'-' => match text.get(behind)? {
            b'0' => behind_fraction(text, behind.wrapping_add(1)),
            b'1'..=b'9' => behind_fraction(text, behind_digits(text, behind)),
            _ => None,
        },
        b't' => behind_literal(text, start, b"true"),
        b'f' => behind_literal(text, start, b"false"),
        b'n' => behind_literal(text, start, b"null"),
        _ => None,
    }
}

#[inline(always)]
fn behind_literal(text: &[u8], start: usize, literal: &[u8]) -> Option<usize> {
    let behind = start.wrapping_add(literal.len());
    (text.get(start..behind)? == literal).then_some(behind)
}

/// Returns the position after the fraction, if there is one.
#[inline(always)]
fn behind_fraction(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start)? != &b'.' {
        return Some(start);
    }
    let digits = start.wrapping_add(1);
    text.get(digits)?.is_ascii_digit().then(|| behind_digits(text, digits))
}

/// Returns the position after the digits.
#[inline(always)]
fn behind_digits(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(b'0'..=b'9') = text.get(at) {
        at = at.wrapping_add(1);
    }
    at
}
