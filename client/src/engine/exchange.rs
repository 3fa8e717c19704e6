//! One round of sync: carries the machine's effects out on the store and the line.
//!
//! Owns holding the session's lock from reading rows to writing them; must never decide what a part means. Called by the
//! sync loop, by the load generator and by tests.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::Write as _;
use std::task::Poll;

use futures::lock::MutexGuard;
use shared::id::DocumentId;
use shared::order::Gather as _;
use shared::protocol::codec::{PartReader, encode};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::Fault;
use shared::protocol::frame::SealedOffer;
use shared::protocol::limits::OWN_UPLOADS_KEPT_DAYS;
use shared::seal::letter::{LetterRandomness, Purpose, Recipient};
use shared::sync::device::{Collected, DeviceMachine, Effect, Input, OffersWanted, Round};
use shared::sync::inbox::{Batch, RowWrite, together};
use shared::sync::outbox::choose_offers;

use super::rows::{KeptOffer, RowWrites, UsedBytes};
use super::session::{Session, failure, store_failure};
use super::turn::InTurn;
use crate::api::Failure;
use crate::platform::{HttpRequest, Method, Network, NetworkError, draw};
use crate::store::sealed::Writes;

/// Bodies below this are sent as they are: compression would not make them smaller.
const DEFLATE_FROM_BYTES: usize = 400;
/// Given up when nothing has come for so long, milliseconds; a 2G line is slow, not silent.
const SILENCE_MS_MAX: u32 = 60_000;
/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// The lock around a session; none while the vault is locked.
pub type SessionLock = InTurn<Option<Session>>;

/// What a round needs beside the session.
pub struct Line<'a> {
    /// The network.
    pub network: &'a dyn Network,
    /// Random bytes.
    pub entropy: &'a dyn crate::platform::Entropy,
    /// Documents the user waits for.
    pub priorities: Vec<DocumentId>,
    /// Size of the answer asked for; 0 leaves it to the relay.
    pub budget_bytes: u32,
    /// Called after every batch, so that screens follow.
    pub committed: &'a dyn Fn(&Batch),
}

/// How a round ended for the pace and the status pill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundEnd {
    /// As the machine says.
    Machine(Round),
    /// The line failed.
    Line(NetworkError),
    /// The vault was locked, or another tab leads now.
    Abandoned,
    /// The store failed; nothing was lost, nothing goes on.
    Store(Failure),
}

/// Runs one round.
pub async fn round(lock: &SessionLock, machine: &mut DeviceMachine, line: &Line<'_>) -> RoundEnd {
    let end = match run(lock, machine, line).await {
        Ok(end) | Err(end) => end,
    };
    machine.abandon();
    end
}

/// A session that is held from reading rows until the batch is written. The same one all through a round: what the relay
/// answers to one account must not be written for another, who unlocked while the answer was on its way.
struct Held<'a> {
    lock: &'a SessionLock,
    guard: Option<MutexGuard<'a, Option<Session>>>,
    number: Option<u32>,
}

impl<'a> Held<'a> {
    async fn session(&mut self) -> Result<&mut Session, RoundEnd> {
        if self.guard.is_none() {
            self.guard = Some(self.lock.lock().await);
        }
        let session = self.guard.as_mut().and_then(|guard| guard.as_mut()).ok_or(RoundEnd::Abandoned)?;
        if *self.number.get_or_insert(session.number()) == session.number() {
            Ok(session)
        } else {
            Err(RoundEnd::Abandoned)
        }
    }

    fn release(&mut self) {
        self.guard = None;
    }
}

