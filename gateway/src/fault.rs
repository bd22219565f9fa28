//! The errors of the open API: an object with a code, a message and the ID of the request, under a status of its own.
//!
//! Knows what each is called. Knows nothing of what went wrong.

use hyper::StatusCode;

use super::answer::{Answer, json};

/// An error of the open API, with one of the platform's codes.
#[derive(Clone, Copy)]
pub struct Fault {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: &'static str,
}

impl Fault {
    pub const BAD_REQUEST: Self = new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the request is not valid");
    pub const NO_ENVIRONMENT: Self = new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the host names no environment");
    pub const BODY_BROKEN: Self = new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the body is broken");
    pub const BODY_TOO_SLOW: Self = new(StatusCode::REQUEST_TIMEOUT, "BAD_REQUEST", "the body took too long");
    pub const MISSING_CREDENTIALS: Self =
        new(StatusCode::UNAUTHORIZED, "MISSING_CREDENTIALS", "the header Authorization is missing");
    pub const INVALID_CREDENTIALS: Self =
        new(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", "the token belongs to no caller");
    pub const SERVICE_NOT_FOUND: Self =
        new(StatusCode::NOT_FOUND, "SERVICE_NOT_FOUND", "there is no service of this name");
    pub const METHOD: Self = new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "the method is not for services");
    pub const REQUEST_TOO_LARGE: Self =
        new(StatusCode::PAYLOAD_TOO_LARGE, "EXCEED_REQUEST_SIZE_LIMIT", "the body is longer than 100 KiB");
    pub const RESPONSE_TOO_LARGE: Self =
        new(StatusCode::BAD_GATEWAY, "EXCEED_MAX_RESPONSE_SIZE", "the service's body is longer than 1000 KiB");
    pub const SERVICE_NOT_READY: Self =
        new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_NOT_READY", "the service takes no connection");
    pub const SERVICE_TIMEOUT: Self =
        new(StatusCode::GATEWAY_TIMEOUT, "SERVICE_TIMEOUT", "the service has not answered in time");
    pub const SYSTEM: Self = new(StatusCode::BAD_GATEWAY, "SYS_ERR", "the service has given no valid answer");

    /// The answer that tells of it.
    pub fn answer(&self, request_id: &str) -> Answer {
        let Self { code, message, .. } = self;
        // None of the three has anything that JSON escapes.
        json(self.status, format!(r#"{{"code":"{code}","message":"{message}","requestId":"{request_id}"}}"#).into())
    }
}

const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Fault {
    Fault { status, code, message }
}
