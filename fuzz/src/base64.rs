//! Base64 both ways against the crate of that name.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use callcontainer::{Bytes, Data, ErrorKind, Reply, Response};

/// Takes the input as base64, and then as bytes.
pub fn check(input: &[u8]) {
    if let Ok(text) = str::from_utf8(input) {
        check_text(text);
    }
    check_bytes(input);
}

fn check_text(text: &str) {
    let ours = Bytes::from_base64(text);
    let theirs = BASE64_STANDARD.decode(text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let mut buffer = vec![0xAA; theirs.len()];
            assert_eq!(ours.decoded_len(), theirs.len());
            assert_eq!(ours.decode(&mut buffer).unwrap(), theirs);
            assert_eq!(ours, Bytes::new(&theirs));
            if let Some(shorter) = theirs.len().checked_sub(1) {
                assert_eq!(ours.decode(&mut buffer[..shorter]).unwrap_err().kind(), ErrorKind::BufferTooSmall);
            }
        }
        (Err(error), Err(_)) => {
            assert_eq!(error.kind(), ErrorKind::InvalidBase64);
            // The first byte that is wrong: what stands before it may be the beginning of base64.
            let before = &text.as_bytes()[..error.offset()];
            let padding = before.iter().rev().take_while(|byte| **byte == b'=').count();
            let letters = before.len() - padding;
            assert!(before[..letters].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')));
            assert!(padding <= 2 && (padding == 0 || letters % 4 + padding <= 4));
        }
        (ours, theirs) => panic!("{ours:?}, base64 {theirs:?}: {text:?}"),
    }
}

fn check_bytes(bytes: &[u8]) {
    let reply = Reply::from(Response::new(200).with_data(Data::from(bytes)));
    let mut buffer = vec![0; reply.encoded_len().unwrap()];
    let envelope = str::from_utf8(reply.encode(&mut buffer).unwrap()).unwrap();
    let base64 = BASE64_STANDARD.encode(bytes);
    assert_eq!(
        envelope,
        format!("{{\"statusCode\":200,\"__nativeBuffers__\":[{{\"key\":\"data\",\"base64\":\"{base64}\"}}]}}")
    );
    let Reply::Response(response) = Reply::decode(envelope.as_bytes()).unwrap() else { panic!("no response") };
    let Data::Bytes(decoded) = response.data() else { panic!("no bytes") };
    assert_eq!(decoded.as_base64().unwrap(), &*base64);
    assert_eq!(decoded.decode(&mut vec![0; bytes.len()]).unwrap(), bytes);
}
