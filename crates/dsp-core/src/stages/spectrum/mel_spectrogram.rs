//! Weighted sums of bins: `out[band] = Σ_bin W[band][bin]·in[bin]` for every frame of `numBins` numbers of each
//! channel.
//!
//! The caller provides the filter bank; nothing is normalised. There is no state but for events. librosa:
//! `filters.mel(…) @ S`.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::dot::{dot, sum_of_squares};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::common::LENGTH;
use crate::stages::spectrum::framed::{FRAME, Frames, LastFrame};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::Texts;

crate::params! {
    /// Parameters of `melSpectrogram`.
    pub struct MelSpectrogramParams {
        /// Weights, row after row: `numMelBands` rows of `numBins`; for one, see `melFilterBank`. Copied.
        pub filterbank_matrix: Vec<f32> = float32_array(),
        /// Numbers in a frame: bins of a magnitude or power spectrum.
        pub num_bins: usize = LENGTH,
        /// Number of output bands of a frame.
        pub num_mel_bands: usize = LENGTH,
        /// Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded
        /// with zeros.
        pub last_frame: LastFrame = one_of(LastFrame::TEXTS).or_first(),
    }
}

/// A filter bank.
#[derive(Debug, Clone)]
pub struct MelSpectrogram {
    bins: usize,
    bands: usize,
    weights: Vec<f32>,
    /// Range of the weights of each band from the first to the last one that is not 0.
    spans: Vec<std::ops::Range<usize>>,
    frames: Frames,
}

impl MelSpectrogram {
    fn with(weights: Vec<f32>, bins: usize, bands: usize, last: LastFrame) -> Self {
        let span = |row: &[f32]| {
            let from = row.iter().position(|&w| w != 0.0).unwrap_or(0);
            from..row.iter().rposition(|&w| w != 0.0).map_or(from, |last| last + 1)
        };
        let spans = weights.chunks_exact(bins).map(span).collect();
        Self { bins, bands, weights, spans, frames: Frames::new(bins, bands, last) }
    }
}

impl Define for MelSpectrogram {
    type Params = MelSpectrogramParams;
    const TYPES: &'static [&'static str] = &["melSpectrogram"];
    const METHOD: &'static str = "melSpectrogram";
    const LABEL: &'static str = "MelSpectrogram";
    const EVENTS: &'static [&'static EventKind] = &[&FRAME];
    const DOC: &'static str = "Weighted sums of the bins of every frame: `out[band] = Σ_bin W[band][bin]·in[bin]`; changes the\n\
        length.\n\
        @throws RangeError if the matrix has another size than `numMelBands × numBins`";

    fn new(params: &MelSpectrogramParams) -> Result<Self> {
        let MelSpectrogramParams { filterbank_matrix: weights, num_bins: bins, num_mel_bands: bands, last_frame } =
            params;
        if bins.checked_mul(*bands) != Some(weights.len()) {
            return Err(Error::range(format!(
                "MelSpectrogram: filterbankMatrix length ({}) must equal numMelBands × numBins ({bands} × {bins})",
                weights.len()
            )));
        }
        Ok(Self::with(weights.clone(), *bins, *bands, *last_frame))
    }

    fn label(&self, _: &MelSpectrogramParams) -> String {
        format!("melSpectrogram:{}bins→{}mels", self.bins, self.bands)
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let params = MelSpectrogramParams {
            filterbank_matrix: json::entries(state, "filterbank")?,
            num_bins: json::count(state, "numBins")?,
            num_mel_bands: json::count(state, "numMelBands")?,
            last_frame: state.get("lastFrame").and_then(Json::as_str).and_then(LastFrame::of).unwrap_or_default(),
        };
        params.check(Self::LABEL)?;
        Self::new(&params)
    }

    fn examples() -> Vec<Value> {
        let filterbank_matrix = vec![1.0, 0.0, 2.0, 0.0, 3.0, 0.0, 0.5, 0.0];
        let last_frame = LastFrame::Drop;
        let dropping = MelSpectrogramParams { filterbank_matrix, num_bins: 4, num_mel_bands: 2, last_frame };
        let padding = MelSpectrogramParams { last_frame: LastFrame::Pad, ..dropping.clone() };
        vec![dropping.to_value(), padding.to_value()]
    }

    fn traits(_: &MelSpectrogramParams) -> Traits {
        Traits { events: true, ..Traits::BATCH }
    }
}

impl Stage for MelSpectrogram {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { weights, spans, bins, frames, .. } = self;
        let bins = *bins;
        frames.map(block, |frame, out| {
            // A weight of 0 times NaN or infinity is NaN: only finite frames may be cut to the weights that are not 0.
            let finite = sum_of_squares(frame).is_finite();
            for ((row, span), out) in weights.chunks_exact(bins).zip(&*spans).zip(out) {
                let span = if finite { span.clone() } else { 0..bins };
                *out = dot(&row[span.clone()], &frame[span]) as f32;
            }
        })
    }

    fn reset(&mut self) {
        self.frames.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let mismatch = || Error::failed("MelSpectrogram: Dimension mismatch during deserialization");
        let found = (archive.count("numBins", self.bins)?, archive.count("numMelBands", self.bands)?);
        if found != (self.bins, self.bands) {
            return Err(mismatch());
        }
        let count = self.weights.len();
        archive.entries("filterbank", &mut self.weights)?;
        if self.weights.len() != count {
            return Err(mismatch());
        }
        if archive.is_loading() {
            *self = Self::with(std::mem::take(&mut self.weights), self.bins, self.bands, self.frames.last());
        }
        self.frames.state(archive)
    }

    fn end(&mut self) {
        self.frames.end();
    }

    fn tail(&self, _: u64) -> usize {
        self.frames.tail()
    }

    fn channels(&self) -> usize {
        self.frames.channels()
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
    use serde_json::json;

    fn stage(weights: &[f32], bins: f64, bands: f64) -> Result<MelSpectrogram> {
        let entry = |key: &str, value: Value| (key.to_owned(), value);
        let params = Value::Object(vec![
            entry("filterbankMatrix", Value::F32(weights.to_vec())),
            entry("numBins", Value::Number(bins)),
            entry("numMelBands", Value::Number(bands)),
        ]);
        MelSpectrogram::new(&MelSpectrogramParams::read("MelSpectrogram", &params)?)
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
