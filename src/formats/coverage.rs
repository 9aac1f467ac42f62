//! Coverage formats.

pub mod clover;
pub mod cobertura;
pub mod gocover;
pub mod istanbul;
pub mod jacoco;
pub mod lcov;
