//! Formats of linters and scanners.

pub mod sarif;
