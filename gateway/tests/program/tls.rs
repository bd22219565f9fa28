//! The example `device` through TLS, to nginx in front of a service or the gateway: it speaks to the server that it is
//! meant to, and to no other.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use super::authority::Authority;
use super::harness::{ENV, Gateway, OWN, example};
use super::nginx_server::Nginx;
use super::service::{echo, service};

/// nginx that speaks TLS of this version as the server with this certificate, in front of a server.
fn front(authority: &Authority, file: &str, version: &str, behind: SocketAddr) -> Option<Nginx> {
    let config = format!(
        "server {{\nlisten ADDRESS ssl;\nssl_protocols {version};\nssl_certificate {};\nssl_certificate_key {};\n\
         location / {{ proxy_pass http://{behind}; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n}}\n",
        authority.path(file),
        authority.path(&format!("{file}.key")),
    );
    Nginx::start(&format!("tls-{file}-{version}-{}", behind.port()), &config, &[])
}

/// Calls this way, blocking and async, and returns what the body was, or what was said instead. Without `--ca`, the
/// system is made to trust the authorities in a file.
fn call(way: &[&str], trusted: Option<&str>, name: &str, path: &str) -> Result<String, String> {
    let run = |more: &[&str]| {
        let mut command = Command::new(example("device"));
        command.args(way).args(["--tls", "--name", name, "--env", ENV, "--path", path]).args(more);
        if let Some(file) = trusted {
            command.env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if !output.status.success() {
            assert_eq!(output.status.code(), Some(1));
            assert!(output.stdout.is_empty());
            return Err(said);
        }
        // Its TLS takes a heap where the system's authorities are trusted, and says so.
        let takes_none = said.trim_end().ends_with("heap at most 0 bytes in 0 allocations");
        assert_eq!(takes_none, trusted.is_none(), "{said}");
        Ok(String::from_utf8(output.stdout).unwrap())
    };
    let blocking = run(&[]);
    assert_eq!(run(&["--async"]), blocking);
    blocking
}

/// The ways of HTTP to these two servers.
fn ways<'a>(service: &'a str, gateway: &'a str) -> [Vec<&'a str>; 3] {
    [
        vec!["--gateway", gateway, "--service", "shop", "--token", OWN],
        vec!["--open-api", "--host", gateway, "--service", "shop", "--token", OWN],
        vec!["--domain", service],
    ]
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

    let Some(good) = front(&own, "good", "TLSv1.3", gateway.address) else { return };
    let Some(direct) = front(&own, "good", "TLSv1.3", address) else { return };
    let (service, gate) = (direct.address.to_string(), good.address.to_string());
    for way in ways(&service, &gate) {
        for ca in [own.path("ca"), own.path("ca.der")] {
            let way = [&way[..], &["--ca", &ca]].concat();
            assert_eq!(call(&way, None, "gateway.test", "/").as_deref(), Ok("hello"));
            assert!(call(&way, None, "gateway.test", "/large").as_ref() == Ok(&body));
        }
    }

    let refused = |nginx: &Nginx, ca: &str, name: &str| {
        let address = nginx.address.to_string();
        let way = ["--gateway", &address, "--service", "shop", "--token", OWN, "--ca", ca];
        call(&way, None, name, "/").unwrap_err()
    };
    // Another name than that of the certificate, and none that a certificate could have.
    assert_eq!(refused(&good, &own.path("ca"), "other.test"), "device: TLS: InvalidCertificate\n");
    assert_eq!(refused(&good, &own.path("ca"), "127.0.0.1"), "device: TLS: InvalidCertificate\n");
    // Another authority.
    assert_eq!(refused(&good, &other.path("ca"), "gateway.test"), "device: TLS: InvalidCertificate\n");
    for (authority, file) in [(&other, "foreign"), (&own, "neighbour"), (&own, "forged"), (&own, "chain")] {
        let nginx = front(authority, file, "TLSv1.3", gateway.address).unwrap();
        let said = refused(&nginx, &own.path("ca"), "gateway.test");
        assert!(said == "device: TLS: InvalidCertificate\n", "{file}: {said}");
    }
    // What is no certificate at all.
    fs::write(own.path("nothing"), "nothing").unwrap();
    assert!(refused(&good, &own.path("nothing"), "gateway.test").starts_with("device: TLS: "));
}

