//! The client: `cc_framing`, `cc_client`, `cc_call`.
//!
//! A call borrows its client for as long as it lasts, which C cannot express. So a client knows whether there is a call, and
//! by a number which one; a call that is not this one any more is refused. Both are never borrowed as a whole, since the
//! call has references into the client.

use crate::data::CcBody;
use crate::envelope::{CcReply, CcRequest, method};
use crate::error::{CC_END, CC_ERR_ARGUMENT, CC_ERR_CONNECT, CC_ERR_NOT_INITIALISED, CC_ERR_STATE, CcError};
use crate::headers::{CcHeader, pairs};
use crate::memory::{
    Fault, Outcome, Place, Result, Written, bytes_mut, optional, output, reference, refuse, report, run, value,
};
use crate::object::{self, Kept, Used, objects};
use crate::stream::{CcEvent, CcOutcome, CcStep, EVENT_END, Window};
use crate::text::{CcStr, CcText};
use crate::transport::{CcTransport, Io, Sleep, Transport};
use callcontainer::client::{
    Attempt, Call, Cause, ClientStep, Cloud, Framing, OpenApiHost, ReplyStream, Retriable, Retries,
};
use callcontainer::embedded_io::{self, ErrorType, Read};
use callcontainer::stream::outside::ENCODER_WINDOW;
use callcontainer::{Bytes, ErrorCode, Method, Request, Retry};
use core::ffi::c_void;

objects! {
    /// `cc_framing`.
    CcFraming = 14, 8;
    /// `cc_client`.
    CcClient = 48, 32;
    /// `cc_call`.
    CcCall = 224, 160;
}

impl Kept for Framing<'static> {
    const MAGIC: u32 = 0x4652_414D;
    type Object = CcFraming;
}

/// `cc_framing_http`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_http(
    framing: *mut CcFraming,
    host: CcStr,
    token: CcStr,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe { report(error, || object::put(framing, Framing::http(host.get()?, token.optional()?)?)) }
}

/// `cc_framing_line`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_line(framing: *mut CcFraming) -> i32 {
    // SAFETY: the contract.
    unsafe { run(|| object::put(framing, Framing::LINE)) }
}

/// `cc_framing_checked_line`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_checked_line(framing: *mut CcFraming) -> i32 {
    // SAFETY: the contract.
    unsafe { run(|| object::put(framing, Framing::CHECKED_LINE)) }
}

/// `cc_framing_domain`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_domain(framing: *mut CcFraming, host: CcStr, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe { report(error, || object::put(framing, Framing::domain(host.get()?)?)) }
}

/// `cc_framing_open_api`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_open_api(
    framing: *mut CcFraming,
    host: CcStr,
    service: CcStr,
    token: CcStr,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe { report(error, || object::put(framing, Framing::open_api(host.get()?, service.get()?, token.get()?)?)) }
}

/// `cc_framing_set_path`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_set_path(framing: *mut CcFraming, path: CcStr, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut framing = object::get::<Framing<'static>>(framing)?;
            *framing = framing.with_path(path.get()?)?;
            Ok(())
        })
    }
}

/// `cc_framing_set_headers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_framing_set_headers(
    framing: *mut CcFraming,
    headers: *const CcHeader,
    count: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut framing = object::get::<Framing<'static>>(framing)?;
            *framing = framing.with_headers(pairs(headers, count, Written::NOTHING)?)?;
            Ok(())
        })
    }
}

/// `cc_open_api_host`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_open_api_host(
    env: CcStr,
    abroad: i32,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let (place, buffer) = output(buffer, size, len)?;
            Written::of(buffer).without(env.ptr, env.len)?;
            let env = env.get()?;
            let host = if abroad == 0 { OpenApiHost::new(env) } else { OpenApiHost::abroad(env) }?;
            place.put(host.as_str().len());
            Bytes::new(host.as_str().as_bytes()).decode(buffer)?;
            Ok(())
        })
    }
}

