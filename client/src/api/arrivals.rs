//! An arrival list on its way into a report: what was told of each person, what of it was understood, and what to ask about.

use derive::Wire;
use shared::id::CaseId;

use super::{FieldPlace, Path};

/// What a list tells of one person, each word as it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct ArrivalCells {
    /// Name.
    #[n(0)]
    pub name: String,
    /// Woman or man.
    #[n(1)]
    pub sex: String,
    /// Age, or the day of birth.
    #[n(2)]
    pub age: String,
    /// Village.
    #[n(3)]
    pub place: String,
    /// Population number.
    #[n(4)]
    pub nik: String,
    /// Everything else.
    #[n(5)]
    pub note: String,
}

/// What to ask about before a row is kept; never a reason to refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Wire)]
pub enum ArrivalDoubt {
    /// No name.
    #[n(0)]
    NoName,
    /// Not said whether woman or man.
    #[n(1)]
    NoSex,
    /// Said in words nobody understands; they go into the note.
    #[n(2)]
    SexUnclear,
    /// No age.
    #[n(3)]
    NoAge,
    /// The age is no number and no day; it goes into the note.
    #[n(4)]
    AgeUnclear,
    /// No village.
    #[n(5)]
    NoPlace,
    /// A place the pack does not know, or knows twice; it goes into the note.
    #[n(6)]
    PlaceUnclear,
    /// No 16 digits; they go into the note.
    #[n(7)]
    NikUnclear,
    /// The number begins with no province, regency or district.
    #[n(8)]
    NikPlace,
    /// The number holds no day, or no serial number.
    #[n(9)]
    NikNumber,
    /// The number tells another age.
    #[n(10)]
    NikBorn,
    /// The number tells another sex.
    #[n(11)]
    NikSex,
    /// Stands twice in the list.
    #[n(12)]
    Twice,
    /// More than a field takes: it has to be shortened before the list is kept.
    #[n(13)]
    TooLong,
}

/// One row as it is shown before anything is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct ArrivalRow {
    /// As it was told.
    #[n(0)]
    pub cells: ArrivalCells,
    /// Left out: nothing of it is kept.
    #[n(1)]
    pub out: bool,
    /// Code of the sex; empty while that is not known.
    #[n(2)]
    pub sex: String,
    /// Years; none while that is not known.
    #[n(3)]
    pub age: Option<u32>,
    /// Day of birth, as fields hold it; empty while that is not known.
    #[n(4)]
    pub born: String,
    /// Code of the village; empty while that is not known.
    #[n(5)]
    pub area: String,
    /// Under 18; none while that is not known.
    #[n(6)]
    pub child: Option<bool>,
    /// What to ask about.
    #[n(7)]
    pub doubts: Vec<ArrivalDoubt>,
    /// Names it, in whichever tab and wherever it stands.
    #[n(8)]
    pub id: u32,
}

/// The list of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Wire)]
pub struct ArrivalsView {
    /// What was pasted and is not read yet.
    #[n(0)]
    pub pasted: String,
    /// What is to be kept, and what was left out of it.
    #[n(1)]
    pub rows: Vec<ArrivalRow>,
    /// People of the report who are kept already.
    #[n(2)]
    pub kept: u32,
}

impl ArrivalCells {
    /// Whether nothing is told of anybody.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl ArrivalsView {
    /// How many of the list are to be kept.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.rows.iter().filter(|row| !row.out && !row.cells.is_blank()).count()
    }
}

/// What is done with the list.
#[derive(Debug, Clone, Wire)]
pub enum ArrivalAct {
    /// Only looks.
    #[n(0)]
    Look,
    /// Reads a table and puts its rows behind those that stand.
    #[n(1)]
    Read(#[n(0)] String),
    /// Adds a blank row.
    #[n(2)]
    Add,
    /// Mends a row.
    #[n(3)]
    Put {
        /// Which.
        #[n(0)]
        row: u32,
        /// What it says now.
        #[n(1)]
        cells: ArrivalCells,
        /// Of which cells that is so, the lowest bit for the first: another tab may be mending others.
        #[n(2)]
        changed: u32,
    },
    /// Leaves rows out, or takes them in again.
    #[n(4)]
    Leave {
        /// Which; none are all.
        #[n(0)]
        row: Option<u32>,
        /// Left out.
        #[n(1)]
        out: bool,
    },
    /// Makes each row a person of the case: all of them or none.
    #[n(5)]
    Keep,
}

/// Where a list stays until it is kept: no document has such a field.
#[must_use]
pub fn list_place(case: CaseId) -> FieldPlace {
    place(case, "daftar")
}

/// Where a pasted table stays until it is read.
#[must_use]
pub fn pasted_place(case: CaseId) -> FieldPlace {
    place(case, "daftar_tempel")
}

fn place(case: CaseId, name: &str) -> FieldPlace {
    FieldPlace { case, kind: "identity.short".to_owned(), subject: None, path: Path::Text(name.to_owned()) }
}
