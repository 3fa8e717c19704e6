//! Forges changes for tests: any field may be wrong, the check sum is right unless it is what is wrong.
//!
//! Classes: sync facts §3.2, security facts §2.5 as far as they concern a change's own bytes.

use sha2::{Digest, Sha256};

use super::ChunkFault;

/// Unsigned LEB128.
pub(super) fn unsigned(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

/// Signed LEB128.
pub(super) fn signed(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

/// A run of `count` equal rows.
pub(super) fn run(count: i64, value: &[u8]) -> Vec<u8> {
    [signed(count).as_slice(), value].concat()
}

/// A change in parts.
#[derive(Clone)]
pub(super) struct Forge {
    pub(super) magic: [u8; 4],
    pub(super) kind: u8,
    pub(super) deps: Vec<[u8; 32]>,
    pub(super) actor: Vec<u8>,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) time: i64,
    pub(super) message: Vec<u8>,
    pub(super) others: Vec<Vec<u8>>,
    pub(super) columns: Vec<(u64, Vec<u8>)>,
    pub(super) footer: Vec<u8>,
}

impl Default for Forge {
    /// Sets the field `a` to true, and passes.
    fn default() -> Self {
        Self {
            magic: [0x85, 0x6f, 0x4a, 0x83],
            kind: 1,
            deps: vec![[9; 32]],
            actor: vec![1; 16],
            seq: 1,
            start_op: 4,
            time: 1_790_000_000,
            message: Vec::new(),
            others: vec![vec![0; 16]],
            columns: vec![
                (0x01, run(1, &[1])),
                (0x02, run(1, &[1])),
                (0x15, [signed(-1), vec![1, b'a']].concat()),
                (0x34, vec![1]),
                (0x42, run(1, &[1])),
                (0x56, run(1, &[2])),
                (0x70, run(1, &[0])),
            ],
            footer: [vec![1, 16], vec![7; 16]].concat(),
        }
    }
}

impl Forge {
    pub(super) fn column(mut self, spec: u64, bytes: Vec<u8>) -> Self {
        self.columns.retain(|(other, _)| *other != spec);
        self.columns.push((spec, bytes));
        self.columns.sort_by_key(|(spec, _)| *spec);
        self
    }

    fn without(mut self, spec: u64) -> Self {
        self.columns.retain(|(other, _)| *other != spec);
        self
    }

    fn body(&self) -> Vec<u8> {
        let mut body = unsigned(u64::try_from(self.deps.len()).unwrap());
        body.extend(self.deps.iter().flatten());
        let prefixed = |body: &mut Vec<u8>, bytes: &[u8]| {
            body.extend(unsigned(u64::try_from(bytes.len()).unwrap()));
            body.extend(bytes);
        };
        prefixed(&mut body, &self.actor);
        body.extend(unsigned(self.seq));
        body.extend(unsigned(self.start_op));
        body.extend(signed(self.time));
        prefixed(&mut body, &self.message);
        body.extend(unsigned(u64::try_from(self.others.len()).unwrap()));
        for other in &self.others {
            prefixed(&mut body, other);
        }
        body.extend(unsigned(u64::try_from(self.columns.len()).unwrap()));
        for (spec, bytes) in &self.columns {
            body.extend(unsigned(*spec));
            body.extend(unsigned(u64::try_from(bytes.len()).unwrap()));
        }
        body.extend(self.columns.iter().flat_map(|(_, bytes)| bytes));
        body.extend(&self.footer);
        body
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        chunk(self.magic, self.kind, &self.body())
    }
}

/// A chunk around any body, with the right length and check sum.
pub(super) fn chunk(magic: [u8; 4], kind: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(unsigned(u64::try_from(body.len()).unwrap()));
    hashed.extend(body);
    let hash = Sha256::digest(&hashed);
    [&magic[..], &hash[..4], &hashed].concat()
}

/// One hostile change: what it is, its bytes, and how it must be refused.
pub(super) type Case = (&'static str, Vec<u8>, ChunkFault);

/// Every class, each as the default change with one thing wrong.
pub(super) fn corpus() -> Vec<Case> {
    [headers(), identities(), columns(), bombs()].concat()
}

fn headers() -> Vec<Case> {
    let good = Forge::default();
    let mut flipped = good.bytes();
    flipped[5] ^= 1;
    let mut altered = good.bytes();
    *altered.last_mut().unwrap() ^= 1;
    let mut cases: Vec<Case> = vec![
        ("nothing", vec![], ChunkFault::Truncated),
        ("magic", Forge { magic: [0; 4], ..good.clone() }.bytes(), ChunkFault::Magic),
        ("flipped check sum", flipped, ChunkFault::Checksum),
        ("altered content", altered, ChunkFault::Checksum),
        ("trailing byte", [good.bytes(), vec![0]].concat(), ChunkFault::Trailing),
        ("two changes", [good.bytes(), good.bytes()].concat(), ChunkFault::Trailing),
        ("too large", Forge { message: vec![b'a'; 70_000], ..good.clone() }.bytes(), ChunkFault::TooLarge),
        ("long message", Forge { message: vec![b'a'; 257], ..good.clone() }.bytes(), ChunkFault::Text),
        ("message no UTF-8", Forge { message: vec![0xff], ..good.clone() }.bytes(), ChunkFault::Text),
        ("time before 1970", Forge { time: -1, ..good.clone() }.bytes(), ChunkFault::Time),
        ("time far away", Forge { time: i64::MAX, ..good.clone() }.bytes(), ChunkFault::Time),
        ("time least", Forge { time: i64::MIN, ..good.clone() }.bytes(), ChunkFault::Time),
        ("milliseconds", Forge { time: 1_790_000_000_000, ..good.clone() }.bytes(), ChunkFault::Time),
        ("empty body", chunk(good.magic, 1, &[]), ChunkFault::Truncated),
    ];
    for kind in [0, 2, 3, 255] {
        cases.push(("other chunk type", Forge { kind, ..good.clone() }.bytes(), ChunkFault::Type));
    }
    for length in [unsigned(u64::MAX), vec![0xff; 10], vec![0x80, 0]] {
        let bytes = [good.magic.to_vec(), vec![0; 4], vec![1], length.clone()].concat();
        let fault = if length.len() == 10 && length[9] == 1 { ChunkFault::Truncated } else { ChunkFault::Number };
        cases.push(("length overflow", bytes, fault));
    }
    cases
}

fn identities() -> Vec<Case> {
    let good = Forge::default();
    vec![
        (
            "33 parents",
            Forge { deps: (0..33).map(|byte| [byte; 32]).collect(), ..good.clone() }.bytes(),
            ChunkFault::Parents,
        ),
        ("unordered parents", Forge { deps: vec![[2; 32], [1; 32]], ..good.clone() }.bytes(), ChunkFault::Parents),
        ("a parent twice", Forge { deps: vec![[2; 32], [2; 32]], ..good.clone() }.bytes(), ChunkFault::Parents),
        ("no parent", Forge { deps: vec![], ..good.clone() }.bytes(), ChunkFault::Parents),
        ("the genesis' actor", Forge { actor: vec![0; 16], ..good.clone() }.bytes(), ChunkFault::Actor),
        ("an actor of 21 bytes", Forge { actor: vec![1; 21], ..good.clone() }.bytes(), ChunkFault::Actor),
        ("no actor", Forge { actor: vec![], ..good.clone() }.bytes(), ChunkFault::Actor),
        ("sequence 0", Forge { seq: 0, ..good.clone() }.bytes(), ChunkFault::Sequence),
        ("sequence greatest", Forge { seq: u64::MAX, ..good.clone() }.bytes(), ChunkFault::Sequence),
        ("start 0", Forge { start_op: 0, ..good.clone() }.bytes(), ChunkFault::Counter),
        ("start 2^31", Forge { start_op: 1 << 31, ..good.clone() }.bytes(), ChunkFault::Counter),
        ("start 2^32 - 1", Forge { start_op: (1 << 32) - 1, ..good.clone() }.bytes(), ChunkFault::Counter),
        ("last operation 2^31", two_ops((1 << 31) - 1), ChunkFault::Counter),
        (
            "65 other actors",
            Forge { others: (0..65).map(|byte| vec![byte + 2; 16]).collect(), ..good.clone() }.bytes(),
            ChunkFault::OtherActors,
        ),
        (
            "unordered actors",
            Forge { others: vec![vec![3; 16], vec![2; 16]], ..good.clone() }.bytes(),
            ChunkFault::OtherActors,
        ),
        ("itself as another", Forge { others: vec![vec![1; 16]], ..good.clone() }.bytes(), ChunkFault::OtherActors),
        ("a short other actor", Forge { others: vec![vec![0; 4]], ..good.clone() }.bytes(), ChunkFault::OtherActors),
        ("author with sequence 2", Forge { seq: 2, ..good.clone() }.bytes(), ChunkFault::Footer),
        ("author of 4 bytes", Forge { footer: vec![1, 4, 7, 7, 7, 7], ..good.clone() }.bytes(), ChunkFault::Footer),
        (
            "author and more",
            Forge { footer: [good.footer.clone(), vec![0]].concat(), ..good.clone() }.bytes(),
            ChunkFault::Footer,
        ),
        ("unknown footer", Forge { footer: vec![2, 0], ..good }.bytes(), ChunkFault::Footer),
    ]
}

fn two_ops(start_op: u64) -> Vec<u8> {
    Forge { start_op, ..Forge::default() }
        .column(0x01, run(2, &[1]))
        .column(0x02, run(2, &[1]))
        .column(0x15, [signed(-2), vec![1, b'a', 1, b'b']].concat())
        .column(0x34, vec![2])
        .column(0x42, run(2, &[1]))
        .column(0x56, run(2, &[2]))
        .column(0x70, run(2, &[0]))
        .bytes()
}

fn columns() -> Vec<Case> {
    let good = Forge::default;
    let mut unordered = good();
    unordered.columns.swap(0, 1);
    let mut twice = good();
    twice.columns.insert(1, twice.columns[0].clone());
    let mut empty = good();
    empty.columns.insert(1, (0x02, vec![]));
    empty.columns.remove(2);
    let long_key = [signed(-1), unsigned(257), vec![b'k'; 257]].concat();
    vec![
        ("unordered columns", unordered.bytes(), ChunkFault::Column),
        ("a column twice", twice.bytes(), ChunkFault::Column),
        ("an empty column", empty.bytes(), ChunkFault::Column),
        ("an unknown column", good().column(0x90, vec![1]).bytes(), ChunkFault::Column),
        ("a mark", good().column(0xa5, run(1, &[0])).bytes(), ChunkFault::Column),
        ("a compressed column", good().without(0x42).column(0x4a, run(1, &[1])).bytes(), ChunkFault::Column),
        ("no operation", good().without(0x42).bytes(), ChunkFault::Empty),
        ("a null action", good().column(0x42, vec![0, 1]).bytes(), ChunkFault::Action),
        ("a list is made", good().column(0x42, run(1, &[2])).bytes(), ChunkFault::Action),
        ("an increment", good().column(0x42, run(1, &[5])).bytes(), ChunkFault::Action),
        ("an unknown action", good().column(0x42, run(1, &[99])).bytes(), ChunkFault::Action),
        ("an actor index beyond", good().column(0x01, run(1, &[2])).bytes(), ChunkFault::ActorIndex),
        ("a key's actor beyond", good().column(0x11, run(1, &[9])).bytes(), ChunkFault::ActorIndex),
        ("an object of the future", good().column(0x02, run(1, &[5])).bytes(), ChunkFault::Counter),
        ("a counter below zero", good().column(0x13, run(1, &signed(-1))).bytes(), ChunkFault::Counter),
        ("too few keys", two_columns(0x15, [signed(-1), vec![1, b'a']].concat()), ChunkFault::RowCount),
        ("too few values", two_columns(0x56, run(1, &[2])), ChunkFault::RowCount),
        ("too few inserts", two_columns(0x34, vec![1]), ChunkFault::RowCount),
        ("too many keys", good().column(0x15, run(2, &[1, b'a'])).bytes(), ChunkFault::TooManyRows),
        ("a long key", good().column(0x15, long_key).bytes(), ChunkFault::Text),
        ("a key no UTF-8", good().column(0x15, run(1, &[1, 0xff])).bytes(), ChunkFault::Text),
        ("a lone surrogate", good().column(0x15, run(1, &[3, 0xed, 0xa0, 0x80])).bytes(), ChunkFault::Text),
        ("a float", good().column(0x56, run(1, &unsigned(0x85))).column(0x57, vec![0; 8]).bytes(), ChunkFault::Value),
        ("a counter value", good().column(0x56, run(1, &[0x18])).column(0x57, vec![1]).bytes(), ChunkFault::Value),
        ("bytes", good().column(0x56, run(1, &[0x17])).column(0x57, vec![1]).bytes(), ChunkFault::Value),
        ("an unknown value", good().column(0x56, run(1, &[0x0f])).bytes(), ChunkFault::Value),
        ("a true with content", good().column(0x56, run(1, &[0x12])).column(0x57, vec![1]).bytes(), ChunkFault::Value),
        (
            "an integer too wide",
            good().column(0x56, run(1, &[0x24])).column(0x57, vec![1, 1]).bytes(),
            ChunkFault::Value,
        ),
        ("a text no UTF-8", good().column(0x56, run(1, &[0x16])).column(0x57, vec![0xff]).bytes(), ChunkFault::Text),
        ("values left over", good().column(0x57, vec![1]).bytes(), ChunkFault::Value),
        (
            "a text beyond the column",
            good().column(0x56, run(1, &[0x26])).column(0x57, vec![b'a']).bytes(),
            ChunkFault::Truncated,
        ),
        ("predecessors without ids", good().column(0x70, run(1, &[1])).bytes(), ChunkFault::RowCount),
        ("ids without predecessors", good().column(0x71, run(1, &[0])).bytes(), ChunkFault::TooManyRows),
        ("a run of none", good().column(0x34, vec![1, 0]).bytes(), ChunkFault::EmptyRun),
    ]
}

fn two_columns(spec: u64, bytes: Vec<u8>) -> Vec<u8> {
    let mut forge = Forge::default()
        .column(0x01, run(2, &[1]))
        .column(0x02, run(2, &[1]))
        .column(0x15, [signed(-2), vec![1, b'a', 1, b'b']].concat())
        .column(0x34, vec![2])
        .column(0x42, run(2, &[1]))
        .column(0x56, run(2, &[2]))
        .column(0x70, run(2, &[0]));
    forge = forge.column(spec, bytes);
    forge.bytes()
}

/// A few bytes that claim gigabytes.
fn bombs() -> Vec<Case> {
    let good = Forge::default;
    let mut cases = Vec::new();
    for rows in [5_001, 1_000_000, 16_700_000, 134_000_000, i64::MAX] {
        cases.push(("many operations", good().column(0x42, run(rows, &[1])).bytes(), ChunkFault::TooManyRows));
        cases.push(("many literals", good().column(0x42, run(-rows, &[1])).bytes(), ChunkFault::TooManyRows));
        let nulls = [vec![0], unsigned(rows.unsigned_abs())].concat();
        cases.push(("many nulls", good().column(0x15, nulls).bytes(), ChunkFault::TooManyRows));
        cases.push((
            "many inserts",
            good().column(0x34, unsigned(rows.unsigned_abs())).bytes(),
            ChunkFault::TooManyRows,
        ));
    }
    for preds in [20_001, 67_000_000, u64::MAX] {
        cases.push((
            "many predecessors",
            good().column(0x70, run(1, &unsigned(preds))).bytes(),
            ChunkFault::TooManyRows,
        ));
    }
    cases.push(("i64::MIN literals", good().column(0x42, run(i64::MIN, &[1])).bytes(), ChunkFault::TooManyRows));
    let far = [signed(1), signed(i64::MAX)].concat();
    cases.push(("a delta beyond", good().column(0x13, far).bytes(), ChunkFault::Counter));
    cases
}
