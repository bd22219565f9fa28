//! A TCP socket of tokio, or what runs over it, as an embedded-io connection.
//!
//! It knows bytes and time. It must never know what is said.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use callcontainer::{embedded_io, embedded_io_async};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the other end may say nothing: a little more than the longest call.
pub const PATIENCE: Duration = Duration::from_secs(16);

pub struct Socket<S = TcpStream>(pub S);

impl Socket {
    pub async fn connect(address: &str) -> Result<Self, Error> {
        let socket = timeout(PATIENCE, TcpStream::connect(address)).await.map_err(|_| ErrorKind::TimedOut)??;
        socket.set_nodelay(true)?;
        Ok(Self(socket))
    }
}

impl<S> embedded_io::ErrorType for Socket<S> {
    type Error = Error;
}

impl<S: AsyncRead + Unpin> embedded_io_async::Read for Socket<S> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        timeout(PATIENCE, self.0.read(buffer)).await.map_err(|_| ErrorKind::TimedOut)?
    }
}

impl<S: AsyncWrite + Unpin> embedded_io_async::Write for Socket<S> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        timeout(PATIENCE, self.0.write(bytes)).await.map_err(|_| ErrorKind::TimedOut)?
    }

    async fn flush(&mut self) -> Result<(), Error> {
        timeout(PATIENCE, self.0.flush()).await.map_err(|_| ErrorKind::TimedOut)?
    }
}
