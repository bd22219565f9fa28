//! Builds the tests and runs them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::modules::Machine;

pub struct Cargo {
    pub tree: PathBuf,
    pub target: PathBuf,
    /// AArch64 is built for and run as `tests/aarch64/run` does it.
    pub machine: Machine,
}

const AARCH64: &str = "aarch64-unknown-linux-gnu";
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";

/// An error of the compiler: the places that it names, the first ones first.
pub struct CompileError {
    pub message: String,
    pub places: Vec<(String, Range<usize>)>,
}

#[derive(Clone)]
pub struct Binary {
    pub name: String,
    pub path: PathBuf,
    pub folder: PathBuf,
    pub time: Duration,
    /// Of the processor.
    pub work: Duration,
    pub reached: BTreeSet<u32>,
    /// Tests that this machine does not pass with the mutants built in.
    pub skipped: Vec<String>,
    pub neon: bool,
}

pub enum Outcome {
    Passed,
    /// With the names of the tests.
    Failed(Vec<String>),
    TookTooLong,
}

impl Cargo {
    fn neon(&self) -> bool {
        self.machine == Machine::Aarch64
    }

    /// Whether the tests in the documentation see it, where nothing else does.
    pub fn documentation_fails(&self, mutant: u32) -> bool {
        if self.neon() {
            return false;
        }
        let mut command = self.command(&["test", "-p", "callcontainer", "--doc"], false);
        command.env("MUTANT", mutant.to_string()).stdout(Stdio::null());
        !command.status().expect("cargo").success()
    }

    fn command(&self, arguments: &[&str], is_json: bool) -> Command {
        let mut command = Command::new(if self.neon() { "/usr/bin/cargo" } else { "cargo" });
        if self.neon() {
            command.args(arguments).args(["--features", "simd", "--target", AARCH64]);
            command.arg("-Zbuild-std=std,panic_unwind,test");
            command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc");
        } else {
            command.arg("+nightly").args(arguments).arg("--all-features");
        }
        let mut flags = "--cap-lints allow".to_owned();
        if let Some(level) = self.machine.level() {
            flags.push_str(&format!(" --cfg callcontainer_simd=\"{level}\""));
        }
        command
            .arg("--locked")
            .args(is_json.then_some("--message-format=json"))
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            // The lints are for people, and the switch is not made for them.
            .env("RUSTFLAGS", &flags)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<Value>, Vec<CompileError>> {
        let output = self.command(arguments, true).output().expect("cargo");
        let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if output.status.success() {
            return Ok(lines);
        }
        let mut errors = Vec::new();
        for line in &lines {
            let message = &line["message"];
            if line["reason"] != "compiler-message" || message["level"] != "error" {
                continue;
            }
            let mut places = Vec::new();
            collect(message, &mut places);
            if !places.is_empty() {
                let message = message["rendered"].as_str().unwrap_or_default().to_owned();
                errors.push(CompileError { message, places });
            }
        }
        if errors.is_empty() {
            let command = self.command(arguments, true).stderr(Stdio::inherit()).status();
            panic!("cargo {arguments:?}: {command:?}, and no error has a place");
        }
        Err(errors)
    }

    pub fn check(&self) -> Result<(), Vec<CompileError>> {
        self.run(&["check", "-p", "callcontainer", "--lib"]).map(drop)
    }

    pub fn build(&self) -> Result<Vec<Binary>, Vec<CompileError>> {
        let mut arguments = vec!["test", "--no-run", "-p", "callcontainer"];
        if self.neon() {
            arguments.push("--lib");
        }
        let lines = self.run(&arguments)?;
        let mut binaries = Vec::new();
        for line in &lines {
            if line["reason"] == "compiler-artifact"
                && line["profile"]["test"] == true
                && let Some(path) = line["executable"].as_str()
            {
                let manifest = Path::new(line["manifest_path"].as_str().unwrap_or_default());
                let folder = manifest.parent().unwrap().to_owned();
                let target = line["target"]["name"].as_str().unwrap_or_default();
                let is_library = line["target"]["kind"][0] == "lib";
                // What builds files that must not compile asks the compiler, and has no switch.
                if target == "compile_fail" || line["target"]["kind"][0] == "example" {
                    continue;
                }
                let package = folder.file_name().unwrap().to_string_lossy().into_owned();
                let package = if package == "tree" { String::new() } else { format!("{package}/") };
                let name = if is_library { format!("{package}lib") } else { format!("{package}{target}") };
                binaries.push(Binary {
                    name,
                    path: path.into(),
                    folder,
                    time: Duration::ZERO,
                    work: Duration::ZERO,
                    reached: BTreeSet::new(),
                    skipped: Vec::new(),
                    neon: self.neon(),
                });
            }
        }
        Ok(binaries)
    }
}

/// The spans of a message and of what belongs to it. Spans in macros are those of their callers too.
fn collect(message: &Value, places: &mut Vec<(String, Range<usize>)>) {
    let mut spans: Vec<&Value> = message["spans"].as_array().into_iter().flatten().collect();
    spans.sort_by_key(|span| span["is_primary"] != true);
    for span in spans {
        let mut span = span;
        loop {
            let number = |name: &str| span[name].as_u64().unwrap_or(0) as usize;
            if let Some(file) = span["file_name"].as_str() {
                places.push((file.to_owned(), number("byte_start")..number("byte_end")));
            }
            match &span["expansion"]["span"] {
                Value::Null => break,
                caller => span = caller,
            }
        }
    }
    for child in message["children"].as_array().into_iter().flatten() {
        collect(child, places);
    }
}

impl Binary {
    fn command(&self) -> Command {
        let mut command = Command::new(if self.neon { Path::new("qemu-aarch64") } else { &self.path });
        if self.neon {
            command.args(["-L", LIBRARIES]).arg(&self.path).arg("json").env("RUSTC_BOOTSTRAP", "1");
        }
        command
            .args(["-Zunstable-options", "--test-threads=2"])
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .stdin(Stdio::null())
            .process_group(0);
        for name in &self.skipped {
            command.args(["--skip", name]);
        }
        command
    }

