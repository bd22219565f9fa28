//! The gateway half of callcontainer in the world of hyper: one file for each side, to be pasted and changed. The tests
//! run both, against each other and against services that do as they are told.
//!
//! | file | what it is |
//! |---|---|
//! | `gateway` | a gateway as a `tower::Service`, over any client that is one |
//! | `pooled` | hyper-util's client with a pool of connections, as that client |
//! | `who` | an axum extractor for a service: who calls |

#[cfg(feature = "tower")]
pub mod gateway;
#[cfg(feature = "tower")]
pub mod pooled;
#[cfg(feature = "axum")]
pub mod who;
