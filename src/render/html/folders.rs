//! Coverage by folder: a tree that shows the worst folders and sums up the rest.
//!
//! A repository has thousands of folders, and a path may be made to have thousands of parts, so that the tree is built
//! without recursion over paths, shows a fixed number of folders and goes a fixed number of levels down.

use super::files;
use crate::report::{CoverageFile, Report};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Folders that are shown, files that are named in each, and levels below the outermost folder.
const MAX_FOLDERS: usize = 200;
const MAX_NAMED: usize = 10;
const MAX_LEVEL: usize = 6;
/// Folders of one path that are told apart; what lies deeper belongs to the last of them.
const MAX_PARTS: usize = 32;

/// One step through the tree: a folder opens, or the innermost one ends.
#[derive(Debug, Serialize)]
pub(super) struct Step<'a> {
    opens: Option<Folder<'a>>,
    /// What ends here of folders that are not shown: their number, files, covered and all lines.
    rest: Option<Sum>,
    rest_folders: usize,
}

/// A folder with everything below it.
#[derive(Debug, Serialize)]
struct Folder<'a> {
    name: String,
    sum: Sum,
    /// Hundredths that are covered.
    filled: u64,
    /// It is unfolded.
    open: bool,
    /// The files that lie in it, worst first.
    files: Vec<Named<'a>>,
    more_files: usize,
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    anchor: String,
    name: &'a str,
    covered: u64,
    total: u64,
}

/// Lines of a folder and the number of its files.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
struct Sum {
    covered: u64,
    total: u64,
    files: u64,
}

impl Sum {
    fn of(file: &CoverageFile) -> Self {
        let lines = file.lines.unwrap_or_default();
        Self { covered: lines.covered, total: lines.total, files: 1 }
    }

    const fn add(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.total = self.total.saturating_add(other.total);
        self.files = self.files.saturating_add(other.files);
    }

    const fn gap(self) -> u64 {
        self.total.saturating_sub(self.covered)
    }
}

#[derive(Debug, Default)]
struct Node<'a> {
    name: &'a str,
    folders: BTreeMap<&'a str, usize>,
    /// In the order of the report, which has the worst first.
    files: Vec<&'a CoverageFile>,
    sum: Sum,
}

/// The folders of the files that the report lists; empty where a tree would say no more than the table.
pub(super) fn steps(report: &Report) -> Vec<Step<'_>> {
    let files: Vec<&CoverageFile> = report.coverage.iter().flat_map(|c| &c.files).collect();
    let tree = Tree::of(&files);
    let root = tree.folded(0).0;
    let several = tree.node(root).is_some_and(|node| !node.folders.is_empty());
    if !several || tree.node(0).is_none_or(|node| node.sum.total == 0) {
        return Vec::new();
    }
    let shown = tree.worst();
    let mut steps = Vec::new();
    tree.walk(0, 0, &shown, &mut steps);
    steps
}

struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    fn of(files: &[&'a CoverageFile]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for file in files {
            let sum = Sum::of(file);
            let folder = file.path.rsplit_once('/').map(|(folder, _)| folder);
            let mut at = 0;
            tree.count(at, sum);
            for part in folder.iter().flat_map(|folder| folder.split('/')).take(MAX_PARTS) {
                at = tree.child(at, part);
                tree.count(at, sum);
            }
            if let Some(node) = tree.nodes.get_mut(at) {
                node.files.push(file);
            }
        }
        tree
    }

    fn node(&self, at: usize) -> Option<&Node<'a>> {
        self.nodes.get(at)
    }

    fn count(&mut self, at: usize, sum: Sum) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.sum.add(sum);
        }
    }

    /// The folder of this name in another, which is made where it is new.
    fn child(&mut self, of: usize, name: &'a str) -> usize {
        let next = self.nodes.len();
        let Some(parent) = self.nodes.get_mut(of) else { return of };
        let child = *parent.folders.entry(name).or_insert(next);
        if child == next {
            self.nodes.push(Node { name, ..Node::default() });
        }
        child
    }

    /// A folder with those that it holds alone: the last of them, and all their names.
    fn folded(&self, mut at: usize) -> (usize, String) {
        let mut name = self.node(at).map_or(String::new(), |node| node.name.to_owned());
        let root = at == 0;
        while let Some(node) = self.node(at)
            && node.files.is_empty()
            && node.folders.len() == 1
            && let Some((inner, child)) = node.folders.first_key_value()
        {
            if !(root && at == 0) {
                name.push('/');
            }
            name.push_str(inner);
            at = *child;
        }
        let name = if root && at == 0 { "all files".to_owned() } else { name + "/" };
        (at, name)
    }

    /// The folders with the most uncovered lines, each with all that it lies in.
    fn worst(&self) -> BTreeSet<usize> {
        let mut shown = BTreeSet::new();
        let mut open = BinaryHeap::from([(u64::MAX, Reverse(0), 0)]);
        while let Some((_, Reverse(at), level)) = open.pop() {
            shown.insert(at);
            if shown.len() >= MAX_FOLDERS {
                break;
            }
            if level < MAX_LEVEL
                && let Some(node) = self.node(self.folded(at).0)
            {
                let inner = node.folders.values();
                open.extend(inner.map(|child| (self.gap(*child), Reverse(*child), level.saturating_add(1))));
            }
        }
        shown
    }

    fn gap(&self, at: usize) -> u64 {
        self.node(at).map_or(0, |node| node.sum.gap())
    }

    /// Opens a folder, walks through what is shown of it, and ends it. It goes as deep as levels are shown.
    fn walk(&self, at: usize, level: usize, shown: &BTreeSet<usize>, steps: &mut Vec<Step<'a>>) {
        let (inner, name) = self.folded(at);
        let Some(node) = self.node(inner) else { return };
        steps.push(Step { opens: Some(folder(node, name, level)), rest: None, rest_folders: 0 });
        let mut folders: Vec<usize> = node.folders.values().copied().collect();
        folders.sort_by_key(|child| (Reverse(self.gap(*child)), *child));
        let (mut rest, mut rest_folders) = (Sum::default(), 0_usize);
        for child in folders {
            if shown.contains(&child) {
                self.walk(child, level.saturating_add(1), shown, steps);
            } else if let Some(hidden) = self.node(child) {
                rest.add(hidden.sum);
                rest_folders = rest_folders.saturating_add(1);
            }
        }
        steps.push(Step { opens: None, rest: (rest_folders > 0).then_some(rest), rest_folders });
    }
}

