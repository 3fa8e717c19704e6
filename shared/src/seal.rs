//! Everything that makes bytes unreadable at rest, and the keys that open them again.
//!
//! ```text
//!  five words ─ Argon2id ─▶ slot key ─┐                        office identity ─ age ─┐
//!                                     ├─ opens a slot ─▶ vault key ◀─ opens a letter ─┘
//!                                     │                   │  ▲ read out as a code
//!                                     │                   ├─▶ row key   seals values
//!                                     │                   └─▶ name key  hides table names and keys
//!  master key file ─ opens ─▶ data key of a document ─▶ seals its log rows on the relay
//! ```
//!
//! Called by the tablet's store and vault and by the relay's storage. Must never do I/O or read a clock; keys, salts
//! and nonces are drawn by the caller.
//!
//! Every format starts with a version and has golden bytes in `shared/golden/`, which later versions must open for ever.

pub mod backoff;
mod cipher;
pub mod code;
pub mod kdf;
pub mod letter;
pub mod passphrase;
pub mod recovery;
pub mod relay;
pub mod row;
pub mod sign;
pub mod slot;

pub use cipher::{Nonce, SealError, VaultKey};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
