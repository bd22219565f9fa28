//! The identity headers `X-WX-*` that a gateway adds for a service.
//!
//! Knows their names and when each is sent, but not how a caller is recognised.

use super::access::{Permission, Relation};
use super::caller::Caller;
use crate::Text;

/// Credentials that a call asks to leave out, in its header `X-WX-EXCLUDE-CREDENTIALS`: words between commas.
const EXCLUDE: &str = "x-wx-exclude-credentials";

/// The most headers that say who calls.
const HEADERS: usize = 9;

/// The headers that tell a service who calls, in a fixed order: names and values.
///
/// The app that owns the environment is told of as `X-WX-APPID` and `X-WX-OPENID`. Under resource reuse `X-WX-APPID` is
/// the owner of the environment still, the calling app is told of as `X-WX-FROM-APPID` and `X-WX-FROM-OPENID`, and there
/// is no `X-WX-OPENID`. An access token is `X-WX-CLOUDBASE-ACCESS-TOKEN` or, under resource reuse,
/// `X-WX-FROM-CLOUDBASE-ACCESS-TOKEN`. Of another client nothing is told.
///
/// The call's header `X-WX-EXCLUDE-CREDENTIALS` leaves out what it lists, in words between commas: `openid`, `unionid`,
/// `from-openid`, `from-appid`, `from-unionid`, and `cloudbase-access-token`, which stands for either header of the token.
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

/// Whether a list of words between commas holds this one, once the bytes of both are folded.
pub(super) fn lists(list: Text<'_>, word: Text<'_>, fold: fn(u8) -> u8) -> bool {
    let mut rest = word.bytes();
    let (mut begun, mut ended, mut same) = (false, false, true);
    for byte in list.bytes().chain([b',']) {
        match byte {
            b',' if begun && same && rest.clone().next().is_none() => return true,
            b',' => {
                rest = word.bytes();
                (begun, ended, same) = (false, false, true);
            }
            // White space may stand around a word, not in it.
            b' ' | b'\t' => ended = begun,
            other => {
                begun = true;
                same &= !ended && rest.next().is_some_and(|expected| fold(expected) == fold(other));
            }
        }
    }
    false
}

/// Letter case does not matter.
pub(super) const fn lower_case(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}
