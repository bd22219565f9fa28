//! serde-json-core: structs that borrow. It has nothing that holds a body of any type, so it is told beforehand whether the
//! body is a string, which it lends; anything else is ignored.

use super::Decode;
use super::fields::Take;
use super::model::{Lent, Reply, Request};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json_core::from_slice;
use serde_json_core::str::{EscapedStr, EscapedStringFragment};

pub struct SerdeJsonCore {
    pub text: bool,
}

impl Decode for SerdeJsonCore {
    const NAME: &'static str = "serde_json_core";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        if self.text {
            let (request, _) = from_slice::<Request<EscapedStr<'_>, EscapedStr<'_>>>(envelope).ok()?;
            body(request.hand_over(take), take);
        } else {
            let (request, _) = from_slice::<Request<EscapedStr<'_>, IgnoredAny>>(envelope).ok()?;
            request.hand_over(take);
        }
        Some(())
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        if self.text {
            let (reply, _) = from_slice::<Reply<EscapedStr<'_>, EscapedStr<'_>>>(envelope).ok()?;
            body(reply.hand_over(take), take);
        } else {
            let (reply, _) = from_slice::<Reply<EscapedStr<'_>, IgnoredAny>>(envelope).ok()?;
            reply.hand_over(take);
        }
        Some(())
    }
}

#[inline(always)]
fn body(data: Option<EscapedStr<'_>>, take: &mut impl Take) {
    if let Some(EscapedStr(text)) = data {
        take.body(text.as_bytes());
    }
}

impl<'a> Lent for EscapedStr<'a> {
    /// A key has to be a plain `&str`: the library comes upon unreachable code with anything else.
    type Key = Key<'a>;

    #[inline(always)]
    fn unescaped(&self, take: impl FnOnce(&[u8])) {
        if !self.0.contains('\\') {
            return take(self.0.as_bytes());
        }
        let mut text = String::new();
        for fragment in self.fragments() {
            match fragment {
                Ok(EscapedStringFragment::NotEscaped(run)) => text.push_str(run),
                Ok(EscapedStringFragment::Escaped(character)) => text.push(character),
                Err(_) => return take(b"an escape that the library cannot read"),
            }
        }
        take(text.as_bytes());
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
pub struct Key<'a>(&'a str);

impl<'a> Lent for Key<'a> {
    type Key = Key<'a>;

    #[inline(always)]
    fn unescaped(&self, take: impl FnOnce(&[u8])) {
        EscapedStr(self.0).unescaped(take);
    }
}
