//! Streams: `cc_decoder`, `cc_encoder`, `cc_measure`.

use crate::data::{CcBody, kind_number, kind_of};
use crate::envelope::{CcReply, CcRequest, method_number, response_type_number, timeout_number};
use crate::error::CcError;
use crate::memory::{Fault, Place, Result, Written, bytes_mut, optional, reference, refuse, report, run};
use crate::object::{self, Kept, objects};
use crate::text::{CcText, PLAIN};
use callcontainer::stream::outside::{DECODER_WINDOW, Decoding, ENCODER_WINDOW, Encoding, Measuring};
use callcontainer::stream::{DecodeStep, EncodeStep, Event, Field, Outcome, Replies, Requests};
use callcontainer::{DataKind, Error, Reply, Request};

/// More bytes are needed.
pub(crate) const EVENT_MORE: i32 = 1;
/// All has been said.
pub(crate) const EVENT_END: i32 = 2;

/// `cc_event`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcEvent {
    /// A piece of a text or of the body.
    pub text: CcText,
    /// `CC_EVENT_MORE` and the like.
    pub kind: i32,
    /// `CC_FIELD_ENV` and the like.
    pub field: i32,
    /// Whether this is the last piece.
    pub last: i32,
    /// A number, by the kind.
    pub number: i32,
}

impl CcEvent {
    pub(crate) const fn of_kind(kind: i32) -> Self {
        Self { text: CcText::NONE, kind, field: 0, last: 0, number: 0 }
    }

    fn piece(kind: i32, bytes: &[u8], last: bool) -> Self {
        let text = CcText { ptr: bytes.as_ptr(), len: bytes.len(), form: PLAIN };
        Self { text, last: last.into(), ..Self::of_kind(kind) }
    }

    pub(crate) fn of(event: Event<'_>) -> Self {
        let number = |kind, number| Self { number, ..Self::of_kind(kind) };
        match event {
            Event::Text { field, text, last } => {
                Self { text: CcText::of(text), field: field_number(field), last: last.into(), ..Self::of_kind(3) }
            }
            Event::Data(kind) => number(4, kind_number(Some(kind))),
            Event::Json { json, last } => Self::piece(5, json, last),
            Event::Bytes { bytes, last } => Self::piece(6, bytes, last),
            Event::Method(method) => number(7, method_number(method)),
            Event::Timeout(timeout) => number(8, timeout_number(timeout).cast_signed()),
            Event::ResponseType(response_type) => number(9, response_type_number(response_type)),
            Event::Status(status) => number(10, status.into()),
            Event::ErrCode(code) => number(11, code.0),
            Event::Errno(code) => number(12, code.0),
            // What a later version may tell besides.
            _ => Self::of_kind(0),
        }
    }
}

const fn field_number(field: Field) -> i32 {
    match field {
        Field::Env => 1,
        Field::ResourceAppid => 2,
        Field::ResourceEnv => 3,
        Field::Path => 4,
        Field::Service => 5,
        Field::HeaderName => 6,
        Field::HeaderValue => 7,
        Field::DataType => 8,
        Field::CallId => 9,
        Field::Data => 10,
        Field::Cookie => 11,
        Field::ErrMsg => 12,
        _ => 0,
    }
}

/// `cc_outcome`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcOutcome {
    /// `CC_RESPONSE` or `CC_FAILURE`.
    pub kind: i32,
    /// Of a response.
    pub status: i32,
    /// Of a failure.
    pub code: i32,
    /// Whether there is a code.
    pub has_code: i32,
}

impl CcOutcome {
    pub(crate) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Response { status } => Self { kind: 1, status: status.into(), code: 0, has_code: 0 },
            Outcome::Failure { code } => {
                Self { kind: 2, status: 0, code: code.map_or(0, |code| code.0), has_code: code.is_some().into() }
            }
        }
    }
}

objects! {
    /// `cc_decoder`.
    CcDecoder = 136, 112;
    /// `cc_encoder`.
    CcEncoder = 72, 48;
    /// `cc_measure`.
    CcMeasure = 24, 18;
}

/// A window of the caller's.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    start: *mut u8,
    size: usize,
}

impl Window {
    /// Takes a window of at least this size.
    ///
    /// # Safety
    /// The contract: the memory is the object's as long as it is used.
    pub(crate) unsafe fn new(start: *mut u8, size: usize, least: usize) -> Result<Self> {
        // SAFETY: the caller's promise.
        let window = unsafe { bytes_mut(start, size) }?;
        if window.len() < least {
            return Err(Error::new(callcontainer::ErrorKind::BufferTooSmall, size).into());
        }
        window.fill(0);
        Ok(Self { start, size })
    }