async fn run(lock: &SessionLock, machine: &mut DeviceMachine, line: &Line<'_>) -> Result<RoundEnd, RoundEnd> {
    let mut held = Held { lock, guard: None, number: None };
    let begin = {
        let session = held.session().await?;
        if session.owner.device != machine.identity().device {
            return Err(RoundEnd::Abandoned);
        }
        Input::Begin(Box::new(session.meta.clone()))
    };
    let now_ms = held.session().await?.now_ms();
    let Some(Effect::Collect { all_heads, offers, apart }) = machine.step(now_ms, begin) else {
        return Err(RoundEnd::Abandoned);
    };
    let collected = collect(held.session().await?, line, all_heads, offers, &apart).await.map_err(RoundEnd::Store)?;
    held.release();
    let Some(Effect::Send(body)) = machine.step(now_ms, Input::Collected(Box::new(collected))) else {
        return Err(RoundEnd::Abandoned);
    };
    let sent_bytes = body.len();
    let mut answer = line.network.send(request(body)).await.map_err(RoundEnd::Line)?;
    let mut reader = PartReader::new();
    let mut received_bytes = 0_usize;
    let mut broken: Option<NetworkError> = None;
    let end = 'answer: loop {
        let piece = match answer.body.next().await {
            Ok(piece) => piece,
            Err(error) => {
                broken = Some(error);
                None
            }
        };
        let inputs = match &piece {
            Some(bytes) => {
                received_bytes = received_bytes.saturating_add(bytes.len());
                match reader.push(bytes) {
                    Ok(parts) => together(parts).into_iter().map(Input::Part).collect(),
                    Err(_) => break 'answer RoundEnd::Line(NetworkError::Cut),
                }
            }
            None => vec![Input::LineClosed],
        };
        for input in inputs {
            if let Some(round) = drive(&mut held, machine, input, line).await? {
                break 'answer RoundEnd::Machine(round);
            }
            // A piece of a fast line holds dozens of parts; who wants to read or write waits for a few of them, not for all.
            give_way().await;
        }
        if piece.is_none() {
            break RoundEnd::Line(broken.unwrap_or(NetworkError::Cut));
        }
    };
    count_bytes(&mut held, sent_bytes, received_bytes).await?;
    Ok(match (end, broken) {
        (RoundEnd::Machine(Round::Cut), Some(error)) => RoundEnd::Line(error),
        (end, _) => end,
    })
}

