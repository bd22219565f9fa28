//! The standard library as a device: a socket as a connection, and a delay.

use super::deadline::Deadline;
use core::time::Duration;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// A delay that lets the thread sleep.
#[derive(Clone, Copy, Debug, Default)]
pub struct StdDelay;

impl embedded_hal::delay::DelayNs for StdDelay {
    fn delay_ns(&mut self, nanoseconds: u32) {
        std::thread::sleep(Duration::from_nanos(nanoseconds.into()));
    }

    fn delay_ms(&mut self, milliseconds: u32) {
        std::thread::sleep(Duration::from_millis(milliseconds.into()));
    }
}

/// A `std::net::TcpStream` as a blocking connection, with deadlines.
///
/// ```no_run
/// use callcontainer::Request;
/// use callcontainer::client::{Cloud, Framing, StdDelay, StdTcp};
///
/// let gateway = "gateway.internal:8080";
/// let framing = Framing::http(gateway, Some("s3cret"))?;
/// let mut cloud = Cloud::<_, 512>::new(0).with_env("prod-01").with_deadlines().with_idle_check();
/// let mut buffer = [0; 4096];
/// let call = Request::new("/readings").with_service("meter").with_timeout(5000);
/// let reply = cloud
///     .retrying(&mut StdDelay, |cloud| StdTcp::connect(gateway, 3000).map(|socket| _ = cloud.init(socket, framing)))
///     .call(&call, &mut buffer)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StdTcp {
    stream: TcpStream,
    deadline: Option<Instant>,
}

impl StdTcp {
    /// Connects to `address`, such as `gateway.internal:8080`, trying its IP addresses one after the other, each for at
    /// most `timeout_ms` milliseconds. The look-up of the name has no limit of its own. Bytes
    /// are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Of the operating system: those of the name's look-up, or of the last address.
    pub fn connect(address: impl std::net::ToSocketAddrs, timeout_ms: u32) -> Result<Self, Error> {
        let timeout = Duration::from_millis(timeout_ms.max(1).into());
        let mut result = Err(ErrorKind::AddrNotAvailable.into());
        for address in address.to_socket_addrs()? {
            result = TcpStream::connect_timeout(&address, timeout);
            if result.is_ok() {
                break;
            }
        }
        let stream = result?;
        stream.set_nodelay(true)?;
        Ok(Self::from(stream))
    }

    /// Returns the time until the deadline; `None` if there is no deadline.
    fn left(&self) -> Result<Option<Duration>, Error> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl From<TcpStream> for StdTcp {
    fn from(stream: TcpStream) -> Self {
        Self { stream, deadline: None }
    }
}

/// Unix tells a time that is up as `WouldBlock`.
fn timed_out(error: Error) -> Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

impl Deadline for StdTcp {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.deadline = Instant::now().checked_add(Duration::from_millis(milliseconds.into()));
    }
}

impl embedded_io::ErrorType for StdTcp {
    type Error = Error;
}

impl embedded_io::Read for StdTcp {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer).map_err(timed_out)
    }
}

impl embedded_io::ReadReady for StdTcp {
    fn read_ready(&mut self) -> Result<bool, Error> {
        self.stream.set_nonblocking(true)?;
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        match peeked {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl embedded_io::Write for StdTcp {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.stream.flush()
    }
}
