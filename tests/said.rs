//! What errors say, where they come from, and what is shown of a state: exact texts, and nothing secret among them.

#![cfg(all(feature = "client", feature = "gateway", feature = "serde"))]

use callcontainer::client::{CallError, ClientStep, Framing, OpenApiHost, ResponseError, RetryError};
use callcontainer::gateway::{Caller, HttpError, Refusal};
use callcontainer::stream::{Event, ReadError, ReplyDecoder, WriteCause, WriteError};
use callcontainer::typed::{self, ErrorKind as Typed};
use callcontainer::{
    Data, DataKind, DataType, Error, ErrorCode, ErrorKind, Failure, Json, Method, ResponseType, Text, embedded_io,
};
use std::error::Error as StdError;
use std::fmt::{Debug, Display};

/// The error of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lost;

impl Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("lost")
    }
}

impl StdError for Lost {}

impl embedded_io::Error for Lost {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::ConnectionReset
    }
}

const WRONG: Error = Error::new(ErrorKind::TooDeep, 7);

/// Checks what an error says, and what it says of its source.
#[track_caller]
fn says(error: &dyn StdError, text: &str, source: Option<&str>) {
    assert_eq!(error.to_string(), text);
    assert_eq!(error.source().map(ToString::to_string).as_deref(), source, "{text}");
}

#[track_caller]
fn shows(value: &dyn Debug, text: &str) {
    assert_eq!(format!("{value:?}"), text);
}

#[test]
fn every_error_of_a_call() {
    use embedded_io::{Error as _, ErrorKind as Io};
    type Call = CallError<Lost, Lost>;
    let write = |cause| Call::Write(WriteError { cause, written: 3 });
    let deep = Some("nesting deeper than 128 levels at byte 7");
    for (error, text, source, kind) in [
        (Call::NotInitialised, "Cloud API isn't enabled, please call wx.cloud.init first", None, Io::NotConnected),
        (Call::NotReusable, "the connection cannot be used any more", None, Io::NotConnected),
        (Call::Request(WRONG), "the request has nesting deeper than 128 levels at byte 7", deep, Io::InvalidInput),
        (write(WriteCause::Io(Lost)), "the writer failed with Lost after 3 bytes", None, Io::ConnectionReset),
        (write(WriteCause::WriteZero), "the writer takes nothing more after 3 bytes", None, Io::WriteZero),
        (write(WriteCause::Body(Lost)), "the reader of the body failed with Lost after 3 bytes", None, Io::Other),
        (
            write(WriteCause::Envelope(WRONG)),
            "in the body, nesting deeper than 128 levels at byte 7 after 3 bytes",
            deep,
            Io::Other,
        ),
        (Call::NoAnswer(None), "the connection ended before an answer came", None, Io::Other),
        (
            Call::NoAnswer(Some(Lost)),
            "the connection failed with Lost before an answer came",
            None,
            Io::ConnectionReset,
        ),
        (Call::Io(Lost), "the connection failed with Lost", None, Io::ConnectionReset),
        (Call::UnexpectedEof, "the connection ended before the reply did", None, Io::Other),
        (Call::Http(HttpError::Chunk), "a broken chunk", Some("a broken chunk"), Io::InvalidData),
        (Call::Status { status: 502, retry_after: Some(1) }, "HTTP status 502, and no reply", None, Io::InvalidData),
        (Call::Reply(WRONG), "the reply has nesting deeper than 128 levels at byte 7", deep, Io::InvalidData),
        (Call::ForeignReply, "a reply that is not that of the call", None, Io::InvalidData),
    ] {
        says(&error, text, source);
        assert_eq!(error.kind(), kind, "{text}");
    }
}

