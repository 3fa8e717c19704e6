//! What the interface and the engine worker say to each other.
//!
//! The interface sends [`ToEngine`], the engine answers with [`FromEngine`]; both travel as CBOR through `postMessage`.
//! Both ends are always of the same build, so this may change with every version. Views hold what a screen draws, already
//! joined with names and received times; the interface never sees a document, a key or a row of the store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::id::{AccountId, CaseId, HeldId, RowId, SubjectId, VaultId};
use shared::pack::Pack;
use shared::value::Scalar;

/// A message to the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToEngine {
    /// Chosen by the interface; the reply repeats it.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// A message from the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum FromEngine {
    /// The one reply to a request.
    Reply {
        /// Of the request.
        id: u32,
        /// What came of it.
        reply: Result<Reply, Failure>,
    },
    /// Something happened.
    Event(Event),
}

/// Why a request came to nothing. What the user typed is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Number of a `shared::protocol::error::ErrorCode`; its sentence is shown with the number small beside it.
    pub code: u16,
    /// Seconds until trying again makes sense.
    pub retry_after_s: Option<u32>,
}

/// What the interface can ask for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// First message: what is on this tablet? → [`Reply::Tablet`]
    Hello,
    /// Whose code is this? → [`Reply::Welcome`]
    EnrolLook {
        /// As typed or from the link.
        code: String,
    },
    /// Five fresh words. → [`Reply::Words`]
    NewPassphrase,
    /// Words of the list that begin so (two letters up). → [`Reply::Words`]
    WordsBeginning {
        /// What was typed so far.
        prefix: String,
    },
    /// Is one's own passphrase good enough? → [`Reply::Done`] or a failure that says what is missing
    CheckPassphrase {
        /// The passphrase.
        passphrase: String,
    },
    /// Makes the vault and registers the tablet. → [`Reply::Session`]; [`Event::Progress`] meanwhile
    EnrolJoin {
        /// The one-time code.
        code: String,
        /// Shown on the tile; chosen by the member.
        nickname: String,
        /// What people call this tablet.
        tablet_name: String,
        /// Five words or one's own.
        passphrase: String,
    },
    /// Opens a vault. → [`Reply::Session`]
    Unlock {
        /// Which tile.
        vault: VaultId,
        /// The passphrase.
        passphrase: String,
    },
    /// Opens a vault with the recovery code the office reads out, and sets a new passphrase. → [`Reply::Session`]
    UnlockWithCode {
        /// Which tile.
        vault: VaultId,
        /// As typed.
        recovery_code: String,
        /// From now on.
        new_passphrase: String,
    },
    /// Forgets every key and view. → [`Reply::Done`]
    Lock,
    /// Sets how long without a touch until the tablet locks itself. → [`Reply::Done`]
    SetAutoLock {
        /// Seconds, 60 to 900.
        seconds: u32,
    },
    /// The user did something; postpones the automatic lock. → [`Reply::Done`]
    Touch,
    /// The tab was hidden or shown; leadership of sync follows. → [`Reply::Done`]
    Visible(bool),
    /// The browser says it is online or offline. → [`Reply::Done`]
    Online(bool),
    /// Keeps an answer up to date: the first value is in the reply, later ones come as [`Event::View`]. → [`Reply::View`]
    Watch(Query),
    /// Stops keeping it up to date. The number is that of the `Watch` message. → [`Reply::Done`]
    Unwatch(u32),
    /// Begins a report: a new case with its core and intake as a draft of this author. → [`Reply::Case`]
    StartReport,
    /// Adds a person to a case (K1, K2 …) with an empty identity. → [`Reply::Subject`]
    AddPerson {
        /// The case.
        case: CaseId,
    },
    /// Writes what a field was left with. Saved when the reply is there. → [`Reply::Saved`]
    Write(Write),
    /// Keeps what is being typed, so that a crash loses nothing. → [`Reply::Done`]
    KeepDraft {
        /// Where.
        place: FieldPlace,
        /// What stands in the field now; none when it was left.
        draft: Option<Typed>,
    },
    /// Takes back the last write of a field. → [`Reply::Saved`]
    Undo {
        /// Where.
        place: FieldPlace,
    },
    /// Hands a draft over ("Serahkan laporan"). → [`Reply::Saved`]
    HandOver {
        /// The case.
        case: CaseId,
    },
    /// Takes a handed-over report back within ten minutes. → [`Reply::Saved`]
    TakeBack {
        /// The case.
        case: CaseId,
    },
    /// Takes a handed-over report or an emergency over ("Saya tangani"). → [`Reply::Saved`]
    TakeOver {
        /// The case.
        case: CaseId,
    },
    /// Adds to a report one has handed over ("Tambah keterangan"). → [`Reply::Saved`]
    Supplement {
        /// The case.
        case: CaseId,
        /// What to add.
        text: String,
    },
    /// Puts a member into the case's team. → [`Reply::Saved`]
    Assign {
        /// The case.
        case: CaseId,
        /// Who.
        account: AccountId,
        /// As what.
        role: String,
    },
    /// "Kirim & terima sekarang". → [`Reply::Done`]; progress comes as [`Event::Status`]
    SyncNow,
    /// Tries a held or refused item again. → [`Reply::Done`]
    RetryTray {
        /// Of the [`TrayItem`].
        item: u64,
    },
    /// Puts the outcome of an own held edit away. → [`Reply::Done`]
    ClearTray {
        /// Of the [`TrayItem`].
        item: u64,
    },
    /// Decides about held changes; the decision waits in the queue like an edit. → [`Reply::Saved`]
    DecideHeld {
        /// Which.
        items: Vec<HeldId>,
        /// What.
        choice: HeldChoice,
    },
    /// Takes back a decision that was not sent yet. → [`Reply::Done`]
    UndecideHeld {
        /// Which.
        item: HeldId,
    },
    /// Everything unsent or held of this vault as one sealed file. → [`Reply::File`]
    ExportTray,
    /// Where the user is, to come back there after a crash. → [`Reply::Done`]
    SetPlace(Option<Place>),
    /// Interface language id, en or tet. → [`Reply::Done`]
    SetLanguage(String),
}

