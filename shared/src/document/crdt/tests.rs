//! Another client writes with the library's own calls; what `docs/protocol.md` asks of it passes the trial.

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId as AmActor, Author, Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc};

use crate::command::{Edit, Writer, apply};
use crate::document::Document;
use crate::document::vet::VettedDocument;
use crate::id::{AccountId, ActorId, RowId};
use crate::protocol::chunk::CheckedChange;
use crate::value::Scalar;

const ROW: RowId = RowId::from_bytes([3; 16]);

fn ours() -> Document {
    let mut document = Document::new().unwrap();
    for number in [1_u8, 2] {
        let mut apart = Document::new().unwrap();
        let writer =
            Writer { author: AccountId::from_bytes([number; 16]), actor: ActorId::from_bytes([0xa0 | number; 16]) };
        let edits = [
            Edit::SetField { key: "triase".into(), value: i64::from(number).into(), seen: vec![] },
            Edit::EditText { key: "kronologi".into(), base: vec![], old: String::new(), new: "satu dua".into() },
        ];
        for edit in edits {
            apply(&mut apart, &writer, &edit, 0).unwrap();
        }
        let changes: Vec<_> = apart.changes().into_iter().map(|change| change.bytes).collect();
        document.apply(&changes).unwrap();
    }
    document
}

struct Foreign {
    document: Automerge,
    base: VettedDocument,
}

impl Foreign {
    fn new() -> Self {
        let ours = ours();
        let mut document = Automerge::load(&ours.save()).unwrap();
        document.set_author(Some(Author::from(vec![9; 16])));
        document.set_actor(AmActor::from([0x99; 16].as_slice()));
        Self { document, base: VettedDocument::open(ours).unwrap() }
    }

    fn map(&self, name: &str) -> ObjId {
        self.document.get(ROOT, name).unwrap().unwrap().1
    }

    fn passes(&mut self, act: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>) -> bool {
        self.document.transact_with(|()| CommitOptions::default().with_time(1), act).unwrap();
        let bytes = self.document.get_last_local_change().unwrap().raw_bytes().to_vec();
        let Some(vetted) = CheckedChange::check(&bytes).ok().and_then(|_| self.base.vet(&[bytes]).ok()) else {
            return false;
        };
        self.base.accept(vetted);
        true
    }
}

#[test]
fn what_the_library_writes_passes() {
    let mut foreign = Foreign::new();
    let (fields, rows, texts) = (foreign.map("f"), foreign.map("r"), foreign.map("t"));
    assert!(foreign.passes(|change| change.put(&fields, "umur", 17_i64)));
    let key = crate::document::path::row_key("tim", ROW);
    assert!(foreign.passes(|change| {
        let row = change.put_object(&rows, key, ObjType::Map)?;
        change.put(&row, "peran", "MKS")?;
        change.put(&row, "dihapus", false)
    }));
    let text = foreign.document.get(&texts, "kronologi").unwrap().unwrap().1;
    assert!(foreign.passes(|change| change.splice_text(&text, 4, 2, " é dan")));
    assert!(foreign.passes(|change| change.update_text(&text, "tiga")));
    assert_eq!(foreign.base.document().heads().len(), 1);
    assert_eq!(foreign.base.document().text("kronologi"), "tiga");
}

#[test]
fn the_winning_value_is_chosen_through_null() {
    let mut foreign = Foreign::new();
    let fields = foreign.map("f");
    let winner = foreign.base.document().field("triase").shown().and_then(Scalar::as_int).unwrap();
    assert!(foreign.passes(|change| {
        change.put(&fields, "triase", ())?;
        change.put(&fields, "triase", winner)
    }));
    assert_eq!(foreign.base.document().field("triase").values.len(), 1);

    let mut direct = Foreign::new();
    assert!(!direct.passes(|change| change.put(&fields, "triase", winner)), "the library deletes the others");
}
