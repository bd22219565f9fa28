//! The stages of a call in the proxy: its envelope comes, its request goes, the response comes, the reply goes.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use callcontainer::gateway::{Refusal, Relation};
use callcontainer::{Error, ErrorKind, REPLY_LIMIT, REQUEST_LIMIT, Request};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, BufferType, MapType};

use super::call::{self, RESPONSE_TOO_LARGE, SYSTEM_ERROR, TIMEOUT, Wanted};
use super::caller::{Claims, Party, bearer};
use super::configuration::Configuration;
use super::host;

/// One call.
pub struct Filter {
    id: u32,
    configuration: Rc<Configuration>,
    stage: Stage,
}

enum Stage {
    /// Its envelope is awaited.
    Request { party: Party, address: Option<String> },
    /// The response of its service is awaited.
    Response { wanted: Wanted, call_id: String },
    /// It has been answered, or is no call. What goes on is none of the filter's business.
    Over,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PLAIN: (&str, &str) = ("content-type", "text/plain; charset=utf-8");

/// What the proxy itself says about the caller's request, and has no route without.
const KEPT: [&str; 2] = [":scheme", "x-forwarded-proto"];

impl Filter {
    pub fn new(id: u32, configuration: Rc<Configuration>) -> Self {
        Self { id, configuration, stage: Stage::Over }
    }

    /// Answers what is no call.
    fn reject(&mut self, status: u32, mut headers: Vec<(&str, &str)>, body: &str) -> Action {
        self.stage = Stage::Over;
        headers.push(PLAIN);
        host::answer(status, headers, body.as_bytes());
        Action::Pause
    }

    /// Answers a call with an envelope.
    fn answer(&mut self, envelope: &[u8]) -> Action {
        self.stage = Stage::Over;
        host::answer(200, vec![JSON], envelope);
        Action::Pause
    }

    /// Answers a call with a failure.
    fn refuse(&mut self, refusal: &Refusal, call_id: Option<String>) -> Action {
        let call_id = call_id.unwrap_or_else(|| self.new_call_id());
        host::note("call", &call_id);
        host::note("code", &refusal.code().to_string());
        self.answer(&call::failure(refusal, Some(&call_id)))
    }

    fn new_call_id(&self) -> String {
        let request = host::property(vec!["request", "id"]).unwrap_or_default();
        let connection = host::property(vec!["connection", "id"]).unwrap_or_default();
        call::new_call_id(host::now(), &[&request, &connection, &self.id.to_le_bytes()])
    }

    /// A head has come: decides whether it is that of a call, and whose.
    fn open(&mut self) -> Action {
        let map = MapType::HttpRequestHeaders;
        let method = host::header(map, ":method").unwrap_or_default();
        let target = host::header(map, ":path").unwrap_or_default();
        let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
        match (path, method.as_slice()) {
            (b"/", b"POST") => {}
            (b"/", _) => return self.reject(405, vec![("allow", "POST")], "a call is a POST\n"),
            (b"/healthz", b"GET" | b"HEAD") => return self.reject(200, vec![], "ok\n"),
            (b"/healthz", _) => return self.reject(405, vec![("allow", "GET, HEAD")], "this can be read\n"),
            _ => return self.reject(404, vec![], "there is / and /healthz\n"),
        }
        let authorization = host::header(map, "authorization");
        let token = authorization.as_deref().and_then(bearer);
        let party = match Party::find(&self.configuration, token, claims) {
            Ok(party) => party,
            Err(refusal) => {
                self.stage = Stage::Over;
                host::note("code", &refusal.code().to_string());
                host::answer(401, vec![JSON, ("www-authenticate", "Bearer")], &call::failure(&refusal, None));
                return Action::Pause;
            }
        };
        let address = host::text_property(vec!["source", "address"]);
        let address = address.as_deref().and_then(ip).map(|address| address.to_string());
        self.stage = Stage::Request { party, address };
        if stated_length(map).is_some_and(|length| length > REQUEST_LIMIT as u64) {
            return self.refuse(&too_large(), None);
        }
        Action::Pause
    }

    /// The envelope is complete: sends what the service is to receive, or says why not.
    fn send(&mut self) -> Action {
        let Stage::Request { party, address } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        let envelope = host::buffer(BufferType::HttpRequestBody);
        let request = match Request::decode(&envelope) {
            Ok(request) => request,
            Err(error) => return self.refuse(&error.into(), None),
        };
        let call_id = request.call_id().map_or_else(|| self.new_call_id(), |call_id| call_id.to_string());
        let kept = KEPT.map(|name| (name, host::header(MapType::HttpRequestHeaders, name)));
        let kept: Vec<_> = kept.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let outgoing = match call::admit(&self.configuration, &request, &party, address.as_deref()) {
            Ok(outgoing) => outgoing,
            Err(refusal) => return self.refuse(&refusal, Some(call_id)),
        };
        host::note("call", &call_id);
        host::note("service", &outgoing.service);
        host::note("caller", relation(outgoing.relation));
        let kept = kept.iter().map(|(name, value)| (*name, value.as_slice()));
        let headers = outgoing.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let headers = kept.chain(headers).collect();
        host::set_headers(MapType::HttpRequestHeaders, headers);
        host::set_body(&outgoing.body);
        host::choose_route();
        self.stage = Stage::Response { wanted: outgoing.wanted, call_id };
        Action::Continue
    }

