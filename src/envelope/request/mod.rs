//! The request envelope: the call object of `wx.cloud.callContainer` in JSON.

mod decode;
mod encode;

use super::data::Data;
use super::fields::{Choice, Number, TextSlot, keys, slots};
use super::header_names::SERVICE_HEADER;
use super::headers::Headers;
use super::held::{self, Held};
use super::members::{Key as WrittenKey, Members, key};
use super::names::Names;
use super::parameters::{DataType, Method, ResponseType, Timeout};
use super::rules::Rule;
use super::table::request;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::json::sink::Sink;

request!(slots {
    /// A call, as a client builds it and as a gateway receives it.
    ///
    /// ```
    /// use callcontainer::{Method, Request};
    ///
    /// let call = Request::new("/orders")
    ///     .with_env("prod-01")
    ///     .with_service("shop")
    ///     .with_method(Method::Post)
    ///     .with_data("two apples".into());
    ///
    /// let mut buffer = [0; 256];
    /// let envelope = call.encode(&mut buffer)?;
    /// let received = Request::decode(envelope)?;
    /// assert_eq!(received.path(), "/orders");
    /// assert_eq!(received.service().unwrap(), "shop");
    /// assert_eq!(received.data(), "two apples".into());
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    #[derive(Clone, Copy, Debug)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub struct Request {
        env: Option<Text<'a>>,
        path: Text<'a>,
        service: Option<Text<'a>>,
        headers: Headers<'a>,
        data: Held<'a>,
    }
});

impl<'a> Request<'a> {
    /// Creates a `GET` of this path, with everything else at its default. It lacks an environment: use
    /// [`with_env`](Request::with_env) or [`with_resource`](Request::with_resource).
    ///
    /// The path begins with `/` and may contain a query.
    #[must_use]
    pub fn new(path: impl Into<Text<'a>>) -> Self {
        Self::bare(None, path.into(), None, Headers::EMPTY, held::own(Data::None))
    }

    /// Sets a body that is not written into an envelope.
    #[cfg(feature = "client")]
    #[must_use]
    pub(crate) const fn with_unwritten(mut self, data: Data<'a>) -> Self {
        *held::slot(&mut self.data) = data;
        self
    }

    /// Sets `config.env`: the ID of the environment.
    #[must_use]
    pub fn with_env(mut self, env: impl Into<Text<'a>>) -> Self {
        self.env = Some(env.into());
        self
    }

    /// Sets `resourceAppid` and `resourceEnv`: resource reuse, the environment of another app.
    #[must_use]
    pub fn with_resource(self, appid: impl Into<Text<'a>>, env: impl Into<Text<'a>>) -> Self {
        self.with_resource_appid(appid).with_resource_env(env)
    }

    /// Sets `resourceAppid`: the appid that owns the environment.
    #[must_use]
    pub fn with_resource_appid(mut self, appid: impl Into<Text<'a>>) -> Self {
        self.resource_appid = Some(appid.into());
        self
    }

    /// Sets `resourceEnv`: the environment, unless `config.env` names another.
    #[must_use]
    pub fn with_resource_env(mut self, env: impl Into<Text<'a>>) -> Self {
        self.resource_env = Some(env.into());
        self
    }

    /// Sets the service; the header `X-WX-SERVICE` is equivalent.
    #[must_use]
    pub fn with_service(mut self, service: impl Into<Text<'a>>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Sets the method.
    #[must_use]
    pub const fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Replaces the headers: with those of an envelope, or with pairs of name and value.
    #[must_use]
    pub fn with_headers(mut self, headers: impl Into<Headers<'a>>) -> Self {
        self.headers = headers.into();
        self
    }

    /// Sets the body.
    #[must_use]
    pub const fn with_data(mut self, data: Data<'a>) -> Self {
        self.data = held::own(data);
        self
    }

    /// Returns the effective service of a decoded request, without looking for the header.
    #[cfg(feature = "c")]
    #[doc(hidden)]
    #[must_use]
    pub const fn decoded_service(&self) -> Option<Text<'a>> {
        self.service
    }

    /// Sets the timeout: that of an envelope, or in milliseconds, at most [`TIMEOUT_LIMIT`](crate::TIMEOUT_LIMIT); 0
    /// means none.
    #[must_use]
    pub fn with_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets the `dataType`.
    #[must_use]
    pub const fn with_data_type(mut self, data_type: DataType<'a>) -> Self {
        self.data_type = data_type;
        self
    }

    /// Sets the `responseType`.
    #[must_use]
    pub const fn with_response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// Sets the `callID`, which the reply repeats.
    #[must_use]
    pub fn with_call_id(mut self, call_id: impl Into<Text<'a>>) -> Self {
        self.call_id = Some(call_id.into());
        self
    }

