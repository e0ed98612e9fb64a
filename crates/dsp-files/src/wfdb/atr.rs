//! Annotation files in the format of the MIT-BIH database.

use crate::header::Annotation;
use crate::input::Input;
use crate::limits::MAX_ANNOTATIONS;
use crate::text::field;
use crate::{Error, Result};

/// Symbols by code; codes without one have a number.
const SYMBOLS: [&str; 42] = [
    " ", "N", "L", "R", "a", "V", "F", "J", "A", "S", "E", "j", "/", "Q", "~", "15", "|", "17", "s", "T", "*", "D",
    "\"", "=", "p", "B", "^", "t", "+", "u", "?", "!", "[", "]", "e", "n", "@", "x", "f", "(", ")", "r",
];

const SKIP: u16 = 59;
const NUM: u16 = 60;
const SUB: u16 = 61;
const CHN: u16 = 62;
const AUX: u16 = 63;

/// A note that tells the unit of times, where it is not the sample.
const RESOLUTION: &str = "## time resolution: ";

/// Returns the annotations of a file, for a record with `sample_rate` Hz.
pub fn read(input: &mut Input, sample_rate: f64) -> Result<Vec<Annotation>> {
    let mut notes: Vec<Annotation> = Vec::new();
    let (mut rate, mut time, mut channel, mut at) = (sample_rate, 0i64, 0u32, 0u64);
    loop {
        let mut pair = [0; 2];
        match input.read_at(at, &mut pair)? {
            0 => break,
            1 => return Err(Error::damaged(at, "the file ends within an annotation")),
            _ => {}
        }
        at += 2;
        let word = u16::from_le_bytes(pair);
        let (code, value) = (word >> 10, word & 0x3ff);
        match code {
            0 if value == 0 => break,
            // No annotation: only the time goes on.
            0 => time = time.saturating_add(i64::from(value)),
            SKIP => {
                let mut words = [0; 4];
                input.exact_at(at, &mut words, "an annotation")?;
                at += 4;
                // High word first, each little-endian.
                let skip = i32::from_le_bytes([words[2], words[3], words[0], words[1]]);
                time = time.saturating_add(i64::from(skip));
            }
            NUM => {}
            SUB => {}
            CHN => {
                channel = u32::from(value);
                if let Some(last) = notes.last_mut() {
                    last.channel = Some(channel);
                }
            }
            AUX => {
                let mut text = vec![0; usize::from(value)];
                input.exact_at(at, &mut text, "the text of an annotation")?;
                at += u64::from(value) + u64::from(value % 2);
                let text = field(&text);
                if let Some(resolution) = text.strip_prefix(RESOLUTION) {
                    rate = resolution
                        .trim()
                        .parse()
                        .ok()
                        .filter(|rate| *rate > 0.0 && f64::is_finite(*rate))
                        .unwrap_or(rate);
                    notes.pop();
                } else if let Some(last) = notes.last_mut() {
                    last.aux = text;
                }
            }
            _ => {
                time = time.saturating_add(i64::from(value));
                let symbol =
                    SYMBOLS.get(usize::from(code)).map_or_else(|| code.to_string(), |&symbol| symbol.to_owned());
                let onset = time as f64 / rate;
                notes.push(Annotation { onset, text: symbol, channel: Some(channel), ..Annotation::default() });
                if notes.len() > MAX_ANNOTATIONS {
                    return Err(Error::damaged(at, format!("there are more than {MAX_ANNOTATIONS} annotations")));
                }
            }
        }
    }
    Ok(notes)
}
