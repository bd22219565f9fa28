//! Writes any type as JSON.
//!
//! Knows how serde's types look in JSON.

use super::error::{Error, ErrorKind};
use super::leaf::{self, ESCAPED_STR};
use super::output::Output;
use super::quoted::Quoted;
use crate::json::Text;
use core::fmt;
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

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

    leaf::serialize_leaves!();

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.leaf(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.leaf(value)
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
    /// The closing bracket.
    end: &'static str,
    first: bool,
    /// A key was written, but not its value.
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

    /// Writes the key of a member; its value must follow.
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

/// Implements one of the serde traits that a [`Compound`] is written through: its methods, and what each does.
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
