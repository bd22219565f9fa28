//! A reply piece by piece, blocking or async.
//!
//! The drivers hold no state of their own: the received bytes are in the [`Incoming`], so dropping a waiting future
//! loses nothing.

use super::call::Call;
use super::error::{CallError, Wrong};
use super::incoming::Incoming;
use super::transcript::Transcript;
use crate::stream::{BodyReader, Core, Event, Find, FindAsync, Found, Outcome, Replies, Source, event};
use embedded_io::ErrorType;

/// The reply to a call, as it arrives; see [`Call::stream`].
///
/// It returns the events of a [`ReplyDecoder`](crate::stream::ReplyDecoder), in the order of the envelope. What they
/// say has been checked as far as that is possible at this point, but only the end says that the reply is valid and
/// that of the call. Acting on an event before the end risks acting on an invalid reply.
///
/// Without a gateway, it is made of the response of the service as that arrives, in the same window:
/// [`Framing::domain`](super::Framing::domain) says what differs. Of the window, the last quarter, and at least 24 bytes,
/// holds what has been received, so that the pieces are shorter by that much.
///
/// It takes about a kilobyte in addition to the window of its cloud.
///
/// ```
/// use callcontainer::client::{Cloud, Framing};
/// use callcontainer::stream::{Event, Outcome};
/// use callcontainer::{DataKind, Request, embedded_io::Read as _};
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
/// # use example::Connection;
/// # let serial = Connection(b"{\"statusCode\":200,\"callID\":\"7\",\"data\":\"a long text\"}\n");
///
/// let mut cloud = Cloud::<_, 64>::new(0);
/// cloud.init(serial, Framing::LINE);
/// let mut reply = cloud.start(&Request::new("/").with_env("prod-01").with_call_id("7")).unwrap().stream();
/// let mut text = Vec::new();
/// while let Some(event) = reply.next_event().unwrap() {
///     if let Event::Data(DataKind::Text) = event {
///         let (mut body, mut piece) = (reply.body(), [0; 8]);
///         while let count @ 1.. = body.read(&mut piece).unwrap() {
///             text.extend_from_slice(&piece[..count]);
///         }
///     }
/// }
/// assert_eq!(reply.outcome(), Some(Outcome::Response { status: 200 }));
/// assert_eq!(text, b"a long text");
/// ```
pub struct ReplyStream<'c, C> {
    pub(super) call: Call<'c, C>,
    incoming: Option<Incoming>,
}

impl<'c, C> Call<'c, C> {
    /// Returns the reply as a stream of events.
    #[must_use]
    pub const fn stream(self) -> ReplyStream<'c, C> {
        ReplyStream { call: self, incoming: None }
    }
}

impl<'c, C> ReplyStream<'c, C> {
    /// Returns the outcome of the reply after [`next_event`](ReplyStream::next_event) has returned `None`, and `None`
    /// before.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.incoming.as_ref().and_then(Incoming::outcome)
    }

    /// Returns the call that is replied to.
    #[must_use]
    pub const fn call(&self) -> &Call<'c, C> {
        &self.call
    }

    /// Skips the rest of the text or body that the last event belongs to: no more pieces of it are returned. It is
    /// still validated.
    pub fn skip(&mut self) {
        if let Some(incoming) = &mut self.incoming {
            incoming.decoder.skip();
        }
    }

    /// Returns the body as a reader, after [`Event::Data`]: text unescaped, JSON as it is written, bytes decoded. It
    /// ends where the body does; continue with [`next_event`](ReplyStream::next_event) behind it.
    pub fn body(&mut self) -> BodyReader<&mut Self> {
        BodyReader(self)
    }

    /// Skips what a reader of the body has left of it.
    pub(super) fn leave_body(&mut self) {
        if let Some(incoming) = &mut self.incoming {
            incoming.decoder.leave_body();
        }
    }

    pub(super) fn parts(&mut self) -> (&mut Call<'c, C>, &mut Incoming) {
        let Self { call, incoming } = self;
        let incoming = incoming.get_or_insert_with(|| Incoming::new(call.take_inlet()));
        (call, incoming)
    }

    /// Returns what was found, or that more must be read: one step without I/O.
    pub(super) fn look(&mut self) -> Result<Found, Wrong> {
        let (call, incoming) = self.parts();
        let (_, window, link, id) = call.parts();
        incoming.step(link, id, window)
    }

    /// Takes the result of a read.
    pub(super) fn came<E: embedded_io::Error>(&mut self, read: Result<usize, E>) -> Result<(), CallError<E>> {
        let (call, incoming) = self.parts();
        let (_, window, link, _) = call.parts();
        match read {
            Ok(count) => Ok(incoming.came(link, window, count)?),
            Err(error) => incoming.failed(link, error),
        }
    }

    /// Returns the connection, and where to read to.
    pub(super) fn room(&mut self) -> (&mut C, &mut [u8]) {
        let (call, incoming) = self.parts();
        let (connection, window, _, _) = call.parts();
        (connection, incoming.room(window))
    }
}