/// What comes of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// Nothing more to say.
    Done,
    /// To `Hello`.
    Tablet(TabletView),
    /// To `EnrolLook`.
    Welcome(WelcomeView),
    /// Words of the list.
    Words(Vec<String>),
    /// A vault is open.
    Session(Box<SessionView>),
    /// A new case.
    Case(CaseId),
    /// A new person.
    Subject(SubjectId),
    /// On stable storage of this tablet.
    Saved,
    /// To `Watch`.
    View(View),
    /// A file to hand to the user: neutral name and content.
    File(String, Vec<u8>),
}

/// What happened without being asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Event {
    /// The answer to a `Watch` changed.
    View {
        /// Message id of the `Watch`.
        watch: u32,
        /// The new answer.
        view: View,
    },
    /// Sending, unsent, held, signal.
    Status(StatusView),
    /// Steps of long work (enrolment, key derivation, first sync): done of total.
    Progress {
        /// What is being done.
        step: ProgressStep,
        /// Done so far.
        done: u32,
        /// Of so many; 0 when unknown.
        total: u32,
    },
    /// The vault was locked (idle, another request, revoked).
    Locked {
        /// Error code when something ended it, 0 otherwise.
        code: u16,
    },
    /// The pack changed.
    Pack(Box<Pack>),
    /// Something went wrong outside any request.
    Failed(Failure),
}

/// Steps of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgressStep {
    /// Deriving the key from the passphrase.
    Key,
    /// Registering at the relay.
    Enrol,
    /// Receiving.
    Receive,
}

/// What is on this tablet, before anybody unlocks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TabletView {
    /// One tile each.
    pub vaults: Vec<TileView>,
    /// Public pack (emergency numbers, labels), if one was ever fetched.
    pub pack: Option<Box<Pack>>,
    /// Show the red line "DATA CONTOH".
    pub synthetic: bool,
    /// Interface language.
    pub language: String,
    /// What people call this tablet, if it has a name.
    pub tablet_name: Option<String>,
}

