//! The rules as people tell them, on the real Belu pack.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::alarm::{Circle, circle, waits};
use super::facts::{EMERGENCY, Exclusion, TeamEntry};
use super::stage::decide_value;
use super::*;
use crate::date::CivilDate;
use crate::id::{AccountId, RowId, SubjectId};
use crate::pack::source::embedded;
use crate::pack::{FieldPath, Pack};
use crate::value::Scalar;

mod closing;
mod laws;

pub(super) static BELU: LazyLock<Pack> = LazyLock::new(|| embedded("belu").unwrap().unwrap());

pub(super) const AUTHOR: u8 = 1;
pub(super) const MANAGER: u8 = 2;
pub(super) const OTHER_MANAGER: u8 = 3;
pub(super) const NURSE: u8 = 4;
pub(super) const REGISTRAR: u8 = 5;
pub(super) const SOCIAL: u8 = 6;

pub(super) fn account(byte: u8) -> AccountId {
    AccountId::from_bytes([byte; 16])
}

pub(super) fn person(byte: u8) -> SubjectId {
    SubjectId::from_bytes([byte; 16])
}

pub(super) fn day(day: u8) -> CivilDate {
    CivilDate::new(2026, 11, day).unwrap()
}

pub(super) fn actor(byte: u8, role: &str) -> Actor {
    let term = RoleTerm { role: role.to_owned(), unit: None, from: day(1), to: None };
    Actor { account: account(byte), office: None, status: AccountStatus::Active, roles: vec![term] }
}

pub(super) fn everybody() -> Vec<Actor> {
    vec![
        actor(AUTHOR, "PKT"),
        actor(MANAGER, "MKS"),
        actor(OTHER_MANAGER, "MKS"),
        actor(NURSE, "NKS"),
        actor(REGISTRAR, "SER"),
        actor(SOCIAL, "PSS"),
        actor(7, "BUP"),
        actor(8, "KHR"),
        actor(9, "PKT"),
    ]
}

pub(super) fn one(value: impl Into<Scalar>) -> Standing {
    Standing::from(value.into())
}

fn side_by_side<const N: usize>(values: [Scalar; N]) -> Standing {
    Standing::new(values.to_vec())
}

pub(super) fn draft() -> CaseFacts {
    CaseFacts { creators: BTreeSet::from([account(AUTHOR)]), ..CaseFacts::default() }
}

pub(super) fn handed_over() -> CaseFacts {
    CaseFacts { handed_over: one("2026-11-02T10:00:00+08:00"), ..draft() }
}

pub(super) fn taken_over() -> CaseFacts {
    CaseFacts {
        taken_over_by: one(account(MANAGER).to_string()),
        team: vec![entry(MANAGER, "MKS"), entry(NURSE, "NKS"), entry(SOCIAL, "PSS")],
        people: BTreeSet::from([person(1)]),
        ..handed_over()
    }
}

pub(super) fn entry(byte: u8, role: &str) -> TeamEntry {
    TeamEntry {
        account: one(account(byte).to_string()),
        role: one(role),
        from: one("2026-11-02"),
        ..TeamEntry::default()
    }
}

pub(super) fn resource(kind: &str) -> Resource<'_> {
    let subject = match kind {
        "identity.short" | "identity.full" | "identification" => Some(person(1)),
        "supplement" => Some(person(9)),
        _ => None,
    };
    Resource { kind, subject, creator: Some(account(AUTHOR)) }
}

fn asks(who: &Actor, facts: &CaseFacts, kind: &str, action: Action) -> Decision {
    decide(&BELU, who, facts, &resource(kind), action, day(10))
}

fn reads(who: u8, role: &str, facts: &CaseFacts, kind: &str) -> bool {
    asks(&actor(who, role), facts, kind, Action::Read).is_allowed()
}

fn writes(who: u8, role: &str, facts: &CaseFacts, kind: &str, path: FieldPath<'_>) -> Decision {
    decide_write(&BELU, &actor(who, role), facts, &resource(kind), &path, WriteShape::Any, day(10))
}

fn row<'a>(table: &'a str, key: &'a str) -> FieldPath<'a> {
    FieldPath::Row { table, key }
}

fn readers(facts: &CaseFacts, kind: &str) -> Vec<u8> {
    let place = DocumentPlace { kind: kind.to_owned(), subject: resource(kind).subject, creator: account(AUTHOR) };
    let grants = audience(&BELU, &everybody(), facts, &[place], day(10));
    grants.iter().map(|grant| grant.account.as_bytes()[0]).collect()
}

