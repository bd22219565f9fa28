//! A call without a gateway, as it goes out: the request that a gateway would pass on for it, and at the open HTTP API
//! one for its own service; or none at all, if there is anything in it that a gateway would take out.

use crate::client::{Peer, block_on};
use crate::cuts::Cuts;
use crate::http::check::{Received, permission};
use crate::http::model::{self, Call, Data as Given, Expected, Told};
use callcontainer::client::{CallError, ClientStep, Cloud, Framing, OpenApiHost};
use callcontainer::embedded_io::Read as _;
use callcontainer::gateway::{HttpRequest, Relation, is_protected_header};
use callcontainer::stream::Body;
use callcontainer::{Data, ErrorKind, Method, REQUEST_LIMIT, Reply, Request};

/// What a call without a gateway has besides.
#[derive(Debug)]
pub struct Direct {
    pub service: String,
    pub token: String,
    /// The service that the call itself names.
    pub named: Option<String>,
    pub env: Option<String>,
    /// Stands behind the path in another call.
    pub segments: String,
    pub cuts: u32,
}

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// What is written; or why nothing is.
type Written = Result<Vec<u8>, ErrorKind>;

impl Direct {
    /// Checks what goes out for this call at each door.
    pub fn check(&self, call: &Call, host: &str) {
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let domain = Framing::domain(host);
        assert_eq!(domain.is_ok(), visible(host));
        let open_api = Framing::open_api(host, &self.service, &self.token);
        let is_right = visible(host) && visible(&self.token) && is_service(&self.service);
        assert_eq!(open_api.is_ok(), is_right, "{self:?} {host:?}");
        self.check_host();

        let mut longer = call.clone();
        longer.path = model::Spelt::new(&format!("/{}{}", self.segments, call.path.text), self.cuts.into());
        let calls = if self.segments.is_empty() { vec![call] } else { vec![call, &longer] };
        for call in calls {
            let envelope = call.envelope();
            let Ok(mut request) = Request::decode(envelope.as_bytes()) else { continue };
            // Where a call goes is not said by its environment.
            if let Some(env) = self.env.as_deref().filter(|env| request.with_env(env).encoded_len().is_ok()) {
                request = request.with_env(env);
            }
            if let Ok(framing) = domain {
                self.check_at(&request, call, host, framing, None);
            }
            if let Ok(framing) = open_api {
                self.check_at(&request, call, host, framing, Some(&self.service));
            }
            let named = self.named.as_deref().filter(|_| header(call, "x-wx-service").is_none());
            let Some(named) = named else { continue };
            let other = request.with_service(named);
            if other.encoded_len().is_err() {
                for framing in domain.iter().chain(&open_api) {
                    assert!(sent::<64>(&other, *framing, Cuts::WHOLE, true).is_err(), "{named:?} {envelope}");
                }
                continue;
            }
            if let Ok(framing) = domain {
                self.check_at(&other, call, host, framing, None);
            }
            if let Ok(framing) = open_api {
                self.check_at(&other, call, host, framing, Some(named));
            }
        }
    }

    fn check_host(&self) {
        let env = self.env.as_deref().unwrap_or(&self.service);
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_label = (1..=63).contains(&env.len()) && env.chars().all(is_inside);
        let is_label = is_label && !env.starts_with('-') && !env.ends_with('-');
        let hosts = OpenApiHost::new(env).ok().zip(OpenApiHost::abroad(env).ok());
        assert_eq!(hosts.is_some(), is_label, "{env:?}");
        if let Some((host, abroad)) = hosts {
            assert_eq!(host.as_str(), format!("{env}.api.tcloudbasegateway.com"));
            assert_eq!(abroad.as_str(), format!("{env}.api.intl.tcloudbasegateway.com"));
        }
    }

    /// Checks what goes out at one door; `service` is the one of the call at the open HTTP API, unless a header names it.
    fn check_at(&self, request: &Request<'_>, call: &Call, host: &str, framing: Framing<'_>, service: Option<&str>) {
        let expected = model::expected(call, Told::Nothing, None, host);
        let service = service.map(|service| header(call, "x-wx-service").unwrap_or(service));
        let wrong = wrong(call, &expected, service);
        let shown = || format!("{} {self:?} {host:?}", call.envelope());

        // Each window costs as much as what is before it: a long call takes a larger one.
        let is_short = call.envelope().len() < 2000;
        let cuts = Cuts::new(self.cuts);
        let whole = if is_short {
            sent::<64>(request, framing, cuts, true)
        } else {
            sent::<1000>(request, framing, cuts, true)
        };
        assert_eq!(sent::<5000>(request, framing, Cuts::WHOLE, false), whole, "{}", shown());
        match &whole {
            Ok(written) => {
                assert!(wrong.is_empty(), "{wrong:?}, but sent: {}", shown());
                let Ok(expected) = expected else { panic!("{}", shown()) };
                self.check_written(request, written, expected, host, service, &shown());
            }
            Err(ErrorKind::RequestTooLarge) => {
                let permission = permission(Relation::Public);
                let named = request.with_env(crate::http::check::ENV.id);
                let http = HttpRequest::new(&named, &permission, None, host);
                assert!(http.is_err() || http.unwrap().encoded_len() + 200 > REQUEST_LIMIT, "{}", shown());
            }
            Err(kind) => assert!(wrong.contains(kind), "{kind:?} instead of {wrong:?}: {}", shown()),
        }
        self.check_supplied(request, call, framing, &whole, &wrong, &shown());
    }

