//! A connection in memory, blocking and async.

use board::Scratch;
use callcontainer::embedded_io::{ErrorType, Read, Write};
use callcontainer::embedded_io_async;
use core::convert::Infallible;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

/// The longest read and write, as of a network chip.
const PIECE: usize = 64;

#[unsafe(link_section = ".scratch")]
static SENT: Scratch<1024> = Scratch::new();

/// Gives the answer at hand, and keeps what is sent.
pub struct Connection {
    answer: &'static [u8],
    sent: &'static mut [u8],
    sent_len: usize,
}

impl Connection {
    pub fn new(answer: &'static [u8]) -> Self {
        // SAFETY: what was taken before has been looked at.
        Self { answer, sent: unsafe { SENT.take() }, sent_len: 0 }
    }

    pub fn sent(self) -> Option<&'static [u8]> {
        let sent: &'static [u8] = self.sent;
        sent.get(..self.sent_len)
    }
}

impl ErrorType for Connection {
    type Error = Infallible;
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let size = buffer.len().min(PIECE).min(self.answer.len());
        if let (Some((piece, rest)), Some(room)) = (self.answer.split_at_checked(size), buffer.get_mut(..size)) {
            room.copy_from_slice(piece);
            self.answer = rest;
        }
        Ok(size)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        if let Some(room) = self.sent.get_mut(self.sent_len..).and_then(|rest| rest.get_mut(..piece.len())) {
            room.copy_from_slice(piece);
            self.sent_len = self.sent_len.wrapping_add(piece.len());
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Connection {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        yield_once().await;
        Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Connection {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        yield_once().await;
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        yield_once().await;
        Ok(())
    }
}

/// Waits once, as for an interrupt.
async fn yield_once() {
    struct Once(bool);

    impl Future for Once {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if core::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
        }
    }

    Once(false).await;
}

/// Polls a future to its end. It lies in the frame here; under an executor it would be static.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}