fn folder<'a>(node: &Node<'a>, name: String, level: usize) -> Folder<'a> {
    let named = |file: &&'a CoverageFile| {
        let lines = file.lines.unwrap_or_default();
        let name = file.path.rsplit('/').next().unwrap_or_default();
        Named { anchor: files::anchor(&file.path), name, covered: lines.covered, total: lines.total }
    };
    Folder {
        name,
        sum: node.sum,
        filled: node.sum.covered.saturating_mul(100) / node.sum.total.max(1),
        open: level == 0,
        files: node.files.iter().take(MAX_NAMED).map(named).collect(),
        more_files: node.files.len().saturating_sub(MAX_NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use crate::report::CoverageTally;

    fn report(files: &[(&str, u64, u64)]) -> Report {
        let mut report = sample::report();
        let file = |(path, covered, total): &(&str, u64, u64)| CoverageFile {
            path: (*path).to_owned(),
            lines: Some(CoverageTally { covered: *covered, covered_high: *covered, total: *total }),
            ..CoverageFile::default()
        };
        report.coverage.as_mut().unwrap().files = files.iter().map(file).collect();
        report
    }

    /// The tree as text, a folder a line.
    fn outline(steps: &[Step<'_>]) -> Vec<String> {
        let mut level: usize = 0;
        let mut lines = Vec::new();
        for step in steps {
            if let Some(f) = &step.opens {
                let files: Vec<String> = f.files.iter().map(|n| n.name.to_owned()).collect();
                let Sum { covered, total, files: count } = f.sum;
                lines.push(format!(
                    "{}{} {covered}/{total} of {count} {}",
                    "  ".repeat(level),
                    f.name,
                    files.join(" ")
                ));
                level += 1;
            } else {
                level -= 1;
                if let Some(rest) = step.rest {
                    lines.push(format!(
                        "rest {} {}/{} of {}",
                        step.rest_folders, rest.covered, rest.total, rest.files
                    ));
                }
            }
        }
        assert_eq!(level, 0, "every folder that opens ends");
        lines
    }

    #[test]
    fn folders_are_summed_folded_together_and_worst_first() {
        let report = report(&[
            ("shop/src/core/deep/a.rs", 0, 50),
            ("shop/src/ui/b.rs", 10, 20),
            ("shop/src/ui/c.rs", 20, 20),
            ("shop/src/d.rs", 1, 2),
        ]);
        assert_eq!(
            outline(&steps(&report)),
            ["shop/src/ 31/92 of 4 d.rs", "  core/deep/ 0/50 of 1 a.rs", "  ui/ 30/40 of 2 b.rs c.rs",]
        );
    }

    #[test]
    fn files_at_the_root_and_absolute_ones_have_their_place() {
        let report = report(&[("/opt/a.rs", 0, 9), ("b.rs", 0, 1), ("src/c.rs", 1, 1)]);
        assert_eq!(
            outline(&steps(&report)),
            ["all files 1/11 of 3 b.rs", "  /opt/ 0/9 of 1 a.rs", "  src/ 1/1 of 1 c.rs"]
        );
    }

    #[test]
    fn one_folder_is_no_tree() {
        assert!(steps(&report(&[("src/a.rs", 0, 9), ("src/b.rs", 0, 1)])).is_empty());
        assert!(steps(&report(&[])).is_empty());
    }

    #[test]
    fn the_worst_are_shown_and_nothing_of_the_rest_is_lost() {
        let paths: Vec<String> = (0..20_000).map(|n| format!("a/{}/{}/{n}.rs", n % 50, n % 1_000)).collect();
        let files: Vec<(&str, u64, u64)> =
            (0_u64..).zip(&paths).map(|(n, path)| (path.as_str(), n % 7, 10)).collect();
        let report = report(&files);
        let steps = steps(&report);
        let shown = steps.iter().filter(|s| s.opens.is_some()).count();
        assert_eq!(shown, MAX_FOLDERS);
        let rest: u64 = steps.iter().filter_map(|s| s.rest).map(|r| r.files).sum();
        let own: usize =
            steps.iter().filter_map(|s| s.opens.as_ref()).map(|f| f.files.len() + f.more_files).sum();
        assert_eq!(rest + own as u64, 20_000);
        assert!(steps.iter().filter_map(|s| s.opens.as_ref()).all(|f| f.files.len() <= MAX_NAMED));
    }

    #[test]
    fn a_path_of_thousands_of_parts_is_cut_and_counted() {
        let (deep, other) = ("x/y/".repeat(5_000) + "z.rs", "x/".repeat(40) + "z.rs");
        let fork: Vec<String> = (0..30).map(|n| "f/".repeat(n) + "a.rs").collect();
        let mut files = vec![(deep.as_str(), 0, 5), (other.as_str(), 0, 5)];
        files.extend(fork.iter().map(|path| (path.as_str(), 0, 1)));
        let outline = outline(&steps(&report(&files)));
        let level =
            outline.iter().filter(|l| !l.starts_with("rest")).map(|l| l.find(|c| c != ' ').unwrap() / 2);
        assert_eq!(level.max(), Some(MAX_LEVEL));
        assert!(outline[0].starts_with("all files 0/40 of 32"), "{outline:#?}");
    }
}
