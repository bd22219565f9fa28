//! The rules for the bytes that each part of an envelope may contain.
//!
//! The decoder and the encoder share these rules, so that nothing is written that could not be read.

use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::scan;
use crate::json::string::{Alphabet, SHORT};
use crate::json::swar;
use crate::limits::{NAME_LIMIT, PATH_LIMIT};
use crate::octets::{Allowed, FIELD_VALUE, TOKEN, allow, allowed_run};
use crate::target::WIDE;

/// The rule for one kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Anything.
    Any,
    /// No control characters; at most [`NAME_LIMIT`] bytes.
    Name,
    /// Begins with `/`; no spaces, no control characters; at most [`PATH_LIMIT`] bytes.
    Path,
    /// A token of RFC 9110, section 5.6.2; at most [`NAME_LIMIT`] bytes.
    HeaderName,
    /// No control characters except tab (RFC 9110, section 5.5).
    HeaderValue,
}

impl Rule {
    /// Returns the allowed bytes, the limit in bytes, and the error for a violation. `None` if anything is allowed.
    const fn parts(self) -> Option<(&'static Allowed, usize, ErrorKind)> {
        match self {
            Self::Any => None,
            Self::Name => Some((&NAME, NAME_LIMIT, ErrorKind::InvalidName)),
            Self::Path => Some((&PATH, PATH_LIMIT, ErrorKind::InvalidPath)),
            Self::HeaderName => Some((&TOKEN, NAME_LIMIT, ErrorKind::InvalidHeaderName)),
            Self::HeaderValue => Some((&FIELD_VALUE, usize::MAX, ErrorKind::InvalidHeaderValue)),
        }
    }

    /// Returns whether this text, which is printable ASCII, is known to follow the rule. If not, it may still do so.
    #[inline(always)]
    pub(crate) fn allows_printable(self, text: &[u8]) -> bool {
        let too_long = match self {
            Self::Any | Self::HeaderValue => usize::MAX,
            Self::Name => const { NAME_LIMIT.wrapping_add(1) },
            Self::Path | Self::HeaderName => 0,
        };
        text.len() < too_long
            || match self {
                _ if !WIDE => false,
                Self::Path => text.first() == Some(&b'/') && text.len() <= PATH_LIMIT && !swar::has_space(text),
                Self::HeaderName => !text.is_empty() && text.len() <= NAME_LIMIT && swar::is_letters_and_hyphens(text),
                _ => false,
            }
    }

    /// Returns the usual alphabet of short parts.
    #[inline(always)]
    pub(crate) const fn alphabet(self) -> Alphabet {
        match self {
            Self::Path => Alphabet::Visible,
            Self::HeaderName => Alphabet::Token,
            _ => Alphabet::Printable,
        }
    }

    /// Returns whether this text, which is short and made of the [`alphabet`](Rule::alphabet), follows the rule.
    #[inline(always)]
    pub(crate) fn allows_short(self, text: &[u8]) -> bool {
        const { assert!(SHORT <= NAME_LIMIT && SHORT <= PATH_LIMIT) };
        match self {
            Self::Path => text.first() == Some(&b'/'),
            Self::HeaderName => !text.is_empty(),
            _ => true,
        }
    }

    /// Checks a run of the part, after `before` earlier bytes.
    ///
    /// # Errors
    /// The kind, and the position in `run` of the first byte that is refused.
    fn check_run(self, run: &[u8], before: usize) -> Result<(), (ErrorKind, usize)> {
        let Some((allowed, limit, kind)) = self.parts() else { return Ok(()) };
        if self == Self::Path && before == 0 && run.first().is_some_and(|byte| *byte != b'/') {
            return Err((kind, 0));
        }
        let room = run.get(..limit.saturating_sub(before)).unwrap_or(run);
        let len = allowed_run(allowed, room);
        if len < room.len() {
            Err((kind, len))
        } else if room.len() < run.len() {
            Err((ErrorKind::TooLong, room.len()))
        } else {
            Ok(())
        }
    }

    /// Checks a piece of a part, after `before` earlier bytes, and returns the number of bytes so far.
    ///
    /// # Errors
    /// The offset is that in the span as written; if an escape is refused, that of its backslash.
    pub(crate) fn check(self, text: Text<'_>, before: usize) -> Result<usize, Error> {
        if self == Self::Any {
            return Ok(before);
        }
        match text.as_bytes() {
            Some(run) => match self.check_run(run, before) {
                Ok(()) => Ok(before.wrapping_add(run.len())),
                Err((kind, wrong)) => Err(Error::new(kind, wrong)),
            },
            None => match self.allowed_escapes(text.as_raw(), before) {
                Some(escapes) => Ok(before.wrapping_add(text.as_raw().len()).wrapping_sub(escapes)),
                None => self.check_escaped(text, before),
            },
        }
    }

