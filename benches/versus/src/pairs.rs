//! Takes the time of two things in turn, so that whatever slows the machine down slows both.

use std::time::{Duration, Instant};

/// A side that is ready to run.
pub struct Runner<'a> {
    pub side: &'static str,
    /// What it leaves out of the work, or `-`.
    pub leaves_out: String,
    /// The time that it takes this many times.
    pub time: Box<dyn FnMut(u32) -> Duration + 'a>,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Pairs of batches. Odd, so that there is one in the middle.
    pub pairs: usize,
    /// How long a batch should take: long beside what reading the clock takes.
    pub batch: Duration,
}

/// Two sides measured against each other.
pub struct Pair {
    /// Nanoseconds a time, the median of the batches.
    pub first: f64,
    pub second: f64,
    /// The second's time divided by the first's, the median of the pairs.
    pub ratio: f64,
}

/// Measures two sides in pairs of batches, one right after the other; every other pair the other way round.
pub fn measure(first: &mut Runner<'_>, second: &mut Runner<'_>, effort: Effort) -> Pair {
    let (first_times, second_times) = (times(first, effort), times(second, effort));
    let (mut firsts, mut seconds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..effort.pairs {
        let (one, two);
        if number % 2 == 0 {
            one = batch(first, first_times);
            two = batch(second, second_times);
        } else {
            two = batch(second, second_times);
            one = batch(first, first_times);
        }
        firsts.push(one);
        seconds.push(two);
        ratios.push(two / one);
    }
    Pair { first: median(firsts), second: median(seconds), ratio: median(ratios) }
}

/// How many times make a batch. Finding out warms up caches and branch predictors too.
fn times(runner: &mut Runner<'_>, effort: Effort) -> u32 {
    let mut times = 1;
    loop {
        let time = (runner.time)(times);
        if time >= effort.batch / 2 {
            let wanted = effort.batch.as_secs_f64() / time.as_secs_f64() * f64::from(times);
            return (wanted as u32).max(1);
        }
        times *= 2;
    }
}

/// Nanoseconds a time.
fn batch(runner: &mut Runner<'_>, times: u32) -> f64 {
    (runner.time)(times).as_secs_f64() * 1e9 / f64::from(times)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Things that take turns, from one batch to the next. The same thing again and again would be learned by the processor:
/// it predicts a few thousand branches, which is more than an envelope has.
pub struct Turns<T> {
    all: Vec<T>,
    next: usize,
}

impl<T> Turns<T> {
    pub fn new(all: impl IntoIterator<Item = T>) -> Self {
        let all: Vec<T> = all.into_iter().collect();
        assert!(!all.is_empty());
        Self { all, next: 0 }
    }

    /// The next thing.
    #[inline(always)]
    pub fn next(&mut self) -> &mut T {
        let now = self.next;
        self.next = if now + 1 == self.all.len() { 0 } else { now + 1 };
        &mut self.all[now]
    }

    /// The time that a function takes this many times, each with the next thing.
    pub fn time(&mut self, times: u32, mut function: impl FnMut(&mut T)) -> Duration {
        let start = Instant::now();
        for _ in 0..times {
            function(self.next());
        }
        start.elapsed()
    }
}
