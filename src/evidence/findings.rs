//! Findings of linters and scanners.

use super::paths::from_folder;
use super::text::{Arena, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// SARIF's level of a result after resolution (SARIF 2.1.0, 3.27.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not a problem, or the result's kind is not `fail`.
    None,
    /// Minor.
    Note,
    /// A problem.
    Warning,
    /// A serious problem.
    Error,
}

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Note, Self::Warning, Self::Error];

    /// The word of the specification.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How bad a finding is for security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// CVSS above 0.
    Low,
    /// CVSS 4 and up.
    Medium,
    /// The tool did not say; judged as medium and counted apart.
    Unknown,
    /// CVSS 7 and up.
    High,
    /// CVSS 9 and up.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 6] =
        [Self::Info, Self::Low, Self::Medium, Self::Unknown, Self::High, Self::Critical];

    /// The word used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::Unknown => "unknown",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The band of a CVSS-like score in thousandths: 9 and up critical, 7 high, 4 medium, above 0 low.
    /// 0 and anything above 10 is no score.
    #[must_use]
    pub const fn of_score(thousandths: u32) -> Option<Self> {
        match thousandths {
            0 | 10_001.. => None,
            9_000.. => Some(Self::Critical),
            7_000.. => Some(Self::High),
            4_000.. => Some(Self::Medium),
            _ => Some(Self::Low),
        }
    }

    /// A tool's own word for a severity, in any letter case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "blocker" => Self::Critical,
            "high" | "error" | "major" | "serious" => Self::High,
            "medium" | "moderate" | "warning" | "minor" => Self::Medium,
            "low" | "note" | "style" | "negligible" => Self::Low,
            "info" | "information" | "informational" | "none" => Self::Info,
            "unknown" | "undefined" => Self::Unknown,
            _ => return None,
        })
    }
}

/// Whether a result counts, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// It counts.
    Counted,
    /// Accepted by a suppression in the file.
    Suppressed,
    /// Its kind says that nothing failed.
    NotFailing,
    /// Its kind asks a person to look: `open` and `review`.
    Review,
    /// The baseline comparison says that it is gone.
    Absent,
}

/// What a finding is about; decides the category of a mixed file and the secrets measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Style, correctness, maintainability.
    Quality,
    /// A vulnerability or weakness.
    Security,
    /// A credential in the open.
    Secret,
    /// Accessibility of a page.
    Accessibility,
}

/// One result of a scanner.
#[derive(Debug, Clone, Copy)]
pub struct Finding {
    /// Rule id.
    pub rule: Span,
    /// Message, shortened; secrets masked.
    pub message: Span,
    /// Source path, relative where it could be made so.
    pub path: Span,
    /// Line, from 1; 0 is unknown.
    pub line: u32,
    /// Index into [`Findings::tools`].
    pub tool: u16,
    /// Effective level.
    pub level: Level,
    /// Severity for security.
    pub severity: Severity,
    /// Where level and severity come from, in words: `rule security-severity 8.1`, `default warning`.
    pub basis: Span,
    /// Does it count?
    pub disposition: Disposition,
    /// What it is about.
    pub class: Class,
    /// The tool's own stable identity of the finding, or empty.
    pub fingerprint: Span,
    /// Why it is suppressed, or empty.
    pub justification: Span,
}

/// Rule texts shown beside the findings of the rule.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Rule id.
    pub id: String,
    /// Short description.
    pub title: String,
    /// Help text, Markdown where the tool wrote it.
    pub help: String,
    /// Link to the documentation; only `http` and `https`.
    pub uri: String,
}

/// A tool that contributed findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tool {
    /// Name as the tool writes it.
    pub name: String,
    /// Version, or empty.
    pub version: String,
}

/// Everything that a findings file says.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Results that are kept: all but those whose kind says that nothing failed.
    pub list: Vec<Finding>,
    /// The text behind the spans.
    pub text: Arena,
    /// Tools in the order of their runs.
    pub tools: Vec<Tool>,
    /// Texts of the rules that the kept results name.
    pub rules: Vec<Rule>,
    /// Results read, of any kind.
    pub read: u64,
    /// Results whose kind says that nothing failed.
    pub not_failing: u64,
    /// All results read by effective level, in the order of [`Level::ALL`].
    pub by_level: [u64; 4],
}

