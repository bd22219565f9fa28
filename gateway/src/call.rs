//! One call, from its envelope to the envelope that answers it.
//!
//! Knows the order of operations: decode, admit, exchange, answer, and the time that all of it may take. Knows nothing
//! of the connection that the call came over.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use callcontainer::gateway::{HttpResponse, Refusal};
use callcontainer::{ErrorCode, Request, TIMEOUT_LIMIT, Text};
use hyper::body::Bytes;
use tokio::time::timeout;

use super::directory::{Directory, Party};
use super::origin::Origin;
use super::record::Record;
use super::settings::{Environment, Service, Settings};
use super::upstream::{Failed, Upstream};

/// The answer of a service, as a reply envelope.
struct Answer {
    status: u16,
    envelope: Vec<u8>,
}

/// The state needed to answer calls: the tables, and the connections to the services.
pub struct Calls {
    pub directory: Directory,
    /// As the directory numbers them.
    services: Vec<Arc<Upstream>>,
}

impl Calls {
    /// Creates the state for these settings. Connections to services that are where they were `before` are kept.
    pub fn new(settings: &Settings, before: Option<&Self>) -> Self {
        let directory = Directory::new(settings);
        let kept = |origin: &Origin| {
            before.and_then(|before| before.services.iter().find(|upstream| upstream.origin() == origin)).cloned()
        };
        let upstream = |service: &Service| {
            kept(&service.origin).unwrap_or_else(|| Arc::new(Upstream::new(service.origin.clone(), None)))
        };
        let services = directory.services().map(upstream).collect();
        Self { directory, services }
    }

    /// Returns the service of this name in an environment.
    pub fn service(&self, env: &Environment, name: &str) -> Option<&Upstream> {
        self.services.get(self.directory.service(env, name)?).map(Arc::as_ref)
    }

    /// Periodically closes connections to services that have been idle for long. Never returns.
    pub async fn tidy(&self) {
        Upstream::tidy(&self.services).await;
    }

    /// Answers a call, always with a reply envelope.
    ///
    /// Cancel safe: when this is dropped, the connection to the service is closed, and no other call is affected.
    pub async fn call(&self, envelope: &Bytes, party: Party<'_>, address: &str, record: &mut Record) -> Vec<u8> {
        let request = match Request::decode(envelope) {
            Ok(request) => request,
            Err(error) => return refuse(record, &error.into(), None),
        };
        let new;
        let call_id = match request.call_id() {
            Some(call_id) => call_id,
            None => {
                new = new_call_id();
                Text::new(&new)
            }
        };
        record.names(call_id, request.target_env(), request.service());
        match self.exchange(envelope, &request, call_id, party, address, record).await {
            Ok(answer) => {
                record.answered(answer.status, answer.envelope.len());
                answer.envelope
            }
            Err(refusal) => refuse(record, &refusal, Some(call_id)),
        }
    }

    async fn exchange(
        &self,
        envelope: &Bytes,
        request: &Request<'_>,
        call_id: Text<'_>,
        party: Party<'_>,
        address: &str,
        record: &mut Record,
    ) -> Result<Answer, Refusal> {
        let (service, outgoing) = self.directory.admit(envelope, request, party, address, record)?;
        let service = self.services.get(service).ok_or(SYSTEM_ERROR)?;
        let patience = Duration::from_millis(request.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT).into());
        let response = match timeout(patience, service.exchange(outgoing)).await {
            Err(_) => return Err(TIMEOUT),
            Ok(Ok(response)) => response,
            Ok(Err(Failed::TooLarge)) => return Err(TOO_LARGE),
            Ok(Err(
                Failed::Broken(trouble)
                | Failed::Unreachable(trouble)
                | Failed::Dead(trouble)
                | Failed::Unsent(trouble),
            )) => {
                record.trouble(trouble);
                return Err(SYSTEM_ERROR);
            }
        };
        let reply = HttpResponse::from_http(request, &response, Some(call_id))?;
        let mut envelope = vec![0; reply.encoded_len()];
        reply.encode(&mut envelope)?;
        Ok(Answer { status: reply.status(), envelope })
    }
}

const SYSTEM_ERROR: Refusal = platform(ErrorCode::CLOUD_SYSTEM_ERROR);
const TOO_LARGE: Refusal = platform(ErrorCode::RESPONSE_TOO_LARGE);
const TIMEOUT: Refusal = platform(ErrorCode::REQUEST_TIMEOUT);

/// Creates a refusal with the platform's own message.
const fn platform(code: ErrorCode) -> Refusal {
    let message = match code.message() {
        Some(message) => message,
        None => "",
    };
    Refusal::new(code, message)
}

/// Returns the failure envelope that says why a call is not made. If no call ID is known, assigns one.
pub fn refuse(record: &mut Record, refusal: &Refusal, call_id: Option<Text<'_>>) -> Vec<u8> {
    let new;
    let call_id = match call_id {
        Some(call_id) => call_id,
        None => {
            new = new_call_id();
            record.names(Text::new(&new), None, None);
            Text::new(&new)
        }
    };
    let envelope = failure(refusal, Some(call_id));
    record.refused(refusal, envelope.len());
    envelope
}

/// Returns the failure envelope of the call with this ID.
pub fn failure(refusal: &Refusal, call_id: Option<Text<'_>>) -> Vec<u8> {
    let mut envelope = vec![0; refusal.encoded_len(call_id)];
    // The buffer has exactly the required length.
    let written = refusal.encode(call_id, &mut envelope).map_or(0, <[u8]>::len);
    envelope.truncate(written);
    envelope
}

/// Creates an ID that differs from all others: the time in milliseconds, and a random number below 1. The hash is keyed
/// at random for every call.
pub fn new_call_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let random = RandomState::new().build_hasher().finish();
    #[allow(clippy::cast_precision_loss)] // to 53 bits, as in JavaScript
    let random = (random >> 11) as f64 / (1_u64 << 53) as f64;
    format!("{now}-{random:.16}")
}
