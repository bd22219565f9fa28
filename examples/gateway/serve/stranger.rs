//! A connection to a peer that owes us nothing: it may stop reading, and it may go on sending what we no longer want.
//!
//! It knows time and bytes. It must never know what the bytes mean.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long a peer may take none of the bytes that it asked for.
const STALL: Duration = Duration::from_secs(20);
/// How long what a peer still sends is thrown away before its connection is closed.
const LINGER: Duration = Duration::from_secs(2);
/// How much of it is.
const LINGER_BYTES: usize = 1024 * 1024;

/// A TCP connection that is given up when the peer stops reading, and is closed so that the peer still sees the answer.
///
/// A system that closes a connection with unread bytes in it resets the connection, and an answer on its way is lost
/// with it. So shutting this down says first that nothing more comes, and then throws away what does, for a while
/// (RFC 9112, section 9.6).
pub struct Stranger {
    stream: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
    closing: Option<Closing>,
}

struct Closing {
    until: Pin<Box<Sleep>>,
    thrown_away: usize,
}

impl Stranger {
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, stalled: None, closing: None }
    }

    /// Gives a write its time: it runs from the first attempt that moved nothing to the next that does.
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

impl AsyncRead for Stranger {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stranger {
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
        let this = self.get_mut();
        if this.closing.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        }
        let closing = this.closing.get_or_insert_with(|| Closing { until: Box::pin(sleep(LINGER)), thrown_away: 0 });
        let mut waste = [0; 4096];
        while closing.thrown_away < LINGER_BYTES && closing.until.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut waste);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                break;
            }
            closing.thrown_away += buffer.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}
