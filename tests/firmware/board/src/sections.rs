//! Keeps what only the test has out of what is measured.

use core::cell::UnsafeCell;

/// Bytes that a test gives or expects: an array made of this expression, in a section that is not counted.
#[macro_export]
macro_rules! bytes {
    ($bytes:expr) => {{
        #[unsafe(link_section = ".inputs")]
        static BYTES: [u8; {
            let bytes: &[u8] = $bytes;
            bytes.len()
        }] = *$bytes;
        let bytes: &'static [u8] = &BYTES;
        bytes
    }};
}

/// RAM of the test, to be put into the section `.scratch`, which is not counted either. Elsewhere it counts as any
/// other.
pub struct Scratch<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: an image has one thread and no interrupts.
unsafe impl<const N: usize> Sync for Scratch<N> {}

impl<const N: usize> Scratch<N> {
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; N]))
    }

    /// The memory, which holds anything.
    ///
    /// # Safety
    /// What was taken before must not be used any more.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn take(&'static self) -> &'static mut [u8] {
        // SAFETY: the caller makes sure that this is the only reference; any bytes are valid.
        unsafe { &mut *self.0.get() }
    }
}

/// Whether two runs of bytes are the same. A loop of its own, so that a check links nothing into what is measured.
#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(true, |same, (one, other)| same & (one == other))
}
