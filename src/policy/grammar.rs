//! The grammar of the policy language: every key with its type and meaning. One table that the structure check, the
//! suggestions, the JSON Schema and the documentation are drawn from.

use super::tree::{Node, Place, Value};
use super::{Mistakes, PolicyError};

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    /// Any text.
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number, not below the first.
    Count(u64),
    /// A number from 0 to 100.
    Score,
    /// `15%`, or whole points.
    Weight,
    /// A value of a measure with its unit, perhaps behind `>=` or `<=`.
    Bound,
    /// `24h`, `7d`.
    Age,
    /// `2026-12-31`.
    Date,
    /// Glob over paths.
    Glob,
    /// A list, or a single element in its place.
    List(&'static Type),
    /// A map with free keys; `null` takes an inherited one away.
    Map(&'static Type),
    /// Criteria: a map whose keys are measures, or free names beside a `measure:` or a `check:`.
    Criteria,
    /// A map with the keys of a shape.
    Shape(&'static Shape),
    /// Either, tried in order by the form of the value.
    Either(&'static Type, &'static Type),
}

/// A key of a shape.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) of: Type,
    pub(super) doc: &'static str,
}

/// A map with known keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// `a category`, for messages.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) required: &'static [&'static str],
}

const fn field(key: &'static str, of: Type, doc: &'static str) -> Field {
    Field { key, of, doc }
}

const TEXTS: Type = Type::List(&Type::Text);
const GLOBS: Type = Type::List(&Type::Glob);
const SCOPES: &[&str] = &["total", "changed", "new", "delta"];
pub(super) const KINDS: &[&str] = &["tests", "coverage", "findings", "web", "load"];
const EACH: &[&str] = &["component"];
/// Why a finding does not count, in the words of the vulnerability-exchange formats (`OpenVEX`, CSAF), and some of our own.
pub(super) const STATUSES: &[&str] = &[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
    "not_affected",
    "false_positive",
    "accepted_risk",
    "fix_under_way",
];

/// The policy file.
pub(super) static POLICY: Shape = Shape {
    name: "a policy",
    required: &["version"],
    fields: &[
        field("version", Type::Word(&["1"]), "Version of the policy language."),
        field(
            "extends",
            TEXTS,
            "Presets (`preset:seven-stage`) and policy files, relative to this one, that this one builds on; later ones win.",
        ),
        field("deploy_at", Type::Score, "Score that a deploy needs; 100 where it is not written."),
        field("categories", Type::Map(&Type::Shape(&CATEGORY)), "What is judged."),
        field("evidence", Type::List(&Type::Shape(&EVIDENCE)), "What must be there, whatever its category."),
        field(
            "components",
            Type::Map(&Type::Either(&GLOBS, &Type::Shape(&COMPONENT))),
            "Parts of the product: globs over source files and artifact folders by name; the first that fits wins.",
        ),
        field(
            "owners",
            Type::Either(&Type::Text, &Type::Map(&TEXTS)),
            "Path of a CODEOWNERS file, or a map of globs to owners of which the last that fits wins; CODEOWNERS at its usual places where it is not written.",
        ),
        field(
            "profiles",
            Type::Map(&Type::Shape(&PROFILE)),
            "Overrides by name: `--profile NAME`, the variable SHIPWORTHY_PROFILE, or the first whose `when` fits.",
        ),
        field("waivers", TEXTS, "Files with waivers and quarantines, relative to this one."),
        field(
            "attestations",
            TEXTS,
            "Files in which people state what no tool measures, relative to this one.",
        ),
        field(
            "quarantine_max",
            Type::Either(&Type::Count(0), &Type::Text),
            "How many tests may be in quarantine: a number, or a share of the executed tests; `1%`, and at least one test, where it is not written.",
        ),
        field(
            "optional_jobs",
            TEXTS,
            "Jobs of `--jobs-result` that may fail, be cancelled or be skipped without leaving evidence; `*` is any text.",
        ),
        field(
            "unrecognised",
            Type::Word(&["warn", "block"]),
            "What a well-formed file of no known format does; `warn` where it is not written.",
        ),
    ],
};

