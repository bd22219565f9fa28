use super::oracle::{lone_surrogates, without_halves};
use super::read;
use super::types::{Adjacent, Bytes, Colour, Everything, Flat, Newtype, Pair, Shape, Tagged, Unit, Untagged};
use callcontainer::typed::{Error, ErrorKind};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Reads a text both ways and compares. `serde_json` is given bytes: its `from_str` may show a type half a character of
/// the key of a map when a boolean is asked for.
pub fn same<T: DeserializeOwned + Debug>(json: &str, equal: impl FnOnce(&T, &T) -> bool) {
    let theirs = |json: &[u8]| serde_json::from_slice::<T>(json);
    let halves = lone_surrogates(json.as_bytes());
    let is_half = |error: &Error| {
        let lone = ErrorKind::Json(callcontainer::ErrorKind::LoneSurrogate);
        error.kind() == lone && halves.contains(&error.offset())
    };
    // Documented: -0 is an integer here.
    let is_zero = |error: &serde_json::Error| error.to_string().contains("floating point `-0.0`");
    match (read::<T>(json), theirs(json.as_bytes())) {
        (Ok(ours), Ok(theirs)) => assert!(equal(&ours, &theirs), "{json}: {ours:?}, serde_json {theirs:?}"),
        (Err(ours), Err(_)) => {
            assert!(ours.offset() < json.len().max(1), "{json}: {ours}");
            assert_eq!(ours.to_string().lines().count(), 1);
            assert!(ours.kind().name() != "lone-surrogate" || is_half(&ours), "{json}: {ours}");
        }
        (Ok(_), Err(theirs)) if is_zero(&theirs) => {}
        // Documented: half of a surrogate pair does no harm in a name that is of no interest. In no value is it read as
        // another character.
        (Ok(ours), Err(_)) if !halves.is_empty() => match theirs(&without_halves(json.as_bytes())) {
            Ok(theirs) => assert!(equal(&ours, &theirs), "{json}: {ours:?}, serde_json {theirs:?}"),
            Err(theirs) => assert!(is_zero(&theirs), "{json}: {ours:?}, serde_json {theirs:?}"),
        },
        // Documented: bytes are not read from half of a pair.
        (Err(ours), Ok(_)) if is_half(&ours) => {}
        (ours, theirs) => panic!("{json}: {ours:?}, serde_json {theirs:?}"),
    }
}

/// `serde_json` may read a float that is one beside the nearest.
fn close(ours: f64, theirs: f64) -> bool {
    ours == theirs || ((ours - theirs) / theirs).abs() < 1e-6
}

fn close_values(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a == b || close(a.as_f64().unwrap(), b.as_f64().unwrap()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close_values(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| close_values(a, b)))
        }
        _ => ours == theirs,
    }
}

macro_rules! same {
    ($json:ident: $($type:ty),* $(,)?) => {$( same::<$type>($json, |ours, theirs| ours == theirs); )*};
}

pub fn all_types(json: &str) {
    same!(json: (), bool, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, char, String, Bytes, Unit, Newtype, Pair);
    same!(json: Shape, Colour, Tagged, Adjacent, Untagged, Flat, Everything);
    same!(json: Option<bool>, Option<Option<u8>>, Vec<u8>, Vec<String>, Vec<Shape>, Vec<Untagged>, (u8, i8), [i64; 2]);
    same!(json: (), ((),), (String, Option<u8>), Box<Shape>, std::num::NonZeroU8, std::net::IpAddr, std::time::Duration);
    same!(json: BTreeMap<String, u8>, BTreeMap<i32, Shape>, BTreeMap<u128, ()>, BTreeMap<bool, Colour>);
    same!(json: BTreeMap<char, String>, BTreeMap<Colour, Untagged>, BTreeMap<Option<i64>, Newtype>, BTreeMap<(), u8>);
    same!(json: BTreeMap<String, BTreeMap<u8, Vec<Shape>>>, BTreeMap<Shape, u8>, BTreeMap<Vec<u8>, u8>);
    same!(json: heapless::String<4>, heapless::Vec<u8, 3>, heapless::Vec<heapless::String<8>, 2>);
    same!(json: Result<u8, String>, std::ops::Range<i8>, std::ops::Bound<u8>);
    same::<IgnoredAny>(json, |_, _| true);
    same::<(IgnoredAny, u8)>(json, |ours, theirs| ours.1 == theirs.1);
    same::<Value>(json, close_values);
    same::<BTreeMap<String, Value>>(json, |ours, theirs| ours.iter().zip(theirs).all(|(a, b)| close_values(a.1, b.1)));
    same::<f64>(json, |ours, theirs| close(*ours, *theirs));
    // Documented: no infinity comes out of a text.
    if !serde_json::from_str::<f32>(json).is_ok_and(f32::is_infinite) {
        same::<f32>(json, |ours, theirs| close(f64::from(*ours), f64::from(*theirs)));
    }
    same::<Vec<f64>>(json, |ours, theirs| ours.iter().zip(theirs).all(|(a, b)| close(*a, *b)));
}
