//! What the tablet and the relay both know: documents, commands, frames, access, packs, sealing, sync, tables.
//!
//! No input or output, no clock, no randomness: time and entropy are arguments. Builds for native and wasm32.

pub mod access;
pub mod command;
pub mod date;
pub mod document;
pub mod evidence_file;
pub mod field_code;
pub mod id;
pub mod instant;
pub mod nik;
pub mod order;
pub mod pack;
pub mod protocol;
pub mod seal;
pub mod sync;
pub mod tables;
pub mod value;
