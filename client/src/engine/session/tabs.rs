//! Several tabs over one vault: who leads, and what the others wrote.

use std::collections::BTreeSet;

use shared::id::DocumentId;

use super::{Session, store_failure};
use crate::api::Failure;

impl Session {
    /// Has other tabs of this vault read their rows again, although no document changed.
    pub(in crate::engine) fn tell_others(&self) {
        self.tell(&[]);
    }

    /// Has other tabs of this vault read these documents again.
    pub(in crate::engine) fn tell(&self, documents: &[DocumentId]) {
        (self.notify)(documents);
    }

    /// Becomes the one tab whose sync loop may write: later batches of any other tab's loop are declined. Summaries, as many
    /// as there are documents, are read again unless this session read them just now and heard all other tabs since.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn lead(&mut self, summaries_read: bool) -> Result<(), Failure> {
        let fence = self.tab;
        self.rows.set_fence(fence).await.map_err(|error| store_failure(&error))?;
        self.fence = Some(fence);
        self.fresh.clear();
        // What was noted of documents to be read was noted under a fence that has been another's since.
        self.announced = None;
        if !self.rows.has_documents().await.map_err(|error| store_failure(&error))? {
            self.fresh.begin_empty();
        }
        if summaries_read { self.reload_lists().await } else { self.reload().await }
    }

    /// Another tab of this account wrote these documents: read them again. [`Session::reload_lists`] has to follow; it
    /// takes longer, and what the documents say need not wait for it.
    ///
    /// # Errors
    /// [`Failure`] of the store.
    pub async fn poked(&mut self, documents: &BTreeSet<DocumentId>) -> Result<(), Failure> {
        self.hear(documents).await?;
        self.poked_practice(documents).await
    }

    /// Takes over what another tab made of documents, and reads them from the store when they are next needed.
    pub(in crate::engine) async fn hear(&mut self, documents: &BTreeSet<DocumentId>) -> Result<(), Failure> {
        for document in documents {
            self.replicas.remove(document);
            self.actors.remove(document);
            self.fresh.forget(document);
        }
        let found = self.rows.summaries_of(documents).await.map_err(|error| store_failure(&error))?;
        for (document, summary) in documents.iter().zip(found) {
            self.index.hear(*document, summary);
        }
        Ok(())
    }

    /// Tells this session from every other, also from an earlier one of the same vault.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.tab
    }
}
