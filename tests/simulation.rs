//! Clients, a gateway and services on links that fail, all from one number: what happens once happens again.
//!
//! Whatever a link does, each call ends in exactly one result, a success is the answer to that call and to no other, and
//! a service runs a call at most once. Some hundred numbers are tried; `CALLCONTAINER_SIMULATION_SEEDS` says how many, or
//! which: `10000`, or `17..18`.
#![cfg(all(feature = "client", feature = "gateway"))]

#[path = "simulation/client.rs"]
mod client;
#[path = "simulation/gateway.rs"]
mod gateway;
#[path = "simulation/ledger.rs"]
mod ledger;
#[path = "simulation/link.rs"]
mod link;
#[path = "simulation/random.rs"]
mod random;
#[path = "simulation/service.rs"]
mod service;
#[path = "simulation/world.rs"]
mod world;

use callcontainer::client::Retries;
use client::{Client, Style};
use gateway::{Gateway, Wire};
use ledger::Ledger;
use link::Faults;
use random::Random;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use world::World;

const SEEDS: &str = "CALLCONTAINER_SIMULATION_SEEDS";

/// What came of calls.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    calls: usize,
    successes: usize,
    refusals: usize,
    errors: usize,
    /// Values that changed on their way, and were taken by a client or a service.
    changed: usize,
}

/// Tries each seed, and says how to try again the one that fails.
fn each_seed(test: &str, run: fn(u64) -> Tally) {
    let seeds = match std::env::var(SEEDS) {
        Err(_) => 0..300,
        Ok(seeds) => match seeds.split_once("..") {
            Some((first, end)) => first.parse().unwrap()..end.parse().unwrap(),
            None => 0..seeds.parse().unwrap(),
        },
    };
    let mut total = Tally::default();
    for seed in seeds.clone() {
        let tally = catch_unwind(AssertUnwindSafe(|| run(seed))).unwrap_or_else(|panic| {
            let next = seed + 1;
            eprintln!("again: {SEEDS}={seed}..{next} cargo test --all-features --test simulation {test}");
            resume_unwind(panic)
        });
        total.calls += tally.calls;
        total.successes += tally.successes;
        total.refusals += tally.refusals;
        total.errors += tally.errors;
        total.changed += tally.changed;
    }
    println!("{test}, seeds {seeds:?}: {total:?}");
    assert_eq!(total.calls, total.successes + total.refusals + total.errors);
    // One seed alone may be all bad luck.
    assert!(total.successes > 0 || seeds.count() < 100);
}

/// A link that loses nothing, or loses all from some byte on.
fn reliable(seed: u64) -> Tally {
    let mut random = Random::new(seed);
    let faults = Faults::new([0, 0, 30, 100][random.below(4)], [0, 0, 20, 80][random.below(4)], 0);
    let (world, ledger) = (World::new(random.fork()), Ledger::new(random.fork(), faults.is_none()));
    let wire = [Wire::Http, Wire::Http, Wire::Line, Wire::CheckedLine][random.below(4)];
    let gateway = Gateway::new(&world, &ledger, wire, faults.clone(), faults);
    if random.chance(3) {
        let client = Client::new(&gateway, Style::Blocking, &mut random);
        world.block_on(client.make_calls());
    } else {
        for _ in 0..=random.below(3) {
            let client = Client::new(&gateway, Style::Async, &mut random);
            world.spawn_awaited(client.make_calls());
        }
        world.run();
    }
    ledger.finish()
}

/// A serial line, on which bytes change, come twice or get lost, and then come right again.
fn noisy(seed: u64, wire: Wire) -> Tally {
    let mut random = Random::new(seed);
    let noise = [1, 5, 20, 100][random.below(4)];
    let faults = Faults::new([0, 30][random.below(2)], 0, noise);
    let (world, ledger) = (World::new(random.fork()), Ledger::new(random.fork(), false));
    let gateway = Gateway::new(&world, &ledger, wire, faults.clone(), Faults::none());
    ledger.let_bytes_change(wire == Wire::CheckedLine);
    let style = if random.chance(2) { Style::Blocking } else { Style::Async };
    let mut client = Client::new(&gateway, style, &mut random);
    world.block_on(async {
        client.make_some_calls().await;
        // What was under way when the noise ends comes in, or not, while nobody asks.
        faults.end();
        world.sleep(20_000).await;
        ledger.expect_successes();
        client.make_one_call().await;
        client.make_some_calls().await;
    });
    ledger.finish()
}

