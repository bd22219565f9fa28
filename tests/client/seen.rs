//! What comes of a call, told alike for each way to make it.

use crate::peer::{Broken, Peer, block_on, poll_for};
use callcontainer::client::{CallError, Cloud, ReplyStream};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, Reply, Request};

/// What a caller has learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub status: Option<u16>,
    pub code: Option<i32>,
    pub call_id: Option<String>,
    pub err_msg: Option<String>,
    pub data: Vec<u8>,
}

pub type Result = std::result::Result<Seen, CallError<Broken>>;

/// The ways to make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Collected,
    Streamed,
    CollectedAsync,
    StreamedAsync,
    /// Every future is dropped when it has to wait, and asked for again.
    StreamedDropped,
    /// The body is read as a reader.
    Read,
    ReadAsync,
}

pub const WAYS: [Way; 7] = [
    Way::Collected,
    Way::Streamed,
    Way::CollectedAsync,
    Way::StreamedAsync,
    Way::StreamedDropped,
    Way::Read,
    Way::ReadAsync,
];

pub fn collected(reply: &Reply<'_>) -> Seen {
    match reply {
        Reply::Response(response) => Seen {
            status: Some(response.status()),
            code: None,
            call_id: response.call_id().map(|id| id.to_string()),
            err_msg: Some(response.err_msg().to_string()).filter(|text| text != "cloud.callContainer:ok"),
            data: match response.data() {
                Data::None => Vec::new(),
                Data::Text(text) => text.to_string().into_bytes(),
                Data::Json(json) => json.as_bytes().to_vec(),
                Data::Bytes(bytes) => bytes.decode(&mut vec![0; bytes.decoded_len()]).unwrap().to_vec(),
            },
        },
        Reply::Failure(failure) => Seen {
            code: failure.code().map(|code| code.0),
            call_id: failure.call_id().map(|id| id.to_string()),
            err_msg: Some(failure.err_msg().to_string()),
            ..Seen::default()
        },
    }
}

fn add(seen: &mut Seen, event: Event<'_>) {
    let text = |place: &mut Option<String>, text: String| place.get_or_insert_default().push_str(&text);
    match event {
        Event::Text { field: Field::CallId, text: piece, .. } => text(&mut seen.call_id, piece.to_string()),
        Event::Text { field: Field::ErrMsg, text: piece, .. } => text(&mut seen.err_msg, piece.to_string()),
        Event::Text { field: Field::Data, text: piece, .. } => seen.data.extend(piece.to_string().bytes()),
        Event::Json { json, .. } => seen.data.extend(json),
        Event::Bytes { bytes, .. } => seen.data.extend(bytes),
        _ => {}
    }
}

fn finish<C>(mut seen: Seen, stream: &ReplyStream<'_, C>) -> Seen {
    match stream.outcome().unwrap() {
        Outcome::Response { status } => seen.status = Some(status),
        Outcome::Failure { code } => seen.code = code.map(|code| code.0),
    }
    seen
}

/// Makes one call in this way.
pub fn call<const W: usize>(cloud: &mut Cloud<'_, Peer, W>, request: &Request<'_>, way: Way) -> Result {
    let mut buffer = vec![0; 1_100_000];
    match way {
        Way::Collected => cloud.call(request, &mut buffer).map(|reply| collected(&reply)),
        Way::CollectedAsync => block_on(cloud.call_async(request, &mut buffer)).map(|reply| collected(&reply)),
        Way::Streamed => {
            let mut stream = cloud.start(request)?.stream();
            let mut seen = Seen::default();
            while let Some(event) = stream.next_event()? {
                add(&mut seen, event);
            }
            assert!(stream.next_event().unwrap().is_none());
            Ok(finish(seen, &stream))
        }
        Way::StreamedAsync => block_on(async {
            let mut stream = cloud.start(request)?.stream();
            let mut seen = Seen::default();
            while let Some(event) = stream.next_event_async().await? {
                add(&mut seen, event);
            }
            Ok(finish(seen, &stream))
        }),
        Way::StreamedDropped => {
            let mut stream = cloud.start(request)?.stream();
            let mut seen = Seen::default();
            // Polled twice, a future gets over one wait: so each wait is given up once, and each step goes on.
            loop {
                let Some(next) = poll_for(stream.next_event_async(), 2) else { continue };
                match next? {
                    Some(event) => add(&mut seen, event),
                    None => break,
                }
            }
            Ok(finish(seen, &stream))
        }
        Way::Read => {
            use callcontainer::embedded_io::Read;
            let mut stream = cloud.start(request)?.stream();
            let mut seen = Seen::default();
            while let Some(event) = stream.next_event()? {
                add(&mut seen, event);
                if let Event::Data(_) = event {
                    let mut piece = [0; 7];
                    loop {
                        let count = stream.body().read(&mut piece)?;
                        if count == 0 {
                            break;
                        }
                        seen.data.extend(&piece[..count]);
                    }
                }
            }
            Ok(finish(seen, &stream))
        }
        Way::ReadAsync => block_on(async {
            use callcontainer::embedded_io_async::Read;
            let mut stream = cloud.start(request)?.stream();
            let mut seen = Seen::default();
            while let Some(event) = stream.next_event_async().await? {
                add(&mut seen, event);
                if let Event::Data(_) = event {
                    let mut piece = [0; 7];
                    loop {
                        let count = stream.body().read(&mut piece).await?;
                        if count == 0 {
                            break;
                        }
                        seen.data.extend(&piece[..count]);
                    }
                }
            }
            Ok(finish(seen, &stream))
        }),
    }
}

/// Makes a call whose reply is streamed, and goes on behind whatever is not the reply to it.
pub fn streamed_on<const W: usize>(cloud: &mut Cloud<'_, Peer, W>, request: &Request<'_>) -> Result {
    let mut stream = cloud.start(request)?.stream();
    let mut seen = Seen::default();
    loop {
        match stream.next_event() {
            Ok(Some(event)) => add(&mut seen, event),
            Ok(None) => return Ok(finish(seen, &stream)),
            // What was said of it is void.
            Err(CallError::ForeignReply | CallError::Reply(_)) => seen = Seen::default(),
            Err(error) => return Err(error),
        }
    }
}
