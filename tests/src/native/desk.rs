//! A whole engine without a browser: the real front with its loops, over a store in memory and real lines to a real relay.
//!
//! Its clock is the machine's, because lines take the time they take; nothing waits for a time that has to pass. Everything
//! of a desk runs on one thread: call it within a [`tokio::task::LocalSet`].

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use client::api::{Answer, Event, FromEngine, Query, Reply, Request, ToEngine};
use client::engine::front::Front;
use client::platform::{
    Body, Channel, Channels, Claim, Clock, Entropy, Heard, HttpAnswer, HttpRequest, KeyWorker, Lock, Locks, Network,
    NetworkError, Socket, Sockets,
};
use client::store::memory::{MemoryDatabases, MemoryStore};
use client::store::{Databases, RawStore, StoreError};
use client::vault::database_name;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use server::clock::now_ms;
use shared::protocol::codec::{decode_signed_upload, decode_upload, encode};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Fault, Part};
use shared::seal::kdf::{KdfError, KdfRequest, SlotKey};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::dice::Dice;
use super::http::Http;

/// How long is waited for what should happen at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a request takes on the line to an older relay, milliseconds.
const LINE_MS: u32 = 100;

/// What a desk stands on.
struct Ground {
    address: SocketAddr,
    dice: Dice,
    databases: MemoryDatabases,
    rounds: Cell<u32>,
    sockets: Cell<u32>,
    /// How far its clock is ahead of the relay's.
    ahead_ms: Cell<u64>,
    /// The relay is of before: it refuses a request that tells what was seen.
    is_older: Cell<bool>,
}

/// The whole of an answer.
struct Once(Option<Vec<u8>>);

#[async_trait(?Send)]
impl Body for Once {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError> {
        Ok(self.0.take())
    }
}

/// Whether a request tells what was seen.
fn tells(request: &HttpRequest) -> bool {
    let mut inflated = Vec::new();
    if request.is_deflated {
        let mut decoder = flate2::read::ZlibDecoder::new(request.body.as_slice());
        if std::io::Read::read_to_end(&mut decoder, &mut inflated).is_err() {
            return false;
        }
    } else {
        inflated.clone_from(&request.body);
    }
    let upload = decode_signed_upload(&inflated).and_then(|signed| decode_upload(&signed.body));
    upload.is_ok_and(|upload| upload.seen.is_some())
}

#[async_trait(?Send)]
impl Clock for Ground {
    fn now_ms(&self) -> u64 {
        now_ms().saturating_add(self.ahead_ms.get())
    }

    async fn sleep(&self, duration_ms: u32) {
        tokio::time::sleep(Duration::from_millis(duration_ms.into())).await;
    }
}

impl Entropy for Ground {
    fn fill(&self, out: &mut [u8]) {
        self.dice.fill(out);
    }
}

#[async_trait(?Send)]
impl KeyWorker for Ground {
    async fn derive(&self, request: KdfRequest) -> Result<SlotKey, KdfError> {
        shared::seal::kdf::derive(&request)
    }

    fn device_memory_gib(&self) -> Option<f64> {
        Some(1.0)
    }
}

#[async_trait(?Send)]
impl Databases for Ground {
    async fn open(&self, name: &str) -> Result<Rc<dyn RawStore>, StoreError> {
        self.databases.open(name).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.databases.delete(name).await
    }
}

#[async_trait(?Send)]
impl Network for Ground {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
        if request.path == "/sync" {
            self.rounds.set(self.rounds.get().saturating_add(1));
            if self.is_older.get() {
                // A line of the field: an answer takes its time.
                self.sleep(LINE_MS).await;
            }
            if self.is_older.get() && tells(&request) {
                let fault = Fault { code: ErrorCode::FrameMalformed.number(), retry_after_s: None };
                let body = Box::new(Once(Some(encode(&Part::Fault(fault)))));
                return Ok(HttpAnswer { status: 400, retry_after_s: None, body });
            }
        }
        Http::new(self.address).send(request).await
    }
}

