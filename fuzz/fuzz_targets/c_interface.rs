//! The C interface beside the one of Rust: the same verdict, kind, offset, value and byte, whatever comes in.
//!
//! Both read the same memory, so that a borrowed part must be the same span of it, not only the same text.
#![no_main]

use arbitrary::Arbitrary;
use callcontainer::gateway::{HttpReader, HttpResponse, Identity};
use callcontainer::line::{Check, Line};
use callcontainer::stream::{DecodeStep, Decoder, Direction, Event, Outcome, ReplyDecoder, RequestDecoder};
use callcontainer::{
    Bytes, Cookies, Data, DataKind, DataType, Error, ErrorCode, Failure, Headers, Json, Message, Method, Reply,
    Request, Response, ResponseType, Text, Timeout,
};
use callcontainer_c::*;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

const OK: i32 = 0;
const END: i32 = -1;
const ARGUMENT: i32 = 100;

libfuzzer_sys::fuzz_target!(|input: Input<'_>| input.check());

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Envelope(Envelope<'a>),
    Request(Parts<'a>),
    Reply { parts: Parts<'a>, status: i32, code: i32, kind: u8, cookies: Vec<&'a [u8]> },
    Words { text: Piece<'a>, other: &'a str, room: u8 },
    Bytes { bytes: &'a [u8], room: u8 },
    Line { line: &'a [u8], must: bool },
    Code { code: i32, method: u8 },
    Identity(Vec<(&'a [u8], &'a [u8])>),
    Response { call: Call, http: &'a [u8], size: u16, cuts: u32, id: Piece<'a> },
    Whole { call: Call, status: i32, headers: Vec<(&'a [u8], &'a [u8])>, body: &'a [u8] },
}

#[derive(Arbitrary, Debug)]
struct Envelope<'a> {
    is_request: bool,
    limit: Option<u16>,
    cuts: u32,
    window: u8,
    skips: u8,
    knows_length: bool,
    message: &'a [u8],
}

/// A text of the caller's.
#[derive(Arbitrary, Debug, Clone, Copy)]
struct Piece<'a> {
    is_escaped: bool,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Debug)]
struct Parts<'a> {
    texts: [Option<Piece<'a>>; 7],
    headers: Vec<(&'a [u8], &'a [u8])>,
    kind: u8,
    form: u8,
    data: &'a [u8],
    method: u8,
    is_array_buffer: bool,
    timeout: u32,
    room: u16,
    window: u8,
}

#[derive(Arbitrary, Debug)]
struct Call {
    method: u8,
    is_array_buffer: bool,
    is_text: bool,
    has_body: bool,
}

impl Input<'_> {
    fn check(&self) {
        match self {
            Self::Envelope(envelope) => envelope.check(),
            Self::Request(parts) => check_request(parts),
            Self::Reply { parts, status, code, kind, cookies } => check_reply(parts, *status, *code, *kind, cookies),
            Self::Words { text, other, room } => check_words(*text, other, (*room).into()),
            Self::Bytes { bytes, room } => check_bytes(bytes, (*room).into()),
            Self::Line { line, must } => check_line(line, *must),
            Self::Code { code, method } => check_code(*code, *method),
            Self::Identity(headers) => check_identity(headers),
            Self::Response { call, http, size, cuts, id } => check_response(call, http, (*size).into(), *cuts, *id),
            Self::Whole { call, status, headers, body } => check_whole(call, *status, headers, body),
        }
    }
}

/// What C passes for a result.
fn zeroed<T>() -> Box<T> {
    let mut place = Box::<T>::new_uninit();
    // SAFETY: there is room for one. All structs of the interface may be zeros, as its header says.
    unsafe {
        place.as_mut_ptr().write_bytes(0, 1);
        place.assume_init()
    }
}

fn error_place() -> CcError {
    *zeroed::<CcError>()
}

fn str_of(bytes: &[u8]) -> CcStr {
    CcStr { ptr: bytes.as_ptr(), len: bytes.len() }
}

const NO_TEXT: CcText = CcText { ptr: null(), len: 0, form: 0 };

/// The errors are the same. The name of the kind is how C and Rust both know it.
fn same_error(result: i32, error: &CcError, expected: Option<Error>) {
    assert_eq!(result, error.kind);
    match expected {
        None => assert_eq!(result, OK),
        Some(expected) => {
            // SAFETY: names are terminated, and there for ever.
            let name = unsafe { CStr::from_ptr(cc_error_name(result)) };
            assert_eq!(name.to_str().unwrap(), expected.kind().name());
            assert_eq!(error.offset, expected.offset());
            let mut code = 0;
            // SAFETY: the place is there.
            let has = unsafe { cc_error_code(result, &mut code) };
            assert_eq!((has == OK).then_some(ErrorCode(code)), expected.kind().platform_code());
        }
    }
}

/// The same span of the same memory, and the same text.
fn same_text(c: CcText, rust: Text<'_>) {
    assert_eq!((c.ptr, c.len), (rust.as_raw().as_ptr(), rust.as_raw().len()));
    assert_eq!(c.form, i32::from(rust.as_bytes().is_none()));
}

fn same_optional(c: CcText, rust: Option<Text<'_>>) {
    match rust {
        None => assert!(c.ptr.is_null()),
        Some(rust) => same_text(c, rust),
    }
}

fn same_str(c: CcStr, rust: Option<&str>) {
    match rust {
        None => assert!(c.ptr.is_null()),
        Some(rust) => assert_eq!((c.ptr, c.len), (rust.as_ptr(), rust.len())),
    }
}

/// The same words, which are constants of each crate.
fn same_words(c: CcStr, rust: &str) {
    // SAFETY: they are there for ever.
    assert_eq!(unsafe { std::slice::from_raw_parts(c.ptr, c.len) }, rust.as_bytes());
}

fn same_headers(c: &CcHeaders, rust: Headers<'_>) {
    assert_eq!(c.count, rust.len());
    let mut iter = zeroed::<CcHeadersIter>();
    for (name, value) in rust {
        let (mut own_name, mut own_value) = (NO_TEXT, NO_TEXT);
        // SAFETY: the envelope is there.
        assert_eq!(unsafe { cc_headers_next(c, &mut *iter, &mut own_name, &mut own_value) }, OK);
        same_text(own_name, name);
        same_text(own_value, value);
        if let Some(name) = name.as_str() {
            let other = name.to_ascii_uppercase();
            // SAFETY: as above.
            assert_eq!(unsafe { cc_headers_get(c, str_of(other.as_bytes()), &mut own_value) }, OK);
            same_text(own_value, rust.get(&other).unwrap());
        }
    }
    let (mut name, mut value) = (NO_TEXT, NO_TEXT);
    // SAFETY: as above.
    assert_eq!(unsafe { cc_headers_next(c, &mut *iter, &mut name, &mut value) }, END);
}

fn same_cookies(c: &CcCookies, rust: Cookies<'_>) {
    let mut iter = zeroed::<CcCookiesIter>();
    let mut own = NO_TEXT;
    for cookie in rust {
        // SAFETY: the envelope is there.
        assert_eq!(unsafe { cc_cookies_next(c, &mut *iter, &mut own) }, OK);
        same_text(own, cookie);
    }
    // SAFETY: as above.
    assert_eq!(unsafe { cc_cookies_next(c, &mut *iter, &mut own) }, END);
}

fn same_data(c: &CcData, rust: Data<'_>) {
    let (raw, form) = match rust {
        Data::None => (None, 0),
        Data::Text(text) => (Some(text.as_raw()), i32::from(text.as_bytes().is_none())),
        Data::Json(json) => (Some(json.as_bytes()), 0),
        Data::Bytes(bytes) => match bytes.as_base64() {
            Some(text) => (Some(text.as_raw()), 2 | i32::from(text.as_bytes().is_none())),
            None => (bytes.as_slice(), 0),
        },
    };
    assert_eq!((c.kind, c.form, c.len), (kind_number(rust.kind()), form, raw.map_or(0, <[u8]>::len)));
    let mut len = 0;
    // SAFETY: the envelope is there.
    assert_eq!(unsafe { cc_data_len(c, &mut len) }, OK);
    assert_eq!(len, rust.len());
    let (mut buffer, mut expected) = (vec![0; len], vec![0; len]);
    let mut error = error_place();
    // SAFETY: as above.
    assert_eq!(unsafe { cc_data_decode(c, buffer.as_mut_ptr(), len, &mut len, &mut error) }, OK);
    match rust {
        Data::None => {}
        Data::Text(text) => _ = text.decode(&mut expected).unwrap(),
        Data::Json(json) => expected.copy_from_slice(json.as_bytes()),
        Data::Bytes(bytes) => _ = bytes.decode(&mut expected).unwrap(),
    }
    assert_eq!(buffer, expected);
}

const fn kind_number(kind: Option<DataKind>) -> i32 {
    match kind {
        None => 0,
        Some(DataKind::Text) => 1,
        Some(DataKind::Json) => 2,
        Some(DataKind::Bytes) => 3,
    }
}

const METHODS: [Method; 8] = [
    Method::Get,
    Method::Post,
    Method::Put,
    Method::Delete,
    Method::Head,
    Method::Options,
    Method::Trace,
    Method::Connect,
];

fn method_number(method: Method) -> i32 {
    METHODS.iter().position(|other| *other == method).unwrap() as i32
}

fn timeout_number(timeout: Timeout) -> u32 {
    match timeout {
        Timeout::NotSet => 0,
        Timeout::Milliseconds(milliseconds) => milliseconds,
        Timeout::NoEffect => u32::MAX,
    }
}

fn same_request(c: &CcRequest, rust: &Request<'_>) {
    same_optional(c.env, rust.env());
    same_optional(c.resource_appid, rust.resource_appid());
    same_optional(c.resource_env, rust.resource_env());
    same_text(c.path, rust.path());
    same_optional(c.service, rust.service());
    same_optional(c.call_id, rust.call_id());
    let data_type = rust.data_type();
    assert_eq!((c.data_type.len, c.data_type.form != 0), {
        let text = data_type.as_text();
        (text.as_raw().len(), text.as_bytes().is_none())
    });
    assert_eq!(c.method, method_number(rust.method()));
    assert_eq!(c.response_type, i32::from(rust.response_type() == ResponseType::ArrayBuffer));
    assert_eq!(c.timeout_ms, timeout_number(rust.timeout()));
    same_headers(&c.headers, rust.headers());
    same_data(&c.data, rust.data());
}

fn same_reply(c: &CcReply, rust: &Reply<'_>) {
    let mut code = 0;
    // SAFETY: the envelope is there.
    let has_code = unsafe { cc_reply_code(c, &mut code) };
    match rust {
        Reply::Response(response) => {
            assert_eq!((c.kind, c.status, has_code), (1, response.status().into(), END));
            same_optional(c.call_id, response.call_id());
            same_headers(&c.headers, response.headers());
            same_cookies(&c.cookies, response.cookies());
            same_data(&c.data, response.data());
        }
        Reply::Failure(failure) => {
            assert_eq!(c.kind, 2);
            same_text(c.err_msg, failure.err_msg());
            assert_eq!((has_code == OK).then_some(ErrorCode(code)), failure.code());
        }
    }
    for method in METHODS {
        let mut advice = *zeroed::<CcRetry>();
        // SAFETY: as above.
        assert_eq!(unsafe { cc_retry_of_reply(c, method_number(method), &mut advice) }, OK);
        let expected = rust.retry(method).map_or((0, 0), |retry| (retry.delay_ms, u32::from(retry.at_most)));
        assert_eq!((advice.delay_ms, advice.at_most), expected);
    }
}

/// Sizes of pieces, from a number.
struct Cuts(u32);

impl Cuts {
    fn take(&mut self, available: usize) -> usize {
        if self.0 < 2 {
            return if self.0 == 0 { available } else { 1 };
        }
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        1 + (self.0 >> 8 & 0x1F) as usize % available
    }
}

impl Envelope<'_> {
    fn check(&self) {
        let limit = self.limit.map_or(usize::MAX, usize::from);
        let (start, len) = (self.message.as_ptr(), self.message.len());
        let mut error = error_place();
        if self.is_request {
            let mut request = zeroed::<CcRequest>();
            // SAFETY: the message is there.
            let result = unsafe { cc_request_decode(start, len, limit, &mut *request, &mut error) };
            let rust = Request::decode_within(self.message, limit);
            same_error(result, &error, rust.err());
            if let Ok(rust) = rust {
                same_request(&request, &rust);
                request.data = again(&request.data);
                let mut expected = vec![0; rust.encoded_len().unwrap_or(0)];
                let expected = rust.encode(&mut expected);
                encode_request(&request, expected, self.window.into());
            }
            self.check_stream(RequestDecoder::<512>::new(), limit);
        } else {
            let mut reply = zeroed::<CcReply>();
            // SAFETY: the message is there.
            let result = unsafe { cc_reply_decode(start, len, limit, &mut *reply, &mut error) };
            let rust = Reply::decode_within(self.message, limit);
            same_error(result, &error, rust.err());
            if let Ok(rust) = rust {
                same_reply(&reply, &rust);
                reply.data = again(&reply.data);
                let mut expected = vec![0; rust.encoded_len().unwrap_or(0)];
                let expected = rust.encode(&mut expected);
                encode_reply(&reply, expected, self.window.into());
            }
            self.check_stream(ReplyDecoder::<512>::new(), limit);
        }
    }

    /// Runs both decoders in the same pieces through windows of the same size, and compares each event.
    fn check_stream<D: Direction>(&self, decoder: Decoder<D, 512>, limit: usize)
    where
        Decoder<D, 512>: Ends,
    {
        let mut rust = decoder.with_limit(limit);
        let mut c = zeroed::<CcDecoder>();
        let mut window = vec![0; 512];
        let mut error = error_place();
        let (start, size) = (window.as_mut_ptr(), window.len());
        // SAFETY: the window is there until the end of this function.
        unsafe {
            let init = if self.is_request { cc_request_decoder_init } else { cc_reply_decoder_init };
            assert_eq!(init(&mut *c, start, size, &mut error), OK);
            assert_eq!(cc_decoder_set_limit(&mut *c, limit), OK);
        }
        if self.knows_length {
            rust = rust.with_length(self.message.len());
            // SAFETY: it is initialised.
            assert_eq!(unsafe { cc_decoder_set_length(&mut *c, self.message.len()) }, OK);
        }
        let (mut cuts, mut rest) = (Cuts(self.cuts), self.message);
        for turn in 0_u32.. {
            let mut event = *zeroed::<CcEvent>();
            // SAFETY: as above.
            let result = unsafe { cc_decoder_step(&mut *c, &mut event, &mut error) };
            let mut wants = false;
            match rust.step() {
                Ok(DecodeStep::Event(expected)) => {
                    same_error(result, &error, None);
                    same_event(&event, expected);
                }
                Ok(DecodeStep::More) => {
                    assert_eq!((result, event.kind), (OK, 1));
                    wants = true;
                }
                Ok(DecodeStep::End) => {
                    assert_eq!((result, event.kind), (OK, 2));
                    break;
                }
                Err(expected) => {
                    same_error(result, &error, Some(expected));
                    wants = true;
                }
            }
            if !wants {
                if self.skips.rotate_left(turn) & 1 == 1 {
                    rust.skip();
                    // SAFETY: as above.
                    assert_eq!(unsafe { cc_decoder_skip(&mut *c) }, OK);
                }
                continue;
            }
            let (mut room, mut len, mut ended) = (null_mut(), 0, 0);
            // SAFETY: as above.
            unsafe {
                assert_eq!(cc_decoder_window(&mut *c, &mut room, &mut len), OK);
                assert_eq!(cc_decoder_is_ended(&mut *c, &mut ended), OK);
            }
            let own = rust.window();
            assert_eq!(len, own.len());
            if len == 0 {
                break;
            }
            let count = if rest.is_empty() { 0 } else { cuts.take(len.min(rest.len())) };
            let (piece, behind) = rest.split_at(count);
            rest = behind;
            own[..count].copy_from_slice(piece);
            // SAFETY: there is so much room.
            unsafe { room.copy_from_nonoverlapping(piece.as_ptr(), count) }
            if count == 0 {
                rust.end();
                // SAFETY: as above.
                assert_eq!(unsafe { cc_decoder_end(&mut *c) }, OK);
            } else {
                rust.commit(count);
                // SAFETY: as above.
                assert_eq!(unsafe { cc_decoder_commit(&mut *c, count) }, OK);
            }
        }
        let mut outcome = *zeroed::<CcOutcome>();
        // SAFETY: as above.
        let result = unsafe { cc_decoder_outcome(&mut *c, &mut outcome) };
        let expected = rust.ends().map(|ends| match ends {
            Outcome::Response { status } => (1, i32::from(status), 0, 0),
            Outcome::Failure { code } => (2, 0, code.map_or(0, |code| code.0), i32::from(code.is_some())),
        });
        let outcome = (outcome.kind, outcome.status, outcome.code, outcome.has_code);
        assert_eq!((result == OK).then_some(outcome), expected);
    }
}

