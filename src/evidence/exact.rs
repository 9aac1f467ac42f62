//! Exact numbers: nothing is a float, nothing is rounded before it is compared.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, Zero as _};

/// A rational number on big integers.
pub type Exact = BigRational;

/// Decimals beyond 10^±30 are not finite (decision, section 3).
const MAX_EXPONENT: i64 = 30;

/// A whole number.
#[must_use]
pub fn whole(value: u64) -> Exact {
    Exact::from_integer(BigInt::from(value))
}

/// `part / all`, or nothing for 0/0 and n/0, which are not ratios.
#[must_use]
pub fn ratio(part: u64, all: u64) -> Option<Exact> {
    (all != 0).then(|| Exact::new(BigInt::from(part), BigInt::from(all)))
}

/// No number of a report is longer, and long ones take long to read.
const MAX_DIGITS: usize = 400;

/// Reads a decimal as written (`-12.50`, `1e3`), exactly. Nothing for NaN, infinity, words and magnitudes
/// beyond 10^±30.
#[must_use]
pub fn decimal(text: &str) -> Option<Exact> {
    let text = text.trim();
    if text.len() > MAX_DIGITS {
        return None;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (int, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let well_formed =
        (int.len() + frac.len() > 0) && int.bytes().chain(frac.bytes()).all(|b| b.is_ascii_digit());
    if !well_formed {
        return None;
    }
    let value = BigInt::parse_bytes(format!("{int}{frac}").as_bytes(), 10)?;
    if value.is_zero() {
        return Some(Exact::zero());
    }
    let scale = exponent.checked_sub(i64::try_from(frac.len()).ok()?)?;
    let significant = i64::try_from(value.to_string().len()).ok()?;
    if significant.checked_add(scale)?.abs() > MAX_EXPONENT {
        return None;
    }
    let power = num_traits::pow(BigInt::from(10), usize::try_from(scale.unsigned_abs()).ok()?);
    let magnitude = if scale >= 0 { Exact::from_integer(value * power) } else { Exact::new(value, power) };
    Some(if negative { -magnitude } else { magnitude })
}

/// A decimal rendering cut (not rounded) after `places` digits, without trailing zeros.
#[must_use]
pub fn floor_decimal(value: &Exact, places: u32) -> String {
    let scale = num_traits::pow(BigInt::from(10), places as usize);
    let scaled = (value * Exact::from_integer(scale)).floor().to_integer();
    let negative = scaled.is_negative();
    let digits = format!("{:0>width$}", scaled.magnitude().to_string(), width = places as usize + 1);
    let (int, frac) = digits.split_at(digits.len() - places as usize);
    let frac = frac.trim_end_matches('0');
    let sign = if negative { "-" } else { "" };
    if frac.is_empty() { format!("{sign}{int}") } else { format!("{sign}{int}.{frac}") }
}

/// A change with its sign, `+2.3` or `-0.1`, cut (not rounded) after `places` digits; `+0` is more than nothing and too
/// little to show.
#[must_use]
pub fn signed_decimal(change: &Exact, places: u32) -> String {
    format!("{}{}", if change.is_positive() { "+" } else { "" }, floor_decimal(change, places))
}

/// A percentage for people, from a ratio in 0..=1: cut to one decimal; `100` and `0.0` only where exact.
#[must_use]
pub fn percent_display(ratio: &Exact) -> String {
    if ratio.is_one() {
        return "100".to_owned();
    }
    if ratio.is_zero() {
        return "0.0".to_owned();
    }
    let percent = ratio * Exact::from_integer(BigInt::from(100));
    if percent.is_negative() {
        return floor_decimal(&percent, 1);
    }
    let text = floor_decimal(&percent, 1);
    match text.as_str() {
        "0" => "<0.1".to_owned(),
        _ if text.contains('.') => text,
        _ => format!("{text}.0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(decimal("0.1").unwrap() + decimal("0.2").unwrap(), decimal("0.3").unwrap());
        assert_eq!(decimal("1.5e3").unwrap(), whole(1500));
        assert_eq!(decimal("-0.50").unwrap(), -ratio(1, 2).unwrap());
        for not_a_number in
            ["", ".", "NaN", "inf", "1e31", "1e-40", "0x10", "1,5", "--1", "1e9999999999999999999"]
        {
            assert_eq!(decimal(not_a_number), None, "{not_a_number}");
        }
        assert_eq!(decimal("0e999"), Some(Exact::zero()));
    }

    #[test]
    fn a_display_never_rounds_up() {
        assert_eq!(percent_display(&ratio(2071, 2072).unwrap()), "99.9");
        assert_eq!(percent_display(&ratio(199_999_999, 200_000_000).unwrap()), "99.9");
        assert_eq!(percent_display(&ratio(1, 20_000).unwrap()), "<0.1");
        assert_eq!(percent_display(&ratio(17, 20).unwrap()), "85.0");
        assert_eq!(percent_display(&ratio(5, 5).unwrap()), "100");
        assert_eq!(percent_display(&ratio(0, 5).unwrap()), "0.0");
    }

    #[test]
    fn decimals_are_cut() {
        assert_eq!(floor_decimal(&decimal("2499.999").unwrap(), 1), "2499.9");
        assert_eq!(floor_decimal(&decimal("0.05").unwrap(), 3), "0.05");
        assert_eq!(floor_decimal(&decimal("-0.05").unwrap(), 1), "-0.1");
        assert_eq!(floor_decimal(&whole(7), 2), "7");
        let signed = ["2.39", "-2.31", "0", "0.04"].map(|n| signed_decimal(&decimal(n).unwrap(), 1));
        assert_eq!(signed, ["+2.3", "-2.4", "0", "+0"]);
    }
}
