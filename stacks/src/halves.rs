//! Two halves that are two types, joined into one connection: the transmitter and the receiver of a UART, the two ends
//! of a pipe, the halves of a socket that has been split.

use callcontainer::embedded_io::{self, Error as _, ErrorKind, ErrorType};
use callcontainer::embedded_io_async;

/// A connection that reads from one half and writes to the other. Of their errors the kind is kept, which is all that
/// they have in common.
pub struct Halves<R, W> {
    pub reader: R,
    pub writer: W,
}

impl<R, W> ErrorType for Halves<R, W> {
    type Error = ErrorKind;
}

impl<R: embedded_io::Read, W> embedded_io::Read for Halves<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.reader.read(buffer).map_err(|error| error.kind())
    }
}

impl<R, W: embedded_io::Write> embedded_io::Write for Halves<R, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.writer.write(bytes).map_err(|error| error.kind())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.writer.flush().map_err(|error| error.kind())
    }
}

impl<R: embedded_io_async::Read, W> embedded_io_async::Read for Halves<R, W> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.reader.read(buffer).await.map_err(|error| error.kind())
    }
}

impl<R, W: embedded_io_async::Write> embedded_io_async::Write for Halves<R, W> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.writer.write(bytes).await.map_err(|error| error.kind())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.writer.flush().await.map_err(|error| error.kind())
    }
}
