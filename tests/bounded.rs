//! The greatest length of an envelope whose parts have capacities: reached to the byte, and never exceeded.

use callcontainer::{
    BoundedReply, BoundedRequest, Data, DataKind, DataType, Error, ErrorCode, ErrorKind, Failure, Json, Method,
    REPLY_LIMIT, REQUEST_LIMIT, Reply, ReplyBuffer, ReplyCapacity, Request, RequestBuffer, RequestCapacity, Response,
    ResponseType,
};
use proptest::prelude::*;
use proptest::sample::select;

// ---------------------------------------------------------------- capacities

macro_rules! capacities {
    ($($trait:ident $name:ident { $($part:ident = $size:expr),* $(,)? })*) => {
        $(
            struct $name;
            impl $trait for $name {
                $(const $part: usize = $size;)*
            }
        )*
    };
}

capacities! {
    RequestCapacity Everything {
        ENV = 5, RESOURCE_APPID = 7, RESOURCE_ENV = 11, PATH = 13, SERVICE = 17, HEADERS = 3, HEADER_NAME = 4,
        HEADER_VALUE = 6, DATA_TYPE = 8, CALL_ID = 9, TEXT = 20, JSON = 20, BYTES = 20,
    }
    RequestCapacity Least { ENV = 1, PATH = 1 }
    RequestCapacity ResourceReuse { RESOURCE_APPID = 18, RESOURCE_ENV = 3, PATH = 2, TEXT = 1 }
    RequestCapacity ManyHeaders { ENV = 1, PATH = 40, HEADERS = 64, HEADER_NAME = 2, HEADER_VALUE = 3, SERVICE = 1 }
    RequestCapacity LongestNames {
        ENV = 128, RESOURCE_APPID = 128, RESOURCE_ENV = 128, PATH = 8192, SERVICE = 128, HEADERS = 1, HEADER_NAME = 128,
        DATA_TYPE = 128, CALL_ID = 128,
    }
    RequestCapacity OnlyText { ENV = 1, PATH = 1, TEXT = 100 }
    RequestCapacity OnlyJson { ENV = 1, PATH = 1, JSON = 100 }
    RequestCapacity MoreJson { ENV = 1, PATH = 1, TEXT = 10, JSON = 63, BYTES = 3 }
    RequestCapacity MoreText { ENV = 1, PATH = 1, TEXT = 10, JSON = 61, BYTES = 3 }
    RequestCapacity Bytes1 { ENV = 1, PATH = 1, BYTES = 1 }
    RequestCapacity Bytes2 { ENV = 1, PATH = 1, BYTES = 2 }
    RequestCapacity Bytes3 { ENV = 1, PATH = 1, BYTES = 3 }
    RequestCapacity Bytes4 { ENV = 1, PATH = 1, TEXT = 4, BYTES = 4 }
    RequestCapacity Greatest { ENV = 1, PATH = 1, JSON = REQUEST_LIMIT - BoundedRequest::<Least>::MAX_ENCODED_LEN - 8 }

    ReplyCapacity AnyReply {
        HEADERS = 3, HEADER_NAME = 4, HEADER_VALUE = 6, COOKIES = 2, COOKIE = 7, CALL_ID = 9, ERR_MSG = 10, TEXT = 20,
        JSON = 20, BYTES = 20,
    }
    ReplyCapacity Nothing {}
    ReplyCapacity Failures { CALL_ID = 5, ERR_MSG = 40 }
    ReplyCapacity EmptyCookies { COOKIES = 3, HEADERS = 36, HEADER_NAME = 1 }
    ReplyCapacity ReplyJson { JSON = 100, TEXT = 1 }
    ReplyCapacity ReplyBytes { BYTES = 31, CALL_ID = 128 }
    ReplyCapacity GreatestReply { JSON = REPLY_LIMIT - "{\"statusCode\":200,\"data\":}".len() }
}

