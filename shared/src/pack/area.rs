//! Places: villages, districts, regencies, provinces and countries, by code.
//!
//! Owns the tree that the area picker walks, and what is known of crossing and transit points. Kemendagri codes
//! for Indonesia, ISO 3166 for countries. Never holds a point on a map.

use derive::FromPack;
use serde::Serialize;

use super::label::is_false;

/// Names the level of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, FromPack)]
pub enum AreaLevel {
    /// A country, or a part of one that has its own code.
    #[serde(rename = "negara")]
    Country,
    /// A province, or a municipality of a neighbouring country.
    #[serde(rename = "provinsi")]
    Province,
    /// A regency.
    #[serde(rename = "kabupaten")]
    Regency,
    /// A city of a regency's rank.
    #[serde(rename = "kota")]
    City,
    /// A district.
    #[serde(rename = "kecamatan")]
    District,
    /// A village.
    #[serde(rename = "desa")]
    Village,
    /// An urban village.
    #[serde(rename = "kelurahan")]
    UrbanVillage,
}

impl AreaLevel {
    /// Parses the word used in sources.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "negara" => Self::Country,
            "provinsi" => Self::Province,
            "kabupaten" => Self::Regency,
            "kota" => Self::City,
            "kecamatan" => Self::District,
            "desa" => Self::Village,
            "kelurahan" => Self::UrbanVillage,
            _ => return None,
        })
    }

    /// Tells whether a place of this level may lie in one of the other.
    #[must_use]
    pub const fn fits_in(self, parent: Self) -> bool {
        match self {
            Self::Country => false,
            Self::Province => matches!(parent, Self::Country),
            Self::Regency | Self::City => matches!(parent, Self::Province),
            Self::District => matches!(parent, Self::Regency | Self::City),
            Self::Village | Self::UrbanVillage => matches!(parent, Self::District),
        }
    }
}

/// Says what is known of a place where people cross a border or change vehicles; its words stand in the code list
/// [`CROSSINGS`], under the same code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Crossing {
    /// Code in the list.
    pub code: String,
    /// What it is, in words of the source (`PLBN`, `Pelabuhan` …).
    pub sort: String,
    /// Where it lies, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// What lies on the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opposite: Option<String>,
    /// Somebody read it in a source; otherwise it is common knowledge.
    #[serde(default, skip_serializing_if = "is_false")]
    pub verified: bool,
}

/// List of the crossing and transit points.
pub const CROSSINGS: &str = "titik_lintas";

/// Describes one place; its code is the key in [`super::Pack::areas`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromPack)]
pub struct Area {
    /// Name as it is written locally.
    pub name: String,
    /// Level.
    pub level: AreaLevel,
    /// Code of the place it lies in; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}
