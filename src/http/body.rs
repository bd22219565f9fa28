//! The body of a response: which of the incoming bytes are data, and where it ends (RFC 9112, section 6.3).

use super::HttpError;
use super::chunked::Chunked;
use crate::shift::shift;

/// The rest of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// This number of bytes. A number that `usize` cannot hold is represented by its maximum: no reader accepts so many
    /// bytes.
    Exact(usize),
    /// Chunks, up to the last one.
    Chunked(Chunked),
    /// Everything until the connection ends.
    UntilClose,
}

/// The beginning of a piece: first framing, then data. The rest has not been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes of framing.
    pub(super) framing: usize,
    /// Bytes of data, behind the framing.
    pub(super) data: usize,
}

/// A piece whose framing has been removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stripped {
    /// Bytes of data, now at the beginning of the piece.
    pub(crate) data: usize,
    /// The body ends with this piece.
    pub(crate) ended: bool,
    /// Bytes behind the body; they are the last ones of the piece.
    pub(crate) surplus: usize,
}

impl Body {
    /// Takes bytes from the next piece. Takes nothing once the body has ended, or from an empty piece; otherwise always
    /// takes something.
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

    /// Removes the framing from the next piece, in place: moves the data to the beginning of the piece.
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

    /// Whether the body has ended. A body that lasts until the connection ends has not.
    pub(crate) const fn is_done(&self) -> bool {
        match self {
            Self::Exact(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_done(),
            Self::UntilClose => false,
        }
    }

    /// Reports that the connection has ended.
    ///
    /// # Errors
    /// [`HttpError::Truncated`] when the body had not ended.
    pub(crate) const fn end(&self) -> Result<(), HttpError> {
        if self.is_done() || matches!(self, Self::UntilClose) { Ok(()) } else { Err(HttpError::Truncated) }
    }
}
