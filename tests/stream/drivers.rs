//! The drivers, blocking and async, against the decoder driven by hand: the same events and the same verdict, whatever
//! the connection does and whenever a future is dropped.

use super::generate;
use super::kit::{self, Run, Told, Way};
use super::property::fixtures;
use super::script::{Script, poll_once};
use callcontainer::embedded_io::{self, ErrorKind, Read};
use callcontainer::stream::{Decoder, Event, Field, ReadError, Replies, ReplyDecoder, RequestDecoder, Requests};
use callcontainer::{Error, embedded_io_async};
use proptest::collection::vec;
use proptest::prelude::*;

/// A way to call a driver until it is through.
trait Driver {
    /// The next event, made into what is wanted of it while it can be seen.
    fn next<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<Option<Told>, ReadError<ErrorKind>>;

    fn finish<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<(), ReadError<ErrorKind>>;

    /// The body as a reader gives it, in parts of this size.
    fn read<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
        buffer: &mut [u8],
    ) -> Result<usize, ReadError<ErrorKind>>;
}

struct Blocking;

impl Driver for Blocking {
    fn next<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<Option<Told>, ReadError<ErrorKind>> {
        Ok(decoder.next(connection)?.map(Told::of))
    }

    fn finish<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<(), ReadError<ErrorKind>> {
        decoder.finish(connection)
    }

    fn read<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
        buffer: &mut [u8],
    ) -> Result<usize, ReadError<ErrorKind>> {
        decoder.body(connection).read(buffer)
    }
}

/// Drops every future that waits, and begins anew.
struct Dropping;

impl Driver for Dropping {
    fn next<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<Option<Told>, ReadError<ErrorKind>> {
        loop {
            if let Some(told) = poll_once(async {
                let event = decoder.next_async(connection).await?;
                Ok(event.map(Told::of))
            }) {
                return told;
            }
        }
    }

    fn finish<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
    ) -> Result<(), ReadError<ErrorKind>> {
        loop {
            if let Some(verdict) = poll_once(decoder.finish_async(connection)) {
                return verdict;
            }
        }
    }

    fn read<D: Way, const W: usize>(
        decoder: &mut Decoder<D, W>,
        connection: &mut Script<'_>,
        buffer: &mut [u8],
    ) -> Result<usize, ReadError<ErrorKind>> {
        loop {
            let mut body = decoder.body(connection);
            if let Some(read) = poll_once(embedded_io_async::Read::read(&mut body, buffer)) {
                return read;
            }
        }
    }
}