/// One person's tile on the unlock page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileView {
    /// The vault.
    pub vault: VaultId,
    /// Chosen by the member.
    pub nickname: String,
    /// Unsent changes in it, as a bare count.
    pub unsent: u32,
    /// Seconds until another attempt is allowed.
    pub wait_s: u32,
}

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WelcomeView {
    /// Member's name.
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
    /// The task force.
    pub office: String,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionView {
    /// The vault.
    pub vault: VaultId,
    /// The account.
    pub account: AccountId,
    /// Member's name.
    pub name: String,
    /// Role codes in force.
    pub roles: Vec<String>,
    /// The tile's name.
    pub nickname: String,
    /// The pack.
    pub pack: Box<Pack>,
    /// Show the red line "DATA CONTOH".
    pub synthetic: bool,
    /// Where work was interrupted.
    pub place: Option<Place>,
    /// Seconds without a touch until the tablet locks itself.
    pub auto_lock_s: u32,
    /// Interface language.
    pub language: String,
    /// Directory for choosing members.
    pub members: Vec<MemberView>,
    /// Current sync status.
    pub status: StatusView,
}

/// A member in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The account.
    pub account: AccountId,
    /// Name.
    pub name: String,
    /// Unit key of the pack.
    pub unit: String,
    /// Role codes.
    pub roles: Vec<String>,
}

/// A place in the interface, to come back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The case.
    pub case: CaseId,
    /// Form key of the pack, or the report path.
    pub form: String,
    /// Page, from 0.
    pub page: u32,
    /// The person, for forms of a person.
    pub subject: Option<SubjectId>,
}

/// Names one field of one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldPlace {
    /// The case.
    pub case: CaseId,
    /// Document kind of the pack.
    pub kind: String,
    /// The person, for kinds of a person.
    pub subject: Option<SubjectId>,
    /// Which field.
    pub path: Path,
}

/// Which field of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Path {
    /// A plain field. Many-choice fields are `<field>/<code>`, lawful empty answers `<field>#jawab`.
    Field(String),
    /// A field of a row.
    RowField {
        /// The table.
        table: String,
        /// The row.
        row: RowId,
        /// The field in the row.
        key: String,
    },
    /// A whole row.
    Row {
        /// The table.
        table: String,
        /// The row.
        row: RowId,
    },
    /// A long text.
    Text(String),
}

/// Names one of the values that stand in a field: the operation that wrote it. Opaque to the interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeenOp {
    /// Counter of the operation.
    pub counter: u64,
    /// Its actor, 16 bytes in hexadecimal.
    pub actor: String,
}

/// One write, as the user meant it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Write {
    /// The field was left with this value (null clears it).
    Set {
        /// Where.
        place: FieldPlace,
        /// The value.
        value: Scalar,
        /// Every value the user saw there.
        seen: Vec<SeenOp>,
    },
    /// The user chose between values that stood side by side.
    Choose {
        /// Where.
        place: FieldPlace,
        /// The chosen (or a new) value.
        value: Scalar,
        /// Every value that was shown.
        seen: Vec<SeenOp>,
    },
    /// A long text was left.
    Text {
        /// Where.
        place: FieldPlace,
        /// Token of the [`TextView`] at the time the field was opened.
        base: TextBase,
        /// What stands there now.
        text: String,
    },
    /// A new row.
    AddRow {
        /// The document, with [`Path::Row`]; the interface chooses no id: use [`RowId`] of zero bytes.
        place: FieldPlace,
        /// Its fields.
        fields: BTreeMap<String, Scalar>,
    },
    /// Strikes a row out; it stays in the history.
    RemoveRow {
        /// Which.
        place: FieldPlace,
        /// Every value the user saw in it.
        seen: Vec<SeenOp>,
    },
    /// Brings a struck-out row back.
    RestoreRow {
        /// Which.
        place: FieldPlace,
        /// Every value the user saw in it.
        seen: Vec<SeenOp>,
    },
}

/// What is being typed in a field, and what stood there when it was begun: others may write there meanwhile, also while
/// the tablet is switched off, and what nobody has seen is not to be replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// What stands in the field.
    pub text: String,
    /// Values that stood there; empty for a long text.
    pub seen: Vec<SeenOp>,
    /// The long text that stood there; none for a line.
    pub base: Option<TextBase>,
}

/// A long text as it stood when its field was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextBase {
    /// Heads of the document then, each 32 bytes in hexadecimal.
    pub heads: Vec<String>,
    /// The text then.
    pub text: String,
}

/// What can be kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Query {
    /// → [`View::Home`]
    Home,
    /// → [`View::Cases`]
    Cases {
        /// Words to look for; empty for all.
        search: String,
    },
    /// → [`View::Case`]
    Case(CaseId),
    /// One document, for a form. → [`View::Document`]
    Document {
        /// The case.
        case: CaseId,
        /// Its kind.
        kind: String,
        /// Its person.
        subject: Option<SubjectId>,
    },
    /// All open disagreements. → [`View::Conflicts`]
    Conflicts,
    /// History of a case, newest first. → [`View::History`]
    History {
        /// The case.
        case: CaseId,
        /// Only this field.
        place: Option<FieldPlace>,
    },
    /// "Ditahan": what waits for this person. → [`View::Held`]
    Held,
    /// "Kirim & terima". → [`View::Sync`]
    Sync,
}

