//! The other errors of this crate, explained: of a connection, of the HTTP on it, and of typed bodies.

use super::platform::contains;
use super::words::{Advice, Explanation, documented, inferred};
use crate::Text;

/// An error of this crate that is none of an envelope, explained.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Own {
    /// A name in lower case with hyphens.
    pub name: &'static str,
    /// How it says what it is, or the part of that which is always the same; empty where others say the same.
    pub says: &'static str,
    /// What it means.
    pub explanation: Explanation,
}

/// One entry each, and a function for each group that returns its entries.
macro_rules! own {
    ($($constant:ident $name:literal $says:literal {
        means: $means:literal, $means_zh:literal;
        cause: $cause:literal, $cause_zh:literal;
        remedy: $remedy:literal, $remedy_zh:literal;
        retry: $advice:ident;
    })*) => {
        $(#[allow(dead_code, reason = "of a feature that may be off; a message may speak of it all the same")]
        pub(super) static $constant: Own = Own {
            name: $name,
            says: $says,
            explanation: Explanation {
                meaning: documented($means, $means_zh),
                cause: inferred($cause, $cause_zh),
                remedy: inferred($remedy, $remedy_zh),
                advice: Advice::$advice,
            },
        };)*

        /// Errors of the client, of HTTP and of typed bodies. `ErrorKind` has those of envelopes.
        pub static OWN: &[&Own] = &[$(&$constant,)*];
    };
}

