//! What becomes of an envelope: a request to a service, or a failure.

use callcontainer::gateway::{Access, Caller, Env, Grant, HttpRequest, Refusal};
use callcontainer::{ErrorCode, REQUEST_LIMIT, Request, TIMEOUT_LIMIT, Text};
use serde_json::{Value, json};

use crate::http::model::{Told, Who};
use crate::inputs::Envelope;

/// In the place of an ID that the filter makes, and as long as one.
pub const MADE: &str = "AN-ID-THAT-THE-FILTER-HAS-MADE--";
const HOST: &str = "shop.internal:8080";
const TOKEN: &str = "t0k.en+/==";

/// The configuration of the filter, and who calls it.
#[derive(Clone)]
pub struct Setting {
    env: String,
    owner: String,
    service: String,
    shares: bool,
    public: bool,
    party: Party,
    who: Who,
    /// As the proxy has it: with a port, and of IPv4 within IPv6.
    address: Option<&'static str>,
    /// Whether it is that of a proxy in front, which says in a header where the call comes from.
    is_forwarded: bool,
    is_http2: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    /// Has a token of the table.
    Token,
    /// Has a JWT that the proxy has checked.
    Jwt,
    /// Has a token that is unknown.
    Unknown,
    /// Has no token.
    None,
}

/// A text as JSON for `equal.mjs`: a character for each byte.
pub fn bytes(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into()
}

pub fn pairs<N: AsRef<[u8]>, V: AsRef<[u8]>>(all: &[(N, V)]) -> Value {
    all.iter().map(|(name, value)| json!([bytes(name.as_ref()), bytes(value.as_ref())])).collect()
}

pub fn failure(refusal: &Refusal, call_id: Option<&str>) -> Value {
    let call_id = call_id.map(Text::new);
    let mut buffer = vec![0; refusal.encoded_len(call_id)];
    let envelope = refusal.encode(call_id, &mut buffer).expect("the length is exact");
    json!({ "envelope": bytes(envelope), "code": refusal.code().to_string() })
}

/// What the configuration takes for a name.
fn is_name(name: &str) -> bool {
    let is_wrong = |c: char| c.is_control() || c.is_whitespace() || matches!(c, ',' | '=' | '"');
    (1..=128).contains(&name.len()) && !name.chars().any(is_wrong)
}

fn is_service(name: &str) -> bool {
    let all = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let ends = |byte: Option<&u8>, may: fn(&u8) -> bool| byte.is_some_and(may);
    let name = name.as_bytes();
    all && name.len() <= 60
        && ends(name.first(), u8::is_ascii_alphabetic)
        && ends(name.last(), u8::is_ascii_alphanumeric)
}

