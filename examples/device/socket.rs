//! A TCP socket as an embedded-io connection, of the standard library or of tokio.
//!
//! It knows bytes and time. It must never know what is said.

use std::io::{self, Read as _, Write as _};
use std::time::Duration;

use callcontainer::{embedded_io, embedded_io_async};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

/// How long the other end may say nothing: a little more than the longest call.
const PATIENCE: Duration = Duration::from_secs(16);

/// An error of the operating system.
#[derive(Debug)]
pub struct Error(io::Error);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl embedded_io::Error for Error {
    /// The client asks for nothing but whether to try again, and whether the connection is gone.
    fn kind(&self) -> embedded_io::ErrorKind {
        match self.0.kind() {
            io::ErrorKind::Interrupted => embedded_io::ErrorKind::Interrupted,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => embedded_io::ErrorKind::TimedOut,
            io::ErrorKind::ConnectionReset => embedded_io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted => embedded_io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe => embedded_io::ErrorKind::BrokenPipe,
            _ => embedded_io::ErrorKind::Other,
        }
    }
}

/// A socket `S`.
pub struct Socket<S>(S);

impl<S> embedded_io::ErrorType for Socket<S> {
    type Error = Error;
}

impl Socket<std::net::TcpStream> {
    pub fn connect(address: &str) -> io::Result<Self> {
        let socket = std::net::TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        Ok(Self(socket))
    }
}

impl embedded_io::Read for Socket<std::net::TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        Ok(self.0.read(buffer)?)
    }
}

impl embedded_io::Write for Socket<std::net::TcpStream> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        Ok(self.0.write(bytes)?)
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(self.0.flush()?)
    }
}

impl Socket<tokio::net::TcpStream> {
    pub async fn connect_async(address: &str) -> io::Result<Self> {
        let socket = tokio::net::TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self(socket))
    }
}

impl embedded_io_async::Read for Socket<tokio::net::TcpStream> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        Ok(timeout(PATIENCE, self.0.read(buffer)).await.map_err(io::Error::from)??)
    }
}

impl embedded_io_async::Write for Socket<tokio::net::TcpStream> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        Ok(timeout(PATIENCE, self.0.write(bytes)).await.map_err(io::Error::from)??)
    }

    async fn flush(&mut self) -> Result<(), Error> {
        Ok(self.0.flush().await?)
    }
}
