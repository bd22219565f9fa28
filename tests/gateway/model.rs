//! What a call is and what should become of it, over owned strings: nothing here asks the crate.

use callcontainer::{ErrorCode, Method};

/// The name in another letter case: a bit for each letter.
pub fn cased(name: &str, cases: u64) -> String {
    let upper = |at: usize| cases.rotate_right(at as u32) & 1 == 1;
    let letter = |(at, c): (usize, char)| if upper(at) { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.chars().enumerate().map(letter).collect()
}

// ---------------------------------------------------------------- percent-encoding

fn percent(text: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || kept.contains(character) {
            encoded.push(character);
        } else {
            for byte in character.to_string().bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    encoded
}

/// As ECMAScript defines it.
pub fn component(text: &str) -> String {
    percent(text, "-_.!~*'()")
}

/// What RFC 3986 has in a path and a query, escapes as they stand, and the brackets that so many leave as they are.
pub fn in_target(text: &str) -> String {
    percent(text, "-._~!$&'()*+,;=:@/?%[]")
}

/// A query as pairs of name and pair, both as they are written. Sets each member: it takes the place of the pairs with
/// its name, or else stands last.
pub fn merge(query: &str, members: &[(String, String)]) -> String {
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|_| !query.is_empty()) {
        pairs.push((in_target(pair.split('=').next().unwrap()), in_target(pair)));
    }
    for (name, value) in members {
        let name = component(name);
        let new = (name.clone(), format!("{name}={}", component(value)));
        match pairs.iter().position(|(other, _)| *other == name) {
            Some(first) => {
                let mut place = 0;
                pairs.retain(|(other, _)| {
                    place += 1;
                    *other != name || place - 1 == first
                });
                pairs[first] = new;
            }
            None => pairs.push(new),
        }
    }
    pairs.into_iter().map(|(_, pair)| pair).collect::<Vec<_>>().join("&")
}

// ---------------------------------------------------------------- JSON

/// A value and its spelling.
#[derive(Clone, Debug)]
pub enum Tree {
    /// A number, a boolean or null, as it is written.
    Scalar(String),
    Text(Spelt),
    List(Vec<Tree>),
    Object(Vec<(Spelt, Tree)>),
}

/// A text and the way in which it stands in an envelope, quotes included.
#[derive(Clone, Debug)]
pub struct Spelt {
    pub text: String,
    pub token: String,
}

impl Spelt {
    /// Escapes what must be, and wherever a bit is set.
    pub fn new(text: &str, escapes: u64) -> Self {
        let mut token = String::from("\"");
        for (at, character) in text.chars().enumerate() {
            let escape = escapes.rotate_right(at as u32) & 1 == 1;
            match character {
                '"' | '\\' | '/' if !escape => token.extend(['\\', character]),
                '\n' if !escape => token.push_str("\\n"),
                '\r' if !escape => token.push_str("\\r"),
                '\t' if !escape => token.push_str("\\t"),
                ' '.. if !escape => token.push(character),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        token.push_str(&if at % 2 == 0 { format!("\\u{unit:04x}") } else { format!("\\u{unit:04X}") });
                    }
                }
            }
        }
        token.push('"');
        Self { text: text.to_owned(), token }
    }
}

impl Tree {
    /// The value with this between its tokens.
    pub fn spaced(&self, space: &str) -> String {
        let mut tokens = Vec::new();
        self.tokens(&mut tokens);
        tokens.join(space)
    }

    fn tokens(&self, tokens: &mut Vec<String>) {
        let mut token = |text: &str| tokens.push(text.to_owned());
        match self {
            Tree::Scalar(text) => token(text),
            Tree::Text(text) => token(&text.token),
            Tree::List(elements) => {
                token("[");
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        tokens.push(",".to_owned());
                    }
                    element.tokens(tokens);
                }
                tokens.push("]".to_owned());
            }
            Tree::Object(members) => {
                token("{");
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        tokens.push(",".to_owned());
                    }
                    tokens.extend([name.token.clone(), ":".to_owned()]);
                    value.tokens(tokens);
                }
                tokens.push("}".to_owned());
            }
        }
    }

    /// What `encodeURIComponent` is given for it in a query: the text of strings, and of all else the JSON.
    pub fn in_query(&self) -> String {
        if let Tree::Text(text) = self { text.text.clone() } else { self.spaced("") }
    }

    /// What it is given in a form: `String(value)` of ECMAScript, where `Array.prototype.join` makes nothing of `null`.
    pub fn in_form(&self) -> String {
        match self {
            Tree::Text(text) => text.text.clone(),
            Tree::Scalar(scalar) => scalar.clone(),
            Tree::Object(_) => "[object Object]".to_owned(),
            Tree::List(elements) => {
                let is_null = |element: &&Tree| matches!(element, Tree::Scalar(scalar) if scalar == "null");
                let joined = elements.iter().map(|it| if is_null(&it) { String::new() } else { it.in_form() });
                joined.collect::<Vec<_>>().join(",")
            }
        }
    }

    /// `Object.entries` of an object or an array, each value made into a string; nothing of what has no entries to speak of.
    pub fn pairs(&self, string: fn(&Tree) -> String) -> Option<Vec<(String, String)>> {
        match self {
            Tree::Object(members) => {
                Some(members.iter().map(|(name, value)| (name.text.clone(), string(value))).collect())
            }
            Tree::List(elements) => {
                Some(elements.iter().enumerate().map(|(at, value)| (at.to_string(), string(value))).collect())
            }
            Tree::Scalar(_) | Tree::Text(_) => None,
        }
    }
}

