//! The request envelope: the call object of `wx.cloud.callContainer` in JSON.

use super::data::{BodyKind, Data};
use super::headers::{Headers, SERVICE_HEADER};
use super::layout::{self, Layout};
use super::members::{Key as WrittenKey, Members, key};
use super::names::Names;
use super::parameters::{DataType, Method, ResponseType, Timeout};
use super::parts::{self, Seen, agree};
use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::limits::{REQUEST_LIMIT, TIMEOUT_LIMIT};

/// A call: what a client fills in is what a gateway gets back.
///
/// ```
/// use callcontainer::{Method, Request};
///
/// const CALL: Request<'_> = Request::new("/orders")
///     .with_env("prod-01")
///     .with_service("shop")
///     .with_method(Method::Post);
///
/// let mut buffer = [0; 256];
/// let envelope = CALL.with_data("two apples".into()).encode(&mut buffer)?;
/// let received = Request::decode(envelope)?;
/// assert_eq!(received.path(), "/orders");
/// assert_eq!(received.service().unwrap(), "shop");
/// assert_eq!(received.data(), "two apples".into());
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request<'a> {
    env: Option<Text<'a>>,
    resource_appid: Option<Text<'a>>,
    resource_env: Option<Text<'a>>,
    path: Text<'a>,
    service: Option<Text<'a>>,
    method: Method,
    headers: Headers<'a>,
    data: Data<'a>,
    timeout: Timeout,
    data_type: DataType<'a>,
    response_type: ResponseType,
    call_id: Option<Text<'a>>,
}

impl<'a> Request<'a> {
    /// A `GET` of this path, with everything else at its default. It lacks an environment: say
    /// [`with_env`](Request::with_env) or [`with_resource`](Request::with_resource).
    ///
    /// The path begins with `/` and may carry a query.
    #[must_use]
    pub const fn new(path: &'a str) -> Self {
        Self {
            env: None,
            resource_appid: None,
            resource_env: None,
            path: Text::new(path),
            service: None,
            method: Method::Get,
            headers: Headers::EMPTY,
            data: Data::None,
            timeout: Timeout::NotSet,
            data_type: DataType::Json,
            response_type: ResponseType::Text,
            call_id: None,
        }
    }

    /// With this `config.env`: the ID of the environment.
    #[must_use]
    pub const fn with_env(mut self, env: &'a str) -> Self {
        self.env = Some(Text::new(env));
        self
    }

    /// With these `resourceAppid` and `resourceEnv`: resource reuse, the environment of another app.
    #[must_use]
    pub const fn with_resource(self, appid: &'a str, env: &'a str) -> Self {
        self.with_resource_appid(appid).with_resource_env(env)
    }

    /// With this `resourceAppid`: the appid that owns the environment.
    #[must_use]
    pub const fn with_resource_appid(mut self, appid: &'a str) -> Self {
        self.resource_appid = Some(Text::new(appid));
        self
    }

    /// With this `resourceEnv`: the environment, where `config.env` does not say another.
    #[must_use]
    pub const fn with_resource_env(mut self, env: &'a str) -> Self {
        self.resource_env = Some(Text::new(env));
        self
    }

    /// With this service; the header `X-WX-SERVICE` says the same.
    #[must_use]
    pub const fn with_service(mut self, service: &'a str) -> Self {
        self.service = Some(Text::new(service));
        self
    }

