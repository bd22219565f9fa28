//! One connection of HTTP/1.1 to a service, and one exchange at a time over it.
//!
//! Knows when an answer is complete, how much of it is taken, and whether the connection can be used again. Knows
//! nothing of which service it is.
//!
//! The call drives the connection itself: no task stands between them, which would have to be woken for each piece, on
//! another processor perhaps. An idle connection is driven by nobody.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use callcontainer::REPLY_LIMIT;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::http::response::Parts;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

use super::upstream::Failed;
use super::wire::{Heard, Wire};

/// The maximum length of the head of an answer in bytes.
pub const HEAD_BYTES: usize = 32 * 1024;
/// How much is received at once, at most: it begins with 8 KiB, and grows as answers do.
const READ_BYTES: usize = 112 * 1024;

/// A connection.
pub struct Link {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Wire>, Full<Bytes>>,
    heard: Heard,
    /// A request with a body has been sent on it.
    has_carried: bool,
}

impl Link {
    pub async fn new(wire: Wire) -> Result<Self, hyper::Error> {
        let heard = wire.heard();
        let mut builder = Builder::new();
        builder.max_header_size(HEAD_BYTES).max_buf_size(READ_BYTES);
        let (sender, connection) = builder.handshake(TokioIo::new(wire)).await?;
        Ok(Self { sender, connection, heard, has_carried: false })
    }

    /// Whether a request with a body has been sent on it, which the service may have left unread.
    pub fn has_carried(&self) -> bool {
        self.has_carried
    }

    /// Whether another request may be sent. Nothing has been received since the last answer, not even the end.
    pub async fn is_open(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.is_idle(context))).await
    }

    fn is_idle(&mut self, context: &mut Context<'_>) -> bool {
        Pin::new(&mut self.connection).poll(context).is_pending() && self.sender.is_ready()
    }

    /// Sends a request, receives the whole answer, and gives the connection back if it can be used again.
    ///
    /// Cancel safe: the connection is closed, since an answer may still arrive on it.
    pub async fn exchange(
        mut self: Box<Self>,
        request: Request<Full<Bytes>>,
    ) -> Result<(Response<Bytes>, Option<Box<Self>>), Failed> {
        let Self { sender, connection, heard, has_carried } = &mut *self;
        heard.clear();
        *has_carried |= !request.body().is_end_stream();
        let to_head = *request.method() == Method::HEAD;
        let outcome = {
            let mut answer = pin!(async {
                let answer = sender.send_request(request).await.map_err(Trouble::Http)?;
                let (head, body) = answer.into_parts();
                check(&head)?;
                let body = receive(body, false).await?;
                Ok(Response::from_parts(head, body))
            });
            let turns = Arc::new(Turns::new());
            let mut has_ended = false;
            poll_fn(|context| {
                turns.take(context, |context| {
                    has_ended = has_ended || Pin::new(&mut *connection).poll(context).is_ready();
                    answer.as_mut().poll(context)
                })
            })
            .await
            .map(|answer| (answer, has_ended))
        };
        match outcome {
            Ok((answer, has_ended)) => {
                let again = !has_ended && !has_more(&answer, to_head) && self.is_open().await;
                Ok((answer, again.then_some(self)))
            }
            Err(Trouble::TooLarge) => Err(Failed::TooLarge),
            Err(Trouble::Unclear(why)) => Err(Failed::Broken(why.to_owned())),
            Err(Trouble::Http(error)) => {
                let has_begun = self.heard.anything();
                let why = self.why(&error);
                Err(if has_begun { Failed::Broken(why) } else { Failed::Dead(why) })
            }
        }
    }

    /// Why there is no answer, in the words of the operating system if it has any.
    fn why(self, error: &hyper::Error) -> String {
        let wire = self.connection.into_parts().io.into_inner();
        if let Some(error) = wire.deaf() {
            return format!("send: {error}");
        }
        if error.is_incomplete_message() && !self.heard.anything() {
            return "closed without an answer".to_owned();
        }
        match error.source() {
            Some(source) => format!("receive: {source}"),
            None => format!("receive: {error}"),
        }
    }
}

pub enum Trouble {
    Http(hyper::Error),
    /// Two recipients could take the answer for two different ones.
    Unclear(&'static str),
    TooLarge,
}

/// Refuses a head that hyper takes and that leaves doubt where the body ends.
fn check(head: &Parts) -> Result<(), Trouble> {
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => {}
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            if head.headers.contains_key(CONTENT_LENGTH) {
                return Err(Trouble::Unclear("an answer with two framings"));
            }
        }
        _ => return Err(Trouble::Unclear("an answer in a coding that nobody asked for")),
    }
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Trouble::Unclear("an answer that changes the protocol"));
    }
    Ok(())
}

/// Whether an answer without a body announces one, which a service may send all the same.
fn has_more(answer: &Response<Bytes>, to_head: bool) -> bool {
    let is_bodiless = to_head || matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let lengths = answer.headers().get_all(CONTENT_LENGTH);
    let announces = lengths.iter().any(|length| length != "0") || answer.headers().contains_key(TRANSFER_ENCODING);
    is_bodiless && announces
}

/// Receives a body, unless it is too long. Takes memory for what comes: what is only announced is not touched.
///
/// A stream of HTTP/2 may be reset without an error. Then it has no end, and what has come is not the whole body.
pub async fn receive(mut body: Incoming, is_stream: bool) -> Result<Bytes, Trouble> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > REPLY_LIMIT {
        return Err(Trouble::TooLarge);
    }
    let mut received = Vec::new();
    while let Some(frame) = body.frame().await {
        // Trailers have no meaning here.
        let Ok(bytes) = frame.map_err(Trouble::Http)?.into_data() else { continue };
        if bytes.len() > REPLY_LIMIT - received.len() {
            return Err(Trouble::TooLarge);
        }
        if bytes.len() == told {
            return Ok(bytes);
        }
        if received.is_empty() {
            received.reserve_exact(told);
        }
        received.extend_from_slice(&bytes);
    }
    if received.len() < told || is_stream && !body.is_end_stream() {
        return Err(Trouble::Unclear("receive: the answer is cut off"));
    }
    Ok(received.into())
}

/// Takes turns at two things that wake each other, without going through the queue of the runtime in between.
struct Turns {
    outer: Mutex<Waker>,
    /// A turn is under way.
    runs: AtomicBool,
    /// Something wants another turn.
    again: AtomicBool,
}

impl Turns {
    fn new() -> Self {
        Self { outer: Mutex::new(Waker::noop().clone()), runs: AtomicBool::new(false), again: AtomicBool::new(false) }
    }

    fn take<T>(
        self: &Arc<Self>,
        context: &mut Context<'_>,
        mut turn: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        let waker = Waker::from(Arc::clone(self));
        let mut inner = Context::from_waker(&waker);
        loop {
            self.runs.store(true, Ordering::SeqCst);
            let result = turn(&mut inner);
            self.runs.store(false, Ordering::SeqCst);
            if result.is_ready() || !self.again.swap(false, Ordering::SeqCst) {
                return result;
            }
        }
    }
}

impl Wake for Turns {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.again.store(true, Ordering::SeqCst);
        // Whoever takes turns looks at `again` after the end of each.
        if !self.runs.load(Ordering::SeqCst) {
            self.outer.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
        }
    }
}
