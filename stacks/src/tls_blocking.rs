//! embedded-tls over a blocking connection, such as a `TcpStream` or the socket of a modem.

use crate::tls::{BlockingSession, Records, Trust, open_blocking};
use callcontainer::client::{Cloud, Framing};
use callcontainer::embedded_io::{Read, Write};
use embedded_tls::{CryptoRngCore, TlsClock, TlsError};

/// Opens a session over a connection, and gives `work` a cloud over it, for as many calls as it likes while the cloud
/// is ready. Then closes the session. `K` knows what time it is.
///
/// # Errors
/// Of the connection, or what is wrong with the server.
pub fn session<K: TlsClock, S: Read + Write, T>(
    socket: S,
    records: &mut Records,
    trust: Trust<'_>,
    rng: &mut impl CryptoRngCore,
    framing: Framing<'_>,
    work: impl FnOnce(&mut Cloud<'_, BlockingSession<'_, S>, 512>) -> T,
) -> Result<T, TlsError> {
    let mut cloud = Cloud::new(0);
    cloud.init(open_blocking::<K, _>(socket, records, trust, rng)?, framing);
    let done = work(&mut cloud);
    if let Some(session) = cloud.take() {
        // Whatever has been said has been answered: how the goodbye ends no longer matters.
        let _ = session.close();
    }
    Ok(done)
}
