//! The example `device` through TLS, to nginx in front of the gateway: it speaks to the server that it is meant to, and to
//! no other.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::harness::{ENV, Gateway, OWN, example};
use super::nginx::Nginx;
use super::service::service;

/// Certificates, made on the spot by `openssl`.
struct Authority {
    folder: PathBuf,
}

/// What a certificate says of itself.
const SERVER: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:NAME\n";

impl Authority {
    /// `None`, with a line that says so, where there is no `openssl`.
    fn new(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            // Where the harness does not hide it, which catches what `eprintln!` prints.
            #[allow(clippy::explicit_write)]
            writeln!(io::stderr(), "skipped: no openssl, which Debian packages").unwrap();
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let authority = Self { folder };
        authority.key("ca");
        authority.openssl(&[
            "req", "-x509", "-new", "-key", "ca.key", "-sha256", "-days", "2", "-subj", "/CN=test", "-out", "ca",
        ]);
        authority.openssl(&["x509", "-in", "ca", "-outform", "DER", "-out", "ca.der"]);
        Some(authority)
    }

    fn openssl(&self, words: &[&str]) {
        let output = Command::new("openssl").current_dir(&self.folder).args(words).output().unwrap();
        assert!(output.status.success(), "openssl {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn key(&self, name: &str) {
        let key = format!("{name}.key");
        self.openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", &key]);
    }

    fn path(&self, file: &str) -> String {
        self.folder.join(file).to_str().unwrap().to_owned()
    }

    /// Makes a key and a certificate for it in `FILE.key` and `FILE`, for the server of this name, signed by `issuer`.
    fn issue(&self, file: &str, name: &str, issuer: &str, days: &str) {
        self.key(file);
        fs::write(self.folder.join("extensions"), SERVER.replace("NAME", name)).unwrap();
        let (key, request, subject) = (format!("{file}.key"), format!("{file}.request"), format!("/CN={name}"));
        self.openssl(&["req", "-new", "-key", &key, "-subj", &subject, "-out", &request]);
        let issuer_key = format!("{issuer}.key");
        let serial = std::process::id().to_string();
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            issuer,
            "-CAkey",
            &issuer_key,
            "-set_serial",
            &serial,
            "-sha256",
            "-days",
            days,
            "-extfile",
            "extensions",
            "-out",
            file,
        ]);
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// nginx that speaks TLS 1.3 as the server with this certificate, in front of the gateway.
fn front(authority: &Authority, file: &str, gateway: &Gateway) -> Option<Nginx> {
    let config = format!(
        "server {{\nlisten ADDRESS ssl;\nssl_protocols TLSv1.3;\nssl_certificate {};\nssl_certificate_key {};\n\
         location / {{ proxy_pass http://{}; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n}}\n",
        authority.path(file),
        authority.path(&format!("{file}.key")),
        gateway.address,
    );
    Nginx::start(&format!("tls-{file}"), &config, &[])
}

/// Calls, blocking and async, and returns what the body was, or what was said instead.
fn call(nginx: &Nginx, ca: &str, name: &str, path: &str) -> Result<String, String> {
    let run = |more: &[&str]| {
        let address = nginx.address.to_string();
        let words = ["--gateway", &address, "--token", OWN, "--tls", "--ca", ca, "--name", name];
        let call = ["--env", ENV, "--service", "shop", "--path", path];
        let output = Command::new(example("device")).args([&words[..], &call, more].concat()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if !output.status.success() {
            assert!(output.stdout.is_empty());
            return Err(said);
        }
        assert!(said.trim_end().ends_with("heap at most 0 bytes in 0 allocations"), "{said}");
        Ok(String::from_utf8(output.stdout).unwrap())
    };
    let blocking = run(&[]);
    assert_eq!(run(&["--async"]), blocking);
    blocking
}

#[test]
fn a_device_speaks_to_no_other_server() {
    let body = "茶".repeat(300_000);
    let large = body.clone();
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            link.respond(if request.line.contains("/large") { large.clone() } else { "\"hello\"".to_owned() });
        }
    });
    let gateway = Gateway::start(address, &[]);
    let (Some(own), Some(other)) = (Authority::new("own"), Authority::new("other")) else { return };
    own.issue("good", "gateway.test", "ca", "2");
    other.issue("foreign", "gateway.test", "ca", "2");
    // Valid for another name, and from it, though that is no authority, for this one.
    own.issue("neighbour", "neighbour.test", "ca", "2");
    own.issue("forged", "gateway.test", "neighbour", "2");
    let chain = [fs::read(own.path("forged")).unwrap(), fs::read(own.path("neighbour")).unwrap()].concat();
    fs::write(own.path("chain"), chain).unwrap();
    fs::copy(own.path("forged.key"), own.path("chain.key")).unwrap();

    let Some(good) = front(&own, "good", &gateway) else { return };
    for ca in [own.path("ca"), own.path("ca.der")] {
        assert_eq!(call(&good, &ca, "gateway.test", "/").as_deref(), Ok("hello"));
    }
    assert!(call(&good, &own.path("ca"), "gateway.test", "/large") == Ok(body));

    let refused = |nginx: &Nginx, ca: &str, name: &str| call(nginx, ca, name, "/").unwrap_err();
    // Another name than that of the certificate, and none that a certificate could have.
    assert_eq!(refused(&good, &own.path("ca"), "other.test"), "device: TLS: InvalidCertificate\n");
    assert_eq!(refused(&good, &own.path("ca"), "127.0.0.1"), "device: TLS: InvalidCertificate\n");
    // Another authority.
    assert_eq!(refused(&good, &other.path("ca"), "gateway.test"), "device: TLS: InvalidCertificate\n");
    for (authority, file) in [(&other, "foreign"), (&own, "neighbour"), (&own, "forged"), (&own, "chain")] {
        let nginx = front(authority, file, &gateway).unwrap();
        let said = refused(&nginx, &own.path("ca"), "gateway.test");
        assert!(said == "device: TLS: InvalidCertificate\n", "{file}: {said}");
    }
    // What is no certificate at all.
    fs::write(own.path("nothing"), "nothing").unwrap();
    assert!(refused(&good, &own.path("nothing"), "gateway.test").starts_with("device: TLS: "));
}
