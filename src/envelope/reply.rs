//! The reply envelope: the result or the error of `wx.cloud.callContainer` in JSON.

use super::code::{ErrorCode, Retry};
use super::data::{BodyKind, Data};
use super::headers::{Cookies, Headers};
use super::layout::{self, Layout};
use super::members::{Members, key};
use super::message::Message;
use super::names::Names;
use super::parameters::Method;
use super::parts::{self, Seen};
use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::limits::RESPONSE_LIMIT;

/// What comes back from a call: the answer of the service, or the reason why there is none.
///
/// ```
/// use callcontainer::{Data, Reply, Response};
///
/// let mut buffer = [0; 128];
/// let envelope = Reply::from(Response::new(200).with_data("done".into())).encode(&mut buffer)?;
/// match Reply::decode(envelope)? {
///     Reply::Response(response) => assert_eq!((response.status(), response.data()), (200, "done".into())),
///     Reply::Failure(failure) => panic!("{}", failure.err_msg()),
/// }
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(clippy::large_enum_variant, reason = "both borrow, and there is no heap to put the larger on")]
pub enum Reply<'a> {
    /// The service answered, whatever its status.
    Response(Response<'a>),
    /// The call failed before it got an answer.
    Failure(Failure<'a>),
}

impl<'a> Reply<'a> {
    /// Decodes an envelope of at most [`RESPONSE_LIMIT`] bytes, borrowing from it.
    ///
    /// It is a failure when it has an `errCode` or `errno` other than 0, or no `statusCode`.
    ///
    /// # Errors
    /// [`ErrorKind::ReplyTooLarge`] before anything is looked at; otherwise the first thing that is wrong, from the
    /// first byte to the last.
    pub fn decode(envelope: &'a [u8]) -> Result<Self, Error> {
        Self::decode_within(envelope, RESPONSE_LIMIT)
    }

    /// Whether and when to make the call with this method again: the advice of a failure, and none for a response.
    #[must_use]
    pub fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::Response(_) => None,
            Self::Failure(failure) => failure.retry(method),
        }
    }

    /// The same with a limit of `N` bytes, which does not compile when it is over [`RESPONSE_LIMIT`].
    ///
    /// # Errors
    /// As for [`decode`](Reply::decode).
    pub fn decode_bounded<const N: usize>(envelope: &'a [u8]) -> Result<Self, Error> {
        const { crate::limits::assert_response_limit(N) }
        Self::decode_within(envelope, N)
    }

    /// The same with a limit that is known at run time; one over [`RESPONSE_LIMIT`] counts as that.
    ///
    /// # Errors
    /// As for [`decode`](Reply::decode).
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    pub fn decode_within(envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        let limit = limit.min(RESPONSE_LIMIT);
        if envelope.len() > limit {
            return Err(Error::new(ErrorKind::ReplyTooLarge, limit));
        }
        let mut cursor = Cursor::new(envelope);
        cursor.expect(b'{');
        let mut reply = Ok(Self::Response(Response::new(0)));
        let Ok(Self::Response(response)) = &mut reply else { return reply };
        let (mut code, mut errno) = (None, None);
        let mut seen = Seen::default();
        let mut first = true;
        while cursor.next_name(first) {
            first = false;
            let at = cursor.offset().wrapping_sub(1);
            let key = Key::read(&mut cursor);
            if key != Key::Unknown && !seen.add(key as u32) {
                cursor.fail_before(ErrorKind::DuplicateKey, at);
            }
            match key {
                Key::StatusCode => {
                    let status = parts::integer(&mut cursor, status, ErrorKind::InvalidStatus);
                    response.status = status.unwrap_or_default();
                }
                Key::Header => response.headers = parts::headers(&mut cursor, false, None, &mut None),
                Key::Cookies => response.cookies = cursor.apart(parts::cookies),
                Key::Data => {
                    if matches!(response.data, Data::Bytes(_)) {
                        cursor.fail_before(ErrorKind::DataConflict, at);
                    }
                    response.data = parts::data(&mut cursor);
                }
                Key::NativeBuffers => {
                    if let Some(bytes) =
                        cursor.apart(|cursor| parts::native_buffers(cursor, seen.has(Key::Data as u32)))
                    {
                        response.data = Data::Bytes(bytes);
                    }
                }
                Key::CallId => response.call_id = Some(parts::text(&mut cursor, Rule::Name)),
                Key::ErrMsg => response.err_msg = parts::text(&mut cursor, Rule::Any),
                Key::ErrCode => code = error_code(&mut cursor),
                Key::Errno => errno = error_code(&mut cursor),
                Key::Unknown => {
                    cursor.value(1);
                }
            }
        }
        let bracket = cursor.offset().wrapping_sub(1);
        let fails = |code: Option<ErrorCode>| code.is_some_and(|code| code != ErrorCode(0));
        let failed = fails(code) || fails(errno) || !seen.has(Key::StatusCode as u32);
        if failed && !seen.has(Key::ErrMsg as u32) {
            cursor.fail(ErrorKind::MissingField, bracket);
        }
        cursor.end();
        cursor.result()?;
        if failed {
            let code = code.filter(|_| fails(code) || !fails(errno)).or(errno);
            return Ok(Reply::Failure(Failure { code, err_msg: response.err_msg, call_id: response.call_id }));
        }
        reply
    }

    /// The exact number of bytes that [`encode`](Reply::encode) writes.
    ///
    /// # Errors
    /// As for [`encode`](Reply::encode), but for the buffer.
    pub fn encoded_len(&self) -> Result<usize, Error> {
        self.check()?;
        let mut sink = SliceSink::default();
        self.put(&mut sink);
        sink.len_within(RESPONSE_LIMIT, ErrorKind::ReplyTooLarge)
    }

    /// Writes the envelope into `buffer` and returns what was written: the same bytes every time, and never a newline.
    ///
    /// # Errors
    /// What a decoder would refuse, of the same kind: a status, header or call ID that is not legal, more than
    /// [`RESPONSE_LIMIT`] bytes; [`ErrorKind::BufferTooSmall`]. The buffer then holds nothing of use.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        let names = self.put(&mut sink);
        self.check_more(names)?;
        sink.finish_within(RESPONSE_LIMIT, ErrorKind::ReplyTooLarge)
    }

    /// Checks what decoding would check.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_more(false)
    }

    /// Checks what decoding would check, where it may be known that the call ID and all headers keep the rule of a name, and
    /// need no escape.
    fn check_more(&self, names: bool) -> Result<(), Error> {
        if let Reply::Response(response) = self {
            if !is_status(response.status) {
                return Err(Error::new(ErrorKind::InvalidStatus, 0));
            }
            response.headers.check(false, names)?;
        }
        self.call_id_member().map_or(Ok(()), |call_id| Rule::Name.check_more(call_id, names))
    }

    /// What the member `callID` says.
    pub(crate) const fn call_id_member(&self) -> Option<Text<'a>> {
        match self {
            Reply::Response(response) => response.call_id,
            Reply::Failure(failure) => failure.call_id,
        }
    }

    /// Writes the members in their fixed order, the body last, and says whether the call ID and all headers are known to
    /// keep the rule of a name, and to need no escape.
    pub(crate) fn put(&self, sink: &mut impl Sink) -> bool {
        let mut members = Members::new();
        self.put_head(sink, &mut members);
        let names = members.are_names();
        if let Reply::Response(response) = self {
            response.data.put(sink, &mut members);
        }
        members.end(sink);
        names
    }

    /// Writes all members but the body.
    fn put_head(&self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            Reply::Response(response) => {
                members.integer(sink, key!("statusCode"), i32::from(response.status));
                response.headers.put(sink, members);
                response.cookies.put(sink, members);
                members.string_if(sink, key!("callID"), response.call_id.as_ref());
                if !response.is_ok() {
                    members.string(sink, key!("errMsg"), &response.err_msg);
                }
            }
            Reply::Failure(failure) => {
                if let Some(code) = failure.code {
                    members.integer(sink, key!("errCode"), code.0);
                }
                members.string(sink, key!("errMsg"), &failure.err_msg);
                members.string_if(sink, key!("callID"), failure.call_id.as_ref());
            }
        }
    }
}

