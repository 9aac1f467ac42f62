//! From the merged tree to the policy: what the values mean, and whether they can. Structure is the grammar's business;
//! every refusal here says where and what to write instead, and all of them are reported together.

use super::grammar::nearest;
use super::load::{Chosen, Loaded};
use super::measures::{MEASURES, by_id};
use super::tree::{Node, Place, Value};
use super::{
    CategoryPolicy, Component, CriterionPolicy, Direction, Measure, Mistakes, Narrow, OwnersSource, Pattern,
    Policy, PolicyError, QuarantineMax, Requirement, Scope, Unit, When,
};
use crate::evidence::Kind;
use crate::evidence::exact::{Exact, decimal, floor_decimal, whole};
use crate::evidence::time::age;
use indexmap::IndexMap;
use num_traits::{One as _, Signed as _, Zero as _};

type Checked<T> = Result<T, PolicyError>;

/// Most cells that a matrix may have.
const MAX_CELLS: usize = 10_000;

/// Collects mistakes, so that one run reports all of them.
#[derive(Default)]
struct Check {
    mistakes: Vec<PolicyError>,
    warnings: Vec<PolicyError>,
}

impl Check {
    /// The value, or nothing with the mistake kept.
    fn keep<T>(&mut self, result: Checked<T>) -> Option<T> {
        result.map_err(|mistake| self.mistakes.push(mistake)).ok()
    }

    fn keep_all<T>(&mut self, results: impl Iterator<Item = Checked<T>>) -> Vec<T> {
        results.filter_map(|result| self.keep(result)).collect()
    }
}

pub(super) fn check(loaded: &Loaded, tree: &Node, profile: Chosen) -> Result<Policy, Mistakes> {
    let mut check = Check::default();
    let listed: Vec<(&str, &Node)> =
        tree.get("categories").into_iter().flat_map(Node::entries).map(|(id, _, n)| (id, n)).collect();
    if listed.is_empty() {
        let at = tree.get("categories").unwrap_or(tree);
        return Err(at.place.error("no category is named", "name at least one under `categories:`").into());
    }
    let components = components(&mut check, tree);
    let weights = check.keep(weights(&listed)).unwrap_or_default();
    let categories: Vec<CategoryPolicy> = listed
        .iter()
        .enumerate()
        .map(|(at, (id, node))| {
            let weight = weights.get(at).cloned().unwrap_or_else(Exact::zero);
            category(&mut check, id, node, weight, &components)
        })
        .collect();
    let deploy_at = tree.get("deploy_at").map_or_else(|| Ok(whole(100)), deploy_at);
    let policy = Policy {
        name: loaded.name.clone(),
        automatic: false,
        deploy_at: check.keep(deploy_at).unwrap_or_else(Exact::zero),
        categories,
        contract: requirements(&mut check, tree),
        components,
        owners: owners(&mut check, tree),
        waivers: named(tree, "waivers", &loaded.waivers, |w| &w.origin),
        quarantine_max: quarantine_max(&mut check, tree),
        attestations: named(tree, "attestations", &loaded.attestations, |a| &a.origin),
        optional_jobs: patterns(&mut check, tree, "optional_jobs", Pattern::name),
        unrecognised_blocks: tree.get("unrecognised").and_then(Node::scalar) == Some("block"),
        profile,
        warnings: Vec::new(),
    };
    warn(&mut check, &policy, tree);
    Mistakes::none(check.mistakes)?;
    Ok(Policy { warnings: check.warnings, ..policy })
}

/// What was read from the files that the effective policy names: a profile may name others than the policy.
fn named<T: Clone>(tree: &Node, key: &str, all: &[T], origin: fn(&T) -> &String) -> Vec<T> {
    let listed = tree.get(key).into_iter().flat_map(Node::elements);
    let files: Vec<String> =
        listed.map(|n| super::load::beside(n.place.file(), n.scalar().unwrap_or_default())).collect();
    let from =
        |entry: &&T| origin(entry).rsplit_once(':').is_some_and(|(file, _)| files.iter().any(|f| f == file));
    all.iter().filter(from).cloned().collect()
}

