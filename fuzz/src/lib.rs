//! What `callcontainer` promises, a module for each promise. A fuzz target is one of the checks here and nothing else.
//!
//! The judges are other people's crates (`serde_json`, `httparse`, `base64`) and the models of the tests, which are
//! shared by path and not copied.
#![forbid(unsafe_code)]

pub mod arbitrary;
pub mod base64;
pub mod blocks;
pub mod client;
pub mod container;
mod cuts;
pub mod decode;
pub mod doors;
pub mod encode;
pub mod http;
pub mod identity;
pub mod message;
mod outgoing;
pub mod reencode;
pub mod stream;
pub mod stream_encode;
pub mod typed;
