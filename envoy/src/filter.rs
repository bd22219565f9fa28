//! The stages of a call in the proxy: its envelope comes, its request goes, the response comes, the reply goes.

use std::rc::Rc;

use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorKind, REPLY_LIMIT, REQUEST_LIMIT, Request, Text};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, BufferType, MapType};

use super::call::{self, RESPONSE_TOO_LARGE, Reply, SYSTEM_ERROR, TIMEOUT, Wanted};
use super::caller::{Claims, Party};
use super::configuration::{Configuration, Jwt};
use super::forwarded;
use super::head::{Head, peer};
use super::host::{self, Map};
use super::metadata;
use super::open::{self, Fault, OpenCall};
use super::record::{self, Record};

/// One call.
pub struct Filter {
    id: u32,
    configuration: Rc<Configuration>,
    record: Record,
    stage: Stage,
}

enum Stage {
    /// Its head is awaited.
    Head,
    /// Its envelope is awaited.
    Envelope { party: Party, head: Head },
    /// The response of its service is awaited; its head may have come.
    Response { wanted: Wanted, head: Option<Head> },
    /// The body of a request of the open API is awaited.
    OpenBody { open: OpenCall, head: Head },
    /// The response to it is awaited.
    OpenResponse { open: OpenCall },
    /// The same, with the head that has come.
    OpenResponseBody { open: OpenCall, head: Head },
    /// It has been answered, or is no call. What goes on is none of the filter's business.
    Over,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PLAIN: (&str, &str) = ("content-type", "text/plain; charset=utf-8");

/// Why a call has failed on its way.
#[derive(Clone, Copy)]
enum Failed {
    RequestTooLarge,
    ResponseTooLarge,
    /// The service has not answered in time.
    Late,
    /// No connection to the service can be made.
    NotReady,
    /// The response is none, or not whole.
    Broken,
}

impl Filter {
    pub fn new(id: u32, configuration: Rc<Configuration>) -> Self {
        Self { id, configuration, record: Record::default(), stage: Stage::Head }
    }

    /// Answers what is no call.
    fn reject(&mut self, status: u16, header: Option<(&str, &str)>, body: &str) -> Action {
        self.stage = Stage::Over;
        if status == 200 {
            record::nothing();
        } else {
            record::rejected(status, peer(), body.trim_end());
        }
        let headers: Vec<_> = header.into_iter().chain([PLAIN]).collect();
        host::answer(status, &headers, body.as_bytes());
        Action::Pause
    }

    /// Answers a call with a failure.
    fn refuse(&mut self, refusal: &Refusal) -> Action {
        self.stage = Stage::Over;
        if self.record.call_id.is_empty() {
            self.record.call_id = self.new_call_id();
        }
        let envelope = call::failure(refusal, Some(&self.record.call_id));
        self.record.refused(refusal, envelope.len());
        host::answer(200, &[JSON], &envelope);
        Action::Pause
    }

    fn new_call_id(&self) -> String {
        let source = host::property(&["source", "address"]).unwrap_or_default();
        let connection = host::property(&["connection", "id"]).unwrap_or_default();
        let this = [self.configuration.started.to_le_bytes(), u64::from(self.id).to_le_bytes()];
        call::new_call_id(host::now(), &[&source, &connection, this.as_flattened()])
    }

