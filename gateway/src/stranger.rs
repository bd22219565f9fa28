//! A connection to an untrusted peer: it may stop reading, and it may go on sending data that is no longer wanted.
//!
//! Knows time and bytes, and tells its place when some have been received or all have been sent. Knows nothing of what
//! they mean.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::places::Place;

/// How long a peer may accept none of the bytes that it asked for.
pub(super) const STALL: Duration = Duration::from_secs(20);
/// How long to discard what a peer still sends before its connection is closed.
pub(super) const LINGER: Duration = Duration::from_secs(5);
/// How many bytes to discard at most.
const LINGER_BYTES: usize = 1024 * 1024;

/// A TCP connection on which writing fails when the peer stops reading.
pub struct Patient {
    stream: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
}

/// A connection, encrypted or not, that tells its place what happens on it.
pub struct Stranger {
    stream: Stream,
    place: Arc<Place>,
}

enum Stream {
    Plain(Patient),
    Encrypted(Box<TlsStream<Patient>>),
}

impl Stranger {
    pub fn new(stream: Patient, place: Arc<Place>) -> Self {
        Self { stream: Stream::Plain(stream), place }
    }

    pub fn encrypted(stream: TlsStream<Patient>, place: Arc<Place>) -> Self {
        Self { stream: Stream::Encrypted(Box::new(stream)), place }
    }

    /// Closes a connection that has been shut down, in such a way that the peer still sees the answer.
    ///
    /// A system that closes a connection with unread bytes resets it, and an answer in transit is lost. So input is
    /// discarded for a while, unless the peer closes first (RFC 9112, section 9.6).
    pub async fn linger(mut self) {
        let mut waste = [0; 4096];
        let stream = match &mut self.stream {
            Stream::Plain(patient) => &mut patient.stream,
            // Nobody is interested in what it means any more.
            Stream::Encrypted(encrypted) => &mut encrypted.get_mut().0.stream,
        };
        let _ = timeout(LINGER, async {
            let mut thrown_away = 0;
            while thrown_away < LINGER_BYTES {
                match stream.read(&mut waste).await {
                    Ok(count) if count > 0 => thrown_away += count,
                    _ => break,
                }
            }
        })
        .await;
    }
}

impl Patient {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, stalled: None }
    }

    /// Limits the time of a write: it runs from the first attempt that made no progress to the next one that does.
    fn timed<T>(&mut self, context: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.timed(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.timed(context, result)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Polls the stream, whichever it is.
macro_rules! poll {
    ($stranger:ident, $method:ident, $($argument:expr),*) => {
        match &mut $stranger.stream {
            Stream::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Encrypted(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stranger {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(poll!(this, poll_read, context, buffer))?;
        // Empty lines before a request are ignored (RFC 9112, section 2.2).
        let mut came = buffer.filled().iter().skip(before);
        if came.any(|byte| !matches!(byte, b'\r' | b'\n')) {
            this.place.receives();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stranger {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        poll!(this, poll_write, context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        poll!(this, poll_write_vectored, context, slices)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(poll!(this, poll_flush, context))?;
        this.place.has_sent();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(poll!(this, poll_shutdown, context))?;
        this.place.closes();
        Poll::Ready(Ok(()))
    }
}
