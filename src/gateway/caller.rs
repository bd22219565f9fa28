//! Who calls, as the gateway knows it. How it comes to know is the business of whoever runs the gateway.

/// Who calls, as the gateway knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
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
