//! A document as the access rules read it: every value that stands, none chosen.
//!
//! Owns the bridge only; which fields carry rights is `access`'s to know.

use std::collections::BTreeMap;

use super::Document;
use super::read::FieldState;
use crate::access::{Row, Standing, StandingValues};
use crate::order::Gather as _;

fn standing(state: &FieldState) -> Standing {
    Standing::new(state.values.iter().map(|seen| seen.value.clone()).collect())
}

impl StandingValues for Document {
    fn standing(&self, key: &str) -> Standing {
        standing(&self.field(key))
    }

    fn rows(&self, table: &str) -> Vec<Row> {
        let fields = |fields: &BTreeMap<String, FieldState>| {
            fields.iter().map(|(key, state)| (key.clone(), standing(state))).into_map()
        };
        Self::rows(self, table).iter().map(|state| Row { id: state.row, fields: fields(&state.fields) }).collect()
    }
}
