//! The low-pass filters of `Interpolate`, `Decimate` and `Resample`: the caller's choice, and that of a saved state.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::params::{Field, one_of};
use crate::signal::resample::resampler::{MAX_TAPS, Plan};
use crate::signal::resample::taps::{Quality, hamming_taps, normalise_phases, prototype_length, scale_to_sum};
use crate::state::archive::Archive;
use crate::text::{Texts, js_number};

/// Number of taps of dspx's filters by default.
const DSPX_ORDER: usize = 51;

/// Largest factor for which [`DSPX_ORDER`] is used; beyond it most phases of an interpolator would have no tap.
const MAX_DSPX_FACTOR: u64 = 13;

/// Taps per input sample of one output when the rate is lowered, as in `scipy.signal.decimate(ftype='fir')`; a tone at
/// 0.9 of the new rate is then attenuated by 58 to 64 dB.
const TAPS_PER_FACTOR: f64 = 20.0;

crate::texts! {
    /// The low-pass of a resampler.
    pub enum Lowpass {
        /// A Hamming window whose length follows from the ratio, with unit gain in every phase.
        Standard = "standard",
        /// The filter of dspx: a Hamming window whose phases differ in gain; 51 taps in a decimator.
        Dspx = "dspx",
        /// The filter of [`Quality::High`].
        High = "high",
        /// The filter of [`Quality::Max`].
        Max = "max",
        /// The filter of [`Quality::Voice`].
        Voice = "voice",
    }
}

impl Lowpass {
    /// Returns the sharp design; `None` for Hamming windows.
    pub fn sharp(self) -> Option<Quality> {
        match self {
            Self::Standard | Self::Dspx => None,
            Self::High => Some(Quality::High),
            Self::Max => Some(Quality::Max),
            Self::Voice => Some(Quality::Voice),
        }
    }
}

/// The parameter `quality`.
pub const QUALITY: Field =
    one_of(Lowpass::TEXTS).optional_as("`\"standard\"`; a loaded state of dspx goes on with `\"dspx\"`");

/// The change of the rate, on which the design of dspx's filters depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// `Decimate`: 51 taps for any factor, unit gain.
    Decimate,
    /// `Interpolate` and `Resample`: more taps for large factors, phases of unequal gain.
    Resample,
}

/// A filter, with the caller's choice.
#[derive(Debug, Clone)]
pub struct Filter {
    method: &'static str,
    usage: Use,
    up: u64,
    down: u64,
    given_order: Option<usize>,
    given_quality: Option<Lowpass>,
    quality: Lowpass,
    order: usize,
}

impl Filter {
    /// Returns whether it is the filter of dspx.
    pub fn is_dspx(&self) -> bool {
        self.quality == Lowpass::Dspx
    }