#[test]
fn the_grid_is_printed_for_review() {
    insta::assert_snapshot!("grid_belu", snapshot::print_grid(&BELU));
    let purbalingga = embedded("purbalingga").unwrap().unwrap();
    insta::assert_snapshot!("grid_purbalingga", snapshot::print_grid(&purbalingga));
}

#[test]
fn the_audience_of_each_kind_is_printed_for_review() {
    let danger = CaseFacts { emergency: one(true), ..draft() };
    let mut text = String::new();
    for (name, facts) in
        [("draft", draft()), ("danger", danger), ("handed over", handed_over()), ("taken over", taken_over())]
    {
        for kind in BELU.kinds.keys() {
            let who: Vec<String> = everybody()
                .iter()
                .filter(|actor| asks(actor, &facts, kind, Action::Read).is_allowed())
                .map(|actor| {
                    let may_write = asks(actor, &facts, kind, Action::Write(WriteShape::Any)).is_allowed();
                    format!(
                        "{}{} {}",
                        actor.roles[0].role,
                        actor.account.as_bytes()[0],
                        if may_write { "W" } else { "R" }
                    )
                })
                .collect();
            text.push_str(&format!("{name:12}{kind:17}{}\n", who.join(", ")));
        }
    }
    insta::assert_snapshot!("audience_belu", text);
}

#[test]
fn a_draft_reaches_its_author_and_nobody_else() {
    for kind in ["core", "intake", "intake.reporter", "identity.short", "identity.full"] {
        assert_eq!(readers(&draft(), kind), [AUTHOR], "{kind}");
    }
    assert_eq!(asks(&actor(MANAGER, "MKS"), &draft(), "intake", Action::Read), Decision::Deny(DenyReason::Draft));
}

#[test]
fn a_case_nobody_made_may_be_made_by_whoever_takes_reports() {
    let nothing = CaseFacts::default();
    let fresh = |kind| Resource { creator: None, ..resource(kind) };
    for (role, may) in [("PKT", true), ("MKS", true), ("SER", true), ("NKS", false), ("BUP", false), ("AUD", false)] {
        let answer = decide(&BELU, &actor(9, role), &nothing, &fresh("core"), Action::Create, day(10));
        assert_eq!(answer.is_allowed(), may, "{role}");
    }
}

#[test]
fn a_danger_report_is_seen_by_duty_and_registrar_at_once() {
    let danger = CaseFacts { emergency: one(true), ..draft() };
    assert_eq!(readers(&danger, "intake"), [AUTHOR, MANAGER, OTHER_MANAGER, REGISTRAR]);
    assert!(writes(MANAGER, "MKS", &danger, "core", FieldPath::Field("diterima_oleh")).is_allowed());
    assert!(!writes(MANAGER, "MKS", &danger, "intake", FieldPath::Field("kapan")).is_allowed());
    let doubted = CaseFacts { emergency: side_by_side([Scalar::Bool(true), Scalar::Bool(false)]), ..draft() };
    assert_eq!(readers(&doubted, "intake"), [AUTHOR], "while both stand, the narrower is in force");
}

#[test]
fn nobody_but_its_author_takes_the_danger_out_of_a_draft() {
    let danger = CaseFacts { emergency: one(true), ..draft() };
    for (who, role) in [(REGISTRAR, "SER"), (MANAGER, "MKS")] {
        for kind in ["intake", "identity.short"] {
            assert!(
                !writes(
                    who,
                    role,
                    &danger,
                    kind,
                    FieldPath::Field(if kind == "intake" { "bahaya_segera" } else { "nama_lengkap" })
                )
                .is_allowed(),
                "{role} {kind}"
            );
        }
    }
    assert!(writes(REGISTRAR, "SER", &danger, "core", row("tim", "akun")).is_allowed(), "it can still be assigned");
    let field = crate::document::path::FieldPath::Field(String::from(EMERGENCY));
    let puts = |who: u8, role: &str, facts: &CaseFacts| {
        decide_value(&BELU, &actor(who, role), facts, "core", &field, &Scalar::Bool(false)).is_allowed()
    };
    assert!(!puts(REGISTRAR, "SER", &danger));
    assert!(puts(AUTHOR, "PKT", &danger));
    let handed_over = CaseFacts { emergency: one(true), ..handed_over() };
    assert!(puts(REGISTRAR, "SER", &handed_over));
    assert!(writes(REGISTRAR, "SER", &handed_over, "intake", FieldPath::Field("bahaya_segera")).is_allowed());
}

