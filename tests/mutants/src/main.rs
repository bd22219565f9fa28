//! Plants bugs in the library, each by itself, and counts those that the tests see. `README.md` beside it says how.

mod equivalent;
mod find;
mod modules;
mod plant;
mod random;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use equivalent::Equivalents;
use find::{Found, Mutant, Place};
use modules::{Machine, Module};
use plant::{Planted, plant};
use random::Random;
use tests::{Binary, Cargo, Outcome};

/// How many are run at the same time.
const WORKERS: usize = 3;
struct Options {
    sample: usize,
    seed: u64,
    module: String,
    list: bool,
    again: bool,
    machine: Machine,
    builds: usize,
}

fn options() -> Options {
    let mut options = Options {
        sample: 50,
        seed: 1,
        module: "src".to_owned(),
        list: false,
        again: false,
        machine: Machine::X86_64,
        builds: 20,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| fail(&format!("{argument} needs a value")));
        let number = |text: String| text.parse::<u64>().unwrap_or_else(|_| fail(&format!("no number: {text}")));
        match argument.as_str() {
            "--sample" => options.sample = number(value()) as usize,
            "--seed" => options.seed = number(value()),
            "--module" => options.module = value(),
            "--builds" => options.builds = number(value()) as usize,
            "--list" => options.list = true,
            "--again" => options.again = true,
            "--neon" => options.machine = Machine::Aarch64,
            "--baseline" => options.machine = Machine::Baseline,
            "--portable" => options.machine = Machine::Portable,
            _ => fail(
                "usage: tests/mutants/run [--sample N] [--seed S] [--module PATH] [--builds N] [--again] [--neon | --baseline | --portable] [--list]",
            ),
        }
    }
    if options.machine == Machine::Aarch64 && options.module == "src" {
        options.module = "src/json/simd/neon.rs".to_owned();
    }
    options
}

fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(2)
}

fn main() {
    let begun = Instant::now();
    let options = options();
    let root = std::env::current_dir().expect("the repository");
    let work = root.join("target/mutants");
    let (modules, found) = all(&root, options.machine);
    let equivalents = Equivalents::read(&root.join("tests/mutants/equivalent.tsv"));
    let others = [Machine::X86_64, Machine::Portable, Machine::Aarch64].map(|machine| all(&root, machine).1.mutants);
    let stale = equivalents.stale(others.iter().flatten());
    for entry in &stale {
        println!("stale: {entry}");
    }

    if options.list {
        let mut all: Vec<&Mutant> =
            found.mutants.iter().filter(|mutant| mutant.file.starts_with(&options.module)).collect();
        all.sort_by_key(|mutant| (&mutant.file, mutant.at));
        for mutant in &all {
            println!("{}", name(mutant));
        }
        println!("{} mutants", all.len());
        return;
    }

    copy_tree(&root, &work.join("tree"));
    let folder = match options.machine {
        Machine::X86_64 => "build",
        Machine::Baseline => "build-baseline",
        Machine::Portable => "build-portable",
        Machine::Aarch64 => "build-aarch64",
    };
    let cargo = Cargo { tree: work.join("tree"), target: work.join(folder), machine: options.machine };
    let lived_file = work.join("lived.tsv");
    let mut sample =
        if options.again { Sample::again(&found, &lived_file) } else { Sample::new(&modules, &found, &options) };
    let (mut binaries, dropped) = build(&cargo, &modules, &found, &mut sample);
    eprintln!("{} mutants built, {dropped} did not compile, {:.0?}", sample.chosen.len(), begun.elapsed());

    record(&mut binaries, &work);
    eprintln!("all tests pass with no mutant active, {:.0?}", begun.elapsed());

    let mut results = run_all(&sample, &found, &binaries, &work);
    ask_documentation(&cargo, &found, &sample, &mut results);
    build_each(&cargo, &modules, &found, &sample, &binaries, &work, options.builds, &mut results);
    let unseen = report(&sample, &found, &equivalents, &results, &lived_file);
    println!("seed {}, {:.0?}", options.seed, begun.elapsed());
    if !stale.is_empty() || unseen > 0 {
        std::process::exit(1);
    }
}

fn all(root: &Path, machine: Machine) -> (Vec<Module>, Found) {
    let modules = modules::walk(root, machine);
    let mut found = Found::default();
    for module in &modules {
        find::find(module, machine, &mut found);
    }
    (modules, found)
}

fn name(mutant: &Mutant) -> String {
    format!("{}:{}:{}: {}", mutant.file, mutant.line, mutant.column, mutant.what)
}

