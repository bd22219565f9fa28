//! Time that passes when nothing else can happen, and whatever goes on in it.
//!
//! It knows tasks and moments. It must never know what a task does.

use crate::random::Random;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// More than any run takes: what goes on longer hangs.
const TURNS: usize = 1_000_000;

pub struct World {
    /// In milliseconds.
    now: Cell<u64>,
    /// When something may happen that has not happened yet.
    moments: RefCell<BTreeSet<u64>>,
    /// Something has happened in this turn.
    stirred: Cell<bool>,
    turns: Cell<usize>,
    tasks: RefCell<Vec<Task>>,
    /// Tasks that the run waits for.
    awaited: Cell<usize>,
    random: RefCell<Random>,
}

impl World {
    pub fn new(random: Random) -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(0),
            moments: RefCell::default(),
            stirred: Cell::new(false),
            turns: Cell::new(0),
            tasks: RefCell::default(),
            awaited: Cell::new(0),
            random: RefCell::new(random),
        })
    }

    pub fn now(&self) -> u64 {
        self.now.get()
    }

    pub fn random<T>(&self, with: impl FnOnce(&mut Random) -> T) -> T {
        with(&mut self.random.borrow_mut())
    }

    /// Something has happened: others may have something to do.
    pub fn stir(&self) {
        self.stirred.set(true);
    }

    /// Something may happen then.
    pub fn expect_at(&self, moment: u64) {
        if moment > self.now() {
            self.moments.borrow_mut().insert(moment);
        }
    }

    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.stir();
        self.tasks.borrow_mut().push(Box::pin(task));
    }

    /// A task that [`run`](World::run) waits for.
    pub fn spawn_awaited(self: &Rc<Self>, task: impl Future<Output = ()> + 'static) {
        self.awaited.set(self.awaited.get() + 1);
        let world = Rc::clone(self);
        self.spawn(async move {
            task.await;
            world.awaited.set(world.awaited.get() - 1);
        });
    }

    pub fn run(&self) {
        while self.awaited.get() > 0 {
            self.turn();
        }
    }

    /// Polls to the end while everything else goes on.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            self.turn();
        }
    }

    pub async fn sleep(&self, milliseconds: u64) {
        let end = self.now() + milliseconds;
        poll_fn(|_| {
            self.expect_at(end);
            if self.now() >= end { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Lets every task go on once, in any order; time passes when that changes nothing.
    pub fn turn(&self) {
        self.turns.set(self.turns.get() + 1);
        assert!(self.turns.get() < TURNS, "it hangs");
        let mut tasks = self.tasks.take();
        let mut left = Vec::new();
        while !tasks.is_empty() {
            let at = self.random(|random| random.below(tasks.len()));
            let mut task = tasks.swap_remove(at);
            match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(()) => self.stir(),
                Poll::Pending => left.push(task),
            }
        }
        self.tasks.borrow_mut().append(&mut left);
        if !self.stirred.replace(false) {
            let moment = self.moments.borrow_mut().pop_first();
            self.now.set(moment.expect("nothing will ever happen again"));
        }
    }
}
