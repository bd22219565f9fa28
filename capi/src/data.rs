//! The payload: `cc_data`.

use crate::error::CcError;
use crate::headers::no;
use crate::memory::{Place, Result, Written, bytes, bytes_mut, reference, refuse, report, run};
use crate::text::{CcText, ESCAPED, PLAIN};
use callcontainer::stream::Body;
use callcontainer::{Bytes, Data, DataKind, Json, Text};

/// No data.
pub(crate) const NONE: i32 = 0;

/// Returns the number of a kind of data.
pub(crate) const fn kind_number(kind: Option<DataKind>) -> i32 {
    match kind {
        None => NONE,
        Some(DataKind::Text) => 1,
        Some(DataKind::Json) => 2,
        Some(DataKind::Bytes) => 3,
    }
}

/// Returns the kind of data with a number; nothing for none.
pub(crate) const fn kind_of(number: i32) -> Result<Option<DataKind>> {
    Ok(Some(match number {
        NONE => return Ok(None),
        1 => DataKind::Text,
        2 => DataKind::Json,
        3 => DataKind::Bytes,
        _ => return Err(no()),
    }))
}

/// Base64.
const BASE64: i32 = 2;
/// Both.
const BASE64_ESCAPED: i32 = BASE64 | ESCAPED;

/// `cc_data`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcData {
    /// Where it is.
    pub ptr: *const u8,
    /// In bytes.
    pub len: usize,
    /// `CC_DATA_NONE` and the like.
    pub kind: i32,
    /// `CC_PLAIN`, `CC_ESCAPED`, `CC_BASE64`, or the last two together.
    pub form: i32,
}

impl CcData {
    pub(crate) fn of(data: Data<'_>) -> Self {
        let of_text = |text: Text<'_>, form: i32| {
            let text = CcText::of(text);
            (text.ptr, text.len, form | text.form)
        };
        let of_bytes = |bytes: &[u8]| (bytes.as_ptr(), bytes.len(), PLAIN);
        let (ptr, len, form) = match data {
            Data::None => (core::ptr::null(), 0, PLAIN),
            Data::Text(text) => of_text(text, PLAIN),
            Data::Json(json) => of_bytes(json.as_bytes()),
            Data::Bytes(bytes) => match bytes.as_base64() {
                Some(text) => of_text(text, BASE64),
                None => of_bytes(bytes.as_slice().unwrap_or_default()),
            },
        };
        Self { ptr, len, kind: kind_number(data.kind()), form }
    }

    /// Returns the data.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn get<'a>(&self, written: Written) -> Result<Data<'a>> {
        let Some(kind) = kind_of(self.kind)? else { return Ok(Data::None) };
        written.without(self.ptr, self.len)?;
        // SAFETY: the caller's promise.
        let all = unsafe { bytes::<'a>(self.ptr, self.len) }?;
        if self.form == PLAIN {
            match kind {
                DataKind::Json => return Ok(Data::from(Json::from_bytes(all)?)),
                DataKind::Bytes => return Ok(Data::Bytes(Bytes::new(all))),
                DataKind::Text => {}
            }
        }
        // SAFETY: the caller's promise.
        let text = unsafe { CcText { ptr: self.ptr, len: self.len, form: self.form & ESCAPED }.get(written) }?;
        match (kind, self.form) {
            (DataKind::Text, PLAIN | ESCAPED) => Ok(Data::Text(text)),
            (DataKind::Bytes, BASE64 | BASE64_ESCAPED) => Ok(Data::Bytes(Bytes::from_base64_text(text)?)),
            _ => refuse(),
        }
    }
}

/// Decodes data into a buffer.
pub(crate) fn decode(data: Data<'_>, buffer: &mut [u8], len: Place<usize>) -> Result<()> {
    len.put(data.len());
    match data {
        Data::None => {}
        Data::Text(text) => {
            text.decode(buffer)?;
        }
        Data::Json(json) => {
            Bytes::new(json.as_bytes()).decode(buffer)?;
        }
        Data::Bytes(bytes) => {
            bytes.decode(buffer)?;
        }
    }
    Ok(())
}

/// `cc_data_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_data_len(data: *const CcData, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(len)?;
            place.put(reference(data)?.get(Written::NOTHING)?.len());
            Ok(())
        })
    }
}

/// `cc_data_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_data_decode(
    data: *const CcData,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = (Place::new(len)?, bytes_mut(buffer, size)?);
            decode(reference(data)?.get(Written::of(buffer))?, buffer, place)
        })
    }
}

/// `cc_body`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcBody {
    /// In bytes, in the envelope; of bytes, before they become base64.
    pub len: usize,
    /// In bytes, where there is no envelope; 0 for the same.
    pub plain_len: usize,
    /// `CC_DATA_TEXT`, `CC_DATA_JSON` or `CC_DATA_BYTES`.
    pub kind: i32,
}

impl CcBody {
    pub(crate) fn of(body: Body) -> Self {
        let (kind, len, plain_len) = body.in_parts();
        Self { len, plain_len, kind: kind_number(Some(kind)) }
    }

    pub(crate) fn get(&self) -> Result<Body> {
        Ok(match kind_of(self.kind)? {
            None => return refuse(),
            Some(DataKind::Text) if self.plain_len > 0 => Body::text(self.len).with_plain_len(self.plain_len),
            Some(DataKind::Text) => Body::text(self.len),
            Some(DataKind::Json) => Body::json(self.len),
            Some(DataKind::Bytes) => Body::bytes(self.len),
        })
    }
}