    /// A head has come: decides whether it is that of a call, and whose.
    fn open(&mut self, is_complete: bool) -> Action {
        let head = Head::of_request();
        let path = head.one(":path").unwrap_or_default();
        let path = path.split(|byte| *byte == b'?').next().unwrap_or_default();
        if open::is_open(path) {
            return self.open_api(head, is_complete);
        }
        if !head.has_host() {
            return self.reject(400, Some(("connection", "close")), "it takes one header Host, with a host in it\n");
        }
        match (path, head.one(":method").unwrap_or_default()) {
            (b"/", b"POST") => {}
            (b"/", _) => return self.reject(405, Some(("allow", "POST")), "a call is a POST\n"),
            (b"/healthz", b"GET" | b"HEAD") => return self.reject(200, None, "ok\n"),
            (b"/healthz", _) => return self.reject(405, Some(("allow", "GET, HEAD")), "this can be read\n"),
            _ => return self.reject(404, None, "there is /, /v1/cloudrun/NAME/PATH and /healthz\n"),
        }
        let party = match Party::find(&self.configuration, head.token(), claims) {
            Ok(party) => party,
            Err(refusal) => {
                self.stage = Stage::Over;
                record::rejected(401, peer(), &refusal.to_string());
                host::answer(401, &[JSON, ("www-authenticate", "Bearer")], &call::failure(&refusal, None));
                return Action::Pause;
            }
        };
        if head.number("content-length").is_some_and(|length| length > REQUEST_LIMIT as u64) {
            return self.refuse(&too_large());
        }
        self.stage = Stage::Envelope { party, head };
        // Without a body, it is no envelope.
        if is_complete { self.send() } else { Action::Pause }
    }

    /// The envelope is complete: sends what the service is to receive, or says why not.
    fn send(&mut self) -> Action {
        let Stage::Envelope { party, head } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        let envelope = host::buffer(BufferType::HttpRequestBody);
        self.record.received = envelope.len();
        let request = match Request::decode(&envelope) {
            Ok(request) => request,
            Err(error) => return self.refuse(&error.into()),
        };
        let text = |text: Text<'_>| text.to_string();
        self.record.call_id = request.call_id().map_or_else(|| self.new_call_id(), text);
        self.record.env = request.env().map(text);
        self.record.service = request.service().map(text);
        let proxies = &self.configuration.proxies;
        let address = peer().map(|peer| forwarded::caller(head.all("x-forwarded-for"), proxies, peer).to_string());
        let outgoing = match call::admit(&self.configuration, &envelope, &request, &party, address.as_deref(), &head) {
            Ok(outgoing) => outgoing,
            Err(refusal) => return self.refuse(&refusal),
        };
        self.record.relation = Some(outgoing.relation);
        self.record.service = Some(outgoing.service);
        // Nothing of the caller's own request reaches the service.
        if !host::set_headers(MapType::HttpRequestHeaders, &outgoing.headers)
            || !host::set_buffer(BufferType::HttpRequestBody, &outgoing.body)
        {
            return self.refuse(&SYSTEM_ERROR);
        }
        self.stage = Stage::Response { wanted: outgoing.wanted, head: None };
        host::note("call", &self.record.call_id);
        host::choose_route();
        Action::Continue
    }

    /// A head has come that is one of the open API.
    fn open_api(&mut self, head: Head, is_complete: bool) -> Action {
        let method = head.one(":method").unwrap_or_default();
        let open = OpenCall { id: self.new_call_id(), is_get: method == b"GET", is_head: method == b"HEAD" };
        let configuration = Rc::clone(&self.configuration);
        let denied = if !head.has_host() {
            Some(Fault::BAD_REQUEST)
        } else if !head.has("authorization") {
            Some(Fault::MISSING_CREDENTIALS)
        } else {
            // Even if public access is open, a call needs a token.
            match Party::find(&configuration, head.token(), claims) {
                Ok(Party::Known(_) | Party::Claimed(_)) => None,
                Ok(Party::Other) | Err(_) => Some(Fault::INVALID_CREDENTIALS),
            }
        };
        if let Some(fault) = denied {
            record::rejected(fault.status, peer(), fault.code);
            return self.tell(&fault, &open);
        }
        self.record.call_id = open.id.clone();
        self.record.env = Some(configuration.env.clone());
        let (name, found) = open::find(&configuration, &head);
        self.record.service = name.map(str::to_owned);
        if let Err(fault) = found {
            return self.fail_open(&fault, &open);
        }
        self.record.relation = Some(callcontainer::gateway::Relation::Public);
        if head.number("content-length").is_some_and(|length| length > REQUEST_LIMIT as u64) {
            return self.fail_open(&Fault::REQUEST_TOO_LARGE, &open);
        }
        self.stage = Stage::OpenBody { open, head };
        if is_complete { self.send_open(None) } else { Action::Pause }
    }

