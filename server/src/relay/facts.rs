//! Reads what rights hang on out of a case's core and guard.

use std::collections::{BTreeMap, BTreeSet};

use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::access::{CaseFacts, Row, Standing, StandingValues};
use shared::document::Document;
use shared::document::read::FieldState;
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

struct Values<'a>(&'a Document);

fn standing(state: &FieldState) -> Standing {
    Standing::new(state.values.iter().map(|seen| seen.value.clone()).collect())
}

impl StandingValues for Values<'_> {
    fn standing(&self, key: &str) -> Standing {
        standing(&self.0.field(key))
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        let fields = |row: shared::document::read::RowState| -> BTreeMap<String, Standing> {
            row.fields.iter().map(|(key, state)| (key.clone(), standing(state))).collect()
        };
        self.0.rows(table).into_iter().map(|row| Row { fields: fields(row) }).collect()
    }
}

/// Reads the facts. `creator` is the one who made the core.
pub(super) fn read(creator: Option<AccountId>, core: Option<&Document>, guard: Option<&Document>) -> CaseFacts {
    let (core, guard) = (core.map(Values), guard.map(Values));
    CaseFacts::read(
        creator.into_iter().collect::<BTreeSet<_>>(),
        core.as_ref().map(|values| -> &dyn StandingValues { values }),
        guard.as_ref().map(|values| -> &dyn StandingValues { values }),
    )
}
