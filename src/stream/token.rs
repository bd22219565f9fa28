//! The current name or value of a machine: its content, which may come in pieces.
//!
//! Knows how content continues at any byte, and which rule it follows. Grammar, rules and base64 are those of the slice
//! decoder. Bytes come in through a window; pieces go out as positions in it. Knows nothing of what encloses the value,
//! or what comes next.

use super::found::{Piece, PieceKind};
use super::lookup::Lookup;
use super::role::{Part, Role};
use super::window::Window;
use crate::base64;
use crate::envelope::native_buffers;
use crate::error::{Error, ErrorKind};
use crate::json::integer::Integer;
use crate::json::simd;
use crate::json::string::{self, Content, Stop};
use crate::json::text::{self, Text};
use crate::json::walk::Walker;
use crate::target::WIDE;

pub(super) struct Token {
    /// Its role, its field if it is a text, and its rule. The texts in an array share those of the array.
    pub(super) part: Part,
    /// The offset of its first byte.
    pub(super) at: usize,
    /// Its length so far after unescaping, if its rule depends on that.
    pub(super) len: usize,
    /// The part that has not been returned yet contains an escape.
    pub(super) escaped: bool,
    /// The rest is not returned.
    pub(super) skips: bool,
    /// Its first bytes, if it is looked up.
    pub(super) lookup: Lookup,
    walker: Walker,
    integer: Integer,
    base64: base64::Decoder,
}

impl Token {
    /// Before an envelope.
    pub(super) const fn new() -> Self {
        Self {
            part: Part { role: Role::Envelope, ..Part::SKIP },
            at: 0,
            len: 0,
            escaped: false,
            skips: false,
            lookup: Lookup::NEW,
            walker: Walker::new(1),
            integer: Integer::NEW,
            base64: base64::Decoder::NEW,
        }
    }

    /// Begins a name here.
    pub(super) fn begin(&mut self, part: Part, at: usize) {
        self.part = part;
        self.at = at;
        self.len = 0;
        self.escaped = false;
        self.skips = false;
        self.lookup.clear();
    }

    /// Begins a value of this level here.
    pub(super) fn begin_value(&mut self, part: Part, at: usize, level: u8) {
        self.begin(part, at);
        self.walker = Walker::new(level);
        self.integer = Integer::NEW;
        self.base64 = base64::Decoder::NEW;
    }

    /// Returns how far the token extends in `rest`.
    #[inline(always)] // There is one caller; a call for each run costs a small envelope some 10 % more instructions.
    pub(super) fn scan(&mut self, in_string: bool, rest: &[u8]) -> Content {
        if in_string {
            // Symbols are nothing else in a string either.
            if WIDE && self.part.role == Role::Base64 {
                let symbols = simd::symbols(rest);
                return string::content(rest.get(symbols..).unwrap_or_default()).behind(symbols);
            }
            return string::content(rest);
        }
        let (len, stop) = match self.walker.feed(rest) {
            Err(error) => (error.offset(), Stop::Wrong(error.kind(), error.offset())),
            Ok(used) => (used, if self.walker.is_done() { Stop::Quote } else { Stop::Cut }),
        };
        Content { len, escaped: false, printable: false, stop }
    }

    /// Takes more content other than base64; `printable` says whether it is known to be printable. Returns how much of
    /// it came before, if its rule counts that.
    ///
    /// # Errors
    /// What its rule forbids.
    #[inline(always)] // As for `scan`.
    pub(super) fn take(&mut self, run: Text<'_>, printable: bool) -> Result<usize, Error> {
        let before = self.len;
        match self.part.role {
            Role::Key | Role::Choice | Role::BufferKey => self.lookup.add(run),
            Role::Number => self.integer.add(run.as_raw()),
            role if role.is_text() => {
                let is_fine = WIDE && printable && before == 0 && self.part.rule.allows_printable(run.as_raw());
                self.len = if is_fine { run.as_raw().len() } else { self.part.rule.check(run, before)? };
                if role == Role::HeaderName {
                    self.lookup.add(run);
                }
            }
            _ => {}
        }
        Ok(before)
    }

    /// Takes more base64, and decodes it in place.
    ///
    /// # Errors
    /// The position of the first wrong byte in it.
    pub(super) fn decode(
        &mut self,
        len: usize,
        escaped: bool,
        window: &mut Window,
        bytes: &mut [u8],
    ) -> Result<(), usize> {
        let scan = window.scan;
        window.look(len);
        let Some(span) = bytes.get_mut(scan..window.scan) else { return Ok(()) };
        let mut symbols = len;
        if escaped || self.skips {
            let mut checker = self.base64;
            native_buffers::check_base64(Text::from_span(span, escaped), &mut checker)?;
            if self.skips {
                self.base64 = checker;
                return Ok(());
            }
            symbols = text::unescape_in_place(span);
        }
        let end = scan.wrapping_add(symbols);
        window.filled = self.base64.decode_in_place(bytes, scan..end, window.filled)?;
        Ok(())
    }

    /// Returns the part of it that is in the window, if it is to be returned.
    pub(super) fn piece(&self, last: bool, window: &Window) -> Option<Piece> {
        let kind = match self.part.role {
            _ if self.skips => return None,
            Role::Base64 => PieceKind::Bytes,
            Role::Data => PieceKind::Json,
            role if role.is_text() => PieceKind::Text(self.part.field),
            _ => return None,
        };
        Some(Piece { kind, start: window.start, end: window.filled, escaped: self.escaped, last })
    }

    /// Ends the token, before this offset.
    ///
    /// # Errors
    /// What is wrong with it as a whole, regardless of its context.
    pub(super) fn end(&self, end: usize) -> Result<(), Error> {
        let at = self.at;
        match self.part.role {
            Role::Base64 if !self.base64.is_complete() => Err(Error::new(ErrorKind::InvalidBase64, end)),
            Role::BufferKey if self.lookup.bytes() != b"data" => Err(Error::new(ErrorKind::InvalidBufferKey, at)),
            role if role.is_text() => self.part.rule.check_end(self.len == 0).map_err(|kind| Error::new(kind, at)),
            _ => Ok(()),
        }
    }

    /// Returns one of a few names, or the name of a header. A name that is too long to be a known one is returned as
    /// empty.
    pub(super) fn name(&self) -> Text<'_> {
        Text::from_span(self.lookup.bytes(), false)
    }

    /// Returns a whole number.
    pub(super) fn number(&self) -> Option<i64> {
        self.integer.value()
    }
}
