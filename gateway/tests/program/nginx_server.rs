//! An nginx that runs.

use std::fs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::harness::PATIENCE;
use super::service::nobody;

/// The block of nginx in the README that begins with this, with the addresses of a test in place of those that it shows.
pub fn readme_config(beginning: &str, places: &[(&str, &str)]) -> String {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut blocks = readme.split("```nginx\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut config = blocks.find(|block| block.starts_with(beginning)).expect("such a block in the README").to_owned();
    for (shown, place) in places {
        assert!(config.contains(shown), "{shown} in {config}");
        config = config.replace(shown, place);
    }
    config
}

pub struct Nginx {
    child: Child,
    folder: PathBuf,
    pub address: SocketAddr,
}

impl Nginx {
    /// Runs nginx with what stands inside `http {…}`, in which `ADDRESS` is where it listens and `FOLDER` its own folder.
    /// `None`, with a line that says so, where there is no nginx.
    pub fn start(test: &str, config: &str, files: &[(&str, &str)]) -> Option<Self> {
        let programs = ["nginx", "/usr/sbin/nginx"];
        let found = programs.iter().find(|program| {
            Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        });
        let Some(program) = found else {
            // Where the harness does not hide it, which catches what `eprintln!` prints.
            #[allow(clippy::explicit_write)]
            writeln!(io::stderr(), "skipped: no nginx, which Debian packages").unwrap();
            return None;
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
        let address = nobody();
        let path = folder.to_str().unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {path}/{kind};\n"))
            .concat();
        let config = config.replace("ADDRESS", &address.to_string()).replace("FOLDER", path);
        let whole = format!(
            "daemon off;\nmaster_process off;\npid {path}/pid;\nerror_log {path}/error.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}{config}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, whole).unwrap();
        let child = Command::new(program)
            .args(["-p", path, "-e", &format!("{path}/error.log"), "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut nginx = Self { child, folder, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = nginx.child.try_wait().unwrap();
            let log = fs::read_to_string(nginx.folder.join("error.log")).unwrap_or_default();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "nginx does not start: {log}");
            thread::sleep(Duration::from_millis(10));
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
