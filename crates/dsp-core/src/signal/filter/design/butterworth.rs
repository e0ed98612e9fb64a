//! Butterworth: maximally flat at 0 Hz, −3.01 dB at the edge (`scipy.signal.butter`).

use rustfft::num_complex::Complex64;

use crate::signal::filter::design::prototype_angles;
use crate::signal::filter::design::zpk::Zpk;

/// Returns the analog prototype of `order` ≥ 1: poles `−e^{iθ}` equally spaced on the left half of the unit circle.
pub fn prototype(order: usize) -> Zpk {
    let poles = prototype_angles(order).map(|theta| -Complex64::from_polar(1.0, theta)).collect();
    Zpk { zeros: Vec::new(), poles, gain: 1.0 }
}
