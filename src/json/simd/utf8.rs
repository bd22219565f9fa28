//! Makes a `&str` of bytes, as the standard library does, and faster where there is more than ASCII.
#![allow(unsafe_code, reason = "the standard library would examine the bytes again")]

use super::block::{BLOCK, Block};

/// Returns these bytes as a `&str`, if they are UTF-8.
#[inline(always)]
pub(super) fn to_str<B: Block>(level: B::Level, bytes: &[u8]) -> Option<&str> {
    let (blocks, rest) = bytes.as_chunks();
    let mut examined = Examined { before: B::load(level, &[0; BLOCK]), open: false, wrong: false };
    for block in blocks {
        examined.add(B::load(level, block));
    }
    // Zeros behind the end show a character that is incomplete there.
    let mut last = [0; BLOCK];
    last.get_mut(..rest.len())?.copy_from_slice(rest);
    examined.add(B::load(level, &last));
    if examined.wrong {
        return None;
    }
    // SAFETY: each block has been examined together with the one before it, except for blocks of ASCII behind which nothing
    // was open: nothing in those is wrong. Before the first there are zeros, which leave nothing open, and the last has a
    // zero behind the end, which continues no character. Nothing was wrong, so the bytes are UTF-8 (Unicode, table 3-7).
    Some(unsafe { core::str::from_utf8_unchecked(bytes) })
}

/// The blocks so far.
struct Examined<B> {
    before: B,
    /// Whether the last block may end within a character.
    open: bool,
    wrong: bool,
}

impl<B: Block> Examined<B> {
    #[inline(always)]
    fn add(&mut self, block: B) {
        let high = block.high();
        // In ASCII alone nothing is wrong.
        self.wrong |= (high != 0 || self.open) && block.is_invalid_utf8(self.before);
        self.open = high >> 61 != 0;
        self.before = block;
    }
}
