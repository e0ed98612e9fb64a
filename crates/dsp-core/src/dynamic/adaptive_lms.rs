//! `AdaptiveLMSFilter`: LMS filters of several channels over planar or interleaved arrays.

use crate::error::{Error, Result};
use crate::kernels::adaptive::LmsStep;
use crate::limits::reserve;
use crate::params::value::Value;
use crate::signal::adaptive::lms::Lms;
use crate::text::js_number;

/// Largest number of taps.
const MAX_TAPS: f64 = 1_048_576.0;
/// Largest number of weights of all channels together (2 GiB with the history).
const MAX_WEIGHTS: usize = 1 << 27;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct AdaptiveLms {
    taps: usize,
    step: LmsStep,
    interleaved: bool,
    channels: Vec<Lms>,
    /// One channel of the input, the desired signal, the output and the error.
    scratch: [Vec<f32>; 4],
    output: Vec<f32>,
    error: Vec<f32>,
}

fn failed<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::failed(message))
}

fn learning_rate(value: &Value) -> Result<f64> {
    match value {
        Value::Number(mu) if *mu > 0.0 && *mu <= 1.0 => Ok(*mu),
        Value::Number(mu) => failed(format!("Learning rate mu must be in range (0, 1], got {}", js_number(*mu))),
        other => Err(Error::type_error(format!("Learning rate mu must be a number, got {other}"))),
    }
}

impl AdaptiveLms {
    /// Returns a filter without channels.
    ///
    /// # Errors
    /// `TypeError` or `RangeError` about the number of taps or an option.
    pub fn new(taps: &Value, options: &Value) -> Result<Self> {
        let Some(count) = taps.as_number() else {
            return Err(Error::type_error(format!("numTaps must be a number, got {taps}")));
        };
        let count = count.trunc();
        if count.is_nan() || count < 1.0 {
            return failed(format!("numTaps must be greater than 0, got {taps}"));
        }
        if count > MAX_TAPS {
            return failed(format!("numTaps must be at most {MAX_TAPS}, got {taps}"));
        }
        let mu = options.get("mu");
        let mu = if mu.is_undefined() { 0.01 } else { learning_rate(mu)? };
        let lambda = match options.get("lambda") {
            Value::Undefined => 0.0,
            Value::Number(x) if (0.0..1.0).contains(x) => *x,
            other => return failed(format!("Regularization lambda must be in range [0, 1), got {other}")),
        };
        let normalized = match options.get("normalized") {
            Value::Undefined => false,
            Value::Bool(b) => *b,
            other => return Err(Error::type_error(format!("normalized must be a boolean, got {other}"))),
        };
        let interleaved = match options.get("layout") {
            Value::Undefined => false,
            Value::String(s) if s == "planar" => false,
            Value::String(s) if s == "interleaved" => true,
            other => return Err(Error::type_error(format!("layout must be 'planar' or 'interleaved', got {other}"))),
        };
        let step = LmsStep { mu, lambda, normalized, adapt: true };
        let (channels, scratch) = (Vec::new(), Default::default());
        Ok(Self { taps: count as usize, step, interleaved, channels, scratch, output: Vec::new(), error: Vec::new() })
    }

    /// Sets the number of channels; those that stay keep their state.
    ///
    /// # Errors
    /// If it is not a number, is negative, or takes too much memory.
    pub fn init(&mut self, channels: &Value) -> Result<()> {
        let Some(count) = channels.as_number() else {
            return Err(Error::type_error(format!("numChannels must be a number, got {channels}")));
        };
        let count = count.trunc();
        let most = (MAX_WEIGHTS / self.taps) as f64;
        if !(0.0..=most).contains(&count) {
            return failed(format!("numChannels must be between 0 and {most} for {} taps, got {channels}", self.taps));
        }
        let count = count as usize;
        let mut added = vec![];
        for _ in self.channels.len()..count {
            added.push(Lms::new(self.taps)?);
        }
        self.channels.truncate(count);
        self.channels.append(&mut added);
        Ok(())
    }

    /// Checks the lengths of the other arrays.
    ///
    /// # Errors
    /// Before `init`, or if one is shorter than the input.
    pub fn check(&self, input: usize, others: &[usize]) -> Result<()> {
        if self.channels.is_empty() {
            return failed("AdaptiveLMSFilter is not initialized: call init(numChannels) first");
        }
        match others.iter().find(|n| **n < input) {
            Some(n) => failed(format!("array length mismatch: an array of {n} samples for an input of {input}")),
            None => Ok(()),
        }
    }

