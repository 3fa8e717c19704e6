//! Writes of rows, by meaning.

use shared::id::{CaseId, DocumentId, HeldId};
use shared::protocol::alarm::AlarmState;
use shared::sync::inbox::RowWrite;
use shared::sync::row::{PendingEdit, PendingOrder, TrayEntry};

use super::{
    ALARM_PREFIX, ASIDE_PREFIX, CONTACT_PREFIX, DEADLY_PREFIX, Draft, EXPORT_PREFIX, HELD_PREFIX, KeptOffer,
    LOCAL_PREFIX, LocalReport, META_KEY, OWNER_KEY, Owner, PACK_KEY, READING_KEY, Reading, SETTINGS_KEY, SLOT_KEY,
    STATUS_PREFIX, Settings, USED_KEY, UnreadNote, UsedBytes, look, order_key, prefixed, wrap,
};
use crate::api::Typed;
use crate::engine::export::ExportRecord;
use crate::engine::held::HeldRow;
use crate::engine::summary::Summary;
use crate::store::sealed::{Table, Writes};

/// Writes by meaning, put into a store's batch.
pub trait RowWrites {
    /// Keeps the owner.
    fn owner(&mut self, owner: &Owner) -> &mut Self;
    /// Keeps preferences.
    fn settings(&mut self, settings: &Settings) -> &mut Self;
    /// Keeps the pack.
    fn pack(&mut self, bytes: &[u8]) -> &mut Self;
    /// Keeps the recovery slot until the relay has it.
    fn slot(&mut self, slot: Option<&[u8]>) -> &mut Self;
    /// Counts bytes.
    fn used(&mut self, used: UsedBytes) -> &mut Self;
    /// Keeps an edit.
    fn pending(&mut self, edit: &PendingEdit) -> &mut Self;
    /// Keeps a summary.
    fn summary(&mut self, summary: &Summary) -> &mut Self;
    /// Forgets a document's summary.
    fn no_summary(&mut self, document: DocumentId) -> &mut Self;
    /// Forgets a document with everything that was noted about it.
    fn no_document(&mut self, document: DocumentId) -> &mut Self;
    /// Keeps what is being typed, or forgets it.
    fn draft(&mut self, place: &[u8], typed: Option<&Typed>) -> &mut Self;
    /// Keeps what the tablet remembers of a report it took.
    fn local_report(&mut self, report: &LocalReport) -> &mut Self;
    /// Forgets a report that was erased.
    fn no_local_report(&mut self, case: CaseId) -> &mut Self;
    /// Keeps an entry of the tray.
    fn tray(&mut self, entry: &TrayEntry) -> &mut Self;
    /// Keeps a held change.
    fn held(&mut self, row: &HeldRow) -> &mut Self;
    /// Keeps that something was written to a file; nothing takes it away.
    fn export(&mut self, order: PendingOrder, record: &ExportRecord) -> &mut Self;
    /// Forgets a held change.
    fn no_held(&mut self, held: HeldId) -> &mut Self;
    /// Takes an entry out of the tray.
    fn no_tray(&mut self, order: PendingOrder) -> &mut Self;
    /// Keeps an accepted own upload.
    fn kept(&mut self, counter: u64, kept: &KeptOffer) -> &mut Self;
    /// Forgets a kept upload.
    fn no_kept(&mut self, counter: u64) -> &mut Self;
    /// Notes that documents are to be read; without any, forgets the note.
    fn unread(&mut self, note: &UnreadNote) -> &mut Self;
    /// Notes which documents are being read, or that none is.
    fn reading(&mut self, reading: Option<&Reading>) -> &mut Self;
    /// Forgets a danger.
    fn no_alarm(&mut self, case: CaseId) -> &mut Self;
    /// Sets a document aside that does not open.
    fn aside(&mut self, document: DocumentId) -> &mut Self;
    /// Sets a document aside that nobody may try to open again by themselves.
    fn deadly(&mut self, document: DocumentId) -> &mut Self;
    /// Takes a document out of those that are set aside.
    fn not_aside(&mut self, document: DocumentId) -> &mut Self;
    /// One write of the sync machine; own uploads are sealed by the caller.
    fn machine(&mut self, write: &RowWrite) -> &mut Self;
}

impl RowWrites for Writes {
    fn owner(&mut self, owner: &Owner) -> &mut Self {
        self.put(Table::Owner, OWNER_KEY, owner)
    }

    fn settings(&mut self, settings: &Settings) -> &mut Self {
        self.put(Table::Setting, SETTINGS_KEY, settings)
    }

    fn pack(&mut self, bytes: &[u8]) -> &mut Self {
        self.put(Table::Setting, PACK_KEY, &minicbor::bytes::ByteVec::from(bytes.to_vec()))
    }

    fn slot(&mut self, slot: Option<&[u8]>) -> &mut Self {
        match slot {
            Some(slot) => self.put(Table::Sync, SLOT_KEY, &minicbor::bytes::ByteVec::from(slot.to_vec())),
            None => self.delete(Table::Sync, SLOT_KEY),
        }
    }

    fn used(&mut self, used: UsedBytes) -> &mut Self {
        self.put(Table::Sync, USED_KEY, &used)
    }

    fn pending(&mut self, edit: &PendingEdit) -> &mut Self {
        self.put(Table::Pending, &order_key(edit.order), edit)
    }

