//! The checks themselves.

use std::cell::RefCell;
use std::rc::Rc;

use client::browser::Browser;
use client::browser::worker::Port;
use client::platform::{Channels, Claim, Clock, Entropy, KeyWorker, Locks, draw};
use client::store::conformance::{CHECKS, Verdict, run};
use client::store::sealed::{SealedStore, Table, Writes};
use client::store::{Databases, Durability, Op, StorageKey, StoreError};
use client::vault::{Tablet, VaultError};
use futures::StreamExt;
use js_sys::Array;
use shared::id::VaultId;
use shared::seal::VaultKey;
use shared::seal::kdf::{FLOOR, KdfRequest, LADDER};
use shared::seal::passphrase::Passphrase;
use wasm_bindgen::{JsCast, JsValue};

/// Runs what each message asks for: `[0]` all checks, `[1]` those of a full tablet, for which the browser was given little
/// room.
pub(crate) async fn serve(mut port: Port) {
    while let Some(message) = port.inbox.next().await {
        match message.first() {
            Some(0) => report().await,
            Some(1) => {
                let verdicts = Array::new();
                add(&verdicts, "a_full_tablet_says_so_and_keeps_what_it_has", full().await);
                post(&verdicts);
            }
            Some(_) | None => {}
        }
    }
}

async fn report() {
    let verdicts = Array::new();
    for name in CHECKS {
        add(&verdicts, name, run(&Browser, name).await);
    }
    add(&verdicts, "a_key_worker_derives_what_the_relay_side_derives", key_worker().await);
    add(&verdicts, "a_lock_is_held_by_one_and_can_be_stolen", locks().await);
    add(&verdicts, "a_channel_tells_the_others_only", channels().await);
    add(&verdicts, "a_vault_is_made_opened_and_wiped", vault().await);
    add(&verdicts, "writes_are_quick_enough", speed(&verdicts).await);
    post(&verdicts);
}

fn post(verdicts: &Array) {
    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    // Text and arrays can be sent.
    let _ = scope.post_message(verdicts);
}

fn add(verdicts: &Array, name: &str, verdict: Verdict) {
    let sentence = verdict.err().map_or(JsValue::NULL, |sentence| JsValue::from_str(&sentence));
    verdicts.push(&Array::of2(&JsValue::from_str(name), &sentence));
}

fn hold(holds: bool, sentence: &str) -> Verdict {
    if holds { Ok(()) } else { Err(sentence.to_owned()) }
}

fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

async fn key_worker() -> Verdict {
    let passphrase = told(Passphrase::parse("air batu cahaya daun emas"))?;
    let request = || KdfRequest { passphrase: passphrase.clone(), params: FLOOR, salt: [7; 16] };
    let there = told(Browser.derive(request()).await)?;
    let here = told(shared::seal::kdf::derive(&request()))?;
    let encoded = |key| told(minicbor::to_vec(key));
    hold(encoded(&there)? == encoded(&here)?, "the worker derived another key")
}

async fn locks() -> Verdict {
    let name = "simpul-check";
    let first = Browser.claim(name, Claim::Wait).await.ok_or("no lock was given")?;
    hold(first.is_held(), "a fresh lock is not held")?;
    hold(Browser.claim(name, Claim::IfFree).await.is_none(), "a held lock was given again")?;
    let second = Browser.claim(name, Claim::Steal).await.ok_or("a lock could not be stolen")?;
    first.lost().await;
    hold(!first.is_held(), "a stolen lock is still held")?;
    drop(first);
    hold(second.is_held(), "dropping a lost lock freed the new one")?;
    drop(second);
    let third = Browser.claim(name, Claim::Wait).await;
    hold(third.is_some_and(|lock| lock.is_held()), "a dropped lock is not free")
}

async fn channels() -> Verdict {
    let heard: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
    let listen = |to: &Rc<RefCell<Vec<Vec<u8>>>>| {
        let to = Rc::clone(to);
        Browser.join("simpul-check", Box::new(move |message| to.borrow_mut().push(message)))
    };
    let own: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
    let (speaker, _listener) = (listen(&own), listen(&heard));
    speaker.post(&[1, 2]);
    Browser.sleep(100).await;
    hold(*heard.borrow() == [vec![1, 2]], "the other did not hear")?;
    hold(own.borrow().is_empty(), "the speaker heard itself")
}

