//! A client that makes one call after the other, in every way there is, and holds what comes of it against the ledger.

use crate::gateway::{Gateway, HOST, Wire};
use crate::ledger::{Came, Kind, Made};
use crate::link::{Broken, End};
use crate::random::Random;
use crate::world::World;
use callcontainer::client::{Call, CallError, Cloud, Framing, ReplyStream, Retriable, Retried, Retries, RetryError};
use callcontainer::stream::{Body, Event, Field, Outcome};
use callcontainer::{
    Data, Json, Method, Reply, Retry, Text, embedded_hal, embedded_hal_async, embedded_io, embedded_io_async,
};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Blocking,
    Async,
}

/// How a reply is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Receive,
    /// Into a buffer that may be too small.
    ReceiveLittle(usize),
    Stream,
    /// With a body from elsewhere.
    Supply,
    /// Dropped after so many polls.
    GiveUp(usize),
}

pub struct Client {
    gateway: Rc<Gateway>,
    style: Style,
    random: Random,
    cloud: Cloud<'static, End, 256>,
    /// Of the connection that the cloud has.
    deadline: Rc<Cell<u64>>,
}

/// What is seen of a reply.
enum Seen {
    Response { status: u16, body: Vec<u8>, is_own: bool },
    Failure { is_own: bool },
}

impl Client {
    pub fn new(gateway: &Rc<Gateway>, style: Style, random: &mut Random) -> Self {
        let mut random = random.fork();
        let cloud = Cloud::new(random.next());
        let mut client = Self { gateway: Rc::clone(gateway), style, random, cloud, deadline: Rc::default() };
        client.connect();
        client
    }

    fn connect(&mut self) {
        let (end, framing) = connect(&self.gateway);
        self.deadline = end.deadline();
        self.cloud.init(end, framing);
    }

    pub async fn make_calls(mut self) {
        self.make_some_calls().await;
    }

    pub async fn make_some_calls(&mut self) {
        for _ in 0..2 + self.random.below(5) {
            self.make_one_call().await;
        }
    }

    /// Makes calls now and then, each with whatever connection it takes. With `idles_only`, nothing else befalls a link
    /// than that it ends while it is idle.
    pub async fn make_calls_now_and_then(mut self, idles_only: bool) {
        for _ in 0..4 + self.random.below(8) {
            self.gateway.world.sleep(self.random.below(400) as u64).await;
            self.make_persistent_call(idles_only).await;
        }
    }

