//! The policy on headers that each hop sets for itself: who passes a message on, or frames one, lets none of another's
//! through.
//!
//! Knows names, in lower case.

/// Those about a connection (RFC 9110, section 7.6.1).
pub(crate) const CONNECTION: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// Those by which a request is framed and reaches its server.
pub(crate) const FRAMING: [&str; 4] = ["content-length", "expect", "host", "http2-settings"];
