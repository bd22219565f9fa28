//! Strings: `cc_str`, `cc_text`.

use crate::error::CcError;
use crate::memory::{Place, Result, Written, bytes, output, reference, refuse, report, run, string};
use callcontainer::{Bytes, Error, ErrorKind, Text};

/// `cc_str`: a string that is as it is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcStr {
    /// UTF-8.
    pub ptr: *const u8,
    /// In bytes.
    pub len: usize,
}

impl CcStr {
    pub(crate) const fn of(text: &str) -> Self {
        Self { ptr: text.as_ptr(), len: text.len() }
    }

    /// Returns the string, an empty one for NULL.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn get<'a>(self) -> Result<&'a str> {
        // SAFETY: the caller's promise.
        unsafe { string(self.ptr, self.len) }
    }

    /// Returns the string, nothing for NULL.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn optional<'a>(self) -> Result<Option<&'a str>> {
        // SAFETY: the caller's promise.
        unsafe { CcText { ptr: self.ptr, len: self.len, form: PLAIN }.check()?.then(|| self.get()).transpose() }
    }
}

// SAFETY: it is a pointer and a length, and what uses it does so by the contract.
unsafe impl Sync for CcStr {}

/// What the bytes of a text are: the text itself.
pub(crate) const PLAIN: i32 = 0;
/// The content of a JSON string.
pub(crate) const ESCAPED: i32 = 1;

/// `cc_text`: a string, or the content of a JSON string.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcText {
    /// NULL for no string.
    pub ptr: *const u8,
    /// In bytes.
    pub len: usize,
    /// `CC_PLAIN` or `CC_ESCAPED`.
    pub form: i32,
}

impl CcText {
    pub(crate) const NONE: Self = Self { ptr: core::ptr::null(), len: 0, form: PLAIN };

    pub(crate) fn of(text: Text<'_>) -> Self {
        let raw = text.as_raw();
        let form = if text.as_bytes().is_some() { PLAIN } else { ESCAPED };
        Self { ptr: raw.as_ptr(), len: raw.len(), form }
    }

    pub(crate) fn of_optional(text: Option<Text<'_>>) -> Self {
        text.map_or(Self::NONE, Self::of)
    }

    /// Whether there is a string.
    fn check(&self) -> Result<bool> {
        if self.ptr.is_null() && self.len > 0 { refuse() } else { Ok(!self.ptr.is_null()) }
    }

    /// Returns the text, nothing for NULL.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn optional<'a>(&self, written: Written) -> Result<Option<Text<'a>>> {
        let mut text = None;
        // SAFETY: the caller's promise.
        unsafe { self.put(&mut text, written) }?;
        Ok(text)
    }

    /// Puts the text into a place, nothing for NULL.
    ///
    /// # Safety
    /// The contract.
    #[inline(never)]
    pub(crate) unsafe fn put<'a>(&self, place: &mut Option<Text<'a>>, written: Written) -> Result<()> {
        *place = None;
        if !matches!(self.form, PLAIN | ESCAPED) {
            return refuse();
        }
        if !self.check()? {
            return Ok(());
        }
        written.without(self.ptr, self.len)?;
        // SAFETY: the caller's promise.
        let bytes = unsafe { bytes(self.ptr, self.len) }?;
        *place = Some(Text::from_bytes(bytes, self.form == ESCAPED)?);
        Ok(())
    }

    /// Returns the text, an empty one for NULL.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn get<'a>(&self, written: Written) -> Result<Text<'a>> {
        // SAFETY: the caller's promise.
        Ok(unsafe { self.optional(written) }?.unwrap_or_default())
    }
}

/// `cc_text_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_text_len(text: *const CcText, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(len)?;
            place.put(reference(text)?.get(Written::NOTHING)?.decoded_len());
            Ok(())
        })
    }
}

/// `cc_text_encoded_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_text_encoded_len(text: *const CcText, len: *mut usize) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(len)?;
            place.put(reference(text)?.get(Written::NOTHING)?.encoded_len());
            Ok(())
        })
    }
}

/// `cc_text_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_text_decode(
    text: *const CcText,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = output(buffer, size, len)?;
            let text = reference(text)?.get(Written::of(buffer))?;
            place.put(text.decoded_len());
            text.decode_bytes(buffer)?;
            Ok(())
        })
    }
}

/// `cc_text_eq`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_text_eq(text: *const CcText, other: CcStr, equal: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (place, text) = (Place::new(equal)?, reference(text)?);
            let (text, other) = (text.get(Written::NOTHING)?, other.get()?);
            place.put((text == other).into());
            Ok(())
        })
    }
}

/// `cc_base64_encode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_base64_encode(
    input: *const u8,
    input_len: usize,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = output(buffer, size, len)?;
            Written::of(buffer).without(input, input_len)?;
            let input = Bytes::new(bytes(input, input_len)?);
            place.put(input_len.div_ceil(3).saturating_mul(4));
            input.encode_base64(buffer)?;
            Ok(())
        })
    }
}

/// Returns bytes in base64, of which any byte that is wrong is an invalid symbol.
fn base64(text: &[u8]) -> Result<Bytes<'_>> {
    let error = match core::str::from_utf8(text) {
        Ok(text) => return Ok(Bytes::from_base64(text)?),
        Err(error) => error,
    };
    let valid = core::str::from_utf8(text.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default();
    let offset = Bytes::from_base64(valid).err().map_or(valid.len(), |error| error.offset());
    Err(Error::new(ErrorKind::InvalidBase64, offset).into())
}

/// `cc_base64_decode`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_base64_decode(
    input: *const u8,
    input_len: usize,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: *mut CcError,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        report(error, || -> Result<()> {
            let (place, buffer) = output(buffer, size, len)?;
            Written::of(buffer).without(input, input_len)?;
            let input = base64(bytes(input, input_len)?)?;
            place.put(input.decoded_len());
            input.decode(buffer)?;
            Ok(())
        })
    }
}