async fn vault() -> Verdict {
    let tablet = told(Tablet::open(Rc::new(Browser)).await)?;
    let right = told(Passphrase::parse("air batu cahaya daun emas"))?;
    let (open, facts) = told(tablet.create("Uji", &right, None).await)?;
    let mut writes = Writes::new();
    writes.put(Table::Draft, b"a", &String::from("isi"));
    told(open.store().apply(writes, Durability::Strict).await)?;
    open.lock();
    let wrong = tablet.unlock(facts.vault, &told(Passphrase::parse("salah"))?).await.err();
    hold(matches!(wrong, Some(VaultError::WrongPassphrase { .. })), "a wrong passphrase opened the vault")?;
    let open = told(tablet.unlock(facts.vault, &right).await)?;
    let found: Option<String> = told(open.store().get(Table::Draft, b"a").await)?;
    hold(found.as_deref() == Some("isi"), "the row is not there after unlocking")?;
    open.lock();
    told(tablet.wipe(facts.vault).await)?;
    hold(told(tablet.vaults().await)?.is_empty(), "a wiped vault is still listed")
}

async fn full() -> Verdict {
    const NAME: &str = "simpul-full";
    told(Databases::delete(&Browser, NAME).await)?;
    let raw = told(Databases::open(&Browser, NAME).await)?;
    let key = |number: u8| StorageKey::from_bytes([number; 24]);
    let mut written = 0;
    let refusal = loop {
        // Random, because the database compresses.
        let bytes: Vec<u8> = (0..16).flat_map(|_| draw::<65_536>(&Browser)).collect();
        match raw.apply(vec![Op::Put(key(written), bytes)], Durability::Strict).await {
            Ok(()) if written < 64 => written += 1,
            Ok(()) => break None,
            Err(error) => break Some(error),
        }
    };
    hold(refusal == Some(StoreError::Full), &format!("after {written} MiB the store said {refusal:?}"))?;
    hold(told(raw.count(&[]).await)? == u64::from(written), "rows written before are gone")?;
    told(raw.apply((0..written).map(|number| Op::Delete(key(number))).collect(), Durability::Strict).await)?;
    told(raw.apply(vec![Op::Put(key(0), vec![1])], Durability::Strict).await)?;
    raw.close();
    told(Databases::delete(&Browser, NAME).await)
}

/// Measures, and fails only when something is an order of magnitude off: the figures go into the report.
async fn speed(verdicts: &Array) -> Verdict {
    const NAME: &str = "simpul-speed";
    told(Databases::delete(&Browser, NAME).await)?;
    let raw = told(Databases::open(&Browser, NAME).await)?;
    let row = |number: u32| {
        let mut key = [0; 24];
        for (to, from) in key.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        Op::Put(StorageKey::from_bytes(key), vec![1; 4096])
    };
    let mut timed = Vec::new();
    for (name, durability) in [("strict", Durability::Strict), ("relaxed", Durability::Relaxed)] {
        let before_ms = js_sys::Date::now();
        for number in 0..100 {
            told(raw.apply(vec![row(number)], durability).await)?;
        }
        timed.push(format!("{name} 4 KiB write {:.2} ms", (js_sys::Date::now() - before_ms) / 100.0));
    }
    let before_ms = js_sys::Date::now();
    told(raw.apply((0..1000).map(row).collect(), Durability::Strict).await)?;
    timed.push(format!("1000 rows in one strict write {:.0} ms", js_sys::Date::now() - before_ms));
    raw.close();
    told(Databases::delete(&Browser, NAME).await)?;

    let key = VaultKey::from_bytes(draw(&Browser));
    let raw = told(Databases::open(&Browser, NAME).await)?;
    let entropy: Rc<dyn Entropy> = Rc::new(Browser);
    let sealed = told(SealedStore::create(raw, VaultId::from_bytes([1; 16]), &key, entropy).await)?;
    let before_ms = js_sys::Date::now();
    let mut writes = Writes::new();
    for number in 0..1000_u32 {
        writes.put(Table::Document, &number.to_be_bytes(), &minicbor::bytes::ByteVec::from(vec![1; 4096]));
    }
    told(sealed.apply(writes, Durability::Relaxed).await)?;
    timed.push(format!("seal and keep 1000 rows of 4 KiB {:.0} ms", js_sys::Date::now() - before_ms));
    let before_ms = js_sys::Date::now();
    let found = told(sealed.scan::<minicbor::bytes::ByteVec>(Table::Document).await)?;
    timed.push(format!("scan and open {} rows {:.0} ms", found.len(), js_sys::Date::now() - before_ms));
    sealed.close();
    told(Databases::delete(&Browser, NAME).await)?;
    for rung in LADDER {
        let passphrase = told(Passphrase::parse("air batu cahaya daun emas"))?;
        let before_ms = js_sys::Date::now();
        told(Browser.derive(KdfRequest { passphrase, params: rung, salt: [1; 16] }).await)?;
        timed.push(format!(
            "kdf {} MiB × {}: {:.0} ms",
            rung.memory_kib / 1024,
            rung.passes,
            js_sys::Date::now() - before_ms
        ));
    }
    for figure in timed {
        verdicts.push(&Array::of2(&JsValue::from_str(&format!("figure: {figure}")), &JsValue::NULL));
    }
    Ok(())
}
