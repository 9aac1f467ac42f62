//! Coverage: what was executed, by source file, in a form that can be united over reports.
//!
//! Three rules run through it. Rows decide and totals are only a second witness. A line is covered if any
//! report saw it run. Where a format gives only counts of branches, the union of two reports is an
//! interval: at least the larger count, at most the sum.

use super::paths::from_folder;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One measured line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Line number, from 1.
    pub number: u32,
    /// Executions, saturating.
    pub hits: u32,
}

/// By which format's rules the arms and functions of a file are named. Names of two schemes never match, so what
/// two formats say of one file is compared by its counts: the same run written as LCOV and as Istanbul JSON
/// has its branches once, not twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Block, arm and occurrence; function names.
    Lcov,
    /// Method name and signature.
    Cobertura,
    /// Class, method and descriptor.
    Jacoco,
    /// True and false side of a condition; method lines.
    Clover,
    /// Positions in the source.
    Istanbul,
}

/// One arm of a branch whose identity is known inside its file, so that reports can be united exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arm {
    /// Line of the branch.
    pub line: u32,
    /// Identity on its line: what the format gives (block, arm, occurrence, shape of the block), packed or hashed.
    pub id: u64,
    /// By whose rules `id` is made.
    pub scheme: Scheme,
    /// It was taken at least once.
    pub hit: bool,
}

/// Branches of a line of which only the numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchCount {
    /// Line of the branches.
    pub line: u32,
    /// Arms that were taken for certain.
    pub low: u32,
    /// Arms that may have been taken. After a union it is the plain sum, which may exceed `total`: only so does the
    /// order of the reports not matter. [`FileCoverage::branch_tally`] cuts it.
    pub high: u32,
    /// All arms.
    pub total: u32,
}

/// One function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Identity in the file: a hash of name (and line, where names repeat).
    pub id: u64,
    /// By whose rules `id` is made.
    pub scheme: Scheme,
    /// First line, 0 where it is not known.
    pub line: u32,
    /// It was entered at least once.
    pub hit: bool,
}

/// One statement, for the formats that count them (Go blocks, Istanbul).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Identity in the file: a hash of its position.
    pub id: u64,
    /// How many statements the row stands for (Go's `NumStmt`), otherwise 1.
    pub weight: u32,
    /// Executed at least once.
    pub hit: bool,
}

/// A count that may be open: at least `low`, at most `high` of `total` are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Covered for certain.
    pub low: u64,
    /// Covered at best.
    pub high: u64,
    /// All.
    pub total: u64,
}

impl Tally {
    /// An exact count.
    #[must_use]
    pub const fn exact(covered: u64, total: u64) -> Self {
        Self { low: covered, high: covered, total }
    }

    /// Sums over files.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            high: self.high.saturating_add(other.high),
            total: self.total.saturating_add(other.total),
        }
    }

    /// Two counts of the same things by reports that do not say which: low is the larger, high the sum (which
    /// [`Tally::cut`] limits once everything is united). Where the totals differ the larger report speaks for the
    /// low end, numerator and denominator together.
    #[must_use]
    pub fn unite(self, other: Self) -> Self {
        let larger = if (self.total, self.low) >= (other.total, other.low) { self } else { other };
        Self { high: self.high.saturating_add(other.high), ..larger }
    }

    /// The count with its ends inside `0..=total` and in order.
    #[must_use]
    pub fn cut(self) -> Self {
        let low = self.low.min(self.total);
        Self { low, high: self.high.clamp(low, self.total), total: self.total }
    }
}

/// Totals that a report declares for a file without rows to recompute them from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declared {
    /// Lines.
    pub lines: Option<Tally>,
    /// Branches.
    pub branches: Option<Tally>,
    /// Functions.
    pub functions: Option<Tally>,
    /// Statements.
    pub statements: Option<Tally>,
}

/// One source file's coverage. Readers push rows in any order and call [`FileCoverage::normalise`] once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Path with forward slashes, see [`super::paths::normalise`].
    pub path: String,
    /// Measured lines.
    pub lines: Vec<Line>,
    /// Arms with an identity.
    pub arms: Vec<Arm>,
    /// Branch counts without identities.
    pub branch_counts: Vec<BranchCount>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Statements.
    pub statements: Vec<Statement>,
    /// Totals for what has no rows.
    pub declared: Declared,
}

