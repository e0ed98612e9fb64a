//! Resampling by a ratio of whole numbers L/M.
//!
//! L − 1 zeros are inserted after every sample, a low-pass removes images and aliases, and every M-th value is kept,
//! counting from the start of the stream: `y[m] = u[mM]`, `u[nL+p] = Σ_q h[qL+p]·x[n−q]`, with L and M without common
//! divisor. Only the values that are kept are computed. n frames give ⌈nL/M⌉ in all. SciPy: `upfirdn(h, x, L, M)`.
//!
//! The low-pass is a sinc of `order` taps at L times the input rate, cutoff half the lower rate, under a Hamming window, times
//! L, each of its L phases scaled to the sum 1 (`quality: "dspx"`: not scaled). Or one of
//! the sharp filters: a stop band of 125 dB (`"high"`) or 140 dB (`"max"`), flat up to 0.45 of the lower rate; or of 90 dB,
//! half as long and flat up to 0.4 (`"voice"`); all with their full attenuation from 0.5 on. Latency: (taps − 1)/2 ticks of 1/L input sample.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::resample::ratio::gcd;
use crate::stages::resample::lowpass::{Filter, Lowpass, QUALITY, Use, as_params};
use crate::stages::resample::resampler::{ORDER, Resampler, SAMPLE_RATE};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Resample`.
    pub struct ResampleParams {
        /// Numerator of the ratio.
        pub up_factor: usize = integer().at_least(1.0),
        /// Denominator of the ratio.
        pub down_factor: usize = integer().at_least(1.0),
        /// Sample rate of the input in Hz. Kept in saved states; changes no sample.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of a Hamming window: odd.
        pub order: Option<usize> = ORDER.optional_as(
            "where the rate is lowered 20·max(up, down) + 1 of the reduced ratio, else (with quality `\"dspx\"` always) 51, and \
             10·max(up, down) + 1 where it has a term above 13",
        ),
        /// The low-pass. `"standard"`: a Hamming window of `order` taps, a constant stays constant. `"dspx"`: the same with
        /// ripple. `"high"`, `"max"`, `"voice"`: as long as it takes for 125, 140 and 90 dB of stop-band attenuation, flat
        /// up to 0.45 (`"voice"` 0.4) of the lower rate; these take no `order`.
        pub quality: Option<Lowpass> = QUALITY,
    }
}

/// A resampler by the reduced ratio, and the parameters for saved states.
#[derive(Debug, Clone)]
pub struct Resample {
    filter: Filter,
    sample_rate: f64,
    resampler: Resampler,
}

impl Resample {
    /// Returns numerator and denominator of the reduced ratio.
    fn terms(&self) -> (u64, u64) {
        (self.resampler.plan().up(), self.resampler.plan().down())
    }

    /// Returns the ticks so far modulo M, as they are saved.
    fn accumulator(&self) -> u64 {
        let (_, down) = self.terms();
        (down - self.resampler.next()) % down
    }

    /// Returns the position of the next output for saved accumulators, one per channel and all equal.
    ///
    /// # Errors
    /// If they differ or are out of range.
    fn next_from(&self, accumulators: &[usize]) -> Result<u64> {
        let (_, down) = self.terms();
        let first = accumulators.first().map_or(0, |first| *first as u64);
        if first >= down || accumulators.iter().any(|a| *a as u64 != first) {
            return Err(Error::failed(format!("'phaseAccumulators' must hold one integer in [0, {}]", down - 1)));
        }
        Ok((down - first) % down)
    }
}

impl Define for Resample {
    type Params = ResampleParams;
    const TYPES: &'static [&'static str] = &["resample"];
    const METHOD: &'static str = "Resample";
    const DOC: &'static str = "Changes the sample rate by upFactor/downFactor (reduced first). n input frames of a \
        stream give ⌈n·up/down⌉.\n@throws TypeError if `order` is given with a quality that takes none\n\
        @throws RangeError if the filter would be too long";

    fn new(params: &ResampleParams) -> Result<Self> {
        let &ResampleParams { up_factor, down_factor, sample_rate, order, quality } = params;
        let (up, down) = (up_factor as u64, down_factor as u64);
        let divisor = gcd(up.into(), down.into()) as u64;
        let (up, down) = (up / divisor, down / divisor);
        let (filter, plan) = Filter::new((Self::METHOD, Use::Resample), (up, down), order, quality)?;
        let resampler = Resampler::new(plan, sample_rate).with_times_of_dspx(filter.is_dspx());
        Ok(Self { filter, sample_rate, resampler })
    }

    fn label(&self, params: &ResampleParams) -> String {
        format!("resample:{}/{}", params.up_factor, params.down_factor)
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        Self::new(&ResampleParams::read(Self::LABEL, &Value::from(&as_params(state)))?)
    }

    fn examples() -> Vec<Value> {
        let by = |up_factor, down_factor, order, quality| {
            ResampleParams { up_factor, down_factor, sample_rate: 1000.0, order, quality }.to_value()
        };
        vec![
            by(3, 2, None, None),
            by(5, 7, None, Some(Lowpass::Standard)),
            by(5, 7, None, Some(Lowpass::Dspx)),
            by(20, 9, Some(31), Some(Lowpass::Dspx)),
            by(2, 3, None, Some(Lowpass::High)),
            by(1, 1, None, Some(Lowpass::Max)),
        ]
    }
}

