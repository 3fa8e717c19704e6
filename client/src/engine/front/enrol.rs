//! Enrolment, unlocking and locking.
//!
//! ```text
//!  code ─▶ look (whose is it?) ─▶ passphrase ─▶ vault made, sealed to the office ─▶ join ─▶ session
//! ```

use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::select;
use shared::id::VaultId;
use shared::pack::Pack;
use shared::protocol::codec::{decode_enrol_answer, encode};
use shared::protocol::enrol_code::normal_enrol_code;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{EnrolAnswer, EnrolRequest, PROTOCOL_VERSION};
use shared::protocol::sign::join_message;
use shared::seal::letter::Recipient;
use shared::seal::passphrase::Passphrase;
use shared::seal::sign::DeviceSecret;

use super::{Front, Looked, vault_failure};
use crate::api::{
    Event, Failure, Line, PackBytes, ProgressStep, Reply, SessionView, StatusView, TabletView, TileView, WelcomeView,
};
use crate::engine::rows::{Owner, RowWrites, Rows};
use crate::engine::session::{Notify, Session, failure, store_failure};
use crate::platform::{HttpRequest, Method, NetworkError, draw};
use crate::store::Durability;
use crate::store::sealed::Writes;
use crate::vault::OpenVault;
use crate::vault::facts::VaultState;

/// An enrolment body or the public pack; larger answers are not the relay's.
const ANSWER_BYTES_MAX: usize = 4_194_304;
/// How long a vault whose lease is over waits for the relay before it is locked again, milliseconds.
const MEET_MS_MAX: u32 = 30_000;
/// Given up when nothing has come for so long, milliseconds.
const SILENCE_MS_MAX: u32 = 30_000;

impl Front {
    /// What is on this tablet.
    pub(super) async fn tablet_view(&self) -> Result<Reply, Failure> {
        let vaults = self.tablet.vaults().await.map_err(|error| vault_failure(&error))?;
        let mut tiles: Vec<TileView> = Vec::new();
        for facts in vaults.iter().filter(|facts| facts.state == VaultState::Ready) {
            tiles.push(self.tile(facts).await);
        }
        let pack = self.tablet.pack().await.map_err(|error| vault_failure(&error))?;
        let pack = match pack {
            Some(bytes) => Some(bytes),
            // The first page already shows emergency numbers, if the line allows.
            None => self.fetch_pack().await.ok().map(|(_, bytes)| bytes),
        };
        Ok(Reply::Tablet(TabletView {
            vaults: tiles,
            pack: pack.map(PackBytes),
            synthetic: false,
            language: self.door_language().await?,
            tablet_name: None,
        }))
    }

    /// The language of the screens before anybody unlocks, and of a person who has not chosen one.
    async fn door_language(&self) -> Result<String, Failure> {
        let kept = self.tablet.language().await.map_err(|error| vault_failure(&error))?;
        Ok(kept.unwrap_or_else(|| String::from("id")))
    }

