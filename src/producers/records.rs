//! What the records of runs say about the evidence beside them: files that are gone or were changed, runs that failed
//! without a failure in what they left, other commits, older attempts, shards that are not there.

use super::jobs::tells_of_failure;
use crate::evidence::category::Assigned;
use crate::evidence::provenance::{PACK_RECORD, RunRecord, Shard};
use crate::evidence::{Breach, Evidence, Facts, Item, Producer, State};
use std::collections::{BTreeMap, BTreeSet};

/// The commit that is judged; empty texts where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Commit.
    pub commit: String,
    /// Its git tree.
    pub tree: String,
}

/// A record with the place of its item.
struct Placed {
    at: usize,
    folder: String,
    name: String,
    record: RunRecord,
    superseded: bool,
}

/// Holds every record of the evidence against what lies beside it.
pub fn apply(evidence: &mut Evidence, judged: &Judged) {
    let mut placed: Vec<Placed> =
        evidence.items.iter().enumerate().filter_map(|(at, i)| place(at, i)).collect();
    if placed.is_empty() {
        return;
    }
    supersede(&mut placed);
    let mut added = missing_shards(&placed);
    let places = places(evidence);
    for record in &placed {
        added.extend(hold(evidence, &places, record, judged));
    }
    let quiet = |i: &Item| i.state == State::Ignored && i.path.ends_with(PACK_RECORD);
    evidence.items.retain(|i| !quiet(i));
    evidence.items.extend(added);
    evidence.items.sort_by(|a, b| (&a.path, &a.sha256).cmp(&(&b.path, &b.sha256)));
}

fn place(at: usize, item: &Item) -> Option<Placed> {
    let record = item.facts.run.as_deref()?.clone();
    let (folder, name) = item.path.rsplit_once('/').unwrap_or(("", &item.path));
    let (folder, name) = (folder.to_owned(), name.to_owned());
    Some(Placed { at, folder, name, record, superseded: false })
}

/// Of several attempts of one leg of a job in a run, the last one counts; records of other names are of other tools.
fn supersede(placed: &mut [Placed]) {
    let group = |p: &Placed| {
        let RunRecord { run, job, category, shard, .. } = &p.record;
        (run.clone(), job.clone(), category.clone(), *shard, p.name.clone())
    };
    let known: Vec<usize> =
        (0..placed.len()).filter(|at| placed.get(*at).is_some_and(|p| !p.record.run.is_empty())).collect();
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for at in known {
        if let Some(p) = placed.get(at) {
            groups.entry(group(p)).or_default().push(at);
        }
    }
    for members in groups.into_values() {
        let of = |at: &usize| placed.get(*at);
        // A folder is named after its artifact.
        let folders = || members.iter().filter_map(of).map(|p| (p.folder.as_str(), p.record.attempt));
        let legs = without_numbers(folders())
            .unwrap_or_else(|| folders().map(|(folder, _)| folder.to_owned()).collect());
        let mut last: BTreeMap<&str, u32> = BTreeMap::new();
        for (leg, p) in legs.iter().zip(members.iter().filter_map(of)) {
            let attempt = last.entry(leg).or_default();
            *attempt = (*attempt).max(p.record.attempt);
        }
        for (leg, at) in legs.iter().zip(&members) {
            if let Some(p) = placed.get_mut(*at) {
                p.superseded = last.get(leg.as_str()).is_some_and(|last| p.record.attempt < *last);
            }
        }
    }
}

/// Names without their numbers. Nothing where one of them does not have its own: numbers in names mean something else
/// then, and a leg is never taken for another one.
fn without_numbers<'n>(named: impl Iterator<Item = (&'n str, u32)>) -> Option<Vec<String>> {
    named.map(|(name, number)| without_number(name, number)).collect()
}

/// A name without the last number in it that is `number`; nothing where it has no such number. What a letter follows is
/// no number: `e2e`.
fn without_number(name: &str, number: u32) -> Option<String> {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut end = name.len();
    while let Some(last) = name.get(..end)?.rfind(is_digit) {
        let to = last.saturating_add(1);
        let digits = name.get(..to)?.chars().rev().take_while(|c| is_digit(*c)).count();
        let from = to.saturating_sub(digits);
        let rest = name.get(to..)?;
        if name.get(from..to)?.parse() == Ok(number) && !rest.starts_with(char::is_alphabetic) {
            return Some(format!("{}#{rest}", name.get(..from)?));
        }
        end = from;
    }
    None
}

