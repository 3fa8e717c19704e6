//! Identifiers. Each is a newtype, so that a raw byte string never crosses a module.
//!
//! Called by every module; must never draw randomness itself: callers supply the bytes.

use core::fmt;

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Hashes `[label, parts…]` and keeps the first 16 bytes.
///
/// **Shape**: SHA-256 over the deterministic CBOR array `[text label, bytes part…]` (RFC 8949 §4.2.1), truncated.
/// **Source**: protocol page, "Identifiers".
#[must_use]
pub fn hash16(label: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(hash32(label, parts)) {
        *to = from;
    }
    first
}

/// Hashes `[label, parts…]` to 32 bytes; see [`hash16`].
#[must_use]
pub fn hash32(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut encoded = Vec::with_capacity(64);
    let mut encoder = minicbor::Encoder::new(&mut encoded);
    // Writing to a vector cannot fail.
    let _ = encoder
        .array(u64::try_from(parts.len()).unwrap_or(u64::MAX).saturating_add(1))
        .and_then(|encoder| encoder.str(label))
        .and_then(|encoder| parts.iter().try_fold(encoder, |encoder, part| encoder.bytes(part)));
    Sha256::digest(&encoded).into()
}

/// A text is not an identifier: wrong length or a character that is not lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of {expected_bytes} bytes in lower-case hexadecimal")]
pub struct IdParseError {
    /// How many bytes the identifier has.
    pub expected_bytes: usize,
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a').and_then(|digit| digit.checked_add(10)),
        _ => None,
    }
}

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], IdParseError> {
    let wrong = IdParseError { expected_bytes: N };
    if text.len() != N.saturating_mul(2) {
        return Err(wrong);
    }
    let mut bytes = [0; N];
    for (to, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return Err(wrong) };
        let (high, low) = (hex_digit(*high).ok_or(wrong)?, hex_digit(*low).ok_or(wrong)?);
        *to = high.wrapping_shl(4) | low;
    }
    Ok(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        ///
        /// **Shape**: a CBOR byte string of fixed length; lower-case hexadecimal as text.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] #[cbor(with = "minicbor::bytes")] [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Takes bytes that the caller drew at random or derived.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Parses lower-case hexadecimal.
            ///
            /// # Errors
            /// [`IdParseError`] when the length or a character is wrong.
            pub fn parse(text: &str) -> Result<Self, IdParseError> {
                parse_hex(text).map(Self)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = IdParseError;
            fn try_from(bytes: &[u8]) -> Result<Self, IdParseError> {
                bytes.try_into().map(Self).map_err(|_| IdParseError { expected_bytes: $len })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize<'de>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A relay's identity, made at its first start and kept on restore; part of every signature.
    TenantId, 16
);
id!(
    /// A member's account; also the Automerge author of everything they write.
    AccountId, 16
);
id!(
    /// One account on one tablet.
    DeviceId, 16
);
id!(
    /// A physical tablet, whoever uses it.
    TabletId, 16
);
id!(
    /// One vault on a tablet.
    VaultId, 16
);
id!(
    /// A case.
    CaseId, 16
);
id!(
    /// What a document is about inside its case: a person, or one supplement.
    SubjectId, 16
);
id!(
    /// One Automerge document; derived, see [`DocumentId::derive`].
    DocumentId, 16
);
id!(
    /// An Automerge actor: random per session and document, bound by the relay to one device.
    ActorId, 16
);
id!(
    /// One request; a repeated id replays its answer.
    RequestId, 16
);
id!(
    /// A row of a repeatable table.
    RowId, 16
);
id!(
    /// SHA-256 of an Automerge change.
    ChangeHash, 32
);
id!(
    /// Names a held change to those who decide; tells nothing of document or change to whoever does not have them.
    HeldId, 16
);

impl DocumentId {
    /// Derives a document's id from its key, so that two tablets which make the same document offline make one.
    ///
    /// **Shape**: `hash16("simpul/document", [case, kind as UTF-8, subject or empty, generation as 4 bytes big-endian])`.
    #[must_use]
    pub fn derive(case: CaseId, kind: &str, subject: Option<SubjectId>, generation: u32) -> Self {
        let subject: &[u8] = subject.as_ref().map_or(&[], |subject| subject.as_bytes().as_slice());
        Self(hash16("simpul/document", &[case.as_bytes(), kind.as_bytes(), subject, &generation.to_be_bytes()]))
    }
}

/// What identifies a document inside a tenant: the unit of access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct DocumentKey {
    /// The case it belongs to.
    #[n(0)]
    pub case: CaseId,
    /// Its document kind, a key of the pack.
    #[n(1)]
    pub kind: String,
    /// Whom or what it is about; none for documents of the whole case.
    #[n(2)]
    pub subject: Option<SubjectId>,
    /// Starts at 0; grows when narrowing, redaction or growth starts the document anew.
    #[n(3)]
    pub generation: u32,
}

impl HeldId {
    /// The name of a change held in a document.
    #[must_use]
    pub fn derive(document: DocumentId, hash: ChangeHash) -> Self {
        Self(hash16("simpul/held", &[document.as_bytes(), hash.as_bytes()]))
    }

    /// The name of bytes of a device that were refused as damaged or hostile, whatever document they were for.
    #[must_use]
    pub fn of_evidence(device: DeviceId, sha256: &[u8; 32]) -> Self {
        Self(hash16("simpul/evidence", &[device.as_bytes(), sha256]))
    }
}

impl DocumentKey {
    /// The id derived from this key.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        DocumentId::derive(self.case, &self.kind, self.subject, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let id = CaseId::from_bytes([0xa5; 16]);
        assert_eq!(CaseId::parse(&id.to_string()), Ok(id));
        assert!(CaseId::parse("zz").is_err());
        assert!(CaseId::parse(&"A5".repeat(16)).is_err());
    }

    #[test]
    fn document_id_depends_on_every_part_of_its_key() {
        let case = CaseId::from_bytes([1; 16]);
        let subject = SubjectId::from_bytes([2; 16]);
        let ids = [
            DocumentId::derive(case, "core", None, 0),
            DocumentId::derive(case, "intake", None, 0),
            DocumentId::derive(case, "core", Some(subject), 0),
            DocumentId::derive(case, "core", None, 1),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
