//! The line entrance: one envelope per line, one answer per line, in the same order.
//!
//! Knows where an envelope ends and that it is not too long, but not what is in it. Whose line it is is configured.

use std::io;
use std::net::IpAddr;

use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorKind, REQUEST_LIMIT};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::watch;

use super::call::{self, Calls};
use super::directory::Party;
use super::opening::{Foreign, Opening, is_request_line};
use super::places::Place;
use super::record::{self, Record};
use super::stranger::Stranger;

/// A line, as far as it can be known without looking into it.
enum Line {
    Envelope,
    /// Nothing stands on it. A client ends with one what an earlier run may have left unfinished.
    Blank,
    /// It is longer than any envelope, and goes on.
    TooLong,
    /// It is none: something that speaks HTTP or TLS has come to the wrong port.
    Foreign(Foreign),
}

/// What is known between one line and the next.
#[derive(Default)]
struct State {
    opening: Opening,
    /// An envelope has come, as its braces tell. So whoever sends this speaks no HTTP.
    is_known: bool,
    /// What comes next is the rest of a line that has been answered.
    skips: bool,
    /// The last bytes of that line so far.
    tail: Vec<u8>,
}

impl State {
    /// Takes note of the next piece of a line that is too long.
    fn skip(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(last(piece));
        let kept = last(&self.tail).len();
        self.tail.drain(..self.tail.len() - kept);
    }

    /// Whether a line that ends so is the first of an HTTP request.
    fn is_request(&self, line: &[u8]) -> bool {
        !self.is_known && is_request_line(line)
    }
}

/// As many of the last bytes as the end of an HTTP request's first line takes.
fn last(bytes: &[u8]) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(16)..).unwrap_or_default()
}

/// Answers the lines of one connection until it ends or it is time to stop. A call that has begun then gets its answer.
///
/// # Errors
/// The connection fails.
pub async fn answer(
    calls: &Calls,
    party: Party<'_>,
    place: &Place,
    stream: Stranger,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut bytes = Vec::new();
    let mut state = State::default();
    let address = place.peer().to_string();
    loop {
        let line = tokio::select! {
            biased;
            // Asked anew before every line, so that none is begun after the word has been given.
            _ = stop.wait_for(|stop| *stop) => break,
            line = next(&mut stream, &mut bytes, &mut state) => line?,
        };
        let mut record = match line {
            None => break,
            Some(Line::Blank) => continue,
            Some(Line::Foreign(foreign)) => {
                turn_away(place.peer(), foreign);
                break;
            }
            // A line that has been in use keeps its place.
            Some(_) if place.begins() => Record::new(),
            Some(_) => break,
        };
        record.received(bytes.len());
        let mut envelope = if let Some(Line::TooLong) = line {
            let refusal = Refusal::from(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
            call::refuse(&mut record, &refusal, None)
        } else {
            calls.call(&bytes, party, &address, &mut record).await
        };
        drop(record);
        envelope.push(b'\n');
        stream.write_all(&envelope).await?;
        stream.flush().await?;
    }
    stream.shutdown().await?;
    stream.into_inner().linger().await;
    Ok(())
}

/// Says in the log why a connection ends without an answer.
fn turn_away(peer: IpAddr, foreign: Foreign) {
    let trouble = match foreign {
        Foreign::Http => "an HTTP request came to the serial port; nothing in it is looked at",
        Foreign::Tls => "a TLS handshake came to the serial port; nothing in it is looked at",
    };
    record::note("rejected", Some(peer), trouble);
}

/// Reads the next line, without the newline; `None` where no whole one comes any more.
async fn next(
    stream: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
    state: &mut State,
) -> io::Result<Option<Line>> {
    line.clear();
    loop {
        let available = stream.fill_buf().await?;
        if available.is_empty() {
            return Ok(None);
        }
        let blank = match state.opening.look(available) {
            Ok(blank) => blank,
            Err(foreign) => return Ok(Some(Line::Foreign(foreign))),
        };
        if blank > 0 {
            // Nobody has begun a line yet, and the white space may go on for ever.
            stream.consume(blank);
            continue;
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let piece = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
        let used = piece.len() + usize::from(end.is_some());
        let too_long = !state.skips && piece.len() > REQUEST_LIMIT - line.len();
        if too_long {
            state.tail.clear();
            state.skip(line);
        }
        if too_long || state.skips {
            state.skip(piece);
        } else {
            line.extend_from_slice(piece);
        }
        let ended = end.is_some();
        stream.consume(used);
        if ended && state.is_request(if too_long || state.skips { &state.tail } else { line }) {
            return Ok(Some(Line::Foreign(Foreign::Http)));
        }
        if too_long {
            state.skips = !ended;
            return Ok(Some(Line::TooLong));
        }
        if ended && !std::mem::take(&mut state.skips) {
            let line = line.trim_ascii();
            state.is_known |= line.starts_with(b"{") && line.ends_with(b"}");
            return Ok(Some(if line.is_empty() { Line::Blank } else { Line::Envelope }));
        }
    }
}
