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
    one.get_changes(&[])
        .iter()
        .map(|change| change.raw_bytes().to_vec())
        .collect()
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
        assert_eq!(
            deps,
            theirs.deps().iter().map(|dep| dep.0).collect::<Vec<_>>()
        );
        let others: Vec<_> = ours
            .other_actors()
            .iter()
            .map(|actor| actor.as_bytes().to_vec())
            .collect();
        assert_eq!(
            others,
            theirs
                .other_actor_ids()
                .iter()
                .map(|actor| actor.to_bytes().to_vec())
                .collect::<Vec<_>>()
        );
        let author = theirs.author().map(|author| author.as_bytes().to_vec());
        assert_eq!(
            ours.author().map(|author| author.as_bytes().to_vec()),
            author
        );
    }
}
