//! The example `device` through TLS, to nginx in front of the gateway: it speaks to the server that it is meant to, and to
//! no other.

use std::fs;
use std::process::Command;

use super::authority::Authority;
use super::harness::{ENV, Gateway, OWN, example};
use super::nginx_server::Nginx;
use super::service::service;

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
