//! Text with numbers, in whatever dialect: a column is a channel; a header may name columns, one may tell the time.

mod clock;
mod dialect;
mod layout;
mod lines;
mod time;

use dialect::{Dialect, Told, is_comment, split};
use layout::{Layout, Row};
use lines::{Lines, MAX_LINE};

use crate::header::{Channel, Gap, Header};
use crate::input::Input;
use crate::limits::MAX_ANNOTATIONS;
use crate::recording::{Opened, Reader};
use crate::{Error, Result};

/// Lines from which the dialect, the header and the sample rate are found.
const HEAD: usize = 1000;
/// An interval that is longer than this many sample periods is a gap.
const GAP: f64 = 1.5;

/// The caller's options for a csv file; the rest is found.
#[derive(Debug, Clone, Default)]
pub struct CsvOptions {
    /// Columns that are channels, by name or by number from 1, between commas; all but the time column by default.
    pub columns: Option<String>,
    /// Character between cells.
    pub delimiter: Option<char>,
    /// Decimal mark, `.` or `,`.
    pub decimal: Option<char>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// Column of times, by name or number from 1; `none`: there is no such column.
    pub time: Option<String>,
    /// Unit of a time column of numbers: `s`, `ms`, `us`, `ns`.
    pub time_unit: Option<String>,
}

/// Opens a csv file.
pub(crate) fn open(mut input: Input, options: &CsvOptions) -> Result<Opened> {
    let told = Told { delimiter: options.delimiter, decimal: options.decimal };
    dialect::check(told)?;
    if let Some(unit) = options.time_unit.as_deref().filter(|unit| !matches!(*unit, "s" | "ms" | "us" | "ns")) {
        return Err(Error::argument(format!("timeUnit must be s, ms, us or ns, got {}", crate::text::quoted(unit))));
    }
    let mut start = [0; 2];
    if input.read_at(0, &mut start)? == 2 && matches!(start, [0xff, 0xfe] | [0xfe, 0xff]) {
        return Err(Error::unsupported("the text is UTF-16: save it as UTF-8"));
    }
    let mut lines = Lines::new();
    let mut head: Vec<String> = Vec::new();
    let mut length = 0;
    while head.len() < HEAD && length < MAX_LINE {
        let Some(line) = lines.next(&mut input)? else { break };
        length += line.len();
        head.push(line);
    }
    let meaning: Vec<&str> =
        head.iter().map(String::as_str).filter(|line| !line.trim().is_empty() && !is_comment(line)).collect();
    let dialect = dialect::find(&meaning, told);
    let mut rows = Rows { lines: Lines::new(), dialect };
    let mut first = Vec::new();
    while first.len() < HEAD && rows.lines.number < head.len() as u64 {
        let Some((text, number)) = rows.next(&mut input)? else { break };
        let cells = split(&text, &dialect).unwrap_or_default();
        first.push(Row { cells: cells.into_iter().map(|cell| cell.into_owned()).collect(), number });
    }
    let no_numbers = || Error::whole("there are no numbers");
    if first.is_empty() {
        return Err(no_numbers());
    }
    let layout = Layout::new(&first, dialect, options)?;
    if layout.first_row >= first.len() {
        return Err(no_numbers());
    }
    let channel = |i: usize| Channel {
        label: layout.labels[i].clone(),
        unit: layout.units[i].trim_matches(['(', ')', '[', ']']).to_owned(),
        sample_rate: layout.sample_rate,
        gain: 1.0,
        ..Channel::default()
    };
    let header = Header {
        format: "csv".to_owned(),
        encoding: "text".to_owned(),
        sample_rate: layout.sample_rate,
        channels: (0..layout.columns.len()).map(channel).collect(),
        start: layout.axis.and_then(|axis| axis.start()),
        ..Header::default()
    };
    let mut reader = CsvReader { input, rows, layout, next: 0, times: Vec::new() };
    reader.rewind()?;
    Ok((header, Box::new(reader)))
}

/// Gives rows: comments and empty lines left out, a quoted cell may go over several lines.
struct Rows {
    lines: Lines,
    dialect: Dialect,
}

impl Rows {
    /// Returns the text of the next row, and the number of its last line.
    fn next(&mut self, input: &mut Input) -> Result<Option<(String, u64)>> {
        let mut open = String::new();
        loop {
            let Some(line) = self.lines.next(input)? else {
                return match open.is_empty() {
                    true => Ok(None),
                    false => Err(Error::line(self.lines.number, "a quote is not closed")),
                };
            };
            if open.is_empty() && (line.trim().is_empty() || is_comment(&line)) {
                continue;
            }
            let text = if open.is_empty() { line } else { open + "\n" + &line };
            if !text.contains(self.dialect.quote) || split(&text, &self.dialect).is_some() {
                return Ok(Some((text, self.lines.number)));
            }
            if text.len() > MAX_LINE {
                return Err(Error::line(self.lines.number, "a quote is not closed"));
            }
            open = text;
        }
    }
}

struct CsvReader {
    input: Input,
    rows: Rows,
    layout: Layout,
    /// Frame of the next row.
    next: u64,
    /// Of the frames that were read last, s.
    times: Vec<f64>,
}

impl CsvReader {
    /// Goes to the first row of samples.
    fn rewind(&mut self) -> Result<()> {
        self.rows.lines = Lines::new();
        self.next = 0;
        for _ in 0..self.layout.first_row {
            self.rows.next(&mut self.input)?;
        }
        Ok(())
    }
}

impl Reader for CsvReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        if at < self.next {
            self.rewind()?;
        }
        while self.next < at {
            if self.rows.next(&mut self.input)?.is_none() {
                return Ok(0);
            }
            self.next += 1;
        }
        self.times.clear();
        let mut done = 0;
        while done < frames {
            let Some((text, number)) = self.rows.next(&mut self.input)? else { break };
            let cells = split(&text, &self.layout.dialect).unwrap_or_default();
            self.layout.numbers(&cells, number, channels, out)?;
            if let Some(axis) = &self.layout.axis {
                self.times.push(cells.get(axis.column).map_or(f64::NAN, |cell| axis.seconds(cell)));
            }
            done += 1;
        }
        self.next += done as u64;
        Ok(done)
    }

    fn times(&self) -> Option<&[f64]> {
        self.layout.axis.map(|_| self.times.as_slice())
    }

    fn gaps(&mut self) -> Result<Vec<Gap>> {
        let (Some(axis), Some(rate)) = (self.layout.axis, self.layout.sample_rate) else { return Ok(Vec::new()) };
        self.rewind()?;
        let mut gaps = Vec::new();
        let mut last: Option<f64> = None;
        while let Some((text, number)) = self.rows.next(&mut self.input)? {
            let cells = split(&text, &self.layout.dialect).unwrap_or_default();
            let time = cells.get(axis.column).map_or(f64::NAN, |cell| axis.seconds(cell));
            let interval = last.map_or(0.0, |last| time - last);
            if interval * rate > GAP {
                gaps.push(Gap { frame: self.next, duration: interval - 1.0 / rate });
            }
            if gaps.len() > MAX_ANNOTATIONS {
                return Err(Error::line(number, format!("there are more than {MAX_ANNOTATIONS} gaps")));
            }
            last = Some(time).filter(|time| time.is_finite()).or(last);
            self.next += 1;
        }
        Ok(gaps)
    }
}
