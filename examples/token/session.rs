//! A device that is signed in at the platform: tokens of its own, in memory of a known size, renewed in time.
//!
//! It knows which token is good until when. It must never show one.
//!
//! From the platform's documentation of its HTTP API, docs.cloudbase.net/http-api/auth:
//!
//! - `auth-sign-in-anonymously`: `POST /auth/v1/signin/anonymously` with the header `x-device-id`, chosen at random once
//!   and kept, since there is one user for each. The environment must permit it. The answer has `access_token`, at most
//!   4096 characters, `expires_in` in seconds, and `refresh_token`, though its example has none.
//! - `auth-grant-token`: `POST /auth/v1/token` with `grant_type` and `refresh_token`. The answer has the same members. The
//!   old refresh token ends at once. One has at most 128 characters, but that of the example has more, so there is room.
//! - Both are on the host of the open HTTP API, and a `client_id` may be left out: it is the environment.

use std::fmt;

use callcontainer::client::{CallError, Cloud, Framing, ResponseError};
use callcontainer::embedded_io::{Read, Write};
use callcontainer::{Failure, Method, Reply, Request};
use serde::{Deserialize, Serialize};

/// Bytes of the window that calls go out and come in through.
const WINDOW: usize = 512;

/// How long before its end a token is renewed, at most, in seconds: longer than a call, and than clocks drift apart.
const EARLY: u32 = 60;

/// A token, which no log shows.
#[derive(Default)]
pub struct Secret<const N: usize>(heapless::String<N>);

impl<const N: usize> Secret<N> {
    /// Keeps a token, if there is room for it.
    pub fn new(token: &str) -> Option<Self> {
        heapless::String::try_from(token).ok().map(Self)
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(feature = "defmt")]
impl<const N: usize> defmt::Format for Secret<N> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        defmt::write!(fmt, "Secret(..)");
    }
}

/// What gives tokens.
#[derive(Serialize)]
#[serde(untagged)]
enum Grant<'a> {
    SignIn {},
    Refresh { grant_type: &'static str, refresh_token: &'a str },
}

/// What is given.
#[derive(Deserialize)]
struct Granted<'a> {
    access_token: &'a str,
    expires_in: u32,
    refresh_token: Option<&'a str>,
}

/// Why a call has no reply, over a connection with errors `E`.
#[derive(Debug)]
pub enum Trouble<E> {
    Connect(E),
    /// The call that was asked for, or the one for a token.
    Call(CallError<E>),
    /// There is no new token, with this HTTP status.
    SignIn(u16),
    /// A token is longer than documented.
    TooLong,
}

impl<E: fmt::Debug> fmt::Display for Trouble<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "no connection: {error:?}"),
            Self::Call(error) => error.fmt(f),
            Self::SignIn(status) => write!(f, "no token, HTTP status {status}"),
            Self::TooLong => f.write_str("a token that is too long"),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for Trouble<E> {}

impl<E> From<callcontainer::Error> for Trouble<E> {
    fn from(error: callcontainer::Error) -> Self {
        Self::Call(CallError::Request(error))
    }
}

/// Calls to one service, with the tokens that they need.
#[derive(Debug)]
pub struct Session<'a> {
    host: &'a str,
    service: &'a str,
    device: &'a str,
    access: Secret<4096>,
    refresh: Secret<512>,
    /// When the access token is to be renewed, on the clock of whoever calls.
    renewal: u64,
}

impl<'a> Session<'a> {
    /// Nobody is signed in yet. `host` is that of the open HTTP API, `device` the device's own ID.
    pub fn new(host: &'a str, service: &'a str, device: &'a str) -> Self {
        Self { host, service, device, access: Secret::default(), refresh: Secret::default(), renewal: 0 }
    }