    fn send_open(&mut self, body: Option<usize>) -> Action {
        let Stage::OpenBody { open, head } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        self.record.received = body.unwrap_or_default();
        let configuration = Rc::clone(&self.configuration);
        let (_, found) = open::find(&configuration, &head);
        let headers = found.and_then(|service| open::headers(&configuration, service, &head, body));
        match headers {
            Ok(headers) => {
                if !host::set_headers(MapType::HttpRequestHeaders, &headers) {
                    return self.fail_open(&Fault::SYSTEM, &open);
                }
                host::note("open", &open.id);
                host::choose_route();
                self.stage = Stage::OpenResponse { open };
                Action::Continue
            }
            Err(fault) => self.fail_open(&fault, &open),
        }
    }

    /// Answers a call of the open API with a fault.
    fn fail_open(&mut self, fault: &Fault, open: &OpenCall) -> Action {
        self.record.failed(fault.code, fault.message, fault.body(&open.id).len());
        self.tell(fault, open)
    }

    fn tell(&mut self, fault: &Fault, open: &OpenCall) -> Action {
        self.stage = Stage::Over;
        host::answer(fault.status, &open.fault_headers(fault), fault.body(&open.id).as_bytes());
        Action::Pause
    }

    /// Answers a call that has failed.
    fn fail(&mut self, why: Failed) -> Action {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Envelope { .. } | Stage::Response { .. } => self.refuse(&why.refusal()),
            Stage::OpenBody { open, .. } | Stage::OpenResponse { open } | Stage::OpenResponseBody { open, .. } => {
                self.fail_open(&why.fault(), &open)
            }
            Stage::Head | Stage::Over => Action::Continue,
        }
    }

    /// A response has come, or the proxy's own answer.
    fn respond(&mut self, is_complete: bool) -> Action {
        if let Some(why) = self.no_response() {
            return self.fail(why);
        }
        let is_head = match &self.stage {
            Stage::Response { wanted, .. } => wanted.is_head(),
            Stage::OpenResponse { open } => open.is_head,
            _ => return Action::Continue,
        };
        if is_complete && matches!(self.stage, Stage::Response { .. }) {
            return self.reply(&[], 0);
        }
        let head = Head::of_response();
        if status(&head) < 200 {
            // What speaks another protocol from here on is no response.
            return self.fail(Failed::Broken);
        }
        // With these, the length is that of a body which does not come (RFC 9110, section 8.6).
        let is_bodiless = is_head || matches!(status(&head), 204 | 304);
        if !is_bodiless && head.number("content-length").is_some_and(|length| length > REPLY_LIMIT as u64) {
            return self.fail(Failed::ResponseTooLarge);
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::OpenResponse { open } => {
                self.stage = Stage::OpenResponseBody { open, head };
                if is_complete { self.reply_open(None) } else { Action::Pause }
            }
            Stage::Response { wanted, .. } => {
                self.stage = Stage::Response { wanted, head: Some(head) };
                Action::Pause
            }
            other => {
                self.stage = other;
                Action::Pause
            }
        }
    }

