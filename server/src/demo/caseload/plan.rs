//! What the set holds before anybody writes it: its cases and people, each with the values that the tables deal.
//!
//! Cases told in full, the danger nobody took and the new reports are part of the set; what they show is not dealt again.

use core::ops::Range;

use shared::date::CivilDate;

use super::deck::{deal, shares};
use super::invented::Draw;
use super::tables::TRIAGE;
use super::{hero, journey, people, report};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Told in full.
    Told,
    /// The field worker has it still; no report yet, and in no table.
    Draft,
    /// Somebody is in danger, and nobody took it.
    Danger,
    /// Handed over, and nobody took it.
    New,
    /// With the practitioners.
    Taken,
}

/// One case of the plan.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// As [`super::DemoCase::key`].
    pub(super) key: String,
    pub(super) progress: Progress,
    /// Triage and stage.
    pub(super) place: Option<(&'static str, &'static str)>,
    /// How many people it has.
    pub(super) size: Option<usize>,
    /// Where they stand among all people.
    pub(super) people: Range<usize>,
    /// How many days ago it was reported.
    pub(super) day: Option<usize>,
    /// Year and month of the report.
    pub(super) month: Option<(usize, u8)>,
    pub(super) channel: Option<&'static str>,
    pub(super) on_paper: bool,
    /// Days it lay on paper.
    pub(super) paper_days: usize,
    pub(super) urgent: bool,
    pub(super) about_another: bool,
    /// The child's guardian may be involved.
    pub(super) guardian: bool,
    /// Speaks of one person more, who refused any record.
    pub(super) counts_one: bool,
    /// Of how many it speaks, when nobody is recorded.
    pub(super) estimate: usize,
    /// Minutes from the report until somebody took it.
    pub(super) response: usize,
    /// Days from the report to the decision on the status.
    pub(super) decision: usize,
    /// Days from opening to closing.
    pub(super) closing: usize,
}

/// One person of the plan. What is none has not been dealt, or stays unsaid.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub(super) triage: &'static str,
    pub(super) stage: &'static str,
    /// Alone in the case.
    pub(super) alone: bool,
    /// Of a case that somebody works on.
    pub(super) taken: bool,
    /// Days ago of the report.
    pub(super) day: usize,
    pub(super) group: Option<&'static str>,
    pub(super) age: Option<&'static str>,
    pub(super) origin: Option<&'static str>,
    /// Village or region, as it is written.
    pub(super) place: Option<String>,
    pub(super) consent: Option<&'static str>,
    pub(super) language: Option<&'static str>,
    pub(super) number: Option<&'static str>,
    pub(super) schooling: Option<&'static str>,
    pub(super) occupation: Option<&'static str>,
    pub(super) disabled: bool,
    pub(super) threatened: bool,
    pub(super) withdrawn: bool,
    pub(super) guardian: bool,
    pub(super) deceased: bool,
    pub(super) died_in: Option<&'static str>,
    pub(super) buried_there: bool,
    pub(super) procedure: Option<&'static str>,
    /// The number disagrees with the form.
    pub(super) contradicts: bool,
    pub(super) name: String,
    /// Date of birth, whole or not.
    pub(super) born: Option<String>,
    /// Age where the date of birth is not known.
    pub(super) years: Option<usize>,
    pub(super) nik: Option<String>,
    pub(super) journey: Journey,
}

/// What happened to a person of a trafficking case.
#[derive(Debug, Clone, Default)]
pub(super) struct Journey {
    pub(super) destination: Option<&'static str>,
    /// Purpose, and sector of work.
    pub(super) purpose: Option<(&'static str, &'static str)>,
    pub(super) further_purpose: bool,
    pub(super) recruiter: Option<&'static str>,
    /// Each of [`super::tables::MEANS`].
    pub(super) means: [bool; 7],
    /// Paper, and what became of it.
    pub(super) paper: Option<(&'static str, &'static str)>,
    /// Each of [`super::tables::TRANSIT`].
    pub(super) transit: [bool; 6],
    /// Rupiah.
    pub(super) debt: Option<i64>,
    /// Rupiah.
    pub(super) wages: Option<i64>,
    pub(super) unpaid: bool,
    pub(super) status: Option<&'static str>,
    pub(super) began_as_child: bool,
}

/// Cases and people.
pub(super) struct Plan {
    pub(super) cases: Vec<Case>,
    pub(super) people: Vec<Person>,
}