    /// With this method.
    #[must_use]
    pub const fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// With these headers as pairs of name and value, instead of those before.
    #[must_use]
    pub const fn with_headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = Headers::new(headers);
        self
    }

    /// With this body.
    #[must_use]
    pub const fn with_data(mut self, data: Data<'a>) -> Self {
        self.data = data;
        self
    }

    /// With this timeout in milliseconds, at most [`TIMEOUT_LIMIT`]; 0 is none.
    #[must_use]
    pub const fn with_timeout(mut self, milliseconds: u32) -> Self {
        self.timeout = Timeout::of(milliseconds);
        self
    }

    /// With this `dataType`.
    #[must_use]
    pub const fn with_data_type(mut self, data_type: DataType<'a>) -> Self {
        self.data_type = data_type;
        self
    }

    /// With this `responseType`.
    #[must_use]
    pub const fn with_response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// With this `callID`, which the reply repeats.
    #[must_use]
    pub const fn with_call_id(mut self, call_id: &'a str) -> Self {
        self.call_id = Some(Text::new(call_id));
        self
    }

    #[cfg(feature = "client")]
    pub(crate) const fn with_call_text(mut self, call_id: Text<'a>) -> Self {
        self.call_id = Some(call_id);
        self
    }

    /// `config.env`: the ID of the environment.
    #[must_use]
    pub const fn env(&self) -> Option<Text<'a>> {
        self.env
    }

    /// `resourceAppid`: the appid that owns the environment, under resource reuse.
    #[must_use]
    pub const fn resource_appid(&self) -> Option<Text<'a>> {
        self.resource_appid
    }

    /// `resourceEnv`: the ID of the environment, under resource reuse.
    #[must_use]
    pub const fn resource_env(&self) -> Option<Text<'a>> {
        self.resource_env
    }

    /// The environment in force: `config.env`, or else `resourceEnv`. A decoded request has one.
    #[must_use]
    pub const fn environment(&self) -> Option<Text<'a>> {
        match self.env {
            None => self.resource_env,
            env => env,
        }
    }

    /// The path, with its query if it has one.
    #[must_use]
    pub const fn path(&self) -> Text<'a> {
        self.path
    }

    /// The service in force: that of `service`, or of the header `X-WX-SERVICE`.
    #[must_use]
    pub fn service(&self) -> Option<Text<'a>> {
        self.service.or_else(|| self.headers.get(SERVICE_HEADER))
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The headers as they are set.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// The header `content-type`, `application/json` when it is not set.
    #[must_use]
    pub fn content_type(&self) -> Text<'a> {
        self.headers.get("content-type").unwrap_or(Text::new("application/json"))
    }

    /// The body.
    #[must_use]
    pub const fn data(&self) -> Data<'a> {
        self.data
    }

    /// How long the call may take.
    #[must_use]
    pub const fn timeout(&self) -> Timeout {
        self.timeout
    }

    /// What is to become of the text that the service returns.
    #[must_use]
    pub const fn data_type(&self) -> DataType<'a> {
        self.data_type
    }

    /// How the bytes that the service returns are handed over.
    #[must_use]
    pub const fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// `callID`: what tells this call from others.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// Decodes an envelope of at most [`REQUEST_LIMIT`] bytes, borrowing from it.
    ///
    /// # Errors
    /// [`ErrorKind::RequestTooLarge`] before anything is looked at; otherwise the first thing that is wrong, from the
    /// first byte to the last.
    pub fn decode(envelope: &'a [u8]) -> Result<Self, Error> {
        Self::decode_within(envelope, REQUEST_LIMIT)
    }

    /// The same with a limit of `N` bytes, which does not compile when it is over [`REQUEST_LIMIT`].
    ///
    /// # Errors
    /// As for [`decode`](Request::decode).
    pub fn decode_bounded<const N: usize>(envelope: &'a [u8]) -> Result<Self, Error> {
        const { crate::limits::assert_request_limit(N) }
        Self::decode_within(envelope, N)
    }

    /// The same with a limit that is known at run time; one over [`REQUEST_LIMIT`] counts as that.
    ///
    /// # Errors
    /// As for [`decode`](Request::decode).
    pub fn decode_within(envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        let limit = limit.min(REQUEST_LIMIT);
        let mut cursor = Cursor::new(envelope);
        if envelope.len() > limit {
            cursor.fail(ErrorKind::RequestTooLarge, limit);
        }
        let mut request = Self::new("");
        cursor.expect(b'{');
        let mut seen = Seen::default();
        let mut service_header = None;
        let mut first = true;
        while cursor.next_name(first) {
            first = false;
            let at = cursor.offset().wrapping_sub(1);
            let key = Key::read(&mut cursor);
            if key != Key::Unknown && !seen.add(key as u32) {
                cursor.fail_before(ErrorKind::DuplicateKey, at);
            }
            match key {
                Key::Config => request.env = config(&mut cursor),
                Key::Service => {
                    cursor.peek();
                    let at = cursor.offset();
                    request.service = Some(parts::text(&mut cursor, Rule::Name));
                    agree(&mut cursor, request.service, service_header, at);
                }
                Key::Path => request.path = parts::text(&mut cursor, Rule::Path),
                Key::ResourceAppid | Key::ResourceEnv | Key::DataType | Key::CallId => {
                    let text = parts::text(&mut cursor, Rule::Name);
                    match key {
                        Key::ResourceAppid => request.resource_appid = Some(text),
                        Key::ResourceEnv => request.resource_env = Some(text),
                        Key::DataType => request.data_type = DataType::from(text),
                        _ => request.call_id = Some(text),
                    }
                }
                Key::Method => {
                    let method = parts::name(&mut cursor, Method::from_text, ErrorKind::InvalidMethod);
                    request.method = method.unwrap_or_default();
                }
                Key::Header => {
                    request.headers = parts::headers(&mut cursor, true, request.service, &mut service_header);
                }
                Key::Data => {
                    if matches!(request.data, Data::Bytes(_)) {
                        cursor.fail_before(ErrorKind::DataConflict, at);
                    }
                    request.data = parts::data(&mut cursor);
                }
                Key::NativeBuffers => {
                    if let Some(bytes) =
                        cursor.apart(|cursor| parts::native_buffers(cursor, seen.has(Key::Data as u32)))
                    {
                        request.data = Data::Bytes(bytes);
                    }
                }
                Key::Timeout => {
                    let timeout = parts::integer(&mut cursor, Timeout::decoded, ErrorKind::InvalidTimeout);
                    request.timeout = timeout.unwrap_or_default();
                }
                Key::ResponseType => {
                    let kind = parts::name(&mut cursor, ResponseType::from_text, ErrorKind::InvalidResponseType);
                    request.response_type = kind.unwrap_or_default();
                }
                Key::Unknown => {
                    cursor.value(1);
                }
            }
        }
        let bracket = cursor.offset().wrapping_sub(1);
        if request.environment().is_none() {
            cursor.fail(ErrorKind::MissingEnv, bracket);
        }
        if !seen.has(Key::Path as u32) {
            cursor.fail(ErrorKind::MissingPath, bracket);
        }
        cursor.end();
        request.service = request.service.or(service_header);
        cursor.result()?;
        Ok(request)
    }

    /// The exact number of bytes that [`encode`](Request::encode) writes.
    ///
    /// # Errors
    /// As for [`encode`](Request::encode), but for the buffer.
    pub fn encoded_len(&self) -> Result<usize, Error> {
        self.check()?;
        let mut sink = SliceSink::default();
        self.put(&mut sink, self.service_header());
        sink.len_within(REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Writes the envelope into `buffer` and returns what was written: the same bytes every time, and never a newline.
    ///
    /// # Errors
    /// What a decoder would refuse, of the same kind: a missing environment, a path, name or header that is not legal,
    /// more than [`REQUEST_LIMIT`] bytes; [`ErrorKind::TimeoutTooLong`]; [`ErrorKind::BufferTooSmall`]. The buffer then
    /// holds nothing of use.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        let service_header = self.service_header();
        let names = self.put(&mut sink, service_header);
        self.check_more(names, service_header)?;
        sink.finish_within(REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Checks what decoding would check.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_more(false, self.service_header())
    }

    /// Checks what decoding would check, where it may be known that all strings which [`put`](Request::put) writes
    /// before the body keep the rule of a name, and need no escape.
    fn check_more(&self, names: bool, service_header: Option<Text<'a>>) -> Result<(), Error> {
        // A service that the header names too is not written.
        if !names || service_header.is_some() {
            self.check_names()?;
        }
        if self.environment().is_none() {
            return Err(Error::new(ErrorKind::MissingEnv, 0));
        }
        Rule::Path.check_more(self.path, names)?;
        self.headers.check(true, names)?;
        // Where both places name a service, they name the same.
        if service_header.is_some() && service_header != self.service {
            return Err(Error::new(ErrorKind::ServiceConflict, 0));
        }
        match self.timeout {
            Timeout::Milliseconds(TIMEOUT_OVER..) => Err(Error::new(ErrorKind::TimeoutTooLong, 0)),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn check_names(&self) -> Result<(), Error> {
        let data_type = match self.data_type {
            DataType::Json => None,
            DataType::Other(data_type) => Some(data_type),
        };
        let names = [&self.env, &self.resource_appid, &self.resource_env, &self.service, &self.call_id, &data_type];
        names.into_iter().flatten().try_for_each(|name| Rule::Name.check_text(*name))
    }

    /// What the header that names the service says, where the member `service` could say it, too.
    pub(super) fn service_header(&self) -> Option<Text<'a>> {
        self.service.and_then(|_| self.headers.get(SERVICE_HEADER))
    }

    /// What the member `service` says: nothing where the header says it.
    pub(crate) fn service_member(&self) -> Option<Text<'a>> {
        self.service.filter(|_| self.service_header().is_none())
    }

    /// Writes the members in their fixed order, the body last, and says whether all strings before that are known to keep
    /// the rule of a name, and to need no escape.
    pub(super) fn put(&self, sink: &mut impl Sink, service_header: Option<Text<'_>>) -> bool {
        let mut members = Members::new();
        self.put_head(sink, &mut members, service_header);
        let names = members.are_names();
        self.data.put(sink, &mut members);
        members.end(sink);
        names
    }

    /// Writes all members but the body.
    fn put_head(&self, sink: &mut impl Sink, members: &mut Members, service_header: Option<Text<'_>>) {
        if let Some(env) = &self.env {
            members.string(sink, const { &WrittenKey::new("\"config\":{\"env\":") }, env);
            sink.put(b"}");
        }
        members.string_if(sink, key!("resourceAppid"), self.resource_appid.as_ref());
        members.string_if(sink, key!("resourceEnv"), self.resource_env.as_ref());
        members.string(sink, key!("path"), &self.path);
        if service_header.is_none() {
            members.string_if(sink, key!("service"), self.service.as_ref());
        }
        if self.method != Method::default() {
            members.string(sink, key!("method"), &Text::new(self.method.as_str()));
        }
        self.headers.put(sink, members);
        if let Some(milliseconds) = self.timeout.milliseconds() {
            members.integer(sink, key!("timeout"), milliseconds.cast_signed());
        }
        members.string_if(sink, key!("dataType"), self.data_type.member().as_ref());
        if self.response_type != ResponseType::default() {
            members.string(sink, key!("responseType"), &Text::new(self.response_type.as_str()));
        }
        members.string_if(sink, key!("callID"), self.call_id.as_ref());
    }
}

impl Layout for Request<'_> {
    fn has_data(&self) -> bool {
        !matches!(self.data, Data::None)
    }

    fn put(&self, window: &mut Window<'_>, body: Option<BodyKind>) {
        let mut members = Members::new();
        self.put_head(window, &mut members, self.service_header());
        layout::put_body(window, &mut members, self.data, body);
        members.end(window);
    }
}

