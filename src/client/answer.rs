//! The HTTP response of a service as a reply, in the buffer of the caller: the envelope that a gateway would have sent.
//!
//! The head is kept at the beginning of the buffer until it is complete; then the beginning of the envelope takes its
//! place. The body is received behind that, and made into `data` in place. So the buffer need not be larger than for a
//! reply through a gateway, unless the head takes more than half of it.

use super::collect::Collecting;
use super::doors::Asked;
use super::error::Wrong;
use super::platform;
use crate::envelope::data::{Data, DataKind};
use crate::envelope::members::{Members, key};
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::fields::{Fields, LINES_LIMIT, is_coded};
use crate::http::lines::lines_of;
use crate::http::text::{Body, Replacing, is_text, put_content};
use crate::json::sink::{Sink, SliceSink};
use crate::limits::REPLY_LIMIT;
use crate::shift::{shift, shift_to_end};
use crate::{Bytes, Text};

/// Takes the next `count` bytes, which are in the [room](Collecting::room) for them; 0 means that the connection has ended.
/// Returns whether the reply is complete.
///
/// # Errors
/// What is wrong with the response; a reply that is longer than any may be.
pub(super) fn take(collecting: &mut Collecting<'_>, count: usize) -> Result<bool, Wrong> {
    if count == 0 {
        collecting.link.ended(&collecting.collect.inlet)?;
        return close(collecting);
    }
    let to_buffer = collecting.to_buffer();
    let count = count.min(collecting.room().len());
    let (mut start, mut end) = (0, count);
    if to_buffer {
        start = collecting.collect.filled;
        end = start.saturating_add(count);
    } else if collecting.collect.inlet.in_head() {
        let Some(at) = take_head(collecting, count)? else { return Ok(false) };
        start = at;
    }
    let Collecting { collect, link, window, buffer, .. } = collecting;
    let place = if to_buffer { &mut **buffer } else { &mut **window };
    let stripped = link.take(&mut collect.inlet, place.get_mut(start..end).unwrap_or_default())?;
    if !to_buffer && !collect.over {
        collect.copy(window, buffer, start, stripped.data);
    }
    if !collect.over {
        collect.filled = collect.filled.saturating_add(stripped.data);
    }
    collect.surplus = stripped.surplus > 0;
    if stripped.ended { close(collecting) } else { Ok(false) }
}

/// Takes the next `count` bytes of the head, which are in the window, and keeps them in the buffer. When the head is
/// complete, returns where in the window the body begins; then the reply has begun in place of the head.
fn take_head(collecting: &mut Collecting<'_>, count: usize) -> Result<Option<usize>, Wrong> {
    let Collecting { collect, call, window, buffer, .. } = collecting;
    let mut at = 0_usize;
    loop {
        let piece = window.get(at..count).unwrap_or_default();
        let taken = collect.inlet.answer_head(piece)?;
        let of_head = taken.map_or(piece.len(), |(taken, _)| taken);
        at = at.saturating_add(of_head);
        let mut sink = SliceSink::new(buffer.get_mut(collect.filled..).unwrap_or_default());
        sink.put(piece.get(..of_head).unwrap_or_default());
        collect.over |= sink.finish().is_err();
        collect.filled = collect.filled.saturating_add(of_head);
        let Some((_, is_interim)) = taken else { return Ok(None) };
        if is_interim {
            collect.over = false;
            collect.filled = 0;
            continue;
        }
        if !collect.over {
            let status = collect.inlet.part.status();
            let begun = begin(&mut collect.inlet.asked, status, buffer, collect.filled, *call)?;
            collect.over = begun.is_none();
            collect.filled = begun.unwrap_or_default();
        }
        return Ok(Some(at));
    }
}

/// Begins the reply in place of the head, which is so long. Returns where the body goes; `None` if there is no room for
/// it.
///
/// # Errors
/// A head with more lines or headers than a reply can have.
#[inline(never)]
fn begin(
    asked: &mut Asked,
    status: u16,
    buffer: &mut [u8],
    head_len: usize,
    call: Text<'_>,
) -> Result<Option<usize>, Wrong> {
    let (head, room) = buffer.split_at_mut_checked(head_len).unwrap_or_default();
    let head = &*head;
    if lines_of(head).count() > LINES_LIMIT {
        return Err(Wrong::Http(HttpError::TooManyHeaders));
    }
    let mut fields = Fields::of(move || lines_of(head));
    let fields = fields.read();
    fields.check().map_err(Wrong::Reply)?;
    asked.note_coding(is_coded(lines_of(head)));
    let mut sink = SliceSink::new(room);
    let mut members = Members::new();
    members.integer(&mut sink, key!("statusCode"), i32::from(status));
    fields.put(&mut sink, &mut members);
    members.string(&mut sink, key!("callID"), &call);
    if asked.wants_bytes() {
        DataKind::Bytes.open(&mut sink, &mut members);
    } else {
        members.key(&mut sink, key!("data"));
    }
    let Ok(len) = sink.finish().map(<[u8]>::len) else { return Ok(None) };
    shift(buffer, head_len..head_len.saturating_add(len), 0);
    Ok(Some(len))
}