// ---------------------------------------------------------------- the worst that fits

/// This many names of this length, no two of them the same.
fn names(count: usize, length: usize) -> Vec<String> {
    let digit = |number: usize| char::from_digit((number % 36) as u32, 36).unwrap();
    let name = |number| {
        let low = [digit(number / 36), digit(number)];
        let name = "x".repeat(length.saturating_sub(2)).chars().chain(low).collect::<String>();
        name[name.len() - length..].to_owned()
    };
    (0..count).map(name).collect()
}

/// What the parts of an envelope hold.
#[derive(Clone, Debug, Default)]
struct Parts {
    env: String,
    resource_appid: String,
    resource_env: String,
    path: String,
    service: String,
    names: Vec<String>,
    value: String,
    cookies: Vec<String>,
    data_type: String,
    call_id: String,
    err_msg: String,
    text: String,
    json: String,
    bytes: Vec<u8>,
}

impl Parts {
    /// Everything at its capacity: `quoted` takes two bytes in an envelope, `control` takes six, a tab two.
    fn of_request<C: RequestCapacity>(quoted: &str, control: &str) -> Self {
        Self {
            env: quoted.repeat(C::ENV),
            resource_appid: quoted.repeat(C::RESOURCE_APPID),
            resource_env: quoted.repeat(C::RESOURCE_ENV),
            path: format!("/{}", quoted.repeat(C::PATH - 1)),
            service: quoted.repeat(C::SERVICE),
            names: names(C::HEADERS, C::HEADER_NAME),
            value: "\t".repeat(C::HEADER_VALUE),
            data_type: quoted.repeat(C::DATA_TYPE),
            call_id: quoted.repeat(C::CALL_ID),
            text: control.repeat(C::TEXT),
            json: "7".repeat(C::JSON),
            bytes: vec![0xFF; C::BYTES],
            ..Self::default()
        }
    }

    fn of_reply<C: ReplyCapacity>(quoted: &str, control: &str) -> Self {
        Self {
            names: names(C::HEADERS, C::HEADER_NAME),
            value: "\t".repeat(C::HEADER_VALUE),
            cookies: vec![control.repeat(C::COOKIE); C::COOKIES],
            call_id: quoted.repeat(C::CALL_ID),
            err_msg: control.repeat(C::ERR_MSG),
            text: control.repeat(C::TEXT),
            json: "7".repeat(C::JSON),
            bytes: vec![0xFF; C::BYTES],
            ..Self::default()
        }
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.names.iter().map(|name| (name.as_str(), self.value.as_str())).collect()
    }

    /// Every body that may be.
    fn bodies(&self) -> Vec<Data<'_>> {
        let mut bodies = vec![Data::None];
        if !self.text.is_empty() {
            bodies.push(self.text.as_str().into());
        }
        if !self.json.is_empty() {
            bodies.push(Data::Json(Json::new(&self.json).unwrap()));
        }
        if !self.bytes.is_empty() {
            bodies.push(self.bytes.as_slice().into());
        }
        bodies
    }

    /// Everything that there is; what is not a string is as long as it can be.
    fn request<'a>(&'a self, headers: &'a [(&'a str, &'a str)], data: Data<'a>) -> Request<'a> {
        let mut request = Request::new(&self.path)
            .with_method(Method::Connect)
            .with_headers(headers)
            .with_timeout(15_000)
            .with_response_type(ResponseType::ArrayBuffer)
            .with_data(data);
        if !self.env.is_empty() {
            request = request.with_env(&self.env);
        }
        if !self.resource_env.is_empty() {
            request = request.with_resource(&self.resource_appid, &self.resource_env);
        }
        if !self.service.is_empty() {
            request = request.with_service(&self.service);
        }
        if !self.data_type.is_empty() {
            request = request.with_data_type(self.data_type.as_str().into());
        }
        if !self.call_id.is_empty() {
            request = request.with_call_id(&self.call_id);
        }
        request
    }

    fn response<'a>(&'a self, headers: &'a [(&'a str, &'a str)], cookies: &'a [&'a str], data: Data<'a>) -> Reply<'a> {
        let mut response = Response::new(999).with_headers(headers).with_cookies(cookies).with_data(data);
        if !self.err_msg.is_empty() {
            response = response.with_err_msg(&self.err_msg);
        }
        if !self.call_id.is_empty() {
            response = response.with_call_id(&self.call_id);
        }
        response.into()
    }

    fn failure(&self) -> Reply<'_> {
        let failure = Failure::new(ErrorCode(i32::MIN), &self.err_msg);
        if self.call_id.is_empty() { failure } else { failure.with_call_id(&self.call_id) }.into()
    }
}

