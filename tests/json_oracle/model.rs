use super::oracle::{self, Node, look};
use callcontainer::{Cookies, Data, ErrorKind, Headers, ResponseType, Text, Timeout};
use serde_json::value::RawValue;

/// Gathers everything that is wrong; which of it is found first depends on the order of the members.
#[derive(Debug, Default)]
pub struct Wrong {
    pub kinds: Vec<ErrorKind>,
    /// Where strings stand that are to be texts and are none, for half of a surrogate pair alone: the first half of each.
    halves: Vec<*const u8>,
}

impl Wrong {
    pub fn push(&mut self, kind: ErrorKind) {
        self.kinds.push(kind);
    }

    /// The first half of a surrogate pair, in the envelope that this was read from, where no half may be.
    pub fn first_half(&self, envelope: &[u8]) -> Option<usize> {
        self.halves.iter().map(|half| half.addr() - envelope.as_ptr().addr()).min()
    }
}

/// What a string stands for that is to be a text.
fn text(raw: &RawValue, wrong: &mut Wrong) -> String {
    oracle::string(raw).unwrap_or_else(|text| {
        let halves = oracle::lone_surrogates(raw.get().as_bytes());
        wrong.push(ErrorKind::LoneSurrogate);
        wrong.halves.push(&raw.get().as_bytes()[halves[0]]);
        text
    })
}

/// A value whose text has been read already.
fn node(raw: &RawValue) -> Node<'_> {
    look(raw).expect("the oracle has looked at every level")
}

/// The members of an object; nothing, and something wrong, when it is none.
fn object<'a>(raw: &'a RawValue, wrong: &mut Wrong) -> Vec<(String, &'a RawValue)> {
    match node(raw) {
        Node::Object(members) => members.into_iter().map(|(name, value)| (text(name, wrong), value)).collect(),
        _ => {
            wrong.push(ErrorKind::WrongType);
            Vec::new()
        }
    }
}

fn string(raw: &RawValue, wrong: &mut Wrong) -> Option<String> {
    match node(raw) {
        Node::String(raw) => Some(text(raw, wrong)),
        _ => {
            wrong.push(ErrorKind::WrongType);
            None
        }
    }
}

/// The text of a number that is an integer.
fn integer<'a>(raw: &'a RawValue, otherwise: ErrorKind, wrong: &mut Wrong) -> Option<&'a str> {
    match node(raw) {
        Node::Number if !raw.get().contains(['.', 'e', 'E']) => return Some(raw.get()),
        Node::Number => wrong.push(otherwise),
        _ => wrong.push(ErrorKind::WrongType),
    }
    None
}

fn check_name(name: &str, wrong: &mut Wrong) {
    if name.len() > 128 {
        wrong.push(ErrorKind::TooLong);
    }
    if name.chars().any(|character| character.is_ascii_control()) {
        wrong.push(ErrorKind::InvalidName);
    }
}

fn name(raw: &RawValue, wrong: &mut Wrong) -> Option<String> {
    let name = string(raw, wrong)?;
    check_name(&name, wrong);
    Some(name)
}

fn path(raw: &RawValue, wrong: &mut Wrong) -> Option<String> {
    let path = string(raw, wrong)?;
    if !path.starts_with('/') || path.contains(|character: char| character == ' ' || character.is_ascii_control()) {
        wrong.push(ErrorKind::InvalidPath);
    }
    if path.len() > 8192 {
        wrong.push(ErrorKind::TooLong);
    }
    Some(path)
}

fn method(raw: &RawValue, wrong: &mut Wrong) -> Option<String> {
    let method = string(raw, wrong)?.to_ascii_uppercase();
    if !["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"].contains(&method.as_str()) {
        wrong.push(ErrorKind::InvalidMethod);
    }
    Some(method)
}

fn response_type(raw: &RawValue, wrong: &mut Wrong) -> Option<String> {
    let response_type = string(raw, wrong)?;
    if !["text", "arraybuffer"].contains(&response_type.as_str()) {
        wrong.push(ErrorKind::InvalidResponseType);
    }
    Some(response_type)
}

fn timeout(raw: &RawValue, wrong: &mut Wrong) -> Option<Timeout> {
    let digits = integer(raw, ErrorKind::InvalidTimeout, wrong)?;
    if digits.starts_with('-') {
        wrong.push(ErrorKind::InvalidTimeout);
    }
    Some(match digits.parse() {
        Ok(0) => Timeout::NotSet,
        Ok(milliseconds @ 1..=15_000) => Timeout::Milliseconds(milliseconds),
        _ => Timeout::NoEffect,
    })
}

