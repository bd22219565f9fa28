//! What is measured, and the service behind it: how each is configured and started.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::Process;

/// How long a process may take until it accepts connections.
const START: Duration = Duration::from_secs(20);
/// What Envoy calls the service.
const CLUSTER: &str = "service";

/// The programs that are there, and where their files may be.
pub struct Programs {
    pub work: PathBuf,
    pub gateway: PathBuf,
    pub nginx: PathBuf,
    pub envoy: Option<PathBuf>,
    pub filter: Option<PathBuf>,
    pub lua: Option<PathBuf>,
}

/// The environment that calls are for.
pub struct Environment {
    pub env: &'static str,
    pub service: &'static str,
    pub token: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Gateway,
    Lua,
    Envoy,
    Filter,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Gateway => "callcontainer-gateway",
            Self::Lua => "nginx with Lua",
            Self::Envoy => "Envoy",
            Self::Filter => "Envoy with the filter",
        }
    }

    /// Whether it takes envelopes and makes envelopes of what the service answers.
    pub fn is_gateway(self) -> bool {
        matches!(self, Self::Gateway | Self::Lua | Self::Filter)
    }
}

/// A process that accepts connections.
pub struct Server {
    pub process: Process,
    pub address: String,
}

impl Programs {
    /// Those that are there, nginx first.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Nginx, Kind::Gateway];
        kinds.extend(self.lua.as_ref().map(|_| Kind::Lua));
        kinds.extend(self.envoy.as_ref().map(|_| Kind::Envoy));
        kinds.extend(self.envoy.as_ref().and(self.filter.as_ref()).map(|_| Kind::Filter));
        kinds
    }

    /// Starts the service, which answers with files of this folder.
    pub fn service(&self, files: &Path) -> Result<Server, String> {
        fs::create_dir_all(files).map_err(|error| format!("{}: {error}", files.display()))?;
        self.nginx("service.conf", include_str!("service.conf"), "")
    }

    pub fn start(&self, kind: Kind, service: &Server, environment: &Environment) -> Result<Server, String> {
        let service = service.address.as_str();
        let port = service.rsplit_once(':').map_or("", |(_, port)| port);
        match kind {
            Kind::Nginx => self.nginx("proxy.conf", include_str!("proxy.conf"), port),
            Kind::Gateway => self.gateway(service, environment),
            Kind::Lua => self.lua(service, environment),
            Kind::Envoy => self.envoy("envoy.json", port, ""),
            Kind::Filter => self.envoy("filter.json", port, &self.filter(service, environment)?),
        }
    }

    fn gateway(&self, service: &str, environment: &Environment) -> Result<Server, String> {
        let mut command = Command::new(&self.gateway);
        command.args(["--listen", "127.0.0.1:0"]).args(environment.options(service));
        // Its log has a line for each call, as that of the others.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(&mut command)?;
        let mut line = String::new();
        if let Some(output) = process.child().stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.ok_or_else(|| format!("the gateway has not started: {command:?}"))?.to_owned();
        ready(process, address)
    }

    fn nginx(&self, name: &str, configuration: &str, service: &str) -> Result<Server, String> {
        let (port, file) = self.configure(name, configuration, service, "")?;
        let mut command = Command::new(&self.nginx);
        command.arg("-p").arg(&self.work).arg("-c").arg(&file).arg("-e").arg(self.work.join("nginx.log"));
        self.serve(command, port, "nginx.log")
    }

    /// Starts nginx as its script would, so that the script is not measured.
    fn lua(&self, service: &str, environment: &Environment) -> Result<Server, String> {
        let program = self.lua.as_ref().ok_or("nginx with Lua is not there")?;
        let port = free_port()?;
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(program);
        command.args(["--listen", &address]).args(environment.options(service)).stderr(Stdio::inherit());
        let output = command.arg("--into").arg(self.work.join("lua")).output();
        let output = output.map_err(|error| format!("{command:?}: {error}"))?;
        let line = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("{command:?}: {}", output.status));
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("exec {line}"));
        // Its log has a line for each call, as that of the others.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        ready(Process::start(&mut command)?, address)
    }

    fn envoy(&self, name: &str, service: &str, filter: &str) -> Result<Server, String> {
        let (port, file) = self.configure(name, include_str!("envoy.json"), service, filter)?;
        let envoy = self.envoy.as_ref().ok_or("Envoy is not there")?;
        let mut command = Command::new(envoy);
        let threads = thread::available_parallelism().map_err(|error| error.to_string())?;
        command.arg("-c").arg(&file).args(["--disable-hot-restart", "--log-level", "error", "--concurrency"]);
        command.arg(threads.to_string());
        self.serve(command, port, "envoy.log")
    }

    /// Asks for the filter as it stands in the configuration of Envoy. The options are those of the gateway.
    fn filter(&self, service: &str, environment: &Environment) -> Result<String, String> {
        let program = self.filter.as_ref().ok_or("the filter is not there")?;
        let mut command = Command::new(program);
        command.args(["--cluster", CLUSTER]).args(environment.options(service)).stderr(Stdio::inherit());
        let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        let filter = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
        if !output.status.success() || filter.trim().is_empty() {
            return Err(format!("{command:?}: {}", output.status));
        }
        Ok(format!("{},", filter.trim()))
    }

    fn configure(
        &self,
        name: &str,
        configuration: &str,
        service: &str,
        filter: &str,
    ) -> Result<(u16, PathBuf), String> {
        let port = free_port()?;
        let configuration = configuration
            .replace("@WORK@", &self.work.display().to_string())
            .replace("@PORT@", &port.to_string())
            .replace("@SERVICE@", service)
            .replace("@CLUSTER@", CLUSTER)
            .replace("@FILTER@", filter);
        let file = self.work.join(name);
        fs::write(&file, configuration).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok((port, file))
    }

    fn serve(&self, mut command: Command, port: u16, log: &str) -> Result<Server, String> {
        let log = File::create(self.work.join(log)).map_err(|error| error.to_string())?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        ready(Process::start(&mut command)?, format!("127.0.0.1:{port}"))
    }
}

fn free_port() -> Result<u16, String> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(address.map_err(|error| error.to_string())?.port())
}

impl Environment {
    fn options(&self, service: &str) -> Vec<String> {
        let service = format!("{}={service}", self.service);
        let caller = format!("{}=wx0123456789abcdef,o-alice", self.token);
        ["--env", self.env, "--owner", "wx0123456789abcdef", "--service", &service, "--caller", &caller]
            .map(str::to_owned)
            .to_vec()
    }
}

/// Waits until it accepts connections, and a little longer: until it has closed the one that found that out.
fn ready(mut process: Process, address: String) -> Result<Server, String> {
    let start = Instant::now();
    while TcpStream::connect(&address).is_err() {
        process.settle()?;
        if start.elapsed() > START {
            return Err(format!("nothing listens at {address}"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(200));
    process.settle()?;
    Ok(Server { process, address })
}
