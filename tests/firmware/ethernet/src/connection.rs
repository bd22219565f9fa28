//! A TCP connection, blocking: reads and writes poll the network until there is something to return.

use crate::network::Network;
use crate::time::SECOND;
use callcontainer::embedded_hal::delay::DelayNs;
use callcontainer::embedded_io::{self, ErrorKind, ErrorType, Read, Write};
use core::cell::RefCell;
use smoltcp::socket::tcp::{RecvError, State};

/// What can go wrong with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no link.
    NoLink,
    /// There is no address.
    NoAddress,
    /// Nobody listens there.
    Refused,
    /// The other end has reset the connection, or acknowledges nothing.
    Reset,
    /// Nothing came in time.
    TimedOut,
}

impl Error {
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoLink => "no link",
            Self::NoAddress => "no address",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::TimedOut => "timed out",
        }
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoLink | Self::NoAddress => ErrorKind::NotConnected,
            Self::Refused => ErrorKind::ConnectionRefused,
            Self::Reset => ErrorKind::ConnectionReset,
            Self::TimedOut => ErrorKind::TimedOut,
        }
    }
}

/// The connection. There is one at a time: the network has one socket.
pub struct Connection<'n>(&'n RefCell<Network>);

/// How long a read or a write waits. A call may take 15 seconds.
const PATIENCE: u64 = 20 * SECOND;

impl<'n> Connection<'n> {
    /// Connects to this port of the host. Without a link it fails at once, and an address it waits for.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn open(network: &'n RefCell<Network>, port: u16) -> Result<Self, Error> {
        let mut borrowed = network.borrow_mut();
        borrowed.poll();
        if !borrowed.is_up() {
            return Err(Error::NoLink);
        }
        borrowed.wait_for_address().ok_or(Error::NoAddress)?;
        borrowed.connect(port).map_err(|_| Error::NoAddress)?;
        let opened = borrowed.wait(5 * SECOND, |network| match network.tcp().state() {
            State::SynSent | State::SynReceived => None,
            State::Closed => Some(Err(Error::Refused)),
            _ => Some(Ok(())),
        });
        opened.unwrap_or(Err(Error::TimedOut))?;
        Ok(Self(network))
    }

    /// Waits for what `attempt` waits for, as long as there is a link.
    fn wait<T>(&self, mut attempt: impl FnMut(&mut Network) -> Option<Result<T, Error>>) -> Result<T, Error> {
        let attempt = |network: &mut Network| {
            if network.is_up() { attempt(network) } else { Some(Err(Error::NoLink)) }
        };
        self.0.borrow_mut().wait(PATIENCE, attempt).unwrap_or(Err(Error::TimedOut))
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        let mut network = self.0.borrow_mut();
        network.tcp().abort();
        network.poll();
    }
}

impl ErrorType for Connection<'_> {
    type Error = Error;
}

impl Read for Connection<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.wait(|network| match network.tcp().recv_slice(buffer) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(RecvError::Finished) => Some(Ok(0)),
            Err(RecvError::InvalidState) => Some(Err(Error::Reset)),
        })
    }
}

impl Write for Connection<'_> {
    /// Fills the buffer of the socket. What is there is sent when the network is polled next.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.wait(|network| match network.tcp().send_slice(bytes) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(_) => Some(Err(Error::Reset)),
        })
    }

    /// Sends what the other end has room for. It does not wait until that has come.
    fn flush(&mut self) -> Result<(), Error> {
        self.0.borrow_mut().poll();
        Ok(())
    }
}

/// Waits with the network going on.
pub struct Delay<'n>(pub &'n RefCell<Network>);

impl DelayNs for Delay<'_> {
    fn delay_ns(&mut self, nanoseconds: u32) {
        self.delay_ms(nanoseconds.div_ceil(1_000_000));
    }

    fn delay_ms(&mut self, milliseconds: u32) {
        self.0.borrow_mut().pause(milliseconds);
    }
}
