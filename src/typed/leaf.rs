//! Booleans, integers, floats and `null`: the only module that uses serde-json-core.
//!
//! It passes on only single leaves that are known to be valid JSON, and only types that ask for a leaf, so the panics,
//! the recursion and the leniency of serde-json-core cannot be reached. Integers are not written with it, since its
//! panics would be linked for them. Its errors are never stored: their type loses `Copy` when another crate in the
//! build turns on the feature `custom-error-messages`.

use super::error::{Error, ErrorKind};
use crate::json::sink::SliceSink;
use crate::json::write;
use serde::de::DeserializeOwned;
use serde_json_core::de::{Deserializer, Error as LeafError};

/// The name by which serde-json-core's `EscapedStr` identifies itself: a string that must stay escaped.
pub(super) const ESCAPED_STR: &str = "__serde_json_core_escaped_string__";

/// Reads a leaf.
pub(super) fn read<T: DeserializeOwned>(token: &str) -> Result<T, Error> {
    let mut deserializer = Deserializer::new(token.as_bytes(), None);
    let value = T::deserialize(&mut deserializer).map_err(refused)?;
    deserializer.end().map_err(refused)?;
    Ok(value)
}

/// In a valid leaf, the only invalid number is one that does not fit.
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

/// Reads an integer of 128 bits, which serde-json-core does not support.
pub(super) fn wide_integer<T: core::str::FromStr>(number: &str) -> Result<T, Error> {
    if !is_integer(number) {
        return Err(Error::new(ErrorKind::WrongType));
    }
    number.parse().map_err(|_| Error::new(ErrorKind::OutOfRange))
}

/// Reads a float. serde-json-core turns a number that is too large into an infinity, which JSON does not have.
pub(super) fn float<T: DeserializeOwned + Copy + Into<f64>>(number: &str) -> Result<T, Error> {
    let value: T = read(number)?;
    if value.into().is_finite() { Ok(value) } else { Err(Error::new(ErrorKind::OutOfRange)) }
}

/// A value that is written as a leaf.
pub(super) trait Leaf {
    /// Writes the value and returns its length, or `None` if it does not fit.
    fn write(self, buffer: &mut [u8]) -> Option<usize>;
}

macro_rules! leaves {
    ($($type:ty),*) => {$(
        impl Leaf for $type {
            fn write(self, buffer: &mut [u8]) -> Option<usize> {
                serde_json_core::to_slice(&self, buffer).ok()
            }
        }
    )*};
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Leaf for $type {
            #[allow(unused_comparisons, reason = "only half of the types have a sign")]
            fn write(self, buffer: &mut [u8]) -> Option<usize> {
                write_integer(self < 0, self.abs_diff(0).into(), buffer)
            }
        }
    )*};
}

leaves!(bool, f32, f64, ());
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

fn write_integer(negative: bool, magnitude: u64, buffer: &mut [u8]) -> Option<usize> {
    let mut sink = SliceSink::new(buffer);
    write::long_integer(&mut sink, negative, magnitude);
    sink.finish().ok().map(<[u8]>::len)
}

/// The methods of a deserializer whose own method `number` returns the text of a number.
macro_rules! deserialize_numbers {
    () => {
        crate::typed::leaf::deserialize_numbers! {
            deserialize_i8 visit_i8 integer;
            deserialize_i16 visit_i16 integer;
            deserialize_i32 visit_i32 integer;
            deserialize_i64 visit_i64 integer;
            deserialize_i128 visit_i128 wide_integer;
            deserialize_u8 visit_u8 integer;
            deserialize_u16 visit_u16 integer;
            deserialize_u32 visit_u32 integer;
            deserialize_u64 visit_u64 integer;
            deserialize_u128 visit_u128 wide_integer;
            deserialize_f32 visit_f32 float;
            deserialize_f64 visit_f64 float;
        }
    };
    ($($deserialize:ident $visit:ident $read:ident;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(crate::typed::leaf::$read(self.number()?)?)
        }
    )*};
}

/// The methods of a serializer whose own method `leaf` writes a boolean or an integer.
macro_rules! serialize_leaves {
    () => {
        crate::typed::leaf::serialize_leaves! {
            serialize_bool bool;
            serialize_i8 i8;
            serialize_i16 i16;
            serialize_i32 i32;
            serialize_i64 i64;
            serialize_u8 u8;
            serialize_u16 u16;
            serialize_u32 u32;
            serialize_u64 u64;
        }
    };
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, value: $type) -> Result<(), Error> {
            self.leaf(value)
        }
    )*};
}

pub(super) use {deserialize_numbers, serialize_leaves};
