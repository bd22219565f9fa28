//! A TLS 1.3 server that completes a handshake, and leaves out that it would have to prove who it is: no certificate,
//! no signature (RFC 8446, section 4.4).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use p256::PublicKey;
use p256::ecdh::EphemeralSecret;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use rand_core::OsRng;
use sha2::{Digest as _, Sha256};

/// Serves every connection in this way, and then reads until it ends.
pub fn impostor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            shake_hands(&mut stream);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    address
}

fn shake_hands(stream: &mut TcpStream) {
    let hello = record(stream);
    let (session, share) = read_hello(&hello);
    let own = EphemeralSecret::random(&mut OsRng);
    let answer = server_hello(session, own.public_key().to_encoded_point(false).as_bytes());
    send(stream, 22, &answer);

    let shared = own.diffie_hellman(&PublicKey::from_sec1_bytes(share).unwrap());
    let (_, early) = Hkdf::<Sha256>::extract(None, &[0; 32]);
    let derived = expand(&early, "derived", &Sha256::digest([]), 32);
    let (_, handshake) = Hkdf::<Sha256>::extract(Some(&derived), shared.raw_secret_bytes());
    let transcript = Sha256::digest([&hello[..], &answer].concat());
    let traffic = Hkdf::<Sha256>::from_prk(&expand(&handshake, "s hs traffic", &transcript, 32)).unwrap();

    let extensions = message(8, &[0, 0]);
    let transcript = Sha256::digest([&hello[..], &answer, &extensions].concat());
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&expand(&traffic, "finished", &[], 32)).unwrap();
    mac.update(&transcript);
    let finished = message(20, &mac.finalize().into_bytes());

    // The first record under these keys: the number that goes into the nonce is 0.
    let cipher = Aes128Gcm::new_from_slice(&expand(&traffic, "key", &[], 16)).unwrap();
    let nonce = expand(&traffic, "iv", &[], 12);
    let plain = [&extensions[..], &finished, &[22]].concat();
    let length = u16::try_from(plain.len() + 16).unwrap().to_be_bytes();
    let header = [23, 3, 3, length[0], length[1]];
    let sealed = cipher.encrypt(Nonce::from_slice(&nonce), Payload { msg: &plain, aad: &header }).unwrap();
    send(stream, 23, &sealed);
}

/// The next record, without its header.
fn record(stream: &mut TcpStream) -> Vec<u8> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).unwrap();
    let mut body = vec![0; u16::from_be_bytes([header[3], header[4]]).into()];
    stream.read_exact(&mut body).unwrap();
    body
}

fn send(stream: &mut TcpStream, kind: u8, body: &[u8]) {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    // The client may be gone.
    let _ = stream.write_all(&[&[kind, 3, 3, length[0], length[1]], body].concat());
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, length[1], length[2], length[3]], body].concat()
}

/// The session of a ClientHello, and its share of the key on P-256.
fn read_hello(hello: &[u8]) -> (&[u8], &[u8]) {
    let (session, rest) = vector(&hello[38..], 1);
    let (_ciphers, rest) = vector(rest, 2);
    let (_compression, rest) = vector(rest, 1);
    let (mut extensions, _) = vector(rest, 2);
    while !extensions.is_empty() {
        let (value, rest) = vector(&extensions[2..], 2);
        if extensions[..2] == [0, 51] {
            let (shares, _) = vector(value, 2);
            assert_eq!(shares[..2], [0, 23], "P-256");
            return (session, vector(&shares[2..], 2).0);
        }
        extensions = rest;
    }
    panic!("no share of a key");
}

/// Bytes behind their length, which takes `size` bytes, and what follows.
fn vector(bytes: &[u8], size: usize) -> (&[u8], &[u8]) {
    let length = bytes[..size].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    bytes[size..].split_at(length)
}

fn server_hello(session: &[u8], share: &[u8]) -> Vec<u8> {
    let share_length = u8::try_from(share.len()).unwrap();
    let version = [0, 43, 0, 2, 3, 4];
    let key = [&[0, 51, 0, share_length + 4, 0, 23, 0, share_length], share].concat();
    let extensions = [&version[..], &key].concat();
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[u8::try_from(session.len()).unwrap()],
        session,
        &[0x13, 1, 0],
        &u16::try_from(extensions.len()).unwrap().to_be_bytes(),
        &extensions,
    ];
    message(2, &body.concat())
}

/// HKDF-Expand-Label of RFC 8446, section 7.1.
fn expand(secret: &Hkdf<Sha256>, label: &str, context: &[u8], length: u8) -> Vec<u8> {
    let label_length = u8::try_from(label.len() + 6).unwrap();
    let context_length = u8::try_from(context.len()).unwrap();
    let info = [&[0, length, label_length][..], b"tls13 ", label.as_bytes(), &[context_length], context].concat();
    let mut output = vec![0; length.into()];
    secret.expand(&info, &mut output).unwrap();
    output
}
