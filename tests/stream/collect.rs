//! What an envelope holds, whichever decoder said so.

use super::kit::Told;
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, DataKind, ErrorCode, Message, Method, Reply, Request, ResponseType, Text, Timeout};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    pub texts: BTreeMap<&'static str, String>,
    pub headers: Vec<(String, String)>,
    pub cookies: Vec<String>,
    pub body: Body,
    pub method: Method,
    pub timeout: Timeout,
    pub response_type: ResponseType,
    pub status: Option<u16>,
    pub code: Option<ErrorCode>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    #[default]
    None,
    Text(String),
    Json(String),
    Bytes(Vec<u8>),
}

impl Body {
    pub fn of(data: Data<'_>) -> Self {
        match data {
            Data::None => Body::None,
            Data::Text(text) => Body::Text(text.to_string()),
            Data::Json(json) => Body::Json(json.as_str().to_owned()),
            Data::Bytes(bytes) => {
                let mut buffer = vec![0; bytes.decoded_len()];
                Body::Bytes(bytes.decode(&mut buffer).unwrap().to_vec())
            }
        }
    }
}

fn pairs(headers: callcontainer::Headers<'_>) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn texts(texts: &[(&'static str, Option<Text<'_>>)]) -> BTreeMap<&'static str, String> {
    texts.iter().filter_map(|(key, text)| Some((*key, text.as_ref()?.to_string()))).collect()
}

impl Collected {
    pub fn of_request(request: &Request<'_>) -> Self {
        Self {
            texts: texts(&[
                ("env", request.env()),
                ("resourceAppid", request.resource_appid()),
                ("resourceEnv", request.resource_env()),
                ("path", Some(request.path())),
                ("service", request.service()),
                ("dataType", Some(request.data_type().as_text()).filter(|text| *text != "json")),
                ("callID", request.call_id()),
            ]),
            headers: pairs(request.headers()),
            body: Body::of(request.data()),
            method: request.method(),
            timeout: request.timeout(),
            response_type: request.response_type(),
            ..Self::default()
        }
    }

    pub fn of_reply(reply: &Reply<'_>) -> Self {
        match reply {
            Reply::Response(response) => Self {
                texts: texts(&[
                    ("callID", response.call_id()),
                    ("errMsg", Some(response.err_msg()).filter(|text| *text != "cloud.callContainer:ok")),
                ]),
                headers: pairs(response.headers()),
                cookies: response.cookies().iter().map(|cookie| cookie.to_string()).collect(),
                body: Body::of(response.data()),
                status: Some(response.status()),
                ..Self::default()
            },
            Reply::Failure(failure) => Self {
                texts: texts(&[("callID", failure.call_id()), ("errMsg", Some(failure.err_msg()))]),
                code: failure.code(),
                ..Self::default()
            },
        }
    }

    /// What a stream told, of a message that is valid.
    pub fn of_events(events: &[Told], outcome: Option<Outcome>) -> Self {
        let mut all = Self::default();
        let mut text = String::new();
        let mut header = None;
        for event in events {
            match event {
                Told::Text(field, _, piece, last) => {
                    text.push_str(piece);
                    if *last {
                        all.add_text(*field, std::mem::take(&mut text), &mut header);
                    }
                }
                Told::Data(kind) => {
                    assert_eq!(all.body, Body::None);
                    all.body = match kind {
                        DataKind::Text => Body::Text(String::new()),
                        DataKind::Json => Body::Json(String::new()),
                        DataKind::Bytes => Body::Bytes(Vec::new()),
                    };
                }
                Told::Json(piece, _) => match &mut all.body {
                    Body::Json(json) => json.push_str(std::str::from_utf8(piece).unwrap()),
                    other => panic!("JSON after {other:?}"),
                },
                Told::Bytes(piece, _) => match &mut all.body {
                    Body::Bytes(bytes) => bytes.extend_from_slice(piece),
                    other => panic!("bytes after {other:?}"),
                },
                Told::Small(Event::Method(method)) => all.method = *method,
                Told::Small(Event::Timeout(timeout)) => all.timeout = *timeout,
                Told::Small(Event::ResponseType(kind)) => all.response_type = *kind,
                Told::Small(Event::Status(status)) => all.status = Some(*status),
                Told::Small(_) => {}
            }
        }
        assert_eq!((text, header), (String::new(), None), "a text has not ended");
        match outcome {
            None => {
                let named = all.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-wx-service"));
                if let Some((_, service)) = named {
                    all.texts.insert("service", service.clone());
                }
                if all.texts.get("dataType").is_some_and(|text| text == "json") {
                    all.texts.remove("dataType");
                }
            }
            Some(Outcome::Response { status }) => {
                assert_eq!(all.status, Some(status));
                if all.texts.get("errMsg").is_some_and(|text| text == "cloud.callContainer:ok") {
                    all.texts.remove("errMsg");
                }
            }
            Some(Outcome::Failure { code }) => {
                let message = all.texts["errMsg"].clone();
                let message = Message::parse(message.as_str());
                all = Self { texts: all.texts, code: code.or(message.code()), ..Self::default() };
                if let (false, Some(call_id)) = (all.texts.contains_key("callID"), message.call_id()) {
                    all.texts.insert("callID", call_id.to_string());
                }
            }
        }
        all
    }

    fn add_text(&mut self, field: Field, text: String, header: &mut Option<String>) {
        let key = match field {
            Field::HeaderName => {
                assert_eq!(header.replace(text), None);
                return;
            }
            Field::HeaderValue => {
                self.headers.push((header.take().expect("a value has a name"), text));
                return;
            }
            Field::Cookie => {
                self.cookies.push(text);
                return;
            }
            Field::Data => {
                match &mut self.body {
                    Body::Text(body) => *body = text,
                    other => panic!("text after {other:?}"),
                }
                return;
            }
            Field::Env => "env",
            Field::ResourceAppid => "resourceAppid",
            Field::ResourceEnv => "resourceEnv",
            Field::Path => "path",
            Field::Service => "service",
            Field::DataType => "dataType",
            Field::CallId => "callID",
            Field::ErrMsg => "errMsg",
            _ => panic!("a field that the kit does not know: {field:?}"),
        };
        assert_eq!(self.texts.insert(key, text), None);
    }
}
