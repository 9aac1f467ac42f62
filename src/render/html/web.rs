//! Audited pages: scores as gauges, metrics between their thresholds, and what the policy asks of both.

use super::{thousandths, words};
use crate::evidence::exact::{Exact, whole};
use crate::report::{CriterionState, PageMetric, PageRow, PageScore, Report};
use serde::Serialize;

/// A page with what its numbers mean.
#[derive(Debug, Serialize)]
pub(super) struct PageView<'a> {
    page: &'a PageRow,
    gauges: Vec<Gauge<'a>>,
    meters: Vec<Meter<'a>>,
}

/// A category score as a ring.
#[derive(Debug, Serialize)]
struct Gauge<'a> {
    score: &'a PageScore,
    /// Nothing where there is no number.
    mark: Option<Mark>,
    /// Tenths of a percent of the ring; nothing where there is no number.
    filled: Option<u64>,
    /// What the policy asks for, with the state.
    policy: Vec<String>,
}

/// A metric on its scale.
#[derive(Debug, Serialize)]
struct Meter<'a> {
    metric: &'a PageMetric,
    mark: Option<Mark>,
    scale: Option<Scale>,
    policy: Vec<String>,
}

/// A band of an engine's scale: look and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Mark {
    look: &'static str,
    word: &'static str,
}

const GOOD: Mark = Mark { look: "pass", word: "good" };
const MIDDLING: Mark = Mark { look: "warn", word: "needs improvement" };
const POOR: Mark = Mark { look: "fail", word: "poor" };

/// Where the value and the thresholds stand, in percent of the width with one decimal.
#[derive(Debug, Serialize)]
struct Scale {
    good: String,
    good_at: String,
    poor: String,
    poor_at: String,
    /// Between the thresholds.
    between: String,
    /// Beyond the second threshold.
    rest: String,
    value_at: String,
    /// The value lies beyond the end of the scale.
    beyond: bool,
}

/// Thresholds of a metric: good up to the first, poor beyond the second, in thousandths of the unit.
struct Threshold {
    id: &'static str,
    good: u64,
    poor: u64,
    unit: &'static str,
}

/// Core Web Vitals (<https://web.dev/articles/defining-core-web-vitals-thresholds>), and beside them TTFB
/// (<https://web.dev/articles/ttfb>), FID, and what Lighthouse says of lab metrics
/// (<https://developer.chrome.com/docs/lighthouse/performance/performance-scoring>), for phones.
const THRESHOLDS: [Threshold; 8] = [
    Threshold { id: "web.lcp", good: 2_500_000, poor: 4_000_000, unit: "ms" },
    Threshold { id: "web.cls", good: 100, poor: 250, unit: "" },
    Threshold { id: "web.inp", good: 200_000, poor: 500_000, unit: "ms" },
    Threshold { id: "web.fid", good: 100_000, poor: 300_000, unit: "ms" },
    Threshold { id: "web.fcp", good: 1_800_000, poor: 3_000_000, unit: "ms" },
    Threshold { id: "web.si", good: 3_400_000, poor: 5_800_000, unit: "ms" },
    Threshold { id: "web.tbt", good: 200_000, poor: 600_000, unit: "ms" },
    Threshold { id: "web.ttfb", good: 800_000, poor: 1_800_000, unit: "ms" },
];

/// The pages in the order of the report.
pub(super) fn pages(report: &Report) -> Vec<PageView<'_>> {
    let view = |page| PageView { page, gauges: gauges(report, page), meters: meters(report, page) };
    report.pages.iter().map(view).collect()
}

fn gauges<'a>(report: &Report, page: &'a PageRow) -> Vec<Gauge<'a>> {
    let gauge = |score: &'a PageScore| Gauge {
        score,
        mark: score.value.as_ref().and_then(|v| v.exact()).map(|value| band(&value)),
        filled: score.value.as_ref().map(|value| thousandths(value, 1)),
        policy: asked(report, &format!("lighthouse.{}", score.category), "all pages"),
    };
    page.scores.iter().map(gauge).collect()
}

/// Lighthouse's own bands: 0 to 49, 50 to 89, 90 to 100. A score just below 90 is below 90.
fn band(score: &Exact) -> Mark {
    let percent = score * whole(100);
    if percent >= whole(90) {
        GOOD
    } else if percent >= whole(50) {
        MIDDLING
    } else {
        POOR
    }
}

fn meters<'a>(report: &Report, page: &'a PageRow) -> Vec<Meter<'a>> {
    let meter = |metric: &'a PageMetric| {
        let value = metric.value.as_ref().and_then(|value| value.exact());
        let known = THRESHOLDS.iter().find(|t| t.id == metric.id).zip(value);
        Meter {
            metric,
            mark: known.as_ref().map(|(threshold, value)| threshold.mark(value)),
            scale: known.as_ref().map(|(threshold, value)| threshold.scale(value)),
            policy: asked(report, &metric.id, "all pages"),
        }
    };
    page.metrics.iter().map(meter).collect()
}

impl Threshold {
    fn mark(&self, value: &Exact) -> Mark {
        let value = value * whole(1_000);
        if value <= whole(self.good) {
            GOOD
        } else if value <= whole(self.poor) {
            MIDDLING
        } else {
            POOR
        }
    }

