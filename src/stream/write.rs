//! Drives an encoder over embedded-io, blocking and async.
//!
//! The drivers hold no state: what an encoder says is done, and what came of it is told back.

use super::encode::{Encoder, WriteStep};
use crate::error::Error;
use core::convert::Infallible;
use core::fmt;

/// Why an envelope was not written whole, and how far it came.
///
/// What was written is never a whole envelope. Where it was none at all (`written` is 0) the connection is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WriteError<E, B = Infallible> {
    /// What went wrong.
    pub cause: WriteCause<E, B>,
    /// Bytes of the envelope that the writer has taken.
    pub written: usize,
}

/// What went wrong when an envelope was written to a writer with errors `E`, with a body from a reader with errors `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteCause<E, B = Infallible> {
    /// The writer failed.
    Io(E),
    /// The writer takes nothing more.
    WriteZero,
    /// The reader of the body failed.
    Body(B),
    /// The body is not what was said of it.
    Envelope(Error),
}

impl<E: fmt::Debug, B: fmt::Debug> fmt::Display for WriteError<E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            WriteCause::Io(error) => write!(f, "the writer failed with {error:?}"),
            WriteCause::WriteZero => f.write_str("the writer takes nothing more"),
            WriteCause::Body(error) => write!(f, "the reader of the body failed with {error:?}"),
            WriteCause::Envelope(error) => write!(f, "in the body, {error}"),
        }?;
        write!(f, " after {} bytes of the envelope", self.written)
    }
}

impl<E: fmt::Debug, B: fmt::Debug> core::error::Error for WriteError<E, B> {}

/// Whether an operation that failed is to be tried again at once.
pub(crate) fn interrupted(error: &impl embedded_io::Error) -> bool {
    embedded_io::Error::kind(error) == embedded_io::ErrorKind::Interrupted
}

impl<const W: usize> Encoder<'_, W> {
    /// Writes what is left of the envelope, and flushes the writer.
    ///
    /// # Errors
    /// The writer's, but for `Interrupted`, after which it is asked again; [`WriteCause::WriteZero`] when it takes
    /// nothing. To call again goes on where it failed.
    pub fn write_to<T: embedded_io::Write>(&mut self, writer: &mut T) -> Result<(), WriteError<T::Error>> {
        self.write_from(&mut [].as_slice(), writer)
    }

    /// Reads the body from `reader` and writes what is left of the envelope. Of the reader, no more is taken than what
    /// belongs to the body.
    ///
    /// # Errors
    /// As for [`write_to`](Encoder::write_to); the reader's; what [`read`](Encoder::read) says.
    pub fn write_from<R: embedded_io::Read, T: embedded_io::Write>(
        &mut self,
        reader: &mut R,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error, R::Error>> {
        loop {
            let cause = match self.step() {
                Err(error) => WriteCause::Envelope(error),
                Ok(WriteStep::Write(bytes)) => match writer.write(bytes) {
                    Ok(0) => WriteCause::WriteZero,
                    Ok(bytes) => {
                        self.wrote(bytes);
                        continue;
                    }
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Io(error),
                },
                Ok(WriteStep::Read(window)) => match reader.read(window).map(|bytes| self.read(bytes)) {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => WriteCause::Envelope(error),
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Body(error),
                },
                Ok(WriteStep::Done) => match writer.flush() {
                    Ok(()) => return Ok(()),
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Io(error),
                },
            };
            return Err(WriteError { cause, written: self.written() });
        }
    }

    /// Writes what is left of the envelope, and flushes the writer.
    ///
    /// # Cancel safety
    /// As safe as the writer's own `write` and `flush`: where those take nothing when they are dropped, so does this, and
    /// to call again goes on.
    ///
    /// # Errors
    /// As for [`write_to`](Encoder::write_to).
    pub async fn write_to_async<T: embedded_io_async::Write>(
        &mut self,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error>> {
        self.write_from_async(&mut [].as_slice(), writer).await
    }

    /// Reads the body from `reader` and writes what is left of the envelope. Of the reader, no more is taken than what
    /// belongs to the body.
    ///
    /// # Cancel safety
    /// As for [`write_to_async`](Encoder::write_to_async), and as safe as the reader's own `read`.
    ///
    /// # Errors
    /// As for [`write_from`](Encoder::write_from).
    pub async fn write_from_async<R: embedded_io_async::Read, T: embedded_io_async::Write>(
        &mut self,
        reader: &mut R,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error, R::Error>> {
        loop {
            let cause = match self.step() {
                Err(error) => WriteCause::Envelope(error),
                Ok(WriteStep::Write(bytes)) => match writer.write(bytes).await {
                    Ok(0) => WriteCause::WriteZero,
                    Ok(bytes) => {
                        self.wrote(bytes);
                        continue;
                    }
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Io(error),
                },
                Ok(WriteStep::Read(window)) => match reader.read(window).await.map(|bytes| self.read(bytes)) {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => WriteCause::Envelope(error),
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Body(error),
                },
                Ok(WriteStep::Done) => match writer.flush().await {
                    Ok(()) => return Ok(()),
                    Err(error) if interrupted(&error) => continue,
                    Err(error) => WriteCause::Io(error),
                },
            };
            return Err(WriteError { cause, written: self.written() });
        }
    }
}
