//! SHA-256 digests: what tokens and certificates are known by.
//!
//! A token is looked up by its digest alone, so the gateway keeps no token, and the time of a look-up tells nothing
//! about one.

use sha2::{Digest as _, Sha256};

/// A digest of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits, with or without colons between the bytes, as `sha256sum` or `openssl x509
    /// -fingerprint` print them.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let colons = text.contains(':');
        let mut rest = text;
        for (number, byte) in bytes.iter_mut().enumerate() {
            if colons && number > 0 {
                rest = rest.strip_prefix(':')?;
            }
            let (digits, after) = rest.split_at_checked(2)?;
            // `from_str_radix` would take a sign.
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(digits, 16).ok()?;
            rest = after;
        }
        rest.is_empty().then_some(Self(bytes))
    }
}