/// Answers to queries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum View {
    /// Home.
    Home(HomeView),
    /// Case list, newest activity first.
    Cases(Vec<CaseCard>),
    /// A case; none when it is not (or no longer) on this tablet.
    Case(Option<Box<CaseView>>),
    /// A document.
    Document(Box<DocumentView>),
    /// Open disagreements, weightiest first.
    Conflicts(Vec<ConflictView>),
    /// History, newest first.
    History(Vec<HistoryView>),
    /// "Ditahan": what waits, oldest first, then what was decided, newest first.
    Held(Vec<HeldItemView>),
    /// "Kirim & terima".
    Sync(SyncView),
}

/// A home page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HomeView {
    /// Own drafts, oldest first.
    pub drafts: Vec<DraftView>,
    /// Reports handed over, newest first.
    pub handed_over: Vec<ReceiptView>,
    /// Emergencies nobody has taken over.
    pub emergencies: Vec<CaseCard>,
    /// New reports waiting to be taken over.
    pub new_reports: Vec<CaseCard>,
    /// Own cases.
    pub cases: Vec<CaseCard>,
    /// How many disagreements are open.
    pub conflicts: u32,
    /// How many own items are held or refused, or were decided and not put away.
    pub held: u32,
    /// How many held changes of others wait for this person.
    pub to_decide: u32,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftView {
    /// The case.
    pub case: CaseId,
    /// Field code.
    pub field_code: String,
    /// When it was begun, milliseconds since 1970 UTC.
    pub begun_ms: u64,
    /// Page to go on at, from 0.
    pub page: u32,
    /// It is an emergency.
    pub emergency: bool,
}

/// A report handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// The case.
    pub case: CaseId,
    /// Field code.
    pub field_code: String,
    /// When it was handed over, milliseconds since 1970 UTC.
    pub handed_over_ms: u64,
    /// What became of it; none while it has not reached the centre.
    pub state: Option<ReceiptState>,
    /// Register number, once given.
    pub register_number: Option<String>,
    /// The author may still take it back.
    pub may_take_back: bool,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptState {
    /// "Diterima"
    Received,
    /// "Ditangani"
    InHand,
    /// "Butuh keterangan tambahan"
    NeedsSupplement,
    /// "Selesai"
    Closed,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCard {
    /// The case.
    pub case: CaseId,
    /// Register number or, before that, field code.
    pub code: String,
    /// Field code.
    pub field_code: String,
    /// Stage code of the pack.
    pub stage: String,
    /// Triage code, empty before triage.
    pub triage: String,
    /// Kecamatan code the person is from or the report speaks of, empty if unknown.
    pub area: String,
    /// How many people.
    pub people: u32,
    /// Last change, milliseconds since 1970 UTC.
    pub changed_ms: u64,
    /// Name of who wrote last.
    pub changed_by: String,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Open disagreements.
    pub conflicts: u32,
    /// Unsent changes.
    pub unsent: u32,
    /// Handed over, not yet taken over.
    pub waiting: bool,
    /// Since when it waits, milliseconds since 1970 UTC.
    pub waiting_since_ms: u64,
    /// Name of the case manager, empty if none.
    pub manager: String,
}

/// Tags of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tag {
    /// "Darurat"
    Emergency,
    /// "Anak"
    Child,
    /// "Tanpa identitas"
    NoIdentity,
    /// "Jenazah"
    Deceased,
    /// "Draf"
    Draft,
}

/// A case page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseView {
    /// Its card.
    pub card: CaseCard,
    /// People K1, K2 ….
    pub people: Vec<PersonView>,
    /// Team.
    pub team: Vec<TeamView>,
    /// Documents on this tablet, in the pack's order of kinds.
    pub documents: Vec<PartView>,
    /// What this person should do next, at most three.
    pub next_steps: Vec<NextStep>,
    /// Whether this person may take the case over.
    pub may_take_over: bool,
    /// Whether this person may put members into the team.
    pub may_assign: bool,
    /// Who made the report.
    pub created_by: String,
    /// Milliseconds since 1970 UTC; none for a draft.
    pub handed_over_ms: Option<u64>,
}

