//! What the lines in the log come to: how many there are of each kind, and how long and how large the calls were.
//!
//! The log belongs to the process, and so do these numbers. They are counted in `record`, where each line is written,
//! so that every line counts once. Counting takes no lock and no memory: every label value is listed here, and what is
//! not listed counts as `other`. The libraries for this keep histograms and labels behind locks, and would save little.
//!
//! Knows names and numbers. Knows nothing of any one call.

use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callcontainer::ErrorCode;

use super::fault::Fault;

/// Calls that a service answered, by the class of the status.
pub static RESPONSES: Counts<&str, 4> = Counts::new(["2xx", "3xx", "4xx", "5xx"]);

/// Calls that failed, by the code in the envelope.
pub static FAILURES: Counts<ErrorCode, 7> = Counts::new([
    ErrorCode::REQUEST_TIMEOUT,
    ErrorCode::INVALID_METHOD,
    ErrorCode::ILLEGAL_PARAMETER,
    ErrorCode::ACCESS_DENIED,
    ErrorCode::CLOUD_SYSTEM_ERROR,
    ErrorCode::REQUEST_TOO_LARGE,
    ErrorCode::RESPONSE_TOO_LARGE,
]);

/// Calls of the open API that failed, by their code.
pub static FAULTS: Counts<&str, 7> = Counts::new([
    Fault::BAD_REQUEST.code,
    Fault::SERVICE_NOT_FOUND.code,
    Fault::REQUEST_TOO_LARGE.code,
    Fault::RESPONSE_TOO_LARGE.code,
    Fault::SYSTEM.code,
    Fault::SERVICE_NOT_READY.code,
    Fault::SERVICE_TIMEOUT.code,
]);

/// Calls whose client has gone.
pub static ABANDONED: Count = Count::new();

/// Requests that were no calls, by the status of the answer.
pub static REJECTED: Counts<u16, 7> = Counts::new([400, 401, 404, 405, 408, 431, 503]);

/// Other lines, by their event. Those that were rejected here had no answer, and so no status.
pub static EVENTS: Counts<&str, 7> =
    Counts::new(["accept", "crowded", "handshake", "not-reloaded", "rejected", "reloaded", "stop"]);

/// The bytes of calls, as their lines have them.
pub static RECEIVED: Count = Count::new();
pub static SENT: Count = Count::new();

/// How long calls took.
pub static DURATIONS: Durations = Durations::new();

/// Returns what stands for a status in [`RESPONSES`].
pub fn class(status: u16) -> &'static str {
    match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => OTHER,
    }
}

const OTHER: &str = "other";

/// A number that only grows. It stands by itself, so no other memory need be in order when it is read.
pub struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers by the value of a label.
pub struct Counts<T, const N: usize> {
    values: [T; N],
    counts: [Count; N],
    other: Count,
}

impl<T: PartialEq + Display, const N: usize> Counts<T, N> {
    const fn new(values: [T; N]) -> Self {
        Self { values, counts: [const { Count::new() }; N], other: Count::new() }
    }

    /// Counts one with this value.
    pub fn count(&self, value: &T) {
        let found = self.values.iter().zip(&self.counts).find(|(listed, _)| *listed == value);
        found.map_or(&self.other, |(_, count)| count).add(1);
    }

    /// Writes a line for each value that is listed. `labels` ends with the opening quotation mark of the value.
    fn write_listed(&self, page: &mut Page, name: &str, labels: &str) {
        for (value, count) in self.values.iter().zip(&self.counts) {
            page.line(format_args!("{name}{{{labels}{value}\"}} {}", count.get()));
        }
    }

    fn write(&self, page: &mut Page, name: &str, labels: &str) {
        self.write_listed(page, name, labels);
        page.line(format_args!("{name}{{{labels}{OTHER}\"}} {}", self.other.get()));
    }
}

/// The upper ends of the buckets, in microseconds. No call takes much longer than the last.
const LIMITS: [u64; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 15_000_000,
];

/// A histogram of times.
pub struct Durations {
    /// How many were not above this limit, but above the one before.
    buckets: [Count; LIMITS.len()],
    above: Count,
    microseconds: Count,
}

impl Durations {
    const fn new() -> Self {
        Self { buckets: [const { Count::new() }; LIMITS.len()], above: Count::new(), microseconds: Count::new() }
    }

    pub fn observe(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let found = LIMITS.iter().zip(&self.buckets).find(|(limit, _)| microseconds <= **limit);
        found.map_or(&self.above, |(_, bucket)| bucket).add(1);
        self.microseconds.add(microseconds);
    }

    fn write(&self, page: &mut Page, name: &str) {
        let mut all = 0;
        for (limit, bucket) in LIMITS.iter().zip(&self.buckets) {
            all += bucket.get();
            page.line(format_args!("{name}_bucket{{le=\"{}\"}} {all}", Duration::from_micros(*limit).as_secs_f64()));
        }
        all += self.above.get();
        page.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {all}"));
        page.line(format_args!("{name}_sum {}", Duration::from_micros(self.microseconds.get()).as_secs_f64()));
        page.line(format_args!("{name}_count {all}"));
    }
}

/// The metrics in the text format of Prometheus, version 0.0.4.
#[derive(Default)]
pub struct Page(String);

impl Page {
    /// Begins with the metrics of the log.
    pub fn new() -> Self {
        let mut page = Self::default();
        let name = "callcontainer_calls_total";
        page.metric(name, "counter", "Calls, by how they ended: with a response of the service, or without one.");
        RESPONSES.write(&mut page, name, "outcome=\"response\",code=\"");
        FAILURES.write_listed(&mut page, name, "outcome=\"failure\",code=\"");
        FAULTS.write_listed(&mut page, name, "outcome=\"failure\",code=\"");
        let others = FAILURES.other.get() + FAULTS.other.get();
        page.line(format_args!("{name}{{outcome=\"failure\",code=\"{OTHER}\"}} {others}"));
        page.line(format_args!("{name}{{outcome=\"abandoned\",code=\"abandoned\"}} {}", ABANDONED.get()));
        let name = "callcontainer_call_duration_seconds";
        page.metric(name, "histogram", "How long calls took, from their head to their answer.");
        DURATIONS.write(&mut page, name);
        for (name, count, help) in [
            ("callcontainer_received_bytes_total", &RECEIVED, "Bytes of the envelopes or bodies of calls."),
            ("callcontainer_sent_bytes_total", &SENT, "Bytes of the envelopes or bodies of their answers."),
        ] {
            page.metric(name, "counter", help);
            page.line(format_args!("{name} {}", count.get()));
        }
        let name = "callcontainer_rejected_total";
        page.metric(name, "counter", "Requests that were no calls, by the status of the answer.");
        REJECTED.write(&mut page, name, "status=\"");
        let name = "callcontainer_events_total";
        page.metric(name, "counter", "Other lines in the log, by their event.");
        EVENTS.write(&mut page, name, "event=\"");
        page
    }

    /// Begins a metric.
    pub fn metric(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    pub fn line(&mut self, line: fmt::Arguments<'_>) {
        // A string takes whatever is written.
        let _ = fmt::write(&mut self.0, line);
        self.0.push('\n');
    }

    pub fn into_text(self) -> String {
        self.0
    }
}
