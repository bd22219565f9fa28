//! What is decoded and encoded again is the same from then on.

use callcontainer::{Error, ErrorKind, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request, Timeout};

/// Encodes into a buffer of just the length that is said, and shows that one byte less is too small.
pub(crate) fn encoded(
    length: Result<usize, Error>,
    encode: impl for<'b> Fn(&'b mut [u8]) -> Result<&'b [u8], Error>,
) -> Result<Vec<u8>, Error> {
    let length = match length {
        Ok(length) => length,
        Err(error) => {
            // What is wrong is told before the buffer is looked at.
            assert_eq!(encode(&mut []), Err(error));
            return Err(error);
        }
    };
    let mut buffer = vec![0xAA; length];
    assert_eq!(encode(&mut buffer).map(<[u8]>::len), Ok(length));
    let short = encode(&mut vec![0; length - 1]).map(<[u8]>::to_vec);
    assert_eq!(short, Err(Error::new(ErrorKind::BufferTooSmall, length - 1)));
    assert!(!buffer.contains(&b'\n'));
    Ok(buffer)
}

pub fn check_request(envelope: &[u8]) {
    let Ok(request) = Request::decode(envelope) else { return };
    let encoded_request = |request: &Request<'_>| encoded(request.encoded_len(), |buffer| request.encode(buffer));
    let first = match encoded_request(&request) {
        Ok(first) => first,
        // The quotes around the numbers of headers may be too much.
        Err(error) => return assert_eq!(error, Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT)),
    };
    let again = Request::decode(&first).unwrap();
    // A timeout without effect is left out.
    if request.timeout() == Timeout::NoEffect {
        assert_eq!(again.timeout(), Timeout::NotSet);
    } else {
        assert_eq!(again, request);
    }
    assert_eq!(encoded_request(&again).unwrap(), first);
}

pub fn check_reply(envelope: &[u8]) {
    let Ok(reply) = Reply::decode(envelope) else { return };
    let encoded_reply = |reply: &Reply<'_>| encoded(reply.encoded_len(), |buffer| reply.encode(buffer));
    let first = match encoded_reply(&reply) {
        Ok(first) => first,
        Err(error) => return assert_eq!(error, Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)),
    };
    let again = Reply::decode(&first).unwrap();
    assert_eq!(again, reply);
    assert_eq!(encoded_reply(&again).unwrap(), first);
}