type Line = WebSocketStream<TcpStream>;

struct OpenSocket {
    out: mpsc::UnboundedSender<Vec<u8>>,
    heard: SplitStream<Line>,
}

async fn write_all(mut line: SplitSink<Line, Message>, mut out: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = out.recv().await {
        if line.send(Message::binary(message)).await.is_err() {
            return;
        }
    }
    // Whoever dropped the socket has hung up; the other end may have too.
    let _ = line.close().await;
}

#[async_trait(?Send)]
impl Socket for OpenSocket {
    fn send(&self, message: &[u8]) {
        // Fails when the line has ended, and then `next` ends too.
        let _ = self.out.send(message.to_vec());
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        match self.heard.next().await {
            Some(Ok(Message::Binary(bytes))) => Some(bytes.to_vec()),
            Some(_) | None => None,
        }
    }
}

#[async_trait(?Send)]
impl Sockets for Ground {
    async fn connect(&self, path: &str) -> Option<Box<dyn Socket>> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        let address = format!("ws://{}{path}", self.address);
        let (line, _) = tokio_tungstenite::client_async(address, stream).await.ok()?;
        self.sockets.set(self.sockets.get().saturating_add(1));
        let (sink, heard) = line.split();
        let (out, written) = mpsc::unbounded_channel();
        tokio::task::spawn_local(write_all(sink, written));
        Some(Box::new(OpenSocket { out, heard }))
    }
}

/// A desk has one tab.
struct OnlyTab;

#[async_trait(?Send)]
impl Lock for OnlyTab {
    fn is_held(&self) -> bool {
        true
    }

    async fn lost(&self) {
        std::future::pending().await
    }
}

#[async_trait(?Send)]
impl Locks for Ground {
    async fn claim(&self, _name: &str, _claim: Claim) -> Option<Box<dyn Lock>> {
        Some(Box::new(OnlyTab))
    }
}

impl Channel for OnlyTab {
    fn post(&self, _message: &[u8]) {}
}

impl Channels for Ground {
    fn join(&self, _name: &str, _heard: Heard) -> Box<dyn Channel> {
        Box::new(OnlyTab)
    }
}

/// What the engine said so far.
#[derive(Default)]
struct Said {
    replies: BTreeMap<u32, Result<Reply, client::api::Failure>>,
    views: BTreeMap<u32, client::api::View>,
    failures: Vec<(u64, u16)>,
}

/// An engine with somebody in front of it.
pub struct Desk {
    front: Rc<Front>,
    ground: Rc<Ground>,
    said: Rc<RefCell<Said>>,
    spoke: Rc<Notify>,
    last_id: Cell<u32>,
    words: RefCell<String>,
}

