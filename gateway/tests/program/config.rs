//! A configuration file: what is right, what is wrong and where, and two environments in one gateway.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest as _, Sha256};

use super::GATEWAY;
use super::harness::{Answer, Gateway, assert_failure};
use super::random::{CASES, Random};
use super::service::echo;

/// A configuration file of a test, in a folder of its own.
pub struct Config {
    folder: PathBuf,
}

impl Config {
    pub fn new(test: &str, text: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config = Self { folder };
        config.write(text);
        config
    }

    pub fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(self.path(), text).unwrap();
    }

    pub fn path(&self) -> String {
        self.folder.join("gateway.toml").to_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn start(&self, more: &[&str]) -> Gateway {
        Gateway::start_with(&[&["--config", &self.path()], more].concat())
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The digest of a token, as a file has it.
pub fn hash(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the gateway does with a file.
fn run(path: &str, more: &[&str]) -> Output {
    let words = ["--listen", "127.0.0.1:0", "--config", path];
    Command::new(&*GATEWAY).args(words).args(more).stdin(Stdio::null()).output().unwrap()
}

const ENV: &str = "[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\nservices = { shop = '127.0.0.1:9000' }\n";

/// Files that are wrong where the mark is, and a part of the sentence that says why. `ENV` is an environment,
/// `CALLER` the beginning of a caller, `HASH` a digest.
const BROKEN: &[(&str, &str)] = &[
    ("§", "there is no environment"),
    ("§ENV", "nobody could call"),
    ("idle =  §s3cret", "not TOML"),
    ("ENV[[caller]§\nappid = 's3cret'", "not TOML"),
    ("ENV[[caller]]\nappid = 's3cret§\nopenid = 'o'", "not TOML"),
    ("ENV\n[[caller]]\nopenid = 'o-1'\n§openid = 's3cret'", "duplicate key"),
    ("ENV\n§[[caller]]\nopenid = 'o-1'\ntoken_sha256 = ['HASH']", "appid is missing"),
    ("ENV\n§[[caller]]\nappid = 'WXAAA'\ntoken_sha256 = ['HASH']", "openid is missing"),
    ("ENV§[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\n", "nothing shows who this caller is"),
    ("ENV§[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\ntoken_sha256 = []", "nothing shows who this caller is"),
    ("ENV§[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\nserial = false", "nothing shows who this caller is"),
    ("ENVCALLER§s3cret = 1\ntoken_sha256 = ['HASH']", "there is no such key"),
    ("ENVCALLER§token = 's3cret'", "does not stand in a file"),
    ("ENVCALLERtoken_sha256 = §'HASH'", "array of texts"),
    ("ENVCALLERtoken_sha256 = ['HASH', §'s3cret']", "64 hexadecimal digits"),
    ("ENVCALLERtoken_sha256 = [§'+f3cre7+f3cre7+f3cre7+f3cre7+f3cre7+f3cre7+f3cre7+f3cre7+f3cre7+']", "64 hexadecimal"),
    ("ENVCALLERtoken_sha256 = [§'HASH0']", "64 hexadecimal digits"),
    ("ENVCALLERtoken_sha256 = ['HASH',\n  # 茶\n  §'HASH']", "this token is given twice"),
    ("ENVCALLERtoken_sha256 = ['HASH']\nCALLERtoken_sha256 = [§'HASH']", "an earlier caller has the same token"),
    ("ENVCALLERtoken_sha256 = [§'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']", "empty text"),
    ("ENVCALLERtoken_sha256 = [§5]", "text in quotation marks"),
    ("ENV[[caller]]\nappid = §'WXCCC'\nopenid = 'o-1'\ntoken_sha256 = ['HASH']", "no environment belongs to this app"),
    ("ENV[[caller]]\nappid = §''\nopenid = 'o-1'\ntoken_sha256 = ['HASH']", "appid: it is empty"),
    ("ENV[[caller]]\nappid = 'WXAAA'\nopenid = §\"s3cret\\n\"\ntoken_sha256 = ['HASH']", "openid: it holds a space"),
    ("ENVCALLERtoken_sha256 = ['HASH']\nunionid = §'s3cret,s3cret'", "unionid: it holds a space"),
    ("ENVCALLERtoken_sha256 = ['HASH']\naccess_token = §'s3cret s3cret'", "access_token: a token is"),
    ("ENVCALLERserial = §'s3cret'", "true or false"),
    ("ENVCALLERserial = true\nCALLER§serial = true", "an earlier one has them"),
    ("caller = §'s3cret'\nENV", "there may be several: write [[caller]]"),
    ("ENV§[caller]\nappid = 's3cret'", "there may be several: write [[caller]]"),
    ("ENV\n§caller = ['s3cret']", "there is no such key"),
    ("caller = [§'s3cret']\nENV", "caller is a table"),
    ("§s3cret = 's3cret'\nENVCALLERtoken_sha256 = ['HASH']", "there is no such key; here may stand idle"),
    ("idle = §0\nENVCALLERtoken_sha256 = ['HASH']", "whole number of seconds"),
    ("idle = §-5\nENVCALLERtoken_sha256 = ['HASH']", "whole number of seconds"),
    ("idle = §1.5\nENVCALLERtoken_sha256 = ['HASH']", "whole number of seconds"),
    ("idle = §'s3cret'\nENVCALLERtoken_sha256 = ['HASH']", "whole number of seconds"),
    ("idle = §4_294_967_296\nENVCALLERtoken_sha256 = ['HASH']", "whole number of seconds"),
    ("proxies = [§'s3cret']\nENVCALLERtoken_sha256 = ['HASH']", "proxies: invalid IP address"),
    ("proxies = ['10.0.0.1', §'::ffff:10.0.0.1']\nENVCALLERtoken_sha256 = ['HASH']", "given twice"),
    ("ENVpublic = §'yes'", "public is true or false"),
    ("ENVpublic = true\n§port = 1", "there is no such key; here may stand name"),
    ("ENVshared_with = ['WXBBB', §'WXBBB']\npublic = true", "this app is given twice"),
    ("ENVshared_with = [§'WXAAA']\npublic = true", "this app owns the environment"),
    ("ENVshared_with = [§'WX BB']\npublic = true", "shared_with: it holds a space"),
    ("ENVshared_with = §'WXBBB'\npublic = true", "array of texts"),
    ("ENVpublic = true\n§[[env]]\nname = 'PROD-01'\nowner = 'WXBBB'\nservices = { a = 'b:1' }", "given twice"),
    ("§[[env]]\nowner = 'WXAAA'\npublic = true\nservices = { a = 'b:1' }", "name is missing"),
    ("§[[env]]\nname = 'prod-01'\npublic = true\nservices = { a = 'b:1' }", "owner is missing"),
    ("§[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true", "services is missing"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices = §{}", "an environment has a service"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices = §['a']", "services is a table"),
    ("[[env]]\nname = §7\nowner = 'WXAAA'\npublic = true\nservices = { a = 'b:1' }", "name is a text"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices.a = §'b'", "no ':'"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices = {a = 'b:1', c = §'b:0'}", "port is not"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices = {§1a = 'b:1'}", "begins with a letter"),
    ("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\nservices = {a = 'b:1', §a = 'b:2'}", "duplicate key"),
    (
        "[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\npublic = true\n[env.services]\na = §['b:1']",
        "text in quotation marks",
    ),
];

/// Every error says where it is, what is wrong, and nothing that may be a secret.
#[test]
fn what_is_wrong_and_where() {
    let config = Config::new("broken", "");
    let path = config.path();
    let mut wrong = Vec::new();
    for (marked, sentence) in BROKEN {
        let caller = "[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\n";
        let marked = marked.replace("ENV", ENV).replace("CALLER", caller).replace("HASH", &hash("token"));
        let (before, after) = marked.split_once('§').unwrap();
        config.write(before.to_owned() + after);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let output = run(&path, &[]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!error.contains("3cre"), "{error}");
        let is_right = output.status.code() == Some(2)
            && output.stdout.is_empty()
            && error.starts_with(&format!("{path}:{line}:{column}: "))
            && error.contains(sentence)
            && error.lines().count() == 1;
        if !is_right {
            wrong.push(format!("{marked}\n{sentence}\n{error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All that is wrong is told at once, in the order of the file.
#[test]
fn several_errors() {
    let config = Config::new("several", "idle = 0\nproxies = ['a']\n[[env]]\nname = ''\n[[caller]]\nappid = 'a b'\n");
    let error = String::from_utf8(run(&config.path(), &[]).stderr).unwrap();
    let places: Vec<_> = error.lines().map(|line| line.strip_prefix(&config.path()).unwrap()).collect();
    let starts = [":1:8: idle", ":2:12: proxies", ":3:1: owner", ":3:1: services", ":4:8: name", ":5:1: openid"];
    assert!(places.iter().zip(starts).all(|(place, start)| place.starts_with(start)), "{error}");
    assert_eq!(places.len(), 7, "{error}");
}

#[test]
fn what_is_no_text() {
    let config = Config::new("bytes", "");
    config.write(b"# \xe8\x8c\xb6\nidle = 5 # \xff\n");
    let error = String::from_utf8(run(&config.path(), &[]).stderr).unwrap();
    assert_eq!(error, format!("{}:2:12: what stands here is not UTF-8\n", config.path()));
    let gone = config.path() + ".gone";
    let output = run(&gone, &[]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("{gone}:1:1: the file cannot be read: ")), "{error}");
}

/// What the file describes is described there alone.
#[test]
fn options_beside_a_file() {
    let config = Config::new("beside", &format!("{ENV}public = true"));
    for more in [
        &["--env", "prod-02"][..],
        &["--owner", "WXAAA"],
        &["--share", "WXBBB"],
        &["--service", "shop=127.0.0.1:9000"],
        &["--caller", "s3cret=WXAAA,o-1"],
        &["--access-token", "s3cret=value"],
        &["--public"],
        &["--proxy", "10.0.0.1"],
        &["--idle", "60"],
        &["--serial", "127.0.0.1:0", "--serial-caller", "s3cret"],
    ] {
        let output = run(&config.path(), more);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}: {error}");
        assert!(error.contains("cannot be used with") && error.contains("--config <FILE>"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
    // A line is somebody's.
    config.write(format!("{ENV}[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\ntoken_sha256 = ['{}']\n", hash("token")));
    let output = run(&config.path(), &["--serial", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("{}:1:1: --serial needs a caller", config.path())), "{error}");
}

/// An envelope for a service of an environment, by an app that may have to name the owner.
fn envelope(env: &str, service: &str, owner: Option<&str>) -> String {
    let resource = owner.map(|owner| format!(r#""resourceAppid":"{owner}","resourceEnv":"{env}","#));
    format!(
        r#"{{{}"config":{{"env":"{env}"}},"path":"/","method":"POST","service":"{service}","data":"{env}"}}"#,
        resource.unwrap_or_default()
    )
}

/// Asks for a service as with the open API, with this host.
fn open(gateway: &Gateway, host: &str, token: &str, service: &str) -> Answer {
    let head = format!("GET /v1/cloudrun/{service}/a HTTP/1.1\r\nHost: {host}\r\n");
    gateway.connect().ask(&format!("{head}Authorization: Bearer {token}\r\n\r\n"))
}

/// Two environments of two owners, the second shared with the first: who may call which, and as whom.
#[test]
fn two_environments() {
    let (shop, seen_by_shop) = echo();
    let (cafe, seen_by_cafe) = echo();
    let text = format!(
        "
[[env]]
name = 'prod-01'
owner = 'WXAAA'
services = {{ shop = '{shop}' }}

[[env]]
name = 'prod-02'
owner = 'WXBBB'
shared_with = ['WXAAA']
public = true
services = {{ shop = '{cafe}', cafe = '{cafe}' }}

[[caller]]
appid = 'WXAAA'
openid = 'o-alice'
unionid = 'u-alice'
access_token = 'for-alice'
token_sha256 = ['{}', '{}']
serial = true

[[caller]]
appid = 'WXBBB'
openid = 'o-bob'
token_sha256 = ['{}']
",
        hash("alice"),
        hash("alice-2"),
        hash("bob").to_uppercase(),
    );
    let config = Config::new("two", &text);
    let gateway = config.start(&["--serial", "127.0.0.1:0"]);
    // Every token of a caller is its own.
    for token in ["alice", "alice-2"] {
        let reply = gateway.call(Some(token), &envelope("prod-01", "shop", None));
        assert_eq!(reply["data"], "prod-01", "{reply}");
        let (_, seen) = seen_by_shop.recv().unwrap();
        assert_eq!(seen.header("x-wx-openid"), Some("o-alice"));
        assert_eq!(seen.header("x-wx-unionid"), Some("u-alice"));
        assert_eq!(seen.header("x-wx-env"), Some("prod-01"));
        assert_eq!(seen.header("x-wx-cloudbase-access-token"), Some("for-alice"));
    }
    // The digest of a token is no token.
    let answer = gateway.connect().call(Some(&hash("alice")), &envelope("prod-01", "shop", None));
    assert_failure(&answer.envelope(), -501_000, "Authorization mismatch uin");
    // The same name, in the environment that is shared.
    let reply = gateway.call(Some("alice"), &envelope("prod-02", "shop", Some("WXBBB")));
    assert_eq!(reply["data"], "prod-02", "{reply}");
    let (_, seen) = seen_by_cafe.recv().unwrap();
    assert_eq!(seen.header("x-wx-from-openid"), Some("o-alice"));
    assert_eq!(seen.header("x-wx-env"), Some("prod-02"));
    // Another app must say whose it means.
    assert_failure(&gateway.call(Some("alice"), &envelope("prod-02", "cafe", None)), -501_000, "Authorization");
    // What is shared in one direction is not in the other.
    for owner in [None, Some("WXAAA")] {
        let reply = gateway.call(Some("bob"), &envelope("prod-01", "shop", owner));
        assert_failure(&reply, -501_000, "Authorization mismatch uin");
    }
    // A name may be escaped.
    let escaped = envelope("prod-01", "shop", None).replacen("\"prod-01", "\"prod\\u002d01", 1);
    assert_eq!(gateway.call(Some("alice"), &escaped)["data"], "prod-01", "{escaped}");
    assert_eq!(seen_by_shop.recv().unwrap().1.header("x-wx-env"), Some("prod-01"));
    // A service belongs to its environment.
    assert_failure(&gateway.call(Some("alice"), &envelope("prod-01", "cafe", None)), -501_000, "Invalid host");
    assert_failure(&gateway.call(Some("alice"), &envelope("prod-03", "shop", None)), -501_000, "Invalid host");
    // One environment is open to the public network, the other is not.
    assert_eq!(gateway.call(None, &envelope("prod-02", "cafe", None))["data"], "prod-02");
    assert_eq!(seen_by_cafe.recv().unwrap().1.identity(), []);
    assert_failure(&gateway.call(None, &envelope("prod-01", "shop", None)), -501_000, "Authorization mismatch uin");

    // The open API finds the environment by the host.
    for host in ["prod-02.api.example.com", "PROD-02.api.example.com:8080", "prod-02"] {
        for (token, service) in [("bob", "cafe"), ("alice", "shop")] {
            assert_eq!(open(&gateway, host, token, service).status, 200, "{host}");
            assert_eq!(seen_by_cafe.recv().unwrap().1.identity(), []);
        }
    }
    assert_eq!(open(&gateway, "prod-01.api.example.com", "alice", "shop").status, 200);
    seen_by_shop.recv().unwrap();
    assert_eq!(open(&gateway, "prod-01.api.example.com", "alice", "cafe").status, 404);
    // A caller of another environment is none of this one.
    assert_eq!(open(&gateway, "prod-01.api.example.com", "bob", "shop").status, 401);
    for host in ["api.example.com", "prod-01x.api.example.com", "prod.example.com", "", "[::1]:80"] {
        let answer = open(&gateway, host, "alice", "shop");
        assert_eq!(answer.status, 400, "{host}");
        assert!(answer.text().contains("the host names no environment"), "{host}: {}", answer.text());
    }
    // The target says more than the header.
    let target = "GET http://prod-02.api.example.com/v1/cloudrun/cafe/ HTTP/1.1\r\nHost: prod-01.api.example.com\r\n";
    assert_eq!(gateway.connect().ask(&format!("{target}Authorization: Bearer bob\r\n\r\n")).status, 200);
    seen_by_cafe.recv().unwrap();

    // Serial lines are those of one caller.
    let mut line = super::harness::Connection::to(gateway.serial());
    line.write((envelope("prod-01", "shop", None) + "\n").as_bytes());
    let mut reply = String::new();
    std::io::BufRead::read_line(&mut line.stream, &mut reply).unwrap();
    assert!(reply.contains("\"data\":\"prod-01\""), "{reply}");
    assert_eq!(seen_by_shop.recv().unwrap().1.header("x-wx-openid"), Some("o-alice"));
    assert!(seen_by_shop.try_iter().next().is_none() && seen_by_cafe.try_iter().next().is_none());
}

/// What the page says makes a digest.
#[test]
fn a_digest_by_the_tools_of_the_system() {
    let output = Command::new("sh").args(["-c", "printf %s s3cret | sha256sum"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().split(' ').next(), Some(hash("s3cret").as_str()));
}

/// A file with anything in it is read, or refused in a place that it has; nothing in it stops the gateway.
#[test]
fn any_file_is_read_or_refused() {
    const PIECES: [&[u8]; 16] = [
        b"[",
        b"]",
        b"[[",
        b"=",
        b"'",
        b"\"",
        b"'''",
        b"{",
        b"}",
        b",",
        b".",
        b"\n",
        b"-1e9",
        b"\xff",
        b"\xe8\x8c\xb6",
        b"#",
    ];
    let caller = format!("[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\ntoken_sha256 = ['{}']\n", hash("token"));
    let right = format!("idle = 5\nproxies = ['10.0.0.1']\n[tls]\ncertificate = 'a'\nkey = 'b'\n{ENV}{caller}");
    let config = Config::new("any", "");
    let words = ["gateway", "--listen", "127.0.0.1:0", "--config", &config.path()];
    let options = callcontainer_gateway::Options::read(words).unwrap();
    let mut random = Random::new(5);
    let mut accepted = 0;
    for _ in 0..CASES {
        let mut bytes = right.clone().into_bytes();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            let end = (at + random.below(20)).min(bytes.len());
            let piece = PIECES[random.below(PIECES.len())];
            match random.below(3) {
                0 => drop(bytes.splice(at..at, piece.iter().copied())),
                1 => drop(bytes.splice(at..end, piece.iter().copied())),
                _ => {
                    let copy = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    drop(bytes.splice(to..to, copy));
                }
            }
        }
        config.write(&bytes);
        let Err(problems) = options.settings() else {
            // Without the table, which names files that are not there.
            accepted += 1;
            continue;
        };
        assert!(!problems.is_empty());
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.split('\n').collect();
        for problem in problems {
            let line = lines.get(problem.line - 1).unwrap_or_else(|| panic!("{problem}\n{text}"));
            assert!((1..=line.chars().count() + 1).contains(&problem.column), "{problem}\n{text}");
        }
    }
    assert!(accepted < CASES / 10, "{accepted}");
}
