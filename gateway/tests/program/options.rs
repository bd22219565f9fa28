use std::process::{Command, Stdio};

use super::GATEWAY;

/// What the gateway says to wrong options.
#[track_caller]
fn refused(words: &[&str]) -> String {
    let output = Command::new(&*GATEWAY).args(words).stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
    assert!(output.stdout.is_empty(), "{words:?}");
    error
}

const RIGHT: [&str; 10] = [
    "--listen",
    "127.0.0.1:0",
    "--env",
    "prod-01",
    "--owner",
    "WXAAA",
    "--service",
    "shop=127.0.0.1:9000",
    "--caller",
    "token=WXAAA,o-1",
];

#[test]
fn every_value_that_is_wrong_has_a_word_of_its_own() {
    for (option, value, word) in [
        ("--listen", "localhost", "invalid socket address"),
        ("--listen", "127.0.0.1", "invalid socket address"),
        ("--listen", "127.0.0.1:65536", "invalid socket address"),
        ("--env", "", "empty"),
        ("--env", "a b", "space"),
        ("--env", "a\nb", "control character"),
        ("--owner", "WXAAA,x", "comma"),
        ("--share", "WX\"", "quotation mark"),
        ("--service", "shop", "no '='"),
        ("--service", "=127.0.0.1:80", "name"),
        ("--service", "1shop=127.0.0.1:80", "begins with a letter"),
        ("--service", "shop-=127.0.0.1:80", "ends with a letter"),
        ("--service", "s hop=127.0.0.1:80", "letters"),
        ("--service", "shop=127.0.0.1", "no ':'"),
        ("--service", "shop=127.0.0.1:0", "port"),
        ("--service", "shop=127.0.0.1:65536", "port"),
        ("--service", "shop=:80", "host"),
        ("--service", "shop=a b:80", "host"),
        ("--service", "shop=::1:80", "host"),
        ("--service", "shop=ftp://a:80", "http://, h2:// and https://"),
        ("--service", "shop=http://a", "no ':'"),
        ("--service", "shop=h2://a:80/", "port"),
        ("--service", "shop=https://a:0", "port"),
        ("--service", "shop=https://", "host"),
        ("--caller", "token", "no '='"),
        ("--caller", "=WXAAA,o-1", "a token is"),
        ("--caller", "to ken=WXAAA,o-1", "a token is"),
        ("--caller", "tok=en=WXAAA,o-1", "a token is"),
        ("--caller", "token2=WXAAA", "no openid"),
        ("--caller", "token2=,o-1", "appid is wrong: it is empty"),
        ("--caller", "token2=WXAAA,", "openid is wrong: it is empty"),
        ("--caller", "token2=WXAAA,o-1,", "unionid is wrong: it is empty"),
        ("--caller", "token2=WXAAA,o-1,u-1,x", "more than"),
        ("--proxy", "here", "invalid IP address"),
        ("--idle", "0", "0 is not in"),
        ("--idle", "1.5", "invalid digit"),
        ("--access-token", "token", "no '='"),
        ("--access-token", "=value", "a token is"),
        ("--access-token", "token=", "a token is"),
        ("--access-token", "token==", "a token is"),
        ("--access-token", "token=a=b", "a token is"),
        ("--access-token", "token=a b", "a token is"),
        ("--access-token", "other=value", "that of no --caller"),
    ] {
        let mut words = RIGHT.to_vec();
        match words.iter().position(|word| *word == option && matches!(option, "--listen" | "--env" | "--owner")) {
            Some(at) => words[at + 1] = value,
            None => words.extend([option, value]),
        }
        let error = refused(&words);
        assert!(error.contains(word), "{option} {value}: {error}");
        assert!(error.contains(option), "{option} {value}: {error}");
    }
}

#[test]
fn what_is_missing_or_stands_twice() {
    for missing in ["--listen", "--env", "--owner", "--service", "--caller"] {
        let at = RIGHT.iter().position(|word| *word == missing).unwrap();
        let words = [&RIGHT[..at], &RIGHT[at + 2..]].concat();
        assert!(refused(&words).contains(missing));
    }
    let error = refused(&[&RIGHT[..], &["--service", "shop=127.0.0.1:9001"]].concat());
    assert!(error.contains("'shop' is given twice"), "{error}");
    let error = refused(&[&RIGHT[..], &["--caller", "token=WXBBB,o-2"]].concat());
    assert!(error.contains("same token"), "{error}");
    let twice = ["--access-token", "token=a", "--access-token", "token=b"];
    assert!(refused(&[&RIGHT[..], &twice].concat()).contains("for the same caller"));
    // A line is somebody's.
    let serial = ["--serial", "127.0.0.1:0"];
    assert!(refused(&[&RIGHT[..], &serial].concat()).contains("--serial-caller"));
    assert!(refused(&[&RIGHT[..], &["--serial-caller", "token"]].concat()).contains("--serial <ADDR>"));
    assert!(refused(&[&RIGHT[..], &["--serial-checked"]].concat()).contains("--serial <ADDR>"));
    let error = refused(&[&RIGHT[..], &serial, &["--public", "--serial-caller", "s3cret"]].concat());
    assert!(error.contains("--serial-caller") && !error.contains("s3cret"), "{error}");
    assert!(refused(&[&RIGHT[..], &["--timeout", "5"]].concat()).contains("--timeout"));
}

/// The standard error of a service often ends up in a log.
#[test]
fn no_word_holds_a_token() {
    for value in ["s3cret=WXAAA", "s3cret", "s3cret=WXAAA,o-1,u-1,x", "s3cret s3cret=WXAAA,o-1"] {
        let error = refused(&[&RIGHT[..8], &["--caller", value]].concat());
        assert!(!error.contains("s3cret"), "{error}");
    }
    for value in ["s3cret", "s3cret=", "s3cret=s3cret s3cret", "token=s3cret=s3cret", "s3cret=s3cret"] {
        let error = refused(&[&RIGHT[..], &["--access-token", value]].concat());
        assert!(!error.contains("s3cret"), "{error}");
    }
    let error = refused(&[&RIGHT[..8], &["--caller", "s3cret=WXAAA,o-1", "--caller", "s3cret=WXBBB,o-2"]].concat());
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn an_address_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut words = RIGHT;
    words[1] = &address;
    let output = Command::new(&*GATEWAY).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("callcontainer-gateway: cannot listen on {address}: ")), "{error}");
}
