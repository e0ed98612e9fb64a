//! Constants of all leads of one sample rate: lengths and wavelets.

use super::place::Place;
use super::wavelet::Wavelet;

/// Constants of all leads of one rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Samples per fine sample, in which R peaks are placed: up to 600 Hz each, above at most 500 a second.
    pub(super) fine: usize,
    /// Fine samples per coarse sample, in which beats are found: 120 to 240 Hz.
    pub(super) coarse: usize,
    /// Whether samples are so short that no complex is one of them: 200 Hz and more.
    pub(super) is_fine: bool,
    /// Coarse samples a second.
    pub(super) coarse_rate: f64,
    pub(super) qrs: Wavelet,
    /// Of wide waves.
    pub(super) wide: Wavelet,
    pub(super) place: Place,
    /// Coarse samples within which there is one beat at most: 200 ms.
    pub(super) refractory: i64,
    /// Coarse samples of the QRS wavelet's magnitude behind a candidate when it can be placed.
    pub(super) ready: i64,
    /// Samples from an R peak to its beat at most.
    pub(super) lag: u64,
    /// Lengths of the histories.
    pub(super) fine_length: usize,
    pub(super) coarse_length: usize,
    pub(super) magnitude_length: usize,
    /// Coarse samples from a complex to what is beside it: 110 to 190 ms.
    pub(super) beside: (usize, usize),
}

/// Slowest rate in Hz at which complexes can be told from T waves.
pub const MIN_RATE: f64 = 50.0;
/// Highest rate in Hz.
pub const MAX_RATE: f64 = 1e6;
/// Shortest lag in seconds: the wavelet, the search for the peak, and the most that they can be apart. Below 120 Hz, where
/// samples are long, it is 0.3.
pub const MIN_LAG: f64 = 0.25;

impl Plan {
    /// The plan for `rate` Hz ([`MIN_RATE`] to [`MAX_RATE`]) and beats at most `lag` seconds (from [`MIN_LAG`]) late.
    pub fn new(rate: f64, lag: f64) -> Self {
        let fine = if rate <= 600.0 { 1 } else { (rate / 500.0).ceil() as usize };
        let fine_rate = rate / fine as f64;
        let coarse = ((fine_rate / 120.0) as usize).max(1);
        let coarse_rate = fine_rate / coarse as f64;
        // One cycle under the window is as wide as a QRS complex. Lower frequencies hold T waves, higher ones miss wide
        // complexes.
        let qrs = Wavelet::new(11.0, 0.032, 0.08, coarse_rate);
        let wide = Wavelet::new(4.5, 0.065, 0.13, coarse_rate);
        let place = Place::new(fine_rate);
        let (before, behind) = place.range();
        let ready = behind.div_ceil(coarse).max(wide.half() + 1).saturating_sub(qrs.half()).max(1);
        let samples = |seconds: f64| (seconds * coarse_rate).round() as usize;
        let refractory = samples(0.2);
        let beside = (samples(0.11), samples(0.19));
        Self {
            fine,
            coarse,
            is_fine: fine_rate >= 200.0,
            coarse_rate,
            refractory: refractory as i64,
            ready: ready as i64,
            lag: (if coarse_rate < 120.0 { lag.max(0.3) } else { lag } * rate) as u64,
            fine_length: before + (ready + qrs.half() + 2) * coarse,
            coarse_length: (wide.half() + ready + qrs.half() + 2).max(2 * qrs.half() + 1),
            magnitude_length: refractory + 2 + beside.1,
            beside,
            qrs,
            wide,
            place,
        }
    }

    /// Samples from the last R peak of a stream to its beat at most.
    pub fn tail(&self) -> usize {
        (self.refractory as usize + self.qrs.half() + 2) * self.coarse * self.fine
    }

    /// Samples from an R peak to its beat at most.
    pub fn lag(&self) -> u64 {
        self.lag
    }
}
