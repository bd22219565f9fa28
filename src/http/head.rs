//! The head of a response: where it ends, and what it says of the body and the connection.

use super::Fault;
use super::body::Body;
use super::chunked::Chunked;
use httparse::{Header, Status};

/// The most interim responses (1xx) before the final one.
pub(crate) const INTERIM_LIMIT: u8 = 16;

/// Looks for the end of a head whose bytes come in pieces. No byte is looked at twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Search {
    scanned: usize,
    interim: u8,
}

impl Search {
    /// The length of the head, once all of it has come. `received` is what has come of it so far and what follows it;
    /// a head longer than `limit` is refused.
    ///
    /// # Errors
    /// [`Fault::Head`] as soon as what has come cannot be a head; [`Fault::HeadTooLong`].
    pub(crate) fn find(&mut self, received: &[u8], limit: usize) -> Result<Option<usize>, Fault> {
        const BEGINNING: &[u8] = b"HTTP/1.";
        let known = received.len().min(BEGINNING.len());
        if received.get(..known) != BEGINNING.get(..known) {
            return Err(Fault::Head);
        }
        let head = received.get(..limit).unwrap_or(received);
        while let Some(line) = head.get(self.scanned..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            self.scanned = self.scanned.saturating_add(line).saturating_add(1);
            let lines = head.get(..self.scanned).unwrap_or(head);
            if lines.ends_with(b"\r\n\r\n") {
                return Ok(Some(self.scanned));
            }
            if !lines.ends_with(b"\r\n") {
                return Err(Fault::Head);
            }
        }
        self.scanned = head.len();
        if received.len() < limit { Ok(None) } else { Err(Fault::HeadTooLong) }
    }

    /// Begins again for the head that follows that of an interim response.
    ///
    /// # Errors
    /// [`Fault::TooManyInterim`].
    pub(crate) fn pass_interim(&mut self) -> Result<(), Fault> {
        if self.interim == INTERIM_LIMIT {
            return Err(Fault::TooManyInterim);
        }
        *self = Self { scanned: 0, interim: self.interim.wrapping_add(1) };
        Ok(())
    }
}

/// A head, parsed.
#[derive(Debug)]
pub(crate) struct Head<'h, 'b> {
    /// From 100 to 999, and never 101.
    pub(crate) status: u16,
    /// The header lines in order. Names are tokens; values hold no control characters but tabs.
    pub(crate) headers: &'h [Header<'b>],
    pub(crate) body: Body,
    /// Whether what the body holds is compressed or otherwise coded (RFC 9110, section 8.4).
    pub(crate) coded: bool,
    /// Whether another request may be sent on the connection once the body has ended.
    pub(crate) keep_alive: bool,
}

impl<'h, 'b> Head<'h, 'b> {
    /// Parses a whole head, of the length that [`Search::find`] gave. `to_head` says that it answers a `HEAD`.
    ///
    /// # Errors
    /// [`Fault::Head`], [`Fault::Switched`], [`Fault::Length`]; [`Fault::TooManyHeaders`] when there are more than
    /// `headers` has room for.
    pub(crate) fn parse(head: &'b [u8], to_head: bool, headers: &'h mut [Header<'b>]) -> Result<Self, Fault> {
        let mut response = httparse::Response::new(headers);
        match response.parse(head) {
            Ok(Status::Complete(len)) if len == head.len() => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Fault::TooManyHeaders),
            _ => return Err(Fault::Head),
        }
        let (Some(version), Some(status @ 100..=999)) = (response.version, response.code) else {
            return Err(Fault::Head);
        };
        let headers: &'h [Header<'b>] = response.headers;
        if status == 101 {
            return Err(Fault::Switched);
        }
        let stated = if status < 200 { Body::Exact(0) } else { stated_body(headers, version)? };
        // What has no body whatever the header says (RFC 9112, section 6.3, the first rule).
        let bodiless = to_head || matches!(status, 100..=199 | 204 | 304);
        let body = if bodiless { Body::Exact(0) } else { stated };
        // A 204 that announces a body may be followed by one all the same.
        let trusted = status != 204 || matches!(stated, Body::Exact(0) | Body::UntilClose);
        let persistent = match version {
            0 => connection_says(headers, b"keep-alive"),
            _ => true,
        };
        let keep_alive =
            persistent && trusted && !connection_says(headers, b"close") && !matches!(body, Body::UntilClose);
        let coded = values(headers, "content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity"));
        Ok(Self { status, headers, body, coded, keep_alive })
    }

    /// Whether another response to the same request follows.
    pub(crate) const fn is_interim(&self) -> bool {
        self.status < 200
    }
}

/// The values of the header lines with this name, without the white space around them.
fn values<'h>(headers: &'h [Header<'_>], name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.trim_ascii())
}

/// The body that the headers state.
fn stated_body(headers: &[Header<'_>], version: u8) -> Result<Body, Fault> {
    let mut lengths = values(headers, "content-length");
    let mut codings = values(headers, "transfer-encoding");
    let stated = (lengths.next(), codings.next());
    if lengths.next().is_some() || codings.next().is_some() {
        return Err(Fault::Length);
    }
    match stated {
        (None, None) => Ok(Body::UntilClose),
        (Some(length), None) => decimal(length).map(Body::Exact).ok_or(Fault::Length),
        // HTTP/1.0 has no transfer codings: whoever sends one does not know what it says.
        (None, Some(coding)) if version == 1 && coding.eq_ignore_ascii_case(b"chunked") => {
            Ok(Body::Chunked(Chunked::NEW))
        }
        _ => Err(Fault::Length),
    }
}

/// A number that is nothing but digits, one at least.
fn decimal(digits: &[u8]) -> Option<u64> {
    let add = |number: u64, digit: &u8| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}

/// Whether `Connection` lists this option.
fn connection_says(headers: &[Header<'_>], option: &[u8]) -> bool {
    values(headers, "connection")
        .flat_map(|list| list.split(|byte| *byte == b','))
        .any(|listed| listed.trim_ascii().eq_ignore_ascii_case(option))
}
