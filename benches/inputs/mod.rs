//! The envelopes that are measured, here and in `versus`: the same bytes every time, made from a fixed seed.
//!
//! They are what a real service sees: lists of orders with people, addresses, prices and coordinates, keys that repeat,
//! prose, JSON inside a string, a picture. They are written as an encoder writes them, without white space between
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

/// Room in the body of an envelope of 95 KiB, and of one of 950 KiB: the rest is for what stands before the body.
const ROOM_95K: usize = 95 * 1024 - 400;
const ROOM_950K: usize = 950 * 1024 - 400;

/// A number of its own for each input, so that adding one changes no other.
const SEED: u64 = 0x6361_6c6c;

/// The requests: `small`, `object95k`, `chinese95k`, `text95k`, `escaped95k`, `bytes95k`.
pub fn calls() -> Vec<Call> {
    let mut calls = vec![small_call()];
    calls.extend(bodies_95k(SEED).map(|(name, body)| call(name, body)));
    calls
}

/// The replies: the same, and `object950k` and `text950k`.
pub fn answers() -> Vec<Answer> {
    let mut answers = vec![small_answer()];
    answers.extend(bodies_95k(SEED + 100).map(|(name, body)| answer(name, body)));
    let object = content::orders(&mut Random::new(SEED + 200), &content::ENGLISH, ROOM_950K, str::len);
    answers.push(answer("object950k", Body::Json(object)));
    let text = content::prose(&mut Random::new(SEED + 201), ROOM_950K);
    answers.push(answer("text950k", Body::Text(text)));
    answers
}

fn bodies_95k(seed: u64) -> impl Iterator<Item = (&'static str, Body)> {
    let random = move |number| Random::new(seed + number);
    let object = content::orders(&mut random(0), &content::ENGLISH, ROOM_95K, str::len);
    let chinese = content::orders(&mut random(1), &content::CHINESE, ROOM_95K, str::len);
    let text = content::prose(&mut random(2), ROOM_95K);
    let escaped = content::orders(&mut random(3), &content::ENGLISH, ROOM_95K, content::escaped_length);
    let bytes = content::bytes(&mut random(4), ROOM_95K / 4 * 3);
    [
        ("object95k", Body::Json(object)),
        ("chinese95k", Body::Json(chinese)),
        ("text95k", Body::Text(text)),
        ("escaped95k", Body::Text(escaped)),
        ("bytes95k", Body::Bytes(bytes)),
    ]
    .into_iter()
}

/// A call as a Mini Program makes many of: about 220 bytes.
fn small_call() -> Call {
    let body = Body::Json(r#"{"sku":"A-1042","count":2,"gift":false,"price":19.90}"#.to_owned());
    let mut call = call("small", body);
    call.headers = vec![("X-Trace-Id", "b7ad6b71")];
    call.encoded()
}

fn small_answer() -> Answer {
    let body = Body::Json(r#"{"order":104233,"state":"paid","total":39.80,"left":[3,0],"next":null}"#.to_owned());
    let mut answer = answer("small", body);
    answer.headers.truncate(1);
    answer.cookies.clear();
    answer.encoded()
}

fn call(name: &'static str, body: Body) -> Call {
    let content_type = match body {
        Body::Json(_) => "application/json",
        Body::Text(_) => "text/plain; charset=utf-8",
        Body::Bytes(_) => "image/jpeg",
    };
    let call = Call {
        name,
        env: "prod-01-7gkz3l",
        path: "/api/orders?page=2",
        service: "shop",
        method: Method::Post,
        headers: vec![("content-type", content_type), ("X-Trace-Id", "b7ad6b7169203331"), ("Accept-Language", "zh-CN")],
        timeout: 5000,
        call_id: "1718098452123-0.7315",
        body,
        envelope: Vec::new(),
    };
    call.encoded()
}

fn answer(name: &'static str, body: Body) -> Answer {
    let content_type = match body {
        Body::Json(_) => "application/json; charset=utf-8",
        Body::Text(_) => "text/html; charset=utf-8",
        Body::Bytes(_) => "image/jpeg",
    };
    let answer = Answer {
        name,
        status: 200,
        headers: vec![
            ("content-type", content_type),
            ("date", "Tue, 11 Jun 2024 09:34:12 GMT"),
            ("etag", "W/\"17b0-Zx3\""),
            ("x-request-id", "4f1c2a9e-77d0-4c0e-9d55-0a6f2b3c8d11"),
        ],
        cookies: vec!["session=8c1f0f6e; Path=/; HttpOnly", "theme=dark; Max-Age=31536000"],
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
