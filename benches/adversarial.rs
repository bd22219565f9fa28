//! What envelopes cost that are made to be slow, beside ordinary ones: a byte of theirs should take at most 20 times as
//! long, and as long in an envelope of 88 KiB as in one of 11 KiB. The tests hold requests to both, and messages to the second; this is
//! the table.

/// The hostile envelopes of the tests.
#[path = "../tests/resources/inputs.rs"]
mod hostile;
mod times;

use callcontainer::stream::{DecodeStep, RequestDecoder};
use callcontainer::{Error, Method, Reply, Request};
use criterion::{Criterion, criterion_group, criterion_main};
use hostile::{MESSAGES, ORDINARY, REQUESTS};
use std::hint::black_box;
use times::{Times, criterion};

/// Lengths of the envelopes, the first near the limit of requests.
const LENGTHS: [(&str, usize); 2] = [("88k", LONG), ("11k", LONG / 8)];
const LONG: usize = 88 * 1024;

fn adversarial(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "adversarial");
    for class in [&ORDINARY].into_iter().chain(REQUESTS) {
        for (length, bytes) in LENGTHS {
            let envelope = (class.envelope)(bytes);
            let name = format!("{}/{length}", class.name);
            times.measure(&name, envelope.len(), || Request::decode(black_box(envelope.as_bytes())).is_ok());
        }
    }
    for class in MESSAGES {
        for (length, bytes) in LENGTHS {
            let envelope = (class.envelope)(bytes);
            let name = format!("message_{}/{length}", class.name);
            times.measure(&name, envelope.len(), || match Reply::decode(black_box(envelope.as_bytes())) {
                Ok(Reply::Failure(failure)) => {
                    // `errCode` is there: only the message itself is asked to take the text apart.
                    black_box((failure.message().code(), failure.retry(Method::Get)));
                    true
                }
                _ => false,
            });
        }
    }
}

/// The same in reads of one byte.
fn adversarial_stream(criterion: &mut Criterion) {
    let mut times = Times::new(criterion, "adversarial_one_byte_reads");
    for class in [&ORDINARY].into_iter().chain(REQUESTS) {
        let envelope = (class.envelope)(LONG);
        times.measure(class.name, envelope.len(), || in_single_bytes(black_box(envelope.as_bytes())).is_ok());
    }
}

fn in_single_bytes(envelope: &[u8]) -> Result<(), Error> {
    let mut decoder = RequestDecoder::<512>::new();
    let mut bytes = envelope.iter();
    loop {
        match decoder.step()? {
            DecodeStep::More => match bytes.next() {
                Some(byte) => {
                    decoder.window()[0] = *byte;
                    decoder.commit(1);
                }
                None => decoder.end(),
            },
            DecodeStep::Event(_) => {}
            DecodeStep::End => return Ok(()),
        }
    }
}

criterion_group! {
    name = benches;
    config = criterion();
    targets = adversarial, adversarial_stream
}
criterion_main!(benches);
