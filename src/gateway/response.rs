//! The reply to a call, made from the HTTP response of its service.
//!
//! Knows which headers pass and how a reply is written. Knows nothing of how the response arrived.

use super::refusal::Refusal;
use super::text::{Body, put_content};
use crate::Text;
use crate::envelope::fingerprint::Fingerprint;
use crate::envelope::members::{Members, key};
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::lines::{Line, lines_of};
use crate::http::names::CONNECTION;
use crate::json::sink::{Sink, SliceSink};
use crate::limits::{HEADERS_LIMIT, NAME_LIMIT, REPLY_LIMIT};

/// The most header lines in a response.
pub(super) const LINES_LIMIT: usize = 128;

/// The most names listed by `Connection` that are taken into account.
const NOMINATED_LIMIT: usize = 16;

/// The HTTP response of a service as the reply to a call, created by an [`HttpReader`](super::HttpReader).
///
/// - The status becomes `statusCode`, whatever it is.
/// - Headers keep their order and the letter case of their names. Those with the same name are combined, their values
///   in order and joined by `, ` (RFC 9110, section 5.3). Each `Set-Cookie` becomes a text of `cookies` rather than a
///   header, since joined values that contain commas cannot be separated again. Headers about the connection or the
///   framing are left out: `Connection` and up to 16 of those that it lists, `Keep-Alive`, `Transfer-Encoding`, `TE`,
///   `Trailer`, `Upgrade` and all that begin with `Proxy-`. `Content-Length` passes: it gives the length of the body in
///   transit, and with `HEAD` nothing else does. A repeated one is written once.
/// - The body becomes `data` according to the `dataType` and `responseType` of the call, as in [`Data::from_body`]. An
///   empty body is an empty text, or no bytes, as in `wx.request`. JSON that an envelope cannot hold stays text: nested
///   too deep, or a string that contains half of a surrogate pair.
/// - Invalid UTF-8 in text, in a header or in a cookie is replaced by U+FFFD as in a browser, before text is
///   interpreted as JSON.
///
/// The envelope is byte for byte what [`Reply::encode`](crate::Reply::encode) writes for the same reply.
///
/// [`Data::from_body`]: crate::Data::from_body
#[derive(Clone, Copy, Debug)]
pub struct HttpResponse<'a> {
    status: u16,
    head: &'a [u8],
    body: Body<'a>,
    call_id: Option<Text<'a>>,
    encoded_len: usize,
}

impl<'a> HttpResponse<'a> {
    /// Creates a response with this status from a head that has been read, and a body.
    ///
    /// # Errors
    /// See [`HttpReader::finish`](super::HttpReader::finish).
    pub(super) fn new(status: u16, head: &'a [u8], body: Body<'a>, call_id: Option<Text<'a>>) -> Result<Self, Refusal> {
        let call_id = call_id.filter(|call_id| Rule::Name.check_text(*call_id).is_ok());
        let mut response = Self { status, head, body, call_id, encoded_len: 0 };
        let fields = Fields::new(head);
        fields.check().map_err(Refusal::of_reply)?;
        if lines_of(head).any(is_coded) && body.is_text() {
            return Err(Refusal::of_response(HttpError::Coded));
        }
        let mut length = SliceSink::default();
        response.put(&mut length, &fields);
        response.encoded_len = length.len_within(REPLY_LIMIT, ErrorKind::ReplyTooLarge)?;
        Ok(response)
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the exact number of bytes that [`encode`](HttpResponse::encode) writes: at most [`REPLY_LIMIT`].
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.encoded_len
    }

    /// Writes the reply envelope into `buffer` and returns the bytes written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`encoded_len`](HttpResponse::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink, &Fields::new(self.head));
        sink.finish()
    }

    /// Writes the members in the order of a reply.
    fn put(&self, sink: &mut impl Sink, fields: &Fields<'_>) {
        let mut members = Members::new();
        members.integer(sink, key!("statusCode"), i32::from(self.status));
        fields.put(sink, &mut members);
        members.string_if(sink, key!("callID"), self.call_id.as_ref());
        self.body.put(sink, &mut members);
        members.end(sink);
    }
}

