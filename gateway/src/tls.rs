//! TLS on the listening socket: the gateway's own certificate, and which certificates of clients are accepted.
//!
//! Knows who vouches for a certificate. Knows nothing of who it belongs to.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::certificate::Certificate;
use super::stranger::Patient;

/// Accepts TLS 1.2 and 1.3.
pub struct Tls {
    config: Arc<ServerConfig>,
    /// Checks the certificates of clients, if they are asked for one.
    verifier: Option<Arc<dyn ClientCertVerifier>>,
}

/// Creates what checks that one of these authorities has issued the certificate of a client. Unless it is `required`, a
/// client may have none.
///
/// # Errors
/// There is no authority.
pub fn verifier(
    authorities: RootCertStore,
    required: bool,
) -> Result<Arc<dyn ClientCertVerifier>, VerifierBuilderError> {
    let provider = Arc::new(ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider);
    if required { builder.build() } else { builder.allow_unauthenticated().build() }
}

impl Tls {
    /// Creates it from the gateway's certificate, followed by those of authorities in between, and the key to it.
    ///
    /// # Errors
    /// The certificate or the key cannot be used, or they do not belong together.
    pub fn new(
        certificates: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        verifier: Option<Arc<dyn ClientCertVerifier>>,
    ) -> Result<Self, Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?;
        let builder = match &verifier {
            Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(certificates, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if verifier.is_some() {
            // A session that is taken up again would not have its certificate checked again.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Self { config: Arc::new(config), verifier })
    }

    /// Shakes hands with a client.
    ///
    /// # Errors
    /// The client does not speak TLS, or its certificate is missing or not accepted.
    pub async fn accept(self: &Arc<Self>, stream: Patient) -> io::Result<(TlsStream<Patient>, Guest)> {
        let stream = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream).await?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let chain: Vec<_> = chain.iter().map(|certificate| certificate.clone().into_owned()).collect();
        let certificate = chain.first().map(Certificate::new);
        let guest = Guest { chain, certificate, accepted: Mutex::new((Arc::clone(self), true)) };
        Ok((stream, guest))
    }

    /// Whether a client with this certificate, followed by those of authorities in between, would be accepted.
    fn accepts(&self, chain: &[CertificateDer<'_>]) -> bool {
        match (&self.verifier, chain) {
            (None, _) => true,
            (Some(verifier), []) => !verifier.client_auth_mandatory(),
            (Some(verifier), [own, between @ ..]) => verifier.verify_client_cert(own, between, UnixTime::now()).is_ok(),
        }
    }
}

/// The client of a connection over TLS, as it has shown itself.
pub struct Guest {
    chain: Vec<CertificateDer<'static>>,
    certificate: Option<Certificate>,
    /// By whom it was last looked at, and whether it was accepted.
    accepted: Mutex<(Arc<Tls>, bool)>,
}

impl Guest {
    /// Returns its certificate, if it has shown one.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Whether it would be accepted now. It is looked at again only if what decides has been replaced.
    pub fn is_accepted(&self, tls: &Arc<Tls>) -> bool {
        // No change here can be left half done.
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&accepted.0, tls) {
            *accepted = (Arc::clone(tls), tls.accepts(&self.chain));
        }
        accepted.1
    }
}