/// A profile: the policy's own keys, laid over it.
pub(super) static PROFILE: Shape = Shape {
    name: "a profile",
    required: &[],
    fields: &[
        field(
            "when",
            Type::Shape(&PROFILE_WHEN),
            "Applies by itself where this fits and no profile is named.",
        ),
        field("deploy_at", Type::Score, "As in the policy."),
        field("categories", Type::Map(&Type::Shape(&CATEGORY)), "As in the policy."),
        field("evidence", Type::List(&Type::Shape(&EVIDENCE)), "As in the policy; the list replaces."),
        field("components", Type::Map(&Type::Either(&GLOBS, &Type::Shape(&COMPONENT))), "As in the policy."),
        field("owners", Type::Either(&Type::Text, &Type::Map(&TEXTS)), "As in the policy."),
        field("waivers", TEXTS, "As in the policy; the list replaces."),
        field("attestations", TEXTS, "As in the policy; the list replaces."),
        field("quarantine_max", Type::Either(&Type::Count(0), &Type::Text), "As in the policy."),
        field("optional_jobs", TEXTS, "As in the policy; the list replaces."),
        field("unrecognised", Type::Word(&["warn", "block"]), "As in the policy."),
    ],
};

/// A category.
pub(super) static CATEGORY: Shape = Shape {
    name: "a category",
    required: &[],
    fields: &[
        field("title", Type::Text, "Name in the report; the id in words where it is not written."),
        field(
            "weight",
            Type::Weight,
            "Share of the score: percentages that sum to exactly 100 over all categories, or whole points.",
        ),
        field(
            "blocking",
            Type::Flag,
            "A failure holds the deploy whatever the score; true where it is not written.",
        ),
        field("required", Type::Flag, "Missing evidence holds the deploy; true where it is not written."),
        field("each", Type::Word(EACH), "Its criteria must hold for every component."),
        field("applies_when", Type::Shape(&WHEN), "It applies only where this fits."),
        field(
            "evidence",
            Type::List(&Type::Shape(&EVIDENCE)),
            "The files that it takes; by what a file is where nothing is written.",
        ),
        field("criteria", Type::Criteria, "What must hold."),
        field("notes", Type::Text, "Notes in the report, Markdown."),
        field("runbook", TEXTS, "What to do when it fails, a line of Markdown each."),
        field("owner", Type::Text, "Who answers for it."),
    ],
};

/// A criterion in its long form.
pub(super) static CRITERION: Shape = Shape {
    name: "a criterion",
    required: &[],
    fields: &[
        field("measure", Type::Text, "The measure, where the key is a name of its own."),
        field("check", Type::Text, "The check that a person has to attest, in place of a measure."),
        field("title", Type::Text, "Name in the report."),
        field("target", Type::Bound, "What the value should be at least, or at most where lower is better."),
        field("limit", Type::Bound, "End of the warn band beyond the target."),
        field("blocking", Type::Flag, "As the category where it is not written."),
        field("required", Type::Flag, "As the category where it is not written."),
        field("advisory", Type::Flag, "Shown, and neither scored nor blocking."),
        field(
            "scope",
            Type::Word(SCOPES),
            "`total`, `changed` lines, `new` findings, or the `delta` to the baseline.",
        ),
        field("producer", TEXTS, "Only evidence of these tools' files, such as `jest`."),
        field("tool", TEXTS, "Only findings of these tools, as a file names them."),
        field("path", GLOBS, "Only tests, source files and findings below these globs."),
        field("component", TEXTS, "Only these components."),
        field(
            "each",
            Type::Word(&["component", "none"]),
            "It must hold for every component; `none` undoes the category's `each`.",
        ),
        field("min_samples", Type::Count(1), "Fewer records than this are no answer."),
        field("applies_when", Type::Shape(&WHEN), "It applies only where this fits."),
    ],
};

/// Evidence by place, kind and producer.
pub(super) static EVIDENCE: Shape = Shape {
    name: "a piece of evidence",
    required: &[],
    fields: &[
        field("name", Type::Text, "Name in messages."),
        field("kind", Type::Word(KINDS), "What it holds."),
        field(
            "path",
            Type::Glob,
            "Where it lies; `{name}` stands for the values of `matrix`, `{shard}` for those of `shards`.",
        ),
        field("producer", Type::Text, "The tool that wrote it."),
        field(
            "min_files",
            Type::Count(0),
            "How many files must be there, in each cell; 1 where it is not written.",
        ),
        field("matrix", Type::Map(&TEXTS), "Values by name; every combination must be there."),
        field("shards", Type::Count(1), "Number of shards; each of 1 to n must be there."),
        field(
            "max_age",
            Type::Age,
            "Older files are stale, as are files that do not say when they were made.",
        ),
    ],
};

