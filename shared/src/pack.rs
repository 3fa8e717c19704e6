//! The jurisdiction pack: everything that makes Simpul serve one task force, as data.
//!
//! Owns units, offices, roles, grid, kinds, forms, code lists, areas and emergency numbers, and the look-ups others
//! need. Parsed from a folder of TOML and CSV by the relay (feature `pack-source`), carried to tablets as CBOR.
//! Never names a unit, form or code of a real task force in code.

use std::collections::BTreeMap;

use derive::FromPack;
use serde::Serialize;

use crate::order::Arrange as _;

pub mod area;
#[cfg(feature = "pack-source")]
pub mod check;
pub mod code;
pub mod fault;
pub mod field;
pub mod form;
pub mod grid;
pub mod kind;
pub mod label;
pub mod organisation;
mod read;
pub mod schema;
#[cfg(feature = "pack-source")]
pub mod source;
pub mod stage;

pub use area::{Area, AreaLevel, Crossing};
pub use code::{Code, CodeList};
pub use fault::PackFault;
pub use field::{Bearer, Condition, ConditionTest, FieldSpec, FieldType, Sensitivity, Withheld, Writer};
pub use form::{Alarm, Derivation, Duty, FieldRef, Form, Item, Note, Page, RegisterView, RowTarget, Spoken, Weight};
pub use grid::{Cell, Grid, Letter};
pub use kind::{CreateRule, Kind, SubjectRule, Table};
pub use label::{Label, Language};
pub use organisation::{EmergencyNumber, LegalBasis, Office, Role, Unit, Zone};
pub use schema::{FieldPath, FieldSlot, GridPlace, Schema, SlotPart, ValueFault};
pub use stage::{Gate, StageRules};

/// Holds one checked pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Pack {
    /// Stable name, such as `belu`.
    pub id: String,
    /// Grows with every change.
    pub version: u32,
    /// Name of the task force.
    pub label: Label,
    /// Name of the jurisdiction, for headers and cards.
    pub jurisdiction: Label,
    /// Prefix of register numbers, such as `BLU`.
    pub register_prefix: String,
    /// Code of the jurisdiction among the areas.
    pub home_area: String,
    /// Laws it stands on.
    pub legal_basis: Vec<LegalBasis>,
    /// Zone of legal dates.
    pub zone: Zone,
    /// Units.
    pub units: Vec<Unit>,
    /// Offices.
    pub offices: Vec<Office>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Document kinds by name.
    pub kinds: BTreeMap<String, Kind>,
    /// Access grid.
    pub grid: Grid,
    /// Code lists by name.
    pub code_lists: BTreeMap<String, CodeList>,
    /// Places by code.
    pub areas: BTreeMap<String, Area>,
    /// Crossing and transit points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crossings: Vec<Crossing>,
    /// Numbers to call.
    pub emergency: Vec<EmergencyNumber>,
    /// Forms in the order of the case.
    pub forms: Vec<Form>,
    /// Fields that follow from answers.
    pub derivations: Vec<Derivation>,
    /// What has to be done with a report within some hours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
    /// Saved views of the register beside those that every place has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<RegisterView>,
    /// Disagreements by how much they decide, the weightiest first; what none names comes last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Weight>,
    /// How cases move from stage to stage.
    #[serde(default, skip_serializing_if = "StageRules::is_empty")]
    pub stages: StageRules,
    /// Who hears of a danger that nobody takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
}

/// A pack did not come back from CBOR.
#[derive(Debug, thiserror::Error)]
pub enum PackCodecError {
    /// The bytes are no pack of this version of Simpul.
    #[error("the pack's CBOR cannot be read")]
    Decode,
    /// The pack cannot be written.
    #[error("the pack cannot be written as CBOR")]
    Encode(#[source] minicbor_serde::error::EncodeError<std::convert::Infallible>),
}

impl Pack {
    /// Tells which of [`Pack::weights`] a place of a document has: the first that names it, its table or its kind; as many as there
    /// are where none does.
    #[must_use]
    pub fn weight_of(&self, kind: &str, table: Option<&str>, key: &str) -> usize {
        let in_kind = |rest: &str| match (rest.split_once('.'), table) {
            (Some((in_table, field)), Some(table)) => in_table == table && field == key,
            (None, Some(table)) => rest == table,
            (None, None) => rest == key,
            (Some(_), None) => false,
        };
        let names = |place: &String| match place.split_once(':') {
            None => place == kind,
            Some((named, rest)) => named == kind && in_kind(rest),
        };
        let named = self.weights.iter().position(|weight| weight.of.iter().any(names));
        named.unwrap_or(self.weights.len())
    }

