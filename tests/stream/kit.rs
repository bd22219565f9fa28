//! Runs an envelope through the stream decoder, and holds what comes of it against the slice decoder.

use super::collect::Collected;
use callcontainer::stream::{DecodeStep, Decoder, Direction, Event, Field, Outcome, Replies, Requests};
use callcontainer::{DataKind, Error, ErrorKind, Reply, Request};

/// An event, with what it borrowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Raw, then decoded.
    Text(Field, Vec<u8>, String, bool),
    Json(Vec<u8>, bool),
    Bytes(Vec<u8>, bool),
    Data(DataKind),
    Small(Event<'static>),
}

impl Told {
    pub fn of(event: Event<'_>) -> Self {
        match event {
            Event::Text { field, text, last } => {
                let decoded = text.to_string();
                assert_eq!(text.as_bytes().is_some(), text.as_str().is_some(), "a piece cuts a character: {text:?}");
                Told::Text(field, text.as_raw().to_vec(), decoded, last)
            }
            Event::Json { json, last } => {
                assert!(std::str::from_utf8(json).is_ok(), "a piece cuts a character: {}", json.escape_ascii());
                Told::Json(json.to_vec(), last)
            }
            Event::Bytes { bytes, last } => Told::Bytes(bytes.to_vec(), last),
            Event::Data(kind) => Told::Data(kind),
            Event::Method(method) => Told::Small(Event::Method(method)),
            Event::Timeout(timeout) => Told::Small(Event::Timeout(timeout)),
            Event::ResponseType(kind) => Told::Small(Event::ResponseType(kind)),
            Event::Status(status) => Told::Small(Event::Status(status)),
            Event::ErrCode(code) => Told::Small(Event::ErrCode(code)),
            Event::Errno(code) => Told::Small(Event::Errno(code)),
            _ => panic!("an event that the kit does not know: {event:?}"),
        }
    }
}

/// What a decoder said of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub events: Vec<Told>,
    /// The first error, or what a reply came to.
    pub first: Result<Option<Outcome>, Error>,
    /// The verdict when the message has been read to its end.
    pub verdict: Result<Option<Outcome>, Error>,
}

/// A direction, and the slice decoder for it.
pub trait Way: Direction + Sized {
    fn slice(envelope: &[u8], limit: usize) -> Result<Collected, Error>;

    fn outcome<const W: usize>(decoder: &Decoder<Self, W>) -> Option<Outcome>;
}

impl Way for Requests {
    fn slice(envelope: &[u8], limit: usize) -> Result<Collected, Error> {
        Request::decode_within(envelope, limit).map(|request| Collected::of_request(&request))
    }

    fn outcome<const W: usize>(_: &Decoder<Self, W>) -> Option<Outcome> {
        None
    }
}

impl Way for Replies {
    fn slice(envelope: &[u8], limit: usize) -> Result<Collected, Error> {
        Reply::decode_within(envelope, limit).map(|reply| Collected::of_reply(&reply))
    }

    fn outcome<const W: usize>(decoder: &Decoder<Self, W>) -> Option<Outcome> {
        decoder.outcome()
    }
}

/// Decodes `envelope` by hand, in reads of these sizes and then of what is wanted.
pub fn run<D: Way, const W: usize>(
    mut decoder: Decoder<D, W>,
    mut envelope: &[u8],
    sizes: impl IntoIterator<Item = usize>,
) -> Run {
    let mut sizes = sizes.into_iter();
    let mut events = Vec::new();
    let mut feed = |decoder: &mut Decoder<D, W>| {
        let window = decoder.window();
        let count = sizes.next().unwrap_or(usize::MAX).min(window.len()).min(envelope.len());
        window[..count].copy_from_slice(&envelope[..count]);
        let was_asked = !window.is_empty();
        decoder.commit(count);
        envelope = &envelope[count..];
        if envelope.is_empty() {
            decoder.end();
        }
        was_asked
    };
    let first = loop {
        match decoder.step() {
            Ok(DecodeStep::More) => assert!(feed(&mut decoder), "more is wanted, and no window given"),
            Ok(DecodeStep::Event(event)) => events.push(Told::of(event)),
            Ok(DecodeStep::End) => break Ok(D::outcome(&decoder)),
            Err(error) => break Err(error),
        }
    };
    let verdict = first.inspect(|_| assert!(decoder.is_ended() && decoder.window().is_empty()));
    let verdict = verdict.or_else(|_| {
        while !decoder.window().is_empty() {
            feed(&mut decoder);
        }
        decoder.step().map(|_| panic!("an error has gone away"))
    });
    Run { events, first, verdict }
}

