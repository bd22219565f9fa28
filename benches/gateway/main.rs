//! What a call costs in the gateway, beside proxies that pass the same bytes on: the time of processors, and resident memory.
//!
//! `benches/gateway/run` installs what it needs, builds it, and starts it. The README of the benchmarks says what is measured.

mod load;
mod process;
mod target;

#[allow(dead_code, reason = "`versus` measures more")]
#[path = "../inputs/mod.rs"]
mod inputs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use callcontainer::{REQUEST_LIMIT, Request};
use inputs::{Body, answers, calls};
use load::{Call, Load, NUMBER};
use process::{Memory, own_time};
use target::{Environment, Kind, Programs, Server};

/// The connections that are kept open.
const CONNECTIONS: usize = 32;
/// The connections when memory is measured: as many as the gateway takes from one address.
const MANY: usize = 512;
const TOKEN: &str = "s3cret-s3cret-s3cret";

/// What the service answers a small envelope with: 40 bytes.
const SMALL: &str = r#"{"order":104233,"state":"paid","n":[30]}"#;
const _: () = assert!(SMALL.len() == 40);

/// The most that one thing may cost, as a multiple of what another does.
struct Goal {
    of: Kind,
    beside: Kind,
    case: fn(&str) -> bool,
    limit: f64,
}

const GOALS: [Goal; 4] = [
    // The aim is 1.5.
    Goal { of: Kind::Gateway, beside: Kind::Nginx, case: |case| case == "small", limit: 2.0 },
    Goal { of: Kind::Gateway, beside: Kind::Nginx, case: |case| case != "small", limit: 2.5 },
    Goal { of: Kind::Lua, beside: Kind::Nginx, case: |_| true, limit: 2.0 },
    Goal { of: Kind::Filter, beside: Kind::Envoy, case: |_| true, limit: 1.4 },
];
/// The most that the gateway may hold at `MANY` connections, in bytes.
const MEMORY: u64 = 64_000_000;

/// A kind of call: what it is called, the input that goes out, and the one that comes back.
struct Case {
    name: &'static str,
    out: &'static str,
    back: &'static str,
}

const CASES: [Case; 4] = [
    Case { name: "small", out: "small", back: "small" },
    Case { name: "95 KiB out", out: "object95k", back: "small" },
    Case { name: "95 KiB back", out: "small", back: "object95k" },
    Case { name: "950 KiB back", out: "small", back: "object950k" },
];

struct Options {
    programs: Programs,
    quick: bool,
    check: bool,
}

fn main() -> ExitCode {
    let outcome = options().and_then(|options| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let kept = runtime.map_err(|error| error.to_string())?.block_on(measure(&options))?;
        Ok(kept || !options.check)
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut paths: [Option<PathBuf>; 6] = Default::default();
    let (mut quick, mut check) = (false, false);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let path = match argument.to_str() {
            Some("--quick") => {
                quick = true;
                continue;
            }
            Some("--check") => {
                check = true;
                continue;
            }
            Some("--work") => 0,
            Some("--gateway") => 1,
            Some("--nginx") => 2,
            Some("--envoy") => 3,
            Some("--filter") => 4,
            Some("--lua") => 5,
            _ => return Err(format!("unknown option {}", argument.display())),
        };
        paths[path] = arguments.next().map(PathBuf::from);
    }
    let [Some(work), Some(gateway), Some(nginx), envoy, filter, lua] = paths else {
        return Err("--work, --gateway and --nginx are needed".to_owned());
    };
    Ok(Options { programs: Programs { work, gateway, nginx, envoy, filter, lua }, quick, check })
}

/// Measures everything, and prints it. Returns whether the goals are kept.
async fn measure(options: &Options) -> Result<bool, String> {
    let programs = &options.programs;
    let (rounds, time) =
        if options.quick { (3, Duration::from_millis(700)) } else { (13, Duration::from_millis(1000)) };
    let files = programs.work.join("files");
    fs::create_dir_all(programs.work.join("temp")).map_err(|error| error.to_string())?;
    let service = programs.service(&files)?;
    let requests = Requests::write(&files)?;
    let kinds = programs.kinds();

    println!("{}, {rounds} rounds of {:.1} s each", machine()?, time.as_secs_f64());
    println!();
    eprintln!("memory");
    let memory = memory(options, &kinds, &service, &requests, &files).await?;
    let times = times(options, &kinds, &service, &requests, &files, rounds, time).await?;
    times.print();
    print_memory(&kinds, &memory);
    let kept = times.check();
    let gateway = kinds.iter().zip(&memory).find(|(kind, _)| **kind == Kind::Gateway);
    let small = gateway.is_some_and(|(_, memory)| memory.peak < MEMORY);
    println!("- {}: memory of the gateway at {MANY} connections, less than 64 MB", verdict(small));
    Ok(kept && small)
}

