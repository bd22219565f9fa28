//! What a machine finds in its window: an event, or the position of a piece.

use super::event::{Event, Field};
use crate::json::Text;

/// The position of a piece in the window.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(super) kind: PieceKind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    pub(super) last: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum PieceKind {
    Text(Field),
    Json,
    Bytes,
}

#[derive(Clone, Copy)]
pub(crate) enum Found {
    /// The window holds nothing more to process.
    More,
    /// Like `More`, and the envelope is complete.
    End,
    Event(Event<'static>),
    Piece(Piece),
}

/// Returns the event that was found, with its bytes.
pub(crate) fn event(found: Found, bytes: &[u8]) -> Option<Event<'_>> {
    let Piece { kind, start, end, escaped, last } = match found {
        Found::Event(event) => return Some(event),
        Found::Piece(piece) => piece,
        Found::More | Found::End => return None,
    };
    let bytes = bytes.get(start..end).unwrap_or_default();
    Some(match kind {
        PieceKind::Text(field) => Event::Text { field, text: Text::from_span(bytes, escaped), last },
        PieceKind::Json => Event::Json { json: bytes, last },
        PieceKind::Bytes => Event::Bytes { bytes, last },
    })
}
