//! The engine's front: takes requests of the interface, keeps its watches up to date, runs the sync loop.
//!
//! Owns the life of a session (enrol, unlock, lock) and who leads among tabs; must never answer from anything but the
//! session. One instance per tab.

mod ended;
mod enrol;
mod lead;
mod live;
mod read;
mod request;
mod watch;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures::channel::{mpsc, oneshot};
use futures::future::LocalBoxFuture;
use shared::id::{DocumentId, VaultId};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::EnrolAnswer;
use shared::sync::pace::{Pace, PaceInput};

use super::exchange::SessionLock;
use super::session::{ListsState, failure};
use crate::api::{ArrivalAct, Event, Failure, FromEngine, MemberView, Query, Request, StatusView, ToEngine};
use crate::platform::{Channel, Platform};
use crate::vault::facts::VaultFacts;
use crate::vault::{OpenVault, Tablet, VaultError};

/// Takes messages to the interface away.
pub type Outlet = Box<dyn Fn(FromEngine)>;

/// Runs a task beside the others of this tab.
pub type Spawn = Box<dyn Fn(LocalBoxFuture<'static, ()>)>;

/// A watch of the interface, with what it was told last.
struct Watch {
    query: Query,
    told: Vec<u8>,
    /// What a list was made of; none where only making it again tells whether it is another.
    made_of: Option<ListsState>,
}

/// What a code turned out to belong to, between the two steps of enrolment.
struct Looked {
    code: String,
    welcome: EnrolAnswer,
}

/// One tab's engine.
pub struct Front {
    platform: Rc<dyn Platform>,
    tablet: Tablet,
    outlet: Outlet,
    spawn: Spawn,
    session: SessionLock,
    vault: RefCell<Option<OpenVault>>,
    watches: RefCell<BTreeMap<u32, Watch>>,
    looked: RefCell<Option<Looked>>,
    channel: RefCell<Option<Box<dyn Channel>>>,
    /// Wakes the sync loop.
    wake: RefCell<Option<mpsc::UnboundedSender<()>>>,
    pace: RefCell<Pace>,
    /// Somebody pressed "Kirim & terima sekarang", and the round for it has not begun.
    pressed: Cell<bool>,
    status: RefCell<StatusView>,
    visible: Cell<bool>,
    online: Cell<bool>,
    /// When the page was seen last, or is now.
    shown_ms: Cell<u64>,
    /// A round failed for the line: what else is open on it is not to be trusted.
    line_broke: Cell<bool>,
    /// The line works again after it did not, or the page is looked at again.
    line_back: Cell<bool>,
    touched_ms: Cell<u64>,
    /// Grows with every unlock, so that loops of an earlier session end.
    epoch: Cell<u32>,
    /// Another tab leads the sync of this vault.
    follows: Cell<bool>,
    /// This tab leads.
    leads: Cell<bool>,
    /// The leader has answered since it was last asked for.
    leader_heard: Cell<bool>,
    /// Documents other tabs changed, until they are read; none when nothing was heard.
    poked: RefCell<Option<BTreeSet<DocumentId>>>,
    /// Documents that came are being read.
    reading: Cell<bool>,
    /// When the interface was last told what came, milliseconds.
    told_ms: Cell<u64>,
    /// Something came, or was read, of which it was not told.
    untold: Cell<bool>,
    /// Views are being computed again.
    refreshing: Cell<bool>,
    /// Something changed while they were.
    stale: Cell<bool>,
    /// The directory the interface was last told.
    members_told: RefCell<Vec<MemberView>>,
    /// Told when a round ended, while a vault whose lease is over waits for one.
    meeting: RefCell<Option<oneshot::Sender<()>>>,
    /// What the door was last told of what is not sent.
    unsent_noted: Cell<Option<(VaultId, u32)>>,
}

impl Front {
    /// Opens the tablet's facts.
    ///
    /// # Errors
    /// [`Failure`] when the browser gives no storage.
    pub async fn open(platform: Rc<dyn Platform>, outlet: Outlet, spawn: Spawn) -> Result<Rc<Self>, Failure> {
        let local: Rc<dyn crate::platform::Local> = platform.clone();
        let tablet = Tablet::open(local).await.map_err(|error| vault_failure(&error))?;
        let now_ms = platform.now_ms();
        Ok(Rc::new(Self {
            platform,
            tablet,
            outlet,
            spawn,
            session: SessionLock::new(None),
            vault: RefCell::new(None),
            watches: RefCell::new(BTreeMap::new()),
            looked: RefCell::new(None),
            channel: RefCell::new(None),
            wake: RefCell::new(None),
            pace: RefCell::new(Pace::new(now_ms)),
            pressed: Cell::new(false),
            status: RefCell::new(StatusView::default()),
            visible: Cell::new(true),
            online: Cell::new(true),
            shown_ms: Cell::new(now_ms),
            line_broke: Cell::new(false),
            line_back: Cell::new(false),
            touched_ms: Cell::new(now_ms),
            epoch: Cell::new(0),
            members_told: RefCell::new(Vec::new()),
            meeting: RefCell::new(None),
            unsent_noted: Cell::new(None),
            follows: Cell::new(false),
            leads: Cell::new(false),
            leader_heard: Cell::new(false),
            poked: RefCell::new(None),
            reading: Cell::new(false),
            told_ms: Cell::new(0),
            untold: Cell::new(false),
            refreshing: Cell::new(false),
            stale: Cell::new(false),
        }))
    }

    /// Takes one message and answers it. Messages may be taken while earlier ones are being answered.
    pub async fn take(self: Rc<Self>, message: ToEngine) {
        let id = message.id;
        let writes = changes_data(&message.request);
        let is_practice = request::is_practice(&message.request);
        let is_watch = matches!(message.request, Request::Watch(_));
        let reply = self.clone().answer(id, message.request).await;
        let succeeded = reply.is_ok();
        (self.outlet)(FromEngine::Reply { id, reply });
        if is_watch {
            self.prepare_search().await;
        }
        if writes && succeeded {
            self.refresh().await;
            if !is_practice {
                self.note(PaceInput::Work);
            }
        }
    }

    fn tell(&self, event: Event) {
        (self.outlet)(FromEngine::Event(event));
    }

    /// Notes something that bears on the next round, and wakes the loop.
    fn note(&self, input: PaceInput) {
        self.pace.borrow_mut().note(self.platform.now_ms(), input);
        self.wake();
    }

    fn wake(&self) {
        if let Some(sender) = self.wake.borrow().as_ref() {
            // The loop of a locked session is gone; nothing to wake then.
            let _ = sender.unbounded_send(());
        }
    }

    async fn tile(&self, facts: &VaultFacts) -> crate::api::TileView {
        let wait_ms = self.tablet.remaining_ms(facts.vault).await.unwrap_or(0);
        let unsent = self.tablet.unsent(facts.vault).await.unwrap_or(0);
        crate::api::TileView {
            vault: facts.vault,
            nickname: facts.nickname.clone(),
            unsent,
            wait_s: u32::try_from(wait_ms.div_ceil(1000)).unwrap_or(u32::MAX),
        }
    }

    /// The vault that is open, if any.
    #[must_use]
    pub fn open_vault(&self) -> Option<VaultId> {
        self.vault.borrow().as_ref().map(OpenVault::vault)
    }
}

/// Whether a request changes what screens show.
const fn changes_data(request: &Request) -> bool {
    // Named one by one, so that a new request has to say.
    match request {
        Request::StartReport
        | Request::Practise(_)
        | Request::AddPerson { .. }
        | Request::Arrivals { act: ArrivalAct::Keep, .. }
        | Request::Write(_)
        | Request::Undo { .. }
        | Request::HandOver { .. }
        | Request::Refuse { .. }
        | Request::TakeBack { .. }
        | Request::TakeOver { .. }
        | Request::Supplement { .. }
        | Request::Assign { .. }
        | Request::Act(_)
        | Request::Stage { .. }
        | Request::ClearTray { .. }
        | Request::DecideHeld { .. }
        | Request::UndecideHeld { .. }
        | Request::RetryTray { .. }
        | Request::Register { .. }
        | Request::DeskSeen
        | Request::AskMore { .. }
        | Request::Export { .. } => true,
        Request::Hello
        | Request::EnrolLook { .. }
        | Request::NewPassphrase
        | Request::WordsBeginning { .. }
        | Request::CheckPassphrase { .. }
        | Request::EnrolJoin { .. }
        | Request::Unlock { .. }
        | Request::UnlockWithCode { .. }
        | Request::Lock
        | Request::SetAutoLock { .. }
        | Request::Touch
        | Request::Visible(_)
        | Request::Online(_)
        | Request::Watch(_)
        | Request::Unwatch(_)
        | Request::KeepDraft { .. }
        | Request::Arrivals { .. }
        | Request::KeepSupplement { .. }
        | Request::Look(_)
        | Request::SyncNow
        | Request::ExportTray
        | Request::GiveUp
        | Request::SetPlace(_)
        | Request::ReadAside
        | Request::SetLanguage(_)
        | Request::SetSending(_) => false,
    }
}

/// The failure people see for a vault's error.
fn vault_failure(error: &VaultError) -> Failure {
    let wait =
        |remaining_ms: u64| (remaining_ms > 0).then(|| u32::try_from(remaining_ms.div_ceil(1000)).unwrap_or(u32::MAX));
    match error {
        VaultError::Wait { remaining_ms } => {
            Failure { code: ErrorCode::PassphraseWait.number(), retry_after_s: wait(*remaining_ms) }
        }
        VaultError::WrongPassphrase { remaining_ms } => {
            Failure { code: ErrorCode::PassphraseWrong.number(), retry_after_s: wait(*remaining_ms) }
        }
        VaultError::Code(_) | VaultError::WrongCode => failure(ErrorCode::RecoveryCodeWrong),
        VaultError::Unknown => failure(ErrorCode::ItemGone),
        VaultError::Kdf(_) => failure(ErrorCode::MemoryShort),
        VaultError::Slot(_) => failure(ErrorCode::TabletStoreNewer),
        VaultError::Store(error) => super::session::store_failure(error),
    }
}
