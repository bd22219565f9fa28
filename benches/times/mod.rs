//! Measures with criterion, and ends each group with a table that holds every row against the first.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use std::time::{Duration, Instant};

/// How long to measure: the whole of the benchmarks in a few minutes.
pub fn criterion() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1))
}

/// One group.
pub struct Times<'c> {
    group: BenchmarkGroup<'c, WallTime>,
    name: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    bytes: usize,
    /// Nanoseconds a run, of each sample.
    samples: Vec<f64>,
}

impl<'c> Times<'c> {
    pub fn new(criterion: &'c mut Criterion, name: &str) -> Self {
        Self { group: criterion.benchmark_group(name), name: name.to_owned(), rows: Vec::new() }
    }

    /// Measures a function that takes an envelope of so many bytes and says whether that went well.
    pub fn measure(&mut self, name: &str, bytes: usize, mut run: impl FnMut() -> bool) {
        assert!(run(), "{}/{name}: refused", self.name);
        let mut samples = Vec::new();
        self.group.throughput(Throughput::Bytes(bytes as u64));
        self.group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let start = Instant::now();
                for _ in 0..times {
                    std::hint::black_box(run());
                }
                let time = start.elapsed();
                samples.push(time.as_nanos() as f64 / times as f64);
                time
            });
        });
        // Nothing has run where the command line asks for other groups, and once where it asks for a test.
        if samples.len() > 1 {
            self.rows.push(Row { name: name.to_owned(), bytes, samples });
        }
    }
}

impl Drop for Times<'_> {
    fn drop(&mut self) {
        let Some(first) = self.rows.first_mut().map(Row::cost) else { return };
        println!("\n{}\tns/byte\ttimes the first", self.name);
        for row in &mut self.rows {
            let cost = row.cost();
            println!("{}\t{cost:.3}\t{:.2}", row.name, cost / first);
        }
        println!();
    }
}

impl Row {
    /// Nanoseconds a byte: the median of the samples.
    fn cost(&mut self) -> f64 {
        self.samples.sort_by(f64::total_cmp);
        self.samples[self.samples.len() / 2] / self.bytes as f64
    }
}
