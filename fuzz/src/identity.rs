//! A service believes nothing of its headers without the sign of the platform, nor anything that is said twice.

use crate::arbitrary::header_name;
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

impl Headers {
    fn all(&self, name: &str) -> Vec<&[u8]> {
        let named = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.all(name).first().and_then(|value| str::from_utf8(value).ok())
    }

    /// The first value that is UTF-8, up to the first comma.
    fn address(&self, name: &str) -> Option<&str> {
        let texts = self.all(name).into_iter().filter_map(|value| str::from_utf8(value).ok());
        texts.map(|text| text.split(',').next().unwrap().trim()).next()
    }

    pub fn check(&self) {
        let found = Identity::from_headers(self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let names = ["source", "appid", "openid", "unionid", "from-appid", "from-openid", "from-unionid", "env"];
        let names = names.map(|name| format!("x-wx-{name}"));
        let twice = names.iter().any(|name| self.all(name).len() > 1);
        let [source, appid, openid, unionid, from_appid, from_openid, from_unionid, environment] =
            [0, 1, 2, 3, 4, 5, 6, 7].map(|at: usize| self.text(&names[at]));
        let address = self.address("x-original-forwarded-for").or(self.address("x-forwarded-for"));
        let expected = source.filter(|_| !twice).map(|source| Identity {
            source,
            appid,
            openid,
            unionid,
            from_appid,
            from_openid,
            from_unionid,
            environment,
            address,
        });
        assert_eq!(found, expected, "{self:?}");
    }
}