/// A component in its long form.
pub(super) static COMPONENT: Shape = Shape {
    name: "a component",
    required: &["paths"],
    fields: &[
        field("paths", GLOBS, "Globs over source files and artifact folders."),
        field("owner", Type::Text, "Who owns what no other rule gives to somebody."),
    ],
};

/// Conditions: all that are written must fit, each by one of its values.
pub(super) static WHEN: Shape = Shape {
    name: "a condition",
    required: &[],
    fields: &[
        field("branch", GLOBS, "Branches."),
        field("base", GLOBS, "Branches that a change is made for."),
        field("event", TEXTS, "Events, such as `push`, `pull_request`, `schedule`."),
        field("changed", GLOBS, "A changed file is among these."),
    ],
};

/// When a profile applies by itself; what has changed is not known by then.
pub(super) static PROFILE_WHEN: Shape = Shape {
    name: "a profile's condition",
    required: &[],
    fields: &[
        field("branch", GLOBS, "Branches."),
        field("base", GLOBS, "Branches that a change is made for."),
        field("event", TEXTS, "Events, such as `push`, `pull_request`, `schedule`."),
    ],
};

/// A file with waivers.
pub(super) static WAIVERS: Shape = Shape {
    name: "a file of waivers",
    required: &["version"],
    fields: &[
        field("version", Type::Word(&["1"]), "Version of the language."),
        field(
            "waivers",
            Type::List(&Type::Shape(&WAIVER)),
            "Tests and findings that do not count, for a while.",
        ),
        field(
            "quarantine",
            Type::List(&Type::Shape(&QUARANTINE)),
            "Tests that come and go: they run and are shown, and do not count, for a while.",
        ),
    ],
};

/// A waiver.
pub(super) static WAIVER: Shape = Shape {
    name: "a waiver",
    required: &["id", "match", "owner", "reason", "expires"],
    fields: &[
        field("id", Type::Text, "Name of its own."),
        field("match", Type::Shape(&MATCH), "What it is about; all that is written must fit."),
        field("owner", Type::Text, "Who answers for it."),
        field("reason", Type::Text, "Why, in words."),
        field("status", Type::Word(STATUSES), "Why, in the words of VEX."),
        field("expires", Type::Date, "Last day that it counts."),
        field("ticket", Type::Text, "Where the work is tracked."),
    ],
};

/// What a waiver is about.
pub(super) static MATCH: Shape = Shape {
    name: "a match",
    required: &[],
    fields: &[
        field("rule", Type::Glob, "Rule id of findings and accessibility violations."),
        field("path", Type::Glob, "Source file, or URL of a page."),
        field("fingerprint", Type::Text, "The tool's own identity of a finding."),
        field("package", Type::Glob, "Package that a finding names."),
        field("version", Type::Glob, "Version of that package."),
        field("tool", Type::Text, "The tool, as a file names it."),
        field("test", Type::Glob, "Name of a test, or class or suite and name as `Class › name`."),
    ],
};

/// A test in quarantine.
pub(super) static QUARANTINE: Shape = Shape {
    name: "a quarantine",
    required: &["test", "owner", "reason", "expires"],
    fields: &[
        field("id", Type::Text, "Name of its own; the test where it is not written."),
        field("test", Type::Glob, "Name of a test, or class or suite and name as `Class › name`."),
        field("path", Type::Glob, "Source file of the test, or its report."),
        field("owner", Type::Text, "Who mends it."),
        field("reason", Type::Text, "What is known about it."),
        field("expires", Type::Date, "Last day that it is in quarantine."),
        field("ticket", Type::Text, "Where the work is tracked."),
    ],
};

/// A file with attestations.
pub(super) static ATTESTATIONS: Shape = Shape {
    name: "a file of attestations",
    required: &["version"],
    fields: &[
        field("version", Type::Word(&["1"]), "Version of the language."),
        field("attestations", Type::List(&Type::Shape(&ATTESTATION)), "What people state."),
    ],
};

