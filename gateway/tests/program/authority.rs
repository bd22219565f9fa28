//! Certificates, made on the spot by `openssl`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority, and the certificates that it signs.
pub struct Authority {
    folder: PathBuf,
}

/// What a certificate says of itself.
const SERVER: &str = "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:NAME\n";
const CLIENT: &str = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n";
const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";

/// The words that make a key.
const P256: &[&str] = &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"];
const RSA: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"];

impl Authority {
    /// `None`, with a line that says so, where there is no `openssl`.
    pub fn new(test: &str) -> Option<Self> {
        Self::with_key(test, P256)
    }

    /// As [`new`](Authority::new), with a key as the authorities of the public network have.
    pub fn with_rsa(test: &str) -> Option<Self> {
        Self::with_key(test, RSA)
    }

    fn with_key(test: &str, kind: &[&str]) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            // Where the harness does not hide it, which catches what `eprintln!` prints.
            #[allow(clippy::explicit_write)]
            writeln!(io::stderr(), "skipped: no openssl, which Debian packages").unwrap();
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let authority = Self { folder };
        authority.key("ca", kind);
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

    fn key(&self, name: &str, kind: &[&str]) {
        self.openssl(&[kind, &[&format!("{name}.key")]].concat());
    }

    pub fn path(&self, file: &str) -> String {
        self.folder.join(file).to_str().unwrap().to_owned()
    }

    /// Makes a key and a certificate for it in `FILE.key` and `FILE`, for the server of this name, signed by `issuer`.
    pub fn issue(&self, file: &str, name: &str, issuer: &str, days: &str) {
        self.key(file, P256);
        self.sign(file, name, issuer, days, &SERVER.replace("NAME", name));
    }

    /// Makes a key and a certificate for a client with this common name, and an alternative one as openssl writes it.
    pub fn issue_client(&self, file: &str, common: &str, alternative: Option<&str>, days: &str) {
        self.key(file, P256);
        let alternative = alternative.map(|name| format!("subjectAltName={name}\n")).unwrap_or_default();
        self.sign(file, common, "ca", days, &(CLIENT.to_owned() + &alternative));
    }

    /// As [`issue`](Authority::issue) for two days, with RSA keys, by an authority in between whose certificate comes
    /// with the server's.
    pub fn issue_rsa_chain(&self, file: &str, name: &str) {
        let between = format!("{file}.between");
        self.key(&between, RSA);
        self.sign(&between, "between", "ca", "2", AUTHORITY);
        self.key(file, RSA);
        self.sign(file, name, &between, "2", &SERVER.replace("NAME", name));
        let chain = [file, &between].map(|part| fs::read(self.folder.join(part)).unwrap()).concat();
        fs::write(self.folder.join(file), chain).unwrap();
    }

    fn sign(&self, file: &str, name: &str, issuer: &str, days: &str, extensions: &str) {
        fs::write(self.folder.join("extensions"), extensions).unwrap();
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
