//! A service believes nothing of its headers without the sign of the platform, nor anything that is said twice, however
//! names are folded: as CGI, PHP or lighttpd does it.

use crate::arbitrary::header_name;
use crate::http::model::FOLDINGS;
use arbitrary::{Arbitrary, Result, Unstructured};
use callcontainer::gateway::Identity;

/// The headers of an HTTP request, which a parser has read.
#[derive(Debug)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl<'a> Arbitrary<'a> for Headers {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut headers = Vec::new();
        while bool::arbitrary(u)? {
            headers.push((header_name(u)?, Vec::arbitrary(u)?));
        }
        Ok(Self(headers))
    }
}

/// The headers of `Identity` but the addresses, in no order that means anything.
const NAMES: [&str; 10] = [
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

impl Headers {
    /// The headers of which a folding makes the variable that it makes of this name: whether each is spelt so, and its
    /// value. The last folding is the loosest.
    fn all(&self, name: &str, fold: fn(char) -> char) -> Vec<(bool, &[u8])> {
        let variable = |name: &str| name.chars().map(fold).collect::<String>();
        let known = variable(name);
        let named = self.0.iter().filter(|(other, _)| other.len() == known.len() && variable(other) == known);
        named.map(|(other, value)| (other.eq_ignore_ascii_case(name), value.as_slice())).collect()
    }

    /// The text of the one header that this name has.
    fn text(&self, name: &str) -> Option<&str> {
        match self.all(name, FOLDINGS[2])[..] {
            [(true, value)] => str::from_utf8(value).ok(),
            _ => None,
        }
    }

    /// The first value that is UTF-8, up to the first comma.
    fn address(&self, name: &str) -> Option<&str> {
        let texts = self.all(name, FOLDINGS[2]).into_iter().filter_map(|(_, value)| str::from_utf8(value).ok());
        texts.map(|text| text.split(',').next().unwrap().trim()).next()
    }

    pub fn check(&self) {
        let found = Identity::from_headers(self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let twice = NAMES.iter().any(|name| self.all(name, FOLDINGS[2]).len() > 1);
        let addresses = ["x-original-forwarded-for", "x-forwarded-for"];
        let is_forged = |name: &&str| self.all(name, FOLDINGS[2]).iter().any(|(is_spelt_so, _)| !is_spelt_so);
        let address = self.address(addresses[0]).or(self.address(addresses[1]));
        let expected = self.text("x-wx-source").filter(|_| !twice).map(|source| {
            let mut identity = Identity::default();
            identity.source = source;
            identity.appid = self.text("x-wx-appid");
            identity.openid = self.text("x-wx-openid");
            identity.unionid = self.text("x-wx-unionid");
            identity.from_appid = self.text("x-wx-from-appid");
            identity.from_openid = self.text("x-wx-from-openid");
            identity.from_unionid = self.text("x-wx-from-unionid");
            identity.access_token = self.text("x-wx-cloudbase-access-token");
            identity.from_access_token = self.text("x-wx-from-cloudbase-access-token");
            identity.env = self.text("x-wx-env");
            identity.address = address.filter(|_| !addresses.iter().any(is_forged));
            identity
        });
        assert_eq!(found, expected, "{self:?}");

        // The same once more, said without a model: what is believed is what each folding shows, and nothing else.
        let Some(identity) = found else { return };
        let believed = [
            Some(identity.source),
            identity.appid,
            identity.openid,
            identity.unionid,
            identity.access_token,
            identity.env,
            identity.from_appid,
            identity.from_openid,
            identity.from_unionid,
            identity.from_access_token,
        ];
        for fold in FOLDINGS {
            for (name, believed) in NAMES.iter().zip(believed) {
                let Some(believed) = believed else { continue };
                assert_eq!(self.all(name, fold), [(true, believed.as_bytes())], "{name} of {self:?}");
            }
        }
    }
}
