//! The body of a response: which of the bytes that come are its data, and where it ends (RFC 9112, section 6.3).

use super::HttpError;
use super::chunked::Chunked;

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
pub(crate) struct Step {
    /// Bytes of framing.
    pub(crate) framing: usize,
    /// Bytes of data, behind those.
    pub(crate) data: usize,
}

impl Body {
    /// Takes from the piece that comes next. Nothing is taken once the body has ended, or from an empty piece; otherwise
    /// something always is.
    ///
    /// # Errors
    /// [`HttpError::Chunk`], [`HttpError::ChunkTooLong`].
    pub(crate) fn step(&mut self, piece: &[u8]) -> Result<Step, HttpError> {
        match self {
            Self::Exact(left) => Ok(Step { framing: 0, data: take(left, piece.len()) }),
            Self::Chunked(chunked) => chunked.step(piece),
            Self::UntilClose => Ok(Step { framing: 0, data: piece.len() }),
        }
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

/// Takes as many of `available` bytes as are left, and says how many.
pub(super) fn take(left: &mut usize, available: usize) -> usize {
    let taken = available.min(*left);
    *left = left.saturating_sub(taken);
    taken
}
