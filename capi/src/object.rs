//! Values of Rust in memory of C.
//!
//! C knows how large an object is, and nothing else of it. A word in front of the value says whether there is one, its own
//! address that it has not been moved, since some point into themselves. While a function uses an object it cannot be
//! taken again: not by a callback, not by another thread that should not be there.

use crate::error::{CC_ERR_ARGUMENT, CC_ERR_STATE};
use crate::memory::{Fault, Result};
use core::ops::{Deref, DerefMut};

/// What can be kept in memory of C.
pub(crate) trait Kept {
    /// A word that no other type has, and that memory hardly has by chance.
    const MAGIC: u32;
    /// The object in C: `WORDS` times 64 bits.
    type Object;
}

/// What an object consists of.
#[repr(C)]
struct Slot<T> {
    head: Head,
    value: T,
}

/// What comes before every value.
#[repr(C)]
struct Head {
    magic: u32,
    /// A function is using it.
    busy: u32,
    /// The address of all this.
    at: usize,
}

/// Asserts when it is evaluated that the value has room in its object.
struct Fits<T>(T);

impl<T: Kept> Fits<T> {
    const CHECKED: () = assert!(
        size_of::<Slot<T>>() <= size_of::<T::Object>() && align_of::<Slot<T>>() <= align_of::<T::Object>(),
        "an object of the header is too small"
    );
}

/// How much of an object its value takes, for a test of the header.
#[cfg(test)]
pub(crate) const fn taken<T: Kept>() -> (usize, usize) {
    (size_of::<Slot<T>>(), size_of::<T::Object>())
}

fn slot<T: Kept>(object: *mut T::Object) -> *mut Slot<T> {
    let () = Fits::<T>::CHECKED;
    object.cast()
}

/// All objects are words of 64 bits.
const ALIGN: usize = align_of::<u64>();
const _: () = assert!(align_of::<Head>() <= ALIGN);

/// Whether an object can be here.
fn is_place(address: usize) -> bool {
    address != 0 && address.is_multiple_of(ALIGN)
}

/// Takes the object at a head. One function for all types, since most functions begin with it.
///
/// # Safety
/// The contract: if it is one that an object can have, the memory at this address can be read and written.
#[inline(never)]
unsafe fn take(head: *mut Head, magic: u32) -> Result<()> {
    if !is_place(head.addr()) {
        return Err(Fault::of(CC_ERR_ARGUMENT));
    }
    // SAFETY: the memory can be used, it is aligned, and the fields are integers, for which any bytes will do.
    let head = unsafe { &mut *head };
    if head.magic != magic || head.busy != 0 || head.at != core::ptr::from_ref(head).addr() {
        return Err(Fault::of(CC_ERR_STATE));
    }
    head.busy = 1;
    Ok(())
}

/// Puts a value into an object, whatever was there before.
///
/// # Safety
/// The contract: the object's memory can be written, and nothing uses what was there.
pub(crate) unsafe fn put<T: Kept>(object: *mut T::Object, value: T) -> Result<()> {
    let slot = slot::<T>(object);
    if !is_place(slot.addr()) {
        return Err(Fault::of(CC_ERR_ARGUMENT));
    }
    let head = Head { magic: T::MAGIC, busy: 0, at: slot.addr() };
    // SAFETY: the object has room for the slot and its alignment, as `Fits` asserts; the rest is the caller's promise.
    unsafe { slot.write(Slot { head, value }) }
    Ok(())
}

/// A value in an object, in use.
pub(crate) struct Used<T>(*mut Slot<T>);

/// Takes the value of an object.
///
/// # Safety
/// The contract: the object's memory can be read and written.
pub(crate) unsafe fn get<T: Kept>(object: *mut T::Object) -> Result<Used<T>> {
    let slot = slot::<T>(object);
    // SAFETY: the caller's promise. Every slot begins with a head, and the value is not touched.
    unsafe { take(slot.cast(), T::MAGIC) }?;
    Ok(Used(slot))
}

/// Ends an object: from now on it is as if it had never been initialised.
///
/// # Safety
/// As for [`get`].
pub(crate) unsafe fn end<T: Kept>(object: *mut T::Object) -> Result<()> {
    // SAFETY: the caller's promise.
    let used = unsafe { get::<T>(object) }?;
    // SAFETY: it is in use, so it is there. No value that is kept needs to be dropped.
    unsafe { (*used.0).head.magic = 0 }
    Ok(())
}

impl<T> Used<T> {
    /// Returns where the value is, for a value whose parts refer to one another, so that nobody may have all of it.
    pub(crate) fn as_ptr(&self) -> *mut T {
        // SAFETY: there is a slot, and the address of a part of it is not read.
        unsafe { &raw mut (*self.0).value }
    }
}

impl<T> Deref for Used<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is a value, as its magic word and address show, and `busy` keeps everyone else from it.
        unsafe { &(*self.0).value }
    }
}

impl<T> DerefMut for Used<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        unsafe { &mut (*self.0).value }
    }
}

impl<T> Drop for Used<T> {
    fn drop(&mut self) {
        // SAFETY: the slot is there: it was when this was made, and the contract forbids that it goes away meanwhile.
        unsafe { (*self.0).head.busy = 0 }
    }
}

/// Defines objects: so many words of 64 bits where pointers have 64 bits, and where they have 32.
macro_rules! objects {
    ($($(#[$doc:meta])* $object:ident = $wide:literal, $narrow:literal;)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        pub struct $object([u64; if cfg!(target_pointer_width = "64") { $wide } else { $narrow }]);
    )*};
}
pub(crate) use objects;
