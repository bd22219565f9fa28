//! Members of objects: names and their values, as map entries, as fields and as variants of an enum.

use super::cursor::{Cursor, escaped};
use super::error::{Error, ErrorKind};
use super::leaf::{self, ESCAPED_STR};
use crate::json::Json;
use crate::json::sink::SliceSink;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

/// The names of a struct's fields or an enum's variants.
pub(super) type Names = &'static [&'static str];

/// The members of an object.
pub(super) struct Members<'a, 'de> {
    pub(super) cursor: &'a mut Cursor<'de>,
    /// The names that the type knows, if it is a struct that has passed them.
    pub(super) fields: Option<Names>,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        match self.cursor.item() {
            None => Ok(None),
            Some(b'"') => read_name(self.cursor, self.fields, seed).map(Some),
            Some(_) => Err(Error::at(ErrorKind::OutOfTurn, self.cursor.offset())),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        self.cursor.member(|cursor| seed.deserialize(cursor))
    }
}

/// Reads the next name.
fn read_name<'de, S: DeserializeSeed<'de>>(
    cursor: &mut Cursor<'de>,
    known: Option<Names>,
    seed: S,
) -> Result<S::Value, Error> {
    let raw = cursor.name()?;
    let offset = cursor.name_offset();
    seed.deserialize(Name { cursor, raw, known }).map_err(|error| error.or_at(offset))
}

/// The name of a member. The cursor is behind it.
///
/// A map may have keys of other types than strings; their text is the name.
pub(super) struct Name<'a, 'de> {
    pub(super) cursor: &'a mut Cursor<'de>,
    /// The name as written between the quotes.
    pub(super) raw: &'de str,
    /// All names that are distinguished, if the type has passed them.
    pub(super) known: Option<Names>,
}

impl<'de> Name<'_, 'de> {
    /// Returns the name, which must be a number as JSON writes it.
    fn number(&self) -> Result<&'de str, Error> {
        let first = self.raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        // White space after it is not allowed either.
        let last = self.raw.ends_with(|last: char| last.is_ascii_digit());
        if first && last && Json::new(self.raw).is_ok() { Ok(self.raw) } else { Err(Error::new(ErrorKind::WrongType)) }
    }
}

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.cursor.lend(self.raw)?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !matches!(self.raw, "true" | "false") {
            return Err(Error::new(ErrorKind::WrongType));
        }
        visitor.visit_bool(leaf::read(self.raw)?)
    }

    leaf::deserialize_numbers!();

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.cursor.character(self.raw, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.cursor.show(self.raw, |text| text.visit(visitor))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.cursor.lend(self.raw)?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == ESCAPED_STR {
            return visitor.visit_newtype_struct(BorrowedStrDeserializer::<Error>::new(self.raw));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(UnitVariant(Self { known: Some(variants), ..self }))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Some(known) = self.known else {
            // A map may keep the name.
            return self.deserialize_any(visitor);
        };
        let Some(text) = escaped(self.raw) else { return visitor.visit_borrowed_str(self.raw) };
        if text.put_read(&mut SliceSink::default()).is_err() {
            // It is not a text, so it is none of the names that the type knows, and neither are these bytes.
            return visitor.visit_bytes(b"\xFF");
        }
        match known.iter().find(|name| text == **name) {
            Some(name) => visitor.visit_borrowed_str(name),
            None => self.deserialize_string(visitor),
        }
    }

    forward_to_deserialize_any! {
        str unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}

/// A variant written as a string: it has only a name.
pub(super) struct UnitVariant<'a, 'de>(pub(super) Name<'a, 'de>);

impl<'de> EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Error;
    type Variant = OnlyUnit;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, OnlyUnit), Error> {
        Ok((seed.deserialize(self.0)?, OnlyUnit))
    }
}

pub(super) struct OnlyUnit;

impl<'de> VariantAccess<'de> for OnlyUnit {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Error> {
        Err(Error::new(ErrorKind::WrongType))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(Error::new(ErrorKind::WrongType))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: Names, _: V) -> Result<V::Value, Error> {
        Err(Error::new(ErrorKind::WrongType))
    }
}

/// A variant written as the only member of an object. The cursor is at its name, then behind it.
pub(super) struct Variant<'a, 'de> {
    pub(super) cursor: &'a mut Cursor<'de>,
    pub(super) variants: Names,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        Ok((read_name(self.cursor, Some(self.variants), seed)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.cursor.member(|cursor| serde::Deserialize::deserialize(cursor))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        self.cursor.member(|cursor| seed.deserialize(cursor))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.cursor.member(|cursor| cursor.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: Names, visitor: V) -> Result<V::Value, Error> {
        self.cursor.member(|cursor| cursor.deserialize_struct("", fields, visitor))
    }
}