impl Findings {
    /// Makes paths below a folder relative to it, where a tool wrote them absolutely.
    pub fn make_relative(&mut self, base: &str) {
        for finding in &mut self.list {
            let Some(relative) = from_folder(self.text.get(finding.path), base).map(str::to_owned) else {
                continue;
            };
            finding.path = self.text.push(&relative);
        }
    }

    /// Results that count.
    pub fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter().filter(|f| f.disposition == Disposition::Counted)
    }

    /// How many kept results have a disposition.
    #[must_use]
    pub fn count(&self, disposition: Disposition) -> u64 {
        self.list.iter().filter(|f| f.disposition == disposition).count() as u64
    }

    /// Package and version that the message of a finding names, as Trivy, Grype, OSV-Scanner and Snyk word it; SARIF
    /// has no field for either.
    #[must_use]
    pub fn package(&self, finding: &Finding) -> Option<(&str, &str)> {
        let message = self.text.get(finding.message);
        let until = |text: &'_ str, stop: &[char]| text.find(stop).unwrap_or(text.len());
        let word = |text: &'static str| message.split_once(text).map(|(_, rest)| rest);
        if let Some(rest) = message.strip_prefix("Package: ") {
            let name = rest.get(..until(rest, &['\n']))?;
            let version =
                word("Installed Version: ").map_or("", |v| v.get(..until(v, &['\n'])).unwrap_or_default());
            return Some((name.trim(), version.trim()));
        }
        if let Some(rest) = word(" package: ") {
            let name = rest.get(..until(rest, &[',']))?;
            let version =
                rest.split_once(", version ").map_or("", |(_, v)| v.split_once(" was").map_or(v, |(v, _)| v));
            return Some((name.trim(), version.trim()));
        }
        if let Some(rest) = message.strip_prefix("Package '") {
            return rest.split_once('\'')?.0.rsplit_once('@');
        }
        let (name, _) = word(" a vulnerable ")?.split_once(" package")?;
        Some((name, ""))
    }

    /// The tool of a finding.
    #[must_use]
    pub fn tool(&self, finding: &Finding) -> Option<&Tool> {
        self.tools.get(usize::from(finding.tool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_name_the_package_in_their_message() {
        for (message, want) in [
            (
                "Package: curl\nInstalled Version: 7.61.1-12.el8\nVulnerability CVE-1",
                ("curl", "7.61.1-12.el8"),
            ),
            (
                "A low vulnerability in rpm package: bash, version 1.1.1 was found at: /a/b.txt",
                ("bash", "1.1.1"),
            ),
            ("Package '@scope/lib@1.2.3' is vulnerable to 'CVE-1'", ("@scope/lib", "1.2.3")),
            (
                "This file introduces a vulnerable bzip2 package with a low severity vulnerability.",
                ("bzip2", ""),
            ),
        ] {
            let mut findings = Findings::default();
            let message = findings.text.push(message);
            let empty = findings.text.push("");
            let finding = Finding {
                rule: empty,
                message,
                path: empty,
                line: 0,
                tool: 0,
                level: Level::Error,
                severity: Severity::High,
                basis: empty,
                disposition: Disposition::Counted,
                class: Class::Security,
                fingerprint: empty,
                justification: empty,
            };
            assert_eq!(findings.package(&finding), Some(want));
        }
    }

    #[test]
    fn score_bands_begin_at_their_lower_bound() {
        let bands = [
            (0, None),
            (1, Some(Severity::Low)),
            (3_999, Some(Severity::Low)),
            (4_000, Some(Severity::Medium)),
        ];
        let more = [
            (7_000, Some(Severity::High)),
            (9_000, Some(Severity::Critical)),
            (10_000, Some(Severity::Critical)),
            (10_100, None),
        ];
        for (score, band) in bands.into_iter().chain(more) {
            assert_eq!(Severity::of_score(score), band, "{score}");
        }
    }
}
