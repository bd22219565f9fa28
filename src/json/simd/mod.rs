//! The walk over a JSON value in blocks of 64 bytes, where the processor has the registers for it: SSE2 and AVX2 on
//! x86-64, NEON on AArch64.
//!
//! This module only establishes that a whole block is valid. It never says what is wrong or where: the byte-wise walk
//! takes over at a block that is invalid or incomplete, or in which the value ends. So this module may reject rare
//! valid input, such as half of a surrogate pair where no text is required. By construction, the verdicts are those of
//! the byte-wise walk, and each byte is examined at most twice. The bytes of a short value, which
//! [`tokens`](super::tokens) tries first, are examined once more.
//!
//! A long string is read in granules of 256 bytes, where AVX2 is there: one look at all of it says whether anything in it
//! is rare. Only then are its blocks looked at one by one.
//!
//! [`Block`] is what an instruction set provides: sixty-four bytes, and masks with one bit for each byte of a class.
//! The rest is arithmetic on 64-bit words, shared by all instruction sets: [`strings`] finds what is inside strings,
//! and [`structure`], with [`numbers`], checks that what is outside follows the grammar. [`write`](mod@write) is the
//! opposite direction, and [`unescape`](mod@unescape) reads what has been checked. [`processor`] is the module of the
//! target, which selects the instruction set. Only the files of the instruction sets, `level.rs`, which queries the
//! features of an x86-64, and `utf8.rs` contain unsafe code.
//!
//! Without the feature `simd`, on other processors, and with `--cfg callcontainer_simd="none"`, `scalar.rs` replaces
//! all this. With `--cfg callcontainer_simd="baseline"` the processor is not queried, and only what every processor of
//! the target has is used. Both are for tests:
//!
//! ```sh
//! RUSTFLAGS='--cfg callcontainer_simd="baseline"' cargo test --all-features
//! ```

mod block;
mod content;
mod leading;
mod numbers;
#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod processor;
mod resume;
mod strings;
mod structure;
mod tables;
#[cfg(test)]
mod tests;
mod unescape;
mod utf8;
mod write;

use super::content::{Alphabet, Content};
use super::state::Walker;
pub(crate) use write::Done;

/// There are blocks.
pub(crate) const IS_BLOCKS: bool = true;

/// Takes the widest registers that the processor has from now on, or only those that every processor of the target has.
/// For tests: by itself, a process begins with the second and goes over to the first.
#[doc(hidden)]
pub fn take_level(widest: bool) {
    processor::take_level(widest);
}

/// Shorter input is not worth the overhead of blocks.
const LEAST: usize = 32;

/// Returns whether a piece is long enough for blocks to pay off.
#[inline]
pub(super) const fn pays(piece: &[u8]) -> bool {
    piece.len() >= LEAST
}

/// Walks as far as whole blocks are valid, but not from within a number, and returns how many bytes of the piece are
/// done.
#[inline]
pub(super) fn walk(walker: &mut Walker, piece: &[u8]) -> usize {
    if piece.len() < LEAST { 0 } else { walk_blocks(walker, piece) }
}

#[inline(never)]
fn walk_blocks(walker: &mut Walker, piece: &[u8]) -> usize {
    processor::walk(walker, piece)
}

/// Scans the rest of a string as far as whole blocks are valid: to its end, or almost to the end of the piece. Returns
/// `None` if something is wrong or there is no whole block.
#[inline(never)]
pub(super) fn content(piece: &[u8]) -> Option<Content> {
    if piece.len() < LEAST { None } else { processor::content(piece) }
}

/// Returns the number of leading bytes that may appear unescaped in a JSON string and are ASCII, unless there are too
/// few bytes for this to pay off.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Option<usize> {
    processor::plain(bytes)
}

/// Returns the number of leading printable bytes, that is, [`plain`] without DEL.
#[inline]
pub(super) fn printable(bytes: &[u8]) -> Option<usize> {
    processor::printable(bytes)
}

/// Returns the number of leading bytes that are neither `"` nor `\`, unless there are too few bytes for this to pay off.
#[inline]
pub(super) fn unmarked(bytes: &[u8]) -> Option<usize> {
    processor::unmarked(bytes)
}

/// Returns these bytes as a `&str`, if they are UTF-8.
#[inline(never)]
pub(super) fn to_str(bytes: &[u8]) -> Option<&str> {
    processor::to_str(bytes)
}

/// Unescapes a validated span into `room`, which is another place, as far as there is room. What it writes behind that
/// does not count.
#[inline(never)]
pub(super) fn unescape(span: &[u8], room: &mut [u8]) -> Done {
    unescape::unescape(span, room)
}

