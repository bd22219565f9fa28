//! The gateway's side: `cc_gate`, `cc_refusal`.
//!
//! A gate holds one call: its request, what it may do, and the HTTP request made of it, each of which refers to the one
//! before. So it is never borrowed as a whole, and each part only by those that come after it.

use crate::envelope::{CcRequest, method_number};
use crate::error::{CC_END, CC_ERR_REFUSED, CC_ERR_STATE, CcError, http_number, number};
use crate::headers::{CcHeader, strings};
use crate::memory::{
    Fault, Outcome, Place, Result, Written, bytes, bytes_mut, optional, output, report, run, value, values,
};
use crate::object::{self, Kept, Used, objects};
use crate::text::{CcStr, CcText};
use callcontainer::gateway::{
    Access, Caller, Env, Grant, HttpBytes, HttpRequest, HttpResponse, Identity, Permission, Refusal, Relation,
};
use callcontainer::line::{Check, Line};
use callcontainer::{Bytes, Error, ErrorCode, ErrorKind, Request};
use core::mem::MaybeUninit;

objects! {
    /// `cc_gate`.
    CcGate = 80, 48;
}

/// `cc_env`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcEnv {
    /// Its ID.
    pub id: CcStr,
    /// The appid of its owner.
    pub owner: CcStr,
    /// Its services.
    pub services: *const CcStr,
    /// How many there are.
    pub service_count: usize,
    /// Whether it is open to the public network.
    pub is_public: i32,
}

/// `cc_grant`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcGrant {
    /// The environment.
    pub env: CcStr,
    /// Who shares it.
    pub by: CcStr,
    /// With whom.
    pub to: CcStr,
}

/// `cc_access`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcAccess {
    /// The environments.
    pub envs: *const CcEnv,
    /// How many there are.
    pub env_count: usize,
    /// The grants.
    pub grants: *const CcGrant,
    /// How many there are.
    pub grant_count: usize,
}

/// `cc_caller`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcCaller {
    /// The app that calls.
    pub appid: CcStr,
    /// The user in it.
    pub openid: CcStr,
    /// The user across apps, or NULL.
    pub unionid: CcStr,
    /// Where the call comes from.
    pub source: CcStr,
    /// The address of the device, or NULL.
    pub address: CcStr,
    /// The platform's token, or NULL.
    pub access_token: CcStr,
}

impl CcCaller {
    /// Returns the caller.
    ///
    /// # Safety
    /// The contract.
    unsafe fn get<'a>(&self) -> Result<Caller<'a>> {
        // SAFETY: the caller's promise.
        unsafe {
            let mut caller = Caller::new(self.appid.get()?, self.openid.get()?, self.source.get()?);
            if let Some(unionid) = self.unionid.optional()? {
                caller = caller.with_unionid(unionid);
            }
            if let Some(address) = self.address.optional()? {
                caller = caller.with_address(address);
            }
            if let Some(token) = self.access_token.optional()? {
                caller = caller.with_access_token(token);
            }
            Ok(caller)
        }
    }
}

/// `cc_refusal`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CcRefusal {
    /// The code of the platform.
    pub code: i32,
    /// What is wrong in the envelope or the response, or 0.
    pub cause: i32,
    /// At which byte.
    pub offset: usize,
    /// The platform's message.
    pub message: CcStr,
    pub(crate) refusal: MaybeUninit<Refusal>,
    room: MaybeUninit<[usize; (8_usize).saturating_sub(size_of::<Refusal>() / size_of::<usize>())]>,
    pub(crate) magic: usize,
}

// The header has a word for each of `refusal` and `room`, eight together.
const _: () = assert!(size_of::<Refusal>() <= size_of::<[usize; 8]>());
const _: () = assert!(size_of::<Refusal>().is_multiple_of(size_of::<usize>()));

/// That there is a refusal.
const REFUSAL: usize = 0x5245_4655;

