//! Home and the lists of cases.

use derive::Wire;
use shared::id::CaseId;

use super::{DeskView, RequestView};

/// A home page.
#[derive(Debug, Clone, Default, Wire)]
pub struct HomeView {
    /// Own drafts, oldest first.
    #[n(0)]
    pub drafts: Vec<DraftView>,
    /// Reports handed over, newest first.
    #[n(1)]
    pub handed_over: Vec<ReceiptView>,
    /// Emergencies nobody has taken over.
    #[n(2)]
    pub emergencies: Vec<CaseCard>,
    /// New reports waiting to be taken over.
    #[n(3)]
    pub new_reports: Vec<CaseCard>,
    /// Own cases, those with the newest activity.
    #[n(4)]
    pub cases: Vec<CaseCard>,
    /// How many disagreements are open.
    #[n(5)]
    pub conflicts: u32,
    /// How many own items are held or refused, or were decided and not put away.
    #[n(6)]
    pub held: u32,
    /// How many held changes of others wait for this person.
    #[n(7)]
    pub to_decide: u32,
    /// How many own cases there are.
    #[n(8)]
    pub cases_total: u32,
    /// What is due in own cases, the earliest first.
    #[n(9)]
    pub due: Vec<DueView>,
    /// The desk, for whoever keeps the register.
    #[n(10)]
    pub desk: Option<DeskView>,
    /// Own memberships that end soon, the earliest first.
    #[n(15)]
    pub ending: Vec<EndingView>,
    /// What is asked of this person, the oldest first.
    #[n(16)]
    pub requests: Vec<RequestView>,
    /// Own open cases by stage, in the pack's order, in place of `cases` when they are too many to be looked through.
    #[n(17)]
    pub stages: Vec<StageCases>,
    /// A report is being tried out: the page to go on at.
    #[n(18)]
    pub practice: Option<u32>,
}

/// Own open cases at a stage.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct StageCases {
    /// Stage code of the pack.
    #[n(0)]
    pub stage: String,
    /// Those with the newest activity first.
    #[n(1)]
    pub cases: Vec<CaseCard>,
}

/// An own membership that ends soon.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct EndingView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Register number or, before that, field code.
    #[n(1)]
    pub code: String,
    /// The last day, civil date.
    #[n(2)]
    pub until: String,
    /// Whether a longer term may be asked for; no once that was done.
    #[n(3)]
    pub may_ask: bool,
}

/// Something that has to be done with an own case.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct DueView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Register number or, before that, field code.
    #[n(1)]
    pub code: String,
    /// What, and until when.
    #[n(2)]
    pub duty: Duty,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct DraftView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code.
    #[n(1)]
    pub field_code: String,
    /// When it was begun, milliseconds since 1970 UTC.
    #[n(2)]
    pub begun_ms: u64,
    /// Page to go on at, from 0.
    #[n(3)]
    pub page: u32,
    /// It is an emergency.
    #[n(4)]
    pub emergency: bool,
}

/// A report handed over.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct ReceiptView {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Field code.
    #[n(1)]
    pub field_code: String,
    /// When it was handed over, milliseconds since 1970 UTC.
    #[n(2)]
    pub handed_over_ms: u64,
    /// What became of it; none while it has not reached the centre.
    #[n(3)]
    pub state: Option<ReceiptState>,
    /// Register number, once given.
    #[n(4)]
    pub register_number: Option<String>,
    /// The author may still take it back.
    #[n(5)]
    pub may_take_back: bool,
    /// What was being added when the page or the tablet went.
    #[n(6)]
    pub typed: String,
    /// Code of what the author is asked for, empty if nothing is.
    #[n(7)]
    pub asked: String,
    /// It was copied from a paper form, which must carry the code now; not known once the report has left this tablet.
    #[n(8)]
    pub from_paper: bool,
    /// Whom it is about refused a name and is given a card with numbers instead; not known once the report has left this tablet.
    #[n(9)]
    pub nameless: bool,
    /// Where it comes from or its people are, empty if unknown: whose numbers stand on the card.
    #[n(10)]
    pub area: String,
    /// Somebody is in danger, and nobody has taken it over; not known once the report has left this tablet.
    #[n(11)]
    pub danger: bool,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum ReceiptState {
    /// "Diterima"
    #[n(0)]
    Received,
    /// "Ditangani"
    #[n(1)]
    InHand,
    /// "Butuh keterangan tambahan"
    #[n(2)]
    NeedsSupplement,
    /// "Selesai"
    #[n(3)]
    Closed,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct CaseCard {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Register number or, before that, field code.
    #[n(1)]
    pub code: String,
    /// Field code.
    #[n(2)]
    pub field_code: String,
    /// Stage code of the pack.
    #[n(3)]
    pub stage: String,
    /// Triage code, empty before triage.
    #[n(4)]
    pub triage: String,
    /// Kecamatan code the person is from or the report speaks of, empty if unknown.
    #[n(5)]
    pub area: String,
    /// How many people.
    #[n(6)]
    pub people: u32,
    /// Last change, milliseconds since 1970 UTC.
    #[n(7)]
    pub changed_ms: u64,
    /// Name of who wrote last.
    #[n(8)]
    pub changed_by: String,
    /// Tags.
    #[n(9)]
    pub tags: Vec<Tag>,
    /// Open disagreements.
    #[n(10)]
    pub conflicts: u32,
    /// Unsent changes.
    #[n(11)]
    pub unsent: u32,
    /// Handed over, not yet taken over.
    #[n(12)]
    pub waiting: bool,
    /// Since when it waits, milliseconds since 1970 UTC.
    #[n(13)]
    pub waiting_since_ms: u64,
    /// Name of the case manager, empty if none.
    #[n(14)]
    pub manager: String,
    /// What has to be done with it, and until when.
    #[n(15)]
    pub duties: Vec<Duty>,
}

/// Something that has to be done with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub struct Duty {
    /// Its place among the pack's duties, which name it.
    #[n(0)]
    pub index: u32,
    /// Until when, milliseconds since 1970 UTC.
    #[n(1)]
    pub due_ms: u64,
}

/// Tags of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum Tag {
    /// "Darurat"
    #[n(0)]
    Emergency,
    /// "Anak"
    #[n(1)]
    Child,
    /// "Tanpa identitas"
    #[n(2)]
    NoIdentity,
    /// "Jenazah"
    #[n(3)]
    Deceased,
    /// "Draf"
    #[n(4)]
    Draft,
    /// "Ada pengecualian", for those who may know.
    #[n(5)]
    Exclusion,
}
