//! The keys of envelopes, for the libraries that leave it to their user to tell them apart.

use super::fields::Field;

#[derive(Clone, Copy)]
pub enum Key {
    Text(Field),
    Number(Field),
    Config,
    Header,
    Cookies,
    Data,
    NativeBuffers,
    Other,
}

impl Key {
    #[inline(always)]
    pub fn of_request(key: &str) -> Self {
        match key {
            "config" => Key::Config,
            "resourceAppid" => Key::Text(Field::ResourceAppid),
            "resourceEnv" => Key::Text(Field::ResourceEnv),
            "path" => Key::Text(Field::Path),
            "service" => Key::Text(Field::Service),
            "method" => Key::Text(Field::Method),
            "header" => Key::Header,
            "timeout" => Key::Number(Field::Timeout),
            "dataType" => Key::Text(Field::DataType),
            "responseType" => Key::Text(Field::ResponseType),
            "callID" => Key::Text(Field::CallId),
            "data" => Key::Data,
            "__nativeBuffers__" => Key::NativeBuffers,
            _ => Key::Other,
        }
    }

    #[inline(always)]
    pub fn of_reply(key: &str) -> Self {
        match key {
            "statusCode" => Key::Number(Field::StatusCode),
            "header" => Key::Header,
            "cookies" => Key::Cookies,
            "callID" => Key::Text(Field::CallId),
            "errMsg" => Key::Text(Field::ErrMsg),
            "errCode" => Key::Number(Field::ErrCode),
            "errno" => Key::Number(Field::Errno),
            "data" => Key::Data,
            "__nativeBuffers__" => Key::NativeBuffers,
            _ => Key::Other,
        }
    }
}
