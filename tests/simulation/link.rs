//! A link in memory, that takes its time, cuts bytes into pieces, and fails.
//!
//! It knows bytes and moments. It must never know what the bytes mean.

use crate::world::World;
use callcontainer::client::Deadline;
use callcontainer::{embedded_io, embedded_io_async};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// How often links fail.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Of a thousand writes, how many arrive so late that nobody waits for them.
    stalls: usize,
    /// Of a thousand writes, how many end the connection somewhere within what was written.
    cuts: usize,
    /// Of a thousand bytes, how many change, come twice or get lost.
    noise: usize,
    /// Of a thousand times that a connection has nothing to do, how many that end it.
    idle_ends: usize,
    /// They are over.
    ended: Rc<Cell<bool>>,
}

impl Faults {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn new(stalls: usize, cuts: usize, noise: usize) -> Self {
        Self { stalls, cuts, noise, ..Self::default() }
    }

    pub fn with_idle_ends(self, idle_ends: usize) -> Self {
        Self { idle_ends, ..self }
    }

    pub fn is_none(&self) -> bool {
        self.stalls == 0 && self.cuts == 0 && self.noise == 0
    }

    pub fn is_noisy(&self) -> bool {
        self.noise > 0
    }

    /// From here on the links do none of this.
    pub fn end(&self) {
        self.ended.set(true);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(embedded_io::ErrorKind);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        self.0
    }
}

pub const TIMED_OUT: Broken = Broken(embedded_io::ErrorKind::TimedOut);
const RESET: Broken = Broken(embedded_io::ErrorKind::ConnectionReset);

/// How bytes stop to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    End,
    Reset,
}

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    /// What is under way, and when it arrives; in order.
    pieces: VecDeque<(u64, VecDeque<u8>)>,
    last: u64,
    stop: Option<Stop>,
}

/// One end of a connection.
pub struct End {
    world: Rc<World>,
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
    faults: Faults,
    /// Reads fail from this moment on.
    deadline: Rc<Cell<u64>>,
}

/// Both ends of a new connection.
pub fn connect(world: &Rc<World>, faults: &Faults) -> (End, End) {
    let pipes = [Rc::<RefCell<Pipe>>::default(), Rc::default()];
    let end = |incoming: usize, outgoing: usize| End {
        world: Rc::clone(world),
        incoming: Rc::clone(&pipes[incoming]),
        outgoing: Rc::clone(&pipes[outgoing]),
        faults: faults.clone(),
        deadline: Rc::new(Cell::new(u64::MAX)),
    };
    (end(0, 1), end(1, 0))
}

