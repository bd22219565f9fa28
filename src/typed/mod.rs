//! Typed JSON bodies: any [`Serialize`] out, any [`Deserialize`] in, without a heap and without panics.
//!
//! [`Json::from_value`] writes a value as JSON into a buffer of the caller. [`Json::to`] reads one back, borrowing from
//! the JSON text if a string has no escapes, and from a scratch buffer of the caller if it has.
//!
//! ```
//! use callcontainer::Json;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Order<'a> {
//!     id: u32,
//!     note: &'a str,
//!     rating: Option<f32>,
//! }
//!
//! let mut buffer = [0; 64];
//! let order = Order { id: 7, note: "two \"big\" ones", rating: None };
//! let json = Json::from_value(&order, &mut buffer).unwrap();
//! assert_eq!(json.as_str(), r#"{"id":7,"note":"two \"big\" ones","rating":null}"#);
//!
//! // A scratch as long as the text is always enough; most texts need less, and many none.
//! let mut scratch = [0; 64];
//! assert_eq!(json.to::<Order>(&mut scratch).unwrap(), order);
//!
//! let emoji = Json::new(r#"{"id": 8, "note": "\ud83d\ude00", "rating": 4.5}"#).unwrap();
//! let mut scratch = [0; 64];
//! assert_eq!(emoji.to::<Order>(&mut scratch).unwrap().note, "😀");
//! ```
//!
//! # Division of work
//!
//! serde-json-core reads booleans, floats, `null` and integers of up to 64 bits, and writes all of these but integers.
//! Integers are written here. Everything with a structure (strings, arrays, objects, enums, the names of members) is
//! read and written here, because a [`Json`] is known to be valid and to nest at most 127 levels before any type looks
//! at it, and because the output is checked again before it becomes a [`Json`]. Only the types themselves are
//! recursive.
//!
//! # How Rust's types look in JSON
//!
//! As in `serde_json`, both ways. A `char` is a string, bytes are an array of numbers, `None`, `()` and unit structs
//! are `null`, a newtype struct is its content. A unit variant is `"Name"`, the other variants are `{"Name": …}` with a
//! value, an array or an object inside. Integers, floats, booleans, characters and unit variants may be the names of
//! members. Floats that are not finite are written as `null`. A struct can also be read from an array. The text of
//! serde-json-core's own `EscapedStr` stays escaped.
//!
//! These differ from `serde_json` on purpose:
//!
//! - A string with escapes is borrowed from the scratch, so `&str` can be read where `serde_json` needs a `String`.
//! - An integer is read and passed on in the width that the type asks for, never by way of a `u64` or a float. `-0` is
//!   an integer, so it is read into a signed type and refused by an unsigned one; `serde_json` treats it as a float and
//!   refuses it in both. A number that does not fit is [`ErrorKind::OutOfRange`], however large.
//! - A float is the one nearest to the text, whatever its length, and an `f32` is rounded once. A float too large for
//!   its type is refused, where `serde_json` reads 1e39 into an `f32` as infinity. Exponents are written without a `+`.
//! - A type that ignores an error while it is read continues behind the refused value, so a list can leave out elements
//!   that do not suit it. A type that ignores an error while it is written still fails.
//! - A string with half a surrogate pair is not a text: reading it is an error, also into bytes. If nobody reads it, it
//!   does no harm. As the name of a member it is one that no struct and no enum knows.
//! - A type may nest 127 levels both ways. `serde_json` writes any number and reads 127.
//!
//! # Errors
//!
//! An [`Error`] says what went wrong and where. The texts of custom messages are dropped, since there is no place to
//! store them; the offset remains.
//!
//! ```
//! use callcontainer::Json;
//! use callcontainer::typed::ErrorKind;
//!
//! #[derive(Debug, serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Order {
//!     id: u32,
//! }
//!
//! let error = Json::new(r#"{"id": 7, "size": "big"}"#).unwrap().to::<Order>(&mut []).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::UnknownField);
//! assert_eq!(error.offset(), 10);
//! assert_eq!(error.to_string(), "a field that the struct does not have at byte 10");
//!
//! let error = Json::new("{}").unwrap().to::<Order>(&mut []).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::MissingField("id"));
//! ```

