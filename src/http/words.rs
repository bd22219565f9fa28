//! Lists of words in the values of headers.

use crate::Text;

/// Whether a list of words separated by commas contains this one, once the bytes of both are folded.
pub(crate) fn lists(list: Text<'_>, word: Text<'_>, fold: fn(u8) -> u8) -> bool {
    let mut rest = word.bytes();
    let (mut begun, mut ended, mut same) = (false, false, true);
    for byte in list.bytes().chain([b',']) {
        match byte {
            b',' if begun && same && rest.clone().next().is_none() => return true,
            b',' => {
                rest = word.bytes();
                (begun, ended, same) = (false, false, true);
            }
            // White space is allowed around a word, but not inside it.
            b' ' | b'\t' => ended = begun,
            other => {
                begun = true;
                same &= !ended && rest.next().is_some_and(|expected| fold(expected) == fold(other));
            }
        }
    }
    false
}

/// Folds letter case.
pub(crate) const fn lower_case(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}
