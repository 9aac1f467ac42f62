//! Failures with one cause: messages that are equal once numbers, quoted values and addresses are taken out.

use crate::report::Cluster;
use std::collections::BTreeMap;

/// Groups messages, the largest group first.
pub(super) fn cluster<'a>(failures: impl Iterator<Item = (&'a str, String)>) -> Vec<Cluster> {
    let mut groups: BTreeMap<String, Cluster> = BTreeMap::new();
    for (message, name) in failures {
        let first_line = message.lines().next().unwrap_or_default();
        let cluster = groups.entry(shape(first_line)).or_insert_with(|| Cluster {
            message: first_line.to_owned(),
            count: 0,
            example: name,
        });
        cluster.count = cluster.count.saturating_add(1);
    }
    let mut clusters: Vec<Cluster> = groups.into_values().collect();
    clusters.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.message.cmp(&b.message)));
    clusters
}

/// The message without what differs from one failure to the next.
fn shape(message: &str) -> String {
    let (mut out, mut chars) = (String::new(), message.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '0'..='9' => {
                while chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '.').is_some() {}
                out.push('#');
            }
            // Behind a letter it is an apostrophe.
            '\'' | '"' | '`' if !out.ends_with(char::is_alphanumeric) => {
                let rest: String = chars.clone().collect();
                if let Some(end) = rest.find(c) {
                    let skipped = rest.get(..end).map_or(0, |t| t.chars().count());
                    chars.by_ref().take(skipped.saturating_add(1)).for_each(drop);
                    out.push('…');
                } else {
                    out.push(c);
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_differ_in_values_have_one_cause() {
        let messages = [
            "expected 3, got 4",
            "expected 10, got 4.5",
            "can't load 'a.js'",
            "can't load 'b.js'",
            "timeout",
        ];
        let clusters = cluster(messages.iter().map(|m| (*m, String::new())));
        let counts: Vec<_> = clusters.iter().map(|c| c.count).collect();
        assert_eq!(counts, [2, 2, 1], "{clusters:?}");
    }
}
