//! What the tablet and the relay both know: documents, commands, frames, access, packs, sealing.
//!
//! No input or output, no clock, no randomness: time and entropy are arguments. Builds for native and wasm32.

pub mod value;
