//! Writing the register or a table to a file: for a reason that is kept before anything is handed out.
//!
//! The file itself is put into words by the interface; here it is decided who may have it and what is in it. Never a name:
//! neither of people of a case, who stand in no list, nor of members.

use minicbor::{Decode, Encode};
use shared::id::AccountId;
use shared::protocol::error::ErrorCode;
use shared::tables::TableId;

use super::permission::may_count;
use super::query::{registry, tables};
use super::rows::RowWrites as _;
use super::session::{Session, failure, store_failure};
use crate::api::{ExportAsk, ExportView, Failure, Reply, View};
use crate::store::Durability;
use crate::store::sealed::Writes;

/// Letters of a reason: fewer say nothing.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 5..=200;

/// That somebody wrote something to a file; the centre is not told yet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ExportRecord {
    /// When, milliseconds since 1970 UTC by the tablet's clock.
    #[n(0)]
    pub at_ms: u64,
    /// Who.
    #[n(1)]
    pub account: AccountId,
    /// The table; none for the register.
    #[n(2)]
    pub table: Option<TableId>,
    /// The year of the table; 0 for the register.
    #[n(3)]
    pub year: u16,
    /// How many rows.
    #[n(4)]
    pub rows: u32,
    /// Why.
    #[n(5)]
    pub reason: String,
}

impl From<ExportRecord> for ExportView {
    fn from(record: ExportRecord) -> Self {
        Self { at_ms: record.at_ms, table: record.table, rows: record.rows, reason: record.reason }
    }
}

/// Keeps the reason and hands out what is to be written.
///
/// # Errors
/// [`ErrorCode::WriteForbidden`] for somebody who may not count, [`ErrorCode::ValueWrong`] without a reason,
/// [`ErrorCode::ItemGone`] when there is no such table; those of the store. Nothing is handed out then.
pub async fn export(session: &mut Session, ask: ExportAsk, reason: &str) -> Result<Reply, Failure> {
    if !may_count(&session.pack, &session.actor()) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(failure(ErrorCode::ValueWrong));
    }
    let today = session.today();
    let (table, year, rows, file, view) = match ask {
        ExportAsk::Register(ask) => {
            let mut view = registry::whole(session, &ask);
            for row in &mut view.rows {
                row.card.manager.clear();
                row.card.changed_by.clear();
            }
            (None, 0, view.rows.len(), format!("simpul-register-{today}.csv"), View::Registry(view))
        }
        ExportAsk::Table { year, table } => {
            let mut view = tables::tables(session, year);
            view.tables.retain(|one| one.id == table);
            let rows = view.tables.first().ok_or(failure(ErrorCode::ItemGone))?.rows.len();
            let file = format!("simpul-{}-{}-{today}.csv", table.code().to_ascii_lowercase(), view.year);
            (Some(table), view.year, rows, file, View::Tables(view))
        }
    };
    let record = ExportRecord {
        at_ms: session.latest_ms(),
        account: session.owner.account,
        table,
        year,
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        reason: reason.to_owned(),
    };
    let mut writes = Writes::new();
    writes.export(session.next_order(), &record);
    session.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
    Ok(Reply::Export(file, view))
}

/// What was written to files, newest first.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn kept(session: &Session) -> Result<Vec<ExportRecord>, Failure> {
    let mut records = session.rows.exports().await.map_err(|error| store_failure(&error))?;
    records.sort_by_key(|record| std::cmp::Reverse(record.at_ms));
    Ok(records)
}
