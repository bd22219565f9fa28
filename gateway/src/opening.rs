//! The first bytes on a connection to the serial port, which tell a line from what is meant for another kind of server.
//!
//! A web page can make a browser send an HTTP request to any port, with a body that the page has chosen; its lines would
//! be taken for envelopes. The same goes for a TLS handshake, in which a server may have put bytes of its choice earlier.
//! So nothing is answered before it is known that what comes is neither. The first bytes tell that of every request that
//! keeps to the standard; of others, the end of their first line does.

/// The longest method that is waited for, in bytes.
const METHOD: usize = 64;

/// What has come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// White space at most.
    #[default]
    Blank,
    /// So many bytes of what may be the method of an HTTP request.
    Method(usize),
    /// The first byte of what may be a TLS handshake.
    Handshake,
    /// A line, or noise on one. It is not asked again.
    Line,
}

/// What comes is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Http,
    Tls,
}

impl Opening {
    /// Looks at the next bytes. Gives how many of them, from the first on, are white space with which a connection
    /// begins.
    ///
    /// # Errors
    /// What comes is no line.
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
                // No method is so long, and no line begins so.
                (Self::Method(METHOD), byte) if is_token(byte) => return Err(Foreign::Http),
                (Self::Method(length), byte) if is_token(byte) => Self::Method(length + 1),
                (Self::Method(_), b' ') => return Err(Foreign::Http),
                _ => Self::Line,
            };
        }
        Ok(blank)
    }
}

/// Whether a line ends as the first line of an HTTP request does, whatever stands before that: a client may send any
/// method, be it none by the standard.
pub fn is_request_line(line: &[u8]) -> bool {
    match line.trim_ascii_end() {
        [.., h, t1, t2, p, b'/', major, b'.', minor] => {
            [*h, *t1, *t2, *p].eq_ignore_ascii_case(b"HTTP") && major.is_ascii_digit() && minor.is_ascii_digit()
        }
        _ => false,
    }
}

/// Whether a byte may be in a method (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
