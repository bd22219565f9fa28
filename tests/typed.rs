//! Typed JSON bodies: agreement with `serde_json`, and everything that serde-json-core alone would get wrong.
#![cfg(feature = "serde")]

/// Random values of many types, and random JSON into many types, against `serde_json`.
#[path = "typed/agreement.rs"]
mod agreement;
/// What is borrowed, what is lent from the scratch, and how much of it.
#[path = "typed/borrowing.rs"]
mod borrowing;
/// Every kind of error, with its offset.
#[path = "typed/errors.rs"]
mod errors;
/// Random values of the types.
#[path = "typed/generate.rs"]
mod generate;
/// Types that do not do what serde asks of them.
#[path = "typed/misuse.rs"]
mod misuse;
/// What `serde_json` says of half a surrogate pair.
#[path = "json_oracle/oracle.rs"]
#[allow(dead_code, reason = "what else it says matters elsewhere")]
mod oracle;
/// One text read by this crate and by `serde_json` into one type after the other. The fuzzers use it too.
#[path = "typed/same.rs"]
mod same;
/// What each type looks like, case by case; each trap of serde-json-core among them.
#[path = "typed/shapes.rs"]
mod shapes;
/// The types that the tests share.
#[path = "typed/types.rs"]
mod types;

use callcontainer::Json;
use callcontainer::typed::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a text that is valid JSON into a type that borrows nothing.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut scratch = vec![0; text.len()];
    Json::new(text).expect("a test reads valid JSON").to(&mut scratch)
}

/// Writes a value into a buffer that is large enough.
fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut buffer = vec![0; 1 << 16];
    Json::from_value(value, &mut buffer).map(|json| json.as_str().to_owned())
}
