//! What a text is, what is in it, and what there is to say of it.

use super::glyphs::{Glyphs, decimal};
use super::spent::Spent;
use super::subject::Subject;
use super::tokens::{Token, Tokens, content};
use super::words::Words;
use crate::envelope::header_names::is_name;
use crate::error::{Error, ErrorKind};
use crate::limits::{REPLY_LIMIT, REQUEST_LIMIT};
use crate::{
    Data, DataKind, DataType, ErrorCode, Failure, Method, Reply, Request, Response, ResponseType, Text, Timeout,
};
use core::fmt::{self, Write};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A request envelope.
    Request,
    /// A reply envelope.
    Reply,
    /// The message of an error, with a stack or without, or an error object of the open HTTP API.
    Message,
}

impl What {
    /// Returns what a text most likely is, by its first character and the names of its outermost members. Never fails:
    /// an envelope with an error in it is told as well.
    ///
    /// ```
    /// use callcontainer::explain::What;
    ///
    /// assert_eq!(What::detect(br#"{"path":"#), What::Request);
    /// assert_eq!(What::detect(br#"{"errCode":-1,"errMsg":"#), What::Reply);
    /// assert_eq!(What::detect(b"Error: cloud.callContainer:fail -405005"), What::Message);
    /// ```
    #[must_use]
    pub fn detect(text: &[u8]) -> Self {
        let trimmed = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start();
        if trimmed.first() != Some(&b'{') {
            return Self::Message;
        }
        let mut depth = 0_usize;
        let mut is_name = false;
        let (mut has_code, mut has_message, mut has_other) = (false, false, false);
        for (token, range) in Tokens::new(trimmed) {
            match token {
                Token::Open { .. } => depth = depth.saturating_add(1),
                Token::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            // A name without quotes, as a console shows an object, is one here.
            if depth == 1 && core::mem::take(&mut is_name) {
                match content(trimmed, range) {
                    b"statusCode" | b"errMsg" | b"errCode" | b"errno" if matches!(token, Token::Text { .. }) => {
                        return Self::Reply;
                    }
                    b"path" | b"config" | b"method" | b"resourceAppid" | b"resourceEnv" | b"service" | b"timeout" => {
                        return Self::Request;
                    }
                    b"errMsg" | b"errCode" | b"errno" => return Self::Message,
                    b"code" => has_code = true,
                    b"message" => has_message = true,
                    b"cookies" => return Self::Reply,
                    _ => has_other = true,
                }
            }
            is_name = depth == 1 && matches!(token, Token::Open { .. } | Token::Comma);
        }
        if has_code && has_message && !has_other || has_code && trimmed.windows(9).any(|part| part == b"requestId") {
            Self::Message
        } else {
            Self::Request
        }
    }

    /// Returns the greatest length in bytes. A message stands in a reply.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Request => REQUEST_LIMIT,
            Self::Reply | Self::Message => REPLY_LIMIT,
        }
    }

    /// Returns `request`, `reply` or `message`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
            Self::Message => "message",
        }
    }

    /// Returns the content of a text that is this.
    ///
    /// # Errors
    /// Those of decoding an envelope. For a message, [`ErrorKind::TooLong`] and [`ErrorKind::InvalidUtf8`].
    pub fn read(self, text: &[u8], limit: usize) -> Result<Finding<'_>, Error> {
        match self {
            Self::Request => Request::decode_within(text, limit).map(Finding::Request),
            Self::Reply => Reply::decode_within(text, limit).map(|reply| match reply {
                Reply::Response(response) => Finding::Response(response),
                Reply::Failure(failure) => Finding::Failure(failure),
            }),
            Self::Message => message(text, limit).map(|message| Finding::Failure(Failure::from_err_msg(message))),
        }
    }
}

/// Returns the text of a message, without what some editors begin a file with, and without white space around it.
fn message(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        return Err(Error::new(ErrorKind::TooLong, limit));
    }
    let text = core::str::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).trim())
}

