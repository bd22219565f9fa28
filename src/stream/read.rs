//! Drives a decoder over embedded-io, blocking and async.
//!
//! The drivers hold no state: what has come is in the decoder, so a future that is dropped while it waits loses nothing.

use super::decoder::{Core, Decoder};
use super::direction::{Direction, Side};
use super::event::Event;
use super::found::Found;
use super::found::event;
use super::write::interrupted;
use crate::error::Error;
use core::fmt;

/// Why an envelope could not be read from a connection with errors `E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The connection failed. What has come before is not lost: the call can be made again.
    Io(E),
    /// The connection ended before the [length](Decoder::with_length) that was announced.
    UnexpectedEof,
    /// The envelope is not valid.
    Envelope(Error),
}

impl<E> From<Error> for ReadError<E> {
    fn from(error: Error) -> Self {
        Self::Envelope(error)
    }
}

impl<E: fmt::Debug> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the connection failed with {error:?}"),
            Self::UnexpectedEof => f.write_str("the connection ended before the envelope did"),
            Self::Envelope(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for ReadError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Envelope(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: embedded_io::Error> embedded_io::Error for ReadError<E> {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::Io(error) => error.kind(),
            Self::UnexpectedEof => embedded_io::ErrorKind::Other,
            Self::Envelope(_) => embedded_io::ErrorKind::InvalidData,
        }
    }
}

