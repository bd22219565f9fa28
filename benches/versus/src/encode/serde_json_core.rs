//! serde-json-core. It has nothing for JSON that is written as it stands, but writes `serialize_bytes` without quotes.

use super::Buffer;
use super::model::Library;
use serde::{Serialize, Serializer};

pub enum SerdeJsonCore {}

impl Library for SerdeJsonCore {
    const NAME: &'static str = "serde_json_core";

    type Json<'i> = AsItStands<'i>;

    fn json(json: &str) -> Self::Json<'_> {
        AsItStands(json)
    }

    #[inline(always)]
    fn write(value: &impl Serialize, buffer: &mut Buffer) {
        buffer.written = serde_json_core::to_slice(value, &mut buffer.bytes).expect("the value fits");
    }
}

pub struct AsItStands<'i>(&'i str);

impl Serialize for AsItStands<'_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}
