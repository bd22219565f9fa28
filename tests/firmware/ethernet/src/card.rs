//! The network card of the board: SMSC's LAN9118, an Ethernet controller with its PHY, at the bus of the processor.
//!
//! It knows registers and frames. It must never know what is in a frame.

use crate::time;
use board::Scratch;
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

const BASE: usize = 0x4020_0000;

// Registers of the controller, by their offsets.
const RECEIVED_DATA: usize = 0x00;
const SENT_DATA: usize = 0x20;
const RECEIVED_STATUS: usize = 0x40;
const INTERRUPT_LINE: usize = 0x54;
const INTERRUPT_STATUS: usize = 0x58;
const INTERRUPT_ENABLE: usize = 0x5C;
const BYTE_TEST: usize = 0x64;
const FIFO_LEVELS: usize = 0x68;
const SENDER: usize = 0x70;
const HARDWARE: usize = 0x74;
const RECEIVED_USED: usize = 0x7C;
const SENT_USED: usize = 0x80;
const POWER: usize = 0x84;
const MAC_COMMAND: usize = 0xA4;
const MAC_VALUE: usize = 0xA8;

const BYTE_ORDER: u32 = 0x8765_4321;
const RESET: u32 = 1 << 0;
const READY: u32 = 1 << 0;
/// 5 KiB for what is sent, and a bit that must be set.
const FIFO_SIZES: u32 = 5 << 16 | 1 << 20;
/// An interrupt pulls the line up, while there is one.
const LINE_ON: u32 = 1 << 8 | 1 << 4 | 1 << 0;
const FRAME_RECEIVED: u32 = 1 << 3;
const PHY_CHANGED: u32 = 1 << 18;
/// On, and nobody reads what became of a frame.
const SENDER_ON: u32 = 1 << 1 | 1 << 2;
const FRAME_BROKEN: u32 = 1 << 15;
/// A frame is sent from one buffer.
const WHOLE_FRAME: u32 = 1 << 13 | 1 << 12;

// Registers of the MAC, which are reached through two of the controller's.
const MAC_CONTROL: u32 = 1;
const MAC_ADDRESS_HIGH: u32 = 2;
const MAC_ADDRESS_LOW: u32 = 3;
const MII_COMMAND: u32 = 6;
const MII_VALUE: u32 = 7;

const MAC_BUSY: u32 = 1 << 31;
const MAC_READ: u32 = 1 << 30;
const FULL_DUPLEX: u32 = 1 << 20;
const SEND_AND_RECEIVE: u32 = 1 << 3 | 1 << 2;
const MII_BUSY: u32 = 1 << 0;
const MII_WRITE: u32 = 1 << 1;
const PHY: u32 = 1 << 11;

// Registers of the PHY, which are reached through two of the MAC's.
const PHY_CONTROL: u32 = 0;
const PHY_STATUS: u32 = 1;
const PHY_INTERRUPT_SOURCE: u32 = 29;
const PHY_INTERRUPT_MASK: u32 = 30;

const NEGOTIATE: u32 = 1 << 12 | 1 << 9;
const LINK_UP: u32 = 1 << 2;
const WENT_DOWN: u32 = 1 << 4;
const NEGOTIATED: u32 = 1 << 6;

/// The card, in the interrupt controller.
const CARD: u32 = 1 << 13;
const INTERRUPT_WAKES: *mut u32 = 0xE000_E100 as *mut u32;
const INTERRUPT_NO_MORE_PENDING: *mut u32 = 0xE000_E280 as *mut u32;

/// The longest Ethernet frame, and its checksum.
const FRAME: usize = 1514;
const CHECKSUM: usize = 4;

static RECEIVED: Scratch<{ (FRAME + CHECKSUM).next_multiple_of(4) }> = Scratch::new();
static SENT: Scratch<{ FRAME.next_multiple_of(4) }> = Scratch::new();

/// The card, with a frame each way.
pub struct Card {
    received: &'static mut [u8],
    sent: &'static mut [u8],
    is_up: bool,
}

fn read(offset: usize) -> u32 {
    // SAFETY: it is one of the card's registers.
    unsafe { (BASE.wrapping_add(offset) as *const u32).read_volatile() }
}

fn write(offset: usize, value: u32) {
    // SAFETY: it is one of the card's registers, and the card writes no memory.
    unsafe { (BASE.wrapping_add(offset) as *mut u32).write_volatile(value) }
}

fn wait_for_mac() {
    while read(MAC_COMMAND) & MAC_BUSY != 0 {}
}

fn mac_read(register: u32) -> u32 {
    write(MAC_COMMAND, MAC_BUSY | MAC_READ | register);
    wait_for_mac();
    read(MAC_VALUE)
}

fn mac_write(register: u32, value: u32) {
    write(MAC_VALUE, value);
    write(MAC_COMMAND, MAC_BUSY | register);
    wait_for_mac();
}

fn mii(command: u32) {
    mac_write(MII_COMMAND, PHY | MII_BUSY | command);
    while mac_read(MII_COMMAND) & MII_BUSY != 0 {}
}

