//! Connections that misbehave as they are told, blocking and async.

use callcontainer::{embedded_io, embedded_io_async};
use embedded_io::ErrorKind;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Gives bytes in reads of certain sizes.
pub struct Script<'a> {
    bytes: &'a [u8],
    sizes: Box<dyn Iterator<Item = usize> + 'a>,
    /// Errors of these kinds come before every read.
    errors: &'a [ErrorKind],
    errors_to_come: usize,
    /// Every read has to be waited for once.
    waits: bool,
    is_waiting: bool,
    pub reads: usize,
}

impl<'a> Script<'a> {
    pub fn new(bytes: &'a [u8], sizes: impl IntoIterator<Item = usize> + 'a) -> Self {
        Self {
            bytes,
            sizes: Box::new(sizes.into_iter()),
            errors: &[],
            errors_to_come: 0,
            waits: false,
            is_waiting: false,
            reads: 0,
        }
    }

    pub fn with_errors(mut self, errors: &'a [ErrorKind]) -> Self {
        (self.errors, self.errors_to_come) = (errors, errors.len());
        self
    }

    pub fn with_waits(mut self) -> Self {
        (self.waits, self.is_waiting) = (true, true);
        self
    }

    /// What has not been read.
    pub fn rest(&self) -> &[u8] {
        self.bytes
    }

    fn give(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!buffer.is_empty(), "a read of nothing says nothing");
        self.reads += 1;
        if self.errors_to_come > 0 {
            self.errors_to_come -= 1;
            return Err(self.errors[self.errors_to_come]);
        }
        self.errors_to_come = self.errors.len();
        let size = self.sizes.next().unwrap_or(usize::MAX).min(buffer.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.bytes = later;
        Ok(size)
    }
}

impl embedded_io::ErrorType for Script<'_> {
    type Error = ErrorKind;
}

impl embedded_io::Read for Script<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.give(buffer)
    }
}

impl embedded_io_async::Read for Script<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        // A future that is dropped while it waits has taken nothing, and the next one finds the bytes there.
        if self.waits && std::mem::replace(&mut self.is_waiting, false) {
            std::future::poll_fn(|_| Poll::<()>::Pending).await;
        }
        let given = self.give(buffer);
        self.is_waiting = true;
        given
    }
}

/// What a future gives if it need not wait.
pub fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
