//! Base64 with the standard alphabet and padding (RFC 4648, section 4), in pieces of any size.
//!
//! Knows only the alphabet. A crate would suffice for whole slices. Here, however, text comes in pieces that may be cut
//! anywhere and may contain escapes, errors carry an offset, and nothing that can panic may be linked.

use crate::json::simd;
use crate::json::sink::{Place, Sink, SliceSink, Source};
use crate::octets::BASE64;
use core::ops::Range;

/// The entry in [`VALUES`] for a byte that is not a symbol.
const NONE: u8 = 0xFF;

/// The lowest and the highest byte among the symbols.
const LOWEST: u8 = b'+';
const HIGHEST: u8 = b'z';

/// The value of each symbol.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static VALUES: [u8; (HIGHEST - LOWEST) as usize + 1] = {
    let mut values = [NONE; (HIGHEST - LOWEST) as usize + 1];
    let mut value = 0;
    while value < 64 {
        values[(BASE64[value] - LOWEST) as usize] = value as u8;
        value += 1;
    }
    values
};

fn value(symbol: u8) -> u8 {
    VALUES.get(usize::from(symbol.wrapping_sub(LOWEST))).copied().unwrap_or(NONE)
}

/// Symbols decoded at once, if they are all in whole groups.
const BLOCK: usize = 64;

/// The fewest symbols that fill a register.
const REGISTER: usize = 32;

/// Symbols copied at once to be decoded where they are.
const IN_PLACE: usize = if simd::IS_BLOCKS { 256 } else { BLOCK };

/// Decodes a block, unless it contains a byte that is not a symbol.
fn decode_block(block: &[u8; BLOCK]) -> Option<[u8; BLOCK / 4 * 3]> {
    let mut bytes = [0; BLOCK / 4 * 3];
    let mut all = 0;
    for (place, group) in bytes.chunks_exact_mut(3).zip(block.chunks_exact(4)) {
        if let ([x, y, z], [a, b, c, d]) = (place, group) {
            let (a, b, c, d) = (value(*a), value(*b), value(*c), value(*d));
            all |= a | b | c | d;
            (*x, *y, *z) = (a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d);
        }
    }
    // A symbol's value fits in six bits; the entry for any other byte does not.
    (all < 64).then_some(bytes)
}

/// Decodes what fills registers, and returns the rest.
#[inline(never)]
fn decode_registers<'t>(text: &'t [u8], put: &mut impl FnMut(&[u8])) -> &'t [u8] {
    let mut bytes = [0; IN_PLACE / 4 * 3 + 8];
    let mut rest = text;
    loop {
        let (read, written) = simd::from_base64(rest, &mut bytes);
        if read == 0 {
            return rest;
        }
        put(bytes.get(..written).unwrap_or_default());
        rest = rest.get(read..).unwrap_or_default();
    }
}

/// Returns the number of leading symbols.
fn leading_symbols(piece: &[u8]) -> usize {
    let known = simd::symbols(piece);
    let more = piece.get(known..).unwrap_or_default();
    known.wrapping_add(more.iter().position(|symbol| value(*symbol) == NONE).unwrap_or(more.len()))
}

/// Returns where the last symbols begin that leave a trace among so many: of whole groups, only the last three do.
const fn last_group(symbols: usize) -> usize {
    symbols.saturating_sub(3) & !3
}

/// Returns the length of the base64 that begins here, if it is valid and complete, and a quote follows.
pub(crate) fn before_quote(text: &[u8]) -> Option<usize> {
    let symbols = leading_symbols(text);
    let padding = match text.get(symbols..)? {
        [b'"', ..] => 0,
        [b'=', b'"', ..] => 1,
        [b'=', b'=', b'"', ..] => 2,
        _ => return None,
    };
    let len = symbols.wrapping_add(padding);
    let mut decoder = Decoder::NEW;
    decoder.check(text.get(last_group(symbols)..len)?).ok()?;
    decoder.is_complete().then_some(len)
}

/// Returns the length of `bytes` bytes in base64.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}

/// Writes bytes in base64, with padding.
pub(crate) fn encode(sink: &mut impl Sink, bytes: &[u8]) {
    let symbol = |six: u32| BASE64.get((six & 63) as usize).copied().unwrap_or(b'=');
    let (read, written) = simd::base64(bytes, sink.place().unwrap_or_default());
    sink.wrote(written);
    for group in bytes.get(read..).unwrap_or_default().chunks(3) {
        let (bits, padding) = match *group {
            [a, b, c] => (u32::from_be_bytes([0, a, b, c]), 0),
            [a, b] => (u32::from_be_bytes([0, a, b, 0]), 1),
            [a] => (u32::from_be_bytes([0, a, 0, 0]), 2),
            _ => return,
        };
        let symbols = [symbol(bits >> 18), symbol(bits >> 12), symbol(bits >> 6), symbol(bits)];
        sink.put(symbols.get(..4_usize.saturating_sub(padding)).unwrap_or_default());
        sink.put(b"==".get(..padding).unwrap_or_default());
    }
}

/// Bytes to be written in base64.
#[derive(Clone, Copy)]
pub(crate) struct Encoded<'a>(pub(crate) &'a [u8]);

