//! A window over what is written: one run of a writer shows the next part of it.
//!
//! A writer puts the same things in the same order every time. So it can be run again and again, and each time a window
//! lets pass what it has shown before, by counting the puts and not by looking at bytes, and keeps what comes next until
//! it is full. It knows how far the writing has come. It must never know what is written.

use super::sink::{Place, Sink, SliceSink, Source};

/// How far a writer's output has been shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// Puts that are done with.
    puts: usize,
    /// How far the next one is done with.
    place: Place,
}

/// See the module. As a counter it shows nothing, and counts the length of the whole.
pub(crate) struct Window<'b> {
    shown: SliceSink<'b>,
    position: Position,
    /// Puts of this run.
    seen: usize,
    /// Nothing more of this run is shown.
    closed: bool,
    /// The length of all puts, where that is what is asked for.
    counted: Option<usize>,
    /// A gap has been reached.
    at_gap: bool,
}

impl<'b> Window<'b> {
    /// A window over what follows this position.
    pub(crate) const fn new(position: Position, buffer: &'b mut [u8]) -> Self {
        let shown = SliceSink::new(buffer);
        Self { shown, position, seen: 0, closed: false, counted: None, at_gap: false }
    }

    /// Counts what a writer writes, gaps left out.
    pub(crate) fn measure(write: impl FnOnce(&mut Window<'_>)) -> usize {
        let mut counter = Window::new(Position::default(), &mut []);
        counter.counted = Some(0);
        write(&mut counter);
        counter.counted.unwrap_or_default()
    }

    /// Leaves a gap for something that another writes. The window shows nothing beyond it until it is passed.
    pub(crate) fn gap(&mut self) {
        if self.turn() {
            self.closed = true;
            self.at_gap = true;
        }
    }

    /// Whether all before a gap has been shown, and nothing behind it.
    pub(crate) const fn is_at_gap(&self) -> bool {
        self.at_gap
    }

    /// Where the next run goes on, and how much was shown in this one.
    pub(crate) const fn finish(self) -> (Position, usize) {
        (self.position, self.shown.len())
    }

    /// Whether this put, or some of it, is to be shown.
    fn turn(&mut self) -> bool {
        let turn = !self.closed && self.counted.is_none() && self.seen >= self.position.puts;
        self.seen = self.seen.saturating_add(1);
        turn
    }

    /// Goes on behind a put that is done with, or closes the window before what found no room.
    fn shown(&mut self, whole: bool) {
        if whole {
            self.position.pass();
        } else {
            self.closed = true;
        }
    }
}

impl Position {
    /// Goes on behind the put, or the gap, that comes next.
    pub(crate) fn pass(&mut self) {
        self.puts = self.puts.saturating_add(1);
        self.place = Place::default();
    }
}

impl Sink for Window<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if let Some(counted) = &mut self.counted {
            *counted = counted.saturating_add(bytes.len());
        }
        if self.turn() {
            let rest = bytes.get(self.position.place.at..).unwrap_or_default();
            let fits = rest.get(..self.shown.room()).unwrap_or(rest);
            self.shown.put(fits);
            self.position.place.at = self.position.place.at.saturating_add(fits.len());
            self.shown(fits.len() == rest.len());
        }
    }

    fn put_long(&mut self, source: impl Source) {
        if let Some(counted) = &mut self.counted {
            let mut length = SliceSink::default();
            source.put_all(&mut length);
            *counted = counted.saturating_add(length.len());
        }
        if self.turn() {
            let whole = source.put_some(&mut self.position.place, &mut self.shown);
            self.shown(whole);
        }
    }
}
