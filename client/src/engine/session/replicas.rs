//! The documents that are open.

use std::collections::BTreeSet;

use shared::id::{DocumentId, DocumentKey};
use shared::order::Gather as _;
use shared::protocol::error::ErrorCode;
use shared::sync::row::DocumentRows;

use super::{Session, failure, store_failure};
use crate::api::Failure;
use crate::engine::replica::Replica;

/// Open documents kept in memory; the least recently opened goes first.
const REPLICAS_MAX: usize = 64;

impl Session {
    /// Opens a document, or takes it from memory.
    ///
    /// # Errors
    /// [`Failure`] of the store, or [`ErrorCode::HeldAside`] when its rows do not open.
    pub async fn replica(&mut self, key: &DocumentKey) -> Result<&mut Replica, Failure> {
        let id = key.id();
        if self.deadly.contains(&id) {
            return Err(failure(ErrorCode::HeldAside));
        }
        self.opened = self.opened.saturating_add(1);
        if !self.replicas.contains_key(&id) {
            let wanted = std::iter::once(id).into_set();
            let mut rows = self.rows.documents(&wanted).await.map_err(|error| store_failure(&error))?;
            let rows: DocumentRows = rows.remove(&id).unwrap_or_default();
            let replica = Replica::open(key.clone(), &rows).map_err(|_| failure(ErrorCode::HeldAside))?;
            self.replicas.insert(id, (self.opened, replica));
            self.close_oldest();
        }
        let entry = self.replicas.get_mut(&id).ok_or(failure(ErrorCode::ItemGone))?;
        entry.0 = self.opened;
        Ok(&mut entry.1)
    }

    /// Opens a document that is about to be made, about somebody nobody could have written of yet: no row is looked for.
    pub(in crate::engine) fn begin_document(&mut self, key: &DocumentKey) -> Result<(), Failure> {
        let replica =
            Replica::open(key.clone(), &DocumentRows::default()).map_err(|_| failure(ErrorCode::HeldAside))?;
        self.replicas.insert(key.id(), (self.opened, replica));
        Ok(())
    }

    /// Closes the documents that were opened longest ago, down to the most that stay open.
    pub(in crate::engine) fn close_oldest(&mut self) {
        while self.replicas.len() > REPLICAS_MAX {
            let oldest = self.replicas.iter().min_by_key(|(_, (opened, _))| *opened).map(|(id, _)| *id);
            let Some(oldest) = oldest else { return };
            self.replicas.remove(&oldest);
        }
    }

    /// Forgets documents that stand in no row any more.
    pub(in crate::engine) fn forget_documents(&mut self, documents: &BTreeSet<DocumentId>) {
        for document in documents {
            self.replicas.remove(document);
            self.actors.remove(document);
            self.aside.remove(document);
            self.deadly.remove(document);
            self.index.remove(*document);
        }
    }
}