    /// Returns the window, which nothing else uses meanwhile.
    pub(crate) fn get<'w>(self) -> &'w mut [u8] {
        // SAFETY: it has been checked by `new`, and is the object's, which is in use by one function at a time.
        unsafe { core::slice::from_raw_parts_mut(self.start, self.size) }
    }
}

/// A decoder of either direction. What depends on the direction is reached by pointers, so that a firmware has the code of
/// one only if it creates such a decoder.
pub(crate) struct Decoder {
    window: Window,
    way: &'static Ways,
    state: State,
}

/// Room for the state of either.
union State {
    request: core::mem::ManuallyDrop<Decoding<Requests>>,
    reply: core::mem::ManuallyDrop<Decoding<Replies>>,
}

/// What depends on the direction.
struct Ways {
    limit: fn(&mut State, usize),
    length: fn(&mut State, usize),
    room: for<'w> fn(&mut State, &'w mut [u8]) -> &'w mut [u8],
    commit: fn(&mut State, usize, usize),
    end: fn(&mut State),
    is_ended: fn(&mut State) -> bool,
    skip: fn(&mut State),
    step: for<'w> fn(&mut State, &'w mut [u8]) -> core::result::Result<DecodeStep<'w>, Error>,
    outcome: fn(&mut State) -> Option<Outcome>,
}

/// Defines the functions of a direction, whose state is in this part of the union.
macro_rules! ways {
    ($name:ident $part:ident: $direction:ty, $outcome:expr) => {
        /// Returns the state of a decoder whose way is this one.
        fn $part(state: &mut State) -> &mut Decoding<$direction> {
            // SAFETY: it is called for decoders alone that have the functions below, which they have got together with
            // this part of the state.
            unsafe { &mut *state.$part }
        }

        static $name: Ways = Ways {
            limit: |state, limit| $part(state).set_limit(limit),
            length: |state, length| $part(state).set_length(length),
            room: |state, window| $part(state).room(window),
            commit: |state, count, size| $part(state).commit(count, size),
            end: |state| $part(state).end(),
            is_ended: |state| $part(state).is_ended(),
            skip: |state| $part(state).skip(),
            step: |state, window| $part(state).step(window),
            outcome: $outcome,
        };
    };
}

ways!(REQUESTS request: Requests, |_| None);
ways!(REPLIES reply: Replies, |state| reply(state).outcome());

impl Kept for Decoder {
    const MAGIC: u32 = 0x4443_4F44;
    type Object = CcDecoder;
}

/// `cc_request_decoder_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_request_decoder_init(
    decoder: *mut CcDecoder,
    window: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let state = State { request: core::mem::ManuallyDrop::new(Decoding::new()) };
            object::put(decoder, Decoder { window: Window::new(window, size, DECODER_WINDOW)?, way: &REQUESTS, state })
        })
    }
}

/// `cc_reply_decoder_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_decoder_init(
    decoder: *mut CcDecoder,
    window: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let state = State { reply: core::mem::ManuallyDrop::new(Decoding::new()) };
            object::put(decoder, Decoder { window: Window::new(window, size, DECODER_WINDOW)?, way: &REPLIES, state })
        })
    }
}

/// Runs a function on a decoder.
///
/// # Safety
/// The contract.
unsafe fn with_decoder(decoder: *mut CcDecoder, use_it: impl FnOnce(&mut Decoder) -> Result<()>) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        run(|| {
            let mut decoder = object::get::<Decoder>(decoder)?;
            use_it(&mut decoder)
        })
    }
}

/// `cc_decoder_set_limit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_set_limit(decoder: *mut CcDecoder, limit: usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            (decoder.way.limit)(&mut decoder.state, limit);
            Ok(())
        })
    }
}

/// `cc_decoder_set_length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_set_length(decoder: *mut CcDecoder, length: usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            (decoder.way.length)(&mut decoder.state, length);
            Ok(())
        })
    }
}

/// `cc_decoder_window`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_window(decoder: *mut CcDecoder, room: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            let places = (Place::new(room)?, Place::new(len)?);
            let room = (decoder.way.room)(&mut decoder.state, decoder.window.get());
            places.0.put(room.as_mut_ptr());
            places.1.put(room.len());
            Ok(())
        })
    }
}

