//! Placeholder head, replaced by the first module.
