//! Stages and closings, judged by what is written.

use super::*;
use crate::access::{Closing, decide_value};
use crate::document::path::FieldPath as DocumentPath;

fn stage() -> DocumentPath {
    DocumentPath::Field("tahap".to_owned())
}

fn of_closing(key: &str) -> DocumentPath {
    DocumentPath::Row { table: "penutupan".to_owned(), row: RowId::from_bytes([1; 16]), key: key.to_owned() }
}

fn puts(who: u8, facts: &CaseFacts, path: &DocumentPath, value: impl Into<Scalar>) -> Decision {
    decide_value(&BELU, &actor(who, "MKS"), facts, "core", path, &value.into())
}

fn name(byte: u8) -> Scalar {
    account(byte).to_string().into()
}

fn closing(proposed_by: Standing, approved_by: Standing) -> CaseFacts {
    let row = Closing { proposed_by, approved_by, ..Closing::default() };
    CaseFacts { closings: [(RowId::from_bytes([1; 16]), row)].into(), ..taken_over() }
}

const ALONE: Decision = Decision::Deny(DenyReason::ClosingAlone);
const OTHER_NAME: Decision = Decision::Deny(DenyReason::OtherName);

#[test]
fn a_case_is_closed_by_two() {
    assert_eq!(puts(MANAGER, &taken_over(), &stage(), "TUTUP"), ALONE, "nobody proposed");
    let proposed = closing(one(name(MANAGER)), Standing::default());
    assert_eq!(puts(MANAGER, &proposed, &stage(), "TUTUP"), ALONE, "nobody approved");
    assert_eq!(puts(MANAGER, &proposed, &of_closing("setuju_oleh"), name(MANAGER)), ALONE);
    assert!(puts(OTHER_MANAGER, &proposed, &of_closing("setuju_oleh"), name(OTHER_MANAGER)).is_allowed());
    let agreed = closing(one(name(MANAGER)), one(name(OTHER_MANAGER)));
    assert!(puts(OTHER_MANAGER, &agreed, &stage(), "TUTUP").is_allowed());
    assert_eq!(puts(OTHER_MANAGER, &agreed, &of_closing("usul_oleh"), name(OTHER_MANAGER)), ALONE);
    assert!(puts(MANAGER, &agreed, &stage(), "LAYANAN").is_allowed(), "a case may go on at any time");
}

#[test]
fn an_approval_needs_a_proposal_and_signs_with_ones_own_name() {
    let nothing = taken_over();
    assert_eq!(puts(MANAGER, &nothing, &of_closing("setuju_oleh"), name(MANAGER)), ALONE);
    for key in ["usul_oleh", "setuju_oleh", "dibuka_oleh"] {
        assert_eq!(puts(MANAGER, &nothing, &of_closing(key), name(OTHER_MANAGER)), OTHER_NAME, "{key}");
    }
    let agreed = closing(one(name(MANAGER)), one(name(OTHER_MANAGER)));
    assert_eq!(puts(MANAGER, &agreed, &of_closing("setuju_oleh"), Scalar::Null), OTHER_NAME);
    assert!(puts(OTHER_MANAGER, &agreed, &of_closing("setuju_oleh"), Scalar::Null).is_allowed());
    assert!(puts(MANAGER, &agreed, &of_closing("catatan"), "selesai").is_allowed());
}

#[test]
fn what_is_disputed_taken_back_or_reopened_closes_nothing() {
    let both = side_by_side([name(OTHER_MANAGER), Scalar::Null]);
    assert_eq!(puts(MANAGER, &closing(one(name(MANAGER)), both), &stage(), "TUTUP"), ALONE);
    let overlap = side_by_side([name(MANAGER), name(OTHER_MANAGER)]);
    assert_eq!(puts(MANAGER, &closing(overlap, one(name(OTHER_MANAGER))), &stage(), "TUTUP"), ALONE);
    let mut agreed = closing(one(name(MANAGER)), one(name(OTHER_MANAGER)));
    for row in agreed.closings.values_mut() {
        row.reopened_by = one(name(9));
    }
    assert_eq!(puts(MANAGER, &agreed, &stage(), "TUTUP"), ALONE, "who opened it again took the agreement back");
    for row in agreed.closings.values_mut() {
        (row.reopened_by, row.removed) = (one(Scalar::Null), side_by_side([Scalar::Bool(true), Scalar::Bool(false)]));
    }
    assert_eq!(puts(MANAGER, &agreed, &stage(), "TUTUP"), ALONE);
}

#[test]
fn a_hard_gate_over_the_core_is_shut_here_and_others_are_not_known_here() {
    let open = handed_over();
    let shut = Decision::Deny(DenyReason::GateShut);
    assert_eq!(puts(REGISTRAR, &open, &stage(), "LAYANAN"), shut, "nobody handles the case");
    assert!(puts(REGISTRAR, &open, &stage(), "LAPORAN").is_allowed());
    assert!(puts(MANAGER, &taken_over(), &stage(), "LAYANAN").is_allowed());
    let disputed = CaseFacts { taken_over_by: side_by_side([name(MANAGER), Scalar::Null]), ..taken_over() };
    assert_eq!(puts(MANAGER, &disputed, &stage(), "LAYANAN"), shut);
    assert!(puts(MANAGER, &taken_over(), &stage(), "PEMULANGAN").is_allowed(), "the assessment is in another document");
    assert!(puts(MANAGER, &taken_over(), &stage(), Scalar::Null).is_allowed());
    let elsewhere = decide_value(&BELU, &actor(MANAGER, "MKS"), &open, "intake", &stage(), &"TUTUP".into());
    assert!(elsewhere.is_allowed());
}

#[test]
fn nobody_takes_a_case_over_in_somebody_elses_name() {
    let taking = DocumentPath::Field("diterima_oleh".to_owned());
    let danger = CaseFacts { emergency: one(true), ..draft() };
    for untaken in [draft(), danger, handed_over()] {
        assert_eq!(puts(MANAGER, &untaken, &taking, name(OTHER_MANAGER)), OTHER_NAME);
        assert_eq!(puts(MANAGER, &untaken, &taking, "siapa saja"), OTHER_NAME);
        assert!(puts(MANAGER, &untaken, &taking, name(MANAGER)).is_allowed());
        assert!(puts(MANAGER, &untaken, &taking, Scalar::Null).is_allowed());
    }
    assert!(puts(MANAGER, &taken_over(), &taking, name(OTHER_MANAGER)).is_allowed(), "whoever has it hands it on");
}
