//! The client of callcontainer over the stacks that firmware has: one file for each, to be pasted and changed. The
//! tests run every one against a gateway.
//!
//! | file | connection | reconnects |
//! |---|---|---|
//! | `embassy_socket` | embassy-net's `TcpSocket` | in place: the socket and its buffers stay |
//! | `embassy_client` | any `TcpConnect` of embedded-nal-async, such as embassy-net's `TcpClient` | a new connection each time |
//! | `tls` | embedded-tls, with one trusted CA: what the next three have in common | |
//! | `tls_socket` | embedded-tls over embassy-net's `TcpSocket` | a loop makes each session over the same buffers |
//! | `tls_client` | embedded-tls over any `TcpConnect` | a session for each call |
//! | `tls_blocking` | embedded-tls over a blocking connection | a session for as many calls as there are |
//! | `smoltcp_socket` | smoltcp by itself, blocking | in place |
//! | `std_socket` | `std::net::TcpStream` | a new connection each time |
//! | `timed` | any async connection, with a deadline | |
//! | `halves` | two halves that are two types, such as those of a UART | never |
//! | `uart` | a serial port between two ring buffers, used by several tasks | never |

#![no_std]

#[cfg(feature = "embassy")]
pub mod embassy_client;
#[cfg(feature = "embassy")]
pub mod embassy_socket;
pub mod halves;
#[cfg(feature = "smoltcp")]
pub mod smoltcp_socket;
#[cfg(feature = "std")]
pub mod std_socket;
#[cfg(feature = "embassy")]
pub mod timed;
#[cfg(feature = "tls")]
#[path = "../../examples/device/tls.rs"]
pub mod tls;
#[cfg(feature = "tls")]
pub mod tls_blocking;
#[cfg(all(feature = "embassy", feature = "tls"))]
pub mod tls_client;
#[cfg(all(feature = "embassy", feature = "tls"))]
pub mod tls_socket;
#[cfg(feature = "embassy")]
pub mod uart;
