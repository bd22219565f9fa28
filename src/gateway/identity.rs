//! The headers `X-WX-*`, with which a gateway tells a service who calls.
//!
//! Knows their names and when each is present. Knows nothing of how a caller is recognised.

use super::access::{Permission, Relation};
use super::caller::Caller;
use crate::Text;
use crate::http::words::{lists, lower_case};

/// The header that lists the credentials to leave out, `X-WX-EXCLUDE-CREDENTIALS`: words separated by commas.
const EXCLUDE: &str = "x-wx-exclude-credentials";

/// The most headers that identify the caller.
const HEADERS: usize = 9;

/// Returns the headers that tell a service who calls, in a fixed order: names and values.
///
/// The app that owns the environment is identified by `X-WX-APPID` and `X-WX-OPENID`. Under resource reuse `X-WX-APPID`
/// is still the owner of the environment, the calling app is identified by `X-WX-FROM-APPID` and `X-WX-FROM-OPENID`,
/// and there is no `X-WX-OPENID`. An access token is `X-WX-CLOUDBASE-ACCESS-TOKEN` or, under resource reuse,
/// `X-WX-FROM-CLOUDBASE-ACCESS-TOKEN`. For another client there are no headers.
///
/// The call's header `X-WX-EXCLUDE-CREDENTIALS` lists the credentials to leave out, separated by commas: `openid`,
/// `unionid`, `from-openid`, `from-appid`, `from-unionid`, and `cloudbase-access-token`, which stands for either header
/// of the token.
///
/// ```
/// use callcontainer::gateway::{Caller, Env, Permission, Relation, identity_headers};
/// use callcontainer::Request;
///
/// let env = Env::new("prod-001", "WXAAA", &["shop"]);
/// let permission = Permission::new(&env, "shop", Relation::Reuse);
/// let caller = Caller::new("WXBBB", "o-1", "wx_client");
/// let request = Request::new("/").with_env("prod-001");
/// assert!(identity_headers(&request, &permission, Some(&caller)).eq([
///     ("X-WX-APPID", "WXAAA"),
///     ("X-WX-FROM-OPENID", "o-1"),
///     ("X-WX-FROM-APPID", "WXBBB"),
///     ("X-WX-ENV", "prod-001"),
///     ("X-WX-SOURCE", "wx_client"),
/// ]));
/// ```
pub fn identity_headers<'a>(
    request: &crate::Request<'_>,
    permission: &Permission<'a>,
    caller: Option<&Caller<'a>>,
) -> impl Iterator<Item = (&'static str, &'a str)> + Clone + use<'a> {
    let excluded = request.headers().get(EXCLUDE);
    let leave_out = |credential: &str| excluded.is_some_and(|list| lists(list, Text::new(credential), lower_case));
    let unless = |credential: &str, value: &'a str| Some(value).filter(|_| !leave_out(credential));
    let token = caller.and_then(|caller| caller.access_token);
    let token = token.and_then(|token| unless("cloudbase-access-token", token));
    let owner = Some(permission.env.owner);
    let env = Some(permission.env.id);
    let headers: [(&str, Option<&str>); HEADERS] = match (permission.relation, caller) {
        (Relation::Public, _) | (_, None) => [("", None); HEADERS],
        (Relation::Own, Some(caller)) => [
            ("X-WX-OPENID", unless("openid", caller.openid)),
            ("X-WX-APPID", owner),
            ("X-WX-UNIONID", caller.unionid.and_then(|unionid| unless("unionid", unionid))),
            ("X-WX-CLOUDBASE-ACCESS-TOKEN", token),
            ("X-WX-ENV", env),
            ("X-WX-SOURCE", Some(caller.source)),
            ("X-Original-Forwarded-For", caller.address),
            ("X-Forwarded-For", caller.address),
            ("", None),
        ],
        (Relation::Reuse, Some(caller)) => [
            ("X-WX-APPID", owner),
            ("X-WX-FROM-OPENID", unless("from-openid", caller.openid)),
            ("X-WX-FROM-APPID", unless("from-appid", caller.appid)),
            ("X-WX-FROM-UNIONID", caller.unionid.and_then(|unionid| unless("from-unionid", unionid))),
            ("X-WX-FROM-CLOUDBASE-ACCESS-TOKEN", token),
            ("X-WX-ENV", env),
            ("X-WX-SOURCE", Some(caller.source)),
            ("X-Original-Forwarded-For", caller.address),
            ("X-Forwarded-For", caller.address),
        ],
    };
    headers.into_iter().filter_map(|(name, value)| Some((name, value?)))
}
