//! Encoding through a window: the same bytes as the slice encoder, in memory that does not grow with the envelope.
//!
//! Knows how much of an envelope has been written, and says what to do next: write these bytes, or read a piece of the
//! body into this window. Knows nothing of where the envelope is written to, or where the body is read from.

use super::body::{Body, BodyWriter};
use crate::envelope::data::DataKind;
use crate::envelope::layout::Layout;
use crate::error::{Error, ErrorKind};
use crate::json::sink::{LEAST_ROOM, SliceSink};
use crate::json::window::{Position, Window};
use crate::limits::{REPLY_LIMIT, REQUEST_LIMIT};
#[cfg(feature = "client")]
use crate::line::Check;
use crate::shift::shift;
use crate::{Reply, Request};

/// The smallest window: even a piece of a body that is cut at the worst place makes progress in it.
pub(crate) const LEAST_WINDOW: usize = 64;
const _: () = assert!(LEAST_WINDOW >= LEAST_ROOM);

/// Writes one envelope through a window of `W` bytes, at least 64. Does no I/O. The HTTP request of a gateway is
/// written in the same way.
///
/// The length is known, and everything is checked, before the first byte: an envelope over its limit is an error of the
/// constructors, and nothing of it is written. The bytes are those of [`Request::encode`] and [`Reply::encode`].
///
/// The body may be supplied separately, piece by piece. Its kind and its length in the envelope must then be given in
/// advance. If the body turns out to be different, the envelope is left unfinished: it lacks the closing bracket, so no
/// decoder accepts it.
///
/// With the feature `embedded-io-v0_7` there are drivers: `write_to`, `write_from` and their async versions. Without
/// it, or for any other I/O, [`step`](Encoder::step) says what to do next. All state is in the encoder, so nothing is
/// lost if something fails or is dropped between two steps.
///
/// ```
/// use callcontainer::stream::{EncodeStep, Encoder};
/// use callcontainer::{Method, Request};
///
/// let request = Request::new("/notes").with_env("prod-01").with_method(Method::Post).with_data("hello".into());
/// let mut encoder = Encoder::<64>::request(&request)?;
/// let mut wire = Vec::new();
/// while let EncodeStep::Write(bytes) = encoder.step()? {
///     wire.push(bytes[0]); // a slow line: it took one byte
///     encoder.wrote(1);
/// }
/// assert_eq!(wire, request.encode(&mut [0; 128])?);
/// # Ok::<(), callcontainer::Error>(())
/// ```
pub struct Encoder<'e, const W: usize> {
    layout: &'e dyn Layout,
    flow: Flow,
    window: [u8; W],
}

