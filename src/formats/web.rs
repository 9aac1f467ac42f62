//! Formats of web audits.

pub mod axe;
pub mod lighthouse;
