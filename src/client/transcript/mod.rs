//! The HTTP response of a service as a reply, piece by piece: the envelope that a gateway would have sent is made as it is
//! decoded.
//!
//! Knows where in the window everything is. The beginning of the window is that of the decoder, as for any reply; what
//! has been received, without its framing, waits behind it. What an envelope cannot be made of before all of it is there
//! is told as it comes: a header as often as it comes, whatever came between.
//!
//! ```text
//!   0              front      start      end           the whole window
//!   | the decoder's |          | received | room       |
//! ```

mod body;
mod head;

use self::body::{Ahead, Judged, Mode};
use self::head::Lines;
use super::error::Wrong;
use super::incoming::Incoming;
use super::link::Link;
use super::platform;
use crate::Text;
use crate::envelope::members::{Members, key};
use crate::json::window::{Position, Window};
use crate::shift::shift;
use crate::stream::{Core, Found, PRODUCER_ROOM, Replies};

/// How an answer is streamed.
pub(super) struct Streaming {
    /// Returns where the next bytes go.
    pub(super) room: for<'w> fn(&mut Incoming, &'w mut [u8]) -> &'w mut [u8],
    /// Takes so many bytes that were read; 0 means that the connection has ended.
    pub(super) came: fn(&mut Incoming, &mut Link, &mut [u8], usize) -> Result<(), Wrong>,
    /// Advances to the next thing found, with what advances the decoder.
    pub(super) find: Find,
}

pub(super) const STREAMING: Streaming = Streaming { room, came, find };

type Find = fn(&mut Incoming, &Link, Text<'_>, &mut [u8], Decode) -> Result<Found, Wrong>;
type Decode = fn(&mut Incoming, &Link, Text<'_>, &mut [u8]) -> Result<Found, Wrong>;

/// The least room behind the decoder's: for the longest name that is looked up, and more than any piece that is waited
/// for otherwise.
const LEAST_INPUT: usize = 24;

/// The decoder's part of the window while the body is looked at, before it is known what it is.
const AHEAD_FRONT: usize = 32;

/// Room for anything that is written at once.
const QUEUE: usize = 32;

/// What is made of an answer so far.
pub(crate) struct Transcript {
    stage: Stage,
    /// What comes before anything else.
    literal: &'static [u8],
    /// What was made for a decoder that had less room, from here to there. It comes even before that.
    queue: [u8; QUEUE],
    queued: (u8, u8),
    /// The decoder's part of the window. It shrinks only when the decoder has nothing in it.
    front: usize,
    /// What has been received and not been used.
    start: usize,
    end: usize,
    lines: Lines,
    ahead: Ahead,
    /// How much of the members at this stage has been written.
    position: Position,
}

/// What comes next in the envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The status, headers and cookies.
    Head,
    /// The `callID`.
    Call,
    /// The body, once the decoder has taken everything before it.
    Turn,
    /// The body, once it is known what it is.
    Ahead,
    /// Instead of the body, the error that it tells.
    Failure,
    Body(Mode),
    Done,
}

/// What a step has done.
#[derive(Clone, Copy, Default)]
struct Step {
    read: usize,
    wrote: usize,
    /// What comes behind that.
    literal: &'static [u8],
}

impl Step {
    const fn read(read: usize) -> Self {
        Self { read, wrote: 0, literal: b"" }
    }

    const fn then(read: usize, literal: &'static [u8]) -> Self {
        Self { read, wrote: 0, literal }
    }
}

/// What a step depends on, besides the bytes received.
#[derive(Clone, Copy)]
struct Around<'c> {
    call: Text<'c>,
    /// The body has ended.
    ended: bool,
    /// No more of the input can be received before some of it is used.
    is_full: bool,
}

const _: () = assert!(size_of::<Transcript>() <= PRODUCER_ROOM, "who streams through a gateway needs no more memory");

/// Returns the transcript that a decoder reads, which is a new one at first; never `None`.
fn of(decoder: &mut Core<Replies, Transcript>) -> Option<&mut Transcript> {
    decoder.producer(Transcript::NEW)
}

/// Returns where the input begins in a window of this size, unless the body is being looked at.
const fn base(size: usize) -> usize {
    let input = if size / 4 > LEAST_INPUT { size / 4 } else { LEAST_INPUT };
    size.saturating_sub(input)
}

fn room<'w>(incoming: &mut Incoming, window: &'w mut [u8]) -> &'w mut [u8] {
    let size = window.len();
    let Some(transcript) = of(&mut incoming.decoder) else { return window };
    transcript.settle(size);
    if transcript.is_direct() {
        return incoming.decoder.room(window);
    }
    transcript.move_to(base(size), window);
    window.get_mut(transcript.end..).unwrap_or_default()
}

