//! The whole codec, run under an allocator that counts: nothing is ever allocated.

// An allocator cannot be written without unsafe code. This one adds nothing to the system's own but a count.
#![allow(unsafe_code)]

use callcontainer::{
    BoundedReply, BoundedRequest, Bytes, Data, DataType, Error, ErrorCode, ErrorKind, Failure, Json, Message, Method,
    Reply, ReplyBuffer, ReplyCapacity, Request, RequestBuffer, RequestCapacity, Response, ResponseType, Text, Timeout,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// What this thread has allocated. What the test harness does in its own thread does not matter.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: each function passes its arguments on to the system's allocator, which keeps the promises of the trait, and
// the count neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the promises of the trait.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Runs something and says how often it allocated.
fn allocations<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATIONS.with(Cell::get);
    let result = run();
    (ALLOCATIONS.with(Cell::get) - before, result)
}

/// Takes what `Display` and `Debug` write, and keeps its length alone.
#[derive(Default)]
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// One test, so that there is one thread to count in.
#[test]
fn nothing_is_allocated() {
    // The allocator is in force and it counts.
    let (counted, text) = allocations(|| std::hint::black_box(String::from("a") + "b"));
    assert_eq!(text, "ab");
    assert!(counted > 0);

    let examples = ["request", "reply"].map(|direction| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/envelopes").join(direction);
        let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.map(|envelope| envelope.trim_ascii_end().to_vec()).collect::<Vec<_>>()
    });
    assert!(examples.iter().all(|files| files.len() > 15));
    let mut buffer = vec![0; 4096];
    let mut texts = vec![0; 4096];

    let (counted, done) = allocations(|| {
        let mut done = 0;
        for envelope in &examples[0] {
            let request = Request::decode(envelope).unwrap();
            read_request(&request, &mut texts);
            let again = request.encode(&mut buffer).unwrap();
            assert_eq!(request.encoded_len().unwrap(), again.len());
            // A timeout without effect is left out.
            let same = Request::decode_bounded::<4096>(again).unwrap() == request;
            assert!(same || request.timeout() == Timeout::NoEffect);
            done += refused(envelope, |bytes| Request::decode_within(bytes, 4096).err());
        }
        for envelope in &examples[1] {
            let reply = Reply::decode(envelope).unwrap();
            read_reply(&reply, &mut texts);
            let again = reply.encode(&mut buffer).unwrap();
            assert_eq!(reply.encoded_len().unwrap(), again.len());
            assert!(Reply::decode_bounded::<4096>(again).unwrap() == reply);
            done += refused(envelope, |bytes| Reply::decode_within(bytes, 4096).err());
        }
        done += built(&mut texts);
        bounded();
        parts(&mut texts);
        #[cfg(feature = "serde")]
        typed(&mut texts);
        done
    });
    assert!(done > 10_000, "it has run");
    assert_eq!(counted, 0);
}

/// Decodes a broken form of the envelope for each of its bytes, so that every error is made somewhere.
fn refused(envelope: &[u8], decode: impl Fn(&[u8]) -> Option<Error>) -> usize {
    let mut broken = [0; 4096];
    let broken = &mut broken[..envelope.len()];
    broken.copy_from_slice(envelope);
    let mut length = Length::default();
    for at in 0..envelope.len() {
        for byte in *b"\"\\{}7\x01\xFF " {
            broken[at] = byte;
            if let Some(error) = decode(broken) {
                write!(length, "{error} {error:?} {} {:?}", error.kind().name(), error.platform_code()).unwrap();
            }
        }
        broken[at] = envelope[at];
        assert!(decode(&envelope[..at]).is_some());
    }
    length.0
}

fn read_text(text: Text<'_>, buffer: &mut [u8]) {
    let decoded = text.decode(buffer).unwrap();
    assert_eq!(text.decoded_len(), decoded.len());
    assert!(text == *decoded && text == Text::new(decoded) && text.chars().eq(decoded.chars()));
    assert_eq!(text.as_str().is_some(), text.as_bytes().is_some());
    assert!(text.encoded_len() >= decoded.len());
    assert_eq!(text.is_empty(), decoded.is_empty());
    assert!(text.slice(0..text.as_raw().len()).unwrap() == text);
    let mut length = Length::default();
    write!(length, "{text}").unwrap();
    assert_eq!(length.0, decoded.len());
    write!(length, "{text:?}").unwrap();
}

fn read_data(data: Data<'_>, buffer: &mut [u8]) {
    match data {
        Data::None => assert!(data.is_empty()),
        Data::Text(text) => read_text(text, buffer),
        Data::Json(json) => {
            assert!(json.encoded_len() <= json.as_str().len());
            assert!(Json::new(json.as_str()).unwrap() == json);
        }
        Data::Bytes(bytes) => {
            let decoded = bytes.decode(buffer).unwrap();
            assert_eq!(bytes.decoded_len(), decoded.len());
            assert!(bytes == Bytes::new(decoded));
            assert!(bytes.as_slice().is_some() || bytes.as_base64().is_some());
        }
    }
    assert_eq!(data.len().min(1), usize::from(!data.is_empty()));
    assert_eq!(data.kind().is_none(), data == Data::None);
}