fn status(raw: &RawValue, wrong: &mut Wrong) -> Option<u16> {
    let status =
        integer(raw, ErrorKind::InvalidStatus, wrong)?.parse().ok().filter(|status| (100..=999).contains(status));
    if status.is_none() {
        wrong.push(ErrorKind::InvalidStatus);
    }
    status
}

fn code(raw: &RawValue, wrong: &mut Wrong) -> Option<i32> {
    let code = integer(raw, ErrorKind::InvalidErrorCode, wrong)?;
    let code = if code == "-0" { None } else { code.parse().ok() };
    if code.is_none() {
        wrong.push(ErrorKind::InvalidErrorCode);
    }
    code
}

/// The headers, and what those of them that name a service name.
fn headers(raw: &RawValue, is_request: bool, wrong: &mut Wrong) -> (Vec<(String, String)>, Vec<String>) {
    let members = object(raw, wrong);
    if members.len() > 64 {
        wrong.push(ErrorKind::TooManyHeaders);
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut services = Vec::new();
    for (name, value) in members {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)) {
            wrong.push(ErrorKind::InvalidHeaderName);
        }
        if name.len() > 128 {
            wrong.push(ErrorKind::TooLong);
        }
        if headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            wrong.push(ErrorKind::DuplicateHeader);
        }
        if is_request && name.eq_ignore_ascii_case("Referer") {
            wrong.push(ErrorKind::ForbiddenHeader);
        }
        let value = match node(value) {
            Node::String(raw) => text(raw, wrong),
            Node::Number | Node::Bool => value.get().to_owned(),
            _ => {
                wrong.push(ErrorKind::WrongType);
                String::new()
            }
        };
        if is_request && name.eq_ignore_ascii_case("X-WX-SERVICE") {
            check_name(&value, wrong);
            services.push(value.clone());
        } else if value.chars().any(|character| character != '\t' && character.is_ascii_control()) {
            wrong.push(ErrorKind::InvalidHeaderValue);
        }
        headers.push((name, value));
    }
    (headers, services)
}

/// `data` of either kind.
#[derive(Debug, Default)]
pub enum Body<'a> {
    #[default]
    None,
    Text(String),
    Json(&'a RawValue),
    Bytes(Vec<u8>),
}

impl<'a> Body<'a> {
    fn read(raw: &'a RawValue, wrong: &mut Wrong) -> Self {
        match node(raw) {
            Node::String(raw) => Body::Text(text(raw, wrong)),
            _ => Body::Json(raw),
        }
    }

    fn put(&mut self, body: Self, wrong: &mut Wrong) {
        if !matches!(self, Body::None) {
            wrong.push(ErrorKind::DataConflict);
        }
        *self = body;
    }

    fn put_buffers(&mut self, raw: &RawValue, wrong: &mut Wrong) {
        use base64::prelude::{BASE64_STANDARD, Engine};
        let buffers = match node(raw) {
            Node::Array(buffers) => buffers,
            _ => return wrong.push(ErrorKind::WrongType),
        };
        if buffers.len() > 1 {
            wrong.push(ErrorKind::DuplicateKey);
        }
        for buffer in buffers {
            if !matches!(self, Body::None) {
                wrong.push(ErrorKind::DataConflict);
            }
            let (mut key, mut base64) = (None, None);
            let mut seen = Vec::new();
            for (name, value) in object(buffer, wrong) {
                let slot = match name.as_str() {
                    "key" => &mut key,
                    "base64" => &mut base64,
                    _ => continue,
                };
                mark(&mut seen, &name, wrong);
                let value = string(value, wrong).unwrap_or_default();
                // Also of one that another of its name follows.
                match name.as_str() {
                    "key" if value != "data" => wrong.push(ErrorKind::InvalidBufferKey),
                    "base64" if BASE64_STANDARD.decode(&value).is_err() => wrong.push(ErrorKind::InvalidBase64),
                    _ => {}
                }
                *slot = Some(value);
            }
            if key.is_none() || base64.is_none() {
                wrong.push(ErrorKind::MissingField);
            }
            if let Ok(bytes) = BASE64_STANDARD.decode(base64.unwrap_or_default()) {
                self.put(Body::Bytes(bytes), wrong);
            }
        }
    }