/// `cc_retries`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcRetries {
    /// The first wait; 0 together with the longest for those of the advice.
    pub backoff_first_ms: u32,
    /// The longest wait.
    pub backoff_most_ms: u32,
    /// 0 for that of the advice or the backoff, negative for never.
    pub at_most: i32,
    /// Whether calls of any method are repeated.
    pub any_method: i32,
    /// How many there were.
    pub made: u32,
}

impl CcRetries {
    /// Returns the policy, as it is before the first repetition.
    fn policy(&self) -> Retries {
        let backs_off = self.backoff_first_ms > 0 || self.backoff_most_ms > 0;
        let mut retries =
            if backs_off { Retries::backoff(self.backoff_first_ms, self.backoff_most_ms) } else { Retries::new() };
        if self.at_most != 0 {
            retries = retries.at_most(u8::try_from(self.at_most.clamp(0, u8::MAX.into())).unwrap_or(0));
        }
        if self.any_method != 0 {
            retries = retries.of_any_method();
        }
        retries
    }
}

/// What came of a call, as C tells it.
struct Came(Option<Retry>);

impl Retriable for Came {
    fn retry(&self, _: Method) -> Option<Retry> {
        self.0
    }
}

/// `cc_retries_next`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_retries_next(
    retries: *mut CcRetries,
    error: *const CcError,
    outcome: *const CcOutcome,
    number: i32,
    wait_ms: *mut u32,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (mut state, place) = (value(retries)?, Place::new(wait_ms)?);
            let (to, method) = (Place::new(retries)?, method(number)?);
            let mut policy = state.policy();
            let counted = if state.any_method == 0 { method } else { Method::Put };
            let advice = match (optional(error)?, optional(outcome)?) {
                (Some(error), None) => error.advice(counted),
                (None, Some(outcome)) if outcome.kind == 2 && outcome.has_code != 0 => {
                    ErrorCode(outcome.code).retry(counted)
                }
                (None, Some(_)) => None,
                _ => return refuse(),
            };
            // The policy is as after so many repetitions.
            for _ in 0..state.made.min(u8::MAX.into()) {
                let _ = policy.next_connection();
            }
            let wait = policy.next(&Came(advice), Method::Get).ok_or(Fault::of(CC_END))?;
            state.made = policy.made().into();
            to.put(state);
            place.put(wait);
            Ok(())
        })
    }
}

/// A function that is called before each repetition, and returns the wait, or `CC_GIVE_UP`.
type Hook = unsafe extern "C" fn(*mut c_void, u32, *const CcError, u32) -> u32;

/// `cc_client_options`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CcClientOptions {
    /// The connection.
    pub transport: CcTransport,
    /// How calls are sent.
    pub framing: *mut CcFraming,
    /// A window.
    pub window: *mut u8,
    /// In bytes.
    pub window_size: usize,
    /// The environment of calls that name none.
    pub env: CcStr,
    /// The owner of the environment of calls that name none.
    pub resource_appid: CcStr,
    /// That environment.
    pub resource_env: CcStr,
    /// The number of the first call.
    pub first_call: u64,
    /// How often a call is repeated.
    pub retries: CcRetries,
    /// Whether operations have a deadline.
    pub no_deadlines: i32,
    /// Called before each repetition.
    pub hook: Option<Hook>,
    /// For the hook.
    pub hook_context: *mut c_void,
}

/// A client.
pub(crate) struct Client {
    cloud: Cloud<'static, Transport, 0>,
    options: &'static CcClientOptions,
    /// The number of the call that has the cloud, or of the last one.
    call: u32,
    /// There is such a call.
    calling: bool,
    /// There has been a connection, or was told to be one.
    connected: bool,
}

impl Kept for Client {
    const MAGIC: u32 = 0x434C_4945;
    type Object = CcClient;
}

impl Client {
    /// Returns the window, with which no buffer may overlap.
    fn window(&self) -> Written {
        Written::at(self.options.window, self.options.window_size)
    }

