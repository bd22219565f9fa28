//! sonic-rs: JSON in the body as a `LazyValue`.

use super::Buffer;
use super::model::Library;
use serde::Serialize;
use sonic_rs::LazyValue;

pub enum SonicRs {}

impl Library for SonicRs {
    const NAME: &'static str = "sonic_rs";

    type Json<'i> = LazyValue<'i>;

    fn json(json: &str) -> Self::Json<'_> {
        sonic_rs::from_str(json).expect("the JSON is valid")
    }

    #[inline(always)]
    fn write(value: &impl Serialize, buffer: &mut Buffer) {
        buffer.bytes.clear();
        sonic_rs::to_writer(&mut buffer.bytes, value).expect("the value can be written");
        buffer.written = buffer.bytes.len();
    }
}
