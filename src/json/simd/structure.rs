//! Checks that what is outside strings follows the grammar, block by block.
//!
//! A token is valid or not depending on the token before it, on the kind of the enclosing bracket, or on both:
//!
//! - after a comma, a colon or an opening bracket, and nowhere else, a value begins, or the bracket closes again;
//! - in an object, considering only commas, colons and brackets, a colon comes next after each comma and after the
//!   opening bracket, and nowhere else, and what precedes the colon is not a scalar (so it is a string);
//! - in an array there is no colon;
//! - brackets close in the order and of the kind in which they were opened.
//!
//! All but the last rule are checked for a whole block by following bits through white space, or through what is not a
//! comma, colon or bracket. The brackets are visited one by one; this also determines which part of the block is in an
//! object.

use super::block::{BLOCK, Block, follow, next};
use super::numbers::Numbers;
use super::strings::Strings;

/// The state of the walk between two blocks.
#[derive(Clone, Copy)]
pub(super) struct Structure<B> {
    pub(super) strings: Strings<B>,
    numbers: Numbers,
    /// One if a value must begin here, after any white space.
    value: u64,
    /// One if the bracket that was opened last may close here, after any white space.
    empty: u64,
    /// One if a name, or its colon, comes here in an object.
    pub(super) name: u64,
    /// One if the last byte belongs to a scalar.
    pub(super) scalar: u64,
    /// One bit for each open bracket, the lowest for the innermost: 1 for an object.
    pub(super) levels: u128,
    pub(super) depth: u32,
    limit: u32,
    /// Bytes of white space between tokens so far.
    pub(super) spaces: usize,
}

/// The state in which the walk begins.
pub(super) struct Start {
    pub(super) inside_string: bool,
    pub(super) value: bool,
    pub(super) empty: bool,
    pub(super) name: bool,
    pub(super) levels: u128,
    pub(super) depth: u32,
    pub(super) limit: u32,
    pub(super) spaces: usize,
}

/// The result for a block.
pub(super) enum Verdict {
    /// The block is valid, and the value continues after it.
    Right,
    /// The value ends in the block, after this many bytes, and is valid.
    Ends(usize),
    /// Something in the block is wrong, or cannot be decided.
    Wrong,
}

impl<B: Block> Structure<B> {
    #[inline(always)]
    pub(super) fn new(level: B::Level, start: &Start) -> Self {
        Self {
            strings: Strings::new(level, start.inside_string),
            numbers: Numbers::default(),
            value: u64::from(start.value),
            empty: u64::from(start.empty),
            name: u64::from(start.name),
            scalar: 0,
            levels: start.levels,
            depth: start.depth,
            limit: start.limit,
            spaces: start.spaces,
        }
    }

    /// Walks over the block at this position of the piece. Unless the block is valid as a whole, this must not be used
    /// to walk any further.
    #[inline(always)]
    pub(super) fn step(&mut self, level: B::Level, bytes: &[u8; BLOCK], piece: &[u8], at: usize) -> Verdict {
        let block = B::load(level, bytes);
        let marks = self.strings.marks(block);
        let inside = self.strings.inside(block, &marks);
        let outside = !inside;
        let white = block.white() & outside;
        let colons = block.equal(b':') & outside;
        let opening = block.equal_with_bit_5(b'{') & outside;
        let closing = block.equal_with_bit_5(b'}') & outside;
        // A name comes after a comma or a brace.
        let before_name = block.either(b',', b'{') & outside;
        let separators = before_name | colons | opening | closing;
        let scalars = outside & !(white | separators | marks.quotes);
        self.spaces = self.spaces.wrapping_add(white.count_ones() as usize);

        let first = scalars & !next(scalars, &mut self.scalar);
        let starts = first | opening | (marks.quotes & inside);
        let values = follow(separators & !closing, white, &mut self.value) & !white;
        let empty = follow(opening, white, &mut self.empty) & !white & closing;
        let misplaced = (values ^ starts) & !empty;

        let sum = follow(before_name, !separators, &mut self.name);
        let names = !(sum | separators);
        let wrong_in_object = (((sum & separators) ^ colons) & !empty) | (scalars & names);

        let mut wrong = misplaced;
        // Wrong at any position.
        let mut mismatch = u64::from(self.strings.is_wrong(block, &marks, inside, piece, at));
        if scalars != 0 || self.numbers.is_pending() {
            wrong |= self.numbers.read(block, scalars, first, piece, at);
        }
        let mut objects = 0_u64.wrapping_sub(self.levels as u64 & 1);
        let mut brackets = opening | closing;
        let mut end = None;
        while brackets != 0 {
            let place = brackets.trailing_zeros();
            brackets &= brackets.wrapping_sub(1);
            // Bit 5 marks a brace, bit 1 an opening one.
            let byte = u32::from(bytes.get(place as usize).copied().unwrap_or(0));
            let brace = u64::from((byte >> 5) & 1);
            let object = self.levels as u64 & 1;
            if byte & 2 != 0 {
                if self.depth >= self.limit {
                    return Verdict::Wrong;
                }
                self.levels = (self.levels << 1) | u128::from(brace);
                self.depth = self.depth.wrapping_add(1);
            } else {
                mismatch |= brace ^ object;
                self.levels >>= 1;
                self.depth = self.depth.wrapping_sub(1);
                if self.depth == 0 {
                    end = Some(place);
                    break;
                }
            }
            let changed = 0_u64.wrapping_sub(object ^ (self.levels as u64 & 1));
            objects ^= (changed << 1).wrapping_shl(place);
        }
        wrong |= (wrong_in_object & objects) | (colons & !objects);
        let Some(end) = end else {
            return if wrong | mismatch == 0 { Verdict::Right } else { Verdict::Wrong };
        };
        // What follows is not part of the value.
        let behind = (!1_u64).wrapping_shl(end);
        if wrong & !behind != 0 || mismatch != 0 {
            return Verdict::Wrong;
        }
        self.spaces = self.spaces.wrapping_sub((white & behind).count_ones() as usize);
        Verdict::Ends((end as usize).wrapping_add(1))
    }
}
