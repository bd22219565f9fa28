//! Finds what is inside strings, and checks it, block by block.

use super::block::{BEFORE, BLOCK, Block, GRANULE};

/// Even positions.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// What a block passes on to the next.
#[derive(Clone, Copy)]
pub(super) struct Strings<B> {
    /// All ones inside a string.
    pub(super) inside: u64,
    /// One if the next byte is escaped.
    escaped: u64,
    /// The `u` of each escape with hex digits in the last block.
    hex: u64,
    /// Whether the last block may end within a character.
    open: bool,
    /// The last block.
    before: B,
    /// Position of the first digit, a D, of the last escape that must be the second half of a surrogate pair.
    low: usize,
}

/// What matters to strings in a block.
pub(super) struct Marks {
    /// Quotes that are not escaped.
    pub(super) quotes: u64,
    /// Backslashes.
    pub(super) backslashes: u64,
    /// The bytes that a backslash escapes.
    escaped: u64,
    /// Whether there are only plain bytes and quotes.
    plain: bool,
}

impl<B: Block> Strings<B> {
    #[inline(always)]
    pub(super) fn new(level: B::Level, inside: bool) -> Self {
        let before = B::load(level, &[0; BLOCK]);
        Self { inside: 0_u64.wrapping_sub(u64::from(inside)), escaped: 0, hex: 0, open: false, before, low: 0 }
    }

    /// Finds the marks of the next block.
    #[inline(always)]
    pub(super) fn marks(&mut self, block: B) -> Marks {
        let quotes = block.equal(b'"');
        if !block.is_special() && self.escaped | self.hex == 0 && !self.open {
            return Marks { quotes, backslashes: 0, escaped: 0, plain: true };
        }
        let backslashes = block.equal(b'\\');
        let escaped = self.escaped(backslashes);
        Marks { quotes: quotes & !escaped, backslashes, escaped, plain: false }
    }

    /// Returns which positions of the block are inside strings, including the opening quote but not the closing one.
    #[inline(always)]
    pub(super) fn inside(&mut self, block: B, marks: &Marks) -> u64 {
        let inside = block.prefix_xor(marks.quotes) ^ self.inside;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        inside
    }

    /// Returns whether something is wrong inside strings, or, for escapes and UTF-8, anywhere; or too close to the end
    /// of the piece to decide.
    #[inline(always)]
    pub(super) fn is_wrong(&mut self, block: B, marks: &Marks, inside: u64, piece: &[u8], at: usize) -> bool {
        let wrong = !marks.plain && self.is_wrong_inside(block, marks.escaped, inside, piece, at);
        self.before = block;
        wrong
    }

    /// Returns the positions after an odd number of backslashes.
    ///
    /// A run of backslashes escapes every other position from its second on. Subtracting the start of each run, moved
    /// up by one position, from the even positions borrows through the run. The positions where this changes a bit
    /// alternate as the run does, whether the run begins at an even or an odd position.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        if backslashes == 0 {
            return core::mem::take(&mut self.escaped);
        }
        let starting = backslashes & !self.escaped;
        let behind = starting << 1;
        let odd = !EVEN;
        let alternating = (behind | odd).wrapping_sub(starting) ^ odd;
        let escaped = alternating ^ (backslashes | self.escaped);
        self.escaped = (alternating & backslashes) >> 63;
        escaped
    }

    #[inline(always)]
    fn is_wrong_inside(&mut self, block: B, escaped: u64, inside: u64, piece: &[u8], at: usize) -> bool {
        let mut wrong = block.control() & inside;
        let high = block.high();
        let invalid = (high != 0 || self.open) && block.is_invalid_utf8(self.before);
        self.open = high >> 61 != 0;
        if escaped | self.hex != 0 {
            wrong |= escaped & !block.escapable();
            let hex = escaped & block.equal(b'u');
            if hex | self.hex != 0 {
                let before = core::mem::replace(&mut self.hex, hex);
                let (mut digits, mut second) = (0, 0);
                for place in 1..=4_u32 {
                    digits |= hex << place | before >> 64_u32.wrapping_sub(place);
                    if place == 1 {
                        second = digits;
                    }
                }
                wrong |= digits & !block.hex();
                // The digits of a surrogate begin with a D.
                let surrogates = second & block.equal_with_bit_5(b'd');
                if surrogates != 0 && !self.are_pairs(surrogates, piece, at) {
                    return true;
                }
            }
        }
        wrong != 0 || invalid
    }

    /// Returns whether the escapes whose first digit, a D, is at these positions are halves of surrogate pairs, if they
    /// are surrogates at all.
    #[inline(never)]
    fn are_pairs(&mut self, first_digits: u64, piece: &[u8], at: usize) -> bool {
        let mut left = first_digits;
        while left != 0 {
            let place = at.wrapping_add(left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            // Something that is not a digit is detected elsewhere.
            match piece.get(place.wrapping_add(1)) {
                Some(b'0'..=b'7') => {}
                Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B') => {
                    let following = piece.get(place.wrapping_add(4)..).unwrap_or_default();
                    let [b'\\', b'u', b'd' | b'D', b'c'..=b'f' | b'C'..=b'F', ..] = following else { return false };
                    self.low = place.wrapping_add(6);
                }
                Some(_) if self.low == place => {}
                _ => return false,
            }
        }
        true
    }

    /// Examines the next granule of the content of a string, at this position, if it is worth trying. Returns `None`, and
    /// changes nothing, if it has to be read block by block. Returns whether there is an escape otherwise.
    #[inline(always)]
    pub(super) fn granule(&mut self, level: B::Level, piece: &[u8], at: usize) -> Option<bool> {
        let bytes = piece.get(at.checked_sub(BEFORE)?..)?.first_chunk::<{ BEFORE + GRANULE }>()?;
        let [_, _, before, ..] = bytes;
        // An escape with hex digits goes on here, or the backslash before is itself escaped.
        if self.hex.leading_zeros() < 4 || u64::from(*before == b'\\') != self.escaped {
            return None;
        }
        let escape = B::ordinary(level, bytes)?;
        let last = bytes.last_chunk::<BLOCK>()?;
        let [.., x, y, z] = last;
        self.escaped = u64::from(*z == b'\\');
        self.hex = 0;
        self.open = x | y | z > 0x7F;
        self.before = B::load(level, last);
        Some(escape)
    }

    /// Returns how many of the last bytes read belong to an escape or a character that continues after them.
    pub(super) fn cut(&self, done: &[u8]) -> usize {
        // The second half of a pair has four digits, and the first of them is the ninth byte of the pair.
        if self.low > 0 && self.low.wrapping_add(4) > done.len() {
            return done.len().wrapping_sub(self.low.wrapping_sub(8));
        }
        if self.escaped != 0 {
            return 1;
        }
        let behind_hex = self.hex.leading_zeros();
        if behind_hex < 4 {
            return (behind_hex as usize).wrapping_add(2);
        }
        for (cut, byte) in (1_usize..4).zip(done.iter().rev()) {
            let whole = match byte {
                0..=0x7F => break,
                0x80..=0xBF => continue,
                0xC0..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0.. => 4,
            };
            return if cut < whole { cut } else { 0 };
        }
        0
    }
}
