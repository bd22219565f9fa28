//! Writes the content of a string, with escapes, and base64, block by block.
//!
//! A block is copied as a whole while it is examined. If something must be escaped, an instruction set may be able to
//! spread the bytes for all escapes at once. Otherwise, and for long escapes, each escape is written over the byte that
//! it replaces, and what follows is copied again from there. That copy may reach past the next escape, which is then
//! written over it. So no lengths have to be distinguished, but up to a block is written beyond the last byte: that
//! much more text must follow, which is written there next, and there must be room. Near the end of the text or of the
//! room, the caller continues byte by byte.

use super::block::{BLOCK, Block, GRANULE};
use super::processor::{self, Sixteen};
use crate::json::byte::short_escape;

/// How much was read, and how much was written.
pub(crate) type Done = (usize, usize);

/// Bytes copied after an escape when others are close.
const RUN: usize = 32;
/// The longest escape.
const ESCAPE: usize = 6;
/// An escape in the table, with its length.
const TABLED: usize = 8;
/// What a block may grow to, and what may be written beyond it.
const ROOM: usize = BLOCK * ESCAPE + TABLED + BLOCK;
/// Bytes examined at once in shorter texts.
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

/// Writes the content of a string sixteen bytes at a time, as far as there is room: for what is too short for blocks.
#[inline(always)]
pub(super) fn escape_sixteens(text: &[u8], room: &mut [u8]) -> Done {
    let (read, written) = escape_near(text, text.len(), room);
    let rest = text.get(read..).unwrap_or_default();
    // The last bytes, before others that need no escape; and what they become, before what does not count.
    let mut last = [b' '; 2 * SIXTEEN];
    let mut escaped = [0; SIXTEEN * ESCAPE + SIXTEEN];
    match last.get_mut(..rest.len()) {
        Some(place) if rest.len() < SIXTEEN => place.copy_from_slice(rest),
        _ => return (read, written),
    }
    let (more, len) = escape_near(&last, rest.len(), &mut escaped);
    let place = room.get_mut(written..).and_then(|room| room.get_mut(..len));
    let (Some(place), Some(escaped)) = (place, escaped.get(..len)) else { return (read, written) };
    place.copy_from_slice(escaped);
    (read.wrapping_add(more), written.wrapping_add(len))
}

/// Writes up to `count` of these bytes, as long as there are sixteen, and room for any escape among them.
#[inline(always)]
fn escape_near(text: &[u8], count: usize, room: &mut [u8]) -> Done {
    let (mut rest, mut room) = (text, room);
    let (mut read, mut written) = (0_usize, 0_usize);
    while read < count {
        let (Some(near), Some(place)) = (rest.first_chunk(), room.first_chunk_mut::<{ SIXTEEN + ESCAPE }>()) else {
            break;
        };
        if let Some(same) = place.first_chunk_mut() {
            *same = *near;
        }
        let plain = processor::unprintable(near).min(SIXTEEN).min(count.wrapping_sub(read));
        let (mut done, mut len) = (plain, plain);
        if plain < SIXTEEN
            && read.wrapping_add(plain) < count
            && let (Some(byte), Some(place)) = (near.get(plain), place.get_mut(plain..))
        {
            done = done.wrapping_add(1);
            len = len.wrapping_add(match ESCAPES.get(usize::from(*byte & 0x7F)) {
                Some([backslash, letter, .., 2]) => {
                    if let Some(place) = place.first_chunk_mut() {
                        *place = [*backslash, *letter];
                    }
                    2
                }
                Some([escape @ .., _, 6]) => {
                    if let Some(place) = place.first_chunk_mut() {
                        *place = *escape;
                    }
                    ESCAPE
                }
                // It is DEL.
                _ => 1,
            });
        }
        let (Some(behind), Some(room_behind)) = (rest.get(done..), core::mem::take(&mut room).get_mut(len..)) else {
            break;
        };
        (rest, room) = (behind, room_behind);
        read = read.wrapping_add(done);
        written = written.wrapping_add(len);
    }
    (read, written)
}

