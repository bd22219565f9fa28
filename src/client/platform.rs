//! The error objects of the platform, as failures.
//!
//! Knows what they look like and what they mean. A service that answers with anything else has answered.

use crate::envelope::members::{Members, key};
use crate::json::cursor::Cursor;
use crate::json::sink::{Sink, SliceSink};
use crate::json::walk::Kind;
use crate::json::write;
use crate::shift::shift_to_end;
use crate::{ErrorCode, Json, Text};
use core::ops::Range;

/// The members of an error object, all of them strings.
const MEMBERS: [&str; 3] = ["code", "message", "requestId"];

/// The codes that mean the same as one of callContainer, or the nearest to it.
static CODES: [(&str, ErrorCode); 9] = [
    ("INVALID_CREDENTIALS", ErrorCode::ACCESS_DENIED),
    ("MISSING_CREDENTIALS", ErrorCode::ACCESS_DENIED),
    ("SERVICE_ENDPOINT_NOT_FOUND", ErrorCode::ACCESS_DENIED),
    ("SERVICE_FORBIDDEN", ErrorCode::ACCESS_DENIED),
    ("SERVICE_LB_STATUS_ABNORMAL", ErrorCode::CLOUD_SYSTEM_ERROR),
    ("SERVICE_NOT_FOUND", ErrorCode::ACCESS_DENIED),
    // The service has not run, and will: the advice is to wait a little.
    ("SERVICE_NOT_READY", ErrorCode::NOT_INITIALISED),
    ("SERVICE_TIMEOUT", ErrorCode::REQUEST_TIMEOUT),
    ("SERVICE_VERSION_NOT_FOUND", ErrorCode::ACCESS_DENIED),
];

/// Whether a response is an error object of the platform.
pub(super) fn is_error(status: u16, body: &[u8]) -> bool {
    (400..600).contains(&status) && members(body).is_some()
}

/// Returns the members of an error object.
fn members(body: &[u8]) -> Option<[Text<'_>; MEMBERS.len()]> {
    let json = Json::from_bytes(body).ok().filter(|json| json.kind() == Some(Kind::Object))?;
    let mut cursor = Cursor::new(json.as_bytes());
    cursor.peek();
    cursor.expect(b'{');
    let mut found = [None; MEMBERS.len()];
    let mut is_first = true;
    while cursor.next_name(core::mem::take(&mut is_first)) {
        let name = cursor.string().text;
        cursor.colon();
        if cursor.peek() != b'"' {
            return None;
        }
        cursor.expect(b'"');
        let place = MEMBERS.iter().position(|member| name == *member)?;
        if found.get_mut(place)?.replace(cursor.string().text).is_some() {
            return None;
        }
    }
    cursor.result().ok()?;
    let [code, message, request] = found;
    Some([code?, message?, request?])
}

/// Replaces an error object in the buffer, at these bytes, by the failure that it means, at the beginning of the buffer.
/// Returns where that ends; `None` if there is no room for it.
pub(super) fn put_failure(buffer: &mut [u8], object: Range<usize>, status: u16, call: Text<'_>) -> Option<usize> {
    let at = shift_to_end(buffer, object);
    let (room, object) = buffer.split_at_mut_checked(at)?;
    let mut sink = SliceSink::new(room);
    let mut members = Members::new();
    put_error(&mut sink, &mut members, object, status)?;
    members.string(&mut sink, key!("callID"), &call);
    members.end(&mut sink);
    sink.finish().ok().map(<[u8]>::len)
}

/// Writes the members of a failure that tell its error, made of an error object. `None` if it is none.
pub(super) fn put_error(sink: &mut impl Sink, to: &mut Members, object: &[u8], status: u16) -> Option<()> {
    let [name, message, request] = members(object)?;
    let code = match CODES.iter().find(|(known, _)| name == **known) {
        _ if status == 423 => Some(ErrorCode::NOT_ACTIVATED),
        _ if status == 429 => Some(ErrorCode::TOO_MANY_REQUESTS),
        known => known.map(|(_, code)| *code),
    };
    if let Some(code) = code {
        to.integer(sink, key!("errCode"), code.0);
    }
    to.key(sink, key!("errMsg"));
    sink.put(b"\"cloud.callContainer:fail Error: ");
    if let Some(code) = code {
        sink.put(b"errCode: ");
        write::any_integer(sink, code.0);
        sink.put(b" | errMsg: ");
    }
    write::content(sink, name);
    sink.put(b": ");
    write::content(sink, message);
    sink.put(b", requestId ");
    write::content(sink, request);
    sink.put(b"\"");
    Some(())
}
