//! Writes block by block: the content of a string, with what must be escaped in it, and base64.
//!
//! A block is copied as a whole, with all that is in it looked at once. Where something has to be escaped, an instruction
//! set may have a way to spread the bytes for all escapes at once. Otherwise, and where an escape is long, each is written
//! over what it stands for, and what follows is copied again from there on, more than there may be room for before the next
//! escape, which then is written over that. So no length has to be told apart, but as much as a block is written behind
//! the last one: that much more text must follow, which is written there next, and there must be room. Near the end of
//! the text or of the room, whoever calls goes on byte by byte.

use super::block::{BLOCK, Block};
use super::processor::{self, Sixteen};
use crate::json::byte::short_escape;

/// How much was read, and how much came of it.
pub(crate) type Done = (usize, usize);

/// Bytes that are copied behind an escape where others are near.
const RUN: usize = 32;
/// The longest escape.
const ESCAPE: usize = 6;
/// An escape in the table, with its length.
const TABLED: usize = 8;
/// What a block may come to, and what may be written behind it.
const ROOM: usize = BLOCK * ESCAPE + TABLED + BLOCK;
/// Bytes that are looked at at once in what is shorter.
const SIXTEEN: usize = 16;

/// Writes the content of a string as far as whole blocks go.
#[inline(always)]
pub(super) fn escape<B: Block>(level: B::Level, text: &[u8], room: &mut [u8]) -> Done {
    let (mut rest, mut room) = (text, room);
    let mut written = 0_usize;
    while let (Some(near), Some(place)) = (rest.first_chunk(), room.first_chunk_mut()) {
        let Some((bytes, behind)) = rest.split_first_chunk() else { break };
        let block = B::load(level, bytes);
        let must_escape = block.must_escape();
        let len = if must_escape == 0 {
            if let Some(same) = place.first_chunk_mut() {
                block.copy(bytes, same);
            }
            BLOCK
        } else {
            out_of_the_way();
            let expanded = place.first_chunk_mut().and_then(|place| block.expand(must_escape, place));
            expanded.unwrap_or_else(|| spread(near, must_escape, place))
        };
        let Some(room_behind) = core::mem::take(&mut room).get_mut(len..) else { break };
        room = room_behind;
        rest = behind;
        written = written.wrapping_add(len);
    }
    (text.len().wrapping_sub(rest.len()), written)
}

/// Tells the compiler to put the code elsewhere, so that what stays takes one jump a block: the more jumps there are, the
/// fewer blocks back the processor looks when it guesses where the next one goes.
#[cold]
#[inline(always)]
const fn out_of_the_way() {}

/// Copies leading bytes that are printable and need no escape in a string, if there is room for all of them: sixteen at a
/// time, the last ones of which may have been there before. Of no more than twice as many, all or none.
#[inline(always)]
pub(super) fn copy(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    if text.len() > 2 * SIXTEEN {
        return copy_runs(text, room);
    }
    if copy_ends(text, room, Sixteen::unprintable) { text.len() } else { 0 }
}

/// Copies no more than twice sixteen bytes, if all are printable and need no escape.
#[inline(always)]
pub(super) fn copy_short(text: &[u8], room: &mut [u8; 2 * SIXTEEN]) -> bool {
    room.get_mut(..text.len()).is_some_and(|room| copy_ends(text, room, Sixteen::unprintable))
}

/// Copies no more than twice sixteen bytes, if there is room for all of them, and all are letters, digits and hyphens.
#[inline(always)]
pub(super) fn copy_token(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    if text.len() <= 2 * SIXTEEN && copy_ends(text, room, Sixteen::no_token) { text.len() } else { 0 }
}

/// Copies one to thirty-two bytes from both ends, so that all are there, and says whether none of them is wrong.
#[inline(always)]
fn copy_ends(text: &[u8], room: &mut [u8], wrong: impl Fn(Sixteen) -> Sixteen) -> bool {
    wrong_ends(text, room, wrong).is_some_and(Sixteen::is_zero)
}

/// The same, and says which are wrong.
#[inline(always)]
fn wrong_ends(text: &[u8], room: &mut [u8], wrong: impl Fn(Sixteen) -> Sixteen) -> Option<Sixteen> {
    if let Some((first, last)) = copy_both(text, room) {
        return Some(wrong(Sixteen::load(&first)).or(wrong(Sixteen::load(&last))));
    }
    if let Some((first, last)) = copy_both(text, room) {
        return Some(wrong(Sixteen::join(u64::from_le_bytes(first), u64::from_le_bytes(last))));
    }
    let both = if let Some((first, last)) = copy_both(text, room) {
        u64::from(u32::from_le_bytes(first)) | u64::from(u32::from_le_bytes(last)) << 32
    } else {
        // Three bytes at most: these are all.
        let middle = text.len() >> 1;
        let (first, between, last) = (*text.first()?, *text.get(middle)?, *text.last()?);
        *room.first_mut()? = first;
        *room.get_mut(middle)? = between;
        *room.last_mut()? = last;
        u64::from(u32::from_le_bytes([first, between, last, last])).wrapping_mul(0x1_0000_0001)
    };
    Some(wrong(Sixteen::join(both, both)))
}

