//! Drives a decoder over embedded-io, blocking and async.
//!
//! The drivers hold no state: the bytes received are in the decoder, so dropping a waiting future loses nothing.

use super::body_reader::{BodyReader, Find, FindAsync, Source};
use super::core::Core;
use super::decoder::Decoder;
use super::direction::Direction;
use super::event::Event;
use super::found::{Found, event};
use super::write::again;
use crate::error::Error;
use core::convert::Infallible;
use core::fmt;
use embedded_io::ErrorType;

/// Why an envelope could not be read from a connection with errors `E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The connection failed. The bytes received before are not lost: the call can be repeated.
    Io(E),
    /// The connection ended before the announced [length](Decoder::with_length) was reached.
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
    /// Returns the next event, reading from `connection` as much as needed; `None` when the envelope is complete and
    /// valid, and the message has ended.
    ///
    /// A message of unknown length ends with the connection. A read that is `Interrupted` is tried again.
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
        let found = self.leave_body(connection).find()?;
        Ok(event(found, self.parts().1))
    }

    /// Async version of [`next`](Decoder::next).
    ///
    /// # Errors
    /// As for [`next`](Decoder::next).
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing that the connection itself has not lost: if dropping the future of its `read`
    /// loses no bytes, neither does this. The next call continues where this one stopped.
    pub async fn next_async<R: embedded_io_async::Read>(
        &mut self,
        connection: &mut R,
    ) -> Result<Option<Event<'_>>, ReadError<R::Error>> {
        let found = self.leave_body(connection).find_async().await?;
        Ok(event(found, self.parts().1))
    }

    /// Reads the rest of the message without returning events, and returns the verdict on the whole: exactly that of
    /// decoding a slice.
    ///
    /// Use it when no more events are needed, and after an error: then the rest is dropped without being looked at, so
    /// that the connection is positioned behind the message.
    ///
    /// # Errors
    /// As for [`next`](Decoder::next).
    pub fn finish<R: embedded_io::Read>(&mut self, connection: &mut R) -> Result<(), ReadError<R::Error>> {
        let mut connected = self.leave_body(connection);
        loop {
            match connected.find() {
                Ok(Found::End) => return Ok(()),
                Ok(_) => connected.core.skip(),
                Err(ReadError::Envelope(_)) => match connected.verdict() {
                    Some(error) => return Err(error.into()),
                    None => connected.fill()?,
                },
                Err(error) => return Err(error),
            }
        }
    }

    /// Async version of [`finish`](Decoder::finish).
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
        let mut connected = self.leave_body(connection);
        loop {
            match connected.find_async().await {
                Ok(Found::End) => return Ok(()),
                Ok(_) => connected.core.skip(),
                Err(ReadError::Envelope(_)) => match connected.verdict() {
                    Some(error) => return Err(error.into()),
                    None => connected.fill_async().await?,
                },
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the body as a reader: text unescaped, JSON as it is written, bytes decoded. It ends where the body does.
    ///
    /// Call it after [`Event::Data`]. All state is in the decoder: the reader can be dropped, and the next one
    /// continues where it stopped. Going back to events skips the rest of the body. The envelope continues after the
    /// body, and is known to be valid only at its end, so continue with [`next`](Decoder::next) or
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
    pub fn body<'d, R>(&'d mut self, connection: &'d mut R) -> BodyReader<Connected<'d, D, R>> {
        BodyReader(self.connected(connection))
    }

    fn connected<'d, R>(&'d mut self, connection: &'d mut R) -> Connected<'d, D, R> {
        let (core, bytes) = self.parts();
        Connected { core, bytes, connection }
    }

    /// Skips what a reader of the body has left of it.
    fn leave_body<'d, R>(&'d mut self, connection: &'d mut R) -> Connected<'d, D, R> {
        let connected = self.connected(connection);
        connected.core.leave_body();
        connected
    }
}

/// A decoder and the connection that it reads: what its [`BodyReader`] reads from.
pub struct Connected<'d, D: Direction, R> {
    core: &'d mut Core<D>,
    bytes: &'d mut [u8],
    connection: &'d mut R,
}

impl<D: Direction, R: ErrorType> Connected<'_, D, R> {
    /// Takes the result of a read; 0 bytes mean the end of the connection.
    fn came(&mut self, read: Result<usize, R::Error>) -> Result<(), ReadError<R::Error>> {
        match read {
            Ok(0) if self.core.has_length() => Err(ReadError::UnexpectedEof),
            Ok(0) => {
                self.core.end();
                Ok(())
            }
            Ok(count) => {
                self.core.commit(count, self.bytes.len());
                Ok(())
            }
            Err(error) => again(error).map_err(ReadError::Io),
        }
    }

    /// Returns what is wrong with the message, once nothing more of it is wanted. The last of its bytes may have shown that
    /// it is too large.
    fn verdict(&mut self) -> Option<Error> {
        if self.core.room(self.bytes).is_empty() { self.core.failure() } else { None }
    }
}

impl<D: Direction, R: embedded_io::Read> Connected<'_, D, R> {
    fn fill(&mut self) -> Result<(), ReadError<R::Error>> {
        let read = self.connection.read(self.core.room(self.bytes));
        self.came(read)
    }
}

impl<D: Direction, R: embedded_io_async::Read> Connected<'_, D, R> {
    async fn fill_async(&mut self) -> Result<(), ReadError<R::Error>> {
        let read = self.connection.read(self.core.room(self.bytes)).await;
        self.came(read)
    }
}

impl<D: Direction, R: ErrorType> ErrorType for Connected<'_, D, R> {
    type Error = ReadError<R::Error>;
}

impl<D: Direction, R: ErrorType> Source for Connected<'_, D, R> {
    type Side = D;
    type Producer = Infallible;

    fn parts(&mut self) -> (&mut Core<D>, &mut [u8]) {
        (self.core, self.bytes)
    }
}

impl<D: Direction, R: embedded_io::Read> Find for Connected<'_, D, R> {
    fn find(&mut self) -> Result<Found, Self::Error> {
        loop {
            match D::step(self.core, self.bytes)? {
                Found::More => self.fill()?,
                found => return Ok(found),
            }
        }
    }
}

impl<D: Direction, R: embedded_io_async::Read> FindAsync for Connected<'_, D, R> {
    async fn find_async(&mut self) -> Result<Found, Self::Error> {
        loop {
            match D::step(self.core, self.bytes)? {
                Found::More => self.fill_async().await?,
                found => return Ok(found),
            }
        }
    }
}
