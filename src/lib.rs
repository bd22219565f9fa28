// The README links to files, and shows pictures, by reference. The documentation does not have these files, so it
// defines the same references first: pages of its own, the list of those files, and the pictures as data.
//! [wire format]: crate::wire_format
//! [firmware]: crate::firmware
//! [errors]: crate::ErrorKind
//! [benches]: #in-the-repository
//! [contributing]: #in-the-repository
//! [envoy]: #in-the-repository
//! [examples]: #in-the-repository
//! [fuzz]: #in-the-repository
//! [gateway]: #in-the-repository
//! [security]: #in-the-repository
//! [capi]: #in-the-repository
//! [stacks]: #in-the-repository
//! [tests]: #in-the-repository
//! [tls]: crate::tls
//! [vectors]: #in-the-repository
//! [web]: #in-the-repository
//! [zh]: #in-the-repository
#![doc = include_str!("pictures.md")]
#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
// On some targets the feature adds unsafe code, each use with its proof; unsafe code is forbidden everywhere else. The
// condition is the one in `json/mod.rs`.
#![cfg_attr(
    not(all(
        feature = "simd",
        not(callcontainer_simd = "none"),
        any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))
    )),
    forbid(unsafe_code)
)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "std")]
extern crate std;

mod base64;
#[cfg(feature = "client")]
pub mod client;
mod envelope;
mod error;
#[cfg(feature = "explain")]
pub mod explain;
#[cfg(any(doc, doctest))]
#[doc = include_str!("firmware.md")]
pub mod firmware {}
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(any(feature = "gateway", feature = "client"))]
#[cfg_attr(
    not(all(feature = "gateway", feature = "client")),
    allow(dead_code, reason = "the client looks at no coding and keeps no header, the gateway does not wait")
)]
mod http;
mod json;
mod limits;
pub mod line;
mod octets;
mod shift;
#[cfg(feature = "heapless-v0_9")]
mod storage;
pub mod stream;
mod target;
#[cfg(any(doc, doctest))]
#[doc = include_str!("tls.md")]
pub mod tls {}
#[cfg(feature = "serde")]
pub mod typed;
#[cfg(any(doc, doctest))]
#[doc = include_str!("wire-format.md")]
pub mod wire_format {}

pub use envelope::{
    BoundedReply, BoundedRequest, Bytes, Cookies, CookiesIter, Data, DataKind, DataType, ErrorCode, Failure, Headers,
    HeadersIter, Message, Method, Reply, ReplyBuffer, ReplyCapacity, Request, RequestBuffer, RequestCapacity, Response,
    ResponseType, Retry, Timeout,
};
#[cfg(feature = "c")]
#[doc(hidden)]
pub use envelope::{Find, Means, RequestParts};
pub use error::{Error, ErrorKind};
pub use json::{CharIndices, Chars, Json, Text};
pub use limits::{DEPTH_LIMIT, HEADERS_LIMIT, NAME_LIMIT, PATH_LIMIT, REPLY_LIMIT, REQUEST_LIMIT, TIMEOUT_LIMIT};

#[cfg(feature = "heapless-v0_9")]
pub use heapless;
#[cfg(feature = "simd")]
#[doc(hidden)]
pub use json::take_level;
#[cfg(feature = "client")]
pub use {embedded_hal, embedded_hal_async};
#[cfg(feature = "embedded-io-v0_7")]
pub use {embedded_io, embedded_io_async};
