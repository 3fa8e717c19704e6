//! The access grid: what each role may do with each kind, or part of a kind.
//!
//! Owns letters and look-up. Deciding is `access`'s work. What the grid does not name it does not allow.

use std::collections::BTreeMap;
use std::fmt;

use derive::FromPack;
use serde::Serialize;

/// Names what a role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, FromPack)]
pub enum Letter {
    /// `-`: nothing.
    None,
    /// `A`: suppressed aggregates; never a document.
    Aggregate,
    /// `P`: a pseudonymous rendition the relay makes; never a document.
    Pseudonym,
    /// `B`: break-glass; never a document by itself.
    BreakGlass,
    /// `c`: create, without reading back.
    Create,
    /// `R`: read.
    Read,
    /// `W`: write and read.
    Write,
}

/// Holds one cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, FromPack)]
pub struct Cell {
    /// What.
    pub letter: Letter,
    /// `t`: only in cases assigned to the person.
    pub assigned: bool,
}

impl Cell {
    /// Nothing.
    pub const NONE: Self = Self { letter: Letter::None, assigned: false };

    /// Parses a cell as it is written in `grid.csv`: `-`, `A`, `P`, `B`, `c`, `R`, `W`; the four of them
    /// that speak of single cases (`P`, `c`, `R`, `W`) also with ` t`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (letter, assigned) = match text.strip_suffix(" t") {
            Some(letter) => (letter, true),
            None => (text, false),
        };
        let letter = match letter {
            "-" => Letter::None,
            "A" => Letter::Aggregate,
            "P" => Letter::Pseudonym,
            "B" => Letter::BreakGlass,
            "c" => Letter::Create,
            "R" => Letter::Read,
            "W" => Letter::Write,
            _ => return None,
        };
        let may_be_assigned = matches!(letter, Letter::Pseudonym | Letter::Create | Letter::Read | Letter::Write);
        (may_be_assigned || !assigned).then_some(Self { letter, assigned })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.letter {
            Letter::None => "-",
            Letter::Aggregate => "A",
            Letter::Pseudonym => "P",
            Letter::BreakGlass => "B",
            Letter::Create => "c",
            Letter::Read => "R",
            Letter::Write => "W",
        })?;
        if self.assigned {
            formatter.write_str(" t")?;
        }
        Ok(())
    }
}

/// Holds the whole grid: kind or part, then role, then cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, FromPack)]
#[serde(transparent)]
pub struct Grid {
    /// Rows by kind (`intake`) or part (`core.team`).
    pub rows: BTreeMap<String, BTreeMap<String, Cell>>,
}

impl Grid {
    /// Looks a cell up; an unknown row or role allows nothing.
    #[must_use]
    pub fn cell(&self, row: &str, role: &str) -> Cell {
        self.rows.get(row).and_then(|cells| cells.get(role)).copied().unwrap_or(Cell::NONE)
    }
}