own! {
    // Calls: `client::CallError`.
    NOT_INITIALISED "not-initialised" "" {
        means: "The client has no connection yet; nothing was sent.",
            "客户端还没有连接，没有发送任何内容。";
        cause: "`Cloud::init` was not called, or the connection that it was given was dropped.",
            "没有调用 `Cloud::init`，或传给它的连接已被释放。";
        remedy: "Call `init` with a connection before the call, or let `Cloud::retrying` connect.",
            "调用前先用一个连接执行 `init`，或交给 `Cloud::retrying` 去连接。";
        retry: SoonAnyMethod;
    }
    NOT_REUSABLE "not-reusable" "the connection cannot be used any more" {
        means: "The connection is spent after an earlier error, or the gateway has closed it; nothing was sent.",
            "连接因先前的错误不能再用，或已被网关关闭；没有发送任何内容。";
        cause: "A call before this one failed half way, or the answer to it said `Connection: close`.",
            "上一次调用中途失败，或它的应答带有 `Connection: close`。";
        remedy: "Connect anew and call `init`; `Cloud::retrying` does both.",
            "重新连接并调用 `init`；`Cloud::retrying` 会自动完成。";
        retry: SoonAnyMethod;
    }
    WRITE "write" "" {
        means: "The request was not written completely. A gateway does not run a part of one.",
            "请求没有完整写出。网关不会执行不完整的请求。";
        cause: "The connection ended while sending, its buffer stayed full, or a body from a reader failed.",
            "发送时连接断开，发送缓冲区一直满，或提供包体的 reader 出错。";
        remedy: "Connect anew. If it happens with large requests only, lengthen the deadline of the connection.",
            "重新连接；如果只在请求较大时发生，延长连接的期限。";
        retry: SoonIfIdempotent;
    }
    NO_ANSWER "no-answer" "before an answer came" {
        means: "The request was sent, and the connection ended before the first byte of an answer.",
            "请求已发出，但在收到应答的第一个字节之前连接就断开了。";
        cause: "Most often an idle connection that the other end had closed already; else a gateway or a service that died.",
            "多半是空闲太久、已被对端关闭的连接；也可能是网关或服务崩溃。";
        remedy: "Use `with_idle_check`, which looks before each call, and keep calls idempotent.",
            "用 `with_idle_check` 在每次调用前检查连接，并让接口幂等。";
        retry: SoonIfIdempotent;
    }
    IO "io" "the connection failed with" {
        means: "The connection failed in the middle of the answer. The service may have run.",
            "应答接收到一半时连接出错，服务可能已经执行。";
        cause: "A lost network, a deadline that has passed, or a peer that reset the connection.",
            "网络中断、超过期限，或对端重置了连接。";
        remedy: "Look at the error inside, which is that of the network stack; connect anew.",
            "查看内层的网络栈错误，然后重新连接。";
        retry: SoonIfIdempotent;
    }
    UNEXPECTED_EOF "unexpected-eof" "the connection ended before the reply did" {
        means: "The connection was closed in the middle of the answer. The service may have run.",
            "应答接收到一半时连接被关闭，服务可能已经执行。";
        cause: "A gateway that was restarted, or a proxy between that gave up.",
            "网关重启，或中间的代理放弃了连接。";
        remedy: "Connect anew; look in the gateway's log for the call ID.",
            "重新连接，并用 callId 在网关日志中查找。";
        retry: SoonIfIdempotent;
    }
    FOREIGN_REPLY "foreign-reply" "a reply that is not that of the call" {
        means: "A reply came, but its `callID` is not that of the call.",
            "收到了应答，但 `callID` 不是这次调用的。";
        cause: "Two calls at a time on one connection, or a gateway that does not repeat the `callID`.",
            "同一个连接上同时进行两次调用，或网关没有原样返回 `callID`。";
        remedy: "Make one call after the other on a connection, and let the gateway answer with the `callID` it was given.",
            "同一连接上逐个调用，并让网关返回收到的 `callID`。";
        retry: Unsure;
    }

    // Responses: `HttpError`.
    HTTP_HEAD "http-head" "an answer that is not HTTP/1.1" {
        means: "What came is not the head of an HTTP response.",
            "收到的不是 HTTP 响应头。";
        cause: "A port that speaks TLS or something else, or a service that ends lines with LF alone.",
            "端口使用 TLS 或其他协议，或服务只用 LF 换行。";
        remedy: "Check the port and whether it wants TLS; let the service end lines with CR LF.",
            "检查端口以及是否需要 TLS；让服务以 CR LF 结束每一行。";
        retry: Never;
    }
    HTTP_HEAD_TOO_LONG "http-head-too-long" "an HTTP head that is too long" {
        means: "The head of the response is longer than its reader takes.",
            "响应头超过了读取方的上限。";
        cause: "Large cookies, or data that the service puts into headers.",
            "Cookie 过大，或服务把数据放进了 header。";
        remedy: "Move data into the body, and keep cookies small.",
            "把数据移到包体，缩小 Cookie。";
        retry: Never;
    }
    HTTP_TOO_MANY_HEADERS "http-too-many-headers" "an HTTP head with too many lines" {
        means: "The head of the response has more lines than its reader takes.",
            "响应头的行数超过了读取方的上限。";
        cause: "One cookie for each value, or headers that every proxy on the way adds.",
            "每个值一个 Cookie，或途经的每个代理都添加 header。";
        remedy: "Put several values into one cookie, and remove what no caller reads.",
            "多个值合并进一个 Cookie，去掉没人读取的 header。";
        retry: Never;
    }
    HTTP_TOO_MANY_INTERIM "http-too-many-interim" "too many interim HTTP responses" {
        means: "More than 16 responses with a status of 1xx came before the answer.",
            "在应答之前收到了超过 16 个 1xx 响应。";
        cause: "A service that sends `102 Processing` as a sign of life.",
            "服务不断发送 `102 Processing` 表示仍在处理。";
        remedy: "Leave interim responses out; answer within the timeout instead.",
            "不要发送 1xx 响应，改为在超时之前应答。";
        retry: Never;
    }
    HTTP_SWITCHED "http-switched" "a switch to another protocol" {
        means: "The service answered 101 Switching Protocols, which nobody asked for.",
            "服务返回了没有请求过的 101 Switching Protocols。";
        cause: "A path that belongs to a WebSocket.",
            "该路径是 WebSocket 接口。";
        remedy: "Call another path: a call has one request and one answer.",
            "换用其他路径：一次调用只有一个请求和一个应答。";
        retry: Never;
    }
    HTTP_LENGTH "http-length" "an HTTP body of uncertain length" {
        means: "The response states the length of its body in two ways that differ, or in one that is not understood.",
            "响应对包体长度给出了两种矛盾的说法，或无法识别的说法。";
        cause: "`Content-Length` beside `Transfer-Encoding`, or two that differ, often set by hand in the service.",
            "同时有 `Content-Length` 和 `Transfer-Encoding`，或两个不同的长度，常因服务手工设置。";
        remedy: "Let the framework of the service set the length.",
            "由服务框架自动设置长度。";
        retry: Never;
    }
    HTTP_CHUNK "http-chunk" "a broken chunk" {
        means: "The chunked coding of the response is not valid.",
            "响应的 chunked 编码无效。";
        cause: "A service that writes chunks by hand, or output of another program in between.",
            "服务手工拼写分块，或混入了其他程序的输出。";
        remedy: "Let the framework write chunks, or send a `Content-Length`.",
            "由框架生成分块，或改发 `Content-Length`。";
        retry: Never;
    }
    HTTP_CHUNK_TOO_LONG "http-chunk-too-long" "chunk extensions and trailers that are too long" {
        means: "What stands beside the data of chunks is longer than 4096 bytes.",
            "分块的附加内容（扩展和尾部）超过 4096 字节。";
        cause: "Trailers that carry data.",
            "把数据放进了 trailer。";
        remedy: "Put the data into the body or the head.",
            "把数据放到包体或响应头。";
        retry: Never;
    }
    HTTP_TRUNCATED "http-truncated" "an HTTP response that is cut short" {
        means: "The service closed the connection before its response was complete.",
            "服务在响应完成之前关闭了连接。";
        cause: "A service that crashed while answering, ran out of memory, or was stopped.",
            "服务在应答时崩溃、内存不足，或被停止。";
        remedy: "Look in the logs of the container for that moment; answer smaller pieces.",
            "查看容器在该时刻的日志；减小返回内容。";
        retry: Unsure;
    }
    HTTP_CODED "http-coded" "a content coding that nobody asked for" {
        means: "The body is to be text, but is compressed, although no coding was asked for.",
            "包体应为文本，却被压缩了，而请求并未要求压缩。";
        cause: "Compression that the service or a proxy before it always switches on.",
            "服务或前面的代理无条件启用了压缩。";
        remedy: "Let it honour `Accept-Encoding: identity`, or ask for `arraybuffer` and unpack it yourself.",
            "让它遵守 `Accept-Encoding: identity`，或用 `arraybuffer` 接收后自行解压。";
        retry: Never;
    }

    // Typed bodies: `typed::ErrorKind`.
    TYPED_CUSTOM "typed-custom" "a value that breaks a rule of its type" {
        means: "The value breaks a rule of the type's own.",
            "值违反了该类型自己的规则。";
        cause: "A handwritten `Deserialize` or a check in the type refused it.",
            "手写的 `Deserialize` 或类型中的检查拒绝了它。";
        remedy: "Look at the value at the offset, and at the rule of the type.",
            "查看偏移处的值，并与类型的规则对照。";
        retry: Never;
    }
    TYPED_WRONG_TYPE "typed-wrong-type" "a value of another type than asked for" {
        means: "The JSON value has another type than the field of the Rust type.",
            "JSON 值的类型与 Rust 字段的类型不符。";
        cause: "A number as a string, a fraction for an integer, or `null` for a field that is no `Option`.",
            "数字写成了字符串，整数字段收到小数，或非 `Option` 字段收到 `null`。";
        remedy: "Change the type of the field, or wrap it in `Option`.",
            "修改字段类型，或用 `Option` 包装。";
        retry: Never;
    }
    TYPED_INVALID_VALUE "typed-invalid-value" "a value that its type does not allow" {
        means: "The value has the right type and is not allowed.",
            "值的类型正确，但取值不被允许。";
        cause: "A zero for a `NonZero`, or a text of several characters for a `char`.",
            "`NonZero` 收到 0，或 `char` 收到多个字符。";
        remedy: "Choose a type that takes what the service sends.",
            "选用能容纳服务所发内容的类型。";
        retry: Never;
    }
    TYPED_INVALID_LENGTH "typed-invalid-length" "a length of " {
        means: "The array has a number of elements that the type does not allow.",
            "数组的元素个数不符合类型要求。";
        cause: "A tuple or fixed array for a list that has grown.",
            "用元组或定长数组接收了会变长的列表。";
        remedy: "Use a `heapless::Vec` with room, or read the elements one by one.",
            "改用容量足够的 `heapless::Vec`，或逐个读取元素。";
        retry: Never;
    }
    TYPED_UNKNOWN_VARIANT "typed-unknown-variant" "a variant that the enum does not have" {
        means: "The enum has no variant of this name.",
            "枚举中没有这个名称的成员。";
        cause: "A newer service, or names in another spelling.",
            "服务版本更新，或名称拼写不同。";
        remedy: "Add the variant, rename it with `#[serde(rename)]`, or add one with `#[serde(other)]`.",
            "补上该成员，用 `#[serde(rename)]` 改名，或用 `#[serde(other)]` 兜底。";
        retry: Never;
    }
    TYPED_UNKNOWN_FIELD "typed-unknown-field" "a field that the struct does not have" {
        means: "The struct denies fields that it does not know, and there is one.",
            "结构体拒绝未知字段，而数据中有一个。";
        cause: "`deny_unknown_fields`, and a service that sends more than it did.",
            "使用了 `deny_unknown_fields`，而服务新增了字段。";
        remedy: "Remove `deny_unknown_fields`, or add the field.",
            "去掉 `deny_unknown_fields`，或补上该字段。";
        retry: Never;
    }
    TYPED_MISSING_FIELD "typed-missing-field" "no field " {
        means: "A field of the struct is not in the object.",
            "对象中缺少结构体的某个字段。";
        cause: "Another spelling, such as camelCase, or a field that the service leaves out.",
            "拼写不同（如驼峰命名），或服务省略了该字段。";
        remedy: "Use `#[serde(rename_all = \"camelCase\")]`, or make it an `Option` or `#[serde(default)]`.",
            "用 `#[serde(rename_all = \"camelCase\")]`，或改成 `Option`、加 `#[serde(default)]`。";
        retry: Never;
    }
    TYPED_DUPLICATE_FIELD "typed-duplicate-field" "a second field " {
        means: "The object has a field twice.",
            "对象中同一字段出现两次。";
        cause: "JSON that was pasted together, or an alias beside the name.",
            "手工拼接的 JSON，或别名与原名同时出现。";
        remedy: "Let the service send each field once.",
            "让服务对每个字段只发送一次。";
        retry: Never;
    }
    TYPED_TRAILING "typed-trailing-elements" "more elements than the type takes" {
        means: "The type took fewer elements or members than there are.",
            "类型读取的元素少于实际个数。";
        cause: "A tuple that is shorter than the array.",
            "元组比数组短。";
        remedy: "Read all elements, or use a type that ignores the rest.",
            "读取全部元素，或使用会忽略其余元素的类型。";
        retry: Never;
    }
    TYPED_OUT_OF_RANGE "typed-out-of-range" "a number that does not fit its type" {
        means: "The number does not fit into the type of its field.",
            "数字超出了字段类型的范围。";
        cause: "A `u8` or `i32` for a time in milliseconds or an ID.",
            "用 `u8`、`i32` 接收毫秒时间戳或 ID。";
        remedy: "Use `u64` or `i64`, and text for IDs beyond 2 to the power of 53.",
            "改用 `u64`、`i64`；超过 2 的 53 次方的 ID 用字符串。";
        retry: Never;
    }
    TYPED_SCRATCH "typed-scratch-too-small" "a scratch too small for the decoded text" {
        means: "The scratch buffer is too small for a text with escapes.",
            "暂存缓冲区太小，放不下去除转义后的文本。";
        cause: "A scratch of length 0, and a string with an escape in it.",
            "暂存长度为 0，而字符串中有转义。";
        remedy: "Give as much scratch as the longest text has bytes.",
            "暂存至少与最长的文本一样长。";
        retry: Never;
    }
    TYPED_BUFFER "typed-buffer-too-small" "" {
        means: "The JSON of the value does not fit into the buffer that was given.",
            "值的 JSON 放不进所给的缓冲区。";
        cause: "A list or text that is longer than was reckoned with.",
            "列表或文本比预计的长。";
        remedy: "Give a larger buffer, or send fewer elements in a call.",
            "加大缓冲区，或每次少发一些元素。";
        retry: Never;
    }
    TYPED_KEY "typed-key-not-string" "a key that cannot be a string" {
        means: "The key of a map is nothing that JSON can have as a name.",
            "映射的键无法作为 JSON 的键名。";
        cause: "A struct, a tuple or a float as the key of a map.",
            "用结构体、元组或浮点数作键。";
        remedy: "Use text or integers as keys, or a list of pairs.",
            "键改用文本或整数，或改成键值对列表。";
        retry: Never;
    }
    TYPED_TOO_DEEP "typed-too-deep" "nesting deeper than 127 levels" {
        means: "The value nests deeper than 127 levels.",
            "值的嵌套超过 127 层。";
        cause: "A type that holds itself, such as a list of links.",
            "类型自我包含，例如链表。";
        remedy: "Send it as a flat list.",
            "改为扁平列表发送。";
        retry: Never;
    }
    TYPED_OUT_OF_TURN "typed-out-of-turn" "a key or value out of turn" {
        means: "A handwritten `Serialize` or `Deserialize` took a value before its key, or two keys in a row.",
            "手写的 `Serialize` 或 `Deserialize` 在键之前处理值，或连续处理了两个键。";
        cause: "An implementation of a map that skips one of the two steps.",
            "映射的实现漏掉了其中一步。";
        remedy: "Go key, value, key, value; or derive the implementation.",
            "按“键、值、键、值”的顺序处理，或改用 derive。";
        retry: Never;
    }
}

