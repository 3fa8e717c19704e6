//! A document as the access rules read it: every value that stands, none chosen.
//!
//! Owns the bridge only; which fields carry rights is `access`'s to know.

use std::collections::BTreeMap;

use super::Document;
use super::genesis::ROWS;
use super::path::{OpId, parse_row_key};
use super::read::{FieldState, RowState};
use crate::access::{Row, Standing, StandingValues};
use crate::id::RowId;
use crate::order::{Arrange as _, Gather as _};

/// A row, and where it stands among those of its table.
type Placed = (u64, Row);

/// A document of which every row is read at once, for who asks for most of its tables.
#[derive(Debug)]
pub struct Tables<'d> {
    document: &'d Document,
    rows: BTreeMap<String, Vec<Row>>,
}

fn standing(state: &FieldState) -> Standing {
    Standing::new(state.values.iter().map(|seen| seen.value.clone()).collect())
}

/// In the order in which they were made; who wrote what, nobody asks here.
fn as_made(mut rows: Vec<Placed>) -> Vec<Row> {
    rows.arrange_by_key(|(made, row)| (*made, row.id));
    rows.into_iter().map(|(_, row)| row).collect()
}

impl From<&RowState> for Row {
    fn from(row: &RowState) -> Self {
        let fields = row.fields.iter().map(|(key, state)| (key.clone(), standing(state)));
        Self { id: row.row, fields: fields.into_map() }
    }
}

impl Document {
    /// Every table, read in one walk.
    #[must_use]
    pub fn standing_tables(&self) -> Tables<'_> {
        let mut tables: BTreeMap<String, Vec<Placed>> = BTreeMap::new();
        for (table, id, objects) in self.all_rows() {
            if let Some(row) = self.standing_row(id, &objects) {
                tables.entry(table).or_default().push(row);
            }
        }
        let rows = tables.into_iter().map(|(table, rows)| (table, as_made(rows)));
        Tables { document: self, rows: rows.collect() }
    }

    fn standing_row(&self, id: RowId, objects: &[OpId]) -> Option<Placed> {
        let made = objects.first()?.counter;
        let several = |key: &str| standing(&self.state(objects, key));
        Some((made, Row { id, fields: self.row_fields(objects, several, |value, _| value.into()) }))
    }
}

impl StandingValues for Document {
    fn standing(&self, key: &str) -> Standing {
        standing(&self.field(key))
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        let keys = self.crdt().keys(&ROWS);
        let ids = keys.iter().filter_map(|key| parse_row_key(key)).filter(|(of, _)| *of == table);
        as_made(ids.filter_map(|(_, id)| self.standing_row(id, &self.row_objects(table, id))).collect())
    }
}

impl StandingValues for Tables<'_> {
    fn standing(&self, key: &str) -> Standing {
        self.document.standing(key)
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        self.rows.get(table).cloned().unwrap_or_default()
    }
}
