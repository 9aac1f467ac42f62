//! Audited web pages: Lighthouse categories and metrics, accessibility rules.

use super::exact::Exact;
use super::state::State;

/// The engine that looked at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// Google Lighthouse.
    Lighthouse,
    /// Deque axe-core.
    Axe,
}

impl Engine {
    /// The name shown in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lighthouse => "Lighthouse",
            Self::Axe => "axe-core",
        }
    }
}

/// How hard a violation hits people, in axe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// An annoyance.
    Minor,
    /// Hard to use for some.
    Moderate,
    /// A barrier for some.
    Serious,
    /// Content is out of reach for some.
    Critical,
}

impl Impact {
    /// Every impact, mildest first.
    pub const ALL: [Self; 4] = [Self::Minor, Self::Moderate, Self::Serious, Self::Critical];

    /// axe's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Serious => "serious",
            Self::Critical => "critical",
        }
    }

    /// Reads axe's word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.name() == word)
    }
}

/// What one rule says of one page. Where a rule stands in several buckets the worst wins: fail > review > pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleVerdict {
    /// All that it looked at holds.
    Pass,
    /// The engine could not decide; a person must look.
    Review,
    /// Something violates it.
    Fail,
}

/// One accessibility rule (or Lighthouse audit) on one page.
#[derive(Debug, Clone)]
pub struct RuleResult {
    /// Rule or audit id.
    pub id: String,
    /// The verdict.
    pub verdict: RuleVerdict,
    /// Impact of the violation, where the engine names one.
    pub impact: Option<Impact>,
    /// Tagged as WCAG 2.x level A or AA, so that it counts for the accessibility score.
    pub wcag: bool,
    /// WCAG criteria (`1.4.3`) that the tags name.
    pub criteria: Vec<String>,
    /// What the rule asks for.
    pub title: String,
    /// Link to the rule's documentation; only `http` and `https`.
    pub uri: String,
    /// Elements concerned.
    pub nodes: u32,
    /// The first few selectors.
    pub targets: Vec<String>,
}

impl RuleResult {
    /// A rule with its verdict, and nothing else known of it.
    #[must_use]
    pub fn new(id: impl Into<String>, verdict: RuleVerdict) -> Self {
        Self {
            id: id.into(),
            verdict,
            impact: None,
            wcag: false,
            criteria: Vec::new(),
            title: String::new(),
            uri: String::new(),
            nodes: 0,
            targets: Vec::new(),
        }
    }

    /// Takes in one of axe's tags: `wcag2aa` is a level, `wcag1410` the criterion 1.4.10.
    pub fn tag(&mut self, tag: &str) {
        if matches!(tag, "wcag2a" | "wcag2aa" | "wcag21a" | "wcag21aa" | "wcag22a" | "wcag22aa") {
            self.wcag = true;
            return;
        }
        let digits = tag.strip_prefix("wcag").filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        if let Some((principle, rest)) =
            digits.filter(|d| matches!(d.len(), 3 | 4)).and_then(|d| d.split_at_checked(1))
            && let Some((guideline, criterion)) = rest.split_at_checked(1)
        {
            self.criteria.push(format!("{principle}.{guideline}.{criterion}"));
        }
    }
}

/// Why a URL is that of no page that anybody asked for; nothing where it may be one.
#[must_use]
pub fn no_page(url: &str) -> Option<&'static str> {
    let url = url.trim().to_ascii_lowercase();
    [
        ("chrome-error:", "the browser showed its own error page"),
        ("chrome:", "the browser showed a page of its own"),
        ("about:", "the browser showed an empty page"),
        ("data:", "the page is a `data:` address, not a site"),
    ]
    .into_iter()
    .find_map(|(scheme, why)| url.starts_with(scheme).then_some(why))
}

/// True where a page other than the one asked for was reached. A scheme, port, `www.`, closing slash, query or
/// plain fragment that changes on the way is the same page; another host or path is not. A fragment that begins
/// with `#/` or `#!` is the path of a single-page application.
#[must_use]
pub fn is_other_page(requested: &str, reached: &str) -> bool {
    !requested.is_empty() && !reached.is_empty() && address(requested) != address(reached)
}

/// Host, path and route of a URL, in the form in which they are compared.
fn address(url: &str) -> (String, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let rest = rest.split('?').next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host =
        host.rsplit_once(':').filter(|(_, p)| p.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(h, _)| h);
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").map(str::to_owned).unwrap_or(host);
    let route = if fragment.starts_with(['/', '!']) { fragment.trim_matches(['/', '!']) } else { "" };
    (host, path.trim_matches('/'), route.split('?').next().unwrap_or_default())
}