/// Does it again for as long as the connection breaks.
fn persist<T>(broken: &mut usize, mut action: impl FnMut() -> Result<T, ReadError<ErrorKind>>) -> Result<T, Error> {
    loop {
        match action() {
            Ok(done) => return Ok(done),
            Err(ReadError::Envelope(error)) => return Err(error),
            Err(ReadError::Io(kind)) => {
                assert_eq!(kind, ErrorKind::ConnectionReset, "only what cannot be mended is told");
                *broken += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// All events, then the verdict.
fn drive<V: Driver, D: Way, const W: usize>(
    mut decoder: Decoder<D, W>,
    connection: &mut Script<'_>,
    broken: &mut usize,
) -> Run {
    let mut events = Vec::new();
    let first = loop {
        match persist(broken, || V::next(&mut decoder, connection)) {
            Ok(Some(event)) => events.push(event),
            Ok(None) => break Ok(D::outcome(&decoder)),
            Err(error) => break Err(error),
        }
    };
    let verdict = persist(broken, || V::finish(&mut decoder, connection)).map(|()| D::outcome(&decoder));
    Run { events, first, verdict }
}

fn check<D: Way, const W: usize>(envelope: &[u8], sizes: &[usize]) {
    let expected = kit::run::<D, W>(Decoder::new(), envelope, []);
    let script = || Script::new(envelope, sizes.iter().copied().cycle());
    let mut broken = 0;
    assert_eq!(drive::<Blocking, D, W>(Decoder::new(), &mut script(), &mut broken), expected);
    let interrupted = [ErrorKind::Interrupted, ErrorKind::Interrupted];
    let mut connection = script().with_errors(&interrupted);
    assert_eq!(drive::<Blocking, D, W>(Decoder::new(), &mut connection, &mut broken), expected);
    assert_eq!(broken, 0, "an interruption is nobody's business");
    let mut connection = script().with_errors(&[ErrorKind::ConnectionReset]);
    assert_eq!(drive::<Blocking, D, W>(Decoder::new(), &mut connection, &mut broken), expected);
    assert_eq!(broken * 2, connection.reads, "every second read breaks");
    let mut connection = script().with_errors(&[ErrorKind::ConnectionReset, ErrorKind::Interrupted]).with_waits();
    assert_eq!(drive::<Dropping, D, W>(Decoder::new(), &mut connection, &mut broken), expected);
    // The length is known, and something else follows on the connection.
    let longer = [envelope, b"{\"statusCode\":200}"].concat();
    let decoder = Decoder::new().with_length(envelope.len());
    let mut connection = Script::new(&longer, sizes.iter().copied().cycle()).with_waits();
    let run = drive::<Dropping, D, W>(decoder, &mut connection, &mut broken);
    assert_eq!((run.events, run.verdict), (expected.events, expected.verdict));
    assert_eq!(connection.rest().len(), longer.len() - envelope.len(), "the message is read to its end and no further");
}

#[test]
fn every_file_over_every_connection() {
    for file in fixtures("request") {
        check::<Requests, 16>(&file, &[1]);
        check::<Requests, 64>(&file, &[7, 30]);
    }
    for file in fixtures("reply") {
        check::<Replies, 16>(&file, &[1]);
        check::<Replies, 64>(&file, &[7, 30]);
    }
}

/// Where the connection breaks for good.
#[test]
fn a_connection_that_ends_at_any_byte() {
    for file in fixtures("reply") {
        for at in 0..file.len() {
            let decoder = || ReplyDecoder::<64>::new();
            // Where nobody knows the length, an end is an end.
            let run = drive::<Blocking, _, 64>(decoder(), &mut Script::new(&file[..at], [5]), &mut 0);
            kit::assert_like_slice::<Replies>(&run, &file[..at], usize::MAX);
            // Where it is known, the connection is what has failed; nothing else is wrong with what has come.
            let mut connection = Script::new(&file[..at], [5]);
            let mut decoder = decoder().with_length(file.len());
            let error = loop {
                match decoder.next(&mut connection) {
                    Ok(event) => assert!(event.is_some()),
                    Err(error) => break error,
                }
            };
            assert_eq!(error, ReadError::UnexpectedEof, "{at}");
            assert_eq!(decoder.finish(&mut connection), Err(ReadError::UnexpectedEof));
        }
    }
}

// ---------------------------------------------------------------- the body as a reader

/// The body, read in parts of these sizes until it ends or `enough` has been read, and whether it has ended.
fn read_body<V: Driver, const W: usize>(
    envelope: &[u8],
    connection: &mut Script<'_>,
    sizes: &[usize],
    enough: usize,
) -> Option<(Vec<u8>, bool)> {
    let mut decoder = RequestDecoder::<W>::new();
    let mut body = None;
    while let Some(event) = V::next(&mut decoder, connection).unwrap() {
        match event {
            Told::Data(_) => {
                let (mut bytes, mut has_ended) = (Vec::new(), false);
                for size in sizes.iter().cycle() {
                    let mut buffer = vec![0; *size];
                    let count = V::read(&mut decoder, connection, &mut buffer).unwrap();
                    bytes.extend_from_slice(&buffer[..count]);
                    has_ended = count == 0;
                    if has_ended || bytes.len() >= enough {
                        break;
                    }
                }
                assert!(body.replace((bytes, has_ended)).is_none());
            }
            Told::Text(Field::Data, ..) | Told::Json(..) | Told::Bytes(..) => {
                panic!("the rest of the body is passed over: {}", envelope.escape_ascii());
            }
            _ => {}
        }
    }
    assert_eq!(V::read(&mut decoder, connection, &mut [0]).unwrap(), 0, "there is no body any more");
    body
}

fn expected_body(envelope: &[u8]) -> Option<Vec<u8>> {
    let run = kit::run_in::<Requests, 512>(envelope, usize::MAX);
    let mut body = None;
    for event in run.events {
        match event {
            Told::Data(_) => body = Some(Vec::new()),
            Told::Text(Field::Data, _, piece, _) => body.as_mut()?.extend_from_slice(piece.as_bytes()),
            Told::Json(piece, _) | Told::Bytes(piece, _) => body.as_mut()?.extend_from_slice(&piece),
            _ => {}
        }
    }
    run.verdict.ok().and(body)
}

proptest! {
    #[test]
    fn a_reader_of_the_body(
        envelope in generate::request(),
        reads in vec(1..30_usize, 1..4),
        sizes in vec(1..20_usize, 1..4),
        enough in prop_oneof![Just(usize::MAX), 0..40_usize],
    ) {
        let envelope = envelope.as_bytes();
        prop_assume!(callcontainer::Request::decode(envelope).is_ok());
        let script = || Script::new(envelope, reads.iter().copied().cycle());
        let expected = expected_body(envelope);
        for read in [
            read_body::<Blocking, 16>(envelope, &mut script(), &sizes, enough),
            read_body::<Blocking, 64>(envelope, &mut script(), &sizes, enough),
            read_body::<Dropping, 32>(envelope, &mut script().with_waits(), &sizes, enough),
        ] {
            prop_assert_eq!(read.is_some(), expected.is_some());
            if let (Some((read, has_ended)), Some(expected)) = (read, &expected) {
                prop_assert!(expected.starts_with(&read));
                let is_enough = if has_ended { read.len() == expected.len() } else { read.len() >= enough };
                prop_assert!(is_enough);
            }
        }
    }

    #[test]
    fn drivers(
        envelope in prop_oneof![Just(true), Just(false)].prop_flat_map(|is_request| (
            Just(is_request),
            if is_request { generate::request().boxed() } else { generate::reply().boxed() },
        )),
        edits in generate::edits(),
        sizes in vec(1..40_usize, 1..6),
        is_damaged in any::<bool>(),
    ) {
        let (is_request, envelope) = envelope;
        let envelope = if is_damaged { generate::damage(&envelope, &edits) } else { envelope.into_bytes() };
        if is_request {
            check::<Requests, 40>(&envelope, &sizes);
        } else {
            check::<Replies, 40>(&envelope, &sizes);
        }
    }
}

/// Bytes that wait in the window can be looked at before they are taken.
#[test]
fn a_reader_with_a_buffer() {
    use embedded_io::BufRead;
    let envelope = br#"{"statusCode":200,"data":"one\ntwo","callID":"7"}"#;
    let mut connection = Script::new(envelope, [9; 9]);
    let mut decoder = ReplyDecoder::<64>::new();
    while !matches!(decoder.next(&mut connection).unwrap(), Some(Event::Data(_))) {}
    let mut body = decoder.body(&mut connection);
    assert_eq!(body.fill_buf().unwrap(), b"one\ntwo");
    body.consume(4);
    assert_eq!(body.fill_buf().unwrap(), b"two");
    assert_eq!(body.read(&mut []).unwrap(), 0);
    // Taking more than there is takes what there is.
    body.consume(4);
    assert_eq!(body.fill_buf().unwrap(), b"");
    assert!(matches!(decoder.next(&mut connection).unwrap(), Some(Event::Text { text, .. }) if text == "7"));
    assert_eq!(decoder.next(&mut connection).unwrap(), None);
}

/// Escapes in base64 are gone when the bytes are there, and the bytes may look like escapes themselves.
#[test]
fn a_reader_of_bytes_that_look_like_escapes() {
    let envelope = br#"{"__nativeBuffers__":[{"base64":"\u0058G5cbg==","key":"data"}],"statusCode":200}"#;
    let mut connection = &envelope[..];
    let mut decoder = ReplyDecoder::<64>::new();
    while !matches!(decoder.next(&mut connection).unwrap(), Some(Event::Data(_))) {}
    let mut bytes = [0; 5];
    assert_eq!(decoder.body(&mut connection).read(&mut bytes).unwrap(), 4);
    assert_eq!(&bytes[..4], br"\n\n");
    assert_eq!(decoder.body(&mut connection).read(&mut bytes).unwrap(), 0);
    decoder.finish(&mut connection).unwrap();
}

/// What is passed over is not told, and is validated all the same.
#[test]
fn what_is_skipped_is_validated() {
    for (envelope, valid) in [
        (&br#"{"data":"two\nlines and more than a window holds","statusCode":200}"#[..], true),
        (br#"{"data":{"a":[1,2,"three","and more than a window holds"]},"statusCode":200}"#, true),
        (br#"{"__nativeBuffers__":[{"base64":"AAAAAAAAAAAAAAAAAAAA\u0041AAA","key":"data"}],"statusCode":200}"#, true),
        (br#"{"data":"two\lines","statusCode":200}"#, false),
        (br#"{"data":{"a":[1,2,"three",]},"statusCode":200}"#, false),
        (br#"{"__nativeBuffers__":[{"base64":"AAA","key":"data"}],"statusCode":200}"#, false),
    ] {
        let mut decoder = ReplyDecoder::<16>::new();
        let mut connection = envelope;
        let mut told = Vec::new();
        let verdict = loop {
            match decoder.next(&mut connection) {
                Ok(Some(event)) => told.push(Told::of(event)),
                Ok(None) => break Ok(()),
                Err(ReadError::Envelope(error)) => break Err(error),
                Err(error) => panic!("{error}"),
            }
            decoder.skip();
        };
        assert_eq!(verdict, callcontainer::Reply::decode(envelope).map(|_| ()));
        assert_eq!(verdict.is_ok(), valid);
        let small = [Told::Small(Event::Status(200))];
        assert!(matches!(told[0], Told::Data(_)));
        assert_eq!(told[1..], small[..usize::from(valid)]);
    }
}
