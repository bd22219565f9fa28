//! The time since the start, and sleeping until something happens (Arm's CMSDK APB timer, and the system timer of the
//! processor).
//!
//! Both count at 25 MHz.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Ticks in a second.
pub const SECOND: u64 = 25_000_000;
/// Ticks in a millisecond.
pub const MILLISECOND: u64 = SECOND / 1000;
/// Ticks in a microsecond.
pub const MICROSECOND: u64 = SECOND / 1_000_000;

const TIMER_CONTROL: *mut u32 = 0x4000_0000 as *mut u32;
const TIMER_VALUE: *mut u32 = 0x4000_0004 as *mut u32;
const TIMER_RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
const TIMER_ENABLED: u32 = 1 << 0;

const ALARM_CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
const ALARM_RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
const ALARM_CURRENT: *mut u32 = 0xE000_E018 as *mut u32;
const ALARM_LONGEST: u32 = 0x00FF_FFFF;
/// Enabled, from the clock of the core, with its exception.
const ALARM_ON: u32 = 0b111;
const INTERRUPT_CONTROL: *mut u32 = 0xE000_ED04 as *mut u32;
const ALARM_NO_MORE_PENDING: u32 = 1 << 25;

/// What the timer showed last, and how often it had wrapped by then.
static LAST: AtomicU32 = AtomicU32::new(0);
static WRAPS: AtomicU32 = AtomicU32::new(0);
/// Ticks slept, wrapping.
static SLEPT: AtomicU32 = AtomicU32::new(0);

/// Starts the timer. Interrupts wake the processor from here on, and are never taken.
pub fn start() {
    // SAFETY: the registers of the timer, which nothing else uses; there need be no handlers for interrupts.
    unsafe {
        asm!("cpsid i", options(nomem, nostack, preserves_flags));
        TIMER_RELOAD.write_volatile(u32::MAX);
        TIMER_VALUE.write_volatile(u32::MAX);
        TIMER_CONTROL.write_volatile(TIMER_ENABLED);
    }
}

/// Returns the ticks since the start. It must be called once in 171 seconds, which is when the timer wraps.
pub fn now() -> u64 {
    // SAFETY: it reads a register of the timer, which counts down.
    let count = !unsafe { TIMER_VALUE.read_volatile() };
    if count < LAST.load(Relaxed) {
        WRAPS.store(WRAPS.load(Relaxed).wrapping_add(1), Relaxed);
    }
    LAST.store(count, Relaxed);
    u64::from(WRAPS.load(Relaxed)) << 32 | u64::from(count)
}

/// Returns the ticks slept, wrapping.
pub fn slept() -> u32 {
    SLEPT.load(Relaxed)
}

/// Sleeps until an interrupt is pending, or this many ticks at most. It may return sooner: the system timer counts 0.67
/// seconds at most.
pub fn sleep(most: u64) {
    let ticks = u32::try_from(most).unwrap_or(u32::MAX).clamp(1, ALARM_LONGEST);
    let before = now();
    // SAFETY: the registers of the system timer (Armv7-M Architecture Reference Manual, B3.3), which nothing else uses
    // meanwhile. What came before the instruction is pending, and so it does not wait.
    unsafe {
        ALARM_RELOAD.write_volatile(ticks);
        ALARM_CURRENT.write_volatile(0);
        ALARM_CONTROL.write_volatile(ALARM_ON);
        asm!("wfi", options(nomem, nostack, preserves_flags));
        ALARM_CONTROL.write_volatile(0);
        INTERRUPT_CONTROL.write_volatile(ALARM_NO_MORE_PENDING);
    }
    SLEPT.store(slept().wrapping_add(now().wrapping_sub(before) as u32), Relaxed);
}
