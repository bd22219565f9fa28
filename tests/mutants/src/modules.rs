//! Walks the modules of the library as the compiler does, and leaves out what this configuration does not have.

use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta, Token};

pub struct Module {
    /// Relative to the repository.
    pub file: String,
    /// As in `crate::json::walk`.
    pub path: String,
    pub text: String,
    pub items: Vec<Item>,
}

/// What the code is looked at for.
#[derive(Clone, Copy, PartialEq)]
pub enum Machine {
    X86_64,
    /// With the instructions of every x86-64 alone.
    Baseline,
    /// With no use of instructions for blocks.
    Portable,
    Aarch64,
}

impl Machine {
    /// What `--cfg callcontainer_simd` says.
    pub fn level(self) -> Option<&'static str> {
        match self {
            Self::Baseline => Some("baseline"),
            Self::Portable => Some("none"),
            Self::X86_64 | Self::Aarch64 => None,
        }
    }
}

/// Whether an item with these attributes is there, outside unit tests.
pub fn is_there(attributes: &[Attribute], machine: Machine) -> bool {
    attributes.iter().all(|attribute| {
        if attribute.path().is_ident("test") {
            return false;
        }
        if !attribute.path().is_ident("cfg") {
            return true;
        }
        attribute.parse_args::<Meta>().is_ok_and(|meta| holds(&meta, machine))
    })
}

fn holds(meta: &Meta, machine: Machine) -> bool {
    match meta {
        Meta::Path(path) => path.is_ident("unix") || path.is_ident("debug_assertions"),
        Meta::NameValue(pair) => {
            let Expr::Lit(literal) = &pair.value else { return false };
            let Lit::Str(value) = &literal.lit else { return false };
            let value = value.value();
            let name = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
            match name.as_str() {
                // What is for the C interface alone is seen by its own tests, in C.
                "feature" => value != "c",
                "target_arch" => value == if machine == Machine::Aarch64 { "aarch64" } else { "x86_64" },
                "target_pointer_width" => value == "64",
                "target_endian" => value == "little",
                "target_os" => value == "linux",
                "target_feature" => value == if machine == Machine::Aarch64 { "neon" } else { "sse2" },
                "callcontainer_simd" => machine.level() == Some(value.as_str()),
                "panic" => value == "unwind",
                _ => false,
            }
        }
        Meta::List(list) => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let mut inner = inner.iter().map(|meta| holds(meta, machine));
            if list.path.is_ident("not") {
                !inner.any(|holds| holds)
            } else if list.path.is_ident("any") {
                inner.any(|holds| holds)
            } else {
                inner.all(|holds| holds)
            }
        }
    }
}

pub fn walk(root: &Path, machine: Machine) -> Vec<Module> {
    let mut modules = Vec::new();
    read(root, "src/lib.rs", "crate", &root.join("src"), machine, &mut modules);
    modules
}

fn read(root: &Path, file: &str, path: &str, folder: &Path, machine: Machine, modules: &mut Vec<Module>) {
    let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    for item in &parsed.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
            && is_there(&module.attrs, machine)
        {
            let name = module.ident.to_string();
            let (next, inside) = place(module, folder, &name, machine);
            let next = next.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            read(root, &next, &format!("{path}::{name}"), &inside, machine, modules);
        }
    }
    modules.push(Module { file: file.to_owned(), path: path.to_owned(), text, items: parsed.items });
}

/// The file of a module, and the folder of its own modules.
fn place(module: &ItemMod, folder: &Path, name: &str, machine: Machine) -> (PathBuf, PathBuf) {
    if let Some(path) = module.attrs.iter().find_map(|attribute| named(&attribute.meta, machine)) {
        let file = folder.join(path);
        let inside = file.parent().unwrap().to_owned();
        return (file, inside);
    }
    let inside = folder.join(name);
    let file = folder.join(format!("{name}.rs"));
    if file.exists() { (file, inside) } else { (inside.join("mod.rs"), inside) }
}

/// The file that an attribute names.
fn named(meta: &Meta, machine: Machine) -> Option<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => {
            let Expr::Lit(literal) = &pair.value else { return None };
            let Lit::Str(value) = &literal.lit else { return None };
            Some(value.value())
        }
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let mut inner = inner.iter();
            let condition = inner.next()?;
            inner.find_map(|meta| named(meta, machine)).filter(|_| holds(condition, machine))
        }
        _ => None,
    }
}