impl From<Refusal> for CcRefusal {
    fn from(refusal: Refusal) -> Self {
        let (cause, offset) = match (refusal.cause(), refusal.http_error()) {
            (Some(error), _) => (number(error.kind()), error.offset()),
            (None, Some(error)) => (http_number(error), 0),
            (None, None) => (0, 0),
        };
        Self {
            code: refusal.code().0,
            cause,
            offset,
            message: CcStr::of(refusal.message()),
            refusal: MaybeUninit::new(refusal),
            room: MaybeUninit::uninit(),
            magic: REFUSAL,
        }
    }
}

/// Refuses a call, and says why.
pub(crate) fn refuse(place: Place<CcRefusal>, refusal: Refusal) -> CcError {
    place.put(refusal.into());
    let error = CcError::of(CC_ERR_REFUSED);
    match (refusal.cause(), refusal.http_error()) {
        (Some(cause), _) => CcError { cause: number(cause.kind()), offset: cause.offset(), ..error },
        (None, Some(cause)) => CcError { cause: http_number(cause), ..error },
        (None, None) => error,
    }
}

/// `cc_refusal_of_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_refusal_of_code(code: i32, refusal: *mut CcRefusal) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(refusal)?;
            let code = ErrorCode(code);
            place.put(Refusal::new(code, code.message().unwrap_or_default()).into());
            Ok(())
        })
    }
}

/// `cc_refusal_of_error`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_refusal_of_error(error: *const CcError, refusal: *mut CcRefusal) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(refusal)?;
            let error = value(error)?.in_envelope_only().ok_or(crate::headers::no())?;
            place.put(Refusal::from(error).into());
            Ok(())
        })
    }
}

/// `cc_refusal_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_refusal_encode(
    refusal: *const CcRefusal,
    call_id: *const CcText,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract; a refusal was put there together with its magic word.
    unsafe {
        report(error, || -> Outcome<()> {
            let (place, buffer) = output(buffer, size, len)?;
            let refusal = value(refusal)?;
            if refusal.magic != REFUSAL {
                return Err(Fault::of(CC_ERR_STATE).into());
            }
            let call_id = match optional(call_id)? {
                Some(call_id) => call_id.optional(Written::of(buffer))?,
                None => None,
            };
            let refusal = refusal.refusal.assume_init();
            place.put(refusal.encoded_len(call_id));
            refusal.encode(call_id, buffer)?;
            Ok(())
        })
    }
}

/// A call at a gateway.
pub(crate) struct Gate {
    request: Request<'static>,
    env: Env<'static>,
    caller: Option<Caller<'static>>,
    permission: Option<Permission<'static>>,
    http: Option<HttpRequest<'static>>,
}

impl Kept for Gate {
    const MAGIC: u32 = 0x4741_5445;
    type Object = CcGate;
}

/// `cc_gate_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_decode(
    gate: *mut CcGate,
    envelope: *const u8,
    len: usize,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let place = Place::optional(refusal)?;
            let envelope = bytes(envelope, len)?;
            let request = Request::decode(envelope).map_err(|error| refuse(place, error.into()))?;
            let env = Env::new("", "", &[]);
            Ok(object::put(gate, Gate { request, env, caller: None, permission: None, http: None })?)
        })
    }
}

/// Returns the request of a gate, which does not change as long as the gate is there.
pub(crate) fn request(gate: &Used<Gate>) -> &'static Request<'static> {
    // SAFETY: a gate is written as a whole by `cc_gate_decode` alone, behind which nothing of it is used any more.
    // Nothing else writes its request.
    unsafe { &(*gate.as_ptr()).request }
}

/// `cc_gate_request`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_request(gate: *mut CcGate, out: *mut CcRequest) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(out)?;
            place.put(CcRequest::of(request(&object::get::<Gate>(gate)?)));
            Ok(())
        })
    }
}

/// `cc_permission`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcPermission {
    /// Which of the environments it is.
    pub env: usize,
    /// The service.
    pub service: CcStr,
    /// `CC_OWN`, `CC_REUSE` or `CC_PUBLIC`.
    pub relation: i32,
}