fn kind(data: Data<'_>) -> &'static str {
    data.kind().map_or("none", DataKind::as_str)
}

/// Lengths of the worst requests of these capacities, one for each kind of body.
macro_rules! worst_requests {
    ($capacity:ident) => {{
        let mut lengths = Vec::new();
        for quoted in ["\"", "\\"] {
            for control in ["\u{0}", "\u{1f}", "\u{b}"] {
                let parts = Parts::of_request::<$capacity>(quoted, control);
                let headers = parts.headers();
                lengths.clear();
                for data in parts.bodies() {
                    let request = parts.request(&headers, data);
                    let mut buffer = Box::new(RequestBuffer::<{ BoundedRequest::<$capacity>::MAX_ENCODED_LEN }>::new());
                    let bounded = BoundedRequest::<$capacity>::new(request).unwrap();
                    let envelope = bounded.encode(&mut buffer).to_vec();
                    lengths.push((kind(data), envelope.len()));
                    assert_eq!(request.encoded_len(), Ok(envelope.len()));
                    assert_eq!(buffer.as_bytes(), envelope);
                    let found = Request::decode(&envelope).unwrap();
                    assert_eq!(found, request);
                    // What has been decoded has the same bounds.
                    let again = BoundedRequest::<$capacity>::new(found).unwrap();
                    assert_eq!(*again.get(), request);
                    assert_eq!(again.encode(&mut buffer), envelope);
                }
            }
        }
        lengths
    }};
}

/// The worst requests, of which one has this kind of body and is as long as any can be.
macro_rules! assert_worst_request {
    ($capacity:ident, $kind:literal) => {
        let lengths = worst_requests!($capacity);
        let greatest = lengths.iter().max_by_key(|(_, length)| *length).unwrap();
        assert_eq!(*greatest, ($kind, BoundedRequest::<$capacity>::MAX_ENCODED_LEN), "{lengths:?}");
    };
}

#[test]
fn the_worst_request_is_as_long_as_it_may_be() {
    assert_worst_request!(Everything, "text");
    assert_worst_request!(Least, "none");
    assert_worst_request!(ResourceReuse, "text");
    assert_worst_request!(ManyHeaders, "none");
    assert_worst_request!(LongestNames, "none");
    assert_worst_request!(OnlyText, "text");
    assert_worst_request!(OnlyJson, "json");
    assert_worst_request!(MoreJson, "json");
    assert_worst_request!(MoreText, "text");
    assert_worst_request!(Bytes1, "bytes");
    assert_worst_request!(Bytes2, "bytes");
    assert_worst_request!(Bytes3, "bytes");
    assert_worst_request!(Bytes4, "bytes");
    assert_worst_request!(Greatest, "json");
    assert_eq!(BoundedRequest::<Greatest>::MAX_ENCODED_LEN, REQUEST_LIMIT);
}

/// Counted by hand, once.
#[test]
fn the_least_request_has_the_length_that_it_looks_to_have() {
    let worst =
        br#"{"config":{"env":"\""},"path":"/","method":"OPTIONS","timeout":15000,"responseType":"arraybuffer"}"#;
    assert_eq!(BoundedRequest::<Least>::MAX_ENCODED_LEN, worst.len());
    assert_eq!(BoundedReply::<Nothing>::MAX_ENCODED_LEN, br#"{"errCode":-2147483648,"errMsg":""}"#.len());
    assert_eq!(BoundedReply::<ReplyJson>::MAX_ENCODED_LEN, br#"{"statusCode":200,"data":}"#.len() + 100);
}

macro_rules! worst_replies {
    ($capacity:ident) => {{
        let mut lengths = Vec::new();
        for quoted in ["\"", "\\"] {
            for control in ["\u{0}", "\u{1f}", "\u{b}"] {
                let parts = Parts::of_reply::<$capacity>(quoted, control);
                let headers = parts.headers();
                let cookies = parts.cookies.iter().map(String::as_str).collect::<Vec<_>>();
                let responses =
                    parts.bodies().into_iter().map(|data| (kind(data), parts.response(&headers, &cookies, data)));
                lengths.clear();
                for (kind, reply) in responses.chain([("failure", parts.failure())]) {
                    let mut buffer = Box::new(ReplyBuffer::<{ BoundedReply::<$capacity>::MAX_ENCODED_LEN }>::new());
                    let bounded = BoundedReply::<$capacity>::new(reply).unwrap();
                    let envelope = bounded.encode(&mut buffer).to_vec();
                    lengths.push((kind, envelope.len()));
                    assert_eq!(reply.encoded_len(), Ok(envelope.len()));
                    assert_eq!(buffer.as_bytes(), envelope);
                    let found = Reply::decode(&envelope).unwrap();
                    assert_eq!(found, reply);
                    let again = BoundedReply::<$capacity>::new(found).unwrap();
                    assert_eq!(*again.get(), reply);
                    assert_eq!(again.encode(&mut buffer), envelope);
                }
            }
        }
        lengths
    }};
}

macro_rules! assert_worst_reply {
    ($capacity:ident, $kind:literal) => {
        let lengths = worst_replies!($capacity);
        let greatest = lengths.iter().max_by_key(|(_, length)| *length).unwrap();
        assert_eq!(*greatest, ($kind, BoundedReply::<$capacity>::MAX_ENCODED_LEN), "{lengths:?}");
    };
}

fn worst_replies() {
    assert_worst_reply!(AnyReply, "text");
    assert_worst_reply!(Nothing, "failure");
    assert_worst_reply!(Failures, "failure");
    assert_worst_reply!(EmptyCookies, "none");
    assert_worst_reply!(ReplyJson, "json");
    assert_worst_reply!(ReplyBytes, "bytes");
    assert_worst_reply!(GreatestReply, "json");
    assert_eq!(BoundedReply::<GreatestReply>::MAX_ENCODED_LEN, REPLY_LIMIT);
}

#[test]
fn the_worst_reply_is_as_long_as_it_may_be() {
    // A buffer of 1 000 KiB is made on the stack before it goes into its box.
    std::thread::Builder::new().stack_size(16 << 20).spawn(worst_replies).unwrap().join().unwrap();
}

/// A service that the header names takes no place of its own, and what only a decoder can make has its bounds too.
#[test]
fn what_only_a_decoder_can_make_is_bounded() {
    capacities! {
        RequestCapacity Foreign { RESOURCE_ENV = 2, PATH = 2, HEADERS = 2, HEADER_NAME = 12, HEADER_VALUE = 4, TEXT = 3 }
        RequestCapacity ForeignJson { RESOURCE_ENV = 2, PATH = 2, HEADERS = 2, HEADER_NAME = 12, HEADER_VALUE = 4, JSON = 7 }
        RequestCapacity ForeignBytes { RESOURCE_ENV = 2, PATH = 2, HEADERS = 1, HEADER_NAME = 7, HEADER_VALUE = 5, BYTES = 3 }
    }
    let text = br#" { "path":"\/\u0022" , "resourceEnv":"\u005c\"", "header": {"X-WX-SERVICE": 1e-7, "A\u0042": true},
        "service":"1\u0065-7", "timeout":99999, "method":"get", "data":"\u0001\u0002\u0003", "unknown":[[]] } "#;
    let request = Request::decode(text).unwrap();
    let mut buffer = RequestBuffer::<{ BoundedRequest::<Foreign>::MAX_ENCODED_LEN }>::new();
    let envelope = BoundedRequest::<Foreign>::new(request).unwrap().encode(&mut buffer);
    let expected = r#"{"resourceEnv":"\\\"","path":"/\"","header":{"X-WX-SERVICE":"1e-7","AB":"true"},"data":"\u0001\u0002\u0003"}"#;
    assert_eq!(std::str::from_utf8(envelope).unwrap(), expected);
    assert_eq!(BoundedRequest::<ForeignJson>::new(request).unwrap_err(), Error::new(ErrorKind::TooLong, 0));

    let json = br#"{"path":"/","resourceEnv":"","data":  [ 1 , 2 ,
        3 ]  }"#;
    let mut buffer = RequestBuffer::<{ BoundedRequest::<ForeignJson>::MAX_ENCODED_LEN }>::new();
    let bounded = BoundedRequest::<ForeignJson>::new(Request::decode(json).unwrap()).unwrap();
    assert_eq!(bounded.encode(&mut buffer), br#"{"resourceEnv":"","path":"/","data":[1,2,3]}"#);

    let bytes = br#"{"path":"/","resourceEnv":"ab","__nativeBuffers__":[{"base64":"\/\u002f//","key":"d\u0061ta"}]}"#;
    let mut buffer = RequestBuffer::<{ BoundedRequest::<ForeignBytes>::MAX_ENCODED_LEN }>::new();
    let bounded = BoundedRequest::<ForeignBytes>::new(Request::decode(bytes).unwrap()).unwrap();
    let expected = br#"{"resourceEnv":"ab","path":"/","__nativeBuffers__":[{"key":"data","base64":"////"}]}"#;
    assert_eq!(bounded.encode(&mut buffer), expected);
}

// ---------------------------------------------------------------- one too many

#[test]
fn a_request_part_that_is_one_too_long_is_refused() {
    let parts = Parts::of_request::<Everything>("a", "a");
    let headers = parts.headers();
    let fits = parts.request(&headers, Data::None);
    BoundedRequest::<Everything>::new(fits).unwrap();

    let refused = |part: &str, request: Request<'_>, kind, capacity| {
        // By itself it is legal, and it is too long once it has been decoded as well.
        let mut buffer = vec![0; REQUEST_LIMIT];
        let found = Request::decode(request.encode(&mut buffer).unwrap()).unwrap();
        for request in [request, found] {
            let error = BoundedRequest::<Everything>::new(request).unwrap_err();
            assert_eq!(error, Error::new(kind, capacity), "{part}");
        }
    };
    let long = |capacity: usize| "b".repeat(capacity + 1);
    let too_long = ErrorKind::TooLong;
    refused("env", fits.with_env(&long(5)), too_long, 5);
    refused("resourceAppid", fits.with_resource(&long(7), ""), too_long, 7);
    refused("resourceEnv", fits.with_resource("a", &long(11)), too_long, 11);
    let path = format!("/{}", long(12));
    let longer = Parts { path, ..parts.clone() };
    refused("path", longer.request(&headers, Data::None), too_long, 13);
    refused("service", fits.with_service(&long(17)), too_long, 17);
    refused("header", fits.with_headers(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]), ErrorKind::TooManyHeaders, 3);
    refused("a header name", fits.with_headers(&[("a", ""), (&long(4), "")]), too_long, 4);
    refused("a header value", fits.with_headers(&[("a", ""), ("b", &long(6))]), too_long, 6);
    refused("dataType", fits.with_data_type(DataType::from(long(8).as_str())), too_long, 8);
    refused("callID", fits.with_call_id(&long(9)), too_long, 9);
    refused("text", fits.with_data(long(20).as_str().into()), too_long, 20);
    let json = "7".repeat(21);
    refused("json", fits.with_data(Data::Json(Json::new(&json).unwrap())), too_long, 20);
    refused("bytes", fits.with_data([0; 21].as_slice().into()), too_long, 20);

    // It is bytes that count, not characters.
    refused("env in Chinese", fits.with_env("中文"), too_long, 5);
    BoundedRequest::<Everything>::new(fits.with_env("中é")).unwrap();
    // White space that is not written does not count.
    let spaced = format!(" [{}7 ]\n", "7,\t".repeat(8));
    BoundedRequest::<Everything>::new(fits.with_data(Data::Json(Json::new(&spaced).unwrap()))).unwrap();
}

