//! Replaces `simd` where it is not available: every function does nothing, and the compiler can see that.

use super::content::{Alphabet, Content};
use super::state::Walker;

/// There are no blocks.
pub(crate) const IS_BLOCKS: bool = false;

/// There is one level.
#[cfg(feature = "simd")]
#[doc(hidden)]
pub const fn take_level(_: bool) {}

/// Never pays off.
#[inline]
pub(super) const fn pays(_: &[u8]) -> bool {
    false
}

/// Walks over nothing.
#[inline]
pub(super) const fn walk(_: &mut Walker, _: &[u8]) -> usize {
    0
}

/// Examines nothing.
#[inline]
pub(super) const fn unprintable_bits(_: &[u8; 16]) -> u16 {
    0
}

/// Reads nothing.
#[inline]
pub(super) const fn content(_: &[u8]) -> Option<Content> {
    None
}

/// Examines nothing.
#[inline]
pub(super) const fn plain(_: &[u8]) -> Option<usize> {
    None
}

/// Examines nothing.
#[inline]
pub(super) const fn printable(_: &[u8]) -> Option<usize> {
    None
}

/// Unescapes nothing.
#[inline]
pub(super) const fn unescape(_: &[u8], _: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Examines nothing.
#[inline]
pub(super) const fn to_str(_: &[u8]) -> Option<&str> {
    None
}

/// Measures nothing.
#[inline]
pub(super) const fn unescaped(_: &[u8]) -> (usize, usize) {
    (0, 0)
}

/// Unescapes nothing.
#[inline]
pub(super) const fn unescape_in_place(_: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Examines nothing.
#[inline]
pub(super) const fn unmarked(_: &[u8]) -> Option<usize> {
    None
}

/// Finds nothing.
#[inline]
pub(super) const fn short(_: &[u8], _: Alphabet) -> Option<(&[u8], &[u8])> {
    None
}

/// Writes nothing.
#[inline]
pub(crate) const fn escape(_: &[u8], _: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Copies nothing.
#[inline]
pub(super) const fn copy(_: &[u8], _: &mut [u8]) -> Option<usize> {
    None
}

/// Copies nothing.
#[inline]
pub(super) const fn copy_short(_: &[u8], _: &mut [u8; 32]) -> Option<bool> {
    None
}

/// Copies nothing.
#[inline]
pub(super) const fn copy_token(_: &[u8], _: &mut [u8]) -> Option<usize> {
    None
}

/// Writes nothing.
#[inline]
pub(crate) const fn base64(_: &[u8], _: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Writes nothing.
#[inline]
pub(crate) const fn escape_rest(_: &[u8], _: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Decodes nothing.
#[inline]
pub(crate) const fn from_base64(_: &[u8], _: &mut [u8]) -> (usize, usize) {
    (0, 0)
}

/// Examines nothing.
#[inline]
pub(crate) const fn symbols(_: &[u8]) -> usize {
    0
}