impl Desk {
    /// Opens an engine on an empty tablet.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open(address: SocketAddr, seed: u64) -> anyhow::Result<Self> {
        let ground = Rc::new(Ground {
            address,
            dice: Dice::new(seed),
            databases: MemoryDatabases::new(),
            rounds: Cell::new(0),
            sockets: Cell::new(0),
            ahead_ms: Cell::new(0),
            is_older: Cell::new(false),
        });
        let (said, spoke) = (Rc::<RefCell<Said>>::default(), Rc::new(Notify::new()));
        let (heard, wake) = (said.clone(), spoke.clone());
        let outlet = Box::new(move |message| {
            let mut said = heard.borrow_mut();
            match message {
                FromEngine::Reply { id, reply } => {
                    if let Ok(Reply::View(view)) = &reply {
                        said.views.insert(id, view.clone());
                    }
                    said.replies.insert(id, reply);
                }
                FromEngine::Event(Event::View { watch, view }) => {
                    said.views.insert(watch, view);
                }
                FromEngine::Event(Event::Failed(failure)) => said.failures.push((now_ms(), failure.code)),
                FromEngine::Event(_) => {}
            }
            wake.notify_one();
        });
        let spawn = Box::new(|task| {
            tokio::task::spawn_local(task);
        });
        let front = Front::open(ground.clone(), outlet, spawn)
            .await
            .map_err(|failure| anyhow::anyhow!("the engine does not start: {failure:?}"))?;
        Ok(Self { front, ground, said, spoke, last_id: Cell::new(0), words: RefCell::default() })
    }

    /// Asks, and gives the reply.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn ask(&self, request: Request) -> anyhow::Result<Reply> {
        let (_, reply) = self.ask_numbered(request).await?;
        Ok(reply)
    }

    async fn ask_numbered(&self, request: Request) -> anyhow::Result<(u32, Reply)> {
        let id = self.last_id.get().saturating_add(1);
        self.last_id.set(id);
        self.front.clone().take(ToEngine { id, request }).await;
        let reply = self.said.borrow_mut().replies.remove(&id).context("the engine gave no reply")?;
        reply.map(|reply| (id, reply)).map_err(|failure| anyhow::anyhow!("refused: {failure:?}"))
    }

    /// Uses a code up; the vault is open afterwards.
    ///
    /// # Errors
    /// When the engine or the relay refuses.
    pub async fn enrol(&self, code: String) -> anyhow::Result<()> {
        self.ask(Request::EnrolLook { code: code.clone() }).await?;
        let Reply::Words(words) = self.ask(Request::NewPassphrase).await? else { bail!("no words were given") };
        *self.words.borrow_mut() = words.join(" ");
        let join = Request::EnrolJoin {
            code,
            nickname: String::from("Contoh"),
            tablet_name: String::from("Tablet uji"),
            passphrase: self.words.borrow().clone(),
        };
        self.ask(join).await.map(|_| ())
    }

    /// Locks the vault and unlocks it again; `meanwhile` nothing of it is open.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn relock(&self, meanwhile: impl FnOnce(&MemoryStore)) -> anyhow::Result<()> {
        let vault = self.front.open_vault().context("no vault is open")?;
        let store = self.ground.databases.store(&database_name(vault)).context("the vault has no store")?;
        self.ask(Request::Lock).await?;
        meanwhile(&store);
        let passphrase = self.words.borrow().clone();
        self.ask(Request::Unlock { vault, passphrase }).await.map(|_| ())
    }

    /// Keeps an answer up to date; gives its number.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn watch(&self, query: Query) -> anyhow::Result<u32> {
        Ok(self.ask_numbered(Request::Watch(query)).await?.0)
    }

    /// Waits until a watched answer is as wanted, and gives it.
    ///
    /// # Errors
    /// When it never is.
    pub async fn until<A: Answer>(&self, watch: u32, is_wanted: impl Fn(&A) -> bool) -> anyhow::Result<A> {
        let waiting = async {
            loop {
                let view = self.said.borrow().views.get(&watch).cloned();
                if let Some(answer) = view.and_then(A::of)
                    && is_wanted(&answer)
                {
                    return answer;
                }
                self.spoke.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.context("it never came to what was waited for")
    }

    /// What failed of itself so far: when, and the code.
    #[must_use]
    pub fn failures(&self) -> Vec<(u64, u16)> {
        self.said.borrow().failures.clone()
    }

    /// From now on the relay is one of before: it refuses a request that tells what was seen.
    pub fn meet_older(&self) {
        self.ground.is_older.set(true);
    }

    /// Lets so much time pass on the tablet alone.
    pub fn pass_ms(&self, ms: u64) {
        self.ground.ahead_ms.set(self.ground.ahead_ms.get().saturating_add(ms));
    }

    /// Rounds it has asked for.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.ground.rounds.get()
    }

    /// Sockets it has opened.
    #[must_use]
    pub fn sockets(&self) -> u32 {
        self.ground.sockets.get()
    }
}
