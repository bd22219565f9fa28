//! Calls over connections whose other end does whatever it likes: each comes to one result, a success is what the peer
//! sent to this call, and the cloud knows whether the connection is still of use.
#![cfg(feature = "client")]

#[cfg(feature = "gateway")]
#[path = "client/doors.rs"]
mod doors;
#[cfg(feature = "gateway")]
#[path = "client/doors_streamed.rs"]
mod doors_streamed;
#[path = "client/ended.rs"]
mod ended;
#[path = "client/http.rs"]
mod http;
#[path = "client/kept.rs"]
mod kept;
#[path = "client/line.rs"]
mod line;
#[path = "client/peer.rs"]
mod peer;
#[path = "client/policy.rs"]
mod policy;
#[path = "client/retrying.rs"]
mod retrying;
#[path = "client/seen.rs"]
mod seen;
#[path = "client/sending.rs"]
mod sending;
#[path = "client/sizes.rs"]
mod sizes;
#[path = "client/sleeping.rs"]
mod sleeping;
#[path = "client/steps.rs"]
mod steps;
#[cfg(feature = "gateway")]
#[path = "client/told.rs"]
mod told;
#[cfg(feature = "serde")]
#[path = "client/typed.rs"]
mod typed;
