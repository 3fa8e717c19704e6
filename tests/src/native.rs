//! The world as the engine sees it, natively: memory for databases, seeds for randomness, a clock that is told the time.
//!
//! ```text
//!  Tablet (real Session, real DeviceMachine) ──▶ Wire (faults on demand) ──▶ Office (real Relay over memory)
//! ```
//! Must never stand in for the code under test: only what a browser and a network would give is made up here.

pub mod cast;
pub mod clock;
pub mod desk;
pub mod dice;
pub mod http;
pub mod office;
pub mod packs;
pub mod process;
pub mod proxy;
pub mod serving;
pub mod tablet;
pub mod wire;
pub mod world;
