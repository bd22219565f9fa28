//! The serial ports of the board (Arm's CMSDK APB UART). The processor sleeps until a byte has come.
//!
//! It knows registers. It must never know what the bytes are.

use callcontainer::embedded_io::{ErrorType, Read, Write};
use core::arch::asm;
use core::convert::Infallible;

/// A serial port.
pub struct Uart(*mut u32);

const DATA: usize = 0;
const STATE: usize = 1;
const CONTROL: usize = 2;
const INTERRUPTS: usize = 3;
const BAUD_RATE: usize = 4;

const TRANSMIT_FULL: u32 = 1 << 0;
const RECEIVE_FULL: u32 = 1 << 1;
const ENABLED: u32 = 0b11;
const RECEIVE_INTERRUPT: u32 = 1 << 3;
const RECEIVED: u32 = 1 << 1;

/// The receive interrupt of the first port, in the interrupt controller.
const LINE_RECEIVED: u32 = 1 << 0;
const INTERRUPT_ENABLE: *mut u32 = 0xE000_E100 as *mut u32;
const INTERRUPT_NO_MORE_PENDING: *mut u32 = 0xE000_E280 as *mut u32;

impl Uart {
    /// The port that the gateway is at.
    pub fn line() -> Self {
        let uart = Self::new(0x4000_4000);
        uart.write_register(CONTROL, ENABLED | RECEIVE_INTERRUPT);
        // SAFETY: an interrupt wakes the processor and is not taken, so there need be no handler.
        unsafe {
            asm!("cpsid i", options(nomem, nostack, preserves_flags));
            INTERRUPT_ENABLE.write_volatile(LINE_RECEIVED);
        }
        uart
    }

    /// The port that the log goes to.
    pub fn log() -> Self {
        Self::new(0x4000_5000)
    }

    fn new(base: usize) -> Self {
        let uart = Self(base as *mut u32);
        uart.write_register(BAUD_RATE, 16);
        uart.write_register(CONTROL, ENABLED);
        uart
    }

    fn register(&self, at: usize) -> *mut u32 {
        self.0.wrapping_add(at)
    }

    fn read_register(&self, at: usize) -> u32 {
        // SAFETY: it is one of the port's registers.
        unsafe { self.register(at).read_volatile() }
    }

    fn write_register(&self, at: usize, value: u32) {
        // SAFETY: it is one of the port's registers.
        unsafe { self.register(at).write_volatile(value) }
    }

    fn has_received(&self) -> bool {
        self.read_register(STATE) & RECEIVE_FULL != 0
    }

    /// Sleeps until a byte has come.
    fn wait(&self) {
        while !self.has_received() {
            // SAFETY: a byte that came after the look at the state has left its interrupt pending, and wakes at once.
            unsafe {
                asm!("wfi", options(nomem, nostack, preserves_flags));
                self.write_register(INTERRUPTS, RECEIVED);
                INTERRUPT_NO_MORE_PENDING.write_volatile(LINE_RECEIVED);
            }
        }
    }

    pub fn send(&self, byte: u8) {
        while self.read_register(STATE) & TRANSMIT_FULL != 0 {}
        self.write_register(DATA, byte.into());
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    /// Waits for a byte, and takes those that have come.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        if !buffer.is_empty() {
            self.wait();
        }
        let mut count = 0;
        for place in buffer {
            if !self.has_received() {
                break;
            }
            *place = self.read_register(DATA) as u8;
            count += 1;
        }
        Ok(count)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        bytes.iter().for_each(|byte| self.send(*byte));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
