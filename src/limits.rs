//! The limits of the platform and of this crate, and what the compiler checks with them.
//!
//! The first three are the platform's own. The others are this crate's, chosen so that a stream decoder can enforce
//! each of them in constant memory.

/// The maximum length of a request envelope in bytes: 100 KiB, counted over the whole envelope as transmitted.
pub const REQUEST_LIMIT: usize = 100 * 1024;

/// The maximum length of a reply envelope in bytes: 1000 KiB, counted over the whole envelope as transmitted.
pub const REPLY_LIMIT: usize = 1000 * 1024;

/// The maximum `timeout` of a call in milliseconds. A larger one has no effect.
pub const TIMEOUT_LIMIT: u32 = 15_000;

/// The maximum nesting of an envelope in levels. The envelope's own object is level 1, so `data` may nest 127 levels.
pub const DEPTH_LIMIT: usize = 128;

/// The maximum number of headers in one envelope.
pub const HEADERS_LIMIT: usize = 64;

/// The maximum length in bytes, after unescaping, of `config.env`, `resourceAppid`, `resourceEnv`, `service`, `callID`,
/// `dataType` and the name of a header.
pub const NAME_LIMIT: usize = 128;

/// The maximum length of `path` in bytes, after unescaping.
pub const PATH_LIMIT: usize = 8 * 1024;

/// Asserts, in an inline `const` block, that a limit or buffer of this size is within the limit for requests.
pub(crate) const fn assert_request_limit(size: usize) {
    assert!(size <= REQUEST_LIMIT, "a request envelope holds at most 102400 bytes: choose a smaller N");
}

/// Asserts, in an inline `const` block, that a limit or buffer of this size is within the limit for replies.
pub(crate) const fn assert_reply_limit(size: usize) {
    assert!(size <= REPLY_LIMIT, "a reply envelope holds at most 1024000 bytes: choose a smaller N");
}

const _: () = assert!(REQUEST_LIMIT == 102_400 && REPLY_LIMIT == 1_024_000);
const _: () = assert!(DEPTH_LIMIT <= 128, "the nesting is held in 128 bits");
const _: () = assert!(PATH_LIMIT < REQUEST_LIMIT, "the longest path must fit in a request");
