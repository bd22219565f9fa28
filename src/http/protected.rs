//! The policy on headers of a caller that must never reach a service.
//!
//! Knows names. Knows nothing of who calls, or how a request is written.
//!
//! A name is compared as the most lenient server would fold it. A CGI-like service gets each header as a variable, in
//! which `-` and `_` are the same; PHP also folds `.` and space; lighttpd folds every byte that is not a letter or
//! digit. A header forged in such a spelling would replace the one of the gateway, or appear beside it.

use crate::Text;
use crate::http::names::{CONNECTION, FRAMING};
use crate::limits::NAME_LIMIT;

/// Folds a byte of a name as a service does when it makes a variable of it.
pub(crate) const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

/// A name with all of its bytes folded.
pub(crate) struct Folded {
    bytes: [u8; NAME_LIMIT],
    len: usize,
}

impl Folded {
    /// Folds a name; `None` if it is longer than a header of an envelope can be. All names listed here are shorter.
    pub(crate) fn new(name: impl Iterator<Item = u8>) -> Option<Self> {
        let mut folded = Self { bytes: [0; NAME_LIMIT], len: 0 };
        for byte in name {
            *folded.bytes.get_mut(folded.len)? = fold(byte);
            folded.len = folded.len.wrapping_add(1);
        }
        Some(folded)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

// The headers that identify the caller: every `X-WX-*`, and those that give or affect the caller's address.

const BEGINNINGS: [&str; 3] = [
    "x-wx-",
    "x-forwarded-",
    // Envoy trusts these, the caller's address among them, and removes them from requests from outside itself.
    "x-envoy-",
];

/// The endings of the headers for an address, whoever invented them. So they also cover `HTTP_CLIENT_IP`, which is a
/// variable that many look up as a header.
const ENDINGS: [&str; 13] = [
    // X-, True-, Akamai-, Fastly-, Fly-, Incap-, EO-, Proxy-, WL-Proxy-, X-Cluster-.
    "client-ip",
    // X-Azure-, X-Sucuri-.
    "clientip",
    // CF-, DO-, EO-.
    "connecting-ip",
    "connecting-ipv6",
    // X-NF-Client-.
    "connection-ip",
    "forwarded",
    // X-, X-Original-, X-Vercel-.
    "forwarded-for",
    "originating-ip",
    // X-, Ali-CDN-.
    "real-ip",
    "remote-addr",
    "remote-ip",
    // X-Azure-.
    "socketip",
    // X-AppEngine-, X-ProxyUser-.
    "user-ip",
];

const NAMES: [&str; 4] = [
    "cdn-src-ip",
    "cf-pseudo-ipv4",
    "cloudfront-viewer-address",
    // Not an address: as the variable `HTTP_PROXY` it tells many programs which proxy to use (httpoxy, CVE-2016-5385).
    "proxy",
];

/// Those about how to answer the gateway, and one that no call may set. The gateway also sets
/// [its own](crate::http::names).
const ANSWERING: [&str; 4] = ["accept-encoding", "proxy-authenticate", "proxy-authorization", "referer"];

/// Whether only the gateway may send a service a header with this name.
pub(crate) fn is_protected(name: Text<'_>) -> bool {
    let Some(folded) = Folded::new(name.bytes()) else { return true };
    let name = folded.as_bytes();
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning.as_bytes()))
        || ENDINGS.iter().any(|ending| name.ends_with(ending.as_bytes()))
        || NAMES.iter().chain(&ANSWERING).chain(&CONNECTION).chain(&FRAMING).any(|known| name == known.as_bytes())
}
