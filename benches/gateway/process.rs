//! Processes that are measured: the time of processors that they have used, and the memory that they hold.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

/// The unit of times in `/proc/PID/stat`: a hundredth of a second on every Linux that this runs on.
const TICK: Duration = Duration::from_millis(10);

/// A process, and those that it has started. They are ended with it.
pub struct Process {
    child: Child,
    all: Vec<u32>,
}

/// Resident memory in bytes, summed over the processes: pages that they share are counted for each.
#[derive(Clone, Copy)]
pub struct Memory {
    pub now: u64,
    pub peak: u64,
}

impl Process {
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Self { child, all: Vec::new() })
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Finds the processes that belong to it. To be called once it serves: it starts no others then.
    pub fn settle(&mut self) -> Result<(), String> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Err(format!("ended with {status}"));
        }
        let own = self.child.id();
        self.all = vec![own];
        for entry in fs::read_dir("/proc").map_err(|error| format!("/proc: {error}"))?.flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // It may have ended since.
            if stat(id, 1).is_ok_and(|parent| parent == u64::from(own)) {
                self.all.push(id);
            }
        }
        Ok(())
    }

    /// The time that all threads of all its processes have used, in the system and outside.
    pub fn time(&self) -> Result<Duration, String> {
        self.all.iter().map(|&id| time(id)).sum()
    }

    pub fn memory(&self) -> Result<Memory, String> {
        let mut sum = Memory { now: 0, peak: 0 };
        for id in &self.all {
            let path = format!("/proc/{id}/status");
            let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            let field = |name| {
                let value = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
                value.and_then(|value| value.parse::<u64>().ok()).ok_or_else(|| format!("{path}: no {name}"))
            };
            sum.now += field("VmRSS:")? * 1024;
            sum.peak += field("VmHWM:")? * 1024;
        }
        Ok(sum)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A signal that can be handled, so that nginx ends its workers.
        let id = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status();
        for _ in 0..50 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time that this process has used.
pub fn own_time() -> Result<Duration, String> {
    time(std::process::id())
}

fn time(id: u32) -> Result<Duration, String> {
    let ticks = stat(id, 11)? + stat(id, 12)?;
    u32::try_from(ticks).map(|ticks| TICK * ticks).map_err(|error| error.to_string())
}

/// A field of `/proc/PID/stat`, counted from the one behind the name of the program: 1 the parent, 11 and 12 the time
/// outside the system and in it.
fn stat(id: u32, field: usize) -> Result<u64, String> {
    let path = format!("/proc/{id}/stat");
    let stat = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name is in brackets, and may hold anything.
    let value = stat.rsplit_once(") ").and_then(|(_, fields)| fields.split(' ').nth(field)?.parse().ok());
    value.ok_or_else(|| format!("{path}: no field {field}"))
}
