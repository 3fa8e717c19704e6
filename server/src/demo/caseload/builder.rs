//! Writes a case step by step, each a minute after the other.

use shared::date::CivilDate;

use super::{DemoAccount, DemoAct, DemoCase, DemoPlace, DemoStep, DemoValue};

/// Minutes of a day.
pub(super) const DAY: u32 = 24 * 60;
/// Minutes of an hour.
pub(super) const HOUR: u32 = 60;

/// Holds a case while it is told.
pub(super) struct Teller {
    case: DemoCase,
    today: CivilDate,
    by: DemoAccount,
    minutes_ago: u32,
}

impl Teller {
    /// Begins a case: its author opens it and its core says that it is invented.
    pub(super) fn begin(key: &str, code: String, today: CivilDate, by: DemoAccount, minutes_ago: u32) -> Self {
        let mut teller = Self::open(key, code, today, by, minutes_ago);
        let reported_on = teller.day();
        teller.set("intake", "tgl_lapor", reported_on);
        teller.set("intake", "penerima", DemoValue::Account(by));
        teller
    }

    /// Begins a case without a report yet.
    pub(super) fn open(key: &str, code: String, today: CivilDate, by: DemoAccount, minutes_ago: u32) -> Self {
        let case = DemoCase { key: key.to_owned(), steps: Vec::new(), apart: Vec::new(), late: Vec::new() };
        let mut teller = Self { case, today, by, minutes_ago };
        teller.set("core", "kode_lapangan", code);
        teller.set("core", "dibuat", DemoValue::Instant);
        teller.set("core", "tahap", "LAPORAN");
        teller.set("core", "sintetis", true);
        teller
    }

    pub(super) fn end(self) -> DemoCase {
        self.case
    }

    /// Goes on as somebody else, at another time.
    pub(super) fn then(&mut self, by: DemoAccount, minutes_ago: u32) {
        self.by = by;
        self.minutes_ago = minutes_ago;
    }

    /// Goes on as somebody else, later, and no earlier than `minutes_ago`.
    pub(super) fn then_by(&mut self, by: DemoAccount, minutes_ago: u32) {
        self.then(by, self.minutes_ago.min(minutes_ago));
    }

    /// Returns how long ago the next step is.
    pub(super) const fn minutes_ago(&self) -> u32 {
        self.minutes_ago
    }

    /// Returns the civil day of the next step.
    pub(super) fn day(&self) -> String {
        self.today.plus_days(i64::from(self.minutes_ago / DAY).saturating_neg()).to_string()
    }

    pub(super) fn set(&mut self, kind: &'static str, key: &str, value: impl Into<DemoValue>) {
        let place = DemoPlace { kind, person: None };
        let step = self.step(place, DemoAct::Set { key: key.to_owned(), value: value.into() });
        self.case.steps.push(step);
    }

    pub(super) fn set_of(&mut self, person: usize, kind: &'static str, key: &str, value: impl Into<DemoValue>) {
        let place = DemoPlace { kind, person: Some(person) };
        let step = self.step(place, DemoAct::Set { key: key.to_owned(), value: value.into() });
        self.case.steps.push(step);
    }

    pub(super) fn text(&mut self, kind: &'static str, key: &str, text: &str) {
        let place = DemoPlace { kind, person: None };
        let step = self.step(place, DemoAct::Text { key: key.to_owned(), text: text.to_owned() });
        self.case.steps.push(step);
    }

