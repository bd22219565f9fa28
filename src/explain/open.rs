//! The errors of the platform's open HTTP API, explained: its codes, which are words, and its statuses. With the statuses are
//! those of what stands in front of a gateway.

use super::platform::contains;
use super::words::{Advice, Explanation, documented, inferred};
use crate::Text;

/// An error of the open HTTP API, explained.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OpenError<K> {
    /// The code, or the status.
    pub key: K,
    /// What it means.
    pub explanation: Explanation,
}

impl<K> OpenError<K> {
    const fn new(key: K, explanation: Explanation) -> Self {
        Self { key, explanation }
    }
}

/// The codes of its error objects. The set is open: the platform may add to it.
pub static OPEN_CODES: &[OpenError<&str>] = &[
    OpenError::new(
        "SERVICE_VERSION_NOT_FOUND",
        Explanation {
            meaning: inferred(
                "The service is there, but the version that the traffic should go to is not.",
                "服务存在，但流量要去的版本不存在。",
            ),
            cause: inferred(
                "The version was deleted, or the traffic was given to one that failed to deploy.",
                "该版本已被删除，或流量分配给了部署失败的版本。",
            ),
            remedy: inferred(
                "In the console, give the traffic of the service to a version that runs.",
                "在控制台把服务的流量分配给正在运行的版本。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "SERVICE_ENDPOINT_NOT_FOUND",
        Explanation {
            meaning: inferred(
                "The service has no endpoint that a call can be sent to.",
                "服务没有可供调用的访问入口。",
            ),
            cause: inferred(
                "The service was created and never deployed, or its access is switched off.",
                "服务创建后从未部署，或访问入口已关闭。",
            ),
            remedy: inferred(
                "Deploy a version of the service, and look at its access settings in the console.",
                "部署一个版本，并在控制台检查服务的访问设置。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "SERVICE_RESOURCE_NOT_FOUND",
        Explanation {
            meaning: inferred("Something that the service is made of was not found.", "找不到服务所依赖的资源。"),
            cause: inferred(
                "The environment was rebuilt or returned, and what belongs to the service went with it.",
                "环境被重建或退还，服务的相关资源随之消失。",
            ),
            remedy: inferred(
                "See in the console that the environment is in order, and deploy the service again.",
                "在控制台确认环境状态正常，然后重新部署服务。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "SERVICE_LB_STATUS_ABNORMAL",
        Explanation {
            meaning: inferred(
                "The load balancer in front of the service is not in order.",
                "服务前面的负载均衡状态异常。",
            ),
            cause: inferred(
                "A disturbance of the platform, or a change of the service that is under way.",
                "平台故障，或服务正在变更。",
            ),
            remedy: inferred(
                "Wait until the change is over. If it stays, give the platform the `requestId`.",
                "等待变更完成；若一直如此，把 `requestId` 提供给平台。",
            ),
            advice: Advice::Unsure,
        },
    ),
    OpenError::new(
        "SERVICE_CHARGE_OVERDUE",
        Explanation {
            meaning: inferred(
                "The account of the environment is overdue, so its services are stopped.",
                "环境所属账号欠费，服务已停止。",
            ),
            cause: documented(
                "A bill that has not been paid; the HTTP status is 402.",
                "账单未支付；对应的 HTTP 状态码是 402。",
            ),
            remedy: inferred(
                "Pay the bill in the console, then wait until the services run again.",
                "在控制台缴清费用，等待服务恢复。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "SERVICE_NOT_FOUND",
        Explanation {
            meaning: inferred(
                "The environment has no service of the name in the path.",
                "环境中没有路径里写的这个服务。",
            ),
            cause: inferred(
                "A misspelt name in `/v1/cloudrun/NAME/…`, or the host of another environment.",
                "`/v1/cloudrun/NAME/…` 中的服务名写错，或域名是别的环境的。",
            ),
            remedy: documented(
                "Check the name: a letter first, then letters, digits, `_` or `-`, a letter or digit last, at most 60. Check \
                 the environment in `ENV.api.tcloudbasegateway.com`.",
                "核对服务名：字母开头，中间可用字母、数字、`_`、`-`，以字母或数字结尾，最多 60 个字符；再核对 `ENV.api.tcloudbasegateway.com` 中的环境 ID。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "SERVICE_NOT_READY",
        Explanation {
            meaning: inferred("The service takes no calls yet.", "服务尚未就绪，还不能接受调用。"),
            cause: inferred(
                "An instance is starting, is being deployed, or fails its health check again and again.",
                "实例正在启动、正在部署，或健康检查反复失败。",
            ),
            remedy: inferred(
                "Wait a little. If it stays, look at the logs of the container, and whether it listens on the port that is \
                 configured.",
                "稍等片刻；若一直如此，查看容器日志，并确认它监听的端口与配置一致。",
            ),
            advice: Advice::WhenReady,
        },
    ),
    OpenError::new(
        "SERVICE_TIMEOUT",
        Explanation {
            meaning: inferred(
                "The service did not answer in time. It may have run.",
                "服务超时未响应，但可能已经执行。",
            ),
            cause: inferred(
                "Slow work, or a cold start. Public calls may take up to 60 s here, but a `callContainer` only 15 s.",
                "处理耗时过长，或冷启动。公网调用在这里最长 60 秒，而 `callContainer` 只有 15 秒。",
            ),
            remedy: inferred(
                "Answer at once, work in the background, and keep one instance running.",
                "先应答，后台处理，并保留一个常驻实例。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    OpenError::new(
        "SERVICE_FORBIDDEN",
        Explanation {
            meaning: inferred("The token is good, but it may not call this service.", "令牌有效，但无权调用这个服务。"),
            cause: inferred(
                "A policy of the environment, or a publishable key, which has only the rights of an anonymous user.",
                "环境的访问策略限制，或使用了 Publishable Key，它只有匿名用户的权限。",
            ),
            remedy: inferred(
                "Allow the call in the permissions of the environment, or sign in and use an access token.",
                "在环境的权限设置中放行，或登录后使用 access token。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "MISSING_CREDENTIALS",
        Explanation {
            meaning: inferred("The request has no token.", "请求没有携带令牌。"),
            cause: inferred(
                "The header `Authorization` was left out, or is not of the form `Bearer TOKEN`.",
                "没有 `Authorization`，或格式不是 `Bearer TOKEN`。",
            ),
            remedy: documented(
                "Send `Authorization: Bearer TOKEN` with an access token, or with a publishable key. An API key never belongs \
                 in a client.",
                "发送 `Authorization: Bearer TOKEN`，令牌用 access token 或 Publishable Key；API Key 绝不能放进客户端。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        "INVALID_CREDENTIALS",
        Explanation {
            meaning: inferred("The token is not accepted.", "令牌无效，未被接受。"),
            cause: documented(
                "An access token has expired: it lives 2 hours by default.",
                "access token 已过期：默认有效期为 2 小时。",
            ),
            remedy: documented(
                "Get a new access token with the refresh token, or sign in again; then make the call once more.",
                "用 refresh token 换取新的 access token，或重新登录，然后再调用一次。",
            ),
            advice: Advice::Never,
        },
    ),
];

/// The statuses with which the open HTTP API refuses a request, or what stands in front of a gateway.
pub static OPEN_STATUSES: &[OpenError<u16>] = &[
    OpenError::new(
        401,
        Explanation {
            meaning: documented("401: the credential is missing or not valid.", "401：缺少凭证，或凭证无效。"),
            cause: inferred(
                "No `Authorization`, or a token that has expired; with a gateway, a token that it does not know.",
                "没有 `Authorization`，或令牌过期；经网关调用时，则是网关不认识的令牌。",
            ),
            remedy: inferred(
                "Renew the token, or sign in again. With a gateway, compare the token with its configuration.",
                "刷新令牌或重新登录；经网关调用时，与网关的配置核对令牌。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        402,
        Explanation {
            meaning: documented("402: the account is overdue.", "402：账号欠费。"),
            cause: inferred("An unpaid bill of the environment's owner.", "环境所属账号有未支付的账单。"),
            remedy: inferred("Let the owner pay it, then call again.", "由所属账号缴费后再调用。"),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        403,
        Explanation {
            meaning: documented("403: a permission or a policy forbids the call.", "403：权限或策略不允许这次调用。"),
            cause: inferred(
                "The signed-in user lacks a right, or a rule of the environment excludes the address or the path.",
                "登录用户缺少权限，或环境的规则排除了该地址、路径。",
            ),
            remedy: inferred(
                "Compare the rights of the token with the rules of the environment in the console.",
                "在控制台对照令牌的权限与环境的规则。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        404,
        Explanation {
            meaning: documented(
                "404: environment, service or version were not found.",
                "404：找不到环境、服务或版本。",
            ),
            cause: inferred(
                "A misspelt host or service. If the body is not an error object of the platform, the service itself answered.",
                "域名或服务名写错。如果返回体不是平台的错误对象，则是服务自己返回的 404。",
            ),
            remedy: inferred(
                "Look at the code in the body, and at the path behind the name of the service.",
                "查看返回体中的 code，以及服务名之后的路径。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        423,
        Explanation {
            meaning: documented("423: the feature is not enabled.", "423：功能未开通。"),
            cause: inferred("Cloud hosting has not been activated in this environment.", "该环境没有开通云托管。"),
            remedy: inferred("Activate it in the console.", "在控制台开通。"),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        429,
        Explanation {
            meaning: documented("429: too many requests, or a quota is used up.", "429：请求过于频繁，或配额用尽。"),
            cause: inferred(
                "Calls in a loop, many devices at the same moment, or the plan's quota.",
                "循环调用，大量设备同时请求，或套餐配额用完。",
            ),
            remedy: inferred(
                "Spread the calls over time, honour `Retry-After`, or raise the quota.",
                "把调用分散到不同时间，遵守 `Retry-After`，或提高配额。",
            ),
            advice: Advice::AfterMinute,
        },
    ),
    OpenError::new(
        451,
        Explanation {
            meaning: documented("451: the content is not allowed.", "451：内容不合规，被拦截。"),
            cause: inferred(
                "The platform's check of content has objected to the request or to the domain.",
                "平台的内容审核拦截了请求或域名。",
            ),
            remedy: inferred(
                "Change the content, or ask the platform which rule it touches.",
                "修改内容，或向平台询问触犯了哪条规则。",
            ),
            advice: Advice::Never,
        },
    ),
    OpenError::new(
        408,
        Explanation {
            meaning: documented(
                "408: the server did not get the whole request in time (RFC 9110, section 15.5.9).",
                "408：服务器没有及时收到完整的请求（RFC 9110 第 15.5.9 节）。",
            ),
            cause: inferred(
                "A slow uplink; or the farewell of a connection that was idle for too long.",
                "上行网络太慢；或是空闲过久的连接被关闭前的通知。",
            ),
            remedy: inferred(
                "Connect anew for each burst of calls, and look at the uplink.",
                "每批调用前重新连接，并检查上行网络。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    OpenError::new(
        502,
        Explanation {
            meaning: documented(
                "502: a proxy got no valid answer from what is behind it (RFC 9110, section 15.6.3).",
                "502：代理没有从后端得到有效的响应（RFC 9110 第 15.6.3 节）。",
            ),
            cause: inferred(
                "The gateway behind the proxy is restarting, or the proxy has the wrong port.",
                "代理后面的网关正在重启，或代理配置的端口不对。",
            ),
            remedy: inferred(
                "Look at the log of the proxy, and whether the gateway listens where it is expected.",
                "查看代理的日志，以及网关是否在预期的端口监听。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    OpenError::new(
        503,
        Explanation {
            meaning: documented(
                "503: the server takes no calls for now (RFC 9110, section 15.6.4).",
                "503：服务器暂时不接受调用（RFC 9110 第 15.6.4 节）。",
            ),
            cause: inferred(
                "Too many connections, a deployment that is under way, or no healthy instance.",
                "连接数过多，正在部署，或没有健康的实例。",
            ),
            remedy: inferred(
                "Wait as `Retry-After` says; add an instance if it stays.",
                "按 `Retry-After` 等待；持续出现时增加实例。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
    OpenError::new(
        504,
        Explanation {
            meaning: documented(
                "504: a proxy waited too long for what is behind it (RFC 9110, section 15.6.5).",
                "504：代理等待后端超时（RFC 9110 第 15.6.5 节）。",
            ),
            cause: inferred(
                "A service slower than the proxy's timeout, which may be shorter than the 15 s of a call.",
                "服务比代理的超时还慢；代理的超时可能短于调用的 15 秒。",
            ),
            remedy: inferred(
                "Set the proxy's timeout above 15 s, and shorten the work of the service.",
                "把代理的超时设为 15 秒以上，并缩短服务的处理时间。",
            ),
            advice: Advice::OnceIfIdempotent,
        },
    ),
];

/// Returns the entry whose code stands in this text.
pub(super) fn in_text(text: Text<'_>) -> Option<&'static OpenError<&'static str>> {
    OPEN_CODES.iter().find(|entry| contains(text, entry.key))
}

/// Returns the entry of a status.
pub(super) fn of_status(status: u16) -> Option<&'static OpenError<u16>> {
    OPEN_STATUSES.iter().find(|entry| entry.key == status)
}
