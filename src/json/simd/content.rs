//! Scans the content of a single string, block by block.

use super::super::content::{Content, Stop};
use super::block::{BLOCK, Block, GRANULE};
use super::strings::Strings;

/// A string that ends in its first blocks is read without granules.
pub(super) const SHORT_BLOCKS: usize = 8;

const GRANULE_BLOCKS: usize = GRANULE / BLOCK;

/// Where granules are always in vain, this many blocks are read between them.
const MOST_BLOCKS: usize = 16 * GRANULE_BLOCKS;

/// Scans the rest of a string as far as whole blocks are valid: to its end, or almost to the end of the piece. Returns
/// `None` if something is wrong.
#[inline(always)]
pub(super) fn content<B: Block>(level: B::Level, piece: &[u8]) -> Option<Content> {
    let mut strings = Strings::<B>::new(level, true);
    let mut escapes = 0;
    let mut at = 0_usize;
    // How many blocks to read before a granule is tried, and how many after it if that is in vain.
    let (mut blocks, mut more) = (SHORT_BLOCKS, GRANULE_BLOCKS);
    while let Some(bytes) = piece.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        if B::GRANULES && blocks == 0 {
            if let Some(escape) = strings.granule(level, piece, at) {
                escapes |= u64::from(escape);
                at = at.wrapping_add(GRANULE);
                more = GRANULE_BLOCKS;
                continue;
            }
            blocks = more;
            more = more.wrapping_mul(2).min(MOST_BLOCKS);
        }
        blocks = blocks.wrapping_sub(1);
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
        at = at.wrapping_add(BLOCK);
    }
    let done = piece.get(..at).unwrap_or_default();
    Some(Content { len: at.wrapping_sub(strings.cut(done)), escaped: escapes != 0, printable: false, stop: Stop::Cut })
}
