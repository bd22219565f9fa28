//! How many bytes a decoder wants, takes and reads, and what it makes of counts that are too large.

use super::kit::{self, Way};
#[cfg(feature = "embedded-io-v0_7")]
use super::script::{Script, poll_once};
use callcontainer::stream::{Body, DecodeStep, Decoder, EncodeStep, Encoder, Measure, Replies, Requests};
use callcontainer::{Error, ErrorKind, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request, Response};

const REQUEST: &[u8] = br#"{"config":{"env":"prod-01"},"path":"/a","data":"a text of some length"}"#;
const REPLY: &[u8] = br#"{"statusCode":200,"data":{"a":[1,2,"a text of some length"]}}"#;

/// Runs a decoder over what never ends, and returns the verdict, with how many bytes were asked for in all.
fn without_end<D: Way, const W: usize>(mut decoder: Decoder<D, W>, start: &[u8], size: usize) -> (Error, usize) {
    let mut given = 0;
    let error = loop {
        match decoder.step() {
            Ok(DecodeStep::More) => {
                let window = decoder.window();
                assert!(!window.is_empty());
                let count = window.len().min(size);
                for (at, byte) in window[..count].iter_mut().enumerate() {
                    *byte = *start.get(given + at).unwrap_or(&b' ');
                }
                given += count;
                decoder.commit(count);
            }
            Ok(DecodeStep::Event(_)) => {}
            Ok(DecodeStep::End) => panic!("it has no end"),
            Err(error) => break error,
        }
    };
    assert!(decoder.window().is_empty(), "nothing more is wanted");
    assert_eq!(decoder.step().err(), Some(error));
    (error, given)
}

#[test]
fn what_is_too_large_is_told_at_the_first_byte_too_many() {
    fn all<D: Way>(envelope: &[u8], limit: usize, kind: ErrorKind) {
        for size in [1, 7, usize::MAX] {
            assert_eq!(without_end(Decoder::<D, 64>::new(), envelope, size), (Error::new(kind, limit), limit + 1));
            for limit in (0..envelope.len() + 100).chain([1000]) {
                let told = (Error::new(kind, limit), limit + 1);
                assert_eq!(without_end(Decoder::<D, 16>::new().with_limit(limit), envelope, size), told);
                assert_eq!(without_end(Decoder::<D, 64>::new().with_limit(limit), envelope, size), told);
            }
            // A limit beyond that of the platform is none.
            let above = Decoder::<D, 64>::new().with_limit(limit + 1);
            assert_eq!(without_end(above, envelope, size), (Error::new(kind, limit), limit + 1));
        }
    }
    all::<Requests>(REQUEST, REQUEST_LIMIT, ErrorKind::RequestTooLarge);
    all::<Replies>(REPLY, REPLY_LIMIT, ErrorKind::ReplyTooLarge);
}

/// Feeds an envelope and says of each piece that it was longer: past the end of the window, or just by one.
fn boasting<D: Way, const W: usize>(mut decoder: Decoder<D, W>, envelope: &[u8], more: usize) -> Result<usize, Error> {
    let mut rest = envelope;
    let mut events = 0;
    loop {
        match decoder.step()? {
            DecodeStep::More => {
                let window = decoder.window();
                let room = window.len();
                assert!(room > 0);
                let count = room.min(rest.len());
                window[..count].copy_from_slice(&rest[..count]);
                rest = &rest[count..];
                decoder.commit(if count == room { count.saturating_add(more) } else { count });
                if rest.is_empty() {
                    decoder.end();
                    // Behind the end there is no window, and whatever is said of it is nothing.
                    assert!(decoder.window().is_empty());
                    decoder.commit(more);
                }
            }
            DecodeStep::Event(_) => events += 1,
            DecodeStep::End => {
                decoder.commit(more);
                assert!(decoder.step().is_ok());
                return Ok(events);
            }
        }
    }
}

#[test]
fn a_count_larger_than_the_window_means_all_of_it() {
    fn all<D: Way, const W: usize>(envelope: &[u8]) {
        for cut in 0..=envelope.len() {
            let envelope = &envelope[..cut];
            for limit in [envelope.len(), envelope.len() + 1, usize::MAX] {
                let decoder = || Decoder::<D, W>::new().with_limit(limit);
                let expected = boasting(decoder(), envelope, 0);
                assert_eq!(expected.is_ok(), D::slice(envelope, limit).is_ok());
                for more in [1, 7, W, usize::MAX] {
                    assert_eq!(boasting(decoder(), envelope, more), expected, "{limit} {more}");
                    let sized = boasting(decoder().with_length(envelope.len()), envelope, more);
                    assert_eq!(sized, boasting(decoder().with_length(envelope.len()), envelope, 0), "{limit} {more}");
                    assert_eq!(sized.is_ok(), expected.is_ok());
                }
            }
        }
    }
    all::<Requests, 16>(REQUEST);
    all::<Requests, 512>(REQUEST);
    all::<Replies, 16>(REPLY);
    all::<Replies, 512>(REPLY);
}

