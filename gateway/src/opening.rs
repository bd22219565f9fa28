//! The first bytes on a connection to the serial port, which distinguish a line from requests for other kinds of
//! servers.
//!
//! A web page can make a browser send an HTTP request to any port, with a body of the page's choice, whose lines would
//! be taken for envelopes. The same goes for a TLS handshake, which may contain bytes that a server chose earlier. So
//! nothing is answered until it is certain that the input is neither. For every request that conforms to the standard,
//! the first bytes are enough; for others, the end of their first line decides.

/// The longest method to wait for, in bytes.
const METHOD: usize = 64;

/// What has been received so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// Nothing but white space.
    #[default]
    Blank,
    /// This number of bytes of what may be the method of an HTTP request.
    Method(usize),
    /// The first byte of what may be a TLS handshake.
    Handshake,
    /// A line, or noise on one. Further bytes are not examined.
    Line,
}

/// The input is not a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Http,
    Tls,
}

impl Opening {
    /// Examines the next bytes. Returns how many of them, from the first on, are white space at the beginning of the
    /// connection.
    ///
    /// # Errors
    /// The input is not a line.
    pub fn look(&mut self, bytes: &[u8]) -> Result<usize, Foreign> {
        let mut blank = 0;
        for &byte in bytes {
            *self = match (*self, byte) {
                (Self::Line, _) => break,
                (Self::Blank, byte) if byte.is_ascii_whitespace() => {
                    blank += 1;
                    Self::Blank
                }
                // The type of a TLS record that holds a handshake, and the first byte of every version (RFC 8446,
                // section 5.1).
                (Self::Blank, 22) => Self::Handshake,
                (Self::Handshake, 3) => return Err(Foreign::Tls),
                (Self::Blank, byte) if is_token(byte) => Self::Method(1),
                // No method is that long, and no line begins like that.
                (Self::Method(METHOD), byte) if is_token(byte) => return Err(Foreign::Http),
                (Self::Method(length), byte) if is_token(byte) => Self::Method(length + 1),
                (Self::Method(_), b' ') => return Err(Foreign::Http),
                _ => Self::Line,
            };
        }
        Ok(blank)
    }
}

/// Whether a line ends like the first line of an HTTP request, whatever precedes that: a client may send any method,
/// even one that the standard does not allow.
pub fn is_request_line(line: &[u8]) -> bool {
    match line.trim_ascii_end() {
        [.., h, t1, t2, p, b'/', major, b'.', minor] => {
            [*h, *t1, *t2, *p].eq_ignore_ascii_case(b"HTTP") && major.is_ascii_digit() && minor.is_ascii_digit()
        }
        _ => false,
    }
}

/// Whether a byte is allowed in a method (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
