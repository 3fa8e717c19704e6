//! What the interface and the engine worker say to each other.
//!
//! The interface sends [`ToEngine`], the engine answers with [`FromEngine`]; both travel through `postMessage` as [`wire`]
//! writes them. Both ends are always of the same build, so this may change with every version. Views hold what a screen draws, already
//! joined with names and received times; the interface never sees a document, a key or a row of the store.

mod alarm;
mod arrivals;
mod ask;
mod case;
mod cases;
mod consent;
mod desk;
mod document;
mod held;
mod history;
mod home;
mod members;
mod practice;
mod query;
mod registry;
mod sheet;
mod stage;
mod sync;
mod tables;
mod tablet;
pub mod wire;
mod write;

use derive::Wire;
use shared::id::{AccountId, CaseId, HeldId, SubjectId, VaultId};
use shared::pack::{Pack, PackCodecError};
use shared::sync::sending::Sending;

pub use alarm::{AlarmCase, AlarmTaken, AlarmView};
pub use arrivals::{ArrivalAct, ArrivalCells, ArrivalDoubt, ArrivalRow, ArrivalsView, list_place, pasted_place};
pub use ask::{About, Act, Ask, AskView, RequestView};
pub use case::{
    AskedView, CaseView, EndedView, FormView, NextStep, PartView, PersonView, RefusalView, SupplementView, TeamView,
};
pub use cases::{CaseFilter, CasesAsk, CasesView};
pub use consent::{ConsentAnswer, ConsentView, GivenView, PurposeView};
pub use desk::{CameIn, DeskStep, DeskView, OldDraft, Queue, QueueView, StepKey, keeps_register};
pub use document::{DocumentView, FieldView, FreshView, Mark, RowView, TextView, ValueView, holds_among};
pub use held::{EvidenceView, HeldChoice, HeldDecidedView, HeldItemView, HeldSaysView};
pub use history::{ConflictView, HeldOriginView, HistoryView};
pub use home::{CaseCard, DraftView, DueView, Duty, EndingView, HomeView, ReceiptState, ReceiptView, StageCases, Tag};
pub use members::{MemberRow, MembersView, TabletRow};
pub use practice::{PRACTICE, PRACTICE_CODE};
pub use query::{Answer, Query, View};
pub use registry::{Essential, Registering, RegistryAsk, RegistryOrder, RegistryRow, RegistryTab, RegistryView};
pub use sheet::{SheetBlock, SheetLine, SheetPart, SheetPerson, SheetSays, SheetVersion, SheetView};
pub use stage::{ClosingView, GateState, GateView, SignedView, StageAct, StageView};
pub use sync::{Line, RefusalsView, StatusView, SyncView, TrayItem, WaitingView};
pub use tables::{ExportAsk, ExportView, TablesView};
pub use tablet::{MemberView, Place, SessionView, TabletView, TileView, WelcomeView};
pub use write::{FieldPlace, Path, SeenOp, TextBase, Typed, Write};

/// A message to the engine.
#[derive(Debug, Clone, Wire)]
pub struct ToEngine {
    /// Chosen by the interface; the reply repeats it.
    #[n(0)]
    pub id: u32,
    /// What is asked.
    #[n(1)]
    pub request: Request,
}

/// A message from the engine.
#[derive(Debug, Clone, Wire)]
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
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct Failure {
    /// Number of a `shared::protocol::error::ErrorCode`; its sentence is shown with the number small beside it.
    #[n(0)]
    pub code: u16,
    /// Seconds until trying again makes sense.
    #[n(1)]
    pub retry_after_s: Option<u32>,
}

