//! The coefficients of the stage `filter`: the running filter that has them, and their layouts in saved states.
//!
//! `b` and `a` of the whole filter, in JSON with the rows of its sections beside them; TOON has the sections instead.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::signal::filter::design::zpk::Row;
use crate::signal::filter::run::fir::Fir;
use crate::signal::filter::run::iir::{Iir, same_bits};
use crate::state::archive::Archive;
use crate::state::json;

/// Largest order of a direct form in a state.
pub const MAX_DIRECT_ORDER: usize = 4096;
/// Returns the `Error` with this text.
pub fn failed<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::failed(message))
}

/// A running filter of one design.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One sum over the taps for each channel.
    Fir(Fir),
    /// A cascade of sections or a direct form for each channel.
    Iir(Iir),
}

impl Kind {
    /// Returns whether it has no feedback.
    pub fn is_fir(&self) -> bool {
        matches!(self, Self::Fir(_))
    }

    /// Returns whether both run with the same coefficients, bit by bit.
    pub fn has_coefficients_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fir(ours), Self::Fir(theirs)) => same_bits(ours.taps(), theirs.taps()),
            (Self::Iir(ours), Self::Iir(theirs)) => ours.has_coefficients_of(theirs),
            _ => false,
        }
    }

    /// Returns the group delay at `frequency`, in cycles per sample, or the nominal delay, in samples.
    pub fn latency(&self, frequency: Option<f64>) -> f64 {
        match self {
            Self::Fir(fir) => fir.latency(frequency),
            Self::Iir(iir) => iir.latency(frequency),
        }
    }

    /// Gives the filter `count` channels with empty histories where there were none.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn set_channels(&mut self, count: usize) -> Result<()> {
        match self {
            Self::Fir(fir) => fir.set_channels(count),
            Self::Iir(iir) => iir.set_channels(count),
        }
    }
}

/// The coefficients of a saved state.
#[derive(Debug, Default)]
pub struct Saved {
    /// Of the input.
    pub b: Vec<f64>,
    /// Of the output, without a0.
    pub a: Vec<f64>,
    /// Of a cascade.
    pub rows: Option<Vec<Row>>,
    /// Whether the histories are those of the original's TOON, in single precision.
    pub is_single: bool,
}

impl Kind {
    /// Returns `b` and `a` of the whole filter; `[1]` for the `a` of an FIR filter.
    fn polynomials(&self) -> (&[f64], &[f64]) {
        match self {
            Self::Fir(fir) => (fir.taps(), &[1.0]),
            Self::Iir(iir) => (iir.b(), iir.a()),
        }
    }

    /// Walks the coefficients in JSON; returns those of a state that is loaded.
    ///
    /// # Errors
    /// `Error` if the state has others than a filter can have.
    pub fn json_coefficients(&self, archive: &mut Archive<'_>) -> Result<Option<Saved>> {
        archive.constant("filterType", if self.is_fir() { "fir" } else { "iir" });
        let (b, a) = self.polynomials();
        let (b, a) = (archive.doubles("bCoeffs", b)?, archive.doubles("aCoeffs", a)?);
        if let Self::Iir(iir) = self
            && let Some(rows) = iir.sos()
        {
            let rows: Vec<Json> = rows.iter().map(|row| json::nums(row.iter().copied())).collect();
            archive.constant("sos", rows);
        }
        let Some((b, a)) = b.zip(a) else { return Ok(None) };
        let rows = archive.json_in().map_or(Ok(None), rows_from)?;
        Ok(Some(Saved { b, a, rows, is_single: false }))
    }

    /// [`Self::json_coefficients`] in TOON.
    ///
    /// # Errors
    /// As there; if the state is of another type of filter.
    pub fn toon_coefficients(&self, archive: &mut Archive<'_>) -> Result<Option<Saved>> {
        let name = archive.text("filterType", if self.is_fir() { "fir" } else { "iir64" })?;
        let is_fir = match name.as_str() {
            "fir" => true,
            "iir" | "iir64" => false,
            other => return failed(format!("filter type mismatch: {other} is no filter type")),
        };
        if is_fir != self.is_fir() {
            return failed("filter type mismatch between stage and state");
        }
        if name == "iir64" {
            return self.toon_sections(archive);
        }
        let (b, a) = self.polynomials();
        let (b, a) = (archive.doubles("bCoeffs", b)?, archive.doubles("aCoeffs", a)?);
        Ok(b.zip(a).map(|(b, a)| Saved { b, a, rows: None, is_single: !is_fir }))
    }

    fn toon_sections(&self, archive: &mut Archive<'_>) -> Result<Option<Saved>> {
        let Self::Iir(iir) = self else { return failed("filter type mismatch between stage and state") };
        let mut sections: Vec<(Vec<f64>, Vec<f64>)> = match iir.sos() {
            Some(rows) => rows.iter().map(|row| (row[..3].to_vec(), row[4..].to_vec())).collect(),
            None => vec![(iir.b().to_vec(), iir.a().to_vec())],
        };
        archive.items("sections", &mut sections, Default::default, |(b, a), archive| {
            *b = archive.doubles("b", b)?.unwrap_or_default();
            *a = archive.doubles("a", a)?.unwrap_or_default();
            Ok(())
        })?;
        if !archive.is_loading() {
            return Ok(None);
        }
        match &mut sections[..] {
            [] => failed("a filter of no sections: the size of the state is wrong"),
            [(b, a)] => Ok(Some(Saved { b: std::mem::take(b), a: std::mem::take(a), ..Saved::default() })),
            rows => {
                let rows = rows.iter().map(to_row).collect::<Result<_>>()?;
                Ok(Some(Saved { b: vec![1.0], a: vec![], rows: Some(rows), is_single: false }))
            }
        }
    }
}

/// Returns the rows of a JSON list of lists, if there is one.
///
/// # Errors
/// If it holds anything else.
fn rows_from(state: &Json) -> Result<Option<Vec<Row>>> {
    if state.get("sos").is_none() {
        return Ok(None);
    }
    let row = |row: &Json| {
        let numbers: Option<Vec<f64>> = row.as_array().and_then(|r| r.iter().map(json::as_num).collect());
        let row: Option<Row> = numbers.and_then(|r| r.try_into().ok());
        row.filter(|r| r[3] == 1.0).ok_or_else(|| Error::failed("'sos' rows must be six numbers with a0 = 1"))
    };
    let rows: Vec<Row> = json::list(state, "sos")?.iter().map(row).collect::<Result<_>>()?;
    if rows.is_empty() || rows.len() > MAX_DIRECT_ORDER {
        return failed("'sos' has the wrong size");
    }
    Ok(Some(rows))
}

fn to_row((b, a): &(Vec<f64>, Vec<f64>)) -> Result<Row> {
    match (&b[..], &a[..]) {
        (&[b0, b1, b2], &[a1, a2]) => Ok([b0, b1, b2, 1.0, a1, a2]),
        _ => failed("section size mismatch: a cascade has three b's and two a's in each"),
    }
}
