use super::types::{Bytes, Colour, Everything, Newtype, Pair, Shape, Unit};
use super::{read, write};
use callcontainer::typed::{Error, ErrorKind};
use callcontainer::{Data, Json, Text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "its fields are read by `Debug` alone, where a test fails")]
struct Order {
    id: u8,
    #[serde(rename = "名")]
    name: Option<String>,
    colour: Option<Colour>,
    inner: Option<Box<Order>>,
}

#[track_caller]
fn refused<T: DeserializeOwned + Debug>(json: &str, kind: ErrorKind, offset: usize) {
    let error = read::<T>(json).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (kind, offset), "{json}");
}

/// No data is read as `null`, and text and bytes as nothing: what is wrong is at the beginning.
#[test]
fn data_that_is_no_json() {
    for data in [Data::None, Data::Text(Text::new("1")), Data::Bytes(callcontainer::Bytes::new(b"1"))] {
        let error = data.to::<u8>(&mut []).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::WrongType, 0), "{data:?}");
    }
}

/// A string with half of a surrogate pair is JSON and no text: to read it is the error, at the escape.
#[test]
fn half_of_a_surrogate_pair() {
    const LONE: ErrorKind = ErrorKind::Json(callcontainer::ErrorKind::LoneSurrogate);
    assert_eq!(LONE.name(), "lone-surrogate");
    refused::<Vec<String>>(r#"["a", "b\n\ud83d"]"#, LONE, 10);
    refused::<Vec<String>>(r#"["\ud83d\ude00\ude00"]"#, LONE, 14);
    refused::<Vec<String>>(r#"["\ufffd\ud83d\ude00\ufffd\ud83dx"]"#, LONE, 26);
    refused::<Vec<heapless::String<64>>>(r#"[ "\ud83d\ud83d\ude00"]"#, LONE, 3);
    refused::<Vec<char>>(r#"["\udc00"]"#, LONE, 2);
    refused::<Vec<char>>(r#"["\ufffd", "\ud83d\u0041"]"#, LONE, 12);
    refused::<Vec<Bytes>>(r#"["\ud83d"]"#, LONE, 2);
    refused::<serde_json::Value>(r#"{"a": [1, "\ud83d"]}"#, LONE, 11);
    refused::<BTreeMap<String, u8>>(r#"{"a": 1, "x\udc00": 2}"#, LONE, 11);
    refused::<BTreeMap<char, u8>>(r#"{"\udc00": 2}"#, LONE, 2);
    refused::<BTreeMap<u8, u8>>(r#"{"\udc00": 2}"#, ErrorKind::WrongType, 1);
    refused::<Order>(r#"{"id": 1, "name": "\ud83d"}"#.replace("name", "名").as_str(), LONE, 18);
    refused::<Order>(r#"{"id": 1, "i\ud83dd": 2}"#, ErrorKind::UnknownField, 10);
    refused::<Vec<Colour>>(r#"["\ud83d"]"#, ErrorKind::UnknownVariant, 1);
    refused::<Shape>(r#"{"\ud83d": 1}"#, ErrorKind::UnknownVariant, 1);

    // A text is lent from the scratch, and what is wrong is told however long that is.
    let json = Json::new(r#"["\n\ud83d"]"#).unwrap();
    assert_eq!(json.to::<[&str; 1]>(&mut []).unwrap_err().kind(), LONE);
    assert_eq!(json.to::<[&str; 1]>(&mut [0; 16]).unwrap_err().offset(), 4);

    // What nobody reads does no harm, be it a value or a name, and is never read as something else.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Reply {
        code: u8,
    }
    let json = r#"{"code":0,"name":"\ud83d","\udc00":["\ud83d"],"co\ud83dde":1}"#;
    assert_eq!(read::<Reply>(json).unwrap(), Reply { code: 0 });
    assert!(read::<BTreeMap<String, serde::de::IgnoredAny>>(r#"{"a":"\ud83d"}"#).is_ok());
    #[derive(Debug, PartialEq, Deserialize)]
    struct Odd {
        #[serde(default, rename = "\u{fffd}")]
        one: u8,
        #[serde(default, rename = "\\ud83d")]
        other: u8,
    }
    assert_eq!(read::<Odd>(r#"{"\ud83d":1}"#).unwrap(), Odd { one: 0, other: 0 });
    assert_eq!(read::<Odd>(r#"{"\ufffd":1,"\\ud83d":2}"#).unwrap(), Odd { one: 1, other: 2 });
    assert_eq!(read::<Vec<char>>(r#"["\ufffd"]"#).unwrap(), ['\u{fffd}']);
    assert_eq!(Json::new(r#"["\ufffd"]"#).unwrap().to::<[char; 1]>(&mut []).unwrap(), ['\u{fffd}']);

    // A value by itself is a text, and none is made that is not.
    assert_eq!(Json::new(r#""\ud83d""#).unwrap_err().kind(), callcontainer::ErrorKind::LoneSurrogate);
}

#[test]
fn a_value_of_another_type() {
    use ErrorKind::WrongType;
    refused::<bool>(" 1", WrongType, 1);
    refused::<bool>("null", WrongType, 0);
    refused::<u8>("null", WrongType, 0);
    refused::<u8>("true", WrongType, 0);
    refused::<u8>("\"1\"", WrongType, 0);
    refused::<u8>("1.0", WrongType, 0);
    refused::<i128>("1e2", WrongType, 0);
    refused::<f64>("null", WrongType, 0);
    refused::<f32>("\"1\"", WrongType, 0);
    refused::<char>("1", WrongType, 0);
    refused::<String>("[]", WrongType, 0);
    refused::<Bytes>("{}", WrongType, 0);
    refused::<()>("0", WrongType, 0);
    refused::<()>("[]", WrongType, 0);
    refused::<Unit>("\"Unit\"", WrongType, 0);
    refused::<Newtype>("[1]", WrongType, 0);
    refused::<Pair>("{}", WrongType, 0);
    refused::<Vec<u8>>("\"ab\"", WrongType, 0);
    refused::<BTreeMap<String, u8>>("[]", WrongType, 0);
    refused::<Order>("7", WrongType, 0);
    refused::<Option<u8>>("false", WrongType, 0);
    refused::<Shape>("1", WrongType, 0);
    refused::<Shape>("[\"Unit\"]", WrongType, 0);
    refused::<Shape>(r#""Newtype""#, WrongType, 0);
    refused::<Shape>(r#""Tuple""#, WrongType, 0);
    refused::<Shape>(r#""Struct""#, WrongType, 0);
    refused::<Shape>(r#"{"Unit": 1}"#, WrongType, 9);
    refused::<Shape>(r#"{"Tuple": {}}"#, WrongType, 10);
    refused::<Shape>(r#"{"Struct": 1}"#, WrongType, 11);
    refused::<Shape>(r#"{"Tuple": [1, 2]}"#, WrongType, 14);
    refused::<Order>(r#"{"id": 1, "\u540d": [2]}"#, WrongType, 20);
    refused::<Order>(r#"{"id": 1, "inner": {"id": 2, "inner": {"id": "3"}}}"#, WrongType, 45);
    refused::<BTreeMap<u8, u8>>(r#"{"1": 1, "x": 2}"#, WrongType, 9);
    refused::<BTreeMap<bool, u8>>(r#"{"true": 1, "x": 2}"#, WrongType, 12);
    refused::<BTreeMap<(), u8>>(r#"{"": 1}"#, WrongType, 1);
    refused::<BTreeMap<Vec<u8>, u8>>(r#"{"": 1}"#, WrongType, 1);
    refused::<BTreeMap<Shape, u8>>(r#"{ "Newtype": 1}"#, WrongType, 2);
}

#[test]
fn a_value_that_is_not_allowed() {
    use ErrorKind::{InvalidValue, OutOfRange};
    refused::<[char; 2]>(r#"["a", "ab"]"#, InvalidValue, 6);
    refused::<char>(r#""""#, InvalidValue, 0);
    refused::<char>(r#""\n\n""#, InvalidValue, 0);
    refused::<BTreeMap<char, u8>>(r#"{"ab": 1}"#, InvalidValue, 1);
    refused::<[std::num::NonZeroU8; 2]>("[1,0]", InvalidValue, 3);
    refused::<[u8; 2]>("[255, 256]", OutOfRange, 6);
    refused::<u8>("-1", OutOfRange, 0);
    refused::<u32>("-0", OutOfRange, 0);
    refused::<i8>("-129", OutOfRange, 0);
    refused::<u64>("18446744073709551616", OutOfRange, 0);
    refused::<u128>("340282366920938463463374607431768211456", OutOfRange, 0);
    refused::<i128>("-170141183460469231731687303715884105729", OutOfRange, 0);
    refused::<f64>("1e309", OutOfRange, 0);
    refused::<[f32; 2]>("[0, -1e39]", OutOfRange, 4);
    refused::<serde_json::Value>("[[-1e309]]", OutOfRange, 2);
    refused::<BTreeMap<u8, u8>>(r#"{"256": 1}"#, OutOfRange, 1);
}

#[test]
fn too_few_and_too_many() {
    use ErrorKind::{InvalidLength, TrailingElements};
    refused::<(u8, [u8; 3])>("[0, [1, 2]]", InvalidLength(2), 4);
    refused::<Pair>(" []", InvalidLength(0), 1);
    refused::<heapless::Vec<u8, 2>>("[1, 2, 3]", InvalidLength(3), 0);
    refused::<Vec<heapless::String<3>>>(r#"["abc", "abcd"]"#, InvalidLength(4), 8);
    refused::<Shape>("{}", InvalidLength(0), 0);
    refused::<(u8, u8)>("[1, 2, 3, 4]", TrailingElements, 7);
    refused::<Pair>(r#"[1, "a" , [ ] ]"#, TrailingElements, 10);
    refused::<[(); 0]>("[ null]", TrailingElements, 2);
    refused::<Shape>(r#"{"Unit": null, "Unit": null}"#, TrailingElements, 15);
    refused::<Shape>(r#"{"Tuple": [1, "a", 2]}"#, TrailingElements, 19);
}

#[test]
fn fields_and_variants() {
    use ErrorKind::{DuplicateField, MissingField, UnknownField, UnknownVariant};
    refused::<Order>(r#"{"id": 1, "size": 2}"#, UnknownField, 10);
    refused::<Order>(r#"{"id": 1, "\u0073\n": 2}"#, UnknownField, 10);
    refused::<Order>(r#" {"inner": {}}"#, MissingField("id"), 11);
    refused::<Order>("{}", MissingField("id"), 0);
    refused::<Order>(r#"{"id": 1, "id": 2}"#, DuplicateField("id"), 10);
    refused::<Order>(r#"{"名": "a", "id": 1, "\u540d": "b"}"#, DuplicateField("名"), 22);
    refused::<Order>(r#"{"inner": {"id": 1, "id": 2}}"#, DuplicateField("id"), 20);
    refused::<Order>(r#"{"id": 1, "colour": "red"}"#, UnknownVariant, 20);
    refused::<Shape>(r#"{"Red": 1}"#, UnknownVariant, 1);
    refused::<Vec<Shape>>(r#"["Unit", {"unit": null}]"#, UnknownVariant, 10);
    refused::<Everything>("{}", MissingField("flag"), 0);
}

#[test]
fn a_rule_of_the_type() {
    refused::<Vec<std::net::Ipv4Addr>>(r#"["127.0.0.1", "nowhere"]"#, ErrorKind::Custom, 14);
    refused::<super::types::Untagged>(r#"{"x": 1}"#, ErrorKind::Custom, 0);
    struct Shy;
    impl Serialize for Shy {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not me"))
        }
    }
    let error = write(&(1, Shy)).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Custom, 3));
    let error = write(&Shy).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Custom, 0));
}

#[test]
fn keys_that_cannot_be_strings() {
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    enum Key {
        Newtype(u8),
        Tuple(u8, u8),
        Struct { x: u8 },
    }
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    struct Record {
        x: u8,
    }
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    struct Tuple(u8, u8);
    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    struct Nothing;
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Raw;
    impl Serialize for Raw {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"raw")
        }
    }
    fn refused<K: Serialize + Ord>(key: K) {
        let error = write(&[BTreeMap::from([(key, 1)])]).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::KeyNotString, 2));
    }
    refused(());
    refused(Nothing);
    refused(None::<u8>);
    refused(vec![1]);
    refused((1, 2));
    refused(Tuple(1, 2));
    refused(Record { x: 1 });
    refused(Key::Newtype(1));
    refused(Key::Tuple(1, 2));
    refused(Key::Struct { x: 1 });
    refused(BTreeMap::from([(1, 1)]));
    refused(Raw);
}

#[test]
fn a_buffer_too_small_at_every_size() {
    #[derive(Serialize)]
    struct All {
        text: &'static str,
        number: i64,
        float: f64,
        flag: bool,
        nothing: Option<u8>,
        shapes: Vec<Shape>,
        by_number: BTreeMap<i8, char>,
        bytes: Bytes,
        wide: u128,
        address: std::net::Ipv4Addr,
    }
    let value = All {
        text: "a\"\n\u{1}名😀",
        number: i64::MIN,
        float: 1.5e300,
        flag: true,
        nothing: None,
        shapes: vec![Shape::Unit, Shape::Tuple(1, "x".into()), Shape::Struct { x: 1, y: None }, Shape::Newtype(1)],
        by_number: BTreeMap::from([(-7, '"')]),
        bytes: Bytes(vec![1, 2, 3]),
        wide: u128::MAX,
        address: std::net::Ipv4Addr::LOCALHOST,
    };
    let whole = write(&value).unwrap();
    assert_eq!(whole, serde_json::to_string(&value).unwrap().replace("e+", "e"));
    let mut last = 0;
    for size in 0..whole.len() {
        let mut buffer = vec![0; size];
        let error = Json::from_value(&value, &mut buffer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BufferTooSmall);
        // What was written is the start of the whole, and a larger buffer gets no shorter one.
        assert!(error.offset() <= size && error.offset() >= last);
        assert_eq!(buffer[..error.offset()], whole.as_bytes()[..error.offset()]);
        last = error.offset();
    }
    assert_eq!(last, whole.len() - 1);
    let mut buffer = vec![0; whole.len()];
    assert_eq!(Json::from_value(&value, &mut buffer).unwrap().as_str(), whole);
}

#[test]
fn every_kind_has_a_name_and_one_line() {
    use ErrorKind::*;
    let kinds = [
        Custom,
        WrongType,
        InvalidValue,
        InvalidLength(3),
        UnknownVariant,
        UnknownField,
        MissingField("a\nb"),
        DuplicateField("a"),
        TrailingElements,
        OutOfRange,
        ScratchTooSmall,
        BufferTooSmall,
        KeyNotString,
        TooDeep,
        OutOfTurn,
        Json(callcontainer::ErrorKind::InvalidEscape),
    ];
    let mut names: Vec<_> = kinds.map(ErrorKind::name).to_vec();
    for (kind, name) in kinds.iter().zip(&names) {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
        // It is that of the variant, as with the kinds of envelopes.
        let shown = format!("{kind:?}");
        let variant = shown.trim_start_matches("Json(").split(['(', ')']).next().unwrap();
        assert_eq!(name.split('-').collect::<String>(), variant.to_lowercase());
        assert_eq!(name.matches('-').count() + 1, variant.matches(char::is_uppercase).count());
        assert_eq!(kind.to_string().lines().count(), 1);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), kinds.len());
    assert_eq!(MissingField("a\nb").to_string(), r#"no field "a\nb" in the object"#);
}

#[test]
fn an_error_is_small_plain_data() {
    fn plain<T: Copy + Eq + Debug + core::error::Error + Send + Sync + 'static>() {}
    plain::<Error>();
    assert!(size_of::<Error>() <= 6 * size_of::<usize>());
    let error: Error = serde::de::Error::custom("no place");
    assert_eq!((error.kind(), error.offset()), (ErrorKind::Custom, 0));
}
