//! The answer of a service.

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
    /// The answer of the service.
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
    /// An answer with this HTTP status, from 100 to 999, and nothing else.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self::bare(status, Headers::EMPTY, Cookies::EMPTY, Data::None, OK)
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
    pub(super) fn is_ok(&self) -> bool {
        self.err_msg.as_bytes().map_or_else(|| self.err_msg == OK, |err_msg| err_msg == OK.as_raw())
    }
}
