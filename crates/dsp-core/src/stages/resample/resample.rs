//! Resampling by a ratio of whole numbers L/M.
//!
//! L − 1 zeros are put behind every sample, a low-pass takes out images and aliases, and every M-th value is kept, counted
//! from the start of the stream: `y[m] = u[mM]`, `u[nL+p] = Σ_q h[qL+p]·x[n−q]`, L and M without common divisor. Only the
//! values that are kept are computed. n frames give ⌈nL/M⌉ in all. SciPy: `upfirdn(h, x, L, M)`.
//!
//! The low-pass is dspx's (`quality: "dspx"`): a sinc of `order` taps at L times the input rate, cutoff half the lower rate,
//! under a Hamming window, times L. Or a Kaiser window for a stop band of 100 dB (`"high"`) or 140 dB (`"max"`), flat up to
//! 0.45 of the lower rate and with its full attenuation from 0.5 on. Latency: (taps − 1)/2 ticks of 1/L input sample.

#![forbid(unsafe_code)]

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::resample::resampler::{Plan, gcd};
use crate::signal::resample::taps::{Quality, hamming_taps, kaiser_length, kaiser_taps};
use crate::stages::resample::resampler::{ORDER, Resampler, SAMPLE_RATE, check_taps, order_or_default};
use crate::state::archive::Archive;
use crate::text::Texts;

crate::texts! {
    /// The low-pass of a resampler.
    pub enum Lowpass {
        /// That of dspx: a Hamming window of a given length.
        Dspx = "dspx",
        /// A Kaiser window for [`Quality::High`].
        High = "high",
        /// A Kaiser window for [`Quality::Max`].
        Max = "max",
    }
}

impl Lowpass {
    /// Returns the Kaiser design; `None` for dspx's own filter.
    fn kaiser(self) -> Option<Quality> {
        match self {
            Self::Dspx => None,
            Self::High => Some(Quality::High),
            Self::Max => Some(Quality::Max),
        }
    }
}

crate::params! {
    /// Parameters of `Resample`.
    pub struct ResampleParams {
        /// Numerator of the ratio.
        pub up_factor: usize = integer().at_least(1.0),
        /// Denominator of the ratio.
        pub down_factor: usize = integer().at_least(1.0),
        /// Sample rate of the input in Hz. Kept in saved states; changes no number.
        pub sample_rate: f64 = SAMPLE_RATE,
        /// Taps of dspx's low-pass: odd.
        pub order: Option<usize> =
            ORDER.optional_as("51, and 10·max(up, down) + 1 where the reduced ratio has a term above 13"),
        /// The low-pass. `"dspx"`: a Hamming window of `order` taps. `"high"`, `"max"`: a Kaiser window as long as it
        /// takes for 100 and 140 dB of stop-band attenuation, flat up to 0.45 of the lower rate; these take no `order`.
        pub quality: Lowpass = one_of(Lowpass::TEXTS).or_first(),
    }
}

/// A resampler by the reduced ratio, and what saved states say of it besides.
#[derive(Debug, Clone)]
pub struct Resample {
    order: usize,
    sample_rate: f64,
    quality: Lowpass,
    resampler: Resampler,
}

/// dspx's filter: `order` taps, a delay line of as many samples.
fn hamming_plan(up: u64, down: u64, order: Option<usize>) -> Result<(Plan, usize)> {
    let order = order_or_default(Resample::METHOD, order, up.max(down))?;
    // min(L, M)/(2LM).
    let mut taps = hamming_taps(order, 0.5 / up.max(down) as f64);
    taps.iter_mut().for_each(|h| *h *= up as f64);
    Ok((Plan::new(up, down, &taps, order), order))
}

/// A Kaiser filter, with a delay line of what its phases need.
fn kaiser_plan(up: u64, down: u64, quality: Quality) -> Result<(Plan, usize)> {
    check_taps(Resample::METHOD, kaiser_length(quality, up, down))?;
    let taps = kaiser_taps(quality, up, down);
    Ok((Plan::new(up, down, &taps, 0), taps.len()))
}

impl Resample {
    /// Numerator and denominator of the reduced ratio.
    fn terms(&self) -> (u64, u64) {
        (self.resampler.plan().up(), self.resampler.plan().down())
    }

    /// Ticks so far modulo M, as it is saved.
    fn accumulator(&self) -> u64 {
        let (_, down) = self.terms();
        (down - self.resampler.next()) % down
    }

    /// The next output for saved accumulators, one per channel and all alike.
    fn next_from(&self, accumulators: &[usize]) -> Result<u64> {
        let (_, down) = self.terms();
        let first = accumulators.first().map_or(0, |first| *first as u64);
        if first >= down || accumulators.iter().any(|a| *a as u64 != first) {
            return Err(Error::failed(format!("'phaseAccumulators' must hold one integer in [0, {}]", down - 1)));
        }
        Ok((down - first) % down)
    }

    /// Walks the name of a Kaiser filter, which JSON states alone have; without one it is dspx's.
    fn quality_field(&self, archive: &mut Archive<'_>) -> Result<()> {
        let mut quality = Lowpass::Dspx.text().to_owned();
        if archive.optional("quality", self.quality != Lowpass::Dspx) {
            quality = archive.text("quality", self.quality.text())?;
        }
        if archive.is_json() && quality != self.quality.text() {
            return Err(Error::mismatch(Self::METHOD, "quality"));
        }
        Ok(())
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
        let (plan, order) = match (quality.kaiser(), order) {
            (None, order) => hamming_plan(up, down, order)?,
            (Some(design), None) => kaiser_plan(up, down, design)?,
            (Some(_), Some(order)) => {
                let (method, name) = (Self::METHOD, quality.text());
                let text = format!("{method}: order must be left out with quality '{name}', got {order}");
                return Err(Error::type_error(text));
            }
        };
        Ok(Self { order, sample_rate, quality, resampler: Resampler::new(plan) })
    }

    fn label(&self, params: &ResampleParams) -> String {
        format!("resample:{}/{}", params.up_factor, params.down_factor)
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let mut state = state.clone();
        // A Kaiser filter's order is what came out, not what was given.
        if state["quality"].as_str().and_then(Lowpass::of).and_then(Lowpass::kaiser).is_some() {
            state.as_object_mut().map(|keys| keys.remove("order"));
        }
        Self::new(&ResampleParams::read(Self::LABEL, &Value::from(&state))?)
    }

    fn examples() -> Vec<Value> {
        let by = |up_factor, down_factor, order, quality| {
            ResampleParams { up_factor, down_factor, sample_rate: 1000.0, order, quality }.to_value()
        };
        vec![
            by(3, 2, None, Lowpass::Dspx),
            by(5, 7, None, Lowpass::Dspx),
            by(20, 9, Some(31), Lowpass::Dspx),
            by(2, 3, None, Lowpass::High),
            by(1, 1, None, Lowpass::Max),
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
        let order = archive.count("order", self.order)?;
        if (saved.0 as u64, saved.1 as u64) != (up, down) || order != self.order {
            return Err(Error::mismatch(Self::METHOD, "parameter"));
        }
        archive.f64("sampleRate", self.sample_rate)?;
        self.quality_field(archive)?;
        let channels = archive.item_count(self.resampler.channels())?;
        // A number that the original does not use.
        archive.item_count(0)?;
        let lines = self.resampler.state(archive, channels)?;
        let accumulators = vec![self.accumulator() as usize; self.resampler.channels()];
        let accumulators = archive.counts("phaseAccumulators", &accumulators, channels)?;
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
        dspx["order"] = json!(stage(high.clone()).unwrap().order);
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