/// What git tracks, as it is now. Only what has changed is written, so that no more is built again.
fn copy_tree(root: &Path, tree: &Path) {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().expect("git");
    let mut kept = BTreeSet::new();
    for file in String::from_utf8_lossy(&output.stdout).split('\0').filter(|file| !file.is_empty()) {
        let (from, to) = (root.join(file), tree.join(file));
        let Ok(metadata) = fs::metadata(&from) else { continue };
        kept.insert(to.clone());
        // The library's sources are written with the mutants in them.
        if file.starts_with("src/") && file.ends_with(".rs") && to.exists() {
            continue;
        }
        let new = fs::read(&from).expect(file);
        if fs::read(&to).is_ok_and(|old| old == new) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap()).expect(file);
        fs::write(&to, new).expect(file);
        fs::set_permissions(&to, metadata.permissions()).expect(file);
    }
    remove_others(tree, &kept);
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_others(&path, kept);
        } else if !kept.contains(&path) && !path.ends_with("src/mutants.rs") {
            let _ = fs::remove_file(path);
        }
    }
}

/// The mutants chosen, and what takes the place of those that do not compile.
struct Sample {
    /// The number that a mutant is switched on by, and its index in `Found::mutants`.
    chosen: BTreeMap<u32, usize>,
    next: u32,
    /// By file, in the order in which they are taken.
    spare: BTreeMap<String, Vec<usize>>,
}

impl Sample {
    /// Spread evenly: files by their lines, each at least once if the sample is large enough, and in a file kinds before
    /// instances, as there are more numbers than anything else.
    fn new(modules: &[Module], found: &Found, options: &Options) -> Self {
        let mut random = Random::new(options.seed);
        let mut spare: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut weights = Vec::new();
        let mut files: Vec<&Module> =
            modules.iter().filter(|module| module.file.starts_with(&options.module)).collect();
        files.sort_by_key(|module| &module.file);
        for module in files {
            let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (index, mutant) in found.mutants.iter().enumerate().filter(|(_, mutant)| mutant.file == module.file) {
                kinds.entry(mutant.kind).or_default().push(index);
            }
            if kinds.is_empty() {
                continue;
            }
            for kind in kinds.values_mut() {
                random.shuffle(kind);
            }
            let mut order = Vec::new();
            while !kinds.is_empty() {
                let mut names: Vec<&str> = kinds.keys().copied().collect();
                random.shuffle(&mut names);
                for name in names {
                    let kind = kinds.get_mut(name).unwrap();
                    order.extend(kind.pop());
                    if kind.is_empty() {
                        kinds.remove(name);
                    }
                }
            }
            // Taken from the end.
            order.reverse();
            // Unit tests are no code to change.
            let lines = module.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
            weights.push((module.file.clone(), lines));
            spare.insert(module.file.clone(), order);
        }
        let total: usize = weights.iter().map(|(_, lines)| lines).sum();
        let least = total.div_ceil(options.sample.max(1));
        let total: usize = weights.iter().map(|(_, lines)| lines.max(&least)).sum();
        let mut sample = Self { chosen: BTreeMap::new(), next: 1, spare };
        let step = total as f64 / options.sample as f64;
        let mut at = step * (random.below(1000) as f64 / 1000.0);
        let mut end = 0.0;
        for (file, lines) in &weights {
            end += *lines.max(&least) as f64;
            while at < end {
                sample.take(file);
                at += step;
            }
        }
        sample
    }

    /// Those that lived the last time.
    fn again(found: &Found, file: &Path) -> Self {
        let mut sample = Self { chosen: BTreeMap::new(), next: 1, spare: BTreeMap::new() };
        for line in fs::read_to_string(file).unwrap_or_default().lines() {
            match found.mutants.iter().position(|mutant| equivalent::key(mutant) == line) {
                Some(index) => {
                    sample.chosen.insert(sample.next, index);
                    sample.next += 1;
                }
                None => println!("gone: {line}"),
            }
        }
        sample
    }

    fn take(&mut self, file: &str) {
        if let Some(index) = self.spare.get_mut(file).and_then(Vec::pop) {
            self.chosen.insert(self.next, index);
            self.next += 1;
        }
    }

    fn planted<'a>(&self, found: &'a Found) -> Vec<Planted<'a>> {
        self.chosen.iter().map(|(number, index)| Planted { number: *number, mutant: &found.mutants[*index] }).collect()
    }
}