fn came(incoming: &mut Incoming, link: &mut Link, window: &mut [u8], count: usize) -> Result<(), Wrong> {
    let size = window.len();
    let Incoming { inlet, decoder, ended, surplus, .. } = incoming;
    if count == 0 {
        link.ended(inlet)?;
        *ended = true;
        return Ok(());
    }
    let filled = decoder.filled();
    let Some(transcript) = of(decoder) else { return Ok(()) };
    let is_direct = transcript.is_direct();
    let mut at = if is_direct { filled } else { transcript.end };
    let until = at.saturating_add(count).min(size);
    while inlet.in_head() {
        let Some((taken, _)) = inlet.answer_head(window.get(at..until).unwrap_or_default())? else {
            transcript.end = until;
            return Ok(());
        };
        at = at.saturating_add(taken);
    }
    let stripped = link.take(inlet, window.get_mut(at..until).unwrap_or_default())?;
    if stripped.ended {
        *ended = true;
        *surplus = (0, stripped.surplus);
    }
    if is_direct {
        decoder.commit(stripped.data, size);
    } else {
        transcript.end = at.saturating_add(stripped.data);
    }
    Ok(())
}

fn find(
    incoming: &mut Incoming,
    link: &Link,
    call: Text<'_>,
    window: &mut [u8],
    decode: Decode,
) -> Result<Found, Wrong> {
    loop {
        let Some(transcript) = of(&mut incoming.decoder) else { return Ok(Found::More) };
        transcript.settle(window.len());
        let front = transcript.front;
        match decode(incoming, link, call, window.get_mut(..front).unwrap_or_default())? {
            Found::More => {}
            found => return Ok(found),
        }
        if !advance(incoming, call, window)? {
            return Ok(Found::More);
        }
    }
}

/// Makes more of the envelope, when the decoder has used all that there was. Returns whether there is more; otherwise,
/// more must be received.
///
/// # Errors
/// What is wrong with the response.
fn advance(incoming: &mut Incoming, call: Text<'_>, window: &mut [u8]) -> Result<bool, Wrong> {
    let Incoming { inlet, decoder, ended, .. } = incoming;
    let Some(transcript) = of(decoder) else { return Ok(false) };
    let size = window.len();
    if transcript.stage == Stage::Turn && transcript.is_written() {
        transcript.stage = Stage::Ahead;
        transcript.front = AHEAD_FRONT;
        transcript.move_to(AHEAD_FRONT, window);
    }
    if transcript.stage == Stage::Ahead {
        let (start, end) = (transcript.start, transcript.end);
        let body = window.get(start..end).unwrap_or_default();
        let fills = (*ended, end == size);
        match transcript.ahead.judge(inlet.asked, &transcript.lines, body, fills)? {
            Judged::Open => return Ok(false),
            Judged::Failure => {
                transcript.stage = Stage::Failure;
                transcript.position = Position::default();
            }
            Judged::Body { mode, mark } => {
                transcript.stage = Stage::Body(mode);
                transcript.literal = mode.before();
                transcript.start = start.saturating_add(mark);
            }
        }
        transcript.settle(size);
        if transcript.stage == Stage::Failure {
            decoder.fail();
        }
    }
    let Some(transcript) = of(decoder) else { return Ok(false) };
    let (front, start, end) = (transcript.front, transcript.start, transcript.end);
    let around = Around { call, ended: *ended, is_full: end.saturating_sub(start) >= size.saturating_sub(base(size)) };
    let (front, behind) = window.split_at_mut_checked(front).unwrap_or_default();
    let input = behind.get(start.saturating_sub(front.len())..end.saturating_sub(front.len())).unwrap_or_default();
    let (size, room) = (front.len(), decoder.room(front));
    let Some(transcript) = of(decoder) else { return Ok(false) };
    let written = transcript.write(input, room, around)?;
    let (is_done, turns) = (transcript.stage == Stage::Done, transcript.stage == Stage::Turn);
    let is_written = transcript.is_written();
    decoder.commit(written, size);
    if is_done && is_written {
        decoder.end();
    }
    Ok(written > 0 || (turns && is_written))
}

impl Transcript {
    const NEW: Self = Self {
        stage: Stage::Head,
        literal: b"",
        queue: [0; QUEUE],
        queued: (0, 0),
        front: 0,
        start: 0,
        end: 0,
        lines: Lines::NEW,
        ahead: Ahead::NEW,
        position: Position::START,
    };