/// `cc_decoder_commit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_commit(decoder: *mut CcDecoder, count: usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            if count > (decoder.way.room)(&mut decoder.state, decoder.window.get()).len() {
                return refuse();
            }
            (decoder.way.commit)(&mut decoder.state, count, decoder.window.size);
            Ok(())
        })
    }
}

/// `cc_decoder_end`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_end(decoder: *mut CcDecoder) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            (decoder.way.end)(&mut decoder.state);
            Ok(())
        })
    }
}

/// `cc_decoder_is_ended`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_is_ended(decoder: *mut CcDecoder, ended: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            Place::new(ended)?.put((decoder.way.is_ended)(&mut decoder.state).into());
            Ok(())
        })
    }
}

/// `cc_decoder_skip`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_skip(decoder: *mut CcDecoder) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            (decoder.way.skip)(&mut decoder.state);
            Ok(())
        })
    }
}

/// `cc_decoder_step`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_step(decoder: *mut CcDecoder, event: *mut CcEvent, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(event)?;
            let mut decoder = object::get::<Decoder>(decoder)?;
            let decoder = &mut *decoder;
            place.put(match (decoder.way.step)(&mut decoder.state, decoder.window.get())? {
                DecodeStep::More => CcEvent::of_kind(EVENT_MORE),
                DecodeStep::End => CcEvent::of_kind(EVENT_END),
                DecodeStep::Event(event) => CcEvent::of(event),
            });
            Ok(())
        })
    }
}

/// `cc_decoder_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_decoder_outcome(decoder: *mut CcDecoder, outcome: *mut CcOutcome) -> i32 {
    // SAFETY: the contract.
    unsafe {
        with_decoder(decoder, |decoder| {
            let place = Place::new(outcome)?;
            let outcome = (decoder.way.outcome)(&mut decoder.state).ok_or(Fault::of(crate::error::CC_ERR_STATE))?;
            place.put(CcOutcome::of(outcome));
            Ok(())
        })
    }
}

/// An encoder with its envelope.
pub(crate) struct Encoder {
    window: Window,
    encoding: Encoding,
    envelope: Envelope,
    step: for<'w> fn(&mut Encoding, &Envelope, &'w mut [u8]) -> core::result::Result<EncodeStep<'w>, Error>,
}

enum Envelope {
    Request(Request<'static>),
    Reply(Reply<'static>),
}

impl Kept for Encoder {
    const MAGIC: u32 = 0x454E_434F;
    type Object = CcEncoder;
}

/// Does the next step for a request.
fn step_request<'w>(
    encoding: &mut Encoding,
    envelope: &Envelope,
    window: &'w mut [u8],
) -> core::result::Result<EncodeStep<'w>, Error> {
    match envelope {
        Envelope::Request(request) => encoding.step_request(request, window),
        Envelope::Reply(_) => Ok(EncodeStep::Done),
    }
}

/// Does the next step for a reply.
fn step_reply<'w>(
    encoding: &mut Encoding,
    envelope: &Envelope,
    window: &'w mut [u8],
) -> core::result::Result<EncodeStep<'w>, Error> {
    match envelope {
        Envelope::Reply(reply) => encoding.step_reply(reply, window),
        Envelope::Request(_) => Ok(EncodeStep::Done),
    }
}

/// `cc_request_encoder_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_request_encoder_init(
    encoder: *mut CcEncoder,
    request: *const CcRequest,
    body: *const CcBody,
    window: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let body = optional(body)?.map(|body| body.get()).transpose()?;
            let window = Window::new(window, size, ENCODER_WINDOW)?;
            let (given, mut request) = (reference(request)?, Request::unwritten());
            given.fill(&mut request, Written::of(window.get()))?;
            let encoding = Encoding::request(&request, body)?;
            let envelope = Envelope::Request(request);
            object::put(encoder, Encoder { window, encoding, envelope, step: step_request })
        })
    }
}

/// `cc_reply_encoder_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reply_encoder_init(
    encoder: *mut CcEncoder,
    reply: *const CcReply,
    body: *const CcBody,
    window: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let body = optional(body)?.map(|body| body.get()).transpose()?;
            let window = Window::new(window, size, ENCODER_WINDOW)?;
            let reply = reference(reply)?.get(Written::of(window.get()))?;
            let encoding = Encoding::reply(&reply, body)?;
            let envelope = Envelope::Reply(reply);
            object::put(encoder, Encoder { window, encoding, envelope, step: step_reply })
        })
    }
}

