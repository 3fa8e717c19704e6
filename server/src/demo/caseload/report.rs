//! What is dealt to reports: days, channels, who tells, how long each step takes.

use std::collections::BTreeMap;

use shared::date::CivilDate;

use super::builder::DAY;
use super::deck::{below_limits, deal, mark, scaled, shares};
use super::invented::Draw;
use super::plan::{Case, Plan, Progress, spread_over};
use super::tables::{
    ABOUT_ANOTHER, CASES, CHANNELS, CLOSINGS, DECISIONS, ESTIMATED, GUARDIANS, MONTHS, ON_PAPER, ONLY_COUNTED,
    PAPER_DELAYS, RESPONSES, TRIAGE, URGENT, YEARS,
};

/// Days of the set's two years.
const YEAR_DAYS: usize = 365;
/// Whoever works on a case has had it for this long.
const TAKEN_DAYS: usize = 3;
/// Reports younger than this do not lie on paper.
const PAPER_DAYS: usize = 25;
/// Stages in the order in which cases reach them.
const STAGES: [&str; 6] = ["LAPORAN", "IDENTIFIKASI", "LAYANAN", "PEMULANGAN", "REINTEGRASI", "TUTUP"];

/// Which of the two years a day lies in, the year before last being 0, and its month.
fn month_of(today: CivilDate, day: usize) -> (usize, u8) {
    let date = today.plus_days(i64::try_from(day).unwrap_or(0).saturating_neg());
    (usize::from(day < YEAR_DAYS), date.month())
}

/// Deals days of the report, so that years and months have their weight, and old cases have come furthest.
pub(super) fn deal_days(draw: &mut Draw, cases: &mut [Case], today: CivilDate) {
    for case in cases.iter_mut() {
        case.month = case.day.map(|day| month_of(today, day));
    }
    let mut months: Vec<((usize, u8), usize)> = Vec::new();
    for (year, count) in shares(&YEARS, cases.len()).into_iter().enumerate() {
        months.extend((1_u8..).zip(shares(&MONTHS, count)).map(|(month, count)| ((year, month), count)));
    }
    deal(draw, cases, |_| true, &months, |case| &mut case.month, |_, _| true);
    let days_of = |wanted: Option<(usize, u8)>| -> Vec<usize> {
        (TAKEN_DAYS..2 * YEAR_DAYS).filter(|day| Some(month_of(today, *day)) == wanted).collect()
    };
    let every: Vec<usize> = (TAKEN_DAYS..YEAR_DAYS).collect();
    let by_month: BTreeMap<(usize, u8), Vec<usize>> =
        months.iter().map(|(month, _)| (*month, days_of(Some(*month)))).collect();
    for case in cases.iter_mut().filter(|case| case.is_taken()) {
        let days = case.month.and_then(|month| by_month.get(&month)).filter(|days| !days.is_empty()).unwrap_or(&every);
        let place = usize::try_from(draw.below(u32::try_from(days.len()).unwrap_or(1))).unwrap_or(0);
        case.day = days.get(place).copied();
    }
    for row in &TRIAGE {
        order_by_stage(draw, cases, row.code);
    }
}

/// Gives the oldest days of a triage to the cases that have come furthest, roughly.
fn order_by_stage(draw: &mut Draw, cases: &mut [Case], triage: &str) {
    let mut of_triage: Vec<&mut Case> =
        cases.iter_mut().filter(|case| case.is_taken() && case.triage() == triage).collect();
    let mut days: Vec<(u32, usize)> = of_triage
        .iter()
        .filter_map(|case| case.day)
        .map(|day| (u32::try_from(day).unwrap_or(0).saturating_add(draw.below(60)), day))
        .collect();
    days.sort_unstable();
    of_triage.sort_by_key(|case| STAGES.iter().position(|stage| *stage == case.stage()));
    for (case, (_, day)) in of_triage.into_iter().zip(days) {
        case.day = Some(day);
    }
}