/// One page as one run of one engine saw it.
#[derive(Debug, Clone)]
pub struct Page {
    /// Who looked.
    pub engine: Engine,
    /// Version of the engine.
    pub version: String,
    /// Final URL, or empty where the shape does not tell it.
    pub url: String,
    /// URL that was asked for, where the engine records it.
    pub requested: String,
    /// Name of the step in a user flow, or empty.
    pub step: String,
    /// `mobile`, `desktop` or empty.
    pub form_factor: String,
    /// Category scores from 0 to 1 by category id, in document order; `None` is the file's null or unscored.
    pub scores: Vec<(String, Option<Exact>)>,
    /// Page metrics by measure id (`web.lcp`), in milliseconds except `web.cls`, which has no unit.
    pub metrics: Vec<(&'static str, Exact)>,
    /// Rules that were applied; inapplicable ones are not kept.
    pub rules: Vec<RuleResult>,
    /// Lists of passed rules are there, so that a share of passed rules can be computed.
    pub has_passes: bool,
    /// `Ok`, or what is wrong with this page: not measured, wrong page, crashed rule.
    pub state: State,
    /// Why, where the state is not `Ok`.
    pub cause: String,
}

impl Page {
    /// A page of which nothing is known yet.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            version: String::new(),
            url: String::new(),
            requested: String::new(),
            step: String::new(),
            form_factor: String::new(),
            scores: Vec::new(),
            metrics: Vec::new(),
            rules: Vec::new(),
            has_passes: false,
            state: State::Ok,
            cause: String::new(),
        }
    }

    /// The score of a category; `None` where it is absent, null or unscored.
    #[must_use]
    pub fn score(&self, category: &str) -> Option<&Exact> {
        self.scores.iter().find(|(id, _)| id == category)?.1.as_ref()
    }

    /// The URL under which runs of one page belong together: as asked for, else as reached.
    #[must_use]
    pub fn key(&self) -> &str {
        if self.requested.is_empty() { &self.url } else { &self.requested }
    }

    /// Violated rules by impact, mildest first in the order of [`Impact::ALL`].
    #[must_use]
    pub fn violations(&self) -> [u64; 4] {
        Impact::ALL.map(|impact| {
            self.rules.iter().filter(|r| r.verdict == RuleVerdict::Fail && r.impact == Some(impact)).count()
                as u64
        })
    }

    /// Rules that need a person.
    #[must_use]
    pub fn incomplete(&self) -> u64 {
        self.rules.iter().filter(|r| r.verdict == RuleVerdict::Review).count() as u64
    }

    /// Marks the page as not fully measured; the first and worst cause is kept.
    pub fn mark(&mut self, state: State, cause: impl Into<String>) {
        if state > self.state {
            self.state = state;
            self.cause = cause.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_level_and_criterion() {
        let mut rule = RuleResult::new("r", RuleVerdict::Fail);
        for tag in ["cat.color", "wcag1410", "wcag143", "wcag2a-obsolete", "wcag2aaa", "wcag21", "wcagüö"] {
            rule.tag(tag);
        }
        assert!(!rule.wcag);
        assert_eq!(rule.criteria, ["1.4.10", "1.4.3"]);
        rule.tag("wcag22aa");
        assert!(rule.wcag);
    }

    #[test]
    fn another_page_is_another_host_or_path() {
        for (requested, reached, other) in [
            ("http://a.de/x", "https://www.a.de/x/", false),
            ("https://a.de", "https://a.de/?utm=1", false),
            ("http://a.de:8080/x", "http://a.de/x#top", false),
            ("http://a.de/account", "http://a.de/login?next=/account", true),
            ("http://a.de/", "http://b.de/", true),
            ("http://a.de/#/account", "http://a.de/#/login", true),
            ("", "http://a.de/x", false),
        ] {
            assert_eq!(is_other_page(requested, reached), other, "{requested} {reached}");
        }
    }

    #[test]
    fn error_pages_are_no_pages() {
        for url in ["chrome-error://chromewebdata/", "about:blank", "data:text/html,x"] {
            assert!(no_page(url).is_some(), "{url}");
        }
        assert_eq!(no_page("http://data:80/"), None);
    }
}