fn deploy_at(node: &Node) -> Checked<Exact> {
    let text = node.scalar().unwrap_or_default().trim().trim_end_matches('%');
    decimal(text).filter(|v| !v.is_negative() && *v <= whole(100)).ok_or_else(|| {
        node.place.error("deploy_at is a score from 0 to 100", "write for example `deploy_at: 90`")
    })
}

/// Shares of the whole: percent must sum to exactly 100, points are normalised, and the two are not mixed.
fn weights(categories: &[(&str, &Node)]) -> Checked<Vec<Exact>> {
    let mut read = Vec::new();
    for (id, category) in categories {
        let weight = category.get("weight").ok_or_else(|| {
            category.place.error(
                &format!("category `{id}` has no weight"),
                "write for example `weight: 15%`, or `weight: 0`",
            )
        })?;
        let text = weight.scalar().unwrap_or_default().trim();
        let percent = text.ends_with('%');
        let value = decimal(text.trim_end_matches('%').trim()).filter(|v| !v.is_negative());
        let value = value.filter(|v| percent || v.is_integer()).ok_or_else(|| {
            weight.place.error(
                "a weight is a percentage or a whole number of points, not below 0",
                "write for example `weight: 15%`, or `weight: 3`",
            )
        })?;
        read.push((weight, percent, value));
    }
    let percent = read.iter().filter(|(_, percent, value)| *percent && !value.is_zero()).count();
    if let Some((odd, ..)) = read.iter().find(|(_, p, value)| percent > 0 && !p && !value.is_zero()) {
        return Err(odd
            .place
            .error("some weights are percentages and some are points", "write all of them in one way"));
    }
    let sum = read.iter().fold(Exact::zero(), |sum, (.., v)| sum + v);
    let Some((last, ..)) = read.last() else { return Ok(Vec::new()) };
    if percent > 0 && sum != whole(100) {
        let message = format!("the weights sum to {} %, not to 100 %", floor_decimal(&sum, 3));
        let each: Vec<String> = categories
            .iter()
            .zip(&read)
            .map(|((id, _), (node, ..))| {
                format!("{id} {} ({})", node.scalar().unwrap_or_default(), node.place.origin())
            })
            .collect();
        return Err(last.place.error(
            &message,
            format!(
                "make them sum to exactly 100 %, or write points without percent signs; they are {}",
                each.join(", ")
            ),
        ));
    }
    if sum.is_zero() {
        return Err(last.place.error("every weight is 0", "give at least one category a weight"));
    }
    Ok(read.into_iter().map(|(.., v)| v / &sum).collect())
}

fn flag(node: &Node, key: &str, default: bool) -> bool {
    node.get(key).and_then(Node::scalar).map_or(default, |text| text == "true")
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::scalar).unwrap_or_default().to_owned()
}

fn texts(node: &Node, key: &str) -> Vec<String> {
    let list = node.get(key).into_iter().flat_map(Node::elements);
    list.filter_map(Node::scalar).map(|text| text.trim().to_owned()).collect()
}

fn category(
    check: &mut Check,
    id: &str,
    node: &Node,
    weight: Exact,
    components: &[Component],
) -> CategoryPolicy {
    let category = CategoryPolicy {
        title: Some(text(node, "title")).filter(|t| !t.is_empty()).unwrap_or_else(|| title(id)),
        id: id.to_owned(),
        weight,
        blocking: flag(node, "blocking", true),
        required: flag(node, "required", true),
        evidence: requirements(check, node),
        applies_when: when(check, node),
        criteria: Vec::new(),
        notes: text(node, "notes"),
        runbook: texts(node, "runbook"),
        owner: text(node, "owner"),
        origin: node.place.origin(),
    };
    let each = node.get("each").is_some();
    let listed = node.get("criteria").into_iter().flat_map(Node::entries);
    let read: Vec<(&Place, CriterionPolicy)> = listed
        .filter_map(|(key, place, node)| {
            let read = criterion(check, (key, place), node, &category, each, components);
            check.keep(read).map(|c| (place, c))
        })
        .collect();
    if node.get("criteria").is_none_or(|c| c.entries().next().is_none()) {
        check.mistakes.push(
            node.place
                .error(&format!("category `{id}` has no criterion"), "name at least one under `criteria:`"),
        );
    }
    refuse_doubles(check, &read);
    let criteria = read.into_iter().map(|(_, criterion)| criterion).collect();
    CategoryPolicy { criteria, ..category }
}

