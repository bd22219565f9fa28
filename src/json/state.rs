//! The state of a walk over a JSON value: what may come next, and which brackets are open, one bit per level.

use super::byte::is_space;
use crate::limits::DEPTH_LIMIT;

/// What comes next. A word rather than a byte, since a small processor compares words.
pub(super) type State = u32;

/// A value.
pub(super) const VALUE: State = 0;
/// A value, or the end of the array.
pub(super) const VALUE_OR_END: State = 1;
/// After a value in an object: a comma, or the end of the object.
pub(super) const IN_OBJECT: State = 2;
/// After a value in an array: a comma, or the end of the array.
pub(super) const IN_ARRAY: State = 3;
/// A name, or the end of the object.
pub(super) const KEY_OR_END: State = 4;
/// A name.
pub(super) const KEY: State = 5;
pub(super) const COLON: State = 6;
/// Nothing: the value has ended.
pub(super) const DONE: State = 7;
// More of a number that must not end here. The name is what came last.
pub(super) const MINUS: State = 8;
pub(super) const POINT: State = 9;
pub(super) const EXPONENT: State = 10;
pub(super) const EXPONENT_SIGN: State = 11;
// From here on, the number may end.
pub(super) const ZERO: State = 12;
pub(super) const INTEGER: State = 13;
pub(super) const FRACTION: State = 14;
pub(super) const EXPONENT_DIGITS: State = 15;
/// More of a string.
pub(super) const IN_STRING: State = 16;
/// More of a name.
pub(super) const IN_KEY: State = 17;

/// The number of words that hold one bit per level.
pub(super) const LEVEL_WORDS: usize = DEPTH_LIMIT / 32;

pub(crate) struct Walker {
    /// One bit per level, the lowest of the first word for the outermost: 1 for an object.
    pub(super) levels: [u32; LEVEL_WORDS],
    pub(super) depth: u32,
    pub(super) limit: u32,
    pub(super) state: State,
    /// The state after the next value that ends on this level.
    pub(super) after: State,
    /// Bytes of white space between tokens so far.
    pub(super) spaces: usize,
}

impl Walker {
    /// Creates a walker over a value at this nesting level of an envelope.
    #[inline]
    pub(crate) const fn new(level: u8) -> Self {
        let limit = (DEPTH_LIMIT as u32).saturating_sub(level as u32);
        Self { levels: [0; LEVEL_WORDS], depth: 0, limit, state: VALUE, after: DONE, spaces: 0 }
    }

    /// Returns the bytes of white space between tokens so far.
    #[inline]
    pub(crate) const fn spaces(&self) -> usize {
        self.spaces
    }

    /// Returns whether the value has ended.
    #[inline]
    pub(crate) const fn is_done(&self) -> bool {
        self.state == DONE
    }

    /// Returns whether the value may end where the text ends: a number on its own has no terminator.
    pub(crate) const fn may_end(&self) -> bool {
        self.depth == 0 && matches!(self.state, DONE | ZERO..=EXPONENT_DIGITS)
    }

    /// Enters an object or array. The depth must be below the limit.
    #[inline]
    pub(super) fn open(&mut self, object: u32) {
        let level = self.depth;
        if let Some(word) = self.levels.get_mut((level / 32) as usize % LEVEL_WORDS) {
            *word = (*word & !1_u32.wrapping_shl(level)) | object.wrapping_shl(level);
        }
        self.depth = level.wrapping_add(1);
        self.after = IN_ARRAY ^ object;
    }

    /// Leaves an object or array.
    #[inline]
    pub(super) fn close(&mut self) {
        self.depth = self.depth.wrapping_sub(1);
        self.after = self.around();
    }

    /// Returns the state after a value on this level.
    #[inline]
    pub(super) fn around(&self) -> State {
        let level = self.depth.wrapping_sub(1);
        match self.levels.get((level / 32) as usize) {
            None => DONE,
            Some(word) => IN_ARRAY ^ (word.wrapping_shr(level) & 1),
        }
    }

    /// Counts the leading white space, and returns its length.
    #[inline(never)]
    pub(super) fn count_spaces(&mut self, piece: &[u8]) -> usize {
        let count = piece.iter().take_while(|byte| is_space(**byte)).count();
        self.spaces = self.spaces.wrapping_add(count);
        count
    }
}