/// New reports: what the table of stages expects of them.
const NEW: [(&str, usize); 5] = [("PMI", 1), ("INFO", 0), ("SENGKETA", 1), ("PMI", 1), ("INFO", 0)];

impl Case {
    pub(super) fn of(key: &str, progress: Progress) -> Self {
        Self {
            key: key.to_owned(),
            progress,
            place: None,
            size: None,
            people: 0..0,
            day: None,
            month: None,
            channel: None,
            on_paper: false,
            paper_days: 0,
            urgent: false,
            about_another: false,
            guardian: false,
            counts_one: false,
            estimate: 0,
            response: 0,
            decision: 0,
            closing: 0,
        }
    }

    pub(super) fn triage(&self) -> &'static str {
        self.place.map_or("INFO", |(triage, _)| triage)
    }

    pub(super) fn stage(&self) -> &'static str {
        self.place.map_or("LAPORAN", |(_, stage)| stage)
    }

    pub(super) fn is_taken(&self) -> bool {
        self.progress == Progress::Taken
    }

    /// Days ago on which it was written into a tablet.
    pub(super) fn entered(&self) -> usize {
        self.day.unwrap_or(0).saturating_sub(self.paper_days)
    }
}

impl Person {
    pub(super) fn is_child(&self) -> bool {
        self.group.is_some_and(|group| group.ends_with('A'))
    }

    pub(super) fn is_woman(&self) -> bool {
        self.group.is_some_and(|group| group.starts_with('P'))
    }

    pub(super) fn refused(&self) -> bool {
        self.consent.is_some_and(|consent| consent.starts_with(super::tables::REFUSED))
    }

    /// Whether there are papers about how the person left.
    pub(super) fn migrated(&self) -> bool {
        matches!(self.triage, "TPPO" | "PMI")
    }
}

impl Plan {
    /// Deals a set of as many cases as asked.
    pub(super) fn deal(seed: u64, size: usize, today: CivilDate) -> Self {
        let mut draw = Draw::new(seed);
        let mut cases = hero::plan();
        cases.extend(open_work().into_iter().take(size.saturating_sub(cases.len())));
        // Three drafts stand between the danger and the new reports.
        let first = cases.len().saturating_sub(super::HERO_CASE_COUNT).saturating_add(4);
        let rest = size.saturating_sub(cases.len());
        cases.extend(
            (0..rest).map(|number| Case::of(&format!("C{:03}", number.saturating_add(first)), Progress::Taken)),
        );
        deal_places(&mut draw, &mut cases);
        report::deal_days(&mut draw, &mut cases, today);
        let people = enter_people(&mut draw, &mut cases);
        let mut plan = Self { cases, people };
        people::deal_people(&mut draw, &mut plan.people, today);
        journey::deal_journeys(&mut draw, &mut plan.people);
        report::deal_reports(&mut draw, &mut plan);
        plan
    }

    pub(super) fn people_of(&self, case: &Case) -> &[Person] {
        self.people.get(case.people.clone()).unwrap_or_default()
    }
}

/// One danger, and new reports.
fn open_work() -> Vec<Case> {
    let danger = Case {
        place: Some(("KTPA", "LAPORAN")),
        size: Some(1),
        day: Some(0),
        urgent: true,
        ..Case::of("C001", Progress::Danger)
    };
    let new = NEW.iter().enumerate().map(|(number, (triage, size))| Case {
        place: Some((*triage, "LAPORAN")),
        size: Some(*size),
        day: Some(0),
        ..Case::of(&format!("C{:03}", number.saturating_add(5)), Progress::New)
    });
    core::iter::once(danger).chain(new).collect()
}

fn deal_places(draw: &mut Draw, cases: &mut [Case]) {
    let places: Vec<((&str, &str), usize)> =
        TRIAGE.iter().flat_map(|row| row.stages.iter().map(|(stage, count)| ((row.code, *stage), *count))).collect();
    deal(draw, cases, |_| true, &places, |case| &mut case.place, |_, _| true);
    for row in &TRIAGE {
        let of_row = |case: &Case| case.triage() == row.code;
        // Groups wait neither for a first word nor for a decision.
        let fits = |case: &Case, size: usize| size < 2 || !matches!(case.stage(), "LAPORAN" | "IDENTIFIKASI");
        let mut sizes = row.sizes.to_vec();
        sizes.reverse();
        deal(draw, cases, of_row, &sizes, |case| &mut case.size, fits);
    }
}