/// How a stream ended, if it is a reply.
trait Ends {
    fn ends(&self) -> Option<Outcome>;
}

impl Ends for RequestDecoder<512> {
    fn ends(&self) -> Option<Outcome> {
        None
    }
}

impl Ends for ReplyDecoder<512> {
    fn ends(&self) -> Option<Outcome> {
        self.outcome()
    }
}

fn same_event(c: &CcEvent, rust: Event<'_>) {
    // SAFETY: a text of an event is a span of the window.
    let piece = if c.text.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(c.text.ptr, c.text.len) } };
    let own = (c.kind, c.field, c.last, c.number, c.text.form, piece);
    let none: &[u8] = &[];
    let expected = match rust {
        Event::Text { field, text, last } => {
            (3, field as i32 + 1, last.into(), 0, i32::from(text.as_bytes().is_none()), text.as_raw())
        }
        Event::Data(kind) => (4, 0, 0, kind_number(Some(kind)), 0, none),
        Event::Json { json, last } => (5, 0, last.into(), 0, 0, json),
        Event::Bytes { bytes, last } => (6, 0, last.into(), 0, 0, bytes),
        Event::Method(method) => (7, 0, 0, method_number(method), 0, none),
        Event::Timeout(timeout) => (8, 0, 0, timeout_number(timeout).cast_signed(), 0, none),
        Event::ResponseType(kind) => (9, 0, 0, i32::from(kind == ResponseType::ArrayBuffer), 0, none),
        Event::Status(status) => (10, 0, 0, status.into(), 0, none),
        Event::ErrCode(code) => (11, 0, 0, code.0, 0, none),
        Event::Errno(code) => (12, 0, 0, code.0, 0, none),
        other => panic!("an event that nobody told the fuzzer of: {other:?}"),
    };
    // The numbers of the fields are the header's own.
    assert_eq!(own, (expected.0, own.1, expected.2, expected.3, expected.4, expected.5));
    assert_eq!(own.1 > 0, matches!(rust, Event::Text { .. }));
}

