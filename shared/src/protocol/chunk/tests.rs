//! Real changes pass and say about themselves what Automerge says; every class of hostile change is refused.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId as CrdtActor, Author, Automerge, ObjType, ROOT, ReadDoc, ScalarValue};

use super::*;

/// A document with maps, text, conflicts and several actors, as changes.
fn real_changes() -> Vec<Vec<u8>> {
    let mut genesis = Automerge::new().with_actor(CrdtActor::from([0_u8; 16]));
    genesis
        .transact_with::<_, _, automerge::AutomergeError, _>(
            |_| CommitOptions::default().with_time(0),
            |tx| {
                for key in ["f", "r", "t"] {
                    tx.put_object(ROOT, key, ObjType::Map)?;
                }
                Ok(())
            },
        )
        .unwrap();
    let mut one = genesis.clone();
    one.set_author(Some(Author::from(&[7_u8; 16][..])));
    one.set_actor(CrdtActor::from([1_u8; 16]));
    let mut two = genesis.clone();
    two.set_author(Some(Author::from(&[9_u8; 16][..])));
    two.set_actor(CrdtActor::from([2_u8; 16]));
    for (document, values) in [(&mut one, ["A", "B"]), (&mut two, ["C", "D"])] {
        for (time, value) in (1_790_000_000..).zip(values) {
            edit(document, time, value);
        }
    }
    one.merge(&mut two).unwrap();
    edit(&mut one, 1_790_000_100, "E");
    one.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect()
}

fn edit(document: &mut Automerge, time: i64, value: &str) {
    document
        .transact_with::<_, _, automerge::AutomergeError, _>(
            |_| CommitOptions::default().with_time(time),
            |tx| {
                let (_, fields) = tx.get(ROOT, "f")?.unwrap();
                let (_, rows) = tx.get(ROOT, "r")?.unwrap();
                let (_, texts) = tx.get(ROOT, "t")?.unwrap();
                tx.put(&fields, "triase", value)?;
                tx.put(&fields, "jumlah", 300_i64)?;
                tx.put(&fields, "darurat", true)?;
                tx.put(&fields, "kosong", ScalarValue::Null)?;
                let row = tx.put_object(&rows, format!("tim/{value}"), ObjType::Map)?;
                tx.put(&row, "akun", value)?;
                let text = match tx.get(&texts, "kronologi")? {
                    Some((_, text)) => text,
                    None => tx.put_object(&texts, "kronologi", ObjType::Text)?,
                };
                tx.splice_text(&text, 0, 0, "Halo, é ini 🙂 teks")?;
                tx.splice_text(&text, 2, 3, "x")?;
                Ok(())
            },
        )
        .unwrap();
}

#[test]
fn real_changes_pass_and_agree_with_automerge() {
    let all = real_changes();
    assert_eq!(all.len(), 6);
    for bytes in all {
        let ours = CheckedChange::check(&bytes).unwrap();
        let theirs = automerge::Change::try_from(&bytes[..]).unwrap();
        assert_eq!(ours.as_bytes(), theirs.raw_bytes());
        assert_eq!(ours.hash().as_bytes(), &theirs.hash().0);
        assert_eq!(ours.actor().as_bytes(), theirs.actor_id().to_bytes());
        assert_eq!(ours.seq(), theirs.seq());
        assert_eq!(ours.start_op(), theirs.start_op().get());
        assert_eq!(ours.op_count(), u64::try_from(theirs.len()).unwrap());
        assert_eq!(ours.max_op(), theirs.max_op());
        assert_eq!(ours.time_s(), theirs.timestamp());
        assert_eq!(ours.message(), theirs.message());
        let deps: Vec<_> = ours.deps().iter().map(|dep| *dep.as_bytes()).collect();
        assert_eq!(deps, theirs.deps().iter().map(|dep| dep.0).collect::<Vec<_>>());
        let others: Vec<_> = ours.other_actors().iter().map(|actor| actor.as_bytes().to_vec()).collect();
        assert_eq!(others, theirs.other_actor_ids().iter().map(|actor| actor.to_bytes().to_vec()).collect::<Vec<_>>());
        let author = theirs.author().map(|author| author.as_bytes().to_vec());
        assert_eq!(ours.author().map(|author| author.as_bytes().to_vec()), author);
    }
}

