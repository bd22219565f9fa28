//! What the two front pages say, held against each other and against the crate, and the examples of the wire format.

use callcontainer::{
    DEPTH_LIMIT, HEADERS_LIMIT, NAME_LIMIT, PATH_LIMIT, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request, TIMEOUT_LIMIT,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A page, taken apart.
#[derive(Default)]
struct Page {
    /// The language of each code block, and its lines.
    code: Vec<(String, Vec<String>)>,
    /// The rows of each table.
    tables: Vec<Vec<Vec<String>>>,
    headings: usize,
    /// What is linked to, in order.
    links: Vec<String>,
    definitions: BTreeMap<String, String>,
}

impl Page {
    fn of(name: &str) -> Self {
        let mut page = Self::default();
        let (mut in_code, mut in_table) = (false, false);
        for line in read(name).lines() {
            if let Some(language) = line.strip_prefix("```") {
                if !in_code {
                    page.code.push((language.to_owned(), Vec::new()));
                }
                in_code = !in_code;
            } else if in_code {
                page.code.last_mut().unwrap().1.push(line.to_owned());
            } else if let Some((label, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
                assert_eq!(page.definitions.insert(label.to_owned(), target.to_owned()), None, "{name}: {label}");
            } else {
                page.headings += usize::from(line.starts_with('#'));
                page.links.extend(line.split("][").skip(1).map(|rest| rest.split(']').next().unwrap().to_owned()));
                assert!(!line.contains("]("), "{name}: a link that is not by reference: {line}");
                if line.starts_with('|') {
                    if !in_table {
                        page.tables.push(Vec::new());
                    }
                    let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
                    page.tables.last_mut().unwrap().push(cells.collect());
                }
            }
            in_table = line.starts_with('|');
        }
        assert!(!in_code, "{name}: a code block has no end");
        page
    }

    /// The table that holds this.
    fn table(&self, holds: &str) -> &[Vec<String>] {
        self.tables.iter().find(|table| table.iter().flatten().any(|cell| cell.contains(holds))).unwrap()
    }
}

/// What two languages write alike: numbers, and what stands between backticks.
fn facts(cell: &str) -> Vec<String> {
    let mut facts = Vec::new();
    for (place, part) in cell.split('`').enumerate() {
        if place % 2 == 1 {
            facts.push(part.to_owned());
        } else {
            // A space inside a number stands between digits.
            let is_part = |character: char| character.is_ascii_digit() || matches!(character, ' ' | '.');
            let numbers = part.split(|character| !is_part(character)).map(|number| number.replace(' ', ""));
            facts.extend(numbers.filter(|number| number.contains(|character: char| character.is_ascii_digit())));
        }
    }
    facts
}

const ENGLISH: &str = "README.md";
const CHINESE: &str = "README.zh-CN.md";

#[test]
fn both_languages_have_the_same_code_numbers_and_links() {
    let (english, chinese) = (Page::of(ENGLISH), Page::of(CHINESE));
    assert_eq!(english.code, chinese.code);
    assert_eq!(english.headings, chinese.headings);

    assert!(english.tables.len() >= 3);
    assert_eq!(english.tables.len(), chinese.tables.len());
    for (one, two) in english.tables.iter().zip(&chinese.tables) {
        // The words of a header are the language's own.
        let numbers = |table: &[Vec<String>]| -> Vec<Vec<Vec<String>>> {
            table.iter().skip(2).map(|row| row.iter().map(|cell| facts(cell)).collect()).collect()
        };
        assert_eq!(numbers(one), numbers(two));
    }

    let links = |page: &Page, other: &str| -> Vec<String> {
        page.links.iter().map(|link| if link == other { "the other".to_owned() } else { link.clone() }).collect()
    };
    assert_eq!(links(&english, "zh"), links(&chinese, "en"));
    assert_eq!((english.definitions["zh"].as_str(), chinese.definitions["en"].as_str()), (CHINESE, ENGLISH));
    let others = |page: &Page| -> BTreeMap<String, String> {
        let others = page.definitions.iter().filter(|(label, _)| !matches!(label.as_str(), "zh" | "en"));
        others.map(|(label, target)| (label.clone(), target.clone())).collect()
    };
    assert_eq!(others(&english), others(&chinese));
    for page in [english, chinese] {
        let defined: BTreeSet<String> = page.definitions.into_keys().collect();
        assert_eq!(page.links.into_iter().collect::<BTreeSet<_>>(), defined);
    }
}

/// In the repository; a published package leaves most of them out.
#[test]
fn what_is_linked_to_is_there() {
    if !Path::new(ROOT).join(".ci").exists() {
        return;
    }
    for target in Page::of(ENGLISH).definitions.values() {
        assert!(Path::new(ROOT).join(target).exists(), "{target}");
    }
}

/// So that no link of the documentation leads to a file that it has not.
#[test]
fn the_documentation_defines_what_the_page_defines() {
    let (page, lib, pictures) = (Page::of(ENGLISH), read("src/lib.rs"), read("src/pictures.md"));
    for label in page.definitions.keys() {
        let definition = format!("[{label}]: ");
        let is_defined = |text: &str| text.lines().any(|line| line.trim_start_matches("//! ").starts_with(&definition));
        assert!(is_defined(&lib) || is_defined(&pictures), "{label}");
    }
}

#[test]
fn the_front_page_is_short_and_shows_all_that_it_runs() {
    for name in [ENGLISH, CHINESE] {
        assert!(read(name).lines().count() <= 200, "{name}");
        for (language, lines) in Page::of(name).code {
            for line in lines {
                // What was printed stands as it was.
                assert!(language == "text" || line.chars().count() <= 90, "{line}");
                assert!(!language.starts_with("rust") || !line.trim_start().starts_with("# "), "hidden: {line}");
            }
        }
    }
}

#[test]
fn the_limits_are_those_of_the_crate() {
    let page = Page::of(ENGLISH);
    let found: BTreeMap<String, usize> = page
        .table("_LIMIT")
        .iter()
        .skip(2)
        .map(|row| {
            let value = row[1].chars().filter(char::is_ascii_digit).collect::<String>();
            (row[3].trim_matches('`').to_owned(), value.parse().unwrap())
        })
        .collect();
    let expected = [
        ("REQUEST_LIMIT", REQUEST_LIMIT),
        ("REPLY_LIMIT", REPLY_LIMIT),
        ("TIMEOUT_LIMIT", TIMEOUT_LIMIT as usize),
        ("DEPTH_LIMIT", DEPTH_LIMIT),
        ("HEADERS_LIMIT", HEADERS_LIMIT),
        ("NAME_LIMIT", NAME_LIMIT),
        ("PATH_LIMIT", PATH_LIMIT),
    ];
    assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[test]
fn the_features_are_those_of_the_manifest() {
    let page = Page::of(ENGLISH);
    let told: BTreeSet<String> =
        page.table("`defmt`").iter().skip(2).map(|row| row[0].trim_matches('`').to_owned()).collect();
    let manifest = read("Cargo.toml");
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let features = features.lines().take_while(|line| !line.starts_with('['));
    let names =
        features.filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
    // That of the C interface is for nobody else.
    assert_eq!(told, names.filter(|name| name != "c").collect());
}

/// The table of the firmware page has more columns, and its own words.
#[test]
fn the_firmware_takes_what_its_page_says() {
    let page = Page::of(ENGLISH);
    let firmware = read("src/firmware.md");
    let rows = page.tables.iter().find(|table| table[0].len() == 5).unwrap().iter().skip(2);
    assert!(rows.clone().count() >= 5);
    for row in rows {
        let [_, flash, stack, small, byte] = row.as_slice() else { panic!("{row:?}") };
        assert!(firmware.contains(&format!("| {flash} | 0 | {stack} | {small} | {byte} |")), "{row:?}");
    }
}

#[test]
fn the_envelopes_of_the_wire_format_are_as_an_encoder_writes_them() {
    let page = read("src/wire-format.md");
    let (_, block) = page.split_once("```json\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let [request, success, failure] = block.lines().collect::<Vec<_>>()[..] else { panic!("{block}") };

    let mut buffer = [0; 256];
    let encoded = Request::decode(request.as_bytes()).unwrap().encode(&mut buffer).unwrap();
    assert_eq!(std::str::from_utf8(encoded).unwrap(), request);
    for (reply, succeeds) in [(success, true), (failure, false)] {
        let decoded = Reply::decode(reply.as_bytes()).unwrap();
        assert_eq!(matches!(decoded, Reply::Response(_)), succeeds, "{reply}");
        assert_eq!(std::str::from_utf8(decoded.encode(&mut buffer).unwrap()).unwrap(), reply);
    }
}

/// The table of promises: each has a test, or a program, and what is named is there.
#[test]
fn every_promise_has_a_test() {
    let page = read("tests/README.md");
    let (_, rows) = page.split_once("\n| promise | test |\n|---|---|\n").unwrap();
    let mut tests = 0;
    for row in rows.lines().take_while(|row| row.starts_with('|')) {
        let (promise, named) = row.trim_matches('|').trim().rsplit_once(" | ").unwrap();
        assert!(!promise.is_empty() && named.contains('`'), "{row}");
        let mut source = None;
        for name in named.split('`').skip(1).step_by(2) {
            let path = name.strip_prefix(".ci/run").map_or_else(|| format!("tests/{name}"), |_| ".ci/run".to_owned());
            if name.contains(['.', '/']) {
                let path = Path::new(ROOT).join(path);
                assert!(path.exists(), "{row}: there is no {name}");
                let is_source = path.extension().is_some_and(|extension| extension == "rs");
                source = is_source.then(|| fs::read_to_string(path).unwrap());
            } else if let Some(source) = &source {
                let has_test = source.split("#[test]").skip(1).any(|test| {
                    let name = format!("fn {name}(");
                    test.lines().find(|line| line.contains("fn ")).is_some_and(|line| line.contains(&name))
                });
                assert!(has_test, "{row}: there is no test {name}");
                tests += 1;
            }
        }
    }
    assert!(tests > 60, "only {tests} tests are named");
}
