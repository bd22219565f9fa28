//! The calls that the images make, over any connection, and what must come of them.

use board::{print, print_number};
use callcontainer::client::{CallError, Cloud};
use callcontainer::embedded_io::{Read, Write};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, Json, Method, Reply, Request};

/// Makes calls through a window of 512 bytes.
pub type Device<'f, C> = Cloud<'f, C, 512>;

/// The caller that the gateway knows.
pub const TOKEN: &str = "s3cret";

/// Length of what `/archive` answers with.
const ARCHIVE: u32 = 1_023_000;

#[derive(serde::Serialize)]
struct Reading<'a> {
    device: &'a str,
    millicelsius: i32,
}

#[derive(serde::Deserialize)]
struct Accepted<'a> {
    accepted: u32,
    device: &'a str,
    fahrenheit: i32,
    note: &'a str,
}

fn request(path: &str) -> Request<'_> {
    Request::new(path).with_env("prod-01").with_service("meter")
}

/// An idempotent call, with a short reply.
pub fn greeting() -> Request<'static> {
    request("/greeting")
}

/// Whether it is the reply to [`greeting`].
pub fn is_greeting(reply: &Reply<'_>) -> bool {
    matches!(reply, Reply::Response(response) if response.status() == 200 && response.data() == Data::from("hello"))
}

/// Prints what came of a call that should not have failed.
pub fn tell_error<E>(error: &CallError<E>) {
    let name = match error {
        CallError::NotInitialised => "not initialised",
        CallError::NotReusable => "not reusable",
        CallError::Request(_) => "request",
        CallError::Write(_) => "write",
        CallError::NoAnswer(_) => "no answer",
        CallError::Io(_) => "read",
        CallError::UnexpectedEof => "unexpected end",
        CallError::Http(_) => "HTTP",
        CallError::Status { .. } => "status",
        CallError::Reply(_) => "reply",
        CallError::ForeignReply => "foreign reply",
        _ => "unknown",
    };
    crate::tell("ERROR", name);
}

/// Says of a result whether it is right, and prints an error.
pub fn judge<E>(result: Result<bool, CallError<E>>) -> bool {
    result.unwrap_or_else(|error| {
        tell_error(&error);
        false
    })
}

/// Posts a typed body, and reads a typed answer.
///
/// # Errors
/// Those of the call.
pub fn report<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    let (mut body, mut buffer, mut scratch) = ([0; 64], [0; 512], [0; 64]);
    let Ok(json) = Json::from_value(&Reading { device: "boiler \"2\"", millicelsius: 21_500 }, &mut body) else {
        return Ok(false);
    };
    let call = request("/readings").with_method(Method::Post).with_data(json.into());
    let Reply::Response(response) = cloud.call(&call, &mut buffer)? else { return Ok(false) };
    let Data::Json(json) = response.data() else { return Ok(false) };
    print(b"ANSWER ");
    print(json.as_bytes());
    print(b"\n");
    let Ok(answer) = json.to::<Accepted<'_>>(&mut scratch) else { return Ok(false) };
    Ok(response.status() == 201
        && answer.accepted == 7
        && answer.device == "boiler \"2\""
        && answer.fahrenheit == 71
        && answer.note == "谢谢\u{1f600}")
}

/// Takes a reply that is larger than all of many a device's memory, and looks at each byte of its body.
///
/// # Errors
/// Those of the call.
pub fn download<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    let mut reply = cloud.start(&request("/archive"))?.stream();
    let (mut len, mut right) = (0_u32, true);
    while let Some(event) = reply.next_event()? {
        if let Event::Text { field: Field::Data, text, .. } = event {
            for byte in text.as_raw() {
                right &= *byte == b'a' + ((len ^ (len >> 7)) % 26) as u8;
                len = len.wrapping_add(1);
            }
        }
    }
    print_number(b"STREAMED", len);
    Ok(right && len == ARCHIVE && reply.outcome() == Some(Outcome::Response { status: 200 }))
}

/// Makes a short idempotent call, once.
///
/// # Errors
/// Those of the call.
pub fn greet<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    Ok(is_greeting(&cloud.call(&greeting(), &mut [0; 512])?))
}