/// The same, told only that nothing else comes when everything has come: in reads of `size`.
pub fn run_in<D: Way, const W: usize>(envelope: &[u8], size: usize) -> Run {
    run::<D, W>(Decoder::new(), envelope, std::iter::repeat(size))
}

/// Holds a run against the slice decoder.
#[track_caller]
pub fn assert_like_slice<D: Way>(run: &Run, envelope: &[u8], limit: usize) {
    let shown = || envelope[..envelope.len().min(2000)].escape_ascii().to_string();
    match (D::slice(envelope, limit), &run.verdict) {
        (Ok(expected), Ok(outcome)) => {
            assert_eq!(Collected::of_events(&run.events, *outcome), expected, "{}", shown());
        }
        (Err(expected), Err(found)) => assert_eq!(*found, expected, "{}", shown()),
        (expected, found) => panic!("{found:?}, not {expected:?}: {}", shown()),
    }
    if let Err(first) = run.first {
        assert!(
            Err(first) == run.verdict || run.verdict.is_err_and(|verdict| verdict.kind() != first.kind()),
            "the first error, {first}, has become {:?}",
            run.verdict
        );
    }
}

/// Decodes an envelope as a stream through windows and in reads of many sizes, cut in two everywhere if it is short, and
/// makes sure that the slice decoder says the same, and that the sizes of the reads never matter.
#[track_caller]
pub fn check<D: Way>(envelope: &[u8]) {
    check_window::<D, 16>(envelope);
    check_window::<D, 64>(envelope);
    check_window::<D, 512>(envelope);
    // The whole length is known before.
    let run = run::<D, 64>(Decoder::new().with_length(envelope.len()), envelope, [5, 1, 40]);
    assert_eq!(run.first, run.verdict);
    assert_like_slice::<D>(&run, envelope, usize::MAX);
}

#[track_caller]
fn check_window<D: Way, const W: usize>(envelope: &[u8]) {
    let whole = run_in::<D, W>(envelope, usize::MAX);
    assert_like_slice::<D>(&whole, envelope, usize::MAX);
    if let (Err(first), true) = (whole.first, W == 64 && envelope.len() < 4096) {
        assert_told_in_time::<D, W>(envelope, first);
    }
    let sizes: &[usize] = if envelope.len() < 4096 { &[1, 7] } else { &[61] };
    for size in sizes {
        assert_eq!(run_in::<D, W>(envelope, *size), whole, "in reads of {size}: {}", envelope.escape_ascii());
    }
    if W == 64 && envelope.len() < 128 {
        for cut in 1..envelope.len() {
            // What fits into the window at once; then the rest.
            let run = run::<D, W>(Decoder::new(), envelope, std::iter::repeat_n(1, cut));
            assert_eq!(run, whole, "cut at {cut}: {}", envelope.escape_ascii());
        }
    }
}

/// An error is told at the byte that makes it certain: without that byte, the envelope is sound or might become so.
#[track_caller]
fn assert_told_in_time<D: Way, const W: usize>(envelope: &[u8], first: Error) {
    let mut decoder = Decoder::<D, W>::new();
    let mut came = 0;
    let error = loop {
        match decoder.step() {
            Ok(DecodeStep::More) if came == envelope.len() => decoder.end(),
            Ok(DecodeStep::More) => {
                decoder.window()[0] = envelope[came];
                decoder.commit(1);
                came += 1;
            }
            Ok(DecodeStep::Event(_)) => {}
            Ok(DecodeStep::End) => panic!("an error has gone away: {first}"),
            Err(error) => break error,
        }
    };
    assert_eq!(error, first);
    let may_go_on = |bytes: usize| match D::slice(&envelope[..bytes], usize::MAX) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::UnexpectedEnd,
    };
    let shown = envelope.escape_ascii();
    assert!(
        came == 0 || may_go_on(came - 1) || first.kind() == ErrorKind::UnexpectedEnd,
        "{first}: could be told before byte {came} of {shown}"
    );
    assert!(came == envelope.len() || !may_go_on(came), "{first}: told at byte {came} of {shown}");
}
