//! A relay over memory that serves a real port from a thread of its own, so that whoever asks it may block.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use server::assets::Builds;
use server::clock::now_ms;
use server::identity::CodeTerms;
use server::random::SeededEntropy;
use server::relay::{NewAccount, Relay, Setup};
use server::serve::Running;
use server::storage::Storage;
use shared::date::CivilDate;
use shared::pack::source::embedded;
use shared::seal::letter::Identity;
use shared::seal::relay::MasterKey;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A relay that serves until it is dropped.
pub struct Serving {
    /// The relay.
    pub relay: Arc<Relay>,
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Serving {
    /// Starts a relay of its own on any port.
    ///
    /// # Errors
    /// When the relay does not open.
    pub async fn start() -> anyhow::Result<Self> {
        Self::serve(open().await?, "127.0.0.1:0".parse()?)
    }

    /// Stops serving, and serves the same relay again on the same port.
    ///
    /// # Errors
    /// When the port was taken meanwhile.
    pub fn restart(mut self) -> anyhow::Result<Self> {
        self.stop();
        Self::serve(Arc::clone(&self.relay), self.address)
    }

    fn serve(relay: Arc<Relay>, address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let running = Running { relay: Arc::clone(&relay), data: None, metrics: None, builds: Builds::Kept };
        let thread = std::thread::spawn(move || {
            let serving = async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                let until = async {
                    // Dropped is stopped too.
                    let _ = stopped.await;
                };
                server::run(running, listener, until).await
            };
            Runtime::new()?.block_on(serving)
        });
        Ok(Self { relay, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Adds an account with a role and gives a code for one tablet.
    ///
    /// # Errors
    /// When the relay refuses.
    pub async fn code_for(&self, login: &str, role: &str) -> anyhow::Result<String> {
        let new = NewAccount {
            login: login.to_owned(),
            name: format!("Contoh {login}"),
            unit: String::from("GT"),
            office: None,
            roles: vec![role.to_owned()],
            from: CivilDate::at(0, 0),
            to: None,
        };
        let account = self.relay.add_account(new, now_ms()).await?;
        let terms = CodeTerms { expires_ms: now_ms().saturating_add(600_000), uses: Some(1), local_only: false };
        Ok(self.relay.make_code(account, terms, now_ms()).await?)
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn open() -> anyhow::Result<Arc<Relay>> {
    let setup = Setup {
        master: MasterKey::from_bytes([7; 32]),
        older: Vec::new(),
        pack: embedded("belu").and_then(Result::ok).context("the pack cannot be read")?,
        entropy: Arc::new(SeededEntropy::new(1)),
        synthetic: true,
    };
    let relay = Relay::open(Storage::in_memory(), setup, now_ms()).await?;
    let office = Identity::from_seed(&[1; 32]).recipient().to_string();
    relay.set_recovery_recipient(&office, now_ms()).await?;
    Ok(Arc::new(relay))
}
