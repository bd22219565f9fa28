//! Bytes as something to look at on one line: what a terminal would obey, or not show, stands there as an escape.

use core::fmt::{self, Write};

/// One character as it is shown, or a byte that belongs to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A character that shows as itself.
    Char(char),
    /// A character that does not, or that would turn others around.
    Hidden(char),
    /// A byte that is not UTF-8.
    Byte(u8),
}

impl Glyph {
    fn of(character: char) -> Self {
        let is_hidden = character.is_control()
            || matches!(character,
                '\u{2028}' | '\u{2029}' // ends of lines
                | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // directions
                | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' // no width
            );
        if is_hidden { Self::Hidden(character) } else { Self::Char(character) }
    }

    /// Returns the number of columns of a terminal that it takes.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Char(character) => width(character),
            Self::Hidden('\t' | '\n' | '\r') => 2,
            // The braces, the letter and the backslash.
            Self::Hidden(character) => hex_digits(character as u32).saturating_add(4),
            Self::Byte(_) => 4,
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub(super) fn put(self, out: &mut impl Write) -> fmt::Result {
        match self {
            Self::Char(character) => out.write_char(character),
            Self::Hidden('\t') => out.write_str("\\t"),
            Self::Hidden('\n') => out.write_str("\\n"),
            Self::Hidden('\r') => out.write_str("\\r"),
            Self::Hidden(character) => {
                out.write_str("\\u{")?;
                hex(out, character.into(), hex_digits(character.into()))?;
                out.write_char('}')
            }
            Self::Byte(byte) => {
                out.write_str("\\x")?;
                hex(out, byte.into(), 2)
            }
        }
    }
}

/// The columns of a character: two for those of East Asia and pictures, none for what is put over another.
const fn width(character: char) -> usize {
    match character as u32 {
        0x0300..=0x036F | 0x200C..=0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0x4DBF
        | 0x4E00..=0xA4CF
        | 0xA960..=0xA97C
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The bytes of a text as glyphs.
#[derive(Clone, Debug)]
pub(super) struct Glyphs<'a>(&'a [u8]);

impl<'a> Glyphs<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// Returns the bytes that are left.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Writes them.
    ///
    /// # Errors
    /// Those of `out`.
    pub(super) fn put(self, out: &mut impl Write) -> fmt::Result {
        for glyph in self {
            glyph.put(out)?;
        }
        Ok(())
    }
}

impl Iterator for Glyphs<'_> {
    type Item = Glyph;

    fn next(&mut self) -> Option<Glyph> {
        let (first, behind) = self.0.split_first()?;
        if first.is_ascii() {
            self.0 = behind;
            return Some(Glyph::of(char::from(*first)));
        }
        // No character is longer than four bytes.
        let here = self.0.get(..4).unwrap_or(self.0);
        let valid = match core::str::from_utf8(here) {
            Ok(valid) => valid,
            Err(error) => core::str::from_utf8(here.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
        };
        if let Some(character) = valid.chars().next() {
            self.0 = self.0.get(character.len_utf8()..).unwrap_or_default();
            return Some(Glyph::of(character));
        }
        self.0 = behind;
        Some(Glyph::Byte(*first))
    }
}

const fn hex_digits(number: u32) -> usize {
    match number.checked_ilog2() {
        Some(bits) => ((bits / 4) as usize).wrapping_add(1),
        None => 1,
    }
}

/// Writes a number as so many hex digits.
fn hex(out: &mut impl Write, number: u32, digits: usize) -> fmt::Result {
    for place in (0..digits).rev() {
        let digit = number.checked_shr((place as u32).saturating_mul(4)).unwrap_or(0) & 15;
        out.write_char(char::from_digit(digit, 16).unwrap_or('0'))?;
    }
    Ok(())
}

/// Writes a number in decimal digits. Without the formatting of `core`, which would take more than all texts of an error.
///
/// # Errors
/// Those of `out`.
pub(super) fn decimal(out: &mut impl Write, number: usize) -> fmt::Result {
    let mut divisor = 1_usize;
    while number.checked_div(divisor).unwrap_or(0) >= 10 {
        divisor = divisor.saturating_mul(10);
    }
    while divisor > 0 {
        let digit = number.checked_div(divisor).unwrap_or(0).checked_rem(10).unwrap_or(0);
        out.write_char(char::from_digit(digit as u32, 10).unwrap_or('0'))?;
        divisor /= 10;
    }
    Ok(())
}
