//! Writes integers in decimal.

use super::super::sink::Sink;
use crate::target::WIDE;

/// Writes an integer in decimal.
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) fn integer(sink: &mut impl Sink, value: i32) {
    match sink.place().and_then(|room| digits(value, room)) {
        Some(len) => sink.wrote(len),
        None => any_integer(sink, value),
    }
}

/// Writes an integer of three to eight digits if there is room, unless it is negative, and returns its length. Nearly
/// all integers are like this. Only for processors with 64-bit words: others gain nothing from it.
#[inline]
pub(crate) fn digits(value: i32, room: &mut [u8]) -> Option<usize> {
    if !WIDE {
        return None;
    }
    match value {
        // A status. Its length must be known before its digits are.
        100..1000 => {
            let digits = [value / 100, value / 10 % 10, value % 10].map(|digit| b'0' | digit as u8);
            *room.first_chunk_mut()? = digits;
            Some(digits.len())
        }
        1000..100_000_000 => {
            let digits = eight_digits(value as u32);
            // Leading zeros are left out.
            let zeros = (digits.trailing_zeros() >> 3) as usize;
            let room = room.get_mut(..8_usize.wrapping_sub(zeros))?;
            let first = digits >> (zeros << 3) | ZEROS;
            let last = digits >> 32 | ZEROS;
            *room.first_chunk_mut()? = (first as u32).to_le_bytes();
            *room.last_chunk_mut()? = (last as u32).to_le_bytes();
            Some(room.len())
        }
        _ => None,
    }
}

/// Eight zero digits, the first one lowest.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// Returns the digits of a number below 100,000,000, one byte each, the first one lowest.
///
/// All digits are computed at once: the number is split into two of four digits each, these into two of two, and these
/// into two of one. Multiplying by 10486 and dropping 20 bits divides numbers below 10000 by 100; multiplying by 103
/// and dropping 10 bits divides numbers below 100 by 10.
#[inline]
const fn eight_digits(value: u32) -> u64 {
    let fours = (value / 10_000) as u64 | ((value % 10_000) as u64) << 32;
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16;
    let tens = (twos.wrapping_mul(103) >> 10) & 0x000F_000F_000F_000F;
    tens | twos.wrapping_sub(tens.wrapping_mul(10)) << 8
}

/// Writes an integer in decimal, digit by digit.
#[inline(never)]
pub(crate) fn any_integer(sink: &mut impl Sink, value: i32) {
    let mut rest = value.unsigned_abs();
    decimal(sink, value < 0, || {
        let digit = rest % 10;
        rest /= 10;
        (digit as u8, rest > 0)
    });
}

/// Writes an integer of 64 bits in decimal, given its sign and magnitude.
#[cfg(feature = "serde")]
pub(crate) fn long_integer(sink: &mut impl Sink, negative: bool, magnitude: u64) {
    let mut rest = magnitude;
    decimal(sink, negative, || {
        let digit = rest % 10;
        rest /= 10;
        (digit as u8, rest > 0)
    });
}

/// Writes a number from its digits. `next` returns them, the last one first, and whether there are more.
fn decimal(sink: &mut impl Sink, negative: bool, mut next: impl FnMut() -> (u8, bool)) {
    // The longest 64-bit number, and its sign.
    let mut text = [0_u8; 21];
    let mut len = 0_usize;
    let mut more = true;
    for slot in text.iter_mut().rev() {
        len = len.wrapping_add(1);
        if more {
            let digit;
            (digit, more) = next();
            *slot = b'0' | digit;
            if more || negative {
                continue;
            }
        } else {
            *slot = b'-';
        }
        break;
    }
    sink.put(text.get(text.len().saturating_sub(len)..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn digits_are_those_of_the_number() {
        let powers = (0..=9).map(|power| 10_i32.pow(power));
        let values =
            powers.flat_map(|power| (power - 2..power + 2).chain((0..power).step_by(power as usize / 999 + 1)));
        for value in values.chain([i32::MIN, i32::MAX]) {
            let expected = std::format!("{value}");
            let mut room = [0xAA; 12];
            let written = digits(value, &mut room);
            let possible = WIDE && (100..100_000_000).contains(&value);
            assert_eq!(written, possible.then_some(expected.len()), "{value}");
            if let Some(len) = written {
                assert_eq!(&room[..len], expected.as_bytes());
                assert!(room[len..].iter().all(|byte| *byte == 0xAA), "what follows is left alone");
                assert_eq!(digits(value, &mut room[1..len]), None);
            }
        }
    }
}