/// What is in a text.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and no heap")]
pub enum Finding<'a> {
    /// A request.
    Request(Request<'a>),
    /// The response of a service.
    Response(Response<'a>),
    /// A failure.
    Failure(Failure<'a>),
}

impl<'a> Finding<'a> {
    /// Returns why the call failed, if it did.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Failure(failure) => Some(Subject::of_failure(failure)),
            Self::Request(_) | Self::Response(_) => None,
        }
    }

    /// Returns the data.
    #[must_use]
    pub const fn data(&self) -> Data<'a> {
        match self {
            Self::Request(request) => request.data(),
            Self::Response(response) => response.data(),
            Self::Failure(_) => Data::None,
        }
    }

    /// Returns on what the bytes of the envelope are spent that this was read from.
    #[must_use]
    pub fn spent(&self, envelope: &[u8]) -> Spent {
        Spent::of(envelope, self.data())
    }

    /// Returns what a Mini Program sees of this, and what it may not expect, a sentence at a time.
    pub fn seen(&self) -> impl Iterator<Item = Words> + use<'a> {
        let seen = match self {
            Self::Request(request) => of_request(request),
            Self::Response(response) => of_response(response),
            Self::Failure(_) => [Some(REJECTS), None, None, None, None, None],
        };
        seen.into_iter().flatten()
    }

    /// Writes the values that a Mini Program sees first, on one line: `res.statusCode = 200, …` or `err.errCode = …`.
    /// Writes nothing for a request.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_seen(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Self::Request(_) => Ok(()),
            Self::Response(response) => {
                out.write_str("res.statusCode = ")?;
                decimal(out, response.status().into())?;
                out.write_str(", res.errMsg = ")?;
                quoted(out, response.err_msg())
            }
            Self::Failure(failure) => {
                if let Some(code) = failure.code() {
                    out.write_str("err.errCode = ")?;
                    put_code(out, code)?;
                    out.write_str(", ")?;
                }
                out.write_str("err.errMsg = ")?;
                quoted(out, failure.err_msg())
            }
        }
    }
}

/// Writes what a Mini Program sees when the gateway refuses a request with this error: the code and its message. Writes
/// nothing if no envelope has the error.
///
/// # Errors
/// Those of `out`.
pub fn put_refusal(error: Error, out: &mut impl Write) -> fmt::Result {
    let Some(code) = error.platform_code() else { return Ok(()) };
    let message = match error.kind() {
        ErrorKind::MissingPath | ErrorKind::InvalidPath => "Path access permission error",
        _ => code.message().unwrap_or_default(),
    };
    out.write_str("err.errCode = ")?;
    put_code(out, code)?;
    out.write_str(", ")?;
    out.write_str(message)
}

/// Writes a code in decimal digits.
pub(super) fn put_code(out: &mut impl Write, code: ErrorCode) -> fmt::Result {
    if code.0 < 0 {
        out.write_char('-')?;
    }
    decimal(out, code.0.unsigned_abs() as usize)
}

/// As much of a text as fits on a line.
const SHOWN: usize = 160;

fn quoted(out: &mut impl Write, text: Text<'_>) -> fmt::Result {
    out.write_char('"')?;
    let mut characters = text.chars();
    for character in characters.by_ref().take(SHOWN) {
        Glyphs::new(character.encode_utf8(&mut [0; 4]).as_bytes()).put(out)?;
    }
    if characters.next().is_some() {
        out.write_char('…')?;
    }
    out.write_char('"')
}

type Seen = [Option<Words>; 6];

const REJECTS: Words = Words::new(
    "`fail` is called, or the Promise is rejected, with errCode and errMsg.",
    "会进入 `fail` 回调（或 Promise 被拒绝），得到 errCode 和 errMsg。",
);