#[test]
fn every_error_of_a_response_and_of_a_repeated_call() {
    type Response = ResponseError<'static, Lost>;
    let typed = Json::new("true").unwrap().to::<u8>(&mut []).unwrap_err();
    let wrong = "a value of another type than asked for at byte 0";
    says(&Response::Failure(Failure::from_err_msg("errCode: 40097 | no")), "errCode: 40097 | no", None);
    let lost = "the connection failed with Lost";
    says(&Response::Call(CallError::Io(Lost)), lost, Some(lost));
    says(&Response::Value(typed), &format!("the value to be sent has {wrong}"), Some(wrong));
    says(&Response::Data(404, typed), &format!("HTTP status 404, and data with {wrong}"), Some(wrong));
    says(&RetryError::<Lost, CallError<Lost>>::Connect(Lost), "connecting failed with Lost", None);
    says(&RetryError::<Lost, CallError<Lost>>::Call(CallError::Io(Lost)), lost, Some(lost));
}

#[test]
fn every_error_of_a_stream() {
    use embedded_io::{Error as _, ErrorKind as Io};
    let deep = Some("nesting deeper than 128 levels at byte 7");
    for (error, text, source, kind) in [
        (ReadError::Io(Lost), "the connection failed with Lost", None, Io::ConnectionReset),
        (ReadError::UnexpectedEof, "the connection ended before the envelope did", None, Io::Other),
        (ReadError::Envelope(WRONG), "nesting deeper than 128 levels at byte 7", deep, Io::InvalidData),
    ] {
        says(&error, text, source);
        assert_eq!(error.kind(), kind, "{text}");
    }
    says(
        &WriteError::<Lost> { cause: WriteCause::WriteZero, written: 0 },
        "the writer takes nothing more after 0 bytes",
        None,
    );
}

#[test]
fn every_error_of_http_and_of_a_gateway() {
    for (error, text) in [
        (HttpError::Head, "an answer that is not HTTP/1.1"),
        (HttpError::HeadTooLong, "an HTTP head that is too long"),
        (HttpError::TooManyHeaders, "an HTTP head with too many lines"),
        (HttpError::TooManyInterim, "too many interim HTTP responses"),
        (HttpError::Switched, "a switch to another protocol"),
        (HttpError::Length, "an HTTP body of uncertain length"),
        (HttpError::Chunk, "a broken chunk"),
        (HttpError::ChunkTooLong, "chunk extensions and trailers that are too long"),
        (HttpError::Truncated, "an HTTP response that is cut short"),
        (HttpError::Coded, "a content coding that nobody asked for"),
    ] {
        says(&error, text, None);
    }
    says(&Refusal::new(ErrorCode(-7), "no"), "-7 no", None);
    let deep = "nesting deeper than 128 levels at byte 7";
    let refusal = Refusal::from(WRONG);
    says(&refusal, &format!("{} {}: {deep}", refusal.code(), refusal.message()), Some(deep));
}

#[test]
fn every_error_of_a_typed_body() {
    for (kind, name, text) in [
        (Typed::Custom, "custom", "a value that breaks a rule of its type"),
        (Typed::WrongType, "wrong-type", "a value of another type than asked for"),
        (Typed::InvalidValue, "invalid-value", "a value that its type does not allow"),
        (Typed::InvalidLength(3), "invalid-length", "a length of 3 that the type does not allow"),
        (Typed::UnknownVariant, "unknown-variant", "a variant that the enum does not have"),
        (Typed::UnknownField, "unknown-field", "a field that the struct does not have"),
        (Typed::MissingField("id"), "missing-field", "no field \"id\" in the object"),
        (Typed::DuplicateField("id"), "duplicate-field", "a second field \"id\""),
        (Typed::TrailingElements, "trailing-elements", "more elements than the type takes"),
        (Typed::OutOfRange, "out-of-range", "a number that does not fit its type"),
        (Typed::ScratchTooSmall, "scratch-too-small", "a scratch too small for the decoded text"),
        (Typed::BufferTooSmall, "buffer-too-small", "a buffer too small for the result"),
        (Typed::KeyNotString, "key-not-string", "a key that cannot be a string"),
        (Typed::TooDeep, "too-deep", "nesting deeper than 127 levels"),
        (Typed::OutOfTurn, "out-of-turn", "a key or value out of turn"),
        (Typed::Json(ErrorKind::InvalidUtf8), "invalid-utf8", "bytes that are not UTF-8"),
    ] {
        assert_eq!((kind.name(), kind.to_string().as_str()), (name, text));
    }
    let error: typed::Error = Json::new("[1,true]").unwrap().to::<[u8; 2]>(&mut []).unwrap_err();
    says(&error, "a value of another type than asked for at byte 3", None);
}

