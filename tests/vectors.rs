//! The vectors for other implementations, held against the slice decoder, the stream decoder and the encoder.

#[path = "stream/collect.rs"]
mod collect;
#[path = "stream/kit.rs"]
mod kit;
#[path = "json_vectors/level.rs"]
mod level;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use callcontainer::line::{Check, Line};
use callcontainer::stream::{Replies, Requests};
use callcontainer::{Data, Error, ErrorKind, Headers, Message, Reply, Request, Text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;

/// An entry of the list, as `vectors/README.md` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    what: What,
    text: Option<String>,
    base64: Option<String>,
    parts: Option<Vec<Part>>,
    error: Option<Wrong>,
    value: Option<Value>,
    encoded: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum What {
    Request,
    Reply,
    Message,
    Line,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    text: String,
    times: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    kind: String,
    offset: usize,
}

impl Vector {
    fn all() -> Vec<Self> {
        let list = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/vectors.json");
        serde_json::from_str(&fs::read_to_string(list).unwrap()).unwrap()
    }

    fn content(&self) -> Vec<u8> {
        match (&self.text, &self.base64, &self.parts) {
            (Some(text), None, None) => text.clone().into_bytes(),
            (None, Some(base64), None) => BASE64_STANDARD.decode(base64).unwrap(),
            (None, None, Some(parts)) => {
                parts.iter().flat_map(|part| part.text.repeat(part.times).into_bytes()).collect()
            }
            _ => panic!("{} has no content, or more than one", self.name),
        }
    }

    /// Holds what a decoder said, and what is encoded of it, against the verdict.
    fn check(&self, found: Result<(Value, Vec<u8>), Error>) {
        match (&self.error, &self.value, found) {
            (Some(wrong), None, Err(error)) => {
                assert_eq!((error.kind().name(), error.offset()), (wrong.kind.as_str(), wrong.offset), "{}", self.name);
            }
            (None, Some(value), Ok((found, encoded))) => {
                assert_eq!(found, *value, "{}", self.name);
                assert_eq!(String::from_utf8(encoded).ok(), self.encoded, "{}", self.name);
            }
            (_, _, found) => panic!("{}: {found:?}", self.name),
        }
    }
}

fn text(text: Text<'_>) -> Value {
    text.to_string().into()
}

/// An object without the members that are `None`.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn headers(headers: Headers<'_>) -> Value {
    headers.iter().map(|(name, value)| json!([name.to_string(), value.to_string()])).collect()
}

fn data(data: Data<'_>) -> Value {
    match data {
        Data::None => json!({"kind": "none"}),
        Data::Text(text) => json!({"kind": "text", "text": text.to_string()}),
        Data::Json(json) => json!({"kind": "json", "json": json.as_str()}),
        Data::Bytes(bytes) => {
            let mut buffer = vec![0; bytes.decoded_len()];
            json!({"kind": "bytes", "base64": BASE64_STANDARD.encode(bytes.decode(&mut buffer).unwrap())})
        }
    }
}

fn request(request: &Request<'_>) -> Value {
    object([
        ("env", request.env().map(text)),
        ("resourceAppid", request.resource_appid().map(text)),
        ("resourceEnv", request.resource_env().map(text)),
        ("targetEnv", request.target_env().map(text)),
        ("path", Some(text(request.path()))),
        ("service", request.service().map(text)),
        ("method", Some(request.method().as_str().into())),
        ("headers", Some(headers(request.headers()))),
        ("timeout", request.timeout().milliseconds().map(Value::from)),
        ("dataType", Some(text(request.data_type().as_text()))),
        ("responseType", Some(request.response_type().as_str().into())),
        ("callID", request.call_id().map(text)),
        ("data", Some(data(request.data()))),
    ])
}

fn message(message: Message<'_>) -> Value {
    object([
        ("code", message.code().map(|code| code.0.into())),
        ("text", Some(text(message.text()))),
        ("callID", message.call_id().map(text)),
        ("trace", message.trace().map(text)),
    ])
}

fn reply(reply: &Reply<'_>) -> Value {
    match reply {
        Reply::Response(response) => object([
            ("outcome", Some("success".into())),
            ("status", Some(response.status().into())),
            ("headers", Some(headers(response.headers()))),
            ("cookies", Some(response.cookies().iter().map(text).collect())),
            ("callID", response.call_id().map(text)),
            ("errMsg", Some(text(response.err_msg()))),
            ("data", Some(data(response.data()))),
        ]),
        Reply::Failure(failure) => object([
            ("outcome", Some("failure".into())),
            ("code", failure.code().map(|code| code.0.into())),
            ("callID", failure.call_id().map(text)),
            ("errMsg", Some(text(failure.err_msg()))),
            ("message", Some(message(failure.message()))),
        ]),
    }
}

