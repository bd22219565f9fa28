//! Streams whose window is somewhere else, and is passed to each step: for the C interface.
//!
//! What they do is what [`Decoder`](super::Decoder), [`Encoder`](super::Encoder) and [`Measure`](super::Measure) do. All
//! windows of one stream must be the same memory with the same content.

use super::body::{Body, BodyWriter};
use super::core::Core;
use super::direction::Direction;
use super::encode::{EncodeStep, Flow};
use super::event::DecodeStep;
use super::found::{Found, event};
use crate::envelope::data::DataKind;
use crate::envelope::layout::Layout;
use crate::envelope::reply::Outcome;
use crate::error::{Error, ErrorKind};
use crate::json::sink::SliceSink;
use crate::limits::{REPLY_LIMIT, REQUEST_LIMIT};
use crate::shift::shift;
use crate::stream::Replies;
use crate::{Reply, Request};

/// The smallest window of a [`Decoding`].
pub const DECODER_WINDOW: usize = 16;

/// The smallest window of an [`Encoding`], a [`Measuring`] and a client.
pub const ENCODER_WINDOW: usize = super::encode::LEAST_WINDOW;

/// A [`Decoder`](super::Decoder) without its window.
pub struct Decoding<D: Direction>(Core<D>);

impl<D: Direction> Decoding<D> {
    /// Creates the state for one message.
    #[must_use]
    pub const fn new() -> Self {
        Self(Core::new())
    }

    /// As [`Decoder::with_limit`](super::Decoder::with_limit).
    pub const fn set_limit(&mut self, limit: usize) {
        self.0.set_limit(limit);
    }

    /// As [`Decoder::with_length`](super::Decoder::with_length).
    pub const fn set_length(&mut self, length: usize) {
        self.0.set_length(length);
    }

    /// As [`Decoder::window`](super::Decoder::window).
    pub fn room<'w>(&mut self, window: &'w mut [u8]) -> &'w mut [u8] {
        self.0.room(window)
    }

    /// As [`Decoder::commit`](super::Decoder::commit); `size` is that of the window.
    pub fn commit(&mut self, count: usize, size: usize) {
        self.0.commit(count, size);
    }

    /// As [`Decoder::end`](super::Decoder::end).
    pub fn end(&mut self) {
        self.0.end();
    }

    /// As [`Decoder::is_ended`](super::Decoder::is_ended).
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.0.is_ended()
    }

    /// As [`Decoder::skip`](super::Decoder::skip).
    pub fn skip(&mut self) {
        self.0.skip();
    }

    /// As [`Decoder::step`](super::Decoder::step).
    ///
    /// # Errors
    /// The same.
    pub fn step<'w>(&mut self, window: &'w mut [u8]) -> Result<DecodeStep<'w>, Error> {
        Ok(match D::step(&mut self.0, window)? {
            Found::More => DecodeStep::More,
            Found::End => DecodeStep::End,
            found => event(found, window).map_or(DecodeStep::More, DecodeStep::Event),
        })
    }
}

impl Decoding<Replies> {
    /// As [`Decoder::outcome`](super::Decoder::outcome).
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.0.outcome()
    }
}

impl<D: Direction> Default for Decoding<D> {
    fn default() -> Self {
        Self::new()
    }
}

/// An [`Encoder`](super::Encoder) without its window and its envelope.
pub struct Encoding(Flow);

impl Encoding {
    /// As [`Encoder::request`](super::Encoder::request), or [`request_from`](super::Encoder::request_from) with a body.
    ///
    /// # Errors
    /// The same.
    pub fn request(request: &Request<'_>, body: Option<Body>) -> Result<Self, Error> {
        request.check()?;
        Self::new(request, body, REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// As [`Encoder::reply`](super::Encoder::reply), or [`reply_from`](super::Encoder::reply_from) with a body.
    ///
    /// # Errors
    /// The same.
    pub fn reply(reply: &Reply<'_>, body: Option<Body>) -> Result<Self, Error> {
        reply.check()?;
        Self::new(reply, body, REPLY_LIMIT, ErrorKind::ReplyTooLarge)
    }

    fn new(layout: &dyn Layout, body: Option<Body>, limit: usize, over: ErrorKind) -> Result<Self, Error> {
        let flow = Flow::new(layout, body)?;
        if flow.len() > limit { Err(Error::new(over, limit)) } else { Ok(Self(flow)) }
    }

    /// As [`Encoder::encoded_len`](super::Encoder::encoded_len).
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.0.len()
    }

    /// As [`Encoder::written`](super::Encoder::written).
    #[must_use]
    pub const fn written(&self) -> usize {
        self.0.written()
    }

    /// As [`Encoder::step`](super::Encoder::step), with the request that it was created for.
    ///
    /// # Errors
    /// The same.
    pub fn step_request<'w>(&mut self, request: &Request<'_>, window: &'w mut [u8]) -> Result<EncodeStep<'w>, Error> {
        self.0.step(request, window)
    }

    /// As [`Encoder::step`](super::Encoder::step), with the reply that it was created for.
    ///
    /// # Errors
    /// The same.
    pub fn step_reply<'w>(&mut self, reply: &Reply<'_>, window: &'w mut [u8]) -> Result<EncodeStep<'w>, Error> {
        self.0.step(reply, window)
    }

    /// As [`Encoder::wrote`](super::Encoder::wrote).
    pub fn wrote(&mut self, bytes: usize) {
        self.0.wrote(bytes);
    }

    /// As [`Encoder::read`](super::Encoder::read).
    ///
    /// # Errors
    /// The same.
    pub fn read(&mut self, window: &mut [u8], bytes: usize) -> Result<(), Error> {
        self.0.read(window, bytes)
    }
}

/// A [`Measure`](super::Measure) without its window.
pub struct Measuring {
    kind: DataKind,
    writer: BodyWriter,
    kept: usize,
}

impl Measuring {
    /// Measures a body of this kind.
    #[must_use]
    pub const fn new(kind: DataKind) -> Self {
        Self { kind, writer: BodyWriter::new(Body::of(kind, usize::MAX)), kept: 0 }
    }

    /// As [`Measure::window`](super::Measure::window).
    pub fn room<'w>(&self, window: &'w mut [u8]) -> &'w mut [u8] {
        window.get_mut(self.kept..).unwrap_or_default()
    }

    /// As [`Measure::read`](super::Measure::read).
    ///
    /// # Errors
    /// The same.
    pub fn read(&mut self, window: &mut [u8], bytes: usize) -> Result<(), Error> {
        let piece = window.get(..self.kept.saturating_add(bytes)).unwrap_or(window);
        let len = piece.len();
        let done = self.writer.write(piece, &mut SliceSink::default())?;
        shift(window, done..len, 0);
        self.kept = len.saturating_sub(done);
        Ok(())
    }

    /// As [`Measure::finish`](super::Measure::finish).
    ///
    /// # Errors
    /// The same.
    pub fn finish(&self) -> Result<Body, Error> {
        let kept = if self.kind == DataKind::Bytes { self.kept } else { 0 };
        if self.kept > kept || !self.writer.may_end() {
            return Err(self.writer.error(ErrorKind::UnexpectedEnd, self.kept));
        }
        Ok(self.writer.measured(kept))
    }
}

impl Body {
    /// Returns the kind of the body, its length as [`Body`]'s constructors count it, and that outside of an envelope.
    #[doc(hidden)]
    #[must_use]
    pub const fn in_parts(&self) -> (DataKind, usize, usize) {
        (self.kind, self.len, self.plain_len)
    }
}
