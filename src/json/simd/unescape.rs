//! Unescapes a validated span: the opposite of [`write`](super::write).
//!
//! One mask says where the escapes of a block are, so that they are found without waiting for each other. What is between
//! them is moved in chunks, past its end: the next one is put there.

use super::block::BLOCK;
use super::processor::backslashes;
use super::write::Done;
use crate::json::string;
use core::ops::Range;

/// Bytes that are moved at once.
const CHUNK: usize = 32;

/// A block, and what may be read or written behind it: all of a chunk but its first byte, or of an escape.
const NEAR: usize = BLOCK + CHUNK;

/// Unescapes into `room`, which is another place, as far as there is room.
pub(super) fn unescape(span: &[u8], room: &mut [u8]) -> Done {
    let (mut read, mut len) = (0_usize, 0_usize);
    while read < span.len() {
        let rest = span.get(read..).unwrap_or_default();
        let left = room.get_mut(len..).unwrap_or_default();
        let (taken, put) = match (rest.first_chunk(), left.first_chunk_mut()) {
            (Some(near), Some(place)) => unescape_block(near, place),
            _ => match unescape_near(rest, left) {
                Some(done) => done,
                None => break,
            },
        };
        read = read.wrapping_add(taken);
        len = len.wrapping_add(put);
    }
    (read, len)
}

/// Unescapes a block, or what is left if that is less, by way of a place of its own. Returns `None` if there is no room
/// for all of it.
#[inline(always)]
fn unescape_near(rest: &[u8], left: &mut [u8]) -> Option<Done> {
    let (mut near, mut place) = ([0; NEAR], [0; NEAR]);
    let bytes = rest.get(..NEAR).unwrap_or(rest);
    near.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let (taken, put) = unescape_block(&near, &mut place);
    // What is not part of the span has been moved as it is.
    let beyond = taken.saturating_sub(bytes.len());
    let put = put.wrapping_sub(beyond);
    left.get_mut(..put)?.copy_from_slice(place.get(..put)?);
    Some((taken.wrapping_sub(beyond), put))
}

/// Returns how many bytes are in whole blocks, and how many they are unescaped.
pub(super) fn unescaped(span: &[u8]) -> Done {
    let (mut read, mut len) = (0_usize, 0_usize);
    let mut place = [0; NEAR];
    while let Some(near) = span.get(read..).and_then(|rest| rest.first_chunk()) {
        let (taken, put) = unescape_block(near, &mut place);
        read = read.wrapping_add(taken);
        len = len.wrapping_add(put);
    }
    (read, len)
}

/// Unescapes in place, as far as there are whole blocks: returns how many bytes are read, and how many are written.
pub(super) fn unescape_in_place(span: &mut [u8]) -> Done {
    let (mut read, mut len) = (0_usize, 0_usize);
    while let Some(near) = span.get(read..).and_then(|rest| rest.first_chunk::<NEAR>().copied()) {
        let Some(place) = span.get_mut(len..).and_then(|room| room.first_chunk_mut()) else { break };
        let (taken, put) = unescape_block(&near, place);
        read = read.wrapping_add(taken);
        len = len.wrapping_add(put);
        // What was written behind the last byte may be what is read next.
        let behind = near.get(taken..).unwrap_or_default();
        if len.wrapping_add(CHUNK) > read
            && let Some(place) = span.get_mut(read..).and_then(|rest| rest.get_mut(..behind.len()))
        {
            place.copy_from_slice(behind);
        }
    }
    (read, len)
}