fn read_request(request: &Request<'_>, buffer: &mut [u8]) {
    let texts = [
        request.env(),
        request.resource_appid(),
        request.resource_env(),
        request.target_env(),
        request.service(),
        request.call_id(),
        Some(request.path()),
        Some(request.content_type()),
        Some(request.data_type().as_text()),
    ];
    texts.into_iter().flatten().for_each(|text| read_text(text, buffer));
    for (name, value) in request.headers() {
        read_text(name, buffer);
        read_text(value, buffer);
    }
    assert_eq!(request.headers().iter().count(), request.headers().len());
    assert!(request.headers().get("no such header").is_none());
    assert_ne!(request.method().as_str(), "");
    assert_ne!(request.response_type().as_str(), "");
    assert!(request.timeout().milliseconds().is_none() || request.timeout() != Timeout::NotSet);
    read_data(request.data(), buffer);
    write!(Length::default(), "{request:?}").unwrap();
}

fn read_reply(reply: &Reply<'_>, buffer: &mut [u8]) {
    match reply {
        Reply::Response(response) => {
            assert!(response.status() >= 100);
            for (name, value) in response.headers() {
                read_text(name, buffer);
                read_text(value, buffer);
            }
            response.cookies().iter().for_each(|cookie| read_text(cookie, buffer));
            assert_eq!(response.cookies().iter().count(), response.cookies().len());
            response.call_id().into_iter().for_each(|call_id| read_text(call_id, buffer));
            read_text(response.err_msg(), buffer);
            read_data(response.data(), buffer);
        }
        Reply::Failure(failure) => {
            read_text(failure.err_msg(), buffer);
            read_message(failure.message(), buffer);
            failure.call_id().into_iter().for_each(|call_id| read_text(call_id, buffer));
            if let Some(code) = failure.code() {
                write!(Length::default(), "{code} {:?}", code.message()).unwrap();
            }
            assert!(failure.retry(Method::Get).is_some() || failure.retry(Method::Post).is_none());
        }
    }
    write!(Length::default(), "{reply:?}").unwrap();
}

fn read_message(message: Message<'_>, buffer: &mut [u8]) {
    assert_eq!(message.code(), message.code().map(|code| ErrorCode(code.0)));
    read_text(message.text(), buffer);
    message.call_id().into_iter().chain(message.trace()).for_each(|part| read_text(part, buffer));
    write!(Length::default(), "{message:?}").unwrap();
}

const HEADERS: [(&str, &str); 3] = [("content-type", "text/plain"), ("X-Trace", "\ta \"b\" \\"), ("x-wx-service", "s")];

/// Envelopes made by the builders, with every kind of body; errors of the encoder.
fn built(texts: &mut [u8]) -> usize {
    let bodies = [
        Data::None,
        Data::from("a \"text\"\n\u{1}\u{7f} 中文 😀"),
        Data::from(Json::new("{ \"a\" : [1, -2.5e+3, \"\\ud83d\\ude00\"] }").unwrap()),
        Data::from(b"\x00\x01\xFE\xFF".as_slice()),
    ];
    let mut requests = RequestBuffer::<1024>::new();
    let mut replies = ReplyBuffer::<1024>::default();
    let mut total = 0;
    for data in bodies {
        let request = Request::new("/a?b=\"")
            .with_env("prod-01")
            .with_resource("wx0123456789", "prod-02")
            .with_service("s")
            .with_method(Method::Post)
            .with_headers(&HEADERS)
            .with_data(data)
            .with_timeout(15_000)
            .with_data_type(DataType::from("text"))
            .with_response_type(ResponseType::ArrayBuffer)
            .with_call_id("17-0.5");
        read_request(&request, texts);
        let envelope = requests.encode(&request).unwrap();
        assert_eq!(envelope.len(), request.encoded_len().unwrap());
        total += envelope.len();
        assert!(Request::decode(envelope).unwrap() == request);
        assert_eq!(request.encode(&mut [0; 16]).unwrap_err(), Error::new(ErrorKind::BufferTooSmall, 16));
        assert!(request.with_env("\n").encoded_len().is_err());
        assert!(request.with_timeout(15_001).encoded_len().is_err());
        assert!(request.with_headers(&[("A", ""), ("a", "")]).encoded_len().is_err());

        let response = Response::new(200)
            .with_headers(&HEADERS)
            .with_cookies(&["a=1", "b=\"2\""])
            .with_call_id("17-0.5")
            .with_err_msg("fine")
            .with_data(data);
        let failure = Failure::new(ErrorCode::INVALID_METHOD, "cloud.callContainer:fail (callId: 7)");
        for reply in [Reply::from(response), Reply::from(failure), Reply::from(failure.with_call_id("8"))] {
            read_reply(&reply, texts);
            let envelope = replies.encode(&reply).unwrap();
            assert_eq!(envelope.len(), reply.encoded_len().unwrap());
            total += envelope.len();
            assert!(Reply::decode(envelope).unwrap() == reply);
        }
        assert!(Reply::from(Response::new(99)).encode(&mut [0; 64]).is_err());
    }
    total
}