/// Returns the entry that says something in this text.
pub(super) fn in_text(text: Text<'_>) -> Option<&'static Own> {
    // Those of typed bodies begin with ordinary words, and no message carries them.
    let told = OWN.iter().filter(|own| !own.says.is_empty() && !own.name.starts_with("typed-"));
    told.copied().find(|own| contains(text, own.says))
}

#[cfg(any(feature = "client", feature = "gateway"))]
impl crate::http::HttpError {
    /// Returns what the error means, what usually causes it and what to do.
    #[must_use]
    pub const fn explanation(self) -> &'static Explanation {
        &match self {
            Self::Head => &HTTP_HEAD,
            Self::HeadTooLong => &HTTP_HEAD_TOO_LONG,
            Self::TooManyHeaders => &HTTP_TOO_MANY_HEADERS,
            Self::TooManyInterim => &HTTP_TOO_MANY_INTERIM,
            Self::Switched => &HTTP_SWITCHED,
            Self::Length => &HTTP_LENGTH,
            Self::Chunk => &HTTP_CHUNK,
            Self::ChunkTooLong => &HTTP_CHUNK_TOO_LONG,
            Self::Truncated => &HTTP_TRUNCATED,
            Self::Coded => &HTTP_CODED,
        }
        .explanation
    }
}

