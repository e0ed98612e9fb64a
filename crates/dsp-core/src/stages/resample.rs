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

use serde_json::{Value as Json, json};

use super::resampler::{Resampler, check_taps, default_order, factor, order_and_rate};
use crate::block::Block;
use crate::design::resampling::{Quality, hamming_taps, kaiser_length, kaiser_taps};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::resample::{Plan, gcd};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Resample {
    order: usize,
    sample_rate: f64,
    quality: &'static str,
    resampler: Resampler,
}

/// The Kaiser design of a quality's name; `None` for dspx's own filter.
pub(super) fn kaiser_quality(name: &str) -> Option<Quality> {
    match name {
        "high" => Some(Quality::High),
        "max" => Some(Quality::Max),
        _ => None,
    }
}

/// dspx's filter: `order` taps, a delay line of as many samples.
fn hamming_plan(up: u64, down: u64, order: Option<usize>) -> Result<(Plan, usize)> {
    let order = order.map_or_else(|| default_order(Resample::METHOD, up, down), Ok)?;
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
    fn ratio(&self) -> (u64, u64) {
        (self.resampler.plan().up(), self.resampler.plan().down())
    }

    /// Ticks so far modulo M, as it is saved.
    fn accumulator(&self) -> u64 {
        let (_, down) = self.ratio();
        (down - self.resampler.next()) % down
    }

    /// The next output for saved accumulators, one per channel and all alike.
    fn next_from(&self, accumulators: &[f64]) -> Result<u64> {
        let (_, down) = self.ratio();
        let first = accumulators.first().copied().unwrap_or(0.0);
        let valid = first >= 0.0 && first < down as f64 && first.fract() == 0.0;
        if !valid || accumulators.iter().any(|a| *a != first) {
            return Err(Error::failed(format!("'phaseAccumulators' must hold one integer in [0, {}]", down - 1)));
        }
        Ok((down - first as u64) % down)
    }

    fn check(&self, ratio: (usize, usize), order: usize) -> Result<()> {
        if (ratio.0 as u64, ratio.1 as u64) == self.ratio() && order == self.order {
            return Ok(());
        }
        Err(Error::mismatch(Self::METHOD, "parameter"))
    }
}

impl Define for Resample {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["resample"];
    const METHOD: &'static str = "Resample";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Resample`. */
export interface ResampleParams {
  /** Numerator of the ratio: an integer ≥ 1. */
  upFactor: number;
  /** Denominator of the ratio: an integer ≥ 1. */
  downFactor: number;
  /** Sample rate of the input in Hz, > 0. Kept in saved states; changes no number. */
  sampleRate: number;
  /** Taps of dspx's low-pass: odd, ≥ 3. Default 51; 10·max(up, down) + 1 where the reduced ratio has a term above 13. */
  order?: number;
  /**
   * The low-pass. `"dspx"` (default): a Hamming window of `order` taps. `"high"`, `"max"`: a Kaiser window as long as it takes
   * for 100 and 140 dB of stop-band attenuation, flat up to 0.45 of the lower rate; these take no `order`.
   */
  quality?: "dspx" | "high" | "max";
}
method {
  /**
   * Changes the sample rate by upFactor/downFactor (reduced first). n input frames of a stream give ⌈n·up/down⌉.
   * @throws TypeError if a parameter is not as described
   * @throws RangeError if the filter would be too long
   */
  Resample(params: ResampleParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let up = factor(params, Self::METHOD, "upFactor", 1, "a positive integer")?;
        let down = factor(params, Self::METHOD, "downFactor", 1, "a positive integer")?;
        let (order, sample_rate) = order_and_rate(params, Self::METHOD)?;
        let quality = params.choice(Self::METHOD, "quality", &["dspx", "high", "max"], Some("dspx"))?;
        let divisor = gcd(up.into(), down.into()) as u64;
        let (up, down) = (up / divisor, down / divisor);
        let (plan, order) = match (kaiser_quality(quality), order) {
            (None, order) => hamming_plan(up, down, order)?,
            (Some(quality), None) => kaiser_plan(up, down, quality)?,
            (Some(_), Some(order)) => {
                let text = format!("{}: order must be left out with quality '{quality}', got {order}", Self::METHOD);
                return Err(Error::type_error(text));
            }
        };
        Ok(Self { order, sample_rate, quality, resampler: Resampler::new(plan) })
    }

    fn label(&self, params: &Params) -> String {
        format!("resample:{}/{}", params.get("upFactor"), params.get("downFactor"))
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let mut params = state.clone();
        if kaiser_quality(state["quality"].as_str().unwrap_or_default()).is_some() {
            params.as_object_mut().map(|keys| keys.remove("order"));
        }
        Self::new(&Params::from_json(&params))
    }
}

impl Stage for Resample {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn save(&mut self) -> Result<Json> {
        let (up, down) = self.ratio();
        let mut state = json!({
            "type": "resample", "upFactor": up, "downFactor": down, "order": self.order,
            "sampleRate": json::num(self.sample_rate),
            "phaseAccumulators": vec![self.accumulator(); self.resampler.channels()],
        });
        if self.quality != "dspx" {
            state["quality"] = Json::from(self.quality);
        }
        self.resampler.save(&mut state);
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check((json::count(state, "upFactor")?, json::count(state, "downFactor")?), json::count(state, "order")?)?;
        if state.get("quality").map_or(Ok("dspx"), |_| json::text(state, "quality"))? != self.quality {
            return Err(Error::mismatch(Self::METHOD, "quality"));
        }
        let next = self.next_from(&json::numbers(state, "phaseAccumulators")?)?;
        self.resampler.load(state, next)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        let (up, down) = self.ratio();
        out.int(up as usize)?;
        out.int(down as usize)?;
        out.int(self.order)?;
        out.f64(self.sample_rate);
        out.int(self.resampler.channels())?;
        out.int(0)?;
        self.resampler.save_toon(out)?;
        (0..self.resampler.channels()).try_for_each(|_| out.int(self.accumulator() as usize))
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let ratio = (input.count()?, input.count()?);
        self.check(ratio, input.count()?)?;
        input.f64()?;
        let channels = input.item_count()?;
        input.int()?;
        let (rings, positions) = Resampler::read_toon(input, channels)?;
        let accumulators = (0..channels).map(|_| input.int().map(f64::from)).collect::<Result<Vec<_>>>()?;
        self.resampler.load_lines(rings, positions, self.next_from(&accumulators)?)
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Workspace;
    use crate::stages::testing::{params, run};

    fn stage(json: Json) -> Result<Resample> {
        Resample::new(&params(json))
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