impl AsRef<Self> for FileCoverage {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl FileCoverage {
    /// An empty record of a file.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Sorts every kind of row and unites rows of the same thing.
    pub fn normalise(&mut self) {
        unite_rows(&mut self.lines, |l| l.number, |a, b| a.hits = a.hits.saturating_add(b.hits));
        unite_rows(&mut self.arms, |a| (a.line, a.scheme, a.id), |a, b| a.hit |= b.hit);
        unite_rows(&mut self.branch_counts, |c| c.line, BranchCount::unite);
        unite_rows(&mut self.functions, |f| (f.scheme, f.id), |a, b| a.hit |= b.hit);
        unite_rows(
            &mut self.statements,
            |s| s.id,
            |a, b| {
                a.hit |= b.hit;
                a.weight = a.weight.max(b.weight);
            },
        );
    }

    /// Unites another report's rows of the same file with these. Order does not matter.
    pub fn unite(&mut self, other: &Self) {
        self.append(other);
        self.normalise();
    }

    /// Takes another record's rows of the same file over; [`FileCoverage::normalise`] has to follow.
    fn append(&mut self, other: &Self) {
        self.lines.extend_from_slice(&other.lines);
        self.arms.extend_from_slice(&other.arms);
        self.branch_counts.extend_from_slice(&other.branch_counts);
        self.functions.extend_from_slice(&other.functions);
        self.statements.extend_from_slice(&other.statements);
        let (mine, theirs) = (&mut self.declared, &other.declared);
        for (a, b) in [
            (&mut mine.lines, theirs.lines),
            (&mut mine.branches, theirs.branches),
            (&mut mine.functions, theirs.functions),
            (&mut mine.statements, theirs.statements),
        ] {
            *a = match (*a, b) {
                (Some(a), Some(b)) => Some(a.unite(b)),
                (a, b) => a.or(b),
            };
        }
    }

    /// The rows on some lines alone, first and last of each range. Declared totals and statements name no line, and
    /// are left out.
    #[must_use]
    pub fn only_lines(&self, ranges: &[(u32, u32)]) -> Self {
        let kept = |line: u32| ranges.iter().any(|(first, last)| (*first..=*last).contains(&line));
        Self {
            path: self.path.clone(),
            lines: self.lines.iter().filter(|l| kept(l.number)).copied().collect(),
            arms: self.arms.iter().filter(|a| kept(a.line)).copied().collect(),
            branch_counts: self.branch_counts.iter().filter(|c| kept(c.line)).copied().collect(),
            functions: self.functions.iter().filter(|f| kept(f.line)).copied().collect(),
            ..Self::default()
        }
    }

    /// Forgets declared totals of what has rows.
    fn drop_idle_totals(&mut self) {
        let declared = &mut self.declared;
        declared.lines = declared.lines.filter(|_| self.lines.is_empty());
        declared.branches =
            declared.branches.filter(|_| self.arms.is_empty() && self.branch_counts.is_empty());
        declared.functions = declared.functions.filter(|_| self.functions.is_empty());
        declared.statements = declared.statements.filter(|_| self.statements.is_empty());
    }

    /// Lines covered of lines measured; declared totals only where there is no row.
    #[must_use]
    pub fn line_tally(&self) -> Option<Tally> {
        rows(&self.lines, self.declared.lines, |l| (u64::from(l.hits > 0), 1))
    }

    /// Branch arms of normalised rows. Lines with identified arms are exact; counts stand in for the lines without.
    #[must_use]
    pub fn branch_tally(&self) -> Option<Tally> {
        if self.arms.is_empty() && self.branch_counts.is_empty() {
            return self.declared.branches.map(Tally::cut);
        }
        let mut by_line: Vec<(u32, Tally)> = Vec::with_capacity(self.branch_counts.len());
        for arms in self.arms.chunk_by(|a, b| (a.line, a.scheme) == (b.line, b.scheme)) {
            let line = arms.first().map_or(0, |arm| arm.line);
            let hit = arms.iter().filter(|arm| arm.hit).count() as u64;
            by_line.push((line, Tally::exact(hit, arms.len() as u64)));
        }
        by_line.extend(self.branch_counts.iter().map(|count| (count.line, count.tally())));
        unite_rows(&mut by_line, |(line, _)| *line, |(_, a), (_, b)| *a = a.unite(*b));
        Some(by_line.into_iter().fold(Tally::default(), |sum, (_, tally)| sum.plus(tally.cut())))
    }

