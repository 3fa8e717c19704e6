//! "Kirim & terima": line, centre and what waits.

use derive::Wire;
use shared::id::CaseId;
use shared::sync::sending::{Sending, WaitsFor};
use shared::value::Scalar;

use super::{FieldPlace, HeldDecidedView};

/// The status pill.
#[derive(Debug, Clone, PartialEq, Eq, Default, Wire)]
pub struct StatusView {
    /// Changes not yet received by the centre.
    #[n(0)]
    pub unsent: u32,
    /// Held or refused.
    #[n(1)]
    pub held: u32,
    /// Line and centre.
    #[n(2)]
    pub line: Line,
    /// A round is going on.
    #[n(3)]
    pub busy: bool,
    /// Last contact, milliseconds since 1970 UTC.
    #[n(4)]
    pub last_contact_ms: Option<u64>,
    /// Tablet clock is more than ten minutes off or behind the last contact.
    #[n(5)]
    pub clock_wrong: bool,
    /// Storage is low: bytes left, when under 200 MB.
    #[n(6)]
    pub storage_low: Option<u64>,
    /// Why the last round did not go through though the centre answered: an error code; 0 when it did.
    #[n(7)]
    pub fault: u16,
    /// Access has ended, and so much of this person's work is only here: it has to be saved to a file before it is wiped.
    #[n(8)]
    pub only_here: u32,
    /// What is being typed, or was left half-typed, and is no change yet.
    #[n(9)]
    pub drafts: u32,
    /// Documents that came and do not stand in the lists yet.
    #[n(10)]
    pub unread: u32,
    /// When this person lets the tablet use its line by itself.
    #[n(11)]
    pub sending: Sending,
    /// What the next round waits for although there is a line.
    #[n(12)]
    pub waits_for: Option<WaitsFor>,
}

impl StatusView {
    /// What the tablet waits for by its person's choice, where nothing else is in the way. A press that did not come through
    /// leaves the line's own word until the next.
    #[must_use]
    pub const fn kept_back(&self) -> Option<WaitsFor> {
        match (self.line, self.waits_for) {
            (Line::NoSignal | Line::Ended, _) | (Line::RelaySilent, Some(WaitsFor::Press)) => None,
            (_, waits_for) => waits_for,
        }
    }
}

/// Line and centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Wire)]
pub enum Line {
    /// Not tried yet.
    #[default]
    #[n(0)]
    Unknown,
    /// The last round went through.
    #[n(1)]
    Ok,
    /// "Tanpa sinyal"
    #[n(2)]
    NoSignal,
    /// "Pusat data tidak menjawab"
    #[n(3)]
    RelaySilent,
    /// The account or tablet was ended.
    #[n(4)]
    Ended,
}

/// "Kirim & terima".
#[derive(Debug, Clone, Default, Wire)]
pub struct SyncView {
    /// As in the pill.
    #[n(0)]
    pub status: StatusView,
    /// Waiting, by case.
    #[n(1)]
    pub waiting: Vec<WaitingView>,
    /// Held and refused.
    #[n(2)]
    pub tray: Vec<TrayItem>,
    /// Held changes of others that wait for this person.
    #[n(3)]
    pub to_decide: u32,
    /// Other people's unsent work on this tablet: nickname and count.
    #[n(4)]
    pub others: Vec<(String, u32)>,
    /// Bytes sent and received this month.
    #[n(5)]
    pub used_bytes: (u64, u64),
    /// Bytes free for this origin.
    #[n(6)]
    pub free_bytes: Option<u64>,
    /// What people call this tablet.
    #[n(7)]
    pub tablet_name: String,
    /// Version of the pack.
    #[n(8)]
    pub pack_version: u32,
    /// Documents that were set aside because they do not open, or the program died of them.
    #[n(9)]
    pub aside: u32,
    /// People who wanted no record. The centre does not learn of these counts yet.
    #[n(10)]
    pub refusals: Vec<RefusalsView>,
}

/// How many people wanted no record.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct RefusalsView {
    /// Year and month, `YYYY-MM`.
    #[n(0)]
    pub month: String,
    /// Code of the kecamatan; empty when it was not written.
    #[n(1)]
    pub area: String,
    /// How many.
    #[n(2)]
    pub count: u32,
}

/// Unsent changes of one case.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct WaitingView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Its code.
    #[n(1)]
    pub code: String,
    /// How many.
    #[n(2)]
    pub changes: u32,
    /// Goes first.
    #[n(3)]
    pub emergency: bool,
}

/// A write the centre did not merge.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct TrayItem {
    /// Names it.
    #[n(0)]
    pub item: u64,
    /// Where it was meant for.
    #[n(1)]
    pub place: FieldPlace,
    /// Code of the case.
    #[n(2)]
    pub code: String,
    /// What was written.
    #[n(3)]
    pub value: Scalar,
    /// Why, as an error code.
    #[n(4)]
    pub reason: u16,
    /// Held for a person (otherwise refused).
    #[n(5)]
    pub held: bool,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(6)]
    pub said_ms: u64,
    /// What was decided about it, until the writer has put it away.
    #[n(7)]
    pub decided: Option<HeldDecidedView>,
    /// What was written names or locates somebody: it stands covered until it is opened.
    #[n(8)]
    pub covered: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_by_itself_is_said_before_the_choice() {
        let kept_back = |line, waits_for| StatusView { line, waits_for, ..StatusView::default() }.kept_back();
        for waits_for in [WaitsFor::Wifi, WaitsFor::KnownLine, WaitsFor::Press] {
            assert_eq!(kept_back(Line::NoSignal, Some(waits_for)), None, "{waits_for:?}");
            assert_eq!(kept_back(Line::Ok, Some(waits_for)), Some(waits_for));
        }
        assert_eq!(kept_back(Line::RelaySilent, Some(WaitsFor::Press)), None, "the press met nobody");
        assert_eq!(kept_back(Line::RelaySilent, Some(WaitsFor::Wifi)), Some(WaitsFor::Wifi), "another line now");
        assert_eq!(kept_back(Line::Ok, None), None);
    }
}