// ---------------------------------------------------------------- a call

#[derive(Clone, Debug)]
pub struct Call {
    pub path: Spelt,
    pub method: Method,
    pub headers: Vec<(Spelt, Value)>,
    pub data: Data,
    /// Stands between the tokens of the envelope.
    pub space: &'static str,
}

/// The value of a header.
#[derive(Clone, Debug)]
pub enum Value {
    Text(Spelt),
    Scalar(&'static str),
}

#[derive(Clone, Debug)]
pub enum Data {
    None,
    Text(Spelt),
    /// No text.
    Json(Tree),
    Bytes(Vec<u8>),
}

impl Value {
    pub fn text(&self) -> &str {
        match self {
            Value::Text(text) => &text.text,
            Value::Scalar(text) => text,
        }
    }

    fn token(&self) -> &str {
        match self {
            Value::Text(text) => &text.token,
            Value::Scalar(text) => text,
        }
    }
}

impl Call {
    pub fn envelope(&self) -> String {
        use base64::Engine as _;
        let mut members = vec![
            r#""config":{"env":"prod-001"}"#.to_owned(),
            format!(r#""path":{}"#, self.path.token),
            format!(r#""method":"{}""#, self.method.as_str()),
        ];
        if !self.headers.is_empty() {
            let headers = self.headers.iter();
            let headers = headers.map(|(name, value)| format!("{}{}:{}", name.token, self.space, value.token()));
            members.push(format!(r#""header":{{{}}}"#, headers.collect::<Vec<_>>().join(",")));
        }
        match &self.data {
            Data::None => {}
            Data::Text(text) => members.push(format!(r#""data":{}"#, text.token)),
            Data::Json(tree) => members.push(format!(r#""data":{}"#, tree.spaced(self.space))),
            Data::Bytes(bytes) => {
                let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
                members.push(format!(r#""__nativeBuffers__":[{{"key":"data","base64":"{base64}"}}]"#));
            }
        }
        format!("{{{}}}", members.join(&format!("{},", self.space)))
    }

    /// Whether the codec takes it.
    pub fn is_legal(&self) -> bool {
        let path = self.path.text.as_str();
        let path_is_legal =
            path.starts_with('/') && path.len() <= 8192 && path.chars().all(|c| c > ' ' && c != '\u{7f}');
        let mut names = std::collections::HashSet::new();
        path_is_legal
            && self.headers.len() <= 64
            && self.headers.iter().all(|(name, value)| {
                let name = name.text.to_ascii_lowercase();
                let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
                let is_service = name == "x-wx-service";
                let value_is_legal =
                    value.text().chars().all(|c| (c >= ' ' && c != '\u{7f}') || (c == '\t' && !is_service));
                !name.is_empty()
                    && name.len() <= 128
                    && name.chars().all(is_token)
                    && name != "referer"
                    && !(is_service && value.text().len() > 128)
                    && names.insert(name)
                    && value_is_legal
            })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(other, _)| other.text.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.text())
    }

    /// The words of a header that is a list.
    fn words(&self, name: &str) -> Vec<String> {
        let words = self.header(name).unwrap_or_default().split(',');
        words.map(|word| word.trim_matches([' ', '\t']).to_ascii_lowercase()).collect()
    }
}

// ---------------------------------------------------------------- what should become of it

/// Who calls, as the gateway knows it.
#[derive(Clone, Debug)]
pub struct Who {
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
    pub source: String,
    pub address: Option<String>,
    pub access_token: Option<String>,
}

/// How a caller is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Own,
    Reuse,
    Nothing,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How many headers are the gateway's own, at the start.
    pub ours: usize,
}

/// How services make variables of header names: CGI and WSGI, PHP, lighttpd.
pub const FOLDINGS: [fn(char) -> char; 3] = [
    |c| if c == '-' { '_' } else { c.to_ascii_uppercase() },
    |c| if matches!(c, '-' | '.' | ' ') { '_' } else { c.to_ascii_uppercase() },
    |c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' },
];

/// The variable that the loosest of them makes of a name.
pub fn variable(name: &str) -> String {
    name.chars().map(FOLDINGS[2]).collect()
}

/// The same of what may be no name, in which every byte counts.
fn variable_of_bytes(word: &str) -> String {
    word.bytes().map(|byte| FOLDINGS[2](byte.into())).collect()
}

/// What says who calls, by its variable.
pub fn is_identity(name: &str) -> bool {
    let variable = variable(name);
    let begins = ["X_WX_", "X_FORWARDED_", "X_ENVOY_"].iter().any(|beginning| variable.starts_with(beginning));
    let words = [
        "CLIENT_IP",
        "CLIENTIP",
        "CONNECTING_IP",
        "CONNECTING_IPV6",
        "CONNECTION_IP",
        "FORWARDED",
        "FORWARDED_FOR",
        "ORIGINATING_IP",
        "REAL_IP",
        "REMOTE_ADDR",
        "REMOTE_IP",
        "SOCKETIP",
        "USER_IP",
    ];
    let whole = ["CDN_SRC_IP", "CF_PSEUDO_IPV4", "CLOUDFRONT_VIEWER_ADDRESS", "PROXY"];
    begins || words.iter().any(|ending| variable.ends_with(ending)) || whole.contains(&variable.as_str())
}

/// Headers by which services and frameworks take the address of a caller, each name written out.
pub const ADDRESSES: [&str; 45] = [
    "X-Forwarded-For",
    "X-Original-Forwarded-For",
    "X-Vercel-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-User",
    "X-Forwarded-Client-Cert",
    "X-Forwarded",
    "Forwarded",
    "Forwarded-For",
    "Client-IP",
    "X-Client-IP",
    "True-Client-IP",
    "Akamai-Client-IP",
    "Proxy-Client-IP",
    "WL-Proxy-Client-IP",
    "X-Cluster-Client-IP",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "Incap-Client-IP",
    "EO-Client-IP",
    "X-Azure-ClientIP",
    "X-Azure-SocketIP",
    "X-Sucuri-ClientIP",
    "X-Envoy-External-Address",
    "X-Envoy-Internal",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "DO-Connecting-IP",
    "CF-Pseudo-IPv4",
    "X-NF-Client-Connection-IP",
    "CloudFront-Viewer-Address",
    "X-Real-IP",
    "Ali-CDN-Real-IP",
    "Cdn-Src-Ip",
    "X-AppEngine-User-IP",
    "X-ProxyUser-IP",
    "X-Originating-IP",
    "X-Remote-IP",
    "X-Remote-Addr",
    "Remote-Addr",
    // As so much code has it, which takes a variable for a header.
    "HTTP_CLIENT_IP",
    "HTTP_X_FORWARDED_FOR",
];

/// Whether a service would learn from this variable who calls, or which proxy to use.
pub fn says_who_calls(variable: &str) -> bool {
    let is_known = ADDRESSES.iter().any(|name| name.chars().map(FOLDINGS[2]).eq(variable.chars()));
    variable.starts_with("X_WX_") || variable == "PROXY" || is_known
}

/// What is about a connection, the framing, or the gateway's own business.
pub fn is_framing(name: &str) -> bool {
    [
        "CONNECTION",
        "KEEP_ALIVE",
        "PROXY_CONNECTION",
        "TE",
        "TRAILER",
        "TRANSFER_ENCODING",
        "UPGRADE",
        "HTTP2_SETTINGS",
        "PROXY_AUTHENTICATE",
        "PROXY_AUTHORIZATION",
        "CONTENT_LENGTH",
        "EXPECT",
        "HOST",
        "ACCEPT_ENCODING",
        "REFERER",
    ]
    .contains(&variable(name).as_str())
}

/// The request that a service should get, or the codes of all that is wrong.
pub fn expected(call: &Call, told: Told, who: Option<&Who>, host: &str) -> Result<Expected, Vec<ErrorCode>> {
    let mut wrong = Vec::new();
    if matches!(call.method, Method::Connect | Method::Trace) {
        wrong.push(ErrorCode(102_005));
    }

    let mut headers = vec![("Host".to_owned(), host.to_owned()), ("Accept-Encoding".to_owned(), "identity".to_owned())];
    let is_request_like = match (&call.data, call.method) {
        (_, Method::Get | Method::Head) | (Data::None, _) => false,
        (Data::Text(text), _) => !text.text.is_empty(),
        (Data::Bytes(bytes), _) => !bytes.is_empty(),
        (Data::Json(_), method) => matches!(method, Method::Delete | Method::Options),
    };
    if is_request_like {
        headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    let excluded = call.words("x-wx-exclude-credentials");
    let mut tell = |name: &str, value: Option<&String>, credential: &str| {
        if let Some(value) = value.filter(|_| !excluded.contains(&credential.to_owned())) {
            headers.push((name.to_owned(), value.clone()));
        }
    };
    if let (Told::Own | Told::Reuse, Some(who)) = (told, who) {
        let (owner, env) = ("WXAAA".to_owned(), "prod-001".to_owned());
        if told == Told::Own {
            tell("X-WX-OPENID", Some(&who.openid), "openid");
            tell("X-WX-APPID", Some(&owner), "?");
            tell("X-WX-UNIONID", who.unionid.as_ref(), "unionid");
            tell("X-WX-CLOUDBASE-ACCESS-TOKEN", who.access_token.as_ref(), "cloudbase-access-token");
        } else {
            tell("X-WX-APPID", Some(&owner), "?");
            tell("X-WX-FROM-OPENID", Some(&who.openid), "from-openid");
            tell("X-WX-FROM-APPID", Some(&who.appid), "from-appid");
            tell("X-WX-FROM-UNIONID", who.unionid.as_ref(), "from-unionid");
            tell("X-WX-FROM-CLOUDBASE-ACCESS-TOKEN", who.access_token.as_ref(), "cloudbase-access-token");
        }
        tell("X-WX-ENV", Some(&env), "?");
        tell("X-WX-SOURCE", Some(&who.source), "?");
        tell("X-Original-Forwarded-For", who.address.as_ref(), "?");
        tell("X-Forwarded-For", who.address.as_ref(), "?");
    }
    let ours = headers.len();
    if headers.iter().any(|(_, value)| value.chars().any(|c| (c < ' ' && c != '\t') || c == '\u{7f}')) {
        wrong.push(ErrorCode(-501_001));
    }

    // A word with white space in it is no name of anything.
    let nominated = call.words("connection").into_iter().filter(|word| !word.contains([' ', '\t']));
    let nominated = nominated.map(|word| variable_of_bytes(&word)).collect::<Vec<_>>();
    for (name, value) in &call.headers {
        let is_nominated = nominated.contains(&variable(&name.text)) && !name.text.eq_ignore_ascii_case("content-type");
        if !is_identity(&name.text) && !is_framing(&name.text) && !is_nominated {
            headers.push((name.text.clone(), value.text().to_owned()));
        }
    }
    let content_type = call.header("content-type");
    if content_type.is_none() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }

    let path = call.path.text.split('#').next().unwrap();
    let (path, mut query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (path, None),
    };
    let mut target = in_target(path);
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap().trim_matches([' ', '\t']);
    let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let mut body = Vec::new();
    match (&call.data, call.method) {
        (Data::None, _) => {}
        (Data::Text(text), _) => body = text.text.clone().into_bytes(),
        (Data::Bytes(bytes), _) => body = bytes.clone(),
        (Data::Json(Tree::Scalar(null)), Method::Get | Method::Head) if null == "null" => {}
        (Data::Json(Tree::List(elements)), Method::Head) if elements.is_empty() => {}
        (Data::Json(Tree::Object(members)), Method::Head) if members.is_empty() => {}
        (Data::Json(_), Method::Head) => wrong.push(ErrorCode(40_097)),
        (Data::Json(tree), Method::Get) => match tree.pairs(Tree::in_query) {
            None => wrong.push(ErrorCode(40_097)),
            Some(pairs) => {
                let in_path = query.clone().unwrap_or_default();
                if in_path.split('&').filter(|_| !in_path.is_empty()).count() > 64 {
                    wrong.push(ErrorCode(40_097));
                }
                if !pairs.is_empty() {
                    query = Some(merge(&in_path, &pairs));
                }
            }
        },
        (Data::Json(tree), _) if is_form => match tree.pairs(Tree::in_form) {
            None => wrong.push(ErrorCode(40_097)),
            Some(pairs) => body = merge("", &pairs).into_bytes(),
        },
        (Data::Json(tree), _) => body = tree.spaced("").into_bytes(),
    }
    if matches!(call.method, Method::Get | Method::Head) && !body.is_empty() {
        wrong.push(ErrorCode(40_097));
    }
    if let Some(query) = query {
        target.push('?');
        // What has been merged stays as it is, for a percent sign does.
        target.push_str(&in_target(&query));
    }
    if !body.is_empty() || matches!(call.method, Method::Post | Method::Put) {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    for (_, value) in &mut headers {
        // What a parser leaves of a value.
        *value = value.trim_matches([' ', '\t']).to_owned();
    }
    if wrong.is_empty() { Ok(Expected { target, headers, body, ours }) } else { Err(wrong) }
}