    /// Runs it with no mutant, and writes down which ones it comes by.
    pub fn record(&mut self, reached: &Path) -> Outcome {
        let _ = fs::remove_file(reached);
        let mut command = self.command();
        command.env("MUTANTS_REACHED", reached);
        let begun = Instant::now();
        let most = Duration::from_secs(1200);
        let (outcome, work) = wait(command, most, most, &reached.with_extension("output"));
        self.time = begun.elapsed();
        self.work = work;
        let text = fs::read_to_string(reached).unwrap_or_default();
        self.reached = text.lines().filter_map(|line| line.parse().ok()).collect();
        outcome
    }

    /// What [`recall`](Self::recall) takes for the same binary, as long as it is not built again.
    pub fn remember(&self) -> String {
        let reached: Vec<String> = self.reached.iter().map(u32::to_string).collect();
        let (time, work) = (self.time.as_millis(), self.work.as_millis());
        format!("{}\t{time}\t{work}\t{}\t{}", self.built(), self.skipped.join(" "), reached.join(" "))
    }

    pub fn recall(&mut self, line: &str) -> bool {
        let fields: Vec<&str> = line.split('\t').collect();
        let [built, time, work, skipped, reached] = fields[..] else { return false };
        if built != self.built() {
            return false;
        }
        self.time = Duration::from_millis(time.parse().unwrap_or(0));
        self.work = Duration::from_millis(work.parse().unwrap_or(0));
        self.skipped = skipped.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        self.reached = reached.split(' ').filter_map(|number| number.parse().ok()).collect();
        true
    }

    fn built(&self) -> String {
        let time = fs::metadata(&self.path).and_then(|metadata| metadata.modified());
        format!("{} {time:?}", self.path.display())
    }

    pub fn run(&self, mutant: u32, output: &Path) -> Outcome {
        let mut command = self.command();
        command.arg("--fail-fast").env("MUTANT", mutant.to_string());
        // A machine that does much else too must not make a test fail: what counts is rather the work.
        let (time, work) = (self.time * 10 + Duration::from_secs(60), self.work * 3 + Duration::from_secs(5));
        wait(command, time, work, output).0
    }
}

/// Returns how it went, and the work that was last seen.
fn wait(mut command: Command, most: Duration, most_work: Duration, output: &Path) -> (Outcome, Duration) {
    let file = fs::File::create(output).expect("a file for the output");
    let mut child = command.stdout(file).stderr(Stdio::null()).spawn().expect("a test");
    let begun = Instant::now();
    let mut pause = Duration::from_millis(2);
    let mut work = Duration::ZERO;
    let status = loop {
        if let Some(status) = child.try_wait().expect("its status") {
            break status;
        }
        work = work_of(child.id()).unwrap_or(work);
        if begun.elapsed() > most || work > most_work {
            let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status();
            let _ = child.wait();
            return (Outcome::TookTooLong, work);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    };
    if status.success() {
        return (Outcome::Passed, work);
    }
    let text = fs::read(output).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let failed = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let names = failed.map(|name| name.split(" - ").next().unwrap_or(name).to_owned()).collect();
    (Outcome::Failed(names), work)
}

/// The time that a process has had of the processor, in steps of 10 ms.
fn work_of(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}
