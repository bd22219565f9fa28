//! Sets of bytes, including those defined by standards: a token and a field value (RFC 9110), and base64 (RFC 4648).

/// The base64 symbols, each at the index of its value.
pub(crate) const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A set of bytes: one bit for each, set if the byte is allowed.
pub(crate) type Allowed = [u32; 8];

/// The bytes allowed in a field value (RFC 9110, section 5.5): all except control characters other than tab.
pub(crate) static FIELD_VALUE: Allowed = allow(b"\t", 0x20, 0xFF);
/// The bytes allowed in a token (RFC 9110, section 5.6.2): letters, digits and these.
pub(crate) static TOKEN: Allowed = {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letters = allow(LETTERS, b'0', b'9');
    allow_too(letters, b"!#$%&'*+-.^_`|~")
};

/// Allows a range of bytes except DEL, and additionally these bytes.
pub(crate) const fn allow(bytes: &[u8], least: u8, most: u8) -> Allowed {
    let mut words = [0; 8];
    let mut byte = least;
    loop {
        if byte != 0x7F {
            words = allow_too(words, &[byte]);
        }
        if byte == most {
            return allow_too(words, bytes);
        }
        byte = byte.wrapping_add(1);
    }
}

/// Allows these bytes too.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn allow_too(allowed: Allowed, bytes: &[u8]) -> Allowed {
    let mut words = allowed;
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first() {
        words[(*byte >> 5) as usize] |= 1_u32.wrapping_shl(*byte as u32);
        rest = behind;
    }
    words
}

/// Returns the leading bytes that are allowed in a token (RFC 9110, section 5.6.2), and what follows them.
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) fn split_token(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at_checked(allowed_run(&TOKEN, bytes)).unwrap_or_default()
}

/// Returns whether this byte is allowed in a token (RFC 9110, section 5.6.2).
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) const fn is_token(byte: u8) -> bool {
    allows(&TOKEN, byte)
}

/// Returns the leading bytes that are allowed in a header value (RFC 9110, section 5.5), and what follows them.
#[cfg(any(feature = "client", feature = "gateway"))]
pub(crate) fn split_field_value(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at_checked(allowed_run(&FIELD_VALUE, bytes)).unwrap_or_default()
}

/// Returns the number of leading bytes that are allowed.
#[inline]
pub(crate) fn allowed_run(allowed: &Allowed, bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !allows(allowed, *byte)).unwrap_or(bytes.len())
}

#[allow(clippy::indexing_slicing, reason = "eight words have the indexes of three bits")]
const fn allows(allowed: &Allowed, byte: u8) -> bool {
    allowed[(byte >> 5) as usize].rotate_right(byte as u32) & 1 == 1
}
