//! Values of runs as corners of a line. Whole numbers of a drawing's own units, cut; nothing is a float.

use crate::evidence::exact::{Exact, whole};

/// The part of a drawing that values lie in, in the drawing's units, with its origin at the top left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Left edge.
    pub(super) left: u64,
    /// Upper edge.
    pub(super) top: u64,
    /// From the first run to the last.
    pub(super) width: u64,
    /// From the highest value to the lowest.
    pub(super) height: u64,
}

impl Field {
    /// Where the run with number `at` of `runs` stands: all are equally far apart.
    pub(super) fn x(self, at: usize, runs: usize) -> u64 {
        let last = (runs as u64).saturating_sub(1).max(1);
        self.left.saturating_add((at as u64).saturating_mul(self.width) / last)
    }

    /// Where a value stands between the ends of the scale; in the middle where both are the same.
    pub(super) fn y(self, value: &Exact, low: &Exact, high: &Exact) -> u64 {
        if low == high {
            return self.top.saturating_add(self.height / 2);
        }
        let down = (high - value) * whole(self.height) / (high - low);
        let down = u64::try_from(down.to_integer()).unwrap_or(0).min(self.height);
        self.top.saturating_add(down)
    }

    /// The corners of each stretch of runs that have a value; a run without one is a gap and no zero.
    pub(super) fn lines(self, values: &[Option<Exact>], low: &Exact, high: &Exact) -> Vec<String> {
        let corner = |(at, value): (usize, &Exact)| {
            format!("{},{}", self.x(at, values.len()), self.y(value, low, high))
        };
        let numbered: Vec<(usize, Option<&Exact>)> = values.iter().map(Option::as_ref).enumerate().collect();
        let stretches = numbered.split(|(_, value)| value.is_none()).filter(|stretch| stretch.len() > 1);
        let corners = |stretch: &[(usize, Option<&Exact>)]| {
            let known = stretch.iter().filter_map(|(at, value)| Some((*at, (*value)?)));
            known.map(corner).collect::<Vec<_>>().join(" ")
        };
        stretches.map(corners).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: Field = Field { left: 10, top: 5, width: 100, height: 50 };

    #[test]
    fn values_are_scaled_to_the_field_and_cut() {
        let (low, high) = (whole(0), whole(3));
        let y = |n| FIELD.y(&whole(n), &low, &high);
        assert_eq!([y(0), y(1), y(2), y(3)], [55, 38, 21, 5]);
        assert_eq!([y(9), FIELD.y(&-whole(9), &low, &high)], [5, 55], "beyond the scale is at its end");
        assert_eq!(FIELD.y(&whole(7), &whole(7), &whole(7)), 30);
    }

    #[test]
    fn huge_numbers_stay_in_the_field() {
        let high = whole(u64::MAX) * whole(u64::MAX);
        let y = |value: &Exact| FIELD.y(value, &whole(0), &high);
        assert_eq!([y(&whole(0)), y(&(&high / whole(2))), y(&high)], [55, 30, 5]);
    }

    #[test]
    fn a_gap_parts_the_line_and_a_single_run_makes_none() {
        let values = [Some(0), Some(1), None, Some(1), None, Some(0), Some(0)].map(|v| v.map(whole));
        let lines = FIELD.lines(&values, &whole(0), &whole(1));
        assert_eq!(lines, ["10,55 26,5", "93,55 110,55"]);
        assert!(FIELD.lines(&[Some(whole(1))], &whole(1), &whole(1)).is_empty());
        assert!(FIELD.lines(&[], &whole(0), &whole(1)).is_empty());
    }
}
