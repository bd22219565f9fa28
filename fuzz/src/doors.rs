//! A call without a gateway: whatever the service sends, in whatever pieces, the call ends in one result, blocking and
//! async, whole, streamed and in steps. It is the reply that a gateway would have made, which is judged by the target
//! `container`, or the failure that an error object of the platform means.

use crate::client::{CALL_ID, Peer, Style, again, block_on};
use crate::container::{listed, read};
use crate::cuts::Cuts;
use arbitrary::Arbitrary;
use callcontainer::client::{CallError, ClientStep, Cloud, Detached, Framing, HEAD_LIMIT, HttpError, ReplyStream};
use callcontainer::embedded_io::Read as _;
use callcontainer::gateway::HttpReader;
use callcontainer::stream::{Event, Outcome};
use callcontainer::{Data, DataKind, DataType, ErrorCode, ErrorKind, Json, Method, Reply, Request, ResponseType};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use told::Told;

#[path = "../../tests/client/told.rs"]
mod told;

/// A call and the answer to it, and how that comes.
#[derive(Arbitrary, Debug)]
pub struct Exchange<'a> {
    /// The call.
    asked: u16,
    /// What is around that which is sent.
    around: u32,
    /// Which lines the head has.
    lines: u32,
    cuts: u32,
    /// The window, and the room for the reply.
    room: u16,
    sent: &'a [u8],
}

/// The sizes of the windows.
const WINDOWS: [usize; 6] = [64, 65, 80, 127, 300, 2048];

/// How much of a window is not for the body, while that is looked at.
const BESIDE_BODY: usize = 32;

/// Calls a function of this kind with the window of this index.
macro_rules! with_window {
    ($index:expr, $function:ident($($argument:expr),*)) => {
        match $index {
            0 => $function::<{ WINDOWS[0] }>($($argument),*),
            1 => $function::<{ WINDOWS[1] }>($($argument),*),
            2 => $function::<{ WINDOWS[2] }>($($argument),*),
            3 => $function::<{ WINDOWS[3] }>($($argument),*),
            4 => $function::<{ WINDOWS[4] }>($($argument),*),
            _ => $function::<{ WINDOWS[5] }>($($argument),*),
        }
    };
}

/// What comes of a call.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// The response, written again.
    Response(Vec<u8>),
    /// The `errCode` and the `errMsg`.
    Failure(Option<ErrorCode>, String),
}

/// The state of the connection behind a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    is_ready: bool,
    unread: usize,
    has_ended: bool,
}

/// How a stream is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Blocking,
    Async,
    /// Each future is dropped where it waits for the second time.
    Dropped,
    /// The body comes from a reader.
    Reader,
    /// Without I/O.
    Steps,
}

/// What a gateway makes of an answer.
struct Judged {
    envelope: Vec<u8>,
    keeps_alive: bool,
    /// How many bytes come behind the answer.
    surplus: usize,
    body: Vec<u8>,
    status: u16,
    /// How many lines are headers, at most.
    headers: usize,
    /// What `Connection` lists, as far as that is looked at.
    listed: Vec<String>,
}

