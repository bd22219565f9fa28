//! Encoding through a window: the same bytes as the slice encoder, whatever the window and however little is taken at a
//! time, and never a whole envelope where something is wrong.

use callcontainer::stream::{Body, EncodeStep, Encoder, Measure};
use callcontainer::{
    Bytes, Data, DataType, ErrorCode, ErrorKind, Failure, Json, Method, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request,
    Response, ResponseType, Text,
};
use proptest::prelude::*;

/// A deterministic choice of how many bytes to take.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (self.0 >> 33) as usize % most
    }
}

/// Writes all of it, so many bytes at a time as `take` says of those offered.
fn drain<const W: usize>(mut encoder: Encoder<'_, W>, mut take: impl FnMut(usize) -> usize) -> Vec<u8> {
    let len = encoder.encoded_len();
    let mut wire = Vec::new();
    loop {
        assert_eq!(encoder.written(), wire.len());
        match encoder.step().unwrap() {
            EncodeStep::Write(bytes) => {
                assert!(!bytes.is_empty() && bytes.len() <= W);
                let taken = take(bytes.len());
                wire.extend_from_slice(&bytes[..taken]);
                encoder.wrote(taken);
            }
            EncodeStep::Read(_) => panic!("no body was promised"),
            EncodeStep::Done => break,
        }
    }
    assert_eq!(wire.len(), len);
    wire
}

/// The same, with a body that comes in pieces.
fn drain_with<const W: usize>(
    mut encoder: Encoder<'_, W>,
    mut body: &[u8],
    dice: &mut Dice,
) -> Result<Vec<u8>, (callcontainer::Error, Vec<u8>)> {
    let mut wire = Vec::new();
    loop {
        let outcome = match encoder.step() {
            Err(error) => Err(error),
            Ok(EncodeStep::Done) => return Ok(wire),
            Ok(EncodeStep::Write(bytes)) => {
                let taken = dice.roll(bytes.len());
                wire.extend_from_slice(&bytes[..taken]);
                encoder.wrote(taken);
                Ok(())
            }
            Ok(EncodeStep::Read(window)) => {
                let taken = dice.roll(window.len()).min(body.len());
                window[..taken].copy_from_slice(&body[..taken]);
                body = &body[taken..];
                encoder.read(taken)
            }
        };
        if let Err(error) = outcome {
            assert_eq!(encoder.step(), Err(error), "it stays what it is");
            return Err((error, wire));
        }
    }
}

fn measured(mut measure: Measure<64>, mut body: &[u8], dice: &mut Dice) -> Result<Body, callcontainer::Error> {
    while !body.is_empty() {
        let window = measure.window();
        let taken = dice.roll(window.len()).min(body.len());
        window[..taken].copy_from_slice(&body[..taken]);
        body = &body[taken..];
        measure.read(taken)?;
    }
    measure.finish()
}

fn same_request(request: &Request<'_>) {
    let mut buffer = vec![0; REQUEST_LIMIT];
    let whole = request.encode(&mut buffer).unwrap();
    let mut dice = Dice(whole.len() as u64);
    macro_rules! sizes {
        ($($size:literal)*) => {$(
            assert_eq!(drain(Encoder::<$size>::request(request).unwrap(), |_| 1), whole);
            assert_eq!(drain(Encoder::<$size>::request(request).unwrap(), |offered| offered), whole);
            assert_eq!(drain(Encoder::<$size>::request(request).unwrap(), |offered| dice.roll(offered)), whole);
        )*};
    }
    sizes!(64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 96 127 512 4096);
}

fn same_reply(reply: &Reply<'_>) {
    let mut buffer = vec![0; reply.encoded_len().unwrap()];
    let whole = reply.encode(&mut buffer).unwrap();
    let mut dice = Dice(whole.len() as u64);
    macro_rules! sizes {
        ($($size:literal)*) => {$(
            assert_eq!(drain(Encoder::<$size>::reply(reply).unwrap(), |offered| dice.roll(offered)), whole);
        )*};
    }
    sizes!(64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 96 127 512 4096);
}

const HEADERS: &[(&str, &str)] =
    &[("X-WX-SERVICE", "shop"), ("x-note", "tab\there \"quoted\""), ("content-type", "text/plain")];

/// Texts in which every kind of escape stands at every place of a window.
fn texts() -> Vec<String> {
    let mut texts = vec![String::new(), "\u{1}".repeat(300), "好".repeat(200), "a\"\\\n\u{1f}😀é".repeat(60)];
    for plain in 0..80 {
        texts.push(format!("{}\u{1f}\"{}好\u{8}", "p".repeat(plain), "q".repeat(90 - plain)));
    }
    texts
}

