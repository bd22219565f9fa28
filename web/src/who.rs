//! An axum extractor for a service behind a gateway: who calls.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use callcontainer::gateway::Identity;
use std::convert::Infallible;

/// Who calls, believed only where [`Identity`] believes it. A request that says nothing to be believed is rejected with
/// status 401; as an `Option<Who>` it is `None`.
///
/// Nobody but the gateway may reach the service: whoever else can, can claim anything.
#[derive(Clone, PartialEq, Eq)]
pub struct Who {
    /// Where the call comes from, such as `wx_client`.
    pub source: String,
    /// The app that calls.
    pub app: Option<String>,
    /// The user's ID in that app.
    pub user: Option<String>,
    /// Whether that is an app other than the one that owns the environment.
    pub is_reuse: bool,
    /// The address of the user's device.
    pub address: Option<String>,
}

impl Who {
    fn of(parts: &Parts) -> Option<Self> {
        let identity = Identity::from_http(&parts.headers)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Self {
            source: identity.source.to_owned(),
            app: owned(identity.app()),
            user: owned(identity.user()),
            is_reuse: identity.is_reuse(),
            address: owned(identity.address),
        })
    }
}

/// Shows nothing of the user, so it is safe to log.
impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Who").field("source", &self.source).field("app", &self.app).finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Self::of(parts).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}
