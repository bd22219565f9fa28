//! The largest replies, with a body of every kind, through windows of a few hundred bytes.

use super::collect::{Body, Collected};
use super::kit::{self, Way};
#[cfg(feature = "embedded-io-v0_7")]
use super::script::{Script, poll_once};
use callcontainer::stream::{Decoder, Replies};
use callcontainer::{Data, Error, ErrorKind, Json, REPLY_LIMIT, Reply, Response};

/// A reply of just as many bytes as a reply may have, and its body.
fn largest(kind: &str) -> (Vec<u8>, Body) {
    let encoded = |data: Data<'_>| {
        let mut buffer = vec![0; REPLY_LIMIT];
        let reply = Reply::from(Response::new(200).with_call_id("7-0.5").with_data(data));
        reply.encode(&mut buffer).map(<[u8]>::to_vec)
    };
    let filled = |pattern: &str, open: &str, close: &str, len: usize| {
        let inside = len - open.len() - close.len();
        let whole = inside / pattern.len();
        [open, &pattern.repeat(whole), &"x".repeat(inside % pattern.len()), close].concat()
    };
    let empty = encoded(Data::from("")).unwrap().len();
    let (mut envelope, body) = match kind {
        "text" => {
            let text = filled("all that a reply may hold 云托管 ", "", "", REPLY_LIMIT - empty);
            (encoded(Data::from(text.as_str())).unwrap(), Body::Text(text))
        }
        "escaped text" => {
            // Each of these takes six bytes in the envelope, or two.
            let text = "\u{1}\"\n\\".repeat((REPLY_LIMIT - empty) / 12);
            (encoded(Data::from(text.as_str())).unwrap(), Body::Text(text))
        }
        "JSON" => {
            let json = filled("{\"市\":\"上海\",\"n\":[-1.5e3,true,null]},", "[", "\"\"]", REPLY_LIMIT - empty - 100);
            // What the pattern leaves over is no JSON: it goes into the string at the end.
            let (list, rest) = json.trim_end_matches("\"\"]").rsplit_once(',').unwrap();
            let json = format!("{list},\"{rest}\"]");
            (encoded(Json::new(&json).unwrap().into()).unwrap(), Body::Json(json))
        }
        "bytes" => {
            let bytes: Vec<u8> =
                (0..(REPLY_LIMIT - empty - 60) / 4 * 3).map(|at| (at.wrapping_mul(at) >> 7) as u8).collect();
            (encoded(Data::from(bytes.as_slice())).unwrap(), Body::Bytes(bytes))
        }
        _ => panic!("no such kind: {kind}"),
    };
    // White space behind the envelope fills it up to the last byte.
    assert!(envelope.len() > REPLY_LIMIT - 300, "{kind}: {}", envelope.len());
    envelope.resize(REPLY_LIMIT, b' ');
    (envelope, body)
}

const KINDS: [&str; 4] = ["text", "escaped text", "JSON", "bytes"];

fn through<const W: usize>(envelope: &[u8], expected: &Collected) {
    let runs = [usize::MAX, 1, 61, W - 1].map(|size| kit::run_in::<Replies, W>(envelope, size));
    let outcome = runs[0].verdict.unwrap();
    assert_eq!(Collected::of_events(&runs[0].events, outcome), *expected, "through a window of {W}");
    assert!(runs.iter().all(|run| *run == runs[0]), "through a window of {W}, in reads of other sizes");
}

#[test]
fn the_largest_replies_through_small_windows() {
    for kind in KINDS {
        let (envelope, body) = largest(kind);
        let expected = Replies::slice(&envelope, REPLY_LIMIT).unwrap();
        assert_eq!(expected.body, body, "{kind}");
        through::<64>(&envelope, &expected);
        through::<256>(&envelope, &expected);
        through::<512>(&envelope, &expected);
    }
}

/// One byte more is too much, whatever it is; so is a body that is wrong in its last byte wrong there.
#[test]
fn a_byte_too_many_and_a_byte_that_is_wrong() {
    for kind in KINDS {
        let (mut envelope, _) = largest(kind);
        let last = envelope.iter().rposition(|byte| *byte == b'}').unwrap();
        envelope.push(b' ');
        for size in [usize::MAX, 1, 300] {
            let run = kit::run_in::<Replies, 256>(&envelope, size);
            assert_eq!(run.verdict, Err(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)), "{kind}");
        }
        envelope.pop();
        envelope[last] = b']';
        for size in [usize::MAX, 1, 300] {
            let run = kit::run_in::<Replies, 256>(&envelope, size);
            assert_eq!(run.verdict, Err(Error::new(ErrorKind::UnexpectedByte, last)), "{kind}");
            kit::assert_like_slice::<Replies>(&run, &envelope, usize::MAX);
        }
    }
}

/// The body of each as a reader gives it, blocking, and async with every future dropped that has to wait.
#[cfg(feature = "embedded-io-v0_7")]
#[test]
fn the_largest_bodies_as_readers() {
    use callcontainer::stream::Event;
    use callcontainer::{embedded_io::Read, embedded_io_async};
    fn read<const W: usize>(envelope: &[u8], expected: &[u8], waits: bool) {
        let mut decoder = Decoder::<Replies, W>::new();
        let script = Script::new(envelope, [1, 500, 37].into_iter().cycle());
        let mut connection = if waits { script.with_waits() } else { script };
        loop {
            let found = poll_once(async {
                matches!(decoder.next_async(&mut connection).await.unwrap().unwrap(), Event::Data(_))
            });
            if found == Some(true) {
                break;
            }
        }
        let mut bytes = Vec::new();
        let mut buffer = [0; 100];
        loop {
            let mut body = decoder.body(&mut connection);
            let count = if waits {
                let Some(count) = poll_once(embedded_io_async::Read::read(&mut body, &mut buffer)) else { continue };
                count.unwrap()
            } else {
                body.read(&mut buffer).unwrap()
            };
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..count]);
        }
        assert!(bytes == expected, "the body is another, through a window of {W}");
        while poll_once(decoder.finish_async(&mut connection)).is_none() {}
        assert!(decoder.outcome().is_some() && connection.rest().is_empty());
    }
    for kind in KINDS {
        let (envelope, body) = largest(kind);
        let expected = match &body {
            Body::Text(text) | Body::Json(text) => text.as_bytes(),
            Body::Bytes(bytes) => bytes,
            Body::None => &[],
        };
        for waits in [false, true] {
            read::<64>(&envelope, expected, waits);
            read::<256>(&envelope, expected, waits);
            read::<512>(&envelope, expected, waits);
        }
    }
}
