//! Did the tool do its work? A failed run must never read as a clean one.

use super::super::super::Reading;
use super::super::super::read::fault::Read;
use super::super::super::read::json::Json;
use super::grade::level_word;
use super::place::Place;
use super::tooling::{Reference, Tooling, text};
use crate::evidence::State;
use crate::evidence::findings::Level;
use crate::evidence::state::Diagnostic;
use crate::evidence::text::shorten;
use std::borrow::Cow;

/// What is shown of a notification.
const MAX_NOTICE: usize = 200;

/// A setting of a rule or notification for one invocation.
#[derive(Debug, Default)]
pub(super) struct Override<'a> {
    pub(super) descriptor: Reference<'a>,
    pub(super) level: Option<Level>,
}

/// What the tool says about its own work.
#[derive(Debug, Default)]
struct Notice<'a> {
    level: Option<Level>,
    descriptor: Reference<'a>,
    text: Cow<'a, str>,
}

/// One run of the tool.
#[derive(Debug, Default)]
pub(super) struct Invocation<'a> {
    successful: Option<bool>,
    exit_code: Option<i64>,
    failure: String,
    notices: Vec<Notice<'a>>,
    pub(super) rule_overrides: Vec<Override<'a>>,
    notice_overrides: Vec<Override<'a>>,
    pub(super) working_directory: Cow<'a, str>,
    pub(super) time: Cow<'a, str>,
}

impl<'a> Invocation<'a> {
    pub(super) fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut invocation = Self::default();
        json.object(|json, key| invocation.property(json, key))?;
        Ok(invocation)
    }

    /// One property; in 1.0.0 the lists of notifications stand in the run itself.
    pub(super) fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "executionSuccessful" | "toolExecutionSuccessful" => self.successful = json.boolean()?,
            "exitCode" => self.exit_code = json.whole()?,
            "processStartFailureMessage" | "exitSignalName" | "exitSignalNumber" => {
                let said = json.scalar()?.unwrap_or_default();
                if !said.is_empty() && said != "0" {
                    self.failure = format!("{key}: {}", shorten(&said, MAX_NOTICE));
                }
            }
            "toolExecutionNotifications"
            | "toolConfigurationNotifications"
            | "toolNotifications"
            | "configurationNotifications" => {
                json.array(|json, _| {
                    self.notices.push(Notice::read(json)?);
                    Ok(())
                })?;
            }
            "ruleConfigurationOverrides" => overrides(json, &mut self.rule_overrides)?,
            "notificationConfigurationOverrides" => overrides(json, &mut self.notice_overrides)?,
            "workingDirectory" => {
                let mut place = Place::default();
                place.artifact(json)?;
                self.working_directory = place.uri;
            }
            "endTimeUtc" | "endTime" => self.time = json.text()?,
            "startTimeUtc" | "startTime" if self.time.is_empty() => self.time = json.text()?,
            _ => {}
        }
        Ok(())
    }

    /// Judges one invocation of `tool`.
    pub(super) fn judge(&self, tool: &str, tooling: &Tooling<'_>, reading: &mut Reading<'_>) {
        self.judge_exit(tool, reading);
        let levels =
            |wanted: Level| self.notices.iter().filter(move |notice| self.level(notice, tooling) == wanted);
        let errors = levels(Level::Error).count();
        if let Some(first) = levels(Level::Error).next() {
            let said = shorten(first.text.trim(), MAX_NOTICE);
            let help = "see the log of the tool; a scan that failed proves nothing";
            reading
                .remark(Diagnostic::error("sarif.tool-error", format!("{tool} reports: {said}")).help(help));
            if is_tool(tool, "bandit") {
                // Bandit writes one such entry for every file that it could not read.
                reading.mark(State::Incomplete, format!("{tool} skipped {errors} files: {said}"));
            } else {
                reading.mark(State::Crashed, format!("{tool} reports {errors} errors of its own: {said}"));
            }
        }
        let warnings = levels(Level::Warning).count();
        if warnings > 0 && is_tool(tool, "semgrep") {
            // Semgrep's warnings are files that it could not parse or gave up on.
            reading
                .mark(State::Incomplete, format!("{tool} could not look at all files: {warnings} warnings"));
        } else if let Some(first) = levels(Level::Warning).next() {
            let said = shorten(first.text.trim(), MAX_NOTICE);
            reading.remark(Diagnostic::info(
                "sarif.tool-warning",
                format!("{tool} reports {warnings} warnings of its own: {said}"),
            ));
        }
    }

    fn judge_exit(&self, tool: &str, reading: &mut Reading<'_>) {
        if !self.failure.is_empty() {
            reading.mark(State::Crashed, format!("{tool} did not run to its end: {}", self.failure));
        }
        if self.successful != Some(false) {
            return;
        }
        match self.exit_code {
            // SpotBugs sets bits: 1 found bugs, 2 missed classes, 4 failed. Any of them reads as not successful.
            Some(code) if is_tool(tool, "spotbugs") && (1..8).contains(&code) && code & 4 == 0 => {
                if code & 2 != 0 {
                    reading.mark(State::Incomplete, format!("{tool} missed classes (exit code {code})"));
                }
            }
            Some(code) => {
                reading.mark(State::Crashed, format!("{tool} says that it failed (exit code {code})"));
            }
            None => reading.mark(State::Crashed, format!("{tool} says that it failed")),
        }
    }

    fn level(&self, notice: &Notice<'_>, tooling: &Tooling<'_>) -> Level {
        let same = |o: &&Override<'_>| {
            let (own, theirs) = (&o.descriptor, &notice.descriptor);
            if own.id.is_empty() || theirs.id.is_empty() {
                own.index.is_some() && own.index == theirs.index
            } else {
                own.id == theirs.id
            }
        };
        let overridden = || self.notice_overrides.iter().find(same).and_then(|o| o.level);
        let default = || tooling.notification_level(&notice.descriptor);
        notice.level.or_else(overridden).or_else(default).unwrap_or(Level::Warning)
    }
}

fn is_tool(name: &str, tool: &str) -> bool {
    name.to_ascii_lowercase().contains(tool)
}

fn overrides<'a>(json: &mut Json<'a>, into: &mut Vec<Override<'a>>) -> Read<()> {
    json.array(|json, _| {
        let mut entry = Override::default();
        json.object(|json, key| {
            match key {
                "descriptor" | "notification" => entry.descriptor = Reference::read(json)?,
                "configuration" => {
                    json.object(|json, key| {
                        if key == "level" {
                            entry.level = level_word(&json.text()?).level;
                        }
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        into.push(entry);
        Ok(())
    })
    .map(drop)
}

impl<'a> Notice<'a> {
    fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut notice = Self::default();
        json.object(|json, key| {
            match key {
                "level" => notice.level = level_word(&json.text()?).level,
                "message" => notice.text = text(json, false)?,
                "descriptor" => notice.descriptor = Reference::read(json)?,
                "id" if notice.descriptor.id.is_empty() => {
                    notice.descriptor.id = json.scalar()?.unwrap_or_default();
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(notice)
    }
}
