//! The payload: `cc_data`.

use crate::error::CcError;
use crate::headers::no;
use crate::memory::{Place, Result, Written, bytes, output, reference, refuse, report, run};
use crate::text::{CcText, PLAIN};
use callcontainer::stream::Body;
use callcontainer::{Bytes, Data, DataKind, Find, Json, Means, Text};

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
    /// What can send it, if a constructor has made it.
    pub(crate) sender: Sender,
}

/// The address of a [`Kind`], and its complement. Memory that no constructor has written hardly has the two: so no address
/// is followed that is none.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Sender {
    kind: *const Kind,
    complement: usize,
}

impl Sender {
    const NONE: Self = Self { kind: core::ptr::null(), complement: 0 };

    fn of(kind: &'static Kind) -> Self {
        Self { kind, complement: !core::ptr::from_ref(kind).addr() }
    }

    /// Returns what can send data.
    fn get(self) -> Result<&'static Kind> {
        if self.kind.addr() != !self.complement {
            return refuse();
        }
        // SAFETY: `of` has put the address of a static there, or somebody has written both words on purpose.
        Ok(unsafe { &*self.kind })
    }
}

/// What can send data of one kind. It is reached by the pointer that a constructor puts into the data: so a program has the
/// code for those kinds alone whose constructors it calls.
pub(crate) struct Kind {
    /// Checks the data, and returns them.
    get: unsafe fn(&CcData, Written) -> Result<Data<'static>>,
    find: Find,
}

// SAFETY of all: `get` is called by the contract, which is all that these need.
/// Defines kinds.
macro_rules! kinds {
    ($($name:ident = $get:ident, $find:ident;)*) => {$(
        static $name: Kind = Kind {
            get: |data, written| {
                // SAFETY: it is called by the contract, which is all that is needed.
                unsafe { data.$get(written) }
            },
            find: Means::$find,
        };
    )*};
}

kinds! {
    TEXT = text_data, of_text;
    JSON = json, of_json;
    BYTES = bytes, of_bytes;
    BASE64_BYTES = base64, of_base64;
    ANY = any, of_any;
}

