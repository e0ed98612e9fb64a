//! The column of a csv file that tells when its samples were taken.

use super::clock::{Moment, is_time, parse};
use super::dialect::number_of;

/// Seconds in the units that names and rows of units say.
const UNITS: [(&str, f64); 17] = [
    ("s", 1.0),
    ("sec", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("ms", 1e-3),
    ("msec", 1e-3),
    ("millisecond", 1e-3),
    ("milliseconds", 1e-3),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("microsecond", 1e-6),
    ("microseconds", 1e-6),
    ("ns", 1e-9),
    ("nanosecond", 1e-9),
    ("nanoseconds", 1e-9),
    ("min", 60.0),
];
const NAMES: [&str; 16] = [
    "time",
    "timer",
    "timestamp",
    "timestamps",
    "t",
    "date",
    "datetime",
    "date time",
    "date_time",
    "elapsed",
    "elapsed time",
    "elapsed_time",
    "sampletime",
    "sample time",
    "seconds",
    "milliseconds",
];
/// Numbers this large are epoch times in that unit (from September 2001 on).
const EPOCHS: [(f64, f64); 3] = [(1e18, 1e-9), (1e15, 1e-6), (1e12, 1e-3)];

/// Returns the seconds in the unit that a row of units says (`ms`, `(s)`).
pub fn unit_of(text: &str) -> Option<f64> {
    let bare: String = text.to_lowercase().chars().filter(|c| !"()[]".contains(*c) && !c.is_whitespace()).collect();
    UNITS.iter().find(|(name, _)| *name == bare).map(|&(_, seconds)| seconds)
}

/// Returns whether a column of that name holds times, and the seconds in its unit.
pub fn read_name(name: &str) -> (bool, Option<f64>) {
    let text = name.trim().to_lowercase();
    if NAMES.contains(&&*text) || matches!(&*text, "elapsedtime" | "sample_time") {
        return (true, if text.ends_with("seconds") { unit_of(&text) } else { None });
    }
    // A name with its unit: `t (s)`, `time [ms]`, `timestamp_ms`, `Time/s`.
    let cut = text.find(['(', '[', '/']).or_else(|| text.rfind('_'));
    let Some(cut) = cut else { return (false, None) };
    let bare = text[..cut].trim_end_matches([' ', '_']);
    let unit = unit_of(text[cut + 1..].trim_matches([' ', ')', ']']));
    (unit.is_some() && NAMES.contains(&bare), unit)
}

/// Returns the position of the time column: by its name, or the first column where all of it are times.
pub fn find(header: Option<&[String]>, rows: &[Vec<String>]) -> Option<usize> {
    match header {
        Some(header) => header.iter().position(|name| read_name(name).0),
        None => (!rows.is_empty() && rows.iter().all(|row| row.first().is_some_and(|cell| is_time(cell)))).then_some(0),
    }
}

/// How the cells of a time column are read.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    pub column: usize,
    is_clock: bool,
    decimal: char,
    /// Seconds in the unit of numbers.
    scale: f64,
    first: Moment,
    first_number: f64,
}

impl Axis {
    /// Returns how the cells are read, from those of the first rows; `None` if the first is no time.
    pub fn new(column: usize, cells: &[&str], decimal: char, unit: Option<f64>) -> Option<Self> {
        let first = cells.first()?;
        let is_clock = cells.iter().all(|cell| is_time(cell));
        let first_number = if is_clock { 0.0 } else { number_of(first, decimal).filter(|value| value.is_finite())? };
        let epoch = || EPOCHS.iter().find(|(from, _)| first_number.abs() >= *from).map(|&(_, seconds)| seconds);
        let scale = unit.or_else(epoch).unwrap_or(1.0);
        let zero = Moment { seconds: 0, fraction: 0.0, is_dated: false };
        let first = if is_clock { parse(first)? } else { zero };
        Some(Self { column, is_clock, decimal, scale, first, first_number })
    }

    /// Returns the seconds from the first sample; NaN for what is no time.
    pub fn seconds(&self, cell: &str) -> f64 {
        match self.is_clock {
            true => parse(cell).map_or(f64::NAN, |moment| moment.since(self.first)),
            // Differences before the scale: a double holds no nanoseconds of our days.
            false => (number_of(cell, self.decimal).unwrap_or(f64::NAN) - self.first_number) * self.scale,
        }
    }

    /// Returns when the first sample was taken, where the cells say it.
    pub fn start(&self) -> Option<String> {
        if self.is_clock {
            return self.first.is_dated.then(|| super::clock::iso(self.first.seconds, self.first.fraction));
        }
        let is_epoch = self.scale < 1.0 && self.first_number * self.scale >= 1e9;
        let whole = (self.first_number * self.scale).floor();
        let fraction = (self.first_number - whole / self.scale) * self.scale;
        let valid = is_epoch && whole < 1e11;
        valid.then(|| format!("{}Z", super::clock::iso(whole as i64, fraction.clamp(0.0, 0.999_999_999))))
    }

    /// Returns how exactly a cell says its time, s: by the digits behind the decimal mark.
    fn resolution(&self, cell: &str) -> f64 {
        let digits =
            cell.find(['.', ',']).map_or(0, |at| cell[at + 1..].bytes().take_while(u8::is_ascii_digit).count());
        10f64.powi(-(digits.min(300) as i32)) * if self.is_clock { 1.0 } else { self.scale }
    }

    /// Returns the sample rate, Hz: one over the mean of those intervals that are no gaps. Times are rounded to their last
    /// digit, hence a rate that is a whole number within that is taken for one. `None` if the times do not rise.
    pub fn rate(&self, cells: &[&str]) -> Option<f64> {
        let times: Vec<f64> = cells.iter().map(|cell| self.seconds(cell)).collect();
        let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if intervals.is_empty() || !intervals.iter().all(|&interval| interval > 0.0 && interval.is_finite()) {
            return None;
        }
        let mut sorted = intervals.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[sorted.len() / 2];
        let resolution = self.resolution(cells.last()?);
        let steady: Vec<f64> =
            intervals.into_iter().filter(|&interval| interval <= 1.5 * median + resolution).collect();
        let span: f64 = steady.iter().sum();
        let rate = steady.len() as f64 / span;
        let uncertainty = rate * resolution / span;
        let whole = rate.round();
        let is_whole = whole > 0.0 && (rate - whole).abs() <= uncertainty.max(1e-9 * rate);
        let rounded = if is_whole { whole } else { format!("{rate:.8e}").parse().unwrap_or(rate) };
        (rounded.is_finite() && rounded > 0.0).then_some(rounded)
    }
}