/// A person of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The person.
    pub subject: SubjectId,
    /// "K1", "K2" ….
    pub code: String,
    /// Whether an identity is on this tablet.
    pub identity: bool,
    /// Name, to be shown only while the user holds the chip.
    pub name: Option<String>,
}

/// A member of a case's team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    /// The account.
    pub account: AccountId,
    /// Name.
    pub name: String,
    /// Role code.
    pub role: String,
    /// Last day, civil date; empty if open.
    pub until: String,
}

/// One part of a case, as a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    /// Document kind.
    pub kind: String,
    /// Its person.
    pub subject: Option<SubjectId>,
    /// Fields answered (lawful empty answers count).
    pub answered: u32,
    /// Fields that apply.
    pub total: u32,
    /// This person may write it.
    pub writable: bool,
    /// Open disagreements in it.
    pub conflicts: u32,
    /// Last change, milliseconds since 1970 UTC; 0 when empty.
    pub changed_ms: u64,
    /// Name of who wrote last.
    pub changed_by: String,
}

/// What to do next in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextStep {
    /// "Lanjutkan laporan"
    ContinueReport,
    /// "Saya tangani"
    TakeOver,
    /// "Tentukan triase"
    Triage,
    /// "Lengkapi identitas"
    Identity,
    /// "Pilih isian yang berbeda"
    Conflicts,
}

/// One document, for forms.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DocumentView {
    /// Plain fields that were ever written.
    pub fields: BTreeMap<String, FieldView>,
    /// Rows by table, in order of creation.
    pub rows: BTreeMap<String, Vec<RowView>>,
    /// Long texts.
    pub texts: BTreeMap<String, TextView>,
    /// What was being typed when the tablet stopped, by field.
    pub drafts: Vec<(Path, Typed)>,
    /// This person may write it.
    pub writable: bool,
    /// Heads of the document now, for new texts.
    pub heads: Vec<String>,
}

/// A field's values and mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// One value, or several that stand side by side.
    pub values: Vec<ValueView>,
    /// Saved here, or received there.
    pub mark: Mark,
}

/// A value with who and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueView {
    /// The value.
    pub value: Scalar,
    /// Names it in `seen`.
    pub op: SeenOp,
    /// Writer's name.
    pub author: String,
    /// Writer's roles.
    pub roles: Vec<String>,
    /// Name of the tablet it was received from, empty before that.
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC; none before that.
    pub received_ms: Option<u64>,
}

/// Where a field's last write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// ● "Tersimpan di tablet"
    Saved,
    /// ✓ "Sampai di pusat"
    Received,
    /// ⚑ "Isian berbeda"
    Different,
    /// "Ditahan"
    Held,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowView {
    /// Which.
    pub row: RowId,
    /// Its fields.
    pub fields: BTreeMap<String, FieldView>,
    /// Struck out.
    pub removed: bool,
    /// Struck out by one and edited by another.
    pub disputed: bool,
}

/// A long text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextView {
    /// The merged text.
    pub text: String,
    /// Where its last write is.
    pub mark: Mark,
    /// To be given back when the field is left.
    pub base: TextBase,
}

/// An open disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictView {
    /// Where.
    pub place: FieldPlace,
    /// Code of the case.
    pub code: String,
    /// "K1" … for documents of a person.
    pub person: String,
    /// The values side by side.
    pub values: Vec<ValueView>,
    /// This person may choose.
    pub may_choose: bool,
    /// Since when, milliseconds since 1970 UTC.
    pub since_ms: u64,
    /// A row removed by one and edited by another.
    pub removed_row: bool,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Where.
    pub place: FieldPlace,
    /// Value before; for a long text, what was taken out.
    pub old: Scalar,
    /// Value after; for a long text, what was put in.
    pub new: Scalar,
    /// Writer's name.
    pub author: String,
    /// Tablet's name, empty before it was received.
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC.
    pub received_ms: Option<u64>,
    /// It was chosen between differing values.
    pub chosen: bool,
    /// It was held and entered again: who wrote it first.
    pub held: Option<HeldOriginView>,
}

/// Who wrote a held change that somebody else entered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOriginView {
    /// Writer's name.
    pub author: String,
    /// What the writer's tablet's clock said, milliseconds since 1970 UTC.
    pub said_ms: u64,
}

