//! The calls that the images make, over whatever connection, and what they must find.

use board::{print, print_number};
use callcontainer::client::{CallError, Cloud, Framing, ResponseError};
use callcontainer::embedded_io::{Read, Write};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Error, Method, Reply, Request};

/// Bytes of the window.
pub const WINDOW: usize = 512;

/// Length of what `/archive` answers with.
const ARCHIVE: u32 = 1_023_000;

/// How the images reach the gateway.
pub fn framing() -> Result<Framing<'static>, Error> {
    Framing::http("gateway.test", Some("s3cret"))
}

#[must_use]
pub fn cloud<C>(seed: u64) -> Cloud<'static, C, WINDOW> {
    Cloud::new(seed).with_env("prod-01")
}

#[must_use]
pub fn to(path: &'static str) -> Request<'static> {
    Request::new(path).with_service("meter")
}

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

/// Posts a typed body, and reads a typed answer.
pub fn report<C: Read + Write>(cloud: &mut Cloud<'_, C, WINDOW>) -> bool {
    let (mut buffer, mut scratch) = ([0; 512], [0; 64]);
    let reading = Reading { device: "boiler \"2\"", millicelsius: 21_500 };
    let request = to("/readings").with_method(Method::Post);
    match cloud.call_typed::<_, Accepted<'_>>(&request, &reading, &mut buffer, &mut scratch) {
        Ok((answer, response)) => {
            response.status() == 201
                && answer.accepted == 7
                && answer.device == reading.device
                && answer.fahrenheit == 71
                && answer.note == "谢谢\u{1f600}"
        }
        Err(error) => {
            tell(&error);
            false
        }
    }
}

fn tell<E>(error: &ResponseError<'_, E>) {
    print(match error {
        ResponseError::Failure(_) => b"a failure\n",
        ResponseError::Call(_) => b"no reply\n",
        _ => b"another answer\n",
    });
}

/// Takes a reply that is larger than all of many a device's memory, and looks at each byte of its body.
pub fn download<C: Read + Write>(cloud: &mut Cloud<'_, C, WINDOW>) -> Result<bool, CallError<C::Error>> {
    let mut reply = cloud.start(&to("/archive"))?.stream();
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

/// Whether this is the answer to [`small`].
#[must_use]
pub fn is_small(reply: &Reply<'_>) -> bool {
    matches!(reply, Reply::Response(response) if response.status() == 404)
}

/// A call with a small answer, which may be made twice.
#[must_use]
pub fn small() -> Request<'static> {
    to("/nothing")
}

/// Waits while the host's clock goes on by more than this, and looks after the connection meanwhile.
pub fn sleep(seconds: u32, mut meanwhile: impl FnMut()) {
    let start = board::host_seconds();
    while board::host_seconds().wrapping_sub(start) <= seconds {
        meanwhile();
    }
}

/// Prints what was done, and whether it was right.
pub fn done(name: &[u8], right: bool) -> bool {
    print(name);
    print(if right { b" ok\n" } else { b" WRONG\n" });
    right
}

/// As [`done`], with what it has cost.
pub fn done_at(name: &[u8], right: bool, thousands: u32) -> bool {
    let right = done(name, right);
    print_number(b"  thousands of instructions", thousands);
    right
}
