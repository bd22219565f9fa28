//! Owned storage in heapless containers: keeps what is borrowed from an envelope after the envelope is gone.

use crate::limits::{assert_reply_limit, assert_request_limit};
use crate::{Bytes, Error, ErrorKind, Json, Reply, Request, Text};
use heapless::{String, Vec};

/// Returns a vector of this length, filled by `fill`, which returns how much of it is used.
fn filled<const N: usize>(
    len: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
) -> Result<Vec<u8, N>, Error> {
    let mut vector = Vec::new();
    vector.resize(len, 0).map_err(|_| Error::new(ErrorKind::BufferTooSmall, N))?;
    let used = fill(&mut vector)?;
    vector.truncate(used);
    Ok(vector)
}

impl Text<'_> {
    /// Returns the text in an owned string.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when it is longer than `N` bytes; the offset is `N`.
    ///
    /// ```
    /// let text = callcontainer::Text::from_escaped(r"two\nlines")?;
    /// assert_eq!(text.to_heapless::<9>()?, "two\nlines");
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    pub fn to_heapless<const N: usize>(&self) -> Result<String<N>, Error> {
        let bytes = filled(self.decoded_len(), |buffer| Ok(self.decode_bytes(buffer)?.len()))?;
        String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))
    }
}

impl Json<'_> {
    /// Returns the value in an owned string, as written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when it is longer than `N` bytes; the offset is `N`.
    pub fn to_heapless<const N: usize>(&self) -> Result<String<N>, Error> {
        self.as_str().try_into().map_err(|_| Error::new(ErrorKind::BufferTooSmall, N))
    }
}

impl Bytes<'_> {
    /// Returns the bytes in an owned vector.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when there are more than `N`; the offset is `N`.
    ///
    /// ```
    /// let bytes = callcontainer::Bytes::from_base64("AQID")?;
    /// assert_eq!(bytes.to_heapless::<3>()?, [1, 2, 3]);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    pub fn to_heapless<const N: usize>(&self) -> Result<Vec<u8, N>, Error> {
        filled(self.decoded_len(), |buffer| Ok(self.decode(buffer)?.len()))
    }
}

impl Request<'_> {
    /// Encodes the envelope into an owned vector. An `N` over [`REQUEST_LIMIT`](crate::REQUEST_LIMIT) does not compile.
    ///
    /// # Errors
    /// As for [`encode`](Request::encode).
    ///
    /// ```
    /// use callcontainer::Request;
    ///
    /// let envelope = Request::new("/").with_env("prod-01").encode_heapless::<64>()?;
    /// assert_eq!(envelope, br#"{"config":{"env":"prod-01"},"path":"/"}"#);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    pub fn encode_heapless<const N: usize>(&self) -> Result<Vec<u8, N>, Error> {
        const { assert_request_limit(N) }
        filled(N, |buffer| Ok(self.encode(buffer)?.len()))
    }
}

impl Reply<'_> {
    /// Encodes the envelope into an owned vector. An `N` over [`REPLY_LIMIT`](crate::REPLY_LIMIT) does not compile.
    ///
    /// # Errors
    /// As for [`encode`](Reply::encode).
    pub fn encode_heapless<const N: usize>(&self) -> Result<Vec<u8, N>, Error> {
        const { assert_reply_limit(N) }
        filled(N, |buffer| Ok(self.encode(buffer)?.len()))
    }
}
