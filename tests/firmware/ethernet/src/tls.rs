//! TLS 1.3 over a TCP connection, to a server whose certificate the authority has signed that the image was given.
//!
//! It knows whom to trust. It must never know what goes through it.

use crate::connection::Connection;
use crate::given::Given;
use crate::network::Network;
use crate::time::{self, SECOND};
use board::Scratch;
use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use embedded_tls::blocking::TlsConnection;
use embedded_tls::{Aes128GcmSha256, CryptoRng, MaxFragmentLength, TlsClock, TlsConfig, TlsContext, TlsError};
use trust::Provider;

// The file that a firmware would paste, as it is.
#[allow(dead_code, reason = "the buffers of this image are smaller than those there")]
#[path = "../../../../examples/device/tls.rs"]
mod trust;

/// The longest records that the server is asked for (RFC 6066, section 4).
const RECORD: MaxFragmentLength = MaxFragmentLength::Bits11;
/// A record, its header, and what encryption adds to it.
const READ_BUFFER: usize = 2048 + 5 + 256;
/// A call is longer than this only with a long body, and is sent in several records then.
const WRITE_BUFFER: usize = 1024;

/// A connection through TLS.
pub type Secure<'b, 'n> = TlsConnection<'b, Connection<'n>, Aes128GcmSha256>;

static READ: Scratch<READ_BUFFER> = Scratch::new();
static WRITE: Scratch<WRITE_BUFFER> = Scratch::new();

/// What a connection has in memory for records.
pub struct Buffers {
    read: &'static mut [u8],
    write: &'static mut [u8],
}

impl Buffers {
    /// Takes the memory.
    ///
    /// # Safety
    /// It is called once.
    pub unsafe fn take() -> Self {
        // SAFETY: the caller calls this once.
        unsafe { Self { read: READ.take(), write: WRITE.take() } }
    }
}

/// Numbers for tests ONLY. The emulated board has no source of randomness, so these are made from a seed of 64 bits
/// that the script passes on from its own machine (SplitMix64), and whoever sees one of them can tell all that follow.
/// A firmware takes the hardware's true random numbers here.
pub struct TestOnlyNumbers(u64);

impl TestOnlyNumbers {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl rand_core::RngCore for TestOnlyNumbers {
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(8) {
            piece.copy_from_slice(&self.next_u64().to_le_bytes()[..piece.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for TestOnlyNumbers {}

/// Seconds since 1970 when the image started.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// The time of day. The script says what it was at the start, as a clock with a battery would, or an answer that was
/// authenticated.
pub struct Clock;

impl Clock {
    /// Sets what the time was at the start.
    pub fn set(seconds: u32) {
        STARTED.store(seconds, Relaxed);
    }
}

impl TlsClock for Clock {
    fn now() -> Option<u64> {
        Some(u64::from(STARTED.load(Relaxed)).saturating_add(time::now() / SECOND))
    }
}

/// Connects to this port of the host, and makes sure that the server there has this name.
///
/// # Errors
/// That there is no connection, as [`TlsError::Io`]; [`TlsError::InvalidCertificate`] if the server is not who it
/// should be; and whatever else may go wrong.
#[inline(never)]
pub fn open<'b, 'n>(
    network: &'n RefCell<Network>,
    port: u16,
    name: &str,
    given: &Given,
    numbers: &mut TestOnlyNumbers,
    buffers: &'b mut Buffers,
) -> Result<Secure<'b, 'n>, TlsError> {
    use callcontainer::embedded_io::Error as _;
    let connection = Connection::open(network, port).map_err(|error| TlsError::Io(error.kind()))?;
    let mut secure = TlsConnection::new(connection, buffers.read, buffers.write);
    let config = TlsConfig::new().with_server_name(name).with_max_fragment_length(RECORD);
    let mut provider = Provider::<_, Clock>::new(numbers, given.authority);
    secure.open(TlsContext::new(&config, &mut provider))?;
    provider.finish()?;
    Ok(secure)
}

/// Prints why there is no connection.
pub fn tell_error(error: &TlsError) {
    let name = match error {
        TlsError::InvalidCertificate => "certificate",
        TlsError::InvalidSignature | TlsError::InvalidSignatureScheme => "signature",
        TlsError::InsufficientSpace | TlsError::OutOfMemory => "no room",
        TlsError::HandshakeAborted(..) | TlsError::AbortHandshake(..) => "aborted",
        TlsError::Io(_) | TlsError::IoError => "connection",
        _ => "protocol",
    };
    crate::tell("TLS", name);
}
