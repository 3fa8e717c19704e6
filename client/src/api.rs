//! What the interface and the engine worker say to each other.
//!
//! The interface sends [`ToEngine`], the engine answers with [`FromEngine`]; both travel as CBOR through `postMessage`.
//! Both ends are always of the same build, so this may change with every version. Views hold what a screen draws, already
//! joined with names and received times; the interface never sees a document, a key or a row of the store.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use shared::id::{AccountId, CaseId, HeldId, RowId, SubjectId, VaultId};
use shared::pack::{Pack, PackCodecError};
use shared::value::Scalar;

/// A message to the engine.
#[derive(Debug, Clone, Encode, Decode)]
pub struct ToEngine {
    /// Chosen by the interface; the reply repeats it.
    #[n(0)]
    pub id: u32,
    /// What is asked.
    #[n(1)]
    pub request: Request,
}

/// A message from the engine.
#[derive(Debug, Clone, Encode, Decode)]
pub enum FromEngine {
    /// The one reply to a request.
    #[n(0)]
    Reply {
        /// Of the request.
        #[n(0)]
        id: u32,
        /// What came of it.
        #[n(1)]
        reply: Result<Reply, Failure>,
    },
    /// Something happened.
    #[n(1)]
    Event(#[n(0)] Event),
}

/// Why a request came to nothing. What the user typed is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Failure {
    /// Number of a `shared::protocol::error::ErrorCode`; its sentence is shown with the number small beside it.
    #[n(0)]
    pub code: u16,
    /// Seconds until trying again makes sense.
    #[n(1)]
    pub retry_after_s: Option<u32>,
}

