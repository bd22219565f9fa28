//! One call over a connection, blocking or async.
//!
//! It knows the order of things: send, then receive. The drivers hold no state of their own.

use super::collect::Collect;
use super::error::CallError;
use super::framing::Outgoing;
use super::given::Given;
use super::inlet::Inlet;
use super::link::Link;
use crate::error::Error;
use crate::stream::{Body, Flow};
use crate::{Method, Reply, Text};

/// A call that was begun with [`Cloud::start`](super::Cloud::start).
///
/// Nothing has been sent yet. Either [`receive`](Call::receive) the reply as a whole, or look at it piece by piece as a
/// [`stream`](Call::stream). Both send first what has not been sent. A call whose body comes from elsewhere must be sent
/// with [`send_from`](Call::send_from).
///
/// A call that is dropped before its reply has come leaves the connection in an unknown state, and the cloud knows: see
/// [`Cloud::is_ready`](super::Cloud::is_ready).
///
/// ```
/// use callcontainer::client::{Cloud, Framing};
/// use callcontainer::stream::Body;
/// use callcontainer::{Method, Reply, Request};
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
/// # use example::Connection;
/// # let serial = Connection(b"{\"statusCode\":201,\"callID\":\"7\"}\n");
///
/// let mut cloud = Cloud::<_, 64>::new(0);
/// cloud.init(serial, Framing::LINE);
/// let request = Request::new("/samples").with_env("prod-01").with_method(Method::Post).with_call_id("7");
/// // Ten kilobytes that are never in memory as a whole.
/// let mut call = cloud.start_from(&request, Body::bytes(10_000)).unwrap();
/// # let mut samples = std::iter::repeat_n(7, 10_000).collect::<std::collections::VecDeque<u8>>();
/// # let mut samples = samples.make_contiguous() as &[u8];
/// call.send_from(&mut samples).unwrap();
/// let mut buffer = [0; 256];
/// assert!(matches!(call.receive(&mut buffer).unwrap(), Reply::Response(response) if response.status() == 201));
/// ```
pub struct Call<'c, C> {
    pub(super) connection: &'c mut C,
    pub(super) window: &'c mut [u8],
    pub(super) link: &'c mut Link,
    outgoing: Outgoing<'c>,
    flow: Flow,
    /// How the reply comes in, from the first byte sent on.
    inlet: Option<Inlet>,
    is_sent: bool,
    /// Other replies may come first.
    waits: bool,
}

impl<'c, C> Call<'c, C> {
    pub(super) fn new(
        connection: &'c mut C,
        window: &'c mut [u8],
        link: &'c mut Link,
        outgoing: Outgoing<'c>,
        body: Option<Body>,
    ) -> Self {
        let waits = link.is_out_of_step();
        Self { connection, window, link, outgoing, flow: Flow::unmeasured(body), inlet: None, is_sent: false, waits }
    }

    /// Gives the call what it does not say itself, and checks all that can be checked. It must be done before anything else
    /// is.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub(super) fn prepare(&mut self, given: &'c Given<'_>) -> Result<(), Error> {
        self.outgoing.prepare(given, &mut self.flow)
    }

    /// The `callID` of the call: that of the request, or else the one that the client has given to it.
    #[must_use]
    pub fn call_id(&self) -> Text<'_> {
        self.outgoing.call_id()
    }

    /// The method of the call.
    #[must_use]
    pub fn method(&self) -> Method {
        self.outgoing.request().method()
    }

    /// How many bytes are sent in all: the envelope, and what stands around it.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.flow.len()
    }

    /// How many bytes have been sent.
    #[must_use]
    pub const fn sent(&self) -> usize {
        self.flow.written()
    }

    /// From here on the connection is in an unknown state, until the reply has come.
    fn begin(&mut self) {
        if self.inlet.is_none() {
            self.inlet = Some(self.link.begin());
        }
    }

    /// How the reply comes in. It can be taken once.
    pub(super) fn take_inlet(&mut self) -> Inlet {
        self.begin();
        self.inlet.take().unwrap_or(Inlet::line(false))
    }

    fn collecting(&mut self) -> Collect {
        Collect::new(self.take_inlet(), self.waits)
    }

    /// The reply that was collected in `buffer`.
    pub(super) fn finish<'b, E>(&mut self, collect: &Collect, buffer: &'b [u8]) -> Result<Reply<'b>, CallError<E>> {
        collect.finish(self.link, self.outgoing.call_id(), buffer)
    }

    /// What is needed to look at a reply.
    pub(super) fn parts(&mut self) -> (&mut C, &mut [u8], &mut Link, Text<'_>) {
        (self.connection, self.window, self.link, self.outgoing.call_id())
    }
}

