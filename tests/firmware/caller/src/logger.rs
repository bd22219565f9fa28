//! Sends what is logged to the second serial port, in defmt's encoding.

use crate::uart::Uart;
use core::cell::UnsafeCell;

struct Encoder(UnsafeCell<defmt::Encoder>);

// SAFETY: the image has one thread and no interrupts, and defmt does not log within a log.
unsafe impl Sync for Encoder {}

static ENCODER: Encoder = Encoder(UnsafeCell::new(defmt::Encoder::new()));

#[defmt::global_logger]
struct Logger;

fn send(bytes: &[u8]) {
    let uart = Uart::log();
    bytes.iter().for_each(|byte| uart.send(*byte));
}

// SAFETY: with one thread and no interrupts, no two logs are at the encoder at the same time.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).start_frame(send) }
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).end_frame(send) }
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).write(bytes, send) }
    }
}