/// Two criteria of a category that judge the same would contradict each other, or say one thing twice.
fn refuse_doubles(check: &mut Check, criteria: &[(&Place, CriterionPolicy)]) {
    for (at, (place, one)) in criteria.iter().enumerate() {
        let same = |(_, other): &&(&Place, CriterionPolicy)| {
            (other.measure.id, &other.check, other.scope, other.each)
                == (one.measure.id, &one.check, one.scope, one.each)
                && other.narrow == one.narrow
        };
        if let Some((_, first)) = criteria.iter().take(at).find(same) {
            check.mistakes.push(place.error(
                &format!("`{}` judges what `{}` judges already ({})", one.key, first.key, first.origin),
                "keep one of them, or narrow one by `path`, `producer`, `component` or `scope`",
            ));
        }
    }
}

/// `load_tests` reads `Load tests`.
fn title(id: &str) -> String {
    let words = id.replace(['_', '-'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn when(check: &mut Check, node: &Node) -> When {
    let Some(node) = node.get("applies_when") else { return When::default() };
    let when = When {
        branch: patterns(check, node, "branch", Pattern::branch),
        base: patterns(check, node, "base", Pattern::branch),
        event: patterns(check, node, "event", Pattern::event).iter().map(|p| p.text().to_owned()).collect(),
        changed: patterns(check, node, "changed", Pattern::new),
        origin: node.place.origin(),
    };
    if when.is_always() {
        check.mistakes.push(node.place.error(
            "this condition is empty, so it always applies",
            "name a `branch:`, a `base:`, an `event:` or `changed:` files, or leave it out",
        ));
    }
    when
}

fn patterns(
    check: &mut Check,
    node: &Node,
    key: &str,
    read: fn(&str) -> Result<Pattern, String>,
) -> Vec<Pattern> {
    let list = node.get(key).into_iter().flat_map(Node::elements);
    let read = |n: &Node| {
        read(n.scalar().unwrap_or_default())
            .map_err(|why| n.place.error(&why, "write for example `unit-*/**/*.xml`"))
    };
    check.keep_all(list.map(read))
}

/// The measure that a criterion asks for, by its key, its `measure:` or its `check:`.
fn asked((key, place): (&str, &Place), node: &Node) -> Checked<(&'static Measure, String)> {
    let check = node.get("check");
    let id = match (node.get("measure"), check) {
        (Some(measure), Some(_)) => {
            return Err(measure
                .place
                .error("a criterion has a `measure:` or a `check:`, not both", "keep one of them"));
        }
        (None, Some(check)) => {
            let id = check.scalar().unwrap_or_default().to_owned();
            let measure = by_id("check.attested");
            return measure.map(|m| (m, id)).ok_or_else(|| check.place.error("checks are not known", ""));
        }
        (Some(measure), None) => measure.scalar().unwrap_or_default(),
        (None, None) => key,
    };
    by_id(id).filter(|m| m.kind != Kind::Check).map(|m| (m, String::new())).ok_or_else(|| {
        let near = nearest(id, MEASURES.iter().map(|m| m.id));
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let help = format!("{near}`shipworthy policy measures` lists every measure; under a name of its own a criterion needs `measure:` or `check:`");
        let at = node.get("measure").map_or(place, |n| &n.place);
        at.error(&format!("there is no measure `{id}`"), help)
    })
}

fn criterion(
    check: &mut Check,
    (key, place): (&str, &Place),
    node: &Node,
    category: &CategoryPolicy,
    each: bool,
    components: &[Component],
) -> Checked<CriterionPolicy> {
    let (measure, attested) = asked((key, place), node)?;
    let scope = scope(node, measure)?;
    let narrow = narrow(check, node, measure, components)?;
    let each = match node.get("each").and_then(Node::scalar) {
        Some(word) => word == "component",
        None => each && narrow.components.is_empty() && measure.kind != Kind::Check,
    };
    if each && components.is_empty() {
        return Err(place.error(
            "this must hold for each component, and the policy names none",
            "name them under `components:`",
        ));
    }
    let (target, limit) = bounds((key, place), node, measure, scope, !attested.is_empty())?;
    let default_title = || if key == measure.id { scoped_title(measure.title, scope) } else { title(key) };
    Ok(CriterionPolicy {
        key: key.to_owned(),
        title: Some(text(node, "title")).filter(|t| !t.is_empty()).unwrap_or_else(default_title),
        measure,
        check: attested,
        has_limit: limit.is_some(),
        limit: limit.unwrap_or_else(|| target.clone()),
        target,
        blocking: flag(node, "blocking", category.blocking),
        required: flag(node, "required", category.required),
        advisory: flag(node, "advisory", false),
        scope,
        narrow,
        each,
        min_samples: node.get("min_samples").and_then(Node::scalar).and_then(|t| t.parse().ok()).unwrap_or(1),
        applies_when: when(check, node),
        origin: node.place.origin(),
    })
}

fn scoped_title(title: &str, scope: Scope) -> String {
    match scope {
        Scope::Total => title.to_owned(),
        Scope::Changed => format!("{title} on changed lines"),
        Scope::New => format!("{title}, new ones"),
        Scope::Delta => format!("{title}, change to the baseline"),
    }
}

fn scope(node: &Node, measure: &Measure) -> Checked<Scope> {
    let Some(word) = node.get("scope") else { return Ok(Scope::Total) };
    let scopes = [Scope::Total, Scope::Changed, Scope::New, Scope::Delta];
    let scope = scopes.into_iter().find(|s| Some(s.name()) == word.scalar()).unwrap_or_default();
    let fits = match scope {
        Scope::Total => true,
        Scope::Changed => measure.id.starts_with("coverage.") || measure.kind == Kind::Findings,
        Scope::New => measure.kind == Kind::Findings,
        Scope::Delta => measure.kind != Kind::Check && !measure.needs_baseline(),
    };
    if fits {
        return Ok(scope);
    }
    let help = match scope {
        Scope::Changed => "lines change in coverage and in findings",
        Scope::New => "only findings are new or known",
        _ => "this measure compares with the baseline already",
    };
    Err(word.place.error(&format!("`{}` has no scope `{}`", measure.id, scope.name()), help))
}

fn narrow(check: &mut Check, node: &Node, measure: &Measure, components: &[Component]) -> Checked<Narrow> {
    let lower = |key| texts(node, key).into_iter().map(|t| t.to_lowercase()).collect::<Vec<_>>();
    let narrow = Narrow {
        producers: lower("producer"),
        tools: lower("tool"),
        paths: patterns(check, node, "path", Pattern::new),
        components: texts(node, "component"),
    };
    if let (false, Some(tool)) = (narrow.tools.is_empty() || measure.kind == Kind::Findings, node.get("tool"))
    {
        return Err(tool.place.error("only findings name their tool", "narrow by `producer:` instead"));
    }
    if let (true, Some(path)) = (narrow.paths.iter().any(Pattern::is_everything), node.get("path")) {
        return Err(path
            .place
            .error("this matches everything, so it narrows nothing", "leave it out, or name a folder"));
    }
    for named in node.get("component").into_iter().flat_map(Node::elements) {
        let name = named.scalar().unwrap_or_default();
        if !components.iter().any(|c| c.name == name) {
            let near = nearest(name, components.iter().map(|c| c.name.as_str()));
            let help = near.map_or_else(
                || "name it under `components:`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(named.place.error(&format!("there is no component `{name}`"), help));
        }
    }
    Ok(narrow)
}

/// Target and limit, in range and in order.
fn bounds(
    (key, place): (&str, &Place),
    node: &Node,
    measure: &Measure,
    scope: Scope,
    attested: bool,
) -> Checked<(Exact, Option<Exact>)> {
    let Some(written) = node.get("target") else {
        if attested {
            return Ok((Exact::one(), None));
        }
        return Err(place.error(
            &format!("`{key}` has no target, so it would judge nothing"),
            format!("write for example `target: {}`", measure.example()),
        ));
    };
    if attested {
        return Err(written
            .place
            .error("a check is attested or not: it has no target", "leave the target out"));
    }
    let target = bound(written, measure)?;
    in_range(written, &target, measure, scope)?;
    let Some(written) = node.get("limit") else { return Ok((target, None)) };
    let limit = bound(written, measure)?;
    in_range(written, &limit, measure, scope)?;
    let (inverted, help) = match measure.direction {
        Direction::Higher => (limit > target, "higher is better here, so the limit lies below the target"),
        Direction::Lower => (limit < target, "lower is better here, so the limit lies above the target"),
    };
    if inverted {
        return Err(written.place.error("target and limit are the wrong way round", help));
    }
    Ok((target, Some(limit)))
}

fn in_range(node: &Node, value: &Exact, measure: &Measure, scope: Scope) -> Checked<()> {
    let ratio = measure.unit == Unit::Ratio;
    let (low, high) = match (scope, ratio) {
        (Scope::Delta, true) => (Some(-whole(1)), Some(whole(1))),
        (Scope::Delta, false) => (None, None),
        (_, true) => (Some(Exact::zero()), Some(whole(1))),
        (_, false) => (Some(Exact::zero()), None),
    };
    if low.is_none_or(|low| *value >= low) && high.is_none_or(|high| *value <= high) {
        return Ok(());
    }
    let help = if ratio { "percentages go from 0% to 100%" } else { "counts and times begin at 0" };
    Err(node.place.error("this is out of the measure's range and could never be met", help))
}

/// A value with its unit; an operator in front has to say what the measure's direction says anyhow.
fn bound(node: &Node, measure: &Measure) -> Checked<Exact> {
    let text = node.scalar().unwrap_or_default().trim();
    let (operator, number) = match text.find(|c: char| !matches!(c, '<' | '>' | '=' | '!')) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let right = if measure.direction == Direction::Higher { ">=" } else { "<=" };
    let value = measure.unit.read(number.trim()).map_err(|why| {
        node.place.error(&why, format!("write for example `{right} {}`", measure.example()))
    })?;
    match operator {
        "" => Ok(value),
        op if op == right => Ok(value),
        "=" | "==" if measure.is_best(&value) => Ok(value),
        op => {
            let better = if measure.direction == Direction::Higher { "higher" } else { "lower" };
            Err(node.place.error(
                &format!("`{op}` does not fit: {better} is better for `{}`", measure.id),
                format!("write `{right} {}`", number.trim()),
            ))
        }
    }
}

fn components(check: &mut Check, tree: &Node) -> Vec<Component> {
    let listed = tree.get("components").into_iter().flat_map(Node::entries);
    let mut components = Vec::new();
    for (name, place, node) in listed {
        let paths = patterns(check, node, "paths", Pattern::new);
        if paths.is_empty() || paths.iter().any(Pattern::is_everything) {
            check.mistakes.push(place.error(
                &format!("component `{name}` would take everything"),
                "name its folders; what fits no component is judged as the rest",
            ));
        }
        components.push(Component { name: name.to_owned(), paths, owner: text(node, "owner") });
    }
    components
}

fn owners(check: &mut Check, tree: &Node) -> OwnersSource {
    let Some(node) = tree.get("owners") else { return OwnersSource::UsualPlaces };
    if let Some(path) = node.scalar() {
        return OwnersSource::File(super::load::beside(node.place.file(), path), node.place.origin());
    }
    let rules = node.entries().map(|(glob, place, owners)| {
        let known = Pattern::new(glob).map_err(|why| place.error(&why, "write for example `src/**`"));
        let owners = owners.elements().iter().filter_map(Node::scalar).collect::<Vec<_>>().join(" ");
        known.map(|_| (glob.to_owned(), owners))
    });
    OwnersSource::Map(check.keep_all(rules))
}

fn quarantine_max(check: &mut Check, tree: &Node) -> QuarantineMax {
    let one_percent = QuarantineMax::Share(whole(1) / whole(100));
    let Some(node) = tree.get("quarantine_max") else { return one_percent };
    let text = node.scalar().unwrap_or_default().trim();
    if let Ok(number) = text.parse() {
        return QuarantineMax::Tests(number);
    }
    let share = Unit::Ratio.read(text).ok().filter(|s| !s.is_negative() && *s <= whole(1));
    let share = share.ok_or_else(|| {
        node.place.error(
            "quarantine_max is a number of tests or a share of them",
            "write for example `quarantine_max: 1%`",
        )
    });
    check.keep(share).map_or(one_percent, QuarantineMax::Share)
}

fn requirements(check: &mut Check, node: &Node) -> Vec<Requirement> {
    let listed = node.get("evidence").into_iter().flat_map(Node::elements);
    listed.filter_map(|n| check.keep(requirement(n))).flatten().collect()
}

/// One requirement, or one for each cell of its matrix and its shards.
fn requirement(node: &Node) -> Checked<Vec<Requirement>> {
    let kind = node.get("kind").and_then(Node::scalar);
    let kind = kind.and_then(|word| Kind::ALL.into_iter().find(|k| k.name() == word));
    let (path, producer) = (node.get("path"), Some(text(node, "producer")).filter(|t| !t.is_empty()));
    let any = path.and_then(Node::scalar).is_none_or(|p| Pattern::new(p).is_ok_and(|p| p.is_everything()));
    if any && kind.is_none() && producer.is_none() {
        return Err(node.place.error(
            "this matches everything, so it asks for nothing",
            "name a `path:`, a `kind:` or a `producer:`",
        ));
    }
    let described = path.and_then(Node::scalar).map(str::to_owned).or_else(|| producer.clone());
    let name = Some(text(node, "name")).filter(|t| !t.is_empty()).or(described);
    let name = name.unwrap_or_else(|| kind.map_or("", Kind::name).to_owned());
    let cells = cells(node)?;
    let build = |cell: IndexMap<String, String>| {
        let path = path.map(|p| cell_path(p, &cell)).transpose()?;
        let shown: Vec<String> = cell.iter().map(|(k, v)| format!("{k} {v}")).collect();
        Ok(Requirement {
            name: if shown.is_empty() { name.clone() } else { format!("{name} ({})", shown.join(", ")) },
            cell,
            kind,
            path,
            producer: producer.clone(),
            min_files: node.get("min_files").and_then(Node::scalar).and_then(|t| t.parse().ok()).unwrap_or(1),
            max_age: node.get("max_age").and_then(Node::scalar).and_then(age),
            origin: node.place.origin(),
        })
    };
    cells.into_iter().map(build).collect()
}

/// Every combination of the values of `matrix` and `shards`; one empty cell where neither is written.
fn cells(node: &Node) -> Checked<Vec<IndexMap<String, String>>> {
    let mut axes: Vec<(String, Vec<String>)> = Vec::new();
    for (name, place, values) in node.get("matrix").into_iter().flat_map(Node::entries) {
        let values: Vec<String> =
            values.elements().iter().filter_map(Node::scalar).map(str::to_owned).collect();
        if values.is_empty() {
            return Err(place.error(
                &format!("`{name}` has no values, so no cell would be asked for"),
                "name at least one",
            ));
        }
        axes.push((name.to_owned(), values));
    }
    if let Some(shards) = node.get("shards").and_then(Node::scalar).and_then(|t| t.parse::<usize>().ok()) {
        axes.push((
            "shard".to_owned(),
            (1..=shards.min(MAX_CELLS.saturating_add(1))).map(|n| n.to_string()).collect(),
        ));
    }
    let count = axes.iter().fold(1_usize, |n, (_, values)| n.saturating_mul(values.len()));
    if count > MAX_CELLS {
        return Err(node
            .place
            .error("this has more than 10,000 cells", "divide it into several requirements"));
    }
    let text = text(node, "path");
    if let Some((missing, _)) = axes.iter().find(|(name, _)| !text.contains(&format!("{{{name}}}"))) {
        let at = node.get("path").unwrap_or(node);
        return Err(at.place.error(
            &format!("the path does not tell the values of `{missing}` apart"),
            format!("write `{{{missing}}}` where they stand, as in `e2e-{{{missing}}}/**`"),
        ));
    }
    let mut cells = vec![IndexMap::new()];
    for (name, values) in axes {
        let with = |cell: &IndexMap<String, String>, value: &String| {
            let mut cell = cell.clone();
            cell.insert(name.clone(), value.clone());
            cell
        };
        cells = cells.iter().flat_map(|cell| values.iter().map(move |v| with(cell, v))).collect();
    }
    Ok(cells)
}

/// The glob of a cell: its values stand for themselves, whatever characters they hold.
fn cell_path(node: &Node, cell: &IndexMap<String, String>) -> Checked<Pattern> {
    let mut text = node.scalar().unwrap_or_default().to_owned();
    for (name, value) in cell {
        text = text.replace(&format!("{{{name}}}"), &globset::escape(value));
    }
    let open = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    if let Some(word) =
        open.clone().find(|w| !w.is_empty() && !w.contains(',') && w.chars().all(char::is_alphanumeric))
    {
        return Err(node.place.error(
            &format!("`{{{word}}}` stands for nothing"),
            format!("name its values, as in `matrix: {{ {word}: [a, b] }}`"),
        ));
    }
    Pattern::new(&text).map_err(|why| node.place.error(&why, "write for example `unit-*/**/*.xml`"))
}

/// What is no mistake and rarely meant.
fn warn(check: &mut Check, policy: &Policy, tree: &Node) {
    let mut say = |origin: &str, message: &str, help: &str| {
        check.warnings.push(PolicyError { message: format!("{origin}: {message}"), help: help.to_owned() });
    };
    for category in &policy.categories {
        let scored = category.criteria.iter().filter(|c| !c.advisory);
        if scored.clone().next().is_none() && !category.criteria.is_empty() {
            say(
                &category.origin,
                &format!("every criterion of `{}` is advisory: it judges nothing", category.id),
                "leave one to be judged, or take the category out",
            );
        } else if category.weight.is_zero() && !scored.clone().any(|c| c.blocking) {
            say(
                &category.origin,
                &format!("`{}` has no weight and does not block: it judges nothing", category.id),
                "give it a weight, or let it block",
            );
        }
        for criterion in scored {
            if criterion.has_limit && policy.deploy_at == whole(100) && !category.weight.is_zero() {
                say(
                    &criterion.origin,
                    &format!(
                        "`{}` has a warn band, and at `deploy_at: 100` a warning never deploys",
                        criterion.key
                    ),
                    "lower `deploy_at`, or leave the limit out",
                );
            }
            if criterion.scope == Scope::Total
                && criterion.measure.direction == Direction::Higher
                && criterion.target.is_zero()
            {
                say(
                    &criterion.origin,
                    &format!("`{}` holds whatever is measured", criterion.key),
                    "raise its target",
                );
            }
        }
    }
    if policy.deploy_at.is_zero() {
        let origin = tree.get("deploy_at").map_or_else(String::new, |n| n.place.origin());
        say(&origin, "at `deploy_at: 0` the score decides nothing", "only blocking criteria hold a deploy");
    }
    if matches!(tree.get("extends").map(|n| &n.value), Some(Value::Null)) {
        say(&policy.name, "`extends` is empty", "leave it out");
    }
}