/// What a person decides about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeldChoice {
    /// "Terima"
    Accept,
    /// "Tolak", with the reason.
    Decline(String),
    /// "Teruskan ke penanggung jawab bagian"
    Forward,
}

/// A held change in the list of who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldItemView {
    /// Names it.
    pub held: HeldId,
    /// The case.
    pub case: CaseId,
    /// Code of the case, empty when it is not on this tablet.
    pub code: String,
    /// "K1" … for documents of a person.
    pub person: String,
    /// Document kind.
    pub kind: String,
    /// It was passed on.
    pub forwarded: bool,
    /// What it says; none in a part this person may not read.
    pub says: Option<HeldSaysView>,
    /// Decided here, not yet sent.
    pub queued: Option<HeldChoice>,
    /// Why the last decision came to nothing, as an error code.
    pub refused: Option<u16>,
    /// What was decided.
    pub decided: Option<HeldDecidedView>,
}

/// What a held change says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSaysView {
    /// Writer's name.
    pub writer: String,
    /// The writer is no member any more.
    pub writer_ended: bool,
    /// Name of the writer's tablet.
    pub tablet: String,
    /// Why it is held, as an error code.
    pub reason: u16,
    /// What the writer's tablet's clock said, milliseconds since 1970 UTC.
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC.
    pub received_ms: u64,
    /// Its place among what was received with it.
    pub order: u32,
    /// Where; none when it cannot be read on this tablet.
    pub place: Option<FieldPlace>,
    /// What was written.
    pub value: Scalar,
    /// Fields of a new row.
    pub fields: Vec<(FieldPlace, Scalar)>,
    /// What stands there now.
    pub present: Vec<ValueView>,
    /// Something else stands there that the writer did not know of, or it cannot be read.
    pub clashes: bool,
}

/// What was decided about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldDecidedView {
    /// "Diterima"; otherwise "Ditolak".
    pub taken_in: bool,
    /// Name of who decided.
    pub by: String,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: u64,
    /// Why it was declined.
    pub reason: Option<String>,
}

/// The status pill.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatusView {
    /// Changes not yet received by the centre.
    pub unsent: u32,
    /// Held or refused.
    pub held: u32,
    /// Line and centre.
    pub line: Line,
    /// A round is going on.
    pub busy: bool,
    /// Last contact, milliseconds since 1970 UTC.
    pub last_contact_ms: Option<u64>,
    /// Tablet clock is more than ten minutes off or behind the last contact.
    pub clock_wrong: bool,
    /// Storage is low: bytes left, when under 200 MB.
    pub storage_low: Option<u64>,
}

/// Line and centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Line {
    /// Not tried yet.
    #[default]
    Unknown,
    /// The last round went through.
    Ok,
    /// "Tanpa sinyal"
    NoSignal,
    /// "Pusat data tidak menjawab"
    RelaySilent,
    /// The account or tablet was ended.
    Ended,
}

/// "Kirim & terima".
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SyncView {
    /// As in the pill.
    pub status: StatusView,
    /// Waiting, by case.
    pub waiting: Vec<WaitingView>,
    /// Held and refused.
    pub tray: Vec<TrayItem>,
    /// Held changes of others that wait for this person.
    pub to_decide: u32,
    /// Other people's unsent work on this tablet: nickname and count.
    pub others: Vec<(String, u32)>,
    /// Bytes sent and received this month.
    pub used_bytes: (u64, u64),
    /// Bytes free for this origin.
    pub free_bytes: Option<u64>,
    /// What people call this tablet.
    pub tablet_name: String,
    /// Version of the pack.
    pub pack_version: u32,
    /// The browser promised not to clear the storage.
    pub persisted: bool,
}

/// Unsent changes of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingView {
    /// The case.
    pub case: CaseId,
    /// Its code.
    pub code: String,
    /// How many.
    pub changes: u32,
    /// Goes first.
    pub emergency: bool,
}

/// A write the centre did not merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrayItem {
    /// Names it.
    pub item: u64,
    /// Where it was meant for.
    pub place: FieldPlace,
    /// Code of the case.
    pub code: String,
    /// What was written.
    pub value: Scalar,
    /// Why, as an error code.
    pub reason: u16,
    /// Held for a person (otherwise refused).
    pub held: bool,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    pub said_ms: u64,
    /// What was decided about it, until the writer has put it away.
    pub decided: Option<HeldDecidedView>,
}
