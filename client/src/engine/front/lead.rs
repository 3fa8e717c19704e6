//! Who syncs among the tabs of a vault, and the loop that does it.
//!
//! Every tab writes its own edits; one leads and syncs. A visible tab takes the lead from a hidden one by asking, and
//! from a frozen one, which does not answer, by stealing after a second; it asks every few seconds, and at once when its
//! user wrote something. The fence in the store keeps a leader that wakes up late from writing. What another tab wrote is
//! read by a task of its own, which never waits for a round.

use std::collections::BTreeSet;
use std::mem;
use std::pin::pin;
use std::rc::Rc;

use futures::StreamExt as _;
use futures::channel::mpsc;
use futures::future::{Either, select};
use shared::id::{DocumentId, VaultId};
use shared::protocol::error::ErrorCode;
use shared::seal::sign::DeviceSecret;
use shared::sync::device::{DeviceMachine, Identity, Round};
use shared::sync::pace::PaceInput;
use shared::sync::sending::{WaitsFor, waits_for};

use super::Front;
use crate::api::{Event, Line as LineState};
use crate::engine::exchange::{Line, RoundEnd, code_of, round};
use crate::engine::session::Session;
use crate::platform::{Claim, Lock, NetworkError, draw};

/// How long a leader may take to answer before it counts as frozen, milliseconds.
pub(super) const ANSWER_MS_MAX: u32 = 1_000;
/// How often a following tab asks whether there still is a leader, milliseconds.
const ASK_EVERY_MS: u32 = 2_000;
/// Longest sleep of the loop, milliseconds; a clock that jumped is noticed by then.
const SLEEP_MS_MAX: u64 = 5_000;
/// How often idleness is looked at, milliseconds.
const IDLE_LOOK_MS: u32 = 2_000;

/// What tabs say to each other. Never what stands in a row.
pub(super) enum Call {
    /// These documents changed.
    Poke(Vec<DocumentId>),
    /// Who leads? Asked by a tab that is visible or not.
    Ask(bool),
    /// I do; visible or not.
    Lead(bool),
    /// Sync at once: the user of another tab asked for it.
    Hurry,
    /// The vault is about to be wiped: write nothing more, and lock.
    Close,
}

impl Call {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Poke(documents) => {
                let mut bytes = vec![0];
                documents.iter().for_each(|document| bytes.extend_from_slice(document.as_bytes()));
                bytes
            }
            Self::Ask(visible) => vec![1, u8::from(*visible)],
            Self::Lead(visible) => vec![2, u8::from(*visible)],
            Self::Hurry => vec![3],
            Self::Close => vec![4],
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0, rest @ ..] => Some(Self::Poke(
                rest.chunks_exact(DocumentId::LEN).filter_map(|id| DocumentId::try_from(id).ok()).collect(),
            )),
            [1, visible] => Some(Self::Ask(*visible == 1)),
            [2, visible] => Some(Self::Lead(*visible == 1)),
            [3] => Some(Self::Hurry),
            [4] => Some(Self::Close),
            _ => None,
        }
    }
}

impl Front {
    /// Joins the other tabs of a vault.
    pub(super) fn join_tabs(self: &Rc<Self>, vault: VaultId) {
        let weak = Rc::downgrade(self);
        let heard = Box::new(move |bytes: Vec<u8>| {
            if let (Some(front), Some(call)) = (weak.upgrade(), Call::decode(&bytes)) {
                front.heard(call);
            }
        });
        *self.channel.borrow_mut() = Some(self.platform.join(&format!("simpul-{vault}"), heard));
    }

    /// Hears no other tab any more.
    pub(super) fn leave_tabs(&self) {
        *self.channel.borrow_mut() = None;
        *self.poked.borrow_mut() = None;
    }

    /// Starts the loops of a vault whose tabs were joined.
    pub(super) fn start_loops(self: Rc<Self>, vault: VaultId) {
        let epoch = self.epoch.get().wrapping_add(1);
        self.epoch.set(epoch);
        let (sender, receiver) = mpsc::unbounded();
        *self.wake.borrow_mut() = Some(sender);
        (self.spawn)(Box::pin(self.clone().run(vault, epoch, receiver)));
        (self.spawn)(Box::pin(self.clone().watch_idleness(epoch)));
    }

