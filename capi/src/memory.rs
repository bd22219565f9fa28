//! From the pointers of C to references of Rust.
//!
//! Every check that can be made without touching the memory is made here. What cannot be checked is the contract.

use crate::error::{CC_ERR_ARGUMENT, CC_OK, CcError, number};
use callcontainer::{Error, Text};
use core::num::NonZeroI32;

/// What is wrong with anything but a call: much smaller than a [`CcError`], and passed around as much.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    /// Never 0, so that a [`Result`] of nothing goes through two registers.
    kind: NonZeroI32,
    offset: usize,
}

impl Fault {
    pub(crate) const fn of(kind: i32) -> Self {
        Self::at(kind, 0)
    }

    const fn at(kind: i32, offset: usize) -> Self {
        const ARGUMENT: NonZeroI32 = NonZeroI32::new(CC_ERR_ARGUMENT).unwrap();
        let kind = match NonZeroI32::new(kind) {
            Some(kind) => kind,
            // No error has this number.
            None => ARGUMENT,
        };
        Self { kind, offset }
    }

    /// Returns the number and the offset.
    pub(crate) const fn parts(self) -> (i32, usize) {
        (self.kind.get(), self.offset)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::at(number(error.kind()), error.offset())
    }
}

/// The result of whatever can fail, other than a call.
pub(crate) type Result<T> = core::result::Result<T, Fault>;

/// The result of what is about a call.
pub(crate) type Outcome<T> = core::result::Result<T, CcError>;

/// Refuses an argument.
pub(crate) const fn refuse<T>() -> Result<T> {
    Err(Fault::of(CC_ERR_ARGUMENT))
}

/// Whether memory of this length can begin here.
fn is_range(start: *const u8, len: usize) -> bool {
    len <= isize::MAX as usize && start.addr().checked_add(len).is_some()
}

/// Whether a value of this alignment and size can be here: not at NULL. One function for all types, since it is called
/// everywhere.
#[inline(never)]
fn is_place(address: usize, align: usize, size: usize) -> bool {
    address != 0 && address & align.wrapping_sub(1) == 0 && address.checked_add(size).is_some()
}

fn is_place_of<T>(pointer: *const T) -> bool {
    is_place(pointer.addr(), align_of::<T>(), size_of::<T>())
}

/// Returns the bytes at a pointer; none for NULL with a length of 0.
///
/// # Safety
/// The contract: the memory can be read, and does not change during `'a`.
pub(crate) unsafe fn bytes<'a>(start: *const u8, len: usize) -> Result<&'a [u8]> {
    if start.is_null() && len == 0 {
        return Ok(&[]);
    }
    // With a length of 0 too, so that what borrows nothing of it is still a place in it.
    if start.is_null() || !is_range(start, len) {
        return refuse();
    }
    // SAFETY: it is not NULL, the length is one that memory can have, and the rest is the contract.
    Ok(unsafe { core::slice::from_raw_parts(start, len) })
}

/// Returns the memory at a pointer; none for NULL with a length of 0.
///
/// # Safety
/// The contract: the memory can be read and written, and nobody else does either during `'a`.
pub(crate) unsafe fn bytes_mut<'a>(start: *mut u8, len: usize) -> Result<&'a mut [u8]> {
    if start.is_null() && len == 0 {
        return Ok(&mut []);
    }
    // With a length of 0 too, so that what borrows nothing of it is still a place in it.
    if start.is_null() || !is_range(start, len) {
        return refuse();
    }
    // SAFETY: it is not NULL, the length is one that memory can have, and the rest is the contract.
    Ok(unsafe { core::slice::from_raw_parts_mut(start, len) })
}

/// Returns a string, which must be UTF-8; an empty one for NULL with a length of 0.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn string<'a>(start: *const u8, len: usize) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(start, len) }?;
    Text::from_bytes(bytes, false)?;
    // SAFETY: every text is UTF-8, and this has just been one.
    Ok(unsafe { core::str::from_utf8_unchecked(bytes) })
}

/// Returns `count` values of a type at a pointer.
///
/// # Safety
/// As for [`bytes`]; they are valid values of the type.
pub(crate) unsafe fn values<'a, T>(start: *const T, count: usize) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    let len = count.checked_mul(size_of::<T>());
    if start.is_null() || !start.is_aligned() || !len.is_some_and(|len| is_range(start.cast(), len)) {
        return refuse();
    }
    // SAFETY: it is not NULL, it is aligned, the length is one that memory can have, and the rest is the contract.
    Ok(unsafe { core::slice::from_raw_parts(start, count) })
}

/// Returns a copy of the value at a pointer.
///
/// # Safety
/// The contract: there is a valid value of the type, if the pointer is not NULL.
pub(crate) unsafe fn value<T: Copy>(from: *const T) -> Result<T> {
    // SAFETY: the caller's promise.
    unsafe { optional(from) }?.ok_or(Fault::of(CC_ERR_ARGUMENT))
}