    /// What was sent is the one request that was meant.
    fn check_written(
        &self,
        request: &Request<'_>,
        written: &[u8],
        expected: Expected,
        host: &str,
        service: Option<&str>,
        shown: &str,
    ) {
        let Expected { mut target, mut headers, body, ours } = expected;
        let found = Received::parse(written);
        if let Some(service) = service {
            let token = format!("Bearer {}", self.token);
            headers.insert(ours, ("Authorization".to_owned(), token));
            target.insert_str(0, &format!("/v1/cloudrun/{service}"));
            assert!(stays_in(&found.target, service), "{} {shown}", found.target);
        } else {
            let permission = permission(Relation::Public);
            let named = request.with_env(crate::http::check::ENV.id);
            let http = HttpRequest::new(&named, &permission, None, host).unwrap();
            let mut buffer = vec![0; http.encoded_len()];
            assert_eq!(written, http.encode(&mut buffer).unwrap(), "{shown}");
        }
        assert_eq!(&found.method, request.method().as_str(), "{shown}");
        assert_eq!((&found.target, &found.body), (&target, &body), "{shown}");
        assert_eq!(found.headers, headers, "{shown}");
        let own = ["Host", "Accept-Encoding", "Connection", "Content-Length"];
        for (at, (name, _)) in found.headers.iter().enumerate() {
            let is_own = own.contains(&name.as_str()) && (at < ours || at + 1 == found.headers.len());
            assert!(is_own || !is_protected_header(name), "{name} {shown}");
        }
    }

    /// With the body from a reader, the same goes out.
    fn check_supplied(
        &self,
        request: &Request<'_>,
        call: &Call,
        framing: Framing<'_>,
        whole: &Written,
        wrong: &[ErrorKind],
        shown: &str,
    ) {
        let data = request.data();
        let (body, plain) = match (&data, &call.data) {
            (Data::Text(text), Given::Text(given)) => {
                (Body::text(text.encoded_len()).with_plain_len(given.text.len()), given.text.clone().into_bytes())
            }
            (Data::Json(json), _) => (Body::json(json.encoded_len()), json.as_bytes().to_vec()),
            (Data::Bytes(_), Given::Bytes(bytes)) => (Body::bytes(bytes.len()), bytes.clone()),
            (Data::None, _) => return,
            _ => panic!("another kind of data: {shown}"),
        };
        let bare = request.with_data(Data::None);
        for way in 0..3 {
            let cuts = Cuts::new(self.cuts);
            let supplied = if bare.path().as_raw().len() < 1000 {
                supplied::<64>(&bare, framing, body, &plain, cuts, way)
            } else {
                supplied::<1000>(&bare, framing, body, &plain, cuts, way)
            };
            match (&supplied, whole) {
                // JSON in a query or a form is not sent as it is.
                (Err(ErrorKind::WrongType), _) if matches!(data, Data::Json(_)) => {}
                (Err(kind), Err(_)) => {
                    assert!(wrong.contains(kind) || *kind == ErrorKind::RequestTooLarge, "{kind:?} {wrong:?} {shown}");
                }
                _ => assert_eq!(&supplied, whole, "{way} {shown}"),
            }
        }
    }
}

/// All that is wrong with a call at a door.
fn wrong(
    call: &Call,
    expected: &Result<Expected, Vec<callcontainer::ErrorCode>>,
    service: Option<&str>,
) -> Vec<ErrorKind> {
    let mut wrong = Vec::new();
    for code in expected.as_ref().err().into_iter().flatten() {
        wrong.push(if code.0 == 102_005 { ErrorKind::InvalidMethod } else { ErrorKind::WrongType });
    }
    for (name, _) in &call.headers {
        let name = &name.text;
        let is_refused =
            (model::is_identity(name) || model::is_framing(name)) && !name.eq_ignore_ascii_case("x-wx-service");
        if is_refused || (service.is_some() && name.eq_ignore_ascii_case("authorization")) {
            wrong.push(ErrorKind::ForbiddenHeader);
        }
    }
    if let Some(service) = service {
        if !is_service(service) {
            wrong.push(ErrorKind::InvalidName);
        }
        let path = call.path.text.split(['?', '#']).next().unwrap_or_default();
        if segments(path).iter().any(|segment| is_dots(segment)) {
            wrong.push(ErrorKind::InvalidPath);
        }
    }
    assert!(!matches!(call.method, Method::Connect | Method::Trace) || !wrong.is_empty());
    wrong
}

