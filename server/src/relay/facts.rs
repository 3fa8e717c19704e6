//! Reads what rights hang on out of a case's core and guard.

use std::collections::BTreeSet;

use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::access::{CaseFacts, StandingValues};
use shared::document::Document;
use shared::id::{AccountId, CaseId, DocumentId};

/// The core of a case.
pub(super) fn core_of(case: CaseId) -> DocumentId {
    DocumentId::derive(case, CORE_KIND, None, 0)
}

/// The guard of a case.
pub(super) fn guard_of(case: CaseId) -> DocumentId {
    DocumentId::derive(case, GUARD_KIND, None, 0)
}

/// Whether rights hang on documents of this kind.
pub(super) fn carries_rights(kind: &str) -> bool {
    kind == CORE_KIND || kind == GUARD_KIND
}

/// Reads the facts. `creator` is the one who made the core.
pub(super) fn read(creator: Option<AccountId>, core: Option<&Document>, guard: Option<&Document>) -> CaseFacts {
    CaseFacts::read(
        creator.into_iter().collect::<BTreeSet<_>>(),
        core.map(|core| -> &dyn StandingValues { core }),
        guard.map(|guard| -> &dyn StandingValues { guard }),
    )
}
