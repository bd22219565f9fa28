//! serde_json: structs that borrow, the body as a `RawValue`.

use super::Decode;
use super::fields::Take;
use super::model::{Reply, Request, Str};
use serde_json::value::RawValue;

pub struct SerdeJson;

impl Decode for SerdeJson {
    const NAME: &'static str = "serde_json";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let request: Request<Str<'_>, &RawValue> = serde_json::from_slice(envelope).ok()?;
        body(request.hand_over(take), take);
        Some(())
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let reply: Reply<Str<'_>, &RawValue> = serde_json::from_slice(envelope).ok()?;
        body(reply.hand_over(take), take);
        Some(())
    }
}

#[inline(always)]
fn body(data: Option<&RawValue>, take: &mut impl Take) {
    if let Some(data) = data {
        take.body(data.get().as_bytes());
    }
}
