//! How a line ends, and what is on it: with a check, or bare.
//!
//! A call reaches all this through its [way](super::way), so that a firmware has no code for lines that it does not use.
//! With branches instead, checks take 956 bytes or 4.4 % more flash on a Cortex-M3 in a firmware that has
//! none, with this 16 bytes.

use super::collect::take_lines;
use super::framing::{Outgoing, put_envelope};
use super::way::{Kind, Way};
use crate::http::body::Stripped;
use crate::json::sink::{Sink as _, SliceSink};
use crate::json::window::Window;
use crate::line::{CHECK_LEN, Check};
use crate::shift::shift;
use crate::stream::Fill;

/// One kind of lines.
pub(super) struct Lines {
    /// The length of what ends a line.
    pub(super) end_len: usize,
    /// Ends the line when nothing else is left.
    pub(super) fill: Fill,
    /// Finds a line in a piece of what is received, and moves what is on it to the beginning of the piece.
    pub(super) strip: fn(&mut Receiving, &mut [u8]) -> Stripped,
}

/// The length of what ends a line with a check.
const CHECKED_LEN: usize = CHECK_LEN + 1;

pub(super) static BARE: Way = way("Line", Lines { end_len: 1, fill: fill_bare, strip: strip_bare });
pub(super) static CHECKED: Way =
    way("CheckedLine", Lines { end_len: CHECKED_LEN, fill: fill_checked, strip: strip_checked });

const fn way(name: &'static str, lines: Lines) -> Way {
    Way { name, put_before, put: put_envelope, take: take_lines, kind: Kind::Line(lines) }
}

/// Ends a line that may have been left unfinished.
fn put_before(outgoing: &Outgoing<'_>, window: &mut Window<'_>) {
    if outgoing.ends_line {
        window.put(b"\n");
    }
}

fn fill_bare(check: Check, window: &mut [u8], bytes: usize, left: usize) -> (Check, usize) {
    (check, end(window, bytes, left, b"\n"))
}

fn fill_checked(mut check: Check, window: &mut [u8], bytes: usize, left: usize) -> (Check, usize) {
    let written = window.get(..bytes).unwrap_or_default();
    // A newline before the envelope is no part of it.
    check.update(written.strip_prefix(b"\n").unwrap_or(written));
    let mut ending = [b'\n'; CHECKED_LEN];
    SliceSink::new(&mut ending).put(&check.trailer());
    (check, end(window, bytes, left, &ending))
}

/// Ends the line behind these bytes, if nothing else is left and there is room. Returns how many bytes there are then.
fn end(window: &mut [u8], bytes: usize, left: usize, ending: &[u8]) -> usize {
    let room = window.get_mut(bytes..).unwrap_or_default();
    if left.saturating_sub(bytes) > ending.len() || room.len() < ending.len() {
        return bytes;
    }
    SliceSink::new(room).put(ending);
    bytes.saturating_add(ending.len())
}

/// A line that is being received.
pub(super) struct Receiving {
    /// This is not the line that is wanted; skip to its newline.
    skips: bool,
    /// Some bytes of the wanted line have been received.
    begun: bool,
    /// The line has ended without a check, or with a wrong one.
    wrong: bool,
    tail: Tail,
}

impl Receiving {
    /// Expects the next line, after the end of the current one if there is one.
    pub(super) const fn new(under_way: bool) -> Self {
        Self { skips: under_way, begun: false, wrong: false, tail: Tail::new() }
    }

    /// Whether some of the wanted line has been received.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether the line has ended without a check that is right, though it should have one.
    pub(super) const fn is_wrong(&self) -> bool {
        self.wrong
    }
}

fn strip_bare(line: &mut Receiving, piece: &mut [u8]) -> Stripped {
    let mut at = 0_usize;
    loop {
        let rest = piece.get(at..).unwrap_or_default();
        let newline = rest.iter().position(|byte| *byte == b'\n');
        let data = newline.unwrap_or(rest.len());
        let surplus = rest.len().saturating_sub(data).saturating_sub(1);
        if !line.skips && (newline.is_none() || data > 0 || line.begun) {
            line.begun |= data > 0;
            shift(piece, at..at.saturating_add(data), 0);
            return Stripped { data, ended: newline.is_some(), surplus };
        }
        if newline.is_none() {
            return Stripped::default();
        }
        // The skipped line ends here, or an empty line, which has no meaning.
        line.skips = false;
        at = at.saturating_add(data).saturating_add(1);
    }
}

fn strip_checked(line: &mut Receiving, piece: &mut [u8]) -> Stripped {
    let mut stripped = strip_bare(line, piece);
    stripped.data = line.tail.pass(piece.get_mut(..stripped.data).unwrap_or_default());
    line.wrong = stripped.ended && !line.tail.is_right();
    stripped
}

/// The last bytes of a line. Nobody knows where it ends before its newline comes, so they are held back: in the end
/// they are the check.
struct Tail {
    check: Check,
    /// The bytes held back, the first of them at `first`.
    held: [u8; CHECK_LEN],
    first: u8,
    /// How many of them are still to come.
    missing: u8,
}

impl Tail {
    const fn new() -> Self {
        Self { check: Check::new(), held: [0; CHECK_LEN], first: 0, missing: CHECK_LEN as u8 }
    }

    /// Exchanges the next piece of the line for as many bytes that came earlier. Returns how many of them belong to the
    /// envelope, now at the beginning of the piece.
    fn pass(&mut self, piece: &mut [u8]) -> usize {
        for byte in piece.iter_mut() {
            if let Some(held) = self.held.get_mut(usize::from(self.first)) {
                core::mem::swap(held, byte);
            }
            self.first = self.first.wrapping_add(1);
            if usize::from(self.first) == CHECK_LEN {
                self.first = 0;
            }
        }
        // At the beginning of a line there was nothing yet.
        let none = usize::from(self.missing).min(piece.len());
        self.missing = self.missing.saturating_sub(none as u8);
        shift(piece, none..piece.len(), 0);
        let data = piece.len().saturating_sub(none);
        self.check.update(piece.get(..data).unwrap_or_default());
        data
    }

    /// Whether the line may end here: the bytes held back are the check of those before.
    fn is_right(&self) -> bool {
        let trailer = self.check.trailer();
        let held = self.held.iter().skip(self.first.into()).chain(&self.held);
        self.missing == 0 && trailer.iter().eq(held.take(CHECK_LEN))
    }
}
