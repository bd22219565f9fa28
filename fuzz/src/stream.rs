//! Decoding a stream: for any split of any input the events, the error and its offset are those of any other split, and
//! those of the slice decoder.

use crate::cuts::Cuts;
use crate::decode::model::decoded;
use arbitrary::Arbitrary;
use callcontainer::stream::{DecodeStep, Decoder, Direction, Event, Field, Outcome, ReplyDecoder, RequestDecoder};
use callcontainer::{Data, DataKind, Error, ErrorCode, Headers, Method, Reply, Request, ResponseType, Text, Timeout};

/// A message and how it comes.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    how: u8,
    limit: u16,
    cuts: u32,
    skips: u8,
    message: &'a [u8],
}

impl Input<'_> {
    pub fn check(&self) {
        match self.how >> 1 & 3 {
            0 => self.check_window::<16>(),
            1 => self.check_window::<33>(),
            2 => self.check_window::<64>(),
            _ => self.check_window::<512>(),
        }
    }

    fn check_window<const WINDOW: usize>(&self) {
        let limit = if self.how & 8 == 0 { usize::MAX } else { self.limit.into() };
        let with_length = self.how & 16 == 0;
        let length = self.message.len();
        if self.how & 1 == 0 {
            let new = || {
                let decoder = RequestDecoder::<WINDOW>::new().with_limit(limit);
                if with_length { decoder.with_length(length) } else { decoder }
            };
            let slice = Request::decode_within(self.message, limit);
            let (events, error) = self.check_splits(new);
            assert_eq!(error, slice.err(), "{}", self.message.escape_ascii());
            if let Ok(request) = slice {
                Merged::of(&events).compare_request(&request);
            }
        } else {
            let new = || {
                let decoder = ReplyDecoder::<WINDOW>::new().with_limit(limit);
                if with_length { decoder.with_length(length) } else { decoder }
            };
            let slice = Reply::decode_within(self.message, limit);
            let (events, error) = self.check_splits(new);
            assert_eq!(error, slice.err(), "{}", self.message.escape_ascii());
            if let Ok(reply) = slice {
                let mut decoder = new();
                drive(&mut decoder, self.message, Cuts::new(self.cuts), 0);
                Merged::of(&events).compare_reply(&reply, decoder.outcome().unwrap());
            }
        }
    }

    /// The events and the error, which are the same for every split and do not depend on what is skipped.
    fn check_splits<D: Direction, const WINDOW: usize>(
        &self,
        new: impl Fn() -> Decoder<D, WINDOW>,
    ) -> (Vec<Owned>, Option<Error>) {
        let (whole, error) = drive(&mut new(), self.message, Cuts::WHOLE, 0);
        for cuts in [Cuts::BYTES, Cuts::new(self.cuts)] {
            let (events, other) = drive(&mut new(), self.message, cuts, 0);
            assert_eq!((&events, other), (&whole, error), "{}", self.message.escape_ascii());
        }
        let (skipped, other) = drive(&mut new(), self.message, Cuts::new(self.cuts), self.skips);
        assert_eq!(other, error, "with skips: {}", self.message.escape_ascii());
        // What is left was there before, in the same order.
        let mut rest = whole.iter();
        assert!(skipped.iter().all(|event| rest.any(|other| other == event)), "{skipped:?} of {whole:?}");
        (whole, error)
    }
}

/// Holds what the slice decoder says of a reply against the stream decoder with reads of one byte.
pub(crate) fn check_byte_by_byte(envelope: &[u8], slice: Result<Reply<'_>, Error>) {
    let mut decoder = ReplyDecoder::<64>::new();
    let (events, error) = drive(&mut decoder, envelope, Cuts::BYTES, 0);
    assert_eq!(error, slice.err(), "{}", envelope.escape_ascii());
    if let Ok(reply) = slice {
        Merged::of(&events).compare_reply(&reply, decoder.outcome().unwrap());
    }
}

/// An event that owns what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Text { field: Field, raw: Vec<u8>, text: String, last: bool },
    Data(DataKind),
    Piece { bytes: Vec<u8>, last: bool },
    Method(Method),
    Timeout(Timeout),
    ResponseType(ResponseType),
    Status(u16),
    ErrCode(ErrorCode),
    Errno(ErrorCode),
}

