//! Tables for instruction sets that can look up sixteen bytes.

/// For the bytes that may follow a backslash, indexed by the upper half, one bit for each upper half: 1 for 2, 2 for 5,
/// 4 for 6, 8 for 7.
pub(super) const ESCAPABLE_UPPER: [u8; 16] = [0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0];
/// The same bits, indexed by the lower half. A byte that may follow a backslash has a bit in both tables.
pub(super) const ESCAPABLE_LOWER: [u8; 16] = [0, 0, 1 | 4 | 8, 0, 8, 8, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1];

/// For base64 symbols, indexed by the upper half, one bit for each upper half, or two of them, that goes with a lower half:
/// 1 for 2, 2 for 3, 4 for 4 and 6, 8 for 5 and 7.
pub(super) const SYMBOL_UPPER: [u8; 16] = [0, 0, 1, 2, 4, 8, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0];
/// The same bits, indexed by the lower half. A symbol has a bit in both tables.
pub(super) const SYMBOL_LOWER: [u8; 16] =
    [2 | 8, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, 4 | 8, 1 | 4, 4, 4, 4, 1 | 4];
const DIGIT: u8 = 2 | 4 | 8;

/// What is added to a base64 symbol to get its value, indexed by its upper half; for `/`, by the one before.
pub(super) const SYMBOL_SHIFT: [u8; 16] = [
    0,
    63_u8.wrapping_sub(b'/'),
    62_u8.wrapping_sub(b'+'),
    NUMERAL,
    UPPER,
    UPPER,
    LOWER,
    LOWER,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];
const NUMERAL: u8 = 52_u8.wrapping_sub(b'0');
const UPPER: u8 = 0_u8.wrapping_sub(b'A');
const LOWER: u8 = 26_u8.wrapping_sub(b'a');

// Errors that two consecutive bytes can have, in the order of the Unicode standard's table of well-formed byte
// sequences (3-7). Each is one bit, and applies where the entries for the upper half of the first byte, its lower half,
// and the upper half of the second byte all have it.
/// A lead byte before something other than a continuation byte.
const SHORT: u8 = 1 << 0;
/// A continuation byte after ASCII.
const LONG: u8 = 1 << 1;
/// 0xE0 before a byte below 0xA0: overlong.
const OVERLONG_3: u8 = 1 << 2;
/// 0xF4 before 0x90 or more, or 0xF5 and more: beyond the last character.
const BEYOND: u8 = 1 << 3;
/// 0xED before 0xA0 or more: a surrogate.
const SURROGATE: u8 = 1 << 4;
/// 0xC0 and 0xC1: ASCII in two bytes.
const OVERLONG_2: u8 = 1 << 5;
/// 0xF5 and more before a byte below 0x90, or 0xF0 before such a byte: overlong.
const BEYOND_OR_OVERLONG_4: u8 = 1 << 6;
/// Two continuation bytes; valid where a lead byte of three or four bytes comes before.
const TWO: u8 = 1 << 7;
/// Errors that do not depend on the lower half of the first byte.
const ANY: u8 = SHORT | LONG | TWO;

pub(super) const FIRST_UPPER: [u8; 16] = [
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    TWO,
    TWO,
    TWO,
    TWO,
    SHORT | OVERLONG_2,
    SHORT,
    SHORT | OVERLONG_3 | SURROGATE,
    SHORT | BEYOND | BEYOND_OR_OVERLONG_4,
];
pub(super) const FIRST_LOWER: [u8; 16] = [
    ANY | OVERLONG_3 | OVERLONG_2 | BEYOND_OR_OVERLONG_4,
    ANY | OVERLONG_2,
    ANY,
    ANY,
    ANY | BEYOND,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4 | SURROGATE,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
    ANY | BEYOND | BEYOND_OR_OVERLONG_4,
];
pub(super) const SECOND_UPPER: [u8; 16] = [
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
    LONG | OVERLONG_2 | TWO | OVERLONG_3 | BEYOND_OR_OVERLONG_4,
    LONG | OVERLONG_2 | TWO | OVERLONG_3 | BEYOND,
    LONG | OVERLONG_2 | TWO | SURROGATE | BEYOND,
    LONG | OVERLONG_2 | TWO | SURROGATE | BEYOND,
    SHORT,
    SHORT,
    SHORT,
    SHORT,
];
