//! A serial port between two ring buffers, which its interrupts fill and empty, and a cloud over it that several tasks
//! share.

use crate::halves::Halves;
use crate::timed::Timed;
use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::embedded_io::ErrorKind;
use callcontainer::{Reply, Request};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::mutex::Mutex;
use embassy_sync::once_lock::OnceLock;
use embassy_sync::pipe::Pipe;

/// A ring buffer.
pub type Ring = Pipe<CriticalSectionRawMutex, 256>;

/// What the receiver's interrupt writes to.
pub static INCOMING: Ring = Pipe::new();
/// What the transmitter's interrupt reads from.
pub static OUTGOING: Ring = Pipe::new();

/// The port, as its users see it.
pub type Port = Timed<Halves<&'static Ring, &'static Ring>>;

static CLOUD: OnceLock<Mutex<CriticalSectionRawMutex, Cloud<'static, Port, 512>>> = OnceLock::new();

/// Makes calls possible: before, they wait. `starts` is how often the device has been started, so that no `callID`
/// repeats.
pub fn open(starts: u32, env: &'static str) {
    let mut cloud = Cloud::new(u64::from(starts) << 32).with_env(env).with_deadlines();
    cloud.init(Timed::new(Halves { reader: &INCOMING, writer: &OUTGOING }), Framing::LINE);
    // Once opened, it stays so.
    let _ = CLOUD.init(Mutex::new(cloud));
}

/// Makes a call, from any task.
///
/// # Errors
/// As for [`Cloud::call`]. Nothing is repeated.
pub async fn call<'b>(request: &Request<'_>, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<ErrorKind>> {
    CLOUD.get().await.lock().await.call_async(request, buffer).await
}