/// Tells the compiler to put the code elsewhere, so that the common path takes one jump per block. The more jumps there
/// are, the fewer blocks of history the branch predictor has.
#[cold]
#[inline(always)]
const fn out_of_the_way() {}

/// Copies leading bytes that are printable and need no escape in a string, if there is room for the whole text: sixteen
/// at a time, where the last sixteen may overlap the ones before. A text of at most twice sixteen bytes is copied as a
/// whole, or nothing counts.
#[inline(always)]
pub(super) fn copy(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    if text.len() > 2 * SIXTEEN {
        return copy_runs(text, room);
    }
    if copy_ends(text, room, Sixteen::unprintable) { text.len() } else { 0 }
}

/// Copies at most twice sixteen bytes, if all are printable and need no escape.
#[inline(always)]
pub(super) fn copy_short(text: &[u8], room: &mut [u8; 2 * SIXTEEN]) -> bool {
    room.get_mut(..text.len()).is_some_and(|room| copy_ends(text, room, Sixteen::unprintable))
}

/// Copies at most twice sixteen bytes, if there is room for all of them, and all are letters, digits and hyphens.
#[inline(always)]
pub(super) fn copy_token(text: &[u8], room: &mut [u8]) -> usize {
    let Some(room) = room.get_mut(..text.len()) else { return 0 };
    if text.len() <= 2 * SIXTEEN && copy_ends(text, room, Sixteen::no_token) { text.len() } else { 0 }
}

/// Copies one to thirty-two bytes from both ends, so that all are covered, and returns whether none of them is wrong.
#[inline(always)]
fn copy_ends(text: &[u8], room: &mut [u8], wrong: impl Fn(Sixteen) -> Sixteen) -> bool {
    wrong_ends(text, room, wrong).is_some_and(Sixteen::is_zero)
}

/// Copies as [`copy_ends`] does, and returns which bytes are wrong.
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
        // At most three bytes: these are all.
        let middle = text.len() >> 1;
        let (first, between, last) = (*text.first()?, *text.get(middle)?, *text.last()?);
        *room.first_mut()? = first;
        *room.get_mut(middle)? = between;
        *room.last_mut()? = last;
        u64::from(u32::from_le_bytes([first, between, last, last])).wrapping_mul(0x1_0000_0001)
    };
    Some(wrong(Sixteen::join(both, both)))
}

/// Copies the first and the last `N` bytes, if there are that many.
#[inline(always)]
fn copy_both<const N: usize>(text: &[u8], room: &mut [u8]) -> Option<([u8; N], [u8; N])> {
    let (first, last) = (*text.first_chunk()?, *text.last_chunk()?);
    *room.first_chunk_mut()? = first;
    *room.last_chunk_mut()? = last;
    Some((first, last))
}

/// Copies sixteen bytes or more as [`copy`] does.
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
    // The bytes copied before are printable, so the first one that is not comes after them.
    let len = processor::unprintable(last);
    text.len().wrapping_sub(SIXTEEN).wrapping_add(len.min(SIXTEEN))
}

/// Copies a block, writes its escapes into it, and returns the resulting length.
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
        // Masked so that the compiler sees that it is at most 63.
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
        // If there are few escapes, the next one may be anywhere, and checking where takes longer than copying.
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

/// The escape of each byte that needs one; the last byte holds its length.
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

/// Returns the number of leading bytes that are known to be base64 symbols.
#[inline(always)]
pub(super) fn symbols<B: Block>(level: B::Level, piece: &[u8]) -> usize {
    let mut rest = piece;
    while let Some((bytes, behind)) = rest.split_first_chunk::<GRANULE>()
        && B::are_symbols(level, bytes)
    {
        rest = behind;
    }
    let mut at = piece.len().wrapping_sub(rest.len());
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
