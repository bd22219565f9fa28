use super::generate::{everything, shape, text};
use super::same::{all_types, same};
use super::types::{Everything, Shape};
use super::{read, write};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// The same JSON with every character of every string escaped. The names of members that are numbers, booleans or
/// digits stay, because `serde_json` reads only those.
fn escaped(json: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap();
    fn string(text: &str, out: &mut String) {
        out.push('"');
        for unit in text.encode_utf16() {
            out.push_str(&format!("\\u{unit:04X}"));
        }
        out.push('"');
    }
    fn put(value: &Value, out: &mut String) {
        match value {
            Value::String(text) => string(text, out),
            Value::Array(list) => {
                out.push('[');
                for (index, value) in list.iter().enumerate() {
                    out.push_str(if index > 0 { " ,\t" } else { "\n" });
                    put(value, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { " ,\r" } else { " " });
                    if name == "true" || name == "false" || name.parse::<f64>().is_ok() {
                        out.push_str(&format!("\"{name}\""));
                    } else {
                        string(name, out);
                    }
                    out.push_str(" : ");
                    put(value, out);
                }
                out.push_str(" }");
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    put(&value, &mut out);
    out
}

proptest! {
    #[test]
    fn everything_is_written_as_serde_json_writes_it(value in everything()) {
        let ours = write(&value).unwrap();
        prop_assert_eq!(&ours, &serde_json::to_string(&value).unwrap());
        prop_assert_eq!(&read::<Everything>(&ours).unwrap(), &value);
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(&read::<Everything>(&pretty).unwrap(), &value);
    }

    #[test]
    fn every_string_may_be_escaped(value in vec(shape(), 0..6), map in any::<BTreeMap<i8, String>>()) {
        let escaped = escaped(&serde_json::to_string(&(&value, &map)).unwrap());
        prop_assert_eq!(read::<(Vec<Shape>, BTreeMap<i8, String>)>(&escaped).unwrap(), (value, map));
    }

    #[test]
    fn floats_come_back_to_the_bit(wide in any::<f64>(), single in any::<f32>(), keys in any::<(i32, u64)>()) {
        let json = write(&(wide, single)).unwrap();
        prop_assert_eq!(read::<(f64, f32)>(&json).unwrap(), (wide, single));
        prop_assert_eq!(json, write(&(Some(wide), Some(single))).unwrap());
        let map: Vec<(i32, u64)> = vec![keys];
        let map: BTreeMap<i32, u64> = map.into_iter().collect();
        prop_assert_eq!(read::<BTreeMap<i32, u64>>(&write(&map).unwrap()).unwrap(), map);
    }

    #[test]
    fn floats_mean_what_serde_json_writes(wide in any::<f64>(), single in any::<f32>()) {
        let theirs = serde_json::to_string(&(wide, single)).unwrap();
        prop_assert_eq!(read::<(f64, f32)>(&theirs).unwrap(), (wide, single));
    }

    #[test]
    fn any_json_is_read_as_serde_json_reads_it(json in json()) {
        all_types(&json);
    }

    /// Values of the type itself with one part of them changed, so that most of them fit nearly.
    #[test]
    fn nearly_right_json_is_read_as_serde_json_reads_it(value in everything(), at in any::<prop::sample::Index>(), with in json()) {
        let right = serde_json::to_string(&value).unwrap();
        for json in changed(&right, at.index(right.len()), &with) {
            same::<Everything>(&json, |ours, theirs| ours == theirs);
        }
    }

    #[test]
    fn nearly_right_shapes_are_read_as_serde_json_reads_them(value in vec(shape(), 1..3), at in any::<prop::sample::Index>(), with in json()) {
        let right = serde_json::to_string(&value).unwrap();
        for json in changed(&right, at.index(right.len()), &with) {
            same::<Vec<Shape>>(&json, |ours, theirs| ours == theirs);
        }
    }
}

/// Valid JSON that differs from `right` near this place: a token replaced, left out or given twice.
fn changed(right: &str, at: usize, with: &str) -> Vec<String> {
    let token = |byte: char| matches!(byte, '{' | '}' | '[' | ']' | ',' | ':');
    let Some(start) = right.get(..at).map(|before| before.rfind(token).map_or(0, |at| at + 1)) else {
        return Vec::new();
    };
    let end = right[start..].find(token).map_or(right.len(), |length| start + length);
    let (before, here, after) = (&right[..start], &right[start..end], &right[end..]);
    [
        format!("{before}{with}{after}"),
        format!("{before} {after}"),
        format!("{before}{here},{here}{after}"),
        format!("{before}{here},\"x\":{here}{after}"),
        format!("{before}{here}:{with},{here}{after}"),
        format!("{before}{}{after}", here.to_uppercase()),
        format!("{before}{}{after}", here.replace('"', "")),
        format!("{before}\"{here}\"{after}"),
        format!("{before}{{{here}:1}}{after}"),
        format!("{before}[{here}]{after}"),
        format!("{before}[{here},{with}]{after}"),
    ]
    .into_iter()
    .filter(|json| callcontainer::Json::new(json).is_ok())
    .collect()
}

/// A text of JSON: names and words that mean something to the types, numbers in every notation, white space anywhere.
fn json() -> BoxedStrategy<String> {
    let word = prop::sample::select(vec![
        "Unit", "Newtype", "Optional", "Tuple", "Struct", "Nested", "Nothing", "Red", "grün", "azure", "x", "y", "id",
        "only", "kind", "Full", "Empty", "size", "name", "t", "c", "One", "Two", "Named", "1", "-7", "1.5", "true",
        "false", "", "a", " 1", "01", "-0", "1e2", "300", "null",
    ]);
    let string = prop_oneof![word.prop_map(str::to_owned), text()].prop_map(|text| Value::from(text).to_string());
    let escaped = string.clone().prop_map(|json| escaped(&json));
    let string = prop_oneof![4 => string, 1 => escaped].boxed();
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u8>().prop_map(|number| number.to_string()),
        prop::sample::select(vec![
            "0",
            "1",
            "-1",
            "127",
            "128",
            "255",
            "256",
            "-128",
            "-129",
            "65535",
            "65536",
            "4294967295",
            "4294967296",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211456",
            "1.0",
            "1.5",
            "-1.25",
            "1e2",
            "1E+2",
            "25e-1",
            "1e999",
            "-1e999",
            "1e-999",
            "0.0",
            "0e0"
        ])
        .prop_map(str::to_owned),
        any::<i32>().prop_map(|number| (f64::from(number) / 1024.0).to_string()),
    ];
    let leaf = prop_oneof![
        3 => string.clone(),
        3 => number,
        2 => prop::sample::select(vec!["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned),
    ];
    let space = prop::sample::select(vec!["", "", " ", "\n", "\t \r"]);
    // Half of a surrogate pair stands in a value, never alone.
    let half = vec![r#""\ud83d""#, r#""i\udc00d""#, r#""\ud83d\ude00\ude00""#, r#""\u0078\uDBFF\ud83d\ude00""#];
    let half = prop::sample::select(half).prop_map(str::to_owned);
    let name = prop_oneof![12 => string, 1 => half.clone()].boxed();
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let inner = prop_oneof![12 => inner, 1 => half.clone()].boxed();
        prop_oneof![
            (vec(inner.clone(), 0..4), space.clone())
                .prop_map(|(list, space)| format!("{space}[{space}{}{space}]", list.join(&format!("{space},{space}")))),
            (vec((name.clone(), inner), 0..4), space.clone()).prop_map(|(members, space)| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
                format!("{{{space}{}{space}}}{space}", members.join(&format!("{space},{space}")))
            }),
        ]
    })
    .boxed()
}

/// Where the two differ on purpose.
#[test]
fn the_differences_are_those_that_are_documented() {
    // -0 is an integer here.
    assert_eq!(read::<i8>("-0").unwrap(), 0);
    assert!(serde_json::from_str::<i8>("-0").is_err());
    assert!(read::<u8>("-0").is_err() && serde_json::from_str::<u8>("-0").is_err());
    assert!(read::<f64>("-0").unwrap().is_sign_negative());
    assert!(read::<Value>("-0").unwrap().as_f64().unwrap().is_sign_negative());

    // No infinity comes out of a text.
    assert!(read::<f32>("1e39").is_err());
    assert_eq!(serde_json::from_str::<f32>("1e39").unwrap(), f32::INFINITY);
    assert!(read::<f64>("1e309").is_err() && serde_json::from_str::<f64>("1e309").is_err());

    // A float is the nearest, however long its text.
    let long = "0.30000000000000001665334536937734810635447502136230468750000000000000000000001";
    assert_eq!(read::<f64>(long).unwrap(), 0.300_000_000_000_000_04);
    let nines = format!("0.{}", "9".repeat(4000));
    assert_eq!(read::<f64>(&nines).unwrap(), 1.0);
    // Rounded once.
    let above_half = "1.00000005960464477539062500001";
    assert_eq!(read::<f32>(above_half).unwrap(), 1.000_000_1);
    assert_eq!(read::<f64>(above_half).unwrap() as f32, 1.0);
}