/// The certificates that the public network has: RSA, and an authority between the server's and the one that is trusted.
#[test]
fn a_device_trusts_the_authorities_of_its_system() {
    let body = "茶".repeat(300_000);
    let large = body.clone();
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            link.respond(if request.line.contains("/large") { large.clone() } else { "\"hello\"".to_owned() });
        }
    });
    let gateway = Gateway::start(address, &[]);
    let (Some(public), Some(own)) = (Authority::with_rsa("public"), Authority::new("private")) else { return };
    public.issue_rsa_chain("chain", "gateway.test");
    // The server's own certificate alone, without that of the authority in between.
    let leaf = fs::read_to_string(public.path("chain")).unwrap();
    let end = leaf.find("-----END CERTIFICATE-----\n").unwrap() + "-----END CERTIFICATE-----\n".len();
    fs::write(public.path("alone"), &leaf[..end]).unwrap();
    fs::copy(public.path("chain.key"), public.path("alone.key")).unwrap();
    own.issue("good", "gateway.test", "ca", "2");

    let trusted = public.path("ca");
    for version in ["TLSv1.2", "TLSv1.3"] {
        let Some(good) = front(&public, "chain", version, gateway.address) else { return };
        let Some(direct) = front(&public, "chain", version, address) else { return };
        let (service, gate) = (direct.address.to_string(), good.address.to_string());
        for way in ways(&service, &gate) {
            assert_eq!(call(&way, Some(&trusted), "gateway.test", "/").as_deref(), Ok("hello"));
            assert!(call(&way, Some(&trusted), "gateway.test", "/large").as_ref() == Ok(&body));
            // Another name, another authority, and a file that names none.
            let said = call(&way, Some(&trusted), "other.test", "/").unwrap_err();
            assert!(
                said.starts_with("device: TLS: invalid peer certificate: certificate not valid for name"),
                "{said}"
            );
            let said = call(&way, Some(&own.path("ca")), "gateway.test", "/").unwrap_err();
            assert!(said.starts_with("device: TLS: invalid peer certificate: "), "{said}");
            let said = call(&way, Some(&public.path("chain.key")), "gateway.test", "/").unwrap_err();
            assert_eq!(said, "device: TLS: the system names no authority that it trusts\n");
            // The one authority that is trusted has not signed it itself, and its key is no P-256.
            let way = [&way[..], &["--ca", &trusted]].concat();
            let said = call(&way, None, "gateway.test", "/").unwrap_err();
            assert!(said.starts_with("device: TLS: "), "{said}");
        }
    }
    let alone = front(&public, "alone", "TLSv1.3", gateway.address).unwrap();
    let gate = alone.address.to_string();
    let [way, ..] = ways("", &gate);
    let said = call(&way, Some(&trusted), "gateway.test", "/").unwrap_err();
    assert_eq!(said, "device: TLS: invalid peer certificate: UnknownIssuer\n");
    // What the system trusts is of use with every kind of key.
    let small = front(&own, "good", "TLSv1.3", gateway.address).unwrap();
    let gate = small.address.to_string();
    let [way, ..] = ways("", &gate);
    assert_eq!(call(&way, Some(&own.path("ca")), "gateway.test", "/").as_deref(), Ok("hello"));
}

/// What the server sees: the path of the service, behind that of the open API, and there alone a token.
#[test]
fn the_head_of_a_call_without_a_gateway() {
    let (service, received) = echo();
    let Some(own) = Authority::new("head") else { return };
    own.issue("good", "gateway.test", "ca", "2");
    let Some(nginx) = front(&own, "good", "TLSv1.3", service) else { return };
    let (address, ca) = (nginx.address.to_string(), own.path("ca"));
    for (way, line, token) in [
        (&["--domain", &address][..], "GET /a?b HTTP/1.1", None),
        (
            &["--open-api", "--host", &address, "--service", "shop", "--token", "k3y"],
            "GET /v1/cloudrun/shop/a?b HTTP/1.1",
            Some("Bearer k3y"),
        ),
    ] {
        let way = [way, &["--ca", &ca]].concat();
        assert_eq!(call(&way, None, "gateway.test", "/a?b").as_deref(), Ok(""));
        let calls: Vec<_> = received.try_iter().collect();
        assert_eq!(calls.len(), 2);
        for (_, seen) in calls {
            assert_eq!((seen.line.as_str(), seen.header("authorization")), (line, token));
        }
    }
}
