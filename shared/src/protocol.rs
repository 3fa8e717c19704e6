//! The wire `simpul/1`: frames, limits, error codes, signatures and the check of a change's bytes.
//!
//! Described for outsiders in `docs/protocol.md`. No I/O; the relay and the tablet both decode with it.

pub mod alarm;
pub mod chunk;
pub mod codec;
pub mod enrol_code;
pub mod error;
pub mod frame;
pub mod held;
pub mod limits;
pub mod live;
pub mod seen;
pub mod sign;
mod walk;