mod cursor;
mod de;
mod error;
mod leaf;
mod member;
mod output;
mod quoted;
mod ser;

pub use error::{Error, ErrorKind};

use crate::Data;
use crate::json::Json;
use cursor::Cursor;
use output::Output;
use serde::{Deserialize, Serialize};

impl<'a> Json<'a> {
    /// Writes a value into `buffer` as JSON, without white space.
    ///
    /// See [`typed`](crate::typed) for how the types look.
    ///
    /// ```
    /// use callcontainer::Json;
    ///
    /// let mut buffer = [0; 16];
    /// assert_eq!(Json::from_value(&("a", 1, [true]), &mut buffer).unwrap().as_str(), r#"["a",1,[true]]"#);
    /// ```
    ///
    /// # Errors
    /// The offset is the number of bytes written before the error. [`BufferTooSmall`](ErrorKind::BufferTooSmall),
    /// [`TooDeep`](ErrorKind::TooDeep), [`KeyNotString`](ErrorKind::KeyNotString), [`Custom`](ErrorKind::Custom) when
    /// the value refuses to be written; [`OutOfTurn`](ErrorKind::OutOfTurn) and [`Json`](ErrorKind::Json) when its
    /// `Serialize` misbehaves.
    pub fn from_value<T: Serialize + ?Sized>(value: &T, buffer: &'a mut [u8]) -> Result<Self, Error> {
        let mut output = Output::new(buffer);
        let outcome = output.value(value);
        let written = output.finish(outcome)?;
        Json::from_bytes(written).map_err(|error| Error::at(ErrorKind::from_json(error.kind()), error.offset()))
    }

    /// Reads the value into a type.
    ///
    /// Strings with escapes are decoded into `scratch`, one after another, and borrowed from there. So the scratch must
    /// hold the decoded text of all of them; the length of [`as_str`](Json::as_str) is always enough. Names of fields
    /// and variants, characters, and strings read into a `String` on the heap take no lasting space in it.
    ///
    /// See [`typed`](crate::typed) for how the types look.
    ///
    /// ```
    /// use callcontainer::Json;
    ///
    /// let json = Json::new(r#"["plain", "escaped\n"]"#).unwrap();
    /// let mut scratch = [0; 8];
    /// assert_eq!(json.to::<[&str; 2]>(&mut scratch).unwrap(), ["plain", "escaped\n"]);
    /// ```
    ///
    /// # Errors
    /// The offset is that of the value or name in [`as_str`](Json::as_str) at which it went wrong, or of an escape in
    /// it. All kinds except [`BufferTooSmall`](ErrorKind::BufferTooSmall), [`TooDeep`](ErrorKind::TooDeep) and
    /// [`KeyNotString`](ErrorKind::KeyNotString).
    pub fn to<T: Deserialize<'a>>(&self, scratch: &'a mut [u8]) -> Result<T, Error> {
        Cursor::new(self.as_str(), scratch).value(|cursor| T::deserialize(cursor))
    }
}

impl<'a> Data<'a> {
    /// Reads the JSON into a type, as [`Json::to`] does; no data at all is read as `null`.
    ///
    /// ```
    /// use callcontainer::{Data, Reply};
    ///
    /// let Reply::Response(response) = Reply::decode(br#"{"statusCode":200,"data":[1,2]}"#).unwrap() else { panic!() };
    /// assert_eq!(response.data().to::<[u8; 2]>(&mut []).unwrap(), [1, 2]);
    /// assert_eq!(Data::None.to::<Option<u8>>(&mut []).unwrap(), None);
    /// ```
    ///
    /// # Errors
    /// As for [`Json::to`]; [`WrongType`](ErrorKind::WrongType) for text and for bytes.
    pub fn to<T: Deserialize<'a>>(&self, scratch: &'a mut [u8]) -> Result<T, Error> {
        match self {
            Self::Json(json) => json.to(scratch),
            Self::None => Json::from_span(b"null", 0).to(scratch),
            Self::Text(_) | Self::Bytes(_) => Err(Error::at(ErrorKind::WrongType, 0)),
        }
    }
}