/// A part without capacity cannot be there, not even empty.
#[test]
fn a_part_without_capacity_is_refused() {
    let least = Request::new("/").with_env("e");
    BoundedRequest::<Least>::new(least).unwrap();
    BoundedRequest::<Least>::new(least.with_env("")).unwrap();
    let refused = |request: Request<'_>, kind| {
        assert_eq!(BoundedRequest::<Least>::new(request).unwrap_err(), Error::new(kind, 0), "{request:?}");
    };
    refused(least.with_resource("", ""), ErrorKind::TooLong);
    refused(least.with_service(""), ErrorKind::TooLong);
    refused(least.with_headers(&[("a", "")]), ErrorKind::TooManyHeaders);
    refused(least.with_data_type("".into()), ErrorKind::TooLong);
    refused(least.with_call_id(""), ErrorKind::TooLong);
    refused(least.with_data("".into()), ErrorKind::TooLong);
    refused(least.with_data(b"".as_slice().into()), ErrorKind::TooLong);
    refused(least.with_data(Data::Json(Json::new("0").unwrap())), ErrorKind::TooLong);
    let no_env = BoundedRequest::<ResourceReuse>::new(least.with_resource("a", "b")).unwrap_err();
    assert_eq!(no_env, Error::new(ErrorKind::TooLong, 0));

    let refused = |reply: Reply<'_>| {
        assert_eq!(BoundedReply::<Nothing>::new(reply).unwrap_err(), Error::new(ErrorKind::TooLong, 0), "{reply:?}");
    };
    let response = Response::new(200);
    BoundedReply::<Nothing>::new(response.into()).unwrap();
    // The message of every success is left out, so it needs no capacity.
    BoundedReply::<Nothing>::new(response.with_err_msg("cloud.callContainer:ok").into()).unwrap();
    BoundedReply::<Nothing>::new(Failure::new(ErrorCode(1), "").into()).unwrap();
    refused(response.with_cookies(&[""]).into());
    refused(response.with_call_id("").into());
    refused(response.with_err_msg("").into());
    refused(response.with_data("".into()).into());
    refused(Failure::new(ErrorCode(1), "m").into());
    refused(Failure::new(ErrorCode(1), "").with_call_id("").into());
    let header = BoundedReply::<Nothing>::new(response.with_headers(&[("a", "")]).into()).unwrap_err();
    assert_eq!(header, Error::new(ErrorKind::TooManyHeaders, 0));
}

