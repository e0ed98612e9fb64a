//! Which columns of a csv file are channels, their names, their sample rate: from its first rows.

use std::borrow::Cow;

use super::CsvOptions;
use super::clock::is_time;
use super::dialect::{Dialect, number_of};
use super::time::{self, Axis};
use crate::limits::MAX_CHANNELS;
use crate::text::quoted;
use crate::{Error, Result};

/// A row of cells.
pub struct Row {
    pub cells: Vec<String>,
    /// Of its last line.
    pub number: u64,
}

/// The layout of a file.
pub struct Layout {
    pub dialect: Dialect,
    pub width: usize,
    /// Positions of the channels.
    pub columns: Vec<usize>,
    pub labels: Vec<String>,
    pub units: Vec<String>,
    /// Rows before the samples.
    pub first_row: usize,
    pub axis: Option<Axis>,
    pub sample_rate: Option<f64>,
    has_names: bool,
    /// Number of the first line of samples, whose errors get a hint.
    pub first_line: u64,
}

/// Returns the positions of columns that are given by name or by number from 1, between commas.
fn positions(wanted: &str, header: Option<&[String]>, width: usize) -> Result<Vec<usize>> {
    let find = |column: &str| {
        let named = header.and_then(|names| names.iter().position(|name| name == column));
        let counted = column.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|&at| at < width);
        named.or(counted).ok_or_else(|| {
            let choice = header.map_or_else(|| format!("1 to {width}"), |names| names.join(", "));
            Error::whole(format!("no column {} (there are {choice})", quoted(column)))
        })
    };
    wanted.split(',').map(|column| find(column.trim())).collect()
}

/// Whether the first row names the columns: it does where one of them is asked for by its name, or where the cells that
/// are asked for hold words and no number. A row of missing values is a row of samples.
fn is_header(cells: &[String], wanted: Option<&str>, decimal: char) -> bool {
    let asked: Vec<&str> = wanted.map(|wanted| wanted.split(',').map(str::trim).collect()).unwrap_or_default();
    if asked.iter().any(|column| column.parse::<f64>().is_err() && cells.iter().any(|cell| cell == column)) {
        return true;
    }
    let at: Vec<usize> = asked
        .iter()
        .filter_map(|column| column.parse::<usize>().ok()?.checked_sub(1))
        .filter(|&i| i < cells.len())
        .collect();
    let relevant: Vec<&str> = match at.is_empty() {
        true => cells.iter().map(String::as_str).collect(),
        false => at.iter().map(|&i| cells[i].as_str()).collect(),
    };
    let is_word = |cell: &&str| number_of(cell, decimal).is_none() && !is_time(cell);
    let no_number = |cell: &&str| number_of(cell, decimal).is_none_or(f64::is_nan);
    relevant.iter().any(is_word) && relevant.iter().all(no_number)
}

/// Whether the row behind the names holds units: words or nothing in all columns that are asked for.
fn is_units(cells: &[String], asked: Option<&[usize]>, decimal: char) -> bool {
    let relevant: Vec<&str> = match asked {
        Some(asked) => asked.iter().filter_map(|&i| cells.get(i)).map(String::as_str).collect(),
        None => cells.iter().map(String::as_str).collect(),
    };
    let words: Vec<&&str> = relevant.iter().filter(|cell| !cell.is_empty()).collect();
    !words.is_empty() && words.iter().all(|cell| number_of(cell, decimal).is_none())
}

/// Removes the empty last cell that rows have if all of them end in a delimiter.
fn without_trailing(rows: &[Row]) -> Vec<Vec<String>> {
    let width = rows[0].cells.len();
    let trailing = width > 1 && rows.iter().all(|row| row.cells.len() < width || row.cells[width - 1].is_empty());
    let cut = |row: &Row| match trailing && row.cells.len() == width {
        true => row.cells[..width - 1].to_vec(),
        false => row.cells.clone(),
    };
    rows.iter().map(cut).collect()
}

impl Layout {
    /// Finds the layout from the first rows, of which there is one at least.
    pub fn new(head: &[Row], dialect: Dialect, options: &CsvOptions) -> Result<Self> {
        let rows = without_trailing(head);
        let width = rows[0].len();
        if width > MAX_CHANNELS {
            return Err(Error::line(head[0].number, format!("{width} columns, more than {MAX_CHANNELS}")));
        }
        let decimal = dialect.decimal;
        let has_names = options.header.unwrap_or_else(|| is_header(&rows[0], options.columns.as_deref(), decimal));
        let header = has_names.then(|| rows[0].as_slice());
        let asked = options.columns.as_deref().map(|wanted| positions(wanted, header, width)).transpose()?;
        let has_units = has_names && rows.len() > 2 && is_units(&rows[1], asked.as_deref(), decimal);
        let first_row = usize::from(has_names) + usize::from(has_units);
        let samples = &rows[first_row..];
        let time = match options.time.as_deref() {
            Some("none") => None,
            Some(wanted) => positions(wanted, header, width)?.first().copied(),
            None => time::find(header, samples),
        };
        let columns = asked.unwrap_or_else(|| (0..width).filter(|&i| Some(i) != time || width == 1).collect());
        let cell = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
        let mut layout = Self {
            dialect,
            width,
            labels: columns.iter().map(|&i| header.map_or_else(String::new, |names| names[i].clone())).collect(),
            units: columns.iter().map(|&i| if has_units { cell(&rows[1], i) } else { String::new() }).collect(),
            columns,
            first_row,
            axis: None,
            sample_rate: None,
            has_names,
            first_line: head.get(first_row).map_or(0, |row| row.number),
        };
        if let Some(column) = time {
            let said = options.time_unit.clone().or_else(|| has_units.then(|| cell(&rows[1], column)));
            let said = said.as_deref().and_then(time::unit_of);
            layout.find_rate(column, samples, said.or_else(|| time::read_name(&header?[column]).1));
            if layout.sample_rate.is_none() && options.time.is_some() && samples.len() > 1 {
                let name = quoted(options.time.as_deref().unwrap_or(""));
                let message = format!("the times of column {name} do not rise, so they give no sample rate");
                return Err(Error::whole(message));
            }
        }
        Ok(layout)
    }

    fn find_rate(&mut self, column: usize, samples: &[Vec<String>], unit: Option<f64>) {
        let cells: Vec<&str> = samples.iter().map(|row| row.get(column).map_or("", String::as_str)).collect();
        self.axis = Axis::new(column, &cells, self.dialect.decimal, unit);
        self.sample_rate = self.axis.and_then(|axis| axis.rate(&cells));
    }

    /// Appends the samples of a row to `out`.
    ///
    /// # Errors
    /// If it has another number of columns, or words where numbers are asked for.
    pub fn numbers(&self, cells: &[Cow<'_, str>], number: u64, channels: &[usize], out: &mut Vec<f64>) -> Result<()> {
        let extra = cells.len() == self.width + 1 && cells.last().is_some_and(|cell| cell.is_empty());
        if cells.len() != self.width && !extra {
            return Err(Error::line(number, format!("{} columns, expected {}", cells.len(), self.width)));
        }
        for &channel in channels {
            let cell = &cells[self.columns[channel]];
            let Some(value) = number_of(cell, self.dialect.decimal) else {
                let is_first = number == self.first_line && !self.has_names;
                let hint =
                    if is_first { "; if the first row names the columns, the option header says so" } else { "" };
                return Err(Error::line(number, format!("{} is no number{hint}", quoted(cell))));
            };
            out.push(value);
        }
        Ok(())
    }
}
