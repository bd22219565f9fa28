//! The response of a service as it comes: `cc_reader`.

use crate::envelope::method;
use crate::error::CcError;
use crate::gateway::{CcGate, CcRefusal, Gate, refuse, request};
use crate::headers::CcHeader;
use crate::memory::{Outcome, Place, Result, Written, bytes_mut, optional, output, report, run, values};
use crate::object::{self, Kept, Used, objects};
use crate::text::{CcStr, CcText};
use callcontainer::gateway::{HttpReader, is_protected_header};
use callcontainer::{Error, ErrorKind, Request};
use core::mem::MaybeUninit;

objects! {
    /// `cc_reader`.
    CcReader = 64, 40;
}

/// A response on its way.
pub(crate) struct Reader {
    reader: HttpReader<'static>,
    /// The whole buffer, which the reader has.
    start: *const u8,
    len: usize,
}

impl Reader {
    fn new(call: &Request<'_>, buffer: &'static mut [u8]) -> Self {
        let (start, len) = (buffer.as_ptr(), buffer.len());
        Self { reader: HttpReader::new(call, buffer), start, len }
    }
}

impl Kept for Reader {
    const MAGIC: u32 = 0x5245_4144;
    type Object = CcReader;
}

/// `cc_reader_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_init(
    reader: *mut CcReader,
    gate: *mut CcGate,
    buffer: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract; the buffer is the reader's as long as it is used.
    unsafe {
        report(error, || -> Result<()> {
            let buffer = bytes_mut(buffer, size)?;
            let gate = object::get::<Gate>(gate)?;
            object::put(reader, Reader::new(request(&gate), buffer))
        })
    }
}

/// `cc_reader_init_plain`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_init_plain(
    reader: *mut CcReader,
    number: i32,
    buffer: *mut u8,
    size: usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: as above.
    unsafe {
        report(error, || -> Result<()> {
            let buffer = bytes_mut(buffer, size)?;
            object::put(reader, Reader::new(&Request::new("/").with_method(method(number)?), buffer))
        })
    }
}

/// `cc_reader_window`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_window(reader: *mut CcReader, room: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let places = (Place::new(room)?, Place::new(len)?);
            let mut reader = object::get::<Reader>(reader)?;
            let window = reader.reader.window();
            places.0.put(window.as_mut_ptr());
            places.1.put(window.len());
            Ok(())
        })
    }
}

/// `cc_reader_commit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_commit(
    reader: *mut CcReader,
    count: usize,
    complete: *mut i32,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Outcome<()> {
            let places = (Place::new(complete)?, Place::optional(refusal)?);
            let mut reader = object::get::<Reader>(reader)?;
            let room = reader.reader.window().len();
            // An end of the connection can be told at any time, more than there is room for never.
            if count > room {
                return Err(crate::headers::no().into());
            }
            let ended = reader.reader.commit(count).map_err(|denied| refuse(places.1, denied))?;
            places.0.put(ended.into());
            Ok(())
        })
    }
}

/// `cc_reader_keeps_alive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_keeps_alive(reader: *mut CcReader, keeps_alive: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(keeps_alive)?;
            place.put(object::get::<Reader>(reader)?.reader.keeps_alive().into());
            Ok(())
        })
    }
}

/// Returns a reader to be finished, which takes it by value.
///
/// # Safety
/// The reader is not used while what comes of this is there.
unsafe fn finished(reader: &Used<Reader>) -> HttpReader<'static> {
    // SAFETY: a reader has nothing to drop, and its buffer is used by way of this copy alone until both are given back, by
    // the caller's promise.
    unsafe { core::ptr::read(&raw const (*reader.as_ptr()).reader) }
}

/// `cc_reader_reply`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_reply(
    reader: *mut CcReader,
    call_id: *const CcText,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    status: *mut i32,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. The reader is in use as long as its copy is there.
    unsafe {
        report(error, || -> Outcome<()> {
            let (place, buffer) = output(buffer, size, len)?;
            let written = Written::of(buffer);
            written.without_value(status)?;
            let (status, denied) = (Place::optional(status)?, Place::optional(refusal)?);
            let call_id = match optional(call_id)? {
                Some(call_id) => call_id.optional(written)?,
                None => None,
            };
            let reader = object::get::<Reader>(reader)?;
            written.without(reader.start, reader.len)?;
            let reply = finished(&reader).finish(call_id).map_err(|refusal| refuse(denied, refusal))?;
            place.put(reply.encoded_len());
            status.put(reply.status().into());
            reply.encode(buffer)?;
            Ok(())
        })
    }
}

/// `cc_reader_parts`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_reader_parts(
    reader: *mut CcReader,
    headers: *mut CcHeader,
    capacity: usize,
    parts: *mut CcHttpParts,
    refusal: *mut CcRefusal,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract. There is room for as many headers as `capacity` says, which are written and not read.
    unsafe {
        report(error, || -> Outcome<()> {
            let (place, denied) = (Place::new(parts)?, Place::optional(refusal)?);
            values(headers.cast::<MaybeUninit<CcHeader>>().cast_const(), capacity)?;
            let reader = object::get::<Reader>(reader)?;
            let parts = finished(&reader).finish_parts().map_err(|refusal| refuse(denied, refusal))?;
            let mut all = 0_usize;
            for (name, value) in parts.headers() {
                if all < capacity {
                    let value = CcStr { ptr: value.as_ptr(), len: value.len() };
                    headers.add(all).write(CcHeader { name: CcStr::of(name), value });
                }
                all = all.saturating_add(1);
            }
            let body = parts.body();
            place.put(CcHttpParts {
                body: body.as_ptr(),
                body_len: body.len(),
                header_count: all,
                status: parts.status().into(),
            });
            if all > capacity { Err(Error::new(ErrorKind::BufferTooSmall, capacity).into()) } else { Ok(()) }
        })
    }
}

/// `cc_http_parts`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcHttpParts {
    /// Its body.
    pub body: *const u8,
    /// In bytes.
    pub body_len: usize,
    /// How many headers there are.
    pub header_count: usize,
    /// Its status.
    pub status: i32,
}

/// `cc_is_protected_header`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_is_protected_header(name: CcStr, is_protected: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            Place::new(is_protected)?.put(is_protected_header(name.get()?).into());
            Ok(())
        })
    }
}
