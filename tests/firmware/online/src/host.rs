//! What the script that runs the emulator tells the image: where the host listens, and whom to trust.

/// The script puts it here, behind everything that the linker knows of.
const PLACE: *const Told = 0x203F_0000 as *const Told;

/// Ports on the host, and the certificate of the authority.
#[repr(C)]
pub struct Told {
    /// The gateway.
    pub gateway: u16,
    /// nginx in front of it.
    pub tls: u16,
    /// nginx with a certificate of another authority.
    pub foreign: u16,
    len: u16,
    certificate: [u8; 4096],
}

impl Told {
    #[must_use]
    pub fn get() -> &'static Self {
        // SAFETY: the emulator has filled this RAM before the start, any bytes are such a value, and nothing writes there.
        unsafe { &*PLACE }
    }

    /// The certificate of the authority, as DER.
    #[must_use]
    pub fn authority(&self) -> &[u8] {
        self.certificate.get(..self.len.into()).unwrap_or_default()
    }
}

/// Random numbers of the host, which stands in for the generator that a real microcontroller has.
#[cfg(feature = "tls")]
pub struct Random;

#[cfg(feature = "tls")]
mod random {
    use super::Random;
    use rand_core::{CryptoRng, RngCore};

    impl CryptoRng for Random {}

    impl RngCore for Random {
        fn next_u32(&mut self) -> u32 {
            let mut bytes = [0; 4];
            self.fill_bytes(&mut bytes);
            u32::from_le_bytes(bytes)
        }

        fn next_u64(&mut self) -> u64 {
            let mut bytes = [0; 8];
            self.fill_bytes(&mut bytes);
            u64::from_le_bytes(bytes)
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            if !board::host_random(bytes) {
                board::print(b"no random numbers\n");
                board::exit(false);
            }
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }
}

/// The time of day, by which certificates are valid or not.
#[cfg(feature = "tls")]
pub struct TimeOfDay;

#[cfg(feature = "tls")]
impl embedded_tls::TlsClock for TimeOfDay {
    fn now() -> Option<u64> {
        Some(board::host_seconds().into())
    }
}
