//! What the script gives to an image when it starts it, so that none need be built again: it lies in memory behind the
//! image.
//!
//! ```text
//! GATEWAY SERVICE SECURE FOREIGN NOW SEED\n
//! the certificate of the authority, in DER
//! ```
//!
//! The numbers are decimal: the ports of the gateway, of the service behind it, and of two TLS servers in front of them,
//! of which the second has a certificate of another authority; the seconds since 1970; and any number.

/// Where it lies, and how long it may be. Behind it there are zeros.
const PLACE: *const u8 = 0x0030_0000 as *const u8;
const SIZE: usize = 4096;

/// What was given.
pub struct Given {
    pub gateway: u16,
    pub service: u16,
    pub secure: u16,
    pub foreign: u16,
    pub now: u32,
    pub seed: u64,
    /// A certificate in DER, and what is behind it.
    pub authority: &'static [u8],
}

impl Given {
    /// Reads it. `None` if it is not there.
    pub fn read() -> Option<Self> {
        // SAFETY: it is memory of the board, and only the emulator has ever written there.
        let bytes = unsafe { core::slice::from_raw_parts(PLACE, SIZE) };
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let line = core::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut numbers = line.split(' ').map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            gateway: next()?.try_into().ok()?,
            service: next()?.try_into().ok()?,
            secure: next()?.try_into().ok()?,
            foreign: next()?.try_into().ok()?,
            now: next()?.try_into().ok()?,
            seed: next()?,
            authority: certificate(bytes.get(end.checked_add(1)?..)?)?,
        })
    }
}

/// The certificate that begins here: its header says how long it is (X.690, 8.1.3).
fn certificate(bytes: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const TWO_BYTES_OF_LENGTH: u8 = 0x82;
    let [SEQUENCE, TWO_BYTES_OF_LENGTH, high, low, ..] = bytes else { return Some(&[]) };
    bytes.get(..usize::from(u16::from_be_bytes([*high, *low])).checked_add(4)?)
}
