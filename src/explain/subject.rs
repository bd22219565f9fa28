//! What is explained: a code and its message, a word of the open HTTP API, a status, or an error of this crate.

use super::finding::put_code;
use super::glyphs::decimal;
use super::open::{self, OpenError};
use super::own::{self, Own};
use super::platform::{self, NO_CODE, Platform, UNKNOWN_CODE, contains, contains_both};
use super::words::Explanation;
use super::{kinds, words};
use crate::error::ErrorKind;
use crate::{ErrorCode, Failure, Text};
use core::fmt::{self, Write};

/// What is explained.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// A code of the platform, and which of its messages it came with; or a message without a code.
    Platform(&'static Platform),
    /// A code of the open HTTP API.
    Open(&'static OpenError<&'static str>),
    /// A status of the open HTTP API, or of what stands in front of a gateway.
    Status(&'static OpenError<u16>),
    /// A code that is not known.
    UnknownCode(ErrorCode),
    /// Neither a code nor a message that is known.
    NoCode,
    /// An error in an envelope.
    Kind(ErrorKind),
    /// Another error of this crate.
    Own(&'static Own),
}

impl Subject {
    /// Returns what a code means that came with this text. The text tells those of one code apart, such as the three of
    /// [`ErrorCode::ACCESS_DENIED`].
    ///
    /// ```
    /// use callcontainer::ErrorCode;
    /// use callcontainer::explain::{Language, Subject};
    ///
    /// let subject = Subject::of_code(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin");
    /// assert!(subject.explanation().remedy().text(Language::English).contains("resourceAppid"));
    /// ```
    #[must_use]
    pub fn of_code<'a>(code: ErrorCode, text: impl Into<Text<'a>>) -> Self {
        platform::of_code(code, text.into()).map_or(Self::UnknownCode(code), Self::Platform)
    }

    /// Returns what a failure means. A code of the open HTTP API in its text counts before the number that stands for
    /// it, and so does what a gateway of this crate says of an envelope or a response; an inner code counts before that
    /// around it, and a text alone where there is no code.
    ///
    /// ```
    /// use callcontainer::Failure;
    /// use callcontainer::explain::{Advice, Subject};
    ///
    /// let failure = Failure::from_err_msg("cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时");
    /// assert_eq!(Subject::of_failure(&failure).explanation().advice(), Advice::OnceIfIdempotent);
    /// ```
    #[must_use]
    pub fn of_failure(failure: &Failure<'_>) -> Self {
        let message = failure.message();
        let text = message.text();
        if let Some(word) = open::in_text(text) {
            return Self::Open(word);
        }
        if let Some(own) = kind(text).map(Self::Kind).or_else(|| own::in_text(text).map(Self::Own)) {
            return own;
        }
        let code = match failure.code() {
            // It may stand around the one that counts.
            None | Some(ErrorCode::NOT_INITIALISED) => message.code().or(failure.code()),
            code => code,
        };
        match code {
            Some(code) => match platform::of_code(code, text) {
                // The rest of the message, such as the trace, may name the reason.
                Some(entry) if entry.message.is_empty() => Self::of_code(code, failure.err_msg()),
                Some(entry) => Self::Platform(entry),
                None => Self::UnknownCode(code),
            },
            None => match platform::of_text(text) {
                Some(entry) => Self::Platform(entry),
                None => status(text).and_then(open::of_status).map_or(Self::NoCode, Self::Status),
            },
        }
    }

    /// Returns the explanation.
    #[must_use]
    pub fn explanation(&self) -> &'static Explanation {
        match self {
            Self::Platform(entry) => &entry.explanation,
            Self::Open(entry) => &entry.explanation,
            Self::Status(entry) => &entry.explanation,
            Self::UnknownCode(_) => &UNKNOWN_CODE,
            Self::NoCode => &NO_CODE,
            Self::Kind(kind) => &kinds::of(*kind).explanation,
            Self::Own(own) => &own.explanation,
        }
    }

    /// Writes a name for it, such as `-501000 Invalid host`, `SERVICE_TIMEOUT` or `invalid-path`; `-` if it has none.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_name(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Self::Platform(entry) => {
                let of_code = entry.code.and_then(ErrorCode::message).unwrap_or_default();
                let message = if entry.message.is_empty() { of_code } else { entry.message };
                if let Some(code) = entry.code {
                    put_code(out, code)?;
                    out.write_str(if message.is_empty() { "" } else { " " })?;
                }
                out.write_str(message)
            }
            Self::Open(entry) => out.write_str(entry.key),
            Self::Status(entry) => {
                out.write_str("HTTP ")?;
                decimal(out, entry.key.into())
            }
            Self::UnknownCode(code) => put_code(out, *code),
            Self::NoCode => out.write_char('-'),
            Self::Kind(kind) => out.write_str(kind.name()),
            Self::Own(own) => out.write_str(own.name),
        }
    }
}

impl ErrorKind {
    /// Returns what the error means, what usually causes it and what to do.
    ///
    /// ```
    /// use callcontainer::ErrorKind;
    /// use callcontainer::explain::Language;
    ///
    /// let explanation = ErrorKind::LoneSurrogate.explanation();
    /// assert!(explanation.cause().text(Language::English).contains("emoji"));
    /// ```
    #[must_use]
    pub const fn explanation(self) -> &'static words::Explanation {
        &kinds::of(self).explanation
    }
}

/// Returns the kind in a text of this crate, which ends with it and an offset.
fn kind(text: Text<'_>) -> Option<ErrorKind> {
    const BEHIND: &str = " at byte ";
    if !contains(text, BEHIND) {
        return None;
    }
    ErrorKind::ALL.iter().copied().find(|kind| contains_both(text, kind.text(), BEHIND))
}

/// Returns the status in a text of this crate's client: `HTTP status 401, and no reply`.
fn status(text: Text<'_>) -> Option<u16> {
    const BEFORE: &str = "HTTP status ";
    if !contains(text, BEFORE) {
        return None;
    }
    let mut rest = text.chars();
    loop {
        let mut here = rest.clone();
        if BEFORE.chars().all(|expected| here.next() == Some(expected)) {
            let digits = here.map_while(|digit| digit.to_digit(10)).take(3);
            let number = digits.fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(digit));
            return u16::try_from(number).ok();
        }
        rest.next()?;
    }
}
