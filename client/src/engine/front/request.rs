//! Answers requests, one arm each.

use std::rc::Rc;

use shared::id::{CaseId, HeldId};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::held::Verdict;
use shared::seal::passphrase::{Passphrase, suggest};
use shared::sync::pace::PaceInput;
use shared::sync::sending::Sending;

use super::Front;
use crate::api::{Act, Event, Failure, HeldChoice, Line, PRACTICE, Place, Reply, Request};
use crate::engine::arrivals;
use crate::engine::asking;
use crate::engine::export;
use crate::engine::flow;
use crate::engine::look::look;
use crate::engine::practice;
use crate::engine::query::desk::newest_ms;
use crate::engine::refusal;
use crate::engine::register;
use crate::engine::rows::RowWrites;
use crate::engine::session::{Session, failure, store_failure};
use crate::engine::stage;
use crate::engine::team;
use crate::engine::vital;
use crate::engine::write;
use crate::platform::draw;
use crate::store::Durability;
use crate::store::sealed::Writes;

/// Words offered while somebody types one.
const WORDS_MAX: usize = 12;
/// Bounds of the automatic lock, seconds.
const AUTO_LOCK_S: std::ops::RangeInclusive<u32> = 30..=900;

impl Front {
    pub(super) async fn answer(self: Rc<Self>, id: u32, request: Request) -> Result<Reply, Failure> {
        match request {
            Request::Hello => self.tablet_view().await,
            Request::EnrolLook { code } => self.look(code).await,
            Request::NewPassphrase => Ok(Reply::Words(self.new_passphrase())),
            Request::WordsBeginning { prefix } => {
                Ok(Reply::Words(suggest(&prefix, WORDS_MAX).into_iter().map(ToOwned::to_owned).collect()))
            }
            Request::CheckPassphrase { passphrase } => check_passphrase(&passphrase),
            Request::EnrolJoin { code, nickname, tablet_name, passphrase } => {
                self.join(code, &nickname, tablet_name, &passphrase).await
            }
            Request::Unlock { vault, passphrase } => self.unlock(vault, &passphrase).await,
            Request::UnlockWithCode { vault, recovery_code, new_passphrase } => {
                self.unlock_with_code(vault, &recovery_code, &new_passphrase).await
            }
            Request::Lock => {
                self.lock_with(0).await;
                Ok(Reply::Done)
            }
            Request::Touch => Ok(self.touch()),
            Request::Visible(visible) => Ok(self.set_visible(visible)),
            Request::Online(online) => {
                self.set_online(online).await;
                Ok(Reply::Done)
            }
            Request::Watch(query) => self.watch(id, query).await,
            Request::Unwatch(watch) => {
                self.watches.borrow_mut().remove(&watch);
                Ok(Reply::Done)
            }
            Request::GiveUp => self.give_up().await,
            Request::ReadAside => self.read_aside().await,
            Request::SyncNow => {
                self.hurry();
                Ok(Reply::Done)
            }
            Request::StartReport
            | Request::Practise(_)
            | Request::AddPerson { .. }
            | Request::Arrivals { .. }
            | Request::Write(_)
            | Request::KeepDraft { .. }
            | Request::Undo { .. }
            | Request::HandOver { .. }
            | Request::Refuse { .. }
            | Request::TakeBack { .. }
            | Request::TakeOver { .. }
            | Request::Supplement { .. }
            | Request::KeepSupplement { .. }
            | Request::Assign { .. }
            | Request::Act(_)
            | Request::Stage { .. }
            | Request::Register { .. }
            | Request::Export { .. }
            | Request::RetryTray { .. }
            | Request::ClearTray { .. }
            | Request::DecideHeld { .. }
            | Request::UndecideHeld { .. }
            | Request::ExportTray
            | Request::SetAutoLock { .. }
            | Request::DeskSeen
            | Request::AskMore { .. }
            | Request::Look(_)
            | Request::SetPlace(_) => self.in_session(request).await,
            Request::SetSending(sending) => self.set_sending(sending).await,
            Request::SetLanguage(language) => self.set_language(language).await,
        }
    }

