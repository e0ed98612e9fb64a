//! The header of EDF and BDF: fields of text with fixed widths.

use crate::input::Input;
use crate::limits::MAX_TEXT;
use crate::text::{field, quoted};
use crate::{Error, Result};

/// Signals at most: the field has four digits.
const MAX_SIGNALS: u64 = 9999;

/// One signal, a channel or a stream of annotations.
pub struct Signal {
    pub label: String,
    pub transducer: String,
    pub unit: String,
    pub prefilter: String,
    /// Physical units per step.
    pub gain: f64,
    /// Steps that are added before the gain.
    pub offset: f64,
    /// Samples in a data record.
    pub per_record: u64,
    /// Bytes from the start of a data record.
    pub at: u64,
    /// Bytes in a data record.
    pub bytes: u64,
    pub is_annotations: bool,
}

/// The header of a file.
pub struct Layout {
    pub format: &'static str,
    /// Bytes of a sample.
    pub width: usize,
    pub is_discontinuous: bool,
    pub start: Option<String>,
    pub header_bytes: u64,
    /// Data records; `None` while the file is being written.
    pub records: Option<u64>,
    pub record_bytes: u64,
    /// Of a data record, s.
    pub duration: f64,
    pub signals: Vec<Signal>,
    pub notes: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

/// Fields of the header, one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Fields<'_> {
    fn text(&mut self, width: usize) -> String {
        let from = self.at;
        self.at += width;
        field(&self.bytes[from..self.at])
    }

    fn error(&self, width: usize, text: &str, rule: &str) -> Error {
        Error::damaged((self.at - width) as u64, format!("{rule}, not {}", quoted(text)))
    }

    fn number(&mut self, width: usize, name: &str) -> Result<f64> {
        let text = self.text(width);
        // Some programs write a decimal comma.
        let value = text.replace(',', ".").parse::<f64>().ok().filter(|value| value.is_finite());
        value.ok_or_else(|| self.error(width, &text, &format!("{name} must be a number")))
    }

    fn integer(&mut self, width: usize, name: &str) -> Result<i64> {
        let value = self.number(width, name)?;
        let is_whole = value.fract() == 0.0 && value.abs() < 1e15;
        is_whole
            .then_some(value as i64)
            .ok_or_else(|| self.error(width, &value.to_string(), &format!("{name} must be an integer")))
    }
}

/// Reads the header.
pub fn read_layout(input: &mut Input) -> Result<Layout> {
    let mut head = [0; 256];
    input.exact_at(0, &mut head, "the header")?;
    let is_bdf = head[0] == 0xff && &head[1..8] == b"BIOSEMI";
    if !is_bdf && field(&head[..8]) != "0" {
        return Err(Error::damaged(0, "this is neither EDF nor BDF"));
    }
    let mut fields = Fields { bytes: &head, at: 8 };
    let (patient, recording) = (fields.text(80), fields.text(80));
    let (date, time) = (fields.text(8), fields.text(8));
    let stated_bytes = fields.integer(8, "the number of header bytes")?;
    let reserved = fields.text(44);
    let records = fields.integer(8, "the number of data records")?;
    let duration = fields.number(8, "the duration of a data record")?;
    let count = fields.integer(4, "the number of signals")?;
    let count = u64::try_from(count).ok().filter(|count| (1..=MAX_SIGNALS).contains(count));
    let count = count.ok_or_else(|| Error::damaged(252, "the number of signals must be between 1 and 9999"))?;
    let header_bytes = 256 * (count + 1);
    if stated_bytes as u64 != header_bytes {
        let message = format!("the header says it has {stated_bytes} bytes, but {count} signals take {header_bytes}");
        return Err(Error::damaged(184, message));
    }
    if records < -1 {
        return Err(Error::damaged(236, format!("the number of data records is {records}")));
    }
    if duration < 0.0 {
        return Err(Error::damaged(244, format!("the duration of a data record is {duration} s")));
    }
    let plus = reserved.get(..5).unwrap_or("").to_ascii_uppercase();
    let format = match (is_bdf, &*plus) {
        (false, "EDF+C") => "edf+c",
        (false, "EDF+D") => "edf+d",
        (false, _) => "edf",
        (true, "BDF+C") => "bdf+c",
        (true, "BDF+D") => "bdf+d",
        (true, _) => "bdf",
    };
    let width = if is_bdf { 3 } else { 2 };
    let mut warnings = Vec::new();
    let mut bytes = head.to_vec();
    bytes.extend(input.take_at(256, 256 * count as usize)?);
    if (bytes.len() as u64) < header_bytes {
        return Err(Error::damaged(bytes.len() as u64, "the file ends within the header"));
    }
    let is_plus = format.len() > 3;
    let signals = read_signals(&bytes, count as usize, width, is_plus, &mut warnings)?;
    let record_bytes = signals.iter().map(|signal| signal.bytes).sum();
    if record_bytes == 0 {
        return Err(Error::damaged(256, "a data record has no samples"));
    }
    let notes = [("patient", patient), ("recording", recording.clone())];
    let notes = notes.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), text));
    Ok(Layout {
        format,
        width,
        is_discontinuous: plus.ends_with('D'),
        start: start_of(&date, &time, &recording),
        header_bytes,
        records: u64::try_from(records).ok(),
        record_bytes,
        duration,
        signals,
        notes: notes.collect(),
        warnings,
    })
}