    /// Returns `config.env`: the ID of the environment.
    #[must_use]
    pub const fn env(&self) -> Option<Text<'a>> {
        self.env
    }

    /// Returns `resourceAppid`: the appid that owns the environment, under resource reuse.
    #[must_use]
    pub const fn resource_appid(&self) -> Option<Text<'a>> {
        self.resource_appid
    }

    /// Returns `resourceEnv`: the ID of the environment, under resource reuse.
    #[must_use]
    pub const fn resource_env(&self) -> Option<Text<'a>> {
        self.resource_env
    }

    /// Returns the effective environment: `config.env`, or else `resourceEnv`. A decoded request has one.
    #[must_use]
    pub const fn target_env(&self) -> Option<Text<'a>> {
        match self.env {
            None => self.resource_env,
            env => env,
        }
    }

    /// Returns the path, with its query if it has one.
    #[must_use]
    pub const fn path(&self) -> Text<'a> {
        self.path
    }

    /// Returns the effective service: that of `service`, or of the header `X-WX-SERVICE`.
    #[must_use]
    pub fn service(&self) -> Option<Text<'a>> {
        self.service.or_else(|| self.headers.get(SERVICE_HEADER))
    }

    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Returns the headers as they are set.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// Returns the header `content-type`, or `application/json` if it is not set.
    #[must_use]
    pub fn content_type(&self) -> Text<'a> {
        self.headers.get("content-type").unwrap_or(Text::new("application/json"))
    }

    /// Returns the body.
    #[must_use]
    pub const fn data(&self) -> Data<'a> {
        held::data(&self.data)
    }

    /// Returns how long the call may take.
    #[must_use]
    pub const fn timeout(&self) -> Timeout {
        self.timeout
    }

    /// Returns how the text that the service returns is processed.
    #[must_use]
    pub const fn data_type(&self) -> DataType<'a> {
        self.data_type
    }

    /// Returns how the bytes that the service returns are passed on.
    #[must_use]
    pub const fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// Returns `callID`, which distinguishes this call from others.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }
}

impl PartialEq for Request<'_> {
    /// Compares the results of all getters. A service that is named in `service` and in the header `X-WX-SERVICE` is
    /// the same as one that is named only in the header.
    fn eq(&self, other: &Self) -> bool {
        macro_rules! slots_say_same {
            ($($key:ident $name:literal
                $(Text($rule:ident) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
                $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
                true $($($(&& self.$slot.member() == other.$slot.member())?)? $($(&& self.$value == other.$value)?)?)*
            };
        }
        self.env == other.env
            && self.path == other.path
            && self.service() == other.service()
            && self.headers == other.headers
            && self.data() == other.data()
            && request!(slots_say_same)
    }
}

impl Eq for Request<'_> {}

request!(keys);

/// The parts of a request that the C interface fills in: `config.env`, `resourceAppid`, `resourceEnv`, `service`, `callID`,
/// and the others by name.
#[cfg(feature = "c")]
#[doc(hidden)]
#[allow(missing_docs, reason = "they are those of the request")]
#[allow(missing_debug_implementations, reason = "it is taken apart at once")]
pub struct RequestParts<'r, 'a> {
    pub texts: [&'r mut Option<Text<'a>>; 5],
    pub path: &'r mut Text<'a>,
    pub data_type: &'r mut DataType<'a>,
    pub headers: &'r mut Headers<'a>,
    pub method: &'r mut Method,
    pub response_type: &'r mut ResponseType,
    pub timeout: &'r mut Timeout,
    data: &'r mut Held<'a>,
}

#[cfg(feature = "c")]
#[doc(hidden)]
impl<'a> RequestParts<'_, 'a> {
    /// Sets data, and what alone writes them, so that no code for other data is linked.
    pub const fn set_data(&mut self, data: Data<'a>, find: held::Find) {
        *self.data = Held::new(data, find);
    }
}

#[cfg(feature = "c")]
#[doc(hidden)]
impl<'a> Request<'a> {
    /// Creates an empty request, whose data are not written.
    #[inline]
    #[must_use]
    pub fn unwritten() -> Self {
        Self::bare(None, Text::new(""), None, Headers::EMPTY, Held::new(Data::None, held::Means::of_none))
    }

    /// Returns the parts, to be filled in place.
    #[inline(always)]
    pub const fn parts_mut(&mut self) -> RequestParts<'_, 'a> {
        RequestParts {
            texts: [
                &mut self.env,
                &mut self.resource_appid,
                &mut self.resource_env,
                &mut self.service,
                &mut self.call_id,
            ],
            path: &mut self.path,
            data_type: &mut self.data_type,
            headers: &mut self.headers,
            method: &mut self.method,
            response_type: &mut self.response_type,
            timeout: &mut self.timeout,
            data: &mut self.data,
        }
    }
}

/// Returns what a request lacks, if anything.
pub(crate) const fn missing(has_env: bool, has_path: bool) -> Option<ErrorKind> {
    if !has_env {
        Some(ErrorKind::MissingEnv)
    } else if !has_path {
        Some(ErrorKind::MissingPath)
    } else {
        None
    }
}
