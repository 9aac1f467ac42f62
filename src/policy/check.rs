//! From the policy as typed to the policy as checked. Every refusal says where and what to write instead.

use super::measures::{MEASURES, by_id};
use super::raw::{RawCategory, RawCriterion, RawEvidence, RawPolicy};
use super::{CategoryPolicy, CriterionPolicy, Direction, Policy, PolicyError, Requirement, Unit};
use crate::evidence::Kind;
use crate::evidence::exact::{Exact, decimal, floor_decimal, whole};
use num_traits::{Signed as _, Zero as _};
use serde_saphyr::Spanned;

type Checked<T> = Result<T, PolicyError>;

/// The file being checked, for messages.
struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    /// An error at a value, with the line that it stands on.
    fn error<T>(&self, at: &Spanned<T>, message: &str, help: impl Into<String>) -> PolicyError {
        let line = at.referenced.line();
        let source = usize::try_from(line)
            .ok()
            .and_then(|n| self.text.lines().nth(n.saturating_sub(1)))
            .unwrap_or_default();
        let excerpt = if source.trim().is_empty() { String::new() } else { format!("\n  {line} | {source}") };
        PolicyError { message: format!("{}: {message}{excerpt}", self.origin(at)), help: help.into() }
    }

    fn origin<T>(&self, at: &Spanned<T>) -> String {
        match at.referenced.line() {
            0 => self.name.to_owned(),
            line => format!("{}:{line}", self.name),
        }
    }
}

pub(super) fn check(name: &str, text: &str, raw: RawPolicy) -> Checked<Policy> {
    let file = File { name, text };
    if raw.version.value.trim() != "1" {
        return Err(file.error(
            &raw.version,
            "this version of the policy language is not known",
            "write `version: 1`",
        ));
    }
    if raw.categories.is_empty() {
        return Err(PolicyError {
            message: format!("{name}: no category is named"),
            help: "name at least one under `categories:`".to_owned(),
        });
    }
    let weights = weights(&file, &raw.categories)?;
    let categories = raw
        .categories
        .into_iter()
        .zip(weights)
        .map(|((id, raw), weight)| category(&file, id, raw, weight))
        .collect::<Checked<_>>()?;
    let deploy_at = raw.deploy_at.as_ref().map_or_else(|| Ok(whole(100)), |at| deploy_at(&file, at))?;
    let contract = raw.evidence.iter().map(|e| requirement(&file, e)).collect::<Checked<_>>()?;
    Ok(Policy {
        name: name.to_owned(),
        automatic: false,
        digest: String::new(),
        deploy_at,
        categories,
        contract,
        owners: raw.owners,
    })
}

fn deploy_at(file: &File<'_>, at: &Spanned<String>) -> Checked<Exact> {
    decimal(at.value.trim_end_matches('%')).filter(|v| !v.is_negative() && *v <= whole(100)).ok_or_else(
        || file.error(at, "deploy_at is a score from 0 to 100", "write for example `deploy_at: 90`"),
    )
}

/// Shares of the whole: percent must sum to exactly 100, points are normalised, and the two are not mixed.
fn weights(
    file: &File<'_>,
    categories: &indexmap::IndexMap<String, Spanned<RawCategory>>,
) -> Checked<Vec<Exact>> {
    let mut values = Vec::new();
    let percent = categories.values().filter(|c| c.value.weight.value.trim().ends_with('%')).count();
    for category in categories.values() {
        let weight = &category.value.weight;
        let number = weight.value.trim().trim_end_matches('%');
        let value = decimal(number).filter(|v| !v.is_negative());
        let value = value.ok_or_else(|| {
            file.error(
                weight,
                "a weight is a percentage or a whole number of points, not below 0",
                "write for example `weight: 15%`",
            )
        })?;
        if percent != 0 && percent != categories.len() {
            return Err(file.error(
                weight,
                "some weights are percentages and some are points",
                "write all of them in one way",
            ));
        }
        if percent == 0 && !value.is_integer() {
            return Err(file.error(
                weight,
                "points are whole numbers",
                "write for example `weight: 15`, or percentages",
            ));
        }
        values.push(value);
    }
    let sum = values.iter().fold(Exact::zero(), |sum, v| sum + v);
    if percent > 0 && sum != whole(100) {
        let message = format!("{}: the weights sum to {} %, not to 100 %", file.name, floor_decimal(&sum, 3));
        return Err(PolicyError {
            message,
            help: "make them sum to exactly 100 %, or write points without percent signs".to_owned(),
        });
    }
    if sum.is_zero() {
        return Err(PolicyError {
            message: format!("{}: every weight is 0", file.name),
            help: "give at least one category a weight".to_owned(),
        });
    }
    Ok(values.into_iter().map(|v| v / &sum).collect())
}

