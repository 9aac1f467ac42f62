//! Load tests: how many requests, how many failed, how long they took, and what the tool itself judged.

mod run;

pub use run::{Run, runs};

use super::exact::{Exact, decimal, floor_decimal, ratio, whole};
use std::collections::BTreeMap;

/// A share of requests in thousandths of a percent: 95 % is 95,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentile(u32);

impl Percentile {
    /// No request was faster.
    pub const MIN: Self = Self(0);
    /// Half of the requests were at least as fast.
    pub const MEDIAN: Self = Self(50_000);
    /// 90 % were.
    pub const P90: Self = Self(90_000);
    /// 95 % were.
    pub const P95: Self = Self(95_000);
    /// 99 % were.
    pub const P99: Self = Self(99_000);
    /// No request was slower.
    pub const MAX: Self = Self(100_000);

    /// Reads percent as written, `99` or `99.9`; nothing outside 0 to 100 and beyond three decimals.
    #[must_use]
    pub fn of_percent(text: &str) -> Option<Self> {
        let thousandths = decimal(text)? * whole(1_000);
        let number = thousandths.is_integer().then(|| thousandths.to_integer())?;
        u32::try_from(number).ok().filter(|n| *n <= Self::MAX.0).map(Self)
    }

    /// `p95`, `p99.9`, `fastest`, `slowest`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::MIN => "fastest".to_owned(),
            Self::MAX => "slowest".to_owned(),
            Self(n) if n % 1_000 == 0 => format!("p{}", n / 1_000),
            Self(n) => {
                let digits = format!("{:03}", n % 1_000);
                format!("p{}.{}", n / 1_000, digits.trim_end_matches('0'))
            }
        }
    }

    /// The place of this percentile among `count` sorted values: the smallest rank that this share of them reaches.
    #[must_use]
    pub fn rank(self, count: u64) -> u64 {
        let rank = (u128::from(count) * u128::from(self.0)).div_ceil(u128::from(Self::MAX.0));
        u64::try_from(rank).unwrap_or(u64::MAX).clamp(1, count.max(1))
    }
}

/// How a tool writes its latencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rounding {
    /// As measured.
    #[default]
    None,
    /// To whole milliseconds, up or down.
    WholeMillis,
    /// To within one percent.
    OnePercent,
    /// To whole milliseconds below 100, then to two significant digits, from 10 s on to whole seconds.
    TwoDigits,
}

impl Rounding {
    /// How a tool rounds, in words; empty where it does not.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::WholeMillis => "to a millisecond",
            Self::OnePercent => "to one percent",
            Self::TwoDigits => "to two digits",
        }
    }

    /// How far a value in milliseconds may be from what was measured.
    fn half_step(self, millis: &Exact) -> Exact {
        let twice = match self {
            Self::None => 0,
            Self::WholeMillis => 2,
            Self::OnePercent => return millis / whole(99),
            Self::TwoDigits if *millis < whole(100) => 1,
            Self::TwoDigits if *millis < whole(1_000) => 10,
            Self::TwoDigits if *millis < whole(10_000) => 100,
            Self::TwoDigits => 1_000,
        };
        whole(twice) / whole(2)
    }
}

/// How long requests took, in milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Latency {
    points: BTreeMap<Percentile, Exact>,
    /// The mean, where the tool gives one.
    pub mean: Option<Exact>,
    /// How far the percentiles between the fastest and the slowest are rounded.
    pub rounding: Rounding,
}

impl Latency {
    /// Nothing known yet of latencies that a tool rounds.
    #[must_use]
    pub fn rounded(rounding: Rounding) -> Self {
        Self { rounding, ..Self::default() }
    }

    /// Takes in a percentile; the first statement of each counts.
    pub fn set(&mut self, percentile: Percentile, millis: Exact) {
        self.points.entry(percentile).or_insert(millis);
    }

    /// The percentiles that are given, from the fastest to the slowest.
    pub fn points(&self) -> impl Iterator<Item = (Percentile, &Exact)> {
        self.points.iter().map(|(p, v)| (*p, v))
    }

