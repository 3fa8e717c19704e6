//! Checks that a pack has what `access` reads: without it nobody could be let in, or kept out.

use crate::access::facts;
use crate::pack::Pack;
use crate::pack::fault::PackFault;
use crate::pack::field::FieldType;
use crate::pack::form::FieldRef;

/// Names the type a field must have.
#[derive(Clone, Copy)]
enum Wanted {
    Instant,
    Account,
    Flag,
    Role,
    Date,
    Subject,
    YesNo,
    Office,
}

/// Kind, table, field, type.
const WANTED: [(&str, Option<&str>, &str, Wanted); 12] = [
    (facts::CORE_KIND, None, facts::HANDED_OVER, Wanted::Instant),
    (facts::CORE_KIND, None, facts::TAKEN_OVER_BY, Wanted::Account),
    (facts::CORE_KIND, None, facts::EMERGENCY, Wanted::Flag),
    (facts::CORE_KIND, Some(facts::TEAM), facts::ACCOUNT, Wanted::Account),
    (facts::CORE_KIND, Some(facts::TEAM), facts::ROLE, Wanted::Role),
    (facts::CORE_KIND, Some(facts::TEAM), facts::FROM, Wanted::Date),
    (facts::CORE_KIND, Some(facts::TEAM), facts::TO, Wanted::Date),
    (facts::CORE_KIND, Some(facts::PEOPLE), facts::SUBJECT, Wanted::Subject),
    (facts::CORE_KIND, Some(facts::CONSENT), facts::CONSENT_OF, Wanted::Subject),
    (facts::CORE_KIND, Some(facts::CONSENT), facts::CONSENT_NAMED, Wanted::YesNo),
    (facts::GUARD_KIND, Some(facts::EXCLUSIONS), facts::ACCOUNT, Wanted::Account),
    (facts::GUARD_KIND, Some(facts::EXCLUSIONS), facts::OFFICE, Wanted::Office),
];

/// Lists what is missing or of another type.
pub(super) fn faults(pack: &Pack) -> Vec<PackFault> {
    WANTED
        .iter()
        .filter_map(|(kind, table, key, wanted)| {
            let place = FieldRef { kind: (*kind).to_owned(), table: table.map(str::to_owned), key: (*key).to_owned() };
            let fits = pack.field(&place).is_some_and(|field| wanted.fits(&field.value));
            let reason = "access hangs on this field; it is missing or has another type";
            (!fits).then(|| PackFault::new("kinds.toml", place.to_string(), reason))
        })
        .collect()
}

impl Wanted {
    const fn fits(self, found: &FieldType) -> bool {
        matches!(
            (self, found),
            (Self::Instant, FieldType::Instant)
                | (Self::Account, FieldType::Account)
                | (Self::Flag, FieldType::Flag)
                | (Self::Role, FieldType::Role)
                | (Self::Date, FieldType::Date)
                | (Self::Subject, FieldType::Subject)
                | (Self::YesNo, FieldType::YesNo)
                | (Self::Office, FieldType::Office)
        )
    }
}
