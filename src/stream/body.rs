//! A body that arrives in pieces and goes into an envelope.
//!
//! Knows how the three kinds of body are written, and checks them as a decoder would.

use crate::base64;
use crate::envelope::data::DataKind;
use crate::error::{Error, ErrorKind};
use crate::json::sink::{Place, Sink};
use crate::json::walk::{Kind, Walker, is_space};
use crate::json::write::{self, Compact};

/// What a body will be that is not there yet: its kind, and its length in the envelope.
///
/// ```
/// use callcontainer::Text;
/// use callcontainer::stream::Body;
///
/// let two_lines = "one\ntwo";
/// assert_eq!(Body::text(Text::new(two_lines).encoded_len()).encoded_len(), 8);
/// assert_eq!(Body::bytes(4).encoded_len(), 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    pub(super) kind: DataKind,
    /// Of bytes, their number; otherwise the length in the envelope.
    pub(super) len: usize,
}

impl Body {
    /// Text that takes so many bytes in the envelope, without its quotes: what
    /// [`Text::encoded_len`](crate::Text::encoded_len) or a [`Measure`](super::Measure) says. Where no character is
    /// escaped, that is the length of the text.
    #[must_use]
    pub const fn text(encoded_len: usize) -> Self {
        Self { kind: DataKind::Text, len: encoded_len }
    }

    /// JSON that takes so many bytes in the envelope, where there is no white space between tokens: what
    /// [`Json::encoded_len`](crate::Json::encoded_len) or a [`Measure`](super::Measure) says. A JSON string is
    /// [text](Body::text).
    #[must_use]
    pub const fn json(encoded_len: usize) -> Self {
        Self { kind: DataKind::Json, len: encoded_len }
    }

    /// So many bytes.
    #[must_use]
    pub const fn bytes(len: usize) -> Self {
        Self { kind: DataKind::Bytes, len }
    }

    /// Length in bytes that the body takes in the envelope, without what stands around it.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        match self.kind {
            DataKind::Bytes => base64::encoded_len(self.len),
            DataKind::Text | DataKind::Json => self.len,
        }
    }
}

/// Writes a body as its pieces come.
pub(super) struct BodyWriter {
    body: Body,
    /// Of what [`Body`] counts, what is still to come.
    left: usize,
    /// Bytes taken so far.
    taken: usize,
    walker: Walker,
    in_string: bool,
}

impl BodyWriter {
    pub(super) const fn new(body: Body) -> Self {
        Self { body, left: body.len, taken: 0, walker: Walker::new(1), in_string: false }
    }

    /// What was said of the body.
    pub(super) const fn body(&self) -> Body {
        self.body
    }

    /// The greatest number of bytes that may still belong to the body.
    pub(super) const fn left(&self) -> usize {
        self.left
    }

    /// How many bytes to take at a time, so that they are sure to find room when written beside them in a window of
    /// so many bytes.
    pub(super) const fn room_to_read(&self, window: usize) -> usize {
        match self.body.kind {
            // A byte takes six at most.
            DataKind::Text => window / 7,
            DataKind::Json => window / 2,
            // Three bytes take four.
            DataKind::Bytes => (window / 8).saturating_mul(3),
        }
    }

    /// Writes a piece and says how much of it is done with: all but the beginning of something that it cuts in two,
    /// five bytes at most, which must come again.
    ///
    /// # Errors
    /// What a decoder would refuse, with its offset in the body; [`ErrorKind::BodyLength`].
    pub(super) fn write(&mut self, piece: &[u8], sink: &mut impl Sink) -> Result<usize, Error> {
        let mut counted = Counted { sink, len: 0 };
        let done = match self.body.kind {
            DataKind::Text => {
                let valid = match core::str::from_utf8(piece) {
                    Ok(_) => piece.len(),
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    Err(error) => return Err(self.error(ErrorKind::InvalidUtf8, error.valid_up_to())),
                };
                write::escape(&mut counted, piece.get(..valid).unwrap_or_default());
                valid
            }
            DataKind::Json => self.json(piece, &mut counted)?,
            DataKind::Bytes => {
                // Groups of three, but for the last.
                let len = if piece.len() < self.left { (piece.len() / 3).saturating_mul(3) } else { piece.len() };
                base64::encode(counted.sink, piece.get(..len).unwrap_or_default());
                counted.len = len;
                len
            }
        };
        self.left = self.left.checked_sub(counted.len).ok_or(self.error(ErrorKind::BodyLength, done))?;
        self.taken = self.taken.saturating_add(done);
        Ok(done)
    }

    fn json(&mut self, piece: &[u8], sink: &mut impl Sink) -> Result<usize, Error> {
        let spaces = piece.iter().take_while(|byte| is_space(**byte)).count();
        let begins = self.walker.spaces() == self.taken;
        if begins && piece.get(spaces).and_then(|first| Kind::of(*first)) == Some(Kind::String) {
            return Err(self.error(ErrorKind::WrongType, spaces));
        }
        let mut done = self.walker.feed(piece).map_err(|error| error.behind(self.taken))?;
        let mut place = Place { at: 0, in_string: self.in_string };
        let value = Compact(piece.get(..done).unwrap_or_default());
        while let Some(run) = value.run(&mut place, usize::MAX) {
            sink.put(run);
        }
        self.in_string = place.in_string;
        if self.walker.is_done() {
            let after = piece.get(done..).unwrap_or_default();
            done = done.saturating_add(after.iter().take_while(|byte| is_space(**byte)).count());
            if done < piece.len() {
                return Err(self.error(ErrorKind::TrailingData, done));
            }
        }
        Ok(done)
    }

    /// Whether the body may end here.
    pub(super) const fn may_end(&self) -> bool {
        !matches!(self.body.kind, DataKind::Json) || self.walker.may_end()
    }

    /// What has been written, of what [`Body`] counts.
    pub(super) const fn written(&self) -> usize {
        self.body.len.saturating_sub(self.left)
    }

    /// An error so many bytes behind what was taken.
    pub(super) const fn error(&self, kind: ErrorKind, at: usize) -> Error {
        Error::new(kind, at).behind(self.taken)
    }
}

/// Counts what goes into a sink.
struct Counted<'s, S> {
    sink: &'s mut S,
    len: usize,
}

impl<S: Sink> Sink for Counted<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        self.sink.put(bytes);
        self.len = self.len.saturating_add(bytes.len());
    }
}