impl Layout for Reply<'_> {
    fn has_data(&self) -> bool {
        // A failure has no place for data.
        !matches!(self, Reply::Response(response) if matches!(response.data, Data::None))
    }

    fn put(&self, window: &mut Window<'_>, body: Option<BodyKind>) {
        let mut members = Members::new();
        self.put_head(window, &mut members);
        if let Reply::Response(response) = self {
            layout::put_body(window, &mut members, response.data, body);
        }
        members.end(window);
    }
}

/// The `errMsg` of every success.
const OK: Text<'static> = Text::new("cloud.callContainer:ok");

impl<'a> From<Response<'a>> for Reply<'a> {
    fn from(response: Response<'a>) -> Self {
        Reply::Response(response)
    }
}

impl<'a> From<Failure<'a>> for Reply<'a> {
    fn from(failure: Failure<'a>) -> Self {
        Reply::Failure(failure)
    }
}

/// The answer of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Response<'a> {
    status: u16,
    headers: Headers<'a>,
    cookies: Cookies<'a>,
    data: Data<'a>,
    call_id: Option<Text<'a>>,
    err_msg: Text<'a>,
}

impl<'a> Response<'a> {
    /// An answer with this HTTP status, from 100 to 999, and nothing else.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: Headers::EMPTY, cookies: Cookies::EMPTY, data: Data::None, call_id: None, err_msg: OK }
    }

    /// With these headers as pairs of name and value, instead of those before.
    #[must_use]
    pub const fn with_headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = Headers::new(headers);
        self
    }

    /// With these cookies, one text for each `Set-Cookie`, instead of those before.
    #[must_use]
    pub const fn with_cookies(mut self, cookies: &'a [&'a str]) -> Self {
        self.cookies = Cookies::new(cookies);
        self
    }

    /// With this body.
    #[must_use]
    pub const fn with_data(mut self, data: Data<'a>) -> Self {
        self.data = data;
        self
    }

    /// With this `callID`: that of the call.
    #[must_use]
    pub const fn with_call_id(mut self, call_id: &'a str) -> Self {
        self.call_id = Some(Text::new(call_id));
        self
    }

    /// With this `errMsg` instead of `cloud.callContainer:ok`.
    #[must_use]
    pub const fn with_err_msg(mut self, err_msg: &'a str) -> Self {
        self.err_msg = Text::new(err_msg);
        self
    }

    /// `statusCode`: the HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The headers that the service set.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// The cookies that the service set.
    #[must_use]
    pub const fn cookies(&self) -> Cookies<'a> {
        self.cookies
    }

    /// The body.
    #[must_use]
    pub const fn data(&self) -> Data<'a> {
        self.data
    }

    /// `callID`: what tells this call from others.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// `errMsg`, `cloud.callContainer:ok` when it is not given.
    #[must_use]
    pub const fn err_msg(&self) -> Text<'a> {
        self.err_msg
    }

    /// What the member `errMsg` says: nothing where it would say what every success does.
    pub(crate) fn err_msg_member(&self) -> Option<Text<'a>> {
        Some(self.err_msg).filter(|_| !self.is_ok())
    }

    /// Whether `errMsg` says what that of every success does.
    #[inline]
    fn is_ok(&self) -> bool {
        self.err_msg.as_bytes().map_or_else(|| self.err_msg == OK, |err_msg| err_msg == OK.as_raw())
    }
}

