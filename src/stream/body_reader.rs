//! The body of an envelope as a reader, for anything that decodes the envelope.
//!
//! Knows how a piece is consumed in parts. Knows nothing of where the pieces come from.

use super::core::Core;
use super::direction::Side;
use super::found::Found;
use embedded_io::ErrorType;

/// The body of an envelope as an embedded-io reader, blocking or async like the connection.
///
/// `S` is the source of the body: a decoder and its connection for [`Decoder::body`](super::Decoder::body), or the
/// reply to a call for `ReplyStream::body` of the client.
///
/// # Cancel safety
/// Dropping a future of `read` or `fill_buf` loses nothing, as for [`Decoder::next_async`](super::Decoder::next_async).
pub struct BodyReader<S>(pub(crate) S);

/// The source of the body of an envelope.
pub(crate) trait Source: ErrorType {
    type Side: Side;
    type Producer;

    /// Returns the decoder of the envelope, and its window.
    fn parts(&mut self) -> (&mut Core<Self::Side, Self::Producer>, &mut [u8]);

    /// Whether the body has more data, and none of it is kept.
    fn wants_body(&mut self) -> bool {
        self.parts().0.wants_body()
    }

    fn keep(&mut self, found: Found) {
        let (core, bytes) = self.parts();
        core.keep(found, bytes);
    }

    fn kept(&mut self) -> &[u8] {
        let (core, bytes) = self.parts();
        core.kept(bytes)
    }

    fn consume(&mut self, count: usize) {
        self.parts().0.consume(count);
    }

    /// Copies as much of the kept data as fits into `buffer`, and consumes it.
    fn take(&mut self, buffer: &mut [u8]) -> usize {
        let kept = self.kept();
        let count = kept.len().min(buffer.len());
        if let (Some(from), Some(to)) = (kept.get(..count), buffer.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        count
    }
}

pub(crate) trait Find: Source {
    /// Reads until the next thing is found.
    fn find(&mut self) -> Result<Found, Self::Error>;
}

pub(crate) trait FindAsync: Source {
    /// As [`find`](Find::find), async.
    async fn find_async(&mut self) -> Result<Found, Self::Error>;
}

impl<S: ErrorType> ErrorType for BodyReader<S> {
    type Error = S::Error;
}

impl<S: Find> embedded_io::BufRead for BodyReader<S> {
    fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
        while self.0.wants_body() {
            let found = self.0.find()?;
            self.0.keep(found);
        }
        Ok(self.0.kept())
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<S: Find> embedded_io::Read for BodyReader<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        embedded_io::BufRead::fill_buf(self)?;
        Ok(self.0.take(buffer))
    }
}

impl<S: FindAsync> embedded_io_async::BufRead for BodyReader<S> {
    async fn fill_buf(&mut self) -> Result<&[u8], Self::Error> {
        while self.0.wants_body() {
            let found = self.0.find_async().await?;
            self.0.keep(found);
        }
        Ok(self.0.kept())
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<S: FindAsync> embedded_io_async::Read for BodyReader<S> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        embedded_io_async::BufRead::fill_buf(self).await?;
        Ok(self.0.take(buffer))
    }
}
