//! What a service may believe of the headers that it receives: the counterpart of a gateway.
//!
//! Knows the names of the headers, and trusts none of them without the sign of the platform.

use crate::http::protected::Folded;

/// The identity of the caller, as stated by the headers of an HTTP request: the service's side.
///
/// Nothing is believed without `X-WX-SOURCE`, whose presence is the documented sign that a call came through the
/// platform, or if a header that identifies the caller occurs twice, which a gateway never writes.
///
/// A name that would be one of these headers if all bytes other than letters and digits were the same, such as
/// `x_wx_openid`, is that header in another spelling, which a gateway never writes either: together with the right one
/// it is a duplicate, and on its own it is not believed. The same holds for the address.
///
/// ```
/// use callcontainer::gateway::Identity;
///
/// let headers = [("x-wx-source", "wx_client"), ("x-wx-from-openid", "o-1"), ("x-wx-from-appid", "WXBBB")];
/// let identity = Identity::from_headers(headers.map(|(name, value)| (name, value.as_bytes()))).unwrap();
/// assert!(identity.is_reuse());
/// assert_eq!(identity.user(), Some("o-1"));
/// assert_eq!(identity.openid, None);
///
/// assert_eq!(Identity::from_headers([("x-wx-openid", &b"o-1"[..])]), None);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity<'a> {
    /// `X-WX-SOURCE`: where the call comes from.
    pub source: &'a str,
    /// `X-WX-APPID`: the app that owns the environment.
    pub appid: Option<&'a str>,
    /// `X-WX-OPENID`: the user's ID in that app; absent under resource reuse.
    pub openid: Option<&'a str>,
    /// `X-WX-UNIONID`: the user's ID across apps.
    pub unionid: Option<&'a str>,
    /// `X-WX-FROM-APPID`: under resource reuse, the app that calls.
    pub from_appid: Option<&'a str>,
    /// `X-WX-FROM-OPENID`: under resource reuse, the user's ID in the app that calls.
    pub from_openid: Option<&'a str>,
    /// `X-WX-FROM-UNIONID`: under resource reuse, the user's ID across apps.
    pub from_unionid: Option<&'a str>,
    /// `X-WX-CLOUDBASE-ACCESS-TOKEN`: the platform's access token for this call. A secret.
    pub access_token: Option<&'a str>,
    /// `X-WX-FROM-CLOUDBASE-ACCESS-TOKEN`: the same under resource reuse.
    pub from_access_token: Option<&'a str>,
    /// `X-WX-ENV`: the environment.
    pub env: Option<&'a str>,
    /// `X-Original-Forwarded-For`, or else `X-Forwarded-For`: the address of the user's device.
    pub address: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Reads the headers of a request, in any order and letter case. Other headers are ignored, and so is a value that
    /// is not UTF-8.
    pub fn from_headers(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Option<Self> {
        // For each header whether it was present, and its value if it can be believed.
        let mut found: [Option<Option<&[u8]>>; HEADERS.len()] = [None; HEADERS.len()];
        let mut addresses = [None; ADDRESSES.len()];
        let mut address_is_forged = false;
        for (name, value) in headers {
            if let Some((place, is_spelt_so)) = find(&HEADERS, name) {
                let earlier = found.get_mut(place)?.replace(Some(value).filter(|_| is_spelt_so));
                if earlier.is_some() {
                    return None;
                }
            } else if let Some((place, is_spelt_so)) = find(&ADDRESSES, name) {
                address_is_forged |= !is_spelt_so;
                // Proxies on the way may add an address of their own, in a header of the same name or after a comma.
                let address = addresses.get_mut(place)?;
                *address = address.or(first_address(value));
            }
        }
        let text = |value: Option<Option<&'a [u8]>>| value.flatten().and_then(|value| core::str::from_utf8(value).ok());
        let [source, appid, openid, unionid, access_token, env, from @ ..] = found.map(text);
        let [from_appid, from_openid, from_unionid, from_access_token] = from;
        let address = addresses.into_iter().flatten().next().filter(|_| !address_is_forged);
        Some(Self {
            source: source?,
            appid,
            openid,
            unionid,
            from_appid,
            from_openid,
            from_unionid,
            access_token,
            from_access_token,
            env,
            address,
        })
    }

    /// Whether the call came from an app other than the one that owns the environment.
    #[must_use]
    pub const fn is_reuse(&self) -> bool {
        self.from_appid.is_some()
            || self.from_openid.is_some()
            || self.from_unionid.is_some()
            || self.from_access_token.is_some()
    }

    /// Returns the user's ID in the app that calls, whichever app that is.
    #[must_use]
    pub const fn user(&self) -> Option<&'a str> {
        if self.is_reuse() { self.from_openid } else { self.openid }
    }

    /// Returns the app that calls, whichever it is. A call from another app that asked to leave out everything that
    /// identifies it (`X-WX-EXCLUDE-CREDENTIALS`) cannot be told apart from a call of the owner.
    #[must_use]
    pub const fn app(&self) -> Option<&'a str> {
        if self.is_reuse() { self.from_appid } else { self.appid }
    }
}

/// Shows which app calls, but nothing of its user, so it is safe to log.
impl core::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Identity").field("source", &self.source).field("app", &self.app()).finish_non_exhaustive()
    }
}

/// The headers that identify the caller, folded.
const HEADERS: [&str; 10] = [
    "x-wx-source",
    "x-wx-appid",
    "x-wx-openid",
    "x-wx-unionid",
    "x-wx-cloudbase-access-token",
    "x-wx-env",
    "x-wx-from-appid",
    "x-wx-from-openid",
    "x-wx-from-unionid",
    "x-wx-from-cloudbase-access-token",
];

/// The headers that give the address of the user's device, in order of precedence.
const ADDRESSES: [&str; 2] = ["x-original-forwarded-for", "x-forwarded-for"];

/// Returns which of these headers a name is after folding, and whether it is spelt the same apart from letter case.
fn find(headers: &[&str], name: &str) -> Option<(usize, bool)> {
    let folded = Folded::new(name.bytes())?;
    let place = headers.iter().position(|header| folded.as_bytes() == header.as_bytes())?;
    Some((place, headers.get(place)?.eq_ignore_ascii_case(name)))
}

/// Returns the first of the addresses separated by commas: the caller's.
fn first_address(value: &[u8]) -> Option<&str> {
    core::str::from_utf8(value).ok()?.split(',').next().map(str::trim)
}
