//! sonic-rs: structs that borrow, the body as a `LazyValue`.

use super::Decode;
use super::fields::Take;
use super::model::{Reply, Request, Str};
use sonic_rs::LazyValue;

pub struct SonicRs;

impl Decode for SonicRs {
    const NAME: &'static str = "sonic_rs";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let request: Request<Str<'_>, LazyValue<'_>> = sonic_rs::from_slice(envelope).ok()?;
        body(request.hand_over(take), take);
        Some(())
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let reply: Reply<Str<'_>, LazyValue<'_>> = sonic_rs::from_slice(envelope).ok()?;
        body(reply.hand_over(take), take);
        Some(())
    }
}

#[inline(always)]
fn body(data: Option<LazyValue<'_>>, take: &mut impl Take) {
    if let Some(data) = data {
        take.body(data.as_raw_str().as_bytes());
    }
}