impl<C: embedded_io::Read + embedded_io::Write> Call<'_, C> {
    /// Sends the call. After it was sent, nothing more happens.
    ///
    /// # Errors
    /// [`CallError::Write`]; to call again goes on where it failed.
    pub fn send(&mut self) -> Result<(), CallError<C::Error>> {
        self.send_from(&mut [].as_slice())
    }

    /// Sends the call, with the body from `reader`. Of bytes, and of text without escapes, no more is taken than what
    /// belongs to the body; otherwise no more than the length that was said.
    ///
    /// # Errors
    /// As for [`send`](Call::send), and what is wrong with the body. Then what was sent is no envelope.
    pub fn send_from<R: embedded_io::Read>(&mut self, reader: &mut R) -> Result<(), CallError<C::Error, R::Error>> {
        if !self.is_sent {
            self.begin();
            let sent = self.flow.write(&self.outgoing, self.window, reader, self.connection);
            sent.map_err(|error| self.link.write_failed(error))?;
            self.is_sent = true;
        }
        Ok(())
    }

    /// Sends what has not been sent, and receives the reply into `buffer`.
    ///
    /// # Errors
    /// As for [`send`](Call::send). [`CallError::Reply`] when the reply is no valid envelope, or has no room in `buffer`;
    /// [`CallError::ForeignReply`]; [`CallError::NoAnswer`], [`CallError::Io`], [`CallError::UnexpectedEof`],
    /// [`CallError::Http`] and [`CallError::Status`].
    pub fn receive<'b>(mut self, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        let collect = self.collect(buffer)?;
        self.finish(&collect, buffer)
    }

    /// Sends what has not been sent, and collects the reply in `buffer`.
    pub(super) fn collect(&mut self, buffer: &mut [u8]) -> Result<Collect, CallError<C::Error>> {
        self.send()?;
        let mut collect = self.collecting();
        collect.collect(self.connection, self.link, self.outgoing.call_id(), self.window, buffer)?;
        Ok(collect)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> Call<'_, C> {
    /// As [`send`](Call::send), async.
    ///
    /// # Errors
    /// As for [`send`](Call::send).
    ///
    /// # Cancel safety
    /// As safe as `write` and `flush` of the connection: to call again goes on.
    pub async fn send_async(&mut self) -> Result<(), CallError<C::Error>> {
        self.send_from_async(&mut [].as_slice()).await
    }

    /// As [`send_from`](Call::send_from), async.
    ///
    /// # Errors
    /// As for [`send_from`](Call::send_from).
    ///
    /// # Cancel safety
    /// As for [`send_async`](Call::send_async), and as safe as `read` of the reader.
    pub async fn send_from_async<R: embedded_io_async::Read>(
        &mut self,
        reader: &mut R,
    ) -> Result<(), CallError<C::Error, R::Error>> {
        if !self.is_sent {
            self.begin();
            let sent = self.flow.write_async(&self.outgoing, self.window, reader, self.connection).await;
            sent.map_err(|error| self.link.write_failed(error))?;
            self.is_sent = true;
        }
        Ok(())
    }

    /// As [`receive`](Call::receive), async.
    ///
    /// # Errors
    /// As for [`receive`](Call::receive).
    ///
    /// # Cancel safety
    /// None: a call that is dropped on the way is given up, and the connection with it, unless it is a line. To take up a
    /// reply again, use [`stream`](Call::stream).
    pub async fn receive_async<'b>(mut self, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        let collect = self.collect_async(buffer).await?;
        self.finish(&collect, buffer)
    }

    /// As [`collect`](Call::collect), async.
    pub(super) async fn collect_async(&mut self, buffer: &mut [u8]) -> Result<Collect, CallError<C::Error>> {
        self.send_async().await?;
        let mut collect = self.collecting();
        collect.collect_async(self.connection, self.link, self.outgoing.call_id(), self.window, buffer).await?;
        Ok(collect)
    }
}
