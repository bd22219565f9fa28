//! Places for connections: how many there are, who holds one, and who loses one when they run out.
//!
//! Knows addresses, and how long a connection has waited. Knows nothing of the data on a connection.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::record;

/// The places of one listening socket.
pub struct Places {
    /// The total number of places.
    all: usize,
    /// How many of them one address may hold.
    share: usize,
    /// The addresses that may hold all of them.
    proxies: Mutex<Arc<[IpAddr]>>,
    holders: Mutex<Vec<Arc<Holder>>>,
    /// A place has become free, or can be taken from a waiting connection.
    changed: Notify,
}

struct Holder {
    peer: IpAddr,
    /// The address whose share includes this place; `None` if there are no shares.
    sharer: Option<IpAddr>,
    /// `None` once the place was taken by another connection.
    doing: Mutex<Option<Doing>>,
    /// The place was taken by another connection.
    lost: Notify,
}

/// The state of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Since this time no bytes of a request have been received.
    Idle(Instant),
    /// The first bytes of a request's head were received at this time.
    Head(Instant),
    /// A request is in progress.
    Request,
    /// Its answer is ready, but not all of it has been sent.
    Answer,
    /// Since this time it is up to the peer to close the connection.
    Closing(Instant),
}

impl Doing {
    /// Returns since when the connection has waited, if it does: dropping it then would lose nothing else.
    fn waits(self) -> Option<Instant> {
        match self {
            Self::Idle(since) | Self::Head(since) | Self::Closing(since) => Some(since),
            Self::Request | Self::Answer => None,
        }
    }
}

/// The place of one connection. It becomes free when this is dropped.
pub struct Place {
    places: Arc<Places>,
    holder: Arc<Holder>,
}

/// Why no place is available.
enum NoPlace {
    /// All are taken, and each has a request in progress.
    ForAnyone,
    /// The address holds its share, and each place of it has a request in progress.
    ForThisAddress,
}

impl Places {
    /// Creates `all` places, of which one address may hold its share, or all of them if it is one of these proxies.
    pub fn new(all: usize, share: usize, proxies: Arc<[IpAddr]>) -> Arc<Self> {
        Arc::new(Self { all, share, proxies: Mutex::new(proxies), holders: Mutex::default(), changed: Notify::new() })
    }

    /// Replaces the addresses that may hold all of the places, for connections that come from now on.
    pub fn trust(&self, proxies: Arc<[IpAddr]>) {
        *lock(&self.proxies) = proxies;
    }

    /// Takes a place for a connection from this address; `None` if the address holds its share, and each place of it
    /// has a request in progress.
    ///
    /// When places run out, the connection that has waited longest loses its place. If none waits, this waits for one.
    pub async fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        loop {
            match self.try_take(peer) {
                Ok(place) => return Some(place),
                Err(NoPlace::ForThisAddress) => return None,
                // A notification since the attempt is stored, so it is not missed.
                Err(NoPlace::ForAnyone) => self.changed.notified().await,
            }
        }
    }

    fn try_take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, NoPlace> {
        let mut holders = lock(&self.holders);
        let sharer = (!lock(&self.proxies).contains(&peer)).then(|| sharer(peer));
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

    /// Takes the place of the connection that has waited longest, because the system has no room for another. Returns
    /// whether there was one.
    pub fn make_room(&self) -> bool {
        evict(&mut lock(&self.holders), |_| true, "the system has no room for another").is_some()
    }

    /// Returns how many there are.
    pub fn all(&self) -> usize {
        self.all
    }

    /// Returns how many are in use: with a request in progress, and waiting for the peer.
    pub fn used(&self) -> (usize, usize) {
        let holders = lock(&self.holders);
        let waits = |holder: &&Arc<Holder>| lock(&holder.doing).and_then(Doing::waits).is_some();
        let waiting = holders.iter().filter(waits).count();
        (holders.len() - waiting, waiting)
    }

    /// Waits until all places are free.
    pub async fn are_free(&self) {
        while !lock(&self.holders).is_empty() {
            self.changed.notified().await;
        }
    }
}

impl Place {
    /// Returns the address of the connection.
    pub fn peer(&self) -> IpAddr {
        self.holder.peer
    }

    /// Returns the state of the connection; `None` if the place was taken by another connection.
    pub fn doing(&self) -> Option<Doing> {
        *lock(&self.holder.doing)
    }

    /// Reports that bytes of a request have been received.
    pub fn receives(&self) {
        self.update(|doing| matches!(doing, Doing::Idle(_)).then(|| Doing::Head(Instant::now())));
    }

    /// Reports that a request has been received, as far as necessary. Returns whether it may be processed: not if the
    /// place was taken by another connection.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.update(|_| Some(Doing::Request))
    }

    /// Reports that the answer is ready.
    pub fn answers(&self) {
        self.update(|_| Some(Doing::Answer));
    }

    /// Reports that everything there was to send has been sent.
    pub fn has_sent(&self) {
        if self.update(|doing| matches!(doing, Doing::Answer).then(|| Doing::Idle(Instant::now()))) {
            self.places.changed.notify_one();
        }
    }

    /// Reports that it is up to the peer to close the connection.
    pub fn closes(&self) {
        self.update(|doing| (!matches!(doing, Doing::Closing(_))).then(|| Doing::Closing(Instant::now())));
        self.places.changed.notify_one();
    }

    /// Waits until the place is taken by another connection. This connection must then be dropped.
    pub async fn is_lost(&self) {
        self.holder.lost.notified().await;
    }

    /// Changes the state, if the place still belongs to the connection. Returns whether it does.
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

/// Takes the place of the one of these holders that has waited longest, and logs it. Returns `None` if none waits.
fn evict(holders: &mut Vec<Arc<Holder>>, may: impl Fn(&Holder) -> bool, why: &str) -> Option<()> {
    loop {
        let waiting = holders.iter().enumerate().filter(|(_, holder)| may(holder));
        let waiting = waiting.filter_map(|(at, holder)| Some((lock(&holder.doing).and_then(Doing::waits)?, at)));
        let (since, at) = waiting.min()?;
        let holder = Arc::clone(holders.get(at)?);
        {
            let mut doing = lock(&holder.doing);
            if doing.and_then(Doing::waits) != Some(since) {
                // It has progressed in the meantime.
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

/// Returns the address by which shares are counted. IPv6 addresses in one network of 64 bits count as one, since a
/// single host may have all of them.
fn sharer(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// No change here can be left half done, so it does not matter whether a thread panicked while it held the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