    /// Refuses a call before the first connection.
    fn once_connected(&self) -> Result<()> {
        if self.connected { Ok(()) } else { Err(Fault::of(CC_ERR_NOT_INITIALISED)) }
    }
}

/// A client that no call has, in use.
struct Idle(Used<Client>);

impl Idle {
    /// # Safety
    /// The contract.
    unsafe fn get(client: *mut CcClient) -> Result<Self> {
        // SAFETY: the caller's promise.
        let used = unsafe { object::get::<Client>(client) }?;
        // SAFETY: it is in use, so it is there; a call has no reference to this field.
        if unsafe { (*used.as_ptr()).calling } { Err(Fault::of(CC_ERR_STATE)) } else { Ok(Self(used)) }
    }

    /// Returns the client, of which nobody else has a part.
    fn client(&mut self) -> &mut Client {
        &mut self.0
    }
}

/// `cc_client_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_init(
    client: *mut CcClient,
    options: *const CcClientOptions,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let options: &'static CcClientOptions = reference(options)?;
            let framing = *object::get::<Framing<'static>>(options.framing)?;
            let window = Window::new(options.window, options.window_size, ENCODER_WINDOW)?;
            let written = Written::at(options.window, options.window_size);
            written.without_value(options)?;
            for text in [options.env, options.resource_appid, options.resource_env] {
                written.without(text.ptr, text.len)?;
            }
            let mut cloud = Cloud::borrowing(options.first_call, window.get()).ok_or(crate::headers::no())?;
            if let Some(env) = options.env.optional()? {
                cloud = cloud.with_env(env);
            }
            match (options.resource_appid.optional()?, options.resource_env.optional()?) {
                (Some(appid), Some(env)) => cloud = cloud.with_resource(appid, env),
                (None, None) => {}
                _ => return Err(Fault::of(CC_ERR_ARGUMENT).into()),
            }
            if options.no_deadlines == 0 {
                cloud = cloud.with_deadlines();
            }
            if options.transport.readable.is_some() {
                cloud = cloud.with_idle_check();
            }
            let connected = options.transport.connect.is_none();
            cloud.init(Transport::new(&options.transport), framing);
            cloud.renew(connected);
            Ok(object::put(client, Client { cloud, options, call: 0, calling: false, connected })?)
        })
    }
}

/// `cc_client_connect`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_connect(client: *mut CcClient, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut idle = Idle::get(client)?;
            let client = idle.client();
            client.cloud.renew(false);
            let transport = client.cloud.connection().ok_or(Fault::of(CC_ERR_STATE))?;
            transport.connect().map_err(CcError::connect)?;
            client.cloud.renew(true);
            client.connected = true;
            Ok(())
        })
    }
}

/// `cc_client_connected`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_connected(client: *mut CcClient) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let mut idle = Idle::get(client)?;
            let client = idle.client();
            client.cloud.renew(true);
            client.connected = true;
            Ok(())
        })
    }
}

/// `cc_client_is_ready`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_is_ready(client: *mut CcClient, ready: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(ready)?;
            place.put(Idle::get(client)?.client().cloud.is_ready().into());
            Ok(())
        })
    }
}

/// `cc_client_next_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_next_call(client: *mut CcClient, number: *mut u64) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(number)?;
            place.put(Idle::get(client)?.client().cloud.next_call());
            Ok(())
        })
    }
}

/// `cc_client_abandon`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_abandon(client: *mut CcClient) -> i32 {
    // SAFETY: the contract. The call's number is passed, so that what it has of the client is never used again.
    unsafe {
        run(|| {
            let used = object::get::<Client>(client)?;
            (*used.as_ptr()).calling = false;
            Ok(())
        })
    }
}

/// `cc_client_end`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_end(client: *mut CcClient) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            if let Some(mut transport) = Idle::get(client)?.client().cloud.take() {
                transport.close();
            }
            object::end::<Client>(client)
        })
    }
}

