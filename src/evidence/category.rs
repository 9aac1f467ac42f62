//! Which category a file speaks for, when no policy says so: by what it is, with the reason in words.

use super::findings::Class;
use super::{Item, Kind};

/// A category and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Category id.
    pub category: String,
    /// The reason, as shown in the report: `Lighthouse: performance`.
    pub reason: String,
}

impl Assigned {
    /// A category for a reason.
    pub fn new(category: &str, reason: impl Into<String>) -> Self {
        Self { category: category.to_owned(), reason: reason.into() }
    }
}

/// Words in a path or suite name that tell end-to-end tests.
const E2E_WORDS: [&str; 8] = [
    "e2e",
    "end-to-end",
    "end_to_end",
    "endtoend",
    "system-tests",
    "system_tests",
    "browser-tests",
    "acceptance",
];
/// Words that tell integration tests. `it` counts only as a whole part of a path, as Failsafe and Gradle write it.
const INTEGRATION_WORDS: [&str; 6] =
    ["integration", "failsafe", "inttest", "contract-tests", "contract_tests", "component-tests"];
/// Words that tell a scanner's results in the form of tests.
const SECURITY_WORDS: [&str; 18] = [
    "security",
    "trivy",
    "grype",
    "snyk",
    "checkov",
    "tfsec",
    "kics",
    "semgrep",
    "bandit",
    "gitleaks",
    "dependency-check",
    "zap",
    "nuclei",
    "kubesec",
    "terrascan",
    "sast",
    "dast",
    "container-structure",
];
/// Producers whose test results are end-to-end tests by nature.
const E2E_PRODUCERS: [&str; 7] =
    ["playwright", "cypress", "webdriverio", "testcafe", "nightwatch", "puppeteer", "detox"];
/// Linters that can write their results in the form of tests.
const LINT_PRODUCERS: [&str; 6] = ["eslint", "ruff", "stylelint", "ktlint", "golangci-lint", "hadolint"];

/// The category of an item by what it is: kind, producer, then path and suite names.
#[must_use]
pub fn infer(item: &Item) -> Option<Assigned> {
    match item.kind? {
        Kind::Tests => Some(infer_tests(item)),
        Kind::Coverage => Some(Assigned::new("unit_tests", "coverage report")),
        Kind::Findings => Some(infer_findings(item)),
        Kind::Web => Some(match item.format {
            Some("axe") => Assigned::new("accessibility", "accessibility audit"),
            _ => Assigned::new("performance", "Lighthouse audit"),
        }),
        Kind::Load => Some(Assigned::new("performance", "load test")),
        Kind::Check => None,
    }
}

fn infer_tests(item: &Item) -> Assigned {
    let producer = item.producer.name.as_str();
    if SECURITY_WORDS.contains(&producer) {
        return Assigned::new("security", format!("written by the scanner {producer}"));
    }
    if LINT_PRODUCERS.contains(&producer) {
        return Assigned::new("quality", format!("written by the linter {producer}"));
    }
    if E2E_PRODUCERS.contains(&producer) {
        return Assigned::new("e2e", format!("written by {producer}, a browser test runner"));
    }
    let suites = item.facts.tests.as_ref().map_or(&[][..], |t| &t.suites);
    let path = item.path.to_ascii_lowercase();
    for (category, words) in
        [("e2e", &E2E_WORDS[..]), ("integration", &INTEGRATION_WORDS[..]), ("security", &SECURITY_WORDS[..])]
    {
        if let Some(word) = words.iter().find(|w| has_word(&path, w)) {
            return Assigned::new(category, format!("path says {word}"));
        }
    }
    if path.split(['/', '!']).any(|part| part == "it") {
        return Assigned::new("integration", "path says it");
    }
    for (category, words) in [("e2e", &E2E_WORDS[..]), ("integration", &INTEGRATION_WORDS[..])] {
        let said_by = |w: &&&str| {
            !suites.is_empty() && suites.iter().all(|s| has_word(&s.name.to_ascii_lowercase(), w))
        };
        if let Some(word) = words.iter().find(said_by) {
            return Assigned::new(category, format!("suite names say {word}"));
        }
    }
    Assigned::new("unit_tests", "test results; nothing says integration or end-to-end")
}

/// True where `word` stands between characters that are no letters, so that `it-e2e-1` matches and `be2ek` does not.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at.saturating_add(word.len())..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphabetic)
            && !after.is_some_and(|c| c.is_alphabetic() && c != 's' && c != 't')
    })
}

fn infer_findings(item: &Item) -> Assigned {
    let findings = item.facts.findings.as_ref();
    let class_of = |class| findings.is_some_and(|f| f.list.iter().any(|x| x.class == class));
    let tool = findings.and_then(|f| f.tools.first()).map_or("", |t| t.name.as_str());
    if class_of(Class::Accessibility) || tool.eq_ignore_ascii_case("axe-core") {
        return Assigned::new("accessibility", format!("findings of {tool}"));
    }
    if class_of(Class::Security) || class_of(Class::Secret) {
        return Assigned::new("security", "it holds security findings");
    }
    if let Some(known) = findings.and_then(|f| f.tools.iter().find(|t| is_security_tool(&t.name))) {
        return Assigned::new("security", format!("written by {}, a security scanner", known.name));
    }
    let path = item.path.to_ascii_lowercase();
    if let Some(word) = SECURITY_WORDS.iter().find(|w| has_word(&path, w)) {
        return Assigned::new("security", format!("path says {word}"));
    }
    Assigned::new(
        "quality",
        if tool.is_empty() { "findings".to_owned() } else { format!("findings of {tool}") },
    )
}

/// Security scanners by the names that they write into their own results.
const SECURITY_TOOLS: [&str; 36] = [
    "bandit",
    "brakeman",
    "checkov",
    "clair",
    "codeql",
    "dependency-check",
    "devskim",
    "flawfinder",
    "ggshield",
    "gitleaks",
    "gosec",
    "grype",
    "kics",
    "kubesec",
    "mobsfscan",
    "njsscan",
    "nuclei",
    "osv-scanner",
    "owasp",
    "pip-audit",
    "prowler",
    "retire",
    "scorecard",
    "security",
    "semgrep",
    "snyk",
    "terrascan",
    "tfsec",
    "trivy",
    "trufflehog",
    "veracode",
    "zap",
    "zizmor",
    "anchore",
    "horusec",
    "lgtm",
];

/// True for tools that look for vulnerabilities, secrets or unsafe configuration.
#[must_use]
pub fn is_security_tool(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECURITY_TOOLS.iter().any(|tool| has_word(&name, tool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_words() {
        assert!(has_word("shop/e2e-tests/a.xml", "e2e"));
        assert!(has_word("integration_tests", "integration"));
        assert!(!has_word("disintegration", "integration"));
        assert!(has_word("reports/integration.xml", "integration"));
    }

    #[test]
    fn security_tools_are_known_by_name() {
        for name in ["CodeQL", "Semgrep OSS", "Bandit", "Snyk Open Source", "zizmor"] {
            assert!(is_security_tool(name), "{name}");
        }
        for name in ["ESLint", "ruff", "clang-tidy", "mypy"] {
            assert!(!is_security_tool(name), "{name}");
        }
    }
}
