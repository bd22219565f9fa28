use super::{read, write};
use callcontainer::Json;
use callcontainer::typed::{Error, ErrorKind};
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json_core::str::EscapedStr;
use std::fmt;

/// A value that is written by a closure.
macro_rules! written {
    (|$serializer:ident| $body:expr) => {{
        struct Value;
        impl Serialize for Value {
            fn serialize<S: Serializer>(&self, $serializer: S) -> Result<S::Ok, S::Error> {
                $body
            }
        }
        write(&Value)
    }};
}

/// A value that is read by a closure that is given the visitor's access.
macro_rules! visited {
    ($json:expr, $type:ty, $hint:ident, |$access:ident: $trait:ident| $visit:ident $body:expr) => {{
        #[derive(Debug)]
        struct Value($type);
        impl<'de> Deserialize<'de> for Value {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ValueVisitor;
                impl<'de> Visitor<'de> for ValueVisitor {
                    type Value = Value;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("anything")
                    }
                    fn $visit<A: $trait<'de>>(self, mut $access: A) -> Result<Value, A::Error> {
                        $body
                    }
                }
                deserializer.$hint(ValueVisitor)
            }
        }
        read::<(Value, u8)>(&format!("[{},7]", $json)).map(|(value, seven)| {
            assert_eq!(seven, 7);
            value.0
        })
    }};
}

#[track_caller]
fn is<T: fmt::Debug>(result: Result<T, Error>, kind: ErrorKind, offset: usize) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.offset()), (kind, offset));
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    assert_eq!(source.copied().map(ErrorKind::Json), Some(kind).filter(|kind| matches!(kind, ErrorKind::Json(_))));
}

#[test]
fn keys_and_values_are_written_in_turn() {
    is(
        written!(|s| {
            let mut m = s.serialize_map(None)?;
            m.serialize_value(&1)?;
            m.end()
        }),
        ErrorKind::OutOfTurn,
        1,
    );
    is(
        written!(|s| {
            let mut m = s.serialize_map(None)?;
            m.serialize_key("a")?;
            m.serialize_key("b")?;
            m.end()
        }),
        ErrorKind::OutOfTurn,
        5,
    );
    is(
        written!(|s| {
            let mut m = s.serialize_map(None)?;
            m.serialize_key("a")?;
            m.end()
        }),
        ErrorKind::OutOfTurn,
        5,
    );
    // A wrong length is no more than a wrong hint.
    let json = written!(|s| {
        let mut q = s.serialize_seq(Some(0))?;
        q.serialize_element(&1)?;
        q.end()
    });
    assert_eq!(json.unwrap(), "[1]");
    let json = written!(|s| {
        let mut q = s.serialize_struct("x", 9)?;
        q.serialize_field("a\n", &1)?;
        q.end()
    });
    assert_eq!(json.unwrap(), r#"{"a\n":1}"#);
}

#[test]
fn an_error_that_is_dropped_while_writing_comes_out_in_the_end() {
    struct Shy;
    impl Serialize for Shy {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut list = serializer.serialize_seq(None)?;
            list.serialize_element("half a value")?;
            Err(serde::ser::Error::custom("changed my mind"))
        }
    }
    let json = written!(|s| {
        let mut list = s.serialize_seq(None)?;
        let _ = list.serialize_element(&Shy);
        let _ = list.serialize_element(&2);
        list.end()
    });
    is(json, ErrorKind::Custom, 16);
    let json = written!(|s| {
        let mut map = s.serialize_map(None)?;
        let _ = map.serialize_entry(&(), &1);
        let _ = map.serialize_entry("a", &1);
        map.end()
    });
    is(json, ErrorKind::KeyNotString, 1);
    // The first error is the one that is told.
    let json = written!(|s| {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry(&[()], &1).map_err(|_| serde::ser::Error::custom("something else"))?;
        map.end()
    });
    is(json, ErrorKind::KeyNotString, 1);
}

