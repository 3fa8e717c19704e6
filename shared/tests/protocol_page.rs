//! `docs/protocol.md` says what the code does: its tables and test vectors are compared, and the golden frames open.
//!
//! `SIMPUL_BLESS=1 cargo test -p shared --test protocol_page` writes the generated blocks anew. The vectors of a
//! released version never change: a difference there needs a new protocol version, not a blessing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are not recognised as tests")]

#[path = "protocol_page/vectors.rs"]
mod vectors;

use std::fmt::Write as _;
use std::path::PathBuf;

use shared::protocol::codec::{
    PartReader, decode_enrol_answer, decode_enrol_request, decode_signed_upload, decode_upload,
};
use shared::protocol::error::{ErrorCode, SentenceLanguage};
use shared::protocol::limits;
use shared::protocol::live::decode_hello;

fn file(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn page_path() -> PathBuf {
    file("../docs/protocol.md")
}

fn is_blessing() -> bool {
    std::env::var_os("SIMPUL_BLESS").is_some()
}

/// The block between `<!-- generated: NAME -->` and `<!-- end -->`, as byte positions.
fn block(page: &str, name: &str) -> (usize, usize) {
    let head = format!("<!-- generated: {name} -->\n");
    let start = page.find(&head).unwrap_or_else(|| panic!("the page has no block {name}")) + head.len();
    let length = page[start..].find("<!-- end -->").unwrap_or_else(|| panic!("block {name} does not end"));
    (start, start + length)
}

fn compare_block(name: &str, expected: &str) {
    // Tests of one binary share the file; blessing replaces one block at a time.
    static PAGE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _held = PAGE.lock().unwrap();
    let page = std::fs::read_to_string(page_path()).unwrap();
    let (start, end) = block(&page, name);
    if &page[start..end] == expected {
        return;
    }
    if is_blessing() {
        std::fs::write(page_path(), [&page[..start], expected, &page[end..]].concat()).unwrap();
    } else {
        assert_eq!(&page[start..end], expected, "docs/protocol.md, block {name}, has drifted");
    }
}

/// A value as people read it: `4_194_304` as `4,194,304`.
fn readable(value: &str) -> String {
    value.replace('_', ",")
}

#[test]
fn the_table_of_limits_is_the_code_s() {
    let mut table = String::from("| limit | value | unit |\n|---|---:|---|\n");
    for (name, value, unit) in limits::ALL {
        writeln!(table, "| `{name}` | {} | {unit} |", readable(value)).unwrap();
    }
    compare_block("limits", &table);
}

#[test]
fn the_table_of_error_codes_is_the_code_s() {
    let mut table = String::from("| code | name | class | id | en | tet |\n|---|---|---|---|---|---|\n");
    for code in ErrorCode::ALL {
        let [id, en, tet] = SentenceLanguage::ALL.map(|language| code.sentence(language));
        writeln!(table, "| {code} | `{}` | {:?} | {id} | {en} | {tet} |", code.name(), code.class()).unwrap();
    }
    compare_block("codes", &table);
}

#[test]
fn the_vectors_of_the_page_and_the_golden_file_are_the_code_s() {
    let mut page = String::new();
    // What was added later has a file of its own, so that the first one is never touched.
    let files = [
        ("golden/wire-1.txt", vectors::all()),
        ("golden/wire-1-held.txt", vectors::held()),
        ("golden/wire-1-live.txt", vectors::live()),
        ("golden/wire-1-alarm.txt", vectors::alarm()),
        ("golden/wire-1-brought.txt", vectors::brought()),
        ("golden/wire-1-noted.txt", vectors::noted()),
        ("golden/wire-1-draft.txt", vectors::draft()),
        ("golden/wire-1-seen.txt", vectors::seen()),
        ("golden/wire-1-evidence.txt", vectors::evidence()),
    ];
    for (name, vectors) in files {
        let lines = vectors.iter().fold(String::new(), |mut lines, (name, value)| {
            writeln!(lines, "{name} = {value}").unwrap();
            lines
        });
        let golden = file(name);
        if is_blessing() && !golden.exists() {
            std::fs::write(&golden, &lines).unwrap();
        }
        assert_eq!(std::fs::read_to_string(golden).unwrap(), lines, "released frames have drifted");
        page.push_str(&lines);
    }
    compare_block("vectors", &format!("```text\n{page}```\n"));
}

#[test]
fn frames_of_every_released_version_open() {
    let golden = std::fs::read_to_string(file("golden/wire-1.txt")).unwrap();
    let bytes = |name: &str| {
        let line = golden.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ")).unwrap();
        vectors::unhex(line)
    };
    let signed = decode_signed_upload(&bytes("sync.request")).unwrap();
    decode_upload(&signed.body).unwrap();
    decode_enrol_request(&bytes("enrol.look")).unwrap();
    decode_enrol_request(&bytes("enrol.join")).unwrap();
    decode_enrol_answer(&bytes("enrol.welcome")).unwrap();
    decode_enrol_answer(&bytes("enrol.joined")).unwrap();
    assert_eq!(PartReader::new().push(&bytes("sync.answer")).unwrap().len(), 3);
    assert_eq!(PartReader::new().push(&bytes("sync.fault")).unwrap().len(), 1);
    let golden = std::fs::read_to_string(file("golden/wire-1-live.txt")).unwrap();
    let hello = golden.lines().find_map(|line| line.strip_prefix("live.hello = ")).unwrap();
    decode_hello(&vectors::unhex(hello)).unwrap();
}
