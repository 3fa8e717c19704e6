//! What can be kept up to date, and what it is answered with.

use derive::Wire;
use shared::id::{CaseId, SubjectId};

use super::{
    AlarmView, CaseView, CasesAsk, CasesView, ConflictView, DocumentView, EndedView, FieldPlace, HeldItemView,
    HistoryView, HomeView, MembersView, RegistryAsk, RegistryView, SheetView, SyncView, TablesView,
};

/// What can be kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Wire)]
pub enum Query {
    /// → [`View::Home`]
    #[n(0)]
    Home,
    /// → [`View::Cases`]
    #[n(1)]
    Cases(#[n(0)] CasesAsk),
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
    /// "Register kasus". → [`View::Registry`]
    #[n(8)]
    Registry(#[n(0)] RegistryAsk),
    /// "Tabel" of a year, 0 for this one. → [`View::Tables`]
    #[n(9)]
    Tables(#[n(0)] u16),
    /// Whether this person's assignment to a case has ended. → [`View::Ended`]
    #[n(15)]
    Ended(#[n(0)] CaseId),
    /// A case to be read through on the screen, without names. → [`View::Sheet`]
    #[n(10)]
    Reading(#[n(0)] CaseId),
    /// "Anggota": members found by these words; all without a word. → [`View::Members`]
    #[n(16)]
    Members(#[n(0)] String),
    /// Dangers nobody has taken. → [`View::Alarm`]
    #[n(17)]
    Alarm,
    /// Names that stand in a case, for free text that is to hold none. → [`View::Names`]
    #[n(18)]
    Names(#[n(0)] CaseId),
}

/// Answers to queries.
#[derive(Debug, Clone, Wire)]
pub enum View {
    /// Home.
    #[n(0)]
    Home(#[n(0)] Box<HomeView>),
    /// A piece of the case list.
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
    /// A piece of the register.
    #[n(8)]
    Registry(#[n(0)] RegistryView),
    /// Tables.
    #[n(9)]
    Tables(#[n(0)] TablesView),
    /// A case to be read through, or for paper.
    #[n(10)]
    Sheet(#[n(0)] Box<SheetView>),
    /// How an assignment ended; none while the case is here, or if there never was one.
    #[n(15)]
    Ended(#[n(0)] Option<EndedView>),
    /// Members.
    #[n(16)]
    Members(#[n(0)] MembersView),
    /// Dangers nobody has taken.
    #[n(17)]
    Alarm(#[n(0)] AlarmView),
    /// Names that stand in a case.
    #[n(18)]
    Names(#[n(0)] Vec<String>),
}

/// What one query is answered with: one kind of [`View`].
pub trait Answer: Sized {
    /// Takes it out; none of a view of another kind, which the engine never answers with.
    fn of(view: View) -> Option<Self>;
}

macro_rules! answers {
    ($($kind:ident: $answer:ty;)*) => {$(
        impl Answer for $answer {
            fn of(view: View) -> Option<Self> {
                if let View::$kind(answer) = view { Some(answer) } else { None }
            }
        }
    )*};
}

answers! {
    Home: Box<HomeView>;
    Cases: CasesView;
    Case: Option<Box<CaseView>>;
    Document: Box<DocumentView>;
    Conflicts: Vec<ConflictView>;
    History: Vec<HistoryView>;
    Held: Vec<HeldItemView>;
    Sync: SyncView;
    Registry: RegistryView;
    Tables: TablesView;
    Ended: Option<EndedView>;
    Sheet: Box<SheetView>;
    Members: MembersView;
    Alarm: AlarmView;
    Names: Vec<String>;
}
