//! An async connection that waits for a time only, by embassy-time: with `Cloud::with_deadlines`, the timeout of a call
//! is a deadline at this end too.

use callcontainer::client::Deadline;
use callcontainer::embedded_io::{Error as _, ErrorKind, ErrorType, ReadReady};
use callcontainer::embedded_io_async::{Read, Write};
use embassy_time::{Duration, Instant, with_deadline};

/// A connection with a deadline. Of its errors the kind is kept.
pub struct Timed<C> {
    pub connection: C,
    deadline: Instant,
}

impl<C> Timed<C> {
    /// Without a deadline, for now.
    pub const fn new(connection: C) -> Self {
        Self { connection, deadline: Instant::MAX }
    }
}

impl<C> Deadline for Timed<C> {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.deadline = Instant::now() + Duration::from_millis(milliseconds.into());
    }
}

impl<C> ErrorType for Timed<C> {
    type Error = ErrorKind;
}

impl<C: Read> Read for Timed<C> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let read = with_deadline(self.deadline, self.connection.read(buffer)).await;
        read.map_err(|_| ErrorKind::TimedOut)?.map_err(|error| error.kind())
    }
}

/// For `Cloud::with_idle_check`.
impl<C: ReadReady> ReadReady for Timed<C> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.connection.read_ready().map_err(|error| error.kind())
    }
}

impl<C: Write> Write for Timed<C> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let written = with_deadline(self.deadline, self.connection.write(bytes)).await;
        written.map_err(|_| ErrorKind::TimedOut)?.map_err(|error| error.kind())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        let flushed = with_deadline(self.deadline, self.connection.flush()).await;
        flushed.map_err(|_| ErrorKind::TimedOut)?.map_err(|error| error.kind())
    }
}
