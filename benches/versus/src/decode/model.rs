//! The envelopes as structs for the libraries that go through serde.

use super::fields::{Field, Take};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A string, borrowed where nothing in it is escaped. (Serde borrows into a `Cow` only where a field is nothing else.)
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Str<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// A string as a library's serde lends it.
pub trait Lent {
    /// The same where it is a key of a map.
    type Key: Lent;

    /// Hands over the text, unescaped.
    fn unescaped(&self, take: impl FnOnce(&[u8]));
}

impl<'a> Lent for Str<'a> {
    type Key = Str<'a>;

    #[inline(always)]
    fn unescaped(&self, take: impl FnOnce(&[u8])) {
        take(self.0.as_bytes());
    }
}

/// The object `header`, in order: what a map would need beside, hashes or comparisons, nobody asked for.
pub struct Headers<S: Lent>(Vec<(S::Key, S)>);

impl<'de, S: Lent + Deserialize<'de>> Deserialize<'de> for Headers<S>
where
    S::Key: Deserialize<'de>,
{
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<S>(PhantomData<S>);
        impl<'de, S: Lent + Deserialize<'de>> Visitor<'de> for Pairs<S>
        where
            S::Key: Deserialize<'de>,
        {
            type Value = Headers<S>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            #[inline]
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers<S>, A::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Headers(pairs))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

#[derive(Deserialize)]
pub struct Config<S> {
    pub env: Option<S>,
}

/// The one entry of `__nativeBuffers__`.
#[derive(Deserialize)]
pub struct Buffer<S> {
    pub key: S,
    pub base64: S,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(bound(deserialize = "S: Lent + Deserialize<'de>, S::Key: Deserialize<'de>, D: Deserialize<'de>"))]
pub struct Request<S: Lent, D> {
    config: Option<Config<S>>,
    resource_appid: Option<S>,
    resource_env: Option<S>,
    path: S,
    service: Option<S>,
    method: Option<S>,
    header: Option<Headers<S>>,
    timeout: Option<u32>,
    data_type: Option<S>,
    response_type: Option<S>,
    #[serde(rename = "callID")]
    call_id: Option<S>,
    data: Option<D>,
    #[serde(rename = "__nativeBuffers__")]
    native_buffers: Option<[Buffer<S>; 1]>,
}

impl<S: Lent, D> Request<S, D> {
    /// Hands over every field but `data`, which it returns.
    #[inline(always)]
    pub fn hand_over(self, take: &mut impl Take) -> Option<D> {
        text(take, Field::Env, self.config.as_ref().and_then(|config| config.env.as_ref()));
        text(take, Field::ResourceAppid, self.resource_appid.as_ref());
        text(take, Field::ResourceEnv, self.resource_env.as_ref());
        text(take, Field::Path, Some(&self.path));
        text(take, Field::Service, self.service.as_ref());
        text(take, Field::Method, self.method.as_ref());
        headers(take, self.header.as_ref());
        if let Some(timeout) = self.timeout {
            take.number(Field::Timeout, timeout.into());
        }
        text(take, Field::DataType, self.data_type.as_ref());
        text(take, Field::ResponseType, self.response_type.as_ref());
        text(take, Field::CallId, self.call_id.as_ref());
        buffer(take, self.native_buffers.as_ref());
        self.data
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(bound(deserialize = "S: Lent + Deserialize<'de>, S::Key: Deserialize<'de>, D: Deserialize<'de>"))]
pub struct Reply<S: Lent, D> {
    status_code: Option<u16>,
    header: Option<Headers<S>>,
    cookies: Option<Vec<S>>,
    #[serde(rename = "callID")]
    call_id: Option<S>,
    err_msg: Option<S>,
    err_code: Option<i32>,
    errno: Option<i32>,
    data: Option<D>,
    #[serde(rename = "__nativeBuffers__")]
    native_buffers: Option<[Buffer<S>; 1]>,
}

impl<S: Lent, D> Reply<S, D> {
    /// Hands over every field but `data`, which it returns.
    #[inline(always)]
    pub fn hand_over(self, take: &mut impl Take) -> Option<D> {
        if let Some(status) = self.status_code {
            take.number(Field::StatusCode, status.into());
        }
        headers(take, self.header.as_ref());
        for cookie in self.cookies.iter().flatten() {
            cookie.unescaped(|cookie| take.cookie(cookie));
        }
        text(take, Field::CallId, self.call_id.as_ref());
        text(take, Field::ErrMsg, self.err_msg.as_ref());
        if let Some(code) = self.err_code {
            take.number(Field::ErrCode, code.into());
        }
        if let Some(code) = self.errno {
            take.number(Field::Errno, code.into());
        }
        buffer(take, self.native_buffers.as_ref());
        self.data
    }
}

#[inline(always)]
fn text(take: &mut impl Take, field: Field, text: Option<&impl Lent>) {
    if let Some(text) = text {
        text.unescaped(|text| take.text(field, text));
    }
}

#[inline(always)]
fn headers<S: Lent>(take: &mut impl Take, headers: Option<&Headers<S>>) {
    for (name, value) in headers.iter().flat_map(|headers| &headers.0) {
        name.unescaped(|name| value.unescaped(|value| take.header(name, value)));
    }
}

#[inline(always)]
fn buffer<S: Lent>(take: &mut impl Take, buffers: Option<&[Buffer<S>; 1]>) {
    if let Some([buffer]) = buffers {
        let mut is_data = false;
        buffer.key.unescaped(|key| is_data = key == b"data");
        if is_data {
            buffer.base64.unescaped(|base64| take.body(base64));
        }
    }
}
