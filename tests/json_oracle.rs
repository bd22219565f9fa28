//! `serde_json` as the judge: what it accepts is accepted, what it refuses is refused, and both see the same values.
//!
//! The judge has to be asked with care, because `serde_json` by itself draws some lines elsewhere:
//!
//! - A `RawValue` is checked by the grammar and as UTF-8, whole and without recursion, but a lone surrogate in it passes.
//!   A `String` refuses that. So [`oracle`] reads a text level by level: each level as `RawValue`s, each string and name
//!   among them as a `String`.
//! - A `Value` refuses numbers beyond `f64`, which are JSON all the same. So numbers stay `RawValue`s.
//! - A `Value` nests 127 levels and no more. `RawValue`s nest without limit, so the limit here is this crate's own: the
//!   oracle says how deep a text is, and [`ErrorKind::TooDeep`] must come exactly when that is too deep.
//!
//! What an envelope adds to JSON (known names, types, limits) is written down once more in [`model`], over what
//! `serde_json` has read.
//!
//! [`ErrorKind::TooDeep`]: callcontainer::ErrorKind::TooDeep

/// Every byte everywhere, and UTF-8 at every alignment.
#[path = "json_oracle/bytes.rs"]
mod bytes;
/// Random JSON texts, random envelopes, random damage.
#[path = "json_oracle/generate.rs"]
mod generate;
/// Envelopes of 95 KiB.
#[path = "json_oracle/large.rs"]
mod large;
/// Every known key with values that may and may not stand there.
#[path = "json_oracle/members.rs"]
mod members;
/// What an envelope may hold, over what `serde_json` has read of it.
#[path = "json_oracle/model.rs"]
mod model;
/// Valid texts that were damaged.
#[path = "json_oracle/mutations.rs"]
mod mutations;
/// What `serde_json` says of a text, its prefixes and its errors.
#[path = "json_oracle/oracle.rs"]
mod oracle;
/// Texts that end too early.
#[path = "json_oracle/prefixes.rs"]
mod prefixes;
/// Random valid texts.
#[path = "json_oracle/values.rs"]
mod values;

use callcontainer::{DEPTH_LIMIT, Error, ErrorKind, Json, Reply, Request};

/// Reads one value and holds the outcome against the oracle's.
fn check_value(text: &[u8]) -> Result<Json<'_>, Error> {
    let outcome = Json::from_bytes(text);
    let shown = text.escape_ascii();
    match (outcome, oracle::read(text)) {
        (Ok(json), Ok(read)) => {
            assert!(read.depth < DEPTH_LIMIT, "accepted at depth {}: {shown}", read.depth);
            assert_eq!(json.as_bytes(), text);
            assert_eq!(json.as_str().trim_matches([' ', '\t', '\n', '\r']), read.raw.get());
        }
        (Ok(_), Err(error)) => panic!("accepted, but {error}: {shown}"),
        (Err(error), Ok(read)) => {
            assert_eq!(error.kind(), ErrorKind::TooDeep, "{error}: {shown}");
            assert!(read.depth >= DEPTH_LIMIT, "too deep at depth {}: {shown}", read.depth);
        }
        (Err(_), Err(_)) => {}
    }
    if let Err(error) = outcome {
        oracle::check_error(text, error, DEPTH_LIMIT - 1);
    }
    outcome
}

/// Decodes a request and holds the outcome against oracle and model.
fn check_request(envelope: &[u8]) -> Result<Request<'_>, Error> {
    let outcome = Request::decode(envelope);
    if let Some(expected) = check_outcome(envelope, outcome.err(), model::Request::read) {
        expected.compare(&outcome.unwrap());
    }
    outcome
}

/// Decodes a reply and holds the outcome against oracle and model.
fn check_reply(envelope: &[u8]) -> Result<Reply<'_>, Error> {
    let outcome = Reply::decode(envelope);
    if let Some(expected) = check_outcome(envelope, outcome.err(), model::Reply::read) {
        expected.compare(&outcome.unwrap());
    }
    outcome
}

/// Checks whether an envelope had to be accepted or refused, and returns what the model has read if it was accepted.
fn check_outcome<'a, T>(
    envelope: &'a [u8],
    refused: Option<Error>,
    model: fn(&'a serde_json::value::RawValue) -> (T, Vec<ErrorKind>),
) -> Option<T> {
    let shown = envelope.escape_ascii();
    let expected = match oracle::read(envelope) {
        Err(error) => {
            assert!(refused.is_some(), "accepted, but {error}: {shown}");
            None
        }
        Ok(read) => {
            let (expected, mut wrong) = model(read.raw);
            if read.depth > DEPTH_LIMIT {
                wrong.push(ErrorKind::TooDeep);
            }
            match refused {
                None => assert_eq!(wrong, [], "accepted: {shown}"),
                Some(error) => assert!(wrong.contains(&error.kind()), "{error}, not {wrong:?}: {shown}"),
            }
            Some(expected)
        }
    };
    let Some(error) = refused else { return expected };
    oracle::check_error(envelope, error, DEPTH_LIMIT);
    None
}
