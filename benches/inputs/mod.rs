//! The envelopes that are measured, here and in `versus`: the same bytes every time, made from fixed seeds.
//!
//! They are what a real service sees: lists of orders with people, addresses, prices and coordinates, keys that repeat,
//! prose, text of ASCII alone and of Chinese, JSON inside a string, a picture; and posts and polygons, of the shapes of `twitter.json` and `canada.json`, with
//! which JSON libraries are often measured. They are written as an encoder writes them, without white space between
//! tokens and with the body last. `95k` and `950k` stand for 95 KiB and 950 KiB of whole envelope, short by less than
//! one part of the body.

use callcontainer::{Data, Json, Method, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request, Response};

mod content;

use content::Random;

/// What a body is made of.
pub enum Body {
    Text(String),
    Json(String),
    Bytes(Vec<u8>),
}

impl Body {
    /// The body as the codec takes it. JSON is validated here.
    pub fn data(&self) -> Data<'_> {
        match self {
            Body::Text(text) => Data::from(text.as_str()),
            Body::Json(json) => Json::new(json).expect("the generated JSON is valid").into(),
            Body::Bytes(bytes) => Data::from(bytes.as_slice()),
        }
    }
}

/// The parts of a request, and its envelope.
pub struct Call {
    pub name: &'static str,
    pub env: &'static str,
    pub path: &'static str,
    pub service: &'static str,
    pub method: Method,
    pub headers: Vec<(&'static str, &'static str)>,
    pub timeout: u32,
    pub call_id: &'static str,
    pub body: Body,
    pub envelope: Vec<u8>,
}

impl Call {
    pub fn request(&self) -> Request<'_> {
        Request::new(self.path)
            .with_env(self.env)
            .with_service(self.service)
            .with_method(self.method)
            .with_headers(&self.headers)
            .with_timeout(self.timeout)
            .with_call_id(self.call_id)
            .with_data(self.body.data())
    }
}

/// The parts of a reply, and its envelope.
pub struct Answer {
    pub name: &'static str,
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub cookies: Vec<&'static str>,
    pub call_id: &'static str,
    pub body: Body,
    pub envelope: Vec<u8>,
}

impl Answer {
    pub fn reply(&self) -> Reply<'_> {
        let response = Response::new(self.status).with_headers(&self.headers).with_cookies(&self.cookies);
        response.with_call_id(self.call_id).with_data(self.body.data()).into()
    }
}

/// Room in the body of an envelope of so many KiB: the rest is for what stands before the body.
const fn room(kibibytes: usize) -> usize {
    kibibytes * 1024 - 400
}

/// A number of its own for each input, so that adding one changes no other.
const SEED: u64 = 0x6361_6c6c;

