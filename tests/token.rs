//! The example `token`: a device that signs in, renews its token in time, and shows it to nobody but the platform.
#![cfg(all(feature = "std", feature = "serde"))]

// It counts what is allocated.
#[path = "../examples/device/memory.rs"]
mod memory;
#[path = "../examples/token/session.rs"]
mod session;

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use callcontainer::client::{CallError, Deadline as _, StdTcp};
use callcontainer::{ErrorCode, Reply, Request};
use memory::Heap;
use serde_json::{Value, json};
use session::{Secret, Session, Trouble};

/// No step of a test takes longer, on a machine that does much else too, in milliseconds.
const PATIENCE: u32 = 120_000;

const LASTS: u64 = 7200;

/// What the platform knows, and does on request.
#[derive(Default)]
struct State {
    given: u32,
    /// The tokens that are good.
    access: Option<String>,
    refresh: Option<String>,
    /// How the next one differs.
    gives_no_refresh: bool,
    padding: usize,
    /// What the endpoints of tokens answer instead.
    sign_in: Option<u16>,
    grant: Option<u16>,
    /// Accepts no token at the door.
    is_closed: bool,
}

/// The platform: the endpoints that give tokens, and the door of the open API with a service behind it. Each connection
/// has one request.
struct Platform {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    seen: Receiver<String>,
}

impl Platform {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (state, (sender, seen)) = (Arc::<Mutex<State>>::default(), channel());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &shared, &sender);
            }
        });
        Self { address, state, seen }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// The endpoints that were asked since the last time.
    fn seen(&self) -> Vec<String> {
        self.seen.try_iter().collect()
    }

    fn connect(&self) -> io::Result<StdTcp> {
        let mut socket = StdTcp::connect(self.address, PATIENCE)?;
        socket.set_deadline(PATIENCE);
        Ok(socket)
    }

    /// Calls the service, and returns the status, or the code of the failure.
    fn call(&self, session: &mut Session<'_>, now: u64) -> Result<Result<u16, Option<ErrorCode>>, Trouble<io::Error>> {
        session.call(
            now,
            || self.connect(),
            &Request::new("/readings"),
            &mut [0; 8192],
            |reply| match reply {
                Reply::Response(response) => Ok(response.status()),
                Reply::Failure(failure) => Err(failure.code()),
            },
        )
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>, seen: &Sender<String>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).unwrap() == 0 {
            return;
        }
    }
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    let mut state = state.lock().unwrap();
    let fault = |code: &str| json!({"code": code, "message": "no", "requestId": "r-1"});
    let (name, status, answer) = match head.split(' ').nth(1).unwrap() {
        "/auth/v1/signin/anonymously" => {
            assert_eq!((header("x-device-id"), body.as_slice()), (Some("device-7"), &b"{}"[..]));
            ("sign in", state.sign_in.unwrap_or(200), None)
        }
        "/auth/v1/token" => {
            assert_eq!(header("x-device-id"), Some("device-7"));
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["grant_type"], "refresh_token");
            let is_good = body["refresh_token"].as_str() == state.refresh.as_deref();
            ("refresh", state.grant.unwrap_or(if is_good { 200 } else { 400 }), None)
        }
        "/v1/cloudrun/shop/readings" => {
            let token = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
            let is_good = !state.is_closed && token.is_some() && token == state.access.as_deref();
            let answer = if is_good { json!([21.5]) } else { fault("INVALID_CREDENTIALS") };
            ("call", if is_good { 200 } else { 401 }, Some(answer))
        }
        other => panic!("{other}"),
    };
    assert_eq!(header("authorization").is_some(), name == "call");
    let answer = answer.unwrap_or_else(|| {
        if status != 200 {
            return json!({"error": "invalid_grant", "error_code": 4001, "error_description": "no"});
        }
        state.given += 1;
        state.access = Some(format!("eyJ.access-{}.{}", state.given, "x".repeat(state.padding)));
        state.refresh = (!state.gives_no_refresh).then(|| format!("m.refresh-{}.{}", state.given, "x".repeat(100)));
        let mut answer = json!({
            "token_type": "Bearer", "access_token": state.access, "expires_in": LASTS,
            "scope": "anonymous", "sub": "u\n7", "groups": ["a", "b"],
        });
        if let Some(refresh) = &state.refresh {
            answer["refresh_token"] = refresh.as_str().into();
        }
        answer
    });
    // First, so that whoever has the answer finds it.
    let _ = seen.send(name.to_owned());
    let answer = answer.to_string();
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", answer.len());
    stream.get_mut().write_all((head + &answer).as_bytes()).unwrap();
}