    fn touch(&self) -> Reply {
        self.touched_ms.set(self.platform.now_ms());
        Reply::Done
    }

    async fn in_session(&self, request: Request) -> Result<Reply, Failure> {
        self.touch();
        let mut guard = self.session.lock().await;
        let session = guard.as_mut().ok_or(failure(ErrorCode::Locked))?;
        if let Some(reply) = begin_or_end_practice(session, &request).await? {
            return Ok(reply);
        }
        let session = session.room(case_of(&request)).await?;
        match request {
            Request::StartReport => Ok(Reply::Case(flow::start_report(session).await?)),
            Request::AddPerson { case } => Ok(Reply::Subject(flow::add_person(session, case).await?)),
            Request::Arrivals { case, act } => arrivals::act(session, case, act).await.map(Reply::Arrivals),
            Request::Write(one) => saved(write::write(session, one).await),
            Request::KeepDraft { place, draft } => write::keep_draft(session, place, draft).await.map(|()| Reply::Done),
            Request::Undo { place } => saved(write::undo(session, &place).await),
            Request::HandOver { case } => saved(flow::hand_over(session, case).await),
            Request::Refuse { case, vital, .. } if !vital.is_empty() => vital::open(session, case, &vital).await,
            Request::Refuse { case, crime_seen, .. } => refusal::refuse(session, case, crime_seen).await,
            Request::TakeBack { case } => saved(flow::take_back(session, case).await),
            Request::TakeOver { case } => saved(flow::take_over(session, case).await),
            Request::Supplement { case, text } => saved(flow::supplement(session, case, text).await),
            Request::KeepSupplement { case, text } => {
                flow::keep_supplement(session, case, text).await.map(|()| Reply::Done)
            }
            Request::Assign { cases, account, role } => {
                flow::assign(session, cases, account, &role).await.map(Reply::Wrote)
            }
            Request::Act(act) => team::act(session, act).await.map(Reply::Wrote),
            Request::Stage { case, act } => saved(stage::act(session, case, act).await),
            Request::Register { case, number } => saved(register::register(session, case, &number).await),
            Request::Export { what, reason } => export::export(session, what, &reason).await,
            Request::RetryTray { item } => retry_tray(session, item).await,
            Request::ClearTray { item } => session.clear_tray(item).await.map(|()| Reply::Done),
            Request::DecideHeld { items, choice } => decide(session, items, choice).await,
            Request::UndecideHeld { item } => session.undecide(item).await.map(|()| Reply::Done),
            Request::ExportTray => flow::export(session).await,
            Request::SetAutoLock { seconds } => {
                session.settings.auto_lock_s = seconds.clamp(*AUTO_LOCK_S.start(), *AUTO_LOCK_S.end());
                keep_settings(session).await
            }
            Request::AskMore { case, what } => saved(asking::ask(session, case, &what).await),
            Request::Look(place) => look(session, place).await.map(|()| Reply::Done),
            Request::DeskSeen => {
                session.settings.desk_seen_ms = newest_ms(session);
                keep_settings(session).await
            }
            Request::SetPlace(place) => set_place(session, place).await,
            Request::Hello
            | Request::Practise(_)
            | Request::EnrolLook { .. }
            | Request::NewPassphrase
            | Request::WordsBeginning { .. }
            | Request::CheckPassphrase { .. }
            | Request::EnrolJoin { .. }
            | Request::Unlock { .. }
            | Request::UnlockWithCode { .. }
            | Request::Lock
            | Request::Touch
            | Request::Visible(_)
            | Request::Online(_)
            | Request::Watch(_)
            | Request::Unwatch(_)
            | Request::SyncNow
            | Request::ReadAside
            | Request::GiveUp
            | Request::SetSending(_)
            | Request::SetLanguage(_) => Err(failure(ErrorCode::EngineStopped)),
        }
    }

