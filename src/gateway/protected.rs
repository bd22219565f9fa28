//! The headers of a caller that must never reach a service: the policy, in one place.
//!
//! A name is compared as the most lenient server behind the gateway would fold it. A CGI service gets each header as a
//! variable, in which `-` and `_` are the same; PHP also folds `.` and space; lighttpd folds every byte that is not a
//! letter or digit. A header forged in such a spelling would replace the gateway's own header, or appear beside it.

use crate::Text;
use crate::limits::NAME_LIMIT;

/// What is left of a byte of a name when a service makes a variable of it.
pub(super) const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

/// A name, each of whose bytes is folded.
pub(super) struct Folded {
    bytes: [u8; NAME_LIMIT],
    len: usize,
}

impl Folded {
    /// None of a name that is longer than a header of an envelope can be. All that is known here is shorter.
    pub(super) fn new(name: impl Iterator<Item = u8>) -> Option<Self> {
        let mut folded = Self { bytes: [0; NAME_LIMIT], len: 0 };
        for byte in name {
            *folded.bytes.get_mut(folded.len)? = fold(byte);
            folded.len = folded.len.wrapping_add(1);
        }
        Some(folded)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

// What says who calls: every `X-WX-*`, and what gives the caller's address or changes what is made of it.

const BEGINNINGS: [&str; 3] = [
    "x-wx-",
    "x-forwarded-",
    // Envoy believes them, the caller's address among them, and takes them off what comes from outside itself.
    "x-envoy-",
];

/// What the headers for an address end with, whoever invented them. So `HTTP_CLIENT_IP` is among them too, which is a
/// variable and which many look up as a header.
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
    // No address: as the variable `HTTP_PROXY` it tells many programs which proxy to use (httpoxy, CVE-2016-5385).
    "proxy",
];

/// What is about a connection (RFC 9110, section 7.6.1), about the framing of the message or about how to answer the
/// gateway, and what no call may set.
const FRAMING: [&str; 15] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether only the gateway may send a service a header of this name.
pub(super) fn is_protected(name: Text<'_>) -> bool {
    let Some(folded) = Folded::new(name.bytes()) else { return true };
    let name = folded.as_bytes();
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning.as_bytes()))
        || ENDINGS.iter().any(|ending| name.ends_with(ending.as_bytes()))
        || NAMES.iter().chain(&FRAMING).any(|known| name == known.as_bytes())
}
