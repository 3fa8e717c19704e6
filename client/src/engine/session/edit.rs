//! The one way in which anything is written: tried on a clone, kept in rows, taken over.

use std::collections::{BTreeMap, BTreeSet};

use shared::command::Edit;
use shared::id::{ActorId, CaseId, DocumentId, DocumentKey, hash16};
use shared::order::Gather as _;
use shared::protocol::error::ErrorCode;
use shared::sync::rebuild::error_code;
use shared::sync::row::{PendingEdit, PendingOrder};

use super::{Session, failure};
use crate::api::Failure;
use crate::engine::keys;
use crate::engine::replica::{EditContext, Replica, Tried};
use crate::engine::rows::{Applied, RowWrites, Stamps};
use crate::engine::summarise::OVERTAKEN_MAX;
use crate::engine::summary::Summary;
use crate::store::Durability;
use crate::store::sealed::Writes;

/// One edit of one document.
#[derive(Debug, Clone)]
pub struct DocumentEdit {
    /// The document.
    pub key: DocumentKey,
    /// The edit.
    pub edit: Edit,
}

/// Edits that were tried, with the documents they make.
pub(in crate::engine) struct Prepared {
    tried: BTreeMap<DocumentId, Replica>,
    made: Vec<PendingEdit>,
    summaries: Vec<Summary>,
    /// Those in whose place they come.
    stamps: Stamps,
}

impl Prepared {
    pub(in crate::engine) const fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    fn cases(&self) -> BTreeSet<CaseId> {
        self.tried.values().map(|replica| replica.key.case).into_set()
    }
}

impl Session {
    fn actor_for(&mut self, document: DocumentId) -> ActorId {
        let fresh = ActorId::from_bytes(hash16("simpul/actor", &[&self.draw::<16>(), document.as_bytes()]));
        *self.actors.entry(document).or_insert(fresh)
    }

    pub(in crate::engine) fn next_order(&mut self) -> PendingOrder {
        self.last_order = self.last_order.saturating_add(1).max(self.now_ms());
        PendingOrder { number: self.last_order, tab: self.tab }
    }

    /// Makes edits, whole or not at all, with other rows of the same act. Returns once they are on stable storage.
    ///
    /// # Errors
    /// [`Failure`]; nothing was written then.
    pub async fn edit(&mut self, edits: Vec<DocumentEdit>, writes: Writes) -> Result<(), Failure> {
        self.edit_then(edits, None, writes, &mut |_, _| {}).await
    }

    /// As [`Self::edit`], with a remark in every change, and with rows that depend on the changes made.
    pub(in crate::engine) async fn edit_then(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        writes: Writes,
        also: &mut dyn FnMut(&[PendingEdit], &mut Writes),
    ) -> Result<(), Failure> {
        for _ in 0..OVERTAKEN_MAX {
            // Tried again on what stands there now.
            if self.edit_once(edits.clone(), message.clone(), writes.clone(), &mut *also).await? == Applied::Done {
                return Ok(());
            }
        }
        Err(failure(ErrorCode::TabletStore))
    }

    /// As [`Self::edit_then`], but where another tab was faster nothing is written, and that is heard of: for whom what to
    /// write depends on what stands there.
    pub(in crate::engine) async fn edit_once(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        mut writes: Writes,
        also: &mut dyn FnMut(&[PendingEdit], &mut Writes),
    ) -> Result<Applied, Failure> {
        let prepared = self.prepare(edits, message, &mut writes).await?;
        also(&prepared.made, &mut writes);
        let (cases, stamps) = (prepared.cases(), prepared.stamps());
        let applied = self.apply_with_summaries(&cases, writes, stamps, Durability::Strict).await?;
        match applied {
            Applied::Done => self.keep(prepared),
            Applied::Overtaken => self.hear(&prepared.tried.keys().copied().into_set()).await?,
        }
        Ok(applied)
    }

    /// Tries edits and puts what keeps them into the writes. Nothing is done before those were applied and
    /// [`Session::keep`] was told.
    pub(in crate::engine) async fn prepare(
        &mut self,
        edits: Vec<DocumentEdit>,
        message: Option<String>,
        writes: &mut Writes,
    ) -> Result<Prepared, Failure> {
        let mut tried: BTreeMap<DocumentId, Replica> = BTreeMap::new();
        let mut made = Vec::new();
        for DocumentEdit { key, edit } in edits {
            let id = key.id();
            let order = self.next_order();
            let context = EditContext {
                author: self.owner.account,
                actor: self.actor_for(id),
                time_ms: self.now_ms(),
                order,
                urgent: self.is_urgent(&key),
            };
            let mut replica = match tried.remove(&id) {
                Some(replica) => replica,
                None => self.replica(&key).await?.clone(),
            };
            let outcome: Tried =
                replica.try_edit(edit, message.clone(), &context).map_err(|error| failure(error_code(&error)))?;
            made.extend(outcome.pending.clone());
            replica.keep(outcome);
            tried.insert(id, replica);
        }
        let (mut summaries, mut stamps, stamp) = (Vec::new(), Stamps::new(), self.draw_stamp());
        for (document, replica) in &tried {
            let summary = Summary::of(replica, &self.pack).stamped(stamp);
            writes.summary(&summary);
            stamps.insert(*document, self.index.summary(&summary.key).map_or(0, |before| before.stamp));
            summaries.push(summary);
        }
        let tells_danger = |summary: &Summary| summary.key.kind == keys::CORE && summary.is_true(keys::EMERGENCY);
        let in_danger = summaries.iter().filter(|summary| tells_danger(summary)).map(|one| one.key.case).into_set();
        for edit in &mut made {
            // The very edit that tells of a danger is one of danger, with what its act wrote beside it.
            edit.urgent |= in_danger.contains(&edit.key.case);
            writes.pending(edit);
        }
        Ok(Prepared { tried, made, summaries, stamps })
    }

    /// Takes edits over whose rows are on stable storage, and tells the other tabs.
    pub(in crate::engine) fn keep(&mut self, prepared: Prepared) {
        for summary in prepared.summaries {
            self.index.put(summary);
        }
        self.may_have_edits.extend(prepared.made.iter().map(|edit| edit.key.id()));
        let touched: Vec<DocumentId> = prepared.tried.keys().copied().collect();
        for (id, replica) in prepared.tried {
            self.replicas.insert(id, (self.opened, replica));
        }
        (self.notify)(&touched);
    }
}
