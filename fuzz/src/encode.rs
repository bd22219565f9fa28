//! What is encoded decodes to the same value and has the predicted length, or it is refused for a reason.
//!
//! Each value is also written by `serde_json`, member by member in the order of the wire format. The model of
//! `tests/json_oracle` reads that and says what is wrong with it; what is right must be encoded to the very same bytes.

use crate::arbitrary::{Words, header_name, tree};
use crate::decode::{model, oracle};
use crate::http::model::Tree;
use crate::reencode::encoded;
use arbitrary::{Arbitrary, Result, Unstructured};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use callcontainer::{
    DEPTH_LIMIT, Data, DataType, ErrorCode, ErrorKind, Failure, Json, Method, REPLY_LIMIT, REQUEST_LIMIT, Reply,
    Request, Response, ResponseType,
};

/// Headers in order.
#[derive(Clone, Debug)]
pub struct Headers(Vec<(String, String)>);

impl<'a> Arbitrary<'a> for Headers {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut headers = Vec::new();
        while bool::arbitrary(u)? {
            headers.push((header_name(u)?, Words::arbitrary(u)?.0));
        }
        // Around the limit, each name another.
        if u8::arbitrary(u)? > 240 {
            let count = u.int_in_range(60..=66)?;
            headers.extend((headers.len()..count).map(|at| (format!("h{at}"), String::new())));
        }
        Ok(Self(headers))
    }
}

impl Headers {
    fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn member(&self) -> Option<String> {
        let members = self.0.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)));
        let members = members.collect::<Vec<_>>().join(",");
        (!self.0.is_empty()).then(|| format!("\"header\":{{{members}}}"))
    }
}

#[derive(Clone, Debug)]
pub enum Body {
    None,
    Text(String),
    /// A value, and how it is written.
    Json(Tree, String),
    Bytes(Vec<u8>),
}

impl<'a> Arbitrary<'a> for Body {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u8::arbitrary(u)? % 4 {
            0 => Body::None,
            1 => Body::Text(Words::arbitrary(u)?.0),
            2 => {
                let tree = tree(u)?;
                let text = tree.spaced(u.choose(&["", " ", "\r\n\t"])?);
                Body::Json(tree, text)
            }
            _ => Body::Bytes(Vec::arbitrary(u)?),
        })
    }
}

