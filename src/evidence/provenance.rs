//! Where evidence comes from: the record of the run that made it, written beside it by `shipworthy run` and into every
//! pack by `shipworthy pack`.

use serde::{Deserialize, Serialize};

/// Name, or the end of the name, of a record beside the evidence.
pub const RECORD: &str = "shipworthy-run.json";
/// Name of the record in a pack.
pub const PACK_RECORD: &str = ".shipworthy-pack.json";

/// A run of a tool, and the files that it left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Version of this form: 1.
    pub shipworthy_run: u32,
    /// Category that the files speak for, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// The command line; empty for a pack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// What it ended with; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// When it began, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub started: String,
    /// When it ended, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ended: String,
    /// Commit that was checked out, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
    /// Git tree of that commit, or empty: a squashed or queued commit has another hash and the same tree.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tree: String,
    /// Id of the pipeline's run, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// Attempt of that run, from 1; 0 where it is not known.
    #[serde(default)]
    pub attempt: u32,
    /// Job, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
    /// Which shard of how many; absent where it is not one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The files, relative to the folder of this record.
    pub outputs: Vec<RunOutput>,
    /// Files beside them that are no evidence: path and why, in a pack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<(String, String)>,
}

/// One part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// From 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// More shards than this are nobody's pipeline, and each that is missing becomes an item.
    const MOST: u32 = 10_000;

    const fn is_one(self) -> bool {
        1 <= self.index && self.index <= self.of && self.of <= Self::MOST
    }

    /// Reads `2/5`.
    ///
    /// # Errors
    /// In words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((index, of)) if (Self { index, of }).is_one() => Ok(Self { index, of }),
            _ => Err(format!("`{text}` is no shard: write for example 2/5")),
        }
    }
}

/// One file that a run left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunOutput {
    /// Path with forward slashes, relative to the folder of the record.
    pub path: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl RunRecord {
    /// True for a file that is a record by its name.
    #[must_use]
    pub fn is_one(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == PACK_RECORD || name == RECORD || name.ends_with(&format!(".{RECORD}"))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// In words, where it is none of this version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let record: Self =
            serde_json::from_str(text).map_err(|error| format!("no record of a run: {error}"))?;
        if record.shipworthy_run != 1 {
            return Err(format!("version {} of the record is not known here", record.shipworthy_run));
        }
        if let Some(Shard { index, of }) = record.shard.filter(|shard| !shard.is_one()) {
            return Err(format!("shard {index} of {of} is none"));
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_count_from_one() {
        assert_eq!(Shard::parse("2/5"), Ok(Shard { index: 2, of: 5 }));
        for bad in ["0/5", "6/5", "2", "a/b", ""] {
            assert!(Shard::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn records_are_known_by_their_name_and_version() {
        assert!(RunRecord::is_one("a/unit.shipworthy-run.json") && RunRecord::is_one("shipworthy-run.json"));
        assert!(
            !RunRecord::is_one("my-shipworthy-run.json.xml") && !RunRecord::is_one("xshipworthy-run.json")
        );
        assert!(RunRecord::parse("{\"shipworthy_run\": 2, \"outputs\": []}").is_err());
        assert!(RunRecord::parse("{\"shipworthy_run\": 1, \"outputs\": []}").is_ok());
        for (index, of) in [(0, 3), (4, 3), (1, 4_000_000_000_u32)] {
            let text = format!(
                "{{\"shipworthy_run\": 1, \"shard\": {{\"index\": {index}, \"of\": {of}}}, \"outputs\": []}}"
            );
            assert!(RunRecord::parse(&text).is_err(), "{index}/{of}");
        }
    }
}
