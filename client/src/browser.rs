//! The web glue.
