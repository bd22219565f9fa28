//! Reads any type from a JSON text that is known to be valid.
//!
//! Knows how serde's types look in JSON. If an error lacks its position, [`Cursor::value`] adds it.

use super::cursor::Cursor;
use super::error::{Error, ErrorKind};
use super::leaf::{self, ESCAPED_STR};
use super::member::{Members, Name, Names, UnitVariant, Variant};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

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

    leaf::deserialize_numbers!();

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
            // A type detects this right after it has read the name.
            Err(error) if matches!(error.kind(), ErrorKind::DuplicateField(_)) => {
                return Err(error.or_at(self.name_offset()));
            }
            Err(error) => return Err(error),
        };
        self.leave(start)?;
        Ok(value)
    }
}

/// Visits a number as the type that suits it best: an integer if it is written as one and fits.
fn any_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, Error> {
    // Only a float can represent a negative zero.
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