impl Exchange<'_> {
    pub fn check(&self) {
        let answer = self.answer();
        let trial = Trial::new(&self.request(), self.asked & 1 == 1, &answer, self.cuts, self.room);
        trial.check_whole(self.room.into());
        trial.check_streams();
    }

    fn request(&self) -> Request<'static> {
        use Method::{Delete, Get, Head, Options, Post, Put};
        let method = [Get, Post, Get, Head, Put, Delete, Options, Post][usize::from(self.asked >> 1 & 7)];
        let data_type = ["json", "text", "", "json"][usize::from(self.asked >> 4 & 3)];
        let data = match (method, self.asked >> 6 & 3) {
            (_, 0) => Data::None,
            (Get | Head, _) | (_, 1) => Data::from(Json::new("{}").unwrap()),
            (_, 2) => Data::from("text"),
            _ => Data::from(&b"bytes"[..]),
        };
        let response_type = if self.asked & 256 == 256 { ResponseType::ArrayBuffer } else { ResponseType::Text };
        Request::new("/")
            .with_method(method)
            .with_data_type(DataType::from(data_type))
            .with_response_type(response_type)
            .with_data(data)
    }

    /// What is sent, inside something that leads further than bytes of any kind would.
    fn answer(&self) -> Vec<u8> {
        const LINES: [&[u8]; 16] = [
            b"",
            b"",
            b"X-A: 1",
            b"x-a:  2\t",
            b"Set-Cookie: a=\"1\"; Path=/",
            b"Content-Type: text/plain",
            b"Connection: x-a, close",
            b"Connection: keep-alive",
            b"Content-Encoding: identity , \tIdentity",
            b"Content-Encoding: gzip",
            b"X-B:\\ \"\xE5\xA5\xBD\" \xE5",
            b"Proxy-Status: gone",
            b"TE: gone",
            b"X-C: a \t b  \t\t  c",
            b"Trailers: x",
            b"Content-Length-: x",
        ];
        const STATUSES: [u16; 8] = [200, 404, 503, 204, 429, 423, 304, 999];
        let around = self.around;
        if around & 7 == 0 {
            return self.sent.to_vec();
        }
        let mut head: Vec<u8> = match around >> 3 & 7 {
            0 => b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            1 => b"HTTP/1.1 103 Early\r\nLink: x\r\nX-A: y\r\n\r\nHTTP/1.1 100 C\r\n\r\n".to_vec(),
            _ => Vec::new(),
        };
        head.extend(format!("HTTP/1.1 {} X\r\n", STATUSES[(around >> 6 & 7) as usize]).bytes());
        for at in 0..8 {
            let line = LINES[(self.lines >> (4 * at) & 15) as usize];
            if !line.is_empty() {
                head.extend_from_slice(line);
                head.extend_from_slice(b"\r\n");
            }
        }
        let parts: [&[u8]; 3] = match around & 7 {
            1 => [b"[\"", self.sent, b"\"]"],
            2 => [b"{\"code\":\"SERVICE_TIMEOUT\",\"message\":\"", self.sent, b"\",\"requestId\":\"r\"}"],
            3 => [b"{\"code\":\"", self.sent, b"\", \"requestId\":\"\\n\",\"message\":\"m\"} "],
            // What is sent goes on with the head.
            4 => return [&head, self.sent].concat(),
            5 => [b"\xEF\xBB\xBF \"", self.sent, b"\""],
            _ => [b"", self.sent, b""],
        };
        let mut body = parts.concat();
        if around >> 24 & 7 == 7 {
            // Around the longest that is looked at, which is JSON if it was.
            let place = WINDOWS[usize::from(self.room) % WINDOWS.len()] - BESIDE_BODY;
            body.resize(body.len().max(place + (around >> 27 & 7) as usize - 4), b' ');
        }
        match around >> 9 & 3 {
            0 => head.extend_from_slice(b"\r\n"),
            1 => {
                head.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in body.chunks(1 + (around >> 16 & 0xFF) as usize) {
                    head.extend(format!("{:X}; e\r\n", chunk.len()).bytes());
                    head.extend_from_slice(chunk);
                    head.extend_from_slice(b"\r\n");
                }
                head.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
            }
            2 => head.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes()),
            _ => {
                let length = body.len();
                head.extend(format!("content-length:{length},{length}\r\nContent-Length: {length}\r\n\r\n").bytes());
            }
        }
        if around >> 9 & 3 != 1 {
            head.extend_from_slice(&body);
        }
        if around >> 11 & 3 == 0 {
            head.extend_from_slice(b"HTTP");
        }
        head
    }
}

fn framing(is_platform: bool) -> Framing<'static> {
    if is_platform {
        Framing::open_api("prod-01.api.tcloudbasegateway.com", "shop", "t0k.en").unwrap()
    } else {
        Framing::domain("shop.example").unwrap()
    }
}

