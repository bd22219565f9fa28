//! A gateway with a service behind it that tells of every call, and can be restarted.

use std::cell::RefCell;
use std::fs;
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;

use crate::harness::{ENV, Gateway, OWN, eventually};
use crate::service::{Received, echo};

pub struct Site {
    gateway: Option<Gateway>,
    pub address: SocketAddr,
    service: SocketAddr,
    received: Receiver<(usize, Received)>,
    /// Request lines that nobody has asked for yet.
    seen: RefCell<Vec<String>>,
    more: Vec<String>,
}

impl Site {
    /// A gateway with these options beside the usual ones. The service is `shop`, and answers with the body it gets.
    pub fn start(more: &[&str]) -> Self {
        let (service, received) = echo();
        let gateway = Gateway::start(service, more);
        let address = gateway.address;
        let more = more.iter().map(ToString::to_string).collect();
        Self { gateway: Some(gateway), address, service, received, seen: RefCell::default(), more }
    }

    /// Ends the gateway at once, as a crash or a loss of power does.
    pub fn stop(&mut self) {
        self.gateway = None;
    }

    /// Starts it again, where it was.
    pub fn restart(&mut self) {
        self.stop();
        let listen = self.address.to_string();
        let more = ["--listen", &listen].into_iter().chain(self.more.iter().map(String::as_str)).collect::<Vec<_>>();
        self.gateway = Some(Gateway::start(self.service, &more));
    }

    /// Lets it do nothing, for a while, though the system still accepts connections for it.
    pub fn freeze(&self) {
        let gateway = self.gateway.as_ref().unwrap();
        gateway.signal("STOP");
        let threads = format!("/proc/{}/task", gateway.child.id());
        eventually("all of its threads have stopped", || {
            let mut states =
                fs::read_dir(&threads).unwrap().map(|thread| fs::read_to_string(thread.unwrap().path().join("stat")));
            // Behind the name, which is in parentheses.
            states.all(|state| state.unwrap().contains(") T "))
        });
    }

    pub fn thaw(&self) {
        self.gateway.as_ref().unwrap().signal("CONT");
    }

    /// How often the service has been called with this path since that was last asked.
    pub fn runs(&self, path: &str) -> usize {
        let mut seen = self.seen.borrow_mut();
        seen.extend(self.received.try_iter().map(|(_, received)| received.line));
        let before = seen.len();
        seen.retain(|line| line.split(' ').nth(1) != Some(path));
        before - seen.len()
    }
}

pub const TOKEN: &str = OWN;
pub const ENVIRONMENT: &str = ENV;
