//! embedded-tls over a blocking connection, such as a `TcpStream` or the socket of a modem.

use crate::tls::{Provider, Records, Trust, Verifier};
use callcontainer::client::{Cloud, Framing};
use callcontainer::embedded_io::{Read, Write};
use embedded_tls::blocking::{Aes128GcmSha256, TlsConnection};
use embedded_tls::{CryptoRngCore, TlsClock, TlsConfig, TlsContext, TlsError};

/// A session over a connection `S`.
pub type Session<'r, S> = TlsConnection<'r, S, Aes128GcmSha256>;

/// Opens a session over a connection, and gives `work` a cloud over it, for as many calls as it likes while the cloud is
/// ready. Then closes the session. `K` knows what time it is.
///
/// # Errors
/// Of the connection, or what is wrong with the server.
pub fn session<K: TlsClock, S: Read + Write, T>(
    socket: S,
    records: &mut Records,
    trust: Trust<'_>,
    rng: &mut impl CryptoRngCore,
    framing: Framing<'_>,
    work: impl FnOnce(&mut Cloud<'_, Session<'_, S>, 512>) -> T,
) -> Result<T, TlsError> {
    let mut cloud = Cloud::new(0);
    cloud.init(open::<K, _>(socket, records, trust, rng)?, framing);
    let done = work(&mut cloud);
    if let Some(session) = cloud.take() {
        // Whatever has been said has been answered: how the goodbye ends no longer matters.
        let _ = session.close();
    }
    Ok(done)
}

/// Opens a session.
///
/// # Errors
/// As for [`session`].
pub fn open<'r, K: TlsClock, S: Read + Write + 'r>(
    socket: S,
    records: &'r mut Records,
    trust: Trust<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<Session<'r, S>, TlsError> {
    let config = TlsConfig::new().with_server_name(trust.server_name);
    let mut provider = Provider { rng, verifier: Verifier::<K>::new(trust.ca) };
    let mut session = TlsConnection::new(socket, &mut records.incoming, &mut records.outgoing);
    session.open(TlsContext::new(&config, &mut provider))?;
    provider.verifier.finish()?;
    Ok(session)
}
