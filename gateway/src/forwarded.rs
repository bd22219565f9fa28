//! `X-Forwarded-For`: where a call comes from that a proxy passes on.
//!
//! Each proxy appends the address that it was called from. Anything before the entry of a known proxy may have been
//! written by anybody.

use std::net::{IpAddr, SocketAddr};

/// Returns where a call comes from: the last of these entries that is not a known proxy, provided that the peer and all
/// entries after it are. An entry that is not an address ends the search, at the proxy that wrote it. Several header
/// lines form one list.
pub fn caller<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>, proxies: &[IpAddr], peer: IpAddr) -> IpAddr {
    let mut entries = lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    let mut address = peer;
    while proxies.contains(&address) {
        let Some(before) = entries.next().and_then(entry) else { break };
        address = before;
    }
    address
}

/// Parses an address, with or without a port; an IPv6 address with or without brackets, and with a port only with
/// brackets.
fn entry(bytes: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(bytes.trim_ascii()).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = match bare {
        Some(bare) => IpAddr::V6(bare.parse().ok()?),
        None => text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip())).ok()?,
    };
    Some(address.to_canonical())
}