/// Shards that no record stands for, and shards that are of no one set. Sets are told apart by job, category and, where
/// the artifacts' names have the number of the shard, by the rest of the name: shard 2 of one browser is none of another.
fn missing_shards(placed: &[Placed]) -> Vec<Item> {
    let mut jobs: BTreeMap<(&str, &str), Vec<&Placed>> = BTreeMap::new();
    for p in placed.iter().filter(|p| p.record.shard.is_some() && !p.superseded) {
        jobs.entry((&p.record.job, &p.record.category)).or_default().push(p);
    }
    let mut missing = Vec::new();
    for ((job, category), members) in jobs {
        let name = if job.is_empty() { category } else { job };
        let index = |p: &Placed| p.record.shard.map_or(0, |shard| shard.index);
        // Without numbers in the names nothing tells the sets of a job apart.
        let legs = without_numbers(members.iter().map(|p| (p.folder.as_str(), index(p))))
            .unwrap_or_else(|| vec![String::new(); members.len()]);
        let attempts = legs.iter().zip(&members).map(|(leg, p)| (leg.as_str(), p.record.attempt));
        let legs = without_numbers(attempts).unwrap_or_else(|| legs.clone());
        let mut sets: BTreeMap<&str, Vec<Shard>> = BTreeMap::new();
        for (leg, p) in legs.iter().zip(&members) {
            sets.entry(leg).or_default().extend(p.record.shard);
        }
        let several = sets.len() > 1;
        for (leg, shards) in &sets {
            let title = if several { format!("{name} ({leg})") } else { name.to_owned() };
            missing.extend(lacks(&title, category, shards));
        }
    }
    missing
}

/// What a set of shards lacks to be a whole.
fn lacks(title: &str, category: &str, shards: &[Shard]) -> Vec<Item> {
    let of = shards.iter().map(|shard| shard.of).max().unwrap_or(0);
    let there: BTreeSet<u32> = shards.iter().map(|shard| shard.index).collect();
    let absent = (1..=of).filter(|index| !there.contains(index)).map(|index| {
        let cause = format!("{} of {of} shards are there, and this one is not", there.len());
        blank(&format!("shard {index} of {of} of {title}"), State::Missing, cause, category)
    });
    let totals: BTreeSet<u32> = shards.iter().map(|shard| shard.of).collect();
    let differ = (totals.len() > 1).then(|| {
        let totals: Vec<String> = totals.iter().map(u32::to_string).collect();
        let cause = format!(
            "the suite was cut into {} shards: some tests may have run nowhere",
            totals.join(" and into ")
        );
        blank(&format!("shards of {title}"), State::Incomplete, cause, category)
    });
    absent.chain(differ).collect()
}

/// The items at every path, and inside of every archive.
fn places(evidence: &Evidence) -> BTreeMap<String, Vec<usize>> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, item) in evidence.items.iter().enumerate() {
        let archives = item.path.match_indices("!/").filter_map(|(end, _)| item.path.get(..end));
        for path in archives.chain([item.path.as_str()]) {
            places.entry(path.to_owned()).or_default().push(at);
        }
    }
    places
}

/// Holds one record against its files, and answers what has to be added.
fn hold(
    evidence: &mut Evidence,
    places: &BTreeMap<String, Vec<usize>>,
    placed: &Placed,
    judged: &Judged,
) -> Vec<Item> {
    let record = &placed.record;
    let (mut added, mut own) = (Vec::new(), Vec::new());
    for output in &record.outputs {
        let path = if placed.folder.is_empty() {
            output.path.clone()
        } else {
            format!("{}/{}", placed.folder, output.path)
        };
        let at = places.get(&path).map_or(&[][..], Vec::as_slice);
        if at.is_empty() && !placed.superseded {
            let cause =
                format!("{} says that it was left, and it is not there", record_name(evidence, placed));
            added.push(blank(&path, State::Missing, cause, &record.category));
        }
        for &index in at {
            let changed = evidence
                .items
                .get(index)
                .is_some_and(|i| i.path == path && !i.sha256.is_empty() && i.sha256 != output.sha256);
            if changed {
                let text = format!(
                    "{path} is not what {} recorded: its digest differs",
                    record_name(evidence, placed)
                );
                evidence.breaches.push(Breach { path: path.clone(), text });
            }
        }
        own.extend_from_slice(at);
    }
    let explained = own.iter().filter_map(|&at| evidence.items.get(at)).any(tells_of_failure);
    for &at in &own {
        if let Some(item) = evidence.items.get_mut(at) {
            tell_item(item, placed, judged);
        }
    }
    if let Some(item) = evidence.items.get_mut(placed.at) {
        tell_record(item, placed, explained);
    }
    added
}

fn record_name(evidence: &Evidence, placed: &Placed) -> String {
    evidence.items.get(placed.at).map(|i| i.path.clone()).unwrap_or_default()
}

/// What the record says about one of its files.
fn tell_item(item: &mut Item, placed: &Placed, judged: &Judged) {
    let record = &placed.record;
    if !record.category.is_empty() {
        item.category = Some(Assigned::new(&record.category, "its run says so"));
    }
    if placed.superseded {
        item.state = State::Superseded;
        item.cause = format!("attempt {} of the job, and there is a later one", record.attempt);
        return;
    }
    let differs = |ours: &str, theirs: &str| !ours.is_empty() && !theirs.is_empty() && !is_same(ours, theirs);
    let same_tree = !judged.tree.is_empty() && judged.tree == record.tree;
    if item.state == State::Ok && differs(&judged.commit, &record.commit) && !same_tree {
        item.state = State::Foreign;
        item.cause = format!(
            "it was made for commit {}, and {} is judged",
            short(&record.commit),
            short(&judged.commit)
        );
    }
}

