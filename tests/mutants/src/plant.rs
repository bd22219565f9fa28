//! Puts mutants into a copy of the repository.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::find::{ACTIVE, COPY, Found, Mutant, Place, Wrap};
use crate::modules::Module;

/// What tells at run time which mutant is active. The compiler, where it runs a `const fn`, knows none but `FIXED`.
const SWITCH: &str = r#"
use core::sync::atomic::{AtomicU32, AtomicU8, Ordering};
use std::fs::File;
use std::io::Write as _;
use std::sync::OnceLock;

const FIXED: u32 = @FIXED@;
const RECORD: u32 = u32::MAX;
static WHICH: AtomicU32 = AtomicU32::new(0);
static REACHED: [AtomicU8; @LEN@] = [const { AtomicU8::new(0) }; @LEN@];
static FILE: OnceLock<File> = OnceLock::new();

#[inline]
#[doc(hidden)]
pub const fn active(n: u32) -> bool {
    #[inline]
    const fn at_compile_time(n: u32) -> bool {
        n == FIXED
    }
    #[inline]
    fn at_run_time(n: u32) -> bool {
        let which = WHICH.load(Ordering::Relaxed);
        if which == RECORD {
            reached(n);
        }
        which == n || n == FIXED
    }
    core::intrinsics::const_eval_select((n,), at_compile_time, at_run_time)
}

/// Writes the number down, once. It must not allocate: some tests count that.
#[cold]
#[inline(never)]
fn reached(n: u32) {
    if let Some(reached) = REACHED.get(n as usize)
        && reached.swap(1, Ordering::Relaxed) == 0
        && let Some(mut file) = FILE.get()
    {
        let mut line = [b'\n'; 8];
        let mut left = n;
        for place in line[..7].iter_mut().rev() {
            *place = b'0' + (left % 10) as u8;
            left /= 10;
        }
        let _ = file.write_all(&line);
    }
}

extern "C" fn begin() {
    if let Some(path) = std::env::var_os("MUTANTS_REACHED") {
        if let Ok(file) = File::options().append(true).create(true).open(path) {
            let _ = FILE.set(file);
            WHICH.store(RECORD, Ordering::Relaxed);
        }
    } else if let Some(n) = std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()) {
        WHICH.store(n, Ordering::Relaxed);
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;
"#;

/// A mutant with its number, which is not 0.
pub struct Planted<'a> {
    pub number: u32,
    pub mutant: &'a Mutant,
}

/// Where in the changed files the mutants are, so that the compiler's errors can be told apart.
#[derive(Default)]
pub struct Map {
    /// By file: number, range, and whether it is text of the mutant alone.
    files: BTreeMap<String, Vec<(u32, Range<usize>, bool)>>,
}

impl Map {
    /// The mutant that an error in this range is of.
    pub fn find(&self, file: &str, at: Range<usize>) -> Option<u32> {
        let all = self.files.get(file)?.iter().filter(|(_, range, _)| range.start <= at.start && at.start < range.end);
        all.min_by_key(|(_, range, own)| (!own, range.len())).map(|(number, ..)| *number)
    }

    /// The mutant that is nearest to it.
    pub fn nearest(&self, file: &str, at: Range<usize>) -> Option<u32> {
        let all = self.files.get(file)?.iter();
        all.min_by_key(|(_, range, _)| range.start.abs_diff(at.start)).map(|(number, ..)| *number)
    }
}

/// The sources as an earlier run has left them: if they come to be the same again, nothing has to be built.
pub struct Before(Vec<(PathBuf, String, SystemTime)>);

impl Before {
    pub fn new(tree: &Path, modules: &[Module]) -> Self {
        let files = modules.iter().map(|module| module.file.as_str()).chain(["src/mutants.rs"]);
        let read = |path: PathBuf| {
            let time = fs::metadata(&path).ok()?.modified().ok()?;
            Some((path.clone(), fs::read_to_string(path).ok()?, time))
        };
        Self(files.filter_map(|file| read(tree.join(file))).collect())
    }

    pub fn restore(&self) {
        for (path, text, time) in &self.0 {
            if fs::read_to_string(path).is_ok_and(|now| now == *text) {
                let _ = File::options().write(true).open(path).and_then(|file| file.set_modified(*time));
            }
        }
    }
}

