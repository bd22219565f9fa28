//! The errors in envelopes, explained: each [`ErrorKind`], and what was expected where it occurs.

use super::words::{Advice, Explanation, Words, documented, inferred, observed};
use crate::ErrorKind;

/// The texts of a kind.
pub(super) struct Kind {
    pub(super) explanation: Explanation,
    /// What was expected at the offset.
    pub(super) expected: Words,
}

/// Each kind with its four texts, in both languages. None can be forgotten, since they are a `match`.
macro_rules! kinds {
    ($($kind:ident {
        means: $means:literal, $means_zh:literal;
        cause: $cause_by:ident $cause:literal, $cause_zh:literal;
        remedy: $remedy:literal, $remedy_zh:literal;
        expected: $expected:literal, $expected_zh:literal;
    })*) => {
        pub(super) const fn of(kind: ErrorKind) -> &'static Kind {
            match kind {
                $(ErrorKind::$kind => const {
                    &Kind {
                        explanation: Explanation {
                            meaning: documented($means, $means_zh),
                            cause: $cause_by($cause, $cause_zh),
                            remedy: inferred($remedy, $remedy_zh),
                            advice: advice(ErrorKind::$kind),
                        },
                        expected: Words::new($expected, $expected_zh),
                    }
                },)*
            }
        }
    };
}

/// What is wrong with an envelope stays wrong. Only noise on a line passes.
const fn advice(kind: ErrorKind) -> Advice {
    match kind {
        ErrorKind::InvalidCheck => Advice::SoonIfIdempotent,
        _ => Advice::Never,
    }
}