/// Writes all of it, and says each time that it was more.
fn written<const W: usize>(mut encoder: Encoder<'_, W>, mut body: &[u8], more: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    loop {
        match encoder.step().unwrap() {
            EncodeStep::Write(bytes) => {
                wire.extend_from_slice(bytes);
                let count = bytes.len().saturating_add(more);
                encoder.wrote(count);
                // There is nothing left that could be written.
                encoder.wrote(more);
            }
            EncodeStep::Read(window) => {
                let count = window.len().min(body.len());
                window[..count].copy_from_slice(&body[..count]);
                body = &body[count..];
                let all = count == window.len();
                encoder.read(if all { count.saturating_add(more) } else { count }).unwrap();
            }
            EncodeStep::Done => break,
        }
        assert_eq!(encoder.written(), wire.len());
    }
    encoder.wrote(more);
    assert_eq!((encoder.written(), encoder.step()), (wire.len(), Ok(EncodeStep::Done)));
    assert_eq!(encoder.encoded_len(), wire.len());
    wire
}

#[test]
fn a_write_or_read_of_more_than_was_offered_counts_as_all_of_it() {
    let text = "a text \"of\" some length, \u{1} and more 好 than a window holds".repeat(3);
    let bytes: Vec<u8> = (0..=255).collect();
    let json = format!("[{}1]", "\"a\\\"b\" , -1.5e3,".repeat(20));
    let request = Request::new("/a/long/path").with_env("prod-01");
    let reply = Reply::from(Response::new(200));
    let compact = callcontainer::Json::new(&json).unwrap();
    let encoded = callcontainer::Text::new(&text).encoded_len();
    for more in [0, 1, 63, usize::MAX] {
        for (source, body, data) in [
            (text.as_bytes(), Body::text(encoded), callcontainer::Data::from(text.as_str())),
            (json.as_bytes(), Body::json(compact.encoded_len()), compact.into()),
            (&bytes[..], Body::bytes(bytes.len()), bytes.as_slice().into()),
        ] {
            let mut whole = vec![0; 4096];
            let with_data = request.with_data(data);
            let whole = with_data.encode(&mut whole).unwrap();
            assert_eq!(written(Encoder::<64>::request(&with_data).unwrap(), &[], more), whole);
            assert_eq!(written(Encoder::<64>::request_from(&request, body).unwrap(), source, more), whole);
            let replied = written(Encoder::<80>::reply_from(&reply, body).unwrap(), source, more);
            assert_eq!(replied, written(Encoder::<80>::reply_from(&reply, body).unwrap(), source, 0));
        }
        let measures: [(Measure<64>, &[u8], Body); 3] = [
            (Measure::text(), text.as_bytes(), Body::text(encoded).with_plain_len(text.len())),
            (Measure::json(), json.as_bytes(), Body::json(compact.encoded_len())),
            (Measure::bytes(), &bytes, Body::bytes(bytes.len())),
        ];
        for (mut measure, mut source, body) in measures {
            while !source.is_empty() {
                let window = measure.window();
                let count = window.len().min(source.len());
                window[..count].copy_from_slice(&source[..count]);
                source = &source[count..];
                let all = count == window.len();
                measure.read(if all { count.saturating_add(more) } else { count }).unwrap();
            }
            assert_eq!(measure.finish(), Ok(body), "{more}");
        }
    }
}

// ---------------------------------------------------------------- drivers

/// Envelopes with something wrong in them, each with something else behind it on the connection.
#[cfg(feature = "embedded-io-v0_7")]
const WRONG: &[&[u8]] = &[
    b"{\"statusCode\":200",
    b"{\"statusCode\":200,,\"data\":\"more than a window of sixteen\"}",
    b"{\"statusCode\":20,\"data\":\"more than a window of sixteen\"}",
    b"{\"data\":\"more than a window of sixteen\"}",
    b"{\"statusCode\":200,\"data\":\"\xff and more than a window of sixteen\"}",
    b"{\"statusCode\":200} {\"data\":\"more than a window of sixteen\"}",
    b"[\"statusCode\",200]",
    b"",
    b"                      ",
];

#[cfg(feature = "embedded-io-v0_7")]
fn finished<const W: usize>(
    decoder: &mut Decoder<Replies, W>,
    connection: &mut Script<'_>,
    waits: bool,
) -> Result<(), callcontainer::stream::ReadError<callcontainer::embedded_io::ErrorKind>> {
    if !waits {
        return decoder.finish(connection);
    }
    loop {
        if let Some(verdict) = poll_once(decoder.finish_async(connection)) {
            return verdict;
        }
    }
}

