//! The body of a response: which of the bytes that come are its data, and where it ends (RFC 9112, section 6.3).

use super::HttpError;
use super::chunked::Chunked;
use crate::shift::shift;

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// So many bytes. Where `usize` does not hold the number, its greatest stands for all that are greater: nobody takes
    /// so many.
    Exact(usize),
    /// Chunks, until the last of them.
    Chunked(Chunked),
    /// Whatever comes until the connection ends.
    UntilClose,
}

/// What a piece begins with: first what is not data, then what is. The rest has not been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes of framing.
    pub(super) framing: usize,
    /// Bytes of data, behind those.
    pub(super) data: usize,
}

/// What a piece comes to once its framing has been taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stripped {
    /// Bytes of data, which now are the first ones of the piece.
    pub(crate) data: usize,
    /// The body ends with them.
    pub(crate) ended: bool,
    /// Bytes that came behind the body; they are the last ones of the piece.
    pub(crate) surplus: usize,
}

impl Body {
    /// Takes from the piece that comes next. Nothing is taken once the body has ended, or from an empty piece; otherwise
    /// something always is.
    ///
    /// # Errors
    /// [`HttpError::Chunk`], [`HttpError::ChunkTooLong`].
    pub(super) fn step(&mut self, piece: &[u8]) -> Result<Step, HttpError> {
        let mut framing = 0;
        let data = match self {
            Self::Exact(left) => {
                let data = piece.len().min(*left);
                *left = left.saturating_sub(data);
                data
            }
            Self::Chunked(chunked) => {
                framing = chunked.pass_framing(piece)?;
                chunked.take_data(piece.len().saturating_sub(framing))
            }
            Self::UntilClose => piece.len(),
        };
        Ok(Step { framing, data })
    }

    /// Takes the piece that comes next apart, where it lies: moves its data to its beginning.
    ///
    /// # Errors
    /// [`HttpError::Chunk`], [`HttpError::ChunkTooLong`].
    pub(crate) fn strip(&mut self, piece: &mut [u8]) -> Result<Stripped, HttpError> {
        let (mut at, mut data) = (0_usize, 0_usize);
        while at < piece.len() && !self.is_done() {
            let step = self.step(piece.get(at..).unwrap_or_default())?;
            let start = at.saturating_add(step.framing);
            at = start.saturating_add(step.data);
            if start > data {
                shift(piece, start..at, data);
            }
            data = data.saturating_add(step.data);
        }
        Ok(Stripped { data, ended: self.is_done(), surplus: piece.len().saturating_sub(at) })
    }

    /// Whether the body has ended. One that lasts until the connection ends has not.
    pub(crate) const fn is_done(&self) -> bool {
        match self {
            Self::Exact(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_done(),
            Self::UntilClose => false,
        }
    }

    /// Says that the connection has ended.
    ///
    /// # Errors
    /// [`HttpError::Truncated`] when the body had not.
    pub(crate) const fn end(&self) -> Result<(), HttpError> {
        if self.is_done() || matches!(self, Self::UntilClose) { Ok(()) } else { Err(HttpError::Truncated) }
    }
}