/// A call, what the service answers, and what must come of it.
struct Trial<'t> {
    request: Request<'t>,
    is_platform: bool,
    http: &'t [u8],
    cuts: Cuts,
    /// The index of the window.
    window: usize,
    judged: Option<Judged>,
    expected: Option<Came>,
}

/// An answer becomes the same reply at a door as in a gateway; `room` says through which window, and into which buffer.
pub(crate) fn check_whole(request: &Request<'_>, is_platform: bool, http: &[u8], cuts: u32, room: u16) {
    Trial::new(request, is_platform, http, cuts, room).check_whole(room.into());
}

impl<'t> Trial<'t> {
    fn new(request: &Request<'t>, is_platform: bool, http: &'t [u8], cuts: u32, room: u16) -> Self {
        let request = request.with_call_id(CALL_ID);
        let judged = judge(&request, http);
        let expected = judged.as_ref().map(|judged| expect(judged, is_platform));
        let window = usize::from(room) % WINDOWS.len();
        Self { request, is_platform, http, cuts: Cuts::new(cuts), window, judged, expected }
    }

    fn shown(&self) -> String {
        format!("{:?} {} {} {}", self.request, self.is_platform, WINDOWS[self.window], self.http.escape_ascii())
    }

    /// The whole call comes to the one result that it must.
    fn check_whole(&self, room: usize) {
        let (http, any) = (self.http, &self.cuts);
        // The head, and all of the reply.
        let reply = self.judged.as_ref().map_or(0, |judged| judged.envelope.len().max(3 * http.len() + 200));
        let enough = http.len() + 1 + reply;
        let mut wrong = None;
        for (at, cuts, style) in [
            (self.window, &Cuts::WHOLE, Style::Blocking),
            (0, &Cuts::BYTES, Style::Async),
            (self.window, any, Style::Blocking),
            (5, any, Style::Async),
        ] {
            let (came, left) = with_window!(at, collected(self, cuts.clone(), style, enough));
            match (came, &self.expected, &self.judged) {
                (Ok(came), Some(expected), Some(judged)) => {
                    assert_eq!(&came, expected, "{}", self.shown());
                    judged.check_left(left, &self.shown());
                }
                (Err(error), None, _) => {
                    check_lost(&error, left, &self.shown());
                    let error = format!("{error:?}");
                    assert_eq!(wrong.get_or_insert_with(|| error.clone()), &error, "{style:?} {}", self.shown());
                }
                (Err(CallError::Http(HttpError::HeadTooLong)), ..) if http.len() > HEAD_LIMIT => return,
                (came, expected, _) => panic!("{came:?} instead of {expected:?}: {}", self.shown()),
            }
        }

        // A buffer without enough room is too small, and nothing else.
        let size = room / 8 % enough;
        let (came, left) = with_window!(self.window, collected(self, any.clone(), Style::Blocking, size));
        match (came, &self.expected, &self.judged) {
            (Ok(came), Some(expected), Some(judged)) => {
                assert_eq!(&came, expected, "{size} {}", self.shown());
                judged.check_left(left, &self.shown());
            }
            (Err(CallError::Reply(error)), Some(expected), Some(judged)) => {
                let is_failure = matches!(expected, Came::Failure(..));
                assert_eq!(error.kind(), ErrorKind::BufferTooSmall, "{size} {}", self.shown());
                assert!(size < http.len() + judged.envelope.len() || is_failure, "{size} {}", self.shown());
                judged.check_left(left, &self.shown());
            }
            (Err(_), None, _) => {}
            (came, expected, _) => panic!("{came:?} instead of {expected:?}: {size} {}", self.shown()),
        }
    }

