//! Identities of rows inside a file, as 64-bit hashes of what the format gives.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Hashes the parts of an identity. Equal parts give equal numbers, in every run and on every machine.
#[must_use]
pub fn identity(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
