//! The calls that the images make, over any connection, and what must come of them.

use board::{print, print_number};
use callcontainer::client::{CallError, Cloud, Framing, ResponseError};
use callcontainer::embedded_io::{Read, Write};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, Error, ErrorCode, Headers, Json, Method, Reply, Request};

/// Makes calls through a window of 512 bytes.
pub type Device<'f, C> = Cloud<'f, C, 512>;

/// The caller that the gateway knows.
pub const TOKEN: &str = "s3cret";

/// The names of the gateway and of the service, in certificates and in requests.
pub const GATEWAY_NAME: &str = "gateway.internal";
pub const SERVICE_NAME: &str = "meter.internal";

/// The service at its own domain; the open HTTP API, which the gateway has a door of; and that with a token that nobody
/// has.
pub const DOMAIN: Framing<'static> = valid(Framing::domain(SERVICE_NAME));
pub const OPEN_API: Framing<'static> = valid(Framing::open_api(GATEWAY_NAME, "meter", TOKEN));
pub const WRONG_TOKEN: Framing<'static> = valid(Framing::open_api(GATEWAY_NAME, "meter", "wr0ng"));

/// For constants: what is not valid is an error of the compiler.
const fn valid(framing: Result<Framing<'static>, Error>) -> Framing<'static> {
    match framing {
        Ok(framing) => framing,
        Err(_) => panic!("a host, service or token that is not valid"),
    }
}

/// Length of what `/archive` answers with.
const ARCHIVE: u32 = 1_023_000;

#[derive(serde::Serialize)]
struct Reading<'a> {
    device: &'a str,
    millicelsius: i32,
}

const READING: Reading<'static> = Reading { device: "boiler \"2\"", millicelsius: 21_500 };

#[derive(serde::Deserialize)]
struct Accepted<'a> {
    accepted: u32,
    device: &'a str,
    fahrenheit: i32,
    note: &'a str,
}

impl Accepted<'_> {
    /// Whether it is the answer to [`READING`].
    fn is_right(&self) -> bool {
        self.accepted == 7 && self.device == READING.device && self.fahrenheit == 71 && self.note == "谢谢\u{1f600}"
    }
}

/// Whether the service was told who calls: it answers with how many headers `X-WX-*` it got.
fn is_identified(headers: Headers<'_>) -> Option<bool> {
    Some(headers.get("X-Identity-Headers")? != "0")
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
    let Ok(json) = Json::from_value(&READING, &mut body) else { return Ok(false) };
    let call = request("/readings").with_method(Method::Post).with_data(json.into());
    let Reply::Response(response) = cloud.call(&call, &mut buffer)? else { return Ok(false) };
    let Data::Json(json) = response.data() else { return Ok(false) };
    print(b"ANSWER ");
    print(json.as_bytes());
    print(b"\n");
    let Ok(answer) = json.to::<Accepted<'_>>(&mut scratch) else { return Ok(false) };
    Ok(response.status() == 201 && answer.is_right() && is_identified(response.headers()) == Some(true))
}

/// As [`report`] at one of the platform's own doors, whose framing says which service it is. The service must not learn
/// who calls.
///
/// # Errors
/// Those of the call.
pub fn report_at_door<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    let (mut buffer, mut scratch) = ([0; 1024], [0; 64]);
    let call = Request::new("/readings").with_method(Method::Post);
    match cloud.call_typed::<_, Accepted<'_>>(&call, &READING, &mut buffer, &mut scratch) {
        Ok((answer, response)) => Ok(response.status() == 201
            && answer.is_right()
            && response.headers().get("Content-Type").is_some_and(|value| value == "application/json")
            && is_identified(response.headers()) == Some(false)),
        Err(ResponseError::Call(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Makes a call whose token the platform does not know: its error object must become a failure.
fn is_refused<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    let mut buffer = [0; 1024];
    let Reply::Failure(failure) = cloud.call(&Request::new("/greeting"), &mut buffer)? else { return Ok(false) };
    let message = failure.err_msg().as_raw();
    print(b"FAILURE ");
    print(message);
    print(b"\n");
    let code: &[u8] = b"INVALID_CREDENTIALS: ";
    Ok(failure.code() == Some(ErrorCode::ACCESS_DENIED) && message.windows(code.len()).any(|window| window == code))
}

/// Makes the calls at the open HTTP API, over a connection that begins with [`WRONG_TOKEN`]: one that is refused, and one
/// on the same connection that is not.
///
/// # Errors
/// Those of the calls.
pub fn report_at_open_api<C: Read + Write>(cloud: &mut Device<'_, C>) -> Result<bool, CallError<C::Error>> {
    let refused = is_refused(cloud)?;
    let Some(connection) = cloud.take() else { return Ok(false) };
    cloud.init(connection, OPEN_API);
    Ok(refused & report_at_door(cloud)?)
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
