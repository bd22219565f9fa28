//! What is asked of the proxy. What it does not have, or does not want to do, is as if it were not there: nothing that
//! this filter does depends on more than that.

use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType};

/// Headers, with pseudo-header fields such as `:status` among them.
pub type Headers = Vec<(String, Vec<u8>)>;

pub fn log(level: LogLevel, line: &str) {
    let _ = hostcalls::log(level, line);
}

/// Returns all of a buffer.
pub fn buffer(buffer: BufferType) -> Vec<u8> {
    hostcalls::get_buffer(buffer, 0, usize::MAX).ok().flatten().unwrap_or_default()
}

/// Replaces all of the request's body.
pub fn set_body(body: &[u8]) {
    let _ = hostcalls::set_buffer(BufferType::HttpRequestBody, 0, usize::MAX, body);
}

pub fn headers(map: MapType) -> Headers {
    hostcalls::get_map_bytes(map).unwrap_or_default()
}

/// Returns the value of a header; the values of several are joined by commas.
pub fn header(map: MapType, name: &str) -> Option<Vec<u8>> {
    hostcalls::get_map_value_bytes(map, name).ok().flatten()
}

pub fn set_headers(map: MapType, headers: Vec<(&str, &[u8])>) {
    let _ = hostcalls::set_map_bytes(map, headers);
}

/// Returns what the proxy knows about the call and its connections.
pub fn property(path: Vec<&str>) -> Option<Vec<u8>> {
    hostcalls::get_property(path).ok().flatten()
}

/// The same, if it is text.
pub fn text_property(path: Vec<&str>) -> Option<String> {
    String::from_utf8(property(path)?).ok()
}

/// Leaves something for the access log, which Envoy has as `FILTER_STATE(wasm.NAME:PLAIN)`.
pub fn note(name: &str, value: &str) {
    let _ = hostcalls::set_property(vec![name], Some(value.as_bytes()));
}

/// Answers instead of the service.
pub fn answer(status: u32, headers: Vec<(&str, &str)>, body: &[u8]) {
    let _ = hostcalls::send_http_response(status, headers, Some(body));
}

/// Has the proxy choose the route anew, by the headers as they are now.
pub fn choose_route() {
    // A proxy that does so by itself when headers change need not know of this.
    let _ = hostcalls::call_foreign_function("clear_route_cache", None);
}

/// Returns the nanoseconds since 1970.
pub fn now() -> u128 {
    let now = hostcalls::get_current_time().ok();
    let now = now.and_then(|now| now.duration_since(std::time::UNIX_EPOCH).ok());
    now.unwrap_or_default().as_nanos()
}