/// Returns the value at a pointer.
///
/// # Safety
/// The contract: there is a valid value of the type, if the pointer is not NULL, which does not change during `'a`.
pub(crate) unsafe fn reference<'a, T>(from: *const T) -> Result<&'a T> {
    if !is_place_of(from) {
        return refuse();
    }
    // SAFETY: it is not NULL, it is aligned, and there is a value by the contract.
    Ok(unsafe { &*from })
}

/// As [`value`], and nothing for NULL.
///
/// # Safety
/// As for [`value`].
pub(crate) unsafe fn optional<T: Copy>(from: *const T) -> Result<Option<T>> {
    if from.is_null() {
        return Ok(None);
    }
    if !is_place_of(from) {
        return refuse();
    }
    // SAFETY: it is not NULL, it is aligned, and there is a value by the contract.
    Ok(Some(unsafe { from.read() }))
}

/// A place of the caller's for a result.
#[derive(Clone, Copy)]
pub(crate) struct Place<T>(*mut T);

impl<T> Place<T> {
    /// Takes a place that is required.
    ///
    /// # Safety
    /// The contract: a value of the type can be written there while the function runs.
    pub(crate) unsafe fn new(to: *mut T) -> Result<Self> {
        if is_place_of(to) { Ok(Self(to)) } else { refuse() }
    }

    /// Takes a place where NULL says that the result is not wanted.
    ///
    /// # Safety
    /// As for [`new`](Place::new).
    pub(crate) unsafe fn optional(to: *mut T) -> Result<Self> {
        if to.is_null() || is_place_of(to) { Ok(Self(to)) } else { refuse() }
    }

    /// Writes the result.
    pub(crate) fn put(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not NULL, aligned, and by the promise of the constructors a value can be written there.
            unsafe { self.0.write(value) }
        }
    }
}

/// Memory that is about to be written, with which nothing that is read may overlap.
#[derive(Clone, Copy)]
pub(crate) struct Written {
    start: usize,
    end: usize,
}

impl Written {
    /// Nothing is written.
    pub(crate) const NOTHING: Self = Self { start: 0, end: 0 };

    /// All of this is.
    pub(crate) fn of(buffer: &[u8]) -> Self {
        Self::at(buffer.as_ptr(), buffer.len())
    }

    /// All that is here is.
    pub(crate) fn at(start: *const u8, size: usize) -> Self {
        Self { start: start.addr(), end: start.addr().saturating_add(size) }
    }

    /// Refuses memory that is read and overlaps.
    pub(crate) fn without(self, start: *const u8, len: usize) -> Result<()> {
        let end = start.addr().saturating_add(len);
        if len > 0 && start.addr() < self.end && self.start < end { refuse() } else { Ok(()) }
    }

    /// Refuses a value that is read, or a place for a result, and overlaps.
    pub(crate) fn without_value<T>(self, at: *const T) -> Result<()> {
        self.without(at.cast(), size_of::<T>())
    }
}

/// A buffer, and a place for how much of it is used, which is not in it.
///
/// # Safety
/// As for [`bytes_mut`], and for [`Place::new`].
pub(crate) unsafe fn output<'a>(start: *mut u8, size: usize, len: *mut usize) -> Result<(Place<usize>, &'a mut [u8])> {
    Written::at(start, size).without_value(len)?;
    // SAFETY: the caller's promise.
    unsafe { Ok((Place::new(len)?, bytes_mut(start, size)?)) }
}

/// Runs a function, and returns how it ended: as its result, and in the place for an error unless that is NULL.
///
/// # Safety
/// The contract: an error can be written to `place`.
pub(crate) unsafe fn report<E: Told>(place: *mut CcError, run: impl FnOnce() -> core::result::Result<(), E>) -> i32 {
    // SAFETY: the caller's promise.
    let Ok(place) = (unsafe { Place::optional(place) }) else { return CC_ERR_ARGUMENT };
    match run() {
        Ok(()) => tell(place, CC_OK, 0),
        Err(error) => error.tell(place),
    }
}

/// Writes an error that is not one of a call, or that there is none, and returns its number.
#[inline(never)]
fn tell(place: Place<CcError>, kind: i32, offset: usize) -> i32 {
    place.put(CcError { offset, ..CcError::of(kind) });
    kind
}

/// What can be written to a place for an error.
pub(crate) trait Told {
    /// Writes it, and returns its number.
    fn tell(self, place: Place<CcError>) -> i32;
}

impl Told for Fault {
    fn tell(self, place: Place<CcError>) -> i32 {
        let (kind, offset) = self.parts();
        tell(place, kind, offset)
    }
}

impl Told for CcError {
    fn tell(self, place: Place<CcError>) -> i32 {
        place.put(self);
        self.kind
    }
}

/// As [`report`], for a function that has no place for an error.
pub(crate) fn run(run: impl FnOnce() -> Result<()>) -> i32 {
    run().map_or_else(|fault| fault.parts().0, |()| 0)
}
