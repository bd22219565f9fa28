//! A connection of C: `cc_transport`.

use callcontainer::client::Deadline;
use callcontainer::embedded_hal::delay::DelayNs;
use callcontainer::embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write};
use core::ffi::c_void;

/// `cc_transport`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcTransport {
    /// Passed to all functions.
    pub context: *mut c_void,
    /// Sends some bytes.
    pub send: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize, u32) -> i32>,
    /// Receives some bytes.
    pub recv: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize, u32) -> i32>,
    /// Connects.
    pub connect: Option<unsafe extern "C" fn(*mut c_void) -> i32>,
    /// Closes.
    pub close: Option<unsafe extern "C" fn(*mut c_void)>,
    /// Waits for some milliseconds.
    pub sleep: Option<unsafe extern "C" fn(*mut c_void, u32)>,
    /// Tells the time in milliseconds.
    pub now: Option<unsafe extern "C" fn(*mut c_void) -> u32>,
    /// Whether something can be received.
    pub readable: Option<unsafe extern "C" fn(*mut c_void) -> i32>,
    /// Says what an error number means.
    pub classify: Option<unsafe extern "C" fn(*mut c_void, i32) -> i32>,
}

/// The number of an error of the library: the time is up.
const TIMED_OUT: i32 = i32::MIN.wrapping_add(1);
/// The number of an error of the library: the transport has no such function.
const UNSUPPORTED: i32 = i32::MIN.wrapping_add(2);
/// The number of an error of the library: the transport returned a count that cannot be.
pub(crate) const INVALID: i32 = i32::MIN.wrapping_add(3);

/// An error of a transport: its own number, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Io {
    pub(crate) number: i32,
    kind: ErrorKind,
}

impl Io {
    const fn other(number: i32) -> Self {
        Self { number, kind: ErrorKind::Other }
    }
}

impl core::fmt::Display for Io {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the transport failed")
    }
}

impl core::error::Error for Io {}

impl Error for Io {
    fn kind(&self) -> ErrorKind {
        self.kind
    }
}

/// A transport as a connection.
#[derive(Clone, Copy)]
pub(crate) struct Transport {
    functions: &'static CcTransport,
    /// The time when the deadline was set, and how much later it is.
    deadline: Option<(u32, u32)>,
}

/// There is no deadline.
const NO_TIMEOUT: u32 = u32::MAX;

impl Transport {
    /// # Safety
    /// The contract of the header: the functions can be called with their context until the client ends.
    pub(crate) const unsafe fn new(functions: &'static CcTransport) -> Self {
        Self { functions, deadline: None }
    }

    /// Closes the connection, and makes it anew.
    pub(crate) fn connect(&mut self) -> Result<(), Io> {
        self.close();
        self.deadline = None;
        let Some(connect) = self.functions.connect else { return Err(Io::other(UNSUPPORTED)) };
        // SAFETY: the promise of `new`.
        let result = unsafe { connect(self.functions.context) };
        if result < 0 { Err(self.error(result)) } else { Ok(()) }
    }

    pub(crate) fn close(&mut self) {
        if let Some(close) = self.functions.close {
            // SAFETY: the promise of `new`.
            unsafe { close(self.functions.context) }
        }
    }

    fn now(&self) -> u32 {
        // SAFETY: the promise of `new`.
        self.functions.now.map_or(0, |now| unsafe { now(self.functions.context) })
    }

    fn error(&self, number: i32) -> Io {
        // SAFETY: the promise of `new`.
        let class = self.functions.classify.map_or(0, |classify| unsafe { classify(self.functions.context, number) });
        let kind = match class {
            1 => ErrorKind::ConnectionReset,
            2 => ErrorKind::TimedOut,
            3 => ErrorKind::Interrupted,
            _ => ErrorKind::Other,
        };
        Io { number, kind }
    }

    /// Returns how long the next operation may take, in milliseconds.
    fn left(&self) -> Result<u32, Io> {
        let Some((start, most)) = self.deadline else { return Ok(NO_TIMEOUT) };
        // Without a clock, no time passes: then each operation may take as long as all together.
        match most.checked_sub(self.now().wrapping_sub(start)) {
            Some(left @ 1..) => Ok(left),
            _ => Err(Io { number: TIMED_OUT, kind: ErrorKind::TimedOut }),
        }
    }

    /// Returns the number of bytes that a function has dealt with.
    fn count(&self, result: i32, len: usize) -> Result<usize, Io> {
        match usize::try_from(result) {
            Ok(count) if count <= len => Ok(count),
            Ok(_) => Err(Io::other(INVALID)),
            Err(_) => Err(self.error(result)),
        }
    }
}

/// The most bytes that a function can report.
const MOST: usize = i32::MAX as usize;

impl ErrorType for Transport {
    type Error = Io;
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Io> {
        let Some(recv) = self.functions.recv else { return Err(Io::other(UNSUPPORTED)) };
        let (len, left) = (buffer.len().min(MOST), self.left()?);
        // SAFETY: the promise of `new`; the buffer has so many bytes.
        let result = unsafe { recv(self.functions.context, buffer.as_mut_ptr(), len, left) };
        self.count(result, len)
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Io> {
        let Some(send) = self.functions.send else { return Err(Io::other(UNSUPPORTED)) };
        let (len, left) = (bytes.len().min(MOST), self.left()?);
        // SAFETY: the promise of `new`; there are so many bytes.
        let result = unsafe { send(self.functions.context, bytes.as_ptr(), len, left) };
        self.count(result, len)
    }

    fn flush(&mut self) -> Result<(), Io> {
        Ok(())
    }
}

impl ReadReady for Transport {
    fn read_ready(&mut self) -> Result<bool, Io> {
        // SAFETY: the promise of `new`.
        match self.functions.readable.map_or(0, |readable| unsafe { readable(self.functions.context) }) {
            number @ ..0 => Err(self.error(number)),
            result => Ok(result > 0),
        }
    }
}

impl Deadline for Transport {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.deadline = Some((self.now(), milliseconds));
    }
}

/// Waits between attempts.
pub(crate) struct Sleep(pub(crate) &'static CcTransport);

impl DelayNs for Sleep {
    fn delay_ns(&mut self, nanoseconds: u32) {
        self.delay_ms(nanoseconds.div_ceil(1_000_000));
    }

    fn delay_ms(&mut self, milliseconds: u32) {
        if let Some(sleep) = self.0.sleep {
            // SAFETY: the promise of `Transport::new`.
            unsafe { sleep(self.0.context, milliseconds) }
        }
    }
}
