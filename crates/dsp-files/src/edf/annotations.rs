//! Time-stamped annotation lists of EDF+ and BDF+: `+onset [21 duration] 20 text 20 … 0`.

use crate::header::Annotation;
use crate::text::{field, quoted};
use crate::{Error, Result};

const END_OF_TEXT: u8 = 20;
const DURATION: u8 = 21;

/// The annotations of one data record.
#[derive(Default)]
pub struct Notes {
    /// Seconds from the file's start time to this record.
    pub record_onset: Option<f64>,
    /// With onsets from the file's start time.
    pub annotations: Vec<Annotation>,
}

impl Notes {
    /// Adds the annotations of one signal. The first list of a record tells when the record begins.
    pub fn parse(&mut self, bytes: &[u8], at: u64) -> Result<()> {
        let mut position = 0;
        for list in bytes.split(|&byte| byte == 0) {
            if !list.is_empty() {
                self.list(list, at + position as u64)?;
            }
            position += list.len() + 1;
        }
        Ok(())
    }

    fn list(&mut self, list: &[u8], at: u64) -> Result<()> {
        let mut parts = list.split(|&byte| byte == END_OF_TEXT);
        let times = parts.next().unwrap_or(&[]);
        let (onset, duration) = match times.iter().position(|&byte| byte == DURATION) {
            Some(mark) => (&times[..mark], Some(&times[mark + 1..])),
            None => (times, None),
        };
        let onset = seconds(onset, at)?;
        let duration = duration.filter(|text| !text.is_empty()).map(|text| seconds(text, at)).transpose()?;
        let mut texts: Vec<&[u8]> = parts.collect();
        // Behind the last mark nothing follows.
        if texts.last().is_some_and(|last| last.is_empty()) {
            texts.pop();
        }
        let mut texts = &texts[..];
        if self.record_onset.is_none() && texts.first().is_none_or(|text| text.is_empty()) {
            self.record_onset = Some(onset);
            texts = texts.get(1..).unwrap_or(&[]);
        }
        for text in texts {
            self.annotations.push(Annotation { onset, duration, text: field(text), ..Annotation::default() });
        }
        Ok(())
    }
}

fn seconds(bytes: &[u8], at: u64) -> Result<f64> {
    let text = field(bytes);
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| Error::damaged(at, format!("{} is no time of an annotation", quoted(&text))))
}