/// The reason why a call has no answer.
///
/// ```
/// use callcontainer::{ErrorCode, Method, Reply};
///
/// let envelope = br#"{"errCode":102002,"errMsg":"cloud.callContainer:fail Error: errCode: 102002 | errMsg: timeout"}"#;
/// let Reply::Failure(failure) = Reply::decode(envelope).unwrap() else { panic!() };
/// assert_eq!(failure.code(), Some(ErrorCode::REQUEST_TIMEOUT));
/// assert_eq!(failure.message().text(), "timeout");
/// assert!(failure.retry(Method::Get).is_some());
/// assert!(failure.retry(Method::Post).is_none()); // the service may have run
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Failure<'a> {
    code: Option<ErrorCode>,
    err_msg: Text<'a>,
    call_id: Option<Text<'a>>,
}

impl<'a> Failure<'a> {
    /// A failure with this `errCode` and `errMsg`.
    #[must_use]
    pub const fn new(code: ErrorCode, err_msg: &'a str) -> Self {
        Self { code: Some(code), ..Self::from_err_msg(err_msg) }
    }

    /// A failure with this `errMsg` alone, which may hold a code.
    #[must_use]
    pub const fn from_err_msg(err_msg: &'a str) -> Self {
        Self { code: None, err_msg: Text::new(err_msg), call_id: None }
    }

