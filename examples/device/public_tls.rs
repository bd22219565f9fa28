//! rustls over a socket, blocking and async, for servers of the public network: their certificates are signed by an
//! authority that the system trusts, most of them with RSA and through others in between. All that takes a heap.
//!
//! It knows certificates and records. It must never know what is said.

use std::io::{self, Error, Read, Write};
use std::sync::Arc;

use callcontainer::client::StdTcp;
use callcontainer::embedded_io;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio_rustls::{TlsConnector, client};

use super::socket::{PATIENCE, Socket};

/// What to expect of the server with this name: a certificate for it, of an authority that the system trusts.
fn expectations(name: &str) -> Result<(Arc<ClientConfig>, ServerName<'static>), Error> {
    let name = ServerName::try_from(name.to_owned()).map_err(Error::other)?;
    let mut roots = RootCertStore::empty();
    // A system may trust certificates that rustls cannot use, and they are of no use here.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Error::other("the system names no authority that it trusts"));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((Arc::new(config), name))
}

/// Opens a session.
///
/// # Errors
/// Of the connection, or what is wrong with the server.
pub async fn open(socket: Socket, name: &str) -> Result<Socket<client::TlsStream<TcpStream>>, Error> {
    let (config, name) = expectations(name)?;
    let opened = timeout(PATIENCE, TlsConnector::from(config).connect(name, socket.0));
    opened.await.map_err(|_| io::ErrorKind::TimedOut)?.map(Socket)
}

/// Opens a session over a blocking connection, whose deadline stays its own.
///
/// # Errors
/// As for [`open`].
pub fn open_blocking(socket: StdTcp, name: &str) -> Result<BlockingSession, Error> {
    let (config, name) = expectations(name)?;
    let mut session = StreamOwned::new(ClientConnection::new(config, name).map_err(Error::other)?, Plain(socket));
    while session.conn.is_handshaking() {
        session.conn.complete_io(&mut session.sock)?;
    }
    Ok(BlockingSession(session))
}

/// A session over a blocking connection.
pub struct BlockingSession(StreamOwned<ClientConnection, Plain>);

impl embedded_io::ErrorType for BlockingSession {
    type Error = Error;
}

impl embedded_io::Read for BlockingSession {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.0.read(buffer)
    }
}

impl embedded_io::Write for BlockingSession {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.0.flush()
    }
}

/// A blocking connection as rustls wants it.
struct Plain(StdTcp);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        embedded_io::Read::read(&mut self.0, buffer)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        embedded_io::Write::write(&mut self.0, bytes)
    }

    fn flush(&mut self) -> Result<(), Error> {
        embedded_io::Write::flush(&mut self.0)
    }
}
