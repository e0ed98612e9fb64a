//! Savitzky-Golay filter: least-squares polynomial over the last `windowLength` samples of each channel, evaluated (or
//! differentiated) in the middle of the window.
//!
//! Delay (windowLength − 1)/2 samples. Before the first sample the channel is taken to have had that sample for ever.
//! `scipy.signal.savgol_filter` gives the same numbers that much earlier.

use serde_json::{Value as Json, json};

use super::framed::length;
use crate::analysis::savgol::Savgol;
use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::kernels::fir::direct;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct SavgolFilter {
    window: usize,
    order: usize,
    derivative: usize,
    delta: f64,
    taps: Vec<f64>,
    /// The last windowLength − 1 samples of each channel; none before its first.
    channels: Vec<Vec<f32>>,
    line: Vec<f64>,
}

impl SavgolFilter {
    fn restore(&mut self, buffers: Vec<Vec<f32>>) -> Result<()> {
        if buffers.len() > MAX_CHANNELS || buffers.iter().any(|b| !b.is_empty() && b.len() != self.window - 1) {
            return Err(Error::failed("SavgolFilter: more channels than can be, or buffers of another length"));
        }
        self.channels = buffers;
        Ok(())
    }

    fn check(&self, window: usize, order: usize, derivative: usize, delta: f64) -> Result<()> {
        if (window, order, derivative, delta) != (self.window, self.order, self.derivative, self.delta) {
            return Err(Error::failed("SavgolFilter: parameter mismatch"));
        }
        Ok(())
    }
}

/// The parameter `key` as an integer ≥ 0, `default` if absent.
fn whole(p: &Params, key: &str, default: Option<usize>) -> Result<usize> {
    let value = p.get(key);
    let number = if value.as_number() == Some(0.0) { Some(0) } else { value.as_positive_integer() };
    let default = default.filter(|_| value.is_undefined());
    number.or(default).ok_or_else(|| {
        Error::type_error(format!("SavgolFilter: {key} must be a non-negative integer, got {value}"))
    })
}

impl Define for SavgolFilter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["savgolFilter"];
    const METHOD: &'static str = "SavgolFilter";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `SavgolFilter`. */
export interface SavgolFilterParams {
  /** Samples in the window: an odd integer, 1…4095. */
  windowLength: number;
  /** Order of the polynomial, below `windowLength` and at most 30. */
  polyOrder: number;
  /** Order of the derivative. Default 0: the smoothed signal. */
  deriv?: number;
  /** Distance of the samples, for derivatives. Default 1. */
  delta?: number;
}
method {
  /**
   * Savitzky-Golay smoothing or differentiation, (windowLength − 1)/2 samples late.
   * @throws TypeError, RangeError for parameters outside their ranges
   */
  SavgolFilter(params: SavgolFilterParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let window = length(p, "SavgolFilter", "windowLength")?;
        let (order, derivative) = (whole(p, "polyOrder", None)?, whole(p, "deriv", Some(0))?);
        let delta = if p.get("delta").is_undefined() { Some(1.0) } else { p.get("delta").as_finite() };
        let delta = delta.ok_or_else(|| Error::type_error("SavgolFilter: delta must be a finite number"))?;
        let filter = Savgol::new(window, order, derivative, delta)
            .map_err(|error| Error::range(format!("SavgolFilter: {error}")))?;
        Ok(Self { window, order, derivative, delta, taps: filter.taps(), channels: vec![], line: vec![] })
    }

    fn label(&self, _: &Params) -> String {
        format!("savgolFilter:{}:{}:{}", self.window, self.order, self.derivative)
    }
}

impl Stage for SavgolFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.channels.len() != block.channels() {
            self.channels = vec![vec![]; block.channels()];
        }
        if block.is_empty() {
            return Ok(());
        }
        let Self { window, taps, channels, line, .. } = self;
        block.each_channel(|c, samples| {
            let past = &mut channels[c];
            if past.is_empty() {
                past.resize(*window - 1, samples[0]);
            }
            line.clear();
            line.extend(past.iter().chain(samples.iter()).map(|&x| f64::from(x)));
            direct(taps, line, samples);
            let last = &line[line.len() + 1 - *window..];
            past.iter_mut().zip(last).for_each(|(past, &x)| *past = x as f32);
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.iter_mut().for_each(Vec::clear);
    }

    fn save(&mut self) -> Result<Json> {
        let channel = |c: &Vec<f32>| json!({ "buffer": json::nums(c.iter().copied()) });
        let channels: Vec<Json> = self.channels.iter().map(channel).collect();
        Ok(json!({
            "windowLength": self.window, "polyOrder": self.order, "deriv": self.derivative, "delta": json::num(self.delta),
            "numChannels": channels.len(), "channels": channels,
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let count = |key| json::count(state, key);
        self.check(count("windowLength")?, count("polyOrder")?, count("deriv")?, json::number(state, "delta")?)?;
        let channels = json::list(state, "channels")?.iter();
        self.restore(channels.map(|c| json::samples(c, "buffer")).collect::<Result<_>>()?)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        for size in [self.window, self.order, self.derivative] {
            out.int(size)?;
        }
        out.f64(self.delta);
        out.int(self.channels.len())?;
        self.channels.iter().for_each(|c| out.f32s(c.iter().copied()));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.check(input.count()?, input.count()?, input.count()?, input.f64()?)?;
        let channels = input.item_count()?;
        let buffers = (0..channels).map(|_| input.f32s()).collect::<Result<_>>()?;
        self.restore(buffers)
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.window as f64 / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::savgol::Ends;
    use crate::stages::testing::{params, run};

    #[test]
    fn equals_the_centred_filter_but_later() {
        let input: Vec<f32> = (0..60).map(|i| ((i * i) % 23) as f32).collect();
        let centred = Savgol::new(7, 2, 1, 0.5).unwrap().filter(&input, Ends::Fit).unwrap();
        let parameters = json!({ "windowLength": 7, "polyOrder": 2, "deriv": 1, "delta": 0.5 });
        let out = run(&mut SavgolFilter::new(&params(parameters)).unwrap(), &input, 1);
        assert_eq!(out[6..], centred[3..57]);
    }

    #[test]
    fn a_constant_passes_from_the_first_sample_on() {
        let mut stage = SavgolFilter::new(&params(json!({ "windowLength": 5, "polyOrder": 2 }))).unwrap();
        assert!(run(&mut stage, &[3.0; 4], 1).iter().all(|y| (y - 3.0).abs() < 1e-6));
    }

    #[test]
    fn parameters_are_checked() {
        for bad in [json!({ "polyOrder": 1 }), json!({ "windowLength": 5 }), json!({ "windowLength": 5, "polyOrder": -1 })] {
            assert!(matches!(SavgolFilter::new(&params(bad)), Err(Error::Type(_))));
        }
        for bad in [json!({ "windowLength": 4, "polyOrder": 1 }), json!({ "windowLength": 5, "polyOrder": 5 })] {
            assert!(matches!(SavgolFilter::new(&params(bad)), Err(Error::Range(_))));
        }
    }
}