/// `cc_client_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_call(
    client: *mut CcClient,
    request: *const CcRequest,
    buffer: *mut u8,
    size: usize,
    reply: *mut CcReply,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut idle = Idle::get(client)?;
            let window = idle.client().window();
            window.without(buffer, size)?;
            let (place, buffer) = (Place::new(reply)?, bytes_mut(buffer, size)?);
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.is_outside(window)?;
            given.fill(&mut request, Written::of(buffer))?;
            let client = idle.client();
            client.once_connected()?;
            place.put(CcReply::of(&client.cloud.call(&request, buffer)?));
            Ok(())
        })
    }
}

/// `cc_client_call_retrying`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_client_call_retrying(
    client: *mut CcClient,
    request: *const CcRequest,
    buffer: *mut u8,
    size: usize,
    reply: *mut CcReply,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut idle = Idle::get(client)?;
            let window = idle.client().window();
            window.without(buffer, size)?;
            let (place, buffer) = (Place::new(reply)?, bytes_mut(buffer, size)?);
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.is_outside(window)?;
            given.fill(&mut request, Written::of(buffer))?;
            let Client { cloud, options, connected, .. } = idle.client();
            // It connects by itself.
            *connected = true;
            let mut delay = Sleep(&options.transport);
            let connect = |cloud: &mut Cloud<'static, Transport, 0>| match cloud.connection() {
                Some(transport) => transport.connect(),
                None => Ok(()),
            };
            let hook = |attempt: &Attempt<'_, Io, Io>| {
                let wait = match options.hook {
                    Some(hook) => tell(hook, options.hook_context, attempt),
                    None => attempt.wait_ms,
                };
                (wait != GIVE_UP && (wait == 0 || options.transport.sleep.is_some())).then_some(wait)
            };
            let mut calls = cloud.retrying(&mut delay, connect).with_retries(options.retries.policy()).with_hook(hook);
            place.put(CcReply::of(&calls.call(&request, buffer)?));
            Ok(())
        })
    }
}

/// What a hook returns to give up.
const GIVE_UP: u32 = u32::MAX;

/// Calls a hook.
fn tell(hook: Hook, context: *mut c_void, attempt: &Attempt<'_, Io, Io>) -> u32 {
    let cause = match attempt.cause {
        Cause::Connect(io) => CcError::connect(*io),
        Cause::Call(error) => CcError::from(*error),
        // `Advice`, and what a later version may tell apart.
        _ => CcError::NONE,
    };
    // SAFETY: the header says of the hook that it can be called with its context while the client is there.
    unsafe { hook(context, attempt.number, &raw const cause, attempt.wait_ms) }
}

/// A call.
pub(crate) struct Ongoing {
    client: *mut CcClient,
    number: u32,
    /// That of the client.
    window: Written,
    stage: Stage,
}