/// Builds the tests with all mutants that compile, and replaces those that do not.
fn build(cargo: &Cargo, modules: &[Module], found: &Found, sample: &mut Sample) -> (Vec<Binary>, usize) {
    let mut dropped = 0;
    let before = plant::Before::new(&cargo.tree, modules);
    loop {
        let map = plant(&cargo.tree, modules, found, &sample.planted(found), 0);
        // The library alone says most of it, and soon.
        let built = cargo.check().and_then(|()| {
            before.restore();
            cargo.build()
        });
        let errors = match built {
            Ok(binaries) => return (binaries, dropped),
            Err(errors) => errors,
        };
        let mut wrong = BTreeSet::new();
        for error in &errors {
            let places = || error.places.iter();
            let number = places().find_map(|(file, place)| map.find(file, place.clone()));
            let number = number.or_else(|| places().find_map(|(file, place)| map.nearest(file, place.clone())));
            match number {
                Some(number) => drop(wrong.insert(number)),
                None => eprintln!("no mutant's error: {}", error.message),
            }
        }
        if wrong.is_empty() {
            fail("the library does not compile, and no mutant is the reason");
        }
        dropped += wrong.len();
        for number in wrong {
            if let Some(index) = sample.chosen.remove(&number) {
                if std::env::var_os("MUTANTS_VERBOSE").is_some() {
                    eprintln!("does not compile: {}", name(&found.mutants[index]));
                }
                sample.take(&found.mutants[index].file);
            }
        }
    }
}

