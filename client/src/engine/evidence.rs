//! Bytes of a tablet that the relay refused as damaged or hostile, written to a file. They come as a letter to the office: nobody
//! on this tablet can open them.

use shared::evidence_file;
use shared::id::HeldId;
use shared::protocol::error::ErrorCode;

use super::rows::RowWrites as _;
use super::session::{Session, failure, store_failure};
use crate::api::{Failure, Reply};
use crate::store::Durability;
use crate::store::sealed::Writes;

impl Session {
    /// Hands evidence out as a file when its letter is here; asks the relay for it when not. The letter stays: the browser may not
    /// have saved the file, and the relay may have lost it.
    ///
    /// # Errors
    /// [`Failure`] of the store, or when there is no such evidence.
    pub async fn take_out(&mut self, id: HeldId) -> Result<Reply, Failure> {
        let lost = failure(ErrorCode::DecisionUnknown);
        let mut row = self.held.get(&id).cloned().ok_or(lost.clone())?;
        let evidence = row.item.evidence.as_ref().ok_or(lost)?;
        if let Some(letter) = &evidence.letter {
            let (name, text) = evidence_file::write(evidence, letter);
            return Ok(Reply::File(name, text.into_bytes()));
        }
        (row.wanted, row.refused) = (true, None);
        let mut writes = Writes::new();
        writes.held(&row);
        self.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.held.insert(id, row);
        // The tab that sends may be another one.
        self.tell_others();
        Ok(Reply::Saved)
    }
}
