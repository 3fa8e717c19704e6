//! What a report must not do to the person it is about: lead helpers to a wrong place, or name whom nobody may name.

use client::engine::{flow, query};
use futures::executor::block_on;

use super::post::{Post, set};

#[test]
fn a_case_stands_at_a_place_where_somebody_is_and_never_at_an_answer() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = flow::start_report(session).await.unwrap();
            set(session, case, ("intake", "keberadaan_sekarang"), "PELAKU").await;
            let card = query::list::search(session, "", 1).cards.remove(0);
            assert_eq!(card.area, "", "with the suspect is no place");
            set(session, case, ("intake", "lokasi_sekarang"), "53.04.03").await;
            let card = query::list::search(session, "raihat", 1).cards.remove(0);
            assert_eq!(card.area, "53.04.03", "where the person is");
            set(session, case, ("intake", "kecamatan_asal"), "53.04.01").await;
            let card = query::list::search(session, "lamaknen", 1).cards.remove(0);
            assert_eq!(card.area, "53.04.01", "where the case comes from, once that is told");
        })
        .await;
    });
}
