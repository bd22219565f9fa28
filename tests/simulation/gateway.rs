//! A gateway made of the library: envelopes in, over HTTP or line by line, a call of a service, the reply out.

use crate::ledger::Ledger;
use crate::link::{End, Faults, TIMED_OUT, connect};
use crate::service::{more, read_request, serve, write_response};
use crate::world::World;
use callcontainer::embedded_io_async::{Read, Write};
use callcontainer::gateway::{Access, Caller, Env, HttpReader, HttpRequest, Refusal};
use callcontainer::line::{Check, Line};
use callcontainer::{Error, ErrorCode, Request};
use std::cell::RefCell;
use std::rc::Rc;

/// How envelopes are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Http,
    Line,
    /// Lines with checks, and no others.
    CheckedLine,
}

impl Wire {
    pub fn is_line(self) -> bool {
        self != Self::Http
    }
}

pub const HOST: &str = "gateway";
const ACCESS: Access<'static> = Access::new(&[Env::new("prod", "WXAAA", &["shop"])], &[]);
const CALLER: Caller<'static> = Caller::new("WXAAA", "o-1", "wx_client");
/// In milliseconds.
const PATIENCE: u64 = 1000;

pub struct Gateway {
    pub world: Rc<World>,
    pub ledger: Rc<Ledger>,
    pub wire: Wire,
    to_clients: Faults,
    to_services: Faults,
    /// Connections to services that may be used again.
    idle: RefCell<Vec<End>>,
}

impl Gateway {
    pub fn new(
        world: &Rc<World>,
        ledger: &Rc<Ledger>,
        wire: Wire,
        to_clients: Faults,
        to_services: Faults,
    ) -> Rc<Self> {
        let (world, ledger) = (Rc::clone(world), Rc::clone(ledger));
        Rc::new(Self { world, ledger, wire, to_clients, to_services, idle: RefCell::default() })
    }

    /// A new connection of a client.
    pub fn connect(self: &Rc<Self>) -> End {
        let (near, far) = connect(&self.world, &self.to_clients);
        let gateway = Rc::clone(self);
        match self.wire {
            Wire::Http => self.world.spawn(async move { gateway.serve_http(far).await }),
            Wire::Line | Wire::CheckedLine => self.world.spawn(async move { gateway.serve_lines(far).await }),
        }
        near
    }

    async fn serve_http(self: Rc<Self>, mut end: End) {
        let mut received = Vec::new();
        while let Some((method, target, envelope)) = read_request(&mut end, &mut received).await {
            end.deadline().set(u64::MAX);
            assert_eq!((method.as_str(), target.as_str()), ("POST", "/"));
            let reply = self.answer(Ok(&envelope)).await;
            let closes = self.world.random(|random| random.chance(8));
            if write_response(&self.world, &mut end, 200, &reply, closes).await.is_err() || closes {
                return;
            }
            end.idle();
        }
        end.end();
    }

    async fn serve_lines(self: Rc<Self>, mut end: End) {
        let mut received = Vec::new();
        loop {
            let Some(newline) = received.iter().position(|byte| *byte == b'\n') else {
                if more(&mut end, &mut received).await.is_none() {
                    return end.end();
                }
                continue;
            };
            let line: Vec<u8> = received.drain(..=newline).collect();
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            end.deadline().set(u64::MAX);
            // The newline of the reply before may have got lost, and this reply is not to be lost with it.
            let mut reply = if self.to_clients.is_noisy() { b"\n".to_vec() } else { Vec::new() };
            let received = if self.wire == Wire::CheckedLine { Line::new(line).checked_envelope() } else { Ok(line) };
            let answer = self.answer(received).await;
            reply.extend_from_slice(&answer);
            if self.wire == Wire::CheckedLine {
                reply.extend(Check::of(&answer).trailer());
            }
            reply.push(b'\n');
            if end.write_all(&reply).await.is_err() {
                return;
            }
            end.idle();
        }
    }

    /// The reply to whatever came.
    async fn answer(&self, envelope: Result<&[u8], Error>) -> Vec<u8> {
        let request = envelope.and_then(Request::decode);
        let call_id = request.as_ref().ok().and_then(Request::call_id);
        let reply = match &request {
            Ok(request) => self.call(request).await,
            Err(error) => Err(Refusal::from(*error)),
        };
        reply.unwrap_or_else(|refusal| {
            let mut buffer = vec![0; refusal.encoded_len(call_id)];
            refusal.encode(call_id, &mut buffer).unwrap().to_vec()
        })
    }

    async fn call(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        const LOST: Refusal = Refusal::new(ErrorCode::CLOUD_SYSTEM_ERROR, "the service is lost");
        const LATE: Refusal = Refusal::new(ErrorCode::REQUEST_TIMEOUT, "the service is late");
        let permission = ACCESS.decide(request, Some(&CALLER))?;
        let http = HttpRequest::new(request, &permission, Some(&CALLER), "shop")?;
        let mut bytes = vec![0; http.encoded_len()];
        http.encode(&mut bytes)?;

        let idle = self.idle.borrow_mut().pop();
        let mut end = idle.unwrap_or_else(|| {
            let (near, far) = connect(&self.world, &self.to_services);
            self.world.spawn(serve(Rc::clone(&self.world), Rc::clone(&self.ledger), far));
            near
        });
        end.deadline().set(self.world.now() + PATIENCE);
        end.write_all(&bytes).await.map_err(|_| LOST)?;
        let mut memory = vec![0; 16 * 1024];
        let mut reader = HttpReader::new(request, &mut memory);
        loop {
            let read = end.read(reader.window()).await;
            let count = read.map_err(|error| if error == TIMED_OUT { LATE } else { LOST })?;
            if reader.commit(count)? {
                break;
            }
        }
        if reader.keeps_alive() {
            self.idle.borrow_mut().push(end);
        }
        let response = reader.finish(request.call_id())?;
        let mut reply = vec![0; response.encoded_len()];
        response.encode(&mut reply)?;
        Ok(reply)
    }
}
