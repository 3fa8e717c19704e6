//! Checks that every error code of the table is produced somewhere, or is listed here with the reason why it is not: a code that
//! nothing says is a promise to the user that nobody keeps.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};

use crate::workspace;

const TABLE: &str = "shared/src/protocol/error/table.rs";

/// Codes that nothing produces yet, and why their numbers stand in the table.
const RESERVED: [(&str, &str); 6] = [
    ("NotFound", "an unknown path is a status of HTTP, and a page of its own on the tablet"),
    ("UpdateNeeded", "no released version is too old yet"),
    ("ClockWrong", "the tablet measures the skew of its clock and does not show it yet"),
    ("HeldFull", "held changes have no limit per device yet"),
    ("HeldCopied", "a counter that went back is refused as CounterRepeated; see docs/threats.md"),
    ("PassphraseDiffers", "words are given, not chosen, so nothing is typed twice"),
];

/// Says whether the table, the list above and the sources agree.
pub(super) fn check() -> anyhow::Result<bool> {
    let root = workspace::root();
    let table = std::fs::read_to_string(root.join(TABLE)).with_context(|| format!("cannot read {TABLE}"))?;
    let codes = codes_of(&table);
    ensure!(!codes.is_empty(), "{TABLE} lists no code");
    let mut sources = Vec::new();
    for folder in ["shared/src", "server/src", "client/src", "client/static"] {
        for path in workspace::files_below(&root.join(folder))? {
            if path.ends_with(TABLE)
                || path.components().any(|part| part.as_os_str().to_string_lossy().contains("tests"))
            {
                continue;
            }
            if path.extension().is_some_and(|ending| ["rs", "html"].iter().any(|known| ending == *known)) {
                let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                sources.push(without_tests(&text).to_owned());
            }
        }
    }
    let faults = faults(&codes, &sources);
    for fault in &faults {
        eprintln!("xtask: {fault}");
    }
    Ok(faults.is_empty())
}

/// Name and number of each code of the table.
fn codes_of(table: &str) -> BTreeMap<String, String> {
    table
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().split_once(" = ")?;
            let (number, _) = rest.split_once(", ")?;
            let is_code = name.chars().all(char::is_alphanumeric) && number.parse::<u16>().is_ok();
            is_code.then(|| (name.to_owned(), number.to_owned()))
        })
        .collect()
}

/// A source up to its own tests.
fn without_tests(source: &str) -> &str {
    source.split_once("#[cfg(test)]\nmod tests {").map_or(source, |(before, _)| before)
}

fn faults(codes: &BTreeMap<String, String>, sources: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, number) in codes {
        let (said, shown) = (format!("ErrorCode::{name}"), format!("(S-{number})"));
        let is_said = sources.iter().any(|source| holds_word(source, &said) || source.contains(&shown));
        match (is_said, RESERVED.iter().any(|(reserved, _)| reserved == name)) {
            (true, false) | (false, true) => {}
            (false, false) => faults.push(format!("no source says S-{number} {name}")),
            (true, true) => faults.push(format!("S-{number} {name} is said, but listed as reserved")),
        }
    }
    for (name, _) in RESERVED.iter().filter(|(name, _)| !codes.contains_key(*name)) {
        faults.push(format!("{name} is listed as reserved, but no code"));
    }
    faults
}

/// Whether `word` stands in a text and does not go on as a longer name.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        text.get(at + word.len()..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_said_or_reserved_and_never_both() {
        let table = "    /// Why.\n    Held = 1401, Held,\n        \"a\",\n    HeldFull = 1210, Retry,\n";
        let mut codes = codes_of(table);
        assert_eq!(codes.keys().collect::<Vec<_>>(), ["Held", "HeldFull"]);
        for (name, _) in RESERVED {
            codes.insert(name.to_owned(), String::from("1"));
        }
        let said = vec![String::from("return ErrorCode::Held;")];
        assert_eq!(faults(&codes, &said), Vec::<String>::new());
        assert_eq!(faults(&codes, &[String::from("ErrorCode::HeldAside")]).len(), 1);
        let both = vec![String::from("ErrorCode::Held, ErrorCode::HeldFull")];
        assert_eq!(faults(&codes, &both).len(), 1);
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\nErrorCode::Held"), "a\n");
    }
}
