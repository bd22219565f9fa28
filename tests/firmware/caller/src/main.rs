//! A firmware that makes real calls: over its serial port to a gateway, and from there to a service.
//!
//! It posts a reading and reads the answer into a type, takes a reply as large as they come through a window of 512
//! bytes, and handles a failure. What came is printed on the host, and logged with defmt.

#![no_std]
#![no_main]

mod logger;
mod uart;

use board::{finish, print, print_number};
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, ErrorCode, Json, Method, Reply, Request};
use core::convert::Infallible;
use uart::Uart;

type Device = Cloud<'static, Uart, 512>;

/// Length of what `/archive` answers with.
const ARCHIVE: u32 = 1_023_000;

#[derive(serde::Serialize)]
struct Reading<'a> {
    device: &'a str,
    millicelsius: i32,
}

#[derive(serde::Deserialize, defmt::Format)]
struct Accepted<'a> {
    accepted: u32,
    device: &'a str,
    fahrenheit: i32,
    note: &'a str,
}

/// Posts a typed body, and reads a typed answer.
fn report(cloud: &mut Device) -> Result<bool, CallError<Infallible>> {
    let (mut body, mut buffer, mut scratch) = ([0; 64], [0; 512], [0; 64]);
    let Ok(json) = Json::from_value(&Reading { device: "boiler \"2\"", millicelsius: 21_500 }, &mut body) else {
        return Ok(false);
    };
    let call = Request::new("/readings").with_env("prod-01").with_service("meter").with_method(Method::Post);
    let reply = cloud.call(&call.with_data(json.into()), &mut buffer)?;
    defmt::info!("POST /readings: {}", reply);
    let Reply::Response(response) = reply else { return Ok(false) };
    let Data::Json(json) = response.data() else { return Ok(false) };
    print(b"ANSWER ");
    print(json.as_bytes());
    print(b"\n");
    let Ok(answer) = json.to::<Accepted<'_>>(&mut scratch) else { return Ok(false) };
    defmt::info!("read as {}", answer);
    Ok(response.status() == 201
        && answer.accepted == 7
        && answer.device == "boiler \"2\""
        && answer.fahrenheit == 71
        && answer.note == "谢谢\u{1f600}")
}

/// Takes a reply that is larger than all of many a device's memory, and looks at each byte of its body.
fn download(cloud: &mut Device) -> Result<bool, CallError<Infallible>> {
    let call = Request::new("/archive").with_env("prod-01").with_service("meter");
    let mut reply = cloud.start(&call)?.stream();
    let (mut len, mut right) = (0_u32, true);
    while let Some(event) = reply.next_event()? {
        if let Event::Text { field: Field::Data, text, .. } = event {
            for byte in text.as_raw() {
                right &= *byte == b'a' + ((len ^ (len >> 7)) % 26) as u8;
                len = len.wrapping_add(1);
            }
            if len % (256 * 1024) < 512 {
                defmt::debug!("{=u32} bytes of the archive", len);
            }
        }
    }
    let outcome = reply.outcome();
    defmt::info!("GET /archive: {} bytes, {}", len, outcome);
    print_number(b"STREAMED", len);
    Ok(right && len == ARCHIVE && outcome == Some(Outcome::Response { status: 200 }))
}

/// Calls a service that is not there.
fn fail(cloud: &mut Device) -> Result<bool, CallError<Infallible>> {
    let mut buffer = [0; 512];
    let call = Request::new("/").with_env("prod-01").with_service("nobody");
    let reply = cloud.call(&call, &mut buffer)?;
    let Reply::Failure(failure) = reply else { return Ok(false) };
    defmt::warn!("service nobody: {}, to be tried again: {}", reply, failure.retry(Method::Get));
    print(b"FAILURE ");
    print(failure.err_msg().as_raw());
    print(b"\n");
    Ok(failure.code() == Some(ErrorCode(-501_000)) && failure.retry(Method::Get).is_none())
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut cloud = Device::new(1);
    cloud.init(Uart::line(), Framing::LINE);
    let mut right = true;
    for step in [report, download, fail] {
        right &= step(&mut cloud).unwrap_or_else(|error| {
            defmt::error!("{}", error);
            false
        });
    }
    defmt::info!("done, all right: {}", right);
    finish(right)
}