    /// Streams come to the same, however they are driven.
    fn check_streams(&self) {
        for (at, cuts) in [(self.window, &self.cuts), (0, &Cuts::BYTES), (5, &Cuts::WHOLE)] {
            let stream = |way| with_window!(at, streamed(self, cuts.clone(), way));
            let (told, left) = stream(Way::Blocking);
            let shown = || format!("{} {}", WINDOWS[at], self.shown());
            for way in [Way::Async, Way::Dropped, Way::Reader, Way::Steps] {
                let (other, its_left) = stream(way);
                let is_same = match (&told, &other) {
                    (Ok(told), Ok(other)) => without_pieces(told) == without_pieces(other),
                    (Err(error), Err(other)) => format!("{error:?}") == format!("{other:?}"),
                    _ => false,
                };
                assert!(is_same, "{way:?}: {other:?} instead of {told:?}: {}", shown());
                assert_eq!(its_left, left, "{way:?} {}", shown());
            }
            match (told, &self.expected, &self.judged) {
                (Ok(told), Some(expected), Some(judged)) => {
                    judged.check_told(told, expected, WINDOWS[at], &shown());
                    judged.check_left(left, &shown());
                }
                (Err(CallError::Http(HttpError::HeadTooLong)), ..) if self.http.len() > HEAD_LIMIT => {}
                (Err(error), Some(_), Some(judged)) => {
                    judged.check_wrong(&error, &self.request, WINDOWS[at], &shown());
                }
                (Err(error), None, _) => check_lost(&error, left, &shown()),
                (told, expected, _) => panic!("{told:?} instead of {expected:?}: {}", shown()),
            }
        }
    }
}

/// The same, wherever it was cut.
fn without_pieces(told: &Told) -> Told {
    let mut told = told.clone();
    told.combine(&[]);
    told
}

/// A connection on which no answer has ended is of no use.
fn check_lost(error: &CallError<Infallible>, left: Left, shown: &str) {
    let may_be_ready = matches!(error, CallError::Reply(_) | CallError::Http(HttpError::Coded));
    assert!(may_be_ready || !left.is_ready, "{error:?} {shown}");
    assert!(!(left.is_ready && left.has_ended), "{shown}");
}

/// What a gateway makes of the answer; nothing where it refuses it.
fn judge(request: &Request<'_>, http: &[u8]) -> Option<Judged> {
    let mut memory = vec![0; http.len() + 1];
    let mut reader = HttpReader::new(request, &mut memory);
    let mut rest = http;
    loop {
        // One at a time, so that nothing is taken that comes behind.
        let (piece, after) = rest.split_at(rest.len().min(1));
        reader.window()[..piece.len()].copy_from_slice(piece);
        rest = after;
        if reader.commit(piece.len()).ok()? {
            break;
        }
    }
    let keeps_alive = reader.keeps_alive();
    let response = reader.finish(request.call_id()).ok()?;
    let mut envelope = vec![0; response.encoded_len()];
    response.encode(&mut envelope).unwrap();
    let of_head = |lines: &[httparse::Header<'_>]| {
        let listed = listed(lines).take(16).map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
        Some((lines.len(), listed.collect::<Vec<_>>()))
    };
    let (status, (headers, listed), body, _) = read(http, request.method() == Method::Head, HEAD_LIMIT, of_head)?;
    Some(Judged { envelope, keeps_alive, surplus: rest.len(), body, status, headers, listed })
}

/// What a client makes of it.
fn expect(judged: &Judged, is_platform: bool) -> Came {
    match platform_error(judged.status, &judged.body).filter(|_| is_platform) {
        Some((code, message)) => Came::Failure(code, message),
        None => came(&Reply::decode(&judged.envelope).unwrap()),
    }
}

fn came(reply: &Reply<'_>) -> Came {
    match reply {
        Reply::Response(_) => Came::Response(again(reply)),
        Reply::Failure(failure) => {
            assert_eq!(failure.call_id().unwrap(), CALL_ID);
            Came::Failure(failure.code(), failure.err_msg().to_string())
        }
    }
}

