//! Writes any type as JSON into a slice.
//!
//! It knows how serde's types look in JSON. The first error stays: whatever a type does after it, nothing more is
//! written and nothing comes out.

use super::error::{Error, ErrorKind};
use super::quoted::Quoted;
use super::{ESCAPED_STR, leaf};
use crate::json::Text;
use crate::json::sink::Sink;
use crate::json::write;
use crate::limits::DEPTH_LIMIT;
use core::fmt;
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

/// Levels that a value may nest, so that it fits into an envelope.
const DEEPEST: usize = DEPTH_LIMIT.saturating_sub(1);

pub(super) struct Output<'b> {
    buffer: &'b mut [u8],
    /// Bytes written.
    length: usize,
    /// Arrays and objects that are open.
    depth: usize,
    failed: Option<Error>,
}

/// Part of a token at a time; what does not fit as a whole is not written.
impl Sink for Output<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let room = self.buffer.get_mut(self.length..).unwrap_or_default();
        match room.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length = self.length.saturating_add(bytes.len());
            }
            None => {
                let _ = self.fail(ErrorKind::BufferTooSmall);
            }
        }
    }
}

impl<'b> Output<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, depth: 0, failed: None }
    }

    /// What was written, if nothing went wrong.
    pub(super) fn finish(self, outcome: Result<(), Error>) -> Result<&'b [u8], Error> {
        outcome?;
        Ok(self.buffer.get(..self.length).unwrap_or_default())
    }

    /// The error to return: this one, here, unless there was one before.
    pub(super) fn keep(&mut self, error: Error) -> Error {
        let length = self.length;
        *self.failed.get_or_insert_with(|| error.or_at(length))
    }

    pub(super) fn fail(&mut self, kind: ErrorKind) -> Error {
        self.keep(Error::new(kind))
    }

    /// What has become of all the writing so far.
    fn check(&self) -> Result<(), Error> {
        self.failed.map_or(Ok(()), Err)
    }

    pub(super) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self).map_err(|error| self.keep(error))?;
        self.check()
    }

    pub(super) fn token(&mut self, token: &str) -> Result<(), Error> {
        self.put(token.as_bytes());
        self.check()
    }

    /// Writes a string with its quotes.
    pub(super) fn string(&mut self, text: Text<'_>) -> Result<(), Error> {
        write::string(self, text);
        self.check()
    }

    /// Writes a boolean, number or `null`.
    pub(super) fn leaf<T: Serialize>(&mut self, value: T) -> Result<(), Error> {
        self.check()?;
        let place = self.buffer.get_mut(self.length..).unwrap_or_default();
        match leaf::write(&value, place) {
            Some(length) => {
                self.length = self.length.saturating_add(length);
                Ok(())
            }
            None => Err(self.fail(ErrorKind::BufferTooSmall)),
        }
    }

    /// Writes the content of a string.
    pub(super) fn display<T: fmt::Display + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let outcome = fmt::write(&mut Escaping(self), format_args!("{value}"));
        self.check()?;
        // Not the writer's fault, so the value's.
        outcome.map_err(|fmt::Error| self.fail(ErrorKind::Custom))
    }

    /// Opens so many arrays or objects, inside one another.
    fn open(&mut self, levels: usize, token: &str) -> Result<(), Error> {
        self.depth = self.depth.saturating_add(levels);
        if self.depth > DEEPEST {
            return Err(self.fail(ErrorKind::TooDeep));
        }
        self.token(token)
    }

    fn close(&mut self, levels: usize, token: &str) -> Result<(), Error> {
        self.depth = self.depth.saturating_sub(levels);
        self.token(token)
    }

    /// Opens the object of an enum's variant, up to its value.
    fn variant(&mut self, levels: usize, name: &str, value: &str) -> Result<(), Error> {
        self.open(levels, "{")?;
        self.string(Text::new(name))?;
        self.token(value)
    }
}

/// Escapes what a [`fmt::Display`] writes.
struct Escaping<'a, 'b>(&'a mut Output<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write::content(self.0, Text::new(text));
        self.0.check().map_err(|_| fmt::Error)
    }
}

