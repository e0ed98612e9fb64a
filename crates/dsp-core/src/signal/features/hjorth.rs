//! Hjorth's parameters (EEG analysis based on time domain properties, 1970).

use crate::kernels::dot::{squared_deviations, sum};

/// Activity, mobility and complexity of a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hjorth {
    /// Population variance of x.
    pub activity: f64,
    /// `√(var x′ / var x)`
    pub mobility: f64,
    /// Mobility of x′ over mobility of x.
    pub complexity: f64,
}

/// Returns the population variance. Sums of equal values are exact in f64, so a constant has variance 0.
fn variance(x: &[f32]) -> f64 {
    let n = x.len() as f64;
    squared_deviations(x, sum(x) / n) / n
}

/// Returns the parameters of `x` with population variances; differences are rounded to f32. A constant has mobility and
/// complexity NaN, a straight line mobility 0 and complexity NaN. `None` below 3 samples.
pub fn hjorth(x: &[f32]) -> Option<Hjorth> {
    if x.len() < 3 {
        return None;
    }
    let mut difference: Vec<f32> = x.windows(2).map(|w| w[1] - w[0]).collect();
    let (activity, v1) = (variance(x), variance(&difference));
    for i in 1..difference.len() {
        difference[i - 1] = difference[i] - difference[i - 1];
    }
    difference.pop();
    let (v2, mobility) = (variance(&difference), (v1 / activity).sqrt());
    Some(Hjorth { activity, mobility, complexity: (v2 / v1).sqrt() / mobility })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_complexity_one() {
        let x: Vec<f32> = (0..10_000).map(|i| (f64::from(i) * 0.01).sin() as f32).collect();
        let h = hjorth(&x).unwrap();
        // Over 16 periods, up to the share of the broken one.
        assert!(
            (h.activity - 0.5).abs() < 0.01 && (h.mobility - 0.01).abs() < 1e-4 && (h.complexity - 1.0).abs() < 0.02
        );
    }

    #[test]
    fn constants_and_lines_have_no_complexity() {
        let h = hjorth(&[2.0; 5]).unwrap();
        assert!(h.activity == 0.0 && h.mobility.is_nan() && h.complexity.is_nan());
        let h = hjorth(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!(h.mobility == 0.0 && h.complexity.is_nan());
        assert_eq!(hjorth(&[1.0, 2.0]), None);
    }
}
