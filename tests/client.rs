//! Calls over connections whose other end does whatever it likes: each comes to one result, a success is what the peer
//! sent to this call, and the cloud knows whether the connection is still of use.
#![cfg(feature = "client")]

#[path = "client/http.rs"]
mod http;
#[path = "client/line.rs"]
mod line;
#[path = "client/peer.rs"]
mod peer;
#[path = "client/seen.rs"]
mod seen;
#[path = "client/sending.rs"]
mod sending;
