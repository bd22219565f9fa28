//! Buffers for whole envelopes. The compiler checks that their size is within the limit of their direction.

use super::reply::Reply;
use super::request::Request;
use crate::error::Error;
use crate::limits::{assert_reply_limit, assert_request_limit};

macro_rules! buffer {
    ($(#[$doc:meta])* $name:ident, $envelope:ident, $assert:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<const N: usize> {
            bytes: [u8; N],
            len: usize,
        }

        impl<const N: usize> $name<N> {
            /// Creates an empty buffer.
            #[must_use]
            pub const fn new() -> Self {
                const { $assert(N) }
                Self { bytes: [0; N], len: 0 }
            }

            /// Encodes an envelope, replacing the previous one, and returns it.
            ///
            /// # Errors
            /// As for the envelope's own `encode`; the buffer is then empty.
            pub fn encode(&mut self, envelope: &$envelope<'_>) -> Result<&[u8], Error> {
                self.len = 0;
                self.len = envelope.encode(&mut self.bytes)?.len();
                Ok(self.as_bytes())
            }

            /// Returns the envelope in the buffer; empty if there is none.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                self.bytes.get(..self.len).unwrap_or_default()
            }

            /// Fills the buffer with an envelope that needs no checks. `put` gets the whole memory, and returns how
            /// much of it was filled.
            pub(crate) fn fill(&mut self, put: impl FnOnce(&mut [u8]) -> usize) -> &[u8] {
                self.len = put(&mut self.bytes);
                self.as_bytes()
            }
        }

        impl<const N: usize> Default for $name<N> {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

buffer! {
    /// A buffer for a request envelope of at most `N` bytes.
    ///
    /// ```
    /// use callcontainer::{Request, RequestBuffer};
    ///
    /// let mut buffer = RequestBuffer::<128>::new();
    /// let envelope = buffer.encode(&Request::new("/").with_env("prod-01"))?;
    /// assert_eq!(envelope, br#"{"config":{"env":"prod-01"},"path":"/"}"#);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    ///
    /// An `N` over [`REQUEST_LIMIT`](crate::REQUEST_LIMIT) does not compile:
    ///
    /// ```compile_fail
    /// let buffer = callcontainer::RequestBuffer::<102_401>::new();
    /// ```
    RequestBuffer, Request, assert_request_limit
}

buffer! {
    /// A buffer for a reply envelope of at most `N` bytes.
    ///
    /// ```
    /// use callcontainer::{ReplyBuffer, Response};
    ///
    /// let mut buffer = ReplyBuffer::<128>::new();
    /// let envelope = buffer.encode(&Response::new(204).into())?;
    /// assert_eq!(envelope, br#"{"statusCode":204}"#);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    ///
    /// An `N` over [`REPLY_LIMIT`](crate::REPLY_LIMIT) does not compile:
    ///
    /// ```compile_fail
    /// let buffer = callcontainer::ReplyBuffer::<1_024_001>::new();
    /// ```
    ReplyBuffer, Reply, assert_reply_limit
}