/// Writes the sources anew, with these mutants.
pub fn plant(tree: &Path, modules: &[Module], found: &Found, planted: &[Planted<'_>], fixed: u32) -> Map {
    let mut wraps: BTreeMap<&str, Vec<(u32, Wrap)>> = BTreeMap::new();
    let mut has_copies = false;
    for Planted { number, mutant } in planted {
        let active = format!("crate::mutants::active({number})");
        let copied = match mutant.place {
            Place::Constant(index) => Some(&found.constants[index]),
            _ => None,
        };
        let copy = copied.map(|constant| format!("{}_{number}", constant.name)).unwrap_or_default();
        for wrap in &mutant.wraps {
            let mut before = wrap.before.replace(ACTIVE, &active).replace(COPY, &copy);
            if let Some(constant) = copied {
                let visibility = if constant.block.is_some() { "" } else { "pub(crate) " };
                before = format!("\n{visibility}{before}\n");
                if *number == fixed {
                    // Instead of the constant itself.
                    let instead = wrap.before.replace(COPY, &constant.name);
                    before.push_str(&format!("{} {instead}\n", constant.visibility));
                    let out = Wrap {
                        range: constant.begin..constant.begin,
                        before: "#[cfg(any())] ".to_owned(),
                        behind: String::new(),
                    };
                    wraps.entry(&mutant.file).or_default().push((*number, out));
                }
            }
            let behind = wrap.behind.replace(ACTIVE, &active);
            wraps.entry(&mutant.file).or_default().push((*number, Wrap { range: wrap.range.clone(), before, behind }));
        }
        if let Place::Constant(index) = mutant.place {
            has_copies = true;
            let constant = &found.constants[index];
            let copy = if constant.block.is_some() { copy } else { format!("{}::{copy}", constant.path) };
            for used in uses(found, index) {
                let used = &found.uses[used];
                let wrap = Wrap {
                    range: used.range.clone(),
                    before: format!("(*if {active} {{ &{copy} }} else {{ &"),
                    behind: " })".to_owned(),
                };
                wraps.entry(&used.file).or_default().push((*number, wrap));
            }
        }
    }
    let mut map = Map::default();
    for module in modules {
        let mut all = wraps.remove(module.file.as_str()).unwrap_or_default();
        if has_copies {
            for (_, at) in found.modules.iter().filter(|(file, _)| *file == module.file) {
                all.push((0, Wrap { range: *at..*at, before: "pub(crate) ".to_owned(), behind: String::new() }));
            }
        }
        let (mut text, places) = apply(&module.text, &all);
        map.files.insert(module.file.clone(), places);
        if module.file == "src/lib.rs" {
            let len = planted.iter().map(|planted| planted.number).max().unwrap_or(0) + 1;
            let switch = SWITCH.replace("@FIXED@", &fixed.to_string()).replace("@LEN@", &len.to_string());
            text = text.replacen("#![no_std]", "#![feature(core_intrinsics, const_eval_select)]\n#![no_std]", 1);
            text.push_str("\n#[cfg(not(feature = \"std\"))]\nextern crate std;\n#[doc(hidden)]\npub mod mutants;\n");
            write(&tree.join("src/mutants.rs"), &switch);
        }
        write(&tree.join(&module.file), &text);
    }
    map
}

/// The places where a constant is used by name in code that runs.
pub fn uses(found: &Found, constant: usize) -> Vec<usize> {
    let wanted = &found.constants[constant];
    let is_only =
        found.constants.iter().filter(|other| other.name == wanted.name && other.block.is_none()).count() == 1;
    let shadowed = |file: &str| {
        found.constants.iter().any(|other| other.file == file && other.name == wanted.name && other.block.is_some())
    };
    let matches = |used: &crate::find::Use| {
        if used.name != wanted.name {
            return false;
        }
        match &wanted.block {
            Some(block) => {
                used.file == wanted.file
                    && !used.is_path
                    && block.start <= used.range.start
                    && used.range.end <= block.end
            }
            None if used.file == wanted.file => !shadowed(&used.file),
            None => {
                is_only
                    && (used.is_path
                        || found.imported.iter().any(|(file, name)| *file == used.file && *name == wanted.name))
            }
        }
    };
    found.uses.iter().enumerate().filter(|(_, used)| matches(used)).map(|(index, _)| index).collect()
}

fn apply(source: &str, wraps: &[(u32, Wrap)]) -> (String, Vec<(u32, Range<usize>, bool)>) {
    // What is put in at the same place: ends before beginnings, the inner end and the outer beginning first.
    let mut inserts: Vec<(usize, u8, isize, isize, usize)> = Vec::new();
    for (index, (_, wrap)) in wraps.iter().enumerate() {
        let Range { start, end } = wrap.range;
        let order = index as isize;
        if start == end {
            // Behind what ends here and before what begins.
            inserts.push((start, 1, 0, order, index));
        } else {
            inserts.push((start, 2, -(end as isize), order, index));
            inserts.push((end, 0, -(start as isize), -order, index));
        }
    }
    inserts.sort_unstable();
    let mut text = String::new();
    let mut done = 0;
    let mut begun = vec![0; wraps.len()];
    let mut places = Vec::new();
    for (at, side, _, _, index) in inserts {
        text.push_str(&source[done..at]);
        done = at;
        let (number, wrap) = &wraps[index];
        let from = text.len();
        if side == 0 {
            text.push_str(&wrap.behind);
            places.push((*number, begun[index]..text.len(), false));
        } else {
            text.push_str(&wrap.before);
            begun[index] = from;
        }
        if *number != 0 {
            places.push((*number, from..text.len(), true));
        }
    }
    text.push_str(&source[done..]);
    (text, places)
}

/// Writes a file only if it changes, so that nothing is built again for it.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

#[cfg(test)]
mod tests {
    use super::{Planted, plant};
    use crate::find::{Found, find};
    use crate::modules::{Machine, walk};
    use std::fs;

    const SOURCE: &str = r#"#![no_std]
/// Documented.
pub const LIMIT: usize = 8;
static LIST: &[&str] = &["a", "b"];
struct Less(u8);
impl Less { const NEW: Self = Self(3); }
pub fn decide(byte: u8, at: usize) -> Option<bool> {
    const LOCAL: u8 = b'x';
    if at < LIMIT && byte != LOCAL { return Some(!LIST.is_empty()); }
    let mut n = at;
    n += 1;
    drop(n);
    match byte {
        b'a'..=b'f' | b'0' => Some(n >= 2),
        b'g' if at == 0 => { Some(matches!(n, 1 | 2)) }
        _ => None,
    }
}
"#;

    /// Every change of it, alone, with all others, and instead of what the compiler runs, is still Rust.
    #[test]
    fn what_is_planted_is_rust() {
        let root = std::env::temp_dir().join(format!("mutants-{}", std::process::id()));
        fs::create_dir_all(root.join("src")).unwrap();
        fs::write(root.join("src/lib.rs"), SOURCE).unwrap();
        let modules = walk(&root, Machine::X86_64);
        let mut found = Found::default();
        find(&modules[0], Machine::X86_64, &mut found);
        let whats: Vec<&str> = found.mutants.iter().map(|mutant| mutant.what.as_str()).collect();
        for what in [
            "`8` to `9`",
            "element `\"b\"` deleted",
            "`3` to `2`",
            "`b'x'` to `121u8`",
            "`<` to `<=`",
            "`&&` to `||`",
            "`is_empty` to `is_none`",
            "`LIST.is_empty()` negated",
            "statement `n += 1;` deleted",
            "statement `drop(n);` deleted",
            "`b'f'` to `101u8`",
            "alternative `b'0'` deleted",
            "arm `b'g' if at == 0` deleted",
            "`decide` returns `None` at once",
            "alternative `2` deleted",
        ] {
            assert_eq!(whats.contains(&what), what != "`is_empty` to `is_none`", "{what}: {whats:?}");
        }
        let all: Vec<Planted<'_>> =
            (1..).zip(&found.mutants).map(|(number, mutant)| Planted { number, mutant }).collect();
        for fixed in 0..=all.len() as u32 {
            plant(&root, &modules, &found, &all, fixed);
            let text = fs::read_to_string(root.join("src/lib.rs")).unwrap();
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{fixed}: {error}\n{text}"));
        }
        let constant = whats.iter().position(|what| *what == "`8` to `9`").unwrap() as u32 + 1;
        plant(&root, &modules, &found, &all, constant);
        let text = fs::read_to_string(root.join("src/lib.rs")).unwrap();
        assert!(text.contains("#[cfg(any())] pub const LIMIT: usize = 8;"), "{text}");
        assert!(text.contains("\npub const LIMIT: usize = 9;"), "{text}");
        fs::remove_dir_all(root).unwrap();
    }
}
