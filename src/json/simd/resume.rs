//! Takes over from the byte-wise walk, and hands back to it.
//!
//! Between two blocks the walk may be anywhere. The byte-wise walk continues from the last position where it can start:
//! in a string, before an escape or a character that the block cuts; in a scalar, before the scalar.

use super::super::byte::is_space;
use super::super::state::{
    COLON, DONE, EXPONENT_DIGITS, IN_KEY, IN_OBJECT, IN_STRING, KEY, KEY_OR_END, LEVEL_WORDS, MINUS, VALUE,
    VALUE_OR_END, Walker,
};
use super::block::{BLOCK, Block};
use super::structure::{Start, Structure, Verdict};

/// Walks as far as whole blocks are valid, and returns how many bytes of the piece are done: none, if something in it
/// is wrong.
#[inline(always)]
pub(super) fn walk<B: Block>(level: B::Level, walker: &mut Walker, piece: &[u8]) -> usize {
    let Some(start) = start(walker, piece) else { return 0 };
    let mut structure = Structure::<B>::new(level, &start);
    let mut rest = piece;
    let mut at = 0_usize;
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        match structure.step(level, block, piece, at) {
            Verdict::Right => {}
            Verdict::Ends(len) => return end(walker, structure.spaces, at.wrapping_add(len)),
            Verdict::Wrong => return 0,
        }
        rest = behind;
        at = at.wrapping_add(BLOCK);
    }
    // What is left is incomplete, unless the value ends in it.
    let mut last = [b' '; BLOCK];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let before = structure;
    match structure.step(level, &last, piece, at) {
        Verdict::Ends(len) => end(walker, structure.spaces, at.wrapping_add(len)),
        _ => resume(walker, &before, piece.get(..at).unwrap_or_default()),
    }
}

/// Returns the state of the walker, if it is where blocks can be walked: in an object or array or before one, and not
/// in a number.
fn start(walker: &Walker, piece: &[u8]) -> Option<Start> {
    let state = walker.state;
    let depth = walker.depth;
    if matches!(state, MINUS..=EXPONENT_DIGITS) {
        return None;
    }
    if depth == 0 {
        let first = piece.iter().find(|byte| !is_space(**byte))?;
        if state != VALUE || !matches!(first, b'{' | b'[') {
            return None;
        }
    }
    Some(Start {
        inside_string: matches!(state, IN_STRING | IN_KEY),
        value: matches!(state, VALUE | VALUE_OR_END | KEY | KEY_OR_END),
        empty: matches!(state, VALUE_OR_END | KEY_OR_END),
        name: matches!(state, KEY | KEY_OR_END | COLON | IN_KEY),
        levels: levels(walker.levels).reverse_bits().checked_shr(u128::BITS.wrapping_sub(depth)).unwrap_or(0),
        depth,
        limit: walker.limit,
        spaces: walker.spaces,
    })
}

/// Returns the bits of a walker's levels.
fn levels(words: [u32; LEVEL_WORDS]) -> u128 {
    words.iter().rev().fold(0, |levels, word| (levels << 32) | u128::from(*word))
}

/// The inverse of [`levels`].
const fn words(levels: u128) -> [u32; LEVEL_WORDS] {
    [levels as u32, (levels >> 32) as u32, (levels >> 64) as u32, (levels >> 96) as u32]
}

/// Puts the walker after the value.
fn end(walker: &mut Walker, spaces: usize, at: usize) -> usize {
    walker.depth = 0;
    walker.state = DONE;
    walker.spaces = spaces;
    at
}

/// Puts the walker after these bytes, or a little before their end.
fn resume<B: Block>(walker: &mut Walker, structure: &Structure<B>, done: &[u8]) -> usize {
    if done.is_empty() {
        return 0;
    }
    walker.levels =
        words(structure.levels.checked_shl(u128::BITS.wrapping_sub(structure.depth)).unwrap_or(0).reverse_bits());
    walker.depth = structure.depth;
    walker.after = walker.around();
    walker.spaces = structure.spaces;
    let names = structure.name == 1 && walker.after == IN_OBJECT;
    if structure.strings.inside != 0 {
        walker.state = if names { IN_KEY } else { IN_STRING };
        return done.len().wrapping_sub(structure.strings.cut(done));
    }
    if structure.scalar == 1 {
        walker.state = VALUE;
        return done.iter().rposition(|byte| !is_scalar(*byte)).map_or(0, |before| before.wrapping_add(1));
    }
    let last = done.iter().rfind(|byte| !is_space(**byte));
    walker.state = match last {
        None => walker.state,
        Some(b'{') => KEY_OR_END,
        Some(b'[') => VALUE_OR_END,
        Some(b',') if walker.after == IN_OBJECT => KEY,
        Some(b',' | b':') => VALUE,
        Some(_) if names => COLON,
        Some(_) => walker.after,
    };
    done.len()
}

/// Returns whether a byte is part of a number or literal, if it is outside strings and everything is valid there.
const fn is_scalar(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'"' | b',' | b':' | b'[' | b']' | b'{' | b'}')
}