/// Encodes as a whole, into a buffer that is too short, and through a window.
fn encode_request(request: &CcRequest, expected: Result<&[u8], Error>, window: usize) {
    let mut error = error_place();
    let mut buffer = vec![0_u8; expected.map_or(0, <[u8]>::len)];
    let (mut len, mut measured) = (0, 0);
    // SAFETY: whatever the request points to is there.
    let (result, measure) = unsafe {
        let result = cc_request_encode(request, buffer.as_mut_ptr(), buffer.len(), &mut len, &mut error);
        (result, cc_request_measure(request, &mut measured, null_mut()))
    };
    if let Err(expected) = expected {
        // An empty buffer is too small besides, which is said last.
        assert_eq!(result, measure);
        return same_error(result, &error, Some(expected));
    }
    same_error(result, &error, None);
    assert_eq!((&buffer[..len], measured), (expected.unwrap(), len));
    if len > 0 {
        // SAFETY: as above.
        let result = unsafe { cc_request_encode(request, buffer.as_mut_ptr(), len - 1, &mut len, &mut error) };
        same_error(result, &error, Some(Error::new(callcontainer::ErrorKind::BufferTooSmall, buffer.len() - 1)));
    }
    let mut encoder = zeroed::<CcEncoder>();
    let mut window = vec![0_u8; 64 + window];
    // SAFETY: the window is there as long as the encoder.
    let result = unsafe {
        let (start, size) = (window.as_mut_ptr(), window.len());
        cc_request_encoder_init(&mut *encoder, request, null(), start, size, &mut error)
    };
    assert_eq!(result, OK);
    assert_eq!(written(&mut encoder), expected.unwrap());
}

