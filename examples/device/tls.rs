//! embedded-tls over any connection, blocking and async, with one CA that is trusted and a name that the server must
//! have.
//!
//! It knows certificates and records. It must never know what is said.

use callcontainer::{embedded_io, embedded_io_async};
use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CertificateRef, CertificateVerifyRef, CryptoProvider, CryptoRngCore, Sha256,
    TlsClock, TlsConfig, TlsConnection, TlsContext, TlsError, TlsVerifier, blocking,
};

/// Bytes of the largest certificate of a server.
const CERTIFICATE: usize = 2048;

/// The memory of a session. A server sends records of up to 16 KiB, unless it is told to send shorter ones, as nginx is
/// with `ssl_buffer_size`.
pub struct Records {
    incoming: [u8; 16_640],
    outgoing: [u8; 4096],
}

impl Records {
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self { incoming: [0; 16_640], outgoing: [0; 4096] }
    }
}

/// Who is trusted: the server with this name, if this CA, in DER, has itself signed its certificate.
#[derive(Clone, Copy)]
pub struct Trust<'t> {
    pub ca: &'t [u8],
    pub server_name: &'t str,
}

/// A session over a connection `S`.
pub type Session<'r, S> = TlsConnection<'r, S, Aes128GcmSha256>;

/// A session over a blocking connection `S`.
pub type BlockingSession<'r, S> = blocking::TlsConnection<'r, S, Aes128GcmSha256>;

/// Opens a session. `K` knows what time it is, because certificates expire.
///
/// # Errors
/// Of the connection, or what is wrong with the server.
pub async fn open<'r, K: TlsClock, S: embedded_io_async::Read + embedded_io_async::Write + 'r>(
    socket: S,
    records: &'r mut Records,
    trust: Trust<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<Session<'r, S>, TlsError> {
    let config = TlsConfig::new().with_server_name(trust.server_name);
    let mut provider = Provider::<_, K>::new(rng, trust.ca);
    let mut session = TlsConnection::new(socket, &mut records.incoming, &mut records.outgoing);
    session.open(TlsContext::new(&config, &mut provider)).await?;
    provider.finish()?;
    Ok(session)
}

/// Opens a session over a blocking connection.
///
/// # Errors
/// As for [`open`].
pub fn open_blocking<'r, K: TlsClock, S: embedded_io::Read + embedded_io::Write + 'r>(
    socket: S,
    records: &'r mut Records,
    trust: Trust<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<BlockingSession<'r, S>, TlsError> {
    let config = TlsConfig::new().with_server_name(trust.server_name);
    let mut provider = Provider::<_, K>::new(rng, trust.ca);
    let mut session = blocking::TlsConnection::new(socket, &mut records.incoming, &mut records.outgoing);
    session.open(TlsContext::new(&config, &mut provider))?;
    provider.finish()?;
    Ok(session)
}

/// What a handshake needs: randomness, and someone who knows whom to trust.
pub struct Provider<'t, R, K: TlsClock> {
    rng: R,
    verifier: Verifier<'t, K>,
}

impl<'t, R, K: TlsClock> Provider<'t, R, K> {
    pub fn new(rng: R, ca: &'t [u8]) -> Self {
        let verifier = CertVerifier::new(Certificate::X509(ca));
        Self { rng, verifier: Verifier { verifier, proven: Proven::Nothing } }
    }

    /// Call this after the handshake.
    ///
    /// # Errors
    /// The server has not proven who it is.
    pub fn finish(&self) -> Result<(), TlsError> {
        match self.verifier.proven {
            Proven::Key => Ok(()),
            Proven::Nothing | Proven::Certificate => Err(TlsError::InvalidCertificate),
        }
    }
}

impl<R: CryptoRngCore, K: TlsClock> CryptoProvider for Provider<'_, R, K> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.rng
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// What the server has proven.
enum Proven {
    Nothing,
    /// That it has a certificate, which anyone may have.
    Certificate,
    /// That it has the key of that certificate.
    Key,
}

/// The verifier of embedded-tls 0.19, and two things that it leaves to us:
///
/// - A server that sends no certificate, or no signature, is not asked for them: its handshake is completed.
/// - Whoever has a certificate of the CA could sign another one for any name: a certificate may have no others between
///   it and the CA, because nobody looks whether those may sign.
struct Verifier<'t, K: TlsClock> {
    verifier: CertVerifier<'t, Aes128GcmSha256, K, CERTIFICATE>,
    proven: Proven,
}

impl<K: TlsClock> TlsVerifier<Aes128GcmSha256> for Verifier<'_, K> {
    fn set_hostname_verification(&mut self, name: &str) -> Result<(), TlsError> {
        TlsVerifier::set_hostname_verification(&mut self.verifier, name)
    }

    fn verify_certificate(&mut self, transcript: &Sha256, certificate: CertificateRef<'_>) -> Result<(), TlsError> {
        self.proven = Proven::Nothing;
        if certificate.entries.len() != 1 {
            return Err(TlsError::InvalidCertificate);
        }
        self.verifier.verify_certificate(transcript, certificate)?;
        self.proven = Proven::Certificate;
        Ok(())
    }

    fn verify_signature(&mut self, verify: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        // Without a certificate before it, the verifier would panic.
        if !matches!(self.proven, Proven::Certificate) {
            return Err(TlsError::InvalidHandshake);
        }
        self.verifier.verify_signature(verify)?;
        self.proven = Proven::Key;
        Ok(())
    }
}
