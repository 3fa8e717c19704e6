//! What this person may write, as far as the tablet can tell: what the relay would refuse is refused here first.

use shared::access::CaseFacts;
use shared::document::path::FieldPath;
use shared::id::{AccountId, CaseId, DocumentKey};
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::{Session, core_key, failure};
use crate::api::Failure;
use crate::engine::permission::{Asker, creator, facts, may_write_at, refused_value};

impl Session {
    /// What access asks of a case, as its core says it; nothing while that is not here.
    ///
    /// # Errors
    /// As [`Session::replica`].
    pub(in crate::engine) async fn case_facts(&mut self, case: CaseId) -> Result<CaseFacts, Failure> {
        let core = core_key(case);
        if !self.has(&core) {
            return Ok(facts(None));
        }
        Ok(facts(Some(&self.replica(&core).await?.document)))
    }

    /// Refuses early what the relay would refuse.
    ///
    /// # Errors
    /// [`ErrorCode::WriteForbidden`].
    pub async fn check_may_write(&mut self, key: &DocumentKey, path: &FieldPath) -> Result<(), Failure> {
        self.check(key, path, None).await
    }

    /// As [`Self::check_may_write`], for a place whose value matters: a stage, a signature under a closing.
    ///
    /// # Errors
    /// [`ErrorCode::WriteForbidden`], [`ErrorCode::ClosingAlone`], [`ErrorCode::GateShut`].
    pub async fn check_may_put(&mut self, key: &DocumentKey, path: &FieldPath, value: &Scalar) -> Result<(), Failure> {
        self.check(key, path, Some(value)).await
    }

    /// Whether an account must not know of a case, as far as this tablet may know that.
    #[must_use]
    pub fn is_excluded(&self, case: CaseId, account: AccountId) -> bool {
        self.directory.is_named(self.index.excluded(case), account)
    }

    /// Refuses early to give a case to somebody who must not know of it: they would receive nothing.
    pub(in crate::engine) fn check_not_excluded(&self, case: CaseId, account: AccountId) -> Result<(), Failure> {
        if self.is_excluded(case, account) { Err(failure(ErrorCode::AssignExcluded)) } else { Ok(()) }
    }

    async fn check(&mut self, key: &DocumentKey, path: &FieldPath, value: Option<&Scalar>) -> Result<(), Failure> {
        self.read_case(key.case).await?;
        let mut facts = self.case_facts(key.case).await?;
        let maker = match self.has(key) {
            true => creator(&self.replica(key).await?.document),
            false => None,
        }
        .or(Some(self.owner.account));
        // A case that is only beginning has no core yet: its author may write it.
        if facts.creators.is_empty() {
            facts.creators.insert(self.owner.account);
        }
        let actor = self.actor();
        let asker = Asker { pack: &self.pack, actor: &actor, today: self.today() };
        let refused = if may_write_at(asker, &facts, key, maker, path) {
            value.and_then(|value| refused_value(asker, &facts, key, path, value))
        } else {
            Some(ErrorCode::WriteForbidden)
        };
        refused.map_or(Ok(()), |code| Err(failure(code)))
    }
}
