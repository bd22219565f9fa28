//! Both envelopes, each written down once: a line for each member, in the order of encoding.
//!
//! The names of the keys, decoding, encoding, the checks, the greatest length and the stream decoder come from here: each
//! hands a macro of its own to a table, which calls it with all lines. A line says
//!
//! - the key, first as `Key` names it, then as it stands in an envelope;
//! - `Text` and its [`Rule`](super::rules::Rule), where the value is a text; a stream tells it as the
//!   [`Field`](super::texts::Field) named like the key, which belongs to both envelopes where it is a text of this one,
//!   `too`;
//! - `Scalar` and [`Choice`](super::fields::Choice) or [`Number`](super::fields::Number), where it becomes a value of a
//!   type that has that trait; a stream tells it as the event named like the key;
//! - `in` which slot it goes, the type of that, and what is in it when the key is not there;
//! - `up to` which capacity a text may go in a [bounded](super::bounded) envelope.
//!
//! What has no slot is irregular. It is decoded and written by hand, beside what comes from the table.

/// Hands the members of a request to a macro, behind what else that is given.
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

/// Hands the members of a reply to a macro, behind what else that is given. Both a response and a failure have all that
/// have slots. A failure has its code and message first.
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