    /// Filters `input` and returns the output and the error `desired − output`, laid out like the input, for the whole
    /// frames of the input. The weights adapt if `adapt` is set.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn process(&mut self, input: &[f32], desired: Option<&[f32]>, adapt: bool) -> Result<(&[f32], &[f32])> {
        let count = self.channels.len();
        let frames = input.len() / count;
        for results in [&mut self.output, &mut self.error] {
            reserve(results, (count * frames).saturating_sub(results.len()))?;
            results.resize(count * frames, 0.0);
        }
        let step = LmsStep { adapt: adapt && desired.is_some(), ..self.step };
        let place = |channel: usize, frame: usize| {
            if self.interleaved { frame * count + channel } else { channel * frames + frame }
        };
        let [x, d, y, e] = &mut self.scratch;
        for line in [&mut *x, &mut *d, &mut *y, &mut *e] {
            reserve(line, frames.saturating_sub(line.len()))?;
            line.resize(frames, 0.0);
        }
        for (c, lms) in self.channels.iter_mut().enumerate() {
            x.clear();
            x.extend((0..frames).map(|n| input[place(c, n)]));
            d.clear();
            d.extend((0..frames).map(|n| desired.map_or(0.0, |d| d[place(c, n)])));
            lms.process(step, x, d, y, e);
            for n in 0..frames {
                self.output[place(c, n)] = y[n];
                self.error[place(c, n)] = e[n];
            }
        }
        Ok((&self.output, &self.error))
    }

    /// Restores zero weights, no history and power 1 in every channel.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(Lms::clear);
    }

    fn channel(&mut self, channel: &Value) -> Result<&mut Lms> {
        let count = self.channels.len();
        let index = channel.as_number().filter(|x| *x >= 0.0 && *x < count as f64).map(|x| x as usize);
        match index.and_then(|i| self.channels.get_mut(i)) {
            Some(lms) => Ok(lms),
            None => failed(format!("channel {channel} is out of range: there are {count}")),
        }
    }

    /// Returns the weights of a channel, the newest sample's first.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn weights(&mut self, channel: &Value) -> Result<Vec<f32>> {
        Ok(self.channel(channel)?.weights().map(|w| w as f32).collect())
    }

    /// Sets the weights of a channel.
    ///
    /// # Errors
    /// If there is no such channel or their number is wrong.
    pub fn set_weights(&mut self, channel: &Value, weights: &[f32]) -> Result<()> {
        let taps = self.taps;
        let lms = self.channel(channel)?;
        if weights.len() != taps {
            return failed(format!("weight vector size mismatch: {} weights for {taps} taps", weights.len()));
        }
        lms.set_weights(weights.iter().map(|&w| f64::from(w)));
        Ok(())
    }

    /// Sets the learning rate from the next sample on.
    ///
    /// # Errors
    /// If it is not in (0, 1].
    pub fn set_learning_rate(&mut self, mu: &Value) -> Result<()> {
        self.step.mu = learning_rate(mu)?;
        Ok(())
    }

    /// Returns the learning rate.
    pub fn learning_rate(&self) -> f64 {
        self.step.mu
    }

    /// Returns the number of weights per channel.
    pub fn taps(&self) -> usize {
        self.taps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::noise;
    use serde_json::json;

    fn filter(options: serde_json::Value) -> AdaptiveLms {
        let mut filter = AdaptiveLms::new(&Value::Number(3.0), &Value::from(&options)).unwrap();
        filter.init(&Value::Number(2.0)).unwrap();
        filter
    }

    #[test]
    fn both_layouts_are_the_same_filters() {
        let (x, d) = (noise(40), noise(80)[40..].to_vec());
        let interleave = |v: &[f32]| (0..40).map(|i| v[i % 2 * 20 + i / 2]).collect::<Vec<f32>>();
        let mut planar = filter(json!({ "mu": 0.1 }));
        let (y, e) = planar.process(&x, Some(&d), true).unwrap();
        let (y, e) = (interleave(y), interleave(e));
        let mut other = filter(json!({ "mu": 0.1, "layout": "interleaved" }));
        assert_eq!(other.process(&interleave(&x), Some(&interleave(&d)), true), Ok((&y[..], &e[..])));
    }

    #[test]
    fn filtering_moves_the_history_but_not_the_weights() {
        let mut filter = filter(json!({ "normalized": true }));
        filter.set_weights(&Value::Number(1.0), &[1.0, 2.0, 3.0]).unwrap();
        let (y, _) = filter.process(&[1.0, 1.0, 1.0, 0.0], None, true).unwrap();
        assert_eq!(y, [0.0, 0.0, 1.0, 2.0]);
        assert_eq!(filter.weights(&Value::Number(1.0)).unwrap(), [1.0, 2.0, 3.0]);
        let (y, _) = filter.process(&[0.0, 0.0], None, true).unwrap();
        assert_eq!(y[1], 3.0);
    }

    #[test]
    fn errors() {
        let taps = |x: f64| AdaptiveLms::new(&Value::Number(x), &Value::Undefined).map(|_| ()).unwrap_err().to_string();
        assert!(taps(0.0).contains("must be greater than 0") && taps(2e6).contains("at most"));
        let mut fresh = AdaptiveLms::new(&Value::Number(4.0), &Value::Undefined).unwrap();
        assert!(fresh.check(1, &[1]).unwrap_err().to_string().contains("not initialized"));
        assert!(fresh.weights(&Value::Number(0.0)).unwrap_err().to_string().contains("out of range"));
        assert!(fresh.init(&Value::Number(1e12)).is_err());
        fresh.init(&Value::Number(1.0)).unwrap();
        assert!(fresh.check(5, &[5, 4]).unwrap_err().to_string().contains("length"));
        assert!(fresh.set_weights(&Value::Number(0.0), &[1.0]).unwrap_err().to_string().contains("size mismatch"));
    }
}
