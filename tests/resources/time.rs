use super::cost;
use super::inputs::{Class, MESSAGES, ORDINARY, REQUESTS};
use callcontainer::{Reply, Request};
use std::hint::black_box;

const SHORT: usize = 11 * 1024;
const LONG: usize = 8 * SHORT;

/// How much longer a byte may take than in an ordinary envelope.
const FACTOR: f64 = 20.0;
/// How much longer a byte may take in a long envelope than in a short one. One that takes quadratic time takes 8 times
/// as long.
const GROWTH: f64 = 4.0;

/// Checks that a byte of one envelope takes at most `factor` times as long as one of the other.
#[track_caller]
fn holds(name: &str, run: fn(&[u8]), envelope: &str, measure: &str, factor: f64) {
    let [found, ordinary] =
        [envelope, measure].map(|envelope| (move || run(black_box(envelope.as_bytes())), envelope.len()));
    cost::holds(name, found, ordinary, factor);
}

fn linear(class: &Class, run: fn(&[u8])) {
    holds(class.name, run, &(class.envelope)(LONG), &(class.envelope)(SHORT), GROWTH);
}

fn like_an_ordinary_one(class: &Class, run: fn(&[u8])) {
    holds(class.name, run, &(class.envelope)(LONG), &(ORDINARY.envelope)(LONG), FACTOR);
}

fn decode(envelope: &[u8]) {
    let request = Request::decode(envelope).unwrap_or_else(|error| panic!("{error}"));
    assert!(request.environment().is_some());
}

fn encode(envelope: &[u8]) {
    let request = Request::decode(envelope).unwrap();
    let mut buffer = vec![0; request.encoded_len().unwrap()];
    request.encode(&mut buffer).unwrap();
}

fn take_apart(envelope: &[u8]) {
    let Ok(Reply::Failure(failure)) = Reply::decode(envelope) else { panic!("no failure") };
    assert!(failure.code().is_some());
    black_box(failure.retry(callcontainer::Method::Get));
}

#[test]
fn decoding_takes_linear_time() {
    for class in REQUESTS {
        linear(class, decode);
    }
}

#[test]
fn a_hostile_byte_takes_at_most_twenty_times_as_long_as_an_ordinary_one() {
    for class in REQUESTS {
        like_an_ordinary_one(class, decode);
    }
}

#[test]
fn encoding_takes_linear_time() {
    for class in REQUESTS {
        linear(class, encode);
    }
}

#[test]
fn taking_a_message_apart_takes_linear_time() {
    for class in MESSAGES {
        linear(class, take_apart);
    }
}

#[cfg(feature = "gateway")]
#[test]
fn a_gateway_takes_linear_time() {
    use callcontainer::gateway::{Caller, Environment, HttpRequest, Permission, Relation};

    fn serve(envelope: &[u8]) {
        let environment = Environment { id: "e", owner: "WX", services: &["s"], public: false };
        let permission = Permission { environment: &environment, service: "s", relation: Relation::Own };
        let caller = Caller {
            appid: "WX",
            openid: "o",
            unionid: Some("u"),
            source: "wx_client",
            address: None,
            access_token: None,
        };
        let request = Request::decode(envelope).unwrap();
        // Some have no place in an HTTP request, which must not take long to find out either.
        if let Ok(http) = HttpRequest::new(&request, &permission, Some(&caller), "host") {
            let mut buffer = vec![0; http.encoded_len()];
            http.encode(&mut buffer).unwrap();
        }
    }

    for class in REQUESTS {
        linear(class, serve);
        // The rules for a path end where a path may.
        holds(class.name, serve, &(class.envelope)(8000), &(class.envelope)(1000), GROWTH);
    }
}
