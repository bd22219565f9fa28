//! What the parts of an envelope may hold, byte by byte.
//!
//! Decoder and encoder ask here alike, so that nothing is written that would not be read.

use crate::error::{Error, ErrorKind};
use crate::json::scan;
use crate::json::text::{Segment, Text};
use crate::limits::{NAME_LIMIT, PATH_LIMIT};

/// The rule for one kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Anything.
    Any,
    /// No control characters; at most [`NAME_LIMIT`] bytes.
    Name,
    /// Begins with `/`; no space, no control characters; at most [`PATH_LIMIT`] bytes.
    Path,
    /// A token of RFC 9110, section 5.6.2; at most [`NAME_LIMIT`] bytes.
    HeaderName,
    /// No control characters but tab (RFC 9110, section 5.5).
    HeaderValue,
}

impl Rule {
    /// Checks a run of the part, of which `before` bytes came earlier.
    ///
    /// # Errors
    /// The kind, and the position in `run` of the first byte that is refused.
    pub(crate) fn check(self, run: &[u8], before: usize) -> Result<(), (ErrorKind, usize)> {
        let (limit, kind) = match self {
            Self::Any => return Ok(()),
            Self::Name => (NAME_LIMIT, ErrorKind::InvalidName),
            Self::Path => (PATH_LIMIT, ErrorKind::InvalidPath),
            Self::HeaderName => (NAME_LIMIT, ErrorKind::InvalidHeaderName),
            Self::HeaderValue => (usize::MAX, ErrorKind::InvalidHeaderValue),
        };
        if self == Self::Path && before == 0 && run.first().is_some_and(|byte| *byte != b'/') {
            return Err((kind, 0));
        }
        let room = run.get(..limit.saturating_sub(before)).unwrap_or(run);
        let allowed = match self {
            Self::HeaderName => room.iter().position(|byte| !is_token(*byte)).unwrap_or(room.len()),
            Self::HeaderValue => header_value(room),
            Self::Path => scan::printable(room, b' ' + 1),
            _ => scan::printable(room, b' '),
        };
        if allowed < room.len() {
            Err((kind, allowed))
        } else if room.len() < run.len() {
            Err((ErrorKind::TooLong, allowed))
        } else {
            Ok(())
        }
    }

    /// Checks as much of a part as there is.
    ///
    /// # Errors
    /// The offset is that in the span as it stands; where an escape is refused, that of its backslash.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn check_part(self, text: Text<'_>) -> Result<(), Error> {
        self.check_more(text, 0).map(|_| ())
    }

    /// Checks more of a part, of which `before` bytes came earlier, and says how many there are then.
    ///
    /// # Errors
    /// As for [`check_part`](Rule::check_part).
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn check_more(self, text: Text<'_>, before: usize) -> Result<usize, Error> {
        match (self, text.as_bytes()) {
            (Self::Any, _) => Ok(before),
            (_, Some(bytes)) => match self.check(bytes, before) {
                Ok(()) => Ok(before.wrapping_add(bytes.len())),
                Err((kind, at)) => Err(Error::new(kind, at)),
            },
            (_, None) => self.check_segments(text, before),
        }
    }

    fn check_segments(self, text: Text<'_>, before: usize) -> Result<usize, Error> {
        let mut segments = text.segments();
        let (mut at, mut len) = (0_usize, before);
        while let Some(segment) = segments.next() {
            match segment {
                Segment::Run(run) => {
                    self.check(run, len).map_err(|(kind, wrong)| Error::new(kind, at.wrapping_add(wrong)))
                }
                Segment::Char(character) => {
                    let mut utf8 = [0; 4];
                    let run = character.encode_utf8(&mut utf8).as_bytes();
                    self.check(run, len).map_err(|(kind, _)| Error::new(kind, at))
                }
            }?;
            len = len.wrapping_add(segment.len());
            at = segments.position();
        }
        Ok(len)
    }

    /// Checks what can only be told when a part has ended.
    ///
    /// # Errors
    /// The kind, where the part may not be empty and is.
    #[inline]
    pub(crate) const fn check_end(self, is_empty: bool) -> Result<(), ErrorKind> {
        match self {
            Self::Path if is_empty => Err(ErrorKind::InvalidPath),
            Self::HeaderName if is_empty => Err(ErrorKind::InvalidHeaderName),
            _ => Ok(()),
        }
    }

    /// Checks a whole text that is to be encoded.
    ///
    /// # Errors
    /// As decoding gives; the offset is that in the text.
    pub(crate) fn check_text(self, text: Text<'_>) -> Result<(), Error> {
        self.check_part(text)?;
        self.check_end(text.is_empty()).map_err(|kind| Error::new(kind, 0))
    }
}

/// The number of leading bytes that a header value may hold.
#[inline]
fn header_value(run: &[u8]) -> usize {
    let mut at = 0_usize;
    loop {
        at = at.wrapping_add(scan::printable(run.get(at..).unwrap_or_default(), b' '));
        if run.get(at) != Some(&b'\t') {
            return at;
        }
        at = at.wrapping_add(1);
    }
}

/// RFC 9110, section 5.6.2.
#[inline]
fn is_token(byte: u8) -> bool {
    let word = TOKEN.get(usize::from(byte >> 5)).copied().unwrap_or(0);
    word.wrapping_shr(u32::from(byte)) & 1 == 1
}

/// A bit for each ASCII character, set for those of a token.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static TOKEN: [u32; 4] = {
    let mut words = [0_u32; 4];
    let mut byte = 0_u8;
    while byte < 128 {
        let punctuation = matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        if punctuation || byte.is_ascii_alphanumeric() {
            words[(byte >> 5) as usize] |= 1 << (byte & 31);
        }
        byte += 1;
    }
    words
};

/// Stands for a text in constant memory. Two texts are taken to be the same when their fingerprints are.
///
/// A stream decoder cannot keep 64 names of 128 bytes, so "the same name twice" has to be told from something smaller,
/// and a slice decoder follows the same rule so that both give the same verdict. Two different names share a
/// fingerprint with a chance of 2⁻⁶⁴; all that comes of it is that the envelope is refused.
///
/// Two multiplicative hashes of 32 bits, because a Cortex-M0 multiplies 32 bits in a cycle and 64 in dozens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u32, u32);

impl Fingerprint {
    pub(crate) const NEW: Self = Self(0x811C_9DC5, 0x9E37_79B9);

    #[inline]
    pub(crate) fn add(&mut self, run: &[u8]) {
        for byte in run {
            let byte = u32::from(*byte);
            self.0 = (self.0 ^ byte).wrapping_mul(0x0100_0193);
            self.1 = (self.1.rotate_left(5) ^ byte).wrapping_mul(0x27D4_EB2F);
        }
    }

    /// Adds the name of a header: letter case does not matter.
    #[inline]
    pub(crate) fn add_lower_case(&mut self, run: &[u8]) {
        for byte in run {
            self.add(&[byte.to_ascii_lowercase()]);
        }
    }

    /// Of a header name, as [`add_lower_case`](Fingerprint::add_lower_case) makes it.
    pub(crate) fn of_name(name: Text<'_>) -> Self {
        let mut fingerprint = Self::NEW;
        fingerprint.add_name(name);
        fingerprint
    }

    /// Adds more of a header name.
    pub(crate) fn add_name(&mut self, name: Text<'_>) {
        for segment in name.segments() {
            segment.with(|run| self.add_lower_case(run));
        }
    }
}