struct Capacity;

impl RequestCapacity for Capacity {
    const ENV: usize = 8;
    const PATH: usize = 8;
    const HEADERS: usize = 3;
    const HEADER_NAME: usize = 12;
    const HEADER_VALUE: usize = 12;
    const TEXT: usize = 8;
}

impl ReplyCapacity for Capacity {
    const HEADERS: usize = 3;
    const HEADER_NAME: usize = 12;
    const HEADER_VALUE: usize = 12;
    const COOKIES: usize = 1;
    const COOKIE: usize = 4;
    const ERR_MSG: usize = 24;
    const JSON: usize = 8;
}

fn bounded() {
    let request = Request::new("/").with_env("prod-01").with_headers(&HEADERS).with_data("\u{1}".into());
    let mut buffer = RequestBuffer::<{ BoundedRequest::<Capacity>::MAX_ENCODED_LEN }>::new();
    let bounded = BoundedRequest::<Capacity>::new(request).unwrap();
    assert!(Request::decode(bounded.encode(&mut buffer)).unwrap() == *bounded.get());
    assert!(BoundedRequest::<Capacity>::new(request.with_call_id("1")).is_err());

    let json = Data::Json(Json::new("[1, 2, 3]").unwrap());
    let response = Response::new(200).with_headers(&HEADERS).with_cookies(&["a=1"]).with_data(json);
    let failure = Failure::new(ErrorCode::REQUEST_TIMEOUT, "errCode: 102002 | errMsg");
    let mut buffer = ReplyBuffer::<{ BoundedReply::<Capacity>::MAX_ENCODED_LEN }>::new();
    for reply in [Reply::from(response), Reply::from(failure)] {
        let bounded = BoundedReply::<Capacity>::new(reply).unwrap();
        assert!(Reply::decode(bounded.encode(&mut buffer)).unwrap() == *bounded.get());
    }
    assert!(BoundedReply::<Capacity>::new(response.with_call_id("1").into()).is_err());
}

/// What stands apart from the two envelopes.
fn parts(buffer: &mut [u8]) {
    for span in ["plain", r#"\"\\\/\b\f\n\r\t\u0000\ud83d\ude00é"#] {
        read_text(Text::from_escaped(span).unwrap(), buffer);
    }
    for span in ["\"", "\\", "\\x", "\\u12", "\\udc00", "\u{1}"] {
        assert!(Text::from_escaped(span).is_err());
    }
    assert!(Json::new("[1,]").is_err() && Json::from_bytes(b"\"\xFF\"").is_err());
    for base64 in ["", "AA==", "AAA=", "AAAA"] {
        read_data(Data::Bytes(Bytes::from_base64(base64).unwrap()), buffer);
    }
    assert!(Bytes::from_base64("A").is_err());
    for body in [b"{\"a\":1}".as_slice(), b"\xEF\xBB\xBFtext", b"\xFF"] {
        for data_type in [DataType::Json, DataType::from("text")] {
            for response_type in [ResponseType::Text, ResponseType::ArrayBuffer] {
                if let Ok(data) = Data::from_body(body, data_type, response_type) {
                    read_data(data, buffer);
                }
            }
        }
    }
    for method in Method::ALL {
        assert_eq!(method.as_str().parse(), Ok(method));
    }
    for message in ["all failed:, Error: errCode: -1 | errMsg: Error: cloud:fail -5 a (callId: 1) (trace: 2)", "", "("]
    {
        read_message(Message::parse(message), buffer);
    }
}

#[cfg(feature = "serde")]
fn typed(buffer: &mut [u8]) {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Order<'a> {
        id: u32,
        note: &'a str,
        rating: Option<f32>,
        kinds: [Kind; 2],
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Kind {
        Plain,
        Sized { width: i8 },
    }

    let order =
        Order { id: 7, note: "a \"b\" 😀", rating: Some(4.5), kinds: [Kind::Plain, Kind::Sized { width: -1 }] };
    let (text, scratch) = buffer.split_at_mut(256);
    let json = Json::from_value(&order, text).unwrap();
    assert!(json.to::<Order<'_>>(scratch).unwrap() == order);
    assert!(Json::new("{\"id\":-1}").unwrap().to::<Order<'_>>(&mut []).is_err());
    assert!(Json::from_value(&order, &mut [0; 8]).is_err());
}
