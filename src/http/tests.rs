//! Tests with responses cut anywhere, broken anywhere, and hostile: those that were thought of.

extern crate std;

use super::HttpError;
use super::body::Body;
use super::chunked::ASIDE_LIMIT;
use super::head::{Head, HeadReader, INTERIM_LIMIT};
use std::format;
use std::string::String;
use std::vec::Vec;

/// The most bytes of all heads.
const LIMIT: usize = 2048;

/// The result of reading the pieces of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) keep_alive: bool,
    pub(super) data: Vec<u8>,
    /// The bytes behind the response.
    pub(super) rest: Vec<u8>,
    /// Whether the end of the connection ended the body.
    by_close: bool,
}

/// Reads a response that arrives in pieces, until the response or the pieces end.
pub(super) fn read(pieces: &[&[u8]], to_head: bool) -> Result<Outcome, HttpError> {
    let mut window: Vec<u8> = Vec::new();
    let mut reader = HeadReader::new(LIMIT.try_into().unwrap());
    let mut outcome = Outcome { status: 0, keep_alive: false, data: Vec::new(), rest: Vec::new(), by_close: false };
    let mut body: Option<Body> = None;
    for piece in pieces {
        window.extend_from_slice(piece);
        while body.is_none() {
            let Some((len, head)) = reader.take(&window, to_head)? else {
                window.clear();
                break;
            };
            window.drain(..len);
            if !head.is_interim() {
                outcome.status = head.status;
                outcome.keep_alive = head.keep_alive;
                body = Some(head.body);
            }
        }
        if let Some(body) = &mut body {
            let (mut whole, mut stripped) = (*body, window.clone());
            let before = outcome.data.len();
            let mut taken = 0;
            while taken < window.len() && !body.is_done() {
                let step = body.step(&window[taken..])?;
                assert!(step.framing + step.data > 0, "a step that takes nothing from {:?}", &window[taken..]);
                taken += step.framing;
                outcome.data.extend_from_slice(&window[taken..taken + step.data]);
                taken += step.data;
            }
            let piece = whole.strip(&mut stripped)?;
            assert_eq!((&stripped[..piece.data], piece.ended), (&outcome.data[before..], body.is_done()));
            assert_eq!(&stripped[stripped.len() - piece.surplus..], &window[taken..]);
            assert_eq!(whole, *body);
            window.drain(..taken);
        }
    }
    let body = body.ok_or(HttpError::Truncated)?;
    body.end()?;
    outcome.by_close = !body.is_done();
    outcome.rest = window;
    Ok(outcome)
}

pub(super) fn entire(response: &[u8]) -> Result<Outcome, HttpError> {
    read(&[response], false)
}

/// Reads one head that arrives in pieces. Returns its length too. All that matters of an interim head is its status.
pub(super) fn head(pieces: &[&[u8]], to_head: bool) -> Result<Option<(usize, Head)>, HttpError> {
    let mut reader = HeadReader::new(u16::MAX);
    let mut before = 0;
    for piece in pieces {
        if let Some((len, head)) = reader.take(piece, to_head)? {
            let interim = Head { keep_alive: false, retry_after: None, ..head };
            return Ok(Some((before + len, if head.is_interim() { interim } else { head })));
        }
        before += piece.len();
    }
    Ok(None)
}

/// A response with status 200, these header lines, and this after the head.
pub(super) fn response(lines: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n{body}")
}