/// Lets every other task that is ready go on first.
pub(super) async fn give_way() {
    let mut has_waited = false;
    poll_fn(move |context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Feeds one input and carries out what follows, until the machine waits for the line or has finished.
async fn drive(
    held: &mut Held<'_>,
    machine: &mut DeviceMachine,
    input: Input,
    line: &Line<'_>,
) -> Result<Option<Round>, RoundEnd> {
    let mut next = Some(input);
    while let Some(input) = next.take() {
        let now_ms = held.session().await?.now_ms();
        match machine.step(now_ms, input) {
            None => {}
            Some(Effect::Load(documents)) => {
                let session = held.session().await?;
                let rows = session.rows_to_write(&documents).await.map_err(RoundEnd::Store)?;
                next = Some(Input::Loaded(rows));
            }
            Some(Effect::Commit(batch)) => {
                let session = held.session().await?;
                let extra = keep_offers(session, &batch).map_err(RoundEnd::Store)?;
                session.commit(&batch, extra).await.map_err(|failed| {
                    if failed.code == ErrorCode::TabletStore.number() {
                        RoundEnd::Abandoned
                    } else {
                        RoundEnd::Store(failed)
                    }
                })?;
                held.release();
                (line.committed)(&batch);
                next = Some(Input::Committed);
            }
            Some(Effect::Finished(round)) => {
                held.release();
                return Ok(Some(round));
            }
            Some(Effect::Collect { .. } | Effect::Send(_)) => return Err(RoundEnd::Abandoned),
        }
    }
    // Between pieces of an answer the user's edits go first.
    held.release();
    Ok(None)
}

async fn collect(
    session: &mut Session,
    line: &Line<'_>,
    all_heads: bool,
    wanted: Option<OffersWanted>,
    apart: &BTreeSet<DocumentId>,
) -> Result<Collected, Failure> {
    let store = |error| store_failure(&error);
    session.enter_again().await?;
    let pending = session.departing().await?;
    let documents = pending.iter().map(|edit| edit.key.id()).into_set();
    let (offers, offers_left) = match wanted {
        Some(OffersWanted { from, count_max }) => {
            choose_offers(session.rows.kept_from(from).await.map_err(store)?, count_max)
        }
        None => (Vec::new(), false),
    };
    let counter = session.rows.take_counter().await.map_err(store)?;
    Ok(Collected {
        known: session.rows.known(&documents).await.map_err(store)?,
        pending,
        decisions: session.decisions(),
        seen: session.rows.to_tell(counter, session.fence).await.map_err(store)?,
        counter,
        entropy: draw(line.entropy),
        priorities: line.priorities.clone(),
        slot: if session.meta.slot_stored { None } else { session.rows.slot().await.map_err(store)? },
        all_heads: if all_heads { session.rows.all_heads().await.map_err(store)? } else { Vec::new() },
        offers,
        offers_left,
        apart: session.rows.documents(apart).await.map_err(store)?,
        budget_bytes: line.budget_bytes,
    })
}

fn request(body: Vec<u8>) -> HttpRequest {
    let deflated = if body.len() >= DEFLATE_FROM_BYTES { deflate(&body) } else { None };
    let is_deflated = deflated.is_some();
    HttpRequest {
        method: Method::Post,
        path: String::from("/sync"),
        body: deflated.unwrap_or(body),
        is_deflated,
        silence_ms_max: SILENCE_MS_MAX,
    }
}

fn deflate(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|deflated| deflated.len() < body.len())
}

/// Seals accepted own uploads to the relay; the tablet itself cannot open them again.
fn keep_offers(session: &Session, batch: &Batch) -> Result<Writes, Failure> {
    let mut writes = Writes::new();
    for write in &batch.writes {
        let RowWrite::KeepOffer(offer) = write else { continue };
        let sealed = Recipient::parse(&session.owner.relay_recipient)
            .ok()
            .and_then(|relay| {
                let drawn = LetterRandomness::from_random(session.draw());
                relay.seal(Purpose::OwnUpload, &drawn, &encode(offer)).ok()
            })
            .ok_or(failure(ErrorCode::TabletStore))?;
        let kept = KeptOffer { accepted_ms: session.latest_ms(), offer: SealedOffer(sealed) };
        writes.kept(offer.counter, &kept);
    }
    Ok(writes)
}

async fn count_bytes(held: &mut Held<'_>, sent: usize, received: usize) -> Result<(), RoundEnd> {
    let session = held.session().await?;
    let today = session.today();
    let month = u32::from(today.year()).saturating_mul(12).saturating_add(u32::from(today.month()));
    let mut used = session.rows.used().await.map_err(|error| RoundEnd::Store(store_failure(&error)))?;
    if used.month != month {
        used = UsedBytes { month, ..UsedBytes::default() };
    }
    if session.kept_looked != Some(today) {
        forget_kept(session).await.map_err(RoundEnd::Store)?;
        session.kept_looked = Some(today);
    }
    session.fresh.end_empty();
    used.up = used.up.saturating_add(u64::try_from(sent).unwrap_or(0));
    used.down = used.down.saturating_add(u64::try_from(received).unwrap_or(0));
    let mut writes = Writes::new();
    writes.used(used);
    session
        .rows
        .apply(writes, crate::store::Durability::Relaxed)
        .await
        .map_err(|error| RoundEnd::Store(store_failure(&error)))?;
    held.release();
    Ok(())
}

/// Forgets own uploads that were kept long enough.
async fn forget_kept(session: &Session) -> Result<(), Failure> {
    let before_ms = session.latest_ms().saturating_sub(DAY_MS.saturating_mul(OWN_UPLOADS_KEPT_DAYS.into()));
    let old = session.rows.kept_before(before_ms).await.map_err(|error| store_failure(&error))?;
    let mut writes = Writes::new();
    for counter in old {
        writes.no_kept(counter);
    }
    session.rows.apply(writes, crate::store::Durability::Relaxed).await.map_err(|error| store_failure(&error))
}

/// The code people see for how a round ended; none when all is well.
#[must_use]
pub fn code_of(end: &RoundEnd) -> Option<u16> {
    match end {
        RoundEnd::Machine(Round::Done { notice, .. }) => (*notice != 0).then_some(*notice),
        RoundEnd::Machine(Round::Fault(Fault { code, .. })) => Some(*code),
        RoundEnd::Machine(Round::Cut) | RoundEnd::Line(_) => Some(ErrorCode::RelaySilent.number()),
        RoundEnd::Abandoned => None,
        RoundEnd::Store(failed) => Some(failed.code),
    }
}
