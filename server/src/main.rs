//! The `simpul` command.
fn main() {}
