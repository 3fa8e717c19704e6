//! Who belongs to the task force, by what law, and whom to call.
//!
//! Owns legal basis, zone, units, offices, roles and emergency numbers. Never holds a person: accounts are made by
//! the secretariat, not by a pack.

use derive::FromPack;
use serde::Serialize;

use super::label::{Label, is_false};

/// Names one legal text the task force stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct LegalBasis {
    /// Stable key, such as `perbup-25-2020`.
    pub key: String,
    /// Title as it is cited.
    pub label: Label,
}

/// Holds the zone of legal dates; tablets at the border jump to another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Zone {
    /// Short name on screen, such as `WITA`.
    pub name: String,
    /// Minutes east of Greenwich.
    pub offset_minutes: i16,
}

/// Describes one unit of the task force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Unit {
    /// Stable code, such as `SGT3`.
    pub key: String,
    /// Name.
    pub label: Label,
    /// Article that makes it.
    pub basis: String,
}

/// Describes one office whose members may hold accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Office {
    /// Stable code, such as `DPPPA`.
    pub key: String,
    /// Name.
    pub label: Label,
    /// Kind of office in words of the regulation (`perangkat daerah`, `LSM` …).
    pub sort: String,
    /// Units it sends members to.
    pub units: Vec<String>,
}

/// Describes one role; the grid says what it may open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Role {
    /// Stable code, such as `MKS`.
    pub key: String,
    /// Name.
    pub label: Label,
    /// Article or source of the role.
    pub basis: String,
    /// On duty: sees what was handed over, or is in danger, until somebody takes it over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub duty: bool,
}

/// Holds one number to call before anything is unlocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct EmergencyNumber {
    /// Area it serves; none = everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Service code in the list `layanan_darurat`.
    pub service: String,
    /// Name on screen.
    pub label: Label,
    /// Telephone number as it is dialled.
    pub phone: String,
    /// WhatsApp number in digits, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whatsapp: Option<String>,
    /// Civil date when somebody last called it to check; none = nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<String>,
    /// An invented number, shown as such.
    #[serde(default, skip_serializing_if = "is_false")]
    pub example: bool,
    /// Somebody on duty reads short messages there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub duty: bool,
}
