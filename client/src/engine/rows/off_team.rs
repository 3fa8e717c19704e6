//! Assignments of this person that ended: what is left to say once the documents are gone.

use minicbor::{Decode, Encode};
use shared::id::CaseId;

use super::departure::unwrapped;
use super::{Rows, prefixed, wrap};
use crate::store::StoreError;
use crate::store::sealed::{Table, Writes};

const OFF_TEAM_PREFIX: &[u8] = b"off-team/";

/// An assignment that ended. It says nothing about the case; there is one at most for each case a person ever had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OffTeam {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Its last day, in days since 1970-01-01.
    #[n(1)]
    pub day: i64,
}

fn off_team_key(case: CaseId) -> Vec<u8> {
    prefixed(OFF_TEAM_PREFIX, case.as_bytes())
}

/// Notes that an assignment ended, in the same writes that take its documents away.
pub fn leaves_team(writes: &mut Writes, left: OffTeam) {
    writes.put(Table::Case, &off_team_key(left.case), &wrap(&left));
}

impl Rows {
    /// How this person's assignment to a case ended, if it ever did; it may have begun anew since.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn off_team(&self, case: CaseId) -> Result<Option<OffTeam>, StoreError> {
        let key = off_team_key(case);
        unwrapped(&self.store.get_many(&[(Table::Case, &key)]).await?, 0)
    }
}