/// Returns how many bytes of a validated span are in whole blocks, and how many they are unescaped.
#[inline(never)]
pub(super) fn unescaped(span: &[u8]) -> Done {
    unescape::unescaped(span)
}

/// Unescapes a validated span in place, as far as there are whole blocks: returns how many bytes are read, and how many
/// are written. What it writes behind those does not count.
#[inline(never)]
pub(super) fn unescape_in_place(span: &mut [u8]) -> Done {
    unescape::unescape_in_place(span)
}

/// Returns one bit for each byte that is not printable ASCII, or is `"` or `\`.
#[inline(always)]
pub(super) fn unprintable_bits(bytes: &[u8; 16]) -> u16 {
    processor::unprintable_bits(bytes)
}

/// Returns the string whose content begins here, and what follows it, if it is in this alphabet and shorter than two
/// registers; three for [`Any`](Alphabet::Any) and [`Printable`](Alphabet::Printable).
#[inline(always)]
pub(super) fn short(text: &[u8], alphabet: Alphabet) -> Option<(&[u8], &[u8])> {
    match alphabet {
        Alphabet::Any => short_of(text, true, processor::unmarked_in),
        Alphabet::Printable => short_of(text, true, processor::printable_in),
        Alphabet::Visible => short_of(text, false, processor::visible_in),
        Alphabet::Token => short_of(text, false, processor::token_in),
    }
}

/// Returns the same for the alphabet of which `leading` counts the leading bytes. `third` says whether to look at a third
/// register.
#[inline(always)]
fn short_of(text: &[u8], third: bool, leading: impl Fn(&[u8; 16]) -> usize) -> Option<(&[u8], &[u8])> {
    let len = leading(text.first_chunk()?);
    if len < 16 {
        return split(text, len);
    }
    let more = leading(text.get(16..)?.first_chunk()?);
    if more < 16 {
        return split(text, more.wrapping_add(16));
    }
    if !third {
        return None;
    }
    let more = leading(text.get(32..)?.first_chunk()?);
    if more < 16 { split(text, more.wrapping_add(32)) } else { None }
}

/// Returns the string of this length, and what follows it, if its closing quote is there.
#[inline(always)]
fn split(text: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
    match (text.get(..len)?, text.get(len..)?) {
        (content, [b'"', behind @ ..]) => Some((content, behind)),
        _ => None,
    }
}

/// Writes the content of a string into `room`, with escapes, as far as whole blocks go.
#[inline]
pub(crate) fn escape(text: &[u8], room: &mut [u8]) -> Done {
    if text.len() < LEAST { (0, 0) } else { escape_blocks(text, room) }
}

/// Writes a text that is too short for [`escape`], as far as there is room.
#[inline(never)]
pub(crate) fn escape_rest(text: &[u8], room: &mut [u8]) -> Done {
    write::escape_sixteens(text, room)
}

#[inline(never)]
fn escape_blocks(text: &[u8], room: &mut [u8]) -> Done {
    processor::escape(text, room)
}

/// Copies leading bytes that are printable and need no escape in a string, and returns how many. There may be more such
/// bytes, and what it writes after them does not count.
#[inline]
pub(super) fn copy(text: &[u8], room: &mut [u8]) -> Option<usize> {
    Some(write::copy(text, room))
}

/// Copies a text of at most the length of `room`, if all of it is printable and needs no escape.
#[inline]
pub(super) fn copy_short(text: &[u8], room: &mut [u8; 32]) -> Option<bool> {
    Some(write::copy_short(text, room))
}

/// Copies letters, digits and hyphens: all of the text, or nothing that counts.
#[inline]
pub(super) fn copy_token(text: &[u8], room: &mut [u8]) -> Option<usize> {
    Some(write::copy_token(text, room))
}

/// Writes bytes in base64 into `room`, as far as there are whole groups that fill a register.
#[inline]
pub(crate) fn base64(bytes: &[u8], room: &mut [u8]) -> Done {
    processor::base64(bytes, room)
}

/// Decodes whole groups of base64 into `room`, as far as they fill a register and are nothing but symbols. What it writes
/// after the decoded bytes does not count.
#[inline]
pub(crate) fn from_base64(symbols: &[u8], room: &mut [u8]) -> Done {
    processor::from_base64(symbols, room)
}

/// Returns the number of leading bytes that are known to be base64 symbols.
#[inline]
pub(crate) fn symbols(piece: &[u8]) -> usize {
    processor::symbols(piece)
}
