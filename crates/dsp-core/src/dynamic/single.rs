//! Filters of one channel with the methods of the classes `FirFilter` and `IirFilter`.

use rustfft::num_complex::Complex64;

use crate::design::options;
use crate::design::options::Designed;
use crate::design::rules::INITIAL;
use crate::design::spec::Design;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::filter::design::zpk::Row;
use crate::signal::filter::design::{Iir as IirDesign, response};
use crate::signal::filter::run::Initial;
use crate::signal::filter::run::convolver::Method;
use crate::signal::filter::run::filtfilt;
use crate::signal::filter::run::fir::Fir;
use crate::signal::filter::run::iir::Iir;

/// A frequency response.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// Magnitude |H| at each frequency.
    pub magnitude: Vec<f64>,
    /// Phase arg H in radians, between −π and π, at each frequency.
    pub phase: Vec<f64>,
}

/// Returns the requested frequencies in cycles per sample.
///
/// # Errors
/// `TypeError` if they are not finite numbers.
fn cycles(frequencies: &Value, sample_rate: f64) -> Result<Vec<f64>> {
    let numbers = frequencies.as_numbers().filter(|list| list.iter().all(|f| f.is_finite()));
    let numbers = numbers.ok_or_else(|| {
        Error::type_error(format!("frequencies must be an array of finite numbers (Hz), got {frequencies}"))
    })?;
    Ok(numbers.into_iter().map(|f| f / sample_rate).collect())
}

fn respond(frequencies: Vec<f64>, at: impl Fn(f64) -> Complex64) -> Response {
    let values = frequencies.into_iter().map(|nu| at(nu).to_polar());
    let (magnitude, phase) = values.unzip();
    Response { magnitude, phase }
}

/// The state in which the filter of a class begins: at rest, or in the steady state of its first sample.
#[derive(Debug, Clone, Copy)]
struct Settles {
    is_steady: bool,
    has_begun: bool,
}

impl Settles {
    /// Reads the option `initial`.
    ///
    /// # Errors
    /// If it is not one of its texts.
    fn read(label: &str, options: &Value) -> Result<Self> {
        let initial = INITIAL.read::<Initial>(label, options)?;
        Ok(Self { is_steady: initial == Initial::Steady, has_begun: false })
    }

    /// Returns the first sample of the stream, if the filter begins in its steady state and `samples` contains it.
    fn first_of(&mut self, samples: &[f32]) -> Option<f32> {
        let first = samples.first().copied().filter(|_| self.is_steady && !self.has_begun);
        self.has_begun |= !samples.is_empty();
        first
    }

    fn restart(&mut self) {
        self.has_begun = false;
    }
}

/// A running FIR filter of one channel.
#[derive(Debug, Clone)]
pub struct SingleFir {
    fir: Fir,
    history: Vec<f32>,
    padded: Vec<f64>,
    sample_rate: f64,
    /// Whether the filter begins in its steady state, and whether the first sample is still to come.
    settles: Settles,
    /// Whether single samples give 0 until the history is full (the original's design).
    starts_with_zeros: bool,
}

impl SingleFir {
    /// Returns the filter of a `create…` method of `FirFilter`.
    ///
    /// # Errors
    /// `TypeError` if there is no such method; the error of the first wrong option.
    pub fn create(method: &str, options: &Value, default: &Value) -> Result<Self> {
        let default = Design::from_value(default, Design::Standard)?;
        let Designed { filter, sample_rate, design } = options::fir(method, options, default)?;
        let mut fir = Fir::new(filter, Method::Auto);
        fir.set_channels(1)?;
        let (settles, starts_with_zeros) = (Settles::read("FirFilter", options)?, design == Design::Dspx);
        Ok(Self { fir, history: vec![], padded: vec![], sample_rate, settles, starts_with_zeros })
    }

    /// Filters samples in place.
    pub fn process(&mut self, samples: &mut [f32]) {
        if let Some(first) = self.settles.first_of(samples) {
            self.fir.channels[0].settle(first);
        }
        self.fir.process(0, samples, &mut self.history, &mut self.padded);
    }

