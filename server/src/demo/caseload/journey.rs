//! What is dealt to people about how they left and what happened to them (§4 of the tables).

use super::deck::{deal, mark, scaled};
use super::invented::Draw;
use super::plan::Person;
use super::tables::{
    BEGAN_AS_CHILD, DEBTS, DESTINATIONS, FURTHER_PURPOSES, MEANS, PAPERS, PROCEDURES, PURPOSES, RECRUITERS, STATUSES,
    Spread, TRAFFICKED, TRANSIT, UNPAID, WAGES,
};

/// Place among [`MEANS`] of debt bondage.
const IN_DEBT: usize = 2;
/// Place among [`MEANS`] of wages that somebody else keeps.
const WAGES_KEPT: usize = 3;

fn trafficked(person: &Person) -> bool {
    person.triage == "TPPO"
}

/// Whoever may still be marked: what a case tells in full is told.
fn open(person: &Person) -> bool {
    trafficked(person) && person.taken
}

/// Deals the journeys, after everything else about people is known.
pub(super) fn deal_journeys(draw: &mut Draw, people: &mut [Person]) {
    deal(draw, people, Person::migrated, PROCEDURES, |person| &mut person.procedure, |_, _| true);
    for person in people.iter_mut().filter(|person| trafficked(person)) {
        person.journey.destination = person.journey.destination.or(match person.died_in {
            Some("MY-12" | "MY-13") => Some("MY-12"),
            Some("TW") => Some("SG"),
            other => other,
        });
        if matches!(person.stage, "LAPORAN" | "IDENTIFIKASI") {
            person.journey.status = Some("TERINDIKASI");
        }
    }
    deal_purposes(draw, people);
    deal(draw, people, trafficked, RECRUITERS, |person| &mut person.journey.recruiter, |_, _| true);
    deal(
        draw,
        people,
        trafficked,
        PAPERS,
        |person| &mut person.journey.paper,
        |person, (paper, _)| match paper {
            "PLB" => person.journey.destination == Some("TL"),
            "PASPOR" => {
                person.journey.destination.is_some_and(|place| matches!(place, "MY-12" | "MY-SM" | "KH" | "SG"))
            }
            _ => true,
        },
    );
    deal(
        draw,
        people,
        trafficked,
        STATUSES,
        |person| &mut person.journey.status,
        |person, status| {
            let closed = person.stage == "TUTUP";
            match status {
                "BUKAN" | "RUJUKLAIN" => closed && !person.deceased,
                "TERINDIKASI" => !closed,
                _ => true,
            }
        },
    );
    deal_marks(draw, people);
    deal_amounts(draw, people);
}

fn deal_purposes(draw: &mut Draw, people: &mut [Person]) {
    deal(
        draw,
        people,
        trafficked,
        PURPOSES,
        |person| &mut person.journey.purpose,
        |person, (purpose, sector)| {
            if person.deceased {
                return matches!(sector, "SAWIT" | "PABRIK" | "PRT" | "ABK");
            }
            match purpose {
                "ANAK" => matches!(person.age, Some("6-12" | "13-17")),
                "ADOPSI" => person.age == Some("0-5"),
                "PELACURAN" | "PORNO" | "KAWIN" | "PRT" => person.is_woman() && person.age != Some("6-12"),
                "ABK" => !person.is_woman() && !person.is_child(),
                "KERJA" | "KRIMINAL" => !person.is_child(),
                _ => true,
            }
        },
    );
    deal(
        draw,
        people,
        trafficked,
        DESTINATIONS,
        |person| &mut person.journey.destination,
        |person, place| match (person.journey.purpose, place) {
            (Some(("KERJA", "SAWIT")), place) => matches!(place, "MY-12" | "64" | "MY-SM"),
            (Some(("KRIMINAL", _)), place) => place == "KH",
            (_, "KH") => false,
            (Some(("PRT", _)), "SG" | "MY-SM" | "35" | "21") => true,
            (_, "SG") => false,
            _ => true,
        },
    );
}

fn deal_marks(draw: &mut Draw, people: &mut [Person]) {
    let total = people.iter().filter(|person| trafficked(person)).count();
    let count = |of: usize| scaled(of, TRAFFICKED, total);
    for (at, (_, share)) in MEANS.iter().enumerate() {
        let is = |person: &Person| person.journey.means.get(at) == Some(&true);
        let set = |person: &mut Person| person.journey.means.iter_mut().skip(at).take(1).for_each(|slot| *slot = true);
        // For a child no means need be shown, and what has not happened yet was not kept up by force.
        let likely = |person: &Person| {
            !person.is_child() && (at < IN_DEBT || !matches!(person.journey.purpose, Some(("BELUM", _))))
        };
        mark(draw, people, count(*share), is, set, open, likely);
    }
    for (at, (point, share)) in TRANSIT.iter().enumerate() {
        let likely = |person: &Person| {
            let to = person.journey.destination.unwrap_or_default();
            match *point {
                "TENAU" => matches!(to, "MY-12" | "64" | "35"),
                "EL_TARI" => matches!(to, "MY-SM" | "21" | "35" | "51" | "KH" | "SG"),
                "NUNUKAN" => to == "MY-12",
                "BATAM" => matches!(to, "MY-SM" | "21" | "SG"),
                "MAUMERE" => matches!(to, "MY-12" | "64"),
                _ => to == "TL",
            }
        };
        let is = |person: &Person| person.journey.transit.get(at) == Some(&true);
        let set =
            |person: &mut Person| person.journey.transit.iter_mut().skip(at).take(1).for_each(|slot| *slot = true);
        mark(draw, people, count(*share), is, set, open, likely);
    }
    mark(
        draw,
        people,
        count(FURTHER_PURPOSES),
        |person| person.journey.further_purpose,
        |person| person.journey.further_purpose = true,
        open,
        |person| !matches!(person.journey.purpose, Some(("BELUM" | "ADOPSI", _))),
    );
    mark(
        draw,
        people,
        count(BEGAN_AS_CHILD),
        |person| person.journey.began_as_child,
        |person| person.journey.began_as_child = true,
        |person| open(person) && !person.is_child() && !person.refused(),
        |person| person.age == Some("18-24"),
    );
    mark(
        draw,
        people,
        count(UNPAID),
        |person| person.journey.unpaid,
        |person| person.journey.unpaid = true,
        |person| open(person) && person.journey.means.get(WAGES_KEPT) == Some(&true),
        |_| true,
    );
}

/// Deals amounts from least to most, the seed saying to whom.
fn deal_amounts(draw: &mut Draw, people: &mut [Person]) {
    let owes = |person: &Person| person.journey.means.get(IN_DEBT) == Some(&true) && trafficked(person);
    deal_amount(draw, people, &DEBTS, owes, |person| &mut person.journey.debt);
    deal_amount(draw, people, &WAGES, |person| person.journey.unpaid, |person| &mut person.journey.wages);
}

fn deal_amount(
    draw: &mut Draw,
    people: &mut [Person],
    spread: &Spread,
    who: impl Fn(&Person) -> bool,
    column: fn(&mut Person) -> &mut Option<i64>,
) {
    let mut open: Vec<&mut Person> = people
        .iter_mut()
        .filter(|person| who(person))
        .filter_map(|person| column(person).is_none().then_some(person))
        .collect();
    draw.shuffle(&mut open);
    let thousands = spread.values(open.len());
    for (person, value) in open.into_iter().zip(thousands) {
        // In steps of fifty thousand, as people say it.
        let value = i64::try_from(value).unwrap_or(0);
        *column(person) = Some((value - value % 50).saturating_mul(1_000));
    }
}
