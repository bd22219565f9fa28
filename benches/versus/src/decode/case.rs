//! A case: one envelope, what is in it, and the sides that decode it.

use super::fields::{Body, Field, Keep};
use super::probe;
use super::{Decode, Kind};
use crate::inputs::{self, Answer, Call};
use crate::pairs::{Runner, Turns};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// An envelope with the fields that every side has to find in it.
pub struct Case<'i> {
    pub kind: Kind,
    pub input: &'static str,
    pub envelope: &'i [u8],
    pub fields: Keep,
    pub body: &'i inputs::Body,
}

/// Cases of one input, which take turns. There is at least one.
pub struct Cases<'i>(pub Vec<Case<'i>>);

impl<'i> Cases<'i> {
    /// A side that has decoded each envelope and handed over what is in it.
    pub fn side<D: Decode + 'i>(&self, mut decode: D) -> Runner<'i> {
        let first = &self.0[0];
        let mut leaves_out = probe::leaves_out(&mut decode, first);
        if !self.0.iter().all(|case| case.holds_body(&mut decode)) {
            leaves_out.insert(0, "data not delimited");
        }
        let kind = first.kind;
        let mut envelopes = Turns::new(self.0.iter().map(|case| D::ready(case.envelope)));
        Runner {
            side: D::NAME,
            leaves_out: if leaves_out.is_empty() { "-".to_owned() } else { leaves_out.join(", ") },
            time: Box::new(move |times| decode.time(kind, &mut envelopes, times)),
        }
    }
}

impl<'i> Case<'i> {
    pub fn of_call(call: &'i Call) -> Self {
        let mut fields = Keep::default();
        for (field, text) in [
            (Field::Env, call.env),
            (Field::Path, call.path),
            (Field::Service, call.service),
            (Field::Method, call.method.as_str()),
            (Field::CallId, call.call_id),
        ] {
            fields.texts.push((field, text.to_owned()));
        }
        fields.numbers.push((Field::Timeout, call.timeout.into()));
        fields.headers = owned(&call.headers);
        let fields = fields.sorted();
        Self { kind: Kind::Request, input: call.name, envelope: &call.envelope, fields, body: &call.body }
    }

    pub fn of_answer(answer: &'i Answer) -> Self {
        let mut fields = Keep::default();
        fields.numbers.push((Field::StatusCode, answer.status.into()));
        fields.texts.push((Field::CallId, answer.call_id.to_owned()));
        fields.headers = owned(&answer.headers);
        fields.cookies = answer.cookies.iter().map(|cookie| (*cookie).to_owned()).collect();
        let fields = fields.sorted();
        Self { kind: Kind::Reply, input: answer.name, envelope: &answer.envelope, fields, body: &answer.body }
    }

    /// Makes sure that a side finds what is in the envelope; whether it hands over the body too.
    fn holds_body(&self, decode: &mut impl Decode) -> bool {
        let name = name_of(decode);
        let mut found = Keep::default();
        assert!(
            decode.decode(self.kind, self.envelope, &mut found).is_some(),
            "{name} refuses {:?} {}",
            self.kind,
            self.input
        );
        let found = found.sorted();
        assert_eq!(found.texts, self.fields.texts, "{name} {:?} {}", self.kind, self.input);
        assert_eq!(found.numbers, self.fields.numbers, "{name} {:?} {}", self.kind, self.input);
        assert_eq!(found.headers, self.fields.headers, "{name} {:?} {}", self.kind, self.input);
        assert_eq!(found.cookies, self.fields.cookies, "{name} {:?} {}", self.kind, self.input);
        match found.body {
            Body::Missing => return false,
            Body::Raw(raw) => {
                assert!(raw_body(&raw) == self.value(), "{name} {:?} {}: the body", self.kind, self.input)
            }
            Body::Parsed(value) => assert!(value == self.value(), "{name} {:?} {}: the body", self.kind, self.input),
        }
        true
    }

    /// The body as a JSON value: for bytes, their base64.
    fn value(&self) -> Value {
        match self.body {
            inputs::Body::Text(text) => Value::from(text.as_str()),
            inputs::Body::Json(json) => serde_json::from_str(json).expect("the body is valid"),
            inputs::Body::Bytes(bytes) => Value::from(BASE64_STANDARD.encode(bytes)),
        }
    }
}

fn name_of<D: Decode>(_: &D) -> &'static str {
    D::NAME
}

/// A body as it stands; the quotes of a string may be there or not.
fn raw_body(raw: &[u8]) -> Value {
    if let Ok(value) = serde_json::from_slice(raw) {
        return value;
    }
    let quoted = [b"\"".as_slice(), raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or(Value::Null)
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
