//! The instruction sets of x86-64: AVX2 where the processor has it, SSE2 elsewhere.

mod avx2;
mod level;
mod sse2;

use super::block::{BLOCK, Block};
use super::resume;
#[cfg(test)]
use super::tests::Set;
use super::utf8;
use super::write::{self, Done};
use crate::json::content::Content;
use crate::json::state::Walker;
use level::Avx2;
pub(super) use sse2::{
    Sixteen, plain, printable, printable_in, token_in, unmarked, unmarked_in, unprintable, unprintable_bits, visible_in,
};

/// See [`resume::walk`].
#[inline]
pub(super) fn walk(walker: &mut Walker, piece: &[u8]) -> usize {
    match Avx2::for_work(piece.len()) {
        Some(avx2) => avx2::walk(avx2, walker, piece),
        None => resume::walk::<sse2::Block>((), walker, piece),
    }
}

/// See [`content`](super::content::content).
#[inline]
pub(super) fn content(piece: &[u8]) -> Option<Content> {
    match Avx2::for_work(piece.len()) {
        Some(avx2) => avx2::content(avx2, piece),
        None => super::content::content::<sse2::Block>((), piece),
    }
}

/// See [`write::escape`].
#[inline]
pub(super) fn escape(text: &[u8], room: &mut [u8]) -> Done {
    match Avx2::for_work(text.len()) {
        Some(avx2) => avx2::escape(avx2, text, room),
        None => write::escape::<sse2::Block>((), text, room),
    }
}

/// Writes bytes in base64 into `room`, as far as there are whole groups that fill a register.
#[inline]
pub(super) fn base64(bytes: &[u8], room: &mut [u8]) -> Done {
    Avx2::for_work(bytes.len()).map_or((0, 0), |avx2| avx2::base64(avx2, bytes, room))
}

/// Decodes whole groups of base64 into `room`, as far as they fill a register and are nothing but symbols.
#[inline]
pub(super) fn from_base64(symbols: &[u8], room: &mut [u8]) -> Done {
    Avx2::for_work(symbols.len()).map_or((0, 0), |avx2| avx2::from_base64(avx2, symbols, room))
}

/// See [`write::symbols`].
#[inline]
pub(super) fn symbols(piece: &[u8]) -> usize {
    match Avx2::for_work(piece.len()) {
        Some(avx2) => avx2::symbols(avx2, piece),
        None => write::symbols::<sse2::Block>((), piece),
    }
}

/// See [`utf8::to_str`].
#[inline]
pub(super) fn to_str(bytes: &[u8]) -> Option<&str> {
    match Avx2::for_work(bytes.len()) {
        Some(avx2) => avx2::to_str(avx2, bytes),
        None => utf8::to_str::<sse2::Block>((), bytes),
    }
}

/// Returns one bit for each backslash.
#[inline(always)]
pub(super) fn backslashes(bytes: &[u8; BLOCK]) -> u64 {
    sse2::Block::load((), bytes).equal(b'\\')
}

/// See [`take_level`](super::take_level).
pub(super) fn take_level(widest: bool) {
    level::take(widest);
}

/// Returns the instruction sets that this processor has.
#[cfg(test)]
pub(super) fn sets() -> impl Iterator<Item = Set> {
    fn avx2() -> Option<Avx2> {
        Avx2::for_work(usize::MAX)
    }
    const AVX2: Set = Set {
        name: "AVX2",
        walk: |walker, piece| avx2().map_or(0, |avx2| avx2::walk(avx2, walker, piece)),
        content: |piece| avx2().and_then(|avx2| avx2::content(avx2, piece)),
        ordinary: Some(|bytes| avx2().and_then(|avx2| avx2::ordinary(avx2, bytes))),
        escape: |text, room| avx2().map_or((0, 0), |avx2| avx2::escape(avx2, text, room)),
        to_str: |bytes| avx2().and_then(|avx2| avx2::to_str(avx2, bytes)),
        symbols: |piece| avx2().map_or(0, |avx2| avx2::symbols(avx2, piece)),
        base64: Some((|bytes, room| avx2().map_or((0, 0), |avx2| avx2::base64(avx2, bytes, room)), 28, 32)),
        from_base64: Some((|text, room| avx2().map_or((0, 0), |avx2| avx2::from_base64(avx2, text, room)), 32, 32)),
    };
    [Some(Set::of::<sse2::Block>("SSE2")), avx2().map(|_| AVX2)].into_iter().flatten()
}
