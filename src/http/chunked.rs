//! The chunked transfer coding (RFC 9112, section 7.1), decoded byte by byte except for the data.
//!
//! Sizes are digits with nothing before them and only blanks after them, and every line ends with CR LF. Extensions and
//! trailers are skipped; trailers are lines like those of the head. Both together have a limit.

use super::{HttpError, is_text};
use crate::octets;

/// The most bytes of extensions and trailers in one body.
pub(crate) const ASIDE_LIMIT: u16 = 4096;

/// The most digits in a chunk size: enough for 64 bits.
const DIGITS_LIMIT: u8 = 16;

/// A position in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunked {
    state: State,
    /// The size of the chunk as far as it is known, then the rest of it.
    size: usize,
    /// Digits of the size so far.
    digits: u8,
    /// Bytes of extensions and trailers so far.
    aside: u16,
}

/// What is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    /// Blanks after the size.
    Padding,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// The name of a trailer, or the end.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

impl Chunked {
    pub(super) const NEW: Self = Self { state: State::Size, size: 0, digits: 0, aside: 0 };

    pub(super) const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Skips the framing at the beginning of the piece, up to data or the end of the body. Returns its length in bytes.
    ///
    /// # Errors
    /// [`HttpError::Chunk`], [`HttpError::ChunkTooLong`].
    pub(super) fn pass_framing(&mut self, piece: &[u8]) -> Result<usize, HttpError> {
        let mut framing = 0_usize;
        for byte in piece {
            if matches!(self.state, State::Data | State::Done) {
                break;
            }
            self.state = self.next(*byte)?;
            framing = framing.wrapping_add(1);
        }
        Ok(framing)
    }

    /// Takes data, behind the framing: as many of `available` bytes as are left of the chunk. Returns their number.
    pub(super) fn take_data(&mut self, available: usize) -> usize {
        if !matches!(self.state, State::Data) {
            return 0;
        }
        let data = available.min(self.size);
        self.size = self.size.saturating_sub(data);
        if self.size == 0 {
            self.state = State::DataCr;
        }
        data
    }

    /// Returns the state after a byte that is not data.
    fn next(&mut self, byte: u8) -> Result<State, HttpError> {
        let next = match (self.state, byte) {
            (State::Size | State::Padding, b'\r') if self.digits > 0 => State::SizeLf,
            (State::Size | State::Padding, b' ' | b'\t') if self.digits > 0 => State::Padding,
            (State::Size | State::Padding, b';') if self.digits > 0 => State::Extension,
            (State::Size, _) => self.digit(byte)?,
            (State::Extension, b'\r') => State::SizeLf,
            (State::SizeLf, b'\n') => {
                self.digits = 0;
                if self.size == 0 { State::TrailerStart } else { State::Data }
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf, b'\n') => State::Done,
            (State::Extension, _) if is_text(byte) => State::Extension,
            (State::TrailerStart | State::TrailerName, _) if octets::is_token(byte) => State::TrailerName,
            (State::TrailerValue, _) if is_text(byte) => State::TrailerValue,
            _ => return Err(HttpError::Chunk),
        };
        // Bytes that lead to these states are neither data nor needed, and count towards the limit.
        if matches!(next, State::Padding | State::Extension | State::TrailerName | State::TrailerValue) {
            if self.aside == ASIDE_LIMIT {
                return Err(HttpError::ChunkTooLong);
            }
            self.aside = self.aside.wrapping_add(1);
        }
        Ok(next)
    }

    fn digit(&mut self, byte: u8) -> Result<State, HttpError> {
        let digit = char::from(byte).to_digit(16).filter(|_| self.digits < DIGITS_LIMIT).ok_or(HttpError::Chunk)?;
        // The size is 0 before the first digit. If `usize` cannot hold it, its maximum will do: no reader accepts so
        // many bytes.
        let fits = self.size <= usize::MAX >> 4;
        self.size = if fits { (self.size << 4) | digit as usize } else { usize::MAX };
        self.digits = self.digits.wrapping_add(1);
        Ok(State::Size)
    }
}
