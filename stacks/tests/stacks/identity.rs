//! Whom a device speaks to over TLS: the server that it is meant to, and no other.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use callcontainer_stacks::tls::{self, Records, Trust};
use embassy_net::tcp::TcpSocket;
use embedded_io_adapters::std::FromStd;
use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CryptoProvider, CryptoRngCore, TlsConfig, TlsContext, TlsError, TlsVerifier,
};
use rand_core::OsRng;

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, on_a_stack};
use crate::front::{Front, NAME, Today};
use crate::impostor::impostor;
use crate::service::nobody;

fn connect(server: SocketAddr) -> FromStd<TcpStream> {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    FromStd::new(stream)
}

/// Opens a session, blocking and async, and closes it.
fn open(server: SocketAddr, ca: &[u8], server_name: &str) -> Result<(), TlsError> {
    let trust = Trust { ca, server_name };
    let mut records = Box::new(Records::new());
    let blocking = tls::open_blocking::<Today, _>(connect(server), &mut records, trust, &mut OsRng).map(|_| ());
    let asynchronous = on_a_stack(Cable::to(server), MAC, DEVICE, async |stack| {
        let (mut incoming, mut outgoing) = ([0; 2048], [0; 2048]);
        let mut socket = TcpSocket::new(stack, &mut incoming, &mut outgoing);
        socket.connect(GATEWAY).await.unwrap();
        tls::open::<Today, _>(&mut socket, &mut records, trust, &mut OsRng).await.map(|_| ())
    });
    let asynchronous = asynchronous.unwrap();
    assert_eq!(format!("{blocking:?}"), format!("{asynchronous:?}"));
    blocking
}

#[track_caller]
fn is_refused(result: Result<(), TlsError>) {
    assert!(matches!(result, Err(TlsError::InvalidCertificate)), "{result:?}");
}

#[test]
fn a_server_must_have_the_name_and_a_certificate_of_the_authority() {
    let (Some(front), Some(other)) = (Front::to(nobody(), 60), Front::to(nobody(), 60)) else { return };
    open(front.address(), &front.ca, NAME).unwrap();
    is_refused(open(front.address(), &front.ca, "other.test"));
    is_refused(open(front.address(), &other.ca, NAME));
    is_refused(open(other.address(), &front.ca, NAME));
}

#[test]
fn whoever_has_a_certificate_cannot_make_one() {
    let forged = Front::with_certificate(nobody(), 60, |authority| {
        authority.issue("neighbour", "neighbour.test", "ca", "2");
        authority.issue("server", NAME, "neighbour", "2");
        let chain = ["server", "neighbour"].map(|file| fs::read(authority.path(file)).unwrap()).concat();
        fs::write(authority.path("server"), chain).unwrap();
    });
    let Some(forged) = forged else { return };
    is_refused(open(forged.address(), &forged.ca, NAME));
}

/// A provider as the documentation of embedded-tls has it.
struct Plain<'t>(CertVerifier<'t, Aes128GcmSha256, Today, 4096>);

impl CryptoProvider for Plain<'_> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        OsRng
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.0)
    }
}

#[test]
fn a_server_must_prove_who_it_is() {
    let Some(front) = Front::to(nobody(), 60) else { return };
    let server = impostor();
    is_refused(open(server, &front.ca, NAME));

    // That is not the work of embedded-tls. When it does this by itself, `tls.rs` need not.
    let config = TlsConfig::new().with_server_name(NAME);
    let mut records = [vec![0; 16_640], vec![0; 4096]];
    let [incoming, outgoing] = &mut records;
    let mut session = tls::BlockingSession::new(connect(server), incoming, outgoing);
    let provider = Plain(CertVerifier::new(Certificate::X509(&front.ca)));
    session.open(TlsContext::new(&config, provider)).unwrap();
}
