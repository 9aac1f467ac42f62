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

/// Of several attempts of a job and shard in a run, the last one counts; records of other names are of other tools.
fn supersede(placed: &mut [Placed]) {
    let key = |p: &Placed| {
        let RunRecord { run, job, category, shard, .. } = &p.record;
        (run.clone(), job.clone(), category.clone(), *shard, p.name.clone())
    };
    let mut last: BTreeMap<_, u32> = BTreeMap::new();
    for p in placed.iter().filter(|p| !p.record.run.is_empty()) {
        let attempt = last.entry(key(p)).or_default();
        *attempt = (*attempt).max(p.record.attempt);
    }
    for p in placed {
        p.superseded = last.get(&key(p)).is_some_and(|last| p.record.attempt < *last);
    }
}

/// Shards that no record stands for. Sets are told apart by job and category.
fn missing_shards(placed: &[Placed]) -> Vec<Item> {
    let mut sets: BTreeMap<(&str, &str), (u32, BTreeSet<u32>)> = BTreeMap::new();
    for p in placed {
        if let Some(Shard { index, of }) = p.record.shard {
            let set = sets.entry((&p.record.job, &p.record.category)).or_default();
            set.0 = set.0.max(of);
            set.1.insert(index);
        }
    }
    let mut missing = Vec::new();
    for ((job, category), (of, there)) in sets {
        for index in (1..=of).filter(|index| !there.contains(index)) {
            let name = if job.is_empty() { category } else { job };
            let cause = format!("{} of {of} shards are there, and this one is not", there.len());
            missing.push(blank(&format!("shard {index} of {of} of {name}"), State::Missing, cause, category));
        }
    }
    missing
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
    let differs = |ours: &str, theirs: &str| !ours.is_empty() && !theirs.is_empty() && ours != theirs;
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