fn encode_reply(reply: &CcReply, expected: Result<&[u8], Error>, window: usize) {
    let mut error = error_place();
    let mut buffer = vec![0_u8; expected.map_or(0, <[u8]>::len)];
    let (mut len, mut measured) = (0, 0);
    // SAFETY: whatever the reply points to is there.
    let (result, measure) = unsafe {
        let result = cc_reply_encode(reply, buffer.as_mut_ptr(), buffer.len(), &mut len, &mut error);
        (result, cc_reply_measure(reply, &mut measured, null_mut()))
    };
    if let Err(expected) = expected {
        assert_eq!(result, measure);
        return same_error(result, &error, Some(expected));
    }
    same_error(result, &error, None);
    assert_eq!((&buffer[..len], measured), (expected.unwrap(), len));
    let mut encoder = zeroed::<CcEncoder>();
    let mut window = vec![0_u8; 64 + window];
    // SAFETY: the window is there as long as the encoder.
    let result = unsafe {
        let (start, size) = (window.as_mut_ptr(), window.len());
        cc_reply_encoder_init(&mut *encoder, reply, null(), start, size, &mut error)
    };
    assert_eq!(result, OK);
    assert_eq!(written(&mut encoder), expected.unwrap());
}

/// All that an encoder writes.
fn written(encoder: &mut CcEncoder) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let mut step = *zeroed::<CcStep>();
        // SAFETY: it is initialised, and its window is there.
        unsafe {
            assert_eq!(cc_encoder_step(encoder, &mut step, null_mut()), OK);
            if step.kind == 0 {
                return all;
            }
            let count = step.len.div_ceil(2);
            all.extend_from_slice(std::slice::from_raw_parts(step.ptr, count));
            assert_eq!(cc_encoder_wrote(encoder, count), OK);
        }
    }
}

