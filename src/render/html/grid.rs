//! Matrices of the contract as grids: one look tells which cell is not there.

use crate::report::{ContractRow, Report};
use serde::Serialize;

/// The cells of one matrix of two axes or more.
#[derive(Debug, Serialize)]
pub(super) struct Grid<'a> {
    /// Name of the requirement.
    name: &'a str,
    /// Names of the axes that run down.
    down: String,
    /// Name of the axis that runs across.
    across: &'a str,
    columns: Vec<&'a str>,
    rows: Vec<GridRow<'a>>,
}

#[derive(Debug, Serialize)]
struct GridRow<'a> {
    label: String,
    /// In the order of the columns.
    cells: Vec<Option<&'a ContractRow>>,
}

/// The grids of a report, in the order of the policy.
pub(super) fn grids(report: &Report) -> Vec<Grid<'_>> {
    let mut matrices: Vec<(&str, Vec<&ContractRow>)> = Vec::new();
    for row in report.contract.iter().filter(|row| row.cell.len() > 1) {
        match matrices.iter_mut().find(|(origin, _)| *origin == row.origin) {
            Some((_, rows)) => rows.push(row),
            None => matrices.push((&row.origin, vec![row])),
        }
    }
    matrices.iter().filter_map(|(_, rows)| grid(rows)).collect()
}

fn grid<'a>(cells: &[&'a ContractRow]) -> Option<Grid<'a>> {
    let first = cells.first()?;
    let (across, _) = first.cell.last()?;
    let down: Vec<&str> = first.cell.keys().map(String::as_str).filter(|axis| axis != across).collect();
    let mut grid = Grid {
        name: first.name.split(" (").next().unwrap_or(&first.name),
        down: down.join(", "),
        across,
        columns: Vec::new(),
        rows: Vec::new(),
    };
    for cell in cells {
        let value = cell.cell.get(across)?.as_str();
        let label =
            down.iter().filter_map(|axis| cell.cell.get(*axis)).cloned().collect::<Vec<_>>().join(", ");
        let column = position(&mut grid.columns, value);
        let at = grid.rows.iter().position(|r| r.label == label).unwrap_or(grid.rows.len());
        if at == grid.rows.len() {
            grid.rows.push(GridRow { label, cells: Vec::new() });
        }
        let row = &mut grid.rows.get_mut(at)?.cells;
        row.resize(row.len().max(column.saturating_add(1)), None);
        *row.get_mut(column)? = Some(cell);
    }
    let columns = grid.columns.len();
    grid.rows.iter_mut().for_each(|row| row.cells.resize(columns, None));
    Some(grid)
}

/// The place of a value, which is added where it is new.
fn position<'a>(values: &mut Vec<&'a str>, value: &'a str) -> usize {
    values.iter().position(|v| *v == value).unwrap_or_else(|| {
        values.push(value);
        values.len().saturating_sub(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(portal: &str, browser: &str) -> ContractRow {
        let cell = [("portal", portal), ("browser", browser)].map(|(k, v)| (k.to_owned(), v.to_owned()));
        ContractRow {
            name: format!("e2e (portal {portal}, browser {browser})"),
            cell: cell.into_iter().collect(),
            ..ContractRow::default()
        }
    }

    #[test]
    fn cells_stand_where_their_values_cross() {
        let rows = [cell("customer", "chromium"), cell("admin", "firefox"), cell("admin", "chromium")];
        let grid = grid(&rows.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((grid.name, grid.down.as_str(), grid.across), ("e2e", "portal", "browser"));
        assert_eq!(grid.columns, ["chromium", "firefox"]);
        let there: Vec<Vec<bool>> =
            grid.rows.iter().map(|r| r.cells.iter().map(Option::is_some).collect()).collect();
        assert_eq!(there, [vec![true, false], vec![true, true]]);
    }
}
