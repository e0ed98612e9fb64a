//! Writes csv: a column a channel, the names in the first row where there are any.

use std::fmt::Write;

use super::encoding_of;
use super::sink::{Out, Sink, WriteOptions};
use crate::{Error, Result};

pub(super) struct CsvSink {
    channels: usize,
    header: Option<String>,
    delimiter: char,
    decimal: char,
    is_double: bool,
    /// Hz, where a column of times is written.
    rate: Option<f64>,
    frames: u64,
}

impl CsvSink {
    pub fn new(channels: usize, options: &WriteOptions) -> Result<Self> {
        let is_double = encoding_of(options, &["float32", "float64"])? == "float64";
        let decimal = options.decimal.unwrap_or('.');
        let delimiter = options.delimiter.unwrap_or(if decimal == ',' { ';' } else { ',' });
        if !matches!(decimal, '.' | ',') {
            return Err(Error::argument(format!("decimal must be \".\" or \",\", got {decimal:?}")));
        }
        if delimiter == decimal || delimiter.is_alphanumeric() || "\r\n\"'+-.".contains(delimiter) {
            return Err(Error::argument(format!("delimiter cannot be {delimiter:?}")));
        }
        let rate = options.time.then(|| options.sample_rate.ok_or_else(|| Error::argument("time needs sampleRate")));
        let rate = rate.transpose()?;
        let mut names: Vec<String> = options.channels.iter().map(|channel| channel.label.clone()).collect();
        if rate.is_some() {
            if names.is_empty() {
                names = (1..=channels).map(|i| format!("channel {i}")).collect();
            }
            names.insert(0, "time (s)".to_owned());
        }
        let cells: Vec<String> = names.iter().map(|name| quote(name, delimiter)).collect();
        let has_names = names.iter().any(|name| !name.is_empty());
        let header = has_names.then(|| cells.join(&delimiter.to_string()) + "\n");
        Ok(Self { channels, header, delimiter, decimal, is_double, rate, frames: 0 })
    }

    fn number(&self, value: f64, out: &mut String) {
        let begin = out.len();
        // The shortest decimal that reads back as the same number.
        let _ = match (value.is_finite(), self.is_double) {
            (false, _) if value.is_nan() => write!(out, "NaN"),
            (false, _) => write!(out, "{}Infinity", if value < 0.0 { "-" } else { "" }),
            (true, true) => short(out, value.abs(), value, &value),
            (true, false) => short(out, value.abs(), value, &(value as f32)),
        };
        if self.decimal == ',' && value.is_finite() {
            let text = out.split_off(begin).replace('.', ",");
            out.push_str(&text);
        }
    }
}

/// Writes a number, with an exponent where it is very large or small.
fn short(
    out: &mut String,
    size: f64,
    value: f64,
    number: &(impl std::fmt::Display + std::fmt::LowerExp),
) -> std::fmt::Result {
    match value != 0.0 && !(1e-6..1e21).contains(&size) {
        true => write!(out, "{number:e}"),
        false => write!(out, "{number}"),
    }
}

/// Returns a name in quotes where a reader would take it for something else.
fn quote(name: &str, delimiter: char) -> String {
    let special = |c: char| c == delimiter || "\",;\t|\r\n".contains(c);
    let is_risky = name.contains(special)
        || name.starts_with(['#', '%', '\''])
        || name.trim() != name
        || name.trim().parse::<f64>().is_ok();
    if is_risky { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

impl Sink for CsvSink {
    fn write(&mut self, out: &mut Out, samples: &[f64]) -> Result<()> {
        let mut text = self.header.take().unwrap_or_default();
        for frame in samples.chunks_exact(self.channels) {
            if let Some(rate) = self.rate {
                let mut time = String::new();
                let _ = write!(time, "{}", self.frames as f64 / rate);
                text.push_str(&if self.decimal == ',' { time.replace('.', ",") } else { time });
                text.push(self.delimiter);
            }
            for (i, &value) in frame.iter().enumerate() {
                if i > 0 {
                    text.push(self.delimiter);
                }
                self.number(value, &mut text);
            }
            text.push('\n');
            self.frames += 1;
        }
        out.write(text.as_bytes())
    }

    fn finish(&mut self, out: &mut Out) -> Result<()> {
        let text = self.header.take().unwrap_or_default();
        out.write(text.as_bytes())
    }
}
