//! The body of a request over HTTP: how long it may be, and how long it may take.
//!
//! Knows bytes and time. Knows nothing of what the bytes mean.

use std::time::Duration;

use callcontainer::REQUEST_LIMIT;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Bytes, Incoming};
use tokio::time::timeout;

use super::record::Record;

/// How long the body of a request may take.
pub(super) const BODY: Duration = Duration::from_secs(20);

/// Why a body was not read to its end.
pub enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

impl Unread {
    /// The reason in words.
    pub const fn why(&self) -> &'static str {
        match self {
            Self::TooLarge => "the body is too large\n",
            Self::TooSlow => "the body took too long\n",
            Self::Broken => "the body is broken\n",
        }
    }
}

/// Reads a body, unless it is too long. A body whose stated length is too long is not read at all.
pub async fn read(body: Incoming, record: &mut Record) -> Result<Bytes, Unread> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > REQUEST_LIMIT {
        return Err(Unread::TooLarge);
    }
    timeout(BODY, collect(body, told, record)).await.unwrap_or(Err(Unread::TooSlow))
}

/// Takes memory for what comes: what is only announced is not touched.
async fn collect(mut body: Incoming, told: usize, record: &mut Record) -> Result<Bytes, Unread> {
    let mut received = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        // Trailers have no meaning here.
        let Ok(bytes) = frame.into_data() else { continue };
        record.received(received.len() + bytes.len());
        if bytes.len() > REQUEST_LIMIT - received.len() {
            return Err(Unread::TooLarge);
        }
        if bytes.len() == told {
            return Ok(bytes);
        }
        if received.is_empty() {
            received.reserve_exact(told);
        }
        received.extend_from_slice(&bytes);
    }
    Ok(received.into())
}
