//! What the tests share: a tablet without a browser, a relay without a socket, and the schedules that drive both.
//!
//! Nothing of the product depends on this crate. Time and randomness come from seeds, so that every run repeats.

pub mod bench;
pub mod demo;
pub mod native;

pub mod schedule;