    fn summary(&mut self, summary: &Summary) -> &mut Self {
        self.put(Table::Summary, summary.key.id().as_bytes(), summary)
    }

    fn no_summary(&mut self, document: DocumentId) -> &mut Self {
        self.delete(Table::Summary, document.as_bytes())
    }

    fn no_document(&mut self, document: DocumentId) -> &mut Self {
        look::no_texts_read(self, document);
        self.delete(Table::Document, document.as_bytes()).no_summary(document).not_aside(document)
    }

    fn draft(&mut self, place: &[u8], typed: Option<&Typed>) -> &mut Self {
        match typed {
            Some(typed) => self.put(Table::Draft, place, &Draft::new(place, typed)),
            None => self.delete(Table::Draft, place),
        }
    }

    fn local_report(&mut self, report: &LocalReport) -> &mut Self {
        self.put(Table::Case, &prefixed(LOCAL_PREFIX, report.case.as_bytes()), &wrap(report))
    }

    fn no_local_report(&mut self, case: CaseId) -> &mut Self {
        self.delete(Table::Case, &prefixed(LOCAL_PREFIX, case.as_bytes()))
    }

    fn tray(&mut self, entry: &TrayEntry) -> &mut Self {
        self.put(Table::Tray, &order_key(entry.pending.order), entry)
    }

    fn held(&mut self, row: &HeldRow) -> &mut Self {
        self.put(Table::Case, &prefixed(HELD_PREFIX, row.item.held.as_bytes()), &wrap(row))
    }

    fn export(&mut self, order: PendingOrder, record: &ExportRecord) -> &mut Self {
        self.put(Table::Case, &prefixed(EXPORT_PREFIX, &order_key(order)), &wrap(record))
    }

    fn no_held(&mut self, held: HeldId) -> &mut Self {
        self.delete(Table::Case, &prefixed(HELD_PREFIX, held.as_bytes()))
    }

    fn no_tray(&mut self, order: PendingOrder) -> &mut Self {
        self.delete(Table::Tray, &order_key(order))
    }

    fn kept(&mut self, counter: u64, kept: &KeptOffer) -> &mut Self {
        self.put(Table::Kept, &counter.to_be_bytes(), kept)
    }

    fn no_kept(&mut self, counter: u64) -> &mut Self {
        self.delete(Table::Kept, &counter.to_be_bytes())
    }

    fn unread(&mut self, note: &UnreadNote) -> &mut Self {
        let key = order_key(note.id.0);
        match note.keys.is_empty() {
            true => self.delete(Table::UnreadNote, &key),
            false => self.put(Table::UnreadNote, &key, &note.keys),
        }
    }

    fn reading(&mut self, reading: Option<&Reading>) -> &mut Self {
        match reading {
            Some(reading) => self.put(Table::Sync, READING_KEY, reading),
            None => self.delete(Table::Sync, READING_KEY),
        }
    }

    fn no_alarm(&mut self, case: CaseId) -> &mut Self {
        self.delete(Table::Case, &prefixed(ALARM_PREFIX, case.as_bytes()))
    }

    fn aside(&mut self, document: DocumentId) -> &mut Self {
        self.put(Table::Case, &prefixed(ASIDE_PREFIX, document.as_bytes()), &wrap(&document))
    }

    fn deadly(&mut self, document: DocumentId) -> &mut Self {
        self.put(Table::Case, &prefixed(DEADLY_PREFIX, document.as_bytes()), &wrap(&document))
    }

    fn not_aside(&mut self, document: DocumentId) -> &mut Self {
        self.delete(Table::Case, &prefixed(ASIDE_PREFIX, document.as_bytes()))
            .delete(Table::Case, &prefixed(DEADLY_PREFIX, document.as_bytes()))
    }

    fn machine(&mut self, write: &RowWrite) -> &mut Self {
        match write {
            RowWrite::PutDocument(stored) => self.put(Table::Document, stored.key.id().as_bytes(), stored),
            RowWrite::DropDocument(document, ..) => self.no_document(*document),
            RowWrite::PutPending(edit) => self.pending(edit),
            RowWrite::DropPending(order) => self.delete(Table::Pending, &order_key(*order)),
            RowWrite::PutTray(entry) => self.tray(entry),
            RowWrite::PutMember(member) => self.put(Table::Member, member.account.as_bytes(), member),
            RowWrite::PutContact(number, day) => {
                self.put(Table::Case, &prefixed(CONTACT_PREFIX, &number.to_be_bytes()), &wrap(&(*number, *day)))
            }
            RowWrite::PutStatus(status) => {
                self.put(Table::Case, &prefixed(STATUS_PREFIX, status.case.as_bytes()), &wrap(status))
            }
            RowWrite::PutAlarm(alarm) if alarm.state == AlarmState::Over => self.no_alarm(alarm.case),
            RowWrite::PutAlarm(alarm) => {
                self.put(Table::Case, &prefixed(ALARM_PREFIX, alarm.case.as_bytes()), &wrap(alarm))
            }
            RowWrite::SetAside(document) => self.aside(*document),
            RowWrite::PutMeta(meta) => self.put(Table::Sync, META_KEY, meta),
            // What these come to depends on the rows there are; the session knows them.
            RowWrite::PutHeld(_) | RowWrite::NoteDecided(_) | RowWrite::NoteReceipt(..) | RowWrite::SeenTold(_) => self,
            RowWrite::KeepOffer(_) => self,
        }
    }
}
