use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// An enum with a variant of each shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shape {
    Unit,
    #[serde(rename = "a \"quoted\" 名")]
    Renamed,
    Newtype(i32),
    Optional(Option<u8>),
    Tuple(u8, String),
    Struct {
        x: i64,
        y: Option<String>,
    },
    Nested(Box<Shape>),
    Nothing(()),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Colour {
    Red,
    #[serde(rename = "grün")]
    Green,
    #[serde(alias = "azure")]
    Blue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Newtype(pub u16);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair(pub i8, pub String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(pub i16);

/// Bytes by way of serde's own calls for bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes(bytes))
            }
        }

        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

/// Everything but floats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Everything {
    pub flag: bool,
    pub signed: (i8, i16, i32, i64),
    pub unsigned: (u8, u16, u32, u64),
    pub wide: (i128, u128),
    pub letter: char,
    pub text: String,
    pub unit: (),
    pub unit_struct: Unit,
    pub newtype: Newtype,
    pub pair: Pair,
    pub maybe: Option<Option<Box<u32>>>,
    pub list: Vec<Shape>,
    pub array: [u16; 3],
    #[serde(rename = "名\n\"")]
    pub renamed: Colour,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    pub bytes: Bytes,
    pub by_text: BTreeMap<String, Colour>,
    pub by_number: BTreeMap<i64, String>,
    pub by_newtype: BTreeMap<Key, u8>,
    pub by_flag: BTreeMap<bool, u8>,
    pub by_letter: BTreeMap<char, u8>,
    pub by_colour: BTreeMap<Colour, Vec<u8>>,
    pub inline: heapless::String<16>,
    pub inline_list: heapless::Vec<i32, 4>,
    pub tagged: Tagged,
    pub adjacent: Adjacent,
    pub untagged: Untagged,
    pub flat: Flat,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Tagged {
    Empty,
    Full { size: u32, name: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
pub enum Adjacent {
    Unit,
    One(String),
    Two(u8, i8),
    Named { x: u64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Untagged {
    Number(i64),
    Flag(bool),
    Text(String),
    List(Vec<Untagged>),
    Struct { only: u8 },
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flat {
    pub id: u8,
    #[serde(flatten)]
    pub inner: Inner,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Untagged>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inner {
    pub x: i32,
    pub y: Option<String>,
}