    /// Returns the filter for the reduced ratio `up / down`, with its plan.
    ///
    /// # Errors
    /// `TypeError` if an order is given with a sharp filter; `RangeError` if the filter would be too long.
    pub fn new(
        (method, usage): (&'static str, Use),
        (up, down): (u64, u64),
        given_order: Option<usize>,
        given_quality: Option<Lowpass>,
    ) -> Result<(Self, Plan)> {
        let quality = given_quality.unwrap_or(Lowpass::Standard);
        let mut filter = Self { method, usage, up, down, given_order, given_quality, quality, order: 0 };
        let plan = filter.design(quality)?;
        Ok((filter, plan))
    }

    /// Returns the number of taps, all phases together.
    pub fn order(&self) -> usize {
        self.order
    }

    fn design(&mut self, quality: Lowpass) -> Result<Plan> {
        let (up, down) = (self.up, self.down);
        if let Some(sharp) = quality.sharp() {
            if let Some(order) = self.given_order {
                let (method, name) = (self.method, quality.text());
                let text = format!("{method}: order must be left out with quality '{name}', got {order}");
                return Err(Error::type_error(text));
            }
            let length = prototype_length(sharp, up, down);
            check_taps(self.method, length, up)?;
            (self.quality, self.order) = (quality, length as usize);
            return Ok(Plan::exact(sharp, up, down));
        }
        let order = self.given_order.map_or_else(|| self.default_order(quality), |order| order as f64);
        check_taps(self.method, order, up)?;
        (self.quality, self.order) = (quality, order as usize);
        // Half of the lower rate: min(L, M)/(2LM).
        let mut taps = hamming_taps(self.order, 0.5 / up.max(down) as f64);
        match (quality, self.usage) {
            (Lowpass::Dspx, Use::Resample) => taps.iter_mut().for_each(|h| *h *= up as f64),
            (Lowpass::Dspx, Use::Decimate) => scale_to_sum(&mut taps, 1.0),
            _ => {
                taps.iter_mut().for_each(|h| *h *= up as f64);
                normalise_phases(&mut taps, up as usize);
            }
        }
        Ok(Plan::new(up, down, &taps, self.order))
    }

    /// Returns the default number of taps: for dspx 51, but in interpolators for large ratios enough for ten in each
    /// phase.
    fn default_order(&self, quality: Lowpass) -> f64 {
        let largest = self.up.max(self.down);
        if quality == Lowpass::Standard && self.down > self.up {
            return TAPS_PER_FACTOR * largest as f64 + 1.0;
        }
        let is_short = largest <= MAX_DSPX_FACTOR || self.usage == Use::Decimate;
        if is_short { DSPX_ORDER as f64 } else { 10.0 * largest as f64 + 1.0 }
    }

    /// Walks the name of the filter, which JSON states have unless it is dspx's.
    fn name_field(&self, archive: &mut Archive<'_>) -> Result<Lowpass> {
        if !archive.optional("quality", self.quality != Lowpass::Dspx) {
            return Ok(Lowpass::Dspx);
        }
        archive.named("quality", self.quality, "quality")
    }

    /// The number in TOON states instead of the name: a mark for [`Lowpass::Standard`]; sharp filters are known by their order.
    pub fn mark(&self) -> f64 {
        if self.quality == Lowpass::Standard { 1.0 } else { 0.0 }
    }

    /// Walks what a state holds of the filter besides its order, `order`: its name, or in TOON the `mark`. If the
    /// caller left the choice open, the state may be that of dspx's filter or of the default: then the plan of that
    /// filter is returned, and the stream continues with it.
    ///
    /// # Errors
    /// Reading: the state belongs to a filter that the caller did not choose.
    pub fn state(&mut self, archive: &mut Archive<'_>, order: usize, mark: f64) -> Result<Option<Plan>> {
        let quality = match archive.is_json() {
            true => self.name_field(archive)?,
            false if mark != 0.0 => Lowpass::Standard,
            false if self.quality.sharp().is_some() => self.quality,
            false => Lowpass::Dspx,
        };
        if !archive.is_loading() || (quality, order) == (self.quality, self.order) {
            return Ok(None);
        }
        if self.given_quality.is_none() && quality.sharp().is_none() {
            let mut other = self.clone();
            let plan = other.design(quality)?;
            if other.order == order {
                *self = other;
                return Ok(Some(plan));
            }
        }
        Err(Error::mismatch(self.method, if order == self.order { "quality" } else { "parameter" }))
    }
}

/// A state as parameters: one without a name of its filter is of dspx's, and the order of a sharp filter is what came out,
/// not what was given.
pub fn as_params(state: &Json) -> Json {
    let mut state = state.clone();
    if let Some(keys) = state.as_object_mut() {
        let quality = keys.entry("quality").or_insert_with(|| Lowpass::Dspx.text().into());
        if quality.as_str().and_then(Lowpass::of).and_then(Lowpass::sharp).is_some() {
            keys.remove("order");
        }
    }
    state
}

/// A `RangeError` for filters that are too long.
fn check_taps(method: &str, taps: f64, phases: u64) -> Result<()> {
    if taps <= MAX_TAPS as f64 {
        // The taps, and their copies in phases, which are filled up to whole vectors.
        ensure_memory(taps as usize, 4 * size_of::<f64>())?;
        return ensure_memory(phases.min(taps as u64) as usize, 16 * size_of::<f64>());
    }
    Err(Error::range(format!(
        "{method}: a filter of {} taps is too long, at most {MAX_TAPS} are possible",
        js_number(taps)
    )))
}
