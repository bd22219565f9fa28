//! Both envelopes, each defined once: one line for each member, in the order of encoding.
//!
//! The names of the keys, decoding, encoding, the checks, the maximum length and the stream decoder are generated from
//! here: each passes a macro of its own to a table, which calls it with all lines. A line has
//!
//! - the key, first as it is named in `Key`, then as it appears in an envelope;
//! - `Text` and its [`Rule`](super::rules::Rule), if the value is a text; a stream reports it as the
//!   [`Field`](super::texts::Field) with the same name as the key; `too` means that both envelopes have this text and
//!   share the field;
//! - `Scalar` and [`Choice`](super::fields::Choice) or [`Number`](super::fields::Number), if it becomes a value of a
//!   type that has that trait; a stream reports it as the event with the same name as the key;
//! - `in`: the slot for the value, its type, and its content when the key is missing;
//! - `up to`: the capacity of a text in a [bounded](super::bounded) envelope.
//!
//! A member without a slot is irregular. It is decoded and written by hand, in addition to what comes from the table.

/// Passes the members of a request to a macro, after any other arguments.
macro_rules! request {
    ($generate:ident $($with:tt)?) => {
        $generate! {
            $($with)?
            Config        "config";
            ResourceAppid "resourceAppid" Text(Name)     in resource_appid: Option<Text<'a>> = None, up to RESOURCE_APPID;
            ResourceEnv   "resourceEnv"   Text(Name)     in resource_env: Option<Text<'a>> = None, up to RESOURCE_ENV;
            Path          "path"          Text(Path);
            Service       "service"       Text(Name);
            Method        "method"        Scalar(Choice) in method: Method = Method::Get;
            Header        "header";
            Timeout       "timeout"       Scalar(Number) in timeout: Timeout = Timeout::NotSet;
            DataType      "dataType"      Text(Name)     in data_type: DataType<'a> = DataType::Json, up to DATA_TYPE;
            ResponseType  "responseType"  Scalar(Choice) in response_type: ResponseType = ResponseType::Text;
            CallId        "callID"        Text(Name)     in call_id: Option<Text<'a>> = None, up to CALL_ID;
            Data          "data";
            NativeBuffers "__nativeBuffers__";
        }
    };
}

/// Passes the members of a reply to a macro, after any other arguments. Both a response and a failure have all members
/// that have slots. A failure begins with its code and message.
macro_rules! reply {
    ($generate:ident $($with:tt)?) => {
        $generate! {
            $($with)?
            Status        "statusCode" Scalar(Number);
            Header        "header";
            Cookies       "cookies";
            CallId        "callID"     Text(Name, too) in call_id: Option<Text<'a>> = None, up to CALL_ID;
            ErrMsg        "errMsg"     Text(Any);
            ErrCode       "errCode"    Scalar(Number);
            Errno         "errno"      Scalar(Number);
            Data          "data";
            NativeBuffers "__nativeBuffers__";
        }
    };
}

pub(crate) use {reply, request};