    /// Functions entered of functions known. Two formats that name functions differently are two accounts of the same.
    #[must_use]
    pub fn function_tally(&self) -> Option<Tally> {
        if self.functions.is_empty() {
            return self.declared.functions.map(Tally::cut);
        }
        self.functions
            .chunk_by(|a, b| a.scheme == b.scheme)
            .map(|functions| {
                let hit = functions.iter().filter(|f| f.hit).count() as u64;
                Tally::exact(hit, functions.len() as u64)
            })
            .reduce(Tally::unite)
            .map(Tally::cut)
    }

    /// Statements executed of statements known.
    #[must_use]
    pub fn statement_tally(&self) -> Option<Tally> {
        rows(&self.statements, self.declared.statements, |s| {
            (u64::from(s.hit).saturating_mul(u64::from(s.weight)), u64::from(s.weight))
        })
    }
}

impl BranchCount {
    fn tally(self) -> Tally {
        Tally { low: self.low.into(), high: self.high.into(), total: self.total.into() }
    }

    fn unite(&mut self, other: &Self) {
        let united = self.tally().unite(other.tally());
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        *self = Self {
            line: self.line,
            low: narrow(united.low),
            high: narrow(united.high),
            total: narrow(united.total),
        };
    }
}

/// Sums rows, or takes the declared total where there are none.
fn rows<T>(rows: &[T], declared: Option<Tally>, weigh: impl Fn(&T) -> (u64, u64)) -> Option<Tally> {
    if rows.is_empty() {
        return declared.map(Tally::cut);
    }
    Some(
        rows.iter()
            .map(weigh)
            .fold(Tally::default(), |sum, (covered, total)| sum.plus(Tally::exact(covered, total))),
    )
}

/// Sorts by key and folds rows of the same key into the first.
fn unite_rows<T, K: Ord>(rows: &mut Vec<T>, key: impl Fn(&T) -> K, mut fold: impl FnMut(&mut T, &T)) {
    if !rows.is_sorted_by_key(&key) {
        rows.sort_by_key(&key);
    }
    rows.dedup_by(|later, earlier| {
        let same = key(later) == key(earlier);
        if same {
            fold(earlier, later);
        }
        same
    });
}

/// The highest cyclomatic complexity that a coverage report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complexity {
    /// Cyclomatic complexity of one function.
    pub value: u32,
    /// Where: file and function.
    pub at: String,
}

/// Everything that a coverage file says.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By source file, in document order until merged.
    pub files: Vec<FileCoverage>,
    /// Directories that the report names as roots of its paths (Cobertura's `<source>`).
    pub roots: Vec<String>,
    /// Highest complexity of a function, where the format measures it.
    pub complexity: Option<Complexity>,
}

impl Coverage {
    /// Makes one normalised record of each source file, in the order in which the files are first named. To be called
    /// by a reader when it has read all it can, after which [`Totals::of`] counts nothing twice.
    pub fn gather(&mut self) {
        let mut place: FxHashMap<String, usize> = FxHashMap::default();
        let mut gathered: Vec<FileCoverage> = Vec::with_capacity(self.files.len());
        for mut file in std::mem::take(&mut self.files) {
            match place.get(&file.path).and_then(|&at| gathered.get_mut(at)) {
                Some(first) => first.append(&file),
                None => {
                    place.insert(file.path.clone(), gathered.len());
                    file.lines.shrink_to_fit();
                    gathered.push(file);
                }
            }
        }
        for file in &mut gathered {
            file.normalise();
            file.drop_idle_totals();
        }
        self.files = gathered;
    }

    /// True where nothing was measured, or all totals are zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let measured = |tally: Option<Tally>| tally.is_some_and(|t| t.total > 0);
        self.files.iter().all(|f| {
            !(measured(f.line_tally())
                || measured(f.branch_tally())
                || measured(f.function_tally())
                || measured(f.statement_tally()))
        })
    }

    /// Notes the complexity of a function where it is the highest so far.
    pub fn note_complexity(&mut self, value: u32, at: impl FnOnce() -> String) {
        if value > self.complexity.as_ref().map_or(0, |known| known.value) {
            self.complexity = Some(Complexity { value, at: at() });
        }
    }
}

