//! `X-Forwarded-For`: whose call a proxy passes on.
//!
//! Each proxy puts the address that it was called from at the end. What stands before the entry of a proxy that is known
//! may have been written by anybody.

use std::net::{IpAddr, SocketAddr};

/// Where a call comes from: the last of these entries that is no proxy's, as far as each behind it is one's, and so is
/// the peer. An entry that is no address ends the search, at the proxy that wrote it. Several header lines are one list.
pub fn caller<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>, proxies: &[IpAddr], peer: IpAddr) -> IpAddr {
    let mut entries = lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    let mut address = peer;
    while proxies.contains(&address) {
        let Some(before) = entries.next().and_then(entry) else { break };
        address = before;
    }
    address
}

/// An address, with a port or without; one of version 6 with brackets or without, and with a port only within them.
fn entry(bytes: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(bytes.trim_ascii()).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = match bare {
        Some(bare) => IpAddr::V6(bare.parse().ok()?),
        None => text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip())).ok()?,
    };
    Some(address.to_canonical())
}
