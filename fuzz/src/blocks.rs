//! What is looked at in blocks is what is looked at byte by byte: the same values, the same error at the same offset.
//!
//! An input is put behind and before enough bytes to fill blocks, at any distance from their edges. The whole envelope
//! goes through the slice decoder, which walks in blocks with the feature `simd`, and byte by byte through the stream
//! decoder, which has no block to look at.

use crate::{decode, stream};
use arbitrary::Arbitrary;
use callcontainer::Reply;

/// A piece of JSON, or of anything, and what surrounds it.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    surroundings: u8,
    before: u8,
    after: u8,
    times: u8,
    piece: &'a [u8],
}

impl Input<'_> {
    pub fn check(&self) {
        let (before, after) = (usize::from(self.before), usize::from(self.after));
        let times = if self.piece.len() < 64 { 1 + usize::from(self.times % 32) } else { 1 };
        let (open, fill_before, fill_after, close): (&str, &str, &str, &str) = match self.surroundings % 9 {
            0 => ("", " ", "\n", ""),
            1 => ("[", "0,", ",0", "]"),
            2 => ("\"", "a", "b", "\""),
            3 => ("[\"", "\\\\", "\\\"", "\"]"),
            4 => ("{\"", "k", "v", "\":1}"),
            5 => ("[", "[", "]", "]"),
            6 => ("{\"é\":", "{\"\":", "}", "}"),
            7 => ("[\"", "\\ud83d", "\\udc00", "\"]"),
            _ => ("[", "\"中\" , ", " , \"\\u4e2d\"", "]"),
        };
        let data = [
            open.as_bytes(),
            fill_before.repeat(before).as_bytes(),
            &self.piece.repeat(times),
            fill_after.repeat(after).as_bytes(),
            close.as_bytes(),
        ]
        .concat();
        let envelope = [&b"{\"statusCode\":200,\"data\":"[..], &data, b"}"].concat();
        let slice = Reply::decode(&envelope);
        stream::check_byte_by_byte(&envelope, slice);
        // The string, if it is one, unescaped in blocks.
        let content = [("\"", "\""), ("[\"", "\"]")]
            .iter()
            .find_map(|(open, close)| data.strip_prefix(open.as_bytes())?.strip_suffix(close.as_bytes()));
        content.into_iter().for_each(decode::check_string);
    }
}
