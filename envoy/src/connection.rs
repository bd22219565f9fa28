//! The filter in the way to a service of HTTP/1: a connection on which a call was rejected is not used again.
//!
//! A service that rejects a call may have left its body unread, and take it for another request. Envoy closes a connection
//! on which the response is complete before the request is. So the end of a request is held back until the service has
//! said that it does not reject it: on the wire that end is nothing, as the length of the body is known.

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;

use super::call::REJECTED;
use super::head::Head;
use super::host;

/// One request on a connection.
#[derive(Default)]
pub struct Sent {
    is_held: bool,
}

impl Context for Sent {}

impl HttpContext for Sent {
    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        // The other filter has added them, to have the end held.
        self.is_held = true;
        Action::Pause
    }

    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        let is_accepted = || Head::of_response().number(":status").is_some_and(|status| status < REJECTED.into());
        if self.is_held && is_accepted() {
            self.is_held = false;
            host::resume_request();
        }
        Action::Continue
    }
}
