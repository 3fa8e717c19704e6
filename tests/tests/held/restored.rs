//! what becomes of decisions about held changes when the relay is put back to before them.

use super::*;

const DAY_MS: u64 = 86_400_000;

#[tokio::test]
async fn what_was_taken_in_before_a_restore_can_be_taken_in_again() {
    let (scene, backup) = scene_with_backup(vec![("intake", "jam_lapor", text("07:15"))]).await;
    let Scene { office, wire, mut author, mut registrar, case } = scene;
    let id = listed(&registrar).await[0].held;
    with(&registrar, async |session| session.decide(&[id], &Verdict::Accept).await.unwrap()).await;
    sync(&mut registrar, &wire).await;
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    assert_eq!(hour(&registrar, case).await, Some(text("07:15")), "as it was taken in");
    let merged = changes_of(&office, case).await;
    office.restore(backup).await.unwrap();
    sync(&mut registrar, &wire).await;
    sync(&mut author, &wire).await;
    // Days pass; everybody comes by on each.
    for _ in 0..5 {
        office.clock().pass_ms(DAY_MS);
        office.relay().try_old_offers(office.clock().now_ms()).await.unwrap();
        sync(&mut author, &wire).await;
        sync(&mut registrar, &wire).await;
    }
    let is_merged = changes_of(&office, case).await == merged;
    let to_decide = with(&registrar, async |session| session.to_decide()).await;
    let again = with(&registrar, async |session| session.decide(&[id], &Verdict::Accept).await.is_ok()).await;
    let shown = hour(&registrar, case).await;
    assert!(
        is_merged || (to_decide > 0 && again),
        "held again at the relay, and nobody is asked: to decide {to_decide}, may decide {again}, the registrar sees {shown:?}"
    );
}
