//! A gateway as a `tower::Service`: an envelope in the body of a request comes in, and a reply envelope goes out.
//!
//! Knows the order of operations, the limits and the time that a call may take. Knows nothing of connections, which are
//! those of the client inside, or of how callers are recognised: a layer in front says it, in an extension.

use bytes::Bytes;
use callcontainer::gateway::{Access, Caller, HttpRequest, HttpResponse, Refusal};
use callcontainer::{ErrorCode, REPLY_LIMIT, REQUEST_LIMIT, Request, TIMEOUT_LIMIT, Text};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::uri::{Authority, Scheme, Uri};
use http::{Response, Version};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::connect::capture_connection;
use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;
use tower::{Service, ServiceExt as _};

/// Who calls. The layer that recognises callers adds it to the extensions of the request; without it the call is one of
/// another client.
#[derive(Clone)]
pub struct Who {
    pub appid: String,
    pub openid: String,
    pub source: String,
    pub address: Option<String>,
}

/// What is served.
pub struct Directory {
    pub access: Access<'static>,
    /// Where each service listens.
    pub services: HashMap<&'static str, Authority>,
}

/// The gateway. Answers every request with status 200 and a reply envelope, which may be a failure.
#[derive(Clone)]
pub struct Gateway<C> {
    directory: Arc<Directory>,
    client: C,
}

impl<C> Gateway<C> {
    pub fn new(directory: Directory, client: C) -> Self {
        Self { directory: Arc::new(directory), client }
    }
}

impl<C, A, B> Service<http::Request<A>> for Gateway<C>
where
    C: Service<http::Request<Full<Bytes>>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
    A: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    C::Error: Send,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    /// The client is waited for within the time of the call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<A>) -> Self::Future {
        let (directory, client) = (self.directory.clone(), self.client.clone());
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let envelope = match received(body, REQUEST_LIMIT, ErrorCode::REQUEST_TOO_LARGE).await {
                Ok(envelope) => answer(&directory, client, &envelope, head.extensions.get()).await,
                Err(refusal) => failure(&refusal, None),
            };
            let mut response = Response::new(Full::new(envelope));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(response)
        })
    }
}

/// Makes a call, and returns the reply envelope.
async fn answer<C, B>(directory: &Directory, client: C, envelope: &Bytes, who: Option<&Who>) -> Bytes
where
    C: Service<http::Request<Full<Bytes>>, Response = Response<B>>,
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let call = match Request::decode(envelope) {
        Ok(call) => call,
        Err(error) => return failure(&error.into(), None),
    };
    match exchange(directory, client, envelope, &call, who).await {
        Ok(reply) => reply,
        Err(refusal) => failure(&refusal, call.call_id()),
    }
}

async fn exchange<C, B>(
    directory: &Directory,
    client: C,
    envelope: &Bytes,
    call: &Request<'_>,
    who: Option<&Who>,
) -> Result<Bytes, Refusal>
where
    C: Service<http::Request<Full<Bytes>>, Response = Response<B>>,
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let caller = who.map(|who| {
        let caller = Caller::new(&who.appid, &who.openid, &who.source);
        who.address.as_deref().map_or(caller, |address| caller.with_address(address))
    });
    let permission = directory.access.decide(call, caller.as_ref())?;
    let authority = directory.services.get(permission.service).ok_or(platform(ErrorCode::CLOUD_SYSTEM_ERROR))?;
    let http = HttpRequest::new(call, &permission, caller.as_ref(), authority.as_str())?;
    let mut request = http.to_http(envelope)?.map(Full::new);
    // A pool of connections is asked for one by scheme and authority.
    let mut target = std::mem::take(request.uri_mut()).into_parts();
    (target.scheme, target.authority) = (Some(Scheme::HTTP), Some(authority.clone()));
    *request.uri_mut() = Uri::from_parts(target).map_err(|_| platform(ErrorCode::CLOUD_SYSTEM_ERROR))?;
    let connection = capture_connection(&mut request);

    let exchange = async {
        let response = client.oneshot(request).await.map_err(|_| platform(ErrorCode::CLOUD_SYSTEM_ERROR))?;
        let (head, body) = response.into_parts();
        if head.version < Version::HTTP_2 && !http.keeps_alive(head.status.as_u16()) {
            // Whatever of the request the service has not read must not become the next one.
            connection.connection_metadata().iter().for_each(|connected| connected.poison());
        }
        let body = received(body, REPLY_LIMIT, ErrorCode::RESPONSE_TOO_LARGE).await?;
        Ok::<_, Refusal>(Response::from_parts(head, body))
    };
    let patience = Duration::from_millis(call.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT).into());
    let response = timeout(patience, exchange).await.map_err(|_| platform(ErrorCode::REQUEST_TIMEOUT))??;
    let reply = HttpResponse::from_http(call, &response, call.call_id())?;
    let mut envelope = vec![0; reply.encoded_len()];
    reply.encode(&mut envelope)?;
    Ok(envelope.into())
}

/// Receives a body that is no longer than this; a longer one is refused with this code as soon as it is longer.
async fn received<B>(body: B, limit: usize, too_large: ErrorCode) -> Result<Bytes, Refusal>
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(platform(too_large)),
        Err(_) => Err(platform(ErrorCode::CLOUD_SYSTEM_ERROR)),
    }
}

/// Returns a refusal with the platform's own message.
fn platform(code: ErrorCode) -> Refusal {
    Refusal::new(code, code.message().unwrap_or_default())
}

fn failure(refusal: &Refusal, call_id: Option<Text<'_>>) -> Bytes {
    let mut envelope = vec![0; refusal.encoded_len(call_id)];
    // The buffer has exactly the required length.
    let _ = refusal.encode(call_id, &mut envelope);
    envelope.into()
}