#[test]
fn a_danger_that_is_there_again_may_be_said_by_whoever_took_the_report() {
    // Taken as a danger; its author, who has not handed it over yet, said since that it was over.
    let calmed = CaseFacts { emergency: one(false), handed_over: Standing::default(), ..taken_over() };
    let field = crate::document::path::FieldPath::Field(String::from(EMERGENCY));
    for (who, role) in [(MANAGER, "MKS"), (REGISTRAR, "SER")] {
        assert!(writes(who, role, &calmed, "intake", FieldPath::Field("bahaya_segera")).is_allowed(), "{role}");
        let raised = decide_value(&BELU, &actor(who, role), &calmed, "core", &field, &Scalar::Bool(true));
        assert!(raised.is_allowed(), "{role} answers that there is danger, and no danger follows from it");
        let doubted =
            CaseFacts { emergency: side_by_side([Scalar::Bool(true), Scalar::Bool(false)]), ..calmed.clone() };
        let raised = decide_value(&BELU, &actor(who, role), &doubted, "core", &field, &Scalar::Bool(true));
        assert!(raised.is_allowed(), "{role}, while both stand");
    }
}

#[test]
fn a_danger_report_that_was_taken_stays_the_authors_until_handed_over() {
    let taken = CaseFacts { emergency: one(true), handed_over: Standing::default(), ..taken_over() };
    assert!(writes(AUTHOR, "PKT", &taken, "intake", FieldPath::Field("kapan")).is_allowed());
    assert!(writes(AUTHOR, "PKT", &taken, "core", FieldPath::Field("diserahkan")).is_allowed());
    assert!(!reads(OTHER_MANAGER, "MKS", &taken, "intake"));
}

#[test]
fn after_hand_over_the_author_still_writes_until_somebody_takes_over() {
    assert!(writes(AUTHOR, "PKT", &handed_over(), "intake", FieldPath::Field("kapan")).is_allowed());
    assert_eq!(readers(&handed_over(), "intake"), [AUTHOR, MANAGER, OTHER_MANAGER, REGISTRAR]);
    for kind in ["core", "intake", "identity.short"] {
        assert_eq!(
            asks(&actor(AUTHOR, "PKT"), &taken_over(), kind, Action::Read),
            Decision::Deny(DenyReason::TakenOver)
        );
    }
    let recalled = writes(AUTHOR, "PKT", &taken_over(), "core", FieldPath::Field("diserahkan"));
    assert_eq!(recalled, Decision::Deny(DenyReason::AuthorOnly));
}

#[test]
fn after_take_over_the_team_has_its_letters_and_the_rest_of_duty_has_nothing() {
    assert_eq!(readers(&taken_over(), "intake"), [MANAGER, NURSE, REGISTRAR, SOCIAL]);
    assert_eq!(readers(&taken_over(), "intake.reporter"), [MANAGER, REGISTRAR]);
    assert_eq!(readers(&taken_over(), "identity.short"), [MANAGER, NURSE, REGISTRAR, SOCIAL]);
    assert_eq!(readers(&taken_over(), "identity.full"), [MANAGER, REGISTRAR, SOCIAL]);
    assert_eq!(readers(&taken_over(), "guard"), [REGISTRAR]);
    assert!(!writes(NURSE, "NKS", &taken_over(), "intake", FieldPath::Field("kapan")).is_allowed());
    assert!(writes(MANAGER, "MKS", &taken_over(), "intake", FieldPath::Field("triase")).is_allowed());
}

#[test]
fn whoever_takes_a_case_over_may_work_in_it_before_a_team_is_written() {
    let just_taken = CaseFacts { team: Vec::new(), ..taken_over() };
    assert!(writes(MANAGER, "MKS", &just_taken, "core", row("tim", "akun")).is_allowed());
    assert!(!reads(OTHER_MANAGER, "MKS", &just_taken, "core"));
    let claimed_twice = CaseFacts {
        taken_over_by: side_by_side([account(MANAGER).to_string().into(), account(OTHER_MANAGER).to_string().into()]),
        ..just_taken
    };
    assert!(!reads(MANAGER, "MKS", &claimed_twice, "core"), "a claim that is disputed gives nothing by itself");
    assert!(reads(REGISTRAR, "SER", &claimed_twice, "core"));
}