    async fn make_persistent_call(&mut self, idles_only: bool) {
        let Self { gateway, style, cloud, deadline, .. } = self;
        let made = gateway.ledger.new_call();
        let request = made.request().with_call_id(&made.path);
        deadline.set(gateway.world.now() + 2000);
        let mut connect = |cloud: &mut Cloud<'static, End, 256>| {
            let (end, framing) = connect(gateway);
            *deadline = end.deadline();
            deadline.set(gateway.world.now() + 2000);
            cloud.init(end, framing);
            Ok::<(), Infallible>(())
        };
        let mut buffer = vec![0xAA; 16 * 1024];
        let mut delay = Delay(&gateway.world);
        let result = match style {
            Style::Blocking => cloud.retrying(&mut delay, connect).call(&request, &mut buffer),
            Style::Async => {
                cloud.retrying_async(&mut delay, async |cloud| connect(cloud)).call_async(&request, &mut buffer).await
            }
        };
        let runs = gateway.ledger.runs(made.number);
        let may_repeat = made.method.is_idempotent();
        let may_fail = match &result {
            Ok(_) => false,
            // Who called knows that it may not have run.
            Err(RetryError::Call(CallError::NoAnswer(_))) => !may_repeat,
            // A part of it is not run.
            Err(RetryError::Call(CallError::Write(_))) => {
                assert!(runs == 0 || may_repeat || gateway.wire.is_line(), "call {}", made.number);
                !may_repeat
            }
            Err(_) => false,
        };
        assert!(!(idles_only && may_fail && runs > 0), "call {} ran, and its answer got lost", made.number);
        let came = match result {
            Ok(reply) => self.judge(&made, &seen(&reply, &made, &made.path)),
            Err(_) => Came::Error,
        };
        self.gateway.ledger.result(made.number, came, may_fail);
    }

    /// Makes calls over links that fail in any way, each until it has come to its end, or may not be made again.
    pub async fn make_calls_until_they_come_through(self, retries: Retries) {
        let Self { gateway, style, mut random, .. } = self;
        let mut cloud = Cloud::new(random.next()).with_deadlines();
        for _ in 0..3 + random.below(5) {
            gateway.world.sleep(random.below(400) as u64).await;
            let made = gateway.ledger.new_call();
            let way = [Way::Receive, Way::Stream, Way::Supply][random.below(3)];
            let result = persist(&gateway, &mut cloud, style, retries, &mut random, &made, way).await;
            let seen = match result {
                Ok(seen) => seen,
                Err(error) => {
                    assert!(!gateway.ledger.may_repeat(made.method), "call {} is given up: {error}", made.number);
                    let unsent = match error {
                        RetryError::Connect(NoCarrier) => true,
                        RetryError::Call(Failed::Call(CallError::Write(error))) => error.written == 0,
                        RetryError::Call(_) => false,
                    };
                    if unsent {
                        gateway.ledger.never(made.number);
                    }
                    gateway.ledger.result(made.number, Came::Error, true);
                    continue;
                }
            };
            match seen {
                Seen::Response { status, body, is_own } => {
                    assert!(is_own, "call {}", made.number);
                    assert_eq!((status, &body), (made.status, &made.answer), "call {}", made.number);
                    gateway.ledger.result(made.number, Came::Success, false);
                }
                Seen::Failure { .. } => panic!("call {} is refused, and nothing is wrong", made.number),
            }
        }
    }

    pub async fn make_one_call(&mut self) {
        let made = self.gateway.ledger.new_call();
        let request = made.request();
        if !self.cloud.is_ready() {
            assert!(matches!(self.cloud.start(&request), Err(CallError::NotReusable)));
            self.connect();
        }
        let way = match self.random.below(8) {
            0..=2 => Way::Receive,
            3 => Way::ReceiveLittle(self.random.below(2000)),
            4 if self.style == Style::Async => Way::GiveUp(self.random.below(30)),
            _ => Way::Stream,
        };
        self.deadline.set(self.gateway.world.now() + 2000);
        let style = self.style;
        let call = self.cloud.start(&request).unwrap_or_else(|error| panic!("{error}"));
        let outcome = match way {
            Way::Receive => Some(receive(call, style, &made, 16 * 1024).await),
            Way::ReceiveLittle(size) => Some(receive(call, style, &made, size).await),
            Way::Stream | Way::Supply => Some(stream(call, style, self.gateway.wire.is_line()).await),
            Way::GiveUp(polls) => within(polls, receive(call, style, &made, 16 * 1024)).await,
        };
        let came = match &outcome {
            None => Came::Error,
            Some(Err(error)) => {
                // A line that goes on behind an error may be so late that the next call is too.
                let lost = matches!(error, CallError::NoAnswer(_) | CallError::Io(_) | CallError::Write(_));
                if self.gateway.wire.is_line() && lost && !self.gateway.ledger.is_noisy() {
                    self.connect();
                }
                Came::Error
            }
            Some(Ok(seen)) => self.judge(&made, seen),
        };
        self.gateway.ledger.result(made.number, came, matches!(way, Way::ReceiveLittle(_) | Way::GiveUp(_)));
    }

    /// A success is the answer to this call, byte for byte.
    fn judge(&self, made: &Made, seen: &Seen) -> Came {
        match seen {
            Seen::Failure { is_own } => {
                // Over HTTP nothing else can come than the reply to this call.
                assert!(*is_own || self.gateway.wire == Wire::Http, "call {}", made.number);
                Came::Refusal
            }
            Seen::Response { status, body, is_own } => {
                assert!(is_own, "call {}", made.number);
                if self.gateway.ledger.is_blind() {
                    self.gateway.ledger.compare(*status == made.status && *body == made.answer);
                } else {
                    assert_eq!(*status, made.status, "call {}", made.number);
                    assert_eq!(body, &made.answer, "call {}", made.number);
                }
                Came::Success
            }
        }
    }
}