/// What the interface can ask for.
#[derive(Debug, Clone, Wire)]
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
    /// Begins a report that is only tried out, in place of one before; otherwise erases it. → [`Reply::Case`], [`Reply::Done`]
    #[n(53)]
    Practise(#[n(0)] bool),
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
    /// Ends a report whose person wants nothing of them to be recorded. → [`Reply::Refused`]
    #[n(39)]
    Refuse {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// The officer saw a crime: a new report is begun that says nothing about the person.
        #[n(1)]
        crime_seen: bool,
        /// Why a life is at stake: the least is handed over all the same. Empty where there is no danger.
        #[n(2)]
        vital: String,
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
    /// Keeps what is being added to a report, so that a crash loses nothing. → [`Reply::Done`]
    #[n(37)]
    KeepSupplement {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// What stands there now; empty when it was left out.
        #[n(1)]
        text: String,
    },
    /// Puts a member into the team of cases. Asked again it does only what is left. → [`Reply::Wrote`]
    #[n(24)]
    Assign {
        /// The cases.
        #[n(0)]
        cases: Vec<CaseId>,
        /// Who.
        #[n(1)]
        account: AccountId,
        /// As what.
        #[n(2)]
        role: String,
    },
    /// Acts between the members of a case. → [`Reply::Wrote`]
    #[n(45)]
    Act(#[n(0)] Act),
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
    /// Decides about held changes; the decision waits in the queue like an edit. → [`Reply::Saved`], or for evidence that is here
    /// [`Reply::File`]
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
    /// Wipes this vault, whose access has ended and whose work was saved to a file. → [`Reply::Done`]
    #[n(34)]
    GiveUp,
    /// Where the user is, to come back there after a crash. → [`Reply::Done`]
    #[n(31)]
    SetPlace(#[n(0)] Option<Place>),
    /// Reads once more what was set aside. → [`Reply::Done`]
    #[n(36)]
    ReadAside,
    /// Gives a case its number in the register. → [`Reply::Saved`]
    #[n(35)]
    Register {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// As typed.
        #[n(1)]
        number: String,
    },
    /// Keeps why something is written to a file, and gives what is to be written. → [`Reply::Export`]
    #[n(38)]
    Export {
        /// What.
        #[n(0)]
        what: ExportAsk,
        /// Why, as typed.
        #[n(1)]
        reason: String,
    },
    /// Moves a case from stage to stage, or closes it, by two people. → [`Reply::Saved`]
    #[n(50)]
    Stage {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// What.
        #[n(1)]
        act: StageAct,
    },
    /// Interface language id, en or tet. → [`Reply::Done`]
    #[n(32)]
    SetLanguage(#[n(0)] String),
    /// When the tablet may use its line by itself. → [`Reply::Done`]
    #[n(40)]
    SetSending(#[n(0)] Sending),
    /// The registrar has looked through what came in. → [`Reply::Done`]
    #[n(41)]
    DeskSeen,
    /// Asks whoever took a report for more ("Minta keterangan"). → [`Reply::Saved`]
    #[n(42)]
    AskMore {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// Code of what is wanted.
        #[n(1)]
        what: String,
    },
    /// Works on the arrival list of a report. → [`Reply::Arrivals`]
    #[n(54)]
    Arrivals {
        /// The case.
        #[n(0)]
        case: CaseId,
        /// What.
        #[n(1)]
        act: ArrivalAct,
    },
    /// Notes that this person opens what stands covered at a place; it is shown when that is kept. → [`Reply::Done`]
    #[n(51)]
    Look(#[n(0)] FieldPlace),
}

/// What comes of a request.
#[derive(Debug, Clone, Wire)]
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
    /// On stable storage of this tablet; these places can be taken back. None where the right to do that is gone.
    #[n(12)]
    Wrote(#[n(0)] Vec<FieldPlace>),
    /// To `Watch`.
    #[n(8)]
    View(#[n(0)] View),
    /// A file to hand to the user: neutral name and content.
    #[n(9)]
    File(#[n(0)] String, #[n(1)] Vec<u8>),
    /// To `Export`: the name of the file, and what to write in words: the whole register, one table, or a case for paper.
    #[n(10)]
    Export(#[n(0)] String, #[n(1)] View),
    /// To `Arrivals`: the list as it stands now.
    #[n(13)]
    Arrivals(#[n(0)] ArrivalsView),
    /// The report of somebody who wants no record has ended.
    #[n(11)]
    Refused {
        /// Nothing of it is anywhere; otherwise its fields are empty, and what was sent before stands in its history.
        #[n(0)]
        erased: bool,
        /// The new report of what the officer saw, or what was handed over because a life is at stake.
        #[n(1)]
        kept: Option<CaseId>,
    },
}

/// What happened without being asked for.
#[derive(Debug, Clone, Wire)]
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
    /// The directory changed.
    #[n(6)]
    Members(#[n(0)] Vec<MemberView>),
}

/// Steps of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
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
#[derive(Debug, Clone, Wire)]
pub struct PackBytes(#[n(0)] pub Vec<u8>);

impl PackBytes {
    /// Reads the pack.
    ///
    /// # Errors
    /// [`PackCodecError::Decode`] when the bytes are no pack.
    pub fn read(&self) -> Result<Pack, PackCodecError> {
        Pack::from_cbor(&self.0)
    }
}
