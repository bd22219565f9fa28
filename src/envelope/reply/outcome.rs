//! Distinguishes a response from a failure, for slices and streams alike.

use crate::envelope::code::ErrorCode;
use crate::envelope::fields::Number;
use crate::error::{Error, ErrorKind};

/// Whether a reply is a response or a failure, which is known at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The service answered.
    Response {
        /// Its HTTP status.
        status: u16,
    },
    /// The call failed before it got a response. Any headers, cookies and body that came are meaningless.
    Failure {
        /// `errCode`, or else `errno`. If it is `None`, [`Message`](crate::Message) may find a code in `errMsg`.
        code: Option<ErrorCode>,
    },
}

/// The values in a reply that determine its outcome.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) status: Option<Status>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) errno: Option<ErrorCode>,
}

impl Facts {
    pub(crate) const NONE: Self = Self { status: None, code: None, errno: None };

    /// Returns the outcome of the reply if nothing follows. It is a failure if it has a code other than 0, or no
    /// status.
    #[inline(always)]
    pub(crate) fn outcome(self) -> Outcome {
        let fails = |code: Option<ErrorCode>| code.is_some_and(|code| code != ErrorCode(0));
        match self.status {
            Some(Status(status)) if !fails(self.code) && !fails(self.errno) => Outcome::Response { status },
            _ => {
                let code = self.code.filter(|_| fails(self.code) || !fails(self.errno)).or(self.errno);
                Outcome::Failure { code }
            }
        }
    }
}

impl Outcome {
    /// Returns what a reply with this outcome lacks, if anything.
    #[inline(always)]
    pub(crate) const fn missing(self, has_err_msg: bool) -> Option<ErrorKind> {
        match self {
            Self::Failure { .. } if !has_err_msg => Some(ErrorKind::MissingField),
            _ => None,
        }
    }
}

/// An HTTP status, whose first digit is the class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) u16);

impl Number for Status {
    const WRONG: ErrorKind = ErrorKind::InvalidStatus;
    const LONGEST: usize = "999".len();

    #[inline(always)]
    fn of(number: i64) -> Option<Self> {
        u16::try_from(number).ok().map(Self).filter(|status| status.check().is_ok())
    }

    #[inline(always)]
    fn number(self) -> Option<i32> {
        Some(i32::from(self.0))
    }

    #[inline(always)]
    fn check(self) -> Result<(), Error> {
        if matches!(self.0, 100..=999) { Ok(()) } else { Err(Error::new(Self::WRONG, 0)) }
    }
}

impl Number for ErrorCode {
    const WRONG: ErrorKind = ErrorKind::InvalidErrorCode;
    const LONGEST: usize = "-2147483648".len();

    #[inline(always)]
    fn of(number: i64) -> Option<Self> {
        i32::try_from(number).ok().map(Self)
    }

    #[inline(always)]
    fn number(self) -> Option<i32> {
        Some(self.0)
    }

    #[inline(always)]
    fn check(self) -> Result<(), Error> {
        Ok(())
    }
}
