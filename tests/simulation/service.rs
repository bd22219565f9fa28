//! A service: answers what it is called for, in one of the ways that HTTP has for it.

use crate::ledger::Ledger;
use crate::link::{Broken, End};
use crate::world::World;
use callcontainer::embedded_io_async::{Read, Write};
use std::rc::Rc;

/// Reads more bytes; nothing where no more come.
pub async fn more(end: &mut End, received: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 1024];
    let count = end.read(&mut piece).await.ok().filter(|count| *count > 0)?;
    received.extend_from_slice(&piece[..count]);
    Some(())
}

/// Reads a request: its method, target and body. What came behind it stays.
pub async fn read_request(end: &mut End, received: &mut Vec<u8>) -> Option<(String, String, Vec<u8>)> {
    loop {
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut lines);
        if let httparse::Status::Complete(head) = parsed.parse(received).expect("a request") {
            let length = parsed.headers.iter().find(|line| line.name.eq_ignore_ascii_case("content-length"));
            let length = length.map_or(0, |line| str::from_utf8(line.value).unwrap().parse().unwrap());
            let (method, target) = (parsed.method.unwrap().to_owned(), parsed.path.unwrap().to_owned());
            while received.len() < head + length {
                more(end, received).await?;
            }
            let body = received[head..head + length].to_vec();
            received.drain(..head + length);
            return Some((method, target, body));
        }
        more(end, received).await?;
    }
}

/// Writes a response. One that ends with its connection is not among them: nobody could tell a cut one from a whole one.
pub async fn write_response(
    world: &World,
    end: &mut End,
    status: u16,
    body: &[u8],
    closes: bool,
) -> Result<(), Broken> {
    let mut out = Vec::new();
    if world.random(|random| random.chance(4)) {
        out.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    }
    out.extend_from_slice(format!("HTTP/1.1 {status} Any\r\nX-Any: 1\r\n").as_bytes());
    if closes {
        out.extend_from_slice(b"Connection: close\r\n");
    }
    if world.random(|random| random.chance(2)) {
        out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
    } else {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        let mut rest = body;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(1 + world.random(|random| random.below(rest.len())));
            rest = after;
            out.extend_from_slice(format!("{:x};any=\"1\"\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\nX-Trailer: 1\r\n\r\n");
    }
    end.write_all(&out).await
}

/// Answers one request after the other, until the connection ends.
pub async fn serve(world: Rc<World>, ledger: Rc<Ledger>, mut end: End) {
    let mut received = Vec::new();
    while let Some((method, target, body)) = read_request(&mut end, &mut received).await {
        let (status, answer) = match ledger.run(&target, &method, &body) {
            Some(made) => (made.status, made.answer),
            None => (404, b"\"nobody called this\"".to_vec()),
        };
        let closes = world.random(|random| random.chance(6));
        if write_response(&world, &mut end, status, &answer, closes).await.is_err() || closes {
            return;
        }
    }
}