#[test]
fn every_kind_of_envelope_is_the_same_through_every_window() {
    let base = Request::new("/a/很长?x=1").with_env("prod-01");
    same_request(&base);
    same_request(&base.with_headers(HEADERS).with_method(Method::Put).with_timeout(15_000).with_call_id("17-0.5"));
    same_request(
        &base
            .with_resource("WXAAA", "prod_001")
            .with_service("shop")
            .with_data_type(DataType::from("text"))
            .with_response_type(ResponseType::ArrayBuffer),
    );
    for text in texts() {
        same_request(&base.with_data(text.as_str().into()));
        let mut buffer = vec![0; REQUEST_LIMIT];
        let envelope = base.with_data(text.as_str().into()).encode(&mut buffer).unwrap();
        same_request(&Request::decode(envelope).unwrap());
    }
    for length in 0..100 {
        let bytes: Vec<u8> = (0..length).map(|byte: u8| byte.wrapping_mul(37)).collect();
        same_request(&base.with_data(Data::Bytes(Bytes::new(&bytes))));
    }
    same_request(&base.with_data(Data::Bytes(Bytes::from_base64("efvPNA==").unwrap())));
    for json in JSON {
        same_request(&base.with_data(Json::new(json).unwrap().into()));
    }
    let escaped = br#"{"config":{"env":"\u0070rod"},"path":"\/a\n","data":"\ud83d\ude00\\\"\u0001\u5b57"}"#;
    assert!(Request::decode(escaped).is_err(), "a newline in a path");
    let escaped =
        br#"{"config":{"env":"\u0070rod"},"path":"\/a","header":{"\u0061":7},"data":"\ud83d\ude00\\\"\u0001\u5b57"}"#;
    same_request(&Request::decode(escaped).unwrap());

    same_reply(&Response::new(204).into());
    let response = Response::new(500).with_headers(HEADERS).with_cookies(&["a=1; Path=/", "b=\"2\""]);
    same_reply(&response.with_call_id("17-0.5").with_err_msg("odd").with_data("好\n".into()).into());
    same_reply(&Failure::new(ErrorCode::ACCESS_DENIED, "cloud.callContainer:fail …").with_call_id("1").into());
}

const JSON: &[&str] = &[
    "0",
    " [ 1 , 2.50 , \"a b \\\" c\" ] ",
    "{ \"k\\\\\" : [ ] , \"\" : { } , \"long long long long long long long long long long long long key\" : null }",
    "[\"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"\\\\\" ,  true ]",
    r#"{"\ud83d" : ["\udc00\ud83d", "\ud83d", "x\ud83dx\ud83d\\ude00\ud83d\ud83d\ude00\ud83d\ud83d\ud83d\ud83d\ud83d"]}"#,
    "[ \"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00 \\ud83d\\ude00\\ud83d\\ude00 x \\u0000\" , \"好好好好好好好好好好好好好好好好好好\" ]",
];

#[test]
fn what_is_too_large_or_wrong_is_told_before_the_first_byte() {
    let base = Request::new("/").with_env("e");
    let empty = base.with_data("".into()).encoded_len().unwrap();
    let fits = "x".repeat(REQUEST_LIMIT - empty);
    let over = "x".repeat(REQUEST_LIMIT - empty + 1);
    let fits = base.with_data(fits.as_str().into());
    same_request(&fits);
    let request = base.with_data(over.as_str().into());
    let error = Encoder::<64>::request(&request).err().unwrap();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::RequestTooLarge, REQUEST_LIMIT));

    assert!(Encoder::<64>::request_from(&base, Body::text(REQUEST_LIMIT - empty)).is_ok());
    let error = Encoder::<64>::request_from(&base, Body::text(REQUEST_LIMIT - empty + 1)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::RequestTooLarge);
    let reply = Reply::from(Response::new(200));
    let error = Encoder::<64>::reply_from(&reply, Body::bytes(REPLY_LIMIT / 4 * 3)).err().unwrap();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::ReplyTooLarge, REPLY_LIMIT));
    for body in [Body::text(usize::MAX), Body::json(usize::MAX), Body::bytes(usize::MAX)] {
        assert_eq!(Encoder::<64>::reply_from(&reply, body).err().unwrap().kind(), ErrorKind::ReplyTooLarge);
    }

    let kind = |request: &Request<'_>| Encoder::<64>::request(request).err().unwrap().kind();
    assert_eq!(kind(&Request::new("/")), ErrorKind::MissingEnv);
    assert_eq!(kind(&Request::new("no slash").with_env("e")), ErrorKind::InvalidPath);
    assert_eq!(Encoder::<64>::reply(&Response::new(99).into()).err().unwrap().kind(), ErrorKind::InvalidStatus);

    let with = |request: &Request<'_>, body| Encoder::<64>::request_from(request, body).err().unwrap().kind();
    assert_eq!(with(&base.with_data("x".into()), Body::text(1)), ErrorKind::DataConflict);
    assert_eq!(with(&base, Body::json(0)), ErrorKind::UnexpectedEnd);
    let failure = Reply::from(Failure::new(ErrorCode(1), "x"));
    assert_eq!(Encoder::<64>::reply_from(&failure, Body::text(1)).err().unwrap().kind(), ErrorKind::DataConflict);
}