    /// True where no percentile is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The percentile as it is given.
    #[must_use]
    pub fn given(&self, percentile: Percentile) -> Option<&Exact> {
        self.points.get(&percentile)
    }

    /// Between what a percentile lies: itself where it is given, less and more what the tool rounds; else between its
    /// neighbours. No end where nothing beyond it is given; nothing where nothing at all is.
    #[must_use]
    pub fn between(&self, percentile: Percentile) -> Option<(Exact, Option<Exact>)> {
        if self.is_empty() {
            return None;
        }
        // The fastest and the slowest request are told as they were measured.
        let step = |p: Percentile, millis: &Exact| match p {
            Percentile::MIN | Percentile::MAX => whole(0),
            _ => self.rounding.half_step(millis),
        };
        let below = self.points.range(..=percentile).next_back();
        let above = self.points.range(percentile..).next();
        let low = below.map_or_else(|| whole(0), |(p, v)| (v - step(*p, v)).max(whole(0)));
        Some((low, above.map(|(p, v)| v + step(*p, v))))
    }

    /// Two percentiles of which the higher one is the faster, beyond what rounding explains.
    #[must_use]
    pub fn disorder(&self) -> Option<(Percentile, Percentile)> {
        let mut pairs = self.points.iter().zip(self.points.iter().skip(1));
        let slack = |v: &Exact| self.rounding.half_step(v);
        pairs.find(|((_, a), (_, b))| *a - slack(a) > *b + slack(b)).map(|((p, _), (q, _))| (*p, *q))
    }
}

/// Requests of one name, or all of them.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// Endpoint, label, group or step; empty for all together.
    pub name: String,
    /// Method or protocol, or empty.
    pub method: String,
    /// How many; nothing where the file does not tell.
    pub count: Option<u64>,
    /// How many of them failed; nothing where the file does not tell.
    pub failed: Option<u64>,
    /// The share that failed, where it is told without the numbers.
    pub failed_share: Option<Exact>,
    /// How long they took.
    pub latency: Latency,
    /// Requests a second, as the tool gives them.
    pub per_second: Option<Exact>,
}

impl Requests {
    /// The share of requests that failed.
    #[must_use]
    pub fn error_rate(&self) -> Option<Exact> {
        let counted = || ratio(self.failed?, self.count?);
        counted().or_else(|| self.failed_share.clone())
    }

    /// Method and name together, as people write them.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.method.as_str(), self.name.as_str()) {
            ("", name) => name.to_owned(),
            (method, name) => format!("{method} {name}"),
        }
    }
}

/// A bound that the test itself sets, with the tool's judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// What it is about, such as `http_req_duration`.
    pub metric: String,
    /// As written, such as `p(95)<500`.
    pub expression: String,
    /// What became of it.
    pub judgement: Judgement,
}

/// What became of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// It held.
    Held,
    /// There was nothing to judge: its metric got no sample, and so it "holds".
    NoSample,
    /// It was crossed.
    Crossed,
}

impl Judgement {
    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Crossed => "crossed",
            Self::NoSample => "no sample",
        }
    }
}

/// Answers to one question that the test asked of responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The question.
    pub name: String,
    /// How often it held.
    pub passed: u64,
    /// How often it did not.
    pub failed: u64,
}

/// What went wrong, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCount {
    /// In the tool's words.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// One run of a load test, as one file tells it.
#[derive(Debug, Clone, Default)]
pub struct LoadTest {
    /// All requests together.
    pub all: Requests,
    /// By name, where the tool keeps them apart.
    pub rows: Vec<Requests>,
    /// Bounds that the test sets.
    pub thresholds: Vec<Threshold>,
    /// Questions that the test asks.
    pub checks: Vec<Check>,
    /// Answers to all questions: those that passed, and all; also where the questions are not listed.
    pub answers: Option<(u64, u64)>,
    /// The share of answers that passed, where it is told without the numbers.
    pub passed_share: Option<Exact>,
    /// What went wrong.
    pub errors: Vec<ErrorCount>,
    /// How long the run took, in microseconds.
    pub micros: Option<u64>,
    /// The file stands beside another that holds the requests: a list of failures or exceptions, a time series. The
    /// text is what the paths of the files of one run have in common.
    pub part_of: Option<String>,
}

