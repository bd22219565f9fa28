//! Writes JSON in its one shortest form.
//!
//! It knows how a string, an integer and a value are written, and neither what they stand for nor what the bytes go into.

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
pub(crate) use string::{content, escape, string};
