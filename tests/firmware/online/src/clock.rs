//! The time of the board, and how much of it is spent waiting.

use crate::lan9118;
use crate::smoltcp_socket::Clock;
use core::sync::atomic::{AtomicU32, Ordering};
use smoltcp::time::{Duration, Instant};

const TICKS_PER_MICROSECOND: u64 = 25;

/// Under `-icount shift=3` an instruction takes eight nanoseconds, and a tick is forty.
const INSTRUCTIONS_PER_TICK: u32 = 5;

/// Ticks that were spent waiting for the network, a hundred at a time.
static WAITED: AtomicU32 = AtomicU32::new(0);

/// A clock that must be asked at least every 171 seconds.
#[derive(Default)]
pub struct Ticks {
    last: u32,
    total: u64,
    waited: u32,
}

impl Ticks {
    fn ticks(&mut self) -> u64 {
        let now = board::timer();
        self.total += u64::from(now.wrapping_sub(self.last));
        self.last = now;
        self.total
    }
}

impl Clock for Ticks {
    fn now(&mut self) -> Instant {
        Instant::from_micros((self.ticks() / TICKS_PER_MICROSECOND) as i64)
    }

    /// Waits for a frame.
    fn wait(&mut self, longest: Duration) {
        let start = self.ticks();
        let most = longest.total_micros() * TICKS_PER_MICROSECOND;
        let mut waited = 0;
        while waited < most && !lan9118::has_frame() {
            waited = self.ticks() - start;
        }
        self.waited += waited as u32;
        WAITED.fetch_add(self.waited / 100, Ordering::Relaxed);
        self.waited %= 100;
    }
}

/// Runs something, and returns what the processor has executed for it, without waiting, in thousands of instructions.
pub fn cost<T>(run: impl FnOnce() -> T) -> (T, u32) {
    let (start, waited) = (board::timer(), WAITED.load(Ordering::Relaxed));
    let result = run();
    let ticks = board::timer().wrapping_sub(start) / 100;
    let waited = WAITED.load(Ordering::Relaxed).wrapping_sub(waited);
    (result, ticks.saturating_sub(waited).saturating_mul(INSTRUCTIONS_PER_TICK) / 10)
}

impl callcontainer::embedded_hal::delay::DelayNs for Ticks {
    fn delay_ns(&mut self, nanoseconds: u32) {
        self.wait_idly(Duration::from_micros(u64::from(nanoseconds) / 1000));
    }
}

impl Ticks {
    fn wait_idly(&mut self, time: Duration) {
        let until = self.now() + time;
        while self.now() < until {}
    }
}