/// Enters the people of each case, those of a case told in full as they are told.
fn enter_people(draw: &mut Draw, cases: &mut [Case]) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for case in cases.iter_mut() {
        let size = case.size.unwrap_or(0);
        let told = if case.progress == Progress::Told { hero::people(&case.key) } else { Vec::new() };
        let drawn = (told.len()..size).map(|_| Person::default());
        let first = people.len();
        people.extend(told.iter().cloned().chain(drawn).map(|person| Person {
            triage: case.triage(),
            stage: case.stage(),
            alone: size == 1,
            taken: case.is_taken(),
            day: case.day.unwrap_or(0),
            ..person
        }));
        case.people = first..people.len();
    }
    for row in TRIAGE.iter().filter(|row| !row.groups.is_empty()) {
        deal(
            draw,
            &mut people,
            |person| person.triage == row.code,
            row.groups,
            |person| &mut person.group,
            |_, _| true,
        );
    }
    people
}

/// Splits a count over the parts of a set, as near as whole numbers allow.
pub(super) fn spread_over(count: usize, parts: usize) -> Vec<usize> {
    shares(&vec![1; parts], count)
}

#[cfg(test)]
mod tests {
    use super::super::tables::{
        CHANNELS, CONSENTS, Deck, LANGUAGES, NUMBERS, OTHERS_FROM, PROCEDURES, RECRUITERS, STATUSES, TRAFFICKED_FROM,
    };
    use super::*;

    fn today() -> CivilDate {
        CivilDate::new(2026, 11, 22).unwrap()
    }

    /// How often each value of a table was dealt, and how often it should have been.
    fn dealt(table: &Deck, values: &[Option<&'static str>]) -> (Vec<usize>, Vec<usize>) {
        let count = |value: &str| values.iter().filter(|dealt| **dealt == Some(value)).count();
        let weights: Vec<usize> = table.iter().map(|(_, weight)| *weight).collect();
        (table.iter().map(|(value, _)| count(value)).collect(), shares(&weights, values.len()))
    }

    #[test]
    fn tables_are_whole_in_every_size() {
        for size in [66, 300, 3_000, 10_000] {
            let plan = Plan::deal(7, size, today());
            assert_eq!(plan.cases.len(), size);
            let sizes: usize = plan.cases.iter().map(|case| case.size.unwrap()).sum();
            assert_eq!(plan.people.len(), sizes);
            let of = |column: fn(&Person) -> Option<&'static str>, who: fn(&Person) -> bool| -> Vec<_> {
                plan.people.iter().filter(|person| who(person)).map(column).collect()
            };
            let trafficked: fn(&Person) -> bool = |person| person.triage == "TPPO";
            let tables = [
                (CHANNELS, plan.cases.iter().map(|case| case.channel).collect()),
                (CONSENTS, of(|person| person.consent, |_| true)),
                (LANGUAGES, of(|person| person.language, |_| true)),
                (NUMBERS, of(|person| person.number, |_| true)),
                (TRAFFICKED_FROM, of(|person| person.origin, trafficked)),
                (OTHERS_FROM, of(|person| person.origin, |person| person.triage != "TPPO")),
                (RECRUITERS, of(|person| person.journey.recruiter, trafficked)),
                (STATUSES, of(|person| person.journey.status, trafficked)),
                (PROCEDURES, of(|person| person.procedure, Person::migrated)),
            ];
            for (table, values) in tables {
                let (found, wanted) = dealt(table, &values);
                assert_eq!(found.iter().sum::<usize>(), values.len(), "{size}: everybody has a value");
                // A small set may show more of a value than its share, because each told case is in every size.
                assert!(size < 300 || found == wanted, "{size}: {found:?} is not {wanted:?}");
            }
        }
    }

    #[test]
    fn the_set_of_300_has_its_people() {
        let plan = Plan::deal(7, 300, today());
        assert_eq!(plan.people.len(), 368);
        let of = |triage: &str| plan.people.iter().filter(|person| person.triage == triage).count();
        assert_eq!(
            (of("TPPO"), of("PMI"), of("TPPM"), of("KTPA"), of("SENGKETA"), of("INFO")),
            (152, 118, 41, 35, 22, 0)
        );
    }
}