/// Deals everything else that a report and its way through the centre are told by.
pub(super) fn deal_reports(draw: &mut Draw, plan: &mut Plan) {
    let size = plan.cases.len();
    let cases = &mut plan.cases;
    deal(draw, cases, |_| true, CHANNELS, |case| &mut case.channel, |case, channel| suits(case.triage(), channel));
    let count = |of: usize| scaled(of, CASES, size);
    mark(
        draw,
        cases,
        count(ON_PAPER),
        |case| case.on_paper,
        |case| case.on_paper = true,
        |case| case.is_taken() && case.day >= Some(PAPER_DAYS),
        |case| case.triage() != "TPPO",
    );
    let delays = PAPER_DELAYS.values(cases.iter().filter(|case| case.on_paper).count());
    for (case, delay) in cases.iter_mut().filter(|case| case.on_paper).zip(delays) {
        case.paper_days = delay;
    }
    mark(
        draw,
        cases,
        count(URGENT),
        |case| case.urgent,
        |case| case.urgent = true,
        |case| case.is_taken() && case.size >= Some(1),
        |case| matches!(case.triage(), "TPPO" | "KTPA"),
    );
    mark(
        draw,
        cases,
        count(ABOUT_ANOTHER),
        |case| case.about_another,
        |case| case.about_another = true,
        |case| case.progress != Progress::Told,
        |case| {
            matches!(
                case.channel,
                Some("DESA" | "TELP" | "JEMPOL" | "DATANG" | "GEREJA" | "SAPA129" | "SEKOLAH" | "ANONIM")
            )
        },
    );
    mark(
        draw,
        cases,
        count(ONLY_COUNTED),
        |case| case.counts_one,
        |case| case.counts_one = true,
        |case| case.is_taken() && case.size >= Some(1),
        |_| true,
    );
    estimate(cases, count(ESTIMATED));
    mark_guardians(draw, plan, count(GUARDIANS));
    time(draw, &mut plan.cases);
}

/// Which channels bring what; what is left over comes from anywhere.
fn suits(triage: &str, channel: &str) -> bool {
    match channel {
        "BP3MI" | "PERWAKILAN" => matches!(triage, "PMI" | "TPPO"),
        "IMIGRASI" | "KP3" | "PAMTAS" | "PATROLI" => matches!(triage, "PMI" | "TPPO" | "TPPM"),
        "DISNAKER" => matches!(triage, "SENGKETA" | "PMI" | "INFO"),
        "SEKOLAH" | "FASKES" | "SAPA129" => matches!(triage, "KTPA" | "TPPO" | "INFO"),
        _ => true,
    }
}

/// Reports that are information only speak of people whom nobody has seen.
fn estimate(cases: &mut [Case], count: usize) {
    let mut of_info: Vec<&mut Case> =
        cases.iter_mut().filter(|case| case.triage() == "INFO" && case.progress != Progress::Told).collect();
    let parts = spread_over(count, of_info.len());
    for (case, part) in of_info.iter_mut().zip(parts) {
        case.estimate = part;
    }
}

/// A child alone in a case, whose guardian did not decide anything.
fn mark_guardians(draw: &mut Draw, plan: &mut Plan, count: usize) {
    mark(
        draw,
        &mut plan.people,
        count,
        |person| person.guardian,
        |person| person.guardian = true,
        |person| person.alone && person.taken && person.is_child() && !person.refused() && !person.deceased,
        |_| true,
    );
    let Plan { cases, people } = plan;
    for case in cases.iter_mut() {
        case.guardian = people.get(case.people.clone()).unwrap_or_default().iter().any(|person| person.guardian);
    }
}

/// Deals how long the centre took, never longer than the case is old.
fn time(draw: &mut Draw, cases: &mut [Case]) {
    let mut taken: Vec<&mut Case> = cases.iter_mut().filter(|case| case.is_taken()).collect();
    let day = usize::try_from(DAY).unwrap_or(0);
    let limits: Vec<usize> = taken.iter().map(|case| case.entered().saturating_mul(day)).collect();
    let responses = below_limits(draw, RESPONSES.values(taken.len()), &limits);
    for (case, response) in taken.iter_mut().zip(responses) {
        case.response = response;
    }
    let mut decided: Vec<&mut &mut Case> = taken.iter_mut().filter(|case| case.triage() == "TPPO").collect();
    let limits: Vec<usize> = decided.iter().map(|case| case.entered()).collect();
    let decisions = below_limits(draw, DECISIONS.values(decided.len()), &limits);
    for (case, decision) in decided.iter_mut().zip(decisions) {
        case.decision = decision;
    }
    let mut closed: Vec<&mut &mut Case> = taken.iter_mut().filter(|case| case.stage() == "TUTUP").collect();
    let limits: Vec<usize> = closed.iter().map(|case| case.entered()).collect();
    let closings = below_limits(draw, CLOSINGS.values(closed.len()), &limits);
    for (case, closing) in closed.iter_mut().zip(closings) {
        case.closing = closing;
    }
}
