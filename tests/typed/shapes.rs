use super::types::{Bytes, Colour, Key, Newtype, Pair, Shape, Unit};
use super::{read, write};
use callcontainer::Json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json_core::str::EscapedStr;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Writes a value, compares the text, and reads the value back.
#[track_caller]
fn both<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, json: &str) {
    assert_eq!(write(&value).unwrap(), json);
    assert_eq!(read::<T>(json).unwrap(), value);
}

/// The table of traps of serde-json-core 0.7, row by row: here each of them works.
#[test]
fn no_trap_of_serde_json_core_is_left() {
    // An escape in a text read into `&str` or `heapless::String` came back raw, or not at all.
    let json = Json::new(r#"["line\n\"\u4f60\"", "line\n\"\u4f60\""]"#).unwrap();
    let mut scratch = [0; 64];
    let (borrowed, owned): (&str, heapless::String<16>) = json.to(&mut scratch).unwrap();
    assert_eq!(borrowed, "line\n\"你\"");
    assert_eq!(owned, "line\n\"你\"");

    // A surrogate pair was refused.
    assert_eq!(Json::new(r#""\ud83d\ude00""#).unwrap().to::<&str>(&mut [0; 4]).unwrap(), "😀");
    assert_eq!(read::<char>(r#""\uD83D\uDE00""#).unwrap(), '😀');

    // Raw control bytes, `\q`, garbage in ignored fields and `+.5` were accepted.
    #[derive(Debug, Deserialize)]
    struct Empty {}
    for json in ["\"\u{1}\"", r#""\q""#, r#"{"a":+*+}"#, "+.5"] {
        assert!(Json::new(json).is_err());
    }
    assert!(read::<BTreeMap<String, f32>>(r#"{"a":".5"}"#).is_err());

    // `char`, tuple variants and integer map keys panicked.
    both('名', "\"名\"");
    both(Shape::Tuple(1, "a".into()), r#"{"Tuple":[1,"a"]}"#);
    both(BTreeMap::from([(-1, "a".to_owned()), (2, "b".to_owned())]), r#"{"-1":"a","2":"b"}"#);

    // A long unknown name under `deny_unknown_fields` could panic.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {}
    assert!(read::<Strict>(&format!("{{\"{}\":1}}", "名".repeat(80))).is_err());

    // Nested arrays in an unknown field were walked recursively.
    let deep = format!("{{\"unknown\":{}{}}}", "[".repeat(126), "]".repeat(126));
    assert!(read::<Empty>(&deep).is_ok());

    // Bytes were written without quotes or brackets.
    both(Bytes(vec![0, 34, 255]), "[0,34,255]");
    both(Bytes(vec![]), "[]");

    // Errors had no position.
    assert_eq!(read::<Vec<u8>>("[1,2,true]").unwrap_err().offset(), 5);
}

#[test]
fn every_shape_of_serde() {
    both(true, "true");
    both((), "null");
    both(Unit, "null");
    both(Newtype(7), "7");
    both(Pair(-1, "é".into()), r#"[-1,"é"]"#);
    both([Some(1), None], "[1,null]");
    both(Vec::<()>::new(), "[]");
    both(BTreeMap::<String, ()>::new(), "{}");
    both(Shape::Unit, r#""Unit""#);
    both(Shape::Renamed, r#""a \"quoted\" 名""#);
    both(Shape::Newtype(-5), r#"{"Newtype":-5}"#);
    both(Shape::Optional(None), r#"{"Optional":null}"#);
    both(Shape::Struct { x: 1, y: None }, r#"{"Struct":{"x":1,"y":null}}"#);
    both(Shape::Nested(Box::new(Shape::Nested(Box::new(Shape::Unit)))), r#"{"Nested":{"Nested":"Unit"}}"#);
    both("\u{8}\t\n\u{c}\r\0\u{1f}\u{7f}\"\\/".to_owned(), "\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7f}\\\"\\\\/\"");
    // Some(None) cannot be told from None.
    assert_eq!(write(&Some(None::<u8>)).unwrap(), "null");
    assert_eq!(read::<Option<Option<u8>>>("null").unwrap(), None);
}

#[test]
fn the_ends_of_every_number() {
    macro_rules! ends {
        ($($type:ty),*) => {$(
            both(<$type>::MIN, &<$type>::MIN.to_string());
            both(<$type>::MAX, &<$type>::MAX.to_string());
            both(0 as $type, "0");
        )*};
    }
    ends!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);
    both(f64::MAX, "1.7976931348623157e308");
    both(f64::MIN_POSITIVE, "2.2250738585072014e-308");
    both(f64::from_bits(1), "5e-324");
    both(f32::MAX, "3.4028235e38");
    both(-0.0_f64, "-0.0");
    both(1.5_f32, "1.5");
    assert_eq!(read::<f64>("15").unwrap(), 15.0);
    assert_eq!(read::<f64>("1.5E+1").unwrap(), 15.0);
    assert_eq!(read::<f64>("1e-999").unwrap(), 0.0);
    assert_eq!(write(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).unwrap(), "[null,null,null]");
    assert_eq!(write(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]).unwrap(), "[null,null,null]");
}

#[test]
fn keys_of_every_type() {
    both(BTreeMap::from([(true, 1), (false, 0)]), r#"{"false":0,"true":1}"#);
    both(BTreeMap::from([('"', 1), ('名', 2)]), r#"{"\"":1,"名":2}"#);
    both(BTreeMap::from([(Colour::Green, 1)]), r#"{"grün":1}"#);
    both(BTreeMap::from([(Key(-3), 1)]), r#"{"-3":1}"#);
    both(BTreeMap::from([(Some(3_u8), 1)]), r#"{"3":1}"#);
    both(BTreeMap::from([(u128::MAX, 1)]), r#"{"340282366920938463463374607431768211455":1}"#);
    both(BTreeMap::from([(i128::MIN, 1)]), r#"{"-170141183460469231731687303715884105728":1}"#);
    assert_eq!(read::<BTreeMap<Colour, u8>>(r#"{"azure":1,"gr\u00fcn":2}"#).unwrap().len(), 2);

    /// A key that is a float, which is no key of a map of the standard library.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Float<T>(T);
    #[derive(Debug, PartialEq)]
    struct Pairs<T>(Vec<(T, u8)>);
    impl<T: Serialize> Serialize for Pairs<T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
        }
    }
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor<T>(std::marker::PhantomData<T>);
            impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
                type Value = Pairs<T>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a map")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                    let mut pairs = Vec::new();
                    while let Some(pair) = map.next_entry()? {
                        pairs.push(pair);
                    }
                    Ok(Pairs(pairs))
                }
            }
            deserializer.deserialize_map(Visitor(std::marker::PhantomData))
        }
    }
    both(Pairs(vec![(Float(1.5_f64), 1), (Float(-1e300), 2)]), r#"{"1.5":1,"-1e300":2}"#);
    both(Pairs(vec![(Float(0.25_f32), 1)]), r#"{"0.25":1}"#);
    assert!(write(&Pairs(vec![(f32::NAN, 1)])).is_err());
    assert!(write(&Pairs(vec![(f64::INFINITY, 1)])).is_err());
    // Only what JSON calls a number is one.
    for key in ["", " 1", "1 ", "01", "+1", ".5", "1.", "1e", "inf", "NaN", "0x1", "null", "\\u0031"] {
        let json = format!("{{\"{key}\":1}}");
        assert!(read::<Pairs<f64>>(&json).is_err(), "{json}");
        assert!(read::<Pairs<u8>>(&json).is_err(), "{json}");
    }
    for key in ["", " true", "true ", "True", "1", "null", "tru\\u0065"] {
        assert!(read::<Pairs<bool>>(&format!("{{\"{key}\":1}}")).is_err());
    }
}

#[test]
fn a_struct_is_also_read_from_an_array() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i8,
        y: Option<i8>,
    }
    assert_eq!(read::<Point>(" [ 1 , null ] ").unwrap(), Point { x: 1, y: None });
    assert_eq!(read::<Shape>(r#"{"Struct":[1,"a"]}"#).unwrap(), Shape::Struct { x: 1, y: Some("a".into()) });
    // A field that is missing is `None`.
    assert_eq!(read::<Point>(r#"{"x":1}"#).unwrap(), Point { x: 1, y: None });
}

#[test]
fn what_displays_is_escaped_on_its_way() {
    struct Display<T>(T);
    impl<T: std::fmt::Display> Serialize for Display<T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }
    impl<T> PartialEq for Display<T> {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }
    assert_eq!(write(&Display(format_args!("{}\n{:>3}\"", "a\\", 'é'))).unwrap(), r#""a\\\n  é\"""#);
    assert_eq!(write(&std::net::Ipv4Addr::LOCALHOST).unwrap(), r#""127.0.0.1""#);
    assert_eq!(write(&BTreeMap::from([(std::net::Ipv4Addr::LOCALHOST, 1)])).unwrap(), r#"{"127.0.0.1":1}"#);
}

/// serde-json-core's own type for a string that stays escaped.
#[test]
fn escaped_str_stays_escaped() {
    let json = Json::new(r#"{"a\n": "\ud83d\ude00\/", "b": ""}"#).unwrap();
    let mut scratch = [0; 2];
    let map: BTreeMap<&str, EscapedStr<'_>> = json.to(&mut scratch).unwrap();
    assert_eq!(map["a\n"], EscapedStr(r"\ud83d\ude00\/"));
    assert_eq!(map["b"], EscapedStr(""));
    // What is written is the same text in its shortest form.
    assert_eq!(write(&map).unwrap(), r#"{"a\n":"😀/","b":""}"#);

    #[derive(Serialize)]
    struct Keyed<'a>(#[serde(serialize_with = "keyed")] EscapedStr<'a>);
    fn keyed<S: serde::Serializer>(key: &EscapedStr<'_>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(key, 1)])
    }
    assert_eq!(write(&Keyed(EscapedStr(r"\u0041\n"))).unwrap(), r#"{"A\n":1}"#);
}

#[test]
fn nesting_stops_at_127_levels_both_ways() {
    #[derive(Debug, Serialize, Deserialize)]
    struct List(Vec<List>);
    #[derive(Debug, Serialize, Deserialize)]
    enum Chain {
        End,
        Link(Box<Chain>),
        Pair(Box<Chain>, ()),
        Fields { next: Box<Chain> },
    }
    let list = |levels: usize| (1..levels).fold(List(vec![]), |list, _| List(vec![list]));
    let chain = |levels| (0..levels).fold(Chain::End, |chain, _| Chain::Link(Box::new(chain)));

    let deepest = write(&list(127)).unwrap();
    assert_eq!(deepest, "[".repeat(127) + &"]".repeat(127));
    assert!(read::<List>(&deepest).is_ok());
    assert!(read::<Chain>(&write(&chain(127)).unwrap()).is_ok());
    for (value, offset) in [(write(&list(128)), 127), (write(&chain(128)), 127 * 8)] {
        let error = value.unwrap_err();
        assert_eq!((error.kind(), error.offset()), (callcontainer::typed::ErrorKind::TooDeep, offset));
    }
    // What is beside each other is not within each other.
    both(vec![vec![Vec::<u8>::new()]; 200], &format!("[{}]", ["[[]]"; 200].join(",")));
    both(vec![BTreeMap::from([(1, Unit)]); 200], &format!("[{}]", ["{\"1\":null}"; 200].join(",")));
    // A variant with several values takes two levels.
    let nested = |levels, wrap: fn(Box<Chain>) -> Chain| (0..levels).fold(Chain::End, |chain, _| wrap(Box::new(chain)));
    let wraps: [fn(Box<Chain>) -> Chain; 2] = [|chain| Chain::Pair(chain, ()), |next| Chain::Fields { next }];
    for wrap in wraps {
        assert!(read::<Chain>(&write(&nested(63, wrap)).unwrap()).is_ok());
        assert!(write(&nested(64, wrap)).is_err());
    }
    // So does a value that would never end.
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq([Endless])
        }
    }
    assert!(write(&Endless).is_err());
}