/// The envelope with what a gateway needs to let it pass, if it is one that lacks it. Its own members stay as they are.
pub fn amended(envelope: &Envelope, number: usize) -> Option<Envelope> {
    let Envelope { name, bytes, told } = envelope;
    let request = Request::decode(bytes).ok()?;
    let start = bytes.iter().position(|byte| *byte == b'{')?;
    let mut members = String::new();
    if request.service().is_none() {
        members.push_str(r#""service":"shop","#);
    }
    if request.target_env().is_none() {
        members.push_str(r#""config":{"env":"prod-01"},"#);
    }
    if request.call_id().is_none() && number.is_multiple_of(2) {
        members.push_str(&format!(r#""callID":"17-0.{number}","#));
    }
    // Another app's call.
    let told = told.unwrap_or([Told::Own, Told::Reuse, Told::Nothing][number % 3]);
    if request.resource_appid().is_none() && told == Told::Reuse {
        members.push_str(r#""resourceAppid":"WXAAA","#);
    }
    let (before, behind) = bytes.split_at(start + 1);
    let bytes = [before, members.as_bytes(), behind].concat();
    let is_another = !members.is_empty() && Request::decode(&bytes).is_ok();
    is_another.then(|| Envelope { name: format!("{name} amended"), bytes, told: Some(told) })
}

impl Setting {
    /// The ways in which this envelope is to be taken: so that its call is allowed, if it can be, and in another way now
    /// and then.
    pub fn all(envelope: &Envelope, number: usize) -> Vec<Self> {
        let request = Request::decode(&envelope.bytes).ok();
        let of = |get: fn(&Request<'_>) -> Option<String>, is: fn(&str) -> bool, other: &str| {
            request.as_ref().and_then(get).filter(|text| is(text)).unwrap_or_else(|| other.to_owned())
        };
        let owner = of(|it| it.resource_appid().map(|text| text.to_string()), is_name, "WXAAA");
        let told = envelope.told.unwrap_or([Told::Own, Told::Reuse, Told::Nothing][number % 3]);
        // Another app must say whose the environment is.
        let says_owner = request.as_ref().is_some_and(|request| request.resource_appid().is_some());
        let told = if told == Told::Reuse && !says_owner { Told::Own } else { told };
        let bit = |at: usize| number >> at & 1 == 1;
        let mut who = Who {
            appid: if told == Told::Own { owner.clone() } else { "WXGUEST".to_owned() },
            openid: format!("o-{number}-名"),
            unionid: bit(0).then(|| "u-1".to_owned()),
            source: if bit(3) { "wx_devtools".to_owned() } else { "wx_client".to_owned() },
            address: None,
            access_token: bit(1).then(|| "access-t0ken".to_owned()),
        };
        let address = [Some("192.0.2.7:4711"), Some("[2001:db8::7]:80"), Some("[::ffff:192.0.2.9]:1"), Some("@"), None];
        let address = address[number % 5];
        who.address = match address {
            Some("192.0.2.7:4711") => Some("192.0.2.7".to_owned()),
            Some("[2001:db8::7]:80") => Some("2001:db8::7".to_owned()),
            Some("[::ffff:192.0.2.9]:1") => Some("192.0.2.9".to_owned()),
            _ => None,
        };
        let is_forwarded = address == Some("192.0.2.7:4711") && bit(4);
        if is_forwarded {
            who.address = Some("203.0.113.1".to_owned());
        }
        let jwt = number % 5 == 1;
        if jwt {
            who.access_token = None;
        }
        let setting = Self {
            env: of(|it| it.target_env().map(|text| text.to_string()), is_name, "prod-01"),
            service: of(|it| it.service().map(|text| text.to_string()), is_service, "shop"),
            shares: told == Told::Reuse,
            public: told == Told::Nothing,
            party: match told {
                Told::Nothing if bit(2) => Party::Unknown,
                Told::Nothing => Party::None,
                _ if jwt => Party::Jwt,
                _ => Party::Token,
            },
            owner,
            who,
            address,
            is_forwarded,
            is_http2: number % 4 == 3,
        };
        let mut all = vec![setting.clone()];
        let mut otherwise = |every: usize, change: fn(&mut Self)| {
            if number.is_multiple_of(every) {
                let mut setting = setting.clone();
                change(&mut setting);
                all.push(setting);
            }
        };
        otherwise(7, |it| it.who.appid = "WXSTRANGER".to_owned());
        otherwise(11, |it| (it.public, it.party) = (false, Party::Unknown));
        otherwise(13, |it| (it.public, it.party) = (false, Party::None));
        otherwise(17, |it| it.env.push('x'));
        otherwise(19, |it| it.service = "elsewhere".to_owned());
        all
    }

    fn configuration(&self) -> String {
        let mut caller = json!({ "token": TOKEN, "appid": self.who.appid, "openid": self.who.openid });
        let optional = [("unionid", &self.who.unionid), ("access_token", &self.who.access_token)];
        for (name, value) in optional {
            if let Some(value) = value {
                caller[name] = value.as_str().into();
            }
        }
        let share: &[&str] = if self.shares { &["WXGUEST", "WXFRIEND"] } else { &["WXFRIEND"] };
        let mut configuration = json!({
            "env": self.env, "owner": self.owner, "share": share, "public": self.public, "source": self.who.source,
            "services": [{ "name": "another" }, { "name": self.service, "host": HOST, "http2": self.is_http2 }],
            "proxies": if self.is_forwarded { vec!["10.0.0.1", "192.0.2.7"] } else { vec!["10.0.0.1"] },
            "callers": [{ "token": "t0k.em+/==", "appid": "WXOTHER", "openid": "o-other" }, caller],
        });
        if self.party == Party::Jwt {
            configuration["jwt"] = json!({ "metadata": "claims" });
        }
        configuration.to_string()
    }

    fn properties(&self) -> Value {
        let mut properties = json!({});
        if let Some(address) = self.address {
            properties["source\0address"] = address.into();
        }
        if self.party == Party::Jwt {
            let claims = [
                ("sub", Some(&self.who.openid)),
                ("appid", Some(&self.who.appid)),
                ("unionid", self.who.unionid.as_ref()),
            ];
            let claim = |(name, value): (&str, Option<&String>)| Some(entry(name, &field(3, value?.as_bytes())));
            let claims: Vec<_> = claims.into_iter().filter_map(claim).flatten().collect();
            let of_jwt = entry("claims", &field(5, &claims));
            let of_others = entry("others", &entry("claims", &field(5, &entry("sub", &field(3, b"o-other")))));
            properties["metadata"] = bytes(&[of_others, entry("envoy.filters.http.jwt_authn", &of_jwt)].concat());
        }
        properties
    }

    /// What the filter is given, but for the body.
    pub fn given(&self, number: usize, length: usize) -> Value {
        let mut headers = vec![
            (":method", "POST".to_owned()),
            (":path", ["/", "/?a=/b"][number % 2].to_owned()),
            (":scheme", "http".to_owned()),
            (":authority", "gateway.example".to_owned()),
            // Forged: none of it may reach a service.
            ("x-wx-openid", "o-forged".to_owned()),
            ("x-wx-service", "elsewhere".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
            ("x-forwarded-for", "203.0.113.1".to_owned()),
            ("transfer-encoding", "chunked".to_owned()),
        ];
        if number.is_multiple_of(3) {
            headers.retain(|(name, _)| *name != "transfer-encoding");
            headers.push(("content-length", length.to_string()));
        }
        match self.party {
            Party::Token => headers.push(("authorization", format!("Bearer {TOKEN}"))),
            // One bit differs.
            Party::Unknown => headers.push(("authorization", "bearer t0k.eo+/==".to_owned())),
            Party::Jwt | Party::None => {}
        }
        json!({
            "configuration": self.configuration(),
            "headers": pairs(&headers),
            "properties": self.properties(),
        })
    }

    /// What must become of this envelope, and, if it is a request to a service, what must become of the response.
    pub fn expected(
        &self,
        envelope: &[u8],
        reply: impl FnOnce(&Request<'_>, &str) -> (Value, Value),
    ) -> Result<(Value, Value, Value), Value> {
        let may_call = self.public || matches!(self.party, Party::Token | Party::Jwt);
        if !may_call {
            let mut failure = failure(&Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin"), None);
            failure["status"] = 401.into();
            return Err(failure);
        }
        let refused = |refusal: Refusal, call_id: &str, line: &str| {
            let mut failure = failure(&refusal, Some(call_id));
            failure["line"] = bytes(line.as_bytes());
            failure
        };
        let line = |call_id: &str, env: Option<Text<'_>>, service: Option<&str>, caller: &str| {
            let env = env.map(|env| env.to_string());
            [("call", Some(call_id)), ("env", env.as_deref()), ("service", service), ("caller", Some(caller))]
                .map(|(name, value)| format!(" {name}={}", shown(value)))
                .concat()
        };
        let request =
            Request::decode(envelope).map_err(|error| refused(error.into(), MADE, &line(MADE, None, None, "-")))?;
        assert!(envelope.len() <= REQUEST_LIMIT);
        let call_id = request.call_id().map_or_else(|| MADE.to_owned(), |call_id| call_id.to_string());
        let named = request.service().map(|service| service.to_string());
        let refused =
            |refusal: Refusal| refused(refusal, &call_id, &line(&call_id, request.env(), named.as_deref(), "-"));

        let services = ["another", self.service.as_str()];
        let envs = [Env::new(&self.env, &self.owner, &services).with_public(self.public)];
        let to = ["WXFRIEND", "WXGUEST"];
        let grants = to.map(|to| Grant::new(&self.env, &self.owner, to));
        let grants = &grants[..if self.shares { 2 } else { 1 }];
        let mut caller = Caller::new(&self.who.appid, &self.who.openid, &self.who.source);
        caller.unionid = self.who.unionid.as_deref();
        caller.access_token = self.who.access_token.as_deref();
        caller.address = self.who.address.as_deref();
        let caller = Some(caller).filter(|_| matches!(self.party, Party::Token | Party::Jwt));
        let permission = Access::new(&envs, grants).decide(&request, caller.as_ref()).map_err(refused)?;
        let is_http2 = self.is_http2 && permission.service == self.service;
        let host = if permission.service == self.service { HOST } else { permission.service };
        let http = HttpRequest::new(&request, &permission, caller.as_ref(), host).map_err(refused)?;
        let mut buffer = vec![0; http.encoded_len()];
        let wire = http.encode(&mut buffer).expect("the length is exact");

        let Received { mut headers, closes, body } = received(wire);
        assert_eq!(closes, http.closes_connection());
        // The library counts on services that read what can be no request.
        if !is_http2 && !body.is_empty() {
            headers.push(("connection".to_owned(), b"close".to_vec()));
        }
        let timeout = request.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT) + 1;
        headers.extend([
            // Envoy would send no bytes in chunks, so that the length is there even if it is that of no body.
            ("content-length".to_owned(), body.len().to_string().into_bytes()),
            // What routes select on, and how long they wait: a millisecond more, for a clock that ticks in them.
            ("x-wx-service".to_owned(), permission.service.as_bytes().to_vec()),
            ("grpc-timeout".to_owned(), format!("{timeout}m").into_bytes()),
        ]);
        let caller = format!("{:?}", permission.relation).to_lowercase();
        let (answer, mut reply) = reply(&request, &call_id);
        reply["line"] = bytes(line(&call_id, request.env(), Some(permission.service), &caller).as_bytes());
        let expected = json!({
            "headers": pairs(&headers),
            "body": bytes(&body),
            "caller": caller,
            "call": bytes(call_id.as_bytes()),
        });
        Ok((expected, answer, reply))
    }
}

/// A value in logfmt.
fn shown(value: Option<&str>) -> String {
    let value = value.unwrap_or("-");
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"=\\".contains(&byte);
    if !value.is_empty() && value.bytes().all(is_plain) { value.to_owned() } else { format!("{value:?}") }
}

/// A request as a proxy has it.
struct Received {
    headers: Vec<(String, Vec<u8>)>,
    /// Whether it closes the connection, which is not among the headers.
    closes: bool,
    body: Vec<u8>,
}

/// Reads a request in HTTP/1.1. The length is left out, and so are headers that Envoy would act on.
fn received(wire: &[u8]) -> Received {
    let end = wire.windows(4).position(|four| four == b"\r\n\r\n").expect("a head ends");
    let head = std::str::from_utf8(&wire[..end]).expect("a head is UTF-8");
    let mut lines = head.split("\r\n");
    let mut words = lines.next().expect("a head has a line").split(' ');
    let mut word = || words.next().expect("the first line has three words").as_bytes().to_vec();
    // What the proxy says about the caller's request stays.
    let mut headers =
        vec![(":scheme".to_owned(), b"http".to_vec()), ("x-forwarded-proto".to_owned(), b"https".to_vec())];
    let (method, target) = (word(), word());
    let mut rest = Vec::new();
    let (mut host, mut closes) = (Vec::new(), false);
    for line in lines {
        let (name, value) = line.split_once(':').expect("a header has a colon");
        let value = value.trim_matches([' ', '\t']).as_bytes().to_vec();
        match name.to_ascii_lowercase().as_str() {
            "host" => host = value,
            "connection" => closes = value == b"close",
            "content-length" => {}
            name if name.starts_with("x-envoy-") || name == "grpc-timeout" => {}
            name => rest.push((name.to_owned(), value)),
        }
    }
    headers.extend([(":method".to_owned(), method), (":authority".to_owned(), host), (":path".to_owned(), target)]);
    headers.extend(rest);
    Received { headers, closes, body: wire[end + 4..].to_vec() }
}

/// A field of protobuf that has a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = value.len();
    while length > 0x7f {
        field.push(length as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend(value);
    field
}

/// An entry of a map of protobuf, which is field 1.
fn entry(key: &str, value: &[u8]) -> Vec<u8> {
    field(1, &[field(1, key.as_bytes()), field(2, value)].concat())
}
