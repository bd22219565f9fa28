//! Static memory for what is made once, at the start.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

/// Memory for a `T`. What lies here is counted as static RAM, and not as stack.
pub struct Slot<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: an image has one thread and no interrupts.
unsafe impl<T> Sync for Slot<T> {}

impl<T> Slot<T> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Puts the value there.
    ///
    /// # Safety
    /// It is called once.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn fill(&'static self, value: T) -> &'static mut T {
        // SAFETY: nothing else refers to the memory, because this is the only call.
        unsafe { (*self.0.get()).write(value) }
    }
}