    /// Calls the service and hands the reply to `take`. Before that, gets a token if there is none that lasts, and once
    /// more if it is refused. `now` is the time in seconds, on a clock that only goes forward; `connect` opens a connection
    /// to the host, for every request a new one.
    ///
    /// The buffer must have room for the answer with the tokens: 8 KiB are enough.
    ///
    /// # Errors
    /// What is in the way of the call. The tokens are kept for the next one, unless they were refused.
    pub fn call<C: Read + Write, T>(
        &mut self,
        now: u64,
        mut connect: impl FnMut() -> Result<C, C::Error>,
        request: &Request<'_>,
        buffer: &mut [u8],
        take: impl FnOnce(Reply<'_>) -> T,
    ) -> Result<T, Trouble<C::Error>> {
        let mut is_renewed = false;
        loop {
            if self.access.0.is_empty() || now >= self.renewal {
                self.renew(now, &mut connect, buffer)?;
                is_renewed = true;
            }
            let mut cloud = Cloud::<_, WINDOW>::new(now);
            let socket = connect().map_err(Trouble::Connect)?;
            cloud.init(socket, Framing::open_api(self.host, self.service, &self.access.0)?);
            match cloud.call(request, buffer).map_err(Trouble::Call)? {
                // It has ended before its time. One that has only just been given will not get better.
                Reply::Failure(failure) if is_refused(&failure) && !is_renewed => self.access.0.clear(),
                reply => return Ok(take(reply)),
            }
        }
    }

    /// Gets an access token: for the refresh token if there is one, or else by signing in.
    fn renew<C: Read + Write>(
        &mut self,
        now: u64,
        connect: &mut impl FnMut() -> Result<C, C::Error>,
        buffer: &mut [u8],
    ) -> Result<(), Trouble<C::Error>> {
        if !self.refresh.0.is_empty() {
            match self.get(now, connect, "/auth/v1/token", buffer) {
                // It has ended, or was used before and the answer got lost. Nobody documents the status of that, and whoever
                // signs in again with the same ID is the same user.
                Err(Trouble::SignIn(status)) if status != 429 => self.refresh.0.clear(),
                result => return result,
            }
        }
        self.get(now, connect, "/auth/v1/signin/anonymously", buffer)
    }

    /// Asks for tokens, and keeps them.
    fn get<C: Read + Write>(
        &mut self,
        now: u64,
        connect: &mut impl FnMut() -> Result<C, C::Error>,
        path: &str,
        buffer: &mut [u8],
    ) -> Result<(), Trouble<C::Error>> {
        let grant = match self.refresh.0.as_str() {
            "" => Grant::SignIn {},
            refresh_token => Grant::Refresh { grant_type: "refresh_token", refresh_token },
        };
        let headers = [("x-device-id", self.device)];
        let request = Request::new(path).with_method(Method::Post).with_headers(&headers);
        let mut cloud = Cloud::<_, WINDOW>::new(now);
        cloud.init(connect().map_err(Trouble::Connect)?, Framing::domain(self.host)?);
        // For the JSON that is sent: the longest refresh token, and what is around it.
        let mut scratch = [0; 1024];
        let granted: Granted<'_> = match cloud.call_typed(&request, &grant, buffer, &mut scratch) {
            Ok((granted, response)) if response.status() == 200 => granted,
            Ok((_, response)) => return Err(Trouble::SignIn(response.status())),
            Err(ResponseError::Data(status, _)) => return Err(Trouble::SignIn(status)),
            Err(ResponseError::Call(error)) => return Err(Trouble::Call(error)),
            // Neither has a cause here: a domain has no failures, and there is room for what is sent.
            Err(_) => return Err(Trouble::SignIn(0)),
        };
        let access = Secret::new(granted.access_token).ok_or(Trouble::TooLong)?;
        self.refresh = Secret::new(granted.refresh_token.unwrap_or_default()).ok_or(Trouble::TooLong)?;
        self.access = access;
        let lasts = granted.expires_in - EARLY.min(granted.expires_in / 4);
        self.renewal = now.saturating_add(lasts.into());
        Ok(())
    }
}

/// Whether it is the token that the platform does not accept.
fn is_refused(failure: &Failure<'_>) -> bool {
    let said = failure.message().text();
    let name = "INVALID_CREDENTIALS: ";
    said.chars().take(name.len()).eq(name.chars())
}