impl Stage for Resample {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let (up, down) = self.terms();
        archive.constant("type", Self::TYPES[0]);
        let saved = (archive.count("upFactor", up as usize)?, archive.count("downFactor", down as usize)?);
        let order = archive.count("order", self.filter.order())?;
        if (saved.0 as u64, saved.1 as u64) != (up, down) {
            return Err(Error::mismatch(Self::METHOD, "parameter"));
        }
        archive.f64("sampleRate", self.sample_rate)?;
        let channels = archive.item_count(self.resampler.channels())?;
        // A number that the original does not use.
        archive.item_count(0)?;
        let lines = self.resampler.state(archive, channels)?;
        let accumulators = vec![self.accumulator() as usize; self.resampler.channels()];
        let accumulators = archive.counts("phaseAccumulators", &accumulators, channels)?;
        let mark = self.resampler.extras(archive, self.filter.mark())?;
        if let Some(plan) = self.filter.state(archive, order, mark)? {
            self.resampler.set_plan(plan);
        }
        match lines.zip(accumulators) {
            Some((lines, accumulators)) => self.resampler.restore(&lines, self.next_from(&accumulators)?),
            None => Ok(()),
        }
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        self.resampler.latency()
    }

    fn ratio(&self) -> f64 {
        self.resampler.ratio()
    }

    fn tail(&self, _: u64) -> usize {
        self.resampler.tail()
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(self.resampler.tail_outputs())
    }

    fn channels(&self) -> usize {
        self.resampler.channels()
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::workspace::Workspace;
    use crate::stages::testing::{run, try_make};
    use serde_json::json;

    fn stage(json: Json) -> Result<Resample> {
        try_make(&json)
    }

    fn by(up: u32, down: u32) -> Json {
        json!({ "upFactor": up, "downFactor": down, "sampleRate": 1000 })
    }

    #[test]
    fn a_constant_stays_constant_in_every_phase() {
        for (up, down) in [(13, 11), (12, 5), (3, 2), (2, 3), (7, 20), (160, 147)] {
            let mut stage = stage(by(up, down)).unwrap();
            let got = run(&mut stage, &[4000.0; 2000], 1);
            // Behind the filter's start-up; one rounding to f32.
            let settled = &got[got.len() / 2..];
            assert!(settled.iter().all(|y| (y / 4000.0 - 1.0).abs() < 1e-6), "{up}/{down}");
        }
    }

    #[test]
    fn a_ratio_of_one_is_a_delay() {
        let mut unity = stage(by(7, 7)).unwrap();
        let mut input = vec![0.0; 60];
        input[3] = 1.0;
        let got = run(&mut unity, &input, 1);
        let largest = got.iter().position(|x| (x - 1.0).abs() < 1e-6);
        assert_eq!(largest, Some(3 + 25));
    }

    #[test]
    fn the_first_frame_always_gives_an_output() {
        for (up, down) in [(1, 4), (3, 2), (2, 5)] {
            let mut stage = stage(by(up, down)).unwrap();
            let lengths: Vec<usize> = (0..10).map(|_| run(&mut stage, &[1.0], 1).len()).collect();
            assert!(lengths[0] >= 1);
            assert_eq!(lengths.iter().sum::<usize>(), (10 * up).div_ceil(down) as usize);
        }
    }

    #[test]
    fn the_times_of_a_regular_stream_do_not_depend_on_its_cuts() {
        for explicit in [false, true] {
            let mut stage = stage(by(3, 7)).unwrap();
            let mut times = vec![];
            let mut start = 0;
            for frames in [5, 2, 9, 30, 14] {
                let (mut samples, mut work) = (vec![0.0; frames], Workspace::default());
                let stamps: Vec<f64> = (start..start + frames).map(|k| k as f64 * 2.0).collect();
                let mut block = if explicit {
                    Block::stamped(&mut samples, 1, &mut work, &stamps)
                } else {
                    Block::regular(&mut samples, 1, &mut work, 0.0, start as f64, 500.0)
                };
                stage.process(&mut block).unwrap();
                times.extend((0..block.frames()).map(|k| block.times().at(0, k)));
                start += frames;
            }
            for (m, t) in times.iter().enumerate() {
                // Output m stands at input position 7m/3. A few roundings of numbers up to 120.
                assert!((t - m as f64 * 14.0 / 3.0).abs() < 1e-12, "{m}: {t}");
            }
        }
    }

    #[test]
    fn an_order_and_a_quality_exclude_each_other() {
        let mut params = by(3, 2);
        params["quality"] = json!("high");
        params["order"] = json!(51);
        let text = "Resample: order must be left out with quality 'high', got 51";
        assert_eq!(stage(params).unwrap_err(), Error::type_error(text));
        assert!(stage(json!({ "upFactor": 1, "downFactor": 1, "sampleRate": 1, "quality": "best" })).is_err());
    }

    #[test]
    fn a_state_of_another_quality_is_a_mismatch() {
        let mut high = by(3, 2);
        high["quality"] = json!("high");
        let mut dspx = by(3, 2);
        dspx["order"] = json!(stage(high.clone()).unwrap().filter.order());
        dspx["quality"] = json!("dspx");
        let state = stage(dspx).unwrap().save().unwrap();
        assert!(stage(high).unwrap().load(&state).unwrap_err().to_string().contains("quality mismatch"));
    }

    #[test]
    fn channels_out_of_phase_are_refused() {
        let mut stage = stage(by(3, 2)).unwrap();
        run(&mut stage, &[1.0; 6], 2);
        let mut state = stage.save().unwrap();
        assert_eq!(state["phaseAccumulators"], json!([1, 1]));
        state["phaseAccumulators"] = json!([1, 0]);
        assert!(stage.load(&state).is_err());
    }
}
