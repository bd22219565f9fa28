use super::inputs::{MESSAGES, ORDINARY, REQUESTS};
use callcontainer::{Json, Reply, Request};

/// What POSIX lets a thread have at least. The thread's own business takes a part of it.
const SMALLEST: usize = 16 * 1024;

/// Whatever the envelope, its nesting and its length: what does not fit on this stack ends the whole test with a signal.
/// 127 levels of recursion would not, at more than a hundred bytes each.
fn on_the_smallest_stack(name: &'static str, run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(SMALLEST);
    thread.spawn(run).unwrap().join().unwrap_or_else(|_| panic!("{name}"));
}

#[test]
fn every_request_decodes_and_encodes_on_the_smallest_stack() {
    for class in REQUESTS.iter().chain([&ORDINARY]) {
        let envelope = (class.envelope)(90_000);
        let mut buffer = vec![0; 102_400];
        on_the_smallest_stack(class.name, move || {
            let request = Request::decode(envelope.as_bytes()).unwrap();
            let encoded = request.encode(&mut buffer).unwrap();
            assert!(encoded.len() > 7_000 || envelope.contains("timeout") || envelope.len() > 7_000);
        });
    }
}

#[test]
fn every_message_is_taken_apart_on_the_smallest_stack() {
    for class in MESSAGES {
        let envelope = (class.envelope)(900_000);
        on_the_smallest_stack(class.name, move || {
            let Ok(Reply::Failure(failure)) = Reply::decode(envelope.as_bytes()) else { panic!("no failure") };
            assert!(failure.code().is_some());
        });
    }
}

#[test]
fn what_is_too_deep_is_refused_on_the_smallest_stack() {
    for open in ["[", "{\"a\":", "[{\"\":"] {
        let text = open.repeat(200_000 / open.len());
        on_the_smallest_stack("too deep", move || {
            assert_eq!(Json::new(&text).unwrap_err().kind(), callcontainer::ErrorKind::TooDeep);
        });
    }
}

/// Levels that a type does not look into cost nothing, whatever their number.
#[cfg(feature = "serde")]
#[test]
fn a_typed_body_steps_over_what_it_does_not_know_on_the_smallest_stack() {
    #[derive(serde::Deserialize)]
    struct Known {
        id: u8,
    }

    let text = format!(r#"{{"deep":{}1{},"id":7}}"#, r#"{"a":["#.repeat(63), "]}".repeat(63));
    on_the_smallest_stack("typed", move || {
        let known: Known = Json::new(&text).unwrap().to(&mut []).unwrap();
        assert_eq!(known.id, 7);
    });
}
