//! The client's end of one call, over HTTP or on a line: an envelope there, an envelope back.
//!
//! Knows how an envelope is framed, but not what is in it.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Posts an envelope, and gives the body of the answer.
pub async fn post(gateway: SocketAddr, token: &str, envelope: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(gateway).await?;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {gateway}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        envelope.len(),
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(envelope).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let mut headers = [httparse::EMPTY_HEADER; 32];
    match httparse::Response::new(&mut headers).parse(&answer).map_err(io::Error::other)? {
        httparse::Status::Complete(head) => Ok(answer.split_off(head)),
        httparse::Status::Partial => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Sends an envelope on a line, and gives the one that comes back.
pub async fn send_line(gateway: SocketAddr, envelope: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(gateway).await?;
    stream.write_all(envelope).await?;
    stream.write_all(b"\n").await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    match answer.pop() {
        Some(b'\n') => Ok(answer),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