#[test]
fn nobody_gives_himself_a_case() {
    for (who, role) in [(NURSE, "NKS"), (SOCIAL, "PSS"), (OTHER_MANAGER, "MKS"), (AUTHOR, "PKT")] {
        let answer = writes(who, role, &taken_over(), "core", row("tim", "akun"));
        assert!(!answer.is_allowed(), "{role}: {answer:?}");
    }
    assert!(!writes(AUTHOR, "PKT", &draft(), "core", row("tim", "akun")).is_allowed());
    assert!(!writes(AUTHOR, "PKT", &handed_over(), "core", FieldPath::Field("diterima_oleh")).is_allowed());
    let as_nurse = CaseFacts { team: vec![entry(9, "NKS")], ..taken_over() };
    assert!(!reads(9, "PKT", &as_nurse, "intake"), "a team row gives no role the person does not hold");
}

#[test]
fn who_screens_does_not_decide() {
    let status = || FieldPath::Field("status_korban");
    let draft = draft();
    assert!(writes(AUTHOR, "PKT", &draft, "identification", FieldPath::Field("proses/REKRUT")).is_allowed());
    assert!(!writes(AUTHOR, "PKT", &draft, "identification", status()).is_allowed());
    assert!(writes(MANAGER, "MKS", &taken_over(), "identification", status()).is_allowed());
    assert!(!writes(SOCIAL, "PSS", &taken_over(), "identification", status()).is_allowed());
}

#[test]
fn a_social_worker_writes_contacts_and_nothing_else_of_an_identity() {
    let full = taken_over();
    assert!(writes(SOCIAL, "PSS", &full, "identity.full", FieldPath::Field("telepon")).is_allowed());
    assert!(!writes(SOCIAL, "PSS", &full, "identity.full", FieldPath::Field("nik")).is_allowed());
    assert!(!writes(SOCIAL, "PSS", &full, "identity.full", FieldPath::Field("tidak_ada")).is_allowed());
}

#[test]
fn the_guard_is_added_to_and_never_read_back() {
    let guard = resource("guard");
    let adds = |who, role: &str, facts: &CaseFacts, shape| {
        let path = row("kecualikan", "akun");
        decide_write(&BELU, &actor(who, role), facts, &guard, &path, shape, day(10)).is_allowed()
    };
    assert!(adds(AUTHOR, "PKT", &draft(), WriteShape::OwnRows));
    assert!(!adds(AUTHOR, "PKT", &draft(), WriteShape::Any));
    assert!(!adds(AUTHOR, "PKT", &taken_over(), WriteShape::OwnRows));
    assert!(adds(MANAGER, "MKS", &taken_over(), WriteShape::OwnRows));
    assert!(!adds(MANAGER, "MKS", &taken_over(), WriteShape::Any));
    assert!(!adds(OTHER_MANAGER, "MKS", &taken_over(), WriteShape::OwnRows));
    assert!(!adds(NURSE, "NKS", &taken_over(), WriteShape::OwnRows));
    assert!(adds(REGISTRAR, "SER", &taken_over(), WriteShape::Any));
    assert!(!reads(AUTHOR, "PKT", &draft(), "guard"));
    assert!(!reads(MANAGER, "MKS", &taken_over(), "guard"));
}

#[test]
fn a_supplement_is_written_by_its_author_and_read_by_the_team() {
    let adds = |who: &Actor, creator| {
        let place = Resource { creator, ..resource("supplement") };
        let path = FieldPath::Text("isi");
        decide_write(&BELU, who, &taken_over(), &place, &path, WriteShape::Any, day(10)).is_allowed()
    };
    let add = |creator| adds(&actor(AUTHOR, "PKT"), creator);
    assert!(asks(&actor(AUTHOR, "PKT"), &taken_over(), "supplement", Action::Create).is_allowed());
    assert!(add(Some(account(AUTHOR))));
    assert!(!add(Some(account(9))));
    assert!(!reads(AUTHOR, "PKT", &taken_over(), "supplement"));
    assert_eq!(readers(&taken_over(), "supplement"), [MANAGER, REGISTRAR]);
    assert!(!asks(&actor(9, "PKT"), &taken_over(), "supplement", Action::Create).is_allowed());
    // Whoever reads them all adds one, and edits none but the own.
    for (byte, role) in [(REGISTRAR, "SER"), (MANAGER, "MKS")] {
        let who = actor(byte, role);
        assert!(asks(&who, &taken_over(), "supplement", Action::Create).is_allowed(), "{role}");
        assert!(adds(&who, Some(account(byte))), "{role}");
        assert!(!adds(&who, Some(account(AUTHOR))), "{role}");
    }
}

