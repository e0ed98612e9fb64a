//! Shape of a magnitude spectrum. Bin i of n lies at `i·sampleRate/(2n)` Hz.

/// Returns the distance of neighbouring bins in Hz.
fn spacing(bins: usize, sample_rate: f64) -> f64 {
    sample_rate / (2.0 * bins as f64)
}

/// Returns the centre of gravity in Hz: `Σ f·m / Σ m`; 0 unless the sum is above 0.
pub fn centroid(magnitudes: &[f32], sample_rate: f64) -> f64 {
    let (mut weighted, mut total) = (0.0, 0.0);
    for (i, &m) in magnitudes.iter().enumerate() {
        let m = f64::from(m);
        weighted += i as f64 * m;
        total += m;
    }
    if total > 0.0 { weighted * spacing(magnitudes.len(), sample_rate) / total } else { 0.0 }
}

/// Returns the frequency in Hz of the first bin at which the running sum reaches `percentage` percent of the total; the
/// last bin's if none does.
pub fn rolloff(magnitudes: &[f32], sample_rate: f64, percentage: f64) -> f64 {
    let total: f64 = magnitudes.iter().map(|&m| f64::from(m)).sum();
    let limit = total * (percentage / 100.0);
    let mut sum = 0.0;
    let reached = magnitudes.iter().position(|&m| {
        sum += f64::from(m);
        sum >= limit
    });
    reached.unwrap_or(magnitudes.len().saturating_sub(1)) as f64 * spacing(magnitudes.len().max(1), sample_rate)
}

/// Returns the Euclidean distance of two spectra; 0 if they differ in length.
pub fn flux(current: &[f32], previous: &[f32]) -> f64 {
    if current.len() != previous.len() {
        return 0.0;
    }
    let squares = current.iter().zip(previous).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples() {
        let m = [0.0, 1.0, 0.0, 3.0];
        assert_eq!(centroid(&m, 8.0), 2.5);
        assert_eq!(rolloff(&m, 8.0, 85.0), 3.0);
        assert_eq!(rolloff(&m, 8.0, 25.0), 1.0);
        assert_eq!(flux(&m, &[0.0, 1.0, 4.0, 0.0]), 5.0);
    }

    #[test]
    fn empty_silent_and_unequal_spectra() {
        assert_eq!((centroid(&[], 8.0), rolloff(&[], 8.0, 85.0), flux(&[], &[])), (0.0, 0.0, 0.0));
        assert_eq!((centroid(&[0.0; 4], 8.0), rolloff(&[0.0; 4], 8.0, 85.0)), (0.0, 0.0));
        assert_eq!(rolloff(&[1.0, 1.0], 8.0, 200.0), 2.0);
        assert_eq!(flux(&[1.0], &[1.0, 2.0]), 0.0);
    }
}
