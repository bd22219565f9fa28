//! The memory of the module: what the page writes, then the HTTP request, then the answer, one behind the other.
//!
//! There is no allocator. Each look begins anew behind what the linker has placed, and takes more pages when it has to.
#![allow(unsafe_code)]

use core::arch::wasm32::{memory_grow, memory_size};
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::answer::{self, Asked};

/// Bytes in a page.
const PAGE: usize = 65536;

#[link(wasm_import_module = "none")]
unsafe extern "C" {
    /// Is not there: a module in which anything may panic would import it.
    safe fn panicked() -> !;
}

unsafe extern "C" {
    /// The linker's: everything from here on is free.
    static __heap_base: u8;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    panicked()
}

/// Length of what the page was given room for.
static ROOM: AtomicUsize = AtomicUsize::new(0);
/// Length of the answer.
static ANSWER: AtomicUsize = AtomicUsize::new(0);

fn start() -> usize {
    &raw const __heap_base as usize
}

/// Makes the memory reach to this address. Returns whether it does.
fn reach(end: usize) -> bool {
    let have = memory_size(0).saturating_mul(PAGE);
    let missing = end.saturating_sub(have).div_ceil(PAGE);
    missing == 0 || memory_grow(0, missing) != usize::MAX
}

/// Returns where the page writes so many bytes; 0 if there is no room.
#[unsafe(no_mangle)]
pub extern "C" fn room(len: usize) -> usize {
    let Some(end) = start().checked_add(len) else { return 0 };
    if !reach(end) {
        return 0;
    }
    ROOM.store(len, Ordering::Relaxed);
    start()
}

/// Looks at what the page has written: the text, and behind it the appid and the openid of the caller, and the appid of the
/// environment's owner, of these lengths. `what` is 1 for a request, 2 for a reply, 3 for a message, and anything else for
/// whatever the text is; `chinese` is 0 for English. Returns where the answer is; 0 if there was no room for it.
#[unsafe(no_mangle)]
pub extern "C" fn look(what: u32, chinese: u32, appid: usize, openid: usize, owner: usize) -> usize {
    let len = ROOM.swap(0, Ordering::Relaxed);
    // SAFETY: `room` has made the memory reach that far, all of it is initialised, as memory of WebAssembly always is, and
    // what is written from here on, below, begins behind it.
    let written = unsafe { core::slice::from_raw_parts(start() as *const u8, len) };
    let Some(asked) = Asked::of(written, what, chinese != 0, [appid, openid, owner]) else { return 0 };
    let mut memory = Memory { end: start().saturating_add(len) };
    let mut request = |len| memory.take(len);
    let http = asked.http(&mut request);
    let at = memory.end;
    if answer::put(&asked, http.as_ref(), &mut memory).is_err() {
        return 0;
    }
    ANSWER.store(memory.end.saturating_sub(at), Ordering::Relaxed);
    at
}

/// Returns the length of the last answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn answer_len() -> usize {
    ANSWER.load(Ordering::Relaxed)
}

/// Memory that is taken from the front.
struct Memory {
    end: usize,
}

impl Memory {
    /// Returns so many bytes that nobody else has; `None` if there are no more.
    fn take(&mut self, len: usize) -> Option<&'static mut [u8]> {
        let end = self.end.checked_add(len)?;
        if !reach(end) {
            return None;
        }
        let at = core::mem::replace(&mut self.end, end);
        // SAFETY: the memory reaches to `end`, and no other slice has these bytes: `end` only grows during a look, and
        // begins behind the bytes of the page. The slices of an earlier look are gone.
        Some(unsafe { core::slice::from_raw_parts_mut(at as *mut u8, len) })
    }
}

impl fmt::Write for Memory {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.take(text.len()).ok_or(fmt::Error)?;
        // Of the same length, since so many were asked for.
        for (to, from) in place.iter_mut().zip(text.as_bytes()) {
            *to = *from;
        }
        Ok(())
    }
}
