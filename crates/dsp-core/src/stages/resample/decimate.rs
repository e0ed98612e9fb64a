//! Decimation: lowers the sample rate by a whole factor M.
//!
//! A low-pass against aliasing, `v[n] = Σ_k h[k]·x[n−k]`, of which every M-th value is kept, counting across calls:
//! `y[m] = v[(m+1)M − 1]`. `h` is a sinc of `order` taps, cutoff 1/(2M), under a Hamming window, scaled to unit gain,
//! or one of the sharp filters of `Resample`.
//! Latency: (order − 1)/2 input samples behind the newest of the M that an output stands for, (order − 1)/2 − (M − 1) behind
//! the first of them, whose place and time it has. The default of 20M + 1 taps is that of `scipy.signal.decimate(ftype='fir')`,
//! which takes the delay out; `quality: "dspx"` has 51 whatever M, a weak filter for large M.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::resample::lowpass::{Filter, Lowpass, QUALITY, Use, as_params};
use crate::stages::resample::resampler::{Lines, ORDER, Resampler, SAMPLE_RATE};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Decimate`.
    pub struct DecimateParams {
        /// Number of input samples per output sample.
        pub factor: usize = integer().at_least(2.0).try_with(&[2.0, 7.0]),
        /// Sample rate of the input in Hz. Kept in saved states; changes no sample.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of a Hamming window: odd.
        pub order: Option<usize> = ORDER.optional_as("20·factor + 1, with quality `\"dspx\"` 51"),
        /// The low-pass. `"standard"`, `"dspx"`: a Hamming window of `order` taps. `"high"`, `"max"`, `"voice"`: as long as
        /// it takes for 125, 140 and 90 dB of stop-band attenuation; these take no `order`.
        pub quality: Option<Lowpass> = QUALITY,
    }
}

/// A resampler by 1/`factor`, and the parameters for saved states.
#[derive(Debug, Clone)]
pub struct Decimate {
    filter: Filter,
    sample_rate: f64,
    resampler: Resampler,
}

impl Decimate {
    fn factor(&self) -> u64 {
        self.resampler.plan().down()
    }

    /// Returns the number of frames since the last output.
    fn phase(&self) -> u64 {
        self.factor() - 1 - self.resampler.next()
    }

    /// Restores a saved state. The original's `stateBuffer` holds one channel after the other.
    fn restore(&mut self, phase: usize, channels: usize, flat: &[f32], positions: Vec<usize>) -> Result<()> {
        let length = self.resampler.plan().history();
        if channels == 0 || channels.checked_mul(length) != Some(flat.len()) {
            return Err(Error::failed(format!("'stateBuffer' must be an array of {length} samples per channel")));
        }
        let next = (self.factor() - 1).checked_sub(phase as u64);
        let next = next.ok_or_else(|| Error::failed("'phaseIndex' is out of range"))?;
        let rings = flat.chunks_exact(length).map(<[f32]>::to_vec).collect();
        self.resampler.restore(&Lines { rings, positions }, next)
    }
}

impl Define for Decimate {
    type Params = DecimateParams;
    const TYPES: &'static [&'static str] = &["decimate"];
    const METHOD: &'static str = "Decimate";
    const DOC: &'static str = "Lowers the sample rate by a whole factor, behind a Hamming-windowed sinc against \
        aliasing. Delays by\n(order − 1)/2 input samples. A call may give no output at all: frames are counted across calls.\n\
        @throws RangeError if the filter would be too long";

    fn new(params: &DecimateParams) -> Result<Self> {
        let &DecimateParams { factor, sample_rate, order, quality } = params;
        let (filter, plan) = Filter::new((Self::METHOD, Use::Decimate), (1, factor as u64), order, quality)?;
        let resampler = Resampler::decimator(plan, sample_rate)?.with_times_of_dspx(filter.is_dspx());
        Ok(Self { filter, sample_rate, resampler })
    }

    fn label(&self, _: &DecimateParams) -> String {
        format!("decimate:{}", self.factor())
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        Self::new(&DecimateParams::read(Self::LABEL, &Value::from(&as_params(state)))?)
    }

    fn examples() -> Vec<Value> {
        let by = |factor, order, quality| DecimateParams { factor, sample_rate: 1000.0, order, quality }.to_value();
        vec![
            by(2, None, None),
            by(7, Some(3), None),
            by(7, Some(101), Some(Lowpass::Standard)),
            by(7, None, Some(Lowpass::Dspx)),
            by(2, None, Some(Lowpass::High)),
        ]
    }
}

impl Stage for Decimate {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", Self::TYPES[0]);
        archive.object(|archive| {
            let factor = archive.count("factor", self.factor() as usize)?;
            let order = archive.count("order", self.filter.order())?;
            if factor as u64 != self.factor() {
                return Err(Error::mismatch(Self::METHOD, "parameter"));
            }
            archive.f64("sampleRate", self.sample_rate)?;
            let phase = archive.count("phaseIndex", self.phase() as usize)?;
            let channels = archive.count("numChannels", self.resampler.channels())?;
            let Lines { rings, positions } = self.resampler.lines();
            let flat = archive.samples("stateBuffer", rings.concat())?;
            let positions = archive.counts("stateIndices", &positions, channels)?;
            let mark = self.resampler.extras(archive, self.filter.mark())?;
            if let Some(plan) = self.filter.state(archive, order, mark)? {
                self.resampler.set_plan(plan);
            }
            match flat.zip(positions) {
                Some((flat, positions)) => self.restore(phase, channels, &flat, positions),
                None => Ok(()),
            }
        })
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