/// Responses of every kind, complete or broken.
pub(super) fn responses() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        response("Content-Length: 5\r\n", "hello"),
        response("Content-Length: 5\r\n", "hello, and more"),
        response("content-length:0\r\n", ""),
        response("Content-Length: 005\r\n", "hello"),
        response("", "until the end"),
        response("Connection: close\r\n", ""),
        response("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        response("transfer-encoding: Chunked\r\n", "1\r\nh\r\n00004;a=\"b;c\"\r\nello\r\n0\r\nX: y\r\nZ:\r\n\r\nmore"),
        response(
            "Transfer-Encoding: chunked\r\n",
            "A \t;x\r\n0123456789\r\nb\r\n\r\n\r\n0\r\n\r\n0\r\n\r\n0;x\r\n\r\n",
        ),
        response("Transfer-Encoding: chunked\r\n", "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        String::from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            + &response("Content-Length: 2\r\n", "ok"),
        String::from("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
        String::from("HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n"),
        String::from("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx"),
        String::from("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx"),
        String::from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        String::from("HTTP/1.1 099 No\r\n\r\n"),
        String::from("HTTP/2 200 OK\r\n\r\n"),
        String::from("\r\nHTTP/1.1 200 OK\r\n\r\n"),
        String::from("HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        String::from("HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n"),
        String::from("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"),
        String::from("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"),
        String::from("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"),
        String::from("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"),
        String::from("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        response(&"A: b\r\n".repeat(9), ""),
        response(&format!("A: {}\r\n", "b".repeat(LIMIT)), ""),
        response("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "5\r\nhello0\r\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "5;a\nhello\r\n0\r\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "0\r\nA: b\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "0\r\n A: b\r\n\r\n"),
        response("Transfer-Encoding: chunked\r\n", "5 \t\r\nhello\r\n0\t\r\nA:\r\nB-c: d:e\r\n\r\nmore"),
        response("Content-Length: 5, 5\r\nContent-Length: 5\r\n", "hello"),
        response("Content-Length: 5, 4\r\n", "hello"),
        response("Transfer-Encoding: chunked\r\n", &format!("0;{}\r\n\r\n", "x".repeat(300))),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect();
    all.push(b"HTTP/1.1 200 \xE4\xB8\xAD\r\nA: \xFF\r\nContent-Length: 1\r\n\r\n\xFF".to_vec());
    all
}

#[test]
fn every_pair_of_cuts_gives_the_same_outcome() {
    for response in responses().iter().filter(|response| response.len() < 200) {
        for to_head in [false, true] {
            let expected = read(&[response], to_head);
            for second in 0..=response.len() {
                for first in 0..=second {
                    let pieces = [&response[..first], &response[first..second], &response[second..]];
                    assert_eq!(read(&pieces, to_head), expected, "{:?} cut at {first}, {second}", response);
                }
            }
        }
    }
}

#[test]
fn one_byte_at_a_time_gives_the_same_outcome() {
    for response in responses() {
        let bytes: Vec<&[u8]> = response.chunks(1).collect();
        assert_eq!(read(&bytes, false), entire(&response), "{:?}", String::from_utf8_lossy(&response));
    }
}

#[test]
fn every_prefix_is_cut_short_unless_the_response_is_over() {
    for response in responses() {
        let Ok(outcome) = entire(&response) else { continue };
        let end = response.len() - outcome.rest.len();
        for len in 0..end {
            let part = entire(&response[..len]);
            match part {
                Ok(part) => assert!(outcome.by_close && outcome.data.starts_with(&part.data), "{:?}", part),
                Err(fault) => assert_eq!(fault, HttpError::Truncated, "{len} of {:?}", response),
            }
        }
        let exact = Outcome { rest: Vec::new(), ..outcome };
        assert_eq!(entire(&response[..end]), Ok(exact));
    }
}

#[test]
fn bodies_end_where_they_say() {
    let data = |response: &str| {
        let outcome = entire(response.as_bytes()).unwrap();
        (String::from_utf8(outcome.data).unwrap(), String::from_utf8(outcome.rest).unwrap(), outcome.by_close)
    };
    let is = |data: &str, rest: &str, by_close| (String::from(data), String::from(rest), by_close);
    assert_eq!(data(&response("Content-Length: 5\r\n", "hello, and")), is("hello", ", and", false));
    assert_eq!(data(&response("Content-Length: \t005 \r\n", "hello")), is("hello", "", false));
    for lines in ["5\r\ncontent-length: 5", "5, 5", "5,5 ,\t5\r\nCONTENT-LENGTH:5", "05\r\nA: b\r\nContent-Length: 05"]
    {
        let response = response(&format!("Content-Length: {lines}\r\n"), "hello, and");
        assert_eq!(data(&response), is("hello", ", and", false), "{lines:?}");
    }
    let chunks = "5 \r\nhello\r\n05\t \t\r\n, and\r\n0  \r\nA: \r\n!:b\r\n\r\nmore";
    assert_eq!(data(&response("Transfer-Encoding: chunked\r\n", chunks)), is("hello, and", "more", false));
    assert_eq!(data(&response("", "hello")), is("hello", "", true));
    let chunks = "00a;x=\"\\\"\"\r\n0123456789\r\nB\r\nabcdefghijk\r\n0 ;y\r\nTrailer: z\r\n\r\nmore";
    assert_eq!(data(&response("Transfer-Encoding: CHUNKED\r\n", chunks)), is("0123456789abcdefghijk", "more", false));
    assert_eq!(data("HTTP/1.1 204 No Content\r\n\r\nmore"), is("", "more", false));
    assert_eq!(data("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nmore"), is("", "more", false));
    let head = response("Transfer-Encoding: chunked\r\n", "more");
    assert_eq!(read(&[head.as_bytes()], true).unwrap().rest, b"more");
}

#[test]
fn a_length_that_is_uncertain_is_refused() {
    for lines in [
        "Content-Length: 1\r\ncontent-length: 2\r\n",
        "Content-Length: 1\r\nContent-Length: 01\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 2\r\n",
        "Content-Length: 1, 2, 1\r\n",
        "Content-Length: 1, 1, 1x\r\n",
        "Content-Length: 1,\r\n",
        "Content-Length: ,1\r\n",
        "Content-Length: 1,,1\r\n",
        "Content-Length: ,\r\n",
        "Content-Length: \r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: \r\n",
        "Content-Length: 18446744073709551615\r\nContent-Length: 18446744073709551614\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x1\r\n",
        "Content-Length: 1 1\r\n",
        "Content-Length: 1.0\r\n",
        "Content-Length: 1;\r\n",
        "Content-Length:\r\n",
        "Content-Length: \u{b2}\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 99999999999999999999999999\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked,\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding:\r\n",
    ] {
        assert_eq!(entire(response(lines, "x").as_bytes()), Err(HttpError::Length), "{lines:?}");
        // A response without a body must still state its length correctly.
        assert_eq!(read(&[response(lines, "x").as_bytes()], true), Err(HttpError::Length), "{lines:?}");
    }
    let old = b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(entire(old), Err(HttpError::Length));
    let most = response("Content-Length: 18446744073709551615\r\n", "x");
    assert_eq!(entire(most.as_bytes()), Err(HttpError::Truncated));
}

#[test]
fn a_broken_chunk_is_refused() {
    for chunks in [
        "\r\n",
        ";x\r\n",
        " 1\r\nx\r\n0\r\n\r\n",
        "+1\r\nx\r\n0\r\n\r\n",
        "-1\r\n",
        "0x1\r\nx\r\n0\r\n\r\n",
        "1 1\r\nx\r\n0\r\n\r\n",
        "1_0\r\nx\r\n0\r\n\r\n",
        "g\r\n",
        "1\nx\r\n0\r\n\r\n",
        "1\r\rx\r\n0\r\n\r\n",
        "1\r\nxx\r\n0\r\n\r\n",
        "1\r\nx\n0\r\n\r\n",
        "1\r\nx\r0\r\n\r\n",
        "1\r\nx0\r\n\r\n",
        "1;\n\r\nx\r\n0\r\n\r\n",
        "1;\0\r\nx\r\n0\r\n\r\n",
        "1;\u{7f}\r\nx\r\n0\r\n\r\n",
        "0\r\n\n",
        "0\r\n\rx",
        "0\r\nA: b\n\r\n",
        "0\r\nA: b\rc\r\n\r\n",
        "0\r\nA: \0\r\n\r\n",
        "0\r\nA\r\n\r\n",
        "0\r\n: b\r\n\r\n",
        "0\r\nA : b\r\n\r\n",
        "0\r\n A: b\r\n\r\n",
        "0\r\nA: b\r\n c\r\n\r\n",
        "0\r\nA: b\r\n\tc: d\r\n\r\n",
        "0\r\nA(: b\r\n\r\n",
        "0\r\n\u{e9}: b\r\n\r\n",
        "0\r\nA: \u{7f}\r\n\r\n",
        "1 \n",
        "1 x\r\n",
        " 1\r\n",
        "00000000000000000\r\n\r\n",
        "10000000000000000\r\n",
        "ffffffffffffffff0\r\n",
    ] {
        let response = response("Transfer-Encoding: chunked\r\n", chunks);
        assert_eq!(entire(response.as_bytes()), Err(HttpError::Chunk), "{chunks:?}");
    }
    let most = response("Transfer-Encoding: chunked\r\n", "fFfFfFfFfFfFfFfF\r\nx");
    assert_eq!(entire(most.as_bytes()), Err(HttpError::Truncated));
}

#[test]
fn extensions_and_trailers_have_one_limit_together() {
    let aside = usize::from(ASIDE_LIMIT);
    let body = |extensions: usize, trailers: usize| {
        let chunk = "1;\r\nx\r\n".repeat(extensions);
        // A trailer line counts its bytes without CR LF.
        let trailer = "a: b\r\n".repeat(trailers / 4);
        entire(response("Transfer-Encoding: chunked\r\n", &format!("{chunk}0\r\n{trailer}\r\n")).as_bytes())
    };
    assert_eq!(body(aside, 0).unwrap().data.len(), aside);
    assert_eq!(body(aside + 1, 0), Err(HttpError::ChunkTooLong));
    assert_eq!(body(0, aside).unwrap().data.len(), 0);
    assert_eq!(body(1, aside), Err(HttpError::ChunkTooLong));
}

#[test]
fn interim_responses_are_passed_over_up_to_a_number() {
    let interim = "HTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nConnection: close\r\n\r\n";
    let last = response("Content-Length: 2\r\n", "ok");
    let after = |count: usize| entire((interim.repeat(count) + &last).as_bytes());
    assert_eq!(after(0), after(usize::from(INTERIM_LIMIT)));
    assert!(after(1).unwrap().keep_alive);
    assert_eq!(after(usize::from(INTERIM_LIMIT) + 1), Err(HttpError::TooManyInterim));
    let switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(entire(switched), Err(HttpError::Switched));
    assert_eq!(read(&[switched], true), Err(HttpError::Switched));
}

#[test]
fn a_connection_is_kept_only_when_both_ends_know_where_the_response_ended() {
    let kept = |response: &str| entire(response.as_bytes()).unwrap().keep_alive;
    let length = "Content-Length: 0\r\n";
    assert!(kept(&response(length, "")));
    assert!(kept(&response("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")));
    assert!(kept(&response("Content-Length: 0\r\nConnection: closed, x-close\r\n", "")));
    assert!(!kept(&response("", "")));
    assert!(!kept(&response("Connection: keep-alive\r\n", "")));
    assert!(!kept(&response("Content-Length: 0\r\nConnection: close\r\n", "")));
    assert!(!kept(&response("Connection: keep-alive\r\nContent-Length: 0\r\nConnection: x ,\tCLOSE\r\n", "")));
    let old = |lines: &str| kept(&format!("HTTP/1.0 200 OK\r\n{lines}Content-Length: 0\r\n\r\n"));
    assert!(!old(""));
    assert!(old("Connection: Keep-Alive\r\n"));
    assert!(!old("Connection: keep-alive, close\r\n"));
    assert!(kept("HTTP/1.1 204 No Content\r\n\r\n"));
    assert!(kept("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"));
    assert!(!kept("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n"));
    assert!(!kept("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert!(kept("HTTP/1.1 304 Not Modified\r\n\r\n"));
    assert!(kept("HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"));
    assert!(!kept("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"));
    assert!(!kept("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"));
    let to_head = |lines: &str| read(&[response(lines, "").as_bytes()], true).unwrap().keep_alive;
    assert!(to_head("") && to_head("Content-Length: 0\r\n"));
    assert!(!to_head("Content-Length: 4\r\n") && !to_head("Transfer-Encoding: chunked\r\n"));
    assert!(!to_head("Content-Length: 18446744073709551615\r\n"));
}

#[test]
fn what_is_no_head_is_refused_at_its_first_wrong_byte() {
    for garbage in ["SSH-2.0-x", "HTTP/2 200", "HTP", "\r\n", "\n", "\0", "http/1.1", " HTTP/1.1"] {
        let wrong = garbage.bytes().zip("HTTP/1.".bytes()).position(|(one, other)| one != other).unwrap();
        for len in 0..=garbage.len() {
            let expected = if len > wrong { Err(HttpError::Head) } else { Ok(None) };
            assert_eq!(head(&[&garbage.as_bytes()[..len]], false), expected, "{garbage:?}");
        }
    }
    for head in [
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA(: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\u{e9}: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\u{7f}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rB: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\n\r\n",
    ] {
        assert_eq!(entire(head.as_bytes()), Err(HttpError::Head), "{head:?}");
    }
}

#[test]
fn heads_have_limits() {
    let interim = "HTTP/1.1 100 \r\n\r\n";
    for before in ["", interim, &interim.repeat(3)] {
        let of = |len: usize| {
            let after = response(&format!("A: {}\r\n", "b".repeat(len - 24 - before.len())), "");
            String::from(before) + &after
        };
        assert_eq!(of(LIMIT).len(), LIMIT);
        assert!(entire(of(LIMIT).as_bytes()).is_ok());
        assert_eq!(entire((of(LIMIT) + "x").as_bytes()).unwrap().data, b"x");
        assert_eq!(entire(of(LIMIT + 1).as_bytes()), Err(HttpError::HeadTooLong));
        // As soon as it is known.
        assert_eq!(entire(&of(LIMIT + 1).as_bytes()[..LIMIT]), Err(HttpError::HeadTooLong));
        assert_eq!(entire(&of(LIMIT + 1).as_bytes()[..LIMIT - 1]), Err(HttpError::Truncated));
    }
    // An interim response leaves nothing for the final one.
    let mut all = format!("HTTP/1.1 100 {}\r\n\r\n", "b".repeat(LIMIT - 17));
    assert_eq!(all.len(), LIMIT);
    assert_eq!(entire(all.as_bytes()), Err(HttpError::HeadTooLong));
    all.push('H');
    assert_eq!(entire(all.as_bytes()), Err(HttpError::HeadTooLong));
    assert!(entire(response(&"A:\r\n".repeat(100), "").as_bytes()).is_ok());
    assert!(entire(response(":\r\n", "").as_bytes()).is_err());
    assert!(entire(response("A:\r\n", "").as_bytes()).is_ok());
}