/// Something to do for a caller: `cc_step`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcStep {
    /// What is written, or where a piece of the body or of the reply goes.
    pub ptr: *mut u8,
    /// In bytes.
    pub len: usize,
    /// `CC_STEP_WRITE` and the like.
    pub kind: i32,
    /// With `CC_STEP_EVENT`.
    pub event: CcEvent,
}

impl CcStep {
    /// To write some bytes.
    pub(crate) fn write(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr().cast_mut(), len: bytes.len(), kind: 1, event: CcEvent::of_kind(0) }
    }

    /// To fill some room: 2 with the body, 3 with the reply.
    pub(crate) fn room(kind: i32, room: &mut [u8]) -> Self {
        Self { ptr: room.as_mut_ptr(), len: room.len(), kind, event: CcEvent::of_kind(0) }
    }

    /// Nothing.
    pub(crate) const DONE: Self =
        Self { ptr: core::ptr::null_mut(), len: 0, kind: 0, event: CcEvent::of_kind(EVENT_END) };
}

/// `cc_encoder_step`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_encoder_step(encoder: *mut CcEncoder, step: *mut CcStep, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(step)?;
            let mut encoder = object::get::<Encoder>(encoder)?;
            let encoder = &mut *encoder;
            place.put(match (encoder.step)(&mut encoder.encoding, &encoder.envelope, encoder.window.get())? {
                EncodeStep::Write(bytes) => CcStep::write(bytes),
                EncodeStep::Read(room) => CcStep::room(2, room),
                EncodeStep::Done => CcStep::DONE,
            });
            Ok(())
        })
    }
}

/// `cc_encoder_wrote`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_encoder_wrote(encoder: *mut CcEncoder, count: usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            object::get::<Encoder>(encoder)?.encoding.wrote(count);
            Ok(())
        })
    }
}

/// `cc_encoder_read`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_encoder_read(encoder: *mut CcEncoder, count: usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let mut encoder = object::get::<Encoder>(encoder)?;
            let encoder = &mut *encoder;
            match (encoder.step)(&mut encoder.encoding, &encoder.envelope, encoder.window.get())? {
                EncodeStep::Read(room) if count > room.len() => return refuse(),
                _ => {}
            }
            Ok(encoder.encoding.read(encoder.window.get(), count)?)
        })
    }
}

/// `cc_encoder_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_encoder_len(encoder: *mut CcEncoder, len: *mut usize, written: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let places = (Place::optional(len)?, Place::optional(written)?);
            let encoder = object::get::<Encoder>(encoder)?;
            places.0.put(encoder.encoding.encoded_len());
            places.1.put(encoder.encoding.written());
            Ok(())
        })
    }
}

/// A measure with its window.
pub(crate) struct Measure {
    window: Window,
    measuring: Measuring,
}

impl Kept for Measure {
    const MAGIC: u32 = 0x4D45_4153;
    type Object = CcMeasure;
}

/// `cc_measure_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_measure_init(
    measure: *mut CcMeasure,
    kind: i32,
    window: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let kind: DataKind = kind_of(kind)?.ok_or(crate::headers::no())?;
            let window = Window::new(window, size, ENCODER_WINDOW)?;
            object::put(measure, Measure { window, measuring: Measuring::new(kind) })
        })
    }
}

/// `cc_measure_window`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_measure_window(measure: *mut CcMeasure, room: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let places = (Place::new(room)?, Place::new(len)?);
            let measure = object::get::<Measure>(measure)?;
            let room = measure.measuring.room(measure.window.get());
            places.0.put(room.as_mut_ptr());
            places.1.put(room.len());
            Ok(())
        })
    }
}

/// `cc_measure_read`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_measure_read(measure: *mut CcMeasure, count: usize, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let mut measure = object::get::<Measure>(measure)?;
            let measure = &mut *measure;
            if count > measure.measuring.room(measure.window.get()).len() {
                return refuse();
            }
            Ok(measure.measuring.read(measure.window.get(), count)?)
        })
    }
}

/// `cc_measure_finish`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_measure_finish(measure: *mut CcMeasure, body: *mut CcBody, error: *mut CcError) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let place = Place::new(body)?;
            place.put(CcBody::of(object::get::<Measure>(measure)?.measuring.finish()?));
            Ok(())
        })
    }
}