fn phy_read(register: u32) -> u32 {
    mii(register << 6);
    mac_read(MII_VALUE)
}

fn phy_write(register: u32, value: u32) {
    mac_write(MII_VALUE, value);
    mii(register << 6 | MII_WRITE);
}

fn frames_received() -> u32 {
    read(RECEIVED_USED) >> 16 & 0xFF
}

impl Card {
    /// Starts the card. `None` if there is none.
    ///
    /// # Safety
    /// It is called once.
    pub unsafe fn start() -> Option<Self> {
        if read(BYTE_TEST) != BYTE_ORDER {
            return None;
        }
        write(HARDWARE, RESET);
        while read(HARDWARE) & RESET != 0 || read(POWER) & READY == 0 {}
        write(HARDWARE, FIFO_SIZES);
        write(SENDER, SENDER_ON);
        phy_write(PHY_CONTROL, NEGOTIATE);
        phy_write(PHY_INTERRUPT_MASK, WENT_DOWN | NEGOTIATED);
        // An interrupt as soon as one frame is there.
        write(FIFO_LEVELS, 0);
        write(INTERRUPT_STATUS, u32::MAX);
        write(INTERRUPT_ENABLE, FRAME_RECEIVED | PHY_CHANGED);
        write(INTERRUPT_LINE, LINE_ON);
        // SAFETY: an interrupt wakes the processor and is not taken, so there need be no handler.
        unsafe { INTERRUPT_WAKES.write_volatile(CARD) }
        mac_write(MAC_CONTROL, FULL_DUPLEX | SEND_AND_RECEIVE);
        // SAFETY: the caller calls this once.
        let mut card = unsafe { Self { received: RECEIVED.take(), sent: SENT.take(), is_up: false } };
        card.look_at_link();
        Some(card)
    }

    /// The address, which the card has read from its EEPROM.
    pub fn address(&self) -> [u8; 6] {
        let (low, high) = (mac_read(MAC_ADDRESS_LOW).to_le_bytes(), mac_read(MAC_ADDRESS_HIGH).to_le_bytes());
        [low[0], low[1], low[2], low[3], high[0], high[1]]
    }

    fn look_at_link(&mut self) {
        phy_read(PHY_INTERRUPT_SOURCE);
        // The bit says that the link was down since it was last read, and then whether it is.
        phy_read(PHY_STATUS);
        self.is_up = phy_read(PHY_STATUS) & LINK_UP != 0;
        write(INTERRUPT_STATUS, PHY_CHANGED);
    }

    /// Whether there is a link. The PHY is asked only when it has said that something changed: it takes long to answer.
    pub fn is_up(&mut self) -> bool {
        if read(INTERRUPT_STATUS) & PHY_CHANGED != 0 {
            self.look_at_link();
        }
        self.is_up
    }

    /// Sleeps until there is a frame or the link changes, for so many ticks at most.
    pub fn wait(&self, most: u64) {
        write(INTERRUPT_STATUS, FRAME_RECEIVED);
        // SAFETY: what came until now is looked at next, and what comes from now on is pending again.
        unsafe { INTERRUPT_NO_MORE_PENDING.write_volatile(CARD) }
        if frames_received() == 0 && read(INTERRUPT_STATUS) & PHY_CHANGED == 0 {
            time::sleep(most);
        }
    }

    /// Reads the next frame; returns its length, without the checksum. Drops those that came broken.
    fn take(&mut self) -> Option<usize> {
        while frames_received() > 0 {
            let status = read(RECEIVED_STATUS);
            let len = (status >> 16 & 0x3FFF) as usize;
            let is_good = status & FRAME_BROKEN == 0 && len > CHECKSUM && len <= self.received.len();
            let mut places = self.received.chunks_exact_mut(4);
            for _ in 0..len.div_ceil(4) {
                let word = read(RECEIVED_DATA);
                if let Some(place) = places.next() {
                    place.copy_from_slice(&word.to_le_bytes());
                }
            }
            if is_good {
                return Some(len.saturating_sub(CHECKSUM));
            }
        }
        None
    }
}

/// A frame that was received.
pub struct Received<'c>(&'c [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

/// Room for a frame to send.
pub struct Sending<'c>(&'c mut [u8]);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let result = fill(&mut self.0[..len]);
        write(SENT_DATA, WHOLE_FRAME | len as u32);
        write(SENT_DATA, len as u32);
        for word in self.0[..len.next_multiple_of(4)].chunks_exact(4) {
            write(SENT_DATA, u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        }
        result
    }
}

impl Device for Card {
    type RxToken<'c> = Received<'c>;
    type TxToken<'c> = Sending<'c>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let len = self.take()?;
        Some((Received(self.received.get(..len)?), Sending(self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        // The frame, and two words about it.
        let free = (read(SENT_USED) & 0xFFFF) as usize;
        (free >= self.sent.len() + 8).then_some(Sending(self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}
