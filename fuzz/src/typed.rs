//! Typed bodies: what `serde_json` reads into a type is read into it, with the same value.
//!
//! The types and the differences that are meant are those of `tests/typed`.

#[path = "../../tests/typed/same.rs"]
mod same;
#[path = "../../tests/typed/types.rs"]
mod types;

use crate::decode::oracle;
use callcontainer::Json;
use callcontainer::typed::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use types::{Everything, Shape};

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut scratch = vec![0; text.len()];
    Json::new(text).expect("it has been read before").to(&mut scratch)
}

pub fn check(text: &[u8]) {
    let Some(json) = Json::from_bytes(text).ok().filter(is_within_serde_json) else { return };
    same::all_types(json.as_str());
    written::<Everything>(json.as_str());
    written::<Vec<Shape>>(json.as_str());
}

/// `serde_json` reads 127 levels at most, one of which is the value's own.
fn is_within_serde_json(json: &Json<'_>) -> bool {
    oracle::read(json.as_bytes()).unwrap().depth < 126
}

/// What was read is written as `serde_json` writes it, in any buffer that is long enough and in no other.
fn written<T: Serialize + DeserializeOwned>(text: &str) {
    let Ok(value) = read::<T>(text) else { return };
    let theirs = serde_json::to_string(&value).unwrap();
    let mut buffer = vec![0; theirs.len()];
    assert_eq!(Json::from_value(&value, &mut buffer).unwrap().as_str(), theirs);
    let mut short = vec![0; theirs.len() - 1];
    let error = Json::from_value(&value, &mut short).unwrap_err();
    assert_eq!(error.kind(), callcontainer::typed::ErrorKind::BufferTooSmall);
}
