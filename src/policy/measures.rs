//! The measures that a criterion can name: unit, direction, and the kind of evidence that they are drawn from.

use crate::evidence::Kind;
use crate::evidence::exact::{Exact, decimal, floor_decimal, percent_display, whole};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// At least the target.
    Higher,
    /// At most the target.
    Lower,
}

/// What a value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio from 0 to 1, written and shown in percent.
    Ratio,
    /// A whole number.
    Count,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// So many a second.
    PerSecond,
    /// A plain number.
    Plain,
}

impl Unit {
    /// As shown behind a value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ratio => "%",
            Self::Count => "count",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::Plain => "",
        }
    }

    /// Shows a value with its unit, cut and never rounded up.
    #[must_use]
    pub fn show(self, value: &Exact) -> String {
        match self {
            Self::Ratio => percent_display(value),
            Self::Count => floor_decimal(value, 0),
            Self::Millis => floor_decimal(value, 0),
            Self::Seconds | Self::PerSecond => floor_decimal(value, 1),
            Self::Plain => floor_decimal(value, 3),
        }
    }

    /// Shows a value with its unit behind it: `80 %`, `2500 ms`, `3`.
    #[must_use]
    pub fn with_unit(self, value: &Exact) -> String {
        match self {
            Self::Ratio | Self::Millis | Self::Seconds => format!("{} {}", self.show(value), self.name()),
            Self::PerSecond => format!("{}{}", self.show(value), self.name()),
            Self::Count | Self::Plain => self.show(value),
        }
    }

    /// Shows a value with as many digits as it takes to tell it from `other`, so that nobody reads "80 of 80 fails".
    #[must_use]
    pub fn show_apart(self, value: &Exact, other: &Exact) -> String {
        let text = self.show(value);
        if value == other || text != self.show(other) {
            return text;
        }
        let scaled = if self == Self::Ratio { value * whole(100) } else { value.clone() };
        (2..12)
            .map(|places| floor_decimal(&scaled, places))
            .find(|t| *t != text && !text.starts_with(t.as_str()))
            .unwrap_or(text)
    }

    /// Reads a target as written in a policy: `80%`, `2500ms`, `2.5s`, `5m`, `10`.
    ///
    /// # Errors
    /// In words, where the text is no number or has a unit that does not fit.
    pub fn read(self, text: &str) -> Result<Exact, String> {
        let text = text.trim();
        let end =
            text.find(|c: char| c.is_ascii_alphabetic() || matches!(c, '%' | '/')).unwrap_or(text.len());
        // An exponent is no unit.
        let (number, unit) = if decimal(text).is_some() { (text, "") } else { text.split_at(end) };
        let is_float = text.parse::<f64>().is_ok();
        let value = decimal(number).filter(|_| !is_float || number == text);
        let value = value.ok_or_else(|| format!("`{text}` is no finite number"))?;
        let factor = match (self, unit.trim()) {
            (Self::Ratio, "%") => return Ok(value / whole(100)),
            (Self::Ratio, "") => return Err(format!("`{text}` needs a percent sign: write `{text}%`")),
            (Self::Millis, "" | "ms")
            | (Self::Seconds, "" | "s")
            | (Self::PerSecond, "" | "/s")
            | (Self::Count | Self::Plain, "") => 1,
            (Self::Millis, "s") => 1_000,
            (Self::Seconds, "m" | "min") => 60,
            (Self::Seconds, "h") => 3_600,
            (_, unit) => {
                return Err(format!(
                    "the unit `{unit}` does not fit: this measure is counted in {}",
                    self.in_words()
                ));
            }
        };
        Ok(value * whole(factor))
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Ratio => "percent (`80%`)",
            Self::Count => "whole numbers (`0`)",
            Self::Millis => "milliseconds (`2500ms`, `2.5s`)",
            Self::Seconds => "seconds (`300s`, `5m`)",
            Self::PerSecond => "so many a second (`50/s`)",
            Self::Plain => "plain numbers (`0.1`)",
        }
    }
}

/// One measure.
#[derive(Debug)]
pub struct Measure {
    /// Id, as written in a policy.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Unit.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// The kind of evidence that it is drawn from.
    pub kind: Kind,
}

impl Measure {
    /// True where the value is a comparison with the baseline.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        self.id.ends_with(".vanished")
    }

    /// A target as it is written.
    #[must_use]
    pub const fn example(&self) -> &'static str {
        match (self.unit, self.direction) {
            (Unit::Ratio, Direction::Higher) => "80%",
            (Unit::Ratio, Direction::Lower) => "1%",
            (Unit::Count, Direction::Lower) => "0",
            (Unit::Count, Direction::Higher) => "100",
            (Unit::Millis, _) => "2500ms",
            (Unit::Seconds, _) => "5m",
            (Unit::PerSecond, _) => "50/s",
            (Unit::Plain, _) => "0.1",
        }
    }

    /// True for a value that cannot be better: 100 %, or 0.
    #[must_use]
    pub fn is_best(&self, value: &Exact) -> bool {
        match self.direction {
            Direction::Higher => self.unit == Unit::Ratio && *value == whole(1),
            Direction::Lower => *value == whole(0),
        }
    }
}

const fn measure(
    id: &'static str,
    title: &'static str,
    unit: Unit,
    direction: Direction,
    kind: Kind,
) -> Measure {
    Measure { id, title, unit, direction, kind }
}

