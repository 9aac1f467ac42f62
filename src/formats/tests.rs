//! Test-result formats.

pub mod junit;
