//! The list of mutants that nothing can tell from the original.

use std::fs;
use std::path::Path;

use crate::find::Mutant;

pub struct Equivalents(Vec<Entry>);

struct Entry {
    key: String,
    reason: String,
}

/// What a mutant is found again by after lines have moved: file, the line's text, the change.
pub fn key(mutant: &Mutant) -> String {
    format!("{}\t{}\t{}", mutant.file, mutant.text, mutant.what)
}

impl Equivalents {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let entries = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
            let (key, reason) = line.rsplit_once('\t').unwrap_or((line, ""));
            if reason.is_empty() || key.matches('\t').count() != 2 {
                crate::fail(&format!("equivalent.tsv: not file, line, change and reason: {line}"));
            }
            Entry { key: key.to_owned(), reason: reason.to_owned() }
        });
        Self(entries.collect())
    }

    pub fn reason(&self, mutant: &Mutant) -> Option<&str> {
        let key = key(mutant);
        self.0.iter().find(|entry| entry.key == key).map(|entry| entry.reason.as_str())
    }

    /// Entries that no mutant is like any more.
    pub fn stale<'a>(&self, mutants: impl Iterator<Item = &'a Mutant>) -> Vec<String> {
        let keys: std::collections::HashSet<String> = mutants.map(key).collect();
        self.0.iter().filter(|entry| !keys.contains(&entry.key)).map(|entry| entry.key.clone()).collect()
    }
}
