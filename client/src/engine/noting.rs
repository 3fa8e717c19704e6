//! "Simpan sebagai catatan (bukan isian)": what a held change says is kept as a note of the case, and the change declined.
//!
//! Owns when that may be, and the note. It is a supplement by who decides, and its remark says whose words they are and from
//! when. Both are one act: until the note is written the decision waits with it, and the relay declines nothing whose note it
//! has not taken. Must never let a note say what some of its readers may not read. Called by the session's decisions.

use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::access::held::is_narrower;
use shared::command::Edit;
use shared::command::reentry::Intent;
use shared::document::path::FieldPath;
use shared::id::{DocumentKey, HeldId, SubjectId, hash16};
use shared::protocol::error::ErrorCode;
use shared::protocol::held::{KeptNote, Verdict};

use super::flow::supplement_place;
use super::held::{HeldRow, Queued, read, whole};
use super::keys;
use super::permission::{hides_at, is_covered};
use super::query::held::fields;
use super::rows::RowWrites;
use super::session::{DocumentEdit, Session, document_key, failure, store_failure};
use super::write::check_text;
use crate::api::Failure;
use crate::store::Durability;
use crate::store::sealed::Writes;

impl Session {
    /// Queues that a held change is kept as a note, in these words.
    ///
    /// # Errors
    /// [`Failure`] when it waits no longer, when it may not become a note, or of the store; nothing was decided then.
    pub async fn decide_as_note(&mut self, id: HeldId, text: String) -> Result<(), Failure> {
        let row = self.held.get(&id).filter(|row| row.decided.is_none() && !row.is_fixed()).cloned();
        let mut row = row.ok_or(failure(ErrorCode::DecisionUnknown))?;
        self.check_note(&row, &text).await?;
        let verdict = Verdict::Noted(self.note_key(&row).id());
        let order = self.next_order().number;
        row.queued = Some(Queued { order, verdict, reenter: true, note: Some(text) });
        row.refused = None;
        let mut writes = Writes::new();
        writes.held(&row);
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.held.insert(id, row);
        // The tab that sends may be another one.
        self.tell_others();
        Ok(())
    }

    /// Writes a note, in one act with the decision that says so.
    pub(super) async fn enter_note(&mut self, order: u64, mut row: HeldRow, text: String) -> Result<(), Failure> {
        let meant = self.check_note(&row, &text).await?;
        let key = self.note_key(&row);
        let id = row.item.held;
        row.queued = Some(Queued { order, verdict: Verdict::Noted(key.id()), reenter: false, note: None });
        // It is there when the relay took it, and not the decision.
        let is_written = self.has(&key) && !self.replica(&key).await?.document.text(keys::SUPPLEMENT_TEXT).is_empty();
        let edits = if is_written {
            Vec::new()
        } else {
            let text_key = keys::SUPPLEMENT_TEXT.to_owned();
            let edit = Edit::EditText { key: text_key, base: Vec::new(), old: String::new(), new: text };
            vec![DocumentEdit { key, edit }]
        };
        let remark = KeptNote { held: id, author: meant.note.author, time_s: meant.note.time_s };
        self.edit_then(edits, Some(remark.to_string()), Writes::new(), &mut |_, writes| {
            writes.held(&row);
        })
        .await?;
        self.held.insert(id, row);
        Ok(())
    }

    /// Why what a held change says may not become a note; none when it may.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub(super) async fn refused_note(
        &mut self,
        key: &DocumentKey,
        meant: Option<&Intent>,
    ) -> Result<Option<ErrorCode>, Failure> {
        let Some(meant) = meant.filter(|_| ![CORE_KIND, GUARD_KIND].contains(&key.kind.as_str())) else {
            return Ok(Some(ErrorCode::NoteGrants));
        };
        let pack = self.pack.clone();
        if !is_narrower(&pack, keys::SUPPLEMENT, &key.kind) {
            return Ok(Some(ErrorCode::NoteWider));
        }
        let facts = self.case_facts(key.case).await?;
        // Whoever agrees to be named today may refuse tomorrow, and a note stays.
        let mut paths = fields(&meant.edit).into_iter().map(|(path, _)| path).chain([meant.path.clone()]);
        if paths.any(|path| is_covered(&pack, key, &path) || hides_at(&pack, &facts, key, &path)) {
            return Ok(Some(ErrorCode::NoteNames));
        }
        let note = document_key(key.case, keys::SUPPLEMENT, Some(SubjectId::from_bytes([0; 16])));
        let text = FieldPath::Text(keys::SUPPLEMENT_TEXT.to_owned());
        let right = self.check_may_write(&note, &text).await;
        Ok(right.err().map(|_| ErrorCode::WriteForbidden))
    }

    async fn check_note(&mut self, row: &HeldRow, text: &str) -> Result<Intent, Failure> {
        let content = row.item.content.clone().ok_or(failure(ErrorCode::DecisionUnknown))?;
        if text.trim().is_empty() {
            return Err(failure(ErrorCode::ValueWrong));
        }
        check_text(&self.pack, &supplement_place(row.item.case), text)?;
        let present = self.replica(&content.key).await?.document.clone();
        let meant = read(&whole(&self.held, &content.key, &present), &content, &present);
        if let Some(code) = self.refused_note(&content.key, meant.as_ref()).await? {
            return Err(failure(code));
        }
        meant.ok_or(failure(ErrorCode::NoteGrants))
    }

    /// The note of a held change by this account: named by what it keeps, so that whoever decides again writes no second one.
    fn note_key(&self, row: &HeldRow) -> DocumentKey {
        let name = [row.item.held.as_bytes().as_slice(), self.owner.account.as_bytes()];
        let subject = SubjectId::from_bytes(hash16("simpul/kept-note", &name));
        document_key(row.item.case, keys::SUPPLEMENT, Some(subject))
    }
}