/// The least timeout that is too long.
const TIMEOUT_OVER: u32 = TIMEOUT_LIMIT + 1;

impl PartialEq for Request<'_> {
    /// Whether all getters give the same. A service that is named in `service` and in the header `X-WX-SERVICE` is the
    /// same as one that is named in the header alone.
    fn eq(&self, other: &Self) -> bool {
        self.env == other.env
            && self.resource_appid == other.resource_appid
            && self.resource_env == other.resource_env
            && self.path == other.path
            && self.service() == other.service()
            && self.method == other.method
            && self.headers == other.headers
            && self.data == other.data
            && self.timeout == other.timeout
            && self.data_type.as_text() == other.data_type.as_text()
            && self.response_type == other.response_type
            && self.call_id == other.call_id
    }
}

impl Eq for Request<'_> {}

/// The keys of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Key {
    Config,
    ResourceAppid,
    ResourceEnv,
    Path,
    Service,
    Method,
    Header,
    Data,
    DataType,
    NativeBuffers,
    Timeout,
    ResponseType,
    CallId,
    Unknown,
}

/// The names of the keys.
static NAMES: Names<13> = Names::new([
    "config\":",
    "resourceAppid\":",
    "resourceEnv\":",
    "path\":",
    "service\":",
    "method\":",
    "header\":",
    "data\":",
    "dataType\":",
    "__nativeBuffers__\":",
    "timeout\":",
    "responseType\":",
    "callID\":",
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
            0 => Self::Config,
            1 => Self::ResourceAppid,
            2 => Self::ResourceEnv,
            3 => Self::Path,
            4 => Self::Service,
            5 => Self::Method,
            6 => Self::Header,
            7 => Self::Data,
            8 => Self::DataType,
            9 => Self::NativeBuffers,
            10 => Self::Timeout,
            11 => Self::ResponseType,
            12 => Self::CallId,
            _ => Self::Unknown,
        }
    }
}

/// The names of the keys of `config`.
static CONFIG_KEYS: Names<1> = Names::new(["env\":"]);

/// The object `config`: its `env`, if it has one.
fn config<'a>(cursor: &mut Cursor<'a>) -> Option<Text<'a>> {
    cursor.expect(b'{');
    let mut env = None;
    let mut first = true;
    while cursor.next_name(first) {
        first = false;
        let at = cursor.offset().wrapping_sub(1);
        let is_env = CONFIG_KEYS.read(cursor) == 0;
        if is_env && env.is_some() {
            cursor.fail_before(ErrorKind::DuplicateKey, at);
        }
        if is_env {
            env = Some(parts::text(cursor, Rule::Name));
        } else {
            cursor.value(2);
        }
    }
    env
}