/// Copies the first and the last so many bytes, where there are as many.
#[inline(always)]
fn copy_both<const N: usize>(text: &[u8], room: &mut [u8]) -> Option<([u8; N], [u8; N])> {
    let (first, last) = (*text.first_chunk()?, *text.last_chunk()?);
    *room.first_chunk_mut()? = first;
    *room.last_chunk_mut()? = last;
    Some((first, last))
}

/// As [`copy`], of sixteen and more.
#[inline(never)]
fn copy_runs(text: &[u8], room: &mut [u8]) -> usize {
    let mut at = 0_usize;
    for (run, place) in text.chunks_exact(SIXTEEN).zip(room.chunks_exact_mut(SIXTEEN)) {
        let (Ok(run), Ok(place)) = (<&[u8; SIXTEEN]>::try_from(run), <&mut [u8; SIXTEEN]>::try_from(place)) else {
            break;
        };
        *place = *run;
        let len = processor::unprintable(run);
        if len < SIXTEEN {
            return at.wrapping_add(len);
        }
        at = at.wrapping_add(SIXTEEN);
    }
    let (Some(last), Some(place)) = (text.last_chunk(), room.last_chunk_mut()) else { return at };
    *place = *last;
    // What comes first of these is printable, so the first that is not is behind it.
    let len = processor::unprintable(last);
    text.len().wrapping_sub(SIXTEEN).wrapping_add(len.min(SIXTEEN))
}

/// Copies a block, writes its escapes into it, and says how long it is then.
#[inline(always)]
fn spread(near: &[u8; 2 * BLOCK], mut special: u64, place: &mut [u8; ROOM]) -> usize {
    if let (Some(bytes), Some(same)) = (near.first_chunk::<BLOCK>(), place.first_chunk_mut()) {
        *same = *bytes;
    }
    let but_one = special & special.wrapping_sub(1);
    let but_two = but_one & but_one.wrapping_sub(1);
    let few = but_two & but_two.wrapping_sub(1) == 0;
    let mut grown = 0_usize;
    while special != 0 {
        // No more than 63, as the compiler shall see.
        let at = (special.trailing_zeros() & 63) as usize;
        special &= special.wrapping_sub(1);
        let (Some(([byte], after)), Some(place)) = (
            near.get(at..).and_then(<[u8]>::split_first_chunk),
            place.get_mut(at.wrapping_add(grown)..).and_then(<[u8]>::first_chunk_mut::<{ TABLED + BLOCK }>),
        ) else {
            break;
        };
        let escape = ESCAPES.get(usize::from(*byte & 0x7F)).unwrap_or(&[0; TABLED]);
        if let Some(place) = place.first_chunk_mut() {
            *place = *escape;
        }
        let [.., len] = escape;
        let len = usize::from(*len & 7);
        grown = grown.wrapping_add(len).wrapping_sub(1);
        let (Some(after), Some(place)) = (after.first_chunk::<BLOCK>(), place.get_mut(len..)) else { break };
        // Where there are few, the next one may be anywhere, and to ask where takes longer than to copy.
        if few || special.wrapping_shr(at as u32) << (BLOCK - 1 - RUN) == 0 {
            if let Some(place) = place.first_chunk_mut() {
                *place = *after;
            }
        } else if let (Some(after), Some(place)) = (after.first_chunk::<RUN>(), place.first_chunk_mut()) {
            *place = *after;
        }
    }
    BLOCK.wrapping_add(grown)
}

/// The escape of each byte that needs one; the last byte says how long it is.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static ESCAPES: [[u8; TABLED]; 0x80] = {
    let mut escapes = [[0; TABLED]; 0x80];
    let mut byte = 0_u8;
    while byte <= b'\\' {
        escapes[byte as usize] = match short_escape(byte) {
            None => [b'\\', b'u', b'0', b'0', b'0' | byte >> 4, b"0123456789abcdef"[byte as usize & 15], 0, 6],
            Some(short) => [b'\\', short, 0, 0, 0, 0, 0, 2],
        };
        byte += 1;
    }
    escapes
};

/// The number of leading bytes that are known to be symbols of base64.
#[inline(always)]
pub(super) fn symbols<B: Block>(level: B::Level, piece: &[u8]) -> usize {
    let mut at = 0_usize;
    let mut rest = piece;
    while let Some((bytes, behind)) = rest.split_first_chunk::<BLOCK>() {
        let symbols = B::load(level, bytes).symbols();
        if symbols != u64::MAX {
            return at.wrapping_add(symbols.trailing_ones() as usize);
        }
        at = at.wrapping_add(BLOCK);
        rest = behind;
    }
    at
}
