//! The one value a field holds: what documents store, frames carry and packs check.
//!
//! Owns the four shapes a field may have and their CBOR: null, bool, integer, text, with no tag around
//! them. Never grows a list or a map: many-choice answers are one boolean per code, long texts are their own
//! objects. Used by `pack`, `document`, `command` and `protocol`.

use std::fmt;

use minicbor::data::Type;
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Holds one field's value; ordered null, bool, int, text.
///
/// Codes, short texts and partial civil dates (`YYYY[-MM[-DD]]`) are all text; the pack says which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Scalar {
    /// Cleared, or never answered.
    #[default]
    Null,
    /// A yes or a no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A code, a short text or a civil date.
    Str(String),
}

impl Scalar {
    /// Tells whether the field was cleared.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Null | Self::Int(_) | Self::Str(_) => None,
        }
    }

    /// Returns the number, if it is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Null | Self::Bool(_) | Self::Str(_) => None,
        }
    }

    /// Returns the text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(value) => Some(value),
            Self::Null | Self::Bool(_) | Self::Int(_) => None,
        }
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(value: String) -> Self {
        Self::Str(value)
    }
}

impl fmt::Display for Scalar {
    /// Writes the bare value, for tools and tests; screens translate codes through the pack.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => value.fmt(formatter),
            Self::Int(value) => value.fmt(formatter),
            Self::Str(value) => value.fmt(formatter),
        }
    }
}

impl<C> Encode<C> for Scalar {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _context: &mut C) -> Result<(), EncodeError<W::Error>> {
        match self {
            Self::Null => encoder.null()?,
            Self::Bool(value) => encoder.bool(*value)?,
            Self::Int(value) => encoder.i64(*value)?,
            Self::Str(value) => encoder.str(value)?,
        };
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Scalar {
    fn decode(decoder: &mut Decoder<'b>, _context: &mut C) -> Result<Self, DecodeError> {
        let at = decoder.position();
        // Integer widths are eight different answers of `datatype`; `i64` takes those that fit and refuses the rest.
        #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of 30 types, of which we take these")]
        match decoder.datatype()? {
            Type::Null => decoder.null().map(|()| Self::Null),
            Type::Bool => decoder.bool().map(Self::Bool),
            Type::String => decoder.str().map(|text| Self::Str(text.to_owned())),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                decoder.i64().map(Self::Int)
            }
            other => Err(DecodeError::type_mismatch(other).at(at).with_message("field value")),
        }
    }
}

// Written by hand: `#[serde(untagged)]` writes null as an empty list in CBOR and then does not read it back.
impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Str(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// Takes the four shapes from any serde format.
struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("null, a bool, a 64-bit integer or a text")
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_none<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Scalar, E> {
        i64::try_from(value).map(Scalar::Int).map_err(|_| E::custom("the number does not fit 64 bits with a sign"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Scalar, E> {
        Ok(Scalar::Str(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &Scalar) -> Vec<u8> {
        minicbor::to_vec(value).unwrap()
    }

    #[test]
    fn a_value_is_bare_cbor() {
        assert_eq!(bytes(&Scalar::Null), [0xf6]);
        assert_eq!(bytes(&Scalar::Bool(true)), [0xf5]);
        assert_eq!(bytes(&Scalar::Int(-1)), [0x20]);
        assert_eq!(bytes(&Scalar::from("UPAH")), b"\x64UPAH");
    }

    #[test]
    fn every_shape_comes_back_from_cbor() {
        for value in
            [Scalar::Null, Scalar::Bool(false), Scalar::Int(i64::MIN), Scalar::Int(i64::MAX), Scalar::from("2026-07")]
        {
            assert_eq!(minicbor::decode::<Scalar>(&bytes(&value)).unwrap(), value, "{value}");
            let serde = minicbor_serde::to_vec(&value).unwrap();
            assert_eq!(minicbor_serde::from_slice::<Scalar>(&serde).unwrap(), value);
            assert_eq!(serde, bytes(&value), "both encoders write the same bytes");
        }
    }

    #[test]
    fn lists_floats_bytes_and_too_large_numbers_are_refused() {
        for refused in [
            &[0x80_u8][..],
            &[0xa0],
            &[0xf9, 0x3c, 0x00],
            &[0x41, 0x00],
            &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0x7f, 0x61, 0x61, 0xff],
            &[],
        ] {
            assert!(minicbor::decode::<Scalar>(refused).is_err(), "{refused:x?}");
        }
    }
}