#[test]
fn a_reply_part_that_is_one_too_long_is_refused() {
    let parts = Parts::of_reply::<AnyReply>("a", "a");
    let headers = parts.headers();
    let cookies = ["aaaaaaa", "aaaaaaa"];
    let Reply::Response(fits) = parts.response(&headers, &cookies, Data::None) else { unreachable!() };
    BoundedReply::<AnyReply>::new(fits.into()).unwrap();

    let refused = |part: &str, reply: Reply<'_>, kind, capacity| {
        let mut buffer = vec![0; 2048];
        let found = Reply::decode(reply.encode(&mut buffer).unwrap()).unwrap();
        for reply in [reply, found] {
            assert_eq!(BoundedReply::<AnyReply>::new(reply).unwrap_err(), Error::new(kind, capacity), "{part}");
        }
    };
    let long = |capacity: usize| "b".repeat(capacity + 1);
    let too_long = ErrorKind::TooLong;
    let four = [("a", ""), ("b", ""), ("c", ""), ("d", "")];
    refused("header", fits.with_headers(&four).into(), ErrorKind::TooManyHeaders, 3);
    refused("a header name", fits.with_headers(&[(&*long(4), "")]).into(), too_long, 4);
    refused("a header value", fits.with_headers(&[("a", &*long(6))]).into(), too_long, 6);
    refused("cookies", fits.with_cookies(&["", "", ""]).into(), too_long, 2);
    refused("a cookie", fits.with_cookies(&["", &long(7)]).into(), too_long, 7);
    refused("callID", fits.with_call_id(&long(9)).into(), too_long, 9);
    refused("errMsg", fits.with_err_msg(&long(10)).into(), too_long, 10);
    refused("text", fits.with_data(long(20).as_str().into()).into(), too_long, 20);
    refused("json", fits.with_data(Data::Json(Json::new(&"7".repeat(21)).unwrap())).into(), too_long, 20);
    refused("bytes", fits.with_data([0; 21].as_slice().into()).into(), too_long, 20);
    refused("errMsg of a failure", Failure::new(ErrorCode(1), &long(10)).into(), too_long, 10);
    refused("callID of a failure", Failure::new(ErrorCode(1), "").with_call_id(&long(9)).into(), too_long, 9);
}

