//! Decimation: lowers the sample rate by a whole factor M.
//!
//! A low-pass against aliasing, `v[n] = Σ_k h[k]·x[n−k]`, of which every M-th value is kept, counted across calls:
//! `y[m] = v[(m+1)M − 1]`. `h` is a sinc of `order` taps, cutoff 1/(2M), under a Hamming window, scaled to unit gain.
//! Latency: (order − 1)/2 input samples behind the newest of the M that an output stands for, (order − 1)/2 − (M − 1) behind
//! the first of them, whose place and time it has. The default of 51 taps is a weak filter for large M. SciPy:
//! `upfirdn(h, x, 1, M)`, from another phase.

#![forbid(unsafe_code)]

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::signal::resample::resampler::Plan;
use crate::signal::resample::taps::{hamming_taps, scale_to_sum};
use crate::stages::resample::resampler::{DEFAULT_ORDER, Lines, ORDER, Resampler, SAMPLE_RATE, check_taps};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `Decimate`.
    pub struct DecimateParams {
        /// How many input samples make one output sample.
        pub factor: usize = integer().at_least(2.0).try_with(&[2.0, 7.0]),
        /// Sample rate of the input in Hz. Kept in saved states; changes no number.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of the low-pass: odd.
        pub order: usize = ORDER.or(DEFAULT_ORDER as f64),
    }
}

/// A resampler by 1/`factor`, and what saved states say of it besides.
#[derive(Debug, Clone)]
pub struct Decimate {
    order: usize,
    sample_rate: f64,
    resampler: Resampler,
}

impl Decimate {
    fn factor(&self) -> u64 {
        self.resampler.plan().down()
    }

    /// Frames since the last output.
    fn phase(&self) -> u64 {
        self.factor() - 1 - self.resampler.next()
    }

    /// Takes over a saved state. The original's `stateBuffer` holds one channel after the other.
    fn restore(&mut self, phase: usize, channels: usize, flat: &[f32], positions: Vec<usize>) -> Result<()> {
        if channels == 0 || channels.checked_mul(self.order) != Some(flat.len()) {
            return Err(Error::failed(format!("'stateBuffer' must be an array of {} samples per channel", self.order)));
        }
        let next = (self.factor() - 1).checked_sub(phase as u64);
        let next = next.ok_or_else(|| Error::failed("'phaseIndex' is out of range"))?;
        let rings = flat.chunks_exact(self.order).map(<[f32]>::to_vec).collect();
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
        let &DecimateParams { factor, sample_rate, order } = params;
        check_taps(Self::METHOD, order as f64)?;
        let down = factor as u64;
        let mut taps = hamming_taps(order, 0.5 / down as f64);
        scale_to_sum(&mut taps, 1.0);
        Ok(Self { order, sample_rate, resampler: Resampler::decimator(Plan::new(1, down, &taps, order))? })
    }

    fn label(&self, _: &DecimateParams) -> String {
        format!("decimate:{}", self.factor())
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
            let order = archive.count("order", self.order)?;
            if factor as u64 != self.factor() || order != self.order {
                return Err(Error::mismatch(Self::METHOD, "parameter"));
            }
            archive.f64("sampleRate", self.sample_rate)?;
            let phase = archive.count("phaseIndex", self.phase() as usize)?;
            let channels = archive.count("numChannels", self.resampler.channels())?;
            let Lines { rings, positions } = self.resampler.lines();
            let flat = archive.samples("stateBuffer", rings.concat())?;
            let positions = archive.counts("stateIndices", &positions, channels)?;
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
    use serde_json::{Value as Json, json};

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