#[test]
fn a_display_that_fails_or_hides_a_failure() {
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("ab")?;
            Err(fmt::Error)
        }
    }
    is(written!(|s| s.collect_str(&Fails)), ErrorKind::Custom, 3);
    is(written!(|s| s.collect_map([(Key, 1)])), ErrorKind::Custom, 4);
    struct Key;
    impl Serialize for Key {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&Fails)
        }
    }

    struct Hides;
    impl fmt::Display for Hides {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _ = f.write_str("longer than the buffer");
            let _ = f.write_str("x");
            Ok(())
        }
    }
    struct Value;
    impl Serialize for Value {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&Hides)
        }
    }
    let error = Json::from_value(&Value, &mut [0; 8]).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, 1));
}

#[test]
fn an_escaped_str_that_is_not_escaped() {
    const NAME: &str = "__serde_json_core_escaped_string__";
    use callcontainer::ErrorKind::{ControlCharacter, InvalidEscape, LoneSurrogate, UnexpectedByte};
    let cases =
        [("a\n", ControlCharacter), (r"\q", InvalidEscape), (r"\ud800x", LoneSurrogate), (r#"","#, UnexpectedByte)];
    for (text, kind) in cases {
        is(write(&[EscapedStr(text)]), ErrorKind::Json(kind), 1);
    }
    // A type that only has the name is not let through either.
    struct Display;
    impl Serialize for Display {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str("\",\"")
        }
    }
    is(written!(|s| s.serialize_newtype_struct(NAME, &[1])), ErrorKind::KeyNotString, 0);
    is(written!(|s| s.serialize_newtype_struct(NAME, &Some(Display))), ErrorKind::KeyNotString, 0);
    let json = written!(|s| s.serialize_newtype_struct(NAME, &1));
    assert_eq!(json.unwrap(), "\"1\"");
}

#[test]
fn elements_and_members_that_are_left() {
    is(
        visited!("[1,[2]]", (), deserialize_seq, |_a: SeqAccess| visit_seq Ok(Value(()))),
        ErrorKind::TrailingElements,
        2,
    );
    is(
        visited!("[1,[2]]", u8, deserialize_seq, |a: SeqAccess| visit_seq Ok(Value(a.next_element()?.unwrap()))),
        ErrorKind::TrailingElements,
        4,
    );
    is(
        visited!("{\"a\":1}", (), deserialize_map, |_a: MapAccess| visit_map Ok(Value(()))),
        ErrorKind::TrailingElements,
        2,
    );
    is(
        visited!("{\"a\": 1}", String, deserialize_map, |a: MapAccess| visit_map Ok(Value(a.next_key()?.unwrap()))),
        ErrorKind::TrailingElements,
        7,
    );
    is(
        visited!("{\"a\":1,\"b\":2}", (String, u8), deserialize_map, |a: MapAccess| visit_map Ok(Value(a.next_entry()?.unwrap()))),
        ErrorKind::TrailingElements,
        8,
    );
    // Bytes are an array of numbers or a string.
    for (json, first) in [("[1,2]", 1), (" [7, 2]", 7)] {
        let result = visited!(json, u8, deserialize_bytes, |a: SeqAccess| visit_seq {
            let first = a.next_element()?;
            while a.next_element::<u8>()?.is_some() {}
            Ok(Value(first.unwrap()))
        });
        assert_eq!(result.unwrap(), first);
    }
    // Nothing is left of what is empty.
    assert!(visited!("[ ]", (), deserialize_seq, |_a: SeqAccess| visit_seq Ok(Value(()))).is_ok());
    assert!(visited!("{ }", (), deserialize_struct_of_one, |_a: MapAccess| visit_map Ok(Value(()))).is_ok());
}

/// So that a struct can be asked for where the macro has no room for its arguments.
trait StructOfOne<'de>: Deserializer<'de> {
    fn deserialize_struct_of_one<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_struct("One", &["one"], visitor)
    }
}

impl<'de, D: Deserializer<'de>> StructOfOne<'de> for D {}

#[test]
fn keys_and_values_are_read_in_turn() {
    is(
        visited!("{\"a\":1}", u8, deserialize_map, |a: MapAccess| visit_map Ok(Value(a.next_value()?))),
        ErrorKind::OutOfTurn,
        2,
    );
    is(
        visited!("{\"a\":1}", (), deserialize_map, |a: MapAccess| visit_map {
            a.next_key::<String>()?;
            a.next_key::<String>()?;
            Ok(Value(()))
        }),
        ErrorKind::OutOfTurn,
        5,
    );
    is(
        visited!("{\"a\":1}", u8, deserialize_map, |a: MapAccess| visit_map {
            a.next_entry::<String, u8>()?;
            Ok(Value(a.next_value()?))
        }),
        ErrorKind::OutOfTurn,
        7,
    );
    // The end stays the end.
    let result = visited!("[1]", u8, deserialize_seq, |a: SeqAccess| visit_seq {
        let one = a.next_element()?.unwrap();
        assert!(a.next_element::<u8>()?.is_none());
        assert!(a.next_element::<u8>()?.is_none());
        Ok(Value(one))
    });
    assert_eq!(result.unwrap(), 1);
}