impl Source for Encoded<'_> {
    #[inline]
    fn put_all(self, sink: &mut impl Sink) {
        encode(sink, self.0);
    }

    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool {
        let rest = self.0.get(place.at..).unwrap_or_default();
        // Whole groups, so that padding comes only at the end.
        let bytes = (sink.room() / 4).saturating_mul(3);
        let now = rest.get(..bytes).unwrap_or(rest);
        encode(sink, now);
        place.at = place.at.wrapping_add(now.len());
        now.len() == rest.len()
    }
}

/// Decodes base64 in pieces: checks it, and yields the bytes.
///
/// Strict: the padding is required, nothing may follow it, and the bits that do not belong to a byte must be zero. So
/// no two texts represent the same bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoder {
    /// The last symbols, six bits each.
    bits: u32,
    /// Number of symbols so far in the group of four.
    symbols: u8,
    padding: u8,
}

impl Decoder {
    pub(crate) const NEW: Self = Self { bits: 0, symbols: 0, padding: 0 };

    /// Checks a piece without decoding it.
    ///
    /// # Errors
    /// The position in `piece` of the first invalid byte.
    pub(crate) fn check(&mut self, piece: &[u8]) -> Result<(), usize> {
        // After padding there may be no more symbols.
        let mut at = if self.padding > 0 { 0 } else { last_group(leading_symbols(piece)) };
        for symbol in piece.get(at..).unwrap_or_default() {
            if self.next(*symbol).is_err() {
                return Err(at);
            }
            at = at.wrapping_add(1);
        }
        Ok(())
    }

    /// Decodes a piece and passes the bytes to `put`, as many at a time as are ready.
    ///
    /// # Errors
    /// The position in `piece` of the first invalid byte.
    pub(crate) fn decode(&mut self, piece: &[u8], mut put: impl FnMut(&[u8])) -> Result<(), usize> {
        let mut rest = piece;
        loop {
            if self.symbols | self.padding == 0 {
                if simd::IS_BLOCKS && rest.len() >= REGISTER {
                    rest = decode_registers(rest, &mut put);
                }
                while let Some((block, behind)) = rest.split_first_chunk() {
                    let Some(bytes) = decode_block(block) else { break };
                    put(&bytes);
                    rest = behind;
                }
            }
            let Some((symbol, behind)) = rest.split_first() else { return Ok(()) };
            match self.next(*symbol) {
                Ok(None) => {}
                Ok(Some(byte)) => put(&[byte]),
                Err(()) => return Err(piece.len().wrapping_sub(rest.len())),
            }
            rest = behind;
        }
    }

    /// Takes one symbol, and returns the byte that it completes.
    fn next(&mut self, symbol: u8) -> Result<Option<u8>, ()> {
        let six = value(symbol);
        if six == NONE || self.padding > 0 {
            // Padding fills a group that has two or three symbols.
            let group = self.symbols.wrapping_add(self.padding);
            if symbol != b'=' || self.symbols < 2 || group > 3 || self.loose_bits() != 0 {
                return Err(());
            }
            self.padding = self.padding.wrapping_add(1);
            return Ok(None);
        }
        self.bits = (self.bits << 6) | u32::from(six);
        self.symbols = self.symbols.wrapping_add(1) & 3;
        Ok(match self.symbols {
            // The bits of the group so far are the lowest: 12, 18, then 24 of them.
            2 => Some((self.bits >> 4) as u8),
            3 => Some((self.bits >> 2) as u8),
            0 => Some(self.bits as u8),
            _ => None,
        })
    }

    /// Decodes a piece in place, from `piece` in `bytes` to `write` in `bytes`, which must not be after it. Returns
    /// where the decoded bytes end.
    ///
    /// # Errors
    /// The position in the piece of the first invalid byte.
    pub(crate) fn decode_in_place(
        &mut self,
        bytes: &mut [u8],
        piece: Range<usize>,
        mut write: usize,
    ) -> Result<usize, usize> {
        // The decoded bytes may overwrite only what has been copied out.
        let mut block = [0; IN_PLACE];
        let mut read = piece.start;
        while read < piece.end {
            // A group that an earlier piece has begun is completed first, so that whole blocks follow.
            let wanted = if self.symbols == 0 { IN_PLACE } else { 4_usize.saturating_sub(usize::from(self.symbols)) };
            let len = piece.end.wrapping_sub(read).min(wanted);
            let (Some(symbols), Some(block)) =
                (bytes.get(read..).and_then(|rest| rest.get(..len)), block.get_mut(..len))
            else {
                break;
            };
            block.copy_from_slice(symbols);
            self.decode(block, |decoded| {
                let end = write.wrapping_add(decoded.len());
                if let Some(place) = bytes.get_mut(write..end) {
                    place.copy_from_slice(decoded);
                }
                write = end;
            })
            .map_err(|wrong| read.wrapping_sub(piece.start).wrapping_add(wrong))?;
            read = read.wrapping_add(len);
        }
        Ok(write)
    }

    /// Returns whether the text may end here.
    pub(crate) const fn is_complete(&self) -> bool {
        matches!((self.symbols, self.padding), (0, 0) | (2, 2) | (3, 1))
    }

    /// Returns the bits after the last whole byte.
    const fn loose_bits(&self) -> u32 {
        match self.symbols {
            2 => self.bits & 0x0F,
            3 => self.bits & 0x03,
            _ => 0,
        }
    }
}
