//! A device with a network card: what its images have in common.

#![no_std]

pub mod calls;
pub mod clock;
pub mod host;
pub mod lan9118;
pub mod network;

// The files that a firmware would paste, as they are.
#[path = "../../../../stacks/src/smoltcp_socket.rs"]
pub mod smoltcp_socket;
#[cfg(feature = "tls")]
#[allow(dead_code, reason = "half of it is async")]
#[path = "../../../../stacks/src/tls.rs"]
pub mod tls;
#[cfg(feature = "tls")]
#[allow(dead_code, reason = "sessions are opened in a loop here")]
#[path = "../../../../stacks/src/tls_blocking.rs"]
pub mod tls_blocking;
