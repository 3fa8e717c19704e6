//! Who opened what stands covered, and when: for the day somebody asks how a name got out. Never the value.

use minicbor::{Decode, Encode};
use shared::id::AccountId;
use shared::protocol::error::ErrorCode;
use shared::protocol::seen::{Seen, Sight};

use super::session::{Session, failure, store_failure};
use super::write::{key_of, path_of};
use crate::api::{Failure, FieldPlace, PRACTICE};
use crate::store::StoreError;

/// That somebody opened what stands covered at a place; the centre is told with a later round.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Look {
    /// When, milliseconds since 1970 UTC by the tablet's clock.
    #[n(0)]
    pub at_ms: u64,
    /// Who.
    #[n(1)]
    pub account: AccountId,
    /// Where.
    #[n(2)]
    pub place: FieldPlace,
}

/// Keeps that the account opens what stands covered at a place.
///
/// # Errors
/// [`ErrorCode::ItemGone`] of a report that was erased; [`Failure`] of the store. Nothing may be shown then.
pub async fn look(session: &Session, place: FieldPlace) -> Result<(), Failure> {
    // A page that still shows what was erased must not leave its trace, and a practice covers nothing.
    if session.has_ended(place.case) || place.case == PRACTICE {
        return Err(failure(ErrorCode::ItemGone));
    }
    let look = Look { at_ms: session.latest_ms(), account: session.owner.account, place };
    let sight = Sight::Opened { document: key_of(&look.place).id(), field: field_of(&look.place) };
    let seen = Seen { at_ms: look.at_ms, sight };
    let is_report = session.reports.contains_key(&look.place.case);
    session.rows.look(look, seen, is_report).await.map_err(|error| {
        // Another tab erased it, of which this one has not heard.
        if error == StoreError::Declined { failure(ErrorCode::ItemGone) } else { store_failure(&error) }
    })
}

/// The pack's name of a field, `<table>/<field>` in a row.
fn field_of(place: &FieldPlace) -> String {
    let path = path_of(place);
    let field = path.field().unwrap_or_default();
    path.table().map_or_else(|| field.to_owned(), |table| format!("{table}/{field}"))
}
