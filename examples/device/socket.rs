//! A TCP socket of tokio as an embedded-io connection.
//!
//! It knows bytes and time. It must never know what is said.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use callcontainer::{embedded_io, embedded_io_async};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the other end may say nothing: a little more than the longest call.
const PATIENCE: Duration = Duration::from_secs(16);

pub struct Socket(TcpStream);

impl Socket {
    pub async fn connect(address: &str) -> Result<Self, Error> {
        let socket = timeout(PATIENCE, TcpStream::connect(address)).await.map_err(|_| ErrorKind::TimedOut)??;
        socket.set_nodelay(true)?;
        Ok(Self(socket))
    }
}

impl embedded_io::ErrorType for Socket {
    type Error = Error;
}

impl embedded_io_async::Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        timeout(PATIENCE, self.0.read(buffer)).await.map_err(|_| ErrorKind::TimedOut)?
    }
}

impl embedded_io_async::Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        timeout(PATIENCE, self.0.write(bytes)).await.map_err(|_| ErrorKind::TimedOut)?
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.0.flush().await
    }
}
