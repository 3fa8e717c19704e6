//! A held change from the tablet it was written on to the one where it is decided, and back: real engines, real relay.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not recognised as tests")]

mod danger;
mod deciding;
mod evidence;
mod restored;

use std::rc::Rc;

use client::api::{HeldChoice, HeldItemView, Reply};
use client::engine::exchange::RoundEnd;
use client::engine::flow;
use client::engine::query;
use client::engine::session::{DocumentEdit, document_key};
use client::store::sealed::Writes;
use shared::command::Edit;
use shared::id::{CaseId, HeldId, RequestId};
use shared::protocol::codec::encode;
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{ChangeBytes, PROTOCOL_VERSION, Part, Push, PushReceipt, Receipt, SignedUpload, Upload};
use shared::protocol::held::{Decided, Decision, DecisionReceipt, HeldChange, HeldNote, HeldOutcome, Verdict};
use shared::protocol::sign::push_message;
use shared::seal::letter::Identity;
use shared::seal::sign::DeviceSecret;
use shared::sync::device::Round;
use shared::sync::inbox::{Batch, RowWrite};
use shared::value::Scalar;
use tests::native::cast::{Cast, START_MS, sync, with};
use tests::native::office::{Office, Shelves};
use tests::native::tablet::Tablet;
use tests::native::wire::{Fate, Wire};

const REASON: &str = "Tanggal sudah dibetulkan.";

async fn set(tablet: &Tablet, case: CaseId, (kind, key): (&str, &str), value: Scalar) {
    with(tablet, async |session| {
        let document = document_key(case, kind, None);
        let seen = session.replica(&document).await.unwrap().document.field(key).ops();
        let edit = Edit::SetField { key: key.to_owned(), value, seen };
        session.edit(vec![DocumentEdit { key: document, edit }], Writes::new()).await.unwrap();
    })
    .await;
}

/// A report that its author has handed over.
async fn report(author: &Tablet) -> CaseId {
    with(author, async |session| {
        let case = flow::start_report(session).await.unwrap();
        flow::hand_over(session, case).await.unwrap();
        case
    })
    .await
}

async fn listed(tablet: &Tablet) -> Vec<HeldItemView> {
    with(tablet, async |session| query::held::view(session, |_, _| (String::new(), String::new())).await.unwrap()).await
}

/// The hour of a report as this tablet has it.
async fn hour(tablet: &Tablet, case: CaseId) -> Option<Scalar> {
    let document = document_key(case, "intake", None);
    with(tablet, async |session| session.replica(&document).await.unwrap().document.field("jam_lapor").shown().cloned())
        .await
}

/// How many changes of a report the relay has merged.
async fn changes_of(office: &Office, case: CaseId) -> u32 {
    let (relay, document) = (office.relay(), document_key(case, "intake", None).id());
    let mut read = relay.storage().read().await.unwrap();
    let record = read.view().document(document).await.unwrap();
    record.unwrap().change_count
}

fn text(value: &str) -> Scalar {
    Scalar::Str(value.to_owned())
}

/// Four things an author wrote into the report.
fn four() -> Vec<(&'static str, &'static str, Scalar)> {
    vec![
        ("intake", "jam_lapor", text("07:15")),
        ("intake", "tgl_lapor", text("2026-09-03")),
        ("intake", "jam_lapor", text("08:30")),
        ("intake", "anak_terlibat", Scalar::Bool(true)),
    ]
}

/// A report that the registrar took over while its author wrote into it; what they wrote is held.
struct Scene {
    office: Rc<Office>,
    wire: Wire,
    author: Tablet,
    registrar: Tablet,
    case: CaseId,
}

async fn scene(written: Vec<(&str, &str, Scalar)>) -> Scene {
    scene_with_backup(written).await.0
}

/// The same, and a copy of the relay from before anything was held.
async fn scene_with_backup(written: Vec<(&str, &str, Scalar)>) -> (Scene, Shelves) {
    let cast = Cast::of_belu(START_MS).await;
    let (_, mut author) = cast.member("PKT", "PKT", 7).await;
    let (_, mut registrar) = cast.member("SER", "SER", 8).await;
    let Cast { office, wire, clock, .. } = cast;
    let case = report(&author).await;
    sync(&mut author, &wire).await;
    sync(&mut registrar, &wire).await;
    with(&registrar, async |session| flow::take_over(session, case).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    let count = u32::try_from(written.len()).unwrap();
    for (kind, key, value) in written {
        clock.pass_ms(1000);
        set(&author, case, (kind, key), value).await;
    }
    let backup = office.copy().await.unwrap();
    sync(&mut author, &wire).await;
    assert_eq!(with(&author, async |session| session.untaken()).await, count);
    sync(&mut registrar, &wire).await;
    (Scene { office, wire, author, registrar, case }, backup)
}