    /// Answers a call that no response came to, whatever the reason is.
    fn fail(&mut self, refusal: &Refusal) -> Action {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Response { call_id, .. } => self.refuse(refusal, Some(call_id)),
            Stage::Request { .. } | Stage::Over => Action::Continue,
        }
    }

    /// The response is complete: answers the call.
    fn reply(&mut self, body: &[u8]) -> Action {
        let Stage::Response { wanted, call_id } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Action::Continue;
        };
        let status = status();
        let mut headers = host::headers(MapType::HttpResponseHeaders);
        // What begins with `x-envoy-` is of this proxy.
        headers.retain(|(name, _)| !name.starts_with(':') && !name.starts_with("x-envoy-"));
        match wanted.reply(status, &headers, body, &call_id) {
            Ok(envelope) => {
                host::note("status", &status.to_string());
                self.answer(&envelope)
            }
            Err(refusal) => self.refuse(&refusal, Some(call_id)),
        }
    }
}

impl Context for Filter {}

impl HttpContext for Filter {
    fn on_http_request_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        let action = self.open();
        match self.stage {
            // It has no body, so it is no envelope.
            Stage::Request { .. } if end_of_stream => self.send(),
            _ => action,
        }
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        match self.stage {
            Stage::Request { .. } if size > REQUEST_LIMIT => self.refuse(&too_large(), None),
            Stage::Request { .. } if end_of_stream => self.send(),
            Stage::Request { .. } => Action::Pause,
            Stage::Response { .. } | Stage::Over => Action::Continue,
        }
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        // Nothing of the caller's own request reaches the service.
        host::set_headers(MapType::HttpRequestTrailers, Vec::new());
        self.send()
    }

    fn on_http_response_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        match &self.stage {
            Stage::Response { wanted, .. } => {
                if let Some(refusal) = no_response() {
                    return self.fail(&refusal);
                }
                if !wanted.is_head()
                    && stated_length(MapType::HttpResponseHeaders).is_some_and(|length| length > REPLY_LIMIT as u64)
                {
                    return self.fail(&RESPONSE_TOO_LARGE);
                }
                if end_of_stream { self.reply(&[]) } else { Action::Pause }
            }
            // What the proxy says about a request that is no call yet.
            Stage::Request { .. } => {
                self.stage = Stage::Over;
                Action::Continue
            }
            Stage::Over => Action::Continue,
        }
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        match self.stage {
            Stage::Response { .. } if size > REPLY_LIMIT => self.fail(&RESPONSE_TOO_LARGE),
            Stage::Response { .. } if end_of_stream => self.reply(&host::buffer(BufferType::HttpResponseBody)),
            Stage::Response { .. } => Action::Pause,
            Stage::Request { .. } | Stage::Over => Action::Continue,
        }
    }

    fn on_http_response_trailers(&mut self, _: usize) -> Action {
        match self.stage {
            Stage::Response { .. } => self.reply(&host::buffer(BufferType::HttpResponseBody)),
            Stage::Request { .. } | Stage::Over => Action::Continue,
        }
    }
}

fn too_large() -> Refusal {
    Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT).into()
}

/// Returns the claims that Envoy's `jwt_authn` has left.
fn claims(jwt: &super::configuration::Jwt) -> Option<Claims> {
    const CHECKED: [&str; 3] = ["metadata", "filter_metadata", "envoy.filters.http.jwt_authn"];
    Claims::read(jwt, |claim| host::text_property(CHECKED.into_iter().chain([jwt.metadata.as_str(), claim]).collect()))
}

/// Returns why the proxy answers in the place of the service, if it does.
fn no_response() -> Option<Refusal> {
    // A proxy that gives no details gives responses of services alone.
    let details = host::text_property(vec!["response", "code_details"])?;
    if details == "via_upstream" {
        return None;
    }
    host::note("trouble", &details);
    let is_timeout = ["timeout", "duration"].iter().any(|word| details.contains(word));
    Some(if is_timeout { TIMEOUT } else { SYSTEM_ERROR })
}

fn stated_length(map: MapType) -> Option<u64> {
    std::str::from_utf8(&host::header(map, "content-length")?).ok()?.parse().ok()
}

fn status() -> u16 {
    let status = host::header(MapType::HttpResponseHeaders, ":status").unwrap_or_default();
    std::str::from_utf8(&status).ok().and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// Parses an address, with or without a port.
fn ip(text: &str) -> Option<IpAddr> {
    let address = text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Own => "own",
        Relation::Reuse => "reuse",
        Relation::Public => "public",
    }
}
