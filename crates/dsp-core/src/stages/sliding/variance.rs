//! Variance of the samples in the window: `y[n] = (1/N) Σ_{k<N} (x[n−k] − x̄)²`, the population's (NumPy: `var`,
//! `ddof=0`).
//!
//! Start-up, modes and delay as in the moving average. 0 for a window of one sample and for a constant one.

use crate::kernels::sliding;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::Windows;
use crate::stages::sliding::window::{
    RUNNING_SUM, RUNNING_SUM_OF_SQUARES, SavedSum, WindowParams, WindowStage, WindowStatistic,
};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct PopulationVariance;

/// The stage.
pub type Variance = WindowStage<PopulationVariance>;

impl WindowStatistic for PopulationVariance {
    const TYPE: &'static str = "variance";
    const METHOD: &'static str = "Variance";
    const PARAMS: &'static str = "VarianceParams";
    const LABEL: &'static str = "Variance";
    const STATE_NAME: &'static str = "Variance";
    const MEASURE: Measure = Measure::Moments;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM, RUNNING_SUM_OF_SQUARES];
    const DOC: &'static str = "Population variance of the samples in the window: `y[n] = Σ(x − x̄)² / N`.";
    type Params = WindowParams;

    fn window(params: &WindowParams) -> WindowParams {
        params.clone()
    }

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::variances(windows.m, windows.n, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run};
    use serde_json::json;

    fn moving(size: usize) -> Variance {
        make::<Variance>(&json!({ "mode": "moving", "windowSize": size }))
    }

    #[test]
    fn one_sample_that_is_no_number_has_no_variance() {
        for x in [f32::NAN, f32::INFINITY] {
            for size in [1, 3, 100] {
                assert!(run(&mut moving(size), &[x], 1)[0].is_nan(), "{x} in a window of {size}");
            }
            let out = run(&mut moving(1), &[1.0, x, 2.0], 1);
            assert!(out[1].is_nan() && (out[0], out[2]) == (0.0, 0.0), "{out:?}");
            assert!(run(&mut make::<Variance>(&json!({ "mode": "batch" })), &[x], 1)[0].is_nan());
        }
    }

    #[test]
    fn worked_example() {
        let out = run(&mut moving(3), &[1.0, 2.0, 3.0, 4.0], 1);
        for (got, expected) in out.iter().zip([0.0, 0.25, 0.6667, 0.6667]) {
            approx::assert_abs_diff_eq!(*got, expected, epsilon = 5e-5);
        }
        let mut batch = make::<Variance>(&json!({ "mode": "batch" }));
        assert_eq!(run(&mut batch, &[1.0, 7.0, 3.0, 7.0], 2), [1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn a_large_offset_does_not_matter() {
        for (offset, size) in [(1e4f32, 4), (1e4, 100), (1e7, 8), (1e7, 1000)] {
            let x: Vec<f32> = (0..5000).map(|i| offset + if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
            let out = run(&mut moving(size), &x, 1);
            // Windows of even length hold as many +1 as −1.
            for y in &out[size..] {
                assert!((y - 1.0).abs() < 1e-9, "{offset} {size}: {y}");
            }
            let mut batch = make::<Variance>(&json!({ "mode": "batch" }));
            assert_eq!(run(&mut batch, &x, 1)[0], 1.0);
        }
    }

    #[test]
    fn constant_windows_have_none() {
        for size in [1, 5, 64, 65, 777] {
            let mut x = vec![0.1f32; 3000];
            x[0] = 470_000.0;
            assert!(run(&mut moving(size), &x, 1)[size..].iter().all(|y| *y == 0.0), "{size}");
        }
    }
}