    /// With this `callID`: that of the call.
    #[must_use]
    pub const fn with_call_id(mut self, call_id: &'a str) -> Self {
        self.call_id = Some(Text::new(call_id));
        self
    }

    /// The code: `errCode`, or else `errno`, or else what stands in `errMsg`.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.code.or_else(|| self.message().code())
    }

    /// `errMsg`, whole.
    #[must_use]
    pub const fn err_msg(&self) -> Text<'a> {
        self.err_msg
    }

    /// What `errMsg` is made of.
    #[must_use]
    pub fn message(&self) -> Message<'a> {
        Message::parse(self.err_msg)
    }

    /// What tells this call from others: `callID`, or else what stands in `errMsg`.
    #[must_use]
    pub fn call_id(&self) -> Option<Text<'a>> {
        self.call_id.or_else(|| self.message().call_id())
    }

    /// Whether and when to call again: the advice for the innermost code, where a code wraps another.
    #[must_use]
    pub fn retry(&self, method: Method) -> Option<Retry> {
        let code = match self.code {
            // -1 may stand around the code that counts.
            None | Some(ErrorCode::NOT_INITIALISED) => self.message().code().or(self.code),
            code => code,
        };
        code?.retry(method)
    }
}

/// Whether a number is an HTTP status, of which the first digit is the class.
const fn is_status(status: u16) -> bool {
    matches!(status, 100..=999)
}

/// The HTTP status that a number is, if it is one.
pub(crate) fn status(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|status| is_status(*status))
}

#[cfg_attr(target_pointer_width = "64", inline(always))]
fn error_code(cursor: &mut Cursor<'_>) -> Option<ErrorCode> {
    parts::integer(cursor, |code| i32::try_from(code).ok().map(ErrorCode), ErrorKind::InvalidErrorCode)
}

/// The keys of a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Key {
    StatusCode,
    Header,
    Cookies,
    Data,
    NativeBuffers,
    CallId,
    ErrMsg,
    ErrCode,
    Errno,
    Unknown,
}

/// The names of the keys.
static NAMES: Names<9> = Names::new([
    "statusCode\":",
    "header\":",
    "cookies\":",
    "data\":",
    "__nativeBuffers__\":",
    "callID\":",
    "errMsg\":",
    "errCode\":",
    "errno\":",
]);

impl Key {
    /// Length of the longest name, with its closing quote and a colon behind it.
    pub(crate) const LONGEST: usize = NAMES.longest();

    /// The key whose name this is, with its closing quote and a colon behind it.
    pub(crate) fn lookup(name: &[u8]) -> Self {
        Self::at(NAMES.find(name))
    }

    /// Reads a name whose opening quote has been read, and its colon.
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>) -> Self {
        Self::at(NAMES.read(cursor))
    }

    #[inline]
    const fn at(place: usize) -> Self {
        match place {
            0 => Self::StatusCode,
            1 => Self::Header,
            2 => Self::Cookies,
            3 => Self::Data,
            4 => Self::NativeBuffers,
            5 => Self::CallId,
            6 => Self::ErrMsg,
            7 => Self::ErrCode,
            8 => Self::Errno,
            _ => Self::Unknown,
        }
    }
}
