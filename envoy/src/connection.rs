//! The filter in the way to a service of HTTP/1: a connection on which something may be left over is not used again.
//!
//! A service that rejects a call may have left its body unread, and take it for another request. And one that announces a
//! body where there is none, as in the response to a `HEAD`, may send it. Envoy closes a connection on which the response
//! is complete before the request is. So the end of a request is held back until the head of the response has come: on the
//! wire that end is nothing, as the length of the body is known.

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, MapType};

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

    fn on_http_response_headers(&mut self, _: usize, is_complete: bool) -> Action {
        // Where the proxy answers by itself, nobody is there any more to take the end; nor is there where the response is
        // complete with its head. Such a connection is closed.
        if self.is_held && !is_complete && is_of_service() && leaves_nothing() {
            self.is_held = false;
            host::resume_request();
        }
        Action::Continue
    }
}

fn is_of_service() -> bool {
    host::property(&["response", "code_details"]).is_some_and(|details| details == b"via_upstream")
}

/// Whether nothing can be left over on the connection, once the body that follows the head of the response has come.
fn leaves_nothing() -> bool {
    let status = host::header(MapType::HttpResponseHeaders, ":status");
    let status = status.and_then(|status| std::str::from_utf8(&status).ok()?.parse::<u16>().ok());
    status.is_some_and(|status| status < REJECTED) || Head::of_request().number("content-length") == Some(0)
}