#[test]
fn a_token_is_renewed_in_time() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    for (now, seen) in [
        (1000, &["sign in", "call"][..]),
        (1000, &["call"]),
        (1000 + LASTS - 61, &["call"]),
        (1000 + LASTS - 60, &["refresh", "call"]),
        (1000 + LASTS, &["call"]),
        // Much too late.
        (u64::MAX, &["refresh", "call"]),
    ] {
        assert_eq!(platform.call(&mut session, now).unwrap(), Ok(200));
        assert_eq!(platform.seen(), seen, "{now}");
    }
}

#[test]
fn a_token_that_is_refused_is_replaced_once() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    platform.call(&mut session, 0).unwrap().unwrap();
    platform.seen();
    platform.set(|state| state.access = None);
    assert_eq!(platform.call(&mut session, 1).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["call", "refresh", "call"]);
    // And no more often, whatever it is.
    platform.set(|state| state.is_closed = true);
    assert_eq!(platform.call(&mut session, 2).unwrap(), Err(Some(ErrorCode::ACCESS_DENIED)));
    assert_eq!(platform.seen(), ["call", "refresh", "call"]);
    // Nor where it has only just been renewed.
    assert_eq!(platform.call(&mut session, 2 * LASTS).unwrap(), Err(Some(ErrorCode::ACCESS_DENIED)));
    assert_eq!(platform.seen(), ["refresh", "call"]);
    platform.set(|state| state.is_closed = false);
    assert_eq!(platform.call(&mut session, 2 * LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["call"]);
}

