//! What the engine needs from the world: time, randomness, databases, a key worker, the network, locks, other tabs.
//!
//! The browser gives all of it (`crate::browser`); tests give it from memory. Must never be bypassed: an engine that
//! reads a clock or draws randomness elsewhere cannot be replayed.

use async_trait::async_trait;
use shared::seal::kdf::{KdfError, KdfRequest, SlotKey};
use shared::sync::sending::LineKind;

use crate::store::Databases;

/// Time.
#[async_trait(?Send)]
pub trait Clock {
    /// Milliseconds since 1970 UTC, by the tablet's clock, right or wrong.
    fn now_ms(&self) -> u64;

    /// Returns after at least so many milliseconds.
    async fn sleep(&self, duration_ms: u32);
}

/// Where random bytes come from: the browser, or a seeded source in tests.
pub trait Entropy {
    /// Fills a buffer.
    fn fill(&self, out: &mut [u8]);
}

/// Draws an array of random bytes.
#[must_use]
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Runs the key derivation where its memory goes away afterwards.
#[async_trait(?Send)]
pub trait KeyWorker {
    /// Derives a slot key.
    ///
    /// # Errors
    /// [`KdfError::OutOfMemory`] when the memory was refused or the worker died of it; [`KdfError::Parameters`].
    async fn derive(&self, request: KdfRequest) -> Result<SlotKey, KdfError>;

    /// What the browser says about this tablet's memory, in GiB.
    fn device_memory_gib(&self) -> Option<f64>;
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks for something public.
    Get,
    /// Hands something in.
    Post,
}

/// One request to the relay this tablet's page came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// How.
    pub method: Method,
    /// Path, beginning with `/`; never holds data.
    pub path: String,
    /// Body, `application/cbor`.
    pub body: Vec<u8>,
    /// The body is compressed with zlib and says so.
    pub is_deflated: bool,
    /// Given up when nothing has come for so long.
    pub silence_ms_max: u32,
}

/// The head of an answer; the body comes piece by piece.
pub struct HttpAnswer {
    /// Status.
    pub status: u16,
    /// Seconds the relay asks to wait.
    pub retry_after_s: Option<u32>,
    /// What follows.
    pub body: Box<dyn Body>,
}

/// A body as it arrives; dropping it gives the request up.
#[async_trait(?Send)]
pub trait Body {
    /// The next piece; `None` at the proper end.
    ///
    /// # Errors
    /// [`NetworkError::Cut`], [`NetworkError::Silent`].
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError>;
}

/// Why a request came to nothing; the caller tries again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// No way to the relay.
    #[error("the relay cannot be reached")]
    Unreachable,
    /// The line was cut in the middle of an answer.
    #[error("the line was cut")]
    Cut,
    /// Nothing came for too long.
    #[error("the relay fell silent")]
    Silent,
}

/// The network.
#[async_trait(?Send)]
pub trait Network {
    /// Sends a request and returns when the head of the answer is there.
    ///
    /// # Errors
    /// [`NetworkError::Unreachable`], [`NetworkError::Silent`].
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError>;

    /// What kind of line it is, as far as anybody tells.
    fn line_kind(&self) -> LineKind {
        LineKind::Unknown
    }
}

/// A socket to the relay; dropping it closes it.
#[async_trait(?Send)]
pub trait Socket {
    /// Sends one message; whether it arrives shows in what is answered.
    fn send(&self, message: &[u8]);

    /// The next message; `None` when the socket has ended.
    async fn next(&mut self) -> Option<Vec<u8>>;
}

/// Sockets.
#[async_trait(?Send)]
pub trait Sockets {
    /// Opens a path of the relay. `None`: it does not open now.
    async fn connect(&self, path: &str) -> Option<Box<dyn Socket>>;
}

/// How a lock is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Waits until it is free.
    Wait,
    /// Only if it is free now.
    IfFree,
    /// Takes it from whoever holds it: for a leader that is frozen.
    Steal,
}

/// A lock among the tabs of this browser; dropping it gives it back.
#[async_trait(?Send)]
pub trait Lock {
    /// Still ours; another tab may have stolen it.
    fn is_held(&self) -> bool;

    /// Returns when another tab has stolen it; never, when nobody does.
    async fn lost(&self);
}

/// Locks among the tabs.
#[async_trait(?Send)]
pub trait Locks {
    /// Asks for a lock. `None`: not free (with [`Claim::IfFree`]), or the browser has no locks.
    async fn claim(&self, name: &str, claim: Claim) -> Option<Box<dyn Lock>>;
}

/// What a channel does with messages of other tabs.
pub type Heard = Box<dyn FnMut(Vec<u8>)>;

/// A channel to the other tabs of this browser; dropping it stops listening.
pub trait Channel {
    /// Tells all others; never what is in a row, only that something changed.
    fn post(&self, message: &[u8]);
}

/// Channels among the tabs.
pub trait Channels {
    /// Joins a channel. `heard` is called for messages of others, never for one's own.
    fn join(&self, name: &str, heard: Heard) -> Box<dyn Channel>;
}

/// What a tablet gives by itself: enough to open a vault.
pub trait Local: Clock + Entropy + KeyWorker + Databases {}
impl<T: Clock + Entropy + KeyWorker + Databases> Local for T {}

/// Everything the engine runs on.
pub trait Platform: Local + Network + Sockets + Locks + Channels {}
impl<T: Local + Network + Sockets + Locks + Channels> Platform for T {}
