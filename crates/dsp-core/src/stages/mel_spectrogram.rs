//! Weighted sums of bins: `out[band] = Σ_bin W[band][bin]·in[bin]` for every frame of `numBins` numbers of each channel.
//!
//! The caller gives the filter bank; nothing is normalised. Nothing is kept from call to call.

use serde_json::{Value as Json, json};

use super::framed::{length, map_frames};
use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::dot::{dot, sum_of_squares};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct MelSpectrogram {
    bins: usize,
    bands: usize,
    weights: Vec<f32>,
    /// First and last weight of each band that is not 0.
    spans: Vec<std::ops::Range<usize>>,
}

impl MelSpectrogram {
    fn with(weights: Vec<f32>, bins: usize, bands: usize) -> Self {
        let span = |row: &[f32]| {
            let from = row.iter().position(|&w| w != 0.0).unwrap_or(0);
            from..row.iter().rposition(|&w| w != 0.0).map_or(from, |last| last + 1)
        };
        let spans = weights.chunks_exact(bins).map(span).collect();
        Self { bins, bands, weights, spans }
    }

    fn replace(&mut self, bins: usize, bands: usize, weights: Vec<f32>) -> Result<()> {
        if (bins, bands, weights.len()) != (self.bins, self.bands, self.weights.len()) {
            return Err(Error::failed("MelSpectrogram: Dimension mismatch during deserialization"));
        }
        *self = Self::with(weights, bins, bands);
        Ok(())
    }
}

impl Define for MelSpectrogram {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["melSpectrogram"];
    const METHOD: &'static str = "melSpectrogram";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `melSpectrogram`. */
export interface MelSpectrogramParams {
  /** Weights, row after row: `numMelBands` rows of `numBins`; for one, see `melFilterBank`. Copied. */
  filterbankMatrix: Float32Array;
  /** Numbers in a frame: bins of a magnitude or power spectrum. */
  numBins: number;
  /** Bands that come out of a frame. */
  numMelBands: number;
}
method {
  /**
   * Weighted sums of the bins of every frame; changes the length.
   * @throws TypeError for parameters outside their ranges, RangeError if the matrix has another size
   */
  melSpectrogram(params: MelSpectrogramParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let Value::F32(weights) = p.get("filterbankMatrix") else {
            return Err(Error::type_error("MelSpectrogram: filterbankMatrix must be a Float32Array"));
        };
        let bins = length(p, "MelSpectrogram", "numBins")?;
        let bands = length(p, "MelSpectrogram", "numMelBands")?;
        if bins.checked_mul(bands) != Some(weights.len()) {
            return Err(Error::range(format!(
                "MelSpectrogram: filterbankMatrix length ({}) must equal numMelBands × numBins ({bands} × {bins})",
                weights.len()
            )));
        }
        Ok(Self::with(weights.clone(), bins, bands))
    }

    fn label(&self, _: &Params) -> String {
        format!("melSpectrogram:{}bins→{}mels", self.bins, self.bands)
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let key = |key: &str| Value::from(state.get(key).unwrap_or(&Json::Null));
        Self::new(&Params::new(Value::Object(vec![
            ("filterbankMatrix".into(), Value::F32(json::samples(state, "filterbank")?)),
            ("numBins".into(), key("numBins")),
            ("numMelBands".into(), key("numMelBands")),
        ])))
    }
}

impl Stage for MelSpectrogram {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (weights, spans, bins) = (&self.weights, &self.spans, self.bins);
        map_frames(block, bins, self.bands, |frame, out| {
            // A weight of 0 times NaN or infinity is NaN: only finite frames may be cut to the weights that are not 0.
            let finite = sum_of_squares(frame).is_finite();
            for ((row, span), out) in weights.chunks_exact(bins).zip(spans).zip(out) {
                let span = if finite { span.clone() } else { 0..bins };
                *out = dot(&row[span.clone()], &frame[span]) as f32;
            }
        })
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        let filterbank = json::nums(self.weights.iter().copied());
        Ok(json!({ "numBins": self.bins, "numMelBands": self.bands, "filterbank": filterbank }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (bins, bands) = (json::count(state, "numBins")?, json::count(state, "numMelBands")?);
        self.replace(bins, bands, json::samples(state, "filterbank")?)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.bins)?;
        out.int(self.bands)?;
        self.weights.iter().for_each(|&w| out.f32(w));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let (bins, bands) = (input.count()?, input.count()?);
        if (bins, bands) != (self.bins, self.bands) {
            return self.replace(bins, bands, vec![]);
        }
        let weights = (0..self.weights.len()).map(|_| input.f32()).collect::<Result<_>>()?;
        self.replace(bins, bands, weights)
    }

    fn cost_hint(&self) -> f64 {
        let used: usize = self.spans.iter().map(ExactSizeIterator::len).sum();
        1.0 + used as f64 / self.bins as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::run;

    fn stage(weights: &[f32], bins: f64, bands: f64) -> Result<MelSpectrogram> {
        let entry = |key: &str, value: Value| (key.to_owned(), value);
        MelSpectrogram::new(&Params::new(Value::Object(vec![
            entry("filterbankMatrix", Value::F32(weights.to_vec())),
            entry("numBins", Value::Number(bins)),
            entry("numMelBands", Value::Number(bands)),
        ])))
    }

    #[test]
    fn bands_are_weighted_sums_per_channel() {
        let mut mel = stage(&[1.0, 2.0, 0.0, 0.0, 0.0, 3.0], 3.0, 2.0).unwrap();
        assert_eq!(run(&mut mel, &[1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 9.0, 9.0], 2), [5.0, 50.0, 9.0, 90.0]);
    }

    #[test]
    fn a_zero_weight_times_nan_is_nan() {
        let mut mel = stage(&[1.0, 0.0], 2.0, 1.0).unwrap();
        let out = run(&mut mel, &[1.0, f32::NAN, 1.0, f32::INFINITY, 1.0, 2.0], 1);
        assert!(out[0].is_nan() && out[1].is_nan() && out[2] == 1.0);
    }

    #[test]
    fn sizes_must_fit() {
        assert!(matches!(stage(&[1.0; 5], 3.0, 2.0), Err(Error::Range(_))));
        assert!(matches!(stage(&[1.0; 6], 3.5, 2.0), Err(Error::Type(_))));
        let mut mel = stage(&[1.0; 6], 3.0, 2.0).unwrap();
        let state = json!({ "numBins": 3, "numMelBands": 2, "filterbank": [1, 2, 3, 4, 5] });
        assert!(mel.load(&state).unwrap_err().to_string().contains("Dimension mismatch"));
    }
}