/// Unescapes a block, and all of an escape that begins in it: returns how many bytes of each that takes.
#[inline(always)]
fn unescape_block(near: &[u8; NEAR], room: &mut [u8; NEAR]) -> Done {
    let mut escapes = near.first_chunk().map_or(0, backslashes);
    let (mut read, mut len) = (0_usize, 0_usize);
    while read < BLOCK {
        let at = escapes.trailing_zeros() as usize;
        move_run(near, read..at, room, len);
        len = len.wrapping_add(at).wrapping_sub(read);
        if at >= BLOCK {
            read = at;
            break;
        }
        let letter = near.get(at.wrapping_add(1)).copied().unwrap_or(0);
        // Not by `read`: the next one need not wait for it.
        escapes &= escapes.wrapping_sub(1);
        if let Some(byte @ 1..) = UNESCAPED.get(usize::from(letter)) {
            if let Some(place) = room.get_mut(len) {
                *place = *byte;
            }
            read = at.wrapping_add(2);
            len = len.wrapping_add(1);
            if letter == b'\\' {
                escapes &= escapes.wrapping_sub(1);
            }
            continue;
        }
        read = at.wrapping_add(6);
        let (utf8, put) = match unit(near, at) {
            0xD800..0xE000 => match pair(near, at) {
                Some(character) => {
                    escapes &= escapes.wrapping_sub(1);
                    read = at.wrapping_add(12);
                    character
                }
                // Half of a pair, which only a value that is not parsed may have.
                None => utf8(0xFFFD),
            },
            code => utf8(code),
        };
        if let Some(place) = room.get_mut(len..).and_then(|rest| rest.first_chunk_mut()) {
            *place = utf8.to_le_bytes();
        }
        len = len.wrapping_add(put);
    }
    // It is never longer, unless the span is not valid: memory of a C program may have changed since it was.
    (read, len.min(read))
}

/// Moves the bytes `run`, and others behind them.
#[inline(always)]
fn move_run(near: &[u8; NEAR], run: Range<usize>, room: &mut [u8; NEAR], to: usize) {
    let (mut from, mut to) = (run.start, to);
    // Nearly always once.
    loop {
        if let Some(chunk) = near.get(from..).and_then(|rest| rest.first_chunk::<CHUNK>())
            && let Some(place) = room.get_mut(to..).and_then(|rest| rest.first_chunk_mut())
        {
            *place = *chunk;
        }
        from = from.wrapping_add(CHUNK);
        to = to.wrapping_add(CHUNK);
        if from >= run.end {
            break;
        }
    }
}

/// Returns the number that the escape with digits at this place encodes.
#[inline(always)]
fn unit(near: &[u8; NEAR], at: usize) -> u16 {
    let digits = near.get(at.wrapping_add(2)..).and_then(|rest| rest.first_chunk());
    let digits = digits.map_or(0, |digits| u32::from_be_bytes(*digits));
    // A letter has bit 6, and is one more than nine less than its value.
    let values = (digits & 0x0F0F_0F0F).wrapping_add((digits >> 6 & 0x0101_0101).wrapping_mul(9));
    let pairs = (values | values >> 4) & 0x00FF_00FF;
    (pairs | pairs >> 8) as u16
}

/// Returns a character of sixteen bits in UTF-8 (RFC 3629, section 3), the first byte lowest, and its length.
#[inline(always)]
fn utf8(code: u16) -> (u32, usize) {
    let code = u32::from(code);
    let last = 0x80 | code & 0x3F;
    match code {
        0..0x80 => (code, 1),
        0x80..0x800 => (0xC0 | code >> 6 | last << 8, 2),
        _ => (0xE0 | code >> 12 | (0x80 | code >> 6 & 0x3F) << 8 | last << 16, 3),
    }
}

/// Returns the character of the surrogate pair at this place in the same way (RFC 8259, section 7), if it is one.
#[inline(always)]
fn pair(near: &[u8; NEAR], at: usize) -> Option<(u32, usize)> {
    let second = at.wrapping_add(6);
    let (high, low) = (u32::from(unit(near, at)), u32::from(unit(near, second)));
    let is_pair = high < 0xDC00 && low & 0xFC00 == 0xDC00 && near.get(second..)?.starts_with(b"\\u");
    let code = ((high & 0x3FF) << 10 | low & 0x3FF).wrapping_add(0x1_0000);
    let byte = |by: u32| 0x80 | code >> by & 0x3F;
    is_pair.then_some((0xF0 | code >> 18 | byte(12) << 8 | byte(6) << 16 | byte(0) << 24, 4))
}

/// For each letter behind a backslash, the byte that both stand for; 0 where digits follow.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static UNESCAPED: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut letter = 0_u8;
    while letter < 0x80 {
        if let Some(byte) = string::of_letter(letter) {
            bytes[letter as usize] = byte;
        }
        letter = letter.wrapping_add(1);
    }
    bytes
};