impl<'a> Piece<'a> {
    fn c(self) -> CcText {
        CcText { ptr: self.bytes.as_ptr(), len: self.bytes.len(), form: self.is_escaped.into() }
    }

    fn rust(self) -> Result<Text<'a>, Error> {
        let text = utf8(self.bytes)?;
        if self.is_escaped { Text::from_escaped(text) } else { Ok(Text::new(text)) }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|error| Error::new(callcontainer::ErrorKind::InvalidUtf8, error.valid_up_to()))
}

/// The parts in both languages. An error is one of those that the parts have by themselves: which one is told first is not
/// said anywhere.
struct Made<'a> {
    texts: [Option<Text<'a>>; 7],
    headers: Vec<(&'a str, &'a str)>,
    data: Data<'a>,
    wrong: Vec<Error>,
    own_texts: [CcText; 7],
    own_headers: Vec<CcHeader>,
    own_data: CcData,
}

impl<'a> Parts<'a> {
    fn made(&self) -> Made<'a> {
        let mut wrong = Vec::new();
        let mut keep = |made: Result<Text<'a>, Error>| made.map_err(|error| wrong.push(error)).ok();
        let texts = self.texts.map(|piece| piece.and_then(|piece| keep(piece.rust())));
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            match (utf8(name), utf8(value)) {
                (Ok(name), Ok(value)) => headers.push((name, value)),
                (name, value) => wrong.extend([name.err(), value.err()].into_iter().flatten()),
            }
        }
        let kind = self.kind & 3;
        let form = match kind {
            1 => i32::from(self.form & 1),
            3 => [0, 2, 3][usize::from(self.form % 3)],
            _ => 0,
        };
        let data = match (kind, form) {
            (0, _) => Ok(Data::None),
            (1, _) => Piece { is_escaped: form == 1, bytes: self.data }.rust().map(Data::Text),
            (2, _) => Json::from_bytes(self.data).map(Data::from),
            (_, 0) => Ok(Data::Bytes(Bytes::new(self.data))),
            (_, _) => Piece { is_escaped: form == 3, bytes: self.data }
                .rust()
                .and_then(|text| Bytes::from_base64_text(text).map(Data::Bytes)),
        };
        let data = data.map_err(|error| wrong.push(error)).unwrap_or_default();
        let own_headers =
            self.headers.iter().map(|(name, value)| CcHeader { name: str_of(name), value: str_of(value) }).collect();
        let (start, len) = (self.data.as_ptr(), self.data.len());
        let own_data = match (kind, form) {
            (0, _) => *zeroed::<CcData>(),
            _ if self.form & 4 > 0 => any_data(self.data, kind.into(), form),
            (1, 0) => cc_data_text(start, len),
            (2, _) => cc_data_json(start, len),
            (3, 0) => cc_data_bytes(start, len),
            (3, 2) => cc_data_base64(start, len),
            _ => any_data(self.data, kind.into(), form),
        };
        let own_texts = self.texts.map(|piece| piece.map_or(NO_TEXT, Piece::c));
        Made { texts, headers, data, wrong, own_texts, own_headers, own_data }
    }
}

/// Data as they are received.
fn any_data(data: &[u8], kind: i32, form: i32) -> CcData {
    let mut own = *zeroed::<CcData>();
    (own.ptr, own.len, own.kind, own.form) = (data.as_ptr(), data.len(), kind, form);
    again(&own)
}

/// Data that can be sent.
fn again(data: &CcData) -> CcData {
    // SAFETY: there are such data.
    unsafe { cc_data_again(data) }
}

fn own_headers(headers: &[CcHeader]) -> CcHeaders {
    let mut own = *zeroed::<CcHeaders>();
    if !headers.is_empty() {
        own.array = headers.as_ptr();
        own.count = headers.len();
    }
    own
}

/// Whether a conversion of the parts fails already, with one of these errors.
fn is_wrong(wrong: &[Error], result: i32, error: &CcError) -> bool {
    if wrong.is_empty() {
        return false;
    }
    // SAFETY: names are terminated, and there for ever.
    let name = unsafe { CStr::from_ptr(cc_error_name(result)) }.to_str().unwrap();
    assert!(
        wrong.iter().any(|wrong| (wrong.kind().name(), wrong.offset()) == (name, error.offset)),
        "{name} at {} is none of {wrong:?}",
        error.offset
    );
    true
}

fn check_request(parts: &Parts<'_>) {
    let made = parts.made();
    let [env, resource_appid, resource_env, path, service, data_type, call_id] = made.own_texts;
    let request = CcRequest {
        env,
        resource_appid,
        resource_env,
        path,
        service,
        data_type,
        call_id,
        headers: own_headers(&made.own_headers),
        data: made.own_data,
        method: (parts.method & 7).into(),
        response_type: parts.is_array_buffer.into(),
        timeout_ms: parts.timeout,
    };
    let mut error = error_place();
    let (mut len, mut buffer) = (0, vec![0_u8; parts.room.into()]);
    // SAFETY: whatever the request points to is there.
    let result = unsafe { cc_request_encode(&request, buffer.as_mut_ptr(), buffer.len(), &mut len, &mut error) };
    if parts.texts[3].is_none() {
        assert_ne!(result, OK);
        return;
    }
    if is_wrong(&made.wrong, result, &error) {
        return;
    }
    let [env, resource_appid, resource_env, path, service, data_type, call_id] = made.texts;
    let timeout = if parts.timeout == u32::MAX { Timeout::NoEffect } else { Timeout::from(parts.timeout) };
    let mut rust = Request::new(path.unwrap())
        .with_method(METHODS[usize::from(parts.method & 7)])
        .with_response_type(if parts.is_array_buffer { ResponseType::ArrayBuffer } else { ResponseType::Text })
        .with_timeout(timeout)
        .with_headers(&made.headers)
        .with_data(made.data);
    if let Some(env) = env {
        rust = rust.with_env(env);
    }
    if let Some(appid) = resource_appid {
        rust = rust.with_resource_appid(appid);
    }
    if let Some(env) = resource_env {
        rust = rust.with_resource_env(env);
    }
    if let Some(service) = service {
        rust = rust.with_service(service);
    }
    if let Some(data_type) = data_type {
        rust = rust.with_data_type(DataType::from(data_type));
    }
    if let Some(call_id) = call_id {
        rust = rust.with_call_id(call_id);
    }
    let mut expected = vec![0; parts.room.into()];
    let expected = rust.encode(&mut expected);
    same_error(result, &error, expected.err());
    if let Ok(expected) = expected {
        assert_eq!(&buffer[..len], expected);
        encode_request(&request, Ok(expected), parts.window.into());
    }
}

