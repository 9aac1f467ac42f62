//! Load tests, as they are shown.

use super::Number;
use crate::evidence::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One run of a load test: the file that tells most of it, with what the files beside it add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadRun {
    /// Path of the file that speaks for the run.
    pub path: String,
    /// Tool and version.
    pub tool: String,
    /// `ok`, or why the run is not wholly measured: the worst of its files.
    pub state: State,
    /// Why, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Requests a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<Number>,
    /// How exact the tool's percentiles are, such as `to two digits`; empty where they are as measured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exactness: String,
    /// All requests together.
    pub all: LoadRequests,
    /// By name, those with failures first, then the slowest first.
    pub requests: Vec<LoadRequests>,
    /// Names that are not listed.
    pub requests_left_out: u64,
    /// Bounds that the test itself sets, those that did not hold first.
    pub thresholds: Vec<LoadThreshold>,
    /// Questions that the test asks of responses, those that failed first.
    pub checks: Vec<LoadCheck>,
    /// What went wrong, the most frequent first.
    pub errors: Vec<LoadError>,
    /// Ids of the evidence, the file that speaks for the run first.
    pub evidence: Vec<String>,
}

/// Requests of one name, or all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadRequests {
    /// Method and name; empty for all together.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How many; absent where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// How many of them failed; absent where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Their share, between 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_rate: Option<Number>,
    /// Response times, from the fastest to the slowest; those that the file gives or that follow from its rows.
    pub latency: Vec<LoadPercentile>,
}

/// A percentile of response times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadPercentile {
    /// `p95`, `fastest`, `slowest`.
    pub percentile: String,
    /// Milliseconds.
    pub value: Number,
}

/// A bound that the test itself sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadThreshold {
    /// What it is about, such as `http_req_duration`.
    pub metric: String,
    /// As written, such as `p(95)<500`.
    pub expression: String,
    /// `held`, `crossed` or `no sample`.
    pub judgement: String,
}

/// Answers to one question that the test asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadCheck {
    /// The question.
    pub name: String,
    /// How often it held.
    pub passed: u64,
    /// How often it did not.
    pub failed: u64,
}

/// What went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoadError {
    /// In the tool's words.
    pub text: String,
    /// How often.
    pub count: u64,
}
