//! Writes what must be quoted: the key of a map, and a string that is already escaped.

use super::error::{Error, ErrorKind};
use super::leaf::{self, ESCAPED_STR, Leaf};
use super::output::Output;
use crate::json::Text;
use core::fmt;
use serde::Serialize;
use serde::ser::{Impossible, Serializer};

pub(super) struct Quoted<'a, 'b> {
    pub(super) output: &'a mut Output<'b>,
    /// A string is given as the content of a JSON string, in which a backslash starts an escape.
    pub(super) escaped: bool,
}

impl Quoted<'_, '_> {
    pub(super) fn value<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        let Self { output, escaped } = self;
        value.serialize(Quoted { output: &mut *output, escaped }).map_err(|error| output.keep(error))
    }

    fn leaf(self, value: impl Leaf) -> Result<(), Error> {
        self.output.token("\"")?;
        self.output.leaf(value)?;
        self.output.token("\"")
    }

    fn refuse<T>(self) -> Result<T, Error> {
        Err(self.output.fail(ErrorKind::KeyNotString))
    }
}

impl Serializer for Quoted<'_, '_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    leaf::serialize_leaves!();

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.collect_str(&value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.collect_str(&value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        // `null` could not be read back as a number.
        if value.is_finite() { self.leaf(value) } else { self.refuse() }
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if value.is_finite() { self.leaf(value) } else { self.refuse() }
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        if !self.escaped {
            return self.output.string(Text::new(value));
        }
        match Text::from_escaped(value) {
            Ok(text) => self.output.string(text),
            Err(error) => Err(self.output.fail(ErrorKind::Json(error.kind()))),
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.output.string(Text::new(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Error> {
        let escaped = self.escaped || name == ESCAPED_STR;
        Quoted { escaped, ..self }.value(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        self.refuse()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        self.refuse()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        self.refuse()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        self.refuse()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        self.refuse()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        self.refuse()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        self.refuse()
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        if self.escaped {
            return self.refuse();
        }
        self.output.token("\"")?;
        self.output.display(value)?;
        self.output.token("\"")
    }
}
