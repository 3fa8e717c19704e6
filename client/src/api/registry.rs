//! "Register kasus": the one list of all cases.

use std::collections::BTreeSet;

use derive::Wire;
use shared::id::CaseId;
use shared::pack::Pack;

use super::CaseCard;

/// A saved view of the register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Wire)]
pub enum RegistryTab {
    /// "Semua"
    #[default]
    #[n(0)]
    All,
    /// "Belum bernomor": handed over, without a register number.
    #[n(1)]
    NoNumber,
    /// "Belum triase"
    #[n(2)]
    NoTriage,
    /// "Tanpa manajer kasus"
    #[n(3)]
    NoManager,
    /// "Tidak bergerak 30 hari"
    #[n(4)]
    Idle,
    /// "Anak"
    #[n(5)]
    Child,
    /// One of the place's own, by its place among the pack's views.
    #[n(6)]
    Own(#[n(0)] u32),
    /// "Data pokok kurang"
    #[n(7)]
    Incomplete,
    /// "Akan ditutup": proposed by one, to be approved by another.
    #[n(8)]
    Closing,
}

impl RegistryTab {
    /// All that a pack has, in the order in which they are offered.
    #[must_use]
    pub fn all(pack: &Pack) -> Vec<Self> {
        let own = pack.views.iter().zip(0..).map(|(_, place)| Self::Own(place));
        [Self::All, Self::NoNumber, Self::NoTriage, Self::NoManager, Self::Idle, Self::Child]
            .into_iter()
            .chain(own)
            .chain(pack.stages.closing.is_some().then_some(Self::Closing))
            .chain([Self::Incomplete])
            .collect()
    }
}

/// What the register is ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Wire)]
pub enum RegistryOrder {
    /// Last activity.
    #[default]
    #[n(0)]
    Activity,
    /// Register number or, before that, field code.
    #[n(1)]
    Code,
    /// Day of the report.
    #[n(2)]
    Reported,
}

/// A piece of the register that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Wire)]
pub struct RegistryAsk {
    /// Which saved view.
    #[n(0)]
    pub tab: RegistryTab,
    /// Words to look for; empty for all.
    #[n(1)]
    pub search: String,
    /// Only cases at this stage; empty for every stage.
    #[n(2)]
    pub stage: String,
    /// What by.
    #[n(3)]
    pub order: RegistryOrder,
    /// The oldest, or the smallest code, first.
    #[n(4)]
    pub ascending: bool,
    /// The first row wanted, from 0.
    #[n(5)]
    pub first: u32,
    /// How many rows.
    #[n(6)]
    pub rows_max: u32,
}

impl RegistryAsk {
    /// Whether the same cases stand in the list, in whatever order and wherever it is scrolled to.
    #[must_use]
    pub fn lists_the_same(&self, other: &Self) -> bool {
        (self.tab, &self.search, &self.stage) == (other.tab, &other.search, &other.stage)
    }
}

/// A piece of the register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct RegistryView {
    /// The rows asked for, as far as there are.
    #[n(0)]
    pub rows: Vec<RegistryRow>,
    /// The place of the first of them, from 0.
    #[n(1)]
    pub first: u32,
    /// How many rows the view has with this search and stage.
    #[n(2)]
    pub total: u32,
    /// How many cases each view holds whatever is looked for, in the order of [`RegistryTab::all`].
    #[n(3)]
    pub counts: Vec<u32>,
    /// Presumed victims in those `total` cases.
    #[n(4)]
    pub people: u32,
    /// Those `total` cases, when they are few enough to be chosen at once.
    #[n(5)]
    pub cases: Vec<CaseId>,
}

impl RegistryView {
    /// Those of the chosen cases that are listed; where they are too many to be told one by one, all of them.
    #[must_use]
    pub fn listed(&self, chosen: &BTreeSet<CaseId>) -> BTreeSet<CaseId> {
        let is_told = self.cases.len() == usize::try_from(self.total).unwrap_or(usize::MAX);
        chosen.iter().filter(|case| !is_told || self.cases.contains(case)).copied().collect()
    }
}

/// A case in the register.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct RegistryRow {
    /// The case.
    #[n(0)]
    pub card: CaseCard,
    /// Code of the channel, empty if not told.
    #[n(1)]
    pub channel: String,
    /// Day of the report, empty if not told.
    #[n(2)]
    pub reported_on: String,
    /// Presumed victims: women, girls, men, boys.
    #[n(3)]
    pub groups: [u32; 4],
    /// What a case in the register has and this one has not.
    #[n(4)]
    pub missing: Vec<Essential>,
}

/// What every case in the register has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum Essential {
    /// A register number.
    #[n(0)]
    Number,
    /// The day of the report.
    #[n(1)]
    Reported,
    /// The channel.
    #[n(2)]
    Channel,
    /// How many people.
    #[n(3)]
    People,
    /// A place.
    #[n(4)]
    Area,
    /// A triage.
    #[n(5)]
    Triage,
    /// A case manager.
    #[n(6)]
    Manager,
}

impl Essential {
    /// All, in the order of the register's columns.
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Reported, Self::Channel, Self::People, Self::Area, Self::Triage, Self::Manager];
}

/// The place of a case in the book of the register.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct Registering {
    /// The number that comes next in the book; may be changed before it is written.
    #[n(0)]
    pub next_number: String,
    /// Another case that bears this case's number, by its field code.
    #[n(1)]
    pub shared_with: Option<(CaseId, String)>,
    /// Cases that may be about the same people, by their codes.
    #[n(2)]
    pub similar: Vec<(CaseId, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn case(number: u8) -> CaseId {
        CaseId::from_bytes([number; 16])
    }

    #[test]
    fn another_tab_search_or_stage_lists_other_cases() {
        let ask = RegistryAsk { search: "L-ABC".to_owned(), ..RegistryAsk::default() };
        let moved = RegistryAsk { first: 45, ascending: true, order: RegistryOrder::Code, ..ask.clone() };
        assert!(ask.lists_the_same(&moved));
        let others = [
            RegistryAsk { tab: RegistryTab::Child, ..ask.clone() },
            RegistryAsk { search: String::new(), ..ask.clone() },
            RegistryAsk { stage: "LAYANAN".to_owned(), ..ask.clone() },
        ];
        assert!(others.iter().all(|other| !ask.lists_the_same(other)));
    }

    #[test]
    fn what_is_not_listed_is_not_chosen() {
        let chosen = BTreeSet::from([case(1), case(2)]);
        let few = RegistryView { total: 2, cases: vec![case(2), case(3)], ..RegistryView::default() };
        assert_eq!(few.listed(&chosen), BTreeSet::from([case(2)]));
        assert!(RegistryView::default().listed(&chosen).is_empty());
        let many = RegistryView { total: 5_000, ..RegistryView::default() };
        assert_eq!(many.listed(&chosen), chosen);
    }
}
