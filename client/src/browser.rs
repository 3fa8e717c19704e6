//! The browser under the engine: IndexedDB, fetch, Web Locks, channels, timers, randomness, a worker for keys.
//!
//! Everything runs in a dedicated worker; nothing here touches a page, but for [`storage::ask_to_persist`], which only a
//! page may call. Must hold no rule of Simpul: it translates, and names what failed without any data.

mod channel;
mod clock;
mod fetch;
mod fresh_log;
mod idb;
mod js;
mod kdf;
mod locks;
mod random;
pub mod serve;
mod socket;
pub mod storage;
pub mod worker;

use std::rc::Rc;

use async_trait::async_trait;
use shared::seal::kdf::{KdfError, KdfRequest, SlotKey};
use shared::sync::sending::LineKind;

use crate::platform::{
    Channel, Channels, Claim, Clock, Entropy, Heard, HttpAnswer, HttpRequest, KeyWorker, Lock, Locks, Network,
    NetworkError, Socket, Sockets,
};
use crate::store::{Databases, RawStore, StoreError};

/// The platform of a browser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser;

#[async_trait(?Send)]
impl Clock for Browser {
    fn now_ms(&self) -> u64 {
        clock::now_ms()
    }

    async fn sleep(&self, duration_ms: u32) {
        clock::Timer::start(duration_ms).await;
    }
}

impl Entropy for Browser {
    fn fill(&self, out: &mut [u8]) {
        random::fill(out);
    }
}

#[async_trait(?Send)]
impl KeyWorker for Browser {
    async fn derive(&self, request: KdfRequest) -> Result<SlotKey, KdfError> {
        kdf::derive(request).await
    }

    fn device_memory_gib(&self) -> Option<f64> {
        js::get(&js::navigator(), "deviceMemory").as_f64()
    }
}

#[async_trait(?Send)]
impl Databases for Browser {
    async fn open(&self, name: &str) -> Result<Rc<dyn RawStore>, StoreError> {
        Ok(Rc::new(idb::Idb::open(name).await?))
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        idb::delete(name).await
    }
}

#[async_trait(?Send)]
impl Network for Browser {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
        fetch::send(request).await
    }

    fn line_kind(&self) -> LineKind {
        // Chromium names it on Android alone.
        match js::get(&js::get(&js::navigator(), "connection"), "type").as_string().as_deref() {
            Some("wifi" | "ethernet") => LineKind::Wifi,
            Some("cellular" | "wimax" | "bluetooth") => LineKind::Mobile,
            Some(_) | None => LineKind::Unknown,
        }
    }
}

#[async_trait(?Send)]
impl Sockets for Browser {
    async fn connect(&self, path: &str) -> Option<Box<dyn Socket>> {
        socket::connect(path).await.map(|opened| -> Box<dyn Socket> { Box::new(opened) })
    }
}

#[async_trait(?Send)]
impl Locks for Browser {
    async fn claim(&self, name: &str, claim: Claim) -> Option<Box<dyn Lock>> {
        locks::claim(name, claim).await.map(|held| -> Box<dyn Lock> { Box::new(held) })
    }
}

impl Channels for Browser {
    fn join(&self, name: &str, heard: Heard) -> Box<dyn Channel> {
        Box::new(channel::Joined::join(name, heard))
    }
}
