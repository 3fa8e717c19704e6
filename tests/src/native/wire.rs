//! The network between tablets and a relay in the same process, with what goes wrong on networks.
//!
//! Also an eyewitness: after every answer it asks the relay's own books whether the account had a grant for each
//! document that was handed out.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read as _;
use std::rc::Rc;

use async_trait::async_trait;
use client::platform::{Body, HttpAnswer, HttpRequest, Network, NetworkError};
use server::storage::record::SeatLevel;
use shared::protocol::codec::{decode_signed_upload, decode_upload, encode};
use shared::protocol::frame::{Item, Part};

use super::office::Office;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and the answer too.
    Fine,
    /// It never arrives.
    Lost,
    /// It arrives; the answer breaks off after so many thousandths of it.
    Cut(u16),
    /// It arrives twice; the second answer comes back.
    Twice,
    /// It arrives after the tablet has given up, whenever [`Wire::deliver_late`] says.
    Late,
}

/// A network in memory.
pub struct Wire {
    office: Rc<Office>,
    fates: RefCell<VecDeque<Fate>>,
    late: RefCell<Vec<Vec<u8>>>,
    seen: RefCell<Vec<Vec<u8>>>,
    breaches: RefCell<Vec<String>>,
}

impl Wire {
    /// A network to an office.
    #[must_use]
    pub fn new(office: Rc<Office>) -> Self {
        Self {
            office,
            fates: RefCell::default(),
            late: RefCell::default(),
            seen: RefCell::default(),
            breaches: RefCell::default(),
        }
    }

    /// Decides about the next request that is not decided about yet.
    pub fn plan(&self, fate: Fate) {
        self.fates.borrow_mut().push_back(fate);
    }

    /// Takes back what was decided about requests that were not made.
    pub fn forget_plans(&self) {
        self.fates.borrow_mut().clear();
    }

    /// Delivers the requests that were late, in the order given by `choose` (an index below the length it is given).
    pub async fn deliver_late(&self, choose: impl Fn(usize) -> usize) {
        loop {
            let waiting = self.late.borrow().len();
            if waiting == 0 {
                return;
            }
            let index = choose(waiting).min(waiting.saturating_sub(1));
            let body = self.late.borrow_mut().remove(index);
            self.answer(&body).await;
        }
    }

    /// Delivers an old request again, as a network or a thief may.
    pub async fn replay(&self, choose: impl Fn(usize) -> usize) {
        let body = {
            let seen = self.seen.borrow();
            seen.get(choose(seen.len())).cloned()
        };
        if let Some(body) = body {
            self.answer(&body).await;
        }
    }

    /// Documents that were handed to accounts without a grant; empty unless the relay is wrong.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        self.breaches.borrow().clone()
    }

    async fn answer(&self, body: &[u8]) -> Vec<u8> {
        let relay = self.office.relay();
        let parts = relay.handle_sync(body, self.office.clock().now_ms()).await;
        if let Err(error) = self.witness(body, &parts).await {
            self.breaches.borrow_mut().push(format!("the witness failed: {error:#}"));
        }
        parts.iter().flat_map(encode).collect()
    }

    async fn witness(&self, body: &[u8], parts: &[Part]) -> anyhow::Result<()> {
        let relay = self.office.relay();
        let upload = decode_upload(&decode_signed_upload(body)?.body)?;
        let mut read = relay.storage().read().await?;
        let Some(device) = read.view().device(upload.device).await? else { return Ok(()) };
        for part in parts {
            let Part::Page(page) = part else { continue };
            for item in &page.items {
                let document = match item {
                    Item::Changes { document, .. } => *document,
                    Item::Snapshot { key, .. } => key.id(),
                    Item::Held(held) if held.content.is_some() => {
                        let seat = read.view().seat(held.held, device.account).await?;
                        if seat.is_none_or(|seat| seat.level != SeatLevel::Decides) {
                            self.breaches.borrow_mut().push(format!("{:?} went to {}", held.held, device.account));
                        }
                        continue;
                    }
                    Item::Gone { .. }
                    | Item::Member(_)
                    | Item::Status(_)
                    | Item::Held(_)
                    | Item::Decided(_)
                    | Item::Contact { .. }
                    | Item::Alarm(_) => {
                        continue;
                    }
                };
                let grant = read.view().grant(device.account, document).await?;
                if grant.is_none_or(|grant| !grant.in_force()) || device.revoked.is_some() {
                    self.breaches.borrow_mut().push(format!("{document} went to {}", device.account));
                }
            }
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl Network for Wire {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
        // A network takes its time: whoever waits for the session goes first.
        yield_once().await;
        let body = if request.is_deflated { inflate(&request.body)? } else { request.body };
        let fate = self.fates.borrow_mut().pop_front().unwrap_or(Fate::Fine);
        self.seen.borrow_mut().push(body.clone());
        let (answer, cut) = match fate {
            Fate::Lost => return Err(NetworkError::Unreachable),
            Fate::Late => {
                self.late.borrow_mut().push(body);
                return Err(NetworkError::Silent);
            }
            Fate::Fine => (self.answer(&body).await, None),
            Fate::Cut(thousandths) => (self.answer(&body).await, Some(usize::from(thousandths))),
            Fate::Twice => {
                self.answer(&body).await;
                (self.answer(&body).await, None)
            }
        };
        let end = cut.map(|thousandths| answer.len().saturating_mul(thousandths) / 1000);
        let body = Box::new(Answer { bytes: answer, at: 0, end });
        Ok(HttpAnswer { status: 200, retry_after_s: None, body })
    }
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, NetworkError> {
    let mut inflated = Vec::new();
    flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut inflated).map_err(|_| NetworkError::Cut)?;
    Ok(inflated)
}

/// Lets everything else run once.
async fn yield_once() {
    let mut yielded = false;
    futures::future::poll_fn(move |context| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// Bytes in one piece of an answer.
const PIECE_LEN: usize = 512;

struct Answer {
    bytes: Vec<u8>,
    at: usize,
    end: Option<usize>,
}

#[async_trait(?Send)]
impl Body for Answer {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError> {
        yield_once().await;
        let end = self.end.unwrap_or(self.bytes.len());
        let to = self.at.saturating_add(PIECE_LEN).min(end);
        let piece = self.bytes.get(self.at..to).unwrap_or(&[]).to_vec();
        self.at = to;
        match (piece.is_empty(), self.end) {
            (false, _) => Ok(Some(piece)),
            (true, None) => Ok(None),
            (true, Some(_)) => Err(NetworkError::Cut),
        }
    }
}