/// The requests of each case.
struct Requests {
    environment: Environment,
    /// The envelope of each case, and what the service answers to it.
    all: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Requests {
    /// Makes them, and gives the service the files that it answers with.
    fn write(files: &Path) -> Result<Self, String> {
        let (calls, answers) = (calls(), answers());
        let first = calls.first().ok_or("no inputs")?;
        let environment = Environment { env: first.env, service: first.service, token: TOKEN };
        let mut all = Vec::new();
        for (index, case) in CASES.iter().enumerate() {
            let call = calls.iter().find(|call| call.name == case.out).ok_or("no such input")?;
            let answer = match answers.iter().find(|answer| answer.name == case.back) {
                Some(_) if case.back == "small" => SMALL.to_owned(),
                Some(inputs::Answer { body: Body::Json(json), .. }) => json.clone(),
                _ => return Err("no such input".to_owned()),
            };
            let path = format!("/answer{index}?n={NUMBER}");
            let request = Request::new(&path)
                .with_env(call.env)
                .with_service(call.service)
                .with_method(call.method)
                .with_headers(&call.headers)
                .with_timeout(call.timeout)
                .with_call_id(call.call_id)
                .with_data(call.body.data());
            let mut envelope = vec![0; REQUEST_LIMIT];
            let length = request.encode(&mut envelope).map_err(|error| error.to_string())?.len();
            envelope.truncate(length);
            write(&files.join(format!("answer{index}")), answer.as_bytes())?;
            all.push((envelope, answer.into_bytes()));
        }
        Ok(Self { environment, all })
    }

    /// The call of one case to one server, tried out.
    ///
    /// Proxies get the same bytes as gateways, and the service answers them with the envelopes that the gateway makes. So
    /// the gateway must have been tried out first.
    async fn call(&self, kind: Kind, server: &Server, index: usize, files: &Path) -> Result<Call, String> {
        let (envelope, answer) = &self.all[index];
        let target = if kind.is_gateway() { "/".to_owned() } else { format!("/envelope{index}?n={NUMBER}") };
        let mut request = format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            server.address,
            envelope.len(),
        )
        .into_bytes();
        request.extend_from_slice(envelope);
        let (call, first) = Call::try_out(&server.address, request, kind.is_gateway()).await?;
        if first.body.windows(answer.len()).all(|window| window != answer) {
            return Err(format!("an answer without that of the service: {}", first.head));
        }
        if kind == Kind::Gateway {
            write(&files.join(format!("envelope{index}")), &first.body)?;
        }
        Ok(call)
    }
}

/// The memory of each, after small calls over many connections: of a new process, which has done nothing else.
async fn memory(
    options: &Options,
    kinds: &[Kind],
    service: &Server,
    requests: &Requests,
    files: &Path,
) -> Result<Vec<Memory>, String> {
    let time = Duration::from_millis(if options.quick { 1000 } else { 3000 });
    let mut all = Vec::new();
    // The gateway makes what proxies pass on, so it comes first.
    let gateway = options.programs.start(Kind::Gateway, service, &requests.environment)?;
    for index in 0..CASES.len() {
        requests.call(Kind::Gateway, &gateway, index, files).await?;
    }
    drop(gateway);
    for &kind in kinds {
        let server = options.programs.start(kind, service, &requests.environment)?;
        let call = requests.call(kind, &server, 0, files).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut load = Load::open(&server.address, call, MANY).await.map_err(|error| within(kind, &error))?;
        load.run(time).await.map_err(|error| within(kind, &error))?;
        all.push(server.process.memory()?);
    }
    Ok(all)
}

/// What was measured: microseconds a call.
struct Times {
    kinds: Vec<Kind>,
    /// By case, kind and round.
    all: Vec<Vec<Vec<f64>>>,
    /// Calls a second, by case and kind: the greatest of the rounds.
    rates: Vec<Vec<f64>>,
    /// The greatest part of one processor that the load took.
    load: f64,
}