    fn new_passphrase(&self) -> Vec<String> {
        let passphrase = Passphrase::generate(|| u16::from_be_bytes(draw(&*self.platform)));
        passphrase.reveal().split(' ').map(ToOwned::to_owned).collect()
    }

    /// A person's choice is theirs and stays behind their passphrase; a choice made at the door is the tablet's.
    async fn set_language(&self, language: String) -> Result<Reply, Failure> {
        self.touched_ms.set(self.platform.now_ms());
        let mut guard = self.session.lock().await;
        let Some(session) = guard.as_mut() else {
            drop(guard);
            self.tablet.keep_language(&language).await.map_err(|error| super::vault_failure(&error))?;
            return Ok(Reply::Done);
        };
        session.settings.language = Some(language);
        keep_settings(session).await
    }

    fn set_visible(&self, visible: bool) -> Reply {
        if self.visible.replace(visible) != visible {
            self.shown_ms.set(self.platform.now_ms());
            self.line_back.set(visible);
        }
        self.note(PaceInput::Visible(visible));
        Reply::Done
    }

    /// The tab that leads learns of it with the other rows it reads again.
    async fn set_sending(&self, sending: Sending) -> Result<Reply, Failure> {
        let reply = {
            let mut guard = self.session.lock().await;
            let session = guard.as_mut().ok_or(failure(ErrorCode::Locked))?;
            session.settings.sending = sending;
            let reply = keep_settings(session).await?;
            session.tell_others();
            reply
        };
        self.tell_status().await;
        self.wake();
        Ok(reply)
    }

    async fn set_online(&self, online: bool) {
        let before = self.online.replace(online);
        if online && !before {
            self.line_back.set(true);
            self.note(PaceInput::AtOnce);
        }
        if !online || !before {
            // Of a line that came back nothing is known, and the round that would tell may have to wait.
            self.status.borrow_mut().line = if online { Line::Unknown } else { Line::NoSignal };
            let status = self.status.borrow().clone();
            self.tell(Event::Status(status));
        }
        self.tell_status().await;
    }
}

/// The case a request names, whose room answers it. Named one by one, so that a new request has to say.
const fn case_of(request: &Request) -> Option<CaseId> {
    match request {
        Request::AddPerson { case }
        | Request::Arrivals { case, .. }
        | Request::HandOver { case }
        | Request::Refuse { case, .. }
        | Request::TakeBack { case }
        | Request::TakeOver { case }
        | Request::Supplement { case, .. }
        | Request::KeepSupplement { case, .. }
        | Request::Stage { case, .. }
        | Request::Register { case, .. }
        | Request::AskMore { case, .. } => Some(*case),
        Request::Write(write) => Some(write.place().case),
        Request::KeepDraft { place, .. } | Request::Undo { place } | Request::Act(Act::ReadText { place, .. }) => {
            Some(place.case)
        }
        // What is not about one case, or leads out of the tablet: of a practice the work room knows nothing.
        Request::Export { .. }
        | Request::Look(_)
        | Request::Assign { .. }
        | Request::Act(_)
        | Request::SetPlace(_)
        | Request::StartReport
        | Request::Practise(_)
        | Request::RetryTray { .. }
        | Request::ClearTray { .. }
        | Request::DecideHeld { .. }
        | Request::UndecideHeld { .. }
        | Request::ExportTray
        | Request::SetAutoLock { .. }
        | Request::DeskSeen
        | Request::Hello
        | Request::EnrolLook { .. }
        | Request::NewPassphrase
        | Request::WordsBeginning { .. }
        | Request::CheckPassphrase { .. }
        | Request::EnrolJoin { .. }
        | Request::Unlock { .. }
        | Request::UnlockWithCode { .. }
        | Request::Lock
        | Request::Touch
        | Request::Visible(_)
        | Request::Online(_)
        | Request::Watch(_)
        | Request::Unwatch(_)
        | Request::SyncNow
        | Request::ReadAside
        | Request::GiveUp
        | Request::SetSending(_)
        | Request::SetLanguage(_) => None,
    }
}

