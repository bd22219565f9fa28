//! Requests and replies: `cc_request`, `cc_reply`.

use crate::data::{CcData, NONE};
use crate::error::{CC_END, CC_ERR_ARGUMENT, CcError, CcRetry};
use crate::headers::{CcCookies, CcHeaders, no};
use crate::memory::{Fault, Place, Result, Written, bytes, output, reference, refuse, report, run, value};
use crate::text::{CcStr, CcText};
use callcontainer::{
    Data, DataType, Error, ErrorCode, ErrorKind, Failure, Message, Method, Reply, Request, Response, ResponseType,
    Timeout,
};

/// Returns the number of a method.
// One table for all callers.
#[inline(never)]
pub(crate) const fn method_number(method: Method) -> i32 {
    match method {
        Method::Get => 0,
        Method::Post => 1,
        Method::Put => 2,
        Method::Delete => 3,
        Method::Head => 4,
        Method::Options => 5,
        Method::Trace => 6,
        Method::Connect => 7,
    }
}

/// Returns the method with a number.
#[inline(never)]
pub(crate) const fn method(number: i32) -> Result<Method> {
    Ok(match number {
        0 => Method::Get,
        1 => Method::Post,
        2 => Method::Put,
        3 => Method::Delete,
        4 => Method::Head,
        5 => Method::Options,
        6 => Method::Trace,
        7 => Method::Connect,
        _ => return Err(Fault::of(CC_ERR_ARGUMENT)),
    })
}

/// Returns the number of a response type.
pub(crate) const fn response_type_number(response_type: ResponseType) -> i32 {
    match response_type {
        ResponseType::Text => 0,
        ResponseType::ArrayBuffer => 1,
    }
}

const fn response_type(number: i32) -> Result<ResponseType> {
    Ok(match number {
        0 => ResponseType::Text,
        1 => ResponseType::ArrayBuffer,
        _ => return Err(no()),
    })
}

/// Returns the number of a timeout: milliseconds, or one of two special numbers.
pub(crate) const fn timeout_number(timeout: Timeout) -> u32 {
    match timeout {
        Timeout::NotSet => 0,
        Timeout::Milliseconds(milliseconds) => milliseconds,
        Timeout::NoEffect => u32::MAX,
    }
}

fn timeout(number: u32) -> Timeout {
    if number == u32::MAX { Timeout::NoEffect } else { Timeout::from(number) }
}

/// `cc_method_name`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_method_name(number: i32) -> *const core::ffi::c_char {
    let name = match method(number) {
        Ok(Method::Get) => c"GET",
        Ok(Method::Post) => c"POST",
        Ok(Method::Put) => c"PUT",
        Ok(Method::Delete) => c"DELETE",
        Ok(Method::Head) => c"HEAD",
        Ok(Method::Options) => c"OPTIONS",
        Ok(Method::Trace) => c"TRACE",
        Ok(Method::Connect) => c"CONNECT",
        Err(_) => return core::ptr::null(),
    };
    name.as_ptr()
}

/// `cc_request`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CcRequest {
    /// `config.env`.
    pub env: CcText,
    /// `resourceAppid`.
    pub resource_appid: CcText,
    /// `resourceEnv`.
    pub resource_env: CcText,
    /// `path`.
    pub path: CcText,
    /// `service`, or the header for it.
    pub service: CcText,
    /// `dataType`.
    pub data_type: CcText,
    /// `callID`.
    pub call_id: CcText,
    /// `header`.
    pub headers: CcHeaders,
    /// `data`.
    pub data: CcData,
    /// `method`.
    pub method: i32,
    /// `responseType`.
    pub response_type: i32,
    /// `timeout`.
    pub timeout_ms: u32,
}

impl CcRequest {
    /// What was decoded.
    // Inlined, it is written in place.
    #[inline(always)]
    pub(crate) fn of(request: &Request<'_>) -> Self {
        Self {
            env: CcText::of_optional(request.env()),
            resource_appid: CcText::of_optional(request.resource_appid()),
            resource_env: CcText::of_optional(request.resource_env()),
            path: CcText::of(request.path()),
            service: CcText::of_optional(request.decoded_service()),
            data_type: CcText::of(request.data_type().as_text()),
            call_id: CcText::of_optional(request.call_id()),
            headers: CcHeaders::of(request.headers()),
            data: CcData::of(request.data()),
            method: method_number(request.method()),
            response_type: response_type_number(request.response_type()),
            timeout_ms: timeout_number(request.timeout()),
        }
    }

