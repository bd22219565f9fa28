//! The check on a serial line: a CRC-32C behind the envelope, which shows that bytes have changed on the way.
//!
//! A bare line does not tell. `{"valve":0}` with one bit flipped is `{"valve":1}`, and as valid as before. With a
//! check, it is `{"valve":0}#fb986b65`, and no envelope any more once it has changed. The [wire
//! format](crate::wire_format#the-check) has the rules, says what is noticed, and why it is this CRC.
//!
//! A client needs nothing from here: [`Framing::CHECKED_LINE`](crate::client::Framing::CHECKED_LINE) does it all. This
//! is for the other end. A gateway takes each line apart as a [`Line`], and puts [`Check::trailer`] behind the reply to
//! one that has a check.
//!
//! ```
//! use callcontainer::line::{Check, Line};
//! use callcontainer::{ErrorKind, Reply, Request, Response};
//!
//! let request = Request::new("/valve").with_env("prod-01").with_call_id("7");
//! let mut line = request.encode(&mut [0; 128])?.to_vec();
//! line.extend(Check::of(&line).trailer());
//!
//! // At the gateway, without the newline.
//! let received = Line::new(&line);
//! assert_eq!(Request::decode(received.envelope()?)?, request);
//! let reply = Reply::Response(Response::new(204).with_call_id("7"));
//! let mut answer = reply.encode(&mut [0; 128])?.to_vec();
//! if received.is_checked() {
//!     answer.extend(Check::of(&answer).trailer());
//! }
//! assert_eq!(answer, br#"{"statusCode":204,"callID":"7"}#e8804518"#);
//!
//! // A bit that flips is noticed.
//! line[20] ^= 1;
//! assert_eq!(Line::new(&line).envelope().unwrap_err().kind(), ErrorKind::InvalidCheck);
//! # Ok::<(), callcontainer::Error>(())
//! ```

use crate::error::{Error, ErrorKind};

/// The length of a check on a line in bytes: `#` and eight hex digits. It does not count as part of the envelope.
pub const CHECK_LEN: usize = 9;

/// The CRC-32C of an envelope, from its bytes as they come.
///
/// It takes four bytes, and a table of 64 bytes, so that it suits a microcontroller.
///
/// ```
/// use callcontainer::line::Check;
///
/// let mut check = Check::new();
/// check.update(b"1234");
/// check.update(b"56789");
/// assert_eq!(&check.trailer(), b"#e3069283");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Check(u32);

/// The remainders of all half bytes.
static TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut rest: &mut [u32] = &mut table;
    let mut half = 0;
    while let Some((slot, others)) = rest.split_first_mut() {
        *slot = half;
        let mut bit = 0;
        while bit < 4 {
            // The polynomial of Castagnoli (RFC 3720, section 12.1), its bits in reverse order.
            *slot = (*slot >> 1) ^ (0x82F6_3B78 & (*slot & 1).wrapping_neg());
            bit += 1;
        }
        half = half.wrapping_add(1);
        rest = others;
    }
    table
};

impl Check {
    /// Creates the check of no bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    /// Returns the check of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut check = Self::new();
        check.update(bytes);
        check
    }

    /// Adds the next bytes of the envelope.
    #[inline(never)]
    pub fn update(&mut self, bytes: &[u8]) {
        // Half bytes, with a table of 64 bytes. One of 1024 or more is several times as fast, which no serial line
        // needs, and takes more flash than everything else here.
        for byte in bytes {
            self.0 ^= u32::from(*byte);
            for _ in 0..2 {
                self.0 = (self.0 >> 4) ^ TABLE.get((self.0 & 15) as usize).copied().unwrap_or(0);
            }
        }
    }

    /// Returns what goes behind the envelope, before the newline.
    #[must_use]
    #[inline(never)]
    pub fn trailer(&self) -> [u8; CHECK_LEN] {
        let mut trailer = [b'#'; CHECK_LEN];
        let mut rest = !self.0;
        for digit in trailer.iter_mut().skip(1) {
            rest = rest.rotate_left(4);
            *digit = b"0123456789abcdef".get((rest & 15) as usize).copied().unwrap_or(b'0');
        }
        trailer
    }
}

impl Default for Check {
    fn default() -> Self {
        Self::new()
    }
}

/// A line taken apart: an envelope, and the check behind it if there is one.
///
/// ```
/// use callcontainer::line::Line;
///
/// let line = Line::new(br#"{"valve":0}#fb986b65"#);
/// assert_eq!(line.envelope()?, br#"{"valve":0}"#);
/// assert!(line.is_checked());
/// let bare = Line::new(br#"{"valve":0}"#);
/// assert_eq!(bare.envelope()?, br#"{"valve":0}"#);
/// assert!(bare.checked_envelope().is_err());
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'l> {
    envelope: &'l [u8],
    /// Whether the check is right.
    check: Option<bool>,
}

impl<'l> Line<'l> {
    /// Takes apart a line, which is given without its newline.
    ///
    /// It has a check if it ends with `#` and eight digits or letters from `a` to `f`. No envelope ends like that.
    #[must_use]
    pub fn new(line: &'l [u8]) -> Self {
        let (envelope, trailer) = line.split_at_checked(line.len().saturating_sub(CHECK_LEN)).unwrap_or_default();
        match trailer {
            [b'#', digits @ ..]
                if digits.len() == 8 && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                Self { envelope, check: Some(Check::of(envelope).trailer() == trailer) }
            }
            _ => Self { envelope: line, check: None },
        }
    }

    /// Whether there is a check, right or wrong. Then the reply has one too.
    #[must_use]
    pub const fn is_checked(&self) -> bool {
        self.check.is_some()
    }

    /// Returns the envelope.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCheck`] when there is a check, and it is wrong. The offset is that of its `#`.
    pub const fn envelope(&self) -> Result<&'l [u8], Error> {
        match self.check {
            Some(false) => Err(Error::new(ErrorKind::InvalidCheck, self.envelope.len())),
            _ => Ok(self.envelope),
        }
    }

    /// Returns the envelope, for a line on which all envelopes have checks.
    ///
    /// # Errors
    /// As for [`envelope`](Line::envelope); and when there is no check, where it would begin.
    pub const fn checked_envelope(&self) -> Result<&'l [u8], Error> {
        match self.check {
            Some(true) => Ok(self.envelope),
            Some(false) => self.envelope(),
            None => Err(Error::new(ErrorKind::InvalidCheck, self.envelope.len().saturating_sub(CHECK_LEN))),
        }
    }
}
