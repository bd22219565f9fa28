//! serde_json: JSON in the body as a `RawValue`.

use super::Buffer;
use super::model::Library;
use serde::Serialize;
use serde_json::value::RawValue;

pub enum SerdeJson {}

impl Library for SerdeJson {
    const NAME: &'static str = "serde_json";

    type Json<'i> = &'i RawValue;

    fn json(json: &str) -> Self::Json<'_> {
        serde_json::from_str(json).expect("the JSON is valid")
    }

    #[inline(always)]
    fn write(value: &impl Serialize, buffer: &mut Buffer) {
        buffer.bytes.clear();
        serde_json::to_writer(&mut buffer.bytes, value).expect("the value can be written");
        buffer.written = buffer.bytes.len();
    }
}