fn of_request(request: &Request<'_>) -> Seen {
    let has_data = request.data().kind().is_some();
    let content_type = request.content_type();
    let is_form = content_type.chars().take(FORM.len()).eq(FORM.chars());
    let sent = match (request.method(), request.data()) {
        (Method::Get, Data::Json(_)) => Some(Words::new(
            "GET: the members of `data` become the query of the path, and there is no body.",
            "GET 请求：`data` 的成员会变成路径的查询串，没有包体。",
        )),
        (Method::Get | Method::Head, _) if has_data => Some(Words::new(
            "GET and HEAD have no body: text and bytes are refused with either.",
            "GET、HEAD 没有包体：文本或二进制的 `data` 会被拒绝。",
        )),
        (_, Data::Json(_)) if is_form => Some(Words::new(
            "The service gets `data` as a form: pairs of name=value in the body.",
            "服务收到的包体是表单：由 `data` 转换成 name=value。",
        )),
        _ => None,
    };
    let answer = if request.response_type() == ResponseType::ArrayBuffer {
        Words::new("res.data will be an ArrayBuffer.", "res.data 将是 ArrayBuffer。")
    } else if request.data_type() == DataType::Json {
        Words::new(
            "res.data will be what JSON.parse makes of the answer, or its text if that does not parse.",
            "res.data 是对响应做一次 JSON.parse 的结果；解析不了时保持为字符串。",
        )
    } else {
        Words::new("res.data will be the text of the answer as it is.", "res.data 是响应的原始文本。")
    };
    let reuse = request.resource_appid().is_some().then_some(Words::new(
        "Resource reuse: the service gets X-WX-FROM-OPENID and X-WX-FROM-APPID, and no X-WX-OPENID.",
        "资源复用：服务收到的是 X-WX-FROM-OPENID、X-WX-FROM-APPID，没有 X-WX-OPENID。",
    ));
    let service = request.service().is_none().then_some(Words::new(
        "No service is named, neither in X-WX-SERVICE nor in `service`: expect -501000 Invalid host.",
        "没有指定服务（`X-WX-SERVICE` 或 `service`）：可能得到 -501000 Invalid host。",
    ));
    let timeout = (request.timeout() == Timeout::NoEffect).then_some(Words::new(
        "`timeout` is over 15000 ms and has no effect.",
        "`timeout` 超过 15000 毫秒，不会生效。",
    ));
    let forged = request.headers().iter().any(|(name, _)| starts_like_identity(name)).then_some(Words::new(
        "Headers X-WX-* from the caller never reach the service, but for what they tell the gateway.",
        "调用方自带的 X-WX-* header 不会到达服务，只供网关参考。",
    ));
    [sent, Some(answer), reuse, service, timeout, forged]
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a header is one of identity: `X-WX-*`, except that which names the service.
fn starts_like_identity(name: Text<'_>) -> bool {
    let mut characters = name.chars();
    let starts =
        "x-wx-".chars().all(|expected| characters.next().is_some_and(|one| one.eq_ignore_ascii_case(&expected)));
    starts && !is_name(name, b"x-wx-service")
}

fn of_response(response: &Response<'_>) -> Seen {
    let success = Words::new(
        "`success` is called, or the Promise is fulfilled.",
        "会进入 `success` 回调（或 Promise 正常返回）。",
    );
    let status = (response.status() >= 400).then_some(Words::new(
        "The status is the service's own. It does not make the call fail: look at res.statusCode.",
        "状态码由服务给出，不会使调用失败，需要自行判断 res.statusCode。",
    ));
    let data = match response.data().kind() {
        None => Words::new("res.data is missing.", "没有 res.data。"),
        Some(DataKind::Text) => Words::new("res.data is a string.", "res.data 是字符串。"),
        Some(DataKind::Json) => Words::new("res.data is parsed JSON.", "res.data 是解析后的 JSON。"),
        Some(DataKind::Bytes) => Words::new("res.data is an ArrayBuffer.", "res.data 是 ArrayBuffer。"),
    };
    let cookies = (!response.cookies().is_empty()).then_some(Words::new(
        "Each Set-Cookie of the service is an element of res.cookies.",
        "服务的每个 Set-Cookie 是 res.cookies 的一个元素。",
    ));
    [Some(success), status, Some(data), cookies, None, None]
}
