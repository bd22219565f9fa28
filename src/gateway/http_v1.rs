//! The parts of a gateway as types of the crate [`http`](::http), version 1: for hyper, axum, tower and all that is built
//! on them.
//!
//! Knows how the types correspond. The rules are elsewhere.

use super::generated::HttpBytes;
use super::http::{HttpRequest, refuse};
use super::refusal::Refusal;
use super::response::HttpResponse;
use super::service::Identity;
use crate::{ErrorCode, Method, Request, Text};
use ::bytes::{Bytes, BytesMut};
use ::http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use ::http::uri::{PathAndQuery, Uri};

impl HttpRequest<'_> {
    /// Returns the request as one of the crate `http`.
    ///
    /// Whatever stands in the `envelope` that the call was decoded from as it is sent, such as most bodies, targets and
    /// values, is shared with it rather than copied. Everything is copied if the call is from elsewhere, for example
    /// with [`Bytes::new()`].
    ///
    /// The URI is the target, without scheme and authority, and the version HTTP/1.1; among the headers are `Host`,
    /// `Content-Length` and `Connection: close` where the request written as HTTP/1.1 has them. That is what a
    /// connection of HTTP/1.1 wants. A client with a pool of connections wants scheme and authority in the URI too.
    /// HTTP/2 has neither `Host` nor `Connection`; hyper takes the latter out itself.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use callcontainer::Request;
    /// use callcontainer::gateway::{Env, HttpRequest, Permission, Relation};
    ///
    /// let envelope = Bytes::from_static(br#"{"config":{"env":"prod-01"},"path":"/","method":"PUT","data":{"id":7}}"#);
    /// let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
    /// let permission = Permission::new(&env, "shop", Relation::Public);
    /// let call = Request::decode(&envelope)?;
    /// let request = HttpRequest::new(&call, &permission, None, "shop.internal").unwrap().to_http(&envelope).unwrap();
    /// assert_eq!((request.method(), request.uri().path()), (&http::Method::PUT, "/"));
    /// assert_eq!(request.headers()["host"], "shop.internal");
    /// assert_eq!(request.body(), &br#"{"id":7}"#[..]);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::ILLEGAL_PARAMETER`] for a target longer than 65 534 bytes, which the type cannot hold.
    pub fn to_http(&self, envelope: &Bytes) -> Result<::http::Request<Bytes>, Refusal> {
        let mut request = ::http::Request::new(bytes_of(self.body(), envelope));
        *request.method_mut() = method(self.method());
        let target = bytes_of(self.target(), envelope);
        if target.len() > TARGET_LIMIT {
            return Err(refuse(ErrorCode::ILLEGAL_PARAMETER));
        }
        let target = PathAndQuery::from_maybe_shared(target);
        *request.uri_mut() = Uri::from(target.map_err(|_| refuse(ErrorCode::ILLEGAL_PARAMETER))?);
        let headers = request.headers_mut();
        add(headers, HOST, HeaderValue::from_bytes(self.host().trim_matches([' ', '\t']).as_bytes()))?;
        if self.closes_connection() {
            add(headers, CONNECTION, HeaderValue::from_bytes(b"close"))?;
        }
        for (name, value) in self.headers() {
            let value = HeaderValue::from_maybe_shared(text_of(value, envelope));
            match name.as_bytes() {
                Some(name) => add(headers, HeaderName::from_bytes(name).map_err(system_error)?, value)?,
                None => {
                    let name = HeaderName::from_bytes(&text_of(name, envelope)).map_err(system_error)?;
                    add(headers, name, value)?;
                }
            }
        }
        if let Some(length) = self.content_length() {
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            add(headers, CONTENT_LENGTH, Ok::<_, ::http::Error>(HeaderValue::from(length)))?;
        }
        Ok(request)
    }
}

/// The longest target in bytes that a [`Uri`] holds.
const TARGET_LIMIT: usize = 65_534;

