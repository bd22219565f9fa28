//! Compares this crate with other JSON libraries at the work of callContainer envelopes, all in one process.
//!
//! It prints a table, a line for each case and side: see `table.rs` for its columns.

#[allow(dead_code, reason = "the others measure one of each")]
#[path = "../../inputs/mod.rs"]
mod inputs;

mod chart;
mod contest;
mod decode;
mod encode;
mod pairs;
mod read;
mod stream;
mod table;
mod targets;

use contest::Contest;
use inputs::{Answer, Body};
use pairs::Effort;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;
use table::Line;

const USAGE: &str = "\
usage: versus [--quick] [--check] [PART...]   measure the cases whose group/input contains one of the parts, or all
       versus --svg FILE < TABLE              draw a table as a picture
  --quick   short batches: the numbers mean little, but every assertion is made
  --check   then tell, on standard error, which of the targets are reached
A whole run takes about four minutes once it is built, --quick a few seconds. Built with --features simdjson it measures
simdjson too, and needs a C++ compiler and Debian's libsimdjson-dev.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["--svg", file] => draw(file),
        ref arguments => match arguments.iter().find(|part| part.starts_with('-') && !FLAGS.contains(part)) {
            Some(unknown) => Err(format!("unknown option {unknown}\n{USAGE}")),
            None => measure(arguments).map_err(|error| error.to_string()),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("versus: {error}");
            ExitCode::FAILURE
        }
    }
}

const FLAGS: [&str; 2] = ["--quick", "--check"];

/// How many envelopes of each input take turns.
const TURNS: u64 = 8;

const QUICK: Effort = Effort { pairs: 3, batch: Duration::from_micros(100) };
const FULL: Effort = Effort { pairs: 101, batch: Duration::from_micros(500) };

/// A run: which cases to measure and how, and what came out so far.
struct Run<'p> {
    parts: &'p [&'p str],
    effort: Effort,
    cases: usize,
    /// Of these cases, how many have had their turn.
    turns: usize,
    lines: Vec<Line>,
}

impl Run<'_> {
    /// Measures a case and prints its lines. It is made ready when its turn comes, so that what it holds is in no other's
    /// way.
    fn case<'i>(&mut self, group: &str, input: &str, contest: impl FnOnce() -> Contest<'i>) -> io::Result<()> {
        let case = format!("{group}/{input}");
        self.turns += 1;
        if self.parts.is_empty() || self.parts.iter().any(|part| case.contains(part)) {
            eprintln!("[{}/{}] {case}", self.turns, self.cases);
            for line in contest().run(&case, self.effort) {
                writeln!(io::stdout(), "{line}")?;
                self.lines.push(line);
            }
        }
        Ok(())
    }
}

fn measure(arguments: &[&str]) -> io::Result<()> {
    let effort = if arguments.contains(&"--quick") { QUICK } else { FULL };
    let parts: Vec<&str> = arguments.iter().copied().filter(|part| !FLAGS.contains(part)).collect();
    let (calls, answers) = (inputs::calls_in_turn(TURNS), inputs::answers_in_turn(TURNS));
    let texts = answers.iter().filter(|answers| answers.iter().all(|answer| matches!(answer.body, Body::Text(_))));
    let texts: Vec<&Vec<Answer>> = texts.collect();
    let cases = 2 * calls.len() + 3 * answers.len() + texts.len();
    let mut run = Run { parts: &parts, effort, cases, turns: 0, lines: Vec::new() };
    for call in &calls {
        run.case("decode_request", call[0].name, || decode::requests(call))?;
    }
    for answer in &answers {
        run.case("decode_reply", answer[0].name, || decode::replies(answer))?;
    }
    for call in &calls {
        run.case("encode_request", call[0].name, || encode::requests(call))?;
    }
    for answer in &answers {
        run.case("encode_reply", answer[0].name, || encode::replies(answer))?;
    }
    for answer in texts {
        run.case("read_text", answer[0].name, || read::texts(answer))?;
    }
    for answer in &answers {
        run.case("stream_reply", answer[0].name, || stream::replies(answer))?;
    }
    if arguments.contains(&"--check") {
        eprint!("{}", targets::report(&run.lines));
    }
    Ok(())
}

fn draw(file: &str) -> Result<(), String> {
    let mut table = String::new();
    io::stdin().read_to_string(&mut table).map_err(|error| error.to_string())?;
    let lines = table.lines().map(str::parse).collect::<Result<Vec<Line>, _>>()?;
    std::fs::write(file, chart::svg(&lines)).map_err(|error| format!("{file}: {error}"))
}
