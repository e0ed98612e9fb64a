//! Savitzky-Golay filter: least-squares polynomial over the last `windowLength` samples of each channel, evaluated (or
//! differentiated) in the middle of the window.
//!
//! Delay (windowLength − 1)/2 samples. The input before the first sample is taken to equal it.
//! `scipy.signal.savgol_filter` gives the same numbers without the delay.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::kernels::fir::direct;
use crate::limits::{ensure_memory, filled};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::smooth::savgol::Savgol;
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `SavgolFilter`.
    pub struct SavgolFilterParams {
        /// Samples in the window: an odd number up to 4095.
        pub window_length: usize = integer().at_least(1.0),
        /// Order of the polynomial, below `windowLength` and at most 30.
        pub poly_order: usize = integer().at_least(0.0),
        /// Order of the derivative; 0 is the smoothed signal.
        pub derivative: usize = integer().at_least(0.0).or(0.0).spelled("deriv"),
        /// Distance of the samples, for derivatives; not 0.
        pub delta: f64 = number().or(1.0),
    }
}

impl SavgolFilterParams {
    /// Returns the parameters for smoothing by a polynomial of order `poly_order` over `window_length` samples.
    pub const fn smoothing(window_length: usize, poly_order: usize) -> Self {
        Self { window_length, poly_order, derivative: 0, delta: 1.0 }
    }
}

/// The taps, and the last samples of each channel.
#[derive(Debug, Clone)]
pub struct SavgolFilter {
    params: SavgolFilterParams,
    taps: Vec<f64>,
    /// The last windowLength − 1 samples of each channel; none before the first sample.
    channels: Vec<Vec<f32>>,
    line: Vec<f64>,
}

impl Define for SavgolFilter {
    type Params = SavgolFilterParams;
    const TYPES: &'static [&'static str] = &["savgolFilter"];
    const METHOD: &'static str = "SavgolFilter";
    const DOC: &'static str = "Savitzky-Golay smoothing or differentiation, (windowLength − 1)/2 samples late.\n\
        @throws RangeError if `windowLength` is even or above 4095, `polyOrder` too high, or `delta` 0";

    fn new(params: &SavgolFilterParams) -> Result<Self> {
        let SavgolFilterParams { window_length, poly_order, derivative, delta } = *params;
        let filter = Savgol::new(window_length, poly_order, derivative, delta)
            .map_err(|error| Error::range(format!("SavgolFilter: {error}")))?;
        Ok(Self { params: params.clone(), taps: filter.taps(), channels: vec![], line: vec![] })
    }

    fn label(&self, params: &SavgolFilterParams) -> String {
        format!("savgolFilter:{}:{}:{}", params.window_length, params.poly_order, params.derivative)
    }

    fn examples() -> Vec<Value> {
        let smoothing = SavgolFilterParams::smoothing;
        let slope = SavgolFilterParams { derivative: 1, delta: 0.004, ..smoothing(9, 3) };
        [smoothing(7, 2), smoothing(1, 0), slope].iter().map(Parameters::to_value).collect()
    }
}

impl Stage for SavgolFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.channels.len() != block.channels() {
            self.channels = filled(vec![], block.channels())?;
        }
        if block.is_empty() {
            return Ok(());
        }
        let Self { params, taps, channels, line } = self;
        let memory = params.window_length - 1;
        ensure_memory(channels.len(), memory * size_of::<f32>())?;
        block.each_channel(|c, samples| {
            let past = &mut channels[c];
            if past.is_empty() {
                past.resize(memory, samples[0]);
            }
            line.clear();
            line.extend(past.iter().chain(samples.iter()).map(|&x| f64::from(x)));
            direct(taps, line, samples);
            let last = &line[line.len() - memory..];
            past.iter_mut().zip(last).for_each(|(past, &x)| *past = x as f32);
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.iter_mut().for_each(Vec::clear);
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let ours = &self.params;
        let found = SavgolFilterParams {
            window_length: archive.count("windowLength", ours.window_length)?,
            poly_order: archive.count("polyOrder", ours.poly_order)?,
            derivative: archive.count("deriv", ours.derivative)?,
            delta: archive.f64("delta", ours.delta)?,
        };
        if found != *ours {
            return Err(Error::failed("SavgolFilter: parameter mismatch"));
        }
        let memory = ours.window_length - 1;
        archive.channels(&mut self.channels, Vec::new, |past, archive| {
            archive.sample_list("buffer", past)?;
            if past.is_empty() || past.len() == memory {
                return Ok(());
            }
            Err(Error::failed(format!("SavgolFilter: a buffer of {} samples where {memory} belong", past.len())))
        })
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        (self.params.window_length - 1) as f64 / 2.0
    }

    fn tail(&self, _: u64) -> usize {
        let has_begun = self.channels.iter().any(|past| !past.is_empty());
        if has_begun { self.params.window_length / 2 } else { 0 }
    }

    fn channels(&self) -> usize {
        self.channels.len()
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.params.window_length as f64 / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::smooth::savgol::Ends;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn equals_the_centred_filter_but_later() {
        let input: Vec<f32> = (0..60).map(|i| ((i * i) % 23) as f32).collect();
        let centred = Savgol::new(7, 2, 1, 0.5).unwrap().filter(&input, Ends::Fit).unwrap();
        let parameters = json!({ "windowLength": 7, "polyOrder": 2, "deriv": 1, "delta": 0.5 });
        let out = run(&mut make::<SavgolFilter>(&parameters), &input, 1);
        assert_eq!(out[6..], centred[3..57]);
    }

    #[test]
    fn a_constant_passes_from_the_first_sample_on() {
        let mut stage = make::<SavgolFilter>(&json!({ "windowLength": 5, "polyOrder": 2 }));
        assert!(run(&mut stage, &[3.0; 4], 1).iter().all(|y| (y - 3.0).abs() < 1e-6));
    }

    #[test]
    fn parameters_are_checked() {
        let negative = json!({ "windowLength": 5, "polyOrder": -1 });
        for bad in [json!({ "polyOrder": 1 }), json!({ "windowLength": 5 }), negative] {
            assert!(matches!(try_make::<SavgolFilter>(&bad), Err(Error::Type(_))));
        }
        for bad in [json!({ "windowLength": 4, "polyOrder": 1 }), json!({ "windowLength": 5, "polyOrder": 5 })] {
            assert!(matches!(try_make::<SavgolFilter>(&bad), Err(Error::Range(_))));
        }
    }
}
