//! The C interface of callcontainer: what `include/callcontainer.h` declares.
//!
//! The header says what each function needs, gives and returns, and is the reference. Here is how it is done, and why it
//! is sound.
//!
//! # The contract
//!
//! All unsafe code rests on this contract, which the header states to its users:
//!
//! - A pointer is NULL, or points to as much memory as its type or its length says, which nobody else changes, and
//!   which may be read, or read and written, while the function runs; what is kept longer is said of the function.
//! - Memory that a function writes does not overlap with other memory that it is given.
//!
//! Whatever can be checked is checked before any memory is touched, so that a mistake is an error code: NULL, alignment,
//! lengths that no object has, ranges that wrap around, buffers that overlap with what is read, numbers that are none of an
//! enumeration, objects that were never initialised, have been moved, or are in use.
//!
//! # Modules
//!
//! `memory` turns pointers into references, `object` keeps values of Rust in memory of C. All others convert, and call
//! the crate.
#![no_std]
#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]
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
#![allow(unsafe_code, reason = "what crosses the border to C is beyond the compiler; each block has its proof")]
#![allow(clippy::missing_safety_doc, reason = "the contract above is that of all functions")]

#[cfg(test)]
extern crate std;

mod client;
mod data;
mod envelope;
mod error;
mod gateway;
mod headers;
mod layout;
mod memory;
mod object;
mod reader;
mod stream;
#[cfg(test)]
mod tests;
mod text;
mod transport;

pub use client::*;
pub use data::*;
pub use envelope::*;
pub use error::*;
pub use gateway::*;
pub use headers::*;
pub use reader::*;
pub use stream::*;
pub use text::*;
pub use transport::*;

/// The version of the interface: how `CC_ABI` of the header is counted.
const ABI: u32 = 1;

/// `cc_abi_version`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_abi_version() -> u32 {
    ABI
}

/// Nothing panics, so this is not linked; `build` checks it.
#[cfg(callcontainer_static)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