impl Coverage {
    /// Makes paths below a folder relative to it, where a tool wrote them absolutely or below an absolute root.
    pub fn make_relative(&mut self, base: &str) {
        let name = |f: &FileCoverage| from_folder(&self.full_path(f), base).map(str::to_owned);
        let names: Vec<Option<String>> = self.files.iter().map(name).collect();
        let any = names.iter().any(Option::is_some);
        for (file, name) in self.files.iter_mut().zip(names) {
            if let Some(name) = name {
                file.path = name;
            }
        }
        if any {
            // A report may name one file both ways.
            self.gather();
        }
        let base = base.trim_end_matches('/');
        self.roots.retain(|root| root.trim_end_matches('/') != base && from_folder(root, base).is_none());
    }

    /// The path of a file below the report's one root. Two services may both have a `models.py`; where a report
    /// names several roots, nothing tells which of them a file is in, and the path stays as written.
    fn full_path<'a>(&'a self, file: &'a FileCoverage) -> Cow<'a, str> {
        match self.roots.as_slice() {
            [root] if root.starts_with('/') && !file.path.starts_with('/') => {
                Cow::Owned(format!("{}/{}", root.trim_end_matches('/'), file.path))
            }
            _ => Cow::Borrowed(&file.path),
        }
    }
}

/// One metric over all files; nothing where no file has it.
pub fn sum<F: AsRef<FileCoverage> + Sync>(
    files: &[F],
    tally: impl Fn(&FileCoverage) -> Option<Tally> + Sync,
) -> Option<Tally> {
    files.par_iter().filter_map(|file| tally(file.as_ref())).reduce_with(Tally::plus)
}

/// The four metrics over all files; a metric that no file has is not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines.
    pub lines: Option<Tally>,
    /// Branches.
    pub branches: Option<Tally>,
    /// Functions.
    pub functions: Option<Tally>,
    /// Statements.
    pub statements: Option<Tally>,
}

impl Totals {
    /// Sums over files.
    pub fn of<F: AsRef<FileCoverage> + Sync>(files: &[F]) -> Self {
        Self {
            lines: sum(files, FileCoverage::line_tally),
            branches: sum(files, FileCoverage::branch_tally),
            functions: sum(files, FileCoverage::function_tally),
            statements: sum(files, FileCoverage::statement_tally),
        }
    }
}

