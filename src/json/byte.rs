//! Classes of single bytes in JSON (RFC 8259, sections 2 and 7).

/// Returns whether a byte is white space between tokens.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Returns whether a byte may appear unescaped in a JSON string and is ASCII.
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7F) && byte != b'"' && byte != b'\\'
}

/// Returns whether a byte must be escaped in a string.
pub(super) const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\')
}

/// Returns the character after the backslash, for a byte that has a two-character escape.
#[inline]
pub(super) const fn short_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        b'"' | b'\\' => byte,
        _ => return None,
    })
}

/// Returns whether a backslash followed by this letter is a two-character escape.
#[inline]
pub(super) const fn is_short_escape(letter: u8) -> bool {
    // One bit per letter, counted from the backslash. The code that the compiler generates by itself takes two
    // registers of a small processor for the whole of a walk.
    const LETTERS: u32 = {
        let mut letters = 0_u32;
        let mut rest = b"\\bfnrt".as_slice();
        while let [letter, behind @ ..] = rest {
            letters |= 1_u32.wrapping_shl(letter.wrapping_sub(b'\\') as u32);
            rest = behind;
        }
        letters
    };
    match letter {
        b'"' | b'/' => true,
        b'\\'..=b't' => LETTERS.wrapping_shr(letter.wrapping_sub(b'\\') as u32) & 1 != 0,
        _ => false,
    }
}
