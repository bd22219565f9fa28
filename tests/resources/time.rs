use super::cost;
use super::inputs::{Class, MESSAGES, ORDINARY, REQUESTS};
use callcontainer::{Reply, Request};
use std::hint::black_box;

const LONG: usize = 88 * 1024;

/// How much longer a byte may take than in an ordinary envelope.
const FACTOR: f64 = 20.0;

/// Checks that envelopes of a class take time in proportion to their length, up to this one.
#[track_caller]
fn linear(class: &Class, run: fn(&[u8]), length: usize) {
    let [long, short] = [length, length / 8].map(class.envelope);
    cost::is_linear(class.name, || run(black_box(long.as_bytes())), || run(black_box(short.as_bytes())));
}

/// Checks that a byte of an envelope takes not much longer than one of an ordinary envelope.
#[track_caller]
fn like_an_ordinary_one(class: &Class, run: fn(&[u8])) {
    let [found, ordinary] = [class, &ORDINARY].map(|class| {
        let envelope = (class.envelope)(LONG);
        let length = envelope.len();
        (move || run(black_box(envelope.as_bytes())), length)
    });
    cost::holds(class.name, found, ordinary, FACTOR);
}

fn decode(envelope: &[u8]) {
    let request = Request::decode(envelope).unwrap_or_else(|error| panic!("{error}"));
    assert!(request.target_env().is_some());
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
        linear(class, decode, LONG);
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
        linear(class, encode, LONG);
    }
}

#[test]
fn taking_a_message_apart_takes_linear_time() {
    for class in MESSAGES {
        linear(class, take_apart, LONG);
    }
}

#[cfg(feature = "gateway")]
#[test]
fn a_gateway_takes_linear_time() {
    use callcontainer::gateway::{Caller, Env, HttpRequest, Permission, Relation};

    fn serve(envelope: &[u8]) {
        let env = Env::new("e", "WX", &["s"]);
        let permission = Permission::new(&env, "s", Relation::Own);
        let caller = Caller::new("WX", "o", "wx_client").with_unionid("u");
        let request = Request::decode(envelope).unwrap();
        // Some have no place in an HTTP request, which must not take long to find out either.
        if let Ok(http) = HttpRequest::new(&request, &permission, Some(&caller), "host") {
            let mut buffer = vec![0; http.encoded_len()];
            http.encode(&mut buffer).unwrap();
        }
    }

    for class in REQUESTS {
        linear(class, serve, LONG);
        // The rules for a path end where a path may.
        linear(class, serve, 8000);
    }
}
