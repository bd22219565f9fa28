//! The example `device`, run against the gateway: little memory, and all of a reply.

use std::net::SocketAddr;
use std::process::{Command, Output};

use super::harness::{ENV, Gateway, OWN, envelope, example};
use super::service::{nobody, service};

/// What stands at the end of a path, as a number.
fn number(line: &str) -> usize {
    let digits = line.split(' ').nth(1).unwrap().rsplit('/').next().unwrap();
    digits.parse().unwrap()
}

/// JSON of a length, without white space, which would not travel.
fn json(length: usize) -> String {
    format!("[{}{}]", "1,".repeat((length - 3) / 2), "1".repeat(1 + (length - 3) % 2))
}

/// What is no JSON, of a length before it is escaped.
fn text(length: usize) -> String {
    "a \"b\"\n好 ".chars().cycle().take(length).collect()
}

/// A container whose paths end in the length of what it answers.
fn container() -> SocketAddr {
    service(|mut link| {
        while let Some(request) = link.request() {
            let length = number(&request.line);
            link.respond(if request.line.contains("/text/") { text(length) } else { json(length) });
        }
    })
}

/// Calls the service with the device, one way after the other, and checks what it says of its memory.
fn device(way: &[&str], path: &str, is_response: bool) -> (String, String) {
    let run = |more: &[&str]| -> Output {
        let words = [way, &["--env", ENV, "--service", "shop", "--path", path], more].concat();
        Command::new(example("device")).args(words).output().unwrap()
    };
    let [blocking, asynchronous] = [run(&[]), run(&["--async"])];
    let error = String::from_utf8(blocking.stderr).unwrap();
    assert_eq!(blocking.status.success(), is_response, "{error}");
    assert_eq!(asynchronous.status.success(), is_response, "{}", String::from_utf8_lossy(&asynchronous.stderr));
    assert!(blocking.stdout == asynchronous.stdout, "the same however it is called");
    for said in [&error, &String::from_utf8(asynchronous.stderr).unwrap()] {
        let memory = said.lines().find(|line| line.contains("window")).unwrap_or_else(|| panic!("{said}"));
        assert!(memory.starts_with("device: window 512 bytes, "), "{memory}");
        assert!(memory.ends_with(" heap at most 0 bytes in 0 allocations"), "{said}");
    }
    (String::from_utf8(blocking.stdout).unwrap(), error)
}

#[test]
fn a_thousand_kibibytes_pass_through_a_window_of_512_bytes() {
    let gateway = Gateway::start(container(), &["--serial", "127.0.0.1:0", "--serial-caller", OWN]);
    let (address, serial) = (gateway.address.to_string(), gateway.serial().to_string());
    let ways =
        [&["--gateway", &address, "--token", OWN][..], &["--serial", &serial], &["--serial", &serial, "--check"]];

    // So much stands around a body of seven digits in its envelope, where the ID has 16 characters.
    let call = envelope("/json/1000000", r#","callID":"0123456789abcdef""#);
    let around = gateway.connect().call(Some(OWN), &call).text().len() - 1_000_000;
    let longest = 1_024_000 - around;
    for way in ways {
        let (body, said) = device(way, &format!("/json/{longest}"), true);
        assert!(body == json(longest), "all of {} bytes", body.len());
        assert!(said.contains("device: status 200\n"), "{said}");

        let (body, said) = device(way, &format!("/json/{}", longest + 1), false);
        assert_eq!(body, "");
        assert!(said.contains("device: failure -606002\n"), "{said}");
        assert!(said.starts_with("cloud.callContainer:fail Error: errCode: -606002 | errMsg: "), "{said}");

        let (body, _) = device(way, "/text/600000", true);
        assert!(body == text(600_000), "all of {} bytes", body.len());
    }
}

#[test]
fn what_is_wrong_is_said() {
    let gateway = Gateway::start(container(), &[]);
    let address = gateway.address.to_string();
    let (body, said) = device(&["--gateway", &address, "--token", "unknown"], "/json/3", false);
    assert_eq!(body, "");
    assert!(said.contains("errCode") || said.contains("401"), "{said}");

    let nobody = nobody().to_string();
    let words = ["--gateway", &nobody, "--token", OWN, "--env", ENV];
    let output = Command::new(example("device")).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("device: "));

    let refuses = ["--gateway", "a:1", "--token", "t", "--env", ENV, "--check"];
    for words in
        [&["--env", ENV][..], &refuses, &["--gateway", "a:1", "--env", ENV], &["--gateway", "a:1", "--token", "t"]]
    {
        let output = Command::new(example("device")).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
    }
}