/// There is no connection at the moment.
#[derive(Clone, Copy, Debug)]
struct NoCarrier;

/// Why there is nothing to be seen of a call.
#[derive(Debug)]
enum Failed {
    Call(CallError<Broken>),
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Call(error) = self;
        error.fmt(f)
    }
}

impl From<CallError<Broken>> for Failed {
    fn from(error: CallError<Broken>) -> Self {
        Self::Call(error)
    }
}

impl Retriable for Failed {
    fn retry(&self, method: Method) -> Option<Retry> {
        let Self::Call(error) = self;
        error.retry(method)
    }
}

impl Retriable for Seen {
    fn retry(&self, _: Method) -> Option<Retry> {
        None
    }
}

/// Makes a call, again and again if need be, over connections that are made anew or in place.
async fn persist(
    gateway: &Rc<Gateway>,
    cloud: &mut Cloud<'static, End, 256>,
    style: Style,
    retries: Retries,
    random: &mut Random,
    made: &Made,
    way: Way,
) -> Result<Seen, RetryError<NoCarrier, Failed>> {
    let is_line = gateway.wire.is_line();
    let request = made.request().with_call_id(&made.path).with_timeout(1500);
    let bare = request.with_data(Data::None);
    let mut connect = |cloud: &mut Cloud<'static, End, 256>| {
        if random.chance(3) {
            return Err(NoCarrier);
        }
        let (end, framing) = connect(gateway);
        match cloud.connection().filter(|_| random.chance(2)) {
            Some(old) => *old = end,
            None => _ = cloud.init(end, framing),
        }
        Ok(())
    };
    let supplied = way == Way::Supply && !made.sent.is_empty();
    let mut delay = Delay(&gateway.world);
    if style == Style::Async {
        let mut calls = cloud.retrying_async(&mut delay, async |cloud| connect(cloud)).with_retries(retries);
        if way == Way::Receive {
            let mut buffer = vec![0xAA; 16 * 1024];
            let result = calls.call_async(&request, &mut buffer).await;
            return received(result, made);
        }
        let operation = async |cloud: &mut Cloud<'static, End, 256>| {
            let mut call =
                if supplied { cloud.start_from(&bare, Body::json(made.sent.len()))? } else { cloud.start(&request)? };
            call.send_from_async(&mut made.sent.as_bytes()).await?;
            Ok(stream(call, style, is_line).await?)
        };
        return calls.run_async(operation).await;
    }
    let mut calls = cloud.retrying(&mut delay, connect).with_retries(retries);
    if way == Way::Receive {
        let mut buffer = vec![0xAA; 16 * 1024];
        let result = calls.call(&request, &mut buffer);
        return received(result, made);
    }
    calls.run(|cloud| {
        let mut call =
            if supplied { cloud.start_from(&bare, Body::json(made.sent.len()))? } else { cloud.start(&request)? };
        call.send_from(&mut made.sent.as_bytes())?;
        // It never waits.
        let mut stream = pin!(stream(call, style, is_line));
        match stream.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(seen) => Ok(seen?),
            Poll::Pending => panic!("a blocking stream that waits"),
        }
    })
}

fn received(
    result: Retried<Reply<'_>, NoCarrier, CallError<Broken>>,
    made: &Made,
) -> Result<Seen, RetryError<NoCarrier, Failed>> {
    match result {
        Ok(reply) => Ok(seen(&reply, made, &made.path)),
        Err(RetryError::Connect(error)) => Err(RetryError::Connect(error)),
        Err(RetryError::Call(error)) => Err(RetryError::Call(error.into())),
    }
}

/// A new connection.
fn connect(gateway: &Rc<Gateway>) -> (End, Framing<'static>) {
    let framing = match gateway.wire {
        Wire::Http => Framing::http(HOST, None).unwrap(),
        Wire::Line => Framing::LINE,
        Wire::CheckedLine => Framing::CHECKED_LINE,
    };
    (gateway.connect(), framing)
}

/// Waits until so much time has passed.
struct Delay<'w>(&'w Rc<World>);

impl embedded_hal::delay::DelayNs for Delay<'_> {
    fn delay_ns(&mut self, nanoseconds: u32) {
        self.0.block_on(self.0.sleep(u64::from(nanoseconds) / 1_000_000));
    }
}