fn header<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let header = call.headers.iter().find(|(other, _)| other.text.eq_ignore_ascii_case(name));
    header.map(|(_, value)| value.text())
}

/// `^[a-zA-Z][a-zA-Z0-9_-]{0,58}[a-zA-Z0-9]$`
fn is_service(name: &str) -> bool {
    (2..=60).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The segments of a path, as the last of three servers sees them that each undo escapes, and take `\` for `/`.
fn segments(path: &str) -> Vec<Vec<u8>> {
    let mut plain = path.as_bytes().to_vec();
    for _ in 0..3 {
        plain = unescaped(&plain);
    }
    plain.split(|byte| matches!(byte, b'/' | b'\\')).map(<[u8]>::to_vec).collect()
}

fn unescaped(mut rest: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let [byte, behind @ ..] = rest {
        let escape = rest.get(1..3).filter(|digits| *byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match escape {
            Some(digits) => {
                plain.push(u8::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap());
                rest = &rest[3..];
            }
            None => {
                plain.push(*byte);
                rest = behind;
            }
        }
    }
    plain
}

/// Whether a segment names no place, for a server that ends a name at one of these bytes.
fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|byte| matches!(byte, b';' | b'?' | b'#' | 0)).next().unwrap_or_default();
    matches!(name, b"." | b"..")
}

/// Whether a target is below that of the service, for any server.
fn stays_in(target: &str, service: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let mut segments = segments(path).into_iter();
    let begins = [b"".as_slice(), b"v1", b"cloudrun", service.as_bytes()];
    begins.iter().all(|begin| segments.next().is_some_and(|segment| segment == *begin))
        && !segments.any(|segment| is_dots(&segment))
}

fn cloud<'f, const W: usize>(framing: Framing<'f>, cuts: Cuts) -> Cloud<'f, Peer<'static>, W> {
    let mut cloud = Cloud::new(0);
    cloud.init(Peer::new(ANSWER, cuts), framing);
    cloud
}

fn sent<const W: usize>(request: &Request<'_>, framing: Framing<'_>, cuts: Cuts, is_blocking: bool) -> Written {
    let mut cloud = cloud::<W>(framing, cuts);
    let mut buffer = [0; 512];
    let result =
        if is_blocking { cloud.call(request, &mut buffer) } else { block_on(cloud.call_async(request, &mut buffer)) };
    let result = result.map(|reply| assert!(matches!(reply, Reply::Response(_))));
    came(result, cloud.take().unwrap().into_written())
}

fn came(result: Result<(), CallError<std::convert::Infallible>>, written: Vec<u8>) -> Written {
    match result {
        Ok(()) => Ok(written),
        Err(CallError::Request(error)) => {
            assert!(written.is_empty());
            Err(error.kind())
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// What goes out with the body from a reader: blocking, async or in steps.
fn supplied<const W: usize>(
    bare: &Request<'_>,
    framing: Framing<'_>,
    body: Body,
    mut plain: &[u8],
    mut cuts: Cuts,
    way: u8,
) -> Written {
    let mut cloud = cloud::<W>(framing, cuts.clone());
    let mut call = match cloud.start_from(bare, body) {
        Ok(call) => call,
        Err(CallError::Request(error)) => return Err(error.kind()),
        Err(error) => panic!("{error:?}"),
    };
    let len = call.encoded_len();
    if way < 2 {
        if way == 0 {
            call.send_from(&mut plain).unwrap();
        } else {
            block_on(call.send_from_async(&mut plain)).unwrap();
        }
        assert_eq!(call.sent(), len);
        call.receive(&mut [0; 512]).unwrap();
        assert!(plain.trim_ascii().is_empty());
        return Ok(cloud.take().unwrap().into_written());
    }
    let mut stream = call.stream();
    let mut written = Vec::new();
    loop {
        match stream.step().unwrap() {
            ClientStep::Write(bytes) => {
                let count = cuts.take(bytes.len());
                written.extend_from_slice(&bytes[..count]);
                stream.wrote(count);
            }
            ClientStep::ReadBody(room) => {
                let most = cuts.take(room.len());
                let count = plain.read(&mut room[..most]).unwrap();
                stream.read_body(count).unwrap();
            }
            ClientStep::Read(_) => {
                assert_eq!(written.len(), len);
                return Ok(written);
            }
            step => panic!("{step:?}"),
        }
    }
}
