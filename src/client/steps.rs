//! A call without I/O, for an event loop that owns the socket and must never wait.
//!
//! Knows the order of the steps: send, then receive. The drivers take the same steps and do the I/O between them.

use super::error::CallError;
use super::reply::ReplyStream;
use crate::stream::{EncodeStep, Event, Found, WriteCause, WriteError, event};
use core::convert::Infallible;
use core::fmt;
use embedded_io::ErrorType;

/// In place of a connection, for a cloud whose calls go over a socket that someone else owns: an event loop takes the
/// bytes of each call from [`ReplyStream::step`], and brings those of the reply.
///
/// [`Cloud::init`](super::Cloud::init) with a new one says that the socket has been connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Detached;

impl ErrorType for Detached {
    type Error = Infallible;
}

/// What a call needs next; see [`ReplyStream::step`].
pub enum ClientStep<'s> {
    /// Write some of these bytes, then say how many with [`wrote`](ReplyStream::wrote).
    Write(&'s [u8]),
    /// Put a piece of the body here, at least one byte, then say how many with [`read_body`](ReplyStream::read_body).
    ReadBody(&'s mut [u8]),
    /// Flush what has been written, if the connection holds bytes back. Then read into this room, and say how many
    /// bytes came with [`read`](ReplyStream::read).
    Read(&'s mut [u8]),
    /// An event of the reply.
    Event(Event<'s>),
    /// The reply is complete, valid, and that of the call; see [`outcome`](ReplyStream::outcome).
    End,
}

impl fmt::Debug for ClientStep<'_> {
    /// Leaves out the bytes to write, which may have a token among them, and those in a room: their number is told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(bytes) => f.debug_tuple("Write").field(&bytes.len()).finish(),
            Self::ReadBody(room) => f.debug_tuple("ReadBody").field(&room.len()).finish(),
            Self::Read(room) => f.debug_tuple("Read").field(&room.len()).finish(),
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Self::End => f.write_str("End"),
        }
    }
}

impl<C: ErrorType> ReplyStream<'_, C> {
    /// Returns what the call needs next, without I/O. Until that has been done, calling it again returns the same;
    /// after an event, it returns what follows.
    ///
    /// It works with any connection, and after a driver such as [`next_event`](ReplyStream::next_event) has stopped
    /// half way. With [`Detached`] in place of the connection there is no other way.
    ///
    /// While there is something to write, nothing is read: a refusal that comes before the call is out is not seen.
    ///
    /// To give up, such as when it takes too long or the socket fails, drop the stream:
    /// [`Cloud::is_ready`](super::Cloud::is_ready) then says whether the connection can be used again.
    ///
    /// ```
    /// use callcontainer::client::{ClientStep, Cloud, Detached, Framing};
    /// use callcontainer::stream::{Event, Outcome};
    /// use callcontainer::Request;
    /// # struct Socket(Vec<u8>, &'static [u8]);
    /// # impl Socket {
    /// #     /// Takes what fits into its buffer, which is a byte at a time.
    /// #     fn send(&mut self, bytes: &[u8]) -> usize { self.0.push(bytes[0]); 1 }
    /// #     /// Gives what has arrived.
    /// #     fn recv(&mut self, room: &mut [u8]) -> usize {
    /// #         let (now, later) = self.1.split_at(self.1.len().min(room.len()).min(3));
    /// #         room[..now.len()].copy_from_slice(now);
    /// #         self.1 = later;
    /// #         now.len()
    /// #     }
    /// # }
    /// # let mut socket = Socket(Vec::new(), b"{\"statusCode\":200,\"callID\":\"7\",\"data\":\"a long text\"}\n");
    ///
    /// let mut cloud = Cloud::<_, 64>::new(0).with_env("prod-01");
    /// cloud.init(Detached, Framing::LINE);
    /// let mut reply = cloud.start(&Request::new("/").with_call_id("7"))?.stream();
    /// let mut len = 0;
    /// loop {
    ///     // Each turn is short: it does what is possible now. An event loop returns where the socket would block.
    ///     match reply.step()? {
    ///         ClientStep::Write(bytes) => {
    ///             let sent = socket.send(bytes);
    ///             reply.wrote(sent);
    ///         }
    ///         ClientStep::Read(room) => {
    ///             let came = socket.recv(room);
    ///             reply.read(came)?;
    ///         }
    ///         ClientStep::Event(Event::Text { text, .. }) => len += text.chars().count(),
    ///         ClientStep::Event(_) => {}
    ///         ClientStep::ReadBody(_) => unreachable!("the request has its body"),
    ///         ClientStep::End => break,
    ///     }
    /// }
    /// assert_eq!(reply.outcome(), Some(Outcome::Response { status: 200 }));
    /// # assert_eq!(len, 12);
    /// # Ok::<(), callcontainer::client::CallError<core::convert::Infallible>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`next_event`](ReplyStream::next_event), except those of the connection. [`CallError::Write`] when the
    /// body differs from what was announced.
    pub fn step(&mut self) -> Result<ClientStep<'_>, CallError<C::Error>> {
        self.leave_body();
        if !matches!(self.send_step()?, EncodeStep::Done) {
            return Ok(match self.send_step()? {
                EncodeStep::Write(bytes) => ClientStep::Write(bytes),
                EncodeStep::Read(room) => ClientStep::ReadBody(room),
                EncodeStep::Done => ClientStep::End,
            });
        }
        Ok(match self.look()? {
            Found::More => ClientStep::Read(self.room().1),
            found => event(found, self.call.window).map_or(ClientStep::End, ClientStep::Event),
        })
    }

    fn send_step(&mut self) -> Result<EncodeStep<'_>, CallError<C::Error>> {
        let written = self.call.sent();
        self.call.send_step().map_err(|error| unfinished(error, written))
    }

    /// Says that this many bytes of [`ClientStep::Write`] were written. 0 changes nothing.
    pub fn wrote(&mut self, bytes: usize) {
        self.call.wrote(bytes);
    }

    /// Says that this many bytes of the body were put into the room of [`ClientStep::ReadBody`]; 0 means that the body
    /// has ended.
    ///
    /// # Errors
    /// [`CallError::Write`] when the body differs from what was announced.
    pub fn read_body(&mut self, bytes: usize) -> Result<(), CallError<C::Error>> {
        let written = self.call.sent();
        self.call.read_body(bytes).map_err(|error| unfinished(error, written))
    }

    /// Says that this many bytes were read into the room of [`ClientStep::Read`]; 0 means that the connection has
    /// ended. More than the room holds count as a full room.
    ///
    /// # Errors
    /// [`CallError::NoAnswer`] and [`CallError::UnexpectedEof`] when the connection must not end here;
    /// [`CallError::Http`].
    pub fn read(&mut self, bytes: usize) -> Result<(), CallError<C::Error>> {
        let size = self.room().1.len();
        self.came(Ok(bytes.min(size)))
    }
}

fn unfinished<E>(error: crate::Error, written: usize) -> CallError<E> {
    CallError::Write(WriteError { cause: WriteCause::Envelope(error), written })
}