#[test]
fn every_kind_of_error_in_an_envelope_says_something_of_its_own() {
    let mut texts: Vec<_> = ErrorKind::ALL.iter().map(ToString::to_string).collect();
    for (kind, text) in ErrorKind::ALL.iter().zip(&texts) {
        says(&Error::new(*kind, 12), &format!("{text} at byte 12"), None);
        assert!(!text.ends_with('.'), "{text}");
    }
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), ErrorKind::ALL.len());
}

#[test]
fn names_as_they_are_written() {
    let methods = Method::ALL.map(|method| method.to_string());
    assert_eq!(methods, ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"]);
    assert_eq!([DataType::Json, DataType::Other("a".into())].map(|kind| kind.to_string()), ["json", "a"]);
    assert_eq!([ResponseType::Text, ResponseType::ArrayBuffer].map(|kind| kind.to_string()), ["text", "arraybuffer"]);
    assert_eq!(
        [DataKind::Text, DataKind::Json, DataKind::Bytes].map(|kind| kind.to_string()),
        ["text", "json", "bytes"]
    );
    assert_eq!(ErrorCode(-501_000).to_string(), "-501000");
    assert_eq!(Text::from_escaped("a\\n\\u597d").unwrap().to_string(), "a\n好");
    assert_eq!(Json::new(" [1, 2]").unwrap().to_string(), " [1, 2]");
}

#[test]
fn what_is_shown_of_a_state() {
    let mut decoder = ReplyDecoder::<64>::new();
    let window = decoder.window();
    window[..2].copy_from_slice(b"{ ");
    decoder.commit(2);
    shows(&decoder, "Decoder { received: 2, .. }");
    let mut room = [0; 5];
    shows(&ClientStep::Write(b"Authorization: s3cret"), "Write(21)");
    shows(&ClientStep::Read(&mut room), "Read(5)");
    shows(&ClientStep::ReadBody(&mut room[..4]), "ReadBody(4)");
    shows(&ClientStep::Event(Event::Status(204)), "Event(Status(204))");
    shows(&ClientStep::End, "End");
    shows(&Text::from_escaped("a\\n").unwrap(), "\"a\\n\"");
    shows(&Json::new("{\"a\": 1}").unwrap(), "{\"a\": 1}");
    shows(&Data::from(&b"\x00\xff"[..]), "Bytes(Bytes([00, ff]))");
}

/// Tokens, the values of headers of a framing, and who calls are left out of what is written to a log.
#[test]
fn nothing_secret_is_shown() {
    let secrets = [("x-api-key", "s3cret")];
    let http = Framing::http("gateway.internal", Some("s3cret")).unwrap().with_headers(&secrets).unwrap();
    let open = Framing::open_api("api.tcloudbasegateway.com", "shop", "s3cret").unwrap();
    let caller = Caller::new("WXAAA", "s3cret", "wx_client").with_access_token("s3cret").with_unionid("s3cret");
    for value in [&http as &dyn Debug, &open, &caller, &Framing::LINE] {
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            assert!(!text.is_empty() && !text.contains("s3cret"), "{text}");
        }
    }
    shows(&caller, "Caller { appid: \"WXAAA\", source: \"wx_client\", .. }");
    shows(&http, "Http { host: \"gateway.internal\", .. }");
    shows(&Framing::LINE, "Line");
    let host = OpenApiHost::new("prod-001").unwrap();
    assert_eq!(host.to_string(), host.as_str());
    shows(&host, &format!("{:?}", host.as_str()));
}
