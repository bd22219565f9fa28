//! Encoding through a window: the bytes of the slice encoder, whatever the window and however little is taken at a time;
//! and where a body that comes in pieces is not what was said, never a whole envelope.

use crate::cuts::Cuts;
use crate::encode::{Answer, Body, Call};
use arbitrary::Arbitrary;
use callcontainer::stream::{self, EncodeStep, Encoder};
use callcontainer::{Data, Error, Json, Reply, Request, Text};

/// What is encoded, and how it is taken.
#[derive(Arbitrary, Debug)]
pub struct Input {
    envelope: Envelope,
    window: u8,
    cuts: u32,
    /// What is done to the body on its way: at this place, a byte is changed or the rest is left out.
    damage: Option<(u16, u8)>,
}

#[derive(Arbitrary, Debug)]
enum Envelope {
    Request(Call),
    Reply(Answer),
}

/// What came of writing an envelope.
struct Drained {
    outcome: Result<(), Error>,
    wire: Vec<u8>,
    /// How much of the body was read.
    taken: usize,
}

impl Drained {
    fn whole(self) -> Result<Vec<u8>, Error> {
        self.outcome.map(|()| self.wire)
    }
}

impl Input {
    pub fn check(&self) {
        match self.window % 4 {
            0 => self.check_window::<64>(),
            1 => self.check_window::<67>(),
            2 => self.check_window::<128>(),
            _ => self.check_window::<1024>(),
        }
    }

    fn check_window<const W: usize>(&self) {
        match &self.envelope {
            Envelope::Request(call) => call.with_request(|request, body| {
                let slice = request.encoded_len().map(|len| request.encode(&mut vec![0; len]).unwrap().to_vec());
                let streamed = self.drain(Encoder::<W>::request(request), &[]).whole();
                assert_eq!(streamed, slice);
                if slice.is_ok() {
                    let empty = request.with_data(Data::None);
                    self.check_body(
                        body,
                        |said, sent| self.drain(Encoder::<W>::request_from(&empty, said), sent),
                        |data| {
                            let request = request.with_data(data);
                            request.encoded_len().map(|len| request.encode(&mut vec![0; len]).unwrap().to_vec())
                        },
                        |wire| Request::decode(wire).is_ok(),
                    );
                }
            }),
            Envelope::Reply(answer) => answer.with_reply(|reply, body| {
                let slice = reply.encoded_len().map(|len| reply.encode(&mut vec![0; len]).unwrap().to_vec());
                let streamed = self.drain(Encoder::<W>::reply(reply), &[]).whole();
                assert_eq!(streamed, slice);
                if let (true, Reply::Response(response), Some(body)) = (slice.is_ok(), reply, body) {
                    let empty = Reply::from(response.with_data(Data::None));
                    self.check_body(
                        body,
                        |said, sent| self.drain(Encoder::<W>::reply_from(&empty, said), sent),
                        |data| {
                            let reply = Reply::from(response.with_data(data));
                            reply.encoded_len().map(|len| reply.encode(&mut vec![0; len]).unwrap().to_vec())
                        },
                        |wire| Reply::decode(wire).is_ok(),
                    );
                }
            }),
        }
    }

    /// Writes an envelope, with this body where one was promised.
    fn drain<const W: usize>(&self, encoder: Result<Encoder<'_, W>, Error>, body: &[u8]) -> Drained {
        let mut encoder = match encoder {
            Ok(encoder) => encoder,
            Err(error) => return Drained { outcome: Err(error), wire: Vec::new(), taken: 0 },
        };
        let mut cuts = Cuts::new(self.cuts);
        let len = encoder.encoded_len();
        let (mut wire, mut taken) = (Vec::new(), 0);
        loop {
            assert_eq!(encoder.written(), wire.len());
            assert!(wire.len() <= len);
            let outcome = match encoder.step() {
                Err(error) => Err(error),
                Ok(EncodeStep::Done) => {
                    assert_eq!(wire.len(), len);
                    return Drained { outcome: Ok(()), wire, taken };
                }
                Ok(EncodeStep::Write(bytes)) => {
                    let count = cuts.take(bytes.len());
                    wire.extend_from_slice(&bytes[..count]);
                    encoder.wrote(count);
                    Ok(())
                }
                Ok(EncodeStep::Read(window)) => {
                    let rest = &body[taken..];
                    let count = if rest.is_empty() { 0 } else { cuts.take(window.len().min(rest.len())) };
                    window[..count].copy_from_slice(&rest[..count]);
                    taken += count;
                    encoder.read(count)
                }
            };
            if let Err(error) = outcome {
                assert_eq!(encoder.step(), Err(error), "it stays what it is");
                return Drained { outcome: Err(error), wire, taken };
            }
        }
    }

    /// A body from elsewhere, as it was said to be or damaged on its way.
    fn check_body(
        &self,
        body: &Body,
        streamed: impl FnOnce(stream::Body, &[u8]) -> Drained,
        slice: impl Fn(Data<'_>) -> Result<Vec<u8>, Error>,
        decodes: impl Fn(&[u8]) -> bool,
    ) {
        let (said, bytes) = match body {
            Body::None => return,
            Body::Text(text) => (stream::Body::text(Text::new(text).encoded_len()), text.as_bytes()),
            Body::Json(crate::http::model::Tree::Text(_), _) => return,
            Body::Json(_, text) => (stream::Body::json(Json::new(text).unwrap().encoded_len()), text.as_bytes()),
            Body::Bytes(bytes) => (stream::Body::bytes(bytes.len()), bytes.as_slice()),
        };
        let mut sent = bytes.to_vec();
        if let (Some((at, change)), true) = (self.damage, !bytes.is_empty()) {
            let at = usize::from(at) % bytes.len();
            if change == 0 {
                sent.truncate(at);
            } else {
                sent[at] ^= change;
            }
        }
        let Drained { outcome, wire, taken } = streamed(said, &sent);
        match outcome {
            Ok(()) => {
                // What was taken of the body is one, and as long as was said.
                let taken = &sent[..taken];
                let data = match body {
                    Body::Text(_) => Data::from(str::from_utf8(taken).unwrap()),
                    Body::Bytes(_) => Data::from(taken),
                    _ => Data::Json(Json::from_bytes(taken).unwrap()),
                };
                assert_eq!(slice(data), Ok(wire));
            }
            Err(error) => {
                assert_ne!(sent, bytes, "{error}, but it is the body that was said");
                assert!(!decodes(&wire), "{error}, and a whole envelope: {}", wire.escape_ascii());
            }
        }
    }
}
