//! The interface module.
fn main() {}