    /// Returns the output for one sample.
    pub fn process_sample(&mut self, sample: f32) -> f32 {
        let mut samples = [sample];
        self.process(&mut samples);
        let silent = self.starts_with_zeros && self.fir.channels[0].seen() < self.fir.taps().len();
        if silent { 0.0 } else { samples[0] }
    }

    /// Restores the state before the first sample.
    pub fn reset(&mut self) {
        self.fir.clear();
        self.settles.restart();
    }

    /// Returns the taps.
    pub fn taps(&self) -> &[f64] {
        self.fir.taps()
    }

    /// Returns the response at frequencies in Hz.
    ///
    /// # Errors
    /// `TypeError` if they are not finite numbers.
    pub fn response(&self, frequencies: &Value) -> Result<Response> {
        Ok(respond(cycles(frequencies, self.sample_rate)?, |nu| response::fir(self.taps(), nu)))
    }

    /// Returns the group delay in samples at frequencies in Hz.
    ///
    /// # Errors
    /// `TypeError` if they are not finite numbers.
    pub fn group_delay(&self, frequencies: &Value) -> Result<Vec<f64>> {
        let frequencies = cycles(frequencies, self.sample_rate)?;
        Ok(frequencies.into_iter().map(|nu| response::fir_group_delay(self.taps(), nu)).collect())
    }

    /// Returns `signal` filtered forwards and backwards, without phase shift; the state of the filter does not change.
    ///
    /// # Errors
    /// `RangeError` if the signal is too short.
    pub fn filtfilt(&self, signal: &[f32]) -> Result<Vec<f32>> {
        narrowed(filtfilt::fir(self.taps(), &widened(signal)))
    }
}

fn widened(signal: &[f32]) -> Vec<f64> {
    signal.iter().map(|&x| f64::from(x)).collect()
}

fn narrowed(signal: Result<Vec<f64>>) -> Result<Vec<f32>> {
    Ok(signal?.into_iter().map(|x| x as f32).collect())
}

/// A running recursive filter of one channel.
#[derive(Debug, Clone)]
pub struct SingleIir {
    iir: Iir,
    scratch: Vec<f64>,
    design: IirDesign,
    sample_rate: f64,
    settles: Settles,
}

impl SingleIir {
    /// Returns the filter of a `create…` method of `IirFilter`.
    ///
    /// # Errors
    /// `TypeError` if there is no such method; the error of the first wrong option.
    pub fn create(method: &str, options: &Value, default: &Value) -> Result<Self> {
        let default = Design::from_value(default, Design::Standard)?;
        let Designed { filter: design, sample_rate, .. } = options::iir(method, options, default)?;
        let mut iir = Iir::new(&design);
        iir.set_channels(1)?;
        Ok(Self { iir, scratch: Vec::new(), design, sample_rate, settles: Settles::read("IirFilter", options)? })
    }

    /// Filters samples in place.
    pub fn process(&mut self, samples: &mut [f32]) {
        if let Some(first) = self.settles.first_of(samples) {
            self.iir.settle(0, f64::from(first));
        }
        self.iir.process(0, samples, &mut self.scratch);
    }

    /// Returns the output for one sample.
    pub fn process_sample(&mut self, sample: f32) -> f32 {
        let mut samples = [sample];
        self.process(&mut samples);
        samples[0]
    }

    /// Restores the state before the first sample.
    pub fn reset(&mut self) {
        self.iir.clear();
        self.settles.restart();
    }

    /// Returns b0 … bM of the whole filter.
    pub fn b(&self) -> &[f64] {
        &self.design.b
    }

    /// Returns a1 … aN of the whole filter; a0 is 1.
    pub fn a(&self) -> &[f64] {
        &self.design.a
    }

    /// Returns the second-order sections in the order in which they run.
    pub fn sections(&self) -> &[Row] {
        &self.design.rows
    }

    /// Returns the number of poles.
    pub fn order(&self) -> usize {
        (self.design.b.len() - 1).max(self.design.a.len())
    }

    /// Returns whether all poles lie inside the unit circle.
    pub fn is_stable(&self) -> bool {
        response::is_stable(&self.design.rows)
    }