#[allow(clippy::large_enum_variant, reason = "there is room for the largest in any case")]
enum Stage {
    /// Nothing has been received.
    Call(Call<'static, Transport>),
    /// The reply is being received.
    Stream(ReplyStream<'static, Transport>),
    /// It was received as a whole.
    Over,
}

impl Kept for Ongoing {
    const MAGIC: u32 = 0x4341_4C4C;
    type Object = CcCall;
}

impl Ongoing {
    /// Returns the reply as a stream.
    fn stream(&mut self) -> Result<&mut ReplyStream<'static, Transport>> {
        if let Stage::Call(_) = self.stage {
            let Stage::Call(call) = core::mem::replace(&mut self.stage, Stage::Over) else {
                return Err(Fault::of(CC_ERR_STATE));
            };
            self.stage = Stage::Stream(call.stream());
        }
        match &mut self.stage {
            Stage::Stream(stream) => Ok(stream),
            Stage::Call(_) | Stage::Over => Err(Fault::of(CC_ERR_STATE)),
        }
    }
}

/// `cc_call_start`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_start(
    call: *mut CcCall,
    client: *mut CcClient,
    request: *const CcRequest,
    body: *const CcBody,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. The call takes the cloud, and nothing else of the client, until it ends: all functions of the
    // client refuse to touch it as long as `calling` is set, and those of the call refuse once it is not, or the number is
    // another.
    unsafe {
        report(error, || -> Outcome<()> {
            Place::new(call)?;
            let body = optional(body)?.map(|body| body.get()).transpose()?;
            let mut idle = Idle::get(client)?;
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.fill(&mut request, idle.client().window())?;
            let taken = idle.0.as_ptr();
            (*taken).once_connected()?;
            let cloud: &'static mut Cloud<'static, Transport, 0> = &mut (*taken).cloud;
            let started = match body {
                None => cloud.start(&request)?,
                Some(body) => cloud.start_from(&request, body)?,
            };
            let number = (*taken).call.wrapping_add(1);
            let window = (*taken).window();
            object::put(call, Ongoing { client, number, window, stage: Stage::Call(started) })?;
            (*taken).call = number;
            (*taken).calling = true;
            Ok(())
        })
    }
}

/// Runs a function on a call that has its client.
///
/// # Safety
/// The contract: the client of the call is still there.
unsafe fn with_call(call: *mut CcCall, error: *mut CcError, then: impl FnOnce(&mut Ongoing) -> Outcome<()>) -> i32 {
    // SAFETY: the caller's promise. The fields of the client are none that the call has a reference to.
    unsafe {
        report(error, || -> Outcome<()> {
            let mut call = object::get::<Ongoing>(call)?;
            let client = object::get::<Client>(call.client)?;
            let client = client.as_ptr();
            if !(*client).calling || (*client).call != call.number {
                return Err(Fault::of(CC_ERR_STATE).into());
            }
            then(&mut call)
        })
    }
}

/// Where a body comes from.
struct Body {
    context: *mut c_void,
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i32,
    /// The last error.
    failed: i32,
}

/// Reading a body failed. The number is in the [`Body`].
#[derive(Clone, Copy, Debug)]
struct BodyError;

impl core::fmt::Display for BodyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the body could not be read")
    }
}

impl core::error::Error for BodyError {}

impl embedded_io::Error for BodyError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl ErrorType for Body {
    type Error = BodyError;
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> core::result::Result<usize, BodyError> {
        let len = buffer.len().min(i32::MAX as usize);
        // SAFETY: the header says of the function that it can be called with its context while the body is sent.
        let result = unsafe { (self.read)(self.context, buffer.as_mut_ptr(), len) };
        match usize::try_from(result) {
            Ok(count) if count <= len => Ok(count),
            Ok(_) => Err(self.fail(crate::transport::INVALID)),
            Err(_) => Err(self.fail(result)),
        }
    }
}

impl Body {
    fn fail(&mut self, number: i32) -> BodyError {
        self.failed = number;
        BodyError
    }
}

/// `cc_call_send`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_send(
    call: *mut CcCall,
    read: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i32>,
    context: *mut c_void,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            let Stage::Call(call) = &mut call.stage else { return Err(Fault::of(CC_ERR_STATE).into()) };
            let Some(read) = read else { return Ok(call.send()?) };
            let mut body = Body { context, read, failed: 0 };
            let sent = call.send_from(&mut body);
            sent.map_err(|error| {
                let error = CcError::from(error);
                if body.failed < 0 { CcError { io: body.failed, ..error } } else { error }
            })
        })
    }
}

/// `cc_call_receive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_receive(
    call: *mut CcCall,
    buffer: *mut u8,
    size: usize,
    reply: *mut CcReply,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            call.window.without(buffer, size)?;
            let (place, buffer) = (Place::new(reply)?, bytes_mut(buffer, size)?);
            if !matches!(call.stage, Stage::Call(_)) {
                return Err(Fault::of(CC_ERR_STATE).into());
            }
            let Stage::Call(call) = core::mem::replace(&mut call.stage, Stage::Over) else {
                return Err(Fault::of(CC_ERR_STATE).into());
            };
            place.put(CcReply::of(&call.receive(buffer)?));
            Ok(())
        })
    }
}