/// What a person states.
pub(super) static ATTESTATION: Shape = Shape {
    name: "an attestation",
    required: &["check", "statement", "by", "date", "expires"],
    fields: &[
        field("check", Type::Text, "The check that a criterion asks for."),
        field("statement", Type::Text, "What was looked at, and what was found."),
        field("by", Type::Text, "Who says so."),
        field("date", Type::Date, "When."),
        field("expires", Type::Date, "Last day that it counts."),
        field("holds", Type::Flag, "The check holds; true where it is not written."),
    ],
};

/// A map of the language and its keys, for the documentation: key, what it may be, meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// `a category`.
    pub name: &'static str,
    /// Its keys in order; required ones end in `*`.
    pub keys: Vec<(String, String, &'static str)>,
}

/// Every map of the language.
#[must_use]
pub fn keys() -> Vec<Keys> {
    let shapes: [&'static Shape; 13] = [
        &POLICY,
        &CATEGORY,
        &CRITERION,
        &EVIDENCE,
        &COMPONENT,
        &WHEN,
        &PROFILE,
        &PROFILE_WHEN,
        &WAIVERS,
        &WAIVER,
        &MATCH,
        &QUARANTINE,
        &ATTESTATION,
    ];
    let row = |shape: &'static Shape, field: &'static Field| {
        let mark = if shape.required.contains(&field.key) { "*" } else { "" };
        (format!("`{}`{mark}", field.key), in_words(field.of), field.doc)
    };
    let table = |shape: &'static Shape| Keys {
        name: shape.name,
        keys: shape.fields.iter().map(|f| row(shape, f)).collect(),
    };
    shapes.into_iter().map(table).collect()
}

/// Checks the structure of a tree: known keys, none missing, values of the right form. Every mistake is reported.
pub(super) fn check(node: &Node, shape: &'static Shape) -> Result<(), Mistakes> {
    let mut mistakes = Vec::new();
    check_shape(node, shape, &mut mistakes);
    Mistakes::none(mistakes)
}

fn check_shape(node: &Node, shape: &'static Shape, mistakes: &mut Vec<PolicyError>) {
    if !matches!(node.value, Value::Map(_)) {
        let keys = shape.fields.iter().map(|f| f.key);
        mistakes.push(node.place.error(
            &format!("this is {}, and {} is a map", node.kind(), shape.name),
            format!("its keys are {}", list(keys)),
        ));
        return;
    }
    for (key, place, value) in node.entries() {
        match shape.fields.iter().find(|f| f.key == key) {
            Some(field) => check_type(value, key, field.of, mistakes),
            None => mistakes.push(unknown(place, key, shape)),
        }
    }
    for key in shape.required.iter().filter(|k| node.get(k).is_none()) {
        mistakes.push(
            node.place.error(&format!("{} needs `{key}`", shape.name), format!("add a line with `{key}:`")),
        );
    }
}

fn unknown(place: &Place, key: &str, shape: &'static Shape) -> PolicyError {
    let keys = shape.fields.iter().map(|f| f.key);
    let near = nearest(key, keys.clone());
    let help = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    place.error(&format!("{} has no key `{key}`", shape.name), format!("{help}its keys are {}", list(keys)))
}

fn check_type(node: &Node, key: &str, of: Type, mistakes: &mut Vec<PolicyError>) {
    match (of, &node.value) {
        (Type::Map(_) | Type::Criteria, Value::Null) => {}
        (Type::Map(of), Value::Map(_)) => {
            for (key, _, value) in node.entries().filter(|(.., v)| !matches!(v.value, Value::Null)) {
                check_type(value, key, *of, mistakes);
            }
        }
        (Type::Criteria, Value::Map(_)) => {
            for (key, _, value) in node.entries() {
                match &value.value {
                    Value::Map(_) => check_shape(value, &CRITERION, mistakes),
                    Value::Scalar { .. } => check_type(value, key, Type::Bound, mistakes),
                    Value::Null => {}
                    Value::List(_) => mistakes.push(wrong(value, key, Type::Bound)),
                }
            }
        }
        (Type::Shape(shape), _) => check_shape(node, shape, mistakes),
        (Type::List(of), Value::List(list)) => list.iter().for_each(|n| check_type(n, key, *of, mistakes)),
        (Type::List(of), Value::Scalar { .. } | Value::Map(_)) => check_type(node, key, *of, mistakes),
        (Type::Either(_, second), Value::Map(_)) => check_type(node, key, *second, mistakes),
        (Type::Either(first, second), Value::Scalar { text, quoted }) => {
            let of = if fits(*first, text, *quoted) { first } else { second };
            check_type(node, key, *of, mistakes);
        }
        (Type::Either(first, _), _) => check_type(node, key, *first, mistakes),
        (of, Value::Scalar { text, quoted }) if fits(of, text, *quoted) => {}
        _ => mistakes.push(wrong(node, key, of)),
    }
}