impl Owned {
    fn new(event: Event<'_>) -> Self {
        match event {
            Event::Text { field, text, last } => {
                Owned::Text { field, raw: text.as_raw().to_vec(), text: decoded(text), last }
            }
            Event::Data(kind) => Owned::Data(kind),
            Event::Json { json, last } => {
                assert!(str::from_utf8(json).is_ok());
                Owned::Piece { bytes: json.to_vec(), last }
            }
            Event::Bytes { bytes, last } => Owned::Piece { bytes: bytes.to_vec(), last },
            Event::Method(method) => Owned::Method(method),
            Event::Timeout(timeout) => Owned::Timeout(timeout),
            Event::ResponseType(response_type) => Owned::ResponseType(response_type),
            Event::Status(status) => Owned::Status(status),
            Event::ErrCode(code) => Owned::ErrCode(code),
            Event::Errno(code) => Owned::Errno(code),
            other => panic!("an event that nobody told the fuzzer of: {other:?}"),
        }
    }
}

/// Feeds a message to its end. After an error the rest is fed too, and must be dropped.
fn drive<D: Direction, const WINDOW: usize>(
    decoder: &mut Decoder<D, WINDOW>,
    message: &[u8],
    mut cuts: Cuts,
    skips: u8,
) -> (Vec<Owned>, Option<Error>) {
    let mut rest = message;
    let mut events = Vec::new();
    let mut failed = None;
    let mut turn = 0_u32;
    loop {
        let seen = match decoder.step() {
            Ok(DecodeStep::Event(event)) => Ok(Some(Owned::new(event))),
            Ok(DecodeStep::More) => Ok(None),
            Ok(DecodeStep::End) => {
                assert_eq!((failed, rest.len()), (None, 0));
                return (events, None);
            }
            Err(error) => Err(error),
        };
        match seen {
            Ok(seen) => {
                assert_eq!(failed, None, "{seen:?} after an error");
                if let Some(event) = seen {
                    events.push(event);
                    turn = turn.wrapping_add(1);
                    if skips.rotate_right(turn) & 1 == 1 {
                        decoder.skip();
                    }
                    continue;
                }
            }
            Err(error) => {
                failed = Some(error);
                if decoder.is_ended() || decoder.window().is_empty() {
                    // The first error is told where it is met. Whether the message is too long is known now.
                    let last = decoder.step().unwrap_err();
                    assert_eq!(decoder.step(), Err(last), "it stays what it is");
                    return (events, Some(last));
                }
            }
        }
        let window = decoder.window();
        assert!(!window.is_empty());
        if rest.is_empty() {
            decoder.end();
        } else {
            let count = cuts.take(window.len().min(rest.len()));
            let (piece, after) = rest.split_at(count);
            window[..count].copy_from_slice(piece);
            decoder.commit(count);
            rest = after;
        }
    }
}

/// What all the pieces come to.
#[derive(Debug, Default)]
struct Merged {
    texts: Vec<(Field, String)>,
    kind: Option<DataKind>,
    body: Vec<u8>,
    method: Option<Method>,
    timeout: Option<Timeout>,
    response_type: Option<ResponseType>,
}

impl Merged {
    fn of(events: &[Owned]) -> Self {
        let mut merged = Merged::default();
        let mut open: Option<(Field, String)> = None;
        let mut in_body = false;
        for event in events {
            match event {
                Owned::Text { field, text, last, .. } => {
                    let (of, so_far) = open.get_or_insert((*field, String::new()));
                    assert_eq!(of, field, "one text inside another");
                    so_far.push_str(text);
                    if *last {
                        merged.texts.extend(open.take());
                    }
                    continue;
                }
                Owned::Piece { bytes, last } => {
                    assert!(in_body || merged.body.is_empty());
                    merged.body.extend(bytes);
                    in_body = !last;
                    continue;
                }
                Owned::Data(kind) => merged.kind = Some(*kind),
                Owned::Method(method) => merged.method = Some(*method),
                Owned::Timeout(timeout) => merged.timeout = Some(*timeout),
                Owned::ResponseType(response_type) => merged.response_type = Some(*response_type),
                Owned::Status(_) | Owned::ErrCode(_) | Owned::Errno(_) => {}
            }
            assert!(open.is_none() && !in_body, "{event:?} inside a text or body");
        }
        assert!(open.is_none() && !in_body);
        merged
    }