/// Whether a request is about a practice, of which nothing is to be sent.
pub(super) fn is_practice(request: &Request) -> bool {
    matches!(request, Request::Practise(_)) || case_of(request) == Some(PRACTICE)
}

/// Answers what begins or ends a practice; none of anything else.
async fn begin_or_end_practice(session: &mut Session, request: &Request) -> Result<Option<Reply>, Failure> {
    if let Request::Practise(begins) = request {
        let begun = if *begins { practice::begin(session).await? } else { practice::erase(session).await? };
        return Ok(Some(begun));
    }
    if let Request::HandOver { case: PRACTICE } = request {
        return practice::hand_over(session).await.map(Some);
    }
    if let Request::Refuse { case: PRACTICE, vital, .. } = request {
        return practice::refuse(session, vital).await.map(Some);
    }
    Ok(None)
}

async fn decide(session: &mut Session, items: Vec<HeldId>, choice: HeldChoice) -> Result<Reply, Failure> {
    let verdict = match choice {
        HeldChoice::Accept => Verdict::Accept,
        HeldChoice::Decline(reason) => Verdict::Decline(reason),
        HeldChoice::Forward => Verdict::Forward,
        HeldChoice::Note(text) => {
            // Its words are those of one.
            let [one] = items.as_slice() else { return Err(failure(ErrorCode::ValueWrong)) };
            return saved(session.decide_as_note(*one, text).await);
        }
        HeldChoice::Block(reason) => Verdict::Block(reason),
        HeldChoice::Reviewed => Verdict::Reviewed,
        HeldChoice::TakeOut => {
            let [one] = items.as_slice() else { return Err(failure(ErrorCode::ValueWrong)) };
            return session.take_out(*one).await;
        }
    };
    saved(session.decide(&items, &verdict).await)
}

fn saved(outcome: Result<(), Failure>) -> Result<Reply, Failure> {
    outcome.map(|()| Reply::Saved)
}

fn check_passphrase(passphrase: &str) -> Result<Reply, Failure> {
    let weak = failure(ErrorCode::PassphraseWeak);
    Passphrase::parse(passphrase).map_err(|_| weak.clone())?.check_own().map_err(|_| weak)?;
    Ok(Reply::Done)
}

/// Notes where its person is, to lead there after the next unlock.
async fn set_place(session: &mut Session, place: Option<Place>) -> Result<Reply, Failure> {
    // A page that still shows what was erased must not leave its trace.
    let place = place.filter(|place| !session.has_ended(place.case));
    if let Some(place) = &place {
        flow::note_page(session.room(Some(place.case)).await?, place).await?;
    }
    session.settings.place = place.as_ref().map(encode);
    keep_settings(session).await
}

async fn keep_settings(session: &Session) -> Result<Reply, Failure> {
    let mut writes = Writes::new();
    writes.settings(&session.settings);
    session.rows.apply(writes, Durability::Strict).await.map_err(|error| store_failure(&error))?;
    Ok(Reply::Done)
}

/// Makes a held or refused edit again on what stands now.
async fn retry_tray(session: &mut Session, item: u64) -> Result<Reply, Failure> {
    let Some(trayed) = session.tray.iter().find(|trayed| trayed.number == item).cloned() else {
        return Err(failure(ErrorCode::ItemGone));
    };
    let pending = trayed.entry.pending;
    let mut writes = Writes::new();
    writes.no_tray(pending.order);
    let edit = crate::engine::session::DocumentEdit { key: pending.key, edit: pending.edit };
    session.edit(vec![edit], writes).await?;
    session.tray.retain(|trayed| trayed.number != item);
    Ok(Reply::Done)
}