/// `cc_gate_allow`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_allow(
    gate: *mut CcGate,
    access: *const CcAccess,
    caller: *const CcCaller,
    permission: *mut CcPermission,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. The parts of the gate are written in the order in which they refer to one another, after those
    // behind them have been taken away.
    unsafe {
        report(error, || -> Outcome<()> {
            let places = (Place::optional(permission)?, Place::optional(refusal)?);
            let (access, caller) = (value(access)?, optional(caller)?);
            let gate = object::get::<Gate>(gate)?;
            let (request, gate) = (request(&gate), gate.as_ptr());
            (*gate).http = None;
            (*gate).permission = None;
            (*gate).caller = caller.map(|caller| caller.get()).transpose()?;
            let caller: Option<&'static Caller<'static>> = Option::as_ref(&(*gate).caller);
            // Of the tables only what is about this call is converted; the decision is the same.
            let mut found = None;
            if let Some(id) = request.target_env() {
                for (at, env) in values(access.envs, access.env_count)?.iter().enumerate() {
                    if id == env.id.get()? {
                        found = Some((at, env));
                        break;
                    }
                }
            }
            let Some((at, env)) = found else {
                let denied = Access::new(&[], &[]).decide(request, caller).err();
                return Err(denied.map_or(Fault::of(CC_ERR_STATE).into(), |denied| refuse(places.1, denied)));
            };
            let services = strings(env.services, env.service_count, Written::NOTHING)?;
            let (id, owner) = (env.id.get()?, env.owner.get()?);
            (*gate).env = Env::new(id, owner, services).with_public(env.is_public != 0);
            let env: &'static Env<'static> = &(*gate).env;
            let mut shared = None;
            if let Some(caller) = caller {
                for grant in values(access.grants, access.grant_count)? {
                    let grant = Grant::new(grant.env.get()?, grant.by.get()?, grant.to.get()?);
                    if grant.env == id && grant.by == owner && grant.to == caller.appid {
                        shared = Some(grant);
                        break;
                    }
                }
            }
            let access = Access::new(core::slice::from_ref(env), shared.as_slice());
            let allowed = access.decide(request, caller).map_err(|denied| refuse(places.1, denied))?;
            let relation = allowed.relation;
            // The same name, from the table of the caller's rather than by way of a grant on the stack.
            let service = services.iter().find(|name| **name == allowed.service);
            let service: &'static str = service.ok_or(Fault::of(CC_ERR_STATE))?;
            (*gate).permission = Some(Permission::new(env, service, relation));
            let relation = match relation {
                Relation::Own => 1,
                Relation::Reuse => 2,
                Relation::Public => 3,
            };
            places.0.put(CcPermission { env: at, service: CcStr::of(service), relation });
            Ok(())
        })
    }
}

/// `cc_http_request`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcHttpRequest {
    /// How long the target is.
    pub target_len: usize,
    /// How long the body is.
    pub body_len: usize,
    /// `CC_GET` and the like.
    pub method: i32,
    /// Whether `Content-Length` is sent.
    pub states_length: i32,
    /// Whether `Connection: close` is sent.
    pub closes_connection: i32,
}

/// `cc_gate_http`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_http(
    gate: *mut CcGate,
    host: CcStr,
    http: *mut CcHttpRequest,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. The request, the caller and the permission do not change as long as there is an HTTP request,
    // which `cc_gate_allow` takes away first.
    unsafe {
        report(error, || -> Outcome<()> {
            let places = (Place::optional(http)?, Place::optional(refusal)?);
            let host: &'static str = host.get()?;
            let gate = object::get::<Gate>(gate)?;
            let (request, gate) = (request(&gate), gate.as_ptr());
            (*gate).http = None;
            let permission: Option<&'static Permission<'static>> = Option::as_ref(&(*gate).permission);
            let caller: Option<&'static Caller<'static>> = Option::as_ref(&(*gate).caller);
            let permission = permission.ok_or(Fault::of(CC_ERR_STATE))?;
            let http =
                HttpRequest::new(request, permission, caller, host).map_err(|denied| refuse(places.1, denied))?;
            places.0.put(CcHttpRequest {
                target_len: http.target().encoded_len(),
                body_len: http.body().encoded_len(),
                method: method_number(http.method()),
                states_length: http.content_length().is_some().into(),
                closes_connection: http.closes_connection().into(),
            });
            (*gate).http = Some(http);
            Ok(())
        })
    }
}

