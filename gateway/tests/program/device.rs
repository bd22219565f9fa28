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

/// Where the device looks for a token that is not on its command line.
const TOKEN: &str = "CALLCONTAINER_TOKEN";

/// Calls the service with the device, blocking and async, and checks what it says of its memory.
fn device(way: &[&str], path: &str, is_response: bool) -> (String, String) {
    let named: &[&str] = if way.contains(&"--service") { &[] } else { &["--service", "shop"] };
    let run = |more: &[&str]| -> Output {
        let words = [way, named, &["--env", ENV, "--path", path], more].concat();
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
    let ways = [
        &["--gateway", &nobody, "--token", OWN, "--env", ENV][..],
        &["--domain", &nobody],
        &["--domain", &nobody, "--tls"],
        &["--open-api", "--host", &nobody, "--service", "shop", "--token", OWN],
        // What is no token, and no name of a service.
        &["--open-api", "--host", &address, "--service", "shop", "--token", "two words"],
        &["--open-api", "--host", &address, "--service", "9", "--token", OWN],
    ];
    for words in ways {
        let output = Command::new(example("device")).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8(output.stderr).unwrap().starts_with("device: "));
    }
}

#[test]
fn options_that_do_not_fit_together() {
    let gateway = ["--gateway", "a:1", "--token", "t", "--env", ENV];
    let serial = ["--serial", "a:1", "--env", ENV];
    let domain = ["--domain", "a"];
    let open_api = ["--open-api", "--env", ENV, "--service", "shop", "--token", "t"];
    let without = |words: &[&'static str], name: &str| {
        let at = words.iter().position(|word| *word == name).unwrap();
        [&words[..at], &words[at + 2..]].concat()
    };
    let mut wrong = vec![
        vec!["--env", ENV],
        without(&gateway, "--token"),
        without(&gateway, "--env"),
        without(&serial, "--env"),
        without(&open_api, "--token"),
        without(&open_api, "--env"),
        without(&open_api, "--service"),
        ["--open-api", "--env", "two.labels", "--service", "shop", "--token", "t"].to_vec(),
    ];
    let more: [(&[&str], &[&[&str]]); 4] = [
        (
            &gateway,
            &[&["--check"], &["--host", "a"], &["--abroad"], &["--ca", "f"], &["--name", "a"], &serial, &domain],
        ),
        (&serial, &[&["--token", "t"], &["--tls"], &["--host", "a"], &["--abroad"], &domain, &["--open-api"]]),
        (&domain, &[&["--token", "t"], &["--check"], &["--host", "a"], &["--abroad"], &["--ca", "f"]]),
        (&open_api, &[&["--check"], &["--host", "a", "--abroad"], &["--ca", "f"], &gateway[..2], &domain]),
    ];
    for (way, additions) in more {
        wrong.extend(additions.iter().map(|addition| [way, addition].concat()));
    }
    for words in wrong {
        let output = Command::new(example("device")).args(&words).env_remove(TOKEN).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty());
    }
}

/// The platform itself, which nobody stands in front of: the service on its domain, and the open HTTP API, here that of
/// the gateway.
#[test]
fn a_service_is_called_without_a_gateway() {
    let container = container();
    let gateway = Gateway::start(container, &[]);
    let (domain, host) = (container.to_string(), gateway.address.to_string());
    let open_api = ["--open-api", "--host", &host, "--service", "shop", "--token", OWN];
    for way in [&["--domain", &domain][..], &open_api] {
        for (path, body) in [("/json/1000000", json(1_000_000)), ("/text/600000", text(600_000))] {
            let (heard, said) = device(way, path, true);
            assert!(heard == body, "all of {} bytes", heard.len());
            assert!(said.contains("device: status 200\n"), "{said}");
        }
    }
    // A token that the command line does not show.
    let words = ["--open-api", "--host", &host, "--service", "shop", "--path", "/json/7"];
    let output = Command::new(example("device")).args(words).env(TOKEN, OWN).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout, json(7).as_bytes());
}

#[test]
fn an_error_of_the_platform_is_a_failure() {
    let gateway = Gateway::start(nobody(), &[]);
    let host = gateway.address.to_string();
    for (service, token, code, name) in [
        ("shop", "unknown", -501_000, "INVALID_CREDENTIALS"),
        ("other", OWN, -501_000, "SERVICE_NOT_FOUND"),
        ("shop", OWN, -1, "SERVICE_NOT_READY"),
    ] {
        let way = ["--open-api", "--host", &host, "--service", service, "--token", token];
        let (body, said) = device(&way, "/json/3", false);
        assert_eq!(body, "");
        assert!(said.contains(&format!("device: failure {code}\n")), "{said}");
        assert!(said.starts_with("cloud.callContainer:fail Error: ") && said.contains(&format!("{name}: ")), "{said}");
        assert!(!said.contains(token), "{said}");
    }
}

/// What the service itself says is a response, whatever its status.
#[test]
fn an_error_of_the_service_is_a_response() {
    let container = service(|mut link| {
        while link.request().is_some() {
            link.write("HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy");
        }
    });
    let gateway = Gateway::start(container, &[]);
    let (domain, host) = (container.to_string(), gateway.address.to_string());
    for way in [&["--domain", &domain][..], &["--open-api", "--host", &host, "--service", "shop", "--token", OWN]] {
        let (body, said) = device(way, "/", true);
        assert_eq!(body, "busy");
        assert!(said.contains("device: status 503\n"), "{said}");
    }
}