    fn compare(&self, data: Data<'_>) {
        match (self, data) {
            (Body::None, Data::None) => {}
            (Body::Text(expected), Data::Text(text)) => assert_eq!(decoded(text), *expected),
            (Body::Json(raw), Data::Json(json)) => {
                assert_eq!(json.as_str(), raw.get());
                // What is kept of it is kept: only white space between tokens may go.
                assert_eq!(json, callcontainer::Json::new(raw.get()).unwrap());
                assert_eq!(json.encoded_len(), callcontainer::Json::new(raw.get()).unwrap().encoded_len());
            }
            (Body::Bytes(expected), Data::Bytes(bytes)) => {
                assert_eq!(bytes.decoded_len(), expected.len());
                assert_eq!(bytes.decode(&mut vec![0; expected.len()]).unwrap(), expected);
            }
            (expected, data) => panic!("{expected:?}, but {data:?}"),
        }
    }
}

/// A text as each of the accessors gives it.
pub fn decoded(text: Text<'_>) -> String {
    let decoded: String = text.chars().collect();
    assert_eq!(text.decoded_len(), decoded.len());
    assert_eq!(text.decode(&mut vec![0; decoded.len()]).unwrap(), decoded);
    assert_eq!(text.to_string(), decoded);
    assert!(text.as_str().is_none_or(|text| text == decoded));
    decoded
}

fn compare_headers(expected: &[(String, String)], headers: Headers<'_>) {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (decoded(name), decoded(value))).collect();
    assert_eq!(headers, expected);
}

/// A known member must be the first of its name.
fn mark(seen: &mut Vec<String>, name: &str, wrong: &mut Wrong) {
    if seen.iter().any(|other| other == name) {
        wrong.push(ErrorKind::DuplicateKey);
    }
    seen.push(name.to_owned());
}

/// What a request should be decoded into.
#[derive(Debug, Default)]
pub struct Request<'a> {
    env: Option<String>,
    resource_appid: Option<String>,
    resource_env: Option<String>,
    path: String,
    service: Option<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    data: Body<'a>,
    timeout: Timeout,
    data_type: Option<String>,
    response_type: Option<String>,
    call_id: Option<String>,
}

impl<'a> Request<'a> {
    pub fn read(raw: &'a RawValue) -> (Self, Wrong) {
        let mut wrong = Wrong::default();
        let mut request = Request::default();
        let mut services = Vec::new();
        let mut seen = Vec::new();
        for (key, value) in object(raw, &mut wrong) {
            let wrong = &mut wrong;
            match key.as_str() {
                "config" => {
                    let mut seen = Vec::new();
                    for (key, value) in object(value, wrong).into_iter().filter(|(key, _)| key == "env") {
                        mark(&mut seen, &key, wrong);
                        request.env = name(value, wrong);
                    }
                }
                "resourceAppid" => request.resource_appid = name(value, wrong),
                "resourceEnv" => request.resource_env = name(value, wrong),
                "path" => request.path = path(value, wrong).unwrap_or_default(),
                "service" => services.extend(name(value, wrong)),
                "method" => request.method = method(value, wrong),
                "header" => {
                    let (headers, named) = headers(value, true, wrong);
                    request.headers = headers;
                    services.extend(named);
                }
                "data" => request.data.put(Body::read(value, wrong), wrong),
                "__nativeBuffers__" => request.data.put_buffers(value, wrong),
                "timeout" => request.timeout = timeout(value, wrong).unwrap_or_default(),
                "dataType" => request.data_type = name(value, wrong),
                "responseType" => request.response_type = response_type(value, wrong),
                "callID" => request.call_id = name(value, wrong),
                _ => continue,
            }
            mark(&mut seen, &key, wrong);
        }
        if request.env.is_none() && request.resource_env.is_none() {
            wrong.push(ErrorKind::MissingEnv);
        }
        if !seen.iter().any(|key| key == "path") {
            wrong.push(ErrorKind::MissingPath);
        }
        if services.iter().any(|service| *service != services[0]) {
            wrong.push(ErrorKind::ServiceConflict);
        }
        request.service = services.pop();
        (request, wrong)
    }