/// An object whose members are strings, in order.
struct Strings(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Strings;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strings, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Strings(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// What an error object of the platform means, as `serde_json` reads it.
fn platform_error(status: u16, body: &[u8]) -> Option<(Option<ErrorCode>, String)> {
    if !(400..600).contains(&status) {
        return None;
    }
    let Strings(mut members) = serde_json::from_slice(body).ok()?;
    members.sort();
    let [(code, name), (message, text), (request, id)] = members.as_slice() else { return None };
    if [code, message, request] != ["code", "message", "requestId"] {
        return None;
    }
    let code = match (status, name.as_str()) {
        (423, _) => Some(ErrorCode::NOT_ACTIVATED),
        (429, _) => Some(ErrorCode::TOO_MANY_REQUESTS),
        (_, "SERVICE_TIMEOUT") => Some(ErrorCode::REQUEST_TIMEOUT),
        (_, "SERVICE_NOT_READY") => Some(ErrorCode::NOT_INITIALISED),
        (_, "SERVICE_LB_STATUS_ABNORMAL") => Some(ErrorCode::CLOUD_SYSTEM_ERROR),
        (_, "INVALID_CREDENTIALS" | "MISSING_CREDENTIALS" | "SERVICE_FORBIDDEN") => Some(ErrorCode::ACCESS_DENIED),
        (_, "SERVICE_NOT_FOUND" | "SERVICE_VERSION_NOT_FOUND") => Some(ErrorCode::ACCESS_DENIED),
        (_, "SERVICE_ENDPOINT_NOT_FOUND") => Some(ErrorCode::ACCESS_DENIED),
        _ => None,
    };
    let code_first = code.map_or(String::new(), |code| format!("errCode: {} | errMsg: ", code.0));
    Some((code, format!("cloud.callContainer:fail Error: {code_first}{name}: {text}, requestId {id}")))
}

impl Judged {
    /// The connection is ready exactly if a gateway would use it again, and nothing more has come.
    fn check_left(&self, left: Left, shown: &str) {
        let is_ready = self.keeps_alive && left.unread == self.surplus;
        assert_eq!(left.is_ready, is_ready, "{left:?} {} {shown}", self.surplus);
    }

    /// A stream has told what the whole reply says.
    fn check_told(&self, mut told: Told, expected: &Came, window: usize, shown: &str) {
        let lines = told.headers.iter_mut().map(|(_, value)| value).chain(&mut told.cookies);
        for value in lines {
            let trimmed = value.trim_end_matches([' ', '\t']).len();
            // A long mix of blanks may be told as a part of the value.
            assert!(trimmed == value.len() || value.len() - trimmed > 16, "{value:?} {shown}");
            value.truncate(trimmed);
        }
        let dropped: Vec<_> = self.listed.iter().map(String::as_str).collect();
        told.combine(&dropped);
        let reply = Reply::decode(&self.envelope).unwrap();
        let mut response = Told::of(&reply);
        response.pieces = 0;
        let seen_whole = self.body.len() + BESIDE_BODY;
        match expected {
            Came::Failure(code, message) if seen_whole <= window && (seen_whole < window || told.data.is_none()) => {
                response.data = None;
                response.code = *code;
                response.err_msg.clone_from(message);
                response.outcome = Some(Outcome::Failure { code: response.code });
            }
            _ => {}
        }
        assert_eq!(told, response, "{window} {shown}");
    }

    /// A stream may fail where the whole call does not: for more headers than it can tell, or for a long body that is no
    /// JSON, but begins like that.
    fn check_wrong(&self, error: &CallError<Infallible>, request: &Request<'_>, window: usize, shown: &str) {
        let CallError::Reply(error) = error else { panic!("{error:?} {window} {shown}") };
        if error.kind() == ErrorKind::TooManyHeaders {
            assert!(self.headers > 64, "{window} {shown}");
            return;
        }
        let Reply::Response(response) = Reply::decode(&self.envelope).unwrap() else { panic!("{shown}") };
        let may_be_json = request.data_type().as_text() == "json" && request.response_type() == ResponseType::Text;
        let is_text = matches!(response.data().kind(), Some(DataKind::Text | DataKind::Json));
        assert!(self.body.len() + BESIDE_BODY >= window && may_be_json && is_text, "{error:?} {window} {shown}");
    }
}

fn cloud<'t, const W: usize>(trial: &Trial<'t>, cuts: Cuts) -> Cloud<'static, Peer<'t>, W> {
    let mut cloud = Cloud::new(0);
    cloud.init(Peer::new(trial.http, cuts), framing(trial.is_platform));
    cloud
}

fn left<const W: usize>(cloud: &mut Cloud<'_, Peer<'_>, W>) -> Left {
    let is_ready = cloud.is_ready();
    let peer = cloud.take().unwrap();
    Left { is_ready, unread: peer.unread(), has_ended: peer.has_ended() }
}

fn collected<const W: usize>(
    trial: &Trial<'_>,
    cuts: Cuts,
    style: Style,
    size: usize,
) -> (Result<Came, CallError<Infallible>>, Left) {
    let mut cloud = cloud::<W>(trial, cuts);
    let mut buffer = vec![0xAA; size];
    let reply = match style {
        Style::Blocking => cloud.call(&trial.request, &mut buffer),
        Style::Async => block_on(cloud.call_async(&trial.request, &mut buffer)),
    };
    (reply.map(|reply| came(&reply)), left(&mut cloud))
}

type Streamed = (Result<Told, CallError<Infallible>>, Left);

fn streamed<const W: usize>(trial: &Trial<'_>, cuts: Cuts, way: Way) -> Streamed {
    if way == Way::Steps {
        return stepped::<W>(trial, cuts);
    }
    let mut cloud = cloud::<W>(trial, cuts);
    let told = told_of(&mut cloud.start(&trial.request).unwrap().stream(), way);
    (told, left(&mut cloud))
}

fn told_of(reply: &mut ReplyStream<'_, Peer<'_>>, way: Way) -> Result<Told, CallError<Infallible>> {
    let mut told = Told::default();
    loop {
        let next = match way {
            Way::Async => block_on(reply.next_event_async()),
            Way::Dropped => {
                let Some(next) = poll_twice(reply.next_event_async()) else { continue };
                next
            }
            _ => reply.next_event(),
        };
        let Some(event) = next? else { break };
        let is_data = matches!(event, Event::Data(_));
        told.take(event);
        if is_data && way == Way::Reader {
            let (mut body, mut piece) = (reply.body(), [0; 7]);
            while let count @ 1.. = body.read(&mut piece)? {
                told.add(&piece[..count]);
            }
        }
    }
    told.outcome = reply.outcome();
    assert!(told.text.is_empty());
    Ok(told)
}

fn poll_twice<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..2).find_map(|_| match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    })
}

