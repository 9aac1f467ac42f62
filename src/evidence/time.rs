//! Days, ages and the times that reports carry. Pure: nothing here reads a clock.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

const SECONDS_PER_DAY: i64 = 86_400;

/// A day of the calendar, `2026-12-31`, and nothing else.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// A time span in seconds: `90m`, `24h`, `7d`, `2w`.
pub fn age(text: &str) -> Option<i64> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => SECONDS_PER_DAY,
        "w" => SECONDS_PER_DAY.checked_mul(7)?,
        _ => return None,
    };
    let number: i64 = number.trim().parse().ok()?;
    (number > 0).then(|| number.checked_mul(seconds)).flatten()
}

/// The day of a moment, in UTC.
pub fn day_of(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// Days from one day to another; below zero where the other is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The moment that a report names: RFC 3339, a local time without zone (taken as UTC), or seconds or milliseconds since
/// 1970, told apart by their size (Cobertura writes either, Clover both).
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time stamp, and the cut-off fraction is below a second"
        )]
        let seconds = if number.abs() >= 1e11 { (number / 1_000.0) as i64 } else { number as i64 };
        return Timestamp::from_second(seconds).ok().filter(|t| t.as_second() > 0);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let civil: DateTime = text.replace(' ', "T").parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ages_are_read_strictly() {
        assert!(day("2026-02-28").is_some());
        for bad in ["2026-02-30", "31.12.2026", "2026-1-1", "tomorrow", ""] {
            assert!(day(bad).is_none(), "{bad}");
        }
        assert_eq!((age("24h"), age("7d"), age("2w")), (Some(86_400), Some(604_800), Some(1_209_600)));
        for bad in ["24", "-1h", "0d", "h", "", "1y"] {
            assert!(age(bad).is_none(), "{bad}");
        }
        assert_eq!(days_between(day("2026-12-30").unwrap(), day("2027-01-02").unwrap()), 3);
        assert_eq!(days_between(day("2027-01-02").unwrap(), day("2025-12-30").unwrap()), -368);
    }

    #[test]
    fn every_way_in_which_reports_write_a_time_is_one_moment() {
        let want = "2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap();
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T04:04:05+01:00",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05",
            "1767323045",
            "1767323045000",
        ] {
            assert_eq!(moment(text), Some(want), "{text}");
        }
        for bad in ["", "soon", "0", "-5"] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