#[test]
fn what_is_told_in_a_supplement_is_told_to_nobody_who_may_not_read_where_it_comes_from() {
    for pack in [&*BELU, &embedded("purbalingga").unwrap().unwrap()] {
        let narrower = |kind: &str| held::is_narrower(pack, "supplement", kind);
        let may = ["core", "intake", "intake.reporter", "identity.short", "identity.full", "supplement"];
        assert!(may.into_iter().all(narrower), "{:?}", may.map(narrower));
        // The registrar reads supplements and no return; case managers read supplements and not who must not know.
        assert!(!["return", "guard", "sandi", ""].into_iter().any(narrower));
        assert!(!held::is_narrower(pack, "intake", "core"), "only entries are notes");
    }
}

#[test]
fn a_refused_name_has_no_identity_while_one_refusal_stands() {
    let refused = CaseFacts { name_refused: BTreeSet::from([person(1)]), ..taken_over() };
    let answer = asks(&actor(MANAGER, "MKS"), &refused, "identity.short", Action::Create);
    assert_eq!(answer, Decision::Deny(DenyReason::NameRefused));
    assert!(!writes(MANAGER, "MKS", &refused, "identity.full", FieldPath::Field("nik")).is_allowed());
    assert!(asks(&actor(MANAGER, "MKS"), &refused, "intake", Action::Read).is_allowed());
}

#[test]
fn a_name_refused_at_the_report_is_refused_by_everybody_who_has_not_agreed_since() {
    let refused = CaseFacts { name_refused_at_report: true, name_given: BTreeSet::from([person(2)]), ..taken_over() };
    assert!(refused.refuses_name(person(1)));
    assert!(!refused.refuses_name(person(2)));
    let withdrawn = CaseFacts { name_refused: BTreeSet::from([person(2)]), ..refused };
    assert!(withdrawn.refuses_name(person(2)), "a later refusal counts more than what was agreed");
    let answer = asks(&actor(MANAGER, "MKS"), &withdrawn, "identity.short", Action::Create);
    assert_eq!(answer, Decision::Deny(DenyReason::NameRefused));
}

#[test]
fn an_exclusion_beats_every_role_until_every_value_lifts_it() {
    let lifted_by_one = side_by_side([Scalar::Bool(true), Scalar::Null]);
    for removed in [Standing::default(), one(false), lifted_by_one] {
        for who in [AUTHOR, MANAGER, NURSE, REGISTRAR] {
            let exclusion = Exclusion {
                account: side_by_side([account(who).to_string().into(), Scalar::Null]),
                removed: removed.clone(),
                ..Exclusion::default()
            };
            let facts = CaseFacts { exclusions: vec![exclusion], ..taken_over() };
            for kind in BELU.kinds.keys() {
                assert!(!readers(&facts, kind).contains(&who), "{kind} {who}");
            }
        }
    }
    let whole_office = Exclusion { office: one("POLRES"), ..Exclusion::default() };
    let facts = CaseFacts { exclusions: vec![whole_office], ..taken_over() };
    let from_office = Actor { office: Some("POLRES".to_owned()), ..actor(MANAGER, "MKS") };
    assert_eq!(asks(&from_office, &facts, "core", Action::Read), Decision::Deny(DenyReason::Excluded));
    assert!(reads(MANAGER, "MKS", &facts, "core"));
}

#[test]
fn terms_end_without_an_edit() {
    let mut facts = taken_over();
    facts.team[1].to = one("2026-11-12");
    let nurse = actor(NURSE, "NKS");
    let on = |date, who: &Actor| decide(&BELU, who, &facts, &resource("intake"), Action::Read, date).is_allowed();
    assert!(on(day(12), &nurse) && !on(day(13), &nurse));
    assert_eq!(next_turn(&[], &facts, day(10)), Some(day(13)));
    let mut leaving = actor(REGISTRAR, "SER");
    leaving.roles[0].to = Some(day(11));
    assert!(on(day(11), &leaving) && !on(day(12), &leaving));
    assert_eq!(next_turn(&[leaving], &facts, day(10)), Some(day(12)));
    facts.team[1].to = one("November");
    let answer = decide(&BELU, &nurse, &facts, &resource("intake"), Action::Read, day(3));
    assert!(!answer.is_allowed(), "what is no date never grants");
}

