//! A few schedules with every run of the tests; `cargo xtask test schedules --cases 10000` runs many.

use tests::schedule::report::run_all;

/// Few, because nothing is optimised here.
const CASES: u64 = 20;

#[test]
fn nothing_typed_is_lost_in_any_schedule() {
    let summary = run_all(1, CASES, 3, |_| {}).expect("the beginning can be made");
    assert_eq!(summary.failed, 0, "{:#?}", summary.failures);
    assert!(summary.writes > 100 && summary.conflicts > 0 && summary.trayed > 0, "schedules do something: {summary:?}");
}
