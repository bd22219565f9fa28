//! What is called, what belongs to it, and what came of it.
//!
//! It knows the one right answer to each call. It must never know how a call travels.

use crate::Tally;
use crate::random::Random;
use callcontainer::{Json, Method, Request, ResponseType};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Json,
    Bytes,
}

/// A call, and the answer to it.
#[derive(Clone, Debug)]
pub struct Made {
    pub number: usize,
    pub path: String,
    pub method: Method,
    /// JSON; nothing where it is empty.
    pub sent: String,
    pub kind: Kind,
    pub status: u16,
    pub answer: Vec<u8>,
    runs: usize,
    results: usize,
}

impl Made {
    pub fn request(&self) -> Request<'_> {
        let mut request = Request::new(&self.path).with_env("prod").with_service("shop").with_method(self.method);
        if !self.sent.is_empty() {
            request = request.with_data(Json::new(&self.sent).unwrap().into());
        }
        match self.kind {
            Kind::Text => request.with_data_type("text".into()),
            Kind::Json => request,
            Kind::Bytes => request.with_response_type(ResponseType::ArrayBuffer),
        }
    }
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Success,
    Refusal,
    Error,
}

pub struct Ledger {
    random: RefCell<Random>,
    calls: RefCell<Vec<Made>>,
    tally: Cell<Tally>,
    /// Nothing gets lost.
    succeeds: Cell<bool>,
    /// Bytes may change on their way.
    is_noisy: Cell<bool>,
    /// That they have is noticed.
    notices: Cell<bool>,
    /// What may run twice may be made again.
    repeats: Cell<bool>,
    /// So may everything else.
    repeats_all: Cell<bool>,
    /// Calls that nobody has sent.
    unsent: RefCell<Vec<usize>>,
}

impl Ledger {
    pub fn new(random: Random, succeeds: bool) -> Rc<Self> {
        Rc::new(Self {
            random: RefCell::new(random),
            calls: RefCell::default(),
            tally: Cell::default(),
            succeeds: Cell::new(succeeds),
            is_noisy: Cell::new(false),
            notices: Cell::new(false),
            repeats: Cell::new(false),
            repeats_all: Cell::new(false),
            unsent: RefCell::default(),
        })
    }

    pub fn let_bytes_change(&self, notices: bool) {
        self.is_noisy.set(true);
        self.notices.set(notices);
    }

    pub fn let_calls_be_repeated(&self) {
        self.repeats.set(true);
    }

    pub fn let_all_calls_be_repeated(&self) {
        self.repeats_all.set(true);
    }

    /// Whether a call with this method may be made again.
    pub fn may_repeat(&self, method: Method) -> bool {
        self.repeats_all.get() || self.repeats.get() && method.is_idempotent()
    }

    /// No byte of this call went out: it never runs.
    pub fn never(&self, number: usize) {
        self.unsent.borrow_mut().push(number);
    }

    /// How often the service ran this call.
    pub fn runs(&self, number: usize) -> usize {
        self.calls.borrow()[number].runs
    }

    /// From here on every call must succeed, with the bytes that were sent.
    pub fn expect_successes(&self) {
        self.is_noisy.set(false);
        self.succeeds.set(true);
    }

    pub fn is_noisy(&self) -> bool {
        self.is_noisy.get()
    }

    /// Whether what is taken may differ from what was sent.
    pub fn is_blind(&self) -> bool {
        self.is_noisy.get() && !self.notices.get()
    }

    /// A call like no other.
    pub fn new_call(&self) -> Made {
        let (mut random, mut calls) = (self.random.borrow_mut(), self.calls.borrow_mut());
        let number = calls.len();
        let unique = format!("{number}-{:016x}", random.next());
        let mut filler = |most: usize| "中\\n\u{e9}, ".repeat(random.below(most));
        let (long, sent) = (filler(120), filler(60));
        let kind = [Kind::Text, Kind::Json, Kind::Bytes][random.below(3)];
        let answer = match kind {
            Kind::Text => format!("{unique} \"{long}\"").into_bytes(),
            Kind::Json => format!(r#"{{"{unique}":["{long}"]}}"#).into_bytes(),
            Kind::Bytes => [unique.as_bytes(), &[0, b'\r', b'\n', b'"', 0xFF], long.as_bytes()].concat(),
        };
        let method = if random.chance(4) { Method::Get } else { Method::Post };
        let sent = if method == Method::Get { String::new() } else { format!(r#"{{"{unique}":"{sent}"}}"#) };
        let status = [200, 201, 404, 500][random.below(4)];
        let made =
            Made { number, path: format!("/calls/{number}"), method, sent, kind, status, answer, runs: 0, results: 0 };
        calls.push(made.clone());
        made
    }

    /// A service was called; what it answers.
    pub fn run(&self, path: &str, method: &str, body: &[u8]) -> Option<Made> {
        let mut calls = self.calls.borrow_mut();
        let number: Option<usize> = path.strip_prefix("/calls/").and_then(|number| number.parse().ok());
        let found = number.and_then(|number| calls.get_mut(number));
        if self.is_blind() {
            if let Some(made) = &found {
                self.compare(method == made.method.as_str() && body == made.sent.as_bytes());
            }
            return found.map(|made| made.clone());
        }
        let made = found.expect("a call that nobody made");
        assert_eq!((path, method), (made.path.as_str(), made.method.as_str()));
        assert_eq!(body, made.sent.as_bytes(), "call {}", made.number);
        made.runs += 1;
        assert!(made.runs == 1 || self.may_repeat(made.method), "call {} ran again", made.number);
        Some(made.clone())
    }

    /// Where bytes may change: whether what was taken is as it was sent.
    pub fn compare(&self, is_same: bool) {
        let mut tally = self.tally.get();
        tally.changed += usize::from(!is_same);
        self.tally.set(tally);
    }

    /// The one result of a call; `may_fail` says that it is meant not to come to its end.
    pub fn result(&self, number: usize, came: Came, may_fail: bool) {
        let made = &mut self.calls.borrow_mut()[number];
        made.results += 1;
        assert_eq!(made.results, 1, "a second result");
        if came == Came::Success && !self.is_blind() {
            assert!(made.runs > 0, "a success of what never ran");
        }
        assert!(came == Came::Success || may_fail || !self.succeeds.get(), "call {number} came to {came:?}");
        let mut tally = self.tally.get();
        match came {
            Came::Success => tally.successes += 1,
            Came::Refusal => tally.refusals += 1,
            Came::Error => tally.errors += 1,
        }
        self.tally.set(tally);
    }

    /// Each call has its result.
    pub fn finish(&self) -> Tally {
        let calls = self.calls.borrow();
        assert!(calls.iter().all(|made| made.results == 1));
        assert!(self.unsent.borrow().iter().all(|number| calls[*number].runs == 0));
        Tally { calls: calls.len(), ..self.tally.get() }
    }
}
