//! The rows of views: one for each case, so that they go with it.

use shared::id::CaseId;

use super::Rows;
use crate::engine::look::Look;
use crate::store::sealed::{Table, Writes};
use crate::store::{Durability, StoreError};

/// Views kept of one case, the newest: about 90 bytes each, so that one more is written in a moment.
const LOOKS_MAX: usize = 1_000;

/// Takes every view of a case away, with the case itself.
pub(super) fn no_looks(writes: &mut Writes, case: CaseId) {
    writes.delete(Table::Read, case.as_bytes());
}

impl Rows {
    /// Keeps a view, on stable storage, whatever other tabs keep meanwhile.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn look(&self, look: Look) -> Result<(), StoreError> {
        let case = look.place.case;
        let asked: [(Table, &[u8]); 1] = [(Table::Read, case.as_bytes())];
        self.store
            .update(&asked, Durability::Strict, |reads| {
                let mut looks = reads.get::<Vec<Look>>(0)?.unwrap_or_default();
                let surplus = looks.len().saturating_add(1).saturating_sub(LOOKS_MAX);
                looks.drain(..surplus);
                looks.push(look);
                let mut writes = Writes::new();
                writes.put(Table::Read, case.as_bytes(), &looks);
                Ok((writes, ()))
            })
            .await
    }

    /// The views of a case, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn looks(&self, case: CaseId) -> Result<Vec<Look>, StoreError> {
        Ok(self.store.get(Table::Read, case.as_bytes()).await?.unwrap_or_default())
    }
}
