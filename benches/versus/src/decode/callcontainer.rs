//! This crate.

use super::Decode;
use super::fields::{Field, Take};
use callcontainer::{Data, DataType, Method, Reply, Request, ResponseType, Text};

pub struct CallContainer;

impl Decode for CallContainer {
    const NAME: &'static str = "callcontainer";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let request = Request::decode(envelope).ok()?;
        text(take, Field::Env, request.env());
        text(take, Field::ResourceAppid, request.resource_appid());
        text(take, Field::ResourceEnv, request.resource_env());
        text(take, Field::Path, Some(request.path()));
        text(take, Field::Service, request.service());
        if request.method() != Method::Get {
            take.text(Field::Method, request.method().as_str().as_bytes());
        }
        if let Some(milliseconds) = request.timeout().milliseconds() {
            take.number(Field::Timeout, milliseconds.into());
        }
        if let DataType::Other(data_type) = request.data_type() {
            text(take, Field::DataType, Some(data_type));
        }
        if request.response_type() != ResponseType::Text {
            take.text(Field::ResponseType, request.response_type().as_str().as_bytes());
        }
        text(take, Field::CallId, request.call_id());
        request.headers().iter().for_each(|(name, value)| header(take, name, value));
        body(take, request.data());
        Some(())
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        match Reply::decode(envelope).ok()? {
            Reply::Response(response) => {
                take.number(Field::StatusCode, response.status().into());
                response.headers().iter().for_each(|(name, value)| header(take, name, value));
                response.cookies().iter().for_each(|cookie| unescaped(cookie, |cookie| take.cookie(cookie)));
                text(take, Field::CallId, response.call_id());
                body(take, response.data());
            }
            Reply::Failure(failure) => {
                if let Some(code) = failure.code() {
                    take.number(Field::ErrCode, code.0.into());
                }
                text(take, Field::ErrMsg, Some(failure.err_msg()));
                text(take, Field::CallId, failure.call_id());
            }
        }
        Some(())
    }
}

#[inline(always)]
fn text(take: &mut impl Take, field: Field, text: Option<Text<'_>>) {
    if let Some(text) = text {
        unescaped(text, |text| take.text(field, text));
    }
}

#[inline(always)]
fn header(take: &mut impl Take, name: Text<'_>, value: Text<'_>) {
    unescaped(name, |name| unescaped(value, |value| take.header(name, value)));
}

/// The text itself: borrowed where nothing is escaped, otherwise as the side of serde has it, in memory of its own.
#[inline(always)]
fn unescaped(text: Text<'_>, take: impl FnOnce(&[u8])) {
    match text.as_bytes() {
        Some(bytes) => take(bytes),
        None => {
            let mut room = vec![0; text.decoded_len()];
            let decoded = text.decode(&mut room).expect("the room is as long as the text");
            take(decoded.as_bytes());
        }
    }
}

#[inline(always)]
fn body(take: &mut impl Take, data: Data<'_>) {
    match data {
        Data::None => {}
        Data::Text(text) => take.body(text.as_raw()),
        Data::Json(json) => take.body(json.as_bytes()),
        Data::Bytes(bytes) => {
            if let Some(base64) = bytes.as_base64() {
                take.body(base64.as_raw());
            }
        }
    }
}