/// Runs a function on the HTTP request of a gate.
///
/// # Safety
/// The contract.
unsafe fn with_http(
    gate: *mut CcGate,
    error: *mut CcError,
    then: impl FnOnce(HttpRequest<'static>) -> Result<()>,
) -> i32 {
    // SAFETY: the caller's promise. Nothing refers to these fields.
    unsafe {
        report(error, || -> Outcome<()> {
            let gate = object::get::<Gate>(gate)?;
            let gate = gate.as_ptr();
            let http = (*gate).http.ok_or(Fault::of(CC_ERR_STATE))?;
            Ok(then(http)?)
        })
    }
}

/// Writes bytes of an HTTP request.
fn write(from: HttpBytes<'_>, (len, buffer): (Place<usize>, &mut [u8])) -> Result<()> {
    len.put(from.encoded_len());
    from.encode(buffer)?;
    Ok(())
}

/// `cc_gate_target`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_target(
    gate: *mut CcGate,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe { with_http(gate, error, |http| write(http.target(), output(buffer, size, len)?)) }
}

/// `cc_gate_body`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_body(
    gate: *mut CcGate,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe { with_http(gate, error, |http| write(http.body(), output(buffer, size, len)?)) }
}

/// `cc_gate_body_in_envelope`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_body_in_envelope(gate: *mut CcGate, body: *mut *const u8, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_http(gate, core::ptr::null_mut(), |http| {
            let places = (Place::new(body)?, Place::new(len)?);
            let body = http.body().as_slice().ok_or(Fault::of(CC_END))?;
            places.0.put(body.as_ptr());
            places.1.put(body.len());
            Ok(())
        })
    }
}

/// `cc_text_header`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcTextHeader {
    /// The name.
    pub name: CcText,
    /// The value.
    pub value: CcText,
}

/// `cc_gate_headers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_headers(
    gate: *mut CcGate,
    headers: *mut CcTextHeader,
    capacity: usize,
    count: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. There is room for as many headers as `capacity` says, which are written and not read.
    unsafe {
        with_http(gate, error, |http| {
            let place = Place::new(count)?;
            values(headers.cast::<MaybeUninit<CcTextHeader>>().cast_const(), capacity)?;
            let mut all = 0_usize;
            for (name, value) in http.headers() {
                if all < capacity {
                    headers.add(all).write(CcTextHeader { name: CcText::of(name), value: CcText::of(value) });
                }
                all = all.saturating_add(1);
            }
            place.put(all);
            if all > capacity { Err(Error::new(ErrorKind::BufferTooSmall, capacity).into()) } else { Ok(()) }
        })
    }
}

/// `cc_gate_http1`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_http1(
    gate: *mut CcGate,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_http(gate, error, |http| {
            let (place, buffer) = output(buffer, size, len)?;
            place.put(http.encoded_len());
            http.encode(buffer)?;
            Ok(())
        })
    }
}

/// `cc_gate_keeps_alive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_keeps_alive(gate: *mut CcGate, status: i32, keeps_alive: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_http(gate, core::ptr::null_mut(), |http| {
            let place = Place::new(keeps_alive)?;
            let status = u16::try_from(status).map_err(|_| crate::headers::no())?;
            place.put(http.keeps_alive(status).into());
            Ok(())
        })
    }
}

/// `cc_gate_reply`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_gate_reply(
    gate: *mut CcGate,
    response: *const CcHttpResponse,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let ((place, buffer), denied) = (output(buffer, size, len)?, Place::optional(refusal)?);
            let written = Written::of(buffer);
            written.without_value(response)?;
            let response = value(response)?;
            let gate = object::get::<Gate>(gate)?;
            let call = request(&gate);
            written.without(response.body, response.body_len)?;
            // Names and values need not be UTF-8.
            let headers = values(response.headers, response.header_count)?;
            written.without(response.headers.cast(), size_of_val(headers))?;
            for header in headers {
                for text in [header.name, header.value] {
                    written.without(text.ptr, text.len)?;
                    bytes(text.ptr, text.len)?;
                }
            }
            let text = |text: CcStr| bytes::<'static>(text.ptr, text.len).unwrap_or_default();
            let lines = headers.iter().map(move |header| (text(header.name), text(header.value)));
            let status = u16::try_from(response.status).unwrap_or(0);
            let body = bytes(response.body, response.body_len)?;
            let made = HttpResponse::from_parts(call, status, lines, body, call.call_id());
            let made = made.map_err(|refusal| refuse(denied, refusal))?;
            place.put(made.encoded_len());
            made.encode(buffer)?;
            Ok(())
        })
    }
}

