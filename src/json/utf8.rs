//! Makes a `&str` of bytes.

use super::simd;
use core::str::{self, Utf8Error};

/// The standard library is as fast with shorter ones, most of which are ASCII.
const LONG: usize = 256;

/// As [`core::str::from_utf8`], in a ninth of its time where there is more than ASCII.
///
/// # Errors
/// The same.
#[inline]
pub(crate) fn from_utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    match if bytes.len() < LONG { None } else { simd::to_str(bytes) } {
        Some(text) => Ok(text),
        None => str::from_utf8(bytes),
    }
}