    /// Returns the response at frequencies in Hz.
    ///
    /// # Errors
    /// `TypeError` if they are not finite numbers.
    pub fn response(&self, frequencies: &Value) -> Result<Response> {
        Ok(respond(cycles(frequencies, self.sample_rate)?, |nu| response::cascade(&self.design.rows, nu)))
    }

    /// Returns the group delay in samples at frequencies in Hz.
    ///
    /// # Errors
    /// `TypeError` if they are not finite numbers.
    pub fn group_delay(&self, frequencies: &Value) -> Result<Vec<f64>> {
        let frequencies = cycles(frequencies, self.sample_rate)?;
        Ok(frequencies.into_iter().map(|nu| response::cascade_group_delay(&self.design.rows, nu)).collect())
    }

    /// Returns `signal` filtered forwards and backwards, without phase shift; the state of the filter does not change.
    ///
    /// # Errors
    /// `RangeError` if the signal is too short.
    pub fn filtfilt(&self, signal: &[f32]) -> Result<Vec<f32>> {
        narrowed(filtfilt::cascade(&self.design.rows, &widened(signal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::noise;
    use serde_json::json;

    fn fir(design: &str) -> SingleFir {
        let options = Value::from(&json!({ "cutoffFrequency": 100, "sampleRate": 1000, "order": 5, "design": design }));
        SingleFir::create("createLowPass", &options, &Value::Undefined).unwrap()
    }

    #[test]
    fn samples_and_blocks_share_one_history() {
        let (mut one, mut other) = (fir("standard"), fir("standard"));
        let x = noise(40);
        let mut expected = x.clone();
        one.process(&mut expected);
        let mut y = x[..7].to_vec();
        other.process(&mut y);
        y.extend(x[7..20].iter().map(|x| other.process_sample(*x)));
        let mut rest = x[20..].to_vec();
        other.process(&mut rest);
        y.extend(rest);
        assert_eq!(y, expected);
    }

    #[test]
    fn the_original_is_silent_until_it_has_seen_all_taps() {
        let mut filter = fir("dspx");
        filter.process(&mut [1.0, 1.0]);
        let y: Vec<f32> = (0..4).map(|_| filter.process_sample(1.0)).collect();
        assert_eq!(y[..2], [0.0, 0.0]);
        assert!((y[2] - 1.0).abs() < 1e-6, "{y:?}");
    }

    #[test]
    fn a_steady_filter_begins_where_a_constant_stays() {
        let options = json!({ "cutoffFrequency": 0.5, "sampleRate": 250, "order": 4, "initial": "steady" });
        let value = Value::from(&options);
        let mut high = SingleIir::create("createButterworthHighPass", &value, &Value::Undefined).unwrap();
        let mut low = SingleFir::create("createLowPass", &value, &Value::Undefined).unwrap();
        for _ in 0..2 {
            let mut samples = [4200.0; 50];
            high.process(&mut samples);
            assert!(samples.iter().all(|y| y.abs() < 1e-6), "{samples:?}");
            assert!((low.process_sample(-7.0) + 7.0).abs() < 1e-6);
            high.reset();
            low.reset();
        }
        let wrong = Value::from(&json!({ "cutoffFrequency": 9, "sampleRate": 250, "order": 4, "initial": "zero" }));
        let error = SingleIir::create("createButterworthLowPass", &wrong, &Value::Undefined).unwrap_err();
        assert_eq!(error, Error::type_error("IirFilter: initial must be 'rest' or 'steady', got 'zero'"));
    }

    #[test]
    fn minus_three_decibels_at_the_edge() {
        let options = Value::from(&json!({ "cutoffFrequency": 100, "sampleRate": 1000, "order": 4 }));
        let filter = SingleIir::create("createButterworthLowPass", &options, &Value::Undefined).unwrap();
        let response = filter.response(&Value::Array(vec![Value::Number(0.0), Value::Number(100.0)])).unwrap();
        assert!((response.magnitude[0] - 1.0).abs() < 1e-12);
        assert!((response.magnitude[1] - 0.5_f64.sqrt()).abs() < 1e-12);
        assert!(filter.response(&Value::Number(1.0)).is_err());
        assert!(filter.filtfilt(&[0.0; 15]).is_err() && filter.filtfilt(&[0.0; 16]).is_ok());
    }
}
