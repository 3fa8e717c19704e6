//! A document as the access rules read it: every value that stands, none chosen.
//!
//! Owns the bridge only; which fields carry rights is `access`'s to know.

use super::Document;
use super::genesis::ROWS;
use super::path::parse_row_key;
use super::read::FieldState;
use crate::access::{Row, Standing, StandingValues};
use crate::order::Arrange as _;

fn standing(state: &FieldState) -> Standing {
    Standing::new(state.values.iter().map(|seen| seen.value.clone()).collect())
}

impl StandingValues for Document {
    fn standing(&self, key: &str) -> Standing {
        standing(&self.field(key))
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        let keys = self.crdt().keys(&ROWS);
        let ids = keys.iter().filter_map(|key| parse_row_key(key)).filter(|(of, _)| *of == table);
        // In the order in which they were made; who wrote what, nobody asks here.
        let mut rows: Vec<(u64, Row)> = ids
            .filter_map(|(_, id)| {
                let objects = self.row_objects(table, id);
                let made = objects.first()?.counter;
                let several = |key: &str| standing(&self.state(&objects, key));
                Some((made, Row { id, fields: self.row_fields(&objects, several, |value, _| value.into()) }))
            })
            .collect();
        rows.arrange_by_key(|(made, row)| (*made, row.id));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}