    /// Returns the number of escapes in a piece of a part, if each is one of a quote, a backslash or a slash, and the piece is
    /// known to follow the rule: most are such, as an `ETag` has quotes. If not, it may still do so.
    #[inline]
    fn allowed_escapes(self, raw: &[u8], before: usize) -> Option<usize> {
        let room = match self {
            _ if !WIDE => return None,
            Self::HeaderValue => usize::MAX,
            Self::Name => NAME_LIMIT.checked_sub(before)?,
            _ => return None,
        };
        let mut escapes = 0_usize;
        let mut rest = raw;
        while !rest.is_empty() {
            rest = match rest.get(scan::nearly_printable(rest)..)? {
                [] => &[],
                [b'\\', b'"' | b'\\' | b'/', behind @ ..] => {
                    escapes = escapes.wrapping_add(1);
                    behind
                }
                [b'\\' | 0x7F, ..] => return None,
                // A character of several bytes, or one before which the scan may stop.
                [_, behind @ ..] => behind,
            };
        }
        (raw.len() <= room).then_some(escapes)
    }

    /// Checks a text with escapes as [`check`](Rule::check) does.
    #[cold]
    fn check_escaped(self, text: Text<'_>, before: usize) -> Result<usize, Error> {
        let mut len = before;
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            self.check_run(&[byte], len).map_err(|(kind, _)| Error::new(kind, bytes.position()))?;
            len = len.wrapping_add(1);
        }
        Ok(len)
    }

    /// Checks what can only be known when a part has ended.
    ///
    /// # Errors
    /// The kind, if the part is empty and must not be.
    #[inline]
    pub(crate) const fn check_end(self, is_empty: bool) -> Result<(), ErrorKind> {
        match self {
            Self::Path if is_empty => Err(ErrorKind::InvalidPath),
            Self::HeaderName if is_empty => Err(ErrorKind::InvalidHeaderName),
            _ => Ok(()),
        }
    }

    /// Checks a whole text that will be encoded.
    ///
    /// # Errors
    /// As for decoding; the offset is that in the text.
    pub(crate) fn check_text(self, text: Text<'_>) -> Result<(), Error> {
        // Most are short, and only printable ASCII.
        if text.as_bytes().is_some_and(|bytes| scan::is_printable(bytes) && self.allows_printable(bytes)) {
            return Ok(());
        }
        self.check(text, 0)?;
        self.check_end(text.is_empty()).map_err(|kind| Error::new(kind, 0))
    }

    /// Checks a text as [`check_text`](Rule::check_text) does. `is_name` says that it is known to follow the rule of a
    /// name, without escapes.
    ///
    /// # Errors
    /// As for [`check_text`](Rule::check_text).
    #[inline]
    pub(crate) fn check_more(self, text: Text<'_>, is_name: bool) -> Result<(), Error> {
        if is_name && self.allows_name(text.as_raw()) { Ok(()) } else { self.check_text(text) }
    }

    /// Returns whether everything that follows the rule of a name follows this one.
    pub(crate) const fn allows_names(self) -> bool {
        matches!(self, Self::Any | Self::Name | Self::HeaderValue)
    }

    /// Returns this rule. In a `const` context, does not compile unless everything that follows the rule of a name
    /// follows this one.
    pub(crate) const fn of_names(self) -> Self {
        assert!(self.allows_names());
        self
    }

    /// Returns whether this text, which follows the rule of a name, is known to follow this rule. If not, it may still
    /// do so.
    #[inline]
    fn allows_name(self, name: &[u8]) -> bool {
        self.allows_names() || (self == Self::Path && name.first() == Some(&b'/') && !swar::has_space(name))
    }
}

/// Everything except control characters.
static NAME: Allowed = allow(b"", 0x20, 0xFF);
/// Everything except control characters and the space.
static PATH: Allowed = allow(b"", 0x21, 0xFF);
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_rule_of_a_name_and_is_allowed_keeps_its_own() {
        for len in 0..20 {
            for place in 0..len {
                for byte in (0x20..=0xFF).filter(|byte| *byte != 0x7F) {
                    let mut name = [b'/'; 20];
                    name[place] = byte;
                    let fine = name[0] == b'/' && !name.contains(&b' ');
                    assert_eq!(Rule::Path.allows_name(&name[..len]), fine, "{}", name.escape_ascii());
                }
            }
        }
        assert!(!Rule::Path.allows_name(b""));
        assert!(!Rule::HeaderName.allows_name(b"a"));
    }

    /// Every text of up to four of these, after some bytes, of which the last may be one too many.
    #[test]
    fn escapes_are_checked_as_byte_by_byte() {
        const PARTS: [&str; 14] = [
            "a",
            " ",
            "\u{7f}",
            "é",
            "中文",
            r#"\""#,
            r"\\",
            r"\/",
            r"\t",
            r"\n",
            r"\u0041",
            r"\u007f",
            r"\u001f",
            "plain text of 23 bytes.",
        ];
        let mut seen = [0; 2];
        for number in 0..PARTS.len().pow(4) {
            let chosen = [number, number / 14, number / 14 / 14, number / 14 / 14 / 14].map(|part| PARTS[part % 14]);
            let raw = chosen.concat();
            for rule in [Rule::Name, Rule::HeaderValue, Rule::Path, Rule::HeaderName] {
                for before in [0, NAME_LIMIT - 4, NAME_LIMIT] {
                    let text = Text::from_span(raw.as_bytes(), true);
                    let checked = rule.check(text, before);
                    assert_eq!(checked, rule.check_escaped(text, before), "{raw} {rule:?} {before}");
                    seen[usize::from(checked.is_ok())] += 1;
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
    }
}