fn check_reply(parts: &Parts<'_>, status: i32, code: i32, kind: u8, cookies: &[&[u8]]) {
    let mut made = parts.made();
    let own_cookies: Vec<CcStr> = cookies.iter().map(|cookie| str_of(cookie)).collect();
    let mut reply = zeroed::<CcReply>();
    let is_response = kind & 1 == 0;
    let has_code = kind & 2 != 0;
    (reply.kind, reply.status, reply.code, reply.has_code) =
        (if is_response { 1 } else { 2 }, status, code, has_code.into());
    (reply.err_msg, reply.call_id) = (made.own_texts[0], made.own_texts[1]);
    reply.headers = own_headers(&made.own_headers);
    reply.data = made.own_data;
    if !own_cookies.is_empty() {
        (reply.cookies.array, reply.cookies.count) = (own_cookies.as_ptr(), own_cookies.len());
    }
    let mut error = error_place();
    let (mut len, mut buffer) = (0, vec![0_u8; parts.room.into()]);
    // SAFETY: whatever the reply points to is there.
    let result = unsafe { cc_reply_encode(&*reply, buffer.as_mut_ptr(), buffer.len(), &mut len, &mut error) };
    let [err_msg, call_id, ..] = made.texts;
    // Of a failure only the texts count.
    let mut wrong: Vec<Error> = parts.texts[..2].iter().flatten().filter_map(|piece| piece.rust().err()).collect();
    let mut texts = Vec::new();
    if is_response {
        for cookie in cookies {
            match utf8(cookie) {
                Ok(cookie) => texts.push(cookie),
                Err(error) => wrong.push(error),
            }
        }
        if !(0..=65535).contains(&status) {
            wrong.push(Error::new(callcontainer::ErrorKind::InvalidStatus, 0));
        }
        let others = parts.texts[2..].iter().flatten().filter_map(|piece| piece.rust().err());
        for other in others {
            made.wrong.remove(made.wrong.iter().position(|error| *error == other).unwrap());
        }
        wrong.extend(&made.wrong);
    }
    if is_wrong(&wrong, result, &error) {
        return;
    }
    // A failure has nothing else, and loses nothing in silence.
    if !is_response && (reply.headers.count > 0 || reply.cookies.count > 0 || reply.data.kind != 0) {
        assert_eq!(result, ARGUMENT);
        return;
    }
    let rust: Reply<'_> = if is_response {
        let mut response =
            Response::new(status as u16).with_headers(&made.headers).with_cookies(&texts).with_data(made.data);
        if let Some(call_id) = call_id {
            response = response.with_call_id(call_id);
        }
        if let Some(err_msg) = err_msg {
            response = response.with_err_msg(err_msg);
        }
        response.into()
    } else {
        let err_msg = err_msg.unwrap_or_default();
        let mut failure =
            if has_code { Failure::new(ErrorCode(code), err_msg) } else { Failure::from_err_msg(err_msg) };
        if let Some(call_id) = call_id {
            failure = failure.with_call_id(call_id);
        }
        failure.into()
    };
    let mut expected = vec![0; parts.room.into()];
    let expected = rust.encode(&mut expected);
    same_error(result, &error, expected.err());
    if let Ok(expected) = expected {
        assert_eq!(&buffer[..len], expected);
        encode_reply(&reply, Ok(expected), parts.window.into());
    }
}

fn check_words(text: Piece<'_>, other: &str, room: usize) {
    let own = text.c();
    let mut error = error_place();
    let (mut len, mut encoded, mut equal, mut buffer) = (0, 0, 0, vec![0_u8; room]);
    // SAFETY: the text is there.
    let result = unsafe { cc_text_decode(&own, buffer.as_mut_ptr(), room, &mut len, &mut error) };
    let rust = match text.rust() {
        Ok(rust) => rust,
        Err(expected) => {
            same_error(result, &error, Some(expected));
            // SAFETY: as above.
            assert_eq!(unsafe { cc_text_len(&own, &mut len) }, result);
            return;
        }
    };
    let mut expected = vec![0; room];
    let expected = rust.decode(&mut expected);
    same_error(result, &error, expected.err());
    assert_eq!(len, rust.decoded_len());
    if let Ok(expected) = expected {
        assert_eq!(&buffer[..len], expected.as_bytes());
    }
    let mut message = zeroed::<CcMessage>();
    // SAFETY: as above.
    unsafe {
        assert_eq!(cc_text_len(&own, &mut len), OK);
        assert_eq!(cc_text_encoded_len(&own, &mut encoded), OK);
        assert_eq!(cc_text_eq(&own, str_of(other.as_bytes()), &mut equal), OK);
        assert_eq!(cc_message_parse(&own, &mut *message), OK);
    }
    assert_eq!((len, encoded, equal == 1), (rust.decoded_len(), rust.encoded_len(), rust == *other));
    let parsed = Message::parse(rust);
    same_text(message.text, parsed.text());
    same_optional(message.call_id, parsed.call_id());
    same_optional(message.trace, parsed.trace());
    assert_eq!((message.has_code == 1).then_some(ErrorCode(message.code)), parsed.code());
}