/// After an error, the rest of the message is read, whatever it is, and nothing behind it.
#[cfg(feature = "embedded-io-v0_7")]
#[test]
fn after_an_error_a_message_is_read_to_its_end_and_no_further() {
    use callcontainer::stream::ReadError;
    for wrong in WRONG {
        for behind in [&b""[..], b"x", REPLY] {
            let all = [wrong, behind].concat();
            for (waits, size) in [(false, 1), (true, 1), (false, 7), (true, 7), (false, 999), (true, 999)] {
                let script = || {
                    let script = Script::new(&all, std::iter::repeat(size));
                    if waits { script.with_waits() } else { script }
                };
                let expected = Err(ReadError::Envelope(Replies::slice(wrong, usize::MAX).unwrap_err()));
                let (mut connection, mut decoder) = (script(), Decoder::<Replies, 16>::new().with_length(wrong.len()));
                assert_eq!(finished(&mut decoder, &mut connection, waits), expected);
                assert_eq!(connection.rest(), behind, "{}", wrong.escape_ascii());
                // Asked once more, it says the same and reads nothing.
                assert_eq!(finished(&mut decoder, &mut connection, waits), expected);
                assert_eq!(decoder.next(&mut connection).err(), expected.err());
                assert_eq!(connection.rest(), behind);
                // A message that is longer than the limit is read to its end as well.
                let limit = wrong.len().saturating_sub(1);
                let decoder = Decoder::<Replies, 16>::new().with_limit(limit).with_length(wrong.len());
                let (mut connection, mut decoder) = (script(), decoder);
                if !wrong.is_empty() {
                    let too_large = Err(ReadError::Envelope(Error::new(ErrorKind::ReplyTooLarge, limit)));
                    assert_eq!(finished(&mut decoder, &mut connection, waits), too_large);
                    assert_eq!(connection.rest(), behind, "{}", wrong.escape_ascii());
                }
            }
        }
    }
}

/// Without a length, the end of the connection is that of the message, and no more is read than one byte past the limit.
#[cfg(feature = "embedded-io-v0_7")]
#[test]
fn a_message_without_a_length_is_read_to_the_limit_at_most() {
    use callcontainer::stream::ReadError;
    for wrong in WRONG {
        for limit in [0, 1, 15, 16, 17, wrong.len(), wrong.len() + 1, 200, 1000] {
            for (waits, size) in [(false, 1), (true, 1), (false, 999), (true, 999)] {
                let more = vec![b' '; 2000];
                let all = [wrong, &more[..]].concat();
                let script = Script::new(&all, std::iter::repeat(size));
                let mut connection = if waits { script.with_waits() } else { script };
                let mut decoder = Decoder::<Replies, 16>::new().with_limit(limit);
                let expected = Err(ReadError::Envelope(Error::new(ErrorKind::ReplyTooLarge, limit)));
                assert_eq!(finished(&mut decoder, &mut connection, waits), expected);
                assert_eq!(all.len() - connection.rest().len(), limit + 1, "{}", wrong.escape_ascii());
            }
        }
        let mut connection = Script::new(wrong, std::iter::repeat(5));
        let mut decoder = Decoder::<Replies, 16>::new();
        let expected = Replies::slice(wrong, usize::MAX).unwrap_err();
        assert_eq!(decoder.finish(&mut connection), Err(ReadError::Envelope(expected)));
        assert!(connection.rest().is_empty());
    }
}

/// A sound message of a known length leaves what lies behind it, whoever reads it.
#[cfg(feature = "embedded-io-v0_7")]
#[test]
fn a_sound_message_is_read_to_its_end_and_no_further() {
    for (waits, size) in [(false, 1), (true, 1), (false, 999), (true, 999)] {
        let all = [REPLY, b"behind"].concat();
        let script = Script::new(&all, std::iter::repeat(size));
        let mut connection = if waits { script.with_waits() } else { script };
        let mut decoder = Decoder::<Replies, 16>::new().with_length(REPLY.len());
        assert_eq!(finished(&mut decoder, &mut connection, waits), Ok(()));
        assert_eq!(connection.rest(), b"behind");
        assert_eq!(decoder.next(&mut connection), Ok(None));
        assert_eq!(finished(&mut decoder, &mut connection, waits), Ok(()));
        assert_eq!(connection.rest(), b"behind");
    }
    assert_eq!(kit::run_in::<Replies, 16>(REPLY, 1).verdict.map(|outcome| outcome.is_some()), Ok(true));
}
