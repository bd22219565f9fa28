//! The response of a service.

use super::key::Key;
use crate::envelope::cookies::Cookies;
use crate::envelope::data::Data;
use crate::envelope::fields::{TextSlot, slots};
use crate::envelope::headers::Headers;
use crate::envelope::members::Members;
use crate::envelope::table::reply;
use crate::error::Error;
use crate::json::Text;
use crate::json::sink::Sink;

/// The `errMsg` of every success.
const OK: Text<'static> = Text::new("cloud.callContainer:ok");

reply!(slots {
    /// The response of the service.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub struct Response {
        status: u16,
        headers: Headers<'a>,
        cookies: Cookies<'a>,
        data: Data<'a>,
        err_msg: Text<'a>,
    }
});

impl<'a> Response<'a> {
    /// Creates a response with this HTTP status, from 100 to 999, and nothing else.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self::bare(status, Headers::EMPTY, Cookies::EMPTY, Data::None, OK)
    }

    /// Replaces the headers: with those of an envelope, or with pairs of name and value.
    #[must_use]
    pub fn with_headers(mut self, headers: impl Into<Headers<'a>>) -> Self {
        self.headers = headers.into();
        self
    }

    /// Replaces the cookies: with those of an envelope, or with one text for each `Set-Cookie`.
    #[must_use]
    pub fn with_cookies(mut self, cookies: impl Into<Cookies<'a>>) -> Self {
        self.cookies = cookies.into();
        self
    }

    /// Sets the body.
    #[must_use]
    pub const fn with_data(mut self, data: Data<'a>) -> Self {
        self.data = data;
        self
    }

    /// Sets the `callID`: that of the call. A client on a line refuses a reply without it.
    ///
    /// ```
    /// use callcontainer::{Reply, Request, Response};
    ///
    /// let request = Request::decode(br#"{"config":{"env":"prod-01"},"path":"/","callID":"17\u002d0.5"}"#)?;
    /// let mut response = Response::new(204);
    /// if let Some(call_id) = request.call_id() {
    ///     response = response.with_call_id(call_id);
    /// }
    /// let mut buffer = [0; 64];
    /// let envelope = Reply::from(response).encode(&mut buffer)?;
    /// assert_eq!(envelope, br#"{"statusCode":204,"callID":"17-0.5"}"#);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    #[must_use]
    pub fn with_call_id(mut self, call_id: impl Into<Text<'a>>) -> Self {
        self.call_id = Some(call_id.into());
        self
    }

    /// Replaces the `errMsg`, which is `cloud.callContainer:ok` by default.
    #[must_use]
    pub fn with_err_msg(mut self, err_msg: impl Into<Text<'a>>) -> Self {
        self.err_msg = err_msg.into();
        self
    }

    /// Returns `statusCode`: the HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers that the service set.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// Returns the cookies that the service set.
    #[must_use]
    pub const fn cookies(&self) -> Cookies<'a> {
        self.cookies
    }

    /// Returns the body.
    #[must_use]
    pub const fn data(&self) -> Data<'a> {
        self.data
    }

    /// Returns `callID`, which distinguishes this call from others.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// Returns `errMsg`, or `cloud.callContainer:ok` if it is not given.
    #[must_use]
    pub const fn err_msg(&self) -> Text<'a> {
        self.err_msg
    }

    /// Returns the value of the member `errMsg`: nothing if it is that of every success.
    pub(crate) fn err_msg_member(&self) -> Option<Text<'a>> {
        Some(self.err_msg).filter(|_| !self.is_ok())
    }

    /// Returns whether `errMsg` is that of every success.
    #[inline]
    pub(super) fn is_ok(&self) -> bool {
        self.err_msg.as_bytes().map_or_else(|| self.err_msg == OK, |err_msg| err_msg == OK.as_raw())
    }
}