/// What an input is: its name, the room in its body, the number of its seed, and what makes its body.
struct Input(&'static str, usize, u64, fn(&mut Random, usize) -> Body);

const SMALL: usize = 0;
const SIX_HEADERS: &str = "headers6";

/// Of requests and replies.
const INPUTS: [Input; 26] = [
    Input("small", SMALL, 5, small),
    Input(SIX_HEADERS, SMALL, 6, small),
    Input("object95k", room(95), 0, object),
    Input("chinese95k", room(95), 1, chinese),
    Input("text95k", room(95), 2, text),
    Input("escaped95k", room(95), 3, escaped),
    Input("bytes95k", room(95), 4, bytes),
    Input("ascii95k", room(95), 9, ascii),
    Input("hanzi95k", room(95), 15, hanzi),
    Input("posts95k", room(95), 7, posts),
    Input("polygons95k", room(95), 8, polygons),
    Input("object1k", room(1), 10, object),
    Input("chinese1k", room(1), 11, chinese),
    Input("text1k", room(1), 12, text),
    Input("escaped1k", room(1), 13, escaped),
    Input("bytes1k", room(1), 14, bytes),
    Input("object4k", room(4), 20, object),
    Input("chinese4k", room(4), 21, chinese),
    Input("text4k", room(4), 22, text),
    Input("escaped4k", room(4), 23, escaped),
    Input("bytes4k", room(4), 24, bytes),
    Input("object16k", room(16), 30, object),
    Input("chinese16k", room(16), 31, chinese),
    Input("text16k", room(16), 32, text),
    Input("escaped16k", room(16), 33, escaped),
    Input("bytes16k", room(16), 34, bytes),
];

/// Of replies alone.
const LARGE_INPUTS: [Input; 2] = [Input("object950k", room(950), 200, object), Input("text950k", room(950), 201, text)];

/// The requests: one of each of the inputs that there were before there were others.
pub fn calls() -> Vec<Call> {
    INPUTS.iter().filter(|input| is_usual(input.0)).map(|input| call(input, 0)).collect()
}

/// The replies: the same, and large ones.
pub fn answers() -> Vec<Answer> {
    let inputs = INPUTS.iter().filter(|input| is_usual(input.0)).chain(&LARGE_INPUTS);
    inputs.map(|input| answer(input, 0)).collect()
}

fn is_usual(name: &str) -> bool {
    matches!(name, "small" | "object95k" | "chinese95k" | "text95k" | "escaped95k" | "bytes95k")
}

/// All requests, `count` of each input, alike in length and in what they hold.
pub fn calls_in_turn(count: u64) -> Vec<Vec<Call>> {
    INPUTS.iter().map(|input| (0..count).map(|turn| call(input, turn)).collect()).collect()
}

/// All replies, `count` of each input, alike in length and in what they hold.
pub fn answers_in_turn(count: u64) -> Vec<Vec<Answer>> {
    let inputs = INPUTS.iter().chain(&LARGE_INPUTS);
    inputs.map(|input| (0..count).map(|turn| answer(input, turn)).collect()).collect()
}

/// The body of this input: each turn has another. Requests and replies have their own.
fn body(Input(_, room, number, make): &Input, kind: u64, turn: u64) -> Body {
    make(&mut Random::new(SEED + kind + number + 1000 * turn), *room)
}

fn object(random: &mut Random, room: usize) -> Body {
    Body::Json(content::orders(random, &content::ENGLISH, room, str::len))
}

fn chinese(random: &mut Random, room: usize) -> Body {
    Body::Json(content::orders(random, &content::CHINESE, room, str::len))
}

fn text(random: &mut Random, room: usize) -> Body {
    Body::Text(content::prose(random, room))
}

fn ascii(random: &mut Random, room: usize) -> Body {
    Body::Text(content::plain_text(random, &content::ENGLISH_SENTENCES, room))
}

fn hanzi(random: &mut Random, room: usize) -> Body {
    Body::Text(content::plain_text(random, &content::CHINESE_SENTENCES, room))
}

fn escaped(random: &mut Random, room: usize) -> Body {
    Body::Text(content::orders(random, &content::ENGLISH, room, content::escaped_length))
}

fn bytes(random: &mut Random, room: usize) -> Body {
    Body::Bytes(content::bytes(random, room / 4 * 3))
}

fn posts(random: &mut Random, room: usize) -> Body {
    Body::Json(content::posts(random, room))
}

fn polygons(random: &mut Random, room: usize) -> Body {
    Body::Json(content::polygons(random, room))
}

fn small(random: &mut Random, _: usize) -> Body {
    Body::Json(content::small(random))
}

/// A request. A small one is as a Mini Program makes many of: about 220 bytes.
fn call(input: &Input, turn: u64) -> Call {
    let body = body(input, 0, turn);
    let content_type = match body {
        Body::Json(_) => "application/json",
        Body::Text(_) => "text/plain; charset=utf-8",
        Body::Bytes(_) => "image/jpeg",
    };
    let headers = match input.0 {
        "small" => vec![("X-Trace-Id", "b7ad6b71")],
        SIX_HEADERS => vec![
            ("content-type", content_type),
            ("X-Trace-Id", "b7ad6b7169203331"),
            ("Accept-Language", "zh-CN,zh;q=0.9"),
            ("X-App-Version", "3.14.1"),
            ("X-Session", "8c1f0f6e-77d0-4c0e-9d55-0a6f2b3c8d11"),
            ("If-None-Match", "W/\"17b0-Zx3\""),
        ],
        _ => vec![("content-type", content_type), ("X-Trace-Id", "b7ad6b7169203331"), ("Accept-Language", "zh-CN")],
    };
    let call = Call {
        name: input.0,
        env: "prod-01-7gkz3l",
        path: "/api/orders?page=2",
        service: "shop",
        method: Method::Post,
        headers,
        timeout: 5000,
        call_id: "1718098452123-0.7315",
        body,
        envelope: Vec::new(),
    };
    call.encoded()
}

fn answer(input: &Input, turn: u64) -> Answer {
    let body = body(input, 100, turn);
    let content_type = match body {
        Body::Json(_) => "application/json; charset=utf-8",
        Body::Text(_) => "text/html; charset=utf-8",
        Body::Bytes(_) => "image/jpeg",
    };
    let headers = [
        ("content-type", content_type),
        ("date", "Tue, 11 Jun 2024 09:34:12 GMT"),
        ("etag", "W/\"17b0-Zx3\""),
        ("x-request-id", "4f1c2a9e-77d0-4c0e-9d55-0a6f2b3c8d11"),
        ("cache-control", "private, max-age=60"),
        ("vary", "Accept-Encoding, Accept-Language"),
    ];
    let (headers, cookies): (&[_], _) = match input.0 {
        "small" => (&headers[..1], vec![]),
        SIX_HEADERS => (&headers, vec![]),
        _ => (&headers[..4], vec!["session=8c1f0f6e; Path=/; HttpOnly", "theme=dark; Max-Age=31536000"]),
    };
    let answer = Answer {
        name: input.0,
        status: 200,
        headers: headers.to_vec(),
        cookies,
        call_id: "1718098452123-0.7315",
        body,
        envelope: Vec::new(),
    };
    answer.encoded()
}

impl Call {
    fn encoded(mut self) -> Self {
        let mut buffer = vec![0; REQUEST_LIMIT];
        self.envelope = self.request().encode(&mut buffer).expect("the generated request is valid").to_vec();
        self
    }
}

impl Answer {
    fn encoded(mut self) -> Self {
        let mut buffer = vec![0; REPLY_LIMIT];
        self.envelope = self.reply().encode(&mut buffer).expect("the generated reply is valid").to_vec();
        self
    }
}
