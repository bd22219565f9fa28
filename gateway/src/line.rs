//! The entrance over a serial line: one envelope per line, one answer per line, in the same order. What comes with a
//! check is checked, and answered with one.
//!
//! Knows where an envelope ends, and the limit on its length. Knows nothing of its content, nor of who the line belongs
//! to: that is configured.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use callcontainer::gateway::Refusal;
use callcontainer::line::{self, CHECK_LEN, Check};
use callcontainer::{Error, ErrorKind, REQUEST_LIMIT};
use hyper::body::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::watch;

use super::call;
use super::connection::Current;
use super::opening::{Foreign, Opening, is_request_line};
use super::places::Place;
use super::record::{self, Record};
use super::stranger::Stranger;

/// The longest line: an envelope and its check.
pub(super) const LINE_LIMIT: usize = REQUEST_LIMIT + CHECK_LEN;

/// The kind of a line, as far as it can be told without decoding it.
enum Line {
    Envelope,
    /// An empty line. A client sends one to end a line that an earlier run may have left unfinished.
    Blank,
    /// The line is longer than any envelope, and continues.
    TooLong,
    /// Not a line: a client that speaks HTTP or TLS has connected to the wrong port.
    Foreign(Foreign),
}

/// The state between two lines.
#[derive(Default)]
struct State {
    opening: Opening,
    /// An envelope has been received, as its braces show. So the client does not speak HTTP.
    is_known: bool,
    /// The next bytes are the rest of a line that has been answered.
    skips: bool,
    /// The last bytes received of that line.
    tail: Vec<u8>,
}

impl State {
    /// Records the next piece of a line that is too long.
    fn skip(&mut self, piece: &[u8]) {
        self.tail.extend_from_slice(last(piece));
        let kept = last(&self.tail).len();
        self.tail.drain(..self.tail.len() - kept);
    }

    /// Whether a line that ends like this is the first line of an HTTP request.
    fn is_request(&self, line: &[u8]) -> bool {
        !self.is_known && is_request_line(line)
    }
}

/// Returns as many of the last bytes as the end of an HTTP request's first line takes.
fn last(bytes: &[u8]) -> &[u8] {
    bytes.get(bytes.len().saturating_sub(16)..).unwrap_or_default()
}

/// Answers the lines of one connection until it ends or the gateway stops. A call that has begun by then is still
/// answered. With `insists`, a line without a check is refused.
///
/// # Errors
/// The connection fails.
pub async fn answer(
    current: &Current,
    insists: bool,
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
            // Checked before every line, so that none is begun after the signal to stop.
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
            // A line that has been used keeps its place.
            Some(_) if place.begins() => Record::new(),
            Some(_) => break,
        };
        record.received(bytes.len());
        let mut checks = insists;
        let received = if let Some(Line::TooLong) = line {
            Err(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT))
        } else {
            let line = line::Line::new(&bytes);
            checks |= line.is_checked();
            if insists { line.checked_envelope() } else { line.envelope() }
        };
        let mut envelope = match received {
            Ok(received) => {
                let serving = Arc::clone(&current.borrow());
                match serving.calls.directory.line_party() {
                    Ok(party) => {
                        serving.calls.call(&Bytes::copy_from_slice(received), party, &address, &mut record).await
                    }
                    Err(refusal) => call::refuse(&mut record, &refusal, None),
                }
            }
            Err(error) => call::refuse(&mut record, &Refusal::from(error), None),
        };
        drop(record);
        if checks {
            envelope.extend(Check::of(&envelope).trailer());
        }
        envelope.push(b'\n');
        stream.write_all(&envelope).await?;
        stream.flush().await?;
    }
    stream.shutdown().await?;
    stream.into_inner().linger().await;
    Ok(())
}

/// Logs why a connection ends without an answer.
fn turn_away(peer: IpAddr, foreign: Foreign) {
    let trouble = match foreign {
        Foreign::Http => "an HTTP request came to the serial port; nothing in it is looked at",
        Foreign::Tls => "a TLS handshake came to the serial port; nothing in it is looked at",
    };
    record::note("rejected", Some(peer), trouble);
}

/// Reads the next line, without the newline; `None` if no more complete lines follow.
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
            // No line has begun yet, and the white space may go on for ever.
            stream.consume(blank);
            continue;
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let piece = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
        let used = piece.len() + usize::from(end.is_some());
        let too_long = !state.skips && piece.len() > LINE_LIMIT - line.len();
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
            if !state.is_known {
                let end = line::Line::new(line).envelope().unwrap_or_default();
                state.is_known = line.starts_with(b"{") && end.ends_with(b"}");
            }
            return Ok(Some(if line.is_empty() { Line::Blank } else { Line::Envelope }));
        }
    }
}
