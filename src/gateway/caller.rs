//! Who calls, as the gateway knows it. How it comes to know is the business of whoever runs the gateway.

/// Who calls, as the gateway knows it.
///
/// ```
/// use callcontainer::gateway::Caller;
///
/// const CALLER: Caller<'_> = Caller::new("WXBBB", "o-1", "wx_client").with_address("203.0.113.7");
/// assert_eq!(CALLER.unionid, None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller<'a> {
    /// The appid of the app that calls.
    pub appid: &'a str,
    /// The user's ID in that app.
    pub openid: &'a str,
    /// The user's ID across the apps of one principal, where the user has one.
    pub unionid: Option<&'a str>,
    /// Where the call comes from, such as `wx_client`. An open set of words.
    pub source: &'a str,
    /// The address of the user's device.
    pub address: Option<&'a str>,
    /// The platform's access token for this call (`X-WX-CLOUDBASE-ACCESS-TOKEN`), where there is one: with it the service
    /// acts for the user, so it is a secret.
    pub access_token: Option<&'a str>,
}

impl<'a> Caller<'a> {
    /// The user with this openid in the app with this appid; `source` says where the call comes from.
    #[must_use]
    pub const fn new(appid: &'a str, openid: &'a str, source: &'a str) -> Self {
        Self { appid, openid, unionid: None, source, address: None, access_token: None }
    }

    /// With this unionid.
    #[must_use]
    pub const fn with_unionid(mut self, unionid: &'a str) -> Self {
        self.unionid = Some(unionid);
        self
    }

    /// With this address of the user's device.
    #[must_use]
    pub const fn with_address(mut self, address: &'a str) -> Self {
        self.address = Some(address);
        self
    }

    /// With this access token.
    #[must_use]
    pub const fn with_access_token(mut self, access_token: &'a str) -> Self {
        self.access_token = Some(access_token);
        self
    }
}

/// Says which app calls, and nothing of its user: what a log may keep.
impl core::fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Caller").field("appid", &self.appid).field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Caller<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        defmt::write!(fmt, "Caller {{ appid: {=str}, source: {=str} }}", self.appid, self.source);
    }
}