fn check_bytes(bytes: &[u8], room: usize) {
    let mut error = error_place();
    let (mut len, mut buffer) = (0, vec![0_u8; room]);
    // SAFETY: the bytes are there.
    let result =
        unsafe { cc_base64_encode(bytes.as_ptr(), bytes.len(), buffer.as_mut_ptr(), room, &mut len, &mut error) };
    let expected = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
    assert_eq!(len, expected.len());
    if len <= room {
        assert_eq!((result, &buffer[..len]), (OK, expected.as_bytes()));
    } else {
        same_error(result, &error, Some(Error::new(callcontainer::ErrorKind::BufferTooSmall, room)));
    }
    // SAFETY: as above.
    let result =
        unsafe { cc_base64_decode(bytes.as_ptr(), bytes.len(), buffer.as_mut_ptr(), room, &mut len, &mut error) };
    let Ok(text) = str::from_utf8(bytes) else {
        // No byte that is wrong stands further on than the one that is not UTF-8.
        let at = utf8(bytes).unwrap_err().offset();
        return assert!(result != OK && error.offset <= at);
    };
    match Bytes::from_base64(text) {
        Ok(rust) => {
            let mut expected = vec![0; room];
            let expected = rust.decode(&mut expected);
            same_error(result, &error, expected.err());
            assert_eq!(len, rust.decoded_len());
            if let Ok(expected) = expected {
                assert_eq!(&buffer[..len], expected);
            }
        }
        Err(expected) => same_error(result, &error, Some(expected)),
    }
}

fn check_line(line: &[u8], must: bool) {
    let mut error = error_place();
    let (mut envelope, mut len, mut checked) = (null(), 0, 0);
    // SAFETY: the line is there.
    let result = unsafe {
        let (start, size) = (line.as_ptr(), line.len());
        cc_line_split(start, size, must.into(), &mut envelope, &mut len, &mut checked, &mut error)
    };
    let rust = Line::new(line);
    let expected = if must { rust.checked_envelope() } else { rust.envelope() };
    same_error(result, &error, expected.err());
    assert_eq!(checked == 1, rust.is_checked());
    if let Ok(expected) = expected {
        assert_eq!((envelope, len), (expected.as_ptr(), expected.len()));
    }
    let mut trailer = [0; 9];
    // SAFETY: as above.
    let result = unsafe { cc_line_check(line.as_ptr(), line.len(), trailer.as_mut_ptr(), 9, &mut error) };
    assert_eq!((result, trailer), (OK, Check::of(line).trailer()));
}

fn check_code(code: i32, method: u8) {
    let method = method & 7;
    let (mut retry, mut message) = (*zeroed::<CcRetry>(), str_of(b""));
    // SAFETY: the places are there.
    unsafe {
        assert_eq!(cc_retry_of_code(code, method.into(), &mut retry), OK);
        let result = cc_code_message(code, &mut message);
        let expected = ErrorCode(code).message();
        assert_eq!(result, if expected.is_some() { OK } else { END });
        if let Some(expected) = expected {
            same_words(message, expected);
        }
    }
    let expected = ErrorCode(code).retry(METHODS[usize::from(method)]);
    assert_eq!((retry.delay_ms, retry.at_most), expected.map_or((0, 0), |one| (one.delay_ms, one.at_most.into())));
}

fn check_identity(headers: &[(&[u8], &[u8])]) {
    let own: Vec<CcHeader> =
        headers.iter().map(|(name, value)| CcHeader { name: str_of(name), value: str_of(value) }).collect();
    let (mut identity, mut error) = (zeroed::<CcIdentity>(), error_place());
    // SAFETY: the headers are there.
    let result = unsafe { cc_identity_read(own.as_ptr(), own.len(), &mut *identity, &mut error) };
    let mut names = Vec::new();
    for (name, value) in headers {
        match utf8(name) {
            Ok(name) => names.push((name, *value)),
            Err(expected) => return same_error(result, &error, Some(expected)),
        }
    }
    let Some(rust) = Identity::from_headers(names) else { return assert_eq!(result, END) };
    assert_eq!(result, OK);
    same_str(identity.source, Some(rust.source));
    for (own, rust) in [
        (identity.appid, rust.appid),
        (identity.openid, rust.openid),
        (identity.unionid, rust.unionid),
        (identity.from_appid, rust.from_appid),
        (identity.from_openid, rust.from_openid),
        (identity.from_unionid, rust.from_unionid),
        (identity.access_token, rust.access_token),
        (identity.from_access_token, rust.from_access_token),
        (identity.env, rust.env),
        (identity.address, rust.address),
    ] {
        same_str(own, rust);
    }
}