/// Runs all tests with no mutant: they must pass, and it says which mutants each comes by.
fn record(binaries: &mut [Binary], work: &Path) {
    let cache = work.join("recorded.tsv");
    let cached = fs::read_to_string(&cache).unwrap_or_default();
    let mut kept = String::new();
    for binary in binaries.iter_mut() {
        if let Some(line) = cached.lines().find(|line| binary.recall(line)) {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        loop {
            match binary.record(&work.join("reached")) {
                Outcome::Passed => break,
                Outcome::TookTooLong => fail(&format!("{} does not end", binary.name)),
                Outcome::Failed(names) => {
                    if names.is_empty() || binary.skipped.len() > 4 {
                        let output = fs::read_to_string(work.join("reached.output")).unwrap_or_default();
                        fail(&format!("{} fails with no mutant:\n{output}", binary.name));
                    }
                    eprintln!("skipped, since it fails with no mutant: {} {names:?}", binary.name);
                    binary.skipped.extend(names);
                }
            }
        }
        eprintln!("{:>7.1?} {} {}", binary.time, binary.name, binary.reached.len());
        kept.push_str(&binary.remember());
        kept.push('\n');
        fs::write(&cache, &kept).expect("what has been recorded");
    }
}

#[derive(Clone)]
enum Verdict {
    Caught(String),
    Lived,
    NotReached,
    /// The compiler runs it, and it has not been built by itself.
    NotBuilt,
}

type Results = BTreeMap<u32, Verdict>;

fn ask(number: u32, binaries: &[&Binary], output: &Path) -> Verdict {
    for binary in binaries {
        match binary.run(number, output) {
            Outcome::Passed => {}
            Outcome::Failed(names) => {
                let first = names.first().cloned().unwrap_or_else(|| "aborted".to_owned());
                return Verdict::Caught(format!("{} {first}", binary.name));
            }
            Outcome::TookTooLong => return Verdict::Caught(format!("{} takes too long", binary.name)),
        }
    }
    if binaries.is_empty() { Verdict::NotReached } else { Verdict::Lived }
}

/// Whether these are the tests of the module above all.
fn is_own(binary: &Binary, mutant: &Mutant) -> bool {
    let own: &[&str] = match mutant.file.split(['/', '.']).nth(1) {
        Some("client") => &["client"],
        Some("gateway" | "http") => &["gateway"],
        Some("stream") => &["stream"],
        Some("json" | "base64") => &["json_oracle", "lib"],
        _ => &["errors"],
    };
    own.contains(&binary.name.as_str())
}

fn run_all(sample: &Sample, found: &Found, binaries: &[Binary], work: &Path) -> Results {
    // In any order, so that the first ones are a sample too.
    let mut queue: Vec<u32> = sample.chosen.keys().copied().collect();
    Random::new(0).shuffle(&mut queue);
    let queue = Mutex::new(queue);
    let results = Mutex::new(Results::new());
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (queue, results) = (&queue, &results);
            scope.spawn(move || {
                let output = work.join(format!("output-{worker}"));
                loop {
                    let Some(number) = queue.lock().unwrap().pop() else { break };
                    let mutant = &found.mutants[sample.chosen[&number]];
                    let mut asked: Vec<&Binary> =
                        binaries.iter().filter(|binary| binary.reached.contains(&number)).collect();
                    // The quick ones come first, and of the slow ones that of the module.
                    asked.sort_by_key(|binary| (binary.time.as_secs() > 8 && !is_own(binary, mutant), binary.time));
                    let verdict = ask(number, &asked, &output);
                    say(mutant, &verdict);
                    results.lock().unwrap().insert(number, verdict);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// The examples in the documentation are tests too. They take long, so only those that have lived meet them.
fn ask_documentation(cargo: &Cargo, found: &Found, sample: &Sample, results: &mut Results) {
    let lived: Vec<u32> = results
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Lived | Verdict::NotReached))
        .map(|(number, _)| *number)
        .collect();
    if lived.is_empty() || cargo.documentation_fails(0) {
        return;
    }
    for number in lived {
        if cargo.documentation_fails(number) {
            let verdict = Verdict::Caught("documentation".to_owned());
            say(&found.mutants[sample.chosen[&number]], &verdict);
            results.insert(number, verdict);
        }
    }
}

fn say(mutant: &Mutant, verdict: &Verdict) {
    let verdict = match verdict {
        Verdict::Caught(by) => format!("caught by {by}"),
        Verdict::Lived => "LIVED".to_owned(),
        Verdict::NotReached => "NOT REACHED".to_owned(),
        Verdict::NotBuilt => "not built".to_owned(),
    };
    println!("{}: {verdict}", name(mutant));
}

/// What the compiler runs is built by itself, if nothing has seen it at run time.
#[allow(clippy::too_many_arguments, reason = "called once")]
fn build_each(
    cargo: &Cargo,
    modules: &[Module],
    found: &Found,
    sample: &Sample,
    binaries: &[Binary],
    work: &Path,
    most: usize,
    results: &mut Results,
) {
    let mut built = 0;
    for (number, index) in &sample.chosen {
        let mutant = &found.mutants[*index];
        let seen = matches!(results[number], Verdict::Caught(_));
        let at_compile_time = match mutant.place {
            Place::Function { is_const } => is_const,
            Place::Constant(_) | Place::Compiler => true,
        };
        if seen || !at_compile_time {
            continue;
        }
        let verdict = if built < most {
            built += 1;
            plant(&cargo.tree, modules, found, &sample.planted(found), *number);
            match cargo.build() {
                Ok(new) => {
                    // The same, built anew.
                    let again: Vec<Binary> = binaries
                        .iter()
                        .filter_map(|binary| {
                            let path = new.iter().find(|new| new.name == binary.name)?.path.clone();
                            Some(Binary { path, ..binary.clone() })
                        })
                        .collect();
                    ask(0, &again.iter().collect::<Vec<_>>(), &work.join("output-0"))
                }
                Err(errors) if errors.iter().any(|error| error.message.contains("E0080")) => {
                    Verdict::Caught("the compiler".to_owned())
                }
                Err(_) => Verdict::NotBuilt,
            }
        } else {
            Verdict::NotBuilt
        };
        say(mutant, &verdict);
        results.insert(*number, verdict);
    }
}

/// Says how many were seen. Returns the number of those that were not, without the equivalent ones.
fn report(sample: &Sample, found: &Found, equivalents: &Equivalents, results: &Results, lived_file: &Path) -> usize {
    let mut by_module: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    let mut lived = String::new();
    let mut total = [0; 4];
    println!("\nLived:");
    for (number, index) in &sample.chosen {
        let mutant = &found.mutants[*index];
        let column = match &results[number] {
            Verdict::Caught(_) => {
                if equivalents.reason(mutant).is_some() {
                    println!("  {}: listed as equivalent, but seen", name(mutant));
                }
                0
            }
            Verdict::Lived | Verdict::NotReached if equivalents.reason(mutant).is_some() => 1,
            verdict @ (Verdict::Lived | Verdict::NotReached) => {
                let note = if matches!(verdict, Verdict::NotReached) { " (not reached)" } else { "" };
                println!("  {}{note}", name(mutant));
                lived.push_str(&equivalent::key(mutant));
                lived.push('\n');
                2
            }
            Verdict::NotBuilt => 3,
        };
        let module = mutant.file.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default();
        by_module.entry(module.to_owned()).or_default()[column] += 1;
        total[column] += 1;
    }
    fs::write(lived_file, lived).expect("the list of those that lived");
    println!("\n{:<12} {:>7} {:>11} {:>6} {:>10}", "module", "caught", "equivalent", "lived", "not built");
    for (module, [caught, equivalent, lived, not_built]) in &by_module {
        println!("{module:<12} {caught:>7} {equivalent:>11} {lived:>6} {not_built:>10}");
    }
    let [caught, equivalent, lived, not_built] = total;
    println!("{:<12} {caught:>7} {equivalent:>11} {lived:>6} {not_built:>10}", "all");
    let real = (caught + lived).max(1);
    println!("\n{:.1} of 100 caught", 100.0 * caught as f64 / real as f64);
    lived
}
