//! A tablet whose access has ended: what of a person's work is still only here.
//!
//! Owns the question whether wiping the vault would lose anything typed; must never wipe. Called when the relay says that
//! the tablet was revoked.

use shared::id::hash32;
use shared::pack::FieldPath as PackPath;
use shared::protocol::codec::encode;
use shared::sync::row::{PendingEdit, TrayEntry};
use shared::value::Scalar;

use super::flow::{supplement, supplement_place};
use super::rows::Draft;
use super::session::{Session, store_failure};
use super::write::write;
use crate::api::{Failure, FieldPlace, Path, Typed, Write};

/// Hands in what was being typed, as far as it is a value: the relay keeps it for a person. The rest stays a draft.
pub async fn hand_in_drafts(session: &mut Session) {
    for (place, typed) in session.drafts.clone() {
        if place == supplement_place(place.case) {
            let _ = supplement(session, place.case, typed.text).await;
        } else if let Some(order) = order_of(session, place, typed) {
            // What may not be written is not lost: its draft stays, and with it the vault.
            let _ = write(session, order).await;
        }
    }
}

fn order_of(session: &Session, place: FieldPlace, typed: Typed) -> Option<Write> {
    let path = match &place.path {
        Path::Text(_) => return Some(Write::Text { base: typed.base?, text: typed.text, place }),
        Path::Field(key) => PackPath::Field(key),
        Path::RowField { table, key, .. } => PackPath::Row { table, key },
        Path::Row { .. } => return Some(Write::AddRow { place, fields: typed.row }),
    };
    let field = session.pack.schema(&place.kind)?.field(&path)?;
    let text = typed.text.trim();
    let readings = [Some(Scalar::from(text)), text.parse().ok().map(Scalar::Int)];
    let value = readings.into_iter().flatten().find(|reading| field.accepts(reading).is_ok())?;
    Some(Write::Set { value, seen: typed.seen, place })
}

/// What is nowhere else, as a file holds it: edits, what was refused or waits, what is being typed, and what a newer build keeps of
/// what is being typed.
pub type Left = (Vec<PendingEdit>, Vec<TrayEntry>, Vec<(FieldPlace, Typed)>, Vec<Draft>);

/// Everything that is nowhere else. Read from the rows, for another tab may just have written some; only what found no room there
/// is in memory alone.
///
/// # Errors
/// Those of the store.
pub async fn left_here(session: &Session) -> Result<Left, Failure> {
    let store = |error| store_failure(&error);
    let pending = session.rows.pending().await.map_err(store)?;
    let tray = session.rows.tray().await.map_err(store)?.into_iter().map(|trayed| trayed.entry).collect();
    let (typed, unknown) = session.typed(session.rows.drafts().await.map_err(store)?);
    Ok((pending, tray, typed.into_iter().collect(), unknown))
}

/// What tells this from what was only here at another time.
#[must_use]
pub fn mark_of(left: &Left) -> [u8; 32] {
    hash32("simpul/only-here", &[&encode(left)])
}

/// How much of this vault is nowhere else. Read from the rows: another tab may just have written some.
///
/// What the relay holds for a person is at the relay, and what was decided has been decided. As long as a restored relay
/// was not offered everything again, that is one thing more that is only here.
///
/// # Errors
/// Those of the store.
pub async fn only_here(session: &Session) -> Result<u32, Failure> {
    let (pending, tray, typed, unknown) = left_here(session).await?;
    let refused = tray.iter().filter(|entry| !entry.held && entry.decided.is_none()).count();
    let offers = usize::from(session.meta.offer_from.is_some());
    let all = [pending.len(), typed.len(), unknown.len(), refused, offers].into_iter().fold(0, usize::saturating_add);
    Ok(u32::try_from(all).unwrap_or(u32::MAX))
}
