//! Where a service listens, and what it speaks there.
//!
//! Knows how that is written. Knows nothing of connections.

use std::net::Ipv6Addr;

/// Where a service listens, and what it speaks there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    protocol: Protocol,
    /// `HOST:PORT`
    address: String,
}

/// What a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/2 from the first byte on, in the clear: "prior knowledge" (RFC 9113, section 3.3).
    Http2,
    /// TLS, and within it HTTP/2 or HTTP/1.1, as the service chooses (RFC 7301).
    Https,
}

impl Origin {
    /// Reads `HOST:PORT` or `http://HOST:PORT`, `h2://HOST:PORT`, or `https://HOST:PORT`. With `https` the port may be
    /// left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(value: &str) -> Result<Self, String> {
        let (protocol, address) = match value.split_once("://") {
            None => (Protocol::Http, value),
            Some(("http", address)) => (Protocol::Http, address),
            Some(("h2", address)) => (Protocol::Http2, address),
            Some(("https", address)) => (Protocol::Https, address),
            Some(_) => return Err("the address begins with none of http://, h2:// and https://".into()),
        };
        let has_port = address.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        let address =
            if protocol == Protocol::Https && !has_port { format!("{address}:443") } else { address.to_owned() };
        let (host, port) = address.rsplit_once(':').ok_or("the address has no ':' between host and port")?;
        if !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err("the port is not a number from 1 to 65535".into());
        }
        // An IPv6 address stands in brackets, as it does in the header `Host` that is made of this.
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match bracketed {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')),
        };
        if !is_host {
            return Err("the host is neither a name nor an IP address (IPv6 stands in brackets)".into());
        }
        Ok(Self { protocol, address })
    }

    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Returns where the service listens, as `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }
}