/// What could not be encoded at all is refused in the same words as there.
#[test]
fn what_is_not_legal_is_refused_first() {
    let request = Request::new("/").with_env("e");
    for wrong in [
        Request::new("/"),
        Request::new("").with_env("e"),
        request.with_env("\n"),
        request.with_call_id("\u{7f}"),
        request.with_headers(&[("A", ""), ("a", "")]),
        request.with_headers(&[("referer", "")]),
        request.with_timeout(15_001),
    ] {
        let error = wrong.encoded_len().unwrap_err();
        assert_eq!(BoundedRequest::<Everything>::new(wrong).unwrap_err(), error);
    }
    for wrong in [
        Response::new(99).into(),
        Response::new(1000).into(),
        Response::new(200).with_call_id("\n").into(),
        Response::new(200).with_headers(&[("a b", "")]).into(),
        Failure::new(ErrorCode(1), "").with_call_id("\r").into(),
    ] {
        let error = Reply::encoded_len(&wrong).unwrap_err();
        assert_eq!(BoundedReply::<AnyReply>::new(wrong).unwrap_err(), error);
    }
}

// ---------------------------------------------------------------- never more

/// A text of at most so many bytes, most of them expensive.
fn text_of(limit: usize, characters: &'static str) -> impl Strategy<Value = String> {
    let characters = characters.chars().collect::<Vec<_>>();
    proptest::collection::vec(select(characters), 0..=limit).prop_map(move |characters| {
        let mut text = String::new();
        characters.into_iter().for_each(|character: char| {
            if text.len() + character.len_utf8() <= limit {
                text.push(character);
            }
        });
        text
    })
}

