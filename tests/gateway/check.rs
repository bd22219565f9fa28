use super::model::{self, Call, Expected, Told, Who};
use callcontainer::gateway::{Caller, Env, HttpBytes, HttpReader, HttpRequest, Permission, Relation};
use callcontainer::stream::{EncodeStep, Encoder};
use callcontainer::{Error, ErrorCode, ErrorKind, Request};

/// A value with other contents in these of its fields.
macro_rules! with {
    ($value:expr, $($field:ident: $content:expr),+ $(,)?) => {{
        let mut value = $value;
        $(value.$field = $content;)+
        value
    }};
}

pub static ENV: Env<'static> = Env::new("prod-001", "WXAAA", &["shop"]).with_public(true);

pub const fn permission(relation: Relation) -> Permission<'static> {
    Permission::new(&ENV, "shop", relation)
}

/// All that a request says, as a parser that no one here wrote reads it.
#[derive(Debug, PartialEq, Eq)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    /// Everything behind the head.
    pub body: Vec<u8>,
}

impl Received {
    #[track_caller]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else {
            panic!("no request: {}", String::from_utf8_lossy(bytes));
        };
        assert_eq!(request.version, Some(1));
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        Self {
            method: request.method.unwrap().to_owned(),
            target: request.path.unwrap().to_owned(),
            headers: request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
            body: bytes[head..].to_vec(),
        }
    }

    /// The values under this name, in any letter case.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// What is written, into a buffer of just the length that is said, a larger one and one that is a byte too small.
#[track_caller]
pub fn encoded(http: &HttpRequest<'_>) -> Vec<u8> {
    let length = http.encoded_len();
    let mut buffer = vec![0xAA; length];
    assert_eq!(http.encode(&mut buffer).unwrap().len(), length);
    let mut larger = vec![0xAA; length + 3];
    assert_eq!(http.encode(&mut larger).unwrap(), buffer);
    assert_eq!(larger[length..], [0xAA; 3]);
    assert_eq!(http.encode(&mut larger[..length - 1]), Err(Error::new(ErrorKind::BufferTooSmall, length - 1)));
    assert_eq!(http.encode(&mut []), Err(Error::new(ErrorKind::BufferTooSmall, 0)));
    assert_eq!(through_window::<64>(http, 1), buffer);
    assert_eq!(through_window::<100>(http, 7), buffer);
    assert_eq!(through_window::<65536>(http, usize::MAX), buffer);
    buffer
}

/// What is written through a window of `W` bytes, of which so many are taken at a time.
#[track_caller]
pub fn through_window<const W: usize>(http: &HttpRequest<'_>, taken: usize) -> Vec<u8> {
    let encoder = http.encoder::<W>();
    assert_eq!(encoder.encoded_len(), http.encoded_len());
    drained(encoder, taken)
}

/// What an encoder writes, of which so many bytes are taken at a time.
#[track_caller]
fn drained<const W: usize>(mut encoder: Encoder<'_, W>, taken: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    while let EncodeStep::Write(bytes) = encoder.step().unwrap() {
        let taken = taken.min(bytes.len());
        wire.extend_from_slice(&bytes[..taken]);
        encoder.wrote(taken);
        assert_eq!(encoder.written(), wire.len());
    }
    wire
}

/// Checks that the parts of a request are what is written, and each of them the same however it is got at.
#[track_caller]
pub fn check_parts(http: &HttpRequest<'_>, written: &[u8], envelope: &[u8]) {
    let part = |bytes: HttpBytes<'_>| {
        let length = bytes.encoded_len();
        let mut buffer = vec![0xAA; length + 1];
        let encoded = bytes.encode(&mut buffer).unwrap().to_vec();
        assert_eq!(encoded.len(), length);
        if let Some(shorter) = length.checked_sub(1) {
            let too_small = Error::new(ErrorKind::BufferTooSmall, shorter);
            assert_eq!(bytes.encode(&mut buffer[..shorter]), Err(too_small));
        }
        let mut chunks = Vec::new();
        bytes.for_each_chunk(|chunk| chunks.extend_from_slice(chunk));
        assert_eq!(chunks, encoded);
        assert_eq!(drained(bytes.encoder::<64>(), 7), encoded);
        if let Some(slice) = bytes.as_slice() {
            assert_eq!(slice, encoded);
            assert!(slice.is_empty() || envelope.as_ptr_range().contains(&slice.as_ptr()), "from elsewhere");
        } else {
            assert!(length > 0);
        }
        encoded
    };
    let mut head = format!("{} ", http.method()).into_bytes();
    head.extend(part(http.target()));
    head.extend_from_slice(b" HTTP/1.1\r\n");
    let mut lines = vec![("Host".to_owned(), http.host().to_owned())];
    lines.extend(http.headers().map(|(name, value)| (name.to_string(), value.to_string())));
    if http.closes_connection() {
        lines.insert(2, ("Connection".to_owned(), "close".to_owned()));
    }
    let body = part(http.body());
    if let Some(length) = http.content_length() {
        assert_eq!(length, body.len());
        lines.push(("Content-Length".to_owned(), length.to_string()));
    } else {
        assert!(body.is_empty());
    }
    for (name, value) in &lines[1..] {
        assert_eq!(value, value.trim_matches([' ', '\t']), "around {name}");
    }
    let request = Request::decode(envelope).unwrap();
    for status in [200, 399, 400, 503] {
        let mut memory = [0; 64];
        let mut reader = HttpReader::new(&request, &mut memory);
        let response = format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\n\r\n");
        reader.window()[..response.len()].copy_from_slice(response.as_bytes());
        assert!(reader.commit(response.len()).unwrap());
        assert_eq!(reader.keeps_alive(), http.keeps_alive(status), "behind {status}");
    }
    let end = written.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let (written_head, written_body) = written.split_at(end + 4);
    // White space around a value is written, but no part of it.
    let mut trimmed = Vec::new();
    for (at, line) in written_head[..end].split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.iter().position(|byte| *byte == b':').filter(|_| at > 1) {
            None => trimmed.extend_from_slice(line),
            Some(colon) => {
                let (name, value) = line.split_at(colon + 1);
                let value = std::str::from_utf8(value).unwrap().trim_matches([' ', '\t']);
                trimmed.extend([name, b" ", value.as_bytes()].concat());
            }
        }
        trimmed.extend_from_slice(b"\r\n");
    }
    for (name, value) in lines {
        head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    assert_eq!(String::from_utf8_lossy(&head), String::from_utf8_lossy(&trimmed));
    assert_eq!(body, written_body);
}

