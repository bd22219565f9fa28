//! A connection whose other end follows a script, and takes and gives as little as it likes.

use callcontainer::{embedded_io, embedded_io_async};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What comes of a read or write that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub embedded_io::ErrorKind);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        self.0
    }
}

pub const RESET: Broken = Broken(embedded_io::ErrorKind::ConnectionReset);
/// An error behind which a line goes on.
pub const OVERRUN: Broken = Broken(embedded_io::ErrorKind::Other);
const INTERRUPTED: Broken = Broken(embedded_io::ErrorKind::Interrupted);

/// What comes in.
#[derive(Clone, Debug)]
pub enum Item {
    Byte(u8),
    Fails(Broken),
    /// What comes next comes with another read.
    Later,
}

#[derive(Clone, Debug, Default)]
pub struct Peer {
    pub comes: VecDeque<Item>,
    /// Most bytes that a read gives, a write takes; 0 for any number.
    pub gives: usize,
    pub takes: usize,
    /// After so many bytes, writes fail in this way; `None` for taking nothing.
    pub breaks: Option<(usize, Option<Broken>)>,
    /// Every operation is interrupted once before it works.
    pub interrupts: bool,
    /// Every future of an operation waits once before it works.
    pub waits: bool,
    pub written: Vec<u8>,
    /// The same, to be looked at when the peer is gone.
    pub record: Rc<RefCell<Vec<u8>>>,
    pub flushed: usize,
    pub interrupted: bool,
}

impl Peer {
    pub fn new(comes: impl AsRef<[u8]>) -> Self {
        let comes = comes.as_ref().iter().map(|byte| Item::Byte(*byte)).collect();
        Self { comes, ..Self::default() }
    }

    pub fn giving(mut self, bytes: usize) -> Self {
        self.gives = bytes;
        self
    }

    pub fn then_fails(mut self, error: Broken) -> Self {
        self.comes.push_back(Item::Fails(error));
        self
    }

    pub fn then(mut self, comes: impl AsRef<[u8]>) -> Self {
        self.comes.extend(comes.as_ref().iter().map(|byte| Item::Byte(*byte)));
        self
    }

    /// What follows comes with another read.
    pub fn later(mut self) -> Self {
        self.comes.push_back(Item::Later);
        self
    }

    fn interrupt(&mut self) -> Result<(), Broken> {
        self.interrupted = self.interrupts && !self.interrupted;
        if self.interrupted { Err(INTERRUPTED) } else { Ok(()) }
    }

    fn read_now(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        assert!(!buffer.is_empty(), "a read into nothing");
        self.interrupt()?;
        if let Some(Item::Later) = self.comes.front() {
            self.comes.pop_front();
        }
        let most = if self.gives == 0 { buffer.len() } else { self.gives.min(buffer.len()) };
        let mut count = 0;
        while count < most {
            match self.comes.front() {
                Some(Item::Byte(byte)) => buffer[count] = *byte,
                Some(Item::Fails(error)) if count == 0 => {
                    let error = *error;
                    self.comes.pop_front();
                    return Err(error);
                }
                _ => break,
            }
            self.comes.pop_front();
            count += 1;
        }
        Ok(count)
    }

    fn write_now(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        assert!(!bytes.is_empty(), "a write of nothing");
        self.interrupt()?;
        let mut most = if self.takes == 0 { bytes.len() } else { self.takes.min(bytes.len()) };
        if let Some((after, how)) = self.breaks {
            most = most.min(after.saturating_sub(self.written.len()));
            if most == 0 {
                return how.map_or(Ok(0), Err);
            }
        }
        self.written.extend_from_slice(&bytes[..most]);
        self.record.borrow_mut().extend_from_slice(&bytes[..most]);
        Ok(most)
    }

    fn wait(&self) -> Wait {
        Wait(!self.waits)
    }
}

impl embedded_io::ErrorType for Peer {
    type Error = Broken;
}

impl embedded_io::Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        self.read_now(buffer)
    }
}

impl embedded_io::Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.write_now(bytes)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        self.interrupt()?;
        self.flushed = self.written.len();
        Ok(())
    }
}

impl embedded_io_async::Read for Peer {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        self.wait().await;
        self.read_now(buffer)
    }
}

impl embedded_io_async::Write for Peer {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.wait().await;
        self.write_now(bytes)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        self.wait().await;
        embedded_io::Write::flush(self)
    }
}

/// Is not ready the first time.
struct Wait(bool);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Polls to the end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// Polls so many times at most, and drops the future then.
pub fn poll_for<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(value);
        }
    }
    None
}