/// Digits that a short commit has at least.
const SHORT: usize = 7;

/// True for the same commit, either of them perhaps given by its first digits.
fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    a == b || (a.len().min(b.len()) >= SHORT && (a.starts_with(&b) || b.starts_with(&a)))
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// A run that ended badly while nothing that it left says so broke off.
fn tell_record(item: &mut Item, placed: &Placed, explained: bool) {
    let record = &placed.record;
    if !record.category.is_empty() {
        item.category = Some(Assigned::new(&record.category, "its run says so"));
    }
    if placed.superseded {
        item.state = State::Superseded;
    } else if let Some(code) = record.exit_code.filter(|code| *code != 0 && !explained) {
        item.state = State::Crashed;
        let command = record.command.join(" ");
        let command = if command.is_empty() { "the run".to_owned() } else { format!("`{command}`") };
        item.cause = format!("{command} ended with exit code {code}, and nothing that it left says why");
    }
}

fn blank(path: &str, state: State, cause: String, category: &str) -> Item {
    Item {
        id: format!("run-{path}"),
        path: path.to_owned(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        kind: None,
        producer: Producer::default(),
        category: (!category.is_empty()).then(|| Assigned::new(category, "its run says so")),
        state,
        cause,
        timestamp: String::new(),
        diagnostics: Vec::new(),
        facts: Facts::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_out_of_a_name_where_it_is_the_one() {
        for (name, number, want) in [
            ("unit-2", 2, Some("unit-#")),
            ("unit-2-1", 1, Some("unit-2-#")),
            ("unit-2-1", 2, Some("unit-#-1")),
            ("unit-12", 2, None),
            ("e2e-chromium", 2, None),
            ("é2-x", 2, Some("é#-x")),
            ("", 1, None),
        ] {
            assert_eq!(without_number(name, number).as_deref(), want, "{name}");
        }
    }

    fn record(folder: &str, attempt: u32, shard: Option<(u32, u32)>) -> Placed {
        let record = RunRecord {
            run: "77".to_owned(),
            job: "e2e".to_owned(),
            attempt,
            shard: shard.map(|(index, of)| Shard { index, of }),
            ..RunRecord::default()
        };
        Placed { at: 0, folder: folder.to_owned(), name: "r".to_owned(), record, superseded: false }
    }

    #[test]
    fn an_attempt_supersedes_its_own_leg_alone() {
        for (folders, want) in [
            (vec![("unit-1", 1), ("unit-2", 2)], vec![true, false]),
            (vec![("unit", 1), ("unit", 2)], vec![true, false]),
            (vec![("unit-admin", 1), ("unit-customer", 2)], vec![false, false]),
            (vec![("admin-1", 1), ("admin-2", 2), ("customer-1", 1)], vec![true, false, false]),
            // The numbers are those of legs, as the third one shows.
            (vec![("unit-1", 1), ("unit-2", 2), ("unit-3", 1)], vec![false, false, false]),
        ] {
            let mut placed: Vec<Placed> = folders.iter().map(|(f, a)| record(f, *a, None)).collect();
            supersede(&mut placed);
            assert_eq!(placed.iter().map(|p| p.superseded).collect::<Vec<_>>(), want, "{folders:?}");
        }
    }

    #[test]
    fn shards_are_whole_by_leg() {
        let missing = |shards: &[(&str, u32, (u32, u32))]| -> Vec<String> {
            let placed: Vec<Placed> = shards.iter().map(|(f, a, s)| record(f, *a, Some(*s))).collect();
            missing_shards(&placed).into_iter().map(|item| item.path).collect()
        };
        assert_eq!(missing(&[("a", 1, (1, 2)), ("b", 1, (2, 2))]), [""; 0]);
        assert_eq!(missing(&[("a", 1, (1, 2))]), ["shard 2 of 2 of e2e"]);
        let legs = [("chromium-1", 1, (1, 2)), ("chromium-2", 1, (2, 2)), ("firefox-1", 1, (1, 2))];
        assert_eq!(missing(&legs), ["shard 2 of 2 of e2e (firefox-#)"]);
        let attempts = [("x-1-1", 1, (1, 2)), ("x-2-1", 1, (2, 2)), ("x-2-2", 2, (2, 2))];
        assert_eq!(missing(&attempts), [""; 0]);
        assert_eq!(
            missing(&[("t-1", 1, (1, 4)), ("t-2", 1, (2, 2))]),
            ["shard 3 of 4 of e2e", "shard 4 of 4 of e2e", "shards of e2e"]
        );
    }

    #[test]
    fn a_short_commit_is_the_long_one_that_it_begins() {
        let long = "2222222222222222222222222222222222222222";
        assert!(is_same(long, "222222222222") && is_same("2222222", long) && is_same(long, long));
        assert!(!is_same(long, "222222") && !is_same(long, "2222223"));
    }
}
