//! The host of the platform's open HTTP API for an environment.

use crate::error::{Error, ErrorKind};
use core::fmt;

/// The longest name of an environment: it is a label of a domain name (RFC 1035, section 2.3.4).
const ENV_LIMIT: usize = 63;

const SUFFIX: &[u8] = b".api.tcloudbasegateway.com";
const ABROAD: &[u8] = b".api.intl.tcloudbasegateway.com";

/// The host of the open HTTP API for an environment, for [`Framing::open_api`](super::Framing::open_api).
///
/// ```
/// use callcontainer::client::OpenApiHost;
///
/// assert_eq!(OpenApiHost::new("prod-01")?.as_str(), "prod-01.api.tcloudbasegateway.com");
/// assert_eq!(OpenApiHost::abroad("prod-01")?.as_str(), "prod-01.api.intl.tcloudbasegateway.com");
/// assert!(OpenApiHost::new("prod.01").is_err());
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OpenApiHost {
    bytes: [u8; ENV_LIMIT + ABROAD.len()],
    len: usize,
}

impl OpenApiHost {
    /// Makes the host of an environment in China: on the mainland, or in Hong Kong.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidName`] when the environment is not a label of a domain name: letters, digits and hyphens, none
    /// of them at either end, with the offset in it. [`ErrorKind::TooLong`] when it has more than 63.
    pub const fn new(env: &str) -> Result<Self, Error> {
        Self::with_suffix(env, SUFFIX)
    }

    /// Makes the host of an environment in any other region.
    ///
    /// # Errors
    /// As for [`new`](OpenApiHost::new).
    pub const fn abroad(env: &str) -> Result<Self, Error> {
        Self::with_suffix(env, ABROAD)
    }

    const fn with_suffix(env: &str, suffix: &[u8]) -> Result<Self, Error> {
        if env.len() > ENV_LIMIT {
            return Err(Error::new(ErrorKind::TooLong, ENV_LIMIT));
        }
        if let Some(offset) = wrong_in_label(env.as_bytes()) {
            return Err(Error::new(ErrorKind::InvalidName, offset));
        }
        let mut bytes = [0; ENV_LIMIT + ABROAD.len()];
        put(put(&mut bytes, env.as_bytes()), suffix);
        Ok(Self { bytes, len: env.len().saturating_add(suffix.len()) })
    }

    /// Returns the host.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        let (host, _) = match self.bytes.as_slice().split_at_checked(self.len) {
            Some(parts) => parts,
            None => (self.bytes.as_slice(), [].as_slice()),
        };
        match core::str::from_utf8(host) {
            Ok(host) => host,
            // Unreachable: it is ASCII.
            Err(_) => "",
        }
    }
}

/// Returns the first byte that a label of a domain name must not have.
const fn wrong_in_label(label: &[u8]) -> Option<usize> {
    let mut rest = label;
    loop {
        let at = label.len().wrapping_sub(rest.len());
        rest = match rest {
            [] if at > 0 => return None,
            [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', behind @ ..] => behind,
            [b'-', behind @ ..] if at > 0 && !behind.is_empty() => behind,
            _ => return Some(at),
        };
    }
}

/// Writes a text, and returns the room behind it.
const fn put<'b>(room: &'b mut [u8], text: &[u8]) -> &'b mut [u8] {
    match room.split_at_mut_checked(text.len()) {
        Some((place, behind)) => {
            place.copy_from_slice(text);
            behind
        }
        None => &mut [],
    }
}

impl fmt::Debug for OpenApiHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for OpenApiHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for OpenApiHost {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        defmt::write!(fmt, "{=str}", self.as_str());
    }
}
