//! Drives an encoder over embedded-io, blocking and async.
//!
//! The drivers hold no state: they do what the encoder says, and report the result to it.

use super::encode::{EncodeStep, Encoder, Flow, Slot};
use crate::envelope::layout::Layout;
use crate::error::Error;
use core::convert::Infallible;
use core::fmt;

/// Why an envelope was not written completely, and how much of it was written.
///
/// The bytes written are never a complete envelope, unless only the flush or the end of a line has failed. If there are
/// none (`written` is 0), the connection is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WriteError<E, B = Infallible> {
    /// What went wrong.
    pub cause: WriteCause<E, B>,
    /// Bytes that the writer has accepted: of the envelope, and of whatever precedes it.
    pub written: usize,
}

/// What went wrong when an envelope was written to a writer with errors `E`, with a body from a reader with errors `B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteCause<E, B = Infallible> {
    /// The writer failed.
    Io(E),
    /// The writer accepts no more bytes.
    WriteZero,
    /// The reader of the body failed.
    Body(B),
    /// The body differs from what was announced.
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
        write!(f, " after {} bytes", self.written)
    }
}

impl<E: fmt::Debug, B: fmt::Debug> core::error::Error for WriteError<E, B> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.cause {
            WriteCause::Envelope(error) => Some(error),
            _ => None,
        }
    }
}

impl<const W: usize> Encoder<'_, W> {
    /// Writes the rest of the envelope, and flushes the writer.
    ///
    /// # Errors
    /// The writer's, except `Interrupted`, after which it is tried again; [`WriteCause::WriteZero`] when it accepts no
    /// bytes. Calling this again continues where it failed.
    pub fn write_to<T: embedded_io::Write>(&mut self, writer: &mut T) -> Result<(), WriteError<T::Error>> {
        self.write_from(&mut [].as_slice(), writer)
    }

    /// Reads the body from `reader` and writes the rest of the envelope. For bytes, and for text without escapes, no
    /// more is read than belongs to the body; otherwise no more than the announced length.
    ///
    /// # Errors
    /// As for [`write_to`](Encoder::write_to); the reader's; those of [`read`](Encoder::read).
    pub fn write_from<R: embedded_io::Read, T: embedded_io::Write>(
        &mut self,
        reader: &mut R,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error, R::Error>> {
        let (flow, layout, window) = self.parts();
        flow.write(layout, window, reader, writer)
    }

    /// Async version of [`write_to`](Encoder::write_to).
    ///
    /// # Cancel safety
    /// As safe as the writer's own `write` and `flush`: if those accept nothing when they are dropped, neither does
    /// this, and calling it again continues.
    ///
    /// # Errors
    /// As for [`write_to`](Encoder::write_to).
    pub async fn write_to_async<T: embedded_io_async::Write>(
        &mut self,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error>> {
        self.write_from_async(&mut [].as_slice(), writer).await
    }

    /// Async version of [`write_from`](Encoder::write_from).
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
        let (flow, layout, window) = self.parts();
        flow.write_async(layout, window, reader, writer).await
    }
}

/// The result of a step that was not the last.
type Came<E, B> = Result<(), WriteCause<E, B>>;

impl<S: Slot> Flow<S> {
    pub(crate) fn write<R: embedded_io::Read, T: embedded_io::Write>(
        &mut self,
        layout: &dyn Layout,
        window: &mut [u8],
        reader: &mut R,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error, R::Error>> {
        loop {
            let came = match self.step(layout, window) {
                Err(error) => Err(WriteCause::Envelope(error)),
                Ok(EncodeStep::Write(bytes)) => {
                    let wrote = writer.write(bytes);
                    self.written_by(wrote)
                }
                Ok(EncodeStep::Read(room)) => {
                    let read = reader.read(room);
                    self.read_by(window, read)
                }
                Ok(EncodeStep::Done) => match writer.flush() {
                    Ok(()) => return Ok(()),
                    Err(error) => again(error).map_err(WriteCause::Io),
                },
            };
            came.map_err(|cause| WriteError { cause, written: self.written() })?;
        }
    }

    pub(crate) async fn write_async<R: embedded_io_async::Read, T: embedded_io_async::Write>(
        &mut self,
        layout: &dyn Layout,
        window: &mut [u8],
        reader: &mut R,
        writer: &mut T,
    ) -> Result<(), WriteError<T::Error, R::Error>> {
        loop {
            let came = match self.step(layout, window) {
                Err(error) => Err(WriteCause::Envelope(error)),
                Ok(EncodeStep::Write(bytes)) => {
                    let wrote = writer.write(bytes).await;
                    self.written_by(wrote)
                }
                Ok(EncodeStep::Read(room)) => {
                    let read = reader.read(room).await;
                    self.read_by(window, read)
                }
                Ok(EncodeStep::Done) => match writer.flush().await {
                    Ok(()) => return Ok(()),
                    Err(error) => again(error).map_err(WriteCause::Io),
                },
            };
            came.map_err(|cause| WriteError { cause, written: self.written() })?;
        }
    }

    fn written_by<E: embedded_io::Error, B>(&mut self, wrote: Result<usize, E>) -> Came<E, B> {
        match wrote {
            Ok(0) => Err(WriteCause::WriteZero),
            Ok(bytes) => {
                self.wrote(bytes);
                Ok(())
            }
            Err(error) => again(error).map_err(WriteCause::Io),
        }
    }

    fn read_by<E, B: embedded_io::Error>(&mut self, window: &mut [u8], read: Result<usize, B>) -> Came<E, B> {
        match read {
            Ok(bytes) => self.read(window, bytes).map_err(WriteCause::Envelope),
            Err(error) => again(error).map_err(WriteCause::Body),
        }
    }
}

/// Returns the error, unless the operation should be repeated at once because nothing happened.
pub(crate) fn again<E: embedded_io::Error>(error: E) -> Result<(), E> {
    if error.kind() == embedded_io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
}