/// `cc_call_next`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_next(call: *mut CcCall, event: *mut CcEvent, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            let place = Place::new(event)?;
            place.put(match call.stream()?.next_event()? {
                Some(event) => CcEvent::of(event),
                None => CcEvent::of_kind(EVENT_END),
            });
            Ok(())
        })
    }
}

/// `cc_call_step`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_step(call: *mut CcCall, step: *mut CcStep, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            let place = Place::new(step)?;
            place.put(match call.stream()?.step()? {
                ClientStep::Write(bytes) => CcStep::write(bytes),
                ClientStep::ReadBody(room) => CcStep::room(2, room),
                ClientStep::Read(room) => CcStep::room(3, room),
                ClientStep::Event(event) => CcStep { kind: 4, event: CcEvent::of(event), ..CcStep::DONE },
                ClientStep::End => CcStep::DONE,
            });
            Ok(())
        })
    }
}

/// `cc_call_wrote`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_wrote(call: *mut CcCall, count: usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, core::ptr::null_mut(), |call| {
            call.stream()?.wrote(count);
            Ok(())
        })
    }
}

/// `cc_call_read_body`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_read_body(call: *mut CcCall, count: usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            match call.stream()?.step()? {
                ClientStep::ReadBody(room) if count > room.len() => return Err(Fault::of(CC_ERR_ARGUMENT).into()),
                _ => {}
            }
            Ok(call.stream()?.read_body(count)?)
        })
    }
}

/// `cc_call_read`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_read(call: *mut CcCall, count: usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, error, |call| {
            match call.stream()?.step()? {
                ClientStep::Read(room) if count > room.len() => return Err(Fault::of(CC_ERR_ARGUMENT).into()),
                _ => {}
            }
            Ok(call.stream()?.read(count)?)
        })
    }
}

/// `cc_call_skip`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_skip(call: *mut CcCall) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, core::ptr::null_mut(), |call| {
            call.stream()?.skip();
            Ok(())
        })
    }
}

/// `cc_call_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_outcome(call: *mut CcCall, outcome: *mut CcOutcome) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, core::ptr::null_mut(), |call| {
            let place = Place::new(outcome)?;
            let outcome = call.stream()?.outcome().ok_or(Fault::of(CC_ERR_STATE))?;
            place.put(CcOutcome::of(outcome));
            Ok(())
        })
    }
}

/// `cc_call_id`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_id(call: *mut CcCall, id: *mut CcText) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_call(call, core::ptr::null_mut(), |call| {
            let place = Place::new(id)?;
            place.put(match &call.stage {
                Stage::Call(call) => CcText::of(call.call_id()),
                Stage::Stream(stream) => CcText::of(stream.call().call_id()),
                Stage::Over => return Err(Fault::of(CC_ERR_STATE).into()),
            });
            Ok(())
        })
    }
}

/// `cc_call_end`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_end(call: *mut CcCall) -> i32 {
    // SAFETY: the contract. The fields of the client are none that the call has a reference to.
    unsafe {
        run(|| {
            let used = object::get::<Ongoing>(call)?;
            let client = object::get::<Client>(used.client)?;
            let client = client.as_ptr();
            if (*client).call == used.number {
                (*client).calling = false;
            }
            drop(used);
            object::end::<Ongoing>(call)
        })
    }
}

impl CcError {
    /// Returns the advice for a call with this method.
    pub(crate) fn advice(&self, method: Method) -> Option<Retry> {
        match self.kind {
            CC_ERR_CONNECT => ErrorCode::NOT_INITIALISED.retry(method),
            _ => self.call().and_then(|error| error.retry(method)),
        }
    }
}