/// `cc_http_response`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcHttpResponse {
    /// Its headers.
    pub headers: *const CcHeader,
    /// How many there are.
    pub header_count: usize,
    /// Its body.
    pub body: *const u8,
    /// In bytes.
    pub body_len: usize,
    /// Its status.
    pub status: i32,
}

/// `cc_identity`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcIdentity {
    /// `X-WX-SOURCE`.
    pub source: CcStr,
    /// `X-WX-APPID`, or NULL, as all that follow.
    pub appid: CcStr,
    /// `X-WX-OPENID`.
    pub openid: CcStr,
    /// `X-WX-UNIONID`.
    pub unionid: CcStr,
    /// `X-WX-FROM-APPID`.
    pub from_appid: CcStr,
    /// `X-WX-FROM-OPENID`.
    pub from_openid: CcStr,
    /// `X-WX-FROM-UNIONID`.
    pub from_unionid: CcStr,
    /// `X-WX-CLOUDBASE-ACCESS-TOKEN`.
    pub access_token: CcStr,
    /// `X-WX-FROM-CLOUDBASE-ACCESS-TOKEN`.
    pub from_access_token: CcStr,
    /// `X-WX-ENV`.
    pub env: CcStr,
    /// `X-Original-Forwarded-For`, or else `X-Forwarded-For`.
    pub address: CcStr,
}

/// `cc_identity_read`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_identity_read(
    headers: *const CcHeader,
    count: usize,
    identity: *mut CcIdentity,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(identity)?;
            let headers = values(headers, count)?;
            for header in headers {
                header.name.get()?;
                bytes(header.value.ptr, header.value.len)?;
            }
            let read = |text: CcStr| bytes::<'static>(text.ptr, text.len).unwrap_or_default();
            let all = headers.iter().map(move |header| (header.name.get().unwrap_or_default(), read(header.value)));
            let found = Identity::from_headers(all).ok_or(Fault::of(CC_END))?;
            let of = |text: Option<&str>| text.map_or(CcStr { ptr: core::ptr::null(), len: 0 }, CcStr::of);
            place.put(CcIdentity {
                source: CcStr::of(found.source),
                appid: of(found.appid),
                openid: of(found.openid),
                unionid: of(found.unionid),
                from_appid: of(found.from_appid),
                from_openid: of(found.from_openid),
                from_unionid: of(found.from_unionid),
                access_token: of(found.access_token),
                from_access_token: of(found.from_access_token),
                env: of(found.env),
                address: of(found.address),
            });
            Ok(())
        })
    }
}

/// `cc_line_split`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_line_split(
    line: *const u8,
    len: usize,
    must: i32,
    envelope: *mut *const u8,
    envelope_len: *mut usize,
    checked: *mut i32,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let places = (Place::new(envelope)?, Place::new(envelope_len)?, Place::optional(checked)?);
            let line = Line::new(bytes(line, len)?);
            places.2.put(line.is_checked().into());
            let envelope = if must == 0 { line.envelope() } else { line.checked_envelope() }?;
            places.0.put(envelope.as_ptr());
            places.1.put(envelope.len());
            Ok(())
        })
    }
}

/// `cc_line_check`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_line_check(
    envelope: *const u8,
    len: usize,
    buffer: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let buffer = bytes_mut(buffer, size)?;
            Written::of(buffer).without(envelope, len)?;
            Bytes::new(&Check::of(bytes(envelope, len)?).trailer()).decode(buffer)?;
            Ok(())
        })
    }
}
