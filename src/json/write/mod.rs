//! Writes JSON in its shortest form.
//!
//! Knows how a string, an integer and a value are written, but neither what they mean nor where the bytes go.

mod compact;
mod copy;
mod decimal;
mod string;

pub(crate) use compact::{Compact, compact};
pub(crate) use copy::{SHORT, SHORT_QUOTED, copy, copy_token, quote, quote_short};
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) use decimal::integer;
#[cfg(feature = "serde")]
pub(crate) use decimal::long_integer;
pub(crate) use decimal::{any_integer, digits};
#[cfg(feature = "c")]
pub(crate) use string::Content;
pub(crate) use string::{content, escape, string};
