//! The JSON engine: implements RFC 8259, and knows nothing of WeChat.
//!
//! Input is one slice ([`cursor`]) or a series of pieces ([`walk`]). It becomes strings ([`text`]) or a value that is
//! not parsed further ([`value`]). Output goes through [`write`](mod@write) into a [`sink`], or is produced one
//! [`window`] at a time.

mod byte;
mod content;
pub(crate) mod cursor;
pub(crate) mod integer;
pub(crate) mod plain;
pub(crate) mod read;
pub(crate) mod scan;
#[cfg_attr(
    not(all(
        feature = "simd",
        not(callcontainer_simd = "none"),
        any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))
    )),
    path = "scalar.rs"
)]
pub(crate) mod simd;
pub(crate) mod sink;
mod state;
pub(crate) mod string;
pub(crate) mod swar;
pub(crate) mod text;
mod tokens;
mod unescape;
pub(crate) mod utf8;
pub(crate) mod value;
pub(crate) mod walk;
pub(crate) mod window;
pub(crate) mod write;

#[cfg(feature = "simd")]
pub use simd::take_level;
pub use text::{CharIndices, Chars, Text};
pub use value::Json;
