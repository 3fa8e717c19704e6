//! "Kasus": the list of every case on this tablet.

use derive::Wire;

use super::CaseCard;

/// A piece of the case list that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Wire)]
pub struct CasesAsk {
    /// Words to look for; empty for all.
    #[n(0)]
    pub search: String,
    /// Only cases at this stage; empty for every stage.
    #[n(1)]
    pub stage: String,
    /// Only cases of all these sorts.
    #[n(2)]
    pub only: Vec<CaseFilter>,
    /// Newest activity first, and not what is due first.
    #[n(3)]
    pub newest_first: bool,
    /// How many cards are wanted.
    #[n(4)]
    pub cards_max: u32,
}

/// A sort of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Wire)]
#[cbor(index_only)]
pub enum CaseFilter {
    /// "Darurat"
    #[n(0)]
    Emergency,
    /// "Menunggu diterima": handed over, not yet taken over.
    #[n(1)]
    Waiting,
    /// "Anak"
    #[n(2)]
    Child,
    /// "Isian berbeda"
    #[n(3)]
    Conflicts,
    /// "Ada tenggat"
    #[n(4)]
    Due,
}

impl CaseFilter {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Emergency, Self::Waiting, Self::Child, Self::Conflicts, Self::Due];
}

/// The case list.
#[derive(Debug, Clone, PartialEq, Eq, Wire)]
pub struct CasesView {
    /// The first of what was found, in the order asked for.
    #[n(0)]
    pub cards: Vec<CaseCard>,
    /// How many were found.
    #[n(1)]
    pub total: u32,
}