/// Links that end while they are idle; in half of the runs, that do nothing else.
fn idle(seed: u64) -> Tally {
    let mut random = Random::new(seed);
    let idles_only = random.chance(2);
    let faults = if idles_only { Faults::none() } else { Faults::new(random.below(30), random.below(30), 0) };
    let (world, ledger) = (World::new(random.fork()), Ledger::new(random.fork(), idles_only));
    ledger.let_calls_be_repeated();
    let wire = [Wire::Http, Wire::Http, Wire::Line, Wire::CheckedLine][random.below(4)];
    let to_clients = faults.clone().with_idle_ends([100, 500, 1000][random.below(3)]);
    let gateway = Gateway::new(&world, &ledger, wire, to_clients, faults);
    if random.chance(3) {
        let client = Client::new(&gateway, Style::Blocking, &mut random);
        world.block_on(client.make_calls_now_and_then(idles_only));
    } else {
        for _ in 0..=random.below(3) {
            let client = Client::new(&gateway, Style::Async, &mut random);
            world.spawn_awaited(client.make_calls_now_and_then(idles_only));
        }
        world.run();
    }
    ledger.finish()
}

/// Links that fail in any way but by noise, and connections that often cannot be made.
fn reconnecting(seed: u64) -> Tally {
    let mut random = Random::new(seed);
    let faults = Faults::new(random.below(60), random.below(60), 0).with_idle_ends([0, 100, 1000][random.below(3)]);
    let (world, ledger) = (World::new(random.fork()), Ledger::new(random.fork(), false));
    ledger.let_calls_be_repeated();
    let mut retries = Retries::backoff(10, 2000).at_most(200);
    if random.chance(4) {
        ledger.let_all_calls_be_repeated();
        retries = retries.of_any_method();
    }
    let wire = if random.chance(2) { Wire::Http } else { Wire::Line };
    let gateway = Gateway::new(&world, &ledger, wire, faults, Faults::none());
    if random.chance(3) {
        let client = Client::new(&gateway, Style::Blocking, &mut random);
        world.block_on(client.make_calls_until_they_come_through(retries));
    } else {
        for _ in 0..=random.below(3) {
            let client = Client::new(&gateway, Style::Async, &mut random);
            world.spawn_awaited(client.make_calls_until_they_come_through(retries));
        }
        world.run();
    }
    ledger.finish()
}

#[test]
fn calls_that_may_be_made_again_come_through_and_no_other_is_made_again() {
    each_seed("calls_that_may_be_made_again_come_through_and_no_other_is_made_again", reconnecting);
}

#[test]
fn a_link_that_ends_while_it_is_idle_loses_no_call_that_may_run_twice() {
    each_seed("a_link_that_ends_while_it_is_idle_loses_no_call_that_may_run_twice", idle);
}

#[test]
fn each_call_ends_in_one_result_and_a_success_is_its_own() {
    each_seed("each_call_ends_in_one_result_and_a_success_is_its_own", reliable);
}

#[test]
fn a_noisy_line_finds_its_way_back_to_the_next_whole_envelope() {
    each_seed("a_noisy_line_finds_its_way_back_to_the_next_whole_envelope", |seed| noisy(seed, Wire::Line));
}

/// The same noise on a line with checks: no value that has changed is taken, neither by a service nor by a client, or the
/// ledger would say so. The test above prints how many are taken without a check.
#[test]
fn a_check_leaves_nothing_to_the_noise() {
    each_seed("a_check_leaves_nothing_to_the_noise", |seed| noisy(seed, Wire::CheckedLine));
}
