//! Why a gateway does not make a call, and the failure envelope for it.

use crate::ErrorCode;
use crate::envelope::members::{Members, key};
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::json::Text;
use crate::json::sink::{Sink, SliceSink};
use crate::json::write;
use core::fmt::{self, Write};

/// A code of the platform and its message; if something is wrong in the request or the response, also the error.
///
/// The caller receives it as a [`Failure`](crate::Failure).
///
/// ```
/// use callcontainer::gateway::Refusal;
/// use callcontainer::{ErrorCode, Reply, Request, Text};
///
/// let error = Request::decode(br#"{"config":{"env":"prod-01"},"path":"/","method":"PATCH"}"#).unwrap_err();
/// let mut buffer = [0; 256];
/// let envelope = Refusal::from(error).encode(Some(Text::new("17-0.5")), &mut buffer)?;
/// let Reply::Failure(failure) = Reply::decode(envelope)? else { panic!() };
/// assert_eq!(failure.code(), Some(ErrorCode::INVALID_METHOD));
/// assert_eq!(failure.message().call_id().unwrap(), "17-0.5");
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Refusal {
    code: ErrorCode,
    message: &'static str,
    cause: Cause,
}

/// What is wrong in the request or the response, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Cause {
    None,
    /// In the envelope.
    Error(Error),
    /// In the answer of the service.
    Http(HttpError),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Error(error) => write!(f, ": {error}"),
            Self::Http(error) => write!(f, ": {error}"),
        }
    }
}

impl Refusal {
    /// Creates a refusal with this code and message.
    #[must_use]
    pub const fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, cause: Cause::None }
    }

    /// For a response that is not valid or not acceptable.
    pub(super) const fn of_response(error: HttpError) -> Self {
        Self { cause: Cause::Http(error), ..SYSTEM_ERROR }
    }

    /// For a response that cannot be made into a reply.
    pub(super) const fn of_reply(error: Error) -> Self {
        Self { cause: Cause::Error(error), ..SYSTEM_ERROR }
    }

    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the platform's message, without what is wrong in the request or the response.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// Returns what is wrong in an envelope, and where: the request, or a reply that cannot be made.
    #[must_use]
    pub const fn cause(&self) -> Option<Error> {
        match self.cause {
            Cause::Error(error) => Some(error),
            Cause::None | Cause::Http(_) => None,
        }
    }

    /// Returns what is wrong in the HTTP response of the service, if it is the reason why no reply can be made of it.
    #[must_use]
    pub const fn http_error(&self) -> Option<HttpError> {
        match self.cause {
            Cause::Http(error) => Some(error),
            Cause::None | Cause::Error(_) => None,
        }
    }

    /// Writes the failure envelope into `buffer` and returns the bytes written.
    ///
    /// Its `errMsg` has the form `cloud.callContainer:fail Error: errCode: CODE | errMsg: MESSAGE (callId: ID)`. An ID
    /// that is not a valid `callID` is left out, and one that contains a parenthesis is left out of the `errMsg`.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`encoded_len`](Refusal::encoded_len).
    pub fn encode<'b>(&self, call_id: Option<Text<'_>>, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(call_id, &mut sink);
        sink.finish()
    }

    /// Returns the exact number of bytes that [`encode`](Refusal::encode) writes: less than 1024 with any message of
    /// the platform.
    #[must_use]
    pub fn encoded_len(&self, call_id: Option<Text<'_>>) -> usize {
        let mut sink = SliceSink::default();
        self.put(call_id, &mut sink);
        sink.len()
    }

    fn put(&self, call_id: Option<Text<'_>>, sink: &mut impl Sink) {
        let call_id = call_id.filter(|call_id| Rule::Name.check_text(*call_id).is_ok());
        let mut members = Members::new();
        members.integer(sink, key!("errCode"), self.code.0);
        members.key(sink, key!("errMsg"));
        sink.put(b"\"");
        let mut text = Escaped(sink);
        // A sink never fails.
        let Self { code, message, cause } = self;
        let _ = write!(text, "cloud.callContainer:fail Error: errCode: {code} | errMsg: {message}{cause}");
        // If it contained a parenthesis, its end would be ambiguous.
        let plain = |call_id: &Text<'_>| !call_id.chars().any(|character| matches!(character, '(' | ')'));
        if let Some(call_id) = call_id.filter(plain) {
            let _ = write!(text, " (callId: {call_id})");
        }
        sink.put(b"\"");
        members.string_if(sink, key!("callID"), call_id.as_ref());
        members.end(sink);
    }
}

impl From<Error> for Refusal {
    /// Creates the platform's answer to a request with this error.
    fn from(error: Error) -> Self {
        let code = error.platform_code().unwrap_or(ErrorCode::CLOUD_SYSTEM_ERROR);
        let message = match error.kind() {
            ErrorKind::MissingPath | ErrorKind::InvalidPath => "Path access permission error",
            _ => code.message().unwrap_or_default(),
        };
        Self { code, message, cause: Cause::Error(error) }
    }
}

const SYSTEM_ERROR: Refusal = match ErrorCode::CLOUD_SYSTEM_ERROR.message() {
    Some(message) => Refusal::new(ErrorCode::CLOUD_SYSTEM_ERROR, message),
    None => Refusal::new(ErrorCode::CLOUD_SYSTEM_ERROR, ""),
};

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.code, self.message, self.cause)
    }
}

impl core::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.cause {
            Cause::None => None,
            Cause::Error(error) => Some(error),
            Cause::Http(error) => Some(error),
        }
    }
}

/// Writes the content of a JSON string.
struct Escaped<'s, S>(&'s mut S);

impl<S: Sink> fmt::Write for Escaped<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write::content(self.0, Text::new(text));
        Ok(())
    }
}