const NAME: &str = "\"\\a/é中😀";
const ANYTHING: &str = "\u{0}\u{1}\u{1f}\u{b}\n\"\\a/\u{7f}é中😀\u{2028}";

fn any_data() -> impl Strategy<Value = (String, String, Vec<u8>, usize)> {
    let json = text_of(17, ANYTHING).prop_map(|text| {
        let mut text = serde_json::to_string(&text).unwrap();
        if text.len() > 18 {
            text = "[\"\\u0001\"]".to_owned();
        }
        format!(" [{text} ]")
    });
    (text_of(20, ANYTHING), json, proptest::collection::vec(any::<u8>(), 0..=20), 0..4_usize)
}

fn data<'a>(text: &'a str, json: &'a str, bytes: &'a [u8], kind: usize) -> Data<'a> {
    [Data::None, text.into(), Data::Json(Json::new(json).unwrap()), bytes.into()][kind]
}

proptest! {
    #[test]
    fn no_request_within_its_capacities_is_longer(
        names in (text_of(5, NAME), text_of(7, NAME), text_of(11, NAME), text_of(12, NAME), text_of(17, NAME)),
        more in (text_of(8, NAME), text_of(9, NAME)),
        values in proptest::collection::vec(text_of(6, "\t\"\\a中"), 0..=3),
        method in select(Method::ALL.to_vec()),
        timeout in 0..=15_000_u32,
        (text, json, bytes, kind) in any_data(),
    ) {
        let path = format!("/{}", names.3);
        let headers = ["ab!~", "c", "^_`|"].into_iter().zip(values.iter().map(String::as_str)).collect::<Vec<_>>();
        let request = Request::new(&path)
            .with_env(&names.0)
            .with_resource(&names.1, &names.2)
            .with_service(&names.4)
            .with_method(method)
            .with_headers(&headers)
            .with_timeout(timeout)
            .with_data_type(more.0.as_str().into())
            .with_response_type(ResponseType::ArrayBuffer)
            .with_call_id(&more.1)
            .with_data(data(&text, &json, &bytes, kind));
        let mut buffer = RequestBuffer::<{ BoundedRequest::<Everything>::MAX_ENCODED_LEN }>::new();
        let mut plain = vec![0; BoundedRequest::<Everything>::MAX_ENCODED_LEN];
        let envelope = request.encode(&mut plain).unwrap();
        prop_assert_eq!(BoundedRequest::<Everything>::new(request).unwrap().encode(&mut buffer), envelope);
        // Decoded, it has the same bounds.
        let found = Request::decode(envelope).unwrap();
        prop_assert_eq!(BoundedRequest::<Everything>::new(found).unwrap().encode(&mut buffer), envelope);
    }

    #[test]
    fn no_reply_within_its_capacities_is_longer(
        status in 100..=999_u16,
        values in proptest::collection::vec(text_of(6, "\t\"\\a中"), 0..=3),
        cookies in proptest::collection::vec(text_of(7, ANYTHING), 0..=2),
        call_id in text_of(9, NAME),
        err_msg in text_of(10, ANYTHING),
        code in any::<i32>(),
        (text, json, bytes, kind) in any_data(),
    ) {
        let headers = ["ab!~", "c", "^_`|"].into_iter().zip(values.iter().map(String::as_str)).collect::<Vec<_>>();
        let cookies = cookies.iter().map(String::as_str).collect::<Vec<_>>();
        let response = Response::new(status)
            .with_headers(&headers)
            .with_cookies(&cookies)
            .with_call_id(&call_id)
            .with_err_msg(&err_msg)
            .with_data(data(&text, &json, &bytes, kind));
        let failure = Failure::new(ErrorCode(code), &err_msg).with_call_id(&call_id);
        for reply in [Reply::from(response), Reply::from(failure)] {
            let mut buffer = ReplyBuffer::<{ BoundedReply::<AnyReply>::MAX_ENCODED_LEN }>::new();
            let mut plain = vec![0; BoundedReply::<AnyReply>::MAX_ENCODED_LEN];
            let envelope = reply.encode(&mut plain).unwrap();
            prop_assert_eq!(BoundedReply::<AnyReply>::new(reply).unwrap().encode(&mut buffer), envelope);
            let found = Reply::decode(envelope).unwrap();
            prop_assert_eq!(BoundedReply::<AnyReply>::new(found).unwrap().encode(&mut buffer), envelope);
        }
    }
}
