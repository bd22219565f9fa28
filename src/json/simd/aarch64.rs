//! The instruction set of AArch64: NEON.

mod neon;

use super::block::{BLOCK, Block};
use super::resume;
#[cfg(test)]
use super::tests::Set;
use super::utf8;
use super::write::{self, Done};
use crate::json::content::Content;
use crate::json::state::Walker;
pub(super) use neon::{
    Sixteen, base64, from_base64, plain, printable, printable_in, token_in, unmarked, unmarked_in, unprintable,
    unprintable_bits, visible_in,
};

/// See [`resume::walk`].
#[inline]
pub(super) fn walk(walker: &mut Walker, piece: &[u8]) -> usize {
    resume::walk::<neon::Block>((), walker, piece)
}

/// See [`content`](super::content::content).
#[inline]
pub(super) fn content(piece: &[u8]) -> Option<Content> {
    super::content::content::<neon::Block>((), piece)
}

/// See [`write::escape`].
#[inline]
pub(super) fn escape(text: &[u8], room: &mut [u8]) -> Done {
    write::escape::<neon::Block>((), text, room)
}

/// See [`write::symbols`].
#[inline]
pub(super) fn symbols(piece: &[u8]) -> usize {
    write::symbols::<neon::Block>((), piece)
}

/// See [`utf8::to_str`].
#[inline]
pub(super) fn to_str(bytes: &[u8]) -> Option<&str> {
    utf8::to_str::<neon::Block>((), bytes)
}

/// Returns one bit for each backslash.
#[inline(always)]
pub(super) fn backslashes(bytes: &[u8; BLOCK]) -> u64 {
    neon::Block::load((), bytes).equal(b'\\')
}

/// See [`take_level`](super::take_level). There is one level.
pub(super) const fn take_level(_: bool) {}

/// Returns the instruction sets that this processor has.
#[cfg(test)]
pub(super) fn sets() -> impl Iterator<Item = Set> {
    [Set { base64: Some((base64, 48, 64)), from_base64: Some((from_base64, 64, 48)), ..Set::of::<neon::Block>("NEON") }]
        .into_iter()
}
