//! Who a call belongs to: the owner of a token in the table, or of a JWT that the proxy has checked.

use callcontainer::ErrorCode;
use callcontainer::gateway::{Caller, Refusal};

use super::configuration::{self, Configuration, Jwt, name};

/// The party that a call belongs to.
pub enum Party {
    /// The caller with this number in the table.
    Known(usize),
    /// The holder of a JWT.
    Claimed(Claims),
    /// Another client over the public network, about which nothing is known.
    Other,
}

/// What a JWT says of its holder.
pub struct Claims {
    appid: String,
    openid: String,
    unionid: Option<String>,
}

impl Claims {
    /// Asks for the claims. `None` if there is no checked JWT, or if it does not say who calls.
    pub fn read(jwt: &Jwt, claim: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let claim = |of: &str| claim(of).filter(|value| name("", value).is_ok());
        Some(Self { appid: claim(&jwt.appid)?, openid: claim(&jwt.openid)?, unionid: claim(&jwt.unionid) })
    }
}

impl Party {
    /// Finds the party. If public access is open, a missing token and an unknown one are the same.
    ///
    /// # Errors
    /// The caller is unknown, and public access is closed.
    pub fn find(
        configuration: &Configuration,
        token: Option<&[u8]>,
        claims: impl FnOnce(&Jwt) -> Option<Claims>,
    ) -> Result<Self, Refusal> {
        if let Some(number) = token.and_then(|token| owner(&configuration.callers, token)) {
            return Ok(Self::Known(number));
        }
        match configuration.jwt.as_ref().and_then(claims) {
            Some(claims) => Ok(Self::Claimed(claims)),
            None if configuration.public => Ok(Self::Other),
            None => Err(Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin")),
        }
    }

    /// Returns the caller whose call comes from this address.
    pub fn caller<'a>(&'a self, configuration: &'a Configuration, address: Option<&'a str>) -> Option<Caller<'a>> {
        let mut caller = match self {
            Self::Known(number) => {
                let known = configuration.callers.get(*number)?;
                let mut caller = Caller::new(&known.appid, &known.openid, &configuration.source);
                caller.unionid = known.unionid.as_deref();
                caller.access_token = known.access_token.as_deref();
                caller
            }
            Self::Claimed(claims) => {
                let mut caller = Caller::new(&claims.appid, &claims.openid, &configuration.source);
                caller.unionid = claims.unionid.as_deref();
                caller
            }
            Self::Other => return None,
        };
        caller.address = address;
        Some(caller)
    }
}

/// Returns the number of the caller with this token. How long it takes depends on no token's bytes.
fn owner(callers: &[configuration::Caller], token: &[u8]) -> Option<usize> {
    let mut found = None;
    for (number, caller) in callers.iter().enumerate() {
        let known = caller.token.as_bytes();
        let differences = known.iter().zip(token).fold(0, |all, (one, other)| all | (one ^ other));
        if known.len() == token.len() && std::hint::black_box(differences) == 0 {
            found = Some(number);
        }
    }
    found
}
