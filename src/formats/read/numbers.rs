//! Numbers as tools write them.

/// A hit count: digits, a decimal, scientific notation, or garbage. Never drops a line (that would inflate
/// coverage): what cannot be read is 0 hits, and so is a negative count.
#[must_use]
pub fn hits(text: &str) -> Hits {
    let text = text.trim();
    if let Ok(n) = text.parse::<u64>() {
        let hits = u32::try_from(n).unwrap_or(u32::MAX);
        return if i64::try_from(n).is_ok() { Hits::Plain(hits) } else { Hits::Suspicious(hits) };
    }
    if text.starts_with('-') && text.len() > 1 {
        return if text.bytes().skip(1).all(|b| matches!(b, b'0' | b'.')) {
            Hits::Plain(0)
        } else {
            Hits::Negative
        };
    }
    // More digits than any counter has.
    if text.len() > 20 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Hits::Unreadable;
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() && n >= 9.3e18 => Hits::Suspicious(u32::MAX),
        Ok(n) if n.is_finite() => Hits::Plain(if n > 0.0 { whole_part(n).max(1) } else { 0 }),
        _ => Hits::Unreadable,
    }
}

/// A count as a report declares it: `12`, `12.0`, `1,200`; nothing for words, signs, fractions and what does not fit.
#[must_use]
pub fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    let whole = text.split_once('.').map_or(text, |(whole, fraction)| {
        if !fraction.is_empty() && fraction.bytes().all(|b| b == b'0') { whole } else { text }
    });
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) || !whole.contains(','))?;
    let digits =
        groups.try_fold(first.to_owned(), |digits, group| (group.len() == 3).then(|| digits + group))?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A hit count and what is odd about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hits {
    /// As written, saturating.
    Plain(u32),
    /// Beyond 2^63: a wrapped negative count, most likely; it did run.
    Suspicious(u32),
    /// Below zero: counts as 0.
    Negative,
    /// No number: counts as 0.
    Unreadable,
}

impl Hits {
    /// The count to use.
    #[must_use]
    pub const fn count(self) -> u32 {
        match self {
            Self::Plain(n) | Self::Suspicious(n) => n,
            Self::Negative | Self::Unreadable => 0,
        }
    }
}

/// A duration in seconds as test tools write it, in microseconds: `1.5`, `1,234.567` (thousands), `0,123` (decimal
/// comma), `1e-3`, `1.5s`, `20ms`, `PT1.5S`. Nothing for empty, negative, NaN and words.
#[must_use]
pub fn micros(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(plain) = plain_seconds(text) {
        return Some(plain);
    }
    let (number, per_unit) = match text.strip_prefix("PT").and_then(|t| t.strip_suffix('S')) {
        Some(iso) => (iso, 1e6),
        None => unit(text),
    };
    let seconds = comma_free(number)?.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)?;
    whole_micros(seconds * per_unit)
}

/// The commonest form, `123.456`, without a detour over floats.
fn plain_seconds(text: &str) -> Option<u64> {
    let (int, frac) = text.split_once('.').unwrap_or((text, ""));
    if int.is_empty()
        || int.len() > 12
        || frac.len() > 18
        || !int.bytes().chain(frac.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut micros = int.parse::<u64>().ok()?;
    let mut digits = frac.bytes().map(|b| u64::from(b.wrapping_sub(b'0')));
    for _ in 0..6 {
        micros = micros.checked_mul(10)?.checked_add(digits.next().unwrap_or(0))?;
    }
    Some(micros)
}

fn unit(text: &str) -> (&str, f64) {
    for (suffix, per_unit) in [("ms", 1e3), ("µs", 1.0), ("us", 1.0), ("ns", 1e-3), ("sec", 1e6), ("s", 1e6)]
    {
        if let Some(number) = text.strip_suffix(suffix) {
            return (number.trim_end(), per_unit);
        }
    }
    (text, 1e6)
}

/// Commas are thousands where a point follows or where they stand in groups of three after a nonzero number;
/// a single other comma is a decimal comma.
fn comma_free(number: &str) -> Option<String> {
    let commas = number.matches(',').count();
    Some(match commas {
        0 => number.to_owned(),
        _ if number.contains('.') || commas > 1 => number.replace(',', ""),
        _ => number.replace(',', "."),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within 0 and 2^63 before"
)]
fn whole_micros(micros: f64) -> Option<u64> {
    (0.0..9e18).contains(&micros).then(|| micros.round() as u64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is what is wanted"
)]
fn whole_part(n: f64) -> u32 {
    n as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hit_counts_of_all_tools() {
        for (text, want) in [
            ("3", Hits::Plain(3)),
            ("1.0", Hits::Plain(1)),
            ("0.4", Hits::Plain(1)),
            ("-0", Hits::Plain(0)),
            ("-1", Hits::Negative),
            ("1.5e+20", Hits::Suspicious(u32::MAX)),
            ("18446744073709551575", Hits::Suspicious(u32::MAX)),
            ("99999999999999999999999", Hits::Unreadable),
            ("=====", Hits::Unreadable),
            ("", Hits::Unreadable),
        ] {
            assert_eq!(hits(text), want, "{text}");
        }
    }

    #[test]
    fn declared_counts() {
        for (text, want) in [
            ("12", Some(12)),
            (" 0 ", Some(0)),
            ("3.0", Some(3)),
            ("1,002", Some(1_002)),
            ("1,000,000", Some(1_000_000)),
            ("", None),
            ("3.", None),
            ("3.5", None),
            ("1,00", None),
            ("1000,000", None),
            ("-1", None),
            ("+1", None),
            ("three", None),
            ("NaN", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(count(text), want, "{text}");
        }
    }

    #[test]
    fn durations_of_all_tools() {
        for (text, want) in [
            ("1.5", Some(1_500_000)),
            ("1,234.567", Some(1_234_567_000)),
            ("0,123", Some(123_000)),
            ("1e-3", Some(1_000)),
            ("1.5s", Some(1_500_000)),
            ("20ms", Some(20_000)),
            ("PT1.5S", Some(1_500_000)),
            ("0", Some(0)),
            ("", None),
            ("-1", None),
            ("NaN", None),
            ("soon", None),
        ] {
            assert_eq!(micros(text), want, "{text}");
        }
    }
}
