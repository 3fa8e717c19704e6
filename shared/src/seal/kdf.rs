//! From a passphrase to a slot key: Argon2id, in memory that may be refused without a crash.
//!
//! Called in the tablet's throw-away worker, because its memory never shrinks. Must never pick its own parameters:
//! they come from the slot, or from the ladder at enrolment.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use minicbor::{Decode, Encode};
use zeroize::{Zeroize, Zeroizing};

use super::passphrase::Passphrase;

/// Bytes of a slot's salt.
pub const SALT_LEN: usize = 16;
/// A slot that asks for more memory than this was tampered with: it would stop the tablet, not protect it.
pub const MEMORY_KIB_MAX: u32 = 256 * 1024;
/// A slot that asks for more passes than this was tampered with.
pub const PASSES_MAX: u32 = 10;

/// Argon2id parameters; one lane, because a tablet's wasm has one thread and an attacker has many.
///
/// **Source**: RFC 9106; floor from OWASP ASVS 5.0 appendix C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KdfParams {
    /// Memory in KiB.
    #[n(0)]
    pub memory_kib: u32,
    /// Passes over the memory.
    #[n(1)]
    pub passes: u32,
}

/// From strongest to weakest; a tablet that cannot afford one takes the next at enrolment, never later.
pub const LADDER: [KdfParams; 3] =
    [KdfParams { memory_kib: 64 * 1024, passes: 3 }, KdfParams { memory_kib: 32 * 1024, passes: 3 }, FLOOR];

/// The weakest parameters that are ever used or accepted.
pub const FLOOR: KdfParams = KdfParams { memory_kib: 19 * 1024, passes: 2 };

/// Time one derivation should stay under at enrolment; slower, and the next rung is tried.
pub const TARGET_MS_MAX: u64 = 1_500;

impl KdfParams {
    /// Where a tablet starts on the ladder, from what the browser says about its memory in GiB.
    #[must_use]
    pub fn first_for(device_memory_gib: Option<f64>) -> Self {
        let [strong, medium, _] = LADDER;
        match device_memory_gib {
            Some(gib) if gib <= 2.0 => medium,
            Some(_) | None => strong,
        }
    }

    /// The next weaker rung, if there is one.
    #[must_use]
    pub fn next_lower(self) -> Option<Self> {
        LADDER.into_iter().find(|rung| rung.memory_kib < self.memory_kib)
    }

    /// Whether a slot may name these.
    #[must_use]
    pub const fn is_acceptable(self) -> bool {
        self.memory_kib >= FLOOR.memory_kib
            && self.memory_kib <= MEMORY_KIB_MAX
            && self.passes >= FLOOR.passes
            && self.passes <= PASSES_MAX
    }
}

/// What the worker is asked to compute.
#[derive(Encode, Decode)]
#[cbor(array)]
pub struct KdfRequest {
    /// Normalised passphrase.
    #[n(0)]
    pub passphrase: Passphrase,
    /// Parameters of the slot.
    #[n(1)]
    pub params: KdfParams,
    /// Salt of the slot.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub salt: [u8; SALT_LEN],
}

/// What came out: the key that opens a slot. Zeroed when dropped, never printed.
#[derive(Encode, Decode, zeroize::ZeroizeOnDrop, Zeroize)]
#[cbor(transparent)]
pub struct SlotKey(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 32],
);

impl SlotKey {
    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key that no passphrase gave, for tests that need a slot but not its cost.
    #[cfg(test)]
    pub(super) const fn for_test(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl core::fmt::Debug for SlotKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("SlotKey(…)")
    }
}

/// Why no key came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
pub enum KdfError {
    /// The tablet did not give the memory; at enrolment the next rung may fit.
    #[n(0)]
    #[error("not enough memory to derive the key")]
    OutOfMemory,
    /// The parameters are outside what is accepted.
    #[n(1)]
    #[error("key derivation parameters are not acceptable")]
    Parameters,
}

/// Runs Argon2id.
///
/// # Errors
/// [`KdfError::OutOfMemory`] when the memory is refused; [`KdfError::Parameters`] outside the accepted range.
pub fn derive(request: &KdfRequest) -> Result<SlotKey, KdfError> {
    if !request.params.is_acceptable() {
        return Err(KdfError::Parameters);
    }
    let params =
        Params::new(request.params.memory_kib, request.params.passes, 1, Some(32)).map_err(|_| KdfError::Parameters)?;
    let block_count = params.block_count();
    let mut memory = Vec::new();
    memory.try_reserve_exact(block_count).map_err(|_| KdfError::OutOfMemory)?;
    memory.resize(block_count, Block::new());
    // Zeroed at the end: the blocks hold what the passphrase became.
    let mut memory = Zeroizing::new(memory);
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(request.passphrase.as_bytes(), &request.salt, &mut out, &mut **memory)
        .map_err(|_| KdfError::Parameters)?;
    let key = SlotKey(out);
    out.zeroize();
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_descends_to_the_floor() {
        let mut rung = KdfParams::first_for(None);
        assert_eq!(rung, LADDER[0]);
        assert_eq!(KdfParams::first_for(Some(2.0)), LADDER[1]);
        for expected in &LADDER[1..] {
            rung = rung.next_lower().unwrap();
            assert_eq!(rung, *expected);
        }
        assert_eq!(rung.next_lower(), None);
        assert!(LADDER.iter().all(|rung| rung.is_acceptable()));
    }

    #[test]
    fn hostile_parameters_are_refused_before_any_memory_is_taken() {
        for (memory_kib, passes) in [(u32::MAX, 3), (8, 1), (64 * 1024, u32::MAX), (64 * 1024, 1)] {
            let request = KdfRequest {
                passphrase: Passphrase::parse("satu dua tiga empat lima").unwrap(),
                params: KdfParams { memory_kib, passes },
                salt: [0; SALT_LEN],
            };
            assert_eq!(derive(&request).err(), Some(KdfError::Parameters));
        }
    }
}