/// The union of several reports by source file, sorted by path. The order of the reports does not matter. A file that
/// one report alone knows is lent, not copied.
#[must_use]
pub fn merge<'a>(reports: impl IntoIterator<Item = &'a Coverage>) -> Vec<Cow<'a, FileCoverage>> {
    let files: Vec<(Cow<'_, str>, &'a FileCoverage)> =
        reports.into_iter().flat_map(|r| r.files.iter().map(move |f| (r.full_path(f), f))).collect();
    let names = super::paths::canonical(files.iter().map(|(path, _)| path.as_ref()));
    let mut merged: BTreeMap<&str, Cow<'a, FileCoverage>> = BTreeMap::new();
    for (path, file) in &files {
        let name = names.get(path.as_ref()).copied().unwrap_or(path);
        match merged.entry(name) {
            std::collections::btree_map::Entry::Vacant(slot) if file.path == name => {
                slot.insert(Cow::Borrowed(file));
            }
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(Cow::Owned(FileCoverage { path: name.to_owned(), ..(*file).clone() }));
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().to_mut().unite(file),
        }
    }
    merged.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: &[(u32, u32)]) -> FileCoverage {
        let lines = lines.iter().map(|&(number, hits)| Line { number, hits }).collect();
        let mut file = FileCoverage { lines, ..FileCoverage::new("a.py") };
        file.normalise();
        file
    }

    #[test]
    fn a_line_is_covered_if_any_report_saw_it_run() {
        let mut a = file(&[(1, 1), (2, 0), (3, 0)]);
        a.unite(&file(&[(2, 4), (4, 0)]));
        assert_eq!(a.line_tally(), Some(Tally::exact(2, 4)));
    }

    #[test]
    fn arms_with_an_identity_unite_exactly_and_counts_to_an_interval() {
        let arm = |id, hit| Arm { line: 7, id, scheme: Scheme::Lcov, hit };
        let mut a = FileCoverage { arms: vec![arm(1, true), arm(2, false)], ..FileCoverage::new("a") };
        a.unite(&FileCoverage { arms: vec![arm(1, false), arm(2, true)], ..FileCoverage::new("a") });
        assert_eq!(a.branch_tally(), Some(Tally::exact(2, 2)));

        let half = BranchCount { line: 7, low: 1, high: 1, total: 2 };
        let mut c = FileCoverage { branch_counts: vec![half], ..FileCoverage::new("a") };
        c.unite(&c.clone());
        assert_eq!(c.branch_tally(), Some(Tally { low: 1, high: 2, total: 2 }));
    }

    #[test]
    fn different_totals_keep_numerator_and_denominator_of_one_report() {
        let (a, b) = (Tally::exact(3, 4), Tally::exact(1, 6));
        assert_eq!(a.unite(b), Tally { low: 1, high: 4, total: 6 });
        assert_eq!(a.unite(b), b.unite(a));
    }

    #[test]
    fn the_order_of_three_reports_does_not_matter() {
        let count = |low, total| FileCoverage {
            branch_counts: vec![BranchCount { line: 7, low, high: low, total }],
            ..FileCoverage::new("a")
        };
        let reports = [count(2, 2), count(2, 2), count(0, 10)]
            .map(|file| Coverage { files: vec![file], ..Coverage::default() });
        let [a, b, c] = &reports;
        let first = merge([a, b, c]);
        for order in [[a, c, b], [c, a, b], [c, b, a]] {
            assert_eq!(merge(order), first);
        }
        assert_eq!(Totals::of(&first).branches, Some(Tally { low: 0, high: 4, total: 10 }));
    }

    #[test]
    fn two_accounts_of_one_run_count_its_branches_and_functions_once() {
        let file = |scheme, id| FileCoverage {
            arms: vec![
                Arm { line: 7, id, scheme, hit: true },
                Arm { line: 7, id: id + 1, scheme, hit: false },
            ],
            functions: vec![Function { id, scheme, line: 6, hit: true }],
            ..FileCoverage::new("a.js")
        };
        let mut both = file(Scheme::Istanbul, 1);
        both.unite(&file(Scheme::Lcov, 40));
        assert_eq!(both.branch_tally(), Some(Tally { low: 1, high: 2, total: 2 }));
        assert_eq!(both.function_tally(), Some(Tally::exact(1, 1)));
    }

    #[test]
    fn a_reader_s_records_of_one_file_become_one() {
        let record = |path: &str, number| FileCoverage {
            lines: vec![Line { number, hits: 1 }],
            ..FileCoverage::new(path)
        };
        let mut coverage = Coverage {
            files: vec![record("b", 2), record("a", 1), record("b", 1), record("b", 2)],
            ..Coverage::default()
        };
        coverage.gather();
        assert_eq!(coverage.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(Totals::of(&coverage.files).lines, Some(Tally::exact(3, 3)));
    }

    #[test]
    fn declared_totals_serve_only_where_there_is_no_row() {
        let declared = Declared { lines: Some(Tally::exact(9, 10)), ..Declared::default() };
        assert_eq!(FileCoverage { declared, ..file(&[(1, 0)]) }.line_tally(), Some(Tally::exact(0, 1)));
        assert_eq!(FileCoverage { declared, ..file(&[]) }.line_tally(), Some(Tally::exact(9, 10)));
    }

    #[test]
    fn files_of_one_name_below_different_roots_stay_two_files() {
        let report = |root: &str, hits| Coverage {
            files: vec![file(&[(1, hits)])],
            roots: vec![root.to_owned()],
            ..Coverage::default()
        };
        let (customer, billing) = (report("/ci/shop/customer", 1), report("/ci/shop/billing", 0));
        let paths = |reports: &[&Coverage]| {
            merge(reports.iter().copied()).iter().map(|f| f.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(paths(&[&customer, &billing]), ["billing/a.py", "customer/a.py"]);
        assert_eq!(merge([&customer, &customer]).len(), 1);
        // A relative path of another report tells where the repository begins.
        let relative = Coverage { files: vec![FileCoverage::new("customer/a.py")], ..Coverage::default() };
        assert_eq!(paths(&[&customer, &billing, &relative]), ["billing/a.py", "customer/a.py"]);
    }
}
