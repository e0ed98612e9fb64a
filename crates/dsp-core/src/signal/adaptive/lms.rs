//! Least-mean-squares adaptive filters: the running part shared by the class and the stage.

use crate::error::Result;
use crate::kernels::adaptive;
use crate::kernels::adaptive::LmsStep;
use crate::limits::filled;
use crate::signal::filter::run::convolver::push_all;

/// One adaptive filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Lms {
    /// Weights, the newest sample's last.
    weights: Vec<f64>,
    /// The last inputs, oldest first; as many as there are weights.
    history: Vec<f32>,
    power: f64,
    scratch: Vec<f64>,
}

impl Lms {
    /// Returns a filter of `taps` ≥ 1 zero weights and no history.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn new(taps: usize) -> Result<Self> {
        Ok(Self { weights: filled(0.0, taps)?, history: filled(0.0, taps)?, power: 1.0, scratch: Vec::new() })
    }

    /// Returns the number of weights.
    pub fn taps(&self) -> usize {
        self.weights.len()
    }

    /// Returns the weights, the newest sample's first.
    pub fn weights(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.weights.iter().rev().copied()
    }

    /// Sets the weights, the newest sample's first; there must be as many as before.
    pub fn set_weights(&mut self, weights: impl ExactSizeIterator<Item = f64>) {
        debug_assert_eq!(weights.len(), self.weights.len());
        self.weights.iter_mut().rev().zip(weights).for_each(|(w, new)| *w = new);
    }

    /// Returns the last inputs, newest first.
    pub fn history(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        self.history.iter().rev().copied()
    }

    /// Sets the last inputs, newest first; missing ones are 0.
    pub fn set_history(&mut self, history: impl Iterator<Item = f32>) {
        self.history.fill(0.0);
        self.history.iter_mut().rev().zip(history).for_each(|(x, new)| *x = new);
    }

    /// Returns the running estimate of the input power.
    pub fn power(&self) -> f64 {
        self.power
    }

    /// Sets the running estimate of the input power.
    pub fn set_power(&mut self, power: f64) {
        self.power = power;
    }

    /// Restores zero weights, no history and power 1.
    pub fn clear(&mut self) {
        self.weights.fill(0.0);
        self.history.fill(0.0);
        self.power = 1.0;
    }

    /// Filters `input` towards `desired`; writes the outputs, and the errors `desired − output`. All slices have the
    /// same length.
    pub fn process(&mut self, step: LmsStep, input: &[f32], desired: &[f32], output: &mut [f32], error: &mut [f32]) {
        self.scratch.clear();
        self.scratch.extend(self.history[1..].iter().chain(input).map(|&x| f64::from(x)));
        self.power = adaptive::lms(step, &mut self.weights, &self.scratch, desired, output, error, self.power);
        push_all(&mut self.history, input);
    }
}