impl<'a> HttpResponse<'a, &'a HeaderMap> {
    /// Creates the reply to this call from a response of the crate `http` whose body has been received, as
    /// [`from_parts`](HttpResponse::from_parts) does. An ID that is not a valid `callID` is left out.
    ///
    /// The body has a limit while it is received, for example with `http_body_util::Limited`: no reply is longer than
    /// [`REPLY_LIMIT`](crate::REPLY_LIMIT).
    ///
    /// ```
    /// use callcontainer::Request;
    /// use callcontainer::gateway::HttpResponse;
    ///
    /// let call = Request::new("/").with_env("prod-01").with_call_id("17-0.5");
    /// let response = http::Response::builder().header("x-a", "7").body(r#"{"id": 7}"#)?;
    /// let reply = HttpResponse::from_http(&call, &response, call.call_id())?;
    /// assert_eq!(
    ///     reply.encode(&mut [0; 128])?,
    ///     br#"{"statusCode":200,"header":{"x-a":"7"},"callID":"17-0.5","data":{"id":7}}"#,
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`from_parts`](HttpResponse::from_parts).
    pub fn from_http<B: AsRef<[u8]>>(
        call: &Request<'_>,
        response: &'a ::http::Response<B>,
        call_id: Option<Text<'a>>,
    ) -> Result<Self, Refusal> {
        let (status, headers) = (response.status().as_u16(), response.headers());
        Self::from_parts(call, status, headers, response.body().as_ref(), call_id)
    }
}

impl<'a> Identity<'a> {
    /// Reads the headers of a request of the crate `http`, as [`from_headers`](Identity::from_headers) does.
    ///
    /// ```
    /// use callcontainer::gateway::Identity;
    ///
    /// let request = http::Request::builder().header("x-wx-source", "wx_client").header("x-wx-openid", "o-1").body(())?;
    /// assert_eq!(Identity::from_http(request.headers()).unwrap().user(), Some("o-1"));
    ///
    /// let request = http::Request::builder().header("x-wx-openid", "o-1").body(())?;
    /// assert_eq!(Identity::from_http(request.headers()), None);
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub fn from_http(headers: &'a HeaderMap) -> Option<Self> {
        Self::from_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
    }
}

const fn method(method: Method) -> ::http::Method {
    match method {
        Method::Get => ::http::Method::GET,
        Method::Post => ::http::Method::POST,
        Method::Put => ::http::Method::PUT,
        Method::Delete => ::http::Method::DELETE,
        Method::Options => ::http::Method::OPTIONS,
        Method::Head => ::http::Method::HEAD,
        Method::Trace => ::http::Method::TRACE,
        Method::Connect => ::http::Method::CONNECT,
    }
}

/// Adds a header. What says who may act for the user is marked, so that no compression of headers learns it (RFC 7541,
/// section 7.1.3), and no log shows it.
fn add<E>(headers: &mut HeaderMap, name: HeaderName, value: Result<HeaderValue, E>) -> Result<(), Refusal> {
    let mut value = value.map_err(system_error)?;
    value.set_sensitive(name.as_str().ends_with("-access-token"));
    headers.try_append(name, value).map(drop).map_err(system_error)
}

/// For what cannot happen: all headers have been checked.
fn system_error<E>(_: E) -> Refusal {
    refuse(ErrorCode::CLOUD_SYSTEM_ERROR)
}

fn bytes_of(bytes: HttpBytes<'_>, envelope: &Bytes) -> Bytes {
    if let Some(slice) = bytes.as_slice() {
        return shared(slice, envelope);
    }
    let mut copy = BytesMut::with_capacity(bytes.encoded_len());
    bytes.for_each_chunk(|chunk| copy.extend_from_slice(chunk));
    copy.freeze()
}

fn text_of(text: Text<'_>, envelope: &Bytes) -> Bytes {
    if let Some(slice) = text.as_bytes() {
        return shared(slice, envelope);
    }
    // It has room for all of the text, so nothing is lost.
    let mut copy = BytesMut::zeroed(text.decoded_len());
    let len = text.decode_bytes(&mut copy).map_or(0, <[u8]>::len);
    copy.truncate(len);
    copy.freeze()
}

/// Returns these bytes: shared with the envelope if they are part of it, or else copied.
fn shared(slice: &[u8], envelope: &Bytes) -> Bytes {
    // As `slice_ref`, which panics where this copies.
    let start = slice.as_ptr().addr().checked_sub(envelope.as_ptr().addr());
    let range = start.and_then(|start| Some(start..start.checked_add(slice.len())?));
    match range {
        Some(range) if !slice.is_empty() && range.end <= envelope.len() => envelope.slice(range),
        _ => Bytes::copy_from_slice(slice),
    }
}
