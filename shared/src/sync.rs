//! The sync machines of `simpul/1`, without I/O: what a tablet does with time and input, and what both sides compute alike.
//!
//! The browser, the load generator and the simulation drive the same code. Nothing here reads a clock or draws
//! randomness; bytes of both are inputs.

pub mod check;
