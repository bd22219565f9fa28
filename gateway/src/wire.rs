//! The bytes of a connection of HTTP/1.1 to a service: whether any of an answer have come, and what is wrong with them
//! that hyper lets pass.
//!
//! Knows bytes. Knows nothing of what is sent, or when the next request is.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A TCP connection, or TLS over one.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection to a service.
pub struct Wire {
    stream: Box<dyn Stream>,
    head: Head,
    heard: Heard,
    /// Nothing has been sent yet, so nothing is received.
    is_new: bool,
    /// Why nothing more can be sent.
    deaf: Option<io::Error>,
}

/// Whether anything has been received since the last request. Whoever sends a request clears it.
#[derive(Clone, Default)]
pub struct Heard(Arc<AtomicBool>);

impl Heard {
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub fn anything(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wire {
    pub fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, head: Head::default(), heard: Heard::default(), is_new: true, deaf: None }
    }

    pub fn heard(&self) -> Heard {
        self.heard.clone()
    }

    /// Why nothing more could be sent, if it is so.
    pub fn deaf(&self) -> Option<&io::Error> {
        self.deaf.as_ref()
    }

    /// A service may answer before it has read the whole request, and even close the connection. So it is no error if
    /// it takes no more: the answer counts, or the lack of one.
    fn sent(&mut self, context: &Context<'_>, result: io::Result<usize>, bytes: usize) -> io::Result<usize> {
        if std::mem::take(&mut self.is_new) {
            context.waker().wake_by_ref();
        }
        result.or_else(|error| {
            self.deaf = Some(error);
            Ok(bytes)
        })
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_new {
            // A service may answer before it has been asked anything. hyper would not take that for an answer, so it
            // waits.
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        if !came.is_empty() {
            if !this.heard.0.swap(true, Ordering::Relaxed) {
                this.head = Head::default();
            }
            this.head.check(came)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.deaf.is_some() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = ready!(Pin::new(&mut this.stream).poll_write(context, bytes));
        Poll::Ready(this.sent(context, result, bytes.len()))
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
        let bytes = slices.iter().map(|slice| slice.len()).sum();
        if this.deaf.is_some() {
            return Poll::Ready(Ok(bytes));
        }
        let result = ready!(Pin::new(&mut this.stream).poll_write_vectored(context, slices));
        Poll::Ready(this.sent(context, result, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.deaf.is_none() {
            this.deaf = ready!(Pin::new(&mut this.stream).poll_flush(context)).err();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Looks for a bare LF in the head of an answer. hyper takes it for the end of a line, and others do not (RFC 9112,
/// section 2.2), so the two could see different answers.
#[derive(Default)]
struct Head {
    /// How many bytes of the line have come, and the last of them.
    length: usize,
    last: u8,
    /// Lines that have come.
    lines: usize,
    /// It is an interim one (1xx), behind which another follows.
    is_interim: bool,
    has_ended: bool,
}

impl Head {
    fn check(&mut self, came: &[u8]) -> io::Result<()> {
        for &byte in came {
            if self.has_ended {
                break;
            }
            if byte != b'\n' {
                // `HTTP/1.1 1`
                self.is_interim |= self.lines == 0 && self.length == 9 && byte == b'1';
                self.length += 1;
                self.last = byte;
                continue;
            }
            if self.last != b'\r' {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line that ends with a bare LF"));
            }
            if self.length > 1 {
                (self.length, self.last) = (0, 0);
                self.lines += 1;
            } else if self.is_interim {
                *self = Self::default();
            } else {
                self.has_ended = true;
            }
        }
        Ok(())
    }
}
