//! What every side hands over of an envelope: the one definition of the same work.
//!
//! It knows the fields of envelopes, and no library.

use serde_json::Value;
use std::borrow::Cow;

/// A field of an envelope other than the headers, the cookies and the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Env,
    ResourceAppid,
    ResourceEnv,
    Path,
    Service,
    Method,
    Timeout,
    DataType,
    ResponseType,
    CallId,
    StatusCode,
    ErrMsg,
    ErrCode,
    Errno,
}

/// Takes the fields of one envelope, in any order. Texts come unescaped.
pub trait Take {
    fn text(&mut self, field: Field, text: &[u8]);
    fn number(&mut self, field: Field, number: i64);
    fn header(&mut self, name: &[u8], value: &[u8]);
    fn cookie(&mut self, cookie: &[u8]);
    /// The body as it stands in the envelope, without the quotes of a string.
    fn body(&mut self, raw: &[u8]);
    /// The body as a value that the side holds in a form of its own. The function turns it into one that can be compared,
    /// and is never called while time is taken.
    fn parsed_body(&mut self, value: impl FnOnce() -> Value);
}

/// Takes the fields as cheaply as can be without the compiler leaving out the work that leads to them.
#[derive(Default)]
pub struct Touch(u64);

impl Touch {
    #[inline(always)]
    fn mix(&mut self, number: u64) {
        self.0 = self.0.rotate_left(7) ^ number;
    }

    pub fn sum(&self) -> u64 {
        self.0
    }
}

impl Take for Touch {
    #[inline(always)]
    fn text(&mut self, field: Field, text: &[u8]) {
        self.mix((text.len() as u64) << 8 | field as u64);
    }

    #[inline(always)]
    fn number(&mut self, field: Field, number: i64) {
        self.mix((number as u64) << 8 | field as u64);
    }

    #[inline(always)]
    fn header(&mut self, name: &[u8], value: &[u8]) {
        self.mix(name.len() as u64);
        self.mix(value.len() as u64);
    }

    #[inline(always)]
    fn cookie(&mut self, cookie: &[u8]) {
        self.mix(cookie.len() as u64);
    }

    #[inline(always)]
    fn body(&mut self, raw: &[u8]) {
        self.mix(raw.len() as u64);
    }

    #[inline(always)]
    fn parsed_body(&mut self, _: impl FnOnce() -> Value) {}
}

/// The body as a side hands it over.
#[derive(Debug, Default)]
pub enum Body {
    /// The side goes past it.
    #[default]
    Missing,
    Raw(Vec<u8>),
    Parsed(Value),
}

/// Keeps the fields, to compare them with what they should be.
#[derive(Debug, Default)]
pub struct Keep {
    pub texts: Vec<(Field, String)>,
    pub numbers: Vec<(Field, i64)>,
    pub headers: Vec<(String, String)>,
    pub cookies: Vec<String>,
    pub body: Body,
}

impl Keep {
    /// In an order that does not depend on that of the side.
    pub fn sorted(mut self) -> Self {
        self.texts.sort_by_key(|(field, _)| *field as u8);
        self.numbers.sort_by_key(|(field, _)| *field as u8);
        self
    }
}

fn owned(text: &[u8]) -> String {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => format!("not UTF-8: {text}"),
    }
}

impl Take for Keep {
    fn text(&mut self, field: Field, text: &[u8]) {
        self.texts.push((field, owned(text)));
    }

    fn number(&mut self, field: Field, number: i64) {
        self.numbers.push((field, number));
    }

    fn header(&mut self, name: &[u8], value: &[u8]) {
        self.headers.push((owned(name), owned(value)));
    }

    fn cookie(&mut self, cookie: &[u8]) {
        self.cookies.push(owned(cookie));
    }

    fn body(&mut self, raw: &[u8]) {
        self.body = Body::Raw(raw.to_vec());
    }

    fn parsed_body(&mut self, value: impl FnOnce() -> Value) {
        self.body = Body::Parsed(value());
    }
}
