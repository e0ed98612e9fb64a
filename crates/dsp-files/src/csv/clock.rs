//! Dates and times of day in cells.

/// A moment: whole seconds (since 1970, or since midnight) and the rest, so that no digit is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    pub seconds: i64,
    pub fraction: f64,
    /// Whether it has a date.
    pub is_dated: bool,
}

impl Moment {
    /// Returns the seconds from another moment to this one.
    pub fn since(self, other: Self) -> f64 {
        (self.seconds - other.seconds) as f64 + (self.fraction - other.fraction)
    }
}

/// Whether a cell holds a date, a date with a time of day, or a time of day.
pub fn is_time(cell: &str) -> bool {
    parse(cell).is_some()
}

/// Returns the moment of `2024-01-31`, `2024-01-31 10:00:00.5+01:00`, `10:00:00,25` or `[10:00]`.
pub fn parse(cell: &str) -> Option<Moment> {
    let cell = cell.trim();
    if !cell.is_ascii() || !cell.contains(['-', ':']) {
        return None;
    }
    let bytes = cell.as_bytes();
    let is_dated = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    if !is_dated {
        let inside = cell.strip_prefix('[').unwrap_or(cell);
        let inside = inside.strip_suffix(']').unwrap_or(inside);
        let (seconds, fraction) = clock(inside, true)?;
        return Some(Moment { seconds, fraction, is_dated });
    }
    let (year, month, day) = (digits(&cell[..4])?, digits(&cell[5..7])?, digits(&cell[8..10])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = 86400 * days(year, month, day);
    let rest = &cell[10..];
    if rest.is_empty() {
        return Some(Moment { seconds: midnight, fraction: 0.0, is_dated });
    }
    let rest = rest.strip_prefix(['T', ' '])?;
    let (time, zone) = match rest.find(['Z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), zone(&rest[at..])?),
        None => (rest, 0),
    };
    let (seconds, fraction) = clock(time, false)?;
    Some(Moment { seconds: midnight + seconds - zone, fraction, is_dated })
}

fn digits(text: &str) -> Option<i64> {
    let valid = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

/// Returns the seconds of `h:mm:ss.fff` or `h:mm` (minutes and seconds where `short`).
fn clock(text: &str, short: bool) -> Option<(i64, f64)> {
    let (whole, fraction) = match text.find(['.', ',']) {
        Some(at) => (&text[..at], digits_fraction(&text[at + 1..])?),
        None => (text, 0.0),
    };
    let mut parts = whole.split(':');
    let first = digits(parts.next()?)?;
    let second = two(parts.next()?)?;
    let third = parts.next().map(two);
    if parts.next().is_some() {
        return None;
    }
    match third {
        Some(third) => Some((3600 * first + 60 * second + third?, fraction)),
        None if short => Some((60 * first + second, fraction)),
        None => (fraction == 0.0).then_some((3600 * first + 60 * second, 0.0)),
    }
}

fn two(text: &str) -> Option<i64> {
    if text.len() == 2 { digits(text) } else { None }
}

fn digits_fraction(text: &str) -> Option<f64> {
    let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { format!("0.{text}").parse().ok() } else { None }
}

/// Returns the seconds of `Z`, `+01:00` or `-0530`.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let text = text[1..].replace(':', "");
    if text.len() != 4 {
        return None;
    }
    Some(sign * (3600 * digits(&text[..2])? + 60 * digits(&text[2..])?))
}

/// Returns the days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March: the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Returns a moment since 1970 as text.
pub fn iso(seconds: i64, fraction: f64) -> String {
    let (day, rest) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let digits = format!("{fraction:.9}");
    let digits = digits.strip_prefix('0').unwrap_or("").trim_end_matches('0').trim_end_matches('.');
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}{digits}")
}
