//! Reads any type from a JSON text that is known to be valid.
//!
//! It knows how serde's types look in JSON. Where an error does not say where it happened, [`Cursor::value`] adds it.

use super::cursor::{Cursor, Shown, escaped};
use super::error::{Error, ErrorKind};
use super::member::{Members, Name, UnitVariant, Variant};
use super::{ESCAPED_STR, leaf};
use crate::json::Text;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// The names of a struct's fields or an enum's variants.
pub(super) type Names = &'static [&'static str];

/// A deserializer method for a number, each of a type of its own.
macro_rules! number {
    ($($deserialize:ident $visit:ident $read:ident;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(leaf::$read(self.number()?)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Cursor<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.byte() {
            b'"' => self.deserialize_str(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'{' => self.deserialize_map(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => any_number(self.number()?, visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(leaf::read(self.scalar()?)?)
    }

    number! {
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

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let raw = self.string()?;
        self.character(raw, visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let raw = self.string()?;
        visitor.visit_borrowed_str(self.lend(raw)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // The type will own the text, so the scratch need not keep it.
        let raw = self.string()?;
        self.show(raw, |text| text.visit(visitor))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.byte() == b'[' {
            return self.deserialize_seq(visitor);
        }
        let raw = self.string()?;
        visitor.visit_borrowed_bytes(self.lend(raw)?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.byte() == b'[' {
            return self.deserialize_seq(visitor);
        }
        let raw = self.string()?;
        self.show(raw, |text| text.visit_bytes(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.byte() == b'n' {
            let () = leaf::read(self.scalar()?)?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let () = leaf::read(self.scalar()?)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == ESCAPED_STR {
            return visitor.visit_newtype_struct(BorrowedStrDeserializer::<Error>::new(self.string()?));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.byte() != b'[' {
            return Err(Error::new(ErrorKind::WrongType));
        }
        let start = self.enter();
        let value = visitor.visit_seq(Elements(self))?;
        self.leave(start)?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.object(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.byte() == b'[' {
            return self.deserialize_seq(visitor);
        }
        self.object(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: Names,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.byte() != b'{' {
            let raw = self.string()?;
            return visitor.visit_enum(UnitVariant(Name { cursor: self, raw, known: Some(variants) }));
        }
        let start = self.enter();
        if self.item().is_none() {
            return Err(Error::new(ErrorKind::InvalidLength(0)));
        }
        let value = visitor.visit_enum(Variant { cursor: self, variants })?;
        self.leave(start)?;
        Ok(value)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.step_over();
        visitor.visit_unit()
    }
}

impl<'de> Cursor<'de> {
    fn object<V: Visitor<'de>>(&mut self, fields: Option<Names>, visitor: V) -> Result<V::Value, Error> {
        if self.byte() != b'{' {
            return Err(Error::new(ErrorKind::WrongType));
        }
        let start = self.enter();
        let value = match visitor.visit_map(Members { cursor: self, fields }) {
            Ok(value) => value,
            // A type finds this out when it has just read the name.
            Err(error) if matches!(error.kind(), ErrorKind::DuplicateField(_)) => {
                return Err(error.or_at(self.name_offset()));
            }
            Err(error) => return Err(error),
        };
        self.leave(start)?;
        Ok(value)
    }

    /// A string of one character takes no scratch.
    pub(super) fn character<V: Visitor<'de>>(&mut self, raw: &'de str, visitor: V) -> Result<V::Value, Error> {
        let mut characters = escaped(raw).unwrap_or_else(|| Text::new(raw)).chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => visitor.visit_char(character),
            _ => self.show(raw, |text| text.visit(visitor)),
        }
    }
}

/// A number in the type that suits it best: an integer where it is written as one and fits.
fn any_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, Error> {
    // Only a float can say that a zero is negative.
    if leaf::is_integer(number) && number != "-0" {
        if number.starts_with('-') {
            if let Ok(integer) = leaf::read(number) {
                return visitor.visit_i64(integer);
            }
        } else if let Ok(integer) = leaf::read(number) {
            return visitor.visit_u64(integer);
        }
    }
    visitor.visit_f64(leaf::float(number)?)
}

impl<'de> Shown<'de, '_> {
    pub(super) fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Whole(text) => visitor.visit_borrowed_str(text),
            Self::Passing(text) => visitor.visit_str(text),
        }
    }

    fn visit_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Whole(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Self::Passing(text) => visitor.visit_bytes(text.as_bytes()),
        }
    }
}

/// The elements of an array.
struct Elements<'a, 'de>(&'a mut Cursor<'de>);

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        match self.0.item() {
            None => Ok(None),
            Some(_) => self.0.value(|cursor| seed.deserialize(cursor)).map(Some),
        }
    }
}