impl<C: embedded_io::Read + embedded_io::Write> ReplyStream<'_, C> {
    /// Returns the next event; `None` when the reply is complete, valid, and that of the call. Sends whatever has not
    /// been sent. An answer that comes before the call is out, such as a refusal, is not seen if the other end takes no more
    /// of the call: the result is [`CallError::Write`] then, unlike with [`Call::receive`].
    ///
    /// # Errors
    /// As for [`Call::receive`]. After an error of the connection, [`CallError::Io`] or [`CallError::NoAnswer`] with an
    /// error in it, calling this again continues where it failed, with the [deadline](super::Cloud::with_deadlines) that
    /// was set when the call was sent. On a line, calling this again after
    /// [`CallError::ForeignReply`] or [`CallError::Reply`] continues with the next line, which may be the reply; the
    /// earlier events are then void.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, CallError<C::Error>> {
        self.leave_body();
        let found = self.find()?;
        Ok(event(found, self.call.window))
    }

    fn find(&mut self) -> Result<Found, CallError<C::Error>> {
        self.call.send()?;
        loop {
            match self.look()? {
                Found::More => {
                    let (connection, room) = self.room();
                    let size = room.len();
                    let read = connection.read(room).map(|count| count.min(size));
                    self.came(read)?;
                }
                found => return Ok(found),
            }
        }
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> ReplyStream<'_, C> {
    /// Async version of [`next_event`](ReplyStream::next_event).
    ///
    /// # Errors
    /// As for [`next_event`](ReplyStream::next_event).
    ///
    /// # Cancel safety
    /// Dropping a future loses nothing that the connection itself has not lost: calling this again continues.
    pub async fn next_event_async(&mut self) -> Result<Option<Event<'_>>, CallError<C::Error>> {
        self.leave_body();
        let found = self.find_async().await?;
        Ok(event(found, self.call.window))
    }

    async fn find_async(&mut self) -> Result<Found, CallError<C::Error>> {
        self.call.send_async().await?;
        loop {
            match self.look()? {
                Found::More => {
                    let (connection, room) = self.room();
                    let size = room.len();
                    let read = connection.read(room).await.map(|count| count.min(size));
                    self.came(read)?;
                }
                found => return Ok(found),
            }
        }
    }
}

impl<C: ErrorType> ErrorType for ReplyStream<'_, C> {
    type Error = CallError<C::Error>;
}

impl<C: ErrorType> Source for &mut ReplyStream<'_, C> {
    type Side = Replies;
    type Producer = Transcript;

    fn parts(&mut self) -> (&mut Core<Replies, Transcript>, &mut [u8]) {
        let (call, incoming) = ReplyStream::parts(self);
        (&mut incoming.decoder, call.window)
    }
}

impl<C: embedded_io::Read + embedded_io::Write> Find for &mut ReplyStream<'_, C> {
    fn find(&mut self) -> Result<Found, Self::Error> {
        ReplyStream::find(self)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> FindAsync for &mut ReplyStream<'_, C> {
    async fn find_async(&mut self) -> Result<Found, Self::Error> {
        ReplyStream::find_async(self).await
    }
}