    /// Tells the other tabs which documents changed.
    pub(super) fn poke(&self, documents: &[DocumentId]) {
        self.call(&Call::Poke(documents.to_vec()));
    }

    pub(super) fn call(&self, call: &Call) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.post(&call.encode());
        }
    }

    /// Syncs at once, or has the tab that leads do it.
    pub(super) fn hurry(&self) {
        self.pressed.set(!self.follows.get());
        self.note(PaceInput::AtOnce);
        if !self.leads.get() {
            self.call(&Call::Hurry);
        }
    }

    fn heard(self: Rc<Self>, call: Call) {
        match call {
            Call::Poke(documents) => self.hear_poke(documents),
            Call::Ask(asker_visible) if self.leads.get() => {
                self.call(&Call::Lead(self.visible.get()));
                if asker_visible && !self.visible.get() {
                    self.leads.set(false);
                    self.wake();
                }
            }
            Call::Hurry if self.leads.get() => {
                self.pressed.set(true);
                self.note(PaceInput::AtOnce);
            }
            // Whoever leads, too: "Hapus akun" may be pressed in any tab.
            Call::Close if self.open_vault().is_some() => {
                (self.spawn)(Box::pin(self.clone().lock_with(ErrorCode::DeviceRevoked.number())));
            }
            Call::Ask(_) | Call::Hurry | Call::Close => {}
            Call::Lead(_) => {
                self.leader_heard.set(true);
                self.wake();
            }
        }
    }

    fn is_current(&self, epoch: u32) -> bool {
        self.epoch.get() == epoch
    }

    async fn run(self: Rc<Self>, vault: VaultId, epoch: u32, mut wakes: mpsc::UnboundedReceiver<()>) {
        let name = format!("simpul-sync-{vault}");
        // Who leads at once after unlocking has just read everything.
        let mut is_read = true;
        while self.is_current(epoch) {
            let Some(lock) = self.claim(&name, epoch, &mut wakes).await else { return };
            is_read = is_read && !self.follows.get();
            let machine = self.take_lead(is_read).await;
            is_read = false;
            if let Some(machine) = machine {
                self.lead(machine, &*lock, epoch, &mut wakes).await;
                continue;
            }
            // Another tab may be able to.
            drop(lock);
            self.wait_until_due(epoch, &mut wakes).await;
        }
    }

    /// Waits until a round would be due: who could not take the lead tries again as seldom as after a round that failed, and
    /// at once when somebody presses.
    async fn wait_until_due(&self, epoch: u32, wakes: &mut mpsc::UnboundedReceiver<()>) {
        while self.is_current(epoch) {
            let left_ms = self.pace.borrow().due_ms().saturating_sub(self.platform.now_ms());
            if left_ms == 0 {
                return;
            }
            let sleep = self.platform.sleep(u32::try_from(left_ms.min(SLEEP_MS_MAX)).unwrap_or(u32::MAX));
            select(wakes.next(), sleep).await;
        }
    }

    /// Waits until this tab may lead; none when the vault was locked.
    async fn claim(&self, name: &str, epoch: u32, wakes: &mut mpsc::UnboundedReceiver<()>) -> Option<Box<dyn Lock>> {
        while self.is_current(epoch) {
            if let Some(lock) = self.platform.claim(name, Claim::IfFree).await {
                return Some(lock);
            }
            self.follows.set(true);
            let is_led = self.is_led(wakes).await || !self.visible.get() || !self.is_current(epoch);
            if self.leader_heard.get() {
                self.forget_store_fault();
            }
            if !is_led && let Some(lock) = self.platform.claim(name, Claim::Steal).await {
                return Some(lock);
            }
            // Whatever is written meanwhile ends the wait: a leader that froze must not keep it from being sent.
            select(wakes.next(), self.platform.sleep(ASK_EVERY_MS)).await;
        }
        None
    }

    /// Asks who leads, and tells whether anybody answers in time.
    async fn is_led(&self, wakes: &mut mpsc::UnboundedReceiver<()>) -> bool {
        self.leader_heard.set(false);
        self.call(&Call::Ask(self.visible.get()));
        let mut sleep = self.platform.sleep(ANSWER_MS_MAX);
        while !self.leader_heard.get() {
            match select(wakes.next(), sleep).await {
                Either::Left((Some(()), rest)) => sleep = rest,
                Either::Left((None, _)) | Either::Right(_) => break,
            }
        }
        self.leader_heard.get()
    }

    /// Another tab changed documents. Pokes that follow each other closely are taken together.
    fn hear_poke(self: Rc<Self>, documents: Vec<DocumentId>) {
        let mut poked = self.poked.borrow_mut();
        let is_first = poked.is_none();
        poked.get_or_insert_default().extend(documents);
        drop(poked);
        if is_first {
            (self.spawn)(Box::pin(self.clone().take_pokes()));
        }
    }

    /// Takes what was heard while the rows of a vault were being read.
    pub(super) fn take_early_pokes(self: &Rc<Self>) {
        if self.poked.borrow().is_some() {
            (self.spawn)(Box::pin(self.clone().take_pokes()));
        }
    }

    async fn take_pokes(self: Rc<Self>) {
        {
            let mut guard = self.session.lock().await;
            // Left where it is while the vault is being opened.
            let Some(session) = guard.as_mut() else { return };
            let documents: BTreeSet<DocumentId> = mem::take(&mut *self.poked.borrow_mut()).unwrap_or_default();
            if let Err(failed) = session.poked(&documents).await {
                self.tell(Event::Failed(failed));
                return;
            }
        }
        self.refresh().await;
        {
            let mut guard = self.session.lock().await;
            let Some(session) = guard.as_mut() else { return };
            if let Err(failed) = session.reload_lists().await {
                self.tell(Event::Failed(failed));
                return;
            }
        }
        self.refresh().await;
        self.note(PaceInput::Work);
    }

    /// Makes this tab the one that may send; none when its store fails, of which the page is told, or the vault was locked.
    async fn take_lead(&self, is_read: bool) -> Option<DeviceMachine> {
        let mut guard = self.session.lock().await;
        let session = guard.as_mut()?;
        if let Err(failed) = session.lead(is_read).await {
            drop(guard);
            let random = u16::from_be_bytes(draw(&*self.platform));
            let input = PaceInput::Failed { retry_after_s: None, random };
            self.pace.borrow_mut().note(self.platform.now_ms(), input);
            self.tell_fault(failed.code);
            self.tell(Event::Failed(failed));
            self.refresh().await;
            return None;
        }
        let machine = DeviceMachine::new(Identity {
            tenant: session.owner.tenant,
            account: session.owner.account,
            device: session.owner.device,
            secret: DeviceSecret::from_seed(&session.owner.seed),
        });
        drop(guard);
        self.forget_store_fault();
        Some(machine)
    }

    /// What is sent is sent by a tab whose store works, this one or another.
    fn forget_store_fault(&self) {
        let fault = self.status.borrow().fault;
        if [ErrorCode::TabletStore, ErrorCode::TabletFull].iter().any(|code| code.number() == fault) {
            self.tell_fault(0);
        }
    }

    /// Tells the page why nothing goes out, or that what kept it is over.
    fn tell_fault(&self, code: u16) {
        self.status.borrow_mut().fault = code;
        self.tell(Event::Status(self.status.borrow().clone()));
    }

    async fn lead(
        self: &Rc<Self>,
        mut machine: DeviceMachine,
        lock: &dyn Lock,
        epoch: u32,
        wakes: &mut mpsc::UnboundedReceiver<()>,
    ) {
        self.follows.set(false);
        self.leads.set(true);
        // What the leader before could not send any more waits for nothing.
        self.pace.borrow_mut().note(self.platform.now_ms(), PaceInput::AtOnce);
        self.refresh().await;
        self.read_unread();
        // The ear goes with the lead.
        select(pin!(self.lead_rounds(&mut machine, lock, epoch, wakes)), pin!(self.listen())).await;
        let random = u16::from_be_bytes(draw(&*self.platform));
        self.pace.borrow_mut().note(self.platform.now_ms(), PaceInput::Live { open: false, random });
        // The loop of a later session speaks for itself.
        if self.is_current(epoch) {
            self.leads.set(false);
        }
    }

    /// Rounds whenever one is due, for as long as this tab leads.
    async fn lead_rounds(
        self: &Rc<Self>,
        machine: &mut DeviceMachine,
        lock: &dyn Lock,
        epoch: u32,
        wakes: &mut mpsc::UnboundedReceiver<()>,
    ) {
        while self.is_current(epoch) && lock.is_held() && self.leads.get() {
            let now_ms = self.platform.now_ms();
            let due_ms = self.pace.borrow().due_ms();
            let is_kept_back = self.online.get() && due_ms <= now_ms && self.is_kept_back().await;
            if due_ms <= now_ms && self.online.get() && !is_kept_back {
                self.clone().sync(machine).await;
                continue;
            }
            let may_go = self.online.get() && !is_kept_back;
            let wait_ms = if may_go { due_ms.saturating_sub(now_ms) } else { SLEEP_MS_MAX };
            let sleep = self.platform.sleep(u32::try_from(wait_ms.min(SLEEP_MS_MAX)).unwrap_or(u32::MAX));
            select(select(wakes.next(), sleep), lock.lost()).await;
        }
    }

    /// What the next round waits for although there is a line: the person chose not to use every line unasked. Danger and
    /// whoever waits at the door for the relay do not wait.
    pub(super) fn waits_for(&self, session: &Session) -> Option<WaitsFor> {
        let must_go = self.pressed.get() || self.meeting.borrow().is_some() || session.danger_waits();
        waits_for(session.settings.sending, self.platform.line_kind(), must_go)
    }

    /// Whether a round that is due must not begin; tells the screen why.
    async fn is_kept_back(&self) -> bool {
        let waits = self.session.lock().await.as_ref().is_some_and(|session| self.waits_for(session).is_some());
        if waits {
            self.tell_status().await;
        }
        waits
    }

    /// One round, its outcome to pace and status.
    async fn sync(self: Rc<Self>, machine: &mut DeviceMachine) {
        let pressed = self.pressed.take();
        self.pace.borrow_mut().note(self.platform.now_ms(), PaceInput::Begun);
        self.status.borrow_mut().busy = true;
        self.tell(Event::Status(self.status.borrow().clone()));
        let refresher = self.clone();
        let line = Line {
            network: &*self.platform,
            entropy: &*self.platform,
            priorities: Vec::new(),
            budget_bytes: 0,
            committed: &move |batch| {
                if shared::sync::device::changes_views(batch) {
                    refresher.tell_what_came();
                    refresher.read_unread();
                }
            },
        };
        let end = round(&self.session, machine, &line).await;
        self.note_end(&end);
        // One press is good for as many rounds as it takes to fetch everything, not for those that follow a failure.
        if pressed && matches!(end, RoundEnd::Machine(Round::Done { more: true, .. })) {
            self.pressed.set(true);
        }
        let low = self.room_low().await;
        {
            let mut status = self.status.borrow_mut();
            status.busy = false;
            status.storage_low = low;
        }
        self.tell(Event::Status(self.status.borrow().clone()));
        self.refresh().await;
        if ends_membership(&end) {
            self.clone().end_membership(code_of(&end).unwrap_or(0)).await;
        }
        // A round that is to be followed at once may not have met the relay: an older one refuses what it cannot read.
        let goes_on = matches!(end, RoundEnd::Machine(Round::Done { more: true, .. }));
        let is_over = self.session.lock().await.as_ref().is_some_and(Session::lease_over);
        if !(goes_on && is_over)
            && let Some(met) = self.meeting.take()
        {
            // Who waited has given up; the round stands all the same.
            let _ = met.send(());
        }
    }

    /// Bytes left on the tablet, when they are few.
    async fn room_low(&self) -> Option<u64> {
        let guard = self.session.lock().await;
        let estimate = guard.as_ref()?.rows.store().estimate().await.ok()?;
        estimate.is_low().then(|| estimate.left_bytes())
    }

    fn note_end(&self, end: &RoundEnd) {
        let random = u16::from_be_bytes(draw(&*self.platform));
        let (pace, line) = match end {
            RoundEnd::Machine(Round::Done { .. }) if ends_membership(end) => {
                (PaceInput::Failed { retry_after_s: None, random }, LineState::Ended)
            }
            RoundEnd::Machine(Round::Done { more, .. }) => (PaceInput::Done { more: *more }, LineState::Ok),
            RoundEnd::Machine(Round::Fault(fault)) => {
                let line = if ends_membership(end) { LineState::Ended } else { LineState::Ok };
                (PaceInput::Failed { retry_after_s: fault.retry_after_s, random }, line)
            }
            RoundEnd::Machine(Round::Cut) | RoundEnd::Line(NetworkError::Cut | NetworkError::Silent) => {
                (PaceInput::Failed { retry_after_s: None, random }, LineState::RelaySilent)
            }
            RoundEnd::Line(NetworkError::Unreachable) => {
                let line = if self.online.get() { LineState::RelaySilent } else { LineState::NoSignal };
                (PaceInput::Failed { retry_after_s: None, random }, line)
            }
            RoundEnd::Abandoned | RoundEnd::Store(_) => {
                (PaceInput::Failed { retry_after_s: None, random }, self.status.borrow().line)
            }
        };
        self.pace.borrow_mut().note(self.platform.now_ms(), pace);
        let mut status = self.status.borrow_mut();
        self.line_broke.set(matches!(line, LineState::RelaySilent | LineState::NoSignal));
        if line == LineState::Ok && status.line != line {
            self.line_back.set(true);
        }
        status.line = line;
        status.fault = fault_of(end);
        drop(status);
        if let RoundEnd::Store(failed) = end {
            self.tell(Event::Failed(failed.clone()));
        }
    }

    /// Locks the vault by itself after so long without a touch, with or without a network, and when its lease is over.
    async fn watch_idleness(self: Rc<Self>, epoch: u32) {
        while self.is_current(epoch) {
            self.platform.sleep(IDLE_LOOK_MS).await;
            let now_ms = self.platform.now_ms();
            // A clock that was set back would otherwise keep the vault open for years.
            if self.touched_ms.get() > now_ms {
                self.touched_ms.set(now_ms);
            }
            let (limit_ms, lease_over) = {
                let mut guard = self.session.lock().await;
                let Some(session) = guard.as_mut() else { continue };
                // Tried again with the next look when the store fails.
                let _ = session.forget_old_practice().await;
                (u64::from(session.settings.auto_lock_s).saturating_mul(1000), session.lease_over())
            };
            if !self.is_current(epoch) {
                return;
            }
            // Whoever waits for the relay to open is not in yet, and whose access has ended may have work to save.
            let may_stay = self.meeting.borrow().is_some() || self.status.borrow().line == LineState::Ended;
            if lease_over && !may_stay {
                self.clone().lock_with(ErrorCode::LeaseOver.number()).await;
            } else if now_ms.saturating_sub(self.touched_ms.get()) >= limit_ms {
                self.clone().lock_with(0).await;
            }
        }
    }
}

/// Why a round did not go through though the relay answered, or could not be written down; 0 when it did, or when there was
/// no answer. Nobody could know otherwise that the relay takes nothing.
fn fault_of(end: &RoundEnd) -> u16 {
    match end {
        RoundEnd::Machine(Round::Fault(fault)) => fault.code,
        RoundEnd::Store(failed) => failed.code,
        RoundEnd::Machine(Round::Done { .. }) if ends_membership(end) => code_of(end).unwrap_or(0),
        RoundEnd::Machine(Round::Done { .. } | Round::Cut) | RoundEnd::Line(_) | RoundEnd::Abandoned => 0,
    }
}

/// Whether the relay said, as a fault or beside its receipts, that this device or account is over.
fn ends_membership(end: &RoundEnd) -> bool {
    let ended = [ErrorCode::DeviceRevoked, ErrorCode::AccountEnded, ErrorCode::DeviceUnknown].map(ErrorCode::number);
    matches!(end, RoundEnd::Machine(_)) && code_of(end).is_some_and(|code| ended.contains(&code))
}