#[test]
fn facts_are_read_with_every_value_that_stands() {
    struct Core;
    impl StandingValues for Core {
        fn standing(&self, key: &str) -> Standing {
            match key {
                "diserahkan" => side_by_side([Scalar::Null, "2026-11-02T10:00:00+08:00".into()]),
                _ => Standing::default(),
            }
        }
        fn rows(&self, table: &str) -> Vec<Row> {
            let row = |pairs: [(&str, Standing); 2]| Row {
                id: RowId::from_bytes([1; 16]),
                fields: pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            };
            match table {
                "orang" => vec![row([("subjek", one(person(1).to_string())), ("urutan", one(1))])],
                "persetujuan" => {
                    let both = side_by_side([Scalar::Bool(true), Scalar::Bool(false)]);
                    vec![
                        row([("orang", one(person(1).to_string())), ("boleh_bernama", both)]),
                        row([("orang", one(person(2).to_string())), ("boleh_bernama", one(true))]),
                        row([("boleh_dicatat", one(true)), ("boleh_bernama", one(false))]),
                    ]
                }
                _ => Vec::new(),
            }
        }
    }
    let facts = CaseFacts::read(BTreeSet::from([account(AUTHOR)]), Some(&Core), None);
    assert!(!facts.is_open(), "a hand-over that was called back elsewhere opens nothing");
    assert_eq!(facts.people, BTreeSet::from([person(1)]));
    assert_eq!(facts.name_refused, BTreeSet::from([person(1)]));
    assert_eq!(facts.name_given, BTreeSet::from([person(2)]), "what one of two writers denies is not given");
    assert!(facts.name_refused_at_report);
}

#[test]
fn who_will_not_say_whether_they_may_be_named_is_not_named() {
    struct Core(Standing);
    impl StandingValues for Core {
        fn standing(&self, _: &str) -> Standing {
            Standing::default()
        }
        fn rows(&self, table: &str) -> Vec<Row> {
            let row = |pairs: [(&str, Standing); 3]| Row {
                id: RowId::from_bytes([1; 16]),
                fields: pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            };
            let refuses = ("boleh_bernama#jawab", one("MENOLAK"));
            let consent = row([("orang", one(person(1).to_string())), ("boleh_bernama", self.0.clone()), refuses]);
            if table == "persetujuan" { vec![consent] } else { Vec::new() }
        }
    }
    for named in [Standing::default(), one(Scalar::Null), one(true)] {
        let core = Core(named.clone());
        let read = CaseFacts::read(BTreeSet::from([account(AUTHOR)]), Some(&core), None);
        assert_eq!(read.name_given, BTreeSet::new(), "the page of the case says no, {named:?}");
        let facts = CaseFacts { name_refused: read.name_refused, ..taken_over() };
        let answer = asks(&actor(MANAGER, "MKS"), &facts, "identity.short", Action::Create);
        assert_eq!(answer, Decision::Deny(DenyReason::NameRefused), "the page of the case says no, {named:?}");
    }
}

#[test]
fn who_took_everything_back_is_not_named() {
    struct Core;
    impl StandingValues for Core {
        fn standing(&self, _: &str) -> Standing {
            Standing::default()
        }
        fn rows(&self, table: &str) -> Vec<Row> {
            let pairs = [
                ("orang", one(person(1).to_string())),
                ("boleh_bernama", one(true)),
                ("ditarik_tanggal", one("2026-09-21")),
            ];
            let fields = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            if table == "persetujuan" { vec![Row { id: RowId::from_bytes([1; 16]), fields }] } else { Vec::new() }
        }
    }
    let read = CaseFacts::read(BTreeSet::from([account(AUTHOR)]), Some(&Core), None);
    assert_eq!(read.name_given, BTreeSet::new(), "the page of the case says that it was taken back");
    let facts = CaseFacts { name_refused: read.name_refused, ..taken_over() };
    let answer = asks(&actor(MANAGER, "MKS"), &facts, "identity.short", Action::Create);
    assert_eq!(answer, Decision::Deny(DenyReason::NameRefused), "the page of the case says that it was taken back");
}

