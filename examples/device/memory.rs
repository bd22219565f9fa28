//! The system's allocator, with a count of what this thread asks of it.
//!
//! It knows how much is in use, and how much was at most. It must never know who asked.

// An allocator cannot be written without unsafe code. This one adds nothing to the system's own but a count.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// What is freed on a thread may have been allocated on another, so the difference may be below zero.
fn changed(from: usize, to: usize) {
    let in_use = IN_USE.get().wrapping_add_unsigned(to).wrapping_sub_unsigned(from);
    IN_USE.set(in_use);
    PEAK.set(PEAK.get().max(in_use));
    if to > 0 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    }
}

// SAFETY: each function passes its arguments on to the system's allocator, which keeps the promises of the trait, and
// the count neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        changed(0, layout.size());
        // SAFETY: the caller keeps the promises of the trait.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        changed(0, layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        changed(layout.size(), size);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        changed(layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// What this thread uses of the heap, from here on.
pub struct Heap {
    in_use: isize,
    allocations: usize,
}

impl Heap {
    pub fn watch() -> Self {
        PEAK.set(IN_USE.get());
        Self { in_use: IN_USE.get(), allocations: ALLOCATIONS.get() }
    }

    /// How many bytes more were in use at most, and how many allocations there were.
    pub fn used(&self) -> (isize, usize) {
        (PEAK.get() - self.in_use, ALLOCATIONS.get() - self.allocations)
    }
}