async fn times(
    options: &Options,
    kinds: &[Kind],
    service: &Server,
    requests: &Requests,
    files: &Path,
    rounds: usize,
    time: Duration,
) -> Result<Times, String> {
    let mut servers = Vec::new();
    for &kind in kinds {
        servers.push((kind, options.programs.start(kind, service, &requests.environment)?));
    }
    let mut times = Times {
        kinds: kinds.to_vec(),
        all: vec![vec![Vec::new(); kinds.len()]; CASES.len()],
        rates: vec![vec![0.0; kinds.len()]; CASES.len()],
        load: 0.0,
    };
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for (index, case) in CASES.iter().enumerate() {
            for (place, (kind, server)) in servers.iter().enumerate() {
                let failed = |error: String| format!("{}: {}", case.name, within(*kind, &error));
                let call = requests.call(*kind, server, index, files).await.map_err(failed)?;
                let mut load = Load::open(&server.address, call, CONNECTIONS).await.map_err(failed)?;
                let (own, used, start) = (own_time()?, server.process.time()?, Instant::now());
                let made = load.run(time).await.map_err(failed)? as f64;
                let passed = start.elapsed().as_secs_f64();
                let used = (server.process.time()? - used).as_secs_f64();
                times.all[index][place].push(used * 1e6 / made);
                times.rates[index][place] = times.rates[index][place].max(made / passed);
                times.load = times.load.max((own_time()? - own).as_secs_f64() / passed);
            }
        }
    }
    Ok(times)
}

impl Times {
    fn print(&self) {
        println!(
            "Microseconds of processors a call, at {CONNECTIONS} connections: the median of the rounds, the least and the"
        );
        println!("greatest, and how many times that of nginx it is.");
        println!();
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        println!("| call | {} |", names.join(" | "));
        println!("|---|{}", "---|".repeat(names.len()));
        for (case, kinds) in CASES.iter().zip(&self.all) {
            let cells: Vec<_> = kinds.iter().map(|rounds| cell(rounds, &kinds[0])).collect();
            println!("| {} | {} |", case.name, cells.join(" | "));
        }
        println!();
        for (case, rates) in CASES.iter().zip(&self.rates) {
            let rates: Vec<_> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
            println!("{}: at most {} calls a second", case.name, rates.join(", "));
        }
        println!("The load took at most {:.0} % of one processor.", self.load * 100.0);
        println!();
    }

    /// Prints whether each goal is kept, and returns whether all are.
    fn check(&self) -> bool {
        let mut kept = true;
        for goal in &GOALS {
            let place = |kind| self.kinds.iter().position(|&other| other == kind);
            let (Some(of), Some(beside)) = (place(goal.of), place(goal.beside)) else { continue };
            for (case, kinds) in CASES.iter().zip(&self.all).filter(|(case, _)| (goal.case)(case.name)) {
                let ratio = ratio(&kinds[of], &kinds[beside]);
                kept &= ratio <= goal.limit;
                println!(
                    "- {}: {}, {}: {ratio:.2} of {}, at most {}",
                    verdict(ratio <= goal.limit),
                    case.name,
                    goal.of.name(),
                    goal.beside.name(),
                    goal.limit
                );
            }
        }
        kept
    }
}

fn print_memory(kinds: &[Kind], memory: &[Memory]) {
    let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
    println!("Resident memory in MB after small calls at {MANY} connections:");
    println!();
    println!("| | now | at most |");
    println!("|---|---|---|");
    for (kind, memory) in kinds.iter().zip(memory) {
        println!("| {} | {} | {} |", kind.name(), megabytes(memory.now), megabytes(memory.peak));
    }
    println!();
}

fn cell(rounds: &[f64], nginx: &[f64]) -> String {
    let least = rounds.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = rounds.iter().copied().fold(0.0, f64::max);
    let times = if std::ptr::eq(rounds, nginx) { String::new() } else { format!(", ×{:.2}", ratio(rounds, nginx)) };
    format!("{:.0} ({least:.0}–{greatest:.0}){times}", median(rounds))
}

/// The median of the ratios of each round, whose two sides ran one soon after the other.
fn ratio(of: &[f64], beside: &[f64]) -> f64 {
    median(&of.iter().zip(beside).map(|(of, beside)| of / beside).collect::<Vec<_>>())
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}

fn within(kind: Kind, error: &str) -> String {
    format!("{}: {error}", kind.name())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// The processor, and how many the machine has.
fn machine() -> Result<String, String> {
    let text = fs::read_to_string("/proc/cpuinfo").map_err(|error| error.to_string())?;
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let count = std::thread::available_parallelism().map_err(|error| error.to_string())?;
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    Ok(format!("{name}, {count} processors"))
}