#[cfg(feature = "client")]
impl<E, B> crate::client::CallError<E, B> {
    /// Returns what the error means, what usually causes it and what to do.
    ///
    /// ```
    /// use callcontainer::client::CallError;
    /// use callcontainer::explain::Language;
    ///
    /// let explanation = CallError::<()>::NoAnswer(None).explanation();
    /// assert!(explanation.remedy().text(Language::English).contains("with_idle_check"));
    /// ```
    #[must_use]
    pub fn explanation(&self) -> &'static Explanation {
        match self {
            Self::Request(error) | Self::Reply(error) => error.kind().explanation(),
            Self::Http(error) => error.explanation(),
            Self::Status { status, .. } => {
                super::open::of_status(*status).map_or(&super::platform::NO_CODE, |entry| &entry.explanation)
            }
            Self::NotInitialised => &NOT_INITIALISED.explanation,
            Self::NotReusable => &NOT_REUSABLE.explanation,
            Self::Write(_) => &WRITE.explanation,
            Self::NoAnswer(_) => &NO_ANSWER.explanation,
            Self::Io(_) => &IO.explanation,
            Self::UnexpectedEof => &UNEXPECTED_EOF.explanation,
            Self::ForeignReply => &FOREIGN_REPLY.explanation,
        }
    }
}

