//! Booleans, integers, floats and `null`: the one place that calls serde-json-core.
//!
//! It is given a single leaf that is known to be valid JSON, and only types that ask for a leaf, so none of its panics,
//! its recursion and its laxness can be reached. Of its errors none is kept as it is: its type loses `Copy` when anyone
//! else in the build turns on its feature `custom-error-messages`.

use super::error::{Error, ErrorKind};
use serde::{Serialize, de::DeserializeOwned};
use serde_json_core::de::{Deserializer, Error as LeafError};

/// Reads a leaf.
pub(super) fn read<T: DeserializeOwned>(token: &str) -> Result<T, Error> {
    let mut deserializer = Deserializer::new(token.as_bytes(), None);
    let value = T::deserialize(&mut deserializer).map_err(refused)?;
    deserializer.end().map_err(refused)?;
    Ok(value)
}

/// In a valid leaf, a number that does not fit is all that is invalid.
fn refused(error: LeafError) -> Error {
    Error::new(match error {
        LeafError::InvalidNumber => ErrorKind::OutOfRange,
        _ => ErrorKind::WrongType,
    })
}

/// Whether a number is written as an integer.
pub(super) fn is_integer(number: &str) -> bool {
    !number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// Reads an integer of at most 64 bits.
pub(super) fn integer<T: DeserializeOwned>(number: &str) -> Result<T, Error> {
    if is_integer(number) { read(number) } else { Err(Error::new(ErrorKind::WrongType)) }
}

/// Reads an integer of 128 bits, which serde-json-core does not know.
pub(super) fn wide_integer<T: core::str::FromStr>(number: &str) -> Result<T, Error> {
    if !is_integer(number) {
        return Err(Error::new(ErrorKind::WrongType));
    }
    number.parse().map_err(|_| Error::new(ErrorKind::OutOfRange))
}

/// Reads a float. serde-json-core makes an infinity of what is too large; JSON has none.
pub(super) fn float<T: DeserializeOwned + Copy + Into<f64>>(number: &str) -> Result<T, Error> {
    let value: T = read(number)?;
    if value.into().is_finite() { Ok(value) } else { Err(Error::new(ErrorKind::OutOfRange)) }
}

/// Writes a leaf and says how long it is, or `None` when it does not fit.
pub(super) fn write<T: Serialize>(value: &T, buffer: &mut [u8]) -> Option<usize> {
    serde_json_core::to_slice(value, buffer).ok()
}
