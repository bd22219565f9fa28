//! Scans the content of a single string, block by block.

use super::super::content::{Content, Stop};
use super::block::{BLOCK, Block};
use super::strings::Strings;

/// Scans the rest of a string as far as whole blocks are valid: to its end, or almost to the end of the piece. Returns
/// `None` if something is wrong.
#[inline(always)]
pub(super) fn content<B: Block>(level: B::Level, piece: &[u8]) -> Option<Content> {
    let mut strings = Strings::<B>::new(level, true);
    let mut escapes = 0;
    let mut rest = piece;
    let mut at = 0_usize;
    while let Some((bytes, behind)) = rest.split_first_chunk::<BLOCK>() {
        let block = B::load(level, bytes);
        let marks = strings.marks(block);
        // All positions before the first quote.
        let inside = !marks.quotes & marks.quotes.wrapping_sub(1);
        if strings.is_wrong(block, &marks, inside, piece, at) {
            return None;
        }
        escapes |= marks.backslashes & inside;
        if marks.quotes != 0 {
            let len = at.wrapping_add(inside.trailing_ones() as usize);
            return Some(Content { len, escaped: escapes != 0, printable: false, stop: Stop::Quote });
        }
        rest = behind;
        at = at.wrapping_add(BLOCK);
    }
    let done = piece.get(..at).unwrap_or_default();
    Some(Content { len: at.wrapping_sub(strings.cut(done)), escaped: escapes != 0, printable: false, stop: Stop::Cut })
}
