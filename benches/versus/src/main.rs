//! Compares this crate with other JSON libraries at the work of callContainer envelopes, all in one process.
#[path = "../../inputs/mod.rs"]
mod inputs;

mod case;
mod decode;
mod fields;
mod pairs;
mod probe;

use case::Case;
use pairs::Effort;
use std::time::Duration;

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let filters: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let effort = if quick {
        Effort { pairs: 5, batch: Duration::from_micros(200) }
    } else {
        Effort { pairs: 41, batch: Duration::from_micros(500) }
    };
    let (calls, answers) = (inputs::calls(), inputs::answers());
    let cases = calls.iter().map(Case::of_call).chain(answers.iter().map(Case::of_answer));
    for case in cases {
        if !filters.is_empty() && !filters.iter().any(|f| case.name().contains(f.as_str())) {
            continue;
        }
        let name = case.name();
        let mut sides = case.sides();
        let (ours, others) = sides.split_first_mut().unwrap();
        let len = case.envelope.len() as f64;
        let mut first = true;
        for other in others {
            let pair = pairs::measure(ours, other, effort);
            if first {
                println!("{name}\t{}\t{:.1}\t{:.3}\t1.00\t-", ours.side, pair.first, len / pair.first);
                first = false;
            }
            println!(
                "{name}\t{}\t{:.1}\t{:.3}\t{:.2}\t{}",
                other.side,
                pair.second,
                len / pair.second,
                pair.ratio,
                other.leaves_out
            );
        }
    }
}