#[test]
fn who_took_everything_back_is_not_named_while_another_says_that_it_was_one_purpose() {
    struct Core(Scalar);
    impl StandingValues for Core {
        fn standing(&self, _: &str) -> Standing {
            Standing::default()
        }
        fn rows(&self, table: &str) -> Vec<Row> {
            let pairs = [
                ("orang", one(person(1).to_string())),
                ("boleh_bernama", one(true)),
                ("ditarik_tanggal", one("2026-09-21")),
                ("ditarik_cakupan/HUKUM", side_by_side([Scalar::Bool(true), self.0.clone()])),
            ];
            let fields = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            if table == "persetujuan" { vec![Row { id: RowId::from_bytes([1; 16]), fields }] } else { Vec::new() }
        }
    }
    for not_this in [Scalar::Bool(false), Scalar::Null] {
        let read = CaseFacts::read(BTreeSet::from([account(AUTHOR)]), Some(&Core(not_this.clone())), None);
        assert_eq!(read.name_given, BTreeSet::new(), "the narrower is in force, {not_this:?}");
        assert_eq!(read.name_refused, BTreeSet::from([person(1)]), "the narrower is in force, {not_this:?}");
    }
}

#[test]
fn a_person_who_was_struck_out_keeps_nobody_from_being_reached() {
    struct Core;
    impl StandingValues for Core {
        fn standing(&self, _: &str) -> Standing {
            Standing::default()
        }
        fn rows(&self, table: &str) -> Vec<Row> {
            let row = |id: u8, pairs: &[(&str, Standing)]| Row {
                id: RowId::from_bytes([id; 16]),
                fields: pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
            };
            let subject = |number| ("subjek", one(person(number).to_string()));
            match table {
                "orang" => vec![row(1, &[subject(1)]), row(2, &[subject(2), ("dihapus", one(true))])],
                "persetujuan" => vec![
                    row(3, &[("boleh_bernama", one(false))]),
                    row(4, &[("orang", one(person(1).to_string())), ("boleh_bernama", one(true))]),
                ],
                _ => Vec::new(),
            }
        }
    }
    let facts = CaseFacts::read(BTreeSet::from([account(AUTHOR)]), Some(&Core), None);
    assert!(!facts.reporter_refuses_name(), "everybody of the case has agreed since; the other was entered twice");
}

#[test]
fn a_danger_is_told_to_those_who_take_it_and_late_to_the_chair_but_never_past_an_exclusion() {
    let danger = CaseFacts { emergency: one(true), ..draft() };
    assert!(waits(&danger));
    let told = |facts: &CaseFacts| -> Vec<(u8, Circle)> {
        let circle =
            |actor: &Actor| circle(&BELU, actor, facts, day(2)).map(|circle| (actor.account.as_bytes()[0], circle));
        everybody().iter().filter_map(circle).collect()
    };
    let takers = [(MANAGER, Circle::Takes), (OTHER_MANAGER, Circle::Takes), (REGISTRAR, Circle::Takes)];
    assert_eq!(told(&danger), [takers.as_slice(), &[(8, Circle::Hears)]].concat());
    let excludes = |byte: u8| Exclusion { account: one(account(byte).to_string()), ..Exclusion::default() };
    let hidden = CaseFacts { exclusions: vec![excludes(8), excludes(OTHER_MANAGER)], ..danger.clone() };
    assert_eq!(told(&hidden), [(MANAGER, Circle::Takes), (REGISTRAR, Circle::Takes)]);
    // Whoever reported it knows already, whatever else they are.
    let own = CaseFacts { creators: BTreeSet::from([account(MANAGER)]), ..danger.clone() };
    assert!(told(&own).iter().all(|(byte, _)| *byte != MANAGER));
    // It waits only while everything that stands says so, and no claim stands.
    let doubted = CaseFacts { emergency: side_by_side([Scalar::Bool(true), Scalar::Bool(false)]), ..draft() };
    assert!(!waits(&doubted));
    assert!(!waits(&CaseFacts { taken_over_by: one(account(MANAGER).to_string()), ..danger }));
    let stopped = Actor { status: AccountStatus::Stopped, ..actor(MANAGER, "MKS") };
    assert_eq!(circle(&BELU, &stopped, &doubted, day(2)), None);
}
