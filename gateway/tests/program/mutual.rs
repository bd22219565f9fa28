//! TLS of the gateway's own, and callers that show a certificate.

use std::fs;
use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use super::authority::Authority;
use super::config::{Config, hash};
use super::crowd::ONE_AT_A_TIME;
use super::harness::{Answer, Connection, Gateway, PATIENCE, envelope, post_head};
use super::service::{echo, service};

/// A client that trusts an authority, and has a certificate of its own or none.
struct Client {
    config: Arc<ClientConfig>,
}

/// A connection of a client.
struct Link(BufReader<StreamOwned<ClientConnection, TcpStream>>);

impl Client {
    fn new(trusted: &Authority, own: Option<(&Authority, &str)>) -> Self {
        Self::with(trusted, own, &[&TLS13, &TLS12], &["http/1.1"])
    }

    fn with(
        trusted: &Authority,
        own: Option<(&Authority, &str)>,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(trusted.path("ca")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(versions).unwrap().with_root_certificates(roots);
        let mut config = match own {
            Some((authority, file)) => {
                let chain = CertificateDer::pem_file_iter(authority.path(file)).unwrap().map(Result::unwrap).collect();
                let key = PrivateKeyDer::from_pem_file(authority.path(&format!("{file}.key"))).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self { config: Arc::new(config) }
    }

    fn connect(&self, gateway: &Gateway) -> Link {
        let stream = TcpStream::connect(gateway.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from("gateway.test").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        Link(BufReader::new(StreamOwned::new(connection, stream)))
    }

    /// One call on a connection of its own.
    fn call(&self, gateway: &Gateway, token: Option<&str>) -> Option<Answer> {
        self.connect(gateway).call(token, &envelope("/", ""))
    }
}

impl Link {
    /// Sends any request; there is no answer if the connection ends before.
    fn ask(&mut self, request: &str) -> Option<Answer> {
        self.0.get_mut().write_all(request.as_bytes()).ok()?;
        Answer::read(&mut self.0)
    }

    fn call(&mut self, token: Option<&str>, envelope: &str) -> Option<Answer> {
        self.ask(&(post_head(token, &format!("Content-Length: {}\r\n", envelope.len())) + envelope))
    }

    /// Whether the other side has ended it in good order.
    fn is_closed(&mut self) -> bool {
        self.0.read(&mut [0]).is_ok_and(|read| read == 0)
    }
}

/// The environment `prod-01` with TLS, with these members more in its table, and these callers of the app that owns it.
fn text(shop: SocketAddr, authority: &Authority, more: &str, callers: &[(&str, &str)]) -> String {
    let (certificate, key) = (authority.path("gateway"), authority.path("gateway.key"));
    let tls = format!("[tls]\ncertificate = '{certificate}'\nkey = '{key}'\n{more}\n");
    let env = format!("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\nservices = {{ shop = '{shop}' }}\n");
    let caller = |(name, known): &(&str, &str)| format!("[[caller]]\nappid = 'WXAAA'\nopenid = 'o-{name}'\n{known}\n");
    tls + &env + &callers.iter().map(caller).collect::<String>()
}

/// An authority, and the gateway's certificate and key.
fn authority(test: &str) -> Option<Authority> {
    let authority = Authority::new(test)?;
    authority.issue("gateway", "gateway.test", "ca", "2");
    Some(authority)
}

fn client_ca(authority: &Authority) -> String {
    format!("client_ca = '{}'", authority.path("ca"))
}

fn fingerprint(authority: &Authority, file: &str) -> String {
    let der = CertificateDer::from_pem_file(authority.path(file)).unwrap();
    sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &der))
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}

/// Who a call with a certificate and a token belongs to.
#[test]
fn whose_certificate_it_is() {
    let Some(own) = authority("whose") else { return };
    for (file, common, alternative) in [
        ("pinned", "anything", None),
        ("dns", "anything", Some("DNS:Device-7.Example")),
        ("uri", "anything", Some("URI:spiffe://fleet/device-8")),
        ("common", "device 9", None),
        // No name of another kind, and none that only looks like one.
        ("crossed", "device-7.example", Some("URI:dns://device-7.example,email:device-7.example")),
        ("longer", "device 9 b", Some("DNS:x.device-7.example,DNS:*.example")),
        // Of two callers, so of neither.
        ("both", "device 9", Some("DNS:device-7.example")),
        // Of two by its names, but of a third as it is.
        ("both-pinned", "device 9", Some("DNS:device-7.example")),
        // Two names of the same caller.
        ("twice", "anything", Some("DNS:device-7.example,DNS:device-7b.example")),
        ("stranger", "stranger", Some("DNS:stranger.example")),
    ] {
        own.issue_client(file, common, alternative, "2");
    }
    let (shop, received) = echo();
    let pinned = format!(
        "certificate = ['sha256:{}', 'sha256:{}']\ntoken_sha256 = ['{}']",
        fingerprint(&own, "pinned"),
        fingerprint(&own, "both-pinned").replace(':', ""),
        hash("pinned")
    );
    let callers = [
        ("pinned", pinned.as_str()),
        ("dns", "certificate = ['dns:device-7.EXAMPLE', 'dns:device-7b.example']"),
        ("uri", "certificate = ['uri:spiffe://fleet/device-8']"),
        ("common", "certificate = ['cn:device 9']"),
        ("token", &format!("token_sha256 = ['{}']", hash("token"))),
    ];
    let optional = client_ca(&own) + "\nclient_required = false";
    let config = Config::new("whose", &text(shop, &own, &optional, &callers));
    let gateway = config.start(&[]);
    for versions in [[&TLS13], [&TLS12]] {
        for (file, token, expected) in [
            (Some("pinned"), None, Some("o-pinned")),
            (Some("dns"), None, Some("o-dns")),
            (Some("uri"), None, Some("o-uri")),
            (Some("common"), None, Some("o-common")),
            (Some("twice"), None, Some("o-dns")),
            (Some("both-pinned"), None, Some("o-pinned")),
            (Some("both"), None, None),
            (Some("crossed"), None, None),
            (Some("longer"), None, None),
            (Some("stranger"), None, None),
            (None, None, None),
            // A token is enough where the certificate says nothing.
            (None, Some("token"), Some("o-token")),
            (Some("stranger"), Some("token"), Some("o-token")),
            (Some("both"), Some("token"), Some("o-token")),
            // Both of the same caller.
            (Some("pinned"), Some("pinned"), Some("o-pinned")),
            // Of two, or of nobody.
            (Some("pinned"), Some("token"), None),
            (Some("dns"), Some("pinned"), None),
            (Some("dns"), Some("nobody"), None),
            (Some("dns"), Some(""), None),
        ] {
            let client = Client::with(&own, file.map(|file| (&own, file)), &versions, &["http/1.1"]);
            let answer = client.call(&gateway, token).unwrap();
            let seen = received.try_recv().ok().map(|(_, seen)| seen.header("x-wx-openid").unwrap().to_owned());
            assert_eq!(seen.as_deref(), expected, "{file:?} {token:?}");
            assert_eq!(answer.status, if expected.is_some() { 200 } else { 401 }, "{file:?} {token:?}");
        }
    }
    // What is no bearer token is a wrong one.
    let mut link = Client::new(&own, Some((&own, "dns"))).connect(&gateway);
    let body = envelope("/", "");
    for authorization in ["Authorization: Basic YTpi\r\n", "Authorization: Bearer pinned\r\nAuthorization: a\r\n"] {
        let head = post_head(None, &format!("{authorization}Content-Length: {}\r\n", body.len()));
        assert_eq!(link.ask(&(head + &body)).unwrap().status, 401);
        link = Client::new(&own, Some((&own, "dns"))).connect(&gateway);
    }
    // The open API takes the same, and tells the service nothing.
    let open = "GET /v1/cloudrun/shop/ HTTP/1.1\r\nHost: gateway\r\n";
    assert_eq!(link.ask(&format!("{open}\r\n")).unwrap().status, 200);
    assert_eq!(received.recv().unwrap().1.identity(), []);
    let answer = link.ask(&format!("{open}Authorization: Bearer token\r\n\r\n")).unwrap();
    assert!(answer.status == 401 && answer.text().contains("INVALID_CREDENTIALS"), "{}", answer.text());
    let answer = Client::new(&own, Some((&own, "stranger"))).connect(&gateway).ask(&format!("{open}\r\n")).unwrap();
    assert!(answer.status == 401 && answer.text().contains("MISSING_CREDENTIALS"), "{}", answer.text());
    assert!(received.try_iter().next().is_none());
}

/// A browser shows its certificate for any page. A request that is of one needs a token too, of the same caller.
#[test]
fn what_a_page_sends() {
    let Some(own) = authority("page") else { return };
    own.issue_client("device", "device", None, "2");
    let (shop, received) = echo();
    let device = format!("certificate = ['cn:device']\ntoken_sha256 = ['{}']", hash("device"));
    let callers = [("device", device.as_str()), ("other", &format!("token_sha256 = ['{}']", hash("other")))];
    let config = Config::new("page", &text(shop, &own, &client_ca(&own), &callers));
    let gateway = config.start(&[]);
    let body = envelope("/", "");
    for (of_page, token, status) in [
        ("", None, 200),
        ("Sec-Fetch-Site: none\r\n", None, 200),
        ("Sec-Fetch-Site: same-origin\r\n", None, 200),
        ("Origin: https://page.example\r\n", None, 401),
        ("Origin: null\r\n", None, 401),
        ("Sec-Fetch-Site: cross-site\r\n", None, 401),
        ("Sec-Fetch-Site: same-site\r\n", None, 401),
        ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n", None, 401),
        ("Origin: https://page.example\r\n", Some("device"), 200),
        ("Origin: https://page.example\r\n", Some("other"), 401),
        ("Origin: https://page.example\r\n", Some("nobody"), 401),
    ] {
        let mut link = Client::new(&own, Some((&own, "device"))).connect(&gateway);
        let head =
            post_head(token, &format!("{of_page}Content-Type: text/plain\r\nContent-Length: {}\r\n", body.len()));
        assert_eq!(link.ask(&(head + &body)).unwrap().status, status, "{of_page} {token:?}");
        assert_eq!(received.try_iter().count(), usize::from(status == 200), "{of_page} {token:?}");
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let open = format!("GET /v1/cloudrun/shop/ HTTP/1.1\r\nHost: gateway\r\n{of_page}{token}\r\n");
        let mut link = Client::new(&own, Some((&own, "device"))).connect(&gateway);
        assert_eq!(link.ask(&open).unwrap().status, status, "{open}");
        assert_eq!(received.try_iter().count(), usize::from(status == 200), "{open}");
    }
}

/// Who does not get in at all, and what the log says.
#[test]
fn who_is_turned_away() {
    let (Some(own), Some(other)) = (authority("turned-away"), Authority::new("turned-away-other")) else { return };
    own.issue_client("device", "device", None, "2");
    own.issue_client("expired", "device", None, "-1");
    other.issue_client("device", "device", None, "2");
    let (shop, received) = echo();
    let callers = [("device", "certificate = ['cn:device']")];
    for required in [true, false] {
        // It is required unless the file says otherwise.
        let more = client_ca(&own) + if required { "" } else { "\nclient_required = false" };
        let config = Config::new(&format!("turned-away-{required}"), &text(shop, &own, &more, &callers));
        let gateway = config.start(&[]);
        for version in [&TLS13, &TLS12] {
            let versions = [version];
            let with = |own_certificate| Client::with(&own, own_certificate, &versions, &["http/1.1"]);
            for (file, authority, trouble) in [("expired", &own, "Expired"), ("device", &other, "BadSignature")] {
                assert!(with(Some((authority, file))).call(&gateway, None).is_none());
                let line = gateway.log_line();
                let event = " event=handshake peer=127.0.0.1 trouble=\"invalid peer certificate: ";
                assert!(line.contains(event) && line.contains(trouble), "{line}");
            }
            let answer = with(None).call(&gateway, None);
            assert_eq!(answer.map(|answer| answer.status), (!required).then_some(401));
            let line = gateway.log_line();
            let event =
                if required { "handshake peer=127.0.0.1 trouble=\"peer sent no cert" } else { "rejected status=401" };
            assert!(line.contains(&format!(" event={event}")), "{line}");
            assert_eq!(with(Some((&own, "device"))).call(&gateway, None).unwrap().status, 200);
            assert!(gateway.log_line().contains(" status=200 "));
            received.recv().unwrap();
        }
        // The client does not know the gateway; it speaks another protocol; it does not speak TLS.
        assert!(Client::new(&other, Some((&own, "device"))).call(&gateway, None).is_none());
        assert!(gateway.log_line().contains(" event=handshake "));
        let h2 = Client::with(&own, Some((&own, "device")), &[&TLS13], &["h2"]);
        assert!(h2.call(&gateway, None).is_none());
        assert!(gateway.log_line().contains(" event=handshake "));
        let mut plain = gateway.connect();
        plain.write(b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
        let mut said = Vec::new();
        let _ = plain.stream.read_to_end(&mut said);
        assert!(!said.starts_with(b"HTTP"), "{said:?}");
        assert!(gateway.log_line().contains(" event=handshake "));
        // Whoever only looks whether anybody listens is not worth a line.
        drop(gateway.connect());
        assert!(Client::new(&own, Some((&own, "device"))).call(&gateway, None).is_some());
        assert!(gateway.log_line().contains(" status=200 "));
        received.recv().unwrap();
    }
    assert!(received.try_iter().next().is_none());
}

/// What goes over an encrypted connection is what goes over any other: one call after the other, small and large.
#[test]
fn calls_over_tls() {
    let Some(own) = authority("calls") else { return };
    let (shop, received) = echo();
    let config = Config::new("calls", &text(shop, &own, "", &[("a", &format!("token_sha256 = ['{}']", hash("t")))]));
    let gateway = config.start(&[]);
    for protocols in [&["http/1.1"][..], &["h2", "http/1.1"], &[]] {
        let mut link = Client::with(&own, None, &[&TLS13, &TLS12], protocols).connect(&gateway);
        for length in [0, 1, 20_000, 90_000] {
            let body = "x".repeat(length);
            let more = format!(r#","method":"POST","data":"{body}""#);
            let answer = link.call(Some("t"), &envelope("/", &more)).unwrap();
            assert_eq!(answer.envelope()["data"], body);
        }
        assert_eq!(link.ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap().text(), "ok\n");
        assert!(link.is_closed());
    }
    assert_eq!(received.try_iter().count(), 12);
    // The answers that come before a request has been understood.
    let mut link = Client::new(&own, None).connect(&gateway);
    assert_eq!(link.ask("nothing\r\n\r\n").unwrap().status, 400);
    assert!(link.is_closed());
    let mut link = Client::new(&own, None).connect(&gateway);
    let begun = Instant::now();
    assert_eq!(link.ask("GET /healthz HTTP/1.1\r\n").unwrap().status, 408);
    assert!((8..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

/// A handshake has 10 s, and who waits in one loses its place to those who come later.
#[test]
fn slow_handshakes() {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(own) = authority("slow") else { return };
    let (shop, _received) = echo();
    let config = Config::new("slow", &text(shop, &own, "", &[("a", &format!("token_sha256 = ['{}']", hash("t")))]));
    let gateway = config.start(&[]);
    let begun = Instant::now();
    let mut slow = gateway.connect();
    // The beginning of a handshake.
    slow.write(&[22, 3, 1, 1, 0, 1]);
    assert!(slow.is_closed());
    assert!((8..15).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert!(gateway.log_line().ends_with(" event=handshake peer=127.0.0.1 trouble=\"it took too long\""));
    let silent: Vec<Connection> = (0..520).map(|_| gateway.connect()).collect();
    assert_eq!(Client::new(&own, None).call(&gateway, Some("t")).unwrap().status, 200);
    assert!(gateway.log_line().contains(" event=crowded "));
    drop(silent);
}

/// Who asks for much and reads nothing is dropped, although what is encrypted waits in the gateway.
#[test]
fn a_client_that_stops_reading() {
    let Some(own) = authority("stalls") else { return };
    let shop = service(|mut link| {
        while link.request().is_some() {
            link.respond("x".repeat(1_000_000));
        }
    });
    let config = Config::new("stalls", &text(shop, &own, "", &[("a", &format!("token_sha256 = ['{}']", hash("t")))]));
    let gateway = config.start(&[]);
    let mut link = Client::new(&own, None).connect(&gateway);
    // One request after the other, until no answer fits into the buffers of the system any more.
    let body = envelope("/", "");
    let request = post_head(Some("t"), &format!("Content-Length: {}\r\n", body.len())) + &body;
    assert_eq!(link.ask(&request).unwrap().status, 200);
    for _ in 0..20 {
        link.0.get_mut().write_all(request.as_bytes()).unwrap();
    }
    let remote = link.0.get_ref().sock.local_addr().unwrap();
    let is_open = || super::harness::tcp(gateway.address, remote).is_some_and(|row| row[3] == "01");
    assert!(is_open());
    let begun = Instant::now();
    super::harness::eventually("a connection that is dropped", || !is_open());
    assert!(begun.elapsed().as_secs() >= 15, "{:?}", begun.elapsed());
    let mut rest = Vec::new();
    let end = link.0.read_to_end(&mut rest);
    assert!(end.is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock) || rest.len() < 20_000_000);
}

/// SIGHUP rereads certificates: the gateway's own for connections that come, and the authorities also for those that are
/// there.
#[test]
fn certificates_are_reread() {
    let (Some(own), Some(other)) = (authority("reread"), authority("reread-other")) else { return };
    own.issue_client("device", "device", None, "2");
    other.issue_client("device", "device", None, "2");
    let (shop, received) = echo();
    let callers = [("device", "certificate = ['cn:device']")];
    let right = text(shop, &own, &client_ca(&own), &callers);
    let config = Config::new("reread", &right);
    let gateway = config.start(&[]);
    let reload = |text: &str| {
        config.write(text);
        gateway.signal("HUP");
        loop {
            let line = gateway.log_line();
            if let Some((_, event)) = line.split_once("reloaded ") {
                return event.to_owned();
            }
        }
    };
    let mut link = Client::new(&own, Some((&own, "device"))).connect(&gateway);
    assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 200);
    // The same files with other contents: what the file says has not changed.
    for file in ["gateway", "gateway.key"] {
        fs::copy(other.path(file), own.path(file)).unwrap();
    }
    assert!(reload(&right).starts_with("file="));
    assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 200);
    assert!(Client::new(&own, Some((&own, "device"))).call(&gateway, None).is_none());
    assert_eq!(Client::new(&other, Some((&own, "device"))).call(&gateway, None).unwrap().status, 200);
    // What is broken changes nothing.
    let path = config.path();
    for (broken, place, trouble) in [
        (
            right.split_once("[[env]]").map(|(_, rest)| format!("[[env]]{rest}")).unwrap().as_str(),
            "8:1",
            "nobody vouches",
        ),
        (&right.replace(&own.path("gateway.key"), "gone"), "3:7", "the file cannot be read"),
        (&right.replace(&own.path("gateway.key"), &own.path("device.key")), "3:7", "cannot be used with this key"),
        (&right.replace(&own.path("ca"), &own.path("ca.key")), "4:13", "there is no certificate in the file"),
    ] {
        let line = reload(broken);
        assert!(line.starts_with(&format!("at={path}:{place} trouble=\"")) && line.contains(trouble), "{line}");
        assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 200, "{line}");
    }
    // Without the table, the same address would not speak TLS any more.
    let plain = right.split_once("[[env]]").map(|(_, rest)| format!("[[env]]{rest}")).unwrap();
    let plain = plain.replace("certificate = ['cn:device']", &format!("token_sha256 = ['{}']", hash("t")));
    assert!(reload(&plain).contains(":1:1 trouble=\"[tls] comes and goes with a restart alone\""));
    // A caller that is no more, and one that is again.
    assert!(reload(&right.replace("cn:device", "cn:another")).starts_with("file="));
    assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 401);
    assert!(reload(&right).starts_with("file="));
    let mut link = Client::new(&other, Some((&own, "device"))).connect(&gateway);
    assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 200);
    // Another authority: whoever is there by the old one is answered once more, and that is all.
    assert!(reload(&right.replace(&own.path("ca"), &other.path("ca"))).starts_with("file="));
    let answer = link.call(None, &envelope("/", "")).unwrap();
    assert_eq!((answer.status, answer.header("connection")), (401, Some("close")));
    assert!(link.is_closed());
    assert_eq!(Client::new(&other, Some((&other, "device"))).call(&gateway, None).unwrap().status, 200);
    assert!(Client::new(&other, Some((&own, "device"))).call(&gateway, None).is_none());
    assert!(received.try_iter().all(|(_, seen)| seen.header("x-wx-openid") == Some("o-device")));
}

/// What may be wrong with the table, beside the files that it names.
#[test]
fn a_broken_table() {
    let Some(own) = authority("broken-table") else { return };
    let (shop, _received) = echo();
    let known = format!("token_sha256 = ['{}']", hash("t"));
    let right = text(shop, &own, &client_ca(&own), &[("a", &known)]);
    let config = Config::new("broken-table", "");
    let fingerprint = fingerprint(&own, "gateway");
    for (broken, place, trouble) in [
        (right.replace("key = ", "# "), "1:1", "key is missing"),
        (right.replace("certificate = ", "# "), "1:1", "certificate is missing"),
        (right.replace("key = ", "key = 5 # "), "3:7", "key is a text"),
        (right.replace("client_ca = ", "ciphers = "), "4:1", "there is no such key; here may stand certificate"),
        (right.replace("client_ca = ", "client_required = true # "), "4:1", "nobody vouches for certificates"),
        (right.replace("client_ca = ", "client_required = 1\nclient_ca = "), "4:19", "client_required is true or"),
        (right.replace("[tls]", "[[tls]]"), "1:1", "tls is a table"),
        (right.clone() + "certificate = 'cn:a'", "13:15", "array of texts"),
        (right.clone() + "certificate = ['a']", "13:16", "it begins with"),
        (right.clone() + "certificate = ['ip:10.0.0.1']", "13:16", "it begins with"),
        (right.clone() + "certificate = ['dns:*.a']", "13:16", "no wildcard"),
        (right.clone() + "certificate = ['uri:a']", "13:16", "a URI has a scheme"),
        (right.clone() + "certificate = ['cn:']", "13:16", "a common name"),
        (right.clone() + "certificate = ['sha256:00']", "13:16", "64 hexadecimal digits"),
        (right.clone() + "certificate = ['cn:a', 'cn:a']", "13:24", "given twice"),
        (
            right.clone()
                + &format!("certificate = ['sha256:{fingerprint}']\n[[caller]]\nappid = 'WXAAA'\nopenid = 'o'\n")
                + &format!("certificate = ['sha256:{}']", fingerprint.to_lowercase().replace(':', "")),
            "17:16",
            "an earlier caller has the same name",
        ),
    ] {
        config.write(&broken);
        let words = ["--listen", "127.0.0.1:0", "--config", &config.path()];
        let output = std::process::Command::new(&*super::GATEWAY).args(words).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.starts_with(&format!("{}:{place}: ", config.path())), "{broken}\n{error}");
        assert!(error.contains(trouble), "{error}");
    }
}

/// The file that the README shows, with the addresses of this test in it.
#[test]
fn the_readme_shows_a_file_that_is_right() {
    let Some(own) = authority("readme") else { return };
    own.issue_client("device", "device 7", Some("DNS:device-7.example"), "2");
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, block) = readme.split_once("```toml\n").expect("a block of TOML in the README");
    let mut text = block.split_once("```").unwrap().0.to_owned();
    let (shop, received) = echo();
    for (shown, here) in [
        ("127.0.0.1:9000", shop.to_string()),
        ("gateway.pem", own.path("gateway")),
        ("gateway.key", own.path("gateway.key")),
        ("devices.pem", own.path("ca")),
    ] {
        assert_eq!(text.matches(shown).count(), 1, "{shown}");
        text = text.replace(shown, &here);
    }
    let config = Config::new("readme", &text);
    let gateway = config.start(&["--serial", "127.0.0.1:0"]);
    assert_eq!(Client::new(&own, None).call(&gateway, Some("s3cret")).unwrap().status, 200);
    assert_eq!(received.recv().unwrap().1.header("x-wx-openid"), Some("o-alice"));
    let mut link = Client::new(&own, Some((&own, "device"))).connect(&gateway);
    let shared = envelope("/", r#","resourceAppid":"WXAAA","resourceEnv":"prod-01""#);
    assert_eq!(link.call(None, &shared).unwrap().envelope()["statusCode"], 200);
    assert_eq!(received.recv().unwrap().1.header("x-wx-from-openid"), Some("o-device-7"));
}

/// Many devices, each with its own certificate, over connections that come and stay while the file is read again and
/// again: no call fails, and each is of the device that makes it.
#[test]
fn many_devices_while_the_file_is_reread() {
    const DEVICES: usize = 32;
    const CALLS: usize = 40;
    let Some(own) = authority("many") else { return };
    let (shop, received) = echo();
    let names: Vec<_> = (0..DEVICES).map(|number| format!("device-{number}")).collect();
    for name in &names {
        own.issue_client(name, name, None, "2");
    }
    let known: Vec<_> = names.iter().map(|name| format!("certificate = ['cn:{name}']")).collect();
    let callers: Vec<_> = names.iter().zip(&known).map(|(name, known)| (name.as_str(), known.as_str())).collect();
    let config = Config::new("many", &text(shop, &own, &client_ca(&own), &callers));
    let gateway = config.start(&[]);
    thread::scope(|scope| {
        let devices: Vec<_> = names
            .iter()
            .map(|name| {
                let (own, gateway) = (&own, &gateway);
                scope.spawn(move || {
                    let client = Client::new(own, Some((own, name)));
                    let mut link = client.connect(gateway);
                    for number in 0..CALLS {
                        let body = envelope("/", &format!(r#","method":"POST","data":"{name} {number}""#));
                        let answer = link.call(None, &body).unwrap();
                        assert_eq!(answer.envelope()["data"], format!("{name} {number}"));
                        if number % 8 == 7 {
                            link = client.connect(gateway);
                        }
                    }
                })
            })
            .collect();
        while !devices.iter().all(thread::ScopedJoinHandle::is_finished) {
            gateway.signal("HUP");
            while !gateway.log_line().contains(" event=reloaded ") {}
        }
    });
    let calls: Vec<_> = received.try_iter().collect();
    assert_eq!(calls.len(), DEVICES * CALLS);
    for (_, seen) in calls {
        let openid = seen.header("x-wx-openid").unwrap().strip_prefix("o-").unwrap().to_owned();
        assert!(String::from_utf8(seen.body).unwrap().starts_with(&(openid + " ")));
    }
}

/// A certificate is checked on every connection: no session is taken up again that would do without.
#[test]
fn no_session_is_taken_up_again() {
    let Some(own) = authority("session") else { return };
    own.issue_client("device", "device", None, "2");
    let (shop, _received) = echo();
    let callers = [("device", "certificate = ['cn:device']")];
    let config = Config::new("session", &text(shop, &own, &client_ca(&own), &callers));
    let gateway = config.start(&[]);
    for version in [&TLS13, &TLS12] {
        let client = Client::with(&own, Some((&own, "device")), &[version], &["http/1.1"]);
        for _ in 0..3 {
            let mut link = client.connect(&gateway);
            // Twice, so that a ticket would have come.
            for _ in 0..2 {
                assert_eq!(link.call(None, &envelope("/", "")).unwrap().status, 200);
            }
            assert_eq!(link.0.get_ref().conn.handshake_kind(), Some(HandshakeKind::Full));
        }
    }
}
