//! Held changes, and what is decided about them.

use derive::Wire;
use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::id::{CaseId, HeldId};
use shared::value::Scalar;

use super::{FieldPlace, ValueView};

/// What a person decides about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub enum HeldChoice {
    /// "Terima"
    #[n(0)]
    Accept,
    /// "Tolak", with the reason.
    #[n(1)]
    Decline(#[n(0)] String),
    /// "Teruskan ke penanggung jawab bagian"
    #[n(2)]
    Forward,
    /// "Simpan sebagai catatan (bukan isian)", in these words; of what was decided already the words are not told.
    #[n(3)]
    Note(#[n(0)] String),
    /// "Blokir tablet", of evidence, with the reason.
    #[n(4)]
    Block(#[n(0)] String),
    /// "Simpan bukti": asks for the bytes, or, once they are here, for the file.
    #[n(5)]
    TakeOut,
    /// "Sudah diperiksa", of evidence.
    #[n(6)]
    Reviewed,
}

/// A held change in the list of who decides.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct HeldItemView {
    /// Names it.
    #[n(0)]
    pub held: HeldId,
    /// The case.
    #[n(1)]
    pub case: CaseId,
    /// Code of the case, empty when it is not on this tablet.
    #[n(2)]
    pub code: String,
    /// "K1" … for documents of a person.
    #[n(3)]
    pub person: String,
    /// Document kind.
    #[n(4)]
    pub kind: String,
    /// It was passed on.
    #[n(5)]
    pub forwarded: bool,
    /// What it says; none in a part this person may not read.
    #[n(6)]
    pub says: Option<HeldSaysView>,
    /// Decided here, not yet sent.
    #[n(7)]
    pub queued: Option<HeldChoice>,
    /// Why the last decision came to nothing, as an error code.
    #[n(8)]
    pub refused: Option<u16>,
    /// What was decided.
    #[n(9)]
    pub decided: Option<HeldDecidedView>,
    /// What was decided here cannot be taken back any more.
    #[n(10)]
    pub fixed: bool,
    /// Why it cannot be kept as a note, as an error code.
    #[n(11)]
    pub no_note: Option<u16>,
    /// It is no change: bytes of a tablet that were refused as damaged or hostile.
    #[n(12)]
    pub evidence: Option<EvidenceView>,
}

impl HeldItemView {
    /// Whether it is among those that are taken in together: nothing else stands there, and it does not move who may know or do
    /// what. Each of those is decided by itself, with its own words before one's eyes.
    #[must_use]
    pub fn is_taken_with_others(&self) -> bool {
        let gives_rights = self.kind == CORE_KIND || self.kind == GUARD_KIND;
        self.queued.is_none() && !gives_rights && self.says.as_ref().is_some_and(|says| !says.clashes)
    }
}

/// Bytes that were refused as damaged or hostile; never what they are.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct EvidenceView {
    /// Name of whose tablet it is.
    #[n(0)]
    pub member: String,
    /// Name of the tablet.
    #[n(1)]
    pub tablet: String,
    /// Directory number of the tablet.
    #[n(2)]
    pub device_number: u32,
    /// Why they were refused, as an error code.
    #[n(3)]
    pub code: u16,
    /// When the centre received them last, milliseconds since 1970 UTC.
    #[n(4)]
    pub last_ms: u64,
    /// How often they came.
    #[n(5)]
    pub count: u32,
    /// How many they are.
    #[n(6)]
    pub size: u64,
    /// They came from a tablet of this person's own.
    #[n(7)]
    pub own: bool,
    /// They were asked for, and have not come.
    #[n(8)]
    pub wanted: bool,
    /// They are on this tablet, to be written to a file.
    #[n(9)]
    pub here: bool,
    /// They are damaged, as an honest tablet may send them; otherwise forged, or harmful.
    #[n(10)]
    pub damaged: bool,
}

/// What a held change says.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct HeldSaysView {
    /// Writer's name.
    #[n(0)]
    pub writer: String,
    /// The writer is no member any more.
    #[n(1)]
    pub writer_ended: bool,
    /// Name of the writer's tablet.
    #[n(2)]
    pub tablet: String,
    /// Why it is held, as an error code.
    #[n(3)]
    pub reason: u16,
    /// What the writer's tablet's clock said, milliseconds since 1970 UTC.
    #[n(4)]
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC.
    #[n(5)]
    pub received_ms: u64,
    /// Its place among what was received with it.
    #[n(6)]
    pub order: u32,
    /// Where; none when it cannot be read on this tablet.
    #[n(7)]
    pub place: Option<FieldPlace>,
    /// What was written.
    #[n(8)]
    pub value: Scalar,
    /// Fields of a new row.
    #[n(9)]
    pub fields: Vec<(FieldPlace, Scalar)>,
    /// What stands there now.
    #[n(10)]
    pub present: Vec<ValueView>,
    /// Something else stands there that the writer did not know of, or it cannot be read.
    #[n(11)]
    pub clashes: bool,
    /// What was written, or a field of a new row, names or locates somebody: it stands covered until it is opened.
    #[n(12)]
    pub covered: bool,
}

/// What was decided about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct HeldDecidedView {
    /// "Diterima"; otherwise "Ditolak".
    #[n(0)]
    pub taken_in: bool,
    /// Name of who decided.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970 UTC.
    #[n(2)]
    pub at_ms: u64,
    /// Why it was declined; none when it was kept as a note.
    #[n(3)]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str, clashes: bool) -> HeldItemView {
        let says = HeldSaysView {
            writer: String::new(),
            writer_ended: false,
            tablet: String::new(),
            reason: 0,
            said_ms: 0,
            received_ms: 0,
            order: 0,
            place: None,
            value: Scalar::Null,
            fields: Vec::new(),
            present: Vec::new(),
            clashes,
            covered: false,
        };
        HeldItemView {
            held: HeldId::from_bytes([1; 16]),
            case: CaseId::from_bytes([2; 16]),
            code: String::new(),
            person: String::new(),
            kind: kind.to_owned(),
            forwarded: false,
            says: Some(says),
            queued: None,
            refused: None,
            decided: None,
            fixed: false,
            no_note: None,
            evidence: None,
        }
    }

    #[test]
    fn what_gives_rights_clashes_or_is_not_read_is_not_taken_with_the_others() {
        assert!(item("intake", false).is_taken_with_others());
        assert!(!item("intake", true).is_taken_with_others());
        for kind in [CORE_KIND, GUARD_KIND] {
            assert!(!item(kind, false).is_taken_with_others(), "{kind} is decided by itself");
        }
        assert!(!HeldItemView { says: None, ..item("intake", false) }.is_taken_with_others());
        assert!(!HeldItemView { queued: Some(HeldChoice::Accept), ..item("intake", false) }.is_taken_with_others());
    }
}
