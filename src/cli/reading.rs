//! Reports that were written before, by this program or by whoever claims to be it: read within bounds, and refused where
//! this version does not know what they say.

use super::Failure;
use crate::evidence::text::shown;
use crate::host;
use crate::report::{Report, SCHEMA_VERSION};
use serde::Deserialize;
use std::path::Path;

/// Bytes of a report that is read: a million failing tests take less.
const MAX_REPORT: u64 = 1 << 30;

/// What a report of any version says first.
#[derive(Debug, Deserialize)]
struct Head {
    schema_version: u64,
}

/// Reads a report.json.
pub(super) fn read_report(path: &Path) -> Result<Report, Failure> {
    let text = host::read_text(path, MAX_REPORT).map_err(refused)?;
    let read: Result<Report, _> = serde_json::from_str(&text);
    let head: Result<Head, _> = match &read {
        Ok(report) => Ok(Head { schema_version: report.schema_version.into() }),
        Err(_) => serde_json::from_str(&text),
    };
    let name = shown(path);
    match (head, read) {
        (Ok(head), _) if head.schema_version != u64::from(SCHEMA_VERSION) => Err(Failure::Usage {
            message: format!(
                "{name} has schema version {}, and this version of Shipworthy reads version {SCHEMA_VERSION}",
                head.schema_version
            ),
            help: "use the version of Shipworthy that wrote it".to_owned(),
        }),
        (_, Ok(report)) => Ok(report),
        // Where it is wrong, and nothing of what stands there: the file may be any file.
        (_, Err(error)) => Err(refused(format!(
            "{name} is not a report of Shipworthy: line {}, column {}",
            error.line(),
            error.column()
        ))),
    }
}

fn refused(message: String) -> Failure {
    Failure::Usage { message, help: "give the path of a report.json that `shipworthy gate` wrote".to_owned() }
}
