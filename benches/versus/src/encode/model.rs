//! The envelopes as structs for the libraries that go through serde, with the members in the order of the wire format.

use super::Buffer;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A library that encodes what is `Serialize`.
pub trait Library: 'static {
    const NAME: &'static str;

    /// JSON that is written as it stands.
    type Json<'i>: Serialize + 'i;

    fn json(json: &str) -> Self::Json<'_>;

    fn write(value: &impl Serialize, buffer: &mut Buffer);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a, J> {
    pub config: Config<'a>,
    pub path: &'a str,
    pub service: &'a str,
    pub method: &'a str,
    pub header: Headers<'a>,
    pub timeout: u32,
    #[serde(rename = "callID")]
    pub call_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data<'a, J>>,
    #[serde(rename = "__nativeBuffers__", skip_serializing_if = "Option::is_none")]
    pub native_buffers: Option<[NativeBuffer<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply<'a, J> {
    pub status_code: u16,
    pub header: Headers<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cookies: &'a [&'a str],
    #[serde(rename = "callID")]
    pub call_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data<'a, J>>,
    #[serde(rename = "__nativeBuffers__", skip_serializing_if = "Option::is_none")]
    pub native_buffers: Option<[NativeBuffer<'a>; 1]>,
}

#[derive(Serialize)]
pub struct Config<'a> {
    pub env: &'a str,
}

#[derive(Serialize)]
pub struct NativeBuffer<'a> {
    pub key: &'a str,
    pub base64: &'a str,
}

pub struct Headers<'a>(pub &'a [(&'a str, &'a str)]);

impl Serialize for Headers<'_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub enum Data<'a, J> {
    Text(&'a str),
    Json(&'a J),
}

impl<J: Serialize> Serialize for Data<'_, J> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Data::Text(text) => serializer.serialize_str(text),
            Data::Json(json) => json.serialize(serializer),
        }
    }
}
