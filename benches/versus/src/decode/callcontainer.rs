//! This crate.

use super::Decode;
use super::fields::{Field, Take};
use callcontainer::{Data, DataType, Method, Reply, Request, ResponseType, Text};

#[derive(Default)]
pub struct CallContainer {
    /// Memory in which texts are unescaped, kept.
    room: Vec<u8>,
}

impl Decode for CallContainer {
    const NAME: &'static str = "callcontainer";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let request = Request::decode(envelope).ok()?;
        let room = &mut self.room;
        text(take, room, Field::Env, request.env());
        text(take, room, Field::ResourceAppid, request.resource_appid());
        text(take, room, Field::ResourceEnv, request.resource_env());
        text(take, room, Field::Path, Some(request.path()));
        text(take, room, Field::Service, request.service());
        if request.method() != Method::Get {
            take.text(Field::Method, request.method().as_str().as_bytes());
        }
        if let Some(milliseconds) = request.timeout().milliseconds() {
            take.number(Field::Timeout, milliseconds.into());
        }
        if let DataType::Other(data_type) = request.data_type() {
            text(take, room, Field::DataType, Some(data_type));
        }
        if request.response_type() != ResponseType::Text {
            take.text(Field::ResponseType, request.response_type().as_str().as_bytes());
        }
        text(take, room, Field::CallId, request.call_id());
        request.headers().iter().for_each(|(name, value)| header(take, room, name, value));
        body(take, request.data());
        Some(())
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        let room = &mut self.room;
        match Reply::decode(envelope).ok()? {
            Reply::Response(response) => {
                take.number(Field::StatusCode, response.status().into());
                response.headers().iter().for_each(|(name, value)| header(take, room, name, value));
                response.cookies().iter().for_each(|cookie| unescaped(cookie, room, |cookie| take.cookie(cookie)));
                text(take, room, Field::CallId, response.call_id());
                body(take, response.data());
            }
            Reply::Failure(failure) => {
                if let Some(code) = failure.code() {
                    take.number(Field::ErrCode, code.0.into());
                }
                text(take, room, Field::ErrMsg, Some(failure.err_msg()));
                text(take, room, Field::CallId, failure.call_id());
            }
        }
        Some(())
    }
}

#[inline(always)]
fn text(take: &mut impl Take, room: &mut Vec<u8>, field: Field, text: Option<Text<'_>>) {
    if let Some(text) = text {
        unescaped(text, room, |text| take.text(field, text));
    }
}

#[inline(always)]
fn header(take: &mut impl Take, room: &mut Vec<u8>, name: Text<'_>, value: Text<'_>) {
    // A name is never escaped where an encoder writes it, so one room does for both.
    match name.as_bytes() {
        Some(name) => unescaped(value, room, |value| take.header(name, value)),
        None => {
            let mut other = Vec::new();
            unescaped(name, &mut other, |name| unescaped(value, room, |value| take.header(name, value)));
        }
    }
}

/// The text itself: borrowed where nothing is escaped.
#[inline(always)]
fn unescaped(text: Text<'_>, room: &mut Vec<u8>, take: impl FnOnce(&[u8])) {
    match text.as_bytes() {
        Some(bytes) => take(bytes),
        None => {
            // As written it is longer.
            let len = text.as_raw().len();
            if room.len() < len {
                room.resize(len, 0);
            }
            take(text.decode(room).expect("the room is as long as the text").as_bytes());
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
