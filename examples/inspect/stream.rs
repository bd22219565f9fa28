//! Decodes an envelope as a stream, and keeps what a stream does not keep: everything.

use std::io::{self, Read};

use callcontainer::stream::{
    DecodeStep, Decoder, Direction as Way, Event, Field, Outcome, ReplyDecoder, RequestDecoder,
};
use callcontainer::{
    Data, DataType, Error, Failure, Json, Method, Reply, Request, Response, ResponseType, Text, Timeout,
};

use crate::{Direction, Envelope};

const WINDOW: usize = 512;

/// What came of an envelope. A field that has not come is `None`.
#[derive(Default)]
pub(crate) struct Collected {
    env: Option<String>,
    resource_appid: Option<String>,
    resource_env: Option<String>,
    path: Option<String>,
    service: Option<String>,
    method: Method,
    timeout: Timeout,
    data_type: Option<String>,
    response_type: ResponseType,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    call_id: Option<String>,
    err_msg: Option<String>,
    text: Option<String>,
    json: Option<Vec<u8>>,
    bytes: Option<Vec<u8>>,
    /// The text under way, where there may be several of its kind.
    several: Option<String>,
    /// Of a reply.
    outcome: Option<Outcome>,
}

/// Decodes what `input` gives in reads of `size` bytes. An error of the envelope is that of the whole.
pub(crate) fn collect(
    input: &mut dyn Read,
    direction: Direction,
    limit: usize,
    size: usize,
) -> io::Result<Result<Collected, Error>> {
    // No more is ever read than this.
    let mut buffer = vec![0; size.min(limit + 1)];
    match direction {
        Direction::Request => {
            let mut decoder = RequestDecoder::<WINDOW>::new().with_limit(limit);
            collect_events(&mut decoder, input, &mut buffer)
        }
        Direction::Reply => {
            let mut decoder = ReplyDecoder::<WINDOW>::new().with_limit(limit);
            let collected = collect_events(&mut decoder, input, &mut buffer)?;
            Ok(collected.map(|collected| Collected { outcome: decoder.outcome(), ..collected }))
        }
    }
}

fn collect_events<D: Way>(
    decoder: &mut Decoder<D, WINDOW>,
    input: &mut dyn Read,
    buffer: &mut [u8],
) -> io::Result<Result<Collected, Error>> {
    let mut collected = Collected::default();
    // What has been read and not been committed.
    let mut read = 0..0;
    loop {
        match decoder.step() {
            Ok(DecodeStep::Event(event)) => {
                collected.add(event);
                continue;
            }
            Ok(DecodeStep::End) => return Ok(Ok(collected)),
            Ok(DecodeStep::More) => {}
            // The message is read to its end all the same: it may be too long besides.
            Err(_) => {
                if decoder.window().is_empty() {
                    return Ok(decoder.step().map(|_| collected));
                }
            }
        }
        if read.is_empty() {
            read = 0..input.read(buffer)?;
        }
        let window = decoder.window();
        let count = window.len().min(read.len());
        window[..count].copy_from_slice(&buffer[read.start..read.start + count]);
        if read.is_empty() {
            decoder.end();
        } else {
            decoder.commit(count);
            read.start += count;
        }
    }
}

impl Collected {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Text { field, text, last } => self.add_text(field, text, last),
            Event::Json { json, .. } => self.json.get_or_insert_default().extend_from_slice(json),
            Event::Bytes { bytes, .. } => self.bytes.get_or_insert_default().extend_from_slice(bytes),
            Event::Method(method) => self.method = method,
            Event::Timeout(timeout) => self.timeout = timeout,
            Event::ResponseType(response_type) => self.response_type = response_type,
            _ => {}
        }
    }

    fn add_text(&mut self, field: Field, text: Text<'_>, last: bool) {
        let place = match field {
            Field::Env => &mut self.env,
            Field::ResourceAppid => &mut self.resource_appid,
            Field::ResourceEnv => &mut self.resource_env,
            Field::Path => &mut self.path,
            Field::Service => &mut self.service,
            Field::DataType => &mut self.data_type,
            Field::CallId => &mut self.call_id,
            Field::ErrMsg => &mut self.err_msg,
            Field::Data => &mut self.text,
            // What there may be several of is put together here first.
            _ => &mut self.several,
        };
        place.get_or_insert_default().extend(text.chars());
        if last {
            match field {
                Field::HeaderName => self.headers.push((self.several.take().unwrap_or_default(), String::new())),
                Field::HeaderValue => {
                    if let Some((_, value)) = self.headers.last_mut() {
                        *value = self.several.take().unwrap_or_default();
                    }
                }
                Field::Cookie => self.cookies.extend(self.several.take()),
                _ => {}
            }
        }
    }

    /// Does something with the envelope.
    pub(crate) fn envelope<T>(&self, action: impl FnOnce(&Envelope<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let cookies: Vec<_> = self.cookies.iter().map(String::as_str).collect();
        let data = match (&self.text, &self.json, &self.bytes) {
            (Some(text), ..) => Data::from(text.as_str()),
            (_, Some(json), _) => Data::Json(Json::from_bytes(json)?),
            (.., Some(bytes)) => Data::from(bytes.as_slice()),
            _ => Data::None,
        };
        action(&match self.outcome {
            None => Envelope::Request(self.request(&headers, data)),
            Some(Outcome::Response { status }) => {
                let mut response = Response::new(status).with_headers(&headers).with_cookies(&cookies).with_data(data);
                if let Some(call_id) = &self.call_id {
                    response = response.with_call_id(call_id);
                }
                if let Some(err_msg) = &self.err_msg {
                    response = response.with_err_msg(err_msg);
                }
                Envelope::Reply(Reply::Response(response))
            }
            Some(Outcome::Failure { code }) => {
                let err_msg = self.err_msg.as_deref().unwrap_or_default();
                let mut failure = match code {
                    Some(code) => Failure::new(code, err_msg),
                    None => Failure::from_err_msg(err_msg),
                };
                if let Some(call_id) = &self.call_id {
                    failure = failure.with_call_id(call_id);
                }
                Envelope::Reply(Reply::Failure(failure))
            }
        })
    }

    fn request<'a>(&'a self, headers: &'a [(&'a str, &'a str)], data: Data<'a>) -> Request<'a> {
        let mut request = Request::new(self.path.as_deref().unwrap_or_default())
            .with_method(self.method)
            .with_headers(headers)
            .with_data(data)
            .with_response_type(self.response_type);
        if let Some(env) = &self.env {
            request = request.with_env(env);
        }
        if let Some(appid) = &self.resource_appid {
            request = request.with_resource_appid(appid);
        }
        if let Some(env) = &self.resource_env {
            request = request.with_resource_env(env);
        }
        if let Some(service) = &self.service {
            request = request.with_service(service);
        }
        if let Timeout::Milliseconds(milliseconds) = self.timeout {
            request = request.with_timeout(milliseconds);
        }
        if let Some(data_type) = &self.data_type {
            request = request.with_data_type(DataType::from(data_type.as_str()));
        }
        if let Some(call_id) = &self.call_id {
            request = request.with_call_id(call_id);
        }
        request
    }
}
