//! The JSON engine: knows RFC 8259, knows nothing of WeChat.
//!
//! Text comes in from below as pieces of bytes; it leaves as steps ([`walk`]), as strings ([`text`]) or as one value
//! ([`value`]). What goes out goes through [`write`](mod@write).

pub(crate) mod cursor;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod sink;
pub(crate) mod string;
pub(crate) mod text;
pub(crate) mod value;
pub(crate) mod walk;
pub(crate) mod write;

pub use text::{CharIndices, Chars, Text};
pub use value::Json;
