//! A window over a writer's output: each run of the writer shows the next part of it.
//!
//! A writer puts the same things in the same order every time. So it can be run again and again. In each run the window
//! skips what it has shown before, by counting the puts rather than looking at bytes, and keeps what comes next until
//! it is full. Knows how far the writing has come, and nothing of what is written.

use super::sink::{Place, Sink, SliceSink, Source};

/// How much of a writer's output has been shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// Number of puts that are done.
    puts: usize,
    /// How much of the next one is done.
    place: Place,
}

/// See the module. As a counter, it shows nothing and counts the length of the whole output.
pub(crate) struct Window<'b> {
    shown: SliceSink<'b>,
    position: Position,
    /// Number of puts in this run.
    seen: usize,
    /// Whether nothing more of this run is shown.
    closed: bool,
    /// The length of all puts, if the window is a counter.
    counted: Option<usize>,
    /// Whether a gap has been reached.
    at_gap: bool,
}

impl<'b> Window<'b> {
    /// Creates a window over what follows this position.
    pub(crate) const fn new(position: Position, buffer: &'b mut [u8]) -> Self {
        let shown = SliceSink::new(buffer);
        Self { shown, position, seen: 0, closed: false, counted: None, at_gap: false }
    }

    /// Returns the length of what a writer writes, without gaps.
    pub(crate) fn measure(write: impl FnOnce(&mut Window<'_>)) -> usize {
        let mut counter = Window::new(Position::default(), &mut []);
        counter.counted = Some(0);
        write(&mut counter);
        counter.counted.unwrap_or_default()
    }

    /// Leaves a gap for something written by others. The window shows nothing beyond it until the gap is passed.
    pub(crate) fn gap(&mut self) {
        if self.turn() {
            self.closed = true;
            self.at_gap = true;
        }
    }

    /// Returns whether everything before a gap has been shown, and nothing after it.
    pub(crate) const fn is_at_gap(&self) -> bool {
        self.at_gap
    }

    /// Returns where the next run continues, and how much this run has shown.
    pub(crate) const fn finish(self) -> (Position, usize) {
        (self.position, self.shown.len())
    }

    /// Returns whether this put, or a part of it, must be shown.
    fn turn(&mut self) -> bool {
        let turn = !self.closed && self.counted.is_none() && self.seen >= self.position.puts;
        self.seen = self.seen.saturating_add(1);
        turn
    }

    /// Moves past a put that is done, or closes the window if not all of it fitted.
    fn shown(&mut self, whole: bool) {
        if whole {
            self.position.pass();
        } else {
            self.closed = true;
        }
    }
}

impl Position {
    /// Nothing has been shown.
    #[cfg(feature = "client")]
    pub(crate) const START: Self = Self { puts: 0, place: Place::START };

    /// Moves past the next put or gap.
    pub(crate) fn pass(&mut self) {
        self.puts = self.puts.saturating_add(1);
        self.place = Place::default();
    }
}

impl Sink for Window<'_> {
    #[cfg(any(feature = "client", feature = "gateway"))]
    fn drops(&self) -> bool {
        self.counted.is_none() && (self.closed || self.seen < self.position.puts)
    }

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
            *counted = counted.saturating_add(source.len());
        }
        if self.turn() {
            let whole = source.put_some(&mut self.position.place, &mut self.shown);
            self.shown(whole);
        }
    }
}

#[cfg(all(test, any(feature = "client", feature = "gateway")))]
mod tests {
    extern crate std;

    use super::{Position, Window};
    use crate::json::sink::Sink;
    use std::vec;
    use std::vec::Vec;

    /// What is dropped may be anything, and all else is shown: through windows of every size, with few puts looked at.
    #[test]
    fn what_is_dropped_is_never_shown() {
        let puts: Vec<Vec<u8>> = (0..60_u8).map(|at| vec![at; usize::from(at) % 7]).collect();
        assert_eq!(Window::measure(|window| puts.iter().for_each(|put| window.put(put))), puts.concat().len());
        for size in 1..40 {
            let (mut position, mut all) = (Position::default(), Vec::new());
            let (mut runs, mut looked_at) = (0, 0);
            loop {
                let mut room = vec![0; size];
                let mut window = Window::new(position, &mut room);
                for put in &puts {
                    if window.drops() {
                        window.put(b"anything");
                    } else {
                        window.put(put);
                        looked_at += 1;
                    }
                }
                let len;
                (position, len) = window.finish();
                all.extend_from_slice(&room[..len]);
                runs += 1;
                if len == 0 {
                    break;
                }
            }
            assert_eq!(all, puts.concat(), "{size}");
            assert!(looked_at <= puts.len() + runs, "{size}: {looked_at} in {runs} runs");
        }
    }
}
