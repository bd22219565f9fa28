//! The HTTP response of a service as it came, for a caller that speaks HTTP itself.
//!
//! Knows which headers pass. Knows nothing of how the response arrived.

use crate::http::fields::is_dropped;
use crate::http::lines::{Line, lines_of};

/// The HTTP response of a service, in its parts, created by [`HttpReader::finish_parts`].
///
/// Unlike with an [`HttpResponse`](super::HttpResponse), nothing is converted or combined, and the body may have a
/// content coding.
///
/// [`HttpReader::finish_parts`]: super::HttpReader::finish_parts
#[derive(Clone, Copy, Debug)]
pub struct HttpParts<'a> {
    status: u16,
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> HttpParts<'a> {
    /// Takes a head that has been read, and a body.
    pub(super) const fn new(status: u16, head: &'a [u8], body: &'a [u8]) -> Self {
        Self { status, head, body }
    }

    /// Returns the status: from 200 to 999.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers in order, each line as a name and a value without surrounding white space. Those about the
    /// connection or the framing are left out, as in an [`HttpResponse`](super::HttpResponse), and so are all that
    /// `Connection` lists. `Content-Length` is among them: it gives the length of the body, and with `HEAD` nothing
    /// else does.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + Clone {
        let lines = lines_of(self.head);
        let listed = lines.clone().filter(|line| line.is(b"connection"));
        let listed = listed.flat_map(|line| line.value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
        let passes = move |line: &Line<'_>| {
            !is_dropped(line) && !listed.clone().any(|option| option.eq_ignore_ascii_case(line.name))
        };
        // A name is a token, which is ASCII.
        lines.filter(passes).map(|line| (core::str::from_utf8(line.name).unwrap_or_default(), line.value))
    }

    /// Returns the body, without the framing.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}
