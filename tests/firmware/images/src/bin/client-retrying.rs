//! As `client`, connecting first, and calling again where that helps.

#![no_std]
#![no_main]

use board::{Scratch, Work, finish, measure};
use callcontainer::Reply;
use callcontainer::client::{CallError, Cloud, Retried};
use callcontainer::embedded_hal::delay::DelayNs;
use core::convert::Infallible;
use images::Connection;

#[unsafe(link_section = ".scratch")]
static REPLY: Scratch<{ 96 * 1024 }> = Scratch::new();

/// There is nothing to wait for.
struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, _: u32) {}
}

/// Connecting never fails here, but a firmware's may.
#[derive(Clone, Copy)]
struct NoCarrier;

struct Made {
    reply: Retried<Reply<'static>, NoCarrier, CallError<Infallible>>,
    sent: &'static [u8],
    is_ready: bool,
}

fn call(answer: &'static [u8]) -> Option<Made> {
    // SAFETY: what was taken before has been looked at.
    let buffer = unsafe { REPLY.take() };
    let mut cloud = Cloud::<_, 512>::new(0);
    let framing = images::framing().ok()?;
    let reply = cloud
        .retrying(&mut Delay, |cloud| {
            cloud.init(Connection::new(answer), framing);
            Ok::<(), NoCarrier>(())
        })
        .call(&images::call().ok()?, buffer);
    let is_ready = cloud.is_ready();
    Some(Made { reply, sent: cloud.take()?.sent()?, is_ready })
}

#[unsafe(link_section = ".check")]
fn is_right(made: &Option<Made>, answer: &'static [u8]) -> bool {
    matches!(made, Some(Made { reply: Ok(reply), sent, is_ready }) if images::is_answer(reply, sent, answer) & *is_ready)
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: call, is_right, small: images::small_http_reply(), large: images::large_http_reply() }))
}
