//! Values that evidence may leave open, and what they attain.

use crate::evidence::exact::{Exact, whole};
use crate::policy::Direction;
use crate::report::CriterionState;
use num_traits::{One as _, Signed as _, Zero as _};

/// As many records a damaged or missing file may hide: more than any real one, so that a share can go to either
/// end and a count beyond every target, while both stay numbers.
pub(super) const HIDDEN: u64 = 1_000_000_000;

/// A closed interval; both ends are equal where the value is exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The low end.
    pub low: Exact,
    /// The high end.
    pub high: Exact,
}

impl Interval {
    /// An exact value.
    #[must_use]
    pub fn exact(value: Exact) -> Self {
        Self { low: value.clone(), high: value }
    }

    /// All that a share or an attainment can be.
    #[must_use]
    pub fn unit() -> Self {
        Self { low: Exact::zero(), high: Exact::one() }
    }

    /// A count, to which damaged evidence may hide any number more.
    #[must_use]
    pub fn count(seen: u64, damaged: bool) -> Self {
        let hidden = if damaged { HIDDEN } else { 0 };
        Self { low: whole(seen), high: whole(seen.saturating_add(hidden)) }
    }

    /// A share between `low/total` and `high/total`; damaged evidence may hide any number of records of either
    /// kind. Nothing for 0/0.
    #[must_use]
    pub fn share(low: u64, high: u64, total: u64, damaged: bool) -> Option<Self> {
        if total == 0 {
            return None;
        }
        let hidden = whole(if damaged { HIDDEN } else { 0 });
        let all = whole(total) + &hidden;
        Some(Self { low: whole(low) / &all, high: (whole(high) + hidden) / all })
    }

    /// True where the value is known exactly.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.low == self.high
    }
}

/// How a value stands to target and limit: pass where every point meets the target, warn where every point meets
/// the limit and not every one the target, fail where none meets the limit, unknown otherwise.
#[must_use]
pub fn judge(value: &Interval, target: &Exact, limit: &Exact, direction: Direction) -> CriterionState {
    let meets = |x: &Exact, bound: &Exact| match direction {
        Direction::Higher => x >= bound,
        Direction::Lower => x <= bound,
    };
    let (worst, best) = match direction {
        Direction::Higher => (&value.low, &value.high),
        Direction::Lower => (&value.high, &value.low),
    };
    if meets(worst, target) {
        CriterionState::Pass
    } else if !meets(best, limit) {
        CriterionState::Fail
    } else if meets(worst, limit) && !meets(best, target) {
        CriterionState::Warn
    } else {
        CriterionState::Unknown
    }
}

/// What a value gives to its category, 0 to 1: 1 at or beyond the target; below it `x/t` where higher is better and
/// `t/x` where lower is better; 0 where a target of 0 is missed.
#[must_use]
pub fn attainment(value: &Interval, target: &Exact, direction: Direction) -> Interval {
    let at = |x: &Exact| match direction {
        Direction::Higher if x >= target => Exact::one(),
        Direction::Lower if x <= target => Exact::one(),
        _ if !target.is_positive() || x.is_negative() => Exact::zero(),
        Direction::Higher => x / target,
        Direction::Lower => target / x,
    };
    match direction {
        Direction::Higher => Interval { low: at(&value.low), high: at(&value.high) },
        Direction::Lower => Interval { low: at(&value.high), high: at(&value.low) },
    }
}

/// What a difference gives: 1 where it meets the target and 0 where it does not. A difference has no share.
#[must_use]
pub fn all_or_nothing(value: &Interval, target: &Exact, direction: Direction) -> Interval {
    let at = |x: &Exact| {
        let meets = match direction {
            Direction::Higher => x >= target,
            Direction::Lower => x <= target,
        };
        if meets { Exact::one() } else { Exact::zero() }
    };
    match direction {
        Direction::Higher => Interval { low: at(&value.low), high: at(&value.high) },
        Direction::Lower => Interval { low: at(&value.high), high: at(&value.low) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exact::ratio;

    fn interval(low: u64, high: u64) -> Interval {
        Interval { low: whole(low), high: whole(high) }
    }

    #[test]
    fn every_point_decides() {
        let (t, l) = (whole(80), whole(75));
        for (value, want) in [
            (interval(80, 100), CriterionState::Pass),
            (interval(76, 79), CriterionState::Warn),
            (interval(10, 74), CriterionState::Fail),
            (interval(74, 79), CriterionState::Unknown),
            (interval(76, 80), CriterionState::Unknown),
            (interval(0, 100), CriterionState::Unknown),
        ] {
            assert_eq!(judge(&value, &t, &l, Direction::Higher), want, "{value:?}");
        }
        assert_eq!(judge(&interval(0, 0), &whole(0), &whole(0), Direction::Lower), CriterionState::Pass);
        assert_eq!(judge(&interval(1, 9), &whole(0), &whole(0), Direction::Lower), CriterionState::Fail);
    }

    #[test]
    fn a_failure_that_was_read_decides_however_much_is_hidden() {
        let with_failure = Interval::share(9, 9, 10, true).unwrap();
        assert_eq!(judge(&with_failure, &whole(1), &whole(1), Direction::Higher), CriterionState::Fail);
        let without = Interval::share(10, 10, 10, true).unwrap();
        assert_eq!(judge(&without, &whole(1), &whole(1), Direction::Higher), CriterionState::Unknown);
        assert_eq!(Interval::share(0, 0, 0, true), None);
    }

    #[test]
    fn attainment_is_a_share_of_the_target() {
        let a = |v, t: u64, d| attainment(&Interval::exact(v), &whole(t), d).low;
        assert_eq!(a(whole(40), 80, Direction::Higher), ratio(1, 2).unwrap());
        assert_eq!(a(whole(90), 80, Direction::Higher), whole(1));
        assert_eq!(a(whole(20), 10, Direction::Lower), ratio(1, 2).unwrap());
        assert_eq!(a(whole(1), 0, Direction::Lower), whole(0));
        assert_eq!(a(whole(0), 0, Direction::Lower), whole(1));
    }
}