impl End {
    /// The moment from which on reads fail.
    pub fn deadline(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.deadline)
    }

    /// The connection has nothing to do from here on: it may end, without a word, if nothing comes for some time.
    pub fn idle(&self) {
        let now = self.world.now();
        let end = self.world.random(|random| random.per_mille(self.faults.idle_ends).then(|| random.below(200)));
        self.deadline.set(end.map_or(u64::MAX, |wait| now + wait as u64));
    }

    /// Ends the connection. The other end sees that it has ended, or that it was reset, and may write into the void.
    pub fn end(self) {
        for pipe in [&self.incoming, &self.outgoing] {
            let stop = if self.world.random(|random| random.chance(2)) { Stop::End } else { Stop::Reset };
            pipe.borrow_mut().stop.get_or_insert(stop);
        }
    }

    fn try_read(&mut self, buffer: &mut [u8]) -> Poll<Result<usize, Broken>> {
        assert!(!buffer.is_empty(), "a read into nothing");
        let world = Rc::clone(&self.world);
        let mut pipe = self.incoming.borrow_mut();
        let most = world.random(|random| if random.chance(3) { 1 + random.below(16) } else { buffer.len() });
        if let Some((moment, bytes)) = pipe.pieces.front_mut() {
            if *moment <= world.now() {
                let count = bytes.len().min(buffer.len()).min(most);
                for (slot, byte) in buffer.iter_mut().zip(bytes.drain(..count)) {
                    *slot = byte;
                }
                if bytes.is_empty() {
                    pipe.pieces.pop_front();
                }
                world.stir();
                return Poll::Ready(Ok(count));
            }
            world.expect_at(*moment);
        } else if let Some(stop) = pipe.stop {
            world.stir();
            return Poll::Ready(if stop == Stop::End { Ok(0) } else { Err(RESET) });
        }
        if self.deadline.get() <= world.now() {
            world.stir();
            return Poll::Ready(Err(TIMED_OUT));
        }
        if self.deadline.get() < u64::MAX {
            world.expect_at(self.deadline.get());
        }
        Poll::Pending
    }

    fn write_now(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        assert!(!bytes.is_empty(), "a write of nothing");
        let (world, faults) = (&self.world, &self.faults);
        world.stir();
        let mut pipe = self.outgoing.borrow_mut();
        match pipe.stop {
            // They go where nobody reads them.
            Some(Stop::End) => return Ok(bytes.len()),
            Some(Stop::Reset) => return Err(RESET),
            None => {}
        }
        let takes = world.random(|random| if random.chance(4) { 1 + random.below(bytes.len()) } else { bytes.len() });
        let mut bytes = bytes[..takes].to_vec();
        let on = !faults.ended.get();
        if on && world.random(|random| random.per_mille(faults.cuts)) {
            bytes.truncate(world.random(|random| random.below(takes + 1)));
            let stop = if world.random(|random| random.chance(2)) { Stop::End } else { Stop::Reset };
            pipe.stop = Some(stop);
            self.incoming.borrow_mut().stop.get_or_insert(stop);
        }
        if on && faults.noise > 0 {
            bytes = world.random(|random| {
                let mut seen = Vec::new();
                for byte in bytes {
                    match random.per_mille(faults.noise).then(|| random.below(4)) {
                        None => seen.push(byte),
                        Some(0) => {}
                        Some(1) => seen.extend([byte; 2]),
                        Some(2) => seen.push(byte ^ 1 << random.below(8)),
                        Some(_) => seen.push(random.below(256) as u8),
                    }
                }
                seen
            });
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (delay, size) = world.random(|random| {
                let stalls = on && random.per_mille(faults.stalls);
                let delay = if stalls { random.below(6000) } else { random.below(3) };
                (delay as u64, if random.chance(2) { rest.len() } else { 1 + random.below(rest.len()) })
            });
            let (piece, after) = rest.split_at(size);
            rest = after;
            pipe.last = pipe.last.max(world.now()) + delay;
            let arrival = pipe.last;
            pipe.pieces.push_back((arrival, piece.iter().copied().collect()));
        }
        Ok(takes)
    }
}

/// Whoever goes away ends the connection.
impl Drop for End {
    fn drop(&mut self) {
        self.outgoing.borrow_mut().stop.get_or_insert(Stop::End);
        self.incoming.borrow_mut().stop.get_or_insert(Stop::Reset);
        self.world.stir();
    }
}

impl Deadline for End {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.deadline.set(self.world.now() + u64::from(milliseconds));
    }
}

impl embedded_io::ErrorType for End {
    type Error = Broken;
}

impl embedded_io::Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        loop {
            if let Poll::Ready(read) = self.try_read(buffer) {
                return read;
            }
            self.world.turn();
        }
    }
}

impl embedded_io::Write for End {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.write_now(bytes)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

impl embedded_io_async::Read for End {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        poll_fn(|_| self.try_read(buffer)).await
    }
}

impl embedded_io_async::Write for End {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        // It may have to wait a little.
        let wait = self.world.random(|random| random.below(8));
        if wait < 3 {
            self.world.sleep(wait as u64).await;
        }
        self.write_now(bytes)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}
