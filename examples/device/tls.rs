//! TLS 1.3 over a connection, in memory of a fixed size: who the other end is, and the buffers.
//!
//! It knows certificates and records. It must never know what is said.

use std::time::{SystemTime, UNIX_EPOCH};

use callcontainer::{embedded_io, embedded_io_async};
use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CertificateRef, CertificateVerifyRef, CryptoProvider, TlsClock, TlsConfig,
    TlsContext, TlsError, TlsVerifier, blocking,
};
use rand_core::{CryptoRngCore, OsRng};

/// The hash of the cipher suite.
type Hash = <Aes128GcmSha256 as embedded_tls::TlsCipherSuite>::Hash;

pub type Blocking<'b, S> = blocking::TlsConnection<'b, S, Aes128GcmSha256>;
pub type Async<'b, S> = embedded_tls::TlsConnection<'b, S, Aes128GcmSha256>;

/// Bytes of the largest certificate of a server.
const CERTIFICATE: usize = 2048;

/// The buffers of a connection, for as long as it lives. The first must hold the largest record that the server sends:
/// 16 384 bytes of plaintext (RFC 8446, section 5.1), and what the encryption adds.
pub struct Buffers {
    read: [u8; 16_640],
    write: [u8; 4096],
}

impl Buffers {
    pub const fn new() -> Self {
        Self { read: [0; 16_640], write: [0; 4096] }
    }
}

/// Whom to trust: a certificate authority of one's own, and the name that the server must have.
pub struct Trust<'t> {
    /// Its certificate, as DER.
    pub authority: &'t [u8],
    pub name: &'t str,
}

impl Trust<'_> {
    /// Makes sure of the server, then gives the connection.
    pub fn open<'b, S>(&self, socket: S, buffers: &'b mut Buffers) -> Result<Blocking<'b, S>, TlsError>
    where
        S: embedded_io::Read + embedded_io::Write + 'b,
    {
        let config = TlsConfig::new().with_server_name(self.name);
        let mut connection = blocking::TlsConnection::new(socket, &mut buffers.read, &mut buffers.write);
        let mut provider = Provider::new(self.authority);
        connection.open(TlsContext::new(&config, &mut provider))?;
        provider.verifier.finish()?;
        Ok(connection)
    }

    /// As [`open`](Trust::open), async.
    pub async fn open_async<'b, S>(&self, socket: S, buffers: &'b mut Buffers) -> Result<Async<'b, S>, TlsError>
    where
        S: embedded_io_async::Read + embedded_io_async::Write + 'b,
    {
        let config = TlsConfig::new().with_server_name(self.name);
        let mut connection = embedded_tls::TlsConnection::new(socket, &mut buffers.read, &mut buffers.write);
        let mut provider = Provider::new(self.authority);
        connection.open(TlsContext::new(&config, &mut provider)).await?;
        provider.verifier.finish()?;
        Ok(connection)
    }
}

/// The random numbers of the system, and a verifier.
struct Provider<'t> {
    random: OsRng,
    verifier: Verifier<'t>,
}

impl<'t> Provider<'t> {
    fn new(authority: &'t [u8]) -> Self {
        Self {
            random: OsRng,
            verifier: Verifier { verifier: CertVerifier::new(Certificate::X509(authority)), proven: Proven::Nothing },
        }
    }
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = &'static [u8];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// What the server has proven.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proven {
    Nothing,
    /// That it has a certificate, which anyone may have.
    Certificate,
    /// That it has the key of that certificate.
    Key,
}

/// Accepts a server whose certificate the authority itself has signed, that is valid now, and that has the name.
///
/// No certificate may stand between: `CertVerifier` follows a chain without asking whether each link may sign, so that
/// whoever has any certificate of the authority could make one for any name. And the verifier must have been asked:
/// embedded-tls 0.19 also completes a handshake in which the server has sent no certificate or no signature.
struct Verifier<'t> {
    verifier: CertVerifier<'t, Aes128GcmSha256, Clock, CERTIFICATE>,
    proven: Proven,
}

impl Verifier<'_> {
    /// Call this after the handshake.
    fn finish(&self) -> Result<(), TlsError> {
        if self.proven == Proven::Key { Ok(()) } else { Err(TlsError::InvalidCertificate) }
    }
}

impl TlsVerifier<Aes128GcmSha256> for Verifier<'_> {
    fn set_hostname_verification(&mut self, name: &str) -> Result<(), TlsError> {
        self.verifier.set_hostname_verification(name)
    }

    fn verify_certificate(&mut self, transcript: &Hash, certificate: CertificateRef) -> Result<(), TlsError> {
        self.proven = Proven::Nothing;
        if certificate.entries.len() != 1 {
            return Err(TlsError::InvalidCertificate);
        }
        self.verifier.verify_certificate(transcript, certificate)?;
        self.proven = Proven::Certificate;
        Ok(())
    }

    fn verify_signature(&mut self, verify: CertificateVerifyRef) -> Result<(), TlsError> {
        // Without a certificate before it, `CertVerifier` would panic.
        if self.proven != Proven::Certificate {
            return Err(TlsError::InvalidHandshake);
        }
        self.verifier.verify_signature(verify)?;
        self.proven = Proven::Key;
        Ok(())
    }
}

/// The time of day, in seconds since 1970. A device without a clock says `None`: then no certificate ever ends.
struct Clock;

impl TlsClock for Clock {
    fn now() -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs())
    }
}