impl<D: Direction, const WINDOW: usize> Decoder<D, WINDOW> {
    /// The next event, reading from `connection` as much as it takes; `None` when the envelope is whole and valid, and
    /// the message has ended.
    ///
    /// A message of unknown length ends where the connection does. `Interrupted` is tried again.
    ///
    /// # Errors
    /// [`ReadError::Io`] and [`ReadError::UnexpectedEof`]; those of [`step`](Decoder::step) as [`ReadError::Envelope`].
    ///
    /// ```
    /// use callcontainer::stream::{Event, ReplyDecoder};
    ///
    /// let mut connection = &br#"{"statusCode":200,"data":"done"}"#[..];
    /// let mut decoder = ReplyDecoder::<64>::new().with_length(connection.len());
    /// while let Some(event) = decoder.next(&mut connection)? {
    ///     if let Event::Text { text, .. } = event {
    ///         assert_eq!(text, "done");
    ///     }
    /// }
    /// # Ok::<(), callcontainer::stream::ReadError<core::convert::Infallible>>(())
    /// ```
    pub fn next<R: embedded_io::Read>(&mut self, connection: &mut R) -> Result<Option<Event<'_>>, ReadError<R::Error>> {
        let (core, bytes) = self.parts();
        core.leave_body();
        let found = core.read(bytes, connection)?;
        Ok(event(found, bytes))
    }

    /// The same, async.
    ///
    /// # Errors
    /// As for [`next`](Decoder::next).
    ///
    /// # Cancel safety
    /// If the future is dropped nothing is lost that the connection has not lost itself: where dropping the future of its
    /// `read` loses no byte, neither does this. The next call goes on where this one was.
    pub async fn next_async<R: embedded_io_async::Read>(
        &mut self,
        connection: &mut R,
    ) -> Result<Option<Event<'_>>, ReadError<R::Error>> {
        let (core, bytes) = self.parts();
        core.leave_body();
        let found = core.read_async(bytes, connection).await?;
        Ok(event(found, bytes))
    }

    /// Reads the rest of the message without looking for anything in it, and gives the verdict on the whole: what
    /// decoding a slice gives, to the letter.
    ///
    /// It is for a reader who has seen enough, and after an error: then the rest is dropped unseen, so that the
    /// connection stands behind the message.
    ///
    /// # Errors
    /// As for [`next`](Decoder::next).
    pub fn finish<R: embedded_io::Read>(&mut self, connection: &mut R) -> Result<(), ReadError<R::Error>> {
        let (core, bytes) = self.parts();
        core.leave_body();
        loop {
            match core.read(bytes, connection) {
                Ok(Found::End) => return Ok(()),
                Ok(_) => core.skip(),
                Err(ReadError::Envelope(error)) if core.room(bytes).is_empty() => return Err(error.into()),
                Err(ReadError::Envelope(_)) => core.fill(bytes, connection)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// The same, async.
    ///
    /// # Errors
    /// As for [`next`](Decoder::next).
    ///
    /// # Cancel safety
    /// As for [`next_async`](Decoder::next_async).
    pub async fn finish_async<R: embedded_io_async::Read>(
        &mut self,
        connection: &mut R,
    ) -> Result<(), ReadError<R::Error>> {
        let (core, bytes) = self.parts();
        core.leave_body();
        loop {
            match core.read_async(bytes, connection).await {
                Ok(Found::End) => return Ok(()),
                Ok(_) => core.skip(),
                Err(ReadError::Envelope(error)) if core.room(bytes).is_empty() => return Err(error.into()),
                Err(ReadError::Envelope(_)) => core.fill_async(bytes, connection).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// The body as a reader: text unescaped, JSON as it stands, bytes decoded. It ends where the body does.
    ///
    /// It is to be asked for when [`Event::Data`] has come. All of it is in the decoder: the reader can be dropped, and
    /// the next one goes on where it was. Who goes back to events passes over what is left of the body. The envelope goes
    /// on behind it, and is known to be valid only at its end: so do go on, with [`next`](Decoder::next) or
    /// [`finish`](Decoder::finish).
    ///
    /// ```
    /// use callcontainer::stream::{Event, ReplyDecoder};
    /// use embedded_io::Read;
    ///
    /// let mut connection = &br#"{"statusCode":200,"data":"two\nlines"}"#[..];
    /// let mut decoder = ReplyDecoder::<64>::new();
    /// while let Some(event) = decoder.next(&mut connection).unwrap() {
    ///     if let Event::Data(_) = event {
    ///         let mut text = [0; 9];
    ///         decoder.body(&mut connection).read_exact(&mut text).unwrap();
    ///         assert_eq!(&text, b"two\nlines");
    ///     }
    /// }
    /// # use callcontainer::embedded_io;
    /// ```
    pub fn body<'d, R>(&'d mut self, connection: &'d mut R) -> BodyReader<'d, D, R> {
        let (core, bytes) = self.parts();
        BodyReader { core, bytes, connection }
    }
}

/// What was read: nothing means the end of the connection.
fn came<D: Side, E: embedded_io::Error>(
    core: &mut Core<D>,
    size: usize,
    read: Result<usize, E>,
) -> Result<(), ReadError<E>> {
    match read {
        Ok(0) if core.window.has_length() => Err(ReadError::UnexpectedEof),
        Ok(0) => {
            core.end();
            Ok(())
        }
        Ok(count) => {
            core.commit(count, size);
            Ok(())
        }
        Err(error) if interrupted(&error) => Ok(()),
        Err(error) => Err(ReadError::Io(error)),
    }
}

impl<D: Side> Core<D> {
    fn fill<R: embedded_io::Read>(&mut self, bytes: &mut [u8], connection: &mut R) -> Result<(), ReadError<R::Error>> {
        let read = connection.read(self.room(bytes));
        came(self, bytes.len(), read)
    }

    async fn fill_async<R: embedded_io_async::Read>(
        &mut self,
        bytes: &mut [u8],
        connection: &mut R,
    ) -> Result<(), ReadError<R::Error>> {
        let read = connection.read(self.room(bytes)).await;
        came(self, bytes.len(), read)
    }

    /// Goes on to the next thing found that is not that there is too little to look at.
    fn read<R: embedded_io::Read>(
        &mut self,
        bytes: &mut [u8],
        connection: &mut R,
    ) -> Result<Found, ReadError<R::Error>> {
        loop {
            match self.step(bytes)? {
                Found::More => self.fill(bytes, connection)?,
                found => return Ok(found),
            }
        }
    }

    async fn read_async<R: embedded_io_async::Read>(
        &mut self,
        bytes: &mut [u8],
        connection: &mut R,
    ) -> Result<Found, ReadError<R::Error>> {
        loop {
            match self.step(bytes)? {
                Found::More => self.fill_async(bytes, connection).await?,
                found => return Ok(found),
            }
        }
    }
}

/// The body of an envelope as an embedded-io reader, blocking or async as the connection is; see [`Decoder::body`].
///
/// # Cancel safety
/// A future of its `read` or `fill_buf` that is dropped loses nothing, as for [`Decoder::next_async`].
pub struct BodyReader<'d, D: Direction, R> {
    core: &'d mut Core<D>,
    bytes: &'d mut [u8],
    connection: &'d mut R,
}

impl<D: Direction, R: embedded_io::ErrorType> embedded_io::ErrorType for BodyReader<'_, D, R> {
    type Error = ReadError<R::Error>;
}

impl<D: Direction, R: embedded_io::Read> embedded_io::BufRead for BodyReader<'_, D, R> {
    fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
        while self.core.wants_body() {
            let found = self.core.read(self.bytes, self.connection)?;
            self.core.keep(found, self.bytes);
        }
        Ok(self.core.kept(self.bytes))
    }

    fn consume(&mut self, amount: usize) {
        self.core.consume(amount);
    }
}

impl<D: Direction, R: embedded_io::Read> embedded_io::Read for BodyReader<'_, D, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = copy(embedded_io::BufRead::fill_buf(self)?, buffer);
        self.core.consume(count);
        Ok(count)
    }
}

impl<D: Direction, R: embedded_io_async::Read> embedded_io_async::BufRead for BodyReader<'_, D, R> {
    async fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
        while self.core.wants_body() {
            let found = self.core.read_async(self.bytes, self.connection).await?;
            self.core.keep(found, self.bytes);
        }
        Ok(self.core.kept(self.bytes))
    }

    fn consume(&mut self, amount: usize) {
        self.core.consume(amount);
    }
}

impl<D: Direction, R: embedded_io_async::Read> embedded_io_async::Read for BodyReader<'_, D, R> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = copy(embedded_io_async::BufRead::fill_buf(self).await?, buffer);
        self.core.consume(count);
        Ok(count)
    }
}

/// Copies as much as there is and fits.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
        to.copy_from_slice(from);
    }
    count
}