impl Body {
    /// Nothing where the JSON nests too deep, of which `Json::new` has a say.
    fn data(&self) -> Option<Data<'_>> {
        Some(match self {
            Body::None => Data::None,
            Body::Text(text) => Data::from(text.as_str()),
            Body::Json(_, text) => match Json::new(text) {
                Ok(json) => Data::Json(json),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::TooDeep);
                    assert!(oracle::read(text.as_bytes()).unwrap().depth >= DEPTH_LIMIT);
                    return None;
                }
            },
            Body::Bytes(bytes) => Data::from(bytes.as_slice()),
        })
    }

    fn member(&self) -> Option<String> {
        match self {
            Body::None => None,
            Body::Text(text) => Some(format!("\"data\":{}", quoted(text))),
            Body::Json(Tree::Text(text), _) => Some(format!("\"data\":{}", quoted(&text.text))),
            Body::Json(tree, _) => Some(format!("\"data\":{}", tree.spaced(""))),
            Body::Bytes(bytes) => {
                let base64 = BASE64_STANDARD.encode(bytes);
                Some(format!("\"__nativeBuffers__\":[{{\"key\":\"data\",\"base64\":\"{base64}\"}}]"))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn string_member(key: &str, text: Option<&Words>) -> Option<String> {
    text.map(|text| format!("\"{key}\":{}", quoted(&text.0)))
}

fn object<const N: usize>(members: [Option<String>; N]) -> String {
    format!("{{{}}}", members.into_iter().flatten().collect::<Vec<_>>().join(","))
}

#[derive(Arbitrary, Clone, Debug)]
pub struct Call {
    env: Option<Words>,
    resource: Option<(Words, Words)>,
    path: Words,
    /// Whether the path is made legal.
    tame: bool,
    service: Option<Words>,
    method: u8,
    headers: Headers,
    timeout: Option<u32>,
    data_type: Option<Words>,
    array_buffer: bool,
    call_id: Option<Words>,
    body: Body,
}

impl Call {
    fn path(&self) -> String {
        if self.tame { self.path.clone().into_path() } else { self.path.0.clone() }
    }

    fn method(&self) -> Method {
        Method::ALL[usize::from(self.method) % Method::ALL.len()]
    }

    /// The envelope in the words of `serde_json`.
    fn written(&self) -> String {
        let is_service = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("x-wx-service") && self.service.as_ref().is_some_and(|text| text.0 == *value)
        };
        let service = self.service.as_ref().filter(|_| !self.headers.0.iter().any(is_service));
        let method = self.method();
        object([
            self.env.as_ref().map(|env| format!("\"config\":{{\"env\":{}}}", quoted(&env.0))),
            string_member("resourceAppid", self.resource.as_ref().map(|(appid, _)| appid)),
            string_member("resourceEnv", self.resource.as_ref().map(|(_, env)| env)),
            string_member("path", Some(&Words(self.path()))),
            string_member("service", service),
            (method != Method::Get).then(|| format!("\"method\":\"{}\"", method.as_str())),
            self.headers.member(),
            self.timeout.filter(|timeout| *timeout > 0).map(|timeout| format!("\"timeout\":{timeout}")),
            string_member("dataType", self.data_type.as_ref().filter(|text| text.0 != "json")),
            self.array_buffer.then(|| "\"responseType\":\"arraybuffer\"".to_owned()),
            string_member("callID", self.call_id.as_ref()),
            self.body.member(),
        ])
    }

    /// Makes the request of it and shows it with its body, unless that nests too deep.
    pub(crate) fn with_request(&self, show: impl FnOnce(&Request<'_>, &Body)) {
        let (path, pairs) = (self.path(), self.headers.pairs());
        let Some(data) = self.body.data() else { return };
        let mut request = Request::new(&path).with_method(self.method()).with_headers(&pairs).with_data(data);
        if let Some(env) = &self.env {
            request = request.with_env(&env.0);
        }
        if let Some((appid, env)) = &self.resource {
            request = request.with_resource(&appid.0, &env.0);
        }
        if let Some(service) = &self.service {
            request = request.with_service(&service.0);
        }
        if let Some(timeout) = self.timeout {
            request = request.with_timeout(timeout);
        }
        if let Some(data_type) = &self.data_type {
            request = request.with_data_type(DataType::from(data_type.0.as_str()));
        }
        if self.array_buffer {
            request = request.with_response_type(ResponseType::ArrayBuffer);
        }
        if let Some(call_id) = &self.call_id {
            request = request.with_call_id(&call_id.0);
        }
        show(&request, &self.body);
    }

    pub fn check(&self) {
        self.with_request(|request, _| self.check_request(request));
    }

    fn check_request(&self, request: &Request<'_>) {
        let written = self.written();
        let read = oracle::read(written.as_bytes()).unwrap();
        let (expected, mut wrong) = model::Request::read(read.raw);
        if self.timeout.is_some_and(|timeout| timeout > 15_000) {
            wrong.push(ErrorKind::TimeoutTooLong);
        }
        if written.len() > REQUEST_LIMIT {
            wrong.push(ErrorKind::RequestTooLarge);
        }
        match encoded(request.encoded_len(), |buffer| request.encode(buffer)) {
            Ok(envelope) => {
                assert_eq!(wrong.kinds, [], "{written}");
                assert_eq!(str::from_utf8(&envelope).unwrap(), written);
                let decoded = Request::decode(&envelope).unwrap();
                assert_eq!(decoded, *request);
                expected.compare(&decoded);
            }
            Err(error) => assert!(wrong.kinds.contains(&error.kind()), "{error}, not {:?}: {written}", wrong.kinds),
        }
    }
}

#[derive(Arbitrary, Clone, Debug)]
pub enum Answer {
    Response {
        status: u16,
        headers: Headers,
        cookies: Vec<Words>,
        call_id: Option<Words>,
        err_msg: Option<Words>,
        body: Body,
    },
    Failure {
        code: i32,
        err_msg: Words,
        call_id: Option<Words>,
    },
}

impl Answer {
    fn written(&self) -> String {
        match self {
            Answer::Response { status, headers, cookies, call_id, err_msg, body } => {
                let cookies = cookies.iter().map(|cookie| quoted(&cookie.0)).collect::<Vec<_>>().join(",");
                object([
                    Some(format!("\"statusCode\":{status}")),
                    headers.member(),
                    (!cookies.is_empty()).then(|| format!("\"cookies\":[{cookies}]")),
                    string_member("callID", call_id.as_ref()),
                    string_member("errMsg", err_msg.as_ref().filter(|text| text.0 != "cloud.callContainer:ok")),
                    body.member(),
                ])
            }
            Answer::Failure { code, err_msg, call_id } => object([
                Some(format!("\"errCode\":{code}")),
                string_member("errMsg", Some(err_msg)),
                string_member("callID", call_id.as_ref()),
            ]),
        }
    }

    /// Makes the reply of it and shows it with its body if it has one, unless that nests too deep.
    pub(crate) fn with_reply(&self, show: impl FnOnce(&Reply<'_>, Option<&Body>)) {
        let (pairs, texts);
        let reply = match self {
            Answer::Response { status, headers, cookies, call_id, err_msg, body } => {
                let Some(data) = body.data() else { return };
                pairs = headers.pairs();
                texts = cookies.iter().map(|cookie| cookie.0.as_str()).collect::<Vec<_>>();
                let mut response = Response::new(*status).with_headers(&pairs).with_cookies(&texts).with_data(data);
                if let Some(call_id) = call_id {
                    response = response.with_call_id(&call_id.0);
                }
                if let Some(err_msg) = err_msg {
                    response = response.with_err_msg(&err_msg.0);
                }
                Reply::from(response)
            }
            Answer::Failure { code, err_msg, call_id } => {
                let failure = Failure::new(ErrorCode(*code), &err_msg.0);
                call_id.as_ref().map_or(failure, |call_id| failure.with_call_id(&call_id.0)).into()
            }
        };
        let body = if let Answer::Response { body, .. } = self { Some(body) } else { None };
        show(&reply, body);
    }

    pub fn check(&self) {
        self.with_reply(|reply, _| self.check_reply(reply));
    }

    fn check_reply(&self, reply: &Reply<'_>) {
        let written = self.written();
        let read = oracle::read(written.as_bytes()).unwrap();
        let (expected, mut wrong) = model::Reply::read(read.raw);
        if written.len() > REPLY_LIMIT {
            wrong.push(ErrorKind::ReplyTooLarge);
        }
        match encoded(reply.encoded_len(), |buffer| reply.encode(buffer)) {
            Ok(envelope) => {
                assert_eq!(wrong.kinds, [], "{written}");
                assert_eq!(str::from_utf8(&envelope).unwrap(), written);
                let decoded = Reply::decode(&envelope).unwrap();
                assert_eq!(decoded, *reply);
                expected.compare(&decoded);
            }
            Err(error) => assert!(wrong.kinds.contains(&error.kind()), "{error}, not {:?}: {written}", wrong.kinds),
        }
    }
}
