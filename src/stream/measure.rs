//! Measures the length of a body in an envelope before anything is written.
//!
//! Counts what the writer of bodies makes of the pieces. The body must be read twice: once to measure it, once to write
//! it into the envelope.

use super::body::{Body, BodyWriter};
use crate::envelope::data::DataKind;
use crate::error::{Error, ErrorKind};
use crate::json::sink::SliceSink;
use crate::shift::shift;

/// Measures a body that comes in pieces, through a window of `W` bytes, at least 64. Does no I/O.
///
/// ```
/// use callcontainer::stream::{Body, Measure};
///
/// let mut measure = Measure::<64>::json();
/// for byte in b"{\"on\": true}" {
///     measure.window()[0] = *byte;
///     measure.read(1)?;
/// }
/// assert_eq!(measure.finish()?, Body::json(11));
/// # Ok::<(), callcontainer::Error>(())
/// ```
pub struct Measure<const W: usize> {
    kind: DataKind,
    writer: BodyWriter,
    kept: usize,
    window: [u8; W],
}

impl<const W: usize> Measure<W> {
    /// Measures text.
    #[must_use]
    pub const fn text() -> Self {
        Self::new(DataKind::Text)
    }

    /// Measures JSON.
    #[must_use]
    pub const fn json() -> Self {
        Self::new(DataKind::Json)
    }

    /// Counts bytes.
    #[must_use]
    pub const fn bytes() -> Self {
        Self::new(DataKind::Bytes)
    }

    const fn new(kind: DataKind) -> Self {
        const { assert!(W >= 64, "a window holds at least 64 bytes: choose a larger W") }
        let unknown = Body::of(kind, usize::MAX);
        Self { kind, writer: BodyWriter::new(unknown), kept: 0, window: [0; W] }
    }

    /// Returns where to read the next piece to: at least one byte.
    pub fn window(&mut self) -> &mut [u8] {
        self.window.get_mut(self.kept..).unwrap_or_default()
    }

    /// Reports that `bytes` bytes were read into the window.
    ///
    /// # Errors
    /// What a decoder would refuse, with its offset in the body. The measure cannot be used any more.
    pub fn read(&mut self, bytes: usize) -> Result<(), Error> {
        let piece = self.window.get(..self.kept.saturating_add(bytes)).unwrap_or(&self.window);
        let len = piece.len();
        let done = self.writer.write(piece, &mut SliceSink::default())?;
        shift(&mut self.window, done..len, 0);
        self.kept = len.saturating_sub(done);
        Ok(())
    }

    /// Returns the body that was measured.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEnd`] when the body ends within a value or a character.
    pub fn finish(&self) -> Result<Body, Error> {
        let kept = if self.kind == DataKind::Bytes { self.kept } else { 0 };
        if self.kept > kept || !self.writer.may_end() {
            return Err(self.writer.error(ErrorKind::UnexpectedEnd, self.kept));
        }
        Ok(self.writer.measured(kept))
    }
}