impl CcData {
    const NONE: Self = Self { ptr: core::ptr::null(), len: 0, kind: NONE, form: PLAIN, sender: Sender::NONE };

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
        Self { ptr, len, kind: kind_number(data.kind()), form, sender: Sender::NONE }
    }

    /// Returns the data that are sent, and what writes them.
    ///
    /// # Safety
    /// The contract.
    pub(crate) unsafe fn get<'a>(&self, written: Written) -> Result<(Data<'a>, Find)> {
        if self.kind == NONE {
            return Ok((self.none()?, Means::of_none));
        }
        let kind = self.sender.get()?;
        // SAFETY: the caller's promise.
        Ok((unsafe { (kind.get)(self, written) }?, kind.find))
    }

    /// Returns that there are none. Some whose kind has been forgotten are not lost in silence.
    pub(crate) fn none<'a>(&self) -> Result<Data<'a>> {
        if self.ptr.is_null() && self.len == 0 { Ok(Data::None) } else { refuse() }
    }

    /// Refuses data whose kind has been changed since they were made.
    fn is(&self, kind: DataKind) -> Result<()> {
        if self.kind == kind_number(Some(kind)) { Ok(()) } else { refuse() }
    }

    /// Returns the data, whatever they are.
    ///
    /// # Safety
    /// The contract.
    unsafe fn any<'a>(&self, written: Written) -> Result<Data<'a>> {
        // SAFETY: the caller's promise.
        unsafe {
            match (kind_of(self.kind)?, self.form) {
                (None, _) => self.none(),
                (Some(DataKind::Text), _) => self.text_data(written),
                (Some(DataKind::Json), _) => self.json(written),
                (Some(DataKind::Bytes), PLAIN) => self.bytes(written),
                (Some(DataKind::Bytes), _) => self.base64(written),
            }
        }
    }

    /// Each returns data of one kind and form.
    ///
    /// # Safety
    /// The contract.
    unsafe fn text<'a>(&self, written: Written) -> Result<Text<'a>> {
        // SAFETY: the caller's promise.
        unsafe { CcText { ptr: self.ptr, len: self.len, form: self.form }.get(written) }
    }

    /// As for [`text`](CcData::text).
    unsafe fn text_data<'a>(&self, written: Written) -> Result<Data<'a>> {
        self.is(DataKind::Text)?;
        // SAFETY: the caller's promise.
        Ok(Data::Text(unsafe { self.text(written) }?))
    }

    /// As for [`text`](CcData::text).
    unsafe fn raw<'a>(&self, written: Written) -> Result<&'a [u8]> {
        if self.form != PLAIN {
            return refuse();
        }
        written.without(self.ptr, self.len)?;
        // SAFETY: the caller's promise.
        unsafe { bytes(self.ptr, self.len) }
    }

    /// As for [`text`](CcData::text).
    unsafe fn json<'a>(&self, written: Written) -> Result<Data<'a>> {
        self.is(DataKind::Json)?;
        // SAFETY: the caller's promise.
        Ok(Json::from_bytes(unsafe { self.raw(written) }?)?.into())
    }

    /// As for [`text`](CcData::text).
    unsafe fn bytes<'a>(&self, written: Written) -> Result<Data<'a>> {
        self.is(DataKind::Bytes)?;
        // SAFETY: the caller's promise.
        Ok(Data::Bytes(Bytes::new(unsafe { self.raw(written) }?)))
    }

    /// As for [`text`](CcData::text).
    unsafe fn base64<'a>(&self, written: Written) -> Result<Data<'a>> {
        self.is(DataKind::Bytes)?;
        let text = Self { form: self.form ^ BASE64, ..*self };
        // SAFETY: the caller's promise.
        Ok(Data::Bytes(Bytes::from_base64_text(unsafe { text.text(written) }?)?))
    }
}

/// Makes data of one kind.
fn made(ptr: *const u8, len: usize, kind: DataKind, form: i32, sender: &'static Kind) -> CcData {
    CcData { ptr, len, kind: kind_number(Some(kind)), form, sender: Sender::of(sender) }
}

/// `cc_data_text`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_data_text(text: *const u8, len: usize) -> CcData {
    made(text, len, DataKind::Text, PLAIN, &TEXT)
}

/// `cc_data_json`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_data_json(json: *const u8, len: usize) -> CcData {
    made(json, len, DataKind::Json, PLAIN, &JSON)
}

/// `cc_data_bytes`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_data_bytes(bytes: *const u8, len: usize) -> CcData {
    made(bytes, len, DataKind::Bytes, PLAIN, &BYTES)
}

/// `cc_data_base64`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_data_base64(base64: *const u8, len: usize) -> CcData {
    made(base64, len, DataKind::Bytes, BASE64, &BASE64_BYTES)
}

/// `cc_data_again`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_data_again(data: *const CcData) -> CcData {
    // SAFETY: the contract.
    match unsafe { reference(data) } {
        Ok(data) => CcData { sender: Sender::of(&ANY), ..*data },
        // No kind: it is refused wherever it is used.
        Err(_) => CcData { kind: -1, ..CcData::NONE },
    }
}

/// Decodes data into a buffer.
pub(crate) fn decode(data: Data<'_>, buffer: &mut [u8], len: Place<usize>) -> Result<()> {
    len.put(data.len());
    match data {
        Data::None => {}
        Data::Text(text) => {
            text.decode_bytes(buffer)?;
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
            place.put(reference(data)?.any(Written::NOTHING)?.len());
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
            let (place, buffer) = output(buffer, size, len)?;
            decode(reference(data)?.any(Written::of(buffer))?, buffer, place)
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