/// What a body from elsewhere gives, through windows of several sizes and in pieces of any length.
fn same_body(source: &[u8], body: Body, data: Data<'_>) {
    let base = Request::new("/").with_env("prod-01").with_call_id("7");
    let with_data = base.with_data(data);
    let mut buffer = vec![0; with_data.encoded_len().unwrap()];
    let whole = with_data.encode(&mut buffer).unwrap();
    let response = Response::new(200).with_call_id("7");
    let mut buffer = vec![0; 2 * whole.len() + 100];
    let whole_reply = Reply::from(response.with_data(data)).encode(&mut buffer).unwrap();
    let mut dice = Dice(source.len() as u64);
    macro_rules! sizes {
        ($($size:literal)*) => {$(
            let encoder = Encoder::<$size>::request_from(&base, body).unwrap();
            assert_eq!(encoder.encoded_len(), whole.len());
            let wire = drain_with(encoder, source, &mut dice).unwrap();
            assert_eq!(wire, whole, "{}", String::from_utf8_lossy(&wire));
            let reply = response.into();
            let encoder = Encoder::<$size>::reply_from(&reply, body).unwrap();
            assert_eq!(drain_with(encoder, source, &mut dice).unwrap(), whole_reply);
        )*};
    }
    sizes!(64 65 66 67 68 69 70 71 80 100 512);
}

#[test]
fn a_body_from_elsewhere_gives_the_same_bytes() {
    let mut dice = Dice(7);
    for text in texts() {
        let body = Body::text(Text::new(&text).encoded_len()).with_plain_len(text.len());
        assert_eq!(measured(Measure::text(), text.as_bytes(), &mut dice), Ok(body));
        same_body(text.as_bytes(), body, text.as_str().into());
    }
    for text in JSON {
        let json = Json::new(text).unwrap();
        let body = Body::json(json.encoded_len());
        assert_eq!(measured(Measure::json(), text.as_bytes(), &mut dice), Ok(body));
        same_body(text.as_bytes(), body, json.into());
    }
    for length in (0..70_u8).chain([200, 255]) {
        let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(91)).collect();
        let body = Body::bytes(bytes.len());
        assert_eq!(measured(Measure::bytes(), &bytes, &mut dice), Ok(body));
        same_body(&bytes, body, bytes.as_slice().into());
    }
}

/// Whatever is wrong with a body, what was written is no envelope, nor is it one with anything behind it.
fn refused(source: &[u8], body: Body, kind: ErrorKind, offset: usize) {
    let base = Request::new("/").with_env("prod-01");
    let mut dice = Dice(3);
    for _ in 0..20 {
        let encoder = Encoder::<64>::request_from(&base, body).unwrap();
        let (error, wire) = drain_with(encoder, source, &mut dice).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{}", String::from_utf8_lossy(source));
        assert!(Request::decode(&wire).is_err());
        // The envelope's own bracket is still open.
        let quote = wire.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        let open = wire.iter().filter(|byte| **byte == b'{').count();
        let closed = wire.iter().filter(|byte| **byte == b'}').count();
        assert!(quote || open > closed);
    }
}