    fn stage(json: Json) -> Result<Decimate> {
        try_make(&json)
    }

    #[test]
    fn every_third_frame_counted_across_calls() {
        let mut stage = stage(json!({ "factor": 3, "sampleRate": 1000, "order": 3 })).unwrap();
        // h = [a, 1 − 2a, a]; the step has come through behind its third sample.
        assert!(run(&mut stage, &[1.0, 1.0], 1).is_empty());
        let got = run(&mut stage, &[1.0, 1.0, 1.0, 1.0, 1.0], 1);
        assert_eq!(got, [1.0, 1.0]);
        assert_eq!(stage.phase(), 1);
    }

    /// Returns how much of a tone of `frequency` cycles per input sample comes out, in dB.
    fn gain(stage: &mut Decimate, frequency: f64) -> f64 {
        let tone = |i: usize| (std::f64::consts::TAU * frequency * i as f64).sin() as f32;
        let input: Vec<f32> = (0..40_000).map(tone).collect();
        let output = run(stage, &input, 1);
        // Behind the filter's start-up.
        let settled = &output[200..];
        let power: f64 = settled.iter().map(|y| f64::from(*y).powi(2)).sum::<f64>() / settled.len() as f64;
        10.0 * (2.0 * power).log10()
    }

    #[test]
    fn a_tone_that_would_fold_back_is_55_db_down_whatever_the_factor() {
        for factor in [2, 3, 5, 7, 10, 13, 20, 50] {
            let by = |rest: Json| {
                let mut params = json!({ "factor": factor, "sampleRate": 1000 });
                params.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
                stage(params).unwrap()
            };
            let alias = 0.9 / f64::from(factor);
            let standard = gain(&mut by(json!({})), alias);
            assert!(standard < -55.0, "{factor}: {standard} dB");
            assert!(gain(&mut by(json!({ "quality": "high" })), alias) < -100.0, "{factor}");
            // The pass band stays.
            let passed = gain(&mut by(json!({})), 0.3 / f64::from(factor));
            assert!(passed.abs() < 0.05, "{factor}: {passed} dB");
            if factor == 20 {
                let dspx = gain(&mut by(json!({ "quality": "dspx" })), alias);
                assert!((dspx + 21.6).abs() < 0.1, "{dspx} dB");
            }
        }
    }

    #[test]
    fn a_state_of_dspx_goes_on_with_its_filter_where_the_caller_left_the_choice() {
        let by = |rest: Json| {
            let mut params = json!({ "factor": 4, "sampleRate": 1000 });
            params.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            stage(params).unwrap()
        };
        let input: Vec<f32> = (0..400).map(|i| ((i * i) % 23) as f32).collect();
        let mut old = by(json!({ "quality": "dspx" }));
        run(&mut old, &input, 1);
        let state = old.save().unwrap();
        assert_eq!((state.get("quality"), &state["order"]), (None, &json!(51)));
        let expected = run(&mut old, &input, 1);
        for rest in [json!({}), json!({ "order": 51 }), json!({ "quality": "dspx" })] {
            let mut stage = by(rest);
            stage.load(&state).unwrap();
            assert_eq!(run(&mut stage, &input, 1), expected);
        }
        for rest in [json!({ "quality": "standard" }), json!({ "order": 53 }), json!({ "quality": "high" })] {
            assert!(by(rest).load(&state).unwrap_err().to_string().contains("mismatch"));
        }
    }

    #[test]
    fn outputs_have_the_time_of_the_first_frame_of_their_block() {
        let mut stage = stage(json!({ "factor": 4, "sampleRate": 1000 })).unwrap();
        let mut times = vec![];
        for call in 0..5u32 {
            let (mut samples, mut work) = ([0.0; 6], Workspace::default());
            let stamps: Vec<f64> = (0..6).map(|k| f64::from(call * 6 + k) * 10.0).collect();
            let mut block = Block::stamped(&mut samples, 1, &mut work, &stamps);
            stage.process(&mut block).unwrap();
            times.extend((0..block.frames()).map(|k| block.times().at(0, k)));
        }
        assert_eq!(times, [0.0, 40.0, 80.0, 120.0, 160.0, 200.0, 240.0]);
    }

    #[test]
    fn a_state_of_the_wrong_shape_is_refused() {
        let mut stage = stage(json!({ "factor": 2, "sampleRate": 1000, "order": 3 })).unwrap();
        let good = stage.save().unwrap();
        assert_eq!(good["numChannels"], 1);
        for (key, bad) in [
            ("order", json!(5)),
            ("factor", json!(3)),
            ("phaseIndex", json!(2)),
            ("numChannels", json!(0)),
            ("numChannels", json!(1e15)),
            ("stateBuffer", json!([1, 2])),
            ("stateBuffer", json!({})),
            ("stateIndices", json!([3])),
            ("stateIndices", json!([])),
            ("stateIndices", json!([-1])),
        ] {
            let mut state = good.clone();
            state[key] = bad;
            assert!(stage.load(&state).is_err(), "{key}");
        }
        assert_eq!(stage.load(&good), Ok(()));
    }
}