/// The same without I/O; what is cut is cut where the peer would have cut it.
fn stepped<const W: usize>(trial: &Trial<'_>, cuts: Cuts) -> Streamed {
    let mut cloud = Cloud::<_, W>::new(0);
    cloud.init(Detached, framing(trial.is_platform));
    let mut peer = Peer::new(trial.http, cuts);
    let told = steps(&mut cloud.start(&trial.request).unwrap().stream(), &mut peer);
    (told, Left { is_ready: cloud.is_ready(), unread: peer.unread(), has_ended: peer.has_ended() })
}

fn steps(reply: &mut ReplyStream<'_, Detached>, peer: &mut Peer<'_>) -> Result<Told, CallError<Infallible>> {
    let mut told = Told::default();
    for turn in 0_usize.. {
        match reply.step()? {
            ClientStep::Write(bytes) => {
                let Ok(count) = callcontainer::embedded_io::Write::write(peer, bytes);
                reply.wrote(count);
            }
            // Looking again changes nothing.
            ClientStep::Read(_) if turn.is_multiple_of(3) => {}
            ClientStep::Read(room) => {
                let Ok(count) = peer.read(room);
                reply.read(count)?;
            }
            ClientStep::Event(event) => told.take(event),
            ClientStep::End => break,
            ClientStep::ReadBody(_) => panic!("the request has its body"),
        }
    }
    told.outcome = reply.outcome();
    Ok(told)
}