impl embedded_hal_async::delay::DelayNs for Delay<'_> {
    async fn delay_ns(&mut self, nanoseconds: u32) {
        self.0.sleep(u64::from(nanoseconds) / 1_000_000).await;
    }
}

async fn receive(call: Call<'_, End>, style: Style, made: &Made, size: usize) -> Result<Seen, CallError<Broken>> {
    let id = written(call.call_id());
    let mut buffer = vec![0xAA; size];
    let reply = match style {
        Style::Blocking => call.receive(&mut buffer)?,
        Style::Async => call.receive_async(&mut buffer).await?,
    };
    Ok(seen(&reply, made, &id))
}

/// What is seen of the reply to the call with this ID.
fn seen(reply: &Reply<'_>, made: &Made, id: &str) -> Seen {
    match reply {
        Reply::Failure(failure) => Seen::Failure { is_own: failure.call_id().is_some_and(|own| own == id) },
        Reply::Response(response) => {
            // The ledger says what it must be; what it is not is left out here, and seen there.
            let is_whole = match made.kind {
                Kind::Bytes => response.data() == Data::from(made.answer.as_slice()),
                Kind::Text => response.data() == Data::from(str::from_utf8(&made.answer).unwrap()),
                Kind::Json => response.data() == Data::Json(Json::new(str::from_utf8(&made.answer).unwrap()).unwrap()),
            };
            let body = if is_whole { made.answer.clone() } else { Vec::new() };
            let is_own = response.call_id().is_some_and(|own| own == id);
            Seen::Response { status: response.status(), body, is_own }
        }
    }
}

/// What has been seen of a reply so far.
#[derive(Default)]
struct Pieces {
    call_id: String,
    body: Vec<u8>,
}

async fn stream(call: Call<'_, End>, style: Style, is_line: bool) -> Result<Seen, CallError<Broken>> {
    let id = written(call.call_id());
    let mut stream = call.stream();
    loop {
        let mut pieces = Pieces::default();
        let outcome = match style {
            Style::Blocking => look(&mut stream, &mut pieces),
            Style::Async => look_async(&mut stream, &mut pieces).await,
        };
        let is_own = pieces.call_id == id;
        match outcome {
            // The reply may be on the next line.
            Err(CallError::ForeignReply | CallError::Reply(_)) if is_line => {}
            Err(error) => return Err(error),
            Ok(Outcome::Response { status }) => return Ok(Seen::Response { status, body: pieces.body, is_own }),
            Ok(Outcome::Failure { .. }) => return Ok(Seen::Failure { is_own }),
        }
    }
}

/// Takes note of an event, and says whether it is the body that comes next.
fn note(event: &Event<'_>, pieces: &mut Pieces) -> bool {
    if let Event::Text { field: Field::CallId, text, .. } = event {
        pieces.call_id.extend(text.chars());
    }
    matches!(event, Event::Data { .. })
}

fn look(stream: &mut ReplyStream<'_, End>, pieces: &mut Pieces) -> Result<Outcome, CallError<Broken>> {
    use embedded_io::Read as _;
    while let Some(event) = stream.next_event()? {
        if note(&event, pieces) {
            let mut piece = [0; 100];
            loop {
                match stream.body().read(&mut piece)? {
                    0 => break,
                    count => pieces.body.extend_from_slice(&piece[..count]),
                }
            }
        }
    }
    Ok(stream.outcome().unwrap())
}

async fn look_async(stream: &mut ReplyStream<'_, End>, pieces: &mut Pieces) -> Result<Outcome, CallError<Broken>> {
    use embedded_io_async::Read as _;
    while let Some(event) = stream.next_event_async().await? {
        if note(&event, pieces) {
            let mut piece = [0; 100];
            loop {
                match stream.body().read(&mut piece).await? {
                    0 => break,
                    count => pieces.body.extend_from_slice(&piece[..count]),
                }
            }
        }
    }
    Ok(stream.outcome().unwrap())
}

fn written(text: Text<'_>) -> String {
    text.chars().collect()
}

/// What comes of a future if it comes within so many polls; else the future is dropped.
async fn within<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
