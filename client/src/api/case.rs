//! The page of a case.

use derive::Wire;
use shared::id::{AccountId, RowId, SubjectId};

use super::{CaseCard, ConsentView, Duty, HeldOriginView, Registering, SeenOp, StageView};

/// A case page.
#[derive(Debug, Clone, Wire)]
pub struct CaseView {
    /// Its card.
    #[n(0)]
    pub card: CaseCard,
    /// People K1, K2 ….
    #[n(1)]
    pub people: Vec<PersonView>,
    /// Team.
    #[n(2)]
    pub team: Vec<TeamView>,
    /// Documents on this tablet, in the pack's order of kinds.
    #[n(3)]
    pub documents: Vec<PartView>,
    /// What this person should do next, at most three.
    #[n(4)]
    pub next_steps: Vec<NextStep>,
    /// Whether this person may take the case over.
    #[n(5)]
    pub may_take_over: bool,
    /// Whether this person may put members into the team.
    #[n(6)]
    pub may_assign: bool,
    /// Who made the report.
    #[n(7)]
    pub created_by: String,
    /// Where this person may give the case a number in the register: it has none, or another case has it too.
    #[n(8)]
    pub registering: Option<Registering>,
    /// What was added after the hand-over, oldest first.
    #[n(9)]
    pub supplements: Vec<SupplementView>,
    /// Its person wants no record: what may be done about this draft.
    #[n(10)]
    pub refusal: Option<RefusalView>,
    /// What whoever took the report was asked for; none where nobody asks.
    #[n(18)]
    pub asking: Option<AskedView>,
    /// Whether this person may end memberships and change their terms.
    #[n(11)]
    pub may_change_team: bool,
    /// What this person has to do with the case within a time.
    #[n(21)]
    pub due: Vec<Duty>,
    /// Whether this person may give the case, which somebody has, to another manager.
    #[n(20)]
    pub may_hand_on: bool,
    /// Its stage.
    #[n(12)]
    pub stage: StageView,
    /// What its people agreed to, and whoever stood there at the report.
    #[n(13)]
    pub consents: Vec<ConsentView>,
    /// How much of each form is filled in.
    #[n(14)]
    pub forms: Vec<FormView>,
    /// A tip by telephone or letter that nobody has found true: nobody is added to it, nor named.
    #[n(19)]
    pub unverified: bool,
}

/// How much of a form is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct FormView {
    /// Key of the form.
    #[n(0)]
    pub form: String,
    /// Its person, of a form that is filled for each.
    #[n(1)]
    pub subject: Option<SubjectId>,
    /// Fields its pages ask now, of parts this person has.
    #[n(2)]
    pub asked: u32,
    /// Those that have an answer; a lawful empty one counts.
    #[n(3)]
    pub answered: u32,
}

/// A case that was taken off this tablet because its person's assignment ended.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct EndedView {
    /// The last day, civil date.
    #[n(0)]
    pub on: String,
    /// Entries of the case that have not arrived at the centre.
    #[n(1)]
    pub unsent: u32,
}

/// "Minta keterangan" of whoever took a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Wire)]
pub struct AskedView {
    /// Code of what was asked last, empty if nothing was.
    #[n(0)]
    pub what: String,
    /// When, milliseconds since 1970 UTC.
    #[n(1)]
    pub at_ms: u64,
    /// This person may ask.
    #[n(2)]
    pub may_ask: bool,
}

/// A draft whose person wants nothing of them to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub struct RefusalView {
    /// Nothing of it has left the tablet: it can be erased. Otherwise it can only be emptied.
    #[n(0)]
    pub only_here: bool,
    /// There is danger: it goes on as soon as the reason is told why a life is at stake, and not before.
    #[n(1)]
    pub danger: bool,
}

/// What somebody added to a report after handing it over.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct SupplementView {
    /// The text.
    #[n(0)]
    pub text: String,
    /// Name of who wrote it.
    #[n(1)]
    pub by: String,
    /// When, milliseconds since 1970 UTC by the writer's clock.
    #[n(2)]
    pub at_ms: u64,
    /// Whose held entry it is, kept as a note.
    #[n(3)]
    pub held: Option<HeldOriginView>,
}

/// A person of a case.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct PersonView {
    /// The person.
    #[n(0)]
    pub subject: SubjectId,
    /// "K1", "K2" ….
    #[n(1)]
    pub code: String,
    /// Whether an identity is on this tablet.
    #[n(2)]
    pub identity: bool,
    /// Name, to be shown only under a cover.
    #[n(3)]
    pub name: Option<String>,
    /// They refused to be recorded by name, and nothing lifts that.
    #[n(4)]
    pub refused: bool,
    /// Code of woman, girl, man or boy; empty if not told.
    #[n(10)]
    pub group: String,
    /// Code of the band of age; empty if not known here.
    #[n(11)]
    pub age_band: String,
    /// Code of what was decided about them; empty if nothing was, or not known here.
    #[n(12)]
    pub status: String,
}

impl PersonView {
    /// Whether somebody should still ask who they are.
    #[must_use]
    pub const fn lacks_identity(&self) -> bool {
        !self.identity && !self.refused
    }
}

/// A member of a case's team.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct TeamView {
    /// The account.
    #[n(0)]
    pub account: AccountId,
    /// Name.
    #[n(1)]
    pub name: String,
    /// Role code.
    #[n(2)]
    pub role: String,
    /// Last day, civil date; empty if open.
    #[n(3)]
    pub until: String,
    /// Whether the term runs today.
    #[n(4)]
    pub in_force: bool,
    /// Manages the case.
    #[n(5)]
    pub manages: bool,
    /// Names the membership.
    #[n(6)]
    pub row: RowId,
    /// Every value of the membership.
    #[n(7)]
    pub seen: Vec<SeenOp>,
    /// Those of the last day.
    #[n(8)]
    pub until_seen: Vec<SeenOp>,
    /// Must not know of the case and receives nothing; said to those who may know that.
    #[n(9)]
    pub excluded: bool,
}

/// One part of a case, as a card.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct PartView {
    /// Document kind.
    #[n(0)]
    pub kind: String,
    /// Its person.
    #[n(1)]
    pub subject: Option<SubjectId>,
    /// Fields answered (lawful empty answers count).
    #[n(2)]
    pub answered: u32,
    /// Fields that apply.
    #[n(3)]
    pub total: u32,
    /// This person may write it.
    #[n(4)]
    pub writable: bool,
    /// Open disagreements in it.
    #[n(5)]
    pub conflicts: u32,
    /// Last change, milliseconds since 1970 UTC; 0 when empty.
    #[n(6)]
    pub changed_ms: u64,
    /// Name of who wrote last.
    #[n(7)]
    pub changed_by: String,
}

/// What to do next in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum NextStep {
    /// "Lanjutkan laporan"
    #[n(0)]
    ContinueReport,
    /// "Saya tangani"
    #[n(1)]
    TakeOver,
    /// "Tentukan triase"
    #[n(2)]
    Triage,
    /// "Lengkapi identitas"
    #[n(3)]
    Identity,
    /// "Pilih isian yang berbeda"
    #[n(4)]
    Conflicts,
    /// "Daftarkan": give the case its number in the register.
    #[n(5)]
    Register,
}