impl LoadTest {
    /// How many thresholds were judged so.
    #[must_use]
    pub fn judged(&self, judgement: Judgement) -> u64 {
        self.thresholds.iter().filter(|t| t.judgement == judgement).count() as u64
    }

    /// What was read, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let Some(count) = self.all.count else {
            let errors = self.errors.iter().map(|e| e.count).fold(0, u64::saturating_add);
            return format!("{errors} errors");
        };
        let failed = self.all.failed.filter(|n| *n > 0).map(|n| format!("{n} failed"));
        let p95 = self.all.latency.given(Percentile::P95);
        let p95 = p95.map(|v| format!("p95 {} ms", floor_decimal(v, 1)));
        let crossed = Some(self.judged(Judgement::Crossed))
            .filter(|n| *n > 0)
            .map(|n| format!("{n} thresholds crossed"));
        let parts = [Some(format!("{count} requests")), failed, p95, crossed];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The share of answers to all questions that passed.
    #[must_use]
    pub fn passed(&self) -> Option<Exact> {
        let counted = || self.answers.and_then(|(passed, all)| ratio(passed, all));
        counted().or_else(|| self.passed_share.clone())
    }

    /// Requests a second: counted over the run where its length is known, else as the tool gives them.
    #[must_use]
    pub fn per_second(&self) -> Option<Exact> {
        let counted = || ratio(self.all.count?.checked_mul(1_000_000)?, self.micros?);
        counted().or_else(|| self.all.per_second.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentile(text: &str) -> Percentile {
        Percentile::of_percent(text).unwrap()
    }

    #[test]
    fn percentiles_are_read_and_named_as_people_write_them() {
        for (text, name) in [
            ("0", "fastest"),
            ("50", "p50"),
            ("99", "p99"),
            ("99.9", "p99.9"),
            ("99.99", "p99.99"),
            ("100", "slowest"),
        ] {
            assert_eq!(percentile(text).name(), name);
        }
        for text in ["101", "-1", "99.9999", "p95", ""] {
            assert_eq!(Percentile::of_percent(text), None, "{text}");
        }
    }

    #[test]
    fn the_rank_is_the_smallest_that_the_share_reaches() {
        for (text, count, rank) in [
            ("50", 4, 2),
            ("50", 5, 3),
            ("95", 100, 95),
            ("95", 10, 10),
            ("99", 1, 1),
            ("0", 9, 1),
            ("100", 9, 9),
        ] {
            assert_eq!(percentile(text).rank(count), rank, "{text} of {count}");
        }
    }

    #[test]
    fn what_is_not_given_lies_between_its_neighbours() {
        let mut latency = Latency::default();
        assert_eq!(latency.between(Percentile::P95), None);
        latency.set(Percentile::P90, whole(80));
        assert_eq!(latency.between(Percentile::P95), Some((whole(80), None)));
        latency.set(percentile("97.5"), whole(120));
        assert_eq!(latency.between(Percentile::P95), Some((whole(80), Some(whole(120)))));
        assert_eq!(latency.between(Percentile::P90), Some((whole(80), Some(whole(80)))));
        assert_eq!(latency.between(Percentile::MEDIAN), Some((whole(0), Some(whole(80)))));
    }

    #[test]
    fn what_locust_rounds_stays_open_by_half_a_step() {
        let mut latency = Latency::rounded(Rounding::TwoDigits);
        latency.set(Percentile::P95, whole(1_500));
        latency.set(Percentile::MAX, whole(1_530));
        assert_eq!(latency.between(Percentile::P95), Some((whole(1_450), Some(whole(1_550)))));
        assert_eq!(latency.between(Percentile::MAX), Some((whole(1_530), Some(whole(1_530)))));
        assert_eq!(latency.disorder(), None);
        latency.set(Percentile::P99, whole(300));
        assert_eq!(latency.disorder(), Some((Percentile::P95, Percentile::P99)));
    }
}
