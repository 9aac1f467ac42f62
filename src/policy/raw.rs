//! The policy as typed: what the YAML says, with the place of every value. Nothing is judged here.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_saphyr::Spanned;

/// A policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicy {
    pub(super) version: Spanned<String>,
    pub(super) deploy_at: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) categories: IndexMap<String, Spanned<RawCategory>>,
    #[serde(default)]
    pub(super) evidence: Vec<Spanned<RawEvidence>>,
    pub(super) owners: Option<String>,
}

/// A category.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCategory {
    pub(super) title: Option<String>,
    pub(super) weight: Spanned<String>,
    pub(super) blocking: Option<bool>,
    pub(super) required: Option<bool>,
    #[serde(default)]
    pub(super) evidence: Vec<Spanned<RawEvidence>>,
    #[serde(default)]
    pub(super) criteria: IndexMap<String, Spanned<RawCriterion>>,
    pub(super) notes: Option<String>,
    #[serde(default)]
    pub(super) runbook: Vec<String>,
    pub(super) owner: Option<String>,
}

/// A criterion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCriterion {
    pub(super) target: Option<Spanned<String>>,
    pub(super) limit: Option<Spanned<String>>,
    pub(super) blocking: Option<bool>,
    pub(super) required: Option<bool>,
    pub(super) advisory: Option<bool>,
}

/// Evidence that a category takes, or that must be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence {
    pub(super) name: Option<String>,
    pub(super) kind: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) producer: Option<String>,
    pub(super) min_files: Option<usize>,
}

/// Reads the YAML, strictly and within a budget.
pub(super) fn read(text: &str) -> Result<RawPolicy, serde_saphyr::Error> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options)
}