    /// Refuses a request of which a part is in memory that will be written, besides that which [`fill`](Self::fill) knows
    /// of.
    ///
    /// # Safety
    /// The contract.
    #[inline(never)]
    pub(crate) unsafe fn is_outside(&self, written: Written) -> Result<()> {
        let texts = [&self.env, &self.resource_appid, &self.resource_env, &self.path, &self.service, &self.data_type];
        for text in texts.into_iter().chain([&self.call_id]) {
            written.without(text.ptr, text.len)?;
        }
        written.without(self.data.ptr, self.data.len)?;
        written.without_value(self)?;
        // SAFETY: the caller's promise.
        unsafe { self.headers.get(written) }.map(|_| ())
    }

    /// Makes an empty request into this one: in place, since it is large.
    ///
    /// # Safety
    /// The contract.
    #[inline(never)]
    pub(crate) unsafe fn fill<'a>(&self, request: &mut Request<'a>, written: Written) -> Result<()> {
        written.without_value(self)?;
        let mut parts = request.parts_mut();
        let given = [&self.env, &self.resource_appid, &self.resource_env, &self.service, &self.call_id];
        // SAFETY: the caller's promise.
        unsafe {
            let mut path = None;
            self.path.put(&mut path, written)?;
            *parts.path = path.ok_or(Error::new(ErrorKind::MissingPath, 0))?;
            for (place, text) in parts.texts.iter_mut().zip(given) {
                text.put(place, written)?;
            }
            let mut data_type = None;
            self.data_type.put(&mut data_type, written)?;
            if let Some(data_type) = data_type {
                *parts.data_type = DataType::from(data_type);
            }
            *parts.headers = self.headers.get(written)?;
            let (data, find) = self.data.get(written)?;
            parts.set_data(data, find);
        }
        *parts.method = method(self.method)?;
        *parts.response_type = response_type(self.response_type)?;
        *parts.timeout = timeout(self.timeout_ms);
        Ok(())
    }
}

/// `cc_request_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_request_decode(
    envelope: *const u8,
    len: usize,
    limit: usize,
    request: *mut CcRequest,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (envelope, place) = (bytes(envelope, len)?, Place::new(request)?);
            place.put(CcRequest::of(&Request::decode_to_read(envelope, limit)?));
            Ok(())
        })
    }
}

/// `cc_request_measure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_request_measure(request: *const CcRequest, len: *mut usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(len)?;
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.fill(&mut request, Written::NOTHING)?;
            place.put(request.encoded_len()?);
            Ok(())
        })
    }
}

/// `cc_request_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_request_encode(
    request: *const CcRequest,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = output(buffer, size, len)?;
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.fill(&mut request, Written::of(buffer))?;
            place.put(request.encode(buffer)?.len());
            Ok(())
        })
    }
}

/// A response.
const RESPONSE: i32 = 1;
/// A failure.
const FAILURE: i32 = 2;

/// `cc_reply`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CcReply {
    /// `CC_RESPONSE` or `CC_FAILURE`.
    pub kind: i32,
    /// `statusCode`.
    pub status: i32,
    /// `errCode`.
    pub code: i32,
    /// Whether there is one.
    pub has_code: i32,
    /// `errMsg`.
    pub err_msg: CcText,
    /// `callID`.
    pub call_id: CcText,
    /// `header`.
    pub headers: CcHeaders,
    /// `cookies`.
    pub cookies: CcCookies,
    /// `data`.
    pub data: CcData,
}

impl CcReply {
    // Inlined, it is written in place.
    #[inline(always)]
    pub(crate) fn of(reply: &Reply<'_>) -> Self {
        let nothing = Self {
            kind: FAILURE,
            status: 0,
            code: 0,
            has_code: 0,
            err_msg: CcText::NONE,
            call_id: CcText::NONE,
            headers: CcHeaders::EMPTY,
            cookies: CcCookies::EMPTY,
            data: CcData::of(Data::None),
        };
        match reply {
            Reply::Response(response) => Self {
                kind: RESPONSE,
                status: response.status().into(),
                err_msg: CcText::of(response.err_msg()),
                call_id: CcText::of_optional(response.call_id()),
                headers: CcHeaders::of(response.headers()),
                cookies: CcCookies::of(response.cookies()),
                data: CcData::of(response.data()),
                ..nothing
            },
            Reply::Failure(failure) => Self {
                code: failure.own_code().map_or(0, |code| code.0),
                has_code: failure.own_code().is_some().into(),
                err_msg: CcText::of(failure.err_msg()),
                call_id: CcText::of_optional(failure.own_call_id()),
                ..nothing
            },
        }
    }