/// Makes the body, which is complete, into `data`, and ends the reply. An error object of the platform becomes a failure.
///
/// # Errors
/// A body that has a content coding and is to be text; a reply that is longer than any may be.
fn close(collecting: &mut Collecting<'_>) -> Result<bool, Wrong> {
    let Collecting { collect, call, buffer, .. } = collecting;
    if collect.over {
        return Ok(true);
    }
    let asked = collect.inlet.asked;
    let start = collect.filled.saturating_sub(collect.inlet.total());
    let body = buffer.get(start..collect.filled).unwrap_or_default();
    let data = Body::new(body, asked.data_type(), asked.response_type());
    if asked.is_coded() && is_text(body, asked.response_type()) {
        return Err(Wrong::Http(HttpError::Coded));
    }
    let status = collect.inlet.part.status();
    let end = if asked.is_platform() && platform::is_error(status, body) {
        platform::put_failure(buffer, start..collect.filled, status, *call)
    } else {
        let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let mark = body.len().saturating_sub(text.len());
        let rewrite = match data {
            // It is text whose quotes are not its own.
            Body::Clean(Data::Text(other)) if other.as_raw().len() == text.len() => Some(&Rewrite::TEXT),
            Body::Clean(Data::Text(_) | Data::Json(_)) => None,
            Body::Clean(_) => Some(&Rewrite::BYTES),
            Body::BrokenJson(_) => Some(&Rewrite::BROKEN_JSON),
            Body::BrokenText(_) => Some(&Rewrite::TEXT),
        };
        let text_start = if asked.wants_bytes() { start } else { start.saturating_add(mark) };
        match rewrite {
            Some(rewrite) => rewrite.run(buffer, start, text_start..collect.filled),
            None => {
                let end = start.saturating_add(text.len());
                shift(buffer, text_start..collect.filled, start);
                buffer.get_mut(end).map(|place| {
                    *place = b'}';
                    end.saturating_add(1)
                })
            }
        }
    };
    match end {
        Some(end) if end > REPLY_LIMIT => {
            return Err(Wrong::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
        }
        Some(end) => collect.filled = end,
        None => collect.over = true,
    }
    Ok(true)
}

/// What becomes of a body that is not sent on as it is.
struct Rewrite {
    before: &'static [u8],
    put: fn(&mut SliceSink<'_>, &[u8]),
    /// It ends the reply too.
    behind: &'static [u8],
    /// Where a piece may end.
    cut: fn(&[u8]) -> &[u8],
}

impl Rewrite {
    const TEXT: Self =
        Self { before: b"\"", put: |sink, piece| put_content(sink, piece), behind: b"\"}", cut: whole_characters };
    const BROKEN_JSON: Self =
        Self { before: b"", put: |sink, piece| Replacing(sink).put(piece), behind: b"}", cut: whole_characters };
    const BYTES: Self = Self {
        before: b"",
        put: |sink, piece| Bytes::new(piece).put_base64(sink),
        behind: b"\"}]}",
        cut: |bytes| bytes.get(..PIECE).unwrap_or(bytes),
    };

    /// Rewrites the bytes `from` of the buffer to `to`, which is not behind them. Returns where the result ends; `None` if
    /// there is no room for it.
    ///
    /// Nothing gets shorter by it. So if the bytes first move to the end of the buffer, the result never reaches those
    /// that are still to be rewritten.
    fn run(&self, buffer: &mut [u8], to: usize, from: core::ops::Range<usize>) -> Option<usize> {
        let mut length = SliceSink::default();
        length.put(self.before);
        (self.put)(&mut length, buffer.get(from.clone())?);
        length.put(self.behind);
        let end = to.saturating_add(length.len());
        buffer.get(..end)?;
        let mut rest = shift_to_end(buffer, from);
        let mut done = to;
        let mut put = |buffer: &mut [u8], put: &dyn Fn(&mut SliceSink<'_>)| {
            let mut sink = SliceSink::new(buffer.get_mut(done..).unwrap_or_default());
            put(&mut sink);
            done = done.saturating_add(sink.len());
        };
        put(buffer, &|sink| sink.put(self.before));
        while rest < buffer.len() {
            let mut piece = [0; PIECE];
            let bytes = (self.cut)(buffer.get(rest..)?);
            let piece = piece.get_mut(..bytes.len())?;
            piece.copy_from_slice(bytes);
            rest = rest.saturating_add(piece.len());
            put(buffer, &|sink| (self.put)(sink, piece));
        }
        put(buffer, &|sink| sink.put(self.behind));
        Some(end)
    }
}

/// The most that is rewritten at once: the characters of base64 for it are whole.
const PIECE: usize = 48;

/// Returns the beginning of these bytes: at most a piece, and no character cut.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    let Some((piece, [next, ..])) = bytes.split_at_checked(PIECE) else { return bytes };
    let is_first = |byte: &u8| *byte & 0xC0 != 0x80;
    if is_first(next) {
        return piece;
    }
    // The first byte of the character is one of the last three, unless it is no character.
    let back = piece.iter().rev().take(3).position(is_first).map_or(0, |at| at.saturating_add(1));
    piece.get(..PIECE.saturating_sub(back)).unwrap_or(piece)
}