    /// Whether the rest of the body goes to the decoder as it is.
    fn is_direct(&self) -> bool {
        self.stage == Stage::Body(Mode::Raw) && self.start == self.end && self.is_written()
    }

    /// Whether nothing that was made waits for the decoder.
    const fn is_written(&self) -> bool {
        self.literal.is_empty() && self.queued.0 == self.queued.1
    }

    /// Divides a window of this size.
    fn settle(&mut self, size: usize) {
        if self.start == self.end && self.stage != Stage::Ahead {
            let place = if self.is_direct() || self.front == size { size } else { base(size) };
            (self.start, self.end) = (place, place);
        }
        let most = if self.front == size || self.is_direct() { size } else { base(size) };
        self.front = self.front.max(self.start.min(most));
    }

    /// Moves the input to this place of the window, unless it is closer to the beginning already.
    fn move_to(&mut self, place: usize, window: &mut [u8]) {
        if self.start > place {
            shift(window, self.start..self.end, place);
            self.end = self.end.saturating_sub(self.start).saturating_add(place);
            self.start = place;
        }
    }

    /// Fills the room with what can be made of the input. Returns how much of it is filled.
    ///
    /// # Errors
    /// What is wrong with the response.
    fn write(&mut self, input: &[u8], room: &mut [u8], around: Around<'_>) -> Result<usize, Wrong> {
        let (mut used, mut filled) = (0_usize, 0_usize);
        loop {
            let rest = room.get_mut(filled..).unwrap_or_default();
            let flushed = self.flush(rest);
            filled = filled.saturating_add(flushed);
            let rest = rest.get_mut(flushed..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(filled);
            }
            let input = input.get(used..).unwrap_or_default();
            let mut queue = [0; QUEUE];
            let is_small = rest.len() < QUEUE;
            let step = self.step(input, if is_small { &mut queue } else { rest }, around)?;
            let Some(Step { read, wrote, literal }) = step else { return Ok(filled) };
            used = used.saturating_add(read);
            self.start = self.start.saturating_add(read);
            self.literal = literal;
            if is_small {
                self.queue = queue;
                self.queued = (0, wrote as u8);
            } else {
                filled = filled.saturating_add(wrote);
            }
        }
    }

    /// Copies what waits into the room, as far as it fits. Returns how much that is.
    fn flush(&mut self, room: &mut [u8]) -> usize {
        let (from, to) = self.queued;
        let waiting = self.queue.get(from.into()..to.into()).unwrap_or_default();
        let queued = copy(waiting, room);
        self.queued.0 = from.saturating_add(queued as u8);
        let literal = copy(self.literal, room.get_mut(queued..).unwrap_or_default());
        self.literal = self.literal.get(literal..).unwrap_or_default();
        queued.saturating_add(literal)
    }

    /// Makes the next thing of the input, in a room of at least [`QUEUE`] bytes. `None` if that takes more input, or
    /// something else.
    ///
    /// # Errors
    /// What is wrong with the response.
    fn step(&mut self, input: &[u8], room: &mut [u8], around: Around<'_>) -> Result<Option<Step>, Wrong> {
        let stage = self.stage;
        match stage {
            Stage::Head => {
                let step = self.lines.step(input, room, around.is_full);
                if self.lines.has_ended() {
                    self.stage = Stage::Call;
                }
                step
            }
            Stage::Call => {
                let mut window = Window::new(self.position, room);
                Members::further().string(&mut window, key!("callID"), &around.call);
                Ok(Some(self.wrote(window, Stage::Turn)))
            }
            Stage::Failure => {
                let mut window = Window::new(self.position, room);
                // It has been found to be an error object.
                let _ = platform::put_error(&mut window, &mut Members::further(), input, self.lines.status());
                let mut step = self.wrote(window, Stage::Done);
                if self.stage == Stage::Done {
                    step = Step::then(input.len(), b"}");
                }
                Ok(Some(step))
            }
            Stage::Body(mode) => {
                let step = mode.step(input, room, around.ended);
                if step.is_none() && around.ended {
                    self.stage = Stage::Done;
                    return Ok(Some(Step::then(0, mode.behind())));
                }
                Ok(step)
            }
            Stage::Turn | Stage::Ahead | Stage::Done => Ok(None),
        }
    }

    /// Notes what a window has shown of some members. Behind the last comes this stage.
    fn wrote(&mut self, window: Window<'_>, then: Stage) -> Step {
        let (position, wrote) = window.finish();
        self.position = position;
        if wrote == 0 {
            self.stage = then;
        }
        Step { wrote, ..Step::default() }
    }
}

/// Copies what fits. Returns how much that is.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
        to.copy_from_slice(from);
    }
    count
}