impl Call {
    /// The envelope of the call.
    fn envelope(&self) -> String {
        let method = METHODS[usize::from(self.method & 7)].as_str();
        let response_type = if self.is_array_buffer { "arraybuffer" } else { "text" };
        let data_type = if self.is_text { "text" } else { "json" };
        let data = if self.has_body { r#","data":"x""# } else { "" };
        format!(
            r#"{{"config":{{"env":"e"}},"path":"/","method":"{method}","dataType":"{data_type}","responseType":"{response_type}","callID":"7"{data}}}"#
        )
    }
}

fn gate_of(envelope: &str) -> Box<CcGate> {
    let mut gate = zeroed::<CcGate>();
    // SAFETY: the envelope is there as long as the gate is used.
    let result = unsafe { cc_gate_decode(&mut *gate, envelope.as_ptr(), envelope.len(), null_mut(), null_mut()) };
    assert_eq!(result, OK);
    gate
}

fn check_response(call: &Call, http: &[u8], size: usize, cuts: u32, id: Piece<'_>) {
    let envelope = call.envelope();
    let rust = Request::decode(envelope.as_bytes()).unwrap();
    let mut gate = gate_of(&envelope);
    let (mut memory, mut own_memory) = (vec![0; size], vec![0; size]);
    let mut reader = HttpReader::new(&rust, &mut memory);
    let (mut own, mut error, mut refusal) = (zeroed::<CcReader>(), error_place(), zeroed::<CcRefusal>());
    // SAFETY: the memory is there as long as the reader.
    let result = unsafe { cc_reader_init(&mut *own, &mut *gate, own_memory.as_mut_ptr(), size, &mut error) };
    assert_eq!(result, OK);
    let (mut cuts, mut rest) = (Cuts(cuts), http);
    let mut refused = None;
    loop {
        let window = reader.window();
        let (mut room, mut len) = (null_mut(), 0);
        // SAFETY: as above.
        assert_eq!(unsafe { cc_reader_window(&mut *own, &mut room, &mut len) }, OK);
        assert_eq!(len, window.len());
        let count = if rest.is_empty() || len == 0 { 0 } else { cuts.take(len.min(rest.len())) };
        let (piece, behind) = rest.split_at(count);
        rest = behind;
        window[..count].copy_from_slice(piece);
        let mut complete = 0;
        // SAFETY: there is so much room.
        let result = unsafe {
            room.copy_from_nonoverlapping(piece.as_ptr(), count);
            cc_reader_commit(&mut *own, count, &mut complete, &mut *refusal, &mut error)
        };
        match reader.commit(count) {
            Ok(is_complete) => {
                assert_eq!((result, complete == 1), (OK, is_complete));
                if is_complete {
                    break;
                }
            }
            Err(denied) => {
                assert_eq!((result, refusal.code), (130, denied.code().0));
                same_words(refusal.message, denied.message());
                refused = Some(denied);
                break;
            }
        }
    }
    let mut keeps = 0;
    // SAFETY: as above.
    assert_eq!(unsafe { cc_reader_keeps_alive(&mut *own, &mut keeps) }, OK);
    assert_eq!(keeps == 1, reader.keeps_alive());
    let Ok(id_text) = id.rust() else { return };
    let mut buffer = vec![0_u8; 1024 + 6 * size];
    let (mut len, mut status) = (0, 0);
    let own_id = id.c();
    // SAFETY: as above.
    let result = unsafe {
        let (start, room) = (buffer.as_mut_ptr(), buffer.len());
        cc_reader_reply(&mut *own, &own_id, start, room, &mut len, &mut status, &mut *refusal, &mut error)
    };
    let mut expected = vec![0; buffer.len()];
    match reader.finish(Some(id_text)) {
        Ok(response) => {
            assert!(refused.is_none());
            assert_eq!(status, response.status().into());
            assert_eq!((result, &buffer[..len]), (OK, response.encode(&mut expected).unwrap()));
        }
        Err(denied) => {
            assert_eq!((result, refusal.code), (130, denied.code().0));
            // SAFETY: as above.
            let result = unsafe {
                let (start, room) = (buffer.as_mut_ptr(), buffer.len());
                cc_refusal_encode(&*refusal, &own_id, start, room, &mut len, &mut error)
            };
            assert_eq!((result, &buffer[..len]), (OK, denied.encode(Some(id_text), &mut expected).unwrap()));
        }
    }
}

fn check_whole(call: &Call, status: i32, headers: &[(&[u8], &[u8])], body: &[u8]) {
    let envelope = call.envelope();
    let rust = Request::decode(envelope.as_bytes()).unwrap();
    let mut gate = gate_of(&envelope);
    let own: Vec<CcHeader> =
        headers.iter().map(|(name, value)| CcHeader { name: str_of(name), value: str_of(value) }).collect();
    let response = CcHttpResponse {
        headers: own.as_ptr(),
        header_count: own.len(),
        body: body.as_ptr(),
        body_len: body.len(),
        status,
    };
    let mut buffer =
        vec![0_u8; 2048 + 6 * (body.len() + headers.iter().map(|(a, b)| a.len() + b.len() + 8).sum::<usize>())];
    let (mut len, mut refusal, mut error) = (0, MaybeUninit::<CcRefusal>::zeroed(), error_place());
    // SAFETY: all that it points to is there.
    let result = unsafe {
        let (start, room) = (buffer.as_mut_ptr(), buffer.len());
        cc_gate_reply(&mut *gate, &response, start, room, &mut len, refusal.as_mut_ptr(), &mut error)
    };
    let lines = headers.iter().map(|(name, value)| (*name, *value));
    let status = u16::try_from(status).unwrap_or(0);
    let mut expected = vec![0; buffer.len()];
    match HttpResponse::from_parts(&rust, status, lines, body, rust.call_id()) {
        Ok(made) => assert_eq!((result, &buffer[..len]), (OK, made.encode(&mut expected).unwrap())),
        Err(denied) => {
            // SAFETY: it was written, as the result says.
            let code = unsafe { (*refusal.as_ptr()).code };
            assert_eq!((result, code), (130, denied.code().0));
        }
    }
}
