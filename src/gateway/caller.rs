//! The caller, as the gateway knows it. How callers are identified is up to the operator of the gateway.

/// The caller, as the gateway knows it.
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
    /// The user's ID across the apps of one principal, if the user has one.
    pub unionid: Option<&'a str>,
    /// Where the call comes from, such as `wx_client`. The set of values is open.
    pub source: &'a str,
    /// The address of the user's device.
    pub address: Option<&'a str>,
    /// The platform's access token for this call (`X-WX-CLOUDBASE-ACCESS-TOKEN`), if there is one. With it the service
    /// acts on behalf of the user, so it is a secret.
    pub access_token: Option<&'a str>,
}

impl<'a> Caller<'a> {
    /// Creates a caller: the user with this openid in the app with this appid; `source` says where the call comes from.
    #[must_use]
    pub const fn new(appid: &'a str, openid: &'a str, source: &'a str) -> Self {
        Self { appid, openid, unionid: None, source, address: None, access_token: None }
    }

    /// Sets the unionid.
    #[must_use]
    pub const fn with_unionid(mut self, unionid: &'a str) -> Self {
        self.unionid = Some(unionid);
        self
    }

    /// Sets the address of the user's device.
    #[must_use]
    pub const fn with_address(mut self, address: &'a str) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets the access token.
    #[must_use]
    pub const fn with_access_token(mut self, access_token: &'a str) -> Self {
        self.access_token = Some(access_token);
        self
    }
}

/// Shows which app calls, but nothing of its user, so it is safe to log.
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