/// Calls `check` with the request for a call and the envelope that the call was decoded from. `None` if it cannot be
/// decoded, and the code with which it is refused, if it is.
pub fn with_request<T>(
    call: &Call,
    told: Told,
    who: Option<&Who>,
    host: &str,
    check: impl FnOnce(&HttpRequest<'_>, &[u8]) -> T,
) -> Result<Option<T>, ErrorCode> {
    let envelope = call.envelope();
    let Ok(request) = Request::decode(envelope.as_bytes()) else { return Ok(None) };
    let relation = match told {
        Told::Own => Relation::Own,
        Told::Reuse => Relation::Reuse,
        Told::Nothing => Relation::Public,
    };
    let caller = who.map(|who| {
        with!(
            Caller::new(&who.appid, &who.openid, &who.source),
            unionid: who.unionid.as_deref(),
            address: who.address.as_deref(),
            access_token: who.access_token.as_deref()
        )
    });
    let permission = permission(relation);
    let http = HttpRequest::new(&request, &permission, caller.as_ref(), host).map_err(|refusal| refusal.code())?;
    Ok(Some(check(&http, envelope.as_bytes())))
}

/// What is written for a call, as another parser reads it, or the code with which it is refused.
pub fn outcome(call: &Call, told: Told, who: Option<&Who>, host: &str) -> Result<Option<Received>, ErrorCode> {
    with_request(call, told, who, host, |http, envelope| {
        let written = encoded(http);
        check_parts(http, &written, envelope);
        Received::parse(&written)
    })
}

/// Checks that what is written for a call is one request, and the one that was meant.
pub fn check_call(call: &Call, told: Told, who: Option<&Who>, host: &str) {
    let expected = model::expected(call, told, who, host);
    let found = match outcome(call, told, who, host) {
        Ok(None) => {
            assert!(!call.is_legal(), "refused: {}", call.envelope());
            return;
        }
        Ok(Some(found)) => found,
        Err(code) => {
            assert!(call.is_legal(), "let in: {}", call.envelope());
            let wrong = expected.err().unwrap_or_default();
            assert!(wrong.contains(&code), "{:?} instead of {:?}: {}", code, wrong, call.envelope());
            return;
        }
    };
    assert!(call.is_legal(), "let in: {}", call.envelope());
    let Ok(Expected { target, headers, body, ours }) = expected else {
        panic!("{expected:?}, but let through: {}", call.envelope());
    };
    assert_eq!(&found.method, call.method.as_str());
    assert_eq!(&found.target, &target);
    assert_eq!(&found.headers, &headers);
    assert_eq!(&found.body, &body);

    // The same once more, said without a model: the caller's headers say neither who calls nor where the body ends.
    assert!(found.target.bytes().all(|byte| byte.is_ascii_graphic()));
    let of_caller = &found.headers[ours..];
    let (of_caller, length) = match of_caller.split_last() {
        Some(((name, value), rest)) if name == "Content-Length" => (rest, Some(value.as_str())),
        _ => (of_caller, None),
    };
    for (name, _) in of_caller {
        assert!(!model::is_identity(name) && !model::is_framing(name), "{}", name);
    }
    // However a service folds names: what says who calls is what the gateway says, and nothing else.
    let say = |headers: &[(String, String)], fold: fn(char) -> char| {
        let headers = headers.iter().map(|(name, value)| (name.chars().map(fold).collect::<String>(), value.clone()));
        headers.filter(|(variable, _)| model::says_who_calls(variable)).collect::<Vec<_>>()
    };
    for fold in model::FOLDINGS {
        let told = say(&found.headers, fold);
        assert_eq!(told, say(&found.headers[..ours], fold));
        let names = told.iter().map(|(variable, _)| variable).collect::<std::collections::HashSet<_>>();
        assert_eq!(names.len(), told.len(), "twice in {told:?}");
    }
    if found.method == "GET" || found.method == "HEAD" {
        assert_eq!(found.body, b"");
    }
    assert_eq!(length.unwrap_or("0"), found.body.len().to_string());
    assert_eq!(found.values("content-type").len(), 1);
    assert_eq!(found.values("host"), [host]);
}