    async fn fetch(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let request =
            HttpRequest { method, path: path.to_owned(), body, is_deflated: false, silence_ms_max: SILENCE_MS_MAX };
        let line = |error: NetworkError| {
            failure(match error {
                NetworkError::Unreachable if !self.online.get() => ErrorCode::NoSignal,
                NetworkError::Unreachable | NetworkError::Cut | NetworkError::Silent => ErrorCode::RelaySilent,
            })
        };
        let mut answer = self.platform.send(request).await.map_err(line)?;
        let mut bytes = Vec::new();
        while let Some(piece) = answer.body.next().await.map_err(line)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(failure(ErrorCode::AnswerMalformed));
            }
        }
        Ok(bytes)
    }

    async fn fetch_pack(&self) -> Result<(Pack, Vec<u8>), Failure> {
        let bytes = self.fetch(Method::Get, "/pack", Vec::new()).await?;
        let pack = Pack::from_cbor(&bytes).map_err(|_| failure(ErrorCode::PackFaulty))?;
        self.tablet.keep_pack(bytes.clone()).await.map_err(|error| vault_failure(&error))?;
        Ok((pack, bytes))
    }

    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolAnswer, Failure> {
        let bytes = self.fetch(Method::Post, "/enrol", encode(request)).await?;
        match decode_enrol_answer(&bytes).map_err(|_| failure(ErrorCode::AnswerMalformed))? {
            EnrolAnswer::Fault(fault) => Err(Failure { code: fault.code, retry_after_s: fault.retry_after_s }),
            answer @ (EnrolAnswer::Welcome { .. } | EnrolAnswer::Joined { .. }) => Ok(answer),
        }
    }

    /// Whose code is this?
    pub(super) async fn look(&self, code: String) -> Result<Reply, Failure> {
        let code = normal_enrol_code(&code).ok_or(failure(ErrorCode::EnrolCodeUnknown))?;
        let welcome = self.enrol(&EnrolRequest::Look { version: PROTOCOL_VERSION, code: code.clone() }).await?;
        let EnrolAnswer::Welcome { member, office, .. } = &welcome else {
            return Err(failure(ErrorCode::AnswerMalformed));
        };
        let view = WelcomeView { name: member.name.clone(), roles: member.roles.clone(), office: office.clone() };
        *self.looked.borrow_mut() = Some(Looked { code, welcome });
        Ok(Reply::Welcome(view))
    }

    /// Makes the vault and registers the tablet.
    pub(super) async fn join(
        self: Rc<Self>,
        code: String,
        nickname: &str,
        tablet_name: String,
        passphrase: &str,
    ) -> Result<Reply, Failure> {
        let passphrase = Passphrase::parse(passphrase).map_err(|_| failure(ErrorCode::PassphraseWeak))?;
        let code = normal_enrol_code(&code).ok_or(failure(ErrorCode::EnrolCodeUnknown))?;
        let known = self.looked.borrow().as_ref().is_some_and(|looked| looked.code == code);
        if !known {
            self.look(code.clone()).await?;
        }
        let welcome = self.looked.borrow().as_ref().map(|looked| looked.welcome.clone());
        let Some(EnrolAnswer::Welcome { tenant, member, recovery_recipient, synthetic, .. }) = welcome else {
            return Err(failure(ErrorCode::AnswerMalformed));
        };
        let office = Recipient::parse(&recovery_recipient).map_err(|_| failure(ErrorCode::RecoveryMissing))?;
        let (_, pack_bytes) = self.fetch_pack().await?;
        self.progress(ProgressStep::Key, 0, 1);
        let made = self.tablet.create(nickname, &passphrase, Some(&office)).await;
        let (open, facts) = made.map_err(|error| vault_failure(&error))?;
        self.progress(ProgressStep::Enrol, 0, 1);
        let slot = facts.recovery.clone().unwrap_or_default();
        let seed: [u8; 32] = draw(&*self.platform);
        let secret = DeviceSecret::from_seed(&seed);
        let public_key = *secret.public().as_bytes();
        let message = join_message(tenant, &code, &public_key, self.tablet.id(), &tablet_name, &slot);
        let request = EnrolRequest::Join {
            version: PROTOCOL_VERSION,
            code,
            public_key,
            tablet: self.tablet.id(),
            tablet_name,
            slot: slot.clone(),
            signature: *secret.sign(&message).as_bytes(),
        };
        // The same key gets the same answer, so an answer lost on the line is asked for again.
        let mut answer = self.enrol(&request).await;
        for _ in 0..2 {
            if answer.as_ref().is_err_and(|failed| failed.code == ErrorCode::RelaySilent.number()) {
                answer = self.enrol(&request).await;
            }
        }
        let joined = match answer {
            Ok(EnrolAnswer::Joined { device, device_number: _, relay_recipient, now_ms: _ }) => {
                (device, relay_recipient)
            }
            Ok(EnrolAnswer::Welcome { .. } | EnrolAnswer::Fault(_)) => return Err(failure(ErrorCode::AnswerMalformed)),
            Err(failed) => {
                let vault = open.vault();
                open.lock();
                // Nothing was written into it yet.
                let _ = self.tablet.wipe(vault).await;
                return Err(failed);
            }
        };
        let owner = Owner {
            tenant,
            account: member.account,
            device: joined.0,
            seed,
            relay_recipient: joined.1,
            member,
            synthetic,
        };
        let rows = Rows::new(open.store());
        let mut writes = Writes::new();
        writes.owner(&owner).pack(&pack_bytes).slot(Some(&slot));
        rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
        self.tablet.mark_enrolled(open.vault()).await.map_err(|error| vault_failure(&error))?;
        *self.looked.borrow_mut() = None;
        self.begin(open, nickname.to_owned()).await
    }

    /// Opens a vault with its passphrase.
    pub(super) async fn unlock(self: Rc<Self>, vault: VaultId, passphrase: &str) -> Result<Reply, Failure> {
        let passphrase = Passphrase::parse(passphrase).map_err(|_| failure(ErrorCode::PassphraseWrong))?;
        self.progress(ProgressStep::Key, 0, 1);
        let open = self.tablet.unlock(vault, &passphrase).await.map_err(|error| vault_failure(&error))?;
        let nickname = self.nickname(vault).await;
        self.begin(open, nickname).await
    }

    /// Opens a vault with the code the office reads out.
    pub(super) async fn unlock_with_code(
        self: Rc<Self>,
        vault: VaultId,
        code: &str,
        new_passphrase: &str,
    ) -> Result<Reply, Failure> {
        let passphrase = Passphrase::parse(new_passphrase).map_err(|_| failure(ErrorCode::PassphraseWeak))?;
        let open =
            self.tablet.unlock_with_code(vault, code, &passphrase).await.map_err(|error| vault_failure(&error))?;
        let nickname = self.nickname(vault).await;
        self.begin(open, nickname).await
    }

    async fn nickname(&self, vault: VaultId) -> String {
        let vaults = self.tablet.vaults().await.unwrap_or_default();
        vaults.into_iter().find(|facts| facts.vault == vault).map(|facts| facts.nickname).unwrap_or_default()
    }

    async fn begin(self: Rc<Self>, open: OpenVault, nickname: String) -> Result<Reply, Failure> {
        self.clone().lock_quietly().await;
        let vault = open.vault();
        let weak = Rc::downgrade(&self);
        let notify: Notify = Rc::new(move |documents| {
            if let Some(front) = weak.upgrade() {
                front.poke(documents);
            }
        });
        let local: Rc<dyn crate::platform::Local> = self.platform.clone();
        // Joined before rows are read, so that what another tab writes meanwhile is heard.
        self.join_tabs(vault);
        let session = match Session::open(Rows::new(open.store()), local, notify).await {
            Ok(session) => session,
            Err(failed) => {
                self.leave_tabs();
                return Err(failed);
            }
        };
        let now_ms = self.platform.now_ms();
        self.touched_ms.set(now_ms);
        let status = StatusView { fault: 0, only_here: 0, ..self.status_of(&session) };
        *self.status.borrow_mut() = status;
        let lease_over = session.lease_over();
        let view = self.session_view(&session, vault, nickname.clone()).await?;
        *self.session.lock().await = Some(session);
        self.take_early_pokes();
        *self.vault.borrow_mut() = Some(open);
        *self.pace.borrow_mut() = shared::sync::pace::Pace::new(now_ms);
        let view = if lease_over {
            self.clone().meet_relay(vault, nickname).await?
        } else {
            // Taken last: a round of the session before may have ended while this one waited, and its news has been told already.
            let status = self.status.borrow().clone();
            self.clone().start_loops(vault);
            SessionView { status, ..view }
        };
        Ok(Reply::Session(Box::new(view)))
    }

    /// Opens a vault whose lease is over once the relay was met; locks it again otherwise. What it holds stays.
    async fn meet_relay(self: Rc<Self>, vault: VaultId, nickname: String) -> Result<SessionView, Failure> {
        let (sender, met) = oneshot::channel();
        *self.meeting.borrow_mut() = Some(sender);
        self.progress(ProgressStep::Receive, 0, 1);
        self.clone().start_loops(vault);
        if self.online.get() {
            select(met, self.platform.sleep(MEET_MS_MAX)).await;
        }
        self.meeting.take();
        let opened = match self.session.lock().await.as_ref() {
            // The relay has ended the membership, and nothing of it was only here.
            None if self.status.borrow().line == Line::Ended => return Err(failure(ErrorCode::DeviceRevoked)),
            None => return Err(failure(ErrorCode::Locked)),
            // Whose access has ended is let in to save what is only here.
            Some(session) if !session.lease_over() || self.status.borrow().line == Line::Ended => {
                Some(self.session_view(session, vault, nickname).await?)
            }
            Some(_) => None,
        };
        if let Some(view) = opened {
            return Ok(view);
        }
        self.lock_quietly().await;
        Err(failure(ErrorCode::LeaseOver))
    }

    async fn session_view(&self, session: &Session, vault: VaultId, nickname: String) -> Result<SessionView, Failure> {
        let pack = session.rows.pack().await.map_err(|error| store_failure(&error))?.unwrap_or_default();
        let language = match &session.settings.language {
            Some(own) => own.clone(),
            None => self.door_language().await?,
        };
        let members = session.directory.all(session.today());
        self.members_told.borrow_mut().clone_from(&members);
        Ok(SessionView {
            vault,
            account: session.owner.account,
            name: session.owner.member.name.clone(),
            roles: session.owner.member.roles.clone(),
            nickname,
            pack: PackBytes(pack),
            synthetic: session.owner.synthetic,
            place: session.settings.place.as_deref().and_then(|place| minicbor::decode(place).ok()),
            auto_lock_s: session.settings.auto_lock_s,
            language,
            members,
            status: self.status.borrow().clone(),
        })
    }

    /// Forgets every key and view, and says so.
    pub(super) async fn lock_with(self: Rc<Self>, code: u16) {
        self.clone().lock_quietly().await;
        self.tell(Event::Locked { code });
    }

    pub(super) async fn lock_quietly(self: Rc<Self>) {
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.watches.borrow_mut().clear();
        *self.wake.borrow_mut() = None;
        self.leave_tabs();
        self.leads.set(false);
        self.follows.set(false);
        let unsent = self.session.lock().await.take().map(|session| session.unsent());
        if let (Some(vault), Some(unsent)) = (self.open_vault(), unsent) {
            self.note_unsent(vault, unsent).await;
        }
        let open = self.vault.borrow_mut().take();
        if let Some(open) = open {
            open.lock();
        }
    }

    fn progress(&self, step: ProgressStep, done: u32, total: u32) {
        self.tell(Event::Progress { step, done, total });
    }
}
