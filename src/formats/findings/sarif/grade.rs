//! How bad a result is: words for levels and kinds, `security-severity`, tags, and what follows from them.

use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use crate::evidence::category::is_security_tool;
use crate::evidence::exact;
use crate::evidence::findings::{Class, Level, Severity};
use num_traits::ToPrimitive as _;
use std::borrow::Cow;

/// SARIF's kind of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ResultKind {
    /// A problem.
    #[default]
    Fail,
    /// Nothing failed.
    NotFailing,
    /// A person has to look.
    Review,
}

/// What a word in `level` says: in 1.0.0 and 2.0.0 it may also say the kind.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct LevelWord {
    pub(super) level: Option<Level>,
    pub(super) kind: Option<ResultKind>,
    /// A word that no version knows.
    pub(super) odd: bool,
}

/// Reads a level of any version in any letter case. An unknown word is no level, so that the defaults apply.
pub(super) fn level_word(word: &str) -> LevelWord {
    let level = |level| LevelWord { level: Some(level), ..LevelWord::default() };
    match word.to_ascii_lowercase().as_str() {
        "none" => level(Level::None),
        "note" => level(Level::Note),
        "warning" => level(Level::Warning),
        "error" => level(Level::Error),
        "pass" | "notapplicable" => LevelWord { kind: Some(ResultKind::NotFailing), ..LevelWord::default() },
        "open" => LevelWord { kind: Some(ResultKind::Review), ..LevelWord::default() },
        "" | "default" => LevelWord::default(),
        "warn" => LevelWord { odd: true, ..level(Level::Warning) },
        "info" | "information" | "informational" | "low" => LevelWord { odd: true, ..level(Level::Note) },
        "critical" | "high" | "fatal" => LevelWord { odd: true, ..level(Level::Error) },
        _ => LevelWord { odd: true, ..LevelWord::default() },
    }
}

/// Reads a kind in any letter case; an unknown one counts as a failure.
pub(super) fn kind_word(word: &str) -> ResultKind {
    match word.to_ascii_lowercase().replace(['_', '-'], "").as_str() {
        "pass" | "notapplicable" | "informational" => ResultKind::NotFailing,
        "open" | "review" => ResultKind::Review,
        _ => ResultKind::Fail,
    }
}

/// What the properties of a rule or a result say about it.
#[derive(Debug, Default)]
pub(super) struct Traits<'a> {
    /// `security-severity` as written.
    score: Option<Cow<'a, str>>,
    /// The tool's own word for a severity.
    word: Option<Cow<'a, str>>,
    security: bool,
    secret: bool,
}

impl<'a> Traits<'a> {
    /// Reads a property bag.
    pub(super) fn read(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.object(|json, key| {
            match key {
                "security-severity" => self.score = json.scalar()?,
                "issue_severity" | "severity" => self.word = json.scalar()?,
                "cwe" | "cwes" => self.security |= json.shape()? != Shape::Null,
                "tags" => self.read_tags(json)?,
                _ => {}
            }
            Ok(())
        })
        .map(drop)
    }

    fn read_tags(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.array(|json, _| {
            let tag = json.text()?.to_ascii_lowercase();
            self.security |= tag == "security" || tag.starts_with("cwe-") || tag.contains("/cwe/");
            self.secret |= matches!(tag.as_str(), "secret" | "secrets");
            Ok(())
        })
        .map(drop)
    }

    /// Reads `taxa` or `relationships`: a reference to a CWE makes it a matter of security.
    pub(super) fn read_taxa(&mut self, json: &mut Json<'a>) -> Read<()> {
        let text = json.raw()?;
        self.security |= text.contains("\"CWE\"") || text.contains("\"CWE-");
        Ok(())
    }

    /// True where nothing was said.
    pub(super) const fn is_plain(&self) -> bool {
        self.score.is_none() && self.word.is_none() && !self.security && !self.secret
    }
}

/// Severity and the words that tell where it comes from.
pub(super) type Graded = (Severity, String);

/// Where the effective level came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LevelSource {
    Kind,
    Result,
    Override,
    Rule,
    Default,
}

impl LevelSource {
    const fn words(self) -> &'static str {
        match self {
            Self::Kind => "kind says level",
            Self::Result => "result level",
            Self::Override => "overridden rule level",
            Self::Rule => "rule level",
            Self::Default => "default",
        }
    }
}

/// The severity of a result; `who` is asked in the order result, rule.
pub(super) fn severity(
    own: Option<&Traits<'_>>,
    rule: Option<&Traits<'_>>,
    level: Level,
    source: LevelSource,
    class: Class,
) -> Graded {
    let asked = [("result", own), ("rule", rule)];
    let all = || asked.into_iter().filter_map(|(who, traits)| Some((who, traits?)));
    for (who, traits) in all() {
        if let Some((severity, text)) = traits.score.as_ref().and_then(|s| Some((of_score(s)?, s.trim()))) {
            return (severity, format!("{who} security-severity {text}"));
        }
    }
    for (who, traits) in all() {
        if let Some((severity, word)) =
            traits.word.as_ref().and_then(|w| Some((Severity::of_word(w)?, w.trim())))
        {
            return (severity, format!("{who} severity {word}"));
        }
    }
    let by_level = match level {
        // The tool said nothing at all: for security that is not the same as medium.
        Level::Warning if source == LevelSource::Default && class != Class::Quality => Severity::Unknown,
        Level::Error => Severity::High,
        Level::Warning => Severity::Medium,
        Level::Note => Severity::Low,
        Level::None => Severity::Info,
    };
    (by_level, format!("{} {}", source.words(), level.name()))
}

/// The band of a score, or the severity that a word names. Zero, negative, above ten and NaN are no score.
fn of_score(text: &str) -> Option<Severity> {
    let Some(score) = exact::decimal(text) else { return Severity::of_word(text) };
    let ten = exact::whole(10);
    if score <= exact::whole(0) || score > ten {
        return None;
    }
    // Anything above zero is at least low, however small.
    let thousandths = (score * exact::whole(1000)).floor().to_integer().to_u32()?.max(1);
    Severity::of_score(thousandths)
}

/// Tools that look for credentials.
const SECRET_TOOLS: [&str; 6] =
    ["gitleaks", "trufflehog", "ggshield", "gitguardian", "detect-secrets", "talisman"];
/// Tools whose rules speak of secrets without having found one.
const SPEAKS_OF_SECRETS: [&str; 3] = ["kube-linter", "kubelinter", "kubesec"];

/// What a result is about.
pub(super) fn class(tool: &str, rule_id: &str, own: Option<&Traits<'_>>, rule: Option<&Traits<'_>>) -> Class {
    let any = |test: &dyn Fn(&Traits<'_>) -> bool| [own, rule].into_iter().flatten().any(test);
    let tool = tool.to_ascii_lowercase();
    let is_secret_tool = SECRET_TOOLS.iter().any(|t| tool.contains(t));
    let speaks = SPEAKS_OF_SECRETS.iter().any(|t| tool.contains(t));
    if is_secret_tool || any(&|t| t.secret) || (!speaks && says_secret(rule_id)) {
        Class::Secret
    } else if tool == "axe" || tool.starts_with("axe-core") {
        Class::Accessibility
    } else if any(&|t| t.score.is_some() || t.security) || is_security_tool(&tool) {
        Class::Security
    } else {
        Class::Quality
    }
}

fn says_secret(rule_id: &str) -> bool {
    let id = rule_id.to_ascii_lowercase();
    id.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "secret" | "secrets"))
}
