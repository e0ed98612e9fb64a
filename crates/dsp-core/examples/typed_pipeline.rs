//! Heart beats in an electrocardiogram, with stages made from typed parameters:
//! `cargo run -p dsp-core --example typed_pipeline`.

use std::f64::consts::TAU;

use dsp_core::design::spec::{Band, FilterSpec};
use dsp_core::pipeline::Stamps;
use dsp_core::stages::detect::peak_detection::{Domain, PeakDetectionParams, PeakMode};
use dsp_core::stages::pointwise::rectify::{Rectification, RectifyParams};
use dsp_core::stages::sliding::window::WindowParams;
use dsp_core::stages::{Filter, MovingAverage, PeakDetection, Rectify};
use dsp_core::{Pipeline, Result};

/// Hz.
const RATE: f64 = 360.0;

/// Removes the hum of the mains and everything but the QRS complexes, smooths their size over 150 ms, and marks the peaks.
fn heart_beats() -> Result<Pipeline> {
    let hum = FilterSpec::resonator(30.0, Band::Notch(50.0), RATE);
    let complexes = FilterSpec::butterworth(2, Band::BandPass(5.0, 15.0), RATE);
    let beats = PeakDetectionParams {
        threshold: 0.05,
        mode: PeakMode::Moving,
        domain: Domain::Time,
        window_size: 3,
        // The heart does not beat again within 0.25 s.
        min_peak_distance: (0.25 * RATE) as usize,
        distance: None,
        prominence: None,
        wlen: None,
        plateau_size: None,
    };
    let mut pipeline = Pipeline::new();
    pipeline
        .push::<Filter>(&hum.into())?
        .push::<Filter>(&complexes.into())?
        .push::<Rectify>(&RectifyParams { mode: Rectification::Full })?
        .push::<MovingAverage>(&WindowParams::samples((0.15 * RATE) as usize))?
        .push::<PeakDetection>(&beats)?;
    Ok(pipeline)
}

/// A beat of 1 mV every 0.8 s on a wandering baseline, with hum.
fn electrocardiogram(seconds: f64) -> Vec<f32> {
    let sample = |n: usize| {
        let time = n as f64 / RATE;
        let from_beat = (time % 0.8) - 0.4;
        let complex = (-(from_beat / 0.012).powi(2)).exp();
        let baseline = 0.3 * (TAU * 0.25 * time).sin();
        let hum = 0.1 * (TAU * 50.0 * time).sin();
        (complex + baseline + hum) as f32
    };
    (0..(seconds * RATE) as usize).map(sample).collect()
}

fn main() -> Result<()> {
    let mut pipeline = heart_beats()?;
    let mut signal = electrocardiogram(30.0);
    let mut peaks = 0;
    // One second a call, as it would come from a device.
    for second in signal.chunks_mut(RATE as usize) {
        let longer = pipeline.process(second, 1, Stamps::Generated(Some(RATE)), &[], |_, _| {})?;
        peaks += longer.as_deref().unwrap_or(second).iter().filter(|mark| **mark == 1.0).count();
    }
    println!("{peaks} beats in 30 s: {} a minute", 2 * peaks);
    Ok(())
}
