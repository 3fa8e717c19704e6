//! What others ask must not change what somebody with a code is answered.

use std::time::Duration;

use shared::date::CivilDate;
use shared::pack::source::embedded;
use shared::protocol::frame::{EnrolRequest, PROTOCOL_VERSION};
use shared::seal::letter::Identity;
use shared::seal::relay::MasterKey;
use tokio::time::timeout;

use super::*;
use crate::demo::tablet::Tablet;
use crate::identity::CodeTerms;
use crate::random::SeededEntropy;
use crate::relay::{NewAccount, Setup};
use crate::storage::Storage;
use crate::storage::sqlite::{Durability, SqliteBackend};

const NOW: u64 = 1_760_000_000_000;
/// Well formed, and nobody's.
const GUESS: &str = "0123-4567-89AB-CDEF";

async fn app(storage: Storage) -> App {
    let setup = Setup {
        master: MasterKey::from_bytes([7; 32]),
        older: Vec::new(),
        pack: embedded("belu").unwrap().unwrap(),
        entropy: Arc::new(SeededEntropy::new(1)),
        synthetic: true,
    };
    let relay = Relay::open(storage, setup, NOW).await.unwrap();
    let office = Identity::from_seed(&[1; 32]);
    relay.set_recovery_recipient(&office.recipient().to_string(), NOW).await.unwrap();
    App::new(Arc::new(relay), watch::channel(()).1)
}

async fn code_of(app: &App, login: &str) -> String {
    let new = NewAccount {
        login: login.to_owned(),
        name: format!("Nama {login}"),
        unit: "GT".to_owned(),
        office: None,
        roles: vec!["PKT".to_owned()],
        from: CivilDate::new(2020, 1, 1).unwrap(),
        to: None,
    };
    let account = app.inner.relay.add_account(new, NOW).await.unwrap();
    let terms = CodeTerms { expires_ms: NOW + 600_000, uses: Some(1), local_only: false };
    app.inner.relay.make_code(account, terms, NOW).await.unwrap()
}

fn look(code: &str) -> Vec<u8> {
    encode(&EnrolRequest::Look { version: PROTOCOL_VERSION, code: code.to_owned() })
}

async fn fault_of(app: &App, body: &[u8], now_ms: u64) -> Option<ErrorCode> {
    match app.enrol_at(body, Origin::Remote, now_ms).await {
        EnrolAnswer::Fault(fault) => ErrorCode::from_number(fault.code),
        EnrolAnswer::Welcome { .. } | EnrolAnswer::Joined { .. } => None,
    }
}

#[tokio::test]
async fn guessing_makes_guessers_wait_and_nobody_who_holds_a_code() {
    let app = app(Storage::in_memory()).await;
    let code = code_of(&app, "baru").await;
    assert_eq!(fault_of(&app, &look(GUESS), NOW).await, Some(ErrorCode::EnrolCodeUnknown));
    while !app.inner.throttle.note_guess(NOW) {}
    assert_eq!(fault_of(&app, &look(GUESS), NOW).await, Some(ErrorCode::EnrolThrottled));
    assert_eq!(fault_of(&app, &look(&code), NOW).await, None);
    let (_, join) = Tablet::join([1; 16], app.inner.relay.tenant(), &code, "Tablet uji");
    assert_eq!(fault_of(&app, &join, NOW).await, None);
    // A code that was one is told what became of it, as ever.
    assert_eq!(fault_of(&app, &look(&code), NOW).await, Some(ErrorCode::EnrolCodeUsed));
    while !app.inner.throttle.note_guess(NOW + 600_000) {}
    assert_eq!(fault_of(&app, &look(&code), NOW + 600_000).await, Some(ErrorCode::EnrolCodeExpired));
}

#[tokio::test]
async fn whoever_joins_with_a_guess_never_waits_for_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let main = SqliteBackend::open(&folder.path().join("log.db"), Durability::Relaxed).await.unwrap();
    let keys = SqliteBackend::open(&folder.path().join("keys.db"), Durability::Relaxed).await.unwrap();
    let app = app(Storage::new(Box::new(main), Box::new(keys))).await;
    let writer = app.inner.relay.storage().write().await.unwrap();
    let (_, join) = Tablet::join([1; 16], app.inner.relay.tenant(), GUESS, "Tablet uji");
    let answered = timeout(Duration::from_secs(30), fault_of(&app, &join, NOW)).await;
    assert_eq!(answered, Ok(Some(ErrorCode::EnrolCodeUnknown)));
    drop(writer);
}