    /// The response is complete: answers the call. If there is a body without trailers, of `held` bytes in the proxy, the
    /// reply can take its place.
    fn reply(&mut self, body: &[u8], held: usize) -> Action {
        let Stage::Response { wanted, head } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        let head = head.unwrap_or_else(Head::of_response);
        let status = status(&head);
        // What begins with `x-envoy-` is of this proxy.
        let is_passed = |name: &[u8]| !name.starts_with(b":") && !name.starts_with(b"x-envoy-");
        let headers: Vec<_> = head.headers.iter().filter(|(name, _)| is_passed(name)).collect();
        match wanted.reply(status, &headers, body, &self.record.call_id) {
            Ok(reply) => {
                self.record.answered(status, reply.length(body.len()));
                // A proxy that answers by itself copies what it sends, and has all filters look at it once more.
                if held > 0 && replace_response(&reply, body.len(), held) {
                    return Action::Continue;
                }
                host::answer(200, &[JSON], &reply.whole(body));
                Action::Pause
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    /// The response is complete: lets it go to the caller, with a body of this length.
    fn reply_open(&mut self, body: Option<usize>) -> Action {
        let Stage::OpenResponseBody { open, head } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        if !host::set_headers(MapType::HttpResponseHeaders, &open.answer(&head, body)) {
            return self.fail_open(&Fault::SYSTEM, &open);
        }
        self.record.answered(status(&head), body.unwrap_or_default());
        Action::Continue
    }

    /// Returns why the proxy answers in the place of the service, if it does.
    fn no_response(&mut self) -> Option<Failed> {
        // A proxy that gives no details gives responses of services alone.
        let details = host::text_property(&["response", "code_details"])?;
        if details == "via_upstream" {
            return None;
        }
        let has = |words: &[&str]| words.iter().any(|word| details.contains(word));
        let why = if has(&["timeout", "duration"]) {
            Failed::Late
        } else if has(&["connection_failure", "no_healthy_upstream"]) {
            Failed::NotReady
        } else if has(&["response_payload_too_large"]) {
            Failed::ResponseTooLarge
        } else {
            Failed::Broken
        };
        let stage = if matches!(why, Failed::NotReady) { "connect: " } else { "" };
        self.record.trouble = Some(format!("{stage}{details}"));
        Some(why)
    }

    /// The call has ended, and this filter was not asked what its answer is.
    fn ended(&mut self) {
        // As most have: there is nothing to ask the proxy then.
        if matches!(self.stage, Stage::Head | Stage::Over) {
            return;
        }
        let is_abandoned = host::property(&["response", "code"]).is_none_or(|code| code.iter().all(|byte| *byte == 0));
        let why = self.no_response().filter(|_| !is_abandoned);
        match (&self.stage, why) {
            (Stage::Envelope { .. } | Stage::OpenBody { .. }, _) => {
                record::rejected(400, peer(), "the body is broken");
            }
            (Stage::Head | Stage::Over, _) => {}
            (_, None) => {
                self.record.trouble = None;
                self.record.abandoned();
            }
            (Stage::Response { .. }, Some(why)) => self.record.refused(&why.refusal(), 0),
            (_, Some(why)) => self.record.failed(why.fault().code, why.fault().message, 0),
        }
    }
}

impl Failed {
    fn refusal(&self) -> Refusal {
        match self {
            Self::RequestTooLarge => too_large(),
            Self::ResponseTooLarge => RESPONSE_TOO_LARGE,
            Self::Late => TIMEOUT,
            Self::NotReady | Self::Broken => SYSTEM_ERROR,
        }
    }

    const fn fault(&self) -> Fault {
        match self {
            Self::RequestTooLarge => Fault::REQUEST_TOO_LARGE,
            Self::ResponseTooLarge => Fault::RESPONSE_TOO_LARGE,
            Self::Late => Fault::SERVICE_TIMEOUT,
            Self::NotReady => Fault::SERVICE_NOT_READY,
            Self::Broken => Fault::SYSTEM,
        }
    }
}

impl Context for Filter {}

impl HttpContext for Filter {
    fn on_http_request_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        if matches!(self.stage, Stage::Head) { self.open(end_of_stream) } else { Action::Pause }
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        match &self.stage {
            Stage::Envelope { .. } | Stage::OpenBody { .. } if size > REQUEST_LIMIT => {
                self.record.received = size;
                self.fail(Failed::RequestTooLarge)
            }
            Stage::Envelope { .. } if end_of_stream => self.send(),
            Stage::OpenBody { .. } if end_of_stream => self.send_open(Some(size)),
            // What has been answered goes no further.
            Stage::Head | Stage::Envelope { .. } | Stage::OpenBody { .. } | Stage::Over => Action::Pause,
            Stage::Response { .. } | Stage::OpenResponse { .. } | Stage::OpenResponseBody { .. } => Action::Continue,
        }
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        // Nothing of the caller's own request reaches the service.
        if !host::set_headers(MapType::HttpRequestTrailers, &Map::default()) {
            self.fail(Failed::Broken);
            return Action::Pause;
        }
        match &self.stage {
            Stage::Head | Stage::Over => Action::Pause,
            Stage::Envelope { .. } => self.send(),
            Stage::OpenBody { .. } => {
                let size = host::buffer(BufferType::HttpRequestBody).len();
                self.send_open(Some(size))
            }
            _ => Action::Continue,
        }
    }

    fn on_http_response_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        match &self.stage {
            Stage::Response { .. } | Stage::OpenResponse { .. } => self.respond(end_of_stream),
            // What the proxy says about a request that is no call yet.
            _ => {
                self.stage = Stage::Over;
                Action::Continue
            }
        }
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        match &self.stage {
            Stage::Response { .. } | Stage::OpenResponseBody { .. } if size > REPLY_LIMIT => {
                self.fail(Failed::ResponseTooLarge)
            }
            Stage::Response { .. } if end_of_stream => self.reply(&host::buffer(BufferType::HttpResponseBody), size),
            Stage::OpenResponseBody { .. } if end_of_stream => self.reply_open(Some(size)),
            Stage::Response { .. } | Stage::OpenResponseBody { .. } => Action::Pause,
            _ => Action::Continue,
        }
    }

    fn on_http_response_trailers(&mut self, _: usize) -> Action {
        match &self.stage {
            Stage::Response { .. } => self.reply(&host::buffer(BufferType::HttpResponseBody), 0),
            Stage::OpenResponseBody { .. } => {
                if !host::set_headers(MapType::HttpResponseTrailers, &Map::default()) {
                    return self.fail(Failed::Broken);
                }
                let size = host::buffer(BufferType::HttpResponseBody).len();
                self.reply_open(Some(size))
            }
            _ => Action::Continue,
        }
    }

    /// It is over, whatever became of it.
    fn on_log(&mut self) {
        self.ended();
    }
}

/// Puts a reply in the place of a response that has come without trailers, with a body of this length, of which the proxy
/// holds so much; says whether the proxy did all of it.
fn replace_response(reply: &Reply, length: usize, held: usize) -> bool {
    let sent = reply.length(length).to_string();
    let headers = [(":status", "200"), JSON, ("content-length", sent.as_str())];
    let is_replaced = match &reply.behind {
        None => host::set_buffer(BufferType::HttpResponseBody, &reply.before),
        Some(behind) => {
            length == held && host::surround_buffer(BufferType::HttpResponseBody, held, &reply.before, behind)
        }
    };
    is_replaced && host::set_headers(MapType::HttpResponseHeaders, &headers.into_iter().collect())
}

fn too_large() -> Refusal {
    Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT).into()
}

/// Returns the claims that Envoy's `jwt_authn` has left.
fn claims(jwt: &Jwt) -> Option<Claims> {
    let left = host::property(&["metadata"])?;
    let claim = |name: &str| metadata::string(&left, "envoy.filters.http.jwt_authn", &jwt.metadata, name);
    Claims::read(jwt, |name| claim(name).map(str::to_owned))
}

fn status(head: &Head) -> u16 {
    head.number(":status").and_then(|status| status.try_into().ok()).unwrap_or_default()
}
