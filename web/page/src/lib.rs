//! What the page asks of WebAssembly: look at a text, and say what is in it or why it is wrong.
//!
//! The page asks for room with [`room`], writes a text and what it says of the caller there, and calls [`look`]. The answer
//! is an object in JSON, whose length [`answer_len`] gives. Everything is in the module's own memory, which only grows. The
//! module imports nothing but what a panic would call; there is none, so there is no import, and the tests hold it to that.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(unsafe_code)]

/// The answer.
mod answer;
/// The HTTP request of a call.
mod http;
/// The module's memory.
#[cfg(target_arch = "wasm32")]
mod memory;
/// The output of `inspect --json`.
#[path = "../../../examples/inspect/values.rs"]
#[allow(clippy::arithmetic_side_effects, reason = "shifts and masks of bytes")]
mod values;

#[cfg(target_arch = "wasm32")]
pub use memory::{answer_len, look, room};

/// Of a page that has no other use for it on a host: the lints see the code.
#[cfg(not(target_arch = "wasm32"))]
pub use answer::{Asked, put};