/// What the interface can ask for.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Request {
    /// First message: what is on this tablet? → [`Reply::Tablet`]
    #[n(0)]
    Hello,
    /// Whose code is this? → [`Reply::Welcome`]
    #[n(1)]
    EnrolLook {
        /// As typed or from the link.
        #[n(0)]
        code: String,
    },
    /// Five fresh words. → [`Reply::Words`]
    #[n(2)]
    NewPassphrase,
    /// Words of the list that begin so (two letters up). → [`Reply::Words`]
    #[n(3)]
    WordsBeginning {
        /// What was typed so far.
        #[n(0)]
        prefix: String,
    },
    /// Is one's own passphrase good enough? → [`Reply::Done`] or a failure that says what is missing
    #[n(4)]
    CheckPassphrase {
        /// The passphrase.
        #[n(0)]
        passphrase: String,
    },
    /// Makes the vault and registers the tablet. → [`Reply::Session`]; [`Event::Progress`] meanwhile
    #[n(5)]
    EnrolJoin {
        /// The one-time code.
        #[n(0)]
        code: String,
        /// Shown on the tile; chosen by the member.
        #[n(1)]
        nickname: String,
        /// What people call this tablet.
        #[n(2)]
        tablet_name: String,
        /// Five words or one's own.
        #[n(3)]
        passphrase: String,
    },
    /// Opens a vault. → [`Reply::Session`]
    #[n(6)]
    Unlock {
        /// Which tile.
        #[n(0)]
        vault: VaultId,
        /// The passphrase.
        #[n(1)]
        passphrase: String,
    },
    /// Opens a vault with the recovery code the office reads out, and sets a new passphrase. → [`Reply::Session`]
    #[n(7)]
    UnlockWithCode {
        /// Which tile.
        #[n(0)]
        vault: VaultId,
        /// As typed.
        #[n(1)]
        recovery_code: String,
        /// From now on.
        #[n(2)]
        new_passphrase: String,
    },
    /// Forgets every key and view. → [`Reply::Done`]
    #[n(8)]
    Lock,
    /// Sets how long without a touch until the tablet locks itself. → [`Reply::Done`]
    #[n(9)]
    SetAutoLock {
        /// Seconds, 60 to 900.
        #[n(0)]
        seconds: u32,
    },
    /// The user did something; postpones the automatic lock. → [`Reply::Done`]
    #[n(10)]
    Touch,
    /// The tab was hidden or shown; leadership of sync follows. → [`Reply::Done`]
    #[n(11)]
    Visible(#[n(0)] bool),
    /// The browser says it is online or offline. → [`Reply::Done`]
    #[n(12)]
    Online(#[n(0)] bool),
    /// Keeps an answer up to date: the first value is in the reply, later ones come as [`Event::View`]. → [`Reply::View`]
    #[n(13)]
    Watch(#[n(0)] Query),
    /// Stops keeping it up to date. The number is that of the `Watch` message. → [`Reply::Done`]
    #[n(14)]
    Unwatch(#[n(0)] u32),
    /// Begins a report: a new case with its core and intake as a draft of this author. → [`Reply::Case`]
    #[n(15)]
    StartReport,
    /// Adds a person to a case (K1, K2 …) with an empty identity. → [`Reply::Subject`]
    #[n(16)]
    AddPerson {
        /// The case.
        #[n(0)]
        case: CaseId,
    },
    /// Writes what a field was left with. Saved when the reply is there. → [`Reply::Saved`]
    #[n(17)]
    Write(#[n(0)] Write),
    /// Keeps what is being typed, so that a crash loses nothing. → [`Reply::Done`]
    #[n(18)]
    KeepDraft {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// What stands in the field now; none when it was left.
        #[n(1)]
        draft: Option<Typed>,
    },
    /// Takes back the last write of a field. → [`Reply::Saved`]
    #[n(19)]
    Undo {
        /// Where.
        #[n(0)]
        place: FieldPlace,
    },
    /// Hands a draft over ("Serahkan laporan"). → [`Reply::Saved`]
    #[n(20)]
    HandOver {
        /// The case.
        #[n(0)]
        case: CaseId,
    },
    /// Takes a handed-over report back within ten minutes. → [`Reply::Saved`]
    #[n(21)]
    TakeBack {
        /// The case.
        #[n(0)]
        case: CaseId,
    },
    /// Takes a handed-over report or an emergency over ("Saya tangani"). → [`Reply::Saved`]
    #[n(22)]
    TakeOver {
        /// The case.
        #[n(0)]
        case: CaseId,
    },
    /// Adds to a report one has handed over ("Tambah keterangan"). → [`Reply::Saved`]
    #[n(23)]
    Supplement {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// What to add.
        #[n(1)]
        text: String,
    },
    /// Puts a member into the case's team. → [`Reply::Saved`]
    #[n(24)]
    Assign {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Who.
        #[n(1)]
        account: AccountId,
        /// As what.
        #[n(2)]
        role: String,
    },
    /// "Kirim & terima sekarang". → [`Reply::Done`]; progress comes as [`Event::Status`]
    #[n(25)]
    SyncNow,
    /// Tries a held or refused item again. → [`Reply::Done`]
    #[n(26)]
    RetryTray {
        /// Of the [`TrayItem`].
        #[n(0)]
        item: u64,
    },
    /// Puts the outcome of an own held edit away. → [`Reply::Done`]
    #[n(27)]
    ClearTray {
        /// Of the [`TrayItem`].
        #[n(0)]
        item: u64,
    },
    /// Decides about held changes; the decision waits in the queue like an edit. → [`Reply::Saved`]
    #[n(28)]
    DecideHeld {
        /// Which.
        #[n(0)]
        items: Vec<HeldId>,
        /// What.
        #[n(1)]
        choice: HeldChoice,
    },
    /// Takes back a decision that was not sent yet. → [`Reply::Done`]
    #[n(29)]
    UndecideHeld {
        /// Which.
        #[n(0)]
        item: HeldId,
    },
    /// Everything unsent or held of this vault as one sealed file. → [`Reply::File`]
    #[n(30)]
    ExportTray,
    /// Where the user is, to come back there after a crash. → [`Reply::Done`]
    #[n(31)]
    SetPlace(#[n(0)] Option<Place>),
    /// Interface language id, en or tet. → [`Reply::Done`]
    #[n(32)]
    SetLanguage(#[n(0)] String),
}

/// What comes of a request.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Reply {
    /// Nothing more to say.
    #[n(0)]
    Done,
    /// To `Hello`.
    #[n(1)]
    Tablet(#[n(0)] TabletView),
    /// To `EnrolLook`.
    #[n(2)]
    Welcome(#[n(0)] WelcomeView),
    /// Words of the list.
    #[n(3)]
    Words(#[n(0)] Vec<String>),
    /// A vault is open.
    #[n(4)]
    Session(#[n(0)] Box<SessionView>),
    /// A new case.
    #[n(5)]
    Case(#[n(0)] CaseId),
    /// A new person.
    #[n(6)]
    Subject(#[n(0)] SubjectId),
    /// On stable storage of this tablet.
    #[n(7)]
    Saved,
    /// To `Watch`.
    #[n(8)]
    View(#[n(0)] View),
    /// A file to hand to the user: neutral name and content.
    #[n(9)]
    File(#[n(0)] String, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
}

/// What happened without being asked for.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Event {
    /// The answer to a `Watch` changed.
    #[n(0)]
    View {
        /// Message id of the `Watch`.
        #[n(0)]
        watch: u32,
        /// The new answer.
        #[n(1)]
        view: View,
    },
    /// Sending, unsent, held, signal.
    #[n(1)]
    Status(#[n(0)] StatusView),
    /// Steps of long work (enrolment, key derivation, first sync): done of total.
    #[n(2)]
    Progress {
        /// What is being done.
        #[n(0)]
        step: ProgressStep,
        /// Done so far.
        #[n(1)]
        done: u32,
        /// Of so many; 0 when unknown.
        #[n(2)]
        total: u32,
    },
    /// The vault was locked (idle, another request, revoked).
    #[n(3)]
    Locked {
        /// Error code when something ended it, 0 otherwise.
        #[n(0)]
        code: u16,
    },
    /// The pack changed.
    #[n(4)]
    Pack(#[n(0)] PackBytes),
    /// Something went wrong outside any request.
    #[n(5)]
    Failed(#[n(0)] Failure),
}

/// Steps of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ProgressStep {
    /// Deriving the key from the passphrase.
    #[n(0)]
    Key,
    /// Registering at the relay.
    #[n(1)]
    Enrol,
    /// Receiving.
    #[n(2)]
    Receive,
}

/// A pack as the relay wrote it. The engine hands the bytes on, so that it need not write packs itself.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(transparent)]
pub struct PackBytes(#[cbor(n(0), with = "minicbor::bytes")] pub Vec<u8>);

impl PackBytes {
    /// Reads the pack.
    ///
    /// # Errors
    /// [`PackCodecError::Decode`] when the bytes are no pack.
    pub fn read(&self) -> Result<Pack, PackCodecError> {
        Pack::from_cbor(&self.0)
    }
}

/// What is on this tablet, before anybody unlocks.
#[derive(Debug, Clone, Encode, Decode)]
pub struct TabletView {
    /// One tile each.
    #[n(0)]
    pub vaults: Vec<TileView>,
    /// Public pack (emergency numbers, labels), if one was ever fetched.
    #[n(1)]
    pub pack: Option<PackBytes>,
    /// Show the red line "DATA CONTOH".
    #[n(2)]
    pub synthetic: bool,
    /// Interface language.
    #[n(3)]
    pub language: String,
    /// What people call this tablet, if it has a name.
    #[n(4)]
    pub tablet_name: Option<String>,
}

/// One person's tile on the unlock page.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TileView {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// Chosen by the member.
    #[n(1)]
    pub nickname: String,
    /// Unsent changes in it, as a bare count.
    #[n(2)]
    pub unsent: u32,
    /// Seconds until another attempt is allowed.
    #[n(3)]
    pub wait_s: u32,
}

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct WelcomeView {
    /// Member's name.
    #[n(0)]
    pub name: String,
    /// Role codes.
    #[n(1)]
    pub roles: Vec<String>,
    /// The task force.
    #[n(2)]
    pub office: String,
}

/// Who is signed in.
#[derive(Debug, Clone, Encode, Decode)]
pub struct SessionView {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The account.
    #[n(1)]
    pub account: AccountId,
    /// Member's name.
    #[n(2)]
    pub name: String,
    /// Role codes in force.
    #[n(3)]
    pub roles: Vec<String>,
    /// The tile's name.
    #[n(4)]
    pub nickname: String,
    /// The pack.
    #[n(5)]
    pub pack: PackBytes,
    /// Show the red line "DATA CONTOH".
    #[n(6)]
    pub synthetic: bool,
    /// Where work was interrupted.
    #[n(7)]
    pub place: Option<Place>,
    /// Seconds without a touch until the tablet locks itself.
    #[n(8)]
    pub auto_lock_s: u32,
    /// Interface language.
    #[n(9)]
    pub language: String,
    /// Directory for choosing members.
    #[n(10)]
    pub members: Vec<MemberView>,
    /// Current sync status.
    #[n(11)]
    pub status: StatusView,
}

/// A member in a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct MemberView {
    /// The account.
    #[n(0)]
    pub account: AccountId,
    /// Name.
    #[n(1)]
    pub name: String,
    /// Unit key of the pack.
    #[n(2)]
    pub unit: String,
    /// Role codes.
    #[n(3)]
    pub roles: Vec<String>,
}

/// A place in the interface, to come back to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Form key of the pack, or the report path.
    #[n(1)]
    pub form: String,
    /// Page, from 0.
    #[n(2)]
    pub page: u32,
    /// The person, for forms of a person.
    #[n(3)]
    pub subject: Option<SubjectId>,
}

/// Names one field of one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct FieldPlace {
    /// The case.
    #[n(0)]
    pub case: CaseId,
    /// Document kind of the pack.
    #[n(1)]
    pub kind: String,
    /// The person, for kinds of a person.
    #[n(2)]
    pub subject: Option<SubjectId>,
    /// Which field.
    #[n(3)]
    pub path: Path,
}

/// Which field of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Path {
    /// A plain field. Many-choice fields are `<field>/<code>`, lawful empty answers `<field>#jawab`.
    #[n(0)]
    Field(#[n(0)] String),
    /// A field of a row.
    #[n(1)]
    RowField {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
        /// The field in the row.
        #[n(2)]
        key: String,
    },
    /// A whole row.
    #[n(2)]
    Row {
        /// The table.
        #[n(0)]
        table: String,
        /// The row.
        #[n(1)]
        row: RowId,
    },
    /// A long text.
    #[n(3)]
    Text(#[n(0)] String),
}

/// Names one of the values that stand in a field: the operation that wrote it. Opaque to the interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct SeenOp {
    /// Counter of the operation.
    #[n(0)]
    pub counter: u64,
    /// Its actor, 16 bytes in hexadecimal.
    #[n(1)]
    pub actor: String,
}

/// One write, as the user meant it.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Write {
    /// The field was left with this value (null clears it).
    #[n(0)]
    Set {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// The value.
        #[n(1)]
        value: Scalar,
        /// Every value the user saw there.
        #[n(2)]
        seen: Vec<SeenOp>,
    },
    /// The user chose between values that stood side by side.
    #[n(1)]
    Choose {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// The chosen (or a new) value.
        #[n(1)]
        value: Scalar,
        /// Every value that was shown.
        #[n(2)]
        seen: Vec<SeenOp>,
    },
    /// A long text was left.
    #[n(2)]
    Text {
        /// Where.
        #[n(0)]
        place: FieldPlace,
        /// Token of the [`TextView`] at the time the field was opened.
        #[n(1)]
        base: TextBase,
        /// What stands there now.
        #[n(2)]
        text: String,
    },
    /// A new row.
    #[n(3)]
    AddRow {
        /// The document, with [`Path::Row`]; the interface chooses no id: use [`RowId`] of zero bytes.
        #[n(0)]
        place: FieldPlace,
        /// Its fields.
        #[n(1)]
        fields: BTreeMap<String, Scalar>,
    },
    /// Strikes a row out; it stays in the history.
    #[n(4)]
    RemoveRow {
        /// Which.
        #[n(0)]
        place: FieldPlace,
        /// Every value the user saw in it.
        #[n(1)]
        seen: Vec<SeenOp>,
    },
    /// Brings a struck-out row back.
    #[n(5)]
    RestoreRow {
        /// Which.
        #[n(0)]
        place: FieldPlace,
        /// Every value the user saw in it.
        #[n(1)]
        seen: Vec<SeenOp>,
    },
}

/// What is being typed in a field, and what stood there when it was begun: others may write there meanwhile, also while
/// the tablet is switched off, and what nobody has seen is not to be replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Typed {
    /// What stands in the field.
    #[n(0)]
    pub text: String,
    /// Values that stood there; empty for a long text.
    #[n(1)]
    pub seen: Vec<SeenOp>,
    /// The long text that stood there; none for a line.
    #[n(2)]
    pub base: Option<TextBase>,
}

/// A long text as it stood when its field was opened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TextBase {
    /// Heads of the document then, each 32 bytes in hexadecimal.
    #[n(0)]
    pub heads: Vec<String>,
    /// The text then.
    #[n(1)]
    pub text: String,
}

/// What can be kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Query {
    /// → [`View::Home`]
    #[n(0)]
    Home,
    /// → [`View::Cases`]
    #[n(1)]
    Cases {
        /// Words to look for; empty for all.
        #[n(0)]
        search: String,
        /// How many cards are wanted.
        #[n(1)]
        cards_max: u32,
    },
    /// → [`View::Case`]
    #[n(2)]
    Case(#[n(0)] CaseId),
    /// One document, for a form. → [`View::Document`]
    #[n(3)]
    Document {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Its kind.
        #[n(1)]
        kind: String,
        /// Its person.
        #[n(2)]
        subject: Option<SubjectId>,
    },
    /// All open disagreements. → [`View::Conflicts`]
    #[n(4)]
    Conflicts,
    /// History of a case, newest first. → [`View::History`]
    #[n(5)]
    History {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Only this field.
        #[n(1)]
        place: Option<FieldPlace>,
    },
    /// "Ditahan": what waits for this person. → [`View::Held`]
    #[n(6)]
    Held,
    /// "Kirim & terima". → [`View::Sync`]
    #[n(7)]
    Sync,
}

/// Answers to queries.
#[derive(Debug, Clone, Encode, Decode)]
pub enum View {
    /// Home.
    #[n(0)]
    Home(#[n(0)] HomeView),
    /// Case list, newest activity first.
    #[n(1)]
    Cases(#[n(0)] CasesView),
    /// A case; none when it is not (or no longer) on this tablet.
    #[n(2)]
    Case(#[n(0)] Option<Box<CaseView>>),
    /// A document.
    #[n(3)]
    Document(#[n(0)] Box<DocumentView>),
    /// Open disagreements, weightiest first.
    #[n(4)]
    Conflicts(#[n(0)] Vec<ConflictView>),
    /// History, newest first.
    #[n(5)]
    History(#[n(0)] Vec<HistoryView>),
    /// "Ditahan": what waits, oldest first, then what was decided, newest first.
    #[n(6)]
    Held(#[n(0)] Vec<HeldItemView>),
    /// "Kirim & terima".
    #[n(7)]
    Sync(#[n(0)] SyncView),
}

/// A home page.
#[derive(Debug, Clone, Default, Encode, Decode)]
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
}

/// The case list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CasesView {
    /// The first of what was found, newest activity first.
    #[n(0)]
    pub cards: Vec<CaseCard>,
    /// How many were found.
    #[n(1)]
    pub total: u32,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// Tags of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
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
}

/// A case page.
#[derive(Debug, Clone, Encode, Decode)]
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
    /// Milliseconds since 1970 UTC; none for a draft.
    #[n(8)]
    pub handed_over_ms: Option<u64>,
}

/// A person of a case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
    /// Name, to be shown only while the user holds the chip.
    #[n(3)]
    pub name: Option<String>,
}

/// A member of a case's team.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// One part of a case, as a card.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
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
}

/// One document, for forms.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub struct DocumentView {
    /// Plain fields that were ever written.
    #[n(0)]
    pub fields: BTreeMap<String, FieldView>,
    /// Rows by table, in order of creation.
    #[n(1)]
    pub rows: BTreeMap<String, Vec<RowView>>,
    /// Long texts.
    #[n(2)]
    pub texts: BTreeMap<String, TextView>,
    /// What was being typed when the tablet stopped, by field.
    #[n(3)]
    pub drafts: Vec<(Path, Typed)>,
    /// This person may write it.
    #[n(4)]
    pub writable: bool,
    /// Heads of the document now, for new texts.
    #[n(5)]
    pub heads: Vec<String>,
}

/// A field's values and mark.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct FieldView {
    /// One value, or several that stand side by side.
    #[n(0)]
    pub values: Vec<ValueView>,
    /// Saved here, or received there.
    #[n(1)]
    pub mark: Mark,
}

/// A value with who and when.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ValueView {
    /// The value.
    #[n(0)]
    pub value: Scalar,
    /// Names it in `seen`.
    #[n(1)]
    pub op: SeenOp,
    /// Writer's name.
    #[n(2)]
    pub author: String,
    /// Writer's roles.
    #[n(3)]
    pub roles: Vec<String>,
    /// Name of the tablet it was received from, empty before that.
    #[n(4)]
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(5)]
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC; none before that.
    #[n(6)]
    pub received_ms: Option<u64>,
}

/// Where a field's last write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Mark {
    /// ● "Tersimpan di tablet"
    #[n(0)]
    Saved,
    /// ✓ "Sampai di pusat"
    #[n(1)]
    Received,
    /// ⚑ "Isian berbeda"
    #[n(2)]
    Different,
    /// "Ditahan"
    #[n(3)]
    Held,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RowView {
    /// Which.
    #[n(0)]
    pub row: RowId,
    /// Its fields.
    #[n(1)]
    pub fields: BTreeMap<String, FieldView>,
    /// Struck out.
    #[n(2)]
    pub removed: bool,
    /// Struck out by one and edited by another.
    #[n(3)]
    pub disputed: bool,
}

/// A long text.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TextView {
    /// The merged text.
    #[n(0)]
    pub text: String,
    /// Where its last write is.
    #[n(1)]
    pub mark: Mark,
    /// To be given back when the field is left.
    #[n(2)]
    pub base: TextBase,
}

/// An open disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ConflictView {
    /// Where.
    #[n(0)]
    pub place: FieldPlace,
    /// Code of the case.
    #[n(1)]
    pub code: String,
    /// "K1" … for documents of a person.
    #[n(2)]
    pub person: String,
    /// The values side by side.
    #[n(3)]
    pub values: Vec<ValueView>,
    /// This person may choose.
    #[n(4)]
    pub may_choose: bool,
    /// Since when, milliseconds since 1970 UTC.
    #[n(5)]
    pub since_ms: u64,
    /// A row removed by one and edited by another.
    #[n(6)]
    pub removed_row: bool,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HistoryView {
    /// Where.
    #[n(0)]
    pub place: FieldPlace,
    /// Value before; for a long text, what was taken out.
    #[n(1)]
    pub old: Scalar,
    /// Value after; for a long text, what was put in.
    #[n(2)]
    pub new: Scalar,
    /// Writer's name.
    #[n(3)]
    pub author: String,
    /// Tablet's name, empty before it was received.
    #[n(4)]
    pub tablet: String,
    /// What the tablet's clock said, milliseconds since 1970 UTC.
    #[n(5)]
    pub said_ms: u64,
    /// When the centre received it, milliseconds since 1970 UTC.
    #[n(6)]
    pub received_ms: Option<u64>,
    /// It was chosen between differing values.
    #[n(7)]
    pub chosen: bool,
    /// It was held and entered again: who wrote it first.
    #[n(8)]
    pub held: Option<HeldOriginView>,
}

/// Who wrote a held change that somebody else entered again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HeldOriginView {
    /// Writer's name.
    #[n(0)]
    pub author: String,
    /// What the writer's tablet's clock said, milliseconds since 1970 UTC.
    #[n(1)]
    pub said_ms: u64,
}

/// What a person decides about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// A held change in the list of who decides.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// What a held change says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}

/// What was decided about a held change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
    /// Why it was declined.
    #[n(3)]
    pub reason: Option<String>,
}

/// The status pill.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
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
}

/// Line and centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(index_only)]
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
#[derive(Debug, Clone, Default, Encode, Decode)]
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
    /// The browser promised not to clear the storage.
    #[n(9)]
    pub persisted: bool,
}

/// Unsent changes of one case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
}