/// The header lines of a response.
struct Fields<'b> {
    lines: [Line<'b>; LINES_LIMIT],
    /// The name of each line, as a fingerprint like everywhere in this crate: so a decoder, which compares only
    /// fingerprints, never sees a name twice. `None` if the line does not become a header of the reply, and after the
    /// last line.
    names: [Option<Fingerprint>; LINES_LIMIT],
}

impl<'b> Fields<'b> {
    fn new(head: &'b [u8]) -> Self {
        let all = lines_of(head);
        let mut lines = [Line::default(); LINES_LIMIT];
        for (slot, line) in lines.iter_mut().zip(all.clone()) {
            *slot = line;
        }
        let mut nominated = [None; NOMINATED_LIMIT];
        let listed =
            all.clone().filter(|line| line.is(b"connection")).flat_map(|line| line.value.split(|byte| *byte == b','));
        for (slot, option) in nominated.iter_mut().zip(listed) {
            *slot = Some(Fingerprint::of_plain_name(option.trim_ascii()));
        }
        let mut names = [None; LINES_LIMIT];
        for (slot, line) in names.iter_mut().zip(all) {
            let name = Some(Fingerprint::of_plain_name(line.name));
            let passes = !is_cookie(&line) && !is_dropped(&line) && !nominated.contains(&name);
            *slot = name.filter(|_| passes);
        }
        Self { lines, names }
    }

    /// Returns the lines that become headers of the reply, each with its position and its name.
    fn headers(&self) -> impl Iterator<Item = (usize, Fingerprint, &Line<'b>)> + Clone {
        let lines = self.lines.iter().zip(self.names).enumerate();
        lines.filter_map(|(at, (line, name))| Some((at, name?, line)))
    }

    /// Returns the first line of each name.
    fn first_lines(&self) -> impl Iterator<Item = (usize, Fingerprint, &Line<'b>)> {
        self.headers().filter(|(at, name, _)| !self.names.iter().take(*at).any(|earlier| *earlier == Some(*name)))
    }

    /// Checks the limits that apply to a reply but not to a response.
    fn check(&self) -> Result<(), Error> {
        for (_, _, line) in self.headers() {
            if line.name.len() > NAME_LIMIT {
                return Err(Error::new(ErrorKind::TooLong, NAME_LIMIT));
            }
        }
        if self.first_lines().count() > HEADERS_LIMIT { Err(Error::new(ErrorKind::TooManyHeaders, 0)) } else { Ok(()) }
    }

    /// Writes the members `header` and `cookies`.
    fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        let mut object = None;
        for (first, name, line) in self.first_lines() {
            if object.is_none() {
                members.key(sink, key!("header"));
            }
            object.get_or_insert(Members::new()).text_key(sink, Text::from_span(line.name, false));
            let mut separator: &[u8] = b"\"";
            for (_, _, line) in self.headers().filter(|(at, other, _)| *at >= first && *other == name) {
                sink.put(separator);
                separator = b", ";
                if line.is(b"content-length") {
                    // A repeated one has been checked: its value is the same.
                    put_content(sink, first_of_list(line.value));
                    break;
                }
                put_content(sink, line.value);
            }
            sink.put(b"\"");
        }
        if let Some(object) = object {
            object.end(sink);
        }
        let mut separator: &[u8] = b"[";
        for line in self.lines.iter().filter(|line| is_cookie(line)) {
            if separator == b"[" {
                members.key(sink, key!("cookies"));
            }
            sink.put(separator);
            separator = b",";
            sink.put(b"\"");
            put_content(sink, line.value);
            sink.put(b"\"");
        }
        if separator == b"," {
            sink.put(b"]");
        }
    }
}

/// Returns the part before the first comma, without surrounding white space.
fn first_of_list(list: &[u8]) -> &[u8] {
    list.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii()
}

/// Whether a line names a content coding other than `identity` or an empty one.
fn is_coded(line: Line<'_>) -> bool {
    let mut codings = line.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    line.is(b"content-encoding")
        && codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
}

fn is_cookie(line: &Line<'_>) -> bool {
    line.is(b"set-cookie")
}

/// Whether a header is about the connection or the framing of the response (RFC 9110, section 7.6.1).
pub(super) fn is_dropped(line: &Line<'_>) -> bool {
    const PREFIX: &[u8] = b"proxy-";
    CONNECTION.iter().any(|other| line.is(other.as_bytes()))
        || line.name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
