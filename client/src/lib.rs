//! Simpul tablet engine and interface.