/// True where a scalar has the form of a type.
fn fits(of: Type, text: &str, quoted: bool) -> bool {
    match of {
        Type::Text | Type::Glob | Type::Bound | Type::Weight | Type::Score => !text.trim().is_empty(),
        Type::Word(words) => words.contains(&text.trim()),
        Type::Flag => !quoted && matches!(text, "true" | "false"),
        Type::Count(least) => text.parse().is_ok_and(|n: u64| n >= least),
        Type::Age => crate::evidence::time::age(text).is_some(),
        Type::Date => crate::evidence::time::day(text).is_some(),
        Type::List(of) => fits(*of, text, quoted),
        Type::Either(a, b) => fits(*a, text, quoted) || fits(*b, text, quoted),
        Type::Map(_) | Type::Criteria | Type::Shape(_) => false,
    }
}

fn wrong(node: &Node, key: &str, of: Type) -> PolicyError {
    let message = format!("`{key}` is {}", in_words(of));
    let help = match (of, node.scalar()) {
        (Type::Flag, Some(text)) if !matches!(text, "true" | "false") => {
            "write `true` or `false`, without quotes; `yes`, `on` and `1` are text".to_owned()
        }
        (Type::Word(words), Some(text)) => match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if words.len() == 1 => format!("write {}", list(words.iter().copied())),
            None => "write one of them".to_owned(),
        },
        (of, Some(_)) => format!("write {}", example(of)),
        (of, None) => format!("this is {}; write {}", node.kind(), example(of)),
    };
    node.place.error(&message, help)
}

/// What a type is called in a message.
fn in_words(of: Type) -> String {
    match of {
        Type::Text => "text".to_owned(),
        Type::Word([only]) => format!("`{only}`"),
        Type::Word(words) => format!("one of {}", list(words.iter().copied())),
        Type::Flag => "true or false".to_owned(),
        Type::Count(least) => format!("a whole number, {least} or more"),
        Type::Score => "a score from 0 to 100".to_owned(),
        Type::Weight => "a percentage, or a whole number of points".to_owned(),
        Type::Bound => "a value with the unit of its measure".to_owned(),
        Type::Age => "a time span".to_owned(),
        Type::Date => "a day of the calendar".to_owned(),
        Type::Glob => "a glob over paths".to_owned(),
        Type::List(of) => format!("a list, each element {}", in_words(*of)),
        Type::Map(_) | Type::Criteria => "a map".to_owned(),
        Type::Shape(shape) => shape.name.to_owned(),
        Type::Either(a, b) => format!("{}, or {}", in_words(*a), in_words(*b)),
    }
}

fn example(of: Type) -> &'static str {
    match of {
        Type::Text => "a word or a sentence",
        Type::Word(words) => words.first().copied().unwrap_or_default(),
        Type::Flag => "`true` or `false`",
        Type::Count(_) => "for example `3`",
        Type::Score => "for example `90`",
        Type::Weight => "for example `15%`",
        Type::Bound => "for example `80%`, or `\">= 80%\"`",
        Type::Age => "for example `24h` or `7d`",
        Type::Date => "for example `2026-12-31`",
        Type::Glob => "for example `unit-*/**/*.xml`",
        Type::List(_) => "for example `[a, b]`",
        Type::Map(_) | Type::Criteria | Type::Shape(_) => "a map, `key: value`",
        Type::Either(a, _) => example(*a),
    }
}

/// `a`, `b` and `c`.
pub(super) fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|w| format!("`{w}`")).collect();
    match words.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => words.join(""),
    }
}

/// The word that takes the fewest edits, where that is less than half of it.
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = words.map(|w| (distance(word, w), w)).min_by_key(|(edits, _)| *edits);
    near.filter(|(edits, w)| *edits < w.chars().count())
        .filter(|(edits, w)| edits.saturating_mul(2) <= w.chars().count().max(2))
        .map(|(_, w)| w)
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