kinds! {
    RequestTooLarge {
        means: "The whole request envelope is longer than its limit, which is 102400 bytes at most. Nothing in it was looked at.",
            "整个请求报文超过上限（最多 102400 字节），内容没有被检查。";
        cause: inferred "A picture or file in `data`; base64 makes it a third longer, and one Chinese character takes 3 bytes.",
            "`data` 里放了图片或文件；base64 会使其增大三分之一，一个汉字占 3 个字节。";
        remedy: "Put files in object storage and send their IDs; split long lists over several calls.",
            "文件放到对象存储，只传 ID；长列表分多次发送。";
        expected: "an envelope that ends here or before", "报文在此处或之前结束";
    }
    ReplyTooLarge {
        means: "The whole reply envelope is longer than its limit, which is 1024000 bytes at most. Nothing in it was looked at.",
            "整个返回报文超过上限（最多 1024000 字节），内容没有被检查。";
        cause: inferred "A list without pages, or a file in the response.",
            "列表没有分页，或返回中直接带了文件。";
        remedy: "Return lists in pages, and links to object storage instead of files.",
            "列表分页返回，文件改为返回对象存储的链接。";
        expected: "an envelope of a reply that ends here or before", "返回报文在此处或之前结束";
    }
    TooDeep {
        means: "Objects and arrays nest deeper than 128 levels, the envelope itself being the first.",
            "对象和数组的嵌套超过 128 层（报文自身算第 1 层）。";
        cause: inferred "A tree or a linked list turned into JSON, or an object that holds itself through a `toJSON`.",
            "把树或链表直接转成了 JSON，或对象通过 `toJSON` 间接包含了自己。";
        remedy: "Send the tree as a flat list in which each entry names its parent, or as a string that is JSON itself.",
            "把树改成扁平列表，每项记录父节点；或者把它序列化成字符串再发送。";
        expected: "a value that is neither an object nor an array", "既不是对象也不是数组的值";
    }
    TooManyHeaders {
        means: "`header` has more than 64 members, which is a limit of this crate.",
            "`header` 的成员超过 64 个，这是本库的限制。";
        cause: inferred "Data put into headers, or all headers of another request passed on.",
            "把数据放进了 header，或把另一个请求的 header 全部转发。";
        remedy: "Move data into `data`, and pass on only the headers that the service reads.",
            "把数据移到 `data`，只转发服务需要的 header。";
        expected: "the end of `header`", "`header` 到此结束";
    }
    TooLong {
        means: "A part is longer than its own limit: 128 bytes for names such as the environment, a header's name or `callID`, \
                8192 bytes for `path`.",
            "某个部分超过自身的长度上限：环境 ID、header 名、`callID` 等名称为 128 字节，`path` 为 8192 字节。";
        cause: inferred "Data in the query of `path`, a token in the place of a name, or a variable that holds more than was meant.",
            "把数据放进了 `path` 的查询串，把令牌填到了名称的位置，或变量内容过长。";
        remedy: "Send long data in `data` with a POST; look what the variable holds.",
            "长数据用 POST 放在 `data` 中发送，并检查变量的内容。";
        expected: "the end of this part", "这一部分到此结束";
    }
    BufferTooSmall {
        means: "The buffer that the caller of the crate gave is too small for the result. Nothing is wrong with the envelope.",
            "调用本库时给的缓冲区太小，放不下结果；报文本身没有问题。";
        cause: inferred "A buffer of a size that was guessed.",
            "缓冲区大小是估计的。";
        remedy: "Ask `encoded_len` or `decoded_len` first, or use a `RequestBuffer` whose size the compiler checks.",
            "先用 `encoded_len` 或 `decoded_len` 求长度，或使用由编译器检查大小的 `RequestBuffer`。";
        expected: "more room in the buffer", "缓冲区还有空间";
    }
    UnexpectedEnd {
        means: "The JSON text ends before its value does.",
            "JSON 文本在值结束之前就断了。";
        cause: inferred "The envelope was cut: by a copy that missed its end, by a buffer that was too small, or by a connection \
                that ended.",
            "报文被截断：复制不完整、缓冲区太小，或连接中断。";
        remedy: "Compare the length with that at the sender. Send the whole text, as `JSON.stringify` makes it.",
            "与发送端的长度对比；完整发送 `JSON.stringify` 的结果。";
        expected: "more of the JSON text", "JSON 文本的后续内容";
    }
    UnexpectedByte {
        means: "This byte is not allowed here by the grammar of JSON (RFC 8259).",
            "按 JSON 语法（RFC 8259），这里不允许出现这个字节。";
        cause: inferred "JavaScript instead of JSON: a key without quotes, single quotes, a comma behind the last member, a \
                comment, `undefined` or `NaN`; or a byte order mark at the beginning.",
            "写成了 JavaScript 而不是 JSON：键没有引号、用了单引号、末尾多了逗号、带注释、`undefined` 或 `NaN`；或开头有 BOM。";
        remedy: "Let `JSON.stringify` write the envelope instead of pasting strings together.",
            "用 `JSON.stringify` 生成报文，不要手工拼接字符串。";
        expected: "what JSON allows here", "JSON 在此处允许的内容";
    }
    InvalidNumber {
        means: "A number is not written as JSON writes numbers.",
            "数字的写法不符合 JSON。";
        cause: inferred "A leading zero or plus sign, a point without digits on both sides, or a hexadecimal number.",
            "有前导零或正号，小数点某一侧没有数字，或用了十六进制。";
        remedy: "Write `0.5` instead of `.5`, `1` instead of `01` or `1.`, and numbers such as phone numbers as strings.",
            "`.5` 写成 `0.5`，`01` 或 `1.` 写成 `1`；手机号之类写成字符串。";
        expected: "a number as in JSON, such as -1, 0.5 or 2e3", "JSON 数字，例如 -1、0.5、2e3";
    }
    InvalidLiteral {
        means: "A word begins like `true`, `false` or `null`, and goes on differently.",
            "单词开头像 `true`、`false` 或 `null`，后面却不同。";
        cause: inferred "A misspelt word, or one with capitals as Python writes them, or `nil`.",
            "单词拼错，或用了 `nil` 等其他语言的写法。";
        remedy: "Write `true`, `false` and `null` in lower case.",
            "使用小写的 `true`、`false`、`null`。";
        expected: "true, false or null", "true、false 或 null";
    }
    ControlCharacter {
        means: "A string holds a raw control character, such as a line break or a tab, which JSON wants escaped.",
            "字符串中有未转义的控制字符，例如换行或制表符；JSON 要求转义。";
        cause: inferred "Text of several lines that was pasted between quotes.",
            "把多行文本直接粘贴进引号之间。";
        remedy: "Write a line break as `\\n` and a tab as `\\t`, or let `JSON.stringify` do so.",
            "换行写成 `\\n`，制表符写成 `\\t`，或交给 `JSON.stringify`。";
        expected: "an escape, such as \\n, in place of the character itself", "用转义（如 \\n）代替该字符本身";
    }
    InvalidEscape {
        means: "Behind a backslash stands something that is no escape of JSON.",
            "反斜杠后面不是 JSON 的转义序列。";
        cause: inferred "A path of Windows, a regular expression, or `\\x41` and `\\'` of JavaScript.",
            "Windows 路径、正则表达式，或 JavaScript 的 `\\x41`、`\\'`。";
        remedy: "Write a backslash as `\\\\`. The escapes are `\\\" \\\\ \\/ \\b \\f \\n \\r \\t` and `\\u` with four hex digits.",
            "反斜杠本身写成 `\\\\`。合法的转义只有 `\\\" \\\\ \\/ \\b \\f \\n \\r \\t` 和 `\\u` 加四位十六进制数字。";
        expected: "one of \" \\ / b f n r t, or u with four hex digits", "\" \\ / b f n r t 之一，或 u 加四位十六进制数字";
    }
    LoneSurrogate {
        means: "An escape from `\\ud800` to `\\udfff` stands for half of a character, and the other half is missing.",
            "`\\ud800` 到 `\\udfff` 的转义只是半个字符，缺少另一半。";
        cause: inferred "A string that was cut inside an emoji, by `substr` or `slice` of JavaScript.",
            "JavaScript 的 `substr`、`slice` 把一个表情符号切成了两半。";
        remedy: "Cut by characters, as with `[...text].slice(0, n).join('')`.",
            "按字符截断，例如 `[...text].slice(0, n).join('')`。";
        expected: "both halves of a surrogate pair", "完整的代理对（高位加低位）";
    }
    InvalidUtf8 {
        means: "These bytes are not UTF-8.",
            "这些字节不是合法的 UTF-8。";
        cause: inferred "Text in GBK or Latin-1, raw bytes in a string, or a character that was cut in two.",
            "文本是 GBK 或 Latin-1 编码，字符串里混入了原始字节，或一个汉字被从中间截断。";
        remedy: "Convert text to UTF-8 before it is sent, and send bytes as an ArrayBuffer.",
            "发送前转换为 UTF-8；二进制数据用 ArrayBuffer 发送。";
        expected: "a character in UTF-8", "UTF-8 编码的字符";
    }
    TrailingData {
        means: "The envelope is complete, and something follows it.",
            "报文已经完整，后面却还有内容。";
        cause: inferred "Two envelopes in a row, a bracket too many, or the rest of an older text in a buffer.",
            "两个报文连在一起，多了一个括号，或缓冲区里残留了旧数据。";
        remedy: "Send one envelope at a time; on a line, end each with a newline.",
            "一次只发一个报文；在串口等按行传输时，每个报文以换行结尾。";
        expected: "the end of the text", "文本到此结束";
    }
    WrongType {
        means: "A value has a type of JSON that is not allowed for its key.",
            "值的 JSON 类型与该键不符。";
        cause: inferred "A number or `null` where a string belongs, often from a variable that was not set.",
            "该是字符串的地方成了数字或 `null`，往往是变量没有赋值。";
        remedy: "Leave a key out rather than setting it to `null`, and turn numbers into strings where names belong.",
            "没有值就不要写这个键，不要设为 `null`；名称类的值转换成字符串。";
        expected: "a value of another type", "其他类型的值";
    }
    DuplicateKey {
        means: "A key that has a meaning is given twice, and two readers could take either.",
            "有意义的键出现了两次，不同的解析器可能取不同的值。";
        cause: inferred "JSON that was pasted together by hand. `JSON.stringify` never writes a key twice.",
            "手工拼接的 JSON；`JSON.stringify` 不会写出重复的键。";
        remedy: "Remove one of the two.",
            "删除其中一个。";
        expected: "each key once", "每个键只出现一次";
    }
    MissingEnv {
        means: "The request says neither `config.env` nor `resourceEnv`, so nobody knows which environment is meant.",
            "请求中既没有 `config.env`，也没有 `resourceEnv`，无法确定云环境。";
        cause: documented "A Mini Program may leave `config` out and have the environment of `wx.cloud.init({ env })`; in an \
                envelope it must be there.",
            "小程序里可以省略 `config`，由 `wx.cloud.init({ env })` 提供环境；但报文中必须写明。";
        remedy: "Add `\"config\":{\"env\":\"…\"}` with the ID from the console, not the name that is shown above it.",
            "加上 `\"config\":{\"env\":\"…\"}`，填控制台中的环境 ID，而不是环境名称。";
        expected: "config with env before the envelope ends", "报文结束前应有 config.env";
    }
    MissingPath {
        means: "The request has no `path`.",
            "请求没有 `path`。";
        cause: inferred "The key is called `url` as for `wx.request`, or its variable was `undefined`, which `JSON.stringify` drops.",
            "键名写成了 `wx.request` 的 `url`，或变量是 `undefined`，被 `JSON.stringify` 丢弃。";
        remedy: "Add `path`, which begins with `/`; the root is `/`.",
            "加上以 `/` 开头的 `path`；根目录就写 `/`。";
        expected: "path before the envelope ends", "报文结束前应有 path";
    }
    MissingField {
        means: "A key that is required is missing: `errMsg` in a failure, or `key` or `base64` of a native buffer.",
            "缺少必需的键：失败返回中的 `errMsg`，或原生缓冲区的 `key`、`base64`。";
        cause: inferred "A reply that has neither `statusCode` nor `errMsg`, such as the body of the service without an envelope, or \
                an error object of the open HTTP API.",
            "返回中既没有 `statusCode` 也没有 `errMsg`，例如直接返回了服务的包体，或是 HTTP 开放 API 的错误对象。";
        remedy: "Put the body into an envelope: `{\"statusCode\":200,\"data\":…}`.",
            "把包体放进报文：`{\"statusCode\":200,\"data\":…}`。";
        expected: "the required key before the object ends", "对象结束前应有必需的键";
    }
    InvalidPath {
        means: "`path` is empty, does not begin with `/`, has a space or a control character in it, or climbs out of the service with `..` segments.",
            "`path` 为空、不以 `/` 开头、含有空格或控制字符，或用 `..` 跳出了服务。";
        cause: inferred "A whole address with `https://`, or words that were not encoded.",
            "填成了带 `https://` 的完整地址，或内容没有编码。";
        remedy: "Begin with `/`, and put words through `encodeURIComponent`: a space is `%20`.",
            "以 `/` 开头；内容用 `encodeURIComponent` 编码，空格写成 `%20`。";
        expected: "a path that begins with / and has no spaces", "以 / 开头且不含空格的路径";
    }
    InvalidMethod {
        means: "`method` is none of the eight that the platform knows.",
            "`method` 不是平台支持的八种之一。";
        cause: inferred "PATCH, which is never listed, or a misspelt name.",
            "用了未被列出的 PATCH，或拼写错误。";
        remedy: "Use one of GET, POST, PUT and DELETE.",
            "改用 GET、POST、PUT、DELETE 之一。";
        expected: "OPTIONS, GET, HEAD, POST, PUT, DELETE, TRACE or CONNECT",
            "OPTIONS、GET、HEAD、POST、PUT、DELETE、TRACE、CONNECT 之一";
    }
    InvalidName {
        means: "A name, such as that of the environment or the service, holds a control character.",
            "环境 ID、服务名称等名称中含有控制字符。";
        cause: inferred "A line break at the end of an ID that was copied or read from a file.",
            "复制或从文件读取的 ID 末尾带了换行。";
        remedy: "Trim the value before it is used.",
            "使用前先 `trim()`。";
        expected: "a character that can be seen, or a space", "可见字符或空格";
    }
    InvalidHeaderName {
        means: "The name of a header is empty, or has a character that no header's name may have (RFC 9110, section 5.6.2).",
            "header 名为空，或含有不允许的字符（RFC 9110 第 5.6.2 节）。";
        cause: inferred "A colon, a space or Chinese characters in the name.",
            "名称中有冒号、空格或中文。";
        remedy: "Use letters, digits and `-` in names; put anything else into the value.",
            "名称只用字母、数字和 `-`，其他内容放到值里。";
        expected: "a letter, a digit or one of !#$%&'*+-.^_`|~", "字母、数字或 !#$%&'*+-.^_`|~ 之一";
    }
    InvalidHeaderValue {
        means: "The value of a header holds a control character, such as a line break. It could smuggle in another header.",
            "header 的值含有换行等控制字符，可能被用来夹带另一个 header。";
        cause: inferred "A token with a line break at its end, or text of several lines.",
            "令牌末尾带了换行，或值是多行文本。";
        remedy: "Trim the value, or encode it with `encodeURIComponent`.",
            "去掉首尾空白，或用 `encodeURIComponent` 编码。";
        expected: "any character but a control character", "控制字符以外的任意字符";
    }
    DuplicateHeader {
        means: "Two headers have the same name; letter case makes no difference.",
            "两个 header 同名（不区分大小写）。";
        cause: observed "`Content-Type` from the caller beside `content-type` from a wrapper. The platform's own client lets it pass.",
            "调用方写了 `Content-Type`，封装函数又加了 `content-type`；平台自己的客户端不会拒绝。";
        remedy: "Give all names in lower case before they are merged into one object.",
            "合并之前先把名称统一成小写。";
        expected: "another name", "不同的名称";
    }
    ForbiddenHeader {
        means: "`Referer` may not be set in a call.",
            "调用中不允许设置 `Referer`。";
        cause: inferred "Headers of a browser's request that were passed on as they were.",
            "原样转发了浏览器请求的 header。";
        remedy: "Leave it out. A header of your own, such as `X-From-Page`, can carry the same.",
            "去掉它；需要时用自定义 header（如 `X-From-Page`）传递。";
        expected: "any header but Referer", "Referer 以外的 header";
    }
    ServiceConflict {
        means: "`service` and the header `X-WX-SERVICE` name different services.",
            "`service` 与 `X-WX-SERVICE` 指定了不同的服务。";
        cause: inferred "A wrapper adds the header, and the call says `service` too.",
            "封装函数加了 header，调用里又写了 `service`。";
        remedy: "Name the service in one place. The header is the documented one.",
            "只在一处指定服务；有文档的是 header。";
        expected: "the same service as the other of the two says", "与另一处相同的服务名称";
    }
    InvalidTimeout {
        means: "`timeout` is not a whole number of milliseconds: digits only, without sign, point or exponent.",
            "`timeout` 不是整数毫秒：只能是数字，不带符号、小数点或指数。";
        cause: inferred "A fraction from a computation, or seconds such as `1.5`.",
            "计算得到了小数，或按秒写成 `1.5`。";
        remedy: "Round it: `Math.round(seconds * 1000)`, from 1 to 15000.",
            "取整：`Math.round(seconds * 1000)`，范围 1 到 15000。";
        expected: "digits, up to 15000", "数字，不超过 15000";
    }
    TimeoutTooLong {
        means: "A `timeout` over 15000 ms was to be written. The platform ignores such a one, so the encoder refuses it.",
            "要写出的 `timeout` 超过 15000 毫秒。平台会忽略这样的值，因此编码器拒绝写出。";
        cause: inferred "A timeout of 30 or 60 s, as `wx.request` takes it.",
            "按 `wx.request` 的习惯设了 30 秒或 60 秒。";
        remedy: "Use at most 15000. Split work that takes longer into a call that starts it and one that asks for the result.",
            "最多 15000；更久的工作拆成“启动”和“查询结果”两次调用。";
        expected: "a timeout of at most 15000 ms", "不超过 15000 毫秒的 timeout";
    }
    InvalidResponseType {
        means: "`responseType` is neither `text` nor `arraybuffer`.",
            "`responseType` 既不是 `text` 也不是 `arraybuffer`。";
        cause: inferred "`json` or `blob`, as in browsers; JSON is the business of `dataType`.",
            "按浏览器的习惯写了 `json` 或 `blob`；JSON 由 `dataType` 决定。";
        remedy: "Leave it out for text and JSON, and use `arraybuffer` for bytes.",
            "文本和 JSON 不用写；二进制用 `arraybuffer`。";
        expected: "\"text\" or \"arraybuffer\"", "\"text\" 或 \"arraybuffer\"";
    }
    InvalidStatus {
        means: "`statusCode` is not a whole number from 100 to 999.",
            "`statusCode` 不是 100 到 999 的整数。";
        cause: inferred "A business code of the service in the place of the HTTP status, such as 0 or 10001.",
            "把业务码（如 0、10001）填到了 HTTP 状态码的位置。";
        remedy: "Give the HTTP status here, and the business code in `data`.",
            "这里填 HTTP 状态码，业务码放在 `data` 里。";
        expected: "a whole number from 100 to 999", "100 到 999 的整数";
    }
    InvalidErrorCode {
        means: "`errCode` or `errno` is not a whole number of 32 bits.",
            "`errCode` 或 `errno` 不是 32 位整数。";
        cause: inferred "A number with a fraction or an exponent, or a long ID in its place.",
            "写成了小数、指数形式，或填了很长的 ID。";
        remedy: "Give a whole number such as -501000, without quotes.",
            "填整数，例如 -501000，不带引号。";
        expected: "a whole number from -2147483648 to 2147483647", "-2147483648 到 2147483647 的整数";
    }
    InvalidBase64 {
        means: "A text is not base64 with the standard alphabet and padding (RFC 4648, section 4).",
            "文本不是标准字母表、带填充的 base64（RFC 4648 第 4 节）。";
        cause: inferred "The alphabet for addresses, with `-` and `_`; padding that was cut off; line breaks; or a prefix such as \
                `data:image/png;base64,`.",
            "用了 URL 安全字母表（`-`、`_`），缺少填充，含有换行，或带了 `data:image/png;base64,` 前缀。";
        remedy: "Use `wx.arrayBufferToBase64`, and leave its result as it is.",
            "用 `wx.arrayBufferToBase64` 生成，结果不要改动。";
        expected: "A to Z, a to z, 0 to 9, + or /, and = at the end up to a multiple of four characters",
            "A–Z、a–z、0–9、+、/，并以 = 补足到 4 的倍数";
    }
    InvalidBufferKey {
        means: "A native buffer has a `key` other than `data`. Only `data` of a call can be an ArrayBuffer.",
            "原生缓冲区的 `key` 不是 `data`；调用中只有 `data` 可以是 ArrayBuffer。";
        cause: inferred "An ArrayBuffer in another property of the call object, or nested inside `data`.",
            "ArrayBuffer 放在了调用对象的其他属性里，或嵌套在 `data` 内部。";
        remedy: "Make the ArrayBuffer `data` itself, or put it into the object as base64.",
            "让 ArrayBuffer 直接作为 `data`，或转成 base64 放进对象。";
        expected: "\"data\"", "\"data\"";
    }
    DataConflict {
        means: "There are two bodies: `data`, and a native buffer under the key `data`.",
            "有两个包体：`data`，以及键为 `data` 的原生缓冲区。";
        cause: inferred "A bridge that left the original `data` behind, such as `{}`, when it moved the ArrayBuffer out.",
            "桥接层取出 ArrayBuffer 时，没有删掉原来的 `data`（例如留下 `{}`）。";
        remedy: "Remove `data` where `__nativeBuffers__` has the bytes.",
            "已有 `__nativeBuffers__` 时删除 `data`。";
        expected: "one body", "只有一个包体";
    }
    InvalidCheck {
        means: "The check behind a line is wrong, or missing where every line has one. The call was not run.",
            "行尾的校验码错误，或在要求校验的线路上缺失。调用没有执行。";
        cause: inferred "Noise on a serial line has changed, doubled or lost a byte; or the two ends disagree whether lines have checks.",
            "串口上的噪声改变、重复或丢失了字节；或两端对是否使用校验的设置不一致。";
        remedy: "Send the line again. If it happens often, lower the baud rate, or look at the cable and the flow control. Set the same \
                 framing at both ends.",
            "重新发送该行；经常发生时降低波特率，检查线缆与流控，并在两端使用相同的分帧设置。";
        expected: "# and eight hex digits that fit the envelope", "# 加八位与报文相符的十六进制数字";
    }
    BodyLength {
        means: "A body that was read while sending has another length than was announced.",
            "边读边发的包体，长度与事先声明的不同。";
        cause: inferred "A file that grew or shrank while it was sent, or a length that was counted in characters instead of bytes.",
            "文件在发送过程中变长或变短，或长度按字符而不是字节计算。";
        remedy: "Take the length from the same snapshot as the bytes, in bytes.",
            "长度与内容取自同一份快照，并以字节计。";
        expected: "as many bytes as were announced", "与声明相同的字节数";
    }
}
