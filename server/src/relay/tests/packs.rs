//! A relay that has run another pack before: what a tablet wrote by it is understood, and gives no right that has ended.

use shared::id::DocumentId;
use shared::pack::{Cell, FieldType, Pack, source};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{PushReceipt, Receipt};

use super::super::members::Packs;
use super::{World, draft, hand_over, set, take_over, text};
use crate::demo::tablet::Tablet;
use crate::storage::Storage;

const KIND: &str = "intake";
const FIELD: &str = "jam_lapor";
/// A part of the kind that its author has no right in.
const PART: &str = "intake.triage";

/// A world that ran `older` and runs the pack that `change` makes of it.
async fn world_after(older: Pack, change: impl FnOnce(&mut Pack)) -> World {
    let mut newer = older.clone();
    newer.version += 1;
    change(&mut newer);
    let storage = Storage::in_memory();
    Packs::open(&storage, older).await.unwrap();
    World::made(storage, newer).await
}

fn belu() -> Pack {
    source::embedded("belu").unwrap().unwrap()
}

/// Writes the field into a draft, alone, and says what became of it.
async fn write(world: &mut World, tablet: &mut Tablet, intake: DocumentId, value: &str) -> PushReceipt {
    tablet.edit(intake, &set(FIELD, text(value)), 5).unwrap();
    let heard = world.sync(tablet).await;
    heard.receipts.into_iter().next_back().unwrap()
}

async fn drafted(world: &mut World) -> (Tablet, DocumentId) {
    let mut author = world.tablet("pkt1", "PKT").await;
    let (_, _, intake) = draft(&mut author);
    world.sync(&mut author).await;
    (author, intake)
}

fn forbidden() -> PushReceipt {
    PushReceipt::Each(vec![Receipt::Refused(ErrorCode::ChangeForbidden.number())])
}

#[tokio::test]
async fn a_value_of_an_older_pack_is_taken_and_judged_by_the_rights_of_now() {
    let restricted = |pack: &mut Pack| {
        let field = pack.kinds.get_mut(KIND).unwrap().fields.get_mut(FIELD).unwrap();
        field.part = Some(PART.to_owned());
        field.value = FieldType::YesNo;
    };
    let mut world = world_after(belu(), restricted).await;
    let (mut author, intake) = drafted(&mut world).await;
    // Only the older pack takes a time here, and by its grid the author might write it.
    assert_eq!(write(&mut world, &mut author, intake, "09:30").await, forbidden());

    let mut author = world.tablet("pkt2", "PKT").await;
    let (_, core, intake) = draft(&mut author);
    hand_over(&mut author, core);
    world.sync(&mut author).await;
    let mut manager = world.tablet("mks1", "MKS").await;
    take_over(&mut manager, core);
    world.sync(&mut manager).await;
    assert_eq!(write(&mut world, &mut manager, intake, "09:30").await, PushReceipt::All);
}

#[tokio::test]
async fn a_field_that_is_gone_is_judged_by_what_its_part_allows_now() {
    let mut older = belu();
    let field = older.kinds.get_mut(KIND).unwrap().fields.get_mut(FIELD).unwrap();
    field.part = Some(PART.to_owned());
    let own = older.grid.cell(KIND, "PKT");
    older.grid.rows.get_mut(PART).unwrap().insert("PKT".to_owned(), own);
    let gone = |pack: &mut Pack| drop(pack.kinds.get_mut(KIND).unwrap().fields.remove(FIELD));
    let mut world = world_after(older.clone(), gone).await;
    let (mut author, intake) = drafted(&mut world).await;
    assert_eq!(write(&mut world, &mut author, intake, "09:30").await, PushReceipt::All);

    let closed = |pack: &mut Pack| {
        gone(pack);
        pack.grid.rows.get_mut(PART).unwrap().insert("PKT".to_owned(), Cell::NONE);
    };
    let mut world = world_after(older, closed).await;
    let (mut author, intake) = drafted(&mut world).await;
    assert_eq!(write(&mut world, &mut author, intake, "09:30").await, forbidden());
}

#[tokio::test]
async fn a_place_whose_form_changed_is_governed_by_the_field_of_now() {
    let mut older = belu();
    let field = older.kinds.get_mut(KIND).unwrap().fields.get_mut(FIELD).unwrap();
    field.value = FieldType::Many { list: "jenis_dokumen".to_owned() };
    let restricted = |pack: &mut Pack| {
        let field = pack.kinds.get_mut(KIND).unwrap().fields.get_mut(FIELD).unwrap();
        field.part = Some(PART.to_owned());
        field.value = FieldType::YesNo;
    };
    let code = older.code_lists["jenis_dokumen"].codes[0].code.clone();
    let mut world = world_after(older, restricted).await;
    let (mut author, intake) = drafted(&mut world).await;
    author.edit(intake, &set(&format!("{FIELD}/{code}"), true), 5).unwrap();
    assert_eq!(world.sync(&mut author).await.receipts, vec![forbidden()]);
}
