use super::{model, oracle};
use callcontainer::{DEPTH_LIMIT, Error, ErrorKind, Json, Reply, Request};

/// Reads one value and holds the outcome against the oracle's.
pub fn check_value(text: &[u8]) -> Result<Json<'_>, Error> {
    let outcome = Json::from_bytes(text);
    let shown = text.escape_ascii();
    // A string that is the whole is to be a text; in any other value nobody looks at strings.
    let half = match oracle::read(text) {
        Ok(read) if read.raw.get().starts_with('"') => oracle::lone_surrogates(text).first().copied(),
        _ => None,
    };
    match (outcome, oracle::read(text)) {
        (outcome, Ok(_)) if half.is_some() => {
            let found = outcome.map_err(|error| (error.kind(), error.offset()));
            assert_eq!(found, Err((ErrorKind::LoneSurrogate, half.unwrap())), "{shown}");
        }
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
pub fn check_request(envelope: &[u8]) -> Result<Request<'_>, Error> {
    let outcome = Request::decode(envelope);
    if let Some(expected) = check_outcome(envelope, outcome.err(), model::Request::read) {
        expected.compare(&outcome.unwrap());
    }
    outcome
}

/// Decodes a reply and holds the outcome against oracle and model.
pub fn check_reply(envelope: &[u8]) -> Result<Reply<'_>, Error> {
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
    model: fn(&'a serde_json::value::RawValue) -> (T, model::Wrong),
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
            let half = wrong.first_half(envelope);
            match refused {
                None => assert_eq!(wrong.kinds, [], "accepted: {shown}"),
                Some(error) if error.kind() == ErrorKind::LoneSurrogate => {
                    assert_eq!(Some(error.offset()), half, "{shown}");
                }
                Some(error) => {
                    assert!(wrong.kinds.contains(&error.kind()), "{error}, not {:?}: {shown}", wrong.kinds);
                    // What is told of a whole key or value stands before a half in it.
                    assert!(
                        half.is_none_or(|half| error.offset() <= half),
                        "{error}, but half a pair at {half:?}: {shown}"
                    );
                }
            }
            Some(expected)
        }
    };
    let Some(error) = refused else { return expected };
    oracle::check_error(envelope, error, DEPTH_LIMIT);
    None
}