    fn text(&self, field: Field) -> Option<&str> {
        self.texts.iter().find(|(other, _)| *other == field).map(|(_, text)| text.as_str())
    }

    fn all(&self, field: Field) -> Vec<&str> {
        self.texts.iter().filter(|(other, _)| *other == field).map(|(_, text)| text.as_str()).collect()
    }

    fn compare_headers(&self, headers: Headers<'_>) {
        let (names, values): (Vec<_>, Vec<_>) =
            headers.iter().map(|(name, value)| (decoded(name), decoded(value))).unzip();
        assert_eq!(self.all(Field::HeaderName), names);
        assert_eq!(self.all(Field::HeaderValue), values);
    }

    fn compare_data(&self, data: Data<'_>) {
        match data {
            Data::None => assert_eq!(self.kind, None),
            Data::Text(text) => {
                assert_eq!(self.kind, Some(DataKind::Text));
                assert_eq!(self.text(Field::Data), Some(decoded(text).as_str()));
            }
            Data::Json(json) => {
                assert_eq!(self.kind, Some(DataKind::Json));
                assert_eq!(self.body, json.as_bytes());
            }
            Data::Bytes(bytes) => {
                assert_eq!(self.kind, Some(DataKind::Bytes));
                assert_eq!(bytes.decode(&mut vec![0; bytes.decoded_len()]).unwrap(), self.body);
            }
        }
    }

    fn compare_request(&self, request: &Request<'_>) {
        let same = |field, text: Option<Text<'_>>| assert_eq!(self.text(field), text.map(decoded).as_deref());
        same(Field::Env, request.env());
        same(Field::ResourceAppid, request.resource_appid());
        same(Field::ResourceEnv, request.resource_env());
        same(Field::Path, Some(request.path()));
        let service = self.texts.iter().zip(self.texts.iter().skip(1)).find_map(|((field, name), (_, value))| {
            (*field == Field::HeaderName && name.eq_ignore_ascii_case("x-wx-service")).then_some(value.as_str())
        });
        assert_eq!(self.text(Field::Service).or(service), request.service().map(decoded).as_deref());
        same(Field::CallId, request.call_id());
        assert_eq!(self.text(Field::DataType).unwrap_or("json"), decoded(request.data_type().as_text()));
        assert_eq!(self.method.unwrap_or_default(), request.method());
        assert_eq!(self.timeout.unwrap_or_default(), request.timeout());
        assert_eq!(self.response_type.unwrap_or_default(), request.response_type());
        self.compare_headers(request.headers());
        self.compare_data(request.data());
    }

    fn compare_reply(&self, reply: &Reply<'_>, outcome: Outcome) {
        match reply {
            Reply::Response(response) => {
                assert_eq!(outcome, Outcome::Response { status: response.status() });
                self.compare_headers(response.headers());
                self.compare_data(response.data());
                assert_eq!(self.all(Field::Cookie), response.cookies().iter().map(decoded).collect::<Vec<_>>());
                assert_eq!(self.text(Field::CallId), response.call_id().map(decoded).as_deref());
                let err_msg = self.text(Field::ErrMsg).unwrap_or("cloud.callContainer:ok");
                assert_eq!(err_msg, decoded(response.err_msg()));
            }
            Reply::Failure(failure) => {
                let Outcome::Failure { code } = outcome else { panic!("{outcome:?}") };
                assert_eq!(code.or_else(|| failure.message().code()), failure.code());
                assert_eq!(self.text(Field::ErrMsg), Some(decoded(failure.err_msg()).as_str()));
                if let Some(call_id) = self.text(Field::CallId) {
                    assert_eq!(failure.call_id().unwrap(), call_id);
                }
            }
        }
    }
}
