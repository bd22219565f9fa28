//! What the images with a network card have in common: the card, the network behind it, and the calls that they make.
//!
//! The TCP/IP stack is polled by whoever waits for it, and there is no executor: a connection is a blocking one, and
//! the processor sleeps until a frame has come or the stack has something to do.

#![no_std]

pub mod calls;
pub mod card;
pub mod connection;
pub mod given;
pub mod network;
pub mod part;
pub mod slot;
pub mod time;
pub mod tls;

use board::print;

/// Prints `NAME TEXT`.
pub fn tell(name: &str, text: &str) {
    print(name.as_bytes());
    print(b" ");
    print(text.as_bytes());
    print(b"\n");
}
