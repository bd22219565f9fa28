//! The request decoded by picojson. It does less: the body is walked over and not kept, surrogate pairs and UTF-8 are
//! not looked at in strings that nobody reads, nothing is checked but the grammar, and an error has no position.

#![no_std]
#![no_main]

use board::{Scratch, Work, bytes, finish, measure, same};
use picojson::{Event, PullParser, SliceParser, String};

#[unsafe(link_section = ".scratch")]
static UNESCAPED: Scratch<{ 96 * 1024 }> = Scratch::new();

#[derive(Default)]
struct Request {
    env: &'static str,
    path: &'static str,
    service: &'static str,
    method: &'static str,
    content_type: &'static str,
    trace: &'static str,
    timeout: i32,
    call_id: &'static str,
}

/// Which string comes next.
#[derive(Clone, Copy)]
enum Member {
    Env,
    Path,
    Service,
    Method,
    ContentType,
    Trace,
    Timeout,
    CallId,
    Other,
}

fn decode(envelope: &'static [u8]) -> Option<Request> {
    // SAFETY: what was taken before has been looked at.
    let mut parser = SliceParser::with_buffer_from_slice(envelope, unsafe { UNESCAPED.take() });
    let mut request = Request::default();
    let mut member = Member::Other;
    let mut depth = 0_u32;
    loop {
        match parser.next_event().ok()? {
            Event::Key(key) => {
                member = match (depth, key.as_ref()) {
                    (2, "env") => Member::Env,
                    (1, "path") => Member::Path,
                    (1, "service") => Member::Service,
                    (1, "method") => Member::Method,
                    (2, "content-type") => Member::ContentType,
                    (2, "X-Trace") => Member::Trace,
                    (1, "timeout") => Member::Timeout,
                    (1, "callID") => Member::CallId,
                    _ => Member::Other,
                }
            }
            Event::String(String::Borrowed(text)) => {
                // SAFETY: what is borrowed lies in the envelope, which lives on, though the event's type does not say
                // so.
                let text: &'static str = unsafe { &*core::ptr::from_ref(text) };
                match member {
                    Member::Env => request.env = text,
                    Member::Path => request.path = text,
                    Member::Service => request.service = text,
                    Member::Method => request.method = text,
                    Member::ContentType => request.content_type = text,
                    Member::Trace => request.trace = text,
                    Member::CallId => request.call_id = text,
                    Member::Timeout | Member::Other => {}
                }
            }
            Event::Number(number) if matches!(member, Member::Timeout) => request.timeout = number.as_int()?,
            Event::StartObject | Event::StartArray => depth = depth.wrapping_add(1),
            Event::EndObject | Event::EndArray => depth = depth.wrapping_sub(1),
            Event::EndDocument => return Some(request),
            _ => {}
        }
    }
}

#[unsafe(link_section = ".check")]
fn is_right(request: &Option<Request>, _: &'static [u8]) -> bool {
    request.as_ref().is_some_and(|request| {
        same(request.env.as_bytes(), bytes!(b"prod-01"))
            & same(request.path.as_bytes(), bytes!(b"/api/orders?page=2"))
            & same(request.service.as_bytes(), bytes!(b"shop"))
            & same(request.method.as_bytes(), bytes!(b"POST"))
            & same(request.content_type.as_bytes(), bytes!(b"application/json"))
            & same(request.trace.as_bytes(), bytes!(b"7f2c"))
            & (request.timeout == 5000)
            & same(request.call_id.as_bytes(), bytes!(b"1700000000000-0.25"))
    })
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: decode, is_right, small: images::small_request(), large: images::large_request() }))
}
