//! The head of a request, as the proxy has it: what is asked for, by whom, and what must be right before that counts.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use proxy_wasm::types::MapType;

use super::host::{self, Headers};

/// A head. Names are in lower case.
pub struct Head {
    pub headers: Headers,
    /// When a request came, in nanoseconds since 1970. Nothing is counted from the head of a response.
    came: u64,
}

impl Head {
    pub fn of_request() -> Self {
        Self { headers: host::headers(MapType::HttpRequestHeaders), came: host::now() }
    }

    pub fn of_response() -> Self {
        Self { headers: host::headers(MapType::HttpResponseHeaders), came: 0 }
    }

    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a, 'n> {
        self.headers.iter().filter(move |(other, _)| *other == name.as_bytes()).map(|(_, value)| value)
    }

    /// Returns a value, if there is exactly one.
    pub fn one<'a>(&'a self, name: &str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Returns how many milliseconds ago it came.
    pub fn elapsed(&self) -> u64 {
        host::now().saturating_sub(self.came).checked_div(1_000_000).unwrap_or_default()
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        std::str::from_utf8(self.one(name)?).ok()?.parse().ok()
    }

    /// Returns the token, if there is exactly one (RFC 6750, section 2.1).
    pub fn token(&self) -> Option<&[u8]> {
        let (scheme, token) = self.one("authorization")?.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
    }

    /// Whether the host is one, with or without a port, or empty. The proxy sees to it that there is one in HTTP/1.1;
    /// several may have become a list.
    pub fn has_host(&self) -> bool {
        self.all(":authority").count() < 2 && self.all(":authority").all(is_host)
    }
}

/// `uri-host [ ":" port ]` of RFC 9110, section 7.2, but no comma: it stands between the hosts of two headers.
fn is_host(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    if let Some(rest) = value.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = value.split_once(':').unwrap_or((value, ""));
    let mut parts = name.split('%');
    let is_plain =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=".contains(&byte));
    // Behind each percent sign are two digits.
    let is_escaped =
        |part: &str| part.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_port(port) && parts.next().is_some_and(is_plain) && parts.all(|part| is_escaped(part) && is_plain(part))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns where the proxy says that a request comes from.
pub fn peer() -> Option<IpAddr> {
    let text = host::text_property(&["source", "address"])?;
    let address = text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}