    pub fn compare(&self, request: &callcontainer::Request<'_>) {
        assert_eq!(request.env().map(decoded), self.env);
        assert_eq!(request.resource_appid().map(decoded), self.resource_appid);
        assert_eq!(request.resource_env().map(decoded), self.resource_env);
        assert_eq!(request.target_env().map(decoded), self.env.clone().or(self.resource_env.clone()));
        assert_eq!(decoded(request.path()), self.path);
        assert_eq!(request.service().map(decoded), self.service);
        assert_eq!(request.method().as_str(), self.method.as_deref().unwrap_or("GET"));
        compare_headers(&self.headers, request.headers());
        let content_type = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        assert_eq!(decoded(request.content_type()), content_type.map_or("application/json", |(_, value)| value));
        self.data.compare(request.data());
        assert_eq!(request.timeout(), self.timeout);
        assert_eq!(decoded(request.data_type().as_text()), self.data_type.as_deref().unwrap_or("json"));
        let response_type = match self.response_type.as_deref() {
            Some("arraybuffer") => ResponseType::ArrayBuffer,
            _ => ResponseType::Text,
        };
        assert_eq!(request.response_type(), response_type);
        assert_eq!(request.call_id().map(decoded), self.call_id);
    }
}

/// What a reply should be decoded into.
#[derive(Debug, Default)]
pub struct Reply<'a> {
    status: Option<u16>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    data: Body<'a>,
    call_id: Option<String>,
    err_msg: Option<String>,
    err_code: Option<i32>,
    errno: Option<i32>,
}

impl<'a> Reply<'a> {
    pub fn read(raw: &'a RawValue) -> (Self, Wrong) {
        let mut wrong = Wrong::default();
        let mut reply = Reply::default();
        let mut seen = Vec::new();
        for (key, value) in object(raw, &mut wrong) {
            let wrong = &mut wrong;
            match key.as_str() {
                "statusCode" => reply.status = status(value, wrong),
                "header" => reply.headers = headers(value, false, wrong).0,
                "cookies" => match node(value) {
                    Node::Array(cookies) => {
                        reply.cookies = cookies.into_iter().filter_map(|raw| string(raw, wrong)).collect();
                    }
                    _ => wrong.push(ErrorKind::WrongType),
                },
                "data" => reply.data.put(Body::read(value, wrong), wrong),
                "__nativeBuffers__" => reply.data.put_buffers(value, wrong),
                "callID" => reply.call_id = name(value, wrong),
                "errMsg" => reply.err_msg = string(value, wrong),
                "errCode" => reply.err_code = code(value, wrong),
                "errno" => reply.errno = code(value, wrong),
                _ => continue,
            }
            mark(&mut seen, &key, wrong);
        }
        if reply.is_failure() && reply.err_msg.is_none() {
            wrong.push(ErrorKind::MissingField);
        }
        (reply, wrong)
    }

    fn codes(&self) -> impl Iterator<Item = i32> {
        [self.err_code, self.errno].into_iter().flatten()
    }

    fn is_failure(&self) -> bool {
        self.status.is_none() || self.codes().any(|code| code != 0)
    }

    pub fn compare(&self, reply: &callcontainer::Reply<'_>) {
        match reply {
            callcontainer::Reply::Response(response) => {
                assert!(!self.is_failure());
                assert_eq!(Some(response.status()), self.status);
                compare_headers(&self.headers, response.headers());
                compare_cookies(&self.cookies, response.cookies());
                self.data.compare(response.data());
                assert_eq!(response.call_id().map(decoded), self.call_id);
                let err_msg = self.err_msg.as_deref().unwrap_or("cloud.callContainer:ok");
                assert_eq!(decoded(response.err_msg()), err_msg);
            }
            callcontainer::Reply::Failure(failure) => {
                assert!(self.is_failure());
                assert_eq!(Some(decoded(failure.err_msg())), self.err_msg);
                // Where a member is missing, what stands in the message takes its place, which is not JSON's business.
                if let Some(expected) = self.codes().find(|code| *code != 0) {
                    assert_eq!(failure.code().unwrap().0, expected);
                }
                if self.call_id.is_some() {
                    assert_eq!(failure.call_id().map(decoded), self.call_id);
                }
            }
        }
    }
}

fn compare_cookies(expected: &[String], cookies: Cookies<'_>) {
    assert_eq!(cookies.len(), expected.len());
    assert_eq!(cookies.iter().map(decoded).collect::<Vec<_>>(), expected);
}