#[test]
fn the_forge_makes_a_change_that_passes_and_that_automerge_parses() {
    let bytes = hostile::Forge::default().bytes();
    let ours = CheckedChange::check(&bytes).unwrap();
    assert_eq!(ours.author(), Some(AccountId::from_bytes([7; 16])));
    assert_eq!(ours.op_count(), 1);
    assert_eq!(automerge::Change::try_from(&bytes[..]).unwrap().hash().0, *ours.hash().as_bytes());
}

#[test]
fn every_class_of_hostile_change_is_refused_by_name() {
    for (name, bytes, expected) in hostile::corpus() {
        assert_eq!(CheckedChange::check(&bytes).map(|_| ()), Err(expected), "{name}");
    }
}

#[test]
fn every_truncation_is_refused() {
    for bytes in real_changes() {
        for end in 0..bytes.len() {
            assert!(CheckedChange::check(&bytes[..end]).is_err(), "{end}");
            // With the length and check sum made right again: cut in the body itself.
            let whole = body_of(&bytes);
            if end < whole.len() {
                let body = &whole[..end];
                let repaired = hostile::chunk(MAGIC, 1, body);
                if let Ok(change) = CheckedChange::check(&repaired) {
                    // Only the author may be cut off whole.
                    assert_eq!(change.author(), None);
                }
            }
        }
    }
}

/// What follows a chunk's length.
fn body_of(bytes: &[u8]) -> &[u8] {
    let mut reader = Reader::new(&bytes[9..]);
    reader.unsigned().unwrap();
    reader.rest()
}

/// A small generator of our own, so that a seed names the same mutants for ever.
struct Mutator(u64);

impl Mutator {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn mutate(&mut self, body: &mut Vec<u8>) {
        for _ in 0..=self.next(3) {
            let at = self.next(body.len());
            let byte = u8::try_from(self.next(256)).unwrap();
            match self.next(6) {
                0 => body[at] = byte,
                1 => body[at] ^= 1 << self.next(8),
                2 => body.insert(at, byte),
                3 => drop(body.remove(at)),
                4 => body.truncate(at.max(1)),
                _ => {
                    let from = self.next(body.len());
                    let piece = body[from..body.len().min(from + 8)].to_vec();
                    body.splice(at..at, piece);
                }
            }
            if body.is_empty() {
                body.push(0);
            }
        }
    }
}

/// `SIMPUL_CASES` mutants with a right check sum: none panics ours, and what passes ours neither panics Automerge's
/// parser nor decodes to more operations than counted.
#[test]
fn mutants_never_panic_and_what_passes_can_be_parsed() {
    let cases: usize = std::env::var("SIMPUL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let mut seeds = real_changes();
    seeds.push(hostile::Forge::default().bytes());
    seeds.extend(hostile::corpus().into_iter().map(|(_, bytes, _)| bytes).filter(|bytes| bytes.len() > 20));
    let mut mutator = Mutator(0x5eed_1234_5678_9abc);
    let mut passed = 0_usize;
    for _ in 0..cases {
        let seed = &seeds[mutator.next(seeds.len())];
        let mut body = seed[9..].to_vec();
        // The length itself is kept out: `chunk` writes it anew.
        body.drain(..body.iter().position(|byte| byte & 0x80 == 0).map_or(0, |at| at + 1));
        if body.is_empty() {
            continue;
        }
        mutator.mutate(&mut body);
        let bytes = hostile::chunk(MAGIC, 1, &body);
        if let Ok(ours) = CheckedChange::check(&bytes) {
            passed += 1;
            let parsed = automerge::Change::try_from(&bytes[..]);
            if let Ok(theirs) = parsed {
                assert_eq!(u64::try_from(theirs.len()).unwrap(), ours.op_count());
                // Panics on an actor index out of range.
                let _ = theirs.decode();
            }
        }
    }
    assert!(passed > cases / 200, "the mutator is too wild to test anything: {passed} of {cases}");
}
