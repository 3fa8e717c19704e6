//! What leaves the tablet as a file or on paper: the register, a table, a case. That it left is kept before anything is handed
//! out, with the reason where one is asked for.
//!
//! It is put into words by the interface; here it is decided who may have it and what is in it. In a list never a name:
//! neither of people of a case, who stand in none, nor of members. A case is printed by whoever reads it, and shows names only
//! to somebody who says why.

use minicbor::{Decode, Encode};
use shared::id::{AccountId, CaseId};
use shared::order::Arrange as _;
use shared::protocol::error::ErrorCode;
use shared::protocol::seen::{Seen, Sight};
use shared::tables::TableId;

use super::permission::may_count;
use super::query::list::code_of;
use super::query::{registry, sheet, tables};
use super::rows::RowWrites as _;
use super::session::{Session, core_key, failure, store_failure};
use crate::api::{ExportAsk, ExportView, Failure, Reply, SheetView, View};
use crate::store::StoreError;
use crate::store::sealed::Writes;

/// Letters of a reason: fewer say nothing.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 5..=200;

/// That something left the tablet; the centre is told of it with a later round, but for the reason, which stays here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ExportRecord {
    /// When, milliseconds since 1970 UTC by the tablet's clock.
    #[n(0)]
    pub at_ms: u64,
    /// Who.
    #[n(1)]
    pub account: AccountId,
    /// The table; none for the register and for paper.
    #[n(2)]
    pub table: Option<TableId>,
    /// The year of the table; 0 for anything else.
    #[n(3)]
    pub year: u16,
    /// How many rows.
    #[n(4)]
    pub rows: u32,
    /// Why; empty for paper without names.
    #[n(5)]
    pub reason: String,
    /// The case that was printed.
    #[n(6)]
    #[cbor(default)]
    pub case: Option<CaseId>,
    /// It was printed with names.
    #[n(7)]
    #[cbor(default)]
    pub names: bool,
}

impl ExportRecord {
    /// The record as it is shown; a case that is gone from the tablet has no code any more.
    #[must_use]
    pub fn view(self, session: &Session) -> ExportView {
        let code = |case| session.index.core(case).map_or_else(String::new, |core| code_of(core).to_owned());
        ExportView {
            at_ms: self.at_ms,
            table: self.table,
            rows: self.rows,
            reason: self.reason,
            printed: self.case.map(code),
            names: self.names,
        }
    }
}

/// Keeps that something leaves the tablet, and hands it out.
///
/// # Errors
/// [`ErrorCode::WriteForbidden`] for lists to somebody who may not count, [`ErrorCode::ValueWrong`] without a reason,
/// [`ErrorCode::ItemGone`] when there is no such table or case; those of the store. Nothing is handed out then.
pub async fn export(session: &mut Session, ask: ExportAsk, reason: &str) -> Result<Reply, Failure> {
    let printed = match &ask {
        ExportAsk::Sheet { case, names } => Some((*case, *names)),
        ExportAsk::Register(_) | ExportAsk::Table { .. } => None,
    };
    if printed.is_none() && !may_count(&session.pack, &session.actor()) {
        return Err(failure(ErrorCode::WriteForbidden));
    }
    let reason = reason.trim();
    let is_asked_why = printed.is_none_or(|(_, names)| names);
    if is_asked_why && !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(failure(ErrorCode::ValueWrong));
    }
    let today = session.today();
    let (table, year, rows, file, view) = match ask {
        ExportAsk::Sheet { case, names } => {
            session.read_case(case).await?;
            // No file: the browser prints it.
            let drawn = sheet::view(session, case, names).await?;
            let drawn = SheetView { printed_ms: session.latest_ms(), ..drawn };
            (None, 0, 0, String::new(), View::Sheet(Box::new(drawn)))
        }
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
        reason: if is_asked_why { reason.to_owned() } else { String::new() },
        case: printed.map(|(case, _)| case),
        names: printed.is_some_and(|(_, names)| names),
    };
    let mut writes = Writes::new();
    writes.export(session.next_order(), &record);
    let sight = match record.case {
        Some(case) => Sight::Printed { document: core_key(case).id(), names: record.names },
        None => Sight::Exported { table: table.map(|table| (table, year)), rows: record.rows },
    };
    let seen = Seen { at_ms: record.at_ms, sight };
    let is_report = record.case.is_some_and(|case| session.reports.contains_key(&case));
    session.rows.apply_and_tell(writes, seen, record.case, is_report).await.map_err(|error| {
        // Another tab erased it, of which this one has not heard: nothing of it is handed out.
        if error == StoreError::Declined { failure(ErrorCode::ItemGone) } else { store_failure(&error) }
    })?;
    Ok(Reply::Export(file, view))
}

/// What left the tablet, newest first.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn kept(session: &Session) -> Result<Vec<ExportRecord>, Failure> {
    let mut records = session.rows.exports().await.map_err(|error| store_failure(&error))?;
    records.arrange_by_key(|record| std::cmp::Reverse(record.at_ms));
    Ok(records)
}