/// Every measure.
pub const MEASURES: &[Measure] = &[
    measure("tests.pass_rate", "Tests passed", Unit::Ratio, Direction::Higher, Kind::Tests),
    measure("tests.failed", "Failed tests", Unit::Count, Direction::Lower, Kind::Tests),
    measure("tests.flaky", "Flaky tests", Unit::Count, Direction::Lower, Kind::Tests),
    measure("tests.skipped", "Skipped tests", Unit::Count, Direction::Lower, Kind::Tests),
    measure("tests.executed", "Tests executed", Unit::Count, Direction::Higher, Kind::Tests),
    measure("tests.duration", "Slowest component", Unit::Seconds, Direction::Lower, Kind::Tests),
    measure("tests.vanished", "Vanished tests", Unit::Count, Direction::Lower, Kind::Tests),
    measure("coverage.line", "Line coverage", Unit::Ratio, Direction::Higher, Kind::Coverage),
    measure("coverage.branch", "Branch coverage", Unit::Ratio, Direction::Higher, Kind::Coverage),
    measure("coverage.function", "Function coverage", Unit::Ratio, Direction::Higher, Kind::Coverage),
    measure("coverage.vanished", "Vanished source files", Unit::Count, Direction::Lower, Kind::Coverage),
    measure("findings.critical", "Critical findings", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.high", "High findings", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.medium", "Medium findings", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.low", "Low findings", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.error", "Errors found", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.warning", "Warnings found", Unit::Count, Direction::Lower, Kind::Findings),
    measure("findings.secrets", "Secrets found", Unit::Count, Direction::Lower, Kind::Findings),
    measure("complexity.max", "Highest cyclomatic complexity", Unit::Count, Direction::Lower, Kind::Coverage),
    measure("lighthouse.performance", "Lighthouse performance", Unit::Ratio, Direction::Higher, Kind::Web),
    measure(
        "lighthouse.accessibility",
        "Lighthouse accessibility",
        Unit::Ratio,
        Direction::Higher,
        Kind::Web,
    ),
    measure(
        "lighthouse.best_practices",
        "Lighthouse best practices",
        Unit::Ratio,
        Direction::Higher,
        Kind::Web,
    ),
    measure("lighthouse.seo", "Lighthouse SEO", Unit::Ratio, Direction::Higher, Kind::Web),
    measure("web.lcp", "Largest Contentful Paint", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.cls", "Cumulative Layout Shift", Unit::Plain, Direction::Lower, Kind::Web),
    measure("web.inp", "Interaction to Next Paint", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.fid", "First Input Delay", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.fcp", "First Contentful Paint", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.si", "Speed Index", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.ttfb", "Time to First Byte", Unit::Millis, Direction::Lower, Kind::Web),
    measure("web.tbt", "Total Blocking Time", Unit::Millis, Direction::Lower, Kind::Web),
    measure(
        "a11y.score",
        "WCAG A and AA rules passed, worst page",
        Unit::Ratio,
        Direction::Higher,
        Kind::Web,
    ),
    measure("a11y.critical", "Critical accessibility violations", Unit::Count, Direction::Lower, Kind::Web),
    measure("a11y.serious", "Serious accessibility violations", Unit::Count, Direction::Lower, Kind::Web),
    measure("load.requests", "Requests made", Unit::Count, Direction::Higher, Kind::Load),
    measure("load.failures", "Failed requests", Unit::Count, Direction::Lower, Kind::Load),
    measure("load.error_rate", "Share of failed requests", Unit::Ratio, Direction::Lower, Kind::Load),
    measure("load.p50", "Median response time", Unit::Millis, Direction::Lower, Kind::Load),
    measure("load.p90", "Response time, 90th percentile", Unit::Millis, Direction::Lower, Kind::Load),
    measure("load.p95", "Response time, 95th percentile", Unit::Millis, Direction::Lower, Kind::Load),
    measure("load.p99", "Response time, 99th percentile", Unit::Millis, Direction::Lower, Kind::Load),
    measure("load.max", "Slowest response", Unit::Millis, Direction::Lower, Kind::Load),
    measure("load.throughput", "Requests per second", Unit::PerSecond, Direction::Higher, Kind::Load),
    measure("load.thresholds", "Load thresholds crossed", Unit::Count, Direction::Lower, Kind::Load),
    measure("load.checks", "Load checks passed", Unit::Ratio, Direction::Higher, Kind::Load),
    measure("check.attested", "Attested by a person", Unit::Count, Direction::Higher, Kind::Check),
];

/// The measure of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|m| m.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exact::ratio;

    #[test]
    fn ids_are_unique() {
        for (at, measure) in MEASURES.iter().enumerate() {
            assert!(MEASURES.iter().skip(at + 1).all(|m| m.id != measure.id), "{}", measure.id);
        }
    }

    #[test]
    fn targets_are_read_in_their_unit() {
        assert_eq!(Unit::Ratio.read("80%").unwrap(), ratio(4, 5).unwrap());
        assert_eq!(Unit::Millis.read("2.5s").unwrap(), whole(2500));
        assert_eq!(Unit::Seconds.read("5m").unwrap(), whole(300));
        assert_eq!(Unit::PerSecond.read("50/s").unwrap(), whole(50));
        assert_eq!(Unit::Plain.read("0.1").unwrap(), ratio(1, 10).unwrap());
        assert_eq!(Unit::Count.read("1e2").unwrap(), whole(100));
        for (unit, text) in [
            (Unit::Ratio, "80"),
            (Unit::Count, "5%"),
            (Unit::Millis, "soon"),
            (Unit::Plain, "NaN"),
            (Unit::Seconds, "5 parsecs"),
        ] {
            assert!(unit.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_just_below_its_target_is_shown_apart_from_it() {
        let (value, target) = (ratio(79_999, 100_000).unwrap(), ratio(4, 5).unwrap());
        assert_eq!(Unit::Ratio.show_apart(&value, &target), "79.9");
        let over = decimal("2500.4").unwrap();
        assert_eq!(Unit::Millis.show_apart(&over, &whole(2500)), "2500.4");
    }
}