    /// Writes the pack as tablets carry it.
    ///
    /// # Errors
    /// [`PackCodecError::Encode`] when a value cannot be written; no pack that was parsed has one.
    pub fn to_cbor(&self) -> Result<Vec<u8>, PackCodecError> {
        minicbor_serde::to_vec(self).map_err(PackCodecError::Encode)
    }

    /// Reads a pack that a relay wrote.
    ///
    /// # Errors
    /// [`PackCodecError::Decode`] when the bytes are no pack.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, PackCodecError> {
        let mut from = minicbor::Decoder::new(bytes);
        let pack = read::FromPack::take(&mut from).ok_or(PackCodecError::Decode)?;
        if from.position() == bytes.len() { Ok(pack) } else { Err(PackCodecError::Decode) }
    }

    /// Finds a role.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.key == key)
    }

    /// Finds an office.
    #[must_use]
    pub fn office(&self, key: &str) -> Option<&Office> {
        self.offices.iter().find(|office| office.key == key)
    }

    /// Finds a unit.
    #[must_use]
    pub fn unit(&self, key: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.key == key)
    }

    /// Finds a form.
    #[must_use]
    pub fn form(&self, key: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.key == key)
    }

    /// Tells whether a list has a code, retired or not.
    #[must_use]
    pub fn has_code(&self, list: &str, code: &str) -> bool {
        self.code_lists.get(list).is_some_and(|list| list.find(code).is_some())
    }

    /// Finds the field a form points at.
    #[must_use]
    pub fn field(&self, place: &FieldRef) -> Option<&FieldSpec> {
        let kind = self.kinds.get(&place.kind)?;
        match &place.table {
            None => kind.fields.get(&place.key),
            Some(table) => kind.tables.get(table)?.fields.get(&place.key),
        }
    }

    /// Finds a table of rows.
    #[must_use]
    pub fn table(&self, target: &RowTarget) -> Option<&Table> {
        self.kinds.get(&target.kind)?.tables.get(&target.table)
    }

    /// Tells whether a form is filled once for each person: its documents or its rows are a person's.
    #[must_use]
    pub fn is_personal(&self, form: &Form) -> bool {
        let is_person = |kind: &str| self.kinds.get(kind).is_some_and(|kind| kind.subject == SubjectRule::Person);
        form.fields().any(|field| is_person(&field.kind))
            || form.rows_of.as_ref().and_then(|target| self.table(target)?.person_key()).is_some()
    }

    /// Lists the places directly inside another one; none = those at the top.
    pub fn areas_in<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = (&'a str, &'a Area)> {
        self.areas
            .iter()
            .filter(move |(_, area)| area.parent.as_deref() == parent)
            .map(|(code, area)| (code.as_str(), area))
    }

    /// A place and those around it, from the inside out; none of a place the pack does not know.
    fn around<'a>(&'a self, area: &str) -> impl Iterator<Item = (&'a str, &'a Area)> {
        let find = |code: &str| self.areas.get_key_value(code).map(|(code, area)| (code.as_str(), area));
        // A pack's tree is shallow and checked for cycles; the bound guards one that was not.
        std::iter::successors(find(area), move |(_, area)| find(area.parent.as_deref()?)).take(8)
    }

    /// Lists the numbers for a place: who is on duty, then its own, those of the places around it, and those for everywhere.
    /// Where the place is not known, or lies elsewhere, this jurisdiction's own help all the same.
    #[must_use]
    pub fn emergency_for(&self, area: Option<&str>) -> Vec<&EmergencyNumber> {
        let mut places: Vec<&str> = area.into_iter().flat_map(|area| self.around(area)).map(|(code, _)| code).collect();
        if !places.contains(&self.home_area.as_str()) {
            places.extend(self.around(&self.home_area).map(|(code, _)| code));
        }
        let places = places.into_iter().map(Some).chain([None]);
        let of = |place| self.emergency.iter().filter(move |number| number.area.as_deref() == place);
        let mut found: Vec<_> = places.flat_map(of).collect();
        // Stable: the nearest stay in front of the others.
        found.arrange_by_key(|number| !number.duty);
        found
    }

    /// Finds who is on duty for a place: the nearest number that is read.
    #[must_use]
    pub fn duty_number(&self, area: Option<&str>) -> Option<&EmergencyNumber> {
        self.emergency_for(area).into_iter().find(|number| number.duty)
    }

    /// Finds the district a place lies in, or is, with its code.
    #[must_use]
    pub fn district_of(&self, area: &str) -> Option<(&str, &Area)> {
        self.around(area).find(|(_, area)| area.level == AreaLevel::District)
    }
}