/// Whoever drops an error goes on behind the value that was refused.
#[test]
fn an_error_that_is_dropped_while_reading_skips_the_value() {
    let json = r#"[1, "two", [3, [4, "]"]], {"5": "}"}, 6, 700, -8, "\ud83d\ude00", 9]"#;
    let result = visited!(json, Vec<u8>, deserialize_seq, |a: SeqAccess| visit_seq {
        let mut list = Vec::new();
        loop {
            match a.next_element() {
                Ok(Some(number)) => list.push(number),
                Ok(None) => return Ok(Value(list)),
                Err(_) => {}
            }
        }
    });
    assert_eq!(result.unwrap(), [1, 6, 9]);

    let json = r#"{"1": [2, "x"], "y": 3, "4": 5, "6": {"a": {"b": []}}}"#;
    let result = visited!(json, Vec<(u8, u8)>, deserialize_map, |a: MapAccess| visit_map {
        let mut list = Vec::new();
        loop {
            match a.next_key::<u8>() {
                Ok(Some(key)) => {
                    if let Ok(value) = a.next_value::<u8>() {
                        list.push((key, value));
                    }
                }
                Ok(None) => return Ok(Value(list)),
                Err(_) => {
                    a.next_value::<IgnoredAny>()?;
                }
            }
        }
    });
    assert_eq!(result.unwrap(), [(4, 5)]);

    /// `None` for whatever does not suit the type.
    #[derive(Debug, PartialEq)]
    struct Lenient<T>(Option<T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Self(T::deserialize(deserializer).ok()))
        }
    }
    let json = r#"[{"x": [1, [true]]}, [[1], [2, "a"], 3, [4]], "x", 5, [[]]]"#;
    let list: Vec<Lenient<Vec<Lenient<[u8; 1]>>>> = read(json).unwrap();
    assert_eq!(
        list,
        [
            Lenient(None),
            Lenient(Some(vec![Lenient(Some([1])), Lenient(None), Lenient(None), Lenient(Some([4]))])),
            Lenient(None),
            Lenient(None),
            Lenient(Some(vec![Lenient(None)])),
        ]
    );
    assert_eq!(read::<Lenient<super::types::Shape>>(r#"{"Tuple": [1, 2], "x": 3}"#).unwrap(), Lenient(None));
}

/// A type that does not ask for anything gets nothing, and the next one its own.
#[test]
fn a_value_that_nobody_reads_is_skipped() {
    #[derive(Debug)]
    struct Idle;
    impl<'de> Deserialize<'de> for Idle {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }
    let (_, one, _): (Idle, u8, Idle) = read(r#"[[1, {"a": "]"}], 1, "x"]"#).unwrap();
    assert_eq!(one, 1);
    assert!(read::<Idle>(r#"{"a": [1]}"#).is_ok());
}

/// An enum whose visitor looks at the name alone.
#[test]
fn a_variant_whose_value_is_left() {
    #[derive(Debug, PartialEq)]
    struct NameOnly(String);
    impl<'de> Deserialize<'de> for NameOnly {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct NameVisitor;
            impl<'de> Visitor<'de> for NameVisitor {
                type Value = NameOnly;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an enum")
                }
                fn visit_enum<A: de::EnumAccess<'de>>(self, access: A) -> Result<NameOnly, A::Error> {
                    access.variant().map(|(name, _)| NameOnly(name))
                }
            }
            deserializer.deserialize_enum("NameOnly", &[], NameVisitor)
        }
    }
    assert_eq!(read::<NameOnly>(r#""a\n""#).unwrap(), NameOnly("a\n".into()));
    is(read::<NameOnly>(r#"{"a": {"b": 1}}"#), ErrorKind::TrailingElements, 6);
}
