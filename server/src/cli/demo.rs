//! `simpul demo`: an invented caseload, served on this machine.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use shared::id::{AccountId, DocumentId};
use shared::seal::letter::Identity;
use shared::seal::passphrase::Passphrase;
use tokio::net::TcpListener;

use super::{Place, stop_signal, tell};
use crate::assets::Builds;
use crate::clock::now_ms;
use crate::demo::fill::{DemoMember, fill};
use crate::identity::CodeTerms;
use crate::random::{Entropy, SeededEntropy, draw};
use crate::relay::Relay;
use crate::serve::{Running, run};
use crate::storage::View;
use crate::storage::sqlite::Durability;

#[derive(Args)]
pub(super) struct Demo {
    /// Port on this machine.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// How many cases: 66, 300, 3000 or 10000 as described, or any other number.
    #[arg(long, default_value_t = 66)]
    size: usize,
    /// Same seed, same cases.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// One line of JSON when it is ready.
    #[arg(long)]
    json: bool,
}

/// Marks a folder whose caseload is whole, so that whoever started this may serve it again.
const FILLED: &str = "demo-filled";
/// Documents asked for together.
const DOCUMENTS_AT_ONCE: usize = 500;
/// Codes of the demonstration work until its folder goes.
const CODE_DAYS: u64 = 3650;

pub(super) async fn run_demo(place: &Place, options: &Demo) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .with_context(|| format!("cannot listen on port {}", options.port))?;
    if !place.data.exists() {
        // Invented data can be made again, so it is written without waiting for the disk; serving waits for it.
        let relay = place.open(Durability::Relaxed, true).await?;
        let office = Identity::from_seed(&draw(&SeededEntropy::new(options.seed))?);
        relay.set_recovery_recipient(&office.recipient().to_string(), now_ms()).await?;
        fill(&relay, options.seed, options.size, now_ms()).await?;
        relay.storage().close().await;
        std::fs::write(place.data.path.join(FILLED), [])?;
    }
    let relay = place.open(Durability::Full, true).await?;
    let accounts = accounts(&relay, options).await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    let ready = json!({
        "event": "ready", "url": url, "pid": std::process::id(), "data": place.data.path.display().to_string(),
        "pack": place.pack, "seed": options.seed, "cases": options.size, "synthetic": true, "accounts": accounts,
    });
    if options.json {
        tell(&ready.to_string());
    } else {
        tell(&format!("{url}\nDATA CONTOH: everything here is invented."));
        for account in &accounts {
            tell(&format!("{}", account));
        }
    }
    let running =
        Running { relay: Arc::new(relay), data: Some(place.data.clone()), metrics: None, builds: Builds::Kept };
    run(running, listener, stop_signal()?).await?;
    Ok(())
}

async fn accounts(relay: &Relay, options: &Demo) -> anyhow::Result<Vec<serde_json::Value>> {
    let mut listed = Vec::new();
    for member in DemoMember::ALL {
        let account = relay.account_of_login(member.login).await?;
        let terms = CodeTerms {
            expires_ms: now_ms().saturating_add(CODE_DAYS.saturating_mul(86_400_000)),
            uses: None,
            local_only: true,
        };
        let code = relay.make_code(account, terms, now_ms()).await?;
        let cases = cases_of(&mut relay.storage().read().await?.view(), account).await?;
        listed.push(json!({
            "account": member.login, "name": member.name(), "role": member.role(), "enrol_code": code,
            "passphrase": passphrase(options.seed, member.login)?, "cases": cases,
        }));
    }
    Ok(listed)
}

/// How many cases an account reads anything of.
async fn cases_of(view: &mut View<'_>, account: AccountId) -> anyhow::Result<usize> {
    let granted: Vec<DocumentId> = view
        .grants(account)
        .await?
        .into_iter()
        .filter(|(_, grant)| grant.in_force())
        .map(|(document, _)| document)
        .collect();
    let mut cases = BTreeSet::new();
    for some in granted.chunks(DOCUMENTS_AT_ONCE) {
        cases.extend(view.documents(some).await?.into_values().map(|record| record.key.case));
    }
    Ok(cases.len())
}

/// A passphrase to type along with the demonstration: the same for the same seed.
fn passphrase(seed: u64, login: &str) -> anyhow::Result<String> {
    let mixed = login.bytes().fold(seed, |mixed, byte| mixed.wrapping_mul(31).wrapping_add(byte.into()));
    let entropy = SeededEntropy::new(mixed);
    let mut failed = false;
    let phrase = Passphrase::generate(|| {
        let mut bytes = [0; 2];
        failed |= entropy.fill(&mut bytes).is_err();
        u16::from_be_bytes(bytes)
    });
    anyhow::ensure!(!failed, "no randomness");
    Ok(phrase.reveal().to_owned())
}