/// A serializer method for a leaf.
macro_rules! leaves {
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, value: $type) -> Result<(), Error> {
            self.leaf(value)
        }
    )*};
}

impl<'a, 'b> Serializer for &'a mut Output<'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'a, 'b>;
    type SerializeTuple = Compound<'a, 'b>;
    type SerializeTupleStruct = Compound<'a, 'b>;
    type SerializeTupleVariant = Compound<'a, 'b>;
    type SerializeMap = Compound<'a, 'b>;
    type SerializeStruct = Compound<'a, 'b>;
    type SerializeStructVariant = Compound<'a, 'b>;

    leaves! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_f32 f32;
        serialize_f64 f64;
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.display(&value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.display(&value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.string(Text::new(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.leaf(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.leaf(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.leaf(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Error> {
        if name == ESCAPED_STR {
            return Quoted { output: self, escaped: true }.value(value);
        }
        self.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(1, variant, ":")?;
        self.value(value)?;
        self.close(1, "}")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, 'b>, Error> {
        self.open(1, "[")?;
        Ok(Compound::new(self, 1, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a, 'b>, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'b>, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'b>, Error> {
        self.variant(2, variant, ":[")?;
        Ok(Compound::new(self, 2, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a, 'b>, Error> {
        self.open(1, "{")?;
        Ok(Compound::new(self, 1, "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'b>, Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'b>, Error> {
        self.variant(2, variant, ":{")?;
        Ok(Compound::new(self, 2, "}}"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.token("\"")?;
        self.display(value)?;
        self.token("\"")
    }
}

/// An array or object that is being written.
pub(super) struct Compound<'a, 'b> {
    output: &'a mut Output<'b>,
    levels: usize,
    /// What closes it.
    end: &'static str,
    first: bool,
    /// A key was written, and its value was not.
    keyed: bool,
}

impl<'a, 'b> Compound<'a, 'b> {
    const fn new(output: &'a mut Output<'b>, levels: usize, end: &'static str) -> Self {
        Self { output, levels, end, first: true, keyed: false }
    }

    fn comma(&mut self) -> Result<(), Error> {
        if core::mem::replace(&mut self.first, false) { Ok(()) } else { self.output.token(",") }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.comma()?;
        self.output.value(value)
    }

    /// The key of a member, after which its value must follow.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        if core::mem::replace(&mut self.keyed, true) {
            return Err(self.output.fail(ErrorKind::OutOfTurn));
        }
        self.comma()?;
        Quoted { output: self.output, escaped: false }.value(key)?;
        self.output.token(":")
    }

    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !core::mem::replace(&mut self.keyed, false) {
            return Err(self.output.fail(ErrorKind::OutOfTurn));
        }
        self.output.value(value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.comma()?;
        self.output.string(Text::new(name))?;
        self.output.token(":")?;
        self.output.value(value)
    }

    fn finish(self) -> Result<(), Error> {
        if self.keyed {
            return Err(self.output.fail(ErrorKind::OutOfTurn));
        }
        self.output.close(self.levels, self.end)
    }
}

/// One of the serde traits that a [`Compound`] is written through: its methods, and what each does.
macro_rules! compound {
    ($($trait:ident { $($method:ident($($argument:ident: $type:ty),*) $does:ident;)* })*) => {$(
        impl $trait for Compound<'_, '_> {
            type Ok = ();
            type Error = Error;

            $(fn $method<T: Serialize + ?Sized>(&mut self, $($argument: $type,)* value: &T) -> Result<(), Error> {
                self.$does($($argument,)* value)
            })*

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        }
    )*};
}

compound! {
    SerializeSeq { serialize_element() element; }
    SerializeTuple { serialize_element() element; }
    SerializeTupleStruct { serialize_field() element; }
    SerializeTupleVariant { serialize_field() element; }
    SerializeMap { serialize_key() key; serialize_value() member; }
    SerializeStruct { serialize_field(name: &'static str) field; }
    SerializeStructVariant { serialize_field(name: &'static str) field; }
}