/// The next thing to do.
#[derive(Debug, PartialEq, Eq)]
pub enum EncodeStep<'w> {
    /// Write some of these bytes, then say how many with [`wrote`](Encoder::wrote).
    Write(&'w [u8]),
    /// Read a piece of the body into this window, at least one byte, then say how many with [`read`](Encoder::read).
    Read(&'w mut [u8]),
    /// Nothing: the whole envelope has been written.
    Done,
}

impl<'e, const W: usize> Encoder<'e, W> {
    /// Creates an encoder for a request.
    ///
    /// # Errors
    /// As for [`Request::encoded_len`].
    pub fn request(request: &'e Request<'e>) -> Result<Self, Error> {
        request.check()?;
        Self::new(request, None, REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Creates an encoder for a request whose body is supplied separately.
    ///
    /// # Errors
    /// As for [`request`](Encoder::request); [`ErrorKind::DataConflict`] when the request has data of its own;
    /// [`ErrorKind::UnexpectedEnd`] for JSON of no bytes.
    pub fn request_from(request: &'e Request<'e>, body: Body) -> Result<Self, Error> {
        request.check()?;
        Self::new(request, Some(body), REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Creates an encoder for a reply.
    ///
    /// # Errors
    /// As for [`Reply::encoded_len`].
    pub fn reply(reply: &'e Reply<'e>) -> Result<Self, Error> {
        reply.check()?;
        Self::new(reply, None, REPLY_LIMIT, ErrorKind::ReplyTooLarge)
    }

    /// Creates an encoder for a response whose body is supplied separately.
    ///
    /// # Errors
    /// As for [`reply`](Encoder::reply); [`ErrorKind::DataConflict`] when the reply has data of its own or is a
    /// failure; [`ErrorKind::UnexpectedEnd`] for JSON of no bytes.
    pub fn reply_from(reply: &'e Reply<'e>, body: Body) -> Result<Self, Error> {
        reply.check()?;
        Self::new(reply, Some(body), REPLY_LIMIT, ErrorKind::ReplyTooLarge)
    }

    fn new(layout: &'e dyn Layout, body: Option<Body>, limit: usize, over: ErrorKind) -> Result<Self, Error> {
        const { assert!(W >= LEAST_WINDOW, "a window holds at least 64 bytes: choose a larger W") }
        let flow = Flow::new(layout, body)?;
        if flow.len() > limit { Err(Error::new(over, limit)) } else { Ok(Self { layout, flow, window: [0; W] }) }
    }

    /// Creates an encoder for something that is not an envelope, and has no limit of its own.
    #[cfg(feature = "gateway")]
    pub(crate) fn unlimited(layout: &'e dyn Layout) -> Self {
        const { assert!(W >= LEAST_WINDOW, "a window holds at least 64 bytes: choose a larger W") }
        let mut flow = Flow::unmeasured(None);
        flow.count(|window, body| layout.put(window, body));
        Self { layout, flow, window: [0; W] }
    }

    /// Returns the exact length of the whole envelope in bytes.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.flow.len()
    }

    /// Returns the number of bytes written so far.
    #[must_use]
    pub const fn written(&self) -> usize {
        self.flow.written()
    }

    /// Returns the next thing to do. Calling it again returns the same.
    ///
    /// # Errors
    /// The error in the body that [`read`](Encoder::read) has already returned.
    pub fn step(&mut self) -> Result<EncodeStep<'_>, Error> {
        self.flow.step(self.layout, &mut self.window)
    }

    /// Reports that `bytes` bytes of [`EncodeStep::Write`] were written. More than were offered count as all of them.
    pub fn wrote(&mut self, bytes: usize) {
        self.flow.wrote(bytes);
    }

    /// Reports that `bytes` bytes of the body were read into the window of [`EncodeStep::Read`]; 0 means that the body
    /// has ended. More than the window holds count as a full window.
    ///
    /// # Errors
    /// What a decoder would refuse, with its offset in the body; [`ErrorKind::BodyLength`] when the body ends early or
    /// takes more room in the envelope than announced. The envelope stays unfinished.
    pub fn read(&mut self, bytes: usize) -> Result<(), Error> {
        self.flow.read(&mut self.window, bytes)
    }
}

#[cfg(feature = "embedded-io-v0_7")]
impl<const W: usize> Encoder<'_, W> {
    pub(super) fn parts(&mut self) -> (&mut Flow, &dyn Layout, &mut [u8]) {
        (&mut self.flow, self.layout, &mut self.window)
    }
}

/// What is told of a window whose first bytes are written next: the check of the line so far, the window, how many
/// bytes they are, and how many are left to be written. It may add the end of the line, and returns the new check and
/// number.
#[cfg(feature = "client")]
pub(crate) type Fill = fn(Check, &mut [u8], usize, usize) -> (Check, usize);

/// The state of an encoder, without its window. So a window can be shared with other users, and one copy of the code
/// serves windows of all sizes.
///
/// Without a body from elsewhere, `B` is [`NoBody`]: then the code for such bodies is not linked, which the compiler
/// sees even where the state lies in a future.
pub(crate) struct Flow<B = Option<Gap>> {
    position: Position,
    /// The range of the window that is to be written.
    start: usize,
    end: usize,
    written: usize,
    len: usize,
    body: B,
    failed: Option<Error>,
    /// What ends a line is written by this, and depends on what comes before it.
    #[cfg(feature = "client")]
    line: Option<(Fill, Check)>,
}

/// Where a body from elsewhere may be.
pub(crate) trait Slot {
    fn gap(&self) -> Option<&Gap>;
    fn gap_mut(&mut self) -> Option<&mut Gap>;
}

impl Slot for Option<Gap> {
    fn gap(&self) -> Option<&Gap> {
        self.as_ref()
    }

    fn gap_mut(&mut self) -> Option<&mut Gap> {
        self.as_mut()
    }
}

/// There is none.
#[cfg(feature = "client")]
pub(crate) struct NoBody;

#[cfg(feature = "client")]
impl Slot for NoBody {
    fn gap(&self) -> Option<&Gap> {
        None
    }

    fn gap_mut(&mut self) -> Option<&mut Gap> {
        None
    }
}

/// The body that fills the gap of the layout.
pub(crate) struct Gap {
    kind: DataKind,
    writer: BodyWriter,
    /// The gap has been reached, and the body has not ended.
    open: bool,
    /// Bytes of the body that were read but not consumed; they are processed again together with the next ones.
    kept: usize,
}

impl Flow {
    /// # Errors
    /// As for [`measure`](Flow::measure).
    pub(crate) fn new(layout: &dyn Layout, body: Option<Body>) -> Result<Self, Error> {
        let mut flow = Self::unmeasured(body);
        flow.measure(layout)?;
        Ok(flow)
    }

    /// The initial state, with a length that is not known yet.
    pub(crate) fn unmeasured(body: Option<Body>) -> Self {
        Self::of(body.map(|body| Gap { kind: body.kind, writer: BodyWriter::new(body), open: false, kept: 0 }))
    }
}

impl<B: Slot> Flow<B> {
    /// As [`unmeasured`](Flow::unmeasured), with a body that has not begun.
    pub(crate) fn of(body: B) -> Self {
        Self {
            position: Position::default(),
            start: 0,
            end: 0,
            written: 0,
            len: 0,
            body,
            failed: None,
            #[cfg(feature = "client")]
            line: None,
        }
    }

    /// Checks the body and computes the length.
    ///
    /// # Errors
    /// As for [`check`](Flow::check).
    pub(crate) fn measure(&mut self, layout: &dyn Layout) -> Result<(), Error> {
        self.check(layout)?;
        self.count(|window, body| layout.put(window, body));
        Ok(())
    }

    /// Checks the body.
    ///
    /// # Errors
    /// [`ErrorKind::DataConflict`] and [`ErrorKind::UnexpectedEnd`] as for [`Encoder::request_from`].
    pub(crate) fn check(&self, layout: &dyn Layout) -> Result<(), Error> {
        if let Some(gap) = self.body.gap() {
            if layout.has_data() {
                return Err(Error::new(ErrorKind::DataConflict, 0));
            }
            if gap.writer.body() == Body::json(0) {
                return Err(Error::new(ErrorKind::UnexpectedEnd, 0));
            }
        }
        Ok(())
    }

    /// Returns the body that is supplied separately.
    #[cfg(feature = "client")]
    pub(crate) fn body(&self) -> Option<Body> {
        self.body.gap().map(|gap| gap.writer.body())
    }

    /// Sets the length of a message that is no envelope, and so has the body as it is.
    #[cfg(feature = "client")]
    pub(crate) fn without_envelope(&mut self, len: usize) {
        if let Some(gap) = self.body.gap_mut() {
            gap.writer.without_envelope();
        }
        self.len = len;
    }

    /// Adds the bytes that surround what was measured.
    #[cfg(feature = "client")]
    pub(crate) const fn lengthen(&mut self, bytes: usize) {
        self.len = self.len.saturating_add(bytes);
    }

    /// Computes the length of what is written like this, with its body.
    pub(crate) fn count(&mut self, put: impl Fn(&mut Window<'_>, Option<DataKind>)) -> usize {
        let body = self.body.gap().map(|gap| gap.writer.body());
        let around = Window::measure(|window| put(window, body.map(|body| body.kind)));
        self.len = around.saturating_add(body.map_or(0, |body| body.encoded_len()));
        self.len
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Adds the end of a line, which `fill` writes.
    #[cfg(feature = "client")]
    pub(crate) const fn add_end(&mut self, fill: Fill) {
        self.line = Some((fill, Check::new()));
    }

    /// Notes that the first bytes of the window are to be written next.
    fn filled(&mut self, window: &mut [u8], bytes: usize) {
        (self.start, self.end) = (0, bytes);
        #[cfg(feature = "client")]
        if let Some((fill, check)) = &mut self.line {
            (*check, self.end) = fill(*check, window, bytes, self.len.saturating_sub(self.written));
        }
        #[cfg(not(feature = "client"))]
        let _ = window;
    }

    pub(crate) const fn written(&self) -> usize {
        self.written
    }

    /// As for [`Encoder::step`].
    pub(crate) fn step<'w>(&mut self, layout: &dyn Layout, window: &'w mut [u8]) -> Result<EncodeStep<'w>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        while self.start == self.end {
            if let Some(gap) = self.body.gap_mut().filter(|gap| gap.open) {
                if gap.writer.left() > 0 {
                    return gap.window(window).map(EncodeStep::Read).map_err(|error| self.fail(error));
                }
                if !gap.writer.may_end() {
                    let error = gap.writer.error(ErrorKind::BodyLength, gap.kept);
                    return Err(self.fail(error));
                }
                gap.open = false;
                self.position.pass();
            }
            if self.written == self.len {
                return Ok(EncodeStep::Done);
            }
            let mut shown = Window::new(self.position, window);
            layout.put(&mut shown, self.body.gap().map(|gap| gap.kind));
            if let Some(gap) = self.body.gap_mut() {
                gap.open = shown.is_at_gap();
            }
            let bytes;
            (self.position, bytes) = shown.finish();
            self.filled(window, bytes);
            #[cfg(feature = "c")]
            self.judge()?;
        }
        Ok(EncodeStep::Write(window.get(self.start..self.end).unwrap_or_default()))
    }

    /// As for [`Encoder::wrote`].
    pub(crate) fn wrote(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end.saturating_sub(self.start));
        self.start = self.start.saturating_add(bytes);
        self.written = self.written.saturating_add(bytes);
    }

    /// As for [`Encoder::read`].
    pub(crate) fn read(&mut self, window: &mut [u8], bytes: usize) -> Result<(), Error> {
        let Some(gap) = self.body.gap_mut().filter(|gap| gap.open) else { return Ok(()) };
        match gap.read(window, bytes) {
            Ok(written) => {
                self.filled(window, written);
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Refuses an envelope of another length than it was measured with: memory of C may have changed since.
    #[cfg(feature = "c")]
    fn judge(&mut self) -> Result<(), Error> {
        let is_open = self.body.gap().is_some_and(|gap| gap.open);
        let filled = self.end.wrapping_sub(self.start);
        if filled > self.len.saturating_sub(self.written) || (filled == 0 && !is_open) {
            return Err(self.fail(Error::new(ErrorKind::BodyLength, self.written)));
        }
        Ok(())
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        error
    }
}

impl Gap {
    /// Splits the window. The beginning takes the output; pieces of the body are read into the end.
    fn input<'w>(&self, window: &'w mut [u8]) -> (&'w mut [u8], &'w mut [u8]) {
        let room = self.writer.room_to_read(window.len());
        window.split_at_mut_checked(window.len().saturating_sub(room)).unwrap_or_default()
    }

    /// The window for the next piece: behind the kept bytes, and no larger than the rest of the body.
    fn window<'w>(&self, window: &'w mut [u8]) -> Result<&'w mut [u8], Error> {
        let left = self.writer.left();
        let (_, input) = self.input(window);
        let end = input.len().min(left);
        match input.get_mut(self.kept..end) {
            Some(window) if !window.is_empty() => Ok(window),
            // By its length, the body ends within the kept bytes.
            _ => Err(self.writer.error(ErrorKind::BodyLength, self.kept)),
        }
    }

    /// Consumes a piece, and returns the number of bytes written for it.
    fn read(&mut self, window: &mut [u8], bytes: usize) -> Result<usize, Error> {
        let (kept, left) = (self.kept, self.writer.left());
        let (output, input) = self.input(window);
        // No more than was offered.
        let end = kept.saturating_add(bytes).min(left);
        let piece = input.get(..end).unwrap_or(input);
        if bytes == 0 {
            return Err(self.writer.error(ErrorKind::BodyLength, kept));
        }
        let mut sink = SliceSink::new(output);
        let done = self.writer.write(piece, &mut sink)?;
        let (written, len) = (sink.len(), piece.len());
        self.kept = len.saturating_sub(done);
        shift(input, done..len, 0);
        Ok(written)
    }
}
