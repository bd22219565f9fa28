//! The same walk in blocks of 64 bytes, where the processor has the registers for it: SSE2 and AVX2 on x86-64, NEON on
//! AArch64.
//!
//! It knows how to tell at once that a whole block is right. It never says what is wrong nor where: from a block that
//! is not right, or not whole, or in which the value ends, the byte-wise walk goes on. So it may take for wrong what is
//! right and rare, as half of a surrogate pair is where no text has to be. Verdicts are those of the byte-wise walk by
//! construction, and each byte is looked at twice at most; those of a short value, which is first tried by
//! [`tokens`](super::tokens), once more.
//!
//! [`Block`] is what an instruction set gives: sixty-four bytes, and a bit for each byte that is of some class. All the
//! rest is arithmetic on words of 64 bits, the same for all of them: [`strings`] tells what is inside strings, and
//! [`structure`], with [`numbers`], whether what is outside follows the grammar. [`write`](mod@write) goes the other way.
//! [`processor`] is that of the target, and chooses the instruction set. The files of the instruction sets, and
//! `level.rs`, which asks an x86-64 what it has, are the only ones with unsafe code.
//!
//! Without the feature `simd`, on other processors, and with `--cfg callcontainer_simd="none"`, `scalar.rs` stands in
//! for all this. With `--cfg callcontainer_simd="baseline"` the processor is not asked, and only what every processor
//! of the target has is used. Both are for tests:
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
mod write;

use super::content::{Alphabet, Content};
use super::state::Walker;
pub(crate) use write::Done;

/// There are blocks.
pub(super) const IS_BLOCKS: bool = true;

/// What is shorter is not worth the way here.
const LEAST: usize = 32;

/// Whether a piece is worth the way here.
#[inline]
pub(super) const fn pays(piece: &[u8]) -> bool {
    piece.len() >= LEAST
}

/// Walks on as far as whole blocks are right, not from within a number, and returns how many bytes of the piece are done
/// with.
#[inline]
pub(super) fn walk(walker: &mut Walker, piece: &[u8]) -> usize {
    if piece.len() < LEAST { 0 } else { walk_blocks(walker, piece) }
}

#[inline(never)]
fn walk_blocks(walker: &mut Walker, piece: &[u8]) -> usize {
    processor::walk(walker, piece)
}

/// Reads on inside a string as far as whole blocks are right: to its end, or nearly to that of the piece. `None`, if
/// something is wrong or there is no block.
#[inline(never)]
pub(super) fn content(piece: &[u8]) -> Option<Content> {
    if piece.len() < LEAST { None } else { processor::content(piece) }
}

/// The number of leading bytes that stand for themselves in a JSON string, unless there are too few bytes for this to be
/// the better way.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Option<usize> {
    processor::plain(bytes)
}

/// The same without DEL.
#[inline]
pub(super) fn printable(bytes: &[u8]) -> Option<usize> {
    processor::printable(bytes)
}

/// A bit for each of these that is not printable ASCII, or is `"` or `\`.
#[inline(always)]
pub(super) fn unprintable_bits(bytes: &[u8; 16]) -> u16 {
    processor::unprintable_bits(bytes)
}

/// The string whose content begins here, and what follows it, if it is made of these and shorter than two registers.
#[inline(always)]
pub(super) fn short(text: &[u8], alphabet: Alphabet) -> Option<(&[u8], &[u8])> {
    match alphabet {
        Alphabet::Printable => short_of(text, processor::printable_in),
        Alphabet::Visible => short_of(text, processor::visible_in),
        Alphabet::Token => short_of(text, processor::token_in),
    }
}

/// The same, where this says how many leading bytes are such.
#[inline(always)]
fn short_of(text: &[u8], leading: impl Fn(&[u8; 16]) -> usize) -> Option<(&[u8], &[u8])> {
    let len = leading(text.first_chunk()?);
    if len < 16 {
        return split(text, len);
    }
    let more = leading(text.get(16..)?.first_chunk()?);
    if more < 16 { split(text, more.wrapping_add(16)) } else { None }
}

/// The string of this length, and what follows it, if its closing quote comes there.
#[inline(always)]
fn split(text: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
    match (text.get(..len)?, text.get(len..)?) {
        (content, [b'"', behind @ ..]) => Some((content, behind)),
        _ => None,
    }
}

/// Writes the content of a string into this room, escaping what must be, as far as whole blocks go.
#[inline]
pub(crate) fn escape(text: &[u8], room: &mut [u8]) -> Done {
    if text.len() < LEAST { (0, 0) } else { escape_blocks(text, room) }
}

#[inline(never)]
fn escape_blocks(text: &[u8], room: &mut [u8]) -> Done {
    processor::escape(text, room)
}

/// Copies leading bytes that are printable and need no escape in a string, and says how many; not necessarily all that
/// are. What it writes behind them does not count.
#[inline]
pub(super) fn copy(text: &[u8], room: &mut [u8]) -> Option<usize> {
    Some(write::copy(text, room))
}

/// Copies no more than so many bytes, if all of them are such.
#[inline]
pub(super) fn copy_short(text: &[u8], room: &mut [u8; 32]) -> Option<bool> {
    Some(write::copy_short(text, room))
}

/// Copies leading bytes that are letters, digits and hyphens: all of them, or none.
#[inline]
pub(super) fn copy_token(text: &[u8], room: &mut [u8]) -> Option<usize> {
    Some(write::copy_token(text, room))
}

/// Writes bytes in base64 into this room as far as whole groups go that fill a register.
#[inline]
pub(crate) fn base64(bytes: &[u8], room: &mut [u8]) -> Done {
    processor::base64(bytes, room)
}

/// The number of leading bytes that are known to be symbols of base64.
#[inline]
pub(crate) fn symbols(piece: &[u8]) -> usize {
    processor::symbols(piece)
}
