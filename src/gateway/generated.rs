//! The target and the body of a request to a service: bytes that stand in the envelope, or are generated from it.
//!
//! Knows both ways to get at them. Knows nothing of the rules by which they are made.

use crate::envelope::data::DataKind;
use crate::envelope::layout::Layout;
use crate::error::Error;
use crate::http::request::Message;
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::stream::Encoder;

/// The target or the body of an [`HttpRequest`](super::HttpRequest).
///
/// Most stand in the envelope as they are sent, and are [borrowed](HttpBytes::as_slice) from there. The others are
/// generated each time they are written: text with escapes, JSON with white space between its tokens, base64, forms, and
/// targets with a joined query or characters that are percent-encoded.
///
/// ```
/// use callcontainer::gateway::{Env, HttpRequest, Permission, Relation};
/// use callcontainer::Request;
///
/// let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
/// let permission = Permission::new(&env, "shop", Relation::Public);
/// let envelope = br#"{"config":{"env":"prod-01"},"path":"/caf\u00e9","method":"POST","data":{"id":7}}"#;
/// let request = Request::decode(envelope)?;
/// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
///
/// assert_eq!(http.body().as_slice(), Some(&br#"{"id":7}"#[..]));
/// assert_eq!(http.target().as_slice(), None);
/// assert_eq!(http.target().encode(&mut [0; 16])?, b"/caf%C3%A9");
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HttpBytes<'a> {
    message: Message<'a>,
    part: Part,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Target,
    Body,
}

impl<'a> HttpBytes<'a> {
    pub(super) const fn target(message: Message<'a>) -> Self {
        Self { message, part: Part::Target }
    }

    pub(super) const fn body(message: Message<'a>) -> Self {
        Self { message, part: Part::Body }
    }

    /// Returns the bytes themselves, if they stand in one piece in the envelope; always for a body of no bytes.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [u8]> {
        match self.part {
            Part::Target => self.message.target_slice(),
            Part::Body => self.message.body_slice(),
        }
    }

    /// Returns the exact number of bytes. That of a body is known; a target is gone through.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self.part {
            Part::Target => {
                let mut sink = SliceSink::default();
                self.put(&mut sink);
                sink.len()
            }
            Part::Body => self.message.body_len,
        }
    }

    /// Writes the bytes into `buffer` and returns the bytes written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`](crate::ErrorKind::BufferTooSmall) when `buffer` is shorter than
    /// [`encoded_len`](HttpBytes::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink);
        sink.finish()
    }

    /// Passes the bytes to `chunk` in order, in pieces of any size, even none.
    pub fn for_each_chunk(&self, chunk: impl FnMut(&[u8])) {
        self.put(&mut Chunks(chunk));
    }

    /// Writes the bytes through a window of `W` bytes, at least 64, as [`HttpRequest::encoder`] writes a whole request.
    ///
    /// [`HttpRequest::encoder`]: super::HttpRequest::encoder
    #[must_use]
    pub fn encoder<const W: usize>(&self) -> Encoder<'_, W> {
        Encoder::unlimited(self)
    }

    fn put(&self, sink: &mut impl Sink) {
        match self.part {
            Part::Target => self.message.put_target(sink),
            Part::Body => self.message.put_body(sink),
        }
    }
}

impl Layout for HttpBytes<'_> {
    /// It is never supplied separately.
    fn has_data(&self) -> bool {
        true
    }

    fn put(&self, window: &mut Window<'_>, _: Option<DataKind>) {
        HttpBytes::put(self, window);
    }
}

/// Passes on what is written.
pub(super) struct Chunks<F>(pub(super) F);

impl<F: FnMut(&[u8])> Sink for Chunks<F> {
    fn put(&mut self, bytes: &[u8]) {
        (self.0)(bytes);
    }
}
