//! The network card of the board: SMSC's LAN9118, polled.
//!
//! It knows registers and frames. It must never know what is in a frame. Register names are those of the data sheet.

use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

const BASE: usize = 0x4020_0000;

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const BYTE_TEST: usize = 0x64;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_FIFO_INF: usize = 0x7C;
const TX_FIFO_INF: usize = 0x80;
const MAC_CSR_CMD: usize = 0xA4;
const MAC_CSR_DATA: usize = 0xA8;

/// What `BYTE_TEST` reads where the card is there.
const THERE: u32 = 0x8765_4321;

// Registers of the MAC, which are reached through two of the card's.
const MAC_CR: u32 = 1;
const ADDRH: u32 = 2;
const ADDRL: u32 = 3;
const MII_ACC: u32 = 6;
const MII_DATA: u32 = 7;

const RECEIVES: u32 = 1 << 2;
const TRANSMITS: u32 = 1 << 3;

/// The basic status of the physical layer: its link bit is that of the cable.
const STATUS: u32 = 1;
const LINK: u32 = 1 << 2;

/// Bytes of the largest frame, without its checksum.
const FRAME: usize = 1514;

/// The card. There is one.
pub struct Lan9118 {
    frame: [u8; FRAME],
}

impl Lan9118 {
    /// `None` where there is no such card.
    #[must_use]
    pub fn new() -> Option<Self> {
        if read(BYTE_TEST) != THERE {
            return None;
        }
        const RESET: u32 = 1;
        const TX_FIFO_OF_5_KIB: u32 = 5 << 16;
        const TX_ON: u32 = 1 << 1;
        write(HW_CFG, RESET);
        while read(HW_CFG) & RESET != 0 {}
        write(HW_CFG, TX_FIFO_OF_5_KIB);
        write(TX_CFG, TX_ON);
        write_mac(MAC_CR, RECEIVES | TRANSMITS);
        Some(Self { frame: [0; FRAME] })
    }

    /// The address of the card.
    #[must_use]
    pub fn address(&self) -> [u8; 6] {
        let ([a, b, c, d], [e, f, ..]) = (read_mac(ADDRL).to_le_bytes(), read_mac(ADDRH).to_le_bytes());
        [a, b, c, d, e, f]
    }

    /// Whether a cable is plugged in.
    #[must_use]
    pub fn has_link(&self) -> bool {
        const PHYSICAL: u32 = 1 << 11;
        const BUSY: u32 = 1;
        write_mac(MII_ACC, PHYSICAL | STATUS << 6 | BUSY);
        while read_mac(MII_ACC) & BUSY != 0 {}
        read_mac(MII_DATA) & LINK != 0
    }
}

/// Whether a frame has come.
#[must_use]
pub fn has_frame() -> bool {
    read(RX_FIFO_INF) >> 16 & 0xFF != 0
}

fn read(register: usize) -> u32 {
    // SAFETY: a register of the card, which nothing but this file uses.
    unsafe { ((BASE + register) as *const u32).read_volatile() }
}

fn write(register: usize, value: u32) {
    // SAFETY: as for `read`.
    unsafe { ((BASE + register) as *mut u32).write_volatile(value) }
}

const MAC_BUSY: u32 = 1 << 31;
const MAC_READ: u32 = 1 << 30;

fn read_mac(register: u32) -> u32 {
    write(MAC_CSR_CMD, MAC_BUSY | MAC_READ | register);
    while read(MAC_CSR_CMD) & MAC_BUSY != 0 {}
    read(MAC_CSR_DATA)
}

fn write_mac(register: u32, value: u32) {
    write(MAC_CSR_DATA, value);
    write(MAC_CSR_CMD, MAC_BUSY | register);
    while read(MAC_CSR_CMD) & MAC_BUSY != 0 {}
}

impl Device for Lan9118 {
    type RxToken<'d> = Received<'d>;
    type TxToken<'d> = Sends;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sends)> {
        const WRONG: u32 = 1 << 15;
        let mut len = 0;
        while len == 0 && has_frame() {
            let status = read(RX_STATUS);
            // The checksum of four bytes is counted.
            let all = (status >> 16 & 0x3FFF) as usize;
            for at in (0..all).step_by(4) {
                let word = read(RX_DATA).to_le_bytes();
                let room = self.frame.get_mut(at..).unwrap_or_default();
                room.iter_mut().zip(word).for_each(|(room, byte)| *room = byte);
            }
            if status & WRONG == 0 && all <= FRAME + 4 {
                len = all.saturating_sub(4);
            }
        }
        self.frame.get(..len).filter(|frame| !frame.is_empty()).map(|frame| (Received(frame), Sends))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sends> {
        // What became of earlier frames is not asked for, and must not pile up.
        while read(TX_FIFO_INF) >> 16 & 0xFF != 0 {
            read(TX_STATUS);
        }
        let free = (read(TX_FIFO_INF) & 0xFFFF) as usize;
        (free >= FRAME + 16).then_some(Sends)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities
    }
}

/// A frame that has come.
pub struct Received<'d>(&'d [u8]);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        look(self.0)
    }
}

/// Room for a frame to be sent.
pub struct Sends;

impl phy::TxToken for Sends {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        const WHOLE: u32 = 0b11 << 12;
        let mut frame = [0; FRAME];
        let room = frame.get_mut(..len).unwrap_or_default();
        let result = fill(room);
        write(TX_DATA, WHOLE | len as u32);
        write(TX_DATA, len as u32);
        for piece in room.chunks(4) {
            let mut word = [0; 4];
            word.iter_mut().zip(piece).for_each(|(word, byte)| *word = *byte);
            write(TX_DATA, u32::from_le_bytes(word));
        }
        result
    }
}