    /// The scale ends at one and a half times of what is poor.
    fn scale(&self, value: &Exact) -> Scale {
        let end = self.poor.saturating_mul(3) / 2;
        let at = |part: u64| part.saturating_mul(1_000) / end.max(1);
        let place = (value * whole(1_000) * whole(1_000) / whole(end.max(1))).to_integer();
        let place = u64::try_from(place).unwrap_or(if *value < whole(0) { 0 } else { u64::MAX });
        let [good_at, poor_at] = [self.good, self.poor].map(at);
        Scale {
            good: self.told(self.good),
            good_at: tenths(good_at),
            poor: self.told(self.poor),
            poor_at: tenths(poor_at),
            between: tenths(poor_at.saturating_sub(good_at)),
            rest: tenths(1_000_u64.saturating_sub(poor_at)),
            value_at: tenths(place.min(1_000)),
            beyond: place > 1_000,
        }
    }

    /// A threshold with its unit.
    fn told(&self, thousandths: u64) -> String {
        let number = crate::evidence::exact::floor_decimal(&(whole(thousandths) / whole(1_000)), 3);
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }
}

/// Thousandths as percent: `41.6%`.
fn tenths(thousandths: u64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

/// What criteria of a measure ask for: `at most 2500 ms`, with the state over all that they judge.
pub(super) fn asked(report: &Report, measure: &str, over: &str) -> Vec<String> {
    let criteria = report.decision.categories.iter().flat_map(|c| &c.criteria);
    let mut said = Vec::new();
    for criterion in criteria.filter(|c| c.measure == measure && c.state != CriterionState::NotApplicable) {
        let narrowed = match criterion.narrowed.as_str() {
            "" => String::new(),
            narrowed => format!(" for {narrowed}"),
        };
        let text = format!("{}{narrowed} ({} over {over})", words::target(criterion), criterion.state.name());
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exact::decimal;
    use crate::render::sample;

    fn threshold(id: &str) -> &'static Threshold {
        THRESHOLDS.iter().find(|t| t.id == id).unwrap()
    }

    #[test]
    fn a_score_is_in_the_band_that_lighthouse_shows_and_is_never_lifted_into_it() {
        for (score, mark) in [
            ("1", GOOD),
            ("0.9", GOOD),
            ("0.8999", MIDDLING),
            ("0.5", MIDDLING),
            ("0.4999", POOR),
            ("0", POOR),
        ] {
            assert_eq!(band(&decimal(score).unwrap()), mark, "{score}");
        }
    }

    #[test]
    fn a_metric_is_good_up_to_its_threshold_and_poor_beyond_the_other() {
        for (id, value, mark) in [
            ("web.lcp", "2500", GOOD),
            ("web.lcp", "2500.01", MIDDLING),
            ("web.lcp", "4000", MIDDLING),
            ("web.lcp", "4000.01", POOR),
            ("web.cls", "0.1", GOOD),
            ("web.cls", "0.25", MIDDLING),
            ("web.cls", "0.2500001", POOR),
        ] {
            assert_eq!(threshold(id).mark(&decimal(value).unwrap()), mark, "{id} {value}");
        }
    }

    #[test]
    fn a_scale_keeps_what_lies_beyond_its_end() {
        let at = |value: &str| {
            let scale = threshold("web.lcp").scale(&decimal(value).unwrap());
            (scale.good_at, scale.poor_at, scale.value_at, scale.beyond)
        };
        let ticks = |value: &str, beyond| ("41.6%".to_owned(), "66.6%".to_owned(), value.to_owned(), beyond);
        assert_eq!(at("3000"), ticks("50.0%", false));
        assert_eq!(at("6000"), ticks("100.0%", false));
        assert_eq!(at("60000"), ticks("100.0%", true));
        assert_eq!(at("1e29"), ticks("100.0%", true));
        assert_eq!(at("-1"), ticks("0.0%", false));
        let cls = threshold("web.cls").scale(&decimal("0").unwrap());
        assert_eq!((cls.good.as_str(), cls.poor.as_str()), ("0.1", "0.25"));
    }

    #[test]
    fn the_policy_stands_beside_what_it_judges() {
        let report = sample::report();
        let pages = pages(&report);
        let lcp = &pages[0].meters[0];
        assert_eq!(lcp.policy, ["at most 2500 ms (warn over all pages)"]);
        assert_eq!(lcp.mark, Some(POOR));
        assert_eq!(pages[0].meters[1].policy, Vec::<String>::new());
    }

    #[test]
    fn a_report_without_numbers_has_its_texts() {
        let mut report = sample::report();
        for page in &mut report.pages {
            page.scores.iter_mut().for_each(|s| s.value = None);
            page.metrics.iter_mut().for_each(|m| m.value = None);
        }
        let pages = pages(&report);
        assert!(pages[0].gauges.iter().all(|g| g.filled.is_none() && g.mark.is_none()));
        assert!(pages[0].meters.iter().all(|m| m.scale.is_none() && m.mark.is_none()));
    }
}
