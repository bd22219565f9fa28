//! The head of an HTTP request: what it must contain before anything else counts, and its token.

use std::net::Ipv6Addr;

use hyper::Version;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, ORIGIN};
use hyper::http::request::Parts;

/// Whether the header `Host` is as RFC 9112, section 3.2 requires: present in HTTP/1.1, never twice, and either empty
/// or a host with an optional port.
pub fn has_host(head: &Parts) -> bool {
    let mut values = head.headers.get_all(HOST).iter();
    match (values.next(), values.next()) {
        (None, _) => head.version < Version::HTTP_11,
        (Some(host), None) => is_host(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// Returns the host that a request is for, and the port, if it has one: that of the target, if it has one, else that of
/// the header (RFC 9112, section 3.2.2).
pub fn host(head: &Parts) -> &str {
    let header = || head.headers.get(HOST).and_then(|host| host.to_str().ok());
    head.uri.authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}

/// `uri-host [ ":" port ]` of RFC 9110, section 7.2, with the syntax of RFC 3986, section 3.2.
fn is_host(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    let (host, port) = match value.rsplit_once(':') {
        // The colon belongs to the address.
        Some((_, after)) if after.ends_with(']') => (value, ""),
        Some(parts) => parts,
        None => (value, ""),
    };
    let is_name = || {
        let mut rest = host.bytes();
        std::iter::from_fn(|| {
            rest.next().map(|byte| match byte {
                b'%' => {
                    rest.next().is_some_and(|digit| digit.is_ascii_hexdigit())
                        && rest.next().is_some_and(|digit| digit.is_ascii_hexdigit())
                }
                byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte),
            })
        })
        .all(|fits| fits)
    };
    let is_address = |inside: &str| inside.parse::<Ipv6Addr>().is_ok();
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    port.bytes().all(|byte| byte.is_ascii_digit()) && bracketed.map_or_else(is_name, is_address)
}

/// Whether a web page has a browser send a request, another than one of this gateway (Fetch, section 3.2, and Fetch
/// Metadata Request Headers, section 2.4).
pub fn is_of_page(headers: &HeaderMap) -> bool {
    let is_foreign = |site: &HeaderValue| !matches!(site.as_bytes(), b"none" | b"same-origin");
    headers.contains_key(ORIGIN) || headers.get_all("sec-fetch-site").iter().any(is_foreign)
}

/// Returns the bearer token that a request comes with; `None` if it comes without `Authorization`. What is no bearer
/// token, or more than one, is an empty token, which belongs to nobody.
pub fn credentials(headers: &HeaderMap) -> Option<&str> {
    headers.contains_key(AUTHORIZATION).then(|| token(headers).unwrap_or_default())
}

/// Returns the bearer token (RFC 6750, section 2.1), if there is exactly one.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}