fn category(
    file: &File<'_>,
    id: String,
    raw: Spanned<RawCategory>,
    weight: Exact,
) -> Checked<CategoryPolicy> {
    if raw.value.criteria.is_empty() {
        return Err(file.error(
            &raw.value.weight,
            &format!("category `{id}` has no criterion"),
            "name at least one under `criteria:`",
        ));
    }
    let raw = raw.value;
    let (blocking, required) = (raw.blocking.unwrap_or(true), raw.required.unwrap_or(true));
    let criteria = raw
        .criteria
        .iter()
        .map(|(measure, c)| criterion(file, measure, c, blocking, required))
        .collect::<Checked<_>>()?;
    let evidence = raw.evidence.iter().map(|e| requirement(file, e)).collect::<Checked<_>>()?;
    Ok(CategoryPolicy {
        title: raw.title.unwrap_or_else(|| title(&id)),
        id,
        weight,
        blocking,
        required,
        evidence,
        criteria,
        notes: raw.notes.unwrap_or_default(),
        runbook: raw.runbook,
        owner: raw.owner.unwrap_or_default(),
    })
}

/// `load_tests` reads `Load tests`.
fn title(id: &str) -> String {
    let words = id.replace(['_', '-'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn criterion(
    file: &File<'_>,
    id: &str,
    raw: &Spanned<RawCriterion>,
    blocking: bool,
    required: bool,
) -> Checked<CriterionPolicy> {
    let Some(measure) = by_id(id) else {
        let help = format!("did you mean `{}`? docs/policy.md lists every measure", nearest(id));
        return Err(file.error(raw, &format!("there is no measure `{id}`"), help));
    };
    let Some(written) = &raw.value.target else {
        return Err(file.error(
            raw,
            &format!("`{id}` has no target, so it would judge nothing"),
            "write for example `target: 80%`",
        ));
    };
    let read = |text: &Spanned<String>| {
        measure.unit.read(&text.value).map_err(|why| file.error(text, &why, "docs/policy.md lists the units"))
    };
    let target = read(written)?;
    if target.is_negative() || (measure.unit == Unit::Ratio && target > whole(1)) {
        return Err(file.error(
            written,
            "the target is out of the measure's range and could never be met",
            "percentages go from 0% to 100%",
        ));
    }
    let limit = raw.value.limit.as_ref().map(read).transpose()?;
    let inverted = limit.as_ref().is_some_and(|limit| match measure.direction {
        Direction::Higher => *limit > target || limit.is_negative(),
        Direction::Lower => *limit < target,
    });
    if let (true, Some(written)) = (inverted, &raw.value.limit) {
        let help = match measure.direction {
            Direction::Higher => "higher is better here, so the limit lies below the target",
            Direction::Lower => "lower is better here, so the limit lies above the target",
        };
        return Err(file.error(written, "target and limit are the wrong way round", help));
    }
    Ok(CriterionPolicy {
        measure,
        has_limit: limit.is_some(),
        limit: limit.unwrap_or_else(|| target.clone()),
        target,
        blocking: raw.value.blocking.unwrap_or(blocking),
        required: raw.value.required.unwrap_or(required),
        advisory: raw.value.advisory.unwrap_or(false),
        origin: file.origin(raw),
    })
}

fn requirement(file: &File<'_>, raw: &Spanned<RawEvidence>) -> Checked<Requirement> {
    let RawEvidence { name, kind, path, producer, min_files } = &raw.value;
    let any = path.as_ref().is_none_or(|p| matches!(p.value.trim(), "" | "*" | "**" | "**/*"));
    if any && kind.is_none() && producer.is_none() {
        return Err(file.error(
            raw,
            "this matches everything, so it asks for nothing",
            "name a `path:`, a `kind:` or a `producer:`",
        ));
    }
    let kinds = [Kind::Tests, Kind::Coverage, Kind::Findings, Kind::Web];
    let kind = match kind {
        None => None,
        Some(word) => Some(kinds.into_iter().find(|k| k.name() == word.value).ok_or_else(|| {
            file.error(
                word,
                &format!("there is no kind `{}`", word.value),
                "kinds are tests, coverage, findings and web",
            )
        })?),
    };
    let path_glob = path.as_ref().map(|path| {
        let glob = globset::GlobBuilder::new(&path.value).literal_separator(true).build();
        glob.map(|g| g.compile_matcher()).map_err(|why| {
            file.error(path, &format!("this is no glob: {why}"), "write for example `unit-*/**/*.xml`")
        })
    });
    let described = path
        .as_ref()
        .map(|p| p.value.clone())
        .or_else(|| producer.clone())
        .or_else(|| kind.map(|k| k.name().to_owned()));
    Ok(Requirement {
        name: name.clone().or(described).unwrap_or_default(),
        kind,
        path: path_glob.transpose()?,
        producer: producer.clone(),
        min_files: min_files.unwrap_or(1),
        origin: file.origin(raw),
    })
}

/// The measure whose name takes the fewest edits.
fn nearest(id: &str) -> &'static str {
    MEASURES.iter().min_by_key(|m| distance(id, m.id)).map_or("tests.pass_rate", |m| m.id)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i.saturating_add(1)];
        for (j, y) in b.chars().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX);
            let replaced = at(&row, j).saturating_add(usize::from(x != y));
            let inserted = at(&next, j).min(at(&row, j.saturating_add(1))).saturating_add(1);
            next.push(replaced.min(inserted));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
