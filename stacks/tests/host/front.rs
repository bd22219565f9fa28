//! nginx with TLS, in front of a gateway.

use std::fs;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use embedded_tls::TlsClock;

use crate::authority::Authority;
use crate::cases::name;
use crate::nginx_server::Nginx;

/// The name of the server.
pub const NAME: &str = "gateway.test";

pub struct Front {
    nginx: Nginx,
    /// The certificate of the authority, in DER.
    pub ca: Vec<u8>,
}

impl Front {
    /// nginx that closes connections on which nothing has been said for `idle` seconds. `None`, with a line that says
    /// so, where there is no nginx or no openssl.
    pub fn to(gateway: SocketAddr, idle: u32) -> Option<Self> {
        Self::with_certificate(gateway, idle, |authority| authority.issue("server", NAME, "ca", "2"))
    }

    /// With the certificate that this makes as `server`, and its key as `server.key`.
    pub fn with_certificate(gateway: SocketAddr, idle: u32, issue: impl FnOnce(&Authority)) -> Option<Self> {
        let test = name();
        let authority = Authority::new(&test)?;
        issue(&authority);
        let config = format!(
            "server {{\nlisten ADDRESS ssl;\nssl_protocols TLSv1.3;\nkeepalive_timeout {idle}s;\n\
             ssl_certificate {};\nssl_certificate_key {};\n\
             location / {{ proxy_pass http://{gateway}; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n}}\n",
            authority.path("server"),
            authority.path("server.key"),
        );
        let nginx = Nginx::start(&test, &config, &[])?;
        let ca = fs::read(authority.path("ca.der")).unwrap();
        Some(Self { nginx, ca })
    }

    pub fn address(&self) -> SocketAddr {
        self.nginx.address
    }
}

/// What time it is for certificates.
pub struct Today;

impl TlsClock for Today {
    fn now() -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs())
    }
}
