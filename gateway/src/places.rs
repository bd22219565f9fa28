//! Limits connections: how many there may be, which have a place, and which loses its place if there are too many.
//!
//! Knows addresses and how long a connection has waited, but nothing of its content.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::record;

/// The places of one listening socket.
pub struct Places {
    /// How many there are.
    all: usize,
    /// How many of them one address may have.
    share: usize,
    /// The addresses that may have all of them.
    proxies: Arc<[IpAddr]>,
    holders: Mutex<Vec<Arc<Holder>>>,
    /// A place has become free, or can be taken from a connection that waits.
    changed: Notify,
}

struct Holder {
    peer: IpAddr,
    /// Whose share this place is in; nobody's where there are no shares.
    sharer: Option<IpAddr>,
    /// Nothing once the place is another's.
    doing: Mutex<Option<Doing>>,
    /// The place has become another's.
    lost: Notify,
}

/// What goes on with a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Since then nothing of a request has come.
    Idle(Instant),
    /// The first of a request's head came then.
    Head(Instant),
    /// A request is under way.
    Request,
    /// Its answer is ready, but not all of it has been sent.
    Answer,
    /// Since then it has been up to the peer to close it.
    Closing(Instant),
}

impl Doing {
    /// Since when it has waited, if it does: nothing would be lost with the connection but the connection.
    fn waits(self) -> Option<Instant> {
        match self {
            Self::Idle(since) | Self::Head(since) | Self::Closing(since) => Some(since),
            Self::Request | Self::Answer => None,
        }
    }
}

/// The place of one connection. When it is dropped, it is free.
pub struct Place {
    places: Arc<Places>,
    holder: Arc<Holder>,
}

/// Why there is no place.
enum NoPlace {
    /// They are all taken, and a request is under way on each.
    ForAnyone,
    /// The address has its share, and a request is under way on each.
    ForThisAddress,
}

impl Places {
    /// So many places, of which one address may have its share, or all of them if it is one of these proxies.
    pub fn new(all: usize, share: usize, proxies: Arc<[IpAddr]>) -> Arc<Self> {
        Arc::new(Self { all, share, proxies, holders: Mutex::default(), changed: Notify::new() })
    }

    /// A place for a connection from this address; `None` if it has its share, and a request is under way on each.
    ///
    /// When places run out, the connection that has waited longest loses its own. If none waits, this waits for one.
    pub async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        loop {
            match self.try_take(peer) {
                Ok(place) => return Some(place),
                Err(NoPlace::ForThisAddress) => return None,
                // A change that came since is kept for this.
                Err(NoPlace::ForAnyone) => self.changed.notified().await,
            }
        }
    }

    fn try_take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, NoPlace> {
        let mut holders = lock(&self.holders);
        let sharer = (!self.proxies.contains(&peer)).then(|| sharer(peer));
        let is_his = |holder: &Holder| sharer.is_some() && holder.sharer == sharer;
        if holders.iter().filter(|holder| is_his(holder)).count() >= self.share {
            let why = format!("its address has all of the {} places that one may have", self.share);
            evict(&mut holders, is_his, &why).ok_or(NoPlace::ForThisAddress)?;
        }
        if holders.len() >= self.all {
            let why = format!("all of the {} places are taken", self.all);
            evict(&mut holders, |_| true, &why).ok_or(NoPlace::ForAnyone)?;
        }
        let doing = Mutex::new(Some(Doing::Idle(Instant::now())));
        let holder = Arc::new(Holder { peer, sharer, doing, lost: Notify::new() });
        holders.push(Arc::clone(&holder));
        Ok(Place { places: Arc::clone(self), holder })
    }

    /// Takes its place from the connection that has waited longest, because the system has no room for another. Says
    /// whether there was one.
    pub fn make_room(&self) -> bool {
        evict(&mut lock(&self.holders), |_| true, "the system has no room for another").is_some()
    }

    /// Waits until all places are free.
    pub async fn are_free(&self) {
        while !lock(&self.holders).is_empty() {
            self.changed.notified().await;
        }
    }
}

impl Place {
    /// Who has it.
    pub fn peer(&self) -> IpAddr {
        self.holder.peer
    }

    /// What goes on; nothing if the place has become another's.
    pub fn doing(&self) -> Option<Doing> {
        *lock(&self.holder.doing)
    }

    /// Something of a request has come.
    pub fn receives(&self) {
        self.update(|doing| matches!(doing, Doing::Idle(_)).then(|| Doing::Head(Instant::now())));
    }

    /// A request is there, whole as far as it has to be. Says whether it may be looked at: not if the place has become
    /// another's.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.update(|_| Some(Doing::Request))
    }

    /// There is an answer to it.
    pub fn answers(&self) {
        self.update(|_| Some(Doing::Answer));
    }

    /// All that there was to send has been sent.
    pub fn has_sent(&self) {
        if self.update(|doing| matches!(doing, Doing::Answer).then(|| Doing::Idle(Instant::now()))) {
            self.places.changed.notify_one();
        }
    }

    /// It is up to the peer to close the connection.
    pub fn closes(&self) {
        self.update(|doing| (!matches!(doing, Doing::Closing(_))).then(|| Doing::Closing(Instant::now())));
        self.places.changed.notify_one();
    }

    /// Waits until the place has become another's. Then the connection is to be dropped.
    pub async fn is_lost(&self) {
        self.holder.lost.notified().await;
    }

    /// Changes what goes on, if the place is still its own. Says whether it is.
    fn update(&self, change: impl FnOnce(Doing) -> Option<Doing>) -> bool {
        let mut doing = lock(&self.holder.doing);
        let Some(now) = *doing else { return false };
        *doing = change(now).or(*doing);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places.holders).retain(|holder| !Arc::ptr_eq(holder, &self.holder));
        self.places.changed.notify_one();
    }
}

/// Takes its place from the one of these holders that has waited longest, and says so in the log. Nothing if none waits.
fn evict(holders: &mut Vec<Arc<Holder>>, may: impl Fn(&Holder) -> bool, why: &str) -> Option<()> {
    loop {
        let waiting = holders.iter().enumerate().filter(|(_, holder)| may(holder));
        let waiting = waiting.filter_map(|(at, holder)| Some((lock(&holder.doing).and_then(Doing::waits)?, at)));
        let (since, at) = waiting.min()?;
        let holder = Arc::clone(holders.get(at)?);
        {
            let mut doing = lock(&holder.doing);
            if doing.and_then(Doing::waits) != Some(since) {
                // It has gone on meanwhile.
                continue;
            }
            *doing = None;
        }
        holders.swap_remove(at);
        holder.lost.notify_one();
        let waited = since.elapsed().as_secs_f64();
        record::note("crowded", Some(holder.peer), &format!("{why}: closed after {waited:.1} s without a request"));
        return Some(());
    }
}

/// The addresses that count as one: of version 6, those of one network of 64 bits, all of which one host may have.
fn sharer(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// Nothing in here can be half done, so it does not matter whether a thread panicked meanwhile.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