#[test]
fn every_vector_decodes_and_encodes_as_it_says() {
    for vector in Vector::all() {
        let content = vector.content();
        match vector.what {
            What::Request => vector.check(Request::decode(&content).map(|decoded| {
                let mut buffer = vec![0; decoded.encoded_len().unwrap()];
                (request(&decoded), decoded.encode(&mut buffer).unwrap().to_vec())
            })),
            What::Reply => vector.check(Reply::decode(&content).map(|decoded| {
                let mut buffer = vec![0; decoded.encoded_len().unwrap()];
                (reply(&decoded), decoded.encode(&mut buffer).unwrap().to_vec())
            })),
            What::Message => {
                let given = String::from_utf8(content).unwrap();
                assert_eq!(Some(message(Message::parse(&*given))), vector.value, "{}", vector.name);
            }
            What::Line => {
                let line = Line::new(&content);
                vector.check(line.envelope().map(|envelope| {
                    let value = json!({"envelope": str::from_utf8(envelope).unwrap(), "checked": line.is_checked()});
                    let trailer = Check::of(envelope).trailer();
                    let trailer = if line.is_checked() { &trailer[..] } else { &[] };
                    (value, [envelope, trailer].concat())
                }));
                assert_eq!(line.checked_envelope().is_ok(), line.is_checked() && vector.error.is_none());
            }
        }
    }
}

/// In windows and reads of many sizes; the slice decoder is held against the verdicts above.
#[test]
fn every_vector_decodes_alike_from_a_stream() {
    for vector in Vector::all() {
        match vector.what {
            What::Request => kit::check::<Requests>(&vector.content()),
            What::Reply => kit::check::<Replies>(&vector.content()),
            What::Message | What::Line => {}
        }
    }
}

/// What is encoded is itself an envelope of the same value, and is written as the same bytes again.
#[test]
fn what_is_encoded_stays_as_it_is() {
    for vector in Vector::all() {
        let Some(encoded) = &vector.encoded else { continue };
        let mut buffer = vec![0; encoded.len()];
        let again = match vector.what {
            What::Line => continue,
            What::Request => Request::decode(encoded.as_bytes()).unwrap().encode(&mut buffer).unwrap(),
            _ => Reply::decode(encoded.as_bytes()).unwrap().encode(&mut buffer).unwrap(),
        };
        assert_eq!(again, encoded.as_bytes(), "{}", vector.name);
    }
}

/// Every kind that decoding can give has a vector in each direction that can give it, and no name stands twice.
#[test]
fn the_vectors_are_complete() {
    let vectors = Vector::all();
    let names: HashSet<&str> = vectors.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names.len(), vectors.len());
    let kinds = |what| -> HashSet<&str> {
        let of = vectors.iter().filter(|vector| vector.what == what);
        of.filter_map(|vector| Some(vector.error.as_ref()?.kind.as_str())).collect()
    };
    let not_in = |others: &[ErrorKind]| -> HashSet<&str> {
        use ErrorKind::{BodyLength, BufferTooSmall, InvalidCheck, TimeoutTooLong};
        let never = [BodyLength, BufferTooSmall, InvalidCheck, TimeoutTooLong];
        let kinds = ErrorKind::ALL.iter().filter(|kind| !never.contains(kind) && !others.contains(kind));
        kinds.map(|kind| kind.name()).collect()
    };
    assert_eq!(kinds(What::Line), HashSet::from([ErrorKind::InvalidCheck.name()]));
    {
        use ErrorKind::*;
        assert_eq!(kinds(What::Request), not_in(&[ReplyTooLarge, InvalidStatus, InvalidErrorCode]));
        assert_eq!(
            kinds(What::Reply),
            not_in(&[
                RequestTooLarge,
                MissingEnv,
                MissingPath,
                InvalidPath,
                InvalidMethod,
                ForbiddenHeader,
                ServiceConflict,
                InvalidTimeout,
                InvalidResponseType,
            ])
        );
    }
}

/// The tests above take the widest registers of the processor. So it is with those that every processor has.
#[test]
fn the_same_at_the_baseline() {
    level::at(&["baseline"], "the_same_at_the_baseline", || {
        every_vector_decodes_and_encodes_as_it_says();
        every_vector_decodes_alike_from_a_stream();
        what_is_encoded_stays_as_it_is();
    });
}