    pub(super) fn row_of(
        &mut self,
        person: usize,
        kind: &'static str,
        table: &'static str,
        fields: Vec<(&'static str, DemoValue)>,
    ) {
        let step = self.step(DemoPlace { kind, person: Some(person) }, DemoAct::AddRow { table, fields });
        self.case.steps.push(step);
    }

    pub(super) fn row(&mut self, kind: &'static str, table: &'static str, fields: Vec<(&'static str, DemoValue)>) {
        let place = DemoPlace { kind, person: None };
        let step = self.step(place, DemoAct::AddRow { table, fields });
        self.case.steps.push(step);
    }

    /// Adds a person of the case.
    pub(super) fn person(&mut self, person: usize, group: &str) {
        let number = i64::try_from(person).unwrap_or(0).saturating_add(1);
        let fields = vec![
            ("subjek", DemoValue::Person(person)),
            ("urutan", number.into()),
            ("kelompok", group.into()),
            ("peran", "KORBAN".into()),
        ];
        self.row("core", "orang", fields);
    }

    /// Adds a person who has died.
    pub(super) fn person_who_died(&mut self, person: usize, group: &str) {
        self.person(person, group);
        if let Some(DemoStep { act: DemoAct::AddRow { fields, .. }, .. }) = self.case.steps.last_mut() {
            fields.push(("meninggal", true.into()));
        }
    }

    /// Records a consent of one person: who gave it, how, and whether a name may be written.
    pub(super) fn consent(&mut self, person: usize, named: bool, language: &str, giver: &str, how: &str) {
        let fields = vec![
            ("orang", DemoValue::Person(person)),
            ("petugas", DemoValue::Account(self.by)),
            ("bahasa_penjelasan", language.into()),
            ("boleh_dicatat", true.into()),
            ("boleh_bernama", named.into()),
            ("pemberi", giver.into()),
            ("metode", how.into()),
            ("tanggal", self.day().into()),
        ];
        self.row("core", "persetujuan", fields);
    }

    /// Writes into the consent of a person that it was withdrawn today.
    pub(super) fn withdraw(&mut self, person: usize) {
        let day = self.day();
        for (key, value) in [("ditarik_tanggal", day.into()), ("ditarik_cakupan/SIMFONI", true.into())] {
            self.set_in_row("persetujuan", ("orang", DemoValue::Person(person)), key, value);
        }
    }

    fn set_in_row(&mut self, table: &'static str, of: (&'static str, DemoValue), key: &'static str, value: DemoValue) {
        let act = DemoAct::SetInRow { table, of, key, value };
        let step = self.step(DemoPlace { kind: "core", person: None }, act);
        self.case.steps.push(step);
    }

    /// The account that goes on proposes to close the case, and another one approves and closes it.
    pub(super) fn close(&mut self, reason: &'static str, other: DemoAccount) {
        let proposer = DemoValue::Account(self.by);
        let fields =
            vec![("alasan", reason.into()), ("usul_oleh", proposer.clone()), ("usul_pada", DemoValue::Instant)];
        self.row("core", "penutupan", fields);
        self.then_by(other, self.minutes_ago);
        for (key, value) in [("setuju_oleh", DemoValue::Account(other)), ("setuju_pada", DemoValue::Instant)] {
            self.set_in_row("penutupan", ("usul_oleh", proposer.clone()), key, value);
        }
        self.set("core", "tahap", "TUTUP");
    }

    pub(super) fn hand_over(&mut self) {
        self.set("core", "diserahkan", DemoValue::Instant);
    }

    /// The account that goes on takes the case over and writes itself, and whoever else, into the team.
    pub(super) fn take_over(&mut self, with: &[DemoAccount]) {
        self.set("core", "diterima_oleh", DemoValue::Account(self.by));
        for member in std::iter::once(&self.by.clone()).chain(with) {
            let fields = vec![
                ("akun", DemoValue::Account(*member)),
                ("peran", member.role().into()),
                ("dari", self.day().into()),
            ];
            self.row("core", "tim", fields);
        }
    }

    /// Writes a field apart from the others.
    pub(super) fn apart(&mut self, by: DemoAccount, minutes_ago: u32, kind: &'static str, key: &str, value: &str) {
        self.then(by, minutes_ago);
        let place = DemoPlace { kind, person: None };
        let step = self.step(place, DemoAct::Set { key: key.to_owned(), value: value.into() });
        self.case.apart.push(step);
    }

    /// Writes something that arrives after the writer's role ended.
    pub(super) fn late(&mut self, place: DemoPlace, act: DemoAct) {
        let step = self.step(place, act);
        self.case.late.push(step);
    }

    fn step(&mut self, place: DemoPlace, act: DemoAct) -> DemoStep {
        let step = DemoStep { by: self.by, minutes_ago: self.minutes_ago, place, act };
        self.minutes_ago = self.minutes_ago.saturating_sub(1);
        step
    }
}
