//! What a report must not do to the person it is about: lead helpers to a wrong place, or name whom nobody may name.

use client::api::CasesAsk;
use client::engine::{flow, query};
use futures::executor::block_on;

use super::post::{Post, set};

/// The first card of whatever these words find.
fn asked(search: &str) -> CasesAsk {
    CasesAsk { search: search.to_owned(), cards_max: 1, ..CasesAsk::default() }
}

#[test]
fn a_case_stands_at_a_place_where_somebody_is_and_never_at_an_answer() {
    block_on(async {
        let post = Post::open().await;
        post.with(async |session| {
            let case = flow::start_report(session).await.unwrap();
            set(session, case, ("intake", "keberadaan_sekarang"), "PELAKU").await;
            let card = query::list::search(session, &asked("")).cards.remove(0);
            assert_eq!(card.area, "", "with the suspect is no place");
            set(session, case, ("intake", "lokasi_sekarang"), "53.04.03").await;
            let card = query::list::search(session, &asked("raihat")).cards.remove(0);
            assert_eq!(card.area, "53.04.03", "where the person is");
            set(session, case, ("intake", "kecamatan_asal"), "53.04.01").await;
            let card = query::list::search(session, &asked("lamaknen")).cards.remove(0);
            assert_eq!(card.area, "53.04.01", "where the case comes from, once that is told");
        })
        .await;
    });
}