#[test]
fn a_body_that_is_not_what_was_said_leaves_no_envelope() {
    // Too short, too long for what was said.
    refused(b"ab", Body::text(3), ErrorKind::BodyLength, 2);
    refused(b"", Body::text(3), ErrorKind::BodyLength, 0);
    refused(b"a", Body::bytes(3), ErrorKind::BodyLength, 1);
    refused(&[7; 100], Body::bytes(101), ErrorKind::BodyLength, 100);
    refused(b"[1,2", Body::json(5), ErrorKind::BodyLength, 4);
    refused(b"[1,2", Body::json(4), ErrorKind::BodyLength, 4);
    refused(b"12", Body::json(3), ErrorKind::BodyLength, 2);
    refused("é".as_bytes(), Body::text(1), ErrorKind::BodyLength, 1);
    refused(b"tru", Body::json(3), ErrorKind::BodyLength, 3);
    // Escapes take more room than was said: told before any of them is written.
    let base = Request::new("/").with_env("prod-01");
    let encoder = Encoder::<64>::request_from(&base, Body::text(4)).unwrap();
    let (error, wire) = drain_with(encoder, b"\n\n\n\n", &mut Dice(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyLength);
    assert!(Request::decode(&wire).is_err());

    refused(b"ab\xffcdefghijk", Body::text(11), ErrorKind::InvalidUtf8, 2);
    refused(b"ab\xe5\xa5", Body::text(5), ErrorKind::BodyLength, 4);
    refused(b"[1,]......", Body::json(9), ErrorKind::UnexpectedByte, 3);
    refused(b"  \"text\" ", Body::json(9), ErrorKind::WrongType, 2);
    refused(b"{} x......", Body::json(8), ErrorKind::TrailingData, 3);
    refused(b"[\"\\ud800\\x\"]", Body::json(12), ErrorKind::InvalidEscape, 9);
    refused(b"[\"\\ud800\xed\xb0\x80\"]", Body::json(13), ErrorKind::InvalidUtf8, 8);
    let deep = "[".repeat(128);
    refused(deep.as_bytes(), Body::json(256), ErrorKind::TooDeep, 127);
}

#[test]
fn a_measure_says_what_is_wrong() {
    let mut dice = Dice(9);
    let kind = |result: Result<Body, callcontainer::Error>| result.map_err(|error| (error.kind(), error.offset()));
    for _ in 0..20 {
        assert_eq!(kind(measured(Measure::json(), b"[1,", &mut dice)), Err((ErrorKind::UnexpectedEnd, 3)));
        assert_eq!(kind(measured(Measure::json(), b" tru", &mut dice)), Err((ErrorKind::UnexpectedEnd, 4)));
        assert_eq!(kind(measured(Measure::json(), b"", &mut dice)), Err((ErrorKind::UnexpectedEnd, 0)));
        assert_eq!(kind(measured(Measure::json(), b"1 2", &mut dice)), Err((ErrorKind::TrailingData, 2)));
        assert_eq!(kind(measured(Measure::text(), b"a\xe5\xa5", &mut dice)), Err((ErrorKind::UnexpectedEnd, 3)));
        assert_eq!(kind(measured(Measure::text(), b"a\xe5a", &mut dice)), Err((ErrorKind::InvalidUtf8, 1)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_goes_through(text in "\\PC{0,300}|[\\x00-\\x7f]{0,300}", seed: u64, split in 0..301_usize) {
        let mut dice = Dice(seed);
        let base = Request::new("/").with_env("e");
        let with_data = base.with_data(text.as_str().into());
        let mut buffer = vec![0; with_data.encoded_len().unwrap()];
        let whole = with_data.encode(&mut buffer).unwrap().to_vec();
        prop_assert_eq!(drain(Encoder::<64>::request(&with_data).unwrap(), |offered| dice.roll(offered)), &whole[..]);
        let decoded = Request::decode(&whole).unwrap();
        prop_assert_eq!(drain(Encoder::<71>::request(&decoded).unwrap(), |offered| dice.roll(offered)), &whole[..]);
        let body = measured(Measure::text(), text.as_bytes(), &mut dice).unwrap();
        let encoder = Encoder::<64>::request_from(&base, body).unwrap();
        prop_assert_eq!(drain_with(encoder, text.as_bytes(), &mut dice).unwrap(), &whole[..]);
        // Any other length than its own is an error, but for more bytes than are taken.
        let encoder = Encoder::<64>::request_from(&base, Body::text(split)).unwrap();
        match drain_with(encoder, text.as_bytes(), &mut dice) {
            Ok(wire) => prop_assert!(Request::decode(&wire).is_ok()),
            Err((_, wire)) => prop_assert!(Request::decode(&wire).is_err()),
        }
    }

    #[test]
    fn any_bytes_as_json_end_as_the_slice_decoder_says(bytes in "[ \\[\\]{}\",:0-9truefalsn\\\\u]{0,40}", seed: u64) {
        let mut dice = Dice(seed);
        let measured = measured(Measure::json(), bytes.as_bytes(), &mut dice);
        match Json::new(&bytes) {
            Ok(json) if matches!(Data::from(json), Data::Json(_)) => {
                let body = Body::json(json.encoded_len());
                prop_assert_eq!(measured, Ok(body));
                let base = Request::new("/").with_env("e");
                let encoder = Encoder::<64>::request_from(&base, body).unwrap();
                let wire = drain_with(encoder, bytes.as_bytes(), &mut dice).unwrap();
                prop_assert_eq!(Request::decode(&wire).unwrap().data(), Data::Json(json));
            }
            Ok(_) => prop_assert_eq!(measured.unwrap_err().kind(), ErrorKind::WrongType),
            Err(error) => {
                let told = measured.unwrap_err();
                if told.kind() != ErrorKind::WrongType {
                    prop_assert_eq!(told, error);
                }
            }
        }
    }
}