    /// Returns the reply.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn get<'a>(&self, written: Written) -> Result<Reply<'a>> {
        written.without_value(self)?;
        // SAFETY: the caller's promise.
        unsafe {
            let call_id = self.call_id.optional(written)?;
            let err_msg = self.err_msg.optional(written)?;
            if self.kind == RESPONSE {
                let status = u16::try_from(self.status).map_err(|_| Error::new(ErrorKind::InvalidStatus, 0))?;
                let mut response = Response::new(status)
                    .with_headers(self.headers.get(written)?)
                    .with_cookies(self.cookies.get(written)?)
                    .with_data(self.data.get(written)?.0);
                if let Some(call_id) = call_id {
                    response = response.with_call_id(call_id);
                }
                if let Some(err_msg) = err_msg {
                    response = response.with_err_msg(err_msg);
                }
                return Ok(response.into());
            }
            // A failure has none of these. They are not lost in silence.
            if self.headers.count > 0 || self.cookies.count > 0 || self.data.kind != NONE {
                return refuse();
            }
            self.data.none()?;
            let err_msg = err_msg.unwrap_or_default();
            let mut failure = match (self.kind, self.has_code) {
                (FAILURE, 1) => Failure::new(ErrorCode(self.code), err_msg),
                (FAILURE, 0) => Failure::from_err_msg(err_msg),
                _ => return refuse(),
            };
            if let Some(call_id) = call_id {
                failure = failure.with_call_id(call_id);
            }
            Ok(failure.into())
        }
    }
}

/// `cc_reply_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_decode(
    envelope: *const u8,
    len: usize,
    limit: usize,
    reply: *mut CcReply,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (envelope, place) = (bytes(envelope, len)?, Place::new(reply)?);
            place.put(CcReply::of(&Reply::decode_within(envelope, limit)?));
            Ok(())
        })
    }
}

/// `cc_reply_measure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_measure(reply: *const CcReply, len: *mut usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(len)?;
            place.put(reference(reply)?.get(Written::NOTHING)?.encoded_len()?);
            Ok(())
        })
    }
}

/// `cc_reply_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_encode(
    reply: *const CcReply,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = output(buffer, size, len)?;
            let reply = reference(reply)?.get(Written::of(buffer))?;
            place.put(reply.encode(buffer)?.len());
            Ok(())
        })
    }
}

/// `cc_reply_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_code(reply: *const CcReply, code: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (place, reply) = (Place::new(code)?, reference(reply)?);
            if reply.kind != FAILURE {
                return Err(Fault::of(CC_END));
            }
            let code = match reply.has_code {
                0 => Message::parse(reply.err_msg.get(Written::NOTHING)?).code().ok_or(Fault::of(CC_END))?.0,
                _ => reply.code,
            };
            place.put(code);
            Ok(())
        })
    }
}

/// `cc_retry_of_reply`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_retry_of_reply(reply: *const CcReply, number: i32, retry: *mut CcRetry) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (place, reply) = (Place::new(retry)?, value(reply)?);
            let method = method(number)?;
            // Nothing else of it is needed, and may be large.
            let reply = CcReply { headers: CcHeaders::EMPTY, cookies: CcCookies::EMPTY, ..reply };
            let reply = CcReply { data: CcData::of(Data::None), ..reply };
            place.put(CcRetry::of(reply.get(Written::NOTHING)?.retry(method)));
            Ok(())
        })
    }
}

/// `cc_message`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcMessage {
    /// What it says.
    pub text: CcText,
    /// The ID in it.
    pub call_id: CcText,
    /// The trace in it.
    pub trace: CcText,
    /// The innermost code.
    pub code: i32,
    /// Whether there is a code.
    pub has_code: i32,
}

/// `cc_message_parse`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_message_parse(err_msg: *const CcText, message: *mut CcMessage) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(message)?;
            let message = Message::parse(reference(err_msg)?.get(Written::NOTHING)?);
            place.put(CcMessage {
                text: CcText::of(message.text()),
                call_id: CcText::of_optional(message.call_id()),
                trace: CcText::of_optional(message.trace()),
                code: message.code().map_or(0, |code| code.0),
                has_code: message.code().is_some().into(),
            });
            Ok(())
        })
    }
}

/// `cc_code_message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_code_message(code: i32, message: *mut CcStr) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(message)?;
            let message = ErrorCode(code).message().ok_or(Fault::of(CC_END))?;
            place.put(CcStr::of(message));
            Ok(())
        })
    }
}