#[test]
fn whoever_cannot_refresh_signs_in_again() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    platform.call(&mut session, 0).unwrap().unwrap();
    platform.seen();
    // The platform does not know it, or has another answer that is none.
    platform.set(|state| state.refresh = None);
    assert_eq!(platform.call(&mut session, LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["refresh", "sign in", "call"]);
    platform.set(|state| state.grant = Some(500));
    assert_eq!(platform.call(&mut session, 2 * LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["refresh", "sign in", "call"]);
    // One that never had one.
    platform.set(|state| state.gives_no_refresh = true);
    assert_eq!(platform.call(&mut session, 3 * LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["refresh", "sign in", "call"]);
    assert_eq!(platform.call(&mut session, 4 * LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["sign in", "call"]);
}

#[test]
fn nothing_is_called_without_a_token() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    platform.set(|state| state.sign_in = Some(403));
    assert!(matches!(platform.call(&mut session, 0), Err(Trouble::SignIn(403))));
    assert_eq!(platform.seen(), ["sign in"]);
    platform.set(|state| (state.sign_in, state.padding) = (None, 4096));
    assert!(matches!(platform.call(&mut session, 0), Err(Trouble::TooLong)));
    assert_eq!(platform.seen(), ["sign in"]);
    // As long as may be.
    platform.set(|state| state.padding = 4096 - "eyJ.access-2.".len());
    assert_eq!(platform.call(&mut session, 0).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["sign in", "call"]);

    // What only fails for now costs no token.
    platform.set(|state| state.grant = Some(429));
    assert!(matches!(platform.call(&mut session, LASTS), Err(Trouble::SignIn(429))));
    let nowhere = || Err::<StdTcp, _>(io::ErrorKind::ConnectionRefused.into());
    let failed = session.call(LASTS, nowhere, &Request::new("/"), &mut [0; 8192], |_| ());
    assert!(matches!(failed, Err(Trouble::Connect(_))));
    platform.set(|state| state.grant = None);
    assert_eq!(platform.call(&mut session, LASTS).unwrap(), Ok(200));
    assert_eq!(platform.seen(), ["refresh", "refresh", "call"]);

    // A buffer that is too small for the tokens.
    let failed = session.call(2 * LASTS, || platform.connect(), &Request::new("/"), &mut [0; 1024], |_| ());
    assert!(matches!(failed, Err(Trouble::Call(CallError::Reply(_)))), "{failed:?}");
}

#[test]
fn nobody_is_shown_a_token() {
    assert_eq!(format!("{:?}", Secret::<16>::new("eyJ.access")), "Some(Secret(..))");
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    platform.call(&mut session, 0).unwrap().unwrap();
    let mut shown = format!("{session:?} {session:#?}");
    assert!(shown.contains("Secret(..)") && shown.contains("device-7"), "{shown}");
    // What is said of each trouble.
    let mut note = |result: Result<_, Trouble<io::Error>>| match result {
        Err(trouble) => shown += &format!("{trouble} {trouble:?}"),
        Ok(done) => shown += &format!("{done:?}"),
    };
    platform.set(|state| state.is_closed = true);
    note(platform.call(&mut session, 0));
    platform.set(|state| (state.grant, state.sign_in) = (Some(400), Some(400)));
    note(platform.call(&mut session, 2 * LASTS));
    platform.set(|state| (state.grant, state.sign_in, state.padding) = (None, None, 4096));
    note(platform.call(&mut session, 2 * LASTS));
    platform.set(|state| state.padding = 2000);
    let small = session.call(2 * LASTS, || platform.connect(), &Request::new("/"), &mut [0; 1024], |_| Ok(200));
    note(small);
    assert!(!shown.contains("eyJ") && !shown.contains("refresh-"), "{shown}");
}

#[test]
fn no_call_allocates() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let mut session = Session::new(&host, "shop", "device-7");
    let heap = Heap::watch();
    for now in [0, 1, LASTS, 2 * LASTS] {
        assert!(matches!(platform.call(&mut session, now), Ok(Ok(200))));
    }
    platform.set(|state| state.access = None);
    assert!(matches!(platform.call(&mut session, 2 * LASTS), Ok(Ok(200))));
    assert_eq!(heap.used(), (0, 0));
}

/// The program itself, beside which this test's own binary stands.
#[test]
fn the_program_shows_what_the_service_says() {
    let platform = Platform::start();
    let host = platform.address.to_string();
    let this = std::env::current_exe().unwrap();
    let examples = this.parent().unwrap().parent().unwrap().join("examples");
    let example = examples.join(format!("token{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "no {}: `cargo build --example token` makes it", example.display());
    let run = |is_success: bool| {
        let words = ["--env", "prod-01", "--service", "shop", "--path", "/readings", "--device-id", "device-7"];
        let mut command = Command::new(&example);
        let output = command.args(words).args(["--calls", "2", "--pause", "0", "--plain", &host]).output().unwrap();
        assert_eq!(output.status.success(), is_success);
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(true), ("[21.5]\n[21.5]\n".to_owned(), "token: status 200\n".repeat(2)));
    assert_eq!(platform.seen(), ["sign in", "call", "call"]);
    platform.set(|state| state.is_closed = true);
    let (body, said) = run(false);
    assert_eq!(body, "");
    assert_eq!(said.matches("errMsg: INVALID_CREDENTIALS: no, requestId r-1").count(), 2, "{said}");
    platform.set(|state| state.sign_in = Some(403));
    assert_eq!(run(false), (String::new(), "token: no token, HTTP status 403\n".to_owned()));
}
