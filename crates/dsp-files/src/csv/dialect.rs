//! How a csv file is written: delimiter, decimal mark, quotes, comments. Found from its first lines, or told.

use std::borrow::Cow;

use super::clock::is_time;
use crate::{Error, Result};

/// The likelier first: it decides between readings that explain a file equally well.
const DELIMITERS: [char; 5] = [',', ';', '\t', '|', ' '];
const QUOTES: [char; 2] = ['"', '\''];
const DECIMALS: [char; 2] = ['.', ','];
/// The words for a missing value in exports of spreadsheets, pandas, R, PhysioNet and ARFF.
const MISSING: [&str; 21] = [
    "", "-", "?", ".", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "+nan", "#num!", "#value!", "#div/0!",
    "1.#qnan", "-1.#ind", "null", "none", "nil", "missing",
];
/// A file of one column is rare: lines of different lengths explain it less well than a delimiter does.
const ONE_COLUMN: f64 = 0.4;
/// The cost of a cell that still has its quotes: enough to decide between equals.
const LEFT_QUOTE: f64 = 1e-6;

/// How cells are separated and written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dialect {
    pub delimiter: char,
    pub quote: char,
    pub decimal: char,
}

/// The part of a dialect that the caller has given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    pub delimiter: Option<char>,
    pub decimal: Option<char>,
}

/// Whether a line is a comment: it begins with `#` or `%` after spaces.
pub fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', '%'])
}

/// Returns the value of a cell, NaN for a missing one; `None` if it is neither.
pub fn number_of(cell: &str, decimal: char) -> Option<f64> {
    let cell = cell.trim();
    let value = match decimal {
        ',' if cell.contains(',') => cell.replacen(',', ".", 1).parse().ok(),
        _ => cell.parse::<f64>().ok(),
    };
    if value.is_some() {
        return value;
    }
    let lower = cell.to_lowercase();
    if MISSING.contains(&&*lower) {
        return Some(f64::NAN);
    }
    match lower.trim_start_matches(['+', '-']) {
        "∞" => Some(if lower.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => None,
    }
}

/// Returns the cells of a line, without quotes and outer spaces; `None` if a quote is still open at its end.
pub fn split<'a>(line: &'a str, dialect: &Dialect) -> Option<Vec<Cow<'a, str>>> {
    let Dialect { delimiter, quote, .. } = *dialect;
    if !line.contains(quote) {
        return Some(match delimiter {
            ' ' => line.split_whitespace().map(Cow::Borrowed).collect(),
            _ => line.split(delimiter).map(|cell| Cow::Borrowed(cell.trim())).collect(),
        });
    }
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() && c != delimiter);
        if delimiter == ' ' {
            rest = rest.trim_start();
            if rest.is_empty() && !cells.is_empty() {
                return Some(cells);
            }
        }
        let (cell, behind) = match rest.strip_prefix(quote) {
            Some(inside) => quoted_cell(inside, dialect)?,
            None => {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                (Cow::Borrowed(rest[..end].trim()), &rest[end..])
            }
        };
        cells.push(cell);
        match behind.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None => return Some(cells),
        }
    }
}

/// Returns a cell from behind its first quote, and what comes from the next delimiter on.
fn quoted_cell<'a>(text: &'a str, dialect: &Dialect) -> Option<(Cow<'a, str>, &'a str)> {
    let Dialect { delimiter, quote, .. } = *dialect;
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(quote)?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + quote.len_utf8()..];
        match rest.strip_prefix(quote) {
            Some(next) => {
                cell.push(quote);
                rest = next;
            }
            None => break,
        }
    }
    let end = rest.find(delimiter).unwrap_or(rest.len());
    cell.push_str(rest[..end].trim());
    Some((Cow::Owned(cell), &rest[end..]))
}

/// Returns how well a dialect explains the lines, by rows of one width, then by cells that are numbers, missing or
/// times; and that width.
fn fit(lines: &[&str], dialect: &Dialect) -> (f64, usize) {
    let rows: Vec<Vec<Cow<'_, str>>> =
        lines.iter().map(|line| split(line, dialect).unwrap_or_else(|| vec![Cow::Borrowed(line)])).collect();
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for row in &rows {
        match counts.iter_mut().find(|(width, _)| *width == row.len()) {
            Some((_, count)) => *count += 1,
            None => counts.push((row.len(), 1)),
        }
    }
    let most = counts.iter().map(|&(_, count)| count).max().unwrap_or(1);
    let width = counts.iter().find(|(_, count)| *count == most).map_or(1, |&(width, _)| width);
    let (mut cells, mut understood, mut left_quotes) = (0usize, 0usize, 0usize);
    for row in &rows {
        for cell in row {
            left_quotes +=
                usize::from(QUOTES.iter().any(|&q| cell.len() > 1 && cell.starts_with(q) && cell.ends_with(q)));
            if row.len() == width {
                cells += 1;
                understood += usize::from(number_of(cell, dialect.decimal).is_some() || is_time(cell));
            }
        }
    }
    let even = (most as f64 / rows.len() as f64).powi(2);
    let likely = even * understood as f64 / cells.max(1) as f64 * if width == 1 { ONE_COLUMN } else { 1.0 };
    (likely - LEFT_QUOTE * left_quotes as f64, width)
}

/// Returns the dialect that explains the lines (without empty ones and comments) best.
pub fn find(lines: &[&str], told: Told) -> Dialect {
    let delimiters = told.delimiter.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let decimals = told.decimal.map_or(DECIMALS.to_vec(), |decimal| vec![decimal]);
    let has_single = lines.iter().any(|line| line.contains('\''));
    let mut best: Option<(f64, usize, Dialect)> = None;
    for &delimiter in &delimiters {
        for &quote in QUOTES.iter().take(1 + usize::from(has_single)) {
            // A decimal comma can stand between commas only in quotes.
            let has_quotes = lines.iter().any(|line| line.contains(quote));
            for &decimal in decimals.iter().filter(|&&decimal| decimal != delimiter || has_quotes) {
                let dialect = Dialect { delimiter, quote, decimal };
                let (score, width) = if lines.is_empty() { (0.0, 1) } else { fit(lines, &dialect) };
                // "1,2" in a single column is two columns rather, unless the caller says otherwise.
                if width == 1 && decimal == ',' && told.decimal.is_none() {
                    continue;
                }
                let better = |&(s, w, _): &(f64, usize, Dialect)| score > s || (score == s && width > w);
                if best.as_ref().is_none_or(better) {
                    best = Some((score, width, dialect));
                }
            }
        }
    }
    best.map_or(Dialect { delimiter: ',', quote: '"', decimal: '.' }, |(_, _, dialect)| dialect)
}

/// Checks what the caller has said.
pub fn check(told: Told) -> Result<()> {
    if let Some(c) = told.delimiter.filter(|c| c.is_ascii_digit() || "\r\n\"'+-.".contains(*c)) {
        return Err(Error::argument(format!("delimiter cannot be {c:?}")));
    }
    if let Some(c) = told.decimal.filter(|c| !DECIMALS.contains(c)) {
        return Err(Error::argument(format!("decimal must be \".\" or \",\", got {c:?}")));
    }
    if told.delimiter.is_some() && told.delimiter == told.decimal {
        return Err(Error::argument("delimiter and decimal are the same character"));
    }
    Ok(())
}