fn read_signals(
    bytes: &[u8],
    count: usize,
    width: usize,
    plus: bool,
    warnings: &mut Vec<String>,
) -> Result<Vec<Signal>> {
    let column = |start: usize, length: usize, i: usize| Fields { bytes, at: 256 + start * count + length * i };
    let mut signals = Vec::new();
    let mut at = 0u64;
    for i in 0..count {
        let label = column(0, 16, i).text(16);
        let is_annotations = matches!(&*label, "EDF Annotations" | "BDF Annotations") && plus;
        let mut samples_field = column(216, 8, i);
        let per_record = samples_field.integer(8, "the number of samples in a data record")?;
        let place = (samples_field.at - 8) as u64;
        let per_record = u64::try_from(per_record).ok().filter(|&count| count < 1 << 32);
        let per_record =
            per_record.ok_or_else(|| Error::damaged(place, "a wrong number of samples in a data record"))?;
        let (gain, offset) = if is_annotations { (1.0, 0.0) } else { scale(&column, i, &label, warnings)? };
        let size = per_record * width as u64;
        if is_annotations && size > MAX_TEXT as u64 {
            return Err(Error::damaged(place, format!("{size} bytes of annotations in one data record")));
        }
        signals.push(Signal {
            label,
            transducer: column(16, 80, i).text(80),
            unit: column(96, 8, i).text(8),
            prefilter: column(136, 80, i).text(80),
            gain,
            offset,
            per_record,
            at,
            bytes: size,
            is_annotations,
        });
        at += size;
    }
    Ok(signals)
}

/// Returns gain and offset of a signal.
fn scale<'a>(
    column: &impl Fn(usize, usize, usize) -> Fields<'a>,
    i: usize,
    label: &str,
    warnings: &mut Vec<String>,
) -> Result<(f64, f64)> {
    let physical_min = column(104, 8, i).number(8, "the physical minimum")?;
    let physical_max = column(112, 8, i).number(8, "the physical maximum")?;
    let digital_min = column(120, 8, i).integer(8, "the digital minimum")?;
    let mut field = column(128, 8, i);
    let digital_max = field.integer(8, "the digital maximum")?;
    if digital_max <= digital_min {
        let message = format!("the digital maximum {digital_max} is not above the minimum {digital_min}");
        return Err(Error::damaged((field.at - 8) as u64, message));
    }
    if physical_max == physical_min {
        warnings.push(format!("channel {} has no physical range: its stored numbers are given", quoted(label)));
        return Ok((1.0, 0.0));
    }
    let gain = (physical_max - physical_min) / (digital_max - digital_min) as f64;
    Ok((gain, physical_max / gain - digital_max as f64))
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// Returns the start of the recording; the year of EDF+ has four digits, that of EDF two, from 1985 on.
fn start_of(date: &str, time: &str, recording: &str) -> Option<String> {
    let numbers = |text: &str| -> Option<[u32; 3]> {
        let parts: Vec<u32> =
            text.split(['.', ':', '-', '/']).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let [hour, minute, second] = numbers(time)?;
    let full = recording.strip_prefix("Startdate ").and_then(|rest| {
        let mut parts = rest.split(' ').next()?.split('-');
        let day = parts.next()?.parse().ok()?;
        let name = parts.next()?.to_ascii_uppercase();
        let month = MONTHS.iter().position(|known| *known == name)? as u32 + 1;
        Some([day, month, parts.next()?.parse().ok()?])
    });
    let [day, month, year] = match full {
        Some(full) => full,
        None => {
            let [day, month, year] = numbers(date)?;
            [day, month, if year > 84 { 1900 + year } else { 2000 + year }]
        }
    };
    // What programs write that know no start: the first moment that the format has.
    if full.is_none() && [day, month, year, hour, minute, second] == [1, 1, 1985, 0, 0, 0] {
        return None;
    }
    let valid = (1..=31).contains(&day) && (1..=12).contains(&month) && year < 10_000;
    let valid = valid && hour < 24 && minute < 60 && second < 60;
    valid.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}