#[cfg(feature = "serde")]
impl crate::typed::ErrorKind {
    /// Returns what the error means, what usually causes it and what to do.
    #[must_use]
    pub const fn explanation(self) -> &'static Explanation {
        &match self {
            Self::Json(kind) => return kind.explanation(),
            Self::Custom => &TYPED_CUSTOM,
            Self::WrongType => &TYPED_WRONG_TYPE,
            Self::InvalidValue => &TYPED_INVALID_VALUE,
            Self::InvalidLength(_) => &TYPED_INVALID_LENGTH,
            Self::UnknownVariant => &TYPED_UNKNOWN_VARIANT,
            Self::UnknownField => &TYPED_UNKNOWN_FIELD,
            Self::MissingField(_) => &TYPED_MISSING_FIELD,
            Self::DuplicateField(_) => &TYPED_DUPLICATE_FIELD,
            Self::TrailingElements => &TYPED_TRAILING,
            Self::OutOfRange => &TYPED_OUT_OF_RANGE,
            Self::ScratchTooSmall => &TYPED_SCRATCH,
            Self::BufferTooSmall => &TYPED_BUFFER,
            Self::KeyNotString => &TYPED_KEY,
            Self::TooDeep => &TYPED_TOO_DEEP,
            Self::OutOfTurn => &TYPED_OUT_OF_TURN,
        }
        .explanation
    }
}
