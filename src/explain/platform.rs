//! The platform's codes and messages, explained.
//!
//! One entry for each message that a code comes with. What several messages share, the message tells apart.

use super::words::{Advice, Explanation, documented, inferred, observed};
use crate::{ErrorCode, Text};

/// A code of the platform and one of its messages, explained.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Platform {
    /// The code; `None` for a message that comes without one.
    pub code: Option<ErrorCode>,
    /// The message, or the part of it that is always the same; empty where the code alone decides.
    pub message: &'static str,
    /// What it means.
    pub explanation: Explanation,
}

impl Platform {
    const fn new(code: ErrorCode, message: &'static str, explanation: Explanation) -> Self {
        Self { code: Some(code), message, explanation }
    }
}

/// Every code and message that is known, those of one code in a row, and the one without a message last.
pub static PLATFORM: &[Platform] = &[
    Platform::new(
        ErrorCode::NOT_INITIALISED,
        "Cloud API isn't enabled",
        Explanation {
            meaning: documented(
                "The cloud API of the Mini Program is not ready: `wx.cloud.init` has not been called or has not finished.",
                "小程序的云能力尚未就绪：没有调用 `wx.cloud.init`，或初始化还没有完成。",
            ),
            cause: documented(
                "`init` is asynchronous, and the first call was made before it finished. Or a `wx.cloud.Cloud` instance \
                 was used whose own `init` nobody awaited.",
                "`init` 是异步的，第一次调用时它还没有完成；或者使用了 `wx.cloud.Cloud` 实例，却没有等待该实例自己的 `init`。",
            ),
            remedy: documented(
                "Call `wx.cloud.init()` once in `onLaunch`; for resource reuse, `await` the `init()` of the very instance \
                 that makes the call. Then call again after 300 ms.",
                "在 `onLaunch` 中调用一次 `wx.cloud.init()`；资源复用时，要 `await` 发起调用的那个实例的 `init()`。然后等 300 毫秒再调用。",
            ),
            advice: Advice::SoonAnyMethod,
        },
    ),
    Platform::new(
        ErrorCode::NOT_INITIALISED,
        "",
        Explanation {
            meaning: observed(
                "The code -1 is a wrapper: it says that the call failed inside the client, and the text behind it says why.",
                "-1 只是一层外壳：表示调用在客户端内部失败，真正的原因在后面的文字里。",
            ),
            cause: observed(
                "Most often the cloud API is not initialised yet. It also stands around errors that have a code of their own.",
                "最常见的是云能力尚未初始化；它也会包在带有自己错误码的错误外面。",
            ),
            remedy: inferred(
                "Read the text for an inner code and follow that one. If there is none, make sure that `init` has finished \
                 before the call.",
                "先在文字中找内层错误码，按它处理；如果没有，就确认调用之前 `init` 已经完成。",
            ),
            advice: Advice::SoonAnyMethod,
        },
    ),
    Platform::new(
        ErrorCode::REQUEST_TIMEOUT,
        "",
        Explanation {
            meaning: documented(
                "The service did not answer in time. It may have run all the same.",
                "服务没有在规定时间内响应，但它可能已经执行了。",
            ),
            cause: documented(
                "A slow service, or one that was starting cold, against a timeout that is \
                 capped at 15 s: a `timeout` over 15000 has no effect.",
                "服务处理慢，或冷启动，而超时上限是 15 秒：大于 15000 的 `timeout` 不会生效。",
            ),
            remedy: inferred(
                "Answer at once and do slow work in the background, to be asked for by a second call. Keep at least one \
                 instance running against cold starts. Make the call idempotent, so that it can be repeated.",
                "先立即应答，把耗时工作放到后台，再用第二次调用取结果；将最小实例数设为至少 1，避免冷启动；把接口做成幂等的，以便重试。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    Platform::new(
        ErrorCode::INVALID_METHOD,
        "",
        Explanation {
            meaning: documented("The platform does not accept this HTTP method.", "平台不接受这个 HTTP 方法。"),
            cause: documented(
                "`method` is none of OPTIONS, GET, HEAD, POST, PUT, DELETE, TRACE and CONNECT; PATCH is never listed. The \
                 platform's FAQ names only GET, POST, PUT and DELETE.",
                "`method` 不在 OPTIONS、GET、HEAD、POST、PUT、DELETE、TRACE、CONNECT 之内；PATCH 从未列出。平台的常见问题中只提到 GET、POST、PUT、DELETE。",
            ),
            remedy: inferred(
                "Use GET, POST, PUT or DELETE. For PATCH, send a POST with a header or a path of your own that the service \
                 understands.",
                "改用 GET、POST、PUT 或 DELETE；需要 PATCH 时，用 POST 加上服务能识别的自定义 header 或路径。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::ILLEGAL_PARAMETER,
        "",
        Explanation {
            meaning: documented(
                "A parameter of the call is illegal. The message `system error` hides that.",
                "调用的某个参数不合法；提示文字 `system error` 掩盖了这一点。",
            ),
            cause: inferred(
                "A parameter of the wrong type, a name with a control character, a header that may not be set such as \
                 `Referer`, or a body that the method cannot carry.",
                "参数类型不对，名称中含有控制字符，设置了不允许的 header（如 `Referer`），或该方法不能携带这样的包体。",
            ),
            remedy: inferred(
                "Check each parameter of the call object: strings where strings belong, an object as `header`, a whole number \
                 of milliseconds as `timeout`. `inspect --explain request` shows the first that is wrong.",
                "逐一检查调用对象的参数：该是字符串的是字符串，`header` 是对象，`timeout` 是整数毫秒。用 `inspect --explain request` 可以看到第一个出错的位置。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::ACCESS_DENIED,
        "Path access permission error",
        Explanation {
            meaning: documented(
                "The path is missing or cannot be read. It is not about permissions of the caller.",
                "`path` 缺失或无法解析；与调用者的权限无关。",
            ),
            cause: documented(
                "`path` does not begin with `/`, or holds stray quotes, spaces or illegal characters.",
                "`path` 没有以 `/` 开头，或夹带了多余的引号、空格或非法字符。",
            ),
            remedy: inferred(
                "Print the path before the call. Begin it with `/`, put every variable in it through `encodeURIComponent`, \
                 and give a path of `/` rather than none.",
                "调用前打印 `path`：以 `/` 开头，其中的变量都用 `encodeURIComponent` 编码；访问根目录也要写 `/`，不要省略。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::ACCESS_DENIED,
        "Authorization mismatch uin",
        Explanation {
            meaning: documented(
                "The environment does not belong to the app that calls, and the app has not been let in to it.",
                "该云环境不属于发起调用的小程序，也没有授权给它。",
            ),
            cause: documented(
                "Resource reuse is missing or set up wrongly: no `resourceAppid` and `resourceEnv`, those of another owner, \
                 or no sharing in the console. An app that was let in cannot share the environment on.",
                "缺少资源复用或配置有误：没有传 `resourceAppid`、`resourceEnv`，填成了别的账号，或控制台里没有授权。被授权方不能再转授。",
            ),
            remedy: documented(
                "Let the owner share the environment with this app, both of one principal. Then call through \
                 `new wx.cloud.Cloud({ resourceAppid, resourceEnv })`, with the owner's appid, after awaiting its `init()`.",
                "由环境所属账号把环境共享给本小程序（须同主体），然后用 `new wx.cloud.Cloud({ resourceAppid, resourceEnv })` 调用，其中 appid 是所属方的，并先 `await` 它的 `init()`。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::ACCESS_DENIED,
        "Invalid host",
        Explanation {
            meaning: observed(
                "Environment, appid and service do not belong together: there is no such service to send the call to.",
                "环境、appid 与服务对不上：找不到可以转发的服务。",
            ),
            cause: inferred(
                "A misspelt service in `X-WX-SERVICE`, an environment of another project, or a service that was deleted or \
                 never deployed.",
                "`X-WX-SERVICE` 中的服务名称写错，填了别的项目的环境 ID，或服务已删除、从未部署。",
            ),
            remedy: inferred(
                "Copy the environment ID and the name of the service from the console, letter for letter, and see there that \
                 the service has a running version.",
                "从控制台逐字复制环境 ID 和服务名称，并确认该服务有正在运行的版本。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::ACCESS_DENIED,
        "",
        Explanation {
            meaning: documented(
                "The call may not go where it is addressed. This code has three reasons, and only the message tells them apart.",
                "调用不能到达目的地。-501000 对应三种不同原因，只能靠提示文字区分。",
            ),
            cause: inferred(
                "Either `path` cannot be read (`Path access permission error`), or the environment is not the caller's \
                 (`Authorization mismatch uin`), or environment and service do not fit (`Invalid host`).",
                "要么 `path` 无法解析（`Path access permission error`），要么环境不属于调用方（`Authorization mismatch uin`），要么环境与服务不匹配（`Invalid host`）。",
            ),
            remedy: inferred(
                "Look for one of the three messages in the whole `errMsg`. Without one, check path, environment, service and \
                 resource reuse in this order.",
                "在完整的 `errMsg` 中找上述三种提示之一；都没有时，依次检查路径、环境 ID、服务名称和资源复用配置。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::CLOUD_SYSTEM_ERROR,
        "",
        Explanation {
            meaning: documented(
                "Something failed inside the cloud itself. It is not known whether the service has run.",
                "云端内部出错，无法确定服务是否已经执行。",
            ),
            cause: inferred(
                "A disturbance of the platform, or an answer of the service that cannot be passed on: broken HTTP, or text that \
                 is not UTF-8.",
                "平台故障，或服务的响应无法转发：HTTP 不合规，或文本不是 UTF-8。",
            ),
            remedy: inferred(
                "Look in the logs of the service whether the call arrived. If it did, mend the answer; if not, wait, and give \
                 the platform the `callID`.",
                "查看服务日志，确认调用是否到达：到达了就检查响应；没有到达就稍后再试，并把 `callID` 提供给平台排查。",
            ),
            advice: Advice::Unsure,
        },
    ),
    Platform::new(
        ErrorCode::REQUEST_TOO_LARGE,
        "",
        Explanation {
            meaning: documented(
                "The request is larger than 100 KiB, which are 102400 bytes.",
                "请求包超过 100 KiB（102400 字节）。",
            ),
            cause: inferred(
                "A picture or file in `data`. Base64 makes bytes a third longer, a Chinese character takes 3 bytes, and \
                 headers count too.",
                "`data` 里放了图片或文件。base64 会让数据增大三分之一，一个汉字占 3 个字节，header 也计算在内。",
            ),
            remedy: documented(
                "Put files in object storage and send only their ID; split long lists over several calls.",
                "把文件上传到对象存储，只传文件 ID；长列表分多次发送。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::RESPONSE_TOO_LARGE,
        "",
        Explanation {
            meaning: documented(
                "The response is larger than 1000 KiB, which are 1024000 bytes. The service has run.",
                "返回包超过 1000 KiB（1024000 字节）。服务已经执行。",
            ),
            cause: inferred(
                "A list without pages, or a file in the response. The message says 1MB, but the limit is less than a mebibyte.",
                "列表没有分页，或把文件放进了返回。提示写的是 1MB，实际上限比 1 MiB 小。",
            ),
            remedy: inferred(
                "Return lists in pages, leave out fields that nobody reads, and answer with a link to object storage instead of \
                 a file.",
                "列表分页返回，去掉用不到的字段；文件改为返回对象存储的链接。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::NOT_ACTIVATED,
        "",
        Explanation {
            meaning: observed(
                "Cloud development or cloud hosting is not activated for the appid that calls.",
                "发起调用的 appid 没有开通云开发或云托管。",
            ),
            cause: inferred(
                "A new app, a test account, or a project that was opened in the developer tools under the wrong appid.",
                "新注册的小程序、测试号，或开发者工具中项目的 appid 选错了。",
            ),
            remedy: inferred(
                "Check the appid of the project, and activate cloud hosting for it in the console.",
                "核对项目的 appid，并在控制台为它开通云托管。",
            ),
            advice: Advice::Never,
        },
    ),
    Platform::new(
        ErrorCode::POLL_RETRY_EXCEEDED,
        "",
        Explanation {
            meaning: observed(
                "The client asked for the result again and again, and gave up. The service may have run.",
                "客户端反复轮询结果后放弃；服务可能已经执行。",
            ),
            cause: inferred(
                "A weak or changing network on the phone, the app in the background, or a service that takes long.",
                "手机网络差或在切换，小程序被切到后台，或服务处理时间过长。",
            ),
            remedy: inferred(
                "Shorten the answer's way: reply at once, and let a second call fetch the result. Make the call idempotent.",
                "缩短处理时间：先立即应答，再用另一次调用取结果，并把接口做成幂等的。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    Platform::new(
        ErrorCode::RESULT_EXPIRED,
        "",
        Explanation {
            meaning: observed(
                "The result was there, but the client came too late to fetch it. The service has run.",
                "结果已经产生，但客户端取得太晚，已经过期。服务已经执行。",
            ),
            cause: inferred(
                "The app went to the background, or the phone slept or lost its network, between call and answer.",
                "调用与应答之间，小程序进入后台、手机休眠或断网。",
            ),
            remedy: inferred(
                "Ask the service for the state of the operation when the app comes back, rather than running it again.",
                "小程序回到前台时先查询该操作的状态，而不是重新执行。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    Platform::new(
        ErrorCode::TOO_MANY_REQUESTS,
        "",
        Explanation {
            meaning: observed(
                "The client's own guard has stopped the call: too many requests in a short time. It never left the phone.",
                "客户端自身的频率保护拦截了这次调用：短时间内请求过多。调用没有离开手机。",
            ),
            cause: inferred(
                "A loop, a page that loads many things at the same time, or errors that are repeated without a pause.",
                "循环调用，页面同时加载太多内容，或出错后不停地立即重试。",
            ),
            remedy: inferred(
                "Pause for 60 s. Then put several requests into one call, keep results, and let a failed call wait longer each \
                 time.",
                "暂停 60 秒；之后把多个请求合并为一次调用，缓存结果，重试间隔逐次加长。",
            ),
            advice: Advice::AfterMinute,
        },
    ),
    Platform {
        code: None,
        message: "callContainer is not a function",
        explanation: Explanation {
            meaning: documented(
                "The base library of this WeChat has no `wx.cloud.callContainer`.",
                "当前微信的基础库没有 `wx.cloud.callContainer`。",
            ),
            cause: documented(
                "A base library below 2.23.0: an old WeChat, or an old version chosen in the developer tools.",
                "基础库低于 2.23.0：微信版本过旧，或开发者工具中选择了旧版本。",
            ),
            remedy: documented(
                "Set the minimum version of the base library to 2.23.0 in the administration of the Mini Program, and choose \
                 at least that in the developer tools.",
                "在小程序管理后台把基础库最低版本设为 2.23.0，并在开发者工具中选用不低于它的版本。",
            ),
            advice: Advice::Never,
        },
    },
];

/// A code that is not in the table.
pub(super) static UNKNOWN_CODE: Explanation = Explanation {
    meaning: inferred(
        "The platform failed the call with a code that is neither documented nor known from reports.",
        "平台以一个没有文档、也未见报告的错误码结束了调用。",
    ),
    cause: inferred(
        "Not known. The text of the message is the best hint; codes that begin alike come from the same part of the platform.",
        "未知。提示文字是最好的线索；开头相同的错误码通常来自平台的同一部分。",
    ),
    remedy: inferred(
        "Search for the number together with the text, and give the platform the `callID`. Do not match on the word `fail` \
         alone.",
        "用错误码连同提示文字去搜索，并把 `callID` 提供给平台；不要只凭 `fail` 一词判断。",
    ),
    advice: Advice::Unsure,
};

/// A message without a code, and with no text that is known.
pub(super) static NO_CODE: Explanation = Explanation {
    meaning: observed(
        "The call failed, and the message has no code. It is told by its text alone.",
        "调用失败，提示中没有错误码，只能看文字。",
    ),
    cause: inferred(
        "Usually an error of the client, such as no network or a call that was aborted.",
        "通常是客户端错误，例如没有网络，或调用被中止。",
    ),
    remedy: inferred(
        "Check the network of the phone. Keep the whole message, its call ID and its trace: the last step of the trace is \
         where the call stopped.",
        "检查手机网络；保留完整的提示、callId 和 trace：trace 的最后一步就是调用停下的地方。",
    ),
    advice: Advice::Unsure,
};

/// Returns the entry of a code whose message is in this text, or else its entry without a message.
pub(super) fn of_code(code: ErrorCode, text: Text<'_>) -> Option<&'static Platform> {
    let mut entries = PLATFORM.iter().filter(|entry| entry.code == Some(code));
    entries.find(|entry| contains(text, entry.message))
}

/// Returns the entry whose message is in this text.
pub(super) fn of_text(text: Text<'_>) -> Option<&'static Platform> {
    PLATFORM.iter().find(|entry| {
        let message = match entry.code {
            Some(code) if entry.message.is_empty() => code.message().unwrap_or_default(),
            _ => entry.message,
        };
        // `system error` is no message of its own: all kinds of errors say so.
        !message.is_empty() && entry.code != Some(ErrorCode::ILLEGAL_PARAMETER) && contains(text, message)
    })
}

/// How much of a text is looked at: more than any message of the platform, and little of a megabyte.
const LOOKED_AT: usize = 4096;

/// Whether a text contains another near its beginning, ignoring the case of ASCII letters.
pub(super) fn contains(text: Text<'_>, part: &str) -> bool {
    contains_both(text, part, "")
}

/// Whether a text contains two others, one directly behind the other.
pub(super) fn contains_both(text: Text<'_>, first: &str, second: &str) -> bool {
    let part = first.chars().chain(second.chars());
    let mut rest = text.chars().take(LOOKED_AT);
    loop {
        let mut here = rest.clone();
        if part.clone().all(|expected| here.next().is_some_and(|character| character.eq_ignore_ascii_case(&expected))) {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}
